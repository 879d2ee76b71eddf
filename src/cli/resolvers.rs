//! `unpark resolvers list`: whom unpark asks.

use std::path::Path;

use crate::cli::exit::Exit;
use crate::cli::look::plain_look;
use crate::cli::print::print;
use crate::cli::setup::catalog;
use crate::view::{json, lines};

/// Runs the command.
pub fn run(all: bool, resolvers: Option<&Path>, add: bool, json: bool) -> anyhow::Result<Exit> {
    let catalog = catalog(resolvers, add)?;
    let text = if json { json::resolvers(&catalog, all) } else { lines::resolvers_text(&catalog, all, plain_look()) };
    print(&text)?;
    Ok(Exit::Good)
}
