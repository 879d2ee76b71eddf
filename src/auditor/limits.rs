//! What registries bear. Few publish a limit; the numbers rest on what was measured of the large ones, and stay below it.

use std::time::Duration;

/// How often one server is asked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limit {
    /// Most questions under way at once.
    pub at_once: usize,
    /// Least time between two questions.
    pub pause: Duration,
}

impl Limit {
    const fn per_second(at_once: usize, questions: u32) -> Self {
        Self { at_once, pause: Duration::from_micros(1_000_000 / questions as u64) }
    }
}

/// The limits of all servers, and what is done when one says that it is asked too much.
#[derive(Debug, Clone, PartialEq)]
pub struct RegistryLimits {
    /// For every server, whoever it is; none uses what is known of each.
    pub same: Option<Limit>,
    /// After a refusal without a time: this long, then twice that, and so on.
    pub first_wait: Duration,
    /// No wait is longer. A server that asks for more is not asked again in this run.
    pub longest_wait: Duration,
    /// After so many refusals in a row a server is not asked again in this run.
    pub most_refusals: u32,
    /// After so many questions in a row without an answer a server is not asked again in this run.
    pub most_failures: u32,
}

impl Default for RegistryLimits {
    fn default() -> Self {
        Self {
            same: None,
            first_wait: Duration::from_secs(5),
            longest_wait: Duration::from_secs(600),
            most_refusals: 6,
            most_failures: 6,
        }
    }
}

/// Servers of which something was measured (2026-03: fifty questions at once were no trouble to the first, twenty in a row
/// none to the second, the third refused after ten and answered again after five seconds).
const KNOWN: &[(&str, Limit)] = &[
    ("rdap.verisign.com", Limit::per_second(8, 10)),
    ("tld-rdap.verisign.com", Limit::per_second(8, 10)),
    ("rdap.publicinterestregistry.org", Limit::per_second(2, 4)),
    ("pubapi.registry.google", Limit::per_second(1, 1)),
];

/// Nothing is known: carefully.
const UNKNOWN: Limit = Limit::per_second(2, 1);

impl RegistryLimits {
    /// What holds for a server (a host, or a WHOIS service).
    #[must_use]
    pub fn of(&self, server: &str) -> Limit {
        let known = KNOWN.iter().find(|(host, _)| *host == server).map_or(UNKNOWN, |(_, limit)| *limit);
        // One after the other: a WHOIS server counts connections.
        let known = if server.starts_with("WHOIS ") { Limit { at_once: 1, ..known } } else { known };
        self.same.unwrap_or(known)
    }

    /// How long to wait after so many refusals in a row, the server having named no time.
    pub(super) fn wait(&self, refusals: u32) -> Duration {
        let doublings = refusals.saturating_sub(1).min(16);
        self.first_wait.saturating_mul(1 << doublings).min(self.longest_wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_bound() {
        let limits = RegistryLimits::default();
        let waits: Vec<u64> = [1, 2, 3, 8, 40].map(|n| limits.wait(n).as_secs()).to_vec();
        assert_eq!(waits, [5, 10, 20, 600, 600]);
    }

    #[test]
    fn who_is_not_known_is_asked_carefully() {
        let limits = RegistryLimits::default();
        assert_eq!(limits.of("rdap.verisign.com").pause, Duration::from_millis(100));
        assert_eq!(limits.of("rdap.example").pause, Duration::from_secs(1));
        assert_eq!(limits.of("WHOIS of eu").at_once, 1);
        let same = Limit { at_once: 9, pause: Duration::ZERO };
        assert_eq!(RegistryLimits { same: Some(same), ..limits }.of("WHOIS of eu"), same);
    }
}
