//! Plays a scenario: the real engine, prober, walker and schedule over a simulated internet, in virtual time.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use unpark::catalog::ParkingCatalog;
use unpark::drill::model::{Action, FlushScope};
use unpark::drill::network::Network;
use unpark::drill::scenario::{Deed, Scenario};
use unpark::engine::{Command, Engine, Lines};
use unpark::flush::{Arming, FlushOperator, FlushPlan, SourceState, arming, guard};
use unpark::incident::{
    Event, FlushAct, FlushChoice, FlushOutcome, FlushRecord, Incident, Opening, ResolverTarget, Survey,
};
use unpark::judge::{Calibration, Expectation, ExpectationSource};
use unpark::probe::{Families, Patience, Prober, ServerAddress, Walker};
use unpark::schedule::{Mode, Rates, Schedule};
use unpark::time::{ReadClock as _, Timestamp};

/// When every play begins: any moment will do, as long as it is the same.
const BEGIN: Timestamp = Timestamp::from_secs(1_795_350_000);

/// What is left of a play.
pub struct Played {
    /// The incident at the end, settled.
    pub incident: Incident,
    /// What it started from.
    pub opening: Opening,
    /// Every fact in the order in which the engine took them in.
    pub events: Vec<(Timestamp, Event)>,
    /// Every moment at which the engine settled the incident, after how many facts, and whether that was noted.
    pub settled: Vec<(usize, Timestamp, bool)>,
}

/// Looks at the play at moments of its own choice: given the time since the beginning, it says how long to wait.
pub trait Watch {
    /// Looks, and says when to look again; none to look no more.
    fn look(&mut self, since: Duration, incident: &Incident, network: &Network) -> Option<Duration>;

    /// What an earlier run learned about the resolvers.
    fn remembered(&self) -> Vec<(SocketAddr, Calibration)> {
        Vec::new()
    }
}

/// What the operator knows and asks for.
pub fn opening(scenario: &Scenario) -> Opening {
    let resolver = |r: &unpark::drill::stage::Resolver| ResolverTarget {
        id: r.id.clone(),
        operator: r.operator.clone(),
        city: if r.caches > 1 { "anycast".to_owned() } else { String::new() },
        country: Some(r.country.clone()).filter(|c| !c.is_empty()),
        address: SocketAddr::new(r.addresses[0], 53),
        system: false,
        flush: unpark::flush::FlushOperator::of_resolvers(&r.operator),
    };
    let said = !scenario.expect.is_empty();
    Opening {
        zone: scenario.stage.zone.clone(),
        expectation: said
            .then(|| Expectation { ns: scenario.expect.iter().cloned().collect(), source: ExpectationSource::Flag }),
        parked: scenario.known_parked.iter().map(|set| set.iter().cloned().collect()).collect(),
        hosts: scenario.hosts.clone(),
        survey: match scenario.survey {
            "off" => Survey::Off,
            "always" => Survey::Always,
            _ => Survey::Once,
        },
        samples_needed: 3,
        confidence: 14,
        addresses_vary: scenario.varying_addresses,
        marker: scenario.marker.clone(),
        resolvers: scenario.stage.resolvers.iter().map(resolver).collect(),
    }
}

/// Plays a scenario from its beginning to its end, and lets `watch` look at it after `first`.
pub fn play(scenario: &Scenario, seed: u64, first: Duration, watch: &mut impl Watch) -> Played {
    let events = Arc::new(Mutex::new(Vec::new()));
    let record = {
        let events = Arc::clone(&events);
        move |at, event: &Event| events.lock().unwrap().push((at, event.clone()))
    };
    let settled = Arc::new(Mutex::new(Vec::new()));
    let settle_record = {
        let (events, settled) = (Arc::clone(&events), Arc::clone(&settled));
        move |at, noted| {
            let facts = events.lock().unwrap().len();
            settled.lock().unwrap().push((facts, at, noted));
        }
    };
    let incident = play_to(scenario, seed, first, watch, record, settle_record);
    let events = std::mem::take(&mut *events.lock().unwrap());
    let settled = std::mem::take(&mut *settled.lock().unwrap());
    Played { incident, opening: opening(scenario), events, settled }
}

/// The same, telling `record` each fact instead of keeping all of them, and `settle_record` each settling.
pub fn play_to(
    scenario: &Scenario,
    seed: u64,
    first: Duration,
    watch: &mut impl Watch,
    record: impl FnMut(Timestamp, &Event) + Send + 'static,
    settle_record: impl FnMut(Timestamp, bool) + Send + 'static,
) -> Incident {
    play_late(scenario, seed, Duration::ZERO, first, watch, record, settle_record)
}

/// The same, with a tool that is started `late`.
pub fn play_late(
    scenario: &Scenario,
    seed: u64,
    late: Duration,
    first: Duration,
    watch: &mut impl Watch,
    record: impl FnMut(Timestamp, &Event) + Send + 'static,
    settle_record: impl FnMut(Timestamp, bool) + Send + 'static,
) -> Incident {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let network = Arc::new(Network::start(scenario.stage.build(BEGIN, seed)).on(scenario.machine.clone()));
        let clock: Arc<dyn unpark::time::ReadClock> = network.clone();
        let patience = Patience::default();
        let prober = Arc::new(Prober::seeded(network.clone(), clock.clone(), patience, seed));
        let roots = scenario.stage.roots.iter().flat_map(|host| {
            let named =
                |a: &std::net::IpAddr| ServerAddress { name: host.name.clone(), address: SocketAddr::new(*a, 53) };
            host.addresses.iter().map(named).collect::<Vec<_>>()
        });
        let walker = Arc::new(Walker::new(prober.clone(), roots.collect(), Families { ipv4: true, ipv6: true }));
        network.reach(BEGIN + late).await;
        let incident = Incident::open(opening(scenario), Arc::new(ParkingCatalog::embedded()), network.now());
        let (commands, wishes) = tokio::sync::mpsc::channel(64);
        let (publish, news) = tokio::sync::watch::channel(Arc::new(incident.clone()));
        let schedule = Schedule::new(Mode::Watch, Rates::default(), seed).with_neutral(scenario.stage.neutral());
        let engine = Engine::new(prober, walker, clock, incident, schedule, BTreeMap::new());
        let engine = engine.with_record(record).with_settle_record(settle_record).with_memory(watch.remembered());
        let run = engine.run(Some(scenario.lasts.saturating_sub(late)), Lines { commands: wishes, news: publish });
        let looks = async {
            let mut wait = Some(first);
            while let Some(span) = wait {
                network.reach(network.world() + span).await;
                let incident = Arc::clone(&news.borrow());
                wait = watch.look(network.world().since(BEGIN), &incident, &network);
            }
        };
        let acts = act(scenario, &news, &network, &commands);
        tokio::pin!(acts);
        tokio::pin!(looks);
        tokio::pin!(run);
        let (mut looking, mut acting) = (true, true);
        loop {
            tokio::select! {
                biased;
                incident = &mut run => break incident,
                () = &mut looks, if looking => looking = false,
                () = &mut acts, if acting => acting = false,
            }
        }
    })
}

/// How long an operator takes to flush what it accepted.
const FLUSH_TAKES: Duration = Duration::from_secs(2);

/// Does what the scenario has the operator do: through the tool's own guard and plan, to operators that accept everything.
async fn act(
    scenario: &Scenario,
    news: &tokio::sync::watch::Receiver<Arc<Incident>>,
    network: &Arc<Network>,
    commands: &tokio::sync::mpsc::Sender<Command>,
) {
    let tell = |act| async {
        commands.send(Command::FlushActed { by: "drill".to_owned(), act }).await.unwrap();
    };
    for act in &scenario.acts {
        network.reach(BEGIN + act.at).await;
        let operator = FlushOperator::of_resolvers(&act.operator).unwrap();
        let mut choice = FlushChoice { operators: vec![operator], ..FlushChoice::usual() };
        let mut incident = Arc::clone(&news.borrow());
        let mut against = guard(&SourceState::of(&incident)).err().unwrap_or_default();
        if act.deed == Deed::Flush && !against.is_empty() {
            continue;
        }
        if act.deed == Deed::ArmFlush {
            tell(FlushAct::Armed(choice.clone())).await;
            loop {
                tokio::time::sleep(Duration::from_millis(200)).await;
                incident = Arc::clone(&news.borrow());
                if matches!(arming(&incident), Some(Arming::Counts { until }) if until <= network.now()) {
                    choice = incident.armed_flush().unwrap().choice.clone();
                    against = Vec::new();
                    break;
                }
            }
        }
        let steps = FlushPlan::of(&incident, &choice).steps;
        let against = against.iter().map(ToString::to_string).collect();
        tell(FlushAct::Ordered { steps: steps.clone(), against }).await;
        for step in steps {
            tokio::time::sleep(Duration::from_millis(334)).await;
            let scope = FlushScope::Type(step.name.clone(), step.rtype);
            let flush = Action::Flush { operator: act.operator.clone(), scope };
            let network = Arc::clone(network);
            tokio::spawn(async move {
                tokio::time::sleep(FLUSH_TAKES).await;
                network.act(flush);
            });
            let outcome = if step.operator.needs_a_person() {
                FlushOutcome::DoneByHand
            } else {
                FlushOutcome::Sent { reply: "purge request queued".to_owned() }
            };
            let record = FlushRecord { step, outcome, by: "drill".to_owned() };
            commands.send(Command::FlushStepEnded(record)).await.unwrap();
        }
    }
}

/// The facts once more, taken in by a fresh incident that is settled after each moment: what a replay gives.
pub fn replay(played: &Played, events: &[(Timestamp, Event)]) -> Incident {
    let mut incident = Incident::open(played.opening.clone(), Arc::new(ParkingCatalog::embedded()), BEGIN);
    for same in events.chunk_by(|a, b| a.0 == b.0) {
        for (at, event) in same {
            incident.apply(*at, event);
        }
        incident.settle(same[0].0);
    }
    incident
}
