//! A large incident: for tests and for measurements.

use std::net::IpAddr;
use std::time::Duration;

use unpark::drill::model::{CacheOptions, Kind};
use unpark::drill::scenario::Scenario;
use unpark::drill::stage::{Resolver, Stage};

/// A stage of so many resolvers, every third with three caches, with real TTLs and busy users: parked after an hour,
/// corrected three hours later.
pub fn large(resolvers: u32) -> Stage {
    let mut stage = Scenario::built_in("brevo").unwrap().unwrap().stage;
    (stage.parent.ns_ttl, stage.correct.ns_ttl, stage.parked.ns_ttl) = (172_800, 86_400, 86_400);
    for party in [&mut stage.correct, &mut stage.parked] {
        party.records.iter_mut().for_each(|line| line.ttl = 300);
    }
    stage.warm = Duration::from_secs(600);
    stage.script.iter_mut().zip([3600, 4 * 3600, 20 * 3600]).for_each(|((at, _), s)| *at = Duration::from_secs(s));
    let pattern = stage.resolvers[5].clone();
    stage.resolvers = (0..resolvers)
        .map(|n| Resolver {
            id: format!("r{n}"),
            operator: format!("r{n}"),
            addresses: vec![IpAddr::from((0x0a00_0000_u32 + n).to_be_bytes())],
            options: CacheOptions::new(Kind::ALL[usize::try_from(n).unwrap() % Kind::ALL.len()]),
            caches: if n % 3 == 0 { 3 } else { 1 },
            ..pattern.clone()
        })
        .collect();
    stage
}
