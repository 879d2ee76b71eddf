//! The panes that only scroll: help, findings, and what stands behind a row.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::judge::Verdict;
use crate::observation::TargetId;
use crate::view::model::{Filter, detail};
use crate::view::tui::draw::Scene;
use crate::view::tui::draw::pane::Pane;
use crate::view::tui::draw::text::{left, wrap};
use crate::view::tui::keys;
use crate::view::tui::palette::Tint;
use crate::view::tui::replay::REPLAY;
use crate::view::tui::theme::Theme;

/// A label in front of a text folded beside it.
pub(super) fn labelled(
    label: &str,
    wide: usize,
    text: &str,
    columns: usize,
    styles: (Style, Style),
) -> Vec<Line<'static>> {
    let room = columns.saturating_sub(wide).max(8);
    let lines = wrap(text, room).into_iter().enumerate();
    lines
        .map(|(at, line)| {
            let margin = if at == 0 { left(label, wide) } else { " ".repeat(wide) };
            Line::from(vec![Span::styled(margin, styles.0), Span::styled(line, styles.1)])
        })
        .collect()
}

pub(super) fn help(scene: Scene<'_>, columns: usize) -> Pane {
    let theme = scene.app.theme;
    let mut lines = Vec::new();
    let drill = scene.app.drill().map(|_| &("Drill", keys::DRILL));
    let replay = scene.app.replaying().map(|_| &("Replay", REPLAY));
    for (title, table) in drill.into_iter().chain(replay).chain(keys::TABLES) {
        lines.push(Line::styled((*title).to_owned(), Theme::strong()));
        for binding in table.iter().filter(|binding| scene.app.offers(binding.action)) {
            lines.extend(labelled(
                &format!("  {}", scene.app.keys.shown(table, binding)),
                10,
                binding.says,
                columns,
                (Theme::strong(), Style::new()),
            ));
        }
        lines.push(Line::default());
    }
    lines.push(Line::styled("Words and glyphs of the rows", Theme::strong()));
    for (verdict, says) in VERDICTS {
        let label = format!("  {} {}", theme.glyph(*verdict), verdict.word());
        lines.extend(labelled(&label, 14, says, columns, (theme.verdict(*verdict), Style::new())));
    }
    lines.push(Line::default());
    let times = "LEFT counts down to the end of what a cache holds: 5:41:10 as the cache itself showed it, ≤ 5:41:10 as a bound by TTLs at the source, due when that has passed and it is being asked again, unknown when nothing tells.";
    lines.extend(wrap(times, columns).into_iter().map(Line::raw));
    lines.push(Line::default());
    let still = "Rows keep their order while one is selected or a key was pressed lately; Esc lets go of the row, s sorts anew, z keeps the order for good. A click on a title sorts by it, on a number shows only those rows, on a pane opens it; borders can be dragged. Hold Shift to select text with the mouse. Keys, colours and theme are set in unpark.toml.";
    lines.extend(wrap(still, columns).into_iter().map(Line::raw));
    lines.push(Line::default());
    let filter = format!("A filter is {}. So: verdict:parked,mixed op:google !country:us", Filter::SYNTAX);
    lines.extend(wrap(&filter, columns).into_iter().map(Line::raw));
    Pane { title: "Help".to_owned(), lines, focus: None, cursor: None, keys: keys::LIST }
}

/// What the words mean, in the order of alarm.
pub(super) const VERDICTS: &[(Verdict, &str)] = &[
    (Verdict::Other, "neither the correct nor the parked servers: a filter, a third party, or a hijack"),
    (Verdict::Stuck, "still parked although every TTL has run out"),
    (Verdict::Parked, "uses the parked servers"),
    (Verdict::Held, "still has the parent's answer that there is no such domain"),
    (Verdict::Mixed, "the caches behind this address disagree"),
    (Verdict::Broken, "fails or refuses where an answer is owed"),
    (Verdict::Draining, "uses the correct servers; some addresses or denials are still old"),
    (Verdict::Unknown, "too few samples to say"),
    (Verdict::Silent, "no answer by UDP and TCP: counted neither way"),
    (Verdict::Correct, "uses the correct servers, and all watched names are right"),
];

pub(super) fn findings(scene: Scene<'_>, columns: usize) -> Pane {
    let theme = scene.app.theme;
    let mut lines = Vec::new();
    for finding in &scene.board.findings {
        let style = theme.severity(finding.severity());
        lines.push(Line::styled(format!("{} {}", finding.severity().word(), finding.code.word()), style));
        lines.extend(labelled("  what", 12, &finding.sentence(), columns, (Theme::muted(), Style::new())));
        lines.extend(labelled("  advice", 12, finding.code.advice(), columns, (Theme::muted(), Theme::strong())));
        if !finding.targets.is_empty() {
            lines.extend(labelled("  where", 12, &finding.targets.join(" "), columns, (Theme::muted(), Style::new())));
        }
        lines.extend(labelled("  after", 12, finding.code.reference(), columns, (Theme::muted(), Theme::muted())));
        lines.push(Line::default());
    }
    if lines.is_empty() {
        lines.push(Line::raw("Nothing found that is worth saying."));
    }
    let title = format!("Findings: {}", scene.board.findings.len());
    Pane { title, lines, focus: None, cursor: None, keys: keys::LIST }
}

/// What stands behind a target: facts first, then what its samples say, how it went, and every answer kept, those that decided
/// marked.
pub(super) fn behind(scene: Scene<'_>, target: TargetId, whole: bool, columns: usize) -> Pane {
    let theme = scene.app.theme;
    let Some(detail) = detail(scene.incident, target, scene.board.now) else {
        let lines = vec![Line::raw("Nobody is asked there any more.")];
        return Pane { title: target.to_string(), lines, focus: None, cursor: None, keys: keys::DETAIL };
    };
    let mut lines = Vec::new();
    for (at, (label, text)) in detail.facts.iter().enumerate() {
        let style = match *label {
            _ if at == 0 => theme.verdict(detail.verdict),
            "forecast" => theme.tint(Tint::Forecast),
            _ => Style::new(),
        };
        lines.extend(labelled(label, 12, text, columns, (Theme::muted(), style)));
    }
    if detail.held_back {
        let held = "not re-asked while the parent is wrong: asking again would refresh the parked answer (u)";
        lines.extend(labelled("held", 12, held, columns, (Theme::muted(), theme.warn())));
    }
    for (at, group) in detail.groups.iter().enumerate() {
        let label = if at == 0 { "it said" } else { "" };
        let verdict = if group.good { Verdict::Correct } else { Verdict::Parked };
        let text = group.words(scene.board.now);
        lines.extend(labelled(label, 12, &text, columns, (Theme::muted(), theme.verdict(verdict))));
    }
    for (at, change) in detail.history.iter().rev().enumerate() {
        let label = if at == 0 { "history" } else { "" };
        let text = format!("{} UTC  {} {}", change.at.clock(), theme.glyph(change.verdict), change.verdict.word());
        lines.extend(labelled(label, 12, &text, columns, (Theme::muted(), theme.verdict(change.verdict))));
    }
    lines.push(Line::default());
    let note = if detail.evidence.is_empty() {
        "No answers yet."
    } else {
        "Answers, the newest first; * marks those the verdict rests on"
    };
    lines.push(Line::styled(note, Theme::muted()));
    for evidence in &detail.evidence {
        let label = format!("{}#{}", if evidence.decisive { "*" } else { " " }, evidence.number);
        let style = if evidence.decisive { Theme::strong() } else { Style::new() };
        lines.extend(labelled(&label, 8, &evidence.short, columns, (Theme::muted(), style)));
        if whole {
            for line in &evidence.full {
                lines.extend(labelled("", 10, line, columns, (Style::new(), Theme::muted())));
            }
        }
    }
    let title = format!("{} {}", theme.glyph(detail.verdict), detail.title);
    Pane { title, lines, focus: None, cursor: None, keys: keys::DETAIL }
}
