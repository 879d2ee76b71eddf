//! The world, and on it what resolvers say where they stand. The outlines are those of ratatui's canvas.

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Style};
use ratatui::symbols::Marker;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget as _;
use ratatui::widgets::canvas::{Canvas, Map, MapResolution};

use crate::judge::Verdict;
use crate::view::tui::draw::Scene;
use crate::view::tui::draw::lists::labelled;
use crate::view::tui::draw::pane::Pane;
use crate::view::tui::draw::text::{title_line, wrap};
use crate::view::tui::keys;
use crate::view::tui::palette::Tint;
use crate::view::tui::panorama::Tally;
use crate::view::tui::theme::Theme;

/// What is shown of the earth: without the ice of the south, where no resolver stands.
const WEST_TO_EAST: [f64; 2] = [-172.0, 190.0];
const SOUTH_TO_NORTH: [f64; 2] = [-56.0, 80.0];

/// Beside the curve, with its title.
pub(super) fn draw(frame: &mut Frame, scene: Scene<'_>, place: Rect) {
    if place.height < 4 || place.width < 16 {
        return;
    }
    let key = scene.app.keys.of(keys::MAIN, keys::Action::Map);
    let title = title_line("Where", &placed_words(scene), &key, usize::from(place.width));
    frame.render_widget(title, Rect { height: 1, ..place });
    for (line, y) in lines(scene, place.width - 1, place.height - 1).into_iter().zip(place.top() + 1..place.bottom()) {
        frame.render_widget(line, Rect { x: place.x + 1, y, width: place.width - 1, height: 1 });
    }
}

fn placed_words(scene: Scene<'_>) -> String {
    let sites = &scene.app.panorama.sites;
    let placed: usize = sites.spots.values().map(Tally::total).sum();
    match sites.nowhere.total() {
        0 => format!("{placed} resolvers"),
        nowhere => format!("{placed} placed, {nowhere} of no known site"),
    }
}

/// The map in so many columns and lines. The worst of each place stands on top.
fn lines(scene: Scene<'_>, columns: u16, height: u16) -> Vec<Line<'static>> {
    let theme = scene.app.theme;
    let area = Rect::new(0, 0, columns, height);
    let mut buffer = Buffer::empty(area);
    let marker = if theme.ascii() { Marker::Dot } else { Marker::Braille };
    let resolution = if columns > 90 { MapResolution::High } else { MapResolution::Low };
    let land = theme.colour(Tint::Land).unwrap_or(Color::Reset);
    let mut spots: Vec<_> = scene.app.panorama.sites.spots.iter().collect();
    spots.sort_by_key(|(_, tally)| std::cmp::Reverse(tally.worst()));
    let canvas = Canvas::default().marker(marker).x_bounds(WEST_TO_EAST).y_bounds(SOUTH_TO_NORTH).paint(|context| {
        context.draw(&Map { resolution, color: land });
        context.layer();
        for ((latitude, longitude), tally) in &spots {
            let worst = tally.worst();
            let dot = Line::styled(theme.glyph(worst).to_string(), theme.verdict(worst));
            context.print(f64::from(*longitude), f64::from(*latitude), dot);
        }
    });
    canvas.render(area, &mut buffer);
    let row = |y: u16| {
        let cells = (0..columns).filter_map(|x| buffer.cell((x, y)));
        let spans = cells.map(|cell| {
            // Without colour the outlines would be as loud as the dots.
            let outline = cell.symbol().chars().all(|c| ('\u{2800}'..='\u{28ff}').contains(&c) || c == '•');
            let style = if outline && !theme.has_colour() { Theme::muted() } else { style_of(cell) };
            Span::styled(cell.symbol().to_owned(), style)
        });
        Line::from(spans.collect::<Vec<_>>())
    };
    (0..height).map(row).collect()
}

fn style_of(cell: &ratatui::buffer::Cell) -> Style {
    let style = Style::new().add_modifier(cell.modifier);
    if cell.fg == Color::Reset { style } else { style.fg(cell.fg) }
}

/// The map over the whole screen, and below it the parts of the world in numbers.
pub(super) fn pane(scene: Scene<'_>, columns: usize, height: usize) -> Pane {
    let theme = scene.app.theme;
    let sites = &scene.app.panorama.sites;
    let wide = u16::try_from(columns).unwrap_or(u16::MAX);
    // The world is somewhat more than twice as wide as high, and a cell about twice as high as wide.
    let high = u16::try_from(height.saturating_sub(11)).unwrap_or(u16::MAX).clamp(6, (wide / 5).max(6));
    let mut out = lines(scene, wide, high);
    out.push(Line::default());
    for (region, tally) in &sites.regions {
        let name = region.map_or_else(|| "not known where".to_owned(), |region| region.to_string());
        let correct = tally.count(Verdict::Correct);
        let mut spans = vec![
            Span::raw(format!("  {name:<16}")),
            Span::styled(format!("{correct:>4} of {:<5}correct ", tally.total()), Theme::strong()),
        ];
        spans.extend(tally.iter().filter(|(v, _)| *v != Verdict::Correct).map(|(verdict, n)| {
            Span::styled(format!("  {} {n} {}", theme.glyph(verdict), verdict.word()), theme.verdict(verdict))
        }));
        out.push(Line::from(spans));
    }
    out.push(Line::default());
    let nowhere = sites.nowhere.total();
    if nowhere > 0 {
        let counts = sites.nowhere.iter().map(|(v, n)| format!("{n} {}", v.word())).collect::<Vec<_>>().join(", ");
        let text = format!(
            "{nowhere} stand on no map: anycast addresses that did not name the site that answered ({counts})."
        );
        out.extend(labelled("", 2, &text, columns, (Style::new(), Style::new())));
    }
    let rows = "The rows behind a line: / and region:eu, with verdict:parked where that is meant.";
    out.extend(wrap(rows, columns).into_iter().map(Line::raw));
    let note = "Each place shows the worst of its resolvers. An anycast address stands where the instance that answered us says it is; others at their city, or in the middle of their country. The view is this machine's: users elsewhere reach other sites of an anycast address.";
    out.extend(wrap(note, columns).into_iter().map(|line| Line::styled(line, Theme::muted())));
    let title = format!("Where: {}", placed_words(scene));
    Pane { title, lines: out, focus: None, cursor: None, keys: keys::LIST }
}
