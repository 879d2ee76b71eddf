//! What the operator must know that is no part of the incident: trouble with what the program itself writes.

use std::fmt;
use std::sync::Arc;

/// Asks what the operator must know just now. It must answer at once.
#[derive(Clone, Default)]
pub struct Notices(Option<Arc<dyn Fn() -> Option<String> + Send + Sync>>);

impl Notices {
    /// Asks in this way.
    #[must_use]
    pub fn new(ask: impl Fn() -> Option<String> + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(ask)))
    }

    /// What it says now, safe to show; none when there is nothing to say.
    #[must_use]
    pub fn ask(&self) -> Option<String> {
        self.0.as_ref().and_then(|ask| ask())
    }
}

impl fmt::Debug for Notices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Notices").finish_non_exhaustive()
    }
}
