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
    kept: Arc<Kept>,
}

/// What is kept of one target.
#[derive(Debug, Clone, Default, PartialEq)]
struct Kept {
    /// Oldest first.
    heard: VecDeque<Heard>,
    /// About which of the questions each of these was. Apart from them, so that whoever looks for one question does not look
    /// into every observation on the way.
    about: VecDeque<u32>,
    /// In the order in which they were first asked.
    questions: Vec<Question>,
}

/// What observations are alike in.
#[derive(Debug, Clone, PartialEq)]
struct Question {
    purpose: Purpose,
    name: Name,
    rtype: RecordType,
}

impl Question {
    fn is(&self, purpose: Purpose, name: &Name, rtype: RecordType) -> bool {
        self.purpose == purpose && self.rtype == rtype && self.name == *name
    }
}

impl Kept {
    /// The number of a question, which is given one where it has none.
    fn number_of(&mut self, purpose: Purpose, name: &Name, rtype: RecordType) -> u32 {
        let known = self.questions.iter().position(|q| q.is(purpose, name, rtype));
        let at = known.unwrap_or_else(|| {
            self.questions.push(Question { purpose, name: name.clone(), rtype });
            self.questions.len() - 1
        });
        u32::try_from(at).unwrap_or(u32::MAX)
    }

    fn remove(&mut self, at: usize) {
        self.heard.remove(at);
        self.about.remove(at);
    }

    /// Forgets the questions that nothing is kept about any more.
    fn forget_questions(&mut self) {
        let heard = std::mem::take(&mut self.heard);
        *self = Self::default();
        for one in heard {
            self.push(one);
        }
    }

    fn push(&mut self, heard: Heard) {
        let query = &heard.observation.query;
        let about = self.number_of(query.purpose, &query.name, query.rtype);
        self.about.push_back(about);
        self.heard.push_back(heard);
    }

    /// What was heard about the questions that pass, oldest first.
    fn about(&self, passes: impl Fn(u32) -> bool) -> impl DoubleEndedIterator<Item = &Heard> {
        self.about.iter().zip(&self.heard).filter(move |(about, _)| passes(**about)).map(|(_, heard)| heard)
    }
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
        let kept = Arc::make_mut(&mut self.kept);
        let about = kept.number_of(query.purpose, &query.name, query.rtype);
        if kept.about.iter().filter(|other| **other == about).count() >= most {
            if let Some(oldest) = kept.about.iter().position(|other| *other == about) {
                kept.remove(oldest);
            }
        } else if kept.heard.len() >= Self::MOST_IN_ALL {
            kept.remove(0);
        }
        kept.about.push_back(about);
        kept.heard.push_back(heard);
        if kept.questions.len() > Self::MOST_IN_ALL {
            kept.forget_questions();
        }
    }

    /// Forgets what is not to be kept.
    pub fn retain(&mut self, mut keep: impl FnMut(&Heard) -> bool) {
        let kept = Arc::make_mut(&mut self.kept);
        kept.heard.retain(|heard| keep(heard));
        kept.forget_questions();
    }

    /// All, oldest first.
    #[must_use]
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Heard> {
        self.kept.heard.iter()
    }

    /// The one of this number, if it is still kept. Numbers count up in the order heard.
    #[must_use]
    pub fn numbered(&self, number: u64) -> Option<&Heard> {
        let heard = &self.kept.heard;
        heard.get(heard.binary_search_by_key(&number, |h| h.number).ok()?)
    }

    /// Those of one purpose, oldest first.
    #[must_use]
    pub fn of(&self, purpose: Purpose) -> impl DoubleEndedIterator<Item = &Heard> {
        let kept = &*self.kept;
        kept.about(move |about| kept.questions.get(about as usize).is_some_and(|q| q.purpose == purpose))
    }

    /// The newest of one purpose.
    #[must_use]
    pub fn latest(&self, purpose: Purpose) -> Option<&Heard> {
        self.of(purpose).next_back()
    }

    /// Those of one purpose about one name and type, oldest first.
    #[must_use]
    pub fn about(&self, purpose: Purpose, name: &Name, rtype: RecordType) -> impl DoubleEndedIterator<Item = &Heard> {
        let kept = &*self.kept;
        let at = kept.questions.iter().position(|q| q.is(purpose, name, rtype));
        let wanted = at.and_then(|at| u32::try_from(at).ok());
        kept.about(move |about| Some(about) == wanted)
    }

    /// The names and types asked about for one purpose.
    pub fn asked(&self, purpose: Purpose) -> impl Iterator<Item = (&Name, RecordType)> {
        self.kept.questions.iter().filter(move |q| q.purpose == purpose).map(|q| (&q.name, q.rtype))
    }

    /// Whether nothing has been heard, or has failed, yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.kept.heard.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::sample_world::*;
    use crate::observation::{Outcome, Role};

    fn numbers<'a>(heard: impl Iterator<Item = &'a Heard>) -> Vec<u64> {
        heard.map(|h| h.number).collect()
    }

    #[test]
    fn what_was_heard_about_one_question_never_pushes_out_another() {
        let mut told = Told::by(Role::Resolver).address(ZONE, 0, no_data(soa(ZONE, GOOD[0], 1, 60)));
        for second in 0..200 {
            told = told.nonce(second, good_denial(FULL));
        }
        let kept = &told.witnesses;
        assert_eq!(numbers(kept.of(Purpose::Service)), [1]);
        assert_eq!(numbers(kept.of(Purpose::Nonce)), (106..=201).collect::<Vec<u64>>());
        assert_eq!(kept.latest(Purpose::Nonce).map(|h| h.number), Some(201));
        assert_eq!(kept.numbered(1).map(|h| h.number), Some(1));
        assert!(kept.numbered(2).is_none() && kept.latest(Purpose::Echo).is_none());
    }

    #[test]
    fn questions_differ_by_purpose_name_and_type() {
        let heard = |told: Told, about: &str, rtype, purpose| told.about(about, rtype, purpose, 0, Outcome::NoResponse);
        let host = format!("www.{ZONE}");
        let mut told = heard(Told::by(Role::Resolver), ZONE, RecordType::A, Purpose::Service);
        told = heard(told, ZONE, RecordType::AAAA, Purpose::Service);
        told = heard(told, &host, RecordType::A, Purpose::Service);
        told = heard(told, ZONE, RecordType::A, Purpose::CachedNs);
        let mut kept = told.witnesses;
        assert_eq!(numbers(kept.about(Purpose::Service, &name(ZONE), RecordType::A)), [1]);
        assert_eq!(numbers(kept.about(Purpose::Service, &name(&host), RecordType::A)), [3]);
        assert_eq!(numbers(kept.of(Purpose::Service)), [1, 2, 3]);
        assert_eq!(numbers(kept.about(Purpose::Service, &name(&host), RecordType::AAAA)), [0; 0]);
        kept.retain(|heard| heard.number > 2);
        assert_eq!((numbers(kept.iter()), numbers(kept.of(Purpose::Service))), (vec![3, 4], vec![3]));
        assert_eq!(kept.asked(Purpose::Service).collect::<Vec<_>>(), [(&name(&host), RecordType::A)]);
    }
}
