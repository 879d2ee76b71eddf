//! Lines to facts: what is referred to is looked up, and what is not as a journal should be is refused with its reason.

use std::sync::Arc;
use std::time::Duration;

use super::form::{ResponseForm, Template};
use super::line::{Line, Observed, OtherOutcome, OutcomeLine, Reference};
use super::{MOST_HAPPENINGS, MOST_QUERIES, MOST_RESPONSES};
use crate::dns::Name;
use crate::incident::Event;
use crate::observation::{Observation, Outcome, Query, Response};
use crate::time::Timestamp;

/// No time lies further from the start of its watch than this, either way: ten years.
const LONGEST_WATCH: Duration = Duration::from_secs(10 * 366 * 86_400);

/// What a line says.
#[derive(Debug, Clone, PartialEq)]
pub enum Entry {
    /// A fact, and when it was taken in.
    Event(Timestamp, Event),
    /// The state was settled at this moment; `noted` when a verdict, a phase or the source changed by it.
    Settled {
        /// When.
        at: Timestamp,
        /// Whether anything that is remembered changed by it, by the rules of that time.
        noted: bool,
    },
    /// So many facts were lost at this place: the disk was full, or too slow.
    Gap {
        /// When writing went on.
        at: Timestamp,
        /// How many.
        lost: u64,
    },
    /// The watch ended in order.
    Ended {
        /// When.
        at: Timestamp,
    },
    /// A kind of fact that this version does not know.
    Unknown {
        /// Its key in the file.
        kind: String,
    },
}

/// Reads line after line. A copy is cheap: it shares what was defined so far.
#[derive(Debug, Clone)]
pub struct Decoder {
    started: Timestamp,
    last: i64,
    /// From number one on.
    queries: Arc<Vec<Option<Arc<Query>>>>,
    responses: Arc<Vec<Option<Arc<Template>>>>,
    happenings: u64,
}

impl Decoder {
    /// For a watch that began at `started`.
    #[must_use]
    pub fn new(started: Timestamp) -> Self {
        Self { started, last: 0, queries: Arc::default(), responses: Arc::default(), happenings: 0 }
    }

    /// Reads one line, without its newline.
    ///
    /// # Errors
    /// Why it is no line of a journal, in words safe to show.
    pub fn line(&mut self, text: &[u8]) -> Result<Entry, String> {
        let line = Line::read(text).map_err(|error| crate::dns::shown::text(&error.to_string()))?;
        Ok(match line {
            Line::Settled { after, noted } => Entry::Settled { at: self.at(self.last.saturating_add(after))?, noted },
            Line::Gap { t, lost } => Entry::Gap { at: self.at(t)?, lost },
            Line::Ended { t } => Entry::Ended { at: self.at(t)? },
            Line::Unknown { kind } => Entry::Unknown { kind: crate::dns::shown::text(&kind) },
            Line::Happened { t, event } => {
                let at = self.at(t)?;
                self.admit(&event)?;
                self.last = t;
                Entry::Event(at, *event)
            }
            Line::Observed(observed) => {
                let t = observed.t;
                let at = self.at(t)?;
                let observation = self.observation(observed)?;
                self.last = t;
                Entry::Event(at, Event::Observed(Arc::new(observation)))
            }
        })
    }

    /// A moment so many microseconds after the start. One line with a time that no watch reaches would carry all that
    /// comes after it there, so it is refused.
    fn at(&self, micros: i64) -> Result<Timestamp, String> {
        if micros.unsigned_abs() > LONGEST_WATCH.as_micros().try_into().unwrap_or(u64::MAX) {
            return Err("a time that lies years away: no watch is that long".to_owned());
        }
        Ok(Timestamp::from_micros(self.started.as_micros().saturating_add(micros)))
    }

    /// Facts that add to what is kept must stay within bounds that no real watch comes near.
    fn admit(&mut self, event: &Event) -> Result<(), String> {
        const MOST_IN_A_LIST: usize = 4096;
        let items = match event {
            Event::CutFound { servers, unresolved, .. } => servers.len().max(unresolved.len()),
            Event::HostResolved { addresses: Ok(addresses), .. } => addresses.len(),
            Event::HostsWatched(hosts) => hosts.len(),
            _ => 0,
        };
        if items > MOST_IN_A_LIST {
            return Err(format!("a list of {items} items: no watch has that many"));
        }
        // How many strays came is a number, and replaces the one before.
        if !matches!(event, Event::StraysCame { .. }) {
            self.happenings += 1;
        }
        if self.happenings > MOST_HAPPENINGS {
            return Err("too many events: no watch has that many".to_owned());
        }
        Ok(())
    }

    fn observation(&mut self, line: Observed<'_>) -> Result<Observation, String> {
        let query = self.query(line.query)?;
        let asked = match line.asked.as_ref() {
            "" => query.name.clone(),
            whole if whole.ends_with('.') => whole.parse().map_err(|e| format!("the name asked: {e}"))?,
            label => query.name.child(label.as_bytes()).map_err(|e| format!("the name asked: {e}"))?,
        };
        let outcome = match line.outcome {
            OutcomeLine::Answered(reference) => {
                Outcome::Answered(self.response(reference, &asked, line.ttls.as_slice())?)
            }
            OutcomeLine::Other(other) => {
                let rcode = other.rcode();
                match other {
                    OtherOutcome::None => Outcome::NoResponse,
                    OtherOutcome::Unreachable => Outcome::Unreachable,
                    OtherOutcome::NotSent { reason } => Outcome::NotSent { reason },
                    OtherOutcome::Malformed { reason, .. } => Outcome::Malformed { rcode, reason },
                }
            }
        };
        let heard = matches!(outcome, Outcome::Answered(_) | Outcome::Malformed { .. });
        let rtt = match line.rare.rtt {
            Some((seconds, nanos)) if nanos < 1_000_000_000 => Some(Duration::new(seconds, nanos)),
            Some(_) => return Err("a round trip with more than a second of nanoseconds".to_owned()),
            None if heard && !line.rare.no_rtt => {
                let micros = u64::try_from(line.sent.saturating_sub(line.lag));
                Some(Duration::from_micros(micros.map_err(|_| "a round trip shorter than nothing".to_owned())?))
            }
            None => None,
        };
        Ok(Observation {
            query: (*query).clone(),
            asked,
            outcome,
            sent: self.at(line.t.saturating_sub(line.sent))?,
            at: self.at(line.rare.at.unwrap_or(line.t))?,
            rtt,
            packets: line.rare.packets.unwrap_or(1),
        })
    }

    fn query(&mut self, reference: Reference<Query>) -> Result<Arc<Query>, String> {
        match reference {
            Reference::To(number) => {
                let known = number.checked_sub(1).and_then(|at| self.queries.get(at as usize)?.clone());
                known.ok_or_else(|| format!("query {number} was never defined"))
            }
            Reference::Definition(number, query) => {
                let query = Arc::new(*query);
                put(&mut self.queries, number, MOST_QUERIES, &query)?;
                Ok(query)
            }
        }
    }

    fn response(&mut self, reference: Reference<ResponseForm>, asked: &Name, ttls: &[u32]) -> Result<Response, String> {
        match reference {
            Reference::To(number) => {
                let known = number.checked_sub(1).and_then(|at| self.responses.get(at as usize)?.as_ref());
                known.ok_or_else(|| format!("response {number} was never defined"))?.tell(asked, ttls)
            }
            Reference::Definition(number, form) => {
                let template = Arc::new(Template::try_from(*form)?);
                if number > 0 && !template.is_small() {
                    return Err(format!("response {number} is too large to be referred to"));
                }
                put(&mut self.responses, number, MOST_RESPONSES, &template)?;
                template.tell(asked, ttls)
            }
        }
    }
}

/// Puts a definition in its place; zero has none.
fn put<T>(all: &mut Arc<Vec<Option<Arc<T>>>>, number: u32, most: u32, what: &Arc<T>) -> Result<(), String> {
    if number > most {
        return Err(format!("the number {number} of a definition is above {most}"));
    }
    let Some(at) = number.checked_sub(1) else { return Ok(()) };
    let all = Arc::make_mut(all);
    let at = at as usize;
    if all.len() <= at {
        all.resize_with(at + 1, || None);
    }
    if let Some(place) = all.get_mut(at) {
        *place = Some(Arc::clone(what));
    }
    Ok(())
}
