//! The closed vocabularies of the catalogue's files: each word a file may use, as a type.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, Visitor};

use super::FlushOperator;

/// Part of the world a resolver stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Deserialize)]
pub enum Region {
    /// `af`
    #[serde(rename = "af")]
    Africa,
    /// `as`, without the Middle East
    #[serde(rename = "as")]
    Asia,
    /// `eu`
    #[serde(rename = "eu")]
    Europe,
    /// `me`
    #[serde(rename = "me")]
    MiddleEast,
    /// `na`, with Central America
    #[serde(rename = "na")]
    NorthAmerica,
    /// `oc`
    #[serde(rename = "oc")]
    Oceania,
    /// `sa`
    #[serde(rename = "sa")]
    SouthAmerica,
    /// `global`: anycast on several continents
    #[serde(rename = "global")]
    Global,
}

impl Region {
    /// Every region, in the order of the enum.
    pub const ALL: [Self; 8] = [
        Self::Africa,
        Self::Asia,
        Self::Europe,
        Self::MiddleEast,
        Self::NorthAmerica,
        Self::Oceania,
        Self::SouthAmerica,
        Self::Global,
    ];

    /// The code the files use: `af`, …, `global`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Africa => "af",
            Self::Asia => "as",
            Self::Europe => "eu",
            Self::MiddleEast => "me",
            Self::NorthAmerica => "na",
            Self::Oceania => "oc",
            Self::SouthAmerica => "sa",
            Self::Global => "global",
        }
    }
}

impl fmt::Display for Region {
    /// The region as people say it: `Middle East`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Africa => "Africa",
            Self::Asia => "Asia",
            Self::Europe => "Europe",
            Self::MiddleEast => "Middle East",
            Self::NorthAmerica => "North America",
            Self::Oceania => "Oceania",
            Self::SouthAmerica => "South America",
            Self::Global => "worldwide",
        })
    }
}

/// A country by its two capital letters (ISO 3166-1 alpha-2). The form is checked, not the register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CountryCode([u8; 2]);

impl CountryCode {
    /// Reads the two letters; none if the text is anything else.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let letters: [u8; 2] = text.as_bytes().try_into().ok()?;
        letters.iter().all(u8::is_ascii_uppercase).then_some(Self(letters))
    }
}

impl fmt::Display for CountryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0.iter().map(|letter| char::from(*letter)).collect::<String>())
    }
}

/// Whom a resolver is meant for, and whether it changes answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ResolverKind {
    /// Offered to everybody, unfiltered by its own wish.
    Public,
    /// Meant for the customers of a network, yet answers others.
    Isp,
    /// Advertises that it blocks or rewrites some names: a deviating answer may be its policy.
    Filtered,
    /// Nobody said. So it is for resolvers that a user names by address alone.
    #[default]
    Unknown,
}

impl ResolverKind {
    /// The word the files use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Isp => "isp",
            Self::Filtered => "filtered",
            Self::Unknown => "unknown",
        }
    }
}

/// The operator's public way to drop a name from its cache.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FlushWay {
    /// `one.one.one.one/purge-cache` and the request behind it.
    Cloudflare,
    /// `dns.google/cache`, by hand.
    Google,
    /// `cachecheck.opendns.com`, by hand.
    OpenDns,
    /// None that is known.
    #[default]
    None,
}

impl FlushWay {
    /// The word the files use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cloudflare => "cloudflare",
            Self::Google => "google",
            Self::OpenDns => "opendns",
            Self::None => "none",
        }
    }

    /// The operator that offers it.
    #[must_use]
    pub const fn operator(self) -> Option<FlushOperator> {
        match self {
            Self::Cloudflare => Some(FlushOperator::Cloudflare),
            Self::Google => Some(FlushOperator::Google),
            Self::OpenDns => Some(FlushOperator::OpenDns),
            Self::None => None,
        }
    }
}

/// How well an entry is supported by its sources; the head of each file says what the words stand for there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// Weakest.
    Low,
    /// Between.
    Medium,
    /// Strongest.
    High,
}

impl Confidence {
    /// The word the files use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// Whether something is so, as far as it is known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Known {
    /// It is.
    Yes,
    /// It is not.
    No,
    /// Nobody said, or the sources disagree.
    #[default]
    Unknown,
}

impl<'de> Deserialize<'de> for Known {
    /// `"true"`, `"false"`, `"unknown"`, or a plain boolean.
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct ReadKnown;
        impl Visitor<'_> for ReadKnown {
            type Value = Known;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("\"true\", \"false\" or \"unknown\"")
            }

            fn visit_bool<E: de::Error>(self, value: bool) -> Result<Known, E> {
                Ok(if value { Known::Yes } else { Known::No })
            }

            fn visit_str<E: de::Error>(self, value: &str) -> Result<Known, E> {
                match value {
                    "true" => Ok(Known::Yes),
                    "false" => Ok(Known::No),
                    "unknown" => Ok(Known::Unknown),
                    other => Err(E::invalid_value(de::Unexpected::Str(other), &self)),
                }
            }
        }
        from.deserialize_any(ReadKnown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_country_is_two_capital_letters() {
        assert_eq!(CountryCode::read("DE").unwrap().to_string(), "DE");
        for text in ["", "D", "de", "DEU", "D1", "É"] {
            assert_eq!(CountryCode::read(text), None, "{text}");
        }
    }

    #[test]
    fn the_words_of_the_files_are_those_the_types_give_back() {
        #[derive(serde::Deserialize)]
        struct Words {
            region: Region,
            kind: ResolverKind,
            flush: FlushWay,
            confidence: Confidence,
        }
        let read = |region: &str, kind: &str, flush: &str, confidence: &str| -> Words {
            let text =
                format!("region = '{region}'\nkind = '{kind}'\nflush = '{flush}'\nconfidence = '{confidence}'\n");
            toml::from_str(&text).unwrap()
        };
        for region in Region::ALL {
            assert_eq!(read(region.code(), "public", "none", "low").region, region);
        }
        for kind in [ResolverKind::Public, ResolverKind::Isp, ResolverKind::Filtered, ResolverKind::Unknown] {
            assert_eq!(read("af", kind.as_str(), "none", "low").kind, kind);
        }
        for flush in [FlushWay::Cloudflare, FlushWay::Google, FlushWay::OpenDns, FlushWay::None] {
            assert_eq!(read("af", "isp", flush.as_str(), "low").flush, flush);
        }
        for confidence in [Confidence::Low, Confidence::Medium, Confidence::High] {
            assert_eq!(read("af", "isp", "none", confidence.as_str()).confidence, confidence);
        }
    }

    #[test]
    fn knowing_takes_booleans_and_words_and_nothing_else() {
        #[derive(Debug, serde::Deserialize)]
        struct Line {
            x: Known,
        }
        let read = |value: &str| toml::from_str::<Line>(&format!("x = {value}")).map(|line| line.x);
        assert_eq!(read("true").unwrap(), Known::Yes);
        assert_eq!(read("\"false\"").unwrap(), Known::No);
        assert_eq!(read("\"unknown\"").unwrap(), Known::Unknown);
        assert!(read("\"maybe\"").unwrap_err().message().contains("\"unknown\""));
        assert!(read("3").is_err());
    }
}
