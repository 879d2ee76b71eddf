//! One zone under watch: all that was seen and what follows from it. A pure reducer.
//!
//! Facts come in as [`Event`]s through [`Incident::apply`]; verdicts are worked out by [`Incident::settle`], which is told
//! the time. Nothing here asks, sends or stores.

#![deny(clippy::disallowed_methods)]

mod acts;
mod apply;
mod budget;
mod deafness;
mod event;
mod findings;
mod flush_event;
mod flushes;
pub mod forecast;
mod history;
mod interception;
mod memories;
mod phase;
mod registration;
mod resolver_check;
mod settle;
mod shared;
mod state;
mod tally;

pub use acts::{Act, Deed, LONGEST_NOTE};
pub use budget::{Allowance, Budget};
pub use event::{Event, FoundServer, Opening, ResolverTarget, Survey};
pub use flush_event::{Disarming, FlushAct, FlushChoice, FlushExclusion, FlushOutcome, FlushRecord, FlushStep};
pub use flushes::{ArmedFlush, CacheStanding, CacheState, FlushStanding, FlushState, PROOF_LOOKS};
pub use history::{CountsAt, FindingSpan, NetworkChange, NetworkState, Outage, VerdictChange};
pub use interception::Interception;
pub use phase::{Phase, PhaseChange};
pub use registration::RegistrationWatch;
pub use resolver_check::{CheckedResolver, Reach, ResolverCheck};
pub use shared::Shared;
pub use state::{AuthorityServer, HostResolution, Incident, ParentServer, ResolverWatch};
pub use tally::SourceTally;

#[cfg(test)]
mod tests;
