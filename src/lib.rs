//! The truth about one zone in an outage: what is wrong, whether it is fixed at the source, who still sees it.
//!
//! Data flows one way:
//!
//! ```text
//! schedule → probe → Observation → Event → incident::apply (judge) → Incident → view::model → tui · json · lines
//!    pure     I/O       pure        pure            pure                pure       pure        edges
//! ```
//!
//! `ARCHITECTURE.md` has the table of modules and what each may use; `tests/architecture.rs` enforces it.

pub mod audit;
pub mod auditor;
pub mod baseline;
pub mod catalog;
pub mod cli;
pub mod dns;
pub mod drill;
pub mod engine;
pub mod finding;
pub mod flush;
pub mod http;
pub mod incident;
pub mod journal;
pub mod judge;
pub mod memory;
pub mod observation;
pub mod probe;
pub mod registration;
pub mod schedule;
pub mod time;
pub mod view;
