//! What was worked out when a resolver was last judged: one answer more does not mean that all of it is judged anew.
//!
//! A sample is judged once for as long as all that it is held against stays as it was, and so is a watched name. What is
//! remembered changes no verdict, only how soon it is there.

use std::collections::VecDeque;
use std::time::Duration;

use crate::dns::{Name, Rcode, Rdata, RecordType};
use crate::judge::delegation::{ShownDelegation, judge_sample, shown_delegation};
use crate::judge::{
    Calibration, DelegationSample, Heard, NonceWitnesses, References, ServiceJudgement, SourceView, Until, Witnesses,
    judge_referral, judge_service,
};
use crate::observation::{ExtendedError, Outcome, Purpose};
use crate::time::Timestamp;

/// What is remembered of one resolver between two judgements under the same [`References`]. Whoever changes these has it
/// forgotten.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    basis: Option<Basis>,
    /// Whether there was a nonce with checking disabled to compare others with.
    compared: bool,
    /// One for each nonce, oldest first.
    samples: VecDeque<Remembered>,
    services: Vec<RememberedService>,
}

/// What samples are held against, besides the references.
#[derive(Debug, Clone)]
struct Basis {
    source: SourceView,
    calibration: Calibration,
    /// The newest nonce without recursion.
    no_recursion: Option<u64>,
    /// What it showed.
    shown: Option<ShownDelegation>,
    /// Whether the cache holds a parking address for one of the zone's own name servers.
    ns_address_parked: bool,
}

/// A nonce as it was judged.
#[derive(Debug, Clone)]
struct Remembered {
    number: u64,
    /// The nonce with checking disabled that it was compared with.
    compared: Option<u64>,
    /// Whether the answer before it was one that its cache called stale.
    stale_before: bool,
    /// Whether this one is; as the one before it where it could not be sent.
    stale: bool,
    /// None where it could not be sent.
    sample: Option<DelegationSample>,
}

/// A watched name as it was judged.
#[derive(Debug, Clone)]
struct RememberedService {
    /// How much was kept of what was heard about it, and the newest of that.
    heard: (usize, Option<u64>),
    judgement: ServiceJudgement,
    /// When the answer came that it rests on.
    at: Option<Timestamp>,
}

impl Memory {
    /// Forgets everything: the references changed.
    pub fn forget(&mut self) {
        *self = Self::default();
    }

    /// Judges the nonces that are new, or are held against something else than before. Gives back the next moment from which on
    /// they would be judged otherwise.
    pub(super) fn judge_samples(
        &mut self,
        witnesses: &Witnesses,
        calibration: &Calibration,
        refs: &References,
        source: &SourceView,
        now: Timestamp,
    ) -> Option<Timestamp> {
        let ns_address_ends = ns_address_parked(witnesses, refs, now);
        let ns_address_parked = ns_address_ends.is_some();
        let no_recursion = witnesses.latest(Purpose::NonceNoRecursion);
        let number = no_recursion.map(|h| h.number);
        let as_before = |b: &Basis| {
            (b.no_recursion, b.ns_address_parked) == (number, ns_address_parked)
                && b.source == *source
                && b.calibration == *calibration
        };
        if !self.basis.as_ref().is_some_and(as_before) {
            self.samples.clear();
            self.basis = None;
        }
        let mut unchecked = witnesses.of(Purpose::NonceUnchecked).peekable();
        let compares = unchecked.peek().is_some();
        let compared = std::mem::replace(&mut self.compared, compares);
        let stand = self.forget_older(witnesses) && !compares && !compared;
        let basis = self.basis.get_or_insert_with(|| Basis {
            source: *source,
            calibration: calibration.clone(),
            no_recursion: number,
            shown: no_recursion.and_then(|h| shown_delegation(h, refs)),
            ns_address_parked,
        });
        // Where nothing is compared, what was judged before stands, and only the newest may be new.
        let known = self.samples.back().filter(|_| stand).map(|newest| (self.samples.len(), newest.stale));
        let (mut at, mut stale_before) = known.unwrap_or_default();
        for nonce in witnesses.of(Purpose::Nonce).skip(at) {
            while unchecked.next_if(|u| u.number <= nonce.number).is_some() {}
            let compared = unchecked.peek().copied();
            let same = |known: &&Remembered| {
                (known.number, known.stale_before) == (nonce.number, stale_before)
                    && known.compared == compared.map(|u| u.number)
            };
            if let Some(known) = self.samples.get(at).filter(same) {
                stale_before = known.stale;
            } else {
                let witnesses =
                    NonceWitnesses { nonce, unchecked: compared, no_recursion, ns_address_parked, calibration };
                let judged = judge_nonce(witnesses, basis.shown.as_ref(), stale_before, refs, source);
                stale_before = judged.stale;
                self.samples.truncate(at);
                self.samples.push_back(judged);
            }
            at += 1;
        }
        self.samples.truncate(at);
        ns_address_ends
    }

    /// Forgets the nonces that are kept no more. Says whether all others are the first of those kept, and none builds on one that is
    /// forgotten now.
    fn forget_older(&mut self, witnesses: &Witnesses) -> bool {
        let Some(oldest) = witnesses.of(Purpose::Nonce).next() else { return false };
        while self.samples.front().is_some_and(|known| known.number < oldest.number) {
            self.samples.pop_front();
        }
        let Some(newest) = self.samples.back() else { return false };
        let kept = witnesses.of(Purpose::Nonce).nth(self.samples.len() - 1);
        self.samples.front().is_some_and(|known| !known.stale_before)
            && kept.is_some_and(|nonce| nonce.number == newest.number)
    }

    /// What [`Memory::judge_samples`] came to, oldest first.
    pub(super) fn samples(&self) -> impl DoubleEndedIterator<Item = &DelegationSample> {
        self.samples.iter().filter_map(|known| known.sample.as_ref())
    }

    /// Judges the watched name at this place, unless nothing new was heard about it. Gives back when the answer came that this
    /// rests on, too.
    pub(super) fn judge_service(
        &mut self,
        place: usize,
        witnesses: &Witnesses,
        (name, rtype): (&Name, RecordType),
        refs: &References,
        now: Timestamp,
    ) -> (ServiceJudgement, Option<Timestamp>) {
        let about = witnesses.about(Purpose::Service, name, rtype);
        let heard = (about.len(), about.clone().next_back().map(|heard| heard.number));
        let as_before = |known: &&RememberedService| {
            let judgement = &known.judgement;
            // What it rests on runs out at its end, and at no other time.
            known.heard == heard
                && judgement.until.moment().is_none_or(|end| end >= now)
                && (&judgement.name, judgement.rtype) == (name, rtype)
        };
        if let Some(known) = self.services.get(place).filter(as_before) {
            return (known.judgement.clone(), known.at);
        }
        let judgement = judge_service(witnesses, name, rtype, refs, now);
        let told = about.rev().find(|heard| Some(heard.number) == judgement.evidence);
        let at = told.map(|heard| heard.observation.at);
        let known = RememberedService { heard, judgement: judgement.clone(), at };
        match self.services.get_mut(place) {
            Some(before) => *before = known,
            None => self.services.push(known),
        }
        (judgement, at)
    }
}

/// Every nonce as a sample, oldest first, each with the comparison that belongs to it.
#[must_use]
pub fn delegation_samples(
    witnesses: &Witnesses,
    calibration: &Calibration,
    refs: &References,
    source: &SourceView,
    now: Timestamp,
) -> Vec<DelegationSample> {
    let mut memory = Memory::default();
    memory.judge_samples(witnesses, calibration, refs, source, now);
    let shown = shown_sample(&memory, witnesses, refs, source, now);
    memory.samples.into_iter().filter_map(|known| known.sample).chain(shown).collect()
}

/// What a cache showed without recursing, as a sample, where that tells more than the nonces.
pub(super) fn shown_sample(
    memory: &Memory,
    witnesses: &Witnesses,
    refs: &References,
    source: &SourceView,
    now: Timestamp,
) -> Option<DelegationSample> {
    let newest = memory.samples().next_back();
    // While the parent is wrong a cache is not asked to recurse again; what it shows meanwhile costs it nothing. One that was
    // asked nothing with recursion (yet) has shown all there is.
    let tells = |heard: &&Heard| newest.is_none_or(|n| source.parent_wrong && heard.observation.at > n.at);
    let heard = witnesses.latest(Purpose::NonceNoRecursion).filter(tells)?;
    judge_referral(heard, refs, source, now).map(|sample| counted_on(sample, source))
}

fn judge_nonce(
    witnesses: NonceWitnesses<'_>,
    shown: Option<&ShownDelegation>,
    stale_before: bool,
    refs: &References,
    source: &SourceView,
) -> Remembered {
    let nonce = witnesses.nonce;
    let compared = witnesses.unchecked.map(|h| h.number);
    let remembered = Remembered { number: nonce.number, compared, stale_before, stale: stale_before, sample: None };
    if matches!(nonce.observation.outcome, Outcome::NotSent { .. }) {
        return remembered;
    }
    let sample = judge_sample(witnesses, shown, refs, source);
    // What a cache itself calls stale is believed when it says so twice. A failure is one, whatever else it is.
    let response = nonce.observation.response().filter(|r| r.rcode != Rcode::SERVFAIL);
    let stale = response.is_some_and(|r| r.extended_errors().iter().any(ExtendedError::is_stale));
    let sample = if stale && !stale_before { sample.unbelieved() } else { sample };
    Remembered { stale, sample: Some(counted_on(sample, source)), ..remembered }
}

/// A sample with what is left of its TTL: nothing is known of that where the machine slept since.
fn counted_on(sample: DelegationSample, source: &SourceView) -> DelegationSample {
    let void = source.void_before.is_some_and(|before| sample.at <= before);
    if void { DelegationSample { until: Until::Unknown, ..sample } } else { sample }
}

/// Until when this cache holds a parking address for one of the zone's own name servers (facts of caches that rank a wildcard's
/// answer above glue); none where it does not.
fn ns_address_parked(witnesses: &Witnesses, refs: &References, now: Timestamp) -> Option<Timestamp> {
    let good = refs.good_ns.as_ref()?;
    let hosts = witnesses.asked(Purpose::Service).filter(|(name, _)| good.iter().any(|host| host == *name));
    let heard = hosts.flat_map(|(name, rtype)| witnesses.about(Purpose::Service, name, rtype));
    let records = heard.flat_map(|heard| {
        let answer = heard.observation.response().map_or(&[][..], |response| &response.answer);
        answer.iter().map(|record| (record, heard.observation.at + Duration::from(record.ttl)))
    });
    let is_parked = |data: &Rdata| {
        matches!(data, Rdata::A(_) | Rdata::Aaaa(_)) && refs.parked.data.values().flatten().any(|known| known == data)
    };
    records.filter(|(record, ends)| *ends >= now && is_parked(&record.rdata)).map(|(_, ends)| ends).max()
}

#[cfg(test)]
mod tests;
