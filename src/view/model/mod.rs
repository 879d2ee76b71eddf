//! Everything a view shows, worded once. A pure function of the incident and `now`.
#![deny(clippy::disallowed_methods)]

mod budget;
mod convergence;
mod detail;
mod filter;
mod flushes;
mod forecast;
mod ladder;
mod places;
mod proposals;
mod registration;
mod resolver_check;
mod rows;
mod samples;
mod summary;
mod table;
mod timeline;
mod words;

use std::ops::Deref;
use std::time::Duration;

use crate::incident::{Incident, Phase, PhaseChange, ResolverWatch};
use crate::judge::{Finding, Until, Verdict};
use crate::observation::{Role, TargetId};
use crate::time::Timestamp;

pub use budget::{budget_facts, row_budget_words};
pub use convergence::{Convergence, Mark, MarkKind, Step};
pub use detail::{Detail, EvidenceLine, SampleGroup, detail, evidence_line};
pub use filter::Filter;
pub use flushes::{
    FlushLine, armed_words, cache_words, flush_facts, next_look, no_flush_words, standing_brief, standing_words,
};
pub use forecast::{Outlook, moment_words, row_words};
pub use ladder::{Rung, RungKind, Server};
pub use places::{LocatedBy, Spot, region_of, spot_of};
pub use proposals::{Proposal, proposals};
pub use registration::{Fact, fields, is_only_text, registrar_fields};
pub use resolver_check::{abilities, calibrated_words, check_sentence, no_recursion_words};
pub use rows::{Row, ServiceCell};
pub use samples::stale_at_most_words;
pub use summary::{first_fault, scores_words, summary, unseen};
pub use table::{Column, Group, Place, Sort, SortKey, arrange, arrange_resolvers, fold, table_text};
pub use timeline::{Recovery, ShareReached, TimelineEntry, TimelineKind, recovery, timeline};
pub use words::{ascii_glyph, clock_jump, glyph, source_words, until_words};

/// One moment of an incident in words, and every resolver's row.
///
/// A live screen takes a [`Glance`] and words only the rows in sight; whoever prints all of them takes this.
#[derive(Debug, Clone)]
pub struct Board {
    /// Everything but the rows. Also reached directly: `board.headline`.
    pub glance: Glance,
    /// The resolvers, in the order of the catalog.
    pub rows: Vec<Row>,
}

impl Deref for Board {
    type Target = Glance;

    fn deref(&self) -> &Glance {
        &self.glance
    }
}

impl Board {
    /// Words an incident as it stands at `now`. The incident should have been settled at `now`.
    #[must_use]
    pub fn of(incident: &Incident, now: Timestamp) -> Self {
        let rows = incident.resolvers().iter().map(|r| Row::of(r, incident, now)).collect();
        Self { glance: Glance::of(incident, now), rows }
    }
}

/// One moment of an incident, ready to be drawn: all but the rows of the resolvers, of which there may be thousands.
#[derive(Debug, Clone)]
pub struct Glance {
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
    /// Every step of a flush that was ordered or done.
    pub flushes: Vec<FlushLine>,
    /// Facts worth saying, the gravest first.
    pub findings: Vec<Finding>,
    /// The wrong resolver that will be right last, as far as that is known: its name and until when. None while the
    /// parent is not right: until then every cache that runs out is filled wrongly again.
    pub slowest: Option<(String, Until)>,
    /// The same resolver, to ask for its evidence.
    pub slowest_target: Option<TargetId>,
    /// What is to be expected: each row, all of them, caches nobody sees, and the curve.
    pub forecast: Outlook,
    /// Whether resolvers are held back because asking would refresh the parked answer.
    pub held_back: bool,
    /// How many queries ended, and how many of them could not be sent.
    pub asked: u64,
    /// Queries that could not be sent.
    pub not_sent: u64,
    /// When anything was last heard from anybody; none when nothing ever was.
    pub last_heard: Option<Timestamp>,
    /// What the reader must know about the picture itself: own trouble, stepped clocks.
    pub notices: Vec<String>,
}

impl Glance {
    /// Words an incident as it stands at `now`. The incident should have been settled at `now`.
    #[must_use]
    pub fn of(incident: &Incident, now: Timestamp) -> Self {
        Self::with(incident, Outlook::of(incident, now), now)
    }

    /// The same a moment later, for a screen that shows many a second: the forecast is made anew once a second at most.
    #[must_use]
    pub fn after(earlier: Self, incident: &Incident, now: Timestamp) -> Self {
        let made = earlier.forecast.forecast.at;
        let fresh = made <= now && now.since(made) < FORECAST_ANEW;
        let outlook = if fresh { earlier.forecast } else { Outlook::of(incident, now) };
        Self::with(incident, outlook, now)
    }

    fn with(incident: &Incident, outlook: Outlook, now: Timestamp) -> Self {
        let counts = count(incident);
        let last = if incident.source().parent_right { slowest(incident) } else { None };
        let slowest = last.map(|watch| (rows::name_of(&watch.target), rows::until(&watch.judgement)));
        let slowest_target = last.map(|watch| TargetId::new(Role::Resolver, watch.target.address));
        let since = incident.phases().last().map_or(incident.started(), |c| c.at);
        let mut glance = Self {
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
            ladder: ladder::ladder(incident, now),
            counts,
            held_back: incident.resolvers().iter().any(|r| rows::held_back(r, incident)),
            flushes: flushes::flush_lines(incident, now),
            findings: incident.findings().to_vec(),
            slowest,
            slowest_target,
            forecast: outlook,
            asked: incident.observed(),
            not_sent: incident.not_sent().0,
            last_heard: incident.resolvers().iter().filter_map(|r| r.last_heard).chain(incident.heard_afar()).max(),
            notices: flushes::armed_words(incident, now).into_iter().chain(words::notices(incident)).collect(),
        };
        glance.headline = words::headline(incident, &glance);
        glance.next_action = words::next_action(incident, &glance);
        glance.statement = words::statement(incident, &glance);
        glance
    }

    /// How many resolvers have a verdict.
    #[must_use]
    pub fn count(&self, verdict: Verdict) -> usize {
        self.counts.iter().find(|(v, _)| *v == verdict).map_or(0, |(_, n)| *n)
    }

    /// How many resolvers there are.
    #[must_use]
    pub fn total(&self) -> usize {
        self.counts.iter().map(|(_, n)| n).sum()
    }
}

/// How old the forecast on a screen may be.
const FORECAST_ANEW: Duration = Duration::from_secs(1);

/// How many resolvers have each verdict, in one pass.
fn count(incident: &Incident) -> Vec<(Verdict, usize)> {
    let mut counts = Verdict::ALL.map(|verdict| (verdict, 0)).to_vec();
    for resolver in incident.resolvers() {
        if let Some((_, n)) = counts.iter_mut().find(|(verdict, _)| *verdict == resolver.judgement.verdict) {
            *n += 1;
        }
    }
    counts
}

/// The wrong resolver that ends last, among those whose end is known or bounded.
fn slowest(incident: &Incident) -> Option<&ResolverWatch> {
    let wrong = incident.resolvers().iter().filter(|r| r.judgement.verdict.is_wrong());
    let ends = wrong.filter_map(|r| Some((rows::until(&r.judgement).moment()?, r)));
    ends.max_by_key(|(moment, _)| *moment).map(|(_, last)| last)
}
