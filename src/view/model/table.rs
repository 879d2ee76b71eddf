//! Which rows are shown, and in which order. Stable: rows that compare equal keep the catalog's order. Nothing is worded here:
//! of thousands of rows only those in sight are.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use crate::incident::{Incident, ResolverWatch};
use crate::judge::{Until, Verdict};
use crate::time::Timestamp;
use crate::view::model::rows::{newest_answer, place, until, uses};
use crate::view::model::{Board, Filter, Row, until_words};

/// What the rows are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SortKey {
    /// The most alarming first, and among equals the one that lasts longest.
    #[default]
    Verdict,
    /// The one that stays wrong longest first.
    TimeLeft,
    /// By operator.
    Operator,
    /// By address.
    Address,
    /// By place.
    Place,
    /// By the servers in use.
    Uses,
    /// By what users get.
    Service,
    /// The one whose data lasts longest first.
    ServiceLeft,
    /// The fewest good samples first.
    Samples,
    /// The slowest first.
    RoundTrip,
    /// By the instance that answered.
    Site,
    /// The newest change first.
    Since,
    /// The one not heard for longest first.
    Heard,
    /// As in the catalog.
    Catalog,
}

impl SortKey {
    /// All, in the order in which a key goes through them.
    pub const ALL: [Self; 14] = [
        Self::Verdict,
        Self::TimeLeft,
        Self::Operator,
        Self::Address,
        Self::Place,
        Self::Uses,
        Self::Service,
        Self::ServiceLeft,
        Self::Samples,
        Self::RoundTrip,
        Self::Site,
        Self::Since,
        Self::Heard,
        Self::Catalog,
    ];

    /// The next key in turn.
    #[must_use]
    pub fn next(self) -> Self {
        let at = Self::ALL.iter().position(|key| *key == self).unwrap_or(0);
        Self::ALL.get(at + 1).copied().unwrap_or(Self::Verdict)
    }

    /// As shown.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Verdict => "verdict",
            Self::TimeLeft => "time left",
            Self::Operator => "operator",
            Self::Address => "address",
            Self::Place => "place",
            Self::Uses => "servers",
            Self::Service => "users get",
            Self::ServiceLeft => "data left",
            Self::Samples => "samples",
            Self::RoundTrip => "round trip",
            Self::Site => "site",
            Self::Since => "since",
            Self::Heard => "heard",
            Self::Catalog => "catalog",
        }
    }
}

/// What the rows are sorted by, and which way round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sort {
    /// By what.
    pub key: SortKey,
    /// Whether the usual order is turned round.
    pub reversed: bool,
}

/// The columns of the table, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// Glyph and word of the verdict.
    Verdict,
    /// Operator.
    Resolver,
    /// Address.
    Address,
    /// Where it is.
    Place,
    /// Which servers it uses.
    Uses,
    /// How long that lasts.
    Left,
    /// What users get.
    Service,
    /// How long that lasts.
    ServiceLeft,
    /// Samples.
    Samples,
    /// Round trip.
    RoundTrip,
    /// Which instance answered.
    Site,
    /// Since when its verdict is what it is.
    Since,
    /// How long ago it was heard.
    Heard,
}

impl Column {
    /// All, from left to right.
    pub const ALL: [Self; 13] = [
        Self::Verdict,
        Self::Resolver,
        Self::Address,
        Self::Place,
        Self::Uses,
        Self::Left,
        Self::Service,
        Self::ServiceLeft,
        Self::Samples,
        Self::RoundTrip,
        Self::Site,
        Self::Since,
        Self::Heard,
    ];

    /// What sorts by it.
    #[must_use]
    pub const fn sort_key(self) -> SortKey {
        match self {
            Self::Verdict => SortKey::Verdict,
            Self::Resolver => SortKey::Operator,
            Self::Address => SortKey::Address,
            Self::Place => SortKey::Place,
            Self::Uses => SortKey::Uses,
            Self::Left => SortKey::TimeLeft,
            Self::Service => SortKey::Service,
            Self::ServiceLeft => SortKey::ServiceLeft,
            Self::Samples => SortKey::Samples,
            Self::RoundTrip => SortKey::RoundTrip,
            Self::Site => SortKey::Site,
            Self::Since => SortKey::Since,
            Self::Heard => SortKey::Heard,
        }
    }
}

/// Positions of worded rows, the most alarming first.
#[must_use]
pub fn arrange(rows: &[Row]) -> Vec<usize> {
    let mut shown: Vec<usize> = (0..rows.len()).collect();
    shown.sort_by_key(|at| rows.get(*at).map(|row| (row.verdict, Reverse(moment(row.until)))));
    shown
}

fn moment(until: Until) -> i64 {
    until.moment().map_or(i64::MIN, Timestamp::as_micros)
}

/// Positions of the resolvers to show among [`Incident::resolvers`], in order.
#[must_use]
pub fn arrange_resolvers(incident: &Incident, filter: &Filter, sort: Sort) -> Vec<usize> {
    let watches = incident.resolvers();
    let passing = |(at, watch): (usize, &ResolverWatch)| filter.passes(watch, incident).then_some(at);
    let mut shown: Vec<usize> = watches.iter().enumerate().filter_map(passing).collect();
    match sort.key {
        SortKey::Verdict => {
            by(&mut shown, watches, |w| (w.judgement.verdict, Reverse(moment(until(&w.judgement)))));
        }
        SortKey::TimeLeft => by(&mut shown, watches, |w| {
            let (verdict, end) = (w.judgement.verdict, until(&w.judgement));
            // Wrong rows whose end is not known stand after those with an end, before the right ones.
            let class = match (verdict.is_wrong(), end.moment().is_some()) {
                (true, true) => 0,
                (true, false) => 1,
                (false, _) if verdict == Verdict::Correct => 3,
                (false, _) => 2,
            };
            (class, Reverse(moment(end)))
        }),
        SortKey::Operator => by(&mut shown, watches, |w| (w.target.operator.to_lowercase(), w.target.address)),
        SortKey::Address => by(&mut shown, watches, |w| w.target.address),
        SortKey::Place => by(&mut shown, watches, |w| {
            let place = place(w.target.country.as_deref(), &w.target.city);
            (place.is_empty(), place)
        }),
        SortKey::Uses => by(&mut shown, watches, |w| uses(w, incident)),
        SortKey::Service => by(&mut shown, watches, |w| {
            let first = w.judgement.service.iter().find(|s| !s.values.is_empty());
            let text = first.and_then(|s| s.values.first()).map(ToString::to_string);
            (text.is_none(), text)
        }),
        SortKey::ServiceLeft => {
            by(&mut shown, watches, |w| Reverse(w.judgement.service.iter().map(|s| moment(s.until)).max()));
        }
        SortKey::Samples => by(&mut shown, watches, |w| w.judgement.samples.good),
        SortKey::RoundTrip => by(&mut shown, watches, |w| Reverse(newest_answer(w).and_then(|o| o.rtt))),
        SortKey::Site => by(&mut shown, watches, |w| {
            let site = newest_answer(w).and_then(|o| o.response()?.nsid());
            (site.is_none(), site)
        }),
        SortKey::Since => by(&mut shown, watches, |w| Reverse(w.since)),
        SortKey::Heard => by(&mut shown, watches, |w| w.last_heard),
        SortKey::Catalog => {}
    }
    if sort.reversed {
        shown.reverse();
    }
    shown
}

/// Sorts positions by a key that is worked out once for each.
fn by<K: Ord>(shown: &mut [usize], watches: &[ResolverWatch], key: impl Fn(&ResolverWatch) -> K) {
    shown.sort_by_cached_key(|at| watches.get(*at).map(&key));
}

/// Rows as plain text in columns, to be pasted: a line of titles, then a line for each, in the order given.
#[must_use]
pub fn table_text(board: &Board, order: &[usize]) -> String {
    let titles = ["VERDICT", "RESOLVER", "ADDRESS", "PLACE", "USES", "UNTIL", "USERS GET", "SAMPLES"];
    let mut lines = vec![titles.map(str::to_owned)];
    for row in order.iter().filter_map(|at| board.rows.get(*at)) {
        let until = match row.until {
            Until::Unknown => String::new(),
            until => until_words(until, board.now),
        };
        let gets = row
            .telling_service()
            .map_or_else(String::new, |cell| format!("{} {} {}", cell.name, cell.rtype, cell.short()));
        lines.push([
            row.verdict.word().to_owned(),
            row.operator.clone(),
            row.address.clone(),
            row.place.clone(),
            row.uses.clone(),
            until,
            gets,
            row.samples.clone(),
        ]);
    }
    let mut widths = [0; 8];
    for line in &lines {
        for (width, cell) in widths.iter_mut().zip(line) {
            *width = cell.chars().count().max(*width);
        }
    }
    let mut text = format!("{} at {}\n", board.zone, board.now);
    for line in &lines {
        let cells = line.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}  "));
        text.push_str(cells.collect::<String>().trim_end());
        text.push('\n');
    }
    text
}

/// One line of the table: a resolver, or an operator whose resolvers are folded into one line or stand below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// The resolver at this position.
    Resolver(usize),
    /// An operator with several addresses.
    Operator(Group),
}

/// The resolvers of one operator, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Who runs them.
    pub operator: String,
    /// Their positions.
    pub members: Vec<usize>,
    /// Whether they stand below it.
    pub open: bool,
}

impl Group {
    /// How many of them have each verdict, the most alarming first; those that none has are left out.
    #[must_use]
    pub fn counts(&self, incident: &Incident) -> Vec<(Verdict, usize)> {
        let members = || self.members.iter().filter_map(|at| incident.resolvers().get(*at));
        let counts = Verdict::ALL.map(|v| (v, members().filter(|w| w.judgement.verdict == v).count()));
        counts.into_iter().filter(|(_, n)| *n > 0).collect()
    }

    /// The most alarming verdict of those that answered; of none that did, the most alarming at all.
    #[must_use]
    pub fn worst(&self, incident: &Incident) -> Verdict {
        let counts = self.counts(incident);
        let heard = counts.iter().find(|(v, _)| !matches!(v, Verdict::Silent | Verdict::Unknown));
        heard.or_else(|| counts.first()).map_or(Verdict::Unknown, |(v, _)| *v)
    }

    /// Until when the one that lasts longest is wrong.
    #[must_use]
    pub fn until(&self, incident: &Incident) -> Until {
        let members = self.members.iter().filter_map(|at| incident.resolvers().get(*at));
        let wrong = members.filter(|w| w.judgement.verdict.is_wrong());
        wrong.fold(Until::Unknown, |last, w| last.later(until(&w.judgement)))
    }
}

/// Folds the resolvers of one operator into one line, which stands where the first of them stood. Operators in `open` are
/// followed by their resolvers; who has one address only stays as it is.
#[must_use]
pub fn fold(incident: &Incident, order: &[usize], open: &BTreeSet<String>) -> Vec<Place> {
    let mut at_operator: std::collections::HashMap<&str, usize> = std::collections::HashMap::new();
    let mut groups: Vec<Group> = Vec::new();
    for at in order {
        let Some(watch) = incident.resolvers().get(*at) else { continue };
        let operator = watch.target.operator.as_str();
        let group = *at_operator.entry(operator).or_insert_with(|| {
            let is_open = open.contains(operator);
            groups.push(Group { operator: operator.to_owned(), members: Vec::new(), open: is_open });
            groups.len() - 1
        });
        if let Some(group) = groups.get_mut(group) {
            group.members.push(*at);
        }
    }
    let mut places = Vec::with_capacity(groups.len());
    for group in groups {
        match group.members.as_slice() {
            [one] => places.push(Place::Resolver(*one)),
            members => {
                let below: Vec<Place> =
                    if group.open { members.iter().map(|at| Place::Resolver(*at)).collect() } else { Vec::new() };
                places.push(Place::Operator(group));
                places.extend(below);
            }
        }
    }
    places
}
