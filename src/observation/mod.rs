//! What was asked of whom, and what came of it. Facts only: nothing here says what they mean.

#![deny(clippy::disallowed_methods)]

mod query;
mod response;
mod target;

use std::time::Duration;

pub use query::{Purpose, Query, Transport};
pub use response::{AnswerKind, Edns, ExtendedError, Response};
pub use target::{Role, TargetId, address_text};

use crate::dns::{Name, Rcode};
use crate::time::Timestamp;

/// One query's end: whom, what, when, and what came or did not come.
#[derive(Debug, Clone, PartialEq)]
pub struct Observation {
    /// What was asked, of whom and why.
    pub query: Query,
    /// The name as sent. Differs from `query.name` for nonces, which get a new label for every packet.
    pub asked: Name,
    /// What came of it.
    pub outcome: Outcome,
    /// When the first packet left.
    pub sent: Timestamp,
    /// When the answer arrived, or when waiting ended.
    pub at: Timestamp,
    /// From the answered packet's leaving to the answer's arrival; none without an answer.
    pub rtt: Option<Duration>,
    /// How many packets were sent for it, over every transport.
    pub packets: u32,
}

/// What came of a query. A failure is data about the target, but [`Outcome::NotSent`] is about ourselves.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// A message that could be read.
    Answered(Response),
    /// A message that answers the question but could not be read whole.
    Malformed {
        /// The response code, where the header could be read.
        rcode: Option<Rcode>,
        /// What is wrong with it.
        reason: String,
    },
    /// Nothing came, by any transport, within the time given.
    NoResponse,
    /// The target's host said that nobody listens there.
    Unreachable,
    /// Our own fault: the packet could not leave this machine. Never a finding against the domain.
    NotSent {
        /// The system's words.
        reason: String,
    },
}

impl Observation {
    /// The response, when one came and could be read.
    #[must_use]
    pub fn response(&self) -> Option<&Response> {
        match &self.outcome {
            Outcome::Answered(response) => Some(response),
            _ => None,
        }
    }

    /// Whether the target was heard at all.
    #[must_use]
    pub fn was_heard(&self) -> bool {
        matches!(self.outcome, Outcome::Answered(_) | Outcome::Malformed { .. })
    }

    /// Whether it was asked and not heard. What could not be sent was not asked.
    #[must_use]
    pub fn was_lost(&self) -> bool {
        matches!(self.outcome, Outcome::NoResponse | Outcome::Unreachable)
    }
}
