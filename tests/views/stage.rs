//! The screen on a terminal in memory: keys in, text out.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use unpark::flush::FlushEndpoints;
use unpark::view::model::Board;
use unpark::view::tui::{App, ColourMode, Look, Wish, draw};

use crate::world::World;

/// A screen, its terminal and what it shows.
pub struct Stage {
    pub app: App,
    pub terminal: Terminal<TestBackend>,
    pub wishes: Vec<Wish>,
}

pub const PLAIN: Look = Look { colour: ColourMode::None, ascii: false };

impl Stage {
    pub fn new(width: u16, height: u16, look: Look) -> Self {
        let mut app = App::new(look, FlushEndpoints::default());
        app.resize(width, height);
        let terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        Self { app, terminal, wishes: Vec::new() }
    }

    /// Draws a frame.
    pub fn show(&mut self, world: &World) -> &mut Self {
        let board = Board::of(&world.incident, world.now);
        self.app.refresh(&world.incident, &board);
        let app = &self.app;
        self.terminal.draw(|frame| draw(frame, app, &world.incident, &board)).unwrap();
        self
    }

    /// Hands an event over and draws.
    pub fn send(&mut self, world: &World, event: &Event) -> &mut Self {
        let board = Board::of(&world.incident, world.now);
        self.wishes.extend(self.app.update(event, &world.incident, &board));
        self.show(world)
    }

    pub fn press(&mut self, world: &World, code: KeyCode) -> &mut Self {
        self.send(world, &Event::Key(KeyEvent::new(code, KeyModifiers::NONE)))
    }

    /// Types a text, key by key.
    pub fn type_text(&mut self, world: &World, text: &str) -> &mut Self {
        for c in text.chars() {
            self.press(world, KeyCode::Char(c));
        }
        self
    }

    /// What is on the screen.
    pub fn text(&self) -> String {
        self.terminal.backend().to_string()
    }

    /// Opens what the keys lead to: letters as they are, `\n` for Enter, `>` for the key to the right.
    pub fn open(&mut self, world: &World, keys: &str) -> &mut Self {
        for key in keys.chars() {
            let code = match key {
                '\n' => KeyCode::Enter,
                '>' => KeyCode::Right,
                c => KeyCode::Char(c),
            };
            self.press(world, code);
        }
        self
    }

    /// The lines without the quotes that the backend puts around them.
    pub fn lines(&self) -> Vec<String> {
        self.text().lines().map(|line| line.trim_matches('"').to_owned()).collect()
    }
}
