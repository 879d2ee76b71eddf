//! The live screen. Draws what `view::model` says and turns keys into wishes; it decides and words nothing itself
//! beyond its own dialogs, and it never asks the network or the engine for anything.
//!
//! `App::update` (keys in, wish out) and `draw` (state in, cells out) are pure; `run` alone holds the terminal, the
//! clock and the channels.

mod app;
mod draw;
mod keys;
mod listing;
mod notices;
mod overlay;
mod palette;
mod panorama;
mod replay;
mod run;
mod terminal;
mod theme;
mod wish;

pub mod dialogs;

pub use app::App;
pub use draw::draw;
pub use keys::{Keys, KeysError};
pub use listing::Selected;
pub use notices::Notices;
pub use palette::{Base, Palette, PaletteError};
pub use replay::{Player, ReplayAct, Stride, Tape, TapeMark, Told, run_replay};
pub use run::run;
pub use terminal::Screen;
pub use theme::{ColourMode, Look};
pub use wish::{DrillAct, Wish};
