//! One nonce through one resolver: which servers does it use now?
//!
//! Question: the delegation state behind one packet exchange. Evidence: the nonce's answer (RD=1), the same with
//! checking disabled, the delegation shown by RD=0, and what the servers say when asked directly. Each row of the
//! decision table is one arm that names its [`Rule`].

use std::time::Duration;

use crate::dns::{NsSet, Rcode};
use crate::judge::side::lacks_marker;
use crate::judge::{Calibration, Heard, References, Rule, Side, Until, side_of_negative, side_of_ns_set};
use crate::observation::{AnswerKind, ExtendedError, Outcome, Response};
use crate::time::Timestamp;

/// Which delegation a resolver uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DelegationState {
    /// The correct servers.
    Restored,
    /// The correct servers, while the parent is still wrong: not lost yet (*fading*).
    PreOutage,
    /// Parked servers.
    Parked,
    /// The parent's "no such domain".
    Held,
    /// Parked servers that no longer answer.
    ParkedSilent,
    /// The correct servers, but validation fails.
    ValidationFailing,
    /// The address of one of the zone's name servers is cached wrong.
    NsAddressBroken,
    /// Neither side's servers.
    Other,
    /// Parked servers after every bound.
    Stuck,
    /// No answer.
    Unreachable,
    /// Cannot be told.
    Unknown,
}

impl DelegationState {
    /// As in JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Restored => "restored",
            Self::PreOutage => "pre-outage",
            Self::Parked => "parked",
            Self::Held => "held",
            Self::ParkedSilent => "parked-silent",
            Self::ValidationFailing => "validation-failing",
            Self::NsAddressBroken => "ns-address-broken",
            Self::Other => "other",
            Self::Stuck => "stuck",
            Self::Unreachable => "unreachable",
            Self::Unknown => "unknown",
        }
    }

    /// Whether the correct servers are in use and answer.
    #[must_use]
    pub const fn is_good(self) -> bool {
        matches!(self, Self::Restored | Self::PreOutage)
    }

    /// Whether the cache uses the servers, or the denial, of the outage.
    #[must_use]
    pub const fn has_lost_servers(self) -> bool {
        matches!(self, Self::Parked | Self::ParkedSilent | Self::Held | Self::Stuck)
    }

    /// Whether the state is one of a cache, not of the asking.
    #[must_use]
    pub const fn is_usable(self) -> bool {
        !matches!(self, Self::Unreachable | Self::Unknown)
    }
}

/// What is known of the source when resolvers are judged.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct SourceView {
    /// Whether every parent server heard delegates correctly.
    pub parent_right: bool,
    /// Whether any parent server heard delegates wrongly or denies the name.
    pub parent_wrong: bool,
    /// Whether the parent holds a DS for the zone.
    pub parent_signs: bool,
    /// Whether there is evidence that the zone is signed, or was in this incident: a DS at the parent, or, where the parent was
    /// not heard about that, keys at the zone's servers. In a zone without, DNSSEC breaks nothing.
    pub signed: bool,
    /// Whether the parked servers, asked directly, answer for the zone; none when not asked.
    pub parked_answers: Option<bool>,
    /// Since when the parent is wrong, while it is.
    pub wrong_since: Option<Timestamp>,
    /// The last moment at which the parent was seen wrong, once it no longer is. Good answers up to then came from
    /// caches that had not lost the correct servers yet, and prove nothing about recovery.
    pub wrong_until: Option<Timestamp>,
    /// When the clock last jumped or the machine slept: TTLs counted from before are void.
    pub void_before: Option<Timestamp>,
    /// When a parked delegation must have ended at the latest; none when no bound can be given.
    pub parked_bound: Option<Timestamp>,
    /// Since when the parent is right, while it is.
    pub right_since: Option<Timestamp>,
    /// The TTL of the delegation at the parent, in seconds.
    pub lease: Option<u32>,
    /// The TTL of the NS RRset at the parked servers, in seconds; the delegation's where they were not heard.
    pub parked_lease: Option<u32>,
    /// When a cached denial of the parent must have ended at the latest.
    pub held_bound: Option<Timestamp>,
}

/// The witnesses of one sample.
#[derive(Debug, Clone, Copy)]
pub struct NonceWitnesses<'a> {
    /// The nonce, RD=1.
    pub nonce: &'a Heard,
    /// A nonce with checking disabled, asked after this one failed.
    pub unchecked: Option<&'a Heard>,
    /// A nonce with RD=0, newest.
    pub no_recursion: Option<&'a Heard>,
    /// Whether a name server of the zone is seen to have a parking address in this cache.
    pub ns_address_parked: bool,
    /// What is known of the resolver.
    pub calibration: &'a Calibration,
}

/// What one sample says.
#[derive(Debug, Clone, PartialEq)]
pub struct DelegationSample {
    /// Which delegation.
    pub state: DelegationState,
    /// By which rule.
    pub rule: Rule,
    /// Until when it lasts.
    pub until: Until,
    /// The name servers in use, where the cache showed them.
    pub servers: Option<NsSet>,
    /// When the answer came.
    pub at: Timestamp,
    /// What the server that answered calls itself (RFC 5001); empty where it did not say.
    pub instance: Vec<u8>,
    /// The observations it rests on.
    pub evidence: Vec<u64>,
}

impl DelegationSample {
    /// The same, heard but not believed: the cache itself called its answer stale.
    #[must_use]
    pub fn unbelieved(self) -> Self {
        let (state, rule) = (DelegationState::Unknown, Rule::StaleUnbelieved);
        Self { state, rule, until: Until::Unknown, servers: None, ..self }
    }

    /// Whether the sample says something about the resolver's caches: a failure does, a refusal or a loss does not.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        self.state.is_usable() || matches!(self.rule, Rule::FailsUnexplained | Rule::FailsUncompared)
    }
}

/// An answer this much older than its full TTL was built from cache (whole-second clocks: one second is none).
const LIVE: Duration = Duration::from_secs(1);

/// Judges one sample.
#[must_use]
pub fn judge_delegation(witnesses: NonceWitnesses<'_>, refs: &References, source: &SourceView) -> DelegationSample {
    let shown = witnesses.no_recursion.and_then(|h| shown_delegation(h, refs));
    judge_sample(witnesses, shown.as_ref(), refs, source)
}

/// The same, given what [`shown_delegation`] makes of the nonce with RD=0: worked out once for all samples of a cache. When it is
/// asked makes no difference.
pub(super) fn judge_sample(
    witnesses: NonceWitnesses<'_>,
    shown: Option<&ShownDelegation>,
    refs: &References,
    source: &SourceView,
) -> DelegationSample {
    let nonce = &witnesses.nonce.observation;
    let shown = shown.filter(|s| s.ends > nonce.at);
    let (state, rule, until) = match &nonce.outcome {
        Outcome::NoResponse | Outcome::Unreachable => (DelegationState::Unreachable, Rule::NoAnswer, Until::Unknown),
        Outcome::NotSent { .. } => (DelegationState::Unknown, Rule::NothingHeard, Until::Unknown),
        Outcome::Malformed { .. } => (DelegationState::Unknown, Rule::FailsUnexplained, Until::Unknown),
        Outcome::Answered(response) => match response.rcode {
            Rcode::NOERROR | Rcode::NXDOMAIN => from_answer(witnesses, response, shown, refs, source),
            Rcode::SERVFAIL => from_failure(witnesses, response, shown, refs, source),
            _ if filtered(response) => (DelegationState::Other, Rule::FilteredByPolicy, Until::Unknown),
            // REFUSED speaks of us (policy, rate), not of the domain; so do FORMERR and NOTIMP.
            _ => (DelegationState::Unknown, Rule::Refused, Until::Unknown),
        },
    };
    let numbers = [Some(witnesses.nonce), witnesses.unchecked, witnesses.no_recursion];
    // Another cache behind the address may have shown the other side's servers.
    let servers = match state {
        DelegationState::Restored | DelegationState::PreOutage => shown.filter(|s| s.is_good()),
        DelegationState::Parked | DelegationState::ParkedSilent | DelegationState::Stuck => {
            shown.filter(|s| !s.is_good())
        }
        _ => None,
    };
    DelegationSample {
        state,
        rule,
        until,
        servers: servers.map(|s| s.servers.clone()),
        at: nonce.at,
        instance: instance(witnesses.nonce),
        evidence: numbers.iter().flatten().map(|h| h.number).collect(),
    }
}

/// What a cache showed without recursing, as a sample, for a resolver that was asked nothing else. None when it showed
/// no delegation of the zone, or one that has run out since.
#[must_use]
pub fn judge_referral(
    heard: &Heard,
    refs: &References,
    source: &SourceView,
    now: Timestamp,
) -> Option<DelegationSample> {
    let shown = shown_delegation(heard, refs).filter(|s| s.ends >= now)?;
    let at = heard.observation.at;
    let state = match shown.side {
        Side::Good { .. } if source.is_before_restoration(at) => DelegationState::PreOutage,
        Side::Good { .. } => DelegationState::Restored,
        Side::Parked => DelegationState::Parked,
        Side::Neither => DelegationState::Other,
        _ => return None,
    };
    Some(DelegationSample {
        state,
        rule: Rule::ReferralOnly,
        until: if state == DelegationState::Restored { Until::Unknown } else { Until::Known(shown.ends) },
        servers: Some(shown.servers),
        at,
        instance: instance(heard),
        evidence: vec![heard.number],
    })
}

/// The longest any known resolver keeps a delegation (seven days, BIND's default cap).
const LONGEST_LEASE: u32 = 604_800;

impl SourceView {
    /// When a parked delegation must have ended at the latest in a cache that keeps nothing longer than `cap` seconds:
    /// the parent's lease, renewed once by the child's TTL at its end, is the measured worst case of a cache that obeys
    /// TTLs.
    #[must_use]
    pub fn parked_bound_under(&self, cap: Option<u32>) -> Option<Timestamp> {
        let (since, lease) = self.right_since.zip(self.lease)?;
        let cap = cap.unwrap_or(LONGEST_LEASE).min(LONGEST_LEASE);
        let seconds = |ttl: u32| Duration::from_secs(u64::from(ttl.min(cap)));
        Some(since + seconds(lease) + seconds(self.parked_lease.unwrap_or(lease)))
    }

    /// Whether what was heard at `at` was heard while the parent was wrong.
    #[must_use]
    pub fn is_before_restoration(&self, at: Timestamp) -> bool {
        self.parent_wrong || self.wrong_until.is_some_and(|until| at <= until)
    }
}

type Row = (DelegationState, Rule, Until);

/// The rows for a nonce that was answered.
fn from_answer(
    witnesses: NonceWitnesses<'_>,
    response: &Response,
    shown: Option<&ShownDelegation>,
    refs: &References,
    source: &SourceView,
) -> Row {
    let nonce = &witnesses.nonce.observation;
    match side_of_negative(response, &nonce.asked, refs) {
        Side::Good { .. } if source.is_before_restoration(nonce.at) => {
            let until = shown.filter(|s| s.is_good()).map_or(Until::Unknown, |s| Until::Known(s.ends));
            (DelegationState::PreOutage, Rule::NonceGoodBeforeRestoration, until)
        }
        Side::Good { .. } if refs.marker.as_ref().is_some_and(|m| m.is_in(response, &nonce.asked)) => {
            (DelegationState::Restored, Rule::MarkerSeen, Until::Unknown)
        }
        Side::Good { age } if under_cap(age, response, witnesses.calibration) > LIVE => {
            (DelegationState::Restored, Rule::NonceGoodAged, Until::Unknown)
        }
        Side::Good { .. } => (DelegationState::Restored, Rule::NonceGood, Until::Unknown),
        Side::Parked => {
            let row = parked(nonce.at, shown, source);
            let absent = lacks_marker(&nonce.asked, refs) && row.0 == DelegationState::Parked;
            if absent { (row.0, Rule::MarkerAbsent, row.2) } else { row }
        }
        Side::AboveZone { ttl, .. } => {
            let ends = nonce.at + Duration::from(ttl);
            let until = if source.parent_right { Until::Bound(ends) } else { bound(source.held_bound) };
            (DelegationState::Held, Rule::NonceFromParent, until)
        }
        Side::Neither if filtered(response) => (DelegationState::Other, Rule::FilteredByPolicy, Until::Unknown),
        Side::Neither if refs.parked_unheard => (DelegationState::Unknown, Rule::ParkedUnheard, Until::Unknown),
        Side::Neither => (DelegationState::Other, Rule::NeitherSide, Until::Unknown),
        Side::Undecidable => (DelegationState::Unknown, Rule::Undecidable, Until::Unknown),
        // A bare NXDOMAIN without SOA from a filter names its policy; without one nothing can be compared.
        Side::NothingToCompare if filtered(response) => {
            (DelegationState::Other, Rule::FilteredByPolicy, Until::Unknown)
        }
        // The correct answer is known, and this one has nothing to hold against it.
        Side::NothingToCompare if refs.good.answers => (DelegationState::Unknown, Rule::BareAnswer, Until::Unknown),
        Side::NothingToCompare => (DelegationState::Unknown, Rule::NothingToCompare, Until::Unknown),
    }
}

/// The age of a denial where the resolver keeps none for longer than its own cap: that much of the full TTL was never
/// there to pass.
fn under_cap(age: Duration, response: &Response, calibration: &Calibration) -> Duration {
    let Some((_, ttl, _)) = response.soa() else { return age };
    let seen = Duration::from(ttl);
    let full = u32::try_from((age + seen).as_secs()).unwrap_or(u32::MAX);
    match calibration.negative_cap(full) {
        Some(cap) => Duration::from_secs(u64::from(cap)).saturating_sub(seen),
        None => age,
    }
}

/// The rows for a nonce that parked servers answered.
fn parked(at: Timestamp, shown: Option<&ShownDelegation>, source: &SourceView) -> Row {
    if source.parked_bound.is_some_and(|bound| at > bound) {
        return (DelegationState::Stuck, Rule::NonceParkedPastBounds, Until::Unknown);
    }
    match shown.filter(|s| !s.is_good()) {
        Some(shown) => (DelegationState::Parked, Rule::NonceParkedUntilKnown, Until::Known(shown.ends)),
        None => (DelegationState::Parked, Rule::NonceParked, bound(source.parked_bound)),
    }
}

/// The rows for a nonce that failed.
fn from_failure(
    witnesses: NonceWitnesses<'_>,
    response: &Response,
    shown: Option<&ShownDelegation>,
    refs: &References,
    source: &SourceView,
) -> Row {
    if filtered(response) {
        return (DelegationState::Other, Rule::FilteredByPolicy, Until::Unknown);
    }
    // A comparison that could not leave this machine is none.
    let asked = witnesses.unchecked.filter(|h| !matches!(h.observation.outcome, Outcome::NotSent { .. }));
    let unchecked = asked.and_then(|h| {
        let observation = &h.observation;
        let response = observation.response()?;
        match response.rcode {
            Rcode::NOERROR | Rcode::NXDOMAIN => Some(side_of_negative(response, &observation.asked, refs)),
            _ => None,
        }
    });
    // Where nothing is signed the comparison met another cache of the address, or another moment.
    let is_signed = source.signed || response.extended_errors().iter().any(ExtendedError::is_validation);
    match unchecked {
        Some(Side::Good { .. }) if is_signed => {
            return (DelegationState::ValidationFailing, Rule::FailsValidation, Until::Unknown);
        }
        Some(Side::Parked) if !is_signed => return parked(witnesses.nonce.observation.at, shown, source),
        Some(Side::Parked) => {
            return match parked(witnesses.nonce.observation.at, shown, source) {
                (DelegationState::Parked, _, until) => (DelegationState::Parked, Rule::ParkedHiddenByDnssec, until),
                stuck => stuck,
            };
        }
        _ => {}
    }
    if asked.is_none() {
        return (DelegationState::Unknown, Rule::FailsUncompared, Until::Unknown);
    }
    if witnesses.ns_address_parked {
        return (DelegationState::NsAddressBroken, Rule::FailsNsAddress, Until::Unknown);
    }
    let held = shown.filter(|s| s.side == Side::Parked);
    if source.parked_answers == Some(false) {
        // What the cache holds ends when it ends, whether those servers answer or not.
        let until = held.map_or_else(|| bound(source.parked_bound), |held| Until::Known(held.ends));
        return (DelegationState::ParkedSilent, Rule::FailsParkedSilent, until);
    }
    if let Some(held) = held {
        return (DelegationState::ParkedSilent, Rule::FailsHoldingParked, Until::Known(held.ends));
    }
    (DelegationState::Unknown, Rule::FailsUnexplained, Until::Unknown)
}

fn bound(at: Option<Timestamp>) -> Until {
    at.map_or(Until::Unknown, Until::Bound)
}

fn instance(heard: &Heard) -> Vec<u8> {
    let edns = heard.observation.response().and_then(|r| r.edns.as_ref());
    edns.and_then(|edns| edns.nsid.clone()).unwrap_or_default()
}

fn filtered(response: &Response) -> bool {
    response.extended_errors().iter().any(ExtendedError::is_policy)
}

/// The delegation a cache showed without recursing, and when it ends.
#[derive(Debug, Clone)]
pub(super) struct ShownDelegation {
    servers: NsSet,
    side: Side,
    ends: Timestamp,
}

impl ShownDelegation {
    fn is_good(&self) -> bool {
        matches!(self.side, Side::Good { .. })
    }
}

pub(super) fn shown_delegation(heard: &Heard, refs: &References) -> Option<ShownDelegation> {
    let response = heard.observation.response()?;
    if response.kind(&heard.observation.asked, heard.observation.query.rtype) != AnswerKind::Referral {
        return None;
    }
    let (owner, servers, ttl) = response.referral(&refs.zone)?;
    if owner != refs.zone {
        return None;
    }
    let side = side_of_ns_set(&servers, refs);
    Some(ShownDelegation { servers, side, ends: heard.observation.at + Duration::from(ttl) })
}

/// When the wrong delegation of the zone ends that `heard`, asked without recursion, shows in its cache; none where it shows none,
/// or the correct one.
#[must_use]
pub fn wrong_delegation_end(heard: &Heard, refs: &References) -> Option<Timestamp> {
    shown_delegation(heard, refs).filter(|shown| !shown.is_good()).map(|shown| shown.ends)
}

#[cfg(test)]
mod tests;
