//! Which of IPv4 and IPv6 this machine can use. May not send a packet.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

/// Which address families may be asked. Loopback addresses are always allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Families {
    /// IPv4 addresses.
    pub ipv4: bool,
    /// IPv6 addresses.
    pub ipv6: bool,
}

impl Families {
    /// IPv4 always (a machine without it should hear so), IPv6 where the machine has a route.
    #[must_use]
    pub fn of_this_machine() -> Self {
        Self { ipv4: true, ipv6: has_ipv6() }
    }

    /// Whether `address` may be asked.
    #[must_use]
    pub fn allow(self, address: SocketAddr) -> bool {
        address.ip().is_loopback() || if address.is_ipv4() { self.ipv4 } else { self.ipv6 }
    }
}

/// Whether this machine has a route to global IPv4 addresses. Nothing is sent: connecting a UDP socket only asks
/// the routing table.
#[must_use]
pub fn has_ipv4() -> bool {
    // a.root-servers.net, an address that is global for certain.
    has_route((Ipv4Addr::UNSPECIFIED, 0).into(), (Ipv4Addr::new(198, 41, 0, 4), 53).into())
}

/// Whether this machine has a route to global IPv6 addresses. Nothing is sent.
#[must_use]
pub fn has_ipv6() -> bool {
    let a_root = Ipv6Addr::new(0x2001, 0x503, 0xba3e, 0, 0, 0, 2, 0x30);
    has_route((Ipv6Addr::UNSPECIFIED, 0).into(), (a_root, 53).into())
}

fn has_route(from: SocketAddr, to: SocketAddr) -> bool {
    UdpSocket::bind(from).and_then(|socket| socket.connect(to)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_always_allowed() {
        let none = Families { ipv4: false, ipv6: false };
        assert!(none.allow("127.0.0.9:5300".parse().unwrap()) && none.allow("[::1]:53".parse().unwrap()));
        assert!(!none.allow("192.0.2.1:53".parse().unwrap()) && !none.allow("[2001:db8::1]:53".parse().unwrap()));
        let four = Families { ipv4: true, ipv6: false };
        assert!(four.allow("192.0.2.1:53".parse().unwrap()) && !four.allow("[2001:db8::1]:53".parse().unwrap()));
    }
}
