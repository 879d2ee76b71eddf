//! Carries messages at the drill's pace: what the tool is told of round trips is in the drill's time. May not know what a
//! message says.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::BoxFuture;

use super::Held;
use crate::observation::Transport;
use crate::probe::{ExchangeError, ExchangePacket, Reply};

/// Another network, whose round-trip times are given in the drill's time. Waiting is left in real time: the prober that
/// waits is given its patience for that.
#[derive(Debug)]
pub struct Paced<N> {
    network: N,
    held: Arc<Held>,
}

impl<N: ExchangePacket> Paced<N> {
    pub(super) const fn new(network: N, held: Arc<Held>) -> Self {
        Self { network, held }
    }
}

impl<N: ExchangePacket> ExchangePacket for Paced<N> {
    fn exchange<'a>(
        &'a self,
        to: SocketAddr,
        transport: Transport,
        message: &'a [u8],
        wait: Duration,
    ) -> BoxFuture<'a, Result<Reply, ExchangeError>> {
        async move {
            if self.held.is_unplugged() {
                return Err(ExchangeError::NotSent("network is unreachable".to_owned()));
            }
            let reply = self.network.exchange(to, transport, message, wait).await?;
            Ok(Reply { rtt: self.held.clock.passes_in(reply.rtt), ..reply })
        }
        .boxed()
    }

    fn dropped(&self) -> u64 {
        self.network.dropped()
    }
}
