//! How much may still be asked now: for the views. No fact about the domain, and nothing is judged by it.

/// What the limits on questions leave at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Budget {
    /// Whether the first round, with its own limit, still lasts.
    pub first_round: bool,
    /// Most questions a second, in all.
    pub per_second: f64,
    /// How many could be asked at once now.
    pub left: f64,
    /// Most recursive nonces a second, in all.
    pub nonces_per_second: f64,
    /// How many of them could be asked at once now.
    pub nonces_left: f64,
    /// How many questions were asked in the last minute.
    pub last_minute: u32,
}
