//! The system's clock: wall time at the start, true durations from there on.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::time::{ClockJump, MachineClocks, ReadClock, RunClock, Timestamp};

/// Reads this machine's clocks for a [`RunClock`].
#[derive(Debug)]
pub struct SystemClock {
    started: Instant,
    /// What the clock that goes on through sleep showed at `started`, where there is one.
    started_through_sleep: Option<Duration>,
    run: RunClock,
}

impl SystemClock {
    /// A clock that starts now.
    #[must_use]
    pub fn start() -> Self {
        Self { started: Instant::now(), started_through_sleep: through_sleep(), run: RunClock::start(wall()) }
    }
}

impl ReadClock for SystemClock {
    fn now(&self) -> Timestamp {
        self.run.at(self.started.elapsed())
    }

    fn jump(&self, tolerance: Duration) -> Option<ClockJump> {
        let awake = self.started.elapsed();
        let since = self.started_through_sleep.zip(through_sleep()).map(|(then, now)| now.saturating_sub(then));
        let asleep = since.map(|since| since.saturating_sub(awake));
        self.run.jump(&MachineClocks { awake, asleep, wall: wall() }, tolerance)
    }
}

/// The clock that goes on while the machine sleeps, which the standard library's does not.
#[cfg(any(target_os = "linux", target_os = "android"))]
#[expect(clippy::unnecessary_wraps, reason = "other systems do not tell")]
fn through_sleep() -> Option<Duration> {
    let shown = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    Some(Duration::new(u64::try_from(shown.tv_sec).unwrap_or(0), u32::try_from(shown.tv_nsec).unwrap_or(0)))
}

/// Elsewhere a sleep shows by the wall clock only.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const fn through_sleep() -> Option<Duration> {
    None
}

/// The wall clock; a clock set before 1970 counts as 1970.
fn wall() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_begins_with_the_wall_clock_and_nothing_has_happened() {
        let clock = SystemClock::start();
        let (now, wall) = (clock.now(), wall());
        assert!(wall.since(now) < Duration::from_secs(3) && now.since(wall) < Duration::from_secs(3));
        assert_eq!(clock.jump(Duration::from_secs(3)), None);
        assert!(clock.now() >= now);
    }
}
