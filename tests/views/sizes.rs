//! Nothing panics, whatever the size, the keys and the number of rows; and hostile text stays in its cells.

use std::sync::LazyLock;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use proptest::prelude::*;
use unpark::view::tui::{ColourMode, Look};

use crate::stage::{PLAIN, Stage};
use crate::world::{self, Says, World};

/// Built once: judging them takes longer than drawing them.
static WORLDS: LazyLock<[World; 3]> =
    LazyLock::new(|| [World::open("example.com.", false, 0), world::parked(), world::converging()]);

const OPENERS: [&str; 18] =
    ["", "\n", "?", "F", "p", "p\n", "e", "u", "h", "f", "w", "/", "c", "m", "t", "b", "a", "g\n"];

fn sizes() -> Vec<(u16, u16)> {
    let small = (1..=9).step_by(4).flat_map(|w| (1..=10).step_by(4).map(move |h| (w, h)));
    let mixed = [
        (0, 0),
        (0, 40),
        (120, 0),
        (1, 200),
        (500, 1),
        (19, 7),
        (20, 5),
        (33, 9),
        (40, 10),
        (60, 20),
        (79, 23),
        (149, 31),
        (150, 32),
    ];
    small.chain(mixed).chain([(300, 100)]).collect()
}

/// Every size up to what any terminal has, with a screen and a pane that have most to place.
#[test]
fn no_size_panics() {
    let world = &WORLDS[2];
    for width in (0..=300).step_by(20) {
        for height in (0..=100).step_by(9) {
            let mut stage = Stage::new(width, height, PLAIN);
            stage.show(world);
            if (width / 20 + height / 9) % 3 == 0 {
                press(&mut stage, world, "c");
                stage.press(world, KeyCode::Esc);
                press(&mut stage, world, "w");
            }
        }
    }
}

fn press(stage: &mut Stage, world: &World, keys: &str) {
    for c in keys.chars() {
        stage.press(world, if c == '\n' { KeyCode::Enter } else { KeyCode::Char(c) });
    }
}

#[test]
fn every_screen_fits_every_size() {
    for world in WORLDS.iter() {
        for (width, height) in sizes() {
            for opener in OPENERS {
                let mut stage = Stage::new(width, height, PLAIN);
                stage.show(world);
                press(&mut stage, world, opener);
                stage.press(world, KeyCode::End).press(world, KeyCode::Down);
            }
        }
    }
}

#[test]
fn a_thousand_rows_scroll_to_their_end() {
    let mut world = World::open("example.com.", true, 1000);
    world.find_parents().parents_delegate(26, &world::GOOD).good_servers_answer(0);
    for number in [3, 500, 999] {
        world.resolver_says(number, Says::Good, 3);
    }
    for (width, height) in [(1, 1), (80, 24), (200, 60), (500, 200)] {
        let mut stage = Stage::new(width, height, PLAIN);
        stage.show(&world).press(&world, KeyCode::End).press(&world, KeyCode::PageUp).press(&world, KeyCode::End);
        if width >= 80 {
            let mark = stage.lines().into_iter().filter(|l| l.starts_with('▌')).count();
            assert_eq!(mark, 1, "the selected row is in sight");
        }
    }
}

#[test]
fn a_terminal_that_shrinks_between_two_frames_is_drawn_at_its_new_size() {
    let world = world::parked();
    let mut stage = Stage::new(120, 40, PLAIN);
    stage.show(&world).press(&world, KeyCode::End);
    for (width, height) in [(20, 5), (1, 1), (120, 40)] {
        stage.terminal.backend_mut().resize(width, height);
        stage.show(&world).send(&world, &Event::Resize(width, height));
    }
    assert!(stage.text().contains("PARKED AT PARENT"));
}

#[test]
fn the_decisive_parts_stay_when_the_terminal_is_tiny() {
    let world = world::parked();
    let mut stage = Stage::new(40, 10, PLAIN);
    stage.show(&world);
    let text = stage.text();
    assert!(text.contains("PARKED AT PARENT") && text.contains("→ Renew") && text.contains("Parent ✗"), "{text}");
}

#[test]
fn no_colour_is_sent_without_colour_and_16_are_enough() {
    let world = world::parked();
    for (colour, plain) in [(ColourMode::None, true), (ColourMode::Sixteen, false), (ColourMode::True, false)] {
        let mut stage = Stage::new(80, 24, Look { colour, ascii: false });
        stage.show(&world);
        let cells = &stage.terminal.backend().buffer().content;
        let reset = |c: ratatui::style::Color| c == ratatui::style::Color::Reset;
        assert_eq!(cells.iter().all(|c| reset(c.fg)), plain);
        assert!(cells.iter().all(|c| reset(c.bg)), "backgrounds are the terminal's");
    }
}

fn any_event() -> impl Strategy<Value = Event> {
    let codes = prop_oneof![
        8 => proptest::char::range(' ', '~').prop_map(KeyCode::Char),
        1 => any::<char>().prop_map(KeyCode::Char),
        6 => proptest::sample::select(vec![
            KeyCode::Enter, KeyCode::Esc, KeyCode::Up, KeyCode::Down, KeyCode::Left, KeyCode::Right, KeyCode::Home,
            KeyCode::End, KeyCode::PageUp, KeyCode::PageDown, KeyCode::Tab, KeyCode::BackTab, KeyCode::Backspace,
            KeyCode::Delete, KeyCode::F(5),
        ]),
    ];
    let keys = (codes, any::<bool>()).prop_map(|(code, control)| {
        let held = if control && code != KeyCode::Char('c') { KeyModifiers::CONTROL } else { KeyModifiers::NONE };
        Event::Key(KeyEvent::new(code, held))
    });
    let kinds = vec![MouseEventKind::ScrollUp, MouseEventKind::ScrollDown, MouseEventKind::Down(MouseButton::Left)];
    let mouse = (proptest::sample::select(kinds), 0..600_u16, 0..300_u16)
        .prop_map(|(kind, column, row)| Event::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE }));
    let paste = ".{0,40}".prop_map(Event::Paste);
    let resize = (0..160_u16, 0..60_u16).prop_map(|(w, h)| Event::Resize(w, h));
    prop_oneof![12 => keys, 2 => mouse, 1 => paste, 1 => resize]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_sequence_of_events_panics(
        events in proptest::collection::vec(any_event(), 1..40),
        width in 1..160_u16,
        height in 1..60_u16,
        which in 0..3_usize,
    ) {
        let world = &WORLDS[which];
        let mut stage = Stage::new(width, height, PLAIN);
        stage.show(world);
        for event in &events {
            stage.send(world, event);
        }
    }
}
