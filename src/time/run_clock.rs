//! The clock of one run: set to the wall clock once, at the start, and counted on from there.
//!
//! Caches count their TTLs by true durations, so the run must too: a sleep of the machine is time that passed, and a step
//! of its wall clock is none. Nothing here reads a clock: what the machine's clocks show is an argument.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use super::Timestamp;

/// What the clocks of a machine show at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MachineClocks {
    /// How long the machine was awake since the start of the run: the monotonic clock.
    pub awake: Duration,
    /// How long it slept since then; none where the system does not tell.
    pub asleep: Option<Duration>,
    /// What its wall clock says.
    pub wall: Timestamp,
}

/// What happened to a machine's clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockJump {
    /// The machine slept for so many seconds: the run's clock has moved on by them. Where the system does not tell sleep
    /// from a wall clock that was set forward, either.
    Slept(i64),
    /// The wall clock was set by so many seconds (negative: back). The run's clock goes on as before.
    WallSet(i64),
}

/// Counts the time of one run. Never goes back.
#[derive(Debug)]
pub struct RunClock {
    started: Timestamp,
    /// Microseconds of sleep that were told.
    slept: AtomicI64,
    /// By how many microseconds the wall clock is ahead of this one, as far as that was told.
    ahead: AtomicI64,
}

impl RunClock {
    /// A clock that begins when the wall clock says `started`.
    #[must_use]
    pub const fn start(started: Timestamp) -> Self {
        Self { started, slept: AtomicI64::new(0), ahead: AtomicI64::new(0) }
    }

    /// The present moment, given how long the machine was awake since the start. A sleep counts once
    /// [`RunClock::jump`] has told it.
    #[must_use]
    pub fn at(&self, awake: Duration) -> Timestamp {
        Timestamp::from_micros((self.started + awake).as_micros().saturating_add(self.slept.load(Ordering::Relaxed)))
    }

    /// What happened since this was last asked, where it is more than `tolerance`. A sleep comes before a step of the wall
    /// clock: ask again for that.
    #[must_use]
    pub fn jump(&self, clocks: &MachineClocks, tolerance: Duration) -> Option<ClockJump> {
        let tolerance = micros(tolerance);
        if let Some(asleep) = clocks.asleep {
            let more = micros(asleep).saturating_sub(self.slept.load(Ordering::Relaxed));
            if more > tolerance {
                self.slept.fetch_add(more, Ordering::Relaxed);
                return Some(ClockJump::Slept(more / 1_000_000));
            }
        }
        let wall = clocks.wall.as_micros().saturating_sub(self.at(clocks.awake).as_micros());
        let more = wall.saturating_sub(self.ahead.load(Ordering::Relaxed));
        if more.saturating_abs() <= tolerance {
            return None;
        }
        if more > 0 && clocks.asleep.is_none() {
            self.slept.fetch_add(more, Ordering::Relaxed);
            return Some(ClockJump::Slept(more / 1_000_000));
        }
        self.ahead.fetch_add(more, Ordering::Relaxed);
        Some(ClockJump::WallSet(more / 1_000_000))
    }
}

fn micros(span: Duration) -> i64 {
    i64::try_from(span.as_micros()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_secs(1_000_000);
    const TOLERANCE: Duration = Duration::from_secs(3);

    fn clocks(awake: u64, asleep: Option<u64>, wall: i64) -> MachineClocks {
        MachineClocks {
            awake: Duration::from_secs(awake),
            asleep: asleep.map(Duration::from_secs),
            wall: Timestamp::from_secs(1_000_000 + wall),
        }
    }

    #[test]
    fn a_sleep_is_time_that_passed() {
        let clock = RunClock::start(START);
        assert_eq!(clock.jump(&clocks(60, Some(0), 61), TOLERANCE), None);
        let awoken = clocks(70, Some(1800), 1870);
        assert_eq!(clock.at(awoken.awake), START + Duration::from_secs(70), "until it is told");
        assert_eq!(clock.jump(&awoken, TOLERANCE), Some(ClockJump::Slept(1800)));
        assert_eq!(clock.at(awoken.awake), awoken.wall);
        assert_eq!(clock.jump(&awoken, TOLERANCE), None, "told once");
    }

    #[test]
    fn a_step_of_the_wall_clock_is_no_time_that_passed() {
        let clock = RunClock::start(START);
        for (awake, wall, told) in
            [(10, 3610, Some(3600)), (20, 3620, None), (30, 30, Some(-3600)), (40, -500, Some(-540))]
        {
            let shown = clocks(awake, Some(0), wall);
            assert_eq!(clock.jump(&shown, TOLERANCE), told.map(ClockJump::WallSet), "{awake}");
            assert_eq!(clock.at(shown.awake), START + shown.awake);
        }
    }

    #[test]
    fn both_at_once_are_told_one_after_the_other() {
        let clock = RunClock::start(START);
        let shown = clocks(10, Some(600), 610 + 7200);
        assert_eq!(clock.jump(&shown, TOLERANCE), Some(ClockJump::Slept(600)));
        assert_eq!(clock.jump(&shown, TOLERANCE), Some(ClockJump::WallSet(7200)));
        assert_eq!(clock.jump(&shown, TOLERANCE), None);
        assert_eq!(clock.at(shown.awake), START + Duration::from_secs(610));
    }

    #[test]
    fn where_sleep_is_not_told_a_clock_that_runs_ahead_is_taken_for_one_and_none_goes_back() {
        let clock = RunClock::start(START);
        assert_eq!(clock.jump(&clocks(10, None, 1810), TOLERANCE), Some(ClockJump::Slept(1800)));
        assert_eq!(clock.at(Duration::from_secs(10)), START + Duration::from_secs(1810));
        assert_eq!(clock.jump(&clocks(20, None, 20), TOLERANCE), Some(ClockJump::WallSet(-1800)));
        assert_eq!(clock.at(Duration::from_secs(20)), START + Duration::from_secs(1820));
        assert_eq!(clock.jump(&clocks(20, None, i64::from(i32::MIN)), TOLERANCE).map(|_| ()), Some(()));
        let far = MachineClocks { awake: Duration::MAX, asleep: None, wall: Timestamp::from_micros(i64::MIN) };
        let _ = clock.jump(&far, TOLERANCE);
        assert!(clock.at(far.awake) > START);
    }
}
