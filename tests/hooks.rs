//! The real program tells others of each change of phase, and never says where: over a small internet on loopback.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

#[path = "support/misbehaving.rs"]
#[expect(dead_code, reason = "the servers serve several tests, each using what it needs")]
mod misbehaving;

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use misbehaving::{Answer, Asked, Behaviour, Place, World, delegation};
use serde_json::Value;

const SECRET: &str = "T00SECRET/B00SECRET";
/// Longer than any step takes; reached only when something is wrong.
const PATIENCE: Duration = Duration::from_secs(40);

/// A server that refuses every post, and says nothing of where it is.
fn refusing() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/services/{SECRET}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut octets = [0; 16_384];
            let _ = stream.read(&mut octets);
            let _ = stream.write_all(b"HTTP/1.1 403 No\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        }
    });
    url
}

fn wait_until(what: &str, mut done: impl FnMut() -> bool) {
    let began = Instant::now();
    while !done() {
        assert!(began.elapsed() < PATIENCE, "{what} did not come");
        thread::sleep(Duration::from_millis(50));
    }
}

fn changes(file: &Path) -> Vec<Value> {
    let text = fs::read_to_string(file).unwrap_or_default();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn each_change_is_told_once_and_the_secret_stays_one() {
    let parked = Arc::new(AtomicBool::new(true));
    let is_parked = Arc::clone(&parked);
    let behaviour: Behaviour = Arc::new(move |asked: &Asked, honest: Answer| {
        if asked.place == Place::Parent && asked.is_at_or_below("victim.test") && is_parked.load(Ordering::Relaxed) {
            return delegation("ns1.parked.test").say(asked);
        }
        honest.say(asked)
    });
    let world = World::start(225, &behaviour);
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("hints"), world.hints()).unwrap();
    let settings = "[zone.\"victim.test\"]\nexpect = [\"ns1.dns.test\"]\nnotes = [\"registrar: call 4711\"]\n";
    fs::write(folder.path().join("unpark.toml"), settings).unwrap();
    let told = folder.path().join("told");
    let mut child = Command::new(env!("CARGO_BIN_EXE_unpark"))
        .args(["watch", "victim.test", "--on-change", "test -z \"$UNPARK_WEBHOOK\" && cat >> told"])
        .args(["--resolver", &world.address(Place::Resolver).to_string(), "--root-hints", "hints"])
        .env_clear()
        .env("HOME", folder.path())
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("UNPARK_WEBHOOK", refusing())
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    wait_until("the outage", || changes(&told).iter().any(|c| c["to"] == "parked-at-parent"));
    parked.store(false, Ordering::Relaxed);
    wait_until("the repair", || changes(&told).iter().any(|c| c["to"] == "converging" || c["to"] == "recovered"));
    let ended = Command::new("sh").args(["-c", &format!("kill -TERM {}", child.id())]).status().unwrap();
    assert!(ended.success());
    let (mut stdout, mut stderr) = (String::new(), String::new());
    child.stdout.take().unwrap().read_to_string(&mut stdout).unwrap();
    child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
    child.wait().unwrap();

    let path = format!("{}/docs/change.schema.json", env!("CARGO_MANIFEST_DIR"));
    let schema: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let validator = jsonschema::draft202012::options().should_validate_formats(true).build(&schema).unwrap();
    let changes = changes(&told);
    assert!(changes.len() >= 2);
    for change in &changes {
        let faults: Vec<String> =
            validator.iter_errors(change).map(|e| format!("{}: {e}", e.instance_path())).collect();
        assert!(faults.is_empty(), "{faults:#?}\n{change:#}");
        assert!(change["text"].as_str().unwrap().starts_with("victim.test: "), "{change:#}");
        for name in change.as_object().unwrap().keys() {
            let mut less = change.clone();
            less.as_object_mut().unwrap().remove(name);
            assert!(!validator.is_valid(&less), "{name} may be missing");
        }
    }
    // Each begins where the one before ended, and none is told twice.
    assert!(changes.windows(2).all(|pair| pair[0]["to"] == pair[1]["from"]), "{changes:#?}");
    assert_eq!(changes[0]["from"], "starting");
    assert!(stderr.contains("the webhook at 127.0.0.1 was not told: HTTP status 403"), "{stderr}");
    assert!(stderr.contains("note: registrar: call 4711"), "{stderr}");
    assert!(!stdout.contains("SECRET") && !stderr.contains("SECRET"), "{stdout}{stderr}");
    // Nothing written in the folder of the user holds it either: journals, settings.
    let everything = Command::new("grep").args(["-rl", "SECRET", "."]).current_dir(folder.path()).output().unwrap();
    assert!(everything.stdout.is_empty(), "{}", String::from_utf8_lossy(&everything.stdout));
}

#[test]
fn a_webhook_that_cannot_be_used_is_refused_without_being_shown() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("hints"), ". 3600 IN NS a.root.\na.root. 3600 IN A 127.0.0.1#9\n").unwrap();
    for bad in ["http://hooks.example.com/SECRET", "https://user:SECRET@hooks.example.com/", "SECRET"] {
        let output = Command::new(env!("CARGO_BIN_EXE_unpark"))
            .args(["watch", "victim.test", "--resolver", "127.0.0.1:9", "--root-hints", "hints"])
            .env_clear()
            .env("HOME", folder.path())
            .env("UNPARK_WEBHOOK", bad)
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains("error: the webhook's address cannot be used") && said.contains("\nhint: "), "{said}");
        assert!(!said.contains("SECRET"), "{said}");
    }
}

/// A server that takes every post; what it was told goes to the list.
fn taking() -> (String, Arc<Mutex<Vec<Value>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/services/{SECRET}", listener.local_addr().unwrap());
    let told = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&told);
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let (mut request, mut octets) = (Vec::new(), [0; 4096]);
            while !request.ends_with(b"}") {
                match stream.read(&mut octets) {
                    Ok(n @ 1..) => request.extend_from_slice(&octets[..n]),
                    _ => break,
                }
            }
            let text = String::from_utf8_lossy(&request).into_owned();
            let body = text.split_once("\r\n\r\n").map_or("", |(_, body)| body);
            heard.lock().unwrap().push(serde_json::from_str(body).unwrap_or(Value::Null));
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        }
    });
    (url, told)
}

#[test]
fn waiting_tells_program_and_webhook_too() {
    let behaviour: Behaviour = Arc::new(move |asked: &Asked, honest: Answer| honest.say(asked));
    let world = World::start(224, &behaviour);
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("hints"), world.hints()).unwrap();
    let (url, told) = taking();
    let output = Command::new(env!("CARGO_BIN_EXE_unpark"))
        .args(["wait", "victim.test", "--expect", "ns1.dns.test", "--until", "recovered", "--confidence", "3"])
        .args(["--timeout", "60", "--no-journal", "--no-registration", "--root-hints", "hints"])
        .args(["--resolver", &world.address(Place::Resolver).to_string(), "--on-change", "cat >> told"])
        .env_clear()
        .env("HOME", folder.path())
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("UNPARK_WEBHOOK", &url)
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{said}");
    let changes = changes(&folder.path().join("told"));
    assert_eq!(changes.last().map(|c| (c["to"].as_str(), c["drill"].as_bool())), Some((Some("healthy"), Some(false))));
    assert_eq!(*told.lock().unwrap(), changes, "the last change too is delivered before it ends");
    assert!(!said.contains("SECRET"), "{said}");
}

/// A drill that ends by itself, with hooks by flag and others in environment and settings file.
fn drill(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    fs::write(folder.join("unpark.toml"), "on-change = \"touch real-file\"\n").unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_unpark"))
        .args(["drill", "healthy", "--headless", "--speed", "30"])
        .args(arguments)
        .env_clear()
        .env("HOME", folder)
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("UNPARK_ON_CHANGE", "touch real-environment")
        .env("UNPARK_WEBHOOK", "http://127.0.0.1:9/SECRET")
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    (output.status.code(), said)
}

#[test]
fn a_drill_tells_only_whom_it_was_told_to_and_says_that_it_is_one() {
    let folder = tempfile::tempdir().unwrap();
    let (url, told) = taking();
    let (_, said) = drill(folder.path(), &["--on-change", "cat >> told", "--webhook", &url]);
    let changes = changes(&folder.path().join("told"));
    assert!(!changes.is_empty(), "{said}");
    for change in &changes {
        assert_eq!(change["drill"], true);
        assert!(change["text"].as_str().unwrap().starts_with("DRILL, not real: "), "{change:#}");
    }
    assert_eq!(*told.lock().unwrap(), changes);
    // Nobody is paged by a drill because the real thing would page them.
    let (_, said) = drill(folder.path(), &[]);
    assert!(!folder.path().join("real-file").exists() && !folder.path().join("real-environment").exists(), "{said}");
    assert!(!said.contains("SECRET") && !said.contains("webhook"), "{said}");
    let (code, said) = drill(folder.path(), &["--webhook", "https://hooks.example.com/SECRET"]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("error: in a drill no packet leaves this machine") && !said.contains("SECRET"), "{said}");
}
