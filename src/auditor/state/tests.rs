//! What is written is what is read.

use super::*;
use crate::audit::{HostSaid, ParentSaid, ParentWord, ServerSaid, ServerWord, SignerMatch};
use crate::registration::{Answer, Outcome, Source, read_rdap};

fn name(text: &str) -> Name {
    text.parse().unwrap()
}

fn zone(heard: Timestamp) -> DnsFacts {
    let address = "192.0.2.1:53".parse().unwrap();
    let set = || ["ns1.a.example", "\\000x.b.example"].iter().map(|n| name(n)).collect();
    let parent = |said| ParentSaid { address, said };
    let server = |said| ServerSaid { name: name("ns1.a.example"), address, said };
    DnsFacts {
        packets: 9,
        parent: Some(name("example")),
        parents: vec![
            parent(ParentWord::Delegates(set())),
            parent(ParentWord::Denies),
            parent(ParentWord::Fails("REFUSED".into())),
            parent(ParentWord::Silent),
            parent(ParentWord::NotSent("no route".into())),
        ],
        signers: Some(vec![(1, 13)]),
        servers: vec![
            server(ServerWord::Authority(set())),
            server(ServerWord::NoAuthority("SERVFAIL".into())),
            server(ServerWord::Silent),
            server(ServerWord::NotSent("no route".into())),
        ],
        without_address: vec![(name("ns3.a.example"), "it has none".into())],
        keys: Some(vec![(2, 8)]),
        chain: Some(SignerMatch::DigestDiffers),
        mail: Some(vec![name("mx.a.example")]),
        hosts: vec![HostSaid {
            name: name("www.shop.example"),
            aliases: vec![name("x.cdn.example")],
            addresses: vec!["2001:db8::1".parse().unwrap()],
            answered: true,
        }],
        failure: None,
        ..DnsFacts::nothing(heard)
    }
}

fn hearing(domain: &str, heard: Timestamp) -> Hearing {
    let read = read_rdap(include_str!("../../../tests/fixtures/rdap-expired-autorenew-parked.json")).unwrap();
    let answer = |source, outcome| Answer {
        source,
        server: "https://rdap.example/".into(),
        domain: name(domain),
        heard,
        outcome,
        raw: String::new(),
    };
    let answers = vec![
        answer(Source::RegistryRdap, Outcome::Found(Box::new(read))),
        answer(Source::RegistrarRdap, Outcome::Limited { until: Some(heard) }),
        answer(Source::Whois, Outcome::Unreadable { reason: "x".into() }),
        answer(Source::Whois, Outcome::NoAnswer { reason: "y".into() }),
        answer(Source::Whois, Outcome::NotSent { reason: "z".into() }),
        answer(Source::Whois, Outcome::NotFound),
    ];
    Hearing { zone: name(domain), answers, notes: vec!["a note".into()] }
}

#[test]
fn everything_survives_a_round_trip() {
    let folder = tempfile::tempdir().unwrap();
    let (path, now, hour) = (folder.path().join("s"), Timestamp::from_secs(1_800_000_000), Duration::from_secs(3600));
    let (mut state, kept) = StateFile::open(&path, hour, now).unwrap();
    assert_eq!(kept, Kept::default());
    state.note_zone(&name("shop.example"), &zone(now)).unwrap();
    state.note_registration(&name("half.example"), &hearing("half.example", now), false).unwrap();
    state.note_registration(&name("whole.example"), &hearing("whole.example", now), false).unwrap();
    state.note_registration(&name("whole.example"), &hearing("whole.example", now), true).unwrap();
    drop(state);
    let (_, kept) = StateFile::open(&path, hour, now).unwrap();
    assert_eq!(kept.facts.dns[&name("shop.example")], zone(now));
    assert_eq!(kept.facts.registrations.len(), 1);
    assert_eq!(kept.facts.registrations[&name("whole.example")], hearing("whole.example", now));
    assert_eq!(kept.halves[&name("half.example")], hearing("half.example", now));
    assert_eq!((kept.stale, kept.torn), (0, 0));
}

#[test]
fn damage_costs_the_damaged_lines_only() {
    let folder = tempfile::tempdir().unwrap();
    let (path, now, hour) = (folder.path().join("s"), Timestamp::from_secs(1_800_000_000), Duration::from_secs(3600));
    let (mut state, _) = StateFile::open(&path, hour, now).unwrap();
    state.note_zone(&name("a.example"), &zone(now)).unwrap();
    state.note_zone(&name("b.example"), &zone(now)).unwrap();
    drop(state);
    let text = std::fs::read_to_string(&path).unwrap();
    for (damaged, left) in [
        (text.replacen("a.example.\",\"heard", "a..example\",\"heard", 1), 1),
        (format!("{text}\u{0}\u{1b}garbage\n"), 2),
        (format!("{text}{{\"zone\":{{\"zone\":\"c.ex"), 2),
        (text[..text.len() - 1].to_owned(), 1),
        (text[..10].to_owned(), 0),
        (String::new(), 0),
    ] {
        std::fs::write(&path, &damaged).unwrap();
        let (state, kept) = StateFile::open(&path, hour, now).unwrap();
        assert_eq!(kept.facts.dns.len(), left, "{damaged:.60}");
        drop(state);
        let (_, again) = StateFile::open(&path, hour, now).unwrap();
        assert_eq!((again.facts.dns.len(), again.torn), (left, 0), "the damage is gone");
    }
}
