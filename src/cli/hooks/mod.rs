//! What is told of each phase change to a program of the operator's and to a webhook. Neither ever holds up the watch: each has a
//! short queue and a worker of its own, and what fails is said and journaled as a note.

mod program;
mod queue;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use clap::Args;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use crate::cli::args::read_span;
use crate::cli::complain::Complaint;
use crate::cli::config::Settings;
use crate::cli::print::remark;
use crate::engine::Command;
use crate::http::{HttpClient, Limits, LookUpHost, ProxySettings, Webhook, no_look_up};
use crate::incident::Incident;
use crate::time::ReadClock;
use crate::view::json;
use crate::view::model::Board;

use program::Program;
use queue::Queue;

/// How long a program may run, unless told otherwise.
const USUAL_PATIENCE: Duration = Duration::from_secs(30);
/// How long the last deliveries may take once the watch has ended.
const LAST_DELIVERIES: Duration = Duration::from_secs(5);
/// A running program is looked at more often than this.
const LAST_LOOK: Duration = Duration::from_millis(150);

/// Who is told of phase changes.
#[derive(Debug, Clone, Default, Args)]
pub struct HookArgs {
    /// Run this with `sh -c` at each change of phase, with JSON (`unpark.change/1`) on its standard input; one at a time
    #[arg(long, value_name = "CMD", env = "UNPARK_ON_CHANGE", hide_env_values = true)]
    pub on_change: Option<String>,
    /// End a program that --on-change started after this long [default: 30s]
    #[arg(long, value_name = "TIME", value_parser = read_span)]
    pub on_change_timeout: Option<Duration>,
    /// Post the same JSON to this address, with a text that Slack and its likes show; https, or http to this machine. A
    /// secret: give it in the environment or in unpark.toml rather than here, where other users see it
    #[arg(long, value_name = "URL", env = "UNPARK_WEBHOOK", hide_env_values = true)]
    pub webhook: Option<String>,
}

/// The same for a drill, where only what was typed counts: what environment and settings file say is for the real thing, and
/// nobody is to be paged by a drill.
pub fn typed_only(arg: clap::Arg) -> clap::Arg {
    match arg.get_id().as_str() {
        "on_change" => arg.env(None::<&str>),
        "webhook" => arg.env(None::<&str>).help(
            "Post the same JSON to this address, which must be on this machine: http://127.0.0.1:PORT/…. For the real \
             one try `unpark watch`",
        ),
        _ => arg,
    }
}

/// The workers of one watch.
pub struct Hooks {
    watching: JoinHandle<()>,
    queues: Vec<Arc<Queue>>,
    workers: Vec<JoinHandle<()>>,
    /// Set when nothing more is waited for.
    over: Arc<AtomicBool>,
}

/// Where it is said that a delivery failed.
#[derive(Clone)]
struct Telling {
    commands: mpsc::Sender<Command>,
    /// Whether standard error is free: a screen would be spoilt.
    aloud: bool,
}

impl Telling {
    /// Says a failure: as a note of the incident, and on standard error where that is free.
    async fn say(&self, what: &str) {
        if self.aloud {
            remark(&format!("note: {what}"));
        }
        // At the end of a watch nobody takes notes any more.
        let _ = self.commands.send(Command::Note(format!("(unpark) {what}"))).await;
    }
}

impl Hooks {
    /// Starts what was asked for; none when nothing was.
    ///
    /// # Errors
    /// The webhook's address cannot be used. The error does not hold it.
    pub fn start(
        args: &HookArgs,
        settings: &Settings,
        look_up: &LookUpHost,
        news: watch::Receiver<Arc<Incident>>,
        commands: &mpsc::Sender<Command>,
        clock: Arc<dyn ReadClock>,
        aloud: bool,
    ) -> Result<Option<Self>, Complaint> {
        let make_webhook = |url: &str| {
            let proxy = ProxySettings::from_environment()
                .map_err(|e| Complaint::usage(format!("the proxy in the environment: {e}"), SECRET))?;
            webhook(url, look_up, &proxy)
        };
        Self::start_with(args, settings, make_webhook, false, news, commands, clock, aloud)
    }

    /// The same for a drill: only what was typed, and nothing that leaves this machine.
    ///
    /// # Errors
    /// As [`Hooks::start`]; or the webhook is on another machine.
    pub fn start_in_drill(
        args: &HookArgs,
        news: watch::Receiver<Arc<Incident>>,
        commands: &mpsc::Sender<Command>,
        clock: Arc<dyn ReadClock>,
        aloud: bool,
    ) -> Result<Option<Self>, Complaint> {
        let webhook = |url: &str| {
            let webhook = webhook(url, &no_look_up(), &ProxySettings::none())?;
            if webhook.stays_here() {
                return Ok(webhook);
            }
            let what = "in a drill no packet leaves this machine, so its webhook must be on it";
            Err(Complaint::usage(
                what,
                "give http://127.0.0.1:PORT/…; the real one is for unpark watch and unpark wait",
            ))
        };
        Self::start_with(args, &Settings::default(), webhook, true, news, commands, clock, aloud)
    }

    #[expect(clippy::too_many_arguments, reason = "what one watch is made of")]
    fn start_with(
        args: &HookArgs,
        settings: &Settings,
        make_webhook: impl Fn(&str) -> Result<Webhook, Complaint>,
        drill: bool,
        news: watch::Receiver<Arc<Incident>>,
        commands: &mpsc::Sender<Command>,
        clock: Arc<dyn ReadClock>,
        aloud: bool,
    ) -> Result<Option<Self>, Complaint> {
        let given = |text: Option<&String>| text.map(|t| t.trim().to_owned()).filter(|t| !t.is_empty());
        let program = given(args.on_change.as_ref()).or_else(|| given(settings.on_change.as_ref()));
        let webhook = given(args.webhook.as_ref()).or_else(|| given(settings.webhook.as_ref()));
        let patience = match (args.on_change_timeout, &settings.on_change_timeout) {
            (Some(span), _) => span,
            (None, Some(text)) => read_span(text).map_err(|e| settings.wrong("on-change-timeout", &e))?,
            (None, None) => USUAL_PATIENCE,
        };
        let telling = Telling { commands: commands.clone(), aloud };
        let over = Arc::new(AtomicBool::new(false));
        let (mut queues, mut workers) = (Vec::new(), Vec::new());
        if let Some(line) = program {
            let (queue, telling) = (Arc::new(Queue::default()), telling.clone());
            queues.push(Arc::clone(&queue));
            let program = Program { line, patience, over: Arc::clone(&over) };
            workers.push(tokio::spawn(async move {
                while let Some((change, dropped)) = queue.next().await {
                    say_dropped(&telling, "the program of --on-change", dropped).await;
                    if let Err(reason) = program.run(&change).await {
                        telling.say(&format!("the program of --on-change failed: {reason}")).await;
                    }
                }
            }));
        }
        if let Some(url) = webhook {
            let (queue, telling) = (Arc::new(Queue::default()), telling);
            queues.push(Arc::clone(&queue));
            let webhook = make_webhook(&url)?;
            workers.push(tokio::spawn(async move {
                while let Some((change, dropped)) = queue.next().await {
                    let host = webhook.host();
                    say_dropped(&telling, &format!("the webhook at {host}"), dropped).await;
                    if let Err(reason) = webhook.post(&change).await {
                        telling.say(&format!("the webhook at {host} was not told: {reason}")).await;
                    }
                }
            }));
        }
        if queues.is_empty() {
            return Ok(None);
        }
        let watching = tokio::spawn(follow(news, queues.clone(), clock, drill));
        Ok(Some(Self { watching, queues, workers, over }))
    }

    /// Ends the workers once they have delivered what is left, or after a few seconds. To be called when the watch has
    /// ended and its last state was published.
    pub async fn finish(self) {
        let Self { watching, queues, workers, over } = self;
        let aborts: Vec<_> = workers.iter().map(JoinHandle::abort_handle).collect();
        let ended = async {
            // The engine is gone, so the news end, and with them the following.
            let _ = watching.await;
            for queue in &queues {
                queue.close();
            }
            for worker in workers {
                let _ = worker.await;
            }
        };
        if tokio::time::timeout(LAST_DELIVERIES, ended).await.is_err() {
            over.store(true, Ordering::Relaxed);
            aborts.iter().for_each(tokio::task::AbortHandle::abort);
            // A program that still runs is ended now, with what it started.
            tokio::time::sleep(LAST_LOOK).await;
        }
    }
}

async fn say_dropped(telling: &Telling, whom: &str, dropped: u64) {
    match dropped {
        0 => {}
        1 => telling.say(&format!("{whom} was not told of 1 change: newer ones came first")).await,
        n => telling.say(&format!("{whom} was not told of {n} changes: newer ones came first")).await,
    }
}

/// Puts each change of phase into every queue, until the news end.
async fn follow(
    mut news: watch::Receiver<Arc<Incident>>,
    queues: Vec<Arc<Queue>>,
    clock: Arc<dyn ReadClock>,
    drill: bool,
) {
    // What it starts with is no change.
    let mut known = 1;
    loop {
        let incident = Arc::clone(&news.borrow_and_update());
        let phases = incident.phases();
        if phases.len() > known {
            let board = Board::of(&incident, clock.now());
            for pair in phases.get(known - 1..).unwrap_or_default().windows(2) {
                if let [before, after] = pair {
                    let change = json::change(&incident, &board, before.phase, *after, drill);
                    for queue in &queues {
                        queue.push(change.clone());
                    }
                }
            }
            known = phases.len();
        }
        if news.changed().await.is_err() {
            return;
        }
    }
}

/// What to do about an address that cannot be used.
const SECRET: &str = "give https://…, or http:// with 127.0.0.1, [::1] or localhost; it is a secret and not shown";

/// The webhook's address is a secret: no error holds it.
fn webhook(url: &str, look_up: &LookUpHost, proxy: &ProxySettings) -> Result<Webhook, Complaint> {
    let client = HttpClient::new(look_up, proxy, Limits::default())
        .map_err(|e| Complaint::own(e.to_string(), "this is a fault of unpark: report it"))?;
    Webhook::new(url, client)
        .map_err(|reason| Complaint::usage(format!("the webhook's address cannot be used: {reason}"), SECRET))
}
