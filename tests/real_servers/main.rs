//! An outage and its end among real name servers: NSD and BIND on the authoritative side; Unbound, BIND, PowerDNS
//! Recursor and Knot Resolver as the caches that go on serving the parked zone.
//!
//! Each test plays in a private network of its own (`namespace`), unprivileged where the machine allows it, and leaves
//! nothing behind. A machine without the servers skips these tests and says so; `UNPARK_REQUIRE_REAL_SERVERS=1` makes
//! that a failure.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod ask;
mod bind;
mod flush_listener;
mod namespace;
mod nsd;
mod resolvers;
mod rows;
mod standing;
#[path = "../support/tls_server.rs"]
mod tls_server;
mod unpark;
mod wait;
mod world;
mod zones;

use std::net::Ipv4Addr;
use std::path::Path;
use std::time::Duration;

use crate::ask::Side;
use crate::flush_listener::FlushListener;
use crate::namespace::{add_single_address, alone_inside_namespace, cut_loopback, inside_namespace};
use crate::resolvers::{Kind, Resolver};
use crate::tls_server::{Answer, QUEUED, ROOT, SERVER, TlsServer, message};
use crate::unpark::Unpark;
use crate::world::World;
use crate::zones::{CORRECT, CORRECT_NAMES, Lifetimes, PARENT_NAMES, PARENTS, Parking, ZONE};

/// Caches stay parked until somebody empties them: far longer than any test.
const LASTING: Lifetimes = Lifetimes { delegation: 3600, address: 300 };

/// Short enough for a watch from the outage to its end.
const SHORT: Lifetimes = Lifetimes { delegation: 30, address: 5 };

/// Every server program there is.
fn all_programs() -> Vec<&'static str> {
    nsd::PROGRAMS.into_iter().chain(bind::PROGRAMS).chain(resolvers::PROGRAMS).collect()
}

/// Runs `body` with a parked world and one Unbound that has resolved nothing of the zone yet.
fn with_one_resolver(test: &str, parking: Parking, body: impl FnOnce(&mut World, &[Resolver])) {
    inside_namespace(test, &all_programs(), |directory: &Path| {
        let mut world = World::start(directory, parking, LASTING);
        let resolver = Resolver::start(Kind::Unbound, &world);
        body(&mut world, &[resolver]);
    });
}

/// (address, verdict) rows as [`unpark::Check::verdicts`] gives them, all with the same verdict.
fn all(addresses: impl IntoIterator<Item = std::net::Ipv4Addr>, verdict: &str) -> Vec<(String, String)> {
    addresses.into_iter().map(|address| (address.to_string(), verdict.to_owned())).collect()
}

#[test]
fn world_stands() {
    inside_namespace("world_stands", &all_programs(), |directory| {
        let mut world = World::start(directory, Parking::Unheard, LASTING);
        let resolvers = Resolver::start_all(&world);
        standing::check_resolvers(&mut world, &resolvers);
        world.park();
        standing::check_authorities(&mut world);
    });
}

#[test]
fn known_parking_provider_stands() {
    with_one_resolver("known_parking_provider_stands", Parking::Known, |_, resolvers| {
        resolvers[0].prime(ZONE, Side::Parked);
        assert_eq!(resolvers[0].uses(ZONE), Side::Parked);
    });
}

#[test]
fn parked_then_restored_then_recovered() {
    inside_namespace("parked_then_restored_then_recovered", &all_programs(), |directory| {
        let mut world = World::start(directory, Parking::Unheard, LASTING);
        let resolvers = Resolver::start_all(&world);
        let listener = FlushListener::start();
        let program = Unpark::watching(&world, &resolvers)
            .expecting_the_correct_servers()
            .knowing_as_parked(world.parked_names())
            .with_environment("UNPARK_FLUSH_CLOUDFLARE_URL", listener.url());
        for resolver in &resolvers {
            resolver.prime(ZONE, Side::Parked);
        }

        let parked = program.check();
        assert_eq!((parked.phase(), parked.code), ("parked-at-parent", Some(1)));
        assert_eq!(parked.verdicts("parents"), all(PARENTS, "parked"));
        assert_eq!(parked.verdicts("resolvers"), all(Kind::ALL.map(Kind::address), "parked"));
        let refused = program.run("flush", &["--only", "cloudflare"]);
        assert_eq!(refused.code, Some(1), "a flush now would have the parked answer cached anew");
        let says_why = refused.says("parent") || refused.says("parked");
        assert!(says_why, "the reason is named:\n{}{}", refused.stdout, refused.stderr);
        program.run("flush", &["--only", "cloudflare", "--all", "--dry-run"]);
        assert_eq!(listener.requests(), Vec::<String>::new(), "no flush is sent while the parent is wrong");

        world.restore();
        let converging = program.check();
        assert_eq!((converging.phase(), converging.code), ("converging", Some(1)));
        assert_eq!(converging.verdicts("parents"), all(PARENTS, "correct"));
        assert_eq!(converging.verdicts("resolvers"), all(Kind::ALL.map(Kind::address), "parked"));

        let dry = program.run("flush", &["--only", "cloudflare", "--all", "--dry-run"]);
        assert!(dry.says("NS") && dry.says("purge"), "the exact requests are shown:\n{}{}", dry.stdout, dry.stderr);
        assert_eq!(listener.requests(), Vec::<String>::new(), "a dry run sends nothing");
        // A flush proves itself for up to a minute; it runs on while the caches are emptied.
        let flush = program.start("flush", &["--only", "cloudflare", "--all"]);
        let requests = listener.wait_for(2, Duration::from_secs(30));
        assert!(requests[0].starts_with("POST ") && requests[0].contains("domain=shop.tld"), "{requests:?}");
        assert!(requests[0].contains("type=NS"), "the apex NS goes first: {requests:?}");

        for resolver in &resolvers {
            resolver.empty_cache();
            resolver.prime(ZONE, Side::Correct);
        }
        let recovered = program.check();
        assert_eq!((recovered.phase(), recovered.code), ("recovered", Some(0)));
        assert_eq!(recovered.verdicts("resolvers"), all(Kind::ALL.map(Kind::address), "correct"));
        let flushed = flush.finish_within(Duration::from_secs(90));
        assert!(matches!(flushed.code, Some(0 | 1)), "{:?}\n{}{}", flushed.code, flushed.stdout, flushed.stderr);
    });
}

/// The purge request becomes each server's own flush command, after the reply: what is confirmed was seen in its answers.
#[test]
fn a_flush_of_real_caches_is_confirmed_by_asking_them_again() {
    inside_namespace("a_flush_of_real_caches_is_confirmed_by_asking_them_again", &all_programs(), |directory| {
        let mut world = World::start(directory, Parking::Unheard, LASTING);
        let resolvers = Resolver::start_all(&world);
        let forget: Vec<_> = resolvers.iter().map(Resolver::forgetting).collect();
        let listener = FlushListener::carrying_out(move |name, rtype| forget.iter().for_each(|f| f(name, rtype)));
        let program = Unpark::watching_as_cloudflare(&world, &resolvers)
            .expecting_the_correct_servers()
            .knowing_as_parked(world.parked_names())
            .with_environment("UNPARK_FLUSH_CLOUDFLARE_URL", listener.url())
            .with_environment("USER", "lena");
        for resolver in &resolvers {
            resolver.prime(ZONE, Side::Parked);
        }
        let refused = program.run("flush", &["--only", "cloudflare", "--host", "www"]);
        assert_eq!(refused.code, Some(1), "{}{}", refused.stdout, refused.stderr);
        assert_eq!(listener.requests(), Vec::<String>::new());

        // Armed while the zone is parked, it goes out by itself once the last parent server is right.
        let flush = program.start("flush", &["--only", "cloudflare", "--host", "www", "--when-right", "--json"]);
        std::thread::sleep(Duration::from_secs(8));
        world.restore_on(0);
        std::thread::sleep(Duration::from_secs(8));
        assert_eq!(listener.requests(), Vec::<String>::new(), "one parent server is still wrong");
        world.restore();
        let flush = flush.finish_within(Duration::from_secs(150));
        println!("flush: exit {:?}\n{}{}", flush.code, flush.stdout, flush.stderr);
        let json: serde_json::Value = serde_json::from_str(&flush.stdout).expect("one JSON document");
        let steps = json["steps"].as_array().expect("steps is an array");
        let told: Vec<String> =
            steps.iter().map(|s| format!("{} {} {}", s["name"], s["type"], s["state"]).replace('"', "")).collect();
        assert!(steps.len() >= 8 && told[0] == "shop.tld. NS confirmed", "{told:?}");
        for step in steps {
            assert_eq!(step["state"], "confirmed", "{told:?}");
            assert_eq!((&step["proof"]["clean"], &step["proof"]["of"]), (&4.into(), &4.into()), "{step}");
            assert_eq!(step["by"], "lena");
        }
        assert_eq!(steps[0]["basis"], "seen-stale");
        assert_eq!(flush.code, Some(0));
        assert!(resolvers.iter().all(|resolver| resolver.uses(ZONE) == Side::Correct));
        let asked = listener.requests();
        assert_eq!(asked.len(), steps.len(), "each once: {asked:?}");
        assert!(asked[0].contains("domain=shop.tld&type=NS"), "{asked:?}");
        // Nothing is stale any more, so there is nothing to send.
        let again = program.run("flush", &["--only", "cloudflare", "--host", "www"]);
        assert!(again.code == Some(0) && again.says("nothing to flush"), "{}{}", again.stdout, again.stderr);
        assert_eq!(listener.requests().len(), asked.len());
    });
}

/// An operator that accepts a request and does nothing is found out.
#[test]
fn a_flush_that_is_accepted_and_ignored_is_still_parked() {
    inside_namespace("a_flush_that_is_accepted_and_ignored_is_still_parked", &all_programs(), |directory| {
        let mut world = World::start(directory, Parking::Unheard, LASTING);
        let resolvers = [Resolver::start(Kind::Unbound, &world)];
        let listener = FlushListener::start();
        let program = Unpark::watching_as_cloudflare(&world, &resolvers)
            .expecting_the_correct_servers()
            .knowing_as_parked(world.parked_names())
            .with_environment("UNPARK_FLUSH_CLOUDFLARE_URL", listener.url());
        resolvers[0].prime(ZONE, Side::Parked);
        world.restore();
        let flush = program.start("flush", &["--only", "cloudflare", "--skip", "MX,TXT"]);
        let flush = flush.finish_within(Duration::from_secs(150));
        assert_eq!(flush.code, Some(1), "{}{}", flush.stdout, flush.stderr);
        assert!(flush.says("shop.tld NS: accepted") && flush.says("still parked on 1 of 1"), "{}", flush.stdout);
        assert!(!flush.says("type=MX") && listener.requests().iter().all(|r| !r.contains("MX")));
    });
}

/// Nothing reaches the operators' real addresses unless a flush is asked for in so many words; then it goes to the known hosts, with
/// their own names and certificates. All of it on the loopback device of a network that has nothing else.
#[test]
fn only_a_flush_reaches_the_real_addresses_and_only_with_their_own_certificate() {
    let test = "only_a_flush_reaches_the_real_addresses_and_only_with_their_own_certificate";
    inside_namespace(test, &all_programs(), |directory| {
        let addresses: Vec<Ipv4Addr> =
            [[1, 1, 1, 1], [1, 0, 0, 1], [8, 8, 8, 8], [8, 8, 4, 4], [104, 16, 248, 249], [104, 16, 249, 249]]
                .map(Ipv4Addr::from)
                .to_vec();
        for address in &addresses {
            add_single_address(*address);
        }
        let queued = || vec![Answer::Whole(message("200 OK", QUEUED))];
        let serve = |address: &Ipv4Addr| TlsServer::start((*address, 443).into(), SERVER, queued());
        let servers: Vec<TlsServer> = addresses.iter().map(serve).collect();
        let connections = || servers.iter().map(TlsServer::connections).sum::<usize>();
        let mut world = World::start(directory, Parking::Unheard, LASTING);
        let resolvers = [Resolver::start(Kind::Unbound, &world)];
        let program = Unpark::watching_as_cloudflare(&world, &resolvers)
            .expecting_the_correct_servers()
            .knowing_as_parked(world.parked_names());
        resolvers[0].prime(ZONE, Side::Parked);
        program.check();
        let watch = program.watch();
        watch.wait_for("parked-at-parent", Duration::from_secs(20));
        assert_eq!(program.run("flush", &[]).code, Some(1), "refused");
        world.restore();
        watch.wait_for("converging", Duration::from_secs(20));
        watch.terminate(Duration::from_secs(3));
        program.check();
        program.run("flush", &["--dry-run"]);
        program.run("flush", &["--only", "google,opendns", "--all"]);
        assert_eq!(connections(), 0, "nothing was asked of the operators");

        // Their certificate here is signed by nobody known: nothing is sent to any of the hosts.
        let untrusted = program.run("flush", &["--only", "cloudflare", "--no-proof"]);
        assert_eq!(untrusted.code, Some(3), "{}{}", untrusted.stdout, untrusted.stderr);
        assert!(connections() > 0 && servers.iter().all(|server| server.requests().is_empty()));

        let root = directory.join("root.pem");
        std::fs::write(&root, ROOT).expect("the root can be written");
        let trusting = program.with_environment("UNPARK_CA_FILE", &root.display().to_string());
        let sent = trusting.run("flush", &["--only", "cloudflare", "--no-proof"]);
        assert_eq!(sent.code, Some(0), "{}{}", sent.stdout, sent.stderr);
        let first = &servers[0];
        assert!(first.requests()[0].starts_with("POST /api/v1/purge?domain=shop.tld&type=NS HTTP/1.1\r\n"));
        assert!(first.names().iter().all(|name| name.as_deref() == Some("one.one.one.one")), "{:?}", first.names());
        assert!(servers[1..].iter().all(|server| server.requests().is_empty()), "one host was enough");
    });
}

#[test]
fn watched_in_lines_from_parked_to_recovered() {
    inside_namespace("watched_in_lines_from_parked_to_recovered", &all_programs(), |directory| {
        let mut world = World::start(directory, Parking::Unheard, SHORT);
        let resolvers = Resolver::start_all(&world);
        let program = Unpark::watching(&world, &resolvers)
            .expecting_the_correct_servers()
            .knowing_as_parked(world.parked_names());
        for resolver in &resolvers {
            resolver.prime(ZONE, Side::Parked);
        }
        let watch = program.watch();
        watch.wait_for("parked-at-parent", Duration::from_secs(20));
        world.restore();
        watch.wait_for("converging", Duration::from_secs(20));
        for resolver in &resolvers {
            resolver.empty_cache();
        }
        // Resolvers that do not tell when their delegation expires are asked about once a minute.
        watch.wait_for("recovered", Duration::from_secs(150));
        let status = watch.terminate(Duration::from_secs(3));
        assert!(status.code().is_some(), "it ends by itself, with its journal complete: {status}");
    });
}

#[test]
fn one_parent_server_lags() {
    with_one_resolver("one_parent_server_lags", Parking::Unheard, |world, resolvers| {
        world.restore_on(0);
        let program =
            Unpark::watching(world, resolvers).expecting_the_correct_servers().knowing_as_parked(world.parked_names());
        let check = program.check();
        assert_eq!((check.phase(), check.code), ("split-at-parent", Some(1)));
        let [restored, lagging] = PARENTS.map(|address| address.to_string());
        let expected = [(restored, "correct".to_owned()), (lagging.clone(), "parked".to_owned())];
        assert_eq!(check.verdicts("parents"), expected);
        assert!(check.names(&[lagging, PARENT_NAMES[1].to_owned()]), "the lagging server is named");
    });
}

#[test]
fn one_expected_server_refuses() {
    with_one_resolver("one_expected_server_refuses", Parking::Unheard, |world, resolvers| {
        world.restore();
        world.refuse(1);
        let check = Unpark::watching(world, resolvers).expecting_the_correct_servers().check();
        assert_eq!((check.phase(), check.code), ("broken-at-authority", Some(1)));
        assert!(check.names(&[CORRECT[1].to_string(), CORRECT_NAMES[1].to_owned()]), "the refusing server is named");
        let rows = check.json["authoritative"].as_array().expect("authoritative is an array");
        let refusing = rows.iter().find(|row| row["address"] == CORRECT[1].to_string().as_str());
        assert_eq!(refusing.expect("the refusing server has a row")["rcode"], "REFUSED");
    });
}

#[test]
fn held_name() {
    with_one_resolver("held_name", Parking::Unheard, |world, resolvers| {
        world.hold();
        let check = Unpark::watching(world, resolvers).expecting_the_correct_servers().check();
        assert_eq!((check.phase(), check.code), ("held-at-parent", Some(1)));
        let parents = check.json["parents"].as_array().expect("parents is an array");
        assert_eq!(parents.len(), PARENTS.len());
        assert!(parents.iter().all(|parent| parent["rcode"] == "NXDOMAIN"), "{parents:?}");
    });
}

#[test]
fn ds_left_behind() {
    with_one_resolver("ds_left_behind", Parking::Unheard, |world, resolvers| {
        world.leave_ds();
        let check = Unpark::watching(world, resolvers).expecting_the_correct_servers().check();
        assert_eq!(check.code, Some(1), "a DS without keys is not as expected: {}", check.phase());
        let codes = check.finding_codes();
        let about_ds = |code: &&str| code.split('_').any(|part| part == "DS");
        assert!(codes.iter().any(about_ds), "a finding about the DS: {codes:?}");
        let parents = check.json["parents"].as_array().expect("parents is an array");
        let holds_ds = |parent: &serde_json::Value| parent["ds"].as_array().is_some_and(|ds| ds.len() == 1);
        assert!(parents.iter().all(holds_ds), "{parents:?}");
    });
}

#[test]
fn fingerprint_decides_without_expectation() {
    with_one_resolver("fingerprint_decides_without_expectation", Parking::Known, |world, resolvers| {
        let check = Unpark::watching(world, resolvers).check();
        assert_eq!((check.phase(), check.code), ("parked-at-parent", Some(1)));
        assert_eq!(check.verdicts("parents"), all(PARENTS, "parked"));
    });
}

#[test]
fn no_network() {
    inside_namespace("no_network", &[], |directory| {
        // First loopback only, so that sending fails for want of a route; then no device at all.
        for _ in 0..2 {
            let check = Unpark::alone(directory).expecting_the_correct_servers().check_within(Duration::from_secs(10));
            assert_eq!((check.phase(), check.code), ("cannot-tell", Some(3)));
            cut_loopback();
        }
    });
}

#[test]
fn the_measured_rows_on_these_servers() {
    for (row, reason) in rows::NOT_PLAYED {
        println!("not played: {row}: {reason}");
    }
    alone_inside_namespace("the_measured_rows_on_these_servers", &all_programs(), rows::play);
}
