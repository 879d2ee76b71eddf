//! Reads a list of zones: a TOML profile, CSV, or one zone a line. A line that cannot be used becomes a [`Fault`] with its number
//! and its reason; the others are read all the same.

mod plain;
mod profile;
mod table;

use std::collections::BTreeMap;

use super::portfolio::{Duplicate, Entry, Fault, Portfolio};
use crate::dns::{Name, NsSet, shown};

/// Most zones of one list.
pub const MOST_ZONES: usize = 100_000;
/// Most names in one field.
const MOST_NAMES: usize = 32;
/// Longest line, in octets.
const LONGEST_LINE: usize = 8_192;
/// Longest field, in octets.
const LONGEST_FIELD: usize = 4_096;

/// In which form a list is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A profile with `[[zone]]` entries.
    Toml,
    /// Comma-separated values, with or without a line of headings (RFC 4180).
    Csv,
    /// One zone a line, `#` begins a comment.
    Lines,
}

impl Format {
    /// The form of a file: by the end of its name, else by its first line that says something.
    #[must_use]
    pub fn of(file_name: &str, text: &str) -> Self {
        let ends_in = |end: &str| file_name.len() > end.len() && file_name.to_ascii_lowercase().ends_with(end);
        if ends_in(".toml") {
            return Self::Toml;
        }
        if ends_in(".csv") || ends_in(".tsv") {
            return Self::Csv;
        }
        let lines = text.trim_start_matches('\u{feff}').lines().map(str::trim);
        let first = lines.into_iter().find(|line| !line.is_empty() && !line.starts_with('#')).unwrap_or_default();
        match first {
            line if line.starts_with('[') || line.starts_with("zones") => Self::Toml,
            line if line.contains([',', ';', '\t']) => Self::Csv,
            _ => Self::Lines,
        }
    }
}

/// Reads a list.
#[must_use]
pub fn read(text: &str, format: Format) -> Portfolio {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reading = Reading::default();
    match format {
        Format::Toml => profile::read(text, &mut reading),
        Format::Csv => table::read(text, &mut reading),
        Format::Lines => plain::read(text, &mut reading),
    }
    reading.finish()
}

/// What one entry says, as written; empty where it says nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Written {
    zone: String,
    expect: Vec<String>,
    /// None where nothing was said: then `www` is looked at.
    hosts: Option<Vec<String>>,
    product: String,
    status: String,
    failover: String,
}

/// A list in the making.
#[derive(Default)]
struct Reading {
    portfolio: Portfolio,
    first: BTreeMap<Name, usize>,
    /// Set when there are too many zones: said once.
    full: bool,
}

impl Reading {
    fn fault(&mut self, line: usize, reason: impl AsRef<str>) {
        self.portfolio.faults.push(Fault { line, reason: plain(reason.as_ref()) });
    }

    fn note(&mut self, note: &str) {
        self.portfolio.notes.push(plain(note));
    }

    fn add(&mut self, line: usize, written: &Written) {
        if self.portfolio.entries.len() >= MOST_ZONES {
            if !std::mem::replace(&mut self.full, true) {
                self.fault(line, format!("over {MOST_ZONES} zones; what follows is not read"));
            }
            return;
        }
        match entry(line, written) {
            Err(reason) => self.fault(line, reason),
            Ok(entry) => {
                if let Some(first) = self.first.get(&entry.zone).copied() {
                    self.portfolio.duplicates.push(Duplicate { zone: entry.zone, line, first });
                } else {
                    self.first.insert(entry.zone.clone(), line);
                    self.portfolio.entries.push(entry);
                }
            }
        }
    }

    fn finish(mut self) -> Portfolio {
        self.portfolio.faults.sort_by_key(|fault| fault.line);
        self.portfolio
    }
}

/// Text of any length, every word of it safe to show.
fn plain(text: &str) -> String {
    text.split(' ').map(shown::text).collect::<Vec<_>>().join(" ")
}

fn entry(line: usize, written: &Written) -> Result<Entry, String> {
    let zone = name(&written.zone, "the zone")?;
    if zone.is_root() {
        return Err("the root zone has no parent that could delegate it".to_owned());
    }
    if written.expect.len() > MOST_NAMES || written.hosts.as_ref().is_some_and(|hosts| hosts.len() > MOST_NAMES) {
        return Err(format!("over {MOST_NAMES} names in one field"));
    }
    let expect =
        written.expect.iter().map(|text| name(text, "the expected name server")).collect::<Result<NsSet, _>>()?;
    let hosts = match &written.hosts {
        Some(hosts) => hosts.iter().map(|text| host(text, &zone)).collect::<Result<Vec<_>, _>>()?,
        None => zone.child(b"www").into_iter().collect(),
    };
    let optional = |text: &str, what: &str| (!text.trim().is_empty()).then(|| name(text, what)).transpose();
    let product = match written.product.trim() {
        "" => None,
        text => Some(relative(text, &zone, "the product")?),
    };
    let failover = optional(&written.failover, "the failover domain")?;
    if failover.as_ref() == Some(&zone) {
        return Err("the failover domain is the zone itself".to_owned());
    }
    let mut distinct: Vec<Name> = Vec::new();
    for host in hosts.into_iter().filter(|host| *host != zone) {
        if !distinct.contains(&host) {
            distinct.push(host);
        }
    }
    Ok(Entry {
        zone,
        line,
        expect: (!expect.is_empty()).then_some(expect),
        hosts: distinct,
        product,
        status: optional(&written.status, "the status page")?,
        failover,
    })
}

fn name(text: &str, what: &str) -> Result<Name, String> {
    Name::from_user(text).map_err(|e| format!("{what} '{}' is no domain name: {e}", shown::text(text.trim())))
}

/// A host inside the zone: relative unless it ends in a dot or in the zone's name.
fn host(text: &str, zone: &Name) -> Result<Name, String> {
    let text = text.trim();
    if text == "@" {
        return Ok(zone.clone());
    }
    let read = name(text, "the host")?;
    match (read.is_at_or_below(zone), text.ends_with('.')) {
        (true, _) => Ok(read),
        (false, true) => Err(format!("the host {} does not lie in {zone}", read.without_dot())),
        (false, false) => below(&read, zone, "the host"),
    }
}

/// A host anywhere: `@` is the apex; without any dot it is relative to the zone, otherwise absolute.
fn relative(text: &str, zone: &Name, what: &str) -> Result<Name, String> {
    let text = text.trim();
    if text == "@" {
        return Ok(zone.clone());
    }
    let read = name(text, what)?;
    if text.contains('.') { Ok(read) } else { below(&read, zone, what) }
}

fn below(name: &Name, zone: &Name, what: &str) -> Result<Name, String> {
    let labels: Vec<&[u8]> = name.labels().chain(zone.labels()).collect();
    Name::from_labels(labels).map_err(|e| format!("{what} {}: {e}", name.without_dot()))
}

#[cfg(test)]
mod tests;
