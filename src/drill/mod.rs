//! The drill: a simulated internet that suffers an outage, for learning, for training and for tests.
//!
//! [`model`] is the internet itself and is pure; [`stage`] sets one up; [`scenario`] reads the files that describe one;
//! [`network`] puts it behind the seam of `probe`, in virtual time; [`front`] puts it on loopback ports, in real time, for
//! the live tool; [`rdap`] answers for the registry; [`record`] keeps what was true when; [`machine`] says
//! when the tool's machine sleeps. No packet of a drill leaves the machine.

pub mod front;
pub mod machine;
pub mod message;
pub mod model;
pub mod network;
pub mod rdap;
pub mod record;
pub mod scenario;
pub mod stage;
mod zone_line;
