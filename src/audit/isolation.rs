//! Whether two hosts fail together: a product and its status page, a zone and the domain that stands in for it.

use std::collections::BTreeSet;

use super::facts::{DnsFacts, Facts, HostSaid};
use super::origin::registrable;
use super::provider::{block_of, providers};
use super::task::home_of;
use crate::dns::Name;
use crate::registration::{Hearing, registrar};

/// In what two hosts may be the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Aspect {
    /// The registered domain.
    Domain,
    /// The registrar.
    Registrar,
    /// The provider of the name servers, judged by their names.
    DnsProvider,
    /// The block of addresses (/24, /48).
    AddressBlock,
    /// The target of an alias, or the domain it lies in.
    AliasTarget,
}

impl Aspect {
    /// Every aspect.
    pub const ALL: [Self; 5] =
        [Self::Domain, Self::Registrar, Self::DnsProvider, Self::AddressBlock, Self::AliasTarget];

    /// As in JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Domain => "domain",
            Self::Registrar => "registrar",
            Self::DnsProvider => "dns-provider",
            Self::AddressBlock => "address-block",
            Self::AliasTarget => "alias-target",
        }
    }

    /// For a sentence.
    #[must_use]
    pub const fn phrase(self) -> &'static str {
        match self {
            Self::Domain => "the registered domain",
            Self::Registrar => "the registrar",
            Self::DnsProvider => "the DNS provider",
            Self::AddressBlock => "the block of addresses",
            Self::AliasTarget => "the target of an alias",
        }
    }
}

/// Whether an aspect is shared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sharing {
    /// It is: what is the same; safe to show.
    Shared(String),
    /// It is not.
    Apart,
    /// It cannot be told.
    Unknown,
}

impl Sharing {
    /// As in JSON.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Shared(_) => "shared",
            Self::Apart => "apart",
            Self::Unknown => "unknown",
        }
    }
}

/// A host of a zone held against another host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// The zone of the list.
    pub zone: Name,
    /// The host that customers use.
    pub product: Name,
    /// The status page, or the domain that stands in.
    pub other: Name,
    /// Every aspect, in their order.
    pub aspects: Vec<(Aspect, Sharing)>,
}

impl Comparison {
    /// What they share, in words.
    #[must_use]
    pub fn shared(&self) -> Vec<String> {
        let shared = self.aspects.iter().filter_map(|(aspect, sharing)| match sharing {
            Sharing::Shared(what) => Some(format!("{} ({what})", aspect.phrase())),
            _ => None,
        });
        shared.collect()
    }

    /// Which aspects cannot be told.
    #[must_use]
    pub fn unknown(&self) -> Vec<&'static str> {
        let unknown = self.aspects.iter().filter(|(_, sharing)| *sharing == Sharing::Unknown);
        unknown.map(|(aspect, _)| aspect.phrase()).collect()
    }
}

/// Whether a failover domain could take over now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Readiness {
    /// What it shares with the zone.
    pub comparison: Comparison,
    /// Why it is not ready; empty when nothing speaks against it.
    pub obstacles: Vec<String>,
    /// What could not be learned.
    pub unknown: Vec<String>,
}

/// Compares the product of a zone with another host.
pub fn compare(zone: &Name, product: &Name, other: &Name, facts: &Facts) -> Comparison {
    let (one, two) = (Side::of(zone, product, facts), Side::of(&home_of(other), other, facts));
    let aspects = Aspect::ALL.map(|aspect| (aspect, one.against(&two, aspect)));
    Comparison { zone: zone.clone(), product: product.clone(), other: other.clone(), aspects: aspects.to_vec() }
}

/// What is known of one host.
struct Side<'a> {
    domain: Option<Name>,
    hearing: Option<&'a Hearing>,
    dns: Option<&'a DnsFacts>,
    host: Option<&'a HostSaid>,
}

impl<'a> Side<'a> {
    fn of(zone: &Name, host: &Name, facts: &'a Facts) -> Self {
        let domain = registrable(host);
        // The zone of the list where the host lies in it, else the zone it was looked up under.
        let zones = [zone.clone(), home_of(host), host.clone()];
        let told = |zone: &Name| facts.dns.get(zone).filter(|_| host.is_at_or_below(zone));
        let dns = zones
            .iter()
            .find_map(|zone| told(zone).filter(|dns| dns.host(host).is_some()))
            .or_else(|| zones.iter().find_map(told));
        Self {
            hearing: domain.as_ref().and_then(|domain| facts.registrations.get(domain)),
            host: dns.and_then(|dns| dns.host(host)).filter(|host| host.answered),
            domain,
            dns,
        }
    }

    fn against(&self, other: &Self, aspect: Aspect) -> Sharing {
        match aspect {
            Aspect::Domain => match (&self.domain, &other.domain) {
                (Some(one), Some(two)) if one == two => Sharing::Shared(one.without_dot()),
                (Some(_), Some(_)) => Sharing::Apart,
                _ => Sharing::Unknown,
            },
            Aspect::Registrar => same_registrar(self.hearing, other.hearing),
            Aspect::DnsProvider => {
                let providers = |side: &Self| side.dns.and_then(DnsFacts::delegation).map(providers);
                shared(providers(self), providers(other))
            }
            Aspect::AddressBlock => shared(self.blocks(), other.blocks()),
            Aspect::AliasTarget => shared(self.targets(), other.targets()),
        }
    }

    fn blocks(&self) -> Option<BTreeSet<String>> {
        let blocks: BTreeSet<String> = self.host?.addresses.iter().map(|ip| block_of(*ip)).collect();
        (!blocks.is_empty()).then_some(blocks)
    }

    /// Where aliases lead: the targets, and the domains they lie in.
    fn targets(&self) -> Option<BTreeSet<String>> {
        let targets = self.host?.aliases.iter();
        Some(targets.map(|target| registrable(target).unwrap_or_else(|| target.clone()).without_dot()).collect())
    }
}

fn shared(one: Option<BTreeSet<String>>, two: Option<BTreeSet<String>>) -> Sharing {
    let (Some(one), Some(two)) = (one, two) else { return Sharing::Unknown };
    let both: Vec<&str> = one.intersection(&two).map(String::as_str).collect();
    if both.is_empty() { Sharing::Apart } else { Sharing::Shared(both.join(", ")) }
}

fn same_registrar(one: Option<&Hearing>, two: Option<&Hearing>) -> Sharing {
    let (Some(one), Some(two)) = (one.map(registrar), two.map(registrar)) else { return Sharing::Unknown };
    let name =
        || one.name.clone().or_else(|| one.iana_id.as_ref().map(|id| format!("IANA id {id}"))).unwrap_or_default();
    if let (Some(a), Some(b)) = (&one.iana_id, &two.iana_id) {
        return if a == b { Sharing::Shared(name()) } else { Sharing::Apart };
    }
    match (&one.name, &two.name) {
        (Some(a), Some(b)) if a.eq_ignore_ascii_case(b) => Sharing::Shared(name()),
        (Some(_), Some(_)) => Sharing::Apart,
        _ => Sharing::Unknown,
    }
}
