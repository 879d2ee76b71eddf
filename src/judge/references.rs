//! What good and parked answers look like, learned from the servers themselves and never from resolvers.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::catalog::ParkingCatalog;
use crate::dns::{Name, NsSet, Rdata, RecordType, Soa, Ttl};
use crate::judge::Heard;
use crate::observation::{AnswerKind, Purpose};

/// Everything an answer is held against.
#[derive(Debug, Clone)]
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
    /// Known parking services.
    pub parking: Arc<ParkingCatalog>,
    /// The zone answers by location or load (said by the operator, or seen at its own servers): an unknown
    /// address under a restored delegation is then no finding.
    pub addresses_vary: bool,
}

/// What one side's servers answer, as heard from them directly.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SideFingerprint {
    /// SOA records of the zone, each with the TTL the server gave it.
    pub soas: Vec<(Soa, Ttl)>,
    /// Data by name and type; an empty list means that the side said NODATA or NXDOMAIN.
    pub data: BTreeMap<(Name, RecordType), Vec<Rdata>>,
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
}

impl References {
    /// The SOA's negative-caching time on the good side: the smaller of its TTL and its minimum field
    /// (RFC 2308 §5), largest over the servers heard.
    #[must_use]
    pub fn negative_ttl(&self) -> Option<u32> {
        self.good.soas.iter().map(|(soa, ttl)| ttl.as_secs().min(soa.minimum)).max()
    }
}

/// Learns one side's fingerprint from what its servers answered, all servers together.
#[must_use]
pub fn learn_side<'a>(zone: &Name, heard: impl Iterator<Item = &'a Heard>) -> SideFingerprint {
    let mut side = SideFingerprint::default();
    for one in heard {
        let query = &one.observation.query;
        let Some(response) = one.observation.response().filter(|r| r.aa) else { continue };
        match query.purpose {
            Purpose::Soa => {
                let soa = response.answer.iter().find_map(|r| match &r.rdata {
                    Rdata::Soa(soa) if r.owner == *zone => Some((soa.clone(), r.ttl)),
                    _ => None,
                });
                if let Some(soa) = soa {
                    side.answers = true;
                    if !side.soas.contains(&soa) {
                        side.soas.push(soa);
                    }
                }
            }
            Purpose::ApexNs => {
                let set = response.answer_set(zone, RecordType::NS);
                side.ns_ttl = side.ns_ttl.max(set.map(|s| s.ttl));
            }
            Purpose::Echo => {
                for record in &response.answer {
                    if !side.echo.contains(&record.rdata) {
                        side.echo.push(record.rdata.clone());
                    }
                }
            }
            Purpose::Service => {
                let key = (query.name.clone(), query.rtype);
                let values: Vec<Rdata> = match response.kind(&query.name, query.rtype) {
                    AnswerKind::Answer => response.answer.iter().map(|r| r.rdata.clone()).collect(),
                    AnswerKind::NoData | AnswerKind::NxDomain => Vec::new(),
                    _ => continue,
                };
                side.data_ttl = side.data_ttl.max(response.answer.iter().map(|r| r.ttl).max());
                match side.data.get_mut(&key) {
                    None => {
                        side.data.insert(key, values);
                    }
                    Some(known) => {
                        side.varies |= known.len() != values.len() || values.iter().any(|v| !known.contains(v));
                        known.extend(values.into_iter().filter(|v| !known.contains(v)).collect::<Vec<_>>());
                    }
                }
            }
            _ => {}
        }
    }
    side
}
