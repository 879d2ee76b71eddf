//! Waiting for a state by looking, never by sleeping a guessed time.

use std::thread;
use std::time::{Duration, Instant};

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(50);

/// Looks until there is something to see; panics when `limit` has passed without it.
pub fn until<T>(what: &str, limit: Duration, mut look: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + limit;
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(Instant::now() < end, "waited {limit:?} for this, in vain: {what}");
        thread::sleep(PAUSE);
    }
}
