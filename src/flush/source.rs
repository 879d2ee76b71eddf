//! What an incident knows of the source, in the form the guard and the plan of a flush take. Pure.

use std::collections::HashMap;
use std::net::SocketAddr;

use crate::dns::{Name, Rdata};
use crate::incident::{FlushChoice, Incident};
use crate::judge::{AuthorityRole, Heard, Verdict};

use super::evidence::Shown;
use super::{Basis, FlushPlan, LeftOut, SourceState, Tally};

impl SourceState {
    /// The state of the source as the incident was last settled.
    ///
    /// Servers without a known address count as not heard: nobody knows what they would answer.
    #[must_use]
    pub fn of(incident: &Incident) -> Self {
        let mut state = Self { expectation_known: incident.expectation().is_some(), ..Self::default() };
        for parent in incident.parents().values() {
            let name = parent.name.without_dot();
            state.parents.take(parent.judgement.verdict, name, &mut state.wrong_parents, &mut state.silent_parents);
        }
        for (name, _) in incident.unresolved_parents() {
            state.parents.total += 1;
            push_once(&mut state.silent_parents, name.without_dot());
        }
        let (wrong, silent) = (&mut state.wrong_authoritative, &mut state.silent_authoritative);
        for (_, name, verdict) in expected(incident) {
            state.authoritative.take(verdict, name, wrong, silent);
        }
        for (name, role) in incident.server_names() {
            let has_address = incident.authorities().values().any(|a| a.names.contains(&name));
            if role == AuthorityRole::Expected && !has_address {
                state.authoritative.total += 1;
                push_once(silent, name.without_dot());
            }
        }
        state
    }
}

/// The addresses of the expected servers: each once, with the names it has and its verdict.
fn expected(incident: &Incident) -> impl Iterator<Item = (SocketAddr, String, Verdict)> {
    incident.authorities().iter().filter(|(_, a)| a.role == AuthorityRole::Expected).map(|(address, authority)| {
        let names: Vec<String> = authority.names.iter().map(Name::without_dot).collect();
        (*address, names.join(", "), authority.judgement.verdict)
    })
}

impl Tally {
    fn take(&mut self, verdict: Verdict, name: String, wrong: &mut Vec<String>, silent: &mut Vec<String>) {
        self.total += 1;
        match verdict {
            Verdict::Correct => self.correct += 1,
            Verdict::Silent => {
                self.silent += 1;
                push_once(silent, name);
            }
            Verdict::Unknown => push_once(silent, name),
            _ => {
                self.wrong += 1;
                push_once(wrong, name);
            }
        }
    }
}

/// A server with two addresses is named once.
fn push_once(names: &mut Vec<String>, name: String) {
    if !names.contains(&name) {
        names.push(name);
    }
}

impl FlushPlan {
    /// The plan for the incident's zone and watched hosts: what was seen stale at each operator, or the whole list where that is
    /// wanted. What is not in it is told, with the reason.
    #[must_use]
    pub fn of(incident: &Incident, choice: &FlushChoice) -> Self {
        let whole = Self::for_zone(incident.zone(), incident.hosts(), is_or_was_signed(incident), &choice.operators);
        let references = incident.references();
        let mut plan = Self {
            steps: Vec::new(),
            left_out: whole.left_out,
            bases: HashMap::new(),
            varies: references.addresses_vary || references.good.varies,
        };
        for &operator in &choice.operators {
            let shown = Shown::by(incident, operator);
            let nothing = shown.nothing().filter(|_| !choice.everything);
            if let Some(reason) = nothing {
                plan.left_out.push(LeftOut { operator, name: incident.zone().clone(), rtype: None, reason });
                continue;
            }
            for step in whole.steps.iter().filter(|step| step.operator == operator) {
                let basis = match choice.everything {
                    _ if !choice.wants(step) => Err(LEFT_OUT_BY_HAND),
                    true => Ok(shown.speaks_for(step).unwrap_or(Basis::AskedFor)),
                    false => shown.speaks_for(step),
                };
                match basis {
                    Ok(basis) => {
                        plan.bases.insert(step.clone(), basis);
                        plan.steps.push(step.clone());
                    }
                    Err(reason) => {
                        let (name, rtype) = (step.name.clone(), Some(step.rtype));
                        plan.left_out.push(LeftOut { operator, name, rtype, reason });
                    }
                }
            }
        }
        plan
    }
}

/// Said of what the operator of this tool left out.
const LEFT_OUT_BY_HAND: &str = "left out as asked";

/// Whether the parent holds, or was seen to hold, a DS, or the zone's servers showed keys. A cached DS, or the proof that there is
/// none, outlives the delegation.
fn is_or_was_signed(incident: &Incident) -> bool {
    let has_keys = |keys: &Option<Vec<Vec<u8>>>| keys.as_ref().is_some_and(|keys| !keys.is_empty());
    let is_ds = |heard: &Heard| {
        let answered = heard.observation.response();
        answered.is_some_and(|r| r.answer.iter().any(|record| matches!(record.rdata, Rdata::Ds(_))))
    };
    incident.source().parent_signs
        || incident.parents().values().any(|p| p.witnesses.iter().any(is_ds))
        || incident.authorities().values().any(|a| has_keys(&a.judgement.keys))
}
