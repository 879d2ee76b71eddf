//! A loopback HTTP server in the place of Cloudflare's purge interface. It remembers what was asked of it.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use crate::wait::until;

/// What the real interface replies when it accepts a request.
const QUEUED: &str =
    r#"{"msg":"purge request queued. Please wait a few seconds and verify the request was successful"}"#;

/// Listens until the test's process ends.
pub struct FlushListener {
    url: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl FlushListener {
    /// Listens on a port the kernel chooses, accepts everything and does nothing.
    pub fn start() -> Self {
        Self::carrying_out(|_, _| ())
    }

    /// The same, and has `forget` carry out what was accepted: a name and a type, after the reply has gone out.
    pub fn carrying_out(forget: impl Fn(&str, &str) + Send + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a loopback port");
        let url = format!("http://{}", listener.local_addr().expect("a bound socket has an address"));
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // A client that breaks off is not this server's concern.
                if let Ok(Some((name, rtype))) = answer(&stream, &seen) {
                    drop(stream);
                    forget(&name, &rtype);
                }
            }
        });
        Self { url, requests }
    }

    /// The base URL, without a path.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The request lines so far ("POST /api/v1/purge?domain=… HTTP/1.1"), oldest first.
    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().expect("no holder of this lock panics").clone()
    }

    /// Waits until at least `count` requests have come.
    pub fn wait_for(&self, count: usize, limit: Duration) -> Vec<String> {
        until(&format!("{count} flush requests"), limit, || Some(self.requests()).filter(|seen| seen.len() >= count))
    }
}

/// Answers one request; the name and type it asks to forget.
fn answer(stream: &TcpStream, seen: &Mutex<Vec<String>>) -> std::io::Result<Option<(String, String)>> {
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let request = lines.next().transpose()?.unwrap_or_default();
    // The purge request has no body: its head ends it.
    while lines.next().transpose()?.is_some_and(|line| !line.is_empty()) {}
    let purged = request.split_whitespace().nth(1).and_then(|target| {
        let (name, rtype) = target.split_once("?domain=")?.1.split_once("&type=")?;
        Some((name.to_owned(), rtype.to_owned()))
    });
    seen.lock().expect("no holder of this lock panics").push(request);
    let length = QUEUED.len();
    write!(
        &mut &*stream,
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\
         Connection: close\r\n\r\n{QUEUED}"
    )?;
    Ok(purged)
}
