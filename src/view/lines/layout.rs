//! How lines are set: wrapping, columns, colour. Every text passes `dns::shown` here, so no caller can forget it.

use unicode_width::UnicodeWidthStr;

use crate::dns::shown;
use crate::judge::{Severity, Verdict};
use crate::view::model::{ascii_glyph, glyph};

/// How a text is to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// Columns a line may take; at least [`Look::NARROWEST`] are used.
    pub width: usize,
    /// Whether colour may be used (ANSI, the eight basic colours). It never says anything that a word does not say too.
    pub colour: bool,
    /// Whether glyphs are ASCII only.
    pub ascii: bool,
    /// Whether signs are spelled as words, for those who hear the text.
    pub words: bool,
    /// Only the headline.
    pub quiet: bool,
    /// Every server and every resolver, also those that are as they should be.
    pub verbose: bool,
}

impl Look {
    /// Below this the lines cannot be set.
    pub const NARROWEST: usize = 40;

    /// Plain text of the given width, neither quiet nor verbose.
    #[must_use]
    pub const fn plain(width: usize) -> Self {
        Self { width, colour: false, ascii: false, words: false, quiet: false, verbose: false }
    }

    /// The width that is used.
    pub(super) fn columns(self) -> usize {
        self.width.max(Self::NARROWEST)
    }

    /// The text in the colour of what it is painted for, where colour may be used.
    pub(super) fn paint(self, paint: Paint, text: &str) -> String {
        match paint.code().filter(|_| self.colour && !text.is_empty()) {
            Some(code) => format!("\x1b[{code}m{text}\x1b[0m"),
            None => text.to_owned(),
        }
    }

    /// The text with our own signs in ASCII where the terminal has nothing else.
    pub(super) fn spell(self, text: &str) -> String {
        if self.words {
            return text
                .replace(" → ", ", now ")
                .replace("≤ ", "at most ")
                .replace("…", " and more")
                .replace(" – ", ", ");
        }
        if self.ascii { text.replace('→', "->").replace(['…', '–'], "-") } else { text.to_owned() }
    }

    const fn glyph(self, verdict: Verdict) -> char {
        if self.ascii { ascii_glyph(verdict) } else { glyph(verdict) }
    }
}

/// What a piece of text is painted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Paint {
    /// As the rest.
    None,
    /// A heading.
    Strong,
    /// The colour of a verdict.
    Verdict(Verdict),
    /// The colour of a severity.
    Severity(Severity),
}

impl Paint {
    /// The parameters of Select Graphic Rendition (ECMA-48).
    const fn code(self) -> Option<&'static str> {
        Some(match self {
            Self::None | Self::Severity(Severity::Info) => return None,
            Self::Strong => "1",
            Self::Verdict(Verdict::Correct) => "32",
            Self::Verdict(Verdict::Draining | Verdict::Mixed) | Self::Severity(Severity::Warning) => "33",
            Self::Verdict(Verdict::Silent | Verdict::Unknown) => "2",
            Self::Verdict(_) => "31",
            Self::Severity(Severity::Critical) => "1;31",
            Self::Severity(Severity::Notice) => "36",
        })
    }
}

/// How wide the word of a verdict with its glyph and the gap behind it is: the longest word is `draining`.
const VERDICT_WIDTH: usize = 12;

/// Lines in the making.
pub(super) struct Page {
    look: Look,
    text: String,
}

impl Page {
    pub(super) const fn new(look: Look) -> Self {
        Self { look, text: String::new() }
    }

    /// The text: lines that each end with a newline, none with a space.
    pub(super) fn into_text(self) -> String {
        self.text
    }

    /// An empty line.
    pub(super) fn gap(&mut self) {
        self.text.push('\n');
    }

    /// Whole sentences from the left edge on.
    pub(super) fn paragraph(&mut self, paint: Paint, text: &str) {
        for line in wrap(text, self.look.columns()) {
            let painted = self.paint(paint, &line);
            self.push(&painted);
        }
    }

    /// A label, then text that hangs behind it: `  label   text text`. The label takes `width` columns with its gap.
    pub(super) fn entry(&mut self, indent: usize, paint: Paint, label: &str, width: usize, text: &str) {
        let label = plain(label);
        let hang = indent + width.max(columns(&label) + 1);
        // A label that leaves no room gets a line of its own.
        let (hang, alone) = if hang + 20 > self.look.columns() { (indent + 2, true) } else { (hang, false) };
        let lines = wrap(text, self.look.columns().saturating_sub(hang).max(1));
        let head = format!("{}{}", " ".repeat(indent), self.paint(paint, &label));
        let mut lines = lines.iter();
        if alone {
            self.push(&head);
        } else {
            let gap = " ".repeat(hang - indent - columns(&label));
            self.push(&format!("{head}{gap}{}", lines.next().map_or("", String::as_str)));
        }
        for line in lines {
            self.push(&format!("{}{line}", " ".repeat(hang)));
        }
    }

    /// Text behind the glyph and the word of a verdict.
    pub(super) fn verdict(&mut self, indent: usize, verdict: Verdict, text: &str) {
        let label = self.verdict_label(verdict);
        self.entry(indent, Paint::Verdict(verdict), &label, VERDICT_WIDTH, text);
    }

    /// Text behind a verdict's glyph and another word: what came of asking, where there is no verdict.
    pub(super) fn mark(&mut self, indent: usize, like: Verdict, word: &str, text: &str) {
        let label = format!("{} {word}", self.look.glyph(like));
        self.entry(indent, Paint::Verdict(like), &label, VERDICT_WIDTH, text);
    }

    /// What stands before advice.
    pub(super) const fn arrow(&self) -> &'static str {
        if self.look.ascii { ">" } else { "→" }
    }

    pub(super) fn verdict_label(&self, verdict: Verdict) -> String {
        format!("{} {}", self.look.glyph(verdict), verdict.word())
    }

    /// Rows in columns where they fit into the width; otherwise each row takes several lines: its first `heads` cells on the
    /// first, the others below, indented. `paints` is for the first cell of each row.
    pub(super) fn table(&mut self, indent: usize, rows: &[(Paint, Vec<String>)], heads: usize) {
        let rows: Vec<(Paint, Vec<String>)> =
            rows.iter().map(|(paint, cells)| (*paint, cells.iter().map(|c| plain(c)).collect())).collect();
        let mut widths: Vec<usize> = Vec::new();
        if rows.iter().any(|(paint, _)| matches!(paint, Paint::Verdict(_))) {
            widths.push(VERDICT_WIDTH - 2);
        }
        for (_, cells) in &rows {
            widths.resize(widths.len().max(cells.len()), 0);
            for (width, cell) in widths.iter_mut().zip(cells) {
                *width = (*width).max(columns(cell));
            }
        }
        let used: Vec<usize> = widths.iter().copied().filter(|w| *w > 0).collect();
        let whole = indent + used.iter().sum::<usize>() + 2 * used.len().saturating_sub(1);
        for (paint, cells) in &rows {
            let mut cells = cells.iter().zip(&widths).filter(|(_, width)| **width > 0);
            let Some((first, width)) = cells.next() else { continue };
            if whole <= self.look.columns() {
                let gap = " ".repeat(width.saturating_sub(columns(first)));
                let mut line = format!("{}{}{gap}", " ".repeat(indent), self.paint(*paint, first));
                for (cell, width) in cells {
                    let gap = " ".repeat(width.saturating_sub(columns(cell)));
                    line.push_str(&format!("  {cell}{gap}"));
                }
                self.push(line.trim_end());
                continue;
            }
            let rest: Vec<&str> = cells.map(|(cell, _)| cell.as_str()).collect();
            let (above, below) = rest.split_at(heads.saturating_sub(1).min(rest.len()));
            let join = |cells: &[&str]| cells.iter().filter(|c| !c.is_empty()).copied().collect::<Vec<_>>().join("  ");
            self.entry(indent, *paint, first, width + 2, &join(above));
            let hang = if indent + width + 22 > self.look.columns() { indent + 4 } else { indent + width + 2 };
            self.cells(hang, below);
        }
    }

    /// Cells side by side as far as they fit, behind so many spaces. A cell that fits into a line is kept whole.
    fn cells(&mut self, hang: usize, cells: &[&str]) {
        let room = self.look.columns().saturating_sub(hang).max(1);
        let mut lines: Vec<String> = Vec::new();
        for cell in cells.iter().filter(|c| !c.is_empty()) {
            match lines.last_mut() {
                Some(line) if columns(line) + 2 + columns(cell) <= room => *line = format!("{line}  {cell}"),
                _ => lines.extend(wrap(cell, room)),
            }
        }
        for line in lines {
            self.push(&format!("{}{line}", " ".repeat(hang)));
        }
    }

    /// One line as it is; nothing behind it.
    fn push(&mut self, line: &str) {
        self.text.push_str(line.trim_end_matches(' '));
        self.text.push('\n');
    }

    fn paint(&self, paint: Paint, text: &str) -> String {
        self.look.paint(paint, text)
    }
}

/// Text of any length, every word of it safe to show.
pub(super) fn plain(text: &str) -> String {
    text.split(' ').map(shown::text).collect::<Vec<_>>().join(" ")
}

/// How many columns a text takes on a terminal.
pub(super) fn columns(text: &str) -> usize {
    text.width()
}

/// Safe text in lines of at most `width` columns, broken at spaces; a word longer than a line is broken inside.
/// Spaces between words stay as they are, except at a break.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut taken = 0;
    for word in plain(text).split(' ') {
        let space = usize::from(taken > 0);
        if taken + space + columns(word) <= width {
            if let Some(line) = lines.last_mut() {
                line.push_str(&" ".repeat(space));
                line.push_str(word);
            }
            taken += space + columns(word);
            continue;
        }
        if taken > 0 {
            lines.push(String::new());
            taken = 0;
        }
        for c in word.chars() {
            let own = columns(c.encode_utf8(&mut [0; 4]));
            if taken + own > width {
                lines.push(String::new());
                taken = 0;
            }
            if let Some(line) = lines.last_mut() {
                line.push(c);
            }
            taken += own;
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_broken_at_spaces_and_long_words_inside() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("a verylongword b", 6), ["a", "verylo", "ngword", "b"]);
        assert_eq!(wrap("東京都", 4), ["東京", "都"]);
        assert_eq!(wrap("", 7), [""]);
    }

    #[test]
    fn a_table_that_does_not_fit_becomes_entries() {
        let rows = vec![(Paint::None, ["id", "8.8.8.8", "", "a rather long remark"].map(str::to_owned).to_vec())];
        let mut page = Page::new(Look::plain(80));
        page.table(2, &rows, 2);
        assert_eq!(page.into_text(), "  id  8.8.8.8  a rather long remark\n");
        let rows = vec![(Paint::None, ["id", "8.8.8.8", "", &"word ".repeat(12)].map(str::to_owned).to_vec())];
        let mut page = Page::new(Look::plain(40));
        page.table(2, &rows, 2);
        let text = page.into_text();
        assert!(text.starts_with("  id  8.8.8.8\n      word word"), "{text}");
        assert!(text.lines().all(|l| columns(l) <= 40 && !l.ends_with(' ')));
    }

    #[test]
    fn colour_is_only_there_when_asked_for() {
        let lines = |colour| {
            let mut page = Page::new(Look { colour, ..Look::plain(80) });
            page.verdict(2, Verdict::Parked, "bad\x1b[2J");
            page.into_text()
        };
        assert_eq!(lines(false), "  ✗ parked    bad\\u{1b}[2J\n");
        assert_eq!(lines(true), "  \x1b[31m✗ parked\x1b[0m    bad\\u{1b}[2J\n");
    }
}
