//! A rung of the ladder, opened: its servers one by one; for the resolvers, how many say what.

use ratatui::style::Style;
use ratatui::text::Line;

use crate::judge::Verdict;
use crate::observation::TargetId;
use crate::time::Timestamp;
use crate::view::model::{Glance, Rung, RungKind};
use crate::view::tui::draw::Scene;
use crate::view::tui::draw::lists::{VERDICTS, labelled};
use crate::view::tui::draw::pane::Pane;
use crate::view::tui::draw::table::ago;
use crate::view::tui::draw::text::{left, width};
use crate::view::tui::keys;
use crate::view::tui::theme::Theme;

/// A server of the source is asked every half minute at least: one that was not heard for so many seconds says so.
const OLD: u64 = 90;

/// What stands behind one line of a rung.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behind {
    /// Every answer of a server.
    Server(TargetId),
    /// The rows of the table with this verdict.
    Rows(Verdict),
}

/// One line of a rung.
struct Entry {
    verdict: Verdict,
    name: String,
    address: String,
    role: &'static str,
    says: String,
    heard: Option<Timestamp>,
    behind: Option<Behind>,
}

fn entries(board: &Glance, rung: &Rung) -> Vec<Entry> {
    if rung.kind == RungKind::Resolvers {
        let counted = board.counts.iter().filter(|(_, n)| *n > 0);
        return counted.map(|(verdict, n)| counted_entry(*verdict, *n)).collect();
    }
    let server = |server: &crate::view::model::Server| Entry {
        verdict: server.verdict,
        name: server.name.clone(),
        address: server.address.clone(),
        role: server.role,
        says: server.says.clone(),
        heard: server.heard,
        behind: server.target.map(Behind::Server),
    };
    rung.servers.iter().map(server).collect()
}

/// How many resolvers have a verdict, and what that means.
fn counted_entry(verdict: Verdict, n: usize) -> Entry {
    let says = VERDICTS.iter().find(|(known, _)| *known == verdict).map_or("", |(_, says)| says);
    Entry {
        verdict,
        name: n.to_string(),
        address: String::new(),
        role: "",
        says: says.to_owned(),
        heard: None,
        behind: Some(Behind::Rows(verdict)),
    }
}

/// How many lines of a rung can be chosen.
pub(super) fn count(board: &Glance, rung: usize) -> usize {
    board.ladder.get(rung).map_or(0, |rung| entries(board, rung).len())
}

/// What stands behind a line of a rung.
#[must_use]
pub fn behind_rung(board: &Glance, rung: usize, at: usize) -> Option<Behind> {
    entries(board, board.ladder.get(rung)?).get(at)?.behind
}

/// The lines of a rung, the chosen one marked; and the line of the pane at which each begins.
pub(super) fn servers(scene: Scene<'_>, rung: usize, chosen: usize, columns: usize) -> (Pane, Vec<usize>) {
    let theme = scene.app.theme;
    let Some(rung) = scene.board.ladder.get(rung) else {
        let pane = Pane { title: String::new(), lines: Vec::new(), focus: None, cursor: None, keys: keys::SERVERS };
        return (pane, Vec::new());
    };
    let entries = entries(scene.board, rung);
    let widest = |of: fn(&Entry) -> usize| entries.iter().map(of).max().unwrap_or(0);
    let names = widest(|e| width(&e.name)).min(32);
    let addresses = widest(|e| width(&e.address)).min(39);
    let roles = widest(|e| width(e.role));
    let mut lines: Vec<Line<'static>> = Vec::new();
    let mut begins = Vec::new();
    for (at, entry) in entries.iter().enumerate() {
        begins.push(lines.len());
        let here = at == chosen;
        let mark = if here { ">" } else { " " };
        let mut label = format!("{mark} {} {:<8} ", theme.glyph(entry.verdict), entry.verdict.word());
        for (text, wide) in [(entry.name.as_str(), names), (&entry.address, addresses), (entry.role, roles)] {
            if wide > 0 {
                label.push_str(&left(text, wide));
                label.push(' ');
            }
        }
        let wide = width(&label);
        let mut of_label = theme.verdict(entry.verdict);
        if here {
            of_label = of_label.patch(Theme::selected());
        }
        let old = entry.heard.filter(|at| scene.board.now.since(*at).as_secs() > OLD);
        let says = match old {
            Some(at) => format!("{} (heard {} ago)", entry.says, ago(Some(at), scene.board.now)),
            None => entry.says.clone(),
        };
        if wide + 24 <= columns {
            lines.extend(labelled(&label, wide, &says, columns, (of_label, Style::new())));
        } else {
            lines.push(Line::styled(label, of_label));
            lines.extend(labelled("", 6, &says, columns, (of_label, Style::new())));
        }
    }
    let labels = rung.facts.iter().map(|(label, _)| width(label)).max().unwrap_or(0);
    for (label, text) in &rung.facts {
        if text.is_empty() {
            lines.push(Line::default());
        } else {
            let label = format!("{}  ", left(label, labels));
            lines.extend(labelled(&label, labels + 2, text, columns, (Theme::muted(), Style::new())));
        }
    }
    match (rung.kind, lines.is_empty()) {
        (RungKind::Resolvers, false) => {
            lines.push(Line::default());
            let rows = "Enter shows the rows that a number counts; Enter on a row shows every answer of it.";
            lines.extend(labelled("", 2, rows, columns, (Theme::muted(), Theme::muted())));
        }
        (_, true) => lines.push(Line::raw("None found yet.")),
        _ => {}
    }
    let title = format!("{}: {} {}", rung.title, theme.glyph(rung.verdict), rung.summary);
    let focus = begins.get(chosen).copied();
    (Pane { title, lines, focus, cursor: None, keys: keys::SERVERS }, begins)
}
