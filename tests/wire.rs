//! The prober against hostile and broken servers on loopback: what each fault turns into, and what never harms.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use unpark::dns::{Class, Name, Rcode, Rdata, RecordType};
use unpark::observation::{Observation, Outcome, Purpose, Query, Role, TargetId, Transport};
use unpark::probe::{Internet, Patience, Prober, Rerouted, wire};
use unpark::time::{ReadClock, Timestamp};

struct SystemClock;

impl ReadClock for SystemClock {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
        Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap())
    }
}

/// Long enough for a loaded machine to answer, short where silence is the subject.
const PATIENT: Patience = Patience {
    first_retry: Duration::from_secs(5),
    tcp_after: Duration::from_secs(10),
    give_up: Duration::from_secs(20),
};
const SHORT: Patience = Patience {
    first_retry: Duration::from_millis(60),
    tcp_after: Duration::from_millis(120),
    give_up: Duration::from_millis(400),
};

fn prober(patience: Patience) -> Prober {
    Prober::new(Arc::new(Internet::open().unwrap()), Arc::new(SystemClock), patience)
}

fn name(text: &str) -> Name {
    text.parse().unwrap()
}

fn query(server: SocketAddr) -> Query {
    Query::new(TargetId::new(Role::Resolver, server), name("example.com."), RecordType::A, Purpose::Service)
}

/// A reply to `sent`: its question, the flags and response code given, an A record, and no EDNS.
fn reply(sent: &[u8], flags: u8, rcode: u8) -> Vec<u8> {
    let question = wire::question(sent).unwrap();
    let mut message = vec![sent[0], sent[1], 0x80 | flags, rcode, 0, 1, 0, 1, 0, 0, 0, 0];
    message.extend(question);
    message.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 1, 44, 0, 4, 192, 0, 2, 1]);
    message
}

fn has_edns(sent: &[u8]) -> bool {
    sent[11] == 1
}

fn rcode(observation: &Observation) -> Rcode {
    observation.response().unwrap_or_else(|| panic!("{:?}", observation.outcome)).rcode
}

/// A UDP server on loopback that sends what `script` says for each packet and its number, from 0.
async fn udp(at: &str, script: impl Fn(usize, &[u8]) -> Vec<Vec<u8>> + Send + 'static) -> SocketAddr {
    let socket = UdpSocket::bind(at).await.unwrap();
    serve_udp(socket, script)
}

fn serve_udp(socket: UdpSocket, script: impl Fn(usize, &[u8]) -> Vec<Vec<u8>> + Send + 'static) -> SocketAddr {
    let address = socket.local_addr().unwrap();
    tokio::spawn(async move {
        let mut buffer = vec![0; 65_535];
        for number in 0.. {
            let Ok((length, from)) = socket.recv_from(&mut buffer).await else { return };
            for answer in script(number, &buffer[..length]) {
                let _ = socket.send_to(&answer, from).await;
            }
        }
    });
    address
}

/// One free port for both transports.
async fn both() -> (UdpSocket, TcpListener) {
    loop {
        let udp = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        if let Ok(tcp) = TcpListener::bind(udp.local_addr().unwrap()).await {
            return (udp, tcp);
        }
    }
}

async fn read_framed(stream: &mut TcpStream) -> Vec<u8> {
    let length = stream.read_u16().await.unwrap();
    let mut message = vec![0; usize::from(length)];
    stream.read_exact(&mut message).await.unwrap();
    message
}

fn framed(message: &[u8]) -> Vec<u8> {
    [&u16::try_from(message.len()).unwrap().to_be_bytes()[..], message].concat()
}

#[tokio::test]
async fn an_answer_comes_with_its_round_trip_time() {
    let server = udp("127.0.0.1:0", |_, sent| vec![reply(sent, 0x04, 0)]).await;
    let observation = prober(PATIENT).ask(&query(server)).await;
    let response = observation.response().unwrap();
    assert!(response.aa && response.edns.is_none());
    assert_eq!(response.answer[0].rdata, Rdata::A("192.0.2.1".parse().unwrap()));
    assert_eq!((observation.packets, &observation.asked), (1, &name("example.com.")));
    assert!(observation.rtt.is_some() && observation.at >= observation.sent);
}

#[tokio::test]
async fn ipv6_is_served_by_sockets_of_its_own() {
    if UdpSocket::bind("[::1]:0").await.is_err() {
        return; // A machine without IPv6 has nothing to test here.
    }
    let server = udp("[::1]:0", |_, sent| vec![reply(sent, 0, 0)]).await;
    assert_eq!(rcode(&prober(PATIENT).ask(&query(server)).await), Rcode::NOERROR);
}

#[tokio::test]
async fn truncation_goes_to_tcp_and_an_answer_in_two_segments_is_put_together() {
    let (socket, listener) = both().await;
    let server = serve_udp(socket, |_, sent| vec![reply(sent, 0x02, 0)]);
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.set_nodelay(true).unwrap();
        let sent = read_framed(&mut stream).await;
        let whole = framed(&reply(&sent, 0, 0));
        stream.write_all(&whole[..1]).await.unwrap();
        tokio::time::sleep(Duration::from_millis(20)).await;
        stream.write_all(&whole[1..30]).await.unwrap();
        tokio::time::sleep(Duration::from_millis(20)).await;
        stream.write_all(&whole[30..]).await.unwrap();
    });
    let observation = prober(PATIENT).ask(&query(server)).await;
    let response = observation.response().unwrap();
    assert_eq!((response.transport, response.tc, observation.packets), (Transport::Tcp, false, 2));
}

#[tokio::test]
async fn a_truncated_answer_is_kept_where_tcp_is_refused() {
    let server = udp("127.0.0.1:0", |_, sent| vec![reply(sent, 0x02, 0)]).await;
    let observation = prober(PATIENT).ask(&query(server)).await;
    let response = observation.response().unwrap();
    assert!(response.tc && response.transport == Transport::Udp);
}

#[tokio::test]
async fn tcp_alone_drops_what_answers_something_else() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let sent = read_framed(&mut stream).await;
        let mut other_id = reply(&sent, 0, 5);
        other_id[1] ^= 1;
        let mut other_question = reply(&sent, 0, 5);
        other_question[13] ^= 1;
        let all = [other_id, other_question, vec![1, 2, 3], reply(&sent, 0, 0)].map(|m| framed(&m)).concat();
        stream.write_all(&all).await.unwrap();
    });
    let prober = prober(PATIENT);
    let mut asked = query(server);
    asked.transport = Transport::Tcp;
    assert_eq!(rcode(&prober.ask(&asked).await), Rcode::NOERROR);
    assert_eq!(prober.dropped(), 3);
}

#[tokio::test]
async fn stray_packets_are_dropped_and_counted() {
    let server = udp("127.0.0.1:0", |_, sent| {
        let (mut other_id, mut other_question, mut no_response) = (reply(sent, 0, 5), reply(sent, 0, 5), sent.to_vec());
        other_id[0] ^= 1;
        other_question[14] ^= 1;
        no_response[3] = 5;
        let bare_noerror = vec![sent[0], sent[1], 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        let garbage = vec![0xff; 40];
        vec![other_id, other_question, no_response, bare_noerror, garbage, vec![], reply(sent, 0, 0)]
    })
    .await;
    let prober = prober(PATIENT);
    assert_eq!(rcode(&prober.ask(&query(server)).await), Rcode::NOERROR);
    assert_eq!(prober.dropped(), 6);
}

#[tokio::test]
async fn an_answer_from_another_port_is_none() {
    let stranger = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let server = socket.local_addr().unwrap();
    tokio::spawn(async move {
        let mut buffer = vec![0; 512];
        let (length, from) = socket.recv_from(&mut buffer).await.unwrap();
        stranger.send_to(&reply(&buffer[..length], 0, 5), from).await.unwrap();
        tokio::time::sleep(Duration::from_millis(20)).await;
        socket.send_to(&reply(&buffer[..length], 0, 0), from).await.unwrap();
    });
    let prober = prober(PATIENT);
    assert_eq!(rcode(&prober.ask(&query(server)).await), Rcode::NOERROR);
    assert_eq!(prober.dropped(), 1);
}

#[tokio::test]
async fn a_server_that_does_not_know_edns_is_asked_without() {
    // FORMERR of twelve octets without a question, as old servers send it.
    let server = udp("127.0.0.1:0", |_, sent| {
        let bare = vec![sent[0], sent[1], 0x80, 1, 0, 0, 0, 0, 0, 0, 0, 0];
        vec![if has_edns(sent) { bare } else { reply(sent, 0, 0) }]
    })
    .await;
    let observation = prober(PATIENT).ask(&query(server)).await;
    assert_eq!((rcode(&observation), observation.packets), (Rcode::NOERROR, 2));

    // One that says FORMERR to everything is believed the second time.
    let server = udp("127.0.0.1:0", |_, sent| vec![vec![sent[0], sent[1], 0x80, 1, 0, 0, 0, 0, 0, 0, 0, 0]]).await;
    let observation = prober(PATIENT).ask(&query(server)).await;
    assert_eq!((rcode(&observation), observation.packets), (Rcode::FORMERR, 2));
}

#[tokio::test]
async fn badvers_is_asked_again_without_edns() {
    let server = udp("127.0.0.1:0", |_, sent| {
        let mut badvers = reply(sent, 0, 0);
        badvers[11] = 1;
        badvers.extend([0, 0, 41, 4, 208, 1, 0, 0, 0, 0, 0]);
        vec![if has_edns(sent) { badvers } else { reply(sent, 0, 0) }]
    })
    .await;
    let observation = prober(PATIENT).ask(&query(server)).await;
    assert_eq!((rcode(&observation), observation.packets), (Rcode::NOERROR, 2));
}

#[tokio::test]
async fn a_body_that_cannot_be_read_keeps_the_header() {
    let server = udp("127.0.0.1:0", |_, sent| {
        let mut cut = reply(sent, 0, 2);
        cut.truncate(cut.len() - 3);
        vec![cut]
    })
    .await;
    let observation = prober(PATIENT).ask(&query(server)).await;
    assert!(matches!(observation.outcome, Outcome::Malformed { rcode: Some(Rcode::SERVFAIL), .. }));
    assert!(observation.was_heard() && observation.rtt.is_some());
}

#[tokio::test]
async fn an_answer_larger_than_offered_is_read_whole() {
    let server = udp("127.0.0.1:0", |_, sent| {
        let mut large = reply(sent, 0, 0);
        large[7] = 100;
        let record = large[large.len() - 16..].to_vec();
        (1..100).for_each(|_| large.extend(&record));
        large.extend(vec![0; 50_000]); // octets behind the end are tolerated
        vec![large]
    })
    .await;
    let observation = prober(PATIENT).ask(&query(server)).await;
    let response = observation.response().unwrap();
    assert_eq!(response.answer.len(), 100);
    assert!(response.size > 50_000);
}

#[tokio::test]
async fn server_identifier_and_extended_errors_are_read() {
    let server = udp("127.0.0.1:0", |_, sent| {
        let mut message = reply(sent, 0, 2);
        message[11] = 1;
        message.extend([0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 16, 0, 3, 0, 4, b'f', b'r', b'a', b'1']);
        message.extend([0, 15, 0, 4, 0, 22, b'n', b'o']);
        vec![message]
    })
    .await;
    let observation = prober(PATIENT).ask(&query(server)).await;
    let response = observation.response().unwrap();
    assert_eq!(response.nsid().as_deref(), Some("fra1"));
    assert_eq!((response.extended_errors()[0].code, response.extended_errors()[0].text.as_str()), (22, "no"));
}

#[tokio::test]
async fn silence_by_udp_and_tcp_is_no_response() {
    let (socket, _listener) = both().await; // bound, never read: packets are swallowed, connections hang
    let observation = prober(SHORT).ask(&query(socket.local_addr().unwrap())).await;
    assert_eq!((&observation.outcome, observation.rtt), (&Outcome::NoResponse, None));
    assert_eq!(observation.packets, 3);
}

#[tokio::test]
async fn a_closed_port_is_unreachable() {
    let (udp, tcp) = both().await;
    let closed = udp.local_addr().unwrap();
    drop((udp, tcp));
    assert_eq!(prober(SHORT).ask(&query(closed)).await.outcome, Outcome::Unreachable);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_packet_that_the_system_refuses_to_send_is_our_fault() {
    // The broadcast address: refused by the kernel, over UDP for want of permission, over TCP for want of a route.
    let observation = prober(PATIENT).ask(&query("255.255.255.255:53".parse().unwrap())).await;
    assert!(matches!(observation.outcome, Outcome::NotSent { .. }), "{:?}", observation.outcome);
    assert_eq!(observation.packets, 0);
}

#[tokio::test]
async fn a_server_that_speaks_only_tcp_is_heard() {
    let (silent, listener) = both().await;
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let sent = read_framed(&mut stream).await;
        stream.write_all(&framed(&reply(&sent, 0, 0))).await.unwrap();
    });
    let patience = Patience { give_up: PATIENT.give_up, ..SHORT };
    let observation = prober(patience).ask(&query(silent.local_addr().unwrap())).await;
    assert_eq!((observation.response().unwrap().transport, observation.packets), (Transport::Tcp, 3));
}

#[tokio::test]
async fn a_late_answer_to_the_first_packet_counts() {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let server = socket.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut first, mut second) = (vec![0; 512], vec![0; 512]);
        let (length, from) = socket.recv_from(&mut first).await.unwrap();
        let (_, other) = socket.recv_from(&mut second).await.unwrap();
        assert_ne!(first[..2], second[..2], "the second packet has its own id");
        let _ = other;
        socket.send_to(&reply(&first[..length], 0, 0), from).await.unwrap();
    });
    let patience = Patience { first_retry: Duration::from_millis(30), ..PATIENT };
    let prober = prober(patience);
    let observation = prober.ask(&query(server)).await;
    assert_eq!((rcode(&observation), observation.packets), (Rcode::NOERROR, 2));
    assert!(observation.rtt.unwrap() >= Duration::from_millis(30), "counted from the first packet");
}

#[tokio::test]
async fn answers_after_the_end_are_late_and_not_strays() {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let server = socket.local_addr().unwrap();
    let prober = prober(Patience { give_up: Duration::from_millis(50), ..PATIENT });
    assert_eq!(prober.ask(&query(server)).await.outcome, Outcome::NoResponse);
    let mut buffer = vec![0; 512];
    let (length, from) = socket.recv_from(&mut buffer).await.unwrap();
    socket.send_to(&reply(&buffer[..length], 0, 0), from).await.unwrap();
    // Sent to the same socket afterwards: when this one is counted, the late one has been read.
    socket.send_to(&[0; 20], from).await.unwrap();
    while prober.dropped() == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(prober.dropped(), 1);
}

#[tokio::test]
async fn every_packet_of_a_nonce_has_a_label_of_its_own() {
    let (sender, mut names) = tokio::sync::mpsc::unbounded_channel();
    let server = udp("127.0.0.1:0", move |number, sent| {
        sender.send(wire::question(sent).unwrap()[..17].to_vec()).unwrap();
        if number == 0 { vec![] } else { vec![reply(sent, 0, 3)] }
    })
    .await;
    let patience = Patience { first_retry: Duration::from_millis(30), ..PATIENT };
    let mut asked = query(server);
    asked.purpose = Purpose::Nonce;
    let observation = prober(patience).ask(&asked).await;
    let (first, second) = (names.recv().await.unwrap(), names.recv().await.unwrap());
    assert_ne!(first, second);
    assert_eq!((first[0], observation.asked.one_up()), (16, Some(name("example.com."))));
    assert_eq!(observation.asked.labels().next().unwrap(), &second[1..]);
    assert!(second[1..].iter().all(|c| matches!(c, b'a'..=b'z' | b'2'..=b'7')));
}

#[tokio::test]
async fn a_name_without_room_for_a_label_is_our_fault() {
    let server = udp("127.0.0.1:0", |_, sent| vec![reply(sent, 0, 3)]).await;
    let with_octets = |last: usize| {
        let labels = [vec![b'a'; 63], vec![b'a'; 63], vec![b'a'; 63], vec![b'a'; last]];
        Name::from_labels(labels.iter().map(Vec::as_slice)).unwrap()
    };
    let mut asked = query(server);
    asked.purpose = Purpose::Nonce;
    asked.name = with_octets(56); // 250 octets: a label of four fits exactly
    let observation = prober(PATIENT).ask(&asked).await;
    assert_eq!((rcode(&observation), observation.asked.labels().next().unwrap().len()), (Rcode::NXDOMAIN, 4));
    asked.name = with_octets(57);
    let observation = prober(PATIENT).ask(&asked).await;
    assert!(matches!(observation.outcome, Outcome::NotSent { .. }));
    assert_eq!(observation.packets, 0);
}

#[tokio::test]
async fn class_and_flags_go_out_as_the_query_says() {
    let server = udp("127.0.0.1:0", |_, sent| {
        let question = wire::question(sent).unwrap();
        let is_chaos = question.ends_with(&[0, 16, 0, 3]);
        vec![reply(sent, 0, if is_chaos && sent[2] == 1 && sent[3] == 0x10 { 0 } else { 5 })]
    })
    .await;
    let mut asked = query(server).recursive();
    (asked.class, asked.rtype, asked.name, asked.cd) = (Class::CH, RecordType::TXT, name("id.server."), true);
    assert_eq!(rcode(&prober(PATIENT).ask(&asked).await), Rcode::NOERROR);
}

#[tokio::test]
async fn queries_under_way_survive_a_renewal_of_the_sockets() {
    let internet = Arc::new(Internet::open().unwrap());
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let server = socket.local_addr().unwrap();
    let prober = Arc::new(Prober::new(internet.clone(), Arc::new(SystemClock), PATIENT));
    let asking = tokio::spawn({
        let prober = prober.clone();
        async move { prober.ask(&query(server)).await }
    });
    let mut buffer = vec![0; 512];
    let (length, from) = socket.recv_from(&mut buffer).await.unwrap();
    internet.renew().unwrap();
    socket.send_to(&reply(&buffer[..length], 0, 0), from).await.unwrap();
    assert_eq!(rcode(&asking.await.unwrap()), Rcode::NOERROR);
}

#[tokio::test]
async fn a_simulated_internet_never_leaks() {
    let server = udp("127.0.0.1:0", |_, sent| vec![reply(sent, 0, 0)]).await;
    let root: SocketAddr = "198.41.0.4:53".parse().unwrap();
    let network = Rerouted::new(Internet::open().unwrap(), [(root, server)].into());
    let prober = Prober::new(Arc::new(network), Arc::new(SystemClock), PATIENT);
    assert_eq!(rcode(&prober.ask(&query(root)).await), Rcode::NOERROR);
    let outside = prober.ask(&query("192.0.2.1:53".parse().unwrap())).await;
    assert!(matches!(outside.outcome, Outcome::NotSent { .. }));
    assert_eq!(outside.packets, 0);
}

#[tokio::test]
async fn a_thousand_queries_at_once_are_all_answered_and_told_apart() {
    let seen = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&seen);
    let server = udp("127.0.0.1:0", move |_, sent| {
        counted.fetch_add(1, Ordering::Relaxed);
        vec![reply(sent, 0, 0)]
    })
    .await;
    let prober = Prober::new(Arc::new(Internet::open().unwrap()), Arc::new(SystemClock), PATIENT);
    let queries: Vec<Query> =
        (0..1_000).map(|number| Query { name: name(&format!("n{number}.example.com.")), ..query(server) }).collect();
    let all = futures::future::join_all(queries.iter().map(|q| prober.ask(q))).await;
    for (asked, observation) in queries.iter().zip(&all) {
        assert_eq!(observation.response().unwrap().answer[0].owner, asked.name);
    }
    assert!(seen.load(Ordering::Relaxed) >= 1_000);
    assert_eq!(prober.dropped(), 0);
}
