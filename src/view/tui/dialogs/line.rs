//! A line to type in, bounded and free of control characters.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use tui_input::{Input, InputRequest};

use crate::dns::shown;

/// Longest line, in characters: room for 13 name servers of full length is not needed, for usual ones it is.
pub const LONGEST: usize = 1024;

/// One line being typed.
#[derive(Debug, Clone, Default)]
pub struct Line {
    input: Input,
}

impl Line {
    /// A line that already holds a text.
    #[must_use]
    pub fn holding(text: &str) -> Self {
        let mut line = Self::default();
        line.paste(text);
        line
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        self.input.value()
    }

    /// Replaces the text.
    pub fn set(&mut self, text: &str) {
        *self = Self::holding(text);
    }

    /// The column of the cursor within the part shown in `width` columns, and the column that part begins with.
    #[must_use]
    pub fn cursor(&self, width: usize) -> (usize, usize) {
        let start = self.input.visual_scroll(width);
        (self.input.visual_cursor().saturating_sub(start), start)
    }

    /// Takes in a key. Whether it was one for a line.
    pub fn press(&mut self, key: &KeyEvent) -> bool {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        let request = match key.code {
            KeyCode::Char('a') if control => InputRequest::GoToStart,
            KeyCode::Char('e') if control => InputRequest::GoToEnd,
            KeyCode::Char('w') if control => InputRequest::DeletePrevWord,
            KeyCode::Char('u') if control => InputRequest::DeleteLine,
            KeyCode::Char('k') if control => InputRequest::DeleteTillEnd,
            KeyCode::Char(c) if !control && !key.modifiers.contains(KeyModifiers::ALT) => {
                if !shown::is_plain(c) || self.text().chars().count() >= LONGEST {
                    return false;
                }
                InputRequest::InsertChar(c)
            }
            KeyCode::Backspace => InputRequest::DeletePrevChar,
            KeyCode::Delete => InputRequest::DeleteNextChar,
            KeyCode::Left => InputRequest::GoToPrevChar,
            KeyCode::Right => InputRequest::GoToNextChar,
            KeyCode::Home => InputRequest::GoToStart,
            KeyCode::End => InputRequest::GoToEnd,
            _ => return false,
        };
        self.input.handle(request);
        true
    }

    /// Takes in a pasted text: line ends become spaces, what is not plain is left out.
    pub fn paste(&mut self, text: &str) {
        let room = LONGEST.saturating_sub(self.text().chars().count());
        let plain = text.chars().map(|c| if matches!(c, '\n' | '\r' | '\t') { ' ' } else { c });
        for c in plain.filter(|c| shown::is_plain(*c)).take(room) {
            self.input.handle(InputRequest::InsertChar(c));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_pasted_is_bounded_and_plain() {
        let mut line = Line::holding("ns1.x\r\n\x1b[2Jns2.x");
        assert_eq!(line.text(), "ns1.x  [2Jns2.x");
        line.paste(&"y".repeat(5000));
        assert_eq!(line.text().chars().count(), LONGEST);
        assert!(!line.press(&KeyEvent::new(KeyCode::Char('z'), KeyModifiers::NONE)));
    }
}
