//! Addresses of hosts without the machine's resolver: pinned ones first, then a look-up that is handed in.
//!
//! In an incident the local resolver may be the very thing that is broken, so `getaddrinfo` is never called. A pinned
//! address proves nothing by itself: the certificate still has to match the host name.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use futures::future::BoxFuture;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::dns::shown;

/// The day on which the pinned addresses were written down.
pub const PINNED_ON: &str = "2026-11-22";

/// Hosts whose addresses are known, IPv4 first.
const PINNED: &[(&str, &[IpAddr])] = &[
    (
        "one.one.one.one",
        &[
            v4(1, 1, 1, 1),
            v4(1, 0, 0, 1),
            v6([0x2606, 0x4700, 0x4700, 0, 0, 0, 0, 0x1111]),
            v6([0x2606, 0x4700, 0x4700, 0, 0, 0, 0, 0x1001]),
        ],
    ),
    ("cloudflare-dns.com", &[v4(104, 16, 248, 249), v4(104, 16, 249, 249)]),
    (
        "dns.google",
        &[
            v4(8, 8, 8, 8),
            v4(8, 8, 4, 4),
            v6([0x2001, 0x4860, 0x4860, 0, 0, 0, 0, 0x8888]),
            v6([0x2001, 0x4860, 0x4860, 0, 0, 0, 0, 0x8844]),
        ],
    ),
    ("localhost", &[IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)]),
];

/// Most addresses of one host that are tried.
const MOST_ADDRESSES: usize = 8;

/// Finds the addresses of a host (lower case, without the final dot), or says in words why not.
pub type LookUpHost = Arc<dyn Fn(String) -> BoxFuture<'static, Result<Vec<IpAddr>, String>> + Send + Sync>;

/// A look-up that knows no host: only pinned hosts and addresses can be reached.
#[must_use]
pub fn no_look_up() -> LookUpHost {
    Arc::new(|_| Box::pin(async { Err("there is no way to look it up here".to_owned()) }))
}

/// The resolver given to the HTTP library.
#[derive(Clone)]
pub(super) struct Bootstrap(pub LookUpHost);

impl Resolve for Bootstrap {
    fn resolve(&self, name: Name) -> Resolving {
        let look_up = Arc::clone(&self.0);
        Box::pin(async move {
            let addresses = addresses(name.as_str(), &look_up).await?;
            // Port 0 stands for the port of the address asked for.
            Ok(Box::new(addresses.into_iter().map(|ip| SocketAddr::new(ip, 0))) as Addrs)
        })
    }
}

/// The addresses of a host: pinned, or looked up and freed of those that are no single host's.
pub(super) async fn addresses(host: &str, look_up: &LookUpHost) -> Result<Vec<IpAddr>, String> {
    let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    if let Some((_, pinned)) = PINNED.iter().find(|(name, _)| *name == host) {
        return Ok(pinned.to_vec());
    }
    let shown_host = shown::text(&host);
    let mut found = look_up(host).await.map_err(|e| format!("no address for {shown_host}: {}", shown::text(&e)))?;
    found.retain(|ip| !ip.is_unspecified() && !ip.is_multicast());
    found.truncate(MOST_ADDRESSES);
    if found.is_empty() { Err(format!("{shown_host} has no usable address")) } else { Ok(found) }
}

/// An IPv4 address in a constant.
const fn v4(a: u8, b: u8, c: u8, d: u8) -> IpAddr {
    IpAddr::V4(Ipv4Addr::new(a, b, c, d))
}

/// An IPv6 address in a constant.
const fn v6(groups: [u16; 8]) -> IpAddr {
    let [a, b, c, d, e, f, g, h] = groups;
    IpAddr::V6(Ipv6Addr::new(a, b, c, d, e, f, g, h))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn pinned_hosts_need_no_look_up() {
        let never: LookUpHost = Arc::new(|host| panic!("{host} was looked up"));
        for (host, first) in [("one.one.one.one", "1.1.1.1"), ("DNS.Google.", "8.8.8.8"), ("localhost", "127.0.0.1")] {
            let found = addresses(host, &never).await.unwrap();
            assert_eq!(found[0].to_string(), first);
        }
        assert_eq!(addresses("one.one.one.one", &never).await.unwrap()[2].to_string(), "2606:4700:4700::1111");
    }

    #[tokio::test]
    async fn other_hosts_are_looked_up_and_the_answer_is_bounded() {
        let look_up: LookUpHost = Arc::new(|host| {
            Box::pin(async move {
                assert_eq!(host, "rdap.example");
                let many = (1..=40).map(|n| v4(192, 0, 2, n));
                Ok([v4(0, 0, 0, 0), v4(224, 0, 0, 1)].into_iter().chain(many).collect())
            })
        });
        let found = addresses("RDAP.example.", &look_up).await.unwrap();
        assert_eq!((found.len(), found[0]), (MOST_ADDRESSES, v4(192, 0, 2, 1)));
    }

    #[tokio::test]
    async fn no_address_is_an_error_in_words() {
        let empty: LookUpHost = Arc::new(|_| Box::pin(async { Ok(Vec::new()) }));
        assert_eq!(addresses("a.example", &empty).await.unwrap_err(), "a.example has no usable address");
        let refusal = addresses("a.example", &no_look_up()).await.unwrap_err();
        assert!(refusal.starts_with("no address for a.example"), "{refusal}");
    }
}
