//! All samples of one resolver address, in one word.
//!
//! An anycast address is many caches. One bad sample is enough for parked or mixed; good samples count from the last bad
//! one; a lost answer changes nothing.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::dns::{Name, RecordType};
use crate::judge::memory::shown_sample;
use crate::judge::service::is_unanswered;
use crate::judge::{
    CacheGroups, Calibration, DelegationSample, DelegationState, Gathering, Heard, Memory, References, Rule,
    ServiceJudgement, ServiceState, ShareInterval, SourceView, Until, Verdict, Witnesses, stale_share,
    stale_share_at_most,
};
use crate::observation::{ExtendedError, Purpose};
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
    /// Of these, those from among which no loss can have hidden a stale cache: all, but where the parked servers answer nobody
    /// only those since the last packet that was lost. A cache that still waits for them gives no answer at all.
    pub sure: usize,
    /// Good and bad ones in the window the verdict looks at.
    pub usable: usize,
    /// Of these, those that came within [`TOGETHER`] before the newest: they tell of one moment.
    pub together: usize,
    /// Of those, the bad ones.
    pub bad: usize,
    /// All that were asked for.
    pub sent: usize,
    /// The caches behind the address, where samples named theirs: of those that count now.
    pub groups: Option<CacheGroups>,
}

impl SampleCount {
    /// The largest share of the caches seen from here that may be stale (95 %): by the sure samples. Old ones may count, because
    /// the stale share only falls. None without one.
    #[must_use]
    pub fn stale_share_at_most(&self) -> Option<f64> {
        (self.sure > 0).then(|| stale_share_at_most(self.sure))
    }

    /// Between which shares the stale one lies where some samples of one moment were bad (95 %). None where fewer than two
    /// were taken together, or none was bad.
    #[must_use]
    pub fn stale_share(&self) -> Option<ShareInterval> {
        (self.bad > 0 && self.together > 1).then(|| stale_share(self.bad, self.together))
    }
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
    /// By which row all samples together give the verdict.
    pub gathering: Gathering,
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
    /// Caches that used the correct servers after the restoration and then lost them again, by the names they give
    /// themselves, safe to show.
    pub turned_back: Vec<String>,
    /// The observations it rests on.
    pub evidence: Vec<u64>,
    /// The next moment after which a sample counts otherwise than now: its own end, or that it is no longer recent.
    pub next_end: Option<Timestamp>,
}

impl ResolverJudgement {
    /// Nothing is known, for the reason that `rule` names.
    #[must_use]
    pub const fn unjudged(rule: Rule) -> Self {
        Self {
            verdict: Verdict::Unknown,
            state: DelegationState::Unknown,
            rule,
            gathering: Gathering::TooFew,
            delegation_until: Until::Unknown,
            until: Until::Unknown,
            servers: None,
            service: Vec::new(),
            samples: SampleCount { good: 0, sure: 0, usable: 0, together: 0, bad: 0, sent: 0, groups: None },
            errors: Vec::new(),
            turned_back: Vec::new(),
            evidence: Vec::new(),
            next_end: None,
        }
    }
}

/// A bad sample followed by good ones says nothing about the caches in use after this time.
pub const WINDOW: Duration = Duration::from_secs(600);

/// A bad sample counts until its own end, and this much longer so that it can be asked again.
pub const GRACE: Duration = Duration::from_secs(15);

/// Samples no further apart tell of one moment: caches turn meanwhile, but few.
pub const TOGETHER: Duration = Duration::from_secs(30);

/// So many nonces in a row that are lost (or refused) make a resolver silent (or refusing) that was heard before.
const LOST_IN_A_ROW: usize = 3;

/// Judges one resolver.
#[must_use]
pub fn judge_resolver(
    witnesses: &Witnesses,
    calibration: &Calibration,
    latitude: &Latitude,
    refs: &References,
    source: &SourceView,
    now: Timestamp,
) -> ResolverJudgement {
    judge_resolver_again(&mut Memory::default(), witnesses, calibration, latitude, refs, source, now)
}

/// The same for one that was judged before by the same references.
#[must_use]
pub fn judge_resolver_again(
    memory: &mut Memory,
    witnesses: &Witnesses,
    calibration: &Calibration,
    latitude: &Latitude,
    refs: &References,
    source: &SourceView,
    now: Timestamp,
) -> ResolverJudgement {
    let samples_end = memory.judge_samples(witnesses, calibration, refs, source, now);
    let shown = shown_sample(memory, witnesses, refs, source, now);
    let lost_servers = memory.samples().chain(&shown).rev().find(|s| tells(s, source) && s.state.has_lost_servers());
    let lost = lost_servers.map(|s| s.at);
    let (service, services_end) = services(memory, lost, witnesses, latitude, refs, source, now);
    let samples: Vec<&DelegationSample> = memory.samples().chain(&shown).collect();
    let judgement = judge_samples(&samples, service, witnesses, latitude, refs, source, now);
    let enough = judgement.samples.good >= latitude.samples_needed;
    let gathering = Gathering::of(judgement.verdict, judgement.state.is_good(), enough);
    let next_end = judgement.next_end.into_iter().chain(samples_end).chain(services_end).min();
    ResolverJudgement { gathering, next_end, ..judgement }
}

fn judge_samples(
    samples: &[&DelegationSample],
    service: Vec<ServiceJudgement>,
    witnesses: &Witnesses,
    latitude: &Latitude,
    refs: &References,
    source: &SourceView,
    now: Timestamp,
) -> ResolverJudgement {
    let told: Vec<&DelegationSample> = samples.iter().copied().filter(|s| tells(s, source)).collect();
    let good_run = told.iter().rev().take_while(|s| s.state.is_good()).count();
    let newest_good = told.iter().rev().find(|s| s.state.is_good()).map(|s| s.at);
    let run_starts = told.len() - good_run;
    let counts = |at: usize, sample: &DelegationSample| {
        let recent = now.since(sample.at) <= WINDOW;
        if sample.state == DelegationState::PreOutage {
            // The cache may lose the correct servers at any moment: what it did before the parent turned wrong, or long
            // ago, says nothing of now.
            let ended = sample.until.moment().is_some_and(|end| now > end);
            recent && !ended && source.wrong_since.is_none_or(|since| sample.at >= since)
        } else if sample.state.is_good() {
            at >= run_starts || recent
        } else {
            let ended = sample.until.moment().is_some_and(|end| now > end + GRACE);
            !ended && (recent || newest_good.is_none_or(|good| good < sample.at))
        }
    };
    let usable: Vec<&DelegationSample> =
        told.iter().enumerate().filter(|(at, s)| counts(*at, s)).map(|(_, s)| *s).collect();
    // By the server's identifier only: every nonce has its own label, so no TTL is common to two of them, and what RD=0
    // showed may have come from another cache than the nonce's answer.
    let named = usable.iter().filter(|s| !s.instance.is_empty());
    let groups = CacheGroups::of(named.map(|s| (&s.instance, s.state.is_good())));
    let newest_at = usable.last().map(|s| s.at);
    let together = usable.iter().filter(|s| newest_at.is_some_and(|newest| newest.since(s.at) <= TOGETHER));
    let count = SampleCount {
        good: good_run,
        sure: sure_run(&told, good_run, witnesses, source),
        usable: usable.len(),
        together: together.clone().count(),
        bad: together.filter(|s| !s.state.is_good()).count(),
        sent: samples.len(),
        groups: (groups.told > 0).then_some(groups),
    };
    let ends = told.iter().filter_map(|s| s.until.moment()).flat_map(|end| [end, end + GRACE]);
    // What is counted because it is recent; the newest samples in a row count whatever their age.
    let by_age = |at: usize, sample: &DelegationSample| match sample.state {
        DelegationState::PreOutage => true,
        state if state.is_good() => at < run_starts,
        _ => newest_good.is_some_and(|good| good >= sample.at),
    };
    let ages = told.iter().enumerate().filter(|(at, s)| by_age(*at, s)).map(|(_, s)| s.at + WINDOW);
    let next_end = ends.chain(ages).filter(|end| *end >= now).min();

    let mut judgement = ResolverJudgement {
        service,
        samples: count,
        errors: newest_errors(witnesses),
        turned_back: turned_back(&told, &usable),
        next_end,
        ..ResolverJudgement::unjudged(Rule::NothingHeard)
    };
    let lost = samples.iter().rev().take_while(|s| s.state == DelegationState::Unreachable).count();
    if lost > 0 && (lost == samples.len() || lost >= LOST_IN_A_ROW) {
        judgement.evidence = samples.iter().rev().take(lost).flat_map(|s| s.evidence.iter().copied()).collect();
        (judgement.verdict, judgement.state, judgement.rule) =
            (Verdict::Silent, DelegationState::Unreachable, Rule::NoAnswer);
        return judgement;
    }
    let refused = samples.iter().rev().take_while(|s| s.rule == Rule::Refused).count();
    let Some(newest) = usable.last().copied().filter(|_| refused < LOST_IN_A_ROW) else {
        // Nothing usable: the newest unusable sample says why (refused, undecidable, nothing to compare), and so does
        // one whose time has run out.
        if let Some(why) = samples.last() {
            take_sample(&mut judgement, why);
        }
        return judgement;
    };
    let bad: Vec<&DelegationSample> = usable.iter().copied().filter(|s| !s.state.is_good()).collect();
    let Some(worst) = worst(&usable, &bad, good_run, latitude) else {
        take_sample(&mut judgement, newest);
        judgement.evidence = evidence_of(usable.iter().skip(usable.len().saturating_sub(good_run)));
        judgement.verdict = word_of_good(&judgement, good_run, latitude, refs);
        judgement.until = service_until(&judgement.service, judgement.delegation_until);
        if judgement.verdict == Verdict::Unknown
            && good_run >= latitude.samples_needed
            && awaited(&judgement, refs).all(|s| is_unanswered(witnesses, &s.name, s.rtype))
        {
            // Its nonces are good, and its addresses were asked for in vain: nothing more is to be awaited.
            judgement.rule = Rule::NoAnswer;
        }
        return judgement;
    };
    take_sample(&mut judgement, worst);
    judgement.delegation_until = bad.iter().map(|s| s.until).fold(Until::Unknown, Until::later);
    judgement.until = service_until(&judgement.service, judgement.delegation_until);
    let disagree = good_run > 0 || (bad.len() < usable.len() && agree_in_time(&usable));
    judgement.verdict = match worst.state {
        // Past every bound is worth saying whatever the other caches do.
        DelegationState::Stuck => Verdict::Stuck,
        DelegationState::Parked | DelegationState::ParkedSilent | DelegationState::Held | DelegationState::Other
            if disagree =>
        {
            Verdict::Mixed
        }
        DelegationState::Parked => Verdict::Parked,
        DelegationState::Held => Verdict::Held,
        DelegationState::Other => Verdict::Other,
        _ => Verdict::Broken,
    };
    judgement
}

/// How many of the newest `good_run` samples came after the last loss that a stale cache may have been behind, be it a whole
/// query or a packet of one whose repetition met another cache.
fn sure_run(told: &[&DelegationSample], good_run: usize, witnesses: &Witnesses, source: &SourceView) -> usize {
    if source.parked_answers != Some(false) {
        return good_run;
    }
    let may_wait = |at: Timestamp| source.parked_bound.is_none_or(|bound| at <= bound);
    let is_loss = |heard: &&Heard| {
        let observation = &heard.observation;
        (observation.was_lost() || observation.packets > 1) && may_wait(observation.sent)
    };
    let loss = witnesses.of(Purpose::Nonce).rev().find(is_loss).map(|heard| heard.number);
    let newest = told.iter().rev().take(good_run);
    newest.take_while(|s| loss.is_none_or(|loss| s.evidence.first().is_some_and(|number| *number > loss))).count()
}

/// Whether a sample says something about the caches that counts now. Good ones from before the restoration do not:
/// those caches had not lost the correct servers yet, and may have since.
fn tells(sample: &DelegationSample, source: &SourceView) -> bool {
    sample.is_usable() && (sample.state != DelegationState::PreOutage || source.parent_wrong)
}

/// What users get for each watched name, and the next moment at which that is no longer known. An answer heard before the cache
/// turned to the correct servers may have been replaced by a parked one since, so a right one from then proves nothing; while
/// the parent is wrong, one heard before the cache `lost` them proves nothing from the end of its TTL on.
fn services(
    memory: &mut Memory,
    lost: Option<Timestamp>,
    witnesses: &Witnesses,
    latitude: &Latitude,
    refs: &References,
    source: &SourceView,
    now: Timestamp,
) -> (Vec<ServiceJudgement>, Option<Timestamp>) {
    let turned = lost.max(source.wrong_until);
    let mut next_end = None;
    let judge = |(place, (name, rtype)): (usize, &(Name, RecordType))| {
        let (mut judgement, at) = memory.judge_service(place, witnesses, (name, *rtype), refs, now);
        let since = if source.parent_wrong { lost } else { turned };
        if judgement.state == ServiceState::Ok
            && let Some(at) = at.filter(|at| since.is_some_and(|since| *at <= since))
        {
            let end = at + judgement.ttl.map_or(Duration::ZERO, Duration::from);
            if source.parent_wrong && end >= now {
                next_end = next_end.into_iter().chain([end]).min();
            } else {
                judgement.state = ServiceState::Unknown;
            }
        }
        if at.zip(source.void_before).is_some_and(|(at, void)| at <= void) {
            judgement.until = Until::Unknown;
        }
        judgement
    };
    let services = latitude.watched.iter().enumerate().map(judge).collect();
    (services, next_end)
}

/// The bad sample that speaks for the resolver; none when no bad one does any more.
fn worst<'a>(
    usable: &[&'a DelegationSample],
    bad: &[&'a DelegationSample],
    good_run: usize,
    latitude: &Latitude,
) -> Option<&'a DelegationSample> {
    let newest_bad = bad.last().copied()?;
    if !still_bad(usable, good_run, latitude) {
        return None;
    }
    // A cache is as its newest sample says, and the gravest of the caches counts.
    let mut newest: BTreeMap<&[u8], &DelegationSample> = BTreeMap::new();
    for sample in usable {
        newest.insert(&sample.instance, sample);
    }
    let gravity = |s: &&DelegationSample| match s.state {
        DelegationState::Stuck => 4,
        DelegationState::Other => 3,
        DelegationState::Parked | DelegationState::ParkedSilent => 2,
        DelegationState::Held => 1,
        _ => 0,
    };
    let of_caches = newest.into_values().filter(|s| !s.state.is_good()).max_by_key(|s| (gravity(s), s.at));
    Some(of_caches.unwrap_or(newest_bad))
}

/// Whether the bad samples still speak for a cache in use. With server identifiers each instance's newest sample
/// counts; without them a run of good samples as long as the rule for *correct* asks outweighs what came before.
fn still_bad(usable: &[&DelegationSample], good_run: usize, latitude: &Latitude) -> bool {
    if good_run == 0 {
        return true;
    }
    let mut newest: BTreeMap<&[u8], bool> = BTreeMap::new();
    for sample in usable {
        newest.insert(&sample.instance, sample.state.is_good());
    }
    let unnamed = newest.remove([].as_slice()).is_some();
    let named_bad = newest.values().any(|good| !good);
    named_bad || (unnamed && good_run < latitude.samples_needed.max(1) && usable.iter().any(|s| !s.state.is_good()))
}

/// Named caches whose newest sample is wrong though an earlier one, after the restoration, was right. A cache that has turned
/// does not turn back: the parent changed, the entry renewed itself, or several caches go by one name.
fn turned_back(told: &[&DelegationSample], usable: &[&DelegationSample]) -> Vec<String> {
    let mut caches: BTreeMap<&[u8], (bool, bool)> = BTreeMap::new();
    for sample in told.iter().filter(|s| !s.instance.is_empty()) {
        let counts = || usable.iter().any(|one| std::ptr::eq(*one, *sample));
        let (was_right, is_lost) = caches.entry(&sample.instance).or_default();
        *was_right |= sample.state == DelegationState::Restored;
        *is_lost = *was_right && sample.state.has_lost_servers() && counts();
    }
    caches.into_iter().filter(|(_, (_, is_lost))| *is_lost).map(|(name, _)| crate::dns::shown::octets(name)).collect()
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

/// All that these samples rest on, each once.
fn evidence_of<'a>(samples: impl Iterator<Item = &'a &'a DelegationSample>) -> Vec<u64> {
    let mut evidence = Vec::new();
    for sample in samples {
        evidence.extend_from_slice(&sample.evidence);
    }
    evidence.sort_unstable();
    evidence.dedup();
    evidence
}

/// The word for a resolver whose delegation is good: the watched names decide the rest.
fn word_of_good(judgement: &ResolverJudgement, good_run: usize, latitude: &Latitude, refs: &References) -> Verdict {
    let any = |state| judgement.service.iter().any(|s| s.state == state);
    if any(ServiceState::Other) {
        Verdict::Other
    } else if any(ServiceState::Failing) {
        Verdict::Broken
    } else if any(ServiceState::Stale) || any(ServiceState::Negative) {
        Verdict::Draining
    } else if good_run < latitude.samples_needed
        || (latitude.services_needed && awaited(judgement, refs).next().is_some())
    {
        Verdict::Unknown
    } else {
        Verdict::Correct
    }
}

/// The watched names whose answer is still awaited. Where the correct servers were asked and do not say what is right,
/// no answer can be judged, and none is waited for.
fn awaited<'a>(judgement: &'a ResolverJudgement, refs: &'a References) -> impl Iterator<Item = &'a ServiceJudgement> {
    let untold = |s: &&ServiceJudgement| refs.good.untold.contains(&(s.name.clone(), s.rtype));
    judgement.service.iter().filter(|s| s.state == ServiceState::Unknown).filter(move |s| !untold(s))
}

fn service_until(service: &[ServiceJudgement], delegation: Until) -> Until {
    service.iter().map(|s| s.until).fold(delegation, Until::later)
}

fn newest_errors(witnesses: &Witnesses) -> Vec<ExtendedError> {
    let tells = |purpose| matches!(purpose, Purpose::Nonce | Purpose::NonceUnchecked | Purpose::Service);
    let answered = |h: &Heard| h.observation.query.rd && h.observation.response().is_some();
    let newest = witnesses.newest_of(tells, answered);
    newest.and_then(|h| h.observation.response()).map(|r| r.extended_errors().to_vec()).unwrap_or_default()
}

#[cfg(test)]
mod tests;
