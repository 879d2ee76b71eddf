//! Which resolvers answer from here, and what each of them can do: what `unpark resolvers check` found out. Nothing of it is
//! about a zone.

use std::net::SocketAddr;
use std::time::Duration;

use crate::dns::Rcode;
use crate::incident::ResolverTarget;
use crate::judge::Calibration;
use crate::observation::{Observation, Outcome, Transport};
use crate::time::Timestamp;

/// What came of asking over one transport.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Reach {
    /// It was not asked so.
    #[default]
    NotAsked,
    /// It answers, after this long.
    Answers(Duration),
    /// It answers with an error: it does not resolve for us.
    Fails(Rcode),
    /// What it answers cannot be read.
    Unreadable,
    /// Nothing came.
    Silent,
    /// Nobody listens there.
    Closed,
    /// Our own fault: the packet could not leave this machine.
    NotSent,
}

impl Reach {
    /// What an observation says about a transport. An answer over TCP to a question over UDP says that UDP is silent.
    #[must_use]
    pub fn of(observation: &Observation) -> Self {
        match &observation.outcome {
            Outcome::Answered(response) if response.transport != observation.query.transport => Self::Silent,
            Outcome::Answered(response) if matches!(response.rcode, Rcode::NOERROR | Rcode::NXDOMAIN) => {
                Self::Answers(observation.rtt.unwrap_or_default())
            }
            Outcome::Answered(response) => Self::Fails(response.rcode),
            Outcome::Malformed { .. } => Self::Unreadable,
            Outcome::NoResponse => Self::Silent,
            // A closed port is only ever seen over TCP.
            Outcome::Unreachable if observation.query.transport == Transport::Udp => Self::Silent,
            Outcome::Unreachable => Self::Closed,
            Outcome::NotSent { .. } => Self::NotSent,
        }
    }

    /// As in JSON.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::NotAsked => "not-asked",
            Self::Answers(_) => "answers",
            Self::Fails(_) => "fails",
            Self::Unreadable => "unreadable",
            Self::Silent => "silent",
            Self::Closed => "closed",
            Self::NotSent => "not-sent",
        }
    }

    /// Whether it resolves for us.
    #[must_use]
    pub const fn is_good(&self) -> bool {
        matches!(self, Self::Answers(_))
    }
}

/// One resolver address.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckedResolver {
    /// Who it is.
    pub target: ResolverTarget,
    /// Over UDP.
    pub udp: Reach,
    /// Over TCP.
    pub tcp: Reach,
    /// What it can do.
    pub calibration: Calibration,
}

/// All of them.
#[derive(Debug, Clone, PartialEq)]
pub struct ResolverCheck {
    /// When it began.
    pub started: Timestamp,
    /// When it ended.
    pub finished: Timestamp,
    /// The resolvers, in the order given.
    pub resolvers: Vec<CheckedResolver>,
    /// Addresses at which nobody stands that were asked.
    pub nobodies: usize,
    /// Those of them that answered: somebody in between speaks for every resolver.
    pub intercepted: Vec<SocketAddr>,
}

impl ResolverCheck {
    /// How many answer over UDP.
    #[must_use]
    pub fn answering(&self) -> usize {
        self.resolvers.iter().filter(|r| r.udp.is_good()).count()
    }

    /// Whether not one question could be sent: nothing is known then.
    #[must_use]
    pub fn nothing_left(&self) -> bool {
        self.resolvers.iter().all(|r| matches!(r.udp, Reach::NotSent | Reach::NotAsked))
    }

    /// The largest TTL that any of them showed for the long-lived record: its own, as far as is known.
    #[must_use]
    pub fn full_ttl(&self) -> u32 {
        self.resolvers.iter().filter_map(|r| r.calibration.largest_long).max().unwrap_or(0)
    }

    /// The longest a resolver keeps anything, in seconds, where it gave that away.
    #[must_use]
    pub fn cap_of(&self, resolver: &CheckedResolver) -> Option<u32> {
        resolver.calibration.ttl_cap(self.full_ttl())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::RecordType;
    use crate::judge::sample_world::{answer, empty, not_sent, observe, target};
    use crate::observation::{Purpose, Role};

    fn reach(transport: Transport, outcome: Outcome) -> Reach {
        let purpose = Purpose::SteadyName;
        let mut observation = observe(target(Role::Resolver, 1), ".", RecordType::NS, purpose, outcome, 1);
        observation.query.transport = transport;
        Reach::of(&observation)
    }

    #[test]
    fn each_transport_is_told_apart() {
        let udp = |outcome| reach(Transport::Udp, outcome);
        assert!(udp(Outcome::Answered(answer(vec![]))).is_good());
        assert_eq!(udp(Outcome::Answered(empty(Rcode::REFUSED))), Reach::Fails(Rcode::REFUSED));
        let by_tcp = crate::observation::Response { transport: Transport::Tcp, ..empty(Rcode::NOERROR) };
        assert_eq!(udp(Outcome::Answered(by_tcp.clone())), Reach::Silent);
        assert!(reach(Transport::Tcp, Outcome::Answered(by_tcp)).is_good());
        assert_eq!(udp(Outcome::Unreachable), Reach::Silent);
        assert_eq!(reach(Transport::Tcp, Outcome::Unreachable), Reach::Closed);
        assert_eq!(udp(not_sent()), Reach::NotSent);
    }
}
