//! What the tool learns about resolvers, held against how they are set up in the simulated internet.
#![allow(clippy::unwrap_used, clippy::panic, clippy::allow_attributes, reason = "a test may fail")]

#[path = "support/play.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod play;

use std::net::SocketAddr;
use std::time::Duration;

use unpark::drill::model::Side;
use unpark::drill::network::Network;
use unpark::drill::scenario::Scenario;
use unpark::incident::{Event, Incident};
use unpark::judge::{Calibration, NoRecursion};
use unpark::observation::Purpose;

use play::{Played, Watch, play};

/// A signed world with a resolver for each thing that can be learned.
fn world(survey: &str, start: &str, resolvers: &str) -> Scenario {
    let text = format!(
        r#"
title = "What resolvers can do"
zone = "example.com."
lasts = "5m"
seed = 4
survey = "{survey}"
start = "{start}"
expect = ["ns1.good-dns.net."]
known_parked = [["ns1.parked-dns.net."]]
[parent]
zone = "com."
ns_ttl = 3600
negative_ttl = 60
denial = "nsec"
[correct]
ns_ttl = 3600
negative_ttl = 7200
records = ["@ 30 A 203.0.113.10"]
server = [{{ name = "ns1.good-dns.net.", addresses = ["203.0.113.53"] }}]
[parked]
ns_ttl = 3600
negative_ttl = 30
records = ["* 30 A 192.0.2.66", "@ 30 A 192.0.2.66"]
server = [{{ name = "ns1.parked-dns.net.", addresses = ["192.0.2.53"] }}]
[[root]]
name = "a.root-servers.net."
addresses = ["192.0.2.1"]
[[parent_server]]
name = "a.gtld-servers.net."
addresses = ["192.0.2.5"]
{resolvers}
"#
    );
    Scenario::read(&text, "world.toml").unwrap()
}

/// Looks at nothing.
struct Blind;

impl Watch for Blind {
    fn look(&mut self, _: Duration, _: &Incident, _: &Network) -> Option<Duration> {
        None
    }
}

fn calibration<'a>(played: &'a Played, id: &str) -> &'a Calibration {
    let all = played.incident.resolvers();
    &all.iter().find(|r| r.target.id == id).unwrap_or_else(|| panic!("no {id}")).calibration
}

const ONE_OF_EACH: &str = r#"
[[resolver]]
id = "refuses"
addresses = ["198.51.100.1"]
kind = "unbound-new"
validating = true
identity = "unbound-{}"
[[resolver]]
id = "refers"
addresses = ["198.51.100.2"]
kind = "min-parent-child"
extended_errors = false
validating = true
nsid = "bind-{}"
[[resolver]]
id = "recurses"
addresses = ["198.51.100.3"]
kind = "unbound-scrubbed"
no_recursion = "recurse"
cap = 21600
[[resolver]]
id = "cached-only"
addresses = ["198.51.100.4"]
kind = "child-taking"
cap = 43200
[[resolver]]
id = "root-only"
addresses = ["198.51.100.5"]
kind = "parent-centric"
validating = true
[[resolver]]
id = "silent"
addresses = ["198.51.100.6"]
kind = "parent-centric"
loss = 1.0
"#;

#[test]
fn every_resolver_is_known_for_what_it_is_within_minutes() {
    let scenario = world("once", "correct", ONE_OF_EACH);
    let played = play(&scenario, 4, Duration::ZERO, &mut Blind);
    let full = played.incident.resolvers().iter().filter_map(|r| r.calibration.largest_long).max().unwrap();
    assert_eq!(full, 172_800);
    let rows = [
        ("refuses", NoRecursion::Refused, Some(true), Some(86_400)),
        ("refers", NoRecursion::Supported, Some(true), None),
        ("recurses", NoRecursion::Recurses, Some(false), Some(21_600)),
        ("cached-only", NoRecursion::Supported, Some(false), Some(43_200)),
        ("root-only", NoRecursion::Supported, Some(true), None),
        ("silent", NoRecursion::Unknown, None, None),
    ];
    for (id, no_recursion, validates, cap) in rows {
        let known = calibration(&played, id);
        assert_eq!(known.no_recursion(), no_recursion, "{id}");
        assert_eq!(known.validates, validates, "{id}");
        assert_eq!(known.checking_disabled, validates.filter(|v| *v), "{id}");
        assert_eq!(known.ttl_cap(full), cap, "{id}");
    }
    assert_eq!(calibration(&played, "refuses").identity.as_deref(), Some("unbound-0"));
    assert_eq!(calibration(&played, "refers").identity, None);
    assert_eq!(calibration(&played, "refuses").extended_errors, Some(true));
    assert_eq!(calibration(&played, "refers").extended_errors, Some(false));
    // The zone's own denials last two hours; one kind keeps none for longer than one.
    assert_eq!(calibration(&played, "cached-only").negative_cap(7200), Some(3600));
    assert_eq!(calibration(&played, "refers").negative_cap(7200), None);
}

#[test]
fn calibrating_costs_each_resolver_a_dozen_packets_and_never_the_first_round() {
    let scenario = world("once", "correct", ONE_OF_EACH);
    let played = play(&scenario, 4, Duration::ZERO, &mut Blind);
    let neutral =
        [Purpose::UnaskedName, Purpose::SteadyName, Purpose::LongLivedName, Purpose::BogusName, Purpose::Identity];
    let begin = played.incident.started();
    for resolver in played.incident.resolvers() {
        let asked: Vec<_> = played
            .events
            .iter()
            .filter_map(|(_, event)| if let Event::Observed(o) = event { Some(o) } else { None })
            .filter(|o| o.query.target.address == resolver.target.address && neutral.contains(&o.query.purpose))
            .collect();
        let packets: u32 = asked.iter().map(|o| o.packets).sum();
        assert!(packets <= 12, "{}: {packets}", resolver.target.id);
        assert!(asked.iter().all(|o| o.sent.since(begin) > Duration::from_millis(40)), "{}", resolver.target.id);
        assert!(asked.iter().all(|o| !o.asked.is_at_or_below(&scenario.stage.zone)));
    }
}

#[test]
fn without_a_survey_a_cold_cache_never_learns_the_parked_delegation_from_us_whatever_rd_0_does_there() {
    let scenario = world("off", "parked", ONE_OF_EACH);
    let mut looked = Truths::default();
    let played = play(&scenario, 4, Duration::from_secs(240), &mut looked);
    assert_eq!(looked.parked, Vec::<String>::new());
    assert_eq!(calibration(&played, "recurses").no_recursion(), NoRecursion::Recurses, "it was found out all the same");
    let about_the_zone = |(_, event): &&(_, Event)| match event {
        Event::Observed(o) => {
            o.query.target.address.ip().to_string() == "198.51.100.3" && o.asked.is_at_or_below(&scenario.stage.zone)
        }
        _ => false,
    };
    assert_eq!(played.events.iter().filter(about_the_zone).count(), 0);
}

/// Looks at nothing, and knows what an earlier run learned.
struct Remembering(Vec<(SocketAddr, Calibration)>);

impl Watch for Remembering {
    fn look(&mut self, _: Duration, _: &Incident, _: &Network) -> Option<Duration> {
        None
    }

    fn remembered(&self) -> Vec<(SocketAddr, Calibration)> {
        self.0.clone()
    }
}

/// Which caches use the parked servers though nobody but us asked them anything.
#[derive(Default)]
struct Truths {
    parked: Vec<String>,
}

impl Watch for Truths {
    fn look(&mut self, _: Duration, incident: &Incident, network: &Network) -> Option<Duration> {
        for resolver in incident.resolvers() {
            let truths = network.look(|net, now| net.truth(now, resolver.target.address.ip()).unwrap());
            // A cold cache has no delegation of its own; what it would fetch is the parent's affair.
            if truths.iter().any(|t| !t.cold && t.side == Side::Parked) {
                self.parked.push(resolver.target.id.clone());
            }
        }
        None
    }
}

#[test]
fn what_was_remembered_is_not_asked_again_and_leads_to_the_same_state() {
    let scenario = world("once", "correct", ONE_OF_EACH);
    let first = play(&scenario, 4, Duration::ZERO, &mut Blind);
    let remembered: Vec<_> =
        first.incident.resolvers().iter().map(|r| (r.target.address, Calibration::clone(&r.calibration))).collect();
    let again = play(&scenario, 5, Duration::ZERO, &mut Remembering(remembered));
    let asked = |purpose| {
        let of = |event: &Event| matches!(event, Event::Observed(o) if o.query.purpose == purpose && o.was_heard());
        again.events.iter().filter(|(_, event)| of(event)).count()
    };
    assert_eq!(asked(Purpose::UnaskedName), 0);
    assert_eq!(asked(Purpose::BogusName), 0);
    assert!(matches!(again.events[0].1, Event::CalibrationsRemembered(_)), "a fact like any other, so replay knows it");
    let mut replayed = play::replay(&again, &again.events);
    replayed.settle(again.events.last().unwrap().0);
    for resolver in replayed.resolvers() {
        let live = again.incident.resolver(resolver.target.address).unwrap();
        assert_eq!(*resolver.calibration, *live.calibration);
        assert_eq!(resolver.judgement.verdict, live.judgement.verdict);
    }
}
