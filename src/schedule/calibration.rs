//! What resolvers are asked off the zone under watch, to learn what they can do, and what is asked of nobody, to learn
//! whether somebody in between answers.
//!
//! At leisure: never in the first round, never before what the incident needs, and once a week for each address. Only one
//! question is ever urgent: whether RD=0 keeps a resolver from recursing, where the next question to it must not.

use std::time::Duration;

use crate::catalog::Neutral;
use crate::dns::{Class, Name, Rcode, RecordType};
use crate::incident::{Incident, ResolverWatch, Survey};
use crate::observation::{Purpose, Query, Role, TargetId};
use crate::schedule::plan::Candidate;
use crate::schedule::{Mode, Schedule, Wake};
use crate::time::Timestamp;

/// Between two questions that calibrate one resolver.
const AT_LEISURE: Duration = Duration::from_secs(10);
/// How soon a question that came to nothing is asked once more.
const ONCE_MORE: Duration = Duration::from_secs(60);
/// How often each is tried.
const TRIES: usize = 2;
/// How often it is looked whether somebody in between answers.
const INTERCEPTION_EVERY: Duration = Duration::from_secs(60);
/// The same while somebody does.
const INTERCEPTED: Duration = Duration::from_secs(20);
/// A round waits no longer for an answer that nobody should give: who is in between is nearer than those asked.
const ROUND_WAITS: Duration = Duration::from_millis(500);

impl Schedule {
    /// The same, asking also about neutral names.
    #[must_use]
    pub fn with_neutral(mut self, neutral: Neutral) -> Self {
        self.neutral = neutral;
        self
    }

    /// Whether somebody in between answers where nobody stands.
    pub(super) fn plan_interception(
        &self,
        incident: &Incident,
        now: Timestamp,
        candidates: &mut Vec<Candidate>,
        wake: &mut Wake,
    ) {
        // Nobody is in between where no packet leaves this machine.
        if incident.resolvers().iter().all(|r| r.target.address.ip().is_loopback()) {
            return;
        }
        let every = if incident.interception().stands() { INTERCEPTED } else { INTERCEPTION_EVERY };
        for address in &self.neutral.nobody {
            let target = TargetId::new(Role::Nobody, *address);
            let query = Query::new(target, Name::root(), RecordType::NS, Purpose::Interception).recursive();
            match (self.ledger.last(&query), self.mode) {
                (None, _) => self.put_forward(incident, query, now, candidates),
                (Some(last), Mode::Round { .. }) => {
                    if self.ledger.is_in_flight(&query) && now < last + ROUND_WAITS {
                        wake.at(last + ROUND_WAITS);
                    }
                }
                (Some(last), Mode::Watch) => {
                    self.put_forward(incident, query, last + every, candidates);
                }
            }
        }
    }

    /// The next question that tells what a resolver can do, when it is time for one.
    pub(super) fn plan_calibration(
        &self,
        incident: &Incident,
        watch: &ResolverWatch,
        now: Timestamp,
        candidates: &mut Vec<Candidate>,
    ) {
        if self.mode != Mode::Watch || self.pace.is_first_round() || incident.interception().stands() {
            return;
        }
        // One that was never heard has nothing to calibrate.
        if watch.last_heard.is_none() || !self.neutral.asks_resolvers() {
            return;
        }
        let fresh = watch.calibration.is_fresh(incident.started());
        let target = TargetId::new(Role::Resolver, watch.target.address);
        let questions = self.neutral_questions(watch, target);
        let last = questions.iter().filter_map(|query| self.ledger.last(query)).max();
        let Some((query, tried)) = questions.into_iter().find_map(|query| self.still_to_ask(watch, query, fresh))
        else {
            return;
        };
        let wait = if tried == 0 { AT_LEISURE } else { ONCE_MORE };
        let due = last.map_or(now, |last| last + self.jitter(&query, wait));
        if !self.ledger.is_in_flight(&query) {
            candidates.push(Candidate { due, query, confirms: true, again: tried > 0 });
        }
    }

    /// Whether a question with RD=0 about the zone may be asked. Where it would recurse it is like one with RD=1; where
    /// that is not known and would do harm, it is asked first off the zone: gives that question.
    pub(super) fn may_ask_without_recursion(
        &self,
        incident: &Incident,
        watch: &ResolverWatch,
    ) -> Result<(), Option<Query>> {
        let calibration = &watch.calibration;
        if !calibration.answers_without_recursion() {
            return Err(None);
        }
        let Some(zone) = &self.neutral.unasked_zone else { return Ok(()) };
        if incident.source().parent_right || calibration.is_harmless_without_recursion() {
            return Ok(());
        }
        if calibration.unasked_told {
            // It recurses. The survey may do that, and it alone.
            return if incident.survey() == Survey::Always { Ok(()) } else { Err(None) };
        }
        let target = TargetId::new(Role::Resolver, watch.target.address);
        let query = Query::new(target, zone.clone(), RecordType::TXT, Purpose::UnaskedName);
        let may_try = self.ledger.times(&query) < TRIES && !self.ledger.is_in_flight(&query);
        Err(may_try.then_some(query))
    }

    /// All that may be asked of one resolver, in order.
    fn neutral_questions(&self, watch: &ResolverWatch, target: TargetId) -> Vec<Query> {
        let neutral = &self.neutral;
        let about = |(name, rtype): &(Name, RecordType), purpose| Query::new(target, name.clone(), *rtype, purpose);
        let mut questions = Vec::with_capacity(9);
        if let Some(zone) = &neutral.unasked_zone {
            questions.push(Query::new(target, zone.clone(), RecordType::TXT, Purpose::UnaskedName));
        }
        if let Some(steady) = &neutral.steady {
            questions.push(about(steady, Purpose::SteadyName).recursive());
            questions.push(about(steady, Purpose::SteadyName));
        }
        if let Some(long) = &neutral.long_lived {
            questions.push(about(long, Purpose::LongLivedName).recursive());
        }
        if let Some(bogus) = &neutral.bogus {
            let checked = about(bogus, Purpose::BogusName).recursive();
            questions.push(checked.clone());
            questions.push(Query { cd: true, ..checked });
        }
        questions.extend(identity_questions(target, neutral.identity_of(&watch.target.operator)));
        questions
    }

    /// The question and how often it was tried, when its answer is still wanted.
    fn still_to_ask(&self, watch: &ResolverWatch, query: Query, fresh: bool) -> Option<(Query, usize)> {
        let tried = self.ledger.times(&query);
        let known = |remembered: bool| if fresh { remembered } else { tried > 0 && remembered };
        let wanted = is_wanted(watch, &query, &known);
        (wanted && tried < TRIES && !(tried > 0 && was_answered(watch, &query))).then_some((query, tried))
    }
}

/// Whether such a question was answered in this run, however.
fn was_answered(watch: &ResolverWatch, query: &Query) -> bool {
    watch.witnesses.about(query.purpose, &query.name, query.rtype).any(|heard| {
        let asked = &heard.observation.query;
        (asked.rd, asked.cd) == (query.rd, query.cd) && heard.observation.was_heard()
    })
}

/// Whether what a question would tell is not known. `known` says whether something that is there counts as known.
fn is_wanted(watch: &ResolverWatch, query: &Query, known: &dyn Fn(bool) -> bool) -> bool {
    let calibration = &watch.calibration;
    let bogus = |cd: bool| {
        watch.witnesses.of(Purpose::BogusName).rev().find(|h| h.observation.query.cd == cd).map(|h| &h.observation)
    };
    match (query.purpose, query.rd, query.cd) {
        (Purpose::UnaskedName, ..) => !known(calibration.unasked_told),
        // Only where RD=0 neither recurses nor is refused is there more to know.
        (Purpose::SteadyName, ..) => {
            calibration.is_harmless_without_recursion()
                && calibration.answers_without_recursion()
                && !known(calibration.held_answered.is_some())
        }
        (Purpose::LongLivedName, ..) => !known(calibration.largest_long.is_some()),
        (Purpose::BogusName, _, false) => !known(calibration.validates.is_some()),
        (Purpose::BogusName, _, true) => {
            let failed = bogus(false).and_then(|o| o.response()).is_some_and(|r| r.rcode == Rcode::SERVFAIL);
            failed && bogus(true).is_none_or(|o| !o.was_heard())
        }
        (Purpose::Identity, ..) => !known(calibration.identity.is_some()),
        _ => false,
    }
}

/// What may name the instance that answers: the operator's own question first, then RFC 4892's and BIND's.
#[must_use]
pub fn identity_questions(target: TargetId, own: Option<&Name>) -> Vec<Query> {
    let text = |name: Name, class: Class| {
        let mut query = Query::new(target, name, RecordType::TXT, Purpose::Identity);
        (query.class, query.rd) = (class, class == Class::IN);
        query
    };
    let chaos = ["id.server.", "hostname.bind."].into_iter().filter_map(|name| name.parse().ok());
    own.into_iter().map(|name| text(name.clone(), Class::IN)).chain(chaos.map(|name| text(name, Class::CH))).collect()
}
