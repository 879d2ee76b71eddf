//! Which NS sets the operator may mean when asked what is correct. Proposals only: nothing here decides.

use std::collections::BTreeMap;

use crate::dns::NsSet;
use crate::incident::Incident;
use crate::judge::AuthorityJudgement;

/// One NS set that was seen somewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// The set.
    pub ns: NsSet,
    /// Where it was seen, and whether its servers answer for the zone.
    pub seen: String,
    /// Whether the catalog of parking services knows it, or the operator marked it as parked.
    pub parked: bool,
}

/// The sets seen: what the parent holds now, what it held at first, and what caches still show; those that are not
/// known as parked first.
#[must_use]
pub fn proposals(incident: &Incident) -> Vec<Proposal> {
    let mut seen: BTreeMap<NsSet, Seen> = BTreeMap::new();
    for parent in incident.parents().values() {
        if let Some(now) = &parent.judgement.ns {
            seen.entry(now.clone()).or_default().now += 1;
        }
        if let Some(first) = parent.first.as_ref().filter(|first| Some(*first) != parent.judgement.ns.as_ref()) {
            seen.entry(first.clone()).or_default().first += 1;
        }
    }
    for cached in incident.resolvers().iter().filter_map(|r| r.judgement.servers.as_ref()) {
        seen.entry(cached.clone()).or_default().cached += 1;
    }
    let total = incident.parents().len();
    let refs = incident.references();
    let mut proposals: Vec<Proposal> = seen
        .into_iter()
        .filter(|(ns, _)| !ns.is_empty())
        .map(|(ns, seen)| Proposal {
            parked: refs.parked_ns.contains(&ns) || refs.parking.match_ns_set(&ns).is_some(),
            seen: format!("{}; {}", seen.words(total), answers(incident, &ns)),
            ns,
        })
        .collect();
    proposals.sort_by_key(|proposal| proposal.parked);
    proposals
}

/// How often a set was seen where.
#[derive(Debug, Default)]
struct Seen {
    now: usize,
    first: usize,
    cached: usize,
}

impl Seen {
    fn words(&self, parents: usize) -> String {
        let mut places = Vec::new();
        if self.now > 0 {
            places.push(format!("held now by {} of {parents} parent servers", self.now));
        }
        if self.first > 0 {
            places.push(format!("held at first by {} of {parents} parent servers", self.first));
        }
        if self.cached > 0 {
            places.push(format!("still cached at {} resolvers", self.cached));
        }
        places.join(", ")
    }
}

/// What is known of the set's servers: whether they answer for the zone with authority.
fn answers(incident: &Incident, ns: &NsSet) -> String {
    let of_set = incident.authorities().values().filter(|a| a.names.iter().any(|name| ns.contains(name)));
    let judgements: Vec<_> = of_set.filter(|a| !a.witnesses.is_empty()).map(|a| &a.judgement).collect();
    match (judgements.iter().filter(|j| AuthorityJudgement::answers(j)).count(), judgements.len()) {
        (_, 0) => "its servers were not asked yet".to_owned(),
        (n, all) => format!("{n} of {all} of its addresses asked answer for the zone"),
    }
}
