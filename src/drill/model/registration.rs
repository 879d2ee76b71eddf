//! The registration behind the delegation: what the registry publishes about it, and what the registrar does.
//!
//! After the measured ways of registries of general top-level domains: at expiry the registry adds a year by itself,
//! whether or not anybody paid; only the registrar's own date then tells. Paying and putting the name servers back are
//! one act of the registrar.

use std::time::Duration;

use super::script::Change;
use super::truth::{Side, Sides};
use crate::dns::{Ds, NsSet};
use crate::time::Timestamp;

/// The year that a renewal adds.
const YEAR: Duration = Duration::from_secs(365 * 86_400);

/// What a registrar sets to take a name out of the DNS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Hold {
    /// The registrar's own hold.
    #[default]
    Client,
    /// The registry's.
    Server,
    /// Deleted, and still to be restored.
    Redemption,
}

/// Who sells and administers a registration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seller {
    /// Its name.
    pub name: String,
    /// IANA's number of it.
    pub iana_id: String,
    /// Telephone number of its abuse desk.
    pub phone: String,
    /// E-mail address of its abuse desk.
    pub email: String,
}

/// A registration over time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// Who sells it.
    pub seller: Seller,
    /// When it was first registered.
    pub registered: Timestamp,
    /// Until when it is paid.
    pub paid_until: Timestamp,
    /// How a name is taken out of the DNS.
    pub hold: Hold,
    /// Whether a lock forbids changes.
    pub locked: bool,
    /// The name servers that the registry holds.
    pub ns: NsSet,
    /// Its delegation signers.
    pub ds: Vec<Ds>,
    /// When it was last changed.
    pub changed: Timestamp,
    /// Whether it is on hold.
    pub held: bool,
}

impl Registration {
    /// The registry's date: a year is added at expiry whether or not it is paid.
    #[must_use]
    pub fn expires(&self, now: Timestamp) -> Timestamp {
        if self.paid_until <= now { self.paid_until + YEAR } else { self.paid_until }
    }

    /// Takes in what the registrar has the registry do.
    pub(super) fn take(&mut self, now: Timestamp, change: &Change, sides: &Sides) {
        self.changed = now;
        match change {
            Change::Delegate(delegation) => {
                let was_wrong = self.held || sides.classify(&self.ns) != Side::Correct;
                self.ns = delegation.ns.iter().cloned().collect();
                self.ds.clone_from(&delegation.ds);
                self.held = false;
                if was_wrong && sides.classify(&self.ns) == Side::Correct && self.paid_until <= now {
                    self.paid_until = self.paid_until + YEAR;
                }
            }
            Change::Withdraw => self.held = true,
            Change::Sign(ds) => self.ds.clone_from(ds),
        }
    }
}
