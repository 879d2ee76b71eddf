//! How each step of a flush stands: ordered, accepted, and then what the operator's caches show. Pure: events and what was heard
//! after them.
//!
//! "Forgotten" is never concluded from an operator's reply. A delegation is proven by nonces, everything else by the answers about
//! the name itself, both asked after the reply came and held against what the correct servers say. What stands at the end of the
//! proof stays: a cache that turns an hour later did so by its TTL, not by the flush.

use std::net::SocketAddr;
use std::time::Duration;

use crate::dns::{Name, RecordType};
use crate::incident::{FlushAct, FlushChoice, FlushOutcome, FlushRecord, FlushStep, Incident, ResolverWatch};
use crate::judge::{
    DelegationSample, DelegationState, Heard, References, ServiceState, Until, delegation_samples, service_answers,
};
use crate::time::Timestamp;

/// A flush that waits for the source to be right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArmedFlush {
    /// Since when.
    pub at: Timestamp,
    /// Who armed it.
    pub by: String,
    /// What is to be flushed then.
    pub choice: FlushChoice,
}

/// How one step stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlushStanding {
    /// Which.
    pub step: FlushStep,
    /// Who asked for it.
    pub by: String,
    /// When it was ordered.
    pub ordered: Timestamp,
    /// Whether the guard had something against it and was overridden.
    pub forced: bool,
    /// How the sending ended, and when; none while it is under way.
    pub ended: Option<(Timestamp, FlushOutcome)>,
    /// What that amounts to.
    pub state: FlushState,
    /// Since when.
    pub changed: Timestamp,
    /// The operator's addresses that are asked here, each with what it shows since.
    pub caches: Vec<CacheStanding>,
    /// When the last look of the proof is over; none while there is nothing to prove, or the source is not right.
    pub proof_ends: Option<Timestamp>,
}

/// Where a step of a flush stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FlushState {
    /// Ordered; no reply yet.
    Sent,
    /// A person has to do it.
    AwaitsAPerson,
    /// Not taken: refused, not sent or skipped. The outcome says why.
    Failed,
    /// Taken, or done by hand; the caches are being asked.
    Accepted,
    /// Taken, but the source is not right: asking the caches now would itself store the parked answer.
    AwaitsSource,
    /// Every address asked was seen clean after it.
    Confirmed,
    /// The proof is over, and some address still serves what was to be forgotten.
    StillParked,
    /// Some cache stored the parked answer anew after the flush.
    Repoisoned,
    /// The proof is over and says nothing: nobody of this operator is asked here, or nothing usable was heard.
    Unproven,
}

/// What one address shows since a flush.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CacheStanding {
    /// Which.
    pub address: SocketAddr,
    /// What it shows.
    pub state: CacheState,
}

/// What an address shows since a flush.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CacheState {
    /// Too little heard since.
    Waiting,
    /// Right in every newest sample, as many as the rule asks.
    Clean,
    /// Still what was to be forgotten.
    Stale(Until),
    /// Parked, and stored after the flush.
    StoredAnew(Until),
    /// Fails, or says something that neither side says.
    Wrong,
}

/// The looks at an operator's caches after a flush was taken.
pub const PROOF_LOOKS: [Duration; 4] =
    [Duration::from_secs(5), Duration::from_secs(15), Duration::from_secs(30), Duration::from_secs(60)];
/// How long after the last look its answers are waited for.
const LAST_ANSWERS: Duration = Duration::from_secs(12);
/// Good nonces in a row, asked after the flush, that confirm a delegation at one address.
const GOOD_NONCES: usize = 5;
/// Right answers in a row that confirm data: the first may have filled the cache, the second came from it.
const GOOD_ANSWERS: usize = 2;
/// Whole-second clocks on both sides, and the time a request takes.
const SLACK: Duration = Duration::from_secs(2);
/// The most steps that are remembered: a flush of a hundred hosts at every operator.
const MOST_STEPS: usize = 4096;
/// The most acts and ends that are remembered.
const MOST_RECORDS: usize = 16_384;

impl FlushState {
    /// In words, as on screen and in JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::AwaitsAPerson => "awaits a person",
            Self::Failed => "failed",
            Self::Accepted => "accepted",
            Self::AwaitsSource => "awaits the source",
            Self::Confirmed => "confirmed",
            Self::StillParked => "still parked",
            Self::Repoisoned => "re-poisoned",
            Self::Unproven => "unproven",
        }
    }

    /// Whether nothing more is to be expected of it.
    #[must_use]
    pub const fn is_final(self) -> bool {
        !matches!(self, Self::Sent | Self::AwaitsAPerson | Self::Accepted | Self::AwaitsSource)
    }
}

impl CacheState {
    /// Whether an address in this state is why a step stands so.
    #[must_use]
    pub const fn is_of(self, state: FlushState) -> bool {
        matches!(
            (self, state),
            (Self::StoredAnew(_), FlushState::Repoisoned) | (Self::Stale(_), FlushState::StillParked)
        )
    }
}

impl FlushStanding {
    fn new(step: FlushStep, by: &str, at: Timestamp) -> Self {
        Self {
            step,
            by: by.to_owned(),
            ordered: at,
            forced: false,
            ended: None,
            state: FlushState::Sent,
            changed: at,
            caches: Vec::new(),
            proof_ends: None,
        }
    }

    /// How many of the addresses asked are clean, and how many there are.
    #[must_use]
    pub fn clean_of(&self) -> (usize, usize) {
        (self.caches.iter().filter(|c| c.state == CacheState::Clean).count(), self.caches.len())
    }

    /// Since when its effect can be seen: when the operator took it.
    #[must_use]
    pub fn since(&self) -> Option<Timestamp> {
        self.ended.as_ref().filter(|(_, outcome)| outcome.may_have_worked()).map(|(at, _)| *at)
    }

    /// Whether its caches are looked at now, or will be.
    #[must_use]
    pub fn is_being_proven(&self) -> bool {
        matches!(self.state, FlushState::Accepted | FlushState::AwaitsSource)
            || (self.state == FlushState::Confirmed && self.proof_ends.is_some())
    }

    /// Whether it is proven by nonces: the delegation and what hangs on it.
    #[must_use]
    pub const fn is_of_delegation(&self) -> bool {
        is_of_delegation(self.step.rtype)
    }
}

/// Whether a type is proven by nonces: which servers are in use, and whether what they say validates.
const fn is_of_delegation(rtype: RecordType) -> bool {
    matches!(rtype, RecordType::NS | RecordType::DS | RecordType::DNSKEY)
}

impl Incident {
    /// The flush that waits for the source, if one does.
    #[must_use]
    pub const fn armed_flush(&self) -> Option<&ArmedFlush> {
        self.armed.as_ref()
    }

    /// What was decided about flushes so far, by whom and when, oldest first.
    #[must_use]
    pub fn flush_acts(&self) -> &[(Timestamp, String, FlushAct)] {
        &self.flush_acts
    }

    /// How every step that was ever ordered or done stands, in the order in which they came; each step once.
    #[must_use]
    pub fn flush_standings(&self) -> &[FlushStanding] {
        &self.standings
    }

    /// How often the standing of a flush changed: what is asked for its proof changes only then.
    #[must_use]
    pub const fn times_flushes_changed(&self) -> u64 {
        self.flush_changes
    }

    /// Names and types beyond the watched ones that are asked for as long as flushes of them are being proven.
    #[must_use]
    pub fn flush_questions(&self) -> Vec<(Name, RecordType)> {
        let watched = self.watched();
        let mut questions = Vec::new();
        for standing in self.standings.iter().filter(|s| s.is_being_proven() && !s.is_of_delegation()) {
            let question = (standing.step.name.clone(), standing.step.rtype);
            if !watched.contains(&question) && !questions.contains(&question) {
                questions.push(question);
            }
        }
        questions
    }

    /// From when on the proof of a step counts its looks: when it was taken, but not before the source was right.
    #[must_use]
    pub fn proof_from(&self, standing: &FlushStanding) -> Option<Timestamp> {
        let (since, right) = (standing.since()?, self.right_since?);
        self.source.parent_right.then(|| since.max(right))
    }

    pub(super) fn take_flush_act(&mut self, at: Timestamp, by: &str, act: &FlushAct) {
        match act {
            FlushAct::Armed(choice) => {
                self.armed = Some(ArmedFlush { at, by: by.to_owned(), choice: choice.clone() });
            }
            FlushAct::Disarmed(_) => self.armed = None,
            FlushAct::Ordered { steps, against } => {
                self.armed = None;
                for step in steps {
                    let standing =
                        FlushStanding { forced: !against.is_empty(), ..FlushStanding::new(step.clone(), by, at) };
                    self.put_standing(standing);
                }
            }
        }
        if self.flush_acts.len() < MOST_RECORDS {
            self.flush_acts.push((at, by.to_owned(), act.clone()));
        }
    }

    pub(super) fn take_flush_record(&mut self, at: Timestamp, record: &FlushRecord) {
        let ordered = self.standings.iter_mut().find(|s| s.step == record.step && s.ended.is_none());
        if let Some(standing) = ordered {
            standing.ended = Some((at, record.outcome.clone()));
        } else {
            let mut standing = FlushStanding::new(record.step.clone(), &record.by, at);
            standing.ended = Some((at, record.outcome.clone()));
            self.put_standing(standing);
        }
        if self.flushes.len() < MOST_RECORDS {
            self.flushes.push((at, record.clone()));
        }
    }

    /// A step flushed again stands anew, in its old place.
    fn put_standing(&mut self, standing: FlushStanding) {
        self.flush_changes += 1;
        if let Some(known) = self.standings.iter_mut().find(|s| s.step == standing.step) {
            *known = standing;
        } else if self.standings.len() < MOST_STEPS {
            self.standings.push(standing);
        }
    }

    /// Works out anew how the steps stand.
    pub(super) fn settle_flushes(&mut self, now: Timestamp) -> bool {
        let changes_before = self.flush_changes;
        let mut standings = std::mem::take(&mut self.standings);
        for standing in &mut standings {
            let (before, ends) = (standing.state, standing.proof_ends);
            self.settle_flush(standing, now);
            if standing.state != before {
                standing.changed = now;
            }
            self.flush_changes += u64::from(standing.state != before || standing.proof_ends != ends);
        }
        self.standings = standings;
        self.flush_changes != changes_before
    }

    /// When a proof will be over although nothing may be heard until then.
    pub(super) fn next_flush_moment(&self) -> Option<Timestamp> {
        let open = self.standings.iter().filter(|s| s.is_being_proven());
        open.filter_map(|s| s.proof_ends).min().map(|at| at + Duration::from_millis(1))
    }

    fn settle_flush(&self, standing: &mut FlushStanding, now: Timestamp) {
        let Some((since, outcome)) = &standing.ended else { return };
        let since = *since;
        if !outcome.may_have_worked() {
            let person = matches!(outcome, FlushOutcome::NeedsAPerson { .. });
            standing.state = if person { FlushState::AwaitsAPerson } else { FlushState::Failed };
            return;
        }
        let ours = |watch: &&ResolverWatch| watch.target.flush == Some(standing.step.operator);
        let looks = |watch: &ResolverWatch| CacheStanding {
            address: watch.target.address,
            state: if standing.is_of_delegation() {
                self.delegation_since(watch, standing.step.rtype, since, now)
            } else {
                self.data_since(watch, &standing.step, since, now)
            },
        };
        let caches: Vec<CacheStanding> = self.resolvers.iter().filter(ours).map(looks).collect();
        let any = |wanted: fn(CacheState) -> bool| caches.iter().any(|c| wanted(c.state));
        let anew = any(|s| matches!(s, CacheState::StoredAnew(_)));
        if standing.state.is_final() && standing.proof_ends.is_none() {
            // Over. Only that a cache stored the parked answer anew since is still news.
            if anew {
                (standing.state, standing.caches) = (FlushState::Repoisoned, caches);
            }
            return;
        }
        let last_look = PROOF_LOOKS.last().copied().unwrap_or_default();
        let ends = self.proof_from(standing).map(|from| from + last_look + LAST_ANSWERS);
        let over = ends.is_some_and(|ends| now > ends) || caches.is_empty();
        let clean = !caches.is_empty() && caches.iter().all(|c| c.state == CacheState::Clean);
        // An address that nothing usable was heard from in all that time counts neither way.
        let some_clean = any(|s| s == CacheState::Clean);
        let any_wrong = any(|s| matches!(s, CacheState::Stale(_) | CacheState::Wrong));
        standing.state = match () {
            () if anew => FlushState::Repoisoned,
            () if clean || (over && some_clean && !any_wrong) => FlushState::Confirmed,
            () if ends.is_none() && !caches.is_empty() => FlushState::AwaitsSource,
            () if !over => FlushState::Accepted,
            () if any(|s| matches!(s, CacheState::Stale(_))) => FlushState::StillParked,
            () => FlushState::Unproven,
        };
        standing.caches = caches;
        standing.proof_ends = ends.filter(|_| !over && standing.state != FlushState::Repoisoned);
    }

    /// What nonces asked after a flush say of the delegation at one address.
    fn delegation_since(
        &self,
        watch: &ResolverWatch,
        rtype: RecordType,
        since: Timestamp,
        now: Timestamp,
    ) -> CacheState {
        let samples = delegation_samples(&watch.witnesses, &watch.calibration, &self.references, &self.source, now);
        let sent = |sample: &DelegationSample| heard_of(watch, sample).map_or(sample.at, |h| h.observation.sent);
        let told: Vec<&DelegationSample> = samples.iter().filter(|s| s.is_usable() && sent(s) >= since).collect();
        // The correct servers are in use also where what they say fails to validate.
        let good = |sample: &DelegationSample| {
            sample.state == DelegationState::Restored
                || (rtype == RecordType::NS && sample.state == DelegationState::ValidationFailing)
        };
        let Some(newest) = told.last() else { return CacheState::Waiting };
        let run = told.iter().rev().take_while(|s| good(s)).count();
        if run > 0 {
            let enough = run >= GOOD_NONCES.min(self.confidence().max(1));
            return if enough { CacheState::Clean } else { CacheState::Waiting };
        }
        match newest.state {
            DelegationState::PreOutage => CacheState::Waiting,
            state if state.has_lost_servers() => {
                let again = told.iter().any(|s| good(s) && is_same_instance(s, newest));
                if again || self.is_lease_newer(newest.until, since) {
                    CacheState::StoredAnew(newest.until)
                } else {
                    CacheState::Stale(newest.until)
                }
            }
            _ => CacheState::Wrong,
        }
    }

    /// Whether a delegation that ends then was stored after the flush: no lease at the source lasts longer.
    fn is_lease_newer(&self, until: Until, since: Timestamp) -> bool {
        let Until::Known(ends) = until else { return false };
        let parent = self.parents.values().filter_map(|p| p.judgement.ttl).max();
        let Some(lease) = parent.max(self.references.parked.ns_ttl) else { return false };
        ends > since + Duration::from(lease) + SLACK
    }

    /// What answers asked for after a flush say of one name and type at one address.
    fn data_since(&self, watch: &ResolverWatch, step: &FlushStep, since: Timestamp, now: Timestamp) -> CacheState {
        let after = |heard: &Heard| heard.observation.sent >= since && heard.observation.query.rd;
        let answers = service_answers(&watch.witnesses, &step.name, step.rtype, &self.references, now, after);
        let Some(newest) = answers.last() else { return CacheState::Waiting };
        let run = answers.iter().rev().take_while(|a| a.state == ServiceState::Ok).count();
        match newest.state {
            ServiceState::Ok if run >= GOOD_ANSWERS => CacheState::Clean,
            ServiceState::Ok | ServiceState::Unknown => CacheState::Waiting,
            ServiceState::Stale | ServiceState::Negative => {
                if is_data_newer(newest.until, newest.state, &self.references, since) {
                    CacheState::StoredAnew(newest.until)
                } else {
                    CacheState::Stale(newest.until)
                }
            }
            ServiceState::Failing | ServiceState::Other => CacheState::Wrong,
        }
    }
}

/// Whether two samples came from the same instance, by the identifier it gives; not told where it gives none.
fn is_same_instance(one: &DelegationSample, other: &DelegationSample) -> bool {
    !one.instance.is_empty() && one.instance == other.instance
}

/// The observation that a sample is.
fn heard_of<'a>(watch: &'a ResolverWatch, sample: &DelegationSample) -> Option<&'a Heard> {
    let number = sample.evidence.first()?;
    watch.witnesses.numbered(*number)
}

/// Whether parked data that end then were stored after the flush: the parked servers give no longer TTL.
fn is_data_newer(until: Until, state: ServiceState, refs: &References, since: Timestamp) -> bool {
    let Until::Known(ends) = until else { return false };
    let denial = || refs.parked.soas.iter().map(|(soa, ttl)| ttl.as_secs().min(soa.minimum)).max();
    let longest = match state {
        ServiceState::Negative => denial(),
        _ => refs.parked.data_ttl.map(crate::dns::Ttl::as_secs),
    };
    longest.is_some_and(|longest| ends > since + Duration::from_secs(u64::from(longest)) + SLACK)
}
