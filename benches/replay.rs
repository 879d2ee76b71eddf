//! How fast a journal is told again: a day of 200 resolvers, as the simulated internet gives it, told to its end on one core.
//!
//! `cargo bench --bench replay` records such a day (an outage of three hours within it), then prints for the journal and for
//! the same one compressed: octets, lines, seconds to its end (by the clock, and of the processor) and back to its middle, and the peak of memory. What two days
//! would take is said too. With a number it takes so many resolvers instead of 200; `UNPARK_BENCH_JOURNAL=FILE` keeps the
//! recorded day there, and takes it from there the next time.
#![allow(clippy::unwrap_used, clippy::panic, clippy::allow_attributes, reason = "a measurement may fail")]

#[path = "../tests/support/large.rs"]
mod large;
#[path = "../tests/support/play.rs"]
#[expect(dead_code, reason = "what only the scenarios need")]
mod play;
#[path = "support/usage.rs"]
mod usage;

use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use unpark::drill::network::Network;
use unpark::drill::scenario::Scenario;
use unpark::incident::{Event, Incident};
use unpark::journal::{Encoder, Header, Replay};
use unpark::time::Timestamp;
use usage::{cpu_of_process, forget_peak, memory};

const BEGIN: Timestamp = Timestamp::from_secs(1_795_350_000);
const DAY: Duration = Duration::from_secs(86_400);
/// What a day may take, and what two days may weigh.
const GOAL: (f64, u64) = (2.0, 200 << 20);

fn main() {
    let number = std::env::args().skip(1).find_map(|word| word.parse().ok());
    // `cargo test --benches` runs this too: then an hour of a few resolvers shows that it works.
    let full = std::env::args().any(|argument| argument == "--bench");
    let (resolvers, lasts) = if full { (number.unwrap_or(200), DAY) } else { (3, Duration::from_secs(3_600)) };
    let folder = tempfile::tempdir().unwrap();
    let kept = std::env::var_os("UNPARK_BENCH_JOURNAL").map(PathBuf::from);
    let path = kept.unwrap_or_else(|| folder.path().join("day.jsonl"));
    if !path.exists() {
        let begun = Instant::now();
        record(resolvers, lasts, &path);
        println!("recorded {resolvers} resolvers for {lasts:?} in {:.1} s", begun.elapsed().as_secs_f64());
    }
    let packed = folder.path().join("day.jsonl.gz");
    let begun = Instant::now();
    pack(&path, &packed);
    println!("compressed in {:.1} s", begun.elapsed().as_secs_f64());
    let size = |path: &Path| path.metadata().unwrap().len();
    println!(
        "{:12} {:>12} {:>10} {:>8} {:>8} {:>9} {:>9}",
        "", "octets", "lines", "end s", "CPU s", "middle s", "peak MiB"
    );
    for (name, path) in [("plain", &path), ("compressed", &packed)] {
        forget_peak();
        let (begun, before) = (Instant::now(), cpu_of_process().ok());
        let mut replay = Replay::open(path).unwrap();
        let mut lines = 1_u64;
        while replay.advance().unwrap() {
            lines += 1;
        }
        let end = begun.elapsed().as_secs_f64();
        let cpu = cpu_of_process().ok().zip(before).map_or(end, |(now, then)| now.saturating_sub(then).as_secs_f64());
        assert!(replay.damage().notes().is_empty(), "{:?}", replay.damage());
        let begun = Instant::now();
        replay.go_to(BEGIN + lasts / 2).unwrap();
        let middle = begun.elapsed().as_secs_f64();
        let peak = memory("VmHWM:").map_or_else(|| "?".to_owned(), |peak| peak.to_string());
        println!("{name:12} {:>12} {lines:>10} {end:>8.2} {cpu:>8.2} {middle:>9.2} {peak:>9}", size(path));
        if name == "plain" && full {
            println!("  goal: {:.1} s; this is {:.0} % of it", GOAL.0, cpu * 100.0 / GOAL.0);
        }
    }
    for (name, path) in [("plain", &path), ("compressed", &packed)] {
        let two_days = size(path) * 2 * DAY.as_secs() / lasts.as_secs();
        println!("two days {name}: {:.1} MiB of {} MiB", two_days as f64 / 1_048_576.0, GOAL.1 >> 20);
    }
}

/// Writes the journal of a watch of the large incident.
fn record(resolvers: u32, lasts: Duration, path: &Path) {
    let mut scenario = Scenario::built_in("brevo").unwrap().unwrap();
    (scenario.stage, scenario.lasts) = (large::large(resolvers), lasts);
    let header = Header::new("watch", false, BEGIN, play::opening(&scenario));
    let mut file = BufWriter::new(std::fs::File::create(path).unwrap());
    file.write_all(header.line().unwrap().as_bytes()).unwrap();
    let writer = Arc::new(Mutex::new((Encoder::new(BEGIN), file, String::new())));
    let (events, settled) = (Arc::clone(&writer), Arc::clone(&writer));
    let event = move |at, event: &Event| {
        let (encoder, file, line) = &mut *events.lock().unwrap();
        line.clear();
        encoder.event(at, event, line).unwrap();
        file.write_all(line.as_bytes()).unwrap();
    };
    let settle = move |at, noted| {
        let (encoder, file, line) = &mut *settled.lock().unwrap();
        line.clear();
        encoder.settled(at, noted, line);
        file.write_all(line.as_bytes()).unwrap();
    };
    play::play_to(&scenario, scenario.seed, Duration::ZERO, &mut Blind, event, settle);
    let (encoder, file, line) = &mut *writer.lock().unwrap();
    line.clear();
    encoder.ended(BEGIN + lasts, line);
    file.write_all(line.as_bytes()).unwrap();
    file.flush().unwrap();
}

struct Blind;

impl play::Watch for Blind {
    fn look(&mut self, _: Duration, _: &Incident, _: &Network) -> Option<Duration> {
        None
    }
}

/// As `gzip` would.
fn pack(from: &Path, to: &Path) {
    let mut packer = flate2::write::GzEncoder::new(std::fs::File::create(to).unwrap(), flate2::Compression::default());
    std::io::copy(&mut std::fs::File::open(from).unwrap(), &mut packer).unwrap();
    packer.finish().unwrap();
}
