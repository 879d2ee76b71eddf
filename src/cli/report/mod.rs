//! The report after an incident, and of a running one.

mod save;

pub use save::Reporting;
