//! Writes a journal on a thread of its own, so that no disk ever holds up the watch.
//!
//! Facts are handed over through a queue of bounded length. What was handed over is written at least twice a second and at
//! every act of the operator, and the disk is told to keep it every few seconds. Where the disk is full, gone or too slow, the
//! watch goes on: what finds no room is counted, the gap is marked in the file, and a notice says so.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, channel, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::disk::{JournalFile, KeepLines, OpenPlace};
use super::{Encoder, Header, LONGEST_LINE};
use crate::dns::shown;
use crate::incident::Event;
use crate::time::Timestamp;

/// Facts on their way to the thread: a quarter of an hour at the usual pace.
const MOST_WAITING: usize = 8_192;
/// Octets kept while the disk takes none.
const MOST_KEPT: usize = 4 << 20;
/// So much is written without waiting for the time to come.
const MUCH: usize = 256 << 10;
/// What was handed over is written within this time.
const WRITE_EVERY: Duration = Duration::from_millis(500);
/// How often the disk is told to keep what was written.
const SYNC_EVERY: Duration = Duration::from_secs(5);
/// How often it is seen to that the file is still there, and a disk that failed is tried again.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How long the end waits for the disk.
const LAST_WAIT: Duration = Duration::from_secs(3);

/// What is handed over.
enum Fact {
    Event(Timestamp, Box<Event>),
    Settled(Timestamp, bool),
    /// So many facts found no room.
    Lost(Timestamp, u64),
    Ended(Timestamp),
}

/// A journal that is being written.
#[derive(Debug)]
pub struct Journal {
    recorder: Recorder,
    standing: Arc<Standing>,
    /// Tells that everything was written.
    done: Receiver<()>,
}

/// Hands facts over, and never waits.
#[derive(Debug, Clone)]
pub struct Recorder {
    facts: SyncSender<Fact>,
    lost: Arc<AtomicU64>,
}

/// How the writing stands.
#[derive(Debug, Default)]
pub struct Standing(Mutex<Stand>);

#[derive(Debug, Default)]
struct Stand {
    notice: Option<String>,
    path: Option<PathBuf>,
}

impl Standing {
    fn lock(&self) -> MutexGuard<'_, Stand> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the operator must know about the journal, safe to show; none when all is well.
    #[must_use]
    pub fn notice(&self) -> Option<String> {
        self.lock().notice.clone()
    }

    /// Where the journal is; none while there is no file.
    #[must_use]
    pub fn path(&self) -> Option<PathBuf> {
        self.lock().path.clone()
    }
}

impl Recorder {
    /// Hands over a fact.
    pub fn event(&self, at: Timestamp, event: &Event) {
        self.hand_over(at, Fact::Event(at, Box::new(event.clone())));
    }

    /// Hands over that the state was settled, and whether that was noted.
    pub fn settled(&self, at: Timestamp, noted: bool) {
        self.hand_over(at, Fact::Settled(at, noted));
    }

    fn hand_over(&self, at: Timestamp, fact: Fact) {
        let lost = self.lost.load(Ordering::Relaxed);
        if lost > 0 {
            // First that there is a gap, then what comes after it.
            if self.facts.try_send(Fact::Lost(at, lost)).is_err() {
                self.lost.fetch_add(1, Ordering::Relaxed);
                return;
            }
            self.lost.fetch_sub(lost, Ordering::Relaxed);
        }
        if let Err(TrySendError::Full(_)) = self.facts.try_send(fact) {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Journal {
    /// Begins a journal in a file at `wanted`, or beside it with a number where that is taken. That it cannot be made is no
    /// error: it is tried again, and a notice says so.
    ///
    /// # Errors
    /// The header has no JSON form, which is not known to happen; or no thread can be started.
    pub fn begin(header: &Header, wanted: &Path) -> Result<Self, std::io::Error> {
        let wanted = wanted.to_owned();
        let open: OpenPlace = Box::new(move || Ok(Box::new(JournalFile::create(&wanted)?)));
        Self::begin_in(header, open)
    }

    /// The same, with any place to keep lines.
    ///
    /// # Errors
    /// As [`Journal::begin`].
    pub fn begin_in(header: &Header, open: OpenPlace) -> Result<Self, std::io::Error> {
        let (facts, handed_over) = sync_channel(MOST_WAITING);
        let (tell_done, done) = channel();
        let standing = Arc::new(Standing::default());
        let mut writer = Writer {
            encoder: Encoder::new(header.started),
            open,
            place: None,
            header: header.line()?,
            kept: String::new(),
            written: 0,
            torn: false,
            lost: 0,
            lost_before: 0,
            failing: None,
            put_back: None,
            standing: Arc::clone(&standing),
            latest: header.started,
            looked: None,
            synced: Instant::now(),
            unsynced: false,
        };
        // Before the first fact, so that the screen says at once where it cannot be written.
        writer.write();
        thread::Builder::new().name("journal".to_owned()).spawn(move || {
            writer.run(&handed_over);
            // With the file goes its lock: whoever waits may compress it.
            drop(writer);
            // Whoever waited may be gone.
            let _ = tell_done.send(());
        })?;
        Ok(Self { recorder: Recorder { facts, lost: Arc::default() }, standing, done })
    }

    /// What hands facts over.
    #[must_use]
    pub fn recorder(&self) -> Recorder {
        self.recorder.clone()
    }

    /// How the writing stands.
    #[must_use]
    pub fn standing(&self) -> Arc<Standing> {
        Arc::clone(&self.standing)
    }

    /// Writes what is left and ends the journal, waiting a few seconds for the disk at most.
    #[must_use]
    pub fn end(self, at: Timestamp) -> Arc<Standing> {
        self.recorder.hand_over(at, Fact::Ended(at));
        let Self { standing, done, recorder } = self;
        drop(recorder);
        let _ = done.recv_timeout(LAST_WAIT);
        standing
    }
}

/// What the thread works on.
struct Writer {
    encoder: Encoder,
    open: OpenPlace,
    place: Option<Box<dyn KeepLines>>,
    header: String,
    /// Lines that were not written yet.
    kept: String,
    /// How many octets stand in the file for certain.
    written: u64,
    /// Whether part of a line may stand behind these.
    torn: bool,
    /// Facts that found no room since the last mark of a gap.
    lost: u64,
    /// Facts that found no room before.
    lost_before: u64,
    /// Since when it cannot be written, and why.
    failing: Option<(Timestamp, String)>,
    /// When the file was put back.
    put_back: Option<Timestamp>,
    standing: Arc<Standing>,
    /// The time of the latest fact.
    latest: Timestamp,
    looked: Option<Instant>,
    synced: Instant,
    unsynced: bool,
}

impl Writer {
    fn run(&mut self, facts: &Receiver<Fact>) {
        let mut due: Option<Instant> = None;
        loop {
            let wait = due.map_or(LOOK_EVERY, |due| due.saturating_duration_since(Instant::now()));
            let mut urgent = false;
            match facts.recv_timeout(wait) {
                Ok(Fact::Ended(at)) => {
                    self.latest = self.latest.max(at);
                    self.mark_gap();
                    self.encoder.ended(at, &mut self.kept);
                    break;
                }
                Ok(fact) => {
                    urgent = self.take(fact);
                    due = due.or_else(|| Some(Instant::now() + WRITE_EVERY));
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            if urgent || self.kept.len() >= MUCH || due.is_none_or(|due| due <= Instant::now()) {
                self.write();
                self.sync(urgent);
                due = None;
            }
        }
        self.looked = None;
        self.write();
        self.sync(true);
    }

    /// Makes lines of a fact. Says whether it is an act of the operator, who may end the program next.
    fn take(&mut self, fact: Fact) -> bool {
        let length = self.kept.len();
        match fact {
            Fact::Lost(at, count) => {
                self.latest = self.latest.max(at);
                self.lost += count;
                false
            }
            _ if length >= MOST_KEPT => {
                self.lost += 1;
                false
            }
            Fact::Event(at, event) => {
                self.latest = self.latest.max(at);
                self.mark_gap();
                let length = self.kept.len();
                let encoded = self.encoder.event(at, &event, &mut self.kept).is_ok();
                if !encoded || (self.kept.len() - length) as u64 > LONGEST_LINE {
                    self.kept.truncate(length);
                    self.lost += 1;
                }
                is_act(&event)
            }
            Fact::Settled(at, noted) => {
                self.latest = self.latest.max(at);
                self.mark_gap();
                self.encoder.settled(at, noted, &mut self.kept);
                false
            }
            Fact::Ended(_) => false,
        }
    }

    /// Says in the file that facts are missing here. What follows refers to nothing that may be missing too.
    fn mark_gap(&mut self) {
        if self.lost > 0 {
            self.encoder.gap(self.latest, self.lost, &mut self.kept);
            self.encoder.forget();
            self.lost_before += self.lost;
            self.lost = 0;
        }
    }

    /// Writes what is kept; where that fails it stays kept, and is tried again in a second.
    fn write(&mut self) {
        let now = Instant::now();
        let look = self.looked.is_none_or(|looked| now.saturating_duration_since(looked) >= LOOK_EVERY);
        if self.failing.is_some() && !look {
            return;
        }
        if look {
            self.looked = Some(now);
        }
        let result = self.try_to_write(look);
        match result {
            Ok(()) => self.failing = None,
            Err(error) => {
                let since = self.failing.as_ref().map_or(self.latest, |(since, _)| *since);
                self.failing = Some((since, why(&error)));
            }
        }
        self.tell();
    }

    fn try_to_write(&mut self, look: bool) -> std::io::Result<()> {
        let place = match &mut self.place {
            Some(place) => place,
            None => self.place.insert((self.open)()?),
        };
        if look && !place.is_in_place() {
            place.put_back()?;
            self.put_back = Some(self.latest);
        }
        if self.written == 0 && !self.header.is_empty() {
            place.cut_to(0)?;
            place.append(self.header.as_bytes())?;
            self.written = self.header.len() as u64;
            self.header = String::new();
            self.unsynced = true;
        }
        if self.kept.is_empty() {
            return Ok(());
        }
        if self.torn {
            // Half a line would make one unreadable line of itself and the next.
            if place.cut_to(self.written).is_err() {
                place.append(b"\n")?;
                self.written += 1;
            }
            self.torn = false;
        }
        self.torn = true;
        place.append(self.kept.as_bytes())?;
        self.torn = false;
        self.written += self.kept.len() as u64;
        self.kept.clear();
        self.unsynced = true;
        Ok(())
    }

    fn sync(&mut self, now: bool) {
        if !self.unsynced || (!now && self.synced.elapsed() < SYNC_EVERY) {
            return;
        }
        self.synced = Instant::now();
        if let Some(place) = &mut self.place
            && place.sync().is_ok()
        {
            self.unsynced = false;
        }
    }

    /// Puts into words how it stands.
    fn tell(&self) {
        let lost = self.lost_before + self.lost;
        let facts = |count: u64| if count == 1 { "1 fact".to_owned() } else { format!("{count} facts") };
        let notice = match (&self.failing, lost, self.put_back) {
            (Some((since, why)), 0, _) => {
                Some(format!("journal: {why} since {} UTC; the watch goes on", hour_and_minute(*since)))
            }
            (Some((since, why)), lost, _) => Some(format!(
                "journal: {why} since {} UTC, {} lost; the watch goes on",
                hour_and_minute(*since),
                facts(lost)
            )),
            (None, 0, None) => None,
            (None, 0, Some(at)) => {
                Some(format!("journal: the file was removed at {} UTC and was put back whole", hour_and_minute(at)))
            }
            (None, lost, _) => Some(format!("journal: {} could not be written and are missing in it", facts(lost))),
        };
        let mut stand = self.standing.lock();
        stand.notice = notice;
        stand.path = self.place.as_ref().map(|place| place.path().to_owned());
    }
}

/// Whether the operator did it.
fn is_act(event: &Event) -> bool {
    !matches!(
        event,
        Event::Observed(_)
            | Event::CutFound { .. }
            | Event::WalkFailed { .. }
            | Event::HostResolved { .. }
            | Event::StraysCame { .. }
            | Event::ClockJumped { .. }
            | Event::WallClockSet { .. }
            | Event::RegistrationHeard(_)
    )
}

/// `12:40`.
fn hour_and_minute(at: Timestamp) -> String {
    at.clock().get(..5).unwrap_or_default().to_owned()
}

fn why(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => "disk full".to_owned(),
        std::io::ErrorKind::PermissionDenied => "no permission to write it".to_owned(),
        std::io::ErrorKind::ReadOnlyFilesystem => "the file system is read-only".to_owned(),
        _ => format!("cannot be written ({})", shown::text(&error.to_string())),
    }
}
