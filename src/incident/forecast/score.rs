//! How far past forecasts were off: what was foretold is remembered at fixed moments and held against what came.
//!
//! A resolver is looked at now and then, so when it turned is known only between the last wrong answer and the word
//! *correct*: a forecast between the two is off by nothing. Rows of operators that were flushed in between are left out,
//! because what ended them was not foretold.

use std::sync::Arc;
use std::time::Duration;

use super::{BandPoint, Forecast};
use crate::incident::{FlushOutcome, Incident, ResolverWatch};
use crate::judge::Verdict;
use crate::time::Timestamp;

/// After the restoration, forecasts are remembered so much later, and then each hour.
const FIRST_MOMENTS: [Duration; 3] = [Duration::ZERO, Duration::from_secs(60), Duration::from_secs(600)];
/// Between later ones.
const EVERY: Duration = Duration::from_secs(3600);
/// The most forecasts remembered: beyond it every other one of the older half is forgotten, never the first.
const MOST: usize = 96;
/// The most rows remembered in all forecasts together.
const MOST_ROWS: usize = 100_000;
/// The most points of the curve remembered of each.
const POINTS: usize = 20;
/// The most turns remembered of one resolver.
const MOST_TURNS: usize = 64;

/// A resolver that turned from wrong to correct.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turn {
    /// When it was last seen wrong.
    pub wrong: Timestamp,
    /// When it was first called correct.
    pub right: Timestamp,
}

/// What was foretold at one moment.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::incident) struct Foretold {
    at: Timestamp,
    restored: Timestamp,
    rows: Vec<ForetoldRow>,
    shares: [Option<Timestamp>; 3],
    curve: Vec<BandPoint>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct ForetoldRow {
    resolver: usize,
    early: Timestamp,
    expected: Timestamp,
    likely: Timestamp,
    worst: Timestamp,
}

/// The forecast made at one moment against what came of it.
#[derive(Debug, Clone, PartialEq)]
pub struct PastForecast {
    /// When it was made.
    pub at: Timestamp,
    /// When half of the resolvers asked, 95 %, and all of them would be correct; none where that was not foretold.
    pub foretold: [Option<Timestamp>; 3],
    /// When they were; none where that has not come yet.
    pub came: [Option<Timestamp>; 3],
    /// Rows foretold.
    pub rows: usize,
    /// Of these, rows that have turned, or should have.
    pub scored: usize,
    /// How far the expected moment was off in half of the scored rows that turned; none without one.
    pub median_error: Option<Duration>,
    /// The share of points of the curve at which the seen share lay within the band; none while none has passed.
    pub within_band: Option<f64>,
}

/// How far the forecasts of this incident were off, all together.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ForecastScores {
    /// Each forecast that was remembered, oldest first.
    pub forecasts: Vec<PastForecast>,
    /// Rows of all of them that have turned, or should have by now.
    pub scored: usize,
    /// Rows of all of them whose time has not come.
    pub open: usize,
    /// Rows left out because their operator was flushed in between.
    pub flushed: usize,
    /// How far the expected moment was off in half of the rows that turned.
    pub median_error: Option<Duration>,
    /// The share of scored rows that turned between the earliest and the latest moment of the range (90 % should).
    pub within_range: Option<f64>,
    /// The share of scored rows that turned by the moment that 95 % should keep.
    pub by_likely: Option<f64>,
    /// As a number.
    pub kept_likely: usize,
    /// The share that turned by the latest moment: all should.
    pub by_worst: Option<f64>,
}

impl Incident {
    /// When the next forecast is to be remembered; none while nothing can be foretold.
    pub(in crate::incident) fn next_foretelling(&self) -> Option<Timestamp> {
        let restored = self.right_since().filter(|_| self.source().parent_right)?;
        if !self.resolvers().iter().any(|r| r.judgement.verdict.is_wrong()) {
            return None;
        }
        let last = self.foretold.iter().rev().find(|f| f.restored == restored).map(|f| f.at);
        let Some(last) = last else { return Some(restored) };
        let first = FIRST_MOMENTS.into_iter().map(|span| restored + span).find(|at| *at > last);
        Some(first.unwrap_or_else(|| {
            let hours = last.since(restored).as_secs() / EVERY.as_secs() + 1;
            restored + EVERY * u32::try_from(hours).unwrap_or(u32::MAX)
        }))
    }

    /// Remembers what is foretold at `now`, if it is time to. Says whether it did.
    pub(in crate::incident) fn note_forecast(&mut self, now: Timestamp) -> bool {
        if self.next_foretelling().is_none_or(|at| at > now) {
            return false;
        }
        let forecast = self.forecast(now);
        let Some(restored) = forecast.restored else { return false };
        let kept: usize = self.foretold.iter().map(|f| f.rows.len()).sum();
        let rows = if kept + forecast.rows.len() > MOST_ROWS { Vec::new() } else { self.foretold_rows(&forecast) };
        let fleet = forecast.fleet;
        let shares = [fleet.median, fleet.ninety_fifth, fleet.last].map(|at| at.filter(|at| *at > now));
        let step = forecast.curve.ahead.len().div_ceil(POINTS).max(1);
        let curve = forecast.curve.ahead.into_iter().skip(1).step_by(step).collect();
        let foretold = Arc::make_mut(&mut self.foretold);
        if foretold.len() >= MOST {
            let mut number = 0;
            foretold.retain(|_| {
                number += 1;
                number > MOST / 2 || number % 2 == 1
            });
        }
        foretold.push(Foretold { at: now, restored, rows, shares, curve });
        true
    }

    fn foretold_rows(&self, forecast: &Forecast) -> Vec<ForetoldRow> {
        let row = |row: &super::RowForecast| {
            let resolver = *self.resolver_at.get(&row.address)?;
            Some(ForetoldRow {
                resolver,
                early: row.early?,
                expected: row.expected?,
                likely: row.likely?,
                worst: row.worst?,
            })
        };
        forecast.rows.iter().filter_map(row).collect()
    }

    /// How far the forecasts made so far were off, as seen at `now`.
    #[must_use]
    pub fn forecast_scores(&self, now: Timestamp) -> ForecastScores {
        let mut scores = ForecastScores::default();
        let mut tally = Tally::default();
        for foretold in self.foretold.iter() {
            let mut own = Tally::default();
            for row in &foretold.rows {
                let Some(watch) = self.resolvers().get(row.resolver) else { continue };
                let turn = watch.turns.iter().find(|t| t.right > foretold.at);
                let until = turn.map_or(now, |t| t.right);
                if self.was_flushed(watch, foretold.at, until) {
                    scores.flushed += 1;
                } else {
                    own.add(row, turn, now);
                }
            }
            scores.forecasts.push(PastForecast {
                at: foretold.at,
                foretold: foretold.shares,
                came: [0.5, 0.95, 1.0].map(|share| self.first_at_share(foretold.at, share)),
                rows: foretold.rows.len(),
                scored: own.scored,
                median_error: own.median_error(),
                within_band: self.share_within(&foretold.curve, now),
            });
            tally.merge(own);
        }
        let share = |count: usize| (tally.scored > 0).then(|| count as f64 / tally.scored as f64);
        (scores.scored, scores.open) = (tally.scored, tally.open);
        (scores.within_range, scores.by_likely) = (share(tally.within_range), share(tally.by_likely));
        scores.by_worst = share(tally.by_worst);
        scores.kept_likely = tally.by_likely;
        scores.median_error = tally.median_error();
        scores
    }

    /// Whether its operator's cache was flushed between two moments.
    fn was_flushed(&self, watch: &ResolverWatch, from: Timestamp, until: Timestamp) -> bool {
        let emptied = |outcome: &FlushOutcome| {
            matches!(outcome, FlushOutcome::Sent { .. } | FlushOutcome::DoneByHand | FlushOutcome::Unclear { .. })
        };
        self.flushes().iter().any(|(at, record)| {
            (from..=until).contains(at) && watch.target.flush == Some(record.step.operator) && emptied(&record.outcome)
        })
    }

    /// The first moment after `from` at which so large a share of the resolvers that answer was correct.
    fn first_at_share(&self, from: Timestamp, share: f64) -> Option<Timestamp> {
        let enough = |c: &&crate::incident::CountsAt| c.at > from && c.correct_share().is_some_and(|s| s >= share);
        self.counts_over_time().iter().find(enough).map(|c| c.at)
    }

    /// At how many of the points that have passed the share seen lay within the band.
    fn share_within(&self, curve: &[BandPoint], now: Timestamp) -> Option<f64> {
        let passed: Vec<bool> = curve
            .iter()
            .filter(|point| point.at <= now)
            .filter_map(|point| {
                let counts = self.counts_over_time();
                let then = counts.iter().rev().find(|c| c.at <= point.at)?.correct_share()?;
                Some((point.low - 1e-9..=point.high + 1e-9).contains(&then))
            })
            .collect();
        let within = passed.iter().filter(|within| **within).count();
        (!passed.is_empty()).then(|| within as f64 / passed.len() as f64)
    }
}

/// Scores in the making.
#[derive(Debug, Default)]
struct Tally {
    scored: usize,
    open: usize,
    within_range: usize,
    by_likely: usize,
    by_worst: usize,
    errors: Vec<Duration>,
}

impl Tally {
    fn add(&mut self, row: &ForetoldRow, turn: Option<&Turn>, now: Timestamp) {
        let Some(turn) = turn else {
            // One that should have turned by now is a miss; before that its time has not come.
            if now > row.likely {
                self.scored += 1;
                self.by_worst += usize::from(now <= row.worst);
            } else {
                self.open += 1;
            }
            return;
        };
        self.scored += 1;
        // It turned at some moment between these two.
        let (from, to) = (turn.wrong, turn.right);
        self.by_likely += usize::from(from <= row.likely);
        self.by_worst += usize::from(from <= row.worst);
        self.within_range += usize::from(from <= row.likely && to >= row.early);
        self.errors.push(row.expected.since(to).max(from.since(row.expected)));
    }

    fn merge(&mut self, other: Self) {
        self.scored += other.scored;
        self.open += other.open;
        self.within_range += other.within_range;
        self.by_likely += other.by_likely;
        self.by_worst += other.by_worst;
        self.errors.extend(other.errors);
    }

    fn median_error(&self) -> Option<Duration> {
        let mut errors = self.errors.clone();
        errors.sort_unstable();
        errors.get(errors.len() / 2).copied()
    }
}

/// Notes what became of a resolver that was judged anew.
pub(in crate::incident) fn note_turn(watch: &mut ResolverWatch, now: Timestamp) {
    if watch.judgement.verdict.is_wrong() {
        watch.wrong_seen = super::row::seen_wrong(watch).or(watch.wrong_seen);
        return;
    }
    if watch.judgement.verdict != Verdict::Correct {
        return;
    }
    if let Some(wrong) = watch.wrong_seen.take() {
        if watch.turns.len() >= MOST_TURNS {
            watch.turns.remove(0);
        }
        watch.turns.push(Turn { wrong, right: now });
    }
}
