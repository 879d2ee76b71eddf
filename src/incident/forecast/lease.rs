//! How long resolvers of different make keep a parked delegation: the table, as measured on real servers.

use std::time::Duration;

/// What a resolver does with the two TTLs of a delegation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Behaviour {
    /// Only the parent's TTL counts (Unbound from 1.24.1, BIND from 9.21).
    ParentOnly,
    /// The smaller of the parent's and the child's (BIND 9.18).
    MinParentChild,
    /// The child's, after the first positive answer (PowerDNS Recursor, older Unbound).
    ChildTaking,
    /// Renewed by the parked servers as long as they answer (Knot Resolver up to 6.4, BIND serving stale first).
    Renewing,
    /// Not known: most are.
    #[default]
    Unknown,
}

/// The TTLs of a delegation as one resolver keeps them: each cut to its cap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Leases {
    /// Of the NS RRset at the parent (P').
    pub parent: Duration,
    /// Of the NS RRset at the parked servers (C').
    pub child: Duration,
}

/// The shortest time BIND 9.21 keeps a delegation (`min-delegation-ttl`).
const SHORTEST: Duration = Duration::from_secs(60);

impl Behaviour {
    /// In a few words, for detail panes.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::ParentOnly => "keeps the parent's TTL",
            Self::MinParentChild => "keeps the smaller TTL",
            Self::ChildTaking => "keeps the child's TTL",
            Self::Renewing => "renews the parked delegation",
            Self::Unknown => "which TTL it keeps is not known",
        }
    }

    /// The lease (L) on which the expected course rests.
    #[must_use]
    pub fn lease(self, of: Leases) -> Duration {
        match self {
            Self::ParentOnly | Self::MinParentChild => of.parent,
            Self::ChildTaking => of.child,
            Self::Renewing | Self::Unknown => of.parent.max(of.child),
        }
    }

    /// How long after the restoration the parked delegation may last at worst, short of one that renews itself for ever;
    /// none where no bound holds.
    #[must_use]
    pub fn longest(self, of: Leases) -> Option<Duration> {
        match self {
            Self::ParentOnly => Some(of.parent.max(SHORTEST)),
            Self::MinParentChild => Some(of.parent),
            // The parent's lease, renewed once by the child at its end.
            Self::ChildTaking | Self::Unknown => Some(of.parent.saturating_add(of.child)),
            Self::Renewing => None,
        }
    }

    /// How long a delegation whose end the cache itself showed may last beyond that end: a question for NS may have it
    /// renewed by the child once.
    #[must_use]
    pub const fn beyond_known(self, of: Leases) -> Option<Duration> {
        match self {
            Self::ParentOnly | Self::MinParentChild => Some(Duration::ZERO),
            Self::ChildTaking | Self::Unknown => Some(of.child),
            Self::Renewing => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn leases(parent: u64, child: u64) -> Leases {
        Leases { parent: Duration::from_secs(parent), child: Duration::from_secs(child) }
    }

    #[test]
    fn each_row_of_the_table() {
        let secs = |span: Option<Duration>| span.map(|s| s.as_secs());
        let of = leases(40, 150);
        for (behaviour, lease, longest, beyond) in [
            (Behaviour::ParentOnly, 40, Some(60), Some(0)),
            (Behaviour::MinParentChild, 40, Some(40), Some(0)),
            (Behaviour::ChildTaking, 150, Some(190), Some(150)),
            (Behaviour::Renewing, 150, None, None),
            (Behaviour::Unknown, 150, Some(190), Some(150)),
        ] {
            assert_eq!(behaviour.lease(of).as_secs(), lease, "{behaviour:?}");
            assert_eq!(secs(behaviour.longest(of)), longest, "{behaviour:?}");
            assert_eq!(secs(behaviour.beyond_known(of)), beyond, "{behaviour:?}");
        }
        let of = leases(150, 40);
        assert_eq!(Behaviour::Unknown.lease(of).as_secs(), 150);
        assert_eq!(secs(Behaviour::ParentOnly.longest(of)), Some(150));
        assert_eq!(Behaviour::ChildTaking.lease(of).as_secs(), 40);
    }

    #[test]
    fn flips_measured_on_real_servers_lie_within_the_bounds() {
        // (parent's TTL, child's TTL, the flip in seconds after priming, by software of which behaviour)
        for (parent, child, flip, behaviour) in [
            (40, 150, 41, Behaviour::ParentOnly),
            (40, 150, 61, Behaviour::ParentOnly),
            (40, 150, 41, Behaviour::MinParentChild),
            (40, 150, 153, Behaviour::ChildTaking),
            (40, 150, 189, Behaviour::ChildTaking),
            (150, 40, 152, Behaviour::ParentOnly),
            (150, 40, 41, Behaviour::ChildTaking),
            (60, 60, 62, Behaviour::Unknown),
        ] {
            // Whole-second clocks on both sides: two seconds at most.
            let longest = behaviour.longest(leases(parent, child)).unwrap().as_secs() + 2;
            assert!(flip <= longest, "{behaviour:?} {parent} {child}: {flip} > {longest}");
        }
    }
}
