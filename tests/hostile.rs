//! The real program among servers that lie, flood, garble and loop. Whatever they send: one of the documented exit
//! codes, JSON that keeps its contract, text that moves no cursor, an end in time, and no panic.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

#[path = "support/misbehaving.rs"]
mod misbehaving;

use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use jsonschema::Validator;
use misbehaving::{
    A, AA, Answer, Asked, Behaviour, CNAME, Deed, NS, NUMBERS, Place, QR, SOA, TXT, World, delegation, opt, record,
    soa, wire_name,
};
use serde_json::Value;
use unpark::dns::shown;

/// Longer than any run with the time limit it is given; reached only when something is wrong.
const PATIENCE: Duration = Duration::from_secs(20);
/// What every world's zone expects unless a test says otherwise.
const EXPECTED: &str = "ns1.dns.test";
/// Text that would clear the screen, set the title, reorder and hide.
const EVIL: &str = "\u{1b}[2J\u{1b}]0;owned\u{7}\r\n\u{9b}31m\u{202e}txt\u{200b}";

/// How a run ended. Making one tests what every run promises.
struct Ended {
    code: i32,
    stdout: String,
}

/// Runs a command about the world's zone.
fn run(title: &str, world: &World, command: &str, flags: &[&str], expect: &str) -> Ended {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("hints"), world.hints()).unwrap();
    let resolver = world.address(Place::Resolver).to_string();
    let resolvers = if command == "check" { vec!["--resolver", resolver.as_str()] } else { Vec::new() };
    let began = Instant::now();
    let output = Command::new(env!("CARGO_BIN_EXE_unpark"))
        .args([command, "victim.test", "--timeout", "2", "--root-hints", "hints", "--expect", expect])
        .args(resolvers)
        .args(flags)
        .env_clear()
        .env("HOME", folder.path())
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let title = format!("{title}: {command} {}", flags.join(" "));
    let (stdout, stderr) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert!(began.elapsed() < PATIENCE, "{title}: took {:?}", began.elapsed());
    assert!(!stderr.contains("panicked"), "{title}: {stderr}");
    for text in [&stdout, &stderr] {
        let bad = text.chars().find(|c| *c != '\n' && !shown::is_plain(*c));
        assert_eq!(bad, None, "{title}: a raw control character in {text:?}");
    }
    let code = output.status.code().unwrap_or_else(|| panic!("{title}: ended by a signal: {stderr}"));
    assert!([0, 1, 3].contains(&code), "{title}: exit code {code}: {stderr}");
    Ended { code, stdout }
}

fn validator(path: &str) -> Validator {
    let text = std::fs::read_to_string(format!("{}/{path}", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let schema: Value = serde_json::from_str(&text).unwrap();
    jsonschema::draft202012::options().should_validate_formats(true).build(&schema).unwrap()
}

/// Runs with `--json` and tests the contract.
fn run_json(title: &str, world: &World, command: &str, expect: &str) -> Value {
    let ended = run(title, world, command, &["--json"], expect);
    let json: Value = serde_json::from_str(&ended.stdout).unwrap_or_else(|e| panic!("{title}: {e}: {}", ended.stdout));
    let faults: Vec<String> = validator(&format!("docs/{command}.schema.json"))
        .iter_errors(&json)
        .map(|fault| format!("{}: {fault}", fault.instance_path()))
        .collect();
    assert!(faults.is_empty(), "{title}: {command}: {faults:#?}\n{}", ended.stdout);
    assert_eq!(json["exit_code"], ended.code, "{title}");
    json
}

/// A server that misbehaves, and the phases an observer may then take the zone to be in; none: any phase that is not
/// an invention.
struct Trial {
    title: &'static str,
    at: Place,
    deed: fn(&Asked, Answer) -> Vec<Deed>,
}

/// So many trials run at a time: most of each is waiting for somebody who does not answer.
const AT_A_TIME: usize = 6;

/// Runs every output against each trial, several at a time, each in a world of its own.
fn hold_against(first_network: u8, trials: &[Trial]) {
    let queue = Mutex::new((first_network..).zip(trials));
    let next = || queue.lock().unwrap().next();
    thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(|| {
                while let Some((network, trial)) = next() {
                    hold_one(network, trial);
                }
            });
        }
    });
}

fn hold_one(network: u8, trial: &Trial) {
    let (at, deed) = (trial.at, trial.deed);
    let behaviour: Behaviour =
        Arc::new(move |asked, honest| if asked.place == at { deed(asked, honest) } else { honest.say(asked) });
    let world = World::start(network, &behaviour);
    let title = format!("{} at {at:?}", trial.title);
    let check = run_json(&title, &world, "check", EXPECTED);
    run_json(&title, &world, "trace", EXPECTED);
    run(&title, &world, "check", &["--verbose"], EXPECTED);
    run(&title, &world, "trace", &["--verbose"], EXPECTED);
    // Nobody delegates to parked servers in these worlds; nothing a liar elsewhere says may make it so.
    let phase = check["phase"].as_str().unwrap();
    println!("{title}: {phase}, exit {}", check["exit_code"]);
    if at == Place::Resolver {
        assert!(
            !["parked-at-parent", "held-at-parent", "split-at-parent", "broken-at-authority"].contains(&phase),
            "{title}: {phase}"
        );
    }
    if matches!(at, Place::Root) {
        assert!(["cannot-tell", "starting", "healthy"].contains(&phase), "{title}: {phase}");
    }
}

/// The honest world, so that the others differ from it in one thing.
#[test]
fn the_world_without_a_liar_is_healthy() {
    let world = World::start(1, &(Arc::new(|asked: &Asked, honest: Answer| honest.say(asked)) as Behaviour));
    let check = run_json("honest", &world, "check", EXPECTED);
    assert_eq!((&check["phase"], &check["exit_code"]), (&"healthy".into(), &0.into()), "{check:#}");
    assert_eq!(check["resolvers"][0]["verdict"], "correct");
    let trace = run_json("honest", &world, "trace", EXPECTED);
    assert_eq!(trace["exit_code"], 0, "{trace:#}");
    assert!(!trace["headline"].as_str().unwrap().contains("0 resolvers"), "{trace:#}");
}

const EVERYWHERE: [Place; 4] = [Place::Root, Place::Parent, Place::Authority, Place::Resolver];

fn everywhere(title: &'static str, deed: fn(&Asked, Answer) -> Vec<Deed>) -> Vec<Trial> {
    EVERYWHERE.map(|at| Trial { title, at, deed }).into()
}

#[test]
fn octets_that_are_no_answer() {
    let mut trials = everywhere("silence", |_, _| Vec::new());
    trials.extend(everywhere("garbage", |_, _| vec![Deed::Say(vec![0xff; 300]), Deed::Say(Vec::new())]));
    trials.extend(everywhere("a header cut short", |asked, honest| {
        (1..20).map(|n| Deed::Say(honest.octets(asked)[..n].to_vec())).collect()
    }));
    trials.extend(everywhere("records cut short", |asked, honest| {
        let octets = honest.octets(asked);
        (20..octets.len()).map(|n| Deed::Say(octets[..n].to_vec())).collect()
    }));
    trials.extend(everywhere("pointers that loop", |asked, _| {
        // A name that points at itself, and one that points beyond the end.
        let here = u16::try_from(asked.packet.len().min(200)).unwrap();
        let mut deeds = Vec::new();
        for target in [12u16, 28, here, 0x3fff] {
            let mut looping = (0xc000 | target).to_be_bytes().to_vec();
            looping.extend([0, 2, 0, 1, 0, 0, 14, 16, 0, 2]);
            looping.extend((0xc000 | target).to_be_bytes());
            let answer = Answer::new(QR).with(0, looping.clone()).with(1, looping);
            deeds.extend(answer.say(asked));
        }
        deeds
    }));
    hold_against(10, &trials);
}

#[test]
fn answers_that_are_not_for_us() {
    let mut trials = everywhere("another id", |asked, honest| {
        let mut octets = honest.octets(asked);
        octets[0] ^= 0xff;
        vec![Deed::Say(octets)]
    });
    trials.extend(everywhere("another question", |asked, honest| {
        let mut octets = honest.octets(asked);
        octets[13] ^= 1;
        vec![Deed::Say(octets)]
    }));
    trials.extend(everywhere("a query instead of an answer", |asked, _| vec![Deed::Say(asked.packet.clone())]));
    trials.extend(everywhere("no question", |asked, honest| {
        let mut octets = honest.octets(asked)[..12].to_vec();
        octets[5] = 0;
        vec![Deed::Say(octets)]
    }));
    hold_against(40, &trials);
}

/// A forged answer comes first, from another port and with another id; the true one afterwards.
#[test]
fn a_forged_answer_before_the_true_one_changes_nothing() {
    let behaviour: Behaviour = Arc::new(|asked, honest| {
        let forged = match asked.place {
            Place::Parent => delegation("ns1.parked.test"),
            _ => Answer::new(AA | 3).with(1, soa("victim.test", "ns1.parked.test", NUMBERS, 60)),
        };
        let mut other_id = forged.octets(asked);
        other_id[1] ^= 0x55;
        let mut deeds = vec![Deed::Say(other_id)];
        if !asked.tcp {
            deeds.push(Deed::SayFromElsewhere(forged.octets(asked)));
        }
        deeds.extend(honest.say(asked));
        deeds
    });
    let world = World::start(60, &behaviour);
    let check = run_json("forged", &world, "check", EXPECTED);
    assert_eq!((&check["phase"], &check["exit_code"]), (&"healthy".into(), &0.into()), "{check:#}");
    assert!(!check.to_string().contains("parked.test"), "{check:#}");
    let notices = check["notices"].to_string();
    assert!(notices.contains("answered nothing that was asked"), "forged packets are counted and said: {notices}");
}

#[test]
fn more_than_anybody_needs() {
    let flood = |asked: &Asked, honest: Answer| honest.say(asked).into_iter().cycle().take(300).collect();
    let mut trials = everywhere("three hundred answers to each query", flood);
    trials.extend(everywhere("64 KiB over TCP", |asked, mut honest| {
        if !asked.tcp {
            honest.flags |= 0x0200;
            return honest.say(asked);
        }
        // As many addresses as fit: the name is a pointer to the question.
        let address = [0xc0, 12, 0, 1, 0, 1, 0, 0, 1, 44, 0, 4, 192, 0, 2, 9].to_vec();
        let room = (65_535 - honest.octets(asked).len()) / address.len();
        honest.sections[0].extend(std::iter::repeat_n(address, room));
        honest.say(asked)
    }));
    trials.extend(everywhere("a thousand name servers", |asked, mut honest| {
        if !asked.tcp {
            honest.flags |= 0x0200;
            return honest.say(asked);
        }
        let zone = if asked.place == Place::Root { "test" } else { "victim.test" };
        let many = (0..1000).map(|n| record(zone, NS, 3600, &wire_name(&format!("ns{n}.many.test"))));
        honest.sections[1].extend(many);
        honest.say(asked)
    }));
    trials.extend(everywhere("counts of records that are not there", |asked, honest| {
        let mut octets = honest.octets(asked);
        octets[6..12].copy_from_slice(&[0xff; 6]);
        vec![Deed::Say(octets)]
    }));
    trials.extend(everywhere("truncated, and TCP that breaks off", |asked, mut honest| {
        if asked.tcp {
            return vec![Deed::SayRaw(vec![0xff, 0xff, 1, 2, 3])];
        }
        honest.flags |= 0x0200;
        honest.say(asked)
    }));
    hold_against(70, &trials);
}

#[test]
fn text_that_would_move_the_cursor() {
    let trials = everywhere("hostile text", |asked, mut honest| {
        let evil = EVIL.as_bytes();
        let name = wire_name(&format!("{EVIL}.test"));
        let zone = if asked.place == Place::Root { "test" } else { "victim.test" };
        honest.sections[1].push(record(zone, NS, 60, &name));
        let text = [&[u8::try_from(evil.len()).unwrap()][..], evil].concat();
        honest.sections[0].push(record(&asked.name, TXT, 60, &text));
        if asked.rtype == SOA {
            honest.sections[0] = vec![soa(zone, &format!("{EVIL}.test"), NUMBERS, 60)];
        }
        let error = [&[0, 22][..], evil].concat();
        honest.sections[2].push(opt(&[(3, evil), (15, &error)]));
        honest.say(asked)
    });
    hold_against(100, &trials);
    // The same with a failure, which makes views show the reason.
    let trials = everywhere("a failure with hostile text", |asked, mut honest| {
        honest.flags |= 2;
        honest.sections = [Vec::new(), Vec::new(), Vec::new()];
        let error = [&[0, 22][..], EVIL.as_bytes()].concat();
        honest.sections[2].push(opt(&[(3, EVIL.as_bytes()), (15, &error)]));
        honest.say(asked)
    });
    hold_against(110, &trials);
}

#[test]
fn ways_that_lead_nowhere() {
    let mut trials = everywhere("an upward referral", |asked, _| {
        Answer::new(QR).with(1, record("", NS, 3600, &wire_name("a.root"))).say(asked)
    });
    trials.extend(everywhere("a referral to itself", |asked, _| {
        let zone = if asked.place == Place::Root { "" } else { asked.name.as_str() };
        Answer::new(QR).with(1, record(zone, NS, 3600, &wire_name(&format!("ns.{}", asked.name)))).say(asked)
    }));
    trials.extend(everywhere("a name server below the zone it serves, without an address", |asked, _| {
        Answer::new(QR).with(1, record("victim.test", NS, 3600, &wire_name("ns.sub.victim.test"))).say(asked)
    }));
    trials.extend(everywhere("a chain of aliases that bites its tail", |asked, _| {
        let hops = 40;
        let alias =
            |n: usize| if n.is_multiple_of(hops) { asked.name.clone() } else { format!("a{}.victim.test", n % hops) };
        let chain = (0..hops).map(|n| record(&alias(n), CNAME, 60, &wire_name(&alias(n + 1))));
        chain.fold(Answer::new(AA), |answer, link| answer.with(0, link)).say(asked)
    }));
    hold_against(120, &trials);
}

#[test]
fn numbers_no_server_should_send() {
    let mut trials = everywhere("a TTL with the highest bit set", |asked, mut honest| {
        for record in honest.sections.iter_mut().flatten() {
            let at = record.iter().position(|octet| *octet == 0).unwrap_or_default() + 5;
            record[at..at + 4].copy_from_slice(&0x8000_0000_u32.to_be_bytes());
        }
        honest.say(asked)
    });
    trials.extend(everywhere("the largest TTL there is", |asked, mut honest| {
        for record in honest.sections.iter_mut().flatten() {
            let at = record.iter().position(|octet| *octet == 0).unwrap_or_default() + 5;
            record[at..at + 4].copy_from_slice(&u32::MAX.to_be_bytes());
        }
        honest.say(asked)
    }));
    trials.extend(everywhere("an SOA of largest numbers", |asked, mut honest| {
        let zone = if asked.place == Place::Root { "" } else { "victim.test" };
        honest.sections = [vec![soa(zone, "", [u32::MAX; 5], u32::MAX)], Vec::new(), Vec::new()];
        honest.say(asked)
    }));
    trials.extend(everywhere("an SOA cut short", |asked, mut honest| {
        honest.sections = [vec![record("victim.test", SOA, 60, &wire_name("ns1.dns.test"))], Vec::new(), Vec::new()];
        honest.say(asked)
    }));
    trials.extend(everywhere("an address of three octets", |asked, _| {
        Answer::new(AA).with(0, record(&asked.name, A, 60, &[192, 0, 2])).say(asked)
    }));
    trials.extend(everywhere("a reserved response code and operation", |asked, mut honest| {
        honest.flags |= 0x780b;
        honest.say(asked)
    }));
    hold_against(140, &trials);
}

#[test]
fn an_expected_server_that_does_not_exist_is_named() {
    let world = World::start(200, &(Arc::new(|asked: &Asked, honest: Answer| honest.say(asked)) as Behaviour));
    let expect = "ns1.dns.test,ns9.dns.test";
    let check = run_json("unknown host", &world, "check", expect);
    assert_eq!(check["exit_code"], 1, "{check:#}");
    let finding = check["findings"].as_array().unwrap().iter().find(|f| f["code"] == "SERVER_WITHOUT_ADDRESS");
    let finding = finding.unwrap_or_else(|| panic!("no SERVER_WITHOUT_ADDRESS: {check:#}"));
    assert!(finding["sentence"].as_str().unwrap().contains("ns9.dns.test"), "{finding:#}");
    let text = run("unknown host", &world, "check", &[], expect);
    assert!(text.code == 1 && text.stdout.contains("SERVER_WITHOUT_ADDRESS"), "{}", text.stdout);
}

/// While the zone is parked, the parking servers have an address for every name inside it, the expected name servers'
/// included. That address must not be taken.
#[test]
fn an_expected_server_inside_a_parked_zone_needs_its_address() {
    let behaviour: Behaviour = Arc::new(|asked, honest| match asked.place {
        Place::Parent if asked.is_at_or_below("victim.test") => delegation("ns1.parked.test").say(asked),
        _ => honest.say(asked),
    });
    let world = World::start(201, &behaviour);
    let parking = world.address(Place::Parking).to_string();
    let rows = |check: &Value, role: &str| -> Vec<(String, String)> {
        let rows = check["authoritative"].as_array().unwrap().iter().filter(|row| row["role"] == role);
        let word = |row: &Value, key: &str| row[key].as_str().unwrap_or_default().to_owned();
        rows.map(|row| (word(row, "address"), word(row, "verdict"))).collect()
    };

    let check = run_json("inside", &world, "check", "ns1.victim.test");
    assert_eq!((&check["phase"], &check["exit_code"]), (&"parked-at-parent".into(), &1.into()), "{check:#}");
    let expected = rows(&check, "expected");
    assert!(expected.iter().all(|(address, _)| *address != parking), "the parking address was taken: {check:#}");
    let text = run("inside", &world, "check", &[], "ns1.victim.test").stdout;
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("ns1.victim.test (expected): no address"), "{text}");

    let authority = world.address(Place::Authority).to_string();
    let check = run_json("inside", &world, "check", &format!("ns1.victim.test={authority}"));
    assert_eq!((&check["phase"], &check["exit_code"]), (&"parked-at-parent".into(), &1.into()), "{check:#}");
    assert_eq!(rows(&check, "expected").iter().map(|(a, _)| a).collect::<Vec<_>>(), [&authority], "{check:#}");
    let codes: Vec<&str> = check["findings"].as_array().unwrap().iter().filter_map(|f| f["code"].as_str()).collect();
    assert!(!codes.contains(&"SERVER_WITHOUT_ADDRESS"), "{codes:?}");
}
