//! A registration in words: what it explains and whom to call first, then the fields, then what must not be concluded. Nothing
//! here asks or judges.

use std::fmt::Write as _;

use crate::dns::shown;
use crate::registration::{Answer, Evidence, Finding, headline, registrar, remarks, whom_to_call};
use crate::time::Timestamp;
use crate::view::model::{Fact, fields, is_only_text, registrar_fields};

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
        entries(&mut text, &registrar_fields(&registrar(hearing)));
    }
    for (answer, read) in [hearing.registry(), hearing.registrar()].into_iter().flatten() {
        text.push('\n');
        say(&mut text, "", &format!("{}, {}", capital(answer.source.phrase()), answer.server));
        entries(&mut text, &fields(answer, read));
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
    } else if hearing.answers.iter().any(is_only_text) {
        say(&mut text, "", "Note: --verbose shows the answers as they came.");
    }
    text
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

fn entries(text: &mut String, fields: &[Fact]) {
    for (label, value) in fields {
        say(text, "  ", &format!("{label:<LABELS$}{value}"));
    }
}

fn say(text: &mut String, indent: &str, line: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{indent}{}", plain(line));
}
