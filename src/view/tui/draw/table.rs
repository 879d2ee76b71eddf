//! The table of resolvers: only the rows in the window are built, and wider terminals show more columns.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::judge::{Until, Verdict};
use crate::time::{Timestamp, countdown};
use crate::view::model::{Column, Row};
use crate::view::tui::draw::Scene;
use crate::view::tui::draw::layout::Layout;
use crate::view::tui::draw::text::{clip, left, right, width};
use crate::view::tui::theme::Theme;

pub(super) fn draw(frame: &mut Frame, scene: Scene<'_>, layout: &Layout) {
    rule(frame, scene, layout.rule);
    let columns = columns(scene, layout.rows.width);
    if layout.titles.height > 0 {
        let titles: String =
            columns.iter().map(|(column, wide)| format!("{} ", cell_of(title(*column), *column, *wide))).collect();
        frame.render_widget(Span::styled(format!(" {titles}"), Theme::muted()), layout.titles);
    }
    let height = usize::from(layout.rows.height);
    let first = scene.app.first(height);
    let shown = scene.app.order().iter().skip(first).take(height).filter_map(|at| scene.board.rows.get(*at));
    for (row, y) in shown.zip(layout.rows.top()..) {
        let place = Rect { y, height: 1, ..layout.rows };
        let selected = scene.app.selected() == Some(row.target);
        let line = line(scene, row, &columns, selected);
        frame.render_widget(line, place);
        if selected {
            frame.buffer_mut().set_style(place, Theme::selected());
        }
    }
    if scene.app.order().is_empty() && height > 0 {
        let why = match (scene.board.rows.is_empty(), scene.app.filter().is_empty()) {
            (true, _) => "no resolvers to ask",
            (false, false) => "no row passes the filter; Esc clears it",
            (false, true) => "",
        };
        frame.render_widget(Span::styled(format!("   {why}"), Theme::muted()), Rect { height: 1, ..layout.rows });
    }
}

/// The line above the table: how many resolvers say what, and how the table is shown.
fn rule(frame: &mut Frame, scene: Scene<'_>, place: Rect) {
    if place.height == 0 {
        return;
    }
    let (app, board) = (scene.app, scene.board);
    let columns = usize::from(place.width);
    let dash = |n: usize| Span::styled("─".repeat(n), Theme::muted());
    let counts: Vec<(Verdict, usize)> = board.counts.iter().copied().filter(|(_, n)| *n > 0).collect();
    let mut tail = Vec::new();
    // Before the parent is heard, nothing is held back for long.
    if board.held_back && board.phase.is_bad() {
        tail.push(Span::styled(" held: not re-asked ".to_owned(), app.theme.warn()));
    }
    if !app.filter().is_empty() {
        tail.push(Span::styled(format!(" filter: {} shown ", app.order().len()), Theme::strong()));
    }
    tail.push(Span::raw(format!(" sort: {} ", app.sort().word())));
    let head = format!(" {} resolvers ", board.total());
    let tail_wide: usize = tail.iter().map(|span| width(&span.content) + 1).sum();
    let words_fit = |words: bool| {
        let counted: usize = counts.iter().map(|count| width(&count_text(scene, *count, words)) + 1).sum();
        1 + width(&head) + counted + tail_wide + 2 <= columns
    };
    let words = words_fit(true);
    let mut spans = vec![dash(1), Span::styled(head, Theme::strong()), dash(1)];
    for count in counts {
        spans.push(Span::styled(count_text(scene, count, words), app.theme.verdict(count.0)));
    }
    spans.push(Span::raw(" "));
    let used: usize = spans.iter().map(|span| width(&span.content)).sum();
    spans.push(dash(columns.saturating_sub(used + tail_wide).max(1)));
    for span in tail {
        spans.push(span);
        spans.push(dash(1));
    }
    frame.render_widget(Line::from(spans), Rect { height: 1, ..place });
}

fn count_text(scene: Scene<'_>, (verdict, count): (Verdict, usize), words: bool) -> String {
    let glyph = scene.app.theme.glyph(verdict);
    if words { format!(" {glyph} {count} {}", verdict.word()) } else { format!(" {glyph} {count}") }
}

/// The columns that fit, with their widths, from left to right.
fn columns(scene: Scene<'_>, width_of_table: u16) -> Vec<(Column, usize)> {
    let room = usize::from(width_of_table).saturating_sub(1);
    let longest = scene.board.rows.iter().map(|row| row.address.len()).max().unwrap_or(7).max(7);
    let address = longest.min(if room >= 110 { 39 } else { 20 });
    let mut chosen = vec![(Column::Verdict, 1)];
    let mut taken = 2;
    // In the order of importance; what the servers in use are called takes the rest.
    let wishes = [
        (Column::Resolver, if room >= 110 { 19 } else { 16 }),
        (Column::Left, 11),
        (Column::Address, address),
        (Column::Service, if room >= 130 { 26 } else { 22 }),
        (Column::ServiceLeft, 11),
        (Column::Place, 16),
        (Column::Samples, 7),
        (Column::RoundTrip, 7),
    ];
    let least = 24.min(room / 3);
    for (column, wide) in wishes {
        if taken + wide + 1 + least + 1 > room {
            break;
        }
        taken += wide + 1;
        chosen.push((column, wide));
    }
    let rest = room.saturating_sub(taken);
    // Wide enough for the longest text; beyond that the operator's name gets the room.
    let uses = rest.min(38);
    chosen.push((Column::Uses, uses));
    let spare = rest.saturating_sub(uses + 1);
    if let Some((_, wide)) = chosen.iter_mut().find(|(column, _)| *column == Column::Resolver) {
        *wide += spare.min(14);
    }
    // The verdict's word stands beside its glyph where there is room to spare.
    if spare > 24
        && let Some(verdict) = chosen.first_mut()
    {
        verdict.1 = 10;
    }
    let order = [
        Column::Verdict,
        Column::Resolver,
        Column::Address,
        Column::Place,
        Column::Uses,
        Column::Left,
        Column::Service,
        Column::ServiceLeft,
        Column::Samples,
        Column::RoundTrip,
    ];
    chosen.sort_by_key(|(column, _)| order.iter().position(|c| c == column));
    chosen
}

const fn title(column: Column) -> &'static str {
    match column {
        Column::Verdict => "",
        Column::Resolver => "RESOLVER",
        Column::Address => "ADDRESS",
        Column::Place => "PLACE",
        Column::Uses => "USES",
        Column::Service => "USERS GET",
        Column::Left | Column::ServiceLeft => "LEFT",
        Column::Samples => "SAMPLES",
        Column::RoundTrip => "MS",
    }
}

/// A text in its column: numbers to the right, words to the left.
fn cell_of(text: &str, column: Column, wide: usize) -> String {
    match column {
        Column::Left | Column::ServiceLeft | Column::Samples | Column::RoundTrip => right(text, wide),
        _ => left(text, wide),
    }
}

fn line(scene: Scene<'_>, row: &Row, columns: &[(Column, usize)], selected: bool) -> Line<'static> {
    let theme = scene.app.theme;
    let now = scene.board.now;
    let of_verdict = theme.verdict(row.verdict);
    let mut spans = vec![Span::raw(if selected { "▌" } else { " " })];
    for (column, wide) in columns {
        let (text, style) = match column {
            Column::Verdict if *wide > 1 => {
                (format!("{} {}", theme.glyph(row.verdict), row.verdict.word()), of_verdict)
            }
            Column::Verdict => (theme.glyph(row.verdict).to_string(), of_verdict),
            Column::Resolver if row.system => {
                (format!("{} (yours)", clip(&row.operator, wide.saturating_sub(8))), Theme::strong())
            }
            Column::Resolver => (row.operator.clone(), Style::new()),
            Column::Address => (row.address.clone(), Style::new()),
            Column::Place => (row.place.clone(), Theme::muted()),
            Column::Uses => (row.uses.clone(), of_verdict),
            Column::Left => (time_left(row.until, row.verdict, row.is_fading(), now), Style::new()),
            Column::Service => (
                row.telling_service()
                    .map_or_else(String::new, |cell| format!("{} {} {}", cell.name, cell.rtype, cell.short())),
                Style::new(),
            ),
            Column::ServiceLeft => {
                (row.telling_service().map_or_else(String::new, |cell| left_until(cell.until, now)), Style::new())
            }
            Column::Samples => (row.samples.clone(), Style::new()),
            Column::RoundTrip => {
                (row.rtt.map_or_else(String::new, |rtt| format!("{:.0}", rtt.as_secs_f64() * 1000.0)), Theme::muted())
            }
        };
        spans.push(Span::styled(cell_of(&text, *column, *wide), style));
        spans.push(Span::raw(" "));
    }
    Line::from(spans)
}

/// How long a row stays as it is. Says `unknown` where something is to end and nobody knows when.
fn time_left(until: Until, verdict: Verdict, fading: bool, now: Timestamp) -> String {
    match until {
        Until::Unknown if verdict.is_wrong() || fading => "unknown".to_owned(),
        _ => left_until(until, now),
    }
}

/// A countdown; bounds are marked, and what has passed is due to be asked again.
pub(super) fn left_until(until: Until, now: Timestamp) -> String {
    match until {
        Until::Known(at) | Until::Bound(at) if at <= now => "due".to_owned(),
        Until::Known(at) => countdown(at.until(now)),
        Until::Bound(at) => format!("≤ {}", countdown(at.until(now))),
        Until::Unknown => String::new(),
    }
}
