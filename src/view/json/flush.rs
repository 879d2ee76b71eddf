//! `unpark.flush/1`: the plan of a flush, what stands against it, and what came of each step. Sends nothing, and never says that
//! a cache has forgotten anything.

use serde::Serialize;

use crate::flush::{FlushEndpoints, FlushOutcome, FlushPlan, FlushStep, NO_FLUSH, Obstacle, consequence};
use crate::incident::{CacheState, FlushStanding, Incident};
use crate::judge::Until;
use crate::observation::address_text;

use super::{document, plain};

#[derive(Serialize)]
struct Flush {
    schema: &'static str,
    zone: String,
    phase: &'static str,
    refused: bool,
    consequence: Option<&'static str>,
    obstacles: Vec<ObstacleEntry>,
    steps: Vec<StepEntry>,
    left_out: Vec<LeftOutEntry>,
    #[serde(rename = "no_flush")]
    without: Vec<NoFlushEntry>,
}

#[derive(Serialize)]
struct ObstacleEntry {
    code: &'static str,
    sentence: String,
}

#[derive(Serialize)]
struct StepEntry {
    operator: &'static str,
    name: String,
    #[serde(rename = "type")]
    rtype: String,
    needs_a_person: bool,
    request: String,
    link: Option<String>,
    outcome: Option<&'static str>,
    reason: Option<String>,
    basis: &'static str,
    because: String,
    caution: Option<&'static str>,
    reply: Option<String>,
    by: Option<String>,
    ordered: Option<String>,
    ended: Option<String>,
    state: Option<String>,
    proof: Option<ProofEntry>,
}

#[derive(Serialize)]
struct ProofEntry {
    clean: usize,
    of: usize,
    caches: Vec<CacheEntry>,
}

#[derive(Serialize)]
struct CacheEntry {
    address: String,
    state: &'static str,
    until: Option<String>,
    until_kind: &'static str,
}

#[derive(Serialize)]
struct LeftOutEntry {
    operator: &'static str,
    name: String,
    #[serde(rename = "type")]
    rtype: Option<String>,
    reason: &'static str,
}

#[derive(Serialize)]
struct NoFlushEntry {
    operator: &'static str,
    reason: &'static str,
}

impl StepEntry {
    fn of(
        incident: &Incident,
        plan: &FlushPlan,
        step: &FlushStep,
        endpoints: &FlushEndpoints,
        outcome: Option<&FlushOutcome>,
    ) -> Self {
        // A step that was not tried in this run stands as nobody left it.
        let standing = outcome.and_then(|_| incident.flush_standings().iter().find(|s| s.step == *step));
        let proven = standing.filter(|s| s.since().is_some());
        let reason = match outcome {
            None | Some(FlushOutcome::NeedsAPerson { .. }) => None,
            Some(outcome) => outcome.detail().map(plain),
        };
        Self {
            operator: step.operator.word(),
            name: step.name.to_string(),
            rtype: step.rtype.to_string(),
            needs_a_person: step.operator.needs_a_person(),
            request: plain(&step.request(endpoints)),
            link: step.link(endpoints).map(|link| plain(&link)),
            outcome: outcome.map(outcome_word),
            reason,
            basis: plan.basis(step).word(),
            because: plan.basis(step).to_string(),
            caution: plan.caution(step),
            reply: match outcome {
                Some(FlushOutcome::Sent { reply }) => Some(plain(reply)),
                _ => None,
            },
            by: standing.map(|s| plain(&s.by)),
            ordered: standing.map(|s| s.ordered.to_string()),
            ended: standing.and_then(|s| s.ended.as_ref()).map(|(at, _)| at.to_string()),
            state: standing.map(|s| s.state.word().replace(' ', "-")),
            proof: proven.map(ProofEntry::of),
        }
    }
}

impl ProofEntry {
    fn of(standing: &FlushStanding) -> Self {
        let (clean, of) = standing.clean_of();
        let caches = standing.caches.iter().map(|cache| {
            let (state, until) = match cache.state {
                CacheState::Waiting => ("waiting", Until::Unknown),
                CacheState::Clean => ("clean", Until::Unknown),
                CacheState::Stale(until) => ("still-parked", until),
                CacheState::StoredAnew(until) => ("stored-anew", until),
                CacheState::Wrong => ("wrong", Until::Unknown),
            };
            let (address, moment) = (address_text(cache.address), until.moment());
            CacheEntry { address, state, until: moment.map(|at| at.to_string()), until_kind: until.kind() }
        });
        Self { clean, of, caches: caches.collect() }
    }
}

const fn outcome_word(outcome: &FlushOutcome) -> &'static str {
    match outcome {
        FlushOutcome::Sent { .. } => "sent",
        FlushOutcome::Refused { .. } => "refused",
        FlushOutcome::NeedsAPerson { .. } => "needs-a-person",
        FlushOutcome::DoneByHand => "done-by-hand",
        FlushOutcome::Unclear { .. } => "unclear",
        FlushOutcome::NotSent { .. } => "not-sent",
        FlushOutcome::Skipped { .. } => "skipped",
    }
}

const fn obstacle_code(obstacle: &Obstacle) -> &'static str {
    match obstacle {
        Obstacle::NobodySaidWhatIsCorrect => "nobody-said-what-is-correct",
        Obstacle::ParentsUnheard => "parents-unheard",
        Obstacle::ParentsWrong { .. } => "parents-wrong",
        Obstacle::ParentsSilent { .. } => "parents-silent",
        Obstacle::AuthoritativeUnheard => "authoritative-unheard",
        Obstacle::AuthoritativeWrong { .. } => "authoritative-wrong",
        Obstacle::AuthoritativeSilent { .. } => "authoritative-silent",
    }
}

/// The JSON of `unpark flush --json`: one document with a newline at its end. `outcomes` are those of the plan's steps in
/// their order; steps beyond its end were not tried. `refused` says that the obstacles kept every request back.
#[must_use]
pub fn flush(
    incident: &Incident,
    plan: &FlushPlan,
    endpoints: &FlushEndpoints,
    obstacles: &[Obstacle],
    refused: bool,
    outcomes: &[FlushOutcome],
) -> String {
    let sentence =
        |o: &Obstacle| ObstacleEntry { code: obstacle_code(o), sentence: format!("{}.", plain(&o.to_string())) };
    let left_out = plan.left_out.iter().map(|left_out| LeftOutEntry {
        operator: left_out.operator.word(),
        name: left_out.name.to_string(),
        rtype: left_out.rtype.map(|rtype| rtype.to_string()),
        reason: left_out.reason,
    });
    document(&Flush {
        schema: "unpark.flush/1",
        zone: incident.zone().to_string(),
        phase: incident.phase().word(),
        refused,
        consequence: (!obstacles.is_empty()).then(|| consequence(obstacles)),
        obstacles: obstacles.iter().map(sentence).collect(),
        steps: plan
            .steps
            .iter()
            .enumerate()
            .map(|(at, step)| StepEntry::of(incident, plan, step, endpoints, outcomes.get(at)))
            .collect(),
        left_out: left_out.collect(),
        without: NO_FLUSH.iter().map(|n| NoFlushEntry { operator: n.operator, reason: n.reason }).collect(),
    })
}
