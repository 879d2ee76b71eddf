//! One test for each state of a watched name.

use super::*;
use crate::judge::sample_world::*;
use crate::observation::{Outcome, Role};

fn resolver() -> Told {
    Told::by(Role::Resolver)
}

fn judged(told: &Told, now: i64) -> ServiceJudgement {
    judge_service(&told.witnesses, &name(ZONE), RecordType::A, &references(), at(now))
}

fn state(response: Response) -> ServiceState {
    judged(&resolver().address(ZONE, 0, response), 1).state
}

#[test]
fn good_data_is_ok_with_its_values() {
    let judgement = judged(&resolver().address(ZONE, 0, answer(vec![a(ZONE, 60, GOOD_ADDRESS)])), 1);
    assert_eq!((judgement.state, judgement.until), (ServiceState::Ok, Until::Unknown));
    assert_eq!((judgement.values, judgement.ttl), (vec![Rdata::A(GOOD_ADDRESS)], Some(Ttl::from_wire(60))));
    assert_eq!(judgement.evidence, Some(1));
}

#[test]
fn parked_data_is_stale_until_its_ttl_ends_and_the_later_ttl_counts() {
    let told = resolver().address(ZONE, 0, answer(vec![a(ZONE, 100, PARKED_ADDRESS)]));
    assert_eq!((judged(&told, 1).state, judged(&told, 1).until), (ServiceState::Stale, Until::Known(at(100))));
    let told = told.address(ZONE, 5, answer(vec![a(ZONE, 40, PARKED_ADDRESS)]));
    assert_eq!(judged(&told, 6).until, Until::Known(at(45)));
}

#[test]
fn what_ran_out_is_unknown_until_it_is_asked_again() {
    let told = resolver().address(ZONE, 0, answer(vec![a(ZONE, 100, PARKED_ADDRESS)]));
    assert_eq!(judged(&told, 100).state, ServiceState::Stale);
    assert_eq!((judged(&told, 101).state, judged(&told, 101).until), (ServiceState::Unknown, Until::Unknown));
}

#[test]
fn a_denial_where_the_correct_servers_have_data_is_negative_until_its_ttl_ends() {
    for denial in [parent_denial(), no_data(soa(ZONE, PARKED[0], 7, 900))] {
        let judgement = judged(&resolver().address(ZONE, 0, denial), 1);
        assert_eq!((judgement.state, judgement.until), (ServiceState::Negative, Until::Known(at(900))));
    }
}

#[test]
fn no_data_where_the_correct_servers_have_none_either_is_ok() {
    let told = resolver().about(
        ZONE,
        RecordType::AAAA,
        Purpose::Service,
        0,
        Outcome::Answered(no_data(soa(ZONE, GOOD[0], 1, 60))),
    );
    let judgement = judge_service(&told.witnesses, &name(ZONE), RecordType::AAAA, &references(), at(1));
    assert_eq!(judgement.state, ServiceState::Ok);
}

#[test]
fn servfail_is_failing_and_a_refusal_is_unknown() {
    assert_eq!(state(empty(Rcode::SERVFAIL)), ServiceState::Failing);
    assert_eq!(state(empty(Rcode::REFUSED)), ServiceState::Unknown);
}

#[test]
fn a_third_address_is_other_unless_the_zone_answers_by_place() {
    let third = answer(vec![a(ZONE, 60, "192.0.2.77".parse().unwrap())]);
    assert_eq!(state(third.clone()), ServiceState::Other);
    let told = resolver().address(ZONE, 0, third);
    let mut refs = references();
    refs.addresses_vary = true;
    let judge = |refs: &References| judge_service(&told.witnesses, &name(ZONE), RecordType::A, refs, at(1)).state;
    assert_eq!(judge(&refs), ServiceState::Ok);
    let mut refs = references();
    refs.good.varies = true;
    assert_eq!(judge(&refs), ServiceState::Ok);
}

#[test]
fn an_answer_that_both_sides_give_is_what_users_should_get() {
    let mut refs = references();
    refs.parked.data = refs.good.data.clone();
    let told = resolver().address(ZONE, 0, answer(vec![a(ZONE, 60, GOOD_ADDRESS)]));
    assert_eq!(judge_service(&told.witnesses, &name(ZONE), RecordType::A, &refs, at(1)).state, ServiceState::Ok);
}

#[test]
fn a_right_alias_to_a_name_that_does_not_exist_is_what_the_zone_says() {
    let mut refs = references();
    let alias = cname(ZONE, 60, "gone.elsewhere.example.");
    refs.good.data.insert((name(ZONE), RecordType::A), vec![alias.rdata.clone()]);
    let response = Response { answer: vec![alias], ..no_domain(soa("elsewhere.example.", "ns.x.example.", 1, 60)) };
    let told = resolver().address(ZONE, 0, response);
    assert_eq!(judge_service(&told.witnesses, &name(ZONE), RecordType::A, &refs, at(1)).state, ServiceState::Ok);
}

#[test]
fn what_was_not_heard_or_cannot_be_compared_is_unknown() {
    assert_eq!(judged(&resolver(), 0).state, ServiceState::Unknown);
    let told = resolver().address(ZONE, 0, answer(vec![a(ZONE, 60, GOOD_ADDRESS)]));
    let judgement = judge_service(&told.witnesses, &name(ZONE), RecordType::A, &unlearned(), at(1));
    assert_eq!(judgement.state, ServiceState::Unknown);
}

#[test]
fn a_loss_or_an_empty_cache_hides_no_answer() {
    let mut told = resolver().address(ZONE, 0, answer(vec![a(ZONE, 600, PARKED_ADDRESS)]));
    for outcome in [Outcome::NoResponse, not_sent()] {
        told = told.about(ZONE, RecordType::A, Purpose::Service, 1, outcome);
    }
    assert_eq!(judged(&told, 2).state, ServiceState::Stale);
}

#[test]
fn a_name_is_unanswered_only_when_every_try_came_to_nothing() {
    let unanswered = |told: &Told| is_unanswered(&told.witnesses, &name(ZONE), RecordType::A);
    assert!(!unanswered(&resolver()), "not asked");
    let lost = resolver().about(ZONE, RecordType::A, Purpose::Service, 0, Outcome::NoResponse);
    assert!(unanswered(&lost));
    let refused = lost.address(ZONE, 1, empty(Rcode::REFUSED));
    assert!(unanswered(&refused));
    assert!(!unanswered(&refused.address(ZONE, 2, empty(Rcode::SERVFAIL))));
}
