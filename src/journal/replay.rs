//! What was so at any moment of a journal: the same reducer over the same facts, forwards and back.
//!
//! Memory is bounded whatever the journal's length: facts are read as they are needed, and going back begins at the
//! nearest of a few states that were kept on the way.

use std::path::Path;
use std::sync::Arc;

use super::reader::{Damage, JournalReader, Position};
use super::{Entry, Header, JournalError};
use crate::catalog::ParkingCatalog;
use crate::incident::Incident;
use crate::time::Timestamp;

/// The most states kept to go back to.
const MOST_KEPT: usize = 32;
/// The most observations kept by all of these together: with what is shared, some hundred megabytes.
const MOST_OBSERVATIONS: usize = 200_000;
/// Lines between two kept states, at first.
const FIRST_STRIDE: u64 = 20_000;

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

/// The state so far.
#[derive(Debug, Clone)]
struct Stage {
    incident: Incident,
    /// How far time has come: that of the latest entry.
    now: Timestamp,
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
        let stage = Stage { incident, now: started };
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

    /// The state as it was then, settled as it was settled then.
    #[must_use]
    pub const fn incident(&self) -> &Incident {
        &self.stage.incident
    }

    /// What a view shows at `at`, which should not lie before [`Replay::now`]: also what has run out since the latest
    /// fact.
    #[must_use]
    pub fn view(&self, at: Timestamp) -> Incident {
        let mut incident = self.incident().clone();
        incident.settle(at.max(self.stage.now));
        incident
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

    /// Takes in the next entry, and gives it back; none at the end.
    ///
    /// # Errors
    /// The file cannot be read any more.
    pub fn step(&mut self) -> Result<Option<Entry>, JournalError> {
        self.peek()?;
        let Some(entry) = self.ahead.clone() else { return Ok(None) };
        self.advance()?;
        Ok(Some(entry))
    }

    /// The same for whoever does not look at the entry: nothing is copied. Says whether there was one.
    ///
    /// # Errors
    /// The file cannot be read any more.
    pub fn advance(&mut self) -> Result<bool, JournalError> {
        self.peek()?;
        let Some(entry) = self.ahead.take() else { return Ok(false) };
        let stage = &mut self.stage;
        if let Some(at) = moment(&entry) {
            stage.now = stage.now.max(at);
        }
        match entry {
            Entry::Event(at, event) => stage.incident.take_in(at, event),
            Entry::Settled { at, .. } => {
                stage.incident.settle(at);
            }
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
