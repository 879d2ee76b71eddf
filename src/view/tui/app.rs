//! The state of the screen, and what every key does to it. Pure: the time is the board's.

use std::time::Duration;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::Position;

use crate::flush::FlushEndpoints;
use crate::incident::Incident;
use crate::observation::TargetId;
use crate::time::Timestamp;
use crate::view::model::{Board, Filter, SortKey, arrange, detail};
use crate::view::tui::dialogs::{ExpectationDialog, FlushDialog, HostsDialog, Line, NoteDialog, Outcome, SurveyDialog};
use crate::view::tui::draw::{Layout, most_scroll};
use crate::view::tui::keys::{self, Action};
use crate::view::tui::overlay::Overlay;
use crate::view::tui::theme::{Look, Theme};
use crate::view::tui::wish::{DrillAct, Wish};

/// Rows are sorted anew at most this often by themselves.
const RESORT: Duration = Duration::from_secs(5);
/// So long after the last key in the table they are taken to be read, and keep still.
const READING: Duration = Duration::from_secs(15);
/// How long a note stands.
const NOTE: Duration = Duration::from_secs(6);
/// Rows a turn of the wheel moves.
const WHEEL: usize = 3;

/// The state of the screen.
///
/// Rows keep still while they are read: their order, and which of them pass the filter, are worked out when the operator
/// sorts or filters, and otherwise only every few seconds while no row is selected and no key was pressed lately. A row whose
/// verdict changes meanwhile changes in place. The selection belongs to a resolver, not to a place on the screen.
#[derive(Debug, Clone)]
pub struct App {
    pub(super) theme: Theme,
    pub(super) overlays: Vec<Overlay>,
    pub(super) big: bool,
    pub(super) filter_line: Line,
    size: (u16, u16),
    selected: Option<TargetId>,
    first: usize,
    sort: SortKey,
    /// Positions in the board's rows, as they are shown.
    order: Vec<usize>,
    /// How many rows the board had when they were last arranged.
    known: usize,
    arranged: Option<Timestamp>,
    touched: Option<Timestamp>,
    note: Option<(Timestamp, String)>,
    endpoints: FlushEndpoints,
    /// What stands in the header all the time when nothing of this is real.
    drill: Option<String>,
}

impl App {
    /// A screen that nothing was done on yet.
    #[must_use]
    pub fn new(look: Look, endpoints: FlushEndpoints) -> Self {
        Self {
            theme: Theme::new(look),
            overlays: Vec::new(),
            big: false,
            filter_line: Line::default(),
            size: (80, 24),
            selected: None,
            first: 0,
            sort: SortKey::default(),
            order: Vec::new(),
            known: 0,
            arranged: None,
            touched: None,
            note: None,
            endpoints,
            drill: None,
        }
    }

    /// The same screen in a drill: `note` stands at the head of it all the time, and the keys of a drill work.
    #[must_use]
    pub fn in_drill(mut self, note: &str) -> Self {
        self.drill = Some(note.to_owned());
        self
    }

    /// What says that this is a drill; none when it is real.
    #[must_use]
    pub fn drill(&self) -> Option<&str> {
        self.drill.as_deref()
    }

    /// Tells the size of the terminal.
    pub const fn resize(&mut self, width: u16, height: u16) {
        self.size = (width, height);
    }

    /// The size of the terminal as last told.
    #[must_use]
    pub const fn size(&self) -> (u16, u16) {
        self.size
    }

    /// Puts the rows in order when that is due. To be called before every frame.
    pub fn refresh(&mut self, board: &Board) {
        let quiet = self.selected.is_none() && self.touched.is_none_or(|at| board.now.since(at) >= READING);
        let due = match self.arranged {
            None => true,
            // In the first seconds the order settles with every answer.
            Some(at) => quiet && (board.now.since(board.started) < RESORT || board.now.since(at) >= RESORT),
        };
        if due || self.order.iter().any(|at| *at >= board.rows.len()) {
            self.arrange(board);
        } else if self.known < board.rows.len() {
            let filter = self.filter();
            let new = (self.known..board.rows.len()).filter(|at| filter.passes(&board.rows[*at]));
            self.order.extend(new);
            self.known = board.rows.len();
        }
    }

    fn arrange(&mut self, board: &Board) {
        self.order = arrange(&board.rows, &self.filter(), self.sort);
        self.known = board.rows.len();
        self.arranged = Some(board.now);
        self.follow(board);
    }

    /// The filter as typed.
    #[must_use]
    pub fn filter(&self) -> Filter {
        Filter::parse(self.filter_line.text())
    }

    /// What the rows are sorted by.
    #[must_use]
    pub const fn sort(&self) -> SortKey {
        self.sort
    }

    /// Positions of the shown rows in the board's, in order.
    #[must_use]
    pub fn order(&self) -> &[usize] {
        &self.order
    }

    /// The resolver selected, if one is.
    #[must_use]
    pub const fn selected(&self) -> Option<TargetId> {
        self.selected
    }

    /// The first row to show in a table of `height` rows.
    #[must_use]
    pub fn first(&self, height: usize) -> usize {
        self.first.min(self.order.len().saturating_sub(height))
    }

    /// What the operator is told just now.
    #[must_use]
    pub fn note_at(&self, now: Timestamp) -> Option<&str> {
        let (at, text) = self.note.as_ref()?;
        (now.since(*at) < NOTE).then_some(text.as_str())
    }

    /// Tells the operator something for a few seconds.
    pub fn note(&mut self, text: &str, now: Timestamp) {
        self.note = Some((now, text.to_owned()));
    }

    /// Takes in a key, the mouse, a paste or a new size. What the operator asks of the outside, if anything.
    pub fn update(&mut self, event: &Event, incident: &Incident, board: &Board) -> Option<Wish> {
        match event {
            Event::Key(key) if key.kind != KeyEventKind::Release => {
                if key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL) {
                    return Some(Wish::Quit);
                }
                let wish = self.press(key, incident, board);
                self.clamp(incident, board);
                wish
            }
            Event::Mouse(mouse) => self.point(*mouse, incident, board),
            Event::Paste(text) => {
                match self.overlays.last_mut() {
                    Some(Overlay::Expectation(dialog)) => {
                        dialog.line.paste(text);
                        dialog.chosen = None;
                    }
                    Some(Overlay::Hosts(dialog)) => dialog.line.paste(text),
                    Some(Overlay::Note(dialog)) => dialog.line.paste(text),
                    Some(Overlay::Filter { .. }) => {
                        self.filter_line.paste(text);
                        self.arrange(board);
                    }
                    // A pasted confirmation would be none, and elsewhere there is nothing to paste into.
                    _ => {}
                }
                None
            }
            Event::Resize(width, height) => {
                self.resize(*width, *height);
                self.follow(board);
                None
            }
            _ => None,
        }
    }

    fn press(&mut self, key: &KeyEvent, incident: &Incident, board: &Board) -> Option<Wish> {
        let outcome = match self.overlays.last_mut() {
            None => return self.press_main(key, incident, board),
            Some(Overlay::Expectation(dialog)) => dialog.press(key),
            Some(Overlay::Hosts(dialog)) => dialog.press(key),
            Some(Overlay::Note(dialog)) => dialog.press(key),
            Some(Overlay::Survey(dialog)) => dialog.press(key),
            Some(Overlay::Flush(dialog)) => dialog.press(key, incident, board.now),
            Some(Overlay::Filter { .. }) => return self.press_filter(key, board),
            Some(_) => return self.press_list(key, incident, board),
        };
        let (close, wish) = match outcome {
            Outcome::Stay => (false, None),
            Outcome::Close => (true, None),
            Outcome::Wish(wish) => (false, Some(wish)),
            Outcome::CloseWith(wish) => (true, Some(wish)),
            Outcome::Note(text) => {
                self.note(&text, board.now);
                (false, None)
            }
        };
        if close {
            self.overlays.pop();
        }
        if let Some(told) = wish.as_ref().and_then(told) {
            self.note(&told, board.now);
        }
        wish
    }

    fn press_main(&mut self, key: &KeyEvent, incident: &Incident, board: &Board) -> Option<Wish> {
        if let Some(act) = self.drill.as_ref().and_then(|_| keys::action(keys::DRILL, key)) {
            let act = match act {
                Action::Park => DrillAct::Park,
                Action::Restore => DrillAct::Restore,
                Action::Cut => DrillAct::Cut,
                _ => DrillAct::Mend,
            };
            let wish = Wish::Drill(act);
            if let Some(told) = told(&wish) {
                self.note(&told, board.now);
            }
            return Some(wish);
        }
        let page = self.page(board);
        match keys::action(keys::MAIN, key)? {
            Action::Quit => return Some(Wish::Quit),
            Action::Help => self.overlays.push(Overlay::Help { scroll: 0 }),
            Action::Findings => self.overlays.push(Overlay::Findings { scroll: 0 }),
            Action::Servers => self.overlays.push(Overlay::Servers { rung: 0, scroll: 0 }),
            Action::Detail => {
                let first = self.order.get(self.first(page)).and_then(|at| board.rows.get(*at)).map(|row| row.target);
                // A row that the filter hides is not what the operator looks at.
                let seen = self.selected.filter(|_| self.place(board).is_some());
                if let Some(target) = seen.or(first) {
                    self.selected = Some(target);
                    self.overlays.push(Overlay::Detail { target, whole: false, scroll: 0 });
                }
            }
            Action::Flush => self.overlays.push(Overlay::Flush(FlushDialog::open(incident, &self.endpoints))),
            Action::Expectation => self.overlays.push(Overlay::Expectation(ExpectationDialog::open(incident))),
            Action::Hosts => self.overlays.push(Overlay::Hosts(HostsDialog::open(incident.zone()))),
            Action::Note => self.overlays.push(Overlay::Note(NoteDialog::default())),
            Action::Survey => self.overlays.push(Overlay::Survey(SurveyDialog { chosen: incident.survey() })),
            Action::Filter => {
                self.overlays.push(Overlay::Filter { before: self.filter_line.text().to_owned() });
            }
            Action::Sort => {
                self.sort = self.sort.next();
                self.first = 0;
                self.arrange(board);
            }
            Action::WarRoom => self.big = !self.big,
            Action::CopyStatement => {
                // What is pasted into a chat must not be taken for real.
                let mark = if self.drill.is_some() { "DRILL, not real: " } else { "" };
                let wish = Wish::Copy(format!("{mark}{}", board.statement));
                self.note("sentence handed to the terminal's clipboard", board.now);
                return Some(wish);
            }
            Action::Close => {
                self.selected = None;
                self.touched = None;
                self.filter_line.set("");
                self.arrange(board);
            }
            Action::Up => self.step(-1, board),
            Action::Down => self.step(1, board),
            Action::PageUp => self.step(-signed(page), board),
            Action::PageDown => self.step(signed(page), board),
            Action::First => self.step(isize::MIN, board),
            Action::Last => self.step(isize::MAX, board),
            _ => {}
        }
        None
    }

    fn press_filter(&mut self, key: &KeyEvent, board: &Board) -> Option<Wish> {
        match keys::action(keys::LINE, key) {
            Some(Action::Confirm) => {
                self.overlays.pop();
            }
            Some(Action::Close) => {
                if let Some(Overlay::Filter { before }) = self.overlays.pop() {
                    self.filter_line.set(&before);
                }
            }
            _ => {
                self.filter_line.press(key);
            }
        }
        self.first = 0;
        self.arrange(board);
        None
    }

    /// The keys of everything that only scrolls.
    fn press_list(&mut self, key: &KeyEvent, incident: &Incident, board: &Board) -> Option<Wish> {
        let page = usize::from(self.size.1.saturating_sub(6)).max(1);
        let rungs = board.ladder.len().max(1);
        let overlay = self.overlays.last_mut()?;
        let asked = keys::action(overlay.keys(), key)?;
        match (asked, &mut *overlay) {
            (Action::Close, _) => {
                self.overlays.pop();
                return None;
            }
            (Action::Whole, Overlay::Detail { whole, scroll, .. }) => (*whole, *scroll) = (!*whole, 0),
            (Action::CopyShown, Overlay::Detail { target, .. }) => {
                let text = detail(incident, *target, board.now).map(|d| d.text())?;
                self.note("handed to the terminal's clipboard", board.now);
                return Some(Wish::Copy(text));
            }
            (Action::NextRung, Overlay::Servers { rung, scroll }) => (*rung, *scroll) = ((*rung + 1) % rungs, 0),
            (Action::PreviousRung, Overlay::Servers { rung, scroll }) => {
                (*rung, *scroll) = ((*rung + rungs - 1) % rungs, 0);
            }
            _ => {}
        }
        let scroll = overlay.scroll()?;
        match asked {
            Action::Up => *scroll = scroll.saturating_sub(1),
            Action::Down => *scroll = scroll.saturating_add(1),
            Action::PageUp => *scroll = scroll.saturating_sub(page),
            Action::PageDown => *scroll = scroll.saturating_add(page),
            Action::First => *scroll = 0,
            Action::Last => *scroll = usize::MAX,
            _ => {}
        }
        None
    }

    /// Keeps what scrolls from running past its end.
    fn clamp(&mut self, incident: &Incident, board: &Board) {
        let Some(mut overlay) = self.overlays.pop() else { return };
        let most = most_scroll(self, &overlay, incident, board);
        if let Some(scroll) = overlay.scroll() {
            *scroll = (*scroll).min(most);
        }
        self.overlays.push(overlay);
    }

    fn point(&mut self, mouse: MouseEvent, incident: &Incident, board: &Board) -> Option<Wish> {
        if !self.overlays.is_empty() {
            let lines = match mouse.kind {
                MouseEventKind::ScrollUp => KeyCode::Up,
                MouseEventKind::ScrollDown => KeyCode::Down,
                _ => return None,
            };
            let typed = KeyEvent::new(lines, KeyModifiers::NONE);
            for _ in 0..WHEEL {
                self.press(&typed, incident, board);
            }
            self.clamp(incident, board);
            return None;
        }
        if self.big {
            return None;
        }
        match mouse.kind {
            MouseEventKind::ScrollUp => self.step(-signed(WHEEL), board),
            MouseEventKind::ScrollDown => self.step(signed(WHEEL), board),
            MouseEventKind::Down(MouseButton::Left) => {
                let rows = Layout::of(self, board).rows;
                if !rows.contains(Position::new(mouse.column, mouse.row)) {
                    return None;
                }
                let place = self.first(usize::from(rows.height)) + usize::from(mouse.row - rows.y);
                let target = self.order.get(place).and_then(|at| board.rows.get(*at)).map(|row| row.target)?;
                self.touched = Some(board.now);
                if self.selected.replace(target) == Some(target) {
                    self.overlays.push(Overlay::Detail { target, whole: false, scroll: 0 });
                }
            }
            _ => {}
        }
        None
    }

    /// How many rows the table shows.
    fn page(&self, board: &Board) -> usize {
        usize::from(Layout::of(self, board).rows.height).max(1)
    }

    /// Where the selected row stands in the order.
    fn place(&self, board: &Board) -> Option<usize> {
        let selected = self.selected?;
        self.order.iter().position(|at| board.rows.get(*at).is_some_and(|row| row.target == selected))
    }

    fn step(&mut self, by: isize, board: &Board) {
        let Some(last) = self.order.len().checked_sub(1) else { return };
        let from = self.place(board);
        let to = match from {
            Some(at) => at.saturating_add_signed(by).min(last),
            // The first key selects the row at the top; only a jump goes further.
            None if by == isize::MAX => last,
            None if by == isize::MIN => 0,
            None => self.first(self.page(board)).min(last),
        };
        self.selected = self.order.get(to).and_then(|at| board.rows.get(*at)).map(|row| row.target);
        self.touched = Some(board.now);
        self.follow(board);
    }

    /// Moves the window so that the selected row is in it.
    fn follow(&mut self, board: &Board) {
        let page = self.page(board);
        self.first = self.first(page);
        if let Some(place) = self.place(board) {
            self.first = self.first.min(place).max((place + 1).saturating_sub(page));
        }
    }
}

/// What the operator is told once a wish is on its way.
fn told(wish: &Wish) -> Option<String> {
    match wish {
        Wish::AcceptExpectation(_) => {
            Some("accepted: every answer is held against these servers from now on".to_owned())
        }
        Wish::SetSurvey(way) => Some(format!("survey: {}", way.word())),
        Wish::WatchHosts(names) => Some(format!("{} more watched", names.len())),
        Wish::MakeNote(_) => Some("noted, with its time".to_owned()),
        Wish::Flush(steps) => Some(format!("{} requests are on their way", steps.len())),
        Wish::FlushDone(_) => Some("noted; the resolvers will show whether it helped".to_owned()),
        Wish::OpenPage(page) => Some(format!("opening {page}")),
        Wish::Copy(text) => Some(format!("handed to the terminal's clipboard: {text}")),
        Wish::Drill(DrillAct::Park) => Some("drill: expired; the registry parks the domain".to_owned()),
        Wish::Drill(DrillAct::Restore) => Some("drill: the registry restores the delegation".to_owned()),
        Wish::Drill(DrillAct::Cut) => Some("drill: our network is cut".to_owned()),
        Wish::Drill(DrillAct::Mend) => Some("drill: our network is whole again".to_owned()),
        Wish::Quit => None,
    }
}

fn signed(count: usize) -> isize {
    isize::try_from(count).unwrap_or(isize::MAX)
}
