//! What a timeline tells of flushes: what was decided, what the operators replied, and what their caches showed then. Steps that
//! went alike are one entry.

use std::time::Duration;

use crate::catalog::FlushOperator;
use crate::dns::shown;
use crate::incident::{Disarming, FlushAct, FlushOutcome, FlushRecord, FlushStanding, FlushState, FlushStep, Incident};
use crate::time::Timestamp;
use crate::view::model::timeline::{TimelineEntry, TimelineKind, entry};

/// Steps of a flush that end within this time of each other are one entry.
const ONE_FLUSH: Duration = Duration::from_secs(120);

/// The entries.
pub(super) fn flushes(incident: &Incident) -> Vec<TimelineEntry> {
    let acts = incident.flush_acts().iter();
    let mut entries: Vec<TimelineEntry> =
        acts.map(|(at, by, act)| entry(*at, TimelineKind::Flush, act_words(by, act))).collect();
    let alike = |a: &(Timestamp, FlushRecord), b: &(Timestamp, FlushRecord)| {
        // Replies are worded alike or not; what counts is that they took it.
        let taken = |o: &FlushOutcome| matches!(o, FlushOutcome::Sent { .. });
        a.1.step.operator == b.1.step.operator
            && (a.1.outcome == b.1.outcome || (taken(&a.1.outcome) && taken(&b.1.outcome)))
            && b.0.since(a.0) <= ONE_FLUSH
    };
    for run in incident.flushes().chunk_by(alike) {
        if let Some((at, first)) = run.first() {
            let what = steps(run.iter().map(|(_, record)| &record.step));
            let text = format!("flush {}: {what}: {}", first.step.operator, shown::text(&first.outcome.to_string()));
            entries.push(entry(*at, TimelineKind::Flush, text));
        }
    }
    entries.extend(proofs(incident.flush_standings()));
    entries
}

/// What was decided.
fn act_words(by: &str, act: &FlushAct) -> String {
    let by = shown::text(by);
    match act {
        FlushAct::Armed(_) => format!("flush armed by {by}: it waits for the source to be right"),
        FlushAct::Disarmed(Disarming::Cancelled) => format!("armed flush cancelled by {by}"),
        FlushAct::Disarmed(Disarming::TimedOut) => "armed flush given up: the source was not right in time".to_owned(),
        FlushAct::Disarmed(Disarming::NothingToDo) => "armed flush not needed: nothing was stale any more".to_owned(),
        FlushAct::Ordered { against, .. } if !against.is_empty() => {
            let against: Vec<String> = against.iter().map(|a| shown::text(a)).collect();
            format!("flush ordered by {by} although {}", against.join("; "))
        }
        FlushAct::Ordered { steps: ordered, .. } => format!("flush ordered by {by}: {}", steps(ordered.iter())),
    }
}

/// What the proofs that are over came to: by operator and result, at the time of the last of them.
fn proofs(standings: &[FlushStanding]) -> Vec<TimelineEntry> {
    let proven = [FlushState::Confirmed, FlushState::StillParked, FlushState::Repoisoned, FlushState::Unproven];
    let mut entries = Vec::new();
    for operator in FlushOperator::ALL {
        for state in proven {
            let alike = standings.iter().filter(|s| s.step.operator == operator && s.state == state);
            let alike: Vec<&FlushStanding> = alike.collect();
            if let Some(at) = alike.iter().map(|s| s.changed).max() {
                let what = steps(alike.iter().map(|s| &s.step));
                entries.push(entry(at, TimelineKind::Flush, format!("flush {operator}: {what}: {}", state.word())));
            }
        }
    }
    entries
}

/// `brevo.com NS`, or `5 steps from brevo.com NS on`.
fn steps<'a>(mut steps: impl Iterator<Item = &'a FlushStep>) -> String {
    let Some(first) = steps.next() else { return "nothing".to_owned() };
    let one = format!("{} {}", first.name.without_dot(), first.rtype);
    match steps.count() {
        0 => one,
        more => format!("{} steps from {one} on", more + 1),
    }
}
