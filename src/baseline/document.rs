//! The text of a baseline: TOML that people read, commit and, with care, edit.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::IpAddr;

use serde::Deserialize;
use thiserror::Error;
use toml::Spanned;

use super::Baseline;
use crate::catalog::read_address;
use crate::dns::{Name, NsSet, shown};
use crate::observation::address_text;
use crate::time::Timestamp;

/// The form written and read.
const FORMAT: &str = "unpark.baseline/1";
/// Most entries of any list: no zone needs a tenth of it.
const MOST: usize = 256;

/// A text that is no baseline, and why. `Display` is one line, safe to show whatever the text holds.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub struct BaselineError {
    /// What the caller calls the text, usually the file's path.
    pub file: String,
    /// The line of the fault, from 1, where it has one.
    pub line: Option<usize>,
    /// The field, where one is known.
    pub field: Option<String>,
    /// What is wrong, in words; not yet made plain.
    pub reason: String,
}

impl fmt::Display for BaselineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&shown::text(&self.file))?;
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        if let Some(field) = &self.field {
            write!(f, ", {}", shown::text(field))?;
        }
        write!(f, ": {}", shown::text(&self.reason))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    format: Spanned<String>,
    zone: Spanned<String>,
    taken: Spanned<String>,
    delegation: WrittenDelegation,
    authoritative: Option<WrittenAuthoritative>,
    #[serde(default, rename = "name-server")]
    servers: Vec<WrittenHost>,
    #[serde(default, rename = "host")]
    hosts: Vec<WrittenHost>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenDelegation {
    ns: Spanned<Vec<Spanned<String>>>,
    ds: Option<Vec<Spanned<String>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct WrittenAuthoritative {
    ns: Option<Vec<Spanned<String>>>,
    soa_mname: Option<Spanned<String>>,
    soa_rname: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenHost {
    name: Spanned<String>,
    addresses: Vec<Spanned<String>>,
}

/// A text being read.
struct Reader<'a> {
    text: &'a str,
    file: &'a str,
}

impl Reader<'_> {
    fn line_of(&self, offset: usize) -> usize {
        1 + self.text.bytes().take(offset).filter(|byte| *byte == b'\n').count()
    }

    fn wrong(&self, at: &Spanned<String>, field: &str, reason: impl Into<String>) -> BaselineError {
        BaselineError {
            file: self.file.to_owned(),
            line: Some(self.line_of(at.span().start)),
            field: Some(field.to_owned()),
            reason: reason.into(),
        }
    }

    fn name(&self, text: &Spanned<String>, field: &str) -> Result<Name, BaselineError> {
        Name::from_user(text.get_ref())
            .map_err(|e| self.wrong(text, field, format!("'{}' is no domain name: {e}", text.get_ref())))
    }

    /// Each item of a list, read by `one`; none twice.
    fn list<T: Ord>(
        &self,
        items: &[Spanned<String>],
        field: &str,
        one: impl Fn(&Spanned<String>) -> Result<T, BaselineError>,
    ) -> Result<BTreeSet<T>, BaselineError> {
        let mut set = BTreeSet::new();
        for item in items {
            if set.len() >= MOST {
                return Err(self.wrong(item, field, format!("holds more than {MOST} entries")));
            }
            if !set.insert(one(item)?) {
                return Err(self.wrong(item, field, format!("'{}' stands there twice", item.get_ref())));
            }
        }
        Ok(set)
    }

    fn hosts<T: Ord>(
        &self,
        written: &[WrittenHost],
        field: &str,
        one: impl Fn(&Spanned<String>) -> Result<T, BaselineError>,
    ) -> Result<BTreeMap<Name, BTreeSet<T>>, BaselineError> {
        let mut hosts = BTreeMap::new();
        for host in written {
            let name = self.name(&host.name, &format!("{field}.name"))?;
            let addresses = self.list(&host.addresses, &format!("{field}.addresses"), &one)?;
            if hosts.len() >= MOST || hosts.insert(name, addresses).is_some() {
                let reason = format!("'{}' is one too many, or stands there twice", host.name.get_ref());
                return Err(self.wrong(&host.name, &format!("{field}.name"), reason));
            }
        }
        Ok(hosts)
    }

    fn read(&self) -> Result<Baseline, BaselineError> {
        let written: Written = toml::from_str(self.text).map_err(|error| BaselineError {
            file: self.file.to_owned(),
            line: error.span().map(|span| self.line_of(span.start)),
            field: None,
            reason: error.message().split_whitespace().collect::<Vec<_>>().join(" "),
        })?;
        if written.format.get_ref() != FORMAT {
            let reason = format!("this is '{}'; this version reads '{FORMAT}'", written.format.get_ref());
            return Err(self.wrong(&written.format, "format", reason));
        }
        let zone = self.name(&written.zone, "zone")?;
        if zone.is_root() {
            return Err(self.wrong(&written.zone, "zone", "the root is delegated by nobody"));
        }
        let taken: Timestamp = written.taken.get_ref().parse().map_err(|_| {
            let reason = format!("'{}' is no time such as 2026-11-01T09:12:00Z", written.taken.get_ref());
            self.wrong(&written.taken, "taken", reason)
        })?;
        let name = |field: &'static str| move |text: &Spanned<String>| self.name(text, field);
        let delegation = &written.delegation;
        let ns = self.list(delegation.ns.get_ref(), "delegation.ns", name("delegation.ns"))?;
        if ns.is_empty() {
            let line = Some(self.line_of(delegation.ns.span().start));
            let (file, field) = (self.file.to_owned(), Some("delegation.ns".to_owned()));
            return Err(BaselineError { file, line, field, reason: "no name server is given".to_owned() });
        }
        let ds = |text: &Spanned<String>| {
            read_ds(text.get_ref()).ok_or_else(|| {
                let reason = format!("'{}' is no DS record: key tag, algorithm, digest type, digest", text.get_ref());
                self.wrong(text, "delegation.ds", reason)
            })
        };
        let ds = delegation.ds.as_ref().map(|items| self.list(items, "delegation.ds", ds)).transpose()?;
        let own = written.authoritative.as_ref();
        let apex = own.and_then(|a| a.ns.as_ref());
        let apex = apex.map(|items| self.list(items, "authoritative.ns", name("authoritative.ns"))).transpose()?;
        let soa = match own.map(|a| (&a.soa_mname, &a.soa_rname)) {
            Some((Some(mname), Some(rname))) => {
                Some((self.name(mname, "authoritative.soa-mname")?, self.name(rname, "authoritative.soa-rname")?))
            }
            Some((Some(one), None) | (None, Some(one))) => {
                return Err(self.wrong(one, "authoritative", "soa-mname and soa-rname stand together, or neither"));
            }
            _ => None,
        };
        let server = |text: &Spanned<String>| {
            read_address(text.get_ref()).map_err(|e| self.wrong(text, "name-server.addresses", e.to_string()))
        };
        let host = |text: &Spanned<String>| {
            text.get_ref()
                .parse::<IpAddr>()
                .map_err(|_| self.wrong(text, "host.addresses", format!("'{}' is no IP address", text.get_ref())))
        };
        Ok(Baseline {
            zone,
            taken,
            ns: ns.into_iter().collect(),
            ds,
            apex_ns: apex.map(|names| names.into_iter().collect::<NsSet>()),
            soa,
            servers: self.hosts(&written.servers, "name-server", server)?,
            hosts: self.hosts(&written.hosts, "host", host)?,
        })
    }
}

/// A DS record in canonical text: key tag, algorithm and digest type in decimal, the digest in lower-case hexadecimal.
fn read_ds(text: &str) -> Option<String> {
    let mut words = text.split_whitespace();
    let tag: u16 = words.next()?.parse().ok()?;
    let (algorithm, digest_type): (u8, u8) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    let digest: String = words.collect::<String>().to_ascii_lowercase();
    let good = !digest.is_empty() && digest.len() <= 512 && digest.bytes().all(|b| b.is_ascii_hexdigit());
    good.then(|| format!("{tag} {algorithm} {digest_type} {digest}"))
}

impl Baseline {
    /// Reads a text. `file` is what errors call it.
    ///
    /// # Errors
    /// The first fault, with its line and field.
    pub fn parse(text: &str, file: &str) -> Result<Self, BaselineError> {
        Reader { text, file }.read()
    }

    /// The text: [`Baseline::parse`] reads the same back, to the second.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let zone = self.zone.without_dot();
        let mut out = format!(
            "# How {zone} was while it was healthy. Written by `unpark baseline save {zone}`; commit it.\n\
             # Commands that probe the zone take [delegation] ns as what is correct, unless --expect or unpark.toml say it.\n\
             # Save it anew (--force) after every intended change.\n\
             format = {}\nzone = {}\ntaken = {}\n\n",
            quoted(FORMAT),
            quoted(&self.zone.to_string()),
            quoted(&self.taken.to_string()),
        );
        out.push_str("# What the parent's servers hold.\n[delegation]\n");
        out.push_str(&format!("ns = {}\n", list(self.ns.iter().map(ToString::to_string))));
        match &self.ds {
            Some(ds) => out.push_str(&format!("ds = {}\n", list(ds.iter().cloned()))),
            None => out.push_str("# DS: not known when this was taken.\n"),
        }
        if self.apex_ns.is_some() || self.soa.is_some() {
            out.push_str("\n# What the zone's own servers say.\n[authoritative]\n");
        }
        if let Some(ns) = &self.apex_ns {
            out.push_str(&format!("ns = {}\n", list(ns.iter().map(ToString::to_string))));
        }
        if let Some((mname, rname)) = &self.soa {
            let (mname, rname) = (quoted(&mname.to_string()), quoted(&rname.to_string()));
            out.push_str(&format!("soa-mname = {mname}\nsoa-rname = {rname}\n"));
        }
        for (name, addresses) in &self.servers {
            let addresses = list(addresses.iter().map(|a| address_text(*a)));
            out.push_str(&format!(
                "\n[[name-server]]\nname = {}\naddresses = {addresses}\n",
                quoted(&name.to_string())
            ));
        }
        for (name, addresses) in &self.hosts {
            let addresses = list(addresses.iter().map(ToString::to_string));
            out.push_str(&format!("\n[[host]]\nname = {}\naddresses = {addresses}\n", quoted(&name.to_string())));
        }
        out
    }
}

/// A TOML string, whatever the text holds.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// A TOML array: in one line when short, else one entry a line.
fn list(items: impl Iterator<Item = String>) -> String {
    let items: Vec<String> = items.map(|item| quoted(&item)).collect();
    let line = format!("[{}]", items.join(", "));
    if line.len() <= 100 || items.len() < 2 {
        return line;
    }
    format!("[\n{}]", items.iter().map(|item| format!("  {item},\n")).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"format = "unpark.baseline/1"
zone = "brevo.com."
taken = "2026-11-01T09:12:00Z"
[delegation]
ns = ["ns1.good.example", "NS2.good.example."]
ds = ["20326 8 2 E06D 44"]
[authoritative]
ns = ["ns1.good.example.", "ns2.good.example."]
soa-mname = "ns1.good.example."
soa-rname = "hostmaster.good.example."
[[name-server]]
name = "ns1.good.example."
addresses = ["192.0.2.1", "[2001:db8::1]:5353"]
[[host]]
name = "brevo.com."
addresses = ["192.0.2.80", "2001:db8::80"]
"#;

    #[test]
    fn what_is_written_is_read_back() {
        let baseline = Baseline::parse(TEXT, "b.toml").unwrap();
        assert_eq!(baseline.ns.to_string(), "ns1.good.example, ns2.good.example");
        assert_eq!(baseline.ds.as_ref().unwrap().first().unwrap(), "20326 8 2 e06d44");
        let again = Baseline::parse(&baseline.to_toml(), "b.toml").unwrap();
        assert_eq!(again, baseline);
        let bare = Baseline { ds: None, apex_ns: None, soa: None, ..baseline };
        assert_eq!(Baseline::parse(&bare.to_toml(), "b.toml").unwrap(), bare);
    }

    #[test]
    fn what_is_wrong_is_named_by_line_and_field() {
        let fail =
            |from: &str, to: &str| Baseline::parse(&TEXT.replacen(from, to, 1), "b.toml").unwrap_err().to_string();
        for (from, to, said) in [
            ("baseline/1", "baseline/9", "b.toml, line 1, format: this is 'unpark.baseline/9'"),
            ("brevo.com.", "a..b", "b.toml, line 2, zone: 'a..b' is no domain name"),
            ("2026-11-01T", "yesterday ", "b.toml, line 3, taken: 'yesterday 09:12:00Z' is no time"),
            (
                "NS2.good.example.",
                "ns1.good.example.",
                "b.toml, line 5, delegation.ns: 'ns1.good.example.' stands there twice",
            ),
            ("E06D 44", "xyz", "b.toml, line 6, delegation.ds: '20326 8 2 xyz' is no DS record"),
            ("192.0.2.1\"", "here\"", "b.toml, line 13, name-server.addresses: "),
            ("2001:db8::80", "\\u001b[2J", "b.toml, line 16, host.addresses: '\\u{1b}[2J' is no IP address"),
            ("soa-rname", "soa-name", "b.toml, line 10: unknown field `soa-name`"),
            ("soa-rname = \"hostmaster.good.example.\"\n", "", "b.toml, line 9, authoritative: soa-mname and"),
            ("[\"ns1.good.example\", \"NS2.good.example.\"]", "[]", "b.toml, line 5, delegation.ns: no name server"),
        ] {
            let error = fail(from, to);
            assert!(error.starts_with(said), "{error}\nis not\n{said}");
        }
    }
}
