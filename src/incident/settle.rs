//! Works out every verdict from the facts as they stand at `now`.
//!
//! Sources first, since resolvers are held against them; then the resolvers that heard something new or whose known
//! moments have passed; then findings and phase.

use std::time::Duration;

use crate::dns::{NsSet, Rcode};
use crate::incident::forecast::note_turn;
use crate::incident::history::{note_change, note_phase};
use crate::incident::state::AuthorityServer;
use crate::incident::{Incident, PhaseChange, ResolverWatch, Shared};
use crate::judge::{
    AuthorityRole, AuthorityWitnesses, DelegationState, GRACE, Heard, Latitude, ParentJudgement, ParentWitnesses,
    ResolverJudgement, Rule, Side, SourceView, Verdict, Witnesses, judge_authority, judge_parent, judge_resolver,
    judge_resolver_again, learn_side, side_of_ns_set,
};
use crate::observation::{Outcome, Purpose};
use crate::time::Timestamp;

/// Lost answers in a row that outweigh an earlier answer of a source server. A single loss changes nothing.
const LOSSES: usize = 3;
/// Lost answers that make an expected server silent that was never heard. Each was tried three times, by UDP and TCP.
const FIRST_LOSSES: usize = 2;
/// How often the source is judged anew although its servers say what they said: the evidence then is no older.
const LOOK_AGAIN: Duration = Duration::from_secs(60);
/// The longest time between two such looks at a source that has long not changed.
const LOOK_AGAIN_AT_LAST: Duration = Duration::from_secs(300);
/// What has not changed for some time is not expected to change within this part of it.
const PART_OF_QUIET: u32 = 20;
/// The longest any known resolver keeps a denial (three hours, BIND's default cap).
const LONGEST_DENIAL: u32 = 10_800;
/// The most host names of delegations that are remembered.
const MOST_HOSTS: usize = 64;

impl Incident {
    /// Judges everything that is new, or whose time has come, at `now`. Says whether there was any such thing.
    pub fn settle(&mut self, now: Timestamp) -> bool {
        let mut touched = std::mem::take(&mut self.touched);
        let references_changed = self.source_changed;
        let mut noted = false;
        let quiet = now.since(self.source_moved) / PART_OF_QUIET;
        let look_again = LOOK_AGAIN.max(quiet.min(LOOK_AGAIN_AT_LAST));
        let again = self.source_repeated && now.since(self.source_settled) >= look_again;
        let source_settled = std::mem::take(&mut self.source_changed) || again;
        if source_settled {
            (self.source_repeated, self.source_settled) = (false, now);
            self.settle_source(now);
            (touched, noted) = (true, true);
        }
        let resolvers = self.settle_resolvers(now);
        touched |= resolvers.any;
        noted |= resolvers.noted;
        touched |= self.next_flush_moment().is_some_and(|at| at <= now);
        let registration = self.settle_registration(now, references_changed);
        touched |= registration;
        noted |= registration;
        if !touched {
            let foretold = self.note_forecast(now);
            self.noted |= foretold;
            return foretold;
        }
        noted |= self.settle_flushes(now);
        noted |= self.note_counts(now);
        noted |= self.note_network(now);
        self.findings = std::sync::OnceLock::new();
        self.doubted = self.find_doubt();
        let phase = self.judge_phase();
        self.wrong_seen |= phase.is_bad();
        let phase_changed = phase != self.phase();
        if phase_changed {
            note_phase(&mut self.phases, PhaseChange { at: now, phase });
            noted = true;
        }
        self.noted = noted | self.note_forecast(now);
        // Findings follow from the source and from the resolvers' verdicts: between changes of these they stay.
        if source_settled || phase_changed || self.counts_over_time.last().is_some_and(|last| last.at == now) {
            self.noted |= self.note_findings(now);
        }
        true
    }

    /// The same at a moment at which, as was noted then, nothing changed that is remembered: for a journal that is told again. The
    /// resolvers are judged, since each judgement builds on the one before; what follows from them all is left to the next
    /// settling, and stands as it was until then. Says whether a verdict did become another: then the journal notes by other rules.
    pub fn settle_quietly(&mut self, now: Timestamp) -> bool {
        let settled = self.settle_resolvers(now);
        self.touched |= settled.any;
        settled.noted
    }

    /// When a verdict is to be judged anew although nothing was heard: a moment that it rests on will have passed.
    #[must_use]
    pub fn next_moment(&self) -> Option<Timestamp> {
        let known = [self.next_flush_moment(), self.next_foretelling()].into_iter().flatten();
        self.resolvers.iter().filter_map(|r| r.rejudge_at).chain(known).min()
    }

    fn settle_source(&mut self, now: Timestamp) {
        self.source_judged += 1;
        self.judge_parents(now);
        // What is shared with copies is only touched where something changed.
        let parked = self.parked_sets();
        let mut moved = parked != self.references.parked_ns;
        if moved {
            self.references.parked_ns = parked;
        }
        let good = self.good_set();
        if good != self.references.good_ns {
            self.references.good_ns = good;
            moved = true;
        }
        if moved {
            self.judge_parents(now);
        }
        if self.source.parent_wrong && !self.parent_is_wrong() {
            self.wrong_until = Some(now);
        }
        self.note_outage(now);
        self.sync_authorities();
        // Before the fingerprints: a parked server behind an expected name must not teach what is correct.
        self.judge_authorities(now);
        let mut good = self.learn(AuthorityServer::is_good);
        let mut parked = self.learn(|a| a.parked_host);
        if !moved {
            parked.remember(&self.references.parked);
            if !good.answers {
                // The correct servers fell silent: what they said is still what is correct.
                good.clone_from(&self.references.good);
            }
        }
        let unheard = self.parked_unheard();
        let sides = good != self.references.good
            || parked != self.references.parked
            || unheard != self.references.parked_unheard;
        if sides {
            (self.references.good, self.references.parked) = (good, parked);
            self.references.parked_unheard = unheard;
        }
        let view = self.view_source(now);
        let changed = sides || view != self.source || moved;
        self.source = view;
        if sides || moved {
            self.memories.forget();
        }
        if changed {
            for resolver in &mut self.resolvers {
                resolver.stale = true;
            }
        }
        *self.source_findings = self.find_at_source();
        self.source_phase = self.judge_source();
    }

    fn judge_parents(&mut self, now: Timestamp) {
        let refs = &self.references;
        for parent in self.parents.values_mut() {
            let witnesses = ParentWitnesses {
                delegation: steady(&parent.witnesses, Purpose::Delegation),
                signer: steady(&parent.witnesses, Purpose::DelegationSigner),
            };
            let judgement: ParentJudgement = judge_parent(witnesses, refs);
            if parent.first.is_none() {
                parent.first.clone_from(&judgement.ns);
            }
            if judgement.verdict != parent.judgement.verdict {
                parent.since = now;
            }
            note_change(&mut parent.history, now, judgement.verdict);
            for host in judgement.ns.iter().flatten() {
                if self.delegated.len() < MOST_HOSTS {
                    self.delegated.insert(host.clone());
                }
            }
            parent.judgement = judgement;
        }
    }

    /// What the parent held when the incident began, where the operator expects something else and the set shares
    /// no server with it, is parked; so is what the operator marked.
    fn parked_sets(&self) -> Vec<NsSet> {
        let mut sets = self.opening.parked.clone();
        if let Some(expectation) = &self.expectation {
            for first in self.parents.values().filter_map(|p| p.first.as_ref()) {
                if !first.overlaps(&expectation.ns) && !sets.contains(first) {
                    sets.push(first.clone());
                }
            }
            sets.sort();
        }
        sets
    }

    /// The correct set: the expectation; without one the parent's, if its servers agree and it is not known as parked.
    fn good_set(&self) -> Option<NsSet> {
        if let Some(expectation) = &self.expectation {
            return Some(expectation.ns.clone());
        }
        if self.parents_disagree() {
            return None;
        }
        let set = self.parents.values().find_map(|p| p.judgement.ns.clone())?;
        let parked = self.opening.parked.contains(&set) || self.references.parking.match_ns_set(&set).is_some();
        (!parked).then_some(set)
    }

    fn learn(&self, belongs: impl Fn(&AuthorityServer) -> bool) -> crate::judge::SideFingerprint {
        let heard = self.authorities.values().filter(|a| belongs(a)).flat_map(|a| a.witnesses.iter());
        learn_side(self.zone(), self.references.marker.as_ref(), heard)
    }

    /// Whether the parent delegates to parked servers of which none was heard yet about all that resolvers are asked. Servers
    /// that were tried in vain, or have no address, are not waited for.
    fn parked_unheard(&self) -> bool {
        let holding = self.parents.values().filter(|p| p.judgement.verdict == Verdict::Parked);
        let mut hosts = holding.filter_map(|p| p.judgement.ns.as_ref()).flatten();
        let findable = |host: &crate::dns::Name| {
            self.trusted_resolution(host).is_none_or(|h| h.addresses.as_ref().is_ok_and(|found| !found.is_empty()))
        };
        if !hosts.any(findable) {
            return false;
        }
        let watched = self.watched();
        let echoes = self.authorities.values().any(|a| a.witnesses.latest(Purpose::Echo).is_some());
        let tried = |server: &AuthorityServer, wanted: fn(&Heard) -> bool| {
            let told = |purpose| server.witnesses.of(purpose).any(wanted);
            let told_of = |name, rtype| server.witnesses.about(Purpose::Service, name, rtype).any(wanted);
            told(Purpose::Soa)
                && (!echoes || told(Purpose::Echo))
                && watched.iter().all(|(name, rtype)| told_of(name, *rtype))
        };
        let mut parked = self.authorities.values().filter(|a| a.parked_host).peekable();
        let in_vain = parked.peek().is_some() && parked.clone().all(|server| tried(server, |_| true));
        !in_vain && !parked.any(|server| tried(server, |h| h.observation.was_heard()))
    }

    fn judge_authorities(&mut self, now: Timestamp) {
        let refs = &self.references;
        for authority in self.authorities.values_mut() {
            let witnesses = AuthorityWitnesses {
                soa: steady(&authority.witnesses, Purpose::Soa).filter(|_| !authority.is_lost_once()),
                ns: steady(&authority.witnesses, Purpose::ApexNs),
                keys: steady(&authority.witnesses, Purpose::Keys),
            };
            authority.judgement = judge_authority(witnesses, authority.role, authority.parked_host, refs).0;
            note_change(&mut authority.history, now, authority.judgement.verdict);
        }
    }

    fn view_source(&mut self, now: Timestamp) -> SourceView {
        let verdicts = || self.parents.values().map(|p| p.judgement.verdict);
        let pending = self.parents.values().any(|p| p.witnesses.is_empty());
        let right = !pending
            && verdicts().any(|v| v == Verdict::Correct)
            && verdicts().all(|v| matches!(v, Verdict::Correct | Verdict::Silent | Verdict::Unknown | Verdict::Broken))
            && self.references.good_ns.is_some();
        self.wrong_since = if self.parent_is_wrong() { self.wrong_since.or(Some(now)) } else { None };
        self.right_since = if right { self.right_since.or(Some(now)) } else { None };
        let parked: Vec<_> = self.authorities.values().filter(|a| a.parked_host).collect();
        // A server that our own packets did not reach says nothing. One that answers with authority from a zone above,
        // as parking servers may, does answer.
        let mut told = parked.iter().filter(|a| a.judgement.verdict != Verdict::Unknown).peekable();
        let answers = |a: &AuthorityServer| {
            a.judgement.aa == Some(true)
                && a.judgement.rcode.is_some_and(|r| matches!(r, Rcode::NOERROR | Rcode::NXDOMAIN))
        };
        let parked_answers = told.peek().is_some().then(|| told.any(|a| answers(a)));
        let lease = self.parents.values().filter_map(|p| p.judgement.ttl).max();
        let own = self.references.parked.ns_ttl;
        let denial = self.parents.values().filter_map(|p| p.judgement.negative_ttl).max();
        let parent_signs = self.parents.values().any(|p| p.judgement.ds.as_ref().is_some_and(|ds| !ds.is_empty()));
        self.signer_seen |= parent_signs;
        // Keys without a DS that the parent was heard about are an island, and break nothing.
        let heard_about = self.parents.values().any(|p| p.judgement.ds.is_some());
        let has_keys = |a: &AuthorityServer| a.judgement.keys.as_ref().is_some_and(|keys| !keys.is_empty());
        let signed = self.signer_seen || (!heard_about && self.authorities.values().any(has_keys));
        let view = SourceView {
            parent_right: right,
            parent_wrong: self.parent_is_wrong(),
            parent_signs,
            signed,
            parked_answers,
            wrong_since: self.wrong_since,
            wrong_until: self.wrong_until,
            void_before: self.fell_asleep(),
            parked_bound: None,
            right_since: self.right_since,
            lease: lease.map(crate::dns::Ttl::as_secs),
            parked_lease: own.map(crate::dns::Ttl::as_secs),
            held_bound: self
                .right_since
                .zip(denial)
                .map(|(since, denial)| since + Duration::from_secs(u64::from(denial.min(LONGEST_DENIAL)))),
        };
        SourceView { parked_bound: view.parked_bound_under(None), ..view }
    }

    fn settle_resolvers(&mut self, now: Timestamp) -> Settled {
        let due = |r: &ResolverWatch| r.stale || r.rejudge_at.is_some_and(|at| at <= now);
        if !self.resolvers.iter().any(&due) {
            return Settled { any: false, noted: false };
        }
        let mut noted = false;
        // While the parent is wrong one sample must do: asking again would store the parked delegation.
        let samples_needed = if self.source.parent_wrong { 1 } else { self.opening.samples_needed };
        let latitude = Latitude { samples_needed, watched: self.watched(), services_needed: !self.source.parent_wrong };
        for (place, resolver) in self.resolvers.iter_mut().enumerate().filter(|(_, r)| due(r)) {
            resolver.stale = false;
            // A cache that keeps nothing for longer than its cap is done sooner.
            let cap = resolver.calibration.ttl_cap(self.longest_ttl);
            let source = SourceView { parked_bound: self.source.parked_bound_under(cap), ..self.source };
            let judgement = if self.interception.stands() {
                ResolverJudgement::unjudged(Rule::Intercepted)
            } else {
                let calibration = &resolver.calibration;
                let (witnesses, refs) = (&resolver.witnesses, &self.references);
                let memory = self.memories.of(place);
                let judgement = judge_resolver_again(memory, witnesses, calibration, &latitude, refs, &source, now);
                debug_assert_eq!(judgement, judge_resolver(witnesses, calibration, &latitude, refs, &source, now));
                judgement
            };
            let kept = match judgement.state {
                DelegationState::PreOutage => resolver.kept.or(Some(true)),
                state if state.has_lost_servers() => Some(false),
                _ => resolver.kept,
            };
            noted |= kept != resolver.kept;
            resolver.kept = kept;
            if judgement.verdict != resolver.judgement.verdict {
                (resolver.since, noted) = (now, true);
            }
            if resolver.history.last().is_none_or(|last| last.verdict != judgement.verdict) {
                note_change(&mut resolver.history, now, judgement.verdict);
            }
            let services = judgement.service.iter().map(|s| s.until);
            let moments = services.chain([judgement.delegation_until]).filter_map(crate::judge::Until::moment);
            let moments = moments.flat_map(|at| [at, at + GRACE]);
            let moments = moments.chain(source.parked_bound).chain(judgement.next_end);
            let next = moments.filter(|at| *at >= now).min();
            // What ends at a moment holds up to that moment and with it.
            resolver.rejudge_at = next.map(|at| at + Duration::from_micros(1));
            resolver.judgement = Shared::new(judgement);
            note_turn(resolver, now);
            if resolver.judgement.verdict == Verdict::Silent && source.parked_bound.is_some_and(|bound| bound < now) {
                // By then nothing it was seen to hold can be held any more, whether it is heard again or not.
                resolver.wrong_seen = None;
            }
            resolver.changes += 1;
        }
        Settled { any: true, noted }
    }

    /// On which side an NS set stands, by the references as they are.
    #[must_use]
    pub fn side_of(&self, set: &NsSet) -> Side {
        side_of_ns_set(set, &self.references)
    }
}

/// What came of judging the resolvers.
struct Settled {
    /// Whether any was judged anew.
    any: bool,
    /// Whether any verdict became another.
    noted: bool,
}

impl AuthorityServer {
    /// Whether it is an expected server of which nothing is known but a first loss: that is no silence yet.
    #[must_use]
    pub fn is_lost_once(&self) -> bool {
        let ended = |h: &&Heard| !matches!(h.observation.outcome, Outcome::NotSent { .. });
        let tries = || self.witnesses.of(Purpose::Soa).filter(ended);
        self.role == AuthorityRole::Expected
            && (1..FIRST_LOSSES).contains(&tries().count())
            && tries().all(|h| h.observation.outcome == Outcome::NoResponse)
    }

    /// Whether it counts as one of the correct servers.
    fn is_good(&self) -> bool {
        self.role == AuthorityRole::Expected && self.judgement.verdict != Verdict::Parked
    }
}

/// The newest observation of a source server that says something: a loss only counts after [`LOSSES`] in a row, and a
/// query that could not be sent never hides an answer.
fn steady(witnesses: &Witnesses, purpose: Purpose) -> Option<&Heard> {
    let lost = |h: &&Heard| h.observation.was_lost();
    let newest = witnesses.latest(purpose)?;
    if newest.observation.was_heard() {
        return Some(newest);
    }
    let losses = witnesses.of(purpose).rev().take_while(|h| !h.observation.was_heard()).filter(lost).count();
    let answered = witnesses.of(purpose).rev().find(|h| h.observation.was_heard());
    match answered {
        Some(answered) if losses < LOSSES => Some(answered),
        _ => Some(witnesses.of(purpose).rev().find(lost).unwrap_or(newest)),
    }
}
