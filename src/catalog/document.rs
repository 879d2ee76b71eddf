//! Reads a TOML text into typed entries and says where it fails: line, and entry where one can be told.
//!
//! Shared by the resolver list and the fingerprints. Knows no field of either.

use std::collections::{BTreeMap, HashMap};

use serde::de::DeserializeOwned;
use toml::Spanned;

use super::{CatalogError, Place};

/// Longest text read, in octets: forty times what is shipped, and far from what could exhaust a machine.
pub(super) const LONGEST_TEXT: usize = 8 * 1024 * 1024;
/// Longest value of a text field, in characters: more is no caption but a mistake.
const LONGEST_FIELD: usize = 1024;

/// Whether the text is short enough to be read at all.
///
/// # Errors
/// When it is not.
pub(super) fn check_length(text: &str, file: &str) -> Result<(), CatalogError> {
    if text.len() <= LONGEST_TEXT {
        return Ok(());
    }
    Err(CatalogError::new(file, Place::Whole, format!("longer than {LONGEST_TEXT} octets")))
}

/// Reads a whole TOML text as `T`, whose entries stand in the array `array`.
///
/// # Errors
/// The first thing that is no TOML or does not fit `T`, with its line and, where it lies in one, its entry.
pub(super) fn read<T: DeserializeOwned>(text: &str, file: &str, array: &str) -> Result<T, CatalogError> {
    check_length(text, file)?;
    toml::from_str(text).map_err(|error| {
        let place = error.span().map_or(Place::Whole, |span| locate(text, span.start, array));
        let reason = error.message().lines().map(str::trim).filter(|l| !l.is_empty()).collect::<Vec<_>>().join("; ");
        CatalogError::new(file, place, reason)
    })
}

/// The line (from 1) of an octet offset.
fn line_of(text: &str, offset: usize) -> usize {
    1 + text.bytes().take(offset).filter(|byte| *byte == b'\n').count()
}

/// The place of an octet offset: the entry around it when the text can be read loosely, else the line alone.
fn locate(text: &str, offset: usize, array: &str) -> Place {
    let line = line_of(text, offset);
    let loose: Option<HashMap<String, Vec<Spanned<toml::Table>>>> = toml::from_str(text).ok();
    let entries = loose.as_ref().and_then(|tables| tables.get(array));
    // An entry's span may cover its header only, so the last one that begins before the offset is the one.
    let around = entries.and_then(|all| all.iter().enumerate().rfind(|(_, entry)| entry.span().start <= offset));
    match around {
        None => Place::Line(line),
        Some((index, entry)) => match entry.get_ref().get("id").and_then(toml::Value::as_str) {
            Some(id) => Place::Entry { id: id.to_owned(), line },
            None => Place::Position { position: index + 1, line },
        },
    }
}

/// The place of an entry as a whole, by its id; it begins at the octet `offset`.
pub(super) fn place_of(text: &str, offset: usize, position: usize, id: &str) -> Place {
    let line = line_of(text, offset);
    if id.is_empty() { Place::Position { position, line } } else { Place::Entry { id: id.to_owned(), line } }
}

/// Checks a text field: something in it, not too long, no control or hiding character (it will be shown).
///
/// # Errors
/// The reason, naming the field.
pub(super) fn check_text(field: &str, value: &str) -> Result<(), String> {
    if value.trim().is_empty() {
        return Err(format!("{field} is empty"));
    }
    if value.chars().count() > LONGEST_FIELD {
        return Err(format!("{field} is longer than {LONGEST_FIELD} characters"));
    }
    match value.chars().find(|c| !crate::dns::shown::is_plain(*c)) {
        Some(bad) => Err(format!("{field} holds the character {}", crate::dns::shown::character(bad))),
        None => Ok(()),
    }
}

/// Remembers who had a key first, so that a second one can be refused with the first one's name.
#[derive(Debug)]
pub(super) struct Seen<K>(BTreeMap<K, String>);

impl<K: Ord> Seen<K> {
    /// Nobody had anything yet.
    pub(super) fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// Notes that `owner` has `key`.
    ///
    /// # Errors
    /// The one who had it before.
    pub(super) fn note(&mut self, key: K, owner: &str) -> Result<(), String> {
        match self.0.entry(key) {
            std::collections::btree_map::Entry::Vacant(free) => {
                free.insert(owner.to_owned());
                Ok(())
            }
            std::collections::btree_map::Entry::Occupied(taken) => Err(taken.get().clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        #[serde(rename = "thing")]
        _thing: Vec<Spanned<Thing>>,
    }

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Thing {
        #[serde(rename = "id")]
        _id: Option<String>,
    }

    fn fail(text: &str) -> String {
        read::<File>(text, "f.toml", "thing").unwrap_err().to_string()
    }

    #[test]
    fn a_fault_is_named_by_entry_and_line() {
        let text = "[[thing]]\nid = \"one\"\n\n[[thing]]\nid = \"two\"\ncolour = 1\n\n[[thing]]\nid = \"three\"\n";
        let said = fail(text);
        assert!(said.starts_with("f.toml, entry \"two\" (line 6): unknown field `colour`"), "{said}");
        let said = fail("[[thing]]\nid = \"one\"\n[[thing]]\nid = 5\n");
        assert!(said.starts_with("f.toml, entry 2 (line 4): invalid type"), "{said}");
    }

    #[test]
    fn broken_toml_is_named_by_line() {
        let said = fail("[[thing]]\nid = \"one\"\n\n= 5\n");
        assert!(said.starts_with("f.toml, line 4: "), "{said}");
        assert!(fail(&" ".repeat(LONGEST_TEXT + 1)).contains("longer than"));
    }

    #[test]
    fn text_that_could_hide_or_move_something_is_refused() {
        assert_eq!(check_text("city", "São Paulo"), Ok(()));
        assert_eq!(check_text("city", "x\u{1b}[m"), Err("city holds the character U+001B".into()));
        assert_eq!(check_text("city", " "), Err("city is empty".into()));
        assert!(check_text("city", &"x".repeat(LONGEST_FIELD + 1)).is_err());
    }
}
