//! What has to be asked for a list, everything once.

use std::collections::{BTreeMap, BTreeSet};

use super::origin::registrable;
use super::portfolio::Portfolio;
use crate::dns::{Name, shown};

/// One thing to be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Task {
    /// What the DNS says about a zone.
    Dns(DnsTask),
    /// What registry and registrar say about a registered domain.
    Registration(Name),
}

/// What is asked about one zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DnsTask {
    /// The zone.
    pub zone: Name,
    /// Hosts inside it, the apex first.
    pub hosts: Vec<Name>,
}

impl DnsTask {
    /// Whether facts that cover `hosts` answer this task too.
    #[must_use]
    pub fn is_covered_by(&self, hosts: &[Name]) -> bool {
        self.hosts.iter().all(|host| hosts.contains(host))
    }
}

impl Task {
    /// The zone or domain it is about, for a progress line.
    #[must_use]
    pub fn subject(&self) -> String {
        match self {
            Self::Dns(task) => shown::text(&task.zone.without_dot()),
            Self::Registration(domain) => shown::text(&domain.without_dot()),
        }
    }
}

/// The tasks of a list: zones in its order, then registrations in its order, then those of status pages and failover domains.
#[must_use]
pub fn plan(portfolio: &Portfolio, dns: bool, registration: bool) -> Vec<Task> {
    let mut zones: Vec<DnsTask> = Vec::new();
    let mut at: BTreeMap<Name, usize> = BTreeMap::new();
    let mut add = |zone: &Name, hosts: &[&Name]| {
        let index = *at.entry(zone.clone()).or_insert_with(|| {
            zones.push(DnsTask { zone: zone.clone(), hosts: vec![zone.clone()] });
            zones.len() - 1
        });
        let Some(task) = zones.get_mut(index) else { return };
        for host in hosts {
            if host.is_at_or_below(zone) && !task.hosts.contains(host) {
                task.hosts.push((*host).clone());
            }
        }
    };
    let mut domains: Vec<Name> = Vec::new();
    let mut seen: BTreeSet<Name> = BTreeSet::new();
    let mut register = |name: &Name| {
        if let Some(domain) = registrable(name)
            && seen.insert(domain.clone())
        {
            domains.push(domain);
        }
    };
    for entry in &portfolio.entries {
        let hosts: Vec<&Name> = entry.hosts.iter().chain(&entry.product).collect();
        add(&entry.zone, &hosts);
        register(&entry.zone);
    }
    for entry in &portfolio.entries {
        if let Some(product) = entry.product.as_ref().filter(|p| !p.is_at_or_below(&entry.zone)) {
            add(&home_of(product), &[product]);
            register(product);
        }
        if let Some(status) = &entry.status {
            add(&home_of(status), &[status]);
            register(status);
        }
        if let Some(failover) = &entry.failover {
            let www = failover.child(b"www").ok();
            add(failover, &www.iter().collect::<Vec<_>>());
            register(failover);
        }
    }
    let mut tasks = Vec::new();
    if dns {
        tasks.extend(zones.into_iter().map(Task::Dns));
    }
    if registration {
        tasks.extend(domains.into_iter().map(Task::Registration));
    }
    tasks
}

/// The zone under which a host is looked at: its registered domain, or itself where it has none.
pub(super) fn home_of(host: &Name) -> Name {
    registrable(host).unwrap_or_else(|| host.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::Entry;

    fn name(text: &str) -> Name {
        text.parse().unwrap()
    }

    #[test]
    fn everything_is_asked_once() {
        let entry = |zone: &str, status: Option<&str>| Entry {
            zone: name(zone),
            line: 1,
            expect: None,
            hosts: vec![name(&format!("www.{zone}"))],
            product: None,
            status: status.map(name),
            failover: Some(name("spare.example")),
        };
        let entries = vec![entry("shop.example", Some("status.shop.example")), entry("eu.shop.example", None)];
        let tasks = plan(&Portfolio { entries, ..Portfolio::default() }, true, true);
        let said: Vec<String> = tasks
            .iter()
            .map(|task| match task {
                Task::Dns(dns) => format!("{} {}", task.subject(), dns.hosts.len()),
                Task::Registration(_) => format!("who {}", task.subject()),
            })
            .collect();
        assert_eq!(
            said,
            ["shop.example 3", "eu.shop.example 2", "spare.example 2", "who shop.example", "who spare.example"]
        );
        let asks_dns = |dns, who| plan(&Portfolio::default(), dns, who).len();
        assert_eq!(asks_dns(true, false), 0);
    }
}
