//! Drawing: pure functions of the app, the incident and the board. No clock, no lock, no lookup; only what is visible is built.

mod big;
mod flush;
mod footer;
mod forms;
mod head;
mod layout;
mod lists;
mod pane;
mod side;
mod table;
mod text;
mod war_room;

use ratatui::Frame;
use ratatui::buffer::Buffer;

use crate::incident::Incident;
use crate::view::model::Board;
use crate::view::tui::app::App;
use crate::view::tui::overlay::Overlay;

pub use layout::Layout;
pub use pane::most_scroll;

/// What every drawing function may look at.
#[derive(Clone, Copy)]
struct Scene<'a> {
    app: &'a App,
    incident: &'a Incident,
    board: &'a Board,
}

/// Draws one frame. `board` is the incident worded at the moment shown; the app's size must be the frame's.
pub fn draw(frame: &mut Frame, app: &App, incident: &Incident, board: &Board) {
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
    if app.big {
        war_room::draw(frame, scene);
    } else {
        let layout = Layout::of(app, board);
        head::draw(frame, scene, &layout);
        table::draw(frame, scene, &layout);
        side::draw(frame, scene, layout.side);
        footer::draw(frame, scene, layout.footer);
    }
    match app.overlays.last() {
        Some(Overlay::Filter { .. }) | None => {}
        Some(overlay) => pane::draw(frame, scene, overlay),
    }
    if app.theme.ascii() {
        fold_to_ascii(frame.buffer_mut());
    }
}

/// Replaces everything that is not ASCII: signs by their likes, letters by a question mark.
fn fold_to_ascii(buffer: &mut Buffer) {
    for cell in &mut buffer.content {
        if cell.symbol().is_ascii() {
            continue;
        }
        let like = match cell.symbol() {
            "─" | "–" | "┄" => "-",
            "│" => "|",
            "┌" | "┐" | "└" | "┘" | "├" | "┤" => "+",
            "…" => "~",
            "≤" => "<",
            "→" | "›" | "▌" => ">",
            "“" | "”" => "\"",
            "·" => ".",
            "█" => "#",
            _ => "?",
        };
        cell.set_symbol(like);
    }
}
