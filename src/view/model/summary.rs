//! What is said of an incident afterwards: what happened in a few sentences, and what could not be seen.

use std::time::Duration;

use crate::dns::shown;
use crate::incident::forecast::ForecastScores;
use crate::incident::{Incident, NetworkState, Phase, PhaseChange};
use crate::judge::Verdict;
use crate::time::{Timestamp, in_words};
use crate::view::model::{Board, clock_jump, recovery};

/// What happened, in a few sentences: the outage, its end at the source, and how far caches had come by `now`. `board` is the
/// same incident's at `now`.
#[must_use]
pub fn summary(incident: &Incident, board: &Board) -> String {
    let zone = &board.zone;
    let time = |at: Timestamp| format!("{} UTC", at.date_and_minute());
    let Some(first) = first_fault(incident.phases()) else {
        let began = incident.started();
        return format!(
            "From {} to {} nothing was seen wrong at the source of {zone}. {}",
            time(began),
            time(board.now),
            board.headline
        );
    };
    let what = match first.phase {
        Phase::HeldAtParent => "was held: its parent said that there is no such domain",
        Phase::BrokenAtAuthority => "was delegated correctly, but its own name servers were not right",
        Phase::SplitAtParent => "was delegated differently by the servers of its parent",
        _ => "was delegated to servers that are not the correct ones",
    };
    let mut sentences = vec![format!("{zone} {what}, first seen at {}.", time(first.at))];
    match recovery(incident) {
        Some(recovery) if !at_source(board.phase) => {
            let span = in_words(recovery.restored.since(first.at));
            sentences.push(format!("The source was seen right again at {}, {span} later.", time(recovery.restored)));
            if let Some(worst) = worst(incident) {
                sentences.push(worst);
            }
            let shares: Vec<String> = recovery
                .shares
                .iter()
                .map(|s| format!("{} % after {}", s.share, in_words(s.at.since(recovery.restored))))
                .collect();
            if recovery.answering > 0 && !shares.is_empty() {
                let many = if recovery.answering == 1 {
                    "1 resolver that answers".to_owned()
                } else {
                    format!("{} resolvers that answer", recovery.answering)
                };
                sentences.push(format!("Of the {many} were right again: {}.", shares.join(", ")));
            }
        }
        _ => {
            sentences
                .push(format!("At the end of this report, {}, it still was not right at the source.", time(board.now)));
            sentences.extend(worst(incident));
        }
    }
    sentences.join(" ")
}

/// Whether a phase says that the source is wrong.
const fn at_source(phase: Phase) -> bool {
    matches!(phase, Phase::ParkedAtParent | Phase::HeldAtParent | Phase::SplitAtParent | Phase::BrokenAtAuthority)
}

/// When the source was first seen wrong, and how: of what followed at once, what was gravest.
#[must_use]
pub fn first_fault(phases: &[PhaseChange]) -> Option<PhaseChange> {
    let first = phases.iter().position(|change| at_source(change.phase))?;
    let together = phases.get(first..)?.iter().take_while(|change| at_source(change.phase));
    let grave = |phase: Phase| match phase {
        Phase::ParkedAtParent => 3,
        Phase::HeldAtParent => 2,
        Phase::BrokenAtAuthority => 1,
        _ => 0,
    };
    let worst = together.max_by_key(|change| (grave(change.phase), std::cmp::Reverse(change.at)))?;
    Some(PhaseChange { at: phases.get(first)?.at, phase: worst.phase })
}

/// How many resolvers were wrong at the worst moment.
fn worst(incident: &Incident) -> Option<String> {
    let wrong = |counts: &&crate::incident::CountsAt| -> u32 {
        Verdict::ALL.into_iter().filter(|v| v.is_wrong()).map(|v| counts.count(v)).sum()
    };
    let at = incident.counts_over_time().iter().max_by_key(|counts| (wrong(counts), std::cmp::Reverse(counts.at)))?;
    let (n, total) = (wrong(&at), at.total());
    (n > 0).then(|| format!("At worst {n} of {total} resolvers gave a wrong answer ({} UTC).", at.at.clock()))
}

/// How far the forecasts of an incident were off, in a sentence or two; none while no forecast has come due.
#[must_use]
pub fn scores_words(scores: &ForecastScores) -> Option<String> {
    let due = scores.scored;
    if due == 0 {
        return None;
    }
    let percent = |share: f64| format!("{:.0} %", share * 100.0);
    let mut parts = Vec::new();
    if let Some(error) = scores.median_error {
        parts.push(format!("half of those that turned were off by at most {}", in_words(error)));
    }
    if let Some(share) = scores.within_range {
        parts.push(format!("{} turned within the range foretold (90 % should)", percent(share)));
    }
    if let Some(share) = scores.by_worst {
        parts.push(format!("{} by the latest moment foretold (all should)", percent(share)));
    }
    let left = if scores.flushed > 0 {
        format!(" {} of resolvers that were flushed meanwhile are left out.", scores.flushed)
    } else {
        String::new()
    };
    let many =
        if due == 1 { "1 forecast of a resolver has".to_owned() } else { format!("{due} forecasts of resolvers have") };
    Some(format!("{many} come due: {}.{left}", parts.join("; ")))
}

/// What could not be seen, a sentence each: silent and undecided resolvers, times without a network, stepped clocks, and the
/// bound for caches that nobody can ask.
#[must_use]
pub fn unseen(incident: &Incident, board: &Board) -> Vec<String> {
    let mut said = Vec::new();
    let named = |verdict: Verdict| -> Vec<String> {
        board.rows.iter().filter(|row| row.verdict == verdict).map(|row| shown::text(&row.name())).collect()
    };
    for (verdict, one, many) in [
        (
            Verdict::Silent,
            "resolver did not answer and is counted neither way",
            "resolvers did not answer and are counted neither way",
        ),
        (Verdict::Unknown, "resolver could not be judged", "resolvers could not be judged"),
    ] {
        let names = named(verdict);
        if !names.is_empty() {
            let word = if names.len() == 1 { one } else { many };
            said.push(format!("{} {word}: {}.", names.len(), names.join(", ")));
        }
    }
    let mut out = None;
    for change in incident.network_changes() {
        if let Some((from, state)) = out.take() {
            said.push(gap(from, state, Some(change.at)));
        }
        out = match change.state {
            NetworkState::Whole => None,
            NetworkState::NothingLeaves => Some((change.at, change.state)),
            NetworkState::NobodyAnswers(since) => Some((since, change.state)),
        };
    }
    said.extend(out.map(|(from, state)| gap(from, state, None)));
    for (at, jump) in incident.clock_jumps() {
        said.push(sentence(&clock_jump(*at, *jump)));
    }
    let forecast = incident.forecast(board.now);
    let bound = |at: Timestamp| format!("{} UTC", at.date_and_minute());
    if let (Some(by_parent), Some(worst)) = (forecast.unseen.by_parent_ttl, forecast.unseen.worst) {
        let condition =
            if forecast.unseen.if_corrected_now { "If the source were corrected now, caches" } else { "Caches" };
        said.push(format!(
            "{condition} that cannot be asked from here (of Internet providers and companies) may have served the wrong zone until {} by the parent's TTL, at the very worst until {}. How many there are is not known.",
            bound(by_parent),
            bound(worst)
        ));
    } else {
        said.push("Caches that cannot be asked from here (of Internet providers and companies) were not seen, and how many there are is not known.".to_owned());
    }
    said
}

/// A text with a capital and a full stop.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), letters.as_str()))
}

fn gap(from: Timestamp, state: NetworkState, to: Option<Timestamp>) -> String {
    let end = to.map_or_else(|| "the end".to_owned(), |to| format!("{} UTC", to.clock()));
    let span = to.map_or_else(String::new, |to| format!(" ({})", in_words(to.since(from).max(Duration::from_secs(1)))));
    let what = match state {
        NetworkState::NobodyAnswers(_) => "nobody answered this machine, whose network seemed cut",
        _ => "nothing left this machine",
    };
    format!("From {} UTC to {end}{span} {what}: nothing was seen in that time.", from.clock())
}
