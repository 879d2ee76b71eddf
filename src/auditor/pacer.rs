//! Keeps DNS queries below a rate, in all and to each address: whoever wants to ask waits for a slot.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Addresses whose slots are remembered; those whose slot has passed are dropped first.
const MOST_ADDRESSES: usize = 20_000;

/// Hands out slots.
#[derive(Debug)]
pub struct Pacer {
    between: Duration,
    between_per_address: Duration,
    next: Mutex<Next>,
}

#[derive(Debug, Default)]
struct Next {
    any: Option<Instant>,
    addresses: HashMap<IpAddr, Instant>,
}

impl Pacer {
    /// So many a second in all, and to one address.
    pub fn new(per_second: f64, per_address: f64) -> Self {
        let between = |rate: f64| Duration::try_from_secs_f64(1.0 / rate.max(0.001)).unwrap_or(Duration::from_secs(1));
        Self { between: between(per_second), between_per_address: between(per_address), next: Mutex::default() }
    }

    /// Waits until a query may go to `address`.
    pub async fn wait(&self, address: IpAddr) {
        let at = self.reserve(address, 1, Instant::now());
        tokio::time::sleep_until(at).await;
    }

    /// Counts packets that went without waiting (of a walk, or repeated ones): the next ones wait the longer.
    pub fn charge(&self, address: IpAddr, packets: u32) {
        if packets > 0 {
            self.reserve(address, packets, Instant::now());
        }
    }

    /// The time at which the first of `packets` may go; the slots behind it are taken.
    fn reserve(&self, address: IpAddr, packets: u32, now: Instant) -> Instant {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let own = next.addresses.get(&address).copied().unwrap_or(now);
        let at = next.any.unwrap_or(now).max(own).max(now);
        // A slot far ahead for one address must not hold up the others.
        let any = next.any.unwrap_or(now).max(now);
        next.any = Some(any + self.between * packets);
        if next.addresses.len() >= MOST_ADDRESSES {
            next.addresses.retain(|_, slot| *slot > now);
        }
        if next.addresses.len() < MOST_ADDRESSES {
            next.addresses.insert(address, at + self.between_per_address * packets);
        }
        at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(last: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, last])
    }

    #[tokio::test(start_paused = true)]
    async fn rates_hold_in_all_and_for_each_address() {
        let (pacer, start) = (Pacer::new(100.0, 10.0), Instant::now());
        for _ in 0..11 {
            pacer.wait(ip(1)).await;
        }
        assert_eq!(start.elapsed().as_millis(), 1_000, "ten pauses of a tenth of a second");
        let start = Instant::now();
        for n in 0..101 {
            pacer.wait(ip(100 + n)).await;
        }
        assert!((990..=1_020).contains(&start.elapsed().as_millis()), "{:?}", start.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn one_slow_address_holds_up_nobody_else() {
        let (pacer, start) = (Pacer::new(100.0, 1.0), Instant::now());
        let waits = (0..50).map(|_| pacer.wait(ip(1)));
        let all = futures::future::join_all(waits);
        let other = async {
            pacer.wait(ip(2)).await;
            start.elapsed()
        };
        let (_, waited) = futures::future::join(all, other).await;
        assert!(waited <= Duration::from_millis(600), "{waited:?}");
        pacer.charge(ip(3), 5);
        let start = Instant::now();
        pacer.wait(ip(3)).await;
        assert!(start.elapsed() >= Duration::from_secs(5));
    }
}
