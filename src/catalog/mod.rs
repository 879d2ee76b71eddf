//! What is known beforehand: public resolvers, parking fingerprints, root servers, RDAP servers, neutral names. Parsed and
//! checked data.
//!
//! Five texts are embedded (`resolvers.toml`, `parking.toml`, `root.hints`, `rdap.toml`, `neutral.toml`) and each can be replaced or
//! extended by the user's own. This module opens no file: it takes a text and the name to call it by in errors.
//! `docs/data.md` describes the forms. Nothing here judges: it says what matches, not what that means.

#![deny(clippy::disallowed_methods)]

mod address;
mod document;
mod error;
mod flush_operator;
mod neutral;
mod parking;
mod range;
mod rdap;
mod resolvers;
mod root_hints;
mod words;

pub use address::{AddressError, DNS_PORT, read_address};
pub use error::{CatalogError, Place};
pub use flush_operator::{EVERYONE_ELSE, FlushOperator, NO_FLUSH, NoFlush, UnknownOperator};
pub use neutral::{IdentityQuestion, Neutral};
pub use parking::{Fingerprint, ParkingCatalog, ParkingReason, Pattern};
pub use range::{AddressRange, RangeError};
pub use rdap::{RdapServer, RdapTable};
pub use resolvers::{ResolverCatalog, ResolverEntry};
pub use root_hints::{RootHints, RootServer};
pub use words::{Confidence, CountryCode, FlushWay, Known, Region, ResolverKind};
