//! A small world for tests: one zone, its correct and its parked servers, and what each of them says. Test support only.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use crate::catalog::ParkingCatalog;
use crate::dns::{Ds, Name, NsSet, Rcode, Rdata, Record, RecordType, Serial, Soa, Ttl};
use crate::judge::{Heard, References, SideFingerprint, SourceView, Witnesses, learn_side};
use crate::observation::{Edns, ExtendedError, Observation, Outcome, Purpose, Query, Response, Role, TargetId};
use crate::time::Timestamp;

/// The zone under watch.
pub const ZONE: &str = "example.com.";
/// The correct name servers.
pub const GOOD: [&str; 2] = ["ns1.good.example.", "ns2.good.example."];
/// The parked ones, which no catalogue knows.
pub const PARKED: [&str; 2] = ["ns1.parked.example.", "ns2.parked.example."];
/// The TTL that the correct servers give their SOA, in seconds.
pub const FULL: u32 = 300;
/// Where the correct servers send visitors.
pub const GOOD_ADDRESS: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 10);
/// Where the parked servers do.
pub const PARKED_ADDRESS: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 99);

/// Reads a name.
pub fn name(text: &str) -> Name {
    text.parse().unwrap()
}

/// Reads an NS set.
pub fn ns_set(names: &[&str]) -> NsSet {
    names.iter().map(|n| name(n)).collect()
}

/// So many seconds after the tests' beginning of time.
pub fn at(seconds: i64) -> Timestamp {
    Timestamp::from_secs(1_000_000 + seconds)
}

/// A record.
pub fn record(owner: &str, ttl: u32, rdata: Rdata) -> Record {
    Record { owner: name(owner), ttl: Ttl::from_wire(ttl), rdata }
}

/// An address record.
pub fn a(owner: &str, ttl: u32, address: Ipv4Addr) -> Record {
    record(owner, ttl, Rdata::A(address))
}

/// An alias.
pub fn cname(owner: &str, ttl: u32, target: &str) -> Record {
    record(owner, ttl, Rdata::Cname(name(target)))
}

/// A text record.
pub fn txt(owner: &str, text: &str) -> Record {
    record(owner, 60, Rdata::Txt(vec![text.as_bytes().to_vec()]))
}

/// NS records.
pub fn ns(owner: &str, ttl: u32, hosts: &[&str]) -> Vec<Record> {
    hosts.iter().map(|host| record(owner, ttl, Rdata::Ns(name(host)))).collect()
}

/// An SOA record.
pub fn soa(owner: &str, mname: &str, serial: u32, ttl: u32) -> Record {
    let rname = name(&format!("hostmaster.{}", mname.split_once('.').unwrap().1));
    let (refresh, retry, expire) = (3600, 600, 86400);
    let soa = Soa { mname: name(mname), rname, serial: Serial(serial), refresh, retry, expire, minimum: FULL };
    record(owner, ttl, Rdata::Soa(soa))
}

/// A response with nothing in it.
pub fn empty(rcode: Rcode) -> Response {
    Response { size: 100, ..Response::empty(rcode) }
}

/// A response with an answer section.
pub fn answer(records: Vec<Record>) -> Response {
    Response { answer: records, ..empty(Rcode::NOERROR) }
}

/// NODATA with an SOA.
pub fn no_data(soa: Record) -> Response {
    Response { authority: vec![soa], ..empty(Rcode::NOERROR) }
}

/// NXDOMAIN with an SOA.
pub fn no_domain(soa: Record) -> Response {
    Response { authority: vec![soa], ..empty(Rcode::NXDOMAIN) }
}

/// A referral to the zone's servers.
pub fn referral(ttl: u32, hosts: &[&str]) -> Response {
    Response { authority: ns(ZONE, ttl, hosts), ..empty(Rcode::NOERROR) }
}

/// The same with authority.
pub fn with_authority(response: Response) -> Response {
    Response { aa: true, ..response }
}

/// The same with an extended error.
pub fn with_error(response: Response, code: u16) -> Response {
    let errors = vec![ExtendedError { code, text: String::new() }];
    Response { edns: Some(Edns { nsid: None, errors }), ..response }
}

/// The same from a named instance.
pub fn with_nsid(response: Response, nsid: &str) -> Response {
    let edns = Edns { nsid: Some(nsid.as_bytes().to_vec()), errors: vec![] };
    Response { edns: Some(edns), ..response }
}

/// The correct servers' denial, its SOA with this TTL.
pub fn good_denial(ttl: u32) -> Response {
    no_domain(soa(ZONE, GOOD[0], 1, ttl))
}

/// The parked servers' NODATA under their wildcard.
pub fn parked_denial() -> Response {
    no_data(soa(ZONE, PARKED[0], 7, 600))
}

/// The parent's "no such domain".
pub fn parent_denial() -> Response {
    no_domain(soa("com.", "a.gtld-servers.net.", 99, 900))
}

/// Our own failure.
pub fn not_sent() -> Outcome {
    Outcome::NotSent { reason: "network is unreachable".to_owned() }
}

/// A target in one role, told apart by a number.
pub fn target(role: Role, number: u8) -> TargetId {
    TargetId::new(role, SocketAddr::from(([192, 0, 2, number], 53)))
}

/// What came of asking.
pub fn observe(
    target: TargetId,
    about: &str,
    rtype: RecordType,
    purpose: Purpose,
    outcome: Outcome,
    seconds: i64,
) -> Observation {
    let mut query = Query::new(target, name(about), rtype, purpose);
    query.rd = matches!(purpose, Purpose::Nonce | Purpose::NonceUnchecked)
        || (purpose == Purpose::Service && target.role == Role::Resolver);
    query.cd = purpose == Purpose::NonceUnchecked;
    let asked = if purpose.is_nonce() { name(&format!("nonce.{about}")) } else { name(about) };
    let rtt = matches!(outcome, Outcome::Answered(_)).then_some(Duration::from_millis(10));
    Observation { query, asked, outcome, sent: at(seconds), at: at(seconds), rtt, packets: 1 }
}

/// What one target said, in order.
#[derive(Debug, Clone)]
pub struct Told {
    /// What it amounts to for the judge.
    pub witnesses: Witnesses,
    role: Role,
    count: u64,
}

impl Told {
    /// A target that said nothing yet.
    pub fn by(role: Role) -> Self {
        Self { witnesses: Witnesses::default(), role, count: 0 }
    }

    /// Adds what came of a question about a name.
    pub fn about(mut self, about: &str, rtype: RecordType, purpose: Purpose, seconds: i64, outcome: Outcome) -> Self {
        self.count += 1;
        let observation = observe(target(self.role, 1), about, rtype, purpose, outcome, seconds);
        self.witnesses.add(Heard { number: self.count, observation: Arc::new(observation) });
        self
    }

    /// Adds a nonce that was answered.
    pub fn nonce(self, seconds: i64, response: Response) -> Self {
        self.about(ZONE, RecordType::TXT, Purpose::Nonce, seconds, Outcome::Answered(response))
    }

    /// Adds a nonce that came to nothing.
    pub fn lost(self, seconds: i64) -> Self {
        self.about(ZONE, RecordType::TXT, Purpose::Nonce, seconds, Outcome::NoResponse)
    }

    /// Adds a nonce with checking disabled.
    pub fn unchecked(self, seconds: i64, response: Response) -> Self {
        self.about(ZONE, RecordType::TXT, Purpose::NonceUnchecked, seconds, Outcome::Answered(response))
    }

    /// Adds a nonce without recursion.
    pub fn shown(self, seconds: i64, response: Response) -> Self {
        self.about(ZONE, RecordType::TXT, Purpose::NonceNoRecursion, seconds, Outcome::Answered(response))
    }

    /// Adds an answer about an address.
    pub fn address(self, about: &str, seconds: i64, response: Response) -> Self {
        self.about(about, RecordType::A, Purpose::Service, seconds, Outcome::Answered(response))
    }
}

/// What a correct server says when asked directly.
pub fn good_server() -> Told {
    let heard = |r| Outcome::Answered(with_authority(r));
    Told::by(Role::Authoritative)
        .about(ZONE, RecordType::SOA, Purpose::Soa, 0, heard(answer(vec![soa(ZONE, GOOD[0], 1, FULL)])))
        .about(ZONE, RecordType::NS, Purpose::ApexNs, 0, heard(answer(ns(ZONE, 3600, &GOOD))))
        .about(ZONE, RecordType::TXT, Purpose::Echo, 0, heard(good_denial(FULL)))
        .about(ZONE, RecordType::A, Purpose::Service, 0, heard(answer(vec![a(ZONE, 60, GOOD_ADDRESS)])))
        .about(ZONE, RecordType::AAAA, Purpose::Service, 0, heard(no_data(soa(ZONE, GOOD[0], 1, FULL))))
}

/// What a parked server says when asked directly.
pub fn parked_server() -> Told {
    let heard = |r| Outcome::Answered(with_authority(r));
    Told::by(Role::Authoritative)
        .about(ZONE, RecordType::SOA, Purpose::Soa, 0, heard(answer(vec![soa(ZONE, PARKED[0], 7, 600)])))
        .about(ZONE, RecordType::NS, Purpose::ApexNs, 0, heard(answer(ns(ZONE, 120, &PARKED))))
        .about(ZONE, RecordType::TXT, Purpose::Echo, 0, heard(parked_denial()))
        .about(ZONE, RecordType::A, Purpose::Service, 0, heard(answer(vec![a(ZONE, 100, PARKED_ADDRESS)])))
        .about(ZONE, RecordType::AAAA, Purpose::Service, 0, heard(no_data(soa(ZONE, PARKED[0], 7, 600))))
}

/// Two sure signs and two ambiguous ones.
pub fn catalog() -> Arc<ParkingCatalog> {
    let entry = |id: &str, kind: &str, value: &str, ambiguous: bool| {
        format!(
            "[[fingerprint]]\nid = \"{id}\"\nmatch_kind = \"{kind}\"\nvalue = \"{value}\"\nambiguous = {ambiguous}\n"
        )
    };
    let text = [
        entry("sure-host", "ns-suffix", "known-parking.example", false),
        entry("sure-alias", "cname-suffix", "alias-parking.example", false),
        entry("sure-range", "a-cidr", "203.0.113.0/24", false),
        entry("unsure-host", "ns-suffix", "registrar.example", true),
        entry("unsure-range", "a-cidr", "198.18.0.0/24", true),
    ];
    Arc::new(ParkingCatalog::parse(&text.concat(), "test.toml").unwrap())
}

/// What answers are held against: both sides asked directly.
pub fn references() -> References {
    let zone = name(ZONE);
    References {
        good_ns: Some(ns_set(&GOOD)),
        parked_ns: vec![ns_set(&PARKED)],
        good: learn_side(&zone, None, good_server().witnesses.iter()),
        parked: learn_side(&zone, None, parked_server().witnesses.iter()),
        parking: catalog(),
        parked_unheard: false,
        addresses_vary: false,
        marker: None,
        zone,
    }
}

/// The same before any name server was asked.
pub fn unlearned() -> References {
    References { good: SideFingerprint::default(), parked: SideFingerprint::default(), ..references() }
}

/// The source while every parent server is right and always was.
pub fn right_source() -> SourceView {
    SourceView { parent_right: true, ..SourceView::default() }
}

/// The source while the parent is wrong.
pub fn wrong_source() -> SourceView {
    SourceView { parent_wrong: true, ..SourceView::default() }
}

/// A DS record's data.
pub fn ds(key_tag: u16) -> Ds {
    Ds { key_tag, algorithm: 13, digest_type: 2, digest: vec![1; 32] }
}
