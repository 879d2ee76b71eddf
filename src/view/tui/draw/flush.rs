//! The flush dialog: either why the guard refuses, or the plan step by step with what became of each.

use ratatui::style::Style;
use ratatui::text::Line;

use crate::flush::{EVERYONE_ELSE, FlushOperator, NO_FLUSH, Obstacle, consequence};
use crate::judge::Verdict;
use crate::view::tui::dialogs::{CONFIRMATION, FlushDialog};
use crate::view::tui::draw::Scene;
use crate::view::tui::draw::forms::typed;
use crate::view::tui::draw::lists::labelled;
use crate::view::tui::draw::pane::Pane;
use crate::view::tui::draw::text::{left, wrap};
use crate::view::tui::keys;
use crate::view::tui::theme::Theme;

pub(super) fn flush(scene: Scene<'_>, dialog: &FlushDialog, columns: usize) -> Pane {
    match dialog.refusal(scene.incident) {
        Some(obstacles) => refused(scene, dialog, &obstacles, columns),
        None => plan(scene, dialog, columns),
    }
}

fn refused(scene: Scene<'_>, dialog: &FlushDialog, obstacles: &[Obstacle], columns: usize) -> Pane {
    let theme = scene.app.theme;
    let plain = Style::new();
    let mut lines = Vec::new();
    lines.push(Line::styled("Not now. A flush would do harm:", theme.warn()));
    for obstacle in obstacles {
        lines.extend(labelled("  - ", 4, &format!("{obstacle}."), columns, (plain, plain)));
    }
    lines.push(Line::default());
    let harm = format!("Why it matters: {}.", consequence(obstacles));
    lines.extend(wrap(&harm, columns).into_iter().map(|line| Line::styled(line, Theme::strong())));
    lines.push(Line::default());
    let wait = "Nothing was sent. Once the source is right, this dialog shows the plan.";
    lines.extend(wrap(wait, columns).into_iter().map(Line::raw));
    lines.push(Line::default());
    let word = format!("To plan a flush all the same, type {CONFIRMATION} and press Enter; that sends nothing yet:");
    lines.extend(wrap(&word, columns).into_iter().map(|line| Line::styled(line, Theme::muted())));
    let (line, column) = typed(&dialog.line, columns);
    let cursor = (lines.len(), column);
    let focus = (!dialog.line.text().is_empty()).then_some(lines.len());
    lines.push(line);
    let title = "Flush: refused".to_owned();
    Pane { title, lines, focus, cursor: Some(cursor), keys: keys::LINE }
}

fn plan(scene: Scene<'_>, dialog: &FlushDialog, columns: usize) -> Pane {
    let theme = scene.app.theme;
    let mut lines = Vec::new();
    let mut focus = None;
    if dialog.overridden {
        let sure = "You overrode the guard: resolvers that forget now may store the parked answer again.";
        lines.extend(wrap(sure, columns).into_iter().map(|line| Line::styled(line, theme.warn())));
        lines.push(Line::default());
    }
    let mut operator: Option<FlushOperator> = None;
    for (at, step) in dialog.plan.steps.iter().enumerate() {
        if operator != Some(step.operator) {
            if operator.is_some() {
                lines.push(Line::default());
            }
            operator = Some(step.operator);
            lines.push(Line::styled(heading(scene, step.operator), Theme::strong()));
            lines.push(Line::styled(format!("  {}", how(step.operator)), Theme::muted()));
        }
        let status = dialog.status(step, scene.incident);
        let here = at == dialog.at;
        let name = step.name.without_dot();
        let wide = columns.saturating_sub(13 + 28).max(12);
        let text =
            format!("{} {} {:<7} {status}", if here { ">" } else { " " }, left(&name, wide), step.rtype.to_string());
        let style = if here { Theme::selected() } else { Style::new() };
        lines.push(Line::styled(left(&text, columns), style));
        if here {
            focus = Some(lines.len() + 1);
            lines.extend(labelled("", 4, &dialog.request(step), columns, (Theme::muted(), Theme::muted())));
        }
    }
    lines.push(Line::default());
    for left_out in &dialog.plan.left_out {
        let text = format!("{} {}: {}", left_out.operator, left_out.name.without_dot(), left_out.reason);
        lines.extend(labelled("left out", 10, &text, columns, (Theme::muted(), Theme::muted())));
    }
    for none in NO_FLUSH {
        let text = format!("{}: {}", none.operator, none.reason);
        lines.extend(labelled("no flush", 10, &text, columns, (Theme::muted(), Theme::muted())));
    }
    lines.extend(labelled("", 10, EVERYONE_ELSE, columns, (Theme::muted(), Theme::muted())));
    let sent = "\"sent\" means that the operator took the request. Whether its caches forgot, only their rows show.";
    lines.extend(wrap(sent, columns).into_iter().map(|line| Line::styled(line, Theme::muted())));
    let title = if dialog.asked.is_some() {
        "Flush: on its way".to_owned()
    } else {
        format!("Flush: {} steps planned, nothing sent yet", dialog.plan.steps.len())
    };
    Pane { title, lines, focus, cursor: None, keys: keys::FLUSH }
}

/// How an operator's steps are taken.
const fn how(operator: FlushOperator) -> &'static str {
    match operator {
        FlushOperator::Cloudflare => "Enter sends all its steps in this order",
        FlushOperator::Google | FlushOperator::OpenDns => {
            "by hand, one at a time: o opens the page, y and t copy, Space marks done"
        }
    }
}

/// The operator, and how its resolvers stand now: the only proof there is.
fn heading(scene: Scene<'_>, operator: FlushOperator) -> String {
    let word = operator.to_string().to_lowercase();
    let all = scene.incident.resolvers().iter();
    let rows: Vec<_> = all.filter(|row| row.target.operator.to_lowercase().contains(&word)).collect();
    let correct = rows.iter().filter(|row| row.judgement.verdict == Verdict::Correct).count();
    match rows.len() {
        0 => format!("{operator}: none of its resolvers is asked here"),
        all => format!("{operator}: {correct} of {all} of its addresses correct now"),
    }
}
