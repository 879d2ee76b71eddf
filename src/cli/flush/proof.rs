//! Waits until the operators' caches have shown whether they forgot, and says what came of it.

use std::sync::Arc;

use tokio::sync::watch;

use crate::cli::args::FlushCommand;
use crate::cli::exit::Exit;
use crate::cli::print::{Progress, print, remark};
use crate::flush::{FlushOutcome, FlushPlan, FlushStep};
use crate::incident::{FlushStanding, FlushState, Incident};
use crate::time::ReadClock;
use crate::view::lines;

/// Waits until every step stands as it will, and prints each as it comes to that.
pub async fn wait(
    news: &mut watch::Receiver<Arc<Incident>>,
    command: &FlushCommand,
    steps: &[FlushStep],
    clock: &dyn ReadClock,
) -> Arc<Incident> {
    let mut progress = Progress::start(!command.probe.quiet);
    let mut told: Vec<FlushStep> = Vec::new();
    loop {
        let incident = Arc::clone(&news.borrow_and_update());
        let standings = of_steps(&incident, steps);
        for standing in standings.iter().filter(|s| s.state.is_final() && s.state != FlushState::Failed) {
            if !told.contains(&standing.step) {
                told.push(standing.step.clone());
                if !command.probe.json && !command.probe.quiet {
                    // The proof goes on without a reader; the exit code says what came of it.
                    let _ = print(&format!("{}\n", lines::flush_proof_line(standing, &incident, clock.now())));
                }
            }
        }
        // Without a source that is right, asking the caches would do what the flush was to undo: nothing is to be waited for.
        let ended = |s: &&&FlushStanding| s.state.is_final() || s.state == FlushState::AwaitsSource;
        let open = steps.len() - standings.iter().filter(ended).count();
        if open == 0 {
            return incident;
        }
        progress.say(&format!("asking the caches again: {} of {} steps decided …", steps.len() - open, steps.len()));
        if news.changed().await.is_err() {
            return incident;
        }
    }
}

fn of_steps<'a>(incident: &'a Incident, steps: &[FlushStep]) -> Vec<&'a FlushStanding> {
    incident.flush_standings().iter().filter(|s| steps.contains(&s.step)).collect()
}

/// What the requests did not cover or bring about, on standard error.
pub fn say_what_is_left(plan: &FlushPlan, outcomes: &[FlushOutcome], proven: Option<&Incident>) {
    if plan.steps.is_empty() {
        remark("Nothing to flush: nothing stale was seen at the operators that have a flush.");
    }
    let requests: Vec<&FlushStep> = plan.steps.iter().filter(|step| !step.operator.needs_a_person()).collect();
    let people = plan.steps.len() - requests.len();
    let sent = outcomes.iter().filter(|o| matches!(o, FlushOutcome::Sent { .. })).count();
    let mut parts = Vec::new();
    if !requests.is_empty() {
        parts.push(format!("{sent} of {} {} accepted", requests.len(), many(requests.len(), "request", "requests")));
    }
    if let Some(incident) = proven {
        let confirmed = requests.iter().filter(|step| state_of(incident, step) == Some(FlushState::Confirmed)).count();
        parts.push(format!("{confirmed} confirmed by asking the caches again"));
    }
    if people > 0 {
        parts.push(format!("{people} {} a person at a browser", many(people, "step needs", "steps need")));
    }
    if !parts.is_empty() {
        remark(&format!("{}.", parts.join("; ")));
    }
    for left_out in &plan.left_out {
        remark(&format!("left out: {left_out}"));
    }
    if proven.is_none() && sent > 0 {
        remark("Sent is not proof: run `unpark check` in half a minute to see which caches are clean.");
    }
    let alarm = proven
        .is_some_and(|incident| requests.iter().any(|step| state_of(incident, step) == Some(FlushState::Repoisoned)));
    if alarm {
        remark(
            "warning: re-poisoned: a cache stored the parked answer again, so the source was not right everywhere; see `unpark trace`",
        );
    }
}

fn many<'a>(count: usize, one: &'a str, more: &'a str) -> &'a str {
    if count == 1 { one } else { more }
}

fn state_of(incident: &Incident, step: &FlushStep) -> Option<FlushState> {
    incident.flush_standings().iter().find(|s| s.step == *step).map(|s| s.state)
}

/// 0 when everything that was stale was accepted and, unless that was not wanted, confirmed; 3 when nothing could leave this machine;
/// else 1.
pub fn exit(plan: &FlushPlan, outcomes: &[FlushOutcome], proven: Option<&Incident>) -> Exit {
    let requests = || plan.steps.iter().zip(outcomes).filter(|(step, _)| !step.operator.needs_a_person());
    let is_accepted = |outcome: &FlushOutcome| matches!(outcome, FlushOutcome::Sent { .. });
    let ours = |outcome: &FlushOutcome| matches!(outcome, FlushOutcome::NotSent { .. } | FlushOutcome::Skipped { .. });
    if requests().count() > 0
        && requests().all(|(_, o)| ours(o))
        && requests().any(|(_, o)| matches!(o, FlushOutcome::NotSent { .. }))
    {
        return Exit::CannotTell;
    }
    let done = requests().all(|(step, outcome)| {
        is_accepted(outcome) && proven.is_none_or(|i| state_of(i, step) == Some(FlushState::Confirmed))
    });
    // Steps for a person are not done by having been printed.
    let people = plan.steps.iter().any(|step| step.operator.needs_a_person());
    if done && !people { Exit::Good } else { Exit::NotYet }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::RecordType;
    use crate::flush::{FlushOperator, FlushPlan};

    #[test]
    fn the_exit_code_tells_done_from_not_yet_and_from_our_own_failure() {
        let zone = "example.com.".parse().unwrap();
        let mut plan = FlushPlan::for_zone(&zone, &[], false, &[FlushOperator::Cloudflare]);
        plan.steps.truncate(2);
        let sent = || FlushOutcome::Sent { reply: "queued".to_owned() };
        let reason = || "network is unreachable".to_owned();
        let not_sent = || FlushOutcome::NotSent { reason: reason() };
        for (outcomes, exit_code) in [
            (vec![sent(), sent()], Exit::Good),
            (vec![sent(), not_sent()], Exit::NotYet),
            (vec![not_sent(), not_sent()], Exit::CannotTell),
            (vec![not_sent(), FlushOutcome::Skipped { reason: reason() }], Exit::CannotTell),
            (vec![FlushOutcome::Unclear { reason: reason() }, sent()], Exit::NotYet),
            (vec![FlushOutcome::Refused { reason: reason() }, sent()], Exit::NotYet),
        ] {
            assert_eq!(exit(&plan, &outcomes, None), exit_code, "{outcomes:?}");
        }
        plan.steps.push(FlushStep { operator: FlushOperator::Google, name: zone, rtype: RecordType::NS });
        let person = FlushOutcome::NeedsAPerson { link: "https://dns.google/cache".to_owned() };
        assert_eq!(exit(&plan, &[sent(), sent(), person], None), Exit::NotYet);
        plan.steps.clear();
        assert_eq!(exit(&plan, &[], None), Exit::Good, "nothing was stale");
    }
}
