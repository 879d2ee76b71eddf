//! `unpark flush`: look at the source, guard, plan, send. An accepted request is *sent*; whether the cache was emptied
//! only asking it again can tell.

use std::io::Write as _;
use std::net::IpAddr;
use std::sync::Arc;

use crate::cli::args::FlushCommand;
use crate::cli::complain::Complaint;
use crate::cli::config::Settings;
use crate::cli::exit::Exit;
use crate::cli::network::{Ready, ready};
use crate::cli::setup::{Plan, Sampling};
use crate::dns::{Name, shown};
use crate::flush::{FlushOperator, FlushOutcome, FlushPlan, Obstacle, SourceState, guard};
use crate::http::{
    CloudflareSender, FlushBase, HttpClient, HttpUrl, Limits, LookUpHost, PAUSE_BETWEEN_REQUESTS, ProxySettings,
    open_page,
};
use crate::probe::Walker;
use crate::schedule::Mode;
use crate::view::{json, lines};

/// Runs the command.
pub async fn run(command: FlushCommand) -> anyhow::Result<Exit> {
    let settings = Settings::load(command.probe.config.as_deref())?;
    let operators = operators(&command.only)?;
    let plan = Plan::make(&command.domain, &command.probe, settings, Sampling { needed: 1, confidence: 1 }, false)?;
    let Ready { engine, lines: engine_lines, commands, walker, .. } =
        ready(&plan, Mode::Round { samples: 1, resolvers: false })?;
    let sender = sender(&plan.settings, &walker)?;
    let incident = engine.run(Some(plan.round), engine_lines).await;
    drop(commands);

    let flush_plan = FlushPlan::of(&incident, &operators);
    let obstacles = guard(&SourceState::of(&incident)).err().unwrap_or_default();
    let refused = !obstacles.is_empty() && !command.even_if_parked;
    let mut out = std::io::stdout();
    if command.dry_run || refused {
        if command.probe.json {
            let text = json::flush(&incident, &flush_plan, sender.endpoints(), &obstacles, refused, &[]);
            out.write_all(text.as_bytes())?;
        } else if command.dry_run {
            let text = lines::flush_plan_text(&flush_plan, sender.endpoints(), &obstacles);
            out.write_all(text.as_bytes())?;
        }
        out.flush()?;
        if refused {
            refuse(&obstacles, command.dry_run);
            return Ok(Exit::NotYet);
        }
        return Ok(Exit::Good);
    }
    if !obstacles.is_empty() {
        eprintln!("warning: sent although the source is not right: {}", crate::flush::consequence(&obstacles));
    }
    let printed = |step: &crate::flush::FlushStep, outcome: &FlushOutcome| {
        if !command.probe.json && !command.probe.quiet {
            println!("{}", lines::flush_result_line(step, outcome));
        }
    };
    let outcomes = sender.send_all(&flush_plan.steps, PAUSE_BETWEEN_REQUESTS, printed).await;
    if command.probe.json {
        let text = json::flush(&incident, &flush_plan, sender.endpoints(), &obstacles, refused, &outcomes);
        out.write_all(text.as_bytes())?;
    } else {
        say_what_is_left(&flush_plan, &outcomes);
    }
    out.flush()?;
    if command.open {
        open_pages(&flush_plan, &outcomes);
    }
    let failed = outcomes.iter().any(|o| !matches!(o, FlushOutcome::Sent | FlushOutcome::NeedsAPerson { .. }));
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

/// HTTP hosts are looked up by walking from the root, so that a broken local resolver is no obstacle.
fn look_up(walker: &Arc<Walker>) -> LookUpHost {
    let walker = Arc::clone(walker);
    Arc::new(move |host: String| {
        let walker = Arc::clone(&walker);
        Box::pin(async move {
            let name = Name::from_user(&host).map_err(|e| e.to_string())?;
            let found = walker.host_addresses(&name, &|_| ()).await.map_err(|e| e.to_string())?;
            Ok(found.into_iter().map(|address| address.ip()).collect::<Vec<IpAddr>>())
        })
    })
}

fn refuse(obstacles: &[Obstacle], dry_run: bool) {
    let what = if dry_run { "a flush would be refused now" } else { "the flush is refused" };
    eprintln!("error: {what}: {}", crate::flush::consequence(obstacles));
    for obstacle in obstacles {
        eprintln!("  - {}", shown::text(&obstacle.to_string()));
    }
    eprintln!("hint: run `unpark check` until the source is right; --even-if-parked overrides this");
}

/// What the requests did not cover, on standard error.
fn say_what_is_left(plan: &FlushPlan, outcomes: &[FlushOutcome]) {
    let sent = outcomes.iter().filter(|o| matches!(o, FlushOutcome::Sent)).count();
    let people = outcomes.iter().filter(|o| matches!(o, FlushOutcome::NeedsAPerson { .. })).count();
    eprintln!("{sent} of {} requests sent; {people} need a person.", plan.steps.len());
    for left_out in &plan.left_out {
        eprintln!("left out: {} {}: {}", left_out.operator, left_out.name.without_dot(), left_out.reason);
    }
    eprintln!("Sent is not proof: run `unpark check` in half a minute to see which caches are clean.");
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
                eprintln!("not opened: {error}; open {link} by hand");
            }
        }
    }
}
