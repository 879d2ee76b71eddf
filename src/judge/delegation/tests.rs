//! One test for each row of the table of samples.

use super::*;
use crate::judge::sample_world::*;
use crate::observation::Role;

/// Judges the first nonce told, with what else was told beside it.
fn judged(told: &Told, refs: &References, source: &SourceView) -> DelegationSample {
    let newest = |purpose| told.witnesses.latest(purpose);
    let witnesses = NonceWitnesses {
        nonce: newest(crate::observation::Purpose::Nonce).unwrap(),
        unchecked: newest(crate::observation::Purpose::NonceUnchecked),
        no_recursion: newest(crate::observation::Purpose::NonceNoRecursion),
        ns_address_parked: false,
        calibration: &Calibration::default(),
    };
    judge_delegation(witnesses, refs, source)
}

fn row(told: &Told, source: &SourceView) -> (DelegationState, Rule, Until) {
    let sample = judged(told, &references(), source);
    (sample.state, sample.rule, sample.until)
}

fn resolver() -> Told {
    Told::by(Role::Resolver)
}

#[test]
fn a_live_good_denial_is_restored() {
    let told = resolver().nonce(0, good_denial(FULL));
    assert_eq!(row(&told, &right_source()), (DelegationState::Restored, Rule::NonceGood, Until::Unknown));
    // Whole-second clocks: one second off is still live.
    let told = resolver().nonce(0, good_denial(FULL - 1));
    assert_eq!(row(&told, &right_source()).1, Rule::NonceGood);
}

#[test]
fn an_aged_good_denial_is_restored_from_cached_denials() {
    let told = resolver().nonce(0, good_denial(FULL - 2));
    assert_eq!(row(&told, &right_source()), (DelegationState::Restored, Rule::NonceGoodAged, Until::Unknown));
}

#[test]
fn good_while_the_parent_is_wrong_is_pre_outage_and_fades_when_shown() {
    let told = resolver().nonce(0, good_denial(FULL));
    let expected = (DelegationState::PreOutage, Rule::NonceGoodBeforeRestoration, Until::Unknown);
    assert_eq!(row(&told, &wrong_source()), expected);
    let told = told.shown(0, referral(50, &GOOD));
    assert_eq!(row(&told, &wrong_source()).2, Until::Known(at(50)));
}

#[test]
fn good_from_before_the_restoration_stays_pre_outage_after_it() {
    let told = resolver().nonce(5, good_denial(FULL));
    let source = |until| SourceView { wrong_until: Some(at(until)), ..right_source() };
    assert_eq!(row(&told, &source(5)).0, DelegationState::PreOutage);
    assert_eq!(row(&told, &source(4)).0, DelegationState::Restored);
}

#[test]
fn parked_with_a_shown_delegation_ends_when_that_ends() {
    let told = resolver().nonce(1, parked_denial()).shown(0, referral(500, &PARKED));
    let expected = (DelegationState::Parked, Rule::NonceParkedUntilKnown, Until::Known(at(500)));
    assert_eq!(row(&told, &right_source()), expected);
    assert_eq!(judged(&told, &references(), &right_source()).servers, Some(ns_set(&PARKED)));
}

#[test]
fn a_shown_delegation_that_ran_out_or_is_the_other_sides_says_no_end() {
    let ran_out = resolver().nonce(60, parked_denial()).shown(0, referral(30, &PARKED));
    assert_eq!(row(&ran_out, &right_source()).1, Rule::NonceParked);
    let other_cache = resolver().nonce(1, parked_denial()).shown(0, referral(500, &GOOD));
    let sample = judged(&other_cache, &references(), &right_source());
    assert_eq!((sample.rule, sample.servers), (Rule::NonceParked, None));
}

#[test]
fn parked_without_a_shown_delegation_is_bounded_by_the_source() {
    let told = resolver().nonce(0, parked_denial());
    assert_eq!(row(&told, &right_source()), (DelegationState::Parked, Rule::NonceParked, Until::Unknown));
    let bounded = SourceView { parked_bound: Some(at(900)), ..right_source() };
    assert_eq!(row(&told, &bounded).2, Until::Bound(at(900)));
}

#[test]
fn parked_after_every_bound_is_stuck_but_only_when_heard_after_it() {
    let source = SourceView { parked_bound: Some(at(100)), ..right_source() };
    let state = |heard| judged(&resolver().nonce(heard, parked_denial()), &references(), &source);
    assert_eq!((state(101).state, state(101).rule), (DelegationState::Stuck, Rule::NonceParkedPastBounds));
    assert_eq!(state(99).state, DelegationState::Parked);
}

#[test]
fn a_delegation_shown_without_recursion_speaks_when_nothing_else_was_asked() {
    let heard = |hosts: &[&str]| resolver().shown(0, referral(300, hosts)).witnesses.iter().next().unwrap().clone();
    let judge =
        |hosts: &[&str], source: &SourceView, now| judge_referral(&heard(hosts), &references(), source, at(now));
    let parked = judge(&PARKED, &wrong_source(), 10).unwrap();
    assert_eq!((parked.state, parked.rule), (DelegationState::Parked, Rule::ReferralOnly));
    assert_eq!(parked.until, Until::Known(at(300)));
    let fading = judge(&GOOD, &wrong_source(), 10).unwrap();
    assert_eq!((fading.state, fading.until), (DelegationState::PreOutage, Until::Known(at(300))));
    assert_eq!(judge(&GOOD, &right_source(), 10).unwrap().state, DelegationState::Restored);
    assert_eq!(judge(&["ns1.stranger.example."], &right_source(), 10).unwrap().state, DelegationState::Other);
    assert!(judge(&PARKED, &wrong_source(), 300).is_some(), "what ends at a moment holds with it");
    assert_eq!(judge(&PARKED, &wrong_source(), 301), None, "it has run out");
}

#[test]
fn a_refusal_or_a_root_referral_without_recursion_shows_nothing() {
    let refused = resolver().shown(0, empty(Rcode::REFUSED));
    let root = Response { authority: ns(".", 500_000, &["a.root-servers.net."]), ..empty(Rcode::NOERROR) };
    for told in [refused, resolver().shown(0, root), resolver().shown(0, empty(Rcode::NOERROR))] {
        let heard = told.witnesses.iter().next().unwrap();
        assert_eq!(judge_referral(heard, &references(), &right_source(), at(1)), None);
    }
}

#[test]
fn the_parents_denial_is_held_until_its_ttl_ends_once_the_parent_is_right() {
    let told = resolver().nonce(0, parent_denial());
    let expected = (DelegationState::Held, Rule::NonceFromParent, Until::Bound(at(900)));
    assert_eq!(row(&told, &right_source()), expected);
    assert_eq!(row(&told, &wrong_source()).2, Until::Unknown, "while the parent denies, it is renewed");
}

#[test]
fn servfail_with_a_good_answer_unchecked_is_failing_validation() {
    let told = resolver().nonce(0, with_error(empty(Rcode::SERVFAIL), 9)).unchecked(1, good_denial(FULL));
    let expected = (DelegationState::ValidationFailing, Rule::FailsValidation, Until::Unknown);
    assert_eq!(row(&told, &right_source()), expected);
}

#[test]
fn servfail_with_a_parked_answer_unchecked_is_parked_hidden_by_dnssec() {
    let told = resolver().nonce(1, empty(Rcode::SERVFAIL)).unchecked(1, parked_denial());
    let source = SourceView { signed: true, parked_bound: Some(at(900)), ..right_source() };
    assert_eq!(row(&told, &source), (DelegationState::Parked, Rule::ParkedHiddenByDnssec, Until::Bound(at(900))));
    let told = told.shown(0, referral(70, &PARKED));
    assert_eq!(row(&told, &source), (DelegationState::Parked, Rule::ParkedHiddenByDnssec, Until::Known(at(70))));
}

#[test]
fn where_nothing_is_signed_no_validation_fails() {
    // The comparison met another cache of the address, or another moment.
    let told = resolver().nonce(0, with_error(empty(Rcode::SERVFAIL), 22)).unchecked(1, good_denial(FULL));
    assert_eq!(row(&told, &right_source()).1, Rule::FailsUnexplained);
    let silent = SourceView { parked_answers: Some(false), ..right_source() };
    assert_eq!(row(&told, &silent).1, Rule::FailsParkedSilent);
    // Unless there is evidence of signing: a DS or keys, or the resolver's own word.
    let signed = SourceView { signed: true, ..right_source() };
    assert_eq!(row(&told, &signed).1, Rule::FailsValidation);
    for code in 6..=12 {
        let told = resolver().nonce(0, with_error(empty(Rcode::SERVFAIL), code)).unchecked(1, good_denial(FULL));
        assert_eq!(row(&told, &right_source()).1, Rule::FailsValidation, "{code}");
    }
}

#[test]
fn a_parked_comparison_in_an_unsigned_zone_is_parked_and_hidden_by_nothing() {
    let told = resolver().nonce(0, empty(Rcode::SERVFAIL)).unchecked(1, parked_denial());
    assert_eq!(row(&told, &right_source()), (DelegationState::Parked, Rule::NonceParked, Until::Unknown));
}

#[test]
fn an_answer_unlike_the_correct_one_is_no_strangers_while_the_parked_servers_were_not_heard() {
    let refs = References { parked_unheard: true, ..references() };
    let told = resolver().nonce(0, no_domain(soa(ZONE, "ns.stranger.example.", 3, 60)));
    let sample = judged(&told, &refs, &wrong_source());
    assert_eq!((sample.state, sample.rule), (DelegationState::Unknown, Rule::ParkedUnheard));
}

#[test]
fn the_live_answer_outranks_what_was_shown_without_recursion() {
    let told = resolver().nonce(1, good_denial(FULL)).shown(0, referral(500, &PARKED));
    assert_eq!(row(&told, &right_source()).0, DelegationState::Restored);
    let told = resolver().nonce(1, parked_denial()).shown(0, referral(500, &GOOD));
    assert_eq!(row(&told, &right_source()).0, DelegationState::Parked);
}

#[test]
fn servfail_both_ways_with_parked_servers_silent_is_parked_silent() {
    let told = resolver().nonce(0, empty(Rcode::SERVFAIL)).unchecked(1, empty(Rcode::SERVFAIL));
    let source = SourceView { parked_answers: Some(false), ..right_source() };
    assert_eq!(row(&told, &source).0, DelegationState::ParkedSilent);
    assert_eq!(row(&told, &source).1, Rule::FailsParkedSilent);
    let bounded = SourceView { parked_bound: Some(at(900)), ..source };
    assert_eq!(row(&told, &bounded).2, Until::Bound(at(900)));
    let told = told.shown(0, referral(70, &PARKED));
    assert_eq!(row(&told, &bounded).2, Until::Known(at(70)), "the cache showed for how long");
}

#[test]
fn servfail_both_ways_from_a_cache_that_holds_the_parked_delegation_lasts_as_long_as_that() {
    let told = resolver().nonce(1, empty(Rcode::SERVFAIL)).unchecked(1, empty(Rcode::SERVFAIL));
    let parked = told.clone().shown(0, referral(70, &PARKED));
    let expected = (DelegationState::ParkedSilent, Rule::FailsHoldingParked, Until::Known(at(70)));
    assert_eq!(row(&parked, &right_source()), expected);
    for other in [referral(70, &GOOD), referral(1, &PARKED)] {
        let told = told.clone().shown(0, other);
        assert_eq!(row(&told, &right_source()).1, Rule::FailsUnexplained, "it holds none, or no longer");
    }
}

#[test]
fn servfail_both_ways_with_a_parked_name_server_address_is_that() {
    let told = resolver().nonce(0, empty(Rcode::SERVFAIL)).unchecked(1, empty(Rcode::SERVFAIL));
    let mut heard = told.witnesses.iter();
    let witnesses = NonceWitnesses {
        nonce: heard.next().unwrap(),
        unchecked: heard.next(),
        no_recursion: None,
        ns_address_parked: true,
        calibration: &Calibration::default(),
    };
    let sample = judge_delegation(witnesses, &references(), &right_source());
    assert_eq!((sample.state, sample.rule), (DelegationState::NsAddressBroken, Rule::FailsNsAddress));
}

#[test]
fn servfail_both_ways_for_no_known_reason_is_said_so_and_still_counts() {
    let told = resolver().nonce(0, empty(Rcode::SERVFAIL)).unchecked(1, empty(Rcode::SERVFAIL));
    let sample = judged(&told, &references(), &right_source());
    assert_eq!((sample.state, sample.rule), (DelegationState::Unknown, Rule::FailsUnexplained));
    assert!(sample.is_usable());
}

#[test]
fn servfail_waits_for_its_comparison_and_our_own_failure_is_none() {
    let told = resolver().nonce(0, empty(Rcode::SERVFAIL));
    assert_eq!(row(&told, &right_source()).1, Rule::FailsUncompared);
    let told =
        told.about(ZONE, crate::dns::RecordType::TXT, crate::observation::Purpose::NonceUnchecked, 1, not_sent());
    assert_eq!(row(&told, &right_source()).1, Rule::FailsUncompared);
}

#[test]
fn refusals_say_nothing_about_the_domain() {
    for rcode in [Rcode::REFUSED, Rcode::FORMERR, Rcode::NOTIMP] {
        let sample = judged(&resolver().nonce(0, empty(rcode)), &references(), &right_source());
        assert_eq!((sample.state, sample.rule), (DelegationState::Unknown, Rule::Refused));
        assert!(!sample.is_usable());
    }
}

#[test]
fn a_policy_that_names_itself_is_a_filter_whatever_the_rcode() {
    for rcode in [Rcode::NXDOMAIN, Rcode::SERVFAIL, Rcode::REFUSED] {
        let told = resolver().nonce(0, with_error(empty(rcode), 15));
        assert_eq!(row(&told, &right_source()), (DelegationState::Other, Rule::FilteredByPolicy, Until::Unknown));
    }
    let forged = with_error(answer(vec![txt("nonce.example.com.", "blocked")]), 17);
    assert_eq!(row(&resolver().nonce(0, forged), &right_source()).1, Rule::FilteredByPolicy);
}

#[test]
fn a_third_answer_is_other_and_never_parked() {
    let told = resolver().nonce(0, no_domain(soa(ZONE, "ns.stranger.example.", 3, 60)));
    assert_eq!(row(&told, &right_source()), (DelegationState::Other, Rule::NeitherSide, Until::Unknown));
}

#[test]
fn sides_that_look_alike_are_undecidable() {
    let mut refs = references();
    refs.parked.soas = refs.good.soas.clone();
    let sample = judged(&resolver().nonce(0, good_denial(FULL)), &refs, &right_source());
    assert_eq!((sample.state, sample.rule), (DelegationState::Unknown, Rule::Undecidable));
}

#[test]
fn before_the_servers_were_asked_there_is_nothing_to_compare() {
    let told = resolver().nonce(0, no_domain(soa(ZONE, "ns.somebody.example.", 3, 60)));
    let sample = judged(&told, &unlearned(), &right_source());
    assert_eq!((sample.state, sample.rule), (DelegationState::Unknown, Rule::NothingToCompare));
}

#[test]
fn an_answer_without_soa_or_data_is_bare() {
    for rcode in [Rcode::NOERROR, Rcode::NXDOMAIN] {
        let sample = judged(&resolver().nonce(0, empty(rcode)), &references(), &right_source());
        assert_eq!((sample.state, sample.rule), (DelegationState::Unknown, Rule::BareAnswer));
        assert!(!sample.is_usable());
    }
}

#[test]
fn silence_is_unreachable_and_a_packet_that_never_left_is_nothing() {
    for outcome in [Outcome::NoResponse, Outcome::Unreachable] {
        let told = resolver().about(ZONE, crate::dns::RecordType::TXT, crate::observation::Purpose::Nonce, 0, outcome);
        assert_eq!(row(&told, &right_source()).0, DelegationState::Unreachable);
        assert_eq!(row(&told, &right_source()).1, Rule::NoAnswer);
    }
    let told = resolver().about(ZONE, crate::dns::RecordType::TXT, crate::observation::Purpose::Nonce, 0, not_sent());
    assert_eq!(row(&told, &right_source()).1, Rule::NothingHeard);
}

#[test]
fn every_sample_names_its_evidence_the_nonce_first() {
    let told = resolver().nonce(0, empty(Rcode::SERVFAIL)).unchecked(1, parked_denial()).shown(2, referral(9, &PARKED));
    assert_eq!(judged(&told, &references(), &right_source()).evidence, [1, 2, 3]);
}
