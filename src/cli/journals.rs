//! `unpark journals`: which journals there are, and how the old ones go.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use clap::{Args, Subcommand};
use serde::Serialize;

use crate::cli::complain::Complaint;
use crate::cli::config::Settings;
use crate::cli::exit::Exit;
use crate::cli::print::{print, remark};
use crate::incident::Phase;
use crate::journal::{Header, JournalError, Replay, is_being_written, is_plain, journals_in, pack, usual_folder};
use crate::time::{Timestamp, in_words};

/// A journal above this size is not told to its end for a list.
const MOST_TOLD: u64 = 4 << 20;

#[derive(Debug, Subcommand)]
pub enum JournalsCommand {
    /// List the journals: zone, start, length, size, and how each ended
    List(PlaceArgs),
    /// Delete old journals, and compress what is left; never one that is being written, nor what is no journal
    Prune(PruneArgs),
}

#[derive(Debug, Args)]
pub struct PlaceArgs {
    /// Look in this folder [default: where unpark writes them]
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
    /// Settings file [default: ./unpark.toml, then the user's configuration folder]
    #[arg(long, value_name = "FILE", env = "UNPARK_CONFIG", hide_env_values = true)]
    config: Option<PathBuf>,
    /// Machine-readable output
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub struct PruneArgs {
    #[command(flatten)]
    place: PlaceArgs,
    /// Delete those that were last written longer ago than this (30d, 12h)
    #[arg(long, value_name = "TIME", value_parser = read_age, required_unless_present = "keep")]
    older_than: Option<Duration>,
    /// Keep this many of the newest, whatever their age
    #[arg(long, value_name = "N")]
    keep: Option<usize>,
    /// Only say which
    #[arg(long)]
    dry_run: bool,
}

/// One journal, as far as it is cheap to know.
#[derive(Debug, Serialize)]
struct Listed {
    path: PathBuf,
    octets: u64,
    /// Whether the file is compressed.
    compressed: bool,
    #[serde(skip)]
    changed: SystemTime,
    zone: Option<String>,
    command: Option<String>,
    drill: bool,
    started: Option<String>,
    seconds: Option<u64>,
    phase: Option<&'static str>,
    /// `running`, `ended`, `cut short` or `unreadable`; none where it was not read to its end.
    end: Option<&'static str>,
    error: Option<String>,
}

#[derive(Serialize)]
struct List<'a> {
    schema: &'static str,
    journals: &'a [Listed],
    /// Those that were compressed, by their new names; only of a pruning.
    #[serde(skip_serializing_if = "Option::is_none")]
    compressed: Option<&'a [PathBuf]>,
}

/// Runs the command.
pub fn run(command: &JournalsCommand) -> anyhow::Result<Exit> {
    match command {
        JournalsCommand::List(place) => list(place),
        JournalsCommand::Prune(prune) => self::prune(prune),
    }
}

fn folder(place: &PlaceArgs) -> Result<PathBuf, Complaint> {
    if let Some(folder) = &place.folder {
        return Ok(folder.clone());
    }
    let settings = Settings::load(place.config.as_deref())?;
    settings.journal_folder.map_or_else(usual_folder, Ok).map_err(|e| Complaint::usage(e.to_string(), "give --folder"))
}

fn look(folder: &Path) -> Result<Vec<Listed>, Complaint> {
    let unreadable =
        |e: JournalError| Complaint::usage(e.to_string(), "check the folder and its permissions, or give --folder");
    Ok(journals_in(folder).map_err(unreadable)?.into_iter().filter_map(look_at).collect())
}

fn look_at(path: PathBuf) -> Option<Listed> {
    let meta = path.metadata().ok()?;
    let running = is_being_written(&path);
    let mut listed = Listed {
        octets: meta.len(),
        compressed: path.extension().is_some_and(|extension| extension == "gz"),
        changed: meta.modified().unwrap_or(SystemTime::UNIX_EPOCH),
        zone: None,
        command: None,
        drill: false,
        started: None,
        seconds: None,
        phase: None,
        end: running.then_some("running"),
        error: None,
        path,
    };
    match tell(&listed.path, listed.octets <= MOST_TOLD) {
        Ok((header, told)) => {
            listed.zone = Some(header.zone().to_string());
            listed.command = Some(header.command.clone());
            listed.drill = header.drill;
            listed.started = Some(header.started.to_string());
            if let Some((last, phase, ended)) = told {
                listed.seconds = Some(last.since(header.started).as_secs());
                listed.phase = Some(phase.word());
                listed.end = listed.end.or(Some(if ended { "ended" } else { "cut short" }));
            }
        }
        Err(error) => {
            listed.error = Some(error.to_string());
            listed.end = listed.end.or(Some("unreadable"));
        }
    }
    Some(listed)
}

type Told = Option<(Timestamp, Phase, bool)>;

fn tell(path: &Path, to_its_end: bool) -> Result<(Header, Told), JournalError> {
    let mut replay = Replay::open(path)?;
    let header = replay.header().clone();
    if !to_its_end {
        return Ok((header, None));
    }
    replay.go_to_end()?;
    let (last, phase) = (replay.now(), replay.incident().phase());
    Ok((header, Some((last, phase, replay.damage().ended))))
}

fn list(place: &PlaceArgs) -> anyhow::Result<Exit> {
    let folder = folder(place)?;
    let listed = look(&folder)?;
    if place.json {
        let list = List { schema: "unpark.journals/1", journals: &listed, compressed: None };
        print(&(serde_json::to_string_pretty(&list)? + "\n"))?;
        return Ok(Exit::Good);
    }
    if listed.is_empty() {
        remark(&format!("note: there is no journal in {}", folder.display()));
    }
    let mut text = String::new();
    for one in &listed {
        text.push_str(&line(one));
    }
    print(&text)?;
    Ok(Exit::Good)
}

fn line(one: &Listed) -> String {
    let plain = |text: &str| crate::cli::print::plain(text);
    let size = size(one.octets);
    let path = plain(&one.path.display().to_string());
    if let Some(error) = &one.error {
        return format!("{path}\n    {size}; {}\n", plain(error));
    }
    let length = one.seconds.map_or_else(|| "not read to its end".to_owned(), |s| in_words(Duration::from_secs(s)));
    let parts = [
        one.zone.clone().unwrap_or_default(),
        if one.drill { "DRILL".to_owned() } else { one.command.as_deref().map(plain).unwrap_or_default() },
        one.started.clone().unwrap_or_default(),
        length,
        if one.compressed { format!("{size} compressed") } else { size },
        one.phase.unwrap_or_default().to_owned(),
        one.end.unwrap_or_default().to_owned(),
    ];
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    format!("{path}\n    {}\n", parts.join(", "))
}

fn size(octets: u64) -> String {
    match octets {
        0..1024 => format!("{octets} B"),
        1024..1_048_576 => format!("{} KiB", octets / 1024),
        _ => format!("{} MiB", octets / 1_048_576),
    }
}

fn prune(prune: &PruneArgs) -> anyhow::Result<Exit> {
    let mut listed = look(&folder(&prune.place)?)?;
    // The newest first.
    listed.sort_by_key(|one| std::cmp::Reverse(one.changed));
    let now = SystemTime::now();
    let old = |one: &Listed| {
        let age = now.duration_since(one.changed).unwrap_or_default();
        prune.older_than.is_none_or(|limit| age > limit)
    };
    let keep = prune.keep.unwrap_or(0);
    // What cannot be read as a journal may be somebody else's file, or a newer version's.
    listed.retain(|one| one.error.is_none());
    let newest: Vec<Listed> = listed.drain(..keep.min(listed.len())).collect();
    let (gone, younger): (Vec<Listed>, Vec<Listed>) =
        listed.into_iter().partition(|one| one.end != Some("running") && old(one));
    let mut failed = false;
    let mut deleted = Vec::new();
    for one in gone {
        if !prune.dry_run
            && let Err(error) = std::fs::remove_file(&one.path)
        {
            remark(&format!("error: {}: {error}", one.path.display()));
            failed = true;
            continue;
        }
        deleted.push(one);
    }
    let mut compressed = Vec::new();
    for one in newest.iter().chain(&younger).filter(|one| one.end != Some("running") && is_plain(&one.path)) {
        if prune.dry_run {
            compressed.push(one.path.clone());
            continue;
        }
        match pack(&one.path, &mut || ()) {
            Ok(packed) => compressed.extend(packed),
            Err(error) => {
                remark(&format!("error: {}: {error}", one.path.display()));
                failed = true;
            }
        }
    }
    if prune.place.json {
        let list = List { schema: "unpark.journals/1", journals: &deleted, compressed: Some(&compressed) };
        print(&(serde_json::to_string_pretty(&list)? + "\n"))?;
    } else {
        let word = if prune.dry_run { "would delete" } else { "deleted" };
        let lines = deleted.iter().map(|one| format!("{word} {}", line(one)));
        let word = if prune.dry_run { "would compress" } else { "compressed to" };
        let packed =
            compressed.iter().map(|path| format!("{word} {}\n", crate::cli::print::plain(&path.display().to_string())));
        print(&lines.chain(packed).collect::<String>())?;
    }
    Ok(if failed { Exit::CannotTell } else { Exit::Good })
}

/// An age: `30d`, `12h`, or a bare number of seconds.
fn read_age(text: &str) -> Result<Duration, String> {
    match text.trim().parse::<u64>() {
        Ok(seconds) => Ok(Duration::from_secs(seconds)),
        Err(_) => humantime::parse_duration(text.trim()).map_err(|e| e.to_string()),
    }
}
