//! The dialogs with a line to type or a choice: expectation, hosts, note, resolver, survey.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::view::tui::dialogs::{self, ExpectationDialog, HostsDialog, NoteDialog, ResolverDialog, SurveyDialog};
use crate::view::tui::draw::Scene;
use crate::view::tui::draw::lists::labelled;
use crate::view::tui::draw::pane::Pane;
use crate::view::tui::draw::text::{clip, wrap};
use crate::view::tui::keys;
use crate::view::tui::theme::Theme;

/// Width of the prompt.
const PROMPT: usize = 2;

/// The line being typed, and the column of its cursor.
pub(super) fn typed(line: &dialogs::Line, columns: usize) -> (Line<'static>, usize) {
    let room = columns.saturating_sub(PROMPT + 1);
    let (cursor, start) = line.cursor(room);
    let shown: String = line.text().chars().skip(start).collect();
    (Line::from(vec![Span::raw("> "), Span::raw(clip(&shown, room))]), PROMPT + cursor)
}

fn folded(text: &str, columns: usize, style: Style) -> impl Iterator<Item = Line<'static>> {
    wrap(text, columns).into_iter().map(move |line| Line::styled(line, style))
}

pub(super) fn expectation(scene: Scene<'_>, dialog: &ExpectationDialog, columns: usize) -> Pane {
    let theme = scene.app.theme;
    let mut lines = Vec::new();
    let says = format!("Which name servers should {} be delegated to?", scene.board.zone);
    lines.extend(folded(&says, columns, Theme::strong()));
    let (line, column) = typed(&dialog.line, columns);
    let cursor = (lines.len(), column);
    lines.push(line);
    match dialog.read() {
        Ok(ns) => lines.extend(folded(&format!("{} servers: {ns}", ns.len()), columns, Theme::muted())),
        Err(reason) => lines.extend(folded(&reason, columns, theme.warn())),
    }
    lines.push(Line::default());
    let means = "Accepting means: every answer is held against exactly these servers. What the parent held at first then counts as parked, if it shares no server with them. Nothing is sent to anybody.";
    lines.extend(folded(means, columns, Style::new()));
    lines.push(Line::default());
    if dialog.proposals.is_empty() {
        lines.push(Line::styled("No NS set was seen yet that could be proposed.", Theme::muted()));
    } else {
        let seen = "Seen so far. That a set was seen does not make it correct:";
        lines.extend(folded(seen, columns, Theme::muted()));
    }
    for (at, proposal) in dialog.proposals.iter().enumerate() {
        let chosen = dialog.chosen == Some(at);
        let style = if chosen { Theme::selected() } else { Style::new() };
        lines.extend(labelled(if chosen { "> " } else { "  " }, 2, &proposal.ns.to_string(), columns, (style, style)));
        let seen = if proposal.parked { format!("PARKED: {}", proposal.seen) } else { proposal.seen.clone() };
        let style = if proposal.parked { theme.warn() } else { Theme::muted() };
        lines.extend(labelled("", 4, &seen, columns, (style, style)));
    }
    Pane { title: "What is correct".to_owned(), lines, focus: None, cursor: Some(cursor), keys: keys::DIALOG }
}

pub(super) fn hosts(scene: Scene<'_>, dialog: &HostsDialog, columns: usize) -> Pane {
    let theme = scene.app.theme;
    let mut lines = Vec::new();
    lines.extend(folded("Which further host names shall be watched at every resolver?", columns, Theme::strong()));
    let (line, column) = typed(&dialog.line, columns);
    let cursor = (lines.len(), column);
    lines.push(line);
    match dialog.read() {
        Ok(names) => {
            let names: Vec<String> = names.iter().map(crate::dns::Name::without_dot).collect();
            lines.extend(folded(&names.join(", "), columns, Theme::muted()));
        }
        Err(reason) => lines.extend(folded(&reason, columns, theme.warn())),
    }
    lines.push(Line::default());
    let watched: Vec<String> = scene.incident.hosts().iter().map(crate::dns::Name::without_dot).collect();
    let watched = if watched.is_empty() { "none besides the apex".to_owned() } else { watched.join(", ") };
    lines.extend(folded(&format!("Watched now: {watched}."), columns, Style::new()));
    let costs = "Each host adds two questions (A and AAAA) at every resolver, once the parent is right.";
    lines.extend(folded(costs, columns, Theme::muted()));
    Pane { title: "Watched hosts".to_owned(), lines, focus: None, cursor: Some(cursor), keys: keys::LINE }
}

pub(super) fn note(scene: Scene<'_>, dialog: &NoteDialog, columns: usize) -> Pane {
    let mut lines = Vec::new();
    lines.extend(folded("What should those who read this incident later know?", columns, Theme::strong()));
    let (line, column) = typed(&dialog.line, columns);
    let cursor = (lines.len(), column);
    lines.push(line);
    match dialog.read() {
        Ok(_) => lines.push(Line::default()),
        Err(reason) => lines.extend(folded(&reason, columns, scene.app.theme.warn())),
    }
    let means = "Kept with the present time, among what happened. Nothing is sent to anybody.";
    lines.extend(folded(means, columns, Theme::muted()));
    let made: Vec<_> = scene.incident.notes().collect();
    if !made.is_empty() {
        lines.push(Line::default());
    }
    for (at, text) in made.iter().rev() {
        let label = format!("{} ", at.clock());
        let style = (Theme::muted(), Style::new());
        lines.extend(labelled(&label, label.len(), &crate::dns::shown::text(text), columns, style));
    }
    Pane { title: "Note".to_owned(), lines, focus: None, cursor: Some(cursor), keys: keys::LINE }
}

pub(super) fn resolver(scene: Scene<'_>, dialog: &ResolverDialog, columns: usize) -> Pane {
    let mut lines = Vec::new();
    lines.extend(folded("Which further resolver shall be asked?", columns, Theme::strong()));
    let (line, column) = typed(&dialog.line, columns);
    let cursor = (lines.len(), column);
    lines.push(line);
    match dialog.read(scene.incident) {
        Ok(address) => {
            let known = format!("{} is added as a row of its own", crate::observation::address_text(address));
            lines.extend(folded(&known, columns, Theme::muted()));
        }
        Err(reason) => lines.extend(folded(&reason, columns, scene.app.theme.warn())),
    }
    lines.push(Line::default());
    let means = "It is asked like the others, within the same budget, for as long as this watch lasts: your own resolver, a customer's, a provider's. For every watch: resolver = [\"…\"] with add = true in unpark.toml.";
    lines.extend(folded(means, columns, Style::new()));
    if scene.incident.source().parent_wrong {
        let harm = "While the parent is wrong, a first question makes a cache that does not hold the zone store the parked delegation.";
        lines.push(Line::default());
        lines.extend(folded(harm, columns, scene.app.theme.warn()));
    }
    Pane { title: "A further resolver".to_owned(), lines, focus: None, cursor: Some(cursor), keys: keys::LINE }
}

pub(super) fn survey(scene: Scene<'_>, dialog: SurveyDialog, columns: usize) -> Pane {
    let mut lines = Vec::new();
    lines.extend(folded("How shall resolvers be asked while the parent is wrong?", columns, Theme::strong()));
    lines.push(Line::default());
    for way in SurveyDialog::WAYS {
        let chosen = way == dialog.chosen;
        let now = if way == scene.incident.survey() { " (now)" } else { "" };
        let style = if chosen { Theme::selected() } else { Theme::strong() };
        let label = format!("{} {}{now}", if chosen { ">" } else { " " }, way.word());
        lines.push(Line::styled(label, style));
        lines.extend(labelled("", 4, SurveyDialog::costs(way), columns, (Style::new(), Style::new())));
        lines.push(Line::default());
    }
    let after = "Once every parent server is right, resolvers are asked in full, whatever stands here.";
    lines.extend(folded(after, columns, Theme::muted()));
    Pane { title: "Survey".to_owned(), lines, focus: None, cursor: None, keys: keys::DIALOG }
}
