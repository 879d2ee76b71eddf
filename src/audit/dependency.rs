//! What hangs on what: zones whose name servers, mail hosts or alias targets lie inside another registered domain. When that
//! domain expires, all of them go down with it; where it is not on the list, nobody watches it.

use std::collections::{BTreeMap, BTreeSet};

use super::facts::{DnsFacts, Facts};
use super::origin::registrable;
use super::portfolio::Entry;
use crate::dns::Name;
use crate::time::Timestamp;

/// By what a zone hangs on a domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DependencyKind {
    /// A name server of the zone.
    Ns,
    /// A host that takes its mail.
    Mx,
    /// The target of an alias.
    Cname,
}

impl DependencyKind {
    /// As in JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ns => "NS",
            Self::Mx => "MX",
            Self::Cname => "CNAME",
        }
    }
}

/// A registered domain that other zones hang on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dependency {
    /// The domain.
    pub domain: Name,
    /// Whether it is on the list, itself or by a zone inside it.
    pub listed: bool,
    /// When its registration ends, where that is known.
    pub expires: Option<Timestamp>,
    /// Why it is in trouble itself; none where nothing is known of that.
    pub trouble: Option<String>,
    /// The zones of the list that hang on it, with by what.
    pub zones: BTreeMap<Name, BTreeSet<DependencyKind>>,
    /// How many zones of the list hang on it only by way of other domains whose name servers lie in it.
    pub indirect: usize,
}

/// The domains that a zone hangs on, its own left out, with by what and one target of each.
pub fn of_zone(zone: &Name, facts: &DnsFacts) -> BTreeMap<Name, BTreeMap<DependencyKind, Name>> {
    let own = registrable(zone);
    let mut found: BTreeMap<Name, BTreeMap<DependencyKind, Name>> = BTreeMap::new();
    let mut add = |target: &Name, kind: DependencyKind| {
        if let Some(domain) = registrable(target).filter(|domain| Some(domain) != own.as_ref()) {
            found.entry(domain).or_default().entry(kind).or_insert_with(|| target.clone());
        }
    };
    for server in facts.delegation().into_iter().flatten() {
        add(server, DependencyKind::Ns);
    }
    for host in facts.mail.iter().flatten() {
        add(host, DependencyKind::Mx);
    }
    for target in facts.hosts.iter().flat_map(|host| &host.aliases) {
        add(target, DependencyKind::Cname);
    }
    found
}

/// What is known of a domain that others hang on.
pub struct Known {
    pub expires: Option<Timestamp>,
    pub trouble: Option<String>,
}

/// Every domain that zones of the list hang on: those whose end is known first, the soonest first; then those that most zones
/// hang on.
pub fn dependencies(entries: &[Entry], facts: &Facts, known: impl Fn(&Name) -> Known) -> Vec<Dependency> {
    let listed: BTreeSet<Name> = entries.iter().filter_map(|entry| registrable(&entry.zone)).collect();
    let mut found: BTreeMap<Name, BTreeMap<Name, BTreeSet<DependencyKind>>> = BTreeMap::new();
    for entry in entries {
        let Some(dns) = facts.dns.get(&entry.zone) else { continue };
        for (domain, kinds) in of_zone(&entry.zone, dns) {
            found.entry(domain).or_default().insert(entry.zone.clone(), kinds.into_keys().collect());
        }
    }
    let by_name_servers = |domain: &Name| -> BTreeSet<Name> {
        let Some(dns) = facts.dns.get(domain) else { return BTreeSet::new() };
        dns.delegation().into_iter().flatten().filter_map(registrable).filter(|other| other != domain).collect()
    };
    // From each domain to those that carry it: whoever hangs on the first hangs on the second.
    let mut carried: BTreeMap<Name, BTreeSet<Name>> = BTreeMap::new();
    for domain in found.keys() {
        let mut open: Vec<Name> = by_name_servers(domain).into_iter().collect();
        let mut seen: BTreeSet<Name> = BTreeSet::from([domain.clone()]);
        while let Some(next) = open.pop() {
            if seen.insert(next.clone()) {
                carried.entry(next.clone()).or_default().insert(domain.clone());
                open.extend(by_name_servers(&next));
            }
        }
    }
    let mut all: Vec<Dependency> = found
        .iter()
        .map(|(domain, zones)| {
            let through = carried.get(domain).into_iter().flatten().filter_map(|by| found.get(by));
            let indirect: BTreeSet<&Name> =
                through.flat_map(BTreeMap::keys).filter(|zone| !zones.contains_key(*zone)).collect();
            let Known { expires, trouble } = known(domain);
            let indirect = indirect.into_iter().filter(|zone| *zone != domain).count();
            let listed = listed.contains(domain);
            Dependency { domain: domain.clone(), listed, expires, trouble, zones: zones.clone(), indirect }
        })
        .collect();
    all.sort_by_key(|dependency| {
        let end = dependency.expires.map_or(i64::MAX, Timestamp::as_micros);
        (end, std::cmp::Reverse(dependency.zones.len()), dependency.domain.clone())
    });
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::{HostSaid, ParentSaid, ParentWord};

    fn name(text: &str) -> Name {
        text.parse().unwrap()
    }

    fn delegated(servers: &[&str]) -> DnsFacts {
        let set = servers.iter().map(|s| name(s)).collect();
        let address = "192.0.2.1:53".parse().unwrap();
        let mut facts = DnsFacts::nothing(Timestamp::from_secs(0));
        facts.parents = vec![ParentSaid { address, said: ParentWord::Delegates(set) }];
        facts
    }

    fn entry(zone: &str) -> Entry {
        Entry { zone: name(zone), line: 1, expect: None, hosts: vec![], product: None, status: None, failover: None }
    }

    #[test]
    fn what_hangs_on_what_soonest_end_first() {
        let mut facts = Facts::default();
        let mut shop = delegated(&["ns1.dns.example", "ns2.shop.example"]);
        shop.mail = Some(vec![name("mx.mail.example")]);
        let aliases = vec![name("x.cdn.example")];
        shop.hosts = vec![HostSaid { name: name("www.shop.example"), aliases, addresses: vec![], answered: true }];
        facts.dns.insert(name("shop.example"), shop);
        facts.dns.insert(name("dns.example"), delegated(&["ns1.deep.example"]));
        facts.dns.insert(name("other.example"), delegated(&["ns1.deep.example"]));
        let entries = [entry("shop.example"), entry("dns.example"), entry("other.example")];
        let known = |domain: &Name| Known {
            expires: (*domain == name("mail.example")).then(|| Timestamp::from_secs(5)),
            trouble: None,
        };
        let all = dependencies(&entries, &facts, known);
        let said: Vec<String> = all
            .iter()
            .map(|d| format!("{} {} {}+{}", d.domain.without_dot(), d.listed, d.zones.len(), d.indirect))
            .collect();
        // Whoever hangs on dns.example hangs on deep.example too.
        assert_eq!(
            said,
            ["mail.example false 1+0", "deep.example false 2+1", "cdn.example false 1+0", "dns.example true 1+0"]
        );
        assert_eq!(all[0].zones[&name("shop.example")], BTreeSet::from([DependencyKind::Mx]));
    }
}
