//! A small portfolio by hand, with something of everything: for what people see, and for what only shows across zones.

use unpark::audit::input::{Format, read};
use unpark::audit::{Audit, DnsFacts, Facts, HostSaid, ParentSaid, ParentWord, Portfolio, ServerSaid, ServerWord};
use unpark::dns::Name;
use unpark::registration::{Answer, Hearing, Outcome, Source, read_rdap};
use unpark::time::Timestamp;

use crate::run::judge;

pub const NOW: &str = "2026-11-22T12:00:00Z";

const LIST: &str = r#"
[audit]
expect = ["ns1.alpha-dns.com", "ns2.beta-dns.net"]

[[zone]]
name = "shop.com"
product = "www"
status = "status.shop.com"
failover = "shop-spare.net"

[[zone]]
name = "mail-service.com"
status = "mail-service.statuspage.org"
failover = "mail-spare.net"

[[zone]]
name = "bücher.de"

[[zone]]
name = "old-campaign.com"

[[zone]]
name = "alpha-dns.com"
expect = []

[[zone]]
name = "unreached.org"

[[zone]]
name = "fine.com"

[[zone]]
name = "fine.com"

[[zone]]
name = "broken..com"
"#;

pub fn name(text: &str) -> Name {
    Name::from_user(text).unwrap()
}

pub fn now() -> Timestamp {
    NOW.parse().unwrap()
}

/// What a registry says: registrar, days until the end, locked or not.
pub fn hearing(domain: &str, registrar: (&str, &str), expires: &str, status: &str) -> Hearing {
    let domain = name(domain);
    let text = format!(
        r#"{{"ldhName":"{}","status":["{status}"],"events":[{{"eventAction":"expiration","eventDate":"{expires}T00:00:00Z"}}],
            "entities":[{{"roles":["registrar"],"publicIds":[{{"type":"IANA Registrar ID","identifier":"{}"}}],
            "vcardArray":["vcard",[["fn",{{}},"text","{}"]]]}}]}}"#,
        domain.without_dot(),
        registrar.0,
        registrar.1
    );
    let outcome = Outcome::Found(Box::new(read_rdap(&text).unwrap()));
    let answer = Answer {
        source: Source::RegistryRdap,
        server: "https://rdap.example/".to_owned(),
        domain: domain.clone(),
        heard: now(),
        outcome,
        raw: String::new(),
    };
    Hearing { zone: domain, answers: vec![answer], notes: Vec::new() }
}

/// A zone that is delegated to these servers, which all answer; hosts with their alias or address.
pub fn dns(zone: &str, servers: &[(&str, &str)], hosts: &[(&str, &str)], mail: &[&str]) -> DnsFacts {
    let set: unpark::dns::NsSet = servers.iter().map(|(server, _)| name(server)).collect();
    let mut facts = DnsFacts::nothing(now());
    facts.parent = name(zone).one_up();
    let parent =
        |last: u8| ParentSaid { address: ([192, 0, 2, last], 53).into(), said: ParentWord::Delegates(set.clone()) };
    facts.parents = vec![parent(1), parent(2)];
    facts.signers = Some(Vec::new());
    let server = |(server, address): &(&str, &str)| ServerSaid {
        name: name(server),
        address: format!("{address}:53").parse().unwrap(),
        said: ServerWord::Authority(set.clone()),
    };
    facts.servers = servers.iter().map(server).collect();
    facts.mail = Some(mail.iter().map(|host| name(host)).collect());
    facts.hosts = hosts
        .iter()
        .map(|(host, target)| {
            let address = target.parse().ok();
            let aliases = if address.is_some() { Vec::new() } else { vec![name(target)] };
            HostSaid { name: name(host), aliases, addresses: address.into_iter().collect(), answered: true }
        })
        .collect();
    facts
}

pub const ALPHA: (&str, &str) = ("ns1.alpha-dns.com", "198.51.100.1");
pub const BETA: (&str, &str) = ("ns2.beta-dns.net", "203.0.113.1");
pub const ONE: (&str, &str) = ("9995", "Example Registrar, Inc.");
pub const TWO: (&str, &str) = ("9996", "Other Registrar Ltd");

pub fn list() -> Portfolio {
    read(LIST, Format::Toml)
}

pub fn facts() -> Facts {
    let mut facts = Facts::default();
    let good = [ALPHA, BETA];
    let mut add = |zone: &str, told: DnsFacts| drop(facts.dns.insert(name(zone), told));
    let shop =
        [("shop.com", "192.0.2.10"), ("www.shop.com", "shop.cdn-host.net"), ("status.shop.com", "shop.cdn-host.net")];
    add("shop.com", dns("shop.com", &good, &shop, &["mx.mail-service.com"]));
    let apex = [("mail-service.com", "192.0.2.20"), ("www.mail-service.com", "192.0.2.20")];
    add("mail-service.com", dns("mail-service.com", &good, &apex, &["mx.mail-service.com"]));
    let mut signed = dns("bücher.de", &good, &[], &[]);
    signed.signers = Some(vec![(31415, 13)]);
    signed.keys = Some(vec![(2718, 13)]);
    add("bücher.de", signed);
    let parking =
        [("ns1.pendingrenewaldeletion.com", "208.91.197.132"), ("ns2.pendingrenewaldeletion.com", "208.91.197.133")];
    add("old-campaign.com", dns("old-campaign.com", &parking, &[], &[]));
    let own = [ALPHA, ("ns2.alpha-dns.com", "198.51.100.2")];
    add("alpha-dns.com", dns("alpha-dns.com", &own, &[], &[]));
    let mut lost = DnsFacts::nothing(now());
    lost.failure = Some("no server of org. answered".to_owned());
    add("unreached.org", lost);
    add("fine.com", dns("fine.com", &good, &[("fine.com", "192.0.2.30")], &[]));
    add(
        "statuspage.org",
        dns(
            "statuspage.org",
            &[("ns1.gamma.io", "192.0.2.99"), ("ns2.delta.io", "203.0.113.99")],
            &[("statuspage.org", "233.252.0.1"), ("mail-service.statuspage.org", "233.252.0.1")],
            &[],
        ),
    );
    add("shop-spare.net", dns("shop-spare.net", &good, &[("shop-spare.net", "192.0.2.11")], &[]));
    add(
        "mail-spare.net",
        dns(
            "mail-spare.net",
            &[("ns1.gamma.io", "192.0.2.99"), ("ns2.delta.io", "203.0.113.99")],
            &[("mail-spare.net", "233.252.0.7")],
            &[],
        ),
    );
    let lock = "client transfer prohibited";
    for told in [
        hearing("shop.com", ONE, "2027-06-30", lock),
        hearing("mail-service.com", ONE, "2026-12-01", lock),
        hearing("bücher.de", TWO, "2027-02-01", lock),
        hearing("old-campaign.com", TWO, "2026-11-12", "active"),
        hearing("alpha-dns.com", ONE, "2027-03-01", "active"),
        hearing("fine.com", ONE, "2028-01-15", lock),
        hearing("statuspage.org", TWO, "2027-09-09", lock),
        hearing("shop-spare.net", ONE, "2026-11-25", lock),
        hearing("mail-spare.net", TWO, "2027-11-25", lock),
    ] {
        facts.registrations.insert(told.zone.clone(), told);
    }
    facts
}

pub fn audit() -> Audit {
    judge(&list(), &facts(), now())
}
