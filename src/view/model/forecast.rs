//! The forecast in words: until when each resolver, all of them, and caches that nobody sees from here.
//!
//! What a cache showed is told as known; an estimate is called one, with what it rests on; a bound is called a bound, and
//! never a share of caches that nobody counted.

use std::time::Duration;

use crate::incident::Incident;
use crate::incident::forecast::{
    Certainty, FleetForecast, Forecast, ForecastScores, RowForecast, RunningClock, UnseenBound,
};
use crate::time::{Timestamp, in_words};

/// What is to be expected, ready to be shown. The numbers and the curve are in `forecast`.
#[derive(Debug, Clone)]
pub struct Outlook {
    /// The forecast itself.
    pub forecast: Forecast,
    /// All resolvers together, in one sentence without a full stop; none while nothing can be said.
    pub fleet: Option<String>,
    /// Caches that cannot be asked, in one clause; none while not even a bound is known.
    pub unseen: Option<String>,
    /// How far earlier forecasts of this incident were off, in one sentence without a full stop; none before any can be told.
    pub scores: Option<String>,
}

impl Outlook {
    /// Words the forecast of an incident at `now`.
    #[must_use]
    pub fn of(incident: &Incident, now: Timestamp) -> Self {
        let forecast = incident.forecast(now);
        let fleet = forecast.restored.and_then(|_| fleet_words(&forecast.fleet, now));
        let unseen = unseen_words(forecast.unseen, now);
        let scores = score_words(&incident.forecast_scores(now));
        Self { forecast, fleet, unseen, scores }
    }

    /// The forecast of one resolver; none when it is not wrong, or nothing can be foretold yet.
    #[must_use]
    pub fn row(&self, address: std::net::SocketAddr) -> Option<&RowForecast> {
        self.forecast.rows.iter().find(|row| row.address == address)
    }
}

/// A moment of the forecast: to the minute, with the date when it is not today's.
#[must_use]
pub fn moment_words(at: Timestamp, now: Timestamp) -> String {
    let text = at.date_and_minute();
    if at.since(now) < Duration::from_secs(20 * 3600) {
        text.get(11..).map_or_else(|| text.clone(), str::to_owned)
    } else {
        text
    }
}

/// One resolver, in one clause: `until 18:32:10 UTC (delegation)`, `between 12:50 and 18:32 UTC, estimate (delegation);
/// 18:45 UTC at the latest`, `no end in sight: …`.
#[must_use]
pub fn row_words(row: &RowForecast, now: Timestamp) -> String {
    let clock = row.clock.map_or("no clock", clock_words);
    let clock = match row.cap.filter(|_| row.certainty == Certainty::Range) {
        Some(cap) => format!("{clock}, kept for at most {} as measured", in_words(Duration::from_secs(cap.into()))),
        None => clock.to_owned(),
    };
    let worst = row.worst.map(|at| moment_words(at, now));
    match (row.certainty, row.expected, row.likely) {
        (Certainty::Known, Some(expected), _) => {
            let clock_text = if expected.since(now) < Duration::from_secs(20 * 3600) {
                expected.clock()
            } else {
                expected.date_and_minute()
            };
            format!("until {clock_text} UTC ({clock})")
        }
        (_, Some(_), Some(likely)) if row.certainty != Certainty::NoBound => {
            let likely_text = moment_words(likely, now);
            let soon = |at: &Timestamp| at.since(now) < Duration::from_secs(60);
            let between = match row.early.filter(|at| !soon(at)).map(|at| moment_words(at, now)) {
                Some(early) if early != likely_text => format!("between {early} and {likely_text} UTC"),
                _ => format!("by {likely_text} UTC"),
            };
            let latest = worst.filter(|at| *at != likely_text);
            let latest = latest.map_or_else(String::new, |at| format!("; {at} UTC at the latest"));
            format!("{between}, estimate ({clock}){latest}")
        }
        _ => match row.clock {
            Some(RunningClock::Delegation) => "no end in sight: every bound has passed, or it renews itself".to_owned(),
            Some(_) => "no end in sight: its time should have run out".to_owned(),
            None => "no end in sight: it waits for no TTL".to_owned(),
        },
    }
}

/// Which clock, for people.
const fn clock_words(clock: RunningClock) -> &'static str {
    match clock {
        RunningClock::Delegation => "delegation",
        RunningClock::Address => "address",
        RunningClock::Negative => "cached denial",
        RunningClock::Dnssec => "validation",
    }
}

/// `estimate: half of the resolvers asked correct by 13:10, 95 % by 17:40, all by 18:32 UTC; 18:45 UTC at the latest`.
fn fleet_words(fleet: &FleetForecast, now: Timestamp) -> Option<String> {
    if fleet.answering == 0 || fleet.correct == fleet.answering {
        return None;
    }
    let by = |at: Option<Timestamp>| at.filter(|at| *at > now).map(|at| moment_words(at, now));
    let steps = [("half", by(fleet.median)), ("95 %", by(fleet.ninety_fifth)), ("all", by(fleet.last))];
    let mut said: Vec<String> = Vec::new();
    let mut last = String::new();
    // Two shares at one minute are told as the larger one.
    for (what, at) in steps.into_iter().rev() {
        if let Some(at) = at.filter(|at| *at != last) {
            said.insert(0, format!("{what} by {at}"));
            last = at;
        }
    }
    let worst = fleet.worst.map(|at| moment_words(at, now));
    let latest = match (&worst, fleet.unbounded) {
        (Some(at), _) if said.last().is_none_or(|s| !s.ends_with(at.as_str())) => format!("{at} UTC at the latest"),
        (None, 1) => "1 has no end in sight".to_owned(),
        (None, n @ 2..) => format!("{n} have no end in sight"),
        _ => String::new(),
    };
    let estimate = match said.split_first() {
        None => String::new(),
        Some((first, rest)) => {
            let first = first.replacen(" by ", " of the resolvers asked correct by ", 1);
            let rest: String = rest.iter().map(|step| format!(", {step}")).collect();
            format!("estimate: {first}{rest} UTC")
        }
    };
    let words: Vec<String> = [estimate, latest].into_iter().filter(|s| !s.is_empty()).collect();
    (!words.is_empty()).then(|| words.join("; "))
}

/// `caches nobody can see from here until 24 Sep 12:41 UTC at the latest`.
fn unseen_words(unseen: UnseenBound, now: Timestamp) -> Option<String> {
    let worst = moment_words(unseen.worst.filter(|at| *at > now)?, now);
    let if_now = if unseen.if_corrected_now { ", if it were corrected now" } else { "" };
    Some(format!("caches nobody can see from here until {worst} UTC at the latest{if_now}"))
}

/// `forecasts were off by 4 min in half of 31 cases; 30 of 31 resolvers turned by the moment that 95 % should keep`.
fn score_words(scores: &ForecastScores) -> Option<String> {
    let (error, kept) = (scores.median_error?, scores.kept_likely);
    let scored = scores.scored;
    let cases = if scored == 1 { "the only case".to_owned() } else { format!("half of {scored} cases") };
    Some(format!(
        "forecasts were off by at most {} in {cases}; {kept} of {scored} turned by the moment that 95 % should keep",
        in_words(error)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incident::forecast::Behaviour;

    const NOW: Timestamp = Timestamp::from_secs(1_795_352_321);

    fn row(certainty: Certainty, spans: [Option<u64>; 4]) -> RowForecast {
        let [early, expected, likely, worst] = spans.map(|s| s.map(|s| NOW + Duration::from_secs(s)));
        let clock = Some(RunningClock::Delegation);
        RowForecast {
            address: ([192, 0, 2, 1], 53).into(),
            clock,
            certainty,
            behaviour: Behaviour::Unknown,
            cap: None,
            best: NOW,
            early,
            expected,
            likely,
            worst,
        }
    }

    #[test]
    fn a_row_says_what_is_known_and_what_is_an_estimate() {
        let known = row(Certainty::Known, [Some(0), Some(3600), Some(3660), Some(9000)]);
        assert_eq!(row_words(&known, NOW), "until 13:58:41 UTC (delegation)");
        let range = row(Certainty::Range, [Some(600), Some(3600), Some(7200), Some(9000)]);
        let text = "between 13:08 and 14:58 UTC, estimate (delegation); 15:28 UTC at the latest";
        assert_eq!(row_words(&range, NOW), text);
        let capped = RowForecast { cap: Some(21_600), ..range };
        let text = "between 13:08 and 14:58 UTC, estimate (delegation, kept for at most 6 h as measured); 15:28 UTC at the latest";
        assert_eq!(row_words(&capped, NOW), text);
        let soon = row(Certainty::Range, [Some(5), Some(3600), Some(7200), Some(7200)]);
        assert_eq!(row_words(&soon, NOW), "by 14:58 UTC, estimate (delegation)");
        let far = row(Certainty::Range, [Some(5), Some(90_000), Some(172_800), Some(172_800)]);
        assert_eq!(row_words(&far, NOW), "by 2026-11-24 12:58 UTC, estimate (delegation)");
        let stuck = row(Certainty::NoBound, [None; 4]);
        assert!(row_words(&stuck, NOW).starts_with("no end in sight: every bound has passed"));
    }

    #[test]
    fn all_together_are_an_estimate_with_a_bound() {
        let at = |seconds| Some(NOW + Duration::from_secs(seconds));
        let fleet = FleetForecast {
            answering: 10,
            correct: 2,
            unbounded: 0,
            median: at(600),
            ninety_fifth: at(3600),
            last: at(3610),
            worst: at(9000),
        };
        let text = "estimate: half of the resolvers asked correct by 13:08, all by 13:58 UTC; 15:28 UTC at the latest";
        assert_eq!(fleet_words(&fleet, NOW).as_deref(), Some(text));
        let open = FleetForecast { unbounded: 1, last: None, worst: None, median: Some(NOW), ..fleet };
        let text = "estimate: 95 % of the resolvers asked correct by 13:58 UTC; 1 has no end in sight";
        assert_eq!(fleet_words(&open, NOW).as_deref(), Some(text));
        assert_eq!(fleet_words(&FleetForecast { correct: 10, ..fleet }, NOW), None);
    }

    #[test]
    fn past_forecasts_are_told_with_how_far_they_were_off() {
        let scores = ForecastScores {
            scored: 31,
            median_error: Some(Duration::from_secs(240)),
            kept_likely: 30,
            ..ForecastScores::default()
        };
        let text = "forecasts were off by at most 4 min in half of 31 cases; 30 of 31 turned by the moment that 95 % should keep";
        assert_eq!(score_words(&scores).as_deref(), Some(text));
        assert_eq!(score_words(&ForecastScores::default()), None);
    }

    #[test]
    fn what_nobody_sees_is_a_bound() {
        let worst = Some(NOW + Duration::from_secs(172_800));
        let unseen = UnseenBound { if_corrected_now: false, by_parent_ttl: None, worst };
        let text = "caches nobody can see from here until 2026-11-24 12:58 UTC at the latest";
        assert_eq!(unseen_words(unseen, NOW).as_deref(), Some(text));
        assert_eq!(unseen_words(UnseenBound { worst: Some(NOW), ..unseen }, NOW), None);
    }
}
