//! How the registrations of a list are spread over registrars.

use std::collections::{BTreeMap, BTreeSet};

use super::facts::Facts;
use super::origin::registrable;
use super::portfolio::Entry;
use crate::dns::Name;
use crate::registration::registrar;

/// The registrations that one registrar holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistrarShare {
    /// Its name; none for registrations of which it is not known.
    pub registrar: Option<String>,
    /// IANA's number of it.
    pub iana_id: Option<String>,
    /// The registered domains.
    pub domains: BTreeSet<Name>,
}

/// Registrars by how many registrations of the list they hold, the most first, the unknown last.
pub fn spread(entries: &[Entry], facts: &Facts) -> Vec<RegistrarShare> {
    let domains: BTreeSet<Name> = entries.iter().filter_map(|entry| registrable(&entry.zone)).collect();
    let mut shares: BTreeMap<String, RegistrarShare> = BTreeMap::new();
    for domain in domains {
        let known = facts.registrations.get(&domain).map(registrar).unwrap_or_default();
        // One registrar may be written in several ways, but has one number.
        let key = match (&known.iana_id, &known.name) {
            (Some(id), _) => format!("#{id}"),
            (None, Some(name)) => name.to_lowercase(),
            (None, None) => String::new(),
        };
        let share = shares.entry(key).or_insert_with(|| RegistrarShare {
            registrar: known.name.clone(),
            iana_id: known.iana_id.clone(),
            domains: BTreeSet::new(),
        });
        share.registrar = share.registrar.take().or(known.name);
        share.domains.insert(domain);
    }
    let mut all: Vec<(String, RegistrarShare)> = shares.into_iter().collect();
    all.sort_by_key(|(key, share)| (key.is_empty(), std::cmp::Reverse(share.domains.len()), key.clone()));
    all.into_iter().map(|(_, share)| share).collect()
}
