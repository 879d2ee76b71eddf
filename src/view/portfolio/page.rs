//! An audit as one HTML file: the sentence, the counts, a timeline of ends, the zones in the order of risk, what shows across them.

use std::fmt::Write as _;

use crate::audit::{Audit, Dependency, Risk, Row, Sharing, name_in_words};
use crate::dns::Name;
use crate::finding::Severity;
use crate::view::html::{self, escape, page};

use super::timeline::{next_ends, timeline};

/// Most zones named in one cell.
const MOST_NAMES: usize = 12;
/// Most zones listed as the next to end.
const NEXT: usize = 12;

const STYLE: &str = "\
.counts { display: flex; flex-wrap: wrap; gap: .5rem; margin: 1rem 0; padding: 0; list-style: none; }\n\
.counts li { background: var(--bar); border-radius: .4rem; padding: .4rem .8rem; } .counts b { font-size: 1.25rem; }\n\
.critical { color: var(--bad); } .warning { color: var(--warn); } .unknown { color: var(--unknown); } .fine { color: var(--good); }\n\
.notice { color: var(--cool); } .risk { font-weight: 700; white-space: nowrap; } td p { margin: 0 0 .3rem; }\n\
.right { text-align: right; white-space: nowrap; padding-right: 1rem; } .date { white-space: nowrap; } .zone { min-width: 12rem; } figure { margin: 1rem 0; } details summary { cursor: pointer; }\n\
@media (max-width: 48rem) { .wide { display: none; } .zone { min-width: 8rem; } }\n";

/// The page. `list` is what the list is called.
#[must_use]
pub fn audit_page(audit: &Audit, list: &str) -> String {
    let mut body = String::new();
    // Writing to a string cannot fail.
    let _ = write!(
        body,
        "<h1>Domain audit</h1>\n<p>{}</p>\n<p class=\"faint\">{}, {} UTC</p>\n",
        escape(&audit.headline()),
        escape(list),
        escape(&audit.now.date_and_minute())
    );
    if let Some(not_asked) = audit.not_asked() {
        let _ = writeln!(body, "<p>{}</p>", escape(not_asked));
    }
    counts(&mut body, audit);
    ends(&mut body, audit);
    let needs = |row: &&Row| matches!(row.risk, Risk::Critical | Risk::Warning | Risk::Unknown);
    zones(&mut body, "Needs somebody", &audit.rows.iter().filter(needs).collect::<Vec<_>>(), true);
    not_reached(&mut body, audit);
    across(&mut body, audit);
    let rest: Vec<&Row> = audit.rows.iter().filter(|row| !needs(row)).collect();
    zones(&mut body, "Nothing wrong was found", &rest, false);
    list_faults(&mut body, audit);
    page(&format!("Domain audit: {list}"), &[html::STYLE, STYLE].concat(), &body)
}

fn counts(body: &mut String, audit: &Audit) {
    let counts = audit.counts();
    body.push_str("<ul class=\"counts\">\n");
    for (class, number, word) in [
        ("critical", counts.critical, "critical"),
        ("warning", counts.warning, "warning"),
        ("unknown", counts.unknown, "could not be told"),
        ("notice", counts.notice, "with remarks"),
        ("fine", counts.fine, "fine"),
    ] {
        let _ = writeln!(body, "<li><b class=\"{class}\">{number}</b> {word}</li>");
    }
    body.push_str("</ul>\n");
}

fn ends(body: &mut String, audit: &Audit) {
    let drawing = timeline(audit);
    if drawing.is_empty() {
        return;
    }
    let _ = write!(body, "<h2>When registrations end</h2>\n<figure>\n{drawing}</figure>\n<p class=\"faint\">Next: ");
    let next: Vec<String> = next_ends(audit, NEXT)
        .iter()
        .map(|row| {
            let name = row.domain.as_ref().unwrap_or(&row.entry.zone);
            format!("{} {}", escape(&name_in_words(name)), escape(&row.end_in_words()))
        })
        .collect();
    let _ = writeln!(body, "{}.</p>", next.join(" · "));
}

fn zones(body: &mut String, title: &str, rows: &[&Row], open: bool) {
    if rows.is_empty() {
        return;
    }
    let _ = writeln!(
        body,
        "<h2>{title} ({})</h2>\n<details{}><summary class=\"faint\">zones</summary>\n<table>\n<thead><tr><th>Risk</th><th>Zone</th>\
         <th>Ends</th><th class=\"right\">Left</th><th class=\"wide\">Registrar</th><th>Findings</th></tr></thead>\n<tbody>",
        rows.len(),
        if open { " open" } else { "" }
    );
    for row in rows {
        let word = row.risk.word();
        let _ = write!(
            body,
            "<tr><td class=\"risk {word}\">{word}</td><td class=\"mono zone\">{}</td><td class=\"date\">{}</td><td class=\"right\">{}</td><td class=\"wide\">{}</td><td>",
            escape(&row.zone_in_words()),
            escape(&row.end_in_words()),
            escape(&row.left_in_words()),
            escape(&row.registrar_in_words()),
        );
        for issue in &row.issues {
            let advice = if issue.severity <= Severity::Warning {
                format!(" <span class=\"faint\">{}</span>", escape(issue.advice))
            } else {
                String::new()
            };
            let _ = write!(
                body,
                "<p><span class=\"{}\">{}</span>{advice} <code class=\"faint\">{}</code></p>",
                issue.severity.word(),
                escape(&issue.sentence),
                issue.code
            );
        }
        for unknown in &row.unknown {
            let _ = write!(body, "<p class=\"unknown\">Not known: {}</p>", escape(unknown));
        }
        body.push_str("</td></tr>\n");
    }
    body.push_str("</tbody>\n</table>\n</details>\n");
}

fn not_reached(body: &mut String, audit: &Audit) {
    let rows: Vec<&Row> = audit.not_reached().collect();
    if rows.is_empty() {
        return;
    }
    let list = names(rows.iter().map(|row| &row.entry.zone));
    let _ = writeln!(
        body,
        "<p>Something could not be learned about {}: {list}. None of them counts as fine.</p>",
        rows.len()
    );
}

fn across(body: &mut String, audit: &Audit) {
    let table = |body: &mut String, title: &str, explanation: &str, dependencies: Vec<&Dependency>| {
        if dependencies.is_empty() {
            return;
        }
        let _ = writeln!(
            body,
            "<h2>{title} ({})</h2>\n<p class=\"faint\">{explanation}</p>\n<table>\n<thead><tr><th>Domain</th><th>Ends</th><th>Hang on it</th>\
             <th>Which</th></tr></thead>\n<tbody>",
            dependencies.len()
        );
        for dependency in dependencies {
            let trouble = dependency
                .trouble
                .as_ref()
                .map(|t| format!("<p class=\"critical\">{}</p>", escape(t)))
                .unwrap_or_default();
            let _ = writeln!(
                body,
                "<tr><td class=\"zone\"><span class=\"mono\">{}</span>{trouble}</td><td class=\"date\">{}</td><td>{}</td><td>{}</td></tr>",
                escape(&name_in_words(&dependency.domain)),
                escape(&dependency.end_in_words()),
                escape(&dependency.dependents_in_words()),
                names(dependency.zones.keys())
            );
        }
        body.push_str("</tbody>\n</table>\n");
    };
    let listed = audit.dependencies.iter().filter(|dependency| dependency.listed).collect();
    table(
        body,
        "Blast radius",
        "Domains of the list that other zones hang on by name servers, mail hosts or aliases.",
        listed,
    );
    let gaps = audit.gaps().collect();
    table(
        body,
        "Not watched",
        "Zones of the list hang on these domains, and they are not on it: when one of them expires, nobody here is told.",
        gaps,
    );
    if !audit.registrars.is_empty() {
        body.push_str("<h2>Registrars</h2>\n<table>\n<thead><tr><th class=\"right\">Domains</th><th>Registrar</th><th>Which</th></tr></thead>\n<tbody>\n");
        for share in &audit.registrars {
            let name = share.registrar.clone().unwrap_or_else(|| "not known".to_owned());
            let id = share.iana_id.as_ref().map(|id| format!(" (IANA id {id})")).unwrap_or_default();
            let _ = writeln!(
                body,
                "<tr><td class=\"right\">{}</td><td>{}</td><td>{}</td></tr>",
                share.domains.len(),
                escape(&format!("{name}{id}")),
                names(share.domains.iter())
            );
        }
        body.push_str("</tbody>\n</table>\n");
    }
    stand_ins(body, audit);
}

fn stand_ins(body: &mut String, audit: &Audit) {
    if !audit.status_pages.is_empty() {
        body.push_str("<h2>Status pages</h2>\n<table>\n<thead><tr><th>Status page</th><th>Product</th><th>Shared</th><th>Apart or not known</th></tr></thead>\n<tbody>\n");
        for status in &audit.status_pages {
            let rest: Vec<String> = status
                .aspects
                .iter()
                .filter(|(_, sharing)| !matches!(sharing, Sharing::Shared(_)))
                .map(|(aspect, sharing)| {
                    format!("{} {}", aspect.phrase(), if *sharing == Sharing::Apart { "apart" } else { "not known" })
                })
                .collect();
            let shared = status.shared();
            let class = if shared.is_empty() { "fine" } else { "warning" };
            let shared = if shared.is_empty() { "nothing that was seen".to_owned() } else { shared.join(", ") };
            let _ = writeln!(
                body,
                "<tr><td class=\"mono\">{}</td><td class=\"mono\">{}</td><td class=\"{class}\">{}</td><td class=\"faint\">{}</td></tr>",
                escape(&name_in_words(&status.other)),
                escape(&name_in_words(&status.product)),
                escape(&shared),
                escape(&rest.join(", "))
            );
        }
        body.push_str("</tbody>\n</table>\n");
    }
    if !audit.failovers.is_empty() {
        body.push_str("<h2>Failover domains</h2>\n<table>\n<thead><tr><th>Failover</th><th>For</th><th>Ready</th></tr></thead>\n<tbody>\n");
        for failover in &audit.failovers {
            let (class, text) = match (failover.obstacles.is_empty(), failover.unknown.is_empty()) {
                (false, _) => ("warning", format!("no: {}", failover.obstacles.join(" "))),
                (true, false) => ("unknown", format!("not known: {}", failover.unknown.join(", "))),
                (true, true) => ("fine", "yes".to_owned()),
            };
            let _ = writeln!(
                body,
                "<tr><td class=\"mono\">{}</td><td class=\"mono\">{}</td><td class=\"{class}\">{}</td></tr>",
                escape(&name_in_words(&failover.comparison.other)),
                escape(&name_in_words(&failover.comparison.zone)),
                escape(&text)
            );
        }
        body.push_str("</tbody>\n</table>\n");
    }
}

fn list_faults(body: &mut String, audit: &Audit) {
    if audit.faults.is_empty() && audit.duplicates.is_empty() {
        return;
    }
    body.push_str("<h2>The list</h2>\n<table>\n<tbody>\n");
    for fault in &audit.faults {
        let _ = writeln!(
            body,
            "<tr><td>line {}</td><td class=\"warning\">not read: {}</td></tr>",
            fault.line,
            escape(&fault.reason)
        );
    }
    for again in &audit.duplicates {
        let name = escape(&name_in_words(&again.zone));
        let _ = writeln!(
            body,
            "<tr><td>line {}</td><td>{name} stands in line {} already, which counts</td></tr>",
            again.line, again.first
        );
    }
    body.push_str("</tbody>\n</table>\n");
}

fn names<'a>(zones: impl ExactSizeIterator<Item = &'a Name>) -> String {
    let all = zones.len();
    let shown: Vec<String> = zones.take(MOST_NAMES).map(|zone| escape(&name_in_words(zone))).collect();
    if all > shown.len() { format!("{} and {} more", shown.join(", "), all - shown.len()) } else { shown.join(", ") }
}
