//! `unpark resolvers check`: which resolvers answer from here, and what each of them can do. Asks about no customer's zone.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;

use crate::cli::arg_groups::{FamilyArgs, ResolverArgs};
use crate::cli::args::{read_rate, read_span};
use crate::cli::complain::Complaint;
use crate::cli::config::Settings;
use crate::cli::exit::Exit;
use crate::cli::look::plain_look;
use crate::cli::print::{Progress, print};
use crate::cli::remember::keep_checked;
use crate::cli::setup::{USUAL_WAIT, neutral, resolvers};
use crate::engine::{SystemClock, check_resolvers};
use crate::incident::ResolverCheck;
use crate::probe::{Internet, Patience, Prober};
use crate::view::lines::Look;
use crate::view::{json, lines};

const EXAMPLES: &str = "Examples:
  unpark resolvers check                        every resolver that is asked by default
  unpark resolvers check --resolver 9.9.9.9     a single one
  unpark resolvers check --resolvers mine.toml  your own list
  unpark resolvers check --json                 for scripts

About ten packets for each address, none about your domain. What is learned is remembered for a week.

Exit codes: 0 all answer over UDP, 1 some do not, 2 usage or configuration error,
3 could not tell: nothing could be sent, or somebody in between answers in their place.";

/// Questions a second, in all, unless told otherwise.
const USUAL_RATE: f64 = 100.0;

#[derive(Debug, Clone, Args)]
#[command(after_help = EXAMPLES)]
pub struct CheckResolversCommand {
    #[command(flatten)]
    pub whom: ResolverArgs,
    /// Ask all entries of the list, also those that are off by default
    #[arg(long)]
    pub all: bool,
    #[command(flatten)]
    pub family: FamilyArgs,
    /// Most queries a second, in all [default: 100]
    #[arg(long, value_name = "N", env = "UNPARK_RATE", hide_env_values = true, value_parser = read_rate)]
    pub rate: Option<f64>,
    /// Give up on any one answer after this long, at most 3s [default: 3s]
    #[arg(long, value_name = "TIME", env = "UNPARK_TIMEOUT", hide_env_values = true, value_parser = read_span)]
    pub timeout: Option<Duration>,
    /// Settings file [default: ./unpark.toml, then the user's configuration folder]
    #[arg(long, value_name = "FILE", env = "UNPARK_CONFIG", hide_env_values = true)]
    pub config: Option<PathBuf>,
    /// Machine-readable output
    #[arg(long)]
    pub json: bool,
    /// Only how it ended
    #[arg(short, long)]
    pub quiet: bool,
}

/// Runs the command.
pub async fn run(command: CheckResolversCommand) -> anyhow::Result<Exit> {
    let settings = Settings::load(command.config.as_deref())?;
    let families = command.family.families();
    let targets = resolvers(&command.whom, command.all, &settings, families)?;
    if targets.is_empty() {
        return Err(Complaint::usage("no resolver is left to ask", "check -4, -6 and the resolver list").into());
    }
    // Somebody who asks for a check wants one, whatever the settings say of watches.
    let neutral = neutral(&Settings::calibrating(settings.clone()), families)?;
    let internet = Internet::open().map_err(|e| {
        Complaint::own(format!("no socket could be opened: {e}"), "check the limit of open files (ulimit -n)")
    })?;
    let clock = Arc::new(SystemClock::start());
    let patience = Patience::ending_after(command.timeout.map_or(USUAL_WAIT, |t| t.min(USUAL_WAIT)));
    let prober = Arc::new(Prober::new(Arc::new(internet), clock.clone(), patience));
    let (total, rate) = (targets.len(), command.rate.or(settings.rate).unwrap_or(USUAL_RATE));
    let progress = std::cell::RefCell::new(Progress::start(!command.quiet));
    let say = |done: usize| progress.borrow_mut().say(&format!("{done} of {total} resolver addresses …"));
    say(0);
    let check = check_resolvers(prober, clock, targets, &neutral, rate, say).await;
    drop(progress);
    // A cache folder that cannot be written costs the next run a few packets, nothing else.
    let _ = keep_checked(&check);
    let exit = exit_of(&check);
    let look = Look { quiet: command.quiet, ..plain_look() };
    let text =
        if command.json { json::resolver_check(&check, exit.code()) } else { lines::resolver_check_text(&check, look) };
    print(&text)?;
    Ok(exit)
}

fn exit_of(check: &ResolverCheck) -> Exit {
    match () {
        () if check.nothing_left() || !check.intercepted.is_empty() => Exit::CannotTell,
        () if check.answering() == check.resolvers.len() => Exit::Good,
        () => Exit::NotYet,
    }
}
