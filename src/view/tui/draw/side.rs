//! Beside the table on wide screens: the gravest findings, the last to turn, and how the phases went.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::view::model::until_words;
use crate::view::tui::draw::Scene;
use crate::view::tui::draw::layout::Layout;
use crate::view::tui::draw::text::wrap;
use crate::view::tui::theme::Theme;

/// Most findings shown; all of them stand behind a key.
const FINDINGS: usize = 6;
/// Most phases shown, the newest.
const PHASES: usize = 8;

pub(super) fn draw(frame: &mut Frame, scene: Scene<'_>, place: Rect) {
    if place.width < 4 {
        return;
    }
    let columns = usize::from(place.width) - 3;
    let lines = lines(scene, columns);
    for (line, y) in lines.into_iter().zip(place.top()..place.bottom()) {
        let edge = Span::styled("│ ", Theme::muted());
        let spans: Vec<Span> = std::iter::once(edge).chain(line.spans).collect();
        frame.render_widget(Line::from(spans), Rect { y, height: 1, ..place });
    }
}

fn lines(scene: Scene<'_>, columns: usize) -> Vec<Line<'static>> {
    let (board, theme) = (scene.board, scene.app.theme);
    let mut lines = Vec::new();
    let mut add = |text: &str, style: Style| {
        lines.extend(wrap(text, columns).into_iter().map(|line| Line::styled(line, style)));
    };
    add("EXPECTED", Theme::muted());
    add(board.expected.as_deref().unwrap_or("nobody has said (e)"), Style::new());
    add("", Style::new());
    if let Some((who, until)) = &board.slowest {
        add("LAST KNOWN TO TURN", Theme::muted());
        add(&format!("{who}: {}", until_words(*until, board.now)), Style::new());
        add("", Style::new());
    }
    let ahead = [&board.forecast.fleet, &board.forecast.unseen];
    if ahead.iter().any(|words| words.is_some()) {
        add("AHEAD", Theme::muted());
        for words in ahead.into_iter().flatten() {
            add(words, Style::new());
        }
        add("", Style::new());
    }
    let more = board.findings.len().saturating_sub(FINDINGS);
    add(if more > 0 { "GRAVEST FINDINGS (all: F)" } else { "FINDINGS" }, Theme::muted());
    if board.findings.is_empty() {
        add("none", Style::new());
    }
    for finding in board.findings.iter().take(FINDINGS) {
        add(&format!("{}: {}", finding.severity().word(), finding.sentence()), theme.severity(finding.severity()));
    }
    if Layout::of(scene.app, board).timeline.height > 0 {
        return lines;
    }
    add("", Style::new());
    add("PHASES", Theme::muted());
    for change in board.phases.iter().rev().take(PHASES).rev() {
        add(&format!("{} UTC  {}", change.at.clock(), change.phase.word()), Style::new());
    }
    lines
}
