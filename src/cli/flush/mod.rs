//! `unpark flush`: look at the source and at the operators' caches, guard, plan, send, prove. An accepted request is *sent*; whether
//! the caches forgot only asking them again can tell, and that is what this command waits for.

mod proof;
mod send;
mod wishes;

use std::io::IsTerminal as _;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use crate::cli::args::FlushCommand;
use crate::cli::config::Settings;
use crate::cli::exit::Exit;
use crate::cli::look::{colour, plain_look};
use crate::cli::network::{Ready, how_far, ready};
use crate::cli::print::{Progress, explain, print, remark};
use crate::cli::setup::{Plan, Sampling};
use crate::cli::watch::{SAMPLES_NEEDED, USUAL_CONFIDENCE, stop_signal};
use crate::engine::Command;
use crate::flush::{Arming, FlushOutcome, FlushPlan, FlushStep, Obstacle, SourceState, arming, consequence, guard};
use crate::http::open_page;
use crate::incident::{Disarming, FlushAct, Incident, Phase};
use crate::judge::{DelegationState, ServiceState, Verdict};
use crate::schedule::Mode;
use crate::time::{ReadClock as _, in_words};
use crate::view::lines::Look;
use crate::view::model::Board;
use crate::view::{json, lines};

pub use send::{fire_when_right, requests, send_steps, sender, user};

/// How often the incident is looked at when nothing is heard.
const LOOK: Duration = Duration::from_millis(200);

/// Runs the command.
pub async fn run(command: FlushCommand) -> anyhow::Result<Exit> {
    let settings = Settings::load(command.probe.config.as_deref())?;
    let choice = wishes::choice(&command)?;
    let sampling = Sampling { needed: SAMPLES_NEEDED, confidence: usize::from(USUAL_CONFIDENCE) };
    let mut plan = Plan::make(&command.domain, &command.probe, settings, sampling, true)?;
    // Only those that can be flushed: what the others hold is not this command's business, and asking is never free.
    plan.opening.resolvers.retain(|r| r.flush.is_some_and(|operator| choice.operators.contains(&operator)));
    let choice = wishes::with_exclusions(choice, &command.skip, &plan.opening.zone)?;
    let stop = stop_signal()?;
    let Ready { engine, lines: engine_lines, commands, walker, mut news, clock } = ready(&plan, Mode::Watch)?;
    let sender = sender(&plan.settings, &walker)?;
    let by = user();
    let running = tokio::spawn(engine.run(None, engine_lines));
    let work = async {
        let incident = look(&mut news, plan.round, !command.probe.quiet).await;
        let board = Board::of(&incident, clock.now());
        if command.probe.verbose {
            let colour = colour(command.probe.color, std::io::stderr().is_terminal());
            explain(&lines::trace_text(&incident, &board, Look { colour, verbose: true, ..plain_look() }));
        }
        let obstacles = guard(&SourceState::of(&incident)).err().unwrap_or_default();
        let flush_plan = FlushPlan::of(&incident, &choice);
        let waits = command.when_right && !obstacles.is_empty();
        let refused = !obstacles.is_empty() && !command.even_if_parked && !waits;
        if command.dry_run || refused {
            if command.probe.json {
                print(&json::flush(&incident, &flush_plan, sender.endpoints(), &obstacles, refused, &[]))?;
            } else if command.dry_run {
                print(&lines::flush_plan_text(&flush_plan, sender.endpoints(), &obstacles))?;
            }
            if !obstacles.is_empty() && !command.even_if_parked {
                refuse(&obstacles, command.dry_run, &board);
                // Without any answer nothing is known that could be "not yet".
                let blind = Exit::of_phase(incident.phase()) == Exit::CannotTell;
                return Ok(if blind { Exit::CannotTell } else { Exit::NotYet });
            }
            return Ok(Exit::Good);
        }
        let (incident, flush_plan, obstacles) = if waits {
            say(
                &command,
                &format!("waiting for the source to be right; then the flush is sent: {}", missing(&obstacles)),
            );
            let armed = Command::FlushActed { by: by.clone(), act: FlushAct::Armed(choice.clone()) };
            let _ = commands.send(armed).await;
            let limit = command.probe.timeout;
            let Some(incident) = wait(&mut news, clock.as_ref(), limit, !command.probe.quiet).await else {
                let act = FlushAct::Disarmed(Disarming::TimedOut);
                let _ = commands.send(Command::FlushActed { by: by.clone(), act }).await;
                let incident = Arc::clone(&news.borrow());
                let obstacles = guard(&SourceState::of(&incident)).err().unwrap_or_default();
                if command.probe.json {
                    let plan = FlushPlan::of(&incident, &choice);
                    print(&json::flush(&incident, &plan, sender.endpoints(), &obstacles, true, &[]))?;
                }
                remark("error: nothing was sent: the source was not right in time");
                for obstacle in &obstacles {
                    remark(&format!("  - {obstacle}"));
                }
                remark("hint: give a longer --timeout, or none; `unpark DOMAIN` shows what is missing, live");
                return Ok(Exit::NotYet);
            };
            let plan = FlushPlan::of(&incident, &choice);
            (incident, plan, Vec::new())
        } else {
            (incident, flush_plan, obstacles)
        };
        if !obstacles.is_empty() {
            remark(&format!("warning: sent although the source is not right: {}", consequence(&obstacles)));
        }
        let printed = |step: &FlushStep, outcome: &FlushOutcome| {
            if !command.probe.json && !command.probe.quiet {
                // The requests go on without a reader; what is left is said at the end.
                let _ = print(&format!("{}\n", lines::flush_result_line(step, outcome)));
            }
        };
        let against: Vec<String> = obstacles.iter().map(ToString::to_string).collect();
        let requests = send::requests(&flush_plan);
        let mut ended = Vec::new();
        if !requests.is_empty() {
            ended = send_steps(&sender, &requests, against, &by, &commands, printed).await;
        }
        let outcomes = outcomes(&flush_plan, &sender, ended).await;
        for (step, outcome) in flush_plan.steps.iter().zip(&outcomes).filter(|(s, _)| s.operator.needs_a_person()) {
            printed(step, outcome);
        }
        let proven = if command.no_proof || requests.is_empty() {
            None
        } else {
            Some(proof::wait(&mut news, &command, &requests, clock.as_ref()).await)
        };
        let last = proven.clone().unwrap_or(incident);
        if command.probe.json {
            print(&json::flush(&last, &flush_plan, sender.endpoints(), &obstacles, false, &outcomes))?;
        } else {
            proof::say_what_is_left(&flush_plan, &outcomes, proven.as_deref());
        }
        if command.open {
            open_pages(&flush_plan, &outcomes);
        }
        anyhow::Ok(proof::exit(&flush_plan, &outcomes, proven.as_deref()))
    };
    let exit = tokio::select! {
        exit = work => exit,
        () = stop => {
            remark("stopped: nothing further is sent; a request that had left may still be carried out");
            Ok(Exit::NotYet)
        }
    };
    let _ = commands.send(Command::Stop).await;
    running.await?;
    exit
}

/// A line for people, where lines are wanted.
fn say(command: &FlushCommand, text: &str) {
    if !command.probe.quiet {
        remark(text);
    }
}

/// Looks until source and caches have shown what a plan needs, or the time is over.
async fn look(news: &mut watch::Receiver<Arc<Incident>>, limit: Duration, progress: bool) -> Arc<Incident> {
    let mut progress = Progress::start(progress);
    let looked = async {
        loop {
            let incident = Arc::clone(&news.borrow_and_update());
            progress.say(&how_far(&incident));
            if is_seen(&incident) || news.changed().await.is_err() {
                return;
            }
        }
    };
    // What was not heard by then is missing from the plan, and the guard counts it as silent.
    let _ = tokio::time::timeout(limit, looked).await;
    Arc::clone(&news.borrow())
}

/// Whether everything that a plan rests on was heard, or given up on.
fn is_seen(incident: &Incident) -> bool {
    if incident.walk_failure().is_some() {
        return true;
    }
    let told = |verdict: Verdict| verdict != Verdict::Unknown;
    let parents = incident.parents();
    let servers = incident.authorities();
    let source = !parents.is_empty()
        && parents.values().all(|p| told(p.judgement.verdict))
        && !servers.is_empty()
        && servers.values().filter(|a| a.is_expected()).all(|a| told(a.judgement.verdict));
    let rows = incident.resolvers().iter().all(|row| {
        let judgement = &row.judgement;
        let restored = judgement.state == DelegationState::Restored;
        let data = !restored || judgement.service.iter().all(|s| s.state != ServiceState::Unknown);
        told(judgement.verdict) || (judgement.state.is_usable() && data)
    });
    source && rows
}

/// Waits until the armed flush is due; none when the time given is over before.
async fn wait(
    news: &mut watch::Receiver<Arc<Incident>>,
    clock: &crate::engine::SystemClock,
    limit: Option<Duration>,
    progress: bool,
) -> Option<Arc<Incident>> {
    let mut progress = Progress::start(progress);
    let waiting = async {
        loop {
            let incident = Arc::clone(&news.borrow_and_update());
            match arming(&incident) {
                Some(Arming::Counts { until }) if until <= clock.now() => return Some(incident),
                Some(Arming::Counts { until }) => {
                    progress.say(&format!(
                        "the source is right; sending in {}; Ctrl-C stops it",
                        in_words(until.since(clock.now()))
                    ));
                }
                Some(Arming::Waits(obstacles)) => {
                    progress.say(&format!("waiting: {}; Ctrl-C stops it", missing(&obstacles)));
                }
                // The engine has not taken in the order yet.
                None => {}
            }
            tokio::select! {
                changed = news.changed() => if changed.is_err() { return None },
                () = tokio::time::sleep(LOOK) => {}
            }
        }
    };
    match limit {
        Some(limit) => tokio::time::timeout(limit, waiting).await.unwrap_or(None),
        None => waiting.await,
    }
}

fn missing(obstacles: &[Obstacle]) -> String {
    obstacles.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// The outcomes of all steps of the plan, in its order: those of the requests, and the links of the others.
async fn outcomes(
    plan: &FlushPlan,
    sender: &crate::http::CloudflareSender,
    requests: Vec<FlushOutcome>,
) -> Vec<FlushOutcome> {
    let mut requests = requests.into_iter();
    let mut all = Vec::with_capacity(plan.steps.len());
    for step in &plan.steps {
        let outcome = if step.operator.needs_a_person() { Some(sender.send(step).await) } else { requests.next() };
        all.extend(outcome);
    }
    all
}

fn refuse(obstacles: &[Obstacle], dry_run: bool, board: &Board) {
    let what = if dry_run { "a flush would be refused now" } else { "the flush is refused" };
    remark(&format!("error: {what}: {}", consequence(obstacles)));
    for obstacle in obstacles {
        remark(&format!("  - {obstacle}"));
    }
    if board.phase == Phase::CannotTell {
        remark(&format!("  - {}", board.headline));
        remark(&format!("hint: {}", board.next_action));
        return;
    }
    remark("hint: --when-right waits until the source is right and flushes then; --even-if-parked overrides this");
}

fn open_pages(plan: &FlushPlan, outcomes: &[FlushOutcome]) {
    let mut opened: Vec<&str> = Vec::new();
    for (_, outcome) in plan.steps.iter().zip(outcomes) {
        if let FlushOutcome::NeedsAPerson { link } = outcome {
            if opened.contains(&link.as_str()) {
                continue;
            }
            opened.push(link);
            if let Err(error) = open_page(link) {
                remark(&format!("not opened: {error}; open {link} by hand"));
            }
        }
    }
}
