//! The real network: UDP pools for both families and TCP. May not know what a message says.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use thiserror::Error;
use tokio::sync::Semaphore;

use super::network::{ExchangeError, ExchangePacket, Reply};
use super::tcp;
use super::udp_pool::UdpPool;
use crate::observation::Transport;

/// IPv4 sockets of the pool: from four upward none of 5,000 simultaneous answers was lost, and sixteen give a
/// resolver behind a load balancer sixteen different flows.
const IPV4_SOCKETS: usize = 16;
/// IPv6 sockets of the pool.
const IPV6_SOCKETS: usize = 8;
/// TCP connections open at once; with the pool far below the common limit of 1,024 descriptors.
const TCP_CONNECTIONS: usize = 128;

/// The Internet, through this machine's own sockets.
#[derive(Debug)]
pub struct Internet {
    pools: RwLock<Pools>,
    connections: Semaphore,
    dropped: Arc<AtomicU64>,
}

/// Why there is no network at all.
#[derive(Debug, Error)]
#[error("no UDP socket could be opened, neither for IPv4 ({ipv4}) nor for IPv6 ({ipv6})")]
pub struct OpenError {
    ipv4: io::Error,
    ipv6: io::Error,
}

/// The UDP pools; a family that this machine lacks says why.
#[derive(Debug, Clone)]
struct Pools {
    ipv4: Result<Arc<UdpPool>, String>,
    ipv6: Result<Arc<UdpPool>, String>,
}

impl Pools {
    fn open(dropped: &Arc<AtomicU64>) -> Result<Self, OpenError> {
        let ipv4 = UdpPool::open(IpAddr::V4(Ipv4Addr::UNSPECIFIED), IPV4_SOCKETS, dropped);
        let ipv6 = UdpPool::open(IpAddr::V6(Ipv6Addr::UNSPECIFIED), IPV6_SOCKETS, dropped);
        match (ipv4, ipv6) {
            (Err(ipv4), Err(ipv6)) => Err(OpenError { ipv4, ipv6 }),
            (ipv4, ipv6) => Ok(Self {
                ipv4: ipv4.map(Arc::new).map_err(|e| format!("no IPv4 socket: {e}")),
                ipv6: ipv6.map(Arc::new).map_err(|e| format!("no IPv6 socket: {e}")),
            }),
        }
    }
}

impl Internet {
    /// Opens the UDP pools. Must be called inside a tokio runtime.
    ///
    /// # Errors
    /// When neither family gives a socket. One family alone is enough; queries to the other are then
    /// [`ExchangeError::NotSent`].
    pub fn open() -> Result<Self, OpenError> {
        let dropped = Arc::new(AtomicU64::new(0));
        let pools = RwLock::new(Pools::open(&dropped)?);
        Ok(Self { pools, connections: Semaphore::new(TCP_CONNECTIONS), dropped })
    }

    /// Takes fresh sockets, hence fresh source ports, for the queries to come. Those under way keep theirs. Must be
    /// called inside a tokio runtime.
    ///
    /// # Errors
    /// As [`Internet::open`]; the old sockets then stay in use.
    pub fn renew(&self) -> Result<(), OpenError> {
        let fresh = Pools::open(&self.dropped)?;
        let mut pools = self.pools.write().unwrap_or_else(PoisonError::into_inner);
        // A family that cannot be renewed just now (out of descriptors) keeps the sockets it has.
        pools.ipv4 = fresh.ipv4.or_else(|reason| pools.ipv4.clone().map_err(|_| reason));
        pools.ipv6 = fresh.ipv6.or_else(|reason| pools.ipv6.clone().map_err(|_| reason));
        Ok(())
    }

    fn pool(&self, to: SocketAddr) -> Result<Arc<UdpPool>, ExchangeError> {
        let pools = self.pools.read().unwrap_or_else(PoisonError::into_inner);
        let pool = if to.is_ipv4() { &pools.ipv4 } else { &pools.ipv6 };
        pool.clone().map_err(ExchangeError::NotSent)
    }
}

impl ExchangePacket for Internet {
    fn exchange<'a>(
        &'a self,
        to: SocketAddr,
        transport: Transport,
        message: &'a [u8],
        wait: Duration,
    ) -> BoxFuture<'a, Result<Reply, ExchangeError>> {
        match transport {
            Transport::Udp => async move { self.pool(to)?.exchange(to, message, wait).await }.boxed(),
            Transport::Tcp => tcp::exchange(to, message, wait, &self.connections, &self.dropped).boxed(),
        }
    }

    fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    fn renew_flows(&self) {
        // When no fresh sockets can be had just now the old ones serve on.
        let _ = self.renew();
    }
}
