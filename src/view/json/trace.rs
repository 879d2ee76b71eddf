//! `unpark.trace/1`: the way from the root to the zone's own servers, without resolvers. Reads the incident; decides nothing.

use serde::Serialize;

use crate::incident::Incident;
use crate::judge::Heard;
use crate::observation::{AnswerKind, Outcome, address_text};
use crate::time::Timestamp;
use crate::view::model::Board;

use super::source::{
    AuthorityEntry, ExpectationEntry, ParentEntry, UnresolvedEntry, authorities, parents, rcode_text, unresolved,
};
use super::{FindingEntry, document, milliseconds, names, plain};

#[derive(Serialize)]
struct Trace {
    schema: &'static str,
    zone: String,
    started: String,
    finished: String,
    expectation: ExpectationEntry,
    phase: &'static str,
    headline: String,
    exit_code: u8,
    walk: Vec<Step>,
    walk_failure: Option<String>,
    parent_zone: Option<String>,
    parents: Vec<ParentEntry>,
    parents_without_address: Vec<UnresolvedEntry>,
    authoritative: Vec<AuthorityEntry>,
    findings: Vec<FindingEntry>,
    notices: Vec<String>,
}

/// One question on the way from the root, and what came.
#[derive(Serialize)]
struct Step {
    at: String,
    address: String,
    purpose: &'static str,
    name: String,
    #[serde(rename = "type")]
    rtype: String,
    outcome: &'static str,
    reason: Option<String>,
    rcode: Option<String>,
    kind: Option<&'static str>,
    aa: Option<bool>,
    zone: Option<String>,
    ns: Option<Vec<String>>,
    ttl: Option<u32>,
    transport: Option<&'static str>,
    rtt_ms: Option<f64>,
}

impl Step {
    fn of(heard: &Heard) -> Self {
        let observation = &*heard.observation;
        let response = observation.response();
        let (outcome, reason, rcode) = match &observation.outcome {
            Outcome::Answered(response) => ("answered", None, Some(response.rcode)),
            Outcome::Malformed { rcode, reason } => ("malformed", Some(plain(reason)), *rcode),
            Outcome::NoResponse => ("no-response", None, None),
            Outcome::Unreachable => ("unreachable", None, None),
            Outcome::NotSent { reason } => ("not-sent", Some(plain(reason)), None),
        };
        let kind = response.map(|r| r.kind(&observation.asked, observation.query.rtype));
        // Only a referral speaks of a cut; the authority section of other answers does not.
        let cut = response.filter(|_| kind == Some(AnswerKind::Referral)).and_then(|r| r.referral(&observation.asked));
        Self {
            at: observation.at.to_string(),
            address: address_text(observation.query.target.address),
            purpose: observation.query.purpose.word(),
            name: observation.asked.to_string(),
            rtype: observation.query.rtype.to_string(),
            outcome,
            reason,
            rcode: rcode_text(rcode),
            kind: kind.map(kind_word),
            aa: response.map(|r| r.aa),
            zone: cut.as_ref().map(|(zone, ..)| zone.to_string()),
            ns: cut.as_ref().map(|(_, set, _)| names(set)),
            ttl: cut.as_ref().map(|(.., ttl)| ttl.as_secs()),
            transport: response.map(|r| r.transport.word()),
            rtt_ms: milliseconds(observation.rtt),
        }
    }
}

const fn kind_word(kind: AnswerKind) -> &'static str {
    match kind {
        AnswerKind::Answer => "answer",
        AnswerKind::NoData => "nodata",
        AnswerKind::NxDomain => "nxdomain",
        AnswerKind::Referral => "referral",
        AnswerKind::Error => "error",
        AnswerKind::Empty => "empty",
    }
}

/// The JSON of `unpark trace --json`: one document with a newline at its end. Arguments as for [`super::check()`].
#[must_use]
pub fn trace(incident: &Incident, board: &Board, started: Timestamp, finished: Timestamp, exit_code: u8) -> String {
    document(&Trace {
        schema: "unpark.trace/1",
        zone: incident.zone().to_string(),
        started: started.to_string(),
        finished: finished.to_string(),
        expectation: ExpectationEntry::of(incident),
        phase: board.phase.word(),
        headline: plain(&board.headline),
        exit_code,
        walk: incident.walk().iter().map(Step::of).collect(),
        walk_failure: incident.walk_failure().map(plain),
        parent_zone: incident.parent_zone().map(ToString::to_string),
        parents: parents(incident),
        parents_without_address: unresolved(incident),
        authoritative: authorities(incident),
        findings: incident.findings().iter().map(FindingEntry::of).collect(),
        notices: board.notices.iter().map(|n| plain(n)).collect(),
    })
}
