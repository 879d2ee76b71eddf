//! `unpark.report/1`: the content of a report for programs. Fields are only ever added; what is not known is null.

use serde::Serialize;

use crate::incident::{FindingSpan, FlushStanding, VerdictChange};
use crate::judge::Verdict;
use crate::time::Timestamp;
use crate::view::json::{CurveEntry, rounded};
use crate::view::model::evidence_line;

use super::{Report, ResolverStory, ServerStory, lag, plain};

#[derive(Serialize)]
struct Document {
    schema: &'static str,
    zone: String,
    from: String,
    to: String,
    origin: Origin,
    expectation: Option<Expectation>,
    phase: &'static str,
    headline: String,
    summary: String,
    statement: String,
    next_action: String,
    counts: std::collections::BTreeMap<&'static str, usize>,
    phases: Vec<PhaseEntry>,
    recovery: Option<Recovery>,
    timeline: Vec<Entry>,
    curve: CurveEntry,
    forecast_score: Score,
    resolvers: Vec<Resolver>,
    parents: Vec<Server>,
    authoritative: Vec<Server>,
    findings: Vec<Finding>,
    flushes: Vec<Flush>,
    unseen: Unseen,
    queries: Queries,
}

#[derive(Serialize)]
struct Origin {
    title: String,
    notes: Vec<String>,
    drill: bool,
}

#[derive(Serialize)]
struct Expectation {
    ns: Vec<String>,
    source: &'static str,
    taken: Option<String>,
}

#[derive(Serialize)]
struct PhaseEntry {
    at: String,
    phase: &'static str,
}

#[derive(Serialize)]
struct Recovery {
    restored: String,
    answering: u32,
    shares: Vec<Share>,
}

#[derive(Serialize)]
struct Share {
    percent: u32,
    at: String,
    correct: u32,
    seconds_after_restoration: u64,
}

#[derive(Serialize)]
struct Entry {
    at: String,
    kind: &'static str,
    text: String,
}

#[derive(Serialize)]
struct Score {
    scored: usize,
    open: usize,
    flushed: usize,
    median_error_seconds: Option<u64>,
    within_range: Option<f64>,
    by_likely: Option<f64>,
    by_worst: Option<f64>,
}

#[derive(Serialize)]
struct Change {
    at: String,
    verdict: &'static str,
}

#[derive(Serialize)]
struct Resolver {
    id: String,
    operator: String,
    address: String,
    country: Option<String>,
    city: Option<String>,
    system: bool,
    verdict: &'static str,
    rule: &'static str,
    since: String,
    first_seen_wrong: Option<String>,
    turned_correct: Option<String>,
    seconds_after_restoration: Option<u64>,
    until: Option<String>,
    until_kind: &'static str,
    good_samples: usize,
    last_heard: Option<String>,
    instance: Option<String>,
    history: Vec<Change>,
}

#[derive(Serialize)]
struct Server {
    name: String,
    address: String,
    role: Option<&'static str>,
    verdict: &'static str,
    history: Vec<Change>,
}

#[derive(Serialize)]
struct Finding {
    code: &'static str,
    severity: &'static str,
    sentence: String,
    advice: Option<&'static str>,
    reference: Option<&'static str>,
    targets: Vec<String>,
    first: String,
    gone: Option<String>,
    evidence: Vec<Evidence>,
}

#[derive(Serialize)]
struct Evidence {
    at: String,
    lines: Vec<String>,
}

#[derive(Serialize)]
struct Flush {
    operator: String,
    name: String,
    #[serde(rename = "type")]
    rtype: String,
    by: String,
    ordered: String,
    ended: Option<String>,
    reply: Option<&'static str>,
    reason: Option<String>,
    state: &'static str,
    changed: String,
    addresses_clean: usize,
    addresses_asked: usize,
}

#[derive(Serialize)]
struct Unseen {
    sentences: Vec<String>,
    notices: Vec<String>,
    silent: Vec<String>,
    undecided: Vec<String>,
    by_parent_ttl: Option<String>,
    worst: Option<String>,
    if_corrected_now: bool,
}

#[derive(Serialize)]
struct Queries {
    ended: u64,
    not_sent: u64,
}

/// The JSON of a report: one document with a newline at its end.
#[must_use]
pub fn json(report: &Report) -> String {
    let text = serde_json::to_string_pretty(&document(report));
    let mut text = text.expect("every key is text and every number finite, so nothing can fail");
    text.push('\n');
    text
}

fn time(at: Option<Timestamp>) -> Option<String> {
    at.map(|at| at.to_string())
}

fn some(text: &str) -> Option<String> {
    let plain = plain(text);
    (!plain.is_empty()).then_some(plain)
}

fn changes(history: &[VerdictChange]) -> Vec<Change> {
    history.iter().map(|c| Change { at: c.at.to_string(), verdict: c.verdict.word() }).collect()
}

fn document(report: &Report) -> Document {
    let board = &report.board;
    let named = |verdict: Verdict| -> Vec<String> {
        board.rows.iter().filter(|row| row.verdict == verdict).map(|row| row.address.clone()).collect()
    };
    Document {
        schema: "unpark.report/1",
        zone: report.zone.to_string(),
        from: report.from.to_string(),
        to: report.to.to_string(),
        origin: Origin {
            title: plain(&report.origin.title),
            notes: report.origin.notes.iter().map(|n| plain(n)).collect(),
            drill: report.origin.drill,
        },
        expectation: report.expectation.as_ref().map(|(ns, source, taken)| Expectation {
            ns: ns.clone(),
            source,
            taken: time(*taken),
        }),
        phase: board.phase.word(),
        headline: plain(&board.headline),
        summary: plain(&report.summary),
        statement: plain(&report.statement()),
        next_action: plain(&board.next_action),
        counts: board.counts.iter().map(|(verdict, n)| (verdict.word(), *n)).collect(),
        phases: board.phases.iter().map(|c| PhaseEntry { at: c.at.to_string(), phase: c.phase.word() }).collect(),
        recovery: report.recovery.as_ref().map(|recovery| Recovery {
            restored: recovery.restored.to_string(),
            answering: recovery.answering,
            shares: recovery
                .shares
                .iter()
                .map(|s| Share {
                    percent: s.share,
                    at: s.at.to_string(),
                    correct: s.correct,
                    seconds_after_restoration: s.at.since(recovery.restored).as_secs(),
                })
                .collect(),
        }),
        timeline: report
            .timeline
            .iter()
            .map(|e| Entry { at: e.at.to_string(), kind: e.kind.word(), text: plain(&e.text) })
            .collect(),
        curve: CurveEntry::of(&report.forecast.curve),
        forecast_score: Score {
            scored: report.scores.scored,
            open: report.scores.open,
            flushed: report.scores.flushed,
            median_error_seconds: report.scores.median_error.map(|error| error.as_secs()),
            within_range: report.scores.within_range.map(rounded),
            by_likely: report.scores.by_likely.map(rounded),
            by_worst: report.scores.by_worst.map(rounded),
        },
        resolvers: report.resolvers.iter().map(|story| resolver(story, report)).collect(),
        parents: report.parents.iter().map(server).collect(),
        authoritative: report.authorities.iter().map(server).collect(),
        findings: report.findings.iter().map(finding).collect(),
        flushes: report.flushes.iter().map(flush).collect(),
        unseen: Unseen {
            sentences: report.unseen.iter().map(|s| plain(s)).collect(),
            notices: board.notices.iter().map(|n| plain(n)).collect(),
            silent: named(Verdict::Silent),
            undecided: named(Verdict::Unknown),
            by_parent_ttl: time(report.forecast.unseen.by_parent_ttl),
            worst: time(report.forecast.unseen.worst),
            if_corrected_now: report.forecast.unseen.if_corrected_now,
        },
        queries: Queries { ended: board.asked, not_sent: board.not_sent },
    }
}

fn resolver(story: &ResolverStory, report: &Report) -> Resolver {
    let row = &story.row;
    Resolver {
        id: plain(&row.id),
        operator: plain(&row.operator),
        address: row.address.clone(),
        country: story.country.as_deref().and_then(some),
        city: some(&story.city),
        system: row.system,
        verdict: row.verdict.word(),
        rule: row.rule.word(),
        since: row.since.to_string(),
        first_seen_wrong: time(story.first_wrong),
        turned_correct: time(story.turned),
        seconds_after_restoration: lag(story, report.recovery.as_ref()).map(|lag| lag.as_secs()),
        until: time(row.until.moment()),
        until_kind: row.until.kind(),
        good_samples: row.good_samples,
        last_heard: time(row.last_heard),
        instance: row.instance.as_deref().and_then(some),
        history: changes(&story.history),
    }
}

fn server(story: &ServerStory) -> Server {
    Server {
        name: plain(&story.name),
        address: story.address.clone(),
        role: (!story.role.is_empty()).then_some(story.role),
        verdict: story.verdict.word(),
        history: changes(&story.history),
    }
}

fn finding(span: &FindingSpan) -> Finding {
    let finding = &span.finding;
    let (advice, reference) = (finding.code.advice(), finding.code.reference());
    Finding {
        code: finding.code.word(),
        severity: finding.severity().word(),
        sentence: plain(&finding.sentence()),
        advice: (!advice.is_empty()).then_some(advice),
        reference: (!reference.is_empty() && reference != "local").then_some(reference),
        targets: finding.targets.iter().map(|t| plain(t)).filter(|t| !t.is_empty()).collect(),
        first: span.first.to_string(),
        gone: time(span.gone),
        evidence: span
            .evidence
            .iter()
            .map(|heard| Evidence {
                at: heard.observation.at.to_string(),
                lines: evidence_line(heard).full.iter().map(|line| plain(line)).collect(),
            })
            .collect(),
    }
}

fn flush(standing: &FlushStanding) -> Flush {
    let (clean, asked) = standing.clean_of();
    let outcome = standing.ended.as_ref().map(|(_, outcome)| outcome);
    Flush {
        operator: standing.step.operator.to_string(),
        name: standing.step.name.to_string(),
        rtype: standing.step.rtype.to_string(),
        by: plain(&standing.by),
        ordered: standing.ordered.to_string(),
        ended: standing.ended.as_ref().map(|(at, _)| at.to_string()),
        reply: outcome.map(crate::incident::FlushOutcome::word),
        reason: outcome.and_then(|o| o.detail()).and_then(some),
        state: standing.state.word(),
        changed: standing.changed.to_string(),
        addresses_clean: clean,
        addresses_asked: asked,
    }
}
