//! What the registry says: kept, judged, and never the ground of a phase.

use super::*;
use crate::registration::{Answer, Cause, Hearing, Registration, Source, Standing, read_rdap};

const CLIENT_HOLD: &str = include_str!("../../../tests/fixtures/rdap-clienthold.json");
const PARKED: &str = include_str!("../../../tests/fixtures/rdap-expired-parked-status-active.json");

fn hearing(outcome: crate::registration::Outcome, heard: i64) -> Hearing {
    let answer = Answer {
        source: Source::RegistryRdap,
        server: "https://rdap.example/".to_owned(),
        domain: name(ZONE),
        heard: at(heard),
        outcome,
        raw: String::new(),
    };
    Hearing { zone: name(ZONE), answers: vec![answer], notes: Vec::new() }
}

fn found(text: &str, heard: i64) -> Event {
    let read = Registration { domain: Some(name(ZONE)), ..read_rdap(text).unwrap() };
    Event::RegistrationHeard(Box::new(hearing(crate::registration::Outcome::Found(Box::new(read)), heard)))
}

fn failed(heard: i64, until: Option<i64>) -> Event {
    let outcome = match until {
        Some(until) => crate::registration::Outcome::Limited { until: Some(at(until)) },
        None => crate::registration::Outcome::NoAnswer { reason: "cut".to_owned() },
    };
    Event::RegistrationHeard(Box::new(hearing(outcome, heard)))
}

#[test]
fn a_hold_at_the_registry_explains_and_changes_no_phase() {
    let play = healthy().tell(&found(CLIENT_HOLD, 0));
    let watch = play.incident.registration().unwrap();
    assert_eq!(
        watch.findings.iter().map(|f| f.cause).collect::<Vec<_>>(),
        [Cause::ClientHold, Cause::NotExpected, Cause::DsLeft]
    );
    assert_eq!(watch.standing, Standing::Trouble);
    assert_eq!(play.phase(), Phase::Healthy, "the parent's servers answer rightly: nobody is cut off yet");
}

#[test]
fn what_was_heard_outlives_questions_that_fail() {
    let mut play = outage().tell(&found(PARKED, 0));
    let said = play.incident.registration().unwrap().findings.clone();
    assert!(!said.is_empty());
    for second in 1..4 {
        play.now = second;
        play = play.tell(&failed(second, None));
    }
    play = play.tell(&failed(4, Some(90)));
    let watch = play.incident.registration().unwrap();
    assert_eq!((&watch.findings, watch.failures, watch.not_before), (&said, 4, Some(at(90))));
    assert!(watch.failure.as_ref().unwrap().1.contains("too many questions"));
    let play = play.tell(&found(PARKED, 5));
    let watch = play.incident.registration().unwrap();
    assert_eq!((watch.failures, watch.failure.is_none(), watch.not_before), (0, true, None));
}

#[test]
fn nothing_heard_is_not_known() {
    let play = outage().tell(&failed(0, None)).tell(&failed(1, None));
    let watch = play.incident.registration().unwrap();
    assert_eq!((watch.standing, watch.failures, watch.findings.len()), (Standing::Unknown, 2, 0));
}

#[test]
fn another_expectation_judges_the_same_answer_anew() {
    let play = outage().tell(&found(PARKED, 0));
    let before = play.incident.registration().unwrap().changes.len();
    let ns = ns_set(&["ns1.expired-parking.example.", "ns2.expired-parking.example."]);
    let play = play.tell(&Event::ExpectationAccepted(Expectation { ns, source: ExpectationSource::Accepted }));
    let watch = play.incident.registration().unwrap();
    assert!(watch.findings.iter().all(|f| f.cause != Cause::NotExpected), "{:?}", watch.findings);
    assert_eq!(watch.changes.len(), before + 1, "and the change is remembered");
}
