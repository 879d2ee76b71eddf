//! Whether somebody in between answers in place of those who are asked: seen where an address answers at which no server
//! stands.
//!
//! While it stands no verdict about a resolver means anything; when it ends, what was heard through it is forgotten.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use crate::incident::{Incident, ResolverWatch, Shared};
use crate::observation::{Observation, Outcome};
use crate::time::Timestamp;

/// What came from addresses at which nobody stands.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Interception {
    nobodies: BTreeMap<SocketAddr, Nobody>,
    since: Option<Timestamp>,
    checked: Option<Timestamp>,
    clean: Option<Timestamp>,
    void_until: Option<Timestamp>,
    asked: u64,
    evidence: Vec<u64>,
}

/// One such address.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Nobody {
    answers: bool,
    silences: u8,
}

/// So many silences in a row end an interception: an answer can be lost on the way.
const SILENCES: u8 = 2;
/// How many such addresses are remembered at most.
const MOST_NOBODIES: usize = 32;
/// How many observations are kept as evidence.
const MOST_EVIDENCE: usize = 16;

impl Interception {
    /// Whether it stands.
    #[must_use]
    pub const fn stands(&self) -> bool {
        self.since.is_some()
    }

    /// Since when it is seen, while it stands.
    #[must_use]
    pub const fn since(&self) -> Option<Timestamp> {
        self.since
    }

    /// When it was last looked for.
    #[must_use]
    pub const fn checked(&self) -> Option<Timestamp> {
        self.checked
    }

    /// When it was last seen that nobody answers where nobody stands.
    #[must_use]
    pub const fn clean(&self) -> Option<Timestamp> {
        self.clean
    }

    /// What resolvers seemed to say up to then is void; none when there never was an interception.
    #[must_use]
    pub const fn void_until(&self) -> Option<Timestamp> {
        self.void_until
    }

    /// How often it was looked for.
    pub(super) const fn asked(&self) -> u64 {
        self.asked
    }

    /// The observations it rests on.
    #[must_use]
    pub fn evidence(&self) -> &[u64] {
        &self.evidence
    }

    /// The addresses that answered although nobody stands there.
    pub fn answering(&self) -> impl Iterator<Item = SocketAddr> {
        self.nobodies.iter().filter(|(_, nobody)| nobody.answers).map(|(address, _)| *address)
    }

    /// Takes in what came of asking nobody.
    fn take(&mut self, observation: &Observation, number: u64) {
        self.asked += 1;
        let address = observation.query.target.address;
        let known = self.nobodies.contains_key(&address);
        if (!known && self.nobodies.len() >= MOST_NOBODIES) || matches!(observation.outcome, Outcome::NotSent { .. }) {
            // A packet that could not leave says nothing.
            return;
        }
        let nobody = self.nobodies.entry(address).or_default();
        if observation.was_heard() {
            *nobody = Nobody { answers: true, silences: 0 };
            if self.evidence.len() < MOST_EVIDENCE {
                self.evidence.push(number);
            }
        } else {
            nobody.silences = nobody.silences.saturating_add(1);
            nobody.answers &= nobody.silences < SILENCES;
        }
        self.checked = self.checked.max(Some(observation.at));
        let answered = self.nobodies.values().any(|nobody| nobody.answers);
        match (answered, self.since) {
            (true, None) => self.since = Some(observation.at),
            (false, Some(_)) => {
                (self.since, self.void_until) = (None, Some(observation.at));
                self.evidence.clear();
            }
            _ => {}
        }
        if !answered && self.void_until != Some(observation.at) {
            self.clean = Some(observation.at);
        }
    }
}

impl Incident {
    /// The longest a resolver keeps anything, in seconds, where it gave that away.
    #[must_use]
    pub fn ttl_cap_of(&self, watch: &ResolverWatch) -> Option<u32> {
        watch.calibration.ttl_cap(self.longest_ttl)
    }

    /// Whether somebody in between answers in place of those who are asked.
    #[must_use]
    pub const fn interception(&self) -> &Interception {
        &self.interception
    }

    pub(super) fn take_interception(&mut self, observation: &Observation) {
        let (stood, clean) = (self.interception.stands(), self.interception.clean());
        self.interception.take(observation, self.observed);
        if stood == self.interception.stands() {
            return;
        }
        for resolver in &mut self.resolvers {
            resolver.stale = true;
            resolver.changes += 1;
            if stood {
                // Heard since the last time that nobody was seen to be in between: whose words these were is not known.
                let before = |at: Timestamp| clean.is_some_and(|clean| at <= clean);
                resolver.witnesses.retain(|heard| before(heard.observation.at));
                if resolver.calibration.learned.is_some_and(|at| !before(at)) {
                    resolver.calibration = Shared::default();
                }
            }
        }
        if stood {
            self.interception.clean = self.interception.checked;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::{Name, Rcode, RecordType};
    use crate::judge::sample_world::{at, empty, not_sent};
    use crate::observation::{Purpose, Query, Role, TargetId};

    fn came(number: u8, outcome: Outcome, seconds: i64) -> Observation {
        let target = TargetId::new(Role::Nobody, SocketAddr::from(([192, 0, 2, number], 53)));
        let query = Query::new(target, Name::root(), RecordType::NS, Purpose::Interception);
        Observation { asked: Name::root(), query, outcome, sent: at(seconds), at: at(seconds), rtt: None, packets: 1 }
    }

    #[test]
    fn one_answer_begins_it_and_two_silences_end_it() {
        let mut seen = Interception::default();
        seen.take(&came(1, Outcome::NoResponse, 1), 1);
        assert!(!seen.stands());
        assert_eq!(seen.clean(), Some(at(1)));
        seen.take(&came(1, Outcome::Answered(empty(Rcode::REFUSED)), 2), 2);
        assert_eq!((seen.since(), seen.clean(), seen.evidence()), (Some(at(2)), Some(at(1)), [2].as_slice()));
        seen.take(&came(1, Outcome::NoResponse, 3), 3);
        assert!(seen.stands(), "one loss ends nothing");
        seen.take(&came(1, not_sent(), 4), 4);
        assert!(seen.stands(), "what did not leave says nothing");
        seen.take(&came(2, Outcome::Unreachable, 5), 5);
        assert!(seen.stands(), "the other family may be free");
        seen.take(&came(1, Outcome::NoResponse, 6), 6);
        assert_eq!((seen.stands(), seen.void_until()), (false, Some(at(6))));
    }
}
