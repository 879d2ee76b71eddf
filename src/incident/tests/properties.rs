//! What holds whatever comes, in whatever order.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;

#[test]
fn settling_again_changes_nothing() {
    for mut play in [Play::open(opening()), outage(), healthy(), outage().later(60).parents(&referral(600, &GOOD))] {
        let before = format!("{:?}", play.incident);
        play.incident.settle(at(play.now));
        play.incident.settle(at(play.now));
        assert_eq!(format!("{:?}", play.incident), before);
    }
}

/// What is said of an incident, without the numbers under which the observations were kept.
fn said(incident: &Incident) -> String {
    let parents: Vec<_> = incident.parents().iter().map(|(a, p)| (a, p.judgement.verdict, &p.judgement.ns)).collect();
    let servers: Vec<_> = incident.authorities().iter().map(|(a, s)| (a, s.role, s.judgement.verdict)).collect();
    let resolvers: Vec<_> = incident
        .resolvers()
        .iter()
        .map(|r| (r.judgement.verdict, r.judgement.state, r.judgement.rule, r.judgement.until, r.judgement.samples))
        .collect();
    let findings: Vec<_> = incident.findings().iter().map(|f| (f.code, &f.targets, &f.detail)).collect();
    format!("{:?} {parents:?} {servers:?} {resolvers:?} {findings:?}", incident.phase())
}

/// The events of one moment of an outage, each target speaking about each thing once.
fn one_moment() -> Vec<Event> {
    let mut observations = vec![
        about_parent(1, Outcome::Answered(referral(600, &PARKED)), 0),
        about_parent(2, Outcome::Answered(referral(600, &GOOD)), 0),
        nonce(RESOLVERS[0], Outcome::Answered(parked_denial()), 0),
        nonce(RESOLVERS[1], Outcome::Answered(good_denial(FULL)), 0),
        resolver_address(RESOLVERS[0], RecordType::A, Outcome::Answered(answer(vec![a(ZONE, 9, PARKED_ADDRESS)])), 0),
        resolver_address(RESOLVERS[1], RecordType::A, Outcome::Answered(answer(vec![a(ZONE, 9, GOOD_ADDRESS)])), 0),
    ];
    observations.extend(server_says(GOOD_AT[0], &good_server(), 0));
    observations.extend(server_says(PARKED_AT, &parked_server(), 0));
    observations.into_iter().map(|o| Event::Observed(Arc::new(o))).collect()
}

fn play_at_once(events: &[Event], settle_each: bool) -> String {
    let mut play = Play::with_parents().parent(1, referral(600, &PARKED));
    play = play.resolved(GOOD[0], GOOD_AT[0]).resolved(GOOD[1], GOOD_AT[1]).resolved(PARKED[0], PARKED_AT);
    for event in events {
        play.incident.apply(at(0), event);
        if settle_each {
            play.incident.settle(at(0));
        }
    }
    play.incident.settle(at(0));
    said(&play.incident)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_order_of_observations_of_one_moment_does_not_matter(
        shuffled in Just(one_moment()).prop_shuffle(),
        settle_each: bool,
    ) {
        prop_assert_eq!(play_at_once(&shuffled, settle_each), play_at_once(&one_moment(), false));
    }

    /// Whatever comes, nothing panics, settling twice is settling once, and nothing is called good while a parent
    /// server is known to be wrong.
    #[test]
    fn no_story_breaks_the_reducer(story in proptest::collection::vec((0_u8..14, 0_u8..2, 0_i64..400), 0..40)) {
        let mut play = Play::with_parents();
        for (what, who, pause) in story {
            let (parent, resolver) = (PARENTS[usize::from(who)], RESOLVERS[usize::from(who)]);
            play = play.later(pause);
            let now = play.now;
            play = match what {
                0 => play.parent(parent, referral(600, &GOOD)),
                1 => play.parent(parent, referral(600, &PARKED)),
                2 => play.parent(parent, with_authority(parent_denial())),
                3 => play.observed([about_parent(parent, Outcome::NoResponse, now)]),
                4 => play.observed([about_parent(parent, not_sent(), now)]),
                5 => play.good_servers(),
                6 => play.parked_servers(),
                7 => play.clean(resolver),
                8 => play.nonce(resolver, parked_denial()),
                9 => play.nonce(resolver, empty(Rcode::SERVFAIL)),
                10 => play.observed([nonce(resolver, Outcome::NoResponse, now)]),
                11 => play.tell(&Event::WalkFailed { reason: "x".to_owned(), ours: false }),
                12 => play.tell(&Event::ClockJumped { seconds: 7 }).tell(&Event::WallClockSet { seconds: -7 }),
                _ => play.tell(&Event::HostResolved { host: name(GOOD[who as usize]), addresses: Err("x".to_owned()) }),
            };
            let before = format!("{:?}", play.incident);
            play.incident.settle(at(play.now));
            prop_assert_eq!(format!("{:?}", play.incident), before);
            let wrong = play.incident.parents().values().any(|p| p.judgement.verdict.is_wrong() && p.judgement.verdict != Verdict::Broken);
            prop_assert!(!(wrong && play.phase().is_good()));
        }
    }
}
