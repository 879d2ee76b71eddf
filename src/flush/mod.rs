//! Making public resolvers forget: which requests, in what order, when not to, and what a reply means. Pure.
//!
//! A flush is a plan, not a button. Nothing here sends; `http::flush` does. And nothing here ever says "flushed":
//! an operator's reply tells at best that a request was taken, the proof is asking its resolvers again.
#![deny(clippy::disallowed_methods)]

mod arming;
mod evidence;
mod guard;
mod plan;
mod reply;
mod source;

pub use crate::catalog::{EVERYONE_ELSE, FlushOperator, NO_FLUSH, NoFlush, UnknownOperator};
pub use crate::incident::{FlushOutcome, FlushStep};
pub use arming::{Arming, COUNTDOWN, arming};
pub use evidence::Basis;
pub use guard::{Obstacle, SourceState, Tally, consequence, guard};
pub use plan::{FlushEndpoints, FlushPlan, LeftOut, PURGE_PATH, percent_encode};
pub use reply::{FlushReply, KnownRefusal, RetryAfter, judge_reply};
