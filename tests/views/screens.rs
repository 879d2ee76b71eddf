//! Screens that no scenario leads to at a moment worth keeping: the first second, answers whole, flushes under way, the help.
//! All other views are in `states`.

use crossterm::event::KeyCode;
use insta::assert_snapshot;
use unpark::dns::RecordType;
use unpark::flush::{FlushOperator, FlushOutcome};
use unpark::incident::Phase;
use unpark::view::tui::{ColourMode, Look};

use crate::stage::{PLAIN, Stage};
use crate::world::{self, World};

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (200, 60)];

/// One snapshot for each size, after the given keys.
fn shoot(title: &str, world: &World, keys: &[KeyCode]) {
    for (width, height) in SIZES {
        let mut stage = Stage::new(width, height, PLAIN);
        stage.show(world);
        for key in keys {
            stage.press(world, *key);
        }
        assert_snapshot!(format!("{title}_{width}x{height}"), stage.text());
    }
}

#[test]
fn starting() {
    let world = world::starting();
    assert_eq!(world.incident.phase(), Phase::Starting);
    shoot("starting", &world, &[]);
}

#[test]
fn rows_of_every_kind() {
    shoot("rows_parked", &world::parked(), &[]);
    shoot("rows_converging", &world::converging(), &[]);
}

#[test]
fn before_anything() {
    shoot("before_anything", &World::open("example.com.", true, 16), &[]);
}

#[test]
fn detail() {
    let keys = [KeyCode::Char('s'), KeyCode::Down, KeyCode::Enter];
    shoot("detail", &world::converging(), &keys);
}

#[test]
fn detail_whole() {
    let keys = [KeyCode::Down, KeyCode::Enter, KeyCode::Char('v')];
    shoot("detail_whole", &world::parked(), &keys);
}

#[test]
fn flush_ready() {
    shoot("flush_ready", &world::converging(), &[KeyCode::Char('f')]);
}

#[test]
fn flush_sent() {
    let mut world = world::converging();
    let mut stage = Stage::new(100, 40, PLAIN);
    stage.show(&world).press(&world, KeyCode::Char('f')).press(&world, KeyCode::Enter);
    world.pass(1).flush_ended(FlushOperator::Cloudflare, RecordType::NS, world::sent());
    world.flush_ended(
        FlushOperator::Cloudflare,
        RecordType::A,
        FlushOutcome::Refused { reason: "too many requests (HTTP 429)".to_owned() },
    );
    world.pass(7).settle();
    stage.show(&world);
    assert_snapshot!("flush_sent_100x40", stage.text());
}

#[test]
fn help() {
    shoot("help", &world::parked(), &[KeyCode::Char('?')]);
}

#[test]
fn folded() {
    shoot("folded", &world::converging(), &[KeyCode::Char('g'), KeyCode::Enter]);
}

#[test]
fn behind_a_parent_server() {
    shoot("behind_parent", &world::split(), &[KeyCode::Char('p'), KeyCode::Enter]);
}

#[test]
fn ascii_only() {
    let world = world::converging();
    let mut stage = Stage::new(80, 24, Look { colour: ColourMode::None, ascii: true });
    stage.show(&world);
    assert!(stage.text().is_ascii(), "{}", stage.text());
    assert_snapshot!("ascii_80x24", stage.text());
    stage.press(&world, KeyCode::Char('w'));
    assert!(stage.text().is_ascii());
    stage.press(&world, KeyCode::Char('?'));
    assert!(stage.text().is_ascii());
    // With everything on the screen.
    let mut stage = Stage::new(200, 60, Look { colour: ColourMode::None, ascii: true });
    stage.show(&world);
    assert!(stage.text().is_ascii(), "{}", stage.text());
    assert_snapshot!("ascii_200x60", stage.text());
    for pane in ['m', 'c', 't', 'b', 'g'] {
        stage.press(&world, KeyCode::Char(pane));
        assert!(stage.text().is_ascii(), "{pane}: {}", stage.text());
        stage.press(&world, KeyCode::Esc);
    }
}
