//! The table of resolvers: only the rows in the window are worded, and wider terminals show more columns.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};

use crate::dns::shown;
use crate::judge::{Until, Verdict};
use crate::time::{Timestamp, countdown};
use crate::view::model::{Column, Glance, Group, Place, Row};
use crate::view::tui::app::App;
use crate::view::tui::draw::Scene;
use crate::view::tui::draw::layout::Layout;
use crate::view::tui::draw::text::{clip, left, right, width};
use crate::view::tui::theme::Theme;

/// A row whose answers are older than this says so: a clean one is asked every five minutes, give or take.
const OLD: u64 = 400;

pub(super) fn draw(frame: &mut Frame, scene: Scene<'_>, layout: &Layout) {
    rule(frame, scene, layout.rule);
    let listing = &scene.app.listing;
    let columns = columns(scene.app, layout.rows.width);
    if layout.titles.height > 0 {
        frame.render_widget(titles(scene, &columns), layout.titles);
    }
    let height = usize::from(layout.rows.height);
    let shown = listing.places().iter().skip(listing.first(height)).take(height);
    for (place, y) in shown.zip(layout.rows.top()..) {
        let at = Rect { y, height: 1, ..layout.rows };
        let selected = listing.is_selected(place, scene.incident);
        let line = match place {
            Place::Resolver(position) => {
                let Some(watch) = scene.incident.resolvers().get(*position) else { continue };
                let row = Row::of(watch, scene.incident, scene.board.now);
                line(scene, &row, &columns, selected)
            }
            Place::Operator(group) => group_line(scene, group, &columns, selected),
        };
        frame.render_widget(line, at);
        if selected {
            frame.buffer_mut().set_style(at, Theme::selected());
        }
    }
    if listing.places().is_empty() && height > 0 {
        let why = match (scene.board.total(), listing.filter().is_empty()) {
            (0, _) => "no resolvers to ask",
            (_, false) => "no row passes the filter; Esc clears it",
            (_, true) => "",
        };
        frame.render_widget(Span::styled(format!("   {why}"), Theme::muted()), Rect { height: 1, ..layout.rows });
    }
}

/// The titles, the one that sorts marked.
fn titles(scene: Scene<'_>, columns: &[(Column, usize)]) -> Line<'static> {
    let sort = scene.app.listing.sort();
    let mut spans = vec![Span::raw(" ")];
    for (column, wide) in columns {
        let sorts = column.sort_key() == sort.key && *wide > 1;
        let title = match (sorts, sort.reversed) {
            (false, _) => title(*column).to_owned(),
            (true, false) => format!("{}▼", title(*column)),
            (true, true) => format!("{}▲", title(*column)),
        };
        let style = if sorts { Theme::strong() } else { Theme::muted() };
        spans.push(Span::styled(cell_of(&title, *column, *wide), style));
        spans.push(Span::raw(" "));
    }
    Line::from(spans)
}

/// One number in the line above the table, with the columns it takes.
struct Counted {
    verdict: Verdict,
    text: String,
}

/// The numbers above the table, as long as there is room for them, and what stands to the right of them.
fn counted(app: &App, board: &Glance, columns: usize) -> (Vec<Counted>, Vec<Span<'static>>) {
    let mut tail = Vec::new();
    // Before the parent is heard, nothing is held back for long.
    if board.held_back && board.phase.is_bad() {
        tail.push(Span::styled(" held: not re-asked ".to_owned(), app.theme.warn()));
    }
    let listing = &app.listing;
    if !listing.filter().is_empty() {
        tail.push(Span::styled(format!(" filter: {} shown ", listing.passing()), Theme::strong()));
    }
    if listing.is_folded() {
        tail.push(Span::styled(" by operator ".to_owned(), Theme::strong()));
    }
    if listing.is_frozen() {
        tail.push(Span::styled(" frozen: z ".to_owned(), app.theme.warn()));
    }
    if listing.shift() > 0 {
        tail.push(Span::raw(format!(" ◂ {} columns ", listing.shift())));
    }
    let turned = if listing.sort().reversed { " ▲" } else { "" };
    tail.push(Span::raw(format!(" sort: {}{turned} ", listing.sort().key.word())));
    let tail_wide: usize = tail.iter().map(|span| width(&span.content) + 1).sum();
    let present = || board.counts.iter().copied().filter(|(_, n)| *n > 0);
    let text = |(verdict, n): (Verdict, usize), words: bool| {
        let glyph = app.theme.glyph(verdict);
        if words { format!(" {glyph} {n} {}", verdict.word()) } else { format!(" {glyph} {n}") }
    };
    let whole: usize = present().map(|count| width(&text(count, true)) + 1).sum();
    let words = 1 + width(&head(board)) + whole + tail_wide + 2 <= columns;
    (present().map(|count| Counted { verdict: count.0, text: text(count, words) }).collect(), tail)
}

fn head(board: &Glance) -> String {
    format!(" {} resolvers ", board.total())
}

/// The line above the table: how many resolvers say what, and how the table is shown.
fn rule(frame: &mut Frame, scene: Scene<'_>, place: Rect) {
    if place.height == 0 {
        return;
    }
    let (app, board) = (scene.app, scene.board);
    let columns = usize::from(place.width);
    let dash = |n: usize| Span::styled("─".repeat(n), Theme::muted());
    let (counts, tail) = counted(app, board, columns);
    let mut spans = vec![dash(1), Span::styled(head(board), Theme::strong()), dash(1)];
    spans.extend(counts.into_iter().map(|count| Span::styled(count.text, app.theme.verdict(count.verdict))));
    spans.push(Span::raw(" "));
    let used: usize = spans.iter().map(|span| width(&span.content)).sum();
    let tail_wide: usize = tail.iter().map(|span| width(&span.content) + 1).sum();
    spans.push(dash(columns.saturating_sub(used + tail_wide).max(1)));
    for span in tail {
        spans.push(span);
        spans.push(dash(1));
    }
    frame.render_widget(Line::from(spans), Rect { height: 1, ..place });
}

/// The verdict whose number stands in a column of the line above the table.
#[must_use]
pub fn count_at(app: &App, board: &Glance, layout: &Layout, x: u16) -> Option<Verdict> {
    let (counts, _) = counted(app, board, usize::from(layout.rule.width));
    let mut from = 2 + width(&head(board));
    counts.into_iter().find_map(|count| {
        let to = from + width(&count.text);
        let here = (from..to).contains(&usize::from(x));
        from = to;
        here.then_some(count.verdict)
    })
}

/// The column whose title stands in a column of the terminal.
#[must_use]
pub fn column_at(app: &App, layout: &Layout, x: u16) -> Option<Column> {
    let mut from = 1;
    columns(app, layout.rows.width).into_iter().find_map(|(column, wide)| {
        let to = from + wide + 1;
        let here = (from..to).contains(&usize::from(x));
        from = to;
        here.then_some(column)
    })
}

/// The columns that fit, with their widths, from left to right. Further ones come in sight when the operator moves them.
fn columns(app: &App, width_of_table: u16) -> Vec<(Column, usize)> {
    let room = usize::from(width_of_table).saturating_sub(1);
    let address = app.listing.widest_address().clamp(7, if room >= 110 { 39 } else { 20 });
    let wide = |column: Column| match column {
        Column::Verdict => 1,
        Column::Resolver if room >= 110 => 19,
        Column::Resolver | Column::Place => 16,
        Column::Left | Column::ServiceLeft => 11,
        Column::Address => address,
        Column::Service if room >= 130 => 26,
        Column::Service => 22,
        Column::Samples => 8,
        Column::RoundTrip => 7,
        Column::Site => 12,
        Column::Since | Column::Heard => 9,
        Column::Uses => 24.min(room / 3),
    };
    // In the order of importance; what the servers in use are called takes the rest.
    let usual = [
        Column::Resolver,
        Column::Left,
        Column::Address,
        Column::Service,
        Column::ServiceLeft,
        Column::Place,
        Column::Samples,
        Column::RoundTrip,
        Column::Heard,
        Column::Site,
        Column::Since,
    ];
    let shift = app.listing.shift();
    let mut chosen = vec![(Column::Verdict, 1)];
    let mut taken = 2;
    let mut take = |column: Column, kept: usize| {
        let fits = taken + wide(column) + 1 + kept <= room;
        if fits {
            taken += wide(column) + 1;
            chosen.push((column, wide(column)));
        }
        fits
    };
    if shift == 0 {
        let least = wide(Column::Uses) + 1;
        let _ = usual.into_iter().all(|column| take(column, least));
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
    } else {
        take(Column::Resolver, 0);
        let moving = Column::ALL.into_iter().skip(2 + shift);
        let _ = moving.into_iter().all(|column| take(column, 0));
    }
    chosen.sort_by_key(|(column, _)| Column::ALL.iter().position(|c| c == column));
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
        Column::Site => "SITE",
        Column::Since => "SINCE",
        Column::Heard => "HEARD",
    }
}

/// A text in its column: numbers to the right, words to the left.
fn cell_of(text: &str, column: Column, wide: usize) -> String {
    match column {
        Column::Left | Column::ServiceLeft | Column::Samples | Column::RoundTrip | Column::Since | Column::Heard => {
            right(text, wide)
        }
        _ => left(text, wide),
    }
}

fn line(scene: Scene<'_>, row: &Row, columns: &[(Column, usize)], selected: bool) -> Line<'static> {
    let theme = scene.app.theme;
    let now = scene.board.now;
    let of_verdict = theme.verdict(row.verdict);
    let age = row.last_heard.map(|at| now.since(at));
    // What was heard long ago and would be asked again by now is drawn faint, and says how old it is.
    let old = !row.held_back && row.verdict != Verdict::Silent && age.is_some_and(|age| age.as_secs() > OLD);
    let mut spans = vec![Span::raw(if selected { "▌" } else { " " })];
    for (column, wide) in columns {
        let (text, mut style) = match column {
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
            Column::Uses if old => (format!("{} {} ago", row.uses, ago(row.last_heard, now)), of_verdict),
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
            Column::Site => (row.instance.clone().unwrap_or_default(), Theme::muted()),
            Column::Since => (ago(Some(row.since), now), Theme::muted()),
            Column::Heard => (ago(row.last_heard, now), Theme::muted()),
        };
        if old && *column != Column::Verdict {
            style = style.remove_modifier(Modifier::BOLD).add_modifier(Modifier::DIM);
        }
        spans.push(Span::styled(cell_of(&text, *column, *wide), style));
        spans.push(Span::raw(" "));
    }
    Line::from(spans)
}

/// An operator's resolvers in one line: the worst of them, how many there are, what they say, and the one that lasts longest.
fn group_line(scene: Scene<'_>, group: &Group, columns: &[(Column, usize)], selected: bool) -> Line<'static> {
    let theme = scene.app.theme;
    let worst = group.worst(scene.incident);
    let style = theme.verdict(worst);
    let counts = group.counts(scene.incident);
    let mut spans = vec![Span::raw(if selected { "▌" } else { " " })];
    for (column, wide) in columns {
        let (text, style) = match column {
            Column::Verdict if *wide > 1 => (format!("{} {}", theme.glyph(worst), worst.word()), style),
            Column::Verdict => (theme.glyph(worst).to_string(), style),
            Column::Resolver => {
                let mark = if group.open { "▾" } else { "▸" };
                (format!("{mark} {}", shown::text(&group.operator)), Theme::strong())
            }
            Column::Address => (format!("{} addresses", group.members.len()), Theme::muted()),
            Column::Uses => {
                let parts = counts.iter().map(|(verdict, n)| format!("{n} {}", verdict.word()));
                (parts.collect::<Vec<_>>().join(", "), style)
            }
            Column::Left => (time_left(group.until(scene.incident), worst, false, scene.board.now), Style::new()),
            _ => (String::new(), Style::new()),
        };
        spans.push(Span::styled(cell_of(&text, *column, *wide), style));
        spans.push(Span::raw(" "));
    }
    Line::from(spans)
}

/// How long ago, in the largest unit that says enough.
pub(super) fn ago(at: Option<Timestamp>, now: Timestamp) -> String {
    let Some(at) = at else { return "never".to_owned() };
    match now.since(at).as_secs() {
        seconds @ 0..120 => format!("{seconds} s"),
        seconds @ 120..7200 => format!("{} min", seconds / 60),
        seconds @ 7200..172_800 => format!("{} h", seconds / 3600),
        seconds => format!("{} d", seconds / 86_400),
    }
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
