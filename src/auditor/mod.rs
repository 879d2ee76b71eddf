//! Asks what an audit needs to know: zones of the DNS, registrations of registries; paced, bounded, and never twice what the state
//! file still knows. Judges nothing: that is `audit`'s.
//!
//! Zones run side by side, up to a bound. Registries each have a queue of their own with their own limits, so that a slow or
//! unwilling one holds up nobody but the domains it holds.

mod limits;
mod pacer;
mod progress;
mod queues;
mod shared;
mod state;
mod zone;

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::audit::{Facts, Task};
use crate::http::RegistryClient;
use crate::probe::{Families, Prober, Walker};
use crate::time::ReadClock;

pub use limits::{Limit, RegistryLimits};
pub use progress::{Progress, Share};
pub use state::{Kept, StateError, StateFile};

use pacer::Pacer;
use queues::Queues;
use zone::ZoneAsker;

/// What asks.
#[derive(Clone)]
pub struct Tools {
    /// Asks name servers.
    pub prober: Arc<Prober>,
    /// Finds zone cuts and addresses; its memory is shared by all zones.
    pub walker: Arc<Walker>,
    /// Which address families may be asked.
    pub families: Families,
    /// Asks registries and registrars.
    pub registry: RegistryClient,
    /// What time it is.
    pub clock: Arc<dyn ReadClock>,
}

/// How fast and how much at once.
#[derive(Debug, Clone)]
pub struct Bounds {
    /// Most DNS queries a second, in all.
    pub queries: f64,
    /// Most DNS queries a second to one address.
    pub queries_per_address: f64,
    /// Most zones under way at once.
    pub zones_at_once: usize,
    /// What registries are asked at most.
    pub registries: RegistryLimits,
    /// Whether registrars are asked for their own answer, which alone tells the date they reckon with.
    pub registrars: bool,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            queries: 200.0,
            queries_per_address: 20.0,
            zones_at_once: 64,
            registries: RegistryLimits::default(),
            registrars: true,
        }
    }
}

/// How a run went.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Run {
    /// Everything heard, now and before.
    pub facts: Facts,
    /// How far it came.
    pub progress: Progress,
    /// Whether it was stopped before the end.
    pub stopped: bool,
}

/// Asks the tasks that `kept` does not answer, tells `state` each answer as it comes, and gives back everything together. `say` is
/// called after each. Once `stop` is cancelled nothing new is asked and the run ends at once.
///
/// # Errors
/// The state file cannot be written; what was asked before is in it.
pub async fn run(
    tools: &Tools,
    bounds: &Bounds,
    tasks: &[Task],
    kept: Kept,
    mut state: Option<&mut StateFile>,
    stop: &CancellationToken,
    say: &mut (dyn FnMut(&Progress) + Send),
) -> Result<Run, StateError> {
    let packets = Arc::new(AtomicU64::new(0));
    let pacer = Arc::new(Pacer::new(bounds.queries, bounds.queries_per_address));
    let asker = Arc::new(ZoneAsker::new(tools.clone(), pacer, Arc::clone(&packets)));
    let mut run = Run::default();
    let mut zones = VecDeque::new();
    let mut queues = Queues::new(tools, bounds);
    for task in tasks {
        match task {
            Task::Dns(task) => {
                let known = kept.facts.dns.get(&task.zone).filter(|facts| {
                    facts.is_learned()
                        && task.is_covered_by(&facts.hosts.iter().map(|h| h.name.clone()).collect::<Vec<_>>())
                });
                match known {
                    Some(facts) => {
                        run.facts.dns.insert(task.zone.clone(), facts.clone());
                        run.progress.zones.kept += 1;
                    }
                    None => zones.push_back(task.clone()),
                }
            }
            Task::Registration(domain) => match kept.facts.registrations.get(domain) {
                Some(hearing) => {
                    run.facts.registrations.insert(domain.clone(), hearing.clone());
                    run.progress.registrations.kept += 1;
                }
                None => match kept.halves.get(domain) {
                    // The registry's word is there; only the registrar may be left to be asked.
                    Some(half) => {
                        run.facts.registrations.insert(domain.clone(), half.clone());
                        run.progress.registrations.kept += usize::from(!queues.add_half(domain, half));
                    }
                    None => queues.add(domain.clone()),
                },
            },
        }
    }
    drop(kept);
    run.progress.zones.all = run.progress.zones.kept + zones.len();
    run.progress.registrations.all = run.progress.registrations.kept + queues.len();
    say(&run.progress);
    let mut under_way = JoinSet::new();
    loop {
        while under_way.len() < bounds.zones_at_once.max(1)
            && let Some(task) = zones.pop_front()
        {
            let asker = Arc::clone(&asker);
            under_way.spawn(async move { (task.zone.clone(), asker.ask(&task).await) });
        }
        if under_way.is_empty() && queues.is_empty() {
            break;
        }
        tokio::select! {
            biased;
            () = stop.cancelled() => {
                run.stopped = true;
                break;
            }
            Some(ended) = under_way.join_next() => {
                // A task that panicked has nothing to tell; its zone is then one that was not asked.
                run.progress.zones.done += 1;
                if let Ok((zone, facts)) = ended {
                    if let Some(state) = state.as_deref_mut().filter(|_| facts.is_learned()) {
                        state.note_zone(&zone, &facts)?;
                    }
                    run.facts.dns.insert(zone, facts);
                }
            }
            Some(heard) = queues.next(), if !queues.is_empty() => {
                run.progress.registrations.done += usize::from(heard.last);
                // What failed at the registrar is asked again by the next run; the registry's word is written already.
                let news = heard.whole || !heard.last || heard.hearing.registrar().is_none();
                if let Some(state) = state.as_deref_mut().filter(|_| news && state::is_learned(&heard.hearing)) {
                    state.note_registration(&heard.domain, &heard.hearing, heard.whole)?;
                }
                run.facts.registrations.insert(heard.domain, heard.hearing);
            }
        }
        run.progress.packets = packets.load(Ordering::Relaxed);
        run.progress.questions = queues.asked();
        say(&run.progress);
    }
    run.progress.packets = packets.load(Ordering::Relaxed);
    run.progress.questions = queues.asked();
    Ok(run)
}
