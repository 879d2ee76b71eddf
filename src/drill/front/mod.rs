//! The simulated internet on this machine's loopback: every server of a stage answers on a port of its own, real messages
//! over real sockets, and so do the flush pages. Nothing binds to, or sends to, any other address than 127.0.0.1.
//!
//! Time: the model lives in the drill's time ([`DrillClock`]), so a delay of the model is waited out divided by the speed.
//! What a client waits is its own affair and in real time.
//!
//! All addresses of one server lead to one port, since they lead to the same zones or caches: half the sockets, which
//! matters where a process may open 256 files. A closed port looks silent here: a socket that is open cannot refuse.

mod clock;
mod dns;
mod flush_pages;
mod form;
mod http;
mod paced;
mod registry_pages;

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::net::{TcpListener, UdpSocket};
use tokio::task::JoinSet;

use super::model::{Action, Internet, Packet, Reaction};
use super::stage::Stage;
use crate::probe::ExchangePacket;
use crate::time::Timestamp;

pub use clock::DrillClock;
pub use paced::Paced;

/// The only address anything here is bound to. macOS has no other on its loopback interface.
const HERE: Ipv4Addr = Ipv4Addr::LOCALHOST;
/// The port the simulated servers are asked at.
const PORT: u16 = 53;
/// How often a port is looked for that is free for UDP and for TCP.
const ATTEMPTS: usize = 20;

/// A simulated internet that can be reached on loopback. Dropping it ends all that it serves.
#[derive(Debug)]
pub struct Front {
    held: Arc<Held>,
    addresses: HashMap<SocketAddr, SocketAddr>,
    pages: SocketAddr,
    /// Aborted when dropped.
    _serving: JoinSet<()>,
}

/// The model and its clock, shared by everything that serves.
#[derive(Debug)]
struct Held {
    net: Mutex<Internet>,
    clock: Arc<DrillClock>,
}

impl Held {
    /// A state that a panic elsewhere left behind is still a whole one: nothing is changed half-way under the lock.
    fn lock(&self) -> MutexGuard<'_, Internet> {
        self.net.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn receive(&self, packet: &Packet) -> Reaction {
        let mut net = self.lock();
        net.receive(self.clock.world(), packet)
    }

    fn act(&self, action: Action) {
        let mut net = self.lock();
        net.act(self.clock.world(), action);
    }

    /// Makes something happen a while from now.
    fn act_later(&self, after: Duration, action: Action) {
        let mut net = self.lock();
        net.plan(self.clock.world() + after, action);
    }

    fn is_unplugged(&self) -> bool {
        let mut net = self.lock();
        net.advance(self.clock.world());
        net.is_unplugged()
    }

    fn is_cut(&self) -> bool {
        let mut net = self.lock();
        net.advance(self.clock.world());
        net.is_cut()
    }
}

impl Front {
    /// Binds the ports and serves. `net` must have been built from `stage` and stand at the clock's beginning. Must be
    /// called inside a tokio runtime.
    ///
    /// # Errors
    /// A socket on loopback could not be opened.
    pub async fn open(net: Internet, stage: &Stage, clock: Arc<DrillClock>) -> io::Result<Self> {
        let held = Arc::new(Held { net: Mutex::new(net), clock });
        let mut serving = JoinSet::new();
        let mut addresses = HashMap::new();
        let servers = stage.hosts().map(|host| host.addresses.as_slice());
        // Where nobody stands something must be bound all the same: somebody in between may answer.
        let nobody: Vec<IpAddr> = stage.neutral().nobody.iter().map(SocketAddr::ip).collect();
        let resolvers = stage.resolvers.iter().map(|resolver| resolver.addresses.as_slice());
        for group in servers.chain(resolvers).chain([nobody.as_slice()]) {
            let new: Vec<IpAddr> =
                group.iter().copied().filter(|a| !addresses.contains_key(&SocketAddr::new(*a, PORT))).collect();
            let Some(first) = new.first() else { continue };
            let (udp, tcp) = bind().await?;
            let port = udp.local_addr()?;
            dns::serve(&mut serving, &held, SocketAddr::new(*first, PORT), udp, tcp);
            addresses.extend(new.into_iter().map(|address| (SocketAddr::new(address, PORT), port)));
        }
        let listener = TcpListener::bind((HERE, 0)).await?;
        let pages = listener.local_addr()?;
        serving.spawn(http::serve(listener, Arc::clone(&held), format!("http://{pages}")));
        Ok(Self { held, addresses, pages, _serving: serving })
    }

    /// Where the simulated addresses are answered: for [`Rerouted`](crate::probe::Rerouted).
    #[must_use]
    pub fn addresses(&self) -> HashMap<SocketAddr, SocketAddr> {
        self.addresses.clone()
    }

    /// Puts the drill's pace, and the state of its machine, in front of a network.
    #[must_use]
    pub fn paced<N: ExchangePacket>(&self, network: N) -> Paced<N> {
        Paced::new(network, Arc::clone(&self.held))
    }

    /// The base of the simulated Cloudflare's purge request.
    #[must_use]
    pub fn cloudflare_base(&self) -> String {
        format!("http://{}", self.pages)
    }

    /// The simulated Google's page for people.
    #[must_use]
    pub fn google_page(&self) -> String {
        format!("http://{}{}", self.pages, flush_pages::GOOGLE)
    }

    /// The simulated OpenDNS's page for people.
    #[must_use]
    pub fn opendns_page(&self) -> String {
        format!("http://{}{}", self.pages, flush_pages::OPENDNS)
    }

    /// The base URL of the simulated registry's RDAP service.
    #[must_use]
    pub fn registry_base(&self) -> String {
        format!("http://{}{}", self.pages, registry_pages::REGISTRY)
    }

    /// The drill's clock.
    #[must_use]
    pub fn clock(&self) -> &Arc<DrillClock> {
        &self.held.clock
    }

    /// Makes something happen now.
    pub fn act(&self, action: Action) {
        self.held.act(action);
    }

    /// Whether our network is cut just now.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        self.held.is_cut()
    }

    /// Looks at the simulated internet as it is now: for debriefs, never for playing.
    pub fn look<T>(&self, look: impl FnOnce(&Internet, Timestamp) -> T) -> T {
        let mut net = self.held.lock();
        let now = self.held.clock.world();
        net.advance(now);
        look(&net, now)
    }
}

/// One port for both transports, chosen by the kernel.
async fn bind() -> io::Result<(UdpSocket, TcpListener)> {
    let mut failure = None;
    for _ in 0..ATTEMPTS {
        let tcp = TcpListener::bind((HERE, 0)).await?;
        match UdpSocket::bind(tcp.local_addr()?).await {
            Ok(udp) => return Ok((udp, tcp)),
            Err(error) => failure = Some(error),
        }
    }
    Err(failure.unwrap_or_else(|| io::ErrorKind::AddrInUse.into()))
}

#[cfg(test)]
mod tests;
