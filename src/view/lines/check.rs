//! The result of `unpark check` for people: what is wrong first, who is right only as a count, and how sure that is.

use crate::judge::{DelegationState, Finding, Until, Verdict};
use crate::view::model::{Board, Row, Rung, RungKind, Server, ServiceCell, arrange, stale_at_most_words, until_words};

use super::Look;
use super::layout::{Page, Paint};

/// Headline, next action, source ladder, resolvers, findings, and how sure all this is. Quiet: the headline alone.
///
/// Lines end with a newline and hold no trailing space; none is wider than `look.width` (from [`Look::NARROWEST`] on).
#[must_use]
pub fn check_text(board: &Board, look: Look) -> String {
    let mut page = Page::new(look);
    headline(&mut page, board);
    if look.quiet {
        return page.into_text();
    }
    page.entry(0, Paint::Strong, "Next:", 6, &board.next_action);
    for notice in &board.notices {
        page.entry(0, Paint::Strong, "Note:", 6, notice);
    }
    page.gap();
    ladder(&mut page, &board.ladder, look.verbose);
    if !board.rows.is_empty() {
        page.gap();
        resolvers(&mut page, board, look.verbose);
    }
    findings(&mut page, &board.findings);
    if let Some(fleet) = &board.forecast.fleet {
        page.gap();
        page.entry(0, Paint::None, "Until when:", 12, fleet);
    }
    page.gap();
    page.paragraph(Paint::None, &certainty(board));
    page.into_text()
}

/// Phase and headline.
pub(super) fn headline(page: &mut Page, board: &Board) {
    let zone = match &board.zone_unicode {
        Some(unicode) => format!("{} ({unicode})", board.zone),
        None => board.zone.clone(),
    };
    page.paragraph(Paint::Strong, &format!("{zone}: {}", board.phase.word()));
    page.paragraph(Paint::None, &board.headline);
}

/// One line for each rung, and one for each server on it that is not as it should be, or for every server.
pub(super) fn ladder(page: &mut Page, rungs: &[Rung], every: bool) {
    page.paragraph(Paint::Strong, "Source");
    for rung in rungs {
        page.verdict(2, rung.verdict, &format!("{}: {}", rung.title, rung.summary));
        // What the registry says, and whom to call, are the first of its facts.
        let told = rung.facts.iter().take_while(|(label, _)| every || matches!(*label, "says" | "call"));
        for (label, text) in told.filter(|(_, text)| !text.is_empty() && (every || rung.verdict != Verdict::Correct)) {
            page.verdict(6, rung.verdict, &format!("{label}: {text}"));
        }
        for server in &rung.servers {
            let here = rung.kind == RungKind::Here;
            if every || here || server.verdict != Verdict::Correct {
                page.verdict(6, server.verdict, &server_words(server));
            }
        }
    }
}

/// `a.gtld-servers.net 192.5.6.30: ns1.good.example (172800 s)`.
pub(super) fn server_words(server: &Server) -> String {
    let who: Vec<&str> = [server.name.as_str(), &server.address].into_iter().filter(|part| !part.is_empty()).collect();
    let role = if server.role.is_empty() { String::new() } else { format!(" ({})", server.role) };
    format!("{}{role}: {}", who.join(" "), server.says)
}

fn resolvers(page: &mut Page, board: &Board, every: bool) {
    page.paragraph(Paint::Strong, "Resolvers");
    let order = arrange(&board.rows);
    let shown = order.into_iter().filter_map(|at| board.rows.get(at));
    let rows: Vec<(Paint, Vec<String>)> = shown
        .filter(|row| every || !(row.verdict == Verdict::Correct || is_unheard(row)))
        .map(|row| (Paint::Verdict(row.verdict), cells(page, row, board)))
        .collect();
    page.table(2, &rows, 3);
    let unheard = board.rows.iter().filter(|row| is_unheard(row)).count();
    if !every && unheard > 0 {
        let many = if unheard == 1 { "" } else { "s" };
        page.verdict(
            2,
            Verdict::Unknown,
            &format!("{unheard} resolver{many} not asked, or the asking failed on our side"),
        );
    }
    let correct = board.count(Verdict::Correct);
    if !every && correct > 0 {
        let fading = fading(board);
        let fading = if fading > 0 { format!(", {fading} fading: still as before the outage") } else { String::new() };
        page.verdict(
            2,
            Verdict::Correct,
            &format!("{correct} resolver{}{fading}", if correct == 1 { "" } else { "s" }),
        );
    }
}

/// Whether nothing was ever heard of it, and not because it is silent.
fn is_unheard(row: &Row) -> bool {
    row.verdict == Verdict::Unknown && row.last_heard.is_none()
}

/// How many rows are correct only because they have not lost the correct servers yet.
fn fading(board: &Board) -> usize {
    let fades = |row: &&Row| row.verdict == Verdict::Correct && row.state == DelegationState::PreOutage;
    board.rows.iter().filter(fades).count()
}

/// Verdict, operator, address; then place, servers in use, until when, what users get.
fn cells(page: &Page, row: &Row, board: &Board) -> Vec<String> {
    let until = match row.until {
        Until::Unknown if !row.verdict.is_wrong() => String::new(),
        until => until_words(until, board.now),
    };
    let operator = if row.operator == row.address { String::new() } else { row.operator.clone() };
    let place = match (row.place.as_str(), row.system) {
        ("", true) => "used by this machine".to_owned(),
        (place, true) => format!("{place}, used by this machine"),
        (place, false) => place.to_owned(),
    };
    let held_back = if row.held_back { "held back for now" } else { "" };
    vec![
        page.verdict_label(row.verdict),
        operator,
        row.address.clone(),
        place,
        row.uses.clone(),
        until,
        row.telling_service().map_or_else(String::new, service_words),
        held_back.to_owned(),
    ]
}

/// `www A 192.0.2.1 (stale)`.
fn service_words(cell: &ServiceCell) -> String {
    format!("{} {} {} ({})", cell.name, cell.rtype, cell.short(), cell.state.word())
}

/// Code and severity, the fact, what to do about it.
pub(super) fn findings(page: &mut Page, findings: &[Finding]) {
    if findings.is_empty() {
        return;
    }
    page.gap();
    page.paragraph(Paint::Strong, "Findings");
    for finding in findings {
        let severity = finding.severity();
        let text = format!("{}: {}", finding.code.word(), finding.sentence());
        page.entry(2, Paint::Severity(severity), severity.word(), 10, &text);
        let reference = match finding.code.reference() {
            // About this machine: no specification speaks.
            "local" | "" => String::new(),
            reference => format!(" ({reference})"),
        };
        page.entry(12, Paint::None, page.arrow(), 2, &format!("{}{reference}", finding.code.advice()));
    }
}

/// How sure the picture is: what so many good samples exclude, and that nobody else was seen.
fn certainty(board: &Board) -> String {
    let unseen = "Caches that were not asked, such as those of Internet providers, are not seen.";
    let correct = board.rows.iter().filter(|row| row.verdict == Verdict::Correct);
    match correct.map(|row| row.good_samples).min() {
        None | Some(0) => unseen.to_owned(),
        Some(samples) => {
            let share = stale_at_most_words(samples);
            let (times, row) = if samples == 1 { ("sample", "") } else { ("samples", " in a row") };
            format!(
                "Every resolver called correct gave at least {samples} good {times}{row}: of the caches behind such an address \
                 fewer than {share} are stale (95 % confidence). {unseen}"
            )
        }
    }
}
