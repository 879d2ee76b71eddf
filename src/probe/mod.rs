//! Sockets and wire format: asks one question of one server, and walks from the root to a zone cut.
//!
//! Everything here ends in an [`Observation`](crate::observation::Observation): facts about what came, never what it
//! means. No judgement, no schedule, no rate limit lives here, and names of a wire library's types never leave.
//!
//! Layers, each testable without the one below:
//!
//! ```text
//! Walker → Prober → ExchangePacket (trait) → Internet (UDP pool, TCP) · Rerouted (address map) · an in-memory network
//! ```
//!
//! Further transports (over TLS RFC 7858, HTTPS RFC 8484, QUIC RFC 9250) have their place beside `tcp`: one file that
//! exchanges one message, one more variant of [`Transport`](crate::observation::Transport), one arm in
//! [`Internet`]'s `exchange`. Nothing above the trait changes but the order of attempts in `ask`.

mod ask;
mod families;
mod internet;
mod network;
mod rerouted;
#[cfg(test)]
mod simulated;
mod system;
mod tcp;
mod udp_pool;
mod walk;
pub mod wire;

pub use ask::{Patience, Prober};
pub use families::{Families, has_ipv4, has_ipv6};
pub use internet::{Internet, OpenError};
pub use network::{ExchangeError, ExchangePacket, Reply};
pub use rerouted::Rerouted;
pub use system::system_resolvers;
pub use walk::{ServerAddress, WalkError, Walker, ZoneCut};
