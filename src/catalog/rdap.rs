//! Which RDAP server knows a domain: IANA's bootstrap registry restated, and servers that it lacks (RFC 9224).
//!
//! Says where to ask. It neither asks nor judges whether an address may be used: that is the HTTP edge's.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::document::{check_text, place_of, read};
use super::{CatalogError, Place};
use crate::dns::{Name, shown};

/// The table that ships with the program.
const EMBEDDED: &str = include_str!("rdap.toml");
/// Most domains one table may hold: several times the number of top-level domains there are.
const MOST_DOMAINS: usize = 20_000;
/// Most base URLs of one server.
const MOST_URLS: usize = 8;
/// Longest base URL, in octets.
const LONGEST_URL: usize = 512;

/// The RDAP service of one domain at or near the top.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RdapServer {
    /// Base URLs, each ending in `/`, https first (RFC 9224 §3, §8).
    pub urls: Vec<String>,
    /// Whether IANA's registry lists it.
    pub listed: bool,
}

/// RDAP servers by the domain under which they know the registrations.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RdapTable(BTreeMap<Name, RdapServer>);

impl RdapTable {
    /// The table that ships with the program.
    #[must_use]
    pub fn embedded() -> Self {
        Self::parse(EMBEDDED, "rdap.toml").expect("the shipped table is read by every run of the tests")
    }

    /// Reads a table. `file_name` is what errors call it.
    ///
    /// # Errors
    /// The first fault: no TOML, an unknown field, a bad URL or name, a domain that stands in two entries of a kind.
    pub fn parse(text: &str, file_name: &str) -> Result<Self, CatalogError> {
        let file: RdapFile = read(text, file_name, "server")?;
        let mut table = Self::default();
        let listed = file.server.into_iter().map(|entry| (entry, true));
        let all = listed.chain(file.unlisted.into_iter().map(|entry| (entry, false)));
        for (index, (spanned, listed)) in all.enumerate() {
            let (offset, position) = (spanned.span().start, index + 1);
            let WrittenServer { urls, tlds } = spanned.into_inner();
            let id = tlds.first().cloned().unwrap_or_default();
            let add = table.add(&tlds, &urls, listed);
            add.map_err(|reason| CatalogError::new(file_name, place_of(text, offset, position, &id), reason))?;
        }
        if table.0.is_empty() {
            return Err(CatalogError::new(file_name, Place::Whole, "holds no [[server]] entry"));
        }
        Ok(table)
    }

    /// Adds a server for some domains. A domain that is listed keeps its listed server, whatever is unlisted.
    ///
    /// # Errors
    /// A name or URL of bad form, too many of them, or a domain that was already given a server of the same kind.
    pub fn add(&mut self, domains: &[String], urls: &[String], listed: bool) -> Result<(), String> {
        if domains.is_empty() || urls.is_empty() {
            return Err("has no domain or no URL".to_owned());
        }
        if urls.len() > MOST_URLS || domains.len() + self.0.len() > MOST_DOMAINS {
            return Err(format!("over {MOST_URLS} URLs, or over {MOST_DOMAINS} domains in all"));
        }
        let mut urls = urls.to_vec();
        for url in &mut urls {
            check_url(url)?;
            if !url.ends_with('/') {
                url.push('/');
            }
        }
        // The sort is stable: within a scheme the given order stays.
        urls.sort_by_key(|url| !url.starts_with("https://"));
        for domain in domains {
            let name = Name::from_user(domain).map_err(|e| format!("\"{}\" is no domain: {e}", shown::text(domain)))?;
            if name.is_root() {
                return Err("the root is no domain of a registry".to_owned());
            }
            match self.0.get(&name) {
                Some(known) if known.listed == listed => return Err(format!("{name} has a server already")),
                Some(known) if known.listed => {}
                _ => drop(self.0.insert(name, RdapServer { urls: urls.clone(), listed })),
            }
        }
        Ok(())
    }

    /// This table with the unlisted servers of `other` for the domains that it lacks.
    #[must_use]
    pub fn filled_from(mut self, other: &Self) -> Self {
        for (domain, server) in other.0.iter().filter(|(_, server)| !server.listed) {
            self.0.entry(domain.clone()).or_insert_with(|| server.clone());
        }
        self
    }

    /// The server for a domain, with the entry that it matches: by whole labels from the right, the longest wins. None
    /// means that no server is known, never that the domain is not registered (RFC 9224 §4).
    #[must_use]
    pub fn find(&self, domain: &Name) -> Option<(&Name, &RdapServer)> {
        let mut suffix = Some(domain.clone());
        while let Some(name) = suffix {
            if let Some(found) = self.0.get_key_value(&name) {
                return Some(found);
            }
            suffix = name.one_up();
        }
        None
    }

    /// How many domains it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Checks the form of a base URL: a scheme of the web, a host, nothing that could hide or move text.
fn check_url(url: &str) -> Result<(), String> {
    check_text("urls", url)?;
    if url.len() > LONGEST_URL {
        return Err(format!("urls has one longer than {LONGEST_URL} octets"));
    }
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    match rest {
        Some(rest) if !rest.is_empty() && !rest.contains([' ', '?', '#', '@', '\\']) => Ok(()),
        _ => Err(format!("\"{}\" is no base URL: http(s)://host/path/ is wanted", shown::text(url))),
    }
}

/// A file as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RdapFile {
    #[serde(default)]
    server: Vec<Spanned<WrittenServer>>,
    #[serde(default)]
    unlisted: Vec<Spanned<WrittenServer>>,
}

/// An entry as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenServer {
    urls: Vec<String>,
    tlds: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base(table: &RdapTable, domain: &str) -> Option<String> {
        table.find(&domain.parse().unwrap()).and_then(|(_, server)| server.urls.first().cloned())
    }

    #[test]
    fn the_shipped_table_is_sound() {
        let table = RdapTable::embedded();
        assert!(table.len() > 1_200, "{}", table.len());
        for (domain, server) in &table.0 {
            for url in &server.urls {
                assert!(url.starts_with("https://") || !server.urls[0].starts_with("https://"), "{domain} {url}");
                assert!(url.ends_with('/'), "{domain} {url}");
            }
        }
        // Two registries offer plain http only; were there more, the table would be damaged.
        assert_eq!(table.0.values().filter(|s| !s.urls[0].starts_with("https://")).count(), 2);
        assert_eq!(base(&table, "brevo.com").unwrap(), "https://rdap.verisign.com/com/v1/");
        let (domain, io) = table.find(&"brevo.io".parse().unwrap()).unwrap();
        assert_eq!((domain.to_string().as_str(), io.listed), ("io.", false));
        assert_eq!(base(&table, "example.eu"), None, "no server is known for eu");
    }

    #[test]
    fn whole_labels_match_and_the_longest_wins() {
        let text = "[[server]]\nurls = [\"http://a.example/\", \"https://a.example\"]\ntlds = [\"ai\"]\n\
                    [[server]]\nurls = [\"https://b.example/\"]\ntlds = [\"com.ai\"]\n";
        let table = RdapTable::parse(text, "t.toml").unwrap();
        assert_eq!(base(&table, "foo.ai").unwrap(), "https://a.example/", "https first, with its slash");
        assert_eq!(base(&table, "foo.com.ai").unwrap(), "https://b.example/");
        assert_eq!(base(&table, "foo.xn--p1ai"), None, "a label that ends alike is another label");
        assert_eq!(base(&table, "."), None);
    }

    #[test]
    fn what_is_listed_outranks_what_is_not() {
        let text = "[[unlisted]]\nurls = [\"https://u.example/\"]\ntlds = [\"io\", \"de\"]\n\
                    [[server]]\nurls = [\"https://l.example/\"]\ntlds = [\"io\"]\n";
        let table = RdapTable::parse(text, "t.toml").unwrap();
        assert_eq!(base(&table, "a.io").unwrap(), "https://l.example/");
        assert_eq!(base(&table, "a.de").unwrap(), "https://u.example/");
        let mut iana = RdapTable::default();
        iana.add(&["com".into()], &["https://c.example/".into()], true).unwrap();
        let filled = iana.filled_from(&table);
        assert_eq!((base(&filled, "a.de").is_some(), base(&filled, "a.io")), (true, None));
    }

    #[test]
    fn a_bad_table_is_refused_with_its_place() {
        for (text, reason) in [
            ("", "holds no [[server]] entry"),
            ("[[server]]\nurls = []\ntlds = [\"a\"]\n", "no URL"),
            ("[[server]]\nurls = [\"ftp://x/\"]\ntlds = [\"a\"]\n", "is no base URL"),
            ("[[server]]\nurls = [\"https://u@x/\"]\ntlds = [\"a\"]\n", "is no base URL"),
            ("[[server]]\nurls = [\"https://x/\"]\ntlds = [\"a b\"]\n", "is no domain"),
            ("[[server]]\nurls = [\"https://x/\"]\ntlds = [\"a\", \"A\"]\n", "a. has a server already"),
            ("[[server]]\nurl = \"https://x/\"\n", "unknown field"),
        ] {
            let said = RdapTable::parse(text, "t.toml").unwrap_err().to_string();
            assert!(said.starts_with("t.toml") && said.contains(reason), "{said}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_or_refused(text: String) {
            let _ = RdapTable::parse(&text, "t.toml");
        }
    }
}
