//! The real program in a terminal of its own: it starts, follows the size, and gives the terminal back however it ends.
//!
//! Everything it asks is on loopback: root hints and resolver point to a socket here that never answers.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]
#![cfg(unix)]
#![allow(missing_docs, reason = "tests")]

use std::io::{Read as _, Write as _};
use std::net::UdpSocket;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, PtyPair, PtySize, native_pty_system};
use unpark::view::tui::Screen;

/// Longer than anything here takes; reached only when something is wrong.
const PATIENCE: Duration = Duration::from_secs(30);

/// A terminal with a program in it.
struct Tty {
    pair: PtyPair,
    child: Box<dyn Child + Send + Sync>,
    writer: Box<dyn std::io::Write + Send>,
    parser: Arc<Mutex<vt100::Parser>>,
    /// The terminal's settings before the program started, as text.
    before: String,
}

impl Tty {
    fn start(command: CommandBuilder, columns: u16, rows: u16) -> Self {
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let before = format!("{:?}", pair.master.get_termios());
        let child = pair.slave.spawn_command(command).unwrap();
        let mut reader = pair.master.try_clone_reader().unwrap();
        let writer = pair.master.take_writer().unwrap();
        let parser = Arc::new(Mutex::new(vt100::Parser::new(rows, columns, 0)));
        let fed = Arc::clone(&parser);
        std::thread::spawn(move || {
            let mut octets = [0; 4096];
            while let Ok(count @ 1..) = reader.read(&mut octets) {
                fed.lock().unwrap().process(&octets[..count]);
            }
        });
        Self { pair, child, writer, parser, before }
    }

    fn text(&self) -> String {
        self.parser.lock().unwrap().screen().contents()
    }

    fn wait_for(&self, what: &str, holds: impl Fn(&vt100::Screen) -> bool) {
        let begun = Instant::now();
        while !holds(self.parser.lock().unwrap().screen()) {
            assert!(begun.elapsed() < PATIENCE, "waited in vain for {what}; on the screen:\n{}", self.text());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn press(&mut self, keys: &str) {
        self.writer.write_all(keys.as_bytes()).unwrap();
        self.writer.flush().unwrap();
    }

    fn resize(&self, columns: u16, rows: u16) {
        self.parser.lock().unwrap().screen_mut().set_size(rows, columns);
        self.pair.master.resize(PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }).unwrap();
    }

    fn signal(&self, name: &str) {
        let process = self.child.process_id().unwrap().to_string();
        let sent = std::process::Command::new("kill").args([&format!("-{name}"), &process]).status().unwrap();
        assert!(sent.success());
    }

    /// The program has ended, and the terminal is as it was.
    fn ends_with_it_given_back(mut self) -> u32 {
        let begun = Instant::now();
        let status = loop {
            match self.child.try_wait().unwrap() {
                Some(status) => break status,
                None if begun.elapsed() > PATIENCE => {
                    let text = self.text();
                    self.child.kill().unwrap();
                    panic!("the program did not end; on the screen:\n{text}");
                }
                None => std::thread::sleep(Duration::from_millis(20)),
            }
        };
        self.wait_for("the main screen", |screen| !screen.alternate_screen());
        let parser = self.parser.lock().unwrap();
        let screen = parser.screen();
        assert!(!screen.bracketed_paste(), "bracketed paste is still on");
        assert!(!screen.hide_cursor(), "the cursor is still hidden");
        assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None);
        assert_eq!(format!("{:?}", self.pair.master.get_termios()), self.before, "raw mode is still on");
        status.exit_code()
    }
}

/// The program, asking only a socket that never answers, and that socket.
struct Watch {
    _silent: UdpSocket,
    _folder: tempfile::TempDir,
    command: CommandBuilder,
}

fn watch() -> Watch {
    about_example(&[])
}

/// A command about `example.com`; none is the watch.
fn about_example(command_words: &[&str]) -> Watch {
    let silent = UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let folder = tempfile::tempdir().unwrap();
    let hints: PathBuf = folder.path().join("root.hints");
    std::fs::write(&hints, format!(". 3600000 NS a.root.test.\na.root.test. 3600000 A 127.0.0.1#{port}\n")).unwrap();
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_unpark"));
    command.env_clear();
    command.env("TERM", "xterm-256color");
    command.env("LANG", "C.UTF-8");
    command.env("HOME", folder.path());
    command.env("XDG_CONFIG_HOME", folder.path());
    command.cwd(folder.path());
    command.args(command_words);
    command.args(["example.com", "--expect", "ns1.good.example", "--no-system-resolvers"]);
    command.args(["--resolver", &format!("127.0.0.1:{port}"), "--root-hints", hints.to_str().unwrap()]);
    Watch { _silent: silent, _folder: folder, command }
}

fn shows_the_zone(screen: &vt100::Screen) -> bool {
    screen.alternate_screen() && screen.contents().contains("example.com") && screen.contents().contains("UTC")
}

#[test]
fn it_starts_follows_the_size_and_quits() {
    let watch = watch();
    let mut tty = Tty::start(watch.command, 80, 24);
    tty.wait_for("the first frame", shows_the_zone);
    tty.press("?");
    tty.wait_for("the help", |screen| screen.contents().contains("all keys"));
    tty.press("\x1b");
    tty.wait_for("the end of the help", |screen| !screen.contents().contains("all keys"));
    tty.resize(20, 5);
    tty.wait_for("five rows", |screen| {
        let text = screen.contents();
        text.lines().count() <= 5 && text.contains("example") && text.contains("20x5 is too small")
    });
    tty.resize(120, 40);
    tty.wait_for("the wide screen", |screen| screen.contents().contains("t timeline"));
    tty.press("q");
    assert_ne!(tty.ends_with_it_given_back(), 101);
}

#[test]
fn a_round_says_how_far_it_is_and_takes_that_back() {
    let mut round = about_example(&["check"]);
    round.command.args(["--timeout", "3"]);
    let tty = Tty::start(round.command, 100, 40);
    tty.wait_for("the progress", |screen| screen.contents().contains("looking for the parent's servers"));
    tty.wait_for("the result", |screen| screen.contents().contains("Caches that were not asked"));
    let text = tty.text();
    assert!(text.starts_with("example.com: ") && !text.contains("looking for the parent's servers:"), "{text}");
    assert_eq!(tty.ends_with_it_given_back(), 3);
}

#[test]
fn control_c_gives_the_terminal_back() {
    let watch = watch();
    let mut tty = Tty::start(watch.command, 80, 24);
    tty.wait_for("the first frame", shows_the_zone);
    tty.press("\x03");
    assert_ne!(tty.ends_with_it_given_back(), 101);
}

#[test]
fn a_signal_to_end_gives_the_terminal_back() {
    for signal in ["TERM", "INT", "HUP"] {
        let watch = watch();
        let tty = Tty::start(watch.command, 80, 24);
        tty.wait_for("the first frame", shows_the_zone);
        tty.signal(signal);
        assert_ne!(tty.ends_with_it_given_back(), 101, "{signal}");
    }
}

#[test]
fn a_drill_is_marked_and_gives_the_terminal_back() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_unpark"));
    command.env_clear();
    for (name, value) in [("TERM", "xterm-256color"), ("LANG", "C.UTF-8")] {
        command.env(name, value);
    }
    for name in ["HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"] {
        command.env(name, folder.path());
    }
    command.args(["drill", "healthy"]);
    let mut tty = Tty::start(command, 80, 24);
    tty.wait_for("the first frame", |screen| screen.alternate_screen() && screen.contents().contains("DRILL"));
    tty.press("w");
    tty.wait_for("the screen for the wall", |screen| !screen.contents().contains("RESOLVER"));
    tty.press("w");
    tty.wait_for("the rows", |screen| screen.contents().contains("RESOLVER"));
    tty.press("q");
    assert_ne!(tty.ends_with_it_given_back(), 101);
}

/// Stops with the terminal given back, and goes on with the screen drawn whole, at the size it has by then.
fn suspends_and_resumes(stop: impl Fn(&mut Tty)) {
    let watch = watch();
    let mut tty = Tty::start(watch.command, 80, 24);
    tty.wait_for("the first frame", shows_the_zone);
    stop(&mut tty);
    tty.wait_for("the main screen", |screen| !screen.alternate_screen() && !screen.hide_cursor());
    assert_eq!(format!("{:?}", tty.pair.master.get_termios()), tty.before, "raw mode is still on");
    tty.resize(100, 30);
    tty.signal("CONT");
    tty.wait_for("the screen again", |screen| shows_the_zone(screen) && screen.contents().lines().count() > 24);
    tty.press("?");
    tty.wait_for("the help", |screen| screen.contents().contains("all keys"));
    tty.press("\x1b");
    tty.wait_for("the end of the help", |screen| !screen.contents().contains("all keys"));
    tty.press("q");
    assert_ne!(tty.ends_with_it_given_back(), 101);
}

#[test]
fn control_z_suspends_and_the_shell_resumes() {
    suspends_and_resumes(|tty| tty.press("\x1a"));
}

#[test]
fn a_signal_to_stop_suspends_too() {
    suspends_and_resumes(|tty| tty.signal("TSTP"));
}

/// A replay of a recorded drill, on a copy of it.
fn replay(arguments: &[&str]) -> (tempfile::TempDir, CommandBuilder) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy("tests/journals/v1.jsonl", folder.path().join("a.jsonl")).unwrap();
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_unpark"));
    command.env_clear();
    command.env("TERM", "xterm-256color");
    command.env("LANG", "C.UTF-8");
    command.env("HOME", folder.path());
    command.cwd(folder.path());
    command.args([&["replay", "a.jsonl"][..], arguments].concat());
    (folder, command)
}

#[test]
fn a_replay_plays_jumps_saves_its_report_and_gives_the_terminal_back() {
    let (folder, command) = replay(&[]);
    let mut tty = Tty::start(command, 100, 30);
    tty.wait_for("the first frame", |screen| {
        screen.alternate_screen()
            && screen.contents().contains("REPLAY DRILL")
            && screen.contents().contains("of 14:48")
    });
    // It plays by itself, from the beginning.
    tty.wait_for("some seconds of it", |screen| screen.contents().contains("HEALTHY"));
    tty.press(" ");
    tty.wait_for("the pause", |screen| screen.contents().contains("paused, 10x"));
    tty.press("\x1b[F");
    tty.wait_for("the end", |screen| {
        screen.contents().contains("at the end, 10x") && screen.contents().contains("RECOVERED")
    });
    tty.press("\x1b[H");
    tty.wait_for("the beginning", |screen| {
        screen.contents().contains("STARTING") && screen.contents().contains("0:00 of 14:48")
    });
    tty.press("]");
    tty.wait_for("the first thing that happened", |screen| screen.contents().contains("0:01 of 14:48"));
    tty.press("f");
    tty.wait_for("the refusal", |screen| screen.contents().contains("this is a replay"));
    tty.press("r");
    tty.wait_for("the report", |screen| screen.contents().contains("report saved: "));
    let saved =
        || std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    for ending in ["html", "md"] {
        assert!(saved().any(|name| name.contains("-as-of-20261122T") && name.ends_with(ending)), "{ending}");
    }
    tty.press("+++++++ ");
    tty.wait_for("the end", |screen| screen.contents().contains("at the end, 1000x"));
    tty.press("q");
    assert_eq!(tty.ends_with_it_given_back(), 0, "recovered, at the moment shown last");
}

#[test]
fn a_replay_in_plain_words_takes_no_screen_even_on_a_terminal() {
    let (_folder, command) = replay(&["--plain"]);
    let tty = Tty::start(command, 100, 30);
    tty.wait_for("the last line", |screen| screen.contents().contains("phase recovered"));
    assert!(!tty.parser.lock().unwrap().screen().alternate_screen());
    assert_eq!(tty.ends_with_it_given_back(), 0);
}

#[test]
fn plain_words_take_no_screen_even_on_a_terminal() {
    let mut watch = watch();
    watch.command.args(["--plain", "--timeout", "1"]);
    let mut tty = Tty::start(watch.command, 100, 30);
    tty.wait_for("a line", |screen| screen.contents().contains("phase starting: "));
    assert!(!tty.parser.lock().unwrap().screen().alternate_screen());
    tty.press("\x03");
    tty.ends_with_it_given_back();
}

#[test]
fn without_colour_no_colour_is_sent() {
    let mut watch = watch();
    watch.command.env("NO_COLOR", "1");
    let mut tty = Tty::start(watch.command, 80, 24);
    tty.wait_for("the first frame", shows_the_zone);
    tty.press("j");
    {
        let parser = tty.parser.lock().unwrap();
        let screen = parser.screen();
        let cells = (0..24).flat_map(|row| (0..80).map(move |column| (row, column)));
        for cell in cells.filter_map(|(row, column)| screen.cell(row, column)) {
            assert_eq!((cell.fgcolor(), cell.bgcolor()), (vt100::Color::Default, vt100::Color::Default));
        }
    }
    tty.wait_for("a selected row, reversed from edge to edge", |screen| {
        (0..24).any(|row| (0..80).all(|column| screen.cell(row, column).is_some_and(vt100::Cell::inverse)))
    });
    tty.press("q");
    tty.ends_with_it_given_back();
}

/// The other half of `a_panic_in_any_task_gives_the_terminal_back`: runs in a terminal of its own.
#[test]
#[ignore = "panics on purpose; started by another test"]
fn panics_in_a_task() {
    let _screen = Screen::enter().unwrap();
    let task = std::thread::spawn(|| panic!("on purpose"));
    let _ = task.join();
    panic!("the process outlived a panic of a task");
}

#[test]
fn a_panic_in_any_task_gives_the_terminal_back() {
    let mut command = CommandBuilder::new(std::env::current_exe().unwrap());
    command.env("TERM", "xterm-256color");
    command.args(["--exact", "panics_in_a_task", "--ignored", "--nocapture"]);
    let tty = Tty::start(command, 80, 24);
    tty.wait_for("the panic's words on the main screen", |screen| {
        !screen.alternate_screen() && screen.contents().contains("on purpose")
    });
    assert!(!tty.text().contains("outlived"), "{}", tty.text());
    assert_eq!(tty.ends_with_it_given_back(), 101);
}
