//! The whole: every zone with what was found, in the order of risk, and what only shows across zones.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::time::Duration;

use super::across::{RegistrarShare, spread};
use super::code::{Code, Issue, Topic};
use super::dependency::{Dependency, Known, dependencies, of_zone};
use super::facts::{Facts, ServerWord};
use super::isolation::{Comparison, Readiness, compare};
use super::origin::registrable;
use super::portfolio::{Duplicate, Entry, Fault, Portfolio};
use super::zone::{self, Found, Measure};
use crate::catalog::ParkingCatalog;
use crate::dns::{Name, NsSet};
use crate::finding::Severity;
use crate::registration::{Cause, Moment, Registrar, Status, registrar};
use crate::time::Timestamp;

/// How a zone stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Risk {
    /// Users cannot reach it.
    Critical,
    /// Some cannot, or soon will not.
    Warning,
    /// Something could not be learned, and nothing worse was found.
    Unknown,
    /// Nothing but remarks.
    Notice,
    /// Everything was learned, and nothing was found.
    Fine,
}

impl Risk {
    /// Every one, the worst first.
    pub const ALL: [Self; 5] = [Self::Critical, Self::Warning, Self::Unknown, Self::Notice, Self::Fine];

    /// As in JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::Warning => "warning",
            Self::Unknown => "unknown",
            Self::Notice => "notice",
            Self::Fine => "fine",
        }
    }
}

/// What is asked for and measured by.
#[derive(Debug, Clone)]
pub struct Choice {
    /// Whether the DNS was asked.
    pub dns: bool,
    /// Whether registries were asked.
    pub registration: bool,
    /// Time left at which an expiry date is worth a warning.
    pub warn: Duration,
    /// NS sets known to be parked.
    pub parked: Vec<NsSet>,
}

/// Whose word an expectation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// The list says what is correct.
    List,
    /// The settings file does.
    Settings,
    /// A baseline does, saved while the zone was healthy.
    Baseline,
}

/// One zone of the list.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// What the list says of it.
    pub entry: Entry,
    /// Its registered domain.
    pub domain: Option<Name>,
    /// What its name servers were held against, and whose word that is.
    pub expected: Option<(NsSet, Held)>,
    /// How it stands.
    pub risk: Risk,
    /// Its registrar; empty where not known.
    pub registrar: Registrar,
    /// When its registration ends, as the registry has it.
    pub expires: Option<Moment>,
    /// The same, as the registrar has it.
    pub registrar_expires: Option<Moment>,
    /// The date that counts: the earliest of registry's and registrar's that lies ahead; where the registrar's own has passed without
    /// a renewal, or none lies ahead, the one that has passed.
    pub end: Option<Timestamp>,
    /// Whole days until then, negative when it has passed.
    pub days_left: Option<i64>,
    /// The registration's statuses.
    pub statuses: Vec<Status>,
    /// Whether a lock protects it against transfer; none where the statuses are not known.
    pub locked: Option<bool>,
    /// The zone that delegates it.
    pub parent: Option<Name>,
    /// The delegation at the parent; none where not known, not there, or not the same everywhere.
    pub delegation: Option<NsSet>,
    /// How many addresses of its name servers answer with authority, and of how many.
    pub answering: (usize, usize),
    /// Whether the parent has DS records for it.
    pub signed: Option<bool>,
    /// When the older of registration and DNS was heard.
    pub heard: Option<Timestamp>,
    /// What was found, the worst first.
    pub issues: Vec<Issue>,
    /// What could not be learned, in words.
    pub unknown: Vec<String>,
    /// What else a reader should know.
    pub notes: Vec<String>,
}

/// How many zones stand how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// In all.
    pub zones: usize,
    /// [`Risk::Critical`].
    pub critical: usize,
    /// [`Risk::Warning`].
    pub warning: usize,
    /// [`Risk::Unknown`].
    pub unknown: usize,
    /// [`Risk::Notice`].
    pub notice: usize,
    /// [`Risk::Fine`].
    pub fine: usize,
}

/// An audit.
#[derive(Debug, Clone, PartialEq)]
pub struct Audit {
    /// When it was made.
    pub now: Timestamp,
    /// Time left at which an expiry date is worth a warning.
    pub warn: Duration,
    /// Which sides were asked: DNS, registration.
    pub asked: (bool, bool),
    /// The zones in the order of risk, then of days left.
    pub rows: Vec<Row>,
    /// Domains that zones hang on, the soonest end first.
    pub dependencies: Vec<Dependency>,
    /// Registrars, the most registrations first.
    pub registrars: Vec<RegistrarShare>,
    /// Status pages held against their products.
    pub status_pages: Vec<Comparison>,
    /// Failover domains.
    pub failovers: Vec<Readiness>,
    /// Lines that could not be used.
    pub faults: Vec<Fault>,
    /// Zones that stood there again.
    pub duplicates: Vec<Duplicate>,
    /// Remarks on the list.
    pub notes: Vec<String>,
}

impl Audit {
    /// How many zones stand how.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let of = |risk: Risk| self.rows.iter().filter(|row| row.risk == risk).count();
        Counts {
            zones: self.rows.len(),
            critical: of(Risk::Critical),
            warning: of(Risk::Warning),
            unknown: of(Risk::Unknown),
            notice: of(Risk::Notice),
            fine: of(Risk::Fine),
        }
    }

    /// Domains that zones hang on and that nobody watches: they are not on the list.
    pub fn gaps(&self) -> impl Iterator<Item = &Dependency> {
        self.dependencies.iter().filter(|dependency| !dependency.listed)
    }

    /// Zones of which something could not be learned, whatever else was found.
    pub fn not_reached(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| !row.unknown.is_empty())
    }
}

/// Makes the audit of a list out of what was heard. `expectation` says what is correct for a zone of which
/// the list says nothing, and whose word that is.
#[must_use]
pub fn assess(
    portfolio: &Portfolio,
    facts: &Facts,
    choice: &Choice,
    parking: &ParkingCatalog,
    expectation: &dyn Fn(&Name) -> Option<(NsSet, Held)>,
    now: Timestamp,
) -> Audit {
    let examiner = Examiner { facts, choice, parking, expectation, now };
    let mut rows: Vec<Row> = portfolio.entries.iter().map(|entry| examiner.row(entry)).collect();
    let troubles: BTreeMap<Name, String> =
        rows.iter().filter_map(|row| Some((row.domain.clone()?, trouble(row)?))).collect();
    let known = |domain: &Name| Known {
        expires: facts.registrations.get(domain).and_then(zone::next_end).and_then(|moment| moment.at),
        trouble: troubles.get(domain).cloned(),
    };
    let dependencies = if choice.dns { dependencies(&portfolio.entries, facts, known) } else { Vec::new() };
    for row in &mut rows {
        examiner.add_dependencies(row, &troubles);
    }
    let (mut status_pages, mut failovers) = (Vec::new(), Vec::new());
    for row in &mut rows {
        let product = row.entry.product.clone().unwrap_or_else(|| row.entry.zone.clone());
        if let Some(status) = row.entry.status.clone() {
            let comparison = compare(&row.entry.zone, &product, &status, facts);
            let shared = comparison.shared();
            if !shared.is_empty() {
                row.issues.push(Issue::new(Code::StatusPageShares, shared.len(), &shared.join(", "), Vec::new()));
            }
            let unknown = examiner.unknown_aspects(&comparison);
            if !unknown.is_empty() {
                row.unknown.push(format!("the status page {}: {}", status.without_dot(), unknown.join(", ")));
            }
            status_pages.push(comparison);
        }
        if let Some(failover) = row.entry.failover.clone() {
            let readiness = examiner.readiness(&row.entry.zone, &product, &failover);
            if !readiness.obstacles.is_empty() {
                let detail = format!("{}: {}", failover.without_dot(), zone::shorten(&bare(&readiness.obstacles)));
                row.issues.push(Issue::new(Code::FailoverNotReady, 1, &detail, Vec::new()));
            }
            if !readiness.unknown.is_empty() {
                row.unknown.push(format!(
                    "the failover domain {}: {}",
                    failover.without_dot(),
                    zone::shorten(&readiness.unknown)
                ));
            }
            let shared = readiness.comparison.shared();
            if !shared.is_empty() {
                let detail = format!("{}: {}", failover.without_dot(), shared.join(", "));
                row.issues.push(Issue::new(Code::FailoverShares, 1, &detail, Vec::new()));
            }
            failovers.push(readiness);
        }
    }
    for row in &mut rows {
        row.issues.sort_by_key(|issue| issue.severity);
        row.risk = risk(row);
    }
    rows.sort_by_cached_key(|row| {
        let codes = row.issues.iter().filter(|issue| issue.severity == Severity::Critical).count();
        (row.risk, row.days_left.unwrap_or(i64::MAX), Reverse(codes), row.entry.zone.clone())
    });
    Audit {
        now,
        warn: choice.warn,
        asked: (choice.dns, choice.registration),
        rows,
        dependencies,
        registrars: if choice.registration { spread(&portfolio.entries, facts) } else { Vec::new() },
        status_pages,
        failovers,
        faults: portfolio.faults.clone(),
        duplicates: portfolio.duplicates.clone(),
        notes: portfolio.notes.clone(),
    }
}

/// Why whoever hangs on the registration of this zone has to fear for it; none where there is no reason. What is wrong with a zone
/// below the registration says nothing about the rest.
fn trouble(row: &Row) -> Option<String> {
    let whole = row.domain.as_ref() == Some(&row.entry.zone);
    let grave = |issue: &&Issue| {
        let of_registration = matches!(issue.topic, Topic::Expiry | Topic::Registration);
        (whole || of_registration) && (issue.severity == Severity::Critical || issue.code == Code::ExpiryNear.word())
    };
    row.issues.iter().find(grave).map(|issue| issue.sentence.clone())
}

/// Sentences without their ends, to be put into another.
fn bare(sentences: &[String]) -> Vec<String> {
    sentences.iter().map(|sentence| sentence.trim_end_matches('.').to_owned()).collect()
}

fn risk(row: &Row) -> Risk {
    match row.issues.first().map(|issue| issue.severity) {
        Some(Severity::Critical) => Risk::Critical,
        Some(Severity::Warning) => Risk::Warning,
        _ if !row.unknown.is_empty() => Risk::Unknown,
        Some(Severity::Notice) => Risk::Notice,
        Some(Severity::Info) | None => Risk::Fine,
    }
}

struct Examiner<'a> {
    facts: &'a Facts,
    choice: &'a Choice,
    parking: &'a ParkingCatalog,
    expectation: &'a dyn Fn(&Name) -> Option<(NsSet, Held)>,
    now: Timestamp,
}

impl Examiner<'_> {
    fn row(&self, entry: &Entry) -> Row {
        let domain = registrable(&entry.zone);
        let listed = entry.expect.clone().map(|set| (set, Held::List));
        let expected = listed.or_else(|| (self.expectation)(&entry.zone));
        let found = self.examine(&entry.zone, domain.as_ref(), expected.as_ref().map(|(set, _)| set));
        let hearing = domain.as_ref().and_then(|domain| self.facts.registrations.get(domain));
        let dns = self.facts.dns.get(&entry.zone);
        let registry = hearing.and_then(|hearing| hearing.registry()).map(|(_, read)| read);
        let registrar_told = hearing.and_then(|hearing| hearing.registrar()).map(|(_, read)| &read.dates);
        let registrar_expires =
            registrar_told.and_then(|dates| dates.registrar_expires.clone().or(dates.expires.clone()));
        let ends: Vec<Timestamp> = hearing.map(zone::ends).unwrap_or_default().iter().filter_map(|m| m.at).collect();
        let over = [Cause::Expired.word(), Cause::RegistrarExpired.word()];
        let expired = found.issues.iter().any(|issue| over.contains(&issue.code));
        let ahead = ends.iter().filter(|at| **at > self.now && !expired).min();
        let next = ahead.or_else(|| ends.iter().filter(|at| **at <= self.now).max()).or_else(|| ends.iter().min());
        let statuses = registry.map(|read| read.statuses.clone()).unwrap_or_default();
        let locks = [Status::ClientTransferProhibited, Status::ServerTransferProhibited, Status::Locked];
        let servers = dns.map(|dns| dns.servers.as_slice()).unwrap_or_default();
        let answering = servers.iter().filter(|server| matches!(server.said, ServerWord::Authority(_))).count();
        let told = hearing.and_then(|hearing| hearing.answers.iter().map(|answer| answer.heard).min());
        Row {
            risk: Risk::Fine,
            registrar: hearing.map(registrar).unwrap_or_default(),
            expires: registry.and_then(|read| read.dates.expires.clone()),
            registrar_expires: registry.and_then(|read| read.dates.registrar_expires.clone()).or(registrar_expires),
            end: next.copied(),
            days_left: next.map(|at| zone::days_left(*at, self.now)),
            locked: (!statuses.is_empty()).then(|| statuses.iter().any(|status| locks.contains(status))),
            statuses,
            parent: dns.and_then(|dns| dns.parent.clone()),
            delegation: dns.and_then(|dns| dns.delegation().cloned()),
            answering: (answering, servers.len()),
            signed: dns.and_then(|dns| dns.signers.as_ref()).map(|signers| !signers.is_empty()),
            heard: dns.map(|dns| dns.heard).into_iter().chain(told).min(),
            issues: found.issues,
            unknown: found.unknown,
            notes: found.notes,
            entry: entry.clone(),
            domain,
            expected,
        }
    }

    fn examine(&self, zone: &Name, domain: Option<&Name>, expect: Option<&NsSet>) -> Found {
        let measure = Measure {
            zone,
            domain,
            expect,
            parking: self.parking,
            parked: &self.choice.parked,
            warn: self.choice.warn,
            now: self.now,
        };
        let mut found = Found::default();
        let dns = self.facts.dns.get(zone);
        if self.choice.dns {
            match dns {
                Some(facts) => zone::delegation(&mut found, facts, &measure),
                None => found.unknown.push("the delegation: it was not asked".to_owned()),
            }
        }
        if self.choice.registration {
            match (domain, domain.and_then(|domain| self.facts.registrations.get(domain))) {
                (_, Some(hearing)) => zone::registration(&mut found, hearing, &measure, dns),
                (Some(_), None) => found.unknown.push("the registration: it was not asked".to_owned()),
                (None, None) => {
                    found.notes.push("run by a registry itself, so there is no registration to ask for".to_owned());
                }
            }
        }
        found
    }

    /// What is in trouble and carries this zone.
    fn add_dependencies(&self, row: &mut Row, troubles: &BTreeMap<Name, String>) {
        let Some(dns) = self.facts.dns.get(&row.entry.zone) else { return };
        for (domain, kinds) in of_zone(&row.entry.zone, dns) {
            let Some(trouble) = troubles.get(&domain) else { continue };
            let by: Vec<String> =
                kinds.iter().map(|(kind, target)| format!("{} {}", kind.word(), target.without_dot())).collect();
            let detail = format!("{} ({})", domain.without_dot(), by.join(", "));
            let evidence = vec![format!("{}: {trouble}", domain.without_dot())];
            row.issues.push(Issue::new(Code::DependsOnTroubled, 1, &detail, evidence));
        }
    }

    /// Aspects that were asked for and cannot be told.
    fn unknown_aspects(&self, comparison: &Comparison) -> Vec<&'static str> {
        use super::isolation::Aspect;
        let asked = |aspect: Aspect| match aspect {
            Aspect::Domain => true,
            Aspect::Registrar => self.choice.registration,
            Aspect::DnsProvider | Aspect::AddressBlock | Aspect::AliasTarget => self.choice.dns,
        };
        let open = comparison
            .aspects
            .iter()
            .filter(|(aspect, sharing)| asked(*aspect) && *sharing == super::isolation::Sharing::Unknown);
        // Where aliases lead elsewhere, addresses are the other's business: the alias says enough.
        open.filter(|(aspect, _)| *aspect != Aspect::AddressBlock).map(|(aspect, _)| aspect.phrase()).collect()
    }

    fn readiness(&self, zone: &Name, product: &Name, failover: &Name) -> Readiness {
        let domain = registrable(failover);
        let found = self.examine(failover, domain.as_ref(), (self.expectation)(failover).as_ref().map(|(set, _)| set));
        let mut obstacles: Vec<String> =
            found.issues.iter().filter(|i| zone::is_trouble(i)).map(|i| i.sentence.clone()).collect();
        if let Some(dns) = self.facts.dns.get(failover).filter(|dns| dns.delegation().is_some()) {
            let reachable = dns.hosts.iter().any(|host| !host.addresses.is_empty() || !host.aliases.is_empty());
            let answered = dns.hosts.iter().any(|host| host.answered);
            if answered && !reachable {
                obstacles.push("neither it nor www below it has an address".to_owned());
            }
        }
        Readiness { comparison: compare(zone, product, failover, self.facts), obstacles, unknown: found.unknown }
    }
}
