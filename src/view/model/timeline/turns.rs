//! What many servers do at about the same time, as one turning.

use std::time::Duration;

use crate::incident::VerdictChange;
use crate::judge::Verdict;
use crate::time::Timestamp;

use super::BECAUSE_OF_IT;

/// Servers that do the same within this time of each other do it together.
const TOGETHER: Duration = Duration::from_secs(600);

/// What a server was found to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Said {
    /// When it was first heard, or held against a new expectation.
    First(Verdict),
    /// Something other than before.
    Turned(Verdict),
    /// Nothing any more, or not yet.
    FellSilent,
    /// The same as before it fell silent.
    HeardAgain,
}

/// Servers that did the same thing together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Turning {
    /// What they did.
    pub said: Said,
    /// The first of them, and when.
    pub first: (Timestamp, String),
    /// The last of them, and when.
    pub last: (Timestamp, String),
    /// How many did it.
    pub count: usize,
    /// How many stood like this after the last one did it.
    pub standing: usize,
    /// How many servers there are.
    pub total: usize,
}

/// The turnings of servers, each given by its name and its verdicts, oldest first. `anew` are the moments at which all were
/// judged anew for another reason.
pub(super) fn turns<'a>(
    servers: impl Iterator<Item = (String, &'a [VerdictChange])>,
    anew: &[Timestamp],
) -> Vec<Turning> {
    let servers: Vec<_> = servers.collect();
    let mut steps: Vec<(Timestamp, usize, Said)> = Vec::new();
    for (at, (_, history)) in servers.iter().enumerate() {
        steps.extend(said(history, anew).into_iter().map(|(moment, said)| (moment, at, said)));
    }
    steps.sort_by_key(|(moment, at, _)| (*moment, *at));

    // How each server stands, by what it said or that it is silent.
    let mut stands: Vec<Option<Verdict>> = vec![None; servers.len()];
    let mut heard: Vec<Option<Verdict>> = vec![None; servers.len()];
    let mut turnings: Vec<Turning> = Vec::new();
    for (moment, at, said) in steps {
        let Some((name, _)) = servers.get(at) else { continue };
        let now = match said {
            Said::First(verdict) | Said::Turned(verdict) => {
                heard[at] = Some(verdict);
                Some(verdict)
            }
            Said::FellSilent => Some(Verdict::Silent),
            Said::HeardAgain => heard[at],
        };
        stands[at] = now;
        let standing = stands.iter().filter(|s| **s == now).count();
        let open = turnings.iter_mut().rev().find(|t| t.said == said && moment.since(t.last.0) <= TOGETHER);
        match open {
            Some(turning) => {
                turning.last = (moment, name.clone());
                turning.count += 1;
                turning.standing = standing;
            }
            None => turnings.push(Turning {
                said,
                first: (moment, name.clone()),
                last: (moment, name.clone()),
                count: 1,
                standing,
                total: servers.len(),
            }),
        }
    }
    turnings
}

/// What one server's verdicts amount to.
fn said(history: &[VerdictChange], anew: &[Timestamp]) -> Vec<(Timestamp, Said)> {
    let mut steps = Vec::new();
    let mut heard: Option<Verdict> = None;
    let mut silent = false;
    for change in history {
        let judged_anew = anew.iter().any(|at| *at <= change.at && change.at.since(*at) <= BECAUSE_OF_IT);
        let said = match (change.verdict, heard) {
            // Our own failure, or nothing yet.
            (Verdict::Unknown, _) => continue,
            (Verdict::Silent, _) if silent => continue,
            (Verdict::Silent, _) => Said::FellSilent,
            (verdict, Some(before)) if verdict == before => {
                if !silent {
                    continue;
                }
                Said::HeardAgain
            }
            (verdict, Some(_)) if !judged_anew => Said::Turned(verdict),
            (verdict, _) => Said::First(verdict),
        };
        silent = said == Said::FellSilent;
        if !silent {
            heard = Some(change.verdict);
        }
        steps.push((change.at, said));
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history(changes: &[(i64, Verdict)]) -> Vec<VerdictChange> {
        changes.iter().map(|(at, verdict)| VerdictChange { at: Timestamp::from_secs(*at), verdict: *verdict }).collect()
    }

    fn found(histories: &[Vec<VerdictChange>], anew: &[Timestamp]) -> Vec<Turning> {
        let named = histories.iter().enumerate().map(|(at, history)| (format!("s{at}"), history.as_slice()));
        turns(named, anew)
    }

    #[test]
    fn servers_that_turn_together_are_one_turning() {
        let parked = |until| history(&[(0, Verdict::Unknown), (1, Verdict::Parked), (until, Verdict::Correct)]);
        let found = found(&[parked(100), parked(130), parked(110)], &[]);
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].said, found[0].count, found[0].standing), (Said::First(Verdict::Parked), 3, 3));
        assert_eq!((found[1].said, found[1].standing), (Said::Turned(Verdict::Correct), 3));
        assert_eq!((found[1].first.1.as_str(), found[1].last.1.as_str()), ("s0", "s1"));
        assert_eq!(found[1].last.0, Timestamp::from_secs(130));
    }

    #[test]
    fn silence_is_no_turn_and_the_same_word_after_it_is_none_either() {
        let flapping = history(&[
            (1, Verdict::Correct),
            (50, Verdict::Silent),
            (60, Verdict::Correct),
            (70, Verdict::Unknown),
            (80, Verdict::Correct),
        ]);
        let said: Vec<Said> = found(&[flapping], &[]).iter().map(|t| t.said).collect();
        assert_eq!(said, [Said::First(Verdict::Correct), Said::FellSilent, Said::HeardAgain]);
    }

    #[test]
    fn what_a_new_expectation_turns_was_not_turned_by_a_server() {
        let judged = history(&[(1, Verdict::Parked), (50, Verdict::Correct)]);
        let said = |anew: &[i64]| {
            let anew: Vec<Timestamp> = anew.iter().map(|at| Timestamp::from_secs(*at)).collect();
            found(std::slice::from_ref(&judged), &anew).last().map(|t| t.said)
        };
        assert_eq!(said(&[]), Some(Said::Turned(Verdict::Correct)));
        assert_eq!(said(&[50]), Some(Said::First(Verdict::Correct)));
    }

    #[test]
    fn far_apart_is_not_together() {
        let one = history(&[(1, Verdict::Parked), (100, Verdict::Correct)]);
        let two = history(&[(1, Verdict::Parked), (10_000, Verdict::Correct)]);
        let found = found(&[one, two], &[]);
        let standing: Vec<usize> = found.iter().map(|t| t.standing).collect();
        assert_eq!(standing, [2, 1, 2]);
    }
}
