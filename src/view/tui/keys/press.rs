//! One press of a key, as the operator writes it in `unpark.toml` and as the screen shows it.

use KeyCode::{BackTab, Char, Down, End, Enter, Esc, Home, Left, PageDown, PageUp, Right, Tab, Up};
use crossterm::event::{KeyCode, KeyModifiers};

use crate::view::tui::keys::KeysError;

/// A key as the operator may bind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Press {
    pub(super) code: KeyCode,
    /// Ctrl and Alt only: Shift is in the letter.
    pub(super) held: KeyModifiers,
}

/// Keys by name.
const NAMED_KEYS: [(&str, KeyCode); 15] = [
    ("enter", Enter),
    ("esc", Esc),
    ("space", Char(' ')),
    ("tab", Tab),
    ("shift-tab", BackTab),
    ("backspace", KeyCode::Backspace),
    ("delete", KeyCode::Delete),
    ("up", Up),
    ("down", Down),
    ("left", Left),
    ("right", Right),
    ("home", Home),
    ("end", End),
    ("pgup", PageUp),
    ("pgdn", PageDown),
];

impl Press {
    /// The key that always goes back.
    pub(super) const ESC: Self = Self { code: Esc, held: KeyModifiers::NONE };

    pub(super) fn read(text: &str) -> Result<Self, KeysError> {
        let wrong = || KeysError::NoKey(crate::dns::shown::text(text));
        let (mut rest, mut held) = (text, KeyModifiers::NONE);
        loop {
            let lower = rest.to_lowercase();
            let (modifier, wide) = match &lower {
                l if l.starts_with("ctrl-") && l.len() > 5 => (KeyModifiers::CONTROL, 5),
                l if l.starts_with("alt-") && l.len() > 4 => (KeyModifiers::ALT, 4),
                _ => break,
            };
            held |= modifier;
            rest = rest.get(wide..).ok_or_else(wrong)?;
        }
        let mut letters = rest.chars();
        let code = match (letters.next(), letters.next()) {
            (Some(c), None) if crate::dns::shown::is_plain(c) => Char(c),
            _ => {
                let lower = rest.to_lowercase();
                let named = NAMED_KEYS.iter().find(|(name, _)| *name == lower).map(|(_, code)| *code);
                let function = lower.strip_prefix('f').and_then(|n| n.parse().ok()).filter(|n| (1..=12).contains(n));
                named.or(function.map(KeyCode::F)).ok_or_else(wrong)?
            }
        };
        if held == KeyModifiers::CONTROL && matches!(code, Char('c' | 'z' | 'C' | 'Z')) {
            return Err(KeysError::Reserved(crate::dns::shown::text(text)));
        }
        Ok(Self { code, held })
    }

    /// As shown, and as it may be typed in `unpark.toml`.
    pub(super) fn word(self) -> String {
        let key = match self.code {
            KeyCode::F(number) => format!("F{number}"),
            code => match (NAMED_KEYS.iter().find(|(_, known)| *known == code), code) {
                (Some((name, _)), _) => {
                    let mut letters = name.chars();
                    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
                }
                (None, Char(c)) => c.to_string(),
                (None, _) => "?".to_owned(),
            },
        };
        let control = if self.held.contains(KeyModifiers::CONTROL) { "Ctrl-" } else { "" };
        let alt = if self.held.contains(KeyModifiers::ALT) { "Alt-" } else { "" };
        format!("{control}{alt}{key}")
    }
}
