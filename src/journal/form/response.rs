//! A response without what changes from one telling to the next: its TTLs, and the name that was asked.
//!
//! The same answer is heard a thousand times with other TTLs and under other nonces. It is written once; each later
//! observation refers back to it.

use std::net::{Ipv4Addr, Ipv6Addr};

use serde::{Deserialize, Serialize};

use super::text;
use super::text::{Octets, list_form, octets};
use super::{TransportForm, is_off};
use crate::dns::{Ds, Name, Rcode, Rdata, Record, RecordType, Serial, Soa, Ttl};
use crate::observation::{Edns, ExtendedError, Response, Transport};

/// Stands for the name asked, where that is a record's owner. A name that is a single at sign is written `\@.`.
const ASKED: &str = "@";
/// The most records of a response that is referred to: more than any delegation with its glue has.
const MOST_RECORDS: usize = 64;
/// The most octets of data, names aside, of a response that is referred to.
const LARGEST: usize = 8 << 10;

/// A response, as it is defined where it is first heard.
#[derive(Serialize, Deserialize)]
pub struct ResponseForm {
    #[serde(with = "text")]
    rcode: Rcode,
    #[serde(default, skip_serializing_if = "is_off")]
    aa: bool,
    #[serde(default, skip_serializing_if = "is_off")]
    tc: bool,
    #[serde(default, skip_serializing_if = "is_off")]
    ra: bool,
    #[serde(default, skip_serializing_if = "is_off")]
    ad: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    answer: Vec<RecordForm>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    authority: Vec<RecordForm>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    additional: Vec<RecordForm>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    edns: Option<EdnsForm>,
    #[serde(rename = "via", with = "TransportForm")]
    transport: Transport,
    size: usize,
}

/// Owner and data. The TTL stands with each telling.
#[derive(Serialize, Deserialize)]
struct RecordForm(String, #[serde(with = "RdataForm")] Rdata);

#[derive(Serialize, Deserialize)]
#[serde(remote = "Rdata", rename_all = "UPPERCASE")]
enum RdataForm {
    A(Ipv4Addr),
    Aaaa(Ipv6Addr),
    Ns(#[serde(with = "text")] Name),
    Cname(#[serde(with = "text")] Name),
    Soa(#[serde(with = "SoaForm")] Soa),
    Mx(u16, #[serde(with = "text")] Name),
    Txt(#[serde(with = "strings")] Vec<Vec<u8>>),
    Ds(#[serde(with = "DsForm")] Ds),
    Other(#[serde(with = "text")] RecordType, #[serde(with = "octets")] Vec<u8>),
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Soa")]
struct SoaForm {
    #[serde(with = "text")]
    mname: Name,
    #[serde(with = "text")]
    rname: Name,
    #[serde(with = "SerialForm")]
    serial: Serial,
    refresh: u32,
    retry: u32,
    expire: u32,
    minimum: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Serial")]
struct SerialForm(u32);

#[derive(Serialize, Deserialize)]
#[serde(remote = "Ds")]
struct DsForm {
    key_tag: u16,
    algorithm: u8,
    digest_type: u8,
    #[serde(with = "octets")]
    digest: Vec<u8>,
}

list_form!(ds_list, crate::dns::Ds, "super::DsForm");

/// The strings of a TXT record.
mod strings {
    use super::{Deserialize, Octets};

    #[expect(clippy::ptr_arg, reason = "serde asks for the field's type")]
    pub fn serialize<S: serde::Serializer>(all: &Vec<Vec<u8>>, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(all.iter().map(|string| Octets::from(string.as_slice())))
    }

    pub fn deserialize<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Vec<Vec<u8>>, D::Error> {
        let forms = Vec::<Octets>::deserialize(from)?;
        forms.into_iter().map(|form| form.try_into().map_err(serde::de::Error::custom)).collect()
    }
}

#[derive(Serialize, Deserialize)]
struct EdnsForm {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    nsid: Option<Octets>,
    /// Code and text of each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    ede: Vec<(u16, String)>,
}

impl ResponseForm {
    /// The response, told of `asked`, without its TTLs.
    pub fn new(response: &Response, asked: &Name) -> Self {
        let Response { rcode, aa, tc, ra, ad, answer, authority, additional, edns, transport, size } = response;
        let section = |records: &[Record]| records.iter().map(|record| RecordForm::new(record, asked)).collect();
        Self {
            rcode: *rcode,
            aa: *aa,
            tc: *tc,
            ra: *ra,
            ad: *ad,
            answer: section(answer),
            authority: section(authority),
            additional: section(additional),
            edns: edns.as_ref().map(|Edns { nsid, errors }| EdnsForm {
                nsid: nsid.as_deref().map(Octets::from),
                ede: errors.iter().map(|ExtendedError { code, text }| (*code, text.clone())).collect(),
            }),
            transport: *transport,
            size: *size,
        }
    }
}

impl RecordForm {
    fn new(record: &Record, asked: &Name) -> Self {
        let owner = if record.owner == *asked { ASKED.to_owned() } else { record.owner.to_string() };
        Self(owner, record.rdata.clone())
    }
}

/// What a definition says, ready to be told again.
#[derive(Debug)]
pub struct Template {
    /// All TTLs are zero.
    response: Response,
    /// Which records belong to the name asked, over all sections in their order.
    of_asked: Vec<bool>,
}

impl TryFrom<ResponseForm> for Template {
    type Error = String;

    fn try_from(form: ResponseForm) -> Result<Self, String> {
        let mut of_asked = Vec::new();
        let mut section = |records: Vec<RecordForm>| {
            records
                .into_iter()
                .map(|RecordForm(owner, rdata)| {
                    of_asked.push(owner == ASKED);
                    let owner = if owner == ASKED { Ok(Name::root()) } else { owner.parse() };
                    let owner = owner.map_err(|e| format!("the owner of a record: {e}"))?;
                    Ok(Record { owner, ttl: Ttl::from_wire(0), rdata })
                })
                .collect::<Result<Vec<_>, String>>()
        };
        let (answer, authority, additional) =
            (section(form.answer)?, section(form.authority)?, section(form.additional)?);
        let edns = form.edns.map(|edns| {
            let nsid = edns.nsid.map(Vec::try_from).transpose()?;
            let errors = edns.ede.into_iter().map(|(code, text)| ExtendedError { code, text }).collect();
            Ok::<_, String>(Edns { nsid, errors })
        });
        let response = Response {
            rcode: form.rcode,
            aa: form.aa,
            tc: form.tc,
            ra: form.ra,
            ad: form.ad,
            answer,
            authority,
            additional,
            edns: edns.transpose()?,
            transport: form.transport,
            size: form.size,
        };
        Ok(Self { response, of_asked })
    }
}

impl Template {
    /// Whether it is small enough to be told again and again.
    pub fn is_small(&self) -> bool {
        is_small(&self.response)
    }

    /// The response as it was heard when `asked` was asked, with these TTLs for its records; the last one counts for the
    /// rest of them.
    ///
    /// # Errors
    /// There are more TTLs than records, or none for records that need some.
    pub fn tell(&self, asked: &Name, ttls: &[u32]) -> Result<Response, String> {
        if ttls.len() > self.of_asked.len() || (ttls.is_empty() && !self.of_asked.is_empty()) {
            return Err(format!("{} TTLs for {} records", ttls.len(), self.of_asked.len()));
        }
        let mut response = self.response.clone();
        let sections = [&mut response.answer, &mut response.authority, &mut response.additional];
        let mut ttls = ttls.iter();
        let mut ttl = Ttl::from_wire(0);
        for (record, of_asked) in sections.into_iter().flatten().zip(&self.of_asked) {
            ttl = ttls.next().map_or(ttl, |seconds| Ttl::from_wire(*seconds));
            record.ttl = ttl;
            if *of_asked {
                record.owner = asked.clone();
            }
        }
        Ok(response)
    }
}

/// The TTLs of all records in order, without the repeats at the end.
pub fn ttls(response: &Response) -> Vec<u32> {
    let records = response.answer.iter().chain(&response.authority).chain(&response.additional);
    let mut ttls: Vec<u32> = records.map(|record| record.ttl.as_secs()).collect();
    while ttls.len() > 1 && ttls[ttls.len() - 1] == ttls[ttls.len() - 2] {
        ttls.pop();
    }
    ttls
}

/// Whether a response is small enough to be referred to: a short line must not stand for much memory.
pub fn is_small(response: &Response) -> bool {
    let Response { answer, authority, additional, edns, .. } = response;
    let data = answer.iter().chain(authority).chain(additional).map(|record| match &record.rdata {
        Rdata::Txt(strings) => strings.iter().map(|s| s.len() + size_of::<Vec<u8>>()).sum(),
        Rdata::Ds(ds) => ds.digest.len(),
        Rdata::Other(_, octets) => octets.len(),
        _ => 0,
    });
    let errors = edns.iter().flat_map(|e| e.errors.iter().map(|e| e.text.len() + size_of::<ExtendedError>()));
    let nsid = edns.iter().flat_map(|e| e.nsid.iter().map(Vec::len));
    let records = answer.len() + authority.len() + additional.len();
    records <= MOST_RECORDS && data.chain(errors).chain(nsid).sum::<usize>() <= LARGEST
}
