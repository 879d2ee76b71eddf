//! Stories played through the reducer: each phase, each way into it, and what must not move it.

use std::net::SocketAddr;

use proptest::prelude::*;

use super::*;
use crate::dns::{Rcode, Rdata, RecordType};
use crate::judge::sample_world::*;
use crate::judge::{AuthorityRole, Code, DelegationState, Expectation, ExpectationSource, Verdict};
use crate::observation::{Observation, Outcome, Purpose, Response, Role};

/// The last octets of who is who: parents from 1, correct servers from 11, parked from 21, resolvers from 31.
const PARENTS: [u8; 2] = [1, 2];
const GOOD_AT: [u8; 2] = [11, 12];
const PARKED_AT: u8 = 21;
const RESOLVERS: [u8; 2] = [31, 32];

/// An incident with a clock.
struct Play {
    incident: Incident,
    now: i64,
}

fn address(number: u8) -> SocketAddr {
    target(Role::Parent, number).address
}

fn expectation() -> Expectation {
    Expectation { ns: ns_set(&GOOD), source: ExpectationSource::Flag }
}

fn opening() -> Opening {
    Opening {
        zone: name(ZONE),
        expectation: Some(expectation()),
        parked: vec![],
        hosts: vec![],
        survey: Survey::Once,
        samples_needed: 3,
        confidence: 3,
        addresses_vary: false,
        resolvers: RESOLVERS.iter().map(|n| resolver_target(address(*n))).collect(),
    }
}

fn resolver_target(address: SocketAddr) -> ResolverTarget {
    ResolverTarget {
        id: address.to_string(),
        operator: "somebody".to_owned(),
        city: String::new(),
        country: None,
        address,
        system: false,
    }
}

fn about_parent(number: u8, outcome: Outcome, at: i64) -> Observation {
    observe(target(Role::Parent, number), ZONE, RecordType::NS, Purpose::Delegation, outcome, at)
}

fn nonce(number: u8, outcome: Outcome, at: i64) -> Observation {
    observe(target(Role::Resolver, number), ZONE, RecordType::TXT, Purpose::Nonce, outcome, at)
}

fn resolver_address(number: u8, rtype: RecordType, outcome: Outcome, at: i64) -> Observation {
    observe(target(Role::Resolver, number), ZONE, rtype, Purpose::Service, outcome, at)
}

/// What a server said when asked directly, moved to its address and time.
fn server_says(number: u8, told: &Told, at: i64) -> Vec<Observation> {
    let move_to = |observation: &Observation| {
        let mut query = observation.query.clone();
        query.target = target(Role::Authoritative, number);
        let time = crate::judge::sample_world::at(at);
        Observation { query, sent: time, at: time, ..observation.clone() }
    };
    told.witnesses.iter().map(|h| move_to(&h.observation)).collect()
}

impl Play {
    fn open(opening: Opening) -> Self {
        Self { incident: Incident::open(opening, catalog(), at(0)), now: 0 }
    }

    /// With two parent servers found.
    fn with_parents() -> Self {
        Self::open(opening()).cut()
    }

    fn tell(mut self, event: &Event) -> Self {
        self.incident.apply(at(self.now), event);
        self.incident.settle(at(self.now));
        self
    }

    fn cut(self) -> Self {
        let found = |number: &u8| FoundServer { name: name(&format!("p{number}.gtld.")), address: address(*number) };
        let servers = PARENTS.iter().map(found).collect();
        self.tell(&Event::CutFound { parent: name("com."), servers, unresolved: vec![] })
    }

    fn observed(self, observations: impl IntoIterator<Item = Observation>) -> Self {
        observations.into_iter().fold(self, |play, o| play.tell(&Event::Observed(Box::new(o))))
    }

    fn parent(self, number: u8, response: Response) -> Self {
        let at = self.now;
        self.observed([about_parent(number, Outcome::Answered(response), at)])
    }

    fn parents(self, response: &Response) -> Self {
        PARENTS.iter().fold(self, |play, n| play.parent(*n, response.clone()))
    }

    fn resolved(self, host: &str, number: u8) -> Self {
        self.tell(&Event::HostResolved { host: name(host), addresses: Ok(vec![address(number)]) })
    }

    /// The addresses of the correct servers are known, and both answer.
    fn good_servers(self) -> Self {
        let at = self.now;
        let play = self.resolved(GOOD[0], GOOD_AT[0]).resolved(GOOD[1], GOOD_AT[1]);
        GOOD_AT.iter().fold(play, |play, n| play.observed(server_says(*n, &good_server(), at)))
    }

    fn parked_servers(self) -> Self {
        let at = self.now;
        let play = self.resolved(PARKED[0], PARKED_AT).resolved(PARKED[1], PARKED_AT);
        play.observed(server_says(PARKED_AT, &parked_server(), at))
    }

    /// A resolver answers three nonces and both address questions rightly.
    fn clean(self, number: u8) -> Self {
        let at = self.now;
        let play = (0..3).fold(self, |play, _| play.nonce(number, good_denial(FULL)));
        play.observed([
            resolver_address(number, RecordType::A, Outcome::Answered(answer(vec![a(ZONE, 60, GOOD_ADDRESS)])), at),
            resolver_address(number, RecordType::AAAA, Outcome::Answered(good_denial(FULL)), at),
        ])
    }

    fn nonce(self, number: u8, response: Response) -> Self {
        let at = self.now;
        self.observed([nonce(number, Outcome::Answered(response), at)])
    }

    /// Some seconds later.
    fn later(mut self, seconds: i64) -> Self {
        self.now += seconds;
        self.incident.settle(at(self.now));
        self
    }

    fn phase(&self) -> Phase {
        self.incident.phase()
    }

    fn has(&self, code: Code) -> bool {
        self.incident.findings().iter().any(|f| f.code == code)
    }

    fn verdict(&self, number: u8) -> Verdict {
        self.incident.resolver(address(number)).unwrap().judgement.verdict
    }
}

/// Everything is right and heard.
fn healthy() -> Play {
    let play = Play::with_parents().parents(&referral(600, &GOOD)).good_servers();
    RESOLVERS.iter().fold(play, |play, n| play.clean(*n))
}

/// Everything is right but for the resolvers, of which nothing was heard.
fn source_right() -> Play {
    Play::with_parents().parents(&referral(600, &GOOD)).good_servers()
}

/// An outage seen from its midst, one resolver parked and one not yet.
fn outage() -> Play {
    Play::with_parents()
        .parents(&referral(600, &PARKED))
        .good_servers()
        .parked_servers()
        .nonce(RESOLVERS[0], parked_denial())
        .nonce(RESOLVERS[1], good_denial(FULL))
}

// ---- phases

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
        let play = healthy().later(1).nonce(RESOLVERS[0], response);
        assert_eq!(play.phase(), Phase::Converging);
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
    let lame = fails(Outcome::Answered(answer(vec![soa(ZONE, GOOD[0], 1, 60)])));
    assert_eq!(lame.phase(), Phase::BrokenAtAuthority);
}

#[test]
fn an_expected_server_without_address_is_broken_at_authority() {
    let play = source_right();
    let none = Event::HostResolved { host: name(GOOD[1]), addresses: Ok(vec![]) };
    let play = play.tell(&none);
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
    let signer = |n: u8| {
        let outcome = Outcome::Answered(with_authority(answer(vec![record(ZONE, 60, Rdata::Ds(ds(4711)))])));
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
    // Flags 257, protocol 3, algorithm 13: the key's octets are chosen for the tag 4711.
    let rest = 4711_u16.wrapping_sub(257).wrapping_sub(0x030d).to_be_bytes();
    let key = record(ZONE, 60, Rdata::Other(RecordType::DNSKEY, vec![1, 1, 3, 13, rest[0], rest[1]]));
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

// ---- what must not hold the phase back, nor move it

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

// ---- parked sets, and the stand-in

#[test]
fn what_the_parent_held_at_the_start_against_the_expectation_is_parked() {
    let play = Play::with_parents().parents(&referral(600, &PARKED));
    assert_eq!(play.incident.references().parked_ns, [ns_set(&PARKED)]);
    assert_eq!(play.incident.parents()[&address(1)].judgement.verdict, Verdict::Parked);
}

#[test]
fn a_set_that_shares_a_server_with_the_expectation_is_other() {
    let play = Play::with_parents().parents(&referral(600, &[GOOD[0], "ns1.stranger.example."]));
    assert!(play.incident.references().parked_ns.is_empty());
    assert_eq!(play.phase(), Phase::ParkedAtParent);
    assert!(play.has(Code::ParentDelegationOther) && !play.has(Code::ParentDelegationParked));
}

#[test]
fn a_strange_set_that_comes_later_is_other_and_a_known_service_is_parked() {
    let play = healthy().later(60).parents(&referral(600, &["ns1.stranger.example."]));
    assert!(play.has(Code::ParentDelegationOther));
    let play = healthy().later(60).parents(&referral(600, &["ns1.known-parking.example."]));
    assert!(play.has(Code::ParentDelegationParked));
}

#[test]
fn a_set_that_the_operator_names_is_parked_and_makes_it_an_outage() {
    let marked = Opening { parked: vec![ns_set(&PARKED)], ..opening() };
    let mut play = Play::open(marked).cut().parents(&referral(600, &GOOD)).good_servers();
    assert_eq!(play.phase(), Phase::Converging, "there was an outage before we looked");
    play = RESOLVERS.iter().fold(play, |play, n| play.clean(*n));
    assert_eq!(play.phase(), Phase::Recovered);
}

#[test]
fn with_nobody_to_say_what_is_correct_the_parent_stands_in() {
    let silent = Opening { expectation: None, ..opening() };
    let mut play = Play::open(silent.clone()).cut().parents(&referral(600, &GOOD));
    assert_eq!(play.incident.references().good_ns, Some(ns_set(&GOOD)));
    play = RESOLVERS.iter().fold(play.good_servers(), |play, n| play.clean(*n));
    assert_eq!(play.phase(), Phase::Healthy);
    assert!(play.has(Code::ExpectationMissing));
    let known = Play::open(silent.clone()).cut().parents(&referral(600, &["ns1.known-parking.example."]));
    assert_eq!(known.incident.references().good_ns, None, "a known parking service stands in for nobody");
    assert_eq!(known.phase(), Phase::ParkedAtParent);
    let split = Play::open(silent).cut().parent(1, referral(600, &GOOD)).parent(2, referral(600, &PARKED));
    assert_eq!((split.phase(), split.incident.references().good_ns.clone()), (Phase::SplitAtParent, None));
    assert!(split.incident.source().parent_wrong);
}

#[test]
fn an_expectation_accepted_later_turns_what_stood_in_into_the_parked_side() {
    let silent = Opening { expectation: None, ..opening() };
    let mut play = Play::open(silent).cut().parents(&referral(600, &PARKED)).parked_servers();
    play = play.nonce(RESOLVERS[0], parked_denial());
    assert_ne!(play.verdict(RESOLVERS[0]), Verdict::Parked);
    play = play.later(10).tell(&Event::ExpectationAccepted(expectation()));
    assert_eq!(play.phase(), Phase::ParkedAtParent);
    assert_eq!(play.verdict(RESOLVERS[0]), Verdict::Parked);
    assert!(!play.incident.references().good.answers && play.incident.references().parked.answers);
    assert_eq!(play.incident.authorities()[&address(PARKED_AT)].role, AuthorityRole::Delegated);
}

// ---- false words

/// The questions whose answers teach what a side's denials look like, ending as given.
fn fall_silent(number: u8, outcome: &Outcome, at: i64) -> Vec<Observation> {
    let whom = target(Role::Authoritative, number);
    let ask = |rtype, purpose| observe(whom, ZONE, rtype, purpose, outcome.clone(), at);
    vec![
        ask(RecordType::SOA, Purpose::Soa),
        ask(RecordType::TXT, Purpose::Echo),
        ask(RecordType::A, Purpose::Service),
        ask(RecordType::AAAA, Purpose::Service),
    ]
}

#[test]
fn parked_answers_stay_known_after_the_parked_servers_fall_silent() {
    // Known from the servers alone: the primary server's name stands in no list.
    let own = |serial| soa(ZONE, "primary.hidden.example.", serial, 600);
    let taught = Outcome::Answered(with_authority(answer(vec![own(7)])));
    let mut play = outage();
    play = play.observed([observe(
        target(Role::Authoritative, PARKED_AT),
        ZONE,
        RecordType::SOA,
        Purpose::Soa,
        taught,
        0,
    )]);
    play = play.later(60).parents(&referral(600, &GOOD)).later(1);
    for _ in 0..120 {
        let at = play.now;
        play = play.observed(fall_silent(PARKED_AT, &Outcome::Answered(empty(Rcode::REFUSED)), at)).later(1);
    }
    play = play.nonce(RESOLVERS[0], no_data(own(8)));
    assert_eq!(play.verdict(RESOLVERS[0]), Verdict::Parked);
}

#[test]
fn correct_servers_that_fall_silent_do_not_make_resolvers_unknown() {
    let mut play = healthy().later(1);
    for _ in 0..120 {
        for number in GOOD_AT {
            play = play.observed(fall_silent(number, &Outcome::NoResponse, 1));
        }
    }
    assert_eq!((play.phase(), play.verdict(RESOLVERS[0])), (Phase::BrokenAtAuthority, Verdict::Correct));
}

#[test]
fn a_parking_server_behind_an_expected_name_never_teaches_what_is_correct() {
    // ns1.<zone> below a parked zone resolves to the parking service's wildcard.
    let mut play = Play::with_parents().parents(&referral(600, &PARKED));
    play = play.resolved(GOOD[0], GOOD_AT[0]).observed(server_says(GOOD_AT[0], &parked_server(), 0));
    assert!(!play.incident.references().good.answers);
    play = play.nonce(RESOLVERS[0], parked_denial());
    assert_ne!(play.verdict(RESOLVERS[0]), Verdict::Correct);
}

#[test]
fn a_name_server_within_the_zone_is_looked_for_again_once_the_parent_is_right() {
    let host = "ns1.example.com.";
    let within = Opening { expectation: Some(Expectation { ns: ns_set(&[host]), ..expectation() }), ..opening() };
    let mut play = Play::open(within).cut().parents(&referral(600, &PARKED));
    assert!(play.incident.hosts_to_resolve().contains(&name(host)));
    // Through the parked delegation it leads to the parking service's wildcard, where no name server runs.
    play = play.resolved(host, 99);
    assert!(play.incident.hosts_to_resolve().contains(&name(host)));
    assert!(!play.incident.authorities().contains_key(&address(99)));
    play = play.later(60).parents(&referral(600, &[host]));
    assert_ne!(play.phase(), Phase::BrokenAtAuthority);
    play = play.later(1).resolved(host, GOOD_AT[0]);
    assert!(!play.incident.hosts_to_resolve().contains(&name(host)));
    assert!(play.incident.authorities()[&address(GOOD_AT[0])].is_expected());
}

#[test]
fn not_finding_an_address_counts_only_where_anybody_is_reached() {
    let failed = Event::HostResolved { host: name(GOOD[1]), addresses: Err("nobody answered".to_owned()) };
    assert!(!Play::with_parents().tell(&failed).has(Code::ServerWithoutAddress));
    assert!(source_right().tell(&failed).has(Code::ServerWithoutAddress));
}

#[test]
fn a_resolver_past_every_bound_is_stuck() {
    let play = outage().later(60).parents(&referral(600, &GOOD));
    // Parent lease 600 s and the parked servers' own 120 s, from the restoration on.
    assert_eq!(play.incident.source().parked_bound, Some(at(60 + 600 + 120)));
    let play = play.later(800).nonce(RESOLVERS[0], parked_denial());
    assert_eq!(play.verdict(RESOLVERS[0]), Verdict::Stuck);
    assert!(play.has(Code::ResolverStuck));
}

#[test]
fn a_parked_row_outlives_its_end_by_no_more_than_the_grace() {
    let now = |play: Play, outcome| {
        let at = play.now;
        let whom = target(Role::Resolver, RESOLVERS[0]);
        play.observed([observe(whom, ZONE, RecordType::TXT, Purpose::NonceNoRecursion, outcome, at)])
    };
    let play = now(outage(), Outcome::Answered(referral(100, &PARKED)));
    let state = |play: &Play| play.incident.resolver(address(RESOLVERS[0])).unwrap().judgement.state;
    assert_eq!((play.verdict(RESOLVERS[0]), state(&play)), (Verdict::Parked, DelegationState::Parked));
    let play = play.later(110);
    assert_eq!(play.verdict(RESOLVERS[0]), Verdict::Parked);
    let play = play.later(6);
    assert_eq!(play.verdict(RESOLVERS[0]), Verdict::Unknown);
}

#[test]
fn a_clock_jump_voids_bounds_counted_before_it() {
    let play = outage().later(5).tell(&Event::ClockJumped { seconds: 3600 });
    assert_eq!(play.incident.source().void_before, Some(at(5)));
}

// ---- properties

#[test]
fn settling_again_changes_nothing() {
    for mut play in [Play::open(opening()), outage(), healthy(), outage().later(60).parents(&referral(600, &GOOD))] {
        let before = format!("{:?}", play.incident);
        play.incident.settle(at(play.now));
        play.incident.settle(at(play.now));
        assert_eq!(format!("{:?}", play.incident), before);
    }
}

/// What is said of an incident, without the numbers under which the observations were kept.
fn said(incident: &Incident) -> String {
    let parents: Vec<_> = incident.parents().iter().map(|(a, p)| (a, p.judgement.verdict, &p.judgement.ns)).collect();
    let servers: Vec<_> = incident.authorities().iter().map(|(a, s)| (a, s.role, s.judgement.verdict)).collect();
    let resolvers: Vec<_> = incident
        .resolvers()
        .iter()
        .map(|r| (r.judgement.verdict, r.judgement.state, r.judgement.rule, r.judgement.until, r.judgement.samples))
        .collect();
    let findings: Vec<_> = incident.findings().iter().map(|f| (f.code, &f.targets, &f.detail)).collect();
    format!("{:?} {parents:?} {servers:?} {resolvers:?} {findings:?}", incident.phase())
}

/// The events of one moment of an outage, each target speaking about each thing once.
fn one_moment() -> Vec<Event> {
    let mut observations = vec![
        about_parent(1, Outcome::Answered(referral(600, &PARKED)), 0),
        about_parent(2, Outcome::Answered(referral(600, &GOOD)), 0),
        nonce(RESOLVERS[0], Outcome::Answered(parked_denial()), 0),
        nonce(RESOLVERS[1], Outcome::Answered(good_denial(FULL)), 0),
        resolver_address(RESOLVERS[0], RecordType::A, Outcome::Answered(answer(vec![a(ZONE, 9, PARKED_ADDRESS)])), 0),
        resolver_address(RESOLVERS[1], RecordType::A, Outcome::Answered(answer(vec![a(ZONE, 9, GOOD_ADDRESS)])), 0),
    ];
    observations.extend(server_says(GOOD_AT[0], &good_server(), 0));
    observations.extend(server_says(PARKED_AT, &parked_server(), 0));
    observations.into_iter().map(|o| Event::Observed(Box::new(o))).collect()
}

fn play_at_once(events: &[Event], settle_each: bool) -> String {
    let mut play = Play::with_parents().parent(1, referral(600, &PARKED));
    play = play.resolved(GOOD[0], GOOD_AT[0]).resolved(GOOD[1], GOOD_AT[1]).resolved(PARKED[0], PARKED_AT);
    for event in events {
        play.incident.apply(at(0), event);
        if settle_each {
            play.incident.settle(at(0));
        }
    }
    play.incident.settle(at(0));
    said(&play.incident)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_order_of_observations_of_one_moment_does_not_matter(
        shuffled in Just(one_moment()).prop_shuffle(),
        settle_each: bool,
    ) {
        prop_assert_eq!(play_at_once(&shuffled, settle_each), play_at_once(&one_moment(), false));
    }

    /// Whatever comes, nothing panics, settling twice is settling once, and nothing is called good while a parent
    /// server is known to be wrong.
    #[test]
    fn no_story_breaks_the_reducer(story in proptest::collection::vec((0_u8..14, 0_u8..2, 0_i64..400), 0..40)) {
        let mut play = Play::with_parents();
        for (what, who, pause) in story {
            let (parent, resolver) = (PARENTS[usize::from(who)], RESOLVERS[usize::from(who)]);
            play = play.later(pause);
            let now = play.now;
            play = match what {
                0 => play.parent(parent, referral(600, &GOOD)),
                1 => play.parent(parent, referral(600, &PARKED)),
                2 => play.parent(parent, with_authority(parent_denial())),
                3 => play.observed([about_parent(parent, Outcome::NoResponse, now)]),
                4 => play.observed([about_parent(parent, not_sent(), now)]),
                5 => play.good_servers(),
                6 => play.parked_servers(),
                7 => play.clean(resolver),
                8 => play.nonce(resolver, parked_denial()),
                9 => play.nonce(resolver, empty(Rcode::SERVFAIL)),
                10 => play.observed([nonce(resolver, Outcome::NoResponse, now)]),
                11 => play.tell(&Event::WalkFailed { reason: "x".to_owned(), ours: false }),
                12 => play.tell(&Event::ClockJumped { seconds: -7 }),
                _ => play.tell(&Event::HostResolved { host: name(GOOD[who as usize]), addresses: Err("x".to_owned()) }),
            };
            let before = format!("{:?}", play.incident);
            play.incident.settle(at(play.now));
            prop_assert_eq!(format!("{:?}", play.incident), before);
            let wrong = play.incident.parents().values().any(|p| p.judgement.verdict.is_wrong() && p.judgement.verdict != Verdict::Broken);
            prop_assert!(!(wrong && play.phase().is_good()));
        }
    }
}
