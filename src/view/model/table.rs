//! Which rows are shown, and in which order. Stable: rows that compare equal keep the catalog's order.

use crate::judge::Verdict;
use crate::time::Timestamp;
use crate::view::model::Row;

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
    /// By place.
    Place,
    /// The slowest first.
    RoundTrip,
    /// As in the catalog.
    Catalog,
}

impl SortKey {
    /// The next key in turn.
    #[must_use]
    pub const fn next(self) -> Self {
        match self {
            Self::Verdict => Self::TimeLeft,
            Self::TimeLeft => Self::Operator,
            Self::Operator => Self::Place,
            Self::Place => Self::RoundTrip,
            Self::RoundTrip => Self::Catalog,
            Self::Catalog => Self::Verdict,
        }
    }

    /// As shown.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Verdict => "verdict",
            Self::TimeLeft => "time left",
            Self::Operator => "operator",
            Self::Place => "place",
            Self::RoundTrip => "round trip",
            Self::Catalog => "catalog",
        }
    }
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
}

/// Which rows are shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Words that must all occur (case ignored) in operator, address, place, verdict or servers.
    words: Vec<String>,
}

impl Filter {
    /// Reads a filter as typed: words separated by spaces, all of which must occur; `!word` must not.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        Self { words: text.split_whitespace().map(str::to_lowercase).collect() }
    }

    /// Whether everything passes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Whether a row passes.
    #[must_use]
    pub fn passes(&self, row: &Row) -> bool {
        let haystack =
            format!("{} {} {} {} {} {}", row.operator, row.address, row.place, row.verdict.word(), row.uses, row.id)
                .to_lowercase();
        self.words.iter().all(|word| match word.strip_prefix('!') {
            Some(unwanted) if !unwanted.is_empty() => !haystack.contains(unwanted),
            _ => haystack.contains(word.as_str()),
        })
    }
}

/// Positions of the rows to show, in order.
#[must_use]
pub fn arrange(rows: &[Row], filter: &Filter, sort: SortKey) -> Vec<usize> {
    let mut shown: Vec<usize> = (0..rows.len()).filter(|at| filter.passes(&rows[*at])).collect();
    let left = |row: &Row| row.until.moment().map_or(i64::MIN, Timestamp::as_micros);
    match sort {
        SortKey::Verdict => shown.sort_by_key(|at| (rows[*at].verdict, std::cmp::Reverse(left(&rows[*at])))),
        SortKey::TimeLeft => shown.sort_by_key(|at| {
            let row = &rows[*at];
            // Wrong rows whose end is not known stand after those with an end, before the right ones.
            let class = match (row.verdict.is_wrong(), row.until.moment().is_some()) {
                (true, true) => 0,
                (true, false) => 1,
                (false, _) if row.verdict == Verdict::Correct => 3,
                (false, _) => 2,
            };
            (class, std::cmp::Reverse(left(row)))
        }),
        SortKey::Operator => shown.sort_by_key(|at| (rows[*at].operator.to_lowercase(), rows[*at].address.clone())),
        SortKey::Place => shown.sort_by_key(|at| (rows[*at].place.is_empty(), rows[*at].place.clone())),
        SortKey::RoundTrip => shown.sort_by_key(|at| std::cmp::Reverse(rows[*at].rtt)),
        SortKey::Catalog => {}
    }
    shown
}
