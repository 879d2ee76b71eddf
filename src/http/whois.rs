//! Asks WHOIS servers (RFC 3912): one line out, text until the connection closes, within bounds of time and size. Where to ask is
//! told by IANA's server, or by the one that the operator names. What a text means is `registration`'s.

use std::collections::HashMap;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::dns::{Name, shown};
use crate::registration::{Outcome, WhoisAnswer, read_referral, read_whois};

use super::bootstrap::{LookUpHost, addresses};
use super::client::Limits;
use super::error::HttpError;

/// The port of WHOIS (RFC 3912 §2).
pub const WHOIS_PORT: u16 = 43;
/// How long one question may take, and how much is read of an answer.
pub const WHOIS_LIMITS: Limits =
    Limits { connect: Duration::from_secs(3), total: Duration::from_secs(10), body: 1024 * 1024 };
/// Most servers asked one after the other.
const MOST_REFERRALS: usize = 2;
/// Of so many top-level domains at most the server is remembered: more than there are.
const MOST_NAMED: usize = 4_096;

/// A WHOIS server: a host, by name or address, and a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WhoisServer {
    /// A name in A-labels without the final dot, or an address.
    host: String,
    port: u16,
}

impl WhoisServer {
    /// IANA's server, which knows whom to ask for each top-level domain.
    #[must_use]
    pub fn iana() -> Self {
        Self { host: "whois.iana.org".to_owned(), port: WHOIS_PORT }
    }

    fn address(&self) -> Option<IpAddr> {
        self.host.parse().ok()
    }

    fn is_loopback(&self) -> bool {
        self.host == "localhost" || self.address().is_some_and(|ip| ip.is_loopback())
    }
}

impl FromStr for WhoisServer {
    type Err = HttpError;

    /// Reads `host:port`, `host`, `192.0.2.1:43` or `[2001:db8::1]:43`.
    fn from_str(text: &str) -> Result<Self, HttpError> {
        let text = text.trim();
        let refuse = |reason: &str| HttpError::BadServer { server: shown::text(text), reason: reason.to_owned() };
        if let Ok(address) = text.parse::<SocketAddr>() {
            return match address.port() {
                0 => Err(refuse("port 0 is no port")),
                port => Ok(Self { host: address.ip().to_string(), port }),
            };
        }
        if let Ok(ip) = text.trim_matches(['[', ']']).parse::<IpAddr>() {
            return Ok(Self { host: ip.to_string(), port: WHOIS_PORT });
        }
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) => {
                let port = port.parse::<u16>().ok().filter(|port| *port != 0);
                (host, port.ok_or_else(|| refuse("its port is no number from 1 to 65535"))?)
            }
            None => (text, WHOIS_PORT),
        };
        let name = Name::from_user(host).map_err(|e| refuse(&e.to_string()))?;
        if name.is_root() {
            return Err(refuse("it names no host"));
        }
        Ok(Self { host: name.without_dot(), port })
    }
}

impl fmt::Display for WhoisServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.address() {
            Some(IpAddr::V6(ip)) => write!(f, "[{ip}]:{}", self.port),
            _ => write!(f, "{}:{}", self.host, self.port),
        }
    }
}

/// Asks WHOIS servers.
#[derive(Clone)]
pub struct WhoisClient {
    look_up: LookUpHost,
    /// The operator's own server; none means that IANA's says whom to ask.
    own: Option<WhoisServer>,
    limits: Limits,
    /// Servers that IANA named, by top-level domain: it is asked once for each.
    named: Arc<Mutex<HashMap<Name, WhoisServer>>>,
}

/// What came of asking about one domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct WhoisReply {
    /// The server that gave the answer, or the last one tried.
    pub server: WhoisServer,
    pub outcome: Outcome,
    /// The text, decoded; empty when there is none.
    pub raw: String,
}

impl fmt::Debug for WhoisClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WhoisClient").field("own", &self.own).field("limits", &self.limits).finish_non_exhaustive()
    }
}

impl WhoisClient {
    /// A client that finds hosts by `look_up`. With `own` that server is asked about the domain; without it IANA's is asked
    /// about the top-level domain, and the server that it names about the domain.
    #[must_use]
    pub fn new(look_up: &LookUpHost, own: Option<WhoisServer>, limits: Limits) -> Self {
        Self { look_up: Arc::clone(look_up), own, limits, named: Arc::default() }
    }

    /// Asks about a domain, following referrals.
    pub(super) async fn ask(&self, domain: &Name) -> WhoisReply {
        let top = domain.labels().last().and_then(|label| Name::from_labels([label]).ok());
        let named = top.as_ref().and_then(|top| self.named().get(top).cloned());
        let (start, first) = match (&self.own, named, &top) {
            (Some(own), ..) => (own.clone(), domain.clone()),
            (None, Some(named), _) => (named, domain.clone()),
            (None, None, Some(top)) => (WhoisServer::iana(), top.clone()),
            (None, None, None) => (WhoisServer::iana(), domain.clone()),
        };
        let mut server = start.clone();
        let mut question = question(&server, &first);
        let mut referrals = 0;
        loop {
            let raw = match self.question(&server, &question).await {
                Ok(raw) => raw,
                Err(outcome) => return WhoisReply { server, outcome, raw: String::new() },
            };
            let next = read_referral(&raw).and_then(|to| {
                let port = to.port.unwrap_or(WHOIS_PORT);
                let next = WhoisServer { host: to.host, port };
                // Only a server on this machine may send us to this machine or to another port.
                let allowed = start.is_loopback() || (!next.is_loopback() && next.port == WHOIS_PORT);
                (allowed && next != server && referrals < MOST_REFERRALS).then_some(next)
            });
            if let Some(next) = next {
                if let Some(top) = top.as_ref().filter(|_| server == WhoisServer::iana()) {
                    let mut named = self.named();
                    if named.len() < MOST_NAMED {
                        named.insert(top.clone(), next.clone());
                    }
                }
                referrals += 1;
                server = next;
                question = self::question(&server, domain);
                continue;
            }
            let outcome = match read_whois(&raw, domain) {
                _ if server == WhoisServer::iana() => {
                    Outcome::Unreadable { reason: "IANA names no WHOIS server for this top-level domain".to_owned() }
                }
                WhoisAnswer::Found(registration) => Outcome::Found(registration),
                WhoisAnswer::NotFound => Outcome::NotFound,
                WhoisAnswer::Limited => Outcome::Limited { until: None },
                WhoisAnswer::Unreadable { reason } => Outcome::Unreadable { reason },
            };
            return WhoisReply { server, outcome, raw };
        }
    }

    /// Never held across an await.
    fn named(&self) -> MutexGuard<'_, HashMap<Name, WhoisServer>> {
        self.named.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends one line and reads until the server closes.
    async fn question(&self, server: &WhoisServer, line: &str) -> Result<String, Outcome> {
        let limit = self.limits.total;
        let asked = tokio::time::timeout(limit, async {
            let mut stream = self.connect(server).await?;
            let broke = |e: std::io::Error| Outcome::NoAnswer { reason: shown::text(&e.to_string()) };
            stream.write_all(line.as_bytes()).await.map_err(broke)?;
            let mut octets = Vec::new();
            let most = u64::try_from(self.limits.body).unwrap_or(u64::MAX).saturating_add(1);
            stream.take(most).read_to_end(&mut octets).await.map_err(broke)?;
            if octets.len() > self.limits.body {
                let reason = format!("the reply is longer than {} octets", self.limits.body);
                return Err(Outcome::Unreadable { reason });
            }
            Ok(decode(&octets))
        });
        asked.await.unwrap_or_else(|_| {
            Err(Outcome::NoAnswer { reason: format!("the reply did not end within {} s", limit.as_secs_f64()) })
        })
    }

    async fn connect(&self, server: &WhoisServer) -> Result<TcpStream, Outcome> {
        let found = match server.address() {
            Some(ip) => vec![ip],
            None => addresses(&server.host, &self.look_up).await.map_err(|reason| Outcome::NotSent { reason })?,
        };
        let mut last = "no address to try".to_owned();
        for ip in found {
            match tokio::time::timeout(self.limits.connect, TcpStream::connect((ip, server.port))).await {
                Ok(Ok(stream)) => return Ok(stream),
                Ok(Err(error)) => last = shown::text(&error.to_string()),
                Err(_) => last = format!("no connection within {} s", self.limits.connect.as_secs_f64()),
            }
        }
        Err(Outcome::NotSent { reason: format!("{server}: {last}") })
    }
}

/// The line to send: the name, with what some registries want around it for a readable answer.
fn question(server: &WhoisServer, domain: &Name) -> String {
    let name = domain.without_dot();
    match server.host.as_str() {
        // Without the suffix the labels come in Japanese.
        "whois.jprs.jp" => format!("{name}/e\r\n"),
        "whois.denic.de" => format!("-T dn,ace {name}\r\n"),
        "whois.dk-hostmaster.dk" | "whois.punktum.dk" => format!("--show-handles {name}\r\n"),
        _ => format!("{name}\r\n"),
    }
}

/// UTF-8 where it is, otherwise Latin-1, in which every octet is a character.
fn decode(octets: &[u8]) -> String {
    match std::str::from_utf8(octets) {
        Ok(text) => text.to_owned(),
        Err(_) => octets.iter().map(|octet| char::from(*octet)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_read_and_shown() {
        for (text, shown) in [
            ("whois.EU", "whois.eu:43"),
            ("whois.eu:4343", "whois.eu:4343"),
            ("127.0.0.1:4343", "127.0.0.1:4343"),
            ("192.0.2.1", "192.0.2.1:43"),
            ("[::1]:4343", "[::1]:4343"),
            ("::1", "[::1]:43"),
        ] {
            assert_eq!(text.parse::<WhoisServer>().unwrap().to_string(), shown);
        }
        for bad in ["", ".", "a b", "x:0", "x:99999", "x:y", "127.0.0.1:0", "whois://x", "x\u{1b}[2J"] {
            let error = bad.parse::<WhoisServer>().unwrap_err();
            assert!(error.hint().is_some() && error.to_string().chars().all(shown::is_plain), "{error}");
        }
    }

    #[test]
    fn octets_are_decoded() {
        assert_eq!(decode("Ärger".as_bytes()), "Ärger");
        assert_eq!(decode(b"\xc4rger"), "Ärger");
    }
}
