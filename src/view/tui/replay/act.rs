//! What the operator of a replay can do.

use std::time::Duration;

use crate::time::Timestamp;

/// One thing the operator does to a replay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReplayAct {
    /// Play, or pause; at the end, play from the beginning.
    PlayPause,
    /// Play faster.
    Faster,
    /// Play slower.
    Slower,
    /// Go back by so much.
    Back(Stride),
    /// Go on by so much.
    On(Stride),
    /// Go to the beginning.
    Start,
    /// Go to the end.
    End,
    /// Go on to the next thing that happened, and pause there.
    Next,
    /// Go back to the last thing that happened before, and pause there.
    Previous,
    /// Go to this moment.
    To(Timestamp),
}

/// How far one key goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stride {
    /// Ten seconds.
    Short,
    /// A minute.
    Middle,
    /// Ten minutes.
    Long,
}

impl Stride {
    /// The time it covers.
    #[must_use]
    pub const fn span(self) -> Duration {
        Duration::from_secs(match self {
            Self::Short => 10,
            Self::Middle => 60,
            Self::Long => 600,
        })
    }
}
