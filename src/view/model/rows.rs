//! One line for each resolver address.

use std::time::Duration;

use crate::dns::{Name, Rdata, shown};
use crate::incident::{Incident, ResolverTarget, ResolverWatch, Survey};
use crate::judge::{DelegationState, ResolverJudgement, Rule, ServiceState, Until, Verdict};
use crate::observation::{Observation, Purpose, TargetId, address_text};
use crate::time::Timestamp;
use crate::view::model::samples::mixed_words;

/// A resolver as the table shows it.
#[derive(Debug, Clone)]
pub struct Row {
    /// Which target.
    pub target: TargetId,
    /// Its entry in the catalog.
    pub id: String,
    /// Who runs it.
    pub operator: String,
    /// Its address.
    pub address: String,
    /// Where it is: `DE Berlin`, `anycast`; empty when not known.
    pub place: String,
    /// Whether this machine is configured to use it.
    pub system: bool,
    /// What its witnesses amount to.
    pub verdict: Verdict,
    /// Which delegation it uses.
    pub state: DelegationState,
    /// By which rule.
    pub rule: Rule,
    /// What it uses, in a few words: `expected`, `expected, fading`, the parked server, `parked in 3 of 8 samples`.
    pub uses: String,
    /// Until when it is wrong (or, fading, right).
    pub until: Until,
    /// What its users get.
    pub service: Vec<ServiceCell>,
    /// Good samples of those the rule for recovery asks, as `14/14`.
    pub samples: String,
    /// How many good samples in a row.
    pub good_samples: usize,
    /// Newest round trip.
    pub rtt: Option<Duration>,
    /// Which instance answered, where it said so.
    pub instance: Option<String>,
    /// When it was last heard.
    pub last_heard: Option<Timestamp>,
    /// Since when its verdict is what it is.
    pub since: Timestamp,
    /// Whether it is not asked again for now, because that would refresh the parked answer.
    pub held_back: bool,
}

/// What users of a resolver get for one watched name and type.
#[derive(Debug, Clone)]
pub struct ServiceCell {
    /// The name as typed in the zone: `@`, `www`.
    pub name: String,
    /// The type's mnemonic.
    pub rtype: String,
    /// What they get.
    pub state: ServiceState,
    /// The data.
    pub values: Vec<String>,
    /// When that runs out.
    pub until: Until,
}

/// Operator and address; the address alone where nobody said whose it is.
pub(super) fn name_of(target: &ResolverTarget) -> String {
    let address = address_text(target.address);
    if target.operator == address { address } else { format!("{} {address}", shown::text(&target.operator)) }
}

impl Row {
    /// Words one resolver.
    #[must_use]
    pub fn of(watch: &ResolverWatch, incident: &Incident, now: Timestamp) -> Self {
        let judgement = &watch.judgement;
        let target = &watch.target;
        let newest = newest_answer(watch);
        let wanted = if incident.source().parent_wrong { 1 } else { incident.samples_wanted(watch) };
        Self {
            target: TargetId::new(crate::observation::Role::Resolver, target.address),
            id: shown::text(&target.id),
            operator: shown::text(&target.operator),
            address: address_text(target.address),
            place: place(target.country.as_deref(), &target.city),
            system: target.system,
            verdict: judgement.verdict,
            state: judgement.state,
            rule: judgement.rule,
            uses: uses(watch, incident),
            until: until(judgement),
            service: judgement.service.iter().map(|s| ServiceCell::of(s, watch, incident, now)).collect(),
            samples: format!("{}/{wanted}", judgement.samples.sure.min(wanted)),
            good_samples: judgement.samples.good,
            rtt: newest.and_then(|o| o.rtt),
            instance: newest.and_then(|o| o.response()).and_then(crate::observation::Response::nsid),
            last_heard: watch.last_heard,
            since: watch.since,
            held_back: held_back(watch, incident),
        }
    }

    /// Operator and address; the address alone where nobody said whose it is.
    #[must_use]
    pub fn name(&self) -> String {
        if self.operator == self.address { self.address.clone() } else { format!("{} {}", self.operator, self.address) }
    }

    /// Whether it uses the correct servers only because it has not lost them yet: the parent is still wrong.
    #[must_use]
    pub const fn is_fading(&self) -> bool {
        matches!(self.state, DelegationState::PreOutage)
    }

    /// The first service cell that is not as it should be, else the first with data.
    #[must_use]
    pub fn telling_service(&self) -> Option<&ServiceCell> {
        let wrong = |c: &&ServiceCell| !matches!(c.state, ServiceState::Ok | ServiceState::Unknown);
        self.service.iter().find(wrong).or_else(|| self.service.iter().find(|c| !c.values.is_empty()))
    }
}

/// Until when anything of it is wrong. While the end of a wrong delegation is not known, the shorter life of an address
/// that came with it says nothing: the row would promise an end that does not come.
pub(super) fn until(judgement: &ResolverJudgement) -> Until {
    if judgement.state.is_good() || judgement.delegation_until.moment().is_some() || !judgement.verdict.is_wrong() {
        judgement.until
    } else {
        Until::Unknown
    }
}

/// Until when the cache will go on serving what it served, also where that is right.
fn served_until(watch: &ResolverWatch, service: &crate::judge::ServiceJudgement, now: Timestamp) -> Until {
    let heard = service.evidence.and_then(|n| watch.witnesses.numbered(n));
    match (heard, service.ttl) {
        (Some(heard), Some(ttl)) => {
            let end = heard.observation.at + Duration::from(ttl);
            if end > now { Until::Known(end) } else { Until::Unknown }
        }
        _ => Until::Unknown,
    }
}

pub(super) fn newest_answer(watch: &ResolverWatch) -> Option<&Observation> {
    watch.witnesses.iter().rev().map(|h| &*h.observation).find(|o| o.response().is_some())
}

/// `DE Berlin`, or `anycast`.
pub(super) fn place(country: Option<&str>, city: &str) -> String {
    match (country, city) {
        (_, "anycast") => "anycast".to_owned(),
        (Some(country), "") => shown::text(country),
        (Some(country), city) => shown::text(&format!("{country} {city}")),
        (None, city) => shown::text(city),
    }
}

pub(super) fn uses(watch: &ResolverWatch, incident: &Incident) -> String {
    let judgement = &watch.judgement;
    if judgement.verdict == Verdict::Mixed {
        let samples = judgement.samples;
        if samples.stale_share().is_some() {
            return mixed_words(&samples, judgement.state);
        }
        // `good` counts those since the newest bad one; there may be more before it.
        return match samples.good {
            0 => format!("{} samples, newest bad", samples.usable),
            1 => format!("{} samples, newest good", samples.usable),
            n => format!("{} samples, newest {n} good", samples.usable),
        };
    }
    match judgement.state {
        DelegationState::Restored if judgement.verdict == Verdict::Draining => "expected, draining".to_owned(),
        DelegationState::Restored => "expected".to_owned(),
        DelegationState::PreOutage => "expected, fading".to_owned(),
        DelegationState::Parked | DelegationState::Stuck | DelegationState::ParkedSilent => {
            parked_server(watch, incident)
        }
        DelegationState::Held => "no such domain".to_owned(),
        DelegationState::ValidationFailing => "fails validation".to_owned(),
        DelegationState::NsAddressBroken => "parked server address".to_owned(),
        DelegationState::Other if judgement.rule == Rule::FilteredByPolicy => "filtered by policy".to_owned(),
        DelegationState::Other => third_party(watch),
        DelegationState::Unreachable => "no answer".to_owned(),
        DelegationState::Unknown => match judgement.rule {
            Rule::Refused => "refuses us".to_owned(),
            Rule::Undecidable => "cannot be told apart".to_owned(),
            Rule::NothingToCompare => "answers; nothing to compare".to_owned(),
            Rule::FailsUnexplained | Rule::FailsUncompared => failure(watch),
            Rule::BareAnswer => "answers without naming its zone".to_owned(),
            Rule::NoAnswer => "no answer".to_owned(),
            _ => "…".to_owned(),
        },
    }
}

/// The parked server's name: as the cache showed it, else from the SOA of the answer the verdict rests on, else from
/// the parked set. Never a correct server's: a cache may hold answers of both sides.
fn parked_server(watch: &ResolverWatch, incident: &Incident) -> String {
    let good = incident.references().good_ns.as_ref();
    let is_good = |name: &Name| good.is_some_and(|set| set.contains(name));
    let decisive = watch.witnesses.of(Purpose::Nonce).rev().filter(|h| watch.judgement.evidence.contains(&h.number));
    let answered = decisive.filter_map(|h| h.observation.response()?.soa()).map(|(_, _, soa)| &soa.mname);
    let shown = watch.judgement.servers.iter().flat_map(|set| set.iter());
    let marked = incident.references().parked_ns.iter().flatten();
    let held = incident.parents().values().filter_map(|p| p.first.as_ref()).flat_map(|set| set.iter());
    let name = shown.chain(answered).chain(marked).chain(held).find(|name| !is_good(name));
    name.map_or_else(|| "parked servers".to_owned(), Name::without_dot)
}

/// What a third party answers with, in short.
fn third_party(watch: &ResolverWatch) -> String {
    let nonce = watch.witnesses.latest(Purpose::Nonce).and_then(|h| h.observation.response());
    match nonce {
        Some(response) => match (response.soa(), response.answer.first()) {
            (Some((_, _, soa)), _) => soa.mname.without_dot(),
            (None, Some(record)) => record.rdata.to_string(),
            (None, None) => response.rcode.to_string(),
        },
        None => "neither side".to_owned(),
    }
}

/// A failure with the reason the resolver gives.
fn failure(watch: &ResolverWatch) -> String {
    let rcode =
        newest_answer(watch).and_then(|o| o.response()).map_or_else(|| "fails".to_owned(), |r| r.rcode.to_string());
    match watch.judgement.errors.first() {
        Some(error) => format!("{rcode}, {}", error.name()),
        None => rcode,
    }
}

/// Whether the do-no-harm rule keeps this resolver from being asked to recurse now.
pub(super) fn held_back(watch: &ResolverWatch, incident: &Incident) -> bool {
    let source = incident.source();
    if source.parent_right || (!source.parent_wrong && incident.survey() != Survey::Off) {
        return false;
    }
    match incident.survey() {
        Survey::Always => false,
        Survey::Off => true,
        Survey::Once => watch.witnesses.latest(Purpose::Nonce).is_some(),
    }
}

impl ServiceCell {
    /// Words one watched name and type of a resolver.
    pub(super) fn of(
        service: &crate::judge::ServiceJudgement,
        watch: &ResolverWatch,
        incident: &Incident,
        now: Timestamp,
    ) -> Self {
        let known = service.until != Until::Unknown;
        Self {
            name: service.name.relative_to(incident.zone()),
            rtype: service.rtype.to_string(),
            state: service.state,
            values: service.values.iter().map(ToString::to_string).collect(),
            until: if known { service.until } else { served_until(watch, service, now) },
        }
    }

    /// Whether what was served has run out since, and nothing is known of what is served now.
    #[must_use]
    pub fn is_past(&self) -> bool {
        self.state == ServiceState::Unknown && self.until == Until::Unknown && !self.values.is_empty()
    }

    /// The data in short: the first value and how many more; what was served, and has run out since, as that.
    #[must_use]
    pub fn short(&self) -> String {
        let values = self.values_in_short();
        if self.is_past() { format!("was {values}") } else { values }
    }

    fn values_in_short(&self) -> String {
        match (self.state, self.values.as_slice()) {
            (ServiceState::Negative, _) => "no such data".to_owned(),
            (ServiceState::Failing, _) => "fails".to_owned(),
            (_, []) => "–".to_owned(),
            (_, [one]) => one.clone(),
            (_, [one, rest @ ..]) => format!("{one} +{}", rest.len()),
        }
    }
}

/// Kept here so that a reader finds how data is worded: as `Rdata` displays itself.
#[must_use]
pub(super) fn data_text(data: &[Rdata]) -> String {
    data.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
