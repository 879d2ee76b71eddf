//! What earlier runs learned about resolvers, kept in one small file of the user's cache folder.
//!
//! A convenience, never a condition: a file that is missing, damaged or from a newer version costs a few packets, and
//! nothing here may stop a watch. Two runs at once lose nothing of each other's: each takes in what the other wrote.

mod form;

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use thiserror::Error;

use crate::judge::Calibration;
use crate::time::Timestamp;

/// The largest file read, in octets.
const LARGEST: u64 = 8 << 20;
/// How often, and with which pauses, a lock held by another run is tried.
const LOCK_TRIES: u32 = 100;
const LOCK_PAUSE: Duration = Duration::from_millis(10);
/// The most resolver addresses kept.
const MOST: usize = 20_000;

/// Why what was learned could not be read or kept.
#[derive(Debug, Error)]
pub enum MemoryError {
    /// The file or its folder could not be read or written.
    #[error("{path}: {error}")]
    Unusable {
        /// Which.
        path: String,
        /// Why.
        error: io::Error,
    },
    /// The file is not what this version writes.
    #[error("{path}: {reason}")]
    Damaged {
        /// Which.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// The file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Memory {
    path: PathBuf,
}

impl Memory {
    /// The file at this place.
    #[must_use]
    pub const fn at(path: PathBuf) -> Self {
        Self { path }
    }

    /// The file in the user's cache folder; none where there is no such folder.
    #[must_use]
    pub fn of_user() -> Option<Self> {
        let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let folder = absolute("XDG_CACHE_HOME").or_else(|| Some(absolute("HOME")?.join(".cache")))?;
        Some(Self::at(folder.join("unpark").join("calibration.json")))
    }

    /// What was learned, by address; nothing when there is no file.
    ///
    /// # Errors
    /// The file cannot be read, or is damaged. Its content is then of no use, and the next [`Self::keep`] replaces it.
    pub fn recall(&self) -> Result<Vec<(SocketAddr, Calibration)>, MemoryError> {
        let file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(unusable(&self.path, error)),
        };
        let mut text = String::new();
        let damaged = |reason: String| MemoryError::Damaged { path: self.path.display().to_string(), reason };
        match file.take(LARGEST + 1).read_to_string(&mut text) {
            Ok(_) if text.len() as u64 > LARGEST => return Err(damaged("the file is too large".to_owned())),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::InvalidData => return Err(damaged("no text".to_owned())),
            Err(error) => return Err(unusable(&self.path, error)),
        }
        let mut known = form::read(&text).map_err(damaged)?;
        known.truncate(MOST);
        Ok(known)
    }

    /// Keeps what was learned, beside what others have kept meanwhile; of two about one address the later counts, and what
    /// is too old at `now` goes.
    ///
    /// # Errors
    /// The folder or the file cannot be written.
    pub fn keep(&self, learned: &[(SocketAddr, Calibration)], now: Timestamp) -> Result<(), MemoryError> {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder).map_err(|error| unusable(folder, error))?;
        // Held until the end of this call; the file itself is replaced, so the lock is on another one beside it.
        let beside = self.path.with_extension("lock");
        let lock =
            OpenOptions::new().create(true).append(true).open(&beside).map_err(|error| unusable(&beside, error))?;
        // Where locks do not work, or somebody holds one for ever, what a run at the same moment learned may be forgotten;
        // nothing is damaged.
        for _ in 0..LOCK_TRIES {
            match lock.try_lock() {
                Err(TryLockError::WouldBlock) => std::thread::sleep(LOCK_PAUSE),
                _ => break,
            }
        }
        let mut known = self.recall().unwrap_or_default();
        for (address, calibration) in learned.iter().filter(|(address, _)| is_the_same_everywhere(address.ip())) {
            match known.iter_mut().find(|(of, _)| of == address) {
                Some((_, old)) if old.learned <= calibration.learned => *old = calibration.clone(),
                Some(_) => {}
                None => known.push((*address, calibration.clone())),
            }
        }
        known.retain(|(_, calibration)| calibration.is_fresh(now));
        known.sort_by_key(|(address, calibration)| (std::cmp::Reverse(calibration.learned), *address));
        known.truncate(MOST);
        let written = self.path.with_extension(format!("{}.new", std::process::id()));
        let write = || {
            let mut file = File::create(&written)?;
            file.write_all(form::write(&known).as_bytes())?;
            file.sync_all()?;
            std::fs::rename(&written, &self.path)
        };
        write().map_err(|error| {
            let _ = std::fs::remove_file(&written);
            unusable(&self.path, error)
        })
    }
}

fn unusable(path: &Path, error: io::Error) -> MemoryError {
    MemoryError::Unusable { path: path.display().to_string(), error }
}

/// Whether an address means the same server in every network: 192.168.1.1 is another machine at home than at work.
fn is_the_same_everywhere(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let shared = v4.octets()[0] == 100 && v4.octets()[1] & 0xc0 == 64;
            !(v4.is_loopback() || v4.is_private() || v4.is_link_local() || v4.is_unspecified() || shared)
        }
        IpAddr::V6(v6) => {
            !(v6.is_loopback() || v6.is_unspecified() || v6.is_unique_local() || v6.is_unicast_link_local())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::NoRecursion;

    const NOW: Timestamp = Timestamp::from_secs(1_795_350_000);

    fn place() -> (tempfile::TempDir, Memory) {
        let folder = tempfile::tempdir().unwrap();
        let memory = Memory::at(folder.path().join("deeper").join("calibration.json"));
        (folder, memory)
    }

    fn known(address: &str, seconds_ago: i64) -> (SocketAddr, Calibration) {
        let learned = Timestamp::from_micros(NOW.as_micros() - seconds_ago * 1_000_000);
        let calibration = Calibration {
            unasked: NoRecursion::Refused,
            unasked_told: true,
            held_answered: Some(false),
            checking_disabled: Some(true),
            extended_errors: Some(false),
            validates: Some(true),
            largest_long: Some(86_400),
            largest: Some(86_401),
            largest_negative: Some(3600),
            identity: Some("txl01".to_owned()),
            learned: Some(learned),
        };
        (address.parse().unwrap(), calibration)
    }

    #[test]
    fn what_is_kept_is_recalled() {
        let (_folder, memory) = place();
        assert_eq!(memory.recall().unwrap(), []);
        let all = [known("9.9.9.9:53", 5), known("[2620:fe::fe]:53", 9), (known("1.1.1.1:5353", 12))];
        memory.keep(&all, NOW).unwrap();
        assert_eq!(memory.recall().unwrap(), all);
    }

    #[test]
    fn the_later_word_counts_and_old_ones_go() {
        let (_folder, memory) = place();
        memory.keep(&[known("9.9.9.9:53", 5), known("8.8.8.8:53", 6 * 86_400)], NOW).unwrap();
        let mut older = known("9.9.9.9:53", 50);
        older.1.identity = None;
        memory.keep(&[older, known("1.1.1.1:53", 1)], NOW + std::time::Duration::from_secs(2 * 86_400)).unwrap();
        let addresses: Vec<String> = memory.recall().unwrap().iter().map(|(a, _)| a.ip().to_string()).collect();
        assert_eq!(addresses, ["1.1.1.1", "9.9.9.9"]);
        assert_eq!(memory.recall().unwrap()[1].1.identity.as_deref(), Some("txl01"));
    }

    #[test]
    fn an_address_that_is_another_machine_elsewhere_is_not_kept() {
        let (_folder, memory) = place();
        for local in ["127.0.0.1:53", "192.168.1.1:53", "169.254.1.1:53", "100.64.0.1:53", "[::1]:53", "[fd00::1]:53"] {
            memory.keep(&[known(local, 1)], NOW).unwrap();
        }
        assert_eq!(memory.recall().unwrap(), []);
    }

    #[test]
    fn a_damaged_file_is_said_so_and_replaced() {
        let (_folder, memory) = place();
        memory.keep(&[known("9.9.9.9:53", 5)], NOW).unwrap();
        let whole = std::fs::read(&memory.path).unwrap();
        for damaged in [&whole[..whole.len() / 2], b"\xff\xfe", b"{\"format\":9,\"resolvers\":[]}", b"", b"[1,2]"] {
            std::fs::write(&memory.path, damaged).unwrap();
            let said = memory.recall().unwrap_err().to_string();
            assert!(said.contains("calibration.json") && !said.contains('\n'), "{said}");
        }
        memory.keep(&[known("1.1.1.1:53", 1)], NOW).unwrap();
        assert_eq!(memory.recall().unwrap().len(), 1);
        let large = " ".repeat(usize::try_from(LARGEST).unwrap() + 5);
        std::fs::write(&memory.path, large).unwrap();
        assert!(memory.recall().unwrap_err().to_string().contains("too large"));
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_an_error_and_no_panic() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("file"), "x").unwrap();
        let memory = Memory::at(folder.path().join("file").join("calibration.json"));
        assert!(memory.keep(&[known("9.9.9.9:53", 5)], NOW).is_err());
        assert!(memory.recall().is_err());
    }

    #[test]
    fn runs_at_once_keep_what_each_of_them_learned() {
        let (_folder, memory) = place();
        std::thread::scope(|scope| {
            for run in 0..8_u8 {
                let memory = memory.clone();
                scope.spawn(move || {
                    for address in 0..4_u8 {
                        memory.keep(&[known(&format!("9.9.{run}.{address}:53"), 5)], NOW).unwrap();
                    }
                });
            }
        });
        assert_eq!(memory.recall().unwrap().len(), 32);
    }
}
