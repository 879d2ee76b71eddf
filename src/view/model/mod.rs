//! Everything a view shows, worded once. A pure function of the incident and `now`.
#![deny(clippy::disallowed_methods)]

mod detail;
mod forecast;
mod ladder;
mod proposals;
mod registration;
mod rows;
mod table;
mod timeline;
mod words;

use crate::incident::{Incident, Phase, PhaseChange};
use crate::judge::{Finding, Until, Verdict};
use crate::time::Timestamp;

pub use detail::{Detail, EvidenceLine, detail};
pub use forecast::{Outlook, moment_words, row_words};
pub use ladder::{Rung, RungKind, Server};
pub use proposals::{Proposal, proposals};
pub use registration::{Fact, fields, is_only_text, registrar_fields};
pub use rows::{Row, ServiceCell};
pub use table::{Column, Filter, SortKey, arrange};
pub use timeline::{TimelineEntry, TimelineKind, timeline};
pub use words::{ascii_glyph, glyph, source_words, until_words};

/// One moment of an incident, ready to be drawn.
#[derive(Debug, Clone)]
pub struct Board {
    /// The moment shown.
    pub now: Timestamp,
    /// The zone without the final dot, in A-labels.
    pub zone: String,
    /// The zone in U-labels, where that differs.
    pub zone_unicode: Option<String>,
    /// When the watch began.
    pub started: Timestamp,
    /// Where the incident stands.
    pub phase: Phase,
    /// Since when.
    pub phase_since: Timestamp,
    /// Every phase so far.
    pub phases: Vec<PhaseChange>,
    /// Since when the parent has been right, if it is.
    pub right_since: Option<Timestamp>,
    /// What is going on, in one or two sentences.
    pub headline: String,
    /// What to do next, in one or two sentences.
    pub next_action: String,
    /// What customers may be told, ready to paste.
    pub statement: String,
    /// What is expected, without final dots; none while nobody has said so.
    pub expected: Option<String>,
    /// Who says so: `--expect`, `baseline of 2026-11-01, 21 days old`; none while nobody has.
    pub expected_by: Option<String>,
    /// The source ladder: parent, authoritative servers, resolvers, this machine.
    pub ladder: Vec<Rung>,
    /// How many resolvers have each verdict, in the order of [`Verdict::ALL`].
    pub counts: Vec<(Verdict, usize)>,
    /// The resolvers, in the order of the catalog.
    pub rows: Vec<Row>,
    /// Facts worth saying, the gravest first.
    pub findings: Vec<Finding>,
    /// The wrong resolver that will be right last, as far as that is known: its name and until when. None while the
    /// parent is not right: until then every cache that runs out is filled wrongly again.
    pub slowest: Option<(String, Until)>,
    /// What is to be expected: each row, all of them, caches nobody sees, and the curve.
    pub forecast: Outlook,
    /// Whether resolvers are held back because asking would refresh the parked answer.
    pub held_back: bool,
    /// How many queries ended, and how many of them could not be sent.
    pub asked: u64,
    /// Queries that could not be sent.
    pub not_sent: u64,
    /// What the reader must know about the picture itself: own trouble, stepped clocks.
    pub notices: Vec<String>,
}

impl Board {
    /// Words an incident as it stands at `now`. The incident should have been settled at `now`.
    #[must_use]
    pub fn of(incident: &Incident, now: Timestamp) -> Self {
        let rows: Vec<Row> = incident.resolvers().iter().map(|r| Row::of(r, incident, now)).collect();
        let counts = Verdict::ALL.map(|v| (v, incident.count(v))).to_vec();
        let slowest = if incident.source().parent_right { slowest(&rows) } else { None };
        let since = incident.phases().last().map_or(incident.started(), |c| c.at);
        let mut board = Self {
            now,
            zone: incident.zone().without_dot(),
            zone_unicode: incident.zone().unicode(),
            started: incident.started(),
            phase: incident.phase(),
            phase_since: since,
            phases: incident.phases().to_vec(),
            right_since: incident.right_since(),
            headline: String::new(),
            next_action: String::new(),
            statement: String::new(),
            expected: incident.expectation().map(|e| e.ns.to_string()),
            expected_by: incident.expectation().map(|e| words::source_words(e.source, now)),
            ladder: ladder::ladder(incident, &rows, now),
            counts,
            held_back: rows.iter().any(|r| r.held_back),
            rows,
            findings: incident.findings().to_vec(),
            slowest,
            forecast: Outlook::of(incident, now),
            asked: incident.observed(),
            not_sent: incident.not_sent().0,
            notices: words::notices(incident),
        };
        board.headline = words::headline(incident, &board);
        board.next_action = words::next_action(incident, &board);
        board.statement = words::statement(incident, &board);
        board
    }

    /// How many resolvers have a verdict.
    #[must_use]
    pub fn count(&self, verdict: Verdict) -> usize {
        self.counts.iter().find(|(v, _)| *v == verdict).map_or(0, |(_, n)| *n)
    }

    /// How many resolvers there are.
    #[must_use]
    pub fn total(&self) -> usize {
        self.rows.len()
    }
}

/// The wrong row that ends last, among those whose end is known or bounded.
fn slowest(rows: &[Row]) -> Option<(String, Until)> {
    let wrong = rows.iter().filter(|r| r.verdict.is_wrong());
    let last = wrong.filter(|r| r.until.moment().is_some()).max_by_key(|r| r.until.moment())?;
    Some((last.name(), last.until))
}
