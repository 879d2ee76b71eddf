//! The one table of keys: what each does and how the help says it. Nothing is listed that does not work.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// What a key asks of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    /// Drill: park the domain.
    Park,
    /// Drill: restore the delegation.
    Restore,
    /// Drill: cut our network.
    Cut,
    /// Drill: mend our network.
    Mend,
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

const fn key(
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
        "what stands behind the row: every answer, and the rule that read it",
    ),
    key(&[Char('f')], "f", Action::Flush, "flush", "the flush plan; nothing is sent before it is confirmed"),
    key(&[Char('e')], "e", Action::Expectation, "expect", "say which name servers are correct"),
    key(&[Char('/')], "/", Action::Filter, "filter", "show only rows with these words; !word hides them"),
    key(&[Char('s')], "s", Action::Sort, "sort", "sort by the next key, and sort anew"),
    key(&[Char('w')], "w", Action::WarRoom, "big", "big letters, to be read from three metres"),
    key(&[Char('y')], "y", Action::CopyStatement, "copy", "copy the sentence for customers to the clipboard"),
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
    key(&[Char('n')], "n", Action::Note, "note", "make a note with its time, for the report afterwards"),
    key(&[Up, Char('k')], "Up k", Action::Up, "", "the row above; the mouse wheel works too"),
    key(&[Down, Char('j')], "Down j", Action::Down, "", "the row below; a click selects, a second one opens"),
    key(&[PageUp], "PgUp", Action::PageUp, "", "a page up"),
    key(&[PageDown], "PgDn", Action::PageDown, "", "a page down"),
    key(&[Home], "Home", Action::First, "", "the first row"),
    key(&[End], "End", Action::Last, "", "the last row"),
    key(&[Esc], "Esc", Action::Close, "", "let go of the row, so that rows sort themselves again; clear the filter"),
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
    key(&[Right, Tab], "Right", Action::NextRung, "next rung", "the next rung of the ladder"),
    key(&[Left, BackTab], "Left", Action::PreviousRung, "", "the rung before"),
    key(&[Up, Char('k')], "Up k", Action::Up, "", "a line up"),
    key(&[Down, Char('j')], "Down j", Action::Down, "scroll", "a line down"),
    key(&[PageUp], "PgUp", Action::PageUp, "", "a page up"),
    key(&[PageDown], "PgDn", Action::PageDown, "", "a page down"),
    key(&[Home], "Home", Action::First, "", "to the top"),
    key(&[End], "End", Action::Last, "", "to the end"),
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
    key(&[Enter], "Enter", Action::Confirm, "send to Cloudflare", "send all of Cloudflare's steps, in order"),
    key(&[Up, Char('k')], "Up k", Action::Up, "", "the step above"),
    key(&[Down, Char('j')], "Down j", Action::Down, "", "the step below"),
    key(&[Char('o')], "o", Action::OpenPage, "page", "open the operator's page in your browser"),
    key(&[Char('y')], "y", Action::CopyName, "name", "copy the step's name to the clipboard"),
    key(&[Char('t')], "t", Action::CopyType, "type", "copy the step's type to the clipboard"),
    key(&[Char(' ')], "Space", Action::MarkDone, "done", "mark a step that you did by hand, and go to the next"),
    key(&[PageUp], "PgUp", Action::PageUp, "", "a page up"),
    key(&[PageDown], "PgDn", Action::PageDown, "", "a page down"),
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
    ("Behind a row (Enter)", DETAIL),
    ("Servers (p)", SERVERS),
    ("Flush (f)", FLUSH),
    ("Expectation (e), survey (u)", DIALOG),
    ("Hosts (h), note (n), filter (/)", LINE),
];

/// What a key does in a table; none when it is not in it, or when Ctrl or Alt is held.
#[must_use]
pub fn action(table: &[Binding], key: &KeyEvent) -> Option<Action> {
    if key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT) {
        return None;
    }
    table.iter().find(|binding| binding.codes.contains(&key.code)).map(|binding| binding.action)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_means_two_things_in_one_table() {
        let in_a_drill = [MAIN, DRILL].concat();
        for (title, table) in TABLES.iter().chain(&[("List", LIST), ("Drill", &in_a_drill)]) {
            let codes: Vec<_> = table.iter().flat_map(|b| b.codes).collect();
            for code in &codes {
                assert_eq!(codes.iter().filter(|c| c == &code).count(), 1, "{title}: {code:?}");
            }
            assert!(table.iter().all(|b| !b.says.is_empty() && !b.shown.is_empty()));
        }
    }
}
