//! What each key does: to the topmost overlay, or to the screen below.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::incident::Incident;
use crate::judge::Verdict;
use crate::time::Timestamp;
use crate::view::model::{Board, Column, Glance, Sort, detail, table_text};
use crate::view::tui::Wish;
use crate::view::tui::app::{App, signed, told};
use crate::view::tui::dialogs::{
    ExpectationDialog, FlushDialog, HostsDialog, NoteDialog, Outcome, ResolverDialog, SurveyDialog,
};
use crate::view::tui::draw::{Behind, behind_rung, most_scroll, page_height};
use crate::view::tui::keys::{self, Action};
use crate::view::tui::listing::Selected;
use crate::view::tui::overlay::Overlay;
use crate::view::tui::replay::{REPLAY, ReplayAct, Stride};
use crate::view::tui::wish::DrillAct;

/// The most columns that may be left out on the left: what stands behind them is then the last one.
const MOST_SHIFT: usize = Column::ALL.len() - 3;

/// The filter that a number of rows with one verdict stands for.
pub(super) fn with_verdict(verdict: Verdict) -> String {
    format!("verdict:{}", verdict.word())
}

impl App {
    pub(super) fn press(&mut self, key: &KeyEvent, incident: &Incident, board: &Glance) -> Option<Wish> {
        let outcome = match self.overlays.last_mut() {
            None => return self.press_main(key, incident, board),
            Some(Overlay::Expectation(dialog)) => dialog.press(key),
            Some(Overlay::Hosts(dialog)) => dialog.press(key),
            Some(Overlay::AddResolver(dialog)) => dialog.press(key, incident),
            Some(Overlay::Note(dialog)) => dialog.press(key),
            Some(Overlay::Survey(dialog)) => dialog.press(key),
            Some(Overlay::Flush(dialog)) => dialog.press(key, incident, board.now),
            Some(Overlay::Filter { .. }) => return self.press_filter(key, incident, board),
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
            Outcome::ShowRows(filter) => {
                self.show_rows(&filter, incident, board);
                return None;
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

    fn press_main(&mut self, key: &KeyEvent, incident: &Incident, board: &Glance) -> Option<Wish> {
        if let Some(act) = self.drill.as_ref().and_then(|_| self.keys.action(keys::DRILL, key)) {
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
        let action = self.replay_action(key).or_else(|| self.keys.action(keys::MAIN, key))?;
        self.act(action, incident, board)
    }

    /// What a key does to a replay; none where there is none. An arrow goes further with Shift, and further still with Ctrl.
    fn replay_action(&self, key: &KeyEvent) -> Option<Action> {
        self.replay.as_ref()?;
        let stride = match key.modifiers {
            held if held.contains(KeyModifiers::CONTROL) => Some(Stride::Long),
            held if held.contains(KeyModifiers::SHIFT) => Some(Stride::Middle),
            _ => None,
        };
        match (key.code, stride) {
            (KeyCode::Right, Some(stride)) => Some(Action::Replay(ReplayAct::On(stride))),
            (KeyCode::Left, Some(stride)) => Some(Action::Replay(ReplayAct::Back(stride))),
            _ => self.keys.action(REPLAY, key),
        }
    }

    /// Whether an action can do anything here: nothing acts on the world in a replay.
    #[must_use]
    pub const fn offers(&self, action: Action) -> bool {
        self.replay.is_none()
            || !matches!(
                action,
                Action::Flush
                    | Action::Expectation
                    | Action::Hosts
                    | Action::AddResolver
                    | Action::Note
                    | Action::Survey
            )
    }

    /// Does what a key of the screen asks.
    pub(super) fn act(&mut self, action: Action, incident: &Incident, board: &Glance) -> Option<Wish> {
        let now = board.now;
        if !self.offers(action) {
            self.note("this is a replay: what happened cannot be changed, and nothing is asked or sent", now);
            return None;
        }
        match action {
            Action::Replay(act) => return Some(Wish::Replay(act)),
            Action::Quit => return Some(Wish::Quit),
            Action::Help => self.overlays.push(Overlay::Help { scroll: 0 }),
            Action::Findings => self.overlays.push(Overlay::Findings { scroll: 0 }),
            Action::Servers => self.overlays.push(Overlay::Servers { rung: 0, at: 0 }),
            Action::Curve => self.overlays.push(Overlay::Curve { scroll: 0 }),
            Action::Map => self.overlays.push(Overlay::Map { scroll: 0 }),
            Action::Timeline => self.overlays.push(Overlay::Timeline { scroll: usize::MAX }),
            Action::Asking => self.overlays.push(Overlay::Asking { scroll: 0 }),
            Action::Detail => self.open_row(incident, board),
            Action::Flush => self.overlays.push(Overlay::Flush(FlushDialog::open(incident, &self.endpoints))),
            Action::Expectation => self.overlays.push(Overlay::Expectation(ExpectationDialog::open(incident))),
            Action::Hosts => self.overlays.push(Overlay::Hosts(HostsDialog::open(incident.zone()))),
            Action::AddResolver => self.overlays.push(Overlay::AddResolver(ResolverDialog::default())),
            Action::Report => {
                let saving = match self.replay {
                    Some(_) => format!("saving the report as of {} UTC", now.clock()),
                    None => "saving the report; a note in the timeline says where".to_owned(),
                };
                self.note(&saving, now);
                return Some(Wish::SaveReport);
            }
            Action::Note => self.overlays.push(Overlay::Note(NoteDialog::default())),
            Action::Survey => self.overlays.push(Overlay::Survey(SurveyDialog { chosen: incident.survey() })),
            Action::Filter => {
                self.overlays.push(Overlay::Filter { before: self.filter_line.text().to_owned() });
            }
            Action::Sort => {
                let key = self.listing.sort().key.next();
                self.listing.set_sort(Sort { key, reversed: false }, incident, now);
            }
            Action::Reverse => {
                let Sort { key, reversed } = self.listing.sort();
                self.listing.set_sort(Sort { key, reversed: !reversed }, incident, now);
            }
            Action::Fold => self.listing.fold(incident),
            Action::Freeze => {
                self.listing.freeze(incident, now);
                let frozen =
                    if self.listing.is_frozen() { "keep their order until z" } else { "sort themselves again" };
                self.note(&format!("rows {frozen}"), now);
            }
            Action::ColumnsLeft => self.listing.shift_by(-1, MOST_SHIFT),
            Action::ColumnsRight => self.listing.shift_by(1, MOST_SHIFT),
            Action::WarRoom => self.big = !self.big,
            Action::NextTheme => {
                self.theme = self.theme.next();
                let name = self.theme.palette().base().name();
                let none = if self.theme.has_colour() { "" } else { "; colours are off" };
                self.note(&format!("theme: {name}{none}"), now);
            }
            Action::CopyStatement => {
                let wish = Wish::Copy(format!("{}{}", self.warning(now), board.statement));
                self.note("sentence handed to the terminal's clipboard", now);
                return Some(wish);
            }
            Action::CopyTable => {
                let whole = Board::of(incident, now);
                let text = table_text(&whole, self.listing.order());
                self.note(&format!("{} rows handed to the terminal's clipboard", self.listing.passing()), now);
                return Some(Wish::Copy(format!("{}{text}", self.warning(now))));
            }
            Action::Close if self.big => self.big = false,
            Action::Close => {
                self.listing.let_go();
                self.filter_line.set("");
                self.apply_filter(incident, board);
                return None;
            }
            Action::Up => self.step(-1, incident, board),
            Action::Down => self.step(1, incident, board),
            Action::PageUp => self.step(-signed(self.page(board)), incident, board),
            Action::PageDown => self.step(signed(self.page(board)), incident, board),
            Action::First => self.step(isize::MIN, incident, board),
            Action::Last => self.step(isize::MAX, incident, board),
            _ => {}
        }
        let page = self.page(board);
        self.listing.follow(page, incident);
        None
    }

    /// Closes all that lies over the table, and shows only the rows that pass a filter; the first of them is selected.
    pub(super) fn show_rows(&mut self, filter: &str, incident: &Incident, board: &Glance) {
        self.overlays.clear();
        self.big = false;
        self.filter_line.set(filter);
        self.apply_filter(incident, board);
        self.step(isize::MIN, incident, board);
        self.note(&format!("{} rows: {filter}; Esc shows all again", self.listing.passing()), board.now);
    }

    /// What is pasted into a chat must not be taken for real.
    fn warning(&self, now: Timestamp) -> String {
        let drill = if self.drill.is_some() || self.replay.as_ref().is_some_and(|replay| replay.drill) {
            "DRILL, not real: "
        } else {
            ""
        };
        let replay = self.replay.as_ref().map(|_| format!("as it stood at {} UTC: ", now.date_and_minute()));
        format!("{drill}{}", replay.unwrap_or_default())
    }

    /// Opens what stands behind the selected line, or behind the first in sight.
    fn open_row(&mut self, incident: &Incident, board: &Glance) {
        let page = self.page(board);
        if self.listing.place(incident).is_none() {
            // What the filter hides is not what the operator looks at.
            let first = self.listing.first(page);
            self.listing.select(first, incident, board.now);
        }
        match self.listing.selected().filter(|_| self.listing.place(incident).is_some()).cloned() {
            Some(Selected::Resolver(target)) => self.overlays.push(Overlay::Detail { target, whole: false, scroll: 0 }),
            Some(Selected::Operator(operator)) => self.listing.unfold(&operator, incident),
            None => {}
        }
    }

    pub(super) fn step(&mut self, by: isize, incident: &Incident, board: &Glance) {
        let page = self.page(board);
        self.listing.step(by, page, incident, board.now);
    }

    fn press_filter(&mut self, key: &KeyEvent, incident: &Incident, board: &Glance) -> Option<Wish> {
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
        self.apply_filter(incident, board);
        None
    }

    /// The keys of everything that only scrolls.
    fn press_list(&mut self, key: &KeyEvent, incident: &Incident, board: &Glance) -> Option<Wish> {
        let table = self.overlays.last()?.keys();
        let Some(asked) = self.keys.action(table, key) else {
            // What only scrolls can be read while a replay goes on.
            let moved = self.replay_action(key)?;
            return if let Action::Replay(act) = moved { Some(Wish::Replay(act)) } else { None };
        };
        self.act_on_list(asked, incident, board)
    }

    pub(super) fn act_on_list(&mut self, asked: Action, incident: &Incident, board: &Glance) -> Option<Wish> {
        let page = page_height(self, board);
        let rungs = board.ladder.len().max(1);
        let overlay = self.overlays.last_mut()?;
        match (asked, &mut *overlay) {
            (Action::Close, _) => {
                self.overlays.pop();
                return None;
            }
            (Action::Whole, Overlay::Detail { whole, scroll, .. }) => (*whole, *scroll) = (!*whole, 0),
            (Action::CopyShown, Overlay::Detail { target, .. }) => {
                let text = detail(incident, *target, board.now).map(|d| d.text(board.now))?;
                self.note("handed to the terminal's clipboard", board.now);
                return Some(Wish::Copy(text));
            }
            (Action::Detail, Overlay::Servers { rung, at }) => {
                match behind_rung(board, *rung, *at) {
                    Some(Behind::Server(target)) => {
                        self.overlays.push(Overlay::Detail { target, whole: false, scroll: 0 });
                    }
                    Some(Behind::Rows(verdict)) => self.show_rows(&with_verdict(verdict), incident, board),
                    None => {}
                }
                return None;
            }
            (Action::NextRung, Overlay::Servers { rung, at }) => (*rung, *at) = ((*rung + 1) % rungs, 0),
            (Action::PreviousRung, Overlay::Servers { rung, at }) => (*rung, *at) = ((*rung + rungs - 1) % rungs, 0),
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
    pub(super) fn clamp(&mut self, incident: &Incident, board: &Glance) {
        let Some(mut overlay) = self.overlays.pop() else { return };
        let most = most_scroll(self, &overlay, incident, board);
        if let Some(scroll) = overlay.scroll() {
            *scroll = (*scroll).min(most);
        }
        self.overlays.push(overlay);
    }
}
