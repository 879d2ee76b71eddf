//! What the operator did, with its time: acts are facts of an incident like any other, and the report wants them.

use crate::dns::Name;
use crate::incident::{Incident, ResolverTarget, Survey};
use crate::judge::Expectation;
use crate::time::Timestamp;

/// The longest note kept, in characters; the rest is cut off.
pub const LONGEST_NOTE: usize = 500;
/// The most acts kept: more than anybody does in an incident. Beyond it the oldest are forgotten.
const MOST_ACTS: usize = 4096;

/// Something the operator did.
#[derive(Debug, Clone, PartialEq)]
pub struct Act {
    /// When.
    pub at: Timestamp,
    /// What.
    pub deed: Deed,
}

/// What the operator can do to an incident, apart from flushing (see [`Incident::flushes`]).
#[derive(Debug, Clone, PartialEq)]
pub enum Deed {
    /// Said what is correct.
    AcceptedExpectation {
        /// What was correct until then, if anybody had said so.
        before: Option<Expectation>,
        /// What is correct from then on.
        after: Expectation,
    },
    /// Changed how resolvers are asked while the parent is wrong.
    ChangedSurvey {
        /// How it was.
        before: Survey,
        /// How it is from then on.
        after: Survey,
    },
    /// Had further hosts watched: those that were not watched before.
    WatchedHosts(Vec<Name>),
    /// Had a further resolver asked.
    AddedResolver(ResolverTarget),
    /// Made a note, of at most [`LONGEST_NOTE`] characters. As typed: whoever shows it makes it plain first.
    MadeNote(String),
}

impl Incident {
    /// What the operator did, oldest first.
    #[must_use]
    pub fn acts(&self) -> &[Act] {
        &self.acts
    }

    /// The operator's notes with their times, oldest first. Not made plain yet.
    pub fn notes(&self) -> impl Iterator<Item = (Timestamp, &str)> {
        self.acts.iter().filter_map(|act| match &act.deed {
            Deed::MadeNote(text) => Some((act.at, text.as_str())),
            _ => None,
        })
    }

    /// Keeps an act. One that changes nothing is none.
    pub(super) fn note_act(&mut self, at: Timestamp, deed: Deed) {
        let idle = match &deed {
            Deed::AcceptedExpectation { before, after } => before.as_ref() == Some(after),
            Deed::ChangedSurvey { before, after } => before == after,
            Deed::WatchedHosts(hosts) => hosts.is_empty(),
            Deed::AddedResolver(_) => false,
            Deed::MadeNote(text) => text.is_empty(),
        };
        if idle {
            return;
        }
        if self.acts.len() >= MOST_ACTS {
            self.acts.remove(0);
        }
        self.acts.push(Act { at, deed });
    }
}

/// A note as it is kept: without blanks around it, bounded.
pub(super) fn kept_note(text: &str) -> String {
    text.trim().chars().take(LONGEST_NOTE).collect()
}
