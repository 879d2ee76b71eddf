//! Where the journal of a run goes, and how it is begun and ended.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use crate::cli::args::ProbeArgs;
use crate::cli::config::Settings;
use crate::cli::print::remark;
use crate::engine::Engine;
use crate::incident::Opening;
use crate::journal::{Header, Journal, Standing, pack, pack_folder, usual_folder, usual_name};
use crate::time::Timestamp;
use crate::view::tui::Notices;

/// A journal up to this size, in octets, is compressed when it ends: that takes half a second. A larger one waits for the next
/// watch, since whoever ends this one waits for the prompt.
const AT_ONCE: u64 = 16 << 20;
/// Older journals are compressed so long after a watch began: its first minute belongs to the outage.
const LATER: Duration = Duration::from_secs(60);
/// The pause between two pieces of that.
const PAUSE: Duration = Duration::from_millis(4);

/// Where a journal goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JournalPlace {
    /// Nothing is written.
    Nowhere,
    /// Into this file.
    File(PathBuf),
    /// Into this folder, under the usual name.
    Folder(PathBuf),
}

impl JournalPlace {
    /// For a command that keeps a journal unless told otherwise.
    pub fn of_watch(args: &ProbeArgs, none: bool, settings: &Settings) -> Self {
        if none {
            return Self::Nowhere;
        }
        if let Some(file) = &args.journal {
            return Self::File(file.clone());
        }
        if settings.journal == Some(false) {
            return Self::Nowhere;
        }
        match settings.journal_folder.clone().map_or_else(usual_folder, Ok) {
            Ok(folder) => Self::Folder(folder),
            Err(error) => {
                remark(&format!("note: no journal is written: {error}"));
                Self::Nowhere
            }
        }
    }

    /// For a command that keeps one only when asked to.
    pub fn asked(file: Option<&PathBuf>) -> Self {
        file.map_or(Self::Nowhere, |file| Self::File(file.clone()))
    }
}

/// The journal of a run, where one is kept.
pub struct Recording {
    journal: Option<Journal>,
    standing: Option<Arc<Standing>>,
    /// Whether it is ours to name: what the operator named keeps its name.
    packs: bool,
}

impl Recording {
    /// Nothing is written.
    const NONE: Self = Self { journal: None, standing: None, packs: false };

    /// Begins a journal and has the engine tell it everything. That it cannot be written holds up nothing: it is said.
    pub fn begin(
        place: &JournalPlace,
        command: &str,
        drill: bool,
        started: Timestamp,
        opening: &Opening,
        engine: Engine,
    ) -> (Self, Engine) {
        let path = match place {
            JournalPlace::Nowhere => return (Self::NONE, engine),
            JournalPlace::File(path) => path.clone(),
            JournalPlace::Folder(folder) => {
                pack_older(folder);
                folder.join(usual_name(&opening.zone, started))
            }
        };
        let packs = matches!(place, JournalPlace::Folder(_));
        let header = Header::new(command, drill, started, opening.clone());
        match Journal::begin(&header, &path) {
            Ok(journal) => {
                let (events, settled) = (journal.recorder(), journal.recorder());
                let engine = engine
                    .with_record(move |at, event| events.event(at, event))
                    .with_settle_record(move |at, noted| settled.settled(at, noted));
                (Self { standing: Some(journal.standing()), journal: Some(journal), packs }, engine)
            }
            Err(error) => {
                remark(&format!("note: no journal is written: {error}"));
                (Self::NONE, engine)
            }
        }
    }

    /// What the operator must know about it just now.
    pub fn notice(&self) -> Option<String> {
        self.standing.as_ref().and_then(|standing| standing.notice())
    }

    /// The folder it stands in; none where there is no journal.
    pub fn folder(&self) -> Option<PathBuf> {
        let path = self.standing.as_ref()?.path()?;
        path.parent().filter(|folder| !folder.as_os_str().is_empty()).map(PathBuf::from)
    }

    /// The same, for whoever asks again and again.
    pub fn notices(&self) -> Notices {
        let standing = self.standing.clone();
        Notices::new(move || standing.as_ref().and_then(|standing| standing.notice()))
    }

    /// Ends the journal, compresses it where it is ours to name, and says where it is and what is missing in it.
    pub fn end(self, at: Timestamp) {
        let Some(journal) = self.journal else { return };
        let standing = journal.end(at);
        if let Some(path) = standing.path() {
            let path = if self.packs { packed(path) } else { path };
            remark(&format!("journal: {}", path.display()));
        }
        if let Some(notice) = standing.notice() {
            remark(&notice);
        }
    }
}

/// Compresses a journal that ended, where that is quickly done; where it then stands.
fn packed(path: PathBuf) -> PathBuf {
    let small = path.metadata().is_ok_and(|meta| meta.len() <= AT_ONCE);
    // A disk that is full leaves it as it is, which is said elsewhere, or is no loss.
    let packed = if small { pack(&path, &mut || ()).ok().flatten() } else { None };
    packed.unwrap_or(path)
}

/// Compresses what earlier watches left, when the first minute is over, without haste. It ends with the program, wherever it is.
fn pack_older(folder: &Path) {
    let folder = folder.to_owned();
    // Without a thread they stay as they are.
    let _ = thread::Builder::new().name("compress".to_owned()).spawn(move || {
        thread::sleep(LATER);
        pack_folder(&folder, &mut || thread::sleep(PAUSE));
    });
}
