//! What the tool showed when, for the debrief: the verdict on each parent server and each resolver, as published.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use crate::dns::Name;
use crate::incident::Incident;
use crate::judge::Verdict;
use crate::time::Timestamp;

/// The verdicts on one target over time: each change, oldest first.
pub type Verdicts = Vec<(Timestamp, Verdict)>;

/// What was shown when.
#[derive(Debug, Clone, Default)]
pub struct Shown {
    /// Parent servers by address, each with its name.
    pub parents: BTreeMap<SocketAddr, (Name, Verdicts)>,
    /// Resolvers by address.
    pub resolvers: BTreeMap<SocketAddr, Verdicts>,
}

impl Shown {
    /// Notes what an incident as published says.
    pub fn note(&mut self, incident: &Incident, now: Timestamp) {
        for (address, parent) in incident.parents() {
            let (_, verdicts) = self.parents.entry(*address).or_insert_with(|| (parent.name.clone(), Vec::new()));
            push(verdicts, now, parent.judgement.verdict);
        }
        for watch in incident.resolvers() {
            push(self.resolvers.entry(watch.target.address).or_default(), now, watch.judgement.verdict);
        }
    }
}

fn push(verdicts: &mut Verdicts, now: Timestamp, verdict: Verdict) {
    if verdicts.last().is_none_or(|(_, last)| *last != verdict) {
        verdicts.push((now, verdict));
    }
}
