//! Walks from the start servers down the zone cuts to the one that delegates a zone (RFC 1034 §5.3.3, RFC 9156).
//!
//! Asks without recursion, so no cache learns anything from it. May not ask a resolver, and does not ask for the
//! zone's own delegation: the caller asks every parent server for that, and compares.

mod cut;
mod trip;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use thiserror::Error;

use super::{Families, Prober};
use crate::dns::Name;
use crate::observation::Observation;
use cut::Cut;
use trip::Trip;

/// A name server at one of its addresses.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ServerAddress {
    /// The server's host name.
    pub name: Name,
    /// One of its addresses.
    pub address: SocketAddr,
}

/// Where a zone is, or would be, delegated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZoneCut {
    /// The zone that holds the delegation.
    pub parent: Name,
    /// Every usable address of every server of the parent zone. Empty when none has one: then the parent is known,
    /// but cannot be asked, and `unresolved` says why.
    pub servers: Vec<ServerAddress>,
    /// Servers of the parent zone without a usable address, each with the reason.
    pub unresolved: Vec<(Name, String)>,
}

/// Why a walk did not reach its end.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum WalkError {
    /// No query could leave this machine: our side.
    #[error("no query could be sent: {0}")]
    NotSent(String),
    /// Queries were sent, and no server of the zone answered one.
    #[error("no server of {zone} answered")]
    NobodyAnswered {
        /// Whose servers were asked.
        zone: Name,
    },
    /// Servers answered, but none with a referral, an authoritative answer or a proper denial.
    #[error("no server of {zone} gave a usable answer")]
    NoUsableAnswer {
        /// Whose servers were asked.
        zone: Name,
    },
    /// The zone's servers have no address that could be found and asked.
    #[error("no server of {zone} has a usable address: {reason}")]
    NoServerAddress {
        /// Whose servers these are.
        zone: Name,
        /// Why the last of them has none.
        reason: String,
    },
    /// A server's address can only be learned from a server whose address hangs on it.
    #[error("the address of {0} depends on itself")]
    DependsOnItself(Name),
    /// One address needs another, and that another, too often.
    #[error("{0} lies behind too many other names")]
    TooDeep(Name),
    /// The walk would have needed more queries than one walk may send.
    #[error("the walk needs too many queries")]
    BudgetExceeded,
    /// The root zone was asked for, and nothing delegates it.
    #[error("the root zone has no parent")]
    RootHasNoParent,
}

/// Finds zone cuts and server addresses, remembering what it found.
///
/// Servers found below a start server with a port other than 53 are asked on that same port: a test world may live
/// on high ports, and delegations carry no ports.
pub struct Walker {
    prober: Arc<Prober>,
    start: Vec<ServerAddress>,
    families: Families,
    memory: Mutex<Memory>,
}

/// What earlier walks found.
#[derive(Debug, Default)]
struct Memory {
    /// Delegations by the zone they lead to.
    cuts: HashMap<Name, Cut>,
    /// Addresses by host name.
    hosts: HashMap<Name, Vec<SocketAddr>>,
}

impl Walker {
    /// A walker that starts at the servers of the root zone given.
    #[must_use]
    pub fn new(prober: Arc<Prober>, start: Vec<ServerAddress>, families: Families) -> Self {
        Self { prober, start, families, memory: Mutex::default() }
    }

    /// Finds the zone that holds, or would hold, the delegation of `zone`, with all its servers.
    ///
    /// Each name between the root and `zone` is tested for a cut, so the answer is right for `example.co.uk` as for
    /// `a.b.example.org`. All servers of each cut are asked at once; the walk goes on with the first usable answers
    /// and never waits for slow ones. Every observation made meanwhile is given to `heard`.
    ///
    /// A host with some glue is taken to have all its addresses there. That the parent denies `zone` (a held name)
    /// is no error: the parent is found all the same.
    ///
    /// # Errors
    /// [`WalkError`] says whose servers stopped it, and whether that is our fault.
    pub async fn find_zone_cut(
        &self,
        zone: &Name,
        heard: &(dyn Fn(Observation) + Send + Sync),
    ) -> Result<ZoneCut, WalkError> {
        let (trip, left_behind) = Trip::new(self, heard, trip::BUDGET_FOR_CUT);
        trip::accompany(trip.find_zone_cut(zone), left_behind, heard).await
    }

    /// Finds the addresses of a host, in the families that may be asked, by walking to its zone. Empty when it has
    /// none. At most four aliases are followed, though a server's name should not be one (RFC 2181 §10.3).
    ///
    /// # Errors
    /// As [`Walker::find_zone_cut`].
    pub async fn host_addresses(
        &self,
        host: &Name,
        heard: &(dyn Fn(Observation) + Send + Sync),
    ) -> Result<Vec<SocketAddr>, WalkError> {
        let (trip, left_behind) = Trip::new(self, heard, trip::BUDGET_FOR_HOST);
        trip::accompany(trip.host_addresses(host.clone(), Vec::new()), left_behind, heard).await
    }

    /// Whether addresses of both families are looked for. Otherwise that none was found says little about a host.
    #[must_use]
    pub const fn asks_every_family(&self) -> bool {
        self.families.ipv4 && self.families.ipv6
    }

    /// Forgets everything found, so that the next walk sees the present.
    pub fn forget(&self) {
        *self.memory() = Memory::default();
    }

    /// Never held across an await.
    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The deepest known cut at `name` or above it; the start when there is none, or no name.
    fn nearest_cut(&self, name: Option<Name>) -> Cut {
        let memory = self.memory();
        let nearest = std::iter::successors(name, Name::one_up).find_map(|zone| memory.cuts.get(&zone).cloned());
        nearest.unwrap_or_else(|| Cut::root(&self.start, self.families))
    }
}

#[cfg(test)]
mod tests;
