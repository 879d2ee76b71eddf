//! `unpark drill`: the live tool on a simulated internet, on this machine's loopback. No packet leaves the machine.
//!
//! Everything above the address map is the code of an incident: prober, walker, engine, screen, flush. What differs is the
//! clock, which may run faster, and the pace, since nobody out there can be harmed.

mod acts;
mod debrief;
mod shown;

use std::io::IsTerminal as _;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use crate::catalog::{FlushOperator, ParkingCatalog, RdapTable};
use crate::cli::args::DrillCommand;
use crate::cli::complain::Complaint;
use crate::cli::config::{Settings, read_text};
use crate::cli::exit::Exit;
use crate::cli::flush::{fire_when_right, user};
use crate::cli::hooks::Hooks;
use crate::cli::journal::{JournalPlace, Recording};
use crate::cli::look::{colour, in_words, plain_look, screen_look, wants_ascii};
use crate::cli::print::print;
use crate::cli::registry::ask_with;
use crate::cli::report::Reporting;
use crate::cli::taste::{keys, palette};
use crate::cli::watch::{Form, SAMPLES_NEEDED, USUAL_CONFIDENCE, carry_out, print_changes, stop_signal};
use crate::dns::{Name, shown as safe};
use crate::drill::front::{DrillClock, Front};
use crate::drill::model::Action;
use crate::drill::record::Record;
use crate::drill::scenario::Scenario;
use crate::engine::{Command, Engine, Lines};
use crate::http::{
    CloudflareSender, FlushBase, HttpClient, HttpError, HttpUrl, Limits, ProxySettings, RDAP_LIMITS, RdapClient,
    RegistryClient, WHOIS_LIMITS, WhoisClient, no_look_up,
};
use crate::incident::{Incident, Opening, ResolverTarget, Survey};
use crate::judge::{Expectation, ExpectationSource};
use crate::probe::{Families, Internet, Patience, Prober, Rerouted, ServerAddress, Walker};
use crate::schedule::{Mode, Rates, Schedule};
use crate::time::{ReadClock as _, Timestamp};
use crate::view::lines::Look;
use crate::view::tui::{self, App, DrillAct};

use debrief::Debrief;
use shown::Shown;

/// The largest scenario file that is read.
const LARGEST_SCENARIO: u64 = 1 << 20;
/// How long one answer is waited for at the usual speed.
const USUAL_WAIT: Duration = Duration::from_secs(3);
/// It is never waited less, however fast the drill: a busy machine needs its time.
const LEAST_WAIT: Duration = Duration::from_millis(500);
/// Questions a second, by the real clock, that two slow cores play both sides of without falling behind.
const REAL_RATE: f64 = 3_000.0;
/// The shortest time between two questions to the simulated registry, which nobody can wear out: an incident of days is
/// minutes here, and so are the registry's.
const REGISTRY_GAP: Duration = Duration::from_secs(5);

/// Runs the command.
pub async fn run(command: DrillCommand) -> anyhow::Result<Exit> {
    if command.list {
        return list();
    }
    let (name, scenario) = scenario(&command)?;
    let stop = stop_signal()?;
    let begin = Timestamp::from_micros(wall_micros());
    let seed = command.seed.unwrap_or(scenario.seed);
    let net = scenario.stage.build(begin, seed);
    let clock = Arc::new(DrillClock::start(begin, command.speed).on(scenario.machine.clone()));
    let no_socket = |e: std::io::Error| {
        Complaint::own(format!("no socket could be opened: {e}"), "check the limit of open files (ulimit -n)")
    };
    let front = Arc::new(Front::open(net, &scenario.stage, Arc::clone(&clock)).await.map_err(no_socket)?);
    let confidence = usize::from(command.confidence.unwrap_or(USUAL_CONFIDENCE));
    let (engine, lines, commands, news) = engine(&scenario, &front, confidence, seed)?;

    let mut notes = JoinSet::new();
    let shown = Arc::new(Mutex::new(Shown::default()));
    let truth = Arc::new(Mutex::new(Record::default()));
    notes.spawn(note_shown(news.clone(), Arc::clone(&clock), Arc::clone(&shown)));
    notes.spawn(note_truth(Arc::clone(&front), Arc::clone(&truth)));
    let on_screen = std::io::stdout().is_terminal() && !command.headless && !command.taste.plain;
    let hooks = Hooks::start_in_drill(&command.hooks, news.clone(), &commands, clock.clone(), !on_screen)?;
    let place = JournalPlace::asked(command.journal.as_ref());
    let first = Arc::clone(&news.borrow());
    let opening = opening(&scenario, confidence);
    let (recording, engine) = Recording::begin(&place, "drill", true, first.started(), &opening, engine);
    let running = tokio::spawn(engine.run(None, lines));

    let sender = sender(&front).map_err(|e| Complaint::own(e.to_string(), "this is a fault of unpark: report it"))?;
    notes.spawn(fire_when_right(news.clone(), clock.clone(), commands.clone(), sender.clone(), user()));
    let acts = scenario.acts.clone();
    notes.spawn(acts::act(acts, clock.clone(), news.clone(), commands.clone(), sender.clone()));
    let settings = Settings::load(None)?;
    let (palette, keys) = (palette(&command.taste, &settings)?, keys(&settings)?);
    if on_screen {
        let (wishes, wished) = mpsc::channel(16);
        let look = screen_look(command.color, command.taste.ascii);
        let app = App::new(look, sender.endpoints().clone()).in_drill(&mark(command.speed)).with(palette, keys);
        let app = app.with_notices(recording.notices());
        let act = {
            let (front, stage) = (Arc::clone(&front), scenario.stage.clone());
            move |act| play(&front, &stage, act)
        };
        let folder = recording.folder().unwrap_or_else(|| std::path::PathBuf::from("."));
        let reporting = Reporting { news: news.clone(), clock: clock.clone(), folder, drill: true };
        let carrying_out = tokio::spawn(carry_out(wished, commands.clone(), sender, reporting, act));
        let screen = tui::run(news.clone(), wishes, clock.clone(), app, stop).await;
        carrying_out.abort();
        screen?;
    } else {
        print(&format!("{}\n", opening_line(&name, &scenario, command.speed)))?;
        let over = over(news.clone(), &clock, scenario.lasts);
        let end = async {
            tokio::select! {
                () = stop => {}
                () = over => {}
            }
        };
        let colour = colour(command.color, std::io::stdout().is_terminal());
        let look = Look { colour, ascii: wants_ascii(command.taste.ascii), ..plain_look() };
        let look = if command.taste.plain { in_words(look) } else { look };
        print_changes(first, news.clone(), clock.as_ref(), Form::DrillText, look, end, &recording).await?;
    }
    let _ = commands.send(Command::Stop).await;
    let incident = running.await?;
    if let Some(hooks) = hooks {
        hooks.finish().await;
    }
    recording.end(clock.now());
    notes.shutdown().await;

    let mut truth = truth.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let mut shown = shown.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let history = front.look(|net, now| {
        truth.note(net, now);
        net.history().to_vec()
    });
    shown.note(&incident, clock.now());
    let title = format!("{name}: {}", safe::text(&scenario.title));
    let debrief = Debrief {
        title: &title,
        begin,
        seed,
        speed: command.speed,
        history: &history,
        stage: &scenario.stage,
        truth: &truth,
        shown: &shown,
        phases: incident.phases(),
    };
    print(&fit(&debrief.text(), plain_look().width))?;
    Ok(Exit::of_phase(incident.phase()))
}

fn list() -> anyhow::Result<Exit> {
    let mut text = String::new();
    for name in Scenario::names() {
        let Some(scenario) = Scenario::built_in(name) else { continue };
        let scenario = scenario?;
        text.push_str(&format!("{name:<13} {}\n", scenario.title));
        for line in fold(&scenario.about, 100) {
            text.push_str(&format!("              {line}\n"));
        }
    }
    text.push_str("\nunpark drill NAME plays one; --file SCENARIO.toml plays your own (docs/drill.md).\n");
    print(&text)?;
    Ok(Exit::Good)
}

/// Words in lines of at most `width` characters, so far as words allow.
fn fold(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// The same text in lines of at most `width` characters: a longer one goes on, further in, on the next.
fn fit(text: &str, width: usize) -> String {
    let mut fitted = String::with_capacity(text.len());
    for line in text.lines() {
        let indent = line.len() - line.trim_start().len();
        let mut folded = fold(line, width.saturating_sub(indent + 4).max(20)).into_iter();
        if line.chars().count() <= width {
            fitted.push_str(line);
        } else if let Some(first) = folded.next() {
            fitted.push_str(&" ".repeat(indent));
            fitted.push_str(&first);
            for rest in folded {
                fitted.push('\n');
                fitted.push_str(&" ".repeat(indent + 4));
                fitted.push_str(&rest);
            }
        }
        fitted.push('\n');
    }
    fitted
}

fn scenario(command: &DrillCommand) -> Result<(String, Scenario), Complaint> {
    let bad = |error: crate::drill::scenario::ScenarioError| {
        Complaint::usage(error.to_string(), "docs/drill.md describes the form of a scenario")
    };
    if let Some(path) = &command.file {
        let text = read_text(path, LARGEST_SCENARIO)?;
        let scenario = Scenario::read(&text, &path.display().to_string()).map_err(bad)?;
        let name = path.file_stem().map_or_else(|| "scenario".to_owned(), |n| n.to_string_lossy().into_owned());
        return Ok((safe::text(&name), scenario));
    }
    let names = Scenario::names();
    let name = command.scenario.as_deref().or(names.first().copied()).unwrap_or_default();
    let Some(scenario) = Scenario::built_in(name) else {
        let what = format!("there is no scenario '{}'", safe::text(name));
        return Err(Complaint::usage(what, format!("one of {}; unpark drill --list says more", names.join(", "))));
    };
    Ok((name.to_owned(), scenario.map_err(bad)?))
}

/// Wall time, in microseconds since the epoch: the drill's beginning.
fn wall_micros() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}

/// What stands at the head of the screen.
fn mark(speed: f64) -> String {
    if (speed - 1.0).abs() < 1e-9 { "DRILL".to_owned() } else { format!("DRILL x{speed}") }
}

fn opening_line(name: &str, scenario: &Scenario, speed: f64) -> String {
    let title = safe::text(&scenario.title);
    let lasts = crate::time::in_words(scenario.lasts);
    format!("{} {name}: {title}; {lasts} of simulated internet on this machine, no packet leaves it", mark(speed))
}

type Wired = (Engine, Lines, mpsc::Sender<Command>, watch::Receiver<Arc<Incident>>);

/// The engine as in an incident, with the drill's clock and its address map.
fn engine(scenario: &Scenario, front: &Front, confidence: usize, seed: u64) -> Result<Wired, Complaint> {
    let clock = Arc::clone(front.clock());
    let real = Internet::open().map_err(|e| {
        Complaint::own(format!("no socket could be opened: {e}"), "check the limit of open files (ulimit -n)")
    })?;
    let network = front.paced(Rerouted::new(real, front.addresses()));
    let patience = Patience::ending_after(clock.wait_for(USUAL_WAIT).max(LEAST_WAIT));
    let prober = Arc::new(Prober::new(Arc::new(network), clock.clone(), patience));
    let stage = &scenario.stage;
    let roots = stage.roots.iter().flat_map(|host| {
        let each = host.addresses.iter();
        each.map(|a| ServerAddress { name: host.name.clone(), address: SocketAddr::new(*a, 53) })
    });
    // Every address is on loopback in truth, so both families are always there.
    let families = Families { ipv4: true, ipv6: true };
    let walker = Arc::new(Walker::new(prober.clone(), roots.collect(), families));
    let incident = Incident::open(opening(scenario, confidence), Arc::new(ParkingCatalog::embedded()), clock.now());
    let schedule = Schedule::new(Mode::Watch, rates(clock.speed()), seed).with_neutral(stage.neutral());
    let (commands, wishes) = mpsc::channel(64);
    let (publish, news) = watch::channel(Arc::new(incident.clone()));
    let engine = Engine::new(prober, walker, clock.clone(), incident, schedule, std::collections::BTreeMap::new());
    let engine = if stage.registration.is_some() {
        let client = registry(front, &stage.parent.zone)
            .map_err(|e| Complaint::own(e, "this is a fault of unpark: report it"))?;
        engine.with_registry(ask_with(client, clock), REGISTRY_GAP)
    } else {
        engine
    };
    Ok((engine, Lines { commands: wishes, news: publish }, commands, news))
}

/// Questions a second of the drill's time. Nobody is harmed by them, so only this machine is the limit.
fn rates(speed: f64) -> Rates {
    let all = REAL_RATE / speed.max(1.0);
    Rates { first_round: all, later: all, nonces: all, per_address: 4.0, per_operator: 40.0 }
}

fn opening(scenario: &Scenario, confidence: usize) -> Opening {
    let expectation = (!scenario.expect.is_empty())
        .then(|| Expectation { ns: scenario.expect.iter().cloned().collect(), source: ExpectationSource::Flag });
    let resolvers = scenario.stage.resolvers.iter().flat_map(|resolver| {
        resolver.addresses.iter().enumerate().map(move |(at, address)| ResolverTarget {
            id: if resolver.addresses.len() > 1 { format!("{}-{}", resolver.id, at + 1) } else { resolver.id.clone() },
            operator: resolver.operator.clone(),
            city: if resolver.caches > 1 { "anycast".to_owned() } else { String::new() },
            country: Some(resolver.country.clone()).filter(|c| !c.is_empty()),
            address: SocketAddr::new(*address, 53),
            system: false,
            flush: FlushOperator::of_resolvers(&resolver.operator),
        })
    });
    Opening {
        zone: scenario.stage.zone.clone(),
        expectation,
        parked: scenario.known_parked.iter().map(|set| set.iter().cloned().collect()).collect(),
        hosts: scenario.hosts.clone(),
        survey: match scenario.survey {
            "off" => Survey::Off,
            "always" => Survey::Always,
            _ => Survey::Once,
        },
        samples_needed: SAMPLES_NEEDED.min(confidence),
        confidence,
        addresses_vary: scenario.varying_addresses,
        marker: scenario.marker.clone(),
        resolvers: resolvers.collect(),
    }
}

/// Sends flushes to the simulated operators and nowhere else, whatever environment and settings say.
fn sender(front: &Front) -> Result<CloudflareSender, HttpError> {
    let client = HttpClient::new(&no_look_up(), &ProxySettings::none(), Limits::default())?;
    let sender = CloudflareSender::new(FlushBase::parse(&front.cloudflare_base())?, client);
    let sender = sender.with_google_page(&HttpUrl::parse(&front.google_page())?);
    Ok(sender.with_opendns_page(&HttpUrl::parse(&front.opendns_page())?))
}

/// Asks the simulated registry and no other.
fn registry(front: &Front, parent: &Name) -> Result<RegistryClient, String> {
    let client = HttpClient::new(&no_look_up(), &ProxySettings::none(), RDAP_LIMITS).map_err(|e| e.to_string())?;
    let mut table = RdapTable::default();
    table.add(&[parent.without_dot()], &[front.registry_base()], true)?;
    let whois = WhoisClient::new(&no_look_up(), None, WHOIS_LIMITS);
    Ok(RegistryClient::new(table, RdapClient::new(client, RDAP_LIMITS.total), whois))
}

/// Makes happen what the operator's key asks.
fn play(front: &Front, stage: &crate::drill::stage::Stage, act: DrillAct) {
    let zone = stage.zone.clone();
    front.act(match act {
        DrillAct::Park => Action::Register { zone, change: stage.delegate_to(&stage.parked, Vec::new()), only: None },
        DrillAct::Restore => {
            Action::Register { zone, change: stage.delegate_to(&stage.correct, stage.correct_ds()), only: None }
        }
        DrillAct::Cut => Action::Cut,
        DrillAct::Mend => Action::Mend,
    });
}

/// Ends when the scenario is over and the tool says that all is well; at the latest as long again after its end.
/// The tool needs its samples after the last cache has turned.
async fn over(mut news: watch::Receiver<Arc<Incident>>, clock: &DrillClock, lasts: Duration) {
    // From the watch's own beginning, a moment after the drill's.
    clock.reach(clock.world().since(clock.begin()) + lasts).await;
    let is_good = |incident: &Arc<Incident>| incident.phase().is_good();
    let good = news.wait_for(is_good);
    // No more news, or no more patience: the phase then says how it ended.
    let _ = tokio::time::timeout(clock.wait_for(lasts), good).await;
}

async fn note_shown(mut news: watch::Receiver<Arc<Incident>>, clock: Arc<DrillClock>, shown: Arc<Mutex<Shown>>) {
    loop {
        let incident = Arc::clone(&news.borrow_and_update());
        shown.lock().unwrap_or_else(PoisonError::into_inner).note(&incident, clock.now());
        if news.changed().await.is_err() {
            return;
        }
    }
}

/// Looks at the truth every second of the drill, but not more often than ten times a real second.
async fn note_truth(front: Arc<Front>, truth: Arc<Mutex<Record>>) {
    let pause = front.clock().wait_for(Duration::from_secs(1)).max(Duration::from_millis(100));
    loop {
        front.look(|net, now| truth.lock().unwrap_or_else(PoisonError::into_inner).note(net, now));
        tokio::time::sleep(pause).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_go_on_further_in_and_short_ones_stay_as_they_are() {
        let text = "\n  0:15   two  spaces\n  0:16  a line that is somewhat too long for its place\n";
        let lines = "\n  0:15   two  spaces\n  0:16 a line that is somewhat\n      too long for its place\n";
        assert_eq!(fit(text, 36), lines);
    }

    #[test]
    fn a_drill_never_flushes_anywhere_but_here() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let scenario = Scenario::built_in("healthy").unwrap().unwrap();
            let begin = Timestamp::from_secs(1_795_350_000);
            let clock = Arc::new(DrillClock::start(begin, 1.0));
            let front = Front::open(scenario.stage.build(begin, 1), &scenario.stage, clock).await.unwrap();
            let sender = sender(&front).unwrap();
            let endpoints = sender.endpoints();
            for place in [&endpoints.cloudflare, &endpoints.google_page, &endpoints.opendns_page] {
                assert!(place.starts_with("http://127.0.0.1:"), "{place}");
            }
        });
    }
}
