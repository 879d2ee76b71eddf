//! Sets up a simulated internet from a checked description: root, TLDs, the registry's parent servers, both sides of
//! the incident, resolvers, users and script.
//!
//! Pure. Reading files is [`super::scenario`]'s.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use super::model::{
    Action, Cache, CacheOptions, Change, Delegation, Denial, Hold, Internet, Question, Random, Registration, Seller,
    Server, Service, Sides, Signing, Spread, Traffic, World, Zone,
};
use crate::catalog::Neutral;
use crate::dns::{Ds, Name, NsSet, Rdata, RecordType};
use crate::time::Timestamp;

/// TTL of the delegations nobody touches: root to TLD, TLD to the name servers' own zones; in seconds.
const STEADY_TTL: u32 = 86_400;
/// How long before the beginning a domain was registered: six years and a bit.
const REGISTERED_BEFORE: Duration = Duration::from_secs(2_300 * 86_400);
/// How long before the beginning its registration was last changed: no anniversary is near.
const CHANGED_BEFORE: Duration = Duration::from_secs(200 * 86_400);
/// For how long it is paid where it does not lapse.
const PAID_AHEAD: Duration = Duration::from_secs(250 * 86_400);

/// The zones off every incident, and what is in them.
const NEUTRAL: &str = "neutral";
const BOGUS: &str = "bogus";
const STEADY: &str = "steady";
const LONG_LIVED: &str = "long-lived";
/// TTL of the long-lived record, in seconds.
const LONG_TTL: u32 = 172_800;
/// Where these records point: nowhere (RFC 5737).
const NEUTRAL_ADDRESS: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 254);
/// An address at which nobody stands (RFC 1112 §4).
const NOBODY: Ipv4Addr = Ipv4Addr::new(240, 0, 0, 53);
/// The key that the DS of the bogus zone names.
const KEY_OF_NOBODY: u8 = 77;

/// An authoritative server.
#[derive(Debug, Clone, PartialEq)]
pub struct Host {
    /// Its name.
    pub name: Name,
    /// Its addresses.
    pub addresses: Vec<IpAddr>,
    /// Round-trip time to it.
    pub latency: Duration,
    /// Share of packets lost, 0 to 1.
    pub loss: f64,
    /// How long after a registry's change it takes it up; of use for parent servers.
    pub lag: Duration,
}

/// The registry's zone.
#[derive(Debug, Clone, PartialEq)]
pub struct Parent {
    /// Its apex.
    pub zone: Name,
    /// Its servers.
    pub servers: Vec<Host>,
    /// TTL of the incident zone's delegation, in seconds.
    pub ns_ttl: u32,
    /// Its negative TTL, in seconds.
    pub negative_ttl: u32,
    /// Whether it is signed, and how it denies.
    pub signing: Option<Denial>,
}

/// A record of a zone; the owner none for the wildcard.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// Whose record it is.
    pub owner: Option<Name>,
    /// Its TTL in seconds.
    pub ttl: u32,
    /// Its data.
    pub rdata: Rdata,
}

/// One side's servers and what they say about the zone.
#[derive(Debug, Clone, PartialEq)]
pub struct Party {
    /// Its servers.
    pub servers: Vec<Host>,
    /// TTL of its own NS set, in seconds.
    pub ns_ttl: u32,
    /// Its negative TTL, in seconds.
    pub negative_ttl: u32,
    /// Which key it signs with; none for unsigned.
    pub key: Option<u8>,
    /// Whether positive answers carry the NS set along.
    pub ns_in_answers: bool,
    /// Whether it answers with authority for every name on earth.
    pub everything: bool,
    /// Its records.
    pub records: Vec<Line>,
}

/// A public resolver.
#[derive(Debug, Clone, PartialEq)]
pub struct Resolver {
    /// Its short name, unique.
    pub id: String,
    /// Who runs it.
    pub operator: String,
    /// Where: a country code, or empty.
    pub country: String,
    /// Its addresses.
    pub addresses: Vec<IpAddr>,
    /// How its caches are set up.
    pub options: CacheOptions,
    /// How many caches there are behind its addresses.
    pub caches: u16,
    /// How packets find them.
    pub spread: Spread,
    /// Round-trip time.
    pub latency: Duration,
    /// At most so much more.
    pub jitter: Duration,
    /// Share of packets lost, 0 to 1.
    pub loss: f64,
    /// Queries a second it takes.
    pub rate_limit: Option<f64>,
    /// Its NSID, `{}` for the cache's number.
    pub nsid: Option<String>,
    /// Its `id.server`, in the same form.
    pub identity: Option<String>,
    /// Whether its caches stay as they are when its operator takes a flush.
    pub ignores_flush: bool,
}

/// What users ask at every cache.
#[derive(Debug, Clone, PartialEq)]
pub struct Users {
    /// What they ask.
    pub questions: Vec<Question>,
    /// Questions a second for each of these at each cache.
    pub rate: f64,
    /// Questions a second for names that do not exist, at each cache.
    pub mistyped: f64,
}

/// How things stand when the scenario begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Start {
    /// Delegated to the correct servers.
    #[default]
    Correct,
    /// Parked.
    Parked,
    /// Not in the parent zone.
    Held,
}

/// The zone's registration.
#[derive(Debug, Clone, PartialEq)]
pub struct Desk {
    /// Who sells it.
    pub seller: Seller,
    /// Until when it is paid, since the beginning; none where it does not lapse.
    pub lapses: Option<Duration>,
    /// How it is taken out of the DNS.
    pub hold: Hold,
    /// Whether a lock forbids changes.
    pub locked: bool,
}

/// All of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Stage {
    /// The zone the incident is about.
    pub zone: Name,
    /// Root servers.
    pub roots: Vec<Host>,
    /// The registry.
    pub parent: Parent,
    /// The correct side.
    pub correct: Party,
    /// The parked side.
    pub parked: Party,
    /// A third side.
    pub stranger: Option<Party>,
    /// Resolvers.
    pub resolvers: Vec<Resolver>,
    /// Their users.
    pub users: Users,
    /// The registration, where a registry can be asked about it.
    pub registration: Option<Desk>,
    /// How things stand at first.
    pub start: Start,
    /// For how long users have asked before it begins.
    pub warm: Duration,
    /// What happens, by time since the beginning.
    pub script: Vec<(Duration, Action)>,
}

impl Stage {
    /// The simulated internet at `begin`, with the caches as users have left them.
    #[must_use]
    pub fn build(&self, begin: Timestamp, seed: u64) -> Internet {
        let mut random = Random::from_seed(seed);
        let names = |party: &Party| party.servers.iter().map(|h| h.name.clone()).collect::<NsSet>();
        let sides = Sides { zone: self.zone.clone(), correct: names(&self.correct), parked: names(&self.parked) };
        let mut net = Internet::new(self.world(), sides, random.bits(), begin - self.warm);
        let spread = Duration::from_secs(u64::from(self.parent.ns_ttl)).min(self.warm);
        for resolver in &self.resolvers {
            let caches = (0..resolver.caches).map(|_| Cache::new(resolver.options, random.bits())).collect();
            let mut service = Service::new(&resolver.id, resolver.addresses.clone(), caches, random.bits());
            service.operator.clone_from(&resolver.operator);
            service.spread = resolver.spread;
            service.latency = resolver.latency;
            service.jitter = resolver.jitter;
            service.loss = resolver.loss;
            service.rate_limit = resolver.rate_limit;
            service.nsid.clone_from(&resolver.nsid);
            service.identity.clone_from(&resolver.identity);
            service.ignores_flush = resolver.ignores_flush;
            net.add_service(service);
            for question in &self.users.questions {
                let (resolver, question) = (resolver.id.clone(), question.clone());
                net.add_traffic(Traffic { resolver, question, fresh_labels: false, rate: self.users.rate, spread });
            }
            if self.users.mistyped > 0.0 {
                let question = Question::new(self.zone.clone(), RecordType::A);
                let (resolver, rate) = (resolver.id.clone(), self.users.mistyped);
                net.add_traffic(Traffic { resolver, question, fresh_labels: true, rate, spread });
            }
        }
        if let Some(desk) = &self.registration {
            net.set_registration(self.registration_at(begin, desk));
        }
        for (at, action) in &self.script {
            net.plan(begin + *at, action.clone());
        }
        net.advance(begin);
        net
    }

    /// The registration as it stands at the beginning.
    fn registration_at(&self, begin: Timestamp, desk: &Desk) -> Registration {
        let party = if self.start == Start::Parked { &self.parked } else { &self.correct };
        Registration {
            seller: desk.seller.clone(),
            registered: begin - REGISTERED_BEFORE,
            paid_until: begin + desk.lapses.unwrap_or(PAID_AHEAD),
            hold: desk.hold,
            locked: desk.locked,
            ns: party.servers.iter().map(|host| host.name.clone()).collect(),
            ds: if self.start == Start::Parked { Vec::new() } else { self.correct_ds() },
            changed: begin - CHANGED_BEFORE,
            held: self.start == Start::Held,
        }
    }

    /// The delegation to one side as the registry would publish it.
    #[must_use]
    pub fn delegation(&self, party: &Party, ds: Vec<Ds>) -> Delegation {
        let near = party.servers.iter().filter(|h| h.name.is_at_or_below(&self.parent.zone));
        let glue = near.flat_map(|h| h.addresses.iter().map(|a| (h.name.clone(), *a))).collect();
        Delegation { ns: party.servers.iter().map(|h| h.name.clone()).collect(), ttl: self.parent.ns_ttl, glue, ds }
    }

    /// The DS of the correct side's key; empty when it is unsigned.
    #[must_use]
    pub fn correct_ds(&self) -> Vec<Ds> {
        signing(self.correct.key).iter().map(|s| s.ds(&self.zone)).collect()
    }

    /// The change that delegates the zone to one side.
    #[must_use]
    pub fn delegate_to(&self, party: &Party, ds: Vec<Ds>) -> Change {
        Change::Delegate(self.delegation(party, ds))
    }

    /// One side's copy of the incident zone.
    #[must_use]
    pub fn zone_of(&self, party: &Party) -> Zone {
        let ns: Vec<_> = party.servers.iter().map(|h| h.name.clone()).collect();
        let mut zone = Zone::new(self.zone.clone(), ns, party.ns_ttl, party.negative_ttl);
        if let Some(host) = party.servers.first() {
            let base = base_of(&host.name);
            zone.soa.rname = base.child(b"hostmaster").unwrap_or(base);
        }
        zone.ns_in_answers = party.ns_in_answers;
        zone.signing = signing(party.key);
        for line in &party.records {
            match &line.owner {
                Some(owner) => zone.add(owner.clone(), line.ttl, line.rdata.clone()),
                None => zone.add_wildcard(line.ttl, line.rdata.clone()),
            }
        }
        for host in party.servers.iter().filter(|h| h.name.is_below(&self.zone)) {
            for address in &host.addresses {
                let held = zone
                    .records
                    .get(&host.name)
                    .is_some_and(|sets| sets.iter().any(|set| set.rdata.contains(&address_data(*address))));
                if !held {
                    zone.add(host.name.clone(), party.ns_ttl, address_data(*address));
                }
            }
        }
        zone
    }

    /// Every authoritative server there is.
    pub fn hosts(&self) -> impl Iterator<Item = &Host> {
        let sides = self.parties().flat_map(|p| &p.servers);
        self.roots.iter().chain(&self.parent.servers).chain(sides)
    }

    fn parties(&self) -> impl Iterator<Item = &Party> {
        [&self.correct, &self.parked].into_iter().chain(&self.stranger)
    }

    fn world(&self) -> World {
        let above = self.zones_above();
        let mut world = World::default();
        for host in &self.roots {
            let mut zones = vec![self.root()];
            zones.extend(self.neutral_zones());
            world.add(server(host, zones));
        }
        for host in &self.parent.servers {
            world.add(server(host, above.clone()));
        }
        for party in self.parties() {
            for host in &party.servers {
                let mut zones = vec![self.zone_of(party)];
                zones.extend(self.own_zones(party));
                let mut server = server(host, zones);
                if party.everything {
                    server.everything = Some(self.zone_of(party));
                }
                world.add(server);
            }
        }
        world
    }

    /// Whether root and TLDs are signed: as the registry's zone is.
    fn signing_above(&self, key: u8) -> Option<Signing> {
        self.parent.signing.map(|denial| Signing { key, denial })
    }

    fn root(&self) -> Zone {
        let ns = self.roots.iter().map(|h| h.name.clone()).collect();
        let mut root = Zone::new(Name::root(), ns, STEADY_TTL, 3600);
        root.signing = self.signing_above(1);
        let glue: Vec<_> = addresses(&self.parent.servers).collect();
        for tld in self.tlds() {
            let ns = self.parent.servers.iter().map(|h| h.name.clone()).collect();
            let ds = self.signing_above(2).iter().map(|s| s.ds(&tld)).collect();
            root.delegations.insert(tld, Delegation { ns, ttl: STEADY_TTL, glue: glue.clone(), ds });
        }
        for zone in self.neutral_zones() {
            // The DS names a key that the zone is not signed with, where it is signed at all.
            let nobodys = Signing { key: KEY_OF_NOBODY, denial: Denial::Nsec };
            let ds = zone.signing.iter().map(|_| nobodys.ds(&zone.apex)).collect();
            let (ns, glue) = (zone.ns, addresses(&self.roots).collect());
            root.delegations.insert(zone.apex, Delegation { ns, ttl: STEADY_TTL, glue, ds });
        }
        root
    }

    /// What resolvers may be asked off the zone of the incident, and an address at which nobody stands.
    #[must_use]
    pub fn neutral(&self) -> Neutral {
        let below = |apex: &str, label: &str| neutral_name(apex).child(label.as_bytes()).ok();
        Neutral {
            unasked_zone: Some(neutral_name(NEUTRAL)),
            steady: below(NEUTRAL, STEADY).map(|name| (name, RecordType::A)),
            long_lived: below(NEUTRAL, LONG_LIVED).map(|name| (name, RecordType::A)),
            bogus: below(BOGUS, STEADY).map(|name| (name, RecordType::A)),
            nobody: vec![SocketAddr::from((NOBODY, 53))],
            identities: Vec::new(),
        }
    }

    /// Zones that have nothing to do with the incident, at the root servers: one unsigned, one that fails validation
    /// wherever anything is validated.
    fn neutral_zones(&self) -> [Zone; 2] {
        let make = |apex: &str| {
            let ns = self.roots.iter().map(|h| h.name.clone()).collect();
            let mut zone = Zone::new(neutral_name(apex), ns, STEADY_TTL, 300);
            for (label, ttl) in [(STEADY, STEADY_TTL), (LONG_LIVED, LONG_TTL)] {
                if let Ok(owner) = zone.apex.child(label.as_bytes()) {
                    zone.add(owner, ttl, Rdata::A(NEUTRAL_ADDRESS));
                }
            }
            zone
        };
        let mut bogus = make(BOGUS);
        bogus.signing = self.signing_above(KEY_OF_NOBODY + 1);
        [make(NEUTRAL), bogus]
    }

    /// The TLDs that occur: of the zone and of all name servers.
    fn tlds(&self) -> BTreeSet<Name> {
        let hosts = self.parties().flat_map(|p| &p.servers).map(|h| &h.name);
        hosts.chain([&self.parent.zone]).map(|name| upper(name, 1)).collect()
    }

    /// The zones the parent servers hold: every TLD, and the parent zone where that is no TLD.
    fn zones_above(&self) -> Vec<Zone> {
        let ns: Vec<_> = self.parent.servers.iter().map(|h| h.name.clone()).collect();
        let blank = |apex: Name| {
            let mut zone = Zone::new(apex, ns.clone(), STEADY_TTL, self.parent.negative_ttl);
            zone.signing = self.signing_above(2);
            zone
        };
        let mut zones: Vec<_> = self.tlds().into_iter().map(blank).collect();
        if self.parent.zone.label_count() > 1 {
            let tld = upper(&self.parent.zone, 1);
            let glue = addresses(&self.parent.servers).collect();
            let ds = self.signing_above(2).iter().map(|s| s.ds(&self.parent.zone)).collect();
            let down = Delegation { ns: ns.clone(), ttl: STEADY_TTL, glue, ds };
            zones.iter_mut().filter(|z| z.apex == tld).for_each(|z| {
                z.delegations.insert(self.parent.zone.clone(), down.clone());
            });
            zones.push(blank(self.parent.zone.clone()));
        }
        // The zones the name servers themselves are in.
        for party in self.parties() {
            for own in self.own_zones(party) {
                let hosts = party.servers.iter().filter(|h| own.ns.contains(&h.name));
                let glue = hosts.flat_map(|h| h.addresses.iter().map(|a| (h.name.clone(), *a))).collect();
                let down = Delegation { ns: own.ns.clone(), ttl: STEADY_TTL, glue, ds: Vec::new() };
                let holder =
                    zones.iter_mut().filter(|z| own.apex.is_below(&z.apex)).max_by_key(|z| z.apex.label_count());
                if let Some(holder) = holder {
                    holder.delegations.insert(own.apex, down);
                }
            }
        }
        let first = match self.start {
            Start::Correct => Some(self.delegation(&self.correct, self.correct_ds())),
            Start::Parked => Some(self.delegation(&self.parked, Vec::new())),
            Start::Held => None,
        };
        if let (Some(zone), Some(first)) = (zones.iter_mut().find(|z| z.apex == self.parent.zone), first) {
            zone.delegations.insert(self.zone.clone(), first);
        }
        zones
    }

    /// The zones a side's name servers are in, with their addresses; none for name servers inside the incident zone.
    fn own_zones(&self, party: &Party) -> Vec<Zone> {
        let outside = || party.servers.iter().filter(|h| !h.name.is_at_or_below(&self.zone));
        let apexes: BTreeSet<_> = outside().map(|h| base_of(&h.name)).collect();
        let each = apexes.into_iter().map(|apex| {
            let hosts: Vec<_> = outside().filter(|h| base_of(&h.name) == apex).collect();
            let mut zone = Zone::new(apex, hosts.iter().map(|h| h.name.clone()).collect(), STEADY_TTL, 300);
            for host in hosts {
                for address in &host.addresses {
                    zone.add(host.name.clone(), STEADY_TTL, address_data(*address));
                }
            }
            zone
        });
        each.collect()
    }
}

/// `neutral.test.`, `bogus.test.` (RFC 6761 §6.2).
fn neutral_name(label: &str) -> Name {
    Name::from_labels([label.as_bytes(), b"test"]).unwrap_or_else(|_| Name::root())
}

fn signing(key: Option<u8>) -> Option<Signing> {
    key.map(|key| Signing { key, denial: Denial::Nsec })
}

fn server(host: &Host, zones: Vec<Zone>) -> Server {
    let mut server = Server::new(host.name.clone(), host.addresses.clone());
    server.latency = host.latency;
    server.loss = host.loss;
    server.lag = host.lag;
    server.zones.extend(zones.into_iter().map(|zone| (zone.apex.clone(), zone)));
    server
}

fn addresses(hosts: &[Host]) -> impl Iterator<Item = (Name, IpAddr)> {
    hosts.iter().flat_map(|h| h.addresses.iter().map(|a| (h.name.clone(), *a)))
}

fn address_data(address: IpAddr) -> Rdata {
    match address {
        IpAddr::V4(v4) => Rdata::A(v4),
        IpAddr::V6(v6) => Rdata::Aaaa(v6),
    }
}

/// The zone a name server's name is taken to be in: its two rightmost labels. The stage makes these zones itself, so
/// this is no guess about the real tree.
fn base_of(host: &Name) -> Name {
    upper(host, 2)
}

/// The rightmost `labels` labels of a name.
fn upper(name: &Name, labels: usize) -> Name {
    let mut at = name.clone();
    while at.label_count() > labels {
        match at.one_up() {
            Some(up) => at = up,
            None => break,
        }
    }
    at
}
