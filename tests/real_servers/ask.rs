//! A small DNS client of the tests' own, so that the world is checked by something other than the program under test.
//!
//! One question over UDP, one answer or none. Cases where this is not enough (truncation, TCP) do not occur in the
//! world.

use std::net::{Ipv4Addr, UdpSocket};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use hickory_proto::op::{Message, MessageType, OpCode, Query, ResponseCode};
use hickory_proto::rr::{Name, RecordType};

use crate::zones;

/// How long one answer may take: an iterating resolver needs several round trips, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(2);

/// Which side of the outage an answer comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Only names and addresses of the parked zone.
    Parked,
    /// Only names and addresses of the correct zone.
    Correct,
    /// Both, or neither, or no answer.
    Unclear,
}

/// Asks one server one question. `None` when no matching answer came.
pub fn ask(server: Ipv4Addr, name: &str, rtype: RecordType, recursion_desired: bool) -> Option<Message> {
    static NEXT_ID: AtomicU16 = AtomicU16::new(1);
    let id = NEXT_ID.fetch_add(1, Ordering::Relaxed);
    let name = Name::from_ascii(name).expect("the tests' own names are well formed");
    let mut message = Message::new(id, MessageType::Query, OpCode::Query);
    message.metadata.recursion_desired = recursion_desired;
    message.add_query(Query::query(name, rtype));
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a loopback socket");
    socket.set_read_timeout(Some(PATIENCE)).expect("a time limit above zero");
    socket.connect((server, 53)).ok()?;
    socket.send(&message.to_vec().expect("a question fits a message")).ok()?;
    let mut buffer = [0; 4096];
    let length = socket.recv(&mut buffer).ok()?;
    let answer = Message::from_vec(buffer.get(..length)?).ok()?;
    (answer.metadata.id == id).then_some(answer)
}

/// A label nobody has asked for before, below `zone`: its answer tells which servers are in use now.
pub fn fresh_name(zone: &str) -> String {
    static NEXT: AtomicU16 = AtomicU16::new(1);
    format!("fresh{}.{zone}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// The response code, or `None` when there was no answer.
pub fn rcode(answer: Option<&Message>) -> Option<ResponseCode> {
    answer.map(|answer| answer.metadata.response_code)
}

/// The answer and authority sections as text, one record a line.
pub fn text(answer: &Message) -> String {
    let records = answer.answers.iter().chain(&answer.authorities);
    records.map(|record| format!("{record}\n")).collect()
}

/// Which side the records of an answer belong to.
pub fn side(answer: Option<&Message>) -> Side {
    let Some(answer) = answer else { return Side::Unclear };
    let text = text(answer).to_ascii_lowercase();
    let mentions = |marks: &[&str]| marks.iter().any(|mark| text.contains(mark));
    match (mentions(&zones::PARKED_MARKS), mentions(&zones::CORRECT_MARKS)) {
        (true, false) => Side::Parked,
        (false, true) => Side::Correct,
        _ => Side::Unclear,
    }
}
