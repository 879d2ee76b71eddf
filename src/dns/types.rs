//! Record types, classes, response codes and TTLs: the numbers of a DNS message, with their names.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// A record type by its number (IANA "Resource Record (RR) TYPEs").
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordType(pub u16);

/// The types that have a name here; every other number shows as `TYPEnnn` (RFC 3597 §5).
const TYPE_NAMES: &[(u16, &str)] = &[
    (1, "A"),
    (2, "NS"),
    (5, "CNAME"),
    (6, "SOA"),
    (12, "PTR"),
    (15, "MX"),
    (16, "TXT"),
    (28, "AAAA"),
    (29, "LOC"),
    (33, "SRV"),
    (35, "NAPTR"),
    (39, "DNAME"),
    (41, "OPT"),
    (43, "DS"),
    (44, "SSHFP"),
    (46, "RRSIG"),
    (47, "NSEC"),
    (48, "DNSKEY"),
    (50, "NSEC3"),
    (52, "TLSA"),
    (64, "SVCB"),
    (65, "HTTPS"),
    (99, "SPF"),
    (255, "ANY"),
    (257, "CAA"),
];

impl RecordType {
    /// IPv4 address (RFC 1035).
    pub const A: Self = Self(1);
    /// Name server (RFC 1035).
    pub const NS: Self = Self(2);
    /// Canonical name (RFC 1035).
    pub const CNAME: Self = Self(5);
    /// Start of authority (RFC 1035).
    pub const SOA: Self = Self(6);
    /// Mail exchange (RFC 1035).
    pub const MX: Self = Self(15);
    /// Text (RFC 1035).
    pub const TXT: Self = Self(16);
    /// IPv6 address (RFC 3596).
    pub const AAAA: Self = Self(28);
    /// Delegation signer (RFC 4034).
    pub const DS: Self = Self(43);
    /// Signature (RFC 4034).
    pub const RRSIG: Self = Self(46);
    /// Zone key (RFC 4034).
    pub const DNSKEY: Self = Self(48);
    /// Service binding for HTTPS (RFC 9460).
    pub const HTTPS: Self = Self(65);
}

impl fmt::Display for RecordType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match TYPE_NAMES.iter().find(|(number, _)| *number == self.0) {
            Some((_, name)) => f.pad(name),
            None => f.pad(&format!("TYPE{}", self.0)),
        }
    }
}

impl FromStr for RecordType {
    type Err = String;

    /// Reads a mnemonic or `TYPEnnn`, in any case.
    fn from_str(text: &str) -> Result<Self, String> {
        let upper = text.to_ascii_uppercase();
        if let Some((number, _)) = TYPE_NAMES.iter().find(|(_, name)| *name == upper) {
            return Ok(Self(*number));
        }
        let number = upper.strip_prefix("TYPE").and_then(|digits| digits.parse().ok());
        number.map(Self).ok_or_else(|| format!("'{}' is no record type", super::shown::text(text)))
    }
}

/// A class: the Internet, or CHAOS for server identities (RFC 4892).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Class(pub u16);

impl Class {
    /// The Internet.
    pub const IN: Self = Self(1);
    /// CHAOS, used for `id.server` (RFC 4892).
    pub const CH: Self = Self(3);
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            1 => f.pad("IN"),
            3 => f.pad("CH"),
            other => f.pad(&format!("CLASS{other}")),
        }
    }
}

/// A response code, the OPT record's upper bits included (RFC 6895 §2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rcode(pub u16);

impl Rcode {
    /// No error.
    pub const NOERROR: Self = Self(0);
    /// The server could not read the query.
    pub const FORMERR: Self = Self(1);
    /// The server failed.
    pub const SERVFAIL: Self = Self(2);
    /// The name does not exist.
    pub const NXDOMAIN: Self = Self(3);
    /// Not implemented.
    pub const NOTIMP: Self = Self(4);
    /// Refused by policy.
    pub const REFUSED: Self = Self(5);
}

impl fmt::Display for Rcode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self.0 {
            0 => "NOERROR",
            1 => "FORMERR",
            2 => "SERVFAIL",
            3 => "NXDOMAIN",
            4 => "NOTIMP",
            5 => "REFUSED",
            6 => "YXDOMAIN",
            7 => "YXRRSET",
            8 => "NXRRSET",
            9 => "NOTAUTH",
            10 => "NOTZONE",
            16 => "BADVERS",
            23 => "BADCOOKIE",
            other => return f.pad(&format!("RCODE{other}")),
        };
        f.pad(name)
    }
}

impl FromStr for Rcode {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(number) = text.strip_prefix("RCODE").and_then(|digits| digits.parse().ok()) {
            return Ok(Self(number));
        }
        (0..=23)
            .map(Self)
            .find(|code| code.to_string() == text)
            .ok_or_else(|| format!("'{}' is no response code", super::shown::text(text)))
    }
}

/// How long a record may be cached, in whole seconds, 0 to 2³¹ − 1 (RFC 2181 §8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ttl(u32);

impl Ttl {
    /// From the number on the wire; one with the top bit set counts as zero (RFC 2181 §8).
    #[must_use]
    pub const fn from_wire(seconds: u32) -> Self {
        if seconds > 0x7fff_ffff { Self(0) } else { Self(seconds) }
    }

    /// In seconds.
    #[must_use]
    pub const fn as_secs(self) -> u32 {
        self.0
    }
}

impl From<Ttl> for Duration {
    fn from(ttl: Ttl) -> Self {
        Self::from_secs(u64::from(ttl.0))
    }
}

impl fmt::Display for Ttl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_and_codes_survive_a_round_trip() {
        for number in [1, 2, 6, 16, 28, 43, 65, 257, 65280] {
            let rtype = RecordType(number);
            assert_eq!(rtype.to_string().parse(), Ok(rtype));
        }
        for number in [0, 2, 3, 5, 9, 23, 42] {
            let rcode = Rcode(number);
            assert_eq!(rcode.to_string().parse(), Ok(rcode));
        }
        assert!("BOGUS".parse::<RecordType>().is_err());
    }

    #[test]
    fn a_ttl_with_the_top_bit_set_is_zero() {
        assert_eq!(Ttl::from_wire(0x8000_0000).as_secs(), 0);
        assert_eq!(Ttl::from_wire(172_800).as_secs(), 172_800);
    }
}
