//! The pictures in `docs/screens`, made of the drill in virtual time: `UNPARK_CAPTURES=write cargo test --test captures` (or
//! `just captures`) makes them anew. Without that variable the test sees that none is missing, broken, or of a screen that has
//! other keys and columns by now.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]
#![allow(missing_docs, dead_code, reason = "tests, and shared support of which not all is used")]

#[path = "support/play.rs"]
mod play;
#[path = "support/svg.rs"]
mod svg;

use std::path::PathBuf;
use std::time::Duration;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use unpark::drill::network::Network;
use unpark::drill::scenario::Scenario;
use unpark::flush::FlushEndpoints;
use unpark::incident::Incident;
use unpark::time::Timestamp;
use unpark::view::model::Glance;
use unpark::view::tui::{App, Base, ColourMode, Keys, Look, Palette, draw};

use play::{Watch, play};

/// One picture: its name, when it is taken, its size, its palette, and the keys pressed before.
struct Capture {
    name: &'static str,
    at: u64,
    size: (u16, u16),
    base: Base,
    keys: &'static str,
}

const fn capture(name: &'static str, at: u64, size: (u16, u16), base: Base, keys: &'static str) -> Capture {
    Capture { name, at, size, base, keys }
}

/// All pictures, in the order of their moments.
const CAPTURES: [Capture; 9] = [
    capture("parked-80x24", 60, (80, 24), Base::Dark, ""),
    capture("parked-big-80x24", 60, (80, 24), Base::Dark, "w"),
    capture("converging-120x40", 125, (120, 40), Base::Dark, ""),
    capture("converging-200x60", 125, (200, 60), Base::Dark, ""),
    capture("converging-light-120x40", 125, (120, 40), Base::Light, "g"),
    capture("converging-big-120x40", 125, (120, 40), Base::Dark, "w"),
    capture("why-120x40", 125, (120, 40), Base::Dark, "\n"),
    capture("map-120x40", 125, (120, 40), Base::ColourBlind, "m"),
    capture("timeline-120x40", 215, (120, 40), Base::HighContrast, "t"),
];

/// Keeps the incident as it is at the moments of the pictures.
struct Album {
    moments: Vec<u64>,
    kept: Vec<(u64, Incident, Timestamp)>,
}

impl Watch for Album {
    fn look(&mut self, since: Duration, incident: &Incident, _: &Network) -> Option<Duration> {
        while self.moments.first().is_some_and(|at| *at <= since.as_secs()) {
            let at = self.moments.remove(0);
            let now = incident.started() + since;
            self.kept.push((at, incident.clone(), now));
        }
        Some(Duration::from_secs(*self.moments.first()?).saturating_sub(since))
    }
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/screens")
}

fn shoot(capture: &Capture, incident: &Incident, now: Timestamp) -> Terminal<TestBackend> {
    let (width, height) = capture.size;
    let look = Look { colour: ColourMode::True, ascii: false };
    let app = App::new(look, FlushEndpoints::default()).with(Palette::of(capture.base), Keys::default());
    let mut app = app.in_drill("DRILL").allowed(1200);
    app.resize(width, height);
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    let mut incident = incident.clone();
    incident.settle(now);
    let board = Glance::of(&incident, now);
    app.refresh(&incident, &board);
    for key in capture.keys.chars() {
        let code = if key == '\n' { KeyCode::Enter } else { KeyCode::Char(key) };
        app.update(&Event::Key(KeyEvent::new(code, KeyModifiers::NONE)), &incident, &board);
        app.refresh(&incident, &board);
    }
    terminal.draw(|frame| draw(frame, &app, &incident, &board)).unwrap();
    terminal
}

/// What of a screen only changes when the screen itself does: the titles of the columns and the keys below.
fn fixed_parts(text: &str) -> Vec<String> {
    let is_fixed = |line: &&str| line.contains("RESOLVER") || line.contains("Esc back") || line.contains("? help");
    let keys = |line: &str| line.rsplit(']').next().unwrap_or(line).replace(['▼', '"'], " ");
    let words = |line: &str| keys(line).split_whitespace().map(str::to_owned).collect::<Vec<_>>().join(" ");
    text.lines().filter(is_fixed).map(words).collect()
}

#[test]
fn the_pictures_are_of_the_present_screen() {
    let mut moments: Vec<u64> = CAPTURES.iter().map(|c| c.at).collect();
    moments.dedup();
    let scenario = Scenario::built_in("brevo").unwrap().unwrap();
    let mut album = Album { moments, kept: Vec::new() };
    play(&scenario, scenario.seed, Duration::ZERO, &mut album);
    let write = std::env::var_os("UNPARK_CAPTURES").is_some();
    if write {
        std::fs::create_dir_all(folder()).unwrap();
    }
    for capture in &CAPTURES {
        let (_, incident, now) = album.kept.iter().find(|(at, ..)| *at == capture.at).unwrap();
        let terminal = shoot(capture, incident, *now);
        let path = folder().join(format!("{}.svg", capture.name));
        if write {
            let picture = svg::picture(terminal.backend().buffer(), capture.base == Base::Light, capture.name);
            std::fs::write(&path, picture).unwrap();
        }
        let hint = "UNPARK_CAPTURES=write cargo test --test captures makes the pictures anew";
        let kept = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}; {hint}", path.display()));
        let (kept, present) = (fixed_parts(&svg::text_of(&kept)), fixed_parts(&terminal.backend().to_string()));
        assert!(!present.is_empty() || capture.keys == "w", "{}", capture.name);
        assert_eq!(kept, present, "{}: {hint}", capture.name);
    }
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let shown: Vec<&str> = readme.split("docs/screens/").skip(1).filter_map(|rest| rest.split(".svg").next()).collect();
    assert!(!shown.is_empty(), "README shows a picture");
    for name in shown {
        assert!(CAPTURES.iter().any(|c| c.name == name), "README shows {name}, which nobody makes");
    }
}
