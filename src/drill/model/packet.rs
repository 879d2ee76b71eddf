//! What travels in the simulated internet: a question to an address, and what comes of it.

use std::net::SocketAddr;
use std::time::Duration;

use crate::dns::{Class, Name, RecordType};
use crate::observation::{Response, Transport};

/// Which flow a packet belongs to: stands for the client's address and source port. Load balancers in front of an
/// anycast address may choose the back end by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClientId(pub u64);

/// The question of a packet.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Question {
    /// About which name.
    pub name: Name,
    /// Which type.
    pub rtype: RecordType,
    /// Which class.
    pub class: Class,
}

impl Question {
    /// A question in class IN.
    #[must_use]
    pub const fn new(name: Name, rtype: RecordType) -> Self {
        Self { name, rtype, class: Class::IN }
    }
}

/// A query on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packet {
    /// To whom.
    pub to: SocketAddr,
    /// From which flow.
    pub from: ClientId,
    /// By which transport.
    pub transport: Transport,
    /// What is asked.
    pub question: Question,
    /// Recursion desired.
    pub rd: bool,
    /// Checking disabled.
    pub cd: bool,
    /// DNSSEC records wanted.
    pub dnssec_ok: bool,
    /// The server's identifier wanted (RFC 5001).
    pub nsid_wanted: bool,
}

impl Packet {
    /// A recursive question over UDP with the NSID option.
    #[must_use]
    pub const fn recursive(to: SocketAddr, from: ClientId, question: Question) -> Self {
        let transport = Transport::Udp;
        Self { to, from, transport, question, rd: true, cd: false, dnssec_ok: false, nsid_wanted: true }
    }
}

/// What comes of a packet.
#[derive(Debug, Clone, PartialEq)]
pub enum Reaction {
    /// A message.
    Answer {
        /// How long after the packet was sent it arrives.
        after: Duration,
        /// The message.
        response: Response,
    },
    /// Nothing, ever.
    Silence,
    /// It never left our machine, which knows it.
    NotSent,
    /// The host says that nobody listens at that port.
    Refusal {
        /// How long after the packet was sent the word arrives.
        after: Duration,
    },
}
