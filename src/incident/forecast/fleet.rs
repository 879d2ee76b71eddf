//! All resolvers asked, together: the share that is correct over time, as seen and as it will be.

use std::collections::BTreeMap;

use super::left::{Left, first};
use super::{BandPoint, Certainty, Curve, FleetForecast, RowForecast, SeenShare};
use crate::incident::{CountsAt, Incident};
use crate::judge::Verdict;
use crate::time::Timestamp;

/// How far the band reaches: 5 % on either side of a normal distribution.
const DEVIATIONS: f64 = 1.645;
/// The share of resolvers that counts as nearly all.
const NEARLY_ALL: f64 = 0.95;

/// Rows whose chances are alike, and how many they are.
struct Alike {
    left: Left,
    rows: f64,
}

/// What is wrong now, and how fast that will go.
struct Remaining {
    answering: f64,
    alike: Vec<Alike>,
}

/// The numbers for all resolvers, and the curve from `now` on.
pub(super) fn forecast(
    incident: &Incident,
    rows: &[RowForecast],
    lefts: Vec<Left>,
    restored: bool,
    now: Timestamp,
) -> (FleetForecast, Vec<BandPoint>) {
    let counts = CountsAt::of(incident, now);
    let (answering, correct) = (counts.answering() as usize, counts.count(Verdict::Correct) as usize);
    let unbounded = rows.iter().filter(|r| r.certainty == Certainty::NoBound).count();
    let mut fleet = FleetForecast { answering, correct, unbounded, ..FleetForecast::default() };
    if !restored || answering == 0 {
        return (fleet, Vec::new());
    }
    fleet.median = reached(incident, 0.5);
    fleet.ninety_fifth = reached(incident, NEARLY_ALL);
    let worst = rows.iter().filter_map(|r| r.worst).max();
    let remaining = Remaining { answering: answering as f64, alike: gather(lefts) };
    let end = worst.unwrap_or(now).max(now);
    let expected_reaches =
        |share| first(now, end, |at| remaining.expected(at) >= share).filter(|_| correct > 0 || !rows.is_empty());
    fleet.median = fleet.median.or_else(|| expected_reaches(0.5));
    fleet.ninety_fifth = fleet.ninety_fifth.or_else(|| expected_reaches(NEARLY_ALL));
    if rows.is_empty() {
        return (fleet, Vec::new());
    }
    fleet.last = first(now, end, |at| remaining.chance_of_all(at) >= NEARLY_ALL).filter(|_| unbounded == 0);
    fleet.worst = worst.filter(|_| unbounded == 0);
    // The curve ends where nothing more is to be expected; a bound far beyond it would only flatten it.
    let likely = rows.iter().filter_map(|r| r.likely).chain(fleet.last).max().unwrap_or(end);
    let span = likely.since(now);
    let ahead = if span.is_zero() {
        Vec::new()
    } else {
        let steps = u32::try_from(Curve::POINTS - 1).unwrap_or(1);
        (0..=steps).map(|step| remaining.point(now + span * step / steps)).collect()
    };
    (fleet, ahead)
}

/// Chances that are the same to a two-hundredth of the time they speak of are worked out once.
fn gather(lefts: Vec<Left>) -> Vec<Alike> {
    let mut alike: BTreeMap<(Vec<u64>, u32), Alike> = BTreeMap::new();
    for left in lefts {
        let key = left.key();
        alike.entry(key).and_modify(|a| a.rows += 1.0).or_insert(Alike { left, rows: 1.0 });
    }
    alike.into_values().collect()
}

impl Remaining {
    fn sum(&self, of: impl Fn(&Left) -> f64) -> f64 {
        self.alike.iter().map(|a| a.rows * of(&a.left)).sum()
    }

    fn share(&self, wrong: f64) -> f64 {
        (1.0 - wrong / self.answering).clamp(0.0, 1.0)
    }

    /// The share expected to be correct.
    fn expected(&self, at: Timestamp) -> f64 {
        self.share(self.sum(|left| left.at(at)))
    }

    /// The chance that none is wrong any more.
    fn chance_of_all(&self, at: Timestamp) -> f64 {
        self.alike.iter().map(|a| (1.0 - a.left.at_most(at)).powf(a.rows)).product()
    }

    fn point(&self, at: Timestamp) -> BandPoint {
        let spread = |of: fn(&Left, Timestamp) -> f64| {
            let deviation = self.sum(|left| of(left, at) * (1.0 - of(left, at))).sqrt();
            (self.sum(|left| of(left, at)), DEVIATIONS * deviation)
        };
        let (late, late_by) = spread(Left::at_most);
        let (early, early_by) = spread(Left::at_least);
        // Whole resolvers: a band of a fraction of one is none.
        let wrong = self.alike.iter().map(|a| a.rows).sum::<f64>();
        let most = (late + late_by).ceil().min(wrong);
        let least = (early - early_by).floor().max(0.0);
        BandPoint { at, low: self.share(most), expected: self.expected(at), high: self.share(least) }
    }
}

/// Since when the share of correct resolvers has been so high without a break; none when it is not so high now.
fn reached(incident: &Incident, share: f64) -> Option<Timestamp> {
    let enough = |c: &&CountsAt| c.correct_share().is_some_and(|s| s >= share);
    incident.counts_over_time().iter().rev().take_while(enough).last().map(|c| c.at)
}

/// The share that was correct over time, in steps, thinned out to [`Curve::POINTS`]. Moments at which nobody answered
/// are left out.
pub(super) fn seen(incident: &Incident) -> Vec<SeenShare> {
    let all: Vec<SeenShare> = incident
        .counts_over_time()
        .iter()
        .filter_map(|c| Some(SeenShare { at: c.at, share: c.correct_share()? }))
        .collect();
    let (Some(first), Some(last)) = (all.first(), all.last()) else { return all };
    if all.len() <= Curve::POINTS {
        return all;
    }
    // The last of each of so many equal spans of time: a burst of changes is one step.
    let span = last.at.since(first.at).as_micros().max(1);
    let place = |one: &SeenShare| one.at.since(first.at).as_micros() * (Curve::POINTS as u128 - 1) / span;
    let ends = all.chunk_by(|a, b| place(a) == place(b));
    ends.filter_map(|same| same.last().copied()).collect()
}
