//! The dialog that changes how resolvers are asked while the parent is wrong, and says what each way costs.

use crossterm::event::KeyEvent;

use crate::incident::Survey;
use crate::view::tui::Wish;
use crate::view::tui::dialogs::Outcome;
use crate::view::tui::keys::{Action, DIALOG, action};

/// Its state.
#[derive(Debug, Clone, Copy)]
pub struct SurveyDialog {
    /// The way chosen.
    pub chosen: Survey,
}

impl SurveyDialog {
    /// The ways, the most careful first.
    pub const WAYS: [Survey; 3] = [Survey::Off, Survey::Once, Survey::Always];

    /// What a way costs.
    #[must_use]
    pub const fn costs(way: Survey) -> &'static str {
        match way {
            Survey::Off => {
                "Resolvers are not asked to recurse. Costs nothing; most rows stay unknown until the parent is right."
            }
            Survey::Once => {
                "Each resolver is asked once. A cache that did not hold the zone stores the parked delegation then, for up to two days. Shows the spread."
            }
            Survey::Always => {
                "Resolvers are asked again and again. Each time, caches store the parked delegation anew, so that some users wait longer after the repair. Shows every change."
            }
        }
    }

    /// Takes in a key.
    pub fn press(&mut self, key: &KeyEvent) -> Outcome {
        let at = Self::WAYS.iter().position(|way| *way == self.chosen).unwrap_or(0);
        match action(DIALOG, key) {
            Some(Action::Close) => return Outcome::Close,
            Some(Action::Confirm) => return Outcome::CloseWith(Wish::SetSurvey(self.chosen)),
            Some(Action::Down) => self.chosen = Self::WAYS[(at + 1).min(Self::WAYS.len() - 1)],
            Some(Action::Up) => self.chosen = Self::WAYS[at.saturating_sub(1)],
            _ => {}
        }
        Outcome::Stay
    }
}
