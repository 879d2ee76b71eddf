//! `unpark.change/1`: one change of phase, for a program or a webhook, in one line.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::incident::{Incident, Phase, PhaseChange};
use crate::view::model::Board;

use super::{line, plain};

#[derive(Serialize)]
struct Change {
    schema: &'static str,
    zone: String,
    drill: bool,
    at: String,
    from: &'static str,
    to: &'static str,
    headline: String,
    next_action: String,
    statement: String,
    counts: BTreeMap<&'static str, usize>,
    text: String,
}

/// The JSON of one change of phase, without a newline. `board` is the same incident's, as it stands now: of changes that came
/// together, only the last has a headline of its own. In a drill nobody may take it for real.
#[must_use]
pub fn change(incident: &Incident, board: &Board, from: Phase, to: PhaseChange, drill: bool) -> String {
    let headline = plain(&board.headline);
    let mark = if drill { "DRILL, not real: " } else { "" };
    let text = format!("{mark}{}: {} → {}. {headline}", board.zone, from.word(), to.phase.word());
    line(&Change {
        schema: "unpark.change/1",
        zone: incident.zone().to_string(),
        drill,
        at: to.at.to_string(),
        from: from.word(),
        to: to.phase.word(),
        next_action: plain(&board.next_action),
        statement: plain(&board.statement),
        counts: board.counts.iter().map(|(verdict, n)| (verdict.word(), *n)).collect(),
        // As Slack wants it: these three make links and mentions there.
        text: text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;"),
        headline,
    })
}
