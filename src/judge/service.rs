//! What users of a resolver get for one watched name and type, and until when.
//!
//! Evidence: the newest answers about that name through the resolver. The TTL of the answer that filled a cache is not
//! the stored one, so of two answers the later counts.

use std::time::Duration;

use crate::dns::{Name, Rcode, Rdata, RecordType, Ttl};
use crate::judge::side::{side_of_data, side_of_soa};
use crate::judge::{Heard, References, Rule, Side, Until, Witnesses};
use crate::observation::{AnswerKind, ExtendedError, Purpose, Response};
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
    /// By which rule. One that is believed only when said twice stands here from the first time on, beside the state that
    /// was heard before.
    pub rule: Rule,
    /// The data at the end of the alias chain, or the aliases where there is none.
    pub values: Vec<Rdata>,
    /// The TTL as last heard.
    pub ttl: Option<Ttl>,
    /// Until when the cache will go on saying so.
    pub until: Until,
    /// The observation it rests on.
    pub evidence: Option<u64>,
}

/// The TTL of stale answers, in seconds (RFC 8767 §4).
const STALE_TTL: u32 = 30;

impl ServiceJudgement {
    /// Whether its newest answer was odd and is not believed yet: worth asking again soon.
    #[must_use]
    pub const fn is_unbelieved(&self) -> bool {
        matches!(self.rule, Rule::StaleUnbelieved | Rule::DataDeniedByGood)
    }

    /// Nothing heard yet.
    fn unheard(name: &Name, rtype: RecordType) -> Self {
        Self {
            name: name.clone(),
            rtype,
            state: ServiceState::Unknown,
            rule: Rule::NothingHeard,
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
    let mut told = witnesses.about(Purpose::Service, name, rtype).rev().filter_map(|h| telling(h, name, rtype));
    let judge = |(heard, response): Answer<'_>, now| {
        judge_answer(heard, response, ServiceJudgement::unheard(name, rtype), refs, now)
    };
    let Some(newest) = told.next() else { return ServiceJudgement::unheard(name, rtype) };
    let Some(odd) = oddity(newest, name, rtype, witnesses, refs) else { return judge(newest, now) };
    let mut before = told.next();
    if before.is_some_and(|before| oddity(before, name, rtype, witnesses, refs) == Some(odd)) {
        return judge(newest, now);
    }
    // Said once: what was heard before stands until it is said again. What was odd then, and not repeated, never counted.
    while before.is_some_and(|before| oddity(before, name, rtype, witnesses, refs).is_some()) {
        before = told.next();
    }
    let judgement = before.map_or_else(|| ServiceJudgement::unheard(name, rtype), |before| judge(before, now));
    ServiceJudgement { rule: odd, ..judgement }
}

/// An answer that tells something.
type Answer<'a> = (&'a Heard, &'a Response);

/// The rule by which an answer is not believed when it is said once; none when it is as good as any.
fn oddity(told: Answer<'_>, name: &Name, rtype: RecordType, witnesses: &Witnesses, refs: &References) -> Option<Rule> {
    let (heard, response) = told;
    let denied = matches!(response.kind(name, rtype), AnswerKind::NoData | AnswerKind::NxDomain);
    let has_data = || refs.good.data.get(&(name.clone(), rtype)).is_some_and(|values| !values.is_empty());
    if is_stale(heard, response, name, rtype, witnesses) {
        Some(Rule::StaleUnbelieved)
    } else if denied && response.answer.is_empty() && is_of_good_zone(response, refs) && has_data() {
        Some(Rule::DataDeniedByGood)
    } else {
        None
    }
}

/// Whether a denial carries the correct zone's own SOA.
fn is_of_good_zone(response: &Response, refs: &References) -> bool {
    let soa = response.soa();
    soa.is_some_and(|(owner, ttl, soa)| matches!(side_of_soa(owner, ttl, soa, refs), Side::Good { .. }))
}

/// Whether an answer is served past its time, as far as it shows: it says so, or it has exactly the TTL that stale answers
/// have although the data were seen with a larger one, and that has run out.
fn is_stale(heard: &Heard, response: &Response, name: &Name, rtype: RecordType, witnesses: &Witnesses) -> bool {
    if response.rcode == Rcode::SERVFAIL {
        return false;
    }
    if response.extended_errors().iter().any(ExtendedError::is_stale) {
        return true;
    }
    // Seldom is any TTL so, and then the RRset need not be put together.
    if !response.answer.iter().any(|record| record.ttl.as_secs() == STALE_TTL) {
        return false;
    }
    let Some(set) = response.resolved(name, rtype).filter(|set| set.ttl.as_secs() == STALE_TTL) else { return false };
    let earlier = witnesses.about(Purpose::Service, name, rtype).rev().filter(|h| h.number < heard.number);
    let mut same = earlier.filter_map(|h| {
        let said = h.observation.response()?.resolved(name, rtype)?;
        let alike = said.rdata.len() == set.rdata.len() && said.rdata.iter().all(|data| set.rdata.contains(data));
        alike.then_some((h.observation.at, said.ttl))
    });
    let Some((at, ttl)) = same.next() else { return false };
    let longer = ttl.as_secs() > STALE_TTL || same.any(|(_, ttl)| ttl.as_secs() > STALE_TTL);
    longer && at + Duration::from(ttl) <= heard.observation.at
}

/// Every answer that tells something about a name and type and passes `wanted`, oldest first, each judged by itself: what is
/// believed only when said twice is unknown the first time.
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
    let mut before = None;
    let judge = |answer: Answer<'_>| {
        let odd = oddity(answer, name, rtype, witnesses, refs);
        let said_before = std::mem::replace(&mut before, odd);
        match odd.filter(|odd| said_before != Some(*odd)) {
            Some(rule) => ServiceJudgement { rule, ..ServiceJudgement::unheard(name, rtype) },
            None => judge_answer(answer.0, answer.1, ServiceJudgement::unheard(name, rtype), refs, now),
        }
    };
    told.filter_map(|heard| telling(heard, name, rtype)).map(judge).collect()
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
            (judgement.state, judgement.rule) = match side_of_data(response, name, rtype, refs) {
                Side::Good { .. } => (ServiceState::Ok, Rule::DataGood),
                Side::Parked => (ServiceState::Stale, Rule::DataParked),
                Side::Neither if refs.addresses_vary || refs.good.varies => (ServiceState::Ok, Rule::DataVaries),
                Side::Neither if refs.parked_unheard => (ServiceState::Unknown, Rule::ParkedUnheard),
                Side::Neither => (ServiceState::Other, Rule::DataNeither),
                _ => (ServiceState::Unknown, Rule::NothingToCompare),
            };
        }
        // A right alias to a name elsewhere that does not exist: the zone says what it should.
        AnswerKind::NxDomain
            if !response.answer.is_empty()
                && matches!(side_of_data(response, name, rtype, refs), Side::Good { .. }) =>
        {
            judgement.values = response.aliases(name).into_iter().map(Rdata::Cname).collect();
            (judgement.state, judgement.rule) = (ServiceState::Ok, Rule::DataGood);
        }
        AnswerKind::NoData | AnswerKind::NxDomain => {
            judgement.ttl = response.soa().map(|(_, ttl, _)| ttl);
            (judgement.state, judgement.rule) = match has_data {
                Some(true) => (ServiceState::Negative, Rule::DataDenied),
                Some(false) => (ServiceState::Ok, Rule::DataGood),
                None => (ServiceState::Unknown, Rule::NothingToCompare),
            };
        }
        AnswerKind::Error if response.rcode == Rcode::SERVFAIL => {
            (judgement.state, judgement.rule) = (ServiceState::Failing, Rule::DataFails);
        }
        AnswerKind::Error => judgement.rule = Rule::Refused,
        _ => judgement.rule = Rule::BareAnswer,
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
