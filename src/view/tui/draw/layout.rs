//! What stands where. The most important part gets its lines first, so that a small terminal loses rows and not the headline;
//! a large one shows the curve, the map and the timeline beside the rows.

use ratatui::layout::{Position, Rect};

use crate::view::model::Glance;
use crate::view::tui::app::App;
use crate::view::tui::draw::text::wrap_within;
use crate::view::tui::keys::Action;

/// From this width on, findings and timeline stand beside the table.
const WIDE: u16 = 150;
/// The usual width of what stands beside the table.
const SIDE: u16 = 52;
/// From this height on, the ladder has a line for each rung, and the curve stands below the table.
const TALL: u16 = 32;
/// From this height on, the sentence for customers is on the screen.
const WITH_STATEMENT: u16 = 20;
/// From this height on, the curve is high and has the map beside it.
const VERY_TALL: u16 = 48;
/// The usual heights of the curve.
const LOW_BAND: u16 = 9;
const HIGH_BAND: u16 = 17;
/// The fewest lines and columns that dragging leaves of anything.
const LEAST_LINES: u16 = 5;
const LEAST_COLUMNS: u16 = 24;
/// Below this there is no room for a table: a few words take the whole terminal.
const SMALLEST: (u16, u16) = (36, 9);

/// How large the operator dragged the panes; none where they are as usual.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sizes {
    side: Option<u16>,
    band: Option<u16>,
    map: Option<u16>,
    timeline: Option<u16>,
}

/// A border that can be dragged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Border {
    /// Between the table and what stands beside it.
    Side,
    /// Between the table and what stands below it.
    Band,
    /// Between the curve and the map.
    Map,
    /// Between the findings and the timeline.
    Timeline,
}

/// The places of the main screen's parts. Parts without room have no height.
#[derive(Debug, Clone, Default)]
pub struct Layout {
    /// Whether the terminal is too small for anything but a few words.
    pub(super) tiny: bool,
    /// Zone, phase, time.
    pub(super) header: Rect,
    /// What is going on.
    pub(super) headline: (Rect, Vec<String>),
    /// What to do.
    pub(super) next: (Rect, Vec<String>),
    /// What the reader must know about the picture itself.
    pub(super) notices: (Rect, Vec<String>),
    /// The source ladder.
    pub ladder: Rect,
    /// The line above the table.
    pub rule: Rect,
    /// The titles of the columns.
    pub titles: Rect,
    /// The rows.
    pub rows: Rect,
    /// Below the rows: the curve, with its title.
    pub curve: Rect,
    /// Beside the curve: the map, with its title.
    pub map: Rect,
    /// Beside the table: findings.
    pub side: Rect,
    /// Below them: the timeline, with its title.
    pub(super) timeline: Rect,
    /// What people may be told.
    pub(super) statement: (Rect, Vec<String>),
    /// Keys, or what the operator is told just now.
    pub(super) footer: Rect,
}

impl Layout {
    /// Works it out for the app's size.
    #[must_use]
    pub fn of(app: &App, board: &Glance) -> Self {
        let (width, height) = app.canvas();
        if width < SMALLEST.0 || height < SMALLEST.1 {
            return Self { tiny: true, ..Self::default() };
        }
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
        let mut layout = Self { header: place(header), ..Self::default() };
        layout.headline = (place(headline_lines), headline);
        layout.next = (place(next_lines), next);
        layout.notices = (place(notice_lines), notices);
        layout.ladder = place(ladder);
        let table = place(table);
        layout.statement = (place(statement_lines), statement);
        layout.footer = place(footer);
        layout.share_out(table, (width, height), app.sizes);
        layout
    }

    /// Divides what is left between the table and what stands around it.
    fn share_out(&mut self, table: Rect, (width, height): (u16, u16), sizes: Sizes) {
        let (rule, below) = split(table, 1);
        self.rule = rule;
        let mut left = below;
        if width >= WIDE {
            let side = sizes.side.unwrap_or(SIDE).clamp(LEAST_COLUMNS, width.saturating_sub(80).max(LEAST_COLUMNS));
            left.width = below.width.saturating_sub(side);
            let column = Rect { x: left.right(), width: below.width - left.width, ..below };
            let usual = if column.height >= 26 { column.height * 2 / 5 } else { 0 };
            let most = column.height.saturating_sub(LEAST_LINES);
            let low = if usual == 0 { 0 } else { sizes.timeline.unwrap_or(usual).clamp(LEAST_LINES.min(most), most) };
            (self.side, self.timeline) = split(column, column.height - low);
        }
        if height >= TALL && left.height >= 2 * LEAST_LINES {
            let usual = if height >= VERY_TALL { HIGH_BAND } else { LOW_BAND };
            let most = left.height - LEAST_LINES;
            let band = sizes.band.unwrap_or(usual.min(left.height / 2)).clamp(LEAST_LINES.min(most), most);
            let (above, mut curve) = split(left, left.height - band);
            left = above;
            if width >= WIDE && curve.height >= 10 {
                // The world is twice as wide as high, and a cell about twice as high as wide.
                let most = curve.width.saturating_sub(LEAST_COLUMNS).max(LEAST_COLUMNS);
                let usual = ((curve.height - 2) * 4).min(curve.width / 2);
                let map = sizes.map.unwrap_or(usual).clamp(LEAST_COLUMNS, most);
                self.map = Rect { x: curve.right().saturating_sub(map), width: map, ..curve };
                curve.width -= map;
            }
            self.curve = curve;
        }
        if self.side.width > 0 {
            // A blank between the last column and the border.
            left.width = left.width.saturating_sub(1);
        }
        (self.titles, self.rows) = split(left, 1);
    }

    /// The border at a position, if one is there.
    #[must_use]
    pub fn border_at(&self, at: Position) -> Option<Border> {
        let beside = |place: Rect| place.width > 0 && at.x == place.x && (place.top()..place.bottom()).contains(&at.y);
        let above = |place: Rect| place.height > 0 && at.y == place.y && (place.left()..place.right()).contains(&at.x);
        match () {
            () if above(self.curve) || (above(self.map) && !beside(self.map)) => Some(Border::Band),
            () if self.timeline.height > 0 && above(self.timeline) && at.x > self.timeline.x => Some(Border::Timeline),
            () if beside(self.side) || beside(self.timeline) => Some(Border::Side),
            () if beside(self.map) => Some(Border::Map),
            () => None,
        }
    }

    /// Moves a border to a position, as far as that leaves room on both sides.
    pub fn drag(&self, border: Border, to: Position, sizes: &mut Sizes) {
        match border {
            Border::Side => sizes.side = Some(self.side.right().saturating_sub(to.x)),
            Border::Band => sizes.band = Some(self.curve.bottom().saturating_sub(to.y)),
            Border::Map => sizes.map = Some(self.map.right().saturating_sub(to.x)),
            Border::Timeline => sizes.timeline = Some(self.timeline.bottom().saturating_sub(to.y)),
        }
    }

    /// Whether the first of the notices stands at a position.
    #[must_use]
    pub fn is_first_notice(&self, at: Position) -> bool {
        self.notices.0.contains(at) && at.y == self.notices.0.y
    }

    /// What a click at a position opens, beyond rows, rungs and what stands beside the table.
    #[must_use]
    pub fn behind(&self, at: Position) -> Option<Action> {
        let places = [
            (self.header, Action::Timeline),
            (self.next.0, Action::Findings),
            (self.curve, Action::Curve),
            (self.map, Action::Map),
            (self.timeline, Action::Timeline),
            (self.headline.0, Action::Findings),
            (self.notices.0, Action::Asking),
            (self.statement.0, Action::CopyStatement),
            (self.footer, Action::Help),
        ];
        places.into_iter().find(|(place, _)| place.contains(at)).map(|(_, action)| action)
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
