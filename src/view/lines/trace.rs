//! The source ladder alone: from the root by each zone cut to the parent's servers and the zone's own, every server named.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use crate::dns::{Name, NsSet, Rdata, Record};
use crate::incident::{AuthorityServer, Incident, ParentServer};
use crate::judge::{AuthorityRole, Heard, Verdict, Witnesses};
use crate::observation::{AnswerKind, Observation, Outcome, Purpose, Response, address_text};
use crate::view::model::Board;

use super::Look;
use super::check::{findings, headline};
use super::layout::{Page, Paint, plain};

/// The way from the root: each question of the walk, each parent server, each of the zone's name servers, the findings.
/// Quiet: the headline alone. Verbose: also the questions for addresses of name servers.
#[must_use]
pub fn trace_text(incident: &Incident, board: &Board, look: Look) -> String {
    let mut page = Page::new(look);
    headline(&mut page, board);
    if look.quiet {
        return page.into_text();
    }
    for notice in &board.notices {
        page.entry(0, Paint::Strong, "Note:", 6, notice);
    }
    page.gap();
    walk(&mut page, incident, look.verbose);
    parents(&mut page, incident);
    authorities(&mut page, incident);
    findings(&mut page, &board.findings);
    page.into_text()
}

fn walk(page: &mut Page, incident: &Incident, every: bool) {
    page.paragraph(Paint::Strong, "From the root");
    let names = glue_names(incident);
    let steps: Vec<&Observation> =
        incident.walk().iter().map(|h| &*h.observation).filter(|o| every || o.query.purpose == Purpose::Walk).collect();
    if steps.is_empty() {
        page.entry(2, Paint::None, page.arrow(), 2, "nothing was asked on the way");
    }
    for step in steps {
        let (like, word, came) = step_words(step);
        let address = step.query.target.address;
        let name = names.get(&address.ip()).map_or_else(String::new, |n| format!("{} ", n.without_dot()));
        let asked = format!("{name}{}: {} {}", address_text(address), step.asked, step.query.rtype);
        page.mark(2, like, word, &format!("{asked}: {came}{}", rtt_words(step.rtt)));
    }
    if let Some(reason) = incident.walk_failure() {
        page.mark(2, Verdict::Broken, "failed", &format!("the parent's servers were not found: {}", plain(reason)));
    }
}

/// Names by address, as the referrals' glue gave them.
fn glue_names(incident: &Incident) -> BTreeMap<IpAddr, Name> {
    let mut names: BTreeMap<IpAddr, Name> = BTreeMap::new();
    for response in incident.walk().iter().filter_map(|h| h.observation.response()) {
        for record in &response.additional {
            if let Some(address) = address_of(record) {
                names.entry(address).or_insert_with(|| record.owner.clone());
            }
        }
    }
    names.extend(incident.parents().iter().map(|(address, parent)| (address.ip(), parent.name.clone())));
    names
}

fn address_of(record: &Record) -> Option<IpAddr> {
    match &record.rdata {
        Rdata::A(address) => Some((*address).into()),
        Rdata::Aaaa(address) => Some((*address).into()),
        _ => None,
    }
}

/// What a step of the walk brought: a verdict with a glyph like it, a word, a few words more.
fn step_words(step: &Observation) -> (Verdict, &'static str, String) {
    let response = match &step.outcome {
        Outcome::Answered(response) => response,
        failed => {
            let (like, words) = failure_words(failed);
            let word = match like {
                Verdict::Broken => "error",
                Verdict::Silent => "silent",
                _ => "not sent",
            };
            return (like, word, words);
        }
    };
    match response.kind(&step.asked, step.query.rtype) {
        AnswerKind::Referral => {
            let words = response.referral(&step.asked).map_or_else(String::new, |(zone, set, ttl)| {
                format!("to {zone} ({} {}, {ttl} s)", set.len(), servers(set.len()))
            });
            (Verdict::Correct, "referral", words)
        }
        AnswerKind::Answer => {
            let set: Vec<String> = response.answer.iter().map(|r| r.rdata.to_string()).collect();
            (Verdict::Correct, "answer", set.join(", "))
        }
        AnswerKind::NoData => (Verdict::Correct, "answer", "no such data (NODATA)".to_owned()),
        AnswerKind::NxDomain => (Verdict::Held, "denial", "no such name (NXDOMAIN)".to_owned()),
        AnswerKind::Error => (Verdict::Broken, "error", response.rcode.to_string()),
        AnswerKind::Empty => (Verdict::Broken, "error", "an answer that says nothing".to_owned()),
    }
}

const fn servers(count: usize) -> &'static str {
    if count == 1 { "server" } else { "servers" }
}

fn failure_words(outcome: &Outcome) -> (Verdict, String) {
    match outcome {
        Outcome::Answered(_) => (Verdict::Unknown, String::new()),
        Outcome::Malformed { reason, .. } => (Verdict::Broken, format!("unreadable answer: {}", plain(reason))),
        Outcome::NoResponse => (Verdict::Silent, "no answer by UDP and TCP".to_owned()),
        Outcome::Unreachable => (Verdict::Silent, "nobody listens there".to_owned()),
        Outcome::NotSent { reason } => (Verdict::Unknown, format!("not sent (our side): {}", plain(reason))),
    }
}

fn rtt_words(rtt: Option<Duration>) -> String {
    rtt.map_or_else(String::new, |rtt| format!(", {:.1} ms", rtt.as_secs_f64() * 1000.0))
}

fn parents(page: &mut Page, incident: &Incident) {
    page.gap();
    let tally = incident.parent_tally();
    let title = incident.parent_zone().map_or_else(
        || "Parent: not found yet".to_owned(),
        |zone| format!("Parent {zone}: {} of {} correct", tally.correct, tally.total()),
    );
    page.paragraph(Paint::Strong, &title);
    for (address, parent) in incident.parents() {
        let who = format!("{} {}", parent.name.without_dot(), address_text(*address));
        page.verdict(2, parent.judgement.verdict, &format!("{who}: {}", parent_words(parent)));
    }
    for (name, reason) in incident.unresolved_parents() {
        page.verdict(2, Verdict::Unknown, &format!("{}: no address: {}", name.without_dot(), plain(reason)));
    }
}

fn parent_words(parent: &ParentServer) -> String {
    let judgement = &parent.judgement;
    let Some(heard) = decisive(&parent.witnesses, Purpose::Delegation, &judgement.evidence) else {
        return "not heard yet".to_owned();
    };
    let observation = &*heard.observation;
    let Some(response) = observation.response() else { return failure_words(&observation.outcome).1 };
    let mut parts = vec![response.rcode.to_string()];
    match (&judgement.ns, judgement.ttl) {
        (Some(set), Some(ttl)) => parts.push(format!("NS {set} ({ttl} s)")),
        _ => parts.push("no delegation".to_owned()),
    }
    if let Some(seconds) = judgement.negative_ttl {
        parts.push(format!("denial cached for {seconds} s"));
    }
    match judgement.ds.as_deref() {
        None => {}
        Some([]) => parts.push("no DS".to_owned()),
        Some(ds) => {
            parts.push(format!("DS {}", ds.iter().map(|d| d.key_tag.to_string()).collect::<Vec<_>>().join(" ")));
        }
    }
    if let Some(set) = &judgement.ns {
        parts.push(glue_words(response, set));
    }
    format!("{}{}", parts.join(", "), rtt_words(observation.rtt))
}

/// For how many of the delegation's servers the referral carries addresses.
fn glue_words(response: &Response, set: &NsSet) -> String {
    let with =
        set.iter().filter(|name| response.additional.iter().any(|r| r.owner == **name && address_of(r).is_some()));
    match with.count() {
        0 => "no glue".to_owned(),
        n => format!("glue for {n} of {}", set.len()),
    }
}

fn authorities(page: &mut Page, incident: &Incident) {
    page.gap();
    let tally = incident.expected_tally();
    page.paragraph(Paint::Strong, &format!("Authoritative: {} of {} answer", tally.correct, tally.total()));
    for (name, role) in incident.server_names() {
        let at: Vec<(&SocketAddr, &AuthorityServer)> =
            incident.authorities().iter().filter(|(_, a)| a.names.contains(&name)).collect();
        if at.is_empty() {
            let (verdict, why) = match incident.host_addresses().get(&name).map(|h| &h.addresses) {
                None => (Verdict::Unknown, "its address is not known yet".to_owned()),
                Some(Ok(_)) => (Verdict::Broken, "no address".to_owned()),
                Some(Err(reason)) => (Verdict::Broken, format!("no address: {}", plain(reason))),
            };
            page.verdict(2, verdict, &format!("{} ({}): {why}", name.without_dot(), role.word()));
        }
        for (address, authority) in at {
            let who = format!("{} {} ({})", name.without_dot(), address_text(*address), role.word());
            page.verdict(2, authority.judgement.verdict, &format!("{who}: {}", authority_words(authority, role)));
        }
    }
}

fn authority_words(authority: &AuthorityServer, role: AuthorityRole) -> String {
    let judgement = &authority.judgement;
    let Some(heard) = decisive(&authority.witnesses, Purpose::Soa, &judgement.evidence) else {
        return "not heard yet".to_owned();
    };
    let observation = &*heard.observation;
    let Some(response) = observation.response() else { return failure_words(&observation.outcome).1 };
    let aa = if response.aa { "AA" } else { "not authoritative" };
    let mut parts = vec![response.rcode.to_string(), aa.to_owned()];
    if let Some((soa, _)) = &judgement.soa {
        parts.push(format!("serial {}", soa.serial));
    }
    if let Some(set) = &judgement.ns {
        parts.push(format!("NS {set}"));
    }
    if authority.parked_host && role == AuthorityRole::Delegated {
        parts.push("a parking server".to_owned());
    }
    format!("{}{}", parts.join(", "), rtt_words(observation.rtt))
}

/// The observation of one purpose that a judgement rests on.
fn decisive<'a>(witnesses: &'a Witnesses, purpose: Purpose, evidence: &[u64]) -> Option<&'a Heard> {
    witnesses.of(purpose).rev().find(|h| evidence.contains(&h.number))
}
