//! How far the resolvers had come when: the first one seen wrong, half of them right again, all of them, and those that stay
//! wrong past every bound.

use crate::dns::shown;
use crate::incident::{CountsAt, Incident, Phase, ResolverWatch};
use crate::judge::Verdict;
use crate::observation::address_text;
use crate::time::Timestamp;

use super::{TimelineEntry, TimelineKind, entry};

/// The shares of the resolvers that answer, in percent.
const SHARES: [u32; 3] = [50, 90, 100];
/// So many resolvers are named in one entry.
const MOST_NAMED: usize = 3;

/// The entries about resolvers.
pub(super) fn milestones(incident: &Incident) -> Vec<TimelineEntry> {
    let mut entries: Vec<TimelineEntry> = [
        (Verdict::Parked, "with the parked zone"),
        (Verdict::Held, "saying that there is no such domain"),
        (Verdict::Other, "with an answer that neither side gives"),
        (Verdict::Stuck, "still parked after every bound has passed"),
    ]
    .into_iter()
    .filter_map(|(verdict, says)| first_seen(incident, verdict, says))
    .collect();
    for episode in episodes(incident) {
        entries.extend(shares(incident, episode));
    }
    entries
}

/// Operator and address; the address alone where nobody said whose it is.
fn name(resolver: &ResolverWatch) -> String {
    let address = address_text(resolver.target.address);
    match resolver.target.operator.as_str() {
        "" => address,
        operator if operator == address => address,
        operator => format!("{} {address}", shown::text(operator)),
    }
}

/// The first resolvers that were seen with a verdict.
fn first_seen(incident: &Incident, verdict: Verdict, says: &str) -> Option<TimelineEntry> {
    let when = |resolver: &ResolverWatch| resolver.history.iter().find(|c| c.verdict == verdict).map(|c| c.at);
    let at = incident.resolvers().iter().filter_map(when).min()?;
    let names: Vec<String> = incident.resolvers().iter().filter(|r| when(r) == Some(at)).map(name).collect();
    let who = match names.get(MOST_NAMED..) {
        Some(more @ [_, ..]) => format!("{} and {} more", names[..MOST_NAMED].join(", "), more.len()),
        _ => names.join(", "),
    };
    Some(entry(at, TimelineKind::Resolvers, format!("first seen {says}: {who}")))
}

/// From a repair of the source to the next time that it was wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Episode {
    /// When the source was first seen right again.
    from: Timestamp,
    /// When all was clean, or the source was wrong again; none while neither has come.
    to: Option<Timestamp>,
}

/// Every time that the source was repaired.
fn episodes(incident: &Incident) -> Vec<Episode> {
    let mut found: Vec<Episode> = Vec::new();
    let (mut wrong_before, mut open) = (false, false);
    for change in incident.phases() {
        match change.phase {
            Phase::ParkedAtParent | Phase::HeldAtParent | Phase::SplitAtParent | Phase::BrokenAtAuthority => {
                if let Some(last) = found.last_mut().filter(|e| open && e.to.is_none()) {
                    last.to = Some(change.at);
                }
                (wrong_before, open) = (true, false);
            }
            Phase::Converging | Phase::Recovered if wrong_before && !open => {
                let to = (change.phase == Phase::Recovered).then_some(change.at);
                found.push(Episode { from: change.at, to });
                open = true;
            }
            Phase::Recovered => {
                if let Some(last) = found.last_mut().filter(|e| open && e.to.is_none()) {
                    last.to = Some(change.at);
                }
            }
            _ => {}
        }
    }
    found
}

/// A share of the resolvers that was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShareReached {
    /// Percent of the resolvers that answer.
    pub share: u32,
    /// From when on it held.
    pub at: Timestamp,
    /// How many were right then.
    pub correct: u32,
}

/// How far resolvers came after the last repair of the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovery {
    /// When the source was seen right again.
    pub restored: Timestamp,
    /// How many resolvers answer, at the end of it or so far.
    pub answering: u32,
    /// When 50, 90 and 100 % of these were right; those that have not come are left out.
    pub shares: Vec<ShareReached>,
}

/// How far resolvers came after the last repair of the source; none while there was no repair, or nothing was seen wrong.
#[must_use]
pub fn recovery(incident: &Incident) -> Option<Recovery> {
    let last = *episodes(incident).last()?;
    let (answering, shares) = reached(incident, last);
    Some(Recovery { restored: last.from, answering, shares })
}

/// How many resolvers answer at the end of an episode, and when each share of these was right, and stayed so.
fn reached(incident: &Incident, episode: Episode) -> (u32, Vec<ShareReached>) {
    let within = |counts: &&CountsAt| episode.to.is_none_or(|to| counts.at <= to);
    let before_end: Vec<&CountsAt> = incident.counts_over_time().iter().filter(within).collect();
    let answering = before_end.last().map_or(0, |last| last.answering());
    if answering == 0 {
        return (0, Vec::new());
    }
    let enough = |counts: &CountsAt, share: u32| counts.count(Verdict::Correct) * 100 >= answering * share;
    let shares = SHARES.into_iter().filter_map(|share| {
        // The last stretch over which it held, to the end of the episode.
        let held = before_end.iter().rev().take_while(|counts| enough(counts, share)).last()?;
        let at = held.at.max(episode.from);
        let correct = before_end.iter().rev().find(|c| c.at <= at).map_or(0, |c| c.count(Verdict::Correct));
        Some(ShareReached { share, at, correct })
    });
    (answering, shares.collect())
}

/// The shares that were reached, as entries.
fn shares(incident: &Incident, episode: Episode) -> Vec<TimelineEntry> {
    let (answering, shares) = reached(incident, episode);
    let mut entries: Vec<TimelineEntry> = Vec::new();
    for ShareReached { share, at, correct } in shares {
        let text = match share {
            100 => {
                let by = last_turned(incident, at).map_or_else(String::new, |name| format!(", the last: {name}"));
                format!("100 % of the {answering} resolvers that answer are right{by}")
            }
            _ => format!("{share} % of the {answering} resolvers that answer are right: {correct}"),
        };
        // Reached together: the greatest share says it all.
        entries.retain(|earlier| earlier.at != at);
        entries.push(entry(at, TimelineKind::Resolvers, text));
    }
    entries
}

/// The resolver that turned correct at a moment, where it is one only.
fn last_turned(incident: &Incident, at: Timestamp) -> Option<String> {
    let turned = |r: &&ResolverWatch| r.history.iter().any(|c| c.at == at && c.verdict == Verdict::Correct);
    let mut who = incident.resolvers().iter().filter(turned);
    let one = who.next().map(name)?;
    who.next().is_none().then_some(one)
}
