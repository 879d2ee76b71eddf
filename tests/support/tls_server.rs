//! An HTTPS server on this machine that behaves as told, with a certificate made for these tests. It remembers every request that
//! came through TLS, and counts the connections that did not get so far.

#![allow(dead_code, reason = "each test uses the part it needs")]

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// The root that signed both certificates, in PEM.
pub const ROOT: &[u8] = include_bytes!("../fixtures/flush-root.pem");
/// A certificate for one.one.one.one, cloudflare-dns.com, 1.1.1.1, flush.example and second.example, with its key.
pub const SERVER: &[u8] = include_bytes!("../fixtures/flush-server.pem");
/// One for stranger.example.
pub const STRANGER: &[u8] = include_bytes!("../fixtures/flush-stranger.pem");

/// What the server does with a request.
#[derive(Clone)]
pub enum Answer {
    /// Sends this and closes.
    Whole(Vec<u8>),
    /// Sends the first, then the second octet by octet, with this pause between them.
    Slow(Vec<u8>, Vec<u8>, Duration),
    /// Sends this and keeps the connection open without another word.
    Hang(Vec<u8>),
    /// Cuts the connection, without a farewell.
    Cut,
    /// Cuts it before the handshake is over.
    CutHandshake,
}

/// The server and what it has seen.
pub struct TlsServer {
    /// Where it listens.
    pub address: SocketAddr,
    seen: Arc<Mutex<Seen>>,
}

#[derive(Default)]
struct Seen {
    requests: Vec<String>,
    names: Vec<Option<String>>,
    connections: usize,
}

impl TlsServer {
    /// Listens at this address (port 0 for any) and gives the answers in turn, the last one again and again.
    pub fn start(at: SocketAddr, certificate: &[u8], answers: Vec<Answer>) -> Self {
        let listener = TcpListener::bind(at).expect("a free address on this machine");
        let address = listener.local_addr().expect("a bound socket has an address");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(certificate).collect();
        let key = PrivateKeyDer::from_pem_slice(certificate).expect("the fixture holds a key");
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("the provider speaks TLS")
            .with_no_client_auth()
            .with_single_cert(chain.expect("the fixture holds a certificate"), key)
            .expect("key and certificate belong together");
        let (config, seen) = (Arc::new(config), Arc::new(Mutex::new(Seen::default())));
        let noted = Arc::clone(&seen);
        thread::spawn(move || {
            for (turn, stream) in listener.incoming().flatten().enumerate() {
                let answer = answers[turn.min(answers.len() - 1)].clone();
                noted.lock().expect("no holder panics").connections += 1;
                let (config, noted) = (Arc::clone(&config), Arc::clone(&noted));
                // A client that breaks off is not this server's concern.
                thread::spawn(move || serve(stream, config, &answer, &noted));
            }
        });
        Self { address, seen }
    }

    /// The heads of the requests that came through TLS, oldest first.
    pub fn requests(&self) -> Vec<String> {
        self.seen.lock().expect("no holder panics").requests.clone()
    }

    /// The server name that came with each finished handshake (SNI).
    pub fn names(&self) -> Vec<Option<String>> {
        self.seen.lock().expect("no holder panics").names.clone()
    }

    /// How many connections there were, with or without a request.
    pub fn connections(&self) -> usize {
        self.seen.lock().expect("no holder panics").connections
    }
}

fn serve(stream: TcpStream, config: Arc<ServerConfig>, answer: &Answer, seen: &Mutex<Seen>) -> Option<()> {
    stream.set_read_timeout(Some(Duration::from_secs(20))).ok()?;
    if matches!(answer, Answer::CutHandshake) {
        return None;
    }
    let mut tls = StreamOwned::new(ServerConnection::new(config).ok()?, stream);
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut octet = [0];
        tls.read_exact(&mut octet).ok()?;
        head.extend(octet);
    }
    {
        let mut seen = seen.lock().expect("no holder panics");
        seen.names.push(tls.conn.server_name().map(str::to_owned));
        seen.requests.push(String::from_utf8_lossy(&head).into_owned());
    }
    match answer {
        Answer::Whole(octets) => {
            tls.write_all(octets).ok()?;
            tls.conn.send_close_notify();
            tls.flush().ok()
        }
        Answer::Slow(first, rest, pause) => {
            tls.write_all(first).ok()?;
            for octet in rest {
                tls.flush().ok()?;
                thread::sleep(*pause);
                tls.write_all(&[*octet]).ok()?;
            }
            tls.flush().ok()
        }
        Answer::Hang(octets) => {
            tls.write_all(octets).ok()?;
            tls.flush().ok()?;
            let _ = tls.read(&mut [0]);
            None
        }
        Answer::Cut | Answer::CutHandshake => None,
    }
}

/// A whole response.
pub fn response(status: &str, fields: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n{fields}\r\n{body}", body.len()).into_bytes()
}

/// A response as Cloudflare words them.
pub fn message(status: &str, text: &str) -> Vec<u8> {
    response(status, "Content-Type: application/json\r\n", &format!("{{\"msg\":{text:?}}}"))
}

/// What it says when it takes a request.
pub const QUEUED: &str = "purge request queued. Please wait a few seconds and verify the request was successful";
