//! A whole journal at a glance: its phases, and everything that happened in it.

use crate::incident::{Incident, Phase, PhaseChange};
use crate::time::Timestamp;
use crate::view::model::{TimelineKind, timeline};

/// A journal as far as it was read ahead.
#[derive(Debug, Clone, PartialEq)]
pub struct Tape {
    /// When it begins.
    pub start: Timestamp,
    /// How far it was read; its end, once it is whole.
    pub end: Timestamp,
    /// Whether it was read to its end.
    pub whole: bool,
    /// Its phases, oldest first.
    pub phases: Vec<PhaseChange>,
    /// What happened in it, oldest first.
    pub marks: Vec<TapeMark>,
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TapeMark {
    /// When.
    pub at: Timestamp,
    /// What it is about.
    pub kind: TimelineKind,
    /// In words, safe to show.
    pub text: String,
}

impl Tape {
    /// What an incident that was told up to `end` knows of its journal.
    #[must_use]
    pub fn of(incident: &Incident, end: Timestamp, whole: bool) -> Self {
        let start = incident.started();
        let marks = timeline(incident).into_iter().map(|e| TapeMark { at: e.at, kind: e.kind, text: e.text });
        // Of what lies outside nothing could be shown: a clock may have been set back.
        let marks = marks.filter(|mark| (start..=end).contains(&mark.at)).collect();
        Self { start, end, whole, phases: incident.phases().to_vec(), marks }
    }

    /// The next thing that happened after a moment.
    #[must_use]
    pub fn next(&self, at: Timestamp) -> Option<&TapeMark> {
        self.marks.iter().find(|mark| mark.at > at)
    }

    /// The last thing that happened before a moment.
    #[must_use]
    pub fn previous(&self, at: Timestamp) -> Option<&TapeMark> {
        self.marks.iter().rfind(|mark| mark.at < at)
    }

    /// The last thing that happened up to a moment.
    #[must_use]
    pub fn latest(&self, at: Timestamp) -> Option<&TapeMark> {
        self.marks.iter().rfind(|mark| mark.at <= at)
    }

    /// The phase at a moment.
    #[must_use]
    pub fn phase(&self, at: Timestamp) -> Phase {
        self.phases.iter().rfind(|change| change.at <= at).map_or(Phase::Starting, |change| change.phase)
    }

    /// In which of `columns` equal parts of the journal a moment lies.
    #[must_use]
    pub fn column(&self, at: Timestamp, columns: usize) -> usize {
        let whole = self.end.since(self.start).as_micros().max(1);
        let part = at.since(self.start).as_micros().min(whole);
        let last = columns.saturating_sub(1);
        usize::try_from(part * last as u128 / whole).unwrap_or(last).min(last)
    }

    /// The moment at which one of `columns` equal parts of the journal begins.
    #[must_use]
    pub fn moment(&self, column: usize, columns: usize) -> Timestamp {
        let whole = self.end.since(self.start);
        match u32::try_from(columns.saturating_sub(1)) {
            Ok(last @ 1..) => self.start + whole / last * u32::try_from(column).unwrap_or(last).min(last),
            _ => self.start,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn columns_and_moments_are_each_others_inverse() {
        let start = Timestamp::from_secs(1_795_352_321);
        for seconds in [0, 1, 59, 86_400] {
            let end = start + Duration::from_secs(seconds);
            let tape = Tape { start, end, whole: true, phases: Vec::new(), marks: Vec::new() };
            for columns in [0, 1, 2, 78, 500] {
                assert_eq!(tape.column(start, columns), 0);
                assert_eq!(tape.moment(0, columns), start);
                if seconds > 0 && columns > 1 {
                    assert_eq!(tape.column(end + Duration::from_secs(5), columns), columns - 1);
                }
                for column in 0..columns {
                    let moment = tape.moment(column, columns);
                    assert!((start..=end).contains(&moment));
                    assert!(seconds < 60 || columns == 1 || tape.column(moment, columns).abs_diff(column) <= 1);
                }
            }
        }
    }
}
