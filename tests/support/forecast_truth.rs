//! Forecasts and sampling bounds of random incidents, held against what the simulator knows of every cache.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use unpark::drill::model::{Kind, Side};
use unpark::drill::network::Network;
use unpark::drill::scenario::Scenario;
use unpark::incident::Incident;
use unpark::incident::forecast::Certainty;
use unpark::judge::TOGETHER;
use unpark::time::Timestamp;

use crate::play::{Watch, play};
use crate::truth::{incident, on_two_threads};

/// How often the forecast is held against the truth.
const EVERY: Duration = Duration::from_secs(1);
/// So long after the restoration a forecast is noted.
const NOTED_AFTER: [u64; 6] = [5, 30, 60, 120, 300, 600];
/// What a forecast may be off by because clocks of caches count whole seconds.
const CLOCKS: Duration = Duration::from_secs(2);

/// One row foretold at one moment.
struct Noted {
    at: Timestamp,
    resolver: String,
    certainty: Certainty,
    expected: Timestamp,
    likely: Timestamp,
    worst: Timestamp,
    renewing: bool,
    capped: bool,
}

/// What came of rows of one kind.
#[derive(Debug, Default, Clone)]
pub struct Rows {
    /// Rows whose caches all turned, or should have.
    pub scored: usize,
    /// Of these, turned by the moment that 95 % should keep.
    pub by_likely: usize,
    /// Of these, turned by the latest moment.
    pub by_worst: usize,
    /// Rows that outlived the latest moment.
    pub outlived: Vec<String>,
    /// How far the expected moment was from the true turn, in seconds: later than expected is positive.
    pub errors: Vec<f64>,
}

impl Rows {
    fn merge(&mut self, other: Self) {
        self.scored += other.scored;
        self.by_likely += other.by_likely;
        self.by_worst += other.by_worst;
        self.errors.extend(other.errors);
        self.outlived.extend(other.outlived);
    }

    /// The share that kept the 95 % moment.
    pub fn likely_share(&self) -> f64 {
        self.by_likely as f64 / self.scored.max(1) as f64
    }

    /// How far the expected moment was off in half of the rows, in seconds.
    pub fn median_error(&self) -> f64 {
        let mut errors: Vec<f64> = self.errors.iter().map(|e| e.abs()).collect();
        errors.sort_by(f64::total_cmp);
        errors.get(errors.len() / 2).copied().unwrap_or_default()
    }

    fn words(&self) -> String {
        let mut errors: Vec<f64> = self.errors.clone();
        errors.sort_by(f64::total_cmp);
        let lean = errors.get(errors.len() / 2).copied().unwrap_or_default();
        format!(
            "{} rows; 95 % moment kept by {:.1} %, latest by {:.1} %; median error {:.0} s (lean {lean:+.0} s)",
            self.scored,
            self.likely_share() * 100.0,
            self.by_worst as f64 / self.scored.max(1) as f64 * 100.0,
            self.median_error(),
        )
    }
}

/// What was found, over any number of incidents.
#[derive(Debug, Default)]
pub struct ForecastScore {
    /// Incidents played.
    pub incidents: usize,
    /// Rows whose end a cache showed.
    pub known: Rows,
    /// Rows with a range.
    pub range: Rows,
    /// Of both, those of caches that renew the parked delegation by themselves: no bound holds for them.
    pub renewing: Rows,
    /// Of the rows with a range, those whose cap was measured and cuts the lease.
    pub capped: Rows,
    /// Rows without any bound.
    pub unbounded: usize,
    /// Forecasts of the last resolver (95 %), and how many it kept.
    pub last: (usize, usize),
    /// How far the moments at which half were correct were off, in seconds, as the tool itself saw it.
    pub half_errors: Vec<f64>,
    /// Points of the curve with the share seen within the band, and all.
    pub band: (f64, usize),
    /// "Fewer than x % are stale" said of clean addresses with several caches, and how often it was not so.
    pub clean: (usize, usize),
    /// "Between x and y % were stale in this half minute" said of mixed ones, and how often it was not so.
    pub mixed: (usize, usize),
}

struct Scoring<'a> {
    seed: u64,
    score: &'a mut ForecastScore,
    noted: Vec<Noted>,
    last: Vec<(Timestamp, bool)>,
    /// When each row was last seen wrong by the simulator.
    wrong: BTreeMap<String, Timestamp>,
    samples: BTreeMap<String, (usize, usize, usize)>,
    /// The true stale shares of each row in the last half minute.
    shares: BTreeMap<String, VecDeque<f64>>,
    restored: Option<Timestamp>,
    done: usize,
    now: Timestamp,
    kinds: BTreeMap<String, bool>,
}

impl Watch for Scoring<'_> {
    fn look(&mut self, _: Duration, incident: &Incident, network: &Network) -> Option<Duration> {
        let now = network.look(|_, now| now);
        self.now = now;
        let restored = incident.source().wrong_until.filter(|_| incident.source().parent_right);
        if restored != self.restored {
            (self.restored, self.done) = (restored, 0);
        }
        for watch in incident.resolvers() {
            let truth = network.look(|net, now| net.truth(now, watch.target.address.ip())).unwrap_or_default();
            let bad = truth.iter().filter(|t| !matches!(t.side, Side::Correct | Side::Undecided)).count();
            if bad > 0 {
                self.wrong.insert(watch.target.id.clone(), now);
            }
            let share = bad as f64 / truth.len().max(1) as f64;
            let shares = self.shares.entry(watch.target.id.clone()).or_default();
            shares.push_front(share);
            shares.truncate(usize::try_from(TOGETHER.as_secs()).unwrap());
            let most_of_late = shares.iter().copied().fold(0.0, f64::max);
            let samples = watch.judgement.samples;
            let counts = (samples.good, samples.sent, samples.bad);
            if restored.is_none() || self.samples.insert(watch.target.id.clone(), counts) == Some(counts) {
                continue;
            }
            if let Some(most) = samples.stale_share_at_most().filter(|_| samples.good >= 3 && truth.len() > 1) {
                self.score.clean.0 += 1;
                self.score.clean.1 += usize::from(share > most);
            }
            if let Some(between) = samples.stale_share().filter(|_| truth.len() > 1) {
                self.score.mixed.0 += 1;
                self.score.mixed.1 += usize::from(share > between.high || most_of_late < between.low);
            }
        }
        let due = restored.zip(NOTED_AFTER.get(self.done)).is_some_and(|(at, after)| now.since(at).as_secs() >= *after);
        if due {
            self.done += 1;
            self.note(incident, now);
        }
        Some(EVERY)
    }
}

impl Scoring<'_> {
    fn note(&mut self, incident: &Incident, now: Timestamp) {
        let forecast = incident.forecast(now);
        for row in &forecast.rows {
            let Some(watch) = incident.resolver(row.address) else { continue };
            let (Some(expected), Some(likely), Some(worst)) = (row.expected, row.likely, row.worst) else {
                self.score.unbounded += 1;
                continue;
            };
            let resolver = watch.target.id.clone();
            // The tool may be late to see that a cache has turned: then there is nothing left to foretell.
            if self.wrong.get(&resolver).is_none_or(|at| now.since(*at) > EVERY) {
                continue;
            }
            let renewing = self.kinds.get(&resolver).copied().unwrap_or_default();
            let (certainty, capped) = (row.certainty, row.cap.is_some());
            self.noted.push(Noted { at: now, resolver, certainty, expected, likely, worst, renewing, capped });
        }
        self.last.extend(forecast.fleet.last.map(|at| (at, false)));
    }

    fn finish(mut self, played: &Incident) {
        for noted in std::mem::take(&mut self.noted) {
            let Some(turned) = self.wrong.get(&noted.resolver).map(|at| *at + EVERY) else { continue };
            let never = self.now.since(turned) <= EVERY;
            if never && noted.likely + CLOCKS > self.now {
                continue;
            }
            let mut rows = Rows { scored: 1, ..Rows::default() };
            rows.by_likely = usize::from(!never && turned <= noted.likely + CLOCKS);
            if !never && turned <= noted.worst + CLOCKS {
                rows.by_worst = 1;
            } else {
                let (by, at) = (turned.since(noted.worst), noted.at.since(played.started()));
                rows.outlived.push(format!(
                    "seed {} {} at {at:.0?} by {by:.0?} ({:?})",
                    self.seed, noted.resolver, noted.certainty
                ));
            }
            if !never {
                let (early, late) = (noted.expected.since(turned), turned.since(noted.expected));
                rows.errors.push(late.as_secs_f64() - early.as_secs_f64());
            }
            if noted.capped && !noted.renewing && noted.certainty == Certainty::Range {
                self.score.capped.merge(rows.clone());
            }
            match (noted.renewing, noted.certainty) {
                (true, _) => &mut self.score.renewing,
                (false, Certainty::Known) => &mut self.score.known,
                _ => &mut self.score.range,
            }
            .merge(rows);
        }
        let all = self.wrong.iter().filter(|(id, _)| !self.kinds.get(*id).copied().unwrap_or_default());
        let last_turn = all.map(|(_, at)| *at + EVERY).max();
        for (at, _) in &self.last {
            self.score.last.0 += 1;
            self.score.last.1 += usize::from(last_turn.is_none_or(|turned| turned <= *at + CLOCKS));
        }
        let scores = played.forecast_scores(self.now);
        for past in &scores.forecasts {
            if let (Some(foretold), Some(came)) = (past.foretold[0], past.came[0]) {
                self.score.half_errors.push(foretold.since(came).max(came.since(foretold)).as_secs_f64());
            }
            if let Some(within) = past.within_band {
                self.score.band.0 += within;
                self.score.band.1 += 1;
            }
        }
    }
}

impl ForecastScore {
    fn add(&mut self, seed: u64, scenario: &Scenario) {
        let renews = |kind: &Kind| *kind == Kind::Renewing;
        let kinds = scenario.stage.resolvers.iter().map(|r| (r.id.clone(), renews(&r.options.kind))).collect();
        let mut scoring = Scoring {
            seed,
            score: self,
            noted: Vec::new(),
            last: Vec::new(),
            wrong: BTreeMap::new(),
            samples: BTreeMap::new(),
            shares: BTreeMap::new(),
            restored: None,
            done: 0,
            now: Timestamp::from_secs(0),
            kinds,
        };
        let played = play(scenario, seed, EVERY, &mut scoring);
        scoring.finish(&played.incident);
        self.incidents += 1;
    }

    fn merge(&mut self, other: Self) {
        self.incidents += other.incidents;
        self.known.merge(other.known);
        self.range.merge(other.range);
        self.renewing.merge(other.renewing);
        self.capped.merge(other.capped);
        self.unbounded += other.unbounded;
        self.last = (self.last.0 + other.last.0, self.last.1 + other.last.1);
        self.half_errors.extend(other.half_errors);
        self.band = (self.band.0 + other.band.0, self.band.1 + other.band.1);
        self.clean = (self.clean.0 + other.clean.0, self.clean.1 + other.clean.1);
        self.mixed = (self.mixed.0 + other.mixed.0, self.mixed.1 + other.mixed.1);
    }

    /// Plays and scores many incidents on two threads.
    pub fn of(seeds: std::ops::Range<u64>) -> Self {
        Self::of_each(seeds, incident)
    }

    /// The same with a delegation of half an hour, which every other resolver keeps for five minutes only.
    pub fn of_capped(seeds: std::ops::Range<u64>) -> Self {
        Self::of_each(seeds, |seed| {
            let mut scenario = incident(seed);
            let (stage, lease) = (&mut scenario.stage, 1_800);
            (stage.parent.ns_ttl, stage.parked.ns_ttl) = (lease, lease);
            for resolver in stage.resolvers.iter_mut().step_by(2) {
                // BIND 9.21 keeps delegations apart, and knows no maximum for them: what its records show says nothing of it.
                if resolver.options.kind != Kind::ParentCentric {
                    resolver.options.cap = 300;
                }
            }
            scenario
        })
    }

    fn of_each(seeds: std::ops::Range<u64>, scenario_of: impl Fn(u64) -> Scenario + Sync) -> Self {
        on_two_threads(seeds, |score: &mut Self, seed| score.add(seed, &scenario_of(seed)), Self::merge)
    }

    /// All rows of caches that obey TTLs.
    pub fn obeying(&self) -> Rows {
        let mut rows = self.known.clone();
        rows.merge(self.range.clone());
        rows
    }

    /// All rows.
    pub fn all(&self) -> Rows {
        let mut rows = self.obeying();
        rows.merge(self.renewing.clone());
        rows
    }

    /// The figures as a table.
    pub fn table(&self) -> String {
        let share =
            |(all, kept): (usize, usize)| format!("{kept} of {all} ({:.1} %)", kept as f64 / all.max(1) as f64 * 100.0);
        let mut half = self.half_errors.clone();
        half.sort_by(f64::total_cmp);
        let half = half.get(half.len() / 2).copied().unwrap_or_default();
        let lines = [
            ("incidents", self.incidents.to_string()),
            ("rows with a known end", self.known.words()),
            ("rows with a range", self.range.words()),
            ("both", self.obeying().words()),
            ("rows of caches that renew the parked delegation", self.renewing.words()),
            ("all rows", self.all().words()),
            ("rows whose cap was measured", self.capped.words()),
            ("rows without a bound", self.unbounded.to_string()),
            ("the last resolver turned by its 95 % moment", share(self.last)),
            (
                "half of the resolvers correct: median error",
                format!("{half:.0} s ({} forecasts)", self.half_errors.len()),
            ),
            ("curve within its band", format!("{:.1} % of points", self.band.0 / self.band.1.max(1) as f64 * 100.0)),
            ("clean: more stale caches than the bound said", share(self.clean)),
            ("mixed: stale share outside the interval", share(self.mixed)),
        ];
        lines.iter().map(|(what, figure)| format!("{what:50} {figure}\n")).collect()
    }
}
