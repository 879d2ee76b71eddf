//! Scores the forecasts of seeded random incidents against the simulator's knowledge of every cache.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::allow_attributes,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a test may fail"
)]

#[path = "support/forecast_truth.rs"]
mod forecast_truth;
#[path = "support/play.rs"]
#[allow(dead_code, reason = "what only the scenarios need")]
mod play;
#[path = "support/truth.rs"]
#[allow(dead_code, reason = "what only the scoring of verdicts needs")]
mod truth;

use forecast_truth::ForecastScore;

/// The forecast was made with these in sight.
const TUNED: std::ops::Range<u64> = 0..60;
/// These it had never met.
const FRESH: std::ops::Range<u64> = 5_000..5_012;

#[test]
fn forecasts_hold_for_incidents_they_were_not_made_with() {
    let score = ForecastScore::of(FRESH);
    println!("{}", score.table());
    let rows = score.obeying();
    assert!(rows.scored > 30 && rows.likely_share() >= 0.95, "{} of {}", rows.by_likely, rows.scored);
}

#[test]
fn measured_caps_bring_the_forecast_nearer() {
    let score = ForecastScore::of_capped(7_000..7_008);
    println!("{}", score.table());
    let rows = &score.capped;
    println!("{:#?}", rows.outlived);
    assert!(rows.scored > 20, "{}", rows.scored);
    assert!(rows.likely_share() >= 0.95, "{} of {}", rows.by_likely, rows.scored);
    // Half an hour is the TTL, five minutes the cap.
    assert!(rows.median_error() < 300.0, "{}", rows.median_error());
}

#[test]
fn forecasts_hold_what_they_promise() {
    let score = ForecastScore::of(TUNED);
    let rows = score.obeying();
    println!("{}", score.table());
    println!("{:#?}", (&rows.outlived, &score.renewing.outlived));
    assert!(rows.scored > 100 && score.known.scored > 10 && score.clean.0 > 100);
    assert!(rows.likely_share() >= 0.95, "{}", rows.likely_share());
    // What outlives the latest moment is a cache that no sample has met yet.
    assert!(rows.by_worst as f64 >= rows.scored as f64 * 0.99, "{} of {}", rows.by_worst, rows.scored);
    assert!(score.all().likely_share() >= 0.9, "with those that renew themselves: {}", score.all().likely_share());
    assert!(score.clean.1 as f64 <= score.clean.0 as f64 * 0.05, "{:?}", score.clean);
}
