//! What the simulated internet costs: a day of a large incident, and every scenario played to its end.
//!
//! `cargo bench --bench simulated_day` prints, for one core each: a day of 200 resolvers in the model alone, the same day
//! with the whole tool watching it, and two such days, which must not take more memory than one; then each scenario of
//! `tests/scenarios` and of the drill. With a number it takes so many resolvers instead of 200; with the word `large` it
//! leaves the scenarios out.
#![allow(clippy::unwrap_used, clippy::panic, clippy::allow_attributes, reason = "a measurement may fail")]

#[path = "../tests/support/large.rs"]
mod large;
#[path = "../tests/support/play.rs"]
#[expect(dead_code, reason = "what only the scenarios need")]
mod play;
#[path = "support/usage.rs"]
mod usage;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use unpark::drill::model::Cache;
use unpark::drill::network::Network;
use unpark::drill::scenario::Scenario;
use unpark::incident::{Event, Incident};
use unpark::time::Timestamp;
use usage::{cpu_of_process, forget_peak, memory};

const BEGIN: Timestamp = Timestamp::from_secs(1_795_350_000);
const DAY: Duration = Duration::from_secs(86_400);

fn main() {
    let number = std::env::args().skip(1).find_map(|word| word.parse().ok());
    // `cargo test --benches` runs this too: then a small number shows that it works.
    let full = std::env::args().any(|argument| argument == "--bench");
    let scenarios = full && std::env::args().all(|argument| argument != "large");
    let resolvers = number.unwrap_or(if full { 200 } else { 3 });
    println!("{:44} {:>8} {:>8} {:>9} {:>9}", "one core each", "wall s", "CPU s", "facts", "peak MiB");
    let stage = large::large(resolvers);
    let mut fetches = 0;
    measured(&format!("a day of {resolvers} resolvers, model alone"), || {
        let mut net = stage.build(BEGIN, 1);
        net.advance(BEGIN + DAY);
        fetches = net.services().iter().flat_map(|s| &s.caches).map(Cache::fetches).sum::<u64>();
        None
    });
    println!("  its caches sent {fetches} queries upstream");
    let mut scenario = Scenario::built_in("brevo").unwrap().unwrap();
    (scenario.stage, scenario.lasts) = (stage, DAY);
    measured("the same day, with the tool watching it", || Some(facts(&scenario)));
    scenario.lasts = DAY * 2;
    measured("two such days, with the tool watching them", || Some(facts(&scenario)));
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scenarios");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    for path in files.iter().filter(|_| scenarios) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let scenario = Scenario::read(&std::fs::read_to_string(path).unwrap(), &name).unwrap();
        played(&name, &scenario);
    }
    for name in Scenario::names().into_iter().filter(|_| scenarios) {
        played(&format!("drill {name}"), &Scenario::built_in(name).unwrap().unwrap());
    }
}

fn played(name: &str, scenario: &Scenario) {
    let lasts = humantime::format_duration(scenario.lasts);
    measured(&format!("{name}, {lasts}"), || Some(facts(scenario)));
}

/// How many facts the tool takes in while it watches.
fn facts(scenario: &Scenario) -> usize {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    let count_one = move |_, _: &Event| {
        counted.fetch_add(1, Ordering::Relaxed);
    };
    play::play_to(scenario, scenario.seed, Duration::ZERO, &mut Blind, count_one, |_, _| ());
    count.load(Ordering::Relaxed)
}

struct Blind;

impl play::Watch for Blind {
    fn look(&mut self, _: Duration, _: &Incident, _: &Network) -> Option<Duration> {
        None
    }
}

/// Runs something and prints a line about it.
fn measured(what: &str, run: impl FnOnce() -> Option<usize>) {
    forget_peak();
    let (begun, cpu) = (Instant::now(), cpu_of_process().ok());
    let facts = run();
    let wall = begun.elapsed().as_secs_f64();
    let cpu =
        cpu_of_process().ok().zip(cpu).map(|(now, then)| format!("{:.2}", now.saturating_sub(then).as_secs_f64()));
    let cpu = cpu.unwrap_or_else(|| "?".to_owned());
    let peak = memory("VmHWM:").map_or_else(|| "?".to_owned(), |peak| peak.to_string());
    let facts = facts.map_or_else(|| "-".to_owned(), |facts| facts.to_string());
    println!("{what:44} {wall:8.2} {cpu:>8} {facts:>9} {peak:>9}");
}
