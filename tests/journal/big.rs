//! A journal of any size is told in bounded memory.
//!
//! `UNPARK_JOURNAL_MIB=1024 cargo test --release --test journal big -- --nocapture` is the long run.

use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use super::{size, told, unpark};

/// The most memory that telling any journal of this incident may take, in MiB.
const BOUND: u64 = 96;
/// How long one round of the sample lasts, in microseconds.
const ROUND: i64 = 900_000_000;

/// The sample again and again, each time later, until it has `octets`.
fn synthesise(path: &Path, octets: u64) {
    let sample = std::fs::read_to_string("tests/journals/v1.jsonl").unwrap();
    let (header, facts) = sample.split_once('\n').unwrap();
    let facts: Vec<&str> = facts.lines().filter(|line| !line.contains("\"ended\"")).collect();
    let mut file = BufWriter::new(std::fs::File::create(path).unwrap());
    let mut written = writeln!(file, "{header}").map(|()| header.len() as u64 + 1).unwrap();
    let mut round = 0;
    while written < octets {
        for line in &facts {
            let line = later(line, round * ROUND);
            writeln!(file, "{line}").unwrap();
            written += line.len() as u64 + 1;
        }
        round += 1;
    }
    file.flush().unwrap();
}

/// A line with its time moved. A settling's is counted from the fact before, and stays.
fn later(line: &str, by: i64) -> String {
    let (before, from) = match line.strip_prefix("{\"t\":") {
        Some(rest) => ("{\"t\":", rest),
        None => match line.strip_prefix('[') {
            Some(rest) if rest.contains(',') => ("[", rest),
            _ => return line.to_owned(),
        },
    };
    let (time, rest) = from.split_at(from.find(|c: char| !c.is_ascii_digit()).unwrap());
    format!("{before}{}{rest}", time.parse::<i64>().unwrap() + by)
}

/// The most memory a process has had so far, in MiB.
fn peak(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? / 1024)
}

#[test]
fn a_big_journal_is_told_without_being_loaded_whole() {
    let mebibytes: u64 = std::env::var("UNPARK_JOURNAL_MIB").map_or(3, |number| number.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("big.jsonl");
    synthesise(&path, mebibytes << 20);
    for arguments in
        [&["replay", "big.jsonl", "--until", "3000d", "--json"][..], &["report", "big.jsonl", "--format", "csv"]]
    {
        let begun = Instant::now();
        let mut command = unpark(folder.path(), arguments);
        let process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let number = process.id();
        let measuring = std::thread::spawn(move || {
            let mut most = 0;
            while let Some(now) = peak(number) {
                most = most.max(now);
                std::thread::sleep(Duration::from_millis(5));
            }
            most
        });
        let (code, said, errors) = told(process.wait_with_output().unwrap());
        let most = measuring.join().unwrap();
        println!(
            "{}: {} octets in {:.1} s, at most {most} MiB",
            arguments[0],
            size(&path),
            begun.elapsed().as_secs_f64()
        );
        assert!(code == Some(0) && errors.is_empty(), "{code:?} {errors}");
        assert!(
            said.contains("\"recovered\"") || said.starts_with("id,operator,"),
            "{}",
            &said[..said.len().min(2_000)]
        );
        assert!((1..BOUND).contains(&most), "{most} MiB");
    }
}
