//! Our own network is cut, and comes back.

use super::*;
use crate::incident::NetworkState;

fn lost(role: Role, number: u8, purpose: Purpose, at: i64) -> Observation {
    let rtype = if purpose == Purpose::Nonce { RecordType::TXT } else { RecordType::NS };
    observe(target(role, number), ZONE, rtype, purpose, Outcome::NoResponse, at)
}

fn parent_lost(number: u8, at: i64) -> Observation {
    lost(Role::Parent, number, Purpose::Delegation, at)
}

/// Everything that is asked for so long after `play` is lost.
fn silence(play: Play, rounds: i64) -> Play {
    (0..rounds).fold(play, |play, _| {
        let play = play.later(10);
        let now = play.now;
        let everybody = PARENTS.iter().map(|n| parent_lost(*n, now));
        let servers = GOOD_AT.iter().map(|n| lost(Role::Authoritative, *n, Purpose::Soa, now));
        let resolvers = RESOLVERS.iter().map(|n| lost(Role::Resolver, *n, Purpose::Nonce, now));
        play.observed(everybody.chain(servers).chain(resolvers).collect::<Vec<_>>())
    })
}

#[test]
fn when_everybody_falls_silent_it_is_our_network_and_what_was_heard_stands() {
    let before = outage();
    let (verdicts, wrong) = (RESOLVERS.map(|n| before.verdict(n)), before.incident.source().wrong_since);
    let play = silence(before, 5);
    assert_eq!(play.incident.deaf_since(), Some(at(0)));
    assert_eq!(play.phase(), Phase::CannotTell);
    assert!(play.has(Code::NothingAnswers));
    for code in [Code::AuthorityNoResponse, Code::ParentServerNoResponse, Code::ResolverNoResponse] {
        assert!(!play.has(code), "{code:?}");
    }
    assert_eq!((RESOLVERS.map(|n| play.verdict(n)), play.incident.source().wrong_since), (verdicts, wrong));
    assert!(play.incident.finding_spans().iter().all(|span| span.finding.code != Code::AuthorityNoResponse));
    let changes: Vec<_> = play.incident.network_changes().iter().map(|c| c.state).collect();
    assert_eq!(changes, [NetworkState::NobodyAnswers(at(0))]);

    // One answer, and what was under way meanwhile is lost without a word.
    let now = play.now;
    let play = play.later(7).parent(PARENTS[0], referral(600, &PARKED));
    assert_eq!((play.incident.deaf_since(), play.phase()), (None, Phase::ParkedAtParent));
    let under_way = (0..4).map(|more| {
        let mut late = lost(Role::Authoritative, GOOD_AT[0], Purpose::Soa, now + 9 + more);
        late.sent = at(now + 5);
        late
    });
    let play = play.later(9).observed(under_way.collect::<Vec<_>>());
    assert!(!play.has(Code::AuthorityNoResponse) && !play.has(Code::NothingAnswers));
    assert_eq!(play.incident.network_changes().last().map(|c| c.state), Some(NetworkState::Whole));
}

#[test]
fn a_silent_side_is_not_our_network() {
    // The name servers and a resolver fall silent, the parent answers.
    let mut play = healthy();
    for _ in 0..6 {
        play = play.later(10).parents(&referral(600, &GOOD)).later(1);
        let now = play.now;
        let servers = GOOD_AT.iter().map(|n| lost(Role::Authoritative, *n, Purpose::Soa, now));
        let all = servers.chain([lost(Role::Resolver, RESOLVERS[0], Purpose::Nonce, now)]).collect::<Vec<_>>();
        play = play.observed(all);
    }
    assert_eq!(play.incident.deaf_since(), None);
    assert!(play.has(Code::AuthorityNoResponse));
    assert_eq!(play.verdict(RESOLVERS[0]), Verdict::Silent);

    // The parent's servers fall silent, the name servers answer.
    let mut play = healthy();
    for _ in 0..6 {
        let now = play.now + 10;
        play = play.later(10).observed(PARENTS.iter().map(|n| parent_lost(*n, now)).collect::<Vec<_>>()).good_servers();
    }
    assert_eq!(play.incident.deaf_since(), None);
    assert!(play.has(Code::ParentServerNoResponse));
}

#[test]
fn a_single_lost_round_is_not_our_network_and_nobody_heard_at_all_is_told_otherwise() {
    let now = 3;
    let play = healthy().later(now).observed(PARENTS.iter().map(|n| parent_lost(*n, now)).collect::<Vec<_>>());
    assert_eq!(play.incident.deaf_since(), None);
    let play = silence(Play::with_parents(), 5);
    assert_eq!((play.incident.deaf_since(), play.has(Code::NothingAnswers)), (None, true));
}
