//! The command itself, as a process: lists good and bad, outputs against their contract, exit codes, killed and started again.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::Value;
use unpark::audit::{Code, Topic};
use unpark::registration::Cause;
use unpark::time::ReadClock as _;

use crate::portfolio::{Trouble, World};
use crate::run::WallClock;

/// A world on the loopback, and a folder for everything that a command reads and writes.
struct Place {
    world: Arc<World>,
    folder: tempfile::TempDir,
}

impl Place {
    async fn of(zones: usize, delay: Duration) -> Self {
        let world = World::new(zones, WallClock.now(), delay);
        world.serve_registries().await;
        let port = world.serve_dns().await;
        let place = Self { world, folder: tempfile::tempdir().unwrap() };
        place.write("rdap.toml", &place.world.rdap_table());
        place.write("root.hints", &World::hints(port));
        place.write("unpark.toml", "");
        place.write("list.toml", &place.world.list());
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_unpark"));
        command
            .arg("audit")
            .args(arguments)
            .args(["--rate", "100000", "--registry-rate", "10000"])
            .env_clear()
            .env("UNPARK_RDAP_TABLE", self.path("rdap.toml"))
            .env("UNPARK_WHOIS_SERVER", "127.0.0.1:1")
            .env("UNPARK_ROOT_HINTS", self.path("root.hints"))
            .env("UNPARK_CONFIG", self.path("unpark.toml"))
            .env("UNPARK_TIMEOUT", "2s")
            .env("XDG_STATE_HOME", self.path("state"))
            .current_dir(self.folder.path());
        command
    }

    async fn run(&self, arguments: &[&str]) -> Output {
        let mut command = self.command(arguments);
        tokio::task::spawn_blocking(move || command.stdin(Stdio::null()).output().unwrap()).await.unwrap()
    }

    fn questions(&self) -> usize {
        self.world.questions.swap(0, Ordering::Relaxed)
    }
}

fn text(octets: &[u8]) -> String {
    String::from_utf8(octets.to_vec()).unwrap()
}

fn schema() -> Value {
    let schema = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/audit.schema.json");
    serde_json::from_str(&std::fs::read_to_string(schema).unwrap()).unwrap()
}

/// What the contract has against an output.
fn faults(document: &Value) -> Vec<String> {
    let schema = schema();
    jsonschema::draft202012::meta::validate(&schema).unwrap();
    let validator = jsonschema::draft202012::options().should_validate_formats(true).build(&schema).unwrap();
    validator.iter_errors(document).map(|e| format!("{}: {e}", e.instance_path())).collect()
}

#[test]
fn the_contract_knows_every_code_and_topic() {
    let schema = schema();
    let words = |pointer: &str| -> Vec<String> {
        let list = schema.pointer(pointer).and_then(Value::as_array).unwrap();
        list.iter().map(|word| word.as_str().unwrap().to_owned()).collect()
    };
    let codes =
        Code::ALL.iter().map(|c| c.word()).chain(Cause::ALL.iter().map(|c| c.word()).filter(|c| *c != "EXPIRES_SOON"));
    let codes: Vec<&str> = codes.collect();
    assert_eq!(words("/$defs/finding/properties/code/enum"), codes);
    assert_eq!(words("/$defs/finding/properties/topic/enum"), Topic::ALL.map(Topic::word));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_is_killed_goes_on_where_it_ended() {
    let place = Place::of(400, Duration::from_millis(15)).await;
    let state = place.path("state.jsonl");
    let arguments = ["list.toml", "--state", "state.jsonl", "--json", "--quiet"];
    let mut first = place.command(&arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let lines = |path: &Path| std::fs::read(path).map_or(0, |octets| octets.split(|octet| *octet == b'\n').count());
    while lines(&state) < 300 {
        assert!(first.try_wait().unwrap().is_none(), "it ended before it could be killed");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    first.kill().unwrap();
    first.wait().unwrap();
    let before = place.questions();
    let output = place.run(&arguments).await;
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    let after = place.questions();
    // Two for each registration; what was under way when it was killed is asked again.
    assert!((800..=850).contains(&(before + after)) && before > 60, "{before} and {after} questions");
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(faults(&document), Vec::<String>::new());
    assert!(document["work"]["kept"].as_u64().unwrap() > 100, "{}", document["work"]);
    let found = |zone: &str, code: &str| {
        let zones = document["zones"].as_array().unwrap();
        let row = zones.iter().find(|row| row["zone"] == format!("{zone}.")).unwrap();
        row["findings"].as_array().unwrap().iter().any(|finding| finding["code"] == code)
    };
    for (zone, trouble) in place.world.truth() {
        match trouble {
            Some(trouble) => assert!(found(&zone, trouble.code()), "{zone} {trouble:?}"),
            None => assert!(!Code::ALL.iter().any(|code| found(&zone, code.word())), "{zone}"),
        }
    }
    // Everything is fresh: the third run asks nobody.
    let output = place.run(&["list.toml", "--state", "state.jsonl", "--csv"]).await;
    assert_eq!((output.status.code(), place.questions()), (Some(1), 0));
    let table = text(&output.stdout);
    assert_eq!(table.lines().count(), 401);
    assert!(table.starts_with("zone,risk,ends,") && table.lines().nth(1).unwrap().contains(",critical,"), "{table}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn outputs_and_conditions() {
    let place = Place::of(60, Duration::ZERO).await;
    let healthy: Vec<String> =
        place.world.truth().into_iter().filter(|(_, t)| t.is_none()).map(|(zone, _)| zone).collect();
    let expired = place.world.truth().into_iter().find(|(_, t)| *t == Some(Trouble::Expired)).unwrap().0;
    place.write("good.txt", &healthy.join("\n"));
    place.write("bad.txt", &format!("{}\n{expired}\n", healthy.join("\n")));

    let output = place.run(&["good.txt", "--html", "out.html"]).await;
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(text(&output.stdout).starts_with("58 zones: nothing wrong was found.\n"), "{}", text(&output.stdout));
    let page = std::fs::read_to_string(place.path("out.html")).unwrap();
    assert!(page.starts_with("<!doctype html>") && page.contains("<svg") && page.ends_with("</html>\n"));
    assert!(!page.contains("<script") && !page.contains("http://") && !page.contains("https://"), "it fetches nothing");

    let output = place.run(&["bad.txt"]).await;
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output.stdout);
    assert!(
        said.starts_with("Of 59 zones, 1 is in critical trouble; nothing wrong was found with the other 58.\n"),
        "{said}"
    );
    assert!(said.contains(&expired) && said.contains("EXPIRED") && said.contains("fails on critical"), "{said}");

    for (condition, code) in
        [("expiry<30d", 1), ("delegation", 0), ("gap", 1), ("EXPIRED", 1), ("unreachable", 0), ("status", 0)]
    {
        let output = place.run(&["bad.txt", "--quiet", "--fail-on", condition]).await;
        assert_eq!(output.status.code(), Some(code), "{condition}: {}", text(&output.stdout));
    }
    // A zone whose registry does not answer is listed, and is not fine.
    place.write("lost.txt", &format!("{}\nshop.nowhere\n", healthy[0]));
    let output = place.run(&["lost.txt", "--no-dns"]).await;
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("Could not be told (1)\n  shop.nowhere: "), "{}", text(&output.stdout));
    let output = place.run(&["lost.txt", "--no-dns", "--fail-on", "unreachable"]).await;
    assert_eq!(output.status.code(), Some(1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_lists_say_file_line_and_reason_and_the_rest_still_runs() {
    let place = Place::of(6, Duration::ZERO).await;
    let zones: Vec<String> = place.world.truth().into_keys().take(2).collect();
    place.write("list.txt", &format!("{}\na..b\n{}\nx y\n", zones[0], zones[1]));
    let output = place.run(&["list.txt"]).await;
    let said = text(&output.stderr);
    assert_eq!((output.status.code(), output.stdout.len(), place.questions()), (Some(2), 0, 0), "{said}");
    assert!(
        said.contains("list.txt, line 2: the zone 'a..b' is no domain name: the name has an empty label\n"),
        "{said}"
    );
    assert!(said.contains("list.txt, line 4: ") && said.contains("error: list.txt: 2 lines cannot be used"), "{said}");
    assert!(said.contains("hint: mend them, or audit the others all the same with --keep-going"), "{said}");
    let output = place.run(&["list.txt", "--keep-going", "--json", "--no-state"]).await;
    assert_eq!(output.status.code(), Some(2), "{}", text(&output.stderr));
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(faults(&document), Vec::<String>::new());
    assert_eq!((document["zones"].as_array().unwrap().len(), document["bad_lines"][0]["line"].as_u64()), (2, Some(2)));
    for (list, wanted) in
        [("", "no zone in it"), ("[[zone]]\nnam = 'x.com'\n", "line 1"), ("# nothing\n", "no zone in it")]
    {
        place.write("bad.toml", list);
        let output = place.run(&["bad.toml", "--keep-going"]).await;
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(wanted) && said.contains("hint: "), "{said}");
    }
    for arguments in
        [&["missing.txt"][..], &["list.txt", "--fail-on", "everything"], &["list.txt", "--json", "--csv"], &[]]
    {
        let output = place.run(arguments).await;
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{arguments:?}");
    }
    std::fs::write(place.path("state.jsonl"), "something else\n").unwrap();
    let output = place.run(&["list.toml", "--state", "state.jsonl"]).await;
    assert_eq!(output.status.code(), Some(3));
    assert!(text(&output.stderr).contains("is no state file of an audit"), "{}", text(&output.stderr));
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signal_ends_it_at_once_and_says_how_to_go_on() {
    let place = Place::of(200, Duration::from_millis(50)).await;
    let mut command = place.command(&["list.toml", "--state", "state.jsonl"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    while std::fs::read(place.path("state.jsonl")).map_or(0, |octets| octets.len()) < 10_000 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    let output = tokio::task::spawn_blocking(move || child.wait_with_output().unwrap()).await.unwrap();
    let said = text(&output.stderr);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(3), 0), "{said}");
    assert!(said.contains("stopped: ") && said.contains("the same command goes on where this one ended"), "{said}");
}
