//! The system's clock: wall time at the start, monotonic from there on.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::time::{ReadClock, Timestamp};

/// Wall time at the start plus the monotonic clock: differences are true even when the wall clock is stepped.
#[derive(Debug)]
pub struct SystemClock {
    started: Instant,
    /// Wall time at `started`, in microseconds since the epoch; set anew after a jump.
    origin: AtomicI64,
}

impl SystemClock {
    /// A clock that starts now.
    #[must_use]
    pub fn start() -> Self {
        Self { started: Instant::now(), origin: AtomicI64::new(wall().as_micros()) }
    }
}

impl ReadClock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.origin.load(Ordering::Relaxed)) + self.started.elapsed()
    }

    /// After a jump this clock agrees with the wall again.
    fn jump(&self, tolerance: Duration) -> Option<i64> {
        let ahead = wall().as_micros() - self.now().as_micros();
        if ahead.unsigned_abs() <= u64::try_from(tolerance.as_micros()).unwrap_or(u64::MAX) {
            return None;
        }
        self.origin.fetch_add(ahead, Ordering::Relaxed);
        Some(ahead / 1_000_000)
    }
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
    fn a_jump_is_seen_once_and_then_agreed_with() {
        let clock = SystemClock::start();
        assert_eq!(clock.jump(Duration::from_secs(3)), None);
        clock.origin.fetch_sub(60_000_000, Ordering::Relaxed);
        let seconds = clock.jump(Duration::from_secs(3)).unwrap();
        assert!((59..=60).contains(&seconds));
        assert_eq!(clock.jump(Duration::from_secs(3)), None);
    }
}
