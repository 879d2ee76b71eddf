//! `unpark audit` on simulated portfolios: everything that is wrong is found, nothing else is said, a run that was stopped goes on,
//! and registries that misbehave cost only the zones they hold. No packet leaves the machine.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    dead_code,
    reason = "a test may stop at the first surprise; parts of what is shared are for other tests and the bench"
)]

#[path = "../support/portfolio.rs"]
mod portfolio;
#[path = "../registration/world.rs"]
mod registry;
mod run;

mod across;
mod command;
mod misbehaving;
mod sample;
mod scale;
