//! Zones as their servers hold them, and how a server answers from one (RFC 1034 §4.3.2, RFC 4592, RFC 2308).
//!
//! Signatures are a number here: a zone signed with a key has its key tag on every answer, and a resolver model
//! believes the answer when a DS at the parent names that key.

use std::net::IpAddr;

use super::random::Map;
use crate::dns::{Ds, Name, Rcode, Rdata, Record, RecordType, Serial, Soa, Ttl, key_tag};

/// The digest type of SHA-256 (RFC 4509).
const SHA256: u8 = 2;

/// All records of one type at one name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordSet {
    /// The type of all of them.
    pub rtype: RecordType,
    /// How long they may be cached, in seconds.
    pub ttl: u32,
    /// Their data.
    pub rdata: Vec<Rdata>,
}

/// What a parent zone says about a child zone.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Delegation {
    /// The name servers.
    pub ns: Vec<Name>,
    /// TTL of the NS RRset and the glue, in seconds.
    pub ttl: u32,
    /// Addresses of name servers, given with the referral.
    pub glue: Vec<(Name, IpAddr)>,
    /// Delegation signers; empty for an unsigned delegation.
    pub ds: Vec<Ds>,
}

/// How a signed zone proves that a name does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denial {
    /// RFC 4034 §4.
    Nsec,
    /// RFC 5155, every delegation in the chain.
    Nsec3,
    /// RFC 5155 §6 with opt-out, as `.com` has it: proves nothing about unsigned delegations.
    Nsec3OptOut,
}

/// The signing of a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signing {
    /// Chooses the zone's key.
    pub key: u8,
    /// How it denies.
    pub denial: Denial,
}

/// One zone as one server holds it.
#[derive(Debug, Clone, PartialEq)]
pub struct Zone {
    /// Its top name.
    pub apex: Name,
    /// Its start of authority.
    pub soa: Soa,
    /// TTL of the SOA record, in seconds.
    pub soa_ttl: u32,
    /// Its own NS RRset.
    pub ns: Vec<Name>,
    /// TTL of that, in seconds.
    pub ns_ttl: u32,
    /// Everything else, by owner.
    pub records: Map<Name, Vec<RecordSet>>,
    /// What every name below the apex that does not exist has instead (RFC 4592); empty for none.
    pub wildcard: Vec<RecordSet>,
    /// Zones cut off below.
    pub delegations: Map<Name, Delegation>,
    /// Signed, and how.
    pub signing: Option<Signing>,
    /// Whether positive answers carry the NS RRset in the authority section. It is this that renews a parked
    /// delegation on some resolvers.
    pub ns_in_answers: bool,
}

/// What an authoritative server says, and what a validator could see in it.
#[derive(Debug, Clone, PartialEq)]
pub struct AuthoritativeAnswer {
    /// The response code.
    pub rcode: Rcode,
    /// Authoritative answer; clear in referrals.
    pub aa: bool,
    /// Answer section.
    pub answer: Vec<Record>,
    /// Authority section.
    pub authority: Vec<Record>,
    /// Additional section.
    pub additional: Vec<Record>,
    /// The zone it comes from.
    pub zone: Name,
    /// The tag of the key that signed it.
    pub signed_by: Option<u16>,
    /// For a signed denial: how it is proven, and the two names between which nothing exists.
    pub gap: Option<(Denial, Name, Name)>,
}

/// The DNSKEY RDATA of key number `key` (RFC 4034 §2): a zone key with entry point, ECDSA P-256 in form only.
#[must_use]
pub fn dnskey(key: u8) -> Vec<u8> {
    let mut rdata = vec![1, 1, 3, 13];
    rdata.extend((0..64_u8).map(|at| at.wrapping_mul(31).wrapping_add(key.wrapping_mul(73))));
    rdata
}

impl Signing {
    /// The DS that the parent of `apex` would publish for the key.
    #[must_use]
    pub fn ds(&self, apex: &Name) -> Ds {
        Ds::of(apex, &dnskey(self.key), SHA256).expect("SHA-256 is known, and the key is whole")
    }
}

impl Zone {
    /// A zone with a start of authority and name servers, and nothing else. `negative` is the negative-caching TTL
    /// in seconds and also the SOA's own TTL.
    #[must_use]
    pub fn new(apex: Name, ns: Vec<Name>, ns_ttl: u32, negative: u32) -> Self {
        let mname = ns.first().cloned().unwrap_or_else(|| apex.clone());
        let rname = apex.child(b"hostmaster").unwrap_or_else(|_| apex.clone());
        let soa = Soa { mname, rname, serial: Serial(1), refresh: 3600, retry: 600, expire: 86_400, minimum: negative };
        Self {
            apex,
            soa,
            soa_ttl: negative,
            ns,
            ns_ttl,
            records: Map::default(),
            wildcard: Vec::new(),
            delegations: Map::default(),
            signing: None,
            ns_in_answers: true,
        }
    }

    /// Adds one record, into the RRset of its type when that is there already (whose TTL then stands).
    pub fn add(&mut self, owner: Name, ttl: u32, rdata: Rdata) {
        add_to(self.records.entry(owner).or_default(), ttl, rdata);
    }

    /// Adds one record to the wildcard.
    pub fn add_wildcard(&mut self, ttl: u32, rdata: Rdata) {
        add_to(&mut self.wildcard, ttl, rdata);
    }

    /// Answers a question about a name at or below the apex.
    #[must_use]
    pub fn answer(&self, name: &Name, rtype: RecordType) -> AuthoritativeAnswer {
        if let Some((cut, delegation)) = self.cut_above(name) {
            if rtype != RecordType::DS || *cut != *name {
                return self.refer(cut, delegation);
            }
            let ds: Vec<_> = delegation.ds.iter().map(|ds| Rdata::Ds(ds.clone())).collect();
            return if ds.is_empty() {
                self.deny(Rcode::NOERROR, name)
            } else {
                self.positive(records(name, delegation.ttl, &ds), false)
            };
        }
        let mut answer = Vec::new();
        let mut at = name.clone();
        // An alias chain inside the zone is followed a few steps, as servers do.
        for _ in 0..8 {
            if at == self.apex
                && let Some(set) = self.apex_set(rtype)
            {
                answer.extend(records(&at, set.ttl, &set.rdata));
                return self.positive(answer, true);
            }
            let Some(sets) = self.sets_at(&at) else {
                return if answer.is_empty() {
                    self.deny(if self.has_below(&at) { Rcode::NOERROR } else { Rcode::NXDOMAIN }, &at)
                } else {
                    self.positive(answer, true)
                };
            };
            if let Some(set) = sets.iter().find(|s| s.rtype == rtype) {
                answer.extend(records(&at, set.ttl, &set.rdata));
                return self.positive(answer, true);
            }
            let alias = sets.iter().find(|s| s.rtype == RecordType::CNAME);
            let Some((set, Some(Rdata::Cname(target)))) = alias.map(|s| (s, s.rdata.first())) else {
                return if answer.is_empty() { self.deny(Rcode::NOERROR, &at) } else { self.positive(answer, true) };
            };
            answer.extend(records(&at, set.ttl, &set.rdata));
            if !target.is_at_or_below(&self.apex) || self.cut_above(target).is_some() {
                return self.positive(answer, true);
            }
            at = target.clone();
        }
        self.positive(answer, true)
    }

    /// The SOA record as it stands in negative answers: its TTL is the negative one (RFC 2308 §3).
    #[must_use]
    pub fn negative_soa(&self) -> Record {
        let ttl = Ttl::from_wire(self.soa_ttl.min(self.soa.minimum));
        Record { owner: self.apex.clone(), ttl, rdata: Rdata::Soa(self.soa.clone()) }
    }

    /// The highest zone cut at or above a name and below the apex.
    fn cut_above(&self, name: &Name) -> Option<(&Name, &Delegation)> {
        let mut found = None;
        let mut at = Some(name.clone());
        while let Some(here) = at {
            if here == self.apex {
                break;
            }
            found = self.delegations.get_key_value(&here).or(found);
            at = here.one_up();
        }
        found
    }

    /// The RRsets that the apex has by being one.
    fn apex_set(&self, rtype: RecordType) -> Option<RecordSet> {
        let (ttl, rdata) = match rtype {
            RecordType::SOA => (self.soa_ttl, vec![Rdata::Soa(self.soa.clone())]),
            RecordType::NS => (self.ns_ttl, self.ns.iter().cloned().map(Rdata::Ns).collect()),
            RecordType::DNSKEY => (self.ns_ttl, vec![Rdata::Other(RecordType::DNSKEY, dnskey(self.signing?.key))]),
            _ => return None,
        };
        Some(RecordSet { rtype, ttl, rdata })
    }

    /// The RRsets at a name, the wildcard's included; none when the name does not exist.
    fn sets_at(&self, name: &Name) -> Option<&[RecordSet]> {
        match self.records.get(name) {
            Some(sets) => Some(sets),
            None if *name == self.apex => Some(&[]),
            None if self.wildcard_above(name).is_some() => self.wildcard_above(name),
            None => (!self.wildcard.is_empty() && !self.has_below(name)).then_some(self.wildcard.as_slice()),
        }
    }

    /// The RRsets of a wildcard below the apex that covers a name that does not exist (RFC 4592 §2.2.1).
    fn wildcard_above(&self, name: &Name) -> Option<&[RecordSet]> {
        let mut at = name.one_up();
        while let Some(here) = at.filter(|here| here.is_below(&self.apex)) {
            let wildcard = here.child(b"*").ok().and_then(|owner| self.records.get(&owner));
            if wildcard.is_some() || self.records.contains_key(&here) {
                return wildcard.map(Vec::as_slice);
            }
            at = here.one_up();
        }
        None
    }

    /// Whether a name exists only because others exist below it (an empty non-terminal).
    fn has_below(&self, name: &Name) -> bool {
        let mut names = self.records.keys().chain(self.delegations.keys());
        names.any(|other| other.is_below(name))
    }

    /// A positive answer; with `ns`, the zone's NS RRset goes along where the zone's style is such.
    fn positive(&self, answer: Vec<Record>, ns: bool) -> AuthoritativeAnswer {
        let asked_ns = answer.iter().any(|r| matches!(r.rdata, Rdata::Ns(_)) && r.owner == self.apex);
        let authority = if ns && self.ns_in_answers && !asked_ns {
            let ns: Vec<_> = self.ns.iter().cloned().map(Rdata::Ns).collect();
            records(&self.apex, self.ns_ttl, &ns)
        } else {
            Vec::new()
        };
        AuthoritativeAnswer { answer, authority, ..self.blank(true) }
    }

    /// A referral to a zone below.
    fn refer(&self, cut: &Name, delegation: &Delegation) -> AuthoritativeAnswer {
        let ns: Vec<_> = delegation.ns.iter().cloned().map(Rdata::Ns).collect();
        let ds: Vec<_> = delegation.ds.iter().cloned().map(Rdata::Ds).collect();
        let mut authority = records(cut, delegation.ttl, &ns);
        authority.extend(records(cut, delegation.ttl, &ds));
        let ttl = Ttl::from_wire(delegation.ttl);
        let glue = delegation.glue.iter().map(|(host, address)| Record {
            owner: host.clone(),
            ttl,
            rdata: match address {
                IpAddr::V4(v4) => Rdata::A(*v4),
                IpAddr::V6(v6) => Rdata::Aaaa(*v6),
            },
        });
        AuthoritativeAnswer { authority, additional: glue.collect(), ..self.blank(false) }
    }

    /// NXDOMAIN, or NODATA when `rcode` is NOERROR.
    fn deny(&self, rcode: Rcode, name: &Name) -> AuthoritativeAnswer {
        let gap = self.signing.filter(|_| rcode == Rcode::NXDOMAIN).and_then(|signing| {
            let (before, after) = self.neighbours(name)?;
            Some((signing.denial, before, after))
        });
        AuthoritativeAnswer { rcode, authority: vec![self.negative_soa()], gap, ..self.blank(true) }
    }

    /// The names between which a name that does not exist would stand; the second is the apex at the zone's end.
    fn neighbours(&self, name: &Name) -> Option<(Name, Name)> {
        // Opt-out proves nothing worth remembering, and the zones that use it are the large ones.
        if self.signing?.denial == Denial::Nsec3OptOut {
            return None;
        }
        let owners = || self.records.keys().chain(self.delegations.keys());
        let before = owners().filter(|n| *n < name).max().unwrap_or(&self.apex).clone();
        let after = owners().filter(|n| *n > name).min().unwrap_or(&self.apex).clone();
        Some((before, after))
    }

    fn blank(&self, aa: bool) -> AuthoritativeAnswer {
        AuthoritativeAnswer {
            rcode: Rcode::NOERROR,
            aa,
            answer: Vec::new(),
            authority: Vec::new(),
            additional: Vec::new(),
            zone: self.apex.clone(),
            signed_by: self.signing.map(|s| key_tag(&dnskey(s.key))),
            gap: None,
        }
    }
}

fn add_to(sets: &mut Vec<RecordSet>, ttl: u32, rdata: Rdata) {
    let rtype = rdata.rtype();
    match sets.iter_mut().find(|s| s.rtype == rtype) {
        Some(set) => set.rdata.push(rdata),
        None => sets.push(RecordSet { rtype, ttl, rdata: vec![rdata] }),
    }
}

/// Records of one owner.
pub(super) fn records(owner: &Name, ttl: u32, rdata: &[Rdata]) -> Vec<Record> {
    let ttl = Ttl::from_wire(ttl);
    rdata.iter().map(|data| Record { owner: owner.clone(), ttl, rdata: data.clone() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    fn name(text: &str) -> Name {
        text.parse().unwrap()
    }

    fn zone() -> Zone {
        let mut zone = Zone::new(name("example."), vec![name("ns1.example.")], 600, 60);
        zone.add(name("ns1.example."), 60, Rdata::A(Ipv4Addr::new(192, 0, 2, 1)));
        zone.add(name("a.b.example."), 60, Rdata::A(Ipv4Addr::new(192, 0, 2, 2)));
        zone.add(name("www.example."), 60, Rdata::Cname(name("ns1.example.")));
        zone.add(name("loop.example."), 60, Rdata::Cname(name("loop.example.")));
        let ds = vec![Signing { key: 3, denial: Denial::Nsec }.ds(&name("sub.example."))];
        let glue = vec![(name("ns.sub.example."), IpAddr::V4(Ipv4Addr::new(192, 0, 2, 3)))];
        zone.delegations
            .insert(name("sub.example."), Delegation { ns: vec![name("ns.sub.example.")], ttl: 90, glue, ds });
        zone
    }

    #[test]
    fn answers_referrals_and_denials_are_kept_apart() {
        let zone = zone();
        let apex = zone.answer(&name("example."), RecordType::NS);
        assert!(apex.aa && apex.answer.len() == 1 && apex.authority.is_empty());
        let alias = zone.answer(&name("www.example."), RecordType::A);
        assert_eq!((alias.answer.len(), alias.authority.len()), (2, 1), "the alias is followed, the NS set goes along");
        let below = zone.answer(&name("x.y.sub.example."), RecordType::A);
        assert!(!below.aa && below.answer.is_empty() && below.additional.len() == 1);
        assert!(below.authority.iter().any(|r| matches!(r.rdata, Rdata::Ds(_))));
        let ds = zone.answer(&name("sub.example."), RecordType::DS);
        assert!(ds.aa && ds.answer.len() == 1);
        let empty = zone.answer(&name("b.example."), RecordType::A);
        assert_eq!((empty.rcode, empty.authority.len()), (Rcode::NOERROR, 1), "an empty non-terminal exists");
        assert_eq!(zone.answer(&name("no.example."), RecordType::A).rcode, Rcode::NXDOMAIN);
        assert_eq!(zone.answer(&name("loop.example."), RecordType::A).rcode, Rcode::NOERROR);
    }

    #[test]
    fn a_wildcard_answers_for_what_does_not_exist_only() {
        let mut zone = zone();
        zone.add_wildcard(30, Rdata::A(Ipv4Addr::new(192, 0, 2, 66)));
        assert_eq!(zone.answer(&name("no.example."), RecordType::A).answer.len(), 1);
        let txt = zone.answer(&name("no.example."), RecordType::TXT);
        assert_eq!((txt.rcode, txt.authority.len()), (Rcode::NOERROR, 1));
        assert!(zone.answer(&name("b.example."), RecordType::A).answer.is_empty());
        assert!(zone.answer(&name("ns1.example."), RecordType::TXT).answer.is_empty());
    }

    #[test]
    fn a_signed_zone_names_its_key_and_its_gaps() {
        let mut zone = zone();
        zone.signing = Some(Signing { key: 3, denial: Denial::Nsec });
        let answer = zone.answer(&name("no.example."), RecordType::A);
        assert_eq!(answer.signed_by, Some(zone.signing.unwrap().ds(&zone.apex).key_tag));
        let (_, before, after) = answer.gap.unwrap();
        assert!(before < name("no.example.") && name("no.example.") < after);
        assert_eq!(zone.answer(&name("example."), RecordType::DNSKEY).answer.len(), 1);
        // The key tag's own rule, on a key worked out by hand: 257, 3, 13 and no key octets.
        assert_eq!(key_tag(&[1, 1, 3, 13]), 0x0101 + 0x030d);
    }
}
