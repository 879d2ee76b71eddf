//! The zones to be audited, as somebody wrote them down.

use crate::dns::{Name, NsSet};

/// One zone of the list with what its owner says about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The zone.
    pub zone: Name,
    /// In which line of the list, from 1.
    pub line: usize,
    /// Its correct name servers, exactly; none where nobody said so.
    pub expect: Option<NsSet>,
    /// Names inside it that are looked at besides the apex.
    pub hosts: Vec<Name>,
    /// The host that customers use; the apex where none is given. The status page is held against it.
    pub product: Option<Name>,
    /// The host of the status page.
    pub status: Option<Name>,
    /// The domain that stands in when this one is out.
    pub failover: Option<Name>,
}

/// A line that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Which line, from 1.
    pub line: usize,
    /// Why; safe to show.
    pub reason: String,
}

/// A zone that stands in the list more than once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duplicate {
    /// The zone.
    pub zone: Name,
    /// Where it stands again, from 1.
    pub line: usize,
    /// Where it stood first; that entry counts.
    pub first: usize,
}

/// A list of zones as read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Portfolio {
    /// The zones, each once, in the order of the list.
    pub entries: Vec<Entry>,
    /// What could not be read, in the order of the list.
    pub faults: Vec<Fault>,
    /// What stood there again.
    pub duplicates: Vec<Duplicate>,
    /// What else a reader should know about the list; safe to show.
    pub notes: Vec<String>,
}
