//! One row for each resolver address (RFC 4180), for a spreadsheet. A cell that a spreadsheet would take for a formula is marked as
//! text.

use crate::time::Timestamp;

use super::{Report, lag, plain};

/// The names of the columns. New ones are only ever added at the end.
const COLUMNS: [&str; 17] = [
    "id",
    "operator",
    "address",
    "country",
    "city",
    "system",
    "verdict",
    "rule",
    "since",
    "first_seen_wrong",
    "turned_correct",
    "seconds_after_restoration",
    "until",
    "until_kind",
    "good_samples",
    "last_heard",
    "instance",
];

/// The CSV of a report.
#[must_use]
pub fn csv(report: &Report) -> String {
    let mut out = format!("{}\r\n", COLUMNS.join(","));
    let time = |at: Option<Timestamp>| at.map_or_else(String::new, |at| at.to_string());
    for story in &report.resolvers {
        let row = &story.row;
        let cells = [
            row.id.clone(),
            row.operator.clone(),
            row.address.clone(),
            story.country.clone().unwrap_or_default(),
            story.city.clone(),
            row.system.to_string(),
            row.verdict.word().to_owned(),
            row.rule.word().to_owned(),
            time(Some(row.since)),
            time(story.first_wrong),
            time(story.turned),
            lag(story, report.recovery.as_ref()).map_or_else(String::new, |lag| lag.as_secs().to_string()),
            time(row.until.moment()),
            row.until.kind().to_owned(),
            row.good_samples.to_string(),
            time(row.last_heard),
            row.instance.clone().unwrap_or_default(),
        ];
        out.push_str(&format!("{}\r\n", cells.iter().map(|cell| quoted(cell)).collect::<Vec<_>>().join(",")));
    }
    out
}

/// One cell, plain, and quoted where it must be.
fn quoted(cell: &str) -> String {
    let plain = plain(cell);
    let formula = plain.starts_with(['=', '+', '-', '@']);
    let text = if formula { format!("'{plain}") } else { plain };
    if text.contains([',', '"', ';', '\'']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_neither_a_formula_nor_two_cells() {
        assert_eq!(quoted("a, \"b\""), "\"a, \"\"b\"\"\"");
        assert_eq!(quoted("=cmd|' /C calc'!A0"), "\"'=cmd|' /C calc'!A0\"");
        assert_eq!(quoted("x\r\ny"), "x\\u{d}\\u{a}y");
    }
}
