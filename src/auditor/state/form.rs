//! How facts are written in a line of the state file. Structures of its own, so that the inner types may change; an unknown form is
//! a line that cannot be read, and is asked for again.

use std::net::{IpAddr, SocketAddr};

use serde::{Deserialize, Serialize};

use super::Kept;
use crate::audit::{DnsFacts, HostSaid, ParentSaid, ParentWord, ServerSaid, ServerWord, SignerMatch};
use crate::dns::{Ds, Name, NsSet};
use crate::registration::{Answer, Contact, Dates, Hearing, Moment, Outcome, Registrar, Registration, Source, Status};
use crate::time::Timestamp;

/// The version of the form.
const FORMAT: &str = "unpark.audit-state/1";

/// The first line.
#[derive(Serialize, Deserialize)]
pub(super) struct Header {
    format: String,
}

impl Header {
    pub(super) fn octets() -> Vec<u8> {
        line(&Self { format: FORMAT.to_owned() })
    }

    pub(super) fn read(octets: &[u8]) -> Result<(), String> {
        match serde_json::from_slice::<Self>(octets) {
            Ok(header) if header.format == FORMAT => Ok(()),
            Ok(header) => Err(format!("its format is {}", crate::dns::shown::text(&header.format))),
            Err(_) => Err("its first line is not that of one".to_owned()),
        }
    }

    /// Whether the octets are the beginning of a first line.
    pub(super) fn begins(octets: &[u8]) -> bool {
        Self::octets().starts_with(octets)
    }
}

/// Any other line.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Line {
    Zone(Box<ZoneLine>),
    Registration(Box<RegistrationLine>),
}

#[derive(Serialize, Deserialize)]
pub(super) struct ZoneLine {
    zone: String,
    heard: i64,
    packets: u32,
    parent: Option<String>,
    parents: Vec<(SocketAddr, Word)>,
    signers: Option<Vec<(u16, u8)>>,
    servers: Vec<(String, SocketAddr, Word)>,
    without_address: Vec<(String, String)>,
    keys: Option<Vec<(u16, u8)>>,
    /// Not there in the states of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    chain: Option<Chain>,
    mail: Option<Vec<String>>,
    hosts: Vec<HostLine>,
    failure: Option<String>,
}

/// What the DS records amount to.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Chain {
    Named,
    Unnamed,
    DigestDiffers,
    Unknown,
}

impl Chain {
    const fn of(found: SignerMatch) -> Self {
        match found {
            SignerMatch::Named => Self::Named,
            SignerMatch::Unnamed => Self::Unnamed,
            SignerMatch::DigestDiffers => Self::DigestDiffers,
            SignerMatch::Unknown => Self::Unknown,
        }
    }

    const fn told(self) -> SignerMatch {
        match self {
            Self::Named => SignerMatch::Named,
            Self::Unnamed => SignerMatch::Unnamed,
            Self::DigestDiffers => SignerMatch::DigestDiffers,
            Self::Unknown => SignerMatch::Unknown,
        }
    }
}

#[derive(Serialize, Deserialize)]
struct HostLine {
    name: String,
    aliases: Vec<String>,
    addresses: Vec<IpAddr>,
    answered: bool,
}

/// What a server of either kind said.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Word {
    Ns(Vec<String>),
    Denies,
    Fails(String),
    Silent,
    NotSent(String),
}

#[derive(Serialize, Deserialize)]
pub(super) struct RegistrationLine {
    domain: String,
    heard: i64,
    whole: bool,
    answers: Vec<AnswerLine>,
    notes: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct AnswerLine {
    source: String,
    server: String,
    domain: String,
    heard: i64,
    outcome: OutcomeLine,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum OutcomeLine {
    Found(Box<Found>),
    NotFound,
    Limited(Option<i64>),
    Unreadable(String),
    NoAnswer(String),
    NotSent(String),
}

#[derive(Serialize, Deserialize)]
struct Found {
    domain: Option<String>,
    handle: Option<String>,
    /// Name, number, e-mail, telephone, pages.
    registrar: [Option<String>; 5],
    statuses: Vec<String>,
    /// Registered, expires, registrar's expiry, changed, transferred, database: as written, and when.
    dates: [Option<(String, Option<i64>)>; 6],
    ns: Option<Vec<String>>,
    signed: Option<bool>,
    ds: Vec<(u16, u8, u8, Vec<u8>)>,
    related: Vec<String>,
}

fn line(value: &impl Serialize) -> Vec<u8> {
    let mut octets = serde_json::to_vec(value).expect("every key is text and every number whole, so nothing can fail");
    octets.push(b'\n');
    octets
}

fn text(name: &Name) -> String {
    name.to_string()
}

fn name(text: &str) -> Option<Name> {
    text.parse().ok()
}

fn names(texts: &[String]) -> Option<Vec<Name>> {
    texts.iter().map(|text| name(text)).collect()
}

fn texts<'a>(names: impl IntoIterator<Item = &'a Name>) -> Vec<String> {
    names.into_iter().map(text).collect()
}

impl Line {
    pub(super) fn of_zone(zone: &Name, facts: &DnsFacts) -> Self {
        let parents = facts.parents.iter().map(|parent| {
            let word = match &parent.said {
                ParentWord::Delegates(set) => Word::Ns(texts(set)),
                ParentWord::Denies => Word::Denies,
                ParentWord::Fails(how) => Word::Fails(how.clone()),
                ParentWord::Silent => Word::Silent,
                ParentWord::NotSent(why) => Word::NotSent(why.clone()),
            };
            (parent.address, word)
        });
        let servers = facts.servers.iter().map(|server| {
            let word = match &server.said {
                ServerWord::Authority(set) => Word::Ns(texts(set)),
                ServerWord::NoAuthority(how) => Word::Fails(how.clone()),
                ServerWord::Silent => Word::Silent,
                ServerWord::NotSent(why) => Word::NotSent(why.clone()),
            };
            (text(&server.name), server.address, word)
        });
        Self::Zone(Box::new(ZoneLine {
            zone: text(zone),
            heard: facts.heard.as_micros(),
            packets: facts.packets,
            parent: facts.parent.as_ref().map(text),
            parents: parents.collect(),
            signers: facts.signers.clone(),
            servers: servers.collect(),
            without_address: facts.without_address.iter().map(|(name, why)| (text(name), why.clone())).collect(),
            keys: facts.keys.clone(),
            chain: facts.chain.map(Chain::of),
            mail: facts.mail.as_ref().map(texts),
            hosts: facts
                .hosts
                .iter()
                .map(|host| HostLine {
                    name: text(&host.name),
                    aliases: texts(&host.aliases),
                    addresses: host.addresses.clone(),
                    answered: host.answered,
                })
                .collect(),
            failure: facts.failure.clone(),
        }))
    }

    pub(super) fn of_registration(domain: &Name, hearing: &Hearing, whole: bool) -> Self {
        let heard = hearing.answers.iter().map(|answer| answer.heard.as_micros()).min();
        Self::Registration(Box::new(RegistrationLine {
            domain: text(domain),
            heard: heard.unwrap_or_default(),
            whole,
            answers: hearing.answers.iter().map(AnswerLine::of).collect(),
            notes: hearing.notes.clone(),
        }))
    }

    pub(super) fn to_octets(&self) -> Vec<u8> {
        line(self)
    }

    pub(super) fn read(octets: &[u8]) -> Option<Self> {
        let line: Self = serde_json::from_slice(octets).ok()?;
        // What does not turn into facts is no line of ours.
        let readable = match &line {
            Self::Zone(zone) => zone.facts().is_some(),
            Self::Registration(registration) => registration.hearing().is_some(),
        };
        readable.then_some(line)
    }

    /// When it was heard, the earliest part of it.
    pub(super) const fn heard(&self) -> Timestamp {
        Timestamp::from_micros(match self {
            Self::Zone(zone) => zone.heard,
            Self::Registration(registration) => registration.heard,
        })
    }

    pub(super) fn into_kept(self, kept: &mut Kept) {
        match self {
            Self::Zone(zone) => {
                if let Some((name, told)) = zone.facts() {
                    kept.facts.dns.insert(name, told);
                }
            }
            Self::Registration(registration) => {
                let Some(hearing) = registration.hearing() else { return };
                let domain = hearing.zone.clone();
                if registration.whole {
                    kept.halves.remove(&domain);
                    kept.facts.registrations.insert(domain, hearing);
                } else {
                    kept.facts.registrations.remove(&domain);
                    kept.halves.insert(domain, hearing);
                }
            }
        }
    }
}

impl ZoneLine {
    fn facts(&self) -> Option<(Name, DnsFacts)> {
        let set = |texts: &[String]| names(texts).map(|names| names.into_iter().collect::<NsSet>());
        let parents = self.parents.iter().map(|(address, word)| {
            let said = match word {
                Word::Ns(texts) => ParentWord::Delegates(set(texts)?),
                Word::Denies => ParentWord::Denies,
                Word::Fails(how) => ParentWord::Fails(how.clone()),
                Word::Silent => ParentWord::Silent,
                Word::NotSent(why) => ParentWord::NotSent(why.clone()),
            };
            Some(ParentSaid { address: *address, said })
        });
        let servers = self.servers.iter().map(|(server, address, word)| {
            let said = match word {
                Word::Ns(texts) => ServerWord::Authority(set(texts)?),
                Word::Fails(how) => ServerWord::NoAuthority(how.clone()),
                Word::Silent => ServerWord::Silent,
                Word::NotSent(why) => ServerWord::NotSent(why.clone()),
                Word::Denies => return None,
            };
            Some(ServerSaid { name: name(server)?, address: *address, said })
        });
        let hosts = self.hosts.iter().map(|host| {
            Some(HostSaid {
                name: name(&host.name)?,
                aliases: names(&host.aliases)?,
                addresses: host.addresses.clone(),
                answered: host.answered,
            })
        });
        let mail = match &self.mail {
            Some(texts) => Some(names(texts)?),
            None => None,
        };
        let parent = match &self.parent {
            Some(text) => Some(name(text)?),
            None => None,
        };
        let facts = DnsFacts {
            heard: Timestamp::from_micros(self.heard),
            packets: self.packets,
            parent,
            parents: parents.collect::<Option<_>>()?,
            signers: self.signers.clone(),
            servers: servers.collect::<Option<_>>()?,
            without_address: self
                .without_address
                .iter()
                .map(|(n, why)| Some((name(n)?, why.clone())))
                .collect::<Option<_>>()?,
            keys: self.keys.clone(),
            chain: self.chain.map(Chain::told),
            mail,
            hosts: hosts.collect::<Option<_>>()?,
            failure: self.failure.clone(),
        };
        Some((name(&self.zone)?, facts))
    }
}

impl RegistrationLine {
    fn hearing(&self) -> Option<Hearing> {
        Some(Hearing {
            zone: name(&self.domain)?,
            answers: self.answers.iter().map(AnswerLine::answer).collect::<Option<_>>()?,
            notes: self.notes.clone(),
        })
    }
}

impl AnswerLine {
    fn of(answer: &Answer) -> Self {
        let outcome = match &answer.outcome {
            Outcome::Found(registration) => OutcomeLine::Found(Box::new(Found::of(registration))),
            Outcome::NotFound => OutcomeLine::NotFound,
            Outcome::Limited { until } => OutcomeLine::Limited(until.map(Timestamp::as_micros)),
            Outcome::Unreadable { reason } => OutcomeLine::Unreadable(reason.clone()),
            Outcome::NoAnswer { reason } => OutcomeLine::NoAnswer(reason.clone()),
            Outcome::NotSent { reason } => OutcomeLine::NotSent(reason.clone()),
        };
        Self {
            source: answer.source.word().to_owned(),
            server: answer.server.clone(),
            domain: text(&answer.domain),
            heard: answer.heard.as_micros(),
            outcome,
        }
    }

    fn answer(&self) -> Option<Answer> {
        let sources = [Source::RegistryRdap, Source::RegistrarRdap, Source::Whois];
        let outcome = match &self.outcome {
            OutcomeLine::Found(found) => Outcome::Found(Box::new(found.registration()?)),
            OutcomeLine::NotFound => Outcome::NotFound,
            OutcomeLine::Limited(until) => Outcome::Limited { until: until.map(Timestamp::from_micros) },
            OutcomeLine::Unreadable(reason) => Outcome::Unreadable { reason: reason.clone() },
            OutcomeLine::NoAnswer(reason) => Outcome::NoAnswer { reason: reason.clone() },
            OutcomeLine::NotSent(reason) => Outcome::NotSent { reason: reason.clone() },
        };
        Some(Answer {
            source: sources.into_iter().find(|source| source.word() == self.source)?,
            server: self.server.clone(),
            domain: name(&self.domain)?,
            heard: Timestamp::from_micros(self.heard),
            outcome,
            raw: String::new(),
        })
    }
}

impl Found {
    fn of(read: &Registration) -> Self {
        let who = read.registrar.clone();
        let dates = &read.dates;
        let date =
            |moment: &Option<Moment>| moment.as_ref().map(|m| (m.written.clone(), m.at.map(Timestamp::as_micros)));
        Self {
            domain: read.domain.as_ref().map(text),
            handle: read.handle.clone(),
            registrar: [who.name, who.iana_id, who.abuse.email, who.abuse.phone, who.url],
            statuses: read.statuses.iter().map(|status| status.word().to_owned()).collect(),
            dates: [
                date(&dates.registered),
                date(&dates.expires),
                date(&dates.registrar_expires),
                date(&dates.changed),
                date(&dates.transferred),
                date(&dates.database),
            ],
            ns: read.name_servers.as_ref().map(texts),
            signed: read.signed,
            ds: read.ds.iter().map(|ds| (ds.key_tag, ds.algorithm, ds.digest_type, ds.digest.clone())).collect(),
            related: read.related.clone(),
        }
    }

    fn registration(&self) -> Option<Registration> {
        let [name_of, iana_id, email, phone, url] = self.registrar.clone();
        let [registered, expires, registrar_expires, changed, transferred, database] = self
            .dates
            .clone()
            .map(|date| date.map(|(written, at)| Moment { written, at: at.map(Timestamp::from_micros) }));
        let domain = match &self.domain {
            Some(text) => Some(name(text)?),
            None => None,
        };
        let name_servers = match &self.ns {
            Some(texts) => Some(names(texts)?.into_iter().collect()),
            None => None,
        };
        let ds = |(key_tag, algorithm, digest_type, digest): &(u16, u8, u8, Vec<u8>)| Ds {
            key_tag: *key_tag,
            algorithm: *algorithm,
            digest_type: *digest_type,
            digest: digest.clone(),
        };
        Some(Registration {
            domain,
            handle: self.handle.clone(),
            registrar: Registrar { name: name_of, iana_id, abuse: Contact { email, phone }, url },
            statuses: self.statuses.iter().filter_map(|text| Status::read(text)).collect(),
            dates: Dates { registered, expires, registrar_expires, changed, transferred, database },
            name_servers,
            signed: self.signed,
            ds: self.ds.iter().map(ds).collect(),
            related: self.related.clone(),
        })
    }
}
