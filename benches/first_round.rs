//! How soon a first round of the whole tool is judged: `cargo bench --bench first_round`.
//!
//! The engine asks many resolvers at once (a nonce and the apex NS set each) and judges every answer. Resolvers live on
//! loopback addresses in this process, answer after 20 to 100 ms, and one in twenty is silent. The limit to compare with
//! is the slowest living round trip: no tool can judge sooner. The client's CPU is the process's without the
//! responder's thread.

#[path = "support/responder.rs"]
mod responder;
#[path = "support/usage.rs"]
#[expect(dead_code, reason = "what other benchmarks need")]
mod usage;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use responder::{Plan, Responder};
use tokio::sync::{mpsc, watch};
use unpark::catalog::ParkingCatalog;
use unpark::engine::{Engine, Lines, SystemClock};
use unpark::incident::{Incident, Opening, ResolverTarget};
use unpark::judge::Verdict;
use unpark::probe::{Families, Internet, Patience, Prober, Walker};
use unpark::schedule::{Mode, Rates, Schedule};
use unpark::time::ReadClock as _;
use usage::{cpu_of_process, memory};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // `cargo test --benches` runs this too: then a small number shows that it works.
    let full = std::env::args().any(|argument| argument == "--bench");
    let sizes: &[(usize, usize)] = if full { &[(1_000, 5)] } else { &[(50, 1)] };
    println!(
        "resolvers  judged  slowest living  last judged  ratio  silent known  packets  client CPU  per query  peak RSS"
    );
    for &(resolvers, runs) in sizes {
        for _ in 0..runs {
            measure(resolvers)?;
        }
    }
    Ok(())
}

fn measure(resolvers: usize) -> Result<(), Box<dyn std::error::Error>> {
    let delay = (Duration::from_millis(20), Duration::from_millis(100));
    let responder = Responder::start(Plan { servers: resolvers, delay, silent_every: 20 })?;
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let clock = Arc::new(SystemClock::start());
        let prober = Arc::new(Prober::new(Arc::new(Internet::open()?), clock.clone(), Patience::default()));
        // Nowhere to walk from: only the resolvers are measured. The servers' SOA names a parked server, so that each
        // answer can be judged by itself.
        let families = Families { ipv4: true, ipv6: false };
        let walker = Arc::new(Walker::new(prober.clone(), Vec::new(), families));
        let target = |address: &std::net::SocketAddr| ResolverTarget {
            id: address.to_string(),
            operator: String::new(),
            city: String::new(),
            country: None,
            address: *address,
            system: false,
            flush: None,
        };
        let opening = Opening {
            parked: vec![std::iter::once("ns1.example.com.".parse()?).collect()],
            samples_needed: 1,
            confidence: 1,
            resolvers: responder.servers.iter().map(target).collect(),
            ..Opening::of("example.com.".parse()?)
        };
        let incident = Incident::open(opening, Arc::new(ParkingCatalog::embedded()), clock.now());
        let rates = Rates { first_round: 100_000.0, ..Rates::default() };
        let schedule = Schedule::new(Mode::Round { samples: 1, resolvers: true }, rates, 1);
        let (_commands, wishes) = mpsc::channel(1);
        let (news, _receiver) = watch::channel(Arc::new(incident.clone()));
        let engine = Engine::new(prober, walker, clock.clone(), incident, schedule, BTreeMap::new());
        let (process, server_side, start) = (cpu_of_process()?, responder.cpu()?, clock.now());
        let done = engine.run(Some(Duration::from_secs(20)), Lines { commands: wishes, news }).await;
        let spent =
            cpu_of_process()?.saturating_sub(process).saturating_sub(responder.cpu()?.saturating_sub(server_side));

        let of = |verdict: Verdict| done.resolvers().iter().filter(move |r| r.judgement.verdict == verdict);
        let slowest = done.resolvers().iter().flat_map(|r| r.witnesses.iter()).filter_map(|h| h.observation.rtt).max();
        let slowest = slowest.unwrap_or_default().as_secs_f64();
        let last = of(Verdict::Parked).map(|r| r.since.since(start)).max().unwrap_or_default().as_secs_f64();
        let silent = of(Verdict::Silent).map(|r| r.since.since(start)).max().unwrap_or_default().as_secs_f64();
        println!(
            "{resolvers:>9}  {:>6}  {:>11.1} ms  {:>8.1} ms  {:>5.2}  {:>10.2} s  {:>7}  {:>7} ms  {:>6.1} µs  {}",
            of(Verdict::Parked).count(),
            slowest * 1e3,
            last * 1e3,
            last / slowest,
            silent,
            done.packets(),
            spent.as_millis(),
            spent.as_secs_f64() * 1e6 / done.observed() as f64,
            memory("VmHWM:").map_or_else(|| "unknown".to_owned(), |peak| format!("{peak} MB")),
        );
        Ok(())
    })
}
