//! Saves the report of a running watch, or of a moment of a replay (the `r` key): HTML and Markdown, beside each other.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::watch;

use crate::cli::baseline::{file_stem, write};
use crate::incident::Incident;
use crate::time::{ReadClock, Timestamp};
use crate::view::report::{Origin, Report, html, markdown};

/// What the report of a running watch is made of, and where it goes.
#[derive(Clone)]
pub struct Reporting {
    /// The incident as it is published.
    pub news: watch::Receiver<Arc<Incident>>,
    /// The clock of the watch.
    pub clock: Arc<dyn ReadClock>,
    /// The folder.
    pub folder: PathBuf,
    /// Whether nothing of it is real.
    pub drill: bool,
}

impl Reporting {
    /// Saves the report as it stands, and says where, or why it could not be saved. A later one of the same watch takes its place.
    pub fn save(&self) -> String {
        let incident = Arc::clone(&self.news.borrow());
        let origin = Origin { title: "the running watch".to_owned(), notes: Vec::new(), drill: self.drill };
        save_report(&incident, self.clock.now(), &self.folder, origin, false)
    }
}

/// Saves a report, and says where, or why it could not be saved. One `as_of` a moment has that in its name, so that it takes no
/// other's place.
pub fn save_report(incident: &Incident, now: Timestamp, folder: &Path, origin: Origin, as_of: bool) -> String {
    match put(incident, now, folder, origin, as_of) {
        Ok((page, text)) => format!("report saved: {}, {}", page.display(), text.display()),
        Err(reason) => format!("the report could not be saved: {reason}"),
    }
}

fn put(
    incident: &Incident,
    now: Timestamp,
    folder: &Path,
    origin: Origin,
    as_of: bool,
) -> Result<(PathBuf, PathBuf), String> {
    let plain = |at: Timestamp| at.to_string().chars().filter(|c| !matches!(c, '-' | ':')).collect::<String>();
    let drill = if origin.drill { "drill-" } else { "" };
    let as_of = if as_of { format!("-as-of-{}", plain(now)) } else { String::new() };
    let stem = format!("unpark-{drill}{}-{}{as_of}", file_stem(incident.zone()), plain(incident.started()));
    let place = |ending: &str| std::path::absolute(folder.join(format!("{stem}.{ending}")));
    let paths = place("html").and_then(|page| Ok((page, place("md")?))).map_err(|e| e.to_string())?;
    let put = |path: &Path, text: &str| write(path, text).map_err(|complaint| complaint.to_string());
    let report = Report::of(incident, now, None, origin);
    put(&paths.0, &html(&report))?;
    put(&paths.1, &markdown(&report))?;
    Ok(paths)
}
