//! Drawing: pure functions of the app, the incident and the board. No clock, no lock, no lookup; only what is visible is built.

mod asking;
mod big;
mod curve;
mod flush;
mod footer;
mod forms;
mod head;
mod layout;
mod lists;
mod map;
mod pane;
mod replay;
mod servers;
mod side;
mod table;
mod text;
mod timeline;
mod war_room;

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::dns::shown;
use crate::incident::Incident;
use crate::view::model::Glance;
use crate::view::tui::app::App;
use crate::view::tui::overlay::Overlay;

pub use footer::is_budget_at;
pub use head::{rung_at, rung_of_wall};
pub use layout::{Border, Layout, Sizes};
pub use pane::{most_scroll, page_height, server_at};
pub use replay::{lines as replay_lines, moment_at};
pub use servers::{Behind, behind_rung};
pub use side::{BehindSide, behind_side};
pub use table::{column_at, count_at};

/// What every drawing function may look at.
#[derive(Clone, Copy)]
struct Scene<'a> {
    app: &'a App,
    incident: &'a Incident,
    board: &'a Glance,
}

/// The part of the terminal that is not a replay's.
fn canvas(app: &App) -> Rect {
    let (width, height) = app.canvas();
    Rect::new(0, 0, width, height)
}

/// Draws one frame. `board` is the incident worded at the moment shown; the app's size must be the frame's.
pub fn draw(frame: &mut Frame, app: &App, incident: &Incident, board: &Glance) {
    let area = frame.area();
    let mut sized;
    let app = if app.size() == (area.width, area.height) {
        app
    } else {
        // The terminal changed its size between being asked and being drawn on.
        sized = app.clone();
        sized.resize(area.width, area.height);
        &sized
    };
    let scene = Scene { app, incident, board };
    let layout = Layout::of(app, board);
    if layout.tiny {
        head::tiny(frame, scene);
    } else if app.big {
        war_room::draw(frame, scene);
    } else {
        head::draw(frame, scene, &layout);
        table::draw(frame, scene, &layout);
        curve::draw(frame, scene, layout.curve);
        map::draw(frame, scene, layout.map);
        side::draw(frame, scene, layout.side);
        timeline::draw(frame, scene, layout.timeline);
        footer::draw(frame, scene, layout.footer);
    }
    match app.overlays.last() {
        Some(Overlay::Filter { .. }) | None => {}
        Some(overlay) => pane::draw(frame, scene, overlay),
    }
    replay::draw(frame, scene);
    app.theme.finish(frame.buffer_mut());
    keep_plain(frame.buffer_mut());
    if app.theme.ascii() {
        fold_to_ascii(frame.buffer_mut());
    }
}

/// Leaves out of every cell what could turn the direction of text or hide. Whoever draws makes text from outside safe before;
/// this holds even where somebody forgot.
fn keep_plain(buffer: &mut Buffer) {
    for cell in &mut buffer.content {
        if !cell.symbol().is_ascii() && !cell.symbol().chars().all(shown::is_plain) {
            let plain: String = cell.symbol().chars().filter(|c| shown::is_plain(*c)).collect();
            cell.set_symbol(if plain.is_empty() { " " } else { &plain });
        }
    }
}

/// Replaces everything that is not ASCII: signs by their likes, letters by a question mark.
fn fold_to_ascii(buffer: &mut Buffer) {
    for cell in &mut buffer.content {
        if cell.symbol().is_ascii() {
            continue;
        }
        let like = match cell.symbol() {
            "─" | "–" | "┄" | "━" => "-",
            "│" => "|",
            "┌" | "┐" | "└" | "┘" | "├" | "┤" | "┬" | "┴" | "┼" => "+",
            "…" => "~",
            "≤" | "◂" => "<",
            "→" | "›" | "▌" | "▸" => ">",
            "“" | "”" => "\"",
            "·" | "•" | "▁" | "▂" | "░" => ".",
            "▃" | "▄" | "▅" | "▒" => ":",
            "█" | "▆" | "▇" => "#",
            "▲" => "^",
            "▼" | "▾" => "v",
            // The dots of Braille are outlines of the map.
            braille if braille.chars().all(|c| ('\u{2800}'..='\u{28ff}').contains(&c)) => ".",
            _ => "?",
        };
        cell.set_symbol(like);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_turns_or_hides_text_never_stays_in_a_cell() {
        let mut buffer = Buffer::with_lines(["abc", "…é"]);
        buffer.content[0].set_symbol("a\u{202e}");
        buffer.content[1].set_symbol("\u{200b}");
        keep_plain(&mut buffer);
        let symbols: Vec<&str> = buffer.content.iter().map(ratatui::buffer::Cell::symbol).collect();
        assert_eq!(symbols, ["a", " ", "c", "…", "é", " "]);
    }
}
