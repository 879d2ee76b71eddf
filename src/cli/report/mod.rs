//! `unpark report`: what happened, after it happened: a journal told once more, and written down for people and programs.

mod save;

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::cli::baseline::write;
use crate::cli::complain::Complaint;
use crate::cli::exit::Exit;
use crate::cli::print::{print, remark};
use crate::journal::{JournalError, Replay};
use crate::time::Timestamp;
use crate::view::report::{Origin, Report, csv, html, json, markdown};

pub use save::{Reporting, save_report};

const EXAMPLES: &str = "Examples:
  unpark report brevo.com-20261122T121000Z.jsonl --output report.html
  unpark report FILE --format md | gh issue create --body-file - --title 'Outage of brevo.com'
  unpark report FILE --since 2026-11-22T12:30:00Z --until 2026-11-22T14:00:00Z --format csv

FILE is a journal (docs/journal.md). The HTML is one file without script that needs no network to be read. On the live
screen, r saves the report of what was seen so far.";

#[derive(Debug, Clone, Args)]
#[command(after_help = EXAMPLES)]
pub struct ReportCommand {
    /// The journal
    pub file: PathBuf,
    /// In which form [default: by the ending of --output, else md]
    #[arg(long, value_name = "FORM")]
    pub format: Option<Format>,
    /// Tell nothing that happened before this (2026-11-22T12:30:00Z); how it began is left out, the outcome is not
    #[arg(long, value_name = "TIME", value_parser = read_moment)]
    pub since: Option<Timestamp>,
    /// Tell it as it stood then
    #[arg(long, value_name = "TIME", value_parser = read_moment)]
    pub until: Option<Timestamp>,
    /// Write to this file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// The form of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Markdown, for an issue tracker
    Md,
    /// One page that needs nothing else
    Html,
    /// For programs (unpark.report/1)
    Json,
    /// A row for each resolver
    Csv,
}

fn read_moment(text: &str) -> Result<Timestamp, String> {
    text.trim().parse().map_err(|_| "give a time such as 2026-11-22T12:30:00Z".to_owned())
}

/// Runs the command.
pub fn run(command: &ReportCommand) -> anyhow::Result<Exit> {
    if command.since.zip(command.until).is_some_and(|(since, until)| since > until) {
        return Err(Complaint::usage("--since is later than --until", "give the earlier time as --since").into());
    }
    let report =
        tell(command).map_err(|e| Complaint::usage(e.to_string(), "unpark journals list shows what there is"))?;
    let ending = command.output.as_ref().and_then(|path| path.extension()?.to_str()).unwrap_or_default();
    let format = command.format.unwrap_or(match ending {
        "html" | "htm" => Format::Html,
        "json" => Format::Json,
        "csv" => Format::Csv,
        _ => Format::Md,
    });
    let text = match format {
        Format::Md => markdown(&report),
        Format::Html => html(&report),
        Format::Json => json(&report),
        Format::Csv => csv(&report),
    };
    for note in &report.origin.notes {
        remark(&format!("note: {note}"));
    }
    match &command.output {
        Some(path) => {
            write(path, &text)?;
            remark(&format!("{} was written", path.display()));
        }
        None => {
            print(&text)?;
        }
    }
    Ok(Exit::Good)
}

/// The journal told once more, up to the time asked for.
fn tell(command: &ReportCommand) -> Result<Report, JournalError> {
    let mut replay = Replay::open(&command.file)?;
    match command.until {
        Some(until) => replay.go_to(until)?,
        None => replay.go_to_end()?,
    }
    let end = command.until.map_or(replay.now(), |until| until.clamp(replay.header().started, replay.now()));
    let notes = replay.damage().notes();
    let incident = replay.view(end);
    let title = command.file.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let origin = Origin { title, notes, drill: replay.header().drill };
    Ok(Report::of(&incident, end, command.since, origin))
}
