//! Scores the forecasts of many random incidents against the simulator's knowledge of every cache, and prints the figures:
//! `cargo bench --bench forecast_truth -- 1000`, or some of
//! them: `-- 5000..5100`.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::allow_attributes,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a test may fail"
)]

#[path = "../tests/support/forecast_truth.rs"]
#[allow(dead_code, reason = "what only the tests need")]
mod forecast_truth;
#[path = "../tests/support/play.rs"]
#[allow(dead_code, reason = "what only the scenarios need")]
mod play;
#[path = "../tests/support/truth.rs"]
#[allow(dead_code, reason = "what only the scoring of verdicts needs")]
mod truth;

/// Incidents played unless told otherwise.
const USUAL: u64 = 1_000;

fn main() {
    let seeds = truth::told_seeds(USUAL);
    println!("seeds {seeds:?}");
    let began = std::time::Instant::now();
    let score = forecast_truth::ForecastScore::of(seeds);
    println!("{}played in {:.0?}", score.table(), began.elapsed());
}
