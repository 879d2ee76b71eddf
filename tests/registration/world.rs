//! Registries on the loopback: HTTP/1.1 and WHOIS, well behaved or not. What a server does is told by the path, or by the name
//! asked for.

use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What a server does with one question.
#[derive(Clone)]
pub enum Does {
    /// Sends these octets and closes.
    Say(Vec<u8>),
    /// Sends these octets, then one octet again and again, slowly, without an end.
    Drip(Vec<u8>),
    /// Sends these octets again and again, as fast as they are taken, up to the given number.
    Flood(Vec<u8>, usize),
}

/// A server, what it does, and what it was asked.
pub struct Server {
    pub port: u16,
    pub seen: Arc<Mutex<Vec<String>>>,
    does: Arc<Mutex<HashMap<String, Does>>>,
}

impl Server {
    /// A server of HTTP: the key is the path.
    pub async fn http() -> Self {
        Self::start(true).await
    }

    /// A server of WHOIS: the key is the line asked.
    pub async fn whois() -> Self {
        Self::start(false).await
    }

    async fn start(http: bool) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (seen, does) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(HashMap::new())));
        let (record, acts) = (Arc::clone(&seen), Arc::clone(&does));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, http, Arc::clone(&record), Arc::clone(&acts)));
            }
        });
        Self { port, seen, does }
    }

    pub fn on(&self, key: &str, does: Does) {
        self.does.lock().unwrap().insert(key.to_owned(), does);
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    pub fn asked(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

async fn serve(
    mut stream: TcpStream,
    http: bool,
    seen: Arc<Mutex<Vec<String>>>,
    does: Arc<Mutex<HashMap<String, Does>>>,
) {
    let end: &[u8] = if http { b"\r\n\r\n" } else { b"\r\n" };
    let mut head = Vec::new();
    while !head.ends_with(end) {
        let Ok(octet) = stream.read_u8().await else { return };
        head.push(octet);
    }
    let text = String::from_utf8(head).unwrap();
    let key = if http { text.split(' ').nth(1).unwrap_or_default() } else { text.trim_end() }.to_owned();
    seen.lock().unwrap().push(text);
    let what = does.lock().unwrap().get(&key).cloned();
    let nothing = if http { reply("404 Not Found", "", "<html>no such page</html>") } else { b"hello\r\n".to_vec() };
    match what.unwrap_or(Does::Say(nothing)) {
        Does::Say(octets) => {
            let _ = stream.write_all(&octets).await;
            let _ = stream.shutdown().await;
        }
        Does::Drip(octets) => {
            let _ = stream.write_all(&octets).await;
            while stream.write_all(b" ").await.is_ok() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        Does::Flood(octets, total) => {
            let mut sent = 0;
            while sent < total && stream.write_all(&octets).await.is_ok() {
                sent += octets.len();
            }
        }
    }
}

/// A whole HTTP reply.
pub fn reply(status: &str, fields: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\n{fields}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}").into_bytes()
}

/// An RDAP answer.
pub fn rdap(body: &str) -> Does {
    Does::Say(reply("200 OK", "Content-Type: application/rdap+json\r\n", body))
}

/// A fixture as it stands.
pub fn fixture(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/fixtures/rdap-{name}.json"));
    std::fs::read_to_string(path).unwrap()
}

/// A fixture whose link to the registrar leads to `link`.
pub fn fixture_linked(name: &str, link: &str) -> String {
    let mut value: serde_json::Value = serde_json::from_str(&fixture(name)).unwrap();
    let links = value["links"].as_array_mut().unwrap();
    let related = links.iter_mut().find(|l| l["rel"] == "related").unwrap();
    related["href"] = link.into();
    value.to_string()
}
