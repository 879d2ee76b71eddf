//! What one answer says for an audit. Each function reads one observation and judges nothing beyond it.

use std::net::IpAddr;

use super::facts::{HostSaid, ParentWord, ServerWord};
use crate::dns::{Ds, Name, NsSet, RRset, Rcode, Rdata, RecordType, shown};
use crate::observation::{AnswerKind, Observation, Outcome, Response};

/// Most items kept of one answer.
const MOST: usize = 32;

/// A parent server's answer to `<zone> NS`: a referral, or the NS RRset where one server serves parent and child.
#[must_use]
pub fn read_delegation(heard: &Observation, zone: &Name) -> ParentWord {
    let response = match &heard.outcome {
        Outcome::Answered(response) => response,
        Outcome::NoResponse | Outcome::Unreachable => return ParentWord::Silent,
        Outcome::Malformed { reason, .. } => return ParentWord::Fails(shown::text(reason)),
        Outcome::NotSent { reason } => return ParentWord::NotSent(shown::text(reason)),
    };
    let set = response.answer_set(zone, RecordType::NS);
    let set = set.or_else(|| RRset::gather(&response.authority, zone, RecordType::NS));
    if let Some(set) = set.filter(|_| response.rcode == Rcode::NOERROR) {
        return ParentWord::Delegates(NsSet::from_rrset(&set).iter().take(MOST).cloned().collect());
    }
    match response.kind(zone, RecordType::NS) {
        // Only with authority: a denial without it is not the parent's word.
        AnswerKind::NxDomain | AnswerKind::NoData if response.aa => ParentWord::Denies,
        _ => ParentWord::Fails(how(response)),
    }
}

/// A name server's answer to `<zone> NS`.
#[must_use]
pub fn read_apex(heard: &Observation, zone: &Name) -> ServerWord {
    let response = match &heard.outcome {
        Outcome::Answered(response) => response,
        Outcome::NoResponse | Outcome::Unreachable => return ServerWord::Silent,
        Outcome::Malformed { reason, .. } => return ServerWord::NoAuthority(shown::text(reason)),
        Outcome::NotSent { reason } => return ServerWord::NotSent(shown::text(reason)),
    };
    if response.rcode != Rcode::NOERROR || !response.aa {
        return ServerWord::NoAuthority(how(response));
    }
    match response.answer_set(zone, RecordType::NS) {
        Some(set) => ServerWord::Authority(NsSet::from_rrset(&set).iter().take(MOST).cloned().collect()),
        // The zone is served, though its apex has no NS records: RFC 2308 asks for the zone's own SOA.
        None if response.soa().is_some_and(|(owner, ..)| owner == zone) => ServerWord::Authority(NsSet::default()),
        None => ServerWord::NoAuthority("an answer without the zone's NS records".to_owned()),
    }
}

/// The DS records in an answer; empty when the server says that there are none.
#[must_use]
pub fn read_signers(heard: &Observation, zone: &Name) -> Option<Vec<Ds>> {
    let response = heard.response()?;
    match response.kind(zone, RecordType::DS) {
        AnswerKind::Answer => {
            let own = response.answer.iter().filter(|r| r.owner == *zone);
            let signers = own.filter_map(|r| if let Rdata::Ds(ds) = &r.rdata { Some(ds.clone()) } else { None });
            Some(signers.take(MOST).collect())
        }
        AnswerKind::NoData | AnswerKind::NxDomain => Some(Vec::new()),
        _ => None,
    }
}

/// The data of the zone's keys in a whole authoritative answer.
#[must_use]
pub fn read_keys(heard: &Observation, zone: &Name) -> Option<Vec<Vec<u8>>> {
    // A truncated answer is not the whole set: no key in it is not "no key".
    let response = heard.response().filter(|r| r.aa && !r.tc && r.rcode == Rcode::NOERROR)?;
    let own = response.answer.iter().filter(|r| r.owner == *zone);
    let keys = own.filter_map(|r| match &r.rdata {
        Rdata::Other(RecordType::DNSKEY, octets) => Some(octets.clone()),
        _ => None,
    });
    Some(keys.take(MOST).collect())
}

/// The hosts that take the zone's mail, from an authoritative answer; empty when there are none.
#[must_use]
pub fn read_mail(heard: &Observation, zone: &Name) -> Option<Vec<Name>> {
    let response = heard.response().filter(|r| r.aa && r.rcode == Rcode::NOERROR)?;
    let own = response.answer.iter().filter(|r| r.owner == *zone);
    // "." says that no mail is taken (RFC 7505).
    let hosts = own.filter_map(|r| if let Rdata::Mx(_, host) = &r.rdata { Some(host.clone()) } else { None });
    Some(hosts.filter(|host| !host.is_root()).take(MOST).collect())
}

/// Adds to `known` what an authoritative answer to `<host> A` or `AAAA` says of the host.
pub fn read_host(heard: &Observation, rtype: RecordType, known: &mut HostSaid) {
    let name = known.name.clone();
    let Some(response) = heard.response().filter(|r| r.aa && r.rcode == Rcode::NOERROR) else { return };
    known.answered = true;
    for target in response.aliases(&name).into_iter().take(MOST) {
        if !known.aliases.contains(&target) {
            known.aliases.push(target);
        }
    }
    let data = response.resolved(&name, rtype).map(|set| set.rdata).unwrap_or_default();
    for address in data.iter().filter_map(ip_of).take(MOST) {
        if !known.addresses.contains(&address) {
            known.addresses.push(address);
        }
    }
}

fn ip_of(rdata: &Rdata) -> Option<IpAddr> {
    match rdata {
        Rdata::A(address) => Some(IpAddr::V4(*address)),
        Rdata::Aaaa(address) => Some(IpAddr::V6(*address)),
        _ => None,
    }
}

/// How a response failed to say anything.
fn how(response: &Response) -> String {
    match response.rcode {
        Rcode::NOERROR if !response.aa => "an answer without authority".to_owned(),
        Rcode::NOERROR => "an answer that says nothing".to_owned(),
        rcode => rcode.to_string(),
    }
}
