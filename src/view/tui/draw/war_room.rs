//! The screen for the wall: the phase in big letters, how far it is, what to do, and the sentence for customers.

use ratatui::Frame;
use ratatui::layout::{Alignment, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::judge::{Until, Verdict};
use crate::time::countdown;
use crate::view::model::until_words;
use crate::view::tui::draw::text::{clip, left, width, wrap_within};
use crate::view::tui::draw::{Scene, big, canvas, curve, footer, head};
use crate::view::tui::theme::Theme;

/// Lines that are always there: header, ladder, footer, the count, and one blank below the letters and one below the count.
const FIXED: usize = 6;
/// How wide and high a dot of a letter may be, the largest first. A cell is about twice as high as wide.
const DOTS: [(usize, usize); 5] = [(6, 3), (4, 2), (3, 2), (2, 1), (1, 1)];
/// Dots between two figures side by side.
const APART: usize = 6;

/// A number in big letters, and what it counts.
struct Figure {
    text: String,
    caption: String,
}

pub(super) fn draw(frame: &mut Frame, scene: Scene<'_>) {
    let area = canvas(scene.app);
    let (board, theme) = (scene.board, scene.app.theme);
    let columns = usize::from(area.width.saturating_sub(2));

    // Big letters take what the rest leaves; where that is too little, the sentence for customers gives way.
    let word = board.phase.word().replace('-', " ").to_uppercase();
    let style = theme.phase(board.phase).1;
    let room = |below: &[Line]| usize::from(area.height).saturating_sub(FIXED + below.len());
    let mut below = below_letters(scene, columns, true);
    let mut phase = phase_letters(&word, columns, room(&below));
    if phase.0.is_empty() {
        below = below_letters(scene, columns, false);
        phase = phase_letters(&word, columns, room(&below));
    }
    let (phase, most) = phase;
    let mut lines: Vec<Line<'static>> = Vec::new();
    let left = room(&below).saturating_sub(phase.len());
    let figures = figures(scene);
    let letters = (1..=figures.len()).rev().find_map(|n| figure_letters(&figures[..n], columns, left, most));
    if phase.is_empty() {
        lines.push(centred(format!("{} {word}", theme.phase(board.phase).0), style));
    }
    lines.extend(phase.into_iter().map(|row| centred(row, style)));
    match letters {
        None => {
            let correct = board.count(Verdict::Correct);
            lines.push(centred(format!("{correct} of {} resolvers correct", board.total()), Theme::strong()));
        }
        Some(rows) => {
            lines.push(Line::default());
            lines.extend(rows);
        }
    }
    lines.push(Line::default());
    lines.extend(below);

    let mut rest = area;
    let mut take = |lines: u16| {
        let taken = lines.min(rest.height);
        let place = Rect { height: taken, ..rest };
        rest = Rect { y: rest.y + taken, height: rest.height - taken, ..rest };
        place
    };
    head::header(frame, scene, take(1));
    head::ladder_line(frame, scene, take(1));
    let bottom = rest.height.min(1);
    let middle = Rect { height: rest.height - bottom, ..rest };
    let spare = usize::from(middle.height).saturating_sub(lines.len());
    // What is left is the curve's, where that is enough to read it.
    if spare >= 10 && columns >= 60 {
        lines.push(Line::default());
        let wide = columns.min(160);
        let margin = " ".repeat((usize::from(area.width) - wide) / 2);
        for line in curve::plot(scene, wide, (spare - 2).min(14)) {
            let mut spans = vec![Span::raw(margin.clone())];
            spans.extend(line.spans.into_iter().map(|span| Span::styled(span.content, line.style.patch(span.style))));
            lines.push(Line::from(spans));
        }
    }
    let spare = usize::from(middle.height).saturating_sub(lines.len());
    let from = middle.y + u16::try_from(spare / 2).unwrap_or(0);
    for (line, y) in lines.into_iter().zip(from..middle.bottom()) {
        frame.render_widget(line, Rect { y, height: 1, ..middle });
    }
    footer::draw(frame, scene, Rect { y: middle.bottom(), height: bottom, ..rest });
}

/// The phase in big letters and how wide their dots are; smaller than they could be where that leaves room for a figure.
fn phase_letters(word: &str, columns: usize, room: usize) -> (Vec<String>, usize) {
    let with_figure = banner(word, columns, room.saturating_sub(big::HEIGHT + 2));
    if with_figure.0.is_empty() { banner(word, columns, room) } else { with_figure }
}

/// How many are correct; and how long until the last known one is, or how long the fault lasts already.
fn figures(scene: Scene<'_>) -> Vec<Figure> {
    let board = scene.board;
    let correct = board.count(Verdict::Correct);
    let mut figures = vec![Figure {
        text: format!("{correct}/{}", board.total()),
        caption: format!("{correct} of {} correct", board.total()),
    }];
    let last = board.slowest.as_ref().map(|(_, until)| *until);
    match last {
        Some(Until::Known(at)) if at > board.now => {
            figures.push(Figure { text: countdown(at.until(board.now)), caption: "until the last one".to_owned() });
        }
        Some(Until::Bound(at)) if at > board.now => {
            figures.push(Figure { text: countdown(at.until(board.now)), caption: "at most, the last one".to_owned() });
        }
        _ if board.phase.is_bad() => {
            let text = countdown(board.now.since(board.phase_since));
            let caption = if board.right_since.is_some() { "since it was corrected" } else { "it has lasted so far" };
            figures.push(Figure { text, caption: caption.to_owned() });
        }
        _ => {}
    }
    figures
}

/// Figures side by side or one below the other, whichever is larger, each above what it counts; none where there is no room.
/// Their dots are at most `most` wide, so that the phase stays the largest.
fn figure_letters(figures: &[Figure], columns: usize, room: usize, most: usize) -> Option<Vec<Line<'static>>> {
    let wide: Vec<usize> = figures.iter().map(|f| big::columns(&f.text)).collect();
    let (beside, longest) = (wide.iter().sum::<usize>() + APART * (wide.len() - 1), wide.iter().max().copied()?);
    let letters = |text: &str, wide: usize, high: usize| -> Vec<String> {
        big::rows(text, wide).into_iter().flat_map(|row| std::iter::repeat_n(row, high)).collect()
    };
    for (dot, high) in DOTS.into_iter().filter(|(dot, _)| *dot <= most) {
        let rows = big::HEIGHT * high;
        if beside * dot <= columns && rows + 2 <= room {
            let gap = " ".repeat(APART * dot);
            let each: Vec<Vec<String>> = figures.iter().map(|f| letters(&f.text, dot, high)).collect();
            let line = |row: usize| each.iter().filter_map(|f| f.get(row).cloned()).collect::<Vec<_>>().join(&gap);
            let captions = figures.iter().zip(&wide).map(|(figure, wide)| middle(&figure.caption, wide * dot));
            let captions = captions.collect::<Vec<_>>().join(&gap);
            let mut lines: Vec<Line> = (0..rows).map(|row| centred(line(row), Theme::strong())).collect();
            lines.push(centred(captions, Theme::muted()));
            return Some(lines);
        }
        if longest * dot <= columns && figures.len() * (rows + 2) <= room {
            let mut lines: Vec<Line> = Vec::new();
            for figure in figures {
                if !lines.is_empty() {
                    lines.push(Line::default());
                }
                lines.extend(letters(&figure.text, dot, high).into_iter().map(|row| centred(row, Theme::strong())));
                lines.push(centred(figure.caption.clone(), Theme::muted()));
            }
            return Some(lines);
        }
    }
    None
}

/// The text in the middle of so many columns.
fn middle(text: &str, columns: usize) -> String {
    let text = clip(text, columns);
    let before = columns.saturating_sub(width(&text)) / 2;
    left(&format!("{}{text}", " ".repeat(before)), columns)
}

fn centred(text: String, style: Style) -> Line<'static> {
    Line::styled(text, style).alignment(Alignment::Center)
}

/// What stands below the letters, with or without the sentence for customers.
fn below_letters(scene: Scene<'_>, columns: usize, with_statement: bool) -> Vec<Line<'static>> {
    let (board, theme) = (scene.board, scene.app.theme);
    let add = |lines: &mut Vec<Line<'static>>, text: &str, most: usize, style: Style| {
        lines.extend(wrap_within(text, columns, most).into_iter().map(|line| centred(line, style)));
    };
    let mut below = vec![centred(counts(scene, columns), Theme::strong())];
    if let Some((who, until)) = &board.slowest {
        add(&mut below, &format!("last known one {}: {who}", until_words(*until, board.now)), 1, Style::new());
    }
    if let Some(fleet) = &board.forecast.fleet {
        add(&mut below, fleet, 1, Style::new());
    }
    if let Some(bound) = scene.incident.source().parked_bound.filter(|at| *at > board.now) {
        let unseen = format!("caches nobody can ask from here: {} UTC at worst", bound.date_and_minute());
        add(&mut below, &unseen, 1, Theme::muted());
    }
    below.push(Line::default());
    add(&mut below, &format!("→ {}", board.next_action), 3, Theme::strong());
    if with_statement {
        below.push(Line::default());
        add(&mut below, &format!("“{}”", board.statement), 4, Theme::muted());
    }
    for notice in board.notices.iter().take(2) {
        add(&mut below, &format!("! {notice}"), 1, theme.warn());
    }
    below
}

/// A text in big letters: in one line, in two, or word by word; as large as fits, empty where nothing does. And how wide its
/// dots are.
fn banner(text: &str, columns: usize, room: usize) -> (Vec<String>, usize) {
    let words: Vec<&str> = text.split(' ').collect();
    let splits = [vec![text.to_owned()], halves(&words), words.iter().map(|w| (*w).to_owned()).collect()];
    for (wide, high) in DOTS {
        for split in &splits {
            let rows = split.len() * (big::HEIGHT * high + 1) - 1;
            let longest = split.iter().map(|line| big::columns(line)).max().unwrap_or(0);
            if rows <= room && longest * wide <= columns {
                let rows = split.iter().enumerate().fold(Vec::new(), |mut all, (at, line)| {
                    if at > 0 {
                        all.push(String::new());
                    }
                    all.extend(big::rows(line, wide).into_iter().flat_map(|row| std::iter::repeat_n(row, high)));
                    all
                });
                return (rows, wide);
            }
        }
    }
    (Vec::new(), usize::MAX)
}

/// The words in two lines, the first not shorter in words than the second.
fn halves(words: &[&str]) -> Vec<String> {
    let (first, second) = words.split_at(words.len().div_ceil(2));
    [first, second].iter().filter(|half| !half.is_empty()).map(|half| half.join(" ")).collect()
}

/// How many resolvers are not correct, by verdict, as many as fit.
fn counts(scene: Scene<'_>, columns: usize) -> String {
    let mut text = String::new();
    let counted = scene.board.counts.iter().filter(|(verdict, n)| *n > 0 && *verdict != Verdict::Correct);
    for (verdict, n) in counted {
        let part = format!("{} {n} {}", scene.app.theme.glyph(*verdict), verdict.word());
        if width(&text) + width(&part) + 3 > columns {
            break;
        }
        if !text.is_empty() {
            text.push_str("   ");
        }
        text.push_str(&part);
    }
    clip(&text, columns)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_banner_takes_the_split_that_makes_it_largest_and_none_where_there_is_no_room() {
        let rows = |text, columns, room| banner(text, columns, room).0.len();
        assert_eq!(rows("PARKED AT PARENT", 200, 5), 5);
        assert_eq!(rows("PARKED AT PARENT", 80, 20), 17, "wider dots, a word a line");
        assert_eq!(rows("PARKED AT PARENT", 80, 16), 11);
        assert_eq!(rows("PARKED AT PARENT", 80, 5), 0);
        assert_eq!(rows("", 80, 0), 0);
        assert_eq!(rows("BROKEN AT AUTHORITY", 10, 50), 0);
    }

    #[test]
    fn figures_stand_side_by_side_or_below_each_other_and_never_larger_than_the_phase() {
        let figure = |text: &str| Figure { text: text.to_owned(), caption: "of them".to_owned() };
        let two = [figure("82/117"), figure("5:33:10")];
        let shape = |columns, room, most| {
            let lines = figure_letters(&two, columns, room, most)?;
            Some((lines.len(), lines.iter().map(Line::width).max()?))
        };
        assert_eq!(shape(200, 60, 2), Some((6, 136)), "side by side");
        assert_eq!(shape(120, 40, 2), Some((13, 62)), "larger below each other");
        assert_eq!(shape(120, 10, 2), Some((6, 68)), "no room for that");
        assert_eq!(shape(60, 10, 2), None);
        assert!(shape(200, 60, usize::MAX).unwrap().0 > 10);
    }
}
