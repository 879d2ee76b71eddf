//! `unpark.resolvers-check/1`: which resolvers answer from here, and what each of them can do.

use serde::Serialize;

use crate::dns::shown;
use crate::incident::{CheckedResolver, Reach, ResolverCheck};
use crate::judge::Calibration;
use crate::observation::address_text;
use crate::view::model::check_sentence;

use super::{document, milliseconds, plain};

#[derive(Serialize)]
struct Check {
    schema: &'static str,
    started: String,
    finished: String,
    sentence: String,
    exit_code: u8,
    answering: usize,
    interception: Interception,
    resolvers: Vec<Entry>,
}

#[derive(Serialize)]
struct Interception {
    asked: usize,
    seen: Option<bool>,
    answered_at: Vec<String>,
}

#[derive(Serialize)]
struct Entry {
    id: String,
    operator: String,
    address: String,
    country: Option<String>,
    city: Option<String>,
    system: bool,
    udp: Transport,
    tcp: Transport,
    instance: Option<String>,
    #[serde(flatten)]
    calibration: CalibrationEntry,
}

#[derive(Serialize)]
struct Transport {
    state: &'static str,
    rcode: Option<String>,
    rtt_ms: Option<f64>,
}

/// What a resolver can do, the same wherever it stands.
#[derive(Serialize)]
pub(super) struct CalibrationEntry {
    no_recursion: &'static str,
    checking_disabled: Option<bool>,
    extended_errors: Option<bool>,
    validates: Option<bool>,
    ttl_cap: Option<u32>,
    largest_ttl: Option<u32>,
}

impl CalibrationEntry {
    pub(super) fn of(calibration: &Calibration, cap: Option<u32>) -> Self {
        Self {
            no_recursion: calibration.no_recursion().word(),
            checking_disabled: calibration.checking_disabled,
            extended_errors: calibration.extended_errors,
            validates: calibration.validates,
            ttl_cap: cap,
            largest_ttl: calibration.largest,
        }
    }
}

impl Transport {
    fn of(reach: &Reach) -> Self {
        Self {
            state: reach.word(),
            rcode: if let Reach::Fails(rcode) = reach { Some(rcode.to_string()) } else { None },
            rtt_ms: milliseconds(if let Reach::Answers(rtt) = reach { Some(*rtt) } else { None }),
        }
    }
}

impl Entry {
    fn of(resolver: &CheckedResolver, check: &ResolverCheck) -> Self {
        let target = &resolver.target;
        let city = plain(&target.city);
        Self {
            id: plain(&target.id),
            operator: plain(&target.operator),
            address: address_text(target.address),
            country: target.country.clone().filter(|c| c.len() == 2 && c.bytes().all(|b| b.is_ascii_uppercase())),
            city: (!city.is_empty()).then_some(city),
            system: target.system,
            udp: Transport::of(&resolver.udp),
            tcp: Transport::of(&resolver.tcp),
            instance: resolver.calibration.identity.as_deref().map(shown::text),
            calibration: CalibrationEntry::of(&resolver.calibration, check.cap_of(resolver)),
        }
    }
}

/// The JSON of `unpark resolvers check --json`.
#[must_use]
pub fn resolver_check(check: &ResolverCheck, exit_code: u8) -> String {
    document(&Check {
        schema: "unpark.resolvers-check/1",
        started: check.started.to_string(),
        finished: check.finished.to_string(),
        sentence: check_sentence(check),
        exit_code,
        answering: check.answering(),
        interception: Interception {
            asked: check.nobodies,
            seen: (check.nobodies > 0).then_some(!check.intercepted.is_empty()),
            answered_at: check.intercepted.iter().map(|a| address_text(*a)).collect(),
        },
        resolvers: check.resolvers.iter().map(|r| Entry::of(r, check)).collect(),
    })
}
