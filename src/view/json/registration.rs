//! `unpark.registration/1`: what registry and registrar say about a registration, what of it explains an outage, and the raw
//! answers as evidence.

use serde::Serialize;

use crate::dns::{Ds, NsSet, shown};
use crate::incident::Incident;
use crate::registration::{
    Answer, Evidence, Finding, Hearing, Moment, Outcome, Registrar, Registration, Standing, Status, headline,
    registrar, remarks, whom_to_call,
};
use crate::time::Timestamp;

use super::{document, names, plain};

#[derive(Serialize)]
struct Document {
    schema: &'static str,
    zone: String,
    domain: Option<String>,
    asked: String,
    standing: &'static str,
    headline: String,
    whom_to_call: Option<String>,
    exit_code: u8,
    registrar: RegistrarEntry,
    expected: Option<Vec<String>>,
    registry: Option<RegistrationEntry>,
    registrar_answer: Option<RegistrationEntry>,
    findings: Vec<FindingEntry>,
    remarks: Vec<String>,
    answers: Vec<AnswerEntry>,
}

#[derive(Serialize)]
struct RegistrarEntry {
    name: Option<String>,
    iana_id: Option<String>,
    abuse_email: Option<String>,
    abuse_phone: Option<String>,
    url: Option<String>,
}

impl RegistrarEntry {
    fn of(registrar: Registrar) -> Self {
        Self {
            name: registrar.name,
            iana_id: registrar.iana_id,
            abuse_email: registrar.abuse.email,
            abuse_phone: registrar.abuse.phone,
            url: registrar.url,
        }
    }
}

#[derive(Serialize)]
struct RegistrationEntry {
    handle: Option<String>,
    statuses: Vec<StatusEntry>,
    dates: DatesEntry,
    ns: Option<Vec<String>>,
    signed: Option<bool>,
    ds: Vec<String>,
}

#[derive(Serialize)]
struct StatusEntry {
    status: String,
    meaning: Option<&'static str>,
}

#[derive(Serialize)]
struct DatesEntry {
    registered: Option<DateEntry>,
    expires: Option<DateEntry>,
    registrar_expires: Option<DateEntry>,
    changed: Option<DateEntry>,
    transferred: Option<DateEntry>,
    database: Option<DateEntry>,
}

#[derive(Serialize)]
struct DateEntry {
    at: Option<String>,
    written: String,
}

#[derive(Serialize)]
struct FindingEntry {
    code: &'static str,
    severity: &'static str,
    sentence: String,
    advice: &'static str,
    evidence: Vec<String>,
    reference: &'static str,
}

#[derive(Serialize)]
struct AnswerEntry {
    source: &'static str,
    server: String,
    domain: String,
    heard: String,
    outcome: &'static str,
    reason: Option<String>,
    until: Option<String>,
    raw: Option<String>,
}

impl RegistrationEntry {
    fn of(read: &Registration) -> Self {
        let status = |s: &Status| StatusEntry { status: s.word().to_owned(), meaning: s.meaning() };
        let date = |moment: &Option<Moment>| {
            moment.as_ref().map(|m| DateEntry { at: m.at.map(|at| at.to_string()), written: m.written.clone() })
        };
        Self {
            handle: read.handle.clone(),
            statuses: read.statuses.iter().map(status).collect(),
            dates: DatesEntry {
                registered: date(&read.dates.registered),
                expires: date(&read.dates.expires),
                registrar_expires: date(&read.dates.registrar_expires),
                changed: date(&read.dates.changed),
                transferred: date(&read.dates.transferred),
                database: date(&read.dates.database),
            },
            ns: read.name_servers.as_ref().map(names),
            signed: read.signed,
            ds: read.ds.iter().map(Ds::to_string).collect(),
        }
    }
}

impl FindingEntry {
    fn of(finding: &Finding) -> Self {
        Self {
            code: finding.cause.word(),
            severity: finding.severity().word(),
            sentence: plain(&finding.sentence()),
            advice: finding.cause.advice(),
            evidence: finding.evidence.iter().map(|fact| plain(fact)).collect(),
            reference: finding.cause.reference(),
        }
    }
}

impl AnswerEntry {
    fn of(answer: &Answer) -> Self {
        let (reason, until) = match &answer.outcome {
            Outcome::Unreadable { reason } | Outcome::NoAnswer { reason } | Outcome::NotSent { reason } => {
                (Some(plain(reason)), None)
            }
            Outcome::Limited { until } => (None, until.map(|at| at.to_string())),
            Outcome::Found(_) | Outcome::NotFound => (None, None),
        };
        Self {
            source: answer.source.word(),
            server: plain(&answer.server),
            domain: answer.domain.to_string(),
            heard: answer.heard.to_string(),
            outcome: answer.outcome.word(),
            reason,
            until,
            raw: (!answer.raw.is_empty()).then(|| plain_lines(&answer.raw)),
        }
    }
}

/// The text with its line breaks and tabs, every other character that is not plain escaped. Not cut: it is evidence.
fn plain_lines(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\t' => out.push(c),
            '\r' => {}
            c if shown::is_plain(c) => out.push(c),
            c => out.push_str(&format!("\\u{{{:x}}}", u32::from(c))),
        }
    }
    out
}

/// What `unpark check` tells of the registration: the same entries, without the raw answers.
#[derive(Serialize)]
pub(super) struct Summary {
    standing: &'static str,
    headline: String,
    whom_to_call: Option<String>,
    heard: String,
    failure: Option<String>,
    registrar: RegistrarEntry,
    registry: Option<RegistrationEntry>,
    registrar_answer: Option<RegistrationEntry>,
    findings: Vec<FindingEntry>,
}

impl Summary {
    /// None when the registry was not asked.
    pub(super) fn of(incident: &Incident) -> Option<Self> {
        let watch = incident.registration()?;
        let hearing = &watch.hearing;
        let read = |found: Option<(&Answer, &Registration)>| found.map(|(_, read)| RegistrationEntry::of(read));
        Some(Self {
            standing: watch.standing.word(),
            headline: plain(&headline(hearing, &watch.findings)),
            whom_to_call: whom_to_call(hearing).map(|text| plain(&text)),
            heard: watch.at.to_string(),
            failure: watch.failure.as_ref().map(|(_, why)| plain(why)),
            registrar: RegistrarEntry::of(registrar(hearing)),
            registry: read(hearing.registry()),
            registrar_answer: read(hearing.registrar()),
            findings: watch.findings.iter().map(FindingEntry::of).collect(),
        })
    }
}

/// The JSON of `unpark registration --json`: one document with a newline at its end. `findings` are those of `evidence`.
#[must_use]
pub fn registration(evidence: &Evidence<'_>, findings: &[Finding], now: Timestamp, exit_code: u8) -> String {
    let hearing: &Hearing = evidence.hearing;
    let read = |found: Option<(&Answer, &Registration)>| found.map(|(_, read)| RegistrationEntry::of(read));
    document(&Document {
        schema: "unpark.registration/1",
        zone: hearing.zone.to_string(),
        domain: hearing.registry().map(|(answer, _)| answer.domain.to_string()),
        asked: now.to_string(),
        standing: Standing::of(hearing, findings).word(),
        headline: plain(&headline(hearing, findings)),
        whom_to_call: whom_to_call(hearing).map(|text| plain(&text)),
        exit_code,
        registrar: RegistrarEntry::of(registrar(hearing)),
        expected: evidence.expected.map(|set: &NsSet| names(set)),
        registry: read(hearing.registry()),
        registrar_answer: read(hearing.registrar()),
        findings: findings.iter().map(FindingEntry::of).collect(),
        remarks: remarks(evidence, now).iter().map(|text| plain(text)).collect(),
        answers: hearing.answers.iter().map(AnswerEntry::of).collect(),
    })
}
