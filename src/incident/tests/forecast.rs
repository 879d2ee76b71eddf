//! What is foretold of rows, of all together, and of caches nobody sees.

use super::*;
use crate::incident::forecast::{Behaviour, Certainty, Curve, Forecast, RowForecast, RunningClock};
use crate::judge::sample_world::at as moment;
use crate::time::Timestamp;

fn forecast(play: &Play) -> Forecast {
    play.incident.forecast(moment(play.now))
}

fn row(play: &Play, number: u8) -> RowForecast {
    let forecast = forecast(play);
    *forecast.rows.iter().find(|r| r.address == address(number)).unwrap()
}

/// Seconds from the beginning.
fn secs(at: Option<Timestamp>) -> Option<i64> {
    at.map(|at| (at.as_micros() - moment(0).as_micros()) / 1_000_000)
}

/// The outage seen from its beginning at 100 s to its end at 400 s; both resolvers parked then. All TTLs are 600 s at the
/// parent; what the parked servers give is theirs.
fn restored() -> Play {
    restored_from(marked())
}

fn marked() -> Opening {
    Opening { parked: vec![ns_set(&PARKED)], ..opening() }
}

fn restored_from(opening: Opening) -> Play {
    let play = Play::open(opening).cut();
    let play = play.parents(&referral(600, &GOOD)).good_servers();
    let play = play.later(100).parents(&referral(600, &PARKED)).parked_servers();
    let play = RESOLVERS.iter().fold(play, |play, n| play.nonce(*n, parked_denial()));
    let play = play.later(300).parents(&referral(600, &GOOD));
    RESOLVERS.iter().fold(play, |play, n| play.nonce(*n, parked_denial()))
}

fn shown(play: Play, number: u8, ttl: u32) -> Play {
    let at = play.now;
    let outcome = Outcome::Answered(referral(ttl, &PARKED));
    play.observed([observe(
        target(Role::Resolver, number),
        ZONE,
        RecordType::TXT,
        Purpose::NonceNoRecursion,
        outcome,
        at,
    )])
}

#[test]
fn nothing_is_foretold_while_the_parent_is_wrong() {
    let play = outage();
    let forecast = forecast(&play);
    assert_eq!(forecast.restored, None);
    assert!(forecast.rows.is_empty() && forecast.curve.ahead.is_empty());
    assert_eq!((forecast.fleet.median, forecast.fleet.worst), (None, None));
    assert!(forecast.unseen.if_corrected_now);
    assert_eq!(secs(forecast.unseen.by_parent_ttl), Some(600), "what it would be if it were corrected now");
    assert!(forecast.unseen.worst > forecast.unseen.by_parent_ttl);
}

#[test]
fn a_parked_row_of_unknown_end_has_a_range() {
    let play = restored();
    let row = row(&play, RESOLVERS[0]);
    assert_eq!((row.clock, row.certainty), (Some(RunningClock::Delegation), Certainty::Range));
    assert_eq!((row.behaviour, row.best), (Behaviour::Unknown, moment(400)));
    let (expected, likely, worst) = (row.expected.unwrap(), row.likely.unwrap(), row.worst.unwrap());
    assert!(row.best <= row.early.unwrap() && row.early.unwrap() < expected && expected < likely && likely <= worst);
    assert!(worst >= play.incident.source().parked_bound.unwrap(), "as far as TTLs reach");
}

#[test]
fn a_measured_cap_is_used_and_said_and_one_that_cuts_nothing_is_not() {
    let capped = |caps: [u32; 2]| {
        let learned = |(number, cap): (u8, u32)| {
            let calibration = crate::judge::Calibration { largest_long: Some(cap), ..Default::default() };
            (address(number), calibration)
        };
        let remembered = RESOLVERS.into_iter().zip(caps).map(learned).collect();
        restored().tell(&Event::CalibrationsRemembered(remembered))
    };
    let play = capped([300, 172_800]);
    let (short, long) = (row(&play, RESOLVERS[0]), row(&play, RESOLVERS[1]));
    assert_eq!((short.cap, long.cap), (Some(300), None));
    let documented = row(&restored(), RESOLVERS[0]);
    assert_eq!(Some(long.worst), Some(documented.worst));
    // Kept for five minutes, renewed by the child once, then its addresses.
    assert!(short.worst < long.worst && short.likely < long.likely && short.expected < long.expected, "{short:?}");
    assert!(secs(short.worst).unwrap() <= 400 + 300 + 300 + 300, "{short:?}");
    // One day cuts nothing of ten minutes.
    let play = capped([86_400, 172_800]);
    assert_eq!((row(&play, RESOLVERS[0]).cap, row(&play, RESOLVERS[0]).worst), (None, documented.worst));
}

#[test]
fn a_cache_that_shows_its_end_is_known() {
    let play = shown(restored(), RESOLVERS[0], 120);
    let row = row(&play, RESOLVERS[0]);
    assert_eq!((row.certainty, secs(row.expected)), (Certainty::Known, Some(520)));
    assert!(row.worst > row.likely, "a question for NS may have it renewed once");
    let forecast = forecast(&play);
    assert!(forecast.fleet.median.is_some() && forecast.fleet.last <= forecast.fleet.worst);
}

#[test]
fn a_lease_longer_than_the_parents_was_taken_from_the_child() {
    let play = shown(restored(), RESOLVERS[0], 650);
    assert_eq!(row(&play, RESOLVERS[0]).behaviour, Behaviour::ChildTaking);
    let play = shown(play.later(60), RESOLVERS[0], 3600);
    let renewing = row(&play, RESOLVERS[0]);
    assert_eq!((renewing.behaviour, renewing.certainty), (Behaviour::Renewing, Certainty::NoBound));
}

#[test]
fn a_bound_that_has_passed_is_said_to_be_none() {
    let play = restored().later(200_000);
    let play = play.nonce(RESOLVERS[0], parked_denial());
    assert_eq!(play.verdict(RESOLVERS[0]), Verdict::Stuck);
    let row = row(&play, RESOLVERS[0]);
    assert_eq!((row.certainty, row.worst, row.expected), (Certainty::NoBound, None, None));
    assert_eq!(row.clock, Some(RunningClock::Delegation));
    let forecast = forecast(&play);
    assert_eq!((forecast.fleet.unbounded, forecast.fleet.worst, forecast.fleet.last), (1, None, None));
}

#[test]
fn a_stranger_waits_for_no_clock() {
    let play = restored().nonce(RESOLVERS[1], no_domain(soa(ZONE, "ns1.stranger.example.", 9, 300)));
    let row = row(&play, RESOLVERS[1]);
    assert_eq!((row.clock, row.certainty, row.worst), (None, Certainty::NoBound, None));
}

#[test]
fn a_denial_at_the_parent_ends_with_its_own_ttl() {
    let play = Play::with_parents().parents(&with_authority(parent_denial())).good_servers();
    let play = play.later(50).parents(&referral(600, &GOOD)).nonce(RESOLVERS[0], parent_denial());
    assert_eq!(play.verdict(RESOLVERS[0]), Verdict::Held);
    let row = row(&play, RESOLVERS[0]);
    assert_eq!((row.clock, row.certainty), (Some(RunningClock::Negative), Certainty::Range));
    let bound = play.incident.resolver(address(RESOLVERS[0])).unwrap().judgement.delegation_until.moment();
    assert!(row.worst.is_some() && row.worst <= bound, "{row:?} {bound:?}");
    let unseen = forecast(&play).unseen;
    assert!(unseen.worst.is_some() && !unseen.if_corrected_now);
}

#[test]
fn an_address_drains_until_it_is_known_to_end() {
    let play = RESOLVERS.iter().fold(restored().later(700), |play, n| play.clean(*n));
    let at = play.now;
    let stale = Outcome::Answered(answer(vec![a(ZONE, 40, PARKED_ADDRESS)]));
    let play = play.observed([resolver_address(RESOLVERS[0], RecordType::A, stale, at)]);
    assert_eq!(play.verdict(RESOLVERS[0]), Verdict::Draining);
    let row = row(&play, RESOLVERS[0]);
    assert_eq!((row.clock, row.certainty), (Some(RunningClock::Address), Certainty::Known));
    assert!((row.expected.unwrap().since(moment(at)).as_secs_f64() - 40.0).abs() < 2.0, "{row:?}");
}

#[test]
fn the_curve_goes_on_where_what_was_seen_ends() {
    let play = restored();
    let Curve { seen, ahead } = forecast(&play).curve;
    assert!(seen.windows(2).all(|pair| pair[0].at < pair[1].at));
    assert_eq!(seen.last().unwrap().share.to_bits(), 0.0_f64.to_bits());
    assert_eq!(ahead.len(), Curve::POINTS);
    assert_eq!(ahead[0].at, moment(play.now));
    for point in &ahead {
        assert!(0.0 <= point.low && point.low <= point.expected + 1e-9 && point.expected <= point.high + 1e-9);
        assert!(point.high <= 1.0);
    }
    for pair in ahead.windows(2) {
        assert!(pair[0].at < pair[1].at && pair[0].expected <= pair[1].expected + 1e-9);
    }
    assert!(ahead.last().unwrap().expected > 0.9);
    let all_clean = RESOLVERS.iter().fold(play.later(1300), |play, n| play.clean(*n));
    let forecast = forecast(&all_clean);
    assert!(forecast.rows.is_empty() && forecast.curve.ahead.is_empty());
    assert!(forecast.fleet.median.is_some_and(|at| at <= forecast.at), "reached, and since when");
}

#[test]
fn no_moment_lies_in_the_past_whatever_the_time() {
    for later in [0, 1, 59, 100, 599, 600, 601, 900, 5000, 1_000_000] {
        let play = shown(restored(), RESOLVERS[0], 120).later(later);
        let forecast = forecast(&play);
        for row in &forecast.rows {
            let moments = [row.expected, row.likely, row.worst];
            assert!(moments.iter().flatten().all(|at| *at >= forecast.at), "{later}: {row:?}");
            assert!(
                row.early <= row.expected && row.expected <= row.likely && row.likely <= row.worst,
                "{later}: {row:?}"
            );
        }
    }
}

#[test]
fn what_was_foretold_is_held_against_what_came() {
    let play = shown(restored(), RESOLVERS[0], 120);
    let scores = |play: &Play| play.incident.forecast_scores(moment(play.now));
    assert_eq!((scores(&play).scored, scores(&play).open, scores(&play).median_error), (0, 2, None));
    // After a minute once more, now with the end that the cache showed; it turns as it said.
    let play = play.later(61).later(60).clean(RESOLVERS[0]);
    assert_eq!(play.verdict(RESOLVERS[0]), Verdict::Correct);
    let told = scores(&play);
    assert_eq!((told.forecasts.len(), told.scored, told.open), (2, 2, 2));
    assert_eq!(told.forecasts[1].median_error, Some(std::time::Duration::ZERO), "{told:?}");
    assert!(told.by_likely.is_some_and(|share| share > 0.99) && told.by_worst == Some(1.0));
    assert_eq!(told.forecasts[0].came[0], Some(moment(play.now)), "half of the two are correct");
    assert_eq!(told.forecasts[0].came[2], None);
    // The other one never does.
    let play = play.later(4000).nonce(RESOLVERS[1], parked_denial());
    let told = scores(&play);
    assert!(told.scored >= 4 && told.by_likely.is_some_and(|share| share < 0.7), "{told:?}");
}

#[test]
fn a_flushed_row_is_not_scored() {
    use crate::catalog::FlushOperator;
    let flushed = |target: ResolverTarget| ResolverTarget { flush: Some(FlushOperator::Cloudflare), ..target };
    let mut opening = marked();
    opening.resolvers = opening.resolvers.into_iter().map(flushed).collect();
    let step = FlushStep { operator: FlushOperator::Cloudflare, name: name(ZONE), rtype: RecordType::NS };
    let ended = |outcome| Event::FlushStepEnded(FlushRecord { step: step.clone(), outcome, by: "unpark".to_owned() });
    let skipped = ended(FlushOutcome::Skipped { reason: "no".to_owned() });
    let play = restored_from(opening).later(30).tell(&skipped);
    let scores = |play: &Play| play.incident.forecast_scores(moment(play.now));
    assert_eq!((scores(&play).open, scores(&play).flushed), (2, 0), "nothing was sent");
    let play = play.tell(&ended(FlushOutcome::Sent { reply: "queued".to_owned() })).later(10).clean(RESOLVERS[0]);
    assert_eq!((scores(&play).scored, scores(&play).flushed), (0, 2));
}
