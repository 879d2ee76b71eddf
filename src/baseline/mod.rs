//! How a zone was while it was healthy: what a later outage is held against. Made from an incident, written as a text that
//! people read and commit, read back, compared with how it is now. Knows no file and no clock.

#![deny(clippy::disallowed_methods)]

mod comparison;
mod document;
mod sight;

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use crate::dns::{Name, NsSet};
use crate::time::Timestamp;

pub use comparison::{Comparison, Likeness, Part, compare};
pub use document::BaselineError;
pub use sight::{NoBaseline, Sight};

/// A zone as it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Baseline {
    /// The zone.
    pub zone: Name,
    /// When it was like this.
    pub taken: Timestamp,
    /// The delegation at the parent. Never empty.
    pub ns: NsSet,
    /// The DS records at the parent, as text; empty when there were none. None when they were not known.
    pub ds: Option<BTreeSet<String>>,
    /// The NS records that the zone itself gives; none when they were not known.
    pub apex_ns: Option<NsSet>,
    /// The SOA's primary server and mailbox; none when not known.
    pub soa: Option<(Name, Name)>,
    /// The addresses of the name servers, as far as they were known.
    pub servers: BTreeMap<Name, BTreeSet<SocketAddr>>,
    /// The addresses of the apex and of watched hosts, as far as they were known. Empty: none was there.
    pub hosts: BTreeMap<Name, BTreeSet<std::net::IpAddr>>,
}
