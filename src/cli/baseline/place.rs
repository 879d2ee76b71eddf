//! Where baselines lie, and how they are read and written there.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::baseline::Baseline;
use crate::cli::complain::Complaint;
use crate::cli::config::{configuration_folder, read_text};
use crate::dns::Name;

/// The largest baseline that is read.
const LARGEST: u64 = 1 << 20;
/// Most files of the folder that are listed.
const MOST_FILES: usize = 10_000;

/// The folder in which baselines lie.
pub fn folder() -> Option<PathBuf> {
    configuration_folder().map(|folder| folder.join("baselines"))
}

/// Where the baseline of a zone lies, unless told otherwise.
pub fn usual_file(zone: &Name) -> Option<PathBuf> {
    Some(folder()?.join(format!("{}.toml", file_stem(zone))))
}

/// The baseline of a zone in the usual place, where there is one.
pub fn find(zone: &Name) -> Option<PathBuf> {
    usual_file(zone).filter(|file| file.exists())
}

/// The zone's name as part of a path: whatever could mean something else there is written as `%2f`.
pub fn file_stem(zone: &Name) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    let octets = zone.without_dot().into_bytes();
    octets.iter().map(|b| if plain(*b) { char::from(*b).to_string() } else { format!("%{b:02x}") }).collect()
}

/// What to say where nobody's folder is known.
pub fn homeless() -> Complaint {
    Complaint::usage("neither XDG_CONFIG_HOME nor HOME is set, so there is no folder for baselines", "give --file FILE")
}

/// Reads a file, whatever zone it is about.
pub fn parse(file: &Path) -> Result<Baseline, Complaint> {
    let text = read_text(file, LARGEST)?;
    let hint = "repair the file, save the zone anew (unpark baseline save --force), or leave it out (--no-baseline)";
    Baseline::parse(&text, &file.display().to_string()).map_err(|error| Complaint::usage(error.to_string(), hint))
}

/// Reads the baseline of a zone.
pub fn read(file: &Path, zone: &Name) -> Result<Baseline, Complaint> {
    if !file.exists() {
        let what = format!("there is no baseline at {}", file.display());
        let hint = format!("unpark baseline save {} makes one, while the zone is healthy", zone.without_dot());
        return Err(Complaint::usage(what, hint));
    }
    let baseline = parse(file)?;
    if baseline.zone != *zone {
        let what = format!("{} is the baseline of {}, not of {zone}", file.display(), baseline.zone);
        return Err(Complaint::usage(what, "give the file of this zone"));
    }
    Ok(baseline)
}

/// Writes a file whole: a reader sees the old text or the new one, never half of it.
pub fn write(file: &Path, text: &str) -> Result<(), Complaint> {
    let failed = |error: std::io::Error| {
        Complaint::own(format!("{}: {error}", file.display()), "check the folder and the space left, or give --file")
    };
    if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    let beside = file.with_extension(format!("toml.{}", std::process::id()));
    let written = std::fs::File::create(&beside).and_then(|mut out| {
        out.write_all(text.as_bytes())?;
        out.sync_all()
    });
    let moved = written.and_then(|()| std::fs::rename(&beside, file));
    moved.map_err(|error| {
        // What is left of it is of no use to anybody.
        let _ = std::fs::remove_file(&beside);
        failed(error)
    })
}

/// The files of the folder, in order of their names. No folder holds none.
pub fn files(folder: &Path) -> Result<Vec<PathBuf>, Complaint> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => {
            return Err(Complaint::usage(format!("{}: {error}", folder.display()), "check the folder's permissions"));
        }
    };
    let paths = entries.take(MOST_FILES).filter_map(|entry| entry.ok().map(|entry| entry.path()));
    let mut files: Vec<PathBuf> = paths.filter(|p| p.extension().is_some_and(|e| e == "toml")).collect();
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_leads_out_of_the_folder() {
        let stem = |labels: &[&[u8]]| file_stem(&Name::from_labels(labels.iter().copied()).unwrap());
        assert_eq!(stem(&[b"brevo", b"com"]), "brevo.com");
        let odd = stem(&[b"../../etc", b"com"]);
        assert!(!odd.contains('/'), "{odd}");
    }
}
