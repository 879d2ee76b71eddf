//! Sends what was planned and tells the engine: what was ordered, by whom, and how each step ended. Also the flush that waits for the
//! source: it is sent from here, once, by whoever watches.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};

use crate::cli::complain::Complaint;
use crate::cli::config::{Settings, read_text};
use crate::cli::network::look_up;
use crate::dns::shown;
use crate::engine::Command;
use crate::flush::{Arming, FlushOutcome, FlushPlan, FlushStep, arming};
use crate::http::{
    CloudflareSender, ExtraRoots, FlushBase, HttpClient, HttpUrl, Limits, PAUSE_BETWEEN_REQUESTS, ProxySettings,
};
use crate::incident::{Disarming, FlushAct, FlushRecord, Incident};
use crate::probe::Walker;
use crate::time::{ReadClock, Timestamp};

/// The largest file of certificates that is read.
const LARGEST_CA_FILE: u64 = 1 << 20;
/// How often an armed flush is looked at when nothing is heard.
const LOOK: Duration = Duration::from_millis(200);
/// The longest user name that is kept, in characters.
const LONGEST_NAME: usize = 64;

/// The sender with the addresses that environment and settings give.
///
/// # Errors
/// A URL, a proxy or a file of certificates that cannot be used, named with its source.
pub fn sender(settings: &Settings, walker: &Arc<Walker>) -> Result<CloudflareSender, Complaint> {
    let given = |variable: &str, setting: Option<&String>| {
        let given = std::env::var(variable).ok().filter(|v| !v.is_empty());
        given.map(|v| (variable.to_owned(), v)).or_else(|| setting.map(|v| ("unpark.toml".to_owned(), v.clone())))
    };
    let wrong = |source: &str, error: &crate::http::HttpError| {
        Complaint::usage(
            format!("{source}: {error}"),
            error.hint().unwrap_or("give a URL like https://one.one.one.one"),
        )
    };
    let base = match given("UNPARK_FLUSH_CLOUDFLARE_URL", settings.flush_cloudflare_url.as_ref()) {
        Some((source, text)) => FlushBase::parse(&text).map_err(|e| wrong(&source, &e))?,
        None => FlushBase::default(),
    };
    let ca_file = std::env::var_os("UNPARK_CA_FILE").filter(|v| !v.is_empty()).map(PathBuf::from);
    let roots = match ca_file.as_ref().or(settings.ca_file.as_ref()) {
        Some(path) => {
            let text = read_text(path, LARGEST_CA_FILE)?;
            ExtraRoots::read(text.as_bytes()).map_err(|e| wrong(&path.display().to_string(), &e))?
        }
        None => ExtraRoots::none(),
    };
    let proxy = ProxySettings::from_environment().map_err(|e| wrong("the proxy in the environment", &e))?;
    let client = HttpClient::trusting(&look_up(walker), &proxy, Limits::default(), &roots)
        .map_err(|e| wrong("the HTTP client", &e))?;
    let sender = CloudflareSender::new(base, client);
    Ok(match given("UNPARK_FLUSH_GOOGLE_URL", settings.flush_google_url.as_ref()) {
        Some((source, text)) => sender.with_google_page(&HttpUrl::parse(&text).map_err(|e| wrong(&source, &e))?),
        None => sender,
    })
}

/// Who sits here: the user's name, or `unpark` where the environment does not tell. Safe to show.
pub fn user() -> String {
    let named = ["USER", "LOGNAME", "USERNAME"].into_iter().filter_map(|variable| std::env::var(variable).ok());
    let name = named.map(|name| shown::text(name.trim())).find(|name| !name.is_empty());
    name.map_or_else(|| "unpark".to_owned(), |name| name.chars().take(LONGEST_NAME).collect())
}

/// Tells the engine that these steps are ordered, sends them one by one and tells it how each ended. `on_outcome` hears the same.
pub async fn send_steps(
    sender: &CloudflareSender,
    steps: &[FlushStep],
    against: Vec<String>,
    by: &str,
    commands: &mpsc::Sender<Command>,
    mut on_outcome: impl FnMut(&FlushStep, &FlushOutcome),
) -> Vec<FlushOutcome> {
    let ordered = FlushAct::Ordered { steps: steps.to_vec(), against };
    // Without the engine nothing is proven or kept, but what the operator asked for is sent all the same.
    let _ = commands.send(Command::FlushActed { by: by.to_owned(), act: ordered }).await;
    let (ended, mut records) = mpsc::unbounded_channel();
    let telling = async {
        while let Some(record) = records.recv().await {
            if commands.send(Command::FlushStepEnded(record)).await.is_err() {
                return;
            }
        }
    };
    let sending = async move {
        let tell = |step: &FlushStep, outcome: &FlushOutcome| {
            let _ = ended.send(FlushRecord { step: step.clone(), outcome: outcome.clone(), by: by.to_owned() });
            on_outcome(step, outcome);
        };
        sender.send_all(steps, PAUSE_BETWEEN_REQUESTS, tell).await
    };
    tokio::join!(telling, sending).1
}

/// The steps of a plan that are requests.
pub fn requests(plan: &FlushPlan) -> Vec<FlushStep> {
    plan.steps.iter().filter(|step| !step.operator.needs_a_person()).cloned().collect()
}

/// What to do about an armed flush at a moment.
#[derive(Debug, PartialEq, Eq)]
enum Firing {
    /// Nothing, yet.
    Wait,
    /// Send what the plan of this moment says.
    Send { armed: Timestamp, steps: Vec<FlushStep> },
    /// Nothing is stale any more.
    Drop { armed: Timestamp },
}

fn firing(incident: &Incident, now: Timestamp) -> Firing {
    let Some(armed) = incident.armed_flush() else { return Firing::Wait };
    match arming(incident) {
        Some(Arming::Counts { until }) if until <= now => {
            let plan = FlushPlan::of(incident, &armed.choice);
            if plan.steps.is_empty() {
                Firing::Drop { armed: armed.at }
            } else {
                Firing::Send { armed: armed.at, steps: requests(&plan) }
            }
        }
        _ => Firing::Wait,
    }
}

/// Sends an armed flush when its time has come, each once, for as long as there are news.
pub async fn fire_when_right(
    mut news: watch::Receiver<Arc<Incident>>,
    clock: Arc<dyn ReadClock>,
    commands: mpsc::Sender<Command>,
    sender: CloudflareSender,
    by: String,
) {
    // The engine may publish a state once more in which the flush is still armed.
    let mut done: BTreeSet<Timestamp> = BTreeSet::new();
    loop {
        let incident = Arc::clone(&news.borrow_and_update());
        match firing(&incident, clock.now()) {
            Firing::Send { armed, steps } if done.insert(armed) => {
                let (sender, commands, by) = (sender.clone(), commands.clone(), by.clone());
                tokio::spawn(async move { send_steps(&sender, &steps, Vec::new(), &by, &commands, |_, _| ()).await });
            }
            Firing::Drop { armed } if done.insert(armed) => {
                let act = FlushAct::Disarmed(Disarming::NothingToDo);
                let _ = commands.send(Command::FlushActed { by: by.clone(), act }).await;
            }
            _ => {}
        }
        tokio::select! {
            changed = news.changed() => if changed.is_err() { return },
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}
