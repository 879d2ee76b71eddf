//! Records and RRsets as they were heard: owner, type, TTL and data.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use super::{Name, RecordType, Serial, Ttl, shown};

/// The data of a record. Types that no rule reads are kept as octets.
///
/// `Display` is one line of plain text: whatever came from the wire is escaped.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Rdata {
    /// An IPv4 address.
    A(Ipv4Addr),
    /// An IPv6 address.
    Aaaa(Ipv6Addr),
    /// A name server.
    Ns(Name),
    /// An alias.
    Cname(Name),
    /// A start of authority.
    Soa(Soa),
    /// A mail exchange: preference and host.
    Mx(u16, Name),
    /// Text strings.
    Txt(Vec<Vec<u8>>),
    /// A delegation signer.
    Ds(Ds),
    /// Anything else, undecoded.
    Other(RecordType, Vec<u8>),
}

/// A start of authority record (RFC 1035 §3.3.13).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Soa {
    /// The primary server's name.
    pub mname: Name,
    /// The mailbox of the person responsible, as a name.
    pub rname: Name,
    /// The version of the zone.
    pub serial: Serial,
    /// Seconds between a secondary's checks.
    pub refresh: u32,
    /// Seconds before a failed check is repeated.
    pub retry: u32,
    /// Seconds after which a secondary that hears nothing stops answering.
    pub expire: u32,
    /// The negative-caching TTL, bounded by the SOA record's own (RFC 2308 §5).
    pub minimum: u32,
}

/// A delegation signer record (RFC 4034 §5).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ds {
    /// Which key it names.
    pub key_tag: u16,
    /// The key's algorithm number.
    pub algorithm: u8,
    /// The digest's algorithm number.
    pub digest_type: u8,
    /// The digest.
    pub digest: Vec<u8>,
}

impl fmt::Display for Ds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {} {}", self.key_tag, self.algorithm, self.digest_type, shown::hex(&self.digest))
    }
}

impl Rdata {
    /// The type of record this data belongs to.
    #[must_use]
    pub fn rtype(&self) -> RecordType {
        match self {
            Self::A(_) => RecordType::A,
            Self::Aaaa(_) => RecordType::AAAA,
            Self::Ns(_) => RecordType::NS,
            Self::Cname(_) => RecordType::CNAME,
            Self::Soa(_) => RecordType::SOA,
            Self::Mx(..) => RecordType::MX,
            Self::Txt(_) => RecordType::TXT,
            Self::Ds(_) => RecordType::DS,
            Self::Other(rtype, _) => *rtype,
        }
    }
}

impl fmt::Display for Rdata {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::A(address) => write!(f, "{address}"),
            Self::Aaaa(address) => write!(f, "{address}"),
            Self::Ns(name) | Self::Cname(name) => write!(f, "{name}"),
            Self::Soa(soa) => write!(
                f,
                "{} {} {} {} {} {} {}",
                soa.mname, soa.rname, soa.serial, soa.refresh, soa.retry, soa.expire, soa.minimum
            ),
            Self::Mx(preference, host) => write!(f, "{preference} {host}"),
            Self::Txt(strings) => {
                for (at, string) in strings.iter().enumerate() {
                    let gap = if at == 0 { "" } else { " " };
                    write!(f, "{gap}\"{}\"", shown::octets(string).replace('\\', "\\\\").replace('"', "\\\""))?;
                }
                Ok(())
            }
            Self::Ds(ds) => write!(f, "{ds}"),
            // RFC 3597 §5: unknown data in generic form.
            Self::Other(_, octets) => write!(f, "\\# {} {}", octets.len(), shown::hex(octets)),
        }
    }
}

/// One record as it stood in a message.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Record {
    /// Whose record it is.
    pub owner: Name,
    /// How long it may be cached, as said in this message.
    pub ttl: Ttl,
    /// Its type and data.
    pub rdata: Rdata,
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} IN {} {}", self.owner, self.ttl, self.rdata.rtype(), self.rdata)
    }
}

/// All records of one owner and type in one section (RFC 2181 §5), with the smallest of their TTLs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RRset {
    /// Whose records they are.
    pub owner: Name,
    /// Their type.
    pub rtype: RecordType,
    /// The smallest TTL among them (RFC 2181 §5.2).
    pub ttl: Ttl,
    /// Their data, in the order heard.
    pub rdata: Vec<Rdata>,
}

impl RRset {
    /// Gathers the RRset of `owner` and `rtype` from a section; none when no record matches.
    #[must_use]
    pub fn gather(section: &[Record], owner: &Name, rtype: RecordType) -> Option<Self> {
        let matching = || section.iter().filter(|r| r.owner == *owner && r.rdata.rtype() == rtype);
        let ttl = matching().map(|r| r.ttl).min()?;
        let rdata = matching().map(|r| r.rdata.clone()).collect();
        Some(Self { owner: owner.clone(), rtype, ttl, rdata })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_the_wire_is_shown_escaped() {
        let txt = Rdata::Txt(vec![b"a\"b".to_vec(), b"\x1b[2J".to_vec()]);
        assert_eq!(txt.to_string(), "\"a\\\"b\" \"\\\\u{1b}[2J\"");
        assert_eq!(Rdata::Other(RecordType(65280), vec![1, 255]).to_string(), "\\# 2 01ff");
    }

    #[test]
    fn an_rrset_has_the_smallest_ttl_of_its_records() {
        let owner: Name = "example.".parse().unwrap();
        let record = |ttl, last| Record {
            owner: owner.clone(),
            ttl: Ttl::from_wire(ttl),
            rdata: Rdata::A(Ipv4Addr::new(192, 0, 2, last)),
        };
        let set = RRset::gather(&[record(300, 1), record(60, 2)], &owner, RecordType::A).unwrap();
        assert_eq!((set.ttl.as_secs(), set.rdata.len()), (60, 2));
        assert_eq!(RRset::gather(&[], &owner, RecordType::A), None);
    }
}
