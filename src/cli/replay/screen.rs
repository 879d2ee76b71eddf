//! The screen of a replay: one thread reads the journal ahead for the scrubber, another tells the moment that is shown.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, watch};

use super::{ReplayCommand, complain};
use crate::cli::config::Settings;
use crate::cli::exit::Exit;
use crate::cli::look::screen_look;
use crate::cli::print::remark;
use crate::cli::report::save_report;
use crate::cli::taste::{keys, palette};
use crate::cli::watch::stop_signal;
use crate::flush::FlushEndpoints;
use crate::journal::{JournalError, Replay};
use crate::view::report::Origin;
use crate::view::tui::{self, App, Player, Tape, Told, Wish};

/// While it plays, what is so is told this often.
const FRAME: Duration = Duration::from_millis(40);
/// While it does not, it is looked this often whether more was read ahead.
const GLANCE: Duration = Duration::from_millis(150);
/// So much of the journal is taken in before it is looked whether the operator wants to be elsewhere.
const PIECE: u64 = 10_000;
/// How often it is told how far reading ahead has come.
const AHEAD: Duration = Duration::from_millis(150);
/// A short journal is read whole within this time, so that the first frame shows all of it.
const FIRST: Duration = Duration::from_millis(300);

/// Runs the command on the screen.
pub async fn run(command: &ReplayCommand) -> anyhow::Result<Exit> {
    let stop = stop_signal()?;
    let settings = Settings::load(None)?;
    let (palette, keys) = (palette(&command.taste, &settings)?, keys(&settings)?);
    let replay = Replay::open(&command.file).map_err(complain)?;
    let ahead = Replay::open(&command.file).map_err(complain)?;
    let header = replay.header().clone();
    let start = header.started;
    let tape =
        Arc::new(Mutex::new(Ahead { tape: Arc::new(Tape::of(replay.incident(), start, false)), notes: Vec::new() }));
    let (read, whole) = channel();
    let reading = Arc::clone(&tape);
    thread::Builder::new().name("read-ahead".to_owned()).spawn(move || read_ahead(ahead, &reading, &read))?;
    // What is not there by then comes later.
    let _ = whole.recv_timeout(FIRST);
    let at_first = lock(&tape).clone();
    let told = Told {
        incident: Arc::new(replay.view(start)),
        at: start,
        player: Player::new(start),
        tape: at_first.tape,
        said: (0, String::new()),
        notice: notice(&at_first.notes),
    };
    let app = App::new(screen_look(command.color, command.taste.ascii), FlushEndpoints::default());
    let app = app.with(palette, keys).in_replay(told.clone(), header.drill);
    let (publish, news) = watch::channel(told.clone());
    let (wishes, mut wished) = mpsc::channel(64);
    let (orders, taken): (Sender<Wish>, _) = channel();
    let passing_on = tokio::spawn(async move {
        while let Some(wish) = wished.recv().await {
            if orders.send(wish).is_err() {
                return;
            }
        }
    });
    let teller =
        Teller { replay, file: command.file.clone(), drill: header.drill, told, publish, ahead: Arc::clone(&tape) };
    thread::Builder::new().name("replay".to_owned()).spawn(move || teller.run(&taken))?;
    let shown = tui::run_replay(news.clone(), wishes, app, stop).await;
    passing_on.abort();
    shown?;
    let notes = lock(&tape).notes.clone();
    for note in notes {
        remark(&format!("note: {note}"));
    }
    let phase = news.borrow().incident.phase();
    Ok(Exit::of_phase(phase))
}

/// What was read ahead.
#[derive(Clone)]
struct Ahead {
    tape: Arc<Tape>,
    /// What could not be told of it.
    notes: Vec<String>,
}

fn lock(ahead: &Mutex<Ahead>) -> std::sync::MutexGuard<'_, Ahead> {
    ahead.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Reads the journal to its end, and says then and now how far it is.
fn read_ahead(mut replay: Replay, ahead: &Mutex<Ahead>, done: &Sender<()>) {
    let mut told = Instant::now();
    let failed = loop {
        match replay.advance() {
            Ok(true) => {}
            Ok(false) => break None,
            Err(error) => break Some(error.to_string()),
        }
        if told.elapsed() >= AHEAD {
            let tape = Arc::new(Tape::of(replay.incident(), replay.now(), false));
            *lock(ahead) = Ahead { tape, notes: replay.damage().notes() };
            told = Instant::now();
        }
    };
    let tape = Arc::new(Tape::of(&replay.view(replay.now()), replay.now(), true));
    let notes = failed.into_iter().chain(replay.damage().notes()).collect();
    *lock(ahead) = Ahead { tape, notes };
    let _ = done.send(());
}

/// What stands on the screen about a journal that is not whole.
fn notice(notes: &[String]) -> Option<String> {
    let (first, more) = notes.split_first()?;
    let more = if more.is_empty() { String::new() } else { format!(" ({} more)", more.len()) };
    Some(format!("journal: {first}{more}"))
}

/// Tells the moment that is shown.
struct Teller {
    replay: Replay,
    file: PathBuf,
    drill: bool,
    told: Told,
    publish: watch::Sender<Told>,
    ahead: Arc<Mutex<Ahead>>,
}

impl Teller {
    /// Until nobody wishes anything any more.
    fn run(mut self, orders: &Receiver<Wish>) {
        let mut last = Instant::now();
        loop {
            let wait = if self.told.player.is_playing() { FRAME } else { GLANCE };
            let mut news = match orders.recv_timeout(wait) {
                Ok(wish) => self.take(&wish),
                Err(RecvTimeoutError::Timeout) => false,
                Err(RecvTimeoutError::Disconnected) => return,
            };
            while let Ok(wish) = orders.try_recv() {
                news |= self.take(&wish);
            }
            let ahead = lock(&self.ahead);
            if !Arc::ptr_eq(&ahead.tape, &self.told.tape) {
                (self.told.tape, self.told.notice, news) = (Arc::clone(&ahead.tape), notice(&ahead.notes), true);
            }
            drop(ahead);
            let before = self.told.player;
            self.told.player.pass(last.elapsed(), &self.told.tape);
            last = Instant::now();
            if let Err(error) = self.arrive(orders) {
                self.told.notice = Some(format!("journal: {error}"));
                news = true;
            }
            if last.elapsed() > FRAME * 5 {
                // A long way through the journal is no time that played.
                last = Instant::now();
            }
            if news || before != self.told.player {
                self.publish.send_replace(self.told.clone());
            }
        }
    }

    /// Does what the operator wishes. Says whether that is to be shown.
    fn take(&mut self, wish: &Wish) -> bool {
        let said = match wish {
            Wish::Replay(act) => self.told.player.act(*act, &self.told.tape),
            Wish::SaveReport => {
                let origin = Origin {
                    title: self.file.file_name().unwrap_or_default().to_string_lossy().into_owned(),
                    notes: self.replay.damage().notes(),
                    drill: self.drill,
                };
                let folder = self.file.parent().unwrap_or(&self.file);
                Some(save_report(&self.told.incident, self.told.at, folder, origin, true))
            }
            // There is nothing to act on.
            _ => None,
        };
        if let Some(said) = said {
            self.told.said = (self.told.said.0 + 1, said);
        }
        true
    }

    /// Reads on, or back, to where the player stands; where it is moved meanwhile, there.
    fn arrive(&mut self, orders: &Receiver<Wish>) -> Result<(), JournalError> {
        if self.told.player.at() == self.told.at {
            return Ok(());
        }
        while !self.replay.go_towards(self.told.player.at(), PIECE)? {
            // Where it is going is shown before it is there.
            self.publish.send_replace(self.told.clone());
            while let Ok(wish) = orders.try_recv() {
                self.take(&wish);
            }
        }
        self.told.at = self.told.player.at();
        self.told.incident = Arc::new(self.replay.view(self.told.at));
        Ok(())
    }
}
