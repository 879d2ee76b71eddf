//! The dialog in which the operator names a further resolver to ask, by its address.

use std::net::SocketAddr;

use crossterm::event::KeyEvent;

use crate::catalog::read_address;
use crate::incident::Incident;
use crate::observation::address_text;
use crate::view::tui::Wish;
use crate::view::tui::dialogs::{Line, Outcome, press_line};

/// Its state.
#[derive(Debug, Clone, Default)]
pub struct ResolverDialog {
    /// The address being typed.
    pub line: Line,
}

impl ResolverDialog {
    /// The address as typed, or what is wrong with it.
    ///
    /// # Errors
    /// A sentence without the full stop, safe to show.
    pub fn read(&self, incident: &Incident) -> Result<SocketAddr, String> {
        let text = self.line.text().trim();
        if text.is_empty() {
            return Err("type an address, such as 192.0.2.53, 192.0.2.53:5353 or [2001:db8::53]:53".to_owned());
        }
        let address = read_address(text).map_err(|error| error.to_string())?;
        match incident.resolver(address) {
            Some(watch) => Err(format!("{} is asked already, as {}", address_text(address), watch.target.operator)),
            None => Ok(address),
        }
    }

    /// Takes in a key.
    pub fn press(&mut self, key: &KeyEvent, incident: &Incident) -> Outcome {
        let read = self.read(incident).map(Wish::AddResolver);
        press_line(&mut self.line, key, read)
    }
}
