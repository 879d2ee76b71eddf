//! Every view at three sizes in six states that scenarios of the drill lead to, played in virtual time by the real engine.

use std::sync::LazyLock;
use std::time::Duration;

use crossterm::event::KeyCode;
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
const VIEWS: [(&str, &str); 8] = [
    ("screen", ""),
    ("big", "w"),
    ("curve", "c"),
    ("map", "m"),
    ("timeline", "t"),
    ("servers", "p"),
    ("why", "\n"),
    ("findings", "F"),
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

/// The worlds of a scenario at the given seconds.
fn worlds(name: &str, moments: &[u64]) -> Vec<World> {
    let scenario = Scenario::built_in(name).unwrap().unwrap();
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
        for (view, keys) in VIEWS {
            let mut stage = Stage::new(width, height, PLAIN);
            stage.show(world);
            for key in keys.chars() {
                stage.press(world, if key == '\n' { KeyCode::Enter } else { KeyCode::Char(key) });
            }
            shots.push_str(&format!(
                "--- {view}\n{}",
                stage.lines().iter().map(|l| format!("{}\n", l.trim_end())).collect::<String>()
            ));
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
fn held() {
    let worlds = worlds("hold", &[45]);
    shoot("hold", &worlds[0], "held-at-parent");
}

#[test]
fn hijacked() {
    let worlds = worlds("hijack", &[45]);
    shoot("hijack", &worlds[0], "parked-at-parent");
}

#[test]
fn healthy() {
    let worlds = worlds("healthy", &[118]);
    shoot("healthy", &worlds[0], "healthy");
}
