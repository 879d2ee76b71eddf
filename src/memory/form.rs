//! The file's form: JSON, with a version. Reads strictly what it writes; anything else is an error in words.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use crate::dns::shown;
use crate::judge::{Calibration, NoRecursion};

/// The version written and read.
const FORMAT: u32 = 1;
/// Longest name of an instance taken from a file, in characters.
const LONGEST_IDENTITY: usize = 128;

#[derive(Serialize, Deserialize)]
struct Written {
    format: u32,
    resolvers: Vec<Entry>,
}

#[derive(Serialize, Deserialize)]
struct Entry {
    address: SocketAddr,
    learned: String,
    unasked: String,
    unasked_told: bool,
    held_answered: Option<bool>,
    checking_disabled: Option<bool>,
    extended_errors: Option<bool>,
    validates: Option<bool>,
    largest_long: Option<u32>,
    largest: Option<u32>,
    largest_negative: Option<u32>,
    identity: Option<String>,
}

/// Reads a file's text.
///
/// # Errors
/// What is wrong with it, in one line.
pub(super) fn read(text: &str) -> Result<Vec<(SocketAddr, Calibration)>, String> {
    let one_line = |error: serde_json::Error| shown::text(&error.to_string());
    let written: Written = serde_json::from_str(text).map_err(one_line)?;
    if written.format != FORMAT {
        return Err(format!("its format is {}, and this version reads {FORMAT}", written.format));
    }
    written.resolvers.into_iter().map(|entry| Ok((entry.address, entry.take()?))).collect()
}

/// Writes a file's text.
pub(super) fn write(known: &[(SocketAddr, Calibration)]) -> String {
    let entry = |(address, c): &(SocketAddr, Calibration)| {
        Some(Entry {
            address: *address,
            learned: c.learned?.to_string(),
            unasked: c.unasked.word().to_owned(),
            unasked_told: c.unasked_told,
            held_answered: c.held_answered,
            checking_disabled: c.checking_disabled,
            extended_errors: c.extended_errors,
            validates: c.validates,
            largest_long: c.largest_long,
            largest: c.largest,
            largest_negative: c.largest_negative,
            identity: c.identity.clone(),
        })
    };
    let written = Written { format: FORMAT, resolvers: known.iter().filter_map(entry).collect() };
    serde_json::to_string(&written).unwrap_or_default() + "\n"
}

impl Entry {
    fn take(self) -> Result<Calibration, String> {
        let unasked = NoRecursion::from_word(&self.unasked);
        Ok(Calibration {
            unasked: unasked.ok_or_else(|| format!("no such word: {}", shown::text(&self.unasked)))?,
            unasked_told: self.unasked_told,
            held_answered: self.held_answered,
            checking_disabled: self.checking_disabled,
            extended_errors: self.extended_errors,
            validates: self.validates,
            largest_long: self.largest_long,
            largest: self.largest,
            largest_negative: self.largest_negative,
            // What is in a file may have been put there by somebody else.
            identity: self.identity.map(|text| shown::text(&text).chars().take(LONGEST_IDENTITY).collect()),
            learned: Some(self.learned.parse()?),
        })
    }
}
