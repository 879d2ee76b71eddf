//! The dialog in which the operator makes a note for those who read the incident later.

use crossterm::event::KeyEvent;

use crate::incident::LONGEST_NOTE;
use crate::view::tui::Wish;
use crate::view::tui::dialogs::{Line, Outcome, press_line};

/// Its state.
#[derive(Debug, Clone, Default)]
pub struct NoteDialog {
    /// The note being typed.
    pub line: Line,
}

impl NoteDialog {
    /// The note as typed, or what is wrong with it.
    ///
    /// # Errors
    /// A sentence without the full stop, safe to show.
    pub fn read(&self) -> Result<String, String> {
        let text = self.line.text().trim();
        match text.chars().count() {
            0 => Err("type a remark, such as: called the registrar, invoice is paid".to_owned()),
            n if n > LONGEST_NOTE => Err(format!("{} characters too long", n - LONGEST_NOTE)),
            _ => Ok(text.to_owned()),
        }
    }

    /// Takes in a key.
    pub fn press(&mut self, key: &KeyEvent) -> Outcome {
        let read = self.read().map(Wish::MakeNote);
        press_line(&mut self.line, key, read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_neither_empty_nor_endless() {
        let mut dialog = NoteDialog::default();
        assert!(dialog.read().is_err());
        dialog.line.set("  paid  ");
        assert_eq!(dialog.read(), Ok("paid".to_owned()));
        dialog.line.set(&"x".repeat(LONGEST_NOTE + 3));
        assert_eq!(dialog.read(), Err("3 characters too long".to_owned()));
    }
}
