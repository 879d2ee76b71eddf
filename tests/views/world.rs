//! Incidents built from events at fixed times: what parents, name servers and resolvers said, as it would have come.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use unpark::catalog::ParkingCatalog;
use unpark::dns::{Name, Rcode, Rdata, Record, RecordType, Serial, Soa, Ttl};
use unpark::flush::{FlushOperator, FlushOutcome, FlushStep};
use unpark::incident::{Event, FlushAct, FlushChoice, FlushRecord, FoundServer, Incident, Opening, ResolverTarget};
use unpark::judge::{Expectation, ExpectationSource};
use unpark::observation::{Edns, ExtendedError, Observation, Outcome, Purpose, Query, Response, Role, TargetId};
use unpark::time::Timestamp;

use crate::incidents::{self, EVIL, Stage, response};
pub use crate::incidents::{name, ns_set as set};

/// The servers that are right.
pub const GOOD: [&str; 2] = ["ns1.good.example.", "ns2.good.example."];
/// The servers of a parking service that the catalog knows.
pub const PARKED: [&str; 2] = ["ns1.pendingrenewaldeletion.com.", "ns2.pendingrenewaldeletion.com."];

/// An incident and its clock.
pub struct World {
    /// The incident, settled.
    pub incident: Incident,
    /// The moment it is.
    pub now: Timestamp,
}

/// How a resolver answers.
#[derive(Debug, Clone, Copy)]
pub enum Says {
    /// From the correct servers.
    Good,
    /// From the correct servers, but the parked address for the apex for so many seconds.
    OldAddress(u32),
    /// From the parked servers, whose delegation it showed with so many seconds left.
    Parked(u32),
    /// From the parked servers; it shows nothing of how long.
    ParkedUnknown,
    /// A failure with an extended error.
    Fails,
    /// Nothing.
    Silent,
    /// That there is no such domain, for so many seconds.
    Held(u32),
    /// Something that neither side says.
    Other,
}

fn record(owner: &Name, ttl: u32, rdata: Rdata) -> Record {
    Record { owner: owner.clone(), ttl: Ttl::from_wire(ttl), rdata }
}

fn soa(owner: &Name, mname: &str, ttl: u32) -> Record {
    let soa = Soa {
        mname: name(mname),
        rname: name("hostmaster.example."),
        serial: Serial(2_026_112_201),
        refresh: 7200,
        retry: 900,
        expire: 1_209_600,
        minimum: 900,
    };
    record(owner, ttl, Rdata::Soa(soa))
}

fn answer(rcode: Rcode) -> Response {
    Response { edns: Some(Edns::default()), ..response(rcode) }
}

/// Resolvers as the catalog has them, shortened.
const RESOLVERS: &[(&str, &str, &str, &str)] = &[
    ("Google", "8.8.8.8", "anycast", ""),
    ("Google", "2001:4860:4860::8888", "anycast", ""),
    ("Cloudflare", "1.1.1.1", "anycast", ""),
    ("Cloudflare", "2606:4700:4700::1111", "anycast", ""),
    ("Quad9", "9.9.9.10", "anycast", ""),
    ("OpenDNS", "208.67.222.222", "anycast", ""),
    ("Level3 (Lumen)", "4.2.2.1", "", "US"),
    ("DNS4EU unfiltered", "86.54.11.100", "anycast", ""),
    ("Verisign Public DNS", "64.6.64.6", "anycast", ""),
    ("Hurricane Electric", "74.82.42.42", "anycast", ""),
    ("UltraDNS Public", "64.6.65.6", "anycast", ""),
    ("Yandex basic", "77.88.8.8", "Moskva", "RU"),
    ("114DNS", "114.114.114.114", "Nanjing", "CN"),
    ("Telstra", "139.130.4.4", "Sydney", "AU"),
    ("Freenom World", "80.80.80.80", "anycast", ""),
    ("CNNIC SDNS", "1.2.4.8", "Beijing", "CN"),
];

impl World {
    /// Opens an incident at 11:52:00 with `resolvers` resolvers.
    pub fn open(zone: &str, expectation: bool, resolvers: usize) -> Self {
        let now: Timestamp = "2026-11-22T11:52:00Z".parse().unwrap();
        let expectation = expectation.then(|| Expectation { ns: set(&GOOD), source: ExpectationSource::Flag });
        let opening =
            Opening { expectation, resolvers: (0..resolvers).map(resolver).collect(), ..Opening::of(name(zone)) };
        let incident = Incident::open(opening, Arc::new(ParkingCatalog::embedded()), now);
        Self { incident, now }
    }

    /// Lets time pass.
    pub fn pass(&mut self, seconds: u64) -> &mut Self {
        self.now = self.now + Duration::from_secs(seconds);
        self
    }

    /// Judges what was heard.
    pub fn settle(&mut self) -> &mut Self {
        self.incident.settle(self.now);
        self
    }

    pub fn tell(&mut self, event: &Event) {
        self.incident.apply(self.now, event);
    }

    /// The 26 addresses of the parent's servers are found.
    pub fn find_parents(&mut self) -> &mut Self {
        let servers = parents().map(|(host, address)| FoundServer { name: name(&host), address });
        let event = Event::CutFound { parent: name("com."), servers: servers.collect(), unresolved: vec![] };
        self.tell(&event);
        self.settle()
    }

    /// The first `count` parent servers delegate to `ns`.
    pub fn parents_delegate(&mut self, count: usize, ns: &[&str]) -> &mut Self {
        let zone = self.incident.zone().clone();
        for (_, address) in parents().take(count) {
            let target = TargetId::new(Role::Parent, address);
            let authority = ns.iter().map(|n| record(&zone, 172_800, Rdata::Ns(name(n)))).collect();
            let referral = Response { authority, ra: false, ..answer(Rcode::NOERROR) };
            self.hear(Query::new(target, zone.clone(), RecordType::NS, Purpose::Delegation), Some(referral));
            let none = Response {
                authority: vec![soa(&name("com."), "a.gtld-servers.net.", 900)],
                aa: true,
                ..answer(Rcode::NOERROR)
            };
            self.hear(Query::new(target, zone.clone(), RecordType::DS, Purpose::DelegationSigner), Some(none));
        }
        self.settle()
    }

    /// All parent servers say that there is no such domain.
    pub fn parents_deny(&mut self) -> &mut Self {
        let zone = self.incident.zone().clone();
        for (_, address) in parents() {
            let query =
                Query::new(TargetId::new(Role::Parent, address), zone.clone(), RecordType::NS, Purpose::Delegation);
            let authority = vec![soa(&name("com."), "a.gtld-servers.net.", 900)];
            self.hear(query, Some(Response { authority, aa: true, ..answer(Rcode::NXDOMAIN) }));
        }
        self.settle()
    }

    /// The correct servers, two addresses each, are found and answer; `refusing` of them refuse.
    pub fn good_servers_answer(&mut self, refusing: usize) -> &mut Self {
        self.servers_answer(&GOOD, 53, "ns1.good.example.", Ipv4Addr::new(203, 0, 113, 7), refusing)
    }

    /// The parked servers are found and answer.
    pub fn parked_servers_answer(&mut self) -> &mut Self {
        self.servers_answer(&PARKED, 153, PARKED[0], Ipv4Addr::new(208, 91, 197, 132), 0)
    }

    fn servers_answer(&mut self, hosts: &[&str], from: u8, mname: &str, data: Ipv4Addr, refusing: usize) -> &mut Self {
        let zone = self.incident.zone().clone();
        let mut left = refusing;
        for (host, at) in hosts.iter().zip(from..) {
            let addresses = vec![
                SocketAddr::new(IpAddr::V4(Ipv4Addr::new(198, 51, 100, at)), 53),
                SocketAddr::new(IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, u16::from(at))), 53),
            ];
            self.tell(&Event::HostResolved { host: name(host), addresses: Ok(addresses.clone()) });
            self.settle();
            for address in addresses {
                let target = TargetId::new(Role::Authoritative, address);
                let refuses = left > 0;
                left = left.saturating_sub(1);
                let ask = |rtype, purpose| Query::new(target, zone.clone(), rtype, purpose);
                let said = |response: Response| {
                    if refuses { answer(Rcode::REFUSED) } else { Response { aa: true, ra: false, ..response } }
                };
                let own = |rdata, ttl| Response { answer: vec![record(&zone, ttl, rdata)], ..answer(Rcode::NOERROR) };
                let none = || Response { authority: vec![soa(&zone, mname, 900)], ..answer(Rcode::NOERROR) };
                let start = Response { answer: vec![soa(&zone, mname, 900)], ..answer(Rcode::NOERROR) };
                self.hear(ask(RecordType::SOA, Purpose::Soa), Some(said(start)));
                let names = hosts.iter().map(|h| record(&zone, 3600, Rdata::Ns(name(h)))).collect();
                let apex = Response { answer: names, ..answer(Rcode::NOERROR) };
                self.hear(ask(RecordType::NS, Purpose::ApexNs), Some(said(apex)));
                self.hear(ask(RecordType::DNSKEY, Purpose::Keys), Some(said(none())));
                self.hear(
                    ask(RecordType::TXT, Purpose::Echo),
                    Some(said(Response { rcode: Rcode::NXDOMAIN, ..none() })),
                );
                self.hear(ask(RecordType::A, Purpose::Service), Some(said(own(Rdata::A(data), 300))));
                self.hear(ask(RecordType::AAAA, Purpose::Service), Some(said(none())));
            }
        }
        self.settle()
    }

    /// A resolver answers `times` times.
    pub fn resolver_says(&mut self, number: usize, says: Says, times: usize) -> &mut Self {
        let zone = self.incident.zone().clone();
        let target = TargetId::new(Role::Resolver, resolver(number).address);
        let ask = |rtype, purpose| Query::new(target, zone.clone(), rtype, purpose).recursive();
        let (parked, good) = (PARKED[0], "ns1.good.example.");
        for _ in 0..times {
            let negative = |mname, ttl| Response { authority: vec![soa(&zone, mname, ttl)], ..answer(Rcode::NXDOMAIN) };
            let nonce = match says {
                Says::Good | Says::OldAddress(_) => Some(negative(good, 900)),
                Says::Parked(_) | Says::ParkedUnknown => Some(negative(parked, 900)),
                Says::Fails => {
                    let errors = vec![ExtendedError { code: 22, text: "At delegation example.com".to_owned() }];
                    Some(Response { edns: Some(Edns { nsid: None, errors }), ..answer(Rcode::SERVFAIL) })
                }
                Says::Silent => None,
                Says::Held(ttl) => {
                    let authority = vec![soa(&name("com."), "a.gtld-servers.net.", ttl)];
                    Some(Response { authority, ..answer(Rcode::NXDOMAIN) })
                }
                Says::Other => Some(negative("ns.elsewhere.example.", 900)),
            };
            if let Says::Parked(left) = says {
                let authority = PARKED.iter().map(|n| record(&zone, left, Rdata::Ns(name(n)))).collect();
                let query = Query::new(target, zone.clone(), RecordType::TXT, Purpose::NonceNoRecursion);
                self.hear(query, Some(Response { authority, ..answer(Rcode::NOERROR) }));
            }
            let fails = matches!(says, Says::Fails);
            self.hear(ask(RecordType::TXT, Purpose::Nonce), nonce.clone());
            if fails {
                self.hear(ask(RecordType::TXT, Purpose::NonceUnchecked), nonce);
            }
        }
        let data = match says {
            Says::Good => Some((Ipv4Addr::new(203, 0, 113, 7), 240)),
            Says::OldAddress(left) => Some((Ipv4Addr::new(208, 91, 197, 132), left)),
            Says::Parked(_) | Says::ParkedUnknown => Some((Ipv4Addr::new(208, 91, 197, 132), 280)),
            _ => None,
        };
        if let Some((data, ttl)) = data {
            let found = Response { answer: vec![record(&zone, ttl, Rdata::A(data))], ..answer(Rcode::NOERROR) };
            self.hear(ask(RecordType::A, Purpose::Service), Some(found));
            let server = if matches!(says, Says::Good) { good } else { parked };
            let none = Response { authority: vec![soa(&zone, server, 700)], ..answer(Rcode::NOERROR) };
            self.hear(ask(RecordType::AAAA, Purpose::Service), Some(none));
        }
        self.settle()
    }

    /// A step of a flush ended.
    pub fn flush_ended(&mut self, operator: FlushOperator, rtype: RecordType, outcome: FlushOutcome) -> &mut Self {
        let zone = self.incident.zone().clone();
        let step = FlushStep { operator, name: zone, rtype };
        let record = FlushRecord { step, outcome, by: "lena".to_owned() };
        self.tell(&Event::FlushStepEnded(record));
        self.settle()
    }

    fn hear(&mut self, query: Query, response: Option<Response>) {
        let rtt = Duration::from_millis(9 + u64::from(query.target.address.port()) % 7);
        let asked =
            if query.purpose.is_nonce() { query.name.child(b"q6m2x5aozk3whv7t").unwrap() } else { query.name.clone() };
        let heard = response.is_some();
        let observation = Observation {
            asked,
            outcome: response.map_or(Outcome::NoResponse, Outcome::Answered),
            sent: self.now - rtt,
            at: self.now,
            rtt: heard.then_some(rtt),
            packets: if heard { 1 } else { 3 },
            query,
        };
        self.tell(&Event::Observed(Arc::new(observation)));
    }
}

/// The servers of the parent zone: 13 names, two addresses each.
fn parents() -> impl Iterator<Item = (String, SocketAddr)> {
    let letters = || ('a'..='m').zip(0_u8..);
    let v4 = letters().map(|(c, at)| (c, IpAddr::V4(Ipv4Addr::new(192, 0, 2, 30 + at))));
    let v6 =
        letters().map(|(c, at)| (c, IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 5, 0, 0, 0, 0, 0x30 + u16::from(at)))));
    v4.chain(v6).map(|(c, ip)| (format!("{c}.gtld-servers.net."), SocketAddr::new(ip, 53)))
}

/// An operator took a request.
pub fn sent() -> FlushOutcome {
    FlushOutcome::Sent { reply: "purge request queued".to_owned() }
}

/// The resolver of a number: well-known ones first, then made-up ones.
pub fn resolver(number: usize) -> ResolverTarget {
    if let Some((operator, address, city, country)) = RESOLVERS.get(number) {
        return ResolverTarget {
            id: format!("r{number}"),
            operator: (*operator).to_owned(),
            city: (*city).to_owned(),
            country: (!country.is_empty()).then(|| (*country).to_owned()),
            address: SocketAddr::new(address.parse().unwrap(), 53),
            system: false,
            flush: operator.parse().ok(),
        };
    }
    let octets = u16::try_from(number).unwrap().to_be_bytes();
    ResolverTarget {
        id: format!("r{number}"),
        operator: format!("Provider {number}"),
        city: String::new(),
        country: Some("DE".to_owned()),
        address: SocketAddr::new(IpAddr::V4(Ipv4Addr::new(10, 1, octets[0], octets[1])), 53),
        system: false,
        flush: None,
    }
}

/// The worst minute: all parents parked, the correct servers fine, each resolver asked once.
pub fn parked() -> World {
    let mut world = World::open("example.com.", true, 16);
    world.find_parents().parents_delegate(26, &PARKED).good_servers_answer(0).parked_servers_answer();
    world.pass(2);
    for (number, says) in [
        (0, Says::ParkedUnknown),
        (1, Says::Good),
        (2, Says::ParkedUnknown),
        (3, Says::ParkedUnknown),
        (4, Says::Good),
        (5, Says::Parked(20_880)),
        (6, Says::Parked(21_125)),
        (7, Says::Good),
        (8, Says::ParkedUnknown),
        (9, Says::Fails),
        (10, Says::Silent),
        (11, Says::Parked(172_100)),
        (12, Says::Other),
        (13, Says::ParkedUnknown),
        (14, Says::Silent),
        (15, Says::ParkedUnknown),
    ] {
        world.resolver_says(number, says, 1);
    }
    world.pass(13).settle();
    world
}

/// Parked for a while, then corrected: some resolvers have turned.
pub fn converging() -> World {
    let mut world = parked();
    world.pass(2949).parents_delegate(26, &GOOD).good_servers_answer(0);
    for number in [0, 1, 4, 5, 7, 8, 9, 12, 13] {
        world.resolver_says(number, Says::Good, 14);
    }
    world.pass(700);
    for number in [0, 1, 4, 5, 7, 8, 9, 12, 13] {
        world.resolver_says(number, Says::Good, 14);
    }
    world.resolver_says(2, Says::ParkedUnknown, 2).resolver_says(3, Says::OldAddress(130), 14);
    world.resolver_says(6, Says::Parked(17_500), 2).resolver_says(11, Says::Parked(168_400), 2);
    world.resolver_says(15, Says::ParkedUnknown, 1);
    world.pass(1).resolver_says(15, Says::Good, 1);
    world.resolver_says(10, Says::Silent, 3).resolver_says(14, Says::Silent, 3);
    world.pass(20).settle();
    world
}

/// Parent servers disagree.
pub fn split() -> World {
    let mut world = parked();
    world.pass(2000).parents_delegate(9, &GOOD).good_servers_answer(0).pass(4).settle();
    world
}

/// The first second: the parent is found, little is heard.
pub fn starting() -> World {
    let mut world = World::open("xn--bcher-kva.com.", false, 16);
    world.find_parents().parents_delegate(3, &GOOD).resolver_says(2, Says::Good, 1);
    world.settle();
    world
}

/// Hostile text wherever it can come from outside: from servers, from a journal, from operators of flushes. One resolver is
/// this machine's own.
pub fn hostile() -> World {
    let Stage { incident, now } = incidents::hostile();
    let mut world = World { incident, now };
    world.tell(&Event::NoteMade(EVIL.repeat(9)));
    let added = ResolverTarget { operator: format!("{EVIL}東京都🦀"), city: EVIL.to_owned(), ..resolver(40) };
    world.tell(&Event::ResolverAdded(added));
    let act = FlushAct::Armed(FlushChoice::usual());
    world.tell(&Event::FlushActed { by: EVIL.to_owned(), act });
    world.flush_ended(FlushOperator::Cloudflare, RecordType::A, FlushOutcome::Refused { reason: EVIL.repeat(9) });
    world.tell(&Event::StraysCame { total: u64::MAX });
    world.pass(3).settle();
    world
}
