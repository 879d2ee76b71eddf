//! With and without a memory the judgement is the same, whatever comes.

use proptest::prelude::*;

use super::*;
use crate::judge::sample_world::*;
use crate::judge::{Latitude, judge_resolver, judge_resolver_again};
use crate::observation::Role;

/// One thing that happens to a resolver, or around it, and so many seconds later than the one before.
#[derive(Debug, Clone)]
enum Step {
    Heard(Purpose, Outcome),
    Source(SourceView),
    Calibration(Option<u32>),
    Forgot(i64),
    Waited,
}

fn answers() -> impl Strategy<Value = Outcome> {
    let told = |response| Just(Outcome::Answered(response));
    prop_oneof![
        4 => told(good_denial(FULL)),
        2 => told(good_denial(17)),
        4 => told(parked_denial()),
        1 => told(parent_denial()),
        2 => told(empty(Rcode::SERVFAIL)),
        1 => told(empty(Rcode::REFUSED)),
        2 => told(with_error(good_denial(30), 19)),
        1 => told(with_nsid(good_denial(FULL), "east")),
        1 => told(with_nsid(parked_denial(), "east")),
        1 => Just(Outcome::NoResponse),
        1 => Just(not_sent()),
    ]
}

fn addresses() -> impl Strategy<Value = Outcome> {
    let told = |response| Just(Outcome::Answered(response));
    prop_oneof![
        told(answer(vec![a(ZONE, 60, GOOD_ADDRESS)])),
        told(answer(vec![a(ZONE, 100, PARKED_ADDRESS)])),
        told(no_data(soa(ZONE, GOOD[0], 1, 60))),
        told(with_error(answer(vec![a(ZONE, 30, GOOD_ADDRESS)]), 3)),
        Just(Outcome::NoResponse),
    ]
}

fn sources() -> impl Strategy<Value = SourceView> {
    let view = (any::<bool>(), proptest::option::of(any::<bool>()), proptest::option::of(0..400_i64));
    view.prop_map(|(wrong, parked_answers, bound)| SourceView {
        parked_answers,
        signed: wrong,
        parked_bound: bound.map(at),
        void_before: bound.filter(|b| b % 3 == 0).map(at),
        wrong_until: bound.filter(|b| b % 2 == 0).map(at),
        ..if wrong { wrong_source() } else { right_source() }
    })
}

fn steps() -> impl Strategy<Value = Vec<(i64, Step)>> {
    let step = prop_oneof![
        8 => answers().prop_map(|outcome| Step::Heard(Purpose::Nonce, outcome)),
        2 => answers().prop_map(|outcome| Step::Heard(Purpose::NonceUnchecked, outcome)),
        2 => prop_oneof![Just(referral(50, &GOOD)), Just(referral(90, &PARKED))]
            .prop_map(|shown| Step::Heard(Purpose::NonceNoRecursion, Outcome::Answered(shown))),
        3 => addresses().prop_map(|outcome| Step::Heard(Purpose::Service, outcome)),
        1 => sources().prop_map(Step::Source),
        1 => proptest::option::of(1..200_u32).prop_map(Step::Calibration),
        1 => (0..60_i64).prop_map(Step::Forgot),
        2 => Just(Step::Waited),
    ];
    proptest::collection::vec((0..40_i64, step), 1..140)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn what_is_remembered_changes_no_judgement(steps in steps()) {
        let latitude = Latitude {
            samples_needed: 3,
            watched: vec![(name(ZONE), RecordType::A), (name(ZONE), RecordType::AAAA)],
            services_needed: true,
        };
        let refs = references();
        let (mut told, mut memory) = (Told::by(Role::Resolver), Memory::default());
        let (mut source, mut calibration, mut now) = (right_source(), Calibration::default(), 0);
        for (later, step) in steps {
            now += later;
            match step {
                Step::Heard(Purpose::Service, outcome) => {
                    told = told.about(ZONE, RecordType::A, Purpose::Service, now, outcome);
                }
                Step::Heard(purpose, outcome) => told = told.about(ZONE, RecordType::TXT, purpose, now, outcome),
                Step::Source(view) => source = view,
                Step::Calibration(largest_negative) => calibration.largest_negative = largest_negative,
                Step::Forgot(seconds) => told.witnesses.retain(|h| h.observation.at != at(now - seconds)),
                Step::Waited => {}
            }
            let (witnesses, now) = (&told.witnesses, at(now));
            let again = judge_resolver_again(&mut memory, witnesses, &calibration, &latitude, &refs, &source, now);
            prop_assert_eq!(again, judge_resolver(witnesses, &calibration, &latitude, &refs, &source, now));
        }
    }
}
