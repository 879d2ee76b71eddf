//! The JSON of `flush`: what was planned, whether the guard let it pass, and how each request ended.

use serde::Serialize;

use super::{document, plain};
use crate::flush::{FlushEndpoints, FlushOutcome, FlushPlan, FlushStep, Obstacle};
use crate::incident::Incident;

#[derive(Serialize)]
struct Flush {
    schema: &'static str,
    zone: String,
    phase: &'static str,
    refused: bool,
    obstacles: Vec<String>,
    steps: Vec<Step>,
    left_out: Vec<LeftOut>,
}

#[derive(Serialize)]
struct Step {
    operator: String,
    name: String,
    #[serde(rename = "type")]
    rtype: String,
    request: String,
    outcome: Option<&'static str>,
    detail: Option<String>,
}

#[derive(Serialize)]
struct LeftOut {
    operator: String,
    name: String,
    reason: String,
}

/// The JSON of `unpark flush --json`: one document with a newline at its end. `outcomes` is empty when nothing was sent;
/// otherwise it has one entry for each step, in the plan's order.
#[must_use]
pub fn flush(
    incident: &Incident,
    plan: &FlushPlan,
    endpoints: &FlushEndpoints,
    obstacles: &[Obstacle],
    refused: bool,
    outcomes: &[FlushOutcome],
) -> String {
    let step = |(at, step): (usize, &FlushStep)| Step {
        operator: step.operator.to_string(),
        name: step.name.to_string(),
        rtype: step.rtype.to_string(),
        request: plain(&step.request(endpoints)),
        outcome: outcomes.get(at).map(FlushOutcome::word),
        detail: outcomes.get(at).and_then(FlushOutcome::detail).map(plain),
    };
    let left_out = plan.left_out.iter().map(|left| LeftOut {
        operator: left.operator.to_string(),
        name: left.name.to_string(),
        reason: plain(left.reason),
    });
    document(&Flush {
        schema: "unpark.flush/1",
        zone: incident.zone().to_string(),
        phase: incident.phase().word(),
        refused,
        obstacles: obstacles.iter().map(|o| plain(&o.to_string())).collect(),
        steps: plan.steps.iter().enumerate().map(step).collect(),
        left_out: left_out.collect(),
    })
}
