//! What was so at any moment of a journal: the same reducer over the same facts, forwards and back.
//!
//! Memory is bounded whatever the journal's length: facts are read as they are needed, and going back begins at the
//! nearest of a few states that were kept on the way.

use std::path::Path;
use std::sync::Arc;

use super::reader::{Damage, JournalReader, Position};
use super::{Entry, Header, JournalError};
use crate::catalog::ParkingCatalog;
use crate::incident::{Event, Incident};
use crate::observation::Observation;
use crate::time::Timestamp;

/// The most states kept to go back to.
const MOST_KEPT: usize = 32;
/// The most observations kept by all of these together: with what is shared, some hundred megabytes.
const MOST_OBSERVATIONS: usize = 200_000;
/// Lines between two kept states, at first: so many are told in a tenth of a second. Each state that is kept makes those after it
/// copy what they change.
const FIRST_STRIDE: u64 = 50_000;

/// A journal being told again.
#[derive(Debug)]
pub struct Replay {
    reader: JournalReader,
    stage: Stage,
    /// What was read and lies ahead.
    ahead: Option<Entry>,
    kept: Vec<Kept>,
    stride: u64,
}

/// The most facts that wait to be taken in: more than any watch settled at once.
const MOST_WAITING: usize = 1024;

/// The state so far.
#[derive(Debug, Clone)]
struct Stage {
    incident: Incident,
    /// How far time has come: that of the latest entry.
    now: Timestamp,
    /// The latest settling of those in a row that are left out, because nothing that is remembered changed by them. The one before
    /// a change is made up for, since the change builds on what was so just before.
    left_out: Option<Timestamp>,
    /// Whether settlings may be left out: the journal was written by the rules by which it is told.
    hasty: bool,
    /// What was observed since the latest settling: whether the next one will be left out is not known yet.
    waiting: Vec<Arc<Observation>>,
}

impl Stage {
    /// Time never goes back, whatever stands in the file.
    fn come_to(&mut self, entry: &Entry) {
        self.now = self.now.max(moment(entry).unwrap_or(self.now));
    }

    fn take_in(&mut self, at: Timestamp, event: Event) {
        match event {
            // Only this is taken in alike whatever was made of the facts before.
            Event::Observed(observation) if self.waiting.len() < MOST_WAITING => self.waiting.push(observation),
            event => {
                self.catch_up();
                self.incident.apply(at, &event);
            }
        }
    }

    fn settle(&mut self, at: Timestamp, noted: bool) {
        if noted || !self.hasty {
            self.catch_up();
            self.incident.settle(at);
            return;
        }
        self.hear();
        self.left_out = Some(at);
    }

    /// Brings the incident to where the entries so far have come.
    fn catch_up(&mut self) {
        if let Some(at) = self.left_out.take() {
            self.hasty &= !self.incident.settle_quietly(at);
        }
        self.hear();
    }

    fn hear(&mut self) {
        for observation in self.waiting.drain(..) {
            self.incident.observe(&observation);
        }
    }
}

/// A state to go back to.
#[derive(Debug)]
struct Kept {
    stage: Stage,
    position: Position,
    line: u64,
    observations: usize,
}

impl Replay {
    /// Opens a journal at its beginning.
    ///
    /// # Errors
    /// The file cannot be read, or is no journal.
    pub fn open(path: &Path) -> Result<Self, JournalError> {
        Ok(Self::of(JournalReader::open(path)?))
    }

    /// Tells a journal that was not read beyond its first line.
    #[must_use]
    pub fn of(reader: JournalReader) -> Self {
        let header = reader.header();
        let started = header.started;
        let incident = Incident::open(header.opening.clone(), Arc::new(ParkingCatalog::embedded()), started);
        let stage =
            Stage { incident, now: started, left_out: None, hasty: header.is_of_our_rules(), waiting: Vec::new() };
        let kept = Kept { stage: stage.clone(), position: reader.position(), line: 1, observations: 0 };
        Self { reader, stage, ahead: None, kept: vec![kept], stride: FIRST_STRIDE }
    }

    /// What the first line says.
    #[must_use]
    pub const fn header(&self) -> &Header {
        self.reader.header()
    }

    /// What could not be told of what was read so far.
    #[must_use]
    pub const fn damage(&self) -> &Damage {
        self.reader.damage()
    }

    /// How far time has come: the moment of the latest fact or settling.
    #[must_use]
    pub const fn now(&self) -> Timestamp {
        self.stage.now
    }

    /// The state as it was then. All that is remembered is as it was settled then; the newest facts, and what only follows from them,
    /// may be missing where nothing remembered changed since: [`Replay::view`] has both.
    #[must_use]
    pub const fn incident(&self) -> &Incident {
        &self.stage.incident
    }

    /// What a view shows at `at`, which should not lie before [`Replay::now`]: also what has run out since the latest
    /// fact.
    #[must_use]
    pub fn view(&self, at: Timestamp) -> Incident {
        let mut stage = self.stage.clone();
        stage.catch_up();
        stage.incident.settle(at.max(stage.now));
        stage.incident
    }

    /// The moment of what comes next; none at the end.
    ///
    /// # Errors
    /// The file cannot be read any more.
    pub fn next_moment(&mut self) -> Result<Option<Timestamp>, JournalError> {
        let now = self.stage.now;
        Ok(self.peek()?.map(|entry| moment(entry).map_or(now, |at| at.max(now))))
    }

    fn peek(&mut self) -> Result<Option<&Entry>, JournalError> {
        if self.ahead.is_none() {
            self.ahead = self.reader.read()?;
        }
        Ok(self.ahead.as_ref())
    }

    /// Takes in the next entry just as the watch did, and gives it back; none at the end.
    ///
    /// # Errors
    /// The file cannot be read any more.
    pub fn step(&mut self) -> Result<Option<Entry>, JournalError> {
        self.peek()?;
        let Some(entry) = self.ahead.take() else { return Ok(None) };
        self.stage.catch_up();
        self.stage.come_to(&entry);
        match &entry {
            Entry::Settled { at, .. } => {
                self.stage.incident.settle(*at);
            }
            Entry::Event(at, event) => self.stage.incident.apply(*at, event),
            Entry::Gap { .. } | Entry::Ended { .. } | Entry::Unknown { .. } => {}
        }
        self.keep();
        Ok(Some(entry))
    }

    /// The same for whoever does not look at the entry, nor at every state: nothing is copied, and what follows from the facts but
    /// is not remembered is not worked out. Says whether there was one.
    ///
    /// # Errors
    /// The file cannot be read any more.
    pub fn advance(&mut self) -> Result<bool, JournalError> {
        let ahead = self.ahead.take();
        let entry = if ahead.is_some() { ahead } else { self.reader.read()? };
        let stage = &mut self.stage;
        let Some(entry) = entry else {
            stage.catch_up();
            return Ok(false);
        };
        stage.come_to(&entry);
        match entry {
            Entry::Event(at, event) => stage.take_in(at, event),
            Entry::Settled { at, noted } => stage.settle(at, noted),
            Entry::Gap { .. } | Entry::Ended { .. } | Entry::Unknown { .. } => {}
        }
        self.keep();
        Ok(true)
    }

    /// Takes in everything up to and with the moment `at`. Goes back first where that has passed.
    ///
    /// # Errors
    /// The file cannot be read any more.
    pub fn go_to(&mut self, at: Timestamp) -> Result<(), JournalError> {
        while !self.go_towards(at, u64::MAX)? {}
        Ok(())
    }

    /// The same in pieces, for whoever must not wait long: takes in at most `most` entries, and says whether `at` is reached.
    ///
    /// # Errors
    /// The file cannot be read any more.
    pub fn go_towards(&mut self, at: Timestamp, most: u64) -> Result<bool, JournalError> {
        if at < self.stage.now {
            let earlier = self.kept.iter().rposition(|kept| kept.stage.now <= at).unwrap_or_default();
            if let Some(kept) = self.kept.get(earlier) {
                self.reader.go_to(&kept.position)?;
                (self.stage, self.ahead) = (kept.stage.clone(), None);
            }
        }
        let mut taken = 0;
        while self.next_moment()?.is_some_and(|next| next <= at) {
            if taken >= most {
                return Ok(false);
            }
            self.advance()?;
            taken += 1;
        }
        self.stage.catch_up();
        Ok(true)
    }

    /// Takes in everything that is left.
    ///
    /// # Errors
    /// The file cannot be read any more.
    pub fn go_to_end(&mut self) -> Result<(), JournalError> {
        while self.advance()? {}
        Ok(())
    }

    /// Keeps the state to go back to, now and then, and thins out what is kept when it becomes too much.
    fn keep(&mut self) {
        let line = self.reader.line();
        if self.kept.last().is_none_or(|kept| line < kept.line + self.stride) {
            return;
        }
        self.stage.catch_up();
        let witnesses = self.stage.incident.resolvers().iter().map(|r| r.witnesses.iter().count());
        let observations = witnesses.sum();
        let (stage, position) = (self.stage.clone(), self.reader.position());
        self.kept.push(Kept { stage, position, line, observations });
        let too_many = |kept: &[Kept]| {
            kept.len() > MOST_KEPT || kept.iter().map(|k| k.observations).sum::<usize>() > MOST_OBSERVATIONS
        };
        while self.kept.len() > 2 && too_many(&self.kept) {
            self.stride *= 2;
            let mut number = 0;
            // The first is the beginning, and stays.
            self.kept.retain(|_| {
                number += 1;
                number % 2 == 1
            });
        }
    }
}

/// When an entry came; none for what has no time of its own.
fn moment(entry: &Entry) -> Option<Timestamp> {
    match entry {
        Entry::Event(at, _) | Entry::Settled { at, .. } | Entry::Gap { at, .. } | Entry::Ended { at } => Some(*at),
        Entry::Unknown { .. } => None,
    }
}
