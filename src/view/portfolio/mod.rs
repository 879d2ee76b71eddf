//! An audit as a page and as a table for spreadsheets. Pure functions; nothing here asks, judges or words anew what `audit` words.

mod csv;
mod page;
mod timeline;

pub use csv::audit_csv;
pub use page::audit_page;
