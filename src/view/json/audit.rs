//! `unpark.audit/1`: the zones of a list in the order of risk, and what only shows across them.

use serde::Serialize;

use crate::audit::{Audit, Comparison, Dependency, Failing, Held, Issue, Readiness, RegistrarShare, Row, Sharing};
use crate::dns::Name;
use crate::registration::Moment;
use crate::time::Timestamp;

use super::{document, names, plain};

#[derive(Serialize)]
struct Document {
    schema: &'static str,
    list: String,
    started: String,
    finished: String,
    exit_code: u8,
    headline: String,
    asked: Asked,
    warn_days: u64,
    counts: Counts,
    zones: Vec<ZoneEntry>,
    dependencies: Vec<DependencyEntry>,
    registrars: Vec<RegistrarEntry>,
    status_pages: Vec<ComparisonEntry>,
    failovers: Vec<FailoverEntry>,
    fails_on: Vec<FailingEntry>,
    bad_lines: Vec<LineEntry>,
    duplicates: Vec<DuplicateEntry>,
    notes: Vec<String>,
    work: Work,
}

#[derive(Serialize)]
struct Asked {
    dns: bool,
    registration: bool,
}

#[derive(Serialize)]
struct Counts {
    zones: usize,
    critical: usize,
    warning: usize,
    unknown: usize,
    notice: usize,
    fine: usize,
}

#[derive(Serialize)]
struct ZoneEntry {
    zone: String,
    unicode: Option<String>,
    line: usize,
    risk: &'static str,
    domain: Option<String>,
    registrar: Option<String>,
    registrar_iana_id: Option<String>,
    expires: Option<Date>,
    registrar_expires: Option<Date>,
    days_left: Option<i64>,
    statuses: Vec<String>,
    transfer_locked: Option<bool>,
    parent: Option<String>,
    ns: Option<Vec<String>>,
    expected: Option<Vec<String>>,
    expected_by: Option<&'static str>,
    authoritative: Authoritative,
    signed: Option<bool>,
    heard: Option<String>,
    findings: Vec<Finding>,
    unknown: Vec<String>,
    notes: Vec<String>,
}

#[derive(Serialize)]
struct Date {
    at: Option<String>,
    written: String,
}

#[derive(Serialize)]
struct Authoritative {
    asked: usize,
    answering: usize,
}

#[derive(Serialize)]
struct Finding {
    code: &'static str,
    severity: &'static str,
    topic: &'static str,
    sentence: String,
    advice: &'static str,
    evidence: Vec<String>,
    reference: &'static str,
}

#[derive(Serialize)]
struct DependencyEntry {
    domain: String,
    listed: bool,
    expires: Option<String>,
    trouble: Option<String>,
    zones: Vec<DependentEntry>,
    indirect: usize,
}

#[derive(Serialize)]
struct DependentEntry {
    zone: String,
    by: Vec<&'static str>,
}

#[derive(Serialize)]
struct RegistrarEntry {
    registrar: Option<String>,
    iana_id: Option<String>,
    domains: Vec<String>,
}

#[derive(Serialize)]
struct ComparisonEntry {
    zone: String,
    product: String,
    host: String,
    aspects: Vec<AspectEntry>,
}

#[derive(Serialize)]
struct AspectEntry {
    aspect: &'static str,
    sharing: &'static str,
    what: Option<String>,
}

#[derive(Serialize)]
struct FailoverEntry {
    #[serde(flatten)]
    comparison: ComparisonEntry,
    /// Null where something could not be learned and nothing speaks against it.
    ready: Option<bool>,
    obstacles: Vec<String>,
    unknown: Vec<String>,
}

#[derive(Serialize)]
struct FailingEntry {
    condition: String,
    zones: Vec<String>,
}

#[derive(Serialize)]
struct LineEntry {
    line: usize,
    reason: String,
}

#[derive(Serialize)]
struct DuplicateEntry {
    zone: String,
    line: usize,
    first: usize,
}

/// What a run cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Work {
    /// DNS packets sent.
    pub dns_packets: u64,
    /// Questions to registries and registrars.
    pub registry_questions: u64,
    /// Zones and registrations that were known from an earlier run.
    pub kept: usize,
}

fn texts<'a>(list: impl IntoIterator<Item = &'a Name>) -> Vec<String> {
    list.into_iter().map(ToString::to_string).collect()
}

fn date(moment: Option<&Moment>) -> Option<Date> {
    moment.map(|m| Date { at: m.at.map(|at| at.to_string()), written: m.written.clone() })
}

impl ZoneEntry {
    fn of(row: &Row) -> Self {
        Self {
            zone: row.entry.zone.to_string(),
            unicode: row.entry.zone.unicode(),
            line: row.entry.line,
            risk: row.risk.word(),
            domain: row.domain.as_ref().map(ToString::to_string),
            registrar: row.registrar.name.clone(),
            registrar_iana_id: row.registrar.iana_id.clone(),
            expires: date(row.expires.as_ref()),
            registrar_expires: date(row.registrar_expires.as_ref()),
            days_left: row.days_left,
            statuses: row.statuses.iter().map(|status| status.word().to_owned()).collect(),
            transfer_locked: row.locked,
            parent: row.parent.as_ref().map(ToString::to_string),
            ns: row.delegation.as_ref().map(names),
            expected: row.expected.as_ref().map(|(set, _)| names(set)),
            expected_by: row.expected.as_ref().map(|(_, held)| match held {
                Held::List => "list",
                Held::Settings => "settings",
                Held::Baseline => "baseline",
            }),
            authoritative: Authoritative { asked: row.answering.1, answering: row.answering.0 },
            signed: row.signed,
            heard: row.heard.map(|at| at.to_string()),
            findings: row.issues.iter().map(Finding::of).collect(),
            unknown: row.unknown.iter().map(|text| plain(text)).collect(),
            notes: row.notes.iter().map(|text| plain(text)).collect(),
        }
    }
}

impl Finding {
    fn of(issue: &Issue) -> Self {
        Self {
            code: issue.code,
            severity: issue.severity.word(),
            topic: issue.topic.word(),
            sentence: plain(&issue.sentence),
            advice: issue.advice,
            evidence: issue.evidence.iter().map(|fact| plain(fact)).collect(),
            reference: issue.reference,
        }
    }
}

impl DependencyEntry {
    fn of(dependency: &Dependency) -> Self {
        let dependent = |(zone, kinds): (&Name, &std::collections::BTreeSet<crate::audit::DependencyKind>)| {
            DependentEntry { zone: zone.to_string(), by: kinds.iter().map(|kind| kind.word()).collect() }
        };
        Self {
            domain: dependency.domain.to_string(),
            listed: dependency.listed,
            expires: dependency.expires.map(|at| at.to_string()),
            trouble: dependency.trouble.as_ref().map(|text| plain(text)),
            zones: dependency.zones.iter().map(dependent).collect(),
            indirect: dependency.indirect,
        }
    }
}

impl RegistrarEntry {
    fn of(share: &RegistrarShare) -> Self {
        let (registrar, iana_id) = (share.registrar.clone(), share.iana_id.clone());
        Self { registrar, iana_id, domains: texts(&share.domains) }
    }
}

impl ComparisonEntry {
    fn of(comparison: &Comparison) -> Self {
        let aspects = comparison.aspects.iter().map(|(aspect, sharing)| AspectEntry {
            aspect: aspect.word(),
            sharing: sharing.word(),
            what: match sharing {
                Sharing::Shared(what) => Some(plain(what)),
                _ => None,
            },
        });
        Self {
            zone: comparison.zone.to_string(),
            product: comparison.product.to_string(),
            host: comparison.other.to_string(),
            aspects: aspects.collect(),
        }
    }
}

impl FailoverEntry {
    fn of(readiness: &Readiness) -> Self {
        let ready = match (readiness.obstacles.is_empty(), readiness.unknown.is_empty()) {
            (false, _) => Some(false),
            (true, true) => Some(true),
            (true, false) => None,
        };
        Self {
            comparison: ComparisonEntry::of(&readiness.comparison),
            ready,
            obstacles: readiness.obstacles.iter().map(|text| plain(text)).collect(),
            unknown: readiness.unknown.iter().map(|text| plain(text)).collect(),
        }
    }
}

/// The JSON of `unpark audit --json`: one document with a newline at its end. `list` is what the list is called.
#[must_use]
pub fn audit(audit: &Audit, list: &str, failing: &[Failing], started: Timestamp, work: Work, exit_code: u8) -> String {
    let counts = audit.counts();
    document(&Document {
        schema: "unpark.audit/1",
        list: plain(list),
        started: started.to_string(),
        finished: audit.now.to_string(),
        exit_code,
        headline: plain(&audit.headline()),
        asked: Asked { dns: audit.asked.0, registration: audit.asked.1 },
        warn_days: audit.warn.as_secs() / 86_400,
        counts: Counts {
            zones: counts.zones,
            critical: counts.critical,
            warning: counts.warning,
            unknown: counts.unknown,
            notice: counts.notice,
            fine: counts.fine,
        },
        zones: audit.rows.iter().map(ZoneEntry::of).collect(),
        dependencies: audit.dependencies.iter().map(DependencyEntry::of).collect(),
        registrars: audit.registrars.iter().map(RegistrarEntry::of).collect(),
        status_pages: audit.status_pages.iter().map(ComparisonEntry::of).collect(),
        failovers: audit.failovers.iter().map(FailoverEntry::of).collect(),
        fails_on: failing
            .iter()
            .map(|met| FailingEntry { condition: met.condition.to_string(), zones: texts(&met.zones) })
            .collect(),
        bad_lines: audit.faults.iter().map(|f| LineEntry { line: f.line, reason: plain(&f.reason) }).collect(),
        duplicates: audit
            .duplicates
            .iter()
            .map(|again| DuplicateEntry { zone: again.zone.to_string(), line: again.line, first: again.first })
            .collect(),
        notes: audit.notes.iter().map(|note| plain(note)).collect(),
        work,
    })
}
