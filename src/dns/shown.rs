//! How text from the wire is made safe to show: no control, no direction change, bounded length.
//!
//! Everything that came from outside (TXT, EDE text, NSID, HTTP replies, names in errors) passes here before a
//! terminal or a page sees it. JSON keeps its own escaping and takes the same plain text.

use std::fmt::Write as _;

/// Longest text shown of one outside string, in characters; the rest is cut with an ellipsis.
pub const LONGEST: usize = 512;

/// Whether a character may be shown as it is: no C0/C1 control, no bidirectional control, nothing of zero
/// width that could hide or reorder its neighbours (Unicode TR 36).
#[must_use]
pub fn is_plain(c: char) -> bool {
    !(c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffc}' | '\u{e0000}'..='\u{e0fff}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}'))
}

/// The text with every character that is not plain written as `\u{…}`, cut at [`LONGEST`] characters.
#[must_use]
pub fn text(outside: &str) -> String {
    let mut out = String::with_capacity(outside.len().min(LONGEST));
    for (count, c) in outside.chars().enumerate() {
        if count == LONGEST {
            out.push('…');
            break;
        }
        if is_plain(c) {
            out.push(c);
        } else {
            let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
        }
    }
    out
}

/// Octets as text: UTF-8 where they are (made plain), otherwise hexadecimal.
#[must_use]
pub fn octets(outside: &[u8]) -> String {
    match std::str::from_utf8(outside) {
        Ok(utf8) => text(utf8),
        Err(_) => hex(&outside[..outside.len().min(LONGEST / 2)]),
    }
}

/// Octets in lower-case hexadecimal.
#[must_use]
pub fn hex(octets: &[u8]) -> String {
    octets.iter().fold(String::with_capacity(octets.len() * 2), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// One character for an error message: quoted where it is plain, by its code point where it is not.
#[must_use]
pub fn character(c: char) -> String {
    if is_plain(c) { format!("'{c}'") } else { format!("U+{:04X}", u32::from(c)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_moves_a_cursor_or_hides_text_passes() {
        assert_eq!(text("a\x1b[2Jb\u{202e}c\u{200b}\u{9b}"), "a\\u{1b}[2Jb\\u{202e}c\\u{200b}\\u{9b}");
        assert_eq!(text("größer 東京"), "größer 東京");
    }

    #[test]
    fn long_text_is_cut() {
        assert_eq!(text(&"x".repeat(LONGEST + 100)).chars().count(), LONGEST + 1);
    }

    #[test]
    fn octets_that_are_no_text_become_hexadecimal() {
        assert_eq!(octets(b"gpdns-fra"), "gpdns-fra");
        assert_eq!(octets(&[0xff, 0x00]), "ff00");
    }
}
