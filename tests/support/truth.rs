//! Random incidents, and what the tool said of each cache held against what the simulator knows of it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use unpark::drill::model::Side;
use unpark::drill::network::Network;
use unpark::drill::scenario::Scenario;
use unpark::incident::{Event, Incident};
use unpark::judge::{Until, Verdict};
use unpark::observation::{Purpose, Role};

use crate::play::{Watch, play};

/// How often verdict and truth are compared.
const EVERY: Duration = Duration::from_secs(1);

/// The seeds that a bench is told to play: `60` for the first so many, `5000..5100` for these; `usual` many where it is told
/// nothing.
#[allow(dead_code, reason = "what only the benches need")]
pub fn told_seeds(usual: u64) -> std::ops::Range<u64> {
    let read = |word: String| match word.split_once("..") {
        Some((from, to)) => Some(from.parse().ok()?..to.parse().ok()?),
        None => Some(0..word.parse().ok()?),
    };
    std::env::args().skip(1).find_map(read).unwrap_or(0..usual)
}

/// `SplitMix64`: the same seed, the same incident.
struct Dice(u64);

impl Dice {
    fn throw(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % sides
    }

    fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[usize::try_from(self.throw(of.len() as u64)).unwrap()]
    }
}

/// An incident by seed: who resolves, what the TTLs are, how the parking answers, what is lost, and when what happens.
pub fn incident(seed: u64) -> Scenario {
    let mut dice = Dice(seed);
    let ttl: u64 = dice.pick(&[60, 120, 300, 600]);
    let outage = 60 + dice.throw(400);
    let lasts = 30 + outage + ttl * 3 + 700;
    let (start, survey) = (dice.pick(&["parked", "correct", "correct"]), dice.pick(&["once", "once", "off", "always"]));
    let mut text = format!(
        "title = \"random\"\nzone = \"example.com.\"\nlasts = \"{lasts}s\"\nwarm = \"15m\"\nstart = \"{start}\"\n\
         survey = \"{survey}\"\nexpect = [\"ns1.good-dns.net.\", \"ns2.good-dns.net.\"]\nhosts = [\"www\"]\n\
         [parent]\nzone = \"com.\"\nns_ttl = {ttl}\nnegative_ttl = {}\n[correct]\nns_ttl = {}\nnegative_ttl = 30\n\
         records = [\"@ 30 A 203.0.113.10\", \"www 30 A 203.0.113.11\"]\nserver = [\n\
         {{ name = \"ns1.good-dns.net.\", addresses = [\"203.0.113.53\"] }},\n\
         {{ name = \"ns2.good-dns.net.\", addresses = [\"203.0.113.54\"] }},\n]\n",
        dice.pick(&[30, 60, 120]),
        dice.pick(&[60, 300]),
    );
    let records = dice.pick(&[
        "[\"@ 60 A 192.0.2.66\", \"* 60 A 192.0.2.66\"]",
        "[\"@ 20 A 192.0.2.66\"]",
        "[\"@ 60 A 192.0.2.66\", \"* 60 A 192.0.2.66\", \"* 60 TXT parked\"]",
    ]);
    let style = dice.pick(&["", "minimal_answers = true\n", "answers_everything = true\n"]);
    let _ = write!(
        text,
        "[parked]\nns_ttl = {}\nnegative_ttl = 30\n{style}records = {records}\nserver = [\n\
         {{ name = \"ns1.pendingrenewaldeletion.com.\", addresses = [\"192.0.2.53\"] }},\n\
         {{ name = \"ns2.pendingrenewaldeletion.com.\", addresses = [\"192.0.2.54\"] }},\n]\n\
         [users]\nrate = {}\nmistyped = {}\nquestions = [\"@ A\", \"www A\"]\n\
         [[root]]\nname = \"a.root-servers.net.\"\naddresses = [\"192.0.2.1\"]\n\
         [[parent_server]]\nname = \"a.gtld-servers.net.\"\naddresses = [\"192.0.2.5\"]\n\
         [[parent_server]]\nname = \"b.gtld-servers.net.\"\naddresses = [\"192.0.2.6\"]\nlag = \"{}s\"\n",
        dice.pick(&[60, 300, 600]),
        dice.pick(&["0.02", "0.2", "1.0"]),
        dice.pick(&["0.0", "0.02"]),
        dice.pick(&[0, 0, 10, 40]),
    );
    let kinds = [
        "parent-centric",
        "min-parent-child",
        "unbound-scrubbed",
        "unbound-old",
        "unbound-new",
        "unbound-hardened",
        "child-taking",
        "renewing",
    ];
    for number in 1..=6 {
        let caches = dice.pick(&[1, 1, 1, 2, 4, 8]);
        let _ = write!(
            text,
            "[[resolver]]\nid = \"r{number}\"\naddresses = [\"198.51.100.{number}\"]\nkind = \"{}\"\ncaches = {caches}\n\
             loss = {}\n{}{}",
            dice.pick(&kinds),
            dice.pick(&["0.0", "0.0", "0.02", "0.1"]),
            dice.pick(&["", "", "no_recursion = \"referral\"\n"]),
            dice.pick(&["", "nsid = \"node{}\"\n"]),
        );
    }
    let wrong =
        dice.pick(&["do = \"delegate\"\nto = \"parked\"\n", "do = \"delegate\"\nto = \"parked\"\n", "do = \"hold\"\n"]);
    let _ = write!(
        text,
        "[[event]]\nat = \"30s\"\n{wrong}[[event]]\nat = \"{}s\"\ndo = \"delegate\"\nto = \"correct\"\n",
        30 + outage
    );
    if dice.throw(4) == 0 {
        let condition = dice.pick(&["refusing", "silent"]);
        let _ = write!(
            text,
            "[[event]]\nat = \"{}s\"\ndo = \"server\"\nside = \"parked\"\ncondition = \"{condition}\"\n",
            35 + outage
        );
    }
    Scenario::read(&text, "random").unwrap_or_else(|error| panic!("seed {seed}: {error}"))
}

/// Plays and scores many incidents on two threads: each thread takes the next seed and `add`s it to its own score; `merge` makes
/// one score of the two.
pub fn on_two_threads<S: Default + Send>(
    seeds: std::ops::Range<u64>,
    add: impl Fn(&mut S, u64) + Sync,
    merge: impl FnOnce(&mut S, S),
) -> S {
    let next = AtomicU64::new(seeds.start);
    let part = || {
        let mut score = S::default();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds.end {
                return score;
            }
            add(&mut score, seed);
        }
    };
    std::thread::scope(|scope| {
        let other = scope.spawn(part);
        let mut score = part();
        merge(&mut score, other.join().unwrap());
        score
    })
}

/// What was found, over any number of incidents.
#[derive(Debug, Default)]
pub struct Score {
    /// Incidents played.
    pub incidents: usize,
    /// Rows: one resolver address in one incident.
    pub rows: usize,
    /// Times a row became correct after the restoration.
    pub called_correct: usize,
    /// Of these, with a single cache, while that cache was not correct.
    pub false_correct_single: Vec<String>,
    /// Of these, with several caches, while some were not: and within what so many good samples can show.
    pub within_sampling: usize,
    /// The same, beyond it.
    pub beyond_sampling: usize,
    /// Times a row with several caches became correct.
    pub called_correct_many: usize,
    /// Rows that said correct during the outage although the caches had lost the correct servers: seconds of rows.
    pub correct_while_lost: u64,
    /// Seconds of rows during the outage.
    pub outage_seconds: u64,
    /// Times a row became parked or held while every cache had long been correct.
    pub false_parked: Vec<String>,
    /// Rows that could not be judged at the end.
    pub undecided: usize,
    /// Rows not called correct at the end although every cache was.
    pub late: usize,
    /// Incidents called recovered while more caches were not correct than so many good samples leave room for.
    pub false_recovered: Vec<String>,
    /// The same within what the samples leave room for, with the share of caches behind the address.
    pub recovered_within: Vec<String>,
    /// Incidents called recovered, as is the rule, while a resolver that answers nobody, and is said to, was not correct.
    pub recovered_beside: Vec<String>,
    /// Incidents that were recovered at the end.
    pub recovered: usize,
    /// From a flip to the first good sample, in seconds, where the end had been known.
    pub lag_known: Vec<f64>,
    /// The same where it had not.
    pub lag_unknown: Vec<f64>,
    /// From a flip to the word correct.
    pub lag_correct: Vec<f64>,
    /// Queries to resolvers.
    pub queries: u64,
    /// Queries that polling A and NS at every resolver every 5 s would have sent.
    pub polling: u64,
}

/// One row as it was a second ago.
#[derive(Default, Clone)]
struct Row {
    verdict: Option<Verdict>,
    /// Since when every cache is correct.
    right: Option<Duration>,
    was_known: bool,
    seen: bool,
    called: bool,
}

/// Scores one incident while it is played.
struct Scoring<'a> {
    seed: u64,
    score: &'a mut Score,
    rows: BTreeMap<String, Row>,
    recovered: bool,
    lasts: Duration,
}

impl Watch for Scoring<'_> {
    fn look(&mut self, since: Duration, incident: &Incident, network: &Network) -> Option<Duration> {
        let parent_wrong = incident.parent_tally().wrong > 0;
        let restored = incident.source().parent_right && incident.source().wrong_until.is_some();
        // Of each address with wrong caches, whether so many good samples leave room for them, and how many there are.
        let mut wrong: Vec<(bool, String)> = Vec::new();
        let mut silent: Vec<String> = Vec::new();
        for watch in incident.resolvers() {
            let truth = network.look(|net, now| net.truth(now, watch.target.address.ip())).unwrap_or_default();
            let bad = truth.iter().filter(|t| !matches!(t.side, Side::Correct | Side::Undecided)).count();
            let judgement = &watch.judgement;
            let share = bad as f64 / truth.len().max(1) as f64;
            // So large a share of bad caches would have shown itself in as many samples with 95 % probability.
            let most = 1.0 - 0.05_f64.powf(1.0 / judgement.samples.good.max(1) as f64);
            if bad > 0 && judgement.verdict == Verdict::Silent {
                silent.push(watch.target.id.clone());
            } else if bad > 0 {
                let good = judgement.samples.good;
                wrong.push((share <= most, format!("{bad} of {} caches after {good} good samples", truth.len())));
            }
            let row = self.rows.entry(watch.target.id.clone()).or_default();
            let name = || {
                format!("seed {} {} at {} s ({})", self.seed, watch.target.id, since.as_secs(), judgement.rule.word())
            };
            if parent_wrong {
                self.score.outage_seconds += 1;
                self.score.correct_while_lost += u64::from(judgement.verdict == Verdict::Correct && bad == truth.len());
            }
            let became = |verdict| judgement.verdict == verdict && row.verdict != Some(verdict);
            if restored && became(Verdict::Correct) {
                self.score.called_correct += 1;
                self.score.called_correct_many += usize::from(truth.len() > 1);
                match () {
                    () if bad == 0 => {}
                    () if truth.len() == 1 => self.score.false_correct_single.push(name()),
                    () if share <= most => self.score.within_sampling += 1,
                    () => self.score.beyond_sampling += 1,
                }
            }
            // Only what was asked after every cache had turned can be falsely wrong; before, the row is merely late.
            let nonces = || watch.witnesses.of(unpark::observation::Purpose::Nonce);
            let mut rests_on = nonces().filter(|h| judgement.evidence.contains(&h.number));
            let asked = |h: &unpark::judge::Heard| h.observation.sent.since(incident.started());
            let asked_late = |right| rests_on.any(|h| asked(h) > right + Duration::from_secs(2));
            if restored && (became(Verdict::Parked) || became(Verdict::Held)) && row.right.is_some_and(asked_late) {
                self.score.false_parked.push(name());
            }
            if bad > 0 {
                *row = Row { was_known: matches!(judgement.delegation_until, Until::Known(_)), ..Row::default() };
            } else if row.right.is_none() {
                row.right = Some(since);
                // Only what turned after the restoration, and was known to be wrong, is a flip to detect.
                row.seen = !restored || row.verdict.is_none_or(|v| !v.is_wrong());
                row.called = row.seen;
            }
            if let Some(right) = row.right.filter(|_| restored) {
                let lag = since.saturating_sub(right).as_secs_f64();
                if !row.seen && judgement.samples.good > 0 {
                    row.seen = true;
                    let lags = if row.was_known { &mut self.score.lag_known } else { &mut self.score.lag_unknown };
                    lags.push(lag);
                }
                if !row.called && judgement.verdict == Verdict::Correct {
                    row.called = true;
                    self.score.lag_correct.push(lag);
                }
            }
            row.verdict = Some(judgement.verdict);
        }
        let recovered = incident.phase().word() == "recovered";
        if recovered && !self.recovered && !wrong.is_empty() && restored {
            let within = wrong.iter().all(|(within, _)| *within);
            let which: Vec<String> = wrong.into_iter().map(|(_, which)| which).collect();
            let line = format!("seed {} at {} s: {}", self.seed, since.as_secs(), which.join(", "));
            let lines = if within { &mut self.score.recovered_within } else { &mut self.score.false_recovered };
            lines.push(line);
        }
        if recovered && !self.recovered && !silent.is_empty() && restored {
            self.score.recovered_beside.push(format!("seed {}: {}", self.seed, silent.join(", ")));
        }
        self.recovered = recovered;
        if since + EVERY * 2 >= self.lasts {
            self.score.recovered += usize::from(recovered);
            self.score.undecided += incident.count(Verdict::Unknown);
            let late = |w: &&unpark::incident::ResolverWatch| {
                let row = self.rows.get(&w.target.id);
                w.judgement.verdict != Verdict::Correct && row.is_some_and(|r| r.right.is_some())
            };
            self.score.late += incident.resolvers().iter().filter(late).count();
            return None;
        }
        Some(EVERY)
    }
}

impl Score {
    /// Plays and scores one incident.
    pub fn add(&mut self, seed: u64) {
        let scenario = incident(seed);
        let mut scoring = Scoring { seed, score: self, rows: BTreeMap::new(), recovered: false, lasts: scenario.lasts };
        let played = play(&scenario, seed, EVERY, &mut scoring);
        self.incidents += 1;
        self.rows += scenario.stage.resolvers.len();
        let to_resolver = |event: &Event| match event {
            // What a resolver can do is learned once a week, off the zone: no part of the polling.
            Event::Observed(o) if o.query.target.role == Role::Resolver && !calibrates(o.query.purpose) => {
                u64::from(o.packets)
            }
            _ => 0,
        };
        self.queries += played.events.iter().map(|(_, e)| to_resolver(e)).sum::<u64>();
        self.polling += scenario.stage.resolvers.len() as u64 * 2 * (scenario.lasts.as_secs() / 5);
    }

    /// Both together.
    pub fn merge(&mut self, other: Self) {
        self.incidents += other.incidents;
        self.rows += other.rows;
        self.called_correct += other.called_correct;
        self.false_correct_single.extend(other.false_correct_single);
        self.within_sampling += other.within_sampling;
        self.beyond_sampling += other.beyond_sampling;
        self.called_correct_many += other.called_correct_many;
        self.correct_while_lost += other.correct_while_lost;
        self.outage_seconds += other.outage_seconds;
        self.false_parked.extend(other.false_parked);
        self.undecided += other.undecided;
        self.late += other.late;
        self.false_recovered.extend(other.false_recovered);
        self.recovered_within.extend(other.recovered_within);
        self.recovered_beside.extend(other.recovered_beside);
        self.recovered += other.recovered;
        self.lag_known.extend(other.lag_known);
        self.lag_unknown.extend(other.lag_unknown);
        self.lag_correct.extend(other.lag_correct);
        self.queries += other.queries;
        self.polling += other.polling;
    }

    /// Plays and scores many incidents on two threads.
    pub fn of(seeds: std::ops::Range<u64>) -> Self {
        on_two_threads(seeds, Self::add, Self::merge)
    }

    /// The figures as a table.
    pub fn table(&self) -> String {
        let lag = |lags: &[f64]| {
            let mut lags = lags.to_vec();
            lags.sort_by(f64::total_cmp);
            let at = |share: f64| lags.get(((lags.len() as f64 * share) as usize).min(lags.len().saturating_sub(1)));
            match (at(0.5), at(0.95)) {
                (Some(median), Some(most)) => format!("median {median:.0} s, p95 {most:.0} s ({} flips)", lags.len()),
                _ => "no flips".to_owned(),
            }
        };
        let share = |part: u64, whole: u64| format!("{:.1} %", part as f64 * 100.0 / whole.max(1) as f64);
        let lines = [
            ("incidents", self.incidents.to_string()),
            ("rows", self.rows.to_string()),
            ("called correct after the restoration", self.called_correct.to_string()),
            ("  false, one cache", self.false_correct_single.len().to_string()),
            ("  of addresses with several caches", self.called_correct_many.to_string()),
            ("  false, several caches, within the sampling error", self.within_sampling.to_string()),
            ("  false, several caches, beyond it (5 % allowed)", self.beyond_sampling.to_string()),
            (
                "correct during the outage though all caches lost it",
                format!("{} of {} row seconds", self.correct_while_lost, self.outage_seconds),
            ),
            ("false parked or held", self.false_parked.len().to_string()),
            ("undecided at the end", self.undecided.to_string()),
            ("right, but not called correct at the end", self.late.to_string()),
            ("recovered at the end", self.recovered.to_string()),
            ("  too early, within the sampling error", self.recovered_within.len().to_string()),
            ("  too early, beyond it", self.false_recovered.len().to_string()),
            ("  beside a wrong resolver that was said to be silent", self.recovered_beside.len().to_string()),
            ("flip to first good sample, end known (wanted ≤ 2 s)", lag(&self.lag_known)),
            ("flip to first good sample, not known (wanted ≤ 35 s)", lag(&self.lag_unknown)),
            ("flip to the word correct", lag(&self.lag_correct)),
            ("packets to resolvers", self.queries.to_string()),
            ("polling A and NS every 5 s would be", self.polling.to_string()),
            ("  of which the tool sends (wanted ≤ 10 %)", share(self.queries, self.polling)),
        ];
        lines.iter().map(|(what, figure)| format!("{what:54} {figure}\n")).collect()
    }
}

/// Whether a question is about what a resolver can do, not about the zone.
const fn calibrates(purpose: Purpose) -> bool {
    matches!(
        purpose,
        Purpose::Identity | Purpose::UnaskedName | Purpose::SteadyName | Purpose::LongLivedName | Purpose::BogusName
    )
}
