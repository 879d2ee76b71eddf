//! `unpark.flush/1`: the plan of a flush, what stands against it, and what came of each step. Sends nothing, and never says that
//! a cache has forgotten anything.

use serde::Serialize;

use crate::flush::{
    FlushEndpoints, FlushOperator, FlushOutcome, FlushPlan, FlushStep, NO_FLUSH, Obstacle, consequence,
};
use crate::incident::Incident;

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
}

#[derive(Serialize)]
struct LeftOutEntry {
    operator: &'static str,
    name: String,
    reason: &'static str,
}

#[derive(Serialize)]
struct NoFlushEntry {
    operator: &'static str,
    reason: &'static str,
}

impl StepEntry {
    fn of(step: &FlushStep, endpoints: &FlushEndpoints, outcome: Option<&FlushOutcome>) -> Self {
        let reason = match outcome {
            None | Some(FlushOutcome::NeedsAPerson { .. }) => None,
            Some(outcome) => outcome.detail().map(plain),
        };
        Self {
            operator: operator_word(step.operator),
            name: step.name.to_string(),
            rtype: step.rtype.to_string(),
            needs_a_person: step.operator.needs_a_person(),
            request: plain(&step.request(endpoints)),
            link: step.link(endpoints).map(|link| plain(&link)),
            outcome: outcome.map(outcome_word),
            reason,
        }
    }
}

/// As in `resolvers.toml`.
const fn operator_word(operator: FlushOperator) -> &'static str {
    match operator {
        FlushOperator::Cloudflare => "cloudflare",
        FlushOperator::Google => "google",
        FlushOperator::OpenDns => "opendns",
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
        operator: operator_word(left_out.operator),
        name: left_out.name.to_string(),
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
            .map(|(at, step)| StepEntry::of(step, endpoints, outcomes.get(at)))
            .collect(),
        left_out: left_out.collect(),
        without: NO_FLUSH.iter().map(|n| NoFlushEntry { operator: n.operator, reason: n.reason }).collect(),
    })
}
