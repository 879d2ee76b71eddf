//! What people and programs are shown. Views read the incident; they never ask, send or decide.
//!
//! `model` words everything once; each other folder is one form of output and knows none of the others.

pub mod html;
pub mod json;
pub mod lines;
pub mod model;
pub mod portfolio;
pub mod report;
pub mod tui;
