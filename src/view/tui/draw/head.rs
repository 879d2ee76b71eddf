//! The upper part: zone, phase and time; headline and next action; the source ladder. And the sentence for customers.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::judge::Verdict;
use crate::time::countdown;
use crate::view::model::Rung;
use crate::view::tui::draw::Scene;
use crate::view::tui::draw::layout::Layout;
use crate::view::tui::draw::text::{clip, left, width};

pub(super) fn draw(frame: &mut Frame, scene: Scene<'_>, layout: &Layout) {
    let theme = scene.app.theme;
    header(frame, scene, layout.header);
    lines(frame, layout.headline.0, &layout.headline.1, " ", " ", Style::new());
    lines(frame, layout.next.0, &layout.next.1, " → ", "   ", theme.strong());
    lines(frame, layout.notices.0, &layout.notices.1, " ! ", "   ", theme.warn());
    if layout.ladder.height > 1 {
        ladder_lines(frame, scene, layout.ladder);
    } else {
        ladder_line(frame, scene, layout.ladder);
    }
    lines(frame, layout.statement.0, &layout.statement.1, " ", "  ", theme.muted());
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
    let columns = usize::from(place.width);
    let (glyph, style) = theme.phase(board.phase);
    let phase = format!("{glyph} {}", board.phase.word().replace('-', " ").to_uppercase());
    let unicode = board.zone_unicode.as_deref().filter(|_| !theme.ascii());
    let zone = |with: bool| match unicode {
        Some(unicode) if with => format!(" {unicode} ({})", board.zone),
        _ => format!(" {}", board.zone),
    };
    let clock = format!("{} UTC ", board.now.clock());
    let spent = format!("for {} ", countdown(board.now.since(board.phase_since)));
    let watched = format!("watched {} ", countdown(board.now.since(board.started)));
    let room = |with: bool, right: &str| columns.checked_sub(width(&zone(with)) + 3 + width(&phase) + width(right) + 2);
    let full = format!("{watched}  {spent}  {clock}");
    let usual = format!("{spent}  {clock}");
    let (with, right) = [(true, full.as_str()), (true, &usual), (false, &usual), (false, &clock), (false, "")]
        .into_iter()
        .find(|(with, right)| room(*with, right).is_some())
        .unwrap_or((false, ""));
    let left_part = zone(with);
    let zone_columns = columns.saturating_sub(width(&phase) + 3).max(8);
    let name = clip(&left_part, zone_columns);
    let gap = columns.saturating_sub(width(&name) + 3 + width(&phase) + width(right));
    let line = Line::from(vec![
        Span::styled(name, theme.strong()),
        Span::raw("   "),
        Span::styled(phase, style),
        Span::raw(" ".repeat(gap)),
        Span::styled(right.to_owned(), theme.strong()),
    ]);
    frame.render_widget(line, Rect { height: 1, ..place });
}

/// The rungs in one line: `Parent com. ✓ 26 of 26 › …`, without titles' details where there is no room.
pub(super) fn ladder_line(frame: &mut Frame, scene: Scene<'_>, place: Rect) {
    if place.height == 0 {
        return;
    }
    let theme = scene.app.theme;
    let parts: Vec<(String, String, Verdict)> = scene
        .board
        .ladder
        .iter()
        .map(|rung| (rung.title.clone(), format!("{} {}", theme.glyph(rung.verdict), rung.summary), rung.verdict))
        .collect();
    let wide: usize = parts.iter().map(|(title, summary, _)| width(title) + width(summary) + 4).sum();
    let short = wide > usize::from(place.width);
    let mut spans = vec![Span::raw(" ")];
    for (at, (title, summary, verdict)) in parts.into_iter().enumerate() {
        if at > 0 {
            spans.push(Span::styled(if short { "› " } else { " › " }, theme.muted()));
        }
        let title = if short { clip(title.split(' ').next().unwrap_or_default(), 6) } else { title };
        spans.push(Span::styled(format!("{title} "), theme.strong()));
        spans.push(Span::styled(if short { format!("{summary} ") } else { summary }, theme.verdict(verdict)));
    }
    frame.render_widget(Line::from(spans), Rect { height: 1, ..place });
}

/// The rungs one below the other, each with the most alarming of its servers.
fn ladder_lines(frame: &mut Frame, scene: Scene<'_>, place: Rect) {
    let theme = scene.app.theme;
    let titles = scene.board.ladder.iter().map(|rung| width(&rung.title)).max().unwrap_or(0);
    let summaries = scene.board.ladder.iter().map(|rung| width(&rung.summary)).max().unwrap_or(0);
    for (rung, y) in scene.board.ladder.iter().zip(place.top()..place.bottom()) {
        let line = Line::from(vec![
            Span::styled(format!(" {}  ", left(&rung.title, titles)), theme.strong()),
            Span::styled(
                format!("{} {}", theme.glyph(rung.verdict), left(&rung.summary, summaries)),
                theme.verdict(rung.verdict),
            ),
            Span::styled(format!("   {}", worst(rung)), theme.muted()),
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
