//! Colours and glyphs. Meaning is never in the colour alone: a glyph and a word stand beside it everywhere.
//!
//! The palette is Okabe and Ito's, which people with colour-blindness can tell apart, in the tones that read on dark and on
//! light backgrounds; backgrounds are never set. Without colour, bold, dim and reverse take over.

use ratatui::style::{Color, Modifier, Style};

use crate::incident::Phase;
use crate::judge::{Severity, Verdict};
use crate::view::model::{ascii_glyph, glyph};

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
}

/// A role's colour in both palettes.
#[derive(Clone, Copy)]
struct Tone {
    rgb: (u8, u8, u8),
    basic: Color,
}

const GREEN: Tone = Tone { rgb: (0, 158, 115), basic: Color::Cyan };
const ORANGE: Tone = Tone { rgb: (230, 159, 0), basic: Color::Yellow };
const VERMILLION: Tone = Tone { rgb: (213, 94, 0), basic: Color::Red };
const SKY: Tone = Tone { rgb: (86, 180, 233), basic: Color::Blue };
const PURPLE: Tone = Tone { rgb: (204, 121, 167), basic: Color::Magenta };

impl Theme {
    /// The theme for a look.
    #[must_use]
    pub const fn new(look: Look) -> Self {
        Self { look }
    }

    /// Whether only ASCII may be shown.
    #[must_use]
    pub const fn ascii(self) -> bool {
        self.look.ascii
    }

    fn tone(self, tone: Tone) -> Style {
        match self.look.colour {
            ColourMode::None => Style::new(),
            ColourMode::Sixteen => Style::new().fg(tone.basic),
            ColourMode::True => Style::new().fg(Color::Rgb(tone.rgb.0, tone.rgb.1, tone.rgb.2)),
        }
    }

    /// A verdict's style.
    #[must_use]
    pub fn verdict(self, verdict: Verdict) -> Style {
        let bold = Modifier::BOLD;
        match verdict {
            Verdict::Correct => self.tone(GREEN),
            Verdict::Draining => self.tone(SKY),
            Verdict::Parked | Verdict::Broken => self.tone(VERMILLION).add_modifier(bold),
            Verdict::Stuck => self.tone(VERMILLION).add_modifier(bold | Modifier::UNDERLINED),
            Verdict::Mixed => self.tone(ORANGE).add_modifier(bold),
            Verdict::Held => self.tone(SKY).add_modifier(bold),
            // The loudest: somebody else may have the name.
            Verdict::Other => self.tone(PURPLE).add_modifier(bold | Modifier::REVERSED),
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
            Phase::CannotTell => (Verdict::Other, self.tone(ORANGE)),
            Phase::Recovered | Phase::Healthy => (Verdict::Correct, self.tone(GREEN)),
            Phase::Converging => (Verdict::Mixed, self.tone(ORANGE)),
            Phase::ParkedAtParent => (Verdict::Parked, self.tone(VERMILLION)),
            Phase::HeldAtParent => (Verdict::Held, self.tone(VERMILLION)),
            Phase::SplitAtParent => (Verdict::Mixed, self.tone(VERMILLION)),
            Phase::BrokenAtAuthority => (Verdict::Broken, self.tone(VERMILLION)),
        };
        (self.glyph(verdict), style.add_modifier(Modifier::BOLD))
    }

    /// A finding's severity.
    #[must_use]
    pub fn severity(self, severity: Severity) -> Style {
        match severity {
            Severity::Critical => self.tone(VERMILLION).add_modifier(Modifier::BOLD),
            Severity::Warning => self.tone(ORANGE).add_modifier(Modifier::BOLD),
            Severity::Notice => Style::new().add_modifier(Modifier::BOLD),
            Severity::Info => Style::new(),
        }
    }

    /// What the reader must not miss: next action, own trouble, refusals.
    #[must_use]
    pub fn warn(self) -> Style {
        self.tone(ORANGE).add_modifier(Modifier::BOLD)
    }

    /// Words that matter.
    #[must_use]
    pub fn strong() -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// Text of the second rank.
    #[must_use]
    pub fn muted() -> Style {
        Style::new().add_modifier(Modifier::DIM)
    }

    /// The row or step the operator is on.
    #[must_use]
    pub fn selected() -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_colour_no_colour_is_set_and_alarms_stand_out_all_the_same() {
        let theme = Theme::new(Look { colour: ColourMode::None, ascii: true });
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
            let theme = Theme::new(Look { colour, ascii: false });
            assert!(Verdict::ALL.iter().all(|v| theme.verdict(*v).bg.is_none()));
        }
    }
}
