//! What a cache holds: RRsets, denials, delegations, failures; with whole-second clocks, as resolvers have.
//!
//! Only storage: which of it may be used when is [`super::cache`]'s and [`super::recursion`]'s to say.

use std::net::IpAddr;
use std::sync::Arc;

use super::behaviour::{Failure, Kind, Rank};
use super::random::Map;
use crate::dns::{Name, Rdata, Record, RecordType};

/// How many things one map of a cache holds before what is over is thrown out.
const ROOM: usize = 512;
/// How long after its end a thing may still be served by those who serve stale ones, in seconds (one day).
pub const MAX_STALE: i64 = 86_400;
/// Stands for "no record of any type": under it NXDOMAIN is kept.
pub const ANY_TYPE: RecordType = RecordType(0);

/// What validation says of a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// Not looked at yet.
    Unchecked,
    /// In an unsigned zone.
    Insecure,
    /// The signature fits the DS.
    Secure,
    /// It does not.
    Bogus,
}

/// What a cached entry says.
#[derive(Debug, Clone)]
pub enum What {
    /// These data.
    Records(Arc<Vec<Rdata>>),
    /// The name exists, the type does not; with the SOA.
    NoData(Record),
    /// The name does not exist; with the SOA.
    NxDomain(Record),
}

/// A cached RRset or denial.
#[derive(Debug, Clone)]
pub struct Entry {
    /// What it says.
    pub what: What,
    /// The TTL it was stored with, in seconds.
    pub ttl: u32,
    /// The second in which its TTL reaches zero.
    pub ends: i64,
    /// The second in which it leaves the cache: before `ends` where the whole message went by its shortest part.
    pub leaves: i64,
    /// The zone it came from.
    pub zone: Name,
    /// The key that signed it.
    pub signed_by: Option<u16>,
    /// What validation said.
    pub security: Security,
}

/// A cached delegation: the servers of a zone, until when.
#[derive(Debug, Clone)]
pub struct Lease {
    /// The name servers.
    pub ns: Vec<Name>,
    /// Addresses that came with the referral.
    pub glue: Vec<(Name, IpAddr)>,
    /// Where the NS set came from.
    pub rank: Rank,
    /// The TTL it was stored with, in seconds.
    pub ttl: u32,
    /// The second in which its TTL reaches zero.
    pub ends: i64,
    /// The key that signed the NS set, when the child gave it.
    pub signed_by: Option<u16>,
}

/// A validated proof that nothing exists between two names.
#[derive(Debug, Clone)]
pub struct Gap {
    /// The name before.
    pub before: Name,
    /// The name after; the apex at the zone's end.
    pub after: Name,
    /// The SOA that came with it.
    pub soa: Record,
    /// The second in which it ends.
    pub ends: i64,
}

/// All that a cache holds.
#[derive(Debug, Clone)]
pub struct Store {
    kind: Kind,
    pub entries: Map<(Name, RecordType), Entry>,
    pub leases: Map<Name, Arc<Lease>>,
    pub failures: Map<(Name, RecordType), (Failure, i64)>,
    /// Zones whose key failed, until when.
    pub bad_keys: Map<Name, i64>,
    /// Zones whose servers are all silent, since when.
    pub mute: Map<Name, i64>,
    /// Addresses that did not answer, until when they are asked last.
    pub avoided: Map<IpAddr, i64>,
    pub gaps: Map<Name, Vec<Gap>>,
    /// Questions answered with nothing because recursion was not wanted, until when that is repeated.
    pub empties: Map<(Name, RecordType), i64>,
    room: usize,
}

impl Store {
    /// An empty store of a resolver kind.
    pub fn new(kind: Kind) -> Self {
        Self {
            kind,
            entries: Map::default(),
            leases: Map::default(),
            failures: Map::default(),
            bad_keys: Map::default(),
            mute: Map::default(),
            avoided: Map::default(),
            gaps: Map::default(),
            empties: Map::default(),
            room: ROOM,
        }
    }

    /// Whether a thing that ends in the second `ends` is alive in the second `now`.
    pub const fn is_alive(&self, ends: i64, now: i64) -> bool {
        if self.kind.lives_through_last_second() { now <= ends } else { now < ends }
    }

    /// The first second in which a thing that ends in `ends` is no longer alive.
    pub const fn dead_from(&self, ends: i64) -> i64 {
        if self.kind.lives_through_last_second() { ends.saturating_add(1) } else { ends }
    }

    /// The entry that answers for a name and type, dead or alive: the type's, an alias, or NXDOMAIN; alive ones first.
    pub fn entry(&self, name: &Name, rtype: RecordType, now: i64) -> Option<((Name, RecordType), &Entry)> {
        let mut dead = None;
        for kind in [rtype, RecordType::CNAME, ANY_TYPE] {
            let key = (name.clone(), kind);
            if let Some(entry) = self.entries.get(&key) {
                if self.is_alive(entry.leaves, now) {
                    return Some((key, entry));
                }
                dead = dead.or(Some((key, entry)));
            }
        }
        dead
    }

    /// The delegation in use for a name: the nearest zone at or above it with a lease that is alive (or, with
    /// `stale`, not dead for longer than [`MAX_STALE`]).
    pub fn lease_above(&self, name: &Name, now: i64, stale: bool) -> Option<(Name, Arc<Lease>)> {
        let mut at = Some(name.clone());
        while let Some(here) = at {
            if let Some(lease) = self.leases.get(&here)
                && (self.is_alive(lease.ends, now) || stale && now < lease.ends.saturating_add(MAX_STALE))
            {
                return Some((here, Arc::clone(lease)));
            }
            at = here.one_up();
        }
        None
    }

    /// The lease of exactly this zone, when alive.
    pub fn live_lease(&self, zone: &Name, now: i64) -> Option<&Arc<Lease>> {
        self.leases.get(zone).filter(|lease| self.is_alive(lease.ends, now))
    }

    /// The proof that a name of `zone` does not exist, when one is alive.
    pub fn gap(&self, zone: &Name, name: &Name, now: i64) -> Option<&Gap> {
        let covers = |gap: &&Gap| {
            self.is_alive(gap.ends, now)
                && gap.before < *name
                && (gap.after == *zone || *name < gap.after)
                && (gap.before == *zone || !name.is_below(&gap.before))
        };
        self.gaps.get(zone)?.iter().find(covers)
    }

    /// Keeps the store bounded: throws out what is over when it has grown beyond its room.
    pub fn tidy(&mut self, now: i64) {
        let total = self.entries.len() + self.failures.len() + self.empties.len() + self.leases.len();
        if total <= self.room {
            return;
        }
        self.entries.retain(|_, entry| now <= entry.leaves);
        self.failures.retain(|_, (_, ends)| now <= *ends);
        self.empties.retain(|_, ends| now <= *ends);
        self.bad_keys.retain(|_, ends| now <= *ends);
        self.avoided.retain(|_, ends| now <= *ends);
        self.leases.retain(|_, lease| now < lease.ends.saturating_add(MAX_STALE));
        self.gaps.retain(|_, gaps| {
            gaps.retain(|gap| now <= gap.ends);
            !gaps.is_empty()
        });
        let left = self.entries.len() + self.failures.len() + self.empties.len() + self.leases.len();
        self.room = ROOM.max(left.saturating_mul(2));
        if left > ROOM * 64 {
            // A flood of names with long TTLs: a real cache would evict; the delegations matter most.
            self.entries.clear();
            self.room = ROOM;
        }
    }
}
