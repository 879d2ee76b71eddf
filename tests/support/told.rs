//! Writes what was played as a journal, tells it again, and holds the one against the other.

use unpark::incident::Incident;
use unpark::journal::{Encoder, Entry, Header, JournalReader, Replay};

use super::play::Played;

/// The journal of a play, as the live tool would have written it.
pub fn journal(played: &Played) -> String {
    let started = played.incident.started();
    let mut lines = Header::new("watch", false, started, played.opening.clone()).line().unwrap();
    let mut encoder = Encoder::new(started);
    let mut settled = played.settled.iter().peekable();
    for count in 0..=played.events.len() {
        while let Some((_, at, noted)) = settled.next_if(|(facts, ..)| *facts <= count) {
            encoder.settled(*at, *noted, &mut lines);
        }
        if let Some((at, event)) = played.events.get(count) {
            encoder.event(*at, event, &mut lines).unwrap();
        }
    }
    encoder.ended(started, &mut lines);
    lines
}

/// What is not told as it was. `published` are states that the live run published, in their order.
pub fn faults(played: &Played, published: &[Incident]) -> Vec<String> {
    let text = journal(played);
    let mut faults = Vec::new();
    let mut reader = JournalReader::of_text(text.clone().into_bytes()).unwrap();
    if reader.header().opening != played.opening {
        faults.push("the opening is told otherwise".to_owned());
    }
    let (mut events, mut settled) = (played.events.iter(), played.settled.iter());
    while let Some(entry) = reader.read().unwrap() {
        let same = match &entry {
            Entry::Event(at, event) => events.next().is_some_and(|(a, e)| a == at && e == event),
            Entry::Settled { at, noted } => settled.next().is_some_and(|(_, a, n)| a == at && n == noted),
            _ => true,
        };
        if !same {
            faults.push(format!("line {} is told otherwise: {entry:?}", reader.line()));
            return faults;
        }
    }
    if events.next().is_some() || settled.next().is_some() || !reader.damage().notes().is_empty() {
        faults.push(format!("not all of it is told: {:?}", reader.damage()));
    }
    faults.extend(states(played, published, &text));
    faults
}

/// Every state that was published comes again.
fn states(played: &Played, published: &[Incident], text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let open = || Replay::of(JournalReader::of_text(text.as_bytes().to_vec()).unwrap());
    let mut every = open();
    let mut published = published.iter().peekable();
    while published.next_if(|live| live.observed() == 0 && same(live, every.incident())).is_some() {}
    while let Some(entry) = every.step().unwrap() {
        if !matches!(entry, Entry::Settled { .. }) {
            continue;
        }
        let told = every.incident();
        while published.next_if(|live| live.observed() == told.observed() && same(live, told)).is_some() {}
    }
    if let Some(live) = published.next() {
        faults.push(format!("the state after {} answers is not told: {:?}", live.observed(), live.phases().last()));
    }
    if !same(every.incident(), &played.incident) {
        faults.push("the end is told otherwise".to_owned());
    }
    faults
}

fn same(one: &Incident, other: &Incident) -> bool {
    // Findings are worked out where they are asked for.
    one.findings() == other.findings() && one == other
}
