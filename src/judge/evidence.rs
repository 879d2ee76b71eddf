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
    /// In the order in which they were first asked; something is kept about each. Each is shared by itself: of many questions one
    /// is answered at a time.
    questions: Vec<Arc<Question>>,
}

/// What observations are alike in, and those that are.
#[derive(Debug, Clone, PartialEq)]
struct Question {
    purpose: Purpose,
    name: Name,
    rtype: RecordType,
    /// Oldest first.
    heard: VecDeque<Heard>,
}

impl Question {
    fn is(&self, purpose: Purpose, name: &Name, rtype: RecordType) -> bool {
        self.purpose == purpose && self.rtype == rtype && self.name == *name
    }

    fn most(&self) -> usize {
        if self.purpose.is_nonce() { Witnesses::MOST } else { Witnesses::MOST_OF_A_KIND }
    }
}

impl Kept {
    /// The question that this is about, to be added to.
    fn question_of(&mut self, heard: &Heard) -> &mut Question {
        let query = &heard.observation.query;
        let known = self.questions.iter().position(|q| q.is(query.purpose, &query.name, query.rtype));
        let at = known.unwrap_or_else(|| {
            let (purpose, name, rtype) = (query.purpose, query.name.clone(), query.rtype);
            self.questions.push(Arc::new(Question { purpose, name, rtype, heard: VecDeque::new() }));
            self.questions.len() - 1
        });
        Arc::make_mut(&mut self.questions[at])
    }

    fn forget_oldest(&mut self) {
        if let Some(question) = self.questions.iter_mut().min_by_key(|q| q.heard.front().map(|h| h.number)) {
            Arc::make_mut(question).heard.pop_front();
        }
        self.questions.retain(|q| !q.heard.is_empty());
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
        let kept = Arc::make_mut(&mut self.kept);
        let question = kept.question_of(&heard);
        let full = question.heard.len() >= question.most();
        if full {
            question.heard.pop_front();
        }
        question.heard.push_back(heard);
        if !full && kept.questions.iter().map(|q| q.heard.len()).sum::<usize>() > Self::MOST_IN_ALL {
            kept.forget_oldest();
        }
    }

    /// Forgets what is not to be kept.
    pub fn retain(&mut self, mut keep: impl FnMut(&Heard) -> bool) {
        let kept = Arc::make_mut(&mut self.kept);
        for question in &mut kept.questions {
            Arc::make_mut(question).heard.retain(|heard| keep(heard));
        }
        kept.questions.retain(|q| !q.heard.is_empty());
    }

    /// All, oldest first.
    #[must_use]
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Heard> {
        self.of_any(|_| true)
    }

    /// The one of this number, if it is still kept. Numbers count up in the order heard.
    #[must_use]
    pub fn numbered(&self, number: u64) -> Option<&Heard> {
        let find = |q: &'_ Question| q.heard.binary_search_by_key(&number, |h| h.number);
        self.kept.questions.iter().find_map(|q| q.heard.get(find(q).ok()?))
    }

    /// Those of one purpose, oldest first.
    #[must_use]
    pub fn of(&self, purpose: Purpose) -> impl DoubleEndedIterator<Item = &Heard> {
        self.of_any(move |other| other == purpose)
    }

    /// Those of some purposes, oldest first.
    fn of_any(&self, wanted: impl Fn(Purpose) -> bool) -> impl DoubleEndedIterator<Item = &Heard> {
        let mut questions = self.kept.questions.iter().filter(|q| wanted(q.purpose)).map(|q| &q.heard);
        let mut first = questions.next().into_iter().flatten();
        // Mostly there is one such question, and nothing to put in order.
        let mut all = Vec::new();
        all.extend(questions.flatten());
        if !all.is_empty() {
            all.extend(first.by_ref());
            all.sort_unstable_by_key(|heard| heard.number);
        }
        first.chain(all)
    }

    /// The newest of one purpose.
    #[must_use]
    pub fn latest(&self, purpose: Purpose) -> Option<&Heard> {
        self.newest_of(|other| other == purpose, |_| true)
    }

    /// The newest of some purposes that passes.
    pub fn newest_of(&self, wanted: impl Fn(Purpose) -> bool, passes: impl Fn(&Heard) -> bool) -> Option<&Heard> {
        let questions = self.kept.questions.iter().filter(|q| wanted(q.purpose));
        questions.filter_map(|q| q.heard.iter().rev().find(|heard| passes(heard))).max_by_key(|heard| heard.number)
    }

    /// Those of one purpose about one name and type, oldest first.
    #[must_use]
    pub fn about(
        &self,
        purpose: Purpose,
        name: &Name,
        rtype: RecordType,
    ) -> impl DoubleEndedIterator<Item = &Heard> + ExactSizeIterator + Clone {
        let question = self.kept.questions.iter().find(|q| q.is(purpose, name, rtype));
        question.map_or_else(Default::default, |q| q.heard.iter())
    }

    /// The names and types asked about for one purpose.
    pub fn asked(&self, purpose: Purpose) -> impl Iterator<Item = (&Name, RecordType)> {
        self.kept.questions.iter().filter(move |q| q.purpose == purpose).map(|q| (&q.name, q.rtype))
    }

    /// Whether nothing has been heard, or has failed, yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.kept.questions.is_empty()
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
    fn of_too_many_questions_the_oldest_answer_goes_first() {
        let mut kept = Witnesses::default();
        let told = Told::by(Role::Resolver).about(ZONE, RecordType::A, Purpose::Service, 0, Outcome::NoResponse);
        let one = told.witnesses.iter().next().unwrap();
        for number in 1..=9000_u64 {
            let mut observation = (*one.observation).clone();
            observation.query.name = name(&format!("host{}.{ZONE}", number / 2));
            kept.add(Heard { number, observation: Arc::new(observation) });
        }
        assert_eq!(numbers(kept.iter()), (809..=9000).collect::<Vec<u64>>());
        assert_eq!(kept.asked(Purpose::Service).count(), 4097);
        assert_eq!(numbers(kept.iter().rev().take(2)), [9000, 8999]);
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
