//! The screen over a journal: it plays, jumps and scrubs, says at every size that it is a replay, and acts on nothing.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use insta::assert_snapshot;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use unpark::flush::FlushEndpoints;
use unpark::journal::Replay;
use unpark::time::Timestamp;
use unpark::view::model::Board;
use unpark::view::tui::{App, Look, Player, ReplayAct, Stride, Tape, Told, Wish, draw};

use crate::stage::PLAIN;

/// A journal that is read ahead to its end.
static TAPE: LazyLock<Arc<Tape>> = LazyLock::new(|| {
    let mut replay = open();
    replay.go_to_end().unwrap();
    Arc::new(Tape::of(replay.incident(), replay.now(), true))
});

fn open() -> Replay {
    Replay::open(std::path::Path::new("tests/journals/v1.jsonl")).unwrap()
}

/// The screen with whoever tells the journal beside it, in virtual time.
struct Theatre {
    replay: Replay,
    told: Told,
    app: App,
    terminal: Terminal<TestBackend>,
    /// What was wished besides moving the replay.
    wishes: Vec<Wish>,
}

impl Theatre {
    fn new(width: u16, height: u16, look: Look, drill: bool) -> Self {
        let replay = open();
        let start = replay.header().started;
        let told = Told {
            incident: Arc::new(replay.view(start)),
            at: start,
            player: Player::new(start),
            tape: Arc::clone(&TAPE),
            said: (0, String::new()),
            notice: None,
        };
        let mut app = App::new(look, FlushEndpoints::default()).in_replay(told.clone(), drill);
        app.resize(width, height);
        let terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        let mut theatre = Self { replay, told, app, terminal, wishes: Vec::new() };
        theatre.show();
        theatre
    }

    fn show(&mut self) -> &mut Self {
        self.app.follow(self.told.clone());
        let mut board = Board::of(&self.told.incident, self.told.at);
        board.glance.notices.extend(self.app.outside_notice());
        self.app.refresh(&self.told.incident, &board);
        let (app, told) = (&self.app, &self.told);
        self.terminal.draw(|frame| draw(frame, app, &told.incident, &board)).unwrap();
        self
    }

    /// Reads on or back to where the player stands.
    fn arrive(&mut self) -> &mut Self {
        self.told.at = self.told.player.at();
        self.replay.go_to(self.told.at).unwrap();
        self.told.incident = Arc::new(self.replay.view(self.told.at));
        self.show()
    }

    fn send(&mut self, event: &Event) -> &mut Self {
        let board = Board::of(&self.told.incident, self.told.at);
        match self.app.update(event, &self.told.incident, &board) {
            Some(Wish::Replay(act)) => {
                if let Some(said) = self.told.player.act(act, &self.told.tape) {
                    self.told.said = (self.told.said.0 + 1, said);
                }
            }
            wish => self.wishes.extend(wish),
        }
        self.arrive()
    }

    fn hold(&mut self, code: KeyCode, held: KeyModifiers) -> &mut Self {
        self.send(&Event::Key(KeyEvent::new(code, held)))
    }

    fn press(&mut self, code: KeyCode) -> &mut Self {
        self.hold(code, KeyModifiers::NONE)
    }

    fn type_text(&mut self, text: &str) -> &mut Self {
        text.chars().for_each(|c| {
            self.press(KeyCode::Char(c));
        });
        self
    }

    /// So much real time passes.
    fn pass(&mut self, real: Duration) -> &mut Self {
        self.told.player.pass(real, &self.told.tape);
        self.arrive()
    }

    /// Seconds since the journal began.
    fn seconds(&self) -> u64 {
        self.told.at.since(self.told.tape.start).as_secs()
    }

    fn text(&self) -> String {
        self.terminal.backend().to_string()
    }

    fn lines(&self) -> String {
        self.text().lines().map(|line| format!("{}\n", line.trim_matches('"').trim_end())).collect()
    }
}

#[test]
fn space_plays_and_pauses_and_the_speed_is_shown() {
    let mut theatre = Theatre::new(120, 30, PLAIN, false);
    assert!(theatre.text().contains("playing 10x"), "{}", theatre.text());
    theatre.pass(Duration::from_secs(3));
    assert_eq!(theatre.seconds(), 30);
    theatre.press(KeyCode::Char(' ')).pass(Duration::from_secs(3));
    assert_eq!(theatre.seconds(), 30);
    assert!(theatre.text().contains("paused, 10x"), "{}", theatre.text());
    theatre.type_text("++- ").pass(Duration::from_secs(3));
    assert_eq!(theatre.seconds(), 90);
    assert!(theatre.text().contains("playing 20x") && theatre.text().contains("1:30 of 14:48"), "{}", theatre.text());
    theatre.type_text("++++++++").pass(Duration::from_secs(10));
    assert!(theatre.text().contains("at the end, 1000x"), "{}", theatre.text());
    assert!(theatre.text().contains("RECOVERED"), "{}", theatre.text());
    theatre.press(KeyCode::Char(' '));
    assert_eq!(theatre.seconds(), 0, "again from the beginning");
    assert!(theatre.wishes.is_empty(), "{:?}", theatre.wishes);
}

#[test]
fn arrows_scrub_and_the_state_is_that_of_then_in_both_directions() {
    let mut theatre = Theatre::new(120, 30, PLAIN, false);
    theatre.press(KeyCode::Char(' ')).press(KeyCode::Right).press(KeyCode::Right);
    assert_eq!(theatre.seconds(), 20);
    theatre.press(KeyCode::Char('.')).hold(KeyCode::Right, KeyModifiers::SHIFT);
    assert_eq!(theatre.seconds(), 140);
    assert!(theatre.text().contains("PARKED AT PARENT"), "{}", theatre.text());
    theatre.press(KeyCode::Char('>'));
    assert_eq!((theatre.seconds(), theatre.text().contains("CONVERGING")), (740, true));
    theatre.hold(KeyCode::Left, KeyModifiers::CONTROL).press(KeyCode::Char(',')).press(KeyCode::Left);
    assert_eq!(theatre.seconds(), 70);
    let there = theatre.lines();
    theatre.press(KeyCode::End).press(KeyCode::Home);
    assert_eq!(theatre.seconds(), 0);
    theatre.press(KeyCode::Char('.')).press(KeyCode::Right);
    assert_eq!(theatre.lines(), there, "the same moment looks the same, from wherever one comes");
}

#[test]
fn brackets_jump_from_one_thing_that_happened_to_the_next() {
    let mut theatre = Theatre::new(120, 30, PLAIN, false);
    let mut seen = vec![theatre.seconds()];
    while !theatre.text().contains("nothing happened after this") {
        theatre.press(KeyCode::Char(']'));
        assert!(theatre.text().contains("paused") || theatre.text().contains("at the end"), "{}", theatre.text());
        seen.push(theatre.seconds());
        assert!(seen.len() < 100, "{seen:?}");
    }
    seen.pop();
    for phase in [15, 61, 300, 884] {
        assert!(seen.contains(&phase), "{phase} of {seen:?}");
    }
    let mut back = vec![theatre.seconds()];
    while !theatre.text().contains("nothing happened before") {
        theatre.press(KeyCode::Char('['));
        back.push(theatre.seconds());
        assert!(back.len() < 100, "{back:?}");
    }
    back.pop();
    back.reverse();
    assert_eq!(back, seen, "the way back is the way there");
}

#[test]
fn nothing_acts_on_the_world_and_what_tries_says_so() {
    let mut theatre = Theatre::new(80, 24, PLAIN, true);
    theatre.press(KeyCode::Char(' '));
    for key in ['f', 'e', 'h', 'a', 'n', 'u'] {
        theatre.press(KeyCode::Char(key));
        assert!(
            theatre.text().contains("this is a replay: what happened cannot be changed"),
            "{key}\n{}",
            theatre.text()
        );
        theatre.press(KeyCode::Esc);
        assert!(!theatre.text().contains("cannot be changed"), "the next key takes it away");
    }
    // The keys of a drill are no keys of its replay.
    theatre.type_text("XRCM");
    assert!(theatre.wishes.is_empty(), "{:?}", theatre.wishes);
    theatre.press(KeyCode::Char('?'));
    let help = theatre.text();
    assert!(help.contains("play, or pause") && !help.contains("flush plan"), "{help}");
}

#[test]
fn the_report_and_what_is_copied_are_those_of_then() {
    let mut theatre = Theatre::new(80, 24, PLAIN, false);
    theatre.press(KeyCode::Char(' ')).press(KeyCode::Char('>')).type_text("ry");
    let clock = theatre.told.at.clock();
    let [Wish::SaveReport, Wish::Copy(text)] = theatre.wishes.as_slice() else { panic!("{:?}", theatre.wishes) };
    assert!(text.starts_with("as it stood at ") && text.contains(&clock[..5]), "{text}");
    let mut drill = Theatre::new(80, 24, PLAIN, true);
    drill.press(KeyCode::Char('y'));
    let [Wish::Copy(text)] = drill.wishes.as_slice() else { panic!("{:?}", drill.wishes) };
    assert!(text.starts_with("DRILL, not real: as it stood at "), "{text}");
    // What whoever saves it has to say stands until the next key, however fast time passes.
    theatre.told.said = (7, "report saved: a.html, a.md".to_owned());
    theatre.press(KeyCode::Down).press(KeyCode::Char(' '));
    theatre.told.said = (8, "report saved: b.html, b.md".to_owned());
    theatre.pass(Duration::from_secs(60));
    assert!(theatre.text().contains("report saved: b.html"), "{}", theatre.text());
}

#[test]
fn a_replay_is_marked_on_every_screen_at_every_size() {
    for (width, height) in [(80, 24), (120, 40), (200, 60), (40, 12), (30, 5), (20, 2), (1, 1)] {
        for (drill, mark) in [(false, "REPLAY"), (true, "REPLAY DRILL")] {
            let mut theatre = Theatre::new(width, height, PLAIN, drill);
            theatre.press(KeyCode::Char(' ')).press(KeyCode::Char('>'));
            for pane in ['?', 'F', 'p', 'c', 'm', 't', 'b', '/', 'w'] {
                theatre.press(KeyCode::Char(pane));
                let text = theatre.text();
                assert!(width < 20 || text.contains(mark), "{pane} at {width}x{height}\n{text}");
                assert!(height < 14 || text.contains("paused, 10x"), "{pane} at {width}x{height}\n{text}");
                theatre.press(KeyCode::Esc);
            }
        }
    }
}

#[test]
fn it_plays_on_behind_what_only_scrolls() {
    let mut theatre = Theatre::new(80, 24, PLAIN, false);
    theatre.press(KeyCode::Char('t')).press(KeyCode::Char(' ')).press(KeyCode::Char(']')).press(KeyCode::Right);
    assert_eq!(theatre.seconds(), TAPE.marks[1].at.since(TAPE.start).as_secs() + 10);
    assert!(theatre.text().contains("What happened:"), "{}", theatre.text());
    // Among servers the arrows go from rung to rung.
    theatre.press(KeyCode::Esc).press(KeyCode::Char('p')).press(KeyCode::Right);
    assert_eq!(theatre.seconds(), TAPE.marks[1].at.since(TAPE.start).as_secs() + 10);
}

#[test]
fn a_click_on_the_scrubber_goes_there() {
    let mut theatre = Theatre::new(80, 24, PLAIN, false);
    let mut click = |column, row| {
        let kind = MouseEventKind::Down(MouseButton::Left);
        theatre.send(&Event::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE }));
        theatre.seconds()
    };
    let whole = TAPE.end.since(TAPE.start).as_secs();
    assert_eq!(click(78, 22), whole);
    assert_eq!(click(1, 22), 0);
    assert!(click(40, 22).abs_diff(whole / 2) <= whole / 70);
    let there = click(40, 22);
    assert_eq!(click(60, 23), there, "the line below is only read");
}

#[test]
fn what_is_not_whole_is_said() {
    let mut theatre = Theatre::new(120, 30, PLAIN, false);
    let (start, end) = (TAPE.start, TAPE.start + Duration::from_secs(100));
    theatre.told.tape = Arc::new(Tape { whole: false, end, ..Tape::clone(&TAPE) });
    theatre.told.notice = Some("journal: the last line (62) was cut short and is left out".to_owned());
    theatre.press(KeyCode::End);
    let text = theatre.text();
    assert!(text.contains("reading ahead: ") && text.contains("! journal: the last line (62)"), "{text}");
    assert_eq!(theatre.told.at, end);
    let tape = Tape { start, end: start, whole: true, phases: Vec::new(), marks: Vec::new() };
    theatre.told.tape = Arc::new(tape);
    theatre.press(KeyCode::Home).press(KeyCode::Char(']')).press(KeyCode::Char(' ')).pass(Duration::from_secs(1));
    assert_eq!(theatre.told.at, Timestamp::min(start, end), "an empty journal has one moment");
}

#[test]
fn the_keys_of_a_replay_are_there_in_a_replay_alone() {
    let world = crate::world::parked();
    let mut stage = crate::stage::Stage::new(100, 24, PLAIN);
    stage.show(&world).type_text(&world, " ][.,<>+-HL").press(&world, KeyCode::Home).press(&world, KeyCode::Right);
    assert!(stage.wishes.is_empty() && !stage.text().contains("REPLAY"), "{}", stage.text());
    let mut theatre = Theatre::new(80, 24, PLAIN, false);
    assert!(theatre.text().contains("Space play") && theatre.text().contains("] next"), "{}", theatre.text());
    let acts = [
        (KeyCode::Char('+'), ReplayAct::Faster),
        (KeyCode::Right, ReplayAct::On(Stride::Short)),
        (KeyCode::Home, ReplayAct::Start),
    ];
    for (code, act) in acts {
        let board = Board::of(&theatre.told.incident, theatre.told.at);
        let key = Event::Key(KeyEvent::new(code, KeyModifiers::NONE));
        assert_eq!(theatre.app.update(&key, &theatre.told.incident, &board), Some(Wish::Replay(act)));
    }
}

#[test]
fn how_it_looks() {
    for (width, height) in [(80, 24), (120, 40), (200, 60)] {
        let mut theatre = Theatre::new(width, height, PLAIN, true);
        let mut shots = String::new();
        for (title, keys) in
            [("at the beginning", ""), ("parked, paused", " .."), ("converging, big", ">w"), ("timeline", "wt")]
        {
            theatre.type_text(keys);
            shots.push_str(&format!("--- {title}\n{}", theatre.lines()));
        }
        assert_snapshot!(format!("replay_{width}x{height}"), shots);
    }
    let mut ascii = Theatre::new(80, 24, Look { ascii: true, ..PLAIN }, false);
    ascii.type_text(" >");
    assert!(ascii.text().is_ascii(), "{}", ascii.text());
}
