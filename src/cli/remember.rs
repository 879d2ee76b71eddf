//! What was learned about resolvers, recalled at the start of a run and kept during it. Never stops a run.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use crate::cli::print::remark;
use crate::cli::setup::Plan;
use crate::incident::{Incident, ResolverCheck};
use crate::judge::Calibration;
use crate::memory::{Memory, MemoryError};
use crate::time::ReadClock;

/// How often what was learned is kept, at most.
const PAUSE: Duration = Duration::from_secs(60);

/// What earlier runs learned about the resolvers of this one.
pub fn recall(plan: &Plan) -> Vec<(SocketAddr, Calibration)> {
    if !plan.neutral.asks_resolvers() {
        return Vec::new();
    }
    let Some(memory) = Memory::of_user() else { return Vec::new() };
    let mut known = memory.recall().unwrap_or_else(|error| {
        remark(&format!("note: {error}; what resolvers can do is learned anew"));
        Vec::new()
    });
    known.retain(|(address, _)| plan.opening.resolvers.iter().any(|target| target.address == *address));
    known
}

/// Keeps what the run learns, until the news end.
pub async fn keep_learning(mut news: watch::Receiver<Arc<Incident>>, clock: Arc<dyn ReadClock>) {
    while news.changed().await.is_ok() {
        let (incident, clock) = (Arc::clone(&news.borrow_and_update()), Arc::clone(&clock));
        // Files may be slow, and nobody waits for this one.
        let _ = tokio::task::spawn_blocking(move || keep(&incident, clock.as_ref())).await;
        tokio::time::sleep(PAUSE).await;
    }
}

/// Keeps what was learned so far, unless it is somebody else's word.
///
/// # Errors
/// The file cannot be written.
pub fn keep(incident: &Incident, clock: &dyn ReadClock) -> Result<(), MemoryError> {
    let learned = trusted(incident);
    match Memory::of_user() {
        Some(memory) if !learned.is_empty() => memory.keep(&learned, clock.now()),
        _ => Ok(()),
    }
}

/// Keeps what a check of resolvers learned, unless it is somebody else's word.
///
/// # Errors
/// The file cannot be written.
pub fn keep_checked(check: &ResolverCheck) -> Result<(), MemoryError> {
    let known = check.resolvers.iter().filter(|r| r.calibration.learned.is_some());
    let learned: Vec<_> = known.map(|r| (r.target.address, r.calibration.clone())).collect();
    match Memory::of_user() {
        Some(memory) if check.intercepted.is_empty() && !learned.is_empty() => memory.keep(&learned, check.finished),
        _ => Ok(()),
    }
}

/// What was learned while nobody was seen to be in between.
fn trusted(incident: &Incident) -> Vec<(SocketAddr, Calibration)> {
    let interception = incident.interception();
    let sure = |calibration: &Calibration| {
        let Some(learned) = calibration.learned else { return false };
        !interception.stands()
            && (interception.checked().is_none() || interception.clean().is_some_and(|clean| learned <= clean))
    };
    let known = incident.resolvers().iter().filter(|r| sure(&r.calibration));
    known.map(|r| (r.target.address, Calibration::clone(&r.calibration))).collect()
}
