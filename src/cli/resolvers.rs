//! `unpark resolvers list`: whom unpark asks.

use crate::cli::args::ResolversCommand;
use crate::cli::exit::Exit;
use crate::cli::look::plain_look;
use crate::cli::print::print;
use crate::cli::setup::catalog;
use crate::view::{json, lines};

/// Runs the command.
pub fn run(command: &ResolversCommand) -> anyhow::Result<Exit> {
    let ResolversCommand::List { all, resolvers, add, json } = command;
    let catalog = catalog(resolvers.as_deref(), *add)?;
    let text =
        if *json { json::resolvers(&catalog, *all) } else { lines::resolvers_text(&catalog, *all, plain_look()) };
    print(&text)?;
    Ok(Exit::Good)
}
