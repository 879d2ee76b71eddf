//! The first line: which journal this is, and all that the incident started from.

use std::net::SocketAddr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::flush::one_operator;
use super::text;
use super::text::{list_form, option_form};
use crate::catalog::FlushOperator;
use crate::dns::{Name, NsSet};
use crate::incident::{Opening, ResolverTarget, Survey};
use crate::judge::{Expectation, ExpectationSource, Marker};
use crate::time::Timestamp;

/// The first line.
#[derive(Serialize, Deserialize)]
pub struct HeaderForm {
    /// The number of the format. Raised only when a reader of the old one could not read the new one rightly.
    #[serde(rename = "unpark-journal")]
    pub format: u32,
    /// The version of the program that wrote it.
    pub unpark: String,
    /// The number of the rules by which it notes changes; 0 for none given.
    #[serde(default)]
    pub rules: u32,
    /// Which command wrote it.
    pub command: String,
    /// Whether nothing of it is real.
    #[serde(default)]
    pub drill: bool,
    /// When the watch began.
    #[serde(with = "exact")]
    pub started: Timestamp,
    /// What it started from.
    #[serde(with = "OpeningForm")]
    pub opening: Opening,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Opening")]
struct OpeningForm {
    #[serde(with = "text")]
    zone: Name,
    #[serde(with = "one_expectation", default)]
    expectation: Option<Expectation>,
    #[serde(with = "sets", default)]
    parked: Vec<NsSet>,
    #[serde(with = "text::list", default)]
    hosts: Vec<Name>,
    #[serde(with = "SurveyForm")]
    survey: Survey,
    samples_needed: usize,
    confidence: usize,
    #[serde(default)]
    addresses_vary: bool,
    #[serde(with = "one_marker", default, skip_serializing_if = "Option::is_none")]
    marker: Option<Marker>,
    #[serde(with = "resolvers")]
    resolvers: Vec<ResolverTarget>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Marker")]
struct MarkerForm {
    #[serde(with = "text")]
    name: Name,
    text: String,
}

/// A marker record, if there is one.
mod one_marker {
    use super::{Deserialize, Marker, MarkerForm, Serialize};

    #[derive(Serialize, Deserialize)]
    struct Item(#[serde(with = "MarkerForm")] Marker);

    #[expect(clippy::ref_option, reason = "serde asks for the field's type")]
    pub fn serialize<S: serde::Serializer>(marker: &Option<Marker>, to: S) -> Result<S::Ok, S::Error> {
        marker.clone().map(Item).serialize(to)
    }

    pub fn deserialize<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Marker>, D::Error> {
        Ok(Option::<Item>::deserialize(from)?.map(|Item(marker)| marker))
    }
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Expectation")]
pub(super) struct ExpectationForm {
    #[serde(with = "text::list")]
    ns: NsSet,
    #[serde(with = "ExpectationSourceForm")]
    source: ExpectationSource,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "ExpectationSource", rename_all = "kebab-case")]
enum ExpectationSourceForm {
    Flag,
    File,
    Baseline {
        #[serde(with = "exact")]
        taken: Timestamp,
    },
    Accepted,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Survey", rename_all = "kebab-case")]
pub(super) enum SurveyForm {
    Off,
    Once,
    Always,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "ResolverTarget")]
pub(super) struct ResolverForm {
    id: String,
    operator: String,
    #[serde(default)]
    city: String,
    #[serde(default)]
    country: Option<String>,
    address: SocketAddr,
    #[serde(default)]
    system: bool,
    #[serde(with = "one_operator", default, skip_serializing_if = "Option::is_none")]
    flush: Option<FlushOperator>,
}

/// Moments to the microsecond, as people read them.
pub(super) mod exact {
    use super::{Deserializer, Serializer, Timestamp, text};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
    pub fn serialize<S: Serializer>(at: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
        let (seconds, micros) = (at.to_string(), at.as_micros().rem_euclid(1_000_000));
        to.collect_str(&format_args!("{}.{micros:06}Z", seconds.strip_suffix('Z').unwrap_or(&seconds)))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
        text::deserialize(from)
    }
}

list_form!(resolvers, crate::incident::ResolverTarget, "super::ResolverForm");

option_form!(one_expectation, crate::judge::Expectation, "super::ExpectationForm");

list_form!(sets, crate::dns::NsSet, "super::super::text::list");
option_form!(one_set, crate::dns::NsSet, "super::super::text::list");
