//! What tells one resolver software from another, as measured. Every difference the caches know is a method here.
//!
//! The measurements: which TTL counts, what an NS answer does, who asks the parent again, what RD=0 shows, what a
//! failed validation leaves behind.

use std::time::Duration;

/// A kind of resolver, named by what it does with delegations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// BIND 9.21: a delegation database of its own, filled by referrals only, each held at least 60 s.
    ParentCentric,
    /// BIND 9.18: the smaller of the parent's and the child's TTL.
    MinParentChild,
    /// Unbound 1.24.1 to 1.25.0 and 1.17.1 with that fix: NS sets beside answers are dropped, but an NS answer replaces
    /// the delegation.
    UnboundScrubbed,
    /// Unbound before that fix: the NS set beside a positive answer replaces the delegation.
    UnboundOld,
    /// Unbound 1.25.1 and later: an NS answer can only shorten the delegation.
    UnboundNew,
    /// Unbound with `harden-referral-path: yes`: asks the child for its NS set at once.
    UnboundHardened,
    /// PowerDNS Recursor 4.8: the child's NS set replaces the parent's, from any positive answer.
    ChildTaking,
    /// Knot Resolver 5.6: in the last 1 % + 5 s of its time an NS set beside any positive answer renews the delegation.
    Renewing,
    /// BIND with `stale-answer-client-timeout 0`: names not in the cache go on to the servers of an expired delegation.
    StaleFirst,
}

/// What a resolver does with a query that does not want recursion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoRecursion {
    /// REFUSED with EDE 20 (Unbound `allow`, Knot).
    Refuse,
    /// REFUSED and nothing more (PowerDNS from 5.0).
    RefusePlainly,
    /// The cached answer, else a referral with the delegation in use (Unbound `allow_snoop`, BIND 9.18).
    Referral,
    /// The cached answer, else a referral to the root (BIND 9.21).
    RootReferral,
    /// The cached answer, else NOERROR with nothing in it, which is then repeated for a minute (PowerDNS 4.8).
    CachedOnly,
    /// Recurses all the same.
    Recurse,
}

/// Why a resolver answers SERVFAIL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// Signatures do not fit the DS; the flag says whether that is remembered from before.
    Bogus {
        /// Known from the bad-key cache.
        remembered: bool,
    },
    /// No server of the zone gave a usable answer.
    NoServer,
    /// The same, from a delegation past its time.
    NoServerStale,
}

/// Where a cached NS set came from, weakest first (RFC 2181 §5.4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// A referral.
    Referral,
    /// The authority section of an authoritative answer.
    Authority,
    /// The answer section.
    Answer,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 9] = [
        Self::ParentCentric,
        Self::MinParentChild,
        Self::UnboundScrubbed,
        Self::UnboundOld,
        Self::UnboundNew,
        Self::UnboundHardened,
        Self::ChildTaking,
        Self::Renewing,
        Self::StaleFirst,
    ];

    /// As scenario files name it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::ParentCentric => "parent-centric",
            Self::MinParentChild => "min-parent-child",
            Self::UnboundScrubbed => "unbound-scrubbed",
            Self::UnboundOld => "unbound-old",
            Self::UnboundNew => "unbound-new",
            Self::UnboundHardened => "unbound-hardened",
            Self::ChildTaking => "child-taking",
            Self::Renewing => "renewing",
            Self::StaleFirst => "stale-first",
        }
    }

    /// What the software does with RD=0 unless configured otherwise.
    #[must_use]
    pub const fn no_recursion(self) -> NoRecursion {
        match self {
            Self::ParentCentric => NoRecursion::RootReferral,
            Self::MinParentChild | Self::StaleFirst => NoRecursion::Referral,
            Self::ChildTaking => NoRecursion::CachedOnly,
            _ => NoRecursion::Refuse,
        }
    }

    /// The largest TTL kept, in seconds.
    #[must_use]
    pub const fn cap(self) -> u32 {
        match self {
            Self::ParentCentric | Self::MinParentChild | Self::StaleFirst => 604_800,
            _ => 86_400,
        }
    }

    /// The largest TTL of a delegation learnt from a referral.
    pub(super) const fn delegation_cap(self, cap: u32) -> u32 {
        if matches!(self, Self::ParentCentric) { u32::MAX } else { cap }
    }

    /// The shortest time a delegation is held, in seconds.
    pub(super) const fn delegation_floor(self) -> u32 {
        if matches!(self, Self::ParentCentric) { 60 } else { 0 }
    }

    /// The largest negative TTL kept, in seconds.
    pub(super) const fn negative_cap(self) -> u32 {
        match self {
            Self::ParentCentric | Self::MinParentChild | Self::StaleFirst => 10_800,
            Self::Renewing => 86_400,
            _ => 3600,
        }
    }

    /// Whether a record is still alive in the second in which its time ends. Clocks of whole seconds: the first
    /// kind is up to 1 s late, the other up to 1 s early.
    pub(super) const fn lives_through_last_second(self) -> bool {
        matches!(self, Self::UnboundScrubbed | Self::UnboundOld | Self::UnboundHardened | Self::Renewing)
    }

    /// Whether it is some Unbound.
    pub(super) const fn is_unbound(self) -> bool {
        matches!(self, Self::UnboundScrubbed | Self::UnboundOld | Self::UnboundNew | Self::UnboundHardened)
    }

    /// Whether the parent is asked again as soon as all servers of a delegation fail.
    pub(super) const fn asks_parent_again(self) -> bool {
        self.is_unbound()
    }

    /// Whether delegations and NS answers are kept apart.
    pub(super) const fn keeps_delegations_apart(self) -> bool {
        matches!(self, Self::ParentCentric)
    }

    /// Whether the addresses that came with a referral are used although the cache holds others of better rank.
    pub(super) const fn trusts_glue(self) -> bool {
        self.is_unbound() || matches!(self, Self::ParentCentric)
    }

    /// Whether an answer stays in the cache only as long as its shortest part, the NS set beside it included.
    pub(super) const fn drops_whole_messages(self) -> bool {
        matches!(self, Self::UnboundOld)
    }

    /// From which rank on a cached delegation answers an NS query.
    pub(super) const fn answers_ns_from(self) -> Rank {
        if matches!(self, Self::ChildTaking) { Rank::Authority } else { Rank::Answer }
    }

    /// Whether an expired delegation is still used for names not in the cache.
    pub(super) const fn uses_stale_delegations(self) -> bool {
        matches!(self, Self::StaleFirst)
    }

    /// Whether the child's NS set is fetched as soon as a referral comes.
    pub(super) const fn fetches_child_ns(self) -> bool {
        matches!(self, Self::UnboundHardened)
    }

    /// How long a failure is repeated for the same question, in seconds (RFC 9520 allows 1 to 300).
    pub(super) const fn failure_ttl(self) -> i64 {
        match self {
            Self::ChildTaking => 60,
            Self::Renewing => 0,
            _ => 1,
        }
    }

    /// How long a key that failed is held against the zone, in seconds.
    pub(super) const fn bad_key_ttl(self) -> i64 {
        if self.is_unbound() { 60 } else { 0 }
    }

    /// How long a client waits for SERVFAIL when servers are silent.
    pub(super) const fn patience(self) -> Duration {
        match self {
            Self::ParentCentric | Self::MinParentChild | Self::StaleFirst => Duration::from_secs(10),
            Self::ChildTaking => Duration::from_millis(3000),
            Self::Renewing => Duration::from_millis(4000),
            _ => Duration::from_secs(5),
        }
    }

    /// Whether a closed port is noticed at once rather than taken for silence.
    pub(super) const fn notices_closed_ports(self) -> bool {
        !self.is_unbound()
    }

    /// Whether NSEC3 denials without opt-out are used to answer for other names (RFC 8198 §5.3); NSEC always is.
    pub(super) const fn synthesises_from_nsec3(self) -> bool {
        self.is_unbound() || matches!(self, Self::ChildTaking)
    }

    /// The extended error given with a failure: code and text.
    pub(super) const fn extended_error(self, failure: Failure) -> Option<(u16, &'static str)> {
        match (self, failure) {
            (Self::StaleFirst, Failure::NoServerStale) => Some((3, "")),
            (Self::ParentCentric, _) => Some((22, "")),
            (Self::UnboundNew, Failure::Bogus { .. }) => Some((9, "")),
            (_, Failure::Bogus { remembered }) if self.is_unbound() => Some((if remembered { 6 } else { 9 }, "")),
            (Self::ChildTaking, Failure::Bogus { .. }) => Some((10, "")),
            (Self::Renewing, Failure::Bogus { .. }) => Some((0, "O4TP: couldn't validate RRSIGs")),
            _ => None,
        }
    }
}
