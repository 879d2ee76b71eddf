//! The report after an incident: HTML, Markdown, JSON and CSV of the same content. Text from outside leaves it only plain and
//! escaped; the HTML needs no script, no network and no other file.
//!
//! It asks nothing and judges nothing: sentences come from `view::model`, facts from the incident.

mod csv;
mod curve;
mod html;
mod json;
mod markdown;
mod strip;

use std::time::Duration;

use crate::dns::{Name, shown};
use crate::incident::forecast::{Forecast, ForecastScores};
use crate::incident::{FindingSpan, FlushStanding, Incident, VerdictChange};
use crate::judge::{Until, Verdict};
use crate::observation::address_text;
use crate::time::Timestamp;
use crate::view::model::{Board, Recovery, Row, TimelineEntry, recovery, summary, timeline, unseen};

pub use self::csv::csv;
pub use html::html;
pub use json::json;
pub use markdown::markdown;

/// Where a report comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// The journal's name, or that it is a running watch.
    pub title: String,
    /// What could not be read of it, a line each.
    pub notes: Vec<String>,
    /// Whether nothing of it was real.
    pub drill: bool,
}

/// Everything a report says.
#[derive(Debug, Clone)]
pub struct Report {
    /// Where it comes from.
    pub origin: Origin,
    /// The first moment reported.
    pub from: Timestamp,
    /// The last moment reported.
    pub to: Timestamp,
    /// The incident as it stood at the last moment.
    pub board: Board,
    /// What happened, in a few sentences.
    pub summary: String,
    /// What happened when, within the time reported.
    pub timeline: Vec<TimelineEntry>,
    /// How far resolvers came after the last repair.
    pub recovery: Option<Recovery>,
    /// Shares of correct resolvers, seen and to come.
    pub forecast: Forecast,
    /// How far past forecasts were off.
    pub scores: ForecastScores,
    /// The resolvers, those that are wrong or turned last first.
    pub resolvers: Vec<ResolverStory>,
    /// The parent's servers.
    pub parents: Vec<ServerStory>,
    /// The zone's own name servers.
    pub authorities: Vec<ServerStory>,
    /// Findings, with when they stood.
    pub findings: Vec<FindingSpan>,
    /// Steps of flushes, with what came of them.
    pub flushes: Vec<FlushStanding>,
    /// What could not be seen, a sentence each.
    pub unseen: Vec<String>,
    /// The zone.
    pub zone: Name,
    /// What is correct: names with final dots, who said so, and when that was saved.
    pub expectation: Option<(Vec<String>, &'static str, Option<Timestamp>)>,
}

/// What one resolver did.
#[derive(Debug, Clone)]
pub struct ResolverStory {
    /// As the table shows it at the end.
    pub row: Row,
    /// Its city; empty when not known.
    pub city: String,
    /// Its country, when known.
    pub country: Option<String>,
    /// Its verdicts within the time reported, oldest first.
    pub history: Vec<VerdictChange>,
    /// When it was first seen wrong.
    pub first_wrong: Option<Timestamp>,
    /// When it last turned from wrong to correct.
    pub turned: Option<Timestamp>,
}

/// What one server of the source did.
#[derive(Debug, Clone)]
pub struct ServerStory {
    /// Its host names.
    pub name: String,
    /// Its address.
    pub address: String,
    /// Why it was asked; empty where that is plain.
    pub role: &'static str,
    /// What it amounts to at the end.
    pub verdict: Verdict,
    /// Its verdicts within the time reported, oldest first.
    pub history: Vec<VerdictChange>,
}

impl Report {
    /// The report of an incident as it stood at `now`, to which it should have been settled. Of what happened before `since`
    /// only the outcome is told.
    #[must_use]
    pub fn of(incident: &Incident, now: Timestamp, since: Option<Timestamp>, origin: Origin) -> Self {
        let from = since.unwrap_or(incident.started()).clamp(incident.started().min(now), now);
        let board = Board::of(incident, now);
        let within = |history: &[VerdictChange]| within(history, from);
        let resolver = |(watch, row): (&crate::incident::ResolverWatch, &Row)| ResolverStory {
            row: row.clone(),
            city: watch.target.city.clone(),
            country: watch.target.country.clone(),
            first_wrong: watch.history.iter().find(|c| c.verdict.is_wrong()).map(|c| c.at),
            turned: turned(&watch.history),
            history: within(&watch.history),
        };
        let mut resolvers: Vec<ResolverStory> = incident.resolvers().iter().zip(&board.rows).map(resolver).collect();
        resolvers.sort_by_key(|story| {
            let wrong = story.row.verdict.is_wrong();
            (!wrong, wrong.then_some(story.row.verdict), std::cmp::Reverse(story.turned), story.row.name())
        });
        let parent = |(address, parent): (&std::net::SocketAddr, &crate::incident::ParentServer)| ServerStory {
            name: parent.name.without_dot(),
            address: address_text(*address),
            role: "",
            verdict: parent.judgement.verdict,
            history: within(&parent.history),
        };
        let authority = |(address, server): (&std::net::SocketAddr, &crate::incident::AuthorityServer)| ServerStory {
            name: server.names.iter().map(Name::without_dot).collect::<Vec<_>>().join(", "),
            address: address_text(*address),
            role: server.role.word(),
            verdict: server.judgement.verdict,
            history: within(&server.history),
        };
        let expectation = incident.expectation().map(|expectation| {
            let taken = match expectation.source {
                crate::judge::ExpectationSource::Baseline { taken } => Some(taken),
                _ => None,
            };
            (expectation.ns.iter().map(ToString::to_string).collect(), expectation.source.word(), taken)
        });
        let mut findings: Vec<FindingSpan> = incident.finding_spans().to_vec();
        findings.retain(|span| span.gone.is_none_or(|gone| gone >= from));
        findings.sort_by_key(|span| (span.finding.severity(), span.first));
        Self {
            summary: summary(incident, &board),
            timeline: timeline(incident).into_iter().filter(|entry| entry.at >= from && entry.at <= now).collect(),
            recovery: recovery(incident),
            forecast: incident.forecast(now),
            scores: incident.forecast_scores(now),
            parents: incident.parents().iter().map(parent).collect(),
            authorities: incident.authorities().iter().map(authority).collect(),
            findings,
            flushes: incident.flush_standings().to_vec(),
            unseen: unseen(incident, &board),
            zone: incident.zone().clone(),
            expectation,
            from,
            to: now,
            resolvers,
            board,
            origin,
        }
    }

    /// `Incident report: brevo.com`, marked where nothing of it was real.
    fn title(&self) -> String {
        let mark = if self.origin.drill { "DRILL, not real: " } else { "" };
        let zone = match &self.board.zone_unicode {
            Some(unicode) => format!("{} ({unicode})", self.board.zone),
            None => self.board.zone.clone(),
        };
        format!("{mark}Incident report: {zone}")
    }

    /// What customers may be told, marked where nothing of it was real.
    fn statement(&self) -> String {
        let mark = if self.origin.drill { "DRILL, not real: " } else { "" };
        format!("{mark}{}", self.board.statement)
    }
}

/// The verdicts from a moment on: what stood then stands at its beginning.
fn within(history: &[VerdictChange], from: Timestamp) -> Vec<VerdictChange> {
    let before = history.iter().rev().find(|c| c.at <= from).map(|c| VerdictChange { at: from, ..*c });
    before.into_iter().chain(history.iter().filter(|c| c.at > from).copied()).collect()
}

/// When a resolver last turned from wrong to correct.
fn turned(history: &[VerdictChange]) -> Option<Timestamp> {
    let mut wrong = false;
    let mut turned = None;
    for change in history {
        if change.verdict.is_wrong() {
            wrong = true;
        } else if change.verdict == Verdict::Correct && wrong {
            (wrong, turned) = (false, Some(change.at));
        }
    }
    turned
}

/// Text of any length, every word of it safe to show.
fn plain(text: &str) -> String {
    text.split(' ').map(shown::text).collect::<Vec<_>>().join(" ")
}

/// `00:17:22`, since a moment; with a minus before it.
fn elapsed(at: Timestamp, zero: Timestamp) -> String {
    let (sign, span) = if at < zero { ("−", zero.since(at)) } else { ("+", at.since(zero)) };
    let seconds = span.as_secs();
    format!("{sign}{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

/// `2026-11-22 12:58:41`.
fn moment(at: Timestamp) -> String {
    at.to_string().replace('T', " ").trim_end_matches('Z').to_owned()
}

/// How long after the repair a resolver turned; none where it turned before, or not at all.
fn lag(story: &ResolverStory, recovery: Option<&Recovery>) -> Option<Duration> {
    let restored = recovery?.restored;
    story.turned.filter(|turned| *turned >= restored).map(|turned| turned.since(restored))
}

/// Until when a resolver is wrong, in words; nothing for one that is right.
fn until(row: &Row) -> String {
    if !row.verdict.is_wrong() {
        return String::new();
    }
    match row.until {
        Until::Known(at) => moment(at),
        Until::Bound(at) => format!("≤ {}", moment(at)),
        Until::Unknown => "not known".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_history_is_cut_at_its_beginning_and_keeps_what_stood_there() {
        let at = Timestamp::from_secs;
        let change = |seconds, verdict| VerdictChange { at: at(seconds), verdict };
        let history = [change(1, Verdict::Unknown), change(5, Verdict::Parked), change(9, Verdict::Correct)];
        assert_eq!(within(&history, at(7)), [change(7, Verdict::Parked), change(9, Verdict::Correct)]);
        assert_eq!(within(&history, at(0)), history);
        assert_eq!(turned(&history), Some(at(9)));
        assert_eq!(turned(&history[..2]), None);
    }

    #[test]
    fn time_before_and_after_the_beginning_is_told_apart() {
        let zero = Timestamp::from_secs(10_000);
        assert_eq!(elapsed(zero + Duration::from_secs(3_723), zero), "+01:02:03");
        assert_eq!(elapsed(Timestamp::from_secs(9_999), zero), "−00:00:01");
    }
}
