//! What only the simulator knows: which servers each cache really uses, and when it will really turn.
//!
//! Nothing that plays the operator may look here; debriefs and the scoring of verdicts do.

use std::net::IpAddr;
use std::time::Duration;

use super::authority::{Upstream, World};
use super::cache::{Cache, seconds};
use super::internet::Internet;
use super::packet::Question;
use super::store::MAX_STALE;
use crate::dns::{Name, NsSet, RecordType};
use crate::time::Timestamp;

/// Which NS sets count as which side of the incident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sides {
    /// The zone the incident is about.
    pub zone: Name,
    /// The correct NS set.
    pub correct: NsSet,
    /// The parked one.
    pub parked: NsSet,
}

/// Whose servers are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// The correct ones.
    Correct,
    /// The parked ones.
    Parked,
    /// Nobody's: the name does not exist.
    Held,
    /// Strangers'.
    Other,
    /// The parent servers disagree, and the cache would ask one of them.
    Undecided,
}

/// The true state of one cache.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CacheTruth {
    /// Its number behind the address.
    pub cache: usize,
    /// Its instance's name.
    pub instance: String,
    /// Whose servers a new question would reach now.
    pub side: Side,
    /// Whether it holds nothing about the zone: then the side is the parent's.
    pub cold: bool,
    /// When what it holds ends, if nobody renews it.
    pub ends: Option<Timestamp>,
}

impl Sides {
    /// Which side an NS set is.
    #[must_use]
    pub fn classify(&self, ns: &NsSet) -> Side {
        match () {
            () if *ns == self.correct => Side::Correct,
            () if *ns == self.parked => Side::Parked,
            () => Side::Other,
        }
    }

    /// The side the parent servers say now.
    #[must_use]
    pub fn at_parent(&self, world: &World) -> Side {
        let mut sides = world
            .delegations(&self.zone)
            .map(|(_, delegation)| delegation.map_or(Side::Held, |d| self.classify(&d.ns.iter().cloned().collect())));
        let Some(first) = sides.next() else { return Side::Held };
        if sides.all(|side| side == first) { first } else { Side::Undecided }
    }

    /// The true side of a cache, whether it is cold, and when what it holds ends.
    #[must_use]
    pub fn of_cache(&self, world: &World, cache: &Cache, now: Timestamp) -> (Side, bool, Option<Timestamp>) {
        let (store, second) = (&cache.store, seconds(now));
        let stale = cache.options.kind.uses_stale_delegations();
        if let Some((zone, lease)) = store.lease_above(&self.zone, second, stale) {
            if zone == self.zone {
                if cache.options.kind.asks_parent_again() && is_turned_away(world, &zone, &lease.ns) {
                    return (self.at_parent(world), false, None);
                }
                let ends = if stale { lease.ends.saturating_add(MAX_STALE) } else { store.dead_from(lease.ends) };
                let side = self.classify(&lease.ns.iter().cloned().collect());
                return (side, false, Some(Timestamp::from_secs(ends)));
            }
            if cache.options.validating
                && let Some(gap) = store.gap(&zone, &self.zone, second)
            {
                return (Side::Held, false, Some(Timestamp::from_secs(store.dead_from(gap.ends))));
            }
        }
        (self.at_parent(world), true, None)
    }
}

/// Whether every server of a delegation answers for the zone with an error.
fn is_turned_away(world: &World, zone: &Name, ns: &[Name]) -> bool {
    let question = Question::new(zone.clone(), RecordType::SOA);
    let servers = || world.servers().iter().filter(|server| ns.contains(&server.name));
    servers().next().is_some() && servers().all(|server| matches!(server.ask(&question), Upstream::Error(_)))
}

impl Internet {
    /// The true state of every cache behind an address; none when it is no resolver's.
    #[must_use]
    pub fn truth(&self, now: Timestamp, address: IpAddr) -> Option<Vec<CacheTruth>> {
        let service = self.service_at(address)?;
        let each = service.caches.iter().enumerate().map(|(number, cache)| {
            let (side, cold, ends) = self.sides.of_cache(&self.world, cache, now);
            CacheTruth { cache: number, instance: service.instance(number), side, cold, ends }
        });
        Some(each.collect())
    }

    /// When a cache will truly turn to the correct servers, if nobody but the users asks it and the script goes on as
    /// written: the first moment, to a second, at which a new question would reach them. None within `horizon`.
    #[must_use]
    pub fn turns(&self, now: Timestamp, address: IpAddr, cache: usize, horizon: Duration) -> Option<Timestamp> {
        let mut copy = self.only(address)?;
        let end = now + horizon;
        let mut at = now;
        while at <= end {
            copy.advance(at);
            let held = copy.service_at(address)?.caches.get(cache)?;
            let (side, _, ends) = copy.sides.of_cache(&copy.world, held, at);
            if side == Side::Correct {
                return Some(at);
            }
            // Nothing changes before the next event or the end of what the cache holds.
            let next = copy.next_event().into_iter().chain(ends).min().unwrap_or(end + Duration::from_secs(1));
            at = next.max(at + Duration::from_secs(1));
        }
        None
    }
}
