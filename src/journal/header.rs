//! What the first line of a journal says.

use std::path::Path;

use serde::Deserialize;

use super::form::HeaderForm;
use super::{FORMAT, JournalError, RULES};
use crate::dns::{Name, shown};
use crate::incident::Opening;
use crate::time::Timestamp;

/// The first line of a journal.
#[derive(Debug, Clone, PartialEq)]
pub struct Header {
    /// The version of the program that wrote it.
    pub version: String,
    /// The number of the rules by which it noted what changed, [`RULES`] in this version; 0 where none was given.
    pub rules: u32,
    /// Which command wrote it: `watch`, `wait`, `drill`, `check`.
    pub command: String,
    /// Whether nothing of it is real.
    pub drill: bool,
    /// When the watch began.
    pub started: Timestamp,
    /// What it started from.
    pub opening: Opening,
}

impl Header {
    /// The header of a journal that begins now, written by this version.
    #[must_use]
    pub fn new(command: &str, drill: bool, started: Timestamp, opening: Opening) -> Self {
        let (version, command) = (env!("CARGO_PKG_VERSION").to_owned(), command.to_owned());
        Self { version, rules: RULES, command, drill, started, opening }
    }

    /// Whether it was written by the rules of this version: then nothing changed where it notes no change.
    #[must_use]
    pub fn is_of_our_rules(&self) -> bool {
        self.rules == RULES && self.version == env!("CARGO_PKG_VERSION")
    }

    /// The zone under watch.
    #[must_use]
    pub const fn zone(&self) -> &Name {
        &self.opening.zone
    }

    /// The line, with its newline.
    ///
    /// # Errors
    /// None that is known: every header has a JSON form.
    pub fn line(&self) -> Result<String, serde_json::Error> {
        let Self { version, rules, command, drill, started, opening } = self;
        let form = HeaderForm {
            format: FORMAT,
            unpark: version.clone(),
            rules: *rules,
            command: command.clone(),
            drill: *drill,
            started: *started,
            opening: opening.clone(),
        };
        Ok(serde_json::to_string(&form)? + "\n")
    }

    /// Reads the line, without its newline.
    pub(super) fn read(line: &[u8], path: &Path) -> Result<Self, JournalError> {
        /// What every format has.
        #[derive(Deserialize)]
        struct Any {
            #[serde(rename = "unpark-journal")]
            format: u64,
        }
        let no_journal =
            |reason: String| JournalError::NoJournal { path: path.to_owned(), reason: shown::text(&reason) };
        let any: Any = serde_json::from_slice(line)
            .map_err(|error| no_journal(format!("this is no journal of unpark: {error}")))?;
        if any.format > u64::from(FORMAT) {
            return Err(JournalError::Newer { path: path.to_owned(), format: any.format });
        }
        let form: HeaderForm = serde_json::from_slice(line).map_err(|error| no_journal(error.to_string()))?;
        let HeaderForm { unpark, rules, command, drill, started, opening, .. } = form;
        Ok(Self { version: unpark, rules, command, drill, started, opening })
    }
}
