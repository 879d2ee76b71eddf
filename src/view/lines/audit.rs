//! An audit for people: the whole in one sentence, zones in the order of risk, then what only shows across zones.

use std::collections::BTreeMap;

use crate::audit::{Audit, Condition, Failing, Risk, Row, name_in_words};
use crate::dns::Name;
use crate::finding::Severity;

use super::layout::{Look, Page, Paint, columns};

/// Most rows of a section that is no table of zones, unless everything is wanted.
const MOST_ROWS: usize = 10;
/// Most names in one list.
const MOST_NAMES: usize = 5;
/// Columns of the first column: the longest word of a risk and a gap.
const RISK: usize = 10;
/// Most columns that a zone takes in its own line.
const ZONE: usize = 40;

/// The audit as text. With `verbose` everything, also what is fine; with `quiet` only the sentence and the conditions that are met.
#[must_use]
pub fn audit_text(audit: &Audit, failing: &[Failing], look: Look) -> String {
    let mut page = Page::new(look);
    page.paragraph(Paint::Strong, &audit.headline());
    if let Some(not_asked) = audit.not_asked() {
        page.paragraph(Paint::None, not_asked);
    }
    if !look.quiet {
        zones(&mut page, audit, look);
        not_reached(&mut page, audit, look);
        remarks(&mut page, audit, look);
        across(&mut page, audit, look);
        list(&mut page, audit, look);
    }
    if !failing.is_empty() {
        page.gap();
        for met in failing {
            let what = if met.condition == Condition::Gap { "domains" } else { "zones" };
            let text = format!("{} {what}: {}", met.zones.len(), names(met.zones.iter(), MOST_NAMES));
            page.entry(0, Paint::Severity(Severity::Critical), &format!("fails on {}", met.condition), 24, &text);
        }
    }
    page.into_text()
}

/// The zones that need somebody, each with its worst findings.
fn zones(page: &mut Page, audit: &Audit, look: Look) {
    let shown = |row: &&Row| look.verbose || matches!(row.risk, Risk::Critical | Risk::Warning);
    let rows: Vec<&Row> = audit.rows.iter().filter(shown).collect();
    if rows.is_empty() {
        return;
    }
    page.gap();
    let width = rows.iter().map(|row| columns(&row.zone_in_words())).max().unwrap_or(4).clamp(4, ZONE);
    let wide = look.width >= 100;
    page.entry(0, Paint::None, "RISK", RISK, &cells(width, ["ZONE", "ENDS", "LEFT", "REGISTRAR"], wide));
    for row in rows {
        let (zone, registrar) = (row.zone_in_words(), row.registrar_in_words());
        let line = cells(width, [&zone, &row.end_in_words(), &row.left_in_words(), &registrar], wide);
        page.entry(0, paint(row.risk), row.risk.label(), RISK, &line);
        for issue in row.issues.iter().filter(|issue| look.verbose || issue.severity <= Severity::Warning) {
            page.entry(RISK - 1, Paint::None, "", 0, &format!("{}  {}", issue.code, issue.sentence));
            if look.verbose {
                page.entry(RISK + 1, Paint::None, "", 0, &format!("{} {}", page.arrow(), issue.advice));
                for fact in &issue.evidence {
                    page.entry(RISK + 1, Paint::None, "", 0, &format!("Evidence: {fact}"));
                }
            }
        }
        for note in row.notes.iter().filter(|_| look.verbose) {
            page.entry(RISK - 1, Paint::None, "", 0, &format!("Note: {note}"));
        }
    }
    if !look.verbose {
        advice(page, audit);
    }
}

/// What to do, once for each code that was found.
fn advice(page: &mut Page, audit: &Audit) {
    let issues = audit.rows.iter().flat_map(|row| &row.issues).filter(|issue| issue.severity <= Severity::Warning);
    let mut codes: BTreeMap<(Severity, &str), (&str, usize)> = BTreeMap::new();
    for issue in issues {
        codes.entry((issue.severity, issue.code)).or_insert((issue.advice, 0)).1 += 1;
    }
    if codes.is_empty() {
        return;
    }
    page.gap();
    page.paragraph(Paint::Strong, "What to do");
    for ((severity, code), (advice, count)) in codes {
        page.entry(2, Paint::Severity(severity), &format!("{code} ({count})"), 32, advice);
    }
}

fn cells(width: usize, [zone, end, left, registrar]: [&str; 4], wide: bool) -> String {
    let gap = " ".repeat(width.saturating_sub(columns(zone)));
    let line = format!("{zone}{gap}  {end:<10} {left:>7}");
    if wide { format!("{line}  {registrar}") } else { line }
}

const fn paint(risk: Risk) -> Paint {
    match risk {
        Risk::Critical => Paint::Severity(Severity::Critical),
        Risk::Warning => Paint::Severity(Severity::Warning),
        Risk::Notice => Paint::Severity(Severity::Notice),
        Risk::Unknown | Risk::Fine => Paint::None,
    }
}

/// Whatever could not be learned, whether or not something else was found.
fn not_reached(page: &mut Page, audit: &Audit, look: Look) {
    let rows: Vec<&Row> = audit.not_reached().collect();
    if rows.is_empty() {
        return;
    }
    page.gap();
    page.paragraph(Paint::Strong, &format!("Could not be told ({})", rows.len()));
    // Thousands may have failed for one reason: then the reason is said once.
    let mut reasons: BTreeMap<&str, Vec<&Name>> = BTreeMap::new();
    for row in &rows {
        for unknown in &row.unknown {
            reasons.entry(unknown).or_default().push(&row.entry.zone);
        }
    }
    for (reason, zones) in reasons {
        let most = if look.verbose { usize::MAX } else { MOST_NAMES };
        page.entry(1, Paint::None, "", 0, &format!("{}: {reason}", names(zones.into_iter(), most)));
    }
}

/// Notices, by code: each is many zones', and none is urgent.
fn remarks(page: &mut Page, audit: &Audit, look: Look) {
    let mut codes: BTreeMap<(Severity, &str), (&str, Vec<&Name>)> = BTreeMap::new();
    for row in &audit.rows {
        for issue in row.issues.iter().filter(|issue| issue.severity > Severity::Warning) {
            codes.entry((issue.severity, issue.code)).or_insert((issue.advice, Vec::new())).1.push(&row.entry.zone);
        }
    }
    if codes.is_empty() || look.verbose {
        return;
    }
    page.gap();
    page.paragraph(Paint::Strong, "Worth knowing");
    for ((severity, code), (advice, zones)) in codes {
        let text = format!("{} {advice}", list_of(&zones));
        page.entry(2, Paint::Severity(severity), code, 20, &text);
    }
}

fn list_of(zones: &[&Name]) -> String {
    let count = if zones.len() == 1 { "1 zone".to_owned() } else { format!("{} zones", zones.len()) };
    format!("{count}: {}.", names(zones.iter().copied(), MOST_NAMES))
}

fn across(page: &mut Page, audit: &Audit, look: Look) {
    let most = if look.verbose { usize::MAX } else { MOST_ROWS };
    let listed: Vec<_> = audit.dependencies.iter().filter(|dependency| dependency.listed).collect();
    let gaps: Vec<_> = audit.gaps().collect();
    for (title, dependencies) in [
        ("What others hang on, the soonest end first", listed),
        ("Not on the list, and nobody watches it: zones hang on", gaps),
    ] {
        if dependencies.is_empty() {
            continue;
        }
        page.gap();
        page.paragraph(Paint::Strong, &format!("{title} ({})", dependencies.len()));
        let row = |d: &&crate::audit::Dependency| {
            let zones = names(d.zones.keys(), 3);
            (Paint::None, vec![name_in_words(&d.domain), d.end_in_words(), d.dependents_in_words(), zones])
        };
        page.table(2, &dependencies.iter().take(most).map(row).collect::<Vec<_>>(), 3);
        more(page, dependencies.len(), most);
    }
    if !audit.registrars.is_empty() {
        page.gap();
        page.paragraph(Paint::Strong, &format!("Registrars ({})", audit.registrars.len()));
        let row = |share: &crate::audit::RegistrarShare| {
            let id = share.iana_id.as_ref().map(|id| format!("IANA id {id}")).unwrap_or_default();
            let name = share.registrar.clone().unwrap_or_else(|| "not known".to_owned());
            let domains = names(share.domains.iter(), 3);
            (Paint::None, vec![share.domains.len().to_string(), name, id, domains])
        };
        page.table(2, &audit.registrars.iter().take(most).map(row).collect::<Vec<_>>(), 3);
        more(page, audit.registrars.len(), most);
    }
    if !audit.status_pages.is_empty() {
        page.gap();
        page.paragraph(Paint::Strong, &format!("Status pages ({})", audit.status_pages.len()));
        for page_of in &audit.status_pages {
            let (shared, unknown) = (page_of.shared(), page_of.unknown());
            let mut text = if shared.is_empty() {
                "shares nothing that was seen".to_owned()
            } else {
                format!("shares {}", shared.join(", "))
            };
            if !unknown.is_empty() {
                text.push_str(&format!("; not known: {}", unknown.join(", ")));
            }
            let head = format!("{} for {}", name_in_words(&page_of.other), name_in_words(&page_of.product));
            page.entry(1, Paint::None, "", 0, &format!("{head}: {text}"));
        }
    }
    if !audit.failovers.is_empty() {
        page.gap();
        page.paragraph(Paint::Strong, &format!("Failover domains ({})", audit.failovers.len()));
        for failover in &audit.failovers {
            let comparison = &failover.comparison;
            let head = format!("{} for {}", name_in_words(&comparison.other), name_in_words(&comparison.zone));
            let text = match (failover.obstacles.is_empty(), failover.unknown.is_empty()) {
                (false, _) => format!("not ready: {}", failover.obstacles.join(" ")),
                (true, false) => format!("not known: {}", failover.unknown.join(", ")),
                (true, true) => "ready".to_owned(),
            };
            page.entry(1, Paint::None, "", 0, &format!("{head}: {text}"));
        }
    }
}

fn more(page: &mut Page, all: usize, most: usize) {
    if all > most {
        page.entry(1, Paint::None, "", 0, &format!("and {} more (--verbose, --json)", all - most));
    }
}

/// What is wrong with the list itself.
fn list(page: &mut Page, audit: &Audit, look: Look) {
    let most = if look.verbose { usize::MAX } else { MOST_ROWS };
    if audit.faults.is_empty() && audit.duplicates.is_empty() && audit.notes.is_empty() {
        return;
    }
    page.gap();
    page.paragraph(Paint::Strong, "The list");
    for fault in audit.faults.iter().take(most) {
        page.entry(
            2,
            Paint::Severity(Severity::Warning),
            &format!("line {}", fault.line),
            12,
            &format!("not read: {}", fault.reason),
        );
    }
    more(page, audit.faults.len(), most);
    for again in audit.duplicates.iter().take(most) {
        let text = format!("{} stands in line {} already, which counts", name_in_words(&again.zone), again.first);
        page.entry(2, Paint::None, &format!("line {}", again.line), 12, &text);
    }
    more(page, audit.duplicates.len(), most);
    for note in &audit.notes {
        page.entry(2, Paint::None, "note", 12, note);
    }
}

fn names<'a>(zones: impl ExactSizeIterator<Item = &'a Name>, most: usize) -> String {
    let all = zones.len();
    let shown: Vec<String> = zones.take(most).map(name_in_words).collect();
    if all > shown.len() { format!("{} and {} more", shown.join(", "), all - shown.len()) } else { shown.join(", ") }
}
