//! Why a journal cannot be read or written.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// Why a journal cannot be read or written.
#[derive(Debug, Error)]
pub enum JournalError {
    /// The file cannot be opened or read.
    #[error("{}: {source}", path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// The system's words.
        source: io::Error,
    },
    /// The file is no journal: its first line is not a journal's.
    #[error("{}, line 1: {reason}", path.display())]
    NoJournal {
        /// Which file.
        path: PathBuf,
        /// What is wrong with the line, safe to show.
        reason: String,
    },
    /// The file has a format that this version does not know.
    #[error("{}, line 1: the journal has format {format}; this version reads up to format {}", path.display(), super::FORMAT)]
    Newer {
        /// Which file.
        path: PathBuf,
        /// Its format.
        format: u64,
    },
    /// No place for journals is known.
    #[error("neither XDG_STATE_HOME nor HOME says where journals belong")]
    NoPlace,
}
