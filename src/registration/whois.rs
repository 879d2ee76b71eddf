//! Reads the text of a WHOIS answer (RFC 3912). There is no form, only habits: `Label: value`, a heading with lines below it,
//! `[Label] value`. Known labels are read; a date or status of unknown form is kept as text.

use crate::dns::{Ds, Name, NsSet, shown};

use super::date::{Moment, read_moment};
use super::fields::Registration;
use super::rdap::{MOST_ITEMS, read_hex};
use super::status::Status;

/// Most lines looked at.
const MOST_LINES: usize = 5_000;
/// Longest line looked at, in octets: longer ones hold no field.
const LONGEST_LINE: usize = 1_000;
/// Longest label, in octets: what is longer before a colon is prose.
const LONGEST_LABEL: usize = 48;

/// What a WHOIS answer comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WhoisAnswer {
    /// A description of the registration.
    Found(Box<Registration>),
    /// There is no such registration.
    NotFound,
    /// Too many questions.
    Limited,
    /// Anything else, in words.
    Unreadable {
        /// Why.
        reason: String,
    },
}

/// Where another WHOIS server is said to know more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Referral {
    /// Its name, or an address in text.
    pub host: String,
    /// Its port, where one is named.
    pub port: Option<u16>,
}

/// Phrases of servers that have no such registration.
const NOT_FOUND: &[&str] = &[
    "no match",
    "not found",
    "no entries found",
    "no data found",
    "no matching record",
    "nothing found",
    "not registered",
    "no object found",
    "object does not exist",
    "domain unknown",
    "has not been registered",
    "no such domain",
    "status: available",
    "status: free",
    "is available for registration",
    "domain not exist",
];
/// Phrases of servers that were asked too often.
const LIMITED: &[&str] = &[
    "quota exceeded",
    "limit exceeded",
    "exceeded the maximum",
    "exceeded your",
    "too many",
    "rate limit",
    "query rate",
    "try again later",
    "access denied",
    "excessive querying",
    "queries per",
];

/// What a label stands for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Field {
    Domain,
    NameServer,
    Status,
    Hold,
    Expires,
    RegistrarExpires,
    Registered,
    Changed,
    Registrar,
    RegistrarId,
    RegistrarUrl,
    AbuseEmail,
    AbusePhone,
    Signed,
    Ds,
}

fn field(label: &str) -> Option<Field> {
    Some(match label {
        "domain" | "domain name" => Field::Domain,
        "name server"
        | "name servers"
        | "nameserver"
        | "nameservers"
        | "nserver"
        | "nservers"
        | "hostname"
        | "host name"
        | "dns"
        | "domain nameservers"
        | "domain servers in listed order"
        | "domain servers"
        | "p name server" => Field::NameServer,
        "status" | "domain status" | "state" | "registration status" | "eppstatus" | "epp status" => Field::Status,
        "hold" => Field::Hold,
        "registry expiry date"
        | "expiry date"
        | "expiration date"
        | "expires"
        | "expire"
        | "expires on"
        | "paid till"
        | "renewal date"
        | "valid until"
        | "validity"
        | "expire date"
        | "expiration time"
        | "expiry"
        | "expires at"
        | "domain expires"
        | "expiration"
        | "exp date"
        | "domain expiration date"
        | "record expires on"
        | "registered until" => Field::Expires,
        "registrar registration expiration date" | "registrar expiration date" => Field::RegistrarExpires,
        "creation date" | "created" | "created on" | "registered" | "registered on" | "registration date"
        | "registration time" | "registered date" | "domain registered" | "record created" | "created date" => {
            Field::Registered
        }
        "updated date" | "changed" | "last updated" | "last modified" | "last update" | "modified"
        | "last updated on" | "last updated date" | "update date" | "modification date" | "updated" => Field::Changed,
        "registrar"
        | "registrar name"
        | "sponsoring registrar"
        | "registrar organization"
        | "authorized agency"
        | "registrar handle" => Field::Registrar,
        "registrar iana id" => Field::RegistrarId,
        "registrar url" | "registrar website" | "registrar web" => Field::RegistrarUrl,
        "registrar abuse contact email" | "registrar abuse email" | "registrar email" => Field::AbuseEmail,
        "registrar abuse contact phone" | "registrar abuse phone" | "registrar phone" => Field::AbusePhone,
        "dnssec" | "signing key" => Field::Signed,
        "dnssec ds data" | "ds rdata" | "ds data" | "ds record" | "ds" => Field::Ds,
        _ => return None,
    })
}

/// Reads the answer to a question about `domain`.
#[must_use]
pub fn read_whois(text: &str, domain: &Name) -> WhoisAnswer {
    let mut read = Registration::default();
    let mut servers: Vec<Name> = Vec::new();
    for (field, value) in fields(text) {
        note(&mut read, &mut servers, field, value);
    }
    if !servers.is_empty() {
        read.name_servers = Some(servers.into_iter().collect::<NsSet>());
    }
    let dated =
        read.dates.expires.is_some() || read.dates.registered.is_some() || read.dates.registrar_expires.is_some();
    if dated || read.name_servers.is_some() || !read.registrar.is_empty() {
        // An answer about another object, such as the top-level domain's, says nothing of this one.
        return match &read.domain {
            Some(other) if other != domain => {
                WhoisAnswer::Unreadable { reason: format!("it describes {}", other.without_dot()) }
            }
            _ => WhoisAnswer::Found(Box::new(read)),
        };
    }
    let says = |phrases: &[&str]| {
        let lines = text.lines().take(MOST_LINES).filter(|line| line.len() <= 200);
        lines.map(squeeze).any(|line| phrases.iter().any(|phrase| line.contains(phrase)))
    };
    match () {
        () if text.trim().is_empty() => WhoisAnswer::Unreadable { reason: "it is empty".to_owned() },
        () if says(LIMITED) => WhoisAnswer::Limited,
        () if says(NOT_FOUND) => WhoisAnswer::NotFound,
        () if !read.statuses.is_empty() && read.domain.as_ref() == Some(domain) => WhoisAnswer::Found(Box::new(read)),
        () => WhoisAnswer::Unreadable { reason: "it has no field that is known".to_owned() },
    }
}

/// The line `refer:` or `whois:` of an answer, if it names a server (IANA's form).
#[must_use]
pub fn read_referral(text: &str) -> Option<Referral> {
    let lines = text.lines().take(MOST_LINES).filter(|line| line.len() <= LONGEST_LINE);
    lines.filter_map(|line| line.split_once(':')).find_map(|(label, value)| {
        let wanted = matches!(label.trim().to_ascii_lowercase().as_str(), "refer" | "whois");
        wanted.then(|| host_and_port(value.trim())).flatten()
    })
}

fn host_and_port(text: &str) -> Option<Referral> {
    let text = text.strip_prefix("whois://").unwrap_or(text).trim_end_matches('/');
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) => (host, Some(port.parse().ok().filter(|port| *port != 0)?)),
        None => (text, None),
    };
    let named = Name::from_user(host).ok().filter(|name| !name.is_root());
    named.map(|name| Referral { host: name.without_dot(), port })
}

/// Lower case, runs of white space as one space.
fn squeeze(line: &str) -> String {
    line.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// A label: lower case, words of letters and digits with one space between them.
fn fold(label: &str) -> String {
    let words = label.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ").to_lowercase()
}

/// The fields of a text with their values, in order.
fn fields(text: &str) -> Vec<(Field, &str)> {
    let mut found = Vec::new();
    let mut heading: Option<String> = None;
    for line in text.lines().take(MOST_LINES) {
        let bare = line.trim();
        if bare.is_empty() {
            heading = None;
            continue;
        }
        if line.len() > LONGEST_LINE || bare.starts_with(['%', '#']) || bare.starts_with(">>>") {
            continue;
        }
        if let Some((label, value)) = bracketed(bare) {
            heading = None;
            found.extend(field(&fold(label)).map(|field| (field, value)));
            continue;
        }
        let under = heading.as_deref().and_then(field);
        // Below a heading such as "Name servers:" a line is a value, even with an IPv6 address in it.
        if under == Some(Field::NameServer) && server(bare).is_some() && !labelled_server(bare) {
            found.push((Field::NameServer, bare));
            continue;
        }
        match bare.split_once(':').filter(|(label, _)| label.len() <= LONGEST_LABEL) {
            Some((label, value)) if value.trim().is_empty() => heading = Some(fold(label)),
            Some((label, value)) => {
                let label = fold(label);
                let indented = line.starts_with([' ', '\t']);
                let nested = heading.as_ref().filter(|_| indented).and_then(|h| field(&format!("{h} {label}")));
                // A bare "name" or "email" below another heading belongs to somebody else.
                found.extend(nested.or_else(|| field(&label)).map(|field| (field, value.trim())));
            }
            None => match under {
                Some(field) => found.push((field, bare)),
                // A heading without its colon.
                None => heading = Some(fold(bare)).filter(|label| field(label).is_some()),
            },
        }
    }
    found
}

/// Whether a line is a label with a server rather than a server with an address.
fn labelled_server(line: &str) -> bool {
    line.split_once(':').is_some_and(|(label, _)| field(&fold(label)).is_some())
}

/// `[Name Server] ns1.example`, `p. [Name Server] ns1.example`: the form of Japan.
fn bracketed(line: &str) -> Option<(&str, &str)> {
    let at = line.find('[').filter(|at| *at <= 3)?;
    let (label, value) = line.get(at + 1..)?.split_once(']')?;
    (label.len() <= LONGEST_LABEL && !value.trim().is_empty()).then(|| (label, value.trim()))
}

/// The name at the front of a value.
fn server(value: &str) -> Option<Name> {
    let word = value.split([' ', '\t', ',', '(', '[', ';']).next()?;
    Name::from_user(word).ok().filter(|name| name.label_count() >= 2 && word.parse::<std::net::IpAddr>().is_err())
}

fn note(read: &mut Registration, servers: &mut Vec<Name>, field: Field, value: &str) {
    let text = || Some(shown::text(value)).filter(|text| !text.is_empty());
    let first = |slot: &mut Option<Moment>| {
        if slot.as_ref().is_none_or(|known| known.at.is_none()) {
            *slot = read_moment(value).filter(|new| slot.is_none() || new.at.is_some()).or(slot.take());
        }
    };
    match field {
        Field::Domain => {
            let name = value.split_whitespace().next().and_then(|word| Name::from_user(word).ok());
            read.domain = read.domain.take().or(name);
        }
        Field::NameServer => {
            for part in value.split(',').take(MOST_ITEMS) {
                if let Some(name) = server(part.trim()).filter(|_| servers.len() < MOST_ITEMS) {
                    servers.push(name);
                }
            }
        }
        Field::Status => {
            let parts = value.split([',', '/']).map(str::trim);
            // A link has slashes of its own.
            let whole = value.contains("http");
            let parts: Vec<&str> = if whole { vec![value] } else { parts.take(MOST_ITEMS).collect() };
            for status in parts.into_iter().filter_map(Status::read) {
                read.note_status(status);
            }
        }
        Field::Hold if matches!(value.to_ascii_lowercase().as_str(), "yes" | "true" | "1") => {
            read.note_status(Status::ServerHold);
        }
        Field::Hold => {}
        Field::Expires => first(&mut read.dates.expires),
        Field::RegistrarExpires => first(&mut read.dates.registrar_expires),
        Field::Registered => first(&mut read.dates.registered),
        Field::Changed => first(&mut read.dates.changed),
        Field::Registrar => read.registrar.name = read.registrar.name.take().or_else(text),
        Field::RegistrarId => read.registrar.iana_id = read.registrar.iana_id.take().or_else(text),
        Field::RegistrarUrl => read.registrar.url = read.registrar.url.take().or_else(text),
        Field::AbuseEmail => read.registrar.abuse.email = read.registrar.abuse.email.take().or_else(text),
        Field::AbusePhone => read.registrar.abuse.phone = read.registrar.abuse.phone.take().or_else(text),
        Field::Signed => {
            read.signed = read.signed.or(match fold(value).as_str() {
                "signeddelegation" | "signed delegation" | "signed" | "yes" | "active" | "true" => Some(true),
                "unsigned" | "unsigned delegation" | "no" | "inactive" | "false" | "not signed" => Some(false),
                _ => None,
            });
        }
        Field::Ds => {
            if let Some(ds) = ds(value).filter(|_| read.ds.len() < MOST_ITEMS) {
                read.ds.push(ds);
                read.signed = Some(true);
            }
        }
    }
}

/// `31415 13 2 9F2C…`.
fn ds(value: &str) -> Option<Ds> {
    let mut parts = value.splitn(4, char::is_whitespace);
    Some(Ds {
        key_tag: parts.next()?.parse().ok()?,
        algorithm: parts.next()?.parse().ok()?,
        digest_type: parts.next()?.parse().ok()?,
        digest: read_hex(parts.next()?)?,
    })
}

#[cfg(test)]
mod tests;
