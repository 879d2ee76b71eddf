//! `unpark DOMAIN`: the live screen, or one line for each change when standard output is no terminal.

use std::future::Future;
use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};

use crate::cli::args::WatchCommand;
use crate::cli::complain::Complaint;
use crate::cli::config::Settings;
use crate::cli::exit::Exit;
use crate::cli::flush::{fire_when_right, send_steps, sender, user};
use crate::cli::hooks::Hooks;
use crate::cli::journal::{JournalPlace, Recording};
use crate::cli::look::{look_of_lines, screen_look};
use crate::cli::network::{Ready, look_up, ready};
use crate::cli::print::{print, remark};
use crate::cli::remember::{keep, keep_learning};
use crate::cli::report::Reporting;
use crate::cli::setup::{Plan, Sampling, resolver_target};
use crate::cli::taste::{keys, palette};
use crate::engine::Command;
use crate::flush::FlushOutcome;
use crate::http::{CloudflareSender, open_page};
use crate::incident::{Disarming, FlushAct, FlushRecord, Incident};
use crate::judge::{Expectation, ExpectationSource};
use crate::schedule::Mode;
use crate::time::ReadClock;
use crate::view::model::Board;
use crate::view::tui::{self, App, DrillAct, Wish};
use crate::view::{json, lines};

/// "Fewer than 20 % of the caches behind an address are stale", at 95 %.
pub const USUAL_CONFIDENCE: u16 = 14;
/// Good samples before a single resolver is called correct.
pub const SAMPLES_NEEDED: usize = 3;

/// Runs the command.
pub async fn run(command: WatchCommand) -> anyhow::Result<Exit> {
    let Some(domain) = &command.domain else {
        return Err(Complaint::usage("no domain was given", "unpark brevo.com, or unpark --help").into());
    };
    let settings = Settings::load(command.probe.config.as_deref())?;
    let confidence = usize::from(command.confidence.or(settings.confidence).unwrap_or(USUAL_CONFIDENCE).max(1));
    let sampling = Sampling { needed: SAMPLES_NEEDED.min(confidence), confidence };
    let plan = Plan::make(domain, &command.probe, settings, sampling, true)?;
    // Before any socket: a signal must end the watch with the terminal restored, however early it comes.
    let stop = stop_signal()?;
    let Ready { engine, lines: engine_lines, commands, news, clock, walker } = ready(&plan, Mode::Watch)?;
    let on_screen = std::io::stdout().is_terminal() && !command.probe.json && !command.taste.plain;
    let hooks = Hooks::start(
        &command.hooks,
        &plan.settings,
        &look_up(&walker),
        news.clone(),
        &commands,
        clock.clone(),
        !on_screen,
    )?;
    let place = JournalPlace::of_watch(&command.probe, command.no_journal, &plan.settings);
    let first = Arc::clone(&news.borrow());
    let (recording, engine) = Recording::begin(&place, "watch", false, first.started(), &plan.opening, engine);
    let running = tokio::spawn(engine.run(None, engine_lines));
    for note in &plan.notes {
        let _ = commands.send(Command::Note(note.clone())).await;
    }
    let learning = tokio::spawn(keep_learning(news.clone(), clock.clone()));
    let (palette, keys) = (palette(&command.taste, &plan.settings)?, keys(&plan.settings)?);
    if on_screen {
        let sender = sender(&plan.settings, &walker)?;
        let (wishes, wished) = mpsc::channel(16);
        let folder = recording.folder().unwrap_or_else(|| PathBuf::from("."));
        let reporting = Reporting { news: news.clone(), clock: clock.clone(), folder, drill: false };
        let app = App::new(screen_look(command.probe.color, command.taste.ascii), sender.endpoints().clone());
        let app = app.with(palette, keys).allowed(a_minute(plan.rates.later));
        let app = app.with_notices(recording.notices());
        let firing = fire_when_right(news.clone(), clock.clone(), commands.clone(), sender.clone(), user());
        let firing = tokio::spawn(firing);
        let carrying_out = tokio::spawn(carry_out(wished, commands.clone(), sender, reporting, |_| ()));
        let shown = tui::run(news.clone(), wishes, clock.clone(), app, stop).await;
        carrying_out.abort();
        firing.abort();
        shown?;
    } else {
        let look = look_of_lines(&command);
        let form = Form::of(command.probe.json);
        print_changes(first, news.clone(), clock.as_ref(), form, look, stop, &recording).await?;
    }
    let _ = commands.send(Command::Stop).await;
    let incident = running.await?;
    learning.abort();
    // A cache folder that cannot be written costs the next run a few packets, nothing else.
    let _ = keep(&incident, clock.as_ref());
    if let Some(hooks) = hooks {
        hooks.finish().await;
    }
    recording.end(clock.now());
    Ok(Exit::of_phase(incident.phase()))
}

/// A rate a second, for a minute.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rate is positive and bounded")]
pub fn a_minute(a_second: f64) -> u64 {
    (a_second * 60.0).round() as u64
}

/// Ends on Ctrl-C, SIGTERM or SIGHUP.
pub fn stop_signal() -> std::io::Result<impl Future<Output = ()> + Send + 'static> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let (mut interrupt, mut terminate, mut hang_up) =
            (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?, signal(SignalKind::hangup())?);
        Ok(async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
                _ = hang_up.recv() => {}
            }
        })
    }
    #[cfg(not(unix))]
    {
        Ok(async {
            let _ = tokio::signal::ctrl_c().await;
        })
    }
}

/// What is printed where there is no screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A line of text for each change.
    Text,
    /// The same, marked as a drill.
    DrillText,
    /// A line of JSON for each change.
    Json,
}

impl Form {
    const fn of(json: bool) -> Self {
        if json { Self::Json } else { Self::Text }
    }
}

/// One line for each change, until the signal or until nobody reads any more. It begins with how it stood at `first`,
/// before anything was asked, however late the news are looked at: a replay begins there too.
pub async fn print_changes(
    first: Arc<Incident>,
    mut news: watch::Receiver<Arc<Incident>>,
    clock: &dyn ReadClock,
    form: Form,
    look: lines::Look,
    stop: impl Future<Output = ()>,
    recording: &Recording,
) -> anyhow::Result<()> {
    tokio::pin!(stop);
    let mut before: Option<Board> = None;
    let mut said = None;
    let mut incident = first;
    loop {
        let notice = recording.notice();
        if notice != said {
            if let Some(notice) = &notice {
                remark(&format!("{} {notice}", clock.now()));
            }
            said = notice;
        }
        let board = Board::of(&incident, clock.now());
        let changes = lines::changes(before.as_ref(), &board, look);
        if !changes.is_empty() {
            let text = if form == Form::Json {
                let exit = Exit::of_phase(incident.phase()).code();
                json::check_line(&incident, &board, exit) + "\n"
            } else {
                let mark = if form == Form::DrillText { "DRILL " } else { "" };
                changes.iter().map(|line| format!("{mark}{line}\n")).collect()
            };
            if !print(&text)? {
                return Ok(());
            }
        }
        before = Some(board);
        tokio::select! {
            () = &mut stop => return Ok(()),
            changed = news.changed() => if changed.is_err() { return Ok(()) },
            // A countdown that has run out changes verdicts without any news.
            () = tokio::time::sleep(Duration::from_secs(1)) => {}
        }
        incident = Arc::clone(&news.borrow_and_update());
    }
}

/// Maps what the screen wishes onto the engine and the flush; what it wishes of a drill goes to `act`.
pub async fn carry_out(
    mut wishes: mpsc::Receiver<Wish>,
    commands: mpsc::Sender<Command>,
    sender: CloudflareSender,
    reporting: Reporting,
    act: impl Fn(DrillAct) + Send,
) {
    let by = user();
    while let Some(wish) = wishes.recv().await {
        let command = match wish {
            Wish::AcceptExpectation(ns) => Command::Accept(Expectation { ns, source: ExpectationSource::Accepted }),
            Wish::SetSurvey(survey) => Command::Survey(survey),
            Wish::WatchHosts(hosts) => Command::WatchHosts(hosts),
            Wish::AddResolver(address) => Command::AddResolver(resolver_target(address)),
            Wish::MakeNote(text) => Command::Note(text),
            Wish::SaveReport => {
                // Beside the loop: a large report, or a slow disk, must not hold up the operator.
                let (reporting, commands) = (reporting.clone(), commands.clone());
                tokio::spawn(async move {
                    if let Ok(said) = tokio::task::spawn_blocking(move || reporting.save()).await {
                        let _ = commands.send(Command::Note(format!("(unpark) {said}"))).await;
                    }
                });
                continue;
            }
            Wish::FlushDone(step) => {
                let outcome = FlushOutcome::DoneByHand;
                Command::FlushStepEnded(FlushRecord { step, outcome, by: by.clone() })
            }
            Wish::ArmFlush(choice) => Command::FlushActed { by: by.clone(), act: FlushAct::Armed(choice) },
            Wish::DisarmFlush => Command::FlushActed { by: by.clone(), act: FlushAct::Disarmed(Disarming::Cancelled) },
            Wish::Flush { steps, against } => {
                // Beside the loop: the operator can go on while the requests go out one by one.
                let (sender, commands, by) = (sender.clone(), commands.clone(), by.clone());
                tokio::spawn(async move { send_steps(&sender, &steps, against, &by, &commands, |_, _| ()).await });
                continue;
            }
            Wish::OpenPage(link) => {
                tokio::task::spawn_blocking(move || {
                    // The link stands on the screen; when no browser can be opened, that is what is left.
                    let _ = open_page(&link);
                });
                continue;
            }
            Wish::Drill(wished) => {
                act(wished);
                continue;
            }
            // The screen ends, and copies, by itself; and this is no replay.
            Wish::Quit | Wish::Suspend | Wish::Copy(_) | Wish::Replay(_) => continue,
        };
        if commands.send(command).await.is_err() {
            return;
        }
    }
}
