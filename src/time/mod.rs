//! Points in time and their text. Reading a clock is for the edges: pure modules take `now` as an argument.

#![deny(clippy::disallowed_methods)]

mod run_clock;

use std::fmt;
use std::ops::{Add, Sub};
use std::str::FromStr;
use std::time::Duration;

pub use run_clock::{ClockJump, MachineClocks, RunClock};

/// A point in time: microseconds since 1970-01-01T00:00:00Z, without leap seconds.
///
/// Within one run every stamp comes from a monotonic clock set to the wall clock once at the start ([`RunClock`]), so
/// differences are true durations even when the wall clock is stepped or the machine sleeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(i64);

/// Something that can say what time it is. Only edges hold one.
pub trait ReadClock: Send + Sync {
    /// The present moment.
    fn now(&self) -> Timestamp;

    /// What happened to the machine's clocks since this was last asked, where it is more than `tolerance`; told once. A
    /// clock that cannot jump never says so.
    fn jump(&self, tolerance: Duration) -> Option<ClockJump> {
        let _ = tolerance;
        None
    }

    /// How long one has to wait, by the machine's own time, for `span` to pass on this clock. They differ where a
    /// drill's time is sped up.
    fn wait_for(&self, span: Duration) -> Duration {
        span
    }
}

impl Timestamp {
    /// From microseconds since the epoch.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// From whole seconds since the epoch.
    #[must_use]
    pub const fn from_secs(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1_000_000))
    }

    /// Microseconds since the epoch.
    #[must_use]
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// How long ago `earlier` was; zero when it lies ahead.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// How long until this moment, seen from `now`; zero when it has passed.
    #[must_use]
    pub fn until(self, now: Self) -> Duration {
        self.since(now)
    }

    /// `HH:MM:SS` in UTC.
    #[must_use]
    pub fn clock(self) -> String {
        let text = self.to_string();
        text.get(11..19).unwrap_or("??:??:??").to_owned()
    }

    /// `YYYY-MM-DD HH:MM` in UTC.
    #[must_use]
    pub fn date_and_minute(self) -> String {
        let text = self.to_string();
        match (text.get(..10), text.get(11..16)) {
            (Some(date), Some(minute)) => format!("{date} {minute}"),
            _ => text,
        }
    }
}

impl Add<Duration> for Timestamp {
    type Output = Self;

    fn add(self, span: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(span.as_micros()).unwrap_or(i64::MAX)))
    }
}

impl Sub<Duration> for Timestamp {
    type Output = Self;

    fn sub(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(span.as_micros()).unwrap_or(i64::MAX)))
    }
}

impl fmt::Display for Timestamp {
    /// RFC 3339 in UTC, whole seconds: `2026-11-22T12:58:41Z`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.div_euclid(1_000_000);
        match jiff::Timestamp::from_second(seconds) {
            Ok(moment) => f.pad(&moment.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()),
            Err(_) => f.pad("(a time out of range)"),
        }
    }
}

impl FromStr for Timestamp {
    type Err = String;

    /// Reads RFC 3339 with any offset and fraction.
    fn from_str(text: &str) -> Result<Self, String> {
        let moment: jiff::Timestamp = text.parse().map_err(|e: jiff::Error| e.to_string())?;
        Ok(Self(moment.as_microsecond()))
    }
}

/// A span as a countdown: `47:12:00`, `5:41:10`, `4:59`, `0:09`. Parts of a second are rounded up, so
/// that a countdown reaches zero when the time has come and not before.
#[must_use]
pub fn countdown(span: Duration) -> String {
    let seconds = span.as_secs() + u64::from(span.subsec_nanos() > 0);
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

/// A span in words for sentences: `2 days`, `5 h 41 min`, `4 min`, `30 s`.
#[must_use]
pub fn in_words(span: Duration) -> String {
    let seconds = span.as_secs();
    let (days, hours, minutes) = (seconds / 86400, seconds / 3600, seconds / 60);
    match () {
        () if days >= 2 && hours % 24 == 0 => format!("{days} days"),
        () if days >= 2 => format!("{days} days {} h", hours % 24),
        () if hours >= 1 && minutes % 60 == 0 => format!("{hours} h"),
        () if hours >= 1 => format!("{hours} h {} min", minutes % 60),
        () if seconds >= 120 => format!("{minutes} min"),
        () => format!("{seconds} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_print_as_rfc_3339() {
        let moment: Timestamp = "2026-11-22T12:58:41Z".parse().unwrap();
        assert_eq!(moment.to_string(), "2026-11-22T12:58:41Z");
        assert_eq!((moment + Duration::from_millis(1500)).clock(), "12:58:42");
        assert_eq!(moment.date_and_minute(), "2026-11-22 12:58");
    }

    #[test]
    fn spans_never_go_below_zero_nor_overflow() {
        let (early, late) = (Timestamp::from_secs(10), Timestamp::from_secs(20));
        assert_eq!(late.since(early), Duration::from_secs(10));
        assert_eq!(early.since(late), Duration::ZERO);
        assert_eq!(Timestamp::from_secs(i64::MAX) + Duration::MAX, Timestamp::from_micros(i64::MAX));
    }

    #[test]
    fn countdowns_round_up() {
        assert_eq!(countdown(Duration::from_millis(4_001)), "0:05");
        assert_eq!(countdown(Duration::from_secs(169_920)), "47:12:00");
        assert_eq!(in_words(Duration::from_secs(172_800)), "2 days");
        assert_eq!(in_words(Duration::from_secs(20_460)), "5 h 41 min");
    }
}
