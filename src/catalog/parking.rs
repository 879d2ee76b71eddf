//! Fingerprints of parked, held, suspended and sinkholed zones, and what an answer matches.
//!
//! Says what matches and how sure that is. The verdict is `judge`'s: an ambiguous match never makes one alone.

use std::cmp::Reverse;
use std::collections::HashSet;
use std::fmt;
use std::net::IpAddr;

use serde::Deserialize;
use toml::Spanned;

use super::document::{Seen, check_text, place_of, read};
use super::{AddressRange, CatalogError, Confidence, Place};
use crate::dns::{Name, NsSet};

/// The fingerprints that ship with the program.
const EMBEDDED: &str = include_str!("parking.toml");
/// Most fingerprints one file may hold.
const MOST_ENTRIES: usize = 20_000;
/// Fewest labels of a name to match by: one would call a whole top-level domain parked.
const FEWEST_LABELS: usize = 2;
/// Shortest prefix of a range: anything wider is no parking service.
const SHORTEST_PREFIX_IPV4: u8 = 16;
/// The same for IPv6: one allocation of a provider.
const SHORTEST_PREFIX_IPV6: u8 = 29;

/// Why a zone that matches is not what its owner made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ParkingReason {
    /// The registration lapsed and the registrar replaced the delegation.
    ExpiryHold,
    /// The registrant's contact was not confirmed; the registration may be paid.
    VerificationHold,
    /// Suspended by the registrar, or seized.
    Suspended,
    /// Taken over by a security operator or an authority.
    Sinkhole,
    /// A parking service, with or without advertisements.
    #[default]
    Parking,
    /// Offered for sale.
    ForSale,
}

impl ParkingReason {
    /// The reason as a short phrase for a sentence: `expiry hold`.
    #[must_use]
    pub fn phrase(self) -> &'static str {
        match self {
            Self::ExpiryHold => "expiry hold",
            Self::VerificationHold => "contact verification hold",
            Self::Suspended => "suspension",
            Self::Sinkhole => "sinkhole",
            Self::Parking => "parking service",
            Self::ForSale => "domain market",
        }
    }
}

impl fmt::Display for ParkingReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.phrase())
    }
}

/// What an answer is held against. Suffixes match at label boundaries: the name itself, or a name below it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Pattern {
    /// The name of a name server.
    NsExact(Name),
    /// The name of a name server, or the zone it is in.
    NsSuffix(Name),
    /// The target of a CNAME.
    CnameSuffix(Name),
    /// The MNAME of the zone's SOA.
    SoaMnameSuffix(Name),
    /// An address in an A or AAAA RRset.
    AddressRange(AddressRange),
}

impl Pattern {
    /// How narrow it is, to be compared among patterns that match the same thing only.
    fn specificity(&self) -> usize {
        match self {
            // An exact name is narrower than any suffix that matches it, its own included.
            Self::NsExact(_) => usize::MAX,
            Self::NsSuffix(name) | Self::CnameSuffix(name) | Self::SoaMnameSuffix(name) => name.label_count(),
            Self::AddressRange(range) => usize::from(range.prefix()),
        }
    }
}

/// One known sign of a parked zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint {
    /// Its own name, unique in a catalogue.
    pub id: String,
    /// Who runs the servers; the id where a user's file does not say.
    pub operator: String,
    /// What a match amounts to.
    pub what: ParkingReason,
    /// What is matched.
    pub pattern: Pattern,
    /// Whether live zones match too: then it may support a verdict, never make one.
    pub ambiguous: bool,
    /// Where it was read; empty where a user's file does not say.
    pub provenance: String,
    /// How well that supports it; none where a user's file does not say.
    pub confidence: Option<Confidence>,
}

/// A checked list of fingerprints: ids and patterns are unique.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ParkingCatalog {
    /// The narrowest first, so that the first match is the most specific one.
    fingerprints: Vec<Fingerprint>,
}

impl ParkingCatalog {
    /// The fingerprints that ship with the program.
    #[must_use]
    pub fn embedded() -> Self {
        Self::parse(EMBEDDED, "parking.toml").expect("the shipped fingerprints are read by every run of the tests")
    }

    /// Reads a list. `file_name` is what errors call it.
    ///
    /// # Errors
    /// The first fault: no TOML, an unknown field, a bad value, a second entry with the same id or pattern.
    pub fn parse(text: &str, file_name: &str) -> Result<Self, CatalogError> {
        let file: ParkingFile = read(text, file_name, "fingerprint")?;
        if file.fingerprint.is_empty() {
            return Err(CatalogError::new(file_name, Place::Whole, "holds no [[fingerprint]] entry"));
        }
        if file.fingerprint.len() > MOST_ENTRIES {
            return Err(CatalogError::new(file_name, Place::Whole, format!("holds over {MOST_ENTRIES} entries")));
        }
        let (mut ids, mut patterns) = (Seen::new(), Seen::new());
        let mut fingerprints = Vec::with_capacity(file.fingerprint.len());
        for (index, spanned) in file.fingerprint.into_iter().enumerate() {
            let (offset, id) = (spanned.span().start, spanned.get_ref().id.clone());
            // Counting lines takes time, so it waits for a fault.
            let fail = |reason| CatalogError::new(file_name, place_of(text, offset, index + 1, &id), reason);
            let entry = spanned.into_inner().check().map_err(fail)?;
            let number = format!("entry {}", index + 1);
            ids.note(entry.id.clone(), &number).map_err(|first| fail(format!("{first} has the same id")))?;
            patterns
                .note(entry.pattern.clone(), &entry.id)
                .map_err(|first| fail(format!("matches the same as \"{first}\"")))?;
            fingerprints.push(entry);
        }
        Ok(Self::sorted(fingerprints))
    }

    /// This list with another one added, whose word goes first: an entry of `other` replaces those that have
    /// its id or its pattern.
    #[must_use]
    pub fn extend(mut self, other: Self) -> Self {
        let ids: HashSet<&str> = other.fingerprints.iter().map(|new| new.id.as_str()).collect();
        let patterns: HashSet<&Pattern> = other.fingerprints.iter().map(|new| &new.pattern).collect();
        self.fingerprints.retain(|old| !ids.contains(old.id.as_str()) && !patterns.contains(&old.pattern));
        self.fingerprints.extend(other.fingerprints);
        Self::sorted(self.fingerprints)
    }

    /// Puts the narrowest first; the sort is stable, so equals keep the file's order.
    fn sorted(mut fingerprints: Vec<Fingerprint>) -> Self {
        fingerprints.sort_by_key(|fingerprint| Reverse(fingerprint.pattern.specificity()));
        Self { fingerprints }
    }

    /// All fingerprints, the narrowest first.
    pub fn iter(&self) -> impl Iterator<Item = &Fingerprint> {
        self.fingerprints.iter()
    }

    /// The most specific fingerprint of one name server's name. It may be ambiguous: look.
    #[must_use]
    pub fn match_ns(&self, server: &Name) -> Option<&Fingerprint> {
        self.first(|pattern| match pattern {
            Pattern::NsExact(name) => server == name,
            Pattern::NsSuffix(suffix) => server.is_at_or_below(suffix),
            _ => false,
        })
    }

    /// The fingerprint of a whole delegation, if it decides: *every* name's most specific match is there and
    /// is not ambiguous. Then it is the match of the first name in canonical order.
    ///
    /// A registrar that parks a zone replaces the set as a whole, so one name that is unknown or
    /// ambiguous means that this is not (only) parking, and nothing is said. The names may match different
    /// fingerprints (two host names of one service, or of two services). An empty set matches nothing.
    #[must_use]
    pub fn match_ns_set(&self, servers: &NsSet) -> Option<&Fingerprint> {
        let mut decided = None;
        for server in servers {
            let found = self.match_ns(server).filter(|fingerprint| !fingerprint.ambiguous)?;
            decided = decided.or(Some(found));
        }
        decided
    }

    /// The most specific fingerprint of a CNAME's target. It may be ambiguous: look.
    #[must_use]
    pub fn match_cname(&self, target: &Name) -> Option<&Fingerprint> {
        self.first(|pattern| matches!(pattern, Pattern::CnameSuffix(suffix) if target.is_at_or_below(suffix)))
    }

    /// The most specific fingerprint of an SOA's MNAME. It may be ambiguous: look.
    #[must_use]
    pub fn match_soa_mname(&self, mname: &Name) -> Option<&Fingerprint> {
        self.first(|pattern| matches!(pattern, Pattern::SoaMnameSuffix(suffix) if mname.is_at_or_below(suffix)))
    }

    /// The most specific fingerprint of a service address. It may be ambiguous: look.
    #[must_use]
    pub fn match_address(&self, address: IpAddr) -> Option<&Fingerprint> {
        self.first(|pattern| matches!(pattern, Pattern::AddressRange(range) if range.contains(address)))
    }

    /// The first, hence narrowest, fingerprint whose pattern matches.
    fn first(&self, matches: impl Fn(&Pattern) -> bool) -> Option<&Fingerprint> {
        self.fingerprints.iter().find(|fingerprint| matches(&fingerprint.pattern))
    }
}

/// A file as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ParkingFile {
    #[serde(default)]
    fingerprint: Vec<Spanned<WrittenFingerprint>>,
}

/// An entry as written: id, kind of match and value suffice.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenFingerprint {
    id: String,
    operator: Option<String>,
    #[serde(default)]
    what: ParkingReason,
    match_kind: MatchKind,
    value: String,
    #[serde(default)]
    ambiguous: bool,
    provenance: Option<String>,
    confidence: Option<Confidence>,
}

/// The files' word for what is matched.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum MatchKind {
    NsExact,
    NsSuffix,
    CnameSuffix,
    SoaMnameSuffix,
    ACidr,
    AaaaCidr,
}

impl WrittenFingerprint {
    /// The fingerprint, if every value holds.
    fn check(self) -> Result<Fingerprint, String> {
        check_text("id", &self.id)?;
        for (field, value) in [("operator", &self.operator), ("provenance", &self.provenance)] {
            value.as_deref().map_or(Ok(()), |text| check_text(field, text))?;
        }
        Ok(Fingerprint {
            operator: self.operator.unwrap_or_else(|| self.id.clone()),
            id: self.id,
            what: self.what,
            pattern: read_pattern(self.match_kind, &self.value)?,
            ambiguous: self.ambiguous,
            provenance: self.provenance.unwrap_or_default(),
            confidence: self.confidence,
        })
    }
}

/// The typed form of `match_kind` and `value`.
fn read_pattern(kind: MatchKind, value: &str) -> Result<Pattern, String> {
    if matches!(kind, MatchKind::ACidr | MatchKind::AaaaCidr) {
        let range: AddressRange = value.parse().map_err(|why| format!("value \"{value}\": {why}"))?;
        if range.is_ipv4() != (kind == MatchKind::ACidr) {
            return Err(format!("value \"{value}\" is of the other address family than match_kind says"));
        }
        let shortest = if range.is_ipv4() { SHORTEST_PREFIX_IPV4 } else { SHORTEST_PREFIX_IPV6 };
        if range.prefix() < shortest {
            return Err(format!("value \"{value}\" is wider than /{shortest}, which is no parking service"));
        }
        return Ok(Pattern::AddressRange(range));
    }
    let name = Name::from_user(value).map_err(|why| format!("value \"{value}\": {why}"))?;
    if name.label_count() < FEWEST_LABELS {
        return Err(format!("value \"{value}\" would match a whole top-level domain"));
    }
    Ok(match kind {
        MatchKind::NsExact => Pattern::NsExact(name),
        MatchKind::CnameSuffix => Pattern::CnameSuffix(name),
        MatchKind::SoaMnameSuffix => Pattern::SoaMnameSuffix(name),
        _ => Pattern::NsSuffix(name),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Name {
        text.parse().unwrap()
    }

    fn set(names: &[&str]) -> NsSet {
        names.iter().map(|text| name(text)).collect()
    }

    fn id(found: Option<&Fingerprint>) -> Option<&str> {
        found.map(|fingerprint| fingerprint.id.as_str())
    }

    fn entry(id: &str, kind: &str, value: &str, more: &str) -> String {
        format!("[[fingerprint]]\nid = \"{id}\"\nmatch_kind = \"{kind}\"\nvalue = \"{value}\"\n{more}\n")
    }

    fn parse(text: &str) -> Result<ParkingCatalog, String> {
        ParkingCatalog::parse(text, "own.toml").map_err(|error| error.to_string())
    }

    #[test]
    fn an_exact_hold_host_beats_the_ambiguous_zone_around_it() {
        let shipped = ParkingCatalog::embedded();
        assert_eq!(id(shipped.match_ns(&name("EXPIRENS3.hichina.com."))), Some("alibaba-expirens3"));
        let live = shipped.match_ns(&name("dns1.hichina.com.")).unwrap();
        assert!(live.ambiguous && live.id == "amb-hichina");
        assert_eq!(id(shipped.match_ns(&name("x.expirens3.hichina.com."))), Some("amb-hichina"));
    }

    #[test]
    fn names_match_at_label_boundaries_and_in_their_own_role_only() {
        let shipped = ParkingCatalog::embedded();
        let hold = "netsol-pendingrenewaldeletion";
        assert_eq!(id(shipped.match_ns(&name("ns1.pendingrenewaldeletion.com."))), Some(hold));
        assert_eq!(id(shipped.match_ns(&name("pendingrenewaldeletion.com."))), Some(hold));
        assert_eq!(shipped.match_ns(&name("ns1.notpendingrenewaldeletion.com.")), None);
        assert_eq!(shipped.match_ns(&name("pendingrenewaldeletion.com.example.org.")), None);
        assert_eq!(shipped.match_cname(&name("ns1.pendingrenewaldeletion.com.")), None);
        assert_eq!(id(shipped.match_cname(&name("expired.hichina.com."))), Some("alibaba-expired-cname"));
        assert_eq!(id(shipped.match_soa_mname(&name("ns1.sedoparking.com."))), Some("sedo-soa"));
    }

    #[test]
    fn a_longer_suffix_beats_a_shorter_one_and_an_address_its_range() {
        let shipped = ParkingCatalog::embedded();
        let hold = shipped.match_ns(&name("ns1.verification-hold.suspended-domain.com.")).unwrap();
        assert_eq!(hold.what, ParkingReason::VerificationHold);
        let other = shipped.match_ns(&name("ns1.suspended-domain.com.")).unwrap();
        assert_eq!(other.what, ParkingReason::Suspended);
        let address = |text: &str| id(shipped.match_address(text.parse().unwrap())).map(str::to_owned);
        assert_eq!(address("208.91.197.132").as_deref(), Some("netsol-parking-a"));
        assert_eq!(address("208.91.197.131").as_deref(), Some("skenzo-range-1"));
        assert_eq!(address("2a02:4780::1").as_deref(), Some("hostinger-v6-range"));
        assert_eq!(address("192.0.2.1"), None);
    }

    #[test]
    fn a_set_decides_only_as_a_whole() {
        let shipped = ParkingCatalog::embedded();
        let hold = ["ns1.pendingrenewaldeletion.com.", "ns2.pendingrenewaldeletion.com."];
        assert_eq!(id(shipped.match_ns_set(&set(&hold))), Some("netsol-pendingrenewaldeletion"));
        assert_eq!(shipped.match_ns_set(&set(&[hold[0], "ns1.good.example."])), None);
        assert_eq!(shipped.match_ns_set(&set(&[hold[0], "ns01.domaincontrol.com."])), None);
        assert_eq!(shipped.match_ns_set(&set(&["ns01.domaincontrol.com.", "ns02.domaincontrol.com."])), None);
        assert_eq!(shipped.match_ns_set(&NsSet::default()), None);
        let two = set(&["ns1.sedoparking.com.", "ns1.bodis.com."]);
        assert_eq!(id(shipped.match_ns_set(&two)), Some("bodis-ns"));
    }

    #[test]
    fn the_users_fingerprints_replace_by_id_and_by_pattern() {
        let own = entry("amb-sav", "ns-exact", "ns9.own.example", "")
            + &entry("mine", "ns-suffix", "BODIS.com", "operator = \"Me\"\nwhat = \"for-sale\"");
        let both = ParkingCatalog::embedded().extend(parse(&own).unwrap());
        assert_eq!(id(both.match_ns(&name("ns1.bodis.com."))), Some("mine"));
        assert_eq!(id(both.match_ns(&name("ns9.own.example."))), Some("amb-sav"));
        assert_eq!(both.match_ns(&name("ns1.sav.com.")), None);
        assert_eq!(both.iter().count(), ParkingCatalog::embedded().iter().count());
        let mine = both.match_ns(&name("bodis.com.")).unwrap();
        assert_eq!((mine.operator.as_str(), mine.what, mine.ambiguous), ("Me", ParkingReason::ForSale, false));
        assert_eq!(mine.what.to_string(), "domain market");
    }

    #[test]
    fn every_fault_is_named_with_file_entry_and_reason() {
        for (kind, value, more, reason) in [
            ("ns-suffix", "com", "", "whole top-level domain"),
            ("ns-suffix", ".", "", "whole top-level domain"),
            ("ns-suffix", "a..b", "", "empty label"),
            ("ns-suffix", "", "", "the name is empty"),
            ("ns-prefix", "a.example", "", "unknown variant `ns-prefix`"),
            ("a-cidr", "192.0.2.1", "", "ADDRESS/PREFIX"),
            ("a-cidr", "2001:db8::/32", "", "other address family"),
            ("aaaa-cidr", "192.0.2.0/24", "", "other address family"),
            ("a-cidr", "0.0.0.0/0", "", "wider than /16"),
            ("aaaa-cidr", "2000::/3", "", "wider than /29"),
            ("ns-exact", "a.example", "what = \"odd\"", "unknown variant `odd`"),
            ("ns-exact", "a.example", "extra = 1", "unknown field `extra`"),
            ("ns-exact", "a.example", "operator = \"\\u0007\"", "operator holds the character U+0007"),
            ("ns-suffix", "FIRST.example.", "", "matches the same as \"first\""),
        ] {
            let text = entry("first", "ns-suffix", "first.example", "") + &entry("x", kind, value, more);
            let said = parse(&text).unwrap_err();
            assert!(said.starts_with("own.toml, entry \"x\" (line "), "{said}");
            assert!(said.contains(reason), "{kind} {value} {more}: {said}");
        }
        let twice = entry("x", "ns-exact", "a.example", "") + &entry("x", "ns-exact", "b.example", "");
        assert!(parse(&twice).unwrap_err().ends_with("entry 1 has the same id"));
        assert_eq!(parse("").unwrap_err(), "own.toml: holds no [[fingerprint]] entry");
    }
}
