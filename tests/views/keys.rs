//! Keys in, screen and wish out.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use unpark::dns::RecordType;
use unpark::flush::{FlushOperator, FlushOutcome};
use unpark::incident::{FlushAct, FlushChoice, Survey};
use unpark::view::tui::Wish;

use crate::stage::{PLAIN, Stage};
use crate::world::{self, GOOD, PARKED, Says, World, name, set};

const ENTER: KeyCode = KeyCode::Enter;

fn key(c: char) -> KeyCode {
    KeyCode::Char(c)
}

fn stage(world: &World) -> Stage {
    let mut stage = Stage::new(80, 24, PLAIN);
    stage.show(world);
    stage
}

fn mouse(kind: MouseEventKind, column: u16, row: u16) -> Event {
    Event::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE })
}

/// The line on which the selection's mark stands.
fn selected(stage: &Stage) -> Option<String> {
    stage.lines().into_iter().find(|line| line.starts_with('▌'))
}

#[test]
fn q_and_control_c_quit_but_q_in_a_line_is_a_letter() {
    let world = world::parked();
    let mut stage = stage(&world);
    stage.press(&world, key('q'));
    assert_eq!(stage.wishes, [Wish::Quit]);
    stage.press(&world, key('/')).press(&world, key('q'));
    assert_eq!(stage.wishes.len(), 1);
    assert!(stage.text().contains("filter: q"));
    stage.send(&world, &Event::Key(KeyEvent::new(key('c'), KeyModifiers::CONTROL)));
    assert_eq!(stage.wishes, [Wish::Quit, Wish::Quit]);
}

#[test]
fn an_expectation_is_typed_checked_and_accepted() {
    let world = world::starting();
    let mut stage = stage(&world);
    stage.press(&world, key('e')).press(&world, ENTER);
    assert!(stage.wishes.is_empty(), "nothing typed is nothing accepted");
    stage.type_text(&world, "NS1.Good.example").press(&world, key(' ')).type_text(&world, "ns2..example");
    assert!(stage.text().contains("ns2..example: the name has an empty label"), "{}", stage.text());
    stage.press(&world, ENTER);
    assert!(stage.wishes.is_empty());
    for _ in 0.."ns2..example".len() {
        stage.press(&world, KeyCode::Backspace);
    }
    stage.type_text(&world, "ns2.good.example").press(&world, ENTER);
    assert_eq!(stage.wishes, [Wish::AcceptExpectation(set(&GOOD))]);
    assert!(!stage.text().contains("What is correct"), "the dialog is closed");
}

#[test]
fn a_proposal_is_only_taken_when_chosen_and_confirmed_and_parked_ones_are_named() {
    let mut world = World::open("example.com.", false, 2);
    world.find_parents().parents_delegate(26, &PARKED);
    let mut stage = stage(&world);
    stage.press(&world, key('e'));
    assert!(stage.text().contains("PARKED: held now by 26 of 26 parent servers"), "{}", stage.text());
    assert!(stage.text().contains("type the names"), "no proposal stands in the line unasked");
    stage.press(&world, KeyCode::Down).press(&world, KeyCode::Esc);
    assert!(stage.wishes.is_empty());
}

#[test]
fn a_note_is_typed_made_and_shown_with_the_others() {
    let mut world = world::parked();
    world.tell(&unpark::incident::Event::NoteMade("called \u{1b}[2Jthe registrar".to_owned()));
    let mut stage = stage(&world);
    stage.press(&world, key('n')).press(&world, ENTER);
    assert!(stage.wishes.is_empty(), "nothing typed is no note");
    assert!(stage.text().contains("called \\u{1b}[2Jthe registrar"), "{}", stage.text());
    stage.type_text(&world, "invoice paid ").press(&world, ENTER);
    assert_eq!(stage.wishes, [Wish::MakeNote("invoice paid".to_owned())]);
    assert!(stage.text().contains("noted, with its time"), "{}", stage.text());
}

#[test]
fn r_saves_the_report() {
    let world = world::parked();
    let mut stage = stage(&world);
    stage.press(&world, key('r'));
    assert_eq!(stage.wishes, [Wish::SaveReport]);
    assert!(stage.text().contains("saving the report"), "{}", stage.text());
}

#[test]
fn a_refused_flush_sends_nothing_until_the_domain_is_typed() {
    let world = world::parked();
    let mut stage = stage(&world);
    stage.press(&world, key('f'));
    assert!(
        stage.text().contains("This is missing") && stage.text().contains("26 of 26 parent servers"),
        "{}",
        stage.text()
    );
    stage.type_text(&world, "!yes").press(&world, ENTER);
    stage.send(&world, &Event::Paste("example.com".to_owned())).press(&world, ENTER);
    assert!(stage.wishes.is_empty() && stage.text().contains("Not now"), "{}", stage.text());
    for _ in 0..3 {
        stage.press(&world, KeyCode::Backspace);
    }
    stage.type_text(&world, "example.com").press(&world, ENTER);
    assert!(stage.wishes.is_empty(), "overriding the guard shows the plan and sends nothing");
    assert!(stage.text().contains("You overrode the guard") && stage.text().contains("nothing sent yet"));
    stage.press(&world, ENTER);
    let [Wish::Flush { steps, against }] = &stage.wishes[..] else { panic!("{:?}", stage.wishes) };
    assert_eq!(steps.len(), 5);
    assert!(against.iter().any(|a| a.contains("26 of 26 parent servers")), "{against:?}");
}

#[test]
fn a_flush_is_armed_shown_and_cancelled() {
    let mut world = world::parked();
    let mut stage = stage(&world);
    stage.press(&world, key('f')).press(&world, ENTER);
    assert!(stage.wishes.is_empty(), "Enter, which would send, arms nothing");
    stage.press(&world, key('w'));
    let [Wish::ArmFlush(choice)] = &stage.wishes[..] else { panic!("{:?}", stage.wishes) };
    assert_eq!(*choice, FlushChoice::usual());
    let act = FlushAct::Armed(choice.clone());
    world.tell(&unpark::incident::Event::FlushActed { by: "lena".to_owned(), act });
    world.settle();
    stage.wishes.clear();
    stage.show(&world);
    assert!(stage.text().contains("ARMED by lena"), "{}", stage.text());
    stage.press(&world, KeyCode::Esc);
    assert!(stage.text().contains("Flush armed by lena"), "the screen says so: {}", stage.text());
    stage.press(&world, key('f')).press(&world, key('x'));
    assert_eq!(stage.wishes, [Wish::DisarmFlush]);
}

#[test]
fn a_flush_asks_cloudflare_once_and_hands_the_rest_over_step_by_step() {
    let mut world = world::converging();
    world.resolver_says(0, Says::ParkedUnknown, 2).settle();
    let mut stage = stage(&world);
    stage.press(&world, key('f'));
    assert!(stage.wishes.is_empty(), "opening the dialog sends nothing");
    // The last step but one is left out, and the cursor goes on.
    stage.press(&world, KeyCode::Down).press(&world, key(' '));
    stage.press(&world, ENTER);
    let [Wish::Flush { steps, against }] = &stage.wishes[..] else { panic!("{:?}", stage.wishes) };
    assert!(steps.iter().all(|s| s.operator == FlushOperator::Cloudflare) && against.is_empty());
    assert_eq!(steps[0].rtype, RecordType::NS, "the apex NS comes first");
    assert!(steps.iter().all(|s| s.rtype != RecordType::A), "left out");
    let steps = steps.clone();
    stage.press(&world, ENTER);
    assert_eq!(stage.wishes.len(), 1, "a second Enter sends nothing again");
    let act = FlushAct::Ordered { steps, against: Vec::new() };
    world.pass(1).tell(&unpark::incident::Event::FlushActed { by: "lena".to_owned(), act });
    world.flush_ended(FlushOperator::Cloudflare, RecordType::NS, world::sent());
    stage.show(&world);
    assert!(
        stage.text().contains("clean on 0 of 2") && stage.text().contains("sent, no reply yet"),
        "{}",
        stage.text()
    );
    assert!(!stage.text().to_lowercase().contains("flushed"), "{}", stage.text());
    stage.press(&world, ENTER);
    assert_eq!(stage.wishes.len(), 1, "nothing is sent twice unasked");

    stage.wishes.clear();
    stage.press(&world, key('o'));
    assert!(stage.wishes.is_empty(), "Cloudflare has no page for a step");
    for _ in 0..3 {
        stage.press(&world, KeyCode::Down);
    }
    assert!(stage.text().contains("Google 1 of"), "{}", stage.text());
    stage.press(&world, key('o')).press(&world, key('y')).press(&world, key('t')).press(&world, key('d'));
    let [page, copied, rtype, Wish::FlushDone(done)] = &stage.wishes[..] else { panic!("{:?}", stage.wishes) };
    assert_eq!(*page, Wish::OpenPage("https://dns.google/cache".to_owned()));
    assert_eq!((copied, rtype), (&Wish::Copy("example.com".to_owned()), &Wish::Copy("NS".to_owned())));
    assert_eq!((done.operator, done.rtype), (FlushOperator::Google, RecordType::NS));
    world.flush_ended(FlushOperator::Google, RecordType::NS, FlushOutcome::DoneByHand);
    stage.show(&world).press(&world, KeyCode::Up);
    assert!(stage.text().contains("done by hand 12:53:26"), "{}", stage.text());
}

#[test]
fn the_guard_looks_again_when_the_key_is_pressed() {
    let mut world = world::converging();
    let mut stage = stage(&world);
    stage.press(&world, key('f'));
    assert!(stage.text().contains("planned"));
    world.parents_delegate(1, &PARKED);
    stage.press(&world, ENTER);
    assert!(stage.wishes.is_empty() && stage.text().contains("1 of 26 parent servers still hold"), "{}", stage.text());
}

#[test]
fn the_survey_says_what_it_costs_and_is_changed_by_choice() {
    let world = world::parked();
    let mut stage = stage(&world);
    stage.press(&world, key('u'));
    assert!(stage.text().contains("stores") && stage.text().contains("once (now)"));
    stage.press(&world, KeyCode::Down).press(&world, ENTER);
    assert_eq!(stage.wishes, [Wish::SetSurvey(Survey::Always)]);
}

#[test]
fn hosts_are_asked_for_by_name() {
    let world = world::parked();
    let mut stage = stage(&world);
    stage.press(&world, key('h')).type_text(&world, "www").press(&world, ENTER);
    assert_eq!(stage.wishes, [Wish::WatchHosts(vec![name("www.example.com.")])]);
}

#[test]
fn the_sentence_for_customers_is_copied_whole() {
    let world = world::parked();
    let mut stage = stage(&world);
    stage.press(&world, key('y'));
    let [Wish::Copy(text)] = &stage.wishes[..] else { panic!("{:?}", stage.wishes) };
    assert!(text.starts_with("As of 2026-11-22 11:52 UTC, example.com") && text.ends_with("afterwards."));
}

#[test]
fn a_filter_hides_rows_as_it_is_typed_and_escape_takes_it_back() {
    let world = world::parked();
    let mut stage = stage(&world);
    stage.press(&world, key('/')).type_text(&world, "google");
    assert!(stage.text().contains("filter: 2 shown") && !stage.text().contains("Quad9"));
    stage.press(&world, KeyCode::Esc);
    assert!(stage.text().contains("114DNS") && !stage.text().contains("filter:"));
    stage.press(&world, key('/')).type_text(&world, "nobody").press(&world, ENTER);
    assert!(stage.text().contains("no row passes the filter"));
}

#[test]
fn the_selection_belongs_to_a_resolver_and_rows_keep_still_while_they_are_read() {
    let mut world = world::parked();
    let mut stage = stage(&world);
    stage.press(&world, KeyCode::Down).press(&world, KeyCode::Down);
    let before = selected(&stage).unwrap();
    assert!(before.contains("Yandex"), "{before}");
    let order = stage.lines()[10..20].iter().map(|l| l[..20].to_owned()).collect::<Vec<_>>();
    // The row above turns; minutes pass. The order stays, the row changes in place.
    for _ in 0..60 {
        world.pass(2).resolver_says(12, Says::Good, 1);
        stage.show(&world);
    }
    assert!(selected(&stage).unwrap().contains("Yandex"));
    let after = stage.lines()[10..20].iter().map(|l| l[..20].to_owned()).collect::<Vec<_>>();
    let names =
        |lines: &[String]| lines.iter().map(|l| l.chars().skip(3).take(12).collect::<String>()).collect::<Vec<_>>();
    assert_eq!(names(&order), names(&after));
    // Sorted by a key press, the selection goes with its resolver.
    stage.press(&world, key('s')).press(&world, key('s'));
    assert!(selected(&stage).unwrap().contains("Yandex"));
    // Let go, and the rows sort themselves again.
    stage.press(&world, KeyCode::Esc);
    assert_eq!(selected(&stage), None);
}

#[test]
fn left_alone_the_rows_sort_themselves() {
    let mut world = World::open("example.com.", true, 16);
    let mut stage = stage(&world);
    assert!(stage.lines()[6].contains("Google"));
    world.find_parents().parents_delegate(26, &PARKED).good_servers_answer(0).parked_servers_answer();
    for number in 0..15 {
        world.resolver_says(number, Says::Good, 1);
    }
    world.resolver_says(15, Says::Other, 1).pass(6).settle();
    stage.show(&world);
    let first = stage.lines().into_iter().skip_while(|l| !l.contains("RESOLVER")).nth(1).unwrap();
    assert!(first.contains("CNNIC"), "the loudest comes first: {first}");
}

#[test]
fn countdowns_follow_the_clock() {
    let mut world = world::parked();
    let mut stage = stage(&world);
    assert!(stage.text().contains(" 5:51:52"));
    world.pass(1);
    stage.show(&world);
    assert!(stage.text().contains(" 5:51:51"));
    world.pass(22_000);
    stage.show(&world);
    assert!(stage.text().contains("   due"), "{}", stage.text());
}

#[test]
fn a_click_selects_a_second_opens_and_the_wheel_scrolls() {
    let world = world::parked();
    let mut stage = stage(&world);
    let row = u16::try_from(stage.lines().iter().position(|l| l.contains("OpenDNS")).unwrap()).unwrap();
    let click = mouse(MouseEventKind::Down(MouseButton::Left), 10, row);
    stage.send(&world, &click);
    assert!(selected(&stage).unwrap().contains("OpenDNS"));
    stage.send(&world, &click);
    assert!(stage.text().contains("OpenDNS 208.67.222.222 · anycast"), "{}", stage.text());
    stage.press(&world, KeyCode::Esc).send(&world, &mouse(MouseEventKind::ScrollDown, 1, 1));
    assert!(!selected(&stage).unwrap().contains("OpenDNS"));
    stage.send(&world, &mouse(MouseEventKind::Down(MouseButton::Left), 10, 0));
    assert!(stage.text().contains("What happened:"), "the phase and its time open to what happened");
    stage.press(&world, KeyCode::Esc);
    assert!(selected(&stage).is_some());
}

#[test]
fn escape_always_goes_back_to_the_screen() {
    let world = world::converging();
    for opener in [
        "\n", "\nv", "p", "p>", "p>>", "p>\n", "p>\nv", "?", "F", "c", "m", "t", "b", "e", "ens1", "u", "h", "hwww",
        "n", "a", "f", "fa", "/", "/google", "w", "w?", "wp\n", "s", "z", "g", "g\n", ">", ">>",
    ] {
        let mut stage = stage(&world);
        let before = stage.text();
        stage.open(&world, opener);
        assert_ne!(stage.text(), before, "{opener:?} shows something");
        for _ in 0..4 {
            stage.press(&world, KeyCode::Esc);
        }
        assert!(stage.wishes.is_empty(), "{opener:?} asked for {:?}", stage.wishes);
        assert!(stage.text().contains("RESOLVER"), "{opener:?}:\n{}", stage.text());
        assert_eq!(selected(&stage), None, "{opener:?}");
        assert!(!stage.text().contains("filter:") && !stage.text().contains("frozen"), "{opener:?}:\n{}", stage.text());
    }
}

#[test]
fn escape_closes_one_thing_at_a_time() {
    let world = world::converging();
    let mut stage = Stage::new(120, 40, PLAIN);
    stage.show(&world).open(&world, "p>\n");
    assert!(stage.text().contains("whole answers"), "{}", stage.text());
    stage.press(&world, KeyCode::Esc);
    assert!(stage.text().contains("next rung"), "{}", stage.text());
    stage.press(&world, KeyCode::Esc);
    assert!(!stage.text().contains("next rung"), "{}", stage.text());
}

#[test]
fn every_rung_opens_to_all_its_servers() {
    let world = world::split();
    let mut stage = Stage::new(120, 60, PLAIN);
    stage.show(&world).press(&world, key('p'));
    let text: String = stage.lines().iter().filter(|line| line.starts_with('│')).map(|l| format!("{l}\n")).collect();
    for letter in 'a'..='m' {
        assert_eq!(text.matches(&format!(" {letter}.gtld-servers.net 192.0.2.")).count(), 1, "{letter}");
    }
    stage.press(&world, KeyCode::End);
    assert!(stage.text().contains("m.gtld-servers.net 2001:db8:5::3c"));
    stage.press(&world, KeyCode::Right);
    assert!(stage.text().contains("198.51.100.53") && stage.text().contains("serial 2026112201"), "{}", stage.text());
}

#[test]
fn scrolling_past_the_end_is_not_remembered() {
    let world = world::parked();
    let mut stage = stage(&world);
    stage.press(&world, key('?'));
    let top = stage.text();
    stage.press(&world, KeyCode::End).press(&world, KeyCode::PageDown).press(&world, KeyCode::Down);
    let end = stage.text();
    stage.press(&world, KeyCode::Up);
    assert_ne!(stage.text(), end, "one line up from the end is seen at once");
    stage.press(&world, KeyCode::Home);
    assert_eq!(stage.text(), top);
}

#[test]
fn what_is_copied_of_a_row_holds_its_answers_whole() {
    let world = world::parked();
    let mut stage = stage(&world);
    stage.press(&world, ENTER).press(&world, key('y'));
    let [Wish::Copy(text)] = &stage.wishes[..] else { panic!("{:?}", stage.wishes) };
    assert!(text.contains("verdict") && text.contains(";; AUTHORITY"), "{text}");
}
