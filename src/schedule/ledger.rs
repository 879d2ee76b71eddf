//! What was asked, how often, when last, and what is still under way.

use std::collections::HashMap;

use crate::dns::{Name, RecordType};
use crate::observation::{Purpose, Query, TargetId};
use crate::time::Timestamp;

/// What was asked of whom. One kind of question to one target has one entry; nonces are one kind, whatever their labels.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    /// Few kinds are asked of one target: a list finds them faster than another map would.
    entries: HashMap<TargetId, Vec<Entry>>,
    under_way: usize,
    /// What was asked before counts as not asked.
    since: Option<Timestamp>,
}

#[derive(Debug)]
struct Entry {
    purpose: Purpose,
    name: Name,
    rtype: RecordType,
    rd: bool,
    cd: bool,
    times: usize,
    last: Timestamp,
    under_way: usize,
}

impl Entry {
    fn is_of(&self, query: &Query) -> bool {
        self.purpose == query.purpose
            && self.rtype == query.rtype
            && (self.rd, self.cd) == (query.rd, query.cd)
            && self.name == query.name
    }
}

impl Ledger {
    pub(super) fn asked(&mut self, query: &Query, now: Timestamp) {
        let entries = self.entries.entry(query.target).or_default();
        self.under_way += usize::from(is_awaited(query));
        if let Some(entry) = entries.iter_mut().find(|e| e.is_of(query)) {
            entry.times += 1;
            entry.last = now;
            entry.under_way += 1;
            return;
        }
        entries.push(Entry {
            purpose: query.purpose,
            name: query.name.clone(),
            rtype: query.rtype,
            rd: query.rd,
            cd: query.cd,
            times: 1,
            last: now,
            under_way: 1,
        });
    }

    pub(super) fn ended(&mut self, query: &Query) {
        let entries = self.entries.get_mut(&query.target).into_iter().flatten();
        for entry in entries.filter(|e| e.is_of(query) && e.under_way > 0) {
            entry.under_way -= 1;
            self.under_way = self.under_way.saturating_sub(usize::from(is_awaited(query)));
        }
    }

    pub(super) fn times(&self, query: &Query) -> usize {
        self.entry(query).map_or(0, |e| e.times)
    }

    /// When it was last asked, since the last time everything was to be asked anew.
    pub(super) fn last(&self, query: &Query) -> Option<Timestamp> {
        self.ever(query).filter(|last| self.since.is_none_or(|since| *last >= since))
    }

    /// When it was last asked at all.
    pub(super) fn ever(&self, query: &Query) -> Option<Timestamp> {
        Some(self.entry(query)?.last)
    }

    /// Everything is to be asked anew from `now` on. What is under way still is.
    pub(super) fn forget(&mut self, now: Timestamp) {
        self.since = Some(now);
        for entry in self.entries.values_mut().flatten() {
            entry.times = 0;
        }
    }

    /// Nothing that is under way will ever end.
    pub(super) fn abandon(&mut self) {
        self.under_way = 0;
        for entry in self.entries.values_mut().flatten() {
            entry.under_way = 0;
        }
    }

    pub(super) fn is_in_flight(&self, query: &Query) -> bool {
        self.so_far(query).0
    }

    /// Whether it is under way, and how often it was asked.
    pub(super) fn so_far(&self, query: &Query) -> (bool, usize) {
        self.entry(query).map_or((false, 0), |e| (e.under_way > 0, e.times))
    }

    fn entry(&self, query: &Query) -> Option<&Entry> {
        self.entries.get(&query.target)?.iter().find(|e| e.is_of(query))
    }

    pub(super) const fn in_flight(&self) -> usize {
        self.under_way
    }

    pub(super) fn any(&self) -> bool {
        !self.entries.is_empty()
    }
}

/// Whether an answer is hoped for. From where nobody stands, silence is.
const fn is_awaited(query: &Query) -> bool {
    !matches!(query.purpose, Purpose::Interception)
}
