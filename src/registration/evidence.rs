//! What of a registration explains an outage, by strength of evidence: statuses that take the name out of the DNS, name
//! servers, the registrar's own date, the day of the last change. An expiry date ahead and `auto renew period` prove nothing.

use std::time::Duration;

use crate::catalog::{ParkingCatalog, ParkingReason};
use crate::dns::NsSet;
use crate::time::{Timestamp, in_words};

use super::cause::{Cause, Finding};
use super::date::Moment;
use super::fields::Registration;
use super::hearing::{Answer, Hearing};
use super::status::Status;

const DAY: Duration = Duration::from_secs(86_400);
/// How long a deleted name can usually be restored (RFC 3915 §3; ICANN ERRP).
const REDEMPTION: Duration = Duration::from_secs(30 * 86_400);
/// How long a name usually stays in pending delete.
const PENDING_DELETE: Duration = Duration::from_secs(5 * 86_400);
/// A change within this span after the anniversary is what registrars do to unpaid domains.
const AFTER_ANNIVERSARY: Duration = Duration::from_secs(10 * 86_400);
/// A change within this span is the registry's own renewal, which happens to every domain.
const OWN_RENEWAL: Duration = Duration::from_secs(36 * 3_600);
/// A change longer ago than the grace period explains nothing now.
const GRACE: Duration = Duration::from_secs(60 * 86_400);
/// Days before expiry at which it is worth a word.
const SOON: Duration = Duration::from_secs(30 * 86_400);
/// Most names of servers in a sentence.
const MOST_NAMES: usize = 6;

/// Everything a registration is held against.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'a> {
    /// What was heard.
    pub hearing: &'a Hearing,
    /// The correct name servers of the zone, if anybody said so.
    pub expected: Option<&'a NsSet>,
    /// NS sets marked as parked by the operator.
    pub parked: &'a [NsSet],
    /// Known parking services.
    pub parking: &'a ParkingCatalog,
}

/// What the registry's name servers are.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Side {
    /// The expected ones.
    Expected,
    /// Parked, held or strange.
    Wrong(Cause, String),
    /// Nobody can tell.
    Unknown,
}

/// What was found, the strongest evidence first. Nothing is found in a registration of which nothing was heard, unless the
/// registry said that there is none.
#[must_use]
pub fn causes(evidence: &Evidence<'_>, now: Timestamp) -> Vec<Finding> {
    let hearing = evidence.hearing;
    let Some((answer, registry)) = hearing.registry() else {
        if !hearing.not_registered() {
            return Vec::new();
        }
        let asked = hearing.answers.iter().rfind(|a| a.outcome == super::Outcome::NotFound);
        let said = asked.map(|a| format!("{} has no {}", a.server, a.domain.without_dot()));
        return vec![Finding {
            cause: Cause::NotRegistered,
            detail: asked.map_or_else(|| hearing.zone.without_dot(), |a| a.domain.without_dot()),
            evidence: said.into_iter().collect(),
        }];
    };
    let mut found = Findings { source: answer.source.phrase(), found: Vec::new() };
    if let Some(gone) = deleted(registry) {
        // Whatever else such an answer says follows from the deletion.
        found.add(gone.0, gone.1, gone.2);
        return found.sorted();
    }
    let side = side(evidence, answer, registry);
    holds(&mut found, registry);
    name_servers(&mut found, registry, &side);
    expiry(&mut found, evidence, registry, now);
    if let Some(after) = after_anniversary(registry, now) {
        let alone = side == Side::Unknown && after >= OWN_RENEWAL;
        if alone || matches!(side, Side::Wrong(..)) {
            let dates = &registry.dates;
            let facts = [fact("last changed", dates.changed.as_ref()), fact("expiration", dates.expires.as_ref())];
            found.add(Cause::ChangedAfterAnniversary, in_words(after), facts.into_iter().flatten().collect());
        }
    }
    for status in [Status::PendingTransfer, Status::PendingUpdate, Status::PendingRenew] {
        if registry.has(&status) {
            found.add(Cause::OperationPending, status.to_string(), vec![status_fact(&status)]);
        }
    }
    found.sorted()
}

/// Findings in the making; every fact without another source is the registry's.
struct Findings {
    source: &'static str,
    found: Vec<Finding>,
}

impl Findings {
    fn add(&mut self, cause: Cause, detail: String, facts: Vec<String>) {
        let evidence = facts.into_iter().map(|fact| format!("{}: {fact}", self.source)).collect();
        self.found.push(Finding { cause, detail, evidence });
    }

    fn has(&self, causes: &[Cause]) -> bool {
        self.found.iter().any(|finding| causes.contains(&finding.cause))
    }

    fn sorted(mut self) -> Vec<Finding> {
        self.found.sort_by_key(|finding| finding.cause);
        self.found
    }
}

fn status_fact(status: &Status) -> String {
    format!("status \"{status}\"")
}

fn fact(what: &str, moment: Option<&Moment>) -> Option<String> {
    moment.map(|moment| match moment.at {
        Some(at) => format!("{what} {at}"),
        None => format!("{what} {moment}"),
    })
}

/// The deletion of a registration, with what it rests on.
fn deleted(registry: &Registration) -> Option<(Cause, String, Vec<String>)> {
    let (cause, status, span) = match () {
        () if registry.has(&Status::PendingRestore) => (Cause::PendingRestore, Status::PendingRestore, None),
        () if registry.has(&Status::RedemptionPeriod) => {
            (Cause::Redemption, Status::RedemptionPeriod, Some(REDEMPTION))
        }
        () if registry.has(&Status::PendingDelete) => {
            (Cause::PendingDelete, Status::PendingDelete, Some(PENDING_DELETE))
        }
        () => return None,
    };
    let changed = registry.dates.changed.as_ref();
    // The status began with the last change or earlier, so this is the latest end, where the usual periods hold.
    let until = changed.and_then(|moment| moment.at).zip(span).map(|(at, span)| at + span);
    let day = until.map(|until| until.to_string().get(..10).unwrap_or_default().to_owned());
    let detail = match (&day, cause) {
        (Some(day), Cause::Redemption) => {
            format!(" until about {day} (30 days after the last change, the usual period)")
        }
        (Some(day), _) => format!(", about {day} (5 days after the last change, the usual period)"),
        (None, _) => String::new(),
    };
    let facts = [Some(status_fact(&status)), fact("last changed", changed)];
    Some((cause, detail, facts.into_iter().flatten().collect()))
}

fn side(evidence: &Evidence<'_>, answer: &Answer, registry: &Registration) -> Side {
    let servers = match &registry.name_servers {
        _ if registry.has(&Status::Inactive) => return Side::Wrong(Cause::NoNameServers, String::new()),
        Some(servers) if servers.is_empty() => return Side::Wrong(Cause::NoNameServers, String::new()),
        Some(servers) => servers,
        None => return Side::Unknown,
    };
    // The expectation is the zone's: it says nothing about a registration above it.
    let expected = evidence.expected.filter(|_| answer.domain == evidence.hearing.zone);
    if expected == Some(servers) {
        return Side::Expected;
    }
    if evidence.parked.iter().any(|set| set.overlaps(servers)) {
        return Side::Wrong(Cause::Parked, format!("{} (marked as parked)", names(servers)));
    }
    if let Some(known) = evidence.parking.match_ns_set(servers) {
        let cause = match known.what {
            ParkingReason::VerificationHold => Cause::VerificationHold,
            ParkingReason::Suspended | ParkingReason::Sinkhole => Cause::Suspended,
            ParkingReason::ExpiryHold | ParkingReason::Parking | ParkingReason::ForSale => Cause::Parked,
        };
        return Side::Wrong(cause, format!("{} ({}, {})", names(servers), known.operator, known.what));
    }
    match expected {
        Some(expected) => {
            let difference = servers.against(expected);
            let list = |names: &[crate::dns::Name]| self::names(&names.iter().cloned().collect());
            let detail = match (difference.missing.is_empty(), difference.unwanted.is_empty()) {
                (false, false) if !servers.overlaps(expected) => {
                    format!("{} instead of {}", names(servers), names(expected))
                }
                (_, true) => format!("{} is missing", list(&difference.missing)),
                (true, _) => format!("{} is too many", list(&difference.unwanted)),
                _ => format!("{} instead of {}", list(&difference.unwanted), list(&difference.missing)),
            };
            Side::Wrong(Cause::NotExpected, detail)
        }
        None => Side::Unknown,
    }
}

fn names(servers: &NsSet) -> String {
    let shown: Vec<String> = servers.iter().take(MOST_NAMES).map(crate::dns::Name::without_dot).collect();
    let more = servers.len().saturating_sub(MOST_NAMES);
    if more > 0 { format!("{} and {more} more", shown.join(", ")) } else { shown.join(", ") }
}

fn holds(found: &mut Findings, registry: &Registration) {
    for (status, cause) in [(Status::ServerHold, Cause::ServerHold), (Status::ClientHold, Cause::ClientHold)] {
        if !registry.has(&status) {
            continue;
        }
        let changed = registry.dates.changed.as_ref().and_then(|moment| moment.at);
        // Only the last change is known, so no more is said than that the hold is no younger.
        let detail = changed.map(|at| format!("; the last change was at {at}")).unwrap_or_default();
        found.add(cause, detail, vec![status_fact(&status)]);
    }
}

fn name_servers(found: &mut Findings, registry: &Registration, side: &Side) {
    let Side::Wrong(cause, detail) = side else { return };
    let mut facts: Vec<String> = match &registry.name_servers {
        Some(servers) if !servers.is_empty() => vec![format!("name servers {}", names(servers))],
        _ => vec!["no name servers".to_owned()],
    };
    facts.extend(registry.has(&Status::Inactive).then(|| status_fact(&Status::Inactive)));
    found.add(*cause, detail.clone(), facts);
    if *cause != Cause::NoNameServers && (registry.signed == Some(true) || !registry.ds.is_empty()) {
        let told: Vec<String> =
            registry.ds.iter().take(MOST_NAMES).map(|ds| format!("key tag {}", ds.key_tag)).collect();
        let detail = if told.is_empty() { "the delegation is signed".to_owned() } else { told.join(", ") };
        let facts = registry.ds.iter().take(MOST_NAMES).map(|ds| format!("DS {ds}")).collect();
        found.add(Cause::DsLeft, detail, facts);
    }
    let locks: Vec<&Status> = [Status::ClientUpdateProhibited, Status::ServerUpdateProhibited, Status::Locked]
        .iter()
        .filter_map(|lock| registry.statuses.iter().find(|status| *status == lock))
        .collect();
    if !locks.is_empty() {
        let words: Vec<&str> = locks.iter().map(|lock| lock.word()).collect();
        found.add(Cause::UpdateLock, words.join(", "), locks.into_iter().map(status_fact).collect());
    }
}

fn expiry(found: &mut Findings, evidence: &Evidence<'_>, registry: &Registration, now: Timestamp) {
    let registrar = evidence.hearing.registrar();
    let passed = |moment: &&Moment| moment.at.is_some_and(|at| at <= now);
    let registry_date = registry.dates.expires.as_ref();
    if let Some(moment) = registry_date.filter(passed) {
        let facts = fact("expiration", Some(moment)).into_iter().collect();
        found.add(Cause::Expired, moment.to_string(), facts);
    }
    let own = registry.dates.registrar_expires.as_ref();
    let told = registrar.map(|(_, told)| &told.dates);
    // The registrar's own answer goes first; its plain expiration often repeats the registry's date, so a date that has
    // passed is what counts.
    let dates = [
        (told.and_then(|d| d.registrar_expires.as_ref()), "registrar expiration", true),
        (own, "registrar expiration", false),
        (told.and_then(|d| d.expires.as_ref()), "expiration", true),
    ];
    let renewed = registry.has(&Status::RenewPeriod);
    let late =
        dates.into_iter().find_map(|(date, what, by_registrar)| Some((date.filter(passed)?, what, by_registrar)));
    if let Some((moment, what, by_registrar)) = late.filter(|_| !renewed && !found.has(&[Cause::Expired])) {
        let ahead = registry_date.and_then(|date| date.at);
        let detail = match ahead {
            Some(_) => format!(
                "{moment}, although the registry shows {}",
                registry_date.map(Moment::to_string).unwrap_or_default()
            ),
            None => moment.to_string(),
        };
        let source = found.source;
        if by_registrar {
            found.source = "the registrar (RDAP)";
        }
        found.add(Cause::RegistrarExpired, detail, fact(what, Some(moment)).into_iter().collect());
        found.source = source;
        let last = found.found.last_mut();
        let registry_fact = fact("expiration", registry_date).map(|fact| format!("{source}: {fact}"));
        if let Some(finding) = last {
            finding.evidence.extend(registry_fact);
        }
    }
    let expired = found.has(&[Cause::Expired, Cause::RegistrarExpired]);
    let ends = dates.iter().filter_map(|(date, ..)| *date).chain(registry_date);
    let next = ends.filter(|date| date.at.is_some_and(|at| at > now)).min_by_key(|date| date.at);
    let soon = next.and_then(|date| Some((date, date.at?.until(now)))).filter(|(_, left)| !expired && *left <= SOON);
    if let Some((moment, left)) = soon {
        let days = left.as_secs() / DAY.as_secs();
        let facts = fact("expiration", Some(moment)).into_iter().collect();
        found.add(Cause::ExpiresSoon, format!("{moment} ({days} days from now)"), facts);
    }
    let blocked =
        [Status::ClientRenewProhibited, Status::ServerRenewProhibited].into_iter().filter(|s| registry.has(s));
    let blocked: Vec<Status> = blocked.collect();
    if !blocked.is_empty() && (expired || soon.is_some()) {
        let words: Vec<&str> = blocked.iter().map(Status::word).collect();
        found.add(Cause::RenewBlocked, words.join(", "), blocked.iter().map(status_fact).collect());
    }
}

/// How long after the anniversary of the expiry date the registration was last changed, if that was within the days in which
/// registrars touch unpaid domains, and not so long ago that it explains nothing now.
fn after_anniversary(registry: &Registration, now: Timestamp) -> Option<Duration> {
    let expires = registry.dates.expires.as_ref()?.at?;
    let changed = registry.dates.changed.as_ref()?.at?;
    let registered = registry.dates.registered.as_ref().and_then(|moment| moment.at);
    // In the first year there is no anniversary to pass.
    if registered.is_some_and(|at| changed.since(at) < DAY * 300) || changed > now || now.since(changed) > GRACE {
        return None;
    }
    let anniversary = in_year(expires, year(changed)?).filter(|at| *at <= changed);
    let anniversary = anniversary.or_else(|| in_year(expires, year(changed)?.checked_sub(1)?))?;
    // A date that has not moved since is no anniversary but the expiry itself.
    let after = changed.since(anniversary);
    (anniversary < expires && after <= AFTER_ANNIVERSARY).then_some(after)
}

fn year(at: Timestamp) -> Option<u16> {
    at.to_string().get(..4)?.parse().ok()
}

/// The same day and time in another year; 29 February becomes 28 February where there is none.
fn in_year(at: Timestamp, year: u16) -> Option<Timestamp> {
    let text = at.to_string();
    let rest = text.get(4..)?;
    let moved = format!("{year:04}{rest}").parse();
    moved.or_else(|_| format!("{year:04}{}", rest.replace("-02-29", "-02-28")).parse()).ok()
}

#[cfg(test)]
mod tests;
