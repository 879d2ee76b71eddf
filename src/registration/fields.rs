//! What a registration consists of, whichever protocol told it. Every field may be missing; all text is safe to show.

use crate::dns::{Ds, Name, NsSet};

use super::date::Moment;
use super::status::Status;

/// Whom to call.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contact {
    /// E-mail address.
    pub email: Option<String>,
    /// Telephone number.
    pub phone: Option<String>,
}

/// Who sells and administers the registration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Registrar {
    /// Its name.
    pub name: Option<String>,
    /// IANA's number of it.
    pub iana_id: Option<String>,
    /// Its contact for abuse, which is the one that has to be published.
    pub abuse: Contact,
    /// Its own pages.
    pub url: Option<String>,
}

impl Registrar {
    /// Whether nothing is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// The dates of a registration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dates {
    /// First registered.
    pub registered: Option<Moment>,
    /// Paid until, as the registry sees it: it may have renewed by itself, whether or not the owner paid.
    pub expires: Option<Moment>,
    /// Paid until, as the registrar sees it.
    pub registrar_expires: Option<Moment>,
    /// Last changed, in whatever respect.
    pub changed: Option<Moment>,
    /// Last moved to another registrar.
    pub transferred: Option<Moment>,
    /// How fresh the answer's database was.
    pub database: Option<Moment>,
}

/// A registration as one server describes it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Registration {
    /// The domain the answer is about.
    pub domain: Option<Name>,
    /// The registry's own number of it.
    pub handle: Option<String>,
    /// Who sells and administers it.
    pub registrar: Registrar,
    /// Its statuses, without repetition, in the answer's order.
    pub statuses: Vec<Status>,
    /// Its dates.
    pub dates: Dates,
    /// The delegation as the registry holds it; none when the answer says nothing of it.
    pub name_servers: Option<NsSet>,
    /// Whether there is a DS record; none when the answer says nothing of it.
    pub signed: Option<bool>,
    /// The DS records told.
    pub ds: Vec<Ds>,
    /// Where the registrar's own answer is (RDAP, `rel=related`); not yet checked as addresses.
    pub related: Vec<String>,
}

impl Registration {
    /// Whether it has a status.
    #[must_use]
    pub fn has(&self, status: &Status) -> bool {
        self.statuses.contains(status)
    }

    /// Adds a status unless it is there.
    pub(super) fn note_status(&mut self, status: Status) {
        if !self.statuses.contains(&status) && self.statuses.len() < super::rdap::MOST_ITEMS {
            self.statuses.push(status);
        }
    }
}
