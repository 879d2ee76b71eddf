//! Beside the table on wide screens: the gravest findings, the last to turn, and how the phases went.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::incident::Incident;
use crate::observation::TargetId;
use crate::view::model::{Glance, until_words};
use crate::view::tui::app::App;
use crate::view::tui::draw::Scene;
use crate::view::tui::draw::layout::Layout;
use crate::view::tui::draw::text::wrap;
use crate::view::tui::keys::Action;
use crate::view::tui::theme::Theme;

/// Most findings shown; all of them stand behind a key.
const FINDINGS: usize = 6;
/// Most phases shown, the newest.
const PHASES: usize = 8;

/// What stands behind a line beside the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BehindSide {
    /// Every answer of one resolver.
    Resolver(TargetId),
    /// What a key opens.
    Pane(Action),
}

pub(super) fn draw(frame: &mut Frame, scene: Scene<'_>, place: Rect) {
    if place.width < 4 {
        return;
    }
    let lines = lines(scene, columns(place));
    for ((line, _), y) in lines.into_iter().zip(place.top()..place.bottom()) {
        let edge = Span::styled("│ ", Theme::muted());
        let spans: Vec<Span> = std::iter::once(edge).chain(line.spans).collect();
        frame.render_widget(Line::from(spans), Rect { y, height: 1, ..place });
    }
}

fn columns(place: Rect) -> usize {
    usize::from(place.width).saturating_sub(3)
}

/// What stands behind the line at a position.
#[must_use]
pub fn behind_side(
    app: &App,
    incident: &Incident,
    board: &Glance,
    layout: &Layout,
    at: Position,
) -> Option<BehindSide> {
    let place = layout.side;
    if !place.contains(at) {
        return None;
    }
    let lines = lines(Scene { app, incident, board }, columns(place));
    lines.get(usize::from(at.y - place.y)).map(|(_, behind)| *behind)
}

/// The lines, each with what stands behind it.
fn lines(scene: Scene<'_>, columns: usize) -> Vec<(Line<'static>, BehindSide)> {
    let (board, theme) = (scene.board, scene.app.theme);
    let mut lines = Vec::new();
    let mut add = |text: &str, style: Style, behind: BehindSide| {
        lines.extend(wrap(text, columns).into_iter().map(|line| (Line::styled(line, style), behind)));
    };
    let (muted, plain) = (Theme::muted(), Style::new());
    let behind = BehindSide::Pane(Action::Expectation);
    add("EXPECTED", muted, behind);
    add(board.expected.as_deref().unwrap_or("nobody has said (e)"), plain, behind);
    add("", plain, behind);
    if let Some((who, until)) = &board.slowest {
        let behind = board.slowest_target.map_or(BehindSide::Pane(Action::Curve), BehindSide::Resolver);
        add("LAST KNOWN TO TURN", muted, behind);
        add(&format!("{who}: {}", until_words(*until, board.now)), plain, behind);
        add("", plain, behind);
    }
    let ahead = [&board.forecast.fleet, &board.forecast.unseen];
    if ahead.iter().any(|words| words.is_some()) {
        let behind = BehindSide::Pane(Action::Curve);
        add("AHEAD", muted, behind);
        for words in ahead.into_iter().flatten() {
            add(words, plain, behind);
        }
        add("", plain, behind);
    }
    let behind = BehindSide::Pane(Action::Findings);
    let more = board.findings.len().saturating_sub(FINDINGS);
    add(if more > 0 { "GRAVEST FINDINGS (all: F)" } else { "FINDINGS" }, muted, behind);
    if board.findings.is_empty() {
        add("none", plain, behind);
    }
    for finding in board.findings.iter().take(FINDINGS) {
        let text = format!("{}: {}", finding.severity().word(), finding.sentence());
        add(&text, theme.severity(finding.severity()), behind);
    }
    if Layout::of(scene.app, board).timeline.height > 0 {
        return lines;
    }
    let behind = BehindSide::Pane(Action::Timeline);
    add("", plain, behind);
    add("PHASES", muted, behind);
    for change in board.phases.iter().rev().take(PHASES).rev() {
        add(&format!("{} UTC  {}", change.at.clock(), change.phase.word()), plain, behind);
    }
    lines
}
