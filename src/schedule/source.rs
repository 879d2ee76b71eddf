//! What the source is asked: every parent server and every name server of the zone. Direct, without recursion: always
//! harmless.

use std::time::Duration;

use crate::dns::RecordType;
use crate::incident::Incident;
use crate::observation::{Purpose, Query, Role, TargetId};
use crate::schedule::{Candidate, Mode, Schedule, Wake};
use crate::time::Timestamp;

/// Parents while anything at the source is wrong.
const OFTEN: Duration = Duration::from_secs(5);
/// Name servers while anything at the source is wrong.
const NAME_SERVERS_OFTEN: Duration = Duration::from_secs(10);
/// Sources while they are right.
const SELDOM: Duration = Duration::from_secs(30);
/// What changes rarely: DS, keys, wildcards, watched data.
const RARELY: Duration = Duration::from_secs(60);

impl Schedule {
    pub(super) fn plan_source(
        &self,
        incident: &Incident,
        now: Timestamp,
        candidates: &mut Vec<Candidate>,
        wake: &mut Wake,
    ) {
        let right = incident.source().parent_right;
        let zone = incident.zone();
        for address in incident.parents().keys() {
            let target = TargetId::new(Role::Parent, *address);
            let delegation = Query::new(target, zone.clone(), RecordType::NS, Purpose::Delegation);
            self.repeat(delegation, if right { SELDOM } else { OFTEN }, now, candidates, wake);
            let signer = Query::new(target, zone.clone(), RecordType::DS, Purpose::DelegationSigner);
            self.repeat(signer, RARELY, now, candidates, wake);
        }
        let calm = incident.phase().is_good();
        for address in incident.authorities().keys() {
            let target = TargetId::new(Role::Authoritative, *address);
            let query = |rtype, purpose| Query::new(target, zone.clone(), rtype, purpose);
            let soa = query(RecordType::SOA, Purpose::Soa);
            self.repeat(soa, if calm { SELDOM } else { NAME_SERVERS_OFTEN }, now, candidates, wake);
            for (rtype, purpose) in [
                (RecordType::NS, Purpose::ApexNs),
                (RecordType::DNSKEY, Purpose::Keys),
                (RecordType::TXT, Purpose::Echo),
            ] {
                self.repeat(query(rtype, purpose), RARELY, now, candidates, wake);
            }
            for (name, rtype) in incident.watched() {
                self.repeat(Query::new(target, name, rtype, Purpose::Service), RARELY, now, candidates, wake);
            }
        }
    }

    /// Asks at once when never asked; then, while watching, again after `interval`.
    fn repeat(
        &self,
        query: Query,
        interval: Duration,
        now: Timestamp,
        candidates: &mut Vec<Candidate>,
        wake: &mut Wake,
    ) {
        let due = match self.ledger.last(&query) {
            None => now,
            Some(_) if matches!(self.mode, Mode::Round { .. }) => return,
            Some(last) => last + interval,
        };
        self.put_forward(query, due, now, candidates, wake);
    }
}
