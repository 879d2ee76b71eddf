//! The audit of many simulated zones, 2 % of them in trouble of nine kinds: what is found, how long it takes, what it costs in memory,
//! packets and questions; then the same stopped in the middle and resumed. `cargo bench --bench audit -- 10000`.
//!
//! The DNS is in memory and the registries are HTTP on the loopback without limits, so the figures are the program's own: on the
//! Internet what registries bear decides.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::allow_attributes,
    dead_code,
    reason = "a bench may stop at the first surprise, and uses a part of what the tests need"
)]

#[path = "../tests/support/portfolio.rs"]
mod portfolio;
#[path = "../tests/audit/run.rs"]
mod run;
#[path = "support/usage.rs"]
mod usage;

use std::time::{Duration, Instant};

use portfolio::World;
use run::{Score, WallClock, ask, tools};
use unpark::audit::input::{Format, read};
use unpark::time::ReadClock as _;
use usage::memory;

/// Zones unless told otherwise.
const USUAL: usize = 10_000;

#[tokio::main]
async fn main() {
    let zones = std::env::args().skip(1).find_map(|word| word.parse().ok()).unwrap_or(USUAL);
    let world = World::new(zones, WallClock.now(), Duration::ZERO);
    world.serve_registries().await;
    let before = memory("VmRSS:").unwrap_or(0);
    let score = Score::of(&world).await;
    println!("{}", score.figures(&world));
    println!("memory: {before} MB with the simulated world alone, {} MB at the most", memory("VmHWM:").unwrap_or(0));
    for wrong in score.missed.iter().chain(&score.false_alarms).take(10) {
        println!("  {wrong}");
    }
    resumed(&world, zones).await;
}

/// Stopped when half of the answers are there, then resumed.
async fn resumed(world: &std::sync::Arc<World>, zones: usize) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.jsonl");
    let list = read(&world.list(), Format::Toml);
    let tools = || tools(world, &world.rdap_table(), Duration::from_secs(10));
    let began = Instant::now();
    let (first, _) = ask(&tools(), &list, Some(&path), Some(zones)).await;
    let half = began.elapsed();
    let size = std::fs::metadata(&path).unwrap().len();
    let began = Instant::now();
    let (second, _) = ask(&tools(), &list, Some(&path), None).await;
    let rest = began.elapsed();
    let questions = (first.progress.questions, second.progress.questions);
    let packets = (first.progress.packets, second.progress.packets);
    let score = Score::judge(world, &list, second, rest);
    println!(
        "stopped after {half:.1?} with {} kB of state, resumed for {rest:.1?}: {} missed, {} false alarms; questions {} + {}, packets {} + {}",
        size / 1024,
        score.missed.len(),
        score.false_alarms.len(),
        questions.0,
        questions.1,
        packets.0,
        packets.1,
    );
}
