//! What a registry and a registrar say about a domain, and what of it can explain an outage.
//!
//! Answers of RDAP (RFC 9083) and WHOIS (RFC 3912) become a [`Registration`]; [`causes`] holds it against what is
//! expected and says what is wrong, by strength of evidence. No I/O, no clock: `http` asks, `now` is an argument. An
//! expiry date that lies ahead proves nothing here, because registries renew by themselves at expiry.

#![deny(clippy::disallowed_methods)]

mod bootstrap;
mod cause;
mod date;
mod evidence;
mod fields;
#[cfg(test)]
mod fixtures;
mod hearing;
mod name_to_ask;
mod rdap;
mod status;
mod summary;
mod whois;

pub use bootstrap::read_bootstrap;
pub use cause::{Cause, Finding, Severity};
pub use date::{Moment, read_http_date, read_moment};
pub use evidence::{Evidence, causes};
pub use fields::{Contact, Dates, Registrar, Registration};
pub use hearing::{Answer, Hearing, Outcome, Source};
pub use name_to_ask::names_to_ask;
pub use rdap::{RdapError, read_rdap};
pub use status::Status;
pub use summary::{Standing, headline, registrar, remarks, whom_to_call};
pub use whois::{Referral, WhoisAnswer, read_referral, read_whois};
