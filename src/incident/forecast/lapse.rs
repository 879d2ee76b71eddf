//! How busy caches leave a delegation: the closed formula.
//!
//! A cache in continuous use fetched the correct delegation at some moment before the outage, all moments alike likely;
//! it meets the parked one when that lease ends, if the outage still lasts, and leases that again and again until a lease
//! begins after the restoration. Nothing here knows of incidents.

use std::time::Duration;

/// The three spans that decide when busy caches turn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lapse {
    /// How long the correct delegation was kept before the outage (G).
    pub good_lease: Duration,
    /// How long the parked one is kept (L).
    pub parked_lease: Duration,
    /// How long the outage lasted at the parent (D); none when it began before anybody looked: then every phase of a
    /// lease is taken for alike likely.
    pub outage: Option<Duration>,
}

impl Lapse {
    /// The share of caches that still use the parked delegation so long after the restoration, 0 to 1:
    ///
    /// `stale(t) = (1/G) · measure{ u in [0, min(G, D)] : (D − u) mod L < L − t }` for `0 ≤ t < L`, else 0.
    #[must_use]
    pub fn stale(&self, after: Duration) -> f64 {
        let (good, parked) = (self.good_lease.as_secs_f64(), self.parked_lease.as_secs_f64());
        let after = after.as_secs_f64();
        if after >= parked {
            return 0.0;
        }
        let left = parked - after;
        let Some(outage) = self.outage else { return left / parked };
        let outage = outage.as_secs_f64();
        if outage <= 0.0 {
            return 0.0;
        }
        if good <= 0.0 {
            // No cache kept the correct delegation at all: all met the parked one at once.
            return if outage % parked < left { 1.0 } else { 0.0 };
        }
        // With v = D − u: how much of [D − min(G, D), D] lies in the first `left` of each lease.
        let measure = |until: f64| (until / parked).floor() * left + (until % parked).min(left);
        ((measure(outage) - measure(outage - good.min(outage))) / good).clamp(0.0, 1.0)
    }

    /// The same for caches with so many questions for the zone in a second: one that is asked rarely holds the
    /// delegation only part of the time (λL/(1 + λL)).
    #[must_use]
    pub fn stale_with_use(&self, after: Duration, questions_per_second: f64) -> f64 {
        let held = (questions_per_second * self.parked_lease.as_secs_f64()).max(0.0);
        let share = if held.is_finite() { held / (1.0 + held) } else { 1.0 };
        self.stale(after) * share
    }

    /// When no more than this share is still stale, so long after the restoration: to a millionth of the lease.
    #[must_use]
    pub fn falls_to(&self, share: f64) -> Duration {
        let (mut low, mut high) = (0.0, self.parked_lease.as_secs_f64());
        if self.stale(Duration::ZERO) <= share {
            return Duration::ZERO;
        }
        for _ in 0..40 {
            let middle = f64::midpoint(low, high);
            if self.stale(Duration::from_secs_f64(middle)) <= share {
                high = middle;
            } else {
                low = middle;
            }
        }
        Duration::from_secs_f64(high)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: u64 = 3600;

    fn lapse(good: u64, parked: u64, outage: u64) -> Lapse {
        Lapse {
            good_lease: Duration::from_secs(good),
            parked_lease: Duration::from_secs(parked),
            outage: Some(Duration::from_secs(outage)),
        }
    }

    fn at(lapse: &Lapse, hours: f64) -> f64 {
        lapse.stale(Duration::from_secs_f64(hours * 3600.0))
    }

    #[test]
    fn a_short_outage_leaves_few_stale_and_none_of_them_improves_soon() {
        // .com in a cache that keeps two days, after six hours: 12.5 %, flat for 42 h, zero at 48 h.
        let two_days = lapse(48 * HOUR, 48 * HOUR, 6 * HOUR);
        for hours in [0.0, 20.0, 41.9] {
            assert!((at(&two_days, hours) - 0.125).abs() < 1e-9, "{hours}");
        }
        assert!((at(&two_days, 45.0) - 0.0625).abs() < 1e-9 && at(&two_days, 48.0).abs() < 1e-9);
        // A service that keeps six hours, after the same outage: all at once, and linear to nothing.
        let six_hours = lapse(6 * HOUR, 6 * HOUR, 6 * HOUR);
        for (hours, share) in [(0.0, 1.0), (3.0, 0.5), (4.5, 0.25), (6.0, 0.0)] {
            assert!((at(&six_hours, hours) - share).abs() < 1e-9, "{hours}");
        }
    }

    #[test]
    fn with_equal_leases_it_is_the_smaller_of_outage_and_what_is_left() {
        for (outage, after) in [(100_u64, 0_u64), (100, 250), (400, 10), (299, 299), (10, 291)] {
            let expected = outage.min(300 - after) as f64 / 300.0;
            let share = lapse(300, 300, outage).stale(Duration::from_secs(after));
            assert!((share - expected).abs() < 1e-9, "{outage} {after}: {share}");
        }
        // t_s = L(1 − s) if s < D/L, else 0.
        let lapse = lapse(300, 300, 100);
        assert!((lapse.falls_to(0.05).as_secs_f64() - 285.0).abs() < 0.01);
        assert_eq!(lapse.falls_to(0.5), Duration::ZERO);
    }

    #[test]
    fn odd_spans_are_shares_too() {
        for lapse in [lapse(0, 60, 30), lapse(60, 0, 30), lapse(60, 60, 0), lapse(0, 0, 0)] {
            for after in [0, 30, 60] {
                assert!((0.0..=1.0).contains(&lapse.stale(Duration::from_secs(after))), "{lapse:?}");
            }
        }
        let unseen = Lapse { outage: None, ..lapse(60, 60, 0) };
        assert!((unseen.stale(Duration::from_secs(15)) - 0.75).abs() < 1e-9);
    }

    #[test]
    fn rare_use_leaves_fewer_stale() {
        let lapse = lapse(100, 100, 100);
        let share = |rate| lapse.stale_with_use(Duration::from_secs(50), rate);
        assert!((share(0.01) - 0.25).abs() < 1e-9 && (share(f64::INFINITY) - 0.5).abs() < 1e-9);
        assert!(share(0.0).abs() < 1e-9 && share(-1.0).abs() < 1e-9);
    }

    /// One cache, second by second: the correct lease ends `enters` after the outage began.
    fn is_stale(enters: f64, good: f64, parked: f64, outage: f64, after: f64) -> bool {
        let (mut at, end) = (enters, outage + after);
        let mut wrong = false;
        while at <= end {
            wrong = at < outage;
            at += if wrong { parked } else { good };
        }
        wrong
    }

    proptest::proptest! {
        #[test]
        fn the_formula_agrees_with_caches_played_one_by_one(
            good in 5_u32..400, parked in 5_u32..400, outage in 1_u32..900, after in 0_u32..450,
        ) {
            let lapse = lapse(good.into(), parked.into(), outage.into());
            let (good, parked, outage) = (f64::from(good), f64::from(parked), f64::from(outage));
            let caches = 4000;
            let stale = (0..caches)
                .filter(|n| is_stale((f64::from(*n) + 0.5) / f64::from(caches) * good, good, parked, outage, after.into()))
                .count();
            let played = stale as f64 / f64::from(caches);
            let formula = lapse.stale(Duration::from_secs(after.into()));
            proptest::prop_assert!((played - formula).abs() < 0.01, "{played} {formula}");
        }

        #[test]
        fn the_share_never_rises(good in 1_u64..500, parked in 1_u64..500, outage in 0_u64..900, at in 0_u64..500) {
            let lapse = lapse(good, parked, outage);
            let (now, later) = (Duration::from_secs(at), Duration::from_secs(at + 7));
            proptest::prop_assert!(lapse.stale(later) <= lapse.stale(now) + 1e-9);
        }
    }
}
