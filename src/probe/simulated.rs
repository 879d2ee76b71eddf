//! An in-memory network for tests under a paused clock: scripted single servers, and a small world of zones.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::str::FromStr as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use hickory_proto::op::{self, Message};
use hickory_proto::rr::{Name, RData, Record, RecordType, rdata};
use tokio::time::Instant;

use super::network::{ExchangeError, ExchangePacket, Reply};
use super::{Patience, Prober};
use crate::observation::Transport;
use crate::time::{ReadClock, Timestamp};

/// Tokio's clock, which tests may stop and which then jumps from timer to timer.
pub(super) struct TestClock(Instant);

impl TestClock {
    pub(super) fn start() -> Arc<Self> {
        Arc::new(Self(Instant::now()))
    }
}

impl ReadClock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_secs(0) + self.0.elapsed()
    }
}

/// What becomes of one packet.
pub(super) enum Fate {
    /// Answered after a while.
    Answered(Duration, Vec<u8>),
    /// Lost.
    Lost,
    /// Refused after a while.
    Refused(Duration),
    /// Never left.
    NotSent,
}

type Script = dyn Fn(SocketAddr, Transport, &[u8]) -> Fate + Send + Sync;

/// A network that does what a script says, and remembers what was sent when.
pub(super) struct Simulated {
    script: Box<Script>,
    started: Instant,
    pub(super) sent: Mutex<Vec<(Duration, SocketAddr, Transport, Message)>>,
}

impl Simulated {
    pub(super) fn new(script: impl Fn(SocketAddr, Transport, &[u8]) -> Fate + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self { script: Box::new(script), started: Instant::now(), sent: Mutex::default() })
    }

    pub(super) fn prober(self: &Arc<Self>) -> Prober {
        Prober::seeded(Arc::clone(self) as Arc<dyn ExchangePacket>, TestClock::start(), Patience::default(), 1)
    }

    /// What the script says for one packet: for networks that wrap another.
    pub(super) fn fate(&self, to: SocketAddr, transport: Transport, message: &[u8]) -> Fate {
        (self.script)(to, transport, message)
    }

    /// Milliseconds since the start and transport of every packet.
    pub(super) fn packets(&self) -> Vec<(u128, Transport)> {
        self.sent.lock().unwrap().iter().map(|(at, _, transport, _)| (at.as_millis(), *transport)).collect()
    }

    /// Whom each packet went to, with the name and type it asked for.
    pub(super) fn questions(&self) -> Vec<(SocketAddr, String)> {
        let sent = self.sent.lock().unwrap();
        sent.iter()
            .map(|(_, to, _, m)| (*to, format!("{} {}", m.queries[0].name(), m.queries[0].query_type())))
            .collect()
    }
}

impl ExchangePacket for Simulated {
    fn exchange<'a>(
        &'a self,
        to: SocketAddr,
        transport: Transport,
        message: &'a [u8],
        wait: Duration,
    ) -> BoxFuture<'a, Result<Reply, ExchangeError>> {
        async move {
            let at = self.started.elapsed();
            self.sent.lock().unwrap().push((at, to, transport, Message::from_vec(message).unwrap()));
            let (after, end) = match (self.script)(to, transport, message) {
                Fate::Answered(after, message) => (after, Ok(Reply { message, rtt: after })),
                Fate::Lost => (Duration::MAX, Err(ExchangeError::TimedOut)),
                Fate::Refused(after) => (after, Err(ExchangeError::Unreachable)),
                Fate::NotSent => return Err(ExchangeError::NotSent("Network is unreachable".to_owned())),
            };
            tokio::time::sleep(after.min(wait)).await;
            if after > wait { Err(ExchangeError::TimedOut) } else { end }
        }
        .boxed()
    }

    fn dropped(&self) -> u64 {
        0
    }
}

/// Servers with zones; every server answers after 10 ms unless it is made slow or silent.
#[derive(Default)]
pub(super) struct World {
    servers: HashMap<SocketAddr, Vec<Zone>>,
    /// Servers that answer REFUSED to everything.
    pub(super) refusing: Vec<SocketAddr>,
    pub(super) silent: Vec<SocketAddr>,
    /// Every server answers nothing, since nothing leaves this machine.
    pub(super) unplugged: bool,
}

#[derive(Clone)]
struct Zone {
    apex: Name,
    records: Vec<Record>,
}

impl World {
    /// A zone on some servers. Records are `owner TYPE data`, absolute names, types NS, A, AAAA and CNAME.
    pub(super) fn zone(mut self, servers: &[&str], apex: &str, records: &[&str]) -> Self {
        let records = records.iter().map(|line| record(line)).collect();
        let zone = Zone { apex: Name::from_str(apex).unwrap(), records };
        for server in servers {
            self.servers.entry(server.parse().unwrap()).or_default().push(zone.clone());
        }
        self
    }

    pub(super) fn build(self) -> Arc<Simulated> {
        Simulated::new(move |to, _, message| {
            if self.unplugged {
                return Fate::NotSent;
            }
            match self.servers.get(&to) {
                Some(zones) if !self.silent.contains(&to) => {
                    let answer = self.answer(&to, zones, &Message::from_vec(message).unwrap());
                    Fate::Answered(Duration::from_millis(10), answer)
                }
                _ => Fate::Lost,
            }
        })
    }

    /// What an authoritative server of `zones` answers (RFC 1034 §4.3.2).
    fn answer(&self, server: &SocketAddr, zones: &[Zone], query: &Message) -> Vec<u8> {
        let (name, rtype) = (query.queries[0].name().clone(), query.queries[0].query_type());
        let mut reply = Message::response(query.metadata.id, op::OpCode::Query);
        reply.add_query(query.queries[0].clone());
        let zone = zones.iter().filter(|z| z.apex.zone_of(&name)).max_by_key(|z| z.apex.num_labels());
        let Some(zone) = zone.filter(|_| !self.refusing.contains(server)) else {
            reply.metadata.response_code = op::ResponseCode::Refused;
            return reply.to_vec().unwrap();
        };
        let of_type = |owner: &Name, rtype: RecordType| {
            let matching = zone.records.iter().filter(|r| r.name == *owner && r.record_type() == rtype);
            matching.cloned().collect::<Vec<_>>()
        };
        let above = (1..=name.num_labels()).map(|labels| name.trim_to(usize::from(labels)));
        let cut = above
            .into_iter()
            .find(|n| *n != zone.apex && zone.apex.zone_of(n) && !of_type(n, RecordType::NS).is_empty());
        if let Some(cut) = cut {
            reply.add_authorities(of_type(&cut, RecordType::NS));
        } else {
            reply.metadata.authoritative = true;
            reply.add_answers(of_type(&name, rtype));
            if reply.answers.is_empty() {
                reply.add_answers(of_type(&name, RecordType::CNAME));
            }
            if reply.answers.is_empty() {
                let exists = zone.records.iter().any(|r| name.zone_of(&r.name)) || name == zone.apex;
                reply.metadata.response_code =
                    if exists { op::ResponseCode::NoError } else { op::ResponseCode::NXDomain };
                let soa = rdata::SOA::new(Name::root(), Name::root(), 1, 1, 1, 1, 60);
                reply.add_authority(Record::from_rdata(zone.apex.clone(), 60, RData::SOA(soa)));
            }
        }
        for ns in reply.answers.clone().iter().chain(&reply.authorities.clone()) {
            if let RData::NS(host) = &ns.data {
                reply.add_additionals(of_type(&host.0, RecordType::A));
                reply.add_additionals(of_type(&host.0, RecordType::AAAA));
            }
        }
        reply.to_vec().unwrap()
    }
}

fn record(line: &str) -> Record {
    let parts: Vec<&str> = line.split_whitespace().collect();
    let [owner, rtype, data] = parts[..] else { panic!("{line}") };
    let name = || Name::from_str(data).unwrap();
    let rdata = match rtype {
        "NS" => RData::NS(rdata::NS(name())),
        "CNAME" => RData::CNAME(rdata::CNAME(name())),
        "A" => RData::A(data.parse().unwrap()),
        "AAAA" => RData::AAAA(data.parse().unwrap()),
        _ => panic!("{line}"),
    };
    Record::from_rdata(Name::from_str(owner).unwrap(), 300, rdata)
}

/// A referral to `owner`, whatever is asked.
pub(super) fn referral(query: &[u8], owner: &str) -> Vec<u8> {
    let query = Message::from_vec(query).unwrap();
    let mut reply = Message::response(query.metadata.id, op::OpCode::Query);
    reply.add_query(query.queries[0].clone());
    reply.add_authority(record(&format!("{owner} NS ns.elsewhere.")));
    reply.to_vec().unwrap()
}

/// A referral to the name asked for, with servers below new names each time and without glue.
pub(super) fn endless(query: &[u8]) -> Vec<u8> {
    let query = Message::from_vec(query).unwrap();
    let mut reply = Message::response(query.metadata.id, op::OpCode::Query);
    reply.add_query(query.queries[0].clone());
    for number in 0..10 {
        let host = format!("{} NS ns{number}.x{}.", query.queries[0].name(), query.metadata.id);
        reply.add_authority(record(&host));
    }
    reply.to_vec().unwrap()
}
