//! How much may still be asked now: for the views. No fact about the domain, and nothing is judged by it.

use crate::incident::Incident;

/// What the limits on questions leave at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Budget {
    /// Whether the first round, with its own limit, still lasts.
    pub first_round: bool,
    /// Most questions a second, in all.
    pub per_second: f64,
    /// How many could be asked at once now.
    pub left: f64,
    /// Most recursive nonces a second, in all.
    pub nonces_per_second: f64,
    /// How many of them could be asked at once now.
    pub nonces_left: f64,
    /// How many questions were asked in the last minute.
    pub last_minute: u32,
}

impl Incident {
    /// How much may still be asked, as it was when this state was published; none in a replay.
    #[must_use]
    pub const fn budget(&self) -> Option<Budget> {
        self.budget
    }

    /// The same state without word of how much may still be asked, which no journal holds.
    #[must_use]
    pub fn without_budget(mut self) -> Self {
        self.budget = None;
        self
    }

    /// Takes note of how much may still be asked.
    pub const fn note_budget(&mut self, budget: Budget) {
        self.budget = Some(budget);
    }
}
