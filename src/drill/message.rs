//! The server's side of the wire: reads a query's octets and writes a response (RFC 1035 §4, RFC 6891, RFC 3597).
//!
//! `probe::wire` is the client's side; the tests here hold the two against each other. May not touch a socket. No octets
//! make it panic.

use super::model::Question;
use crate::dns::{Class, Name, Rdata, Record, RecordType, Soa};
use crate::observation::Response;

const HEADER: usize = 12;
const OPT: u16 = 41;
const OPTION_NSID: u16 = 3;
const OPTION_EXTENDED_ERROR: u16 = 15;
/// What a client without EDNS takes over UDP (RFC 1035 §2.3.4).
const PLAIN_UDP: u16 = 512;
/// Most options read of one query.
const MOST_OPTIONS: usize = 32;

/// A query as a server reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadQuery {
    /// Its id.
    pub id: u16,
    /// Its question.
    pub question: Question,
    /// The question's octets, to be echoed as they are (letter case may carry bits).
    question_octets: Vec<u8>,
    /// Recursion desired.
    pub rd: bool,
    /// Checking disabled.
    pub cd: bool,
    /// What its OPT record said; none without one.
    pub edns: Option<ReadEdns>,
}

/// What the OPT record of a query said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadEdns {
    /// The largest UDP message it takes.
    pub payload: u16,
    /// DNSSEC records wanted.
    pub dnssec_ok: bool,
    /// The server's identifier wanted.
    pub nsid_wanted: bool,
}

impl ReadQuery {
    /// Reads a query with exactly one question; none when it is no such thing, and then a server stays silent.
    #[must_use]
    pub fn read(message: &[u8]) -> Option<Self> {
        let header: &[u8; HEADER] = message.first_chunk()?;
        let count = |at: usize| Some(u16::from_be_bytes([*header.get(at)?, *header.get(at + 1)?]));
        let is_query = header[2] & 0xf8 == 0;
        if !is_query || count(4)? != 1 || count(6)? != 0 || count(8)? != 0 {
            return None;
        }
        let (name, after) = read_name(message, HEADER)?;
        let fixed: &[u8; 4] = message.get(after..)?.first_chunk()?;
        let rtype = RecordType(u16::from_be_bytes([fixed[0], fixed[1]]));
        let class = Class(u16::from_be_bytes([fixed[2], fixed[3]]));
        let question_octets = message.get(HEADER..after + 4)?.to_vec();
        let edns = if count(10)? == 0 { None } else { Some(read_opt(message.get(after + 4..)?)?) };
        Some(Self {
            id: u16::from_be_bytes([header[0], header[1]]),
            question: Question { name, rtype, class },
            question_octets,
            rd: header[2] & 0x01 != 0,
            cd: header[3] & 0x10 != 0,
            edns,
        })
    }

    /// The response as octets. Over UDP it is cut to what the client takes, with TC set.
    #[must_use]
    pub fn write(&self, response: &Response, over_udp: bool) -> Vec<u8> {
        let most = if over_udp { self.edns.map_or(PLAIN_UDP, |e| e.payload.max(PLAIN_UDP)) } else { u16::MAX };
        let whole = self.write_with(response, response.tc);
        if whole.len() <= usize::from(most) && !(response.tc && over_udp) {
            return whole;
        }
        let empty = Response { answer: Vec::new(), authority: Vec::new(), additional: Vec::new(), ..response.clone() };
        self.write_with(&empty, true)
    }

    fn write_with(&self, response: &Response, tc: bool) -> Vec<u8> {
        let sections = [&response.answer, &response.authority, &response.additional];
        let mut writer = Writer { message: Vec::with_capacity(512), known: Vec::with_capacity(32) };
        writer.number(self.id);
        let flag = |is_set: bool, bit: u8| if is_set { bit } else { 0 };
        writer.message.push(0x80 | flag(response.aa, 0x04) | flag(tc, 0x02) | flag(self.rd, 0x01));
        let [upper, lower] = (response.rcode.0 >> 4).to_be_bytes();
        let code = u8::try_from(response.rcode.0 & 0x0f).unwrap_or(0);
        writer.message.push(flag(response.ra, 0x80) | flag(response.ad, 0x20) | flag(self.cd, 0x10) | code);
        writer.number(1);
        let has_opt = self.edns.is_some();
        for (at, section) in sections.iter().enumerate() {
            let opt = usize::from(at == 2 && has_opt);
            writer.number(u16::try_from(section.len() + opt).unwrap_or(u16::MAX));
        }
        writer.question(&self.question_octets, &self.question.name);
        for record in sections.into_iter().flatten() {
            writer.record(record, self.question.class);
        }
        if has_opt {
            let mut options = Vec::new();
            let mut option = |code: u16, value: &[u8]| {
                options.extend(code.to_be_bytes());
                options.extend(u16::try_from(value.len()).unwrap_or(u16::MAX).to_be_bytes());
                options.extend(value.iter().take(usize::from(u16::MAX)));
            };
            if let Some(edns) = &response.edns {
                if let Some(nsid) = &edns.nsid {
                    option(OPTION_NSID, nsid);
                }
                for error in &edns.errors {
                    let mut value = error.code.to_be_bytes().to_vec();
                    value.extend(error.text.bytes());
                    option(OPTION_EXTENDED_ERROR, &value);
                }
            }
            writer.message.push(0);
            writer.number(OPT);
            writer.number(1232);
            // The extended rcode's upper bits, version 0, DO as asked (RFC 6891 §6.1.3).
            let dnssec_ok = self.edns.is_some_and(|e| e.dnssec_ok);
            writer.message.extend([if upper == 0 { lower } else { 0 }, 0, flag(dnssec_ok, 0x80), 0]);
            writer.number(u16::try_from(options.len()).unwrap_or(u16::MAX));
            writer.message.extend(options);
        }
        writer.message
    }
}

/// Reads the OPT record of a query's additional section, which is all that may be there.
fn read_opt(section: &[u8]) -> Option<ReadEdns> {
    let (fixed, rest) = section.split_first_chunk::<11>()?;
    if fixed[0] != 0 || u16::from_be_bytes([fixed[1], fixed[2]]) != OPT {
        return None;
    }
    let length = usize::from(u16::from_be_bytes([fixed[9], fixed[10]]));
    let mut options = rest.get(..length)?;
    let mut nsid_wanted = false;
    for _ in 0..MOST_OPTIONS {
        let Some(([c0, c1, l0, l1], value)) = options.split_first_chunk::<4>() else { break };
        nsid_wanted |= u16::from_be_bytes([*c0, *c1]) == OPTION_NSID;
        options = value.get(usize::from(u16::from_be_bytes([*l0, *l1]))..)?;
    }
    let payload = u16::from_be_bytes([fixed[3], fixed[4]]);
    Some(ReadEdns { payload, dnssec_ok: fixed[7] & 0x80 != 0, nsid_wanted })
}

/// Reads the question's name, which nothing before it could be pointed to; gives the place after it.
fn read_name(message: &[u8], from: usize) -> Option<(Name, usize)> {
    let mut labels: Vec<&[u8]> = Vec::new();
    let mut at = from;
    loop {
        let length = usize::from(*message.get(at)?);
        match length {
            0 => break,
            1..=63 => labels.push(message.get(at + 1..at + 1 + length)?),
            _ => return None,
        }
        at += length + 1;
    }
    Some((Name::from_labels(labels).ok()?, at + 1))
}

/// Writes forward, pointing back to names already written (RFC 1035 §4.1.4).
struct Writer {
    message: Vec<u8>,
    /// Where a name stands that may be pointed to: each label of each name written out.
    known: Vec<u16>,
}

/// The furthest place that a pointer leads to.
const FURTHEST: u16 = 0x3fff;

impl Writer {
    fn number(&mut self, number: u16) {
        self.message.extend(number.to_be_bytes());
    }

    /// Remembers that a label begins at `at`.
    fn remember(&mut self, at: usize) {
        self.known.extend(u16::try_from(at).ok().filter(|place| *place <= FURTHEST));
    }

    /// The question as it was asked. What follows may point to its name.
    fn question(&mut self, octets: &[u8], name: &Name) {
        let mut at = self.message.len();
        for label in name.labels() {
            self.remember(at);
            at += label.len() + 1;
        }
        self.message.extend(octets);
    }

    fn name(&mut self, name: &Name) {
        for left in (1..=name.label_count()).rev() {
            let mut rest = name.labels().skip(name.label_count() - left);
            if let Some(place) = self.known.iter().find(|place| self.stands_at(**place, rest.clone())) {
                return self.number(0xc000 | *place);
            }
            self.remember(self.message.len());
            let label = rest.next().unwrap_or_default();
            self.message.push(u8::try_from(label.len()).unwrap_or(0));
            self.message.extend(label);
        }
        self.message.push(0);
    }

    /// Whether the name that stands at `place` is of these labels. Letter case apart: the question's stays as it came.
    fn stands_at<'a>(&self, place: u16, mut labels: impl Iterator<Item = &'a [u8]>) -> bool {
        let mut at = usize::from(place);
        loop {
            match self.message.get(at..) {
                Some([high @ 0xc0..=0xff, low, ..]) => at = usize::from(u16::from_be_bytes([high & 0x3f, *low])),
                Some([0, ..]) => return labels.next().is_none(),
                Some([length, rest @ ..]) => {
                    let here = rest.get(..usize::from(*length));
                    let same = labels.next().zip(here).is_some_and(|(label, here)| label.eq_ignore_ascii_case(here));
                    if !same {
                        return false;
                    }
                    at += usize::from(*length) + 1;
                }
                // Not written to its end yet.
                _ => return false,
            }
        }
    }

    fn record(&mut self, record: &Record, class: Class) {
        self.name(&record.owner);
        self.number(record.rdata.rtype().0);
        self.number(class.0);
        self.message.extend(record.ttl.as_secs().to_be_bytes());
        let length_at = self.message.len();
        self.number(0);
        self.rdata(&record.rdata);
        let length = u16::try_from(self.message.len() - length_at - 2).unwrap_or(u16::MAX);
        if let Some(place) = self.message.get_mut(length_at..length_at + 2) {
            place.copy_from_slice(&length.to_be_bytes());
        }
    }

    fn rdata(&mut self, rdata: &Rdata) {
        match rdata {
            Rdata::A(address) => self.message.extend(address.octets()),
            Rdata::Aaaa(address) => self.message.extend(address.octets()),
            Rdata::Ns(name) | Rdata::Cname(name) => self.name(name),
            Rdata::Soa(soa) => self.soa(soa),
            Rdata::Mx(preference, host) => {
                self.number(*preference);
                self.name(host);
            }
            Rdata::Txt(strings) => {
                for string in strings {
                    let string = string.get(..255).unwrap_or(string);
                    self.message.push(u8::try_from(string.len()).unwrap_or(u8::MAX));
                    self.message.extend(string);
                }
            }
            Rdata::Ds(ds) => {
                self.number(ds.key_tag);
                self.message.extend([ds.algorithm, ds.digest_type]);
                self.message.extend(&ds.digest);
            }
            Rdata::Other(_, octets) => self.message.extend(octets),
        }
    }

    fn soa(&mut self, soa: &Soa) {
        self.name(&soa.mname);
        self.name(&soa.rname);
        for number in [soa.serial.0, soa.refresh, soa.retry, soa.expire, soa.minimum] {
            self.message.extend(number.to_be_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drill::model::{ClientId, Packet, Reaction};
    use crate::drill::scenario::Scenario;
    use crate::observation::{Purpose, Query, Role, TargetId, Transport};
    use crate::probe::wire;
    use crate::time::Timestamp;

    fn name(text: &str) -> Name {
        text.parse().unwrap()
    }

    #[test]
    fn what_the_client_writes_is_read_and_what_is_written_the_client_reads() {
        let scenario = Scenario::built_in("dnssec").unwrap().unwrap();
        let mut net = scenario.stage.build(Timestamp::from_secs(1_795_350_000), 1);
        let mut seen = 0;
        for address in ["8.8.8.8:53", "198.41.0.4:53", "192.5.6.30:53", "203.0.113.53:53", "[2001:503:a83e::2:30]:53"] {
            for owner in ["signed-bank.com.", "www.signed-bank.com.", "x.signed-bank.com.", "."] {
                for rtype in
                    [RecordType::A, RecordType::NS, RecordType::SOA, RecordType::DS, RecordType::MX, RecordType::DNSKEY]
                {
                    let to = address.parse().unwrap();
                    let mut query = Query::new(TargetId::new(Role::Resolver, to), name(owner), rtype, Purpose::Service);
                    (query.rd, query.dnssec_ok) = (true, true);
                    let sent = wire::encode(77, &query.name, &query, true);
                    let read = ReadQuery::read(&sent).unwrap();
                    assert_eq!((read.id, read.rd, read.cd), (77, true, false));
                    assert_eq!(read.question, Question::new(name(owner), rtype));
                    let edns = read.edns.unwrap();
                    assert_eq!((edns.payload, edns.dnssec_ok, edns.nsid_wanted), (1232, true, true));
                    let mut packet = Packet::recursive(to, ClientId(seen), read.question.clone());
                    packet.dnssec_ok = true;
                    let Reaction::Answer { response, .. } = net.receive(Timestamp::from_secs(1_795_350_001), &packet)
                    else {
                        continue;
                    };
                    seen += 1;
                    let octets = read.write(&response, true);
                    assert!(wire::answers(&sent, &octets));
                    let heard = wire::decode(&octets, Transport::Udp).unwrap();
                    assert_eq!(Response { size: response.size, ..heard }, response, "{address} {owner} {rtype}");
                }
            }
        }
        assert!(seen > 90, "{seen}");
    }

    #[test]
    fn large_answers_are_cut_and_other_messages_get_no_answer() {
        let query = Query::new(
            TargetId::new(Role::Resolver, "192.0.2.1:53".parse().unwrap()),
            name("x.example."),
            RecordType::TXT,
            Purpose::Service,
        );
        let sent = wire::encode(1, &query.name, &query, false);
        let read = ReadQuery::read(&sent).unwrap();
        let mut response = wire::decode(&sent, Transport::Udp).unwrap();
        let txt = Rdata::Txt(vec![vec![b'x'; 200]; 3]);
        response.answer = vec![Record { owner: name("x.example."), ttl: crate::dns::Ttl::from_wire(5), rdata: txt }];
        let cut = read.write(&response, true);
        assert!(wire::is_truncated(&cut) && cut.len() < 100);
        assert_eq!(wire::decode(&read.write(&response, false), Transport::Tcp).unwrap().answer, response.answer);
        assert_eq!(ReadQuery::read(&read.write(&response, false)), None, "a response is no query");
        for length in 0..sent.len() {
            assert_eq!(ReadQuery::read(&sent[..length]), None);
        }
        assert_eq!(ReadQuery::read(&[0xff; 40]), None);
    }
}
