//! One resolver address in JSON: its verdict, the delegation in use, what its users get, and what it says of itself.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use serde::Serialize;

use crate::dns::{NsSet, Rdata, Ttl, shown};
use crate::incident::forecast::RowForecast;
use crate::incident::{Incident, ResolverWatch};
use crate::judge::{DelegationState, ResolverJudgement, ServiceJudgement, Side, Until, Verdict};
use crate::observation::{ExtendedError, Observation, Outcome, Purpose, Response, address_text};
use crate::time::Timestamp;
use crate::view::model::{Row, ServiceCell};

use super::forecast::{RowForecastEntry, Samples};
use super::resolver_check::CalibrationEntry;
use super::source::rcode_text;
use super::{milliseconds, names, plain};

/// The forecasts of all rows that have one, by address.
pub(super) type Forecasts<'a> = BTreeMap<SocketAddr, &'a RowForecast>;

/// One resolver address.
#[derive(Serialize)]
pub(super) struct ResolverEntry {
    id: String,
    operator: Option<String>,
    address: String,
    country: Option<String>,
    city: Option<String>,
    system: bool,
    verdict: &'static str,
    rule: &'static str,
    since: String,
    last_heard: Option<String>,
    held_back: bool,
    never_parked: bool,
    delegation: Delegation,
    service: Vec<Service>,
    samples: Samples,
    forecast: Option<RowForecastEntry>,
    rcode: Option<String>,
    ede: Vec<Ede>,
    nsid: Option<String>,
    instance: Option<String>,
    calibration: Option<CalibrationEntry>,
    transport: Option<&'static str>,
    rtt_ms: Option<f64>,
}

#[derive(Serialize)]
struct Delegation {
    state: &'static str,
    servers: Vec<String>,
    until: Option<String>,
    until_kind: &'static str,
}

#[derive(Serialize)]
struct Service {
    name: String,
    #[serde(rename = "type")]
    rtype: String,
    state: &'static str,
    rule: &'static str,
    values: Vec<String>,
    ttl: Option<u32>,
    until: Option<String>,
}

#[derive(Serialize)]
struct Ede {
    code: u16,
    name: String,
    text: String,
}

impl ResolverEntry {
    /// `row` is the same resolver's.
    pub(super) fn of(
        watch: &ResolverWatch,
        row: &Row,
        incident: &Incident,
        forecasts: &Forecasts<'_>,
        now: Timestamp,
    ) -> Self {
        let (target, judgement) = (&watch.target, &watch.judgement);
        let address = address_text(target.address);
        let observations = || watch.witnesses.iter().rev().map(|h| &*h.observation);
        let newest = observations().find(|o| o.response().is_some());
        let leading = observations().find(|o| o.query.purpose == Purpose::Nonce && o.was_heard());
        let nsid = observations().find_map(|o| o.response()?.nsid());
        // A bare address stands in for the operator of whom nothing is known.
        let nameless = target.operator.is_empty()
            || target.operator == address
            || target.operator == target.address.ip().to_string();
        let city = plain(&target.city);
        let known = &watch.calibration;
        Self {
            id: plain(&target.id),
            operator: (!nameless).then(|| plain(&target.operator)),
            country: target.country.clone().filter(|c| c.len() == 2 && c.bytes().all(|b| b.is_ascii_uppercase())),
            city: (!city.is_empty()).then_some(city),
            system: target.system,
            verdict: judgement.verdict.word(),
            rule: judgement.rule.word(),
            since: watch.since.to_string(),
            last_heard: watch.last_heard.map(|at| at.to_string()),
            held_back: row.held_back,
            never_parked: watch.never_parked(),
            delegation: Delegation::of(judgement, incident),
            service: judgement.service.iter().zip(&row.service).map(|(s, cell)| Service::of(s, cell)).collect(),
            samples: Samples::of(&judgement.samples, judgement.gathering),
            forecast: forecasts.get(&target.address).map(|row| RowForecastEntry::of(row, now)),
            rcode: leading.and_then(rcode_of),
            ede: leading.and_then(Observation::response).map_or_else(Vec::new, errors),
            instance: nsid.clone().or_else(|| observations().find_map(identity)).or_else(|| known.identity.clone()),
            calibration: known.learned.map(|_| CalibrationEntry::of(known, incident.ttl_cap_of(watch))),
            nsid,
            transport: newest.and_then(Observation::response).map(|r| r.transport.word()),
            rtt_ms: milliseconds(newest.and_then(|o| o.rtt)),
            address,
        }
    }
}

fn rcode_of(observation: &Observation) -> Option<String> {
    match &observation.outcome {
        Outcome::Answered(response) => rcode_text(Some(response.rcode)),
        Outcome::Malformed { rcode, .. } => rcode_text(*rcode),
        _ => None,
    }
}

fn errors(response: &Response) -> Vec<Ede> {
    let entry = |e: &ExtendedError| Ede { code: e.code, name: e.name(), text: shown::text(&e.text) };
    response.extended_errors().iter().map(entry).collect()
}

/// What `id.server` (RFC 4892) says.
fn identity(observation: &Observation) -> Option<String> {
    if observation.query.purpose != Purpose::Identity {
        return None;
    }
    observation.response()?.answer.iter().find_map(|record| match &record.rdata {
        Rdata::Txt(strings) => strings.iter().map(|s| shown::octets(s)).find(|s| !s.is_empty()),
        _ => None,
    })
}

impl Delegation {
    fn of(judgement: &ResolverJudgement, incident: &Incident) -> Self {
        Self {
            state: judgement.state.word(),
            servers: servers(judgement, incident).map_or_else(Vec::new, |set| names(&set)),
            until: moment(judgement.delegation_until),
            until_kind: judgement.delegation_until.kind(),
        }
    }
}

fn moment(until: Until) -> Option<String> {
    until.moment().map(|at| at.to_string())
}

/// The servers in use: as the cache showed them; else, under a parked delegation, the one parked set there is.
fn servers(judgement: &ResolverJudgement, incident: &Incident) -> Option<NsSet> {
    let parked =
        matches!(judgement.state, DelegationState::Parked | DelegationState::ParkedSilent | DelegationState::Stuck);
    // Another cache behind the same address may have shown the other side's servers: those are not the ones in use here.
    let belongs = |set: &&NsSet| {
        let good = matches!(incident.side_of(set), Side::Good { .. });
        if parked { !good } else { good || !judgement.state.is_good() }
    };
    if let Some(shown) = judgement.servers.as_ref().filter(belongs) {
        return Some(shown.clone());
    }
    if !parked {
        return None;
    }
    let held = incident.parents().values().filter(|p| p.judgement.verdict == Verdict::Parked);
    let held = held.filter_map(|p| p.judgement.ns.as_ref());
    let known: BTreeSet<&NsSet> = incident.references().parked_ns.iter().chain(held).collect();
    match known.into_iter().collect::<Vec<_>>().as_slice() {
        [only] => Some((*only).clone()),
        _ => None,
    }
}

impl Service {
    fn of(service: &ServiceJudgement, cell: &ServiceCell) -> Self {
        Self {
            name: service.name.to_string(),
            rtype: service.rtype.to_string(),
            state: service.state.word(),
            rule: service.rule.word(),
            values: service.values.iter().map(ToString::to_string).collect(),
            ttl: service.ttl.map(Ttl::as_secs),
            until: moment(cell.until),
        }
    }
}
