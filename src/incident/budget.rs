//! How much may still be asked now: for the views. No fact about the domain, and nothing is judged by it.

use std::net::SocketAddr;

use crate::incident::Incident;

/// What the limits on questions leave at a moment.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Budget {
    /// Whether the first round, with its own limit and none for single resolvers, still lasts.
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
    /// What one resolver address is allowed that was not asked lately.
    pub address: Allowance,
    /// What all addresses of one operator together are allowed when none was asked lately.
    pub operator: Allowance,
    /// Addresses that were asked lately, and how many questions could go to each at once now. All others have all of theirs.
    pub addresses: Vec<(SocketAddr, f64)>,
    /// The same of operators.
    pub operators: Vec<(String, f64)>,
}

/// What a limit leaves.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Allowance {
    /// Most questions a second.
    pub per_second: f64,
    /// Most at once, after a pause.
    pub at_once: f64,
    /// How many could be asked at once now.
    pub left: f64,
}

impl Budget {
    /// What is left of one address's allowance.
    #[must_use]
    pub fn of_address(&self, address: SocketAddr) -> Allowance {
        let left = self.addresses.iter().find(|(known, _)| *known == address);
        Allowance { left: left.map_or(self.address.at_once, |(_, left)| *left), ..self.address }
    }

    /// What is left of one operator's allowance, for all its addresses together.
    #[must_use]
    pub fn of_operator(&self, operator: &str) -> Allowance {
        let left = self.operators.iter().find(|(known, _)| known == operator);
        Allowance { left: left.map_or(self.operator.at_once, |(_, left)| *left), ..self.operator }
    }
}

impl Incident {
    /// How much may still be asked, as it was when this state was published; none in a replay.
    #[must_use]
    pub const fn budget(&self) -> Option<&Budget> {
        self.budget.as_ref()
    }

    /// The same state without word of how much may still be asked, which no journal holds.
    #[must_use]
    pub fn without_budget(mut self) -> Self {
        self.budget = None;
        self
    }

    /// Takes note of how much may still be asked.
    pub fn note_budget(&mut self, budget: Budget) {
        self.budget = Some(budget);
    }
}
