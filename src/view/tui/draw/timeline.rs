//! What happened, with times in UTC: beside the table on large screens, and behind a key in full.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::view::model::{TimelineEntry, TimelineKind};
use crate::view::tui::draw::Scene;
use crate::view::tui::draw::lists::labelled;
use crate::view::tui::draw::pane::Pane;
use crate::view::tui::draw::text::title_line;
use crate::view::tui::keys;
use crate::view::tui::palette::Tint;
use crate::view::tui::theme::Theme;

/// Beside the table: the newest that there is room for, the newest last.
pub(super) fn draw(frame: &mut Frame, scene: Scene<'_>, place: Rect) {
    if place.height < 3 || place.width < 16 {
        return;
    }
    let key = scene.app.keys.of(keys::MAIN, keys::Action::Timeline);
    let title = title_line("What happened (UTC)", "", &key, usize::from(place.width));
    frame.render_widget(title, Rect { height: 1, ..place });
    let columns = usize::from(place.width) - 3;
    let room = usize::from(place.height) - 1;
    let mut lines: Vec<Line<'static>> = Vec::new();
    for entry in scene.app.panorama.timeline.iter().rev() {
        let mut block = block(scene, entry, columns, 9, false);
        if lines.len() + block.len() > room {
            break;
        }
        block.append(&mut lines);
        lines = block;
    }
    for (line, y) in lines.into_iter().zip(place.top() + 1..place.bottom()) {
        let edge = Span::styled("│ ", Theme::muted());
        let spans: Vec<Span> = std::iter::once(edge).chain(line.spans).collect();
        frame.render_widget(Line::from(spans), Rect { y, height: 1, ..place });
    }
}

/// One entry, its text folded beside its time.
fn block(scene: Scene<'_>, entry: &TimelineEntry, columns: usize, wide: usize, with_kind: bool) -> Vec<Line<'static>> {
    let theme = scene.app.theme;
    let style = match entry.kind {
        TimelineKind::Phase => Theme::strong(),
        TimelineKind::Flush | TimelineKind::Note | TimelineKind::Operator => theme.tint(Tint::Draining),
        TimelineKind::Network | TimelineKind::Clock => theme.warn(),
        _ => Style::new(),
    };
    let kind = if with_kind { format!(" {:<14}", entry.kind.word()) } else { String::new() };
    labelled(&format!("{}{kind}", entry.at.clock()), wide, &entry.text, columns, (Theme::muted(), style))
}

/// All of it, oldest first; opened at its end.
pub(super) fn pane(scene: Scene<'_>, columns: usize) -> Pane {
    let entries = &scene.app.panorama.timeline;
    let mut day = String::new();
    let mut lines = Vec::new();
    for entry in entries {
        let date = entry.at.date_and_minute();
        let today = date.split(' ').next().unwrap_or_default();
        if today != day {
            today.clone_into(&mut day);
            lines.push(Line::styled(day.clone(), Theme::strong()));
        }
        let (wide, with_kind) = if columns >= 70 { (24, true) } else { (9, false) };
        lines.extend(block(scene, entry, columns, wide, with_kind));
    }
    Pane {
        title: format!("What happened: {} entries, times in UTC", entries.len()),
        lines,
        focus: None,
        cursor: None,
        keys: keys::LIST,
    }
}
