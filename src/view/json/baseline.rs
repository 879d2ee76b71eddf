//! `unpark.baseline/1`, `unpark.baselines/1` and `unpark.baseline-diff/1`: what was saved of zones, and what differs now.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::baseline::{Baseline, Comparison};
use crate::dns::Name;
use crate::incident::Phase;
use crate::observation::address_text;
use crate::time::Timestamp;

use super::{document, names, plain};

#[derive(Serialize)]
struct BaselineEntry {
    schema: &'static str,
    zone: String,
    file: String,
    taken: String,
    delegation: Delegation,
    authoritative: Authoritative,
    name_servers: Vec<Host>,
    hosts: Vec<Host>,
}

#[derive(Serialize)]
struct Delegation {
    ns: Vec<String>,
    ds: Option<Vec<String>>,
}

#[derive(Serialize)]
struct Authoritative {
    ns: Option<Vec<String>>,
    soa_mname: Option<String>,
    soa_rname: Option<String>,
}

#[derive(Serialize)]
struct Host {
    name: String,
    addresses: Vec<String>,
}

impl BaselineEntry {
    fn of(baseline: &Baseline, file: &str) -> Self {
        fn hosts<T>(hosts: &BTreeMap<Name, BTreeSet<T>>, text: impl Fn(&T) -> String) -> Vec<Host> {
            let host = |(name, addresses): (&Name, &BTreeSet<T>)| Host {
                name: name.to_string(),
                addresses: addresses.iter().map(&text).collect(),
            };
            hosts.iter().map(host).collect()
        }
        Self {
            schema: "unpark.baseline/1",
            zone: baseline.zone.to_string(),
            file: plain(file),
            taken: baseline.taken.to_string(),
            delegation: Delegation {
                ns: names(&baseline.ns),
                ds: baseline.ds.as_ref().map(|ds| ds.iter().cloned().collect()),
            },
            authoritative: Authoritative {
                ns: baseline.apex_ns.as_ref().map(names),
                soa_mname: baseline.soa.as_ref().map(|(mname, _)| mname.to_string()),
                soa_rname: baseline.soa.as_ref().map(|(_, rname)| rname.to_string()),
            },
            name_servers: hosts(&baseline.servers, |address| address_text(*address)),
            hosts: hosts(&baseline.hosts, ToString::to_string),
        }
    }
}

/// The JSON of `unpark baseline show --json` and `save --json`.
#[must_use]
pub fn baseline(baseline: &Baseline, file: &str) -> String {
    document(&BaselineEntry::of(baseline, file))
}

#[derive(Serialize)]
struct Listing {
    schema: &'static str,
    folder: String,
    baselines: Vec<BaselineEntry>,
    unreadable: Vec<Unreadable>,
}

#[derive(Serialize)]
struct Unreadable {
    file: String,
    reason: String,
}

/// The JSON of `unpark baseline list --json`: each baseline with its file; files that cannot be read with the reason.
#[must_use]
pub fn baselines(folder: &str, found: &[(String, Baseline)], unreadable: &[(String, String)]) -> String {
    document(&Listing {
        schema: "unpark.baselines/1",
        folder: plain(folder),
        baselines: found.iter().map(|(file, baseline)| BaselineEntry::of(baseline, file)).collect(),
        unreadable: unreadable
            .iter()
            .map(|(file, reason)| Unreadable { file: plain(file), reason: plain(reason) })
            .collect(),
    })
}

#[derive(Serialize)]
struct Diff {
    schema: &'static str,
    zone: String,
    file: String,
    taken: String,
    compared: String,
    phase: &'static str,
    exit_code: u8,
    parts: Vec<Compared>,
}

#[derive(Serialize)]
struct Compared {
    part: &'static str,
    name: String,
    likeness: &'static str,
    was: Vec<String>,
    now: Vec<Vec<String>>,
}

/// The JSON of `unpark baseline diff --json`.
#[must_use]
pub fn baseline_diff(
    baseline: &Baseline,
    file: &str,
    parts: &[Comparison],
    phase: Phase,
    at: Timestamp,
    exit_code: u8,
) -> String {
    document(&Diff {
        schema: "unpark.baseline-diff/1",
        zone: baseline.zone.to_string(),
        file: plain(file),
        taken: baseline.taken.to_string(),
        compared: at.to_string(),
        phase: phase.word(),
        exit_code,
        parts: parts
            .iter()
            .map(|part| Compared {
                part: part.part.word(),
                name: part.name.to_string(),
                likeness: part.likeness.word(),
                was: part.was.clone(),
                now: part.now.clone(),
            })
            .collect(),
    })
}
