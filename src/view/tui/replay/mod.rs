//! The screen over a journal: where in it the operator is, how fast it plays, and what lies before and behind.
//!
//! Pure but for `run`: whoever reads the journal sends what was so ([`Told`]) and takes what the operator wishes
//! ([`ReplayAct`]); nothing here knows of files. Nothing that acts on the world is offered in a replay.

mod act;
mod keys;
mod player;
mod run;
mod tape;

use std::sync::Arc;

pub use act::{ReplayAct, Stride};
pub use keys::REPLAY;
pub use player::Player;
pub use run::run_replay;
pub use tape::{Tape, TapeMark};

use crate::incident::Incident;
use crate::time::Timestamp;

/// What was so at a moment of a journal, and how the replay stands.
#[derive(Debug, Clone)]
pub struct Told {
    /// The incident as it was then, settled.
    pub incident: Arc<Incident>,
    /// Which moment that is.
    pub at: Timestamp,
    /// Where the replay is going, and how fast; ahead of `at` while the journal is read.
    pub player: Player,
    /// The whole journal at a glance.
    pub tape: Arc<Tape>,
    /// What the operator is told, with a number that grows with each.
    pub said: (u64, String),
    /// What the operator must know about the journal all the time, safe to show.
    pub notice: Option<String>,
}

/// A replay as the screen remembers it.
#[derive(Debug, Clone)]
pub struct Replaying {
    /// What was told last.
    pub told: Told,
    /// Whether the journal is that of a drill.
    pub drill: bool,
}

impl Replaying {
    /// What stands at the head of the screen.
    #[must_use]
    pub const fn mark(&self) -> &'static str {
        if self.drill { "REPLAY DRILL" } else { "REPLAY" }
    }
}
