//! The state file: one line for each answer, so that a run that was stopped goes on where it ended. JSON Lines; a torn last line,
//! as a crash leaves it, costs that line only.
//!
//! Only what was learned is written: what could not be reached is asked again by the next run.

mod form;

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use thiserror::Error;

use crate::audit::{DnsFacts, Facts};
use crate::dns::Name;
use crate::registration::Hearing;
use crate::time::Timestamp;

use form::{Header, Line};

/// Longest line read, in octets: an answer has a few thousand.
const LONGEST_LINE: u64 = 1 << 20;
/// Largest state file read, in octets.
const LARGEST: u64 = 2 << 30;

/// Why a state file cannot be used.
#[derive(Debug, Error)]
pub enum StateError {
    /// It cannot be opened, read or written.
    #[error("the state file {path}: {error}")]
    Unusable {
        /// Which.
        path: String,
        /// The system's words.
        error: io::Error,
    },
    /// Another run has it open.
    #[error("the state file {path} is in use by another audit")]
    InUse {
        /// Which.
        path: String,
    },
    /// It is another kind of file, or of a later version.
    #[error("{path} is no state file of an audit: {reason}")]
    Foreign {
        /// Which.
        path: String,
        /// What stands there instead.
        reason: String,
    },
}

/// What a state file still knows.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Kept {
    /// What was heard within the span of freshness.
    pub facts: Facts,
    /// Registrations of which the registry was heard and the registrar was not.
    pub halves: BTreeMap<Name, Hearing>,
    /// How many lines were too old.
    pub stale: usize,
    /// How many lines could not be read.
    pub torn: usize,
}

/// A state file, open for more.
#[derive(Debug)]
pub struct StateFile {
    file: File,
    path: PathBuf,
}

/// Whether a hearing is worth keeping: the registry said something about the registration, or that there is none.
pub(super) fn is_learned(hearing: &Hearing) -> bool {
    hearing.registry().is_some() || hearing.not_registered()
}

impl StateFile {
    /// Opens a state file, or makes one, and reads what it knows that is not older than `fresh_for`. What is too old or cannot be
    /// read is dropped from the file. The folder of the file must exist.
    ///
    /// # Errors
    /// [`StateError`]
    pub fn open(path: &Path, fresh_for: Duration, now: Timestamp) -> Result<(Self, Kept), StateError> {
        let shown = path.display().to_string();
        let unusable = |error: io::Error| StateError::Unusable { path: shown.clone(), error };
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt as _;
            // What somebody owns is nobody else's business.
            options.mode(0o600);
        }
        let mut file = options.open(path).map_err(unusable)?;
        // On a file system without locks nothing guards it.
        if let Err(TryLockError::WouldBlock) = file.try_lock() {
            return Err(StateError::InUse { path: shown });
        }
        let (kept, whole) = read(&file, fresh_for, now).map_err(|error| match error {
            ReadError::Io(error) => StateError::Unusable { path: shown.clone(), error },
            ReadError::Foreign(reason) => StateError::Foreign { path: shown.clone(), reason },
        })?;
        if whole {
            file.seek(io::SeekFrom::End(0)).map_err(unusable)?;
        } else {
            rewrite(&mut file, &kept).map_err(unusable)?;
        }
        Ok((Self { file, path: path.to_path_buf() }, kept))
    }

    /// Writes what was heard about a zone.
    ///
    /// # Errors
    /// The system's.
    pub fn note_zone(&mut self, zone: &Name, facts: &DnsFacts) -> Result<(), StateError> {
        self.write(&Line::of_zone(zone, facts))
    }

    /// Writes what was heard about a registration; `whole` says that its registrar, where it has one, was heard too.
    ///
    /// # Errors
    /// The system's.
    pub fn note_registration(&mut self, domain: &Name, hearing: &Hearing, whole: bool) -> Result<(), StateError> {
        self.write(&Line::of_registration(domain, hearing, whole))
    }

    fn write(&mut self, line: &Line) -> Result<(), StateError> {
        // One call for the whole line, so that a crash tears the last line at most.
        self.file
            .write_all(&line.to_octets())
            .map_err(|error| StateError::Unusable { path: self.path.display().to_string(), error })
    }
}

enum ReadError {
    Io(io::Error),
    Foreign(String),
}

/// What the file knows, and whether nothing has to be dropped from it.
fn read(file: &File, fresh_for: Duration, now: Timestamp) -> Result<(Kept, bool), ReadError> {
    let mut kept = Kept::default();
    let mut reader = BufReader::new(file.take(LARGEST));
    let mut octets = Vec::new();
    let mut first = true;
    let (mut lines, mut ends_whole) = (0_usize, true);
    loop {
        octets.clear();
        let length = (&mut reader).take(LONGEST_LINE).read_until(b'\n', &mut octets).map_err(ReadError::Io)?;
        if length == 0 {
            break;
        }
        ends_whole = octets.last() == Some(&b'\n');
        if std::mem::take(&mut first) {
            match Header::read(&octets) {
                Ok(()) => continue,
                // Torn in its first line: nothing was kept yet.
                Err(_) if !ends_whole && Header::begins(&octets) => return Ok((kept, false)),
                Err(reason) => return Err(ReadError::Foreign(reason)),
            }
        }
        lines += 1;
        match Line::read(&octets).filter(|_| ends_whole) {
            None => kept.torn += 1,
            Some(line) if line.heard() > now || now.since(line.heard()) > fresh_for => kept.stale += 1,
            // A later line about the same thing is the newer one.
            Some(line) => line.into_kept(&mut kept),
        }
    }
    let distinct = kept.facts.dns.len() + kept.facts.registrations.len() + kept.halves.len();
    // Lines that others have overtaken are harmless as long as they are few.
    let whole = !first && ends_whole && kept.torn == 0 && kept.stale == 0 && lines <= distinct * 2;
    Ok((kept, whole))
}

/// Writes the file anew, in place: another name would lose the lock. A crash meanwhile loses what was kept, never truth.
fn rewrite(file: &mut File, kept: &Kept) -> io::Result<()> {
    file.set_len(0)?;
    file.seek(io::SeekFrom::Start(0))?;
    let mut out = io::BufWriter::new(file);
    out.write_all(&Header::octets())?;
    for (zone, facts) in &kept.facts.dns {
        out.write_all(&Line::of_zone(zone, facts).to_octets())?;
    }
    for (domain, hearing) in &kept.facts.registrations {
        out.write_all(&Line::of_registration(domain, hearing, true).to_octets())?;
    }
    for (domain, hearing) in &kept.halves {
        out.write_all(&Line::of_registration(domain, hearing, false).to_octets())?;
    }
    out.flush()
}

#[cfg(test)]
mod tests;
