//! Writes what was played as a journal, tells it again, and holds the one against the other.

use unpark::incident::Incident;
use unpark::journal::{Encoder, Entry, Header, JournalReader, Replay};

use super::play::Played;

/// So many states are compared with what they are where most settlings in between were quiet.
const LOOKS: usize = 40;

/// The journal of a play, as the live tool would have written it.
fn journal(played: &Played) -> String {
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

/// What came of telling a play again.
pub struct Told {
    /// What is not told as it was.
    pub faults: Vec<String>,
    /// How long the journal is.
    pub octets: usize,
}

/// Tells a play again, fact by fact. `published` are states that the live run published, in their order: each must come again.
pub fn told(played: &Played, published: &[Incident]) -> Told {
    let text = journal(played);
    let octets = text.len();
    let faults = faults(played, published, text);
    Told { faults, octets }
}

fn faults(played: &Played, published: &[Incident], text: String) -> Vec<String> {
    let mut faults = Vec::new();
    let mut at_once = Replay::of(JournalReader::of_text(text.clone().into_bytes()).unwrap());
    at_once.go_to_end().unwrap();
    let mut quick = Replay::of(JournalReader::of_text(text.clone().into_bytes()).unwrap());
    let mut replay = Replay::of(JournalReader::of_text(text.into_bytes()).unwrap());
    let stride = played.settled.len().div_ceil(LOOKS).max(1);
    let mut settlings = 0;
    if replay.header().opening != played.opening {
        faults.push("the opening is told otherwise".to_owned());
    }
    let (mut events, mut settled) = (played.events.iter(), played.settled.iter());
    let mut published = published.iter().peekable();
    while published.next_if(|live| live.observed() == 0 && same(live, replay.incident())).is_some() {}
    while let Some(entry) = replay.step().unwrap() {
        let as_it_was = match &entry {
            Entry::Event(at, event) => events.next().is_some_and(|(a, e)| a == at && e == event),
            Entry::Settled { at, noted } => settled.next().is_some_and(|(_, a, n)| a == at && n == noted),
            _ => true,
        };
        if !as_it_was {
            faults.push(format!("told otherwise after {} answers: {entry:?}", replay.incident().observed()));
            return faults;
        }
        assert!(quick.advance().unwrap());
        if matches!(entry, Entry::Settled { .. }) {
            let told = replay.incident();
            settlings += 1;
            if settlings % stride == 0 && !same(&quick.view(quick.now()), told) {
                faults.push(format!("told otherwise in haste after {} answers: {entry:?}", told.observed()));
                return faults;
            }
            while published.next_if(|live| live.observed() == told.observed() && same(live, told)).is_some() {}
        }
    }
    if events.next().is_some() || settled.next().is_some() || !replay.damage().notes().is_empty() {
        faults.push(format!("not all of it is told: {:?}", replay.damage()));
    }
    if let Some(live) = published.next() {
        faults.push(format!("the state after {} answers is not told: {:?}", live.observed(), live.phases().last()));
    }
    if [&quick, &at_once].iter().any(|one| !same(&one.view(one.now()), replay.incident())) {
        faults.push("the end is told otherwise in haste".to_owned());
    }
    if !same(replay.incident(), &played.incident) {
        faults.push("the end is told otherwise".to_owned());
    }
    faults
}

fn same(one: &Incident, other: &Incident) -> bool {
    // Findings are worked out where they are asked for.
    one.findings() == other.findings() && one == other
}
