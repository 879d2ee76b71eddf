//! Everything behind one row: samples, rules, and each observation as `dig`-like text.

use crate::incident::Incident;
use crate::judge::{Heard, Until};
use crate::observation::{Observation, Outcome, TargetId};
use crate::time::{Timestamp, in_words};
use crate::view::model::rows::data_text;
use crate::view::model::until_words;

/// What the detail pane shows of one resolver.
#[derive(Debug, Clone)]
pub struct Detail {
    /// Who it is.
    pub title: String,
    /// The verdict and how it came about, a line each: label and text.
    pub facts: Vec<(&'static str, String)>,
    /// Every observation kept, the newest first.
    pub evidence: Vec<EvidenceLine>,
}

/// One observation.
#[derive(Debug, Clone)]
pub struct EvidenceLine {
    /// Its number.
    pub number: u64,
    /// Whether the verdict rests on it.
    pub decisive: bool,
    /// One line.
    pub short: String,
    /// The whole answer, line by line.
    pub full: Vec<String>,
}

impl Detail {
    /// All of it as plain text, answers whole: for the clipboard.
    #[must_use]
    pub fn text(&self) -> String {
        let facts = self.facts.iter().map(|(label, text)| format!("{label:<11}{text}"));
        let answers = self.evidence.iter().flat_map(|e| {
            let number = std::iter::once(format!("#{} {}", e.number, e.short));
            number.chain(e.full.iter().map(|line| format!("    {line}")))
        });
        std::iter::once(self.title.clone()).chain(facts).chain(answers).collect::<Vec<_>>().join("\n")
    }
}

/// Words everything behind one resolver; none when there is no such resolver.
#[must_use]
pub fn detail(incident: &Incident, target: TargetId, now: Timestamp) -> Option<Detail> {
    let watch = incident.resolver(target.address)?;
    let judgement = &watch.judgement;
    let samples = judgement.samples;
    let mut facts = vec![
        ("verdict", format!("{} ({})", judgement.verdict.word(), judgement.rule.word())),
        ("because", judgement.rule.says().to_owned()),
        ("delegation", format!("{}, {}", judgement.state.word(), until_words(judgement.delegation_until, now))),
    ];
    if let Some(servers) = &judgement.servers {
        facts.push(("servers", servers.to_string()));
    }
    facts.push(("samples", samples_words(samples.good, samples.usable, samples.sent)));
    for service in &judgement.service {
        let data = if service.values.is_empty() { "–".to_owned() } else { data_text(&service.values) };
        let until = if service.until == Until::Unknown {
            String::new()
        } else {
            format!(", {}", until_words(service.until, now))
        };
        let name = service.name.relative_to(incident.zone());
        facts.push(("service", format!("{name} {}: {} {data}{until}", service.rtype, service.state.word())));
    }
    for error in &judgement.errors {
        facts.push(("says", error.shown()));
    }
    let instance = watch.witnesses.iter().rev().find_map(|h| h.observation.response()?.nsid());
    facts.push(("instance", instance.unwrap_or_else(|| "not told".to_owned())));
    facts.push(("since", format!("{} UTC ({} ago)", watch.since.clock(), in_words(now.since(watch.since)))));
    let heard = watch
        .last_heard
        .map_or_else(|| "never".to_owned(), |at| format!("{} UTC ({} ago)", at.clock(), in_words(now.since(at))));
    facts.push(("last heard", heard));
    let evidence = watch.witnesses.iter().rev().map(|h| line(h, judgement.evidence.contains(&h.number))).collect();
    let city = if watch.target.city.is_empty() { String::new() } else { format!(" · {}", watch.target.city) };
    let (operator, address) = (&watch.target.operator, target.to_string());
    let who = if *operator == address { address } else { format!("{operator} {address}") };
    Some(Detail { title: format!("{who}{city}"), facts, evidence })
}

/// `14 good of 14 usable, so < 20 % of the caches seen from here are stale (95 %)`.
fn samples_words(good: usize, usable: usize, sent: usize) -> String {
    let counted = format!("{good} good in a row, {usable} usable of {sent} asked");
    if good < 3 || good < usable {
        return counted;
    }
    // Zero stale in n samples: p < 1 − 0.05^(1/n) at 95 %.
    let share = 1.0 - 0.05_f64.powf(1.0 / good as f64);
    format!("{counted}: fewer than {:.0} % of its caches seen from here are stale (95 %)", (share * 100.0).ceil())
}

fn line(heard: &Heard, decisive: bool) -> EvidenceLine {
    let observation = &*heard.observation;
    EvidenceLine { number: heard.number, decisive, short: short(observation), full: full(observation) }
}

/// One line: time, question, what came.
pub(super) fn short(observation: &Observation) -> String {
    let query = &observation.query;
    let recursion = if query.rd { "rd" } else { "no-rd" };
    let checking = if query.cd { " cd" } else { "" };
    let came = match &observation.outcome {
        Outcome::Answered(response) => {
            let first = response.answer.first().or_else(|| response.authority.first());
            let data = first.map_or_else(String::new, |r| format!(" {} {} {}", r.rdata.rtype(), r.ttl, r.rdata));
            format!("{}{data}", response.rcode)
        }
        other => failure_words(other),
    };
    let asked = &observation.asked;
    format!("{} {asked} {} {recursion}{checking}  {came}", observation.at.clock(), query.rtype)
}

fn failure_words(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Answered(_) => String::new(),
        Outcome::Malformed { reason, .. } => format!("unreadable answer: {}", crate::dns::shown::text(reason)),
        Outcome::NoResponse => "no answer by UDP and TCP".to_owned(),
        Outcome::Unreachable => "nobody listens there".to_owned(),
        Outcome::NotSent { reason } => format!("not sent (our side): {}", crate::dns::shown::text(reason)),
    }
}

/// The whole answer in the form people know from `dig`.
fn full(observation: &Observation) -> Vec<String> {
    let query = &observation.query;
    let mut lines = vec![format!(
        ";; {} {} {} @{} {}{}{}, for: {}, {} packet{}",
        observation.asked,
        query.class,
        query.rtype,
        query.target,
        if query.rd { "+rd" } else { "+nord" },
        if query.cd { " +cd" } else { "" },
        if query.dnssec_ok { " +do" } else { "" },
        query.purpose.word(),
        observation.packets,
        if observation.packets == 1 { "" } else { "s" },
    )];
    let Outcome::Answered(response) = &observation.outcome else {
        lines.push(format!(";; {}", failure_words(&observation.outcome)));
        return lines;
    };
    let flags = [(response.aa, "aa"), (response.tc, "tc"), (response.ra, "ra"), (response.ad, "ad")];
    let flags: Vec<&str> = flags.iter().filter(|(set, _)| *set).map(|(_, word)| *word).collect();
    let rtt = observation.rtt.map_or_else(String::new, |rtt| format!(", {:.1} ms", rtt.as_secs_f64() * 1000.0));
    lines.push(format!(
        ";; {} flags: {}; {} octets by {}{rtt}",
        response.rcode,
        flags.join(" "),
        response.size,
        response.transport.word()
    ));
    for (title, section) in
        [("ANSWER", &response.answer), ("AUTHORITY", &response.authority), ("ADDITIONAL", &response.additional)]
    {
        if !section.is_empty() {
            lines.push(format!(";; {title}"));
            lines.extend(section.iter().map(ToString::to_string));
        }
    }
    lines.extend(response.extended_errors().iter().map(|e| format!(";; {}", e.shown())));
    if let Some(nsid) = response.nsid() {
        lines.push(format!(";; NSID {nsid}"));
    }
    lines
}
