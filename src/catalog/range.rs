//! A range of addresses by prefix (CIDR, RFC 4632 §3.1 and RFC 4291 §2.3).

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use thiserror::Error;

/// Addresses that share their first bits: `192.0.2.0/24`, `2001:db8::/32`. No bit behind the prefix is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AddressRange {
    first: IpAddr,
    /// At most 32 or 128, by family.
    prefix: u8,
}

/// Why a text is no range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum RangeError {
    /// Not `ADDRESS/PREFIX`.
    #[error("not of the form ADDRESS/PREFIX")]
    Form,
    /// More bits than the family has.
    #[error("the prefix is longer than the address")]
    PrefixTooLong,
    /// Bits behind the prefix are set: a typing mistake in one of the two.
    #[error("the address has bits set behind the prefix")]
    HostBits,
}

impl AddressRange {
    /// Length of the prefix in bits: 0–32 for IPv4, 0–128 for IPv6.
    #[must_use]
    pub fn prefix(self) -> u8 {
        self.prefix
    }

    /// Whether the range is of IPv4 addresses.
    #[must_use]
    pub fn is_ipv4(self) -> bool {
        self.first.is_ipv4()
    }

    /// Whether the address lies in the range. An address of the other family does not.
    #[must_use]
    pub fn contains(self, address: IpAddr) -> bool {
        match (self.first, address) {
            (IpAddr::V4(first), IpAddr::V4(address)) => first == cut_ipv4(address, self.prefix),
            (IpAddr::V6(first), IpAddr::V6(address)) => first == cut_ipv6(address, self.prefix),
            _ => false,
        }
    }
}

/// The address with every bit behind the prefix cleared.
fn cut_ipv4(address: Ipv4Addr, prefix: u8) -> Ipv4Addr {
    let mask = u32::MAX.checked_shl(32_u32.saturating_sub(u32::from(prefix))).unwrap_or(0);
    Ipv4Addr::from_bits(address.to_bits() & mask)
}

/// The address with every bit behind the prefix cleared.
fn cut_ipv6(address: Ipv6Addr, prefix: u8) -> Ipv6Addr {
    let mask = u128::MAX.checked_shl(128_u32.saturating_sub(u32::from(prefix))).unwrap_or(0);
    Ipv6Addr::from_bits(address.to_bits() & mask)
}

impl FromStr for AddressRange {
    type Err = RangeError;

    fn from_str(text: &str) -> Result<Self, RangeError> {
        let (address, prefix) = text.split_once('/').ok_or(RangeError::Form)?;
        let address: IpAddr = address.parse().map_err(|_| RangeError::Form)?;
        if prefix.is_empty() || !prefix.bytes().all(|b| b.is_ascii_digit()) {
            return Err(RangeError::Form);
        }
        let longest = if address.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.parse::<u8>().ok().filter(|p| *p <= longest).ok_or(RangeError::PrefixTooLong)?;
        let first = match address {
            IpAddr::V4(v4) => IpAddr::V4(cut_ipv4(v4, prefix)),
            IpAddr::V6(v6) => IpAddr::V6(cut_ipv6(v6, prefix)),
        };
        if first == address { Ok(Self { first, prefix }) } else { Err(RangeError::HostBits) }
    }
}

impl fmt::Display for AddressRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}/{}", self.first, self.prefix))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(text: &str) -> AddressRange {
        text.parse().unwrap()
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn the_edges_of_a_range_belong_to_it_and_their_neighbours_do_not() {
        let four = range("185.53.176.0/22");
        assert!(four.contains(ip("185.53.176.0")) && four.contains(ip("185.53.179.255")));
        assert!(!four.contains(ip("185.53.175.255")) && !four.contains(ip("185.53.180.0")));
        let six = range("2a02:4780::/32");
        assert!(six.contains(ip("2a02:4780:ffff::1")) && !six.contains(ip("2a02:4781::")));
        assert!(!four.contains(ip("2a02:4780::1")) && !six.contains(ip("185.53.176.1")));
        assert!(range("0.0.0.0/0").contains(ip("255.255.255.255")) && range("::/0").contains(ip("::1")));
        assert!(range("192.0.2.7/32").contains(ip("192.0.2.7")) && !range("192.0.2.7/32").contains(ip("192.0.2.6")));
        assert!(range("2001:db8::7/128").contains(ip("2001:db8::7")));
    }

    #[test]
    fn mistakes_are_refused_by_kind() {
        for (text, why) in [
            ("192.0.2.0", RangeError::Form),
            ("192.0.2.0/", RangeError::Form),
            ("192.0.2.0/+8", RangeError::Form),
            ("x/8", RangeError::Form),
            ("192.0.2.0/33", RangeError::PrefixTooLong),
            ("192.0.2.0/999", RangeError::PrefixTooLong),
            ("::/129", RangeError::PrefixTooLong),
            ("192.0.2.1/24", RangeError::HostBits),
        ] {
            assert_eq!(text.parse::<AddressRange>(), Err(why), "{text}");
        }
        assert_eq!(range("10.0.0.0/8").to_string(), "10.0.0.0/8");
    }
}
