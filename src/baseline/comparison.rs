//! A baseline held against how the zone looks now, part by part.

use std::collections::BTreeSet;
use std::fmt::Display;

use super::{Baseline, Sight};
use crate::dns::{Name, NsSet};
use crate::observation::address_text;

/// A part of a baseline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// The NS records at the parent.
    Delegation,
    /// The DS records at the parent.
    DelegationSigner,
    /// The NS records of the zone itself.
    ApexNs,
    /// The SOA's primary server and mailbox.
    Soa,
    /// The addresses of a name server.
    Server,
    /// The addresses of the apex or of a watched host.
    Host,
}

impl Part {
    /// As in JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Delegation => "delegation",
            Self::DelegationSigner => "ds",
            Self::ApexNs => "apex-ns",
            Self::Soa => "soa",
            Self::Server => "name-server",
            Self::Host => "host",
        }
    }
}

/// Whether a part is as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Likeness {
    /// It is.
    Same,
    /// It is not.
    Different,
    /// It was not heard now.
    Unknown,
}

impl Likeness {
    /// As in JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Different => "different",
            Self::Unknown => "unknown",
        }
    }
}

/// One part, as it was and as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// Which part.
    pub part: Part,
    /// Of which name: a name server, a host, or the zone.
    pub name: Name,
    /// Whether it is as it was.
    pub likeness: Likeness,
    /// As it was: names without final dots, addresses, DS records. Empty: none was there.
    pub was: Vec<String>,
    /// As it is, a list for each answer that was heard; servers may disagree. Empty: nothing was heard.
    pub now: Vec<Vec<String>>,
}

/// Holds a zone as it looks now against a baseline. What the baseline does not know is left out.
#[must_use]
pub fn compare(baseline: &Baseline, sight: &Sight) -> Vec<Comparison> {
    let zone = &baseline.zone;
    let mut all = Vec::new();
    let mut delegations: Vec<Vec<String>> = sight.delegations.iter().map(names).collect();
    if sight.denied {
        delegations.push(Vec::new());
    }
    all.push(comparison(Part::Delegation, zone, names(&baseline.ns), delegations));
    if let Some(ds) = &baseline.ds {
        let now = sight.ds.iter().map(texts).collect();
        all.push(comparison(Part::DelegationSigner, zone, texts(ds), now));
    }
    if let Some(ns) = &baseline.apex_ns {
        all.push(comparison(Part::ApexNs, zone, names(ns), sight.apex_ns.iter().map(names).collect()));
    }
    if let Some(soa) = &baseline.soa {
        let words = |(mname, rname): &(Name, Name)| vec![mname.without_dot(), rname.without_dot()];
        all.push(comparison(Part::Soa, zone, words(soa), sight.soas.iter().map(words).collect()));
    }
    for (name, addresses) in &baseline.servers {
        let words = |set: &BTreeSet<std::net::SocketAddr>| set.iter().map(|a| address_text(*a)).collect::<Vec<_>>();
        all.push(comparison(
            Part::Server,
            name,
            words(addresses),
            sight.servers.get(name).map(words).into_iter().collect(),
        ));
    }
    for (name, addresses) in &baseline.hosts {
        all.push(comparison(
            Part::Host,
            name,
            texts(addresses),
            sight.hosts.get(name).map(texts).into_iter().collect(),
        ));
    }
    all
}

fn comparison(part: Part, name: &Name, was: Vec<String>, now: Vec<Vec<String>>) -> Comparison {
    let likeness = match now.as_slice() {
        [] => Likeness::Unknown,
        [one] if *one == was => Likeness::Same,
        _ => Likeness::Different,
    };
    Comparison { part, name: name.clone(), likeness, was, now }
}

fn names(set: &NsSet) -> Vec<String> {
    set.iter().map(Name::without_dot).collect()
}

fn texts<T: Display>(set: &BTreeSet<T>) -> Vec<String> {
    set.iter().map(ToString::to_string).collect()
}
