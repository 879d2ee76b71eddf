//! When a run counts as failed: conditions such as `expiry<30d`, `delegation`, `critical` or the code of a finding.

use std::fmt;
use std::str::FromStr;

use super::assess::{Audit, Row};
use super::code::{Code, Topic};
use super::zone::days_left;
use crate::dns::{Name, shown};
use crate::finding::Severity;
use crate::registration::Cause;

/// One condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// A registration that ends within so many days, or has ended.
    Expiry {
        /// Whole days.
        days: u32,
    },
    /// A finding of this topic that is a warning or worse.
    Topic(Topic),
    /// A finding of this severity or worse.
    Severity(Severity),
    /// This finding.
    Code(&'static str),
    /// Something could not be learned.
    Unreachable,
    /// A domain that zones hang on and that is not on the list.
    Gap,
}

/// A condition that is met, by these zones (for [`Condition::Gap`]: domains).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failing {
    /// Which.
    pub condition: Condition,
    /// By whom, in the order of risk.
    pub zones: Vec<Name>,
}

impl FromStr for Condition {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if let Some(span) = text.strip_prefix("expiry").map(str::trim_start).and_then(|rest| rest.strip_prefix('<')) {
            let days = span.trim().strip_suffix('d').unwrap_or(span.trim()).parse().ok().filter(|days| *days <= 3_650);
            let days =
                days.ok_or_else(|| format!("'{}' gives no number of days, such as expiry<30d", shown::text(text)))?;
            return Ok(Self::Expiry { days });
        }
        if let Some(severity) = Severity::ALL.into_iter().find(|severity| severity.word() == text) {
            return Ok(Self::Severity(severity));
        }
        if let Some(topic) = Topic::ALL.into_iter().find(|topic| topic.word() == text) {
            return Ok(Self::Topic(topic));
        }
        let codes = Code::ALL.iter().map(|code| code.word()).chain(Cause::ALL.iter().map(|cause| cause.word()));
        match text {
            "unreachable" => Ok(Self::Unreachable),
            "gap" => Ok(Self::Gap),
            _ => codes.into_iter().find(|code| *code == text).map(Self::Code).ok_or_else(|| {
                let topics: Vec<&str> = Topic::ALL.iter().map(|topic| topic.word()).collect();
                format!(
                    "'{}' is no condition; there are expiry<30d, {}, gap, unreachable, critical, warning, notice, and codes",
                    shown::text(text),
                    topics.join(", ")
                )
            }),
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expiry { days } => write!(f, "expiry<{days}d"),
            Self::Topic(topic) => f.write_str(topic.word()),
            Self::Severity(severity) => f.write_str(severity.word()),
            Self::Code(code) => f.write_str(code),
            Self::Unreachable => f.write_str("unreachable"),
            Self::Gap => f.write_str("gap"),
        }
    }
}

impl Condition {
    /// Whether a zone meets it.
    fn is_met(&self, row: &Row, audit: &Audit) -> bool {
        match self {
            Self::Expiry { days } => {
                let gone = [Cause::NotRegistered, Cause::PendingDelete, Cause::PendingRestore, Cause::Redemption];
                let ended = row.issues.iter().any(|issue| {
                    let over = issue.severity == Severity::Critical && issue.topic == Topic::Expiry;
                    over || gone.iter().any(|cause| cause.word() == issue.code)
                });
                // Any of the dates counts, the registrar's as well as the registry's.
                let dates = [&row.expires, &row.registrar_expires].into_iter().flatten().filter_map(|moment| moment.at);
                let soon = dates
                    .into_iter()
                    .filter(|at| *at > audit.now)
                    .any(|at| days_left(at, audit.now) < i64::from(*days));
                ended || soon || row.days_left.is_some_and(|left| left < i64::from(*days))
            }
            Self::Topic(topic) => row.issues.iter().any(|i| i.topic == *topic && i.severity <= Severity::Warning),
            Self::Severity(severity) => row.issues.iter().any(|issue| issue.severity <= *severity),
            Self::Code(code) => row.issues.iter().any(|issue| issue.code == *code),
            Self::Unreachable => !row.unknown.is_empty(),
            Self::Gap => false,
        }
    }
}

/// The conditions that are met, in the order given.
#[must_use]
pub fn failing(audit: &Audit, conditions: &[Condition]) -> Vec<Failing> {
    let met = conditions.iter().map(|condition| {
        let zones = match condition {
            Condition::Gap => audit.gaps().map(|gap| gap.domain.clone()).collect(),
            _ => {
                audit.rows.iter().filter(|row| condition.is_met(row, audit)).map(|row| row.entry.zone.clone()).collect()
            }
        };
        Failing { condition: condition.clone(), zones }
    });
    met.filter(|failing: &Failing| !failing.zones.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_read_as_they_are_written() {
        for text in [
            "expiry<30d",
            "delegation",
            "critical",
            "REGISTRY_PARKED",
            "EXPIRY_NEAR",
            "unreachable",
            "gap",
            "single-point",
        ] {
            assert_eq!(text.parse::<Condition>().unwrap().to_string(), text);
        }
        assert_eq!(" expiry < 7 ".parse(), Ok(Condition::Expiry { days: 7 }));
        for bad in ["", "expiry<", "expiry<soon", "expiry<99999d", "expiry>3d", "everything", "x\u{1b}[2J"] {
            let said = bad.parse::<Condition>().unwrap_err();
            assert!(said.chars().all(|c| shown::is_plain(c) || c == ' '), "{said:?}");
        }
    }
}
