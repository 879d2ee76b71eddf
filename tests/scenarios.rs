//! Plays every scenario of `tests/scenarios` in virtual time and holds the incident to what the file says.

#[path = "support/play.rs"]
mod play;

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use unpark::drill::network::Network;
use unpark::drill::scenario::{Check, Scenario};
use unpark::incident::Incident;
use unpark::judge::Verdict;

use play::{Played, Watch, play};

/// How long after a check's time the incident is looked at: longer than a state waits to be published.
const SETTLED: Duration = Duration::from_millis(200);

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
}

impl Watch for Checking {
    fn look(&mut self, since: Duration, incident: &Incident, network: &Network) -> Option<Duration> {
        while self.checks.first().is_some_and(|check| check.at <= since) {
            let check = self.checks.remove(0);
            if self.show {
                show(since, incident, network);
            }
            self.faults.extend(faults(&check, incident));
        }
        Some((self.checks.first()?.at + SETTLED).saturating_sub(since))
    }
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
            r.target.id, j.verdict.word(), j.state.word(), j.rule.word(), j.samples.good, j.samples.usable,
            j.delegation_until.moment().map(|m| m.clock()), truth.join(" ")
        );
    }
}

/// What is not as the check says.
fn faults(check: &Check, incident: &Incident) -> Vec<String> {
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
    for (id, word) in &check.verdict {
        let row = incident.resolvers().iter().find(|r| r.target.id == *id);
        let judgement = &row.unwrap_or_else(|| panic!("no such resolver: {id}")).judgement;
        if judgement.verdict.word() != word {
            let rule = judgement.rule.word();
            faults.push(format!("at {at}: {id} is {} ({rule}) instead of {word}", judgement.verdict.word()));
        }
    }
    faults
}

fn run(scenario: &Scenario, show: bool) -> (Played, Vec<String>) {
    let checks = scenario.checks.clone();
    let first = checks.first().map_or(Duration::ZERO, |check| check.at + SETTLED);
    let mut checking = Checking { checks, faults: Vec::new(), show };
    let played = play(scenario, scenario.seed, first, &mut checking);
    for check in &checking.checks {
        let at = humantime::format_duration(check.at);
        checking.faults.push(format!("the check at {at} lies beyond the scenario's end"));
    }
    (played, checking.faults)
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
                    println!("{name:34} {span:>8} {:7} facts {took:8.2?}", played.events.len());
                    faults.lock().unwrap().extend(found.into_iter().map(|fault| format!("{name}: {fault}")));
                }
            });
        }
    });
    let faults = faults.into_inner().unwrap();
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}
