//! One test for each thing a parent server may hold.

use super::*;
use crate::judge::sample_world::*;
use crate::observation::{Purpose, Role};

fn judged_by(outcome: Outcome, refs: &References) -> ParentJudgement {
    let told = Told::by(Role::Parent).about(ZONE, RecordType::NS, Purpose::Delegation, 0, outcome);
    judge_parent(ParentWitnesses { delegation: told.witnesses.latest(Purpose::Delegation), signer: None }, refs)
}

fn judged(response: Response) -> ParentJudgement {
    judged_by(Outcome::Answered(response), &references())
}

fn signed(response: Response) -> Option<Vec<Ds>> {
    let told =
        Told::by(Role::Parent).about(ZONE, RecordType::DS, Purpose::DelegationSigner, 0, Outcome::Answered(response));
    let signer = told.witnesses.latest(Purpose::DelegationSigner);
    judge_parent(ParentWitnesses { delegation: None, signer }, &references()).ds
}

#[test]
fn the_expected_delegation_is_correct_with_its_ttl() {
    let judgement = judged(referral(172_800, &GOOD));
    assert_eq!((judgement.verdict, judgement.ns), (Verdict::Correct, Some(ns_set(&GOOD))));
    assert_eq!((judgement.ttl, judgement.evidence), (Some(Ttl::from_wire(172_800)), vec![1]));
}

#[test]
fn a_parked_delegation_is_parked_and_a_strangers_is_other() {
    assert_eq!(judged(referral(60, &PARKED)).verdict, Verdict::Parked);
    assert_eq!(judged(referral(60, &["ns1.known-parking.example."])).verdict, Verdict::Parked);
    assert_eq!(judged(referral(60, &["ns1.stranger.example."])).verdict, Verdict::Other);
    assert_eq!(judged(referral(60, &GOOD[..1])).verdict, Verdict::Other, "a subset is not the expectation");
}

#[test]
fn one_server_for_parent_and_zone_answers_instead_of_referring() {
    assert_eq!(judged(with_authority(answer(ns(ZONE, 3600, &GOOD)))).verdict, Verdict::Correct);
}

#[test]
fn a_denial_with_authority_is_held_with_its_negative_ttl() {
    let judgement = judged(with_authority(parent_denial()));
    assert_eq!((judgement.verdict, judgement.negative_ttl), (Verdict::Held, Some(FULL)));
    assert_eq!(judged(with_authority(no_data(soa("com.", "a.x.", 1, 60)))).verdict, Verdict::Held);
}

#[test]
fn a_denial_without_authority_is_not_the_parents_word() {
    assert_eq!(judged(parent_denial()).verdict, Verdict::Broken);
}

#[test]
fn failures_refusals_and_referrals_elsewhere_are_broken() {
    let upward = Response { authority: ns(".", 60, &["a.root-servers.net."]), ..empty(Rcode::NOERROR) };
    for response in [empty(Rcode::SERVFAIL), empty(Rcode::REFUSED), upward, empty(Rcode::NOERROR)] {
        assert_eq!(judged(response).verdict, Verdict::Broken);
    }
    let malformed = Outcome::Malformed { rcode: None, reason: "cut short".to_owned() };
    assert_eq!(judged_by(malformed, &references()).verdict, Verdict::Broken);
}

#[test]
fn silence_is_silent_and_our_own_failure_is_nothing() {
    assert_eq!(judged_by(Outcome::NoResponse, &references()).verdict, Verdict::Silent);
    assert_eq!(judged_by(Outcome::Unreachable, &references()).verdict, Verdict::Silent);
    let ours = judged_by(not_sent(), &references());
    assert_eq!((ours.verdict, ours.rule), (Verdict::Unknown, Rule::NothingHeard));
}

#[test]
fn with_nobody_to_say_what_is_correct_a_delegation_is_neither_right_nor_wrong() {
    let refs = References { good_ns: None, ..references() };
    let judgement = judged_by(Outcome::Answered(referral(60, &["ns.x.example."])), &refs);
    assert_eq!((judgement.verdict, judgement.rule), (Verdict::Unknown, Rule::NothingToCompare));
}

#[test]
fn ds_records_are_read_sorted_and_none_is_known_from_unknown() {
    let of = |tag| record(ZONE, 60, Rdata::Ds(ds(tag)));
    assert_eq!(signed(with_authority(answer(vec![of(2), of(1)]))), Some(vec![ds(1), ds(2)]));
    assert_eq!(signed(with_authority(no_data(soa("com.", "a.x.", 1, 60)))), Some(vec![]));
    assert_eq!(signed(empty(Rcode::SERVFAIL)), None);
}
