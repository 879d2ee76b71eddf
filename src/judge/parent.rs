//! One server of the parent zone: which delegation does it hold?
//!
//! Evidence: its answer to `<zone> NS` (and DS), asked without recursion. Reference: RFC 1034 §4.2.1, RFC 9499 §7.

use crate::dns::{Ds, NsSet, RRset, Rcode, Rdata, RecordType, Ttl};
use crate::judge::{Heard, References, Rule, Side, Verdict, side_of_ns_set};
use crate::observation::{AnswerKind, Outcome, Response};

/// What a parent server said.
#[derive(Debug, Clone, Copy)]
pub struct ParentWitnesses<'a> {
    /// Its newest answer about the delegation.
    pub delegation: Option<&'a Heard>,
    /// Its newest answer about DS.
    pub signer: Option<&'a Heard>,
}

/// What it amounts to.
#[derive(Debug, Clone, PartialEq)]
pub struct ParentJudgement {
    /// correct, parked, other, held, broken, silent or unknown.
    pub verdict: Verdict,
    /// By which rule.
    pub rule: Rule,
    /// The delegation it holds, when it said one.
    pub ns: Option<NsSet>,
    /// The delegation's TTL.
    pub ttl: Option<Ttl>,
    /// The DS records it holds; none when not known.
    pub ds: Option<Vec<Ds>>,
    /// The response code of its answer about the delegation.
    pub rcode: Option<Rcode>,
    /// How long its denial may be cached, when it denies the name.
    pub negative_ttl: Option<u32>,
    /// The observations it rests on.
    pub evidence: Vec<u64>,
}

/// Judges one parent server.
#[must_use]
pub fn judge_parent(witnesses: ParentWitnesses<'_>, refs: &References) -> ParentJudgement {
    let mut judgement = ParentJudgement {
        verdict: Verdict::Unknown,
        rule: Rule::NothingHeard,
        ns: None,
        ttl: None,
        ds: witnesses.signer.and_then(|h| delegation_signers(h, refs)),
        rcode: None,
        negative_ttl: None,
        evidence: witnesses.delegation.iter().chain(&witnesses.signer).map(|h| h.number).collect(),
    };
    let Some(heard) = witnesses.delegation else { return judgement };
    let response = match &heard.observation.outcome {
        Outcome::Answered(response) => response,
        Outcome::NoResponse | Outcome::Unreachable => {
            (judgement.verdict, judgement.rule) = (Verdict::Silent, Rule::NoAnswer);
            return judgement;
        }
        Outcome::Malformed { rcode, .. } => {
            judgement.rcode = *rcode;
            (judgement.verdict, judgement.rule) = (Verdict::Broken, Rule::FailsUnexplained);
            return judgement;
        }
        Outcome::NotSent { .. } => return judgement,
    };
    judgement.rcode = Some(response.rcode);
    (judgement.verdict, judgement.rule) = match delegation_of(response, refs) {
        Some((ns, ttl)) => {
            let words = match side_of_ns_set(&ns, refs) {
                Side::Good { .. } => (Verdict::Correct, Rule::NonceGood),
                Side::Parked => (Verdict::Parked, Rule::NonceParked),
                Side::NothingToCompare => (Verdict::Unknown, Rule::NothingToCompare),
                _ => (Verdict::Other, Rule::NeitherSide),
            };
            (judgement.ns, judgement.ttl) = (Some(ns), Some(ttl));
            words
        }
        None => match response.kind(&refs.zone, RecordType::NS) {
            // Only with authority: a denial without it is not the parent's word.
            AnswerKind::NxDomain | AnswerKind::NoData if response.aa => {
                judgement.negative_ttl = response.soa().map(|(_, ttl, soa)| ttl.as_secs().min(soa.minimum));
                (Verdict::Held, Rule::NonceFromParent)
            }
            _ => (Verdict::Broken, Rule::FailsUnexplained),
        },
    };
    judgement
}

/// The delegation in an answer: a referral, or the NS RRset itself where one server serves parent and child.
fn delegation_of(response: &Response, refs: &References) -> Option<(NsSet, Ttl)> {
    if response.rcode != Rcode::NOERROR {
        return None;
    }
    let from_answer = response.answer_set(&refs.zone, RecordType::NS);
    let set = from_answer.or_else(|| RRset::gather(&response.authority, &refs.zone, RecordType::NS))?;
    Some((NsSet::from_rrset(&set), set.ttl))
}

/// The DS records in an answer about DS; an empty list when the server says there are none.
fn delegation_signers(heard: &Heard, refs: &References) -> Option<Vec<Ds>> {
    let response = heard.observation.response()?;
    match response.kind(&refs.zone, RecordType::DS) {
        AnswerKind::Answer => {
            let mut signers: Vec<Ds> = response
                .answer
                .iter()
                .filter(|r| r.owner == refs.zone)
                .filter_map(|r| if let Rdata::Ds(ds) = &r.rdata { Some(ds.clone()) } else { None })
                .collect();
            signers.sort();
            Some(signers)
        }
        AnswerKind::NoData | AnswerKind::NxDomain => Some(Vec::new()),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
