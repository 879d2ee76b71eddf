//! The registration in words: the rung at the head of the source ladder, the cause for the headline, the fields one by one.

use crate::incident::{Incident, RegistrationWatch};
use crate::judge::Verdict;
use crate::registration::{
    Answer, Cause, Evidence, Finding, Moment, Outcome, Registration, Standing, headline, registrar, remarks,
    whom_to_call,
};
use crate::time::{Timestamp, in_words};

use super::ladder::{Rung, RungKind};

/// A label and what stands beside it.
pub type Fact = (&'static str, String);

/// The rung of the registry; none when it was not asked.
pub(super) fn rung(incident: &Incident, now: Timestamp) -> Option<Rung> {
    let watch = incident.registration()?;
    Some(Rung {
        kind: RungKind::Registry,
        title: "Registry".to_owned(),
        verdict: verdict(watch),
        summary: summary(watch),
        servers: Vec::new(),
        facts: facts(incident, watch, now),
    })
}

/// What the registration amounts to, in a word of the screen.
fn verdict(watch: &RegistrationWatch) -> Verdict {
    match watch.standing {
        Standing::Unknown => Verdict::Unknown,
        Standing::NothingFound => Verdict::Correct,
        Standing::Trouble => match watch.findings.iter().find(|f| f.is_trouble()).map(|f| f.cause) {
            Some(Cause::Parked | Cause::VerificationHold | Cause::Suspended) => Verdict::Parked,
            Some(Cause::NotExpected) => Verdict::Other,
            Some(
                Cause::NotRegistered
                | Cause::PendingDelete
                | Cause::PendingRestore
                | Cause::Redemption
                | Cause::ServerHold
                | Cause::ClientHold
                | Cause::NoNameServers,
            ) => Verdict::Held,
            _ => Verdict::Broken,
        },
    }
}

/// The same in two or three words.
fn summary(watch: &RegistrationWatch) -> String {
    let trouble: Vec<&'static str> =
        watch.findings.iter().filter(|f| f.is_trouble()).filter_map(|f| short(f.cause)).take(2).collect();
    match watch.standing {
        Standing::Unknown => "not known".to_owned(),
        Standing::Trouble if !trouble.is_empty() => trouble.join(", "),
        Standing::Trouble => "trouble".to_owned(),
        Standing::NothingFound => "as expected".to_owned(),
    }
}

/// A cause in two words; none for those that only stand in the way of the repair.
const fn short(cause: Cause) -> Option<&'static str> {
    Some(match cause {
        Cause::NotRegistered => "not registered",
        Cause::PendingDelete => "pending delete",
        Cause::PendingRestore => "pending restore",
        Cause::Redemption => "redemption",
        Cause::ServerHold => "server hold",
        Cause::ClientHold => "client hold",
        Cause::VerificationHold => "contact not confirmed",
        Cause::Suspended => "suspended",
        Cause::Parked => "parked",
        Cause::NotExpected => "strange name servers",
        Cause::NoNameServers => "no name servers",
        Cause::RegistrarExpired | Cause::Expired => "expired",
        Cause::DsLeft => "DS left",
        Cause::RenewBlocked => "renewal blocked",
        Cause::UpdateLock | Cause::ChangedAfterAnniversary | Cause::ExpiresSoon | Cause::OperationPending => {
            return None;
        }
    })
}

/// Why the delegation is as it is, as far as the registration tells: the strongest finding that says more than that the
/// name servers are wrong, which the parent's servers say themselves.
pub(super) fn cause(incident: &Incident) -> Option<&Finding> {
    let tells = |cause| !matches!(cause, Cause::Parked | Cause::NotExpected | Cause::DsLeft | Cause::UpdateLock);
    let findings = &incident.registration()?.findings;
    findings.iter().find(|f| tells(f.cause) && !matches!(f.cause, Cause::ExpiresSoon | Cause::OperationPending))
}

/// Whether paying for the domain does not bring it back.
pub(super) fn needs_another_cure(incident: &Incident) -> bool {
    let other = |cause| matches!(cause, Cause::VerificationHold | Cause::Suspended | Cause::RenewBlocked);
    incident.registration().is_some_and(|watch| watch.findings.iter().any(|f| other(f.cause)))
}

/// `NETWORK SOLUTIONS (IANA id 2): +1.555…, abuse@…`; none when no answer names a registrar.
pub(super) fn whom(incident: &Incident) -> Option<String> {
    let call = whom_to_call(&incident.registration()?.hearing)?;
    Some(call.strip_prefix("Call ").unwrap_or(&call).trim_end_matches('.').to_owned())
}

/// Everything the registration says, for its own pane: what is wrong and whom to call first, then the fields, then what
/// must not be concluded.
fn facts(incident: &Incident, watch: &RegistrationWatch, now: Timestamp) -> Vec<Fact> {
    let hearing = &watch.hearing;
    let mut facts: Vec<Fact> = vec![("says", headline(hearing, &watch.findings))];
    if let Some(call) = whom_to_call(hearing) {
        facts.push(("call", call));
    }
    let ago = in_words(now.since(watch.at));
    facts.push(("heard", format!("{} UTC, {ago} ago", watch.at.clock())));
    if let Some((at, why)) = &watch.failure {
        facts.push(("no answer", format!("{} UTC: {why}", at.clock())));
    }
    for finding in &watch.findings {
        let severity = finding.severity().word().to_uppercase();
        facts.push(("", String::new()));
        facts.push(("finding", format!("{severity} {}: {}", finding.cause.word(), finding.sentence())));
        facts.push(("what to do", finding.cause.advice().to_owned()));
        facts.extend(finding.evidence.iter().map(|fact| ("evidence", fact.clone())));
    }
    let known = registrar(hearing);
    if !known.is_empty() {
        facts.push(("", String::new()));
        facts.extend(registrar_fields(&known));
    }
    for (answer, read) in [hearing.registry(), hearing.registrar()].into_iter().flatten() {
        facts.push(("", String::new()));
        facts.push(("source", format!("{}, {}", answer.source.phrase(), answer.server)));
        facts.extend(fields(answer, read));
    }
    let evidence = Evidence {
        hearing,
        expected: incident.expectation().map(|expectation| &expectation.ns),
        parked: &incident.references().parked_ns,
        parking: &incident.references().parking,
    };
    let remarks = remarks(&evidence, now);
    if !remarks.is_empty() {
        facts.push(("", String::new()));
        facts.extend(remarks.into_iter().map(|remark| ("note", remark)));
    }
    if watch.changes.len() > 1 {
        facts.push(("", String::new()));
        facts.extend(watch.changes.iter().map(|(at, said)| ("since", format!("{} UTC: {said}", at.clock()))));
    }
    facts
}

/// Who sells and administers the registration.
#[must_use]
pub fn registrar_fields(known: &crate::registration::Registrar) -> Vec<Fact> {
    let name = known.name.clone().unwrap_or_else(|| "not told".to_owned());
    let id = known.iana_id.as_ref().map(|id| format!(" (IANA id {id})")).unwrap_or_default();
    let mut fields = vec![("registrar", format!("{name}{id}"))];
    let ways = [("abuse contact", &known.abuse.email), ("abuse phone", &known.abuse.phone), ("pages", &known.url)];
    fields.extend(ways.into_iter().filter_map(|(label, way)| way.clone().map(|way| (label, way))));
    fields
}

/// What one answer says of the registration, field by field.
#[must_use]
pub fn fields(answer: &Answer, read: &Registration) -> Vec<Fact> {
    let mut fields = vec![("domain", answer.domain.without_dot())];
    fields.extend(read.handle.iter().map(|handle| ("handle", handle.clone())));
    if read.statuses.is_empty() {
        fields.push(("status", "not told".to_owned()));
    }
    for status in &read.statuses {
        let meaning = status.meaning().map(|meaning| format!(": {meaning}")).unwrap_or_default();
        fields.push(("status", format!("{status}{meaning}")));
    }
    let dates = &read.dates;
    fields.push(("expires", dates.expires.as_ref().map_or_else(|| "not told".to_owned(), date)));
    for (label, moment) in [
        ("registrar's expiry", &dates.registrar_expires),
        ("last changed", &dates.changed),
        ("registered", &dates.registered),
        ("transferred", &dates.transferred),
        ("as of", &dates.database),
    ] {
        fields.extend(moment.as_ref().map(|moment| (label, date(moment))));
    }
    let servers = match &read.name_servers {
        None => "not told".to_owned(),
        Some(set) if set.is_empty() => "none".to_owned(),
        Some(set) => set.to_string(),
    };
    fields.push(("name servers", servers));
    match (read.signed, read.ds.as_slice()) {
        (None, []) => fields.push(("DS", "not told".to_owned())),
        (Some(false), []) => fields.push(("DS", "none".to_owned())),
        (Some(true), []) => fields.push(("DS", "there is one; it is not told".to_owned())),
        (_, records) => fields.extend(records.iter().map(|ds| ("DS", ds.to_string()))),
    }
    fields
}

/// A date in full, or as written where its form is not known.
fn date(moment: &Moment) -> String {
    moment.at.map_or_else(|| moment.to_string(), |at| at.to_string())
}

/// Whether an answer came that cannot be read, so that only its text can tell.
#[must_use]
pub fn is_only_text(answer: &Answer) -> bool {
    matches!(answer.outcome, Outcome::Unreadable { .. }) && !answer.raw.is_empty()
}
