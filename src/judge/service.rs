//! What users of a resolver get for one watched name and type, and until when.
//!
//! Evidence: the newest answers about that name through the resolver. The TTL of the answer that filled a cache is not
//! the stored one, so of two answers the later counts.

use std::time::Duration;

use crate::dns::{Name, Rcode, Rdata, RecordType, Ttl};
use crate::judge::side::side_of_data;
use crate::judge::{Heard, References, Side, Until, Witnesses};
use crate::observation::{AnswerKind, Purpose, Response};
use crate::time::Timestamp;

/// What users get.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ServiceState {
    /// What the correct servers say.
    Ok,
    /// The parked address.
    Stale,
    /// A denial although the correct servers have data.
    Negative,
    /// A failure.
    Failing,
    /// Neither side's data.
    Other,
    /// Not heard, or nothing to hold it against.
    Unknown,
}

impl ServiceState {
    /// As in JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Stale => "stale",
            Self::Negative => "negative",
            Self::Failing => "failing",
            Self::Other => "other",
            Self::Unknown => "unknown",
        }
    }
}

/// The state of one watched name and type at one resolver.
#[derive(Debug, Clone, PartialEq)]
pub struct ServiceJudgement {
    /// Which name.
    pub name: Name,
    /// Which type.
    pub rtype: RecordType,
    /// What users get.
    pub state: ServiceState,
    /// The data at the end of the alias chain, or the aliases where there is none.
    pub values: Vec<Rdata>,
    /// The TTL as last heard.
    pub ttl: Option<Ttl>,
    /// Until when the cache will go on saying so.
    pub until: Until,
    /// The observation it rests on.
    pub evidence: Option<u64>,
}

impl ServiceJudgement {
    /// Nothing heard yet.
    fn unheard(name: &Name, rtype: RecordType) -> Self {
        Self {
            name: name.clone(),
            rtype,
            state: ServiceState::Unknown,
            values: Vec::new(),
            ttl: None,
            until: Until::Unknown,
            evidence: None,
        }
    }
}

/// Judges one watched name and type from a resolver's witnesses.
#[must_use]
pub fn judge_service(
    witnesses: &Witnesses,
    name: &Name,
    rtype: RecordType,
    refs: &References,
    now: Timestamp,
) -> ServiceJudgement {
    let nothing = ServiceJudgement::unheard(name, rtype);
    let newest = witnesses.about(Purpose::Service, name, rtype).rev().find_map(|heard| telling(heard, name, rtype));
    match newest {
        Some((heard, response)) => judge_answer(heard, response, nothing, refs, now),
        None => nothing,
    }
}

/// Every answer that tells something about a name and type and passes `wanted`, oldest first, each judged by itself.
#[must_use]
pub fn service_answers(
    witnesses: &Witnesses,
    name: &Name,
    rtype: RecordType,
    refs: &References,
    now: Timestamp,
    wanted: impl Fn(&Heard) -> bool,
) -> Vec<ServiceJudgement> {
    let told = witnesses.about(Purpose::Service, name, rtype).filter(|heard| wanted(heard));
    let told = told.filter_map(|heard| telling(heard, name, rtype));
    told.map(|(heard, response)| judge_answer(heard, response, ServiceJudgement::unheard(name, rtype), refs, now))
        .collect()
}

fn judge_answer(
    heard: &Heard,
    response: &Response,
    mut judgement: ServiceJudgement,
    refs: &References,
    now: Timestamp,
) -> ServiceJudgement {
    let (name, rtype) = (&judgement.name.clone(), judgement.rtype);
    judgement.evidence = Some(heard.number);
    let at = heard.observation.at;
    let ends = |ttl: Ttl| Until::Known(at + Duration::from(ttl));
    let has_data = refs.good.data.get(&(name.clone(), rtype)).map(|values| !values.is_empty());
    match response.kind(name, rtype) {
        AnswerKind::Answer => {
            let set = response.resolved(name, rtype);
            judgement.ttl = set.as_ref().map(|s| s.ttl).or_else(|| response.answer.iter().map(|r| r.ttl).min());
            judgement.values =
                set.map_or_else(|| response.aliases(name).into_iter().map(Rdata::Cname).collect(), |s| s.rdata);
            judgement.values.sort_by_key(ToString::to_string);
            judgement.state = match side_of_data(response, name, rtype, refs) {
                Side::Good { .. } => ServiceState::Ok,
                Side::Parked => ServiceState::Stale,
                Side::Neither if refs.addresses_vary || refs.good.varies => ServiceState::Ok,
                Side::Neither => ServiceState::Other,
                _ => ServiceState::Unknown,
            };
        }
        // A right alias to a name elsewhere that does not exist: the zone says what it should.
        AnswerKind::NxDomain
            if !response.answer.is_empty()
                && matches!(side_of_data(response, name, rtype, refs), Side::Good { .. }) =>
        {
            judgement.values = response.aliases(name).into_iter().map(Rdata::Cname).collect();
            judgement.state = ServiceState::Ok;
        }
        AnswerKind::NoData | AnswerKind::NxDomain => {
            judgement.ttl = response.soa().map(|(_, ttl, _)| ttl);
            judgement.state = match has_data {
                Some(true) => ServiceState::Negative,
                Some(false) => ServiceState::Ok,
                None => ServiceState::Unknown,
            };
        }
        AnswerKind::Error if response.rcode == Rcode::SERVFAIL => judgement.state = ServiceState::Failing,
        _ => {}
    }
    if matches!(judgement.state, ServiceState::Stale | ServiceState::Negative) {
        judgement.until = judgement.ttl.map_or(Until::Unknown, ends);
        if judgement.until.moment().is_some_and(|end| end < now) {
            // The entry has run out since: what stands there now is not known until it is asked again.
            judgement.state = ServiceState::Unknown;
            judgement.until = Until::Unknown;
        }
    }
    judgement
}

/// Whether asking about a name came to nothing: every try so far was lost, refused or kept from leaving.
pub(super) fn is_unanswered(witnesses: &Witnesses, name: &Name, rtype: RecordType) -> bool {
    let mut tried = witnesses.about(Purpose::Service, name, rtype).filter(|h| h.observation.query.rd).peekable();
    let tells = |h: &Heard| {
        let kind = h.observation.response().map(|r| (r.kind(name, rtype), r.rcode));
        kind.is_some_and(|(kind, rcode)| kind != AnswerKind::Error || rcode == Rcode::SERVFAIL)
    };
    tried.peek().is_some() && !tried.any(tells)
}

/// The answer, when it tells something: one with RD=0 only counts when the cache held the name.
fn telling<'a>(heard: &'a Heard, name: &Name, rtype: RecordType) -> Option<(&'a Heard, &'a Response)> {
    let response = heard.observation.response()?;
    let telling = heard.observation.query.rd
        || matches!(response.kind(name, rtype), AnswerKind::Answer)
        || (matches!(response.kind(name, rtype), AnswerKind::NoData | AnswerKind::NxDomain)
            && response.soa().is_some());
    telling.then_some((heard, response))
}

#[cfg(test)]
mod tests;
