//! The list of resolvers that can be asked: `resolvers.toml`, the user's own lists, single addresses.
//!
//! Parses and checks; asks nobody, and opens no file.

use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;

use serde::Deserialize;
use toml::Spanned;

use super::address::read_address;
use super::document::{Seen, check_text, place_of, read};
use super::{CatalogError, Confidence, CountryCode, FlushWay, Known, Place, Region, ResolverKind};

/// The list that ships with the program.
const EMBEDDED: &str = include_str!("../../resolvers.toml");
/// Most entries one file may hold.
const MOST_ENTRIES: usize = 20_000;
/// Most addresses one entry may hold: it is one service, not a network.
const MOST_ADDRESSES: usize = 64;
/// What the files write as the city of a service without a fixed site.
const ANYCAST: &str = "anycast";

/// One resolver service: one operator, one behaviour, some addresses. Each address becomes a target.
#[derive(Debug, Clone, PartialEq)]
pub struct ResolverEntry {
    /// Its own name, unique in a catalogue.
    pub id: String,
    /// Who runs it; the id where a user's file does not say.
    pub operator: String,
    /// The city it stands in, if it stands in one that is known.
    pub city: Option<String>,
    /// Whether the operator announces the addresses from several sites.
    pub anycast: bool,
    /// The country it stands in; of an anycast service the operator's home.
    pub country: Option<CountryCode>,
    /// The part of the world it stands in.
    pub region: Option<Region>,
    /// Latitude (−90 to 90) and longitude (−180 to 180) of the city, in degrees.
    pub coordinates: Option<(f64, f64)>,
    /// IPv4 addresses with their ports, in the file's order.
    pub ipv4: Vec<SocketAddr>,
    /// IPv6 addresses with their ports, in the file's order.
    pub ipv6: Vec<SocketAddr>,
    /// Host name for DNS over TLS (RFC 7858).
    pub dot: Option<String>,
    /// URL for DNS over HTTPS (RFC 8484).
    pub doh: Option<String>,
    /// Host name for DNS over QUIC (RFC 9250).
    pub doq: Option<String>,
    /// Whom it is meant for, and whether it filters.
    pub kind: ResolverKind,
    /// Whether it validates DNSSEC.
    pub dnssec: Known,
    /// Whether it sends EDNS Client Subnet to authoritative servers (RFC 7871).
    pub ecs: Known,
    /// How its cache can be made to drop a name.
    pub flush: FlushWay,
    /// Whether it answers the public over UDP and TCP without encryption.
    pub plain53: Known,
    /// Whether it is asked when nothing else is said.
    pub default: bool,
    /// What a reader should know about it.
    pub note: Option<String>,
    /// The sources that list it.
    pub provenance: Vec<String>,
    /// How well those support it; none where a user's file does not say.
    pub confidence: Option<Confidence>,
}

impl ResolverEntry {
    /// An entry for a bare address, asked by default, of which nothing else is known.
    #[must_use]
    pub fn from_address(address: SocketAddr) -> Self {
        let name = if address.port() == super::DNS_PORT { address.ip().to_string() } else { address.to_string() };
        let (ipv4, ipv6) = if address.is_ipv4() { (vec![address], vec![]) } else { (vec![], vec![address]) };
        Self {
            id: name.clone(),
            operator: name,
            city: None,
            anycast: false,
            country: None,
            region: None,
            coordinates: None,
            ipv4,
            ipv6,
            dot: None,
            doh: None,
            doq: None,
            kind: ResolverKind::Unknown,
            dnssec: Known::Unknown,
            ecs: Known::Unknown,
            flush: FlushWay::None,
            plain53: Known::Unknown,
            default: true,
            note: None,
            provenance: Vec::new(),
            confidence: None,
        }
    }

    /// All its addresses, IPv4 first.
    pub fn addresses(&self) -> impl Iterator<Item = SocketAddr> {
        self.ipv4.iter().chain(&self.ipv6).copied()
    }

    /// The addresses that plain DNS over UDP and TCP may be sent to: all, or none where it is known that
    /// the service answers over encrypted transports only.
    pub fn plain_addresses(&self) -> impl Iterator<Item = SocketAddr> {
        self.addresses().filter(|_| self.plain53 != Known::No)
    }
}

/// A checked list of resolvers: ids and addresses are unique, every entry has an address.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ResolverCatalog {
    /// The entries, in the file's order.
    pub entries: Vec<ResolverEntry>,
}

impl ResolverCatalog {
    /// The list that ships with the program.
    #[must_use]
    pub fn embedded() -> Self {
        Self::parse(EMBEDDED, "resolvers.toml").expect("the shipped list is read by every run of the tests")
    }

    /// Reads a list. `file_name` is what errors call it.
    ///
    /// # Errors
    /// The first fault: no TOML, an unknown field, a bad value, a second entry with the same id or address.
    pub fn parse(text: &str, file_name: &str) -> Result<Self, CatalogError> {
        let file: ResolverFile = read(text, file_name, "resolver")?;
        if file.resolver.is_empty() {
            return Err(CatalogError::new(file_name, Place::Whole, "holds no [[resolver]] entry"));
        }
        if file.resolver.len() > MOST_ENTRIES {
            return Err(CatalogError::new(file_name, Place::Whole, format!("holds over {MOST_ENTRIES} entries")));
        }
        let (mut ids, mut addresses) = (Seen::new(), Seen::new());
        let mut entries = Vec::with_capacity(file.resolver.len());
        for (index, spanned) in file.resolver.into_iter().enumerate() {
            let (offset, id) = (spanned.span().start, spanned.get_ref().id.clone());
            // Counting lines takes time, so it waits for a fault.
            let fail = |reason| CatalogError::new(file_name, place_of(text, offset, index + 1, &id), reason);
            let entry = spanned.into_inner().check().map_err(fail)?;
            let number = format!("entry {}", index + 1);
            ids.note(entry.id.clone(), &number).map_err(|first| fail(format!("{first} has the same id")))?;
            for address in entry.addresses() {
                addresses
                    .note(address, &entry.id)
                    .map_err(|first| fail(format!("the address {address} is listed before, by \"{first}\"")))?;
            }
            entries.push(entry);
        }
        Ok(Self { entries })
    }

    /// This list with another one added, whose word goes first.
    ///
    /// An entry of `other` replaces the one with the same id, in its place. An address that `other` lists is taken
    /// from whichever entry had it, and an entry left without addresses goes: one address is one target.
    #[must_use]
    pub fn extend(mut self, other: Self) -> Self {
        let taken: HashSet<SocketAddr> = other.entries.iter().flat_map(ResolverEntry::addresses).collect();
        let replaced: HashSet<String> = other.entries.iter().map(|entry| entry.id.clone()).collect();
        for entry in self.entries.iter_mut().filter(|entry| !replaced.contains(&entry.id)) {
            entry.ipv4.retain(|address| !taken.contains(address));
            entry.ipv6.retain(|address| !taken.contains(address));
        }
        self.entries.retain(|entry| replaced.contains(&entry.id) || entry.addresses().next().is_some());
        let places: HashMap<String, usize> =
            self.entries.iter().enumerate().map(|(place, entry)| (entry.id.clone(), place)).collect();
        for entry in other.entries {
            match places.get(&entry.id).and_then(|place| self.entries.get_mut(*place)) {
                Some(old) => *old = entry,
                None => self.entries.push(entry),
            }
        }
        self
    }

    /// The entries asked when nothing else is said.
    pub fn default_set(&self) -> impl Iterator<Item = &ResolverEntry> {
        self.entries.iter().filter(|entry| entry.default)
    }

    /// The entry with this id.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<&ResolverEntry> {
        self.entries.iter().find(|entry| entry.id == id)
    }

    /// The entry that lists this address with this port.
    #[must_use]
    pub fn find_address(&self, address: SocketAddr) -> Option<&ResolverEntry> {
        self.entries.iter().find(|entry| entry.addresses().any(|own| own == address))
    }
}

/// A file as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ResolverFile {
    #[serde(default)]
    resolver: Vec<Spanned<WrittenEntry>>,
}

/// An entry as written: the id and one address suffice.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenEntry {
    id: String,
    operator: Option<String>,
    city: Option<String>,
    country: Option<String>,
    region: Option<Region>,
    latitude: Option<f64>,
    longitude: Option<f64>,
    #[serde(default)]
    ipv4: Vec<String>,
    #[serde(default)]
    ipv6: Vec<String>,
    dot: Option<String>,
    doh: Option<String>,
    doq: Option<String>,
    #[serde(default)]
    kind: ResolverKind,
    #[serde(default)]
    dnssec: Known,
    #[serde(default)]
    ecs: Known,
    #[serde(default)]
    flush: FlushWay,
    #[serde(default)]
    plain53: Known,
    default: Option<bool>,
    note: Option<String>,
    #[serde(default)]
    provenance: Vec<String>,
    confidence: Option<Confidence>,
}

impl WrittenEntry {
    /// The entry, if every value holds.
    fn check(self) -> Result<ResolverEntry, String> {
        check_text("id", &self.id)?;
        for (field, value) in [
            ("operator", &self.operator),
            ("city", &self.city),
            ("dot", &self.dot),
            ("doh", &self.doh),
            ("doq", &self.doq),
            ("note", &self.note),
        ] {
            value.as_deref().map_or(Ok(()), |text| check_text(field, text))?;
        }
        self.provenance.iter().try_for_each(|source| check_text("provenance", source))?;
        if self.doh.as_deref().is_some_and(|url| !url.starts_with("https://")) {
            return Err("doh is no https:// URL".to_owned());
        }
        let country = match &self.country {
            Some(text) => Some(
                CountryCode::read(text)
                    .ok_or_else(|| format!("country \"{text}\" is not two capital letters (ISO 3166-1)"))?,
            ),
            None => None,
        };
        let ipv4 = read_addresses(&self.ipv4, "ipv4", SocketAddr::is_ipv4)?;
        let ipv6 = read_addresses(&self.ipv6, "ipv6", SocketAddr::is_ipv6)?;
        if ipv4.is_empty() && ipv6.is_empty() {
            return Err("lists no address: give ipv4, ipv6 or both".to_owned());
        }
        if ipv4.len() + ipv6.len() > MOST_ADDRESSES {
            return Err(format!("lists over {MOST_ADDRESSES} addresses: split it into entries by service"));
        }
        if self.default == Some(true) && self.plain53 == Known::No {
            return Err("default = true although plain53 is \"false\": it cannot be asked".to_owned());
        }
        let anycast = self.city.as_deref() == Some(ANYCAST);
        Ok(ResolverEntry {
            operator: self.operator.unwrap_or_else(|| self.id.clone()),
            id: self.id,
            city: self.city.filter(|_| !anycast),
            anycast,
            country,
            region: self.region,
            coordinates: coordinates(self.latitude, self.longitude)?,
            ipv4,
            ipv6,
            dot: self.dot,
            doh: self.doh,
            doq: self.doq,
            kind: self.kind,
            dnssec: self.dnssec,
            ecs: self.ecs,
            flush: self.flush,
            plain53: self.plain53,
            default: self.default.unwrap_or(self.plain53 != Known::No),
            note: self.note,
            provenance: self.provenance,
            confidence: self.confidence,
        })
    }
}

/// The addresses of one field, all of its family.
fn read_addresses(
    texts: &[String],
    field: &str,
    of_family: fn(&SocketAddr) -> bool,
) -> Result<Vec<SocketAddr>, String> {
    let read_one = |text: &String| {
        let address = read_address(text).map_err(|why| format!("{field}: {why}"))?;
        if of_family(&address) { Ok(address) } else { Err(format!("{field}: {address} is of the other family")) }
    };
    texts.iter().map(read_one).collect()
}

/// Both coordinates or none, on the globe.
fn coordinates(latitude: Option<f64>, longitude: Option<f64>) -> Result<Option<(f64, f64)>, String> {
    match (latitude, longitude) {
        (None, None) => Ok(None),
        // NaN is in no range, so it is refused too.
        (Some(lat), Some(long)) if (-90.0..=90.0).contains(&lat) && (-180.0..=180.0).contains(&long) => {
            Ok(Some((lat, long)))
        }
        (Some(_), Some(_)) => Err("latitude is outside -90 to 90, or longitude outside -180 to 180".to_owned()),
        _ => Err("latitude and longitude go together".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<ResolverCatalog, String> {
        ResolverCatalog::parse(text, "own.toml").map_err(|error| error.to_string())
    }

    fn entry(more: &str) -> String {
        format!("[[resolver]]\nid = \"x\"\n{more}\n")
    }

    fn address(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    #[test]
    fn an_id_and_an_address_suffice() {
        let catalog = parse(&entry("ipv4 = [\"127.0.0.1:5353\", \"10.0.0.1\"]\nipv6 = [\"[::1]:5353\"]")).unwrap();
        let own = &catalog.entries[0];
        assert_eq!((own.operator.as_str(), own.default, own.plain53), ("x", true, Known::Unknown));
        let expected = ["127.0.0.1:5353", "10.0.0.1:53", "[::1]:5353"].map(address);
        assert_eq!(own.addresses().collect::<Vec<_>>(), expected);
        assert_eq!(own.plain_addresses().count(), 3);
        assert_eq!(catalog.default_set().count(), 1);
        assert_eq!(catalog.find_address(address("127.0.0.1:5353")), Some(own));
        assert_eq!(catalog.find_address(address("127.0.0.1:53")), None);
    }

    #[test]
    fn all_fields_are_kept() {
        let text = entry(
            "operator = \"Op\"\ncity = \"Bern\"\ncountry = \"CH\"\nregion = \"eu\"\n\
             latitude = 46.95\nlongitude = 7.45\nipv4 = [\"192.0.2.1\"]\n\
             dot = \"d.example\"\ndoh = \"https://d.example/q\"\ndoq = \"q.example\"\n\
             kind = \"filtered\"\ndnssec = true\necs = \"false\"\nflush = \"opendns\"\nplain53 = \"true\"\n\
             default = false\nnote = \"blocks things\"\nprovenance = [\"a\", \"b\"]\nconfidence = \"medium\"",
        );
        let own = parse(&text).unwrap().entries.remove(0);
        let expected = ResolverEntry {
            id: "x".into(),
            operator: "Op".into(),
            city: Some("Bern".into()),
            anycast: false,
            country: CountryCode::read("CH"),
            region: Some(Region::Europe),
            coordinates: Some((46.95, 7.45)),
            ipv4: vec![address("192.0.2.1:53")],
            ipv6: vec![],
            dot: Some("d.example".into()),
            doh: Some("https://d.example/q".into()),
            doq: Some("q.example".into()),
            kind: ResolverKind::Filtered,
            dnssec: Known::Yes,
            ecs: Known::No,
            flush: FlushWay::OpenDns,
            plain53: Known::Yes,
            default: false,
            note: Some("blocks things".into()),
            provenance: vec!["a".into(), "b".into()],
            confidence: Some(Confidence::Medium),
        };
        assert_eq!(own, expected);
        let anycast = parse(&entry("city = \"anycast\"\nipv4 = [\"192.0.2.1\"]")).unwrap().entries.remove(0);
        assert!(anycast.anycast && anycast.city.is_none());
    }

    #[test]
    fn every_fault_is_named_with_file_entry_and_reason() {
        let good = "ipv4 = [\"192.0.2.1\"]";
        for (more, reason) in [
            ("", "lists no address"),
            ("ipv4 = []", "lists no address"),
            ("ipv4 = [\"1.2.3\"]", "ipv4: \"1.2.3\" is no address"),
            ("ipv4 = [\"::1\"]", "ipv4: [::1]:53 is of the other family"),
            ("ipv6 = [\"192.0.2.1\"]", "ipv6: 192.0.2.1:53 is of the other family"),
            ("ipv4 = [\"0.0.0.0\"]", "unspecified"),
            ("ipv4 = [\"224.0.0.1\"]", "multicast"),
            ("ipv4 = [\"192.0.2.1\", \"192.0.2.1:53\"]", "the address 192.0.2.1:53 is listed before, by \"x\""),
            (&format!("{good}\ncountry = \"de\""), "two capital letters"),
            (&format!("{good}\nregion = \"xx\""), "unknown variant `xx`"),
            (&format!("{good}\ncolour = \"red\""), "unknown field `colour`"),
            (&format!("{good}\nplain53 = \"maybe\""), "invalid value"),
            (&format!("{good}\nplain53 = \"false\"\ndefault = true"), "cannot be asked"),
            (&format!("{good}\noperator = \"a\\u001bb\""), "operator holds the character U+001B"),
            (&format!("{good}\nnote = \"\""), "note is empty"),
            (&format!("{good}\nprovenance = [\"\\u202e\"]"), "provenance holds the character U+202E"),
            (&format!("{good}\ndoh = \"http://x\""), "no https://"),
            (&format!("{good}\nlatitude = 5.0"), "go together"),
            (&format!("{good}\nlatitude = nan\nlongitude = 0.0"), "outside"),
            (&format!("{good}\nlatitude = 91.0\nlongitude = 0.0"), "outside"),
        ] {
            let text = format!("[[resolver]]\nid = \"first\"\nipv4 = [\"192.0.2.99\"]\n\n{}", entry(more));
            let said = parse(&text).unwrap_err();
            assert!(said.starts_with("own.toml, entry \"x\" (line "), "{said}");
            assert!(said.contains(reason), "{more}: {said}");
        }
        let many: Vec<String> = (0..=MOST_ADDRESSES).map(|n| format!("\"10.0.0.{n}\"")).collect();
        assert!(parse(&entry(&format!("ipv4 = [{}]", many.join(",")))).unwrap_err().contains("over 64 addresses"));
    }

    #[test]
    fn faults_without_an_id_are_named_by_position() {
        let first = "[[resolver]]\nid = \"a\"\nipv4 = [\"192.0.2.1\"]\n";
        let said = parse(&format!("{first}[[resolver]]\nipv4 = [\"192.0.2.2\"]\n")).unwrap_err();
        assert!(said.starts_with("own.toml, entry 2 (line 4): missing field `id`"), "{said}");
        let said = parse(&format!("{first}[[resolver]]\nid = \"\"\nipv4 = [\"192.0.2.2\"]\n")).unwrap_err();
        assert_eq!(said, "own.toml, entry 2 (line 4): id is empty");
        let said = parse(&format!("{first}{}", first.replace(".1\"", ".2\""))).unwrap_err();
        assert_eq!(said, "own.toml, entry \"a\" (line 4): entry 1 has the same id");
        assert_eq!(parse("").unwrap_err(), "own.toml: holds no [[resolver]] entry");
        assert!(parse("resolvers = 1").unwrap_err().starts_with("own.toml, line 1: unknown field `resolvers`"));
    }

    #[test]
    fn services_without_plain_dns_are_kept_but_not_asked() {
        let own = parse(&entry("ipv4 = [\"192.0.2.1\"]\nplain53 = false")).unwrap().entries.remove(0);
        assert!(!own.default);
        assert_eq!((own.addresses().count(), own.plain_addresses().count()), (1, 0));
    }

    #[test]
    fn the_users_entries_replace_by_id_and_take_their_addresses() {
        let base = parse(
            "[[resolver]]\nid = \"a\"\nipv4 = [\"192.0.2.1\", \"192.0.2.2\"]\n\
             [[resolver]]\nid = \"b\"\nipv4 = [\"192.0.2.3\"]\n[[resolver]]\nid = \"c\"\nipv4 = [\"192.0.2.4\"]\n",
        );
        let own = parse(
            "[[resolver]]\nid = \"c\"\nipv4 = [\"192.0.2.5\"]\n\
             [[resolver]]\nid = \"mine\"\nipv4 = [\"192.0.2.1\", \"192.0.2.3\"]\n",
        );
        let both = base.unwrap().extend(own.unwrap());
        let seen: Vec<(String, Vec<SocketAddr>)> =
            both.entries.iter().map(|e| (e.id.clone(), e.addresses().collect())).collect();
        assert_eq!(
            seen,
            [
                ("a".to_owned(), vec![address("192.0.2.2:53")]),
                ("c".to_owned(), vec![address("192.0.2.5:53")]),
                ("mine".to_owned(), vec![address("192.0.2.1:53"), address("192.0.2.3:53")]),
            ]
        );
        assert!(both.find("b").is_none());
    }

    #[test]
    fn a_bare_address_becomes_an_entry_that_claims_nothing() {
        let own = ResolverEntry::from_address(address("[::1]:5353"));
        assert_eq!((own.id.as_str(), own.operator.as_str()), ("[::1]:5353", "[::1]:5353"));
        assert!(own.ipv4.is_empty() && own.default && own.kind == ResolverKind::Unknown);
        assert_eq!(ResolverEntry::from_address(address("192.0.2.1:53")).id, "192.0.2.1");
        assert_eq!(ResolverCatalog::embedded().find_address(address("8.8.8.8:53")).unwrap().flush, FlushWay::Google);
    }
}
