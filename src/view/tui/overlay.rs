//! What may lie over the screen. The topmost sees the keys first.

use crate::observation::TargetId;
use crate::view::tui::dialogs::{
    ExpectationDialog, FlushDialog, HostsDialog, NoteDialog, ResolverDialog, SurveyDialog,
};
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
        /// Which of its servers the operator is on.
        at: usize,
    },
    /// How many were correct over time.
    Curve {
        /// First line shown.
        scroll: usize,
    },
    /// Where the resolvers stand.
    Map {
        /// First line shown.
        scroll: usize,
    },
    /// Everything that happened.
    Timeline {
        /// First line shown.
        scroll: usize,
    },
    /// What is asked, what of the budget that takes, and what was lost.
    Asking {
        /// First line shown.
        scroll: usize,
    },
    /// What stands behind a resolver's row, or behind a server of the source.
    Detail {
        /// Which target.
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
    /// A further resolver to ask.
    AddResolver(ResolverDialog),
    /// How resolvers are asked.
    Survey(SurveyDialog),
    /// The flush.
    Flush(FlushDialog),
}

impl Overlay {
    /// The line at its top, or the server the operator is on, where it only scrolls.
    pub fn scroll(&mut self) -> Option<&mut usize> {
        match self {
            Self::Help { scroll }
            | Self::Findings { scroll }
            | Self::Servers { at: scroll, .. }
            | Self::Curve { scroll }
            | Self::Map { scroll }
            | Self::Timeline { scroll }
            | Self::Asking { scroll }
            | Self::Detail { scroll, .. } => Some(scroll),
            _ => None,
        }
    }

    /// Its keys.
    #[must_use]
    pub fn keys(&self) -> &'static [Binding] {
        match self {
            Self::Help { .. }
            | Self::Findings { .. }
            | Self::Curve { .. }
            | Self::Map { .. }
            | Self::Timeline { .. }
            | Self::Asking { .. } => keys::LIST,
            Self::Servers { .. } => keys::SERVERS,
            Self::Detail { .. } => keys::DETAIL,
            Self::Flush(_) => keys::FLUSH,
            Self::Expectation(_) | Self::Survey(_) => keys::DIALOG,
            Self::Filter { .. } | Self::Hosts(_) | Self::Note(_) | Self::AddResolver(_) => keys::LINE,
        }
    }
}
