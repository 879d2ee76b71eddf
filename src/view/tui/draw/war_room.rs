//! The screen for the wall: the phase in big letters, how far it is, what to do, and the sentence for customers.

use ratatui::Frame;
use ratatui::layout::{Alignment, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::judge::Verdict;
use crate::view::model::until_words;
use crate::view::tui::draw::text::{clip, width, wrap_within};
use crate::view::tui::draw::{Scene, big, canvas, curve, footer, head};
use crate::view::tui::theme::Theme;

/// Lines that are always there: header, ladder, footer, the count, and one blank below the letters and one below the count.
const FIXED: usize = 6;
/// How wide and high a dot of a letter may be, the largest first. A cell is about twice as high as wide.
const DOTS: [(usize, usize); 4] = [(6, 3), (4, 2), (2, 1), (1, 1)];

pub(super) fn draw(frame: &mut Frame, scene: Scene<'_>) {
    let area = canvas(scene.app);
    let (board, theme) = (scene.board, scene.app.theme);
    let columns = usize::from(area.width.saturating_sub(2));
    let mut lines: Vec<Line<'static>> = Vec::new();

    // Big letters take what the rest leaves; where that is too little, the sentence for customers gives way.
    let correct = board.count(Verdict::Correct);
    let word = board.phase.word().replace('-', " ").to_uppercase();
    let style = theme.phase(board.phase).1;
    let room = |below: &[Line]| usize::from(area.height).saturating_sub(FIXED + below.len());
    let mut below = below_letters(scene, columns, true);
    let mut phase = banner(&word, columns, room(&below));
    if phase.is_empty() {
        below = below_letters(scene, columns, false);
        phase = banner(&word, columns, room(&below));
    }
    let left = room(&below).saturating_sub(phase.len() + 1);
    let share = banner(&format!("{correct}/{}", board.total()), columns, left);
    if phase.is_empty() {
        lines.push(centred(format!("{} {word}", theme.phase(board.phase).0), style));
    }
    lines.extend(phase.into_iter().map(|row| centred(row, style)));
    if share.is_empty() {
        lines.push(centred(format!("{correct} of {} resolvers correct", board.total()), Theme::strong()));
    } else {
        lines.push(Line::default());
        lines.extend(share.into_iter().map(|row| centred(row, Theme::strong())));
        lines.push(centred("resolvers correct".to_owned(), Theme::muted()));
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

/// A text in big letters: in one line, in two, or word by word; as large as fits, empty where nothing does.
fn banner(text: &str, columns: usize, room: usize) -> Vec<String> {
    let words: Vec<&str> = text.split(' ').collect();
    let splits = [vec![text.to_owned()], halves(&words), words.iter().map(|w| (*w).to_owned()).collect()];
    for (wide, high) in DOTS {
        for split in &splits {
            let rows = split.len() * (big::HEIGHT * high + 1) - 1;
            let longest = split.iter().map(|line| big::columns(line)).max().unwrap_or(0);
            if rows <= room && longest * wide <= columns {
                return split.iter().enumerate().fold(Vec::new(), |mut all, (at, line)| {
                    if at > 0 {
                        all.push(String::new());
                    }
                    all.extend(big::rows(line, wide).into_iter().flat_map(|row| std::iter::repeat_n(row, high)));
                    all
                });
            }
        }
    }
    Vec::new()
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
        assert_eq!(banner("PARKED AT PARENT", 200, 5).len(), 5);
        assert_eq!(banner("PARKED AT PARENT", 80, 20).len(), 17, "wider dots, a word a line");
        assert_eq!(banner("PARKED AT PARENT", 80, 16).len(), 11);
        assert_eq!(banner("PARKED AT PARENT", 80, 5), Vec::<String>::new());
        assert_eq!(banner("", 80, 0), Vec::<String>::new());
        assert!(banner("BROKEN AT AUTHORITY", 10, 50).is_empty());
    }
}
