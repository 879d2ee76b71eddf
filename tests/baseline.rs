//! The real program keeps how a zone is, and holds a later day against it: over a small internet on loopback.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

#[path = "support/misbehaving.rs"]
#[expect(dead_code, reason = "the servers serve several tests, each using what it needs")]
mod misbehaving;

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use misbehaving::{Answer, Asked, Behaviour, Place, World, delegation};
use serde_json::Value;
use tempfile::TempDir;
use unpark::dns::shown;

/// What the parent does.
const RIGHT: u8 = 0;
const PARKED: u8 = 1;
const SILENT: u8 = 2;

struct Desk {
    world: World,
    parent: Arc<AtomicU8>,
    folder: TempDir,
}

struct Ended {
    code: i32,
    stdout: String,
    stderr: String,
}

impl Desk {
    fn new(network: u8) -> Self {
        let parent = Arc::new(AtomicU8::new(RIGHT));
        let does = Arc::clone(&parent);
        let behaviour: Behaviour = Arc::new(move |asked: &Asked, honest: Answer| {
            let about_zone = asked.place == Place::Parent && asked.is_at_or_below("victim.test");
            match does.load(Ordering::Relaxed) {
                PARKED if about_zone => delegation("ns1.parked.test").say(asked),
                SILENT if about_zone => Vec::new(),
                _ => honest.say(asked),
            }
        });
        let world = World::start(network, &behaviour);
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("hints"), world.hints()).unwrap();
        Self { world, parent, folder }
    }

    fn does(&self, what: u8) {
        self.parent.store(what, Ordering::Relaxed);
    }

    fn run(&self, arguments: &[&str]) -> Ended {
        let resolver = self.world.address(Place::Resolver).to_string();
        let output = Command::new(env!("CARGO_BIN_EXE_unpark"))
            .args(arguments)
            .env_clear()
            .env("HOME", self.folder.path())
            .env("UNPARK_ROOT_HINTS", "hints")
            .env("UNPARK_RESOLVER", resolver)
            .env("UNPARK_TIMEOUT", "2")
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let (stdout, stderr) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
        assert!(!stderr.contains("panicked"), "{stderr}");
        for text in [&stdout, &stderr] {
            assert!(text.chars().all(|c| c == '\n' || shown::is_plain(c)), "{text:?}");
        }
        Ended { code: output.status.code().unwrap(), stdout, stderr }
    }

    fn json(&self, contract: &str, arguments: &[&str]) -> Value {
        let ended = self.run(arguments);
        let json: Value = serde_json::from_str(&ended.stdout).unwrap_or_else(|e| panic!("{e}: {}", ended.stderr));
        let path = format!("{}/docs/{contract}.schema.json", env!("CARGO_MANIFEST_DIR"));
        let schema: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
        let validator = jsonschema::draft202012::options().should_validate_formats(true).build(&schema).unwrap();
        let faults: Vec<String> = validator.iter_errors(&json).map(|e| format!("{}: {e}", e.instance_path())).collect();
        assert!(faults.is_empty(), "{faults:#?}\n{json:#}");
        json
    }

    fn saved(&self) -> PathBuf {
        self.folder.path().join(".config/unpark/baselines/victim.test.toml")
    }
}

#[test]
fn what_is_saved_is_the_expectation_of_the_next_outage() {
    let desk = Desk::new(220);
    let ended = desk.run(&["baseline", "save", "victim.test", "--host", "www"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let text = fs::read_to_string(desk.saved()).unwrap();
    assert_eq!(ended.stdout, text);
    for part in [
        "ns = [\"ns1.dns.test.\"]",
        "soa-mname",
        "# DS: not known when this was taken.",
        "[[host]]\nname = \"victim.test.\"\naddresses = [\"192.0.2.80\"]",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }

    let same = desk.run(&["baseline", "diff", "victim.test"]);
    assert_eq!(same.code, 0, "{}{}", same.stdout, same.stderr);
    assert!(same.stdout.starts_with("victim.test is as in the baseline of 2"), "{}", same.stdout);

    desk.does(PARKED);
    let check = desk.run(&["check", "victim.test"]);
    assert_eq!(check.code, 1, "{}{}", check.stdout, check.stderr);
    assert!(check.stdout.contains("parked-at-parent") || check.stdout.contains("ns1.parked.test"), "{}", check.stdout);
    assert!(check.stdout.contains("(baseline of 2"), "{}", check.stdout);
    assert!(check.stderr.contains("note: what is correct is taken from the baseline of"), "{}", check.stderr);
    let json = desk.json("check", &["check", "victim.test", "--json"]);
    assert_eq!(json["expectation"]["source"], "baseline");
    assert_eq!(json["expectation"]["ns"][0], "ns1.dns.test.");

    let diff = desk.run(&["baseline", "diff", "victim.test"]);
    assert_eq!(diff.code, 1, "{}", diff.stdout);
    assert!(diff.stdout.contains("was ns1.dns.test") && diff.stdout.contains("now ns1.parked.test"), "{}", diff.stdout);
    let json = desk.json("baseline-diff", &["baseline", "diff", "victim.test", "--json"]);
    assert_eq!((&json["parts"][0]["part"], &json["parts"][0]["likeness"]), (&"delegation".into(), &"different".into()));

    // Without the baseline the parked delegation stands in as what is correct.
    let without = desk.json("check", &["check", "victim.test", "--json", "--no-baseline"]);
    assert_eq!(without["expectation"]["source"], "parent");
    let flag = desk.json("check", &["check", "victim.test", "--json", "--expect", "ns1.dns.test"]);
    assert_eq!(flag["expectation"]["source"], "flag");
    fs::write(desk.folder.path().join("unpark.toml"), "[zone.\"victim.test\"]\nexpect = [\"ns1.dns.test\"]\n").unwrap();
    let file = desk.json("check", &["check", "victim.test", "--json"]);
    assert_eq!(file["expectation"]["source"], "file");
}

#[test]
fn a_parked_or_unheard_zone_is_not_saved_unasked() {
    let desk = Desk::new(221);
    desk.does(PARKED);
    let expected = ["--expect", "ns1.dns.test"];
    let refused = desk.run(&[&["baseline", "save", "victim.test"][..], &expected].concat());
    assert_eq!(refused.code, 1, "{}", refused.stderr);
    assert!(refused.stderr.contains("nothing was saved: the zone is parked-at-parent"), "{}", refused.stderr);
    assert!(refused.stderr.contains("hint: ") && !desk.saved().exists());
    let forced = desk.run(&[&["baseline", "save", "victim.test", "--force"][..], &expected].concat());
    assert_eq!(forced.code, 0, "{}", forced.stderr);
    assert!(forced.stderr.contains("warning: saved although the zone is parked-at-parent"), "{}", forced.stderr);
    assert!(fs::read_to_string(desk.saved()).unwrap().contains("ns1.parked.test."));

    // Back to what is right: that differs from what was saved.
    desk.does(RIGHT);
    let refused = desk.run(&["baseline", "save", "victim.test"]);
    assert_eq!(refused.code, 2, "{}", refused.stderr);
    assert!(refused.stderr.contains("nothing was saved") && refused.stderr.contains("was ns1.parked.test"));
    assert_eq!(desk.run(&["baseline", "save", "victim.test", "--force"]).code, 0);
    assert_eq!(desk.run(&["baseline", "save", "victim.test"]).code, 0, "the same again needs no force");

    desk.does(SILENT);
    let silent = desk.run(&["baseline", "save", "victim.test", "--force"]);
    assert_eq!(silent.code, 3, "{}", silent.stderr);
    assert!(silent.stderr.contains("no parent server gave a delegation"), "{}", silent.stderr);
    let diff = desk.run(&["baseline", "diff", "victim.test"]);
    assert_eq!(diff.code, 3, "{}", diff.stdout);
    assert!(diff.stdout.contains("delegation NS: not heard"), "{}", diff.stdout);
}

#[test]
fn files_are_shown_listed_and_their_faults_named() {
    let desk = Desk::new(222);
    let none = desk.run(&["baseline", "show", "victim.test"]);
    assert_eq!(none.code, 2);
    assert!(
        none.stderr.contains("there is no baseline at ") && none.stderr.contains("unpark baseline save victim.test")
    );
    assert!(desk.run(&["baseline", "list"]).stdout.contains("No baseline in "));
    assert_eq!(desk.run(&["baseline", "save", "victim.test", "--file", "dns/b.toml", "--json"]).code, 0);
    let show = desk.json("baseline", &["baseline", "show", "victim.test", "--file", "dns/b.toml", "--json"]);
    assert_eq!(show["delegation"]["ns"][0], "ns1.dns.test.");
    assert_eq!(show["authoritative"]["soa_mname"], "ns1.dns.test.");

    let check = desk.json("check", &["check", "victim.test", "--json", "--baseline", "dns/b.toml"]);
    assert_eq!(check["expectation"]["source"], "baseline");
    let other = desk.run(&["check", "other.test", "--baseline", "dns/b.toml"]);
    assert_eq!(other.code, 2);
    assert!(other.stderr.contains("is the baseline of victim.test., not of other.test."), "{}", other.stderr);

    assert_eq!(desk.run(&["baseline", "save", "victim.test"]).code, 0);
    let list = desk.run(&["baseline", "list"]);
    assert_eq!(list.code, 0);
    assert!(list.stdout.starts_with("victim.test  baseline of 2") && list.stdout.contains("ns1.dns.test"));
    let broken = fs::read_to_string(desk.saved()).unwrap().replace("ns1.dns.test.", "ns1..test");
    fs::write(desk.saved(), broken).unwrap();
    for arguments in [&["baseline", "show", "victim.test"][..], &["check", "victim.test"], &["baseline", "list"]] {
        let ended = desk.run(arguments);
        assert_eq!(ended.code, 2, "{arguments:?}: {}", ended.stderr);
        assert!(ended.stderr.contains("delegation.ns: 'ns1..test' is no domain name"), "{}", ended.stderr);
        assert!(ended.stderr.contains(", line "), "{}", ended.stderr);
    }
    let list = desk.json("baselines", &["baseline", "list", "--json"]);
    assert_eq!(list["unreadable"].as_array().unwrap().len(), 1);
}
