//! `unpark drill` as a program: lists, refuses what is no scenario, and runs whole incidents with no network but loopback.
//!
//! Where the system lets a user make a network namespace, the drills run in one whose only interface is loopback, so a packet
//! that tried to leave would fail; elsewhere the address map alone keeps them in (its own tests hold it to that).

#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::process::{Command, Output};

/// The program, in a network namespace of its own where that can be had.
fn drill(arguments: &[&str]) -> Output {
    let program = env!("CARGO_BIN_EXE_unpark");
    let alone = ["-rn", "sh", "-c", "ip link set lo up && exec \"$@\"", "sh"];
    let has_namespace = Command::new("unshare").args(alone).arg("true").output().is_ok_and(|o| o.status.success());
    let mut command = if has_namespace {
        let mut command = Command::new("unshare");
        command.args(alone).arg(program);
        command
    } else {
        Command::new(program)
    };
    command.arg("drill").args(arguments);
    // Nothing of the environment reaches a drill; a proxy in it would be a way out.
    command.env("HTTPS_PROXY", "http://192.0.2.1:1").env("UNPARK_FLUSH_CLOUDFLARE_URL", "https://192.0.2.1");
    command.output().unwrap()
}

fn text(octets: &[u8]) -> String {
    String::from_utf8(octets.to_vec()).unwrap()
}

#[test]
fn the_list_says_what_each_scenario_teaches() {
    let out = drill(&["--list"]);
    assert_eq!(out.status.code(), Some(0));
    let said = text(&out.stdout);
    for name in ["brevo", "marketo", "hold", "dnssec", "split-parent", "hijack", "healthy"] {
        assert!(said.lines().any(|line| line.starts_with(&format!("{name} "))), "{name}\n{said}");
    }
    assert!(said.contains("flushing now is too early"), "{said}");
    assert!(said.lines().all(|line| line.chars().count() <= 120), "{said}");
}

#[test]
fn what_is_no_scenario_is_refused_with_a_hint() {
    for bad in ["brevo.com", "\u{1b}[2J", ""] {
        let out = drill(&["--headless", bad]);
        let said = text(&out.stderr);
        assert_eq!(out.status.code(), Some(2), "{said}");
        assert!(said.contains("error: there is no scenario") && said.contains("hint: one of brevo, "), "{said}");
        assert!(!said.contains('\u{1b}'));
    }
    for bad in [["--speed", "0"], ["--speed", "31"], ["--speed", "nan"], ["--confidence", "0"], ["--seed", "-1"]] {
        assert_eq!(drill(&bad).status.code(), Some(2), "{bad:?}");
    }
}

#[test]
fn a_bad_file_is_refused_with_file_line_field_and_reason() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.toml");
    let path = path.to_str().unwrap();
    std::fs::write(path, "title = \"mine\"\nabout = \"mine\"\nzone = \"mine.com.\"\nlasts = \"soon\"\n").unwrap();
    let out = drill(&["--headless", "--file", path]);
    let said = text(&out.stderr);
    assert_eq!(out.status.code(), Some(2), "{said}");
    assert!(said.contains("mine.toml:4: lasts: ") && said.contains("hint: "), "{said}");
    let out = drill(&["--file", "/nowhere/at-all.toml"]);
    assert_eq!(out.status.code(), Some(2), "{}", text(&out.stderr));
    assert_eq!(drill(&["brevo", "--file", path]).status.code(), Some(2), "one or the other");
}

#[test]
fn a_healthy_domain_ends_healthy_and_every_line_says_drill() {
    let out = drill(&["--headless", "healthy", "--speed", "10"]);
    let said = text(&out.stdout);
    assert_eq!(out.status.code(), Some(0), "{said}{}", text(&out.stderr));
    let (lines, debrief) = said.split_once("\nDRILL debrief: healthy: ").unwrap();
    assert!(lines.lines().all(|line| line.starts_with("DRILL ")), "{said}");
    assert!(lines.contains("phase healthy: calm-example.com is as expected"), "{said}");
    assert!(debrief.contains("hinet is silent") && debrief.contains("our network is cut"), "{said}");
    assert!(!said.contains("parked"), "{said}");
}

#[test]
fn the_default_incident_runs_to_its_end_and_is_debriefed() {
    let out = drill(&["--headless", "--speed", "10"]);
    let said = text(&out.stdout);
    let (lines, debrief) = said.split_once("\nDRILL debrief: brevo: ").unwrap();
    assert!(lines.contains("phase parked-at-parent: ") && lines.contains("phase converging: "), "{said}");
    assert!(debrief.contains("brevo.com: delegated to ns1.pendingrenewaldeletion.com"), "{said}");
    let parked = lines.lines().rfind(|line| line.contains("phase parked-at-parent: ")).unwrap();
    assert!(parked.contains("expired on "), "the headline names the cause: {parked}");
    let registry: Vec<&str> = lines.lines().filter(|line| line.contains(" registry: ")).collect();
    assert!(registry.iter().any(|line| line.contains("Call Example Registrar, Inc. (IANA id 9995)")), "{said}");
    assert!(registry.last().unwrap().contains("nothing in the registration explains an outage"), "{said}");
    assert!(debrief.contains("turned wrong 26 times") && debrief.contains("turned right 26 times"), "{said}");
    assert!(debrief.contains("every parent server was right"), "{said}");
    assert_eq!(out.status.code(), Some(0), "{said}");
    assert!(debrief.lines().any(|line| line.ends_with("recovered")), "{said}");
}

/// The whole way in a drill: armed in the outage, sent over HTTP to the simulated Cloudflare when the source is right, and confirmed.
#[test]
fn an_armed_flush_goes_out_by_itself_and_is_confirmed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("armed.toml");
    let scenario = include_str!("scenarios/flush-armed.toml");
    let (scenario, _) = scenario.split_once("[[check]]").unwrap();
    // Minutes become quarters of minutes.
    let faster = [
        ("lasts = \"10m\"", "lasts = \"2m 15s\""),
        ("\"1m\"", "\"15s\""),
        ("\"3m\"", "\"45s\""),
        ("\"5m\"", "\"75s\""),
    ];
    let scenario = faster.iter().fold(scenario.to_owned(), |text, (from, to)| text.replace(from, to));
    std::fs::write(&path, format!("about = \"armed\"\n{scenario}")).unwrap();
    let out = drill(&["--headless", "--speed", "6", "--file", path.to_str().unwrap()]);
    let said = text(&out.stdout);
    let (lines, debrief) = said.split_once("\nDRILL debrief: ").unwrap();
    assert!(lines.contains("flush Cloudflare example.com NS: accepted"), "{said}{}", text(&out.stderr));
    assert!(lines.contains("flush Cloudflare example.com NS: confirmed on 1 of 1 cache"), "{said}");
    assert!(lines.contains("flush Cloudflare www.example.com A: confirmed on 1 of 1 cache"), "{said}");
    assert!(!lines.contains("FLUSH_REPOISONED"), "{said}");
    assert!(debrief.contains("Cloudflare flushes example.com NS"), "{said}");
}

#[test]
fn a_drill_that_ends_in_the_outage_exits_by_its_phase() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("outage.toml");
    let whole = include_str!("scenarios/incident-all-models.toml").replace("lasts = \"30m\"", "lasts = \"2m\"");
    let before_the_end = whole.split("[[event]]\nat = \"5m\"").next().unwrap();
    std::fs::write(&path, format!("about = \"outage\"\n{before_the_end}")).unwrap();
    let out = drill(&["--headless", "--speed", "20", "--file", path.to_str().unwrap()]);
    let said = text(&out.stdout);
    assert_eq!(out.status.code(), Some(1), "{said}{}", text(&out.stderr));
    assert!(said.contains("phase parked-at-parent: ") && !said.contains("phase recovered: "), "{said}");
}
