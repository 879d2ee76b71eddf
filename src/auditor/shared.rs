//! Looks things up once for everybody: whoever wants the same waits for the first. A failure is tried again a few times only.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::dns::Name;
use crate::probe::WalkError;

/// After so many failures a name is not looked up again in this run.
const MOST_FAILURES: u32 = 3;

/// What was looked up, by name.
pub struct Shared<V> {
    slots: Mutex<HashMap<Name, Arc<tokio::sync::Mutex<Slot<V>>>>>,
}

struct Slot<V> {
    value: Option<V>,
    failures: u32,
    last: Option<WalkError>,
}

impl<V: Clone> Shared<V> {
    pub fn new() -> Self {
        Self { slots: Mutex::default() }
    }

    /// The value of `name`: the one that is known, or what `look_up` finds.
    pub async fn get(&self, name: &Name, look_up: impl Future<Output = Result<V, WalkError>>) -> Result<V, WalkError> {
        let slot = {
            let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
            let fresh = || Arc::new(tokio::sync::Mutex::new(Slot { value: None, failures: 0, last: None }));
            Arc::clone(slots.entry(name.clone()).or_insert_with(fresh))
        };
        let mut slot = slot.lock().await;
        match (&slot.value, &slot.last) {
            (Some(value), _) => return Ok(value.clone()),
            (None, Some(error)) if slot.failures >= MOST_FAILURES => return Err(error.clone()),
            _ => {}
        }
        match look_up.await {
            Ok(value) => {
                slot.value = Some(value.clone());
                Ok(value)
            }
            Err(error) => {
                slot.failures += 1;
                slot.last = Some(error.clone());
                Err(error)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[tokio::test]
    async fn everybody_shares_one_look_up_and_failures_are_few() {
        let (shared, asked) = (Shared::new(), AtomicU32::new(0));
        let look_up = |answer: Result<u8, WalkError>| async {
            asked.fetch_add(1, Ordering::Relaxed);
            tokio::task::yield_now().await;
            answer
        };
        let (good, bad) = ("a.example".parse().unwrap(), "b.example".parse().unwrap());
        let all = (0..20).map(|_| shared.get(&good, look_up(Ok(7))));
        assert!(futures::future::join_all(all).await.into_iter().all(|found| found == Ok(7)));
        assert_eq!(asked.swap(0, Ordering::Relaxed), 1);
        let all = (0..20).map(|_| shared.get(&bad, look_up(Err(WalkError::BudgetExceeded))));
        assert!(futures::future::join_all(all).await.into_iter().all(|found| found.is_err()));
        assert_eq!(asked.load(Ordering::Relaxed), MOST_FAILURES);
    }
}
