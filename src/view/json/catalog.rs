//! `unpark.resolvers/1`: the list of resolvers as it would be asked.

use serde::Serialize;

use crate::catalog::{Known, ResolverCatalog, ResolverEntry};
use crate::observation::address_text;

use super::{document, plain};

#[derive(Serialize)]
struct Resolvers {
    schema: &'static str,
    resolvers: Vec<Entry>,
}

#[derive(Serialize)]
struct Entry {
    id: String,
    operator: String,
    addresses: Vec<String>,
    city: Option<String>,
    anycast: bool,
    country: Option<String>,
    region: Option<&'static str>,
    kind: &'static str,
    dnssec: Option<bool>,
    ecs: Option<bool>,
    plain53: Option<bool>,
    flush: &'static str,
    default: bool,
    confidence: Option<&'static str>,
    note: Option<String>,
    provenance: Vec<String>,
}

impl Entry {
    fn of(entry: &ResolverEntry) -> Self {
        Self {
            id: plain(&entry.id),
            operator: plain(&entry.operator),
            addresses: entry.addresses().map(address_text).collect(),
            city: entry.city.as_deref().map(plain),
            anycast: entry.anycast,
            country: entry.country.map(|c| c.to_string()),
            region: entry.region.map(crate::catalog::Region::code),
            kind: entry.kind.as_str(),
            dnssec: known(entry.dnssec),
            ecs: known(entry.ecs),
            plain53: known(entry.plain53),
            flush: entry.flush.as_str(),
            default: entry.default,
            confidence: entry.confidence.map(crate::catalog::Confidence::as_str),
            note: entry.note.as_deref().map(plain),
            provenance: entry.provenance.iter().map(|p| plain(p)).collect(),
        }
    }
}

const fn known(value: Known) -> Option<bool> {
    match value {
        Known::Yes => Some(true),
        Known::No => Some(false),
        Known::Unknown => None,
    }
}

/// The JSON of `unpark resolvers list --json`: the entries asked by default, or `all` of them.
#[must_use]
pub fn resolvers(catalog: &ResolverCatalog, all: bool) -> String {
    let shown = catalog.entries.iter().filter(|entry| all || entry.default);
    document(&Resolvers { schema: "unpark.resolvers/1", resolvers: shown.map(Entry::of).collect() })
}
