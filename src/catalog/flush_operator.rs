//! The operators of public resolvers that offer a way to flush, what each takes, and those that offer none. Pure.
//!
//! As of 2026-11-22. Cloudflare documents only the page for people; the request behind it is known from
//! public code. Google's page asks for a CAPTCHA with every flush, which is nothing to get around.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::dns::{Name, RecordType};

/// An operator of public resolvers with some way to make them forget one name and type.
///
/// It may run several services: whether Cloudflare's filtering addresses (1.1.1.2, 1.1.1.3) share the cache
/// that is purged is not documented.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FlushOperator {
    /// 1.1.1.1: a plain request over HTTPS for each name and type.
    Cloudflare,
    /// Google Public DNS, 8.8.8.8: a form for people with a CAPTCHA.
    Google,
    /// Cisco OpenDNS: a page for people that refreshes A records only.
    OpenDns,
}

/// An operator that has no way to flush, and how that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoFlush {
    /// The operator's name, as in `resolvers.toml` where it is listed there.
    pub operator: &'static str,
    /// Why there is nothing to do but wait.
    pub reason: &'static str,
}

/// The operators that are known to have no flush, with the reason.
pub const NO_FLUSH: &[NoFlush] = &[
    NoFlush {
        operator: "Quad9",
        reason: "no public tool, and its documentation says that requests to support are refused",
    },
    NoFlush { operator: "AdGuard DNS", reason: "asked for since 2020, not built" },
    NoFlush { operator: "OVH", reason: "asked for, closed as not planned" },
];

/// What is said of every operator that is not a [`FlushOperator`].
pub const EVERYONE_ELSE: &str = "everyone else: none exists; their caches forget when the TTL ends";

/// A text that names none of the operators with a flush.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("'{0}' has no flush that unpark knows of; those that have: cloudflare, google, opendns")]
pub struct UnknownOperator(String);

/// The types Cloudflare's page offers; its server answers any other with "unsupported `RRType`".
const CLOUDFLARE_TYPES: &[u16] = &[1, 28, 257, 5, 48, 43, 65, 29, 15, 35, 2, 12, 99, 33, 64, 44, 52, 16];

/// The types Google's page offers, `INTEGRITY` left out because it has no settled number.
const GOOGLE_TYPES: &[u16] =
    &[1, 28, 60, 59, 5, 39, 48, 43, 13, 65, 45, 15, 35, 2, 47, 50, 51, 12, 17, 46, 6, 99, 33, 44, 64, 52, 16];

impl FlushOperator {
    /// All of them, those without human work first.
    pub const ALL: [Self; 3] = [Self::Cloudflare, Self::Google, Self::OpenDns];

    /// The operator by the name that people and `resolvers.toml` give it: `Google Public DNS`. None for anybody else.
    #[must_use]
    pub fn of_resolvers(operator: &str) -> Option<Self> {
        match operator {
            "Cloudflare" => Some(Self::Cloudflare),
            "Google Public DNS" => Some(Self::Google),
            "Cisco OpenDNS" => Some(Self::OpenDns),
            _ => None,
        }
    }

    /// The word of `resolvers.toml`, of the command line and of JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Cloudflare => "cloudflare",
            Self::Google => "google",
            Self::OpenDns => "opendns",
        }
    }

    /// Whether every step needs a person at a browser.
    #[must_use]
    pub const fn needs_a_person(self) -> bool {
        !matches!(self, Self::Cloudflare)
    }

    /// Whether the operator flushes this type at all.
    #[must_use]
    pub fn takes_type(self, rtype: RecordType) -> bool {
        match self {
            Self::Cloudflare => CLOUDFLARE_TYPES.contains(&rtype.0),
            Self::Google => GOOGLE_TYPES.contains(&rtype.0),
            Self::OpenDns => rtype == RecordType::A,
        }
    }

    /// Whether the operator flushes anything at this name.
    ///
    /// # Errors
    /// The reason why not, in words.
    pub fn take_name(self, name: &Name) -> Result<(), &'static str> {
        if name.is_root() {
            return Err("the root is nothing to flush");
        }
        if self == Self::Cloudflare && name.label_count() < 2 {
            return Err("Cloudflare flushes only names below a top-level domain");
        }
        if name.labels().any(|label| label == b"*") {
            return Err("a wildcard cannot be flushed, only each name below it");
        }
        Ok(())
    }
}

impl fmt::Display for FlushOperator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Cloudflare => "Cloudflare",
            Self::Google => "Google",
            Self::OpenDns => "OpenDNS",
        })
    }
}

impl FromStr for FlushOperator {
    type Err = UnknownOperator;

    /// Reads `cloudflare`, `google` or `opendns`, in any case: the words of `resolvers.toml` and of the command line.
    fn from_str(text: &str) -> Result<Self, UnknownOperator> {
        let wanted = text.trim();
        let found = Self::ALL.into_iter().find(|o| o.to_string().eq_ignore_ascii_case(wanted));
        found.ok_or_else(|| UnknownOperator(crate::dns::shown::text(wanted)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators_are_read_in_any_case_and_others_refused_with_the_choice() {
        for operator in FlushOperator::ALL {
            assert_eq!(operator.to_string().to_uppercase().parse(), Ok(operator));
        }
        let refusal = "quad9\x1b".parse::<FlushOperator>().unwrap_err().to_string();
        assert!(refusal.contains("cloudflare, google, opendns") && !refusal.contains('\x1b'), "{refusal}");
    }

    #[test]
    fn the_resolvers_of_an_operator_are_known_by_its_name() {
        let catalog = crate::catalog::ResolverCatalog::embedded();
        for entry in catalog.entries.iter().filter(|e| e.default) {
            assert_eq!(FlushOperator::of_resolvers(&entry.operator), entry.flush.operator(), "{}", entry.id);
        }
        for operator in FlushOperator::ALL {
            assert_eq!(operator.word().parse(), Ok(operator));
        }
    }

    #[test]
    fn the_tables_of_types_are_the_operators_own() {
        assert_eq!((CLOUDFLARE_TYPES.len(), GOOGLE_TYPES.len()), (18, 27));
        for rtype in [RecordType::NS, RecordType::DS, RecordType::DNSKEY, RecordType::HTTPS] {
            assert!(FlushOperator::Cloudflare.takes_type(rtype) && FlushOperator::Google.takes_type(rtype));
            assert!(!FlushOperator::OpenDns.takes_type(rtype));
        }
        assert!(FlushOperator::Google.takes_type(RecordType::SOA));
        assert!(!FlushOperator::Cloudflare.takes_type(RecordType::SOA), "its page does not offer SOA");
        assert!(FlushOperator::ALL.iter().all(|o| !o.takes_type(RecordType(255))), "nobody takes ANY");
    }

    #[test]
    fn names_that_cannot_be_flushed_are_refused_with_the_reason() {
        let name = |text: &str| text.parse::<Name>().unwrap();
        assert!(FlushOperator::Google.take_name(&Name::root()).is_err());
        assert!(FlushOperator::Cloudflare.take_name(&name("com.")).is_err());
        assert!(FlushOperator::Google.take_name(&name("com.")).is_ok());
        assert!(FlushOperator::Google.take_name(&name("*.example.com.")).is_err());
        assert!(FlushOperator::Cloudflare.take_name(&name("example.com.")).is_ok());
    }

    #[test]
    fn operators_without_a_flush_are_not_read_as_having_one() {
        assert!(NO_FLUSH.iter().all(|none| none.operator.parse::<FlushOperator>().is_err()));
    }
}
