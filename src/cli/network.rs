//! Puts the engine together: sockets, prober, walker, clock, schedule.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};

use crate::catalog::{ParkingCatalog, RootHints};
use crate::cli::complain::Complaint;
use crate::cli::journal::{JournalPlace, Recording};
use crate::cli::print::Progress;
use crate::cli::registry::registries_of_environment;
use crate::cli::remember::recall;
use crate::cli::setup::Plan;
use crate::dns::Name;
use crate::engine::{Command, Engine, Lines, SystemClock};
use crate::http::{LookUpHost, RDAP_LIMITS};
use crate::incident::Incident;
use crate::judge::Verdict;
use crate::probe::{Families, Internet, Patience, Prober, ServerAddress, Walker};
use crate::schedule::{Mode, REGISTRY_GAP, Schedule};
use crate::time::ReadClock as _;

/// An engine ready to run, with the other ends of its lines.
pub struct Ready {
    /// The engine.
    pub engine: Engine,
    /// Its ends of the lines.
    pub lines: Lines,
    /// Where to send the operator's wishes.
    pub commands: mpsc::Sender<Command>,
    /// Where the incident is published.
    pub news: watch::Receiver<Arc<Incident>>,
    /// The clock all stamps come from.
    pub clock: Arc<SystemClock>,
    /// Looks up host names by walking from the root.
    pub walker: Arc<Walker>,
}

/// Opens the sockets and puts an engine together. Nothing is sent yet.
///
/// # Errors
/// The sockets cannot be opened.
pub fn ready(plan: &Plan, mode: Mode) -> Result<Ready, Complaint> {
    let (prober, walker, clock) = walk_tools(&plan.hints, plan.families, plan.wait)?;
    let incident = Incident::open(plan.opening.clone(), Arc::new(ParkingCatalog::embedded()), clock.now());
    let schedule = Schedule::new(mode, plan.rates, rand::random()).with_neutral(plan.neutral.clone());
    let (commands, wishes) = mpsc::channel(64);
    let (publish, news) = watch::channel(Arc::new(incident.clone()));
    let engine = Engine::new(prober, walker.clone(), clock.clone(), incident, schedule, plan.known_addresses.clone())
        .with_memory(recall(plan));
    let asks = plan.registration && !matches!(mode, Mode::Round { resolvers: false, .. });
    let engine = if asks {
        let total = if mode == Mode::Watch { RDAP_LIMITS.total } else { RDAP_LIMITS.total.min(plan.round / 2) };
        let registries = registries_of_environment(&plan.settings, &walker, total)?;
        let ask = registries.ask(clock.clone());
        if mode == Mode::Watch {
            // For the next run. Without it that one has the built-in table, so a failure is not worth a word here.
            tokio::spawn(async move { registries.refresh_table().await });
        }
        engine.with_registry(ask, REGISTRY_GAP)
    } else {
        engine
    };
    Ok(Ready { engine, lines: Lines { commands: wishes, news: publish }, commands, news, clock, walker })
}

/// What asks, what walks from the root, and the clock both go by.
pub type WalkTools = (Arc<Prober>, Arc<Walker>, Arc<SystemClock>);

/// Opens the sockets: what asks, what walks from the root, and the clock both go by.
///
/// # Errors
/// The sockets cannot be opened, or no root server is left to ask.
pub fn walk_tools(hints: &RootHints, families: Families, wait: Duration) -> Result<WalkTools, Complaint> {
    let internet = Internet::open().map_err(|e| {
        Complaint::own(format!("no socket could be opened: {e}"), "check the limit of open files (ulimit -n)")
    })?;
    let clock = Arc::new(SystemClock::start());
    let patience = Patience::ending_after(wait);
    let prober = Arc::new(Prober::new(Arc::new(internet), clock.clone(), patience));
    let start = hints.servers.iter().flat_map(|server| {
        server.addresses.iter().map(|address| ServerAddress { name: server.name.clone(), address: *address })
    });
    let start: Vec<ServerAddress> = start.filter(|s| families.allow(s.address)).collect();
    if start.is_empty() {
        return Err(Complaint::usage("no root server is left to ask", "check -4, -6 and the root hints"));
    }
    let walker = Arc::new(Walker::new(prober.clone(), start, families));
    Ok((prober, walker, clock))
}

/// Runs one round, never longer than the plan's limit, and gives back the incident with the clock it was stamped by.
/// Meanwhile a line on the terminal says how far it is, where that is wanted.
///
/// # Errors
/// As [`ready`].
pub async fn run_round(plan: &Plan, mode: Mode, progress: bool) -> Result<(Incident, Arc<SystemClock>), Complaint> {
    let Ready { engine, lines, clock, commands, news, .. } = ready(plan, mode)?;
    let command = if plan.opening.resolvers.is_empty() { "trace" } else { "check" };
    let started = news.borrow().started();
    let place = JournalPlace::asked(plan.journal.as_ref());
    let (recording, engine) = Recording::begin(&place, command, false, started, &plan.opening, engine);
    let incident = with_progress(engine.run(Some(plan.round), lines), news, progress).await;
    drop(commands);
    recording.end(clock.now());
    Ok((incident, clock))
}

/// Runs a round to its end and says on the terminal how far it is.
pub async fn with_progress(
    round: impl Future<Output = Incident>,
    mut news: watch::Receiver<Arc<Incident>>,
    wanted: bool,
) -> Incident {
    let mut progress = Progress::start(wanted);
    tokio::pin!(round);
    loop {
        progress.say(&how_far(&news.borrow_and_update()));
        tokio::select! {
            incident = &mut round => return incident,
            // The sender lives in the round: when it is gone, the round is about to end.
            Ok(()) = news.changed() => {}
        }
    }
}

/// `heard 13 of 13 parent servers, 4 of 4 name servers, 96 of 126 resolvers`.
pub fn how_far(incident: &Incident) -> String {
    let parents = incident.parents();
    if parents.is_empty() {
        return format!("looking for the parent's servers: {} answers so far …", incident.observed());
    }
    let decided = |verdict: Verdict| verdict != Verdict::Unknown;
    let heard = parents.values().filter(|p| decided(p.judgement.verdict)).count();
    let mut parts = vec![format!("{heard} of {} parent servers", parents.len())];
    let servers = incident.authorities();
    if !servers.is_empty() {
        let heard = servers.values().filter(|a| decided(a.judgement.verdict)).count();
        parts.push(format!("{heard} of {} name servers", servers.len()));
    }
    let resolvers = incident.resolvers();
    if !resolvers.is_empty() {
        let heard = resolvers.iter().filter(|r| decided(r.judgement.verdict)).count();
        parts.push(format!("{heard} of {} resolvers", resolvers.len()));
    }
    format!("heard {} …", parts.join(", "))
}

/// HTTP hosts are looked up by walking from the root, so that a broken local resolver is no obstacle.
pub fn look_up(walker: &Arc<Walker>) -> LookUpHost {
    let walker = Arc::clone(walker);
    Arc::new(move |host: String| {
        let walker = Arc::clone(&walker);
        Box::pin(async move {
            let name = Name::from_user(&host).map_err(|e| e.to_string())?;
            let found = walker.host_addresses(&name, &|_| ()).await.map_err(|e| e.to_string())?;
            Ok(found.into_iter().map(|address| address.ip()).collect::<Vec<IpAddr>>())
        })
    })
}
