//! Who runs name servers, as far as their names and addresses tell, and in how few hands and places they are.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::origin::registrable;
use crate::dns::{Name, NsSet};

/// The provider behind a name server by its name: the registered label without a number at its end, so that `awsdns-01.com` and
/// `awsdns-02.net` are one. An estimate: names do not tell who owns what.
pub fn provider_of(server: &Name) -> Option<String> {
    let domain = registrable(server)?;
    let label = domain.labels().next()?.to_vec();
    let label = String::from_utf8(label).ok()?;
    let bare = label.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end_matches('-');
    Some(if bare.is_empty() { label } else { bare.to_owned() })
}

/// The providers of a set, each once.
pub fn providers(servers: &NsSet) -> BTreeSet<String> {
    servers.iter().filter_map(provider_of).collect()
}

/// The registrations that the servers' names lie in, each once; none when one of them lies in no known one.
pub fn domains(servers: &NsSet) -> Option<BTreeSet<Name>> {
    servers.iter().map(registrable).collect()
}

/// The block of addresses that is routed as one: /24 of IPv4, /48 of IPv6.
pub fn block_of(address: IpAddr) -> String {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        IpAddr::V6(v6) => {
            let [a, b, c, ..] = v6.segments();
            format!("{a:x}:{b:x}:{c:x}::/48")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbered_domains_of_one_provider_are_one() {
        let set: NsSet = ["ns-1.awsdns-01.com", "ns-2.awsdns-22.net", "ns-3.awsdns-33.co.uk"]
            .map(|n| n.parse().unwrap())
            .into_iter()
            .collect();
        assert_eq!(providers(&set).into_iter().collect::<Vec<_>>(), ["awsdns"]);
        assert_eq!(domains(&set).unwrap().len(), 3);
        assert_eq!(provider_of(&"ns1.123.com".parse().unwrap()).as_deref(), Some("123"));
    }

    #[test]
    fn blocks_are_those_that_are_routed() {
        assert_eq!(block_of("192.0.2.77".parse().unwrap()), "192.0.2.0/24");
        assert_eq!(block_of("2001:db8:1:2::3".parse().unwrap()), "2001:db8:1::/48");
    }
}
