//! Every fixture gives exactly the findings that its name says; each rule is seen raised and seen not raised.

use std::sync::LazyLock;

use super::*;
use crate::dns::Name;
use crate::registration::fixtures::fixture;
use crate::registration::{Cause::*, Outcome, Source};

const ZONE: &str = "unpark-demo.example";
const NOW: &str = "2026-10-08T12:00:00Z";

static PARKING: LazyLock<ParkingCatalog> = LazyLock::new(ParkingCatalog::embedded);

fn answer(source: Source, outcome: Outcome) -> Answer {
    Answer {
        source,
        server: "https://rdap.registry.example/".into(),
        domain: ZONE.parse().unwrap(),
        heard: NOW.parse().unwrap(),
        outcome,
        raw: String::new(),
    }
}

fn hearing(registry: Registration, registrar: Option<Registration>) -> Hearing {
    let found = |source, registration| answer(source, Outcome::Found(Box::new(registration)));
    let mut answers = vec![found(Source::RegistryRdap, registry)];
    answers.extend(registrar.map(|r| found(Source::RegistrarRdap, r)));
    Hearing { zone: ZONE.parse().unwrap(), answers, notes: Vec::new() }
}

fn set(names: &[&str]) -> NsSet {
    names.iter().map(|n| n.parse::<Name>().unwrap()).collect()
}

fn good() -> NsSet {
    set(&["ns1.dns-host.example", "ns2.dns-host.example"])
}

fn judge(hearing: &Hearing, expected: Option<&NsSet>, parked: &[NsSet], now: &str) -> Vec<Finding> {
    causes(&Evidence { hearing, expected, parked, parking: &PARKING }, now.parse().unwrap())
}

fn codes(findings: &[Finding]) -> Vec<Cause> {
    for finding in findings {
        assert!(!finding.evidence.is_empty() || finding.cause == DsLeft, "{finding}");
        assert!(!finding.sentence().contains('{'), "{finding}");
    }
    findings.iter().map(|f| f.cause).collect()
}

fn of(registration: &Registration) -> Vec<Cause> {
    codes(&judge(&hearing(registration.clone(), None), Some(&good()), &[], NOW))
}

#[test]
fn every_fixture_gives_what_its_name_says() {
    let parked = [set(&["ns1.expired-parking.example", "ns2.expired-parking.example"])];
    for (name, now, with_expectation, with_mark) in [
        ("healthy", NOW, vec![], vec![]),
        ("autorenew-but-healthy", NOW, vec![], vec![]),
        ("renewed-restored", NOW, vec![], vec![]),
        (
            "expired-autorenew-parked",
            NOW,
            vec![NotExpected, ChangedAfterAnniversary],
            vec![Parked, ChangedAfterAnniversary],
        ),
        (
            "expired-parked-status-active",
            NOW,
            vec![NotExpected, ChangedAfterAnniversary],
            vec![Parked, ChangedAfterAnniversary],
        ),
        (
            "registrar-expired",
            NOW,
            vec![NotExpected, RegistrarExpired, ChangedAfterAnniversary],
            vec![Parked, RegistrarExpired, ChangedAfterAnniversary],
        ),
        ("clienthold", NOW, vec![ClientHold], vec![ClientHold]),
        ("redemption", "2026-11-20T12:00:00Z", vec![Redemption], vec![Redemption]),
        ("pending-delete", "2026-12-13T12:00:00Z", vec![PendingDelete], vec![PendingDelete]),
    ] {
        let heard = hearing(fixture(name), None);
        assert_eq!(codes(&judge(&heard, Some(&good()), &[], now)), with_expectation, "{name}");
        assert_eq!(codes(&judge(&heard, Some(&good()), &parked, now)), with_mark, "{name}, marked as parked");
    }
}

#[test]
fn without_an_expectation_nothing_healthy_alarms() {
    for name in ["healthy", "autorenew-but-healthy"] {
        assert_eq!(judge(&hearing(fixture(name), None), None, &[], NOW), [], "{name}");
    }
    // A late payment and an unpaid domain look the same then: worth a word, and no more.
    for name in ["renewed-restored", "expired-autorenew-parked", "expired-parked-status-active"] {
        let findings = judge(&hearing(fixture(name), None), None, &[], NOW);
        assert_eq!(codes(&findings), [ChangedAfterAnniversary], "{name}");
        assert!(!findings[0].is_trouble());
    }
}

#[test]
fn the_registrar_s_own_answer_outweighs_the_year_ahead() {
    let heard = hearing(fixture("expired-parked-status-active"), Some(fixture("registrar-expired")));
    let findings = judge(&heard, Some(&good()), &[], NOW);
    assert_eq!(codes(&findings), [NotExpected, RegistrarExpired, ChangedAfterAnniversary]);
    assert_eq!(
        findings[1].sentence(),
        "The registrar says that the registration expired on 2026-10-03, although the registry shows 2027-10-03."
    );
    assert_eq!(
        findings[1].evidence,
        [
            "the registrar (RDAP): registrar expiration 2026-10-03T14:22:05Z",
            "the registry (RDAP): expiration 2027-10-03T14:22:05Z"
        ]
    );
    // Its expiration in the past counts as well where it has no other date.
    let mut plain = fixture("registrar-expired");
    plain.dates.expires = plain.dates.registrar_expires.take();
    let heard = hearing(fixture("autorenew-but-healthy"), Some(plain));
    assert_eq!(codes(&judge(&heard, Some(&good()), &[], NOW)), [RegistrarExpired]);
}

#[test]
fn what_can_still_be_done_is_said_with_its_date() {
    let redemption = judge(&hearing(fixture("redemption"), None), None, &[], "2026-11-20T12:00:00Z");
    assert!(redemption[0].sentence().contains("until about 2026-12-12"), "{}", redemption[0]);
    let deletion = judge(&hearing(fixture("pending-delete"), None), None, &[], "2026-12-13T12:00:00Z");
    assert!(deletion[0].sentence().contains("about 2026-12-17"), "{}", deletion[0]);
    let mut bare = fixture("redemption");
    bare.dates.changed = None;
    assert!(judge(&hearing(bare, None), None, &[], NOW)[0].sentence().ends_with("it can still be restored."));
    let mut asked = fixture("redemption");
    asked.statuses.push(Status::PendingRestore);
    assert_eq!(of(&asked), [PendingRestore]);
}

#[test]
fn known_services_are_told_apart_by_their_cure() {
    let mut read = fixture("healthy");
    for (servers, cause) in [
        (["ns1.pendingrenewaldeletion.com", "ns2.pendingrenewaldeletion.com"], Parked),
        (["ns1.renewyourname.net", "ns2.renewyourname.net"], Parked),
        (
            ["ns1.verification-hold.suspended-domain.com", "ns2.verification-hold.suspended-domain.com"],
            VerificationHold,
        ),
    ] {
        read.name_servers = Some(set(&servers));
        read.signed = Some(false);
        read.ds.clear();
        let findings = judge(&hearing(read.clone(), None), None, &[], NOW);
        assert_eq!(codes(&findings), [cause], "{servers:?}");
        assert!(findings[0].sentence().contains(servers[0]));
        // Whatever a list says, the expectation decides.
        assert_eq!(judge(&hearing(read.clone(), None), Some(&set(&servers)), &[], NOW), []);
    }
}

#[test]
fn a_ds_record_and_a_lock_matter_only_while_the_name_servers_are_wrong() {
    let mut read = fixture("healthy");
    read.statuses.push(Status::ServerUpdateProhibited);
    assert_eq!(of(&read), []);
    read.name_servers = Some(set(&["ns1.expired-parking.example"]));
    assert_eq!(of(&read), [NotExpected, DsLeft, UpdateLock]);
}

#[test]
fn missing_name_servers() {
    let mut read = fixture("healthy");
    read.name_servers = Some(NsSet::default());
    assert_eq!(of(&read), [NoNameServers]);
    read.name_servers = None;
    assert_eq!(of(&read), [], "nothing said is nothing known");
    read.statuses.push(Status::Inactive);
    assert_eq!(of(&read), [NoNameServers]);
}

#[test]
fn a_registry_without_its_own_renewal_shows_the_expiry() {
    let mut read = fixture("healthy");
    read.dates.expires = crate::registration::read_moment("2026-10-03");
    assert_eq!(of(&read), [Expired]);
    read.statuses.push(Status::ClientRenewProhibited);
    assert_eq!(of(&read), [Expired, RenewBlocked]);
    read.dates.expires = crate::registration::read_moment("2026-10-20");
    assert_eq!(of(&read), [RenewBlocked, ExpiresSoon]);
    read.dates.expires = crate::registration::read_moment("sometime");
    assert_eq!(of(&read), [], "a date that cannot be read is no date");
}

#[test]
fn an_anniversary_counts_only_while_it_is_fresh() {
    let mut read = fixture("expired-autorenew-parked");
    let with = |read: &Registration, now| codes(&judge(&hearing(read.clone(), None), Some(&good()), &[], now));
    assert_eq!(with(&read, "2027-01-08T00:00:00Z"), [NotExpected]);
    read.dates.changed = crate::registration::read_moment("2026-10-14T14:22:06Z");
    assert_eq!(with(&read, "2026-10-15T00:00:00Z"), [NotExpected], "eleven days are too many");
    read.dates.changed = crate::registration::read_moment("2026-10-06");
    read.dates.registered = crate::registration::read_moment("2026-10-01");
    assert_eq!(with(&read, NOW), [NotExpected], "a new domain has no anniversary");
    read = fixture("expired-autorenew-parked");
    read.dates.expires = crate::registration::read_moment("2028-02-29");
    read.dates.changed = crate::registration::read_moment("2027-03-02");
    assert_eq!(with(&read, "2027-03-03T00:00:00Z"), [NotExpected, ChangedAfterAnniversary]);
}

#[test]
fn the_expectation_of_a_zone_says_nothing_about_the_registration_above_it() {
    let mut heard = hearing(fixture("healthy"), None);
    heard.zone = "shop.unpark-demo.example".parse().unwrap();
    assert_eq!(judge(&heard, Some(&set(&["ns1.shop.example"])), &[], NOW), []);
}

#[test]
fn no_registration_and_no_answer_are_not_the_same() {
    let mut heard = hearing(fixture("healthy"), None);
    heard.answers = vec![answer(Source::RegistryRdap, Outcome::NotFound)];
    assert_eq!(codes(&judge(&heard, None, &[], NOW)), [NotRegistered]);
    for outcome in [Outcome::Limited { until: None }, Outcome::NotSent { reason: "x".into() }] {
        heard.answers = vec![answer(Source::RegistryRdap, outcome)];
        assert_eq!(judge(&heard, None, &[], NOW), []);
    }
}

#[test]
fn operations_under_way_are_told() {
    let mut read = fixture("healthy");
    read.statuses.push(Status::PendingTransfer);
    assert_eq!(of(&read), [OperationPending]);
}

proptest::proptest! {
    #[test]
    fn no_registration_makes_it_panic(
        picks in proptest::collection::vec(0_usize..Status::KNOWN.len(), 0..6),
        dates in proptest::collection::vec(proptest::option::of(-70_000_000_000_i64..260_000_000_000), 5),
        now in -70_000_000_000_i64..260_000_000_000,
        servers in proptest::option::of(proptest::collection::vec("[a-z]{1,5}\\.[a-z]{1,5}", 0..4)),
    ) {
        let statuses = picks.into_iter().map(|at| Status::KNOWN[at].clone()).collect();
        let mut read = Registration { statuses, ..Registration::default() };
        let moment = |at: Option<i64>| at.map(|s| Moment { written: String::new(), at: Some(Timestamp::from_secs(s)) });
        read.dates.expires = moment(dates[0]);
        read.dates.changed = moment(dates[1]);
        read.dates.registered = moment(dates[2]);
        read.dates.registrar_expires = moment(dates[3]);
        read.name_servers = servers.map(|names| names.iter().map(|n| n.parse().unwrap()).collect());
        let (heard, expected) = (hearing(read.clone(), Some(read)), good());
        let evidence = Evidence { hearing: &heard, expected: Some(&expected), parked: &[], parking: &PARKING };
        let found = causes(&evidence, Timestamp::from_secs(now));
        proptest::prop_assert!(found.is_sorted_by_key(|f| f.cause));
    }
}
