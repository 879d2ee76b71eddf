//! Parked sets, the parent as stand-in, and words that would be false.

use super::*;

#[test]
fn what_the_parent_held_at_the_start_against_the_expectation_is_parked() {
    let play = Play::with_parents().parents(&referral(600, &PARKED));
    assert_eq!(play.incident.references().parked_ns, [ns_set(&PARKED)]);
    assert_eq!(play.incident.parents()[&address(1)].judgement.verdict, Verdict::Parked);
}

#[test]
fn a_set_that_shares_a_server_with_the_expectation_is_other() {
    let play = Play::with_parents().parents(&referral(600, &[GOOD[0], "ns1.stranger.example."]));
    assert!(play.incident.references().parked_ns.is_empty());
    assert_eq!(play.phase(), Phase::ParkedAtParent);
    assert!(play.has(Code::ParentDelegationOther) && !play.has(Code::ParentDelegationParked));
}

#[test]
fn a_strange_set_that_comes_later_is_other_and_a_known_service_is_parked() {
    let play = healthy().later(60).parents(&referral(600, &["ns1.stranger.example."]));
    assert!(play.has(Code::ParentDelegationOther));
    let play = healthy().later(60).parents(&referral(600, &["ns1.known-parking.example."]));
    assert!(play.has(Code::ParentDelegationParked));
}

#[test]
fn a_set_that_the_operator_names_is_parked_and_makes_it_an_outage() {
    let marked = Opening { parked: vec![ns_set(&PARKED)], ..opening() };
    let mut play = Play::open(marked).cut().parents(&referral(600, &GOOD)).good_servers();
    assert_eq!(play.phase(), Phase::Converging, "there was an outage before we looked");
    play = RESOLVERS.iter().fold(play, |play, n| play.clean(*n));
    assert_eq!(play.phase(), Phase::Recovered);
}

#[test]
fn with_nobody_to_say_what_is_correct_the_parent_stands_in() {
    let silent = Opening { expectation: None, ..opening() };
    let mut play = Play::open(silent.clone()).cut().parents(&referral(600, &GOOD));
    assert_eq!(play.incident.references().good_ns, Some(ns_set(&GOOD)));
    play = RESOLVERS.iter().fold(play.good_servers(), |play, n| play.clean(*n));
    assert_eq!(play.phase(), Phase::Healthy);
    assert!(play.has(Code::ExpectationMissing));
    let known = Play::open(silent.clone()).cut().parents(&referral(600, &["ns1.known-parking.example."]));
    assert_eq!(known.incident.references().good_ns, None, "a known parking service stands in for nobody");
    assert_eq!(known.phase(), Phase::ParkedAtParent);
    let split = Play::open(silent).cut().parent(1, referral(600, &GOOD)).parent(2, referral(600, &PARKED));
    assert_eq!((split.phase(), split.incident.references().good_ns.clone()), (Phase::SplitAtParent, None));
    assert!(split.incident.source().parent_wrong);
}

#[test]
fn an_expectation_accepted_later_turns_what_stood_in_into_the_parked_side() {
    let silent = Opening { expectation: None, ..opening() };
    let mut play = Play::open(silent).cut().parents(&referral(600, &PARKED)).parked_servers();
    play = play.nonce(RESOLVERS[0], parked_denial());
    assert_ne!(play.verdict(RESOLVERS[0]), Verdict::Parked);
    play = play.later(10).tell(&Event::ExpectationAccepted(expectation()));
    assert_eq!(play.phase(), Phase::ParkedAtParent);
    assert_eq!(play.verdict(RESOLVERS[0]), Verdict::Parked);
    assert!(!play.incident.references().good.answers && play.incident.references().parked.answers);
    assert_eq!(play.incident.authorities()[&address(PARKED_AT)].role, AuthorityRole::Delegated);
}

/// The questions whose answers teach what a side's denials look like, ending as given.
fn fall_silent(number: u8, outcome: &Outcome, at: i64) -> Vec<Observation> {
    let whom = target(Role::Authoritative, number);
    let ask = |rtype, purpose| observe(whom, ZONE, rtype, purpose, outcome.clone(), at);
    vec![
        ask(RecordType::SOA, Purpose::Soa),
        ask(RecordType::TXT, Purpose::Echo),
        ask(RecordType::A, Purpose::Service),
        ask(RecordType::AAAA, Purpose::Service),
    ]
}

#[test]
fn parked_answers_stay_known_after_the_parked_servers_fall_silent() {
    // Known from the servers alone: the primary server's name stands in no list.
    let own = |serial| soa(ZONE, "primary.hidden.example.", serial, 600);
    let taught = Outcome::Answered(with_authority(answer(vec![own(7)])));
    let mut play = outage();
    play = play.observed([observe(
        target(Role::Authoritative, PARKED_AT),
        ZONE,
        RecordType::SOA,
        Purpose::Soa,
        taught,
        0,
    )]);
    play = play.later(60).parents(&referral(600, &GOOD)).later(1);
    for _ in 0..120 {
        let at = play.now;
        play = play.observed(fall_silent(PARKED_AT, &Outcome::Answered(empty(Rcode::REFUSED)), at)).later(1);
    }
    play = play.nonce(RESOLVERS[0], no_data(own(8)));
    assert_eq!(play.verdict(RESOLVERS[0]), Verdict::Parked);
}

#[test]
fn correct_servers_that_fall_silent_do_not_make_resolvers_unknown() {
    let mut play = healthy().later(1);
    for _ in 0..120 {
        for number in GOOD_AT {
            play = play.observed(fall_silent(number, &Outcome::NoResponse, 1));
        }
    }
    assert_eq!((play.phase(), play.verdict(RESOLVERS[0])), (Phase::BrokenAtAuthority, Verdict::Correct));
}

#[test]
fn a_parking_server_behind_an_expected_name_never_teaches_what_is_correct() {
    // ns1.<zone> below a parked zone resolves to the parking service's wildcard.
    let mut play = Play::with_parents().parents(&referral(600, &PARKED));
    play = play.resolved(GOOD[0], GOOD_AT[0]).observed(server_says(GOOD_AT[0], &parked_server(), 0));
    assert!(!play.incident.references().good.answers);
    play = play.nonce(RESOLVERS[0], parked_denial());
    assert_ne!(play.verdict(RESOLVERS[0]), Verdict::Correct);
}

#[test]
fn a_name_server_within_the_zone_that_is_not_found_counts_only_once_the_parent_is_right() {
    let host = "ns1.example.com.";
    let within = Opening { expectation: Some(Expectation { ns: ns_set(&[host]), ..expectation() }), ..opening() };
    let parked = || Play::open(within.clone()).cut().parents(&referral(600, &PARKED));
    let lost =
        || Event::HostResolved { host: name(host), addresses: Err("it leads through the parked zone".to_owned()) };
    let play = parked().tell(&lost());
    assert!(!play.has(Code::ServerWithoutAddress));
    let play = play.later(60).parents(&referral(600, &[host]));
    assert_eq!(play.phase(), Phase::Starting, "it is to be looked for again");
    assert!(play.later(1).tell(&lost()).has(Code::ServerWithoutAddress));
    // An address that the operator gave, or that was found before the outage, holds all along.
    let play = parked().resolved(host, GOOD_AT[0]);
    assert!(play.incident.authorities()[&address(GOOD_AT[0])].is_expected());
}

#[test]
fn not_finding_an_address_counts_only_where_anybody_is_reached() {
    let failed = Event::HostResolved { host: name(GOOD[1]), addresses: Err("nobody answered".to_owned()) };
    assert!(!Play::with_parents().tell(&failed).has(Code::ServerWithoutAddress));
    assert!(source_right().tell(&failed).has(Code::ServerWithoutAddress));
}

#[test]
fn a_resolver_past_every_bound_is_stuck() {
    let play = outage().later(60).parents(&referral(600, &GOOD));
    // Parent lease 600 s and the parked servers' own 120 s, from the restoration on.
    assert_eq!(play.incident.source().parked_bound, Some(at(60 + 600 + 120)));
    let play = play.later(800).nonce(RESOLVERS[0], parked_denial());
    assert_eq!(play.verdict(RESOLVERS[0]), Verdict::Stuck);
    assert!(play.has(Code::ResolverStuck));
}

#[test]
fn a_parked_row_outlives_its_end_by_no_more_than_the_grace() {
    let now = |play: Play, outcome| {
        let at = play.now;
        let whom = target(Role::Resolver, RESOLVERS[0]);
        play.observed([observe(whom, ZONE, RecordType::TXT, Purpose::NonceNoRecursion, outcome, at)])
    };
    let play = now(outage(), Outcome::Answered(referral(100, &PARKED)));
    let state = |play: &Play| play.incident.resolver(address(RESOLVERS[0])).unwrap().judgement.state;
    assert_eq!((play.verdict(RESOLVERS[0]), state(&play)), (Verdict::Parked, DelegationState::Parked));
    let play = play.later(110);
    assert_eq!(play.verdict(RESOLVERS[0]), Verdict::Parked);
    let play = play.later(6);
    assert_eq!(play.verdict(RESOLVERS[0]), Verdict::Unknown);
}

#[test]
fn a_clock_jump_voids_bounds_counted_before_it() {
    let play = outage().later(5).tell(&Event::ClockJumped { seconds: 3600 });
    assert_eq!(play.incident.source().void_before, Some(at(5)));
    // Nothing is counted by the wall clock.
    let play = play.later(5).tell(&Event::WallClockSet { seconds: -3600 });
    assert_eq!(play.incident.source().void_before, Some(at(5)));
    assert_eq!(play.incident.clock_jumps().len(), 2);
}

#[test]
fn an_answer_unlike_the_correct_one_waits_for_the_parked_servers_own_word() {
    // An unknown primary: only the parked servers themselves can say that it is theirs.
    let strange = || no_data(soa(ZONE, "primary.nobody.example.", 7, 600));
    let play = healthy().later(60).parents(&referral(600, &["ns1.known-parking.example."]));
    let play = play.nonce(RESOLVERS[0], strange());
    let judgement = |play: &Play| play.incident.resolver(address(RESOLVERS[0])).unwrap().judgement.rule;
    assert_eq!(judgement(&play), Rule::ParkedUnheard);
    assert!(!play.has(Code::ResolverOther));
    let play = play.resolved("ns1.known-parking.example.", PARKED_AT);
    let say = |purpose, rtype, response: Response| {
        let outcome = Outcome::Answered(with_authority(response));
        observe(target(Role::Authoritative, PARKED_AT), ZONE, rtype, purpose, outcome, 60)
    };
    let heard = |own: fn() -> Response| {
        [
            say(Purpose::Service, RecordType::A, answer(vec![a(ZONE, 60, PARKED_ADDRESS)])),
            say(Purpose::Service, RecordType::AAAA, no_data(soa(ZONE, PARKED[0], 7, 60))),
            say(Purpose::Echo, RecordType::TXT, own()),
            say(Purpose::Soa, RecordType::SOA, answer(vec![soa(ZONE, PARKED[0], 7, 60)])),
        ]
    };
    let theirs = healthy().later(60).parents(&referral(600, &["ns1.known-parking.example."]));
    let theirs = theirs.nonce(RESOLVERS[0], strange()).resolved("ns1.known-parking.example.", PARKED_AT);
    assert_eq!(judgement(&theirs.observed(heard(strange))), Rule::NonceParked);
    let play = play.observed(heard(parked_denial));
    assert_eq!(judgement(&play), Rule::NeitherSide);
    assert!(play.has(Code::ResolverOther));
}

#[test]
fn parked_servers_that_have_no_address_or_stay_silent_are_not_waited_for() {
    let strange = no_data(soa(ZONE, "primary.nobody.example.", 7, 600));
    let play = || healthy().later(60).parents(&referral(600, &["ns1.known-parking.example."]));
    let host = name("ns1.known-parking.example.");
    let nowhere = Event::HostResolved { host: host.clone(), addresses: Err("no such name".to_owned()) };
    let play_nowhere = play().tell(&nowhere).nonce(RESOLVERS[0], strange.clone());
    assert!(play_nowhere.has(Code::ResolverOther));
    let asked = [
        (RecordType::SOA, Purpose::Soa),
        (RecordType::TXT, Purpose::Echo),
        (RecordType::A, Purpose::Service),
        (RecordType::AAAA, Purpose::Service),
    ];
    let lost = asked.map(|(rtype, purpose)| {
        observe(target(Role::Authoritative, PARKED_AT), ZONE, rtype, purpose, Outcome::NoResponse, 60)
    });
    let silent = play().resolved("ns1.known-parking.example.", PARKED_AT).nonce(RESOLVERS[0], strange);
    assert!(!silent.has(Code::ResolverOther));
    assert!(silent.observed(lost).has(Code::ResolverOther));
}

#[test]
fn the_digest_of_a_ds_decides_and_not_its_tag_alone() {
    let key = vec![1, 1, 3, 13, 9, 9, 9, 9];
    let right = crate::dns::Ds::of(&name(ZONE), &key, 2).unwrap();
    let held = |ds: crate::dns::Ds| {
        let keys = record(ZONE, 60, Rdata::Other(RecordType::DNSKEY, key.clone()));
        let keys = Outcome::Answered(with_authority(answer(vec![keys])));
        let signer = Outcome::Answered(answer(vec![record(ZONE, 60, Rdata::Ds(ds))]));
        healthy().observed([
            observe(target(Role::Authoritative, GOOD_AT[0]), ZONE, RecordType::DNSKEY, Purpose::Keys, keys, 0),
            observe(target(Role::Parent, PARENTS[0]), ZONE, RecordType::DS, Purpose::DelegationSigner, signer, 0),
        ])
    };
    let matching = held(right.clone());
    assert!(!matching.has(Code::ParentDsWithoutKey) && matching.incident.source().signed);
    assert!(!healthy().incident.source().signed);
    // Keys alone are evidence only while the parent was not heard about a DS.
    let told = |signer: Option<Response>| {
        let keys = record(ZONE, 60, Rdata::Other(RecordType::DNSKEY, key.clone()));
        let keys = Outcome::Answered(with_authority(answer(vec![keys])));
        let signer = signer.map(|response| {
            let outcome = Outcome::Answered(with_authority(response));
            observe(target(Role::Parent, PARENTS[0]), ZONE, RecordType::DS, Purpose::DelegationSigner, outcome, 0)
        });
        let keys = observe(target(Role::Authoritative, GOOD_AT[0]), ZONE, RecordType::DNSKEY, Purpose::Keys, keys, 0);
        healthy().observed([keys]).observed(signer).incident.source().signed
    };
    assert!(told(None));
    assert!(!told(Some(no_data(soa("com.", "a.gtld-servers.net.", 99, 900)))), "an island");
    let wrong = held(crate::dns::Ds { digest: vec![0; 32], ..right.clone() });
    assert_eq!(wrong.phase(), Phase::BrokenAtAuthority);
    let found = wrong.incident.findings().iter().find(|f| f.code == Code::ParentDsWithoutKey).unwrap();
    assert!(found.detail.ends_with("(the tag of a key that is served, but not its digest)"), "{}", found.detail);
    let unknown = held(crate::dns::Ds { digest_type: 99, ..right });
    assert!(!unknown.has(Code::ParentDsWithoutKey));
    assert_eq!(unknown.incident.signer_match(), Some(SignerMatch::Unknown));
    assert_eq!(healthy().incident.signer_match(), None);
}
