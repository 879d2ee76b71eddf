//! The seam between asking and the network: one message out, one message back. May not know what a message says.
//!
//! Real sockets, the drill's address map and the in-memory network of tests all stand behind [`ExchangePacket`], so
//! everything above it can run under a paused clock with no socket at all.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use futures::future::BoxFuture;
use thiserror::Error;

use crate::observation::Transport;

/// Something that can carry one DNS message to an address and bring the answer back.
pub trait ExchangePacket: Send + Sync {
    /// Sends one message and waits at most `wait` for its answer.
    ///
    /// An implementation hands back only a message that [`wire::answers`](super::wire::answers) the one sent and
    /// came from the asked address. Dropping the future gives the exchange up.
    fn exchange<'a>(
        &'a self,
        to: SocketAddr,
        transport: Transport,
        message: &'a [u8],
        wait: Duration,
    ) -> BoxFuture<'a, Result<Reply, ExchangeError>>;

    /// How many messages came and were dropped because they answered nothing that was asked (wrong id, question
    /// or source). Answers that come after waiting ended are late, not wrong, and are not counted.
    fn dropped(&self) -> u64;

    /// Lets what is sent from now on come from source ports of its own, where there are such: an anycast service spreads
    /// packets over its caches by where they come from.
    fn renew_flows(&self) {}
}

/// An answer as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The whole message, without TCP's length.
    pub message: Vec<u8>,
    /// From the message's leaving to the answer's arrival, taken where the answer is read and not when the asking
    /// task happens to run. Over TCP the connection's set-up is not part of it.
    pub rtt: Duration,
}

/// Why no answer came.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ExchangeError {
    /// Nothing came within the wait, or the connection was closed without an answer.
    #[error("no answer came")]
    TimedOut,
    /// The target's host said that nobody listens there (connection refused, ICMP port unreachable).
    #[error("nobody listens there")]
    Unreachable,
    /// The message could not leave this machine, in the system's words: our side, never the target's fault.
    #[error("could not be sent: {0}")]
    NotSent(String),
}

impl ExchangeError {
    /// What a socket's error says about the exchange.
    ///
    /// "No route", "not permitted", "out of descriptors" and whatever else is not known to come from the far end
    /// are ours: an unknown fault must not become a finding against the domain.
    #[must_use]
    pub(crate) fn from_io(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::ConnectionRefused => Self::Unreachable,
            io::ErrorKind::TimedOut
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::UnexpectedEof => Self::TimedOut,
            _ => Self::NotSent(error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_far_end_did_is_held_against_it() {
        let from = |kind: io::ErrorKind| ExchangeError::from_io(&kind.into());
        assert_eq!(from(io::ErrorKind::ConnectionRefused), ExchangeError::Unreachable);
        assert_eq!(from(io::ErrorKind::ConnectionReset), ExchangeError::TimedOut);
        for ours in [
            io::ErrorKind::NetworkUnreachable,
            io::ErrorKind::HostUnreachable,
            io::ErrorKind::PermissionDenied,
            io::ErrorKind::AddrNotAvailable,
            io::ErrorKind::OutOfMemory,
        ] {
            assert!(matches!(from(ours), ExchangeError::NotSent(_)), "{ours}");
        }
    }
}
