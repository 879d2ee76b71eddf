//! The dialog in which the operator adds watched host names.

use crossterm::event::KeyEvent;

use crate::dns::{Name, NameError, shown};
use crate::view::tui::Wish;
use crate::view::tui::dialogs::{Line, Outcome, press_line};

/// Its state.
#[derive(Debug, Clone)]
pub struct HostsDialog {
    /// The names being typed.
    pub line: Line,
    zone: Name,
}

impl HostsDialog {
    /// Opens it for a zone.
    #[must_use]
    pub fn open(zone: &Name) -> Self {
        Self { line: Line::default(), zone: zone.clone() }
    }

    /// The names as typed, or what is wrong with them: relative to the zone (`www`), or absolute within it.
    ///
    /// # Errors
    /// A sentence without the full stop, safe to show.
    pub fn read(&self) -> Result<Vec<Name>, String> {
        let words = self.line.text().split(|c: char| c == ',' || c.is_whitespace()).filter(|w| !w.is_empty());
        let names: Vec<Name> = words.map(|word| self.read_one(word)).collect::<Result<_, _>>()?;
        if names.is_empty() { Err("type host names, such as www api".to_owned()) } else { Ok(names) }
    }

    fn read_one(&self, word: &str) -> Result<Name, String> {
        let wrong = |error: NameError| format!("{}: {error}", shown::text(word));
        let name = Name::from_user(word).map_err(wrong)?;
        if name.is_below(&self.zone) {
            return Ok(name);
        }
        if name == self.zone {
            return Err(format!("{} itself is watched already", self.zone.without_dot()));
        }
        if word.ends_with('.') {
            return Err(format!("{} lies outside {}", name.without_dot(), self.zone.without_dot()));
        }
        Name::from_labels(name.labels().chain(self.zone.labels())).map_err(wrong)
    }

    /// Takes in a key.
    pub fn press(&mut self, key: &KeyEvent) -> Outcome {
        let read = self.read().map(Wish::WatchHosts);
        press_line(&mut self.line, key, read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_relative_or_absolute_within_the_zone() {
        let mut dialog = HostsDialog::open(&"example.com.".parse().unwrap());
        dialog.line.set("www, api.eu mail.example.com");
        let names: Vec<String> = dialog.read().unwrap().iter().map(ToString::to_string).collect();
        assert_eq!(names, ["www.example.com.", "api.eu.example.com.", "mail.example.com."]);
        for (text, part) in [
            ("www.example.org.", "outside"),
            ("", "such as"),
            ("https://www", "':'"),
            ("example.com", "already"),
            (&format!("{}a", "abcdefgh.".repeat(28)), "255"),
        ] {
            dialog.line.set(text);
            assert!(dialog.read().unwrap_err().contains(part), "{text}: {:?}", dialog.read());
        }
    }
}
