//! Nothing panics, whatever the size, the keys and the number of rows; and hostile text stays in its cells.

use std::sync::LazyLock;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use proptest::prelude::*;
use unicode_width::UnicodeWidthStr as _;
use unpark::dns::shown::is_plain;
use unpark::view::tui::{ColourMode, Look};

use crate::stage::{PLAIN, Stage};
use crate::world::{self, Says, World};

/// Built once: judging them takes longer than drawing them.
static WORLDS: LazyLock<[World; 4]> =
    LazyLock::new(|| [World::open("example.com.", false, 0), world::parked(), world::converging(), world::hostile()]);

/// Every view, each by the keys that lead to it.
const OPENERS: [&str; 26] = [
    "", "w", "\n", "\nv", "g", "g\n", "p", "p>", "p>>", "p>\n", "?", "F", "c", "m", "t", "b", "e", "u", "h", "n", "a",
    "f", "f!", "/", ">>>", "sS",
];

/// Draws one view at one size, and sees that every cell holds only what may stand in it.
fn draw_at(world: &World, look: Look, (width, height): (u16, u16), opener: &str) {
    let mut stage = Stage::new(width, height, look);
    stage.show(world).open(world, opener);
    stage.press(world, KeyCode::End).press(world, KeyCode::Down);
    let buffer = stage.terminal.backend().buffer();
    assert_eq!((buffer.area.width, buffer.area.height), (width, height));
    for y in 0..height {
        let mut x = 0;
        while x < width {
            let symbol = buffer.cell((x, y)).unwrap().symbol();
            let at = || format!("{opener:?} at {width}x{height}, column {x} of line {y}: {symbol:?}");
            assert!(symbol.chars().all(|c| is_plain(c) || is_combining(c)), "{}", at());
            let wide = u16::try_from(symbol.width().max(1)).unwrap();
            assert!(x + wide <= width, "{}", at());
            x += wide;
        }
    }
}

/// What stands above or below the letter before it, and cannot leave its cell.
fn is_combining(c: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&c)
}

/// A seeded walk: the same numbers in every run.
struct Walk(u64);

impl Walk {
    fn below(&mut self, end: usize) -> usize {
        // Knuth's 64-bit linear congruential generator; its high bits are good enough here.
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end
    }
}

const LOOKS: [Look; 3] =
    [PLAIN, Look { colour: ColourMode::True, ascii: false }, Look { colour: ColourMode::Sixteen, ascii: true }];

/// Small terminals have the least room for a mistake: each size, with a view that changes from one to the next.
#[test]
fn every_view_fits_small_terminals() {
    let mut turn = 0;
    for width in 0..=40 {
        for height in 0..=12 {
            draw_at(&WORLDS[turn % 4], LOOKS[turn % 3], (width, height), OPENERS[turn % OPENERS.len()]);
            turn += 1;
        }
    }
}

/// Every view at many sizes of every kind, with text from outside that would like to leave its place.
#[test]
fn every_view_fits_every_size() {
    let mut walk = Walk(2026);
    for opener in OPENERS {
        for _ in 0..14 {
            let size = (1 + walk.below(220), 1 + walk.below(70));
            let size = (u16::try_from(size.0).unwrap(), u16::try_from(size.1).unwrap());
            // The hostile one every other time.
            let world = if walk.below(2) == 0 { &WORLDS[3] } else { &WORLDS[walk.below(4)] };
            draw_at(world, LOOKS[walk.below(3)], size, opener);
        }
    }
    for size in
        [(0, 40), (120, 0), (1, 200), (500, 1), (300, 100), (36, 9), (35, 9), (36, 8), (149, 31), (150, 32), (150, 48)]
    {
        for opener in ["", "w", "c", "m", "p"] {
            draw_at(&WORLDS[3], PLAIN, size, opener);
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
        which in 0..4_usize,
    ) {
        let world = &WORLDS[which];
        let mut stage = Stage::new(width, height, PLAIN);
        stage.show(world);
        for event in &events {
            stage.send(world, event);
        }
    }
}
