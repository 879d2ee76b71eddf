//! The built-in palettes, and the operator's own colours on top of one.

use ratatui::style::Color;
use thiserror::Error;

/// What a colour stands for. A glyph or a word always says the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tint {
    /// Right, also as a phase.
    Correct,
    /// Right, with some old data left.
    Draining,
    /// Parked; also phases in which the source is wrong, and critical findings.
    Parked,
    /// Caches that disagree.
    Mixed,
    /// Denied by the parent.
    Held,
    /// Failing.
    Broken,
    /// A third party's.
    Other,
    /// Parked beyond every bound.
    Stuck,
    /// What must not be missed.
    Warn,
    /// Text of the second rank.
    Muted,
    /// The curve as far as it was seen.
    Seen,
    /// The curve as it is expected.
    Forecast,
    /// Outlines of the map.
    Land,
}

/// How many roles there are.
const TINTS: usize = 13;

impl Tint {
    /// All roles, each with the word that `unpark.toml` uses.
    pub const ALL: [(&'static str, Self); TINTS] = [
        ("correct", Self::Correct),
        ("draining", Self::Draining),
        ("parked", Self::Parked),
        ("mixed", Self::Mixed),
        ("held", Self::Held),
        ("broken", Self::Broken),
        ("other", Self::Other),
        ("stuck", Self::Stuck),
        ("warning", Self::Warn),
        ("muted", Self::Muted),
        ("seen", Self::Seen),
        ("forecast", Self::Forecast),
        ("land", Self::Land),
    ];
}

/// A role's colour, for terminals with 24 bits and for those with 16 colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tone {
    /// Red, green, blue.
    pub rgb: (u8, u8, u8),
    /// The nearest of the 16.
    pub basic: Color,
}

/// A built-in palette.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Base {
    /// For dark backgrounds. After Okabe and Ito, brightened.
    #[default]
    Dark,
    /// For light backgrounds. After Okabe and Ito, darkened.
    Light,
    /// For dark backgrounds and tired eyes: the strongest tones, nothing faint.
    HighContrast,
    /// Okabe and Ito's own tones, blue for right: told apart with every kind of colour-blindness. For dark backgrounds.
    ColourBlind,
}

impl Base {
    /// All, each with its name.
    pub const ALL: [(&'static str, Self); 4] = [
        ("dark", Self::Dark),
        ("light", Self::Light),
        ("high-contrast", Self::HighContrast),
        ("colour-blind", Self::ColourBlind),
    ];

    /// The palette of a name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        let name = name.trim().to_lowercase().replace("color-", "colour-");
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, base)| *base)
    }

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dark => "dark",
            Self::Light => "light",
            Self::HighContrast => "high-contrast",
            Self::ColourBlind => "colour-blind",
        }
    }

    #[expect(clippy::match_same_arms, reason = "a table: one palette below the other")]
    const fn tone(self, tint: Tint) -> Tone {
        let (rgb, basic) = match (self, tint) {
            (Self::Dark, Tint::Correct) => ((46, 196, 146), Color::Cyan),
            (Self::Dark, Tint::Draining | Tint::Held) => ((102, 190, 240), Color::Blue),
            (Self::Dark, Tint::Parked | Tint::Broken | Tint::Stuck) => ((244, 118, 54), Color::Red),
            (Self::Dark, Tint::Mixed | Tint::Warn) => ((240, 176, 48), Color::Yellow),
            (Self::Dark, Tint::Other) => ((222, 148, 190), Color::Magenta),
            (Self::Dark, Tint::Muted) => ((150, 152, 160), Color::DarkGray),
            (Self::Dark, Tint::Seen) => ((46, 196, 146), Color::Cyan),
            (Self::Dark, Tint::Forecast) => ((102, 190, 240), Color::Blue),
            (Self::Dark, Tint::Land) => ((92, 98, 112), Color::DarkGray),

            (Self::Light, Tint::Correct | Tint::Seen) => ((0, 92, 122), Color::Cyan),
            (Self::Light, Tint::Draining | Tint::Held | Tint::Forecast) => ((0, 84, 140), Color::Blue),
            (Self::Light, Tint::Parked | Tint::Broken | Tint::Stuck) => ((168, 56, 0), Color::Red),
            (Self::Light, Tint::Mixed | Tint::Warn) => ((124, 82, 0), Color::Magenta),
            (Self::Light, Tint::Other) => ((136, 36, 104), Color::Magenta),
            (Self::Light, Tint::Muted) => ((92, 94, 102), Color::DarkGray),
            (Self::Light, Tint::Land) => ((160, 164, 172), Color::DarkGray),

            (Self::HighContrast, Tint::Correct | Tint::Seen) => ((80, 255, 180), Color::LightGreen),
            (Self::HighContrast, Tint::Draining | Tint::Held | Tint::Forecast) => ((130, 215, 255), Color::LightCyan),
            (Self::HighContrast, Tint::Parked | Tint::Broken | Tint::Stuck) => ((255, 160, 110), Color::LightRed),
            (Self::HighContrast, Tint::Mixed | Tint::Warn) => ((255, 220, 60), Color::LightYellow),
            (Self::HighContrast, Tint::Other) => ((255, 170, 230), Color::LightMagenta),
            (Self::HighContrast, Tint::Muted) => ((220, 220, 220), Color::White),
            (Self::HighContrast, Tint::Land) => ((150, 150, 150), Color::Gray),

            (Self::ColourBlind, Tint::Correct | Tint::Seen) => ((86, 180, 233), Color::LightBlue),
            (Self::ColourBlind, Tint::Draining | Tint::Held) => ((0, 158, 115), Color::Cyan),
            (Self::ColourBlind, Tint::Parked | Tint::Broken | Tint::Stuck) => ((213, 94, 0), Color::Red),
            (Self::ColourBlind, Tint::Mixed | Tint::Warn) => ((240, 228, 66), Color::Yellow),
            (Self::ColourBlind, Tint::Other) => ((204, 121, 167), Color::Magenta),
            (Self::ColourBlind, Tint::Muted) => ((150, 152, 160), Color::DarkGray),
            (Self::ColourBlind, Tint::Forecast) => ((230, 159, 0), Color::Yellow),
            (Self::ColourBlind, Tint::Land) => ((92, 98, 112), Color::DarkGray),
        };
        Tone { rgb, basic }
    }
}

/// A built-in palette with the operator's own colours in place of some.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Palette {
    base: Base,
    own: [Option<Tone>; TINTS],
}

/// What is wrong with a colour of the operator's.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PaletteError {
    /// There is no such role.
    #[error("there is no such colour; there are {}", Tint::ALL.map(|(word, _)| word).join(", "))]
    NoRole,
    /// The colour cannot be read.
    #[error("'{0}' is no colour; write #rrggbb, or one of black red green yellow blue magenta cyan white")]
    NoColour(String),
}

impl Palette {
    /// A built-in palette as it is.
    #[must_use]
    pub const fn of(base: Base) -> Self {
        Self { base, own: [None; TINTS] }
    }

    /// Its built-in part.
    #[must_use]
    pub const fn base(self) -> Base {
        self.base
    }

    /// The next built-in palette, with the same colours of the operator's.
    #[must_use]
    pub const fn next(self) -> Self {
        let base = match self.base {
            Base::Dark => Base::Light,
            Base::Light => Base::HighContrast,
            Base::HighContrast => Base::ColourBlind,
            Base::ColourBlind => Base::Dark,
        };
        Self { base, ..self }
    }

    /// Replaces a role's colour by the operator's: `#rrggbb`, or the name of one of the 16.
    ///
    /// # Errors
    /// There is no such role, or no such colour.
    pub fn set(&mut self, role: &str, colour: &str) -> Result<(), PaletteError> {
        let at = Tint::ALL.iter().position(|(word, _)| *word == role).ok_or(PaletteError::NoRole)?;
        let shown = || PaletteError::NoColour(crate::dns::shown::text(colour));
        let tone = read(colour).ok_or_else(shown)?;
        if let Some(own) = self.own.get_mut(at) {
            *own = Some(tone);
        }
        Ok(())
    }

    /// A role's colour.
    #[must_use]
    pub fn tone(self, tint: Tint) -> Tone {
        let at = Tint::ALL.iter().position(|(_, known)| *known == tint);
        let own = at.and_then(|at| self.own.get(at).copied().flatten());
        own.unwrap_or_else(|| self.base.tone(tint))
    }
}

/// The 16 colours by name, with the tones most terminals give them.
const NAMED: [(&str, Color, (u8, u8, u8)); 16] = [
    ("black", Color::Black, (0, 0, 0)),
    ("red", Color::Red, (205, 0, 0)),
    ("green", Color::Green, (0, 205, 0)),
    ("yellow", Color::Yellow, (205, 205, 0)),
    ("blue", Color::Blue, (0, 0, 238)),
    ("magenta", Color::Magenta, (205, 0, 205)),
    ("cyan", Color::Cyan, (0, 205, 205)),
    ("white", Color::White, (255, 255, 255)),
    ("grey", Color::Gray, (190, 190, 190)),
    ("dark-grey", Color::DarkGray, (127, 127, 127)),
    ("light-red", Color::LightRed, (255, 0, 0)),
    ("light-green", Color::LightGreen, (0, 255, 0)),
    ("light-yellow", Color::LightYellow, (255, 255, 0)),
    ("light-blue", Color::LightBlue, (92, 92, 255)),
    ("light-magenta", Color::LightMagenta, (255, 0, 255)),
    ("light-cyan", Color::LightCyan, (0, 255, 255)),
];

fn read(text: &str) -> Option<Tone> {
    let text = text.trim().to_lowercase().replace("gray", "grey");
    if let Some((_, basic, rgb)) = NAMED.iter().find(|(name, ..)| *name == text) {
        return Some(Tone { rgb: *rgb, basic: *basic });
    }
    let digits = text.strip_prefix('#').filter(|d| d.len() == 6 && d.chars().all(|c| c.is_ascii_hexdigit()))?;
    let part = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
    let rgb = (part(0)?, part(2)?, part(4)?);
    let far = |(red, green, blue): (u8, u8, u8)| {
        let square = |a: u8, b: u8| u32::from(a.abs_diff(b)).pow(2);
        square(red, rgb.0) + square(green, rgb.1) + square(blue, rgb.2)
    };
    let nearest = NAMED.iter().min_by_key(|(_, _, known)| far(*known)).map(|(_, basic, _)| *basic)?;
    Some(Tone { rgb, basic: nearest })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The contrast of two colours (WCAG 2.2: 1 to 21; text needs 4.5).
    fn contrast(a: (u8, u8, u8), b: (u8, u8, u8)) -> f64 {
        let part = |value: u8| {
            let value = f64::from(value) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        let light = |c: (u8, u8, u8)| 0.2126 * part(c.0) + 0.7152 * part(c.1) + 0.0722 * part(c.2) + 0.05;
        let (a, b) = (light(a), light(b));
        if a > b { a / b } else { b / a }
    }

    #[test]
    fn every_tone_can_be_read_on_the_backgrounds_its_palette_is_made_for() {
        for (name, base) in Base::ALL {
            // What people have: black and the usual near-blacks, white and cream.
            let backgrounds: &[(u8, u8, u8)] = match base {
                Base::Light => &[(255, 255, 255), (253, 246, 227)],
                Base::ColourBlind => &[(0, 0, 0), (24, 24, 24)],
                _ => &[(0, 0, 0), (30, 30, 46), (40, 44, 52)],
            };
            for (word, tint) in Tint::ALL.iter().filter(|(_, tint)| *tint != Tint::Land) {
                let wanted = if base == Base::HighContrast { 7.0 } else { 4.5 };
                for background in backgrounds {
                    let found = contrast(base.tone(*tint).rgb, *background);
                    assert!(found >= wanted, "{name}: {word} has {found:.1} on {background:?}");
                }
            }
        }
    }

    /// How a colour looks to somebody without the middle or the long cones (Viénot, Brettel and Mollon 1999).
    fn seen_by(rgb: (u8, u8, u8), deutan: bool) -> (f64, f64, f64) {
        let line = |v: u8| (f64::from(v) / 255.0).powf(2.2);
        let (r, g, b) = (line(rgb.0), line(rgb.1), line(rgb.2));
        let (first, third) = if deutan {
            (0.292_75 * r + 0.707_25 * g, -0.022_34 * r + 0.022_34 * g + b)
        } else {
            (0.112_38 * r + 0.887_62 * g, 0.004_01 * r - 0.004_01 * g + b)
        };
        (first, first, third)
    }

    #[test]
    fn right_and_wrong_are_told_apart_without_red_or_green() {
        for (name, base) in Base::ALL {
            for deutan in [true, false] {
                let right = seen_by(base.tone(Tint::Correct).rgb, deutan);
                for tint in [Tint::Parked, Tint::Mixed] {
                    let wrong = seen_by(base.tone(tint).rgb, deutan);
                    let apart = ((right.0 - wrong.0).powi(2) + (right.2 - wrong.2).powi(2)).sqrt();
                    let least = if base == Base::ColourBlind { 0.3 } else { 0.08 };
                    assert!(apart > least, "{name}: {tint:?} is {apart:.2} from correct");
                }
            }
        }
    }

    #[test]
    fn own_colours_are_read_and_stay_whatever_the_palette() {
        let mut palette = Palette::of(Base::Light);
        palette.set("parked", "#FF8700").unwrap();
        palette.set("correct", "light-cyan").unwrap();
        assert_eq!(palette.next().tone(Tint::Parked).rgb, (255, 135, 0));
        assert_eq!(palette.tone(Tint::Correct).basic, Color::LightCyan);
        assert_eq!(palette.set("parkd", "red"), Err(PaletteError::NoRole));
        for bad in ["#12345", "#1234567", "#gggggg", "mauve", "", "#é1234"] {
            assert!(matches!(palette.set("parked", bad), Err(PaletteError::NoColour(_))), "{bad}");
        }
        assert!(Base::ALL.iter().all(|(name, base)| Base::of_name(name) == Some(*base) && base.name() == *name));
    }
}
