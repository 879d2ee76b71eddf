//! All samples of one resolver address, in one word.
//!
//! An anycast address is many caches. One bad sample is enough for parked or mixed; good samples count from the last bad
//! one; a lost answer changes nothing.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::dns::{Name, Rdata, RecordType};
use crate::judge::delegation::{DelegationSample, NonceWitnesses, judge_delegation};
use crate::judge::side::is_parked_host;
use crate::judge::{
    DelegationState, Heard, References, Rule, ServiceJudgement, ServiceState, SourceView, Until, Verdict, Witnesses,
    judge_service,
};
use crate::observation::{ExtendedError, Outcome, Purpose};
use crate::time::Timestamp;

/// How strict the rule for *correct* is, and what it watches.
#[derive(Debug, Clone)]
pub struct Latitude {
    /// Good samples needed before a resolver is correct: 3, or fewer when the operator asked for fewer.
    pub samples_needed: usize,
    /// The watched names and types.
    pub watched: Vec<(Name, RecordType)>,
    /// Whether *correct* needs every watched name heard. Not while the parent is wrong: asking would do harm.
    pub services_needed: bool,
}

/// How many samples a verdict rests on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SampleCount {
    /// Good ones since the last bad one.
    pub good: usize,
    /// Good and bad ones in the window the verdict looks at.
    pub usable: usize,
    /// All that were asked for.
    pub sent: usize,
}

/// What all witnesses of one resolver amount to.
#[derive(Debug, Clone, PartialEq)]
pub struct ResolverJudgement {
    /// In one word.
    pub verdict: Verdict,
    /// The delegation in use: the worst of the caches heard.
    pub state: DelegationState,
    /// By which rule.
    pub rule: Rule,
    /// Until when the delegation lasts.
    pub delegation_until: Until,
    /// Until when anything old is served, as far as that is known.
    pub until: Until,
    /// The name servers in use, where the cache showed them.
    pub servers: Option<crate::dns::NsSet>,
    /// What users get, for each watched name and type.
    pub service: Vec<ServiceJudgement>,
    /// How many samples this rests on.
    pub samples: SampleCount,
    /// Extended errors of the newest failure or filtered answer.
    pub errors: Vec<ExtendedError>,
    /// The observations it rests on.
    pub evidence: Vec<u64>,
}

/// Samples older than this say nothing about the caches in use now.
const WINDOW: Duration = Duration::from_secs(600);

/// So many unanswered nonces in a row make a resolver silent that was heard before.
const LOST_IN_A_ROW: usize = 3;

/// Judges one resolver.
#[must_use]
pub fn judge_resolver(
    witnesses: &Witnesses,
    latitude: &Latitude,
    refs: &References,
    source: &SourceView,
    now: Timestamp,
) -> ResolverJudgement {
    let samples = samples(witnesses, refs, source, now);
    let service: Vec<_> =
        latitude.watched.iter().map(|(name, rtype)| judge_service(witnesses, name, *rtype, refs, now)).collect();
    let usable: Vec<&DelegationSample> =
        samples.iter().filter(|s| s.is_usable() && now.since(s.at) <= WINDOW).collect();
    let good_run = usable.iter().rev().take_while(|s| s.state.is_good()).count();
    let count = SampleCount { good: good_run, usable: usable.len(), sent: samples.len() };

    let mut judgement = ResolverJudgement {
        verdict: Verdict::Unknown,
        state: DelegationState::Unknown,
        rule: Rule::NothingHeard,
        delegation_until: Until::Unknown,
        until: Until::Unknown,
        servers: None,
        service,
        samples: count,
        errors: newest_errors(witnesses),
        evidence: Vec::new(),
    };
    let lost = samples.iter().rev().take_while(|s| s.state == DelegationState::Unreachable).count();
    if lost > 0 && (lost == samples.len() || lost >= LOST_IN_A_ROW) {
        let evidence = samples.iter().rev().take(lost).flat_map(|s| s.evidence.iter().copied());
        judgement.evidence = evidence.collect();
        (judgement.verdict, judgement.state, judgement.rule) =
            (Verdict::Silent, DelegationState::Unreachable, Rule::NoAnswer);
        return judgement;
    }
    let Some(newest) = usable.last().copied() else {
        // Nothing usable: the newest unusable sample says why (refused, undecidable, nothing to compare).
        if let Some(why) = samples.last() {
            take_sample(&mut judgement, why);
        }
        return judgement;
    };
    let bad: Vec<&DelegationSample> = usable.iter().copied().filter(|s| !s.state.is_good()).collect();
    let Some(worst) = bad.last().copied().filter(|_| still_bad(&usable, witnesses, good_run, latitude)) else {
        take_sample(&mut judgement, newest);
        judgement.evidence = usable.iter().rev().take(good_run).flat_map(|s| s.evidence.iter().copied()).collect();
        judgement.verdict = word_of_good(&judgement, good_run, latitude);
        judgement.until = service_until(&judgement.service, judgement.delegation_until);
        return judgement;
    };
    take_sample(&mut judgement, worst);
    judgement.delegation_until = bad.iter().map(|s| s.until).fold(Until::Unknown, Until::later);
    judgement.until = service_until(&judgement.service, judgement.delegation_until);
    judgement.verdict = match worst.state {
        _ if good_run > 0 || (bad.len() < usable.len() && agree_in_time(&usable)) => Verdict::Mixed,
        DelegationState::Parked => Verdict::Parked,
        DelegationState::Held => Verdict::Held,
        DelegationState::Stuck => Verdict::Stuck,
        DelegationState::Other => Verdict::Other,
        _ => Verdict::Broken,
    };
    judgement
}

/// Whether the bad samples still speak for a cache in use. With server identifiers each instance's newest sample
/// counts; without them a run of good samples as long as the rule for *correct* asks outweighs what came before.
fn still_bad(usable: &[&DelegationSample], witnesses: &Witnesses, good_run: usize, latitude: &Latitude) -> bool {
    if good_run == 0 {
        return true;
    }
    let mut newest: BTreeMap<Vec<u8>, bool> = BTreeMap::new();
    for sample in usable {
        let identifier = sample.evidence.first().and_then(|number| identifier(witnesses, *number));
        newest.insert(identifier.unwrap_or_default(), sample.state.is_good());
    }
    let unnamed = newest.remove(&Vec::new()).is_some();
    let named_bad = newest.values().any(|good| !good);
    named_bad || (unnamed && good_run < latitude.samples_needed.max(1) && usable.iter().any(|s| !s.state.is_good()))
}

fn identifier(witnesses: &Witnesses, number: u64) -> Option<Vec<u8>> {
    let heard = witnesses.iter().find(|h| h.number == number)?;
    heard.observation.response()?.edns.as_ref()?.nsid.clone().filter(|id| !id.is_empty())
}

/// Whether good and bad samples stand close enough together that they are two caches and not one that changed.
fn agree_in_time(usable: &[&DelegationSample]) -> bool {
    usable.windows(2).any(|pair| {
        let turned_bad = pair[0].state.is_good() && !pair[1].state.is_good();
        turned_bad && pair[1].at.since(pair[0].at) <= Duration::from_secs(60)
    })
}

fn take_sample(judgement: &mut ResolverJudgement, sample: &DelegationSample) {
    judgement.state = sample.state;
    judgement.rule = sample.rule;
    judgement.delegation_until = sample.until;
    judgement.until = sample.until;
    judgement.servers.clone_from(&sample.servers);
    judgement.evidence.clone_from(&sample.evidence);
}

/// The word for a resolver whose delegation is good: the watched names decide the rest.
fn word_of_good(judgement: &ResolverJudgement, good_run: usize, latitude: &Latitude) -> Verdict {
    let any = |state| judgement.service.iter().any(|s| s.state == state);
    if any(ServiceState::Other) {
        Verdict::Other
    } else if any(ServiceState::Failing) {
        Verdict::Broken
    } else if any(ServiceState::Stale) || any(ServiceState::Negative) {
        Verdict::Draining
    } else if good_run < latitude.samples_needed || (latitude.services_needed && any(ServiceState::Unknown)) {
        Verdict::Unknown
    } else {
        Verdict::Correct
    }
}

fn service_until(service: &[ServiceJudgement], delegation: Until) -> Until {
    service.iter().map(|s| s.until).fold(delegation, Until::later)
}

/// Every nonce as a sample, oldest first, each with the comparison that belongs to it.
fn samples(witnesses: &Witnesses, refs: &References, source: &SourceView, now: Timestamp) -> Vec<DelegationSample> {
    let ns_address_parked = ns_address_parked(witnesses, refs);
    let no_recursion: Vec<&Heard> = witnesses.of(Purpose::NonceNoRecursion).collect();
    let unchecked: Vec<&Heard> = witnesses.of(Purpose::NonceUnchecked).collect();
    let sampled = witnesses.of(Purpose::Nonce).filter(|h| !matches!(h.observation.outcome, Outcome::NotSent { .. }));
    sampled
        .map(|nonce| {
            let compared = unchecked.iter().find(|u| u.number > nonce.number).copied();
            judge_delegation(
                NonceWitnesses {
                    nonce,
                    unchecked: compared,
                    no_recursion: no_recursion.last().copied(),
                    ns_address_parked,
                },
                refs,
                source,
                now,
            )
        })
        .collect()
}

/// Whether this cache gave a parking address for one of the zone's own name servers (facts of caches that rank a
/// wildcard's answer above glue).
fn ns_address_parked(witnesses: &Witnesses, refs: &References) -> bool {
    let Some(good) = &refs.good_ns else { return false };
    witnesses.of(Purpose::Service).any(|heard| {
        let query = &heard.observation.query;
        if !good.contains(&query.name) || is_parked_host(&query.name, refs) {
            return false;
        }
        let parked = refs.parked.data.values().flatten();
        heard.observation.response().is_some_and(|response| {
            response.answer.iter().any(|r| {
                matches!(r.rdata, Rdata::A(_) | Rdata::Aaaa(_)) && parked.clone().any(|known| *known == r.rdata)
            })
        })
    })
}

fn newest_errors(witnesses: &Witnesses) -> Vec<ExtendedError> {
    let newest = witnesses.iter().rev().find(|h| {
        matches!(h.observation.query.purpose, Purpose::Nonce | Purpose::NonceUnchecked | Purpose::Service)
            && h.observation.query.rd
            && h.observation.response().is_some()
    });
    newest.and_then(|h| h.observation.response()).map(|r| r.extended_errors().to_vec()).unwrap_or_default()
}
