//! The zones of an audit as comma-separated values (RFC 4180), one line each, in the order of risk.

use csv::WriterBuilder;

use crate::audit::{Audit, Row};
use crate::dns::{Name, NsSet};

/// The headings, in order. Columns are only ever added, at the end.
const HEADINGS: [&str; 18] = [
    "zone",
    "risk",
    "ends",
    "days_left",
    "expires",
    "registrar_expires",
    "registrar",
    "registrar_iana_id",
    "statuses",
    "transfer_locked",
    "ns",
    "expected_ns",
    "servers_answering",
    "servers_asked",
    "signed",
    "codes",
    "findings",
    "not_known",
];

/// The table, its headings first. A cell that a spreadsheet would take for a formula begins with an apostrophe.
#[must_use]
pub fn audit_csv(audit: &Audit) -> String {
    let mut writer = WriterBuilder::new().from_writer(Vec::new());
    // Writing to memory cannot fail.
    let _ = writer.write_record(HEADINGS);
    for row in &audit.rows {
        let _ = writer.write_record(cells(row).map(|cell| harmless(&cell)));
    }
    let octets = writer.into_inner().unwrap_or_default();
    String::from_utf8(octets).unwrap_or_default()
}

fn cells(row: &Row) -> [String; 18] {
    let yes = |known: Option<bool>| known.map_or("", |yes| if yes { "yes" } else { "no" }).to_owned();
    let set = |set: Option<&NsSet>| set.map(|set| list(set.iter().map(Name::without_dot))).unwrap_or_default();
    let date =
        |moment: &Option<crate::registration::Moment>| moment.as_ref().map(ToString::to_string).unwrap_or_default();
    [
        row.entry.zone.without_dot(),
        row.risk.word().to_owned(),
        row.end_in_words(),
        row.days_left.map(|days| days.to_string()).unwrap_or_default(),
        date(&row.expires),
        date(&row.registrar_expires),
        row.registrar.name.clone().unwrap_or_default(),
        row.registrar.iana_id.clone().unwrap_or_default(),
        row.statuses.iter().map(|status| status.word().to_owned()).collect::<Vec<_>>().join("; "),
        yes(row.locked),
        set(row.delegation.as_ref()),
        set(row.expected.as_ref().map(|(set, _)| set)),
        row.answering.0.to_string(),
        row.answering.1.to_string(),
        yes(row.signed),
        list(row.issues.iter().map(|issue| issue.code.to_owned())),
        list(row.issues.iter().map(|issue| issue.sentence.clone())),
        row.unknown.join("; "),
    ]
}

fn list(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join(" ")
}

fn harmless(cell: &str) -> String {
    let number = cell.parse::<i64>().is_ok();
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && !number;
    if formula { format!("'{cell}") } else { cell.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        assert_eq!(harmless("=HYPERLINK(1)"), "'=HYPERLINK(1)");
        assert_eq!(harmless("-5"), "-5");
        assert_eq!(harmless("plain"), "plain");
    }
}
