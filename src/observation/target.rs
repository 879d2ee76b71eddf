//! Whom we ask. One address in one role is one target.

use std::fmt;
use std::net::SocketAddr;

/// In which role an address is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// A server on the way from the root to the zone cut.
    Walk,
    /// A server of the parent zone, which holds the delegation.
    Parent,
    /// A name server of the zone itself: expected, delegated, or both.
    Authoritative,
    /// A recursive resolver.
    Resolver,
    /// An address at which no server stands: an answer from there comes from somebody in between.
    Nobody,
}

/// The identity of a target: role and address. Stable across runs, so the journal uses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TargetId {
    /// In which role it is asked.
    pub role: Role,
    /// Where it is.
    pub address: SocketAddr,
}

impl TargetId {
    /// A target of the given role.
    #[must_use]
    pub const fn new(role: Role, address: SocketAddr) -> Self {
        Self { role, address }
    }

    /// The address as people write it: without the port when that is 53.
    #[must_use]
    pub fn address_text(&self) -> String {
        address_text(self.address)
    }
}

/// An address as people write it: without the port when that is 53.
#[must_use]
pub fn address_text(address: SocketAddr) -> String {
    if address.port() == 53 { address.ip().to_string() } else { address.to_string() }
}

impl fmt::Display for TargetId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.address_text())
    }
}
