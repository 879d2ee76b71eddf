//! A response as it was heard, and the protocol's own way to class it (RFC 2308 §2, RFC 9499).

use crate::dns::{Name, NsSet, RRset, Rcode, Rdata, Record, RecordType, Soa, Ttl, shown};
use crate::observation::Transport;

/// A message that could be read.
#[derive(Debug, Clone, PartialEq)]
pub struct Response {
    /// The response code with the OPT record's upper bits.
    pub rcode: Rcode,
    /// Authoritative answer.
    pub aa: bool,
    /// Truncated; only set when TCP failed too, otherwise the TCP answer stands here.
    pub tc: bool,
    /// Recursion available.
    pub ra: bool,
    /// Authentic data (RFC 4035 §3.2.3).
    pub ad: bool,
    /// The answer section.
    pub answer: Vec<Record>,
    /// The authority section.
    pub authority: Vec<Record>,
    /// The additional section without OPT.
    pub additional: Vec<Record>,
    /// EDNS, when the server speaks it.
    pub edns: Option<Edns>,
    /// By which transport it came.
    pub transport: Transport,
    /// Its size in octets.
    pub size: usize,
}

/// What the OPT record said (RFC 6891).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Edns {
    /// The server's identifier, as octets (RFC 5001).
    pub nsid: Option<Vec<u8>>,
    /// Extended errors, in the order given (RFC 8914).
    pub errors: Vec<ExtendedError>,
}

/// An extended DNS error (RFC 8914): says why, never that a name is parked.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ExtendedError {
    /// The INFO-CODE.
    pub code: u16,
    /// The EXTRA-TEXT as heard, not yet made safe to show.
    pub text: String,
}

impl ExtendedError {
    /// The registered name of the code, or `EDE nn`.
    #[must_use]
    pub fn name(&self) -> String {
        let name = match self.code {
            0 => "Other Error",
            1 => "Unsupported DNSKEY Algorithm",
            2 => "Unsupported DS Digest Type",
            3 => "Stale Answer",
            4 => "Forged Answer",
            5 => "DNSSEC Indeterminate",
            6 => "DNSSEC Bogus",
            7 => "Signature Expired",
            8 => "Signature Not Yet Valid",
            9 => "DNSKEY Missing",
            10 => "RRSIGs Missing",
            11 => "No Zone Key Bit Set",
            12 => "NSEC Missing",
            13 => "Cached Error",
            14 => "Not Ready",
            15 => "Blocked",
            16 => "Censored",
            17 => "Filtered",
            18 => "Prohibited",
            19 => "Stale NXDOMAIN Answer",
            20 => "Not Authoritative",
            21 => "Not Supported",
            22 => "No Reachable Authority",
            23 => "Network Error",
            24 => "Invalid Data",
            other => return format!("EDE {other}"),
        };
        name.to_owned()
    }

    /// Whether the code speaks of DNSSEC validation (1, 2, 5–12).
    #[must_use]
    pub const fn is_dnssec(&self) -> bool {
        matches!(self.code, 1 | 2 | 5..=12)
    }

    /// Whether the resolver says it changed or withheld the answer by policy (4, 15–18).
    #[must_use]
    pub const fn is_policy(&self) -> bool {
        matches!(self.code, 4 | 15..=18)
    }

    /// Whether validation is what failed (6 to 12: bogus, expired, missing keys, signatures or denials).
    #[must_use]
    pub const fn is_validation(&self) -> bool {
        matches!(self.code, 6..=12)
    }

    /// Whether the answer is a stale one (3, 19; RFC 8767).
    #[must_use]
    pub const fn is_stale(&self) -> bool {
        matches!(self.code, 3 | 19)
    }

    /// Code, name and text, safe to show.
    #[must_use]
    pub fn shown(&self) -> String {
        let name = self.name();
        if self.text.is_empty() {
            format!("EDE {} ({name})", self.code)
        } else {
            format!("EDE {} ({name}: {})", self.code, shown::text(&self.text))
        }
    }
}

/// What kind of answer a response is, for one question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnswerKind {
    /// Records of the asked type (after following aliases), or any data at the name.
    Answer,
    /// The name exists, the type does not (RFC 2308 §2.2).
    NoData,
    /// The name does not exist (RFC 2308 §2.1).
    NxDomain,
    /// NS records of a zone at or above the name, no answer, not authoritative (RFC 9499 §4).
    Referral,
    /// Another response code.
    Error,
    /// NOERROR and nothing that says anything.
    Empty,
}

impl Response {
    /// A message without records, flags and EDNS, by UDP, of no size: to be filled by whoever composes one.
    #[must_use]
    pub const fn empty(rcode: Rcode) -> Self {
        Self {
            rcode,
            aa: false,
            tc: false,
            ra: false,
            ad: false,
            answer: Vec::new(),
            authority: Vec::new(),
            additional: Vec::new(),
            edns: None,
            transport: Transport::Udp,
            size: 0,
        }
    }

    /// Classes the response as an answer to `name` and `rtype`.
    #[must_use]
    pub fn kind(&self, name: &Name, rtype: RecordType) -> AnswerKind {
        match self.rcode {
            Rcode::NXDOMAIN => AnswerKind::NxDomain,
            Rcode::NOERROR if !self.answer.is_empty() && self.end_of_chain(name, rtype).1 => AnswerKind::Answer,
            Rcode::NOERROR if self.soa().is_some() => AnswerKind::NoData,
            Rcode::NOERROR if !self.aa && self.referral(name).is_some() => AnswerKind::Referral,
            Rcode::NOERROR if !self.answer.is_empty() => AnswerKind::Answer,
            Rcode::NOERROR if self.aa => AnswerKind::NoData,
            Rcode::NOERROR => AnswerKind::Empty,
            _ => AnswerKind::Error,
        }
    }

    /// The RRset of `name` and `rtype` in the answer section, not through aliases.
    #[must_use]
    pub fn answer_set(&self, name: &Name, rtype: RecordType) -> Option<RRset> {
        RRset::gather(&self.answer, name, rtype)
    }

    /// The data of `rtype` at the end of the alias chain that starts at `name`, with the smallest TTL on the way.
    #[must_use]
    pub fn resolved(&self, name: &Name, rtype: RecordType) -> Option<RRset> {
        let (end, _) = self.end_of_chain(name, rtype);
        let mut set = RRset::gather(&self.answer, end, rtype)?;
        let aliases = self.answer.iter().filter(|r| matches!(r.rdata, Rdata::Cname(_)));
        set.ttl = aliases.map(|r| r.ttl).chain([set.ttl]).min().unwrap_or(set.ttl);
        Some(set)
    }

    /// The alias targets on the way from `name`, in order.
    #[must_use]
    pub fn aliases(&self, name: &Name) -> Vec<Name> {
        self.chain(name).cloned().collect()
    }

    fn chain<'a>(&'a self, name: &'a Name) -> impl Iterator<Item = &'a Name> {
        let target = |at: &Name| {
            self.answer.iter().find_map(|r| match &r.rdata {
                Rdata::Cname(next) if r.owner == *at => Some(next),
                _ => None,
            })
        };
        // An alias loop ends when as many steps were made as there are records.
        std::iter::successors(target(name), move |at| target(at)).take(self.answer.len())
    }

    /// The last name of the alias chain, and whether data of the type (or any alias) stands in the answer.
    fn end_of_chain<'a>(&'a self, name: &'a Name, rtype: RecordType) -> (&'a Name, bool) {
        let (end, length) = self.chain(name).fold((name, 0), |(_, length), next| (next, length + 1));
        let has_data = || self.answer.iter().any(|r| r.owner == *end && r.rdata.rtype() == rtype);
        (end, length > 0 || has_data())
    }

    /// The SOA of the authority section with its owner and TTL: whose negative answer this is (RFC 2308 §3).
    #[must_use]
    pub fn soa(&self) -> Option<(&Name, Ttl, &Soa)> {
        self.authority.iter().chain(&self.answer).find_map(|r| match &r.rdata {
            Rdata::Soa(soa) => Some((&r.owner, r.ttl, soa)),
            _ => None,
        })
    }

    /// The NS RRset of the authority section whose owner is `name` or above it, nearest first: a referral when the
    /// answer section is empty. NS records of other owners are ignored (seen in the wild from parking servers).
    #[must_use]
    pub fn referral(&self, name: &Name) -> Option<(Name, NsSet, Ttl)> {
        let owners = self.authority.iter().filter(|r| matches!(r.rdata, Rdata::Ns(_)) && name.is_at_or_below(&r.owner));
        let owner = owners.map(|r| &r.owner).max_by_key(|o| o.label_count())?.clone();
        let set = RRset::gather(&self.authority, &owner, RecordType::NS)?;
        Some((owner, NsSet::from_rrset(&set), set.ttl))
    }

    /// Extended errors, empty without EDNS.
    #[must_use]
    pub fn extended_errors(&self) -> &[ExtendedError] {
        self.edns.as_ref().map_or(&[], |e| &e.errors)
    }

    /// The server's identifier, safe to show.
    #[must_use]
    pub fn nsid(&self) -> Option<String> {
        let octets = self.edns.as_ref()?.nsid.as_deref().filter(|o| !o.is_empty())?;
        Some(shown::octets(octets))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::Serial;
    use std::net::Ipv4Addr;

    fn name(text: &str) -> Name {
        text.parse().unwrap()
    }

    fn record(owner: &str, ttl: u32, rdata: Rdata) -> Record {
        Record { owner: name(owner), ttl: Ttl::from_wire(ttl), rdata }
    }

    fn empty() -> Response {
        Response::empty(Rcode::NOERROR)
    }

    fn soa(owner: &str) -> Record {
        let soa = Soa {
            mname: name("ns1.x."),
            rname: name("h.x."),
            serial: Serial(1),
            refresh: 1,
            retry: 1,
            expire: 1,
            minimum: 60,
        };
        record(owner, 60, Rdata::Soa(soa))
    }

    #[test]
    fn negative_answers_referrals_and_nothing_are_kept_apart() {
        let q = name("x.example.com.");
        let kind = |r: &Response| r.kind(&q, RecordType::A);
        assert_eq!(kind(&empty()), AnswerKind::Empty);
        assert_eq!(kind(&Response { authority: vec![soa("example.com.")], ..empty() }), AnswerKind::NoData);
        assert_eq!(kind(&Response { rcode: Rcode::NXDOMAIN, ..empty() }), AnswerKind::NxDomain);
        assert_eq!(kind(&Response { rcode: Rcode::REFUSED, ..empty() }), AnswerKind::Error);
        let ns = record("example.com.", 172_800, Rdata::Ns(name("ns1.x.")));
        assert_eq!(kind(&Response { authority: vec![ns], ..empty() }), AnswerKind::Referral);
        let elsewhere = record("other.com.", 172_800, Rdata::Ns(name("ns1.x.")));
        assert_eq!(kind(&Response { authority: vec![elsewhere], ..empty() }), AnswerKind::Empty);
    }

    #[test]
    fn an_alias_chain_is_followed_with_its_smallest_ttl_and_loops_end() {
        let response = Response {
            answer: vec![
                record("www.example.com.", 30, Rdata::Cname(name("cdn.example.net."))),
                record("cdn.example.net.", 300, Rdata::A(Ipv4Addr::LOCALHOST)),
            ],
            ..empty()
        };
        let set = response.resolved(&name("www.example.com."), RecordType::A).unwrap();
        assert_eq!((set.ttl.as_secs(), set.owner), (30, name("cdn.example.net.")));
        let looped = Response {
            answer: vec![record("a.", 1, Rdata::Cname(name("b."))), record("b.", 1, Rdata::Cname(name("a.")))],
            ..empty()
        };
        assert_eq!(looped.resolved(&name("a."), RecordType::A), None);
        assert!(looped.aliases(&name("a.")).len() <= 2);
    }
}
