//! Where a replay stands and how it moves. Pure: how much real time passed is told.

use std::time::Duration;

use super::act::ReplayAct;
use super::tape::Tape;
use crate::time::Timestamp;

/// How many times as fast as it happened.
const SPEEDS: [u32; 10] = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];
/// The place among these with which a replay begins.
const USUAL_SPEED: usize = 3;

/// Where a replay stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Player {
    at: Timestamp,
    playing: bool,
    speed: usize,
}

impl Player {
    /// At the beginning, playing.
    #[must_use]
    pub const fn new(start: Timestamp) -> Self {
        Self { at: start, playing: true, speed: USUAL_SPEED }
    }

    /// The moment it stands at.
    #[must_use]
    pub const fn at(&self) -> Timestamp {
        self.at
    }

    /// Whether it plays.
    #[must_use]
    pub const fn is_playing(&self) -> bool {
        self.playing
    }

    /// How many times as fast as it happened it plays.
    #[must_use]
    pub fn speed(&self) -> u32 {
        SPEEDS.get(self.speed).copied().unwrap_or(1)
    }

    /// Does what the operator asks. What there is to tell about it, if anything.
    pub fn act(&mut self, act: ReplayAct, tape: &Tape) -> Option<String> {
        match act {
            ReplayAct::PlayPause => {
                self.playing = !self.playing;
                if self.playing && tape.whole && self.at >= tape.end {
                    self.at = tape.start;
                }
            }
            ReplayAct::Faster => self.speed = (self.speed + 1).min(SPEEDS.len() - 1),
            ReplayAct::Slower => self.speed = self.speed.saturating_sub(1),
            ReplayAct::Back(stride) => self.go_to(self.at - stride.span(), tape),
            ReplayAct::On(stride) => self.go_to(self.at + stride.span(), tape),
            ReplayAct::To(at) => self.go_to(at, tape),
            ReplayAct::Start => self.go_to(tape.start, tape),
            ReplayAct::End => {
                self.go_to(tape.end, tape);
                self.playing = false;
            }
            ReplayAct::Next | ReplayAct::Previous => {
                self.playing = false;
                let mark = if act == ReplayAct::Next { tape.next(self.at) } else { tape.previous(self.at) };
                match mark {
                    Some(mark) => self.go_to(mark.at, tape),
                    None if act == ReplayAct::Previous => return Some("nothing happened before".to_owned()),
                    None if tape.whole => return Some("nothing happened after this".to_owned()),
                    None => return Some("the journal is still being read; try again".to_owned()),
                }
            }
        }
        None
    }

    fn go_to(&mut self, at: Timestamp, tape: &Tape) {
        self.at = at.min(tape.end).max(tape.start);
    }

    /// Goes on by what passed of real time, where it plays; it pauses at the end.
    pub fn pass(&mut self, real: Duration, tape: &Tape) {
        if !self.playing {
            return;
        }
        self.go_to(self.at + real.saturating_mul(self.speed()), tape);
        if tape.whole && self.at >= tape.end {
            self.playing = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::act::Stride;
    use super::*;
    use crate::view::model::TimelineKind;
    use crate::view::tui::replay::TapeMark;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_secs(1_795_352_321 + seconds)
    }

    fn tape(whole: bool) -> Tape {
        let mark = |seconds| TapeMark { at: at(seconds), kind: TimelineKind::Phase, text: String::new() };
        Tape { start: at(0), end: at(900), whole, phases: Vec::new(), marks: vec![mark(0), mark(100), mark(700)] }
    }

    #[test]
    fn it_plays_as_fast_as_it_says_and_pauses_at_the_end() {
        let mut player = Player::new(at(0));
        assert_eq!((player.speed(), player.is_playing()), (10, true));
        player.pass(Duration::from_secs(2), &tape(true));
        assert_eq!(player.at(), at(20));
        for _ in 0..20 {
            player.act(ReplayAct::Faster, &tape(true));
        }
        assert_eq!(player.speed(), 1000);
        player.pass(Duration::from_secs(1), &tape(false));
        assert_eq!((player.at(), player.is_playing()), (at(900), true), "more may be read yet");
        player.pass(Duration::ZERO, &tape(true));
        assert!(!player.is_playing());
        player.act(ReplayAct::PlayPause, &tape(true));
        assert_eq!((player.at(), player.is_playing()), (at(0), true), "again from the beginning");
        for _ in 0..20 {
            player.act(ReplayAct::Slower, &tape(true));
        }
        assert_eq!(player.speed(), 1);
    }

    #[test]
    fn it_never_leaves_the_journal() {
        let mut player = Player::new(at(0));
        for (act, seconds) in [
            (ReplayAct::Back(Stride::Short), 0),
            (ReplayAct::On(Stride::Short), 10),
            (ReplayAct::On(Stride::Middle), 70),
            (ReplayAct::On(Stride::Long), 670),
            (ReplayAct::On(Stride::Long), 900),
            (ReplayAct::Back(Stride::Middle), 840),
            (ReplayAct::To(at(5_000)), 900),
            (ReplayAct::To(at(-5)), 0),
            (ReplayAct::End, 900),
            (ReplayAct::Start, 0),
        ] {
            assert_eq!(player.act(act, &tape(true)), None);
            assert_eq!(player.at(), at(seconds), "{act:?}");
        }
    }

    #[test]
    fn it_jumps_from_one_thing_that_happened_to_the_next_and_pauses() {
        let mut player = Player::new(at(0));
        for seconds in [100, 700] {
            assert_eq!(player.act(ReplayAct::Next, &tape(true)), None);
            assert_eq!((player.at(), player.is_playing()), (at(seconds), false));
        }
        assert!(player.act(ReplayAct::Next, &tape(true)).is_some_and(|told| told.contains("after this")));
        assert!(player.act(ReplayAct::Next, &tape(false)).is_some_and(|told| told.contains("still being read")));
        player.act(ReplayAct::On(Stride::Short), &tape(true));
        for seconds in [700, 100, 0] {
            assert_eq!(player.act(ReplayAct::Previous, &tape(true)), None);
            assert_eq!(player.at(), at(seconds));
        }
        assert!(player.act(ReplayAct::Previous, &tape(true)).is_some());
    }
}
