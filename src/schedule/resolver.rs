//! What each resolver is asked, and when, by what it said before.

use std::time::Duration;

use crate::dns::{Name, Rcode, RecordType};
use crate::incident::{Incident, ResolverWatch, Survey};
use crate::judge::{DelegationState, Rule, ServiceJudgement, ServiceState, Until, Verdict, wrong_delegation_end};
use crate::observation::{AnswerKind, ExtendedError, Purpose, Query, Role, TargetId};
use crate::schedule::{Candidate, Mode, Schedule, Wake, proof};
use crate::time::Timestamp;

/// After a known expiry: whole-second clocks on both sides.
const AFTER_EXPIRY: Duration = Duration::from_millis(1500);
/// The second look after a known expiry.
const SECOND_LOOK: Duration = Duration::from_secs(5);
/// Then so often, until the cache has turned.
const OVERDUE: Duration = Duration::from_secs(30);
/// How often a wrong cache of unknown expiry is asked, give or take a tenth.
const UNKNOWN_EXPIRY: Duration = Duration::from_secs(60);
/// How often one that fails is asked, give or take a tenth.
const FAILING: Duration = Duration::from_secs(20);
/// How soon an answer that its resolver called stale is asked for again: it was refreshing it meanwhile.
const STALE_AGAIN: Duration = Duration::from_secs(3);
/// How often a clean one is.
const CLEAN: Duration = Duration::from_secs(300);
/// The longest back-off for one that refuses or is silent.
const LONGEST_BACK_OFF: Duration = Duration::from_secs(300);
/// Of so many of the zone's name servers a failing cache is asked for the address.
const MOST_HOSTS: usize = 4;
/// So many lost samples of one resolver are made up for in a round.
const LOST_ONES: usize = 2;
/// How long a burst lasts after the caches of one address were first seen to disagree.
const BURST: Duration = Duration::from_secs(20);
/// Between samples of one address in a burst.
const BETWEEN_SAMPLES: Duration = Duration::from_secs(1);

/// One resolver on one turn.
struct Asking<'a> {
    incident: &'a Incident,
    watch: &'a ResolverWatch,
    target: TargetId,
    now: Timestamp,
}

impl Schedule {
    /// What one resolver is asked. `until` takes the moment from which on the plan no longer holds.
    pub(super) fn plan_resolver(
        &self,
        incident: &Incident,
        watch: &ResolverWatch,
        watched: &[(Name, RecordType)],
        now: Timestamp,
        candidates: &mut Vec<Candidate>,
        until: &mut Wake,
    ) {
        let asking = Asking { incident, watch, target: TargetId::new(Role::Resolver, watch.target.address), now };
        self.plan_calibration(incident, watch, now, candidates);
        self.plan_nonce(&asking, candidates);
        self.plan_unchecked(&asking, candidates);
        self.plan_no_recursion(&asking, candidates);
        for (at, (name, rtype)) in watched.iter().enumerate() {
            self.plan_service(&asking, name, *rtype, watch.judgement.service.get(at), candidates);
        }
        if let Some(end) = asking.burst_ends().filter(|end| *end > now) {
            until.at(end);
        }
        self.plan_ns_addresses(&asking, candidates);
        for (name, rtype) in incident.flush_questions() {
            self.plan_proof(&asking, &name, rtype, candidates);
        }
    }

    /// The nonce with RD=1, under the do-no-harm rule.
    fn plan_nonce(&self, asking: &Asking<'_>, candidates: &mut Vec<Candidate>) {
        let query = asking.nonce(Purpose::Nonce).recursive();
        let now = asking.now;
        let right = asking.incident.source().parent_right;
        // While the parent is wrong once is once, whatever happens to this machine.
        let last = if right { self.ledger.last(&query) } else { self.ledger.ever(&query) };
        let survey = asking.incident.survey();
        let due = match last {
            None if right || survey != Survey::Off => now,
            None => return,
            Some(last) if !right => match survey {
                // Once for each time that the parent is wrong: what was heard before says nothing of it.
                Survey::Once if asking.incident.source().wrong_since.is_some_and(|since| last < since) => now,
                Survey::Always if self.mode == Mode::Watch => last + self.jitter(&query, UNKNOWN_EXPIRY),
                _ => return,
            },
            Some(last) => {
                let usual = self.next_sample(asking, &query, last);
                let proof = proof::due(asking.incident, asking.watch, &query, Some(last));
                match usual.into_iter().chain(proof).min() {
                    Some(due) => due,
                    None => return,
                }
            }
        };
        self.put_forward(asking.incident, query, due, candidates);
    }

    /// When a resolver that was sampled before is sampled again, the parent being right.
    fn next_sample(&self, asking: &Asking<'_>, query: &Query, last: Timestamp) -> Option<Timestamp> {
        let judgement = &asking.watch.judgement;
        let unheard = matches!(judgement.verdict, Verdict::Silent) || judgement.rule == Rule::Refused;
        if let Mode::Round { samples, .. } = self.mode {
            // A lost answer is made up for, twice at most.
            let (times, usable) = (self.ledger.times(query), judgement.samples.usable);
            let more = !unheard && (times < samples || (usable < samples && times < samples + LOST_ONES));
            return more.then_some(asking.now);
        }
        // The first sample after the last parent server turned right comes at once: what came before was the survey.
        if asking.incident.right_since().is_some_and(|since| last < since) {
            return Some(asking.now);
        }
        if asking.incident.deaf_since().is_some() {
            return Some(last + self.jitter(query, UNKNOWN_EXPIRY));
        }
        let mut newest =
            asking.watch.witnesses.of(Purpose::Nonce).rev().map(|h| {
                h.observation.response().is_some_and(|r| r.extended_errors().iter().any(ExtendedError::is_stale))
            });
        if newest.next() == Some(true) && newest.next() != Some(true) {
            return Some(last + STALE_AGAIN);
        }
        if unheard {
            let times = u32::try_from(self.ledger.times(query).min(8)).unwrap_or(8);
            let wait = UNKNOWN_EXPIRY.saturating_mul(1 << times.saturating_sub(1).min(4)).min(LONGEST_BACK_OFF);
            return Some(asking.at_shown_end(last, last + self.jitter(query, wait)));
        }
        if judgement.verdict == Verdict::Mixed && judgement.samples.good > 0 {
            // Good and bad together: a cache that has just turned, or several caches. A burst tells which.
            let burst = asking.burst_ends().is_some_and(|end| asking.now < end);
            return Some(last + if burst { BETWEEN_SAMPLES } else { OVERDUE });
        }
        if judgement.state.is_good() {
            let wait = if asking.incident.is_sampled_enough(asking.watch) {
                self.jitter(query, CLEAN)
            } else {
                BETWEEN_SAMPLES
            };
            return Some(last + wait);
        }
        if judgement.state == DelegationState::ValidationFailing
            || matches!(judgement.rule, Rule::FailsUnexplained | Rule::FailsHoldingParked)
            || asking.fails_only_checked()
        {
            // Failures are kept for seconds, a bad key for a minute (RFC 9520): soon over once the reason is gone.
            return Some(asking.at_shown_end(last, last + self.jitter(query, FAILING)));
        }
        Some(match judgement.delegation_until {
            // It may fail for another reason, which is over sooner.
            Until::Known(end) if judgement.state == DelegationState::ParkedSilent => {
                after_expiry(end, last).min(last + self.jitter(query, UNKNOWN_EXPIRY))
            }
            Until::Known(end) => after_expiry(end, last),
            _ => last + self.jitter(query, UNKNOWN_EXPIRY),
        })
    }

    /// With checking disabled, once after each nonce that failed.
    fn plan_unchecked(&self, asking: &Asking<'_>, candidates: &mut Vec<Candidate>) {
        let witnesses = &asking.watch.witnesses;
        let Some(nonce) = witnesses.latest(Purpose::Nonce) else { return };
        let failed = nonce.observation.response().is_some_and(|r| r.rcode == Rcode::SERVFAIL);
        let compared = witnesses.latest(Purpose::NonceUnchecked).is_some_and(|h| h.number > nonce.number);
        if failed && !compared {
            let mut query = asking.nonce(Purpose::NonceUnchecked).recursive();
            query.cd = true;
            self.put_forward(asking.incident, query, asking.now, candidates);
        }
    }

    /// Without recursion: costs the cache nothing, and where it is answered it shows the delegation and its end. The
    /// apex NS RRset once; a nonce where the delegation is wrong, fading or not to be asked for otherwise.
    fn plan_no_recursion(&self, asking: &Asking<'_>, candidates: &mut Vec<Candidate>) {
        let zone = asking.incident.zone().clone();
        let ns = Query::new(asking.target, zone, RecordType::NS, Purpose::CachedNs);
        let nonce = asking.nonce(Purpose::NonceNoRecursion);
        if self.ledger.last(&ns).is_none() && self.clear_the_way(asking, true, candidates) {
            self.put_forward(asking.incident, ns, asking.now, candidates);
        }
        let state = asking.watch.judgement.state;
        let wrong = matches!(
            state,
            DelegationState::Parked
                | DelegationState::ParkedSilent
                | DelegationState::PreOutage
                | DelegationState::Stuck
        );
        let survey = asking.incident.survey();
        if (!wrong && survey != Survey::Off)
            || !self.clear_the_way(asking, self.ledger.ever(&nonce).is_none(), candidates)
        {
            return;
        }
        // Without a survey nothing else is ever asked: what the cache did not hold then, it may hold now.
        let unsurveyed =
            survey == Survey::Off && !asking.incident.source().parent_right && !asking.refuses_no_recursion();
        match self.ledger.last(&nonce) {
            None => self.put_forward(asking.incident, nonce, asking.now, candidates),
            Some(last) if self.mode == Mode::Watch && (unsurveyed || asking.shows_delegation()) => {
                self.put_forward(
                    asking.incident,
                    nonce.clone(),
                    last + self.jitter(&nonce, UNKNOWN_EXPIRY),
                    candidates,
                );
            }
            Some(_) => {}
        }
    }

    /// Whether a question with RD=0 about the zone may be asked now. If what it does to the cache must be learned first,
    /// that question is put forward instead. `first` says that none was asked before: beside the survey it does no more.
    fn clear_the_way(&self, asking: &Asking<'_>, first: bool, candidates: &mut Vec<Candidate>) -> bool {
        match self.may_ask_without_recursion(asking.incident, asking.watch) {
            Ok(()) => true,
            Err(Some(_)) if first && asking.incident.survey() != Survey::Off => true,
            Err(Some(query)) => {
                // Several questions may wait for this one.
                if candidates.iter().all(|c| c.query != query) {
                    self.put_forward(asking.incident, query, asking.now, candidates);
                }
                false
            }
            Err(None) => false,
        }
    }

    /// A watched name: with RD=1 only once the delegation there is good (a question to a parked one would store the
    /// parked address anew); without recursion where it is not.
    fn plan_service(
        &self,
        asking: &Asking<'_>,
        name: &Name,
        rtype: RecordType,
        known: Option<&ServiceJudgement>,
        candidates: &mut Vec<Candidate>,
    ) {
        let judgement = &asking.watch.judgement;
        let query = Query::new(asking.target, name.clone(), rtype, Purpose::Service);
        let restored = judgement.state == DelegationState::Restored && asking.incident.source().parent_right;
        if !restored {
            let wanted = judgement.state.is_usable() && self.ledger.last(&query).is_none();
            if wanted && self.clear_the_way(asking, false, candidates) {
                self.put_forward(asking.incident, query, asking.now, candidates);
            }
            return;
        }
        let query = query.recursive();
        let Some(last) = self.ledger.last(&query) else {
            return self.put_forward(asking.incident, query, asking.now, candidates);
        };
        let state = known.map_or(ServiceState::Unknown, |k| k.state);
        let stale = matches!(state, ServiceState::Stale | ServiceState::Negative);
        if let Mode::Round { .. } = self.mode {
            // The TTL of the answer that filled the cache is not the stored one: the second reply's counts.
            // An answer that was lost, or says nothing, is asked for once more too.
            let odd = known.is_some_and(ServiceJudgement::is_unbelieved);
            if (stale || odd || state == ServiceState::Unknown) && self.ledger.times(&query) < 2 {
                self.put_forward(asking.incident, query, asking.now, candidates);
            }
            return;
        }
        let due = match (state, known.map_or(Until::Unknown, |k| k.until)) {
            // Said once, believed when said twice.
            _ if known.is_some_and(ServiceJudgement::is_unbelieved) => last + STALE_AGAIN,
            _ if stale && self.ledger.times(&query) < 2 => last + BETWEEN_SAMPLES,
            (_, Until::Known(end)) if stale => after_expiry(end, last),
            (ServiceState::Ok, _) => last + self.jitter(&query, CLEAN),
            (ServiceState::Unknown | ServiceState::Failing, _) => last + SECOND_LOOK,
            _ => last + self.jitter(&query, UNKNOWN_EXPIRY),
        };
        let proof = proof::due(asking.incident, asking.watch, &query, Some(last));
        let due = proof.map_or(due, |proof| proof.min(due));
        self.put_forward(asking.incident, query, due, candidates);
    }

    /// Where a cache fails with and without validation although the source is right: the addresses it holds for the zone's own
    /// name servers below the zone. A parked one there explains the failure.
    fn plan_ns_addresses(&self, asking: &Asking<'_>, candidates: &mut Vec<Candidate>) {
        let unexplained = matches!(
            asking.watch.judgement.rule,
            Rule::FailsUnexplained | Rule::FailsParkedSilent | Rule::FailsHoldingParked | Rule::FailsNsAddress
        );
        if !unexplained || !asking.incident.source_is_right() {
            return;
        }
        let incident = asking.incident;
        let own = incident.references().good_ns.iter().flatten().filter(|host| host.is_below(incident.zone()));
        for host in own.take(MOST_HOSTS) {
            for rtype in [RecordType::A, RecordType::AAAA] {
                let query = Query::new(asking.target, host.clone(), rtype, Purpose::Service).recursive();
                let due = match self.ledger.last(&query) {
                    None => asking.now,
                    Some(_) if matches!(self.mode, Mode::Round { .. }) => continue,
                    Some(last) => last + self.jitter(&query, UNKNOWN_EXPIRY),
                };
                self.put_forward(incident, query, due, candidates);
            }
        }
    }

    /// A name and type that is not watched but was flushed: only where that is being proven, and only once the cache uses the
    /// correct servers.
    fn plan_proof(&self, asking: &Asking<'_>, name: &Name, rtype: RecordType, candidates: &mut Vec<Candidate>) {
        let restored = asking.watch.judgement.state == DelegationState::Restored;
        if !restored || !asking.incident.source().parent_right {
            return;
        }
        let query = Query::new(asking.target, name.clone(), rtype, Purpose::Service).recursive();
        if let Some(due) = proof::due(asking.incident, asking.watch, &query, self.ledger.last(&query)) {
            self.put_forward(asking.incident, query, due, candidates);
        }
    }
}

impl Asking<'_> {
    fn nonce(&self, purpose: Purpose) -> Query {
        Query::new(self.target, self.incident.nonce_base().clone(), RecordType::TXT, purpose)
    }

    /// When the burst of samples ends, where caches of one address disagree.
    fn burst_ends(&self) -> Option<Timestamp> {
        (self.watch.judgement.verdict == Verdict::Mixed).then(|| self.watch.since + BURST)
    }

    /// Whether the newest nonce failed and the one with checking disabled after it was answered: the reason may be over, or
    /// another cache has none.
    fn fails_only_checked(&self) -> bool {
        let witnesses = &self.watch.witnesses;
        let newest = witnesses.latest(Purpose::Nonce).zip(witnesses.latest(Purpose::NonceUnchecked));
        let Some((nonce, unchecked)) = newest.filter(|(nonce, unchecked)| unchecked.number > nonce.number) else {
            return false;
        };
        let rcode = |h: &crate::judge::Heard| h.observation.response().map(|r| r.rcode);
        rcode(nonce) == Some(Rcode::SERVFAIL) && matches!(rcode(unchecked), Some(Rcode::NOERROR | Rcode::NXDOMAIN))
    }

    /// Whether the newest nonce without recursion was refused.
    fn refuses_no_recursion(&self) -> bool {
        let newest = self.watch.witnesses.latest(Purpose::NonceNoRecursion).and_then(|h| h.observation.response());
        newest.is_some_and(|r| matches!(r.rcode, Rcode::REFUSED | Rcode::NOTIMP))
    }

    /// The next look at a cache that gives no usable answer, last looked at at `last`: at `usual`, or sooner where it loses the
    /// wrong delegation it showed. It may fail, or wait, for want of an answer from those servers.
    fn at_shown_end(&self, last: Timestamp, usual: Timestamp) -> Timestamp {
        let end = self.shown_end().filter(|end| last < *end + SECOND_LOOK);
        end.map_or(usual, |end| after_expiry(end, last).min(usual))
    }

    /// When the wrong delegation ends that the cache showed when it was last asked without recursion.
    fn shown_end(&self) -> Option<Timestamp> {
        wrong_delegation_end(self.watch.witnesses.latest(Purpose::NonceNoRecursion)?, self.incident.references())
    }

    /// Whether the newest nonce without recursion was answered with the delegation in use.
    fn shows_delegation(&self) -> bool {
        self.watch.witnesses.latest(Purpose::NonceNoRecursion).is_some_and(|h| {
            let observation = &h.observation;
            observation.response().is_some_and(|r| r.kind(&observation.asked, RecordType::TXT) == AnswerKind::Referral)
        })
    }
}

/// The next look at an entry that ends at `end`, last looked at at `last`: 1.5 s and 5 s after it, then every 30 s. Never
/// in the window before it.
fn after_expiry(end: Timestamp, last: Timestamp) -> Timestamp {
    let (first, second) = (end + AFTER_EXPIRY, end + SECOND_LOOK);
    match () {
        () if last < first => first,
        () if last < second => second,
        () => last + OVERDUE,
    }
}
