//! The flush dialog: why the guard refuses, or what an armed flush waits for; or the plan step by step with what became of each.

use ratatui::style::Style;
use ratatui::text::Line;

use crate::flush::{Arming, FlushOperator, FlushPlan, FlushStep, NO_FLUSH, Obstacle, arming, consequence};
use crate::incident::{FlushStanding, FlushState};
use crate::time::in_words;
use crate::view::model::{no_flush_words, standing_brief, standing_words};
use crate::view::tui::dialogs::{FlushDialog, standing};
use crate::view::tui::draw::Scene;
use crate::view::tui::draw::forms::typed;
use crate::view::tui::draw::lists::labelled;
use crate::view::tui::draw::pane::Pane;
use crate::view::tui::draw::text::{left, wrap};
use crate::view::tui::theme::Theme;

/// Columns of the cursor, the tick box and the type.
const BEFORE_NAME: usize = 13;
/// Columns of the name.
const NAME: usize = 26;

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
    let say = |lines: &mut Vec<Line<'static>>, text: &str, style: Style| {
        lines.extend(wrap(text, columns).into_iter().map(|line| Line::styled(line, style)));
    };
    let armed = scene.incident.armed_flush();
    let title = if let Some(armed) = armed {
        let (by, at) = (&armed.by, armed.at.clock());
        let text = format!("ARMED by {by} at {at} UTC. unpark flushes by itself as soon as the source is right.");
        say(&mut lines, &text, Theme::strong());
        say(&mut lines, "It still waits for this:", plain);
        "Flush: armed, waiting".to_owned()
    } else {
        say(&mut lines, "Not now: it would make things worse. Nothing was sent.", theme.warn());
        say(&mut lines, "This is missing:", plain);
        "Flush: not yet".to_owned()
    };
    for obstacle in obstacles {
        lines.extend(labelled("  - ", 4, &format!("{obstacle}."), columns, (plain, plain)));
    }
    lines.push(Line::default());
    say(&mut lines, &format!("Why it matters: {}.", consequence(obstacles)), plain);
    lines.push(Line::default());
    say(&mut lines, &foreseen(&dialog.plan(scene.incident)), plain);
    lines.push(Line::default());
    let (mut cursor, mut focus) = (None, None);
    if let Some(line) = dialog.typed() {
        let name = FlushDialog::confirmation(scene.incident);
        let text = format!("To plan a flush all the same, type {name} and press Enter. That sends nothing yet:");
        say(&mut lines, &text, theme.warn());
        let (line, column) = typed(line, columns);
        (cursor, focus) = (Some((lines.len(), column)), Some(lines.len()));
        lines.push(line);
    } else if armed.is_some() {
        say(&mut lines, "You may close this; it stays armed, and the top of the screen says so. x cancels it.", plain);
    } else {
        say(
            &mut lines,
            "w arms it: sent by itself once all of this is right, after a countdown you can stop.",
            Theme::strong(),
        );
        say(&mut lines, "Or come back later: once the source is right, this shows the plan.", plain);
    }
    Pane { title, lines, focus, cursor, keys: dialog.keys(scene.incident) }
}

/// What would be sent by what is known now.
fn foreseen(plan: &FlushPlan) -> String {
    let requests = plan.steps.iter().filter(|step| !step.operator.needs_a_person()).count();
    let people = plan.steps.len() - requests;
    match (requests, people) {
        (0, 0) => {
            "By what is known now nothing would be sent: nothing stale was seen where there is a flush.".to_owned()
        }
        (n, 0) => format!("By what is known now: {n} requests to Cloudflare."),
        (0, m) => format!("By what is known now: {m} steps for a person at a browser."),
        (n, m) => format!("By what is known now: {n} requests to Cloudflare, and {m} steps for a person at a browser."),
    }
}

fn plan(scene: Scene<'_>, dialog: &FlushDialog, columns: usize) -> Pane {
    let theme = scene.app.theme;
    let muted = Theme::muted();
    let plan = dialog.plan(scene.incident);
    let steps = dialog.steps(scene.incident, &plan);
    let at = dialog.at(&steps);
    let mut lines = Vec::new();
    let mut focus = None;
    let say = |lines: &mut Vec<Line<'static>>, text: &str, style: Style| {
        lines.extend(wrap(text, columns).into_iter().map(|line| Line::styled(line, style)));
    };
    if let Some(Arming::Counts { until }) = arming(scene.incident) {
        let left = in_words(until.since(scene.board.now));
        say(&mut lines, &format!("The source is right. The armed flush is sent in {left}; x stops it."), theme.warn());
        lines.push(Line::default());
    }
    if dialog.is_overridden() {
        let sure = "You overrode the guard: caches that forget now may store the parked answer again.";
        say(&mut lines, sure, theme.warn());
        lines.push(Line::default());
    }
    if steps.is_empty() {
        say(
            &mut lines,
            "Nothing to flush: nothing stale was seen at the operators that have a flush.",
            Theme::strong(),
        );
        say(&mut lines, "a plans the whole list all the same.", Style::new());
    }
    let mut operator: Option<FlushOperator> = None;
    for (place, step) in steps.iter().enumerate() {
        if operator != Some(step.operator) {
            if operator.is_some() {
                lines.push(Line::default());
            }
            operator = Some(step.operator);
            let of_operator: Vec<&FlushStep> = steps.iter().filter(|s| s.operator == step.operator).collect();
            lines.push(Line::styled(left(&heading(scene, step.operator, &of_operator), columns), Theme::strong()));
        }
        let here = place == at;
        lines.push(row(scene, dialog, &plan, step, here, columns));
        if here {
            let about = about(scene, dialog, &plan, step, &steps);
            for text in about {
                lines.extend(labelled("", 6, &text, columns, (muted, muted)));
            }
            focus = Some(lines.len().saturating_sub(1));
        }
    }
    lines.push(Line::default());
    for left_out in plan.left_out.iter().filter(|left_out| left_out.rtype.is_none()) {
        lines.extend(labelled("left out", 10, &left_out.to_string(), columns, (muted, muted)));
    }
    let clean = plan.left_out.iter().filter(|left_out| left_out.rtype.is_some()).count();
    if clean > 0 {
        let text = format!("{clean} more not planned: clean, or nothing stale was seen; a plans them all the same");
        lines.extend(labelled("left out", 10, &text, columns, (muted, muted)));
    }
    for none in NO_FLUSH {
        let text = format!("{}: {}", none.operator, none.reason);
        lines.extend(labelled("no flush", 10, &text, columns, (muted, muted)));
    }
    let others = no_flush_words(scene.incident, scene.board.now);
    lines.extend(labelled("others", 10, &others, columns, (muted, muted)));
    let open = dialog.sendable(scene.incident, &plan).len();
    let title = match (scene.incident.flush_standings().is_empty(), open) {
        (true, 0) => "Flush: nothing to send".to_owned(),
        (true, 1) => "Flush: 1 request planned, nothing sent yet".to_owned(),
        (true, n) => format!("Flush: {n} requests planned, nothing sent yet"),
        (false, 0) => "Flush: sent; the caches are asked again at 5, 15, 30 and 60 s".to_owned(),
        (false, n) => format!("Flush: {n} not sent, or still parked"),
    };
    Pane { title, lines, focus, cursor: None, keys: dialog.keys(scene.incident) }
}

/// One step: cursor, tick box, type, name, and how it stands.
fn row(
    scene: Scene<'_>,
    dialog: &FlushDialog,
    plan: &FlushPlan,
    step: &FlushStep,
    here: bool,
    columns: usize,
) -> Line<'static> {
    let stands = standing(scene.incident, step);
    let planned = plan.steps.contains(step);
    let mark = match stands.map(|s| s.state) {
        Some(FlushState::Confirmed) => "ok ",
        Some(FlushState::StillParked | FlushState::Repoisoned | FlushState::Failed) => "!! ",
        Some(FlushState::Unproven) => "?  ",
        Some(_) => "...",
        None if !planned => "ok ",
        None if dialog.takes(step) => "[x]",
        None => "[ ]",
    };
    let status = match stands {
        Some(standing) => standing_brief(standing, scene.incident, scene.board.now),
        None if !planned => "clean now, by what was seen".to_owned(),
        None if !dialog.takes(step) => "left out".to_owned(),
        None if step.operator.needs_a_person() => "by hand".to_owned(),
        None => "planned".to_owned(),
    };
    let name = left(&step.name.without_dot(), NAME);
    let rest = columns.saturating_sub(BEFORE_NAME + NAME + 1);
    let text =
        format!("{} {mark} {:<6} {name} {}", if here { ">" } else { " " }, step.rtype.to_string(), left(&status, rest));
    let style = match (here, stands.map(|s| s.state)) {
        (true, _) => Theme::selected(),
        (false, Some(FlushState::StillParked | FlushState::Repoisoned | FlushState::Failed)) => scene.app.theme.warn(),
        _ => Style::new(),
    };
    Line::styled(left(&text, columns), style)
}

/// What is said below the step the operator is on.
fn about(
    scene: Scene<'_>,
    dialog: &FlushDialog,
    plan: &FlushPlan,
    step: &FlushStep,
    steps: &[FlushStep],
) -> Vec<String> {
    let mut about = Vec::new();
    let stands: Option<&FlushStanding> = standing(scene.incident, step);
    if let Some(standing) = stands {
        let (at, by) = (standing.ordered.clock(), &standing.by);
        let forced = if standing.forced { ", although the source was not right" } else { "" };
        about.push(format!("{at} UTC by {by}{forced}: {}", standing_words(standing, scene.incident, scene.board.now)));
    } else if plan.steps.contains(step) {
        about.push(plan.basis(step).to_string());
    }
    about.extend(plan.caution(step).map(|caution| format!("caution: {caution}")));
    match dialog.page(step).filter(|_| stands.is_none()) {
        Some(page) => {
            let own: Vec<&FlushStep> = steps.iter().filter(|s| s.operator == step.operator).collect();
            let number = own.iter().position(|s| *s == step).map_or(0, |n| n + 1);
            about.push(format!("{} {number} of {}: o opens {page}", step.operator, own.len()));
            about.push(format!("name (y copies): {}", step.name.without_dot()));
            about.push(format!("type (t copies): {}   then press its flush button, and d here", step.rtype));
        }
        None if stands.is_none() => about.push(dialog.request(step)),
        None => {}
    }
    about
}

/// The operator, how its steps are taken, and how far they are.
fn heading(scene: Scene<'_>, operator: FlushOperator, steps: &[&FlushStep]) -> String {
    let state = |wanted: fn(FlushState) -> bool| {
        steps.iter().filter(|step| standing(scene.incident, step).is_some_and(|s| wanted(s.state))).count()
    };
    let taken = state(|s| !matches!(s, FlushState::Sent | FlushState::Failed | FlushState::AwaitsAPerson));
    let confirmed = state(|s| s == FlushState::Confirmed);
    let how = match operator {
        FlushOperator::Cloudflare if taken == 0 => "Enter sends all ticked, in this order",
        FlushOperator::Cloudflare => "sent one by one",
        FlushOperator::Google => "by hand, one by one, in this order",
        FlushOperator::OpenDns => "by hand, A records only",
    };
    let done = if operator.needs_a_person() { "done" } else { "accepted" };
    let progress =
        if taken == 0 { String::new() } else { format!(": {taken} of {} {done}, {confirmed} confirmed", steps.len()) };
    format!("{operator}{progress}  ({how})")
}
