//! The word for a resolver: one test for each word, and for each thing that must not change it.

use super::*;
use crate::dns::Rcode;
use crate::judge::sample_world::*;
use crate::observation::{Response, Role};

fn resolver() -> Told {
    Told::by(Role::Resolver)
}

/// A resolver whose watched address was heard right after everything else.
fn served(told: Told, seconds: i64) -> Told {
    told.address(ZONE, seconds, answer(vec![a(ZONE, 60, GOOD_ADDRESS)]))
}

fn latitude() -> Latitude {
    Latitude { samples_needed: 3, watched: vec![(name(ZONE), RecordType::A)], services_needed: true }
}

fn judged_by(told: &Told, source: &SourceView, now: i64) -> ResolverJudgement {
    judge_resolver(&told.witnesses, &Calibration::default(), &latitude(), &references(), source, at(now))
}

fn judged(told: &Told, now: i64) -> ResolverJudgement {
    judged_by(told, &right_source(), now)
}

fn word(told: &Told, now: i64) -> Verdict {
    judged(told, now).verdict
}

fn good(told: Told, times: &[i64]) -> Told {
    times.iter().fold(told, |told, at| told.nonce(*at, good_denial(FULL)))
}

fn parked(told: Told, times: &[i64]) -> Told {
    times.iter().fold(told, |told, at| told.nonce(*at, parked_denial()))
}

#[test]
fn correct_needs_three_good_samples_and_every_watched_name() {
    let two = served(good(resolver(), &[0, 1]), 1);
    assert_eq!(word(&two, 2), Verdict::Unknown);
    let three = good(two, &[2]);
    assert_eq!(word(&three, 3), Verdict::Correct);
    assert_eq!(
        judged(&three, 3).samples,
        SampleCount { good: 3, sure: 3, usable: 3, together: 3, sent: 3, ..SampleCount::default() }
    );
    assert_eq!(judged(&three, 3).evidence.len(), 3);
    assert_eq!(word(&good(resolver(), &[0, 1, 2]), 3), Verdict::Unknown, "its address was not heard");
}

#[test]
fn one_sample_will_do_when_one_was_asked_for() {
    let one = served(good(resolver(), &[0]), 0);
    let lax = Latitude { samples_needed: 1, ..latitude() };
    assert_eq!(
        judge_resolver(&one.witnesses, &Calibration::default(), &lax, &references(), &right_source(), at(1)).verdict,
        Verdict::Correct
    );
}

#[test]
fn good_samples_accumulate_without_a_time_limit() {
    let times: Vec<i64> = (0..14).map(|round| round * 300).collect();
    let told = served(good(resolver(), &times), 0);
    let judgement = judged(&told, 300 * 40);
    assert_eq!((judgement.verdict, judgement.samples.good), (Verdict::Correct, 14));
}

#[test]
fn one_parked_sample_is_enough() {
    assert_eq!(word(&parked(resolver(), &[0]), 1), Verdict::Parked);
}

#[test]
fn a_parked_sample_counts_until_its_own_end_however_long_ago_it_was_heard() {
    let told = parked(resolver(), &[0]);
    assert_eq!(word(&told, 7200), Verdict::Parked, "with no end known, until it is asked again");
    let told = told.shown(0, referral(3600, &PARKED));
    assert_eq!(judged(&told, 3600).delegation_until, Until::Known(at(3600)));
    assert_eq!(word(&told, 3600), Verdict::Parked);
    assert_eq!(word(&told, 3700), Verdict::Unknown, "what stands there now was not asked");
}

#[test]
fn a_flip_is_mixed_until_the_rule_for_correct_is_met() {
    let told = good(parked(resolver(), &[0]), &[10]);
    assert_eq!(word(&told, 11), Verdict::Mixed);
    let judgement = judged(&good(told.clone(), &[11]), 12);
    assert_eq!((judgement.verdict, judgement.samples.good, judgement.samples.usable), (Verdict::Mixed, 2, 3));
    assert_eq!(word(&served(good(told, &[11, 12]), 12), 13), Verdict::Correct);
}

#[test]
fn good_then_parked_close_together_is_mixed_and_far_apart_is_parked() {
    let close = parked(good(resolver(), &[0]), &[30]);
    assert_eq!(word(&close, 31), Verdict::Mixed);
    let apart = parked(good(resolver(), &[0]), &[300]);
    assert_eq!(word(&apart, 301), Verdict::Parked);
}

#[test]
fn named_instances_are_each_as_their_newest_sample_says() {
    let east_good = |t: Told, s| t.nonce(s, with_nsid(good_denial(FULL), "east"));
    let west = |t: Told, s, r: Response| t.nonce(s, with_nsid(r, "west"));
    let mut told = west(resolver(), 0, parked_denial());
    for second in 1..6 {
        told = east_good(told, second);
    }
    told = served(told, 6);
    assert_eq!(word(&told, 7), Verdict::Mixed, "five good ones of another instance do not clear it");
    assert_eq!(word(&told, 700), Verdict::Correct, "it was not met again");
    assert_eq!(word(&served(west(told, 8, good_denial(FULL)), 9), 10), Verdict::Correct);
}

#[test]
fn the_gravest_instance_speaks_when_none_is_good() {
    let told = resolver()
        .nonce(0, with_nsid(parked_denial(), "west"))
        .nonce(1, with_nsid(empty(Rcode::SERVFAIL), "east"))
        .unchecked(2, empty(Rcode::SERVFAIL));
    assert_eq!(word(&told, 3), Verdict::Parked);
    let one_cache = resolver().nonce(0, parked_denial()).nonce(1, empty(Rcode::SERVFAIL));
    assert_eq!(word(&one_cache, 3), Verdict::Broken, "one cache is as its newest sample says");
}

#[test]
fn the_parents_denial_is_held() {
    let judgement = judged(&resolver().nonce(0, parent_denial()), 1);
    assert_eq!((judgement.verdict, judgement.until), (Verdict::Held, Until::Bound(at(900))));
}

#[test]
fn past_every_bound_is_stuck_whatever_the_other_caches_say() {
    let source = SourceView { parked_bound: Some(at(100)), ..right_source() };
    assert_eq!(judged_by(&parked(resolver(), &[200]), &source, 201).verdict, Verdict::Stuck);
    let with_good = good(parked(resolver(), &[200]), &[201]);
    assert_eq!(judged_by(&with_good, &source, 202).verdict, Verdict::Stuck);
}

#[test]
fn silence_is_silent_at_once_when_nothing_was_ever_heard() {
    let judgement = judged(&resolver().lost(0), 1);
    assert_eq!((judgement.verdict, judgement.rule), (Verdict::Silent, Rule::NoAnswer));
    assert_eq!(judgement.evidence, [1]);
}

#[test]
fn a_lost_answer_changes_nothing_and_three_in_a_row_do() {
    for told in [served(good(resolver(), &[0, 1, 2]), 2), parked(resolver(), &[0, 1, 2])] {
        let before = word(&told, 3);
        let mut told = told.lost(4).lost(5);
        assert_eq!(word(&told, 6), before);
        told = told.lost(6);
        assert_eq!(word(&told, 7), Verdict::Silent);
    }
}

#[test]
fn a_packet_that_never_left_is_no_sample() {
    let ours = |t: Told, s| t.about(ZONE, RecordType::TXT, Purpose::Nonce, s, not_sent());
    let judgement = judged(&ours(ours(ours(resolver(), 0), 1), 2), 3);
    assert_eq!((judgement.verdict, judgement.rule, judgement.samples.sent), (Verdict::Unknown, Rule::NothingHeard, 0));
    let told = ours(ours(ours(served(good(resolver(), &[0, 1, 2]), 2), 3), 4), 5);
    assert_eq!(word(&told, 6), Verdict::Correct);
}

#[test]
fn refusals_are_unknown_and_named_and_a_single_one_changes_nothing() {
    let refuse = |t: Told, s| t.nonce(s, empty(Rcode::REFUSED));
    let judgement = judged(&refuse(resolver(), 0), 1);
    assert_eq!((judgement.verdict, judgement.rule), (Verdict::Unknown, Rule::Refused));
    let told = refuse(served(good(resolver(), &[0, 1, 2]), 2), 3);
    assert_eq!(word(&told, 4), Verdict::Correct);
    let judgement = judged(&refuse(refuse(told, 4), 5), 6);
    assert_eq!((judgement.verdict, judgement.rule), (Verdict::Unknown, Rule::Refused));
    let once_good = refuse(refuse(refuse(good(resolver(), &[0]), 1), 2), 3);
    assert_eq!(judged(&once_good, 4).rule, Rule::Refused, "or it would be awaited for ever");
}

#[test]
fn servfail_holds_back_and_gives_its_reason() {
    let told = served(good(resolver(), &[0, 1, 2]), 2).nonce(3, with_error(empty(Rcode::SERVFAIL), 22));
    let judgement = judged(&told, 4);
    assert_eq!((judgement.verdict, judgement.rule), (Verdict::Broken, Rule::FailsUncompared));
    assert_eq!(judgement.errors[0].code, 22);
    let told = told.unchecked(4, good_denial(FULL));
    let signed = judged_by(&told, &SourceView { signed: true, ..right_source() }, 5);
    assert_eq!((signed.verdict, signed.rule), (Verdict::Broken, Rule::FailsValidation));
    let told = good(told, &[6]);
    assert_eq!(word(&told, 7), Verdict::Broken, "a failure among good answers is no disagreement of caches");
    assert_eq!(word(&good(told, &[7, 8]), 9), Verdict::Correct);
}

#[test]
fn a_failure_with_a_parked_name_server_address_in_the_cache_is_explained_by_it() {
    let mut refs = references();
    refs.good_ns = Some(ns_set(&["ns1.example.com."]));
    let told = resolver().nonce(0, empty(Rcode::SERVFAIL)).unchecked(1, empty(Rcode::SERVFAIL)).address(
        "ns1.example.com.",
        2,
        answer(vec![a("ns1.example.com.", 100, PARKED_ADDRESS)]),
    );
    let judge =
        |now| judge_resolver(&told.witnesses, &Calibration::default(), &latitude(), &refs, &right_source(), at(now));
    assert_eq!((judge(3).verdict, judge(3).state), (Verdict::Broken, DelegationState::NsAddressBroken));
    assert_eq!(judge(200).rule, Rule::FailsUnexplained, "that address has run out");
}

#[test]
fn a_restored_delegation_with_an_old_address_is_draining_until_it_ends() {
    let told = good(resolver(), &[0, 1, 2]).address(ZONE, 3, answer(vec![a(ZONE, 100, PARKED_ADDRESS)]));
    let judgement = judged(&told, 4);
    assert_eq!((judgement.verdict, judgement.until), (Verdict::Draining, Until::Known(at(103))));
    assert_eq!(judgement.state, DelegationState::Restored);
    let denied = good(resolver(), &[0, 1, 2]).address(ZONE, 3, parent_denial());
    assert_eq!(word(&denied, 4), Verdict::Draining);
    assert_eq!(word(&told, 104), Verdict::Unknown, "what stands there after that was not asked");
}

#[test]
fn a_restored_delegation_with_a_strange_or_failing_address_is_other_or_broken() {
    let strange = answer(vec![a(ZONE, 60, "192.0.2.77".parse().unwrap())]);
    assert_eq!(word(&good(resolver(), &[0, 1, 2]).address(ZONE, 3, strange), 4), Verdict::Other);
    assert_eq!(word(&good(resolver(), &[0, 1, 2]).address(ZONE, 3, empty(Rcode::SERVFAIL)), 4), Verdict::Broken);
}

#[test]
fn a_third_answer_is_other_and_a_declared_filter_names_itself() {
    let stranger = no_domain(soa(ZONE, "ns.stranger.example.", 3, 60));
    assert_eq!(word(&resolver().nonce(0, stranger), 1), Verdict::Other);
    let judgement = judged(&resolver().nonce(0, with_error(empty(Rcode::NXDOMAIN), 17)), 1);
    assert_eq!((judgement.verdict, judgement.rule), (Verdict::Other, Rule::FilteredByPolicy));
}

#[test]
fn bare_answers_are_unknown_and_say_why() {
    let judgement = judged(&resolver().nonce(0, empty(Rcode::NXDOMAIN)), 1);
    assert_eq!((judgement.verdict, judgement.rule), (Verdict::Unknown, Rule::BareAnswer));
}

#[test]
fn while_the_parent_is_wrong_one_good_sample_is_correct_and_fading() {
    let told = good(resolver(), &[0]).shown(0, referral(500, &GOOD));
    let lax = Latitude { samples_needed: 1, services_needed: false, ..latitude() };
    let judgement =
        judge_resolver(&told.witnesses, &Calibration::default(), &lax, &references(), &wrong_source(), at(1));
    assert_eq!((judgement.verdict, judgement.state), (Verdict::Correct, DelegationState::PreOutage));
    assert_eq!(judgement.until, Until::Known(at(500)));
}

#[test]
fn good_samples_from_before_the_restoration_never_count_towards_it() {
    let restored = SourceView { wrong_until: Some(at(100)), ..right_source() };
    let told = served(good(resolver(), &[0, 1, 2, 3]), 101);
    let judgement = judged_by(&told, &restored, 102);
    assert_eq!((judgement.verdict, judgement.samples.good), (Verdict::Unknown, 0));
    let told = good(told, &[103, 104, 105]);
    assert_eq!(judged_by(&told, &restored, 106).verdict, Verdict::Correct);
}

#[test]
fn an_address_heard_before_the_cache_turned_proves_nothing() {
    let restored = SourceView { wrong_until: Some(at(100)), ..right_source() };
    let told = good(served(resolver(), 50), &[101, 102, 103]);
    assert_eq!(judged_by(&told, &restored, 104).verdict, Verdict::Unknown);
    assert_eq!(judged_by(&served(told, 104), &restored, 105).verdict, Verdict::Correct);
    let turned = good(parked(served(resolver(), 0), &[10]), &[20, 21, 22]);
    assert_eq!(word(&turned, 23), Verdict::Unknown);
    assert_eq!(word(&served(turned, 23), 24), Verdict::Correct);
}

#[test]
fn what_a_cache_got_before_it_lost_the_correct_servers_holds_for_its_ttl_and_no_longer() {
    let told = parked(served(resolver(), 0), &[10]);
    let state = |told: &Told, now| judged_by(told, &wrong_source(), now).service[0].state;
    let judgement = judged_by(&told, &wrong_source(), 11);
    let end = judgement.next_end.unwrap();
    let ttl = judgement.service[0].ttl.unwrap();
    assert_eq!(end, at(0) + Duration::from(ttl), "it is judged again then");
    let seconds = i64::from(ttl.as_secs());
    assert_eq!((state(&told, seconds), state(&told, seconds + 1)), (ServiceState::Ok, ServiceState::Unknown));
    assert_eq!(judged_by(&told, &wrong_source(), seconds + 1).service[0].values, judgement.service[0].values);
    let kept = good(served(resolver(), 0), &[10]);
    assert_eq!(state(&kept, seconds + 1), ServiceState::Ok, "it still uses the correct servers");
}

#[test]
fn addresses_asked_for_in_vain_are_not_awaited_for_ever() {
    let told = good(resolver(), &[0, 1, 2]).about(
        ZONE,
        RecordType::A,
        Purpose::Service,
        3,
        crate::observation::Outcome::NoResponse,
    );
    assert_eq!((judged(&told, 4).verdict, judged(&told, 4).rule), (Verdict::Unknown, Rule::NoAnswer));
    assert_eq!(judged(&good(resolver(), &[0, 1, 2]), 4).rule, Rule::NonceGood, "not asked yet: awaited");
}

#[test]
fn a_name_that_no_correct_server_speaks_for_holds_nothing_back() {
    let mut refs = references();
    let elsewhere = (name("api.sub.example.com."), RecordType::A);
    let mut wide = latitude();
    wide.watched.push(elsewhere.clone());
    let told = served(good(resolver(), &[0, 1, 2]), 2);
    let judge = |refs: &References| {
        judge_resolver(&told.witnesses, &Calibration::default(), &wide, refs, &right_source(), at(3)).verdict
    };
    assert_eq!(judge(&refs), Verdict::Unknown);
    refs.good.untold.insert(elsewhere);
    assert_eq!(judge(&refs), Verdict::Correct);
}

#[test]
fn what_was_shown_without_recursion_alone_gives_a_word() {
    let told = resolver().shown(0, referral(600, &PARKED));
    let judgement = judged_by(&told, &wrong_source(), 1);
    assert_eq!((judgement.verdict, judgement.rule), (Verdict::Parked, Rule::ReferralOnly));
    assert_eq!((judgement.until, judgement.servers), (Until::Known(at(600)), Some(ns_set(&PARKED))));
    assert_eq!(judged_by(&told, &wrong_source(), 601).verdict, Verdict::Unknown);
}

#[test]
fn a_clock_jump_voids_the_ends_counted_before_it() {
    let told = parked(resolver(), &[1]).shown(0, referral(600, &PARKED));
    let jumped = SourceView { void_before: Some(at(50)), ..right_source() };
    assert_eq!(judged_by(&told, &jumped, 60).until, Until::Unknown);
    assert_eq!(judged_by(&told, &right_source(), 60).until, Until::Known(at(600)));
}

#[test]
fn many_nonces_and_many_names_do_not_push_each_other_out() {
    let mut told = served(resolver(), 0);
    told = good(told, &(0..500).collect::<Vec<_>>());
    for host in 0..200 {
        told = told.address(&format!("h{host}.example.com."), 500, empty(Rcode::NXDOMAIN));
    }
    let judgement = judged(&told, 501);
    assert_eq!((judgement.verdict, judgement.samples.good), (Verdict::Correct, Witnesses::MOST));
}

#[test]
fn a_nonce_that_calls_itself_stale_is_believed_when_said_twice() {
    let stale = |t: Told, s| t.nonce(s, with_error(parked_denial(), 19));
    let judgement = judged(&stale(resolver(), 0), 1);
    assert_eq!((judgement.verdict, judgement.rule), (Verdict::Unknown, Rule::StaleUnbelieved));
    assert_eq!(word(&stale(stale(resolver(), 0), 3), 4), Verdict::Parked);
    let clean = served(good(resolver(), &[0, 1, 2]), 2);
    assert_eq!(word(&stale(clean.clone(), 3), 4), Verdict::Correct, "said once it changes nothing");
    assert_ne!(word(&stale(stale(clean, 3), 6), 7), Verdict::Correct);
    let failing = resolver().nonce(0, with_error(empty(Rcode::SERVFAIL), 3));
    assert_eq!(word(&failing, 1), Verdict::Broken, "a failure is one, whatever it says of itself");
}

#[test]
fn a_named_cache_that_turns_back_is_news_and_no_other_is() {
    let says = |t: Told, s, cache: &str, r: Response| t.nonce(s, with_nsid(r, cache));
    let story = says(resolver(), 0, "east", parked_denial());
    let story = says(says(story, 10, "east", good_denial(FULL)), 20, "west", parked_denial());
    assert!(judged(&story, 21).turned_back.is_empty(), "east turned, west has not yet");
    let back = says(story.clone(), 30, "east", parked_denial());
    assert_eq!(judged(&back, 31).turned_back, ["east"]);
    assert_eq!(word(&back, 31), Verdict::Mixed, "and the row is not smoothed");
    let again = says(back, 40, "east", good_denial(FULL));
    assert!(judged(&again, 41).turned_back.is_empty());
    // Nameless caches may be many, and what was right before the restoration had not turned yet.
    assert!(judged(&parked(good(resolver(), &[0]), &[10]), 11).turned_back.is_empty());
    let restored = SourceView { wrong_until: Some(at(15)), ..right_source() };
    let lost = says(says(resolver(), 10, "east", good_denial(FULL)), 30, "east", parked_denial());
    assert!(judged_by(&lost, &restored, 31).turned_back.is_empty());
    assert_eq!(judged(&lost, 31).turned_back, ["east"]);
    // A failure in between is no other delegation.
    let fails = says(says(resolver(), 0, "east", good_denial(FULL)), 5, "east", empty(Rcode::SERVFAIL));
    assert!(judged(&fails, 6).turned_back.is_empty());
}

#[test]
fn every_word_names_the_row_that_gave_it() {
    let row = |told: &Told| judged(told, 10).gathering;
    let three = good(resolver(), &[0, 1, 2]);
    assert_eq!(row(&resolver()), Gathering::TooFew);
    assert_eq!(row(&good(resolver(), &[0, 1])), Gathering::TooFew);
    assert_eq!(row(&three), Gathering::NamesAwaited);
    assert_eq!(row(&served(three.clone(), 3)), Gathering::AllRight);
    assert_eq!(row(&three.clone().address(ZONE, 3, parent_denial())), Gathering::NamesOld);
    assert_eq!(row(&three.clone().address(ZONE, 3, empty(Rcode::SERVFAIL))), Gathering::NamesFail);
    let strange = answer(vec![a(ZONE, 60, "192.0.2.77".parse().unwrap())]);
    assert_eq!(row(&three.clone().address(ZONE, 3, strange)), Gathering::NamesOther);
    assert_eq!(row(&parked(three, &[4])), Gathering::CachesDisagree);
    assert_eq!(row(&parked(resolver(), &[4])), Gathering::AllParked);
    assert_eq!(row(&resolver().nonce(0, parent_denial())), Gathering::AllHeld);
    assert_eq!(row(&resolver().nonce(0, no_domain(soa(ZONE, "ns.x.example.", 3, 60)))), Gathering::ThirdAnswer);
    assert_eq!(row(&resolver().nonce(0, empty(Rcode::SERVFAIL))), Gathering::Failures);
    assert_eq!(row(&resolver().lost(0)), Gathering::NoneAnswered);
    let bounded = SourceView { parked_bound: Some(at(1)), ..right_source() };
    assert_eq!(judged_by(&good(parked(resolver(), &[4]), &[5]), &bounded, 10).gathering, Gathering::PastBounds);
}

proptest::proptest! {
    /// Whatever is told in whatever order: no panic, correct only with three good samples in a row and none bad
    /// within their reach, and never on our own failures alone.
    #[test]
    fn no_story_gives_a_false_correct(story in proptest::collection::vec((0_u8..9, 0_i64..200), 0..40), now in 0_i64..2000) {
        let mut told = resolver();
        let mut time = 0;
        let mut run = 0_usize;
        for (what, pause) in story {
            time += pause;
            told = match what {
                0 => good(told, &[time]),
                1 => parked(told, &[time]),
                2 => told.nonce(time, parent_denial()),
                3 => told.nonce(time, empty(Rcode::SERVFAIL)),
                4 => told.lost(time),
                5 => told.nonce(time, empty(Rcode::REFUSED)),
                6 => told.about(ZONE, RecordType::TXT, Purpose::Nonce, time, not_sent()),
                7 => served(told, time),
                _ => told.shown(time, referral(60, &PARKED)),
            };
            run = match what { 0 => run + 1, 1..=3 => 0, _ => run };
        }
        let judgement = judged(&told, time + now);
        if judgement.verdict == Verdict::Correct {
            proptest::prop_assert!(run >= 3 && judgement.samples.good == run);
            proptest::prop_assert!(judgement.service.iter().all(|s| s.state == ServiceState::Ok));
        }
        proptest::prop_assert_eq!(judged(&told, time + now), judgement);
    }
}
