//! As much of HTTP/1.1 (RFC 9112) as the pages of operators and registries need, on loopback: one request a connection, bounded in size, time and
//! number. What the pages do is not known here.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::{Held, flush_pages, registry_pages};

/// Largest request line and header fields together, in octets.
const LARGEST_HEAD: usize = 8 * 1024;
/// Largest body that is read.
const LARGEST_BODY: usize = 4 * 1024;
/// Connections at once.
const MOST_CONNECTIONS: usize = 16;
/// How long a request may take to arrive, and a reply to leave.
const PATIENCE: Duration = Duration::from_secs(5);

/// A request, as far as a page looks at it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Request {
    /// `GET`, `POST` or another word.
    pub method: String,
    /// The path without the query.
    pub path: String,
    /// The query without the question mark; empty without one.
    pub query: String,
    /// The body.
    pub body: String,
}

/// What a page answers.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Reply {
    /// The status.
    pub status: u16,
    /// The media type of the body.
    pub media: &'static str,
    /// The body.
    pub body: String,
}

/// Serves the pages until dropped; they begin at `base`.
pub(super) async fn serve(listener: TcpListener, held: Arc<Held>, base: String) {
    let free = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        let Ok(turn) = Arc::clone(&free).acquire_owned().await else { return };
        let Ok((stream, _)) = listener.accept().await else {
            sleep(Duration::from_millis(20)).await;
            continue;
        };
        let (held, base) = (Arc::clone(&held), base.clone());
        connections.spawn(async move {
            let _turn = turn;
            // Whatever goes wrong, the connection is closed, and that is all a client is owed.
            let _ = timeout(PATIENCE * 2, converse(stream, &held, &base)).await;
        });
    }
}

async fn converse(mut stream: TcpStream, held: &Held, base: &str) -> io::Result<()> {
    let Ok(read) = timeout(PATIENCE, read_request(&mut stream)).await else { return Ok(()) };
    if held.is_cut() {
        // With our network cut nothing comes back from out there.
        return Ok(());
    }
    let reply = match read? {
        Ok(request) => {
            registry_pages::answer(&request, held, base).unwrap_or_else(|| flush_pages::answer(&request, held))
        }
        Err(status) => Reply { status, media: "text/plain", body: format!("{status}\n") },
    };
    let reason = match reply.status {
        200 => "OK",
        404 => "Not Found",
        405 => "Method Not Allowed",
        413 => "Content Too Large",
        431 => "Request Header Fields Too Large",
        _ => "Bad Request",
    };
    let head = format!(
        "HTTP/1.1 {} {reason}\r\ncontent-type: {}; charset=utf-8\r\ncontent-length: {}\r\ncache-control: no-store\r\n\
         connection: close\r\n\r\n",
        reply.status,
        reply.media,
        reply.body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(reply.body.as_bytes()).await?;
    stream.shutdown().await
}

/// Reads one request; a status when it is none that can be served.
async fn read_request(stream: &mut TcpStream) -> io::Result<Result<Request, u16>> {
    let mut octets = Vec::new();
    let mut piece = [0; 2048];
    let end = loop {
        if let Some(end) = octets.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
        if octets.len() > LARGEST_HEAD {
            return Ok(Err(431));
        }
        let count = stream.read(&mut piece).await?;
        if count == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        octets.extend(piece.iter().take(count));
    };
    let head = octets.get(..end).map(String::from_utf8_lossy).unwrap_or_default().into_owned();
    let (mut request, length) = match read_head(&head) {
        Ok(read) => read,
        Err(status) => return Ok(Err(status)),
    };
    if length > LARGEST_BODY {
        return Ok(Err(413));
    }
    let mut body = octets.get(end + 4..).unwrap_or_default().to_vec();
    while body.len() < length {
        let count = stream.read(&mut piece).await?;
        if count == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        body.extend(piece.iter().take(count));
    }
    body.truncate(length);
    match String::from_utf8(body) {
        Ok(body) => request.body = body,
        Err(_) => return Ok(Err(400)),
    }
    Ok(Ok(request))
}

/// The request line and the length of the body.
fn read_head(head: &str) -> Result<(Request, usize), u16> {
    let mut lines = head.split("\r\n");
    let mut words = lines.next().unwrap_or_default().split(' ');
    let (Some(method), Some(target), Some(version), None) = (words.next(), words.next(), words.next(), words.next())
    else {
        return Err(400);
    };
    if !version.starts_with("HTTP/1.") || !target.starts_with('/') {
        return Err(400);
    }
    let mut length = 0;
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().map_err(|_| 400_u16)?;
        }
        if name.eq_ignore_ascii_case("transfer-encoding") {
            return Err(400);
        }
    }
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let request =
        Request { method: method.to_owned(), path: path.to_owned(), query: query.to_owned(), body: String::new() };
    Ok((request, length))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn heads_are_read_and_others_refused() {
        let (request, length) = read_head("POST /a?b=c HTTP/1.1\r\nHost: x\r\nContent-Length: 7").unwrap();
        assert_eq!((request.method.as_str(), request.path.as_str(), request.query.as_str()), ("POST", "/a", "b=c"));
        assert_eq!(length, 7);
        for bad in ["", "GET", "GET / HTTP/2", "GET http://x/ HTTP/1.1", "GET /  HTTP/1.1"] {
            assert_eq!(read_head(bad), Err(400), "{bad}");
        }
        assert_eq!(read_head("POST / HTTP/1.1\r\ncontent-length: -1"), Err(400));
        assert_eq!(read_head("POST / HTTP/1.1\r\ntransfer-encoding: chunked"), Err(400));
    }

    proptest! {
        #[test]
        fn nothing_upsets_it(head: String) {
            let _ = read_head(&head);
        }
    }
}
