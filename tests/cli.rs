//! The real program on the command line, without a network: what it says of itself, and what it says to bad input.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

use std::ffi::{OsStr, OsString};
use std::net::UdpSocket;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;
use unpark::dns::shown;

const PROGRAM: &str = env!("CARGO_BIN_EXE_unpark");

/// Root hints that lead to a port of this machine where nobody listens.
const NOWHERE: &str = "nowhere.hints";

/// The program with an environment and a folder of its own, so that nothing of the caller's reaches it.
struct Place {
    folder: TempDir,
}

impl Place {
    fn new() -> Self {
        let place = Self { folder: tempfile::tempdir().unwrap() };
        place.file(NOWHERE, b". 3600 IN NS a.root.\na.root. 3600 IN A 127.0.0.1#9\n");
        place
    }

    /// A file in the folder; gives its name, which is relative to where the program runs.
    fn file<'n>(&self, name: &'n str, content: &[u8]) -> &'n str {
        std::fs::write(self.folder.path().join(name), content).unwrap();
        name
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env_clear().current_dir(self.folder.path()).stdin(Stdio::null());
        for name in ["HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"] {
            command.env(name, self.folder.path());
        }
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("COLUMNS", "100");
        command
    }

    /// Runs it. Should it accept what it ought to refuse, it asks loopback and nobody else.
    fn run<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Ended {
        self.run_with(arguments, &[("UNPARK_ROOT_HINTS", NOWHERE), ("UNPARK_RESOLVER", "127.0.0.1:9")])
    }

    fn run_with<S: AsRef<OsStr>>(&self, arguments: &[S], environment: &[(&str, &str)]) -> Ended {
        let output = self.command(PROGRAM).args(arguments).envs(environment.iter().copied()).output().unwrap();
        Ended::from(output)
    }
}

/// How a run ended. Making one tests what every run promises.
#[derive(Debug)]
struct Ended {
    code: i32,
    stdout: String,
    stderr: String,
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        let code = output.status.code().unwrap_or_else(|| panic!("ended by a signal: {output:?}"));
        let stdout = String::from_utf8(output.stdout).expect("stdout is UTF-8");
        let stderr = String::from_utf8(output.stderr).expect("stderr is UTF-8");
        assert!(!stderr.contains("panicked"), "{stderr}");
        for text in [&stdout, &stderr] {
            let bad = text.chars().find(|c| *c != '\n' && !shown::is_plain(*c));
            assert_eq!(bad, None, "a raw control character in {text:?}");
        }
        Self { code, stdout, stderr }
    }
}

impl Ended {
    /// A usage error that says all of this, and what to do.
    fn is_refused(&self, parts: &[&str]) {
        assert_eq!(self.code, 2, "{self:?}");
        assert!(self.stdout.is_empty(), "{self:?}");
        assert!(self.stderr.contains("error: "), "{self:?}");
        assert!(self.stderr.contains("\nhint: "), "{self:?}");
        for part in parts {
            assert!(self.stderr.contains(part), "{part:?} is missing in {self:?}");
        }
    }
}

#[test]
fn it_names_its_version() {
    let ended = Place::new().run(&["--version"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (0, concat!("unpark ", env!("CARGO_PKG_VERSION"), "\n")));
}

#[test]
fn help_of_every_command() {
    let place = Place::new();
    for (title, arguments) in [
        ("unpark", vec!["--help"]),
        ("watch", vec!["watch", "--help"]),
        ("check", vec!["check", "--help"]),
        ("wait", vec!["wait", "--help"]),
        ("trace", vec!["trace", "--help"]),
        ("flush", vec!["flush", "--help"]),
        ("resolvers", vec!["resolvers", "--help"]),
        ("resolvers_list", vec!["resolvers", "list", "--help"]),
        ("completions", vec!["completions", "--help"]),
        ("drill", vec!["drill", "--help"]),
        ("registration", vec!["registration", "--help"]),
        ("init", vec!["init", "--help"]),
        ("baseline", vec!["baseline", "--help"]),
        ("baseline_save", vec!["baseline", "save", "--help"]),
        ("baseline_diff", vec!["baseline", "diff", "--help"]),
        ("audit", vec!["audit", "--help"]),
        ("man", vec!["man", "--help"]),
    ] {
        let ended = place.run(&arguments);
        assert_eq!((ended.code, ended.stderr.as_str()), (0, ""), "{title}");
        // Padding at the end of lines is no promise.
        let text: Vec<&str> = ended.stdout.lines().map(str::trim_end).collect();
        insta::assert_snapshot!(format!("help_{title}"), text.join("\n"));
    }
}

#[test]
fn what_the_environment_holds_does_not_show_in_the_help() {
    let place = Place::new();
    let ended = place.run_with(&["check", "--help"], &[("UNPARK_EXPECT", "\u{1b}[2Jns1.example")]);
    assert_eq!(ended.code, 0);
    assert!(ended.stdout.contains("UNPARK_EXPECT") && !ended.stdout.contains("ns1.example"), "{}", ended.stdout);
}

#[test]
fn completions_for_every_shell_and_the_manual_page() {
    let place = Place::new();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let ended = place.run(&["completions", shell]);
        assert_eq!(ended.code, 0);
        for flag in ["expect", "root-hints", "even-if-parked"] {
            assert!(ended.stdout.contains(flag), "{shell}: no {flag}");
        }
    }
    let page = place.run(&["man"]);
    assert_eq!(page.code, 0);
    assert!(page.stdout.contains(".TH unpark 1"));
    for part in ["UNPARK CHECK", "UNPARK FLUSH", "even\\-if\\-parked", "\\-\\-samples", "Exit codes"] {
        assert!(page.stdout.contains(part), "{part} is missing");
    }
}

#[test]
fn a_domain_must_be_one() {
    let place = Place::new();
    place.run::<&str>(&[]).is_refused(&["no domain was given"]);
    place.run(&["watch"]).is_refused(&["no domain was given"]);
    place.run(&["check"]).is_refused(&["DOMAIN"]);
    let long_label = format!("{}.example", "a".repeat(64));
    let long_name = format!("{}example", "abcdefgh.".repeat(40));
    let cases: [(&str, &str); 14] = [
        ("", "the name is empty"),
        (" ", "' '"),
        (".", "the root zone"),
        ("a..example", "is no domain name"),
        (&long_label, "63"),
        (&long_name, "255"),
        ("https://shop.example/", "':'"),
        ("shop.example/", "'/'"),
        ("someone@shop.example", "'@'"),
        ("shop.example:53", "':'"),
        ("shop\u{1b}[2J.example", "\\u{1b}"),
        ("shop\u{202e}.example", "\\u{202e}"),
        ("shop\nnext.example", "\\u{a}"),
        ("xn--zzzzzzzzz-.example", "is no domain name"),
    ];
    for command in ["check", "trace", "flush", "watch"] {
        for (domain, reason) in cases {
            place.run(&[command, domain]).is_refused(&[reason]);
        }
    }
    place.run(&[OsStr::new("check"), OsStr::from_bytes(b"\xff\xfe.example")]).is_refused(&["UTF-8"]);
}

#[test]
fn every_bad_value_is_named() {
    let place = Place::new();
    let cases: &[(&[&str], &[&str])] = &[
        (&["--expect", "n s1.example"], &["the expected name server", "n s1.example"]),
        (&["--expect", "ns1.example=nowhere"], &["ns1.example=nowhere", "no address"]),
        (&["--expect", "ns1.example=0.0.0.0"], &["ns1.example=0.0.0.0"]),
        (&["--expect", "ns\u{9b}31m.example"], &["\\u{9b}31m"]),
        (&["--parked", "ns1.example,:"], &["the parked name server"]),
        (&["--host", "www.other.example."], &["www.other.example.", "does not lie in shop.example."]),
        (&["--host", "a b"], &["the host"]),
        (&["--resolver", "dns.example"], &["--resolver dns.example"]),
        (&["--resolver", "192.0.2.1:0"], &["port 0"]),
        (&["--resolver", "192.0.2.1:70000"], &["192.0.2.1:70000"]),
        (&["--resolver", "255.255.255.255"], &["255.255.255.255"]),
        (&["-4", "-6"], &["-4", "-6"]),
        (&["-q", "-v"], &["--quiet", "--verbose"]),
        (&["--rate", "0"], &["--rate"]),
        (&["--rate", "nan"], &["--rate"]),
        (&["--rate", "fast"], &["--rate"]),
        (&["--timeout", "soon"], &["--timeout"]),
        (&["--timeout", "0"], &["--timeout"]),
        (&["--timeout", "9999d"], &["--timeout"]),
        (&["--survey", "maybe"], &["--survey", "off, once, always"]),
        (&["--color", "mauve"], &["--color", "auto, always, never"]),
        (&["--nonsense"], &["--nonsense"]),
        (&["--non\u{1b}]0;x\u{7}sense"], &["unexpected argument"]),
        (&["other.example"], &["other.example"]),
    ];
    for command in ["check", "trace", "flush", "watch"] {
        for (flags, parts) in cases {
            let arguments: Vec<&str> = [command, "shop.example"].into_iter().chain(flags.iter().copied()).collect();
            place.run(&arguments).is_refused(parts);
        }
    }
    place.run(&["check", "shop.example", "--samples", "0"]).is_refused(&["--samples", "between 1 and 300"]);
    place.run(&["check", "shop.example", "--samples", "301"]).is_refused(&["--samples"]);
    place.run(&["watch", "shop.example", "--confidence", "0"]).is_refused(&["--confidence"]);
    place.run(&["flush", "shop.example", "--only", "akamai"]).is_refused(&["'akamai'", "cloudflare"]);
    place.run(&["check", "shop.example", "-4", "--resolver", "2001:db8::1"]).is_refused(&["no resolver is left"]);
    place.run(&["completions", "tcsh\u{1b}[2J"]).is_refused(&["zsh"]);
    place.run(&["--json", "check", "shop.example"]).is_refused(&["option", "behind the subcommand"]);
    place.run(&["chekc", "shop.example"]).is_refused(&["more than one domain"]);
    place.run_with(&["check", "shop.example", "--add"], &[]).is_refused(&["--add has nothing to add"]);
    place.run(&["resolvers", "list", "--add"]).is_refused(&["--resolvers"]);
}

#[test]
fn a_file_that_cannot_be_used_is_named_with_place_and_reason() {
    let place = Place::new();
    place.file("bin", b"id\nmore\n\xff\xfe\x00");
    place.file("empty", b"");
    std::fs::File::create(place.folder.path().join("huge")).unwrap().set_len(20 << 20).unwrap();
    place.file("cut.toml", b"[[resolver]]\nid = \"a\"\nipv4 = [\n");
    place.file("key.toml", b"\n[[resolver]]\nid = \"a\"\nipv4 = [\"192.0.2.1\"]\ncolour = \"red\"\n");
    place.file("evil.toml", "[[resolver]]\nid = \"a\u{1b}[2J\"\nipv4 = [\"192.0.2.1\"]\n".as_bytes());
    place.file("bad.hints", b". 3600 NS a.example.\na.example. 3600 A not-an-address\n");
    place.file("evil.hints", b". 3600 NS a.example.\na.example. 3600 A 192.0.2\x1b[2J\n");
    place.file("six.hints", b". 3600 NS a.example.\na.example. 3600 AAAA 2001:db8::1\n");
    let cases: &[(&str, &str, &[&str])] = &[
        ("--resolvers", "absent", &["absent", "No such file"]),
        ("--resolvers", ".", &["Is a directory"]),
        ("--resolvers", "bin", &["bin", "line 3", "UTF-8"]),
        ("--resolvers", "empty", &["empty", "resolver"]),
        ("--resolvers", "huge", &["huge", "too large"]),
        ("--resolvers", "/dev/zero", &["/dev/zero", "too large"]),
        ("--resolvers", "cut.toml", &["cut.toml", "line 3"]),
        ("--resolvers", "key.toml", &["key.toml", "line 5", "colour"]),
        ("--resolvers", "evil.toml", &["evil.toml", "line 2"]),
        ("--root-hints", "absent", &["absent", "No such file"]),
        ("--root-hints", "bin", &["bin", "line 3", "UTF-8"]),
        ("--root-hints", "empty", &["empty", "no address"]),
        ("--root-hints", "huge", &["huge", "too large"]),
        ("--root-hints", "bad.hints", &["bad.hints", "line 2", "not-an-address"]),
        ("--root-hints", "evil.hints", &["evil.hints", "line 2", "\\u{1b}"]),
        ("--config", "absent", &["absent", "No such file"]),
        ("--config", "bin", &["bin", "line 3", "UTF-8"]),
        ("--config", "huge", &["huge", "too large"]),
        ("--config", "cut.toml", &["cut.toml", "line 3"]),
    ];
    for command in ["check", "trace", "flush", "watch"] {
        for (flag, file, parts) in cases {
            place.run(&[command, "shop.example", flag, file]).is_refused(parts);
        }
    }
    place.run(&["check", "shop.example", "-4", "--root-hints", "six.hints"]).is_refused(&["no root server is left"]);
    place.run(&["resolvers", "list", "--resolvers", "key.toml"]).is_refused(&["key.toml", "line 5", "colour"]);
    let name = OsString::from("bad\u{1b}[2J.toml");
    place
        .run(&[OsStr::new("resolvers"), OsStr::new("list"), OsStr::new("--resolvers"), &name])
        .is_refused(&["bad\\u{1b}[2J.toml", "No such file"]);
}

#[test]
fn settings_keep_to_the_rules_of_the_flags() {
    let place = Place::new();
    for (settings, parts) in [
        ("rate = 0.0", &["own.toml, rate", "between 1 and 100000"][..]),
        ("rate = nan", &["own.toml, rate"]),
        ("samples = 0", &["own.toml, samples", "between 1 and 300"]),
        ("confidence = 999", &["own.toml, confidence"]),
        ("timeout = \"soon\"", &["own.toml, timeout"]),
        ("survey = \"maybe\"", &["own.toml, survey", "'maybe'"]),
        ("rates = 5", &["own.toml", "line 1", "rates"]),
        ("resolver = [\"nowhere\"]", &["nowhere"]),
        ("resolvers = \"absent.toml\"", &["absent.toml", "No such file"]),
        ("root-hints = \"absent.hints\"", &["absent.hints", "No such file"]),
        ("[zone.\"a b\"]\nexpect = []", &["own.toml", "a b"]),
        ("[zone.\"shop.example\"]\nexpect = [\"n s\"]", &["n s"]),
        ("[zone.\"shop.example\"]\nhost = [\"www\"]", &["own.toml", "line 2", "host"]),
        ("x = \"\u{1b}[2J", &["own.toml", "line 1"]),
    ] {
        place.file("own.toml", settings.as_bytes());
        place.run_with(&["check", "shop.example", "--config", "own.toml"], &[]).is_refused(parts);
    }
    // The same file, found where the program looks by itself.
    place.file("unpark.toml", b"rates = 5\n");
    place.run(&["check", "shop.example"]).is_refused(&["unpark.toml", "rates"]);
}

#[test]
fn a_flush_goes_only_where_it_may() {
    let place = Place::new();
    for (variable, value, parts) in [
        ("UNPARK_FLUSH_CLOUDFLARE_URL", "http://flush.example", &["http://", "flush.example"][..]),
        ("UNPARK_FLUSH_CLOUDFLARE_URL", "ftp://flush.example", &["UNPARK_FLUSH_CLOUDFLARE_URL"]),
        ("UNPARK_FLUSH_CLOUDFLARE_URL", "https://user:secret@flush.example", &["UNPARK_FLUSH_CLOUDFLARE_URL"]),
        ("UNPARK_FLUSH_CLOUDFLARE_URL", "nonsense\u{1b}[2J", &["UNPARK_FLUSH_CLOUDFLARE_URL"]),
        ("UNPARK_FLUSH_GOOGLE_URL", "http://flush.example", &["UNPARK_FLUSH_GOOGLE_URL"]),
    ] {
        let ended = place.run_with(&["flush", "shop.example", "--dry-run"], &[(variable, value)]);
        ended.is_refused(parts);
        assert!(!ended.stderr.contains("secret"), "{ended:?}");
    }
}

#[test]
fn the_list_of_resolvers_as_text_and_as_json() {
    let place = Place::new();
    let text = place.run(&["resolvers", "list"]);
    assert_eq!(text.code, 0);
    assert!(text.stdout.contains("8.8.8.8") && text.stdout.contains("Cloudflare"));
    let list = |flags: &[&str]| {
        let arguments: Vec<&str> = ["resolvers", "list", "--json"].into_iter().chain(flags.iter().copied()).collect();
        let json: Value = serde_json::from_str(&place.run(&arguments).stdout).unwrap();
        assert_eq!(json["schema"], "unpark.resolvers/1");
        json["resolvers"].as_array().unwrap().len()
    };
    let built_in = list(&[]);
    assert!(list(&["--all"]) > built_in && built_in > 20);
    place.file("own.toml", b"[[resolver]]\nid = \"office\"\nipv4 = [\"10.0.0.53\"]\n");
    assert_eq!(list(&["--resolvers", "own.toml"]), 1);
    assert_eq!(list(&["--resolvers", "own.toml", "--add"]), built_in + 1);
}

/// A world in which nobody answers: a socket on loopback that is never read.
struct Silence {
    socket: UdpSocket,
}

impl Silence {
    fn new(place: &Place) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let port = socket.local_addr().unwrap().port();
        let hints = format!(". 3600 IN NS a.root.\na.root. 3600 IN A 127.0.0.1#{port}\n");
        place.file("silent.hints", hints.as_bytes());
        Self { socket }
    }

    fn resolver(&self) -> String {
        self.socket.local_addr().unwrap().to_string()
    }
}

#[test]
fn both_forms_of_an_international_name_are_the_same_zone() {
    let place = Place::new();
    let silence = Silence::new(&place);
    let resolver = silence.resolver();
    for domain in ["bücher.example", "BÜCHER.example.", "xn--bcher-kva.example"] {
        let flags = ["--json", "--timeout", "0.3", "--root-hints", "silent.hints", "--resolver", &resolver];
        let arguments: Vec<&str> = ["check", domain].into_iter().chain(flags).collect();
        let ended = place.run(&arguments);
        assert_eq!(ended.code, 3, "{ended:?}");
        let json: Value = serde_json::from_str(&ended.stdout).unwrap();
        assert_eq!(json["zone"], "xn--bcher-kva.example.");
    }
}

#[test]
fn a_round_ends_with_its_time() {
    let place = Place::new();
    let silence = Silence::new(&place);
    for command in ["check", "trace", "flush"] {
        let began = Instant::now();
        let ended = place.run(&[
            command,
            "shop.example",
            "--timeout",
            "1",
            "--root-hints",
            "silent.hints",
            "--resolver",
            &silence.resolver(),
        ]);
        assert_eq!(ended.code, 3, "{ended:?}");
        // Far below the ten seconds that a round has unless told otherwise.
        assert!(began.elapsed() < Duration::from_secs(8), "{command} took {:?}", began.elapsed());
    }
}

#[test]
fn what_was_typed_and_changes_nothing_is_said() {
    let place = Place::new();
    let silence = Silence::new(&place);
    let command = "trace";
    let resolver = silence.resolver();
    let quick = ["--timeout", "0.2", "--root-hints", "silent.hints"];
    let run = |flags: &[&str], environment: &[(&str, &str)]| {
        let arguments: Vec<&str> =
            [command, "shop.example"].into_iter().chain(quick).chain(flags.iter().copied()).collect();
        place.run_with(&arguments, environment).stderr
    };
    let said = run(&["--resolver", &resolver, "--survey", "off"], &[]);
    assert!(
        said.contains(&format!("note: {command} asks no resolvers; --resolver, --survey have no effect")),
        "{said}"
    );
    assert!(run(&["--no-system-resolvers"], &[]).contains("--no-system-resolvers has no effect"));
    let unasked = run(&[], &[("UNPARK_RESOLVER", &resolver)]);
    assert!(!unasked.contains("note:"), "the environment is for every command: {unasked}");
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let place = Place::new();
    let silence = Silence::new(&place);
    let resolver = silence.resolver();
    let quick = ["--timeout", "0.2", "--root-hints", "silent.hints", "--resolver", &resolver];
    let cases: [(&[&str], i32); 8] = [
        (&["--help"], 0),
        (&["man"], 0),
        (&["completions", "bash"], 0),
        (&["resolvers", "list", "--all"], 0),
        (&["check", "shop.example"], 3),
        (&["check", "shop.example", "--json"], 3),
        (&["trace", "shop.example"], 3),
        (&["shop.example"], 3),
    ];
    for (arguments, code) in cases {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = place.command(PROGRAM);
        command.args(arguments).stdout(writer);
        if arguments.contains(&"shop.example") {
            command.args(quick);
        }
        let ended = Ended::from(command.output().unwrap());
        assert_eq!(ended.code, code, "{arguments:?}: {ended:?}");
        assert!(!ended.stderr.contains("error"), "{arguments:?}: {ended:?}");
    }
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let status = place.command(PROGRAM).args(["check", ""]).stderr(writer).status().unwrap();
    assert_eq!(status.code(), Some(2), "nobody reads the error, and it is one all the same");
}

/// The way to a network namespace of its own, where this machine allows one.
fn way_out_of_the_network() -> Option<Vec<&'static str>> {
    let ways = [vec!["--net"], vec!["--user", "--map-root-user", "--net"]];
    let allowed = |way: &Vec<&str>| {
        Command::new("unshare").args(way).arg("true").output().is_ok_and(|output| output.status.success())
    };
    ways.into_iter().find(allowed)
}

/// Every command on a machine without any network, not even loopback: it says so, and quickly.
#[test]
fn without_a_network_nothing_is_said_about_the_domain() {
    let Some(way) = way_out_of_the_network() else {
        let required = std::env::var_os("UNPARK_REQUIRE_REAL_SERVERS").is_some_and(|value| value == "1");
        assert!(!required, "network namespaces are not allowed, and UNPARK_REQUIRE_REAL_SERVERS=1 demands them");
        eprintln!("skipped: network namespaces are not allowed here");
        return;
    };
    let place = Place::new();
    let limit = Duration::from_secs(10);
    let run = |arguments: &[&str]| {
        let began = Instant::now();
        let output = place.command("unshare").args(&way).arg(PROGRAM).args(arguments).output().unwrap();
        let ended = Ended::from(output);
        assert!(began.elapsed() < limit, "{arguments:?} took {:?}", began.elapsed());
        assert_eq!(ended.code, 3, "{ended:?}");
        ended
    };
    let expect = ["--expect", "ns1.example.net"];
    for flags in [&[][..], &expect[..]] {
        let arguments = |command: &[&'static str]| -> Vec<&str> {
            command[..1]
                .iter()
                .copied()
                .chain(["shop.example"])
                .chain(command[1..].iter().copied())
                .chain(flags.iter().copied())
                .collect()
        };
        for command in ["check", "trace"] {
            let text = run(&arguments(&[command])).stdout;
            assert!(text.starts_with("shop.example: cannot-tell\n"), "{text}");
            assert!(text.contains("NETWORK_UNREACHABLE"), "{text}");
            assert!(!text.contains("PARKED"), "{text}");
            let json: Value = serde_json::from_str(&run(&arguments(&[command, "--json"])).stdout).unwrap();
            assert_eq!((&json["phase"], &json["exit_code"]), (&"cannot-tell".into(), &3.into()));
        }
        let flush = run(&arguments(&["flush"]));
        assert!(flush.stdout.is_empty() && flush.stderr.contains("the flush is refused"), "{flush:?}");
        assert!(flush.stderr.contains("could not leave this machine"), "{flush:?}");
    }
    watch_without_a_network(&place, &way);
}

/// The line-mode watch, until it has said what is the matter; then it is asked to end.
fn watch_without_a_network(place: &Place, way: &[&str]) {
    let log = place.folder.path().join("watch.log");
    let began = Instant::now();
    // `unshare` becomes the program: the signal reaches it.
    let mut child = place
        .command("unshare")
        .args(way)
        .args([PROGRAM, "shop.example"])
        .stdout(std::fs::File::create(&log).unwrap())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let said = |log: &Path| std::fs::read_to_string(log).unwrap_or_default().contains("phase cannot-tell");
    while !said(&log) {
        assert!(began.elapsed() < Duration::from_secs(10), "{:?}", std::fs::read_to_string(&log));
        std::thread::sleep(Duration::from_millis(50));
    }
    let sent = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
    let status = child.wait().unwrap();
    assert_eq!(status.code(), Some(3));
    let output = Output { status, stdout: std::fs::read(&log).unwrap(), stderr: Vec::new() };
    assert!(Ended::from(output).stdout.contains("NETWORK_UNREACHABLE"));
}
