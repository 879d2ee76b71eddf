//! The sentences: one headline and one next action for each phase, used by every view.

use std::collections::BTreeSet;

use crate::dns::NsSet;
use crate::incident::{Incident, Phase};
use crate::judge::{Code, ExpectationSource, Finding, SignerMatch, Until, Verdict};
use crate::time::{ClockJump, Timestamp, in_words};
use crate::view::model::{Glance, registration};

/// The glyph of a verdict. A word always stands beside it.
#[must_use]
pub const fn glyph(verdict: Verdict) -> char {
    match verdict {
        Verdict::Correct => '✓',
        Verdict::Draining => '◔',
        Verdict::Parked => '✗',
        Verdict::Mixed => '◐',
        Verdict::Held => '∅',
        Verdict::Broken => '!',
        Verdict::Other => '?',
        Verdict::Stuck => '⟳',
        Verdict::Silent => '·',
        Verdict::Unknown => '…',
    }
}

/// The same for terminals that have ASCII only.
#[must_use]
pub const fn ascii_glyph(verdict: Verdict) -> char {
    match verdict {
        Verdict::Correct => '+',
        Verdict::Draining => '~',
        Verdict::Parked => 'x',
        Verdict::Mixed => '%',
        Verdict::Held => '0',
        Verdict::Broken => '!',
        Verdict::Other => '?',
        Verdict::Stuck => '@',
        Verdict::Silent => '.',
        Verdict::Unknown => '-',
    }
}

/// `until 18:32:10 UTC`, `at the latest 18:32:10 UTC`, `until when is not known`.
#[must_use]
pub fn until_words(until: Until, now: Timestamp) -> String {
    let date = |at: Timestamp| {
        if at.since(now).as_secs() < 20 * 3600 {
            format!("{} UTC", at.clock())
        } else {
            format!("{} UTC", at.date_and_minute())
        }
    };
    match until {
        Until::Known(at) => format!("until {}", date(at)),
        Until::Bound(at) => format!("until {} at the latest (by TTLs)", date(at)),
        Until::Unknown => "until when is not known".to_owned(),
    }
}

/// Where an expectation came from, seen at `now`: `--expect`, `baseline of 2026-11-01, 21 days old`.
#[must_use]
pub fn source_words(source: ExpectationSource, now: Timestamp) -> String {
    match source {
        ExpectationSource::Flag => "--expect".to_owned(),
        ExpectationSource::File => "the settings file".to_owned(),
        ExpectationSource::Accepted => "accepted on the screen".to_owned(),
        ExpectationSource::Baseline { taken } => {
            let date: String = taken.date_and_minute().chars().take(10).collect();
            let age = match now.since(taken).as_secs() / 86_400 {
                0 => in_words(now.since(taken)),
                1 => "1 day".to_owned(),
                days => format!("{days} days"),
            };
            format!("baseline of {date}, {age} old")
        }
    }
}

/// What is going on.
#[must_use]
pub fn headline(incident: &Incident, board: &Glance) -> String {
    let zone = &board.zone;
    let parents = incident.parent_tally();
    let parent = incident
        .parent_zone()
        .map_or_else(|| "the parent".to_owned(), |p| if p.is_root() { "the root".to_owned() } else { p.to_string() });
    let nobody = if incident.expectation().is_none() && board.phase != Phase::Starting {
        " Nobody has said which name servers are correct."
    } else {
        ""
    };
    let base = match board.phase {
        Phase::Starting => starting(incident, board),
        Phase::ParkedAtParent => {
            let wrong = parents.wrong;
            let who = held_sets(incident);
            let service = incident.findings().iter().any(|f| f.code == Code::ParentDelegationOther);
            let kind = if service { " (neither expected nor known as parked)" } else { known_service(incident) };
            format!(
                "{} of {parent}'s servers {} {zone} to {who}{kind}.{}{}",
                of_all(wrong, parents.total()),
                plural(wrong, "delegates", "delegate"),
                cause_words(incident),
                expected_words(incident, board.now)
            )
        }
        Phase::HeldAtParent => format!(
            "{} of {parent}'s servers answer that {zone} does not exist{}{}",
            of_all(parents.wrong, parents.total()),
            match cause_words(incident) {
                cause if cause.is_empty() => ": it is on hold, or no longer registered.".to_owned(),
                cause => format!(".{cause}"),
            },
            expected_words(incident, board.now)
        ),
        Phase::SplitAtParent => {
            let detail = detail_of(incident, Code::ParentServersDisagree);
            format!("{parent}'s servers disagree about {zone}: {detail}.")
        }
        Phase::BrokenAtAuthority => {
            let faults = faults(incident);
            format!("{parent} delegates {zone} correctly, but {faults}")
        }
        Phase::Converging => {
            let left = remaining(board);
            let until = board.slowest.as_ref().map_or_else(String::new, |(_, until)| {
                format!("; the last known one {}", until_words(*until, board.now))
            });
            let unseen = board.forecast.unseen.as_ref().map_or_else(String::new, |words| format!("; {words}"));
            let since = restored_words(incident);
            format!(
                "{} of {parent}'s servers {} correctly{since}. {left}{until}{unseen}.",
                of_all(parents.correct, parents.total()),
                plural(parents.correct, "delegates", "delegate")
            )
        }
        Phase::Recovered => format!(
            "{zone} is right at the source, and {} {} clean.{}{}",
            answering_words(board.count(Verdict::Correct)),
            plural(board.count(Verdict::Correct), "is", "are"),
            never_parked_words(incident),
            silent_words(board)
        ),
        Phase::Healthy => {
            let by = match incident.expectation().map(|expectation| expectation.source) {
                Some(source @ ExpectationSource::Baseline { .. }) => {
                    format!("expected by the {}", source_words(source, board.now))
                }
                Some(_) => "expected".to_owned(),
                None => "its parent says".to_owned(),
            };
            match board.count(Verdict::Correct) {
                _ if board.total() == 0 => {
                    format!("{zone} is as {by}: parent and name servers agree. No resolver was asked.")
                }
                correct => format!(
                    "{zone} is as {by}: parent, name servers and {} agree.{}",
                    answering_words(correct),
                    silent_words(board)
                ),
            }
        }
        Phase::CannotTell => format!("Cannot tell how {zone} is: {}", own_trouble(incident)),
    };
    format!("{base}{nobody}")
}

/// What to do next.
#[must_use]
pub fn next_action(incident: &Incident, board: &Glance) -> String {
    match board.phase {
        Phase::Starting => "Wait a few seconds for the answers.".to_owned(),
        Phase::ParkedAtParent => {
            let other = incident.findings().iter().any(|f| f.code == Code::ParentDelegationOther);
            let advice = registration::cause(incident).map(|f| f.cause.advice()).filter(|_| !other);
            let registrar = registration::whom(incident);
            let who = match (other, &registrar) {
                (true, None) => "Ask the registrar who changed the delegation.".to_owned(),
                (true, Some(registrar)) => format!("Ask the registrar who changed the delegation: {registrar}."),
                (false, None) => "Renew the domain at its registrar and have the name servers put back.".to_owned(),
                (false, Some(registrar)) => {
                    format!("Renew the domain at {registrar}, and have the name servers put back.")
                }
            };
            // Another cure than paying: a contact to confirm, a block to lift.
            let cure = advice.filter(|_| registration::needs_another_cure(incident));
            let who = cure.map_or(who, |cure| {
                registrar.map_or_else(|| cure.to_owned(), |registrar| format!("{cure} The registrar: {registrar}."))
            });
            format!("{who} Do not flush caches yet: that would store the parked answer again.")
        }
        Phase::HeldAtParent => {
            let ttl = incident.parents().values().filter_map(|p| p.judgement.negative_ttl).max();
            let cached = ttl.map_or_else(String::new, |s| {
                format!(
                    " Caches keep the denial for up to {} after it is lifted.",
                    in_words(std::time::Duration::from_secs(u64::from(s)))
                )
            });
            let what = registration::cause(incident)
                .map_or("Ask the registrar what lifts the hold (payment, or a contact to confirm).", |f| {
                    f.cause.advice()
                });
            let call = registration::whom(incident).map_or_else(String::new, |whom| format!(" The registrar: {whom}."));
            let flush = if what.contains("flush") { "" } else { " Do not flush yet." };
            format!("{what}{call}{flush}{cached}")
        }
        Phase::SplitAtParent => {
            "Wait: a registry update usually reaches all its servers within minutes. Do not flush before all agree."
                .to_owned()
        }
        Phase::BrokenAtAuthority => {
            let worst = incident.findings().iter().find(|f| is_authority_fault(f.code));
            worst.map_or_else(|| "Fix the zone on the expected servers.".to_owned(), |f| f.code.advice().to_owned())
        }
        Phase::Converging => {
            let wrong = incident.resolvers().iter().filter(|r| r.judgement.verdict.is_wrong());
            let operators: BTreeSet<&'static str> =
                wrong.clone().filter_map(|r| flush_offered(&r.target.operator)).collect();
            if wrong.count() == 0 {
                "Keep watching: every resolver that answers is right so far; more samples make sure.".to_owned()
            } else if operators.is_empty() {
                "Wait for the TTLs: none of the resolvers that are still wrong offers a flush.".to_owned()
            } else {
                let operators = operators.into_iter().collect::<Vec<_>>().join(" and ");
                format!("Flush {operators} now (f, or `unpark flush`); the rest ends with the TTLs.")
            }
        }
        Phase::Recovered => unseen_words(board),
        Phase::Healthy => "Nothing to do.".to_owned(),
        Phase::CannotTell => {
            let own = incident.findings().iter().find(|f| is_own_trouble(f.code));
            own.map_or_else(|| "Check this machine's network.".to_owned(), |f| f.code.advice().to_owned())
        }
    }
}

/// What customers may be told: one honest sentence or two, with the time.
#[must_use]
pub fn statement(incident: &Incident, board: &Glance) -> String {
    let zone = &board.zone;
    let at = format!("{} UTC", board.now.date_and_minute());
    let (correct, heard) =
        (board.count(Verdict::Correct), board.total() - board.count(Verdict::Silent) - board.count(Verdict::Unknown));
    match board.phase {
        Phase::Starting | Phase::CannotTell => format!("As of {at} we are still checking DNS for {zone}."),
        Phase::ParkedAtParent | Phase::HeldAtParent => format!(
            "As of {at}, {zone} does not resolve correctly because its registration's name servers were changed. We are having this corrected; caches will need more time afterwards."
        ),
        Phase::SplitAtParent => format!("As of {at}, the correction for {zone} is reaching the registry's servers."),
        Phase::BrokenAtAuthority => {
            format!("As of {at}, some name servers of {zone} do not answer correctly. We are fixing this.")
        }
        Phase::Converging => {
            let since = incident.right_since().map_or_else(String::new, |t| format!(" by {} UTC", t.date_and_minute()));
            let last =
                board.slowest.as_ref().and_then(|(_, until)| until.moment()).map_or_else(String::new, |t| {
                    format!("; the slowest known one will by {} UTC", t.date_and_minute())
                });
            let unseen = elsewhere(board).map_or_else(String::new, |words| format!(" {words}"));
            format!(
                "DNS for {zone} was corrected at its source{since}. As of {at}, {correct} of {heard} public resolvers checked already {} correctly{last}.{unseen}",
                plural(correct, "answers", "answer")
            )
        }
        Phase::Recovered | Phase::Healthy if board.total() == 0 => {
            let others = elsewhere(board).unwrap_or_else(|| "Caches of resolvers may lag behind.".to_owned());
            format!("As of {at}, DNS for {zone} is correct at its source. {others}")
        }
        Phase::Recovered | Phase::Healthy => {
            let which = match correct {
                1 => "the public resolver that was".to_owned(),
                n => format!("all {n} public resolvers that were"),
            };
            let others = elsewhere(board).unwrap_or_else(|| "Other caches may lag behind.".to_owned());
            format!("As of {at}, DNS for {zone} is correct at its source and at {which} checked and answered. {others}")
        }
    }
}

/// What happened to this machine's clock at `at`, by the clock before it, and what that means.
#[must_use]
pub fn clock_jump(at: Timestamp, jump: ClockJump) -> String {
    let span = |seconds: i64| in_words(std::time::Duration::from_secs(seconds.unsigned_abs()));
    match jump {
        ClockJump::Slept(seconds) => format!(
            "this machine slept from {} UTC for {}: nothing was seen meanwhile, and ends counted before are void until heard again",
            at.clock(),
            span(seconds)
        ),
        ClockJump::WallSet(seconds) => format!(
            "this machine's wall clock was set {} by {} at {} UTC: times here go on as before, and so do TTLs",
            if seconds < 0 { "back" } else { "forward" },
            span(seconds),
            at.clock()
        ),
    }
}

/// What the reader must know about the picture itself.
#[must_use]
pub fn notices(incident: &Incident) -> Vec<String> {
    let mut notices = Vec::new();
    if let (n @ 1.., Some(reason)) = incident.not_sent() {
        let queries = plural(usize::try_from(n).unwrap_or(usize::MAX), "query", "queries");
        notices.push(format!("{n} {queries} could not leave this machine: {}", crate::dns::shown::text(reason)));
    }
    match incident.strays() {
        0 => {}
        1 => {
            notices
                .push("1 packet came that answered nothing that was asked: stray or forged, not believed".to_owned());
        }
        n => notices
            .push(format!("{n} packets came that answered nothing that was asked: stray or forged, not believed")),
    }
    if let Some((at, jump)) = incident.clock_jumps().last() {
        notices.push(clock_jump(*at, *jump));
    }
    if incident.signer_match() == Some(SignerMatch::Unknown) {
        let what =
            "the parent's DS has a digest of a type unknown here: whether it names a key of the zone is not known";
        notices.push(what.to_owned());
    }
    for (name, reason) in incident.unresolved_parents() {
        notices.push(format!(
            "no address for the parent's server {}: {}",
            name.without_dot(),
            crate::dns::shown::text(reason)
        ));
    }
    notices
}

fn starting(incident: &Incident, board: &Glance) -> String {
    let zone = &board.zone;
    if incident.parents().is_empty() {
        return format!("Looking for the servers of {zone}'s parent, from the root down.");
    }
    let parents = incident.parent_tally();
    let heard = parents.total() - parents.unknown;
    let sampled = board.total() - board.count(Verdict::Unknown);
    let resolvers = match board.total() {
        0 => String::new(),
        total => format!(" and {sampled} of {}", counted(total, "resolver", "resolvers")),
    };
    let parents = counted(parents.total(), "parent server", "parent servers");
    format!("Heard {heard} of {parents}{resolvers} so far; nothing wrong seen yet.")
}

fn of_all(n: usize, total: usize) -> String {
    if n == total && n > 1 { format!("All {total}") } else { format!("{n} of {total}") }
}

/// The form of a word that goes with a number.
const fn plural<'a>(n: usize, one: &'a str, many: &'a str) -> &'a str {
    if n == 1 { one } else { many }
}

/// `1 resolver`, `2 resolvers`.
fn counted(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", plural(n, one, many))
}

/// `all 82 resolvers that answer`.
fn answering_words(n: usize) -> String {
    if n == 1 { "the 1 resolver that answers".to_owned() } else { format!("all {n} resolvers that answer") }
}

/// The wrong delegations the parent holds, in short.
fn held_sets(incident: &Incident) -> String {
    let wrong = incident.parents().values().filter(|p| p.judgement.verdict.is_wrong());
    let sets: BTreeSet<&NsSet> = wrong.filter_map(|p| p.judgement.ns.as_ref()).collect();
    sets.into_iter().map(short_set).collect::<Vec<_>>().join("; or to ")
}

/// At most three names of a set.
fn short_set(set: &NsSet) -> String {
    let names: Vec<String> = set.iter().map(crate::dns::Name::without_dot).collect();
    match names.as_slice() {
        [one, two, rest @ ..] if rest.len() > 1 => format!("{one}, {two} and {} more", rest.len()),
        few => few.join(", "),
    }
}

/// The parking service, where the fingerprint names one.
fn known_service(incident: &Incident) -> &'static str {
    let known = incident
        .findings()
        .iter()
        .any(|f| f.code == Code::ParentDelegationParked && !f.detail.ends_with("(no known parking service)"));
    if known { ", a known parking service" } else { "" }
}

/// What the registration tells about why, as a sentence of its own.
fn cause_words(incident: &Incident) -> String {
    registration::cause(incident).map_or_else(String::new, |finding| format!(" {}", finding.sentence()))
}

fn expected_words(incident: &Incident, now: Timestamp) -> String {
    let Some(expectation) = incident.expectation() else { return String::new() };
    let tally = incident.expected_tally();
    let state = match (tally.correct, tally.total()) {
        (_, 0) => "whose addresses are not known yet".to_owned(),
        (1, 1) => "which still answers".to_owned(),
        (n, total) if n == total => "which all still answer".to_owned(),
        (n, total) => {
            format!("of which {n} of {} {}", counted(total, "address", "addresses"), plural(n, "answers", "answer"))
        }
    };
    let by = if let ExpectationSource::Baseline { .. } = expectation.source {
        format!(" ({})", source_words(expectation.source, now))
    } else {
        String::new()
    };
    format!(" Expected: {}{by}, {state}.", short_set(&expectation.ns))
}

fn detail_of(incident: &Incident, code: Code) -> String {
    incident.findings().iter().find(|f| f.code == code).map_or_else(String::new, |f| f.detail.clone())
}

const fn is_authority_fault(code: Code) -> bool {
    matches!(
        code,
        Code::AuthorityNotAnswering
            | Code::AuthorityNoResponse
            | Code::DelegatedNotAnswering
            | Code::ParentDsWithoutKey
            | Code::ServerWithoutAddress
            | Code::AuthorityNsDiffers
    )
}

/// The faults at the authoritative servers, as the findings word them.
fn faults(incident: &Incident) -> String {
    let sentences: Vec<String> =
        incident.findings().iter().filter(|f| is_authority_fault(f.code)).map(Finding::sentence).collect();
    let text = sentences.join(" ");
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

/// How many resolvers are not right yet, by verdict.
fn remaining(board: &Glance) -> String {
    let parts: Vec<String> = [
        Verdict::Parked,
        Verdict::Stuck,
        Verdict::Mixed,
        Verdict::Held,
        Verdict::Broken,
        Verdict::Other,
        Verdict::Draining,
    ]
    .into_iter()
    .filter(|v| board.count(*v) > 0)
    .map(|v| format!("{} {}", board.count(v), v.word()))
    .collect();
    let (correct, total) = (board.count(Verdict::Correct), board.total());
    let are = plural(correct, "is", "are");
    match (total, parts.is_empty()) {
        (0, _) => "No resolver was asked".to_owned(),
        (_, true) => {
            let resolvers = counted(total, "resolver", "resolvers");
            format!("{correct} of {resolvers} {are} correct; more samples are being taken")
        }
        (_, false) => {
            let resolvers = counted(total, "resolver", "resolvers");
            format!("Of {resolvers}, {correct} {are} correct, {}", parts.join(", "))
        }
    }
}

fn restored_words(incident: &Incident) -> String {
    match incident.right_since() {
        // Right from the first look: since when is not known.
        Some(at) if incident.phases().iter().any(|c| c.at < at && c.phase.is_bad()) => {
            format!(" since {} UTC", at.clock())
        }
        _ => String::new(),
    }
}

/// Those that had nothing to recover from are no sign of recovery.
fn never_parked_words(incident: &Incident) -> String {
    match incident.resolvers().iter().filter(|r| r.never_parked()).count() {
        0 => String::new(),
        1 => " 1 of them never lost the correct servers.".to_owned(),
        n => format!(" {n} of them never lost the correct servers."),
    }
}

fn silent_words(board: &Glance) -> String {
    match board.count(Verdict::Silent) {
        0 => String::new(),
        1 => " 1 resolver is silent and counted neither way.".to_owned(),
        n => format!(" {n} resolvers are silent and counted neither way."),
    }
}

/// What customers are told of caches that were not asked: a bound, where there is one.
fn elsewhere(board: &Glance) -> Option<String> {
    let worst = board.forecast.forecast.unseen.worst.filter(|at| *at > board.now && board.phase != Phase::Healthy)?;
    Some(format!("Other caches may lag until {} UTC at the latest.", worst.date_and_minute()))
}

/// What cannot be seen, as a bound.
fn unseen_words(board: &Glance) -> String {
    match board.forecast.forecast.unseen.worst.filter(|at| *at > board.now) {
        Some(at) => format!(
            "Keep watching: caches that cannot be asked from here (of Internet providers) may lag until {} UTC at worst.",
            at.date_and_minute()
        ),
        None => {
            "Keep watching: caches that cannot be asked from here (of Internet providers) may lag behind.".to_owned()
        }
    }
}

fn own_trouble(incident: &Incident) -> String {
    let own = incident.findings().iter().find(|f| is_own_trouble(f.code));
    own.map_or_else(
        || "neither its parent's servers nor resolvers gave an answer that could be used.".to_owned(),
        Finding::sentence,
    )
}

const fn is_own_trouble(code: Code) -> bool {
    matches!(code, Code::NetworkIntercepted | Code::NetworkUnreachable | Code::NothingAnswers | Code::ParentNotFound)
}

/// The operator that offers a flush for its resolvers, by the operator's name in the catalog.
fn flush_offered(operator: &str) -> Option<&'static str> {
    let operator = operator.to_lowercase();
    ["Cloudflare", "Google"].into_iter().find(|known| operator.contains(&known.to_lowercase()))
}
