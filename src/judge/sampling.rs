//! What so many samples of one address can say of the caches behind it, all at 95 %.
//!
//! Question: how large can the share of stale caches be that samples did not show, or showed in part? Every sample is
//! taken for an independent draw (new port, new label) among the caches *reachable from here*; caches elsewhere are not
//! spoken of. References: Clopper and Pearson 1934 (exact binomial interval), Good 1953 (mass of what was not seen).

use std::collections::BTreeMap;

/// Chance that a bound given here does not hold.
const RISK: f64 = 0.05;
/// Halvings when a bound is searched: beyond the precision of the numbers.
const HALVINGS: u32 = 60;
/// Samples beyond which counting more changes no bound that is shown.
const MOST_SAMPLES: usize = 10_000;

/// Two shares between which the true one lies, each 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ShareInterval {
    /// Not below this.
    pub low: f64,
    /// Not above this.
    pub high: f64,
}

/// The caches behind one address, as far as samples could be told apart by cache.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CacheGroups {
    /// Samples that named their cache.
    pub told: usize,
    /// Different caches seen.
    pub seen: usize,
    /// Of these, caches seen exactly once.
    pub once: usize,
    /// Of these, caches whose newest sample was not good.
    pub bad: usize,
}

impl CacheGroups {
    /// Groups samples by cache key. Each item is the key and whether the sample was good, oldest first.
    pub fn of<K: Ord>(samples: impl IntoIterator<Item = (K, bool)>) -> Self {
        let mut groups: BTreeMap<K, (usize, bool)> = BTreeMap::new();
        let mut told = 0;
        for (key, good) in samples {
            told += 1;
            let group = groups.entry(key).or_insert((0, good));
            *group = (group.0 + 1, good);
        }
        Self {
            told,
            seen: groups.len(),
            once: groups.values().filter(|(times, _)| *times == 1).count(),
            bad: groups.values().filter(|(_, good)| !good).count(),
        }
    }

    /// The share of answers that come from caches not seen yet (Good–Turing: those seen once, of all samples). None
    /// without samples.
    #[must_use]
    pub fn unseen_share(&self) -> Option<f64> {
        (self.told > 0).then(|| self.once as f64 / self.told as f64)
    }
}

/// The largest share of stale caches that `good` samples in a row, none of them stale, leave possible: 1 − 0.05^(1/n).
/// Everything is possible without a sample.
#[must_use]
pub fn stale_share_at_most(good: usize) -> f64 {
    if good == 0 { 1.0 } else { 1.0 - RISK.powf(1.0 / good as f64) }
}

/// Good samples in a row that are needed to say "fewer than this share are stale". None for a share that no number of
/// samples excludes (0 or less) and zero for one that needs none (1 or more).
#[must_use]
pub fn samples_needed(share: f64) -> Option<usize> {
    if share.is_nan() || share <= 0.0 {
        return None;
    }
    (0..=MOST_SAMPLES).find(|n| stale_share_at_most(*n) <= share)
}

/// Between which shares the true one lies when `stale` of `samples` were stale (Clopper–Pearson). Everything is possible
/// without a sample; more stale ones than samples count as all.
#[must_use]
pub fn stale_share(stale: usize, samples: usize) -> ShareInterval {
    let samples = samples.min(MOST_SAMPLES);
    let stale = stale.min(samples);
    if samples == 0 {
        return ShareInterval { low: 0.0, high: 1.0 };
    }
    // Half the risk on either side.
    let low = if stale == 0 { 0.0 } else { bisect(|share| at_least(stale, samples, share) < RISK / 2.0) };
    let high =
        if stale == samples { 1.0 } else { bisect(|share| 1.0 - at_least(stale + 1, samples, share) > RISK / 2.0) };
    ShareInterval { low, high }
}

/// The share at which `below` turns from true to false, going up from 0 to 1.
fn bisect(below: impl Fn(f64) -> bool) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(low, high);
        if below(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

/// The chance of at least `stale` stale ones in `samples` draws: the regularised incomplete beta function at whole
/// numbers, summed term by term.
fn at_least(stale: usize, samples: usize, share: f64) -> f64 {
    if stale == 0 {
        return 1.0;
    }
    let (ln_p, ln_q) = (share.ln(), (-share).ln_1p());
    // ln C(n, k), one factor after the other.
    let mut ln_choose = 0.0;
    let mut sum = 0.0;
    for k in 0..=samples {
        if k > 0 {
            ln_choose += ((samples - k + 1) as f64 / k as f64).ln();
        }
        if k >= stale {
            let ln_rest = if k == samples { 0.0 } else { ln_q * (samples - k) as f64 };
            sum += (ln_choose + ln_p * k as f64 + ln_rest).exp();
        }
    }
    sum.min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn percent(share: f64) -> f64 {
        share * 100.0
    }

    #[test]
    fn good_samples_exclude_what_the_published_table_says() {
        for (share, samples) in [(0.5, 5), (0.2, 14), (0.1, 29), (0.05, 59), (0.02, 149), (0.01, 299)] {
            assert_eq!(samples_needed(share), Some(samples));
            assert!(stale_share_at_most(samples) <= share && stale_share_at_most(samples - 1) > share);
        }
        assert_eq!((samples_needed(1.0), samples_needed(0.0), samples_needed(f64::NAN)), (Some(0), None, None));
        assert!((stale_share_at_most(0) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn intervals_are_the_published_ones() {
        let near = |value: f64, expected: f64, by: f64| (percent(value) - expected).abs() < by;
        let some = stale_share(3, 20);
        assert!(near(some.low, 3.207, 0.001) && near(some.high, 37.893, 0.001), "{some:?}");
        let few = stale_share(1, 60);
        assert!(near(few.low, 0.042, 0.001) && near(few.high, 8.94, 0.01), "{few:?}");
        let eight = stale_share(3, 8);
        assert!(near(eight.low, 8.523, 0.001) && near(eight.high, 75.514, 0.001), "{eight:?}");
        let ten = stale_share(5, 10);
        assert!(near(ten.low, 18.709, 0.001) && near(ten.high, 81.291, 0.001), "{ten:?}");
    }

    #[test]
    fn the_ends_are_the_ends() {
        assert_eq!(stale_share(0, 0), ShareInterval { low: 0.0, high: 1.0 });
        let none = stale_share(0, 14);
        // With half the risk on this side: 1 − 0.025^(1/14).
        assert!(none.low == 0.0 && (none.high - (1.0 - 0.025_f64.powf(1.0 / 14.0))).abs() < 1e-9, "{none:?}");
        let all = stale_share(9, 9);
        assert!((all.high - 1.0).abs() < 1e-12 && (all.low - 0.025_f64.powf(1.0 / 9.0)).abs() < 1e-9, "{all:?}");
        assert_eq!(stale_share(20, 9), all);
    }

    #[test]
    fn caches_seen_once_say_how_much_was_not_seen() {
        let groups = CacheGroups::of([("a", true), ("b", false), ("a", true), ("c", true), ("b", true)]);
        assert_eq!(groups, CacheGroups { told: 5, seen: 3, once: 1, bad: 0 });
        assert_eq!(groups.unseen_share(), Some(0.2));
        assert_eq!(CacheGroups::default().unseen_share(), None);
        let turned = CacheGroups::of([("a", true), ("a", false)]);
        assert_eq!((turned.bad, turned.once), (1, 0));
    }

    proptest::proptest! {
        #[test]
        fn an_interval_holds_the_share_seen(stale in 0_usize..90, more in 0_usize..90) {
            let samples = stale + more;
            let ShareInterval { low, high } = stale_share(stale, samples);
            proptest::prop_assert!((0.0..=1.0).contains(&low) && (0.0..=1.0).contains(&high));
            if samples > 0 {
                let seen = stale as f64 / samples as f64;
                proptest::prop_assert!(low <= seen && seen <= high, "{low} {seen} {high}");
                let wider = stale_share(stale * 2, samples * 2);
                proptest::prop_assert!(wider.high - wider.low <= high - low + 1e-9, "more samples, a narrower interval");
            }
        }
    }
}
