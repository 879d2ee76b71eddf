//! The screen for the wall: the phase in big letters, how far it is, what to do, and the sentence for customers.

use ratatui::Frame;
use ratatui::layout::{Alignment, Rect};
use ratatui::style::Style;
use ratatui::text::Line;

use crate::judge::Verdict;
use crate::view::model::until_words;
use crate::view::tui::draw::text::{clip, width, wrap_within};
use crate::view::tui::draw::{Scene, big, footer, head};

pub(super) fn draw(frame: &mut Frame, scene: Scene<'_>) {
    let area = frame.area();
    let (board, theme) = (scene.board, scene.app.theme);
    let columns = usize::from(area.width.saturating_sub(2));
    let mut lines: Vec<Line<'static>> = Vec::new();
    let centred = |text: String, style: Style| Line::styled(text, style).alignment(Alignment::Center);
    let add = |lines: &mut Vec<Line<'static>>, text: &str, most: usize, style: Style| {
        lines.extend(wrap_within(text, columns, most).into_iter().map(|line| centred(line, style)));
    };

    // From the top of what must be seen down; big letters take what is left.
    let correct = board.count(Verdict::Correct);
    let mut below: Vec<Line<'static>> = vec![centred(counts(scene, columns), theme.strong())];
    if let Some((who, until)) = &board.slowest {
        add(&mut below, &format!("last known one {}: {who}", until_words(*until, board.now)), 1, Style::new());
    }
    if let Some(bound) = scene.incident.source().parked_bound.filter(|at| *at > board.now) {
        let unseen = format!("caches nobody can ask from here: {} UTC at worst", bound.date_and_minute());
        add(&mut below, &unseen, 1, theme.muted());
    }
    below.push(Line::default());
    let roomy = if area.height >= 40 { 5 } else { 3 };
    add(&mut below, &format!("→ {}", board.next_action), roomy.min(3), theme.strong());
    if area.height >= 22 {
        below.push(Line::default());
        add(&mut below, &format!("“{}”", board.statement), roomy.min(3), theme.muted());
    }
    for notice in board.notices.iter().take(2) {
        add(&mut below, &format!("! {notice}"), 1, theme.warn());
    }

    // Header, ladder with a blank line above, footer.
    let fixed = 4;
    let room = usize::from(area.height).saturating_sub(fixed + below.len());
    let word = board.phase.word().replace('-', " ").to_uppercase();
    let style = theme.phase(board.phase).1;
    let share = format!("{correct}/{}", board.total());
    let phase = banner(&word, columns, room);
    let share = banner(&share, columns, room.saturating_sub(phase.len() + 1));
    if phase.is_empty() {
        lines.push(centred(format!("{} {word}", theme.phase(board.phase).0), style));
    }
    lines.extend(phase.into_iter().map(|row| centred(row, style)));
    if share.is_empty() {
        lines.push(centred(format!("{correct} of {} resolvers correct", board.total()), theme.strong()));
    } else {
        lines.push(Line::default());
        lines.extend(share.into_iter().map(|row| centred(row, theme.strong())));
        lines.push(centred("resolvers correct".to_owned(), theme.muted()));
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
    let from = middle.y + u16::try_from(spare / 2).unwrap_or(0);
    for (line, y) in lines.into_iter().zip(from..middle.bottom()) {
        frame.render_widget(line, Rect { y, height: 1, ..middle });
    }
    footer::draw(frame, scene, Rect { y: middle.bottom(), height: bottom, ..rest });
}

/// A text in big letters: in one line, or word by word, as wide as fits; empty where there is no room.
fn banner(text: &str, columns: usize, room: usize) -> Vec<String> {
    let words: Vec<&str> = text.split(' ').collect();
    // One line, then two, then a line a word.
    let splits = [vec![text.to_owned()], halves(&words), words.iter().map(|w| (*w).to_owned()).collect()];
    let mut best: Option<(usize, Vec<String>)> = None;
    for split in splits {
        let high = split.len() * (big::HEIGHT + 1) - 1;
        let wide = split.iter().map(|line| big::columns(line)).max().unwrap_or(0).max(1);
        let scale = (columns / wide).min(2);
        if high > room || scale == 0 || best.as_ref().is_some_and(|(known, _)| *known >= scale) {
            continue;
        }
        let mut rows = Vec::new();
        for (at, line) in split.iter().enumerate() {
            if at > 0 {
                rows.push(String::new());
            }
            rows.extend(big::rows(line, scale));
        }
        best = Some((scale, rows));
    }
    best.map(|(_, rows)| rows).unwrap_or_default()
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
        assert_eq!(banner("PARKED AT PARENT", 80, 20).len(), 11);
        assert_eq!(banner("PARKED AT PARENT", 80, 5), Vec::<String>::new());
        assert_eq!(banner("", 80, 0), Vec::<String>::new());
        assert!(banner("BROKEN AT AUTHORITY", 10, 50).is_empty());
    }
}
