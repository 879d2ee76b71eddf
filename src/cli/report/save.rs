//! Saves the report of a running watch (the `r` key): HTML and Markdown, beside each other.

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
        match self.write(&incident, self.clock.now()) {
            Ok((page, text)) => format!("report saved: {}, {}", page.display(), text.display()),
            Err(reason) => format!("the report could not be saved: {reason}"),
        }
    }

    fn write(&self, incident: &Incident, now: Timestamp) -> Result<(PathBuf, PathBuf), String> {
        let origin = Origin { title: "the running watch".to_owned(), notes: Vec::new(), drill: self.drill };
        let report = Report::of(incident, now, None, origin);
        let started: String = incident.started().to_string().chars().filter(|c| !matches!(c, '-' | ':')).collect();
        let drill = if self.drill { "drill-" } else { "" };
        let stem = format!("unpark-{drill}{}-{started}", file_stem(incident.zone()));
        let place = |ending: &str| std::path::absolute(self.folder.join(format!("{stem}.{ending}")));
        let paths = place("html").and_then(|page| Ok((page, place("md")?))).map_err(|e| e.to_string())?;
        let put = |path: &Path, text: &str| write(path, text).map_err(|complaint| complaint.to_string());
        put(&paths.0, &html(&report))?;
        put(&paths.1, &markdown(&report))?;
        Ok(paths)
    }
}
