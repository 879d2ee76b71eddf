//! `unpark audit`: many zones at once, from a list. Asks what the state file does not know, then judges, prints, and says by its exit
//! code whether anything fails.

mod args;
mod list;
mod place;

use std::collections::BTreeMap;
use std::io::IsTerminal as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use crate::audit::{Audit, Choice, Condition, Held, Portfolio, assess, failing, plan};
use crate::auditor::{Bounds, Kept, Limit, Progress, RegistryLimits, Run, StateError, StateFile, Tools, run as ask};
use crate::catalog::ParkingCatalog;
use crate::cli::baseline;
use crate::cli::complain::Complaint;
use crate::cli::config::Settings;
use crate::cli::exit::Exit;
use crate::cli::look::{colour, plain_look};
use crate::cli::network::walk_tools;
use crate::cli::print::{self, print, remark};
use crate::cli::registry::registries;
use crate::cli::setup::{hints, parked};
use crate::dns::{Name, NsSet};
use crate::http::RDAP_LIMITS;
use crate::time::{ReadClock, Timestamp};
use crate::view::lines::Look;
use crate::view::{json, lines, portfolio};

pub use args::AuditCommand;

/// How long one DNS answer is waited for.
const USUAL_WAIT: Duration = Duration::from_secs(3);
/// Where nobody looks at a terminal, progress is said this often.
const REMARK_EVERY: Duration = Duration::from_secs(30);

/// Runs the command.
pub async fn run(command: AuditCommand) -> anyhow::Result<Exit> {
    let settings = Settings::load(command.config.as_deref())?;
    let conditions = conditions(&command)?;
    let (name, list) = list::read(&command)?;
    say_faults(&command, &name, &list)?;
    let choice = Choice {
        dns: !command.no_dns,
        registration: !command.no_registration,
        warn: Duration::from_secs(u64::from(command.warn_days) * 86_400),
        parked: parked(&command.parked, &[])?,
    };
    let families = command.family.families();
    let hints = hints(command.root_hints.as_ref(), &settings)?;
    let wait = command.timeout.map_or(USUAL_WAIT, |span| span.min(USUAL_WAIT));
    let (prober, walker, clock) = walk_tools(&hints, families, wait)?;
    let total = command.timeout.map_or(RDAP_LIMITS.total, |span| span.min(RDAP_LIMITS.total));
    let registry = registries(&settings, &command.registry, &walker, total)?.client;
    let clock: Arc<dyn ReadClock> = clock;
    let tools = Tools { prober, walker, families, registry, clock: Arc::clone(&clock) };
    let started = clock.now();
    let (mut state, kept) = open_state(&command, &list, &name, started)?;
    let tasks = plan(&list, choice.dns, choice.registration);
    let expected = expectations(&list, &settings)?;
    let expectation = |zone: &Name| expected.get(zone).cloned();
    let stop = stop_at_signal();
    let heard = {
        let mut voice = Voice::start(!command.quiet);
        ask(&tools, &bounds(&command), &tasks, kept, state.as_mut(), &stop, &mut |progress| voice.say(progress)).await
    };
    let heard = heard.map_err(|e| unusable(&e))?;
    if heard.stopped {
        return Ok(say_stopped(&heard, state.is_some()));
    }
    let audit = assess(&list, &heard.facts, &choice, &ParkingCatalog::embedded(), &expectation, clock.now());
    finish(&command, &name, &audit, &conditions, &heard, started)
}

/// Prints the audit and finds its exit code.
fn finish(
    command: &AuditCommand,
    name: &str,
    audit: &Audit,
    conditions: &[Condition],
    heard: &Run,
    started: Timestamp,
) -> anyhow::Result<Exit> {
    let failing = failing(audit, conditions);
    let exit = match () {
        () if !failing.is_empty() => Exit::NotYet,
        () if !audit.faults.is_empty() => Exit::Usage,
        () if audit.not_reached().next().is_some() => Exit::CannotTell,
        () => Exit::Good,
    };
    if let Some(path) = &command.html {
        std::fs::write(path, portfolio::audit_page(audit, name)).map_err(|e| {
            Complaint::own(
                format!("{}: {e}", path.display()),
                "check the path and its permissions, and the room on the disk",
            )
        })?;
    }
    let text = if command.json {
        let work = json::Work {
            dns_packets: heard.progress.packets,
            registry_questions: heard.progress.questions,
            kept: heard.progress.zones.kept + heard.progress.registrations.kept,
        };
        json::audit(audit, name, &failing, started, work, exit.code())
    } else if command.csv {
        portfolio::audit_csv(audit)
    } else {
        let colour = colour(command.color, std::io::stdout().is_terminal());
        let look = Look { colour, quiet: command.quiet, verbose: command.verbose, ..plain_look() };
        lines::audit_text(audit, &failing, look)
    };
    print(&text)?;
    Ok(exit)
}

/// What fails a run, unless told otherwise: anything critical.
fn conditions(command: &AuditCommand) -> Result<Vec<Condition>, Complaint> {
    if command.fail_on.is_empty() {
        return Ok(vec![Condition::Severity(crate::finding::Severity::Critical)]);
    }
    let read = command.fail_on.iter().filter(|text| !text.trim().is_empty()).map(|text| text.parse());
    read.collect::<Result<_, String>>()
        .map_err(|e| Complaint::usage(format!("--fail-on: {e}"), "for instance --fail-on 'expiry<30d,delegation'"))
}

/// What is correct for the zones of which the list says nothing: by the settings file, else by a baseline.
fn expectations(list: &Portfolio, settings: &Settings) -> Result<BTreeMap<Name, (NsSet, Held)>, Complaint> {
    let mut known = BTreeMap::new();
    let open = list.entries.iter().filter(|entry| entry.expect.is_none()).map(|entry| &entry.zone);
    for zone in open.chain(list.entries.iter().filter_map(|entry| entry.failover.as_ref())) {
        let own = settings.zone(zone)?;
        let names = own.expect.iter().map(|item| item.split('=').next().unwrap_or_default());
        let names = names.map(|name| Name::from_user(name).map_err(|e| settings.wrong("expect", &e.to_string())));
        let set = names.collect::<Result<NsSet, _>>()?;
        if !set.is_empty() {
            known.insert(zone.clone(), (set, Held::Settings));
        } else if let Some((_, saved)) = baseline::expected(None, zone)? {
            known.insert(zone.clone(), (saved.ns.clone(), Held::Baseline));
        }
    }
    Ok(known)
}

/// A list with bad lines is refused, unless the rest is wanted all the same.
fn say_faults(command: &AuditCommand, name: &str, list: &Portfolio) -> Result<(), Complaint> {
    if list.entries.is_empty() && list.faults.is_empty() {
        return Err(Complaint::usage(format!("{name}: no zone in it"), "docs/audit.md describes the forms of a list"));
    }
    for fault in &list.faults {
        remark(&format!("{name}, line {}: {}", fault.line, fault.reason));
    }
    if list.faults.is_empty() || (command.keep_going && !list.entries.is_empty()) {
        return Ok(());
    }
    let lines = if list.faults.len() == 1 { "1 line".to_owned() } else { format!("{} lines", list.faults.len()) };
    let hint = if list.entries.is_empty() {
        "docs/audit.md describes the forms of a list"
    } else {
        "mend them, or audit the others all the same with --keep-going"
    };
    Err(Complaint::usage(format!("{name}: {lines} cannot be used"), hint))
}

fn bounds(command: &AuditCommand) -> Bounds {
    let usual = Bounds::default();
    let queries = command.rate.unwrap_or(usual.queries);
    let same = command.registry_rate.map(|rate| Limit {
        at_once: usize::from(command.at_once.unwrap_or(8)),
        pause: Duration::try_from_secs_f64(1.0 / rate).unwrap_or(Duration::from_secs(1)),
    });
    Bounds {
        queries,
        // Who asks for more in all means it for each server too.
        queries_per_address: usual.queries_per_address.max(queries / 10.0),
        zones_at_once: command.at_once.map_or(usual.zones_at_once, usize::from),
        registries: RegistryLimits { same, ..usual.registries },
        registrars: !command.no_registrars,
    }
}

fn open_state(
    command: &AuditCommand,
    list: &Portfolio,
    name: &str,
    now: Timestamp,
) -> Result<(Option<StateFile>, Kept), Complaint> {
    if command.no_state {
        return Ok((None, Kept::default()));
    }
    let Some(path) = command.state.clone().or_else(|| place::usual(name, list)) else {
        remark("note: there is no home folder, so nothing is kept: a run that is stopped begins anew (--state FILE)");
        return Ok((None, Kept::default()));
    };
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        place::make_folder(folder)?;
    }
    let (state, kept) = StateFile::open(&path, command.fresh_for, now).map_err(|e| unusable(&e))?;
    if !command.quiet && kept.torn > 0 {
        remark(&format!("note: {}: {} lines could not be read and are asked for again", path.display(), kept.torn));
    }
    Ok((Some(state), kept))
}

fn unusable(error: &StateError) -> Complaint {
    let hint = match error {
        StateError::InUse { .. } => "wait for it, or give another file with --state",
        StateError::Foreign { .. } => "give another file with --state",
        StateError::Unusable { .. } => "give another file with --state, or none with --no-state",
    };
    Complaint::own(error.to_string(), hint)
}

/// Cancelled at the first Ctrl-C or SIGTERM.
fn stop_at_signal() -> CancellationToken {
    let stop = CancellationToken::new();
    let told = stop.clone();
    tokio::spawn(async move {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            match signal(SignalKind::terminate()) {
                Ok(mut terminate) => {
                    tokio::select! {
                        _ = tokio::signal::ctrl_c() => {}
                        _ = terminate.recv() => {}
                    }
                }
                Err(_) => drop(tokio::signal::ctrl_c().await),
            }
        }
        #[cfg(not(unix))]
        {
            let _ = tokio::signal::ctrl_c().await;
        }
        told.cancel();
    });
    stop
}

fn say_stopped(heard: &Run, kept: bool) -> Exit {
    let progress = &heard.progress;
    let left = progress.zones.left() + progress.registrations.left();
    let done = progress.zones.all + progress.registrations.all - left;
    remark(&format!("stopped: {done} of {} answers are there", done + left));
    remark(if kept {
        "hint: the same command goes on where this one ended"
    } else {
        "hint: without --no-state the next run would go on here"
    });
    Exit::CannotTell
}

/// Says how far the run is: one line on a terminal, a remark now and then elsewhere.
struct Voice {
    line: print::Progress,
    began: Instant,
    last: Instant,
    wanted: bool,
}

impl Voice {
    fn start(wanted: bool) -> Self {
        let now = Instant::now();
        Self { line: print::Progress::start(wanted), began: now, last: now, wanted }
    }

    fn say(&mut self, progress: &Progress) {
        let terminal = std::io::stderr().is_terminal();
        let pause = if terminal { Duration::from_millis(200) } else { REMARK_EVERY };
        if !self.wanted || self.last.elapsed() < pause {
            return;
        }
        self.last = Instant::now();
        let line = progress.line(self.began.elapsed());
        if terminal { self.line.say(&format!("{line} …")) } else { remark(&line) }
    }
}
