//! `unpark.toml`: settings for every run, and what is correct for each zone. Flags and environment outrank it.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::cli::args::{SAMPLES, check_rate};
use crate::cli::complain::Complaint;
use crate::cli::taste::KeyChoice;
use crate::dns::Name;

/// The largest settings file that is read.
const LARGEST: u64 = 1 << 20;
/// What to do about a wrong entry.
const SEE: &str = "docs/settings.md describes the settings file";

/// The settings file. Unknown keys are errors, so that a typing mistake is not silently without effect.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Settings {
    pub survey: Option<String>,
    pub rate: Option<f64>,
    pub timeout: Option<String>,
    pub samples: Option<u16>,
    pub confidence: Option<u16>,
    pub resolvers: Option<PathBuf>,
    pub resolver: Vec<String>,
    pub add: Option<bool>,
    pub system_resolvers: Option<bool>,
    pub root_hints: Option<PathBuf>,
    pub flush_cloudflare_url: Option<String>,
    pub flush_google_url: Option<String>,
    pub registration: Option<bool>,
    pub ca_file: Option<PathBuf>,
    pub rdap_table: Option<PathBuf>,
    pub whois_server: Option<String>,
    pub neutral: Option<PathBuf>,
    pub calibrate: Option<bool>,
    pub theme: Option<String>,
    /// The operator's own colours, by role.
    pub colors: BTreeMap<String, String>,
    /// The keys that the operator bound anew, by what they do.
    pub keys: BTreeMap<String, KeyChoice>,
    /// A line for the shell, run at each change of phase.
    pub on_change: Option<String>,
    pub on_change_timeout: Option<String>,
    /// A secret: never shown.
    pub webhook: Option<String>,
    pub journal: Option<bool>,
    pub journal_folder: Option<PathBuf>,
    /// By zone name.
    pub zone: BTreeMap<String, ZoneSettings>,
    /// Where all this was read, for the reader of an error.
    #[serde(skip)]
    read_from: PathBuf,
}

/// What is known of one zone.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct ZoneSettings {
    pub expect: Vec<String>,
    pub parked: Vec<Vec<String>>,
    pub hosts: Vec<String>,
    pub varying_addresses: bool,
    /// What those on duty should know.
    pub notes: Vec<String>,
    pub marker: Option<String>,
}

impl Settings {
    /// Reads the file given, or the first of the usual places that exists; no file is no error.
    pub fn load(given: Option<&Path>) -> Result<Self, Complaint> {
        let usual = || {
            let places =
                [Some(PathBuf::from("unpark.toml")), configuration_folder().map(|folder| folder.join("unpark.toml"))];
            places.into_iter().flatten().find(|path| path.is_file())
        };
        match given.map(Path::to_path_buf).or_else(usual) {
            Some(path) => Self::parse(&read_text(&path, LARGEST)?, &path),
            None => Ok(Self::default()),
        }
    }

    pub(in crate::cli) fn parse(text: &str, path: &Path) -> Result<Self, Complaint> {
        let settings: Self =
            toml::from_str(text).map_err(|error| Complaint::usage(format!("{}: {error}", path.display()), SEE))?;
        let folder = path.parent().unwrap_or(Path::new(""));
        // A relative path means the same wherever the program is started.
        let placed = |file: Option<PathBuf>| file.map(|file| folder.join(file));
        let settings = Self {
            resolvers: placed(settings.resolvers),
            root_hints: placed(settings.root_hints),
            journal_folder: placed(settings.journal_folder),
            rdap_table: placed(settings.rdap_table),
            neutral: placed(settings.neutral),
            ca_file: placed(settings.ca_file),
            read_from: path.to_path_buf(),
            ..settings
        };
        settings.check_numbers()?;
        Ok(settings)
    }

    /// The same with calibration on.
    pub fn calibrating(self) -> Self {
        Self { calibrate: None, ..self }
    }

    /// What the flags' readers refuse is refused here too.
    fn check_numbers(&self) -> Result<(), Complaint> {
        if let Some(rate) = self.rate {
            check_rate(rate).map_err(|e| self.wrong("rate", &e))?;
        }
        for (key, count) in [("samples", self.samples), ("confidence", self.confidence)] {
            if count.is_some_and(|count| !SAMPLES.contains(&count)) {
                let range = format!("give between {} and {}", SAMPLES.start(), SAMPLES.end());
                return Err(self.wrong(key, &range));
            }
        }
        Ok(())
    }

    /// A complaint about one entry of this file.
    pub fn wrong(&self, key: &str, reason: &str) -> Complaint {
        Complaint::usage(format!("{}, {key}: {reason}", self.read_from.display()), SEE)
    }

    /// What the file says of a zone.
    pub fn zone(&self, zone: &Name) -> Result<ZoneSettings, Complaint> {
        for (text, settings) in &self.zone {
            let name = Name::from_user(text).map_err(|e| self.wrong(&format!("[zone.\"{text}\"]"), &e.to_string()))?;
            if name == *zone {
                return Ok(settings.clone());
            }
        }
        Ok(ZoneSettings::default())
    }
}

/// The user's folder for what unpark is told to keep; none where no home is known.
pub fn configuration_folder() -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let folder = set("XDG_CONFIG_HOME").or_else(|| set("HOME").map(|home| home.join(".config")));
    folder.map(|folder| folder.join("unpark"))
}

/// Reads a text file of at most `largest` octets. What has no end (a device) is read no further than that.
pub fn read_text(path: &Path, largest: u64) -> Result<String, Complaint> {
    let unreadable = |error: std::io::Error| {
        Complaint::usage(format!("{}: {error}", path.display()), "check the path and its permissions")
    };
    let file = File::open(path).map_err(unreadable)?;
    let mut octets = Vec::new();
    file.take(largest + 1).read_to_end(&mut octets).map_err(unreadable)?;
    if octets.len() as u64 > largest {
        let hint = format!("a file of this kind has at most {} KiB", largest / 1024);
        return Err(Complaint::usage(format!("{}: the file is too large", path.display()), hint));
    }
    String::from_utf8(octets).map_err(|error| {
        let good = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
        let line = good.split(|octet| *octet == b'\n').count();
        let what = format!("{}, line {line}: the file is not UTF-8 text", path.display());
        Complaint::usage(what, "give a text file")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_is_found_in_either_form_of_its_name() {
        let text = "rate = 5.0\n[zone.\"Bücher.example\"]\nexpect = [\"ns1.example.net\"]\n";
        let settings = Settings::parse(text, Path::new("unpark.toml")).unwrap();
        let zone = settings.zone(&Name::from_user("xn--bcher-kva.example").unwrap()).unwrap();
        assert_eq!(zone.expect, ["ns1.example.net"]);
    }

    #[test]
    fn an_unknown_key_is_an_error_with_its_line() {
        let error = Settings::parse("rates = 5\n", Path::new("unpark.toml")).unwrap_err().to_string();
        assert!(error.contains("unpark.toml") && error.contains("rates") && error.contains("line 1"), "{error}");
    }
}
