//! Pseudo-random numbers from a seed: the simulator's only source of chance, so that a run can be repeated.
//!
//! Not for anything that must be unpredictable. It may not read the system's randomness.

use std::hash::{BuildHasherDefault, Hasher};
use std::time::Duration;

/// A generator in the splitmix64 style (Steele, Lea, Flood 2014): 64 bits of state, every seed is good.
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// A generator that gives the same numbers for the same seed.
    #[must_use]
    pub const fn from_seed(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// A number in `[0, 1)`.
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit a double exactly")]
    pub fn fraction(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A number in `0..bound`; zero when the bound is zero.
    #[expect(clippy::cast_possible_truncation, reason = "the remainder is below a usize")]
    pub fn below(&mut self, bound: usize) -> usize {
        if bound == 0 { 0 } else { (self.bits() % bound as u64) as usize }
    }

    /// Whether something of this probability (0 to 1) happens.
    pub fn happens(&mut self, probability: f64) -> bool {
        probability > 0.0 && self.fraction() < probability
    }

    /// The waiting time until the next arrival of a Poisson process, at most a year; `rate` is in arrivals a second.
    pub fn arrival(&mut self, rate: f64) -> Duration {
        let year = 31_536_000.0;
        if rate <= 0.0 || !rate.is_finite() {
            return Duration::from_secs_f64(year);
        }
        Duration::from_secs_f64((-(1.0 - self.fraction()).ln() / rate).clamp(0.0, year))
    }

    /// A span between zero and `most`.
    pub fn span(&mut self, most: Duration) -> Duration {
        most.mul_f64(self.fraction())
    }
}

/// Spreads the bits of a number.
#[must_use]
pub const fn mix(mut value: u64) -> u64 {
    value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

/// A hasher without a random key, eight octets at a step: the same on every run. Only names of a simulation are hashed with it.
#[derive(Debug, Clone, Copy)]
pub struct SteadyHasher(u64);

/// A map with the [`SteadyHasher`].
pub type Map<K, V> = std::collections::HashMap<K, V, BuildHasherDefault<SteadyHasher>>;

impl Default for SteadyHasher {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for SteadyHasher {
    fn finish(&self) -> u64 {
        mix(self.0)
    }

    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            for (to, from) in word.iter_mut().zip(chunk) {
                *to = *from;
            }
            self.0 = (self.0.rotate_left(5) ^ u64::from_le_bytes(word)).wrapping_mul(0x517c_c1b7_2722_0a95);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_numbers_and_they_are_spread() {
        let draw = |seed| {
            let mut random = Random::from_seed(seed);
            (0..1000).map(|_| random.below(10)).collect::<Vec<_>>()
        };
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
        for digit in 0..10 {
            assert!((60..140).contains(&draw(7).iter().filter(|d| **d == digit).count()));
        }
    }

    #[test]
    fn arrivals_have_their_mean_and_no_rate_means_hardly_ever() {
        let mut random = Random::from_seed(1);
        let sum: Duration = (0..2000).map(|_| random.arrival(0.5)).sum();
        assert!((3600..4400).contains(&sum.as_secs()));
        assert_eq!(random.arrival(0.0), Duration::from_secs(31_536_000));
        assert_eq!(random.arrival(f64::NAN), Duration::from_secs(31_536_000));
    }
}
