//! Why a text is no catalogue: which file, which place in it, what is wrong there.

use std::fmt;

use thiserror::Error;

use crate::dns::shown;

/// Where in a file something is wrong. Lines count from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// The text as a whole.
    Whole,
    /// A line of which no entry is known.
    Line(usize),
    /// An entry without a usable id, by its position (from 1) among the entries of the file.
    Position {
        /// Which entry, counted from 1.
        position: usize,
        /// The line of the fault, or the entry's first line.
        line: usize,
    },
    /// An entry by its id.
    Entry {
        /// The id as written in the file; not yet made plain.
        id: String,
        /// The line of the fault, or the entry's first line.
        line: usize,
    },
}

/// A text that cannot be used, and why. `Display` is one line, safe to show whatever the file holds.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}{place}: {}", shown::text(file), shown::text(reason))]
pub struct CatalogError {
    /// What the caller calls the text, usually the file's path.
    pub file: String,
    /// Where in it.
    pub place: Place,
    /// What is wrong there, in words; not yet made plain.
    pub reason: String,
}

impl CatalogError {
    /// An error at a place of a file.
    pub(super) fn new(file: &str, place: Place, reason: impl Into<String>) -> Self {
        Self { file: file.to_owned(), place, reason: reason.into() }
    }
}

impl fmt::Display for Place {
    /// The place as it continues the file's name: `, line 7`, `, entry "google" (line 7)`, or nothing.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole => Ok(()),
            Self::Line(line) => write!(f, ", line {line}"),
            Self::Position { position, line } => write!(f, ", entry {position} (line {line})"),
            Self::Entry { id, line } => write!(f, ", entry \"{}\" (line {line})", shown::text(id)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_one_plain_line_whatever_the_file_holds() {
        let place = Place::Entry { id: "x\u{1b}[2J".into(), line: 3 };
        let error = CatalogError::new("a\nb.toml", place, "bad \u{202e}word");
        assert_eq!(error.to_string(), "a\\u{a}b.toml, entry \"x\\u{1b}[2J\" (line 3): bad \\u{202e}word");
        assert_eq!(CatalogError::new("f", Place::Whole, "empty").to_string(), "f: empty");
        assert_eq!(CatalogError::new("f", Place::Line(2), "x").to_string(), "f, line 2: x");
    }
}
