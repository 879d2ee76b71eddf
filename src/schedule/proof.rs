//! When an operator's caches are looked at after a flush. Pure.
//!
//! At 5, 15, 30 and 60 s after the operator took the request, several samples each time: an anycast address is many caches. The
//! looks only move a question forward: they go through the same budgets as every other one, and never while the parent is wrong,
//! since a cache that has just forgotten would store the parked answer again.

use std::time::Duration;

use crate::incident::{FlushStanding, Incident, PROOF_LOOKS, ResolverWatch};
use crate::judge::Until;
use crate::observation::{Purpose, Query};
use crate::time::Timestamp;

/// Samples of each address at each look.
const NONCES_A_LOOK: u32 = 3;
/// Answers about each name and type at each look: the first may fill the cache, the second comes from it.
const ANSWERS_A_LOOK: u32 = 2;
/// Between two samples of one look.
const BETWEEN: Duration = Duration::from_secs(1);
/// In this window before a known expiry, and in the last hundredth of the time before it, some resolvers renew what they hold.
const RENEWAL: Duration = Duration::from_secs(5);

/// When a question to this resolver that was last asked at `last` is due for the proof of a flush; none when no flush needs it.
pub(super) fn due(
    incident: &Incident,
    watch: &ResolverWatch,
    query: &Query,
    last: Option<Timestamp>,
) -> Option<Timestamp> {
    let operator = watch.target.flush?;
    let concerns = |standing: &&FlushStanding| {
        standing.step.operator == operator
            && standing.is_being_proven()
            && match query.purpose {
                Purpose::Nonce => standing.is_of_delegation(),
                Purpose::Service => standing.step.name == query.name && standing.step.rtype == query.rtype,
                _ => false,
            }
    };
    let each = if query.purpose == Purpose::Nonce { NONCES_A_LOOK } else { ANSWERS_A_LOOK };
    let starts = incident.flush_standings().iter().filter(concerns).filter_map(|s| incident.proof_from(s));
    let moments = starts.flat_map(|from| {
        PROOF_LOOKS.iter().flat_map(move |look| (0..each).map(move |turn| from + *look + BETWEEN * turn))
    });
    let due = moments.filter(|at| last.is_none_or(|last| *at > last)).min()?;
    match watch.judgement.delegation_until {
        Until::Known(end) if query.purpose == Purpose::Nonce && may_renew(due, end, last) => None,
        _ => Some(due),
    }
}

/// Whether a question at `due` might make the cache renew what ends at `end`.
fn may_renew(due: Timestamp, end: Timestamp, last: Option<Timestamp>) -> bool {
    let window = last.map_or(RENEWAL, |last| RENEWAL + end.since(last) / 100);
    due <= end && end.since(due) < window
}
