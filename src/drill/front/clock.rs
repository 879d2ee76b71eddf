//! The time of a drill: the machine's monotonic clock, sped up.

use std::time::{Duration, Instant};

use crate::drill::machine::Machine;
use crate::time::{ClockJump, ReadClock, RunClock, Timestamp};

/// Counts from `begin` at `speed` seconds a second. TTLs, leases and the tool's schedule all follow it; only while the
/// scenario's machine sleeps the world goes on without the tool.
#[derive(Debug)]
pub struct DrillClock {
    begin: Timestamp,
    started: Instant,
    speed: f64,
    machine: Machine,
    run: RunClock,
}

impl DrillClock {
    /// The slowest and the fastest it goes: faster, and an answer's way through the machine would be seconds long.
    pub const SPEEDS: std::ops::RangeInclusive<f64> = 0.1..=30.0;

    /// Starts now, at `begin`. A speed outside [`DrillClock::SPEEDS`] is taken to its nearer end.
    #[must_use]
    pub fn start(begin: Timestamp, speed: f64) -> Self {
        let speed = if speed.is_finite() { speed.clamp(*Self::SPEEDS.start(), *Self::SPEEDS.end()) } else { 1.0 };
        let (machine, run) = (Machine::default(), RunClock::start(begin));
        Self { begin, started: Instant::now(), speed, machine, run }
    }

    /// The same, on a machine that may sleep.
    #[must_use]
    pub fn on(mut self, machine: Machine) -> Self {
        self.machine = machine;
        self
    }

    /// What time it is in the world.
    #[must_use]
    pub fn world(&self) -> Timestamp {
        self.begin + self.machine.world(self.awake())
    }

    /// Waits until so much of the world's time has passed since the beginning.
    pub async fn reach(&self, since_begin: Duration) {
        let wait = self.wait_for(self.machine.awake(since_begin));
        tokio::time::sleep(wait.saturating_sub(self.started.elapsed())).await;
    }

    fn awake(&self) -> Duration {
        self.passes_in(self.started.elapsed())
    }

    /// When it started, by itself.
    #[must_use]
    pub const fn begin(&self) -> Timestamp {
        self.begin
    }

    /// Seconds of the drill in a second.
    #[must_use]
    pub const fn speed(&self) -> f64 {
        self.speed
    }

    /// How much of the drill's time passes in a real `span`.
    #[must_use]
    pub fn passes_in(&self, span: Duration) -> Duration {
        Duration::try_from_secs_f64(span.as_secs_f64() * self.speed).unwrap_or(Duration::MAX)
    }
}

impl ReadClock for DrillClock {
    fn now(&self) -> Timestamp {
        self.run.at(self.awake())
    }

    fn jump(&self, tolerance: Duration) -> Option<ClockJump> {
        self.run.jump(&self.machine.clocks(self.begin, self.awake()), tolerance)
    }

    fn wait_for(&self, span: Duration) -> Duration {
        Duration::try_from_secs_f64(span.as_secs_f64() / self.speed).unwrap_or(Duration::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_go_there_and_back_and_odd_speeds_are_tamed() {
        let clock = DrillClock::start(Timestamp::from_secs(1000), 4.0);
        assert_eq!(clock.wait_for(Duration::from_secs(8)), Duration::from_secs(2));
        assert_eq!(clock.passes_in(Duration::from_secs(2)), Duration::from_secs(8));
        assert!(clock.now() >= Timestamp::from_secs(1000));
        for (asked, given) in [(0.0, 0.1), (-3.0, 0.1), (1e9, 30.0), (f64::NAN, 1.0), (f64::INFINITY, 1.0)] {
            assert!((DrillClock::start(Timestamp::default(), asked).speed() - given).abs() < 1e-9);
        }
    }
}
