//! The wire form against an independent implementation (hickory-proto), against damage, and against noise.

use std::str::FromStr as _;

use hickory_proto::op;
use hickory_proto::rr::{self, rdata};
use proptest::prelude::*;

use super::*;
use crate::observation::{Purpose, Role, TargetId};

fn name(text: &str) -> Name {
    text.parse().unwrap()
}

fn query(text: &str, rtype: RecordType) -> Query {
    let target = TargetId::new(Role::Resolver, "127.0.0.1:53".parse().unwrap());
    Query::new(target, name(text), rtype, Purpose::Service)
}

fn their_name(text: &str) -> rr::Name {
    rr::Name::from_str(text).unwrap()
}

/// A response as the other implementation writes it: compressed, with EDNS.
fn their_response() -> op::Message {
    let mut message = op::Message::response(7, op::OpCode::Query);
    message.metadata.authoritative = true;
    message.add_query(op::Query::query(their_name("www.example.com."), rr::RecordType::A));
    let owner = their_name("www.example.com.");
    for rdata in [
        rr::RData::CNAME(rdata::CNAME(their_name("cdn.example.com."))),
        rr::RData::A(rdata::A::new(192, 0, 2, 1)),
        rr::RData::AAAA("2001:db8::1".parse().unwrap()),
        rr::RData::MX(rdata::MX::new(10, their_name("mail.example.com."))),
        rr::RData::TXT(rdata::TXT::from_bytes(vec![b"a\xff", b""])),
        rr::RData::SRV(rdata::SRV::new(1, 2, 443, their_name("host.example."))),
    ] {
        message.add_answer(rr::Record::from_rdata(owner.clone(), 300, rdata));
    }
    let (mname, rname) = (their_name("ns1.example.com."), their_name("hostmaster.example.com."));
    let soa = rdata::SOA::new(mname.clone(), rname, 2026, 1, 2, 3, 60);
    message.add_authority(rr::Record::from_rdata(their_name("example.com."), 3600, rr::RData::SOA(soa)));
    message.add_authority(rr::Record::from_rdata(their_name("example.com."), 60, rr::RData::NS(rdata::NS(mname))));
    let mut edns = op::Edns::new();
    edns.set_max_payload(1232);
    let options = edns.options_mut();
    options.insert(rdata::opt::EdnsOption::NSID(rdata::opt::NSIDPayload::new(b"fra1".to_vec()).unwrap()));
    options.insert(rdata::opt::EdnsOption::Unknown(15, vec![0, 22, b'o', b'h', 0]));
    options.insert(rdata::opt::EdnsOption::Unknown(15, vec![0, 3]));
    message.set_edns(edns);
    message
}

#[test]
fn queries_read_the_same_elsewhere() {
    let mut asked = query("Example.COM.", RecordType::NS);
    (asked.rd, asked.cd, asked.dnssec_ok) = (true, true, true);
    let theirs = op::Message::from_vec(&encode(0xbeef, &name("x.example.com."), &asked, true)).unwrap();
    assert_eq!((theirs.metadata.id, theirs.metadata.message_type), (0xbeef, op::MessageType::Query));
    assert!(theirs.metadata.recursion_desired && theirs.metadata.checking_disabled);
    assert_eq!(theirs.queries[0].name().to_ascii(), "x.example.com.");
    assert_eq!(theirs.queries[0].query_type(), rr::RecordType::NS);
    let edns = theirs.edns.unwrap();
    assert_eq!((edns.max_payload(), edns.version(), edns.flags().dnssec_ok), (1232, 0, true));
    assert!(edns.option(rdata::opt::EdnsCode::NSID).is_some());

    let mut asked = query("id.server.", RecordType::TXT);
    asked.class = Class::CH;
    let theirs = op::Message::from_vec(&encode(1, &asked.name, &asked, false)).unwrap();
    assert_eq!(theirs.queries[0].query_class(), rr::DNSClass::CH);
    assert!(!theirs.metadata.recursion_desired && theirs.edns.is_none());
}

#[test]
fn responses_from_elsewhere_are_read_whole() {
    let octets = their_response().to_vec().unwrap();
    let response = decode(&octets, Transport::Udp).unwrap();
    assert!(response.aa && !response.tc && !response.ra && !response.ad);
    assert_eq!((response.rcode, response.size), (Rcode::NOERROR, octets.len()));
    let data: Vec<String> = response.answer.iter().map(|r| r.rdata.to_string()).collect();
    assert_eq!(data[..4], ["cdn.example.com.", "192.0.2.1", "2001:db8::1", "10 mail.example.com."]);
    assert_eq!(response.answer[4].rdata, Rdata::Txt(vec![b"a\xff".to_vec(), vec![]]));
    assert!(matches!(&response.answer[5].rdata, Rdata::Other(RecordType(33), octets) if octets[5] == 187));
    let (owner, ttl, soa) = response.soa().unwrap();
    assert_eq!((owner, ttl.as_secs(), soa.serial, soa.minimum), (&name("example.com."), 3600, Serial(2026), 60));
    assert_eq!(response.authority[1].rdata, Rdata::Ns(name("ns1.example.com.")));
    assert_eq!(response.additional, []);
    assert_eq!(response.nsid().as_deref(), Some("fra1"));
    let errors = response.extended_errors();
    assert_eq!((errors[0].code, errors[0].text.as_str(), errors[1].code), (22, "oh", 3));
}

#[test]
fn the_upper_bits_of_the_response_code_count() {
    let mut theirs = op::Message::response(7, op::OpCode::Query);
    theirs.metadata.response_code = op::ResponseCode::BADVERS;
    theirs.set_edns(op::Edns::new());
    assert_eq!(decode(&theirs.to_vec().unwrap(), Transport::Udp).unwrap().rcode, Rcode(16));
}

#[test]
fn a_damaged_body_keeps_its_response_code() {
    let octets = their_response().to_vec().unwrap();
    assert_eq!(decode(&octets[..5], Transport::Udp).unwrap_err().rcode, None);
    for cut in 12..octets.len() {
        assert_eq!(decode(&octets[..cut], Transport::Udp).unwrap_err().rcode, Some(Rcode::NOERROR), "{cut}");
    }
    let longer = [&octets[..], b"trailing"].concat();
    assert!(decode(&longer, Transport::Udp).is_ok());
}

#[test]
fn data_with_a_wrong_length_is_malformed_unless_no_rule_reads_it() {
    let with = |rtype: u16, data: &[u8]| {
        let mut octets = vec![0, 7, 0x80, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0];
        octets.extend(rtype.to_be_bytes());
        octets.extend([0, 1, 0, 0, 0, 9, 0, u8::try_from(data.len()).unwrap()]);
        octets.extend(data);
        decode(&octets, Transport::Tcp)
    };
    assert!(with(1, &[1, 2, 3]).is_err() && with(1, &[1, 2, 3, 4]).is_ok() && with(1, &[1, 2, 3, 4, 5]).is_err());
    assert!(with(2, &[1, b'a', 0]).is_ok() && with(2, &[1, b'a', 0, 0]).is_err() && with(2, &[]).is_err());
    assert!(with(16, &[2, b'a']).is_err() && with(43, &[1, 2, 3]).is_err());
    assert!(with(65, &[0xc0]).is_ok() && with(46, &[]).is_ok());
    // A name that points at itself, forward, or round in a circle.
    assert!(with(2, &[0xc0, 23]).is_err() && with(2, &[0xc0, 200]).is_err() && with(2, &[1, b'a', 0xc0, 23]).is_err());
}

#[test]
fn names_over_255_octets_are_refused_and_of_255_read() {
    let label = |length: u8| [&[length][..], &vec![b'a'; usize::from(length)]].concat();
    let message = |last: u8| {
        let name = [label(63), label(63), label(63), label(last), vec![0]].concat();
        [&[0, 7, 0x80, 0, 0, 1, 0, 0, 0, 0, 0, 0][..], &name, &[0, 1, 0, 1]].concat()
    };
    assert!(decode(&message(61), Transport::Udp).is_ok());
    assert!(decode(&message(62), Transport::Udp).is_err());
}

#[test]
fn only_the_same_question_is_an_answer() {
    let sent = encode(7, &name("www.example.com."), &query("www.example.com.", RecordType(65)), true);
    let mut reply = sent.clone();
    reply[2] |= 0x80;
    assert!(answers(&sent, &reply));
    assert!(!answers(&sent, &sent), "a query is no answer");
    let changed = |at: usize, octet: u8| {
        let mut other = reply.clone();
        other[at] = octet;
        other
    };
    assert!(!answers(&sent, &changed(1, 8)), "another id");
    assert!(answers(&sent, &changed(13, b'W')), "another case");
    assert!(!answers(&sent, &changed(13, b'v')), "another name");
    let asked = question(&sent).unwrap().len() + 12;
    assert!(!answers(&sent, &changed(asked - 3, 65 + 32)), "another type, though equal as a letter");
    assert!(!answers(&sent, &reply[..asked - 1]), "a cut question");

    let bare = |rcode: u8| vec![0, 7, 0x80, rcode, 0, 0, 0, 0, 0, 0, 0, 0];
    assert!(answers(&sent, &bare(1)) && answers(&sent, &bare(5)));
    assert!(!answers(&sent, &bare(0)) && !answers(&sent, &bare(3)));
}

proptest! {
    #[test]
    fn no_octets_make_reading_panic(octets in proptest::collection::vec(any::<u8>(), 0..600)) {
        let _ = decode(&octets, Transport::Udp);
        let _ = (question(&octets), id(&octets), answers(&octets, &octets), is_truncated(&octets));
    }

    #[test]
    fn no_damage_to_a_real_response_makes_reading_panic(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let mut octets = their_response().to_vec().unwrap();
        for (at, octet) in changes {
            let at = at.index(octets.len());
            octets[at] = octet;
        }
        if let Ok(response) = decode(&octets, Transport::Udp) {
            prop_assert!(response.answer.len() <= octets.len() / 11);
        }
    }

    #[test]
    fn what_is_encoded_is_its_own_question(labels in proptest::collection::vec("[a-z0-9]{1,20}", 0..6), id in any::<u16>()) {
        let name = Name::from_labels(labels.iter().map(String::as_bytes)).unwrap();
        let mut reply = encode(id, &name, &query(".", RecordType::A), true);
        let sent = reply.clone();
        reply[2] |= 0x80;
        prop_assert!(answers(&sent, &reply));
        prop_assert_eq!(decode(&reply, Transport::Udp).unwrap().edns.unwrap().nsid, Some(vec![]));
    }
}
