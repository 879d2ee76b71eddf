//! What each target may be asked next, and when: worked out when something it rests on changed, and kept until then.
//!
//! A plan rests on what was asked of its target, on what its target said and what that amounts to, and on what is known
//! of the source. Nothing else may enter it but the moment up to which it holds.

use std::cell::LazyCell;
use std::collections::HashMap;

use crate::incident::{Incident, Survey};
use crate::judge::Verdict;
use crate::observation::{Purpose, Query, Role, TargetId};
use crate::schedule::{Mode, Schedule, Wake};
use crate::time::Timestamp;

/// One question that could be asked, and since or from when it is due.
#[derive(Debug)]
pub(super) struct Candidate {
    pub due: Timestamp,
    pub query: Query,
    /// Whether it only makes sure of what is known already: then everything else goes first.
    pub confirms: bool,
    /// Whether the same was asked before.
    pub again: bool,
}

/// What one target may be asked.
#[derive(Debug)]
pub(super) struct Plan {
    pub target: TargetId,
    pub candidates: Vec<Candidate>,
    /// When the first of them is due, or the plan no longer holds; none when only a change can make it so.
    pub next: Option<Timestamp>,
    /// From this moment on it no longer holds.
    until: Option<Timestamp>,
    /// The number of changes of the target's row that it takes into account.
    changes: u64,
    /// Whether the target was asked, or a question to it ended, since the plan was made.
    pub stale: bool,
}

/// All plans: the source's in the order of its servers, then the resolvers' in the order of their rows.
#[derive(Debug, Default)]
pub(super) struct Plans {
    pub source: Vec<Plan>,
    pub resolvers: Vec<Plan>,
    places: HashMap<TargetId, usize>,
    grounds: Option<Grounds>,
}

/// What more than one plan rests on.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Grounds {
    all: GroundsOfAll,
    source: GroundsOfSource,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct GroundsOfAll {
    survey: Survey,
    parent_right: bool,
    right_since: Option<Timestamp>,
    wrong_since: Option<Timestamp>,
    hosts: usize,
    /// What resolvers can do is learned only afterwards.
    first_round: bool,
    intercepted: bool,
    /// Whether nobody answers any more.
    deaf: bool,
    /// How often the standing of a flush changed: what is being proven is asked sooner.
    flushes: u64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct GroundsOfSource {
    calm: bool,
    moved: Timestamp,
    /// Servers come and go only when the source is judged.
    judged: u64,
    /// Whether a resolver contradicts the parent.
    doubted: Option<Timestamp>,
}

impl Plan {
    const fn new(target: TargetId) -> Self {
        Self { target, candidates: Vec::new(), next: None, until: None, changes: 0, stale: true }
    }

    fn holds(&self, changes: u64, now: Timestamp) -> bool {
        !self.stale && self.changes == changes && self.until.is_none_or(|until| now < until)
    }

    /// Begins it anew.
    fn clear(&mut self, changes: u64) {
        self.candidates.clear();
        (self.until, self.changes, self.stale) = (None, changes, false);
    }

    /// Takes note of when it must be looked at.
    fn close(&mut self, until: Option<Timestamp>) {
        self.until = until;
        self.next = self.candidates.iter().map(|c| c.due).chain(self.until).min();
    }
}

impl Grounds {
    fn of(incident: &Incident, first_round: bool) -> Self {
        let source = incident.source();
        Self {
            all: GroundsOfAll {
                survey: incident.survey(),
                parent_right: source.parent_right,
                right_since: incident.right_since(),
                wrong_since: source.wrong_since,
                hosts: incident.hosts().len(),
                first_round,
                intercepted: incident.interception().stands(),
                deaf: incident.deaf_since().is_some(),
                flushes: incident.times_flushes_changed(),
            },
            source: GroundsOfSource {
                calm: incident.phase().is_good(),
                moved: incident.source_moved(),
                judged: incident.times_source_judged(),
                doubted: incident.doubted_since(),
            },
        }
    }
}

impl Plans {
    /// Takes note that a question to a target was sent, or ended.
    pub fn note(&mut self, target: TargetId) {
        let plans = if target.role == Role::Resolver { &mut self.resolvers } else { &mut self.source };
        let place = self.places.get(&target).copied();
        if let Some(plan) = place.and_then(|at| plans.get_mut(at)).filter(|plan| plan.target == target) {
            plan.stale = true;
        }
    }

    /// Lists the source's servers anew, none of them planned yet.
    fn list_servers(&mut self, incident: &Incident) {
        self.source.clear();
        self.places.retain(|target, _| target.role == Role::Resolver);
        let parents = incident.parents().keys().map(|address| TargetId::new(Role::Parent, *address));
        let authorities = incident.authorities().keys().map(|address| TargetId::new(Role::Authoritative, *address));
        for target in parents.chain(authorities) {
            self.places.insert(target, self.source.len());
            self.source.push(Plan::new(target));
        }
    }
}

impl Schedule {
    /// Makes every plan anew that no longer holds.
    pub(super) fn make_plans(&mut self, incident: &Incident, now: Timestamp) {
        let mut plans = std::mem::take(&mut self.plans);
        let grounds = Grounds::of(incident, self.pace.is_first_round());
        let all_changed = plans.grounds.is_none_or(|before| before.all != grounds.all);
        if plans.grounds != Some(grounds) {
            plans.list_servers(incident);
        }
        // Most turns make no plan anew.
        let watched = LazyCell::new(|| incident.watched());
        let asked: LazyCell<Vec<_>, _> =
            LazyCell::new(|| watched.iter().cloned().chain(incident.flush_questions()).collect());
        for plan in plans.source.iter_mut().filter(|plan| !plan.holds(0, now)) {
            plan.clear(0);
            self.plan_server(incident, &asked, plan.target, now, &mut plan.candidates);
            plan.close(None);
        }
        if !matches!(self.mode, Mode::Round { resolvers: false, .. }) {
            for (at, watch) in incident.resolvers().iter().enumerate() {
                if plans.resolvers.len() <= at {
                    let target = TargetId::new(Role::Resolver, watch.target.address);
                    plans.places.insert(target, at);
                    plans.resolvers.push(Plan::new(target));
                }
                let Some(plan) = plans.resolvers.get_mut(at) else { continue };
                if all_changed || !plan.holds(watch.changes(), now) {
                    plan.clear(watch.changes());
                    let mut until = Wake::default();
                    self.plan_resolver(incident, watch, &watched, now, &mut plan.candidates, &mut until);
                    plan.close(until.earliest);
                }
            }
        }
        plans.grounds = Some(grounds);
        self.plans = plans;
    }

    /// Puts a question on its target's plan, due at or since `due`. One that is under way is left out.
    pub(super) fn put_forward(
        &self,
        incident: &Incident,
        query: Query,
        due: Timestamp,
        candidates: &mut Vec<Candidate>,
    ) {
        let (under_way, times) = self.ledger.so_far(&query);
        if under_way {
            return;
        }
        let confirms = query.purpose == Purpose::Nonce && query.target.role == Role::Resolver && {
            let watch = incident.resolver(query.target.address);
            watch.is_some_and(|w| matches!(w.judgement.verdict, Verdict::Correct | Verdict::Draining))
        };
        let again = times > 0;
        candidates.push(Candidate { due, query, confirms, again });
    }
}
