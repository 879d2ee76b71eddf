//! What the source is asked: every parent server and every name server of the zone. Direct, without recursion: always
//! harmless.

use std::time::Duration;

use crate::dns::{Name, RecordType};
use crate::incident::Incident;
use crate::judge::AuthorityRole;
use crate::observation::{Purpose, Query, Role, TargetId};
use crate::schedule::{Candidate, Mode, Schedule};
use crate::time::Timestamp;

/// Parents while anything at the source is wrong.
const OFTEN: Duration = Duration::from_secs(5);
/// What may have changed since it was asked.
const AT_ONCE: Every = Every { usual: Duration::ZERO, at_last: Duration::ZERO };
/// Name servers while anything at the source is wrong.
const NAME_SERVERS_OFTEN: Duration = Duration::from_secs(10);
/// Sources while they are right.
const SELDOM: Duration = Duration::from_secs(30);
/// The longest time between two looks at what has long not changed.
const SELDOM_AT_LAST: Duration = Duration::from_secs(60);
/// The same for what changes rarely.
const RARELY_AT_LAST: Duration = Duration::from_secs(300);
/// The same of the servers that were parked at, once the parent is right: nobody is led there any more.
const LEFT_SELDOM_AT_LAST: Duration = Duration::from_secs(300);
/// The same of theirs that changes rarely.
const LEFT_RARELY_AT_LAST: Duration = Duration::from_secs(900);
/// What has not changed for some time is not expected to change within this part of it.
const PART_OF_QUIET: u32 = 20;
/// What changes rarely: DS, keys, wildcards, watched data.
const RARELY: Duration = Duration::from_secs(60);

/// How often a name server that was never heard is asked before it counts as silent.
const TRIES: usize = 2;

/// How often something is asked: usually, and at most so seldom once nothing has changed for long.
#[derive(Clone, Copy)]
pub(super) struct Every {
    pub usual: Duration,
    pub at_last: Duration,
}

impl Schedule {
    /// What one server of the source is asked.
    pub(super) fn plan_server(
        &self,
        incident: &Incident,
        watched: &[(Name, RecordType)],
        target: TargetId,
        now: Timestamp,
        candidates: &mut Vec<Candidate>,
    ) {
        let zone = incident.zone();
        let query = |rtype, purpose| Query::new(target, zone.clone(), rtype, purpose);
        let right = incident.source().parent_right;
        let left =
            right && incident.authorities().get(&target.address).is_some_and(|a| a.role == AuthorityRole::Delegated);
        let (seldom_at_last, rarely_at_last) =
            if left { (LEFT_SELDOM_AT_LAST, LEFT_RARELY_AT_LAST) } else { (SELDOM_AT_LAST, RARELY_AT_LAST) };
        let rarely = Every { usual: RARELY, at_last: rarely_at_last };
        let server = incident.authorities().get(&target.address);
        let soa = query(RecordType::SOA, Purpose::Soa);
        if server.is_some_and(crate::incident::AuthorityServer::is_lost_once) && self.ledger.times(&soa) < TRIES {
            // One loss is no silence: asked once more at once, in a round too.
            self.put_forward(incident, soa.clone(), now, candidates);
        }
        let mut repeat = |query, every| self.repeat(incident, query, every, now, candidates);
        if target.role == Role::Parent {
            // Whether anybody answers again is seen by them.
            let every = if right && incident.deaf_since().is_none() {
                Every { usual: SELDOM, at_last: SELDOM_AT_LAST }
            } else {
                Every { usual: OFTEN, at_last: OFTEN }
            };
            let delegation = query(RecordType::NS, Purpose::Delegation);
            // It may have changed since it was asked: a resolver says so.
            let doubted = incident.doubted_since().is_some_and(|since| self.ledger.last(&delegation) < Some(since));
            repeat(delegation, if doubted { AT_ONCE } else { every });
            repeat(query(RecordType::DS, Purpose::DelegationSigner), rarely);
            return;
        }
        let usual = if incident.phase().is_good() { SELDOM } else { NAME_SERVERS_OFTEN };
        repeat(soa, Every { usual, at_last: seldom_at_last });
        for (rtype, purpose) in
            [(RecordType::NS, Purpose::ApexNs), (RecordType::DNSKEY, Purpose::Keys), (RecordType::TXT, Purpose::Echo)]
        {
            repeat(query(rtype, purpose), rarely);
        }
        if incident.nonce_base() != zone {
            let below = Query::new(target, incident.nonce_base().clone(), RecordType::TXT, Purpose::Echo);
            repeat(below, rarely);
        }
        for (name, rtype) in watched {
            repeat(Query::new(target, name.clone(), *rtype, Purpose::Service), rarely);
        }
    }

    /// Asks at once when never asked; then, while watching, again and again.
    fn repeat(&self, incident: &Incident, query: Query, every: Every, now: Timestamp, candidates: &mut Vec<Candidate>) {
        let due = match self.ledger.last(&query) {
            None => now,
            Some(_) if matches!(self.mode, Mode::Round { .. }) => return,
            Some(last) => last + every.after(last.since(incident.source_moved())),
        };
        self.put_forward(incident, query, due, candidates);
    }
}

impl Every {
    /// How long to wait when nothing had changed for `quiet` as it was last asked.
    pub(super) fn after(self, quiet: Duration) -> Duration {
        self.usual.max((quiet / PART_OF_QUIET).min(self.at_last))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::catalog::ParkingCatalog;
    use crate::incident::{Event, FoundServer, Opening};
    use crate::judge::sample_world::{GOOD, ZONE, at, name, ns_set, observe, referral, target};
    use crate::judge::{Expectation, ExpectationSource};
    use crate::observation::Outcome;
    use crate::schedule::Rates;

    /// The parent is right, and both names lead to one server, of which nothing was heard.
    fn incident() -> Incident {
        let opening = Opening {
            expectation: Some(Expectation { ns: ns_set(&GOOD), source: ExpectationSource::Flag }),
            confidence: 3,
            ..Opening::of(name(ZONE))
        };
        let mut incident = Incident::open(opening, Arc::new(ParkingCatalog::embedded()), at(0));
        let servers = vec![FoundServer { name: name("p1.gtld."), address: target(Role::Parent, 1).address }];
        let told = Outcome::Answered(referral(600, &GOOD));
        let told = observe(target(Role::Parent, 1), ZONE, RecordType::NS, Purpose::Delegation, told, 0);
        let mut events = vec![
            Event::CutFound { parent: name("com."), servers, unresolved: vec![] },
            Event::Observed(Arc::new(told)),
        ];
        let found = |host: &&str| Event::HostResolved {
            host: name(host),
            addresses: Ok(vec![target(Role::Authoritative, 11).address]),
        };
        events.extend(GOOD.iter().map(found));
        for event in &events {
            incident.apply(at(0), event);
            incident.settle(at(0));
        }
        incident
    }

    #[test]
    fn a_round_asks_an_expected_server_once_more_whose_first_answer_was_lost_and_no_more() {
        let mut incident = incident();
        let mode = Mode::Round { samples: 3, resolvers: false };
        let mut schedule = Schedule::new(mode, Rates::default(), 1);
        let mut asked = Vec::new();
        for second in 0..20 {
            for query in schedule.turn(&incident, at(second)).queries {
                schedule.ended(&query);
                if query.purpose != Purpose::Soa {
                    continue;
                }
                asked.push(second);
                let server = query.target;
                let lost = observe(server, ZONE, RecordType::SOA, Purpose::Soa, Outcome::NoResponse, second);
                incident.apply(at(second), &Event::Observed(Arc::new(lost)));
                incident.settle(at(second));
            }
        }
        assert_eq!(asked.len(), 2, "{asked:?}");
        assert!(asked[1] <= asked[0] + 1, "at once: {asked:?}");
    }
}
