//! `unpark wait`: watches until something is reached, for scripts. One line for each change, and an exit code.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use tokio::sync::watch;

use crate::cli::args::{ProbeArgs, read_samples};
use crate::cli::config::Settings;
use crate::cli::exit::Exit;
use crate::cli::hooks::{HookArgs, Hooks};
use crate::cli::journal::{JournalPlace, Recording};
use crate::cli::look::look;
use crate::cli::network::{Ready, look_up, ready};
use crate::cli::print::{Progress, print};
use crate::cli::setup::{Plan, Sampling};
use crate::cli::watch::{SAMPLES_NEEDED, USUAL_CONFIDENCE, stop_signal};
use crate::engine::Command;
use crate::incident::{Incident, Phase};
use crate::judge::Verdict;
use crate::schedule::Mode;
use crate::time::{ReadClock, countdown, in_words};
use crate::view::model::Board;
use crate::view::{json, lines};

/// How long is waited, unless told otherwise.
const USUAL_LIMIT: Duration = Duration::from_secs(6 * 3600);
/// A countdown that has run out changes verdicts without any news.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

const EXAMPLES: &str = "Examples:
  unpark wait brevo.com --expect ns1.example.net --until source && notify \"fixed at the registry\"
  unpark wait brevo.com --expect ns1.example.net --until 90% --timeout 2h
  unpark wait brevo.com --expect ns1.example.net --until recovered --timeout 2d --json
  unpark wait brevo.com --expect ns1.example.net --until recovered --on-change ./page-somebody

Exit codes: 0 reached, 1 not reached before the timeout (or ended by a signal), 2 usage or
configuration error, 3 could not tell because our side failed.";

/// What is typed.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXAMPLES, mut_arg("timeout", own_timeout))]
pub struct WaitCommand {
    /// The domain
    pub domain: String,
    #[command(flatten)]
    pub probe: ProbeArgs,
    /// What to wait for: source (parent and name servers are right), a share of the resolvers that answer (90%), or
    /// a phase (recovered, converging, parked-at-parent, …); recovered is reached by a domain that was never wrong, too
    #[arg(long, value_name = "GOAL", value_parser = read_goal)]
    pub until: Goal,
    /// Write no journal
    #[arg(long, conflicts_with = "journal")]
    pub no_journal: bool,
    /// Good samples each resolver needs before the incident counts as recovered [default: 14]
    #[arg(long, value_name = "N", env = "UNPARK_CONFIDENCE", hide_env_values = true, value_parser = read_samples)]
    pub confidence: Option<u16>,
    #[command(flatten)]
    pub hooks: HookArgs,
}

/// Here the option ends the waiting. The environment's and the settings file's are about single answers.
fn own_timeout(arg: clap::Arg) -> clap::Arg {
    arg.env(None::<&str>).help("Give up waiting after this long (90s, 2h, 2d) [default: 6h]")
}

/// What is waited for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Goal {
    /// The parent's servers and the expected name servers are right.
    Source,
    /// So many percent of the resolvers that answer are correct (above 0, up to 100). Silent ones, those that refuse us
    /// and declared filters do not count; one whose answer is still awaited counts as not correct.
    Share(f64),
    /// The incident is in this phase.
    Phase(Phase),
}

impl fmt::Display for Goal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Source => f.write_str("source"),
            Self::Share(percent) => write!(f, "{percent}%"),
            Self::Phase(phase) => f.write_str(phase.word()),
        }
    }
}

/// Reads what is waited for.
fn read_goal(text: &str) -> Result<Goal, String> {
    let text = text.trim();
    if let Some(number) = text.strip_suffix('%') {
        let percent = number.trim().parse::<f64>().ok().filter(|p| *p > 0.0 && *p <= 100.0);
        return percent.map(Goal::Share).ok_or_else(|| "give a share above 0% and up to 100%".to_owned());
    }
    if text == "source" {
        return Ok(Goal::Source);
    }
    let phase = Phase::ALL.into_iter().find(|phase| phase.word() == text);
    phase.map(Goal::Phase).ok_or_else(|| {
        let phases = Phase::ALL.map(Phase::word).join(", ");
        format!("give source, a share such as 90%, or one of the phases {phases}")
    })
}

impl Goal {
    /// Whether it is reached.
    fn is_reached(self, incident: &Incident) -> bool {
        match self {
            Self::Source => incident.source_is_right(),
            Self::Share(percent) => {
                let share = correct_share(incident);
                share.is_some_and(|(correct, of)| correct as f64 * 100.0 >= percent * of as f64)
            }
            Self::Phase(Phase::Recovered) => incident.phase().is_good(),
            Self::Phase(phase) => incident.phase() == phase,
        }
    }
}

/// How many resolvers are correct, and how many count; none while the parent is not right (what is correct then has only
/// not lost the correct servers yet) or when none counts.
fn correct_share(incident: &Incident) -> Option<(usize, usize)> {
    if !incident.source().parent_right {
        return None;
    }
    let counted = incident.resolvers().iter().filter(|r| r.counts());
    let verdicts: Vec<Verdict> = counted.map(|r| r.judgement.verdict).collect();
    let correct = verdicts.iter().filter(|v| **v == Verdict::Correct).count();
    (!verdicts.is_empty()).then_some((correct, verdicts.len()))
}

/// Runs the command.
pub async fn run(command: WaitCommand) -> anyhow::Result<Exit> {
    let settings = Settings::load(command.probe.config.as_deref())?;
    let confidence = usize::from(command.confidence.or(settings.confidence).unwrap_or(USUAL_CONFIDENCE).max(1));
    let sampling = Sampling { needed: SAMPLES_NEEDED.min(confidence), confidence };
    let limit = command.probe.timeout.unwrap_or(USUAL_LIMIT);
    let probe = ProbeArgs { timeout: None, ..command.probe.clone() };
    let with_resolvers = command.until != Goal::Source;
    let plan = Plan::make(&command.domain, &probe, settings, sampling, with_resolvers)?;
    let stop = stop_signal()?;
    let Ready { engine, lines, commands, news, clock, walker } = ready(&plan, Mode::Watch)?;
    let look_up = look_up(&walker);
    let hooks = Hooks::start(&command.hooks, &plan.settings, &look_up, news.clone(), &commands, clock.clone(), true)?;
    let place = JournalPlace::of_watch(&probe, command.no_journal, &plan.settings);
    let started = news.borrow().started();
    let (recording, engine) = Recording::begin(&place, "wait", false, started, &plan.opening, engine);
    let running = tokio::spawn(engine.run(None, lines));
    let ended = wait(&command, limit, news, clock.as_ref(), stop).await;
    let _ = commands.send(Command::Stop).await;
    running.await?;
    if let Some(hooks) = hooks {
        hooks.finish().await;
    }
    recording.end(clock.now());
    ended
}

/// Prints what changes until the goal is reached, the time is up, or a signal comes.
async fn wait(
    command: &WaitCommand,
    limit: Duration,
    mut news: watch::Receiver<Arc<Incident>>,
    clock: &dyn ReadClock,
    stop: impl Future<Output = ()>,
) -> anyhow::Result<Exit> {
    tokio::pin!(stop);
    let (goal, look, json) = (command.until, look(&command.probe), command.probe.json);
    let begun = clock.now();
    let mut progress = Progress::start(!command.probe.quiet);
    let mut before: Option<Board> = None;
    let mut stopped = false;
    loop {
        let incident = Arc::clone(&news.borrow_and_update());
        let now = clock.now();
        let board = Board::of(&incident, now);
        let reached = goal.is_reached(&incident);
        let ends = reached || stopped || now.since(begun) >= limit;
        let exit = exit_now(reached, &incident);
        let changes = lines::changes(before.as_ref(), &board, look);
        let text = if json {
            let line = (ends || !changes.is_empty()).then(|| json::check_line(&incident, &board, exit.code()) + "\n");
            line.unwrap_or_default()
        } else {
            let last = ends.then(|| format!("{now} {}", ending(goal, exit, stopped, now.since(begun))));
            changes.into_iter().chain(last).map(|line| line + "\n").collect()
        };
        if !text.is_empty() {
            progress.clear();
            // Where nobody reads, the exit code is still waited for.
            let _ = print(&text)?;
        }
        if ends {
            return Ok(exit);
        }
        progress.say(&how_far(goal, &incident, limit.saturating_sub(now.since(begun))));
        before = Some(board);
        let left = clock.wait_for(limit.saturating_sub(now.since(begun))).max(Duration::from_millis(1));
        tokio::select! {
            () = &mut stop => stopped = true,
            // The engine ends only when it is told to, or when it broke.
            changed = news.changed() => stopped |= changed.is_err(),
            () = tokio::time::sleep(LOOK_AGAIN.min(left)) => {}
        }
    }
}

/// The code with which the waiting would end now.
fn exit_now(reached: bool, incident: &Incident) -> Exit {
    match Exit::of_phase(incident.phase()) {
        _ if reached => Exit::Good,
        Exit::CannotTell => Exit::CannotTell,
        _ => Exit::NotYet,
    }
}

/// The last line.
fn ending(goal: Goal, exit: Exit, stopped: bool, after: Duration) -> String {
    let after = in_words(after);
    match exit {
        Exit::Good => format!("reached {goal} after {after}"),
        Exit::CannotTell => format!("could not tell whether {goal} is reached, for {after}"),
        _ if stopped => format!("stopped after {after}: {goal} not reached"),
        _ => format!("gave up after {after}: {goal} not reached"),
    }
}

/// `waiting for 90%: converging, 82 of 117 correct; 1:59:10 left`.
fn how_far(goal: Goal, incident: &Incident, left: Duration) -> String {
    let share =
        correct_share(incident).map_or_else(String::new, |(correct, of)| format!(", {correct} of {of} correct"));
    format!("waiting for {goal}: {}{share}; {} left", incident.phase().word(), countdown(left))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goals_are_read_as_people_write_them() {
        assert_eq!(read_goal("source"), Ok(Goal::Source));
        assert_eq!(read_goal("90%"), Ok(Goal::Share(90.0)));
        assert_eq!(read_goal(" 99.5 % "), Ok(Goal::Share(99.5)));
        for phase in Phase::ALL {
            assert_eq!(read_goal(phase.word()), Ok(Goal::Phase(phase)));
        }
        for bad in ["", "0%", "101%", "nan%", "90", "done", "-1%", "inf%"] {
            let said = read_goal(bad).unwrap_err();
            assert!(said.starts_with("give "), "{bad}: {said}");
        }
    }

    #[test]
    fn the_last_line_says_how_it_ended() {
        let after = Duration::from_secs(300);
        assert_eq!(ending(Goal::Share(90.0), Exit::Good, false, after), "reached 90% after 5 min");
        assert!(ending(Goal::Source, Exit::NotYet, false, after).starts_with("gave up after 5 min"));
        assert!(ending(Goal::Source, Exit::NotYet, true, after).starts_with("stopped after 5 min"));
        assert!(ending(Goal::Source, Exit::CannotTell, true, after).starts_with("could not tell"));
    }
}
