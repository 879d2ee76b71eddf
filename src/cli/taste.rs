//! How the operator likes the screen: theme, own colours and own keys, from flags, environment and `unpark.toml`.

use clap::Args;
use serde::Deserialize;

use crate::cli::complain::Complaint;
use crate::cli::config::Settings;
use crate::view::tui::{Base, Keys, Palette};

/// What every command with a screen takes.
#[derive(Debug, Clone, Args)]
pub struct TasteArgs {
    /// Colours for this background: dark, light, high-contrast or colour-blind [default: light where COLORFGBG says so,
    /// else dark]
    #[arg(long, value_name = "NAME", env = "UNPARK_THEME", hide_env_values = true, value_parser = read_theme)]
    pub theme: Option<Base>,
    /// One line for each change, in full words, instead of a screen: for screen readers and logs
    #[arg(long)]
    pub plain: bool,
    /// Draw with ASCII characters only
    #[arg(long)]
    pub ascii: bool,
}

fn read_theme(name: &str) -> Result<Base, String> {
    Base::of_name(name).ok_or_else(|| format!("there are {}", Base::ALL.map(|(name, _)| name).join(", ")))
}

/// One key, or several that do the same.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum KeyChoice {
    One(String),
    Several(Vec<String>),
}

/// The palette: the flag's, else the settings file's, else what the terminal says of its background.
pub fn palette(args: &TasteArgs, settings: &Settings) -> Result<Palette, Complaint> {
    let base = match (args.theme, &settings.theme) {
        (Some(base), _) => base,
        (None, Some(name)) => read_theme(name).map_err(|e| settings.wrong("theme", &e))?,
        (None, None) => usual(std::env::var("COLORFGBG").ok().as_deref()),
    };
    let mut palette = Palette::of(base);
    for (role, colour) in &settings.colors {
        palette.set(role, colour).map_err(|e| settings.wrong(&format!("[colors] {role}"), &e.to_string()))?;
    }
    Ok(palette)
}

/// What `COLORFGBG` (rxvt, Konsole and others: `text;background`, as numbers of the 16 colours) says of the background.
fn usual(told: Option<&str>) -> Base {
    let background = told.and_then(|text| text.rsplit(';').next()?.parse::<u8>().ok());
    if matches!(background, Some(7 | 9..=15)) { Base::Light } else { Base::Dark }
}

/// The keys that the operator bound anew.
pub fn keys(settings: &Settings) -> Result<Keys, Complaint> {
    let mut keys = Keys::default();
    let wrong =
        |name: &str, error: &dyn std::fmt::Display| settings.wrong(&format!("[keys] {name}"), &error.to_string());
    for (name, choice) in &settings.keys {
        let presses = match choice {
            KeyChoice::One(key) => std::slice::from_ref(key),
            KeyChoice::Several(keys) => keys.as_slice(),
        };
        keys.bind(name, presses).map_err(|e| wrong(name, &e))?;
    }
    keys.check().map_err(|(name, e)| wrong(name, &e))?;
    Ok(keys)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_that_tells_its_background_is_believed() {
        for (told, base) in [
            (Some("0;15"), Base::Light),
            (Some("12;default;7"), Base::Light),
            (Some("15;0"), Base::Dark),
            (Some("15;8"), Base::Dark),
            (Some("nonsense"), Base::Dark),
            (None, Base::Dark),
        ] {
            assert_eq!(usual(told), base, "{told:?}");
        }
    }
}
