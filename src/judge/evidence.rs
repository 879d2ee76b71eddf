//! Observations with the number under which the incident keeps them, so that every verdict can show its evidence.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::dns::{Name, RecordType};
use crate::observation::{Observation, Purpose};

/// One observation as the incident keeps it.
#[derive(Debug, Clone, PartialEq)]
pub struct Heard {
    /// Its number within the incident, counting from 1 in the order heard.
    pub number: u64,
    /// What was observed.
    pub observation: Arc<Observation>,
}

/// The most recent observations of one target, oldest first. Bounded: an incident may last for days.
///
/// The bound is for each question (purpose, name and type), so that a flood of nonces never pushes out the one answer
/// about an address, nor many watched names the nonces.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Witnesses {
    /// Shared until something is added: an incident is copied each time it is published.
    heard: Arc<VecDeque<Heard>>,
}

impl Witnesses {
    /// How many nonces of one target are kept: above the largest number of samples a verdict may ask for.
    pub const MOST: usize = 96;
    /// How many observations about any other question are kept.
    const MOST_OF_A_KIND: usize = 12;
    /// How many observations of one target are kept in all.
    const MOST_IN_ALL: usize = 8192;

    /// Keeps one more, dropping the oldest about the same question when there are too many.
    pub fn add(&mut self, heard: Heard) {
        let query = &heard.observation.query;
        let most = if query.purpose.is_nonce() { Self::MOST } else { Self::MOST_OF_A_KIND };
        let alike = |other: &Heard| {
            let theirs = &other.observation.query;
            theirs.purpose == query.purpose && theirs.rtype == query.rtype && theirs.name == query.name
        };
        let kept = Arc::make_mut(&mut self.heard);
        if kept.iter().filter(|h| alike(h)).count() >= most {
            if let Some(oldest) = kept.iter().position(alike) {
                kept.remove(oldest);
            }
        } else if kept.len() >= Self::MOST_IN_ALL {
            kept.pop_front();
        }
        kept.push_back(heard);
    }

    /// Forgets what is not to be kept.
    pub fn retain(&mut self, keep: impl FnMut(&Heard) -> bool) {
        Arc::make_mut(&mut self.heard).retain(keep);
    }

    /// All, oldest first.
    #[must_use]
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Heard> {
        self.heard.iter()
    }

    /// The one of this number, if it is still kept. Numbers count up in the order heard.
    #[must_use]
    pub fn numbered(&self, number: u64) -> Option<&Heard> {
        self.heard.get(self.heard.binary_search_by_key(&number, |h| h.number).ok()?)
    }

    /// Those of one purpose, oldest first.
    #[must_use]
    pub fn of(&self, purpose: Purpose) -> impl DoubleEndedIterator<Item = &Heard> {
        self.heard.iter().filter(move |h| h.observation.query.purpose == purpose)
    }

    /// The newest of one purpose.
    #[must_use]
    pub fn latest(&self, purpose: Purpose) -> Option<&Heard> {
        self.of(purpose).next_back()
    }

    /// Those of one purpose about one name and type, oldest first.
    #[must_use]
    pub fn about(&self, purpose: Purpose, name: &Name, rtype: RecordType) -> impl DoubleEndedIterator<Item = &Heard> {
        self.of(purpose).filter(move |h| h.observation.query.name == *name && h.observation.query.rtype == rtype)
    }

    /// Whether nothing has been heard, or has failed, yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.heard.is_empty()
    }
}
