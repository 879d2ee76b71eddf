//! How a zone looks in an incident: what its parent and its own servers say now.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};

use thiserror::Error;

use super::Baseline;
use crate::dns::{Name, NsSet, Rdata, RecordType};
use crate::incident::{Incident, Phase};
use crate::judge::Verdict;
use crate::time::Timestamp;

/// What was seen of a zone, with everything that servers disagree about. Empty sets were not heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sight {
    /// The zone.
    pub zone: Name,
    /// When.
    pub at: Timestamp,
    /// Where the incident stands.
    pub phase: Phase,
    /// Every delegation that a parent server holds.
    pub delegations: BTreeSet<NsSet>,
    /// Whether a parent server says that there is no such domain.
    pub denied: bool,
    /// Every set of DS records that a parent server holds, as text.
    pub ds: BTreeSet<BTreeSet<String>>,
    /// Every NS set that the zone's own correct servers give.
    pub apex_ns: BTreeSet<NsSet>,
    /// Every SOA (primary server and mailbox) that they give.
    pub soas: BTreeSet<(Name, Name)>,
    /// The addresses of name servers.
    pub servers: BTreeMap<Name, BTreeSet<SocketAddr>>,
    /// The addresses of the apex and of watched hosts, as the zone's own servers give them.
    pub hosts: BTreeMap<Name, BTreeSet<IpAddr>>,
}

/// Why a sight is no baseline.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NoBaseline {
    /// The zone is not as it should be, or that cannot be told.
    #[error("the zone is {}, not healthy", .0.word())]
    NotHealthy(Phase),
    /// No parent server gave a delegation.
    #[error("no parent server gave a delegation")]
    NoDelegation,
    /// The parent servers hold different delegations: there is not one that could be saved.
    #[error("the parent's servers hold {0} different delegations")]
    Delegations(usize),
}

impl Sight {
    /// What an incident shows of its zone.
    #[must_use]
    pub fn of(incident: &Incident, at: Timestamp) -> Self {
        let parents = || incident.parents().values().map(|p| &p.judgement);
        let good = || {
            let answering = incident.authorities().values().filter(|a| a.is_expected() && a.judgement.answers());
            answering.map(|a| &a.judgement)
        };
        let wanted: BTreeSet<Name> = incident.server_names().into_iter().map(|(name, _)| name).collect();
        let resolved = incident.host_addresses().iter().filter(|(name, _)| wanted.contains(name));
        let data = &incident.references().good.data;
        let mut hosts: BTreeMap<Name, BTreeSet<IpAddr>> = BTreeMap::new();
        for name in std::iter::once(incident.zone()).chain(incident.hosts()) {
            // Of a name of which only one type is known, not all addresses are.
            let both = [RecordType::A, RecordType::AAAA].map(|rtype| data.get(&(name.clone(), rtype)));
            if let [Some(a), Some(aaaa)] = both {
                hosts.insert(name.clone(), a.iter().chain(aaaa).filter_map(address).collect());
            }
        }
        Self {
            zone: incident.zone().clone(),
            at,
            phase: incident.phase(),
            delegations: parents().filter_map(|j| j.ns.clone()).filter(|ns| !ns.is_empty()).collect(),
            denied: parents().any(|j| j.verdict == Verdict::Held),
            ds: parents()
                .filter_map(|j| j.ds.as_ref())
                .map(|ds| ds.iter().map(ToString::to_string).collect())
                .collect(),
            apex_ns: good().filter_map(|j| j.ns.clone()).collect(),
            soas: good()
                .filter_map(|j| j.soa.as_ref())
                .map(|(soa, _)| (soa.mname.clone(), soa.rname.clone()))
                .collect(),
            servers: resolved
                .filter_map(|(name, resolution)| {
                    let addresses = resolution.addresses.as_ref().ok()?;
                    (!addresses.is_empty()).then(|| (name.clone(), addresses.iter().copied().collect()))
                })
                .collect(),
            hosts,
        }
    }

    /// The baseline that this sight makes.
    ///
    /// # Errors
    /// The zone is not healthy (unless `anyway`), or there is no one delegation that could be saved (whatever is said).
    pub fn to_baseline(&self, anyway: bool) -> Result<Baseline, NoBaseline> {
        if !anyway && !self.phase.is_good() {
            return Err(NoBaseline::NotHealthy(self.phase));
        }
        let ns = match self.delegations.iter().collect::<Vec<_>>().as_slice() {
            [] => return Err(NoBaseline::NoDelegation),
            [one] => (*one).clone(),
            many => return Err(NoBaseline::Delegations(many.len())),
        };
        Ok(Baseline {
            zone: self.zone.clone(),
            taken: self.at,
            servers: self
                .servers
                .iter()
                .filter(|(name, _)| ns.contains(name))
                .map(|(n, a)| (n.clone(), a.clone()))
                .collect(),
            ns,
            ds: only(&self.ds),
            apex_ns: only(&self.apex_ns),
            soa: only(&self.soas),
            hosts: self.hosts.clone(),
        })
    }
}

/// The one element, where there is but one.
fn only<T: Clone>(set: &BTreeSet<T>) -> Option<T> {
    let mut all = set.iter();
    all.next().filter(|_| all.next().is_none()).cloned()
}

fn address(data: &Rdata) -> Option<IpAddr> {
    match data {
        Rdata::A(a) => Some(IpAddr::V4(*a)),
        Rdata::Aaaa(a) => Some(IpAddr::V6(*a)),
        _ => None,
    }
}
