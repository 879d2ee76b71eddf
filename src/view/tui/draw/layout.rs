//! What stands where. The most important part gets its lines first, so that a small terminal loses rows and not the headline.

use ratatui::layout::Rect;

use crate::view::model::Board;
use crate::view::tui::app::App;
use crate::view::tui::draw::text::wrap_within;

/// From this width on, findings and phases stand beside the table.
const WIDE: u16 = 150;
/// The width of what stands beside the table.
const SIDE: u16 = 52;
/// From this height on, the ladder has a line for each rung.
const TALL: u16 = 32;
/// From this height on, the sentence for customers is on the screen.
const WITH_STATEMENT: u16 = 20;

/// The places of the main screen's parts. Parts without room have no height.
#[derive(Debug, Clone, Default)]
pub struct Layout {
    /// Zone, phase, time.
    pub(super) header: Rect,
    /// What is going on.
    pub(super) headline: (Rect, Vec<String>),
    /// What to do.
    pub(super) next: (Rect, Vec<String>),
    /// What the reader must know about the picture itself.
    pub(super) notices: (Rect, Vec<String>),
    /// The source ladder.
    pub(super) ladder: Rect,
    /// The line above the table.
    pub(super) rule: Rect,
    /// The titles of the columns.
    pub(super) titles: Rect,
    /// The rows.
    pub rows: Rect,
    /// What stands beside the table.
    pub(super) side: Rect,
    /// What people may be told.
    pub(super) statement: (Rect, Vec<String>),
    /// Keys, or what the operator is told just now.
    pub(super) footer: Rect,
}

impl Layout {
    /// Works it out for the app's size.
    #[must_use]
    pub fn of(app: &App, board: &Board) -> Self {
        let (width, height) = app.size();
        let columns = usize::from(width.saturating_sub(2));
        let most = if height >= TALL { 5 } else { 4 };
        let headline = wrap_within(&board.headline, columns, most);
        let next = wrap_within(&board.next_action, columns.saturating_sub(2), most.min(3));
        let notices: Vec<String> = board
            .notices
            .iter()
            .flat_map(|notice| wrap_within(notice, columns.saturating_sub(2), 2))
            .take(most)
            .collect();
        let statement = if height >= WITH_STATEMENT {
            wrap_within(&format!("“{}”", board.statement), columns.saturating_sub(2), 3)
        } else {
            Vec::new()
        };
        let rungs = if height >= TALL { lines(board.ladder.len()) } else { 1 };

        let mut room = Room { left: height };
        let header = room.take(1);
        let mut headline_lines = room.take(1);
        let mut next_lines = room.take(1);
        let footer = room.take(1);
        let mut ladder = room.take(1);
        let mut table = room.take(3);
        // What to do, and above all what not to do, before the rest of what is going on: the header has that in a word.
        next_lines += room.take(lines(next.len()).saturating_sub(next_lines));
        headline_lines += room.take(lines(headline.len()).saturating_sub(headline_lines));
        let headline = wrap_within(&board.headline, columns, usize::from(headline_lines));
        let next = wrap_within(&board.next_action, columns.saturating_sub(2), usize::from(next_lines));
        let notice_lines = room.take(lines(notices.len()));
        let statement_lines = room.take(lines(statement.len()));
        ladder += room.take(rungs.saturating_sub(ladder));
        table += room.left;

        let mut at = 0;
        let mut place = |lines: u16| {
            let place = Rect::new(0, at, width, lines);
            at += lines;
            place
        };
        let header = place(header);
        let headline = (place(headline_lines), headline);
        let next = (place(next_lines), next);
        let notices = (place(notice_lines), notices);
        let ladder = place(ladder);
        let table = place(table);
        let statement = (place(statement_lines), statement);
        let footer = place(footer);
        let (rule, below) = split(table, 1);
        let (below, side) = if width >= WIDE {
            let wide = width - SIDE;
            (Rect { width: wide, ..below }, Rect { x: wide, width: SIDE, ..below })
        } else {
            (below, Rect::default())
        };
        let (titles, rows) = split(below, 1);
        Self { header, headline, next, notices, ladder, rule, titles, rows, side, statement, footer }
    }
}

/// Lines still free.
struct Room {
    left: u16,
}

impl Room {
    fn take(&mut self, wanted: u16) -> u16 {
        let taken = wanted.min(self.left);
        self.left -= taken;
        taken
    }
}

/// The first lines of a place, and the rest.
fn split(place: Rect, lines: u16) -> (Rect, Rect) {
    let lines = lines.min(place.height);
    (Rect { height: lines, ..place }, Rect { y: place.y + lines, height: place.height - lines, ..place })
}

fn lines(count: usize) -> u16 {
    u16::try_from(count).unwrap_or(u16::MAX)
}
