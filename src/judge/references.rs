//! What good and parked answers look like, learned from the servers themselves and never from resolvers.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use crate::catalog::ParkingCatalog;
use crate::dns::{Name, NsSet, Rdata, RecordType, Soa, Ttl};
use crate::judge::{Heard, Marker};
use crate::observation::{AnswerKind, Purpose};

/// Everything an answer is held against.
#[derive(Debug, Clone, PartialEq)]
pub struct References {
    /// The zone under watch.
    pub zone: Name,
    /// The correct NS set: the expectation, or the parent's delegation standing in for it. None while nobody
    /// has said what is correct and the parent servers disagree or hold a known parking set.
    pub good_ns: Option<NsSet>,
    /// NS sets known to be parked: marked by the operator, or held by the parent against the expectation.
    pub parked_ns: Vec<NsSet>,
    /// What the correct servers answer.
    pub good: SideFingerprint,
    /// What the parked servers answer.
    pub parked: SideFingerprint,
    /// Whether the parent delegates to parked servers that were not heard yet: what is not good is then not known to be
    /// neither side's.
    pub parked_unheard: bool,
    /// Known parking services.
    pub parking: Arc<ParkingCatalog>,
    /// The zone answers by location or load (said by the operator, or seen at its own servers): an unknown
    /// address under a restored delegation is then no finding.
    pub addresses_vary: bool,
    /// A record that only the correct zone has, where the operator has put one there.
    pub marker: Option<Marker>,
}

/// What one side's servers answer, as heard from them directly.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SideFingerprint {
    /// SOA records of the zone, each with the TTL the server gave it.
    pub soas: Vec<(Soa, Ttl)>,
    /// Data by name and type, in no order: every answer is looked up here. An empty list means that the side said NODATA or
    /// NXDOMAIN.
    pub data: HashMap<(Name, RecordType), Vec<Rdata>>,
    /// Names and types this side was asked about without getting an authoritative answer: names below a further zone
    /// cut, or outside the zone. Nothing can be held against what resolvers say there.
    pub untold: BTreeSet<(Name, RecordType)>,
    /// Data given for labels that nobody created: a wildcard (for TXT, as nonces ask).
    pub echo: Vec<Rdata>,
    /// Whether two answers of this side differed for one name and type.
    pub varies: bool,
    /// Largest TTL of the zone's NS RRset at this side.
    pub ns_ttl: Option<Ttl>,
    /// Largest TTL of any watched data at this side.
    pub data_ttl: Option<Ttl>,
    /// Whether any server of this side answered for the zone at all.
    pub answers: bool,
    /// Whether any server of this side gave the marker's text.
    pub marked: bool,
}

impl References {
    /// The SOA's negative-caching time on the good side: the smaller of its TTL and its minimum field
    /// (RFC 2308 §5), largest over the servers heard.
    #[must_use]
    pub fn negative_ttl(&self) -> Option<u32> {
        self.good.soas.iter().map(|(soa, ttl)| ttl.as_secs().min(soa.minimum)).max()
    }
}

impl SideFingerprint {
    /// How many SOA records, or data of one kind, are remembered at most.
    const MOST: usize = 64;

    /// Keeps what an earlier fingerprint of the same side knew. Parked servers stop answering once the domain is
    /// renewed, and their answers must still be known for what they are.
    pub fn remember(&mut self, earlier: &Self) {
        for soa in &earlier.soas {
            note(&mut self.soas, soa);
        }
        for data in &earlier.echo {
            note(&mut self.echo, data);
        }
        for (key, values) in &earlier.data {
            let known = self.data.entry(key.clone()).or_default();
            for value in values {
                note(known, value);
            }
        }
        self.untold.retain(|key| !earlier.data.contains_key(key));
        self.varies |= earlier.varies;
        self.ns_ttl = self.ns_ttl.max(earlier.ns_ttl);
        self.data_ttl = self.data_ttl.max(earlier.data_ttl);
        self.answers |= earlier.answers;
        self.marked |= earlier.marked;
    }
}

/// Adds what is not there yet, within the bound.
fn note<T: PartialEq + Clone>(known: &mut Vec<T>, value: &T) {
    if known.len() < SideFingerprint::MOST && !known.contains(value) {
        known.push(value.clone());
    }
}

/// Learns one side's fingerprint from what its servers answered, all servers together.
#[must_use]
pub fn learn_side<'a>(zone: &Name, marker: Option<&Marker>, heard: impl Iterator<Item = &'a Heard>) -> SideFingerprint {
    let mut side = SideFingerprint::default();
    for one in heard {
        let query = &one.observation.query;
        let Some(response) = one.observation.response().filter(|r| r.aa && !r.tc) else {
            // A loss, or a packet that could not leave, says nothing about what the side would answer.
            if query.purpose == Purpose::Service && one.observation.was_heard() {
                side.untold.insert((query.name.clone(), query.rtype));
            }
            continue;
        };
        match query.purpose {
            Purpose::Soa => {
                let soa = response.answer.iter().find_map(|r| match &r.rdata {
                    Rdata::Soa(soa) if r.owner == *zone => Some((soa.clone(), r.ttl)),
                    _ => None,
                });
                if let Some(soa) = soa {
                    side.answers = true;
                    note(&mut side.soas, &soa);
                }
            }
            Purpose::ApexNs => {
                let set = response.answer_set(zone, RecordType::NS);
                side.ns_ttl = side.ns_ttl.max(set.map(|s| s.ttl));
            }
            // What stands there speaks for itself, and is no echo of labels elsewhere.
            Purpose::Echo if marker.is_some_and(|m| query.name == m.name) => {
                side.marked |= marker.is_some_and(|m| m.is_in(response, &one.observation.asked));
            }
            Purpose::Echo => {
                for record in &response.answer {
                    note(&mut side.echo, &record.rdata);
                }
                // What a denial of this side looks like. Parking servers often answer from one zone for all names,
                // even the root, so its owner may stand above the zone.
                if let Some((_, ttl, soa)) = response.soa().filter(|(owner, ..)| zone.is_at_or_below(owner)) {
                    note(&mut side.soas, &(soa.clone(), ttl));
                }
            }
            Purpose::Service => {
                let key = (query.name.clone(), query.rtype);
                let values = match response.kind(&query.name, query.rtype) {
                    AnswerKind::Answer => response.answer.as_slice(),
                    AnswerKind::NoData | AnswerKind::NxDomain => &[],
                    _ => {
                        side.untold.insert(key);
                        continue;
                    }
                };
                side.data_ttl = side.data_ttl.max(response.answer.iter().map(|r| r.ttl).max());
                match side.data.get_mut(&key) {
                    None => {
                        side.data.insert(key, values.iter().map(|r| r.rdata.clone()).collect());
                    }
                    Some(known) => {
                        // Only addresses differ by place or load; other data differ while the zone is being changed.
                        let address = matches!(query.rtype, RecordType::A | RecordType::AAAA);
                        let other = known.len() != values.len() || values.iter().any(|r| !known.contains(&r.rdata));
                        side.varies |= address && other;
                        for record in values {
                            note(known, &record.rdata);
                        }
                    }
                }
            }
            _ => {}
        }
    }
    let told = &side.data;
    side.untold.retain(|key| !told.contains_key(key));
    side
}

#[cfg(test)]
mod tests;
