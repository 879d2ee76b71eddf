//! What the samples of one resolver address amount to together: the rows of the table that makes words of them.
//!
//! Samples are grouped by cache, where caches name themselves; the newest of a group speaks for it. The row says which of
//! the group's states, or of the watched names', decided.

use crate::judge::Verdict;

/// One row of the table that makes a resolver's word of its samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Gathering {
    /// Every cache heard uses the correct servers, all watched names are right, and the samples are enough.
    AllRight,
    /// Every cache heard uses the correct servers; some watched name is still the parked one, or denied.
    NamesOld,
    /// Every cache heard uses the correct servers; some watched name fails.
    NamesFail,
    /// Every cache heard uses the correct servers; some watched name has data that neither side gives.
    NamesOther,
    /// Every cache heard uses the correct servers; some watched name was not heard yet.
    NamesAwaited,
    /// Some caches use the correct servers, others do not, in the same moments.
    CachesDisagree,
    /// Only parked delegations were heard.
    AllParked,
    /// Only the parent's denial was heard.
    AllHeld,
    /// A cache is parked past every bound, whatever the others are.
    PastBounds,
    /// A cache gives what neither side gives.
    ThirdAnswer,
    /// Failures, and nothing worse.
    Failures,
    /// Fewer usable samples than the rule asks, none of them bad.
    TooFew,
    /// No sample was answered.
    NoneAnswered,
}

impl Gathering {
    /// All rows.
    pub const ALL: [Self; 13] = [
        Self::AllRight,
        Self::NamesOld,
        Self::NamesFail,
        Self::NamesOther,
        Self::NamesAwaited,
        Self::CachesDisagree,
        Self::AllParked,
        Self::AllHeld,
        Self::PastBounds,
        Self::ThirdAnswer,
        Self::Failures,
        Self::TooFew,
        Self::NoneAnswered,
    ];

    /// A stable name for JSON and the detail pane.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::AllRight => "all-right",
            Self::NamesOld => "names-old",
            Self::NamesFail => "names-fail",
            Self::NamesOther => "names-other",
            Self::NamesAwaited => "names-awaited",
            Self::CachesDisagree => "caches-disagree",
            Self::AllParked => "all-parked",
            Self::AllHeld => "all-held",
            Self::PastBounds => "past-bounds",
            Self::ThirdAnswer => "third-answer",
            Self::Failures => "failures",
            Self::TooFew => "too-few",
            Self::NoneAnswered => "none-answered",
        }
    }

    /// The row that gives a verdict. `restored` says whether the delegation judged is the correct one, `enough` whether the
    /// good samples are as many as the rule asks.
    pub(super) const fn of(verdict: Verdict, restored: bool, enough: bool) -> Self {
        match verdict {
            Verdict::Correct => Self::AllRight,
            Verdict::Draining => Self::NamesOld,
            Verdict::Mixed => Self::CachesDisagree,
            Verdict::Parked => Self::AllParked,
            Verdict::Held => Self::AllHeld,
            Verdict::Stuck => Self::PastBounds,
            Verdict::Other if restored => Self::NamesOther,
            Verdict::Other => Self::ThirdAnswer,
            Verdict::Broken if restored => Self::NamesFail,
            Verdict::Broken => Self::Failures,
            Verdict::Unknown if enough => Self::NamesAwaited,
            Verdict::Unknown => Self::TooFew,
            Verdict::Silent => Self::NoneAnswered,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_some_verdicts_and_named_once() {
        let of = |verdict| {
            [(true, true), (true, false), (false, true), (false, false)].map(|(r, e)| Gathering::of(verdict, r, e))
        };
        let reached: std::collections::BTreeSet<_> = Verdict::ALL.into_iter().flat_map(of).collect();
        assert!(Gathering::ALL.iter().all(|row| reached.contains(row)) && reached.len() == Gathering::ALL.len());
        let words: std::collections::BTreeSet<_> = Gathering::ALL.iter().map(|row| row.word()).collect();
        assert_eq!(words.len(), Gathering::ALL.len());
    }
}
