//! How likely it is that a row is still wrong at a moment to come, given that it was seen wrong a moment ago.

use std::time::Duration;

use super::Lapse;
use crate::time::Timestamp;

/// How a wrong state may end.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Ending {
    /// As busy caches leave a delegation, counted from the restoration.
    Lapse(Lapse),
    /// At any moment between these spans after the restoration, all alike likely.
    Between(Duration, Duration),
    /// Nobody knows.
    Never,
}

impl Ending {
    /// The longest span it speaks of.
    fn longest(&self) -> Duration {
        match self {
            Self::Lapse(lapse) => lapse.parked_lease,
            Self::Between(_, end) => *end,
            Self::Never => Duration::ZERO,
        }
    }

    /// The share that has not ended so long after the restoration.
    fn left(&self, after: Duration) -> f64 {
        match self {
            Self::Lapse(lapse) => lapse.stale(after),
            Self::Between(_, end) if after >= *end => 0.0,
            Self::Between(start, _) if after <= *start => 1.0,
            Self::Between(start, end) => {
                let span = end.saturating_sub(*start).as_secs_f64();
                (1.0 - after.saturating_sub(*start).as_secs_f64() / span).clamp(0.0, 1.0)
            }
            Self::Never => 1.0,
        }
    }
}

/// One way in which the row's time may run, of several.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Way {
    /// How much it weighs against the others.
    pub weight: f64,
    /// How it ends.
    pub ending: Ending,
}

/// The chance that a row is still wrong, over time.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Left {
    /// The moment from which all spans count: the restoration.
    pub origin: Timestamp,
    /// When it was last seen wrong.
    pub seen: Timestamp,
    /// The ways it may end.
    pub ways: Vec<Way>,
    /// How many caches have to turn before the row has.
    pub caches: u32,
    /// How long addresses outlive the delegation.
    pub drain: Duration,
}

/// Halvings when a moment is searched: to a second in a month, and better.
const HALVINGS: u32 = 28;

impl Left {
    /// The chance that it is still wrong at `at`: 1 up to the moment at which it was seen so.
    pub(super) fn at(&self, at: Timestamp) -> f64 {
        self.with_drain(at, self.drain / 2)
    }

    /// The same if addresses drain as long as they may.
    pub(super) fn at_most(&self, at: Timestamp) -> f64 {
        self.with_drain(at, self.drain)
    }

    /// The same if no address outlives the delegation.
    pub(super) fn at_least(&self, at: Timestamp) -> f64 {
        self.with_drain(at, Duration::ZERO)
    }

    /// The same for chances that may be taken for one: all spans to a two-hundredth of the longest.
    pub(super) fn key(&self) -> (Vec<u64>, u32) {
        let longest = self.ways.iter().map(|way| way.ending.longest()).max().unwrap_or_default();
        let grain = u64::try_from(longest.as_micros() / 200).unwrap_or(u64::MAX).max(1_000_000);
        let round = |span: Duration| u64::try_from(span.as_micros()).unwrap_or(u64::MAX) / grain;
        let mut key = vec![grain, round(self.seen.since(self.origin)), round(self.drain)];
        for way in &self.ways {
            key.push(way.weight.to_bits());
            match way.ending {
                Ending::Lapse(lapse) => key.extend([
                    1,
                    round(lapse.good_lease),
                    round(lapse.parked_lease),
                    lapse.outage.map_or(u64::MAX, round),
                ]),
                Ending::Between(start, end) => key.extend([2, round(start), round(end)]),
                Ending::Never => key.push(3),
            }
        }
        (key, self.caches)
    }

    fn with_drain(&self, at: Timestamp, drain: Duration) -> f64 {
        let before = self.seen.since(self.origin);
        let after = at.since(self.origin).saturating_sub(drain);
        if after <= before {
            return 1.0;
        }
        let sum = |after| self.ways.iter().map(|way| way.weight * way.ending.left(after)).sum::<f64>();
        let then = sum(before);
        if then <= 0.0 {
            // Every way should have ended before it was seen wrong: any moment may be the one.
            return 0.0;
        }
        let turned = 1.0 - (sum(after) / then).clamp(0.0, 1.0);
        1.0 - turned.powf(f64::from(self.caches.max(1)))
    }

    /// The first moment up to `end` at which it is wrong with no more than this chance; none when there is none.
    pub(super) fn falls_to(
        &self,
        chance: f64,
        end: Timestamp,
        left: impl Fn(&Self, Timestamp) -> f64,
    ) -> Option<Timestamp> {
        first(self.seen, end, |at| left(self, at) <= chance)
    }
}

/// The first moment between two at which something holds that goes on holding once it does; none when it does not at the
/// end.
pub(super) fn first(from: Timestamp, end: Timestamp, holds: impl Fn(Timestamp) -> bool) -> Option<Timestamp> {
    if holds(from) {
        return Some(from);
    }
    if !holds(end) {
        return None;
    }
    let (mut low, mut high) = (from, end);
    for _ in 0..HALVINGS {
        let middle = low + high.since(low) / 2;
        if holds(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    Some(high)
}
