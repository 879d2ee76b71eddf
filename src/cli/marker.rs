//! `unpark marker`: the record by which the correct servers are known beyond doubt. Sends nothing.

use clap::Args;

use crate::cli::complain::Complaint;
use crate::cli::exit::Exit;
use crate::cli::print::{print, remark};
use crate::cli::setup::read_zone;
use crate::judge::Marker;

const EXAMPLES: &str = "Examples:
  unpark marker brevo.com                                print a record with a new token
  unpark marker brevo.com k3f9a2xw                       the same with your own token
  unpark brevo.com --expect ns1.example.net --marker k3f9a2xw

Where the correct and the parked servers answer alike (one provider on both sides), nothing else tells them apart.
Add the record on the correct servers only, and leave it there until all caches are clean.";

#[derive(Debug, Clone, Args)]
#[command(after_help = EXAMPLES)]
pub struct MarkerCommand {
    /// The domain
    pub domain: String,
    /// The token: up to 32 of a-z, 0-9 and '-' [default: a new one]
    pub token: Option<String>,
}

/// Runs the command.
pub fn run(command: &MarkerCommand) -> anyhow::Result<Exit> {
    let zone = read_zone(&command.domain)?;
    let token = command.token.clone().unwrap_or_else(|| Marker::token_from(rand::random()));
    let marker = Marker::of_token(&token, &zone).map_err(|reason| {
        let what = format!("the token '{}': {reason}", crate::dns::shown::text(&token));
        Complaint::usage(what, "leave it out to have one made up")
    })?;
    print(&format!("{}\n", marker.record(&zone)))?;
    remark(&format!(
        "Add this record to {} at its correct servers, then watch with --marker {token}",
        zone.without_dot()
    ));
    Ok(Exit::Good)
}
