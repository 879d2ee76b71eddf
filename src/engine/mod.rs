//! The loop: schedule → probe → event → incident → publish. Owns the tasks; decides nothing itself.
//!
//! Views hold the receiving end of what is published and send [`Command`]s; neither side knows the other.

mod clock;
mod resolver_check;

use std::collections::{BTreeMap, HashSet};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use crate::dns::Name;
use crate::incident::{Event, FlushAct, FlushRecord, FoundServer, Incident, ResolverTarget, Survey};
use crate::judge::{Calibration, Expectation};
use crate::observation::{Observation, Outcome, Purpose, Query, Role};
use crate::probe::{Prober, WalkError, Walker, ZoneCut};
use crate::registration::Hearing;
use crate::schedule::Schedule;
use crate::time::{ClockJump, ReadClock, Timestamp};

pub use clock::SystemClock;
pub use resolver_check::check_resolvers;

/// What the operator asks of a running watch.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// This is correct.
    Accept(Expectation),
    /// Ask resolvers like this while the parent is wrong.
    Survey(Survey),
    /// Watch these names too.
    WatchHosts(Vec<Name>),
    /// The operator decided something about a flush.
    FlushActed {
        /// Who: the user's name, or `unpark` where that is not known.
        by: String,
        /// What.
        act: FlushAct,
    },
    /// Ask this resolver too.
    AddResolver(ResolverTarget),
    /// A step of a flush ended.
    FlushStepEnded(FlushRecord),
    /// The operator makes a note.
    Note(String),
    /// End the watch.
    Stop,
}

/// How a run is connected to the outside.
pub struct Lines {
    /// The operator's wishes. When the sender is gone the watch goes on.
    pub commands: mpsc::Receiver<Command>,
    /// Where the incident is published, settled, at most every [`PUBLISH_INTERVAL`].
    pub news: watch::Sender<Arc<Incident>>,
}

/// Runs one incident.
pub struct Engine {
    prober: Arc<Prober>,
    walker: Arc<Walker>,
    clock: Arc<dyn ReadClock>,
    /// Addresses of name servers that the operator gave.
    known_addresses: BTreeMap<Name, Vec<SocketAddr>>,
    incident: Incident,
    schedule: Schedule,
    tasks: JoinSet<Ended>,
    heard: (mpsc::UnboundedSender<Observation>, mpsc::UnboundedReceiver<Observation>),
    record: Option<Record>,
    registry: Option<AskRegistry>,
    /// What earlier runs learned about resolvers.
    memory: Vec<(SocketAddr, Calibration)>,
    settle_record: Option<SettleRecord>,
    /// What is asked and not answered yet, and since when.
    under_way: Vec<(Query, Timestamp)>,
    /// Resolvers that were sent a sample since source ports were last renewed.
    sampled: HashSet<SocketAddr>,
    renewed: Option<Timestamp>,
    /// Whether anything was taken in, or judged anew, since the incident was last published.
    unpublished: bool,
    /// Whether our own network was gone when that was last looked at.
    cut_off: bool,
}

/// An answer that has not been waited for that long, when the time is up, may still be on its way.
const LEAST_WAIT: Duration = Duration::from_secs(1);

/// What is told each fact as it is taken in.
type Record = Box<dyn FnMut(Timestamp, &Event) + Send>;
/// What is told each moment at which the state was settled, and whether anything that is remembered changed by it.
type SettleRecord = Box<dyn FnMut(Timestamp, bool) + Send>;

/// Asks registry and registrar about the registration of a zone. May take its time, and may be dropped.
pub type AskRegistry = Arc<dyn Fn(Name) -> BoxFuture<'static, Hearing> + Send + Sync>;

/// What a task came back with.
enum Ended {
    Asked(Box<Observation>),
    Walked(Result<ZoneCut, WalkError>),
    Registered(Box<Hearing>),
    Resolved { host: Name, begun: Timestamp, found: Result<Vec<SocketAddr>, WalkError> },
}

/// The shortest time between two published states: faster than an eye, slower than a flood of answers.
pub const PUBLISH_INTERVAL: Duration = Duration::from_millis(100);
/// Source ports are renewed at most so often, so that the old ones can end first: each holds a descriptor.
const RENEW_INTERVAL: Duration = Duration::from_millis(250);
/// Answers that come together are judged together.
const GATHER: Duration = Duration::from_millis(4);
/// The longest sleep: a machine that slept, or a clock that was stepped, is noticed within it.
const HEARTBEAT: Duration = Duration::from_secs(5);
/// A sleep, or a step of the wall clock, shorter than this changes nothing.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(3);

impl Engine {
    /// An engine that has asked nothing yet.
    #[must_use]
    pub fn new(
        prober: Arc<Prober>,
        walker: Arc<Walker>,
        clock: Arc<dyn ReadClock>,
        incident: Incident,
        schedule: Schedule,
        known_addresses: BTreeMap<Name, Vec<SocketAddr>>,
    ) -> Self {
        Self {
            prober,
            walker,
            clock,
            known_addresses,
            incident,
            schedule,
            tasks: JoinSet::new(),
            heard: mpsc::unbounded_channel(),
            record: None,
            registry: None,
            memory: Vec::new(),
            settle_record: None,
            under_way: Vec::new(),
            sampled: HashSet::new(),
            renewed: None,
            unpublished: true,
            cut_off: false,
        }
    }

    /// The same, telling `record` every fact, with its time, in the order in which the incident takes them in: applied
    /// to a fresh incident in that order, they lead to the same state.
    #[must_use]
    pub fn with_record(mut self, record: impl FnMut(Timestamp, &Event) + Send + 'static) -> Self {
        self.record = Some(Box::new(record));
        self
    }

    /// The same, beginning with what earlier runs learned about resolvers.
    #[must_use]
    pub fn with_memory(mut self, memory: Vec<(SocketAddr, Calibration)>) -> Self {
        self.memory = memory;
        self
    }

    /// The same, asking the registry too, through `ask`: at most once in `gap`.
    #[must_use]
    pub fn with_registry(mut self, ask: AskRegistry, gap: Duration) -> Self {
        self.schedule = self.schedule.with_registry(gap);
        self.registry = Some(ask);
        self
    }

    /// The same, telling `record` every moment at which the incident was settled and anything came of it, among the facts
    /// in their order, and whether it was noted ([`Incident::noted`]). Settled at these moments again, a fresh incident
    /// goes through the very same states.
    #[must_use]
    pub fn with_settle_record(mut self, record: impl FnMut(Timestamp, bool) + Send + 'static) -> Self {
        self.settle_record = Some(Box::new(record));
        self
    }

    /// Runs until the round is finished, `limit` has passed, or the operator stops it. Gives back the incident,
    /// settled. Nothing started here outlives the call.
    pub async fn run(mut self, limit: Option<Duration>, mut lines: Lines) -> Incident {
        let started = self.clock.now();
        let end = limit.map(|limit| started + limit);
        let mut published: Option<Timestamp> = None;
        let mut operator_gone = false;
        let memory = std::mem::take(&mut self.memory);
        if !memory.is_empty() {
            self.apply(started, &Event::CalibrationsRemembered(memory));
        }
        loop {
            self.check_clock();
            let now = self.clock.now();
            self.count_strays(now);
            self.unpublished |= self.settle(now);
            self.check_network(now);
            let turn = self.schedule.turn(&self.incident, now);
            let out_of_time = end.is_some_and(|end| now >= end);
            if out_of_time {
                self.give_up(now);
            }
            let finished = turn.finished || end.is_some_and(|end| now >= end);
            self.start_tasks(&turn, now);
            // Intervals are real time; the clock may run faster.
            let since = published.map(|at| self.clock.wait_for(now.since(at)));
            let publish_in = since.map_or(Duration::ZERO, |since| PUBLISH_INTERVAL.saturating_sub(since));
            if finished || (self.unpublished && publish_in.is_zero()) {
                let mut shown = self.incident.clone();
                shown.note_budget(self.schedule.budget(now));
                lines.news.send_replace(Arc::new(shown));
                (published, self.unpublished) = (Some(now), false);
            }
            if finished {
                break;
            }
            let moments = [turn.wake, end, self.incident.next_moment()].into_iter().flatten();
            let next = moments.min().map_or(HEARTBEAT, |at| self.clock.wait_for(at.until(now)).min(HEARTBEAT));
            let wake = if self.unpublished { next.min(publish_in) } else { next };
            let sleep = tokio::time::sleep(wake.max(Duration::from_millis(1)));
            // In this order, so that the same answers give the same run.
            tokio::select! {
                biased;
                command = lines.commands.recv(), if !operator_gone => match command {
                    Some(Command::Stop) => break,
                    Some(command) => self.obey(command),
                    None => operator_gone = true,
                },
                Some(observation) = self.heard.1.recv() => self.observe(observation),
                Some(ended) = self.tasks.join_next() => {
                    // A task that panicked or was cancelled has nothing to tell.
                    if let Ok(ended) = ended { self.take(ended) }
                    tokio::time::sleep(GATHER).await;
                    while let Some(Ok(ended)) = self.tasks.try_join_next() { self.take(ended) }
                }
                () = sleep => {}
            }
            while let Ok(observation) = self.heard.1.try_recv() {
                self.observe(observation);
            }
        }
        self.tasks.abort_all();
        self.settle(self.clock.now());
        lines.news.send_replace(Arc::new(self.incident.clone()));
        self.incident
    }

    /// Samples of one address must be flows of their own, or a balancer leads all of them to the same few caches.
    fn renew_flows(&mut self, turn: &crate::schedule::Turn, now: Timestamp) {
        let is_sample = |query: &&Query| query.target.role == Role::Resolver && query.purpose == Purpose::Nonce;
        let sampled = || turn.queries.iter().filter(is_sample).map(|query| query.target.address);
        let again = sampled().any(|address| self.sampled.contains(&address));
        let long_ago = self.renewed.is_none_or(|at| self.clock.wait_for(now.since(at)) >= RENEW_INTERVAL);
        if again && long_ago {
            self.prober.renew_flows();
            self.sampled.clear();
            self.renewed = Some(now);
        }
        self.sampled.extend(sampled());
    }

    fn start_tasks(&mut self, turn: &crate::schedule::Turn, now: Timestamp) {
        self.renew_flows(turn, now);
        for query in &turn.queries {
            let (prober, query) = (Arc::clone(&self.prober), query.clone());
            self.under_way.push((query.clone(), now));
            self.tasks.spawn(async move { Ended::Asked(Box::new(prober.ask(&query).await)) });
        }
        if turn.find_parent {
            let (walker, zone, heard) = (Arc::clone(&self.walker), self.incident.zone().clone(), self.heard.0.clone());
            // A later walk must see the present, not what the first one remembered.
            walker.forget();
            self.tasks.spawn(async move {
                let tell = move |observation| {
                    let _ = heard.send(observation);
                };
                Ended::Walked(walker.find_zone_cut(&zone, &tell).await)
            });
        }
        if let Some(ask) = self.registry.as_ref().filter(|_| turn.ask_registry) {
            let hearing = ask(self.incident.zone().clone());
            self.tasks.spawn(async move { Ended::Registered(Box::new(hearing.await)) });
        }
        for host in &turn.hosts {
            if let Some(addresses) = self.known_addresses.get(host) {
                let addresses = Ok(addresses.clone());
                self.schedule.host_ended(host);
                self.apply(now, &Event::HostResolved { host: host.clone(), addresses });
                continue;
            }
            let zone = self.incident.zone();
            if host.is_at_or_below(zone) && !self.incident.source().parent_right {
                // Asking for it would follow the wrong delegation and bring back the parking address.
                let reason = "it lies inside the zone, whose delegation is not right; give it as NAME=ADDRESS";
                self.schedule.host_ended(host);
                let event = Event::HostResolved { host: host.clone(), addresses: Err(reason.to_owned()) };
                self.apply(now, &event);
                continue;
            }
            let (walker, host, heard) = (Arc::clone(&self.walker), host.clone(), self.heard.0.clone());
            self.tasks.spawn(async move {
                let tell = move |observation| {
                    let _ = heard.send(observation);
                };
                let found = walker.host_addresses(&host, &tell).await;
                Ended::Resolved { host, begun: now, found }
            });
        }
    }

    fn take(&mut self, ended: Ended) {
        let now = self.clock.now();
        match ended {
            Ended::Asked(observation) => {
                self.schedule.ended(&observation.query);
                if let Some(at) = self.under_way.iter().position(|(query, _)| *query == observation.query) {
                    self.under_way.swap_remove(at);
                }
                self.observe(*observation);
            }
            Ended::Walked(Ok(cut)) => {
                self.schedule.walk_ended();
                let servers =
                    cut.servers.into_iter().map(|s| FoundServer { name: s.name, address: s.address }).collect();
                let event = Event::CutFound { parent: cut.parent, servers, unresolved: cut.unresolved };
                self.apply(now, &event);
            }
            Ended::Walked(Err(error)) => {
                self.schedule.walk_ended();
                let ours = matches!(error, WalkError::NotSent(_));
                self.apply(now, &Event::WalkFailed { reason: error.to_string(), ours });
            }
            Ended::Registered(hearing) => {
                self.schedule.registry_ended();
                self.apply(now, &Event::RegistrationHeard(hearing));
            }
            Ended::Resolved { host, begun, found } => {
                self.schedule.host_ended(&host);
                if let Some(addresses) = self.say_addresses(found, begun) {
                    self.apply(now, &Event::HostResolved { host, addresses });
                }
            }
        }
    }

    /// What a search for a host's addresses that began at `begun` says about the host; none when it failed for a reason
    /// of our own. Then the search is only repeated: nothing may be held against the domain.
    fn say_addresses(
        &self,
        found: Result<Vec<SocketAddr>, WalkError>,
        begun: Timestamp,
    ) -> Option<Result<Vec<SocketAddr>, String>> {
        match found {
            Err(WalkError::NotSent(_) | WalkError::BudgetExceeded) => None,
            // Where nobody at all was heard meanwhile, it is our network that is silent.
            Err(WalkError::NobodyAnswered { .. }) if self.incident.heard_afar().is_none_or(|at| at < begun) => None,
            Err(error) => Some(Err(error.to_string())),
            Ok(addresses) if addresses.is_empty() && self.walker.asks_every_family() => {
                Some(Err("it has no address".to_owned()))
            }
            Ok(addresses) => Some(Ok(addresses)),
        }
    }

    /// The time is up: what has been waited for long enough counts as not answered, so that a server that stays silent to the
    /// very end is judged as what it is.
    fn give_up(&mut self, now: Timestamp) {
        for (query, sent) in std::mem::take(&mut self.under_way) {
            if now.since(sent) < LEAST_WAIT {
                continue;
            }
            let (asked, outcome) = (query.name.clone(), Outcome::NoResponse);
            self.schedule.ended(&query);
            self.observe(Observation { query, asked, outcome, sent, at: now, rtt: None, packets: 1 });
        }
        self.unpublished |= self.incident.settle(now);
    }

    /// Every fact goes through here.
    fn apply(&mut self, at: Timestamp, event: &Event) {
        if let Some(record) = &mut self.record {
            record(at, event);
        }
        self.incident.apply(at, event);
    }

    /// Every settling goes through here.
    fn settle(&mut self, now: Timestamp) -> bool {
        let settled = self.incident.settle(now);
        if let Some(record) = self.settle_record.as_mut().filter(|_| settled) {
            record(now, self.incident.noted());
        }
        settled
    }

    fn observe(&mut self, observation: Observation) {
        let at = observation.at;
        self.apply(at, &Event::Observed(Arc::new(observation)));
    }

    fn obey(&mut self, command: Command) {
        let event = match command {
            Command::Accept(expectation) => Event::ExpectationAccepted(expectation),
            Command::Survey(survey) => Event::SurveyChanged(survey),
            Command::WatchHosts(hosts) => Event::HostsWatched(hosts),
            Command::FlushActed { by, act } => Event::FlushActed { by, act },
            Command::AddResolver(target) => Event::ResolverAdded(target),
            Command::FlushStepEnded(record) => Event::FlushStepEnded(record),
            Command::Note(text) => Event::NoteMade(text),
            Command::Stop => return,
        };
        self.apply(self.clock.now(), &event);
    }

    /// What was dropped because it answered nothing that was asked is a fact too.
    fn count_strays(&mut self, now: Timestamp) {
        let total = self.prober.dropped();
        if total > self.incident.strays() {
            self.apply(now, &Event::StraysCame { total });
        }
    }

    /// After a sleep nothing counted by the clock holds any more, and what was under way is lost. That the wall clock was
    /// set is only told: nothing is counted by it.
    fn check_clock(&mut self) {
        let before = self.clock.now();
        match self.clock.jump(CLOCK_TOLERANCE) {
            None => {}
            Some(ClockJump::Slept(seconds)) => {
                self.apply(before, &Event::ClockJumped { seconds });
                // An answer that waited for this machine to wake would be taken for a fresh one.
                self.tasks.abort_all();
                self.tasks = JoinSet::new();
                self.under_way.clear();
                self.schedule.abandon();
                self.schedule.start_over(self.clock.now());
            }
            Some(ClockJump::WallSet(seconds)) => self.apply(before, &Event::WallClockSet { seconds }),
        }
    }

    /// When our network is whole again everything is asked anew.
    fn check_network(&mut self, now: Timestamp) {
        let was = std::mem::replace(&mut self.cut_off, self.incident.is_cut_off());
        if was && !self.cut_off {
            self.schedule.start_over(now);
        }
    }
}
