//! The flush sender against a local HTTPS endpoint that behaves as the real one is known to, and worse: the right outcome each time,
//! nothing sent twice unasked, and nothing to a server whose certificate is not its own. No packet leaves the machine.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

#[path = "support/tls_server.rs"]
mod tls_server;

use std::io::{Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use unpark::dns::RecordType;
use unpark::flush::{FlushOperator, FlushOutcome, FlushStep};
use unpark::http::{CloudflareSender, ExtraRoots, FlushBase, HttpClient, Limits, LookUpHost, ProxySettings};

use tls_server::{Answer, QUEUED, ROOT, SERVER, STRANGER, TlsServer, message, response};

const HERE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// Enough for a handshake on a busy machine, short enough for a server that hangs.
fn limits() -> Limits {
    Limits { connect: Duration::from_secs(10), total: Duration::from_millis(2500), body: 64 * 1024 }
}

/// Every host is here.
fn here(addresses: Vec<IpAddr>) -> LookUpHost {
    Arc::new(move |_| {
        let addresses = addresses.clone();
        Box::pin(async move { Ok(addresses) })
    })
}

fn client(limits: Limits) -> HttpClient {
    let roots = ExtraRoots::read(ROOT).unwrap();
    HttpClient::trusting(&here(vec![IpAddr::V4(Ipv4Addr::LOCALHOST)]), &ProxySettings::none(), limits, &roots).unwrap()
}

fn base(host: &str, server: &TlsServer) -> FlushBase {
    FlushBase::parse(&format!("https://{host}:{}", server.address.port())).unwrap()
}

/// A port at which nobody listens.
fn closed(host: &str) -> FlushBase {
    let port = TcpListener::bind(HERE).unwrap().local_addr().unwrap().port();
    FlushBase::parse(&format!("https://{host}:{port}")).unwrap()
}

fn step(rtype: RecordType) -> FlushStep {
    FlushStep { operator: FlushOperator::Cloudflare, name: "example.com.".parse().unwrap(), rtype }
}

async fn once(answer: Answer, limits: Limits) -> (FlushOutcome, TlsServer) {
    let server = TlsServer::start(HERE, SERVER, vec![answer]);
    let sender = CloudflareSender::new(base("flush.example", &server), client(limits));
    let outcome = sender.send(&step(RecordType::NS)).await;
    (outcome, server)
}

#[tokio::test]
async fn every_reply_comes_to_its_outcome_and_every_request_is_sent_once() {
    let whole = |octets| Answer::Whole(octets);
    let chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let huge: Vec<u8> = chunked
        .iter()
        .copied()
        .chain((0..300).flat_map(|_| [b"400\r\n", &[b' '; 1024][..], b"\r\n"].concat()))
        .collect();
    let started = b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n".to_vec();
    let queued = format!("{{\"msg\":{QUEUED:?}}}");
    for (answer, word, told) in [
        (whole(message("200 OK", QUEUED)), "sent", ""),
        (whole(message("200 OK", "all is well")), "refused", "all is well (HTTP 200)"),
        (whole(message("400 Bad Request", "parameter \"domain\" is required")), "refused", "the name did not arrive"),
        (whole(message("400 Bad Request", "unsupported RRType")), "refused", "this type cannot be flushed"),
        (
            whole(message("400 Bad Request", "refreshed domain must be below a top level domain")),
            "refused",
            "only names below a top-level domain",
        ),
        (
            whole(message("400 Bad Request", "wildcard purge is not supported")),
            "refused",
            "a wildcard cannot be flushed",
        ),
        (whole(response("403 Forbidden", "", "<html>blocked</html>")), "refused", "forbidden (HTTP 403)"),
        (whole(response("429 Too Many Requests", "Retry-After: 120\r\n", "")), "refused", "again allowed: in 2 min"),
        (
            whole(response("429 Too Many Requests", "Retry-After: Sun, 22 Nov 2026 13:00:00 GMT\r\n", "")),
            "refused",
            "again allowed: Sun, 22 Nov 2026 13:00:00 GMT",
        ),
        (whole(response("500 Internal Server Error", "", "")), "refused", "HTTP 500"),
        (whole(response("502 Bad Gateway", "", "<html>")), "refused", "HTTP 502"),
        (whole(response("200 OK", "", "<html>queued</html>")), "unclear", "the reply is no JSON"),
        (whole(b"\x00\xff\x1b[2J garbage\r\n\r\n".to_vec()), "unclear", "no answer"),
        (Answer::Cut, "unclear", "no answer"),
        (Answer::Hang(Vec::new()), "unclear", "no answer: none within 2.5 s"),
        (Answer::Hang(started.clone()), "unclear", "did not end within 2.5 s"),
        (Answer::Slow(started, vec![b' '; 99], Duration::from_millis(200)), "unclear", "did not end within 2.5 s"),
        (
            Answer::Slow(
                format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", queued.len()).into_bytes(),
                queued.into_bytes(),
                Duration::from_millis(2),
            ),
            "sent",
            "",
        ),
        (Answer::Hang(huge), "unclear", "longer than 65536 octets"),
    ] {
        let (outcome, server) = once(answer, limits()).await;
        assert_eq!(outcome.word(), word, "{outcome}, where {told:?} was awaited");
        assert!(outcome.to_string().contains(told), "{outcome}, where {told:?} was awaited");
        let requests = server.requests();
        assert_eq!(requests.len(), 1, "sent once: {outcome}");
        assert!(
            requests[0].starts_with("POST /api/v1/purge?domain=example.com&type=NS HTTP/1.1\r\n"),
            "{}",
            requests[0]
        );
        assert_eq!(server.names(), [Some("flush.example".to_owned())], "the host's own name goes along");
    }
}

#[tokio::test]
async fn nothing_is_sent_to_a_server_whose_certificate_is_not_its_own() {
    for (certificate, roots, told) in [
        (STRANGER, ExtraRoots::read(ROOT).unwrap(), "not valid for name"),
        (SERVER, ExtraRoots::none(), "UnknownIssuer"),
    ] {
        let server = TlsServer::start(HERE, certificate, vec![Answer::Whole(message("200 OK", QUEUED))]);
        let look_up = here(vec![IpAddr::V4(Ipv4Addr::LOCALHOST)]);
        let client = HttpClient::trusting(&look_up, &ProxySettings::none(), limits(), &roots).unwrap();
        let sender = CloudflareSender::new(base("flush.example", &server), client).with_back_off(&[]);
        let outcome = sender.send(&step(RecordType::NS)).await;
        assert_eq!(outcome.word(), "not sent", "{outcome}");
        assert!(outcome.to_string().contains(told), "{outcome}");
        assert!(server.connections() > 0 && server.requests().is_empty());
    }
}

#[tokio::test]
async fn another_host_is_fallen_back_to_only_where_nothing_was_sent() {
    let good = || Answer::Whole(message("200 OK", QUEUED));
    // A host that takes no connection, and one with another's certificate: the next is asked.
    let stranger = TlsServer::start(HERE, STRANGER, vec![good()]);
    let second = TlsServer::start(HERE, SERVER, vec![good()]);
    let bases = closed("flush.example").or(base("flush.example", &stranger)).or(base("second.example", &second));
    let outcome = CloudflareSender::new(bases, client(limits())).send(&step(RecordType::NS)).await;
    assert_eq!(outcome.word(), "sent", "{outcome}");
    assert!(stranger.requests().is_empty());
    assert_eq!((second.requests().len(), second.names()), (1, vec![Some("second.example".to_owned())]));
    // A host that took the request, whatever it answered, was asked: the next one is not.
    for answer in [Answer::Cut, Answer::Hang(Vec::new()), Answer::Whole(response("500 Oops", "", ""))] {
        let (first, other) =
            (TlsServer::start(HERE, SERVER, vec![answer]), TlsServer::start(HERE, SERVER, vec![good()]));
        let bases = base("flush.example", &first).or(base("second.example", &other));
        let outcome = CloudflareSender::new(bases, client(limits())).send(&step(RecordType::NS)).await;
        assert_ne!(outcome.word(), "sent", "{outcome}");
        assert_eq!((first.requests().len(), other.connections()), (1, 0), "{outcome}");
    }
}

#[tokio::test]
async fn what_could_not_leave_is_tried_again_after_a_pause_and_then_sent_once() {
    let answers = vec![Answer::CutHandshake, Answer::CutHandshake, Answer::Whole(message("200 OK", QUEUED))];
    let server = TlsServer::start(HERE, SERVER, answers);
    let pauses = [Duration::from_millis(10), Duration::from_millis(20)];
    let sender = CloudflareSender::new(base("flush.example", &server), client(limits())).with_back_off(&pauses);
    let outcome = sender.send(&step(RecordType::NS)).await;
    assert_eq!(outcome.word(), "sent", "{outcome}");
    assert_eq!((server.connections(), server.requests().len()), (3, 1));
    // Where it does not help, that is said, and the next steps are not tried as often.
    let server = TlsServer::start(HERE, SERVER, vec![Answer::CutHandshake]);
    let sender = CloudflareSender::new(base("flush.example", &server), client(limits())).with_back_off(&pauses);
    let steps = [step(RecordType::NS), step(RecordType::A), step(RecordType::MX)];
    let outcomes = sender.send_all(&steps, Duration::ZERO, |_, _| ()).await;
    assert_eq!(outcomes.iter().map(FlushOutcome::word).collect::<Vec<_>>(), ["not sent", "not sent", "skipped"]);
    assert_eq!((server.connections(), server.requests().len()), (3 + 1, 0));
}

#[tokio::test]
async fn the_first_address_that_takes_a_connection_is_used_whatever_its_family() {
    let six = SocketAddr::new(IpAddr::V6(Ipv6Addr::LOCALHOST), 0);
    let Ok(probe) = TcpListener::bind(six) else { return };
    drop(probe);
    let server = TlsServer::start(six, SERVER, vec![Answer::Whole(message("200 OK", QUEUED))]);
    let addresses = vec![IpAddr::V4(Ipv4Addr::new(127, 9, 9, 9)), IpAddr::V6(Ipv6Addr::LOCALHOST)];
    let roots = ExtraRoots::read(ROOT).unwrap();
    let client = HttpClient::trusting(&here(addresses), &ProxySettings::none(), limits(), &roots).unwrap();
    let outcome = CloudflareSender::new(base("flush.example", &server), client).send(&step(RecordType::NS)).await;
    assert_eq!(outcome.word(), "sent", "{outcome}");
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn forbidden_and_too_many_stop_the_rest_with_the_reason() {
    for (octets, told) in [
        (response("403 Forbidden", "", ""), "forbidden (HTTP 403)"),
        (response("429 Too Many Requests", "Retry-After: 60\r\n", ""), "again allowed: in 60 s"),
    ] {
        let answers = vec![Answer::Whole(message("200 OK", QUEUED)), Answer::Whole(octets)];
        let server = TlsServer::start(HERE, SERVER, answers);
        let sender = CloudflareSender::new(base("flush.example", &server), client(limits()));
        let steps = [RecordType::NS, RecordType::A, RecordType::AAAA, RecordType::MX].map(step);
        let outcomes = sender.send_all(&steps, Duration::ZERO, |_, _| ()).await;
        let words: Vec<&str> = outcomes.iter().map(FlushOutcome::word).collect();
        assert_eq!(words, ["sent", "refused", "skipped", "skipped"]);
        assert!(outcomes[3].to_string().contains(told), "{}", outcomes[3]);
        assert_eq!(server.requests().len(), 2);
    }
}

#[tokio::test]
async fn two_runs_at_once_still_send_one_request_at_a_time() {
    let server = TlsServer::start(HERE, SERVER, vec![Answer::Whole(message("200 OK", QUEUED))]);
    let sender = CloudflareSender::new(base("flush.example", &server), client(limits()));
    let (one, other) = ([RecordType::NS, RecordType::A].map(step), [RecordType::MX, RecordType::TXT].map(step));
    let copy = sender.clone();
    tokio::join!(sender.send_all(&one, Duration::ZERO, |_, _| ()), copy.send_all(&other, Duration::ZERO, |_, _| ()));
    let types: Vec<String> = server
        .requests()
        .iter()
        .map(|head| head.lines().next().unwrap().split("type=").nth(1).unwrap().replace(" HTTP/1.1", ""))
        .collect();
    assert_eq!(types, ["NS", "A", "MX", "TXT"]);
}

#[tokio::test]
async fn through_a_proxy_the_request_and_the_check_of_the_certificate_stay_the_same() {
    let server = TlsServer::start(HERE, SERVER, vec![Answer::Whole(message("200 OK", QUEUED))]);
    let (proxy, target) = (TcpListener::bind(HERE).unwrap(), server.address);
    let address = format!("http://127.0.0.1:{}", proxy.local_addr().unwrap().port());
    // A proxy that opens one tunnel, wherever it was asked to.
    let asked = thread::spawn(move || {
        let (mut inner, _) = proxy.accept().unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut octet = [0];
            inner.read_exact(&mut octet).unwrap();
            head.extend(octet);
        }
        let mut outer = TcpStream::connect(target).unwrap();
        inner.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").unwrap();
        let (mut from, mut to) = (inner.try_clone().unwrap(), outer.try_clone().unwrap());
        thread::spawn(move || std::io::copy(&mut from, &mut to));
        let _ = std::io::copy(&mut outer, &mut inner);
        String::from_utf8(head).unwrap()
    });
    let settings = ProxySettings::read(|v| (v == "HTTPS_PROXY").then(|| address.clone())).unwrap();
    let nowhere: LookUpHost = Arc::new(|host| Box::pin(async move { Err(format!("{host} was looked up")) }));
    let client = HttpClient::trusting(&nowhere, &settings, limits(), &ExtraRoots::read(ROOT).unwrap()).unwrap();
    let base = FlushBase::parse("https://flush.example").unwrap();
    let outcome = CloudflareSender::new(base, client).send(&step(RecordType::NS)).await;
    assert_eq!(outcome.word(), "sent", "{outcome}");
    assert!(asked.join().unwrap().starts_with("CONNECT flush.example:443 HTTP/1.1"));
    assert_eq!(server.names(), [Some("flush.example".to_owned())]);
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn a_file_without_certificates_is_refused() {
    for bad in [&b""[..], b"nothing here", b"-----BEGIN CERTIFICATE-----\n%%%\n-----END CERTIFICATE-----\n"] {
        let error = ExtraRoots::read(bad).unwrap_err();
        assert!(error.hint().is_some() && error.to_string().contains("certificate"), "{error}");
    }
}
