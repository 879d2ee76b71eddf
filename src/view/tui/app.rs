//! The state of the screen, and what every key does to it. Pure: the time is the glance's.

mod point;
mod press;

use std::collections::VecDeque;
use std::time::Duration;

use crossterm::event::{Event, KeyCode, KeyEventKind, KeyModifiers};

use crate::flush::FlushEndpoints;
use crate::incident::Incident;
use crate::time::Timestamp;
use crate::view::model::{Filter, Glance};
use crate::view::tui::dialogs::Line;
use crate::view::tui::draw::{Border, Layout, Sizes, replay_lines};
use crate::view::tui::keys::Keys;
use crate::view::tui::listing::Listing;
use crate::view::tui::notices::Notices;
use crate::view::tui::overlay::Overlay;
use crate::view::tui::palette::Palette;
use crate::view::tui::panorama::Panorama;
use crate::view::tui::replay::{Replaying, Told};
use crate::view::tui::theme::{Look, Theme};
use crate::view::tui::wish::{DrillAct, Wish};

/// How long a note stands.
const NOTE: Duration = Duration::from_secs(6);
/// Over how long the rate of queries is measured.
const MINUTE: Duration = Duration::from_secs(60);

/// The state of the screen.
#[derive(Debug, Clone)]
pub struct App {
    pub(super) theme: Theme,
    pub(super) keys: Keys,
    pub(super) overlays: Vec<Overlay>,
    pub(super) big: bool,
    pub(super) filter_line: Line,
    pub(super) listing: Listing,
    pub(super) sizes: Sizes,
    pub(super) panorama: Panorama,
    /// The border that is held with the mouse, and whether it was moved.
    dragged: Option<(Border, bool)>,
    size: (u16, u16),
    note: Option<(Timestamp, String)>,
    endpoints: FlushEndpoints,
    /// What stands in the header all the time when nothing of this is real.
    drill: Option<String>,
    /// What is shown when it is no present moment but one of a journal.
    replay: Option<Replaying>,
    notices: Notices,
    /// Packets sent so far, at moments of the last minute.
    packets: VecDeque<(Timestamp, u64)>,
    /// Most queries a minute, as the schedule was told; none when nobody said.
    allowed: Option<u64>,
}

impl App {
    /// A screen that nothing was done on yet.
    #[must_use]
    pub fn new(look: Look, endpoints: FlushEndpoints) -> Self {
        Self {
            theme: Theme::new(look, Palette::default()),
            keys: Keys::default(),
            overlays: Vec::new(),
            big: false,
            filter_line: Line::default(),
            listing: Listing::default(),
            sizes: Sizes::default(),
            panorama: Panorama::default(),
            dragged: None,
            size: (80, 24),
            note: None,
            endpoints,
            drill: None,
            replay: None,
            notices: Notices::default(),
            packets: VecDeque::new(),
            allowed: None,
        }
    }

    /// The same screen, asking `notices` before each frame what else the operator must know.
    #[must_use]
    pub fn with_notices(mut self, notices: Notices) -> Self {
        self.notices = notices;
        self
    }

    /// What else the operator must know just now.
    #[must_use]
    pub fn outside_notice(&self) -> Option<String> {
        self.notices.ask().or_else(|| self.replay.as_ref().and_then(|replay| replay.told.notice.clone()))
    }

    /// The same screen in a drill: `note` stands at the head of it all the time, and the keys of a drill work.
    #[must_use]
    pub fn in_drill(mut self, note: &str) -> Self {
        self.drill = Some(note.to_owned());
        self
    }

    /// The same screen over a journal: `REPLAY` stands at the head of it all the time, and what acts on the world does nothing.
    #[must_use]
    pub fn in_replay(mut self, told: Told, drill: bool) -> Self {
        self.replay = Some(Replaying { told, drill });
        self
    }

    /// The replay; none when what is shown is the present.
    #[must_use]
    pub const fn replaying(&self) -> Option<&Replaying> {
        self.replay.as_ref()
    }

    /// Takes in what was told of the journal since.
    pub fn follow(&mut self, told: Told) {
        let Some(replay) = &mut self.replay else { return };
        if told.said.0 > replay.told.said.0 {
            self.note = Some((told.at, told.said.1.clone()));
        }
        replay.told = told;
    }

    /// What says that nothing of this is real, or present; none when it is.
    #[must_use]
    pub fn mark(&self) -> Option<&str> {
        self.replay.as_ref().map(Replaying::mark).or(self.drill.as_deref())
    }

    /// The same screen in other colours, and with the keys that the operator bound anew.
    #[must_use]
    pub fn with(mut self, palette: Palette, keys: Keys) -> Self {
        self.theme = Theme::new(self.theme.look(), palette);
        self.keys = keys;
        self
    }

    /// The same screen, telling how many queries a minute are allowed.
    #[must_use]
    pub const fn allowed(mut self, a_minute: u64) -> Self {
        self.allowed = Some(a_minute);
        self
    }

    /// What says that this is a drill; none when it is real.
    #[must_use]
    pub fn drill(&self) -> Option<&str> {
        self.drill.as_deref()
    }

    /// Tells the size of the terminal.
    pub const fn resize(&mut self, width: u16, height: u16) {
        self.size = (width, height);
    }

    /// The size of the terminal as last told.
    #[must_use]
    pub const fn size(&self) -> (u16, u16) {
        self.size
    }

    /// The size of all but the lines of a replay, which stand below everything else.
    #[must_use]
    pub fn canvas(&self) -> (u16, u16) {
        let (width, height) = self.size;
        (width, height.saturating_sub(if self.replay.is_some() { replay_lines(height) } else { 0 }))
    }

    /// Brings up to date what is not worked out anew for each frame: the order of the rows, the sites on the map, the rate
    /// of queries. To be called before every frame.
    pub fn refresh(&mut self, incident: &Incident, board: &Glance) {
        self.listing.refresh(incident, board.now);
        let overlay = matches!(
            self.overlays.last(),
            Some(Overlay::Map { .. } | Overlay::Curve { .. } | Overlay::Timeline { .. } | Overlay::Detail { .. })
        );
        if overlay || self.big || Layout::of(self, board).curve.height > 0 {
            self.panorama.refresh(incident, board.now);
        }
        if self.packets.back().is_none_or(|(at, _)| board.now.since(*at) >= Duration::from_secs(1)) {
            self.packets.push_back((board.now, incident.packets()));
        }
        while self.packets.len() > 1 && self.packets.get(1).is_some_and(|(at, _)| board.now.since(*at) >= MINUTE) {
            self.packets.pop_front();
        }
    }

    /// Packets sent in the last minute, and how many queries a minute are allowed. The first is none in the first seconds.
    #[must_use]
    pub fn rate(&self, incident: &Incident, now: Timestamp) -> (Option<u64>, Option<u64>) {
        // A replay jumps.
        let present = self.replay.is_none();
        let rate = self.packets.front().filter(|_| present).and_then(|(at, before)| {
            let span = now.since(*at).as_secs_f64();
            let sent = incident.packets().saturating_sub(*before) as f64;
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small number, not negative")]
            (span >= 5.0).then(|| (sent * 60.0 / span).round() as u64)
        });
        (rate, self.allowed)
    }

    /// What the operator is told just now.
    #[must_use]
    pub fn note_at(&self, now: Timestamp) -> Option<&str> {
        let (at, text) = self.note.as_ref()?;
        // The time of a replay goes its own ways: there a note stands until the next key.
        (self.replay.is_some() || now.since(*at) < NOTE).then_some(text.as_str())
    }

    /// Tells the operator something for a few seconds.
    pub fn note(&mut self, text: &str, now: Timestamp) {
        self.note = Some((now, text.to_owned()));
    }

    /// Takes in a key, the mouse, a paste or a new size. What the operator asks of the outside, if anything.
    pub fn update(&mut self, event: &Event, incident: &Incident, board: &Glance) -> Option<Wish> {
        match event {
            Event::Key(key) if key.kind != KeyEventKind::Release => {
                let control = |c| key.code == KeyCode::Char(c) && key.modifiers.contains(KeyModifiers::CONTROL);
                if control('c') {
                    return Some(Wish::Quit);
                }
                if control('z') {
                    return Some(Wish::Suspend);
                }
                if self.replay.is_some() {
                    self.note = None;
                }
                let wish = self.press(key, incident, board);
                self.clamp(incident, board);
                wish
            }
            Event::Mouse(mouse) => self.point(*mouse, incident, board),
            Event::Paste(text) => {
                match self.overlays.last_mut() {
                    Some(Overlay::Expectation(dialog)) => {
                        dialog.line.paste(text);
                        dialog.chosen = None;
                    }
                    Some(Overlay::Hosts(dialog)) => dialog.line.paste(text),
                    Some(Overlay::AddResolver(dialog)) => dialog.line.paste(text),
                    Some(Overlay::Note(dialog)) => dialog.line.paste(text),
                    Some(Overlay::Filter { .. }) => {
                        self.filter_line.paste(text);
                        self.apply_filter(incident, board);
                    }
                    // A pasted confirmation would be none, and elsewhere there is nothing to paste into.
                    _ => {}
                }
                None
            }
            Event::Resize(width, height) => {
                self.resize(*width, *height);
                let page = self.page(board);
                self.listing.follow(page, incident);
                None
            }
            _ => None,
        }
    }

    /// How many rows the table shows.
    pub(super) fn page(&self, board: &Glance) -> usize {
        usize::from(Layout::of(self, board).rows.height).max(1)
    }

    pub(super) fn apply_filter(&mut self, incident: &Incident, board: &Glance) {
        self.listing.set_filter(Filter::parse(self.filter_line.text()), incident, board.now);
        let page = self.page(board);
        self.listing.follow(page, incident);
    }
}

/// What the operator is told once a wish is on its way.
fn told(wish: &Wish) -> Option<String> {
    match wish {
        Wish::AcceptExpectation(_) => {
            Some("accepted: every answer is held against these servers from now on".to_owned())
        }
        Wish::SetSurvey(way) => Some(format!("survey: {}", way.word())),
        Wish::WatchHosts(names) => Some(format!("{} more watched", names.len())),
        Wish::AddResolver(address) => Some(format!("{} is asked too", crate::observation::address_text(*address))),
        Wish::MakeNote(_) => Some("noted, with its time".to_owned()),
        Wish::SaveReport => Some("saving the report; a note in the timeline says where".to_owned()),
        Wish::Flush { steps, .. } => Some(format!("{} requests are on their way", steps.len())),
        Wish::ArmFlush(_) => Some("armed: the flush is sent as soon as the source is right".to_owned()),
        Wish::DisarmFlush => Some("cancelled: nothing will be sent".to_owned()),
        Wish::FlushDone(_) => Some("noted; its caches are asked again at 5, 15, 30 and 60 s".to_owned()),
        Wish::OpenPage(page) => Some(format!("opening {page}")),
        Wish::Copy(text) => Some(format!("handed to the terminal's clipboard: {text}")),
        Wish::Drill(DrillAct::Park) => Some("drill: expired; the registry parks the domain".to_owned()),
        Wish::Drill(DrillAct::Restore) => Some("drill: the registry restores the delegation".to_owned()),
        Wish::Drill(DrillAct::Cut) => Some("drill: our network is cut".to_owned()),
        Wish::Drill(DrillAct::Mend) => Some("drill: our network is whole again".to_owned()),
        Wish::Quit | Wish::Suspend | Wish::Replay(_) => None,
    }
}

fn signed(count: usize) -> isize {
    isize::try_from(count).unwrap_or(isize::MAX)
}
