//! What the registry and the registrar said, and what of it explains the outage. It is shown beside what the parent's servers
//! answer and never decides a verdict or a phase: what a registry publishes and what its servers answer can be minutes
//! apart, and only the answers reach users.

use std::sync::Arc;
use std::time::Duration;

use crate::incident::Incident;
use crate::registration::{Evidence, Finding, Hearing, Outcome, Standing, causes};
use crate::time::Timestamp;

/// A registration's dates are held against the time again so often, although nothing new was heard.
const LOOK_AGAIN: Duration = Duration::from_secs(600);
/// The most changes that are remembered.
const MOST_CHANGES: usize = 256;

/// The registration of the zone as far as it was heard.
#[derive(Debug, Clone, PartialEq)]
pub struct RegistrationWatch {
    /// The newest answers that say something, else the newest ones.
    pub hearing: Arc<Hearing>,
    /// When these had come.
    pub at: Timestamp,
    /// What of them explains an outage, the strongest evidence first.
    pub findings: Vec<Finding>,
    /// How the registration stands by them.
    pub standing: Standing,
    /// Every time at which the standing or the headline became another, with that headline; oldest first.
    pub changes: Vec<(Timestamp, String)>,
    /// Newer answers that said nothing: when, and why.
    pub failure: Option<(Timestamp, String)>,
    /// How often in a row nothing was said.
    pub failures: u32,
    /// Nobody wants to be asked before then.
    pub not_before: Option<Timestamp>,
    judged: Timestamp,
}

impl Incident {
    /// What the registry and the registrar said; none while they were not asked, or are not to be.
    #[must_use]
    pub const fn registration(&self) -> Option<&RegistrationWatch> {
        self.registration.as_ref()
    }

    pub(super) fn take_registration(&mut self, at: Timestamp, hearing: &Hearing) {
        let says = hearing.registry().is_some() || hearing.not_registered();
        let until = hearing.answers.iter().filter_map(|answer| match answer.outcome {
            Outcome::Limited { until } => until,
            _ => None,
        });
        let not_before = until.max();
        let failure = || {
            let last = hearing.answers.last();
            last.map_or_else(
                || "there was nobody to ask".to_owned(),
                |a| format!("{} {}", a.server, a.outcome.phrase()),
            )
        };
        self.registration_changed = true;
        let Some(known) = self.registration.as_mut().filter(|known| !says && known.standing != Standing::Unknown)
        else {
            let before = self.registration.take();
            let failures = if says { 0 } else { before.as_ref().map_or(0, |b| b.failures) + 1 };
            self.registration = Some(RegistrationWatch {
                hearing: Arc::new(hearing.clone()),
                at,
                findings: Vec::new(),
                standing: Standing::Unknown,
                changes: before.map_or_else(Vec::new, |b| b.changes),
                failure: (!says).then(|| (at, failure())),
                failures,
                not_before,
                judged: at,
            });
            return;
        };
        // What was heard before still is the newest that anybody said.
        (known.failure, known.not_before) = (Some((at, failure())), not_before);
        known.failures += 1;
    }

    /// Judges the registration anew when something came, when what it is held against changed, or now and then.
    pub(super) fn settle_registration(&mut self, now: Timestamp, references_changed: bool) -> bool {
        let Some(watch) = &mut self.registration else { return false };
        let due = now.since(watch.judged) >= LOOK_AGAIN;
        if !std::mem::take(&mut self.registration_changed) && !references_changed && !due {
            return false;
        }
        let evidence = Evidence {
            hearing: &watch.hearing,
            expected: self.expectation.as_ref().map(|expectation| &expectation.ns),
            parked: &self.references.parked_ns,
            parking: &self.references.parking,
        };
        watch.judged = now;
        watch.findings = causes(&evidence, now);
        watch.standing = Standing::of(&watch.hearing, &watch.findings);
        let headline = crate::registration::headline(&watch.hearing, &watch.findings);
        if watch.changes.last().is_none_or(|(_, before)| *before != headline) {
            if watch.changes.len() >= MOST_CHANGES {
                watch.changes.remove(1);
            }
            watch.changes.push((now, headline));
        }
        true
    }
}
