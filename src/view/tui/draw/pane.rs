//! The frame of what lies over the screen: a title, lines of which some are shown, the keys below.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear};

use crate::incident::Incident;
use crate::view::model::Glance;
use crate::view::tui::app::App;
use crate::view::tui::draw::layout::Layout;
use crate::view::tui::draw::text::clip;
use crate::view::tui::draw::{Scene, asking, canvas, curve, flush, footer, forms, lists, map, servers, timeline};
use crate::view::tui::keys::Binding;
use crate::view::tui::overlay::Overlay;
use crate::view::tui::theme::Theme;

/// What a pane shows.
pub(super) struct Pane {
    /// In its upper edge.
    pub title: String,
    /// All its lines.
    pub lines: Vec<Line<'static>>,
    /// The line that must be seen, where one must.
    pub focus: Option<usize>,
    /// The cursor: line and column.
    pub cursor: Option<(usize, usize)>,
    /// Its keys.
    pub keys: &'static [Binding],
}

/// From this height on, what goes on, what to do and the ladder stay in sight above a pane.
const ROOMY: u16 = 36;

/// Where panes lie: from edge to edge, so that nothing torn stands beside them; over the table where there is room, else over
/// everything but the header.
fn place(app: &App, board: &Glance) -> Rect {
    let area = canvas(app);
    let above = match area.height {
        0..8 => 0,
        height if height >= ROOMY && app.big => 2,
        height if height >= ROOMY => Layout::of(app, board).rule.y.max(1),
        _ => 1,
    };
    let above = above.min(area.height / 3);
    Rect { y: area.y + above, height: area.height - above, ..area }
}

/// The part of a pane in which lines are shown.
fn inside(place: Rect) -> Rect {
    let edge = u16::from(place.width > 4);
    Rect {
        x: place.x + 2 * edge,
        y: (place.y + 1).min(place.bottom()),
        width: place.width.saturating_sub(4 * edge),
        height: place.height.saturating_sub(2),
    }
}

fn pane(scene: Scene<'_>, overlay: &Overlay, columns: usize, height: usize) -> Pane {
    match overlay {
        Overlay::Help { .. } => lists::help(scene, columns),
        Overlay::Findings { .. } => lists::findings(scene, columns),
        Overlay::Servers { rung, at } => servers::servers(scene, *rung, *at, columns).0,
        Overlay::Curve { .. } => curve::pane(scene, columns, height),
        Overlay::Map { .. } => map::pane(scene, columns, height),
        Overlay::Timeline { .. } => timeline::pane(scene, columns),
        Overlay::Asking { .. } => asking::pane(scene, columns),
        Overlay::Detail { target, whole, .. } => lists::behind(scene, *target, *whole, columns),
        Overlay::Expectation(dialog) => forms::expectation(scene, dialog, columns),
        Overlay::Hosts(dialog) => forms::hosts(scene, dialog, columns),
        Overlay::Note(dialog) => forms::note(scene, dialog, columns),
        Overlay::AddResolver(dialog) => forms::resolver(scene, dialog, columns),
        Overlay::Survey(dialog) => forms::survey(scene, *dialog, columns),
        Overlay::Flush(dialog) => flush::flush(scene, dialog, columns),
        Overlay::Filter { .. } => {
            Pane { title: String::new(), lines: Vec::new(), focus: None, cursor: None, keys: overlay.keys() }
        }
    }
}

/// How many lines a pane shows at the app's size: what a page key moves by.
#[must_use]
pub fn page_height(app: &App, board: &Glance) -> usize {
    usize::from(inside(place(app, board)).height).max(1)
}

/// How far an overlay can scroll at the app's size.
#[must_use]
pub fn most_scroll(app: &App, overlay: &Overlay, incident: &Incident, board: &Glance) -> usize {
    let inside = inside(place(app, board));
    if let Overlay::Servers { rung, .. } = overlay
        && let Some(last) = servers::count(board, *rung).checked_sub(1)
    {
        return last;
    }
    let height = usize::from(inside.height);
    let pane = pane(Scene { app, incident, board }, overlay, usize::from(inside.width), height);
    pane.lines.len().saturating_sub(height)
}

/// Which server of an open rung stands at a position.
#[must_use]
pub fn server_at(app: &App, overlay: &Overlay, incident: &Incident, board: &Glance, at: Position) -> Option<usize> {
    let Overlay::Servers { rung, at: chosen } = overlay else { return None };
    let inside = inside(place(app, board));
    if !inside.contains(at) {
        return None;
    }
    let scene = Scene { app, incident, board };
    let (pane, lines) = servers::servers(scene, *rung, *chosen, usize::from(inside.width));
    let line = first_line(&pane, usize::from(inside.height), 0) + usize::from(at.y - inside.y);
    lines.partition_point(|first| *first <= line).checked_sub(1).filter(|_| line < pane.lines.len())
}

/// The first line shown.
fn first_line(pane: &Pane, height: usize, scrolled: usize) -> usize {
    match pane.focus {
        Some(focus) => (focus + 2).min(pane.lines.len()).saturating_sub(height).min(focus),
        None => scrolled.min(pane.lines.len().saturating_sub(height)),
    }
}

pub(super) fn draw(frame: &mut Frame, scene: Scene<'_>, overlay: &Overlay) {
    let place = place(scene.app, scene.board);
    let inside = inside(place);
    if place.is_empty() {
        return;
    }
    let pane = pane(scene, overlay, usize::from(inside.width), usize::from(inside.height));
    let columns = usize::from(place.width.saturating_sub(4));
    // On a terminal too low for the header the pane itself must say it.
    let mark = match scene.app.replaying() {
        Some(replaying) => Some(replaying.mark()),
        None => scene.app.drill().map(|_| "DRILL"),
    };
    let title = mark.map_or(pane.title.clone(), |mark| format!("{mark}: {}", pane.title));
    let block = Block::bordered()
        .border_style(Theme::muted())
        .title(Span::styled(format!(" {} ", clip(&title, columns)), Theme::strong()));
    frame.render_widget(Clear, place);
    frame.render_widget(block, place);
    if place.height > 1 {
        let below = Rect { x: place.x + 1, y: place.bottom() - 1, width: place.width.saturating_sub(2), height: 1 };
        let line = if let Some(note) = scene.app.note_at(scene.board.now) {
            Line::styled(clip(&format!(" {note} "), usize::from(below.width)), Theme::strong())
        } else {
            let mut spans = footer::key_spans(scene.app, pane.keys, usize::from(below.width).saturating_sub(2));
            spans.push(Span::raw(" "));
            Line::from(spans)
        };
        frame.render_widget(line, below);
    }
    let height = usize::from(inside.height);
    let first = first_line(&pane, height, overlay.clone().scroll().map_or(0, |scroll| *scroll));
    for (line, y) in pane.lines.iter().skip(first).zip(inside.top()..inside.bottom()) {
        frame.render_widget(line, Rect { y, height: 1, ..inside });
    }
    if pane.lines.len() > height && height > 0 && pane.focus.is_none() {
        let shown = format!(" {}–{} of {} ", first + 1, (first + height).min(pane.lines.len()), pane.lines.len());
        let wide = u16::try_from(shown.len()).unwrap_or(0);
        if place.width > wide + 20 {
            let at = Rect { x: place.right() - wide - 1, y: place.y, width: wide, height: 1 };
            frame.render_widget(Span::styled(shown, Theme::muted()), at);
        }
    }
    if let Some((line, column)) = pane.cursor
        && let Some(y) = line.checked_sub(first).filter(|y| *y < height)
        && inside.width > 0
    {
        let column = u16::try_from(column).unwrap_or(u16::MAX).min(inside.width - 1);
        frame.set_cursor_position(Position::new(inside.x + column, inside.y + u16::try_from(y).unwrap_or(0)));
    }
}
