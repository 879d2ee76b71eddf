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
    let judge = |refs: &References| {
        let judgement = judge_service(&told.witnesses, &name(ZONE), RecordType::A, refs, at(1));
        (judgement.state, judgement.rule)
    };
    assert_eq!(judge(&refs), (ServiceState::Ok, Rule::DataVaries));
    let mut refs = references();
    refs.good.varies = true;
    assert_eq!(judge(&refs), (ServiceState::Ok, Rule::DataVaries));
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

#[test]
fn every_state_names_its_rule() {
    let rule = |response| judged(&resolver().address(ZONE, 0, response), 1).rule;
    assert_eq!(rule(answer(vec![a(ZONE, 60, GOOD_ADDRESS)])), Rule::DataGood);
    assert_eq!(rule(answer(vec![a(ZONE, 60, PARKED_ADDRESS)])), Rule::DataParked);
    assert_eq!(rule(parent_denial()), Rule::DataDenied);
    assert_eq!(rule(empty(Rcode::SERVFAIL)), Rule::DataFails);
    assert_eq!(rule(answer(vec![a(ZONE, 60, "192.0.2.77".parse().unwrap())])), Rule::DataNeither);
    assert_eq!(rule(empty(Rcode::REFUSED)), Rule::Refused);
    assert_eq!(judged(&resolver(), 1).rule, Rule::NothingHeard);
}

#[test]
fn a_denial_by_the_correct_zone_is_transient_until_it_is_said_twice() {
    for denial in [good_denial(FULL), no_data(soa(ZONE, GOOD[0], 1, FULL))] {
        let once = resolver().address(ZONE, 0, denial.clone());
        let judgement = judged(&once, 1);
        assert_eq!((judgement.state, judgement.rule), (ServiceState::Unknown, Rule::DataDeniedByGood));
        assert!(judgement.is_unbelieved() && judgement.until == Until::Unknown);
        let twice = once.clone().address(ZONE, 3, denial);
        let judgement = judged(&twice, 4);
        assert_eq!((judgement.state, judgement.rule), (ServiceState::Negative, Rule::DataDenied));
        assert_eq!(judgement.until, Until::Known(at(3 + i64::from(FULL))));
        let over = once.address(ZONE, 3, answer(vec![a(ZONE, 60, GOOD_ADDRESS)]));
        assert_eq!((judged(&over, 4).state, judged(&over, 4).rule), (ServiceState::Ok, Rule::DataGood));
    }
}

#[test]
fn an_odd_answer_said_once_changes_nothing_that_was_heard_before() {
    let good = resolver().address(ZONE, 0, answer(vec![a(ZONE, 60, GOOD_ADDRESS)]));
    let parked = resolver().address(ZONE, 0, answer(vec![a(ZONE, 60, PARKED_ADDRESS)]));
    for (told, state) in [(good, ServiceState::Ok), (parked, ServiceState::Stale)] {
        let odd = told.clone().address(ZONE, 5, good_denial(FULL));
        assert_eq!((judged(&odd, 6).state, judged(&odd, 6).rule), (state, Rule::DataDeniedByGood));
        assert_eq!(judged(&odd, 6).evidence, Some(1), "what is believed is shown");
        // Two different oddities are each said once.
        let stale = with_error(answer(vec![a(ZONE, 30, PARKED_ADDRESS)]), 3);
        let both = odd.address(ZONE, 8, stale);
        assert_eq!((judged(&both, 9).state, judged(&both, 9).rule), (state, Rule::StaleUnbelieved));
    }
}

#[test]
fn an_answer_that_calls_itself_stale_is_believed_when_said_twice() {
    for (code, response) in [(3, answer(vec![a(ZONE, 30, PARKED_ADDRESS)])), (19, parent_denial())] {
        let told = resolver().address(ZONE, 0, with_error(response.clone(), code));
        assert_eq!((judged(&told, 1).state, judged(&told, 1).rule), (ServiceState::Unknown, Rule::StaleUnbelieved));
        let told = told.address(ZONE, 3, with_error(response, code));
        assert!(matches!(judged(&told, 4).state, ServiceState::Stale | ServiceState::Negative));
        let fresh = told.address(ZONE, 6, answer(vec![a(ZONE, 60, GOOD_ADDRESS)]));
        assert_eq!(judged(&fresh, 7).state, ServiceState::Ok);
    }
    let failing = resolver().address(ZONE, 0, with_error(empty(Rcode::SERVFAIL), 3));
    assert_eq!(judged(&failing, 1).state, ServiceState::Failing, "a failure is one, whatever it says of itself");
}

#[test]
fn the_ttl_of_stale_answers_gives_them_away_where_the_entry_has_run_out() {
    let parked = |ttl| answer(vec![a(ZONE, ttl, PARKED_ADDRESS)]);
    let rule = |first: u32, then: i64| {
        judged(&resolver().address(ZONE, 0, parked(first)).address(ZONE, then, parked(30)), then + 1).rule
    };
    assert_eq!(rule(100, 101), Rule::StaleUnbelieved, "it ended at 100");
    assert_eq!(rule(100, 70), Rule::DataParked, "counting down");
    assert_eq!(rule(30, 60), Rule::DataParked, "its own TTL, as far as was seen");
    let other = resolver().address(ZONE, 0, parked(100)).address(ZONE, 101, answer(vec![a(ZONE, 30, GOOD_ADDRESS)]));
    assert_eq!(judged(&other, 102).rule, Rule::DataGood, "other data are no stale ones");
    let twice = resolver().address(ZONE, 0, parked(100)).address(ZONE, 101, parked(30)).address(ZONE, 104, parked(30));
    assert_eq!(judged(&twice, 105).state, ServiceState::Stale);
}

#[test]
fn a_strange_address_is_no_strangers_while_the_parked_servers_were_not_heard() {
    let told = resolver().address(ZONE, 0, answer(vec![a(ZONE, 60, PARKED_ADDRESS)]));
    let judge = |parked_unheard| {
        let refs = References { parked: crate::judge::SideFingerprint::default(), parked_unheard, ..references() };
        let judgement = judge_service(&told.witnesses, &name(ZONE), RecordType::A, &refs, at(1));
        (judgement.state, judgement.rule)
    };
    assert_eq!(judge(true), (ServiceState::Unknown, Rule::ParkedUnheard));
    assert_eq!(judge(false), (ServiceState::Other, Rule::DataNeither));
}

#[test]
fn each_answer_by_itself_is_unknown_where_it_is_not_believed_yet() {
    use ServiceState::{Negative, Ok, Unknown};
    let told = resolver().address(ZONE, 0, answer(vec![a(ZONE, 60, GOOD_ADDRESS)]));
    let told = told.address(ZONE, 5, good_denial(FULL)).address(ZONE, 8, good_denial(FULL));
    let told = told.address(ZONE, 11, answer(vec![a(ZONE, 60, GOOD_ADDRESS)])).address(ZONE, 14, good_denial(FULL));
    let answers = service_answers(&told.witnesses, &name(ZONE), RecordType::A, &references(), at(15), |_| true);
    let states: Vec<ServiceState> = answers.iter().map(|answer| answer.state).collect();
    assert_eq!(states, [Ok, Unknown, Negative, Ok, Unknown]);
}
