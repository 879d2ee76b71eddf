//! The simulated internet behind the seam of `probe`: real messages in and out, no socket.
//!
//! Time is tokio's, so under a paused clock an incident of days passes as fast as its events can be computed. May
//! not open a socket, nor read the wall clock.

use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use tokio::time::{Instant, sleep};

use super::machine::Machine;
use super::message::ReadQuery;
use super::model::{Action, ClientId, Internet, Packet, Reaction};
use crate::observation::Transport;
use crate::probe::{ExchangeError, ExchangePacket, Reply};
use crate::time::{ClockJump, ReadClock, RunClock, Timestamp};

/// A simulated internet that messages can be sent to, and the clock of the machine that sends them.
#[derive(Debug)]
pub struct Network {
    held: Mutex<Held>,
    begin: Timestamp,
    started: Instant,
    machine: Machine,
    run: RunClock,
}

#[derive(Debug)]
struct Held {
    net: Internet,
    /// How many messages were sent over UDP: each leaves by one of a few source ports.
    sent: u64,
    /// How many source ports were in use before those of now.
    ports: u64,
}

/// So many source ports are in use at a time, as in a pool of real sockets.
const SOURCE_PORTS: u64 = 16;

/// After how long something comes back, and the message; none for the word that nobody listens.
type Arrival = (Duration, Option<Vec<u8>>);

impl Network {
    /// Starts the clock now: what `net` calls its present is this moment.
    #[must_use]
    pub fn start(net: Internet) -> Self {
        let begin = net.reached();
        Self {
            held: Mutex::new(Held { net, sent: 0, ports: 0 }),
            begin,
            started: Instant::now(),
            machine: Machine::default(),
            run: RunClock::start(begin),
        }
    }

    /// The same, on a machine that may sleep.
    #[must_use]
    pub fn on(mut self, machine: Machine) -> Self {
        self.machine = machine;
        self
    }

    /// What time it is in the world, whatever the machine's clocks show.
    #[must_use]
    pub fn world(&self) -> Timestamp {
        self.begin + self.machine.world(self.started.elapsed())
    }

    /// Waits until it is `at` in the world.
    pub async fn reach(&self, at: Timestamp) {
        tokio::time::sleep_until(self.started + self.machine.awake(at.since(self.begin))).await;
    }

    /// How long the machine has slept so far.
    fn slept(&self) -> Duration {
        self.machine.slept(self.started.elapsed())
    }

    /// Makes something happen now.
    pub fn act(&self, action: Action) {
        let now = self.world();
        self.lock().net.act(now, action);
    }

    /// Looks at the simulated internet as it is now: for debriefs and for scoring, never for playing.
    pub fn look<T>(&self, look: impl FnOnce(&Internet, Timestamp) -> T) -> T {
        let now = self.world();
        let mut held = self.lock();
        held.net.advance(now);
        look(&held.net, now)
    }

    /// A state that a panic elsewhere left behind is still a whole one: nothing is changed half-way under the lock.
    fn lock(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What comes of one message, and after how long; none for silence.
    ///
    /// # Errors
    /// The message could not leave our machine.
    fn receive(&self, to: SocketAddr, transport: Transport, message: &[u8]) -> Result<Option<Arrival>, ExchangeError> {
        let Some(query) = ReadQuery::read(message) else { return Ok(None) };
        let now = self.world();
        let mut held = self.lock();
        held.sent += 1;
        let from = match transport {
            Transport::Udp => {
                ClientId(held.ports + (held.sent.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 60) % SOURCE_PORTS)
            }
            // Every connection has a port of its own.
            Transport::Tcp => ClientId(u64::MAX - held.sent),
        };
        let packet = Packet {
            to,
            from,
            transport,
            question: query.question.clone(),
            rd: query.rd,
            cd: query.cd,
            dnssec_ok: query.edns.is_some_and(|e| e.dnssec_ok),
            nsid_wanted: query.edns.is_some_and(|e| e.nsid_wanted),
        };
        Ok(match held.net.receive(now, &packet) {
            Reaction::Answer { after, response } => {
                Some((after, Some(query.write(&response, transport == Transport::Udp))))
            }
            Reaction::Refusal { after } => Some((after, None)),
            Reaction::Silence => None,
            Reaction::NotSent => return Err(ExchangeError::NotSent("network is unreachable".to_owned())),
        })
    }
}

impl ReadClock for Network {
    fn now(&self) -> Timestamp {
        self.run.at(self.started.elapsed())
    }

    fn jump(&self, tolerance: Duration) -> Option<ClockJump> {
        self.run.jump(&self.machine.clocks(self.begin, self.started.elapsed()), tolerance)
    }
}

impl ExchangePacket for Network {
    fn exchange<'a>(
        &'a self,
        to: SocketAddr,
        transport: Transport,
        message: &'a [u8],
        wait: Duration,
    ) -> BoxFuture<'a, Result<Reply, ExchangeError>> {
        async move {
            let slept = self.slept();
            let Some((after, answer)) = self.receive(to, transport, message)?.filter(|(after, _)| *after <= wait)
            else {
                sleep(wait).await;
                return Err(ExchangeError::TimedOut);
            };
            sleep(after).await;
            if self.slept() != slept {
                // It came while nobody was awake to take it.
                sleep(wait.saturating_sub(after)).await;
                return Err(ExchangeError::TimedOut);
            }
            answer.map(|message| Reply { message, rtt: after }).ok_or(ExchangeError::Unreachable)
        }
        .boxed()
    }

    fn dropped(&self) -> u64 {
        0
    }

    fn renew_flows(&self) {
        self.lock().ports += SOURCE_PORTS;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::dns::RecordType;
    use crate::drill::model::Side;
    use crate::drill::scenario::Scenario;
    use crate::observation::{Observation, Outcome, Purpose, Query, Role, TargetId};
    use crate::probe::{Families, Patience, Prober, ServerAddress, Walker};

    fn paused() -> tokio::runtime::Runtime {
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap()
    }

    #[test]
    fn a_prober_lives_through_an_incident_in_virtual_time() {
        let scenario = Scenario::built_in("brevo").unwrap().unwrap();
        let net = scenario.stage.build(Timestamp::from_secs(1_795_350_000), 4);
        let log = |net: Internet| {
            paused().block_on(async {
                let network = Arc::new(Network::start(net));
                let clock: Arc<dyn ReadClock> = network.clone();
                let prober = Prober::seeded(network.clone(), clock, Patience::default(), 1);
                let to: SocketAddr = "208.67.222.222:53".parse().unwrap();
                let target = TargetId::new(Role::Resolver, to);
                let query =
                    Query::new(target, scenario.stage.zone.clone(), RecordType::TXT, Purpose::Nonce).recursive();
                let mut log: Vec<Observation> = Vec::new();
                for _ in 0..40 {
                    log.push(prober.ask(&query).await);
                    sleep(Duration::from_secs(5)).await;
                }
                // Nobody is at this address, and nobody listens at that port.
                let nobody = TargetId::new(Role::Resolver, "240.0.0.1:53".parse().unwrap());
                log.push(prober.ask(&Query { target: nobody, ..query.clone() }).await);
                let closed = TargetId::new(Role::Resolver, "8.8.8.8:54".parse().unwrap());
                log.push(prober.ask(&Query { target: closed, ..query.clone() }).await);
                let sides = network.look(|net, now| net.truth(now, to.ip()).unwrap());
                assert!(sides.iter().all(|truth| truth.side == Side::Correct));
                log
            })
        };
        let seen = log(net.clone());
        assert_eq!(seen, log(net), "the same seed gives the same observations");
        let said =
            |o: &Observation| o.response().map(|r| format!("{:?}{:?}", r.answer, r.authority)).unwrap_or_default();
        assert!(seen.iter().any(|o| said(o).contains("dnsprovider-one")));
        assert!(seen.iter().any(|o| said(o).contains("pendingrenewaldeletion")));
        assert!(said(&seen[39]).contains("dnsprovider-one"));
        assert_eq!(seen[40].outcome, Outcome::NoResponse);
        assert_eq!(seen[41].outcome, Outcome::Unreachable);
    }

    #[test]
    fn a_walk_finds_every_parent_server_and_the_name_servers_addresses() {
        for name in Scenario::names() {
            let stage = Scenario::built_in(name).unwrap().unwrap().stage;
            let net = stage.build(Timestamp::from_secs(1_795_350_000), 4);
            paused().block_on(async {
                let network = Arc::new(Network::start(net));
                let clock: Arc<dyn ReadClock> = network.clone();
                let prober = Arc::new(Prober::seeded(network.clone(), clock, Patience::default(), 1));
                let start = stage.roots.iter().flat_map(|host| {
                    let name = host.name.clone();
                    host.addresses
                        .iter()
                        .map(move |a| ServerAddress { name: name.clone(), address: SocketAddr::new(*a, 53) })
                });
                let walker = Walker::new(prober, start.collect(), Families { ipv4: true, ipv6: true });
                let cut = walker.find_zone_cut(&stage.zone, &|_| ()).await.unwrap();
                assert_eq!((cut.parent, cut.servers.len(), cut.unresolved), (stage.parent.zone.clone(), 26, vec![]));
                for party in [&stage.correct, &stage.parked].into_iter().chain(&stage.stranger) {
                    for host in &party.servers {
                        let mut found = walker.host_addresses(&host.name, &|_| ()).await.unwrap();
                        let mut given: Vec<_> = host.addresses.iter().map(|a| SocketAddr::new(*a, 53)).collect();
                        found.sort_unstable();
                        given.sort_unstable();
                        assert_eq!(found, given, "{name} {}", host.name);
                    }
                }
            });
        }
    }
}
