//! The report as Markdown for an issue tracker: short above, tables bounded, the long parts folded.

use crate::time::in_words;
use crate::view::model::{evidence_line, first_fault, glyph, scores_words};

use super::{Report, elapsed, lag, moment, plain, until};

/// The most rows of a table that is not folded, and of one that is.
const MOST_ROWS: usize = 40;
const MOST_FOLDED: usize = 300;

/// The Markdown of a report.
#[must_use]
pub fn markdown(report: &Report) -> String {
    let board = &report.board;
    let mut out = String::new();
    let mut say = |line: &str| {
        out.push_str(line);
        out.push('\n');
    };
    say(&format!("# {}", text(&report.title())));
    say("");
    say(&format!(
        "{} to {} UTC · {} · at the end **{}**",
        moment(report.from),
        moment(report.to),
        text(&report.origin.title),
        board.phase.word()
    ));
    say("");
    say(&text(&report.summary));
    say("");
    match &board.expected {
        Some(expected) => {
            let by = board.expected_by.as_deref().unwrap_or_default();
            say(&format!("Correct name servers: {} ({}).", text(expected), text(by)));
        }
        None => say("Nobody has said which name servers are correct: the parent's delegation stood in."),
    }
    say("");
    say("## For customers");
    say("");
    say(&format!("> {}", text(&report.statement())));
    say("");
    if let Some(recovery) = &report.recovery {
        say("## Recovery");
        say("");
        say("| milestone | UTC | after the repair |");
        say("| --- | --- | --- |");
        say(&format!("| source right | {} | |", moment(recovery.restored)));
        for reached in &recovery.shares {
            let (at, after) = (moment(reached.at), in_words(reached.at.since(recovery.restored)));
            say(&format!("| {} % of {} resolvers | {at} | {after} |", reached.share, recovery.answering));
        }
        say("");
    }
    if let Some(scores) = scores_words(&report.scores) {
        say(&format!("How far forecasts were off: {}", text(&scores)));
        say("");
    }
    timeline(report, &mut say);
    resolvers(report, &mut say);
    findings(report, &mut say);
    flushes(report, &mut say);
    say("## What was not seen");
    say("");
    for sentence in report.unseen.iter().chain(&report.origin.notes).chain(&board.notices) {
        say(&format!("- {}", text(sentence)));
    }
    say("");
    let version = env!("CARGO_PKG_VERSION");
    say(&format!("_{} questions were asked. Verdicts are those of unpark {version}. All times are UTC._", board.asked));
    out
}

fn timeline(report: &Report, say: &mut impl FnMut(&str)) {
    say("## Timeline");
    say("");
    let zero = first_fault(&report.board.phases).map_or(report.from, |change| change.at);
    table(say, "| UTC | elapsed | about | what happened |", &report.timeline, MOST_ROWS, |entry| {
        let (at, since) = (moment(entry.at), elapsed(entry.at, zero));
        format!("| {at} | {since} | {} | {} |", entry.kind.word(), text(&entry.text))
    });
}

fn resolvers(report: &Report, say: &mut impl FnMut(&str)) {
    if report.resolvers.is_empty() {
        return;
    }
    say("## Resolvers");
    say("");
    let counts = report.board.counts.iter().filter(|(_, n)| *n > 0);
    let words: Vec<String> = counts.rev().map(|(v, n)| format!("{n} {}", v.word())).collect();
    say(&format!("{} resolvers: {}.", report.resolvers.len(), words.join(", ")));
    say("");
    let head = "| at the end | resolver | where | first seen wrong | turned correct | after the repair |";
    let row = |story: &super::ResolverStory| {
        let time = |at: Option<_>| at.map_or_else(|| "–".to_owned(), moment);
        let row = &story.row;
        let after = match lag(story, report.recovery.as_ref()) {
            Some(lag) => in_words(lag),
            None if row.verdict.is_wrong() => format!("until {}", until(row)),
            None => "–".to_owned(),
        };
        format!(
            "| {} {} | {} | {} | {} | {} | {after} |",
            glyph(row.verdict),
            row.verdict.word(),
            text(&row.name()),
            text(&row.place),
            time(story.first_wrong),
            time(story.turned)
        )
    };
    let (wrong, rest): (Vec<_>, Vec<_>) = report.resolvers.iter().partition(|story| story.row.verdict.is_wrong());
    if !wrong.is_empty() {
        table(say, head, &wrong, MOST_ROWS, |story| row(story));
    }
    if !rest.is_empty() {
        let title = if wrong.is_empty() { "All of them" } else { "The others" };
        fold(say, &format!("{title}: {}", rest.len()), |say| {
            table(say, head, &rest, MOST_FOLDED, |story| row(story));
        });
    }
}

fn findings(report: &Report, say: &mut impl FnMut(&str)) {
    say("## Findings");
    say("");
    if report.findings.is_empty() {
        say("None.");
        say("");
    }
    for span in &report.findings {
        let finding = &span.finding;
        let stood = match span.gone {
            Some(gone) => format!("{} to {}", moment(span.first), moment(gone)),
            None => format!("since {}", moment(span.first)),
        };
        let (severity, code) = (finding.severity().word(), finding.code.word());
        say(&format!("- **{severity}** `{code}` ({stood} UTC): {}", text(&finding.sentence())));
    }
    say("");
    let evidence: Vec<_> = report.findings.iter().filter(|span| !span.evidence.is_empty()).collect();
    if !evidence.is_empty() {
        fold(say, "Evidence", |say| {
            for span in evidence {
                say(&format!("`{}`", span.finding.code.word()));
                say("");
                say("~~~text");
                for heard in &span.evidence {
                    for line in evidence_line(heard).full {
                        // A line of the text must not end the block.
                        say(&plain(&line).replace("~~~", "~\u{2009}~~"));
                    }
                }
                say("~~~");
                say("");
            }
        });
    }
}

fn flushes(report: &Report, say: &mut impl FnMut(&str)) {
    if report.flushes.is_empty() {
        return;
    }
    say("## Flushes");
    say("");
    table(say, "| ordered (UTC) | step | by | reply | proof |", &report.flushes, MOST_ROWS, |standing| {
        let reply = standing.ended.as_ref().map_or_else(|| "none yet".to_owned(), |(_, o)| o.to_string());
        let (clean, asked) = standing.clean_of();
        let caches = if asked > 0 { format!(", {clean} of {asked} addresses clean") } else { String::new() };
        format!(
            "| {} | {} | {} | {} | {}{caches} |",
            moment(standing.ordered),
            text(&standing.step.to_string()),
            text(&standing.by),
            text(&reply),
            standing.state.word()
        )
    });
}

/// A table of at most so many rows; what is left out is said.
fn table<T>(say: &mut impl FnMut(&str), head: &str, rows: &[T], most: usize, row: impl Fn(&T) -> String) {
    say(head);
    let columns = head.matches('|').count().saturating_sub(1);
    say(&format!("|{}", " --- |".repeat(columns)));
    rows.iter().take(most).for_each(|one| say(&row(one)));
    say("");
    if rows.len() > most {
        say(&format!("{} more are in the HTML, the JSON or the CSV.", rows.len() - most));
        say("");
    }
}

/// A part that is shown when it is asked for.
fn fold<F: FnMut(&str)>(say: &mut F, title: &str, inside: impl FnOnce(&mut F)) {
    say(&format!("<details><summary>{title}</summary>"));
    say("");
    inside(say);
    say("</details>");
    say("");
}

/// Text that is nothing but text, also in a table: what could be markup, a mention, a reference to an issue or a link is
/// escaped.
fn text(outside: &str) -> String {
    let mut out = String::with_capacity(outside.len() + 8);
    for c in plain(outside).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '!' | '#' => out.extend(['\\', c]),
            // A zero-width joiner would be hidden text; the entity keeps a name from being told that it was named.
            '@' => out.push_str("&#64;"),
            c => out.push(c),
        }
    }
    // A link is made of a bare address otherwise.
    out.replace("://", ":&#47;/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_is_markup() {
        assert_eq!(
            text("a|b <script> @team #7 [x](http://y)"),
            "a\\|b &lt;script&gt; &#64;team \\#7 \\[x\\](http:&#47;/y)"
        );
        assert_eq!(text("`x`\n"), "\\`x\\`\\\\u{a}");
    }
}
