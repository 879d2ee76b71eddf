//! `unpark flush`: look at the source, guard, plan, send. An accepted request is *sent*; whether the cache was emptied
//! only asking it again can tell.

use std::io::IsTerminal as _;
use std::sync::Arc;

use crate::cli::args::FlushCommand;
use crate::cli::complain::Complaint;
use crate::cli::config::Settings;
use crate::cli::exit::Exit;
use crate::cli::look::{colour, plain_look};
use crate::cli::network::{Ready, look_up, ready, with_progress};
use crate::cli::print::{explain, print, remark};
use crate::cli::setup::{Plan, Sampling};
use crate::flush::{FlushOperator, FlushOutcome, FlushPlan, FlushStep, Obstacle, SourceState, guard};
use crate::http::{
    CloudflareSender, FlushBase, HttpClient, HttpUrl, Limits, PAUSE_BETWEEN_REQUESTS, ProxySettings, open_page,
};
use crate::incident::Phase;
use crate::probe::Walker;
use crate::schedule::Mode;
use crate::time::ReadClock as _;
use crate::view::lines::Look;
use crate::view::model::Board;
use crate::view::{json, lines};

/// Runs the command.
pub async fn run(command: FlushCommand) -> anyhow::Result<Exit> {
    let settings = Settings::load(command.probe.config.as_deref())?;
    let operators = operators(&command.only)?;
    let plan = Plan::make(&command.domain, &command.probe, settings, Sampling { needed: 1, confidence: 1 }, false)?;
    let Ready { engine, lines: engine_lines, commands, walker, news, clock } =
        ready(&plan, Mode::Round { samples: 1, resolvers: false })?;
    let sender = sender(&plan.settings, &walker)?;
    let incident = with_progress(engine.run(Some(plan.round), engine_lines), news, !command.probe.quiet).await;
    drop(commands);
    let board = Board::of(&incident, clock.now());
    if command.probe.verbose {
        let colour = colour(command.probe.color, std::io::stderr().is_terminal());
        explain(&lines::trace_text(&incident, &board, Look { colour, verbose: true, ..plain_look() }));
    }

    let flush_plan = FlushPlan::of(&incident, &operators);
    let obstacles = guard(&SourceState::of(&incident)).err().unwrap_or_default();
    let refused = !obstacles.is_empty() && !command.even_if_parked;
    if command.dry_run || refused {
        if command.probe.json {
            print(&json::flush(&incident, &flush_plan, sender.endpoints(), &obstacles, refused, &[]))?;
        } else if command.dry_run {
            print(&lines::flush_plan_text(&flush_plan, sender.endpoints(), &obstacles))?;
        }
        if refused {
            refuse(&obstacles, command.dry_run, &board);
            // Without any answer nothing is known that could be "not yet".
            let blind = Exit::of_phase(incident.phase()) == Exit::CannotTell;
            return Ok(if blind { Exit::CannotTell } else { Exit::NotYet });
        }
        return Ok(Exit::Good);
    }
    if !obstacles.is_empty() {
        remark(&format!("warning: sent although the source is not right: {}", crate::flush::consequence(&obstacles)));
    }
    let printed = |step: &FlushStep, outcome: &FlushOutcome| {
        if !command.probe.json && !command.probe.quiet {
            // The requests go on without a reader; what is left is said at the end.
            let _ = print(&format!("{}\n", lines::flush_result_line(step, outcome)));
        }
    };
    let outcomes = sender.send_all(&flush_plan.steps, PAUSE_BETWEEN_REQUESTS, printed).await;
    if command.probe.json {
        print(&json::flush(&incident, &flush_plan, sender.endpoints(), &obstacles, refused, &outcomes))?;
    } else {
        say_what_is_left(&flush_plan, &outcomes);
    }
    if command.open {
        open_pages(&flush_plan, &outcomes);
    }
    let failed = outcomes.iter().any(|o| !matches!(o, FlushOutcome::Sent { .. } | FlushOutcome::NeedsAPerson { .. }));
    Ok(if failed { Exit::NotYet } else { Exit::Good })
}

fn operators(only: &[String]) -> Result<Vec<FlushOperator>, Complaint> {
    if only.is_empty() {
        return Ok(FlushOperator::ALL.to_vec());
    }
    let mut operators = Vec::new();
    for text in only {
        let operator: FlushOperator = text.trim().parse().map_err(|e: crate::flush::UnknownOperator| {
            Complaint::usage(e.to_string(), "for example --only cloudflare,google")
        })?;
        if !operators.contains(&operator) {
            operators.push(operator);
        }
    }
    Ok(operators)
}

/// The sender with the addresses that environment and settings give.
///
/// # Errors
/// A URL that cannot be used, named with its source.
pub fn sender(settings: &Settings, walker: &Arc<Walker>) -> Result<CloudflareSender, Complaint> {
    let url = |variable: &str, setting: Option<&String>| {
        let given = std::env::var(variable).ok().filter(|v| !v.is_empty());
        given.map(|v| (variable.to_owned(), v)).or_else(|| setting.map(|v| ("unpark.toml".to_owned(), v.clone())))
    };
    let wrong = |source: &str, error: &crate::http::HttpError| {
        Complaint::usage(
            format!("{source}: {error}"),
            error.hint().unwrap_or("give a URL like https://one.one.one.one"),
        )
    };
    let base = match url("UNPARK_FLUSH_CLOUDFLARE_URL", settings.flush_cloudflare_url.as_ref()) {
        Some((source, text)) => FlushBase::parse(&text).map_err(|e| wrong(&source, &e))?,
        None => FlushBase::default(),
    };
    let proxy = ProxySettings::from_environment().map_err(|e| wrong("the proxy in the environment", &e))?;
    let client =
        HttpClient::new(&look_up(walker), &proxy, Limits::default()).map_err(|e| wrong("the HTTP client", &e))?;
    let sender = CloudflareSender::new(base, client);
    Ok(match url("UNPARK_FLUSH_GOOGLE_URL", settings.flush_google_url.as_ref()) {
        Some((source, text)) => sender.with_google_page(&HttpUrl::parse(&text).map_err(|e| wrong(&source, &e))?),
        None => sender,
    })
}

fn refuse(obstacles: &[Obstacle], dry_run: bool, board: &Board) {
    let what = if dry_run { "a flush would be refused now" } else { "the flush is refused" };
    remark(&format!("error: {what}: {}", crate::flush::consequence(obstacles)));
    for obstacle in obstacles {
        remark(&format!("  - {obstacle}"));
    }
    if board.phase == Phase::CannotTell {
        remark(&format!("  - {}", board.headline));
        remark(&format!("hint: {}", board.next_action));
        return;
    }
    remark("hint: run `unpark check` until the source is right; --even-if-parked overrides this");
}

/// What the requests did not cover, on standard error.
fn say_what_is_left(plan: &FlushPlan, outcomes: &[FlushOutcome]) {
    let requests = plan.steps.iter().filter(|step| !step.operator.needs_a_person()).count();
    let sent = outcomes.iter().filter(|o| matches!(o, FlushOutcome::Sent { .. })).count();
    let people = outcomes.iter().filter(|o| matches!(o, FlushOutcome::NeedsAPerson { .. })).count();
    let people = match people {
        0 => String::new(),
        1 => "; 1 step needs a person at a browser".to_owned(),
        n => format!("; {n} steps need a person at a browser"),
    };
    remark(&format!("{sent} of {requests} {} sent{people}.", if requests == 1 { "request" } else { "requests" }));
    for left_out in &plan.left_out {
        remark(&format!("left out: {} {}: {}", left_out.operator, left_out.name.without_dot(), left_out.reason));
    }
    remark("Sent is not proof: run `unpark check` in half a minute to see which caches are clean.");
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
