//! `unpark resolvers list` for people: who can be asked, where, and what is known of it.

use crate::catalog::{Known, ResolverCatalog, ResolverEntry};
use crate::observation::address_text;

use super::Look;
use super::layout::{Page, Paint};

/// The entries asked by default, or `all` of them (those asked by default with a `*`), in the order of the catalog, and how
/// many there are.
#[must_use]
pub fn resolvers_text(catalog: &ResolverCatalog, all: bool, look: Look) -> String {
    let shown: Vec<&ResolverEntry> = catalog.entries.iter().filter(|e| all || e.default).collect();
    let mut rows: Vec<(Paint, Vec<String>)> = Vec::new();
    for entry in &shown {
        rows.push((Paint::None, cells(entry)));
    }
    let mut page = Page::new(look);
    page.table(0, &rows, 3);
    if !shown.is_empty() {
        page.gap();
    }
    let addresses: usize = shown.iter().map(|e| e.addresses().count()).sum();
    let default = catalog.default_set().count();
    page.paragraph(
        Paint::None,
        &format!(
            "{} of {} entries, {addresses} addresses; asked by default (*): {default}.",
            shown.len(),
            catalog.entries.len()
        ),
    );
    page.into_text()
}

fn cells(entry: &ResolverEntry) -> Vec<String> {
    let country = entry.country.map(|c| c.to_string());
    let place = match (entry.anycast, &entry.city, country) {
        (true, _, Some(country)) => format!("anycast ({country})"),
        (true, _, None) => "anycast".to_owned(),
        (false, Some(city), Some(country)) => format!("{country} {city}"),
        (false, Some(city), None) => city.clone(),
        (false, None, country) => country.unwrap_or_default(),
    };
    let dnssec = match entry.dnssec {
        Known::Yes => "validates",
        Known::No => "does not validate",
        Known::Unknown => "validation unknown",
    };
    let plain = if entry.plain53 == Known::No { "encrypted only" } else { "" };
    vec![
        format!("{} {}", if entry.default { "*" } else { " " }, entry.id),
        if entry.operator == entry.id { String::new() } else { entry.operator.clone() },
        place,
        entry.addresses().map(address_text).collect::<Vec<_>>().join(" "),
        entry.region.map_or_else(String::new, |r| r.to_string()),
        entry.kind.as_str().to_owned(),
        dnssec.to_owned(),
        plain.to_owned(),
        if entry.flush.as_str() == "none" { String::new() } else { format!("flush: {}", entry.flush.as_str()) },
        entry.confidence.map_or_else(String::new, |c| format!("confidence {}", c.as_str())),
    ]
}
