//! Flushes in the simulated internet, in virtual time: the tool's own guard, plan, schedule and proof, against operators that carry a
//! request out, accept it and do nothing, or are asked too early.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::allow_attributes,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a test may fail"
)]

#[path = "support/play.rs"]
#[expect(dead_code, reason = "the player serves several tests, each using what it needs")]
mod play;

use std::time::Duration;

use unpark::drill::network::Network;
use unpark::drill::scenario::Scenario;
use unpark::incident::{Event, FlushAct, FlushStanding, FlushState, Incident};
use unpark::observation::{Purpose, Role};
use unpark::time::Timestamp;

use play::{Played, Watch, play, replay};

struct Blind;

impl Watch for Blind {
    fn look(&mut self, _: Duration, _: &Incident, _: &Network) -> Option<Duration> {
        None
    }
}

fn played(name: &str) -> Played {
    let path = format!("{}/tests/scenarios/{name}.toml", env!("CARGO_MANIFEST_DIR"));
    let scenario = Scenario::read(&std::fs::read_to_string(path).unwrap(), name).unwrap();
    play(&scenario, scenario.seed, Duration::ZERO, &mut Blind)
}

/// Every step with its state: `NS confirmed`.
fn told(incident: &Incident) -> Vec<String> {
    let line =
        |s: &FlushStanding| format!("{} {} {}", s.step.name.relative_to(incident.zone()), s.step.rtype, s.state.word());
    incident.flush_standings().iter().map(line).collect()
}

fn since_start(played: &Played, at: Timestamp) -> Duration {
    at.since(played.incident.started())
}

#[test]
fn a_flush_in_the_right_order_is_confirmed_step_by_step() {
    let played = played("flush-in-order");
    let incident = &played.incident;
    let types = |at: &str| {
        let steps = incident.flush_standings().iter();
        steps
            .filter(|s| s.step.name.relative_to(incident.zone()) == at)
            .map(|s| s.step.rtype.to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(types("@"), ["NS", "A", "AAAA", "MX", "TXT"]);
    assert_eq!(types("www"), ["A", "AAAA", "HTTPS"]);
    for standing in incident.flush_standings() {
        let (took, state) = (standing.changed.since(standing.ordered), standing.state);
        assert_eq!(
            (state, standing.clean_of()),
            (FlushState::Confirmed, (1, 1)),
            "{}: {:?}",
            standing.step,
            told(incident)
        );
        assert!((Duration::from_secs(5)..Duration::from_secs(72)).contains(&took), "{}: {took:?}", standing.step);
    }
    let orders = incident.flush_acts().iter().filter(|(_, _, act)| matches!(act, FlushAct::Ordered { .. }));
    let orders: Vec<Duration> = orders.map(|(at, ..)| since_start(&played, *at)).collect();
    assert_eq!(orders.len(), 1, "what was asked for too early was refused: {orders:?}");
    assert!(orders[0] >= Duration::from_secs(330));
}

#[test]
fn one_asked_for_too_early_and_forced_is_seen_to_be_stored_again() {
    let played = played("flush-too-early");
    let standings = played.incident.flush_standings();
    let delegation = standings.iter().find(|s| s.is_of_delegation()).unwrap();
    assert_eq!(delegation.state, FlushState::Repoisoned, "{:?}", told(&played.incident));
    assert!(standings.iter().all(|s| s.forced && s.state != FlushState::Confirmed), "{:?}", told(&played.incident));
    assert!(since_start(&played, delegation.changed) < Duration::from_secs(270), "seen before the source was right");
}

#[test]
fn one_that_is_accepted_and_ignored_is_still_parked() {
    let played = played("flush-ignored");
    let standings = played.incident.flush_standings();
    assert!(!standings.is_empty());
    let delegation = standings.iter().find(|s| s.is_of_delegation()).unwrap();
    assert_eq!(delegation.state, FlushState::StillParked, "{:?}", told(&played.incident));
    // What hangs on the delegation is not asked for while it is parked: that would store the parked data anew.
    let states = [FlushState::StillParked, FlushState::Unproven];
    assert!(standings.iter().all(|s| states.contains(&s.state)), "{:?}", told(&played.incident));
}

#[test]
fn an_armed_flush_waits_for_the_last_parent_server_and_is_sent_once() {
    let played = played("flush-armed");
    let orders: Vec<Duration> = played
        .events
        .iter()
        .filter(|(_, e)| matches!(e, Event::FlushActed { act: FlushAct::Ordered { .. }, .. }))
        .map(|(at, _)| since_start(&played, *at))
        .collect();
    let [sent] = orders[..] else { panic!("{orders:?}") };
    assert!((Duration::from_secs(335)..Duration::from_secs(350)).contains(&sent), "{sent:?}");
    assert!(played.incident.armed_flush().is_none());
    assert!(
        played.incident.flush_standings().iter().all(|s| s.state == FlushState::Confirmed),
        "{:?}",
        told(&played.incident)
    );
}

#[test]
fn the_proof_keeps_to_the_budgets_and_asks_nobody_else() {
    let played = played("flush-in-order");
    let flushed = played.incident.flush_standings().iter().filter_map(FlushStanding::since).min().unwrap();
    let cloudflare = played.incident.resolvers().iter().find(|r| r.target.flush.is_some()).unwrap().target.address;
    let of_proof = |event: &Event| match event {
        Event::Observed(o) => {
            let resolver = o.query.target.role == Role::Resolver && o.query.target.address == cloudflare;
            (resolver && o.query.rd && o.sent >= flushed).then_some((o.sent, o.query.purpose))
        }
        _ => None,
    };
    let mut asked: Vec<(Timestamp, Purpose)> = played.events.iter().filter_map(|(_, e)| of_proof(e)).collect();
    asked.sort();
    let minute: Vec<_> = asked.iter().filter(|(at, _)| at.since(flushed) < Duration::from_secs(75)).collect();
    assert!(minute.iter().filter(|(_, p)| *p == Purpose::Nonce).count() >= 14, "{}", minute.len());
    // One a second at one address, after a burst of five.
    assert!(minute.len() <= 75 + 5, "{}", minute.len());
    // Types that are not watched are asked of nobody but this operator.
    let others = played.events.iter().filter(|(_, e)| match e {
        Event::Observed(o) => {
            o.query.target.role == Role::Resolver
                && o.query.target.address != cloudflare
                && o.query.purpose == Purpose::Service
                && !played.incident.watched().contains(&(o.query.name.clone(), o.query.rtype))
        }
        _ => false,
    });
    assert_eq!(others.count(), 0);
}

#[test]
fn a_replay_of_the_facts_comes_to_the_same_standings() {
    for name in ["flush-in-order", "flush-too-early", "flush-ignored", "flush-armed"] {
        let played = played(name);
        let end = played.events.last().unwrap().0 + Duration::from_secs(120);
        let (mut live, mut again) = (played.incident.clone(), replay(&played, &played.events));
        live.settle(end);
        again.settle(end);
        assert_eq!(told(&again), told(&live), "{name}");
    }
}
