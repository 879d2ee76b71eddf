//! A flush that waits for the source: what it waits for, and when it is sent. Pure.

use std::time::Duration;

use crate::incident::{Incident, ParentServer};
use crate::judge::{AuthorityRole, Verdict};
use crate::time::Timestamp;

use super::{Obstacle, SourceState, guard};

/// How long an armed flush counts down once the source is right: time to stop it, and for the caches to be seen.
pub const COUNTDOWN: Duration = Duration::from_secs(5);

/// How an armed flush stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Arming {
    /// The source is not right: this is missing.
    Waits(Vec<Obstacle>),
    /// The source is right: the flush is sent at this moment.
    Counts {
        /// When.
        until: Timestamp,
    },
}

/// How the armed flush of an incident stands; none when none is armed.
#[must_use]
pub fn arming(incident: &Incident) -> Option<Arming> {
    let armed = incident.armed_flush()?;
    if let Err(obstacles) = guard(&SourceState::of(incident)) {
        return Some(Arming::Waits(obstacles));
    }
    // Since when every server that counts has been right: the last of them to turn.
    let turned = |history: &[crate::incident::VerdictChange]| {
        history.last().filter(|change| change.verdict == Verdict::Correct).map(|change| change.at)
    };
    let parents = incident.parents().values().filter_map(|p: &ParentServer| turned(&p.history));
    let expected = incident.authorities().values().filter(|a| a.role == AuthorityRole::Expected);
    let servers = expected.filter_map(|a| turned(&a.history));
    let since = parents.chain(servers).chain(incident.right_since()).fold(armed.at, Timestamp::max);
    Some(Arming::Counts { until: since + COUNTDOWN })
}
