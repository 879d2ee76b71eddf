//! The contracts of the JSON outputs: the schemas are valid, refuse what breaks them, agree with their document and the example,
//! and every output keeps them, whatever was heard.

#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

#[path = "support/incidents.rs"]
mod incidents;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use jsonschema::Validator;
use serde_json::{Value, json};
use unpark::catalog::ResolverCatalog;
use unpark::flush::{FlushEndpoints, FlushOperator, FlushOutcome, FlushPlan, Obstacle};
use unpark::incident::Event;
use unpark::judge::{Code, Expectation, ExpectationSource, Gathering, Rule, Verdict};
use unpark::view::json as output;

use incidents::{GOOD, PARKED, RESOLVERS, Side, Stage, denial, stages};

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

fn schema() -> Value {
    serde_json::from_str(&read("docs/check.schema.json")).unwrap()
}

fn example() -> Value {
    serde_json::from_str(&read("docs/check.example.json")).unwrap()
}

static VALIDATOR: LazyLock<Validator> = LazyLock::new(|| {
    let options = jsonschema::draft202012::options().should_validate_formats(true);
    options.build(&schema()).unwrap()
});

/// The validator of another contract.
fn validator(path: &str) -> Validator {
    let schema: Value = serde_json::from_str(&read(path)).unwrap();
    jsonschema::draft202012::meta::validate(&schema).unwrap();
    jsonschema::draft202012::options().should_validate_formats(true).build(&schema).unwrap()
}

/// What the schema has against an output, one line each.
fn faults(output: &Value) -> Vec<String> {
    faults_by(&VALIDATOR, output)
}

fn faults_by(validator: &Validator, output: &Value) -> Vec<String> {
    validator.iter_errors(output).map(|e| format!("{}: {e}", e.instance_path())).collect()
}

/// What `check --json` prints of a stage, read back. The form is held to as well: one document, one newline at the end.
fn check(stage: &Stage) -> Value {
    read_back(&output::check(&stage.incident, &stage.board(), stage.incident.started(), stage.now, 1))
}

fn trace(stage: &Stage) -> Value {
    read_back(&output::trace(&stage.incident, &stage.board(), stage.incident.started(), stage.now, 1))
}

fn read_back(text: &str) -> Value {
    assert!(text.ends_with("}\n") && !text.ends_with("\n\n"));
    serde_json::from_str(text).unwrap()
}

/// The example with one place changed.
fn example_with(place: &str, value: Value) -> Value {
    let mut changed = example();
    *changed.pointer_mut(place).expect("the example has this place") = value;
    changed
}

/// Every object of a document, with its place.
fn objects(value: &Value, place: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            found.push(place.to_owned());
            fields.iter().for_each(|(name, inner)| objects(inner, &format!("{place}/{name}"), found));
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(at, inner)| objects(inner, &format!("{place}/{at}"), found));
        }
        _ => {}
    }
}

#[test]
fn the_schema_is_a_schema() {
    jsonschema::draft202012::meta::validate(&schema()).unwrap();
}

#[test]
fn the_example_keeps_the_contract() {
    assert_eq!(faults(&example()), Vec::<String>::new());
}

#[test]
fn the_example_counts_its_resolvers() {
    let example = example();
    for (word, count) in example["counts"].as_object().unwrap() {
        let rows = example["resolvers"].as_array().unwrap().iter().filter(|r| r["verdict"] == json!(word)).count();
        assert_eq!(count.as_u64().unwrap(), rows as u64, "{word}");
    }
}

#[test]
fn every_field_is_required_and_more_may_be_added() {
    let mut places = Vec::new();
    objects(&example(), "", &mut places);
    assert!(places.len() > 15, "the example was not walked");
    for place in places {
        let names: Vec<String> = example().pointer(&place).unwrap().as_object().unwrap().keys().cloned().collect();
        for name in names {
            let mut changed = example();
            changed.pointer_mut(&place).unwrap().as_object_mut().unwrap().remove(&name);
            assert!(!faults(&changed).is_empty(), "{place}/{name} may be missing");
        }
        let mut changed = example();
        let fields = changed.pointer_mut(&place).unwrap().as_object_mut().unwrap();
        fields.insert("added_later".to_owned(), json!(1));
        assert_eq!(faults(&changed), Vec::<String>::new(), "{place} refuses a new field");
    }
}

#[test]
fn every_word_is_one_of_the_list() {
    for place in [
        "/schema",
        "/phase",
        "/expectation/source",
        "/parents/0/verdict",
        "/authoritative/0/verdict",
        "/authoritative/0/role",
        "/resolvers/0/verdict",
        "/resolvers/0/delegation/state",
        "/resolvers/0/delegation/until_kind",
        "/resolvers/0/service/0/state",
        "/resolvers/0/transport",
        "/findings/0/severity",
    ] {
        assert!(!faults(&example_with(place, json!("propagating"))).is_empty(), "{place}");
    }
    // Words of resolvers are not words of sources.
    assert!(!faults(&example_with("/parents/0/verdict", json!("draining"))).is_empty());
    assert!(!faults(&example_with("/exit_code", json!(2))).is_empty());
}

#[test]
fn unknown_is_null_only_where_it_may_be() {
    for place in [
        "/next_action",
        "/parent_zone",
        "/right_since",
        "/parents/0/negative_ttl",
        "/authoritative/0/reason",
        "/resolvers/0/city",
        "/resolvers/0/last_heard",
        "/parents/0/ns",
        "/parents/0/ttl",
        "/parents/0/ds",
        "/parents/0/rcode",
        "/parents/0/rtt_ms",
        "/authoritative/0/address",
        "/authoritative/0/aa",
        "/authoritative/0/rcode",
        "/authoritative/0/soa",
        "/authoritative/0/ns",
        "/authoritative/0/rtt_ms",
        "/resolvers/0/operator",
        "/resolvers/0/country",
        "/resolvers/0/service/0/ttl",
        "/resolvers/0/service/0/until",
        "/resolvers/0/rcode",
        "/resolvers/0/nsid",
        "/resolvers/0/instance",
        "/resolvers/0/transport",
        "/resolvers/0/rtt_ms",
        "/findings/0/advice",
        "/findings/0/reference",
    ] {
        assert_eq!(faults(&example_with(place, Value::Null)), Vec::<String>::new(), "{place}");
    }
    for place in [
        "/zone",
        "/started",
        "/finished",
        "/expectation",
        "/phase",
        "/headline",
        "/exit_code",
        "/counts",
        "/counts/correct",
        "/statement",
        "/queries/not_sent",
        "/parents_without_address",
        "/parents_without_address/0/reason",
        "/parents/0/rule",
        "/resolvers/0/rule",
        "/resolvers/0/since",
        "/resolvers/0/system",
        "/resolvers/0/held_back",
        "/findings/0/evidence",
        "/notices",
        "/parents",
        "/parents/0/address",
        "/parents/0/verdict",
        "/authoritative/0/name",
        "/authoritative/0/role",
        "/authoritative/0/soa/serial",
        "/resolvers/0/id",
        "/resolvers/0/address",
        "/resolvers/0/delegation",
        "/resolvers/0/delegation/servers",
        "/resolvers/0/delegation/state",
        "/resolvers/0/service",
        "/resolvers/0/service/0/values",
        "/resolvers/0/samples/usable",
        "/resolvers/0/ede",
        "/findings/0/targets",
        "/findings/0/sentence",
    ] {
        assert!(!faults(&example_with(place, Value::Null)).is_empty(), "{place}");
    }
}

#[test]
fn forms_are_exact() {
    for (place, wrong) in [
        ("/zone", json!("brevo.com")),
        ("/zone", json!("Brevo.com.")),
        ("/started", json!("2026-11-22T12:58:41+01:00")),
        ("/started", json!("2026-13-22T12:58:41Z")),
        ("/started", json!("22 November 2026Z")),
        ("/headline", json!("")),
        ("/counts/silent", json!(-1)),
        ("/parents/0/ttl", json!(172_800.5)),
        ("/parents/0/ttl", json!(4_294_967_295_u32)),
        ("/parents/0/ds", json!(["20326 8 2"])),
        ("/parents/0/rcode", json!("NoError")),
        ("/parents/0/rtt_ms", json!("12.4")),
        ("/resolvers/0/country", json!("us")),
        ("/resolvers/0/address", json!("dns.google")),
        ("/resolvers/0/ede", json!([{ "code": 65_536, "name": "EDE 65536", "text": "" }])),
        ("/resolvers/0/ede", json!([22])),
        ("/resolvers/0/service/0/values", json!([null])),
        ("/findings/0/code", json!("parent delegation parked")),
    ] {
        assert!(!faults(&example_with(place, wrong.clone())).is_empty(), "{place} = {wrong}");
    }
    for (place, right) in [
        ("/parents/0/ds", json!(["20326 8 2 e06d44b80b8f1d39a95c0b0d7c65d08458e880409bbc683457104237c7f8ec8d"])),
        ("/parents/0/rcode", json!("RCODE24")),
        ("/resolvers/0/address", json!("[2001:db8::53]:5353")),
        (
            "/resolvers/0/ede",
            json!([{ "code": 22, "name": "No Reachable Authority", "text": "at delegation brevo.com." }]),
        ),
        ("/resolvers/0/service/0/type", json!("TYPE65")),
        ("/zone", json!(".")),
    ] {
        assert_eq!(faults(&example_with(place, right)), Vec::<String>::new(), "{place}");
    }
}

#[test]
fn a_time_and_its_kind_agree() {
    let delegation = |until: Value, kind: &str| {
        let value = json!({ "state": "parked", "servers": [], "until": until, "until_kind": kind });
        faults(&example_with("/resolvers/0/delegation", value)).is_empty()
    };
    let time = json!("2026-11-22T18:32:10Z");
    assert!(
        delegation(time.clone(), "known") && delegation(time.clone(), "bound") && delegation(Value::Null, "unknown")
    );
    assert!(!delegation(Value::Null, "known") && !delegation(Value::Null, "bound") && !delegation(time, "unknown"));
}

#[test]
fn an_expectation_without_servers_has_no_source() {
    let expectation = |ns: Value, source: &str| {
        faults(&example_with("/expectation", json!({ "ns": ns, "source": source, "taken": null }))).is_empty()
    };
    assert!(expectation(json!([]), "none") && expectation(json!(["ns1.a."]), "parent"));
    assert!(!expectation(json!(["ns1.a."]), "none") && !expectation(json!([]), "flag"));
}

/// Names of fields and words of lists, wherever they stand in the schema.
fn vocabulary(schema: &Value, found: &mut BTreeSet<String>) {
    match schema {
        Value::Object(fields) => {
            if let Some(Value::Object(properties)) = fields.get("properties") {
                found.extend(properties.keys().cloned());
            }
            if let Some(Value::Array(words)) = fields.get("enum") {
                found.extend(words.iter().filter_map(Value::as_str).map(str::to_owned));
            }
            fields.values().for_each(|inner| vocabulary(inner, found));
        }
        Value::Array(items) => items.iter().for_each(|inner| vocabulary(inner, found)),
        _ => {}
    }
}

#[test]
fn the_document_explains_every_field_and_word() {
    let document = read("docs/json.md");
    let mut words = BTreeSet::new();
    for path in [
        "docs/check.schema.json",
        "docs/trace.schema.json",
        "docs/flush.schema.json",
        "docs/registration.schema.json",
        "docs/resolvers.schema.json",
        "docs/baseline.schema.json",
        "docs/baselines.schema.json",
        "docs/baseline-diff.schema.json",
        "docs/report.schema.json",
        "docs/change.schema.json",
    ] {
        vocabulary(&serde_json::from_str(&read(path)).unwrap(), &mut words);
    }
    assert!(words.contains("until_kind") && words.contains("pre-outage"), "the schema was not walked");
    let missing: Vec<&String> = words.iter().filter(|word| !document.contains(&format!("`{word}`"))).collect();
    assert!(missing.is_empty(), "docs/json.md does not explain {missing:?}");
}

#[test]
fn the_words_of_the_code_are_those_of_the_schema() {
    let schema = schema();
    let verdicts: BTreeSet<&str> = Verdict::ALL.iter().map(|v| v.word()).collect();
    for list in ["/$defs/verdict/enum", "/$defs/counts/required"] {
        let words = schema.pointer(list).and_then(Value::as_array).unwrap().iter().filter_map(Value::as_str);
        assert_eq!(words.collect::<BTreeSet<_>>(), verdicts, "{list}");
    }
    let document = read("docs/json.md");
    for code in Code::ALL {
        let (word, severity) = (code.word(), code.severity().word());
        assert_eq!(faults(&example_with("/findings/0/code", json!(word))), Vec::<String>::new());
        assert_eq!(faults(&example_with("/findings/0/severity", json!(severity))), Vec::<String>::new());
        assert!(document.contains(&format!("| `{word}` | `{severity}` |")), "docs/json.md lacks {word} ({severity})");
    }
    // A code that is gone from the code is gone from the document: its row starts with a word in capitals.
    let capitals =
        |line: &&str| line.strip_prefix("| `").is_some_and(|l| l.starts_with(|c: char| c.is_ascii_uppercase()));
    assert_eq!(document.lines().filter(capitals).count(), Code::ALL.len());
}

#[test]
fn every_rule_is_in_the_document_and_fits_the_schema() {
    let (document, source) = (read("docs/verdicts.md"), read("src/judge/rule.rs"));
    // None is missing in the list of them.
    let named = source.lines().filter(|line| line.trim().starts_with("Self::") && line.contains(" => \"")).count();
    assert_eq!(named, 2 * Rule::ALL.len(), "each has a word and a sentence");
    let together = Gathering::ALL.into_iter().map(Gathering::word);
    for word in Rule::ALL.into_iter().map(Rule::word).chain(together) {
        assert!(document.contains(&format!("`{word}`")), "docs/verdicts.md lacks {word}");
        for place in ["/resolvers/0/rule", "/resolvers/0/samples/rule", "/resolvers/0/service/0/rule"] {
            assert_eq!(faults(&example_with(place, json!(word))), Vec::<String>::new());
        }
    }
}

#[test]
fn every_output_keeps_its_contract() {
    let traced = validator("docs/trace.schema.json");
    for (title, stage) in stages() {
        assert_eq!(faults(&check(&stage)), Vec::<String>::new(), "{title}");
        assert_eq!(faults_by(&traced, &trace(&stage)), Vec::<String>::new(), "{title}");
    }
    let listed = validator("docs/resolvers.schema.json");
    for all in [false, true] {
        let list = read_back(&output::resolvers(&ResolverCatalog::embedded(), all));
        assert_eq!(faults_by(&listed, &list), Vec::<String>::new());
    }
}

/// The contracts of trace and of the list refuse what they should: a field less, a word that is none.
#[test]
fn the_other_contracts_require_every_field() {
    let own = "[[resolver]]\nid = \"office\"\nipv4 = [\"10.0.0.53\"]\n";
    let list = output::resolvers(&ResolverCatalog::parse(own, "own.toml").unwrap(), true);
    for (path, whole) in [
        ("docs/trace.schema.json", trace(&incidents::broken())),
        ("docs/trace.schema.json", trace(&incidents::parked())),
        (
            "docs/flush.schema.json",
            flush(
                &incidents::parked(),
                &[Obstacle::ParentsUnheard],
                &[FlushOutcome::Sent { reply: "queued".to_owned() }],
            ),
        ),
        ("docs/resolvers.schema.json", read_back(&list)),
    ] {
        let validator = validator(path);
        let mut places = Vec::new();
        objects(&whole, "", &mut places);
        assert!(places.len() > 1, "the output was not walked");
        for place in places {
            let names: Vec<String> = whole.pointer(&place).unwrap().as_object().unwrap().keys().cloned().collect();
            for name in names {
                let mut changed = whole.clone();
                changed.pointer_mut(&place).unwrap().as_object_mut().unwrap().remove(&name);
                assert!(!faults_by(&validator, &changed).is_empty(), "{path}: {place}/{name} may be missing");
            }
        }
    }
    let mut changed = trace(&incidents::parked());
    changed["walk"][0]["outcome"] = json!("answer");
    assert!(!faults_by(&validator("docs/trace.schema.json"), &changed).is_empty());
}

/// A flush of the zone, refused or not, with outcomes for its first steps.
fn flush(stage: &Stage, obstacles: &[Obstacle], outcomes: &[FlushOutcome]) -> Value {
    let hosts = [incidents::name("*.shop.example.")];
    let plan = FlushPlan::for_zone(stage.incident.zone(), &hosts, true, &FlushOperator::ALL);
    let refused = !obstacles.is_empty();
    read_back(&output::flush(&stage.incident, &plan, &FlushEndpoints::default(), obstacles, refused, outcomes))
}

#[test]
fn a_flush_keeps_its_contract() {
    let contract = validator("docs/flush.schema.json");
    let names = || vec!["a.nic.example.".to_owned(), incidents::EVIL.to_owned()];
    let obstacles = [
        Obstacle::NobodySaidWhatIsCorrect,
        Obstacle::ParentsUnheard,
        Obstacle::ParentsWrong { count: 1, total: 2, names: names() },
        Obstacle::ParentsSilent { count: 1, total: 2, names: names() },
        Obstacle::AuthoritativeUnheard,
        Obstacle::AuthoritativeWrong { count: 1, total: 2, names: names() },
        Obstacle::AuthoritativeSilent { count: 1, total: 2, names: names() },
    ];
    let reason = || incidents::EVIL.to_owned();
    let outcomes = [
        FlushOutcome::Sent { reply: reason() },
        FlushOutcome::Refused { reason: reason() },
        FlushOutcome::NeedsAPerson { link: "https://dns.google/cache".to_owned() },
        FlushOutcome::Unclear { reason: reason() },
        FlushOutcome::NotSent { reason: reason() },
        FlushOutcome::Skipped { reason: reason() },
    ];
    for (stage, obstacles) in [(incidents::parked(), &obstacles[..]), (incidents::converging(), &[])] {
        let output = flush(&stage, obstacles, &outcomes);
        assert_eq!(faults_by(&contract, &output), Vec::<String>::new());
        assert_eq!(output["refused"], json!(!obstacles.is_empty()));
        assert_eq!(output["consequence"].is_null(), obstacles.is_empty());
        let words: Vec<&Value> = output["steps"].as_array().unwrap().iter().map(|s| &s["outcome"]).take(7).collect();
        let untried = Value::Null;
        let expected = ["sent", "refused", "needs-a-person", "unclear", "not-sent", "skipped"].map(|word| json!(word));
        assert_eq!(words, expected.iter().chain([&untried]).collect::<Vec<_>>());
        let plain = |c: char| c == '\n' || unpark::dns::shown::is_plain(c);
        assert!(serde_json::to_string_pretty(&output).unwrap().chars().all(plain));
    }
    let (first, open) = (flush(&incidents::converging(), &[], &[]), "https://dns.google/cache");
    let request = "POST https://one.one.one.one/api/v1/purge?domain=shop.example&type=NS";
    assert_eq!((&first["steps"][0]["request"], &first["steps"][0]["link"]), (&json!(request), &Value::Null));
    let google = first["steps"].as_array().unwrap().iter().find(|s| s["operator"] == json!("google")).unwrap();
    assert_eq!((&google["needs_a_person"], &google["link"]), (&json!(true), &json!(open)));
}

#[test]
fn a_state_in_one_line_is_the_whole_document() {
    let stage = incidents::hostile();
    let line = output::check_line(&stage.incident, &stage.board(), 1);
    assert!(!line.contains('\n'));
    assert_eq!(serde_json::from_str::<Value>(&line).unwrap(), check(&stage));
}

#[test]
fn what_two_contracts_share_is_the_same() {
    let (check, trace) = (schema(), serde_json::from_str::<Value>(&read("docs/trace.schema.json")).unwrap());
    let shared = trace["$defs"].as_object().unwrap().iter().filter(|(name, _)| name.as_str() != "step");
    assert!(shared.clone().count() > 10);
    for (name, definition) in shared {
        assert_eq!(definition, &check["$defs"][name], "{name}");
    }
    for stage in [incidents::parked(), incidents::broken(), incidents::hostile()] {
        let (check, trace) = (self::check(&stage), self::trace(&stage));
        for field in ["zone", "expectation", "phase", "headline", "parents", "authoritative", "findings", "notices"] {
            assert_eq!(check[field], trace[field], "{field}");
        }
    }
}

#[test]
fn an_output_has_the_fields_of_the_example_and_no_others() {
    fn fields(value: &Value) -> BTreeSet<String> {
        value.as_object().unwrap().keys().cloned().collect()
    }
    let (real, example) = (check(&incidents::converging()), example());
    assert_eq!(fields(&real), fields(&example));
    for place in
        ["/counts", "/queries", "/expectation", "/parents/0", "/authoritative/0", "/authoritative/0/soa", "/findings/0"]
    {
        assert_eq!(fields(real.pointer(place).unwrap()), fields(example.pointer(place).unwrap()), "{place}");
    }
    for place in ["/resolvers/0", "/resolvers/0/delegation", "/resolvers/0/service/0", "/resolvers/0/samples"] {
        assert_eq!(fields(real.pointer(place).unwrap()), fields(example.pointer(place).unwrap()), "{place}");
    }
}

#[test]
fn a_converging_zone_as_json() {
    let stage = incidents::converging();
    insta::assert_snapshot!(
        "check_converging_json",
        output::check(&stage.incident, &stage.board(), stage.incident.started(), stage.now, 1)
    );
    insta::assert_snapshot!(
        "trace_broken_json",
        output::trace(&incidents::broken().incident, &incidents::broken().board(), stage.now, stage.now, 1)
    );
}

#[test]
fn unknown_is_null_and_never_invented() {
    let output = check(&incidents::starting());
    assert_eq!(output["parent_zone"], Value::Null);
    assert_eq!(output["parents"], json!([]));
    let server = &output["authoritative"][0];
    assert_eq!(
        (&server["address"], &server["verdict"], &server["aa"]),
        (&Value::Null, &json!("unknown"), &Value::Null)
    );
    let resolver = &output["resolvers"][0];
    for field in ["last_heard", "rcode", "nsid", "instance", "transport", "rtt_ms"] {
        assert_eq!(resolver[field], Value::Null, "{field}");
    }
    let delegation = json!({ "state": "unknown", "servers": [], "until": null, "until_kind": "unknown" });
    assert_eq!(resolver["delegation"], delegation);
    let silent = &check(&incidents::converging())["resolvers"][5];
    assert_eq!((&silent["rcode"], &silent["last_heard"]), (&Value::Null, &Value::Null));
}

#[test]
fn an_empty_list_says_that_there_is_none_and_null_that_it_is_not_known() {
    let held = check(&incidents::held());
    assert_eq!((&held["parents"][0]["ns"], &held["parents"][0]["negative_ttl"]), (&json!([]), &json!(300)));
    assert_eq!(held["parents"][0]["ds"], Value::Null, "DS was never asked");
    let parked = check(&incidents::parked());
    assert_eq!(parked["parents"][1]["ds"], json!([]));
    assert_eq!(parked["parents"][0]["ds"], json!(["20326 8 2 e06d"]));
    let mut stage = incidents::split();
    (0..3).for_each(|_| stage.parent_silent(1));
    let silent = &check(&stage)["parents"][1];
    assert_eq!((&silent["verdict"], &silent["ns"], &silent["rtt_ms"]), (&json!("silent"), &Value::Null, &Value::Null));
    let refused = &check(&incidents::broken())["authoritative"][0];
    assert_eq!((&refused["rcode"], &refused["aa"], &refused["ns"]), (&json!("REFUSED"), &json!(false), &Value::Null));
    let missing = &check(&incidents::broken())["authoritative"][1];
    assert_eq!((&missing["address"], &missing["verdict"]), (&Value::Null, &json!("broken")));
    assert_eq!(missing["reason"], json!("NXDOMAIN from a.nic.example."));
}

#[test]
fn the_expectation_says_who_said_it() {
    let said = |stage: &Stage| check(stage)["expectation"].clone();
    assert_eq!(said(&incidents::parked()), json!({ "ns": GOOD, "source": "flag", "taken": null }));
    assert_eq!(said(&incidents::healthy()), json!({ "ns": GOOD, "source": "parent", "taken": null }));
    let taken = "2026-11-01T09:12:00Z".parse().unwrap();
    let mut saved = incidents::parked();
    let expectation = Expectation { ns: incidents::ns_set(&GOOD), source: ExpectationSource::Baseline { taken } };
    saved.event(&Event::ExpectationAccepted(expectation));
    assert_eq!(said(&saved), json!({ "ns": GOOD, "source": "baseline", "taken": "2026-11-01T09:12:00Z" }));
    let headline = check(&saved)["headline"].as_str().unwrap().to_owned();
    assert!(headline.contains("(baseline of 2026-11-01, 21 days old)"), "{headline}");
    let mut nobody = Stage::open(None, &RESOLVERS[..1]);
    nobody.walk();
    nobody.parent_delegates(0, &GOOD);
    nobody.parent_delegates(1, &PARKED);
    assert_eq!(said(&nobody), json!({ "ns": [], "source": "none", "taken": null }), "the parent servers disagree");
}

#[test]
fn servers_in_use_are_those_shown_or_the_only_parked_ones() {
    let servers = |stage: &Stage| check(stage)["resolvers"][0]["delegation"]["servers"].clone();
    let mut stage = incidents::parked();
    assert_eq!(servers(&stage), json!(PARKED), "one parked set is known");
    stage.shows(RESOLVERS[0].1, &GOOD, 100);
    stage.nonce(RESOLVERS[0].1, denial(Side::Parked, 100));
    assert_eq!(servers(&stage), json!(PARKED), "what another cache shows is not in use here");
    let other = ["ns9.parked.example."];
    let mut two = Stage::open(Some(&GOOD), &RESOLVERS[..1]);
    two.walk();
    two.parent_delegates(0, &PARKED);
    two.parent_delegates(1, &other);
    two.authorities(true);
    two.nonce(RESOLVERS[0].1, denial(Side::Parked, 100));
    assert_eq!(check(&two)["resolvers"][0]["delegation"]["state"], json!("parked"));
    assert_eq!(servers(&two), json!([]), "two parked sets are known");
    two.shows(RESOLVERS[0].1, &other, 100);
    two.nonce(RESOLVERS[0].1, denial(Side::Parked, 100));
    assert_eq!(servers(&two), json!(other));
}

#[test]
fn a_resolver_without_a_name_has_no_operator() {
    let mut stage = Stage::open(
        Some(&GOOD),
        &[("192.0.2.9", "192.0.2.9:53"), ("192.0.2.8", "192.0.2.8:5300"), ("Own", "192.0.2.7:53")],
    );
    stage.walk();
    let output = check(&stage);
    let operators: Vec<&Value> = output["resolvers"].as_array().unwrap().iter().map(|r| &r["operator"]).collect();
    assert_eq!(operators, [&Value::Null, &Value::Null, &json!("Own")]);
    assert_eq!(output["resolvers"][1]["address"], json!("192.0.2.8:5300"));
}

#[test]
fn nothing_to_do_is_null() {
    assert_eq!(check(&incidents::healthy())["next_action"], Value::Null);
    assert!(check(&incidents::parked())["next_action"].is_string());
}
