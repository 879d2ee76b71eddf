//! The one table of keys: what each does and how the help says it. Nothing is listed that does not work.

mod press;
mod tables;

use std::collections::BTreeMap;

use crossterm::event::{KeyEvent, KeyModifiers};
use thiserror::Error;

use crate::view::tui::keys::press::Press;
use crate::view::tui::keys::tables::NAMES;
pub use crate::view::tui::keys::tables::{
    Binding, DETAIL, DIALOG, DRILL, FLUSH, FLUSH_BY_HAND, FLUSH_REFUSED, LINE, LIST, MAIN, SERVERS, TABLES, key,
};
use crate::view::tui::replay::{REPLAY, ReplayAct};

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
    /// Show the rows that prove the step.
    Rows,
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

/// What a key does in a table as it is built in; none when it is not in it, or when Ctrl or Alt is held.
#[must_use]
pub fn action(table: &[Binding], key: &KeyEvent) -> Option<Action> {
    if key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT) {
        return None;
    }
    table.iter().find(|binding| binding.codes.contains(&key.code)).map(|binding| binding.action)
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
        if self.own.contains_key(&binding.action) && is_bindable(table) {
            self.presses(binding).into_iter().map(Press::word).collect::<Vec<_>>().join(" ")
        } else {
            binding.shown.to_owned()
        }
    }

    /// How the key of something is written; empty where nothing in the table does it.
    #[must_use]
    pub fn of(&self, table: &[Binding], action: Action) -> String {
        table.iter().find(|b| b.action == action).map_or_else(String::new, |binding| self.shown(table, binding))
    }

    fn presses(&self, binding: &Binding) -> Vec<Press> {
        match self.own.get(&binding.action) {
            // Esc goes back wherever anything can be closed, whatever else was bound.
            Some(own) if binding.action == Action::Close && !own.contains(&Press::ESC) => {
                own.iter().copied().chain([Press::ESC]).collect()
            }
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

#[cfg(test)]
mod tests {
    use KeyCode::{Char, Esc};
    use crossterm::event::KeyCode;

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

    #[test]
    fn esc_goes_back_whatever_was_bound() {
        let keys = bound(&[("back", &["x"])]).unwrap();
        for table in [MAIN, LIST, SERVERS, DETAIL] {
            assert_eq!(keys.action(table, &press(Esc, KeyModifiers::NONE)), Some(Action::Close));
        }
        let back = LIST.iter().find(|b| b.action == Action::Close).unwrap();
        assert_eq!(keys.shown(LIST, back), "x Esc");
        assert!(bound(&[("map", &["esc"])]).unwrap_err().contains("'Esc' means back already"));
        assert!(bound(&[("back", &["x"]), ("map", &["esc"])]).unwrap_err().contains("'Esc' means"));
    }
}
