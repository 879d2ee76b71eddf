//! Each phase, and each way into it.

use super::*;

#[test]
fn nothing_heard_is_starting() {
    assert_eq!(Play::open(opening()).phase(), Phase::Starting);
    assert_eq!(Play::with_parents().phase(), Phase::Starting);
    let one = Play::with_parents().parent(1, referral(600, &GOOD));
    assert_eq!(one.phase(), Phase::Starting, "the other parent server is awaited");
    assert_eq!(source_right().phase(), Phase::Starting, "the resolvers are awaited");
}

#[test]
fn all_right_and_never_otherwise_is_healthy() {
    let play = healthy();
    assert_eq!(play.phase(), Phase::Healthy);
    assert!(play.incident.findings().is_empty(), "{:?}", play.incident.findings());
    let phases: Vec<Phase> = play.incident.phases().iter().map(|c| c.phase).collect();
    assert_eq!(phases, [Phase::Starting, Phase::Healthy]);
}

#[test]
fn healthy_needs_as_many_samples_as_the_confidence_asks() {
    let strict = Opening { confidence: 4, ..opening() };
    let mut play = Play::open(strict).cut().parents(&referral(600, &GOOD)).good_servers();
    play = RESOLVERS.iter().fold(play, |play, n| play.clean(*n));
    assert_eq!((play.phase(), play.verdict(RESOLVERS[0])), (Phase::Starting, Verdict::Correct));
    play = RESOLVERS.iter().fold(play, |play, n| play.nonce(*n, good_denial(FULL)));
    assert_eq!(play.phase(), Phase::Healthy);
}

#[test]
fn one_parked_parent_server_is_enough_to_say_so_before_the_rest_is_heard() {
    let play = Play::with_parents().parent(1, referral(600, &PARKED));
    assert_eq!(play.phase(), Phase::ParkedAtParent);
    assert!(play.has(Code::ParentDelegationParked));
}

#[test]
fn a_denial_at_the_parent_is_held_at_parent() {
    let play = Play::with_parents().parents(&with_authority(parent_denial()));
    assert_eq!(play.phase(), Phase::HeldAtParent);
    assert!(play.has(Code::ParentNameDenied));
}

#[test]
fn parent_servers_that_disagree_are_split() {
    let play = Play::with_parents().parent(1, referral(600, &GOOD)).parent(2, referral(600, &PARKED));
    assert_eq!(play.phase(), Phase::SplitAtParent);
    let finding = play.incident.findings().iter().find(|f| f.code == Code::ParentServersDisagree).unwrap();
    assert_eq!(finding.targets, ["192.0.2.2"], "the one that lags");
    let held = Play::with_parents().parent(1, referral(600, &GOOD)).parent(2, with_authority(parent_denial()));
    assert_eq!(held.phase(), Phase::SplitAtParent);
}

#[test]
fn from_parked_through_split_to_recovered() {
    let mut play = outage();
    assert_eq!(play.phase(), Phase::ParkedAtParent);
    assert_eq!((play.verdict(RESOLVERS[0]), play.verdict(RESOLVERS[1])), (Verdict::Parked, Verdict::Correct));
    play = play.later(60).parent(1, referral(600, &GOOD));
    assert_eq!(play.phase(), Phase::SplitAtParent);
    play = play.later(5).parent(2, referral(600, &GOOD));
    assert_eq!(play.phase(), Phase::Converging);
    assert_eq!(play.incident.right_since(), Some(at(65)));
    assert_eq!(play.verdict(RESOLVERS[1]), Verdict::Unknown, "good before the restoration proves nothing");
    play = play.later(1).clean(RESOLVERS[1]);
    assert_eq!((play.phase(), play.verdict(RESOLVERS[1])), (Phase::Converging, Verdict::Correct));
    play = play.later(600).clean(RESOLVERS[0]);
    assert_eq!(play.phase(), Phase::Recovered);
    assert!(play.incident.phase().is_good());
}

#[test]
fn a_first_lost_sample_after_the_restoration_ends_no_incident() {
    let play = outage().later(65).parents(&referral(600, &GOOD)).later(1).clean(RESOLVERS[0]);
    let lost = nonce(RESOLVERS[1], Outcome::NoResponse, play.now);
    let play = play.observed([lost]);
    assert_eq!((play.phase(), play.verdict(RESOLVERS[1])), (Phase::Converging, Verdict::Unknown));
    assert_eq!(play.later(1).clean(RESOLVERS[1]).phase(), Phase::Recovered);
}

#[test]
fn a_sample_lost_where_the_parked_servers_are_silent_may_have_met_a_stale_cache() {
    let restored = |parked: Outcome| {
        let soa = observe(target(Role::Authoritative, PARKED_AT), ZONE, RecordType::SOA, Purpose::Soa, parked, 65);
        let play = outage().later(65).parents(&referral(600, &GOOD)).observed([soa.clone(), soa.clone(), soa]);
        play.later(1).clean(RESOLVERS[0]).clean(RESOLVERS[1])
    };
    let lose_one = |play: Play| {
        assert_eq!(play.phase(), Phase::Recovered);
        let lost = nonce(RESOLVERS[1], Outcome::NoResponse, play.now + 1);
        play.later(1).observed([lost]).later(1).nonce(RESOLVERS[1], good_denial(FULL))
    };
    // The first packet was lost, and the second met another cache.
    let repeat_one = |play: Play| {
        let heard = nonce(RESOLVERS[1], Outcome::Answered(good_denial(FULL)), play.now + 1);
        play.later(1).observed([Observation { packets: 2, ..heard }])
    };
    let answering = lose_one(restored(Outcome::Answered(with_authority(parked_denial()))));
    assert_eq!(answering.phase(), Phase::Recovered, "a stale cache would have shown itself");
    let silent = lose_one(restored(Outcome::NoResponse));
    assert_eq!((silent.phase(), silent.verdict(RESOLVERS[1])), (Phase::Converging, Verdict::Correct));
    let repeated = [Outcome::Answered(with_authority(parked_denial())), Outcome::NoResponse]
        .map(|o| repeat_one(restored(o)).phase());
    assert_eq!(repeated, [Phase::Recovered, Phase::Converging]);
    let again = (0..2).fold(silent, |play, _| play.later(1).nonce(RESOLVERS[1], good_denial(FULL)));
    assert_eq!(again.phase(), Phase::Recovered);
}

#[test]
fn a_server_whose_name_can_no_longer_be_looked_up_stands_where_it_stood() {
    let play = outage();
    let known: Vec<_> = play.incident.authorities().keys().copied().collect();
    assert!(known.len() > 2);
    let play = [GOOD[0], PARKED[0], PARKED[1]].iter().fold(play.later(1), |play, host| {
        play.tell(&Event::HostResolved { host: name(host), addresses: Err("nobody answers".to_owned()) })
    });
    assert!(play.later(600).incident.authorities().keys().eq(&known));
}

#[test]
fn a_held_domain_recovers_too() {
    let play = Play::with_parents()
        .parents(&with_authority(parent_denial()))
        .good_servers()
        .nonce(RESOLVERS[0], parent_denial())
        .nonce(RESOLVERS[1], parent_denial());
    assert_eq!(play.verdict(RESOLVERS[0]), Verdict::Held);
    let play = play.later(60).parents(&referral(600, &GOOD));
    assert_eq!(play.phase(), Phase::Converging);
    let play = play.later(1).clean(RESOLVERS[0]).clean(RESOLVERS[1]);
    assert_eq!(play.phase(), Phase::Recovered);
}

#[test]
fn servfail_and_nxdomain_at_a_resolver_hold_recovery_back() {
    for response in [empty(Rcode::SERVFAIL), parent_denial()] {
        let denied = response.rcode != Rcode::SERVFAIL;
        let play = healthy().later(1).nonce(RESOLVERS[0], response);
        if denied {
            // The parent may have changed since it was asked: nothing is concluded before it is asked again.
            assert_eq!((play.phase(), play.incident.doubted_since()), (Phase::Healthy, Some(at(1))));
        }
        let play = play.later(1).parents(&referral(600, &GOOD));
        assert_eq!((play.phase(), play.incident.doubted_since()), (Phase::Converging, None));
        let play = play.later(1).clean(RESOLVERS[0]);
        assert_eq!(play.phase(), Phase::Recovered, "something was wrong in this incident");
    }
}

#[test]
fn expected_servers_that_fail_are_broken_at_authority() {
    let fails = |outcome: Outcome| {
        let soa = observe(target(Role::Authoritative, GOOD_AT[1]), ZONE, RecordType::SOA, Purpose::Soa, outcome, 0);
        source_right().observed([soa.clone(), soa.clone(), soa])
    };
    let refusing = fails(Outcome::Answered(empty(Rcode::REFUSED)));
    assert_eq!(refusing.phase(), Phase::BrokenAtAuthority);
    assert!(refusing.has(Code::AuthorityNotAnswering));
    let silent = fails(Outcome::NoResponse);
    assert_eq!(silent.phase(), Phase::BrokenAtAuthority);
    assert!(silent.has(Code::AuthorityNoResponse));
    let astray = fails(Outcome::Answered(answer(vec![soa(ZONE, GOOD[0], 1, 60)])));
    assert_eq!(astray.phase(), Phase::BrokenAtAuthority);
}

#[test]
fn an_expected_server_without_address_is_broken_at_authority() {
    let said = |addresses| Event::HostResolved { host: name(GOOD[1]), addresses };
    // None in the families that may be asked from here says nothing.
    let elsewhere = source_right().tell(&said(Ok(vec![])));
    assert!(!elsewhere.has(Code::ServerWithoutAddress) && !elsewhere.phase().is_bad());
    let play = source_right().tell(&said(Err("it has no address".to_owned())));
    assert_eq!(play.phase(), Phase::BrokenAtAuthority);
    let finding = play.incident.findings().iter().find(|f| f.code == Code::ServerWithoutAddress).unwrap();
    assert_eq!(finding.targets, ["ns2.good.example"]);
}

#[test]
fn expected_servers_with_another_ns_set_are_broken_at_authority() {
    let other = Outcome::Answered(with_authority(answer(ns(ZONE, 60, &[GOOD[0], "ns9.good.example."]))));
    let apex = observe(target(Role::Authoritative, GOOD_AT[0]), ZONE, RecordType::NS, Purpose::ApexNs, other, 0);
    let play = healthy().observed([apex]);
    assert!(play.has(Code::AuthorityNsDiffers));
    assert_eq!(play.phase(), Phase::BrokenAtAuthority);
}

#[test]
fn a_ds_left_behind_is_broken_at_authority_and_a_matching_one_is_not() {
    let key = [1, 1, 3, 13, 7, 7, 7, 7];
    let signed_with = crate::dns::Ds::of(&name(ZONE), &key, 2).unwrap();
    let signer = |n: u8| {
        let ds = record(ZONE, 60, Rdata::Ds(signed_with.clone()));
        let outcome = Outcome::Answered(with_authority(answer(vec![ds])));
        observe(target(Role::Parent, n), ZONE, RecordType::DS, Purpose::DelegationSigner, outcome, 0)
    };
    let keys = |records: Vec<crate::dns::Record>| {
        let response = if records.is_empty() { no_data(soa(ZONE, GOOD[0], 1, FULL)) } else { answer(records) };
        GOOD_AT.map(|n| {
            let outcome = Outcome::Answered(with_authority(response.clone()));
            observe(target(Role::Authoritative, n), ZONE, RecordType::DNSKEY, Purpose::Keys, outcome, 0)
        })
    };
    let signed = healthy().observed(PARENTS.map(signer));
    assert_eq!(signed.phase(), Phase::Healthy, "the keys were not heard");
    let unsigned = signed.observed(keys(vec![]));
    assert!(unsigned.has(Code::ParentDsWithoutKey));
    assert_eq!(unsigned.phase(), Phase::BrokenAtAuthority);
    let key = record(ZONE, 60, Rdata::Other(RecordType::DNSKEY, key.to_vec()));
    let matching = healthy().observed(PARENTS.map(signer)).observed(keys(vec![key]));
    assert!(!matching.has(Code::ParentDsWithoutKey));
    assert_eq!(matching.phase(), Phase::Healthy);
    let parked = Play::with_parents().parents(&referral(600, &PARKED)).observed(PARENTS.map(signer));
    assert!(parked.has(Code::ParentDsOverParked));
}

#[test]
fn when_the_walk_or_every_parent_server_fails_nothing_can_be_told() {
    let failed = Play::open(opening()).tell(&Event::WalkFailed { reason: "no route".to_owned(), ours: true });
    assert_eq!(failed.phase(), Phase::CannotTell);
    assert_eq!(failed.cut().phase(), Phase::Starting, "a walk that succeeds starts anew");
    let silent = Play::with_parents().observed(PARENTS.map(|n| about_parent(n, Outcome::NoResponse, 0)));
    assert_eq!(silent.phase(), Phase::CannotTell);
    let unsent = Play::with_parents().observed(PARENTS.map(|n| about_parent(n, not_sent(), 0)));
    assert_eq!(unsent.phase(), Phase::CannotTell);
    assert!(unsent.has(Code::NetworkUnreachable));
    let refusing = Play::with_parents().parents(&empty(Rcode::REFUSED));
    assert_eq!(refusing.phase(), Phase::CannotTell);
}

#[test]
fn without_a_single_resolver_that_answers_nothing_can_be_told_of_users() {
    let silent = source_right().observed(RESOLVERS.map(|n| nonce(n, Outcome::NoResponse, 0)));
    assert_eq!(silent.phase(), Phase::CannotTell);
    let none_asked = Opening { resolvers: vec![], ..opening() };
    let play = Play::open(none_asked).cut().parents(&referral(600, &GOOD)).good_servers();
    assert_eq!(play.phase(), Phase::Healthy, "none was to be asked");
}
