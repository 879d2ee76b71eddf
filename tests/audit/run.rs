//! A run on a simulated portfolio: whatever asks is the product's own, the DNS is in memory and the registries are real HTTP.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use tokio_util::sync::CancellationToken;
use unpark::audit::input::{Format, read};
use unpark::audit::{Audit, Choice, Facts, Portfolio, assess, plan};
use unpark::auditor::{Bounds, Kept, Limit, Progress, RegistryLimits, Run, StateFile, Tools, run};
use unpark::catalog::{ParkingCatalog, RdapTable};
use unpark::http::{
    HttpClient, Limits, ProxySettings, RDAP_LIMITS, RdapClient, RegistryClient, WHOIS_LIMITS, WhoisClient, no_look_up,
};
use unpark::probe::{Families, Patience, Prober, ServerAddress, Walker};
use unpark::time::{ReadClock, Timestamp};

use crate::portfolio::{InMemory, Trouble, World};

pub struct WallClock;

impl ReadClock for WallClock {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
        Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap())
    }
}

/// Silence is the subject of few zones, and in memory nobody is slow.
const SHORT: Patience = Patience {
    first_retry: Duration::from_millis(20),
    tcp_after: Duration::from_millis(40),
    give_up: Duration::from_millis(100),
};

pub fn tools(world: &Arc<World>, table: &str, total: Duration) -> Tools {
    let clock: Arc<dyn ReadClock> = Arc::new(WallClock);
    let families = Families { ipv4: true, ipv6: false };
    let prober = Arc::new(Prober::seeded(Arc::new(InMemory(Arc::clone(world))), Arc::clone(&clock), SHORT, 7));
    let root = ServerAddress { name: "a.root-sim.net".parse().unwrap(), address: World::root(53) };
    let walker = Arc::new(Walker::new(Arc::clone(&prober), vec![root], families));
    let limits = |usual: Limits| Limits { total, ..usual };
    let http = HttpClient::new(&no_look_up(), &ProxySettings::none(), limits(RDAP_LIMITS)).unwrap();
    let registry = RegistryClient::new(
        RdapTable::parse(table, "t").unwrap(),
        RdapClient::new(http, total),
        WhoisClient::new(&no_look_up(), Some("127.0.0.1:1".parse().unwrap()), limits(WHOIS_LIMITS)),
    );
    Tools { prober, walker, families, registry, clock }
}

/// No pauses: the world is our own.
pub fn unpaced() -> Bounds {
    let same = Some(Limit { at_once: 16, pause: Duration::ZERO });
    Bounds {
        queries: 1e6,
        queries_per_address: 1e6,
        registries: RegistryLimits { same, first_wait: Duration::from_millis(10), ..RegistryLimits::default() },
        ..Bounds::default()
    }
}

pub fn choice() -> Choice {
    Choice { dns: true, registration: true, warn: Duration::from_secs(30 * 86_400), parked: Vec::new() }
}

/// Asks for a whole list, with a state file if one is given, and stops after so many answers if that is wanted.
pub async fn ask(tools: &Tools, list: &Portfolio, state: Option<&Path>, stop_after: Option<usize>) -> (Run, Kept) {
    ask_within(tools, list, state, stop_after, &unpaced()).await
}

pub async fn ask_within(
    tools: &Tools,
    list: &Portfolio,
    state: Option<&Path>,
    stop_after: Option<usize>,
    bounds: &Bounds,
) -> (Run, Kept) {
    let opened = state.map(|path| StateFile::open(path, Duration::from_secs(3600), tools.clock.now()).unwrap());
    let (mut state, kept) = opened.map_or((None, Kept::default()), |(state, kept)| (Some(state), kept));
    let stop = CancellationToken::new();
    let mut say = |progress: &Progress| {
        if stop_after.is_some_and(|most| progress.zones.done + progress.registrations.done >= most) {
            stop.cancel();
        }
    };
    let tasks = plan(list, true, true);
    let run = run(tools, bounds, &tasks, kept.clone(), state.as_mut(), &stop, &mut say).await.unwrap();
    (run, kept)
}

pub fn judge(list: &Portfolio, facts: &Facts, now: Timestamp) -> Audit {
    assess(list, facts, &choice(), &ParkingCatalog::embedded(), &|_| None, now)
}

/// What a run of so many zones found, held against the truth.
pub struct Score {
    pub audit: Audit,
    pub run: Run,
    pub took: Duration,
    pub judged_in: Duration,
    /// Troubles that were not found.
    pub missed: Vec<String>,
    /// Healthy zones of which anything was said, and wrong codes of those in trouble.
    pub false_alarms: Vec<String>,
}

impl Score {
    pub async fn of(world: &Arc<World>) -> Self {
        let list = read(&world.list(), Format::Toml);
        let tools = tools(world, &world.rdap_table(), Duration::from_secs(10));
        let began = Instant::now();
        let (run, _) = ask(&tools, &list, None, None).await;
        Self::judge(world, &list, run, began.elapsed())
    }

    pub fn judge(world: &World, list: &Portfolio, run: Run, took: Duration) -> Self {
        let began = Instant::now();
        let audit = judge(list, &run.facts, WallClock.now());
        let judged_in = began.elapsed();
        let (mut missed, mut false_alarms) = (Vec::new(), Vec::new());
        let truth = world.truth();
        assert_eq!(audit.rows.len(), truth.len());
        for row in &audit.rows {
            let zone = row.entry.zone.without_dot();
            let codes: Vec<&str> = row.issues.iter().map(|issue| issue.code).collect();
            match truth[&zone] {
                Some(trouble) => {
                    if !codes.contains(&trouble.code()) {
                        missed.push(format!("{zone} {trouble:?}: {codes:?}"));
                    }
                }
                None => {
                    if !codes.is_empty() || !row.unknown.is_empty() {
                        false_alarms.push(format!("{zone}: {codes:?} {:?}", row.unknown));
                    }
                }
            }
        }
        Self { audit, run, took, judged_in, missed, false_alarms }
    }

    /// The figures in words.
    pub fn figures(&self, world: &World) -> String {
        let zones = self.audit.rows.len();
        let per_zone = |count: u64| count as f64 / zones as f64;
        let in_trouble = world.truth().values().filter(|trouble| trouble.is_some()).count();
        format!(
            "{zones} zones, {in_trouble} in trouble of {} kinds: {} missed, {} false alarms; asked in {:.1?}, judged in {:.0?}; \
             {:.1} DNS packets and {:.1} registry questions a zone",
            Trouble::ALL.len(),
            self.missed.len(),
            self.false_alarms.len(),
            self.took,
            self.judged_in,
            per_zone(self.run.progress.packets),
            per_zone(self.run.progress.questions),
        )
    }
}
