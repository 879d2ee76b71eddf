//! What resolvers are asked off the domain of an incident, to learn what they can do: names that are nobody's trouble, and
//! addresses at which nobody stands.
//!
//! Says what may be asked. Whether, when and what the answers are worth is decided elsewhere.

use std::net::SocketAddr;

use serde::Deserialize;

use super::document::{check_text, read};
use super::{CatalogError, Place, read_address};
use crate::dns::{Name, RecordType};

/// The file that ships with the program.
const EMBEDDED: &str = include_str!("neutral.toml");
/// Most addresses at which nobody stands: each is asked on its own.
const MOST_NOBODIES: usize = 8;
/// Most operators with a question of their own.
const MOST_IDENTITIES: usize = 64;

/// Neutral names and addresses. What is not there is not asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Neutral {
    /// A zone in which random labels do not exist and denials are not made up from cached ones.
    pub unasked_zone: Option<Name>,
    /// A record that every cache holds.
    pub steady: Option<(Name, RecordType)>,
    /// A record with a long TTL that caches fetch when asked.
    pub long_lived: Option<(Name, RecordType)>,
    /// A record that fails DNSSEC validation on purpose.
    pub bogus: Option<(Name, RecordType)>,
    /// Addresses at which no server stands.
    pub nobody: Vec<SocketAddr>,
    /// Questions of type TXT whose answer names the instance, each for one operator.
    pub identities: Vec<IdentityQuestion>,
}

/// How an operator's instances can be told apart, where it has a way of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityQuestion {
    /// A part of the operator's name in the list of resolvers, in whatever case.
    pub operator: String,
    /// The name to ask for TXT in class IN.
    pub name: Name,
}

impl Neutral {
    /// The file that ships with the program.
    #[must_use]
    pub fn embedded() -> Self {
        Self::parse(EMBEDDED, "neutral.toml").expect("the shipped file is read by every run of the tests")
    }

    /// Reads such a file. `file_name` is what errors call it.
    ///
    /// # Errors
    /// The first fault: no TOML, an unknown field, a bad name, type or address.
    pub fn parse(text: &str, file_name: &str) -> Result<Self, CatalogError> {
        let written: Written = read(text, file_name, "identity")?;
        written.check().map_err(|reason| CatalogError::new(file_name, Place::Whole, reason))
    }

    /// The question that tells the instances of this operator apart, if it has one of its own.
    #[must_use]
    pub fn identity_of(&self, operator: &str) -> Option<&Name> {
        let operator = operator.to_lowercase();
        self.identities.iter().find(|i| operator.contains(&i.operator.to_lowercase())).map(|i| &i.name)
    }

    /// Whether there is anything to ask resolvers.
    #[must_use]
    pub const fn asks_resolvers(&self) -> bool {
        self.unasked_zone.is_some() || self.steady.is_some() || self.long_lived.is_some() || self.bogus.is_some()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Written {
    unasked_zone: Option<String>,
    steady: Option<WrittenRecord>,
    long_lived: Option<WrittenRecord>,
    bogus: Option<WrittenRecord>,
    #[serde(default)]
    nobody: Vec<String>,
    #[serde(default)]
    identity: Vec<WrittenIdentity>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenRecord {
    name: String,
    #[serde(rename = "type")]
    rtype: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenIdentity {
    operator: String,
    name: String,
}

impl Written {
    fn check(self) -> Result<Neutral, String> {
        let name = |field: &str, text: &str| {
            let name: Result<Name, _> = text.parse();
            name.map_err(|e| format!("{field}: {}: {e}", crate::dns::shown::text(text)))
        };
        let record = |field: &str, written: Option<WrittenRecord>| {
            let read = |written: WrittenRecord| {
                let rtype = written.rtype.parse::<RecordType>().map_err(|e| format!("{field}: {e}"))?;
                Ok::<_, String>((name(field, &written.name)?, rtype))
            };
            written.map(read).transpose()
        };
        if self.nobody.len() > MOST_NOBODIES || self.identity.len() > MOST_IDENTITIES {
            return Err(format!(
                "at most {MOST_NOBODIES} addresses of nobody and {MOST_IDENTITIES} [[identity]] entries"
            ));
        }
        let nobody = self.nobody.iter().map(|text| read_address(text).map_err(|why| format!("nobody: {why}")));
        let identities = self.identity.into_iter().map(|written| {
            check_text("operator", &written.operator)?;
            Ok::<_, String>(IdentityQuestion { name: name("identity", &written.name)?, operator: written.operator })
        });
        Ok(Neutral {
            unasked_zone: self.unasked_zone.map(|text| name("unasked-zone", &text)).transpose()?,
            steady: record("steady", self.steady)?,
            long_lived: record("long-lived", self.long_lived)?,
            bogus: record("bogus", self.bogus)?,
            nobody: nobody.collect::<Result<_, _>>()?,
            identities: identities.collect::<Result<_, _>>()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ships_asks_everything_and_nobody_only_where_nobody_can_be() {
        let neutral = Neutral::embedded();
        assert!(neutral.unasked_zone.is_some() && neutral.steady.is_some());
        assert!(neutral.long_lived.is_some() && neutral.bogus.is_some());
        assert_eq!(neutral.identity_of("Google Public DNS").unwrap().to_string(), "o-o.myaddr.l.google.com.");
        assert_eq!(neutral.identity_of("Quad9"), None);
        let documentation = |address: &SocketAddr| match address.ip() {
            std::net::IpAddr::V4(v4) => v4.is_documentation(),
            std::net::IpAddr::V6(v6) => v6.segments()[..2] == [0x2001, 0xdb8],
        };
        assert!(neutral.nobody.len() >= 2 && neutral.nobody.iter().all(documentation));
    }

    #[test]
    fn parts_may_be_left_out_and_faults_are_named() {
        let bare = Neutral::parse("", "own.toml").unwrap();
        assert_eq!(bare, Neutral::default());
        assert!(!bare.asks_resolvers());
        for (text, part) in [
            ("nobody = [\"here\"]", "nobody"),
            ("steady = { name = \"a..b\", type = \"NS\" }", "steady"),
            ("bogus = { name = \"a.\", type = \"what\" }", "bogus"),
            ("unasked = \"com.\"", "unasked"),
            ("unasked-zone = 5", "line 1"),
        ] {
            let said = Neutral::parse(text, "own.toml").unwrap_err().to_string();
            assert!(said.starts_with("own.toml") && said.contains(part), "{said}");
        }
        let many = format!("nobody = [{}]", "\"192.0.2.1\",".repeat(9));
        assert!(Neutral::parse(&many, "own.toml").is_err());
    }
}
