//! How many resolvers were correct over time, how that is expected to go on, and what happened meanwhile.

use crate::incident::{CountsAt, Incident, Phase};
use crate::judge::Verdict;
use crate::time::Timestamp;

/// The curve of an incident.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Convergence {
    /// When the watch began.
    pub from: Timestamp,
    /// Up to when it was seen.
    pub now: Timestamp,
    /// The shares as they were, oldest first: a step for each change.
    pub seen: Vec<Step>,
    /// What happened meanwhile, oldest first.
    pub marks: Vec<Mark>,
}

/// The numbers from a moment on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// From when on.
    pub at: Timestamp,
    /// How many were correct.
    pub correct: u32,
    /// Of how many that answered.
    pub answering: u32,
    /// The numbers by verdict.
    pub counts: CountsAt,
}

impl Step {
    /// The share that was correct, 0 to 1; none while nobody had answered.
    #[must_use]
    pub fn share(&self) -> Option<f64> {
        (self.answering > 0).then(|| f64::from(self.correct) / f64::from(self.answering))
    }
}

/// Something that happened, to be marked on the curve.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// When.
    pub at: Timestamp,
    /// What.
    pub kind: MarkKind,
    /// In a word or two.
    pub text: String,
}

/// What a mark stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MarkKind {
    /// The last parent server turned right.
    Restored,
    /// A flush was sent.
    Flush,
    /// The phase changed.
    Phase,
}

impl MarkKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Restored, Self::Flush, Self::Phase];

    /// The letter on the axis.
    #[must_use]
    pub const fn letter(self) -> char {
        match self {
            Self::Restored => 'R',
            Self::Flush => 'F',
            Self::Phase => 'P',
        }
    }

    /// What the letter stands for.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Restored => "restored at the parent",
            Self::Flush => "flush",
            Self::Phase => "phase",
        }
    }
}

/// Flush steps within this many seconds of each other are one mark.
const ONE_FLUSH: u64 = 120;

impl Convergence {
    /// The curve as seen at `now`.
    #[must_use]
    pub fn of(incident: &Incident, now: Timestamp) -> Self {
        let seen = incident.counts_over_time().iter().map(|counts| {
            let unheard = counts.count(Verdict::Silent) + counts.count(Verdict::Unknown);
            let correct = counts.count(Verdict::Correct);
            Step { at: counts.at, correct, answering: counts.total().saturating_sub(unheard), counts: *counts }
        });
        Self { from: incident.started(), now, seen: seen.collect(), marks: marks(incident) }
    }

    /// The numbers as they were at a moment; none before anything was heard.
    #[must_use]
    pub fn at(&self, moment: Timestamp) -> Option<&Step> {
        let after = self.seen.partition_point(|step| step.at <= moment);
        after.checked_sub(1).and_then(|at| self.seen.get(at))
    }

    /// The numbers now.
    #[must_use]
    pub fn newest(&self) -> Option<&Step> {
        self.seen.last()
    }
}

fn marks(incident: &Incident) -> Vec<Mark> {
    let mut marks = Vec::new();
    // Nothing is restored that was never wrong.
    let wrong_before = |since: Timestamp| {
        let wrong = |phase| matches!(phase, Phase::ParkedAtParent | Phase::HeldAtParent | Phase::SplitAtParent);
        incident.phases().iter().any(|change| wrong(change.phase) && change.at <= since)
    };
    let restored = incident.right_since().filter(|since| wrong_before(*since));
    let changes = incident.phases().iter().skip(1).filter(|change| change.phase != Phase::Starting);
    marks.extend(changes.map(|change| {
        let text = change.phase.word().replace('-', " ");
        Mark { at: change.at, kind: MarkKind::Phase, text }
    }));
    if let Some(at) = restored {
        marks.push(Mark { at, kind: MarkKind::Restored, text: "restored".to_owned() });
    }
    let mut last: Option<Timestamp> = None;
    for (at, record) in incident.flushes() {
        if last.is_none_or(|last| at.since(last).as_secs() > ONE_FLUSH) {
            let text = format!("flush {}", record.step.operator);
            marks.push(Mark { at: *at, kind: MarkKind::Flush, text });
        }
        last = Some(*at);
    }
    marks.sort_by_key(|mark| (mark.at, mark.kind));
    marks
}
