//! Every view at three sizes, in nine states that scenarios of the drill lead to, played in virtual time by the real engine.
//!
//! One file for a state and a size. It holds the screen whole, and of every other view the lines that differ from the screen.

use std::sync::LazyLock;
use std::time::Duration;

use insta::assert_snapshot;
use unpark::drill::network::Network;
use unpark::drill::scenario::Scenario;
use unpark::incident::Incident;
use unpark::time::Timestamp;

use crate::play::{Watch, play};
use crate::stage::{PLAIN, Stage};
use crate::world::World;

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (200, 60)];
/// The views, each by the keys that lead to it.
const VIEWS: [(&str, &str); 17] = [
    ("screen", ""),
    ("big", "w"),
    ("by operator", "g"),
    ("ladder", "p"),
    ("ladder, last rung", "p>>"),
    ("why", "\n"),
    ("curve", "c"),
    ("map", "m"),
    ("timeline", "t"),
    ("findings", "F"),
    ("budget", "b"),
    ("flush", "f"),
    ("expectation", "e"),
    ("survey", "u"),
    ("hosts", "hw"),
    ("note", "n"),
    ("resolver", "a1"),
];

/// Keeps the incident as it is at moments of its own.
struct Album {
    moments: Vec<u64>,
    kept: Vec<(Incident, Timestamp)>,
}

impl Watch for Album {
    fn look(&mut self, since: Duration, incident: &Incident, _: &Network) -> Option<Duration> {
        while self.moments.first().is_some_and(|at| *at <= since.as_secs()) {
            self.moments.remove(0);
            self.kept.push((incident.clone(), incident.started() + since));
        }
        Some(Duration::from_secs(*self.moments.first()?).saturating_sub(since))
    }
}

/// The worlds of a scenario, of the built-in ones or of those of the tests, at the given seconds.
fn worlds(name: &str, moments: &[u64]) -> Vec<World> {
    let of_tests = || {
        let path = format!("{}/tests/scenarios/{name}.toml", env!("CARGO_MANIFEST_DIR"));
        Scenario::read(&std::fs::read_to_string(path).unwrap(), name).unwrap()
    };
    let scenario = Scenario::built_in(name).map_or_else(of_tests, Result::unwrap);
    let mut album = Album { moments: moments.to_vec(), kept: Vec::new() };
    play(&scenario, scenario.seed, Duration::ZERO, &mut album);
    let world = |(mut incident, now): (Incident, Timestamp)| {
        incident.settle(now);
        World { incident, now }
    };
    album.kept.into_iter().map(world).collect()
}

/// The default scenario, played once for three states.
static BREVO: LazyLock<Vec<World>> = LazyLock::new(|| worlds("brevo", &[60, 125, 239]));

fn shoot(title: &str, world: &World, phase: &str) {
    assert_eq!(world.incident.phase().word(), phase, "{title}");
    for (width, height) in SIZES {
        let mut shots = String::new();
        let mut screen: Vec<String> = Vec::new();
        for (view, keys) in VIEWS {
            let mut stage = Stage::new(width, height, PLAIN);
            stage.show(world).open(world, keys);
            let lines = stage.lines();
            assert!(keys.is_empty() || lines != screen, "{title}: {view} is not seen at {width}x{height}");
            shots.push_str(&format!("--- {view}\n"));
            let differs = |(at, line): &(usize, &String)| screen.get(*at) != Some(line);
            // Blank lines within a frame say nothing.
            let blank = |line: &str| line.trim_matches(['│', ' ']).is_empty();
            for (at, line) in lines.iter().enumerate().filter(differs).filter(|(_, line)| !blank(line)) {
                shots.push_str(format!("{at:>2} {line}").trim_end());
                shots.push('\n');
            }
            if keys.is_empty() {
                screen = lines;
            }
        }
        assert_snapshot!(format!("{title}_{width}x{height}"), shots);
    }
}

#[test]
fn parked_at_the_parent() {
    shoot("brevo_parked", &BREVO[0], "parked-at-parent");
}

#[test]
fn converging() {
    shoot("brevo_converging", &BREVO[1], "converging");
}

#[test]
fn at_the_end() {
    shoot("brevo_end", &BREVO[2], BREVO[2].incident.phase().word());
}

#[test]
fn split() {
    shoot("split", &worlds("split-parent", &[60])[0], "split-at-parent");
}

#[test]
fn broken() {
    shoot("broken", &worlds("expected-refusing", &[120])[0], "broken-at-authority");
}

#[test]
fn held() {
    shoot("hold", &worlds("hold", &[45])[0], "held-at-parent");
}

#[test]
fn hijacked() {
    shoot("hijack", &worlds("hijack", &[45])[0], "parked-at-parent");
}

#[test]
fn cut_off() {
    shoot("cut", &worlds("cut", &[510])[0], "cannot-tell");
}

#[test]
fn healthy() {
    shoot("healthy", &worlds("healthy", &[118])[0], "healthy");
}
