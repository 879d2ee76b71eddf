//! `unpark trace`: the source ladder only. No resolver is asked, so nothing is stored anywhere.

use crate::cli::args::TraceCommand;
use crate::cli::config::Settings;
use crate::cli::exit::Exit;
use crate::cli::look::look;
use crate::cli::network::run_round;
use crate::cli::print::print;
use crate::cli::setup::{Plan, Sampling};
use crate::schedule::Mode;
use crate::time::ReadClock as _;
use crate::view::model::Board;
use crate::view::{json, lines};

/// Runs the command.
pub async fn run(command: TraceCommand) -> anyhow::Result<Exit> {
    let settings = Settings::load(command.probe.config.as_deref())?;
    let plan = Plan::make(&command.domain, &command.probe, settings, Sampling { needed: 1, confidence: 1 }, false)?;
    let mode = Mode::Round { samples: 1, resolvers: false };
    let (incident, clock) = run_round(&plan, mode, !command.probe.quiet).await?;
    let finished = clock.now();
    let board = Board::of(&incident, finished);
    let exit = Exit::of_phase(incident.phase());
    let text = if command.probe.json {
        json::trace(&incident, &board, incident.started(), finished, exit.code())
    } else {
        lines::trace_text(&incident, &board, look(&command.probe))
    };
    print(&text)?;
    Ok(exit)
}
