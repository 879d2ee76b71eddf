//! A private network for each test: the test binary starts itself again inside namespaces of its own.
//!
//! The network namespace holds a loopback device and nothing else, so no packet can leave the machine and port 53 is
//! free. The process-id namespace ends every daemon when the test ends, however it ends. Where the machine does not
//! allow namespaces, or a server program is missing, the test says so and is skipped; `UNPARK_REQUIRE_REAL_SERVERS=1`
//! turns that into a failure.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{PoisonError, RwLock};

/// Programs every test here needs, whatever servers it runs.
const PROGRAMS: [&str; 3] = ["unshare", "ip", "sh"];

/// Set for the inner process: the network namespace it must *not* be in.
const OUTSIDE: &str = "UNPARK_REAL_SERVERS_OUTSIDE";

/// Set for the inner process: the directory for configurations, sockets and logs.
const DIRECTORY: &str = "UNPARK_REAL_SERVERS_DIRECTORY";

/// Set by whoever has installed the servers: a skip is then a failure.
const REQUIRE: &str = "UNPARK_REQUIRE_REAL_SERVERS";

/// Ways to get the namespaces, in the order they are tried: as root; as anybody, with a user namespace; and as anybody
/// where /proc cannot be mounted anew (some containers), which nothing here needs.
const WAYS: [&[&str]; 3] = [
    &["--net", "--pid", "--fork", "--kill-child", "--mount-proc"],
    &["--user", "--map-root-user", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"],
    &["--user", "--map-root-user", "--net", "--pid", "--fork", "--kill-child"],
];

/// Who measures seconds takes it for himself: the servers of other tests would take the processor from what is measured.
static PACE: RwLock<()> = RwLock::new(());

/// The same as [`inside_namespace`], while no other test of this program runs inside one.
pub fn alone_inside_namespace(test: &str, programs: &[&str], body: impl FnOnce(&Path)) {
    let _alone = PACE.write().unwrap_or_else(PoisonError::into_inner);
    play(test, programs, body);
}

/// Runs `body` in a private network with a working directory that is removed afterwards.
///
/// `test` is the path of the calling test function as the harness knows it. `programs` are what `body` will run.
pub fn inside_namespace(test: &str, programs: &[&str], body: impl FnOnce(&Path)) {
    let _with_others = PACE.read().unwrap_or_else(PoisonError::into_inner);
    play(test, programs, body);
}

fn play(test: &str, programs: &[&str], body: impl FnOnce(&Path)) {
    if let (Some(outside), Some(directory)) = (env::var_os(OUTSIDE), env::var_os(DIRECTORY)) {
        assert_ne!(network_namespace(), outside, "the test would run in the machine's own network");
        run("ip", &["link", "set", "lo", "up"]);
        body(Path::new(&directory));
        return;
    }
    if let Some(missing) = PROGRAMS.iter().chain(programs).find(|program| find_program(program).is_none()) {
        return skip(test, &format!("the program {missing} is missing"));
    }
    let Some(way) = WAYS.iter().find(|way| allowed(way)) else {
        return skip(test, "permission for network namespaces is missing");
    };
    let directory = tempfile::Builder::new().prefix("unpark-servers-").tempdir().expect("a temporary directory");
    let output = command("unshare")
        .args(*way)
        .arg(env::current_exe().expect("the path of this test binary"))
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env(OUTSIDE, network_namespace())
        .env(DIRECTORY, directory.path())
        .output()
        .expect("unshare starts");
    print!("{}", String::from_utf8_lossy(&output.stdout));
    eprint!("{}", String::from_utf8_lossy(&output.stderr));
    if !output.status.success() {
        print_logs(directory.path());
        panic!("{test} failed inside its namespace: {}", output.status);
    }
    let ran = String::from_utf8_lossy(&output.stdout).contains("1 passed");
    assert!(ran, "no test named {test} ran inside the namespace");
}

/// Adds an address to the loopback device: some servers listen only on addresses that an interface has.
pub fn add_address(address: std::net::Ipv4Addr) {
    run("ip", &["address", "add", &format!("{address}/8"), "dev", "lo"]);
}

/// Adds just this one address to the loopback device: what is near it stays unreachable.
pub fn add_single_address(address: std::net::Ipv4Addr) {
    run("ip", &["address", "add", &format!("{address}/32"), "dev", "lo"]);
}

/// Takes the loopback device away too: nothing can be sent at all.
pub fn cut_loopback() {
    run("ip", &["link", "set", "lo", "down"]);
}

/// A command that finds the servers' programs also where they are not in the caller's `PATH`.
fn command(program: &str) -> Command {
    let mut command = Command::new(find_program(program).unwrap_or_else(|| PathBuf::from(program)));
    command.env("PATH", search_path());
    command
}

/// Runs a program to its end; panics with what it said when it fails.
pub fn run(program: &str, arguments: &[&str]) -> String {
    let output = command(program).args(arguments).output().unwrap_or_else(|error| panic!("{program}: {error}"));
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {}: {}: {said}", arguments.join(" "), output.status);
    said
}

/// Starts a daemon in the foreground; what it says goes to a log file.
pub fn launch(program: &str, arguments: &[&str], log: &Path) -> Child {
    let log = fs::File::create(log).expect("a log file");
    command(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(log.try_clone().expect("a second handle"))
        .stderr(log)
        .spawn()
        .unwrap_or_else(|error| panic!("{program}: {error}"))
}

fn allowed(way: &[&str]) -> bool {
    command("unshare").args(way).arg("true").output().is_ok_and(|output| output.status.success())
}

/// The kernel's name for the network namespace of this process.
fn network_namespace() -> OsString {
    fs::read_link("/proc/self/ns/net").expect("/proc names the network namespace").into_os_string()
}

/// Daemons live where an ordinary user's `PATH` does not look.
fn search_path() -> OsString {
    let mut path = env::var_os("PATH").unwrap_or_default();
    path.push(":/usr/local/sbin:/usr/sbin:/sbin");
    path
}

fn find_program(program: &str) -> Option<PathBuf> {
    env::split_paths(&search_path()).map(|folder| folder.join(program)).find(|path| path.is_file())
}

/// Written past the harness, which hides the output of tests that pass: a skip must be seen.
fn skip(test: &str, why: &str) {
    assert!(env::var_os(REQUIRE).is_none_or(|value| value != "1"), "{test}: {why}, and {REQUIRE}=1 demands it");
    let _ = writeln!(std::io::stderr(), "skipped: {test}: {why}");
}

/// What the servers said, for the reader of a failed test.
fn print_logs(directory: &Path) {
    let Ok(entries) = fs::read_dir(directory) else { return };
    let mut logs: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    logs.retain(|path| path.extension().is_some_and(|extension| extension == "log"));
    logs.sort();
    for log in logs {
        let text = fs::read(&log).unwrap_or_default();
        let tail = text.len().saturating_sub(2000);
        eprintln!("--- {}\n{}", log.display(), String::from_utf8_lossy(text.get(tail..).unwrap_or_default()));
    }
}
