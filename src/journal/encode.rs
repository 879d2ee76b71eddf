//! Facts to lines. What was said before is referred to by number, so that a line takes some 60 octets.

use std::collections::HashMap;
use std::hash::Hash;

use super::form::{EventForm, QueryForm, ResponseForm, is_small, ttls};
use super::line::{OtherOutcome, Rare};
use super::{MOST_QUERIES, MOST_RESPONSES};
use crate::dns::Name;
use crate::incident::Event;
use crate::observation::{Observation, Outcome, Query, Response};
use crate::time::Timestamp;

/// Makes lines of facts, each with its newline.
#[derive(Debug)]
pub struct Encoder {
    started: Timestamp,
    /// The time of the last fact, in microseconds since the start.
    last: i64,
    queries: Numbers<Query>,
    responses: Numbers<Box<str>>,
}

/// Which numbers stand for what. When all are taken the oldest is given anew.
#[derive(Debug)]
struct Numbers<K> {
    most: u32,
    next: u32,
    of: HashMap<K, u32>,
    /// What each number stands for, from one on.
    all: Vec<K>,
}

impl<K: Clone + Eq + Hash> Numbers<K> {
    fn new(most: u32) -> Self {
        Self { most, next: 0, of: HashMap::new(), all: Vec::new() }
    }

    fn get(&self, what: &K) -> Option<u32> {
        self.of.get(what).copied()
    }

    /// Gives a number to what has none.
    fn give(&mut self, what: K) -> u32 {
        let at = self.next as usize;
        match self.all.get_mut(at) {
            Some(place) => {
                self.of.remove(place);
                *place = what.clone();
            }
            None => self.all.push(what.clone()),
        }
        self.next = (self.next + 1) % self.most;
        // Zero stands for what is not referred to again.
        let number = u32::try_from(at).unwrap_or(u32::MAX).saturating_add(1);
        self.of.insert(what, number);
        number
    }

    fn forget(&mut self) {
        *self = Self::new(self.most);
    }
}

impl Encoder {
    /// For a watch that began at `started`.
    #[must_use]
    pub fn new(started: Timestamp) -> Self {
        Self { started, last: 0, queries: Numbers::new(MOST_QUERIES), responses: Numbers::new(MOST_RESPONSES) }
    }

    /// Forgets what was said before: what follows stands for itself. To be called where lines were lost.
    pub fn forget(&mut self) {
        self.queries.forget();
        self.responses.forget();
    }

    fn offset(&self, at: Timestamp) -> i64 {
        at.as_micros().saturating_sub(self.started.as_micros())
    }

    /// Adds the line of an event.
    ///
    /// # Errors
    /// None that is known: every event has a JSON form. Nothing was added then.
    pub fn event(&mut self, at: Timestamp, event: &Event, lines: &mut String) -> Result<(), serde_json::Error> {
        let t = self.offset(at);
        if let Event::Observed(observation) = event {
            let before = lines.len();
            let written = self.observation(t, observation, lines);
            if written.is_err() {
                lines.truncate(before);
            }
            written?;
        } else {
            let mut object = Vec::new();
            EventForm::serialize(event, &mut serde_json::Serializer::new(&mut object))?;
            let object = String::from_utf8_lossy(&object);
            lines.push_str(&format!("{{\"t\":{t},{}\n", object.get(1..).unwrap_or_default()));
        }
        self.last = t;
        Ok(())
    }

    /// Adds that the state was settled; `noted` when a verdict, a phase or the source changed by it.
    pub fn settled(&mut self, at: Timestamp, noted: bool, lines: &mut String) {
        let after = self.offset(at).saturating_sub(self.last);
        lines.push_str(&if noted { format!("[{after}]\n") } else { format!("{after}\n") });
    }

    /// Adds that so many facts were lost here.
    pub fn gap(&mut self, at: Timestamp, lost: u64, lines: &mut String) {
        lines.push_str(&format!("{{\"t\":{},\"gap\":{lost}}}\n", self.offset(at)));
    }

    /// Adds that the watch ended in order.
    pub fn ended(&mut self, at: Timestamp, lines: &mut String) {
        lines.push_str(&format!("{{\"t\":{},\"ended\":true}}\n", self.offset(at)));
    }

    fn observation(&mut self, t: i64, observation: &Observation, lines: &mut String) -> Result<(), serde_json::Error> {
        let Observation { query, asked, outcome, sent, at, rtt, packets } = observation;
        let at_offset = self.offset(*at);
        let sent = t.saturating_sub(self.offset(*sent));
        let heard = observation.was_heard();
        let micros = rtt.and_then(|rtt| {
            let micros = i64::try_from(rtt.as_micros()).ok()?;
            (rtt.subsec_nanos() % 1000 == 0).then_some(micros)
        });
        let lag = micros.filter(|_| heard).map_or(0, |micros| sent.saturating_sub(micros));
        let usual_rtt = if heard { micros.is_some() && lag != i64::MIN && lag != i64::MAX } else { rtt.is_none() };
        let rare = Rare {
            packets: (*packets != 1).then_some(*packets),
            rtt: rtt.filter(|_| !usual_rtt).map(|rtt| (rtt.as_secs(), rtt.subsec_nanos())),
            no_rtt: heard && rtt.is_none(),
            at: (at_offset != t).then_some(at_offset),
        };
        let lag = if usual_rtt { lag } else { 0 };
        lines.push_str(&format!("[{t},"));
        self.query(query, lines)?;
        lines.push(',');
        let mut ttl_text = String::new();
        match outcome {
            Outcome::Answered(response) => {
                self.response(response, asked, lines)?;
                let ttls = ttls(response);
                ttl_text = match ttls.as_slice() {
                    [] => String::new(),
                    [one] => one.to_string(),
                    _ => serde_json::to_string(&ttls)?,
                };
            }
            other => lines.push_str(&serde_json::to_string(&other_outcome(other))?),
        }
        lines.push_str(&format!(",{sent}"));
        let rare = if rare == Rare::default() { String::new() } else { serde_json::to_string(&rare)? };
        let asked = if asked == &query.name { String::new() } else { asked_text(asked, query) };
        let asked = if asked.is_empty() { String::new() } else { serde_json::to_string(&asked)? };
        let lag = if lag == 0 { String::new() } else { lag.to_string() };
        // Everything up to the last that is not as usual.
        let fields = [(lag, "0"), (asked, "\"\""), (ttl_text, "[]"), (rare, "{}")];
        let upto = fields.iter().rposition(|(text, _)| !text.is_empty()).map_or(0, |last| last + 1);
        for (text, usual) in fields.iter().take(upto) {
            lines.push(',');
            lines.push_str(if text.is_empty() { usual } else { text });
        }
        lines.push_str("]\n");
        Ok(())
    }

    fn query(&mut self, query: &Query, lines: &mut String) -> Result<(), serde_json::Error> {
        if let Some(number) = self.queries.get(query) {
            lines.push_str(&number.to_string());
            return Ok(());
        }
        let mut form = Vec::new();
        QueryForm::serialize(query, &mut serde_json::Serializer::new(&mut form))?;
        let number = self.queries.give(query.clone());
        lines.push_str(&format!("[{number},{}]", String::from_utf8_lossy(&form)));
        Ok(())
    }

    fn response(&mut self, response: &Response, asked: &Name, lines: &mut String) -> Result<(), serde_json::Error> {
        let body = serde_json::to_string(&ResponseForm::new(response, asked))?.into_boxed_str();
        if let Some(number) = self.responses.get(&body) {
            lines.push_str(&number.to_string());
            return Ok(());
        }
        let number = if is_small(response) { self.responses.give(body.clone()) } else { 0 };
        lines.push_str(&format!("[{number},{body}]"));
        Ok(())
    }
}

fn other_outcome(outcome: &Outcome) -> OtherOutcome {
    match outcome {
        Outcome::Unreachable => OtherOutcome::Unreachable,
        Outcome::NotSent { reason } => OtherOutcome::NotSent { reason: reason.clone() },
        Outcome::Malformed { rcode, reason } => {
            OtherOutcome::Malformed { rcode: rcode.map(|r| r.0), reason: reason.clone() }
        }
        Outcome::NoResponse | Outcome::Answered(_) => OtherOutcome::None,
    }
}

/// The name sent, by its label where it is one label below the query's own and that label is plain.
fn asked_text(asked: &Name, query: &Query) -> String {
    let plain = |label: &[u8]| label.iter().all(|o| o.is_ascii_alphanumeric() || matches!(o, b'-' | b'_'));
    match asked.labels().next().filter(|label| plain(label)) {
        Some(label) if asked.one_up().as_ref() == Some(&query.name) => String::from_utf8_lossy(label).into_owned(),
        _ => asked.to_string(),
    }
}
