//! Many zones at once: what is about to expire, what is delegated wrongly, what hangs on what.
//!
//! ```text
//! text → Portfolio → Tasks → (an edge asks) → Facts → Audit: findings in the order of risk
//! ```
//!
//! No I/O, no clock: `auditor` asks, `now` is an argument. A zone of which something could not be learned is listed as such and
//! never counted as fine; our own fault is no finding against a zone.

#![deny(clippy::disallowed_methods)]

mod across;
mod assess;
mod code;
mod dependency;
mod facts;
mod fail_on;
pub mod input;
mod isolation;
mod origin;
mod portfolio;
mod provider;
mod reading;
mod summary;
mod task;
mod zone;

/// What a zone's facts hold of its chain of trust.
pub use crate::judge::SignerMatch;
pub use across::RegistrarShare;
pub use assess::{Audit, Choice, Counts, Held, Risk, Row, assess};
pub use code::{Code, Issue, Topic};
pub use dependency::{Dependency, DependencyKind};
pub use facts::{DnsFacts, Facts, HostSaid, ParentSaid, ParentWord, ServerSaid, ServerWord};
pub use fail_on::{Condition, Failing, failing};
pub use isolation::{Aspect, Comparison, Readiness, Sharing};
pub use origin::registrable;
pub use portfolio::{Duplicate, Entry, Fault, Portfolio};
pub use reading::{read_apex, read_delegation, read_host, read_keys, read_mail, read_signers};
pub use summary::name_in_words;
pub use task::{DnsTask, Task, plan};
