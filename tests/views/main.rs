//! Every screen at every size, as text. Accept changed ones with `INSTA_UPDATE=always`, and read them: they are what people
//! see at three in the morning.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]
#![allow(missing_docs, dead_code, reason = "tests, and shared support of which not all is used")]

#[path = "../support/incidents.rs"]
mod incidents;
#[path = "../support/play.rs"]
mod play;

mod drill;
mod keys;
mod replay;
mod screens;
mod sizes;
mod stage;
mod states;
mod table;
mod world;
