//! The report as one HTML file: no script, nothing fetched, drawings inline, light and dark, made to be printed too.
//!
//! All text passes [`text`]; what does not is made here from numbers and fixed words.

use crate::judge::Verdict;
use crate::time::in_words;
use crate::view::html::{escape, page as frame};
use crate::view::model::{evidence_line, first_fault, glyph, scores_words};

use super::curve::curve;
use super::strip::{PATTERNS, class, strip};
use super::{Report, ResolverStory, ServerStory, elapsed, lag, moment, plain, until};

const STYLE: &str = include_str!("style.css");
/// The most resolvers with a strip of their own, and the most entries of the timeline: a browser must still cope.
const MOST_STRIPS: usize = 2000;
const MOST_ENTRIES: usize = 2000;
/// The most targets named in a finding.
const MOST_TARGETS: usize = 12;

/// The HTML of a report.
#[must_use]
pub fn html(report: &Report) -> String {
    let mut page = Page { out: String::with_capacity(64 * 1024) };
    page.add(&format!("<main>\n{PATTERNS}"));
    page.lead(report);
    page.curve(report);
    page.timeline(report);
    page.resolvers(report);
    page.findings(report);
    page.flushes(report);
    page.servers("Parent servers", &report.parents, report);
    page.servers("Name servers of the zone", &report.authorities, report);
    page.unseen(report);
    page.foot(report);
    frame(&report.title(), STYLE, &page.out)
}

/// A line of text for an element or a quoted attribute.
fn text(outside: &str) -> String {
    escape(&plain(outside))
}

/// Glyph and word of a verdict.
fn verdict(verdict: Verdict) -> String {
    format!(r#"<span class="verdict">{} {}</span>"#, glyph(verdict), verdict.word())
}

struct Page {
    out: String,
}

impl Page {
    fn add(&mut self, html: &str) {
        self.out.push_str(html);
        self.out.push('\n');
    }

    fn section(&mut self, title: &str) {
        self.add(&format!("<section><h2>{title}</h2>"));
    }

    fn lead(&mut self, report: &Report) {
        let board = &report.board;
        if report.origin.drill {
            self.add(r#"<div class="drill">DRILL: nothing of this was real</div>"#);
        }
        let mood = match board.phase {
            phase if phase.is_good() => "good",
            phase if phase.is_bad() => "bad",
            _ => "none",
        };
        self.add(&format!("<h1>{}</h1>", text(&report.title())));
        self.add(&format!(
            r#"<p class="sub">{} to {} UTC · {} · at the end <span class="badge {mood}">{}</span></p>"#,
            moment(report.from),
            moment(report.to),
            text(&report.origin.title),
            board.phase.word()
        ));
        // A number and its sign stay in one line.
        self.add(&format!(r#"<p class="lead">{}</p>"#, text(&report.summary).replace(" %", "\u{a0}%")));
        self.tiles(report);
        if let (Some(expected), by) = (&board.expected, board.expected_by.as_deref().unwrap_or_default()) {
            self.add(&format!(
                r#"<p>Correct name servers: <span class="mono">{}</span> ({})</p>"#,
                text(expected),
                text(by)
            ));
        } else {
            self.add("<p>Nobody has said which name servers are correct: the parent's delegation stood in.</p>");
        }
        self.section("For customers");
        self.add(&format!("<blockquote>{}</blockquote></section>", text(&report.statement())));
    }

    fn tiles(&mut self, report: &Report) {
        let mut tiles: Vec<(String, String)> = Vec::new();
        if let Some(change) = first_fault(&report.board.phases) {
            tiles.push((change.at.clock(), format!("first seen wrong (UTC): {}", change.phase.word())));
        }
        if let Some(recovery) = &report.recovery {
            tiles.push((recovery.restored.clock(), "source right again (UTC)".to_owned()));
            for reached in &recovery.shares {
                let after = in_words(reached.at.since(recovery.restored));
                tiles.push((format!("+{after}"), format!("{} % of resolvers right", reached.share)));
            }
        }
        let correct = report.board.count(Verdict::Correct);
        tiles.push((format!("{correct} of {}", report.board.total()), "resolvers correct at the end".to_owned()));
        self.add(r#"<div class="tiles">"#);
        for (value, label) in tiles {
            self.add(&format!(r#"<div class="tile"><b>{}</b><span>{}</span></div>"#, text(&value), text(&label)));
        }
        self.add("</div>");
    }

    fn curve(&mut self, report: &Report) {
        let Some(drawing) = curve(report) else { return };
        self.section("Convergence");
        self.add(r#"<p class="sub">Share of the resolvers that answer which are right. Until the source was right these are resolvers that had not lost it yet.</p>"#);
        self.add(&drawing);
        let fleet = &report.forecast.fleet;
        let soon = [(fleet.median, "half"), (fleet.ninety_fifth, "95 %"), (fleet.last, "all (95 % sure)")];
        let ahead: Vec<String> = soon
            .iter()
            .filter_map(|(at, what)| at.filter(|at| *at > report.to).map(|at| format!("{what} by {} UTC", moment(at))))
            .collect();
        if !ahead.is_empty() {
            let words = ahead.join(", ");
            self.add(&format!("<p>Estimated from TTLs when this report was made: right again {words}.</p>"));
        }
        if let Some(scores) = scores_words(&report.scores) {
            self.add(&format!("<p>How far forecasts were off: {}</p>", text(&scores)));
        }
        self.add("</section>");
    }

    fn timeline(&mut self, report: &Report) {
        self.section("Timeline");
        self.add("<div class=\"scroll\"><table><thead><tr><th>UTC</th><th>elapsed</th><th>about</th><th>what happened</th></tr></thead><tbody>");
        let zero = first_fault(&report.board.phases).map_or(report.from, |change| change.at);
        for entry in report.timeline.iter().take(MOST_ENTRIES) {
            self.add(&format!(
                r#"<tr class="k-{0}"><td class="n">{1}</td><td class="n">{2}</td><td class="kind">{0}</td><td>{3}</td></tr>"#,
                entry.kind.word(),
                moment(entry.at),
                elapsed(entry.at, zero),
                text(&entry.text)
            ));
        }
        self.add("</tbody></table></div>");
        if report.timeline.len() > MOST_ENTRIES {
            self.add(&format!("<p>{} later entries are left out.</p>", report.timeline.len() - MOST_ENTRIES));
        }
        self.add("<p class=\"sub\">Elapsed time counts from when the zone was first seen wrong.</p></section>");
    }

    fn resolvers(&mut self, report: &Report) {
        if report.resolvers.is_empty() {
            return;
        }
        self.section("Resolvers");
        self.add(r#"<div class="legend">"#);
        let seen = |v: &Verdict| report.resolvers.iter().any(|r| r.history.iter().any(|c| c.verdict == *v));
        for shown in Verdict::ALL.into_iter().filter(seen) {
            self.add(&format!(
                r#"<span><svg width="26" height="14" aria-hidden="true"><rect x=".5" y=".5" width="25" height="13" class="{}"/></svg>{} {}</span>"#,
                class(shown),
                glyph(shown),
                shown.word()
            ));
        }
        self.add("</div><div class=\"scroll\"><table><thead><tr><th>at the end</th><th>resolver</th><th>where</th><th>over time</th><th class=\"n\">after repair</th></tr></thead><tbody>");
        for story in report.resolvers.iter().take(MOST_STRIPS) {
            self.resolver(story, report);
        }
        self.add("</tbody></table></div>");
        if report.resolvers.len() > MOST_STRIPS {
            self.add(&format!("<p>{} more are in the CSV.</p>", report.resolvers.len() - MOST_STRIPS));
        }
        self.add("<p class=\"sub\">Those wrong at the end first, then the last to turn. The dashed line is the repair of the source; “after repair” is how long a resolver took from there. A resolver is looked at now and then: it may have turned a little earlier.</p></section>");
    }

    fn resolver(&mut self, story: &ResolverStory, report: &Report) {
        let row = &story.row;
        let restored = report.recovery.as_ref().map(|r| r.restored);
        let after = match lag(story, report.recovery.as_ref()) {
            Some(lag) => in_words(lag),
            None if row.verdict.is_wrong() => format!("until {}", until(row)),
            None => "–".to_owned(),
        };
        self.add(&format!(
            r#"<tr><td>{}</td><td>{}</td><td class="w">{}</td><td class="s">{}</td><td class="n">{}</td></tr>"#,
            verdict(row.verdict),
            text(&row.name()),
            text(&row.place),
            strip(&story.history, report.from, report.to, restored),
            text(&after)
        ));
    }

    fn findings(&mut self, report: &Report) {
        self.section("Findings");
        if report.findings.is_empty() {
            self.add("<p>None.</p>");
        }
        for span in &report.findings {
            let finding = &span.finding;
            let severity = finding.severity().word();
            let stood = match span.gone {
                Some(gone) => format!("{} to {} UTC", moment(span.first), moment(gone)),
                None => format!("since {} UTC", moment(span.first)),
            };
            self.add(&format!(
                r#"<div class="finding {severity}"><h3>{severity}: {}</h3><p class="sub"><span class="mono">{}</span> · {stood}</p>"#,
                text(&finding.sentence()),
                finding.code.word()
            ));
            let advice = finding.code.advice();
            if !advice.is_empty() {
                self.add(&format!(
                    "<p>{} <span class=\"sub\">{}</span></p>",
                    text(advice),
                    text(finding.code.reference())
                ));
            }
            if !finding.targets.is_empty() {
                let more = finding.targets.len().saturating_sub(MOST_TARGETS);
                let named: Vec<&str> = finding.targets.iter().take(MOST_TARGETS).map(String::as_str).collect();
                let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
                self.add(&format!(r#"<p class="sub">At {}{rest}</p>"#, text(&named.join(", "))));
            }
            if !span.evidence.is_empty() {
                self.add("<details><summary>Evidence: the first answers it rests on</summary>");
                for heard in &span.evidence {
                    let lines: Vec<String> = evidence_line(heard).full.iter().map(|line| text(line)).collect();
                    self.add(&format!("<pre>{}</pre>", lines.join("\n")));
                }
                self.add("</details>");
            }
            self.add("</div>");
        }
        self.add("</section>");
    }

    fn flushes(&mut self, report: &Report) {
        if report.flushes.is_empty() {
            return;
        }
        self.section("Flushes");
        self.add("<p class=\"sub\">That an operator took a request proves nothing: what counts is what its resolvers showed afterwards.</p>");
        self.add("<div class=\"scroll\"><table><thead><tr><th>ordered (UTC)</th><th>step</th><th>by</th><th>reply</th><th>proof</th></tr></thead><tbody>");
        for standing in report.flushes.iter().take(MOST_ENTRIES) {
            let reply = standing.ended.as_ref().map_or_else(|| "none yet".to_owned(), |(_, o)| o.to_string());
            let (clean, asked) = standing.clean_of();
            let caches = if asked > 0 { format!(", {clean} of {asked} addresses clean") } else { String::new() };
            self.add(&format!(
                r#"<tr><td class="n">{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}{caches}</td></tr>"#,
                moment(standing.ordered),
                text(&standing.step.to_string()),
                text(&standing.by),
                text(&reply),
                standing.state.word()
            ));
        }
        self.add("</tbody></table></div></section>");
    }

    fn servers(&mut self, title: &str, servers: &[ServerStory], report: &Report) {
        if servers.is_empty() {
            return;
        }
        self.section(title);
        self.add("<div class=\"scroll\"><table><thead><tr><th>at the end</th><th>server</th><th>address</th><th>over time</th></tr></thead><tbody>");
        let restored = report.recovery.as_ref().map(|r| r.restored);
        for server in servers {
            let role = if server.role.is_empty() { String::new() } else { format!(" ({})", server.role) };
            self.add(&format!(
                r#"<tr><td>{}</td><td>{}{role}</td><td class="n">{}</td><td class="s">{}</td></tr>"#,
                verdict(server.verdict),
                text(&server.name),
                text(&server.address),
                strip(&server.history, report.from, report.to, restored)
            ));
        }
        self.add("</tbody></table></div></section>");
    }

    fn unseen(&mut self, report: &Report) {
        self.section("What was not seen");
        self.add("<ul>");
        for sentence in report.unseen.iter().chain(&report.origin.notes).chain(&report.board.notices) {
            self.add(&format!("<li>{}</li>", text(sentence)));
        }
        self.add("</ul></section>");
    }

    fn foot(&mut self, report: &Report) {
        let asked = report.board.asked;
        self.add(&format!(
            "<p class=\"foot\">{asked} questions were asked. Verdicts are those of unpark {}: worked out anew from what was heard. All times are UTC.</p>",
            env!("CARGO_PKG_VERSION")
        ));
        self.add("</main>");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_is_markup() {
        assert_eq!(text("<b onload='x'>&\"\u{1b}\n"), "&lt;b onload=&#39;x&#39;&gt;&amp;&quot;\\u{1b}\\u{a}");
    }
}
