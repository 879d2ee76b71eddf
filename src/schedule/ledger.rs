//! What was asked, how often, when last, and what is still under way.

use std::collections::HashMap;

use crate::dns::{Name, RecordType};
use crate::observation::{Purpose, Query, TargetId};
use crate::time::Timestamp;

/// One kind of question to one target. Nonces are one kind, whatever their labels.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    target: TargetId,
    purpose: Purpose,
    name: Name,
    rtype: RecordType,
    rd: bool,
}

/// What was asked of whom.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    entries: HashMap<Key, Entry>,
    under_way: usize,
}

#[derive(Debug, Clone, Copy, Default)]
struct Entry {
    times: usize,
    last: Option<Timestamp>,
    under_way: usize,
}

impl Key {
    fn of(query: &Query) -> Self {
        Self {
            target: query.target,
            purpose: query.purpose,
            name: query.name.clone(),
            rtype: query.rtype,
            rd: query.rd,
        }
    }
}

impl Ledger {
    pub(super) fn asked(&mut self, query: &Query, now: Timestamp) {
        let entry = self.entries.entry(Key::of(query)).or_default();
        entry.times += 1;
        entry.last = Some(now);
        entry.under_way += 1;
        self.under_way += 1;
    }

    pub(super) fn ended(&mut self, query: &Query) {
        let entry = self.entries.get_mut(&Key::of(query)).filter(|e| e.under_way > 0);
        if let Some(entry) = entry {
            entry.under_way -= 1;
            self.under_way = self.under_way.saturating_sub(1);
        }
    }

    pub(super) fn times(&self, query: &Query) -> usize {
        self.entries.get(&Key::of(query)).map_or(0, |e| e.times)
    }

    pub(super) fn last(&self, query: &Query) -> Option<Timestamp> {
        self.entries.get(&Key::of(query))?.last
    }

    pub(super) fn is_in_flight(&self, query: &Query) -> bool {
        self.entries.get(&Key::of(query)).is_some_and(|e| e.under_way > 0)
    }

    pub(super) const fn in_flight(&self) -> usize {
        self.under_way
    }

    pub(super) fn any(&self) -> bool {
        !self.entries.is_empty()
    }
}
