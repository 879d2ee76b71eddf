//! How far a run is, and when it will end: an estimate from its own pace so far.

use std::time::Duration;

use crate::time::in_words;

/// One half of a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Share {
    /// In all.
    pub all: usize,
    /// Known from an earlier run.
    pub kept: usize,
    /// Asked in this run.
    pub done: usize,
}

/// How far a run is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Zones of the DNS.
    pub zones: Share,
    /// Registrations.
    pub registrations: Share,
    /// DNS packets sent, those of walks included.
    pub packets: u64,
    /// Questions to registries and registrars.
    pub questions: u64,
}

impl Share {
    /// Still to be asked.
    #[must_use]
    pub const fn left(&self) -> usize {
        self.all.saturating_sub(self.kept + self.done)
    }

    /// How long the rest takes at this pace; none where nothing is done yet.
    fn time_left(&self, elapsed: Duration) -> Option<Duration> {
        match (self.left(), self.done) {
            (0, _) => Some(Duration::ZERO),
            (_, 0) => None,
            (left, done) => Duration::try_from_secs_f64(elapsed.as_secs_f64() * left as f64 / done as f64).ok(),
        }
    }
}

impl Progress {
    /// One line: what is done of what, how fast, how long it takes yet.
    #[must_use]
    pub fn line(&self, elapsed: Duration) -> String {
        let seconds = elapsed.as_secs_f64().max(0.001);
        let mut parts = Vec::new();
        for (share, what) in [(self.zones, "zones"), (self.registrations, "registrations")] {
            if share.all > 0 {
                parts.push(format!("{} of {} {what}", share.kept + share.done, share.all));
            }
        }
        let done = self.zones.done + self.registrations.done;
        parts.push(format!("{:.1} a second", done as f64 / seconds));
        // Both halves run side by side: the slower one decides.
        let left = self.zones.time_left(elapsed).zip(self.registrations.time_left(elapsed)).map(|(a, b)| a.max(b));
        match left {
            Some(Duration::ZERO) => {}
            Some(left) => parts.push(format!("about {} left", in_words(left))),
            None => parts.push("time left not known yet".to_owned()),
        }
        parts.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slower_half_decides_the_time_left() {
        let zones = Share { all: 100, kept: 20, done: 40 };
        let mut progress =
            Progress { zones, registrations: Share { all: 50, kept: 0, done: 10 }, packets: 0, questions: 0 };
        let line = progress.line(Duration::from_secs(10));
        assert_eq!(line, "60 of 100 zones, 10 of 50 registrations, 5.0 a second, about 40 s left");
        progress.registrations.done = 0;
        assert!(progress.line(Duration::from_secs(10)).ends_with("time left not known yet"));
        progress.registrations = Share::default();
        assert!(progress.line(Duration::from_secs(10)).ends_with("4.0 a second, about 10 s left"));
        progress.zones.done = 80;
        assert!(progress.line(Duration::from_secs(10)).ends_with("a second"));
    }
}
