//! What is learned from the servers, and what is not.

use super::*;
use crate::dns::Rcode;
use crate::judge::sample_world::*;
use crate::observation::{Outcome, Response, Role};

fn learned(told: &Told) -> SideFingerprint {
    learn_side(&name(ZONE), None, told.witnesses.iter())
}

fn server() -> Told {
    Told::by(Role::Authoritative)
}

fn said(response: Response) -> Outcome {
    Outcome::Answered(with_authority(response))
}

#[test]
fn a_server_teaches_its_soa_its_data_and_its_ttls() {
    let side = learned(&good_server());
    assert!(side.answers && !side.varies && side.echo.is_empty() && side.untold.is_empty());
    assert_eq!(side.soas.len(), 1);
    assert_eq!(side.data[&(name(ZONE), RecordType::A)], [Rdata::A(GOOD_ADDRESS)]);
    assert!(side.data[&(name(ZONE), RecordType::AAAA)].is_empty(), "NODATA is knowledge");
    assert_eq!(side.ns_ttl, Some(Ttl::from_wire(3600)));
    assert_eq!(side.data_ttl, Some(Ttl::from_wire(60)));
    assert_eq!(references().negative_ttl(), Some(FULL));
}

#[test]
fn nothing_is_learned_without_authority_nor_from_a_truncated_answer() {
    let soa = answer(vec![soa(ZONE, "ns.liar.example.", 1, 60)]);
    let cut = Response { tc: true, ..with_authority(soa.clone()) };
    let told = server().about(ZONE, RecordType::SOA, Purpose::Soa, 0, Outcome::Answered(soa)).about(
        ZONE,
        RecordType::SOA,
        Purpose::Soa,
        1,
        Outcome::Answered(cut),
    );
    assert_eq!(learned(&told), SideFingerprint::default());
}

#[test]
fn another_zones_soa_is_not_learned_from_an_answer() {
    let told = server().about(ZONE, RecordType::SOA, Purpose::Soa, 0, said(answer(vec![soa("com.", GOOD[0], 1, 60)])));
    assert!(learned(&told).soas.is_empty() && !learned(&told).answers);
}

#[test]
fn a_wildcard_is_learned_from_the_echo() {
    let told =
        server().about(ZONE, RecordType::TXT, Purpose::Echo, 0, said(answer(vec![txt("nonce.example.com.", "w")])));
    assert_eq!(learned(&told).echo, [txt(ZONE, "w").rdata]);
}

#[test]
fn answers_that_differ_make_the_side_vary_and_order_does_not() {
    let (one, two) = (a(ZONE, 60, GOOD_ADDRESS), a(ZONE, 60, PARKED_ADDRESS));
    let ask = |told: Told, records| told.about(ZONE, RecordType::A, Purpose::Service, 0, said(answer(records)));
    let turned = ask(ask(server(), vec![one.clone(), two.clone()]), vec![two.clone(), one.clone()]);
    assert!(!learned(&turned).varies);
    let other = ask(ask(server(), vec![one]), vec![two]);
    assert!(learned(&other).varies);
    assert_eq!(learned(&other).data[&(name(ZONE), RecordType::A)].len(), 2);
}

#[test]
fn names_that_no_server_speaks_for_are_remembered_as_such_until_one_does() {
    let below = "api.sub.example.com.";
    let key = (name(below), RecordType::A);
    let ask = |told: Told, outcome| told.about(below, RecordType::A, Purpose::Service, 0, outcome);
    let referred = ask(
        server(),
        Outcome::Answered(Response { authority: ns("sub.example.com.", 60, &["ns.x."]), ..empty(Rcode::NOERROR) }),
    );
    assert!(learned(&referred).untold.contains(&key));
    let refused = ask(server(), Outcome::Answered(empty(Rcode::REFUSED)));
    assert!(learned(&refused).untold.contains(&key));
    let told = ask(refused, said(answer(vec![a(below, 60, GOOD_ADDRESS)])));
    assert!(!learned(&told).untold.contains(&key));
    for ours in [not_sent(), Outcome::NoResponse] {
        assert!(learned(&ask(server(), ours)).untold.is_empty(), "a loss says nothing of what it would say");
    }
}

#[test]
fn what_parked_servers_said_is_remembered_after_they_fall_silent() {
    let mut silent = learned(&server().about(ZONE, RecordType::SOA, Purpose::Soa, 9, Outcome::NoResponse));
    silent.remember(&learned(&parked_server()));
    assert_eq!(silent, learned(&parked_server()));
}

#[test]
fn memory_is_bounded() {
    let mut side = SideFingerprint::default();
    for serial in 0..1000 {
        let one =
            server().about(ZONE, RecordType::SOA, Purpose::Soa, 0, said(answer(vec![soa(ZONE, GOOD[0], serial, 60)])));
        side.remember(&learned(&one));
    }
    assert_eq!(side.soas.len(), SideFingerprint::MOST);
}
