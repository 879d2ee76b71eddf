//! The tables themselves: one for each place in which keys are pressed, each key with what it does and how that is said.

use KeyCode::{BackTab, Char, Down, End, Enter, Esc, Home, Left, PageDown, PageUp, Right, Tab, Up};
use crossterm::event::KeyCode;

use crate::view::tui::keys::Action;
use crate::view::tui::replay::{ReplayAct, Stride};

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

/// One row of a table.
pub const fn key(
    codes: &'static [KeyCode],
    shown: &'static str,
    action: Action,
    short: &'static str,
    says: &'static str,
) -> Binding {
    Binding { codes, shown, action, short, says }
}

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
    key(
        &[Char('p')],
        "p",
        Action::Servers,
        "servers",
        "every parent server and name server, one by one; and how many rows say what",
    ),
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
    key(&[Char('v')], "v", Action::Rows, "proof", "the rows of the step's operator, which prove whether it worked"),
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
    key(&[Char('v')], "v", Action::Rows, "proof", "the rows of the step's operator, which prove whether it worked"),
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
pub(super) const NAMES: &[(&str, Action)] = &[
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
