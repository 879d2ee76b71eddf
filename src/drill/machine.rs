//! The machine on which the tool runs, as far as its clocks go: when it sleeps, and when its wall clock is set. The world
//! goes on meanwhile. Pure.

use std::time::Duration;

use crate::time::{MachineClocks, Timestamp};

/// When the machine sleeps and when its wall clock is set, since the beginning.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Machine {
    /// From when on, and for how long, by the world's time. In order, none overlapping.
    sleeps: Vec<(Duration, Duration)>,
    /// When, by the world's time, and by how many seconds (negative: back).
    steps: Vec<(Duration, i64)>,
}

impl Machine {
    /// A machine that sleeps from `at` for `span`.
    ///
    /// # Errors
    /// It would sleep already.
    pub fn sleep(&mut self, at: Duration, span: Duration) -> Result<(), String> {
        let end = at.saturating_add(span);
        if self.sleeps.iter().any(|(from, long)| at <= from.saturating_add(*long) && *from <= end) {
            return Err("it sleeps then already".to_owned());
        }
        self.sleeps.push((at, span));
        self.sleeps.sort_unstable();
        Ok(())
    }

    /// A machine whose wall clock is set by so many `seconds` at `at`.
    pub fn set_clock(&mut self, at: Duration, seconds: i64) {
        self.steps.push((at, seconds));
    }

    /// Whether it sleeps at a moment of the world.
    #[must_use]
    pub fn sleeps_at(&self, world: Duration) -> bool {
        self.sleeps.iter().any(|(from, span)| *from <= world && world < from.saturating_add(*span))
    }

    /// How long it was awake when the world's clock shows `world`.
    #[must_use]
    pub fn awake(&self, world: Duration) -> Duration {
        let slept = self.sleeps.iter().map(|(from, span)| world.saturating_sub(*from).min(*span)).sum();
        world.saturating_sub(slept)
    }

    /// How long it has slept in all when it was `awake` for so long.
    #[must_use]
    pub fn slept(&self, awake: Duration) -> Duration {
        let mut slept = Duration::ZERO;
        for (from, span) in &self.sleeps {
            if awake + slept < *from {
                break;
            }
            slept += *span;
        }
        slept
    }

    /// What the world's clock shows when it was `awake` for so long.
    #[must_use]
    pub fn world(&self, awake: Duration) -> Duration {
        awake + self.slept(awake)
    }

    /// What its clocks show when it was `awake` for so long, since `begin`.
    #[must_use]
    pub fn clocks(&self, begin: Timestamp, awake: Duration) -> MachineClocks {
        let world = self.world(awake);
        let set: i64 = self.steps.iter().filter(|(at, _)| *at <= world).map(|(_, seconds)| *seconds).sum();
        let wall = (begin + world).as_micros().saturating_add(set.saturating_mul(1_000_000));
        MachineClocks { awake, asleep: Some(self.slept(awake)), wall: Timestamp::from_micros(wall) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn secs(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn the_world_goes_on_while_it_sleeps() {
        let mut machine = Machine::default();
        machine.sleep(secs(1000), secs(50)).unwrap();
        machine.sleep(secs(100), secs(600)).unwrap();
        assert!(machine.sleep(secs(650), secs(10)).is_err() && machine.sleep(secs(990), secs(20)).is_err());
        for (awake, world) in [(0, 0), (99, 99), (100, 700), (399, 999), (400, 1050), (401, 1051)] {
            assert_eq!(machine.world(secs(awake)), secs(world));
            assert_eq!(machine.awake(secs(world)), secs(awake));
        }
        assert_eq!(machine.awake(secs(300)), secs(100));
        assert!(machine.sleeps_at(secs(100)) && machine.sleeps_at(secs(699)) && !machine.sleeps_at(secs(700)));
    }

    #[test]
    fn a_set_clock_shows_on_the_wall_only() {
        let mut machine = Machine::default();
        machine.sleep(secs(10), secs(5)).unwrap();
        machine.set_clock(secs(20), 3600);
        machine.set_clock(secs(30), -3600);
        let begin = Timestamp::from_secs(1_000_000);
        for (awake, asleep, wall) in [(5, 0, 5), (14, 5, 19), (15, 5, 3620), (25, 5, 30)] {
            let shown = machine.clocks(begin, secs(awake));
            assert_eq!((shown.awake, shown.asleep, shown.wall), (secs(awake), Some(secs(asleep)), begin + secs(wall)));
        }
    }
}
