//! Flushes in words: how a step stands, how an armed flush does, and what those can expect who have no flush.

use crate::flush::{Arming, EVERYONE_ELSE, arming};
use crate::incident::{CacheState, FlushOutcome, FlushStanding, FlushState, Incident, PROOF_LOOKS};
use crate::judge::Until;
use crate::time::{Timestamp, in_words};
use crate::view::model::rows::until;
use crate::view::model::until_words;

/// Beyond it a time of day alone would mislead.
const DAY: std::time::Duration = std::time::Duration::from_secs(86_400);

/// How a step stands, in a clause: `confirmed on 2 of 2 caches`.
#[must_use]
pub fn standing_words(standing: &FlushStanding, incident: &Incident, now: Timestamp) -> String {
    let (clean, all) = standing.clean_of();
    let caches = if all == 1 { "cache" } else { "caches" };
    let taken = match &standing.ended {
        Some((at, FlushOutcome::DoneByHand)) => format!("done by hand {}", at.clock()),
        Some((at, FlushOutcome::Unclear { reason })) => format!("unclear {} ({reason})", at.clock()),
        Some((at, _)) => format!("accepted {}", at.clock()),
        None => "sent".to_owned(),
    };
    match standing.state {
        FlushState::Sent => "sent, no reply yet".to_owned(),
        FlushState::AwaitsAPerson => "needs a person".to_owned(),
        FlushState::Failed => standing.ended.as_ref().map_or_else(String::new, |(_, outcome)| outcome.to_string()),
        FlushState::Accepted => {
            let next = next_look(standing, incident, now);
            let next = next.map_or_else(
                || "last answers awaited".to_owned(),
                |at| format!("next look in {}", in_words(at.since(now))),
            );
            format!("{taken}; clean on {clean} of {all} {caches} so far, {next}")
        }
        FlushState::AwaitsSource => {
            format!("{taken}; the proof waits for the source: asking now would store the parked answer")
        }
        FlushState::Confirmed => format!("confirmed on {clean} of {all} {caches}"),
        FlushState::StillParked => {
            let (stale, until) = worst(standing, |state| matches!(state, CacheState::Stale(_)));
            let until = until.map_or_else(String::new, |until| format!(", {}", until_words(until, now)));
            format!("{taken}, and still parked on {stale} of {all} {caches}{until}")
        }
        FlushState::Repoisoned => {
            let (anew, until) = worst(standing, |state| matches!(state, CacheState::StoredAnew(_)));
            let until = until.map_or_else(String::new, |until| format!(", {}", until_words(until, now)));
            format!("re-poisoned: the parked answer was stored again after it on {anew} of {all} {caches}{until}")
        }
        FlushState::Unproven if all == 0 => {
            format!("{taken}; no proof: none of the operator's resolvers is asked here")
        }
        FlushState::Unproven => {
            format!("{taken}; no proof: clean on {clean} of {all} {caches}, nothing usable from the rest")
        }
    }
}

/// How a step stands, as short as it goes: for a row of the dialog.
#[must_use]
pub fn standing_brief(standing: &FlushStanding, incident: &Incident, now: Timestamp) -> String {
    let (clean, all) = standing.clean_of();
    match standing.state {
        FlushState::Accepted => {
            let next = next_look(standing, incident, now);
            let next = next
                .map_or_else(|| "last answers".to_owned(), |at| format!("next look in {}", in_words(at.since(now))));
            format!("clean on {clean} of {all}, {next}")
        }
        FlushState::AwaitsSource => "proof waits for the source".to_owned(),
        FlushState::StillParked => {
            format!("still parked on {} of {all}", worst(standing, |state| matches!(state, CacheState::Stale(_))).0)
        }
        FlushState::Repoisoned => {
            format!("RE-POISONED on {} of {all}", worst(standing, |state| matches!(state, CacheState::StoredAnew(_))).0)
        }
        FlushState::Unproven => format!("no proof: clean on {clean} of {all}"),
        _ => standing_words(standing, incident, now),
    }
}

/// What one address shows since a flush, in a word or two.
#[must_use]
pub const fn cache_words(state: CacheState) -> &'static str {
    match state {
        CacheState::Waiting => "too little heard yet",
        CacheState::Clean => "clean",
        CacheState::Stale(_) => "still parked",
        CacheState::StoredAnew(_) => "stored the parked answer again",
        CacheState::Wrong => "fails, or says neither",
    }
}

/// When the caches are looked at next for the proof of a step.
#[must_use]
pub fn next_look(standing: &FlushStanding, incident: &Incident, now: Timestamp) -> Option<Timestamp> {
    let from = incident.proof_from(standing)?;
    PROOF_LOOKS.iter().map(|look| from + *look).find(|at| *at > now)
}

/// How many addresses are in a state, and until when at worst.
fn worst(standing: &FlushStanding, wanted: impl Fn(CacheState) -> bool) -> (usize, Option<Until>) {
    let states: Vec<CacheState> = standing.caches.iter().map(|c| c.state).filter(|state| wanted(*state)).collect();
    let untils = states.iter().filter_map(|state| match state {
        CacheState::Stale(until) | CacheState::StoredAnew(until) if until.moment().is_some() => Some(*until),
        _ => None,
    });
    (states.len(), untils.reduce(Until::later))
}

/// One step of a flush as a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlushLine {
    /// Which: `Cloudflare brevo.com NS`.
    pub step: String,
    /// Where it stands.
    pub state: FlushState,
    /// The same in words.
    pub words: String,
}

/// Every step of a flush, as a line each.
pub(super) fn flush_lines(incident: &Incident, now: Timestamp) -> Vec<FlushLine> {
    let line = |standing: &FlushStanding| FlushLine {
        step: standing.step.to_string(),
        state: standing.state,
        words: standing_words(standing, incident, now),
    };
    incident.flush_standings().iter().map(line).collect()
}

/// The armed flush in a sentence; none when none is armed.
#[must_use]
pub fn armed_words(incident: &Incident, now: Timestamp) -> Option<String> {
    let by = &incident.armed_flush()?.by;
    Some(match arming(incident)? {
        Arming::Waits(obstacles) => {
            let missing: Vec<String> = obstacles.iter().map(ToString::to_string).collect();
            format!("Flush armed by {by}; it waits: {}. f, then x, cancels it.", missing.join("; "))
        }
        Arming::Counts { until } => {
            format!(
                "The source is right: the armed flush is sent in {}. f, then x, stops it.",
                in_words(until.since(now))
            )
        }
    })
}

/// What is said of all who offer no flush: until when those of them seen wrong are, at the latest.
#[must_use]
pub fn no_flush_words(incident: &Incident, now: Timestamp) -> String {
    let without = incident.resolvers().iter().filter(|r| r.target.flush.is_none() && r.judgement.verdict.is_wrong());
    let ends: Vec<Until> = without.map(|r| until(&r.judgement)).collect();
    let who = match ends.len() {
        0 => return EVERYONE_ELSE.to_owned(),
        1 => "1 other is wrong and has no flush".to_owned(),
        n => format!("{n} others are wrong and have no flush"),
    };
    if !incident.source().parent_right {
        return format!("{who}: only the TTL ends that, once the source is right");
    }
    let open = ends.iter().filter(|until| until.moment().is_none()).count();
    let Some(at) = ends.into_iter().reduce(Until::later).and_then(Until::moment) else {
        return format!("{who}; until when is not known");
    };
    let left = at.since(now);
    let far = if left > DAY { format!(" (in {})", in_words(left)) } else { String::new() };
    let rest = if open > 0 { format!(", {open} of them without a known end") } else { String::new() };
    format!("{who}: clean by {} UTC{far} at the latest{rest}", at.clock())
}

/// The steps that concern a resolver's operator, in a line each: for the detail of its row.
#[must_use]
pub fn flush_facts(incident: &Incident, address: std::net::SocketAddr, now: Timestamp) -> Vec<String> {
    let operator = incident.resolver(address).and_then(|r| r.target.flush);
    let of_row = incident.flush_standings().iter().filter(|s| Some(s.step.operator) == operator);
    let line = |standing: &FlushStanding| {
        let here = standing.caches.iter().find(|c| c.address == address);
        let here = here.map_or_else(String::new, |c| format!("; here: {}", cache_words(c.state)));
        let name = standing.step.name.relative_to(incident.zone());
        let (at, by) = (standing.ordered.clock(), &standing.by);
        let forced = if standing.forced { ", although the source was not right" } else { "" };
        format!(
            "{at} by {by}{forced}, {name} {}: {}{here}",
            standing.step.rtype,
            standing_words(standing, incident, now)
        )
    };
    of_row.map(line).collect()
}
