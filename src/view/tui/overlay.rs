//! What may lie over the screen. The topmost sees the keys first.

use crate::observation::TargetId;
use crate::view::tui::dialogs::{ExpectationDialog, FlushDialog, HostsDialog, NoteDialog, SurveyDialog};
use crate::view::tui::keys::{self, Binding};

/// One thing that lies over the screen.
#[derive(Debug, Clone)]
pub enum Overlay {
    /// All keys.
    Help {
        /// First line shown.
        scroll: usize,
    },
    /// All findings.
    Findings {
        /// First line shown.
        scroll: usize,
    },
    /// The servers of one rung of the ladder.
    Servers {
        /// Which rung.
        rung: usize,
        /// First line shown.
        scroll: usize,
    },
    /// What stands behind a resolver's row.
    Detail {
        /// Which resolver.
        target: TargetId,
        /// Whether answers are shown whole.
        whole: bool,
        /// First line shown.
        scroll: usize,
    },
    /// The filter being typed; what it was before.
    Filter {
        /// To go back to.
        before: String,
    },
    /// What is correct.
    Expectation(ExpectationDialog),
    /// Further hosts to watch.
    Hosts(HostsDialog),
    /// A note.
    Note(NoteDialog),
    /// How resolvers are asked.
    Survey(SurveyDialog),
    /// The flush.
    Flush(FlushDialog),
}

impl Overlay {
    /// The scroll position, where it only scrolls.
    pub fn scroll(&mut self) -> Option<&mut usize> {
        match self {
            Self::Help { scroll }
            | Self::Findings { scroll }
            | Self::Servers { scroll, .. }
            | Self::Detail { scroll, .. } => Some(scroll),
            _ => None,
        }
    }

    /// Its keys.
    #[must_use]
    pub fn keys(&self) -> &'static [Binding] {
        match self {
            Self::Help { .. } | Self::Findings { .. } => keys::LIST,
            Self::Servers { .. } => keys::SERVERS,
            Self::Detail { .. } => keys::DETAIL,
            Self::Flush(_) => keys::FLUSH,
            Self::Expectation(_) | Self::Survey(_) => keys::DIALOG,
            Self::Filter { .. } | Self::Hosts(_) | Self::Note(_) => keys::LINE,
        }
    }
}
