//! How much the prober costs when thousands of servers are asked at once: `cargo bench --bench udp_pool`.
//!
//! Servers live on loopback addresses in this process, answer after 20 to 100 ms, and one in twenty is silent. The
//! client's CPU is the process's without the responder's thread; the kernel's work for a packet counts for whoever
//! sent it. "Added" is the measured round trip minus the server's planned delay: what the tool adds to its own
//! measurements.

#[path = "support/responder.rs"]
mod responder;
#[path = "support/usage.rs"]
#[expect(dead_code, reason = "what other benchmarks need")]
mod usage;

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use responder::{Plan, Responder};
use unpark::dns::RecordType;
use unpark::observation::{Outcome, Purpose, Query, Role, TargetId};
use unpark::probe::{Internet, Patience, Prober};
use unpark::time::{ReadClock, Timestamp};
use usage::{cpu_of_process, memory};

struct SystemClock;

impl ReadClock for SystemClock {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(0))
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // `cargo test --benches` runs this too: then a small number shows that it works.
    let full = std::env::args().any(|argument| argument == "--bench");
    let sizes: &[usize] = if full { &[1_000, 5_000] } else { &[50] };
    println!("servers  answered  silent  last answer  whole  client CPU  per query  added p50  p95  packets  peak RSS");
    for &servers in sizes {
        measure(servers)?;
    }
    Ok(())
}

fn measure(servers: usize) -> Result<(), Box<dyn std::error::Error>> {
    let delay = (Duration::from_millis(20), Duration::from_millis(100));
    let plan = Plan { servers, delay, silent_every: 20 };
    let responder = Responder::start(plan)?;
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let prober = Arc::new(Prober::new(Arc::new(Internet::open()?), Arc::new(SystemClock), Patience::default()));
        let (process, server_side, start) = (cpu_of_process()?, responder.cpu()?, Instant::now());
        let asking: Vec<_> = responder
            .servers
            .iter()
            .map(|server| {
                let prober = Arc::clone(&prober);
                let target = TargetId::new(Role::Resolver, *server);
                let zone = "example.com.".parse();
                tokio::spawn(async move {
                    let query = Query::new(target, zone?, RecordType::TXT, Purpose::Nonce).recursive();
                    let observation = prober.ask(&query).await;
                    Ok::<_, unpark::dns::NameError>((observation, start.elapsed()))
                })
            })
            .collect();
        let (mut answered, mut silent, mut packets, mut last) = (0, 0, 0, Duration::ZERO);
        let mut added = Vec::with_capacity(servers);
        for (index, task) in asking.into_iter().enumerate() {
            let (observation, end) = task.await??;
            packets += observation.packets;
            match observation.outcome {
                Outcome::Answered(_) => {
                    answered += 1;
                    last = last.max(end);
                    let planned = plan.delay_of(index).unwrap_or_default();
                    added.push(observation.rtt.unwrap_or_default().saturating_sub(planned));
                }
                _ => silent += 1,
            }
        }
        let whole = start.elapsed();
        let client = cpu_of_process()?.saturating_sub(process).saturating_sub(responder.cpu()?.saturating_sub(server_side));
        added.sort();
        let share = |of: usize| added.get(added.len() * of / 100).copied().unwrap_or_default().as_secs_f64() * 1e3;
        println!(
            "{servers:>7}  {answered:>8}  {silent:>6}  {:>8} ms  {:>2.1} s  {:>7} ms  {:>6.1} µs  {:>6.1} ms  {:.0} ms  {packets:>7}  {}",
            last.as_millis(),
            whole.as_secs_f64(),
            client.as_millis(),
            client.as_secs_f64() * 1e6 / f64::from(u32::try_from(servers)?),
            share(50),
            share(95),
            memory("VmHWM:").map_or_else(|| "unknown".to_owned(), |peak| format!("{peak} MB")),
        );
        Ok(())
    })
}
