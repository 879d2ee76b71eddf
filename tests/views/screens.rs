//! What is on the screen in each phase and each pane.

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

macro_rules! phase {
    ($name:ident, $world:expr, $phase:ident) => {
        #[test]
        fn $name() {
            let world = $world;
            assert_eq!(world.incident.phase(), Phase::$phase);
            shoot(stringify!($name), &world, &[]);
        }
    };
}

phase!(starting, world::starting(), Starting);
phase!(parked, world::parked(), ParkedAtParent);
phase!(split, world::split(), SplitAtParent);
phase!(held, world::held(), HeldAtParent);
phase!(broken, world::broken(), BrokenAtAuthority);
phase!(converging, world::converging(), Converging);
phase!(recovered, world::recovered(), Recovered);
phase!(healthy, world::healthy(), Healthy);

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
fn flush_refused() {
    shoot("flush_refused", &world::parked(), &[KeyCode::Char('f')]);
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
fn expectation() {
    shoot("expectation", &world::starting(), &[KeyCode::Char('e'), KeyCode::Down]);
}

#[test]
fn help() {
    shoot("help", &world::parked(), &[KeyCode::Char('?')]);
}

#[test]
fn findings() {
    shoot("findings", &world::parked(), &[KeyCode::Char('F')]);
}

#[test]
fn servers() {
    shoot("servers", &world::split(), &[KeyCode::Char('p')]);
}

#[test]
fn survey() {
    shoot("survey", &world::parked(), &[KeyCode::Char('u')]);
}

#[test]
fn hosts() {
    shoot("hosts", &world::parked(), &[KeyCode::Char('h'), KeyCode::Char('w')]);
}

#[test]
fn war_room() {
    shoot("war_room_parked", &world::parked(), &[KeyCode::Char('w')]);
    shoot("war_room_converging", &world::converging(), &[KeyCode::Char('w')]);
}

#[test]
fn curve() {
    shoot("curve", &world::converging(), &[KeyCode::Char('c')]);
}

#[test]
fn map() {
    shoot("map", &world::converging(), &[KeyCode::Char('m')]);
}

#[test]
fn timeline() {
    shoot("timeline", &world::converging(), &[KeyCode::Char('t')]);
}

#[test]
fn budget() {
    shoot("budget", &world::converging(), &[KeyCode::Char('b')]);
}

#[test]
fn folded() {
    shoot("folded", &world::converging(), &[KeyCode::Char('g'), KeyCode::Enter]);
}

#[test]
fn a_resolver_to_add() {
    shoot("add_resolver", &world::parked(), &[KeyCode::Char('a')]);
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
