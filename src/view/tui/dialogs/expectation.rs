//! The dialog in which the operator says which name servers are correct. Nothing is taken for correct unasked.

use crossterm::event::KeyEvent;

use crate::dns::{Name, NsSet, shown};
use crate::incident::Incident;
use crate::view::model::{Proposal, proposals};
use crate::view::tui::Wish;
use crate::view::tui::dialogs::{Line, Outcome, confirm};
use crate::view::tui::keys::{Action, DIALOG, action};

/// Its state.
#[derive(Debug, Clone)]
pub struct ExpectationDialog {
    /// The names being typed.
    pub line: Line,
    /// Sets that were seen somewhere.
    pub proposals: Vec<Proposal>,
    /// The proposal that stands in the line, if one does.
    pub chosen: Option<usize>,
}

/// Most names of one set: no zone has more than 13 in practice, and the line is bounded anyway.
const MOST: usize = 64;

impl ExpectationDialog {
    /// Opens it, with what is expected now in the line.
    #[must_use]
    pub fn open(incident: &Incident) -> Self {
        let line = incident.expectation().map_or_else(Line::default, |e| Line::holding(&e.ns.to_string()));
        Self { line, proposals: proposals(incident), chosen: None }
    }

    /// The set as typed, or what is wrong with it.
    ///
    /// # Errors
    /// A sentence without the full stop, safe to show.
    pub fn read(&self) -> Result<NsSet, String> {
        let words: Vec<&str> =
            self.line.text().split(|c: char| c == ',' || c.is_whitespace()).filter(|w| !w.is_empty()).collect();
        if words.is_empty() {
            return Err("type the names of the correct name servers, separated by spaces or commas".to_owned());
        }
        if words.len() > MOST {
            return Err(format!("more than {MOST} names are no NS set"));
        }
        let names = words.iter().map(|word| match Name::from_user(word) {
            Ok(name) if name.is_root() => Err("the root is no name server".to_owned()),
            Ok(name) => Ok(name),
            Err(error) => Err(format!("{}: {error}", shown::text(word))),
        });
        names.collect()
    }

    /// Takes in a key.
    pub fn press(&mut self, key: &KeyEvent) -> Outcome {
        match action(DIALOG, key) {
            Some(Action::Close) => return Outcome::Close,
            Some(Action::Confirm) => return confirm(self.read().map(Wish::AcceptExpectation)),
            Some(Action::Down) => self.choose(1),
            Some(Action::Up) => self.choose(self.proposals.len().saturating_sub(1)),
            _ => {
                if self.line.press(key) {
                    self.chosen = None;
                }
            }
        }
        Outcome::Stay
    }

    fn choose(&mut self, by: usize) {
        let next = match (self.chosen, self.proposals.len()) {
            (_, 0) => return,
            (None, all) => (by + all - 1) % all,
            (Some(at), all) => (at + by) % all,
        };
        self.chosen = Some(next);
        if let Some(proposal) = self.proposals.get(next) {
            self.line.set(&proposal.ns.to_string());
        }
    }
}
