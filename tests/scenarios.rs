//! Plays every scenario of `tests/scenarios` in virtual time and holds the incident to what the file says.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::allow_attributes,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a test may fail"
)]

#[path = "support/play.rs"]
mod play;
#[path = "support/told.rs"]
mod told;

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use unpark::drill::network::Network;
use unpark::drill::scenario::{Check, Scenario};
use unpark::incident::{Event, Incident, Phase};
use unpark::judge::{Code, Verdict};
use unpark::observation::{Outcome, Purpose, Role};
use unpark::time::{ReadClock as _, Timestamp};
use unpark::view::model::Board;

use play::{Played, Watch, play, replay};
use told::{Told, told};

/// How long after a check's time the incident is looked at: longer than a state waits to be published.
const SETTLED: Duration = Duration::from_millis(200);

/// How often it is looked at where a check asks for what is seen for a moment only.
const GLIMPSE: Duration = Duration::from_millis(50);

/// Every scenario file, by name.
fn scenarios() -> Vec<(String, Scenario)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scenarios");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    let read = |path: std::path::PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        let scenario = Scenario::read(&text, &name).unwrap_or_else(|e| panic!("{e}"));
        (name, scenario)
    };
    files.into_iter().map(read).collect()
}

/// Holds the incident to the checks as their times come.
struct Checking {
    checks: Vec<Check>,
    faults: Vec<String>,
    show: bool,
    /// What was published when it was looked at.
    published: Vec<Incident>,
    /// Rules that decided since the last check, where a check asks for that.
    seen: BTreeSet<(String, String)>,
}

impl Watch for Checking {
    fn look(&mut self, since: Duration, incident: &Incident, network: &Network) -> Option<Duration> {
        for key in self.checks.first().iter().flat_map(|check| check.seen.keys().chain(check.never.keys())) {
            self.seen.extend(rules(key, incident).into_iter().map(|word| (key.clone(), word.to_owned())));
        }
        let due = self.checks.first().is_some_and(|check| check.at <= since);
        while self.checks.first().is_some_and(|check| check.at <= since) {
            let check = self.checks.remove(0);
            if self.show {
                show(since, incident, network);
            }
            self.faults.extend(faults(&check, incident, &self.seen, network.now()));
            self.seen.clear();
        }
        if due {
            self.published.push(incident.clone().without_budget());
        }
        let next = self.checks.first()?;
        let wait = (next.at + SETTLED).saturating_sub(since);
        Some(if glimpses(next) { wait.min(GLIMPSE) } else { wait })
    }
}

/// Whether a check asks for what is seen for a moment only.
fn glimpses(check: &Check) -> bool {
    !check.seen.is_empty() || !check.never.is_empty()
}

fn show(since: Duration, incident: &Incident, network: &Network) {
    println!("--- {} {}", humantime::format_duration(since), incident.phase().word());
    for f in incident.findings() {
        println!("    {f}");
    }
    for r in incident.resolvers() {
        let truth = network.look(|net, now| net.truth(now, r.target.address.ip()).unwrap());
        let j = &r.judgement;
        let truth: Vec<_> = truth.iter().map(|t| format!("{:?}{}", t.side, if t.cold { "*" } else { "" })).collect();
        println!(
            "    {:18} {:9} {:14} {:28} good {} usable {} until {:?} | {}",
            r.target.id,
            j.verdict.word(),
            j.state.word(),
            j.rule.word(),
            j.samples.good,
            j.samples.usable,
            j.delegation_until.moment().map(unpark::time::Timestamp::clock),
            truth.join(" ")
        );
        for s in &j.service {
            println!("        {} {} {} {}", s.name, s.rtype, s.state.word(), s.rule.word());
        }
        println!("        {} {:?}", j.gathering.word(), j.turned_back);
    }
}

/// What is not as the check says.
fn faults(check: &Check, incident: &Incident, seen: &BTreeSet<(String, String)>, now: Timestamp) -> Vec<String> {
    let mut faults = Vec::new();
    let codes: Vec<&str> = incident.findings().iter().map(|f| f.code.word()).collect();
    let at = humantime::format_duration(check.at);
    if let Some(phase) = check.phase.as_deref().filter(|phase| *phase != incident.phase().word()) {
        faults.push(format!("at {at}: phase {} instead of {phase}", incident.phase().word()));
    }
    for code in check.must.iter().filter(|code| !codes.contains(&code.as_str())) {
        faults.push(format!("at {at}: no {code} among {}", codes.join(" ")));
    }
    for code in check.must_not.iter().filter(|code| codes.contains(&code.as_str())) {
        faults.push(format!("at {at}: {code}"));
    }
    for (word, number) in &check.count {
        let verdict = Verdict::ALL.into_iter().find(|v| v.word() == word);
        let seen = incident.count(verdict.unwrap_or_else(|| panic!("no such verdict: {word}")));
        if seen != *number {
            faults.push(format!("at {at}: {seen} resolvers {word} instead of {number}"));
        }
    }
    if !check.says.is_empty() {
        let board = Board::of(incident, now);
        let all = std::iter::once(&board.headline).chain(&board.notices).cloned().collect::<Vec<_>>().join("\n");
        let missing = check.says.iter().filter(|text| !all.contains(text.as_str()));
        faults.extend(missing.map(|text| format!("at {at}: '{text}' is not said in:\n{all}")));
    }
    for (id, word) in &check.verdict {
        let row = incident.resolvers().iter().find(|r| r.target.id == *id);
        let judgement = &row.unwrap_or_else(|| panic!("no such resolver: {id}")).judgement;
        if judgement.verdict.word() != word {
            let rule = judgement.rule.word();
            faults.push(format!("at {at}: {id} is {} ({rule}) instead of {word}", judgement.verdict.word()));
        }
    }
    for (key, word) in &check.rule {
        let rules = rules(key, incident);
        if !rules.contains(&word.as_str()) {
            faults.push(format!("at {at}: {key} is by {} instead of {word}", rules.join(", ")));
        }
    }
    let was = |key: &String, word: &String| seen.contains(&(key.clone(), word.clone()));
    for (key, word) in check.never.iter().filter(|(key, word)| was(key, word)) {
        faults.push(format!("until {at}: {key} was by {word}"));
    }
    for (key, word) in check.seen.iter().filter(|(key, word)| !was(key, word)) {
        faults.push(format!("until {at}: {key} never was by {word}"));
    }
    faults
}

/// The rules behind a row: by a resolver's id, or by id, name and type for a watched name; `*` stands for any resolver.
fn rules(key: &str, incident: &Incident) -> Vec<&'static str> {
    let mut parts = key.split(' ');
    let id = parts.next().unwrap_or_default();
    let asked = parts.next().zip(parts.next());
    let rows: Vec<_> = incident.resolvers().iter().filter(|r| id == "*" || r.target.id == id).collect();
    assert!(!rows.is_empty(), "no such resolver: {id}");
    let of_row = |row: &&unpark::incident::ResolverWatch| {
        let judgement = &row.judgement;
        let Some((name, rtype)) = asked else { return vec![judgement.rule.word(), judgement.gathering.word()] };
        let zone = incident.zone();
        let about =
            |s: &&unpark::judge::ServiceJudgement| s.name.relative_to(zone) == name && s.rtype.to_string() == rtype;
        // Nothing is known of the names of a resolver that was not judged.
        judgement.service.iter().find(about).map(|s| s.rule.word()).into_iter().collect()
    };
    rows.iter().flat_map(of_row).collect()
}

/// What of an observation must be the same when the same seed is played again.
fn log(played: &Played) -> Vec<String> {
    let line = |(at, event): &(unpark::time::Timestamp, Event)| match event {
        Event::Observed(o) => format!(
            "{} {} {:?} {} {} {:?}",
            o.at.as_micros(),
            o.query.target,
            o.query.target.role,
            o.query.purpose.word(),
            o.asked,
            o.outcome
        ),
        other => format!("{} {other:?}", at.as_micros()),
    };
    played.events.iter().map(line).collect()
}

/// What an incident says, without the numbers of its observations.
fn said(incident: &Incident) -> String {
    let row = |r: &unpark::incident::ResolverWatch| {
        let j = &r.judgement;
        let service: Vec<_> = j.service.iter().map(|s| (s.state, s.until)).collect();
        format!("{} {:?} {:?} {:?} {:?} {:?} {service:?}", r.target.id, j.verdict, j.state, j.rule, j.samples, j.until)
    };
    let rows: Vec<String> = incident.resolvers().iter().map(row).collect();
    let findings: Vec<_> = incident.findings().iter().map(|f| (f.code, f.detail.clone())).collect();
    format!("{:?}\n{findings:?}\n{}", incident.phase(), rows.join("\n"))
}

/// Plays a scenario, and gives what is not as its file says or not told again as it was.
fn run(scenario: &Scenario, show: bool) -> (Played, Told) {
    let checks = scenario.checks.clone();
    let first =
        checks.first().map_or(Duration::ZERO, |check| if glimpses(check) { GLIMPSE } else { check.at + SETTLED });
    let mut checking = Checking { checks, faults: Vec::new(), show, published: Vec::new(), seen: BTreeSet::new() };
    let played = play(scenario, scenario.seed, first, &mut checking);
    for check in &checking.checks {
        let at = humantime::format_duration(check.at);
        checking.faults.push(format!("the check at {at} lies beyond the scenario's end"));
    }
    let mut told = told(&played, &checking.published);
    told.faults.extend(checking.faults);
    (played, told)
}

#[test]
fn every_scenario_goes_as_its_file_says() {
    let only = std::env::var("SCENARIO").ok();
    let wanted = |name: &str| only.as_ref().is_none_or(|only| name.contains(only.as_str()));
    let all: Vec<_> = scenarios().into_iter().filter(|(name, _)| wanted(name)).collect();
    let next = AtomicUsize::new(0);
    let faults = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some((name, scenario)) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let began = std::time::Instant::now();
                    let (played, found) = run(scenario, only.is_some());
                    let (took, span) = (began.elapsed(), humantime::format_duration(scenario.lasts));
                    let (facts, octets) = (played.events.len(), found.octets);
                    println!("{name:34} {span:>8} {facts:7} facts {took:8.2?} {octets:9} octets of journal");
                    faults.lock().unwrap().extend(found.faults.into_iter().map(|fault| format!("{name}: {fault}")));
                }
            });
        }
    });
    let faults = faults.into_inner().unwrap();
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

/// Played to the end without looking.
struct Blind;

impl Watch for Blind {
    fn look(&mut self, _: Duration, _: &Incident, _: &Network) -> Option<Duration> {
        None
    }
}

/// Every scenario of the drill, by name.
fn drills() -> Vec<(String, Scenario)> {
    let read = |name: &str| (format!("drill {name}"), Scenario::built_in(name).unwrap().unwrap());
    Scenario::names().into_iter().map(read).collect()
}

#[test]
fn every_drill_goes_as_it_says() {
    let mut wrong = Vec::new();
    for (name, mut scenario) in drills() {
        if name == "drill healthy" {
            // A drill asks faster than the tool does outside, where enough samples take until shortly before its end.
            scenario
                .checks
                .iter_mut()
                .for_each(|check| check.at = scenario.lasts.saturating_sub(Duration::from_secs(5)));
        }
        let (played, found) = run(&scenario, std::env::var_os("SCENARIO").is_some());
        wrong.extend(found.faults.into_iter().map(|fault| format!("{name}: {fault}")));
        let words: Vec<_> = played.incident.phases().iter().map(|c| c.phase.word()).collect();
        println!("{name}: {}", words.join(" "));
        if scenario.stage.start == unpark::drill::stage::Start::Correct {
            let first = played.incident.phases().iter().find(|change| change.phase.is_bad()).map(|c| c.phase);
            if first == Some(Phase::Converging) {
                wrong.push(format!("{name}: caches are said to follow before anything was seen wrong: {words:?}"));
            }
        }
        if name == "drill healthy" {
            let calm = ["starting", "healthy", "cannot-tell", "recovered"];
            assert!(words.iter().all(|word| calm.contains(word)), "{words:?}");
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn samples_of_one_address_are_flows_of_their_own() {
    // Sixty-four caches behind a balancer that looks at where a packet comes from.
    let mut scenario = of_name("healthy");
    scenario.stage.resolvers.truncate(1);
    let resolver = &mut scenario.stage.resolvers[0];
    (resolver.caches, resolver.nsid) = (64, Some("node{}".to_owned()));
    resolver.spread = unpark::drill::model::Spread::Flow;
    let played = play(&scenario, 3, Duration::ZERO, &mut Blind);
    let is_sample = |e: &Event| match e {
        Event::Observed(o) if o.query.purpose == unpark::observation::Purpose::Nonce => o.response()?.nsid(),
        _ => None,
    };
    let met: Vec<String> = played.events.iter().filter_map(|(_, e)| is_sample(e)).take(14).collect();
    let different: BTreeSet<_> = met.iter().collect();
    // Of 64 caches, 14 samples meet 12 or 13 on average; from one pool of 16 ports they would meet 9.
    assert!(met.len() == 14 && different.len() >= 12, "{met:?}");
}

fn of_name(wanted: &str) -> Scenario {
    let all = scenarios();
    let found = all.into_iter().find(|(name, _)| name == &format!("{wanted}.toml"));
    found.unwrap_or_else(|| panic!("no scenario {wanted}")).1
}

#[test]
fn every_finding_code_must_be_in_some_scenario_and_must_not_be_in_another() {
    let all = scenarios();
    assert!(all.len() >= 30);
    let checks = || all.iter().flat_map(|(name, s)| s.checks.iter().map(move |c| (name, c)));
    for (name, check) in checks() {
        for code in check.must.iter().chain(&check.must_not) {
            assert!(Code::ALL.iter().any(|c| c.word() == code), "{name}: there is no finding {code}");
        }
    }
    let mut missing = Vec::new();
    for code in Code::ALL {
        let has = |codes: &[String]| codes.iter().any(|c| c == code.word());
        if !checks().any(|(_, c)| has(&c.must)) {
            missing.push(format!("{} is nowhere a must", code.word()));
        }
        if !checks().any(|(_, c)| has(&c.must_not)) {
            missing.push(format!("{} is nowhere a must_not", code.word()));
        }
    }
    let phases = [
        Phase::ParkedAtParent,
        Phase::HeldAtParent,
        Phase::SplitAtParent,
        Phase::BrokenAtAuthority,
        Phase::Converging,
        Phase::Recovered,
        Phase::Healthy,
        Phase::CannotTell,
        Phase::Starting,
    ];
    for phase in phases {
        if !checks().any(|(_, c)| c.phase.as_deref() == Some(phase.word())) {
            missing.push(format!("the phase {} is never checked", phase.word()));
        }
    }
    assert!(missing.is_empty(), "\n{}", missing.join("\n"));
}

#[test]
fn every_row_of_the_decision_tables_must_be_in_some_scenario() {
    use unpark::judge::{Gathering, Rule};
    let all = scenarios();
    let checked: BTreeSet<String> = all
        .iter()
        .flat_map(|(_, s)| s.checks.iter().flat_map(|c| c.rule.values().chain(c.seen.values()).cloned()))
        .collect();
    let known: Vec<&str> = Rule::ALL.iter().map(|r| r.word()).chain(Gathering::ALL.iter().map(|g| g.word())).collect();
    let unknown: Vec<_> = checked.iter().filter(|word| !known.contains(&word.as_str())).collect();
    let missing: Vec<_> = known.iter().filter(|word| !checked.contains(**word)).collect();
    assert!(unknown.is_empty() && missing.is_empty(), "no such rule: {unknown:?}; in no scenario: {missing:?}");
    // The page that explains the rules names for each a scenario that shows it.
    let page = include_str!("../docs/verdicts.md");
    for word in known {
        let row = page.lines().find(|line| line.starts_with('|') && line.contains(&format!("| `{word}` |")));
        let row = row.unwrap_or_else(|| panic!("docs/verdicts.md has no row for {word}"));
        let named = row.trim_end_matches('|').rsplit('|').next().unwrap_or_default().trim().trim_matches('`');
        let shows = |c: &Check| c.rule.values().chain(c.seen.values()).any(|shown| shown == word);
        let scenario = all.iter().find(|(name, _)| name.strip_suffix(".toml") == Some(named));
        let scenario = &scenario.unwrap_or_else(|| panic!("{word}: there is no scenario {named}")).1;
        assert!(scenario.checks.iter().any(shows), "{named} does not show {word}");
    }
}

#[test]
fn the_same_seed_gives_the_same_log_and_another_seed_another() {
    for name in ["incident-all-models", "loss-15", "cut"] {
        let scenario = of_name(name);
        let once = log(&play(&scenario, 5, Duration::ZERO, &mut Blind));
        let twice = log(&play(&scenario, 5, Duration::ZERO, &mut Blind));
        let first = once.iter().zip(&twice).position(|(a, b)| a != b);
        assert!(once == twice, "{name}: {first:?}: {:?}", first.map(|at| (&once[at], &twice[at])));
        assert_ne!(once, log(&play(&scenario, 6, Duration::ZERO, &mut Blind)), "{name}");
    }
}

#[test]
fn a_replay_of_the_facts_says_what_the_live_run_said() {
    for name in [
        "split",
        "anycast",
        "parked-again",
        "ds-left",
        "unplugged",
        "draining",
        "suspend",
        "clock-step",
        "cut-ten-minutes",
    ] {
        let played = play(&of_name(name), 3, Duration::ZERO, &mut Blind);
        let end = played.events.last().unwrap().0.max(played.incident.phases().last().unwrap().at);
        let mut live = played.incident.clone();
        let mut again = replay(&played, &played.events);
        for incident in [&mut live, &mut again] {
            incident.settle(end + Duration::from_secs(120));
        }
        assert_eq!(said(&again), said(&live), "{name}");
    }
}

#[test]
fn the_order_of_what_came_at_one_moment_does_not_matter() {
    for name in ["incident-all-models", "anycast", "split"] {
        let played = play(&of_name(name), 3, Duration::ZERO, &mut Blind);
        let mut turned = played.events.clone();
        // Facts of one moment stand together; those of one resolver keep the order in which they were asked.
        turned.sort_by_key(|(at, _)| *at);
        let mut straight = turned.clone();
        for same in turned.chunk_by_mut(|a, b| a.0 == b.0) {
            same.reverse();
        }
        straight.sort_by_key(|(at, _)| *at);
        assert_eq!(said(&replay(&played, &turned)), said(&replay(&played, &straight)), "{name}");
    }
}

#[test]
fn a_step_of_the_wall_clock_changes_nothing_but_what_is_said_of_it() {
    let stepped = of_name("clock-step");
    let mut plain = stepped.clone();
    plain.machine = unpark::drill::machine::Machine::default();
    let (stepped, plain) = (play(&stepped, 3, Duration::ZERO, &mut Blind), play(&plain, 3, Duration::ZERO, &mut Blind));
    let told = stepped.events.iter().filter(|(_, e)| matches!(e, Event::WallClockSet { .. })).count();
    assert_eq!(told, 3);
    let heard = |played: &Played| log(played).into_iter().filter(|l| !l.contains("WallClockSet")).collect::<Vec<_>>();
    assert_eq!(heard(&stepped), heard(&plain));
    assert_eq!(said(&stepped.incident), said(&plain.incident));
}

#[test]
fn neither_a_sleep_nor_a_cut_makes_the_tool_ask_a_cache_again_while_the_parent_is_wrong() {
    for name in ["suspend-while-parked", "cut-while-parked"] {
        let scenario = of_name(name);
        let played = play(&scenario, 3, Duration::ZERO, &mut Blind);
        let begin = played.incident.started();
        let (parked, restored) = (begin + scenario.stage.script[0].0, begin + scenario.stage.script.last().unwrap().0);
        let restored = if name == "cut-while-parked" { begin + Duration::from_secs(8 * 60) } else { restored };
        let mut asked = std::collections::BTreeMap::new();
        for (_, event) in &played.events {
            let Event::Observed(o) = event else { continue };
            let nonce = o.query.target.role == Role::Resolver && o.query.rd && o.query.purpose == Purpose::Nonce;
            // The parent's change is noticed within its own interval.
            if nonce && o.sent > parked + Duration::from_secs(65) && o.sent < restored {
                *asked.entry(o.query.target.address).or_insert(0) += 1;
            }
        }
        assert!(asked.values().all(|times| *times <= 1), "{name}: {asked:?}");
    }
}

#[test]
fn lost_answers_never_end_an_incident() {
    for name in ["incident-all-models", "hold", "split"] {
        let mut scenario = of_name(name);
        // The restoration never comes, and more and more is lost on the way.
        scenario.stage.script.truncate(1);
        for loss in [0.1, 0.4, 0.8] {
            for host in scenario.stage.parent.servers.iter_mut().chain(&mut scenario.stage.correct.servers) {
                host.loss = loss;
            }
            for resolver in &mut scenario.stage.resolvers {
                resolver.loss = loss;
            }
            let played = play(&scenario, 9, Duration::ZERO, &mut Blind);
            let lost = |e: &Event| matches!(e, Event::Observed(o) if o.outcome == Outcome::NoResponse);
            assert!(loss < 0.4 || played.events.iter().any(|(_, e)| lost(e)));
            let outage = played.incident.started() + scenario.stage.script[0].0;
            let bad = played.incident.phases().iter().position(|c| c.phase.is_bad() && c.at > outage);
            let Some(bad) = bad else { continue };
            let ended = played.incident.phases()[bad..].iter().find(|change| change.phase.is_good());
            assert!(ended.is_none(), "{name} at {loss}: {:?}", played.incident.phases());
        }
    }
}
