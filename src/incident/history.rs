//! What was so before: how many resolvers had which verdict when, and what each target's verdicts were. Worked out anew
//! whenever the facts are taken in anew; never stored.

use crate::dns::Ttl;
use crate::incident::{Incident, PhaseChange};
use crate::judge::{Finding, Heard, Rule, Verdict, Witnesses};
use crate::time::{ClockJump, Timestamp};

/// How many resolvers had each verdict, from a moment on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CountsAt {
    /// From when on.
    pub at: Timestamp,
    /// The numbers, in the order of [`Verdict::ALL`].
    counts: [u32; Verdict::ALL.len()],
    /// Of the other ones, those that filter the name by a policy they declare.
    filtered: u32,
}

/// A target's verdict, from a moment on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VerdictChange {
    /// From when on.
    pub at: Timestamp,
    /// What it is since then.
    pub verdict: Verdict,
}

/// This machine's network went away, or came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NetworkChange {
    /// When that was noticed.
    pub at: Timestamp,
    /// How it is from then on.
    pub state: NetworkState,
}

/// How this machine's network is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NetworkState {
    /// Packets leave and are answered.
    Whole,
    /// Nothing leaves this machine.
    NothingLeaves,
    /// Packets leave, and nobody has answered since then.
    NobodyAnswers(Timestamp),
}

/// A finding, from when it was first raised.
#[derive(Debug, Clone, PartialEq)]
pub struct FindingSpan {
    /// As it was when most targets were concerned.
    pub finding: Finding,
    /// When it was first raised.
    pub first: Timestamp,
    /// When it was last found gone; none while it stands.
    pub gone: Option<Timestamp>,
    /// The first observations it rested on: kept, because the targets' own are forgotten in time.
    pub evidence: Vec<Heard>,
}

/// How many observations of a finding are kept.
const EVIDENCE_KEPT: usize = 3;
/// The most comings and goings of the network that are kept. Beyond it the oldest are forgotten.
const MOST_NETWORK_CHANGES: usize = 1024;

/// The most sleeps and steps of the clock that are kept. Beyond it the oldest are forgotten.
const MOST_JUMPS: usize = 1024;
/// The most phases kept. Beyond it the oldest but the very first are forgotten.
const MOST_PHASES: usize = 1024;

/// A time during which the parent delegated wrongly, or denied the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outage {
    /// When it began; none when the parent was wrong at the first look: then nobody knows.
    pub began: Option<Timestamp>,
    /// When the last parent server was seen wrong for the last time; none while it lasts.
    pub ended: Option<Timestamp>,
    /// The largest TTL of a wrong delegation, in seconds; none when there was no delegation at all.
    pub lease: Option<u32>,
    /// The longest time for which the parent's denial may be cached, in seconds; none when it denied nothing.
    pub denial: Option<u32>,
}

/// The most moments kept of the whole: more than any screen has columns. Beyond it the older half is thinned out.
const MOST_MOMENTS: usize = 4096;
/// The most changes kept of one target. Beyond it the oldest but the very first are forgotten.
const MOST_CHANGES: usize = 256;

impl CountsAt {
    /// The numbers as they are at `now`.
    pub(super) fn of(incident: &Incident, now: Timestamp) -> Self {
        let mut counts = [0; Verdict::ALL.len()];
        let mut filtered = 0;
        for resolver in &incident.resolvers {
            let verdict = resolver.judgement.verdict;
            filtered += u32::from(verdict == Verdict::Other && resolver.judgement.rule == Rule::FilteredByPolicy);
            let place = Verdict::ALL.iter().position(|v| *v == verdict);
            if let Some(count) = place.and_then(|at| counts.get_mut(at)) {
                *count += 1;
            }
        }
        Self { at: now, counts, filtered }
    }

    /// Whether the numbers are the same.
    fn is_as(&self, other: &Self) -> bool {
        (self.counts, self.filtered) == (other.counts, other.filtered)
    }

    /// How many had this verdict.
    #[must_use]
    pub fn count(&self, verdict: Verdict) -> u32 {
        Verdict::ALL.iter().zip(self.counts).find(|(v, _)| **v == verdict).map_or(0, |(_, n)| n)
    }

    /// How many there were.
    #[must_use]
    pub fn total(&self) -> u32 {
        self.counts.iter().sum()
    }

    /// How many gave answers that count: neither silent nor yet unheard, nor filtering the name by a declared policy.
    #[must_use]
    pub fn answering(&self) -> u32 {
        let out = self.count(Verdict::Silent) + self.count(Verdict::Unknown) + self.filtered;
        self.total().saturating_sub(out)
    }

    /// The share of those that was correct, 0 to 1; none when none answered.
    #[must_use]
    pub fn correct_share(&self) -> Option<f64> {
        let answering = self.answering();
        (answering > 0).then(|| f64::from(self.count(Verdict::Correct)) / f64::from(answering))
    }
}

impl Incident {
    /// The newest outage at the parent, over or not; none when the parent was never seen wrong.
    #[must_use]
    pub const fn outage(&self) -> Option<Outage> {
        self.outage
    }

    /// Notes since when the parent has been wrong, and what it says meanwhile. To be called with every look at the source.
    pub(super) fn note_outage(&mut self, now: Timestamp) {
        if !self.parent_is_wrong() {
            if let Some(outage) = self.outage.as_mut().filter(|o| o.ended.is_none()) {
                outage.ended = Some(now);
            }
            return;
        }
        if self.outage.is_none_or(|o| o.ended.is_some()) {
            let was_right =
                self.parents.values().any(|p| p.history.iter().any(|c| c.verdict == Verdict::Correct && c.at < now));
            self.outage = Some(Outage { began: was_right.then_some(now), ended: None, lease: None, denial: None });
        }
        let wrong = |v| matches!(v, Verdict::Parked | Verdict::Other);
        let delegating = self.parents.values().filter(|p| wrong(p.judgement.verdict));
        let lease = delegating.filter_map(|p| p.judgement.ttl).map(Ttl::as_secs).max();
        let denial = self.parents.values().filter_map(|p| p.judgement.negative_ttl).max();
        if let Some(outage) = &mut self.outage {
            (outage.lease, outage.denial) = (outage.lease.max(lease), outage.denial.max(denial));
        }
    }

    /// How many resolvers had each verdict over time, oldest first: a step for each moment at which a number changed.
    /// Of a very long incident the older steps are thinned out.
    #[must_use]
    pub fn counts_over_time(&self) -> &[CountsAt] {
        &self.counts_over_time
    }

    /// When nothing left this machine any more or nobody answered, and when that was over, oldest first. Empty while it
    /// always did and somebody always did.
    #[must_use]
    pub fn network_changes(&self) -> &[NetworkChange] {
        &self.network_changes
    }

    /// Notes how this machine's network is, when that is not what it was; says whether it was not.
    pub(super) fn note_network(&mut self, now: Timestamp) -> bool {
        let state = match self.deaf_since() {
            _ if self.nothing_leaves() => NetworkState::NothingLeaves,
            Some(since) => NetworkState::NobodyAnswers(since),
            None => NetworkState::Whole,
        };
        if self.network_changes.last().map_or(NetworkState::Whole, |last| last.state) == state {
            return false;
        }
        if self.network_changes.len() >= MOST_NETWORK_CHANGES {
            self.network_changes.remove(0);
        }
        self.network_changes.push(NetworkChange { at: now, state });
        true
    }

    /// Notes that this machine slept, or had its clock set.
    pub(super) fn note_jump(&mut self, at: Timestamp, jump: ClockJump) {
        if self.clock_jumps.len() >= MOST_JUMPS {
            self.clock_jumps.remove(0);
        }
        self.clock_jumps.push((at, jump));
    }

    /// Every finding that was raised so far, in the order in which they first were; each code once.
    #[must_use]
    pub fn finding_spans(&self) -> &[FindingSpan] {
        &self.finding_spans
    }

    /// Notes which findings stand, with their evidence where they are new or concern more targets than ever; says whether any span
    /// changed by it.
    pub(super) fn note_findings(&mut self, now: Timestamp) -> bool {
        let findings = self.findings().to_vec();
        let mut noted = false;
        let stands = |span: &FindingSpan| findings.iter().any(|f| f.code == span.finding.code);
        // What is shared with copies is only touched where something changed.
        if self.finding_spans.iter().any(|span| span.gone.is_none() && !stands(span)) {
            for span in self.finding_spans.iter_mut().filter(|span| span.gone.is_none() && !stands(span)) {
                span.gone = Some(now);
            }
            noted = true;
        }
        for finding in &findings {
            let known = self.finding_spans.iter().position(|span| span.finding.code == finding.code);
            let Some(span) = known.and_then(|at| self.finding_spans.get(at)) else {
                let evidence = self.heard_by_number(&finding.evidence);
                let span = FindingSpan { finding: finding.clone(), first: now, gone: None, evidence };
                self.finding_spans.push(span);
                noted = true;
                continue;
            };
            let grown = span.finding.targets.len() < finding.targets.len();
            if !grown && span.gone.is_none() {
                continue;
            }
            noted = true;
            let evidence = if grown { self.heard_by_number(&finding.evidence) } else { Vec::new() };
            if let Some(span) = known.and_then(|at| self.finding_spans.get_mut(at)) {
                span.gone = None;
                if grown {
                    (span.finding, span.evidence) = (finding.clone(), evidence);
                }
            } else {
                let span = FindingSpan { finding: finding.clone(), first: now, gone: None, evidence };
                self.finding_spans.push(span);
            }
        }
        noted
    }

    /// The first few of these observations that are still kept.
    fn heard_by_number(&self, numbers: &[u64]) -> Vec<Heard> {
        let wanted: Vec<u64> = numbers.iter().copied().take(EVIDENCE_KEPT).collect();
        if wanted.is_empty() {
            return Vec::new();
        }
        let servers =
            self.parents.values().map(|p| &p.witnesses).chain(self.authorities.values().map(|a| &a.witnesses));
        let all = servers.chain(self.resolvers.iter().map(|r| &r.witnesses)).chain(std::iter::once(&self.walk));
        let mut found: Vec<Heard> =
            all.flat_map(Witnesses::iter).filter(|heard| wanted.contains(&heard.number)).cloned().collect();
        found.sort_by_key(|heard| heard.number);
        found
    }

    /// Notes the numbers as they are at `now`, when they are not what they were; says whether they were not.
    pub(super) fn note_counts(&mut self, now: Timestamp) -> bool {
        let now = CountsAt::of(self, now);
        if self.counts_over_time.last().is_some_and(|last| last.is_as(&now)) {
            return false;
        }
        if self.counts_over_time.last().is_some_and(|last| last.at == now.at) {
            // Numbers that did not last a moment were none.
            self.counts_over_time.pop();
        }
        self.counts_over_time.push(now);
        if self.counts_over_time.len() > MOST_MOMENTS {
            let mut number = 0;
            self.counts_over_time.retain(|_| {
                number += 1;
                number > MOST_MOMENTS / 2 || number % 2 == 1
            });
        }
        true
    }
}

/// Adds a phase, keeping them few.
pub(super) fn note_phase(phases: &mut Vec<PhaseChange>, change: PhaseChange) {
    if phases.len() >= MOST_PHASES {
        phases.remove(1);
    }
    phases.push(change);
}

/// Adds a change to a target's, which stay in their order and few. A verdict that did not last a moment was none.
pub(super) fn note_change(changes: &mut Vec<VerdictChange>, at: Timestamp, verdict: Verdict) {
    if changes.last().is_some_and(|last| last.at == at && last.verdict != verdict) {
        changes.pop();
    }
    if changes.last().is_some_and(|last| last.verdict == verdict) {
        return;
    }
    if changes.len() >= MOST_CHANGES {
        changes.remove(1);
    }
    changes.push(VerdictChange { at, verdict });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incident::Phase;

    #[test]
    fn a_verdict_that_did_not_last_leaves_no_trace() {
        let (first, then) = (Timestamp::from_secs(0), Timestamp::from_secs(9));
        let mut changes = Vec::new();
        note_change(&mut changes, first, Verdict::Correct);
        note_change(&mut changes, then, Verdict::Other);
        note_change(&mut changes, then, Verdict::Correct);
        assert_eq!(changes, [VerdictChange { at: first, verdict: Verdict::Correct }]);
    }

    #[test]
    fn of_very_many_phases_the_first_and_the_newest_are_kept() {
        let mut phases = Vec::new();
        for second in 0..3000 {
            let phase = if second % 2 == 0 { Phase::CannotTell } else { Phase::Converging };
            note_phase(&mut phases, PhaseChange { at: Timestamp::from_secs(second), phase });
        }
        assert_eq!(phases.len(), MOST_PHASES);
        assert_eq!(phases[0].at, Timestamp::from_secs(0));
        assert_eq!(phases.last().unwrap().at, Timestamp::from_secs(2999));
        assert!(phases.windows(2).all(|pair| pair[0].at < pair[1].at));
    }

    #[test]
    fn changes_are_noted_once_and_the_first_is_never_forgotten() {
        let mut changes = Vec::new();
        for second in 0..1000 {
            let verdict = if second % 4 < 2 { Verdict::Parked } else { Verdict::Correct };
            note_change(&mut changes, Timestamp::from_secs(second), verdict);
        }
        assert_eq!(changes.len(), MOST_CHANGES);
        assert_eq!(changes[0], VerdictChange { at: Timestamp::from_secs(0), verdict: Verdict::Parked });
        assert_eq!(changes.last().unwrap().at, Timestamp::from_secs(998));
        assert!(changes.windows(2).all(|pair| pair[0].at < pair[1].at));
    }
}
