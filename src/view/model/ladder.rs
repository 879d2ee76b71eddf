//! The source ladder: registry → parent → authoritative → resolvers → this machine, each rung with its servers.

use crate::dns::Name;
use crate::incident::Incident;
use crate::judge::{Verdict, Witnesses};
use crate::observation::{Role, TargetId, address_text};
use crate::time::Timestamp;
use crate::view::model::Row;
use crate::view::model::registration::{self, Fact};

/// One rung.
#[derive(Debug, Clone)]
pub struct Rung {
    /// Which.
    pub kind: RungKind,
    /// Its title: `Parent com.`.
    pub title: String,
    /// The worst of what its servers say; unknown while nothing is heard.
    pub verdict: Verdict,
    /// The count in words: `26 of 26`.
    pub summary: String,
    /// Its servers, one by one; empty for the resolvers, which have the table, and for the registry.
    pub servers: Vec<Server>,
    /// What else is known on this rung, each with its label; an empty label and text set groups apart.
    pub facts: Vec<Fact>,
}

/// Which rung.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RungKind {
    /// What the registry says about the registration.
    Registry,
    /// The parent zone's servers.
    Parent,
    /// The zone's own name servers.
    Authoritative,
    /// The resolvers.
    Resolvers,
    /// The resolvers this machine is configured to use.
    Here,
}

/// One server of a rung.
#[derive(Debug, Clone)]
pub struct Server {
    /// Its name.
    pub name: String,
    /// Its address; empty when it has none.
    pub address: String,
    /// `expected`, `delegated`, or empty.
    pub role: &'static str,
    /// What it amounts to.
    pub verdict: Verdict,
    /// What it says, in a few words.
    pub says: String,
    /// Whom to ask for its evidence; none when it has no address.
    pub target: Option<TargetId>,
    /// When it last said anything.
    pub heard: Option<Timestamp>,
}

/// The rungs from the registry down; without it when it was not asked.
#[must_use]
pub fn ladder(incident: &Incident, now: Timestamp) -> Vec<Rung> {
    let mut rungs: Vec<Rung> = registration::rung(incident, now).into_iter().collect();
    rungs.extend([parent(incident), authoritative(incident), resolvers(incident)]);
    let system = incident.resolvers().iter().filter(|r| r.target.system);
    let here: Vec<Row> = system.map(|r| Row::of(r, incident, now)).collect();
    if !here.is_empty() {
        rungs.push(Rung {
            kind: RungKind::Here,
            title: "You".to_owned(),
            verdict: worst(here.iter().map(|r| r.verdict)),
            summary: here.first().map_or_else(String::new, |r| r.verdict.word().to_owned()),
            servers: here
                .iter()
                .map(|r| Server {
                    name: r.operator.clone(),
                    address: r.address.clone(),
                    role: "",
                    verdict: r.verdict,
                    says: r.uses.clone(),
                    target: Some(r.target),
                    heard: r.last_heard,
                })
                .collect(),
            facts: Vec::new(),
        });
    }
    rungs
}

fn last_heard(witnesses: &Witnesses) -> Option<Timestamp> {
    witnesses.newest_of(|_| true, |h| h.observation.was_heard()).map(|h| h.observation.at)
}

fn parent(incident: &Incident) -> Rung {
    let tally = incident.parent_tally();
    let servers = incident.parents().iter().map(|(address, parent)| {
        let judgement = &parent.judgement;
        let says = match (judgement.verdict, &judgement.ns, judgement.rcode) {
            (Verdict::Held, ..) => "no such domain".to_owned(),
            (_, Some(ns), _) => {
                let ttl = judgement.ttl.map_or_else(String::new, |t| format!(" ({t} s)"));
                let ds = match judgement.ds.as_deref() {
                    Some([]) | None => String::new(),
                    Some(ds) => {
                        format!(", DS {}", ds.iter().map(|d| d.key_tag.to_string()).collect::<Vec<_>>().join(" "))
                    }
                };
                format!("{ns}{ttl}{ds}")
            }
            (Verdict::Silent, ..) => "no answer".to_owned(),
            (_, None, Some(rcode)) => rcode.to_string(),
            _ => "…".to_owned(),
        };
        Server {
            name: parent.name.without_dot(),
            address: address_text(*address),
            role: "",
            verdict: judgement.verdict,
            says,
            target: Some(TargetId::new(Role::Parent, *address)),
            heard: last_heard(&parent.witnesses),
        }
    });
    let title = incident.parent_zone().map_or_else(|| "Parent".to_owned(), |zone| format!("Parent {zone}"));
    Rung {
        kind: RungKind::Parent,
        title,
        verdict: worst(incident.parents().values().map(|p| p.judgement.verdict)),
        summary: format!("{} of {}", tally.correct, tally.total()),
        servers: servers.collect(),
        facts: Vec::new(),
    }
}

fn authoritative(incident: &Incident) -> Rung {
    let tally = incident.expected_tally();
    let mut servers: Vec<Server> = Vec::new();
    for (address, authority) in incident.authorities() {
        let judgement = &authority.judgement;
        let says = match (&judgement.soa, judgement.verdict, judgement.rcode) {
            (Some((soa, _)), _, _) if judgement.answers() => format!("answers, serial {}", soa.serial),
            (_, Verdict::Silent, _) => "no answer".to_owned(),
            (_, _, Some(rcode)) if judgement.aa == Some(false) && rcode.0 == 0 => "not authoritative".to_owned(),
            (_, _, Some(rcode)) => rcode.to_string(),
            _ => "…".to_owned(),
        };
        for name in &authority.names {
            servers.push(Server {
                name: name.without_dot(),
                address: address_text(*address),
                role: authority.role.word(),
                verdict: judgement.verdict,
                says: says.clone(),
                target: Some(TargetId::new(Role::Authoritative, *address)),
                heard: last_heard(&authority.witnesses),
            });
        }
    }
    for (name, role) in incident.server_names() {
        let resolution = incident.host_addresses().get(&name);
        if let Some(Err(reason)) = resolution.map(|r| &r.addresses) {
            servers.push(without_address(&name, role.word(), reason));
        }
    }
    servers.sort_by(|a, b| (b.role, &a.name, &a.address).cmp(&(a.role, &b.name, &b.address)));
    let expected = incident.authorities().values().filter(|a| a.is_expected());
    Rung {
        kind: RungKind::Authoritative,
        title: "Authoritative".to_owned(),
        verdict: worst(expected.map(|a| a.judgement.verdict)),
        summary: format!("{} of {} AA", tally.correct, tally.total()),
        servers,
        facts: Vec::new(),
    }
}

fn without_address(name: &Name, role: &'static str, reason: &str) -> Server {
    Server {
        name: name.without_dot(),
        address: String::new(),
        role,
        verdict: Verdict::Broken,
        says: format!("no address: {}", crate::dns::shown::text(reason)),
        target: None,
        heard: None,
    }
}

fn resolvers(incident: &Incident) -> Rung {
    let verdicts = || incident.resolvers().iter().map(|r| r.judgement.verdict);
    let correct = verdicts().filter(|v| *v == Verdict::Correct).count();
    Rung {
        kind: RungKind::Resolvers,
        title: "Resolvers".to_owned(),
        verdict: worst(verdicts()),
        summary: format!("{correct} of {} correct", incident.resolvers().len()),
        servers: Vec::new(),
        facts: Vec::new(),
    }
}

/// The most alarming of the verdicts; servers that are silent or not heard yet do not darken those that answered.
fn worst(verdicts: impl Iterator<Item = Verdict> + Clone) -> Verdict {
    let heard = verdicts.clone().filter(|v| !matches!(v, Verdict::Silent | Verdict::Unknown)).min();
    heard.or_else(|| verdicts.min()).unwrap_or(Verdict::Unknown)
}
