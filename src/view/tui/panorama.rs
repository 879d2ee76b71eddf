//! What is worked out now and then, not for each frame, since it looks at everything kept of thousands of resolvers: the map,
//! the curve and the timeline.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::catalog::Region;
use crate::incident::Incident;
use crate::judge::Verdict;
use crate::time::Timestamp;
use crate::view::model::{Convergence, TimelineEntry, region_of, spot_of, timeline};

/// Nothing here is older than this: as fast as the clock on the screen.
const REFRESH: Duration = Duration::from_secs(1);

/// Everything of this kind.
#[derive(Debug, Clone, Default)]
pub struct Panorama {
    /// The map.
    pub sites: Sites,
    /// The curve.
    pub convergence: Convergence,
    /// The timeline.
    pub timeline: Vec<TimelineEntry>,
    worked_out: Option<Timestamp>,
}

/// Everything the map shows.
#[derive(Debug, Clone, Default)]
pub struct Sites {
    /// Places in whole degrees (latitude, longitude), each with its verdicts.
    pub spots: BTreeMap<(i16, i16), Tally>,
    /// The parts of the world, each with its verdicts: every resolver, placed or not.
    pub regions: BTreeMap<Option<Region>, Tally>,
    /// Anycast addresses that did not say which of their sites answered, and resolvers of which nothing tells the place.
    pub nowhere: Tally,
}

/// How many resolvers have which verdict.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    counts: BTreeMap<Verdict, usize>,
}

impl Tally {
    /// The most alarming of those that answered, else of all.
    #[must_use]
    pub fn worst(&self) -> Verdict {
        let heard = self.counts.keys().find(|v| !matches!(v, Verdict::Silent | Verdict::Unknown));
        heard.or_else(|| self.counts.keys().next()).copied().unwrap_or(Verdict::Unknown)
    }

    /// How many there are.
    #[must_use]
    pub fn total(&self) -> usize {
        self.counts.values().sum()
    }

    /// How many have a verdict.
    #[must_use]
    pub fn count(&self, verdict: Verdict) -> usize {
        self.counts.get(&verdict).copied().unwrap_or(0)
    }

    /// The verdicts there are, the most alarming first.
    pub fn iter(&self) -> impl Iterator<Item = (Verdict, usize)> {
        self.counts.iter().map(|(verdict, n)| (*verdict, *n))
    }

    fn add(&mut self, verdict: Verdict) {
        *self.counts.entry(verdict).or_default() += 1;
    }
}

impl Panorama {
    /// Works it out anew when that is due.
    pub fn refresh(&mut self, incident: &Incident, now: Timestamp) {
        if self.worked_out.is_some_and(|at| now.since(at) < REFRESH && at <= now) {
            return;
        }
        *self = Self {
            sites: Sites::of(incident),
            convergence: Convergence::of(incident, now),
            timeline: timeline(incident),
            worked_out: Some(now),
        };
    }
}

impl Sites {
    fn of(incident: &Incident) -> Self {
        let mut sites = Self::default();
        for watch in incident.resolvers() {
            let verdict = watch.judgement.verdict;
            sites.regions.entry(region_of(&watch.target)).or_default().add(verdict);
            match spot_of(watch) {
                #[expect(clippy::cast_possible_truncation, reason = "degrees of a globe")]
                Some(spot) => {
                    let place = (spot.latitude.round() as i16, spot.longitude.round() as i16);
                    sites.spots.entry(place).or_default().add(verdict);
                }
                None => sites.nowhere.add(verdict),
            }
        }
        sites
    }
}
