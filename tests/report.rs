//! The report after an incident: each form as a snapshot, its contract, hostile text, and a look at the page in a browser.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

#[path = "support/incidents.rs"]
mod incidents;
#[path = "support/play.rs"]
#[expect(dead_code, reason = "the player serves several tests, each using what it needs")]
mod play;

use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;
use std::time::Duration;

use incidents::{EVIL, RESOLVERS, Side, denial};
use serde_json::Value;
use unpark::dns::shown;
use unpark::drill::network::Network;
use unpark::drill::scenario::Scenario;
use unpark::incident::{Event, Incident};
use unpark::time::Timestamp;
use unpark::view::report::{Origin, Report, csv, html, json, markdown};

/// Looks at nothing.
struct Blind;

impl play::Watch for Blind {
    fn look(&mut self, _: Duration, _: &Incident, _: &Network) -> Option<Duration> {
        None
    }
}

/// An outage played from its beginning, with a note, to its end.
static PLAYED: LazyLock<(Incident, Timestamp)> = LazyLock::new(|| {
    let scenario = Scenario::built_in("brevo").unwrap().unwrap();
    let played = play::play(&scenario, scenario.seed, Duration::from_secs(1), &mut Blind);
    let mut incident = played.incident;
    let end = played.events.last().unwrap().0;
    incident.apply(end, &Event::NoteMade("registrar on the phone: \"paid\", ticket #4711".to_owned()));
    incident.settle(end);
    (incident, end)
});

fn origin() -> Origin {
    Origin { title: "brevo.com.jsonl".to_owned(), notes: Vec::new(), drill: true }
}

fn whole() -> Report {
    Report::of(&PLAYED.0, PLAYED.1, None, origin())
}

/// Caught in the middle of it, resolvers in every way one can stand.
fn amid() -> Report {
    let mut stage = incidents::converging();
    stage.wait(600);
    stage.nonce(RESOLVERS[2].1, denial(Side::Parked, 60));
    stage.wait(30);
    Report::of(&stage.incident, stage.now, None, Origin { title: "the running watch".to_owned(), ..Origin::default() })
}

#[test]
fn every_form_of_an_incident_played_through() {
    let report = whole();
    insta::assert_snapshot!("report_md", markdown(&report));
    insta::assert_snapshot!("report_html", html(&report));
    insta::assert_snapshot!("report_csv", csv(&report).replace("\r\n", "\n"));
    insta::assert_snapshot!("report_json", json(&report));
}

#[test]
fn amid_an_incident_the_forecast_goes_on_where_the_report_ends() {
    let report = amid();
    let page = html(&report);
    assert!(page.contains("class=\"ahead\"") && page.contains("forecast →"), "{page}");
    assert!(page.contains("Estimated from TTLs"));
    insta::assert_snapshot!("amid_md", markdown(&report));
}

#[test]
fn of_what_was_before_its_beginning_only_the_outcome_is_told() {
    let since = PLAYED.0.started() + Duration::from_secs(100);
    let report = Report::of(&PLAYED.0, PLAYED.1, Some(since), origin());
    assert!(report.timeline.iter().all(|entry| entry.at >= since) && !report.timeline.is_empty());
    assert!(report.resolvers.iter().all(|story| story.history.iter().all(|change| change.at >= since)));
    let early = Report::of(&PLAYED.0, PLAYED.1, Some(Timestamp::from_secs(0)), origin());
    assert_eq!(early.from, PLAYED.0.started());
    let late = Report::of(&PLAYED.0, PLAYED.1, Some(PLAYED.1 + Duration::from_secs(999)), origin());
    assert_eq!(late.from, PLAYED.1);
    assert!(html(&late).ends_with("</html>\n"));
}

/// Incidents in which hardly anything is known make a report too.
#[test]
fn nothing_heard_is_reported_as_that() {
    for stage in
        [incidents::starting(), incidents::unsent(), incidents::healthy(), incidents::held(), incidents::split()]
    {
        let report = Report::of(&stage.incident, stage.now, None, Origin::default());
        for text in [html(&report), markdown(&report), json(&report), csv(&report)] {
            assert!(!text.contains("NaN") && !text.contains("inf\""), "{text}");
        }
    }
}

#[test]
fn the_json_keeps_its_contract() {
    let path = format!("{}/docs/report.schema.json", env!("CARGO_MANIFEST_DIR"));
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    jsonschema::draft202012::meta::validate(&schema).unwrap();
    let validator = jsonschema::draft202012::options().should_validate_formats(true).build(&schema).unwrap();
    for report in [whole(), amid(), hostile()] {
        let value: Value = serde_json::from_str(&json(&report)).unwrap();
        let faults: Vec<String> =
            validator.iter_errors(&value).map(|e| format!("{}: {e}", e.instance_path())).collect();
        assert!(faults.is_empty(), "{faults:#?}");
        for name in value.as_object().unwrap().keys() {
            let mut less = value.clone();
            less.as_object_mut().unwrap().remove(name);
            assert!(!validator.is_valid(&less), "{name} may be missing");
        }
    }
}

/// Hostile octets wherever a server, a file or an operator can put them.
fn hostile() -> Report {
    let mut stage = incidents::hostile();
    for note in [
        EVIL,
        "</style><script>alert(1)</script>",
        "\" onload=\"alert(1)",
        "--> ]]> {{7*7}} ![x](http://x/y.png) @team #1 ~~~",
    ] {
        stage.event(&Event::NoteMade(note.to_owned()));
    }
    let origin = Origin { title: format!("{EVIL}.jsonl"), notes: vec![EVIL.to_owned()], drill: false };
    Report::of(&stage.incident, stage.now, None, origin)
}

#[test]
fn hostile_text_is_nothing_but_text() {
    let report = hostile();
    let page = html(&report);
    for bad in ["<script", "onload=\"", "<b onload", "src=", "javascript:", "url(http", "@import"] {
        assert!(!page.contains(bad), "{bad} in the page");
    }
    assert!(page.contains("&lt;script&gt;"), "what was said is still shown, as text");
    // Every tag is one of ours, with attributes of ours.
    let mut rest = page.split("</style>").nth(1).unwrap();
    while let Some(start) = rest.find('<') {
        let end = rest[start..].find('>').unwrap() + start;
        let tag = rest[start + 1..end].trim_start_matches('/').split([' ', '/']).next().unwrap();
        let ours = [
            "head",
            "body",
            "main",
            "svg",
            "defs",
            "pattern",
            "rect",
            "circle",
            "path",
            "text",
            "title",
            "h1",
            "h2",
            "h3",
            "p",
            "span",
            "div",
            "b",
            "blockquote",
            "section",
            "table",
            "thead",
            "tbody",
            "tr",
            "th",
            "td",
            "ul",
            "li",
            "details",
            "summary",
            "pre",
            "html",
        ];
        assert!(ours.contains(&tag), "<{tag}> in the page");
        rest = &rest[end..];
    }
    for text in [page, markdown(&report), json(&report), csv(&report)] {
        let bad = text.chars().find(|c| !matches!(c, '\n' | '\r') && !shown::is_plain(*c));
        assert_eq!(bad, None, "a raw control character");
        assert!(!text.contains("\nfake line"), "a line of somebody else's");
    }
    // In a block of code nothing is markup.
    let plain: String = markdown(&report).split("~~~").step_by(2).collect();
    for bad in ["<script", "![x]", " @team", "http://x"] {
        assert!(!plain.contains(bad), "{bad} in the Markdown: {plain}");
    }
    let fences = markdown(&report).lines().filter(|line| line.contains("~~~")).map(str::to_owned).collect::<Vec<_>>();
    assert!(fences.iter().all(|line| line == "~~~" || line == "~~~text"), "{fences:?}");
}

#[test]
fn the_page_needs_nothing_but_itself() {
    let page = html(&whole());
    assert!(page.contains("default-src 'none'"));
    for fetched in ["http://", "https://", "<link", "<img", "<iframe", "<object", "@font-face", "<script"] {
        assert!(!page.contains(fetched), "{fetched}");
    }
    assert!(page.contains("prefers-color-scheme:dark") && page.contains("@media print"));
    // What a colour says, a word and a glyph say too.
    assert!(page.contains("✓ correct") && page.contains("✗ parked"));
}

/// The browser to look with, where there is one.
fn browser() -> Option<&'static str> {
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let found =
        names.into_iter().find(|name| Command::new(name).arg("--version").output().is_ok_and(|o| o.status.success()));
    if found.is_none() {
        assert!(std::env::var_os("UNPARK_REQUIRE_REAL_SERVERS").is_none(), "no Chromium, and it is required here");
        eprintln!("skipped: no Chromium on this machine");
    }
    found
}

/// Takes a picture of a page, without a network.
fn picture(browser: &str, page: &Path, out: &Path, more: &[&str]) {
    let home = tempfile::tempdir().unwrap();
    let output = Command::new(browser)
        .args(["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--window-size=1100,3600"])
        .args(["--host-resolver-rules=MAP * ~NOTFOUND", "--disable-background-networking", "--no-first-run"])
        .arg(format!("--user-data-dir={}", home.path().display()))
        .arg(format!("--screenshot={}", out.display()))
        .args(more)
        .arg(format!("file://{}", page.display()))
        .env("HOME", home.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(out.exists(), "no picture was taken: {said}");
    // A page that breaks its own policy would say so on the console.
    assert!(!said.contains("Content Security Policy"), "{said}");
}

/// The width, the height and how many different octets the picture's data has: a blank page has very few.
fn look_at(out: &Path) -> (u32, u32, usize) {
    let octets = std::fs::read(out).unwrap();
    assert!(octets.starts_with(b"\x89PNG"), "no picture");
    let number = |at: usize| u32::from_be_bytes(octets[at..at + 4].try_into().unwrap());
    (number(16), number(20), octets.len())
}

#[test]
fn a_browser_draws_the_page() {
    let Some(browser) = browser() else { return };
    let folder = tempfile::tempdir().unwrap();
    let kept = std::env::var_os("UNPARK_PICTURES").map(std::path::PathBuf::from);
    let place = kept.as_deref().unwrap_or(folder.path());
    std::fs::create_dir_all(place).unwrap();
    for (name, report) in [("whole", whole()), ("amid", amid())] {
        let page = place.join(format!("{name}.html"));
        std::fs::write(&page, html(&report)).unwrap();
        let blank = place.join("blank.html");
        std::fs::write(&blank, "<!doctype html><title>blank</title>").unwrap();
        let empty = place.join("blank.png");
        picture(browser, &blank, &empty, &[]);
        for (mood, more) in [("light", &[][..]), ("dark", &["--blink-settings=preferredColorScheme=0"])] {
            let out = place.join(format!("{name}-{mood}.png"));
            picture(browser, &page, &out, more);
            let (width, height, size) = look_at(&out);
            assert_eq!((width, height), (1100, 3600));
            assert!(size > 20 * look_at(&empty).2, "{name} in {mood}: {size} octets: next to nothing was drawn");
        }
    }
    // Light and dark are not the same picture.
    let read = |name: &str| std::fs::read(place.join(name)).unwrap();
    assert_ne!(read("whole-light.png"), read("whole-dark.png"));
}
