//! The contract of `check --json`: the schema is valid, refuses what breaks the contract, agrees with its document and its example.

#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use jsonschema::Validator;
use serde_json::{Value, json};
use unpark::judge::{Code, Verdict};

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

/// What the schema has against an output, one line each.
fn faults(output: &Value) -> Vec<String> {
    VALIDATOR.iter_errors(output).map(|e| format!("{}: {e}", e.instance_path())).collect()
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
        faults(&example_with("/expectation", json!({ "ns": ns, "source": source }))).is_empty()
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
    vocabulary(&schema(), &mut words);
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
