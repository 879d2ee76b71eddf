//! The dialogs that end in a wish: what the operator typed or chose, and what is wrong with it. Pure.

mod expectation;
mod flush;
mod hosts;
mod line;
mod note;
mod resolver;
mod survey;

pub use expectation::ExpectationDialog;
pub use flush::{FlushDialog, standing};
pub use hosts::HostsDialog;
pub use line::{LONGEST, Line};
pub use note::NoteDialog;
pub use resolver::ResolverDialog;
pub use survey::SurveyDialog;

use crossterm::event::KeyEvent;

use crate::view::tui::Wish;
use crate::view::tui::keys::{Action, LINE, action};

/// What a key in a dialog leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing more.
    Stay,
    /// The dialog closes.
    Close,
    /// Something is asked of the outside; the dialog stays.
    Wish(Wish),
    /// Something is asked of the outside, and the dialog closes.
    CloseWith(Wish),
    /// The operator is told something.
    Note(String),
    /// The dialog closes, and the table shows the rows that pass this filter.
    ShowRows(String),
}

/// What confirming leads to: the wish, or word of why what was typed is none.
fn confirm(read: Result<Wish, String>) -> Outcome {
    match read {
        Ok(wish) => Outcome::CloseWith(wish),
        Err(reason) => Outcome::Note(reason),
    }
}

/// Takes in a key where the dialog is one line to type in. `read` is what the line says before the key.
fn press_line(line: &mut Line, key: &KeyEvent, read: Result<Wish, String>) -> Outcome {
    match action(LINE, key) {
        Some(Action::Close) => Outcome::Close,
        Some(Action::Confirm) => confirm(read),
        _ => {
            line.press(key);
            Outcome::Stay
        }
    }
}
