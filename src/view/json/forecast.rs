//! The forecast in JSON: each row's, all of them together, the bound for unseen caches, the curve, and how far off it was.

use serde::Serialize;

use crate::incident::Incident;
use crate::incident::forecast::{Forecast, ForecastScores, PastForecast, RowForecast};
use crate::judge::{Gathering, SampleCount};
use crate::time::Timestamp;
use crate::view::model::{Outlook, row_words};

use super::curve::{CurveEntry, rounded};
use super::plain;

/// All of it but the rows, which stand with their resolvers.
#[derive(Serialize)]
pub(super) struct ForecastEntry {
    restored: Option<String>,
    says: Option<String>,
    answering: usize,
    correct: usize,
    without_bound: usize,
    half: Option<String>,
    ninety_fifth: Option<String>,
    last: Option<String>,
    worst: Option<String>,
    unseen: Unseen,
    #[serde(flatten)]
    curve: CurveEntry,
    scores: Scores,
}

#[derive(Serialize)]
struct Unseen {
    says: Option<String>,
    if_corrected_now: bool,
    by_parent_ttl: Option<String>,
    worst: Option<String>,
}

#[derive(Serialize)]
struct Scores {
    scored: usize,
    open: usize,
    flushed: usize,
    median_error_s: Option<u64>,
    within_range: Option<f64>,
    by_likely: Option<f64>,
    by_worst: Option<f64>,
    forecasts: Vec<Past>,
}

#[derive(Serialize)]
struct Past {
    at: String,
    rows: usize,
    scored: usize,
    median_error_s: Option<u64>,
    within_band: Option<f64>,
    half: Moment,
    ninety_fifth: Moment,
    all: Moment,
}

#[derive(Serialize)]
struct Moment {
    foretold: Option<String>,
    came: Option<String>,
}

/// When one resolver will be correct.
#[derive(Serialize)]
pub(super) struct RowForecastEntry {
    says: String,
    clock: Option<&'static str>,
    certainty: &'static str,
    early: Option<String>,
    expected: Option<String>,
    likely: Option<String>,
    worst: Option<String>,
}

/// How many samples there are, and what they exclude.
#[derive(Serialize)]
pub(super) struct Samples {
    good: usize,
    sure: usize,
    usable: usize,
    sent: usize,
    rule: &'static str,
    together: usize,
    bad: usize,
    stale_share_at_most: Option<f64>,
    stale_share: Option<Between>,
    caches: Option<Caches>,
}

#[derive(Serialize)]
struct Between {
    low: f64,
    high: f64,
}

#[derive(Serialize)]
struct Caches {
    seen: usize,
    once: usize,
    unseen_share: f64,
}

fn text(at: Option<Timestamp>) -> Option<String> {
    at.map(|at| at.to_string())
}

impl ForecastEntry {
    pub(super) fn of(incident: &Incident, outlook: &Outlook) -> Self {
        let Forecast { restored, fleet, curve, unseen, at, .. } = &outlook.forecast;
        Self {
            restored: text(*restored),
            says: outlook.fleet.as_deref().map(plain),
            answering: fleet.answering,
            correct: fleet.correct,
            without_bound: fleet.unbounded,
            half: text(fleet.median),
            ninety_fifth: text(fleet.ninety_fifth),
            last: text(fleet.last),
            worst: text(fleet.worst),
            unseen: Unseen {
                says: outlook.unseen.as_deref().map(plain),
                if_corrected_now: unseen.if_corrected_now,
                by_parent_ttl: text(unseen.by_parent_ttl),
                worst: text(unseen.worst),
            },
            curve: CurveEntry::of(curve),
            scores: Scores::of(&incident.forecast_scores(*at)),
        }
    }
}

impl Scores {
    fn of(scores: &ForecastScores) -> Self {
        let past = |past: &PastForecast| {
            let [half, ninety_fifth, all] =
                [0, 1, 2].map(|n: usize| Moment { foretold: text(past.foretold[n]), came: text(past.came[n]) });
            Past {
                at: past.at.to_string(),
                rows: past.rows,
                scored: past.scored,
                median_error_s: past.median_error.map(|e| e.as_secs()),
                within_band: past.within_band.map(rounded),
                half,
                ninety_fifth,
                all,
            }
        };
        Self {
            scored: scores.scored,
            open: scores.open,
            flushed: scores.flushed,
            median_error_s: scores.median_error.map(|e| e.as_secs()),
            within_range: scores.within_range.map(rounded),
            by_likely: scores.by_likely.map(rounded),
            by_worst: scores.by_worst.map(rounded),
            forecasts: scores.forecasts.iter().map(past).collect(),
        }
    }
}

impl RowForecastEntry {
    pub(super) fn of(row: &RowForecast, now: Timestamp) -> Self {
        Self {
            says: plain(&row_words(row, now)),
            clock: row.clock.map(crate::incident::forecast::RunningClock::word),
            certainty: row.certainty.word(),
            early: text(row.early),
            expected: text(row.expected),
            likely: text(row.likely),
            worst: text(row.worst),
        }
    }
}

impl Samples {
    pub(super) fn of(samples: &SampleCount, gathering: Gathering) -> Self {
        Self {
            good: samples.good,
            sure: samples.sure,
            usable: samples.usable,
            sent: samples.sent,
            rule: gathering.word(),
            together: samples.together,
            bad: samples.bad,
            stale_share_at_most: samples.stale_share_at_most().map(rounded),
            stale_share: samples.stale_share().map(|s| Between { low: rounded(s.low), high: rounded(s.high) }),
            caches: samples.groups.and_then(|groups| {
                let unseen_share = rounded(groups.unseen_share()?);
                Some(Caches { seen: groups.seen, once: groups.once, unseen_share })
            }),
        }
    }
}
