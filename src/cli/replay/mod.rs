//! `unpark replay`: a journal told again, by the rules of today: on the screen, or as text.

mod screen;

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::cli::args::ColorArg;
use crate::cli::complain::Complaint;
use crate::cli::exit::Exit;
use crate::cli::look::{colour, in_words, plain_look, wants_ascii};
use crate::cli::print::{print, remark};
use crate::cli::taste::TasteArgs;
use crate::incident::Incident;
use crate::journal::{Header, JournalError, Replay};
use crate::time::Timestamp;
use crate::view::model::Board;
use crate::view::{json, lines};

pub use screen::run as run_on_screen;

const EXAMPLES: &str = "Examples:
  unpark replay brevo.com-20261122T121000Z.jsonl.gz             the screen of then: Space plays, ] and [ jump, ? helps
  unpark replay FILE --plain                                    a line for each change, as the watch printed it
  unpark replay FILE --until 12:50 --verbose                    how it stood at 12:50 UTC
  unpark replay FILE --until 25m --json                         the document of check --json for that moment

The screen is there on a terminal. With --until, --json or --plain, or where standard output is no terminal, it is text.
Nothing is asked or sent. Exit codes are those of check, for the moment told last.";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct ReplayCommand {
    /// The journal; one that gzip compressed is read as it is
    pub file: PathBuf,
    /// Say how it stood then, without a screen: a time (2026-11-22T12:50:00Z), a time of day in UTC (12:50), or a span from the start (25m)
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,
    /// Machine-readable output, without a screen: the document of `check --json` for that moment, or a line for each change
    #[arg(long)]
    pub json: bool,
    /// Say only what matters most
    #[arg(short, long, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Show every server and resolver
    #[arg(short, long)]
    pub verbose: bool,
    #[command(flatten)]
    pub taste: TasteArgs,
    /// Colours; `NO_COLOR` is honoured too
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub color: ColorArg,
}

impl ReplayCommand {
    /// Whether it is told on a screen.
    pub fn wants_screen(&self) -> bool {
        std::io::stdout().is_terminal() && self.until.is_none() && !self.json && !self.taste.plain
    }
}

/// Runs the command as text.
pub fn run(command: &ReplayCommand) -> anyhow::Result<Exit> {
    let mut replay = Replay::open(&command.file).map_err(complain)?;
    let header = replay.header().clone();
    let look = lines::Look {
        colour: colour(command.color, std::io::stdout().is_terminal()),
        ascii: wants_ascii(command.taste.ascii),
        quiet: command.quiet,
        verbose: command.verbose,
        ..plain_look()
    };
    let look = if command.taste.plain { in_words(look) } else { look };
    let incident = match &command.until {
        Some(text) => {
            let until = read_moment(text, &header)?;
            replay.go_to(until).map_err(complain)?;
            let at = if replay.next_moment().map_err(complain)?.is_none() { replay.now() } else { until };
            let incident = replay.view(at);
            let at = at.max(replay.now());
            let board = Board::of(&incident, at);
            let exit = Exit::of_phase(incident.phase()).code();
            let text = if command.json {
                json::check(&incident, &board, header.started, at, exit)
            } else {
                format!("{}{at}\n{}", mark(&header), lines::check_text(&board, look))
            };
            print(&text)?;
            incident
        }
        None => tell_changes(&mut replay, &header, command.json, look)?,
    };
    for note in replay.damage().notes() {
        remark(&format!("note: {note}"));
    }
    Ok(Exit::of_phase(incident.phase()))
}

/// One line for each change, as the watch would have printed it, to the end or as long as somebody reads.
fn tell_changes(replay: &mut Replay, header: &Header, as_json: bool, look: lines::Look) -> anyhow::Result<Incident> {
    let mut before: Option<Board> = None;
    let mut seen = None;
    loop {
        let next = replay.next_moment().map_err(complain)?;
        let now = replay.now();
        // What came together is looked at together, as the watch does; how it began is a line of its own there too.
        let together = before.is_some() && next.is_some_and(|next| next.since(now) < Duration::from_millis(100));
        if !together {
            let incident = replay.incident();
            let looks = (incident.phases().len(), incident.counts_over_time().len(), incident.times_source_judged());
            if seen != Some(looks) || next.is_none() {
                seen = Some(looks);
                let incident = replay.view(now);
                let board = Board::of(&incident, now);
                let changes = lines::changes(before.as_ref(), &board, look);
                if !changes.is_empty() {
                    let text = if as_json {
                        json::check_line(&incident, &board, Exit::of_phase(incident.phase()).code()) + "\n"
                    } else {
                        changes.iter().map(|line| format!("{}{line}\n", mark(header))).collect()
                    };
                    if !print(&text)? {
                        return Ok(incident);
                    }
                }
                before = Some(board);
            }
        }
        if !replay.advance().map_err(complain)? {
            return Ok(replay.view(replay.now()));
        }
    }
}

/// What no reader may miss.
const fn mark(header: &Header) -> &'static str {
    if header.drill { "REPLAY DRILL " } else { "REPLAY " }
}

#[expect(clippy::needless_pass_by_value, reason = "it is what map_err gives")]
fn complain(error: JournalError) -> Complaint {
    Complaint::usage(error.to_string(), "unpark journals list shows what there is")
}

/// A moment of a journal: absolute, a time of its days, or a span from its start.
fn read_moment(text: &str, header: &Header) -> Result<Timestamp, Complaint> {
    let text = text.trim();
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(at);
    }
    let started = header.started.to_string();
    if let Some(day) = started.get(..10)
        && text.contains(':')
    {
        let seconds = if text.matches(':').count() == 1 { ":00" } else { "" };
        if let Ok(at) = format!("{day}T{text}{seconds}Z").parse::<Timestamp>() {
            // A time of day before the start is one of the day after.
            return Ok(if at < header.started { at + Duration::from_secs(86_400) } else { at });
        }
    }
    let span = match text.parse::<u32>() {
        Ok(seconds) => Ok(Duration::from_secs(u64::from(seconds))),
        Err(_) => humantime::parse_duration(text),
    };
    span.map(|span| header.started + span).map_err(|_| {
        let shown = crate::dns::shown::text(text);
        Complaint::usage(format!("--until {shown}: no moment"), "write 2026-11-22T12:50:00Z, 12:50 or 25m")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incident::Opening;

    #[test]
    fn moments_are_read_as_people_write_them() {
        let opening = Opening::of("shop.example.".parse().unwrap());
        let header = Header::new("watch", false, "2026-11-22T12:40:00Z".parse().unwrap(), opening);
        for (text, moment) in [
            ("2026-11-22T13:00:00+01:00", "2026-11-22T12:00:00Z"),
            ("12:50", "2026-11-22T12:50:00Z"),
            ("12:50:10", "2026-11-22T12:50:10Z"),
            ("01:00", "2026-11-23T01:00:00Z"),
            ("25m", "2026-11-22T13:05:00Z"),
            ("90", "2026-11-22T12:41:30Z"),
        ] {
            assert_eq!(read_moment(text, &header).unwrap().to_string(), moment, "{text}");
        }
        for bad in ["", "soon", "25:99", "-1"] {
            assert!(read_moment(bad, &header).is_err(), "{bad}");
        }
    }
}
