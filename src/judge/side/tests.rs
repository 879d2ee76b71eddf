//! Whose answer is it: one test for each way to tell, and for each way to be misled.

use super::*;
use crate::dns::Rcode;
use crate::judge::sample_world::*;

const NONCE: &str = "nonce.example.com.";

fn negative(response: &Response, refs: &References) -> Side {
    side_of_negative(response, &name(NONCE), refs)
}

fn is_good(side: &Side) -> bool {
    matches!(side, Side::Good { .. })
}

#[test]
fn each_side_is_known_by_its_soa() {
    let refs = references();
    assert!(is_good(&negative(&good_denial(FULL), &refs)));
    assert_eq!(negative(&parked_denial(), &refs), Side::Parked);
    let above = Side::AboveZone { zone: name("com."), ttl: Ttl::from_wire(900) };
    assert_eq!(negative(&parent_denial(), &refs), above);
    assert_eq!(negative(&no_domain(soa(ZONE, "ns.stranger.example.", 1, 60)), &refs), Side::Neither);
}

#[test]
fn a_newer_serial_of_the_correct_zone_is_still_the_correct_zone() {
    assert!(is_good(&negative(&no_domain(soa(ZONE, GOOD[0], 4711, FULL)), &references())));
}

#[test]
fn the_age_of_a_good_denial_is_full_ttl_less_ttl_seen() {
    let age = |ttl| match negative(&good_denial(ttl), &references()) {
        Side::Good { age } => age.as_secs(),
        other => panic!("{other:?}"),
    };
    assert_eq!((age(FULL), age(FULL - 40), age(FULL + 40)), (0, 40, 0));
}

#[test]
fn a_parking_server_that_answers_from_the_root_is_parked_and_not_the_parent() {
    // Known by the catalogue.
    let known = no_data(soa(".", "ns1.known-parking.example.", 1, 60));
    assert_eq!(negative(&known, &references()), Side::Parked);
    // Known by name: a server of a parked set.
    assert_eq!(negative(&no_data(soa(".", PARKED[1], 1, 60)), &unlearned()), Side::Parked);
    // Known because it said so itself when asked directly.
    let own = with_authority(no_data(soa(".", "anything.hidden.example.", 1, 60)));
    let told = Told::by(crate::observation::Role::Authoritative).about(
        ZONE,
        RecordType::TXT,
        crate::observation::Purpose::Echo,
        0,
        crate::observation::Outcome::Answered(own.clone()),
    );
    let mut refs = unlearned();
    assert!(matches!(negative(&own, &refs), Side::AboveZone { .. }));
    refs.parked = crate::judge::learn_side(&refs.zone, None, told.witnesses.iter());
    assert_eq!(negative(&own, &refs), Side::Parked);
}

#[test]
fn the_provider_of_the_zone_may_serve_the_zone_above_too() {
    let parent = no_domain(soa("com.", GOOD[0], 1, 900));
    assert!(matches!(negative(&parent, &references()), Side::AboveZone { .. }));
}

#[test]
fn one_provider_on_both_sides_is_told_apart_by_serial_or_not_at_all() {
    let mut refs = references();
    let Rdata::Soa(mut parked) = soa(ZONE, GOOD[0], 2, FULL).rdata else { unreachable!() };
    refs.parked.soas = vec![(parked.clone(), Ttl::from_wire(FULL))];
    let with_serial = |serial| no_domain(soa(ZONE, GOOD[0], serial, FULL));
    assert!(is_good(&negative(&with_serial(1), &refs)));
    assert_eq!(negative(&with_serial(2), &refs), Side::Parked);
    assert_eq!(negative(&with_serial(3), &refs), Side::Undecidable);
    parked.serial = crate::dns::Serial(1);
    refs.parked.soas.push((parked, Ttl::from_wire(FULL)));
    assert_eq!(negative(&with_serial(1), &refs), Side::Undecidable);
}

#[test]
fn an_ambiguous_sign_never_decides() {
    let refs = references();
    let registrar = "ns1.registrar.example.";
    assert_eq!(negative(&no_domain(soa(ZONE, registrar, 1, 60)), &refs), Side::Neither);
    assert_eq!(side_of_ns_set(&ns_set(&[registrar]), &refs), Side::Neither);
    let address = answer(vec![a(ZONE, 60, "198.18.0.5".parse().unwrap())]);
    assert_eq!(side_of_data(&address, &name(ZONE), RecordType::A, &refs), Side::Neither);
}

#[test]
fn names_speak_before_the_servers_were_heard_but_only_for_the_zone_itself() {
    assert!(is_good(&negative(&good_denial(FULL), &unlearned())));
    let elsewhere = no_domain(soa("unrelated.example.", GOOD[0], 1, FULL));
    assert_eq!(negative(&elsewhere, &unlearned()), Side::NothingToCompare);
    assert_eq!(negative(&elsewhere, &references()), Side::Neither);
}

#[test]
fn a_wildcards_data_is_known_from_the_servers_own_echo() {
    let mut refs = references();
    refs.good.echo = vec![txt(NONCE, "v=good").rdata];
    refs.parked.echo = vec![txt(NONCE, "v=parked").rdata, txt(NONCE, "two").rdata];
    assert!(is_good(&negative(&answer(vec![txt(NONCE, "v=good")]), &refs)));
    assert_eq!(negative(&answer(vec![txt(NONCE, "two"), txt(NONCE, "v=parked")]), &refs), Side::Parked);
    assert_eq!(negative(&answer(vec![txt(NONCE, "third")]), &refs), Side::Neither);
    let mixed = answer(vec![txt(NONCE, "v=good"), txt(NONCE, "v=parked")]);
    assert_eq!(negative(&mixed, &refs), Side::Neither, "an answer of both is of none");
    refs.parked.echo = refs.good.echo.clone();
    assert_eq!(negative(&answer(vec![txt(NONCE, "v=good")]), &refs), Side::Undecidable);
}

#[test]
fn behind_a_wildcard_alias_the_zone_of_the_target_says_nothing() {
    let mut refs = references();
    refs.good.echo = vec![cname(NONCE, 60, "edge.cdn.example.").rdata];
    let mut response = answer(vec![cname(NONCE, 60, "edge.cdn.example.")]);
    response.authority = vec![soa("cdn.example.", "ns.cdn.example.", 1, 60)];
    assert!(is_good(&negative(&response, &refs)));
    response.answer.push(txt("edge.cdn.example.", "whatever"));
    assert!(is_good(&negative(&response, &refs)));
}

#[test]
fn a_dname_is_the_zones_word_and_the_alias_made_from_it_is_not() {
    let dname = record(ZONE, 60, Rdata::Other(RecordType(39), vec![3, b'n', b'e', b'w', 0]));
    let mut refs = references();
    refs.good.echo = vec![dname.rdata.clone(), cname(NONCE, 60, "first.new.").rdata];
    assert!(is_good(&negative(&answer(vec![dname, cname(NONCE, 60, "second.new.")]), &refs)));
}

#[test]
fn known_parking_is_seen_behind_an_alias_and_in_an_address() {
    let refs = references();
    let alias = answer(vec![cname(NONCE, 60, "x.alias-parking.example.")]);
    assert_eq!(negative(&alias, &refs), Side::Parked);
    let address = answer(vec![a(NONCE, 60, "203.0.113.5".parse().unwrap())]);
    assert_eq!(negative(&address, &refs), Side::Parked);
    assert_eq!(side_of_data(&alias, &name(NONCE), RecordType::A, &refs), Side::Parked);
}

#[test]
fn what_the_correct_servers_say_outranks_the_catalogue() {
    let mut refs = references();
    let known = a(ZONE, 60, "203.0.113.5".parse().unwrap());
    refs.good.data.insert((name(ZONE), RecordType::A), vec![known.rdata.clone()]);
    assert!(is_good(&side_of_data(&answer(vec![known]), &name(ZONE), RecordType::A, &refs)));
    refs.good_ns = Some(ns_set(&["ns1.known-parking.example."]));
    assert!(is_good(&side_of_ns_set(&ns_set(&["ns1.known-parking.example."]), &refs)));
}

#[test]
fn an_answer_with_nothing_in_it_gives_nothing_to_compare() {
    assert_eq!(negative(&empty(Rcode::NXDOMAIN), &references()), Side::NothingToCompare);
    assert_eq!(negative(&empty(Rcode::NOERROR), &references()), Side::NothingToCompare);
}

#[test]
fn a_delegation_without_answer_is_compared_as_a_set() {
    assert_eq!(negative(&referral(60, &PARKED), &references()), Side::Parked);
    assert!(is_good(&negative(&referral(60, &GOOD), &references())));
}

#[test]
fn ns_sets_compare_exactly() {
    let refs = references();
    assert_eq!(side_of_ns_set(&ns_set(&GOOD[..1]), &refs), Side::Neither, "a subset is not the set");
    assert_eq!(side_of_ns_set(&ns_set(&[GOOD[0], PARKED[0]]), &refs), Side::Neither);
    assert_eq!(side_of_ns_set(&ns_set(&PARKED), &refs), Side::Parked);
    assert_eq!(side_of_ns_set(&ns_set(&["a.known-parking.example.", "b.known-parking.example."]), &refs), Side::Parked);
    let nobody_said = References { good_ns: None, ..references() };
    assert_eq!(side_of_ns_set(&ns_set(&["ns.x.example."]), &nobody_said), Side::NothingToCompare);
}

#[test]
fn data_of_a_name_is_good_parked_or_neither() {
    let refs = references();
    let side = |address| side_of_data(&answer(vec![a(ZONE, 9, address)]), &name(ZONE), RecordType::A, &refs);
    assert!(is_good(&side(GOOD_ADDRESS)));
    assert_eq!(side(PARKED_ADDRESS), Side::Parked);
    assert_eq!(side("192.0.2.77".parse().unwrap()), Side::Neither);
    let unasked = answer(vec![a("api.example.com.", 9, GOOD_ADDRESS)]);
    assert_eq!(side_of_data(&unasked, &name("api.example.com."), RecordType::A, &refs), Side::NothingToCompare);
}

#[test]
fn an_alias_out_of_the_zone_is_good_whatever_stands_behind_it() {
    let mut refs = references();
    let www = "www.example.com.";
    let alias = cname(www, 60, "edge.cdn.example.");
    refs.good.data.insert((name(www), RecordType::A), vec![alias.rdata.clone()]);
    let response = answer(vec![alias, a("edge.cdn.example.", 20, "192.0.2.200".parse().unwrap())]);
    assert!(is_good(&side_of_data(&response, &name(www), RecordType::A, &refs)));
}

#[test]
fn an_alias_to_the_apex_is_as_good_as_the_address_behind_it() {
    let mut refs = references();
    let www = "www.example.com.";
    let alias = cname(www, 60, ZONE);
    refs.good.data.insert((name(www), RecordType::A), vec![alias.rdata.clone(), Rdata::A(GOOD_ADDRESS)]);
    let behind =
        |address| side_of_data(&answer(vec![alias.clone(), a(ZONE, 20, address)]), &name(www), RecordType::A, &refs);
    assert!(is_good(&behind(GOOD_ADDRESS)));
    assert_eq!(behind(PARKED_ADDRESS), Side::Parked, "the alias outlived the address");
    assert_eq!(behind("192.0.2.77".parse().unwrap()), Side::Neither);
}

#[test]
fn the_marker_outranks_everything_and_its_absence_decides_where_nothing_else_does() {
    let marker = crate::judge::Marker::of_token("k3", &name(ZONE)).unwrap();
    let asked = name("nonce._unpark-k3.example.com.");
    let mut refs = References { marker: Some(marker), ..references() };
    (refs.good.marked, refs.good.echo) = (true, vec![Rdata::Txt(vec![b"v=spf1".to_vec()])]);
    refs.parked.echo = refs.good.echo.clone();
    let says = |text: &str| answer(vec![txt("nonce._unpark-k3.example.com.", text)]);
    // With the parked servers' SOA beside it, it is still the correct servers' word.
    let beside = Response { authority: parked_denial().authority, ..says("k3") };
    assert!(is_good(&side_of_negative(&beside, &asked, &refs)));
    assert_eq!(side_of_negative(&says("v=spf1"), &asked, &refs), Side::Parked);
    let unmarked = References { marker: None, ..refs.clone() };
    assert_eq!(side_of_negative(&says("v=spf1"), &asked, &unmarked), Side::Undecidable);
    // Not while the correct servers were not seen to have it, nor where the parked ones have it too.
    let mut unseen = refs.clone();
    unseen.good.marked = false;
    assert_eq!(side_of_negative(&says("v=spf1"), &asked, &unseen), Side::Undecidable);
    refs.parked.marked = true;
    assert_eq!(side_of_negative(&says("k3"), &asked, &refs), Side::Undecidable);
    assert_eq!(side_of_negative(&says("v=spf1"), &asked, &refs), Side::Undecidable);
}
