//! What happened when, in the order in which it happened: for the screen, and for the report after an incident.
//!
//! A pure function of the incident: everything here follows from what it keeps. What many servers do together is one entry,
//! or two: when the first did it, and when the last.

mod flushes;
mod milestones;
mod turns;

use std::time::Duration;

use crate::dns::{Name, shown};
use crate::incident::{Deed, Incident, NetworkState, Phase};
use crate::judge::{Expectation, Verdict};
use crate::observation::address_text;
use crate::time::{Timestamp, in_words};
use crate::view::model::{clock_jump, source_words};

use milestones::milestones;
pub use milestones::{Recovery, ShareReached, recovery};
use turns::{Said, Turning, turns};

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimelineEntry {
    /// When it was seen, or done.
    pub at: Timestamp,
    /// What it is about.
    pub kind: TimelineKind,
    /// What happened, in words: no full stop, no line break, safe to show.
    pub text: String,
}

/// What an entry is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TimelineKind {
    /// The watch began.
    Start,
    /// This machine's network.
    Network,
    /// This machine's clock.
    Clock,
    /// The operator said what is correct, changed the survey, or had hosts watched.
    Operator,
    /// A note of the operator.
    Note,
    /// A flush, or what came of one.
    Flush,
    /// Servers of the parent zone.
    Parent,
    /// Name servers of the zone.
    Authoritative,
    /// Where the incident stands.
    Phase,
    /// Resolvers.
    Resolvers,
}

impl TimelineKind {
    /// All of them, in the order in which entries of one moment stand.
    pub const ALL: [Self; 10] = [
        Self::Start,
        Self::Network,
        Self::Clock,
        Self::Operator,
        Self::Note,
        Self::Flush,
        Self::Parent,
        Self::Authoritative,
        Self::Phase,
        Self::Resolvers,
    ];

    /// The word, as on screen and in JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Network => "network",
            Self::Clock => "clock",
            Self::Operator => "operator",
            Self::Note => "note",
            Self::Flush => "flush",
            Self::Parent => "parent",
            Self::Authoritative => "authoritative",
            Self::Phase => "phase",
            Self::Resolvers => "resolvers",
        }
    }
}

/// A verdict that changes so soon after the expectation did changed because of it.
const BECAUSE_OF_IT: Duration = Duration::from_millis(500);

/// Everything worth saying that happened so far, oldest first.
#[must_use]
pub fn timeline(incident: &Incident) -> Vec<TimelineEntry> {
    let mut entries = vec![start(incident)];
    entries.extend(phases(incident));
    entries.extend(parents(incident));
    entries.extend(authorities(incident));
    entries.extend(milestones(incident));
    entries.extend(flushes::flushes(incident));
    entries.extend(acts(incident));
    entries.extend(own_trouble(incident));
    // What causes stands before what follows from it.
    entries.sort_by_key(|entry| (entry.at, entry.kind));
    entries
}

fn entry(at: Timestamp, kind: TimelineKind, text: impl Into<String>) -> TimelineEntry {
    TimelineEntry { at, kind, text: text.into() }
}

fn start(incident: &Incident) -> TimelineEntry {
    // What was expected at the start is what the first change replaced; without a change it still is.
    let first = incident.acts().iter().find_map(|act| match &act.deed {
        Deed::AcceptedExpectation { before, .. } => Some(before.as_ref()),
        _ => None,
    });
    let expected = match first.unwrap_or(incident.expectation()) {
        Some(expectation) => format!("expected: {}", expectation_words(expectation, incident.started())),
        None => "nobody has said which name servers are correct".to_owned(),
    };
    let asked = match incident.resolvers().len() {
        1 => "1 resolver".to_owned(),
        n => format!("{n} resolvers"),
    };
    entry(incident.started(), TimelineKind::Start, format!("watch begins, with {asked}; {expected}"))
}

fn expectation_words(expectation: &Expectation, at: Timestamp) -> String {
    format!("{} ({})", expectation.ns, source_words(expectation.source, at))
}

fn phases(incident: &Incident) -> impl Iterator<Item = TimelineEntry> {
    // It begins by starting: that is the entry of the start.
    incident.phases().iter().skip(1).map(|change| {
        let says = match change.phase {
            Phase::Starting => "not enough heard to say",
            Phase::ParkedAtParent => "the parent delegates to servers that are not the correct ones",
            Phase::HeldAtParent => "the parent says that there is no such domain",
            Phase::SplitAtParent => "the parent's servers disagree",
            Phase::BrokenAtAuthority => "the delegation is right, the zone's own servers are not",
            Phase::Converging => "the source is right; caches follow",
            Phase::Recovered => "every resolver that answers is clean",
            Phase::Healthy => "as it should be, and nothing was seen wrong",
            Phase::CannotTell => "our own network is in the way",
        };
        entry(change.at, TimelineKind::Phase, format!("{}: {says}", change.phase.word()))
    })
}

/// `.com`, `.co.uk`, `root`.
fn parent_words(incident: &Incident) -> String {
    match incident.parent_zone() {
        Some(zone) if zone.is_root() => "root".to_owned(),
        Some(zone) => format!(".{}", zone.without_dot()),
        None => "parent".to_owned(),
    }
}

fn parents(incident: &Incident) -> Vec<TimelineEntry> {
    let whose = parent_words(incident);
    let anew = judged_anew(incident);
    let servers = incident.parents().iter().map(|(address, parent)| {
        (format!("{} {}", parent.name.without_dot(), address_text(*address)), parent.history.as_slice())
    });
    let words = |said: Said, one: bool| match said {
        Said::First(Verdict::Correct) => if one { "delegates correctly" } else { "delegate correctly" }.to_owned(),
        Said::Turned(Verdict::Correct) => "restored".to_owned(),
        Said::First(Verdict::Parked) | Said::Turned(Verdict::Parked) => {
            format!("{} to parked servers", if one { "delegates" } else { "delegate" })
        }
        Said::First(Verdict::Held) | Said::Turned(Verdict::Held) => {
            format!("{} that there is no such domain", if one { "says" } else { "say" })
        }
        Said::First(Verdict::Broken) | Said::Turned(Verdict::Broken) => {
            format!("{} no usable answer", if one { "gives" } else { "give" })
        }
        Said::First(_) | Said::Turned(_) => {
            format!("{} to servers neither expected nor known as parked", if one { "delegates" } else { "delegate" })
        }
        Said::FellSilent => if one { "is silent" } else { "are silent" }.to_owned(),
        Said::HeardAgain => if one { "is heard again" } else { "are heard again" }.to_owned(),
    };
    let turnings = turns(servers, &anew);
    turnings.iter().flat_map(|t| turning_entries(t, TimelineKind::Parent, &format!("{whose} servers"), words)).collect()
}

fn authorities(incident: &Incident) -> Vec<TimelineEntry> {
    let anew = judged_anew(incident);
    let expected = incident.authorities().iter().filter(|(_, authority)| authority.is_expected());
    let servers = expected.map(|(address, authority)| {
        let name = authority.names.first().map_or_else(String::new, Name::without_dot);
        (format!("{name} {}", address_text(*address)), authority.history.as_slice())
    });
    let words = |said: Said, one: bool| match said {
        Said::First(Verdict::Correct) | Said::Turned(Verdict::Correct) => {
            if one { "answers correctly" } else { "answer correctly" }.to_owned()
        }
        Said::First(Verdict::Parked) | Said::Turned(Verdict::Parked) => {
            format!("{} with the parked zone", if one { "answers" } else { "answer" })
        }
        Said::First(Verdict::Broken) | Said::Turned(Verdict::Broken) => {
            format!("{} not answer for the zone", if one { "does" } else { "do" })
        }
        Said::First(_) | Said::Turned(_) => {
            format!("{} otherwise than expected", if one { "answers" } else { "answer" })
        }
        Said::FellSilent => if one { "is silent" } else { "are silent" }.to_owned(),
        Said::HeardAgain => if one { "is heard again" } else { "are heard again" }.to_owned(),
    };
    let turnings = turns(servers, &anew);
    let whose = "addresses of expected name servers";
    turnings.iter().flat_map(|t| turning_entries(t, TimelineKind::Authoritative, whose, words)).collect()
}

/// When the expectation changed: verdicts that change then did not change because a server did.
fn judged_anew(incident: &Incident) -> Vec<Timestamp> {
    let changes = incident.acts().iter().filter(|act| matches!(act.deed, Deed::AcceptedExpectation { .. }));
    changes.map(|act| act.at).collect()
}

/// One entry for what happened at once; two for what took its time: the first, and the last.
fn turning_entries(
    turning: &Turning,
    kind: TimelineKind,
    whose: &str,
    words: impl Fn(Said, bool) -> String,
) -> Vec<TimelineEntry> {
    let Turning { said, first, last, count, standing, total } = turning;
    let many = |n: usize| {
        let says = words(*said, n == 1);
        match n {
            2 if n == *total => format!("both {whose} {says}"),
            2.. if n == *total => format!("all {total} {whose} {says}"),
            _ => format!("{n} of {total} {whose} {says}"),
        }
    };
    let span = last.0.since(first.0);
    if span < Duration::from_secs(1) {
        let text = if *count == 1 { format!("{}: {}", many(*standing), first.1) } else { many(*standing) };
        return vec![entry(first.0, kind, text)];
    }
    let begins = format!("the first of {total} {whose} {}: {}", words(*said, true), first.1);
    let ends = format!("{}, the last after {}: {}", many(*standing), in_words(span), last.1);
    vec![entry(first.0, kind, begins), entry(last.0, kind, ends)]
}

fn acts(incident: &Incident) -> impl Iterator<Item = TimelineEntry> {
    incident.acts().iter().map(|act| {
        let (kind, text) = match &act.deed {
            Deed::AcceptedExpectation { before: None, after } => {
                (TimelineKind::Operator, format!("expectation: {}", expectation_words(after, act.at)))
            }
            Deed::AcceptedExpectation { before: Some(before), after } => (
                TimelineKind::Operator,
                format!("expectation: {} instead of {}", expectation_words(after, act.at), before.ns),
            ),
            Deed::ChangedSurvey { before, after } => {
                (TimelineKind::Operator, format!("survey: {} instead of {}", after.word(), before.word()))
            }
            Deed::WatchedHosts(hosts) => {
                let names: Vec<String> = hosts.iter().map(Name::without_dot).collect();
                (TimelineKind::Operator, format!("watched from now on: {}", names.join(", ")))
            }
            Deed::AddedResolver(target) => {
                let address = address_text(target.address);
                let operator = if target.operator == address {
                    String::new()
                } else {
                    format!("{} ", shown::text(&target.operator))
                };
                (TimelineKind::Operator, format!("the operator had a further resolver asked: {operator}{address}"))
            }
            Deed::MadeNote(text) => (TimelineKind::Note, shown::text(text)),
        };
        entry(act.at, kind, text)
    })
}

fn own_trouble(incident: &Incident) -> Vec<TimelineEntry> {
    let mut deaf = false;
    let network = incident.network_changes().iter().map(|change| {
        let text = match change.state {
            NetworkState::Whole if deaf => "somebody answers this machine again".to_owned(),
            NetworkState::Whole => "packets leave this machine again".to_owned(),
            NetworkState::NothingLeaves => "nothing leaves this machine any more".to_owned(),
            NetworkState::NobodyAnswers(since) => {
                format!("this machine's network seems cut: nobody has answered since {} UTC", since.clock())
            }
        };
        deaf = matches!(change.state, NetworkState::NobodyAnswers(_));
        entry(change.at, TimelineKind::Network, text)
    });
    let network: Vec<TimelineEntry> = network.collect();
    let clock = incident.clock_jumps().iter().map(|(at, jump)| entry(*at, TimelineKind::Clock, clock_jump(*at, *jump)));
    network.into_iter().chain(clock).collect()
}
