//! The source in JSON: what counts as correct, the parent's servers, the zone's own name servers.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::dns::{Name, Rcode, Soa, Ttl};
use crate::incident::Incident;
use crate::judge::{AuthorityRole, ExpectationSource, Verdict, Witnesses};
use crate::observation::{Observation, Purpose, address_text};

use super::{milliseconds, names, plain};

/// What counts as correct, and who says so.
#[derive(Serialize)]
pub(super) struct ExpectationEntry {
    ns: Vec<String>,
    source: &'static str,
    taken: Option<String>,
}

impl ExpectationEntry {
    pub(super) fn of(incident: &Incident) -> Self {
        let (set, source) = match incident.expectation() {
            Some(expectation) => (Some(&expectation.ns), expectation.source.word()),
            None => (incident.references().good_ns.as_ref(), "parent"),
        };
        let taken = match incident.expectation().map(|expectation| expectation.source) {
            Some(ExpectationSource::Baseline { taken }) => Some(taken.to_string()),
            _ => None,
        };
        match set.filter(|set| !set.is_empty()) {
            Some(set) => Self { ns: names(set), source, taken },
            None => Self { ns: Vec::new(), source: "none", taken: None },
        }
    }
}

/// One address of one server of the parent zone.
#[derive(Serialize)]
pub(super) struct ParentEntry {
    zone: String,
    name: String,
    address: String,
    verdict: &'static str,
    rule: &'static str,
    ns: Option<Vec<String>>,
    ttl: Option<u32>,
    ds: Option<Vec<String>>,
    rcode: Option<String>,
    negative_ttl: Option<u32>,
    rtt_ms: Option<f64>,
}

/// Every address of every parent server.
pub(super) fn parents(incident: &Incident) -> Vec<ParentEntry> {
    // Parent servers come with their zone; without it there are none.
    let Some(zone) = incident.parent_zone() else { return Vec::new() };
    let entry = |(address, parent): (&std::net::SocketAddr, &crate::incident::ParentServer)| {
        let judgement = &parent.judgement;
        let observation = decisive(&parent.witnesses, Purpose::Delegation, &judgement.evidence);
        let answered = observation.is_some_and(|o| o.response().is_some());
        ParentEntry {
            zone: zone.to_string(),
            name: parent.name.to_string(),
            address: address_text(*address),
            verdict: judgement.verdict.word(),
            rule: judgement.rule.word(),
            ns: judgement.ns.as_ref().map(names).or_else(|| answered.then(Vec::new)),
            ttl: judgement.ttl.map(Ttl::as_secs),
            ds: judgement.ds.as_ref().map(|ds| ds.iter().map(ToString::to_string).collect()),
            rcode: rcode_text(judgement.rcode),
            negative_ttl: judgement.negative_ttl,
            rtt_ms: milliseconds(observation.and_then(|o| o.rtt)),
        }
    };
    incident.parents().iter().map(entry).collect()
}

/// A server of the parent for which no address was found.
#[derive(Serialize)]
pub(super) struct UnresolvedEntry {
    name: String,
    reason: String,
}

/// The parent's servers without an address.
pub(super) fn unresolved(incident: &Incident) -> Vec<UnresolvedEntry> {
    let entry = |(name, reason): &(Name, String)| UnresolvedEntry { name: name.to_string(), reason: plain(reason) };
    incident.unresolved_parents().iter().map(entry).collect()
}

/// One address of one name server of the zone.
#[derive(Serialize)]
pub(super) struct AuthorityEntry {
    name: String,
    address: Option<String>,
    role: &'static str,
    verdict: &'static str,
    aa: Option<bool>,
    rcode: Option<String>,
    soa: Option<SoaEntry>,
    ns: Option<Vec<String>>,
    rtt_ms: Option<f64>,
    reason: Option<String>,
}

#[derive(Serialize)]
struct SoaEntry {
    mname: String,
    rname: String,
    serial: u32,
    minimum: u32,
    ttl: u32,
}

impl SoaEntry {
    fn of((soa, ttl): &(Soa, Ttl)) -> Self {
        Self {
            mname: soa.mname.to_string(),
            rname: soa.rname.to_string(),
            serial: soa.serial.0,
            minimum: soa.minimum,
            ttl: ttl.as_secs(),
        }
    }
}

impl AuthorityEntry {
    fn without_address(name: &Name, role: AuthorityRole, reason: Option<&str>) -> Self {
        let verdict = if reason.is_some() { Verdict::Broken } else { Verdict::Unknown };
        Self {
            name: name.to_string(),
            address: None,
            role: role.word(),
            verdict: verdict.word(),
            aa: None,
            rcode: None,
            soa: None,
            ns: None,
            rtt_ms: None,
            reason: reason.map(plain),
        }
    }
}

/// Every address of every expected and every delegated name server, the expected ones first; a server without an address
/// has one entry all the same.
pub(super) fn authorities(incident: &Incident) -> Vec<AuthorityEntry> {
    let mut addresses: BTreeMap<&Name, Vec<_>> = BTreeMap::new();
    for (address, authority) in incident.authorities() {
        for name in &authority.names {
            addresses.entry(name).or_default().push((address, authority));
        }
    }
    let mut entries = Vec::new();
    for (name, role) in incident.server_names() {
        let Some(at) = addresses.get(&name) else {
            let reason = match incident.host_addresses().get(&name).map(|h| &h.addresses) {
                None => None,
                Some(Err(reason)) => Some(reason.as_str()),
                Some(Ok(_)) => Some("it has no address records"),
            };
            entries.push(AuthorityEntry::without_address(&name, role, reason));
            continue;
        };
        for (address, authority) in at {
            let judgement = &authority.judgement;
            let zone_soa = decisive(&authority.witnesses, Purpose::Soa, &judgement.evidence);
            let apex = decisive(&authority.witnesses, Purpose::ApexNs, &judgement.evidence);
            // An authoritative answer that holds no NS records says that there are none; any other answer says nothing.
            let none_there = apex.and_then(Observation::response).is_some_and(|r| r.aa);
            entries.push(AuthorityEntry {
                name: name.to_string(),
                address: Some(address_text(**address)),
                role: role.word(),
                verdict: judgement.verdict.word(),
                aa: judgement.aa,
                rcode: rcode_text(judgement.rcode),
                soa: judgement.soa.as_ref().map(SoaEntry::of),
                ns: judgement.ns.as_ref().map(names).or_else(|| none_there.then(Vec::new)),
                rtt_ms: milliseconds(zone_soa.and_then(|o| o.rtt)),
                reason: None,
            });
        }
    }
    entries
}

/// The observation of one purpose that a judgement rests on.
fn decisive<'a>(witnesses: &'a Witnesses, purpose: Purpose, evidence: &[u64]) -> Option<&'a Observation> {
    witnesses.of(purpose).rev().find(|h| evidence.contains(&h.number)).map(|h| &*h.observation)
}

pub(super) fn rcode_text(rcode: Option<Rcode>) -> Option<String> {
    rcode.map(|r| r.to_string())
}
