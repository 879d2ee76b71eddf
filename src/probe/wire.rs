//! DNS messages to octets and back (RFC 1035 §4, RFC 6891, RFC 3597). May not touch a socket.
//!
//! Reading is lenient where leniency loses nothing (trailing octets, unknown or odd records, a damaged OPT option)
//! and strict where a wrong reading would become a wrong statement (lengths, names, data that rules read). The
//! response code is saved even when the body cannot be read. Every loop is bounded by the message, which is bounded
//! by 64 KiB, and no octet sequence makes it panic.
//!
//! Read by hand rather than by a library's whole-message decoder, because there one bad record of a type nobody
//! asked for costs the whole message; the tests hold it against an independent implementation.

use std::net::{Ipv4Addr, Ipv6Addr};

use thiserror::Error;

use crate::dns::{Class, Ds, Name, Rcode, Rdata, Record, RecordType, Serial, Soa, Ttl};
use crate::observation::{Edns, ExtendedError, Query, Response, Transport};

/// The UDP payload size we offer (RFC 9715: never fragmented on common paths).
pub const UDP_PAYLOAD: u16 = 1232;
/// Longest message read or written.
pub const LONGEST: usize = 65_535;

const HEADER: usize = 12;
const OPT: u16 = 41;
const OPTION_NSID: u16 = 3;
const OPTION_EXTENDED_ERROR: u16 = 15;
/// Most extended errors kept of one message.
const MOST_ERRORS: usize = 16;
/// Longest EXTRA-TEXT kept of one extended error, in octets.
const LONGEST_ERROR_TEXT: usize = 1024;
/// Longest server identifier kept, in octets.
const LONGEST_NSID: usize = 512;

/// A message that answers the question but cannot be read whole.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{reason}")]
pub struct MalformedMessage {
    /// The response code of the header, without the OPT record's bits; none when not even the header is there.
    pub rcode: Option<Rcode>,
    /// What is wrong with it.
    pub reason: String,
}

/// Builds the message that asks `query` for the name `asked` (the query's own, or a nonce below it).
///
/// With `edns` it carries an OPT record: payload size 1232, an empty NSID option (RFC 5001), DO as the query says.
/// No client subnet, no cookie. The name goes in lower case.
#[must_use]
pub fn encode(id: u16, asked: &Name, query: &Query, edns: bool) -> Vec<u8> {
    let mut message = Vec::with_capacity(64);
    message.extend(id.to_be_bytes());
    message.push(u8::from(query.rd));
    message.push(u8::from(query.cd) << 4);
    for count in [1, 0, 0, u16::from(edns)] {
        message.extend(count.to_be_bytes());
    }
    for label in asked.labels() {
        // A name's labels are 1 to 63 octets long by construction.
        message.push(u8::try_from(label.len()).unwrap_or(0));
        message.extend(label);
    }
    message.push(0);
    message.extend(query.rtype.0.to_be_bytes());
    message.extend(query.class.0.to_be_bytes());
    if edns {
        message.push(0);
        message.extend(OPT.to_be_bytes());
        message.extend(UDP_PAYLOAD.to_be_bytes());
        message.extend([0, 0]); // upper response code bits, version
        message.extend([u8::from(query.dnssec_ok) << 7, 0]);
        message.extend(4_u16.to_be_bytes());
        message.extend(OPTION_NSID.to_be_bytes());
        message.extend(0_u16.to_be_bytes());
    }
    message
}

/// The octets of the first question (name, type, class) of a message; none when they are cut or compressed.
#[must_use]
pub fn question(message: &[u8]) -> Option<&[u8]> {
    let mut at = HEADER;
    loop {
        match *message.get(at)? {
            0 => break,
            length if length < 64 => at += usize::from(length) + 1,
            _ => return None,
        }
    }
    message.get(HEADER..at + 5)
}

/// Whether `reply` answers the message whose id and question are given: a response with the same id and the same
/// question, ASCII case of the name apart (RFC 4343).
///
/// An error reply may come without a question, as old servers send it; one that says NOERROR or NXDOMAIN may not.
#[must_use]
pub fn answers_question(id: u16, asked: &[u8], reply: &[u8]) -> bool {
    let (Some(head), Some(flags)) = (reply.get(..HEADER), reply.get(2..4)) else { return false };
    // A response (QR) to a standard query: the operation is echoed (RFC 1035 §4.1.1).
    let is_response = flags[0] & 0xf8 == 0x80;
    if !is_response || head[..2] != id.to_be_bytes() {
        return false;
    }
    if head[4..6] == [0, 0] {
        let rcode = Rcode(u16::from(flags[1] & 0x0f));
        return rcode != Rcode::NOERROR && rcode != Rcode::NXDOMAIN;
    }
    let Some(echoed) = reply.get(HEADER..HEADER + asked.len()) else { return false };
    // Type and class are numbers and must not be compared like letters.
    let name_end = asked.len().saturating_sub(4);
    echoed[..name_end].eq_ignore_ascii_case(&asked[..name_end]) && echoed[name_end..] == asked[name_end..]
}

/// Whether `reply` answers the message `sent`.
#[must_use]
pub fn answers(sent: &[u8], reply: &[u8]) -> bool {
    match (id(sent), question(sent)) {
        (Some(id), Some(asked)) => answers_question(id, asked, reply),
        _ => false,
    }
}

/// The id of a message; none when there is no header.
#[must_use]
pub fn id(message: &[u8]) -> Option<u16> {
    Some(u16::from_be_bytes([*message.first()?, *message.get(1)?]))
}

/// Whether the message says that it was cut (TC); readable also where the cut damaged the body.
#[must_use]
pub fn is_truncated(message: &[u8]) -> bool {
    message.get(2).is_some_and(|flags| flags & 0x02 != 0)
}

/// Reads a message.
///
/// # Errors
/// With the response code, when the header could be read and the rest could not.
pub fn decode(message: &[u8], transport: Transport) -> Result<Response, MalformedMessage> {
    let mut reader = Reader { message, at: 0 };
    let header: &[u8; HEADER] =
        reader.octets(HEADER).and_then(|h| h.try_into().map_err(|_| Fault::Cut)).map_err(|_| MalformedMessage {
            rcode: None,
            reason: format!("{} octets are no DNS message", message.len()),
        })?;
    let rcode = Rcode(u16::from(header[3] & 0x0f));
    let body = read_body(&mut reader, header)
        .map_err(|fault| MalformedMessage { rcode: Some(rcode), reason: fault.to_string() })?;
    let upper = body.opt.as_ref().map_or(0, |opt| opt.rcode_upper);
    Ok(Response {
        rcode: Rcode(u16::from(upper) << 4 | rcode.0),
        aa: header[2] & 0x04 != 0,
        tc: header[2] & 0x02 != 0,
        ra: header[3] & 0x80 != 0,
        ad: header[3] & 0x20 != 0,
        answer: body.answer,
        authority: body.authority,
        additional: body.additional,
        edns: body.opt.map(|opt| opt.edns),
        transport,
        size: message.len(),
    })
}

/// What is wrong with the body of a message.
#[derive(Debug, Error)]
enum Fault {
    #[error("the message ends too early")]
    Cut,
    #[error("a name in the message cannot be read")]
    BadName,
    #[error("the data of a {0} record has the wrong length or form")]
    BadRdata(RecordType),
}

struct Body {
    answer: Vec<Record>,
    authority: Vec<Record>,
    additional: Vec<Record>,
    opt: Option<Opt>,
}

#[derive(Default)]
struct Opt {
    rcode_upper: u8,
    edns: Edns,
}

fn read_body(reader: &mut Reader<'_>, header: &[u8; HEADER]) -> Result<Body, Fault> {
    let count = |at: usize| u16::from_be_bytes([header[at], header[at + 1]]);
    for _ in 0..count(4) {
        reader.name()?;
        reader.octets(4)?;
    }
    let mut opt = None;
    let answer = read_section(reader, count(6), &mut opt)?;
    let authority = read_section(reader, count(8), &mut opt)?;
    let additional = read_section(reader, count(10), &mut opt)?;
    Ok(Body { answer, authority, additional, opt })
}

fn read_section(reader: &mut Reader<'_>, count: u16, opt: &mut Option<Opt>) -> Result<Vec<Record>, Fault> {
    // The count is the sender's claim; room is taken as records really come.
    let mut records = Vec::with_capacity(usize::from(count.min(32)));
    for _ in 0..count {
        let owner = reader.name()?;
        let rtype = RecordType(reader.u16()?);
        let class = Class(reader.u16()?);
        let ttl = reader.u32()?;
        let length = usize::from(reader.u16()?);
        if rtype.0 == OPT {
            let options = reader.octets(length)?;
            // More than one OPT is forbidden (RFC 6891 §6.1.1); the first one counts.
            opt.get_or_insert_with(|| read_opt(ttl, options));
            continue;
        }
        let rdata = read_rdata(reader, rtype, class, length)?;
        records.push(Record { owner, ttl: Ttl::from_wire(ttl), rdata });
    }
    Ok(records)
}

fn read_rdata(reader: &mut Reader<'_>, rtype: RecordType, class: Class, length: usize) -> Result<Rdata, Fault> {
    let end = reader.at + length;
    let bad = |_| Fault::BadRdata(rtype);
    let rdata = match rtype {
        // Address data has this form in class IN only (RFC 1035 §3.4.1).
        RecordType::A if class == Class::IN => Rdata::A(Ipv4Addr::from(reader.array::<4>().map_err(bad)?)),
        RecordType::AAAA if class == Class::IN => Rdata::Aaaa(Ipv6Addr::from(reader.array::<16>().map_err(bad)?)),
        RecordType::NS => Rdata::Ns(reader.name().map_err(bad)?),
        RecordType::CNAME => Rdata::Cname(reader.name().map_err(bad)?),
        RecordType::MX => Rdata::Mx(reader.u16().map_err(bad)?, reader.name().map_err(bad)?),
        RecordType::SOA => Rdata::Soa(read_soa(reader).map_err(bad)?),
        RecordType::TXT => Rdata::Txt(read_strings(reader.octets(length)?).ok_or(Fault::BadRdata(rtype))?),
        RecordType::DS => Rdata::Ds(read_ds(reader.octets(length)?).ok_or(Fault::BadRdata(rtype))?),
        _ => Rdata::Other(rtype, reader.octets(length)?.to_vec()),
    };
    if reader.at == end { Ok(rdata) } else { Err(Fault::BadRdata(rtype)) }
}

fn read_soa(reader: &mut Reader<'_>) -> Result<Soa, Fault> {
    Ok(Soa {
        mname: reader.name()?,
        rname: reader.name()?,
        serial: Serial(reader.u32()?),
        refresh: reader.u32()?,
        retry: reader.u32()?,
        expire: reader.u32()?,
        minimum: reader.u32()?,
    })
}

fn read_strings(mut octets: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut strings = Vec::new();
    while let Some((&length, rest)) = octets.split_first() {
        let (string, rest) = rest.split_at_checked(usize::from(length))?;
        strings.push(string.to_vec());
        octets = rest;
    }
    Some(strings)
}

fn read_ds(octets: &[u8]) -> Option<Ds> {
    let ([high, low, algorithm, digest_type], digest) = octets.split_first_chunk::<4>()?;
    Some(Ds {
        key_tag: u16::from_be_bytes([*high, *low]),
        algorithm: *algorithm,
        digest_type: *digest_type,
        digest: digest.to_vec(),
    })
}

/// Reads the options we know; reading stops at the first damaged one.
fn read_opt(ttl: u32, mut options: &[u8]) -> Opt {
    let mut edns = Edns::default();
    while let Some(([c0, c1, l0, l1], rest)) = options.split_first_chunk::<4>() {
        let (code, length) = (u16::from_be_bytes([*c0, *c1]), u16::from_be_bytes([*l0, *l1]));
        let Some((value, rest)) = rest.split_at_checked(usize::from(length)) else { break };
        match code {
            OPTION_NSID => edns.nsid = Some(value[..value.len().min(LONGEST_NSID)].to_vec()),
            OPTION_EXTENDED_ERROR if edns.errors.len() < MOST_ERRORS => {
                if let Some(([high, low], text)) = value.split_first_chunk::<2>() {
                    let text = String::from_utf8_lossy(&text[..text.len().min(LONGEST_ERROR_TEXT)]);
                    let text = text.trim_end_matches('\0').to_owned(); // may be null-terminated (RFC 8914 §2)
                    edns.errors.push(ExtendedError { code: u16::from_be_bytes([*high, *low]), text });
                }
            }
            _ => {}
        }
        options = rest;
    }
    Opt { rcode_upper: ttl.to_be_bytes()[0], edns }
}

/// Reads forward through a message, following compression pointers only backward.
struct Reader<'a> {
    message: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn octets(&mut self, count: usize) -> Result<&'a [u8], Fault> {
        let taken = self.message.get(self.at..self.at + count).ok_or(Fault::Cut)?;
        self.at += count;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        self.octets(N)?.try_into().map_err(|_| Fault::Cut)
    }

    fn u16(&mut self) -> Result<u16, Fault> {
        Ok(u16::from_be_bytes(self.array()?))
    }

    fn u32(&mut self) -> Result<u32, Fault> {
        Ok(u32::from_be_bytes(self.array()?))
    }

    /// A name, compressed or not (RFC 1035 §4.1.4). A pointer must lead before the place where the part that holds it
    /// began, so every step goes strictly backward and loops cannot be.
    fn name(&mut self) -> Result<Name, Fault> {
        let mut labels: Vec<&[u8]> = Vec::with_capacity(8);
        let (mut at, mut part_start, mut end, mut total) = (self.at, self.at, None, 1);
        loop {
            let length = *self.message.get(at).ok_or(Fault::Cut)?;
            match length {
                0 => break,
                1..=63 => {
                    let label = self.message.get(at + 1..at + 1 + usize::from(length)).ok_or(Fault::Cut)?;
                    total += label.len() + 1;
                    if total > 255 {
                        return Err(Fault::BadName);
                    }
                    labels.push(label);
                    at += usize::from(length) + 1;
                }
                192.. => {
                    let low = *self.message.get(at + 1).ok_or(Fault::Cut)?;
                    end.get_or_insert(at + 2);
                    at = usize::from(u16::from_be_bytes([length & 0x3f, low]));
                    if at >= part_start {
                        return Err(Fault::BadName);
                    }
                    part_start = at;
                }
                _ => return Err(Fault::BadName),
            }
        }
        self.at = end.unwrap_or(at + 1);
        Name::from_labels(labels).map_err(|_| Fault::BadName)
    }
}

#[cfg(test)]
mod tests;
