//! Which name a registry is asked about: the registration, not the zone below it.

use crate::dns::Name;

/// Most names asked about, one after the other.
const MOST_NAMES: usize = 3;
/// Labels under which country registries register at the third level; only the registry itself knows for sure.
const SECOND_LEVELS: &[&[u8]] = &[
    b"ac", b"asn", b"biz", b"co", b"com", b"edu", b"fin", b"firm", b"gen", b"go", b"gob", b"gov", b"gub", b"id",
    b"ind", b"info", b"ltd", b"me", b"mil", b"ne", b"net", b"nhs", b"nom", b"or", b"org", b"plc", b"police", b"sch",
    b"web",
];

/// The names to ask a registry about for `zone`, in order: the shortest name below `suffix` (the entry of the table that
/// matched, or the top-level domain), then, only if there is no such registration, one label more each time, up to the zone
/// itself. Where the shortest one looks like a level under which a country registers (`co.uk`), it is passed over. Empty
/// when the zone does not lie below `suffix`.
#[must_use]
pub fn names_to_ask(zone: &Name, suffix: &Name) -> Vec<Name> {
    let mut names = Vec::new();
    let mut at = Some(zone.clone());
    while let Some(name) = at.filter(|name| name.is_below(suffix)) {
        at = name.one_up();
        names.push(name);
    }
    names.reverse();
    let country = suffix.labels().count() == 1 && suffix.labels().all(|label| label.len() == 2);
    let level = names.first().and_then(|name| name.labels().next());
    if country && names.len() > 1 && level.is_some_and(|label| SECOND_LEVELS.contains(&label)) {
        names.remove(0);
    }
    names.truncate(MOST_NAMES);
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(zone: &str, suffix: &str) -> Vec<String> {
        names_to_ask(&zone.parse().unwrap(), &suffix.parse().unwrap()).iter().map(Name::without_dot).collect()
    }

    #[test]
    fn the_registration_is_asked_for_before_what_lies_below_it() {
        assert_eq!(ask("brevo.com", "com"), ["brevo.com"]);
        assert_eq!(ask("shop.eu.brevo.com", "com"), ["brevo.com", "eu.brevo.com", "shop.eu.brevo.com"]);
        assert_eq!(ask("brevo.co.uk", "uk"), ["brevo.co.uk"]);
        assert_eq!(ask("www.brevo.co.uk", "uk"), ["brevo.co.uk", "www.brevo.co.uk"]);
        assert_eq!(ask("co.uk", "uk"), ["co.uk"]);
        assert_eq!(ask("a.com.example", "com.example"), ["a.com.example"]);
        assert_eq!(ask("a.b.c.d.e.com", "com").len(), MOST_NAMES);
    }

    #[test]
    fn a_domain_of_the_registry_itself_is_no_registration() {
        assert_eq!(ask("com", "com"), Vec::<String>::new());
        assert_eq!(ask("a.net", "com"), Vec::<String>::new());
    }
}
