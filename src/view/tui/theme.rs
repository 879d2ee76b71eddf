//! Colours and glyphs. Meaning is never in the colour alone: a glyph and a word stand beside it everywhere.
//!
//! Tones are chosen so that people with colour-blindness can tell them apart; backgrounds are never set, so a palette says for
//! which background it is made. Without colour, bold, dim and reverse take over.

use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier, Style};

use crate::incident::Phase;
use crate::judge::{Severity, Verdict};
use crate::view::model::{ascii_glyph, glyph};
use crate::view::tui::palette::{Palette, Tint, Tone};

/// How the screen looks, as the command line and the environment say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// Which colours may be sent.
    pub colour: ColourMode,
    /// Whether only ASCII may be sent.
    pub ascii: bool,
}

/// Which colours may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColourMode {
    /// None at all (`NO_COLOR`, `--color never`): no colour code is ever sent.
    None,
    /// The 16 colours every terminal has, in its own tones.
    Sixteen,
    /// 24-bit colours.
    True,
}

/// Styles by role.
#[derive(Debug, Clone, Copy)]
pub struct Theme {
    look: Look,
    palette: Palette,
}

impl Theme {
    /// The theme for a look and a palette.
    #[must_use]
    pub const fn new(look: Look, palette: Palette) -> Self {
        Self { look, palette }
    }

    /// What the command line and the environment said.
    #[must_use]
    pub const fn look(self) -> Look {
        self.look
    }

    /// The palette.
    #[must_use]
    pub const fn palette(self) -> Palette {
        self.palette
    }

    /// The same with the next built-in palette; the operator's own colours stay.
    #[must_use]
    pub const fn next(self) -> Self {
        Self { palette: self.palette.next(), ..self }
    }

    /// Whether only ASCII may be shown.
    #[must_use]
    pub const fn ascii(self) -> bool {
        self.look.ascii
    }

    /// Whether colours may be sent at all.
    #[must_use]
    pub fn has_colour(self) -> bool {
        self.look.colour != ColourMode::None
    }

    /// The colour of a role as the terminal can have it; none where no colour may be sent.
    #[must_use]
    pub fn colour(self, tint: Tint) -> Option<Color> {
        let Tone { rgb: (red, green, blue), basic } = self.palette.tone(tint);
        match self.look.colour {
            ColourMode::None => None,
            ColourMode::Sixteen => Some(basic),
            ColourMode::True => Some(Color::Rgb(red, green, blue)),
        }
    }

    /// A role's style: its colour and nothing else.
    #[must_use]
    pub fn tint(self, tint: Tint) -> Style {
        self.colour(tint).map_or_else(Style::new, |colour| Style::new().fg(colour))
    }

    /// A verdict's style.
    #[must_use]
    pub fn verdict(self, verdict: Verdict) -> Style {
        let bold = Modifier::BOLD;
        match verdict {
            Verdict::Correct => self.tint(Tint::Correct),
            Verdict::Draining => self.tint(Tint::Draining),
            Verdict::Parked => self.tint(Tint::Parked).add_modifier(bold),
            Verdict::Broken => self.tint(Tint::Broken).add_modifier(bold),
            Verdict::Stuck => self.tint(Tint::Stuck).add_modifier(bold | Modifier::UNDERLINED),
            Verdict::Mixed => self.tint(Tint::Mixed).add_modifier(bold),
            Verdict::Held => self.tint(Tint::Held).add_modifier(bold),
            // The loudest: somebody else may have the name.
            Verdict::Other => self.tint(Tint::Other).add_modifier(bold | Modifier::REVERSED),
            Verdict::Silent | Verdict::Unknown => Self::muted(),
        }
    }

    /// A verdict's glyph.
    #[must_use]
    pub const fn glyph(self, verdict: Verdict) -> char {
        if self.look.ascii { ascii_glyph(verdict) } else { glyph(verdict) }
    }

    /// A phase's glyph and style.
    #[must_use]
    pub fn phase(self, phase: Phase) -> (char, Style) {
        let (verdict, style) = match phase {
            Phase::Starting => (Verdict::Unknown, Style::new()),
            Phase::CannotTell => (Verdict::Other, self.tint(Tint::Warn)),
            Phase::Recovered | Phase::Healthy => (Verdict::Correct, self.tint(Tint::Correct)),
            Phase::Converging => (Verdict::Mixed, self.tint(Tint::Warn)),
            Phase::ParkedAtParent => (Verdict::Parked, self.tint(Tint::Parked)),
            Phase::HeldAtParent => (Verdict::Held, self.tint(Tint::Parked)),
            Phase::SplitAtParent => (Verdict::Mixed, self.tint(Tint::Parked)),
            Phase::BrokenAtAuthority => (Verdict::Broken, self.tint(Tint::Broken)),
        };
        (self.glyph(verdict), style.add_modifier(Modifier::BOLD))
    }

    /// A finding's severity.
    #[must_use]
    pub fn severity(self, severity: Severity) -> Style {
        match severity {
            Severity::Critical => self.tint(Tint::Parked).add_modifier(Modifier::BOLD),
            Severity::Warning => self.tint(Tint::Warn).add_modifier(Modifier::BOLD),
            Severity::Notice => Style::new().add_modifier(Modifier::BOLD),
            Severity::Info => Style::new(),
        }
    }

    /// What the reader must not miss: next action, own trouble, refusals.
    #[must_use]
    pub fn warn(self) -> Style {
        self.tint(Tint::Warn).add_modifier(Modifier::BOLD)
    }

    /// Words that matter.
    #[must_use]
    pub fn strong() -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// Text of the second rank. Drawn dim; [`Theme::finish`] makes of that what the palette and the terminal can.
    #[must_use]
    pub fn muted() -> Style {
        Style::new().add_modifier(Modifier::DIM)
    }

    /// The row or step the operator is on.
    #[must_use]
    pub fn selected() -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    /// Replaces dim, which many terminals draw too faint to read or not at all, by a tone that can be read.
    pub fn finish(self, buffer: &mut Buffer) {
        for cell in buffer.content.iter_mut().filter(|cell| cell.modifier.contains(Modifier::DIM)) {
            match (self.look.colour, self.palette.tone(Tint::Muted)) {
                (ColourMode::True, Tone { rgb: (red, green, blue), .. }) if cell.fg == Color::Reset => {
                    cell.modifier.remove(Modifier::DIM);
                    cell.fg = Color::Rgb(red, green, blue);
                }
                (ColourMode::Sixteen, Tone { basic, .. }) if cell.fg == Color::Reset && basic != Color::DarkGray => {
                    cell.modifier.remove(Modifier::DIM);
                    cell.fg = basic;
                }
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_colour_no_colour_is_set_and_alarms_stand_out_all_the_same() {
        let theme = Theme::new(Look { colour: ColourMode::None, ascii: true }, Palette::default());
        for verdict in Verdict::ALL {
            let style = theme.verdict(verdict);
            assert_eq!((style.fg, style.bg), (None, None), "{}", verdict.word());
            assert!(theme.glyph(verdict).is_ascii());
        }
        assert_ne!(theme.verdict(Verdict::Parked), theme.verdict(Verdict::Correct));
        assert_ne!(theme.verdict(Verdict::Other), theme.verdict(Verdict::Parked));
    }

    #[test]
    fn backgrounds_are_left_to_the_terminal() {
        for colour in [ColourMode::None, ColourMode::Sixteen, ColourMode::True] {
            let theme = Theme::new(Look { colour, ascii: false }, Palette::default());
            assert!(Verdict::ALL.iter().all(|v| theme.verdict(*v).bg.is_none()));
        }
    }

    #[test]
    fn dim_text_gets_a_tone_where_there_are_tones_and_stays_dim_where_there_are_none() {
        for (colour, dim) in [(ColourMode::None, true), (ColourMode::Sixteen, true), (ColourMode::True, false)] {
            let mut buffer = Buffer::with_lines(["text"]);
            buffer.set_style(buffer.area, Theme::muted());
            Theme::new(Look { colour, ascii: false }, Palette::default()).finish(&mut buffer);
            assert!(buffer.content.iter().all(|cell| cell.modifier.contains(Modifier::DIM) == dim));
        }
    }
}
