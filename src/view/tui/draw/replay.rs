//! The lowest lines of a replay: the scrubber, with the phases of the journal and what happened in it; and how it plays.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};

use crate::time::countdown;
use crate::view::model::TimelineKind;
use crate::view::tui::app::App;
use crate::view::tui::draw::Scene;
use crate::view::tui::draw::text::{clip, width};
use crate::view::tui::replay::{Replaying, Tape};
use crate::view::tui::theme::Theme;

/// Columns left free on either side of the scrubber.
const MARGIN: u16 = 1;

/// How many lines they take of a terminal so high.
#[must_use]
pub const fn lines(height: u16) -> u16 {
    match height {
        0..10 => 0,
        10..14 => 1,
        _ => 2,
    }
}

/// Draws them below everything else.
pub(super) fn draw(frame: &mut Frame, scene: Scene<'_>) {
    let (Some(replaying), area) = (scene.app.replaying(), frame.area()) else { return };
    let (_, above) = scene.app.canvas();
    let place = Rect { y: area.y + above.min(area.height), height: area.height.saturating_sub(above), ..area };
    let lines = [scrubber(scene, replaying, place.width), standing(scene, replaying, place.width)];
    for (line, y) in lines.into_iter().zip(place.top()..place.bottom()) {
        frame.render_widget(line, Rect { y, height: 1, ..place });
    }
}

/// How many columns of a terminal's width are the scrubber's.
fn columns(width: u16) -> usize {
    usize::from(width.saturating_sub(2 * MARGIN))
}

/// The moment at a column of the scrubber; none where there is no replay.
#[must_use]
pub fn moment_at(app: &App, column: u16) -> Option<crate::time::Timestamp> {
    let tape = &app.replaying()?.told.tape;
    Some(tape.moment(usize::from(column.saturating_sub(MARGIN)), columns(app.size().0)))
}

/// What of it was passed is thick, in the colour of its phase; each phase begins with its sign.
fn scrubber(scene: Scene<'_>, replaying: &Replaying, width: u16) -> Line<'static> {
    let (theme, told) = (scene.app.theme, &replaying.told);
    let (tape, columns) = (&*told.tape, columns(width));
    let here = tape.column(told.player.at(), columns);
    let signs = signs(tape, theme, columns);
    let mut spans = vec![Span::raw(" ".repeat(usize::from(MARGIN)))];
    for (column, sign) in signs.into_iter().enumerate() {
        let style = theme.phase(tape.phase(tape.moment(column, columns))).1.remove_modifier(Modifier::BOLD);
        spans.push(match sign {
            _ if column == here => Span::styled("█", Theme::strong()),
            Some((sign, style)) => Span::styled(sign.to_string(), style),
            None if column < here => Span::styled("━", style),
            None => Span::styled("─", style.add_modifier(Modifier::DIM)),
        });
    }
    Line::from(spans)
}

/// What stands in which column: of several the phase, then what the operator did.
fn signs(tape: &Tape, theme: Theme, columns: usize) -> Vec<Option<(char, Style)>> {
    let mut signs = vec![None; columns];
    let mut put = |at, sign| {
        if let Some(place) = signs.get_mut(tape.column(at, columns)) {
            *place = Some(sign);
        }
    };
    for mark in &tape.marks {
        match mark.kind {
            TimelineKind::Flush => put(mark.at, ('▾', Theme::strong())),
            TimelineKind::Note | TimelineKind::Operator => put(mark.at, ('•', Theme::strong())),
            TimelineKind::Network | TimelineKind::Clock => put(mark.at, ('!', theme.warn())),
            _ => {}
        }
    }
    for change in &tape.phases {
        put(change.at, theme.phase(change.phase));
    }
    signs
}

/// `REPLAY playing 10x   2026-11-22 12:50:41 UTC   0:10:41 of 0:25:00   12:41:03 converging …`.
fn standing(scene: Scene<'_>, replaying: &Replaying, columns: u16) -> Line<'static> {
    let (theme, told) = (scene.app.theme, &replaying.told);
    let (player, tape) = (told.player, &*told.tape);
    let way = match () {
        () if player.is_playing() => format!("playing {}x", player.speed()),
        () if tape.whole && player.at() >= tape.end => format!("at the end, {}x", player.speed()),
        () => format!("paused, {}x", player.speed()),
    };
    let date = player.at().date_and_minute();
    let date = date.split(' ').next().unwrap_or_default();
    let of = format!("{} of {}", countdown(player.at().since(tape.start)), countdown(tape.end.since(tape.start)));
    // The day stands in the header of no screen; where there is no room, what happened last matters more.
    let date = if columns >= 100 { format!("{date} ") } else { String::new() };
    let when = format!("{date}{} UTC", player.at().clock());
    let reading = match () {
        () if !tape.whole => format!("  reading ahead: {}", tape.end.clock()),
        () if told.at != player.at() => "  reading".to_owned(),
        () => String::new(),
    };
    let mut spans = vec![Span::styled(format!(" {way}"), Theme::strong())];
    let mut room = usize::from(columns).saturating_sub(width(&way) + 1);
    for (text, style) in
        [(format!("  {when}"), Style::new()), (format!("  {of}"), Style::new()), (reading, theme.warn())]
    {
        if width(&text) <= room {
            room -= width(&text);
            spans.push(Span::styled(text, style));
        }
    }
    if let Some(mark) = tape.latest(player.at()).filter(|_| room > 24) {
        let text = format!("  {} {}", mark.at.clock(), mark.text);
        spans.push(Span::styled(clip(&text, room), Theme::muted()));
    }
    Line::from(spans)
}
