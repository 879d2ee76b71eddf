//! The zones of the small internet, as zone-file text. Pure: no process, no file.
//!
//! ```text
//! .      a.rootlab                                 127.50.0.1
//! tld. com. infra.     a.nic.infra  b.nic.infra    127.50.1.1  127.50.1.2
//! shop.tld., parked    ns1 and ns2 of the parking  127.50.2.1  127.50.2.2
//! shop.tld., correct   ns1.good     ns2.good       127.50.3.1  127.50.3.2
//! resolvers (`resolvers`): Unbound 127.50.4.1, BIND 127.50.4.2, PowerDNS Recursor 127.50.4.3, Knot Resolver 127.50.4.4
//! ```

use std::net::Ipv4Addr;

/// The zone whose outage is played.
pub const ZONE: &str = "shop.tld.";

/// The root server.
pub const ROOT: Ipv4Addr = Ipv4Addr::new(127, 50, 0, 1);
/// The parent servers: both serve `tld.`, `com.` and `infra.`.
pub const PARENTS: [Ipv4Addr; 2] = [Ipv4Addr::new(127, 50, 1, 1), Ipv4Addr::new(127, 50, 1, 2)];
/// The parent servers' names.
pub const PARENT_NAMES: [&str; 2] = ["a.nic.infra.", "b.nic.infra."];
/// The parking provider's servers, one process.
pub const PARKING: [Ipv4Addr; 2] = [Ipv4Addr::new(127, 50, 2, 1), Ipv4Addr::new(127, 50, 2, 2)];
/// The correct servers, one process each.
pub const CORRECT: [Ipv4Addr; 2] = [Ipv4Addr::new(127, 50, 3, 1), Ipv4Addr::new(127, 50, 3, 2)];
/// The correct servers' names.
pub const CORRECT_NAMES: [&str; 2] = ["ns1.good.infra.", "ns2.good.infra."];

/// Where the parked zone sends its visitors (documentation range: nothing is there).
pub const PARKED_ADDRESS: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 66);
/// Where the service really is (documentation range).
pub const SERVICE_ADDRESS: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 77);

/// Found only in answers from the parked side, as [`crate::ask::side`] reads them.
pub const PARKED_MARKS: [&str; 3] = ["192.0.2.66", "parking.infra", "pendingrenewaldeletion.com"];
/// Found only in answers from the correct side.
pub const CORRECT_MARKS: [&str; 2] = ["198.51.100.77", "good.infra"];

/// Root hints for the resolvers and for the program, in the form IANA publishes.
pub const HINTS: &str = ".           3600000  NS  a.rootlab.\na.rootlab.  3600000  A   127.50.0.1\n";

/// Whose name servers the parked delegation names. Both live at [`PARKING`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parking {
    /// Names that mean nothing to anybody: only the operator can call them parked.
    Unheard,
    /// Names that the built-in fingerprints know.
    Known,
}

impl Parking {
    /// The NS names of the parked delegation.
    pub const fn names(self) -> [&'static str; 2] {
        match self {
            Self::Unheard => ["ns1.parking.infra.", "ns2.parking.infra."],
            Self::Known => ["ns1.pendingrenewaldeletion.com.", "ns2.pendingrenewaldeletion.com."],
        }
    }
}

/// What one parent server holds for [`ZONE`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delegation {
    /// To the parking provider's servers.
    Parked,
    /// To the correct servers.
    Correct,
    /// To the correct servers, with a DS although the zone is not signed.
    CorrectWithDs,
    /// None: the name does not exist.
    Absent,
}

/// Lifetimes that decide how long the outage lasts in caches, in seconds.
#[derive(Debug, Clone, Copy)]
pub struct Lifetimes {
    /// Of the delegation at the parent, and of the NS RRset in the parked and the correct zone.
    pub delegation: u32,
    /// Of addresses in the parked and the correct zone.
    pub address: u32,
}

/// The root zone.
pub fn root() -> String {
    let [a, b] = PARENT_NAMES;
    let [first, second] = PARENTS;
    let mut zone = String::from("$ORIGIN .\n. 86400 SOA a.rootlab. hostmaster.rootlab. 1 3600 600 86400 60\n");
    zone += &format!(". 86400 NS a.rootlab.\na.rootlab. 86400 A {ROOT}\n");
    for child in ["tld.", "com.", "infra."] {
        zone += &format!("{child} 86400 NS {a}\n{child} 86400 NS {b}\n");
    }
    zone + &format!("{a} 86400 A {first}\n{b} 86400 A {second}\n")
}

/// `infra.`: where the servers of everybody but the known parking provider have their names.
pub fn infra() -> String {
    let mut zone = parent_head("infra.", 1);
    for (name, address) in PARENT_NAMES.iter().zip(PARENTS) {
        zone += &format!("{name} 3600 A {address}\n");
    }
    for (name, address) in CORRECT_NAMES.iter().zip(CORRECT) {
        zone += &format!("{name} 3600 A {address}\n");
    }
    zone + &parking_hosts(Parking::Unheard) + &crate::rows::hosts()
}

/// `com.`: the delegation of the known parking provider, with glue.
pub fn com() -> String {
    let [first, second] = Parking::Known.names();
    let cut = format!("pendingrenewaldeletion 3600 NS {first}\npendingrenewaldeletion 3600 NS {second}\n");
    parent_head("com.", 1) + &cut + &parking_hosts(Parking::Known)
}

/// `tld.`, with what this server holds for [`ZONE`].
pub fn tld(delegation: Delegation, parking: Parking, lifetimes: Lifetimes, serial: u32) -> String {
    let names = match delegation {
        Delegation::Parked => parking.names(),
        Delegation::Correct | Delegation::CorrectWithDs => CORRECT_NAMES,
        Delegation::Absent => return parent_head("tld.", serial),
    };
    let ttl = lifetimes.delegation;
    let mut zone = parent_head("tld.", serial);
    for name in names {
        zone += &format!("{ZONE} {ttl} NS {name}\n");
    }
    if delegation == Delegation::CorrectWithDs {
        zone += &format!("{ZONE} {ttl} DS 12345 13 2 {}\n", "5A".repeat(32));
    }
    zone
}

/// [`ZONE`] as the parking provider serves it: every name exists and leads to the same address.
pub fn parked(parking: Parking, lifetimes: Lifetimes) -> String {
    let address = lifetimes.address;
    authoritative(parking.names(), lifetimes, 1)
        + &format!("@ {address} A {PARKED_ADDRESS}\n* {address} A {PARKED_ADDRESS}\n")
}

/// [`ZONE`] as it ought to be.
pub fn correct(lifetimes: Lifetimes) -> String {
    let address = lifetimes.address;
    authoritative(CORRECT_NAMES, lifetimes, 2026)
        + &format!("@ {address} A {SERVICE_ADDRESS}\nwww {address} A {SERVICE_ADDRESS}\n")
}

/// The known parking provider's own zone.
pub fn known_parking_provider() -> String {
    let [first, second] = Parking::Known.names();
    let head = format!("$ORIGIN pendingrenewaldeletion.com.\n@ 3600 SOA {first} hostmaster 1 3600 600 86400 60\n");
    head + &format!("@ 3600 NS {first}\n@ 3600 NS {second}\n") + &parking_hosts(Parking::Known)
}

fn parking_hosts(parking: Parking) -> String {
    let hosts = parking.names().into_iter().zip(PARKING);
    hosts.map(|(name, address)| format!("{name} 3600 A {address}\n")).collect()
}

fn parent_head(origin: &str, serial: u32) -> String {
    let [a, b] = PARENT_NAMES;
    let soa = format!("@ 3600 SOA {a} hostmaster.nic.infra. {serial} 3600 600 86400 60\n");
    format!("$ORIGIN {origin}\n{soa}@ 3600 NS {a}\n@ 3600 NS {b}\n")
}

fn authoritative(names: [&str; 2], lifetimes: Lifetimes, serial: u32) -> String {
    let [first, second] = names;
    let ttl = lifetimes.delegation;
    // A short negative lifetime: what lingers in these tests is the delegation, not "no such name".
    let soa = format!("@ 10 SOA {first} hostmaster.{second} {serial} 3600 600 86400 5\n");
    format!("$ORIGIN {ZONE}\n{soa}@ {ttl} NS {first}\n@ {ttl} NS {second}\n")
}
