//! The upper part: zone, phase and time; headline and next action; the source ladder. And the sentence for customers.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};

use crate::judge::Verdict;
use crate::time::countdown;
use crate::view::model::{Glance, Rung, RungKind};
use crate::view::tui::draw::layout::Layout;
use crate::view::tui::draw::text::{clip, left, width};
use crate::view::tui::draw::{Scene, canvas};
use crate::view::tui::theme::Theme;

pub(super) fn draw(frame: &mut Frame, scene: Scene<'_>, layout: &Layout) {
    let theme = scene.app.theme;
    header(frame, scene, layout.header);
    lines(frame, layout.headline.0, &layout.headline.1, " ", " ", Style::new());
    lines(frame, layout.next.0, &layout.next.1, " → ", "   ", Theme::strong());
    lines(frame, layout.notices.0, &layout.notices.1, " ! ", "   ", theme.warn());
    if layout.ladder.height > 1 {
        ladder_lines(frame, scene, layout.ladder);
    } else {
        ladder_line(frame, scene, layout.ladder);
    }
    lines(frame, layout.statement.0, &layout.statement.1, " ", "  ", Theme::muted());
}

/// Lines one below the other, the first with another margin than the rest.
fn lines(frame: &mut Frame, place: Rect, text: &[String], first: &str, rest: &str, style: Style) {
    for (line, y) in text.iter().zip(place.top()..place.bottom()) {
        let margin = if y == place.top() { first } else { rest };
        let spans = Line::from(vec![Span::styled(margin.to_owned(), style), Span::styled(line.clone(), style)]);
        frame.render_widget(spans, Rect { y, height: 1, ..place });
    }
}

/// Zone and phase to the left; the time and how long the phase lasts to the right, as far as there is room.
pub(super) fn header(frame: &mut Frame, scene: Scene<'_>, place: Rect) {
    let (board, theme) = (scene.board, scene.app.theme);
    if place.height == 0 {
        return;
    }
    let place = drill_mark(frame, scene, place);
    let columns = usize::from(place.width);
    let (glyph, style) = theme.phase(board.phase);
    let phase = format!("{glyph} {}", board.phase.word().replace('-', " ").to_uppercase());
    let unicode = board.zone_unicode.as_deref().filter(|_| !theme.ascii());
    let zone = |with: bool| match unicode {
        Some(unicode) if with => format!(" {unicode} ({})", board.zone),
        _ => format!(" {}", board.zone),
    };
    let spent = format!(" for {}", countdown(board.now.since(board.phase_since)));
    let clock = format!("{} UTC ", board.now.clock());
    let watched = format!("watched {}   {clock}", countdown(board.now.since(board.started)));
    let room = |with: bool, spent: &str, right: &str| {
        columns.checked_sub(width(&zone(with)) + 3 + width(&phase) + width(spent) + width(right) + 2).is_some()
    };
    let ways: [(bool, &str, &str); 6] = [
        (true, &spent, &watched),
        (true, &spent, &clock),
        (false, &spent, &watched),
        (false, &spent, &clock),
        (false, "", &clock),
        (false, "", ""),
    ];
    let fits = ways.into_iter().find(|(with, spent, right)| room(*with, spent, right));
    let (with, spent, right) = fits.unwrap_or((false, "", ""));
    let taken = 3 + width(&phase) + width(spent) + width(right);
    let name = clip(&zone(with), columns.saturating_sub(taken).max(8));
    let gap = columns.saturating_sub(width(&name) + taken);
    let line = Line::from(vec![
        Span::styled(name, Theme::strong()),
        Span::raw("   "),
        Span::styled(phase, style),
        Span::raw(spent.to_owned()),
        Span::raw(" ".repeat(gap)),
        Span::styled(right.to_owned(), Theme::strong()),
    ]);
    frame.render_widget(line, Rect { height: 1, ..place });
}

/// Says that this is a drill, or a replay, at the left of the header; gives back the room that is left.
fn drill_mark(frame: &mut Frame, scene: Scene<'_>, place: Rect) -> Rect {
    let Some(note) = scene.app.mark() else { return place };
    let mark = clip(&format!(" {note} "), usize::from(place.width));
    let taken = u16::try_from(width(&mark)).unwrap_or(place.width).min(place.width);
    let style = scene.app.theme.warn().add_modifier(Modifier::REVERSED | Modifier::BOLD);
    frame.render_widget(Span::styled(mark, style), Rect { height: 1, ..place });
    Rect { x: place.x + taken, width: place.width - taken, ..place }
}

/// The rungs in one line: `Parent com. ✓ 26 of 26 › …`, in short where there is no room.
pub(super) fn ladder_line(frame: &mut Frame, scene: Scene<'_>, place: Rect) {
    if place.height == 0 {
        return;
    }
    let theme = scene.app.theme;
    let mut spans = vec![Span::raw(" ")];
    let parts = ladder_parts(scene.board, place.width);
    for (at, (rung, (title, summary))) in scene.board.ladder.iter().zip(parts).enumerate() {
        if at > 0 {
            spans.push(Span::styled(" › ", Theme::muted()));
        }
        spans.push(Span::styled(format!("{title} "), Theme::strong()));
        let glyph = theme.glyph(rung.verdict);
        spans.push(Span::styled(format!("{glyph} {summary}"), theme.verdict(rung.verdict)));
    }
    frame.render_widget(Line::from(spans), Rect { height: 1, ..place });
}

/// One way to word a rung: its title, and its summary.
type Wording = fn(&Rung) -> (String, String);

/// Title and summary of each rung, as short as needed for all of them to stand in one line.
fn ladder_parts(board: &Glance, columns: u16) -> Vec<(String, String)> {
    let ways: [Wording; 3] = [
        |rung| (rung.title.clone(), rung.summary.clone()),
        |rung| (short_title(rung.kind).to_owned(), rung.summary.replacen(" of ", "/", 1)),
        // The count alone, or the first word: what it counts is said by the rung.
        |rung| {
            let summary = rung.summary.replacen(" of ", "/", 1);
            let first = summary.split([' ', ',']).next().unwrap_or_default();
            (short_title(rung.kind).to_owned(), first.to_owned())
        },
    ];
    let parts = |way: &Wording| board.ladder.iter().map(way).collect::<Vec<_>>();
    let fits = |parts: &Vec<(String, String)>| {
        // A blank, a glyph, and between two of them a sign with its blanks.
        let wide: usize = parts.iter().map(|(title, summary)| width(title) + width(summary) + 6).sum();
        wide <= usize::from(columns) + 2
    };
    ways.iter().map(parts).find(fits).unwrap_or_else(|| parts(&ways[2]))
}

const fn short_title(kind: RungKind) -> &'static str {
    match kind {
        RungKind::Registry => "Reg",
        RungKind::Parent => "Parent",
        RungKind::Authoritative => "Auth",
        RungKind::Resolvers => "Resolvers",
        RungKind::Here => "You",
    }
}

/// The rung at a position.
#[must_use]
pub fn rung_at(board: &Glance, layout: &Layout, at: Position) -> Option<usize> {
    if layout.ladder.height > 1 {
        return Some(usize::from(at.y - layout.ladder.y)).filter(|rung| *rung < board.ladder.len());
    }
    rung_in_line(board, layout.ladder.width, at)
}

/// The rung at a position of the screen for the wall, where the ladder is the second line.
#[must_use]
pub fn rung_of_wall(board: &Glance, columns: u16, at: Position) -> Option<usize> {
    if at.y == 1 { rung_in_line(board, columns, at) } else { None }
}

/// The rung at a position, where all of them stand in one line.
fn rung_in_line(board: &Glance, columns: u16, at: Position) -> Option<usize> {
    let mut from = 1;
    ladder_parts(board, columns).iter().position(|(title, summary)| {
        let to = from + width(title) + width(summary) + 6;
        let here = (from..to).contains(&usize::from(at.x));
        from = to;
        here
    })
}

/// What stands on a terminal too small for anything else: which zone, how it stands, and that there would be more.
pub(super) fn tiny(frame: &mut Frame, scene: Scene<'_>) {
    let area = canvas(scene.app);
    let (board, theme) = (scene.board, scene.app.theme);
    let (glyph, style) = theme.phase(board.phase);
    let columns = usize::from(area.width);
    let drill = scene.app.mark().map_or_else(String::new, |note| format!("{note} "));
    let correct = format!("{} of {} correct", board.count(Verdict::Correct), board.total());
    let phase = format!("{glyph} {}", board.phase.word().replace('-', " ").to_uppercase());
    let small = format!("{}x{} is too small", area.width, area.height);
    let lines = [
        (format!("{drill}{}", board.zone), Theme::strong()),
        (phase, style),
        (correct, Style::new()),
        (small, Theme::muted()),
        (format!("{} UTC", board.now.clock()), Theme::muted()),
    ];
    for ((text, style), y) in lines.into_iter().zip(area.top()..area.bottom()) {
        frame.render_widget(Line::styled(clip(&text, columns), style), Rect { y, height: 1, ..area });
    }
}

/// The rungs one below the other, each with the most alarming of its servers.
fn ladder_lines(frame: &mut Frame, scene: Scene<'_>, place: Rect) {
    let theme = scene.app.theme;
    let titles = scene.board.ladder.iter().map(|rung| width(&rung.title)).max().unwrap_or(0);
    let summaries = scene.board.ladder.iter().map(|rung| width(&rung.summary)).max().unwrap_or(0);
    for (rung, y) in scene.board.ladder.iter().zip(place.top()..place.bottom()) {
        let line = Line::from(vec![
            Span::styled(format!(" {}  ", left(&rung.title, titles)), Theme::strong()),
            Span::styled(
                format!("{} {}", theme.glyph(rung.verdict), left(&rung.summary, summaries)),
                theme.verdict(rung.verdict),
            ),
            Span::styled(format!("   {}", worst(rung)), Theme::muted()),
        ]);
        frame.render_widget(line, Rect { y, height: 1, ..place });
    }
}

/// What the first server with the rung's own verdict says, unless all is well.
fn worst(rung: &Rung) -> String {
    let like = rung.servers.iter().filter(|s| s.verdict == rung.verdict);
    match (rung.verdict, like.clone().next()) {
        (Verdict::Correct, _) | (_, None) => String::new(),
        (_, Some(server)) => {
            let more = like.count().saturating_sub(1);
            let more = if more == 0 { String::new() } else { format!(" (and {more} more alike: p)") };
            format!("{} {}: {}{more}", server.name, server.address, server.says)
        }
    }
}
