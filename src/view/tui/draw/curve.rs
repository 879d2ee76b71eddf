//! The convergence curve: how many were correct over time, what happened meanwhile, and how it is expected to go on.

use std::time::Duration;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::incident::forecast::BandPoint;
use crate::judge::Verdict;
use crate::time::Timestamp;
use crate::view::model::{Convergence, MarkKind};
use crate::view::tui::draw::Scene;
use crate::view::tui::draw::lists::labelled;
use crate::view::tui::draw::pane::Pane;
use crate::view::tui::draw::text::{clip, left, title_line, width, wrap};
use crate::view::tui::keys;
use crate::view::tui::palette::Tint;
use crate::view::tui::theme::Theme;

/// Columns of the scale to the left.
const GUTTER: usize = 7;
/// A cell in eighths of its height.
const EIGHTHS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// Highest plot of the pane.
const HIGHEST: usize = 22;
/// Most steps listed in the pane.
const STEPS: usize = 500;

/// Below the table, with its title.
pub(super) fn draw(frame: &mut Frame, scene: Scene<'_>, place: Rect) {
    if place.height < 4 || usize::from(place.width) < GUTTER + 8 {
        return;
    }
    let key = scene.app.keys.of(keys::MAIN, keys::Action::Curve);
    let title = title_line("Correct over time", &now_words(scene), &key, usize::from(place.width));
    frame.render_widget(title, Rect { height: 1, ..place });
    let lines = plot(scene, usize::from(place.width), usize::from(place.height) - 1);
    for (line, y) in lines.into_iter().zip(place.top() + 1..place.bottom()) {
        frame.render_widget(line, Rect { y, height: 1, ..place });
    }
}

/// `82 of 108 that answer`.
fn now_words(scene: Scene<'_>) -> String {
    match scene.app.panorama.convergence.newest() {
        Some(step) if step.answering > 0 => {
            let share = f64::from(step.correct) / f64::from(step.answering) * 100.0;
            // Never rounded up to all of them.
            let share = if step.correct < step.answering { share.floor().min(99.0) } else { share };
            format!("{} of {} that answer, {share:.0} %", step.correct, step.answering)
        }
        _ => "nobody has answered yet".to_owned(),
    }
}

/// One cell of the plot.
type Cell = (char, Style);

/// Where moments stand: what was seen to the left, evenly; what is expected to the right of it, the near wider than the far, since
/// it may lie days ahead.
struct Axis {
    from: Timestamp,
    now: Timestamp,
    /// When the forecast ends; none without one.
    end: Option<Timestamp>,
    /// Columns of what was seen.
    seen: usize,
    /// Columns in all.
    columns: usize,
}

impl Axis {
    fn of(curve: &Convergence, ahead: &[BandPoint], columns: usize) -> Self {
        let end = ahead.last().map(|point| point.at).filter(|at| *at > curve.now + Duration::from_secs(30));
        let seen = if end.is_some() { columns * 11 / 20 } else { columns };
        Self { from: curve.from, now: curve.now, end, seen, columns }
    }

    /// The moment at which a column ends.
    fn end_of(&self, column: usize) -> Timestamp {
        let (Some(end), true) = (self.end, column >= self.seen) else {
            let span = self.now.since(self.from).max(Duration::from_secs(1));
            return self.from + span.mul_f64((column + 1) as f64 / self.seen.max(1) as f64);
        };
        let span = end.since(self.now).as_secs_f64();
        let share = (column + 1 - self.seen) as f64 / (self.columns - self.seen).max(1) as f64;
        // Even up to two hours; beyond that each column spans somewhat more than the one before it.
        let bend = (span / 7200.0).max(1.0);
        let bent = if bend > 1.0 { (bend.powf(share) - 1.0) / (bend - 1.0) } else { share };
        self.now + Duration::from_secs_f64((span * bent).max(0.0))
    }

    /// The column of a moment that was seen; none when it lies outside.
    fn column_of(&self, at: Timestamp) -> Option<usize> {
        let span = self.now.since(self.from).max(Duration::from_secs(1)).as_secs_f64();
        let share = at.since(self.from).as_secs_f64() / span;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a terminal's columns")]
        let column = (share * self.seen as f64) as usize;
        (at >= self.from && at <= self.now).then(|| column.min(self.seen.saturating_sub(1)))
    }
}

/// The forecast at a moment, between the points that are known.
fn band_at(ahead: &[BandPoint], at: Timestamp) -> Option<BandPoint> {
    let after = ahead.partition_point(|point| point.at < at);
    let (before, next) = (after.checked_sub(1).and_then(|n| ahead.get(n)), ahead.get(after));
    match (before, next) {
        (Some(a), Some(b)) => {
            let span = b.at.since(a.at).as_secs_f64();
            let share = if span > 0.0 { at.since(a.at).as_secs_f64() / span } else { 1.0 };
            let mix = |from: f64, to: f64| from + (to - from) * share;
            let (low, expected) = (mix(a.low, b.low), mix(a.expected, b.expected));
            Some(BandPoint { at, low, expected, high: mix(a.high, b.high) })
        }
        (Some(last), None) => Some(BandPoint { at, ..*last }),
        (None, first) => first.copied(),
    }
}

/// The plot with its axis: exactly `height` lines at most.
pub(super) fn plot(scene: Scene<'_>, columns: usize, height: usize) -> Vec<Line<'static>> {
    let curve = &scene.app.panorama.convergence;
    let theme = scene.app.theme;
    let with_legend = height >= 7 && !curve.marks.is_empty();
    let rows = height.saturating_sub(2 + usize::from(with_legend));
    let wide = columns.saturating_sub(GUTTER + 1);
    if rows == 0 || wide < 4 {
        return Vec::new();
    }
    let ahead = &scene.board.forecast.forecast.curve.ahead;
    let axis = Axis::of(curve, ahead, wide);
    let mut cells: Vec<Vec<Cell>> = vec![vec![(' ', Style::new()); wide]; rows];
    let seen = theme.tint(Tint::Seen);
    for column in axis.seen..wide {
        if let Some(band) = band_at(ahead, axis.end_of(column)) {
            draw_band(&mut cells, column, &band, theme.tint(Tint::Forecast));
        }
    }
    for column in 0..axis.seen {
        let Some(share) = curve.at(axis.end_of(column)).and_then(crate::view::model::Step::share) else { continue };
        fill(&mut cells, column, share, seen);
    }
    let mut lines: Vec<Line<'static>> = Vec::new();
    for (row, cells) in cells.into_iter().enumerate() {
        let scale = match row {
            0 => "100 % ┤",
            row if row == rows / 2 && rows >= 4 => " 50 % ┤",
            _ => "      │",
        };
        let mut spans = vec![Span::styled(scale, Theme::muted())];
        spans.extend(runs(cells));
        lines.push(Line::from(spans));
    }
    lines.push(axis_line(scene, &axis));
    lines.push(times_line(&axis));
    if with_legend {
        lines.push(legend(curve, columns));
    }
    lines
}

/// Fills a column from below up to a share of the height.
fn fill(cells: &mut [Vec<Cell>], column: usize, share: f64, style: Style) {
    let rows = cells.len();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of a terminal's rows, not negative"
    )]
    let mut eighths = (share.clamp(0.0, 1.0) * (rows * 8) as f64).floor() as usize;
    // A few correct ones are not none.
    if share > 0.0 {
        eighths = eighths.max(1);
    }
    for (below, row) in cells.iter_mut().rev().enumerate() {
        let level = eighths.saturating_sub(below * 8).min(8);
        if let (Some(cell), Some(sign), true) = (row.get_mut(column), EIGHTHS.get(level), level > 0) {
            *cell = (*sign, style);
        }
    }
}

/// Draws the forecast into a column: the band from low to high, and in it what is expected.
fn draw_band(cells: &mut [Vec<Cell>], column: usize, band: &BandPoint, style: Style) {
    let rows = cells.len();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of a terminal's rows, not negative"
    )]
    let row_of = |share: f64| ((share.clamp(0.0, 1.0) * rows as f64).ceil() as usize).clamp(1, rows.max(1)) - 1;
    let (low, expected, high) = (row_of(band.low), row_of(band.expected), row_of(band.high));
    for (below, row) in cells.iter_mut().rev().enumerate() {
        let Some(cell) = row.get_mut(column) else { continue };
        if below == expected {
            *cell = ('━', style);
        } else if (low..=high).contains(&below) {
            *cell = ('░', style);
        }
    }
}

/// Cells of one style become one span.
fn runs(cells: Vec<Cell>) -> Vec<Span<'static>> {
    let mut spans: Vec<Span<'static>> = Vec::new();
    let mut text = String::new();
    let mut style = Style::new();
    for (sign, of_cell) in cells {
        if of_cell != style && !text.is_empty() {
            spans.push(Span::styled(std::mem::take(&mut text), style));
        }
        style = of_cell;
        text.push(sign);
    }
    if !text.is_empty() {
        spans.push(Span::styled(text, style));
    }
    spans
}

/// The axis with a letter for each mark; where several fall into one column, the gravest kind stands.
fn axis_line(scene: Scene<'_>, axis: &Axis) -> Line<'static> {
    let curve = &scene.app.panorama.convergence;
    let mut cells: Vec<Cell> = vec![('─', Theme::muted()); axis.seen];
    if axis.end.is_some() {
        cells.push(('┼', Theme::strong()));
        cells.resize(axis.columns, ('┄', Theme::muted()));
    }
    for kind in MarkKind::ALL.into_iter().rev() {
        for mark in curve.marks.iter().filter(|mark| mark.kind == kind) {
            if let Some(cell) = axis.column_of(mark.at).and_then(|column| cells.get_mut(column)) {
                *cell = (kind.letter(), Theme::strong());
            }
        }
    }
    let mut spans = vec![Span::styled("  0 % └", Theme::muted())];
    spans.extend(runs(cells));
    Line::from(spans)
}

/// The times below the axis: as many as stand apart. With a forecast, now stands where what was seen ends.
fn times_line(axis: &Axis) -> Line<'static> {
    // Minutes say nothing where all of it is a few of them.
    let short = axis.end.unwrap_or(axis.now).since(axis.from) < Duration::from_secs(20 * 60);
    let clock_label = |at: Timestamp, now: Timestamp| if short { at.clock() } else { clock_label(at, now) };
    let mut labels: Vec<(usize, String)> = Vec::new();
    let mut spread = |from: usize, to: usize| {
        let ticks = (to.saturating_sub(from) / 24).clamp(1, 8);
        labels.extend((1..=ticks).map(|tick| {
            let column = from + (to - from) * tick / ticks;
            (column, clock_label(axis.end_of(column.saturating_sub(1)), axis.now))
        }));
    };
    spread(0, axis.seen);
    if axis.end.is_some() {
        spread(axis.seen, axis.columns);
    }
    let mut text = " ".repeat(GUTTER) + &clock_label(axis.from, axis.now);
    for (column, label) in labels {
        let label = if axis.end.is_some() && column == axis.seen { format!("now {label}") } else { label };
        let wide = width(&label);
        let start = (GUTTER + column).saturating_sub(wide / 2).min((GUTTER + axis.columns).saturating_sub(wide));
        if start > width(&text) {
            text.push_str(&" ".repeat(start - width(&text)));
            text.push_str(&label);
        }
    }
    Line::styled(text, Theme::muted())
}

/// A time of today, or a time with its day.
pub(super) fn clock_label(at: Timestamp, now: Timestamp) -> String {
    let (whole, today) = (at.date_and_minute(), now.date_and_minute());
    match (whole.split_once(' '), today.split_once(' ')) {
        (Some((day, time)), Some((today, _))) if day == today => time.to_owned(),
        (Some((day, time)), _) => format!("{} {time}", day.get(5..).unwrap_or(day)),
        _ => whole,
    }
}

/// What the letters on the axis stand for, the newest first.
fn legend(curve: &Convergence, columns: usize) -> Line<'static> {
    let mut text = " ".repeat(GUTTER);
    for mark in curve.marks.iter().rev() {
        let part = format!("{} {} {}   ", mark.kind.letter(), clock_label(mark.at, curve.now), mark.text);
        if width(&text) + width(&part) > columns {
            break;
        }
        text.push_str(&part);
    }
    Line::styled(text, Theme::muted())
}

/// The curve over the whole screen, and below it every number that it is drawn from.
pub(super) fn pane(scene: Scene<'_>, columns: usize, height: usize) -> Pane {
    let curve = &scene.app.panorama.convergence;
    let mut lines = plot(scene, columns, height.saturating_sub(4).clamp(6, HIGHEST));
    lines.push(Line::default());
    for words in [&scene.board.forecast.fleet, &scene.board.forecast.unseen].into_iter().flatten() {
        lines.extend(labelled("ahead", 10, words, columns, (Theme::muted(), Theme::strong())));
    }
    if !scene.board.forecast.forecast.curve.ahead.is_empty() {
        let basis = "Behind now stands an estimate: the line as expected, the shade between the caches turning as late and as early as may be. It rests on the time left that caches showed, and on TTLs and caps where they did not; far times stand closer together.";
        lines.extend(wrap(basis, columns).into_iter().map(|line| Line::styled(line, Theme::muted())));
    }
    let meaning = "The share of correct resolvers among those that answered. Silent ones, and those not heard yet, are counted neither way. While the parent is wrong, a correct resolver has only not lost the correct servers yet.";
    lines.extend(wrap(meaning, columns).into_iter().map(|line| Line::styled(line, Theme::muted())));
    lines.push(Line::default());
    if !curve.marks.is_empty() {
        lines.push(Line::styled("Marks", Theme::strong()));
    }
    for mark in &curve.marks {
        let label = format!("  {} {}", mark.kind.letter(), mark.at.clock());
        lines.extend(labelled(&label, 13, &mark.text, columns, (Theme::strong(), Style::new())));
    }
    lines.push(Line::default());
    lines.push(Line::styled("The numbers, a line for each change, the newest first", Theme::strong()));
    for step in curve.seen.iter().rev().take(STEPS) {
        let counts = Verdict::ALL.into_iter().filter(|v| step.counts.count(*v) > 0);
        let words = counts.map(|v| format!("{} {}", step.counts.count(v), v.word())).collect::<Vec<_>>().join(", ");
        let text = format!("  {}  {} of {} correct  ({words})", step.at.clock(), step.correct, step.answering);
        lines.push(Line::raw(left(&clip(&text, columns), columns)));
    }
    let title = format!("Correct over time: {}", now_words(scene));
    Pane { title, lines, focus: None, cursor: None, keys: keys::LIST }
}
