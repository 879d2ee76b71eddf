//! What earlier runs had learned about resolvers, as it stands in a journal. Times are whole microseconds.

use std::net::SocketAddr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::dns::shown;
use crate::judge::{Calibration, NoRecursion};
use crate::time::Timestamp;

/// One resolver's. What is not known is left out.
#[derive(Serialize, Deserialize)]
struct Item {
    of: SocketAddr,
    unasked: String,
    #[serde(default)]
    unasked_told: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    held_answered: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    checking_disabled: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    extended_errors: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    validates: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    largest_long: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    largest: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    largest_negative: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    identity: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    learned: Option<i64>,
}

#[expect(clippy::ptr_arg, reason = "serde asks for the field's type")]
pub fn serialize<S: Serializer>(all: &Vec<(SocketAddr, Calibration)>, to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(all.iter().map(|(of, known)| Item {
        of: *of,
        unasked: known.unasked.word().to_owned(),
        unasked_told: known.unasked_told,
        held_answered: known.held_answered,
        checking_disabled: known.checking_disabled,
        extended_errors: known.extended_errors,
        validates: known.validates,
        largest_long: known.largest_long,
        largest: known.largest,
        largest_negative: known.largest_negative,
        identity: known.identity.clone(),
        learned: known.learned.map(Timestamp::as_micros),
    }))
}

pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<(SocketAddr, Calibration)>, D::Error> {
    let known = |item: Item| {
        let unasked = NoRecursion::from_word(&item.unasked)
            .ok_or_else(|| de::Error::custom("no word for what becomes of a question with RD=0"))?;
        let calibration = Calibration {
            unasked,
            unasked_told: item.unasked_told,
            held_answered: item.held_answered,
            checking_disabled: item.checking_disabled,
            extended_errors: item.extended_errors,
            validates: item.validates,
            largest_long: item.largest_long,
            largest: item.largest,
            largest_negative: item.largest_negative,
            // A journal may come from anywhere.
            identity: item.identity.map(plain),
            learned: item.learned.map(Timestamp::from_micros),
        };
        Ok((item.of, calibration))
    };
    Vec::<Item>::deserialize(from)?.into_iter().map(known).collect()
}

/// What a run kept is plain already, and stays what it is.
fn plain(text: String) -> String {
    if text.chars().all(shown::is_plain) { text } else { shown::text(&text) }
}
