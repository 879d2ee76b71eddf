//! Scores the verdicts of many random incidents against the simulator's knowledge of every cache, and prints the figures:
//! `cargo bench --bench verdict_truth -- 1000`, or some of
//! them: `-- 5000..5100`.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::allow_attributes,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a test may fail"
)]

#[path = "../tests/support/play.rs"]
#[expect(dead_code, reason = "what only the scenarios need")]
mod play;
#[path = "../tests/support/truth.rs"]
mod truth;

/// Incidents played unless told otherwise.
const USUAL: u64 = 1_000;

fn main() {
    let seeds = truth::told_seeds(USUAL);
    println!("seeds {seeds:?}");
    let began = std::time::Instant::now();
    let score = truth::Score::of(seeds);
    println!("{}played in {:.0?}", score.table(), began.elapsed());
    for (what, which) in [
        ("false correct, one cache", &score.false_correct_single),
        ("false parked or held", &score.false_parked),
        ("recovered too early, within the sampling error", &score.recovered_within),
        ("recovered too early, beyond it", &score.false_recovered),
    ] {
        println!("{what}: {which:?}");
    }
}
