//! What changed between two moments, a line each with its time: the live tool where there is no screen. A remaining TTL that
//! runs down is no change, and the first verdicts of many servers are one line of counts.

use std::collections::{BTreeMap, BTreeSet};

use crate::incident::{Phase, PhaseChange};
use crate::judge::{Rule, Severity, Verdict};
use crate::view::model::{Board, FlushLine, Row, Rung, RungKind, Server};

use super::Look;
use super::check::server_words;
use super::layout::{Paint, plain};

/// One line in the making: what it is painted for, and its words.
type Line = (Paint, String);

/// The lines for what is new in `after`. Without a `before` they say how it stands. Lines come without newlines, and are
/// never broken: they go to logs. The width of `look` is not used.
///
/// The first verdicts of resolvers are folded into one line of counts, printed when all are in and with every phase.
/// A phase that came and went since `before` is said too, with its time, so that a slow reader misses none.
/// Quiet: phases and next actions only. Verbose: each new phase is followed by every server of the source ladder, and
/// the first verdict of each resolver has its own line.
#[must_use]
pub fn changes(before: Option<&Board>, after: &Board, look: Look) -> Vec<String> {
    let mut lines = Vec::new();
    let entered = before.map_or(&[][..], |before| entered_since(before, after));
    let phase_changed = before.is_none_or(|b| b.phase != after.phase) || !entered.is_empty();
    if phase_changed {
        for change in entered.split_last().map_or(&[][..], |(_, passed)| passed) {
            let words = format!("phase {}: entered at {} and left again since", change.phase.word(), change.at);
            lines.push((Paint::None, words));
        }
        lines.push((Paint::Strong, format!("phase {}: {}", after.phase.word(), after.headline)));
        lines.push((Paint::Strong, format!("next: {}", after.next_action)));
    }
    if !look.quiet {
        registration(&mut lines, before, after);
        parents(&mut lines, before, after, phase_changed);
        findings(&mut lines, before, after);
        flushes(&mut lines, before, after);
        notices(&mut lines, before, after);
        if look.verbose && phase_changed {
            ladder(&mut lines, after);
        }
        resolvers(&mut lines, before, after, phase_changed, look.verbose);
    }
    lines
        .iter()
        .map(|(paint, line)| format!("{} {}", after.now, look.paint(*paint, &look.spell(&plain(line)))))
        .collect()
}

/// The phases entered since `before` was looked at: more than one where nobody looked in time. None where the history no
/// longer reaches back so far.
fn entered_since<'a>(before: &Board, after: &'a Board) -> &'a [PhaseChange] {
    let standing = PhaseChange { at: before.phase_since, phase: before.phase };
    let known = after.phases.iter().rposition(|change| *change == standing);
    known.and_then(|at| after.phases.get(at + 1..)).unwrap_or_default()
}

/// Steps of a flush that stand otherwise than before.
fn flushes(lines: &mut Vec<Line>, before: Option<&Board>, after: &Board) {
    let known = |line: &FlushLine| {
        before
            .is_some_and(|b| b.flushes.iter().any(|earlier| (&earlier.step, earlier.state) == (&line.step, line.state)))
    };
    for line in after.flushes.iter().filter(|line| !known(line)) {
        lines.push((Paint::None, format!("flush {}: {}", line.step, line.words)));
    }
}

/// Every server on the way down to the zone's own.
fn ladder(lines: &mut Vec<Line>, after: &Board) {
    for rung in after.ladder.iter().filter(|rung| matches!(rung.kind, RungKind::Parent | RungKind::Authoritative)) {
        for server in &rung.servers {
            let words = format!("server {}: {}", server_words(server), server.verdict.word());
            lines.push((Paint::Verdict(server.verdict), words));
        }
    }
}

/// What the registry says, when it says something new.
fn registration(lines: &mut Vec<Line>, before: Option<&Board>, after: &Board) {
    fn said(board: &Board) -> Option<(&Rung, &str)> {
        let rung = board.ladder.iter().find(|rung| rung.kind == RungKind::Registry)?;
        Some((rung, rung.facts.first().map_or("", |(_, text)| text.as_str())))
    }
    let Some((rung, words)) = said(after) else { return };
    if before.and_then(said).is_none_or(|(_, earlier)| earlier != words) {
        lines.push((Paint::Verdict(rung.verdict), format!("registry: {words}")));
        if rung.verdict.is_wrong() {
            let calls = rung.facts.iter().filter(|(label, _)| *label == "call");
            lines.extend(calls.map(|(_, call)| (Paint::None, format!("registry: {call}"))));
        }
    }
}

fn parents(lines: &mut Vec<Line>, before: Option<&Board>, after: &Board, phase_changed: bool) {
    let Some(now) = parent_rung(after) else { return };
    let earlier: BTreeMap<(&str, &str), Verdict> = before
        .and_then(parent_rung)
        .map(|rung| rung.servers.iter().map(|s| ((s.name.as_str(), s.address.as_str()), s.verdict)).collect())
        .unwrap_or_default();
    let awaited_before = earlier.is_empty() || earlier.values().any(|v| *v == Verdict::Unknown);
    let awaited_now = now.servers.iter().any(|s| s.verdict == Verdict::Unknown);
    let leaves_start = phase_changed && before.is_none_or(|b| b.phase == Phase::Starting);
    let any_heard = now.servers.iter().any(|s| s.verdict != Verdict::Unknown);
    if any_heard && after.phase != Phase::Starting && (leaves_start || (awaited_before && !awaited_now)) {
        let counts = count_words(now.servers.iter().map(|s| s.verdict));
        lines.push((Paint::None, format!("{}: {counts}", now.title.to_lowercase())));
    }
    for Server { name, address, verdict, says, .. } in &now.servers {
        match earlier.get(&(name.as_str(), address.as_str())) {
            Some(old) if old != verdict && *old != Verdict::Unknown => {
                let words = format!("parent {name} {address}: {} → {} ({says})", old.word(), verdict.word());
                lines.push((Paint::Verdict(*verdict), words));
            }
            _ => {}
        }
    }
}

fn parent_rung(board: &Board) -> Option<&Rung> {
    board.ladder.iter().find(|rung| rung.kind == RungKind::Parent && !rung.servers.is_empty())
}

fn findings(lines: &mut Vec<Line>, before: Option<&Board>, after: &Board) {
    let known: BTreeSet<_> = before.iter().flat_map(|b| b.findings.iter().map(|f| f.code)).collect();
    let grave = |s: Severity| matches!(s, Severity::Critical | Severity::Warning);
    for finding in after.findings.iter().filter(|f| grave(f.severity()) && !known.contains(&f.code)) {
        let severity = finding.severity();
        lines.push((Paint::Severity(severity), format!("{} {finding}", severity.word())));
    }
}

/// Own trouble that was not there before. That a number in it has grown is no news.
fn notices(lines: &mut Vec<Line>, before: Option<&Board>, after: &Board) {
    let bare = |notice: &String| notice.chars().filter(|c| !c.is_ascii_digit()).collect::<String>();
    let known: BTreeSet<String> = before.iter().flat_map(|b| b.notices.iter().map(bare)).collect();
    for notice in after.notices.iter().filter(|notice| !known.contains(&bare(notice))) {
        lines.push((Paint::Severity(Severity::Warning), format!("notice: {notice}")));
    }
}

fn resolvers(lines: &mut Vec<Line>, before: Option<&Board>, after: &Board, phase_changed: bool, every: bool) {
    let settled_before = before.is_some_and(is_settled);
    let any_heard = after.rows.iter().any(|row| row.verdict != Verdict::Unknown);
    let all_in = !settled_before && is_settled(after);
    let counts = count_words(after.rows.iter().map(|row| row.verdict));
    let earlier = before.filter(|b| b.phase != Phase::Starting).map(|b| count_words(b.rows.iter().map(|r| r.verdict)));
    let news = earlier.is_none_or(|earlier| earlier != counts);
    if any_heard && after.phase != Phase::Starting && ((phase_changed && news) || all_in) {
        lines.push((Paint::None, format!("resolvers: {counts}")));
    }
    let Some(before) = before else { return };
    let earlier: BTreeMap<_, &Row> = before.rows.iter().map(|row| (row.target, row)).collect();
    for row in &after.rows {
        let Some(old) = earlier.get(&row.target).filter(|old| old.verdict != row.verdict) else { continue };
        // The very first verdict, while others still wait for theirs, is in the counts.
        let first = old.verdict == Verdict::Unknown && old.since <= before.started;
        if first && !every && (!settled_before || all_in) {
            continue;
        }
        let operator = if row.operator == row.address { String::new() } else { format!("{} ", row.operator) };
        let words = format!("resolver {operator}{}: {} → {}", row.address, old.verdict.word(), row.verdict.word());
        lines.push((Paint::Verdict(row.verdict), words));
    }
}

/// Whether no resolver waits for its first samples any more.
fn is_settled(board: &Board) -> bool {
    let waits = |row: &Row| {
        let said = matches!(
            row.rule,
            Rule::Refused | Rule::BareAnswer | Rule::Undecidable | Rule::NothingToCompare | Rule::FailsUnexplained
        );
        row.verdict == Verdict::Unknown && !row.held_back && !said
    };
    board.phase != Phase::Starting && !board.rows.iter().any(waits)
}

/// `82 correct, 31 parked, 9 silent`: the correct ones first, then the most alarming.
fn count_words(verdicts: impl Iterator<Item = Verdict>) -> String {
    let verdicts: Vec<Verdict> = verdicts.collect();
    let order = std::iter::once(Verdict::Correct).chain(Verdict::ALL.into_iter().filter(|v| *v != Verdict::Correct));
    let counts = order.map(|verdict| (verdict, verdicts.iter().filter(|v| **v == verdict).count()));
    let words: Vec<String> = counts.filter(|(_, n)| *n > 0).map(|(v, n)| format!("{n} {}", v.word())).collect();
    words.join(", ")
}
