//! What is asked and what that takes of the budget, and what of it was lost: the numbers of the bottom line, opened.

use ratatui::style::Style;
use ratatui::text::Line;

use crate::judge::Verdict;
use crate::observation::address_text;
use crate::view::model::{budget_facts, clock_jump};
use crate::view::tui::draw::Scene;
use crate::view::tui::draw::lists::labelled;
use crate::view::tui::draw::pane::Pane;
use crate::view::tui::draw::table::ago;
use crate::view::tui::keys;
use crate::view::tui::theme::Theme;

/// Most silent resolvers listed by name.
const MOST_SILENT: usize = 200;

pub(super) fn pane(scene: Scene<'_>, columns: usize) -> Pane {
    let (incident, board, theme) = (scene.incident, scene.board, scene.app.theme);
    let mut lines: Vec<Line<'static>> = Vec::new();
    let mut say = |label: &str, text: &str, style: Style| {
        lines.extend(labelled(label, 14, text, columns, (Theme::muted(), style)));
    };
    let plain = Style::new();
    let (rate, allowed) = scene.app.rate(incident, board.now);
    let rate = rate.map_or_else(|| "being measured".to_owned(), |n| format!("{n} packets in the last minute"));
    let allowed = allowed
        .map_or_else(String::new, |n| format!(", of {n} queries a minute that are allowed after the first round"));
    say("rate", &format!("{rate}{allowed}"), plain);
    for (label, text) in budget_facts(incident, board.now) {
        say(label, &text, plain);
    }
    say("asked", &format!("{} queries ended, in {} packets", incident.observed(), incident.packets()), plain);
    let heard = format!("{} ago", ago(board.last_heard, board.now));
    say("last heard", board.last_heard.map_or("never", |_| heard.as_str()), plain);
    let (count, reason) = incident.not_sent();
    match reason {
        Some(reason) if count > 0 => {
            let text = format!(
                "{count} queries could not leave this machine, the newest because: {}",
                crate::dns::shown::text(reason)
            );
            say("not sent", &text, theme.warn());
        }
        _ => say("not sent", "none: every query left this machine", plain),
    }
    let strays = match incident.strays() {
        0 => "none".to_owned(),
        n => format!("{n} packets that answered nothing that was asked (stray or forged): dropped, not believed"),
    };
    say("dropped", &strays, if incident.strays() == 0 { plain } else { theme.warn() });
    for (at, jump) in incident.clock_jumps() {
        say("clock", &clock_jump(*at, *jump), theme.warn());
    }
    for notice in &board.notices {
        say("notice", notice, theme.warn());
    }
    say(
        "survey",
        &format!("{}: how resolvers are asked while the parent is wrong (u)", incident.survey().word()),
        plain,
    );
    lines.push(Line::default());
    let silent = incident.resolvers().iter().filter(|w| w.judgement.verdict == Verdict::Silent);
    let count = silent.clone().count();
    lines.push(Line::styled(format!("Silent resolvers: {count}, counted neither way"), Theme::strong()));
    for watch in silent.take(MOST_SILENT) {
        let operator = crate::dns::shown::text(&watch.target.operator);
        let text = format!("{operator} {}", address_text(watch.target.address));
        let last = watch
            .last_heard
            .map_or_else(|| "never heard".to_owned(), |_| format!("heard {} ago", ago(watch.last_heard, board.now)));
        lines.extend(labelled("  ", 2, &format!("{text}: {last}"), columns, (plain, plain)));
    }
    Pane { title: "What is asked, and what was lost".to_owned(), lines, focus: None, cursor: None, keys: keys::LIST }
}
