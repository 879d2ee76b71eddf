//! Phases over time: no flapping, recovery only by the rule, and a second incident in the same watch.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::allow_attributes,
    reason = "a test may stop at the first surprise"
)]

#[path = "support/play.rs"]
#[allow(dead_code, reason = "what only the scenarios need")]
mod play;

use std::time::Duration;

use play::{Watch, play};
use unpark::drill::network::Network;
use unpark::drill::scenario::Scenario;
use unpark::incident::{Incident, Phase};
use unpark::judge::Verdict;

/// How often the rule is held against the incident.
const EVERY: Duration = Duration::from_secs(1);

fn scenario(name: &str) -> Scenario {
    let path = format!("{}/tests/scenarios/{name}.toml", env!("CARGO_MANIFEST_DIR"));
    Scenario::read(&std::fs::read_to_string(path).unwrap(), name).unwrap_or_else(|e| panic!("{e}"))
}

/// Holds the rule of recovery against the incident while it is played.
#[derive(Default)]
struct Rule {
    faults: Vec<String>,
    looked: usize,
}

impl Watch for Rule {
    fn look(&mut self, since: Duration, incident: &Incident, _: &Network) -> Option<Duration> {
        if incident.phase() == Phase::Recovered {
            self.looked += 1;
            for row in incident.resolvers() {
                let (judgement, samples) = (&row.judgement, row.judgement.samples);
                let enough = judgement.verdict != Verdict::Correct || samples.good >= incident.samples_wanted(row);
                if !enough || judgement.verdict.is_wrong() {
                    let word = judgement.verdict.word();
                    self.faults.push(format!("{since:?}: {} is {word} with {} good", row.target.id, samples.good));
                }
            }
        }
        Some(EVERY)
    }
}

/// The phases of a play, and what the rule has to say about it.
fn phases(name: &str) -> Vec<Phase> {
    let mut rule = Rule::default();
    let scenario = scenario(name);
    let played = play(&scenario, scenario.seed, EVERY, &mut rule);
    assert!(rule.looked > 0, "{name} was never recovered");
    assert!(rule.faults.is_empty(), "{name}: {:?}", rule.faults);
    played.incident.phases().iter().map(|change| change.phase).collect()
}

#[test]
fn an_incident_recovers_once_and_losses_change_nothing_after_that() {
    for name in ["incident-all-models", "loss-5", "loss-15"] {
        let phases = phases(name);
        let recovered = phases.iter().position(|phase| *phase == Phase::Recovered).unwrap();
        assert_eq!(recovered, phases.len() - 1, "{name}: {phases:?}");
        let outage = phases.iter().filter(|phase| **phase == Phase::ParkedAtParent).count();
        assert_eq!(outage, 1, "{name}: {phases:?}");
        let converging = phases.iter().filter(|phase| **phase == Phase::Converging).count();
        assert_eq!(converging, 1, "{name} went back and forth: {phases:?}");
    }
}

#[test]
fn when_the_parent_changes_again_there_is_a_second_outage_and_a_second_recovery() {
    let phases = phases("parked-again");
    let told: Vec<Phase> = phases
        .into_iter()
        .filter(|phase| matches!(phase, Phase::ParkedAtParent | Phase::Converging | Phase::Recovered))
        .collect();
    let once = [Phase::ParkedAtParent, Phase::Converging, Phase::Recovered];
    assert_eq!(told, [once, once].concat());
}
