//! The flush sender against a small HTTP/1.1 server on the loopback: what goes out, what each reply comes to,
//! and that nothing is sent twice. No packet leaves the machine.

#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use unpark::dns::RecordType;
use unpark::flush::{FlushOperator, FlushOutcome, FlushPlan, FlushStep};
use unpark::http::{
    CloudflareSender, FlushBase, HttpClient, HttpError, HttpUrl, Limits, LookUpHost, Method, ProxySettings, Request,
    no_look_up,
};

const QUEUED: &str = "purge request queued. Please wait a few seconds and verify the request was successful";

/// What the server does with one request.
#[derive(Clone)]
enum Answer {
    /// Sends these octets and keeps the connection for the next request.
    Keep(Vec<u8>),
    /// Sends these octets and closes.
    Close(Vec<u8>),
    /// Sends these octets and then nothing, with the connection left open.
    Hang(Vec<u8>),
}

/// The server and what it has seen.
struct Server {
    port: u16,
    /// The head of every request (or whatever came first on a connection), octet for octet.
    seen: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// A server that gives the answers in turn, the last one again and again.
    async fn start(answers: Vec<Answer>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let record = Arc::clone(&seen);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, answers.clone(), Arc::clone(&record)));
            }
        });
        Self { port, seen }
    }

    fn base(&self) -> FlushBase {
        FlushBase::parse(&format!("http://127.0.0.1:{}", self.port)).unwrap()
    }

    fn heads(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

/// Serves one connection.
async fn serve(mut stream: TcpStream, answers: Vec<Answer>, seen: Arc<Mutex<Vec<String>>>) {
    loop {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut buffer = [0; 4096];
            match stream.read(&mut buffer).await {
                Ok(count) if count > 0 => head.extend_from_slice(&buffer[..count]),
                _ => break,
            }
            // Something that is no HTTP (a TLS handshake) is recorded as it came.
            if head.first() == Some(&0x16) {
                break;
            }
        }
        if head.is_empty() {
            return;
        }
        let turn = {
            let mut seen = seen.lock().unwrap();
            seen.push(String::from_utf8_lossy(&head).into_owned());
            seen.len() - 1
        };
        match answers[turn.min(answers.len() - 1)].clone() {
            Answer::Keep(octets) => stream.write_all(&octets).await.unwrap(),
            Answer::Close(octets) => {
                let _ = stream.write_all(&octets).await;
                let _ = stream.shutdown().await;
                return;
            }
            Answer::Hang(octets) => {
                stream.write_all(&octets).await.unwrap();
                std::future::pending::<()>().await;
            }
        }
    }
}

/// A whole response.
fn response(status: &str, fields: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n{fields}\r\n{body}", body.len()).into_bytes()
}

fn message(status: &str, text: &str) -> Vec<u8> {
    response(status, "Content-Type: application/json\r\n", &format!("{{\"msg\":{text:?}}}"))
}

/// Short limits, so that a silent server does not hold the test up.
fn limits() -> Limits {
    Limits { connect: Duration::from_secs(2), total: Duration::from_millis(500), body: 64 * 1024 }
}

/// Limits for exchanges that end by themselves, however slow the machine.
fn patient() -> Limits {
    Limits { total: Duration::from_secs(30), ..limits() }
}

fn client(limits: Limits) -> HttpClient {
    HttpClient::new(&no_look_up(), &ProxySettings::none(), limits).unwrap()
}

fn step(name: &str, rtype: RecordType) -> FlushStep {
    FlushStep { operator: FlushOperator::Cloudflare, name: name.parse().unwrap(), rtype }
}

/// One step sent to a server with one answer: the outcome, and the heads it saw.
async fn once(answer: Answer, limits: Limits) -> (FlushOutcome, Vec<String>) {
    let server = Server::start(vec![answer]).await;
    let sender = CloudflareSender::new(server.base(), client(limits));
    let outcome = sender.send(&step("example.com.", RecordType::NS)).await;
    (outcome, server.heads())
}

#[tokio::test]
async fn the_request_is_exactly_the_one_that_is_known_to_work() {
    let (outcome, heads) = once(Answer::Close(message("200 OK", QUEUED)), patient()).await;
    assert_eq!(outcome.word(), "sent");
    let [head] = &heads[..] else { panic!("{heads:?}") };
    let mut lines = head.split("\r\n");
    assert_eq!(lines.next(), Some("POST /api/v1/purge?domain=example.com&type=NS HTTP/1.1"));
    let mut fields: Vec<String> = lines.filter(|line| !line.is_empty()).map(str::to_ascii_lowercase).collect();
    fields.sort();
    fields.retain(|field| !field.starts_with("host: 127.0.0.1:"));
    let agent = format!("user-agent: unpark/{}", env!("CARGO_PKG_VERSION"));
    assert_eq!(fields, ["accept: */*", "content-length: 0", agent.as_str()]);
    assert!(head.ends_with("\r\n\r\n"), "no body follows");
}

#[tokio::test]
async fn what_is_sent_is_what_the_dry_run_prints() {
    let server = Server::start(vec![Answer::Keep(message("200 OK", QUEUED))]).await;
    let sender = CloudflareSender::new(server.base(), client(patient()));
    let zone = "xn--bcher-kva.example.".parse().unwrap();
    let hosts = ["www.xn--bcher-kva.example.".parse().unwrap()];
    let plan = FlushPlan::for_zone(&zone, &hosts, true, &[FlushOperator::Cloudflare]);
    let outcomes = sender.send_all(&plan.steps, Duration::ZERO, |_, _| ()).await;
    assert!(outcomes.iter().all(|o| o.word() == "sent") && outcomes.len() == plan.steps.len());
    let printed: Vec<String> = plan.steps.iter().map(|s| s.request(sender.endpoints())).collect();
    let origin = format!("http://127.0.0.1:{}", server.port);
    let sent: Vec<String> = server
        .heads()
        .iter()
        .map(|head| head.lines().next().unwrap().replace("POST ", &format!("POST {origin}")).replace(" HTTP/1.1", ""))
        .collect();
    assert_eq!(sent, printed);
}

#[tokio::test]
async fn every_kind_of_refusal_is_told_and_nothing_is_sent_twice() {
    let long_page = format!("<html>{}</html>", "x".repeat(3000));
    for (octets, word, told) in [
        (message("200 OK", "all is well"), "refused", "the operator says: all is well (HTTP 200)"),
        (message("400 Bad Request", "parameter \"domain\" is required"), "refused", "the name did not arrive"),
        (message("400 Bad Request", "unsupported RRType"), "refused", "this type cannot be flushed"),
        (
            message("200 OK", "refreshed domain must be below a top level domain"),
            "refused",
            "only names below a top-level domain",
        ),
        (message("400 Bad Request", "wildcard purge is not supported"), "refused", "a wildcard cannot be flushed"),
        (response("403 Forbidden", "", &long_page), "refused", "forbidden (HTTP 403)"),
        (response("429 Too Many Requests", "Retry-After: 7\r\n", ""), "refused", "again allowed: in 7 s"),
        (response("500 Internal Server Error", "", ""), "refused", "HTTP 500"),
        (message("503 Service Unavailable", QUEUED), "refused", "(HTTP 503)"),
        (response("200 OK", "", ""), "unclear", "the reply is empty"),
        (response("200 OK", "", "<html>queued</html>"), "unclear", "the reply is no JSON"),
        (b"SSH-2.0-OpenSSH_9.9\r\n\r\n".to_vec(), "unclear", "no answer"),
        (Vec::new(), "unclear", "no answer"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"msg\":".to_vec(), "unclear", "broke off"),
        (
            format!("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{{\"msg\":{QUEUED:?}}}").into_bytes(),
            "unclear",
            "broke off",
        ),
    ] {
        let (outcome, heads) = once(Answer::Close(octets.clone()), patient()).await;
        let octets = String::from_utf8_lossy(&octets);
        assert_eq!(outcome.word(), word, "{outcome} for {octets}");
        assert!(outcome.to_string().contains(told), "{outcome} for {octets}");
        assert_eq!(heads.len(), 1, "sent once: {octets}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let other = Server::start(vec![Answer::Close(message("200 OK", QUEUED))]).await;
    for status in ["301 Moved Permanently", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"] {
        let location = format!("Location: http://127.0.0.1:{}/\r\n", other.port);
        let (outcome, heads) = once(Answer::Close(response(status, &location, "")), patient()).await;
        assert!(outcome.to_string().contains("not followed"), "{outcome}");
        assert_eq!(heads.len(), 1);
    }
    assert!(other.heads().is_empty());
}

#[tokio::test]
async fn a_server_that_hangs_is_given_up_and_not_asked_again() {
    let (outcome, heads) = once(Answer::Hang(Vec::new()), limits()).await;
    assert_eq!(outcome.to_string(), "unclear: no answer: none within 0.5 s");
    assert_eq!(heads.len(), 1);
    let half = b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{\"msg\":".to_vec();
    let (outcome, heads) = once(Answer::Hang(half), limits()).await;
    assert_eq!(outcome.to_string(), "unclear: the reply did not end within 0.5 s");
    assert_eq!(heads.len(), 1);
}

#[tokio::test]
async fn a_reply_without_end_is_read_to_the_limit_only() {
    let mut huge = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    for _ in 0..300 {
        huge.extend_from_slice(b"400\r\n");
        huge.extend_from_slice(&[b' '; 1024]);
        huge.extend_from_slice(b"\r\n");
    }
    let (outcome, _) = once(Answer::Hang(huge.clone()), patient()).await;
    assert_eq!(outcome.to_string(), "unclear: the reply is longer than 65536 octets");
    let server = Server::start(vec![Answer::Hang(huge)]).await;
    let url = HttpUrl::parse(&format!("http://127.0.0.1:{}/x", server.port)).unwrap();
    let request = Request { method: Method::Get, url: &url, accept: Some("application/rdap+json") };
    let reply = client(patient()).send(request).await.unwrap();
    assert_eq!((reply.status, reply.body.len()), (200, 64 * 1024));
    let head = server.heads()[0].to_ascii_lowercase();
    assert!(head.starts_with("get /x http/1.1") && head.contains("accept: application/rdap+json"), "{head}");
}

#[tokio::test]
async fn a_closed_port_means_that_nothing_was_sent() {
    let port = {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        listener.local_addr().unwrap().port()
    };
    let base = FlushBase::parse(&format!("http://127.0.0.1:{port}")).unwrap();
    let steps = [
        step("example.com.", RecordType::NS),
        step("example.com.", RecordType::A),
        step("example.com.", RecordType::MX),
    ];
    let sender = CloudflareSender::new(base, client(patient())).with_back_off(&[]);
    let outcomes = sender.send_all(&steps, Duration::ZERO, |_, _| ()).await;
    assert_eq!(outcomes.iter().map(FlushOutcome::word).collect::<Vec<_>>(), ["not sent", "not sent", "skipped"]);
    assert!(outcomes[0].to_string().to_lowercase().contains("refused"), "{}", outcomes[0]);
}

#[tokio::test]
async fn a_second_address_is_tried_when_the_first_takes_no_connection() {
    let server = Server::start(vec![Answer::Close(message("200 OK", QUEUED))]).await;
    // The server listens on 127.0.0.1 only, so that the first address refuses.
    let look_up: LookUpHost = Arc::new(|_| {
        Box::pin(async { Ok(vec![IpAddr::V4(Ipv4Addr::new(127, 9, 9, 9)), IpAddr::V4(Ipv4Addr::LOCALHOST)]) })
    });
    let url = HttpUrl::parse(&format!("https://flush.example:{}/", server.port)).unwrap();
    let client = HttpClient::new(&look_up, &ProxySettings::none(), patient()).unwrap();
    let request = Request { method: Method::Post, url: &url, accept: None };
    assert!(matches!(client.send(request).await, Err(HttpError::NotSent { .. })), "no TLS is spoken there");
    // The handshake reached the second address, with the host's own name in it, and no request followed.
    let heads = server.heads();
    assert_eq!(heads.len(), 1);
    assert!(heads[0].starts_with('\u{16}') && heads[0].contains("flush.example"), "{:?}", heads[0]);
    assert!(!heads[0].contains("POST"));
}

#[tokio::test]
async fn a_handshake_that_hangs_means_that_nothing_was_sent() {
    let server = Server::start(vec![Answer::Hang(Vec::new())]).await;
    let look_up: LookUpHost = Arc::new(|_| Box::pin(async { Ok(vec![IpAddr::V4(Ipv4Addr::LOCALHOST)]) }));
    let short = Limits { connect: Duration::from_millis(300), ..patient() };
    let client = HttpClient::new(&look_up, &ProxySettings::none(), short).unwrap();
    let base = FlushBase::parse(&format!("https://flush.example:{}", server.port)).unwrap();
    let sender = CloudflareSender::new(base, client).with_back_off(&[]);
    let outcome = sender.send(&step("example.com.", RecordType::NS)).await;
    assert_eq!(outcome.to_string(), "not sent: no connection within 0.3 s");
}

#[tokio::test]
async fn a_host_that_cannot_be_looked_up_means_that_nothing_was_sent() {
    let base = FlushBase::parse("https://flush.example").unwrap();
    let sender = CloudflareSender::new(base, client(patient())).with_back_off(&[]);
    let outcome = sender.send(&step("example.com.", RecordType::NS)).await;
    let told = outcome.to_string();
    assert!(told.starts_with("not sent: no address for flush.example"), "{told}");
}

#[tokio::test]
async fn forbidden_and_too_many_stop_the_rest_but_not_the_steps_for_people() {
    for (octets, told) in [
        (response("403 Forbidden", "", ""), "forbidden (HTTP 403)"),
        (response("429 Too Many Requests", "Retry-After: 60\r\n", ""), "too many requests (HTTP 429)"),
    ] {
        let answers = vec![Answer::Keep(message("200 OK", QUEUED)), Answer::Keep(octets)];
        let server = Server::start(answers).await;
        let page = HttpUrl::parse("http://127.0.0.1:9/cache").unwrap();
        let sender = CloudflareSender::new(server.base(), client(patient())).with_google_page(&page);
        let zone = "example.com.".parse().unwrap();
        let plan = FlushPlan::for_zone(&zone, &[], false, &FlushOperator::ALL);
        let mut reported = Vec::new();
        let outcomes = sender
            .send_all(&plan.steps, Duration::ZERO, |step, outcome| reported.push((step.clone(), outcome.clone())))
            .await;
        let words: Vec<&str> = outcomes.iter().map(FlushOutcome::word).collect();
        let person = "needs a person";
        let expected = ["sent", "refused", "skipped", "skipped", "skipped"];
        assert_eq!(words[..5], expected);
        assert_eq!(words[5..], [person; 6], "five of Google's, one of OpenDNS's");
        assert!(outcomes[2].to_string().contains(told), "{}", outcomes[2]);
        assert_eq!(outcomes[5].detail(), Some("http://127.0.0.1:9/cache"));
        assert_eq!(server.heads().len(), 2);
        assert!(reported.iter().map(|(s, _)| s).eq(&plan.steps) && reported.iter().map(|(_, o)| o).eq(&outcomes));
    }
}

#[tokio::test]
async fn a_connection_cut_between_two_requests_sends_nothing_twice() {
    let answers = vec![
        Answer::Keep(message("200 OK", QUEUED)),
        Answer::Close(Vec::new()),
        Answer::Keep(message("200 OK", QUEUED)),
    ];
    let server = Server::start(answers).await;
    let sender = CloudflareSender::new(server.base(), client(patient()));
    let steps = [
        step("example.com.", RecordType::NS),
        step("example.com.", RecordType::A),
        step("example.com.", RecordType::MX),
    ];
    let outcomes = sender.send_all(&steps, Duration::ZERO, |_, _| ()).await;
    assert_eq!(outcomes.iter().map(FlushOutcome::word).collect::<Vec<_>>(), ["sent", "unclear", "sent"]);
    let types: Vec<String> =
        server.heads().iter().map(|head| head.lines().next().unwrap().replace(" HTTP/1.1", "")).collect();
    let line = |rtype| format!("POST /api/v1/purge?domain=example.com&type={rtype}");
    assert_eq!(types, [line("NS"), line("A"), line("MX")]);
}

#[tokio::test]
async fn dropping_the_run_sends_nothing_further() {
    let server = Server::start(vec![Answer::Keep(message("200 OK", QUEUED))]).await;
    let sender = CloudflareSender::new(server.base(), client(patient()));
    let steps = [step("example.com.", RecordType::NS), step("example.com.", RecordType::A)];
    let (tell, told) = tokio::sync::oneshot::channel();
    let mut tell = Some(tell);
    let endless = Duration::from_secs(3600);
    tokio::select! {
        _ = sender.send_all(&steps, endless, |_, _| { tell.take().map(|tell| tell.send(())); }) => panic!("it ended"),
        first = told => first.unwrap(),
    }
    assert_eq!(server.heads().len(), 1);
}

#[tokio::test]
async fn a_proxy_is_used_for_other_machines_and_never_for_this_one() {
    let proxy = Server::start(vec![Answer::Close(response("407 Proxy Authentication Required", "", ""))]).await;
    let address = format!("http://me:secret@proxy.example:{}", proxy.port);
    let settings = ProxySettings::read(|v| (v == "HTTPS_PROXY").then(|| address.clone())).unwrap();
    // The proxy's own name is looked up by us; the target's is left to the proxy.
    let look_up: LookUpHost = Arc::new(|host| {
        Box::pin(async move {
            assert_eq!(host, "proxy.example");
            Ok(vec![IpAddr::V4(Ipv4Addr::LOCALHOST)])
        })
    });
    let client = HttpClient::new(&look_up, &settings, patient()).unwrap();
    assert!(client.proxy_note().is_some_and(|note| note.contains("proxy.example") && !note.contains("secret")));
    let base = FlushBase::parse("https://flush.example").unwrap();
    let sender = CloudflareSender::new(base, client.clone()).with_back_off(&[]);
    let outcome = sender.send(&step("example.com.", RecordType::NS)).await;
    assert_eq!(outcome.word(), "not sent", "{outcome}");
    assert!(!outcome.to_string().contains("secret"));
    assert!(proxy.heads()[0].starts_with("CONNECT flush.example:443 HTTP/1.1"), "{:?}", proxy.heads());
    let server = Server::start(vec![Answer::Close(message("200 OK", QUEUED))]).await;
    let plain = CloudflareSender::new(server.base(), client.clone());
    assert_eq!(plain.send(&step("example.com.", RecordType::NS)).await.word(), "sent");
    let base = FlushBase::parse(&format!("https://127.0.0.1:{}", server.port)).unwrap();
    let sender = CloudflareSender::new(base, client).with_back_off(&[]);
    let outcome = sender.send(&step("example.com.", RecordType::NS)).await;
    assert_eq!(outcome.word(), "not sent", "no TLS is spoken there: {outcome}");
    assert!(server.heads()[1].starts_with('\u{16}'), "the handshake came here");
    assert_eq!(proxy.heads().len(), 1, "and not to the proxy");
}

#[tokio::test]
async fn steps_for_people_send_nothing() {
    let server = Server::start(vec![Answer::Close(message("200 OK", QUEUED))]).await;
    let sender = CloudflareSender::new(server.base(), client(patient()));
    let google = FlushStep { operator: FlushOperator::Google, ..step("example.com.", RecordType::NS) };
    assert_eq!(sender.send(&google).await.to_string(), "needs a person: https://dns.google/cache");
    let opendns = FlushStep { operator: FlushOperator::OpenDns, ..step("example.com.", RecordType::A) };
    assert_eq!(sender.send(&opendns).await.detail(), Some("https://cachecheck.opendns.com/?d=example.com"));
    assert!(server.heads().is_empty());
}

#[test]
fn plain_http_to_another_machine_is_refused_before_anything_happens() {
    assert!(matches!(FlushBase::parse("http://one.one.one.one"), Err(HttpError::PlainHttp { .. })));
    assert!(matches!(FlushBase::parse("http://192.0.2.1:8080"), Err(HttpError::PlainHttp { .. })));
}

#[test]
fn clients_for_http_and_https_need_no_default_crypto_provider() {
    let _both = client(Limits::default());
    assert!(rustls::crypto::CryptoProvider::get_default().is_none(), "nothing was set for the whole process");
}
