//! `unpark check`: one honest round, then exit.

use crate::cli::args::CheckCommand;
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

/// Samples of each resolver, unless told otherwise.
const USUAL_SAMPLES: u16 = 3;
/// More good samples than this do not make a single resolver more correct.
const ENOUGH: usize = 3;

/// Runs the command.
pub async fn run(command: CheckCommand) -> anyhow::Result<Exit> {
    let settings = Settings::load(command.probe.config.as_deref())?;
    let samples = usize::from(command.samples.or(settings.samples).unwrap_or(USUAL_SAMPLES).max(1));
    let sampling = Sampling { needed: samples.min(ENOUGH), confidence: samples };
    let plan = Plan::make(&command.domain, &command.probe, settings, sampling, true)?;
    let mode = Mode::Round { samples, resolvers: true };
    let (incident, clock) = run_round(&plan, mode, !command.probe.quiet).await?;
    let finished = clock.now();
    let board = Board::of(&incident, finished);
    let exit = Exit::of_phase(incident.phase());
    let text = if command.probe.json {
        json::check(&incident, &board, incident.started(), finished, exit.code())
    } else {
        lines::check_text(&board, look(&command.probe))
    };
    print(&text)?;
    Ok(exit)
}
