//! The words a target's witnesses amount to, and until when they hold.

use crate::time::Timestamp;

/// What a target's witnesses amount to, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// Neither expected nor parked: a filter, a third party, a hijack. Loud.
    Other,
    /// Still parked after every bound has passed.
    Stuck,
    /// Uses parked servers.
    Parked,
    /// Still has the parent's "no such domain".
    Held,
    /// The caches behind this address disagree.
    Mixed,
    /// SERVFAIL, REFUSED or not authoritative where an answer is owed.
    Broken,
    /// The delegation is restored; some addresses or negative answers are still old.
    Draining,
    /// Too few usable samples to say.
    Unknown,
    /// No answer by any transport: counted neither way.
    Silent,
    /// The delegation is the expected one, and all watched names are right.
    Correct,
}

impl Verdict {
    /// All verdicts, the most alarming first.
    pub const ALL: [Self; 10] = [
        Self::Other,
        Self::Stuck,
        Self::Parked,
        Self::Held,
        Self::Mixed,
        Self::Broken,
        Self::Draining,
        Self::Unknown,
        Self::Silent,
        Self::Correct,
    ];

    /// The word, as on screen and in JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Correct => "correct",
            Self::Draining => "draining",
            Self::Parked => "parked",
            Self::Mixed => "mixed",
            Self::Held => "held",
            Self::Broken => "broken",
            Self::Other => "other",
            Self::Stuck => "stuck",
            Self::Silent => "silent",
            Self::Unknown => "unknown",
        }
    }

    /// Whether the target gave a wrong answer: it holds recovery back.
    #[must_use]
    pub const fn is_wrong(self) -> bool {
        !matches!(self, Self::Correct | Self::Silent | Self::Unknown)
    }
}

/// Until when a state lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Until {
    /// The cache itself showed the remaining TTL.
    Known(Timestamp),
    /// At the latest then, by the TTLs at the source and the resolver's caps.
    Bound(Timestamp),
    /// Nothing is known.
    #[default]
    Unknown,
}

impl Until {
    /// The moment, known or bound.
    #[must_use]
    pub const fn moment(self) -> Option<Timestamp> {
        match self {
            Self::Known(at) | Self::Bound(at) => Some(at),
            Self::Unknown => None,
        }
    }

    /// As in JSON: `known`, `bound` or `unknown`.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Known(_) => "known",
            Self::Bound(_) => "bound",
            Self::Unknown => "unknown",
        }
    }

    /// The later of two, so that a row says when its slowest part ends; a known moment wins over an equal bound.
    #[must_use]
    pub fn later(self, other: Self) -> Self {
        match (self.moment(), other.moment()) {
            (Some(mine), Some(theirs)) if theirs > mine => other,
            (None, Some(_)) => other,
            _ => self,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_later_end_counts_and_unknown_never_hides_a_known_one() {
        let (early, late) = (Timestamp::from_secs(1), Timestamp::from_secs(2));
        assert_eq!(Until::Known(early).later(Until::Bound(late)), Until::Bound(late));
        assert_eq!(Until::Unknown.later(Until::Known(early)), Until::Known(early));
        assert_eq!(Until::Known(early).later(Until::Unknown), Until::Known(early));
    }
}
