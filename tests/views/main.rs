//! Every screen at every size, as text. Accept changed ones with `INSTA_UPDATE=always`, and read them: they are what people
//! see at three in the morning.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
#![allow(missing_docs, reason = "tests")]

mod drill;
mod keys;
mod screens;
mod sizes;
mod stage;
mod world;
