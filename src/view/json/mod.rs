//! The documented JSON of `check`, `trace`, `flush`, `registration`, `audit` and `resolvers list`: structures of its own, apart from the inner types, so that these
//! may change without breaking a script. It judges nothing and words nothing: unknown stays null.
//!
//! `docs/json.md` explains every field; `docs/*.schema.json` are the contracts. Fields are only ever added.

mod audit;
mod baseline;
mod catalog;
mod change;
mod check;
mod curve;
mod flush;
mod forecast;
mod registration;
mod resolver;
mod resolver_check;
mod source;
mod trace;

use std::time::Duration;

use serde::Serialize;

use crate::dns::{NsSet, shown};
use crate::judge::Finding;

pub use audit::{Work, audit};
pub use baseline::{baseline, baseline_diff, baselines};
pub use catalog::resolvers;
pub use change::change;
pub use check::{check, check_line};
pub use curve::{CurveEntry, rounded};
pub use flush::flush;
pub use registration::registration;
pub use resolver_check::resolver_check;
pub use trace::trace;

/// One document, indented, with a newline at its end.
fn document(value: &impl Serialize) -> String {
    let text = serde_json::to_string_pretty(value);
    let mut text = text.expect("every key is text and every number finite, so nothing can fail");
    text.push('\n');
    text
}

/// One document in one line, without a newline.
fn line(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("every key is text and every number finite, so nothing can fail")
}

/// Text of any length, every word of it safe to show.
fn plain(text: &str) -> String {
    text.split(' ').map(shown::text).collect::<Vec<_>>().join(" ")
}

/// Milliseconds to a tenth.
fn milliseconds(rtt: Option<Duration>) -> Option<f64> {
    rtt.map(|rtt| (rtt.as_secs_f64() * 10_000.0).round() / 10.0)
}

/// Absolute names in lower case, in canonical order.
fn names(set: &NsSet) -> Vec<String> {
    set.iter().map(ToString::to_string).collect()
}

/// A fact worth saying.
#[derive(Serialize)]
struct FindingEntry {
    code: &'static str,
    severity: &'static str,
    sentence: String,
    advice: Option<&'static str>,
    targets: Vec<String>,
    reference: Option<&'static str>,
    evidence: usize,
}

impl FindingEntry {
    fn of(finding: &Finding) -> Self {
        let some = |text: &'static str| (!text.is_empty()).then_some(text);
        Self {
            code: finding.code.word(),
            severity: finding.severity().word(),
            sentence: plain(&finding.sentence()),
            advice: some(finding.code.advice()),
            targets: finding.targets.iter().map(|t| plain(t)).filter(|t| !t.is_empty()).collect(),
            // "local": about this machine, where no specification speaks.
            reference: some(finding.code.reference()).filter(|r| *r != "local"),
            evidence: finding.evidence.len(),
        }
    }
}
