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

use crate::view::tui::Wish;

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
}
