//! When the registry is asked: from the start of a watch, after each change at the parent, and now and then; never more
//! often than once in the gap given, and not before the time that a registry names.

use std::time::Duration;

use crate::incident::Incident;
use crate::judge::Verdict;
use crate::registration::Standing;
use crate::time::Timestamp;

use super::{Errand, Mode, Wake};

/// The shortest time between two questions about one registration: registries limit how often they answer.
pub const REGISTRY_GAP: Duration = Duration::from_secs(60);
/// After so many gaps a registration is looked at again whose parent is right, while something in it is wrong.
const GAPS_IN_TROUBLE: u32 = 5;
/// The same where all is well.
const GAPS_IN_PEACE: u32 = 30;
/// The longest back-off of a registry that does not answer, in gaps.
const MOST_GAPS: u32 = 15;

/// The asking of the registry.
#[derive(Debug, Clone, Copy)]
pub(super) struct RegistryErrand {
    pub(super) errand: Errand,
    pub(super) gap: Duration,
}

impl RegistryErrand {
    /// Whether the registry is to be asked now; it then counts as asked.
    pub(super) fn is_due(&mut self, mode: Mode, incident: &Incident, now: Timestamp, wake: &mut Wake) -> bool {
        if self.errand.running {
            return false;
        }
        let due = match mode {
            Mode::Round { resolvers: false, .. } => None,
            // A round asks where the registration can explain what is wrong, and only then waits for it.
            Mode::Round { .. } => (self.errand.begun.is_none() && is_wrong(incident)).then_some(now),
            Mode::Watch => Some(self.next(incident, now)),
        };
        match due {
            Some(due) if due <= now => {
                (self.errand.running, self.errand.begun) = (true, Some(now));
                true
            }
            Some(due) => {
                wake.at(due);
                false
            }
            None => false,
        }
    }

    fn next(&self, incident: &Incident, now: Timestamp) -> Timestamp {
        let Some(last) = self.errand.begun else { return now };
        let watch = incident.registration();
        let failures = watch.map_or(0, |watch| watch.failures);
        let gaps = if is_wrong(incident) || changed(incident).is_some_and(|at| at > last) {
            1
        } else if watch.is_some_and(|watch| watch.standing == Standing::Trouble) {
            GAPS_IN_TROUBLE
        } else {
            GAPS_IN_PEACE
        };
        let back_off = if failures == 0 { 1 } else { (1 << failures.min(5)).min(MOST_GAPS) };
        let due = last + self.gap.saturating_mul(gaps.max(back_off));
        watch.and_then(|watch| watch.not_before).map_or(due, |not_before| due.max(not_before))
    }
}

/// Whether every parent server was heard or given up on, and any is wrong.
fn is_wrong(incident: &Incident) -> bool {
    let parents = incident.parents();
    incident.source().parent_wrong && parents.values().all(|parent| !parent.witnesses.is_empty())
}

/// When a parent server last said something else than before.
fn changed(incident: &Incident) -> Option<Timestamp> {
    let said = |verdict| !matches!(verdict, Verdict::Unknown | Verdict::Silent);
    let changes = incident.parents().values().filter_map(|parent| {
        let both = |pair: &&[crate::incident::VerdictChange]| pair.iter().all(|change| said(change.verdict));
        parent.history.windows(2).filter(both).filter_map(<[_]>::last).map(|change| change.at).next_back()
    });
    changes.max()
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;
    use std::sync::Arc;

    use super::*;
    use crate::catalog::ParkingCatalog;
    use crate::incident::{Event, FoundServer, Opening};
    use crate::judge::sample_world::{GOOD, PARKED, ZONE, at, name, ns_set, observe, referral, target};
    use crate::judge::{Expectation, ExpectationSource};
    use crate::observation::{Outcome, Purpose, Role};
    use crate::registration::{Answer, Hearing, Source};

    /// A parent with one server.
    fn incident() -> Incident {
        let opening = Opening {
            expectation: Some(Expectation { ns: ns_set(&GOOD), source: ExpectationSource::Flag }),
            confidence: 3,
            ..Opening::of(name(ZONE))
        };
        let mut incident = Incident::open(opening, Arc::new(ParkingCatalog::embedded()), at(0));
        let servers = vec![FoundServer { name: name("p1.gtld."), address: parent() }];
        incident.apply(at(0), &Event::CutFound { parent: name("com."), servers, unresolved: vec![] });
        incident
    }

    fn parent() -> SocketAddr {
        target(Role::Parent, 1).address
    }

    fn say(incident: &mut Incident, second: i64, ns: &[&str]) {
        let outcome = Outcome::Answered(referral(600, ns));
        let told =
            observe(target(Role::Parent, 1), ZONE, crate::dns::RecordType::NS, Purpose::Delegation, outcome, second);
        incident.apply(at(second), &Event::Observed(Arc::new(told)));
        incident.settle(at(second));
    }

    fn fail(incident: &mut Incident, second: i64, until: Option<i64>) {
        let answer = Answer {
            source: Source::RegistryRdap,
            server: String::new(),
            domain: name(ZONE),
            heard: at(second),
            outcome: crate::registration::Outcome::Limited { until: until.map(at) },
            raw: String::new(),
        };
        let hearing = Hearing { zone: name(ZONE), answers: vec![answer], notes: vec![] };
        incident.apply(at(second), &Event::RegistrationHeard(Box::new(hearing)));
        incident.settle(at(second));
    }

    fn registry() -> RegistryErrand {
        RegistryErrand { errand: Errand::default(), gap: REGISTRY_GAP }
    }

    /// The seconds at which it asks in a span, each question ending at once.
    fn asked(registry: &mut RegistryErrand, mode: Mode, incident: &Incident, span: std::ops::Range<i64>) -> Vec<i64> {
        let due = |second: &i64| {
            let asks = registry.is_due(mode, incident, at(*second), &mut Wake::default());
            registry.errand.running = false;
            asks
        };
        span.filter(due).collect()
    }

    #[test]
    fn a_watch_asks_at_once_each_minute_of_an_outage_and_rarely_afterwards() {
        let (mut incident, mut registry) = (incident(), registry());
        assert_eq!(asked(&mut registry, Mode::Watch, &incident, 0..1), [0]);
        say(&mut incident, 1, &GOOD);
        assert_eq!(asked(&mut registry, Mode::Watch, &incident, 1..1900), [1800]);
        say(&mut incident, 1900, &PARKED);
        assert_eq!(asked(&mut registry, Mode::Watch, &incident, 1900..2060), [1900, 1960, 2020]);
        say(&mut incident, 2061, &GOOD);
        assert_eq!(
            asked(&mut registry, Mode::Watch, &incident, 2061..4000),
            [2080, 3880],
            "after the change once more"
        );
    }

    #[test]
    fn a_registry_that_limits_or_fails_is_left_alone_the_longer_the_more_often() {
        let (mut incident, mut registry) = (incident(), registry());
        say(&mut incident, 0, &PARKED);
        assert_eq!(asked(&mut registry, Mode::Watch, &incident, 0..1), [0]);
        fail(&mut incident, 1, Some(500));
        assert_eq!(asked(&mut registry, Mode::Watch, &incident, 1..600), [500], "not before it says");
        for second in 500..510 {
            fail(&mut incident, second, None);
        }
        assert_eq!(asked(&mut registry, Mode::Watch, &incident, 510..2000), [1400], "a quarter of an hour at most");
    }

    #[test]
    fn a_round_asks_once_and_only_where_the_parent_is_wrong() {
        let round = Mode::Round { samples: 1, resolvers: true };
        let (mut incident, mut registry) = (incident(), registry());
        assert!(asked(&mut registry, round, &incident, 0..9).is_empty());
        say(&mut incident, 10, &GOOD);
        assert!(asked(&mut registry, round, &incident, 10..20).is_empty());
        say(&mut incident, 20, &PARKED);
        let trace = Mode::Round { samples: 1, resolvers: false };
        assert!(asked(&mut registry, trace, &incident, 20..30).is_empty());
        assert_eq!(asked(&mut registry, round, &incident, 30..300), [30]);
    }
}
