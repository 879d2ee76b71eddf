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
/// The longest time between two looks at what has long not changed.
const SELDOM_AT_LAST: Duration = Duration::from_secs(60);
/// The same for what changes rarely.
const RARELY_AT_LAST: Duration = Duration::from_secs(300);
/// What has not changed for some time is not expected to change within this part of it.
const PART_OF_QUIET: u32 = 20;
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
        let quiet = now.since(incident.source_moved()) / PART_OF_QUIET;
        let slower = |usual: Duration, most: Duration| usual.max(quiet.min(most));
        let rarely = slower(RARELY, RARELY_AT_LAST);
        let delegation_every = if right { slower(SELDOM, SELDOM_AT_LAST) } else { OFTEN };
        for address in incident.parents().keys() {
            let target = TargetId::new(Role::Parent, *address);
            let delegation = Query::new(target, zone.clone(), RecordType::NS, Purpose::Delegation);
            self.repeat(incident, delegation, delegation_every, now, candidates, wake);
            let signer = Query::new(target, zone.clone(), RecordType::DS, Purpose::DelegationSigner);
            self.repeat(incident, signer, rarely, now, candidates, wake);
        }
        let calm = incident.phase().is_good();
        let soa_every = slower(if calm { SELDOM } else { NAME_SERVERS_OFTEN }, SELDOM_AT_LAST);
        for address in incident.authorities().keys() {
            let target = TargetId::new(Role::Authoritative, *address);
            let query = |rtype, purpose| Query::new(target, zone.clone(), rtype, purpose);
            let soa = query(RecordType::SOA, Purpose::Soa);
            self.repeat(incident, soa, soa_every, now, candidates, wake);
            for (rtype, purpose) in [
                (RecordType::NS, Purpose::ApexNs),
                (RecordType::DNSKEY, Purpose::Keys),
                (RecordType::TXT, Purpose::Echo),
            ] {
                self.repeat(incident, query(rtype, purpose), rarely, now, candidates, wake);
            }
            for (name, rtype) in incident.watched() {
                self.repeat(incident, Query::new(target, name, rtype, Purpose::Service), rarely, now, candidates, wake);
            }
        }
    }

    /// Asks at once when never asked; then, while watching, again after `interval`.
    fn repeat(
        &self,
        incident: &Incident,
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
        self.put_forward(incident, query, due, now, candidates, wake);
    }
}
