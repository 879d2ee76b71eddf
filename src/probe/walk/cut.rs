//! What a response says about zone cuts and addresses on the way down. Pure: reads, compares, merges.

use std::net::{IpAddr, SocketAddr};

use super::ServerAddress;
use crate::dns::{Name, NsSet, Rcode, Rdata, RecordType};
use crate::observation::Response;
use crate::probe::Families;

/// Most servers taken of one zone; the largest real sets have 13.
const MOST_SERVERS: usize = 64;
/// Most addresses taken of one server.
const MOST_ADDRESSES: usize = 16;

/// A zone with what is known of its servers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cut {
    pub(super) zone: Name,
    pub(super) servers: Vec<Server>,
}

/// A name server of a zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Server {
    pub(super) name: Name,
    /// Addresses that may be asked.
    pub(super) addresses: Vec<SocketAddr>,
    /// Why it has none, once that is settled.
    pub(super) failure: Option<String>,
}

/// Servers of a zone as one response gives them: names, and addresses from the same message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Delegation {
    pub(super) zone: Name,
    servers: Vec<(Name, Vec<IpAddr>)>,
}

/// What a response to `<name> NS` says about a cut at `name`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum CutTest {
    /// There is one, at the name or between it and the zone asked.
    Cut(Delegation),
    /// There is none.
    NoCut,
}

/// What a response to an address question says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum AddressTest {
    /// The host's addresses; none when it has none.
    Addresses(Vec<IpAddr>),
    /// The host is an alias whose target is not in the answer.
    Alias(Name),
    /// Others know.
    Below(Delegation),
}

impl Cut {
    /// The root zone with the servers given.
    pub(super) fn root(start: &[ServerAddress], families: Families) -> Self {
        let mut cut = Self { zone: Name::root(), servers: Vec::new() };
        for server in start {
            cut.add(server.name.clone(), [server.address], families, usize::MAX);
        }
        cut
    }

    /// The cut that several servers of `above` tell of, each with the address that told. Where they tell of different
    /// cuts the highest counts: the others are found again on the way.
    pub(super) fn merge(above: &Self, told: Vec<(SocketAddr, Delegation)>, families: Families) -> Option<Self> {
        let zone = told.iter().map(|(_, d)| &d.zone).min_by_key(|zone| zone.label_count())?.clone();
        let mut cut = Self { zone, servers: Vec::new() };
        for (by, delegation) in told {
            if delegation.zone != cut.zone {
                continue;
            }
            for (name, addresses) in delegation.servers {
                // Delegations have no ports: where the teller was asked, its children are asked too.
                let addresses = addresses.into_iter().map(|ip| SocketAddr::new(ip, by.port()));
                cut.add(name, addresses, families, MOST_SERVERS);
            }
        }
        for server in cut.servers.iter_mut().filter(|server| server.addresses.is_empty()) {
            // The same server may serve the zone above, and its address be known from there.
            if let Some(known) = above.servers.iter().find(|known| known.name == server.name) {
                server.addresses.clone_from(&known.addresses);
            }
            if !server.addresses.is_empty() {
                server.failure = None;
            }
        }
        Some(cut)
    }

    /// Adds a server or, if it is there, addresses to it.
    fn add(&mut self, name: Name, addresses: impl IntoIterator<Item = SocketAddr>, families: Families, most: usize) {
        let at = match self.servers.iter().position(|server| server.name == name) {
            Some(at) => at,
            None if self.servers.len() < most => {
                self.servers.push(Server { name, addresses: Vec::new(), failure: None });
                self.servers.len() - 1
            }
            None => return,
        };
        self.servers[at].add(addresses, families);
    }

    /// Every address once.
    pub(super) fn addresses(&self) -> Vec<SocketAddr> {
        let mut all: Vec<SocketAddr> = Vec::new();
        for address in self.servers.iter().flat_map(|server| &server.addresses) {
            if !all.contains(address) {
                all.push(*address);
            }
        }
        all
    }

    /// Names of servers whose addresses are not known yet.
    pub(super) fn without_address(&self) -> Vec<Name> {
        let open = self.servers.iter().filter(|server| server.addresses.is_empty() && server.failure.is_none());
        open.map(|server| server.name.clone()).collect()
    }
}

impl Server {
    fn add(&mut self, addresses: impl IntoIterator<Item = SocketAddr>, families: Families) {
        let mut refused = None;
        for address in addresses {
            if !families.allow(address) {
                refused = Some(address);
            } else if !self.addresses.contains(&address) && self.addresses.len() < MOST_ADDRESSES {
                self.addresses.push(address);
            }
        }
        self.failure = match refused {
            _ if !self.addresses.is_empty() => None,
            Some(address) if address.is_ipv6() => Some("only IPv6 addresses, which are not asked from here".to_owned()),
            Some(_) => Some("only IPv4 addresses, which are not asked from here".to_owned()),
            None => self.failure.take(),
        };
    }
}

impl CutTest {
    /// Reads a response to `<name> NS` by a server of `zone`; none when it is of no use.
    pub(super) fn read(response: &Response, name: &Name, zone: &Name) -> Option<Self> {
        if response.rcode == Rcode::NOERROR {
            if let Some(set) = response.answer_set(name, RecordType::NS) {
                return Some(Self::Cut(Delegation::new(response, name.clone(), &NsSet::from_rrset(&set), zone)));
            }
            if let Some(delegation) = Delegation::read(response, name, zone) {
                return Some(Self::Cut(delegation));
            }
            // An alias cannot be an apex (RFC 1912 §2.4).
            if !response.aliases(name).is_empty() {
                return Some(Self::NoCut);
            }
        }
        denies(response, name, zone).then_some(Self::NoCut)
    }
}

impl AddressTest {
    /// Reads a response to a question for the addresses of `host` by a server of `zone`.
    pub(super) fn read(response: &Response, host: &Name, rtype: RecordType, zone: &Name) -> Option<Self> {
        if response.rcode == Rcode::NOERROR {
            // Where an alias leads out of the zone, only that zone's servers may speak for its target.
            if let Some(outside) = response.aliases(host).into_iter().find(|target| !target.is_at_or_below(zone)) {
                return Some(Self::Alias(outside));
            }
            if let Some(set) = response.resolved(host, rtype) {
                let addresses = set.rdata.iter().filter_map(ip_of).take(MOST_ADDRESSES).collect();
                return Some(Self::Addresses(addresses));
            }
            if let Some(target) = response.aliases(host).pop() {
                return Some(Self::Alias(target));
            }
            if let Some(delegation) = Delegation::read(response, host, zone) {
                return Some(Self::Below(delegation));
            }
        }
        denies(response, host, zone).then(|| Self::Addresses(Vec::new()))
    }
}

impl Delegation {
    /// A referral to a zone strictly below `zone` on the way to `name`. Upward ones, sideways ones and ones to the
    /// same zone lead nowhere and count as nothing; so do NS records beside an SOA, which are no referral.
    fn read(response: &Response, name: &Name, zone: &Name) -> Option<Self> {
        // AA is not looked at: some servers set it on referrals.
        if !response.answer.is_empty() || response.soa().is_some() {
            return None;
        }
        let (owner, set, _) = response.referral(name)?;
        owner.is_below(zone).then(|| Self::new(response, owner, &set, zone))
    }

    /// The servers of `set`, with the addresses of those for which a server of `teller` may speak: hosts in or below
    /// its own zone. Others' addresses are asked of their own servers.
    fn new(response: &Response, zone: Name, set: &NsSet, teller: &Name) -> Self {
        let glue = |host: &Name| {
            let records = response.additional.iter().filter(|r| r.owner == *host && host.is_at_or_below(teller));
            records.filter_map(|r| ip_of(&r.rdata)).take(MOST_ADDRESSES).collect()
        };
        let servers = set.iter().take(MOST_SERVERS).map(|host| (host.clone(), glue(host))).collect();
        Self { zone, servers }
    }
}

/// Whether a response says properly that there is nothing of the kind asked at `name`: NXDOMAIN or NODATA from an
/// authority, its SOA (where given) from a zone between the one asked and the name.
fn denies(response: &Response, name: &Name, zone: &Name) -> bool {
    let empty = response.rcode == Rcode::NOERROR && response.answer.is_empty();
    if !empty && response.rcode != Rcode::NXDOMAIN {
        return false;
    }
    match response.soa() {
        Some((owner, ..)) => name.is_at_or_below(owner) && owner.is_at_or_below(zone),
        None => response.aa,
    }
}

fn ip_of(rdata: &Rdata) -> Option<IpAddr> {
    match rdata {
        Rdata::A(address) => Some(IpAddr::V4(*address)),
        Rdata::Aaaa(address) => Some(IpAddr::V6(*address)),
        _ => None,
    }
}
