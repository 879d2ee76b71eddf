//! `unpark.check/1`: one honest round, whole. Reads the incident; decides nothing.

use serde::Serialize;

use crate::incident::{Incident, Phase};
use crate::judge::Verdict;
use crate::time::Timestamp;
use crate::view::model::Board;

use super::forecast::ForecastEntry;
use super::registration::Summary;
use super::resolver::{Forecasts, ResolverEntry};
use super::source::{AuthorityEntry, ExpectationEntry, ParentEntry, UnresolvedEntry, authorities, parents, unresolved};
use super::{FindingEntry, document, line, plain};

#[derive(Serialize)]
struct Check {
    schema: &'static str,
    zone: String,
    started: String,
    finished: String,
    expectation: ExpectationEntry,
    phase: &'static str,
    headline: String,
    next_action: Option<String>,
    statement: String,
    exit_code: u8,
    counts: Counts,
    queries: Queries,
    parent_zone: Option<String>,
    right_since: Option<String>,
    parents: Vec<ParentEntry>,
    parents_without_address: Vec<UnresolvedEntry>,
    authoritative: Vec<AuthorityEntry>,
    resolvers: Vec<ResolverEntry>,
    forecast: ForecastEntry,
    findings: Vec<FindingEntry>,
    registration: Option<Summary>,
    notices: Vec<String>,
}

/// How many resolvers have each verdict.
#[derive(Serialize)]
struct Counts {
    correct: usize,
    draining: usize,
    parked: usize,
    mixed: usize,
    held: usize,
    broken: usize,
    other: usize,
    stuck: usize,
    silent: usize,
    unknown: usize,
}

/// How many queries ended, and how many of them could not be sent.
#[derive(Serialize)]
struct Queries {
    ended: u64,
    not_sent: u64,
}

impl Counts {
    fn of(incident: &Incident) -> Self {
        Self {
            correct: incident.count(Verdict::Correct),
            draining: incident.count(Verdict::Draining),
            parked: incident.count(Verdict::Parked),
            mixed: incident.count(Verdict::Mixed),
            held: incident.count(Verdict::Held),
            broken: incident.count(Verdict::Broken),
            other: incident.count(Verdict::Other),
            stuck: incident.count(Verdict::Stuck),
            silent: incident.count(Verdict::Silent),
            unknown: incident.count(Verdict::Unknown),
        }
    }
}

/// The JSON of `unpark check --json`: one document with a newline at its end. `board` is the same incident's, at the
/// moment shown; `exit_code` is the code that the process ends with (0, 1 or 3).
#[must_use]
pub fn check(incident: &Incident, board: &Board, started: Timestamp, finished: Timestamp, exit_code: u8) -> String {
    document(&whole(incident, board, started, finished, exit_code))
}

/// The same document in one line, without a newline: one state of a live watch in a stream of lines.
#[must_use]
pub fn check_line(incident: &Incident, board: &Board, exit_code: u8) -> String {
    line(&whole(incident, board, incident.started(), board.now, exit_code))
}

fn whole(incident: &Incident, board: &Board, started: Timestamp, finished: Timestamp, exit_code: u8) -> Check {
    let next_action = plain(&board.next_action);
    let forecasts: Forecasts<'_> = board.forecast.forecast.rows.iter().map(|row| (row.address, row)).collect();
    Check {
        schema: "unpark.check/1",
        zone: incident.zone().to_string(),
        started: started.to_string(),
        finished: finished.to_string(),
        expectation: ExpectationEntry::of(incident),
        phase: board.phase.word(),
        headline: plain(&board.headline),
        next_action: (board.phase != Phase::Healthy).then_some(next_action),
        statement: plain(&board.statement),
        exit_code,
        counts: Counts::of(incident),
        queries: Queries { ended: incident.observed(), not_sent: incident.not_sent().0 },
        parent_zone: incident.parent_zone().map(ToString::to_string),
        right_since: incident.right_since().map(|at| at.to_string()),
        parents: parents(incident),
        parents_without_address: unresolved(incident),
        authoritative: authorities(incident),
        resolvers: incident
            .resolvers()
            .iter()
            .zip(&board.rows)
            .map(|(w, row)| ResolverEntry::of(w, row, incident, &forecasts, board.now))
            .collect(),
        forecast: ForecastEntry::of(incident, &board.forecast),
        findings: incident.findings().iter().map(FindingEntry::of).collect(),
        registration: Summary::of(incident),
        notices: board.notices.iter().map(|n| plain(n)).collect(),
    }
}
