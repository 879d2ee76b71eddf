//! A registration in words: what it explains and whom to call first, then the fields, then what must not be concluded. Nothing
//! here asks or judges.

use std::fmt::Write as _;

use crate::dns::shown;
use crate::registration::{
    Answer, Evidence, Finding, Moment, Outcome, Registration, headline, registrar, remarks, whom_to_call,
};
use crate::time::Timestamp;

use super::layout::{Look, plain};

/// Width of the column of labels.
const LABELS: usize = 20;

/// The registration as text. With `verbose` the raw answers follow; with `quiet` only headline and call are left.
#[must_use]
pub fn registration_text(evidence: &Evidence<'_>, findings: &[Finding], now: Timestamp, look: Look) -> String {
    let hearing = evidence.hearing;
    let mut text = String::new();
    say(&mut text, "", &headline(hearing, findings));
    let trouble = findings.iter().any(Finding::is_trouble);
    if let Some(call) = whom_to_call(hearing).filter(|_| trouble) {
        say(&mut text, "", &call);
    }
    if look.quiet {
        return text;
    }
    for finding in findings {
        text.push('\n');
        say(&mut text, "", &format!("{} {}", finding.severity().word().to_uppercase(), finding.cause.word()));
        say(&mut text, "  ", &finding.sentence());
        say(&mut text, "  ", &format!("What to do: {}", finding.cause.advice()));
        for fact in &finding.evidence {
            say(&mut text, "  ", &format!("Evidence: {fact}"));
        }
    }
    if hearing.registry().is_some() {
        text.push('\n');
        let known = registrar(hearing);
        let name = known.name.unwrap_or_else(|| "not told".to_owned());
        let id = known.iana_id.map(|id| format!(" (IANA id {id})")).unwrap_or_default();
        entry(&mut text, "registrar", &format!("{name}{id}"));
        let ways = [("abuse contact", known.abuse.email), ("abuse phone", known.abuse.phone), ("pages", known.url)];
        for (label, way) in ways {
            if let Some(way) = way {
                entry(&mut text, label, &way);
            }
        }
    }
    for (answer, read) in [hearing.registry(), hearing.registrar()].into_iter().flatten() {
        text.push('\n');
        say(&mut text, "", &format!("{}, {}", capital(answer.source.phrase()), answer.server));
        fields(&mut text, answer, read);
    }
    let remarks = remarks(evidence, now);
    if !remarks.is_empty() {
        text.push('\n');
        for remark in remarks {
            say(&mut text, "", &format!("Note: {remark}"));
        }
    }
    if look.verbose {
        for answer in &hearing.answers {
            raw(&mut text, answer);
        }
    } else if hearing.answers.iter().any(|a| matches!(a.outcome, Outcome::Unreadable { .. }) && !a.raw.is_empty()) {
        say(&mut text, "", "Note: --verbose shows the answers as they came.");
    }
    text
}

fn fields(text: &mut String, answer: &Answer, read: &Registration) {
    entry(text, "domain", &answer.domain.without_dot());
    if let Some(handle) = &read.handle {
        entry(text, "handle", handle);
    }
    if read.statuses.is_empty() {
        entry(text, "status", "not told");
    }
    for status in &read.statuses {
        let meaning = status.meaning().map(|meaning| format!(": {meaning}")).unwrap_or_default();
        entry(text, "status", &format!("{status}{meaning}"));
    }
    let dates = &read.dates;
    entry(text, "expires", &dates.expires.as_ref().map_or_else(|| "not told".to_owned(), date));
    for (label, moment) in [
        ("registrar's expiry", &dates.registrar_expires),
        ("last changed", &dates.changed),
        ("registered", &dates.registered),
        ("transferred", &dates.transferred),
        ("as of", &dates.database),
    ] {
        if let Some(moment) = moment {
            entry(text, label, &date(moment));
        }
    }
    let servers = match &read.name_servers {
        None => "not told".to_owned(),
        Some(set) if set.is_empty() => "none".to_owned(),
        Some(set) => set.to_string(),
    };
    entry(text, "name servers", &servers);
    match (read.signed, read.ds.as_slice()) {
        (None, []) => entry(text, "DS", "not told"),
        (Some(false), []) => entry(text, "DS", "none"),
        (Some(true), []) => entry(text, "DS", "there is one; it is not told"),
        (_, records) => records.iter().for_each(|ds| entry(text, "DS", &ds.to_string())),
    }
}

/// A date in full, or as written where its form is not known.
fn date(moment: &Moment) -> String {
    moment.at.map_or_else(|| moment.to_string(), |at| at.to_string())
}

fn raw(text: &mut String, answer: &Answer) {
    text.push('\n');
    let what = format!("{} about {}", answer.server, answer.domain.without_dot());
    say(text, "", &format!("{what}: {}", answer.outcome.phrase()));
    for line in answer.raw.lines() {
        let _ = writeln!(text, "  | {}", shown::text(&line.replace('\t', "  ")));
    }
}

fn capital(phrase: &str) -> String {
    let mut letters = phrase.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn entry(text: &mut String, label: &str, value: &str) {
    say(text, "  ", &format!("{label:<LABELS$}{value}"));
}

fn say(text: &mut String, indent: &str, line: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{indent}{}", plain(line));
}
