//! An address map in front of another network: the drill answers for `198.41.0.4:53` on a loopback port.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::BoxFuture;

use super::network::{ExchangeError, ExchangePacket, Reply};
use crate::observation::Transport;

/// Sends every message to the address that the map gives for its target.
///
/// An address that is not in the map is not asked at all ([`ExchangeError::NotSent`]): a simulated internet must
/// never leak a packet to the real one.
#[derive(Debug)]
pub struct Rerouted<N> {
    network: N,
    map: HashMap<SocketAddr, SocketAddr>,
}

impl<N: ExchangePacket> Rerouted<N> {
    /// Puts `map` (asked address to real address) in front of `network`.
    #[must_use]
    pub fn new(network: N, map: HashMap<SocketAddr, SocketAddr>) -> Self {
        Self { network, map }
    }
}

impl<N: ExchangePacket> ExchangePacket for Rerouted<N> {
    fn exchange<'a>(
        &'a self,
        to: SocketAddr,
        transport: Transport,
        message: &'a [u8],
        wait: Duration,
    ) -> BoxFuture<'a, Result<Reply, ExchangeError>> {
        if let Some(real) = self.map.get(&to) {
            return self.network.exchange(*real, transport, message, wait);
        }
        let reason = format!("{to} is not part of the simulated internet");
        async move { Err(ExchangeError::NotSent(reason)) }.boxed()
    }

    fn dropped(&self) -> u64 {
        self.network.dropped()
    }

    fn renew_flows(&self) {
        self.network.renew_flows();
    }
}
