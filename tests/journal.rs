//! The flight recorder as a program: what a killed, disturbed or second run leaves behind, what is told from it again, and
//! what hostile files do to whoever reads them.
//!
//! `UNPARK_KILLS=200 cargo test --test journal kill -- --nocapture` is the long run of the first test.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

#[path = "journal/big.rs"]
mod big;
#[path = "journal/disks.rs"]
mod disks;
#[path = "journal/hostile.rs"]
mod hostile;
#[path = "support/misbehaving.rs"]
#[expect(dead_code, reason = "what only hostile servers need")]
mod misbehaving;
#[path = "journal/packed.rs"]
mod packed;

use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use misbehaving::{Behaviour, Place, World};
use serde_json::Value;
use tempfile::TempDir;
use unpark::journal::{JournalError, Replay};
use unpark::time::Timestamp;

/// Longer than any of these runs takes; reached only when something is wrong.
const PATIENCE: Duration = Duration::from_secs(60);
/// How much faster than time the drills run.
const SPEED: f64 = 30.0;

/// The program in a folder of its own, with nothing of this environment.
fn unpark(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_unpark"));
    command
        .args(arguments)
        .env_clear()
        .env("HOME", folder)
        .env("XDG_STATE_HOME", folder.join("state"))
        .env("XDG_CACHE_HOME", folder.join("cache"))
        .current_dir(folder)
        .stdin(Stdio::null());
    command
}

/// Drills need the machine's pace, so no two of them run at once.
static PACE: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    PACE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A drill of two minutes, told in four seconds.
fn drill(folder: &Path, journal: &str) -> Command {
    unpark(folder, &["drill", "healthy", "--headless", "--speed", "30", "--journal", journal])
}

/// The same in twelve seconds, which every machine can follow: it ends as it would without a journal.
fn slower_drill(folder: &Path, journal: &str) -> Command {
    unpark(folder, &["drill", "healthy", "--headless", "--speed", "10", "--journal", journal])
}

/// A watch of a zone on loopback that goes on until it is stopped. A few samples are enough for it.
fn watch(world: &World, folder: &Path, arguments: &[&str]) -> Child {
    std::fs::write(folder.join("hints"), world.hints()).unwrap();
    let resolver = world.address(Place::Resolver).to_string();
    let mut command = unpark(folder, &["victim.test", "--root-hints", "hints", "--expect", "ns1.dns.test"]);
    command.args(["--no-registration", "--confidence", "3", "--resolver", &resolver]).args(arguments);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn honest(network: u8) -> World {
    World::start(network, &(Arc::new(|asked: &_, honest: misbehaving::Answer| honest.say(asked)) as Behaviour))
}

fn told(output: Output) -> (Option<i32>, String, String) {
    let (stdout, stderr) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert!(!stderr.contains("panicked"), "{stderr}");
    (output.status.code(), stdout, stderr)
}

fn run(mut command: Command) -> (Option<i32>, String, String) {
    told(command.output().unwrap())
}

/// Stops a watch as an operator does once all is well, and hears it out: how it ends is what it would be without a journal.
fn stop(mut process: Child) -> (String, String) {
    let mut stdout = BufReader::new(process.stdout.take().unwrap());
    let mut said = String::new();
    while !said.contains("phase healthy: ") {
        assert!(stdout.read_line(&mut said).unwrap() > 0, "it ended: {said}");
    }
    let killed = Command::new("kill").arg("-TERM").arg(process.id().to_string()).status().unwrap();
    assert!(killed.success());
    stdout.read_to_string(&mut said).unwrap();
    let (code, _, errors) = told(process.wait_with_output().unwrap());
    assert_eq!(code, Some(0), "{said}{errors}");
    (said, errors)
}

fn wait_until(what: &str, mut so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !so() {
        assert!(began.elapsed() < PATIENCE, "{what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn size(path: &Path) -> u64 {
    path.metadata().map_or(0, |meta| meta.len())
}

/// How long this machine let a thread wait beyond what it asked for: what no program can make up for.
struct Starvation(Arc<AtomicU64>, Arc<AtomicBool>);

impl Starvation {
    fn measure() -> Self {
        let (worst, over) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
        let (noted, ended) = (Arc::clone(&worst), Arc::clone(&over));
        // More than one, since the program waits for several.
        for _ in 0..3 {
            let (noted, ended) = (Arc::clone(&noted), Arc::clone(&ended));
            std::thread::spawn(move || {
                while !ended.load(Ordering::Relaxed) {
                    let before = Instant::now();
                    std::thread::sleep(Duration::from_millis(20));
                    let late = before.elapsed().saturating_sub(Duration::from_millis(20));
                    noted.fetch_max(u64::try_from(late.as_micros()).unwrap(), Ordering::Relaxed);
                }
            });
        }
        Self(worst, over)
    }

    fn worst(&self) -> f64 {
        self.0.load(Ordering::Relaxed) as f64 / 1e6
    }
}

impl Drop for Starvation {
    fn drop(&mut self) {
        self.1.store(true, Ordering::Relaxed);
    }
}

/// The next of a row of numbers that look like chance and are the same each time (`SplitMix64`).
fn chance(seed: &mut u64) -> u64 {
    *seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *seed;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[test]
fn whoever_kills_it_loses_the_last_second_at_most() {
    let kills: u32 = std::env::var("UNPARK_KILLS").map_or(6, |count| count.parse().unwrap());
    let (mut seed, mut worst, mut torn, mut over) = (7, 0.0_f64, 0, 0);
    let _alone = alone();
    for number in 0..kills {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("killed.jsonl");
        let starvation = Starvation::measure();
        let mut process = drill(folder.path(), "killed.jsonl").stdout(Stdio::null()).spawn().unwrap();
        wait_until("the journal begins", || size(&path) > 0);
        std::thread::sleep(Duration::from_millis(chance(&mut seed) % 3_500));
        let at = SystemTime::now();
        process.kill().unwrap();
        let status = process.wait().unwrap();
        assert_eq!(status.signal(), Some(9), "kill {number} came too late");
        let mut replay = Replay::open(&path).unwrap();
        let started = replay.header().started.as_micros();
        // Where nothing happened nothing is missing.
        let (mut before, mut quiet) = (replay.now(), 0.0_f64);
        while replay.advance().unwrap() {
            quiet = quiet.max(replay.now().since(before).as_secs_f64() / SPEED);
            before = replay.now();
        }
        // A second of this machine is half a minute of the drill.
        let began = path.metadata().unwrap().created().unwrap();
        let should = at.duration_since(began).unwrap_or_default().as_secs_f64();
        let missing = should - (replay.now().as_micros() - started) as f64 / SPEED / 1e6;
        worst = worst.max(missing);
        torn += u32::from(replay.damage().torn.is_some());
        let (late, quietest) = (starvation.worst(), quiet);
        assert!(
            missing <= 1.0 + late + quietest,
            "kill {number}: {missing:.3} s are missing; threads waited {late:.3} s, nothing happened for {quietest:.3} s"
        );
        over += u32::from(missing > 1.0);
        assert!(missing > -0.5, "kill {number}: the drill's time is not what this test takes it for: {missing}");
        let damage = replay.damage();
        assert!((damage.bad, damage.lost, damage.ended) == (0, 0, false), "kill {number}: {damage:?}");
        if number == 0 {
            let (code, said, errors) = run(unpark(folder.path(), &["replay", "killed.jsonl"]));
            assert_eq!(code, Some(i32::from(replay.incident().phase() != unpark::incident::Phase::Healthy) * 3));
            assert!(said.starts_with("REPLAY DRILL ") && !errors.contains("error"), "{said}{errors}");
        }
    }
    println!(
        "{kills} kills: {worst:.3} s were missing at most, more than one second {over} times; {torn} torn last lines"
    );
}

#[test]
fn a_torn_tail_is_said_and_no_failure_wherever_it_is_torn() {
    let folder = tempfile::tempdir().unwrap();
    let whole = std::fs::read("tests/journals/v1.jsonl").unwrap();
    let lines: Vec<usize> = whole.iter().enumerate().filter(|(_, o)| **o == b'\n').map(|(at, _)| at + 1).collect();
    let (from, to) = (lines[60], lines[61]);
    for cut in from..=to {
        let reader = unpark::journal::JournalReader::of_text(whole[..cut].to_vec()).unwrap();
        let mut replay = Replay::of(reader);
        replay.go_to_end().unwrap();
        assert_eq!(replay.damage().torn, (cut > from && cut < to).then_some(62), "{cut}");
        assert_eq!(replay.damage().bad, 0);
    }
    std::fs::write(folder.path().join("torn.jsonl"), &whole[..to - 3]).unwrap();
    let until = &["replay", "torn.jsonl", "--until", "9m"][..];
    // It was torn before anything could be told, which is what a replay ends with.
    for (command, exit) in [(&["replay", "torn.jsonl"][..], 3), (&["report", "torn.jsonl"], 0), (until, 3)] {
        let (code, _, errors) = run(unpark(folder.path(), command));
        assert_eq!(code, Some(exit), "{command:?}: {errors}");
        assert_eq!(errors, "note: the last line (62) was cut short and is left out\n", "{command:?}");
    }
}

fn contract(schema: &str) -> jsonschema::Validator {
    let schema: Value = serde_json::from_str(schema).unwrap();
    jsonschema::draft202012::options().should_validate_formats(true).build(&schema).unwrap()
}

#[test]
fn the_whole_round_from_the_drill_to_the_report() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let held = alone();
    let slower = ["drill", "healthy", "--headless", "--speed", "10", "--journal", "state/unpark/journals/d.jsonl"];
    let (code, live, errors) = run(unpark(at, &slower));
    drop(held);
    assert_eq!((code, errors.as_str()), (Some(0), "journal: state/unpark/journals/d.jsonl\n"), "{live}");
    let file = "state/unpark/journals/d.jsonl";
    let check = contract(include_str!("../docs/check.schema.json"));

    let (code, lines, errors) = run(unpark(at, &["replay", file]));
    assert_eq!((code, errors.as_str()), (Some(0), ""));
    assert!(lines.lines().all(|line| line.starts_with("REPLAY DRILL ")), "{lines}");
    let phases = |text: &str| -> Vec<String> {
        let said = text.lines().filter_map(|line| line.split_once(" phase "));
        said.map(|(_, phase)| phase.to_owned()).collect()
    };
    assert_eq!(phases(&lines), phases(&live), "it is told as it was seen");
    let (code, document, _) = run(unpark(at, &["replay", file, "--until", "24h", "--json"]));
    let document: Value = serde_json::from_str(&document).unwrap();
    assert!(check.is_valid(&document), "{document}");
    assert_eq!((code, &document["phase"], &document["exit_code"]), (Some(0), &"healthy".into(), &0.into()));
    let (code, early, _) = run(unpark(at, &["replay", file, "--until", "1s", "--json"]));
    let early: Value = serde_json::from_str(&early).unwrap();
    assert!(check.is_valid(&early), "{early}");
    assert_eq!((code, &early["phase"]), (Some(3), &"starting".into()));
    let (code, text, _) = run(unpark(at, &["replay", file, "--until", "24h", "--color", "never"]));
    assert!(code == Some(0) && text.starts_with("REPLAY DRILL ") && !text.contains('\u{1b}'), "{text}");
    let (_, changes, _) = run(unpark(at, &["replay", file, "--json"]));
    for line in changes.lines() {
        assert!(check.is_valid(&serde_json::from_str(line).unwrap()), "{line}");
    }
    let (code, nothing, errors) = run(unpark(at, &["replay", file, "--until", "soon"]));
    assert!(code == Some(2) && nothing.is_empty() && errors.contains("hint: "), "{errors}");

    let report = contract(include_str!("../docs/report.schema.json"));
    for form in ["md", "html", "json", "csv"] {
        let (code, text, errors) = run(unpark(at, &["report", file, "--format", form]));
        assert_eq!((code, errors.as_str()), (Some(0), ""), "{form}");
        assert!(text.chars().all(|c| !c.is_control() || matches!(c, '\n' | '\r' | '\t')), "{form}: {text}");
        match form {
            "csv" => assert!(text.starts_with("id,operator,"), "{text}"),
            "json" => {
                let json: Value = serde_json::from_str(&text).unwrap();
                assert!(report.is_valid(&json) && json["origin"]["drill"] == true, "{text}");
            }
            _ => assert!(text.contains("DRILL, not real"), "{form}: {text}"),
        }
        let output = format!("x.{form}");
        let (code, nothing, errors) = run(unpark(at, &["report", file, "--output", &output]));
        assert_eq!((code, nothing.as_str(), errors), (Some(0), "", format!("{output} was written\n")));
        assert_eq!(std::fs::read_to_string(at.join(&output)).unwrap(), text, "{form}");
    }

    let (code, list, _) = run(unpark(at, &["journals", "list", "--json"]));
    let list: Value = serde_json::from_str(&list).unwrap();
    let one = &list["journals"][0];
    assert_eq!((code, list["schema"].as_str()), (Some(0), Some("unpark.journals/1")));
    assert_eq!((one["zone"].as_str(), one["phase"].as_str()), (Some("calm-example.com."), Some("healthy")));
    assert_eq!((one["end"].as_str(), one["drill"].as_bool()), (Some("ended"), Some(true)));
    assert!(one["seconds"].as_u64().is_some_and(|seconds| seconds >= 120), "{one}");
    let (code, text, _) = run(unpark(at, &["journals", "list"]));
    assert!(code == Some(0) && text.contains("calm-example.com., DRILL, "), "{text}");
}

#[test]
fn pruning_takes_old_journals_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    for name in ["old.jsonl", "older.jsonl"] {
        std::fs::copy("tests/journals/v1.jsonl", at.join(name)).unwrap();
    }
    std::fs::write(at.join("orders.jsonl"), "{\"order\":1}\n").unwrap();
    let prune = |more: &[&str]| {
        let arguments = [&["journals", "prune", "--folder", ".", "--older-than", "0", "--json"], more].concat();
        let (code, text, errors) = run(unpark(at, &arguments));
        assert_eq!(code, Some(0), "{errors}");
        let json: Value = serde_json::from_str(&text).unwrap();
        json["journals"].as_array().unwrap().len()
    };
    std::thread::sleep(Duration::from_millis(20));
    assert_eq!(prune(&["--dry-run"]), 2);
    assert!(at.join("old.jsonl").exists() && at.join("older.jsonl").exists(), "nothing was deleted");
    assert_eq!(prune(&["--keep", "1"]), 1);
    assert_eq!(prune(&[]), 1);
    assert!(!at.join("old.jsonl").exists() && !at.join("older.jsonl").exists());
    assert!(at.join("orders.jsonl").exists(), "what is no journal is somebody else's");
    let (code, _, errors) = run(unpark(at, &["journals", "prune"]));
    assert_eq!(code, Some(2), "{errors}");
}

#[test]
fn where_nothing_can_be_written_the_watch_goes_on_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("file"), "").unwrap();
    let _alone = alone();
    let (code, said, errors) = run(slower_drill(folder.path(), "file/a.jsonl"));
    assert_eq!(code, Some(0), "{said}{errors}");
    assert!(errors.contains(" journal: ") && errors.contains("; the watch goes on"), "{errors}");
    assert!(!errors.contains("File exists"), "that is not what is wrong: {errors}");
}

#[test]
fn a_full_disk_is_said_and_what_it_took_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    std::fs::create_dir(at.join("small")).unwrap();
    let script = "mount -t tmpfs -o size=64k tmpfs small || exit 99; \"$@\"; code=$?; cp small/a.jsonl .; exit $code";
    let confined = |program: &[&str]| {
        let mut command = Command::new("unshare");
        command.args(["-rm", "sh", "-c", script, "sh"]).args(program).current_dir(at);
        command.env("HOME", at).env_remove("UNPARK_CONFIG").output()
    };
    let can = confined(&["cp", "/dev/null", "small/a.jsonl"]).is_ok_and(|out| out.status.success());
    if !can {
        println!("left out: no small file system can be had here (unshare -rm, mount -t tmpfs)");
        return;
    }
    let _alone = alone();
    let program = env!("CARGO_BIN_EXE_unpark");
    let drill = ["drill", "healthy", "--headless", "--speed", "10", "--journal", "small/a.jsonl"];
    let (code, said, errors) = told(confined(&[&[program], &drill[..]].concat()).unwrap());
    assert_eq!(code, Some(0), "{said}{errors}");
    assert!(errors.contains(" journal: disk full since "), "{errors}");
    let mut replay = Replay::open(&at.join("a.jsonl")).unwrap();
    replay.go_to_end().unwrap();
    let damage = replay.damage();
    assert!(damage.bad == 0 && !damage.ended && replay.now() > replay.header().started, "{damage:?}");
}

#[test]
fn a_file_removed_amid_the_watch_is_put_back_whole() {
    let (world, folder) = (honest(231), tempfile::tempdir().unwrap());
    let path = folder.path().join("a.jsonl");
    let process = watch(&world, folder.path(), &["--journal", "a.jsonl"]);
    wait_until("some facts are written", || size(&path) > 2_000);
    let before = std::fs::read(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    wait_until("the file is put back", || size(&path) >= before.len() as u64);
    let (_, errors) = stop(process);
    assert!(errors.contains("journal: the file was removed at ") && errors.contains(" put back whole"), "{errors}");
    assert!(std::fs::read(&path).unwrap().starts_with(&before), "with all that it held");
    let mut replay = Replay::open(&path).unwrap();
    replay.go_to_end().unwrap();
    assert!(replay.damage().ended && replay.damage().notes().is_empty(), "{:?}", replay.damage());
}

#[test]
fn two_watches_of_one_zone_at_once_have_two_files() {
    let (world, folder) = (honest(232), tempfile::tempdir().unwrap());
    let at: &TempDir = &folder;
    let journals = at.path().join("state/unpark/journals");
    let processes = [watch(&world, at.path(), &[]), watch(&world, at.path(), &[])];
    let files = || -> Vec<PathBuf> {
        std::fs::read_dir(&journals).map_or_else(|_| Vec::new(), |all| all.map(|one| one.unwrap().path()).collect())
    };
    wait_until("both have begun", || files().iter().filter(|path| size(path) > 2_000).count() == 2);
    let list = || -> Vec<String> {
        let (code, text, _) = run(unpark(at.path(), &["journals", "list", "--json"]));
        assert_eq!(code, Some(0));
        let json: Value = serde_json::from_str(&text).unwrap();
        let all = json["journals"].as_array().unwrap().iter();
        all.map(|one| format!("{} {}", one["zone"].as_str().unwrap(), one["end"].as_str().unwrap())).collect()
    };
    assert_eq!(list(), ["victim.test. running", "victim.test. running"]);
    let (code, gone, _) = run(unpark(at.path(), &["journals", "prune", "--older-than", "0"]));
    assert_eq!((code, gone.as_str()), (Some(0), ""), "what is being written stays");
    for process in processes {
        let (_, errors) = stop(process);
        let path = errors.lines().find_map(|line| line.strip_prefix("journal: ")).unwrap();
        let mut replay = Replay::open(Path::new(path)).unwrap();
        replay.go_to_end().unwrap();
        assert!(replay.damage().ended && replay.damage().notes().is_empty());
    }
    assert_eq!(list(), ["victim.test. ended", "victim.test. ended"]);
    assert_eq!(files().len(), 2);
}

#[test]
fn the_journal_of_the_first_format_still_tells_its_incident() {
    let mut replay = Replay::open(Path::new("tests/journals/v1.jsonl")).unwrap();
    replay.go_to_end().unwrap();
    assert!(replay.damage().ended && replay.damage().notes().is_empty(), "{:?}", replay.damage());
    let started = replay.header().started;
    let end = replay.now();
    assert!(replay.header().drill && replay.header().command == "drill");
    let told: Vec<String> = (replay.incident().phases().iter())
        .map(|change| format!("{} {}", change.at.since(started).as_secs(), change.phase.word()))
        .collect();
    assert_eq!(told, ["0 starting", "15 healthy", "61 parked-at-parent", "300 converging", "884 recovered"]);
    // Back, and on again, it is the same.
    let middle = Timestamp::from_micros(started.as_micros() + 200_000_000);
    replay.go_to(middle).unwrap();
    assert_eq!(replay.incident().phase().word(), "parked-at-parent");
    replay.go_to(end).unwrap();
    assert_eq!(replay.incident().phase().word(), "recovered");
}

/// A journal notes which moments changed anything, by the rules of its time; those between are left out where the rules are the
/// same. Whoever changes a rule so that a verdict turns at another moment is reminded here to raise `journal::RULES`.
#[test]
fn a_journal_is_told_in_haste_as_it_is_told_in_full() {
    const LOOKS: usize = 50;
    let file = Path::new("tests/journals/v1-rules2.jsonl");
    let entries = std::fs::read_to_string(file).unwrap().lines().count();
    let (mut whole, mut hasty) = (Replay::open(file).unwrap(), Replay::open(file).unwrap());
    let mut looks = 0;
    for entry in 0.. {
        let more = whole.step().unwrap().is_some();
        assert_eq!(hasty.advance().unwrap(), more);
        if !more {
            break;
        }
        if entry % (entries / LOOKS) == 0 {
            looks += 1;
            let (told, in_full) = (hasty.view(hasty.now()), whole.view(whole.now()));
            assert_eq!(told.findings(), in_full.findings(), "entry {entry}");
            assert!(told == in_full, "entry {entry}, {}", whole.now());
        }
    }
    assert!(looks >= LOOKS && hasty.damage().ended && hasty.damage().notes().is_empty(), "{looks}");
    assert!(hasty.view(hasty.now()) == *whole.incident(), "the end");
    let phases: Vec<&str> = whole.incident().phases().iter().map(|change| change.phase.word()).collect();
    assert_eq!(phases, ["starting", "healthy", "parked-at-parent", "converging", "recovered"]);
}

#[test]
fn what_is_no_journal_is_an_error_with_its_line_for_every_command() {
    let folder = tempfile::tempdir().unwrap();
    let long = "x".repeat(50 << 20) + "\n";
    let deep = format!("{{\"unpark-journal\":1,\"opening\":{}\n", "[".repeat(1 << 20));
    for (name, text) in [("empty", ""), ("long", &long), ("deep", &deep), ("escape", "\u{1b}[2J\n"), ("nul", "\0\0\n")]
    {
        std::fs::write(folder.path().join(name), text).unwrap();
        for command in [&["replay", name][..], &["replay", name, "--json", "--until", "1m"], &["report", name]] {
            let (code, said, errors) = run(unpark(folder.path(), command));
            assert_eq!((code, said.as_str()), (Some(2), ""), "{command:?}: {errors}");
            assert!(errors.contains(&format!("error: {name}, line 1: ")) && errors.contains("hint: "), "{errors}");
            assert!(!errors.contains('\u{1b}'), "{errors}");
        }
    }
    assert!(matches!(Replay::open(&folder.path().join("none")), Err(JournalError::Unreadable { .. })));
}
