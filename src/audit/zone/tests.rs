//! Each rule raised, and not raised.

use super::*;
use crate::audit::{HostSaid, ParentSaid, ServerSaid};
use crate::dns::Ds;

fn name(text: &str) -> Name {
    text.parse().unwrap()
}

fn set(names: &[&str]) -> NsSet {
    names.iter().map(|n| name(n)).collect()
}

const GOOD: [&str; 2] = ["ns1.alpha.com", "ns2.beta.net"];

/// A zone with which nothing is wrong.
fn healthy() -> DnsFacts {
    let mut facts = DnsFacts::nothing(Timestamp::from_secs(0));
    facts.parents = vec![parent(1, ParentWord::Delegates(set(&GOOD))), parent(2, ParentWord::Delegates(set(&GOOD)))];
    facts.signers = Some(vec![(31_415, 13)]);
    facts.keys = Some(vec![(1, 13), (31_415, 13)]);
    facts.servers = vec![server(GOOD[0], "192.0.2.1"), server(GOOD[1], "198.51.100.1")];
    facts.hosts = vec![HostSaid { name: name("shop.com"), aliases: vec![], addresses: vec![], answered: true }];
    facts
}

fn parent(last: u8, said: ParentWord) -> ParentSaid {
    ParentSaid { address: ([203, 0, 113, last], 53).into(), said }
}

fn server(host: &str, address: &str) -> ServerSaid {
    let address = format!("{address}:53").parse().unwrap();
    ServerSaid { name: name(host), address, said: ServerWord::Authority(set(&GOOD)) }
}

fn found(facts: &DnsFacts, expect: Option<&[&str]>) -> Found {
    let (zone, expect) = (name("shop.com"), expect.map(set));
    let parking = ParkingCatalog::embedded();
    let measure = Measure {
        zone: &zone,
        domain: Some(&zone),
        expect: expect.as_ref(),
        parking: &parking,
        parked: &[set(&["ns1.marked.org"])],
        warn: Duration::from_secs(30 * DAY),
        now: Timestamp::from_secs(1_000_000),
    };
    let mut found = Found::default();
    delegation(&mut found, facts, &measure);
    found
}

fn codes(facts: &DnsFacts, expect: Option<&[&str]>) -> Vec<&'static str> {
    found(facts, expect).issues.iter().map(|issue| issue.code).collect()
}

/// The codes after a change to a healthy zone that is expected to be as it was.
fn after(change: impl FnOnce(&mut DnsFacts)) -> Vec<&'static str> {
    let mut facts = healthy();
    change(&mut facts);
    codes(&facts, Some(&GOOD))
}

#[test]
fn nothing_is_said_of_a_healthy_zone() {
    assert_eq!(found(&healthy(), Some(&GOOD)), Found::default());
    assert_eq!(found(&healthy(), None), Found::default());
}

#[test]
fn delegations_are_held_against_what_is_expected() {
    let delegated = |to: &[&str]| {
        let word = ParentWord::Delegates(set(to));
        after(|facts| facts.parents = vec![parent(1, word.clone()), parent(2, word)])
    };
    assert_eq!(delegated(&["ns1.pendingrenewaldeletion.com"]), ["DELEGATION_PARKED"]);
    assert_eq!(delegated(&["ns1.marked.org"]), ["DELEGATION_PARKED"]);
    assert_eq!(delegated(&["ns1.stranger.org"]), ["DELEGATION_NOT_EXPECTED"]);
    assert!(delegated(&["ns1.alpha.com", "ns1.stranger.org"]).contains(&"DELEGATION_NOT_EXPECTED"));
    assert!(delegated(&["ns1.alpha.com"]).contains(&"DELEGATION_INCOMPLETE"));
    assert_eq!(codes(&healthy(), Some(&["ns1.other.org"])), ["DELEGATION_NOT_EXPECTED"]);
}

#[test]
fn denials_and_disagreements_are_the_parents_word() {
    let denied = |both: bool| {
        after(|facts| {
            facts.parents[0].said = ParentWord::Denies;
            if both {
                facts.parents[1].said = ParentWord::Denies;
            }
        })
    };
    assert_eq!((denied(true), denied(false)), (vec!["DELEGATION_DENIED"], vec!["PARENT_SERVERS_DISAGREE"]));
    let split = after(|facts| facts.parents[0].said = ParentWord::Delegates(set(&["ns1.alpha.com"])));
    assert_eq!(split, ["PARENT_SERVERS_DISAGREE"]);
    // A server that failed says nothing, as long as another one speaks.
    assert_eq!(after(|facts| facts.parents[0].said = ParentWord::Silent), Vec::<&str>::new());
}

#[test]
fn what_nobody_said_is_unknown_and_no_finding() {
    for (said, why) in [
        (ParentWord::Silent, "no server of the parent zone answered"),
        (ParentWord::NotSent("no route".to_owned()), "nothing could be sent: no route"),
        (ParentWord::Fails("REFUSED".to_owned()), "answered REFUSED"),
    ] {
        let mut facts = healthy();
        facts.parents = vec![parent(1, said.clone()), parent(2, said)];
        let found = found(&facts, Some(&GOOD));
        assert!(found.issues.is_empty() && found.unknown[0].contains(why), "{found:?}");
    }
    let mut facts = healthy();
    facts.servers.iter_mut().for_each(|server| server.said = ServerWord::NotSent("no route".to_owned()));
    let found = found(&facts, Some(&GOOD));
    assert!(found.issues.is_empty() && found.unknown.len() == 1, "our own fault: {found:?}");
}

#[test]
fn servers_that_do_not_answer_and_records_that_differ() {
    let refuses = || ServerWord::NoAuthority("REFUSED".to_owned());
    assert_eq!(after(|facts| facts.servers[0].said = refuses()), ["SERVER_NOT_ANSWERING"]);
    let none = after(|facts| facts.servers.iter_mut().for_each(|server| server.said = ServerWord::Silent));
    assert_eq!(none, ["NO_SERVER_ANSWERS"]);
    let without = after(|facts| facts.without_address.push((name("ns3.alpha.com"), "it has none".to_owned())));
    assert_eq!(without, ["SERVER_WITHOUT_ADDRESS"]);
    let differs = after(|facts| facts.servers[1].said = ServerWord::Authority(set(&["ns1.alpha.com", "ns9.beta.net"])));
    assert_eq!(differs, ["PARENT_CHILD_DIFFER"]);
}

#[test]
fn ds_and_keys_have_to_go_together() {
    assert_eq!(after(|facts| facts.keys = Some(vec![(31_415, 8)])), ["DS_WITHOUT_KEY"]);
    assert_eq!(after(|facts| facts.keys = Some(Vec::new())), ["DS_WITHOUT_KEY"]);
    for (chain, broken) in [
        (SignerMatch::Named, false),
        (SignerMatch::Unknown, false),
        (SignerMatch::Unnamed, true),
        (SignerMatch::DigestDiffers, true),
    ] {
        assert_eq!(after(|facts| facts.chain = Some(chain)).is_empty(), !broken, "{chain:?}");
    }
    let key = [1, 1, 3, 13, 1, 2, 3, 4];
    let right = Ds::of(&name("alpha.com"), &key, 2).unwrap();
    let wrong = Ds { digest: vec![7; 32], ..right.clone() };
    for (signers, codes) in [(&[right][..], &[][..]), (&[wrong], &["DS_WITHOUT_KEY"])] {
        let said = after(|facts| {
            facts.take_signers(signers);
            facts.take_keys(&name("alpha.com"), signers, &[key.to_vec()]);
        });
        assert_eq!(said, codes, "by digest");
    }
    let mut facts = healthy();
    facts.keys = None;
    assert_eq!(found(&facts, None).unknown, ["DNSSEC: the zone's keys"]);
    (facts.signers, facts.keys) = (Some(Vec::new()), None);
    assert_eq!(found(&facts, None), Found::default(), "an unsigned zone needs no keys");
}

#[test]
fn single_points_of_failure() {
    let with = |servers: &[(&str, &str)]| {
        let names: Vec<&str> = servers.iter().map(|(host, _)| *host).collect();
        let mut facts = healthy();
        facts.parents.truncate(1);
        facts.parents[0].said = ParentWord::Delegates(set(&names));
        facts.servers = servers.iter().map(|(host, address)| server(host, address)).collect();
        facts.servers.iter_mut().for_each(|server| server.said = ServerWord::Authority(set(&names)));
        codes(&facts, None)
    };
    assert_eq!(with(&[("ns1.alpha.com", "192.0.2.1")]), ["ONE_SERVER"]);
    assert_eq!(with(&[("ns1.alpha.com", "192.0.2.1"), ("ns2.alpha.com", "198.51.100.1")]), ["ONE_NS_DOMAIN"]);
    assert_eq!(with(&[("ns1.alpha1.com", "192.0.2.1"), ("ns2.alpha2.net", "198.51.100.1")]), ["ONE_NS_PROVIDER"]);
    assert_eq!(with(&[("ns1.alpha.com", "192.0.2.1"), ("ns2.beta.net", "192.0.2.9")]), ["ONE_ADDRESS_BLOCK"]);
    // Name servers below the zone itself hang on nothing else.
    assert_eq!(with(&[("ns1.shop.com", "192.0.2.1"), ("ns2.shop.com", "198.51.100.1")]), Vec::<&str>::new());
    // A second block of the other family is a second place.
    let two = [("ns1.alpha.com", "192.0.2.1"), ("ns2.beta.net", "192.0.2.9")];
    let mut facts = healthy();
    facts.servers = two.iter().map(|(host, address)| server(host, address)).collect();
    let mut six = server("ns2.beta.net", "192.0.2.9");
    six.address = "[2001:db8:1::1]:53".parse().unwrap();
    let mut seven = server("ns1.alpha.com", "192.0.2.1");
    seven.address = "[2001:db8:2::1]:53".parse().unwrap();
    facts.servers.extend([six, seven]);
    assert_eq!(codes(&facts, None), Vec::<&str>::new());
}

#[test]
fn days_are_whole_and_negative_when_they_have_passed() {
    let now = Timestamp::from_secs(1_000_000);
    let left = |seconds: i64| days_left(Timestamp::from_secs(1_000_000 + seconds), now);
    assert_eq!([left(86_400), left(86_399), left(0), left(-1), left(-86_401)], [1, 0, 0, -1, -2]);
}
