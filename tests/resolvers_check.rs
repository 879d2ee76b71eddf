//! `unpark resolvers check`: in the simulated internet in virtual time, and the real binary against it on loopback.
#![allow(clippy::unwrap_used, clippy::panic, clippy::allow_attributes, reason = "a test may fail")]

use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::sync::Arc;

use serde_json::Value;
use unpark::drill::front::{DrillClock, Front};
use unpark::drill::model::Action;
use unpark::drill::network::Network;
use unpark::drill::scenario::Scenario;
use unpark::engine::check_resolvers;
use unpark::incident::{Reach, ResolverCheck, ResolverTarget};
use unpark::judge::NoRecursion;
use unpark::probe::{ExchangePacket as _, Patience, Prober};
use unpark::time::{ReadClock, Timestamp};
use unpark::view::json;
use unpark::view::lines::{Look, resolver_check_text};

const BEGIN: Timestamp = Timestamp::from_secs(1_795_350_000);

const WORLD: &str = r#"
title = "Resolvers of several kinds"
zone = "example.com."
lasts = "5m"
seed = 4
[parent]
zone = "com."
ns_ttl = 3600
negative_ttl = 60
denial = "nsec"
[correct]
ns_ttl = 3600
negative_ttl = 60
server = [{ name = "ns1.good-dns.net.", addresses = ["203.0.113.53"] }]
[parked]
ns_ttl = 3600
negative_ttl = 30
server = [{ name = "ns1.parked-dns.net.", addresses = ["192.0.2.53"] }]
[[root]]
name = "a.root-servers.net."
addresses = ["192.0.2.1"]
[[parent_server]]
name = "a.gtld-servers.net."
addresses = ["192.0.2.5"]
[[resolver]]
id = "refuses"
addresses = ["198.51.100.1"]
kind = "unbound-new"
validating = true
identity = "unbound-{}"
[[resolver]]
id = "refers"
operator = "Bind & Sons"
country = "DE"
addresses = ["198.51.100.2"]
kind = "min-parent-child"
extended_errors = false
validating = true
[[resolver]]
id = "recurses"
addresses = ["198.51.100.3"]
kind = "unbound-scrubbed"
no_recursion = "recurse"
cap = 21600
[[resolver]]
id = "silent"
addresses = ["198.51.100.6"]
kind = "parent-centric"
loss = 1.0
"#;

fn scenario() -> Scenario {
    Scenario::read(WORLD, "world.toml").unwrap()
}

fn targets(scenario: &Scenario) -> Vec<ResolverTarget> {
    let target = |r: &unpark::drill::stage::Resolver| ResolverTarget {
        id: r.id.clone(),
        operator: r.operator.clone(),
        city: String::new(),
        country: Some(r.country.clone()).filter(|c| !c.is_empty()),
        address: SocketAddr::new(r.addresses[0], 53),
        system: false,
        flush: None,
    };
    scenario.stage.resolvers.iter().map(target).collect()
}

/// One check in virtual time, after `action`.
fn check(action: Option<Action>) -> ResolverCheck {
    let scenario = scenario();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let network = Arc::new(Network::start(scenario.stage.build(BEGIN, 4)));
        if let Some(action) = action {
            network.act(action);
        }
        let clock: Arc<dyn ReadClock> = network.clone();
        let prober = Arc::new(Prober::seeded(network.clone(), clock.clone(), Patience::default(), 4));
        let told = std::cell::Cell::new(0);
        let neutral = scenario.stage.neutral();
        let check = check_resolvers(prober, clock, targets(&scenario), &neutral, 100.0, |done| told.set(done)).await;
        assert_eq!(told.get(), 4);
        assert_eq!(network.dropped(), 0);
        check
    })
}

#[test]
fn each_is_told_for_what_it_is() {
    let check = check(None);
    assert_eq!((check.answering(), check.intercepted.len(), check.nobodies), (3, 0, 1));
    let rows: Vec<_> = check
        .resolvers
        .iter()
        .map(|r| (r.target.id.as_str(), r.udp.is_good(), r.calibration.no_recursion(), check.cap_of(r)))
        .collect();
    assert_eq!(
        rows,
        [
            ("refuses", true, NoRecursion::Refused, Some(86_400)),
            ("refers", true, NoRecursion::Supported, None),
            ("recurses", true, NoRecursion::Recurses, Some(21_600)),
            ("silent", false, NoRecursion::Unknown, None),
        ]
    );
    assert!(check.resolvers[0].tcp.is_good());
    assert_eq!((&check.resolvers[3].udp, &check.resolvers[3].tcp), (&Reach::Silent, &Reach::Silent));
    assert_eq!(check.resolvers[0].calibration.validates, Some(true));
    assert_eq!(check.resolvers[2].calibration.validates, Some(false));
    insta::assert_snapshot!("resolvers_check", resolver_check_text(&check, Look::plain(120)));
    insta::assert_snapshot!("resolvers_check_narrow", resolver_check_text(&check, Look::plain(60)));
    keeps_the_contract(&json::resolver_check(&check, 1));
}

#[test]
fn somebody_in_between_is_named_and_nothing_else_is_believed() {
    let check = check(Some(Action::Intercept("refers".to_owned())));
    assert_eq!(check.intercepted.len(), 1);
    let text = resolver_check_text(&check, Look { quiet: true, ..Look::plain(120) });
    assert!(text.contains("240.0.0.53 answers, where no server stands"), "{text}");
    let json = keeps_the_contract(&json::resolver_check(&check, 3));
    assert_eq!(json["interception"]["seen"], true);
}

#[test]
fn where_nothing_leaves_nothing_is_known() {
    let check = check(Some(Action::Unplug));
    assert!(check.nothing_left() && check.intercepted.is_empty());
    let text = resolver_check_text(&check, Look::plain(120));
    assert!(text.contains("Nothing could be sent"), "{text}");
    keeps_the_contract(&json::resolver_check(&check, 3));
}

/// Holds an output to its schema.
fn keeps_the_contract(text: &str) -> Value {
    let schema = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/resolvers-check.schema.json"));
    let schema: Value = serde_json::from_str(&schema.unwrap()).unwrap();
    jsonschema::draft202012::meta::validate(&schema).unwrap();
    let validator = jsonschema::draft202012::options().should_validate_formats(true).build(&schema).unwrap();
    let output: Value = serde_json::from_str(text).unwrap();
    let faults: Vec<String> = validator.iter_errors(&output).map(|e| format!("{}: {e}", e.instance_path())).collect();
    assert_eq!(faults, Vec::<String>::new());
    // Every field is required: one that is missing breaks a script.
    for field in output.as_object().unwrap().keys() {
        let mut less = output.clone();
        less.as_object_mut().unwrap().remove(field);
        assert!(validator.iter_errors(&less).next().is_some(), "{field} may be missing");
    }
    let entry = output["resolvers"][0].as_object().unwrap().clone();
    for field in entry.keys() {
        let mut less = output.clone();
        less["resolvers"][0].as_object_mut().unwrap().remove(field);
        assert!(validator.iter_errors(&less).next().is_some(), "resolvers/{field} may be missing");
    }
    output
}

#[test]
fn the_program_checks_resolvers_on_this_machine() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let scenario = scenario();
    let clock = Arc::new(DrillClock::start(BEGIN, 1.0));
    let front = runtime.block_on(Front::open(scenario.stage.build(BEGIN, 4), &scenario.stage, clock)).unwrap();
    let addresses = front.addresses();
    let port = |id: &str| {
        let resolver = scenario.stage.resolvers.iter().find(|r| r.id == id).unwrap();
        addresses[&SocketAddr::new(resolver.addresses[0], 53)].to_string()
    };
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("neutral.toml"),
        "unasked-zone = \"neutral.test.\"\nsteady = { name = \"steady.neutral.test.\", type = \"A\" }\n\
         long-lived = { name = \"long-lived.neutral.test.\", type = \"A\" }\n\
         bogus = { name = \"steady.bogus.test.\", type = \"A\" }\nnobody = [\"192.0.2.251\"]\n",
    )
    .unwrap();
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_unpark"));
        command
            .env_clear()
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .args(["resolvers", "check"])
            .args(arguments);
        for name in ["HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"] {
            command.env(name, folder.path());
        }
        // All on loopback: where nobody stands nobody is asked, and no packet leaves this machine.
        let output = command.env("UNPARK_NEUTRAL", "neutral.toml").output().unwrap();
        let text = |octets: Vec<u8>| String::from_utf8(octets).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    };
    let (refuses, refers, silent) = (port("refuses"), port("refers"), port("silent"));
    let (code, out, err) = run(&["--json", "--resolver", &refuses, "--resolver", &refers]);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    let json = keeps_the_contract(&out);
    assert_eq!(json["answering"], 2);
    assert_eq!(json["interception"]["seen"], Value::Null);
    assert_eq!(json["resolvers"][0]["no_recursion"], "refused");
    assert_eq!(json["resolvers"][0]["instance"], "unbound-0");
    assert_eq!(json["resolvers"][1]["no_recursion"], "supported");
    assert_eq!(json["resolvers"][1]["validates"], true);
    let (code, out, _) = run(&["--timeout", "600ms", "--resolver", &refers, "--resolver", &silent]);
    assert_eq!(code, 1);
    assert!(out.contains("1 of 2 resolver addresses answers from here."), "{out}");
    let (code, _, err) = run(&["--resolver", "nonsense"]);
    assert_eq!(code, 2);
    assert!(err.contains("hint:"), "{err}");
}
