//! Exit codes: the contract with scripts.

use std::process::ExitCode;

use crate::incident::Phase;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// As expected, or recovered.
    Good,
    /// Not, or not yet.
    NotYet,
    /// Usage or configuration error.
    Usage,
    /// Could not tell: our side failed.
    CannotTell,
}

impl Exit {
    /// The number.
    pub const fn code(self) -> u8 {
        match self {
            Self::Good => 0,
            Self::NotYet => 1,
            Self::Usage => 2,
            Self::CannotTell => 3,
        }
    }

    /// What a phase amounts to at the end of a round.
    pub const fn of_phase(phase: Phase) -> Self {
        match phase {
            Phase::Healthy | Phase::Recovered => Self::Good,
            Phase::Starting | Phase::CannotTell => Self::CannotTell,
            _ => Self::NotYet,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
