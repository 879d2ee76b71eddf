//! A flush in words: before it, every request exactly; after each step, what came of it. Requests are never broken into lines,
//! so that they can be copied. Nothing here sends.

use std::fmt::Write as _;

use crate::flush::{
    EVERYONE_ELSE, FlushEndpoints, FlushOperator, FlushOutcome, FlushPlan, FlushStep, NO_FLUSH, Obstacle, consequence,
};

use crate::incident::{FlushStanding, Incident};
use crate::time::Timestamp;
use crate::view::model::standing_words;

use super::layout::plain;

/// The obstacles there are and what a flush in spite of them would bring about; every request in its order, operator by
/// operator; what is left out and why; who has no flush.
#[must_use]
pub fn flush_plan_text(plan: &FlushPlan, endpoints: &FlushEndpoints, obstacles: &[Obstacle]) -> String {
    let mut text = String::new();
    if !obstacles.is_empty() {
        say(&mut text, "", &format!("Do not flush now: {}.", consequence(obstacles)));
        for obstacle in obstacles {
            say(&mut text, "  ", &obstacle.to_string());
        }
        text.push('\n');
    }
    let mut operators: Vec<FlushOperator> = Vec::new();
    for step in &plan.steps {
        if !operators.contains(&step.operator) {
            operators.push(step.operator);
        }
    }
    for operator in &operators {
        let steps: Vec<&FlushStep> = plan.steps.iter().filter(|s| s.operator == *operator).collect();
        let what = match (operator.needs_a_person(), steps.len()) {
            (true, 1) => "1 step for a person at a browser".to_owned(),
            (true, n) => format!("{n} steps for a person at a browser"),
            (false, 1) => "1 request".to_owned(),
            (false, n) => format!("{n} requests, in this order"),
        };
        say(&mut text, "", &format!("{operator}: {what}"));
        for (at, step) in steps.iter().enumerate() {
            say(&mut text, "  ", &format!("{:>2}. {}", at + 1, step.request(endpoints)));
            say(&mut text, "      ", &plan.basis(step).to_string());
            if let Some(caution) = plan.caution(step) {
                say(&mut text, "      ", &format!("caution: {caution}"));
            }
        }
    }
    if operators.is_empty() {
        say(&mut text, "", "Nothing to flush.");
    }
    if !plan.left_out.is_empty() {
        say(&mut text, "", "Left out:");
        for left_out in &plan.left_out {
            say(&mut text, "  ", &left_out.to_string());
        }
    }
    say(&mut text, "", "Without a flush:");
    for none in NO_FLUSH {
        say(&mut text, "  ", &format!("{}: {}", none.operator, none.reason));
    }
    say(&mut text, "  ", EVERYONE_ELSE);
    text
}

/// One step and what came of it: `Cloudflare example.com NS: sent`. Comes without a newline.
#[must_use]
pub fn flush_result_line(step: &FlushStep, outcome: &FlushOutcome) -> String {
    let what = format!("{} {} {}: {}", step.operator, step.name.without_dot(), step.rtype, outcome.word());
    match outcome.detail() {
        Some(detail) => plain(&format!("{what} ({detail})")),
        None => plain(&what),
    }
}

/// What the proof of a step came to: `Cloudflare example.com NS: confirmed on 2 of 2 caches`. Comes without a newline.
#[must_use]
pub fn flush_proof_line(standing: &FlushStanding, incident: &Incident, now: Timestamp) -> String {
    plain(&format!("{}: {}", standing.step, standing_words(standing, incident, now)))
}

fn say(text: &mut String, indent: &str, line: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{indent}{}", plain(line));
}
