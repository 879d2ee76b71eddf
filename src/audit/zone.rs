//! One zone: what its registration and its delegation say, held against what is expected. One function for one subject.

use std::collections::BTreeSet;
use std::time::Duration;

use super::code::{Code, Issue};
use super::facts::{DnsFacts, ParentWord, ServerWord};
use super::provider::{block_of, domains, providers};
use crate::catalog::{ParkingCatalog, ParkingReason};
use crate::dns::{Name, NsSet};
use crate::finding::Severity;
use crate::judge::SignerMatch;
use crate::observation::address_text;
use crate::registration::{Cause, Evidence, Hearing, Moment, Outcome, Source, Status, causes};
use crate::time::Timestamp;

const DAY: u64 = 86_400;
/// Most items in one sentence.
const MOST_SHOWN: usize = 4;

/// What a zone is held against.
#[derive(Debug, Clone, Copy)]
pub struct Measure<'a> {
    /// The zone.
    pub zone: &'a Name,
    /// Its registered domain; none for what a registry runs itself.
    pub domain: Option<&'a Name>,
    /// Its correct name servers.
    pub expect: Option<&'a NsSet>,
    /// Known parking services.
    pub parking: &'a ParkingCatalog,
    /// Sets marked as parked.
    pub parked: &'a [NsSet],
    /// Time left at which an expiry date is worth a warning.
    pub warn: Duration,
    /// The present.
    pub now: Timestamp,
}

/// What was found, and what could not be learned.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    pub issues: Vec<Issue>,
    /// In words, safe to show.
    pub unknown: Vec<String>,
    /// What was not heard without leaving the zone in doubt.
    pub notes: Vec<String>,
}

impl Found {
    fn add(&mut self, code: Code, count: usize, detail: &str, evidence: Vec<String>) {
        self.issues.push(Issue::new(code, count, detail, evidence));
    }
}

/// Every date on which a registration ends, as registry and registrar tell.
pub fn ends(hearing: &Hearing) -> Vec<&Moment> {
    let registry = hearing.registry().map(|(_, read)| &read.dates);
    let registrar = hearing.registrar().map(|(_, read)| &read.dates);
    let dates = [registry, registrar].into_iter().flatten();
    dates.flat_map(|dates| [&dates.expires, &dates.registrar_expires]).flatten().collect()
}

/// The earliest of them; the registrar's later date does not help where the registry's has passed, nor the other way round.
pub fn next_end(hearing: &Hearing) -> Option<&Moment> {
    ends(hearing).into_iter().filter(|moment| moment.at.is_some()).min_by_key(|moment| moment.at)
}

/// Whole days until `at`, negative when it has passed.
pub fn days_left(at: Timestamp, now: Timestamp) -> i64 {
    let micros = at.as_micros().saturating_sub(now.as_micros());
    micros.div_euclid(1_000_000 * i64::try_from(DAY).unwrap_or(i64::MAX))
}

/// What the registration says. `dns_heard` says that the delegation was heard from the parent's servers: what they say is then
/// not repeated from the registry's data.
pub fn registration(found: &mut Found, hearing: &Hearing, measure: &Measure<'_>, dns: Option<&DnsFacts>) {
    let evidence = Evidence {
        hearing,
        // The expectation is the zone's; it says nothing about a registration above it.
        expected: measure.expect.filter(|_| measure.domain == Some(measure.zone)),
        parked: measure.parked,
        parking: measure.parking,
    };
    let told = causes(&evidence, measure.now);
    let dns_heard = dns.is_some_and(DnsFacts::is_learned);
    let registry_agrees = hearing.registry().and_then(|(_, read)| read.name_servers.as_ref());
    let same_as_parent = dns.and_then(DnsFacts::delegation).is_some_and(|set| Some(set) == registry_agrees);
    for finding in &told {
        // The date is measured by the audit's own number of days.
        let own = finding.cause == Cause::ExpiresSoon;
        let said_by_dns = matches!(finding.cause, Cause::Parked | Cause::NotExpected | Cause::NoNameServers)
            && dns_heard
            && same_as_parent;
        if !own && !said_by_dns {
            found.issues.push(Issue::of_registration(finding));
        }
    }
    let Some((answer, registry)) = hearing.registry() else {
        if !hearing.not_registered() {
            let last = hearing.answers.iter().rfind(|answer| answer.source != Source::RegistrarRdap);
            let why = last.map(|answer| format!("{} {}", answer.server, answer.outcome.phrase()));
            found
                .unknown
                .push(format!("the registration: {}", why.unwrap_or_else(|| "there was nobody to ask".to_owned())));
        }
        return;
    };
    for answer in hearing.answers.iter().filter(|answer| answer.source == Source::RegistrarRdap) {
        if !matches!(answer.outcome, Outcome::Found(_) | Outcome::NotFound) {
            // The registry's word stands; that the registrar was not heard takes nothing from it but its own date.
            found.notes.push(format!("{} (the registrar's own answer) {}", answer.server, answer.outcome.phrase()));
        }
    }
    expiry(found, hearing, measure, &told.iter().map(|f| f.cause).collect::<Vec<_>>());
    let locked = [Status::ClientTransferProhibited, Status::ServerTransferProhibited, Status::Locked];
    if answer.source == Source::RegistryRdap && !registry.statuses.is_empty() && !locked.iter().any(|s| registry.has(s))
    {
        let words: Vec<&str> = registry.statuses.iter().take(MOST_SHOWN).map(Status::word).collect();
        found.add(Code::NoTransferLock, 1, &words.join(", "), Vec::new());
    }
}

fn expiry(found: &mut Found, hearing: &Hearing, measure: &Measure<'_>, told: &[Cause]) {
    let over =
        [Cause::Expired, Cause::RegistrarExpired, Cause::Redemption, Cause::PendingDelete, Cause::PendingRestore];
    if told.iter().any(|cause| over.contains(cause)) {
        return;
    }
    let Some(end) = next_end(hearing) else {
        let written = ends(hearing).first().map(|moment| format!(" that can be read ({moment})"));
        found.add(Code::ExpiryUnknown, 1, &written.unwrap_or_default(), Vec::new());
        return;
    };
    // A date that has passed without a finding is one that a renewal has overtaken: the next one counts.
    let ahead = ends(hearing).into_iter().filter(|moment| moment.at.is_some_and(|at| at > measure.now));
    let end = ahead.min_by_key(|moment| moment.at).unwrap_or(end);
    let Some(at) = end.at else { return };
    if at.until(measure.now) <= measure.warn {
        let days = days_left(at, measure.now);
        let left = if days == 1 { "1 day".to_owned() } else { format!("{days} days") };
        found.add(Code::ExpiryNear, 1, &format!("{end} ({left} from now)"), Vec::new());
    }
}

/// What the parent's servers and the zone's own servers say.
pub fn delegation(found: &mut Found, facts: &DnsFacts, measure: &Measure<'_>) {
    if !facts.is_learned() {
        found.unknown.push(format!("the delegation: {}", why_not_learned(facts)));
        return;
    }
    let denied = facts.parents.iter().any(|p| p.said == ParentWord::Denies);
    let Some(set) = facts.delegation() else {
        if facts.parents.iter().any(|p| matches!(p.said, ParentWord::Delegates(_))) {
            disagree(found, facts);
        } else if denied {
            let parent = facts.parent.as_ref().map(|parent| format!(" ({parent})")).unwrap_or_default();
            found.add(Code::DelegationDenied, 1, &parent, said_by(facts));
        }
        return;
    };
    if denied {
        disagree(found, facts);
    }
    let wrong = against_expectation(found, facts, set, measure);
    // What strangers' servers do is not the zone's fault.
    if wrong {
        return;
    }
    authority(found, facts, set);
    dnssec(found, facts);
    single_points(found, facts, set, measure);
}

fn why_not_learned(facts: &DnsFacts) -> String {
    if let Some(failure) = &facts.failure {
        return failure.clone();
    }
    let said = facts.parents.iter().find_map(|parent| match &parent.said {
        ParentWord::Fails(how) => Some(format!("{} answered {how}", address_text(parent.address))),
        ParentWord::NotSent(why) => Some(format!("nothing could be sent: {why}")),
        _ => None,
    });
    said.unwrap_or_else(|| "no server of the parent zone answered".to_owned())
}

fn said_by(facts: &DnsFacts) -> Vec<String> {
    let parents = facts.parents.iter().map(|parent| {
        let said = match &parent.said {
            ParentWord::Delegates(set) => format!("delegates to {}", names(set)),
            ParentWord::Denies => "no such domain".to_owned(),
            ParentWord::Fails(how) => how.clone(),
            ParentWord::Silent => "no answer".to_owned(),
            ParentWord::NotSent(why) => format!("not asked: {why}"),
        };
        format!("parent server {}: {said}", address_text(parent.address))
    });
    parents.collect()
}

fn disagree(found: &mut Found, facts: &DnsFacts) {
    let mut kinds: Vec<String> = Vec::new();
    for parent in &facts.parents {
        let said = match &parent.said {
            ParentWord::Delegates(set) => names(set),
            ParentWord::Denies => "no such domain".to_owned(),
            _ => continue,
        };
        if !kinds.contains(&said) {
            kinds.push(said);
        }
    }
    found.add(Code::ParentServersDisagree, kinds.len(), &kinds.join(" against "), said_by(facts));
}

/// Whether the delegation is wrong, so that nothing more is to be said of its servers.
fn against_expectation(found: &mut Found, facts: &DnsFacts, set: &NsSet, measure: &Measure<'_>) -> bool {
    if measure.expect == Some(set) {
        return false;
    }
    if measure.parked.iter().any(|parked| parked.overlaps(set)) {
        found.add(Code::DelegationParked, 1, &format!("{} (marked as parked)", names(set)), said_by(facts));
        return true;
    }
    if let Some(known) = measure.parking.match_ns_set(set) {
        let detail = format!("{} ({}, {})", names(set), known.operator, known.what);
        let code = match known.what {
            ParkingReason::Suspended | ParkingReason::Sinkhole => Code::DelegationNotExpected,
            _ => Code::DelegationParked,
        };
        found.add(code, 1, &detail, said_by(facts));
        return true;
    }
    let Some(expect) = measure.expect else { return false };
    let difference = set.against(expect);
    let list = |names: &[Name]| self::names(&names.iter().cloned().collect());
    if difference.unwanted.is_empty() {
        found.add(Code::DelegationIncomplete, difference.missing.len(), &list(&difference.missing), said_by(facts));
        return false;
    }
    let detail = match (set.overlaps(expect), difference.missing.is_empty()) {
        (false, _) => format!("{} instead of {}", names(set), names(expect)),
        (true, true) => format!("{} is too many", list(&difference.unwanted)),
        (true, false) => format!("{} instead of {}", list(&difference.unwanted), list(&difference.missing)),
    };
    found.add(Code::DelegationNotExpected, 1, &detail, said_by(facts));
    !set.overlaps(expect)
}

fn authority(found: &mut Found, facts: &DnsFacts, set: &NsSet) {
    let mut own: Vec<&NsSet> = Vec::new();
    let mut failing: Vec<String> = Vec::new();
    let mut heard = 0_usize;
    for server in &facts.servers {
        let how = match &server.said {
            ServerWord::Authority(apex) => {
                heard += 1;
                own.push(apex);
                continue;
            }
            ServerWord::NoAuthority(how) => how.as_str(),
            ServerWord::Silent => "no answer",
            // Our side.
            ServerWord::NotSent(_) => continue,
        };
        failing.push(format!("{} ({}: {how})", server.name.without_dot(), address_text(server.address)));
    }
    if heard == 0 && failing.is_empty() && facts.without_address.is_empty() {
        found.unknown.push("the name servers: none could be asked".to_owned());
        return;
    }
    let without: Vec<String> =
        facts.without_address.iter().map(|(name, why)| format!("{} ({why})", name.without_dot())).collect();
    if heard == 0 {
        let all: Vec<String> = failing.into_iter().chain(without).collect();
        found.add(Code::NoServerAnswers, all.len(), &shorten(&all), Vec::new());
        return;
    }
    if !failing.is_empty() {
        found.add(Code::ServerNotAnswering, failing.len(), &shorten(&failing), Vec::new());
    }
    if !without.is_empty() {
        found.add(Code::ServerWithoutAddress, without.len(), &shorten(&without), Vec::new());
    }
    if let Some(other) = own.into_iter().find(|apex| *apex != set) {
        let detail = if other.is_empty() {
            "the zone has none".to_owned()
        } else {
            let difference = other.against(set);
            let list = |names: &[Name]| self::names(&names.iter().cloned().collect());
            match (difference.missing.is_empty(), difference.unwanted.is_empty()) {
                (false, true) => format!("only the parent has {}", list(&difference.missing)),
                (true, _) => format!("only the zone has {}", list(&difference.unwanted)),
                _ => format!(
                    "only the parent has {}, only the zone has {}",
                    list(&difference.missing),
                    list(&difference.unwanted)
                ),
            }
        };
        found.add(Code::ParentChildDiffer, 1, &detail, Vec::new());
    }
}

fn dnssec(found: &mut Found, facts: &DnsFacts) {
    let Some(signers) = facts.signers.as_ref() else {
        found.unknown.push("DNSSEC: the parent's DS records".to_owned());
        return;
    };
    if signers.is_empty() {
        return;
    }
    let heard = facts.servers.iter().any(|server| matches!(server.said, ServerWord::Authority(_)));
    match &facts.keys {
        Some(keys) if !is_broken(facts.chain, signers, keys) => {}
        Some(keys) => {
            let list = |of: &[(u16, u8)]| {
                let list: Vec<String> =
                    of.iter().map(|(tag, algorithm)| format!("{tag} (algorithm {algorithm})")).collect();
                if list.is_empty() { "none".to_owned() } else { shorten(&list) }
            };
            let but = match facts.chain {
                Some(SignerMatch::DigestDiffers) => " (the tag of a key that is served, but not its digest)",
                _ => "",
            };
            let detail = format!("DS {}{but}; keys {}", list(signers), list(keys));
            found.add(Code::DsWithoutKey, 1, &detail, Vec::new());
        }
        None if heard => found.unknown.push("DNSSEC: the zone's keys".to_owned()),
        None => {}
    }
}

/// Whether no DS names a key. Where only tags and algorithms are known (a state saved by an earlier version), by those.
fn is_broken(chain: Option<SignerMatch>, signers: &[(u16, u8)], keys: &[(u16, u8)]) -> bool {
    chain.map_or_else(|| !keys.iter().any(|key| signers.contains(key)), SignerMatch::is_broken)
}

fn single_points(found: &mut Found, facts: &DnsFacts, set: &NsSet, measure: &Measure<'_>) {
    if set.len() == 1 {
        found.add(Code::OneServer, 1, &names(set), Vec::new());
    }
    let addresses: BTreeSet<_> = facts.servers.iter().map(|server| server.address.ip()).collect();
    let of = |ipv6: bool| -> BTreeSet<String> {
        addresses.iter().filter(|ip| ip.is_ipv6() == ipv6).map(|ip| block_of(*ip)).collect()
    };
    let (ipv4, ipv6) = (of(false), of(true));
    // A server of which no address was asked may be anywhere.
    let every = set.iter().all(|name| facts.servers.iter().any(|server| server.name == *name));
    if set.len() > 1 && every && ipv4.len() <= 1 && ipv6.len() <= 1 {
        let blocks: Vec<String> = ipv4.into_iter().chain(ipv6).collect();
        found.add(Code::OneAddressBlock, 1, &blocks.join(", "), Vec::new());
    }
    let Some(domains) = domains(set).filter(|_| set.len() > 1) else { return };
    match domains.iter().next() {
        // Name servers below the zone itself hang on nothing else.
        Some(one) if domains.len() == 1 && Some(one) != measure.domain => {
            found.add(Code::OneDomain, 1, &one.without_dot(), Vec::new());
        }
        Some(_) if domains.len() > 1 => {
            let providers = providers(set);
            if let Some(one) = providers.iter().next().filter(|_| providers.len() == 1) {
                found.add(Code::OneProvider, 1, &format!("{one} (judged by their names)"), Vec::new());
            }
        }
        _ => {}
    }
}

/// Whether anything in it stops users, or soon will.
pub fn is_trouble(issue: &Issue) -> bool {
    issue.severity <= Severity::Warning
}

pub fn names(set: &NsSet) -> String {
    let list: Vec<String> = set.iter().map(Name::without_dot).collect();
    if list.is_empty() { "nothing".to_owned() } else { shorten(&list) }
}

/// The first few, and how many more there are.
pub fn shorten(list: &[String]) -> String {
    let shown: Vec<&str> = list.iter().take(MOST_SHOWN).map(String::as_str).collect();
    match list.len().saturating_sub(MOST_SHOWN) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

#[cfg(test)]
mod tests;
