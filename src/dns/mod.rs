//! The words of the trade: names, records, TTLs, serials, response codes. No I/O, no clock.
//!
//! Terms follow RFC 9499. Nothing here knows a wire library: the journal and the screens outlive
//! whichever one `probe` uses.

#![deny(clippy::disallowed_methods)]

mod name;
mod ns_set;
mod record;
mod serial;
pub mod shown;
mod signer;
mod types;

pub use name::{Name, NameError};
pub use ns_set::{NsSet, NsSetDifference};
pub use record::{Ds, RRset, Rdata, Record, Soa};
pub use serial::Serial;
pub use signer::key_tag;
pub use types::{Class, Rcode, RecordType, Ttl};
