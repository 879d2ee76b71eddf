//! What an incident knows of the source, in the form the guard and the plan of a flush take. Pure.

use std::net::SocketAddr;

use crate::dns::Name;
use crate::incident::Incident;
use crate::judge::{AuthorityRole, Verdict};

use super::{FlushOperator, FlushPlan, SourceState, Tally};

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
    /// The plan for the incident's zone and watched hosts. A zone whose parent holds a DS, or whose servers showed
    /// keys, is planned as a signed one.
    #[must_use]
    pub fn of(incident: &Incident, operators: &[FlushOperator]) -> Self {
        let has_keys = |keys: &Option<Vec<(u16, u8)>>| keys.as_ref().is_some_and(|keys| !keys.is_empty());
        let signed =
            incident.source().parent_signs || incident.authorities().values().any(|a| has_keys(&a.judgement.keys));
        Self::for_zone(incident.zone(), incident.hosts(), signed, operators)
    }
}
