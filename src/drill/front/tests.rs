//! The front over real sockets: what a prober hears is what the model says, and nothing leaves this machine.

use super::*;
use crate::dns::RecordType;
use crate::drill::model::FlushScope;
use crate::drill::scenario::Scenario;
use crate::observation::{Outcome, Purpose, Query, Role, TargetId, Transport};
use crate::probe::{self, Patience, Prober, Rerouted};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

async fn open(name: &str) -> (Scenario, Front) {
    let scenario = Scenario::built_in(name).unwrap().unwrap();
    let begin = Timestamp::from_secs(1_795_350_000);
    let net = scenario.stage.build(begin, 1);
    let front = Front::open(net, &scenario.stage, Arc::new(DrillClock::start(begin, 1.0))).await.unwrap();
    (scenario, front)
}

fn prober(front: &Front) -> Prober {
    let real = Rerouted::new(probe::Internet::open().unwrap(), front.addresses());
    let network = front.paced(real);
    Prober::new(Arc::new(network), front.clock().clone(), Patience::default())
}

async fn post(front: &Front, target: &str, body: &str) -> String {
    let mut stream = tokio::net::TcpStream::connect(front.pages).await.unwrap();
    let head = format!("POST {target} HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).await.unwrap();
    reply
}

#[tokio::test]
async fn every_address_answers_on_loopback_and_no_other_is_asked() {
    let (scenario, front) = open("brevo").await;
    let addresses = front.addresses();
    assert!(addresses.values().all(|real| real.ip() == IpAddr::V4(Ipv4Addr::LOCALHOST)));
    let all = scenario.stage.hosts().flat_map(|h| &h.addresses);
    let all: Vec<_> = all.chain(scenario.stage.resolvers.iter().flat_map(|r| &r.addresses)).collect();
    assert!(all.iter().all(|address| addresses.contains_key(&SocketAddr::new(**address, 53))));
    let prober = prober(&front);
    let ask = |address: &str, rtype, transport| {
        let target = TargetId::new(Role::Resolver, address.parse().unwrap());
        let mut query = Query::new(target, scenario.stage.zone.clone(), rtype, Purpose::Service).recursive();
        query.transport = transport;
        let prober = &prober;
        async move { prober.ask(&query).await }
    };
    for address in ["8.8.8.8:53", "[2001:503:a83e::2:30]:53", "203.0.113.53:53"] {
        for transport in [Transport::Udp, Transport::Tcp] {
            let seen = ask(address, RecordType::NS, transport).await;
            assert_eq!(seen.response().map(|r| r.transport), Some(transport), "{address}: {:?}", seen.outcome);
        }
    }
    for elsewhere in ["9.9.9.9:54", "240.0.0.1:53", "127.0.0.1:53"] {
        let seen = ask(elsewhere, RecordType::NS, Transport::Udp).await;
        assert!(matches!(seen.outcome, Outcome::NotSent { .. }), "{elsewhere}: {:?}", seen.outcome);
    }
}

#[tokio::test]
async fn accepted_flushes_reach_the_model_and_refused_ones_do_not() {
    let (scenario, front) = open("brevo").await;
    let reply = post(&front, "/api/v1/purge?domain=brevo.com&type=NS", "").await;
    assert!(reply.starts_with("HTTP/1.1 200 ") && reply.contains("queued"), "{reply}");
    let reply = post(&front, "/cache", "name=www.brevo.com&rr_type=A").await;
    assert!(reply.contains("successful") && reply.contains("DRILL"), "{reply}");
    let reply = post(&front, "/cachecheck", "d=brevo.com").await;
    assert!(reply.contains("refreshed"), "{reply}");
    for (target, body, status) in [
        ("/api/v1/purge?type=NS", "", 400),
        ("/cache", "name=&rr_type=A", 400),
        ("/nothing", "", 404),
        ("/cache", "x".repeat(5000).as_str(), 413),
    ] {
        let reply = post(&front, target, body).await;
        assert!(reply.starts_with(&format!("HTTP/1.1 {status} ")), "{target}: {reply}");
    }
    let zone = &scenario.stage.zone;
    let www = zone.child(b"www").unwrap();
    let history = |front: &Front| {
        front.look(|net, now| {
            let mut net = net.clone();
            net.advance(now + Duration::from_secs(3));
            net.history().iter().map(|h| h.what.clone()).collect::<Vec<_>>()
        })
    };
    let expected = [
        ("Cloudflare", FlushScope::Type(zone.clone(), RecordType::NS)),
        ("Google Public DNS", FlushScope::Type(www.clone(), RecordType::A)),
        ("Google Public DNS", FlushScope::Type(www, RecordType::NS)),
        ("Cisco OpenDNS", FlushScope::Type(zone.clone(), RecordType::A)),
    ];
    let words: Vec<_> =
        expected.into_iter().map(|(by, scope)| Action::Flush { operator: by.to_owned(), scope }.words()).collect();
    assert_eq!(history(&front), words);
}

#[tokio::test]
async fn a_cut_silences_servers_and_pages() {
    let (scenario, front) = open("healthy").await;
    front.act(Action::Cut);
    assert!(front.is_cut());
    let real = Rerouted::new(probe::Internet::open().unwrap(), front.addresses());
    let impatient = Patience::ending_after(Duration::from_millis(300));
    let prober = Prober::new(Arc::new(real), front.clock().clone(), impatient);
    let target = TargetId::new(Role::Resolver, "8.8.8.8:53".parse().unwrap());
    let query = Query::new(target, scenario.stage.zone.clone(), RecordType::NS, Purpose::Service).recursive();
    assert_eq!(prober.ask(&query).await.outcome, Outcome::NoResponse);
    assert_eq!(post(&front, "/cache", "name=x.example&rr_type=A").await, "");
    front.act(Action::Mend);
    front.act(Action::Unplug);
    let real = Rerouted::new(probe::Internet::open().unwrap(), front.addresses());
    let unplugged = Prober::new(Arc::new(front.paced(real)), front.clock().clone(), impatient);
    assert!(matches!(unplugged.ask(&query).await.outcome, Outcome::NotSent { .. }));
    front.act(Action::Plug);
    assert!(prober.ask(&query).await.response().is_some());
}
