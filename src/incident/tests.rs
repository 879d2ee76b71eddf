//! Stories played through the reducer. Here is the player; the stories stand in the modules.

mod forecast;
mod network;
mod phases;
mod properties;
mod registration;
mod sides;
mod steady;

use std::net::SocketAddr;
use std::sync::Arc;

use super::*;
use crate::dns::{Rcode, Rdata, RecordType};
use crate::judge::sample_world::*;
use crate::judge::{AuthorityRole, Code, DelegationState, Expectation, ExpectationSource, Rule, SignerMatch, Verdict};
use crate::observation::{Observation, Outcome, Purpose, Response, Role};

/// The last octets of who is who: parents from 1, correct servers from 11, parked from 21, resolvers from 31.
const PARENTS: [u8; 2] = [1, 2];
const GOOD_AT: [u8; 2] = [11, 12];
const PARKED_AT: u8 = 21;
const RESOLVERS: [u8; 2] = [31, 32];

/// An incident with a clock.
struct Play {
    incident: Incident,
    now: i64,
}

fn address(number: u8) -> SocketAddr {
    target(Role::Parent, number).address
}

fn expectation() -> Expectation {
    Expectation { ns: ns_set(&GOOD), source: ExpectationSource::Flag }
}

fn opening() -> Opening {
    Opening {
        expectation: Some(expectation()),
        confidence: 3,
        resolvers: RESOLVERS.iter().map(|n| resolver_target(address(*n))).collect(),
        ..Opening::of(name(ZONE))
    }
}

fn resolver_target(address: SocketAddr) -> ResolverTarget {
    ResolverTarget {
        id: address.to_string(),
        operator: "somebody".to_owned(),
        city: String::new(),
        country: None,
        address,
        system: false,
        flush: None,
    }
}

fn about_parent(number: u8, outcome: Outcome, at: i64) -> Observation {
    observe(target(Role::Parent, number), ZONE, RecordType::NS, Purpose::Delegation, outcome, at)
}

fn nonce(number: u8, outcome: Outcome, at: i64) -> Observation {
    observe(target(Role::Resolver, number), ZONE, RecordType::TXT, Purpose::Nonce, outcome, at)
}

fn resolver_address(number: u8, rtype: RecordType, outcome: Outcome, at: i64) -> Observation {
    observe(target(Role::Resolver, number), ZONE, rtype, Purpose::Service, outcome, at)
}

/// What a server said when asked directly, moved to its address and time.
fn server_says(number: u8, told: &Told, at: i64) -> Vec<Observation> {
    let move_to = |observation: &Observation| {
        let mut query = observation.query.clone();
        query.target = target(Role::Authoritative, number);
        let time = crate::judge::sample_world::at(at);
        Observation { query, sent: time, at: time, ..observation.clone() }
    };
    told.witnesses.iter().map(|h| move_to(&h.observation)).collect()
}

impl Play {
    fn open(opening: Opening) -> Self {
        Self { incident: Incident::open(opening, catalog(), at(0)), now: 0 }
    }

    /// With two parent servers found.
    fn with_parents() -> Self {
        Self::open(opening()).cut()
    }

    fn tell(mut self, event: &Event) -> Self {
        self.incident.apply(at(self.now), event);
        self.incident.settle(at(self.now));
        self
    }

    fn cut(self) -> Self {
        let found = |number: &u8| FoundServer { name: name(&format!("p{number}.gtld.")), address: address(*number) };
        let servers = PARENTS.iter().map(found).collect();
        self.tell(&Event::CutFound { parent: name("com."), servers, unresolved: vec![] })
    }

    fn observed(self, observations: impl IntoIterator<Item = Observation>) -> Self {
        observations.into_iter().fold(self, |play, o| play.tell(&Event::Observed(Arc::new(o))))
    }

    fn parent(self, number: u8, response: Response) -> Self {
        let at = self.now;
        self.observed([about_parent(number, Outcome::Answered(response), at)])
    }

    fn parents(self, response: &Response) -> Self {
        PARENTS.iter().fold(self, |play, n| play.parent(*n, response.clone()))
    }

    fn resolved(self, host: &str, number: u8) -> Self {
        self.tell(&Event::HostResolved { host: name(host), addresses: Ok(vec![address(number)]) })
    }

    /// The addresses of the correct servers are known, and both answer.
    fn good_servers(self) -> Self {
        let at = self.now;
        let play = self.resolved(GOOD[0], GOOD_AT[0]).resolved(GOOD[1], GOOD_AT[1]);
        GOOD_AT.iter().fold(play, |play, n| play.observed(server_says(*n, &good_server(), at)))
    }

    fn parked_servers(self) -> Self {
        let at = self.now;
        let play = self.resolved(PARKED[0], PARKED_AT).resolved(PARKED[1], PARKED_AT);
        play.observed(server_says(PARKED_AT, &parked_server(), at))
    }

    /// A resolver answers three nonces and both address questions rightly.
    fn clean(self, number: u8) -> Self {
        let at = self.now;
        let play = (0..3).fold(self, |play, _| play.nonce(number, good_denial(FULL)));
        play.observed([
            resolver_address(number, RecordType::A, Outcome::Answered(answer(vec![a(ZONE, 60, GOOD_ADDRESS)])), at),
            resolver_address(number, RecordType::AAAA, Outcome::Answered(good_denial(FULL)), at),
        ])
    }

    fn nonce(self, number: u8, response: Response) -> Self {
        let at = self.now;
        self.observed([nonce(number, Outcome::Answered(response), at)])
    }

    /// Some seconds later.
    fn later(mut self, seconds: i64) -> Self {
        self.now += seconds;
        self.incident.settle(at(self.now));
        self
    }

    fn phase(&self) -> Phase {
        self.incident.phase()
    }

    fn has(&self, code: Code) -> bool {
        self.incident.findings().iter().any(|f| f.code == code)
    }

    fn verdict(&self, number: u8) -> Verdict {
        self.incident.resolver(address(number)).unwrap().judgement.verdict
    }
}

/// Everything is right and heard.
fn healthy() -> Play {
    let play = Play::with_parents().parents(&referral(600, &GOOD)).good_servers();
    RESOLVERS.iter().fold(play, |play, n| play.clean(*n))
}

/// Everything is right but for the resolvers, of which nothing was heard.
fn source_right() -> Play {
    Play::with_parents().parents(&referral(600, &GOOD)).good_servers()
}

/// An outage seen from its midst, one resolver parked and one not yet.
fn outage() -> Play {
    Play::with_parents()
        .parents(&referral(600, &PARKED))
        .good_servers()
        .parked_servers()
        .nonce(RESOLVERS[0], parked_denial())
        .nonce(RESOLVERS[1], good_denial(FULL))
}
