//! The bottom line: what the operator is told or types; else how much was asked, and the keys.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};

use crate::incident::Incident;
use crate::view::model::{Filter, Glance};
use crate::view::tui::app::App;
use crate::view::tui::draw::Scene;
use crate::view::tui::draw::text::{clip, width};
use crate::view::tui::keys::{self, Binding};
use crate::view::tui::overlay::Overlay;
use crate::view::tui::replay::REPLAY;
use crate::view::tui::theme::Theme;

pub(super) fn draw(frame: &mut Frame, scene: Scene<'_>, place: Rect) {
    if place.height == 0 || place.width == 0 {
        return;
    }
    let (app, board) = (scene.app, scene.board);
    let columns = usize::from(place.width);
    if let Some(Overlay::Filter { .. }) = app.overlays.last() {
        let label = " filter: ";
        let room = columns.saturating_sub(width(label) + 1);
        let (cursor, start) = app.filter_line.cursor(room);
        let shown: String = app.filter_line.text().chars().skip(start).collect();
        let mut line = Line::from(vec![Span::styled(label, Theme::strong()), Span::raw(clip(&shown, room))]);
        // Behind what is typed: what of it has no effect, else what may be typed.
        let complaint = app.listing.filter().complaint();
        let behind = room.saturating_sub(width(&shown) + 4);
        if !complaint.is_empty() {
            line.push_span(Span::styled(clip(&format!("    {complaint}"), behind + 4), app.theme.warn()));
        } else if behind >= 40 {
            line.push_span(Span::styled(clip(&format!("    {}", Filter::SYNTAX), behind + 4), Theme::muted()));
        }
        frame.render_widget(line, place);
        let x = place.x + u16::try_from(width(label) + cursor).unwrap_or(u16::MAX).min(place.width - 1);
        frame.set_cursor_position(Position::new(x, place.y));
        return;
    }
    if let Some(note) = app.note_at(board.now) {
        frame.render_widget(Span::styled(clip(&format!(" {note}"), columns), Theme::strong()), place);
        return;
    }
    let asked = asked(scene);
    let mut spans = vec![Span::styled(asked.clone(), Theme::muted())];
    let mut room = columns.saturating_sub(width(&asked));
    if app.drill().is_some() {
        let drill = key_spans(app, keys::DRILL, room);
        room = room.saturating_sub(drill.iter().map(Span::width).sum());
        spans.extend(drill);
    }
    if app.replaying().is_some() {
        let replay = key_spans(app, REPLAY, room);
        room = room.saturating_sub(replay.iter().map(Span::width).sum());
        spans.extend(replay);
    }
    spans.extend(key_spans(app, keys::MAIN, room));
    frame.render_widget(Line::from(spans), place);
}

/// How much is asked, of how much, and what of it could not be sent.
fn asked(scene: Scene<'_>) -> String {
    let board = scene.board;
    let lost = if board.not_sent == 0 { String::new() } else { format!(", {} not sent", board.not_sent) };
    match scene.app.rate(scene.incident, board.now) {
        (Some(rate), Some(allowed)) => format!(" [{rate}/min of {allowed}{lost}]"),
        (Some(rate), None) => format!(" [{rate}/min{lost}]"),
        (None, _) => format!(" [{} asked{lost}]", board.asked),
    }
}

/// Whether the number of queries stands at a position of the bottom line.
#[must_use]
pub fn is_budget_at(app: &App, incident: &Incident, board: &Glance, at: Position) -> bool {
    let shown = app.note_at(board.now).is_none() && app.overlays.is_empty();
    shown && usize::from(at.x) < width(&asked(Scene { app, incident, board }))
}

/// As many keys of a table as there is room for, in its order.
pub(super) fn key_spans(app: &App, table: &[Binding], columns: usize) -> Vec<Span<'static>> {
    let mut spans = Vec::new();
    let mut taken = 0;
    for binding in table.iter().filter(|b| !b.short.is_empty() && app.offers(b.action)) {
        let shown = app.keys.shown(table, binding);
        let wide = width(&shown) + width(binding.short) + 3;
        if taken + wide > columns {
            break;
        }
        taken += wide;
        spans.push(Span::styled(format!("  {shown}"), Theme::strong()));
        spans.push(Span::raw(format!(" {}", binding.short)));
    }
    spans
}
