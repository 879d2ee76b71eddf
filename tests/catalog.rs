//! The shipped data files keep their own rules, and no text makes their readers panic.

#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::collections::{HashMap, HashSet};

use proptest::prelude::*;
use unpark::catalog::{
    Confidence, FlushWay, Known, ParkingCatalog, ParkingReason, Pattern, Region, ResolverCatalog, ResolverEntry,
    ResolverKind, RootHints,
};
use unpark::dns::{Name, NsSet};

const RESOLVERS: &str = include_str!("../resolvers.toml");
const PARKING: &str = include_str!("../src/catalog/parking.toml");
const ROOT_HINTS: &str = include_str!("../src/catalog/root.hints");

/// Filtered services that are asked all the same, since very many people use them.
const FILTERED_BUT_DEFAULT: [&str; 2] = ["quad9-secure", "opendns"];

fn resolvers() -> ResolverCatalog {
    ResolverCatalog::parse(RESOLVERS, "resolvers.toml").unwrap()
}

fn parking() -> ParkingCatalog {
    ParkingCatalog::parse(PARKING, "parking.toml").unwrap()
}

#[test]
fn the_embedded_data_are_the_files_in_the_tree() {
    assert_eq!(ResolverCatalog::embedded(), resolvers());
    assert_eq!(ParkingCatalog::embedded(), parking());
    assert_eq!(RootHints::embedded(), RootHints::parse(ROOT_HINTS, "root.hints").unwrap());
}

#[test]
fn every_shipped_resolver_is_described_in_full() {
    let catalog = resolvers();
    assert_eq!(catalog.entries.len(), RESOLVERS.matches("[[resolver]]").count());
    assert_eq!(catalog.entries.len(), RESOLVERS.matches("\ndefault = ").count(), "every entry says its default");
    let mut ids = HashSet::new();
    let mut addresses = HashSet::new();
    for entry in &catalog.entries {
        let id = &entry.id;
        assert!(ids.insert(id), "{id} twice");
        assert!(id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'), "{id}");
        assert!(!entry.provenance.is_empty() && entry.confidence.is_some(), "{id}: provenance");
        let country = entry.country.unwrap_or_else(|| panic!("{id}: country")).to_string();
        assert!(country.len() == 2 && country.bytes().all(|b| b.is_ascii_uppercase()), "{id}: {country}");
        assert!(entry.region.is_some() && entry.kind != ResolverKind::Unknown, "{id}");
        assert_eq!(entry.anycast, entry.city.is_none(), "{id}: a city or anycast");
        assert_eq!(entry.anycast, entry.coordinates.is_none(), "{id}: coordinates where there is a site");
        for address in entry.addresses() {
            assert_eq!(address.port(), 53, "{id}");
            assert!(addresses.insert(address), "{id}: {address} twice");
            let global = match address.ip() {
                std::net::IpAddr::V4(v4) => {
                    !v4.is_private() && !v4.is_loopback() && !v4.is_link_local() && !v4.is_documentation()
                }
                std::net::IpAddr::V6(v6) => v6.segments()[0] & 0xe000 == 0x2000,
            };
            assert!(global, "{id}: {address} is nobody's public resolver");
        }
    }
}

#[test]
fn the_default_set_keeps_the_rule_its_file_states() {
    let catalog = resolvers();
    let mut of_operator: HashMap<&str, usize> = HashMap::new();
    for entry in catalog.default_set() {
        let id = entry.id.as_str();
        assert_eq!(entry.plain53, Known::Yes, "{id}");
        assert!(entry.confidence >= Some(Confidence::Medium), "{id}");
        assert_eq!(entry.kind == ResolverKind::Filtered, FILTERED_BUT_DEFAULT.contains(&id), "{id}");
        assert!(!entry.ipv4.is_empty(), "{id}");
        let count = of_operator.entry(entry.operator.as_str()).or_default();
        *count += 1;
        assert!(*count <= 2, "over two entries of {}", entry.operator);
    }
    let ipv4: usize = catalog.default_set().map(|entry| entry.ipv4.len()).sum();
    assert!((100..=160).contains(&ipv4), "{ipv4} IPv4 addresses");
    for region in Region::ALL {
        assert!(catalog.default_set().any(|entry| entry.region == Some(region)), "nobody in {region}");
    }
    for id in FILTERED_BUT_DEFAULT {
        assert!(catalog.find(id).is_some_and(|entry| entry.default && entry.ipv6.len() == 2), "{id}");
    }
    // Their operators ask others not to use them, they follow another root, or they are known not to answer.
    for id in ["ntt-gin", "cogent", "fortiguard", "opennameserver-ns1", "ultradns-basic", "dns-watch", "quad101"] {
        assert!(catalog.find(id).is_some_and(|entry| !entry.default), "{id}");
    }
}

#[test]
fn the_header_of_the_resolver_list_names_every_field() {
    let header: String = RESOLVERS.lines().take_while(|line| line.starts_with('#')).collect();
    let fields = RESOLVERS.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(" = "));
    for (field, _) in fields {
        assert!(header.contains(field), "{field}");
    }
}

#[test]
fn flushing_is_offered_at_the_operators_that_have_it() {
    let catalog = resolvers();
    let way = |address: &str| catalog.find_address(address.parse().unwrap()).map(|entry| entry.flush);
    assert_eq!(way("1.1.1.1:53"), Some(FlushWay::Cloudflare));
    assert_eq!(way("8.8.4.4:53"), Some(FlushWay::Google));
    assert_eq!(way("[2620:119:35::35]:53"), Some(FlushWay::OpenDns));
    assert_eq!(way("9.9.9.9:53"), Some(FlushWay::None));
    assert_eq!(way("192.0.2.1:53"), None);
}

#[test]
fn every_shipped_fingerprint_is_described_and_found_by_its_own_value() {
    let catalog = parking();
    assert_eq!(catalog.iter().count(), PARKING.matches("[[fingerprint]]").count());
    let mut ids = HashSet::new();
    for fingerprint in catalog.iter() {
        let id = &fingerprint.id;
        assert!(ids.insert(id), "{id} twice");
        assert!(!fingerprint.provenance.is_empty() && fingerprint.confidence.is_some(), "{id}");
        assert!(!fingerprint.what.phrase().is_empty(), "{id}");
        let found = match &fingerprint.pattern {
            Pattern::NsExact(name) | Pattern::NsSuffix(name) => catalog.match_ns(name),
            Pattern::CnameSuffix(name) => catalog.match_cname(name),
            Pattern::SoaMnameSuffix(name) => catalog.match_soa_mname(name),
            Pattern::AddressRange(range) => {
                let first = range.to_string();
                catalog.match_address(first.split('/').next().unwrap().parse().unwrap())
            }
        };
        assert_eq!(found, Some(fingerprint), "{id}");
    }
    for what in [
        ParkingReason::ExpiryHold,
        ParkingReason::VerificationHold,
        ParkingReason::Suspended,
        ParkingReason::Sinkhole,
        ParkingReason::Parking,
        ParkingReason::ForSale,
    ] {
        assert!(catalog.iter().any(|fingerprint| fingerprint.what == what && !fingerprint.ambiguous), "{what}");
    }
}

#[test]
fn an_ambiguous_name_server_never_decides() {
    let catalog = parking();
    let hold: Name = "ns1.pendingrenewaldeletion.com.".parse().unwrap();
    let mut ambiguous = 0;
    for fingerprint in catalog.iter() {
        let (Pattern::NsExact(name) | Pattern::NsSuffix(name)) = &fingerprint.pattern else { continue };
        let alone: NsSet = [name.clone()].into_iter().collect();
        let beside_a_hold: NsSet = [name.clone(), hold.clone()].into_iter().collect();
        assert_eq!(catalog.match_ns_set(&alone).is_some(), !fingerprint.ambiguous, "{}", fingerprint.id);
        assert_eq!(catalog.match_ns_set(&beside_a_hold).is_some(), !fingerprint.ambiguous, "{}", fingerprint.id);
        ambiguous += usize::from(fingerprint.ambiguous);
    }
    assert!(ambiguous > 20, "{ambiguous}");
}

#[test]
fn the_root_has_thirteen_servers_with_two_addresses_each() {
    let hints = RootHints::embedded();
    assert_eq!(hints.servers.len(), 13);
    assert_eq!(hints.addresses().collect::<HashSet<_>>().len(), 26);
    for server in &hints.servers {
        let families: Vec<bool> = server.addresses.iter().map(std::net::SocketAddr::is_ipv4).collect();
        assert_eq!(families, [true, false], "{}", server.name);
        assert!(server.name.to_string().ends_with(".root-servers.net."), "{}", server.name);
    }
}

/// A piece of a shipped file with something else in the middle: near enough to the form to get deep into a reader.
fn spoiled(whole: &'static str) -> impl Strategy<Value = String> {
    (0..whole.len(), 0..whole.len(), 0..2_000_usize, "\\PC{0,12}|[\\x00-\\x1f\"\\[\\]=,.#\\\\]{1,6}").prop_map(
        move |(start, cut, length, junk)| {
            let near = |wanted: usize| (0..=wanted.min(whole.len())).rev().find(|at| whole.is_char_boundary(*at));
            let piece = |from: usize, to: usize| near(from).zip(near(to)).and_then(|(a, b)| whole.get(a..b));
            let start = piece(0, start).and_then(|before| before.rfind("\n\n")).map_or(0, |at| at + 2);
            let text = piece(start, start + length).unwrap_or_default();
            let middle = (0..=cut % (text.len() + 1)).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
            format!("{}{junk}{}", &text[..middle], &text[middle..])
        },
    )
}

/// Whatever a reader answers, an error is one line that a terminal shows as it is.
fn is_one_plain_line(error: &str) -> bool {
    error.chars().all(unpark::dns::shown::is_plain)
}

fn check_readers(text: &str) -> Result<(), TestCaseError> {
    let errors = [
        ResolverCatalog::parse(text, "f\u{1b}").err(),
        ParkingCatalog::parse(text, "f\u{1b}").err(),
        RootHints::parse(text, "f\u{1b}").err(),
    ];
    for error in errors.into_iter().flatten() {
        prop_assert!(is_one_plain_line(&error.to_string()), "{error:?}");
    }
    Ok(())
}

proptest! {
    #[test]
    fn no_text_makes_a_reader_panic(text in any::<String>()) {
        check_readers(&text)?;
    }

    #[test]
    fn no_spoiled_file_makes_a_reader_panic(
        text in prop_oneof![spoiled(RESOLVERS), spoiled(PARKING), spoiled(ROOT_HINTS)]
    ) {
        check_readers(&text)?;
    }

    #[test]
    fn an_extended_list_has_every_id_and_address_once(picks in prop::collection::vec((0..6_u8, 0..6_u8), 1..8)) {
        let mut lists = Vec::new();
        for half in picks.chunks(4) {
            let mut text = String::new();
            let (mut ids, mut hosts) = (HashSet::new(), HashSet::new());
            for (id, host) in half.iter().filter(|(id, host)| ids.insert(*id) && hosts.insert(*host)) {
                text += &format!("[[resolver]]\nid = \"r{id}\"\nipv4 = [\"192.0.2.{host}\", \"192.0.2.10{host}\"]\n");
            }
            lists.push(ResolverCatalog::parse(&text, "f").unwrap());
        }
        let newest = lists.last().unwrap().entries.clone();
        let all = lists.into_iter().reduce(ResolverCatalog::extend).unwrap();
        let ids: HashSet<&String> = all.entries.iter().map(|entry| &entry.id).collect();
        prop_assert_eq!(ids.len(), all.entries.len());
        let addresses: Vec<_> = all.entries.iter().flat_map(ResolverEntry::addresses).collect();
        prop_assert_eq!(addresses.iter().collect::<HashSet<_>>().len(), addresses.len());
        for entry in newest {
            prop_assert_eq!(all.find(&entry.id), Some(&entry));
        }
    }
}
