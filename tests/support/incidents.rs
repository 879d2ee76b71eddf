//! Incidents built from observations, without clock or network: the zone `shop.example.` below `example.`, two parent servers, two good
//! name servers, one parked one, and resolvers that answer as told. Asks nobody.

#![allow(clippy::unwrap_used, dead_code, reason = "a test may stop at the first surprise, and uses what it needs")]

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use unpark::catalog::ParkingCatalog;
use unpark::dns::{Ds, Name, NsSet, Rcode, Rdata, Record, RecordType, Serial, Soa, Ttl};
use unpark::incident::{Event, FoundServer, Incident, Opening, ResolverTarget};
use unpark::judge::{Expectation, ExpectationSource};
use unpark::observation::{Edns, ExtendedError, Observation, Outcome, Purpose, Query, Response, Role, TargetId};
use unpark::time::Timestamp;
use unpark::view::model::Board;

pub const ZONE: &str = "shop.example.";
pub const GOOD: [&str; 2] = ["ns1.good.example.", "ns2.good.example."];
pub const PARKED: [&str; 1] = ["ns1.parked.example."];
pub const PARENTS: [(&str, &str); 2] = [("a.nic.example.", "192.0.2.1:53"), ("b.nic.example.", "[2001:db8::2]:53")];
const GOOD_AT: [&str; 2] = ["198.51.100.1:53", "198.51.100.2:53"];
const PARKED_AT: &str = "203.0.113.1:53";
const GOOD_ADDRESS: &str = "198.51.100.80";
const PARKED_ADDRESS: &str = "203.0.113.80";

pub fn name(text: &str) -> Name {
    text.parse().unwrap()
}

pub fn ns_set(names: &[&str]) -> NsSet {
    names.iter().map(|n| name(n)).collect()
}

fn at(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

/// Which side's servers answer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Good,
    Parked,
}

fn soa(side: Side) -> Rdata {
    let (mname, rname, serial) = match side {
        Side::Good => (GOOD[0], "hostmaster.good.example.", 2026),
        Side::Parked => (PARKED[0], "hostmaster.parked.example.", 7),
    };
    Rdata::Soa(Soa {
        mname: name(mname),
        rname: name(rname),
        serial: Serial(serial),
        refresh: 7200,
        retry: 900,
        expire: 1_209_600,
        minimum: 300,
    })
}

fn record(owner: &str, ttl: u32, rdata: Rdata) -> Record {
    Record { owner: name(owner), ttl: Ttl::from_wire(ttl), rdata }
}

/// A response without data.
pub fn response(rcode: Rcode) -> Response {
    Response { ra: true, size: 120, ..Response::empty(rcode) }
}

/// A denial with the SOA of one side.
pub fn denial(side: Side, ttl: u32) -> Response {
    Response { authority: vec![record(ZONE, ttl, soa(side))], ..response(Rcode::NXDOMAIN) }
}

fn referral(zone: &str, ns: &[&str], ttl: u32, glue: &[(&str, &str)]) -> Response {
    Response {
        ra: false,
        authority: ns.iter().map(|n| record(zone, ttl, Rdata::Ns(name(n)))).collect(),
        additional: glue.iter().map(|(n, a)| record(n, ttl, Rdata::A(a.parse().unwrap()))).collect(),
        ..response(Rcode::NOERROR)
    }
}

/// An incident in the making. Every step takes one tenth of a second.
pub struct Stage {
    pub incident: Incident,
    pub now: Timestamp,
}

impl Stage {
    /// Opens an incident with resolvers named by operator and address.
    pub fn open(expect: Option<&[&str]>, resolvers: &[(&str, &str)]) -> Self {
        let targets = resolvers.iter().enumerate().map(|(at_, (operator, address))| ResolverTarget {
            id: format!("{}-{}", operator.to_lowercase().replace(' ', "-"), at_ + 1),
            operator: (*operator).to_owned(),
            city: if at_ == 0 { "anycast".to_owned() } else { "Berlin".to_owned() },
            country: Some("DE".to_owned()),
            address: at(address),
            system: false,
            flush: operator.parse().ok(),
        });
        Self::open_with(expect, targets.collect())
    }

    pub fn open_with(expect: Option<&[&str]>, resolvers: Vec<ResolverTarget>) -> Self {
        let now = Timestamp::from_secs(1_795_352_321);
        let opening = Opening {
            expectation: expect.map(|ns| Expectation { ns: ns_set(ns), source: ExpectationSource::Flag }),
            confidence: 3,
            resolvers,
            ..Opening::of(name(ZONE))
        };
        let incident = Incident::open(opening, Arc::new(ParkingCatalog::embedded()), now);
        Self { incident, now }
    }

    pub fn event(&mut self, event: &Event) {
        self.now = self.now + Duration::from_millis(100);
        self.incident.apply(self.now, event);
        self.incident.settle(self.now);
    }

    pub fn board(&self) -> Board {
        Board::of(&self.incident, self.now)
    }

    pub fn wait(&mut self, seconds: u64) {
        self.now = self.now + Duration::from_secs(seconds);
        self.incident.settle(self.now);
    }

    /// One query and its end.
    pub fn observe(&mut self, role: Role, address: &str, purpose: Purpose, rtype: RecordType, outcome: Outcome) {
        let mut query = Query::new(TargetId::new(role, at(address)), name(ZONE), rtype, purpose);
        query.rd = role == Role::Resolver && purpose != Purpose::NonceNoRecursion;
        let asked = if purpose.is_nonce() { name(&format!("n0nce.{ZONE}")) } else { name(ZONE) };
        let rtt = matches!(outcome, Outcome::Answered(_)).then(|| Duration::from_micros(12_345));
        let at = self.now + Duration::from_millis(100);
        self.event(&Event::Observed(Arc::new(Observation {
            query,
            asked,
            outcome,
            sent: self.now,
            at,
            rtt,
            packets: 1,
        })));
    }

    /// The walk: root, then `example.`, and the parent's servers.
    pub fn walk(&mut self) {
        let nic: Vec<&str> = PARENTS.iter().map(|(name, _)| *name).collect();
        let root = referral("example.", &nic, 172_800, &[("a.nic.example.", "192.0.2.1")]);
        self.observe(Role::Walk, "198.41.0.4:53", Purpose::Walk, RecordType::NS, Outcome::NoResponse);
        self.observe(Role::Walk, "199.9.14.201:53", Purpose::Walk, RecordType::NS, Outcome::Answered(root));
        let servers = PARENTS.iter().map(|(n, address)| FoundServer { name: name(n), address: at(address) }).collect();
        self.event(&Event::CutFound { parent: name("example."), servers, unresolved: Vec::new() });
    }

    /// A parent server delegates to `ns`.
    pub fn parent_delegates(&mut self, server: usize, ns: &[&str]) {
        let referral = referral(ZONE, ns, 3600, &[(GOOD[0], "198.51.100.1")]);
        let address = PARENTS[server].1;
        self.observe(Role::Parent, address, Purpose::Delegation, RecordType::NS, Outcome::Answered(referral));
        let no_ds = Response {
            aa: true,
            authority: vec![record("example.", 900, soa(Side::Good))],
            ..response(Rcode::NOERROR)
        };
        self.observe(Role::Parent, address, Purpose::DelegationSigner, RecordType::DS, Outcome::Answered(no_ds));
    }

    /// A parent server holds a DS.
    pub fn parent_signs(&mut self, server: usize) {
        let ds = Ds { key_tag: 20326, algorithm: 8, digest_type: 2, digest: vec![0xe0, 0x6d] };
        let answer = Response { aa: true, answer: vec![record(ZONE, 3600, Rdata::Ds(ds))], ..response(Rcode::NOERROR) };
        let address = PARENTS[server].1;
        self.observe(Role::Parent, address, Purpose::DelegationSigner, RecordType::DS, Outcome::Answered(answer));
    }

    /// A parent server says that there is no such name.
    pub fn parent_denies(&mut self, server: usize) {
        let denial = Response {
            aa: true,
            authority: vec![record("example.", 900, soa(Side::Good))],
            ..response(Rcode::NXDOMAIN)
        };
        self.observe(Role::Parent, PARENTS[server].1, Purpose::Delegation, RecordType::NS, Outcome::Answered(denial));
    }

    pub fn parent_silent(&mut self, server: usize) {
        self.observe(Role::Parent, PARENTS[server].1, Purpose::Delegation, RecordType::NS, Outcome::NoResponse);
    }

    /// The good servers' addresses are found and they answer; so do the parked ones when `parked`.
    pub fn authorities(&mut self, parked: bool) {
        for (host, address) in GOOD.iter().zip(GOOD_AT) {
            self.resolved(host, Ok(vec![at(address)]));
        }
        if parked {
            self.resolved(PARKED[0], Ok(vec![at(PARKED_AT)]));
        }
        for address in GOOD_AT {
            self.authority_answers(address, Side::Good);
        }
        if parked {
            self.authority_answers(PARKED_AT, Side::Parked);
        }
    }

    pub fn resolved(&mut self, host: &str, addresses: Result<Vec<SocketAddr>, String>) {
        self.event(&Event::HostResolved { host: name(host), addresses });
    }

    pub fn authority_answers(&mut self, address: &str, side: Side) {
        let ns: &[&str] = if side == Side::Good { &GOOD } else { &PARKED };
        let host = if side == Side::Good { GOOD_ADDRESS } else { PARKED_ADDRESS };
        let answer = |answer| Outcome::Answered(Response { aa: true, answer, ..response(Rcode::NOERROR) });
        let nodata = Response { aa: true, authority: vec![record(ZONE, 3600, soa(side))], ..response(Rcode::NOERROR) };
        let ns = ns.iter().map(|n| record(ZONE, 3600, Rdata::Ns(name(n)))).collect();
        let a = vec![record(ZONE, 300, Rdata::A(host.parse().unwrap()))];
        for (purpose, rtype, outcome) in [
            (Purpose::Soa, RecordType::SOA, answer(vec![record(ZONE, 3600, soa(side))])),
            (Purpose::ApexNs, RecordType::NS, answer(ns)),
            (Purpose::Service, RecordType::A, answer(a)),
            (Purpose::Service, RecordType::AAAA, Outcome::Answered(nodata)),
        ] {
            self.observe(Role::Authoritative, address, purpose, rtype, outcome);
        }
    }

    pub fn authority_fails(&mut self, address: &str) {
        let refused = Outcome::Answered(response(Rcode::REFUSED));
        self.observe(Role::Authoritative, address, Purpose::Soa, RecordType::SOA, refused);
    }

    /// A resolver answers a nonce.
    pub fn nonce(&mut self, address: &str, answer: Response) {
        self.observe(Role::Resolver, address, Purpose::Nonce, RecordType::TXT, Outcome::Answered(answer));
    }

    pub fn lost(&mut self, address: &str) {
        self.observe(Role::Resolver, address, Purpose::Nonce, RecordType::TXT, Outcome::NoResponse);
    }

    /// A resolver shows without recursing which servers it uses.
    pub fn shows(&mut self, address: &str, ns: &[&str], ttl: u32) {
        let shown = Outcome::Answered(referral(ZONE, ns, ttl, &[]));
        self.observe(Role::Resolver, address, Purpose::NonceNoRecursion, RecordType::TXT, shown);
    }

    /// A resolver hands out the zone's addresses of one side.
    pub fn serves(&mut self, address: &str, side: Side) {
        let host = if side == Side::Good { GOOD_ADDRESS } else { PARKED_ADDRESS };
        let a =
            Response { answer: vec![record(ZONE, 250, Rdata::A(host.parse().unwrap()))], ..response(Rcode::NOERROR) };
        let none = Response { authority: vec![record(ZONE, 250, soa(Side::Good))], ..response(Rcode::NOERROR) };
        self.observe(Role::Resolver, address, Purpose::Service, RecordType::A, Outcome::Answered(a));
        self.observe(Role::Resolver, address, Purpose::Service, RecordType::AAAA, Outcome::Answered(none));
    }

    /// A resolver that is right in every respect.
    pub fn correct(&mut self, address: &str) {
        for _ in 0..3 {
            self.nonce(address, denial(Side::Good, 300));
        }
        self.serves(address, Side::Good);
    }
}

pub const RESOLVERS: [(&str, &str); 6] = [
    ("Google", "8.8.8.8:53"),
    ("Cloudflare", "1.1.1.1:53"),
    ("Example ISP", "[2001:db8:53::53]:5353"),
    ("Quad9", "9.9.9.9:53"),
    ("Filter", "192.0.2.60:53"),
    ("Gone", "192.0.2.70:53"),
];

/// An answer of a named instance.
pub fn from_instance(mut answer: Response, nsid: &[u8]) -> Response {
    answer.edns = Some(Edns { nsid: Some(nsid.to_vec()), errors: Vec::new() });
    answer
}

/// A failure that gives its reason.
pub fn failure(rcode: Rcode, code: u16, text: &str) -> Response {
    let errors = vec![ExtendedError { code, text: text.to_owned() }];
    Response { edns: Some(Edns { nsid: None, errors }), ..response(rcode) }
}

/// Every incident of this file, by what it stands for.
pub fn stages() -> [(&'static str, Stage); 9] {
    [
        ("starting", starting()),
        ("healthy", healthy()),
        ("parked", parked()),
        ("held", held()),
        ("split", split()),
        ("broken", broken()),
        ("converging", converging()),
        ("unsent", unsent()),
        ("hostile", hostile()),
    ]
}

/// Nothing heard yet.
pub fn starting() -> Stage {
    Stage::open(Some(&GOOD), &RESOLVERS)
}

/// All is well, and nobody had to say what is correct.
pub fn healthy() -> Stage {
    let mut stage = Stage::open(None, &RESOLVERS[..2]);
    stage.walk();
    (0..2).for_each(|server| stage.parent_delegates(server, &GOOD));
    stage.authorities(false);
    RESOLVERS[..2].iter().for_each(|(_, address)| stage.correct(address));
    stage
}

/// The parent delegates to parked servers, with a DS that nobody removed; one resolver has not lost the good ones yet.
pub fn parked() -> Stage {
    let mut stage = Stage::open(Some(&GOOD), &RESOLVERS[..3]);
    stage.walk();
    (0..2).for_each(|server| stage.parent_delegates(server, &PARKED));
    stage.parent_signs(0);
    stage.authorities(true);
    stage.nonce(RESOLVERS[0].1, denial(Side::Parked, 200));
    stage.nonce(RESOLVERS[1].1, denial(Side::Good, 200));
    stage.nonce(RESOLVERS[2].1, failure(Rcode::SERVFAIL, 22, "at delegation"));
    stage
}

/// The parent denies the name.
pub fn held() -> Stage {
    let mut stage = Stage::open(Some(&GOOD), &RESOLVERS[..1]);
    stage.walk();
    (0..2).for_each(|server| stage.parent_denies(server));
    stage.authorities(false);
    let denial = Response { authority: vec![record("example.", 800, soa(Side::Good))], ..response(Rcode::NXDOMAIN) };
    stage.nonce(RESOLVERS[0].1, denial);
    stage
}

/// One parent server is corrected, the other not.
pub fn split() -> Stage {
    let mut stage = Stage::open(Some(&GOOD), &RESOLVERS[..1]);
    stage.walk();
    stage.parent_delegates(0, &GOOD);
    stage.parent_delegates(1, &PARKED);
    stage.authorities(true);
    stage
}

/// The delegation is right; one expected server refuses, one has no address.
pub fn broken() -> Stage {
    let mut stage = Stage::open(Some(&GOOD), &RESOLVERS[..1]);
    stage.walk();
    (0..2).for_each(|server| stage.parent_delegates(server, &GOOD));
    stage.resolved(GOOD[0], Ok(vec![at(GOOD_AT[0])]));
    stage.resolved(GOOD[1], Err("NXDOMAIN from a.nic.example.".to_owned()));
    stage.authority_fails(GOOD_AT[0]);
    stage
}

/// The source was corrected; resolvers stand in every way one can.
pub fn converging() -> Stage {
    let mut stage = Stage::open(Some(&GOOD), &RESOLVERS);
    stage.walk();
    (0..2).for_each(|server| stage.parent_delegates(server, &PARKED));
    stage.authorities(true);
    stage.wait(60);
    stage.parent_delegates(0, &GOOD);
    stage.parent_delegates(1, &GOOD);
    let [google, cloudflare, isp, quad9, filter, gone] = RESOLVERS.map(|(_, address)| address);
    stage.nonce(google, from_instance(denial(Side::Good, 300), b"gpdns-fra"));
    stage.nonce(google, from_instance(denial(Side::Parked, 300), b"gpdns-ams"));
    stage.correct(cloudflare);
    stage.nonce(isp, denial(Side::Parked, 120));
    stage.shows(isp, &PARKED, 20_000);
    stage.serves(isp, Side::Parked);
    for _ in 0..3 {
        stage.nonce(quad9, denial(Side::Good, 300));
    }
    stage.serves(quad9, Side::Parked);
    stage.nonce(filter, failure(Rcode::NXDOMAIN, 15, "newly seen domain"));
    stage.lost(gone);
    stage
}

/// Nothing could be sent.
pub fn unsent() -> Stage {
    let mut stage = Stage::open(Some(&GOOD), &RESOLVERS[..2]);
    let not_sent = || Outcome::NotSent { reason: "Network is unreachable (os error 101)".to_owned() };
    stage.observe(Role::Walk, "198.41.0.4:53", Purpose::Walk, RecordType::NS, not_sent());
    stage.event(&Event::WalkFailed { reason: "nothing could be sent".to_owned(), ours: true });
    for (_, address) in &RESOLVERS[..2] {
        stage.observe(Role::Resolver, address, Purpose::Nonce, RecordType::TXT, not_sent());
    }
    stage
}

/// What a hostile server would like a terminal or a log to swallow: colours, cursor moves, a bell, line breaks, text turned round,
/// nothing visible, and length.
pub const EVIL: &str = "\x1b[2J\x1b]0;owned\x07\r\nfake line\u{202e}abc\u{200b}\u{9b}31m\0\t<script>";

/// As [`converging`], with hostile octets wherever a server can put them.
pub fn hostile() -> Stage {
    let evil_name = Name::from_labels([EVIL.as_bytes(), b"evil", b"example"]).unwrap();
    let mut targets: Vec<ResolverTarget> = Vec::new();
    for (at_, (_, address)) in RESOLVERS[..3].iter().enumerate() {
        targets.push(ResolverTarget {
            id: format!("{EVIL}-{at_}"),
            operator: EVIL.to_owned(),
            city: EVIL.to_owned(),
            country: Some("\x1b[".to_owned()),
            address: at(address),
            system: at_ == 0,
            flush: None,
        });
    }
    let mut stage = Stage::open_with(Some(&GOOD), targets);
    stage.walk();
    let malformed = Outcome::Malformed { rcode: Some(Rcode(4000)), reason: EVIL.to_owned() };
    stage.observe(Role::Walk, "198.41.0.4:53", Purpose::Walk, RecordType(65280), malformed.clone());
    let refers = Response {
        authority: vec![Record { owner: name(ZONE), ttl: Ttl::from_wire(60), rdata: Rdata::Ns(evil_name.clone()) }],
        ..response(Rcode::NOERROR)
    };
    let parent = PARENTS[0].1;
    stage.observe(Role::Parent, parent, Purpose::Delegation, RecordType::NS, Outcome::Answered(refers));
    stage.observe(Role::Parent, PARENTS[1].1, Purpose::Delegation, RecordType::NS, malformed);
    stage.event(&Event::HostResolved {
        host: evil_name.clone(),
        addresses: Err(format!("{EVIL} {}", "x".repeat(2000))),
    });
    stage.event(&Event::HostResolved { host: name(GOOD[1]), addresses: Err(EVIL.to_owned()) });
    stage.event(&Event::WalkFailed { reason: EVIL.to_owned(), ours: false });
    let not_sent = Outcome::NotSent { reason: EVIL.to_owned() };
    stage.observe(Role::Walk, "198.41.0.4:53", Purpose::Walk, RecordType::NS, not_sent);
    let text = Rdata::Txt(vec![EVIL.as_bytes().to_vec(), vec![0xff, 0x1b, 0x5b]]);
    let wildcard = Response {
        answer: vec![Record { owner: evil_name.clone(), ttl: Ttl::from_wire(9), rdata: text }],
        ..response(Rcode::NOERROR)
    };
    stage.nonce(RESOLVERS[0].1, from_instance(wildcard, EVIL.as_bytes()));
    stage.nonce(RESOLVERS[1].1, failure(Rcode::REFUSED, 15, EVIL));
    stage.nonce(RESOLVERS[2].1, from_instance(failure(Rcode::SERVFAIL, 65_535, EVIL), &[0x1b, 0xff]));
    let alias = Response {
        answer: vec![Record { owner: name(ZONE), ttl: Ttl::from_wire(9), rdata: Rdata::Cname(evil_name) }],
        ..response(Rcode::NOERROR)
    };
    stage.observe(Role::Resolver, RESOLVERS[0].1, Purpose::Service, RecordType::A, Outcome::Answered(alias));
    let identity = Response {
        answer: vec![record(ZONE, 0, Rdata::Txt(vec![EVIL.as_bytes().to_vec()]))],
        ..response(Rcode::NOERROR)
    };
    stage.observe(Role::Resolver, RESOLVERS[1].1, Purpose::Identity, RecordType::TXT, Outcome::Answered(identity));
    stage
}
