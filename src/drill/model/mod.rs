//! The simulated internet: a state machine `(state, now, packet) → reaction`.
//!
//! Pure: no socket, no clock, no file, no wire format. Randomness comes from one seed, so the same seed and the
//! same packets give the same reactions. What the resolvers do is what the real servers did when measured
//! (Unbound, BIND, PowerDNS Recursor, Knot Resolver); `tests/drill_model.rs` replays those measurements.
//!
//! [`Internet`] is the whole; [`World`] holds the authoritative servers; a [`Service`] is a public resolver with its
//! [`Cache`]s; an [`Action`] is something that happens at a time; [`CacheTruth`] is what only a simulator can know.

#![deny(clippy::disallowed_methods)]

mod authority;
mod behaviour;
mod cache;
mod dnssec;
mod internet;
mod packet;
mod random;
mod recursion;
mod registration;
mod script;
mod service;
mod store;
mod truth;
mod zone;

pub use authority::{Condition, Server, Upstream, World};
pub use behaviour::{Kind, NoRecursion};
pub use cache::{Cache, CacheOptions, FlushScope};
pub use internet::{Happening, Internet, Traffic};
pub use packet::{ClientId, Packet, Question, Reaction};
pub use random::Random;
pub use registration::{Hold, Registration, Seller};
pub use script::{Action, Change};
pub use service::{Filter, FilterAnswer, Service, Spread};
pub use truth::{CacheTruth, Side, Sides};
pub use zone::{AuthoritativeAnswer, Delegation, Denial, RecordSet, Signing, Zone};
