//! `unpark wait` as a program, against servers on loopback: what it waits for, how it ends, and what it prints meanwhile.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

#[path = "support/misbehaving.rs"]
#[expect(dead_code, reason = "what only hostile servers need")]
mod misbehaving;

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use misbehaving::{Behaviour, Place, World, delegation};
use serde_json::Value;

/// What the zone expects.
const EXPECTED: &str = "ns1.dns.test";
/// Longer than any of these runs takes; reached only when something is wrong.
const PATIENCE: Duration = Duration::from_secs(60);

/// A world whose parent delegates to parked servers until the flag says otherwise.
fn world(network: u8, restored: &Arc<AtomicBool>) -> World {
    let restored = Arc::clone(restored);
    let behaviour: Behaviour = Arc::new(move |asked, honest| {
        let parked = asked.place == Place::Parent && asked.is_at_or_below("victim.test");
        if parked && !restored.load(Ordering::Relaxed) {
            delegation("ns1.parked.test").say(asked)
        } else {
            honest.say(asked)
        }
    });
    World::start(network, &behaviour)
}

/// The program, and the folder it runs in: gone when dropped.
fn wait(world: &World, arguments: &[&str]) -> (Command, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("hints"), world.hints()).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_unpark"));
    command
        .args(["wait", "victim.test", "--root-hints", "hints", "--expect", EXPECTED, "--resolver"])
        .arg(world.address(Place::Resolver).to_string())
        .args(arguments)
        .env_clear()
        .env("HOME", folder.path())
        .current_dir(folder.path())
        .stdin(Stdio::null());
    (command, folder)
}

fn ended((mut command, _folder): (Command, tempfile::TempDir)) -> (i32, String, String) {
    let began = Instant::now();
    let Output { status, stdout, stderr } = command.output().unwrap();
    assert!(began.elapsed() < PATIENCE);
    let (stdout, stderr) = (String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap());
    assert!(!stderr.contains("panicked"), "{stderr}");
    (status.code().unwrap(), stdout, stderr)
}

#[test]
fn what_is_so_already_is_reached_at_once() {
    let world = world(221, &Arc::new(AtomicBool::new(true)));
    for goal in ["source", "100%", "recovered", "healthy"] {
        let (code, said, errors) = ended(wait(&world, &["--until", goal, "--confidence", "3", "--timeout", "30"]));
        assert_eq!(code, 0, "{goal}: {said}{errors}");
        let last = said.lines().last().unwrap();
        assert!(last.contains(&format!(" reached {goal} after ")), "{goal}: {said}");
        assert!(said.lines().all(|line| line.contains("Z ")), "every line has its time: {said}");
        assert!(errors.lines().all(|line| line.starts_with("journal: ")), "progress is for terminals: {errors}");
    }
}

#[test]
fn what_does_not_come_ends_with_the_time() {
    let world = world(222, &Arc::new(AtomicBool::new(false)));
    for goal in ["source", "1%", "recovered"] {
        let (code, said, _) = ended(wait(&world, &["--until", goal, "--timeout", "3"]));
        assert_eq!(code, 1, "{goal}: {said}");
        assert!(said.contains("phase parked-at-parent: "), "{said}");
        assert!(said.lines().last().unwrap().contains(&format!(" gave up after 3 s: {goal} not reached")), "{said}");
    }
    let (code, said, _) = ended(wait(&world, &["--until", "parked-at-parent", "--timeout", "30", "--quiet"]));
    assert_eq!((code, said.contains(" reached parked-at-parent ")), (0, true), "{said}");
}

#[test]
fn the_restoration_is_waited_for_and_told_in_json() {
    let restored = Arc::new(AtomicBool::new(false));
    let world = world(223, &restored);
    let (mut command, _folder) = wait(&world, &["--until", "source", "--timeout", "50", "--json"]);
    let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
    let schema: Value = serde_json::from_str(include_str!("../docs/check.schema.json")).unwrap();
    let contract = jsonschema::draft202012::options().should_validate_formats(true).build(&schema).unwrap();
    let mut phases = Vec::new();
    let mut code = None;
    for line in BufReader::new(process.stdout.take().unwrap()).lines() {
        let json: Value = serde_json::from_str(&line.unwrap()).unwrap();
        assert!(
            contract.is_valid(&json),
            "{:?}",
            contract.iter_errors(&json).map(|e| e.to_string()).collect::<Vec<_>>()
        );
        code = json["exit_code"].as_i64();
        phases.push(json["phase"].as_str().unwrap().to_owned());
        if phases.last().unwrap() == "parked-at-parent" {
            restored.store(true, Ordering::Relaxed);
        }
    }
    let status = process.wait().unwrap();
    assert!(phases.contains(&"parked-at-parent".to_owned()), "{phases:?}");
    assert_eq!((status.code(), code), (Some(0), Some(0)), "the last line says how it ended: {phases:?}");
}

#[test]
fn a_signal_ends_it_with_what_was_known() {
    let world = world(224, &Arc::new(AtomicBool::new(false)));
    let (mut command, _folder) = wait(&world, &["--until", "recovered"]);
    let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(process.stdout.take().unwrap()).lines().map_while(Result::ok);
    assert!(lines.any(|line| line.contains("phase parked-at-parent: ")));
    let killed = Command::new("kill").arg("-TERM").arg(process.id().to_string()).status().unwrap();
    assert!(killed.success());
    let last = lines.last().unwrap();
    assert!(last.contains(" stopped after ") && last.ends_with("recovered not reached"), "{last}");
    assert_eq!(process.wait().unwrap().code(), Some(1));
}

#[test]
fn where_nobody_answers_it_could_not_tell() {
    let behaviour: Behaviour = Arc::new(|_, _| Vec::new());
    let world = World::start(225, &behaviour);
    let (code, said, _) = ended(wait(&world, &["--until", "source", "--timeout", "6"]));
    assert_eq!(code, 3, "{said}");
    assert!(said.lines().last().unwrap().contains(" could not tell whether source is reached, for 6 s"), "{said}");
}

#[test]
fn what_cannot_be_waited_for_is_refused_with_a_hint() {
    let world = world(226, &Arc::new(AtomicBool::new(true)));
    for bad in [
        &["--until", "done"][..],
        &["--until", "0%"],
        &["--until", "90"],
        &[],
        &["--until", "source", "--timeout", "never"],
    ] {
        let (code, said, errors) = ended(wait(&world, bad));
        assert_eq!((code, said.as_str()), (2, ""), "{bad:?}: {errors}");
        assert!(errors.contains("error: ") && errors.contains("hint: "), "{bad:?}: {errors}");
    }
}
