//! A portfolio of any size with known troubles: its DNS as a function from a message to an answer (in memory, or behind UDP sockets on
//! the loopback), its registries by real HTTP on the loopback. One zone in fifty is in trouble, of nine kinds in turn; of the others one
//! in sixteen is signed.

use std::collections::{BTreeMap, HashMap};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use unpark::dns::Ds;
use unpark::observation::Transport;
use unpark::probe::{ExchangeError, ExchangePacket, Reply, wire};
use unpark::time::Timestamp;

const ROOT: [u8; 4] = [127, 99, 0, 1];
const TOP: [[u8; 4]; 2] = [[127, 99, 1, 1], [127, 99, 2, 1]];
const ALPHA: [u8; 4] = [127, 99, 10, 1];
const BETA: [u8; 4] = [127, 99, 20, 1];
const STRANGER: [u8; 4] = [127, 99, 30, 1];
/// Every address that is listened on.
pub const ADDRESSES: [[u8; 4]; 6] = [ROOT, TOP[0], TOP[1], ALPHA, BETA, STRANGER];

const HOSTS: [(&str, [u8; 4]); 6] = [
    ("a.nic-sim.net", TOP[0]),
    ("b.nic-sim.net", TOP[1]),
    ("ns1.alpha-dns.com", ALPHA),
    ("ns2.beta-dns.net", BETA),
    ("ns1.stranger.org", STRANGER),
    ("ns1.pendingrenewaldeletion.com", STRANGER),
];
/// The correct name servers.
pub const GOOD: [&str; 2] = ["ns1.alpha-dns.com", "ns2.beta-dns.net"];

/// What is wrong with a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trouble {
    Expired,
    RegistrarExpired,
    Parked,
    Strangers,
    Held,
    DsWithoutKey,
    DsOfAnotherKey,
    NoServerAnswers,
    ExpiryNear,
}

impl Trouble {
    pub const ALL: [Self; 9] = [
        Self::Expired,
        Self::RegistrarExpired,
        Self::Parked,
        Self::Strangers,
        Self::Held,
        Self::DsWithoutKey,
        Self::DsOfAnotherKey,
        Self::NoServerAnswers,
        Self::ExpiryNear,
    ];

    /// The code by which an audit has to find it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Expired => "EXPIRED",
            Self::RegistrarExpired => "REGISTRAR_EXPIRED",
            Self::Parked => "DELEGATION_PARKED",
            Self::Strangers => "DELEGATION_NOT_EXPECTED",
            Self::Held => "CLIENT_HOLD",
            Self::DsWithoutKey | Self::DsOfAnotherKey => "DS_WITHOUT_KEY",
            Self::NoServerAnswers => "NO_SERVER_ANSWERS",
            Self::ExpiryNear => "EXPIRY_NEAR",
        }
    }
}

/// The whole world.
pub struct World {
    zones: HashMap<String, Option<Trouble>>,
    now: Timestamp,
    /// DNS messages that came.
    pub messages: AtomicU64,
    /// Questions that registries and registrars got.
    pub questions: AtomicUsize,
    /// Where the registries listen.
    pub port: AtomicUsize,
    /// How long a registry takes.
    pub delay: Duration,
}

impl World {
    pub fn new(size: usize, now: Timestamp, delay: Duration) -> Arc<Self> {
        let zones = (0..size).map(|n| {
            let top = ["com", "net", "org"][n % 3];
            let trouble = (n % 50 == 7).then(|| Trouble::ALL[n / 50 % Trouble::ALL.len()]);
            (format!("zone{n:05}.{top}"), trouble)
        });
        Arc::new(Self {
            zones: zones.collect(),
            now,
            messages: AtomicU64::new(0),
            questions: AtomicUsize::new(0),
            port: AtomicUsize::new(0),
            delay,
        })
    }

    /// The zones with what is wrong with each.
    pub fn truth(&self) -> BTreeMap<String, Option<Trouble>> {
        self.zones.iter().map(|(zone, trouble)| (zone.clone(), *trouble)).collect()
    }

    /// The list, as a profile: who is right is said once for all.
    pub fn list(&self) -> String {
        let zones: Vec<String> = self.truth().into_keys().map(|zone| format!("  \"{zone}\",\n")).collect();
        format!("zones = [\n{}]\n\n[audit]\nexpect = [\"{}\", \"{}\"]\n", zones.concat(), GOOD[0], GOOD[1])
    }

    /// The table of RDAP servers.
    pub fn rdap_table(&self) -> String {
        let port = self.port.load(Ordering::Relaxed);
        let entry =
            |top: &str| format!("[[server]]\nurls = [\"http://127.0.0.1:{port}/{top}/\"]\ntlds = [\"{top}\"]\n");
        ["com", "net", "org"].map(entry).concat()
    }

    /// Root hints for a port.
    pub fn hints(port: u16) -> String {
        let address = IpAddr::from(ROOT);
        format!(". 3600000 NS a.root-sim.net.\na.root-sim.net. 3600000 A {address}#{port}\n")
    }

    /// The root server.
    pub fn root(port: u16) -> SocketAddr {
        (ROOT, port).into()
    }

    fn servers_of(trouble: Option<Trouble>) -> &'static [&'static str] {
        match trouble {
            Some(Trouble::Parked) => &["ns1.pendingrenewaldeletion.com"],
            Some(Trouble::Strangers) => &["ns1.stranger.org"],
            _ => &GOOD,
        }
    }

    /// The key that every zone serves.
    fn key() -> Vec<u8> {
        [&[1, 1, 3, 13][..], &[9; 64]].concat()
    }

    /// What the DS at a zone's parent says, where there is one.
    fn signer_of(zone: &str, trouble: Option<Trouble>) -> Option<Vec<u8>> {
        let right = Ds::of(&zone.parse().unwrap(), &Self::key(), 2).unwrap();
        let ds = match trouble {
            Some(Trouble::DsWithoutKey) => Ds { key_tag: right.key_tag ^ 1, ..right },
            Some(Trouble::DsOfAnotherKey) => Ds { digest: vec![7; 32], ..right },
            None if zone.bytes().map(usize::from).sum::<usize>() % 16 == 3 => right,
            _ => return None,
        };
        Some([&ds.key_tag.to_be_bytes()[..], &[ds.algorithm, ds.digest_type], &ds.digest].concat())
    }

    /// The answer of the server at `address`; none where it is silent.
    pub fn answer(&self, address: IpAddr, message: &[u8]) -> Option<Vec<u8>> {
        self.messages.fetch_add(1, Ordering::Relaxed);
        let question = wire::question(message)?;
        let (name, rtype) = read_question(question)?;
        let IpAddr::V4(address) = address else { return None };
        let out = match address.octets() {
            ROOT => Self::by_root(&name),
            a if TOP.contains(&a) => self.by_top(&name, rtype),
            // One of its servers refuses, the other is silent.
            BETA if self.trouble_above(&name) == Some(Trouble::NoServerAnswers) => return None,
            a => self.by_provider(a, &name, rtype),
        };
        Some(out.write(message, question))
    }

    fn trouble_above(&self, name: &str) -> Option<Trouble> {
        let labels: Vec<&str> = name.split('.').collect();
        self.zones.get(&labels[labels.len().saturating_sub(2)..].join(".")).copied().flatten()
    }

    fn by_root(name: &str) -> Out {
        match name.rsplit('.').next() {
            Some(top @ ("com" | "net" | "org")) => referral(top, &["a.nic-sim.net", "b.nic-sim.net"]),
            _ => Out::denial(".", 3),
        }
    }

    fn by_top(&self, name: &str, rtype: u16) -> Out {
        let labels: Vec<&str> = name.split('.').collect();
        let top = labels.last().copied().unwrap_or_default();
        if labels.len() == 1 {
            let mut out = Out::authority();
            out.answer.extend(["a.nic-sim.net", "b.nic-sim.net"].map(|ns| record(top, 2, &encode(ns))));
            return out;
        }
        let domain = labels[labels.len() - 2..].join(".");
        let own = HOSTS.iter().find(|(host, _)| host.ends_with(&domain));
        let Some(trouble) = self.zones.get(&domain).copied().or(own.map(|_| None)) else { return Out::denial(top, 3) };
        if trouble == Some(Trouble::Held) {
            return Out::denial(top, 3);
        }
        if rtype == 43 && name == domain {
            let Some(ds) = Self::signer_of(&domain, trouble) else { return Out::denial(top, 0) };
            let mut out = Out::authority();
            out.answer.push(record(&domain, 43, &ds));
            return out;
        }
        match own {
            Some((host, _)) if !self.zones.contains_key(&domain) => referral(&domain, &[host]),
            _ => referral(&domain, Self::servers_of(trouble)),
        }
    }

    fn by_provider(&self, address: [u8; 4], name: &str, rtype: u16) -> Out {
        if let Some((host, ip)) = HOSTS.iter().find(|(host, _)| *host == name) {
            let mut out = Out::authority();
            if rtype == 1 {
                out.answer.push(record(host, 1, ip));
            } else {
                return Out::denial(host.split_once('.').map_or(".", |(_, zone)| zone), 0);
            }
            return out;
        }
        let labels: Vec<&str> = name.split('.').collect();
        let zone = labels[labels.len().saturating_sub(2)..].join(".");
        let Some(trouble) = self.zones.get(&zone).copied() else { return Out::refusal() };
        let serves = match (address, trouble) {
            (STRANGER, Some(Trouble::Parked | Trouble::Strangers)) => true,
            (ALPHA | BETA, Some(Trouble::NoServerAnswers)) => false,
            (ALPHA | BETA, trouble) => Self::servers_of(trouble) == GOOD,
            _ => false,
        };
        if !serves {
            return Out::refusal();
        }
        let mut out = Out::authority();
        match (rtype, name == zone) {
            (2, true) => {
                let servers = Self::servers_of(trouble);
                out.answer.extend(servers.iter().map(|server| record(&zone, 2, &encode(server))));
            }
            (48, true) => {
                out.answer.push(record(&zone, 48, &Self::key()));
            }
            (15, true) => out.answer.push(record(&zone, 15, &[&[0, 10][..], &encode("mx.gamma-mail.com")].concat())),
            (1, _) => out.answer.push(record(name, 1, &[192, 0, 2, 10])),
            _ => return Out::denial(&zone, 0),
        }
        out
    }

    fn rdap(&self, path: &str) -> Option<String> {
        let registrar = path.starts_with("/registrar/");
        let zone = path.rsplit('/').next()?;
        let trouble = *self.zones.get(zone)?;
        let days = |days: i64| Timestamp::from_micros(self.now.as_micros() + days * 86_400_000_000).to_string();
        let ends = match (trouble, registrar) {
            (Some(Trouble::Expired), _) => days(-2),
            (Some(Trouble::RegistrarExpired), true) => days(-3),
            (Some(Trouble::ExpiryNear), _) => days(10),
            // No two alike, all far away.
            _ => days(200 + i64::try_from(zone.len() + usize::from(zone.as_bytes()[8]) * 7).unwrap()),
        };
        let status = if trouble == Some(Trouble::Held) { "client hold" } else { "client transfer prohibited" };
        let servers: Vec<String> =
            Self::servers_of(trouble).iter().map(|server| format!("{{\"ldhName\":\"{server}\"}}")).collect();
        let (number, name) = [("9995", "Example Registrar, Inc."), ("9996", "Other Registrar Ltd")][zone.len() % 2];
        let link = format!("http://127.0.0.1:{}/registrar/domain/{zone}", self.port.load(Ordering::Relaxed));
        Some(format!(
            r#"{{"objectClassName":"domain","ldhName":"{}","status":["{status}"],
               "events":[{{"eventAction":"registration","eventDate":"{}"}},{{"eventAction":"expiration","eventDate":"{ends}"}},
                         {{"eventAction":"last changed","eventDate":"{}"}}],
               "nameservers":[{}],"secureDNS":{{"delegationSigned":{}}},
               "entities":[{{"roles":["registrar"],"publicIds":[{{"type":"IANA Registrar ID","identifier":"{number}"}}],
                             "vcardArray":["vcard",[["fn",{{}},"text","{name}"]]]}}],
               "links":[{{"rel":"related","type":"application/rdap+json","href":"{link}"}}]}}"#,
            zone.to_uppercase(),
            days(-900),
            days(-120),
            servers.join(","),
            Self::signer_of(zone, trouble).is_some(),
        ))
    }

    /// Starts the registries and registrars.
    pub async fn serve_registries(self: &Arc<Self>) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        self.port.store(usize::from(listener.local_addr().unwrap().port()), Ordering::Relaxed);
        let world = Arc::clone(self);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(talk(stream, Arc::clone(&world)));
            }
        });
    }

    /// Starts the name servers behind UDP sockets, all on one port.
    pub async fn serve_dns(self: &Arc<Self>) -> u16 {
        loop {
            let first = UdpSocket::bind((Ipv4Addr::from(ROOT), 0)).await.unwrap();
            let port = first.local_addr().unwrap().port();
            let mut sockets = vec![first];
            for address in &ADDRESSES[1..] {
                if let Ok(socket) = UdpSocket::bind((Ipv4Addr::from(*address), port)).await {
                    sockets.push(socket);
                }
            }
            if sockets.len() < ADDRESSES.len() {
                continue;
            }
            for socket in sockets {
                let world = Arc::clone(self);
                tokio::spawn(async move {
                    let address = socket.local_addr().unwrap().ip();
                    let mut buffer = [0; 2048];
                    while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
                        if let Some(answer) = world.answer(address, &buffer[..length]) {
                            let _ = socket.send_to(&answer, from).await;
                        }
                    }
                });
            }
            return port;
        }
    }
}

/// One connection, kept open for more questions.
async fn talk(mut stream: TcpStream, world: Arc<World>) {
    let mut held = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        while let Some(end) = held.windows(4).position(|window| window == b"\r\n\r\n") {
            let head: Vec<u8> = held.drain(..end + 4).collect();
            let text = String::from_utf8_lossy(&head).into_owned();
            world.questions.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(world.delay).await;
            let body = world.rdap(text.split(' ').nth(1).unwrap_or_default());
            let (status, body) = body.map_or(("404 Not Found", String::new()), |body| ("200 OK", body));
            let reply = format!(
                "HTTP/1.1 {status}\r\nContent-Type: application/rdap+json\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            );
            if stream.write_all(reply.as_bytes()).await.is_err() {
                return;
            }
        }
        match stream.read(&mut buffer).await {
            Ok(length) if length > 0 => held.extend(&buffer[..length]),
            _ => return,
        }
    }
}

/// The DNS of a world in memory.
pub struct InMemory(pub Arc<World>);

impl ExchangePacket for InMemory {
    fn exchange<'a>(
        &'a self,
        to: SocketAddr,
        _: Transport,
        message: &'a [u8],
        wait: Duration,
    ) -> BoxFuture<'a, Result<Reply, ExchangeError>> {
        async move {
            if let Some(message) = self.0.answer(to.ip(), message) {
                return Ok(Reply { message, rtt: Duration::from_millis(1) });
            }
            tokio::time::sleep(wait).await;
            Err(ExchangeError::TimedOut)
        }
        .boxed()
    }

    fn dropped(&self) -> u64 {
        0
    }
}

/// A message in the making.
#[derive(Default)]
struct Out {
    aa: bool,
    rcode: u8,
    answer: Vec<Vec<u8>>,
    authority: Vec<Vec<u8>>,
    additional: Vec<Vec<u8>>,
}

impl Out {
    fn authority() -> Self {
        Self { aa: true, ..Self::default() }
    }

    fn refusal() -> Self {
        Self { rcode: 5, ..Self::default() }
    }

    /// With the SOA of `zone`.
    fn denial(zone: &str, rcode: u8) -> Self {
        let numbers: Vec<u8> = [1_u32, 3600, 600, 86_400, 300].iter().flat_map(|n| n.to_be_bytes()).collect();
        let soa = [encode("ns.sim"), encode("host.sim"), numbers].concat();
        Self { aa: true, rcode, authority: vec![record(zone, 6, &soa)], ..Self::default() }
    }

    fn write(&self, asked: &[u8], question: &[u8]) -> Vec<u8> {
        let count = |records: &Vec<Vec<u8>>| u16::try_from(records.len()).unwrap().to_be_bytes();
        let mut message = vec![asked[0], asked[1], 0x80 | (u8::from(self.aa) << 2), self.rcode, 0, 1];
        message.extend(count(&self.answer));
        message.extend(count(&self.authority));
        message.extend(count(&self.additional));
        message.extend(question);
        for records in [&self.answer, &self.authority, &self.additional] {
            message.extend(records.iter().flatten());
        }
        message
    }
}

fn referral(zone: &str, servers: &[&str]) -> Out {
    let address = |server: &&str| HOSTS.iter().find(|(host, _)| host == server).map(|(host, ip)| record(host, 1, ip));
    Out {
        authority: servers.iter().map(|server| record(zone, 2, &encode(server))).collect(),
        additional: servers.iter().filter_map(address).collect(),
        ..Out::default()
    }
}

fn record(owner: &str, rtype: u16, data: &[u8]) -> Vec<u8> {
    let mut out = encode(owner);
    out.extend(rtype.to_be_bytes());
    out.extend([0, 1, 0, 0, 14, 16]);
    out.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
    out.extend(data);
    out
}

fn encode(name: &str) -> Vec<u8> {
    let mut out = Vec::new();
    for label in name.split('.').filter(|label| !label.is_empty()) {
        out.push(u8::try_from(label.len()).unwrap());
        out.extend(label.as_bytes());
    }
    out.push(0);
    out
}

/// The name in lower case without its final dot, and the type.
fn read_question(question: &[u8]) -> Option<(String, u16)> {
    let (mut at, mut labels) = (0, Vec::new());
    while question[at] != 0 {
        let length = usize::from(question[at]);
        labels.push(String::from_utf8_lossy(&question[at + 1..=at + length]).to_lowercase());
        at += length + 1;
    }
    Some((labels.join("."), u16::from_be_bytes([*question.get(at + 1)?, *question.get(at + 2)?])))
}
