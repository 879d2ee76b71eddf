//! The convergence curve in JSON, the same in every document that has it.

use serde::Serialize;

use crate::incident::forecast::{BandPoint, Curve, SeenShare};

/// The share of the answering resolvers that was correct, and the band of what is to come.
#[derive(Serialize)]
pub struct CurveEntry {
    seen: Vec<Seen>,
    ahead: Vec<Ahead>,
}

#[derive(Serialize)]
struct Seen {
    at: String,
    share: f64,
}

#[derive(Serialize)]
struct Ahead {
    at: String,
    low: f64,
    expected: f64,
    high: f64,
}

impl CurveEntry {
    /// The form of a curve.
    #[must_use]
    pub fn of(curve: &Curve) -> Self {
        let seen = |s: &SeenShare| Seen { at: s.at.to_string(), share: rounded(s.share) };
        let ahead = |p: &BandPoint| Ahead {
            at: p.at.to_string(),
            low: rounded(p.low),
            expected: rounded(p.expected),
            high: rounded(p.high),
        };
        Self { seen: curve.seen.iter().map(seen).collect(), ahead: curve.ahead.iter().map(ahead).collect() }
    }
}

/// A share (0 to 1) to a hundredth of a percent: what lies below is no knowledge.
#[must_use]
pub fn rounded(share: f64) -> f64 {
    (share * 10_000.0).round() / 10_000.0
}
