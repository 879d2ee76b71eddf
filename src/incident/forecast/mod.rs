//! When the caches will turn, and how sure that is: each resolver asked, all of them together, and a bound for those that
//! nobody can ask. Pure: worked out from the incident as it stands, anew each time.
//!
//! An estimate is never worded as more than one: what a cache itself showed is *known*, all else is a range with its
//! basis, and where nothing bounds it that is said. The formulas are in [`Lapse`] and [`Behaviour`].

mod fleet;
mod lapse;
mod lease;
mod left;
mod row;
mod score;

use std::net::SocketAddr;

use crate::incident::Incident;
use crate::judge::Until;
use crate::time::Timestamp;

pub use lapse::Lapse;
pub use lease::{Behaviour, Leases};
pub(super) use row::seen_wrong;
pub use score::{ForecastScores, PastForecast, Turn};
pub(super) use score::{Foretold, note_turn};

/// What is to be expected of all caches, as seen at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Forecast {
    /// The moment at which it was made.
    pub at: Timestamp,
    /// When the last parent server turned right. None while the parent is not right: until then every cache that runs
    /// out is filled wrongly again, so there are no rows, no moments and no curve ahead.
    pub restored: Option<Timestamp>,
    /// One for each resolver that gives wrong answers, in the order of the incident's resolvers.
    pub rows: Vec<RowForecast>,
    /// All resolvers that answer, together.
    pub fleet: FleetForecast,
    /// The share of correct resolvers over time.
    pub curve: Curve,
    /// Caches that cannot be asked from here.
    pub unseen: UnseenBound,
}

/// Which of a cache's clocks a row waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RunningClock {
    /// The parked delegation's time.
    Delegation,
    /// A parked address's.
    Address,
    /// A denial's: the parent's of the whole name, or a parked server's of one.
    Negative,
    /// Failed validation: a bad key or a failure is remembered.
    Dnssec,
}

impl RunningClock {
    /// As in JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Delegation => "delegation",
            Self::Address => "address",
            Self::Negative => "negative",
            Self::Dnssec => "dnssec",
        }
    }
}

/// How much is known of a row's end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Certainty {
    /// The cache itself showed the remaining TTL.
    Known,
    /// Between two moments.
    Range,
    /// Nothing bounds it: it waits for no clock, or every bound has passed.
    NoBound,
}

impl Certainty {
    /// As in JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Known => "known",
            Self::Range => "range",
            Self::NoBound => "no-bound",
        }
    }
}

/// When one resolver address will be correct.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RowForecast {
    /// Which resolver.
    pub address: SocketAddr,
    /// The clock it waits for; none where it waits for none.
    pub clock: Option<RunningClock>,
    /// How much is known.
    pub certainty: Certainty,
    /// What its software seems to do with TTLs.
    pub behaviour: Behaviour,
    /// The longest it keeps anything, in seconds, where that was measured and cuts the delegation's TTL.
    pub cap: Option<u32>,
    /// Not before this: any cache may be emptied, or ask the parent again, at once.
    pub best: Timestamp,
    /// Not before this with a chance of 95 %.
    pub early: Option<Timestamp>,
    /// As likely before as after this.
    pub expected: Option<Timestamp>,
    /// By this with a chance of 95 %.
    pub likely: Option<Timestamp>,
    /// At the latest, short of a cache that renews itself; none where nothing bounds it.
    pub worst: Option<Timestamp>,
}

/// When the resolvers asked will be correct, as shares of those that answer. Silent ones, those not heard yet and declared
/// filters are not counted.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct FleetForecast {
    /// Resolvers that count.
    pub answering: usize,
    /// Of these, correct now.
    pub correct: usize,
    /// Of these, without any bound.
    pub unbounded: usize,
    /// When half of them are correct: in the past when they already are, none when it cannot be said.
    pub median: Option<Timestamp>,
    /// When 95 % of them are.
    pub ninety_fifth: Option<Timestamp>,
    /// When, with a chance of 95 %, the last of them is.
    pub last: Option<Timestamp>,
    /// When the last of them is at the latest, by TTLs and caps; none when any has no bound.
    pub worst: Option<Timestamp>,
}

/// The share of correct resolvers among those that answer, over time.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Curve {
    /// As it was, oldest first; at most [`Curve::POINTS`].
    pub seen: Vec<SeenShare>,
    /// As it will be, from now on, with a band; at most [`Curve::POINTS`]. Empty while nothing can be forecast.
    pub ahead: Vec<BandPoint>,
}

impl Curve {
    /// The most points of either part.
    pub const POINTS: usize = 200;
}

/// The share that was correct, from a moment on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SeenShare {
    /// From when on.
    pub at: Timestamp,
    /// 0 to 1.
    pub share: f64,
}

/// The share that will be correct at a moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BandPoint {
    /// When.
    pub at: Timestamp,
    /// If the caches turn as late as may be (0 to 1).
    pub low: f64,
    /// As expected.
    pub expected: f64,
    /// If they turn as early as may be.
    pub high: f64,
}

/// Until when caches that cannot be asked from here may serve the parked zone. A bound, and never a share: nobody knows
/// how many they are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct UnseenBound {
    /// Whether the parent is still wrong: the bounds are then what they would be if it were corrected now.
    pub if_corrected_now: bool,
    /// Caches that keep to the parent's TTL.
    pub by_parent_ttl: Option<Timestamp>,
    /// Every cache that obeys TTLs: the parent's lease, once renewed by the parked servers', then their addresses.
    pub worst: Option<Timestamp>,
}

impl Incident {
    /// What is to be expected, as seen at `now`. The incident should have been settled at `now`.
    #[must_use]
    pub fn forecast(&self, now: Timestamp) -> Forecast {
        let leads = row::Leads::of(self);
        let restored = self.right_since().filter(|_| self.source().parent_right);
        let unseen = self.unseen_bound(now);
        let (rows, lefts): (Vec<RowForecast>, Vec<left::Left>) = match restored {
            Some(_) => self.resolvers().iter().filter_map(|r| row::forecast(r, &leads, self, now)).unzip(),
            None => (Vec::new(), Vec::new()),
        };
        let (fleet, ahead) = fleet::forecast(self, &rows, lefts, restored.is_some(), now);
        Forecast { at: now, restored, rows, fleet, curve: Curve { seen: fleet::seen(self), ahead }, unseen }
    }

    /// What is to be expected of one resolver; none when it is not wrong, filters the name by its policy, or the parent is
    /// not right.
    #[must_use]
    pub fn row_forecast(&self, address: SocketAddr, now: Timestamp) -> Option<RowForecast> {
        self.right_since().filter(|_| self.source().parent_right)?;
        let (row, _) = row::forecast(self.resolver(address)?, &row::Leads::of(self), self, now)?;
        Some(row)
    }

    fn unseen_bound(&self, now: Timestamp) -> UnseenBound {
        let leads = row::Leads::of(self);
        let from = if self.source().parent_right { self.right_since() } else { Some(now) };
        let lease = |longest: bool| Some(from? + leads.lease_of_anybody(longest)?);
        // What one cache shows, others may hold as well.
        let shown = self.resolvers().iter().filter(|r| r.judgement.verdict.is_wrong());
        let shown = shown.filter_map(|r| match r.judgement.delegation_until {
            Until::Known(end) => Some(end),
            _ => None,
        });
        UnseenBound {
            if_corrected_now: !self.source().parent_right,
            by_parent_ttl: lease(false),
            worst: lease(true).map(|at| at.max(shown.max().unwrap_or(at)) + leads.drain),
        }
    }
}
