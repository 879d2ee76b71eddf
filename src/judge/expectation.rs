//! What is correct, and who said so. Never a vote, never the highest serial.

use crate::dns::NsSet;
use crate::time::Timestamp;

/// What the operator, or a saved state, says is correct.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expectation {
    /// The name servers the zone should be delegated to, exactly.
    pub ns: NsSet,
    /// Where that knowledge came from.
    pub source: ExpectationSource,
}

/// Where an expectation came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExpectationSource {
    /// `--expect`.
    Flag,
    /// `unpark.toml`.
    File,
    /// A baseline saved while the zone was healthy.
    Baseline {
        /// When it was taken.
        taken: Timestamp,
    },
    /// The operator accepted a set shown on the screen.
    Accepted,
}

impl ExpectationSource {
    /// As in JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Flag => "flag",
            Self::File => "file",
            Self::Baseline { .. } => "baseline",
            Self::Accepted => "accepted",
        }
    }
}
