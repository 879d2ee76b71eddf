//! An address to send DNS queries to, as people and files write it. Looks nothing up.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use thiserror::Error;

use crate::dns::shown;

/// Port of DNS over UDP and TCP (RFC 1035 §4.2).
pub const DNS_PORT: u16 = 53;

/// Why a text or an address cannot be asked.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AddressError {
    /// Neither an address nor an address with a port. Host names are not looked up here.
    #[error("\"{}\" is no address: write 192.0.2.1, 192.0.2.1:5353, ::1 or [::1]:5353", shown::text(.0))]
    NotAnAddress(String),
    /// `0.0.0.0` or `::`: no host has it.
    #[error("{0} is the unspecified address, which no host has")]
    Unspecified(IpAddr),
    /// Multicast or broadcast: not one host.
    #[error("{0} is a multicast or broadcast address, which is not one host")]
    NotOneHost(IpAddr),
    /// An IPv4 address in IPv6 clothes: it would be asked twice under two names.
    #[error("{0} is an IPv4 address: write it as {1}")]
    Mapped(IpAddr, Ipv4Addr),
    /// Port 0 cannot be sent to.
    #[error("port 0 cannot be asked")]
    PortZero,
}

/// Reads `ADDRESS` or `ADDRESS:PORT`; IPv6 with a port, or on request without, stands in brackets. The port is
/// [`DNS_PORT`] where none is given.
///
/// Loopback and private addresses are allowed: people run their own resolvers.
///
/// # Errors
/// A text that is no address; an unspecified, multicast, broadcast or IPv4-mapped address; port 0.
pub fn read_address(text: &str) -> Result<SocketAddr, AddressError> {
    let text = text.trim();
    let bracketed = || text.strip_prefix('[')?.strip_suffix(']')?.parse::<Ipv6Addr>().ok().map(IpAddr::from);
    let bare = || text.parse::<IpAddr>().ok().or_else(bracketed).map(|ip| SocketAddr::new(ip, DNS_PORT));
    let address = bare().or_else(|| text.parse().ok()).ok_or_else(|| AddressError::NotAnAddress(text.to_owned()))?;
    check_address(address)?;
    Ok(address)
}

/// Whether one host can have the address and be asked there.
///
/// # Errors
/// Unspecified, multicast, broadcast and IPv4-mapped addresses, and port 0.
pub(super) fn check_address(address: SocketAddr) -> Result<(), AddressError> {
    let ip = address.ip();
    if ip.is_unspecified() {
        return Err(AddressError::Unspecified(ip));
    }
    if ip.is_multicast() || ip == IpAddr::V4(Ipv4Addr::BROADCAST) {
        return Err(AddressError::NotOneHost(ip));
    }
    if let IpAddr::V6(v6) = ip
        && let Some(v4) = v6.to_ipv4_mapped()
    {
        return Err(AddressError::Mapped(ip, v4));
    }
    if address.port() == 0 {
        return Err(AddressError::PortZero);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_usual_form_is_read() {
        for (text, expected) in [
            ("8.8.8.8", "8.8.8.8:53"),
            (" 127.0.0.1:5353 ", "127.0.0.1:5353"),
            ("::1", "[::1]:53"),
            ("[::1]", "[::1]:53"),
            ("[::1]:5353", "[::1]:5353"),
            ("192.168.1.1", "192.168.1.1:53"),
            ("fd00::53", "[fd00::53]:53"),
        ] {
            assert_eq!(read_address(text), Ok(expected.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn what_no_single_host_has_is_refused() {
        for text in ["", "dns.google", "8.8.8", "1.2.3.4:99999", "::1:x", "[8.8.8.8]", "https://1.1.1.1"] {
            assert!(matches!(read_address(text), Err(AddressError::NotAnAddress(_))), "{text}");
        }
        let any: IpAddr = "0.0.0.0".parse().unwrap();
        assert_eq!(read_address("0.0.0.0"), Err(AddressError::Unspecified(any)));
        assert!(matches!(read_address("[::]:53"), Err(AddressError::Unspecified(_))));
        for text in ["224.0.0.251", "ff02::fb", "255.255.255.255"] {
            assert!(matches!(read_address(text), Err(AddressError::NotOneHost(_))), "{text}");
        }
        assert!(matches!(read_address("::ffff:8.8.8.8"), Err(AddressError::Mapped(..))));
        assert_eq!(read_address("8.8.8.8:0"), Err(AddressError::PortZero));
    }
}
