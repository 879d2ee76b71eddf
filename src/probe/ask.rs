//! Asks one query of one target, with every retry and fallback, and says what came (RFC 1035 §4.2, RFC 6891 §7,
//! RFC 7766). May not judge an answer, nor decide when to ask.
//!
//! The order of attempts: UDP at once; UDP again, with a new id, when the target is silent for longer than usual,
//! while the first is still listened for; TCP; then an end. Truncation goes to TCP at once. A server that does not
//! know EDNS is asked once more without it.

use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use futures::stream::{FuturesUnordered, StreamExt as _};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use tokio::time::Instant;

use super::network::{ExchangeError, ExchangePacket, Reply};
use super::wire;
use crate::dns::{Name, Rcode};
use crate::observation::{Observation, Outcome, Query, Transport};
use crate::time::{ReadClock, Timestamp};

/// Length of a nonce label: 16 characters of 5 bits each.
const NONCE_LABEL: usize = 16;
/// Shortest nonce label, where the zone's name leaves no more room.
const SHORTEST_NONCE_LABEL: usize = 4;
/// The alphabet of RFC 4648 base 32, in lower case.
const BASE32: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
/// Longest name in octets (RFC 1035 §2.3.4).
const LONGEST_NAME: usize = 255;
/// The server does not speak the EDNS version asked for (RFC 6891 §6.1.3).
const BADVERS: Rcode = Rcode(16);
/// No wait is longer: what is meant as "for ever" must not overflow a clock.
const LONGEST_WAIT: Duration = Duration::from_secs(3_600);
/// Of so many addresses at most the usual round-trip time is remembered.
const ADDRESSES_REMEMBERED: usize = 16_384;

/// How long to wait for what; an hour at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// Silence after which the UDP query is sent again; three times the usual round-trip time when that is longer.
    pub first_retry: Duration,
    /// Silence after which TCP is tried.
    pub tcp_after: Duration,
    /// Silence after which the target counts as silent. A fallback that starts late gets half of it once more.
    pub give_up: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            first_retry: Duration::from_millis(400),
            tcp_after: Duration::from_millis(1_200),
            give_up: Duration::from_secs(3),
        }
    }
}

impl Patience {
    /// The usual patience, stretched or shrunk so that it ends after `give_up`.
    #[must_use]
    pub fn ending_after(give_up: Duration) -> Self {
        let usual = Self::default();
        let factor = give_up.as_secs_f64() / usual.give_up.as_secs_f64();
        let scaled = |span: Duration| Duration::try_from_secs_f64(span.as_secs_f64() * factor).unwrap_or(give_up);
        Self { first_retry: scaled(usual.first_retry), tcp_after: scaled(usual.tcp_after), give_up }
    }
}

/// Asks queries over a network.
pub struct Prober {
    network: Arc<dyn ExchangePacket>,
    clock: Arc<dyn ReadClock>,
    patience: Patience,
    random: Mutex<StdRng>,
    /// Smoothed round-trip times over UDP.
    usual_rtt: Mutex<HashMap<SocketAddr, Duration>>,
}

impl Prober {
    /// A prober whose ids and nonce labels nobody can predict: seeded by the system's randomness.
    #[must_use]
    pub fn new(network: Arc<dyn ExchangePacket>, clock: Arc<dyn ReadClock>, patience: Patience) -> Self {
        Self::with_random(network, clock, patience, rand::make_rng())
    }

    /// A prober whose ids and labels follow from `seed`: for simulated runs that must repeat exactly. Never for real
    /// sockets.
    #[must_use]
    pub fn seeded(network: Arc<dyn ExchangePacket>, clock: Arc<dyn ReadClock>, patience: Patience, seed: u64) -> Self {
        Self::with_random(network, clock, patience, StdRng::seed_from_u64(seed))
    }

    fn with_random(
        network: Arc<dyn ExchangePacket>,
        clock: Arc<dyn ReadClock>,
        patience: Patience,
        random: StdRng,
    ) -> Self {
        let patience = Patience {
            first_retry: patience.first_retry.min(LONGEST_WAIT),
            tcp_after: patience.tcp_after.min(LONGEST_WAIT),
            give_up: patience.give_up.min(LONGEST_WAIT),
        };
        Self { network, clock, patience, random: Mutex::new(random), usual_rtt: Mutex::default() }
    }

    /// How many messages came that answered nothing that was asked.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.network.dropped()
    }

    /// Lets the queries to come leave from source ports of their own.
    pub fn renew_flows(&self) {
        self.network.renew_flows();
    }

    /// Asks, waits, and says what came of it. Never fails: a failure is an observation.
    ///
    /// Ends of a query without an answer, when no attempt brought one:
    /// - the host refused (in practice over TCP, since an unconnected UDP socket hears no refusal): `Unreachable`;
    /// - something left this machine by the query's own transport: `NoResponse`;
    /// - nothing left: `NotSent`, our own fault. So also when UDP could not leave and only a TCP connection stayed
    ///   unanswered, since silence on TCP alone says little about a DNS server.
    pub async fn ask(&self, query: &Query) -> Observation {
        Inquiry::new(self, query).run().await
    }

    fn random(&self) -> MutexGuard<'_, StdRng> {
        self.random.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn first_retry(&self, target: SocketAddr) -> Duration {
        let usual = self.usual_rtt.lock().unwrap_or_else(PoisonError::into_inner).get(&target).copied();
        self.patience.first_retry.max(usual.unwrap_or_default().saturating_mul(3)).min(self.patience.tcp_after)
    }

    fn learn_rtt(&self, target: SocketAddr, rtt: Duration) {
        let mut usual = self.usual_rtt.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = usual.get_mut(&target) {
            *known = (known.saturating_mul(7).saturating_add(rtt)) / 8; // the weights of RFC 6298 §2
        } else if usual.len() < ADDRESSES_REMEMBERED {
            usual.insert(target, rtt);
        }
    }

    /// The name to send: the query's own, or for nonces a fresh label below it.
    fn name_to_send(&self, query: &Query) -> Result<Name, String> {
        if !query.purpose.is_nonce() {
            return Ok(query.name.clone());
        }
        let taken: usize = query.name.labels().map(|label| label.len() + 1).sum::<usize>() + 1;
        let room = LONGEST_NAME.saturating_sub(taken + 1).min(NONCE_LABEL);
        if room < SHORTEST_NONCE_LABEL {
            return Err(format!("{} leaves no room for a label below it", query.name));
        }
        let mut octets = [0_u8; NONCE_LABEL];
        self.random().fill(&mut octets);
        let label: Vec<u8> = octets.iter().take(room).map(|octet| BASE32[usize::from(octet & 31)]).collect();
        query.name.child(&label).map_err(|error| error.to_string())
    }
}

/// One packet's end.
struct Attempt {
    asked: Name,
    transport: Transport,
    edns: bool,
    result: Result<Reply, ExchangeError>,
}

/// An answer with all that the observation says about it.
struct Heard {
    asked: Name,
    outcome: Outcome,
    rtt: Duration,
    at: Timestamp,
}

/// One query under way.
struct Inquiry<'a> {
    prober: &'a Prober,
    query: &'a Query,
    sent: Timestamp,
    deadline: Instant,
    /// What to try next when the target stays silent.
    steps: VecDeque<(Instant, Transport)>,
    under_way: FuturesUnordered<BoxFuture<'a, Attempt>>,
    tcp_under_way: bool,
    /// Whether queries carry EDNS; off after the target said that it does not know it.
    edns: bool,
    /// The name of the last packet.
    asked: Name,
    packets: u32,
    /// A truncated answer, or an error that a fallback may yet mend.
    second_best: Option<Heard>,
    silent: bool,
    refused: bool,
    not_sent: Option<String>,
}

impl<'a> Inquiry<'a> {
    fn new(prober: &'a Prober, query: &'a Query) -> Self {
        let (now, patience) = (Instant::now(), prober.patience);
        let steps = match query.transport {
            Transport::Udp => VecDeque::from([
                (now + prober.first_retry(query.target.address), Transport::Udp),
                (now + patience.tcp_after, Transport::Tcp),
            ]),
            Transport::Tcp => VecDeque::new(),
        };
        Self {
            prober,
            query,
            sent: prober.clock.now(),
            deadline: now + patience.give_up,
            steps,
            under_way: FuturesUnordered::new(),
            tcp_under_way: false,
            edns: true,
            asked: query.name.clone(),
            packets: 0,
            second_best: None,
            silent: false,
            refused: false,
            not_sent: None,
        }
    }

    async fn run(mut self) -> Observation {
        self.launch(self.query.transport);
        loop {
            let next = self.steps.front().copied().filter(|(at, _)| *at < self.deadline);
            if self.under_way.is_empty() && next.is_none() {
                return self.end_without_answer();
            }
            let (at, transport) = next.unwrap_or((self.deadline, Transport::Udp));
            tokio::select! {
                biased;
                Some(attempt) = self.under_way.next() => {
                    if let Some(heard) = self.weigh(attempt) {
                        return self.observe(heard);
                    }
                }
                () = tokio::time::sleep_until(at), if next.is_some() => {
                    self.steps.pop_front();
                    self.launch(transport);
                }
            }
        }
    }

    /// Puts one more packet under way.
    fn launch(&mut self, transport: Transport) {
        let (prober, query, edns) = (self.prober, self.query, self.edns);
        let asked = match prober.name_to_send(query) {
            Ok(name) => name,
            Err(reason) => {
                self.not_sent = Some(reason);
                self.steps.clear();
                return;
            }
        };
        self.asked = asked.clone();
        self.packets += 1;
        self.tcp_under_way |= transport == Transport::Tcp;
        let message = wire::encode(prober.random().random(), &asked, query, edns);
        let wait = self.deadline.saturating_duration_since(Instant::now());
        self.under_way.push(
            async move {
                let result = prober.network.exchange(query.target.address, transport, &message, wait).await;
                Attempt { asked, transport, edns, result }
            }
            .boxed(),
        );
    }

    /// What an attempt's end means for the query: its answer, or what to do next.
    fn weigh(&mut self, attempt: Attempt) -> Option<Heard> {
        if attempt.transport == Transport::Tcp {
            self.tcp_under_way = false;
        }
        let reply = match attempt.result {
            Ok(reply) => reply,
            Err(error) => {
                self.note_failure(attempt.transport, error);
                return None;
            }
        };
        if attempt.transport == Transport::Udp {
            self.prober.learn_rtt(self.query.target.address, reply.rtt);
        }
        let outcome = match wire::decode(&reply.message, attempt.transport) {
            Ok(response) => Outcome::Answered(response),
            Err(malformed) => Outcome::Malformed { rcode: malformed.rcode, reason: malformed.reason },
        };
        let wants_plain = attempt.edns && dislikes_edns(&outcome);
        let truncated = attempt.transport == Transport::Udp && wire::is_truncated(&reply.message);
        let heard = Heard { asked: attempt.asked, outcome, rtt: reply.rtt, at: self.prober.clock.now() };
        if !wants_plain && !truncated {
            return Some(heard);
        }
        let now = Instant::now();
        self.deadline = self.deadline.max(now + self.prober.patience.give_up / 2);
        self.second_best = Some(heard);
        if wants_plain && self.edns {
            self.edns = false;
            self.launch(attempt.transport);
        } else if truncated && !wants_plain {
            self.steps.clear();
            if !self.tcp_under_way {
                // Whatever else comes over UDP will be cut as well.
                self.under_way.clear();
                self.launch(Transport::Tcp);
            }
        }
        None
    }

    fn note_failure(&mut self, transport: Transport, error: ExchangeError) {
        let own_transport = transport == self.query.transport;
        match error {
            ExchangeError::TimedOut => {
                self.silent |= own_transport;
                return;
            }
            ExchangeError::Unreachable => self.refused = true,
            ExchangeError::NotSent(reason) => {
                self.packets = self.packets.saturating_sub(1);
                if own_transport || self.not_sent.is_none() {
                    self.not_sent = Some(reason);
                }
            }
        }
        // UDP failed for certain, and would again: TCP need not wait for its time.
        if transport == Transport::Udp && self.steps.iter().any(|(_, t)| *t == Transport::Tcp) {
            self.steps = VecDeque::from([(Instant::now(), Transport::Tcp)]);
        }
    }

    fn observe(self, heard: Heard) -> Observation {
        Observation {
            query: self.query.clone(),
            asked: heard.asked,
            outcome: heard.outcome,
            sent: self.sent,
            at: heard.at,
            rtt: Some(heard.rtt),
            packets: self.packets,
        }
    }

    fn end_without_answer(mut self) -> Observation {
        if let Some(heard) = self.second_best.take() {
            return self.observe(heard);
        }
        let outcome = match self.not_sent {
            _ if self.refused => Outcome::Unreachable,
            Some(reason) if !self.silent => Outcome::NotSent { reason },
            _ => Outcome::NoResponse,
        };
        Observation {
            query: self.query.clone(),
            asked: self.asked,
            outcome,
            sent: self.sent,
            at: self.prober.clock.now(),
            rtt: None,
            packets: self.packets,
        }
    }
}

/// Whether a server says, in one of the usual ways, that it cannot take a query with EDNS (RFC 6891 §7).
fn dislikes_edns(outcome: &Outcome) -> bool {
    let is_basic = |rcode| rcode == Rcode::FORMERR || rcode == Rcode::NOTIMP;
    match outcome {
        Outcome::Answered(response) => {
            response.rcode == BADVERS || (is_basic(response.rcode) && response.edns.is_none())
        }
        Outcome::Malformed { rcode, .. } => rcode.is_some_and(is_basic),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
