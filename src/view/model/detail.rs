//! Everything behind one row: samples, rules, and each observation as `dig`-like text.

use std::time::Duration;

use crate::dns::{Rcode, key_tag};
use crate::incident::forecast::RunningClock;
use crate::incident::{Incident, ResolverWatch, VerdictChange};
use crate::judge::{Heard, Rule, ServiceJudgement, Side, Until, Verdict, Witnesses, side_of_negative};
use crate::observation::{Observation, Outcome, Purpose, Role, TargetId, address_text};
use crate::time::{Timestamp, in_words};
use crate::view::model::forecast::row_words;
use crate::view::model::resolver_check::calibrated_words;
use crate::view::model::rows::{ServiceCell, data_text, held_back, name_of, place};
use crate::view::model::samples::share_words;
use crate::view::model::{flush_facts, region_of, row_budget_words, until_words};

/// What the detail pane shows of one target.
#[derive(Debug, Clone)]
pub struct Detail {
    /// Who it is.
    pub title: String,
    /// What it amounts to.
    pub verdict: Verdict,
    /// Whether it is not asked again for now, because that would refresh the parked answer.
    pub held_back: bool,
    /// The verdict and how it came about, a line each: label and text.
    pub facts: Vec<(&'static str, String)>,
    /// Its samples by what they say and which instance said it: what can be told apart of the caches behind a resolver's
    /// address. Empty for servers.
    pub groups: Vec<SampleGroup>,
    /// Its verdicts so far, oldest first.
    pub history: Vec<VerdictChange>,
    /// Every observation kept, the newest first.
    pub evidence: Vec<EvidenceLine>,
}

/// Samples of one resolver that say the same, from the same instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SampleGroup {
    /// What they say: `expected`, `parked`, `denied by the parent`, …
    pub says: &'static str,
    /// Whether that is right.
    pub good: bool,
    /// Which instance said it, where it named itself.
    pub instance: Option<String>,
    /// How many.
    pub samples: usize,
    /// When the newest came.
    pub newest: Timestamp,
    /// The number of the newest.
    pub number: u64,
}

impl SampleGroup {
    /// In one line.
    #[must_use]
    pub fn words(&self, now: Timestamp) -> String {
        let instance = self.instance.as_ref().map_or_else(String::new, |name| format!(" from {name}"));
        let samples = if self.samples == 1 { "sample" } else { "samples" };
        let ago = in_words(now.since(self.newest));
        format!("{}: {} {samples}{instance}, newest #{} {ago} ago", self.says, self.samples, self.number)
    }
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
    pub fn text(&self, now: Timestamp) -> String {
        let facts = self.facts.iter().map(|(label, text)| format!("{label:<11}{text}"));
        let groups = self.groups.iter().map(|group| format!("{:<11}{}", "samples", group.words(now)));
        let history = self.history.iter().map(|c| format!("{:<11}{} {}", "history", c.at, c.verdict.word()));
        let answers = self.evidence.iter().flat_map(|e| {
            let number = std::iter::once(format!("#{} {}", e.number, e.short));
            number.chain(e.full.iter().map(|line| format!("    {line}")))
        });
        let title = std::iter::once(self.title.clone());
        title.chain(facts).chain(groups).chain(history).chain(answers).collect::<Vec<_>>().join("\n")
    }
}

/// Words everything behind one target: a resolver, a server of the parent, or a name server of the zone. None when there is
/// no such target any more.
#[must_use]
pub fn detail(incident: &Incident, target: TargetId, now: Timestamp) -> Option<Detail> {
    match target.role {
        Role::Resolver => resolver(incident, target, now),
        Role::Parent => parent(incident, target, now),
        Role::Authoritative => authority(incident, target, now),
        Role::Walk | Role::Nobody => None,
    }
}

fn parent(incident: &Incident, target: TargetId, now: Timestamp) -> Option<Detail> {
    let server = incident.parents().get(&target.address)?;
    let judgement = &server.judgement;
    let mut facts = vec![
        ("verdict", format!("{} ({})", judgement.verdict.word(), judgement.rule.word())),
        ("because", judgement.rule.says().to_owned()),
    ];
    if let Some(ns) = &judgement.ns {
        facts.push(("delegates", ns.to_string()));
    }
    if let Some(first) = server.first.as_ref().filter(|first| Some(*first) != judgement.ns.as_ref()) {
        facts.push(("at first", first.to_string()));
    }
    if let Some(ttl) = judgement.ttl {
        let kept = in_words(std::time::Duration::from(ttl));
        facts.push(("TTL", format!("{ttl} s: caches keep this delegation up to {kept}")));
    }
    if let Some(ttl) = judgement.negative_ttl {
        facts
            .push(("denial", format!("caches keep it up to {}", in_words(std::time::Duration::from_secs(ttl.into())))));
    }
    facts.push((
        "DS",
        match judgement.ds.as_deref() {
            None => "not known".to_owned(),
            Some([]) => "none".to_owned(),
            Some(ds) => {
                let tags = ds.iter().map(|ds| format!("key tag {}, algorithm {}", ds.key_tag, ds.algorithm));
                tags.collect::<Vec<_>>().join("; ")
            }
        },
    ));
    heard_facts(&mut facts, &server.witnesses, Some(server.since), now);
    let title = format!("{} {}", server.name.without_dot(), address_text(target.address));
    Some(Detail {
        title,
        verdict: judgement.verdict,
        held_back: false,
        facts,
        groups: Vec::new(),
        history: server.history.clone(),
        evidence: lines(&server.witnesses, &judgement.evidence),
    })
}

fn authority(incident: &Incident, target: TargetId, now: Timestamp) -> Option<Detail> {
    let server = incident.authorities().get(&target.address)?;
    let judgement = &server.judgement;
    let answers = match (judgement.answers(), judgement.aa) {
        (true, _) => "with authority",
        (false, Some(false)) => "without authority for the zone",
        (false, _) => "not for the zone",
    };
    let parked = if server.parked_host { ", of a parking service or a parked set" } else { "" };
    let mut facts = vec![
        ("verdict", judgement.verdict.word().to_owned()),
        ("role", format!("{}{parked}", server.role.word())),
        ("answers", answers.to_owned()),
    ];
    if let Some(rcode) = judgement.rcode {
        facts.push(("rcode", rcode.to_string()));
    }
    if let Some((soa, ttl)) = &judgement.soa {
        facts.push(("SOA", format!("{}, serial {}, minimum {} (TTL {ttl} s)", soa.mname, soa.serial, soa.minimum)));
    }
    if let Some(ns) = &judgement.ns {
        facts.push(("apex NS", ns.to_string()));
    }
    if let Some(keys) = judgement.keys.as_ref().filter(|keys| !keys.is_empty()) {
        let keys = keys.iter().filter_map(|key| Some(format!("key tag {}, algorithm {}", key_tag(key), key.get(3)?)));
        facts.push(("keys", keys.collect::<Vec<_>>().join("; ")));
    }
    heard_facts(&mut facts, &server.witnesses, server.history.last().map(|c| c.at), now);
    let names: Vec<String> = server.names.iter().map(crate::dns::Name::without_dot).collect();
    Some(Detail {
        title: format!("{} {}", names.join(", "), address_text(target.address)),
        verdict: judgement.verdict,
        held_back: false,
        facts,
        groups: Vec::new(),
        history: server.history.clone(),
        evidence: lines(&server.witnesses, &judgement.evidence),
    })
}

/// What users get for a watched name, and by which rule where that is not plain.
fn service_words(service: &ServiceJudgement) -> String {
    let plain = matches!(service.rule, Rule::DataGood | Rule::DataParked | Rule::NothingHeard);
    if plain { service.state.word().to_owned() } else { format!("{} ({})", service.state.word(), service.rule.word()) }
}

/// Which instance it is, since when it is as it is, and when it was last heard.
fn heard_facts(
    facts: &mut Vec<(&'static str, String)>,
    witnesses: &Witnesses,
    since: Option<Timestamp>,
    now: Timestamp,
) {
    let instance = witnesses.iter().rev().find_map(|h| h.observation.response()?.nsid());
    facts.push(("instance", instance.unwrap_or_else(|| "not told".to_owned())));
    let moment = |at: Timestamp| format!("{} UTC ({} ago)", at.clock(), in_words(now.since(at)));
    if let Some(since) = since {
        facts.push(("since", moment(since)));
    }
    let heard = witnesses.iter().rev().find(|h| h.observation.was_heard()).map(|h| h.observation.at);
    facts.push(("last heard", heard.map_or_else(|| "never".to_owned(), moment)));
    let rtts: Vec<f64> = witnesses.iter().filter_map(|h| h.observation.rtt).map(|d| d.as_secs_f64() * 1000.0).collect();
    if let (Some(least), Some(most)) =
        (rtts.iter().copied().min_by(f64::total_cmp), rtts.iter().copied().max_by(f64::total_cmp))
    {
        let lost = witnesses.iter().filter(|h| !h.observation.was_heard()).count();
        let kept = witnesses.iter().count();
        facts.push(("round trip", format!("{least:.1} to {most:.1} ms; {lost} of the {kept} kept were lost")));
    }
}

fn resolver(incident: &Incident, target: TargetId, now: Timestamp) -> Option<Detail> {
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
    facts.push((
        "samples",
        format!(
            "{} good in a row, {} usable of {} asked ({})",
            samples.good,
            samples.usable,
            samples.sent,
            judgement.gathering.word()
        ),
    ));
    let address = watch.target.address.ip().to_string();
    facts.extend(share_words(&samples, judgement.state, &address).map(|words| ("means", words)));
    if let Some(row) = incident.row_forecast(watch.target.address, now) {
        facts.push(("forecast", row_words(&row, now)));
        if row.clock == Some(RunningClock::Delegation) {
            let cap = row.cap.map_or_else(String::new, |cap| {
                format!("; keeps nothing for more than {}, as measured", in_words(Duration::from_secs(cap.into())))
            });
            facts.push(("rests on", format!("{}{cap}", row.behaviour.word())));
        }
    }
    for service in &judgement.service {
        let data = if service.values.is_empty() { "–".to_owned() } else { data_text(&service.values) };
        let until = if service.until == Until::Unknown {
            String::new()
        } else {
            format!(", {}", until_words(service.until, now))
        };
        let cell = ServiceCell::of(service, watch, incident, now);
        let was = if cell.is_past() { ", was" } else { "" };
        facts.push(("service", format!("{} {}: {}{was} {data}{until}", cell.name, cell.rtype, service_words(service))));
    }
    if !judgement.turned_back.is_empty() {
        let caches = judgement.turned_back.join(", ");
        facts.push(("turned back", format!("{caches}: used the correct servers, and now does not")));
    }
    for error in &judgement.errors {
        facts.push(("says", error.shown()));
    }
    let place = place(watch.target.country.as_deref(), &watch.target.city);
    if !place.is_empty() {
        let region = region_of(&watch.target).map_or_else(String::new, |region| format!(", {region}"));
        facts.push(("stands", format!("{place}{region}")));
    }
    if let Some(budget) = incident.budget() {
        facts.push(("budget", row_budget_words(budget, watch)));
    }
    facts.push(("can", calibrated_words(&watch.calibration, incident.ttl_cap_of(watch), now)));
    if let Some(identity) = &watch.calibration.identity {
        facts.push(("identity", identity.clone()));
    }
    heard_facts(&mut facts, &watch.witnesses, Some(watch.since), now);
    facts.extend(flush_facts(incident, target.address, now).into_iter().map(|fact| ("flush", fact)));
    let city = if watch.target.city.is_empty() {
        String::new()
    } else {
        format!(" · {}", crate::dns::shown::text(&watch.target.city))
    };
    Some(Detail {
        title: format!("{}{city}", name_of(&watch.target)),
        verdict: judgement.verdict,
        held_back: held_back(watch, incident),
        facts,
        groups: groups(watch, incident),
        history: watch.history.to_vec(),
        evidence: lines(&watch.witnesses, &judgement.evidence),
    })
}

/// Groups a resolver's samples by what they say and who said it, the newest first.
fn groups(watch: &ResolverWatch, incident: &Incident) -> Vec<SampleGroup> {
    let mut groups: Vec<SampleGroup> = Vec::new();
    for heard in watch.witnesses.of(Purpose::Nonce).rev() {
        let Some(response) = heard.observation.response() else { continue };
        let (says, good) = if matches!(response.rcode, Rcode::NOERROR | Rcode::NXDOMAIN) {
            match side_of_negative(response, &heard.observation.asked, incident.references()) {
                Side::Good { .. } => ("expected", true),
                Side::Parked => ("parked", false),
                Side::AboveZone { .. } => ("denied by the parent", false),
                Side::Neither => ("neither expected nor parked", false),
                Side::Undecidable => ("cannot be told apart", false),
                Side::NothingToCompare => ("nothing to compare with", false),
            }
        } else {
            ("fails", false)
        };
        let instance = response.nsid();
        match groups.iter_mut().find(|group| group.says == says && group.instance == instance) {
            Some(group) => group.samples += 1,
            None => groups.push(SampleGroup {
                says,
                good,
                instance,
                samples: 1,
                newest: heard.observation.at,
                number: heard.number,
            }),
        }
    }
    groups
}

fn lines(witnesses: &Witnesses, decisive: &[u64]) -> Vec<EvidenceLine> {
    witnesses.iter().rev().map(|heard| line(heard, decisive.contains(&heard.number))).collect()
}

/// Words one observation.
#[must_use]
pub fn evidence_line(heard: &Heard) -> EvidenceLine {
    line(heard, true)
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
