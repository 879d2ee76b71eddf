//! An audit in words: the one sentence above it, and the words that every output uses.

use super::assess::{Audit, Risk, Row};
use super::dependency::Dependency;
use crate::dns::{Name, shown};

impl Audit {
    /// The state of the whole list in one or two sentences; safe to show.
    #[must_use]
    pub fn headline(&self) -> String {
        let counts = self.counts();
        if counts.zones == 0 {
            return "The list holds no zone.".to_owned();
        }
        let zones = |n: usize| if n == 1 { "1 zone".to_owned() } else { format!("{n} zones") };
        let mut parts = Vec::new();
        if counts.critical > 0 {
            let verb = if counts.critical == 1 { "is" } else { "are" };
            parts.push(format!("{} {verb} in critical trouble", counts.critical));
        }
        if counts.warning > 0 {
            let verb = if counts.warning == 1 { "needs" } else { "need" };
            parts.push(format!("{} {verb} attention", counts.warning));
        }
        if counts.unknown > 0 {
            parts.push(format!("{} could not be told", counts.unknown));
        }
        let rest = counts.notice + counts.fine;
        if parts.is_empty() {
            return format!("{}: nothing wrong was found.", zones(counts.zones));
        }
        let tail = match rest {
            0 => String::new(),
            1 => "; nothing wrong was found with the other one".to_owned(),
            _ => format!("; nothing wrong was found with the other {rest}"),
        };
        format!("Of {}, {}{tail}.", zones(counts.zones), parts.join(", "))
    }

    /// What was not asked, so that nobody reads silence as health; none when both sides were.
    #[must_use]
    pub const fn not_asked(&self) -> Option<&'static str> {
        match self.asked {
            (true, true) => None,
            (true, false) => Some("Registries were not asked: nothing is said about expiry, locks and registrars."),
            (false, true) => Some("The DNS was not asked: nothing is said about delegations and name servers."),
            (false, false) => Some("Nothing was asked."),
        }
    }
}

impl Row {
    /// When its registration ends, as a day: the one that `days_left` counts to, or a word.
    #[must_use]
    pub fn end_in_words(&self) -> String {
        let written = || self.expires.as_ref().or(self.registrar_expires.as_ref()).map(ToString::to_string);
        let day = self.end.map(|at| at.to_string().get(..10).unwrap_or_default().to_owned());
        day.or_else(written).unwrap_or_else(|| "not known".to_owned())
    }

    /// The days left as a column has them: `12 d`, `-3 d`, or nothing.
    #[must_use]
    pub fn left_in_words(&self) -> String {
        self.days_left.map(|days| format!("{days} d")).unwrap_or_default()
    }

    /// Its registrar, or a dash.
    #[must_use]
    pub fn registrar_in_words(&self) -> String {
        let id = || self.registrar.iana_id.as_ref().map(|id| format!("IANA id {id}"));
        self.registrar.name.clone().or_else(id).unwrap_or_else(|| "not known".to_owned())
    }

    /// The zone, with its form in other scripts where it has one.
    #[must_use]
    pub fn zone_in_words(&self) -> String {
        name_in_words(&self.entry.zone)
    }
}

impl Risk {
    /// As a column has it.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Critical => "CRITICAL",
            Self::Warning => "WARNING",
            Self::Unknown => "UNKNOWN",
            Self::Notice => "NOTICE",
            Self::Fine => "FINE",
        }
    }
}

impl Dependency {
    /// By how many zones, and by what: `12 zones (NS, MX)`, with how many more hang on it by way of others.
    #[must_use]
    pub fn dependents_in_words(&self) -> String {
        let kinds: std::collections::BTreeSet<&str> = self.zones.values().flatten().map(|kind| kind.word()).collect();
        let kinds: Vec<&str> = kinds.into_iter().collect();
        let zones = if self.zones.len() == 1 { "1 zone".to_owned() } else { format!("{} zones", self.zones.len()) };
        let more = if self.indirect > 0 { format!(", {} more by way of others", self.indirect) } else { String::new() };
        format!("{zones} ({}){more}", kinds.join(", "))
    }

    /// When its registration ends, or that nobody asked.
    #[must_use]
    pub fn end_in_words(&self) -> String {
        match (self.expires, self.listed) {
            (Some(at), _) => at.to_string().get(..10).unwrap_or_default().to_owned(),
            (None, true) => "not known".to_owned(),
            (None, false) => "not watched".to_owned(),
        }
    }
}

/// A name without its final dot, with its form in other scripts in front where it has one.
#[must_use]
pub fn name_in_words(name: &Name) -> String {
    let ascii = shown::text(&name.without_dot());
    name.unicode().map_or_else(|| ascii.clone(), |unicode| format!("{unicode} ({ascii})"))
}
