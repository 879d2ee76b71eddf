//! How many servers of a rung of the source ladder say what.

use crate::judge::Verdict;

/// How many servers of one rung of the source ladder say what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SourceTally {
    /// As expected.
    pub correct: usize,
    /// Heard, and not as expected.
    pub wrong: usize,
    /// No answer.
    pub silent: usize,
    /// Nothing known yet, or the asking failed on our side.
    pub unknown: usize,
}

impl SourceTally {
    /// All servers of the rung.
    #[must_use]
    pub const fn total(self) -> usize {
        self.correct + self.wrong + self.silent + self.unknown
    }

    pub(super) fn count(verdicts: impl Iterator<Item = Verdict>) -> Self {
        verdicts.fold(Self::default(), |mut tally, verdict| {
            match verdict {
                Verdict::Correct => tally.correct += 1,
                Verdict::Silent => tally.silent += 1,
                Verdict::Unknown => tally.unknown += 1,
                _ => tally.wrong += 1,
            }
            tally
        })
    }
}
