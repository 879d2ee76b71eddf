//! A small internet on loopback whose servers may say anything: root, top-level domain, the zone's server and a
//! resolver, one thread each for UDP and TCP, all on the same port of different addresses of 127.0.0.0/8.

use std::io::{Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// Types and codes of the wire (RFC 1035 §3.2.2, RFC 3596, RFC 6891).
pub const A: u16 = 1;
pub const NS: u16 = 2;
pub const CNAME: u16 = 5;
pub const SOA: u16 = 6;
pub const TXT: u16 = 16;
pub const OPT: u16 = 41;

/// Which server of the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Serves the root zone.
    Root,
    /// Serves `test.`, the parent.
    Parent,
    /// Serves `victim.test.`
    Authority,
    /// Answers for everything, from a cache.
    Resolver,
    /// Serves the parked zone: one address for every name there is.
    Parking,
}

impl Place {
    const ALL: [Self; 5] = [Self::Root, Self::Parent, Self::Authority, Self::Resolver, Self::Parking];

    /// Its last octet.
    const fn octet(self) -> u8 {
        match self {
            Self::Root => 1,
            Self::Parent => 2,
            Self::Authority => 3,
            Self::Resolver => 4,
            Self::Parking => 5,
        }
    }
}

/// What was asked.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Who is asked.
    pub place: Place,
    /// Whether over TCP.
    pub tcp: bool,
    /// The whole query.
    pub packet: Vec<u8>,
    /// The name, lower case, without the final dot.
    pub name: String,
    /// The type.
    pub rtype: u16,
    /// Where the question ends in the packet.
    end: usize,
}

impl Asked {
    /// Reads a query; none when it is no query.
    fn read(place: Place, tcp: bool, packet: &[u8]) -> Option<Self> {
        let (mut at, mut labels) = (12, Vec::new());
        loop {
            let length = usize::from(*packet.get(at)?);
            at += 1;
            if length == 0 {
                break;
            }
            labels.push(String::from_utf8_lossy(packet.get(at..at + length)?).to_lowercase());
            at += length;
        }
        let rtype = u16::from_be_bytes([*packet.get(at)?, *packet.get(at + 1)?]);
        Some(Self { place, tcp, packet: packet.to_vec(), name: labels.join("."), rtype, end: at + 4 })
    }

    /// Whether the name is this one or below it.
    pub fn is_at_or_below(&self, zone: &str) -> bool {
        self.name == zone || self.name.ends_with(&format!(".{zone}"))
    }
}

/// What a server does about a query.
#[derive(Debug, Clone)]
pub enum Deed {
    /// Answers with these octets.
    Say(Vec<u8>),
    /// Sends these octets from another port (UDP only).
    SayFromElsewhere(Vec<u8>),
    /// Over TCP: these octets as they are, without the length in front.
    SayRaw(Vec<u8>),
}

/// How a server behaves. It gets the query and the honest answer.
pub type Behaviour = Arc<dyn Fn(&Asked, Answer) -> Vec<Deed> + Send + Sync>;

/// An answer in the making.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    /// The second 16 bits of the header.
    pub flags: u16,
    /// Answer, authority, additional.
    pub sections: [Vec<Vec<u8>>; 3],
}

/// Flags: a response, authoritative.
pub const AA: u16 = 0x8400;
/// Flags: a response.
pub const QR: u16 = 0x8000;
/// Flags: a response from a resolver.
pub const RA: u16 = 0x8180;

impl Answer {
    /// An answer with nothing in it.
    pub fn new(flags: u16) -> Self {
        Self { flags, ..Self::default() }
    }

    /// With one more record in a section (0 answer, 1 authority, 2 additional).
    pub fn with(mut self, section: usize, record: Vec<u8>) -> Self {
        self.sections[section].push(record);
        self
    }

    /// As octets, to this question.
    pub fn octets(&self, asked: &Asked) -> Vec<u8> {
        let mut out = asked.packet[..2].to_vec();
        out.extend(self.flags.to_be_bytes());
        out.extend(1u16.to_be_bytes());
        for section in &self.sections {
            out.extend(u16::try_from(section.len()).unwrap_or(u16::MAX).to_be_bytes());
        }
        out.extend(&asked.packet[12..asked.end]);
        out.extend(self.sections.iter().flatten().flatten());
        out
    }

    /// The usual deed.
    pub fn say(&self, asked: &Asked) -> Vec<Deed> {
        vec![Deed::Say(self.octets(asked))]
    }
}

/// A name on the wire. `\NNN` in a label is an octet.
pub fn wire_name(name: &str) -> Vec<u8> {
    let mut out = Vec::new();
    for label in name.split('.').filter(|label| !label.is_empty()) {
        out.push(u8::try_from(label.len()).unwrap());
        out.extend(label.as_bytes());
    }
    out.push(0);
    out
}

/// A record.
pub fn record(name: &str, rtype: u16, ttl: u32, rdata: &[u8]) -> Vec<u8> {
    let mut out = wire_name(name);
    out.extend(rtype.to_be_bytes());
    out.extend(1u16.to_be_bytes());
    out.extend(ttl.to_be_bytes());
    out.extend(u16::try_from(rdata.len()).unwrap().to_be_bytes());
    out.extend(rdata);
    out
}

/// The EDNS record with options.
pub fn opt(options: &[(u16, &[u8])]) -> Vec<u8> {
    let rdata: Vec<u8> = options
        .iter()
        .flat_map(|(code, data)| {
            let length = u16::try_from(data.len()).unwrap();
            [&code.to_be_bytes()[..], &length.to_be_bytes(), data].concat()
        })
        .collect();
    let mut out = vec![0];
    out.extend(OPT.to_be_bytes());
    out.extend(1232u16.to_be_bytes());
    out.extend(0u32.to_be_bytes());
    out.extend(u16::try_from(rdata.len()).unwrap().to_be_bytes());
    out.extend(rdata);
    out
}

/// An SOA record of `zone` with these numbers (serial, refresh, retry, expire, minimum).
pub fn soa(zone: &str, mname: &str, numbers: [u32; 5], ttl: u32) -> Vec<u8> {
    let mut rdata = [wire_name(mname), wire_name("hostmaster.test")].concat();
    rdata.extend(numbers.iter().flat_map(|n| n.to_be_bytes()));
    record(zone, SOA, ttl, &rdata)
}

/// Usual numbers of an SOA record.
pub const NUMBERS: [u32; 5] = [1, 3600, 600, 86_400, 60];

/// The servers, running until dropped.
pub struct World {
    network: u8,
    port: u16,
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl World {
    /// Starts all servers. `network` is the third octet of their addresses: another one for each world.
    pub fn start(network: u8, behaviour: &Behaviour) -> Self {
        let (port, sockets) = bind(network);
        let stop = Arc::new(AtomicBool::new(false));
        let mut threads = Vec::new();
        for (place, udp, tcp) in sockets {
            let (stopped, behave) = (Arc::clone(&stop), Arc::clone(behaviour));
            threads.push(thread::spawn(move || serve_udp(place, network, &udp, &behave, &stopped)));
            let (stopped, behave) = (Arc::clone(&stop), Arc::clone(behaviour));
            threads.push(thread::spawn(move || serve_tcp(place, network, &tcp, &behave, &stopped)));
        }
        Self { network, port, stop, threads }
    }

    /// Where a server is.
    pub fn address(&self, place: Place) -> SocketAddr {
        SocketAddr::new(IpAddr::V4(ip(self.network, place)), self.port)
    }

    /// Root hints that lead here.
    pub fn hints(&self) -> String {
        format!(". 3600 IN NS a.root.\na.root. 3600 IN A {}#{}\n", self.address(Place::Root).ip(), self.port)
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

fn ip(network: u8, place: Place) -> Ipv4Addr {
    Ipv4Addr::new(127, 91, network, place.octet())
}

/// One port that is free on every address, for UDP and TCP.
fn bind(network: u8) -> (u16, Vec<(Place, UdpSocket, TcpListener)>) {
    for _ in 0..50 {
        let port = UdpSocket::bind((ip(network, Place::Root), 0)).unwrap().local_addr().unwrap().port();
        let bound: Result<Vec<_>, std::io::Error> = Place::ALL
            .into_iter()
            .map(|place| {
                let address = (ip(network, place), port);
                Ok((place, UdpSocket::bind(address)?, TcpListener::bind(address)?))
            })
            .collect();
        if let Ok(bound) = bound {
            return (port, bound);
        }
    }
    panic!("no port is free on all addresses");
}

/// How long a thread waits before it looks whether it is to end.
const GLANCE: Duration = Duration::from_millis(50);

fn serve_udp(place: Place, network: u8, socket: &UdpSocket, behave: &Behaviour, stop: &AtomicBool) {
    socket.set_read_timeout(Some(GLANCE)).unwrap();
    let elsewhere = UdpSocket::bind((ip(network, place), 0)).unwrap();
    let mut octets = [0; 4096];
    while !stop.load(Ordering::Relaxed) {
        let Ok((length, from)) = socket.recv_from(&mut octets) else { continue };
        let Some(asked) = Asked::read(place, false, &octets[..length]) else { continue };
        let honest = honest(&asked, network);
        for deed in behave(&asked, honest) {
            let _ = match deed {
                Deed::Say(octets) | Deed::SayRaw(octets) => socket.send_to(&octets, from),
                Deed::SayFromElsewhere(octets) => elsewhere.send_to(&octets, from),
            };
        }
    }
}

fn serve_tcp(place: Place, network: u8, listener: &TcpListener, behave: &Behaviour, stop: &AtomicBool) {
    listener.set_nonblocking(true).unwrap();
    while !stop.load(Ordering::Relaxed) {
        match listener.accept() {
            Ok((stream, _)) => converse(place, network, stream, behave),
            Err(_) => thread::sleep(GLANCE / 5),
        }
    }
}

/// One query over TCP, then the end of the connection.
fn converse(place: Place, network: u8, mut stream: TcpStream, behave: &Behaviour) {
    let _ = stream.set_nonblocking(false);
    let _ = stream.set_read_timeout(Some(Duration::from_secs(1)));
    let _ = stream.set_write_timeout(Some(Duration::from_secs(1)));
    let mut length = [0; 2];
    if stream.read_exact(&mut length).is_err() {
        return;
    }
    let mut packet = vec![0; usize::from(u16::from_be_bytes(length))];
    if stream.read_exact(&mut packet).is_err() {
        return;
    }
    let Some(asked) = Asked::read(place, true, &packet) else { return };
    for deed in behave(&asked, honest(&asked, network)) {
        let _ = match deed {
            Deed::SayRaw(octets) => stream.write_all(&octets),
            Deed::Say(octets) | Deed::SayFromElsewhere(octets) => {
                let length = u16::try_from(octets.len()).unwrap_or(u16::MAX);
                stream.write_all(&[&length.to_be_bytes()[..], &octets].concat())
            }
        };
    }
}

/// What an honest server would say. The zone is `victim.test`, served by `ns1.dns.test`; parked, `ns1.parked.test`.
fn honest(asked: &Asked, network: u8) -> Answer {
    match asked.place {
        Place::Root => Answer::new(QR)
            .with(1, record("test", NS, 3600, &wire_name("a.nic.test")))
            .with(2, record("a.nic.test", A, 3600, &ip(network, Place::Parent).octets())),
        Place::Parent if asked.is_at_or_below("victim.test") => delegation("ns1.dns.test"),
        Place::Parent => {
            let address =
                |place: Place| Answer::new(AA).with(0, record(&asked.name, A, 3600, &ip(network, place).octets()));
            match (asked.name.as_str(), asked.rtype) {
                ("a.nic.test", A) => address(Place::Parent),
                ("ns1.dns.test", A) => address(Place::Authority),
                ("ns1.parked.test", A) => address(Place::Parking),
                ("test", NS) => Answer::new(AA).with(0, record("test", NS, 3600, &wire_name("a.nic.test"))),
                _ => Answer::new(AA).with(1, soa("test", "a.nic.test", NUMBERS, 60)),
            }
        }
        Place::Authority => served(asked, AA, "ns1.dns.test"),
        Place::Resolver => served(asked, RA, "ns1.dns.test"),
        Place::Parking => {
            let own = ip(network, Place::Parking).octets();
            match asked.rtype {
                A => Answer::new(AA).with(0, record(&asked.name, A, 300, &own)),
                NS => Answer::new(AA).with(0, record("victim.test", NS, 300, &wire_name("ns1.parked.test"))),
                _ => Answer::new(AA).with(1, soa("victim.test", "ns1.parked.test", NUMBERS, 300)),
            }
        }
    }
}

/// The parent's referral of the zone to one name server.
pub fn delegation(server: &str) -> Answer {
    Answer::new(QR).with(1, record("victim.test", NS, 3600, &wire_name(server)))
}

/// The zone's content.
fn served(asked: &Asked, flags: u16, server: &str) -> Answer {
    let zone_soa = |ttl| soa("victim.test", server, NUMBERS, ttl);
    match (asked.name.as_str(), asked.rtype) {
        ("victim.test", NS) => Answer::new(flags).with(0, record("victim.test", NS, 3600, &wire_name(server))),
        ("victim.test", SOA) => Answer::new(flags).with(0, zone_soa(3600)),
        ("victim.test", A) => Answer::new(flags).with(0, record("victim.test", A, 300, &[192, 0, 2, 80])),
        ("victim.test" | "www.victim.test", _) => Answer::new(flags).with(1, zone_soa(60)),
        _ => Answer::new(flags | 3).with(1, zone_soa(60)),
    }
}
