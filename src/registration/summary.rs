//! The whole in plain words: what is wrong with the registration, whom to call, what a reader must not conclude.

use std::time::Duration;

use crate::time::Timestamp;

use super::cause::Finding;
use super::evidence::Evidence;
use super::fields::Registrar;
use super::hearing::{Answer, Hearing, Outcome, Source};
use super::status::Status;

/// A date this far ahead may be a registry's own renewal.
const ALMOST_A_YEAR: Duration = Duration::from_secs(300 * 86_400);

/// How the registration stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Something in it explains an outage, or will bring one.
    Trouble,
    /// It was heard, and nothing in it does.
    NothingFound,
    /// It could not be learned.
    Unknown,
}

impl Standing {
    /// How it stands by what was heard and found.
    #[must_use]
    pub fn of(hearing: &Hearing, findings: &[Finding]) -> Self {
        match () {
            () if findings.iter().any(Finding::is_trouble) => Self::Trouble,
            () if hearing.registry().is_some() => Self::NothingFound,
            () => Self::Unknown,
        }
    }

    /// As in JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Trouble => "trouble",
            Self::NothingFound => "nothing-found",
            Self::Unknown => "unknown",
        }
    }
}

/// The state in one sentence: the strongest finding, or that there is none, or why nothing is known. Safe to show.
#[must_use]
pub fn headline(hearing: &Hearing, findings: &[Finding]) -> String {
    let domain = hearing.registry().map_or(&hearing.zone, |(answer, _)| &answer.domain).without_dot();
    match (Standing::of(hearing, findings), findings.iter().find(|finding| finding.is_trouble())) {
        (Standing::Trouble, Some(first)) => format!("{domain}: {}", first.sentence()),
        (Standing::NothingFound, _) if !findings.is_empty() => {
            let first = findings.first().map(Finding::sentence).unwrap_or_default();
            format!("{domain}: nothing in the registration proves a cause of an outage, but look: {first}")
        }
        (Standing::NothingFound, _) => format!("{domain}: nothing in the registration explains an outage."),
        _ => {
            let last = hearing.answers.iter().rfind(|answer| answer.source != Source::RegistrarRdap);
            let why = last.map_or_else(|| "there was nobody to ask".to_owned(), said);
            format!("{domain}: the registration could not be learned; {why}.")
        }
    }
}

fn said(answer: &Answer) -> String {
    format!("{} {}", answer.server, answer.outcome.phrase())
}

/// The registrar, from whoever says more about it: the registry's answer first, gaps filled from the registrar's own.
#[must_use]
pub fn registrar(hearing: &Hearing) -> Registrar {
    let first = hearing.registry().map(|(_, read)| read.registrar.clone()).unwrap_or_default();
    let second = hearing.registrar().map(|(_, read)| read.registrar.clone()).unwrap_or_default();
    Registrar {
        name: first.name.or(second.name),
        iana_id: first.iana_id.or(second.iana_id),
        abuse: super::Contact {
            email: first.abuse.email.or(second.abuse.email),
            phone: first.abuse.phone.or(second.abuse.phone),
        },
        url: first.url.or(second.url),
    }
}

/// Whom to call, in one sentence; none when no answer names a registrar. Safe to show.
#[must_use]
pub fn whom_to_call(hearing: &Hearing) -> Option<String> {
    let registrar = registrar(hearing);
    let name = match (&registrar.name, &registrar.iana_id) {
        (Some(name), Some(id)) => format!("{name} (IANA id {id})"),
        (Some(name), None) => name.clone(),
        (None, Some(id)) => format!("the registrar with IANA id {id}"),
        (None, None) => return None,
    };
    let ways: Vec<String> =
        [registrar.abuse.phone, registrar.abuse.email, registrar.url].into_iter().flatten().collect();
    Some(if ways.is_empty() { format!("Call {name}.") } else { format!("Call {name}: {}", ways.join(", ")) })
}

/// What a reader must know beside the findings: how the answers were got, and what must not be concluded from them. Safe to
/// show.
#[must_use]
pub fn remarks(evidence: &Evidence<'_>, now: Timestamp) -> Vec<String> {
    let hearing = evidence.hearing;
    let mut remarks = hearing.notes.clone();
    let failed = |answer: &&Answer| !matches!(answer.outcome, Outcome::Found(_) | Outcome::NotFound);
    for answer in hearing.answers.iter().filter(failed) {
        remarks.push(format!("{}.", said(answer)));
    }
    let Some((answer, read)) = hearing.registry() else { return remarks };
    if answer.domain != hearing.zone {
        remarks.push(format!(
            "{} is part of the registration of {}; the expected name servers were not compared with the registry's.",
            hearing.zone.without_dot(),
            answer.domain.without_dot()
        ));
    } else if evidence.expected.is_none() && read.name_servers.is_some() {
        remarks.push("The name servers were not compared: say with --expect which are correct.".to_owned());
    }
    match read.dates.expires.as_ref() {
        None => remarks.push("The registry does not publish an expiry date.".to_owned()),
        Some(date) => {
            let far = date.at.is_some_and(|at| at.until(now) >= ALMOST_A_YEAR);
            if far || read.has(&Status::AutoRenewPeriod) {
                remarks.push(
                    "An expiry date ahead proves nothing: many registries renew by themselves at expiry, paid or not."
                        .to_owned(),
                );
            }
        }
    }
    if hearing.registrar().is_none() && answer.source == Source::RegistryRdap {
        remarks.push("The registrar's own answer, with its own expiry date, was not had.".to_owned());
    }
    remarks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::ParkingCatalog;
    use crate::registration::causes;
    use crate::registration::fixtures::fixture;

    const NOW: &str = "2026-10-08T12:00:00Z";

    fn hearing(outcome: Outcome) -> Hearing {
        let domain: crate::dns::Name = "unpark-demo.example".parse().unwrap();
        let answer = Answer {
            source: Source::RegistryRdap,
            server: "https://rdap.example/".into(),
            domain: domain.clone(),
            heard: NOW.parse().unwrap(),
            outcome,
            raw: String::new(),
        };
        Hearing { zone: domain, answers: vec![answer], notes: Vec::new() }
    }

    fn all(hearing: &Hearing) -> (Standing, String, Vec<String>) {
        let now = NOW.parse().unwrap();
        let parking = ParkingCatalog::embedded();
        let evidence = Evidence { hearing, expected: None, parked: &[], parking: &parking };
        let findings = causes(&evidence, now);
        (Standing::of(hearing, &findings), headline(hearing, &findings), remarks(&evidence, now))
    }

    #[test]
    fn the_headline_names_the_cause_and_the_call_the_registrar() {
        let read = fixture("clienthold");
        let heard = hearing(Outcome::Found(Box::new(read)));
        let (standing, headline, _) = all(&heard);
        assert_eq!(standing, Standing::Trouble);
        assert_eq!(
            headline,
            "unpark-demo.example: The registrar has taken the name out of the DNS (client hold); the last change was at \
             2026-10-04T00:12:55Z."
        );
        assert_eq!(
            whom_to_call(&heard).unwrap(),
            "Call Example Registrar, Inc. (IANA id 9995): +1.5555550100, abuse@registrar.example, \
             https://www.registrar.example/"
        );
    }

    #[test]
    fn what_is_not_known_is_said_to_be_so() {
        let (standing, headline, _) = all(&hearing(Outcome::Limited { until: None }));
        assert_eq!(standing, Standing::Unknown);
        assert_eq!(
            headline,
            "unpark-demo.example: the registration could not be learned; https://rdap.example/ refuses for now (too many \
             questions)."
        );
        let bare = hearing(Outcome::Found(Box::default()));
        let (standing, _, remarks) = all(&bare);
        assert_eq!((standing, whom_to_call(&bare)), (Standing::NothingFound, None));
        assert!(remarks.iter().any(|r| r.contains("does not publish an expiry date")), "{remarks:?}");
    }

    #[test]
    fn a_notice_is_named_but_is_no_cause() {
        let read = fixture("expired-parked-status-active");
        let (standing, headline, _) = all(&hearing(Outcome::Found(Box::new(read))));
        assert_eq!(standing, Standing::NothingFound);
        assert!(
            headline.contains("proves a cause of an outage, but look: The registration was changed 2 days 16 h after")
        );
    }

    #[test]
    fn an_automatic_renewal_comes_with_its_warning() {
        let read = fixture("autorenew-but-healthy");
        let (standing, headline, remarks) = all(&hearing(Outcome::Found(Box::new(read))));
        assert_eq!(standing, Standing::NothingFound);
        assert!(headline.ends_with("nothing in the registration explains an outage."));
        assert!(remarks.iter().any(|r| r.starts_with("An expiry date ahead proves nothing")), "{remarks:?}");
    }
}
