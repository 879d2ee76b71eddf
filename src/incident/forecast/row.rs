//! One resolver that gives wrong answers: by which clock it will end, and when.

use std::time::Duration;

use super::left::{Ending, Left, Way};
use super::{Behaviour, Certainty, Lapse, Leases, RowForecast, RunningClock};
use crate::dns::Ttl;
use crate::incident::{Incident, ResolverWatch};
use crate::judge::{Code, DelegationState, Rule, ServiceState, Until, Verdict, wrong_delegation_end};
use crate::observation::Purpose;
use crate::time::Timestamp;

/// The cap of most resolvers, where theirs is not known (one day).
const USUAL_CAP: u32 = 86_400;
/// The longest cap of any known resolver (seven days).
const LONGEST_CAP: u32 = 604_800;
/// The longest cap of a denial (three hours).
const LONGEST_DENIAL: u32 = 10_800;
/// The longest time a failure or a bad key may be remembered (RFC 9520 §3.2).
const LONGEST_FAILURE: Duration = Duration::from_secs(300);
/// Clocks of whole seconds on both sides.
const CLOCKS: Duration = Duration::from_secs(1);
/// What a time-out or a busy machine may add before a lease counts as longer than it should be.
const MARGIN: Duration = Duration::from_secs(5);
/// BIND 9.21 keeps no delegation for less.
const SHORTEST: Duration = Duration::from_secs(60);
/// How often caches behave otherwise than expected: renewed once by the child after a lease of the parent.
const LATE: f64 = 0.10;
/// How often one keeps more than the usual cap.
const LONG: f64 = 0.02;

/// What all rows' forecasts rest on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Leads {
    /// The restoration, or the moment at which it will be taken to have happened.
    pub origin: Timestamp,
    /// The delegation's TTL at the parent, uncut; none while not known, or when there was no wrong delegation.
    pub parent: Option<u32>,
    /// The NS RRset's TTL at the parked servers, uncut.
    pub child: Option<u32>,
    /// The same at the correct servers.
    pub good_child: Option<u32>,
    /// How long a parent's denial may be cached.
    pub denial: Option<u32>,
    /// How long parked addresses and denials may be cached.
    pub drain: Duration,
    /// How long the outage lasted, where its beginning was seen.
    pub outage: Option<Duration>,
    /// Whether the parent holds a DS.
    pub signed: bool,
    /// Whether that DS matches no key: validation goes on failing.
    pub signed_wrongly: bool,
}

impl Leads {
    pub(super) fn of(incident: &Incident) -> Self {
        let refs = incident.references();
        let outage = incident.outage();
        let held_only = outage.is_some_and(|o| o.lease.is_none() && o.denial.is_some());
        let now_at_parent = incident.parents().values().filter_map(|p| p.judgement.ttl).max().map(Ttl::as_secs);
        let parent = if held_only { None } else { outage.and_then(|o| o.lease).max(now_at_parent) };
        let denial = outage.and_then(|o| o.denial);
        let parked_denial = refs.parked.soas.iter().map(|(soa, ttl)| ttl.as_secs().min(soa.minimum)).max();
        let drain = if held_only {
            denial.map_or(0, |n| n.min(LONGEST_DENIAL))
        } else {
            let data = refs.parked.data_ttl.map_or(0, |ttl| ttl.as_secs().min(LONGEST_CAP));
            data.max(parked_denial.map_or(0, |n| n.min(LONGEST_DENIAL)))
        };
        Self {
            origin: incident.right_since().unwrap_or_else(|| incident.started()),
            parent,
            child: refs.parked.ns_ttl.map(Ttl::as_secs).filter(|_| parent.is_some()),
            good_child: refs.good.ns_ttl.map(Ttl::as_secs),
            denial,
            drain: Duration::from_secs(drain.into()),
            outage: outage.and_then(|o| Some(o.ended?.since(o.began?))),
            signed: incident.source().parent_signs,
            signed_wrongly: incident.source_findings.iter().any(|f| f.code == Code::ParentDsWithoutKey),
        }
    }

    /// The TTLs of the parked delegation under a cap. The child's is taken to be the parent's where it is not known.
    fn leases(&self, cap: u32) -> Option<Leases> {
        let parent = self.parent?;
        let secs = |ttl: u32| Duration::from_secs(ttl.min(cap).into());
        Some(Leases { parent: secs(parent), child: secs(self.child.unwrap_or(parent)) })
    }

    /// How long a cache that nobody can ask may keep what is wrong: by the parent's TTL, or at worst.
    pub(super) fn lease_of_anybody(&self, longest: bool) -> Option<Duration> {
        let lease = self.leases(LONGEST_CAP).and_then(|of| {
            if longest { Behaviour::Unknown.longest(of) } else { Some(Behaviour::ParentOnly.lease(of)) }
        });
        let denial = self.denial.map(|n| Duration::from_secs(n.min(LONGEST_DENIAL).into()));
        lease.max(denial)
    }
}

/// The forecast of one resolver and the chance on which it rests; none where it is not wrong, or where it will never be
/// otherwise because its operator filters the name.
pub(super) fn forecast(
    watch: &ResolverWatch,
    leads: &Leads,
    incident: &Incident,
    now: Timestamp,
) -> Option<(RowForecast, Left)> {
    let judgement = &watch.judgement;
    if !judgement.verdict.is_wrong() || judgement.rule == Rule::FilteredByPolicy {
        return None;
    }
    // Measured off the zone; else the documented caps of known resolvers bound what is foretold.
    let cap = incident.ttl_cap_of(watch);
    let behaviour = behaviour(watch, leads, cap, incident);
    let seen = seen_wrong(watch).unwrap_or(leads.origin).max(leads.origin).min(now);
    let mut course =
        Course { leads, behaviour, cap, seen, watch, known: None, clock: None, worst: None, ways: Vec::new() };
    course.run(now);
    let Course { known, clock, worst, ways, .. } = course;
    let drain = if matches!(clock, Some(RunningClock::Delegation)) { leads.drain } else { Duration::ZERO };
    let drain = cap.map_or(drain, |cap| drain.min(seconds(cap)));
    let caches = judgement.samples.groups.map_or(1, |g| u32::try_from(g.bad).unwrap_or(u32::MAX)).max(1);
    let left = Left { origin: leads.origin, seen, ways, caches, drain };
    let worst = worst.map(|at| at + drain);
    let bounded = worst.is_some_and(|at| at >= now);
    let certainty = match () {
        () if !bounded => Certainty::NoBound,
        () if known.is_some() => Certainty::Known,
        () => Certainty::Range,
    };
    let worst = worst.filter(|_| bounded);
    // What was shown with its end is told with that end; what addresses do after it is in `likely`.
    let end = worst.unwrap_or(now) + CLOCKS;
    let moment = |chance, at: fn(&Left, Timestamp) -> f64| {
        let found = worst.and_then(|_| left.falls_to(chance, end, at));
        found.map(|at| at.max(now))
    };
    let early = moment(0.95, Left::at_least);
    let expected = known.filter(|_| bounded).map(|end| end.max(now)).or_else(|| moment(0.5, Left::at));
    let early = early.map(|at| expected.map_or(at, |expected| at.min(expected)));
    let likely = moment(0.05, Left::at_most).map(|at| worst.map_or(at, |worst| at.min(worst)));
    let address = watch.target.address;
    let cuts = |cap: &u32| clock == Some(RunningClock::Delegation) && leads.parent.max(leads.child) > Some(*cap);
    let cap = cap.filter(cuts);
    let forecast = RowForecast { address, clock, certainty, behaviour, cap, best: now, early, expected, likely, worst };
    Some((forecast, left))
}

/// A row's forecast in the making.
struct Course<'a> {
    leads: &'a Leads,
    behaviour: Behaviour,
    /// The longest it keeps anything, where that was measured.
    cap: Option<u32>,
    seen: Timestamp,
    watch: &'a ResolverWatch,
    /// The end that the cache itself showed.
    known: Option<Timestamp>,
    clock: Option<RunningClock>,
    /// When the clock has run out at the latest, without draining.
    worst: Option<Timestamp>,
    ways: Vec<Way>,
}

impl Course<'_> {
    fn run(&mut self, now: Timestamp) {
        let judgement = &self.watch.judgement;
        let delegation = judgement.delegation_until;
        match judgement.state {
            DelegationState::Parked | DelegationState::ParkedSilent => self.delegation(delegation),
            DelegationState::Stuck => {
                self.clock = Some(RunningClock::Delegation);
                self.ways = always(Ending::Never);
            }
            DelegationState::Held => {
                let bound = self.leads.denial.map(|n| self.leads.origin + seconds(n.min(LONGEST_DENIAL)));
                let bound = delegation.moment().into_iter().chain(bound).min();
                self.range(RunningClock::Negative, self.leads.origin, bound);
            }
            // Nothing can fail validation where the parent holds no DS: the comparison came from another cache than the
            // failure, which is then a parked one's.
            DelegationState::ValidationFailing if !self.leads.signed => self.delegation(Until::Unknown),
            DelegationState::ValidationFailing if !self.leads.signed_wrongly => {
                let since = self.watch.since.max(self.leads.origin);
                self.range(RunningClock::Dnssec, since, Some(since + LONGEST_FAILURE));
            }
            DelegationState::NsAddressBroken => {
                let lease = self.leases(LONGEST_CAP).map_or(Duration::ZERO, |of| of.parent);
                let bound = self.leads.origin + lease + self.leads.drain;
                self.range(RunningClock::Address, self.leads.origin, Some(bound));
            }
            DelegationState::Restored if judgement.verdict == Verdict::Draining => self.draining(now),
            _ => self.ways = always(Ending::Never),
        }
    }

    /// A parked delegation: by what the cache showed, else by the course of busy caches.
    fn delegation(&mut self, until: Until) {
        self.clock = Some(RunningClock::Delegation);
        // A validator that met the new DS with the old delegation remembers the failure.
        let validating = if self.leads.signed { LONGEST_FAILURE } else { Duration::ZERO };
        let (Some(usual), Some(longest)) = (self.leases(USUAL_CAP), self.leases(LONGEST_CAP)) else {
            self.worst = until.moment().map(|at| at + validating);
            self.known = if let Until::Known(end) = until { Some(end) } else { None };
            return self.ways = self.worst.map_or_else(|| always(Ending::Never), |end| self.until(end));
        };
        if let Until::Known(end) = until {
            self.known = Some(end);
            let beyond = self.behaviour.beyond_known(longest);
            // It is one cache's end. Others behind the address may hold a lease of their own, taken before the restoration.
            let others = self.behaviour.longest(longest).map(|bound| self.leads.origin + bound);
            let ends = beyond.map(|more| end + more);
            self.worst = if self.is_one_cache() { ends } else { ends.zip(others).map(|(one, all)| one.max(all)) };
            self.worst = self.worst.map(|at| at + validating);
            let shown = self.span(end);
            self.ways = vec![Way { weight: 1.0 - LATE, ending: Ending::Between(shown, shown + CLOCKS) }];
            if let Some(worst) = self.worst.filter(|worst| *worst > end) {
                self.ways.push(Way { weight: LATE, ending: Ending::Between(shown, self.span(worst)) });
            }
            return;
        }
        let Some(bound) = self.behaviour.longest(longest) else { return self.ways = always(Ending::Never) };
        self.worst = Some(self.leads.origin + bound + validating);
        let cut = self.leads.good_child.map_or(Duration::ZERO, |ttl| seconds(ttl.min(self.cap.unwrap_or(USUAL_CAP))));
        let lapse = |parked_lease: Duration| {
            Ending::Lapse(Lapse {
                good_lease: usual.parent.max(cut),
                parked_lease: parked_lease + CLOCKS,
                outage: self.leads.outage,
            })
        };
        let late = self.behaviour.longest(usual).unwrap_or(bound);
        self.ways = vec![
            Way { weight: 1.0 - LATE - LONG, ending: lapse(self.behaviour.lease(usual)) },
            Way { weight: LATE, ending: Ending::Between(Duration::ZERO, late + CLOCKS) },
            Way { weight: LONG, ending: Ending::Between(Duration::ZERO, bound + CLOCKS) },
        ];
    }

    /// The TTLs of the parked delegation under its own cap, or where that is not known under a documented one.
    fn leases(&self, documented: u32) -> Option<Leases> {
        self.leads.leases(self.cap.unwrap_or(documented))
    }

    /// Whether every sample named the same server.
    fn is_one_cache(&self) -> bool {
        let samples = self.watch.judgement.samples;
        samples.groups.is_some_and(|g| g.seen == 1 && g.told == samples.usable)
    }

    /// The delegation is right; wrong addresses and denials run out.
    fn draining(&mut self, now: Timestamp) {
        let wrong =
            |s: &&crate::judge::ServiceJudgement| matches!(s.state, ServiceState::Stale | ServiceState::Negative);
        let services: Vec<_> = self.watch.judgement.service.iter().filter(wrong).collect();
        let last = services.iter().max_by_key(|s| s.until.moment());
        let negative = last.is_some_and(|s| s.state == ServiceState::Negative);
        let clock = if negative { RunningClock::Negative } else { RunningClock::Address };
        match last.and_then(|s| s.until.moment()) {
            Some(end) => {
                (self.clock, self.known, self.worst) = (Some(clock), Some(end), Some(end + CLOCKS));
                self.ways = self.until(end);
            }
            None => self.range(clock, now, Some(now + self.leads.drain)),
        }
    }

    /// Any moment from `from` to `bound`.
    fn range(&mut self, clock: RunningClock, from: Timestamp, bound: Option<Timestamp>) {
        (self.clock, self.worst) = (Some(clock), bound);
        self.ways = always(match bound {
            Some(bound) => Ending::Between(self.span(from.max(self.seen)), self.span(bound)),
            None => Ending::Never,
        });
    }

    fn until(&self, end: Timestamp) -> Vec<Way> {
        let end = self.span(end);
        always(Ending::Between(end, end + CLOCKS))
    }

    fn span(&self, at: Timestamp) -> Duration {
        at.since(self.leads.origin)
    }
}

fn always(ending: Ending) -> Vec<Way> {
    vec![Way { weight: 1.0, ending }]
}

const fn seconds(ttl: u32) -> Duration {
    Duration::from_secs(ttl as u64)
}

/// When the resolver was last heard to be wrong: the newest observation that says so.
pub(in crate::incident) fn seen_wrong(watch: &ResolverWatch) -> Option<Timestamp> {
    let judgement = &watch.judgement;
    let services = judgement.service.iter().filter(|s| !matches!(s.state, ServiceState::Ok | ServiceState::Unknown));
    let at = |number: u64| watch.witnesses.numbered(number).map(|h| (number, h.observation.at));
    let newest = if judgement.state.is_good() {
        services.filter_map(|s| at(s.evidence?)).max()
    } else {
        judgement.evidence.iter().filter_map(|number| at(*number)).max()
    };
    newest.map(|(_, at)| at)
}

/// What the resolver's software does with TTLs, as far as it has shown since the restoration. A lease taken before it
/// ends with its own TTL: one that ends later was renewed by the parked servers, for the parent gives the correct ones.
fn behaviour(watch: &ResolverWatch, leads: &Leads, cap: Option<u32>, incident: &Incident) -> Behaviour {
    let Some(leases) = leads.leases(cap.unwrap_or(LONGEST_CAP)) else { return Behaviour::Unknown };
    let after = watch.witnesses.of(Purpose::NonceNoRecursion).filter(|h| h.observation.at >= leads.origin);
    let shown = after
        .filter_map(|h| wrong_delegation_end(h, incident.references()).map(|end| (end.since(h.observation.at), end)));
    let shown: Vec<(Duration, Timestamp)> = shown.collect();
    let ends = shown.iter().map(|(_, end)| *end).max().unwrap_or(leads.origin);
    let longest_shown = shown.iter().map(|(ttl, _)| *ttl).max().unwrap_or(Duration::ZERO);
    // A single end beyond every bound may be the rest of a lease of which the TTL was longer then.
    let moved = shown.windows(2).any(|pair| pair[1].1 > pair[0].1 + MARGIN);
    let parked = watch.judgement.state == DelegationState::Parked;
    let seen = seen_wrong(watch).filter(|_| parked).unwrap_or(leads.origin);
    let once = leads.origin + leases.parent.max(SHORTEST) + MARGIN;
    match () {
        () if moved && ends > leads.origin + leases.parent + leases.child + MARGIN => Behaviour::Renewing,
        () if ends > once || seen > once || longest_shown > leases.parent + MARGIN => Behaviour::ChildTaking,
        () => Behaviour::Unknown,
    }
}
