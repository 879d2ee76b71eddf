//! Text cut and folded by the columns it takes on a terminal, not by its characters.

use ratatui::text::{Line, Span};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use crate::view::tui::theme::Theme;

/// The title of a pane below or beside another: `─ Title ─ note ──── c ─`.
pub(super) fn title_line(title: &str, note: &str, key: &str, columns: usize) -> Line<'static> {
    let dash = |n: usize| Span::styled("─".repeat(n), Theme::muted());
    let key = if key.is_empty() { String::new() } else { format!(" {key} ") };
    let title = clip(&format!(" {title} "), columns.saturating_sub(3));
    let mut spans = vec![dash(1), Span::styled(title.clone(), Theme::strong())];
    let mut taken = 1 + width(&title);
    let fits = taken + width(note) + width(&key) + 6 <= columns;
    if fits && !note.is_empty() {
        spans.extend([dash(1), Span::raw(format!(" {note} "))]);
        taken += width(note) + 3;
    }
    let rest = columns.saturating_sub(taken);
    if width(&key) + 2 <= rest {
        spans.extend([dash(rest - width(&key) - 1), Span::styled(key, Theme::muted()), dash(1)]);
    } else {
        spans.push(dash(rest));
    }
    Line::from(spans)
}

/// Columns a text takes.
pub(super) fn width(text: &str) -> usize {
    text.width()
}

/// The text in at most `columns` columns; what is cut ends in an ellipsis.
pub(super) fn clip(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let Some(room) = columns.checked_sub(1) else { return String::new() };
    let (mut taken, mut out) = (0, String::new());
    for c in text.chars() {
        let wide = c.width().unwrap_or(0);
        if taken + wide > room {
            break;
        }
        taken += wide;
        out.push(c);
    }
    out.push('…');
    out
}

/// The text in exactly `columns` columns, to the left.
pub(super) fn left(text: &str, columns: usize) -> String {
    let mut out = clip(text, columns);
    out.push_str(&" ".repeat(columns.saturating_sub(width(&out))));
    out
}

/// The text in exactly `columns` columns, to the right.
pub(super) fn right(text: &str, columns: usize) -> String {
    let out = clip(text, columns);
    format!("{}{out}", " ".repeat(columns.saturating_sub(width(&out))))
}

/// The text folded at spaces into lines of at most `columns` columns; a longer word is broken.
pub(super) fn wrap(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(1);
    let mut lines = vec![String::new()];
    let mut taken = 0;
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let wide = width(word);
        if taken > 0 && taken + 1 + wide > columns {
            lines.push(String::new());
            taken = 0;
        }
        if taken > 0 {
            push(&mut lines, ' ');
            taken += 1;
        }
        for c in word.chars() {
            let one = c.width().unwrap_or(0);
            if taken > 0 && taken + one > columns {
                lines.push(String::new());
                taken = 0;
            }
            push(&mut lines, c);
            taken += one;
        }
    }
    lines
}

fn push(lines: &mut [String], c: char) {
    if let Some(line) = lines.last_mut() {
        line.push(c);
    }
}

/// At most `most` lines; the last one says by an ellipsis that there is more.
pub(super) fn wrap_within(text: &str, columns: usize, most: usize) -> Vec<String> {
    let mut lines = wrap(text, columns);
    if lines.len() > most {
        lines.truncate(most);
        if let Some(last) = lines.last_mut() {
            let room = width(last) + 2 <= columns;
            *last = if room { format!("{last} …") } else { clip(&format!("{last}…"), columns) };
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_counted_not_characters() {
        assert_eq!(clip("東京都", 5), "東京…");
        assert_eq!(clip("東京都", 4), "東…");
        assert_eq!(clip("abc", 3), "abc");
        assert_eq!(clip("abc", 0), "");
        assert_eq!(left("東", 4), "東  ");
        assert_eq!(right("9:59", 6), "  9:59");
    }

    #[test]
    fn folding_keeps_every_word_and_no_line_is_too_wide() {
        let text = "All 26 of com.'s servers delegate example.com to averyveryverylongservername.example";
        for columns in 1..90 {
            let lines = wrap(text, columns);
            assert!(lines.iter().all(|line| width(line) <= columns), "{columns}");
            let joined: String = lines.concat();
            assert_eq!(joined.replace(' ', ""), text.replace(' ', ""), "{columns}");
        }
        assert_eq!(wrap("", 5), [""]);
    }

    #[test]
    fn what_is_cut_says_so() {
        let lines = wrap_within("one two three four five", 9, 2);
        assert_eq!(lines, ["one two", "three …"]);
        assert_eq!(wrap_within("one two", 9, 2), ["one two"]);
    }
}
