//! Politeness: how many questions go out, in all, to one address, to one operator, and as nonces.

use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::time::Duration;

use crate::incident::{Allowance, Budget};
use crate::observation::{Query, Role};
use crate::schedule::is_recursive_nonce;
use crate::time::Timestamp;

/// Most questions a second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rates {
    /// In all, in the first round, in which everything is asked once.
    pub first_round: f64,
    /// In all, afterwards.
    pub later: f64,
    /// Recursive nonces in all, afterwards: each costs the zone's servers a query.
    pub nonces: f64,
    /// To one resolver address, afterwards.
    pub per_address: f64,
    /// To all addresses of one operator, afterwards.
    pub per_operator: f64,
}

impl Default for Rates {
    /// Two orders of magnitude below what large operators publish as their limits.
    fn default() -> Self {
        Self { first_round: 500.0, later: 20.0, nonces: 5.0, per_address: 1.0, per_operator: 2.0 }
    }
}

impl Rates {
    /// The same with a limit on all questions together, in the first round and afterwards.
    #[must_use]
    pub fn at_most(self, per_second: f64) -> Self {
        Self { first_round: per_second, later: self.later.min(per_second), ..self }
    }
}

/// Most questions to one address at once, after a pause.
const ADDRESS_BURST: f64 = 5.0;
/// The same to one operator.
const OPERATOR_BURST: f64 = 10.0;

/// Admits questions as the rates allow.
#[derive(Debug)]
pub struct Pace {
    rates: Rates,
    first_round: bool,
    all: Bucket,
    nonces: Bucket,
    addresses: HashMap<SocketAddr, Bucket>,
    operators: HashMap<String, Bucket>,
    /// How many questions were admitted in each second of the last minute.
    lately: VecDeque<(i64, u32)>,
}

impl Pace {
    /// Starts in the first round.
    #[must_use]
    pub fn new(rates: Rates) -> Self {
        Self {
            rates,
            first_round: true,
            // A tenth of a second's worth at once: enough to be quick, too little to drown a home router.
            all: Bucket::new(rates.first_round, (rates.first_round / 10.0).max(5.0)),
            nonces: Bucket::new(rates.nonces, rates.nonces.max(1.0)),
            addresses: HashMap::new(),
            operators: HashMap::new(),
            lately: VecDeque::new(),
        }
    }

    pub(super) const fn is_first_round(&self) -> bool {
        self.first_round
    }

    pub(super) fn end_first_round(&mut self, now: Timestamp) {
        self.first_round = false;
        self.all = Bucket::new(self.rates.later, self.rates.later.max(1.0));
        self.all.refill(now);
    }

    /// Admits a question, or says when to try again.
    ///
    /// # Errors
    /// The moment at which the fullest of its buckets will have room.
    pub(super) fn admit(&mut self, query: &Query, operator: Option<&str>, now: Timestamp) -> Result<(), Timestamp> {
        self.try_admit(query, operator, now)?;
        let second = now.as_micros().div_euclid(1_000_000);
        match self.lately.back_mut() {
            Some((of, count)) if *of == second => *count += 1,
            _ => self.lately.push_back((second, 1)),
        }
        self.forget_before(second);
        Ok(())
    }

    /// What the limits leave at `now`.
    pub(super) fn budget(&mut self, now: Timestamp) -> Budget {
        self.all.refill(now);
        self.nonces.refill(now);
        self.forget_before(now.as_micros().div_euclid(1_000_000));
        // A bucket that is full again is as good as a new one.
        self.addresses.retain(|_, bucket| bucket.is_below_its_most(now));
        self.operators.retain(|_, bucket| bucket.is_below_its_most(now));
        let whole = |per_second, at_once| Allowance { per_second, at_once, left: at_once };
        Budget {
            first_round: self.first_round,
            per_second: self.all.per_second,
            left: self.all.level.max(0.0),
            nonces_per_second: self.nonces.per_second,
            nonces_left: self.nonces.level.max(0.0),
            last_minute: self.lately.iter().map(|(_, count)| count).sum(),
            address: whole(self.rates.per_address, ADDRESS_BURST),
            operator: whole(self.rates.per_operator, OPERATOR_BURST),
            addresses: self.addresses.iter().map(|(address, bucket)| (*address, bucket.level.max(0.0))).collect(),
            operators: self.operators.iter().map(|(name, bucket)| (name.clone(), bucket.level.max(0.0))).collect(),
        }
    }

    fn forget_before(&mut self, second: i64) {
        // A clock that was stepped back leaves seconds that are yet to come: they are forgotten too.
        self.lately.retain(|(of, _)| *of > second - 60 && *of <= second);
    }

    fn try_admit(&mut self, query: &Query, operator: Option<&str>, now: Timestamp) -> Result<(), Timestamp> {
        if self.first_round || query.target.role != Role::Resolver {
            return self.all.take(now);
        }
        let rates = self.rates;
        let full = || Bucket::new(rates.per_address, ADDRESS_BURST);
        let address = self.addresses.entry(query.target.address).or_insert_with(full);
        address.has_room(now)?;
        if let Some(operator) = operator {
            let full = || Bucket::new(rates.per_operator, OPERATOR_BURST);
            let bucket = self.operators.entry(operator.to_owned()).or_insert_with(full);
            bucket.has_room(now)?;
        }
        if is_recursive_nonce(query) {
            self.nonces.has_room(now)?;
        }
        self.all.take(now)?;
        address.spend();
        if let Some(bucket) = operator.and_then(|o| self.operators.get_mut(o)) {
            bucket.spend();
        }
        if is_recursive_nonce(query) {
            self.nonces.spend();
        }
        Ok(())
    }
}

/// A token bucket.
#[derive(Debug)]
struct Bucket {
    per_second: f64,
    most: f64,
    level: f64,
    filled: Option<Timestamp>,
}

impl Bucket {
    fn new(per_second: f64, most: f64) -> Self {
        Self { per_second: per_second.max(0.001), most, level: most, filled: None }
    }

    fn refill(&mut self, now: Timestamp) {
        if let Some(filled) = self.filled {
            self.level = (self.level + now.since(filled).as_secs_f64() * self.per_second).min(self.most);
        }
        self.filled = Some(self.filled.map_or(now, |filled| filled.max(now)));
    }

    /// Whether one token is there; if not, when it will be.
    fn has_room(&mut self, now: Timestamp) -> Result<(), Timestamp> {
        self.refill(now);
        if self.level >= 1.0 {
            return Ok(());
        }
        let wait = Duration::from_secs_f64((1.0 - self.level) / self.per_second);
        Err(now + wait + Duration::from_millis(1))
    }

    /// Whether less than its most is left at `now`.
    fn is_below_its_most(&mut self, now: Timestamp) -> bool {
        self.refill(now);
        self.level < self.most
    }

    fn spend(&mut self) {
        self.level -= 1.0;
    }

    fn take(&mut self, now: Timestamp) -> Result<(), Timestamp> {
        self.has_room(now)?;
        self.spend();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_fills_again_with_time_and_says_when() {
        let mut bucket = Bucket::new(2.0, 2.0);
        let start = Timestamp::from_secs(100);
        assert!(bucket.take(start).is_ok() && bucket.take(start).is_ok());
        let again = bucket.take(start).unwrap_err();
        assert!(again > start && again <= start + Duration::from_millis(501));
        assert!(bucket.take(again).is_ok());
    }

    #[test]
    fn the_budget_says_what_is_left_and_what_was_asked_in_the_last_minute() {
        let mut pace = Pace::new(Rates::default());
        pace.end_first_round(Timestamp::from_secs(0));
        let target = crate::observation::TargetId::new(Role::Parent, "192.0.2.1:53".parse().unwrap());
        let purpose = crate::observation::Purpose::Delegation;
        let query = Query::new(target, crate::dns::Name::root(), crate::dns::RecordType::NS, purpose);
        for second in [0, 0, 0, 30] {
            assert!(pace.admit(&query, None, Timestamp::from_secs(second)).is_ok());
        }
        let budget = pace.budget(Timestamp::from_secs(30));
        assert_eq!((budget.per_second, budget.left.round(), budget.last_minute), (20.0, 19.0, 4));
        assert_eq!(pace.budget(Timestamp::from_secs(61)).last_minute, 1);
        assert_eq!(pace.budget(Timestamp::from_secs(10)).last_minute, 0, "the clock was stepped back");
    }

    #[test]
    fn the_budget_names_those_who_were_asked_lately_and_forgets_them_once_they_have_all_of_theirs_again() {
        let mut pace = Pace::new(Rates::default());
        pace.end_first_round(Timestamp::from_secs(0));
        let address = "192.0.2.53:53".parse().unwrap();
        let target = crate::observation::TargetId::new(Role::Resolver, address);
        let purpose = crate::observation::Purpose::Service;
        let query = Query::new(target, crate::dns::Name::root(), crate::dns::RecordType::A, purpose);
        for _ in 0..3 {
            assert!(pace.admit(&query, Some("Example"), Timestamp::from_secs(0)).is_ok());
        }
        let budget = pace.budget(Timestamp::from_secs(1));
        let left = |budget: &Budget, address, operator| {
            (budget.of_address(address).left.round(), budget.of_operator(operator).left.round())
        };
        assert_eq!(left(&budget, address, "Example"), (3.0, 9.0));
        let other = "192.0.2.54:53".parse().unwrap();
        assert_eq!(left(&budget, other, "Other"), (5.0, 10.0));
        let later = pace.budget(Timestamp::from_secs(3));
        assert!(later.addresses.is_empty() && later.operators.is_empty() && pace.addresses.is_empty());
        assert_eq!(left(&later, address, "Example"), (5.0, 10.0));
        assert!(pace.admit(&query, Some("Example"), Timestamp::from_secs(3)).is_ok());
    }
}
