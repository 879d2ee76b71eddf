//! The one table of keys: what each does and how the help says it. Nothing is listed that does not work.

use std::collections::BTreeMap;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use thiserror::Error;

use crate::view::tui::replay::{REPLAY, ReplayAct, Stride};

/// What a key asks of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// End the program.
    Quit,
    /// Show the help.
    Help,
    /// Show what stands behind a row.
    Detail,
    /// Open the flush dialog.
    Flush,
    /// Say what is correct.
    Expectation,
    /// Type a filter.
    Filter,
    /// Sort by the next key.
    Sort,
    /// Turn the order round.
    Reverse,
    /// Fold rows by operator.
    Fold,
    /// Freeze the order, or let it follow.
    Freeze,
    /// Move the columns to the left.
    ColumnsLeft,
    /// Move the columns to the right.
    ColumnsRight,
    /// Show the curve.
    Curve,
    /// Show the map.
    Map,
    /// Show the timeline.
    Timeline,
    /// Show what is asked, how much of it is allowed, and what was lost.
    Asking,
    /// Add a resolver.
    AddResolver,
    /// Copy the table.
    CopyTable,
    /// Change to the next theme.
    NextTheme,
    /// Turn the big letters on or off.
    WarRoom,
    /// Copy the sentence for customers.
    CopyStatement,
    /// Show the servers of a rung of the ladder.
    Servers,
    /// Show the findings.
    Findings,
    /// Change how resolvers are asked while the parent is wrong.
    Survey,
    /// Add watched hosts.
    Hosts,
    /// Make a note.
    Note,
    /// Save the report.
    Report,
    /// One up.
    Up,
    /// One down.
    Down,
    /// A page up.
    PageUp,
    /// A page down.
    PageDown,
    /// To the first.
    First,
    /// To the last.
    Last,
    /// Close what is open.
    Close,
    /// Show answers whole, or in one line each.
    Whole,
    /// Copy what is shown.
    CopyShown,
    /// The next rung.
    NextRung,
    /// The rung before.
    PreviousRung,
    /// Do it.
    Confirm,
    /// Copy the name of the step.
    CopyName,
    /// Copy the type of the step.
    CopyType,
    /// Open the page of the step.
    OpenPage,
    /// Mark the step as done by hand.
    MarkDone,
    /// Leave the step out of the plan, or take it in again.
    Toggle,
    /// Plan the whole list, or only what was seen stale.
    PlanAll,
    /// Flush as soon as the source is right.
    Arm,
    /// Do not, after all.
    Disarm,
    /// Override the guard.
    Override,
    /// Drill: park the domain.
    Park,
    /// Drill: restore the delegation.
    Restore,
    /// Drill: cut our network.
    Cut,
    /// Drill: mend our network.
    Mend,
    /// Replay: move it.
    Replay(ReplayAct),
}

/// One key of a table.
#[derive(Debug, Clone, Copy)]
pub struct Binding {
    /// The keys.
    pub codes: &'static [KeyCode],
    /// How they are written.
    pub shown: &'static str,
    /// What they do.
    pub action: Action,
    /// In a word or two, for the bottom line; empty where they need no mention there.
    pub short: &'static str,
    /// In a sentence, for the help.
    pub says: &'static str,
}

pub const fn key(
    codes: &'static [KeyCode],
    shown: &'static str,
    action: Action,
    short: &'static str,
    says: &'static str,
) -> Binding {
    Binding { codes, shown, action, short, says }
}

use KeyCode::{BackTab, Char, Down, End, Enter, Esc, Home, Left, PageDown, PageUp, Right, Tab, Up};

/// The screen itself, in the order of the bottom line.
pub const MAIN: &[Binding] = &[
    key(&[Char('?')], "?", Action::Help, "help", "all keys"),
    key(&[Char('q')], "q", Action::Quit, "quit", "end; Ctrl-C does the same, wherever you are"),
    key(
        &[Enter],
        "Enter",
        Action::Detail,
        "why",
        "what stands behind the row: every answer, and the rule that read it; a folded operator opens",
    ),
    key(&[Char('f')], "f", Action::Flush, "flush", "the flush plan; nothing is sent before it is confirmed"),
    key(&[Char('e')], "e", Action::Expectation, "expect", "say which name servers are correct"),
    key(
        &[Char('/')],
        "/",
        Action::Filter,
        "filter",
        "show only rows with these words; verdict:parked op:google country:de region:eu, !word hides",
    ),
    key(
        &[Char('s')],
        "s",
        Action::Sort,
        "sort",
        "sort by the next column, and sort anew; a click on a title does it too",
    ),
    key(&[Char('w')], "w", Action::WarRoom, "big", "big letters, to be read from three metres"),
    key(&[Char('y')], "y", Action::CopyStatement, "copy", "copy the sentence for customers to the clipboard"),
    key(&[Char('t')], "t", Action::Timeline, "timeline", "everything that happened, with its time in UTC"),
    key(&[Char('c')], "c", Action::Curve, "curve", "how many were correct over time, and how it is expected to go on"),
    key(&[Char('m')], "m", Action::Map, "map", "where the resolvers stand, and what they say"),
    key(&[Char('g')], "g", Action::Fold, "fold", "fold the rows of each operator into one; Enter opens one"),
    key(&[Char('z')], "z", Action::Freeze, "freeze", "keep the order of the rows as it is, until z or Esc"),
    key(&[Char('p')], "p", Action::Servers, "servers", "every parent server and name server, one by one"),
    key(&[Char('F')], "F", Action::Findings, "findings", "all findings, with advice and reference"),
    key(
        &[Char('u')],
        "u",
        Action::Survey,
        "survey",
        "how resolvers are asked while the parent is wrong, and what that costs",
    ),
    key(&[Char('h')], "h", Action::Hosts, "hosts", "watch further host names"),
    key(&[Char('r')], "r", Action::Report, "report", "save the report of what was seen so far, as HTML and Markdown"),
    key(&[Char('n')], "n", Action::Note, "note", "make a note with its time, for the report afterwards"),
    key(&[Char('a')], "a", Action::AddResolver, "add", "ask a further resolver, by its address"),
    key(&[Char('b')], "b", Action::Asking, "budget", "what is asked, what of the budget that takes, and what was lost"),
    key(&[Char('S')], "S", Action::Reverse, "", "turn the order of the rows round"),
    key(&[Char('Y')], "Y", Action::CopyTable, "", "copy the table as it is filtered and sorted, every row"),
    key(&[Char('T')], "T", Action::NextTheme, "theme", "the next theme: dark, light, high-contrast, colour-blind"),
    key(
        &[Right, Char('l')],
        "Right",
        Action::ColumnsRight,
        "",
        "further columns, where the terminal is too narrow for all",
    ),
    key(&[Left], "Left", Action::ColumnsLeft, "", "the columns before"),
    key(
        &[Up, Char('k')],
        "Up k",
        Action::Up,
        "",
        "the row above; the mouse wheel works too, and borders can be dragged",
    ),
    key(&[Down, Char('j')], "Down j", Action::Down, "", "the row below; a click selects, a second one opens"),
    key(&[PageUp], "PgUp", Action::PageUp, "", "a page up"),
    key(&[PageDown], "PgDn", Action::PageDown, "", "a page down"),
    key(&[Home], "Home", Action::First, "", "the first row"),
    key(&[End], "End", Action::Last, "", "the last row"),
    key(
        &[Esc],
        "Esc",
        Action::Close,
        "",
        "let go of the row and of the order, so that rows sort themselves again; clear the filter",
    ),
];

/// What makes things happen in a drill; nothing of it is there otherwise.
pub const DRILL: &[Binding] = &[
    key(
        &[Char('X')],
        "X",
        Action::Park,
        "expire",
        "drill: the registration expires, and the registry parks the domain",
    ),
    key(&[Char('R')], "R", Action::Restore, "restore", "drill: the registry delegates to the correct servers again"),
    key(&[Char('C')], "C", Action::Cut, "cut", "drill: this machine's network is cut"),
    key(&[Char('M')], "M", Action::Mend, "mend", "drill: this machine's network is whole again"),
];

/// Lists that only scroll: help and findings.
pub const LIST: &[Binding] = &[
    key(&[Esc, Char('q')], "Esc", Action::Close, "back", "close"),
    key(&[Up, Char('k')], "Up k", Action::Up, "", "a line up"),
    key(&[Down, Char('j')], "Down j", Action::Down, "scroll", "a line down"),
    key(&[PageUp], "PgUp", Action::PageUp, "", "a page up"),
    key(&[PageDown], "PgDn", Action::PageDown, "", "a page down"),
    key(&[Home], "Home", Action::First, "", "to the top"),
    key(&[End], "End", Action::Last, "", "to the end"),
];

/// The servers of the ladder.
pub const SERVERS: &[Binding] = &[
    key(&[Esc, Char('q'), Char('p')], "Esc", Action::Close, "back", "close"),
    key(&[Enter], "Enter", Action::Detail, "why", "what stands behind the server: every answer of it"),
    key(&[Right, Tab], "Right", Action::NextRung, "next rung", "the next rung of the ladder"),
    key(&[Left, BackTab], "Left", Action::PreviousRung, "", "the rung before"),
    key(&[Up, Char('k')], "Up k", Action::Up, "", "the server above"),
    key(&[Down, Char('j')], "Down j", Action::Down, "", "the server below"),
    key(&[PageUp], "PgUp", Action::PageUp, "", "a page up"),
    key(&[PageDown], "PgDn", Action::PageDown, "", "a page down"),
    key(&[Home], "Home", Action::First, "", "the first"),
    key(&[End], "End", Action::Last, "", "the last"),
];

/// What stands behind a row.
pub const DETAIL: &[Binding] = &[
    key(&[Esc, Char('q'), Enter], "Esc", Action::Close, "back", "close"),
    key(&[Char('v')], "v", Action::Whole, "whole answers", "every answer whole, as dig writes it, or in one line each"),
    key(&[Char('y')], "y", Action::CopyShown, "copy", "copy all of it to the clipboard"),
    key(&[Up, Char('k')], "Up k", Action::Up, "", "a line up"),
    key(&[Down, Char('j')], "Down j", Action::Down, "scroll", "a line down"),
    key(&[PageUp], "PgUp", Action::PageUp, "", "a page up"),
    key(&[PageDown], "PgDn", Action::PageDown, "", "a page down"),
    key(&[Home], "Home", Action::First, "", "to the top"),
    key(&[End], "End", Action::Last, "", "to the end"),
];

/// The flush dialog once the guard has passed.
pub const FLUSH: &[Binding] = &[
    key(&[Esc, Char('q')], "Esc", Action::Close, "back", "close; what was sent goes on"),
    key(&[Enter], "Enter", Action::Confirm, "send to Cloudflare", "send all of Cloudflare's ticked steps, in order"),
    key(&[Char(' ')], "Space", Action::Toggle, "leave out", "leave the step out, or take it in again"),
    key(&[Up, Char('k')], "Up k", Action::Up, "", "the step above"),
    key(&[Down, Char('j')], "Down j", Action::Down, "", "the step below"),
    key(&[Char('o')], "o", Action::OpenPage, "page", "open the operator's page in your browser"),
    key(&[Char('y')], "y", Action::CopyName, "name", "copy the step's name to the clipboard"),
    key(&[Char('t')], "t", Action::CopyType, "type", "copy the step's type to the clipboard"),
    key(&[Char('d')], "d", Action::MarkDone, "done", "mark a step that you did by hand, and go to the next"),
    key(&[Char('a')], "a", Action::PlanAll, "all", "plan the whole list, or only what was seen stale"),
    key(&[Char('x')], "x", Action::Disarm, "", "stop the countdown of an armed flush"),
    key(&[PageUp], "PgUp", Action::PageUp, "", "a page up"),
    key(&[PageDown], "PgDn", Action::PageDown, "", "a page down"),
];

/// The same on a step that a person has to do: what helps with it comes first.
pub const FLUSH_BY_HAND: &[Binding] = &[
    key(&[Esc, Char('q')], "Esc", Action::Close, "back", "close; what was sent goes on"),
    key(&[Char('o')], "o", Action::OpenPage, "page", "open the operator's page in your browser"),
    key(&[Char('y')], "y", Action::CopyName, "copy name", "copy the step's name to the clipboard"),
    key(&[Char('t')], "t", Action::CopyType, "copy type", "copy the step's type to the clipboard"),
    key(&[Char('d')], "d", Action::MarkDone, "done", "mark a step that you did by hand, and go to the next"),
    key(&[Char(' ')], "Space", Action::Toggle, "leave out", "leave the step out, or take it in again"),
    key(&[Enter], "Enter", Action::Confirm, "send to Cloudflare", "send all of Cloudflare's ticked steps, in order"),
    key(&[Char('a')], "a", Action::PlanAll, "all", "plan the whole list, or only what was seen stale"),
];

/// The flush dialog while the guard refuses.
pub const FLUSH_REFUSED: &[Binding] = &[
    key(&[Esc, Char('q')], "Esc", Action::Close, "back", "close; an armed flush stays armed"),
    key(&[Char('w')], "w", Action::Arm, "wait, then send", "arm it: flush by itself as soon as the source is right"),
    key(&[Char('x')], "x", Action::Disarm, "cancel", "cancel the armed flush"),
    key(&[Char('!')], "!", Action::Override, "override", "plan a flush all the same, after typing the domain's name"),
];

/// Dialogs with nothing but a line to type: all other keys go into it.
pub const LINE: &[Binding] = &[
    key(&[Enter], "Enter", Action::Confirm, "accept", "accept"),
    key(&[Esc], "Esc", Action::Close, "back", "close, changing nothing"),
];

/// Dialogs with a choice, and perhaps a line to type.
pub const DIALOG: &[Binding] = &[
    key(&[Enter], "Enter", Action::Confirm, "accept", "accept"),
    key(&[Esc], "Esc", Action::Close, "back", "close, changing nothing"),
    key(&[Up, BackTab], "Up", Action::Up, "", "the proposal or choice above"),
    key(&[Down, Tab], "Down", Action::Down, "choose", "the proposal or choice below"),
];

/// Every table with its heading, for the help.
pub const TABLES: &[(&str, &[Binding])] = &[
    ("Screen", MAIN),
    ("Behind a row or server", DETAIL),
    ("Servers", SERVERS),
    ("Lists", LIST),
    ("Flush", FLUSH),
    ("Flush, not yet", FLUSH_REFUSED),
    ("Expectation, survey", DIALOG),
    ("Lines to type in: filter, hosts, note, resolver", LINE),
];

/// What can be bound anew, by the word `unpark.toml` uses.
const NAMES: &[(&str, Action)] = &[
    ("quit", Action::Quit),
    ("help", Action::Help),
    ("detail", Action::Detail),
    ("flush", Action::Flush),
    ("expectation", Action::Expectation),
    ("filter", Action::Filter),
    ("sort", Action::Sort),
    ("reverse", Action::Reverse),
    ("fold", Action::Fold),
    ("freeze", Action::Freeze),
    ("columns-left", Action::ColumnsLeft),
    ("columns-right", Action::ColumnsRight),
    ("war-room", Action::WarRoom),
    ("copy-sentence", Action::CopyStatement),
    ("copy-table", Action::CopyTable),
    ("copy-shown", Action::CopyShown),
    ("curve", Action::Curve),
    ("map", Action::Map),
    ("timeline", Action::Timeline),
    ("budget", Action::Asking),
    ("servers", Action::Servers),
    ("findings", Action::Findings),
    ("survey", Action::Survey),
    ("hosts", Action::Hosts),
    ("note", Action::Note),
    ("report", Action::Report),
    ("add-resolver", Action::AddResolver),
    ("theme", Action::NextTheme),
    ("whole", Action::Whole),
    ("next-rung", Action::NextRung),
    ("previous-rung", Action::PreviousRung),
    ("up", Action::Up),
    ("down", Action::Down),
    ("page-up", Action::PageUp),
    ("page-down", Action::PageDown),
    ("first", Action::First),
    ("last", Action::Last),
    ("back", Action::Close),
    ("drill-expire", Action::Park),
    ("drill-restore", Action::Restore),
    ("drill-cut", Action::Cut),
    ("drill-mend", Action::Mend),
    ("replay-play", Action::Replay(ReplayAct::PlayPause)),
    ("replay-next", Action::Replay(ReplayAct::Next)),
    ("replay-previous", Action::Replay(ReplayAct::Previous)),
    ("replay-on", Action::Replay(ReplayAct::On(Stride::Short))),
    ("replay-back", Action::Replay(ReplayAct::Back(Stride::Short))),
    ("replay-on-minute", Action::Replay(ReplayAct::On(Stride::Middle))),
    ("replay-back-minute", Action::Replay(ReplayAct::Back(Stride::Middle))),
    ("replay-on-ten", Action::Replay(ReplayAct::On(Stride::Long))),
    ("replay-back-ten", Action::Replay(ReplayAct::Back(Stride::Long))),
    ("replay-faster", Action::Replay(ReplayAct::Faster)),
    ("replay-slower", Action::Replay(ReplayAct::Slower)),
    ("replay-start", Action::Replay(ReplayAct::Start)),
    ("replay-end", Action::Replay(ReplayAct::End)),
];

/// What a key does in a table as it is built in; none when it is not in it, or when Ctrl or Alt is held.
#[must_use]
pub fn action(table: &[Binding], key: &KeyEvent) -> Option<Action> {
    if key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT) {
        return None;
    }
    table.iter().find(|binding| binding.codes.contains(&key.code)).map(|binding| binding.action)
}

/// A key as the operator may bind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Press {
    code: KeyCode,
    /// Ctrl and Alt only: Shift is in the letter.
    held: KeyModifiers,
}

/// The keys that the operator bound anew; all others are as built in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Keys {
    own: BTreeMap<Action, Vec<Press>>,
}

/// What is wrong with a binding of the operator's.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum KeysError {
    /// There is nothing of that name.
    #[error("there is nothing of that name to bind; there are {}", NAMES.iter().map(|(n, _)| *n).collect::<Vec<_>>().join(", "))]
    NoAction,
    /// There is no such key.
    #[error(
        "'{0}' is no key; write one character, or enter, space, tab, up, home, pgdn, f5, with ctrl- or alt- before it"
    )]
    NoKey(String),
    /// No key at all.
    #[error("no key is given")]
    Nothing,
    /// Ctrl-C and Ctrl-Z are the terminal's.
    #[error("'{0}' always ends or suspends the program")]
    Reserved(String),
    /// Two things on one key.
    #[error("'{key}' means {other} already; bind that to another key too")]
    Taken {
        /// The key as typed.
        key: String,
        /// What it means.
        other: &'static str,
    },
}

impl Keys {
    /// Binds something anew, in place of all its keys. Conflicts are looked for by [`Keys::check`], once all are bound.
    ///
    /// # Errors
    /// There is no such thing or no such key.
    pub fn bind(&mut self, name: &str, keys: &[String]) -> Result<(), KeysError> {
        let action = NAMES.iter().find(|(known, _)| *known == name).map(|(_, a)| *a).ok_or(KeysError::NoAction)?;
        let presses = keys.iter().map(|key| Press::read(key)).collect::<Result<Vec<_>, _>>()?;
        if presses.is_empty() {
            return Err(KeysError::Nothing);
        }
        self.own.insert(action, presses);
        Ok(())
    }

    /// Looks for a key that means two things in one place.
    ///
    /// # Errors
    /// The name of what was bound anew, and what its key means already.
    pub fn check(&self) -> Result<(), (&'static str, KeysError)> {
        let main = [MAIN, DRILL].concat();
        for table in [main.as_slice(), REPLAY, LIST, SERVERS, DETAIL] {
            let all: Vec<(Action, Press)> =
                table.iter().flat_map(|b| self.presses(b).into_iter().map(move |press| (b.action, press))).collect();
            for (at, (action, press)) in all.iter().enumerate() {
                let Some((other, _)) = all.iter().take(at).find(|(other, p)| p == press && other != action) else {
                    continue;
                };
                let (own, taken) = if self.own.contains_key(action) { (action, other) } else { (other, action) };
                return Err((name_of(*own), KeysError::Taken { key: press.word(), other: name_of(*taken) }));
            }
        }
        Ok(())
    }

    /// What a key does in a table; none when it is not in it.
    #[must_use]
    pub fn action(&self, table: &[Binding], key: &KeyEvent) -> Option<Action> {
        if !is_bindable(table) {
            return action(table, key);
        }
        let pressed = Press { code: key.code, held: key.modifiers & (KeyModifiers::CONTROL | KeyModifiers::ALT) };
        table.iter().find(|binding| self.presses(binding).contains(&pressed)).map(|binding| binding.action)
    }

    /// How the keys of a binding are written.
    #[must_use]
    pub fn shown(&self, table: &[Binding], binding: &Binding) -> String {
        match self.own.get(&binding.action).filter(|_| is_bindable(table)) {
            Some(presses) => presses.iter().map(|press| press.word()).collect::<Vec<_>>().join(" "),
            None => binding.shown.to_owned(),
        }
    }

    /// How the key of something is written; empty where nothing in the table does it.
    #[must_use]
    pub fn of(&self, table: &[Binding], action: Action) -> String {
        table.iter().find(|b| b.action == action).map_or_else(String::new, |binding| self.shown(table, binding))
    }

    fn presses(&self, binding: &Binding) -> Vec<Press> {
        match self.own.get(&binding.action) {
            Some(own) => own.clone(),
            None => binding.codes.iter().map(|code| Press { code: *code, held: KeyModifiers::NONE }).collect(),
        }
    }
}

/// Whether a table's keys can be bound anew: not where letters are typed, nor where keys confirm steps.
fn is_bindable(table: &[Binding]) -> bool {
    !table.iter().any(|binding| binding.action == Action::Confirm)
}

fn name_of(action: Action) -> &'static str {
    NAMES.iter().find(|(_, known)| *known == action).map_or("something else", |(name, _)| *name)
}

/// Keys by name.
const NAMED_KEYS: [(&str, KeyCode); 15] = [
    ("enter", Enter),
    ("esc", Esc),
    ("space", Char(' ')),
    ("tab", Tab),
    ("shift-tab", BackTab),
    ("backspace", KeyCode::Backspace),
    ("delete", KeyCode::Delete),
    ("up", Up),
    ("down", Down),
    ("left", Left),
    ("right", Right),
    ("home", Home),
    ("end", End),
    ("pgup", PageUp),
    ("pgdn", PageDown),
];

impl Press {
    fn read(text: &str) -> Result<Self, KeysError> {
        let wrong = || KeysError::NoKey(crate::dns::shown::text(text));
        let (mut rest, mut held) = (text, KeyModifiers::NONE);
        loop {
            let lower = rest.to_lowercase();
            let (modifier, wide) = match &lower {
                l if l.starts_with("ctrl-") && l.len() > 5 => (KeyModifiers::CONTROL, 5),
                l if l.starts_with("alt-") && l.len() > 4 => (KeyModifiers::ALT, 4),
                _ => break,
            };
            held |= modifier;
            rest = rest.get(wide..).ok_or_else(wrong)?;
        }
        let mut letters = rest.chars();
        let code = match (letters.next(), letters.next()) {
            (Some(c), None) if crate::dns::shown::is_plain(c) => Char(c),
            _ => {
                let lower = rest.to_lowercase();
                let named = NAMED_KEYS.iter().find(|(name, _)| *name == lower).map(|(_, code)| *code);
                let function = lower.strip_prefix('f').and_then(|n| n.parse().ok()).filter(|n| (1..=12).contains(n));
                named.or(function.map(KeyCode::F)).ok_or_else(wrong)?
            }
        };
        if held == KeyModifiers::CONTROL && matches!(code, Char('c' | 'z' | 'C' | 'Z')) {
            return Err(KeysError::Reserved(crate::dns::shown::text(text)));
        }
        Ok(Self { code, held })
    }

    /// As shown, and as it may be typed in `unpark.toml`.
    fn word(self) -> String {
        let key = match self.code {
            KeyCode::F(number) => format!("F{number}"),
            code => match (NAMED_KEYS.iter().find(|(_, known)| *known == code), code) {
                (Some((name, _)), _) => {
                    let mut letters = name.chars();
                    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
                }
                (None, Char(c)) => c.to_string(),
                (None, _) => "?".to_owned(),
            },
        };
        let control = if self.held.contains(KeyModifiers::CONTROL) { "Ctrl-" } else { "" };
        let alt = if self.held.contains(KeyModifiers::ALT) { "Alt-" } else { "" };
        format!("{control}{alt}{key}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bound(pairs: &[(&str, &[&str])]) -> Result<Keys, String> {
        let mut keys = Keys::default();
        for (name, presses) in pairs {
            let presses: Vec<String> = presses.iter().map(|p| (*p).to_owned()).collect();
            keys.bind(name, &presses).map_err(|e| format!("{name}: {e}"))?;
        }
        keys.check().map_err(|(name, e)| format!("{name}: {e}"))?;
        Ok(keys)
    }

    fn press(code: KeyCode, held: KeyModifiers) -> KeyEvent {
        KeyEvent::new(code, held)
    }

    #[test]
    fn no_key_means_two_things_in_one_table() {
        let in_a_drill = [MAIN, DRILL].concat();
        for (title, table) in TABLES.iter().chain(&[("Drill", in_a_drill.as_slice()), ("Replay", REPLAY)]) {
            let codes: Vec<_> = table.iter().flat_map(|b| b.codes).collect();
            for code in &codes {
                assert_eq!(codes.iter().filter(|c| c == &code).count(), 1, "{title}: {code:?}");
            }
            assert!(table.iter().all(|b| !b.says.is_empty() && !b.shown.is_empty()));
        }
        assert_eq!(Keys::default().check(), Ok(()));
    }

    #[test]
    fn everything_on_the_screen_can_be_bound_anew() {
        for binding in [MAIN, DRILL, REPLAY, LIST, SERVERS, DETAIL].into_iter().flatten() {
            assert!(NAMES.iter().any(|(_, action)| *action == binding.action), "{:?}", binding.action);
        }
    }

    #[test]
    fn what_is_bound_anew_works_and_its_old_key_does_nothing() {
        let keys = bound(&[("flush", &["ctrl-f", "F5"]), ("filter", &["f"])]).unwrap();
        let action = |code, held| keys.action(MAIN, &press(code, held));
        assert_eq!(action(Char('f'), KeyModifiers::CONTROL), Some(Action::Flush));
        assert_eq!(action(KeyCode::F(5), KeyModifiers::NONE), Some(Action::Flush));
        assert_eq!(action(Char('f'), KeyModifiers::NONE), Some(Action::Filter));
        assert_eq!(action(Char('/'), KeyModifiers::NONE), None);
        assert_eq!(action(Char('S'), KeyModifiers::SHIFT), Some(Action::Reverse));
        let flush = MAIN.iter().find(|b| b.action == Action::Flush).unwrap();
        assert_eq!(keys.shown(MAIN, flush), "Ctrl-f F5");
    }

    #[test]
    fn mistakes_are_named() {
        for (pairs, part) in [
            (&[("flsh", &["f"] as &[&str])] as &[(&str, &[&str])], "flsh: there is nothing of that name"),
            (&[("flush", &["ff"])], "flush: 'ff' is no key"),
            (&[("flush", &["ctrl-"])], "flush: 'ctrl-' is no key"),
            (&[("flush", &["s"])], "flush: 's' means sort already"),
            (&[("flush", &["X"])], "flush: 'X' means drill-expire already"),
            (&[("flush", &["x"]), ("map", &["x"])], "'x' means"),
            (&[("up", &["v"])], "up: 'v' means whole already"),
            (&[("quit", &["ctrl-c"])], "quit: 'ctrl-c' always"),
            (&[("quit", &[])], "quit: no key"),
        ] {
            let error = bound(pairs).unwrap_err();
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn dialogs_keep_their_keys_so_that_letters_can_be_typed() {
        let keys = bound(&[("back", &["x"])]).unwrap();
        assert_eq!(keys.action(LINE, &press(Esc, KeyModifiers::NONE)), Some(Action::Close));
        assert_eq!(keys.action(LINE, &press(Char('x'), KeyModifiers::NONE)), None);
        assert_eq!(keys.action(LIST, &press(Char('x'), KeyModifiers::NONE)), Some(Action::Close));
    }
}
