//! Errors for people: what is wrong, then what to do next. Plain text, whatever the input held.

use std::fmt;

use crate::cli::exit::Exit;
use crate::dns::shown;

/// An error with a hint and an exit code.
#[derive(Debug)]
pub struct Complaint {
    what: String,
    hint: Option<String>,
    exit: Exit,
}

impl Complaint {
    /// Wrong usage or configuration.
    pub fn usage(what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { what: what.into(), hint: Some(hint.into()), exit: Exit::Usage }
    }

    /// Something on our side failed.
    pub fn own(what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { what: what.into(), hint: Some(hint.into()), exit: Exit::CannotTell }
    }

    /// The exit code it leads to.
    pub const fn exit(&self) -> Exit {
        self.exit
    }
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl std::error::Error for Complaint {}

/// Prints an error and its hint to standard error.
pub fn complain(error: &anyhow::Error) {
    let causes: Vec<String> = error.chain().map(|cause| plain(&cause.to_string())).collect();
    eprintln!("error: {}", causes.join(": "));
    if let Some(hint) = error.downcast_ref::<Complaint>().and_then(|c| c.hint.as_deref()) {
        eprintln!("hint: {}", plain(hint));
    }
}

/// Plain text that keeps its line breaks (a parser's message points at a place with several lines).
fn plain(text: &str) -> String {
    text.trim_end().lines().map(shown::text).collect::<Vec<_>>().join("\n  ")
}
