//! The timeline of whole incidents: played in virtual time, or made of single facts.

#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

#[path = "support/incidents.rs"]
mod incidents;
#[path = "support/play.rs"]
#[expect(dead_code, reason = "the player serves several tests, each using what it needs")]
mod play;

use std::time::Duration;

use incidents::{GOOD, PARKED, RESOLVERS, Side, Stage, denial, name, ns_set};
use unpark::dns::shown;
use unpark::drill::network::Network;
use unpark::drill::scenario::Scenario;
use unpark::incident::{Event, Incident, Survey};
use unpark::judge::{Expectation, ExpectationSource};
use unpark::view::model::{TimelineEntry, TimelineKind, timeline};

/// Looks at nothing.
struct Blind;

impl play::Watch for Blind {
    fn look(&mut self, _: Duration, _: &Incident, _: &Network) -> Option<Duration> {
        None
    }
}

fn lines(entries: &[TimelineEntry]) -> String {
    entries.iter().map(|e| format!("{} {:<13} {}\n", e.at.clock(), e.kind.word(), e.text)).collect()
}

#[test]
fn an_incident_played_through() {
    let scenario = Scenario::built_in("brevo").unwrap().unwrap();
    let played = play::play(&scenario, scenario.seed, Duration::from_secs(1), &mut Blind);
    insta::assert_snapshot!("brevo", lines(&timeline(&played.incident)));
}

#[test]
fn what_the_operator_does_is_kept_with_its_time() {
    let mut stage = Stage::open(None, &RESOLVERS[..2]);
    stage.walk();
    (0..2).for_each(|server| stage.parent_delegates(server, &PARKED));
    stage.wait(30);
    let expectation = Expectation { ns: ns_set(&GOOD), source: ExpectationSource::Accepted };
    stage.event(&Event::ExpectationAccepted(expectation.clone()));
    stage.event(&Event::ExpectationAccepted(expectation));
    stage.event(&Event::SurveyChanged(Survey::Always));
    stage.event(&Event::HostsWatched(vec![name("www.shop.example."), name("www.shop.example.")]));
    stage.event(&Event::HostsWatched(vec![name("www.shop.example.")]));
    stage.event(&Event::NoteMade("  called the registrar: paid at 12:31  ".to_owned()));
    stage.event(&Event::NoteMade("   ".to_owned()));
    stage.event(&Event::WallClockSet { seconds: -40 });
    insta::assert_snapshot!("operator", lines(&timeline(&stage.incident)));
    let notes: Vec<&str> = stage.incident.notes().map(|(_, text)| text).collect();
    assert_eq!(notes, ["called the registrar: paid at 12:31"]);
}

#[test]
fn a_network_that_goes_and_comes_is_said() {
    let mut stage = incidents::unsent();
    for _ in 0..3 {
        stage.walk();
    }
    let texts = |stage: &Stage| {
        let entries = timeline(&stage.incident);
        entries.into_iter().filter(|e| e.kind == TimelineKind::Network).map(|e| e.text).collect::<Vec<_>>()
    };
    assert_eq!(texts(&stage), Vec::<String>::new(), "three queries lost do not make a network lost");
    let not_sent = || unpark::observation::Outcome::NotSent { reason: "Network is unreachable".to_owned() };
    for _ in 0..6 {
        use unpark::observation::{Purpose, Role};
        let txt = unpark::dns::RecordType::TXT;
        stage.observe(Role::Resolver, RESOLVERS[0].1, Purpose::Nonce, txt, not_sent());
    }
    assert_eq!(texts(&stage), ["nothing leaves this machine any more"]);
    stage.correct(RESOLVERS[0].1);
    assert_eq!(texts(&stage), ["nothing leaves this machine any more", "packets leave this machine again"]);
}

#[test]
fn shares_count_from_the_repair_and_only_what_lasted() {
    let mut stage = Stage::open(Some(&GOOD), &RESOLVERS[..4]);
    stage.walk();
    (0..2).for_each(|server| stage.parent_delegates(server, &PARKED));
    stage.authorities(true);
    // Resolvers that had not lost the correct servers yet are no recovery.
    RESOLVERS[..4].iter().for_each(|(_, address)| stage.nonce(address, denial(Side::Good, 200)));
    assert!(!lines(&timeline(&stage.incident)).contains('%'));
    stage.wait(60);
    RESOLVERS[..4].iter().for_each(|(_, address)| stage.nonce(address, denial(Side::Parked, 200)));
    (0..2).for_each(|server| stage.parent_delegates(server, &GOOD));
    for (_, address) in &RESOLVERS[..4] {
        stage.wait(400);
        stage.correct(address);
    }
    insta::assert_snapshot!("shares", lines(&timeline(&stage.incident)));
}

#[test]
fn nothing_hostile_gets_through() {
    let mut stage = incidents::hostile();
    stage.event(&Event::NoteMade(format!("{}{}", incidents::EVIL, "x".repeat(4000))));
    for entry in timeline(&stage.incident) {
        assert!(entry.text.chars().all(shown::is_plain), "{entry:?}");
        assert!(entry.text.chars().count() < 2000, "{entry:?}");
    }
}
