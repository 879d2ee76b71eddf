//! The simulated internet as a whole: the same seed gives the same run, TTLs only count down, nothing a client sends
//! upsets it, sampling sees what is there, and the simulator's own word on each cache is true.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use proptest::prelude::*;
use unpark::dns::{Class, Name, Rcode, RecordType};
use unpark::drill::model::{
    Action, Cache, CacheOptions, ClientId, Internet, Kind, Packet, Question, Reaction, Side, Spread,
};
use unpark::drill::scenario::Scenario;
use unpark::drill::stage::{Stage, Users};
use unpark::observation::{Response, Transport};
use unpark::time::Timestamp;

#[path = "support/large.rs"]
mod large;

use large::large;

const BEGIN: Timestamp = Timestamp::from_micros(1_795_350_000_250_000);

fn scenario(name: &str) -> Scenario {
    Scenario::built_in(name).unwrap().unwrap()
}

fn at(seconds: f64) -> Timestamp {
    BEGIN + Duration::from_secs_f64(seconds)
}

fn to(address: IpAddr) -> SocketAddr {
    SocketAddr::new(address, 53)
}

fn nonce(zone: &Name, number: u64) -> Question {
    Question::new(
        zone.child(format!("t{:012x}", number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 16).as_bytes()).unwrap(),
        RecordType::TXT,
    )
}

/// Asks every resolver for a nonce and for `www` every 5 s; the log of all that came.
fn log(name: &str, seed: u64) -> Vec<String> {
    let scenario = scenario(name);
    let mut net = scenario.stage.build(BEGIN, seed);
    let www = scenario.stage.zone.child(b"www").unwrap();
    let mut lines = Vec::new();
    let mut number = 0;
    for second in (0..scenario.lasts.as_secs()).step_by(5) {
        let now = BEGIN + Duration::from_secs(second);
        for resolver in &scenario.stage.resolvers {
            for question in [nonce(&scenario.stage.zone, number), Question::new(www.clone(), RecordType::A)] {
                number += 1;
                let packet = Packet::recursive(to(resolver.addresses[0]), ClientId(number), question);
                lines.push(format!("{second} {} {:?}", resolver.id, net.receive(now, &packet)));
            }
        }
    }
    lines.extend(net.history().iter().map(|h| format!("{} {}", h.at, h.what)));
    lines
}

#[test]
fn the_same_seed_gives_the_same_log() {
    for name in Scenario::names() {
        let first = log(name, 7);
        assert_eq!(first, log(name, 7), "{name}");
        assert_ne!(first, log(name, 8), "{name}");
    }
}

#[test]
fn incidents_run_their_course() {
    for name in Scenario::names() {
        let scenario = scenario(name);
        let mut net = scenario.stage.build(BEGIN, scenario.seed);
        let mut worst = 0;
        let shares = |net: &Internet, now| {
            let mut counts: BTreeMap<Side, usize> = BTreeMap::new();
            for resolver in &scenario.stage.resolvers {
                for truth in net.truth(now, resolver.addresses[0]).unwrap() {
                    *counts.entry(truth.side).or_default() += 1;
                }
            }
            counts
        };
        let total: usize = shares(&net, BEGIN).values().sum();
        for second in 0..scenario.lasts.as_secs() {
            let now = BEGIN + Duration::from_secs(second);
            net.advance(now);
            let good = shares(&net, now).get(&Side::Correct).copied().unwrap_or(0);
            worst = worst.max(total - good);
        }
        let end = BEGIN + scenario.lasts;
        net.advance(end);
        assert_eq!(shares(&net, end).get(&Side::Correct).copied(), Some(total), "{name}: all caches right at the end");
        let suffers = name != "healthy";
        assert_eq!(worst * 2 > total, suffers, "{name}: {worst} of {total} at worst");
    }
}

/// Which side a nonce's answer speaks for, by the SOA or the wildcard.
fn side_of(stage: &Stage, response: &Response) -> Option<Side> {
    let text: String = response.authority.iter().chain(&response.answer).map(|r| format!("{r}\n")).collect();
    let speaks = |party: &unpark::drill::stage::Party| text.contains(&party.servers[0].name.to_string());
    match () {
        () if response.rcode == Rcode::SERVFAIL || text.is_empty() => None,
        () if speaks(&stage.correct) => Some(Side::Correct),
        () if speaks(&stage.parked) => Some(Side::Parked),
        () if stage.stranger.as_ref().is_some_and(speaks) => Some(Side::Other),
        () => Some(Side::Held),
    }
}

#[test]
fn the_truth_is_what_a_nonce_would_see() {
    for name in Scenario::names() {
        let scenario = scenario(name);
        let mut net = scenario.stage.build(BEGIN, 3);
        let mut compared = 0;
        for second in (1..scenario.lasts.as_secs()).step_by(12) {
            let now = at(second as f64 + 0.5);
            net.advance(now);
            for resolver in &scenario.stage.resolvers {
                // A copy is asked, so that looking changes nothing.
                let mut copy = net.clone();
                let truths = net.truth(now, resolver.addresses[0]).unwrap();
                {
                    let flow = second;
                    let mut packet = Packet::recursive(
                        to(resolver.addresses[0]),
                        ClientId(flow),
                        nonce(&scenario.stage.zone, second),
                    );
                    packet.cd = true;
                    let truth = &truths[net.service_at(resolver.addresses[0]).unwrap().cache_for(&packet)];
                    let asked = |net: &Internet| -> u64 {
                        net.service_at(resolver.addresses[0]).unwrap().caches.iter().map(Cache::fetches).sum()
                    };
                    let before = asked(&copy);
                    let Reaction::Answer { response, .. } = copy.receive(now, &packet) else { continue };
                    // An answer made from cached denials says nothing about now (RFC 8198).
                    if asked(&copy) == before {
                        continue;
                    }
                    let filtered = !net.service_at(resolver.addresses[0]).unwrap().filters.is_empty();
                    if let (Some(seen), false, false) =
                        (side_of(&scenario.stage, &response), filtered, truth.side == Side::Undecided)
                    {
                        compared += 1;
                        assert_eq!(
                            seen, truth.side,
                            "{name} {} cache {} at {second}: {response:?}",
                            resolver.id, truth.cache
                        );
                    }
                }
            }
        }
        assert!(compared > 200, "{name}: {compared}");
    }
}

#[test]
fn a_cache_turns_when_the_simulator_says() {
    let scenario = scenario("brevo");
    let mut net = scenario.stage.build(BEGIN, 1);
    let now = at(100.0);
    net.advance(now);
    let mut seen = 0;
    for resolver in &scenario.stage.resolvers {
        let address = resolver.addresses[0];
        for truth in net.truth(now, address).unwrap() {
            let turns = net.turns(now, address, truth.cache, Duration::from_secs(300)).unwrap();
            assert_eq!(turns == now, truth.side == Side::Correct);
            // Played on without looking, the cache does as foretold.
            let mut later = net.clone();
            let mut first = now;
            while later.truth(first, address).unwrap()[truth.cache].side != Side::Correct {
                first = first + Duration::from_secs(1);
                later.advance(first);
            }
            assert!(
                first.since(turns).max(turns.since(first)) <= Duration::from_secs(2),
                "{} {turns} {first}",
                resolver.id
            );
            seen += usize::from(truth.side == Side::Parked);
        }
    }
    assert!(seen > 5, "{seen} parked caches");
}

#[test]
fn flushes_turn_a_cache_and_cuts_silence_everything() {
    let scenario = scenario("brevo");
    let mut net = scenario.stage.build(BEGIN, 1);
    let google: IpAddr = "8.8.8.8".parse().unwrap();
    net.advance(at(82.0));
    let parked =
        |net: &Internet, now| net.truth(now, google).unwrap().iter().filter(|t| t.side == Side::Parked).count();
    assert!(parked(&net, at(82.0)) > 2);
    let scope = unpark::drill::model::FlushScope::Type(scenario.stage.zone.clone(), RecordType::NS);
    net.act(at(82.0), Action::Flush { operator: "Google Public DNS".to_owned(), scope });
    assert_eq!(parked(&net, at(82.0)), 0);
    let packet = Packet::recursive(to(google), ClientId(1), nonce(&scenario.stage.zone, 5));
    net.act(at(83.0), Action::Cut);
    assert_eq!(net.receive(at(83.0), &packet), Reaction::Silence);
    net.act(at(84.0), Action::Mend);
    assert!(matches!(net.receive(at(84.0), &packet), Reaction::Answer { .. }));
    // An interceptor answers for addresses that are nobody's.
    let nobody = Packet { to: "240.0.0.1:53".parse().unwrap(), ..packet };
    assert_eq!(net.receive(at(85.0), &nobody), Reaction::Silence);
    net.act(at(86.0), Action::Intercept("google".to_owned()));
    assert!(matches!(net.receive(at(86.0), &nobody), Reaction::Answer { .. }));
}

#[test]
fn identities_limits_and_closed_ports() {
    let mut scenario = scenario("healthy");
    scenario.stage.resolvers[0].rate_limit = Some(1.0);
    let mut net = scenario.stage.build(BEGIN, 1);
    let packet = |address: &str, name: &str, class, number| {
        let question = Question { name: name.parse().unwrap(), rtype: RecordType::TXT, class };
        Packet::recursive(address.parse().unwrap(), ClientId(number), question)
    };
    let told = |reaction| if let Reaction::Answer { response, .. } = reaction { response } else { panic!("no answer") };
    let mut instances: Vec<_> = (0..60)
        .map(|n| {
            told(net.receive(at(1.0), &packet("9.9.9.9:53", "id.server.", Class::CH, n))).answer[0].rdata.to_string()
        })
        .collect();
    instances.sort();
    instances.dedup();
    assert_eq!(instances.len(), 6, "six caches are behind it");
    let codes: Vec<_> = (0..8)
        .map(|n| told(net.receive(at(2.0), &packet("8.8.8.8:53", "www.calm-example.com.", Class::IN, n))).rcode)
        .collect();
    assert_eq!(codes.iter().filter(|c| **c == Rcode::REFUSED).count(), 3, "{codes:?}");
    let closed = net.receive(at(3.0), &packet("8.8.8.8:853", "www.calm-example.com.", Class::IN, 1));
    assert!(matches!(closed, Reaction::Refusal { .. }));
    // The parent servers answer with referrals and glue; the root too.
    let referral = told(net.receive(at(4.0), &packet("192.5.6.30:53", "x.calm-example.com.", Class::IN, 1)));
    let (owner, set, ttl) = referral.referral(&"x.calm-example.com.".parse().unwrap()).unwrap();
    assert_eq!((owner.to_string().as_str(), set.len(), ttl.as_secs()), ("calm-example.com.", 2, 120));
    let root = told(net.receive(at(4.0), &packet("198.41.0.4:53", "x.calm-example.com.", Class::IN, 1)));
    assert_eq!(root.referral(&"com.".parse().unwrap()).unwrap().1.len(), 13);
    assert!(!root.tc && root.additional.len() == 26);
}

/// One resolver of eight caches whose leases end at different times.
fn pool(spread: Spread) -> Internet {
    let mut stage = scenario("brevo").stage;
    stage.users = Users { questions: Vec::new(), rate: 0.0, mistyped: 0.0 };
    stage.parked.ns_in_answers = false;
    let mut resolver = stage.resolvers[0].clone();
    resolver.options = CacheOptions::new(Kind::UnboundScrubbed);
    (resolver.caches, resolver.spread) = (8, spread);
    stage.resolvers = vec![resolver];
    stage.build(BEGIN, 5)
}

#[test]
fn sampling_an_anycast_address_sees_the_true_share() {
    let zone = scenario("brevo").stage.zone;
    for spread in [Spread::Flow, Spread::Name] {
        let mut net = pool(spread);
        let address: IpAddr = "8.8.8.8".parse().unwrap();
        // While it is parked, eight caches are primed, 4 s apart: a packet for each is looked for.
        for cache in 0..8 {
            let now = at(30.0 + 4.0 * f64::from(cache));
            let mut flow = 0;
            let packet = loop {
                let packet = Packet::recursive(to(address), ClientId(flow), nonce(&zone, 1000 * flow));
                if net.service_at(address).unwrap().cache_for(&packet) == usize::try_from(cache).unwrap() {
                    break packet;
                }
                flow += 1;
            };
            net.receive(now, &packet);
        }
        let mut number = 1_000_000;
        for window in 0..10 {
            let now = at(86.0 + 4.0 * f64::from(window));
            let mut parked = 0;
            for _ in 0..150 {
                number += 1;
                // A copy, so that good answers do not warm the caches.
                let packet = Packet::recursive(to(address), ClientId(number), nonce(&zone, number));
                if let Reaction::Answer { response, .. } = net.clone().receive(now, &packet) {
                    parked += usize::from(format!("{response:?}").contains("pendingrenewaldeletion"));
                }
            }
            net.advance(now);
            let truths = net.truth(now, address).unwrap();
            let truth = truths.iter().filter(|t| t.side == Side::Parked).count() as f64 / 8.0;
            let seen = f64::from(u32::try_from(parked).unwrap()) / 150.0;
            assert!((seen - truth).abs() < 0.16, "{spread:?}: {seen} seen, {truth} true");
        }
        // One fixed name: every cache by flow, one cache by name.
        let fixed = Question::new(zone.child(b"www").unwrap(), RecordType::A);
        let service = net.service_at(address).unwrap();
        let mut met: Vec<_> =
            (0..200).map(|n| service.cache_for(&Packet::recursive(to(address), ClientId(n), fixed.clone()))).collect();
        met.sort_unstable();
        met.dedup();
        assert_eq!(met.len(), if spread == Spread::Flow { 8 } else { 1 });
    }
}

#[test]
fn a_day_of_busy_resolvers_costs_what_it_must() {
    // Few enough for an unoptimised build; `cargo bench --bench simulated_day` takes 200.
    let stage = large(6);
    let mut net = stage.build(BEGIN, 1);
    let asked = |net: &Internet| net.services().iter().flat_map(|s| &s.caches).map(Cache::fetches).sum::<u64>();
    net.advance(BEGIN + Duration::from_secs(86_400));
    let fetches = asked(&net);
    // 10 caches, 4 questions, a fetch every 300 s, plus mistyped names: far fewer than the questions asked.
    assert!((10_000..50_000).contains(&fetches), "{fetches}");
}

fn any_name() -> impl Strategy<Value = Name> {
    let label = proptest::collection::vec(any::<u8>(), 1..20);
    (proptest::collection::vec(label, 0..5), 0..6_usize).prop_map(|(labels, tail)| {
        let tails = ["", "brevo.com.", "www.brevo.com.", "com.", "pendingrenewaldeletion.com.", "net."];
        let base: Name = if tail == 0 { Name::root() } else { tails[tail].parse().unwrap() };
        let labels: Vec<_> = labels.iter().map(Vec::as_slice).chain(base.labels()).collect();
        Name::from_labels(labels).unwrap_or(base)
    })
}

fn any_packet() -> impl Strategy<Value = (u64, Packet)> {
    let addresses = [
        "8.8.8.8",
        "1.1.1.1",
        "9.9.9.9",
        "193.17.47.1",
        "192.5.6.30",
        "198.41.0.4",
        "192.0.2.53",
        "203.0.113.53",
        "240.0.0.1",
        "2001:503:a83e::2:30",
    ];
    let flags = any::<[bool; 5]>();
    let types = prop_oneof![
        Just(1_u16),
        Just(2),
        Just(5),
        Just(6),
        Just(15),
        Just(16),
        Just(43),
        Just(48),
        Just(255),
        any::<u16>()
    ];
    (
        any_name(),
        types,
        prop_oneof![4 => Just(1_u16), 1 => Just(3), 1 => any::<u16>()],
        0..10_usize,
        flags,
        0..2_000_u64,
        any::<u64>(),
    )
        .prop_map(move |(name, rtype, class, address, [rd, cd, dnssec_ok, nsid_wanted, tcp], wait, flow)| {
            let question = Question { name, rtype: RecordType(rtype), class: Class(class) };
            let transport = if tcp { Transport::Tcp } else { Transport::Udp };
            let (to, from) = (to(addresses[address].parse().unwrap()), ClientId(flow));
            (wait, Packet { to, from, transport, question, rd, cd, dnssec_ok, nsid_wanted })
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_a_client_sends_upsets_it(packets in proptest::collection::vec(any_packet(), 1..120), kind in 0..9_usize) {
        let mut stage = scenario("dnssec").stage;
        for resolver in &mut stage.resolvers {
            resolver.options.kind = Kind::ALL[kind];
            resolver.options.prefetch = kind % 2 == 0;
        }
        let mut net = stage.build(BEGIN, 1);
        let mut now = BEGIN;
        for (wait, packet) in packets {
            now = now + Duration::from_millis(wait);
            if let Reaction::Answer { after, response } = net.receive(now, &packet) {
                prop_assert!(after < Duration::from_secs(60));
                prop_assert!(packet.transport == Transport::Tcp || response.size <= 1232 || response.tc);
                for record in response.answer.iter().chain(&response.authority) {
                    prop_assert!(record.ttl.as_secs() <= 604_800);
                }
            }
        }
    }

    #[test]
    fn ttls_never_go_up_without_a_fetch(kind in 0..9_usize, waits in proptest::collection::vec(200..9_000_u64, 20..80), seed in any::<u64>()) {
        // Stale answers have a TTL of their own (RFC 8767), which is not counted down.
        prop_assume!(Kind::ALL[kind] != Kind::StaleFirst);
        let mut stage = scenario("brevo").stage;
        let mut resolver = stage.resolvers[0].clone();
        resolver.options = CacheOptions::new(Kind::ALL[kind]);
        resolver.caches = 1;
        let address = resolver.addresses[0];
        stage.resolvers = vec![resolver];
        let mut net = stage.build(BEGIN, seed);
        let mut last: BTreeMap<RecordType, (u64, u32)> = BTreeMap::new();
        let mut now = BEGIN;
        for (turn, wait) in waits.into_iter().enumerate() {
            now = now + Duration::from_millis(wait);
            for rtype in [RecordType::A, RecordType::NS, RecordType::MX, RecordType::TXT] {
                let question = Question::new(stage.zone.clone(), rtype);
                let mut packet = Packet::recursive(to(address), ClientId(turn as u64), question);
                packet.cd = true;
                let Reaction::Answer { response, .. } = net.receive(now, &packet) else { continue };
                let fetches = net.services()[0].caches[0].fetches();
                let Some(ttl) = response.answer.iter().chain(&response.authority).map(|r| r.ttl.as_secs()).min() else { continue };
                if let Some((before, shown)) = last.insert(rtype, (fetches, ttl))
                    && before == fetches
                {
                    prop_assert!(ttl <= shown, "{rtype} {shown} then {ttl}");
                }
            }
        }
    }
}
