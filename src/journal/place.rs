//! Where journals are kept, what they are called, and which are there.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use super::JournalError;
use crate::dns::Name;
use crate::time::Timestamp;

/// Names tried for one journal before it is given up: as many runs may begin in one second for one zone.
const MOST_NAMES: u32 = 100;
/// The longest part of a file's name that the zone may take; file systems allow 255 octets in all.
const LONGEST_ZONE: usize = 180;
/// How a journal's file ends.
const ENDING: &str = ".jsonl";
/// How one ends that `gzip` compressed.
const PACKED_ENDING: &str = ".jsonl.gz";

/// The folder in which journals are kept unless told otherwise: `$XDG_STATE_HOME/unpark/journals`, else
/// `~/.local/state/unpark/journals`.
///
/// # Errors
/// Neither variable is set.
pub fn usual_folder() -> Result<PathBuf, JournalError> {
    let set = |name: &str| std::env::var_os(name).filter(|value: &OsString| !value.is_empty()).map(PathBuf::from);
    // The specification wants an absolute path there, and anything else ignored.
    let state = set("XDG_STATE_HOME").filter(|path| path.is_absolute());
    let state = state.or_else(|| set("HOME").map(|home| home.join(".local").join("state")));
    state.map(|state| state.join("unpark").join("journals")).ok_or(JournalError::NoPlace)
}

/// The name of the journal of a watch in its folder: the zone and when the watch began.
#[must_use]
pub fn usual_name(zone: &Name, started: Timestamp) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '_' };
    let zone: String = zone.without_dot().chars().map(plain).take(LONGEST_ZONE).collect();
    // A name that begins with a dot would be hidden.
    let zone = if zone.starts_with('.') { format!("_{zone}") } else { zone };
    let started: String = started.to_string().chars().filter(|c| !matches!(c, '-' | ':')).collect();
    format!("{zone}-{started}{ENDING}")
}

/// Whether a file is a journal by its name.
#[must_use]
pub fn is_journal_name(path: &Path) -> bool {
    path.file_name().is_some_and(|name| {
        let name = name.to_string_lossy();
        name.ends_with(ENDING) || name.ends_with(PACKED_ENDING)
    })
}

/// The journals of a folder, oldest name first. No folder, no journals.
///
/// # Errors
/// The folder is there and cannot be read.
pub fn journals_in(folder: &Path) -> Result<Vec<PathBuf>, JournalError> {
    let unreadable = |source| JournalError::Unreadable { path: folder.to_owned(), source };
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(unreadable(error)),
    };
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry.map_err(unreadable)?.path();
        // Links and folders are somebody else's.
        if is_journal_name(&path) && path.symlink_metadata().is_ok_and(|meta| meta.is_file()) {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

/// Whether a journal is being written to at this moment, by whoever.
#[must_use]
pub fn is_being_written(path: &Path) -> bool {
    File::open(path).is_ok_and(|file| matches!(file.try_lock_shared(), Err(fs::TryLockError::WouldBlock)))
}

/// Makes a new file at `wanted`, or beside it with a number where that is taken, for its owner alone, and locks it.
pub(super) fn create(wanted: &Path) -> io::Result<(File, PathBuf)> {
    if let Some(folder) = wanted.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        create_folder(folder).map_err(|error| match error.kind() {
            // That it exists already is what the system says where the folder's name is that of a file.
            io::ErrorKind::AlreadyExists => io::Error::new(io::ErrorKind::NotADirectory, "its folder is a file"),
            _ => error,
        })?;
    }
    for number in 1..=MOST_NAMES {
        let path = numbered(wanted, number);
        match create_new(&path) {
            Ok(file) => {
                // A file system without locks is no reason not to write.
                let _ = file.try_lock();
                return Ok((file, path));
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::new(io::ErrorKind::AlreadyExists, "every name is taken"))
}

/// `a.jsonl`, `a-2.jsonl`, `a-3.jsonl`, …
fn numbered(wanted: &Path, number: u32) -> PathBuf {
    if number == 1 {
        return wanted.to_owned();
    }
    let mut name = wanted.file_stem().unwrap_or_default().to_owned();
    name.push(format!("-{number}"));
    if let Some(extension) = wanted.extension() {
        name.push(".");
        name.push(extension);
    }
    wanted.with_file_name(name)
}

#[cfg(unix)]
fn create_folder(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(not(unix))]
fn create_folder(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

fn create_new(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).append(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_plain_whatever_the_zone() {
        let at = Timestamp::from_secs(1_795_352_321);
        let name = |zone: &str| usual_name(&zone.parse().unwrap(), at);
        assert_eq!(name("brevo.com."), "brevo.com-20261122T125841Z.jsonl");
        for zone in ["a/b.example.", "\\000\\255.example.", "\\.\\./\\.\\./etc."] {
            let name = name(zone);
            assert!(!name.contains(['/', '\\', '\0']) && !name.starts_with('.'), "{name}");
        }
        let long = name(&"abcdefg.".repeat(31));
        assert!(long.len() < 255 && is_journal_name(Path::new(&long)), "{long}");
    }
}
