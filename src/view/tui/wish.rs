//! What the operator asks of the outside. The screen only wishes; whoever runs it acts.

use std::net::SocketAddr;

use crate::dns::{Name, NsSet};
use crate::flush::FlushStep;
use crate::incident::{FlushChoice, Survey};
use crate::view::tui::replay::ReplayAct;

/// One thing the operator asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// End the program.
    Quit,
    /// This NS set is what is correct.
    AcceptExpectation(NsSet),
    /// Ask resolvers so often while the parent is wrong.
    SetSurvey(Survey),
    /// Watch these names too.
    WatchHosts(Vec<Name>),
    /// Remember this note with its time.
    MakeNote(String),
    /// Save the report of what was seen so far.
    SaveReport,
    /// Ask the resolver at this address too.
    AddResolver(SocketAddr),
    /// Send these steps, in this order.
    Flush {
        /// The steps.
        steps: Vec<FlushStep>,
        /// What the guard has against it, which the operator has overridden in so many words; empty when it passed.
        against: Vec<String>,
    },
    /// Flush this as soon as the source is right.
    ArmFlush(FlushChoice),
    /// Do not, after all.
    DisarmFlush,
    /// The operator has done this step by hand: remember it. Says nothing about the cache.
    FlushDone(FlushStep),
    /// Show this page in the operator's browser.
    OpenPage(String),
    /// Put this text on the clipboard. The run loop does this itself, since it owns the terminal.
    Copy(String),
    /// Give the terminal back and stop until the shell says to go on. The run loop does this itself.
    Suspend,
    /// Make something happen in the simulated internet. Only ever in a drill.
    Drill(DrillAct),
    /// Move the replay. Only ever in one.
    Replay(ReplayAct),
}

/// What the operator of a drill can make happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DrillAct {
    /// The registration expires: the registry delegates to the parking servers.
    Park,
    /// The registry delegates to the correct servers again.
    Restore,
    /// This machine's network is cut.
    Cut,
    /// It is mended.
    Mend,
}
