//! The keys of a replay. They come before those of the screen, and work behind what only scrolls as well.

use crossterm::event::KeyCode::{Char, End, Home, Left, Right};

use super::act::{ReplayAct, Stride};
use crate::view::tui::keys::{Action, Binding, key};

/// What moves a replay; nothing of it is there otherwise.
pub const REPLAY: &[Binding] = &[
    key(
        &[Char(' ')],
        "Space",
        Action::Replay(ReplayAct::PlayPause),
        "play",
        "play, or pause; at the end, from the start",
    ),
    key(&[Char(']')], "]", Action::Replay(ReplayAct::Next), "next", "go on to the next thing that happened, and pause"),
    key(
        &[Char('[')],
        "[",
        Action::Replay(ReplayAct::Previous),
        "previous",
        "go back to what happened before, and pause",
    ),
    key(&[Right], "Right", Action::Replay(ReplayAct::On(Stride::Short)), "+10 s", "10 seconds on"),
    key(&[Left], "Left", Action::Replay(ReplayAct::Back(Stride::Short)), "", "10 seconds back"),
    key(&[Char('.')], ".", Action::Replay(ReplayAct::On(Stride::Middle)), "", "a minute on; Shift-Right too"),
    key(&[Char(',')], ",", Action::Replay(ReplayAct::Back(Stride::Middle)), "", "a minute back; Shift-Left too"),
    key(&[Char('>')], ">", Action::Replay(ReplayAct::On(Stride::Long)), "", "10 minutes on; Ctrl-Right too"),
    key(&[Char('<')], "<", Action::Replay(ReplayAct::Back(Stride::Long)), "", "10 minutes back; Ctrl-Left too"),
    key(&[Char('+'), Char('=')], "+", Action::Replay(ReplayAct::Faster), "faster", "play faster, up to 1000x"),
    key(&[Char('-')], "-", Action::Replay(ReplayAct::Slower), "slower", "play slower, down to 1x"),
    key(&[Home], "Home", Action::Replay(ReplayAct::Start), "", "the beginning; a click on the scrubber goes anywhere"),
    key(&[End], "End", Action::Replay(ReplayAct::End), "", "the end"),
    key(&[Char('L')], "L", Action::ColumnsRight, "", "further columns, where the terminal is too narrow for all"),
    key(&[Char('H')], "H", Action::ColumnsLeft, "", "the columns before"),
];
