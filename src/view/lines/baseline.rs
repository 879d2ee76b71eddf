//! Baselines in words: what was saved of which zones, and what differs now.

use crate::baseline::{Baseline, Comparison, Likeness, Part};
use crate::judge::ExpectationSource;
use crate::time::Timestamp;
use crate::view::model::source_words;

use super::layout::plain;

/// How a zone is now, held against its baseline: a sentence, then a line for each part; of what differs, as it was and as
/// it is.
#[must_use]
pub fn comparison_text(baseline: &Baseline, parts: &[Comparison], now: Timestamp) -> String {
    let count = |likeness: Likeness| parts.iter().filter(|part| part.likeness == likeness).count();
    let which = source_words(ExpectationSource::Baseline { taken: baseline.taken }, now);
    let zone = baseline.zone.without_dot();
    let mut text = match (count(Likeness::Different), count(Likeness::Unknown)) {
        (0, 0) => format!("{zone} is as in the {which}.\n"),
        (0, unknown) => format!(
            "{zone}: nothing differs from the {which}, but {unknown} of {} parts were not heard.\n",
            parts.len()
        ),
        (different, 0) => format!("{zone} differs from the {which} in {different} of {} parts.\n", parts.len()),
        (different, unknown) => format!(
            "{zone} differs from the {which} in {different} of {} parts; {unknown} more were not heard.\n",
            parts.len()
        ),
    };
    for part in parts {
        let what = match part.part {
            Part::Delegation => "delegation NS".to_owned(),
            Part::DelegationSigner => "DS at the parent".to_owned(),
            Part::ApexNs => "NS in the zone".to_owned(),
            Part::Soa => "SOA server and mailbox".to_owned(),
            Part::Server => format!("addresses of name server {}", part.name.without_dot()),
            Part::Host => format!("addresses of {}", part.name.without_dot()),
        };
        let mut say = |line: &str| text.push_str(&format!("{}\n", plain(line)));
        match part.likeness {
            Likeness::Same => say(&format!("  = {what}: {}", items(&part.was))),
            Likeness::Unknown => {
                say(&format!("  … {what}: not heard; was {}", items(&part.was)));
            }
            Likeness::Different => {
                say(&format!("  ✗ {what}"));
                say(&format!("      was {}", items(&part.was)));
                for (at, now) in part.now.iter().enumerate() {
                    say(&format!("      {} {}", if at == 0 { "now" } else { "and" }, items(now)));
                }
            }
        }
    }
    text
}

fn items(items: &[String]) -> String {
    if items.is_empty() { "none".to_owned() } else { items.join(", ") }
}

/// One line for each baseline: zone, how old, NS set, file.
#[must_use]
pub fn baselines_text(folder: &str, found: &[(String, Baseline)], now: Timestamp) -> String {
    if found.is_empty() {
        return format!("{}\n", plain(&format!("No baseline in {folder}. unpark baseline save DOMAIN makes one.")));
    }
    let width = found.iter().map(|(_, b)| b.zone.without_dot().chars().count()).max().unwrap_or(0);
    let line = |(file, baseline): &(String, Baseline)| {
        let which = source_words(ExpectationSource::Baseline { taken: baseline.taken }, now);
        let zone = baseline.zone.without_dot();
        format!("{}\n", plain(&format!("{zone:width$}  {which}: {}  ({file})", baseline.ns)))
    };
    found.iter().map(line).collect()
}
