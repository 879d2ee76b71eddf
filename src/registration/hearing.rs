//! What was asked about a registration and what came, with the raw answers as evidence.

use crate::dns::Name;
use crate::time::Timestamp;

use super::fields::Registration;

/// Who was asked, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// The registry, by RDAP.
    RegistryRdap,
    /// The registrar, by RDAP.
    RegistrarRdap,
    /// The registry, by WHOIS.
    Whois,
}

impl Source {
    /// As in JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::RegistryRdap => "registry-rdap",
            Self::RegistrarRdap => "registrar-rdap",
            Self::Whois => "whois",
        }
    }

    /// For a sentence.
    #[must_use]
    pub const fn phrase(self) -> &'static str {
        match self {
            Self::RegistryRdap => "the registry (RDAP)",
            Self::RegistrarRdap => "the registrar (RDAP)",
            Self::Whois => "the registry (WHOIS)",
        }
    }
}

/// What came of asking one server. All text is safe to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It described the registration.
    Found(Box<Registration>),
    /// It says that it has no such registration.
    NotFound,
    /// It asks to wait before the next question.
    Limited {
        /// Until when, if it said so.
        until: Option<Timestamp>,
    },
    /// It answered, and the answer is no description of a registration.
    Unreadable {
        /// Why.
        reason: String,
    },
    /// It did not answer in time, or broke off.
    NoAnswer {
        /// Why.
        reason: String,
    },
    /// Nothing could be asked: our side, or the way there.
    NotSent {
        /// Why.
        reason: String,
    },
}

impl Outcome {
    /// As in JSON.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Found(_) => "found",
            Self::NotFound => "not-found",
            Self::Limited { .. } => "limited",
            Self::Unreadable { .. } => "unreadable",
            Self::NoAnswer { .. } => "no-answer",
            Self::NotSent { .. } => "not-sent",
        }
    }

    /// In words, for a sentence.
    #[must_use]
    pub fn phrase(&self) -> String {
        match self {
            Self::Found(_) => "described the registration".to_owned(),
            Self::NotFound => "knows no such registration".to_owned(),
            Self::Limited { until: Some(until) } => format!("asks to wait until {until} (too many questions)"),
            Self::Limited { until: None } => "refuses for now (too many questions)".to_owned(),
            Self::Unreadable { reason } => format!("gave an answer that cannot be read: {reason}"),
            Self::NoAnswer { reason } => format!("did not answer: {reason}"),
            Self::NotSent { reason } => format!("could not be asked: {reason}"),
        }
    }
}

/// One server's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Who was asked, and how.
    pub source: Source,
    /// The URL, or `host:port` of a WHOIS server, that gave the answer; safe to show.
    pub server: String,
    /// The domain asked for.
    pub domain: Name,
    /// When the answer had come, or its waiting time had ended.
    pub heard: Timestamp,
    /// What came of it.
    pub outcome: Outcome,
    /// The answer as it came, decoded; of bounded size, not yet made plain. Empty when none came.
    pub raw: String,
}

/// Everything heard about one domain's registration, in the order of asking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hearing {
    /// The zone in question.
    pub zone: Name,
    /// The answers.
    pub answers: Vec<Answer>,
    /// What a reader must know about how they were found; safe to show.
    pub notes: Vec<String>,
}

impl Hearing {
    /// The registry's description, with the answer that holds it.
    #[must_use]
    pub fn registry(&self) -> Option<(&Answer, &Registration)> {
        self.found(|source| source != Source::RegistrarRdap)
    }

    /// The registrar's own description, with the answer that holds it.
    #[must_use]
    pub fn registrar(&self) -> Option<(&Answer, &Registration)> {
        self.found(|source| source == Source::RegistrarRdap)
    }

    /// Whether the last word of the registry is that there is no such registration.
    #[must_use]
    pub fn not_registered(&self) -> bool {
        let last = self.answers.iter().rfind(|answer| answer.source != Source::RegistrarRdap);
        last.is_some_and(|answer| answer.outcome == Outcome::NotFound)
    }

    fn found(&self, wanted: impl Fn(Source) -> bool) -> Option<(&Answer, &Registration)> {
        self.answers.iter().filter(|answer| wanted(answer.source)).find_map(|answer| match &answer.outcome {
            Outcome::Found(registration) => Some((answer, &**registration)),
            _ => None,
        })
    }
}
