//! `unpark baseline`: keeps how a zone is while it is healthy, and holds a later day against it.

mod place;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use crate::baseline::{Baseline, Likeness, NoBaseline, Sight, compare};
use crate::cli::args::ProbeArgs;
use crate::cli::complain::Complaint;
use crate::cli::config::Settings;
use crate::cli::exit::Exit;
use crate::cli::network::run_round;
use crate::cli::print::{print, remark};
use crate::cli::setup::{Plan, Sampling, read_zone};
use crate::dns::Name;
use crate::engine::SystemClock;
use crate::incident::Incident;
use crate::schedule::Mode;
use crate::time::{ReadClock as _, Timestamp};
use crate::view::model::Board;
use crate::view::{json, lines};

pub use place::{file_stem, write};
use place::{find, folder, read, usual_file};

const EXAMPLES: &str = "Examples:
  unpark baseline save brevo.com                      one round; saved for every later command
  unpark baseline save brevo.com --file dns/brevo.toml   into a repository; give it later with --baseline
  unpark baseline diff brevo.com                      is it still like that? exit code 0 yes, 1 no, 3 cannot tell
  unpark baseline list

Kept as TOML in $XDG_CONFIG_HOME/unpark/baselines/ZONE.toml. A zone that is parked, broken or undecided is
refused, and so is one that differs from what was saved before: --force saves all the same.";

/// What is done with baselines.
#[derive(Debug, Subcommand)]
#[command(after_help = EXAMPLES)]
pub enum BaselineCommand {
    /// Ask the source once, and save what it says. Asks no resolver
    Save(SaveCommand),
    /// Print what was saved
    Show(ShowCommand),
    /// Hold the source as it is now against what was saved
    Diff(DiffCommand),
    /// List what was saved
    List {
        /// Machine-readable output
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Clone, Args)]
#[command(after_help = EXAMPLES)]
pub struct SaveCommand {
    /// The domain
    pub domain: String,
    #[command(flatten)]
    pub probe: ProbeArgs,
    /// Save to this file instead of the usual place
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Save although the zone is not healthy, or differs from what was saved before
    #[arg(long)]
    pub force: bool,
}

#[derive(Debug, Clone, Args)]
pub struct ShowCommand {
    /// The domain
    pub domain: String,
    /// Read this file instead of the usual place
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Machine-readable output
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Clone, Args)]
pub struct DiffCommand {
    /// The domain
    pub domain: String,
    #[command(flatten)]
    pub probe: ProbeArgs,
    /// Read this file instead of the usual place
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
}

/// Runs a command about baselines.
pub async fn run(command: BaselineCommand) -> anyhow::Result<Exit> {
    match command {
        BaselineCommand::Save(command) => save(command).await,
        BaselineCommand::Show(command) => show(&command),
        BaselineCommand::Diff(command) => diff(command).await,
        BaselineCommand::List { json } => list(json),
    }
}

async fn save(command: SaveCommand) -> anyhow::Result<Exit> {
    let zone = read_zone(&command.domain)?;
    let file = file_for(command.file.clone(), &zone)?;
    let before = match file.exists() {
        // What cannot be read is overwritten only when that is said.
        true if command.force => read(&file, &zone).ok(),
        true => Some(read(&file, &zone)?),
        false => None,
    };
    // What was saved must not decide whether what is there now may be saved.
    let (incident, at) = look_at(&command.domain, command.probe.clone()).await?;
    let board = Board::of(&incident, at);
    let sight = Sight::of(&incident, at);
    let baseline = match sight.to_baseline(command.force) {
        Ok(baseline) => baseline,
        Err(reason) => return Ok(refuse("saved", &reason, &board, Exit::of_phase(incident.phase()))),
    };
    if let Some(before) = before.filter(|_| !command.force) {
        let differing = compare(&before, &sight).into_iter().filter(|c| c.likeness == Likeness::Different);
        let differing: Vec<_> = differing.collect();
        if !differing.is_empty() {
            remark(&lines::comparison_text(&before, &differing, at));
            let what = format!("the zone differs from what {} holds; nothing was saved", file.display());
            return Err(Complaint::usage(what, "--force saves it as it is now, when that is how it should be").into());
        }
    }
    if command.force && !incident.phase().is_good() {
        remark(&format!("warning: saved although the zone is {}: {}", incident.phase().word(), board.headline));
    }
    write(&file, &baseline.to_toml())?;
    if command.probe.json {
        print(&json::baseline(&baseline, &file.display().to_string()))?;
    } else {
        print(&baseline.to_toml())?;
        remark(&format!("saved to {}; check that this is what is correct, and commit it", file.display()));
    }
    Ok(Exit::Good)
}

/// Says why there is nothing to save. The exit code is that of the zone's state.
pub fn refuse(done: &str, reason: &NoBaseline, board: &Board, exit: Exit) -> Exit {
    remark(&format!("error: nothing was {done}: {reason}\n  {}", board.headline));
    remark(match reason {
        NoBaseline::NotHealthy(_) => "hint: save it when it is healthy again; --force saves it as it is",
        NoBaseline::NoDelegation => "hint: check the domain's name and this machine's network",
        NoBaseline::Delegations(_) => "hint: wait until the parent's servers agree",
    });
    if exit == Exit::Good { Exit::CannotTell } else { exit }
}

fn show(command: &ShowCommand) -> anyhow::Result<Exit> {
    let zone = read_zone(&command.domain)?;
    let file = file_for(command.file.clone(), &zone)?;
    let baseline = read(&file, &zone)?;
    if command.json {
        print(&json::baseline(&baseline, &file.display().to_string()))?;
    } else {
        print(&baseline.to_toml())?;
    }
    Ok(Exit::Good)
}

async fn diff(command: DiffCommand) -> anyhow::Result<Exit> {
    let zone = read_zone(&command.domain)?;
    let file = file_for(command.file.clone().or_else(|| command.probe.baseline.clone()), &zone)?;
    let baseline = read(&file, &zone)?;
    let mut probe = command.probe.clone();
    // The same hosts, so that all of it is compared.
    let saved = baseline.hosts.keys().filter(|host| **host != zone).map(ToString::to_string);
    probe.hosts.extend(saved);
    let (incident, at) = look_at(&command.domain, probe).await?;
    let sight = Sight::of(&incident, at);
    let parts = compare(&baseline, &sight);
    let has = |likeness: Likeness| parts.iter().any(|part| part.likeness == likeness);
    let exit = match () {
        () if has(Likeness::Different) => Exit::NotYet,
        () if has(Likeness::Unknown) => Exit::CannotTell,
        () => Exit::Good,
    };
    let text = if command.probe.json {
        json::baseline_diff(&baseline, &file.display().to_string(), &parts, incident.phase(), at, exit.code())
    } else {
        lines::comparison_text(&baseline, &parts, at)
    };
    print(&text)?;
    Ok(exit)
}

fn list(json: bool) -> anyhow::Result<Exit> {
    let folder = folder().ok_or_else(place::homeless)?;
    let now = SystemClock::start().now();
    let (mut found, mut unreadable) = (Vec::new(), Vec::new());
    for file in place::files(&folder)? {
        match place::parse(&file) {
            Ok(baseline) => found.push((file.display().to_string(), baseline)),
            Err(complaint) => unreadable.push((file.display().to_string(), complaint.to_string())),
        }
    }
    let shown = folder.display().to_string();
    let text =
        if json { json::baselines(&shown, &found, &unreadable) } else { lines::baselines_text(&shown, &found, now) };
    print(&text)?;
    for (_, reason) in &unreadable {
        remark(&format!("error: {reason}"));
    }
    if unreadable.is_empty() {
        return Ok(Exit::Good);
    }
    remark("hint: repair the file, or save the zone anew with --force");
    Ok(Exit::Usage)
}

/// One round at the source, without resolvers and without any baseline.
pub async fn look_at(domain: &str, probe: ProbeArgs) -> anyhow::Result<(Incident, Timestamp)> {
    let settings = Settings::load(probe.config.as_deref())?;
    let probe = ProbeArgs { no_baseline: true, baseline: None, ..probe };
    let plan = Plan::make(domain, &probe, settings, Sampling { needed: 1, confidence: 1 }, false)?;
    let mode = Mode::Round { samples: 1, resolvers: false };
    let (incident, clock) = run_round(&plan, mode, !probe.quiet).await?;
    Ok((incident, clock.now()))
}

fn file_for(given: Option<PathBuf>, zone: &Name) -> Result<PathBuf, Complaint> {
    match given {
        Some(file) => Ok(file),
        None => usual_file(zone).ok_or_else(place::homeless),
    }
}

/// What a baseline says is correct, for a command that was not told it: the one given, or the one in the usual place.
///
/// # Errors
/// The file given is not there, or a file is there that cannot be used.
pub fn expected(given: Option<&Path>, zone: &Name) -> Result<Option<(PathBuf, Baseline)>, Complaint> {
    let file = match given {
        Some(file) => file.to_path_buf(),
        None => match find(zone) {
            Some(file) => file,
            None => return Ok(None),
        },
    };
    let baseline = read(&file, zone)?;
    Ok(Some((file, baseline)))
}
