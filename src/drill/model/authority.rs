//! The authoritative servers of the simulated internet, each with its own copy of its zones.
//!
//! That every parent server has its own copy is the point: a registry's change reaches them one by one.

use std::net::IpAddr;
use std::time::Duration;

use super::packet::Question;
use super::random::Map;
use super::zone::{AuthoritativeAnswer, Delegation, Zone};
use crate::dns::{Class, Ds, Name, NsSet, Rcode, RecordType};

/// How a server is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Condition {
    /// It answers.
    #[default]
    Up,
    /// Packets vanish.
    Silent,
    /// The host is there, nobody listens at the port.
    PortClosed,
    /// It answers REFUSED to everything.
    Refusing,
    /// It answers SERVFAIL to everything.
    Failing,
}

impl Condition {
    /// As scenario files name it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Silent => "silent",
            Self::PortClosed => "closed",
            Self::Refusing => "refusing",
            Self::Failing => "failing",
        }
    }
}

/// An authoritative server.
#[derive(Debug, Clone)]
pub struct Server {
    /// Its host name.
    pub name: Name,
    /// Its addresses.
    pub addresses: Vec<IpAddr>,
    /// The zones it holds, by apex.
    pub zones: Map<Name, Zone>,
    /// For a host that answers with authority for every name: what it says for names in none of its zones. The apex
    /// it claims is the two rightmost labels of the name asked.
    pub everything: Option<Zone>,
    /// How it is.
    pub condition: Condition,
    /// Round-trip time to it.
    pub latency: Duration,
    /// Share of packets lost on the way, 0 to 1.
    pub loss: f64,
    /// How long after a registry's change it takes it up.
    pub lag: Duration,
}

/// What comes of asking an authoritative server.
#[derive(Debug, Clone, PartialEq)]
pub enum Upstream {
    /// It said this.
    Answer(Box<AuthoritativeAnswer>),
    /// It answered with an error code.
    Error(Rcode),
    /// Nothing came.
    Silence,
    /// Nobody listens at its port.
    Closed,
}

/// All authoritative servers.
#[derive(Debug, Clone, Default)]
pub struct World {
    servers: Vec<Server>,
    by_address: Map<IpAddr, usize>,
    roots: Vec<(Name, IpAddr)>,
}

impl Server {
    /// A server that answers after 10 ms, with no zone yet.
    #[must_use]
    pub fn new(name: Name, addresses: Vec<IpAddr>) -> Self {
        Self {
            name,
            addresses,
            zones: Map::default(),
            everything: None,
            condition: Condition::Up,
            latency: Duration::from_millis(10),
            loss: 0.0,
            lag: Duration::ZERO,
        }
    }

    /// Answers one question.
    #[must_use]
    pub fn ask(&self, question: &Question) -> Upstream {
        match self.condition {
            Condition::Silent => Upstream::Silence,
            Condition::PortClosed => Upstream::Closed,
            Condition::Refusing => Upstream::Error(Rcode::REFUSED),
            Condition::Failing => Upstream::Error(Rcode::SERVFAIL),
            Condition::Up if question.class != Class::IN => Upstream::Error(Rcode::REFUSED),
            Condition::Up => {
                let (name, rtype) = (&question.name, question.rtype);
                match self.zone_for(name, rtype) {
                    Some(zone) => Upstream::Answer(Box::new(zone.answer(name, rtype))),
                    None => match &self.everything {
                        Some(pattern) => Upstream::Answer(Box::new(claim(pattern, name).answer(name, rtype))),
                        None => Upstream::Error(Rcode::REFUSED),
                    },
                }
            }
        }
    }

    /// The zone it would answer from: the nearest above the name, but for a DS the one above the cut.
    fn zone_for(&self, name: &Name, rtype: RecordType) -> Option<&Zone> {
        let nearest = |from: Option<Name>| {
            let mut at = from;
            while let Some(here) = at {
                if let Some(zone) = self.zones.get(&here) {
                    return Some(zone);
                }
                at = here.one_up();
            }
            None
        };
        let above = if rtype == RecordType::DS { nearest(name.one_up()) } else { None };
        above.filter(|zone| zone.delegations.contains_key(name)).or_else(|| nearest(Some(name.clone())))
    }
}

/// The zone a server that answers for everything claims to hold for a name.
fn claim(pattern: &Zone, name: &Name) -> Zone {
    let mut apex = name.clone();
    while apex.label_count() > 2 {
        match apex.one_up() {
            Some(up) => apex = up,
            None => break,
        }
    }
    let mut zone = pattern.clone();
    zone.records.clear();
    zone.records.insert(apex.clone(), pattern.wildcard.clone());
    zone.apex = apex;
    zone
}

impl World {
    /// Adds a server; root servers are those that hold the root zone at that time.
    pub fn add(&mut self, server: Server) {
        let index = self.servers.len();
        for address in &server.addresses {
            self.by_address.insert(*address, index);
            if server.zones.contains_key(&Name::root()) {
                self.roots.push((server.name.clone(), *address));
            }
        }
        self.servers.push(server);
    }

    /// The root servers' names and addresses: what resolvers have as hints.
    #[must_use]
    pub fn roots(&self) -> &[(Name, IpAddr)] {
        &self.roots
    }

    /// All servers.
    #[must_use]
    pub fn servers(&self) -> &[Server] {
        &self.servers
    }

    /// The server at an address.
    #[must_use]
    pub fn server_at(&self, address: IpAddr) -> Option<&Server> {
        self.by_address.get(&address).and_then(|index| self.servers.get(*index))
    }

    /// A server by its place in the list, to change it.
    pub fn server_mut(&mut self, index: usize) -> Option<&mut Server> {
        self.servers.get_mut(index)
    }

    /// Servers by host name, to change them.
    pub fn named_mut<'a>(&'a mut self, name: &'a Name) -> impl Iterator<Item = &'a mut Server> {
        self.servers.iter_mut().filter(move |s| s.name == *name)
    }

    /// Whether any server's copy of the zone is signed with the key that a DS names: its digest counts, not its tag alone.
    #[must_use]
    pub fn has_key(&self, zone: &Name, ds: &Ds) -> bool {
        let mut signings = self.servers.iter().filter_map(|server| server.zones.get(zone)?.signing);
        signings.any(|signing| signing.ds(zone) == *ds)
    }

    /// The servers that hold the zone above `zone` (the nearest one held anywhere), by place in the list.
    #[must_use]
    pub fn parents_of(&self, zone: &Name) -> (Name, Vec<usize>) {
        let mut at = zone.one_up();
        while let Some(here) = at {
            let holders = self.servers.iter().enumerate().filter(|(_, s)| s.zones.contains_key(&here));
            let holders: Vec<_> = holders.map(|(index, _)| index).collect();
            if !holders.is_empty() {
                return (here, holders);
            }
            at = here.one_up();
        }
        (Name::root(), Vec::new())
    }

    /// What each parent server says of a zone: none for a name it does not delegate.
    pub fn delegations<'a>(&'a self, zone: &'a Name) -> impl Iterator<Item = (&'a Server, Option<&'a Delegation>)> {
        let (parent, holders) = self.parents_of(zone);
        holders.into_iter().filter_map(move |index| {
            let server = self.servers.get(index)?;
            Some((server, server.zones.get(&parent)?.delegations.get(zone)))
        })
    }

    /// The NS set that all reachable parent servers agree on; none when they differ or have none.
    #[must_use]
    pub fn agreed_delegation(&self, zone: &Name) -> Option<NsSet> {
        let mut sets = self.delegations(zone).map(|(_, d)| d.map(|d| d.ns.iter().cloned().collect::<NsSet>()));
        let first = sets.next()??;
        sets.all(|set| set.as_ref() == Some(&first)).then_some(first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::Rdata;
    use std::net::Ipv4Addr;

    #[test]
    fn a_host_that_answers_for_everything_claims_zones_it_never_had() {
        let name = |text: &str| text.parse::<Name>().unwrap();
        let mut parked = Zone::new(name("lost.com."), vec![name("ns1.parked.net.")], 600, 60);
        parked.add_wildcard(30, Rdata::A(Ipv4Addr::new(192, 0, 2, 66)));
        let mut server = Server::new(name("ns1.parked.net."), vec![IpAddr::V4(Ipv4Addr::new(192, 0, 2, 53))]);
        server.zones.insert(parked.apex.clone(), parked.clone());
        let ask = |server: &Server, owner: &str, rtype| server.ask(&Question::new(name(owner), rtype));
        assert_eq!(ask(&server, "www.nonsense.org.", RecordType::A), Upstream::Error(Rcode::REFUSED));
        server.everything = Some(parked);
        for owner in ["nonsense.org.", "www.nonsense.org.", "a.b.c.nonsense.org."] {
            let Upstream::Answer(answer) = ask(&server, owner, RecordType::A) else { panic!("{owner}") };
            assert!(answer.aa && answer.answer.len() == 1, "{owner}");
            assert_eq!(answer.zone, name("nonsense.org."));
        }
        let Upstream::Answer(soa) = ask(&server, "nonsense.org.", RecordType::SOA) else { panic!("no answer") };
        assert_eq!(soa.answer[0].owner, name("nonsense.org."));
        // And for the root itself, whatever is asked.
        assert!(matches!(ask(&server, ".", RecordType::NS), Upstream::Answer(_)));
        server.condition = Condition::Silent;
        assert_eq!(ask(&server, "lost.com.", RecordType::A), Upstream::Silence);
    }
}
