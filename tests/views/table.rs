//! The table: folding, filtering, sorting, freezing, moving columns; and what opens from it.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use unpark::incident::{Allowance, Budget};
use unpark::view::tui::{Base, Keys, Palette, Wish};

use crate::stage::{PLAIN, Stage};
use crate::world::{self, World};

fn stage(world: &World, width: u16, height: u16) -> Stage {
    let mut stage = Stage::new(width, height, PLAIN);
    stage.show(world);
    stage
}

fn key(c: char) -> KeyCode {
    KeyCode::Char(c)
}

fn mouse(stage: &mut Stage, world: &World, kind: MouseEventKind, column: u16, row: u16) {
    stage.send(world, &Event::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE }));
}

fn click(stage: &mut Stage, world: &World, column: usize, row: usize) {
    let (column, row) = (u16::try_from(column).unwrap(), u16::try_from(row).unwrap());
    mouse(stage, world, MouseEventKind::Down(MouseButton::Left), column, row);
    mouse(stage, world, MouseEventKind::Up(MouseButton::Left), column, row);
}

/// Line and column at which a text stands.
fn find(stage: &Stage, text: &str) -> (usize, usize) {
    let lines = stage.lines();
    let row = lines.iter().position(|l| l.contains(text)).unwrap_or_else(|| panic!("no {text}:\n{}", stage.text()));
    let before = lines[row].split(text).next().unwrap();
    (row, before.chars().count())
}

#[test]
fn operators_fold_into_one_line_with_their_worst_verdict_and_open_again() {
    let world = world::converging();
    let mut stage = stage(&world, 120, 40);
    stage.press(&world, key('g'));
    let text = stage.text();
    assert!(text.contains("✗ ▸ Cloudflare") && text.contains("1 parked, 1 draining"), "{text}");
    assert!(text.contains("✓ ▸ Google") && text.contains("2 correct") && !text.contains("8.8.8.8"), "{text}");
    assert!(text.contains("Quad9               9.9.9.10"), "who has one address stays as it is");
    let (row, column) = find(&stage, "▸ Cloudflare");
    click(&mut stage, &world, column, row);
    click(&mut stage, &world, column, row);
    assert!(stage.text().contains("▾ Cloudflare") && stage.text().contains("2606:4700:4700::1111"), "{}", stage.text());
    stage.press(&world, KeyCode::Enter);
    assert!(stage.text().contains("▸ Cloudflare"), "Enter folds what it opened");
    stage.press(&world, key('g'));
    assert!(stage.text().contains("▌✗ Cloudflare"), "the selection is one of its rows:\n{}", stage.text());
}

#[test]
fn filters_look_at_fields_and_say_what_has_no_effect() {
    let world = world::converging();
    let mut stage = stage(&world, 160, 24);
    for (typed, shown) in [
        ("verdict:parked", 3),
        ("verdict:wrong", 5),
        ("!verdict:correct,silent", 5),
        ("country:ru,cn", 3),
        ("op:google", 2),
        ("region:oc", 1),
        ("continent:europe", 1),
        ("address:2606", 1),
        ("2001:4860", 1),
        ("uses:pendingrenewal", 3),
        ("verdict:parked op:cloudflare", 1),
        ("moskva", 1),
    ] {
        stage.press(&world, key('/')).type_text(&world, typed).press(&world, KeyCode::Enter);
        assert!(stage.text().contains(&format!("filter: {shown} shown")), "{typed}:\n{}", stage.text());
        stage.press(&world, KeyCode::Esc);
    }
    stage.press(&world, key('/')).type_text(&world, "colour:red");
    assert!(stage.text().contains("no field \"colour\""), "{}", stage.text());
}

#[test]
fn a_number_above_the_table_opens_the_rows_it_counts() {
    let world = world::converging();
    let mut stage = stage(&world, 120, 24);
    let (row, column) = find(&stage, "✗ 3 parked");
    click(&mut stage, &world, column + 2, row);
    assert!(stage.text().contains("filter: 3 shown"), "{}", stage.text());
    let (row, column) = find(&stage, "✗ 3 parked");
    click(&mut stage, &world, column + 2, row);
    assert!(!stage.text().contains("filter:"));
}

#[test]
fn every_number_of_the_screen_opens() {
    let world = world::converging();
    for (size, text, opens) in [
        ((200, 60), "CONVERGING", "What happened:"),
        ((200, 60), "of 16 correct", "Resolvers:"),
        ((200, 60), "26 of 26", "a.gtld-servers.net"),
        ((200, 60), "LAST KNOWN TO TURN", "whole answers"),
        ((200, 60), "estimate:", "The numbers, a line for each change"),
        ((200, 60), "warning: ", "advice"),
        ((200, 60), "EXPECTED", "Which name servers should"),
        ((200, 60), "that answer, ", "The numbers, a line for each change"),
        ((200, 60), "placed, ", "The rows behind a line"),
        ((200, 60), "What happened (UTC)", "What happened:"),
        ((80, 24), " asked]", "What is asked, and what was lost"),
    ] {
        let mut stage = stage(&world, size.0, size.1);
        let (row, column) = find(&stage, text);
        click(&mut stage, &world, column + 1, row);
        assert!(stage.text().contains(opens), "{text} opens {opens}:\n{}", stage.text());
    }
}

#[test]
fn the_rung_of_the_resolvers_opens_to_the_rows_that_each_number_counts() {
    let world = world::converging();
    let mut stage = stage(&world, 120, 40);
    stage.open(&world, "p>>");
    let (row, column) = find(&stage, "uses the parked servers");
    assert!(stage.lines()[row].contains("parked   3"), "{}", stage.text());
    click(&mut stage, &world, column, row);
    click(&mut stage, &world, column, row);
    assert!(stage.text().contains("filter: 3 shown"), "{}", stage.text());
    assert_eq!(stage.lines().iter().filter(|l| l.starts_with('▌')).count(), 1, "the first of them is selected");
    // By keys alone, from the screen for the wall.
    stage.press(&world, KeyCode::Esc).open(&world, "wp>>\n");
    assert!(stage.text().contains("filter: 3 shown") && stage.text().contains("RESOLVER"), "{}", stage.text());
}

#[test]
fn a_flush_step_opens_to_the_rows_that_prove_it() {
    let world = world::converging();
    let mut stage = stage(&world, 120, 40);
    stage.open(&world, "fv");
    assert!(stage.text().contains("filter: 2 shown") && stage.text().contains("1.1.1.1"), "{}", stage.text());
    assert!(stage.wishes.is_empty());
}

#[test]
fn an_armed_flush_opens_from_its_notice() {
    let mut world = world::parked();
    let act = unpark::incident::FlushAct::Armed(unpark::incident::FlushChoice::usual());
    world.tell(&unpark::incident::Event::FlushActed { by: "lena".to_owned(), act });
    world.settle();
    let mut stage = stage(&world, 120, 40);
    let (row, column) = find(&stage, "Flush armed by lena");
    click(&mut stage, &world, column, row);
    assert!(stage.text().contains("ARMED by lena"), "{}", stage.text());
}

#[test]
fn what_is_left_of_the_budget_is_shown_in_all_and_for_a_row() {
    let mut world = world::converging();
    let address = world::resolver(2).address;
    world.incident.note_budget(Budget {
        per_second: 20.0,
        left: 13.0,
        nonces_per_second: 5.0,
        nonces_left: 3.0,
        last_minute: 212,
        address: Allowance { per_second: 1.0, at_once: 5.0, left: 5.0 },
        operator: Allowance { per_second: 2.0, at_once: 10.0, left: 10.0 },
        addresses: vec![(address, 2.4)],
        operators: vec![("Cloudflare".to_owned(), 7.0)],
        first_round: false,
    });
    let mut stage = stage(&world, 200, 60);
    stage.open(&world, "b");
    let text = stage.text();
    assert!(text.contains("13 of 20 questions a second, 3 of 5 nonces; 212 asked in the last minute"), "{text}");
    assert!(text.contains("1 addresses of 1 operators have less left") && text.contains("calibration"), "{text}");
    stage.press(&world, KeyCode::Esc).open(&world, "/1.1.1.1\n\n");
    let text = stage.text();
    assert!(text.contains("2 of 5 (and 1 more a second) questions could go to this address now"), "{text}");
    assert!(text.contains("7 of 10 (and 2 more a second) to all of Cloudflare"), "{text}");
}

#[test]
fn a_click_on_the_screen_for_the_wall_opens_a_rung_or_goes_back_to_the_rows() {
    let world = world::converging();
    let mut stage = stage(&world, 120, 40);
    stage.open(&world, "w");
    let (row, column) = find(&stage, "26 of 26");
    click(&mut stage, &world, column, row);
    assert!(stage.text().contains("a.gtld-servers.net"), "{}", stage.text());
    stage.press(&world, KeyCode::Esc);
    click(&mut stage, &world, 60, 20);
    assert!(stage.text().contains("RESOLVER"), "{}", stage.text());
}

#[test]
fn a_click_on_a_title_sorts_by_it_and_a_second_turns_the_order_round() {
    let world = world::converging();
    let mut stage = stage(&world, 120, 24);
    stage.press(&world, KeyCode::Down);
    let selected = |stage: &Stage| stage.lines().into_iter().find(|l| l.starts_with('▌')).unwrap();
    let before = selected(&stage);
    let (row, column) = find(&stage, "RESOLVER");
    click(&mut stage, &world, column, row);
    assert!(stage.text().contains("RESOLVER▼") && stage.lines()[row + 1].contains("114DNS"), "{}", stage.text());
    assert_eq!(selected(&stage), before, "the selection goes with its resolver");
    click(&mut stage, &world, column, row);
    assert!(stage.text().contains("RESOLVER▲"), "{}", stage.text());
    // Through every order: the selection stays.
    let mut orders = std::collections::BTreeSet::new();
    for _ in 0..14 {
        stage.press(&world, key('s'));
        let order = stage.lines()[row - 1].split("sort: ").nth(1).unwrap().to_owned();
        assert_eq!(selected(&stage), before, "sorted by {order}");
        orders.insert(order);
    }
    assert!(orders.len() > 5, "{orders:?}");
}

#[test]
fn a_frozen_order_stays_until_it_is_let_go() {
    let mut world = world::parked();
    let mut stage = stage(&world, 80, 24);
    stage.press(&world, key('z'));
    let names = |stage: &Stage| {
        let lines = stage.lines().into_iter().skip_while(|l| !l.contains("RESOLVER")).skip(1);
        lines.map(|l| l.chars().skip(3).take(12).collect::<String>()).take(9).collect::<Vec<_>>()
    };
    let before = names(&stage);
    world.resolver_says(11, world::Says::Good, 14).pass(120).settle();
    stage.show(&world);
    assert_eq!(names(&stage), before);
    assert!(stage.text().contains("frozen: z"), "{}", stage.text());
    stage.press(&world, key('z'));
    assert_ne!(names(&stage), before);
}

#[test]
fn narrow_terminals_move_their_columns() {
    let world = world::converging();
    let mut stage = stage(&world, 80, 24);
    assert!(!stage.text().contains("SAMPLES"));
    for _ in 0..4 {
        stage.press(&world, KeyCode::Right);
    }
    assert!(stage.text().contains("SAMPLES") && stage.text().contains("RESOLVER"), "{}", stage.text());
    assert!(stage.text().contains("◂ 4 columns"), "{}", stage.text());
    stage.press(&world, KeyCode::Esc);
    assert!(!stage.text().contains("◂"));
}

#[test]
fn borders_are_dragged_and_panes_opened_by_a_click() {
    let world = world::converging();
    let mut stage = stage(&world, 200, 60);
    let (row, column) = find(&stage, "─ Correct over time");
    let (from, to) = (u16::try_from(row).unwrap(), u16::try_from(row - 6).unwrap());
    mouse(&mut stage, &world, MouseEventKind::Down(MouseButton::Left), 40, from);
    mouse(&mut stage, &world, MouseEventKind::Drag(MouseButton::Left), 40, to);
    mouse(&mut stage, &world, MouseEventKind::Up(MouseButton::Left), 40, to);
    assert_eq!(find(&stage, "─ Correct over time"), (row - 6, column));
    click(&mut stage, &world, 40, row);
    assert!(stage.text().contains("The numbers, a line for each change"), "{}", stage.text());
    stage.press(&world, KeyCode::Esc);
    let (row, column) = find(&stage, "│ EXPECTED");
    let at = u16::try_from(column).unwrap();
    let row = u16::try_from(row).unwrap();
    mouse(&mut stage, &world, MouseEventKind::Down(MouseButton::Left), at, row);
    mouse(&mut stage, &world, MouseEventKind::Drag(MouseButton::Left), at - 20, row);
    assert_eq!(find(&stage, "│ EXPECTED").1, column - 20);
    mouse(&mut stage, &world, MouseEventKind::Up(MouseButton::Left), at - 20, row);
    let (row, column) = find(&stage, "─ What happened");
    let (at, row) = (u16::try_from(column + 3).unwrap(), u16::try_from(row).unwrap());
    mouse(&mut stage, &world, MouseEventKind::Down(MouseButton::Left), at, row);
    mouse(&mut stage, &world, MouseEventKind::Drag(MouseButton::Left), at, row - 4);
    assert_eq!(find(&stage, "─ What happened").0, usize::from(row - 4));
    mouse(&mut stage, &world, MouseEventKind::Up(MouseButton::Left), at, row - 4);
    let (row, column) = find(&stage, "─ Where");
    let (at, below) = (u16::try_from(column).unwrap(), u16::try_from(row + 4).unwrap());
    mouse(&mut stage, &world, MouseEventKind::Down(MouseButton::Left), at, below);
    mouse(&mut stage, &world, MouseEventKind::Drag(MouseButton::Left), at + 9, below);
    assert_eq!(find(&stage, "─ Where").1, column + 9);
    // Beyond every bound both sides keep something.
    mouse(&mut stage, &world, MouseEventKind::Drag(MouseButton::Left), 199, below);
    assert!(stage.text().contains("─ Where") && stage.text().contains("─ Correct over time"), "{}", stage.text());
}

#[test]
fn every_server_opens_to_its_answers_and_escape_goes_back_one_step() {
    let world = world::split();
    let mut stage = stage(&world, 120, 40);
    let (row, column) = find(&stage, "Parent com.");
    click(&mut stage, &world, column, row);
    stage.press(&world, KeyCode::Down).press(&world, KeyCode::Enter).press(&world, key('v'));
    let text = stage.text();
    assert!(text.contains("a.gtld-servers.net") || text.contains("b.gtld-servers.net"), "{text}");
    assert!(text.contains("delegates") && text.contains(";; AUTHORITY") && text.contains("history"), "{text}");
    stage.press(&world, KeyCode::Esc);
    assert!(stage.text().contains("next rung"), "back to the servers:\n{}", stage.text());
    stage.press(&world, KeyCode::Esc);
    assert!(!stage.text().contains("next rung"));
}

#[test]
fn a_resolver_is_added_by_its_address() {
    let world = world::converging();
    let mut stage = stage(&world, 100, 30);
    stage.press(&world, key('a')).type_text(&world, "8.8.8.8").press(&world, KeyCode::Enter);
    assert!(stage.wishes.is_empty() && stage.text().contains("asked already, as Google"), "{}", stage.text());
    for _ in 0.."8.8.8.8".len() {
        stage.press(&world, KeyCode::Backspace);
    }
    stage.type_text(&world, "192.0.2.53:5353").press(&world, KeyCode::Enter);
    assert_eq!(stage.wishes, [Wish::AddResolver("192.0.2.53:5353".parse().unwrap())]);
}

#[test]
fn the_table_is_copied_as_it_is_filtered_and_sorted() {
    let world = world::converging();
    let mut stage = stage(&world, 100, 30);
    stage.press(&world, key('/')).type_text(&world, "op:cloudflare").press(&world, KeyCode::Enter);
    stage.press(&world, key('Y'));
    let [Wish::Copy(text)] = &stage.wishes[..] else { panic!("{:?}", stage.wishes) };
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 4, "{text}");
    assert!(lines[0].starts_with("example.com at 2026-11-22T12:53:25") && lines[1].starts_with("VERDICT"), "{text}");
    assert!(lines[2].starts_with("parked") && lines[3].starts_with("draining"), "{text}");
}

#[test]
fn keys_are_as_the_operator_bound_them_also_in_the_help() {
    let world = world::converging();
    let mut stage = stage(&world, 120, 60);
    let mut keys = Keys::default();
    keys.bind("map", &["F2".to_owned()]).unwrap();
    keys.bind("sort", &["m".to_owned()]).unwrap();
    keys.check().unwrap();
    stage.app = stage.app.clone().with(Palette::of(Base::Dark), keys);
    stage.press(&world, key('m'));
    assert!(stage.text().contains("sort: time left"), "{}", stage.text());
    stage.press(&world, KeyCode::F(2));
    assert!(stage.text().contains("stand on no map"), "{}", stage.text());
    stage.press(&world, KeyCode::Esc).press(&world, key('?'));
    assert!(stage.text().contains("  F2      where the resolvers stand"), "{}", stage.text());
}

#[test]
fn control_z_asks_to_be_suspended_wherever_it_is_pressed() {
    let world = world::converging();
    let mut stage = stage(&world, 100, 30);
    for opener in ['x', '?', 'e', '/'] {
        stage.press(&world, key(opener));
        stage.send(&world, &Event::Key(KeyEvent::new(key('z'), KeyModifiers::CONTROL)));
        assert_eq!(stage.wishes.pop(), Some(Wish::Suspend));
        stage.press(&world, KeyCode::Esc);
    }
}

#[test]
fn what_is_old_says_so() {
    let mut world = world::converging();
    world.pass(900).settle();
    let stage = stage(&world, 120, 40);
    assert!(stage.text().contains("expected 15 min ago"), "{}", stage.text());
}

#[test]
fn themes_go_round() {
    let world = world::converging();
    let mut stage = stage(&world, 100, 30);
    for name in ["light", "high-contrast", "colour-blind", "dark"] {
        stage.press(&world, key('T'));
        assert!(stage.text().contains(&format!("theme: {name}")), "{}", stage.text());
    }
}
