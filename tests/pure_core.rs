//! The compile wall: the pure modules mounted as a crate of their own. A path from one of them to an edge (`crate::probe`, or a
//! climb by `super::`) has nothing to resolve to here, so it does not compile. There is nothing to run.
//!
//! Every module that ARCHITECTURE.md calls pure is mounted; `tests/architecture.rs` sees to it. One inside another is mounted so:
//!
//! ```text
//! #[path = "../src/view"]
//! mod view {
//!     #[path = "model/mod.rs"]
//!     pub mod model;
//! }
//! ```

#![allow(
    dead_code,
    missing_docs,
    unfulfilled_lint_expectations,
    unused_imports,
    clippy::all,
    clippy::pedantic,
    reason = "the library is where these modules are used and linted"
)]

#[path = "../src/audit/mod.rs"]
mod audit;
#[path = "../src/baseline/mod.rs"]
mod baseline;
#[path = "../src/catalog/mod.rs"]
mod catalog;
#[path = "../src/dns/mod.rs"]
mod dns;
#[path = "../src/drill"]
mod drill {
    #[path = "model/mod.rs"]
    pub mod model;
}
#[path = "../src/finding.rs"]
mod finding;
#[path = "../src/flush/mod.rs"]
mod flush;
#[path = "../src/incident/mod.rs"]
mod incident;
#[path = "../src/judge/mod.rs"]
mod judge;
#[path = "../src/observation/mod.rs"]
mod observation;
#[path = "../src/registration/mod.rs"]
mod registration;
#[path = "../src/schedule/mod.rs"]
mod schedule;
#[path = "../src/time/mod.rs"]
mod time;
#[path = "../src/view"]
mod view {
    #[path = "model/mod.rs"]
    pub mod model;
}

fn main() {}
