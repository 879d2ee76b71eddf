//! The drill: a simulated internet that suffers an outage, for learning, for training and for tests.
//!
//! [`model`] is the internet itself and is pure; [`stage`] sets one up; [`scenario`] reads the files that describe one;
//! [`network`] puts it behind the seam of `probe`, in virtual time. No packet of a drill leaves the machine.

pub mod message;
pub mod model;
pub mod network;
pub mod scenario;
pub mod stage;
mod zone_line;
