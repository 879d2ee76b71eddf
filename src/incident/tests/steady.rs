//! What must not hold the phase back, nor move it.

use super::*;

#[test]
fn silent_refusing_filtering_bare_and_unreached_resolvers_are_not_awaited_for_ever() {
    let ways: [Outcome; 5] = [
        Outcome::NoResponse,
        Outcome::Answered(empty(Rcode::REFUSED)),
        Outcome::Answered(with_error(empty(Rcode::NXDOMAIN), 15)),
        Outcome::Answered(empty(Rcode::NXDOMAIN)),
        not_sent(),
    ];
    for outcome in ways {
        let play = source_right().clean(RESOLVERS[0]).observed([nonce(RESOLVERS[1], outcome.clone(), 0)]);
        assert_eq!(play.phase(), Phase::Healthy, "{outcome:?}");
        assert_ne!(play.verdict(RESOLVERS[1]), Verdict::Correct);
    }
}

#[test]
fn a_resolver_that_never_answers_about_addresses_is_not_awaited_for_ever() {
    for outcome in [Outcome::NoResponse, Outcome::Answered(empty(Rcode::REFUSED)), not_sent()] {
        let mut play = source_right().clean(RESOLVERS[0]);
        for _ in 0..3 {
            play = play.nonce(RESOLVERS[1], good_denial(FULL));
        }
        assert_eq!(play.phase(), Phase::Starting);
        let asked = [RecordType::A, RecordType::AAAA].map(|t| resolver_address(RESOLVERS[1], t, outcome.clone(), 0));
        play = play.observed(asked);
        assert_eq!((play.phase(), play.verdict(RESOLVERS[1])), (Phase::Healthy, Verdict::Unknown), "{outcome:?}");
    }
}

#[test]
fn a_watched_name_outside_the_zone_or_below_a_cut_holds_nothing_back() {
    let host = name("api.sub.example.com.");
    let mut play = healthy().tell(&Event::HostsWatched(vec![host.clone()]));
    assert_eq!(play.phase(), Phase::Starting, "the new name is awaited");
    for number in GOOD_AT {
        for rtype in [RecordType::A, RecordType::AAAA] {
            let below = Response { authority: ns("sub.example.com.", 60, &["ns.x."]), ..empty(Rcode::NOERROR) };
            let (whom, outcome) = (target(Role::Authoritative, number), Outcome::Answered(below));
            play = play.observed([observe(whom, "api.sub.example.com.", rtype, Purpose::Service, outcome, 0)]);
        }
    }
    assert_eq!(play.phase(), Phase::Healthy);
}

#[test]
fn a_single_lost_answer_at_a_parent_changes_nothing_and_three_make_it_silent() {
    let lost = |play: Play| {
        let at = play.now;
        play.observed([about_parent(1, Outcome::NoResponse, at)])
    };
    let verdict = |play: &Play| play.incident.parents()[&address(1)].judgement.verdict;
    let play = lost(lost(healthy().later(5)).later(5));
    assert_eq!((play.phase(), verdict(&play)), (Phase::Healthy, Verdict::Correct));
    let play = lost(play.later(5));
    assert_eq!((play.phase(), verdict(&play)), (Phase::Healthy, Verdict::Silent));
    let parked = lost(outage().later(5));
    assert_eq!(parked.phase(), Phase::ParkedAtParent);
}

#[test]
fn what_could_not_be_sent_is_never_a_finding_against_the_domain() {
    // One address of an expected server is of a family this machine does not have.
    let far: SocketAddr = "[2001:db8::11]:53".parse().unwrap();
    let both = Event::HostResolved { host: name(GOOD[0]), addresses: Ok(vec![address(GOOD_AT[0]), far]) };
    for outcome in [not_sent(), Outcome::NoResponse, Outcome::Unreachable] {
        let whom = crate::observation::TargetId::new(Role::Authoritative, far);
        let asked = observe(whom, ZONE, RecordType::SOA, Purpose::Soa, outcome.clone(), 0);
        let play = healthy().tell(&both).observed([asked.clone(), asked.clone(), asked]);
        assert_eq!(play.phase(), Phase::Healthy, "{outcome:?}");
        assert!(play.incident.findings().is_empty(), "{outcome:?} {:?}", play.incident.findings());
    }
}

#[test]
fn parked_servers_our_packets_do_not_reach_are_not_called_silent() {
    let soa =
        |outcome| observe(target(Role::Authoritative, PARKED_AT), ZONE, RecordType::SOA, Purpose::Soa, outcome, 0);
    let play = || Play::with_parents().parents(&referral(600, &PARKED)).resolved(PARKED[0], PARKED_AT);
    assert_eq!(play().incident.source().parked_answers, None);
    assert_eq!(play().observed([soa(not_sent())]).incident.source().parked_answers, None);
    let refusing = play().observed([soa(Outcome::Answered(empty(Rcode::REFUSED)))]);
    assert_eq!(refusing.incident.source().parked_answers, Some(false));
    assert_eq!(outage().incident.source().parked_answers, Some(true));
}

#[test]
fn the_first_lost_answer_of_an_expected_server_is_no_silence() {
    let lost = |seconds| {
        let told = Told::by(Role::Authoritative);
        let told = told.about(ZONE, RecordType::SOA, Purpose::Soa, 0, Outcome::NoResponse);
        server_says(GOOD_AT[1], &told, seconds)
    };
    let play = Play::with_parents().parents(&referral(600, &GOOD));
    let play = play.resolved(GOOD[0], GOOD_AT[0]).resolved(GOOD[1], GOOD_AT[1]);
    let play = play.observed(server_says(GOOD_AT[0], &good_server(), 0)).observed(lost(0));
    assert_eq!(play.phase(), Phase::Starting, "it is asked again");
    assert!(!play.has(Code::AuthorityNoResponse));
    let heard = play.later(3);
    let heard_at = heard.now;
    let heard = heard.observed(server_says(GOOD_AT[1], &good_server(), heard_at));
    let heard = RESOLVERS.iter().fold(heard, |play, n| play.clean(*n));
    assert_eq!(heard.phase(), Phase::Healthy);
    let play = Play::with_parents().parents(&referral(600, &GOOD));
    let play = play.resolved(GOOD[0], GOOD_AT[0]).resolved(GOOD[1], GOOD_AT[1]);
    let play = play.observed(server_says(GOOD_AT[0], &good_server(), 0)).observed(lost(0)).later(3);
    let play = play.observed(lost(3));
    assert_eq!(play.phase(), Phase::BrokenAtAuthority);
    assert!(play.has(Code::AuthorityNoResponse));
}

#[test]
fn a_host_that_says_that_nobody_listens_is_believed_at_once() {
    let told = Told::by(Role::Authoritative).about(ZONE, RecordType::SOA, Purpose::Soa, 0, Outcome::Unreachable);
    let play = source_right_but_for(GOOD_AT[1]).observed(server_says(GOOD_AT[1], &told, 0));
    assert!(play.has(Code::AuthorityNoResponse));
}

/// The source is right, and of one server nothing was heard.
fn source_right_but_for(unheard: u8) -> Play {
    let play = Play::with_parents().parents(&referral(600, &GOOD));
    let play = play.resolved(GOOD[0], GOOD_AT[0]).resolved(GOOD[1], GOOD_AT[1]);
    let heard = GOOD_AT.into_iter().filter(|number| *number != unheard);
    heard.fold(play, |play, number| play.observed(server_says(number, &good_server(), 0)))
}
