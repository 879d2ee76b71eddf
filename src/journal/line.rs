//! One line of a journal as it stands there: numbers and references, not yet resolved.
//!
//! An array is an observation, a number (or a number in an array) says that the state was settled, an object is
//! anything else, by its key. Read without ever building a tree of values, so that a hostile line costs no more memory
//! than its own length.

use std::borrow::Cow;
use std::fmt;

use serde::de::{
    self, DeserializeSeed, Deserializer, EnumAccess, IgnoredAny, MapAccess, SeqAccess, VariantAccess, Visitor,
};
use serde::{Deserialize, Serialize};

use super::form::{EventForm, QueryForm, ResponseForm};
use crate::dns::Rcode;
use crate::incident::Event;
use crate::observation::Query;

/// One line. Times are in microseconds since the start of the watch.
pub enum Line<'a> {
    /// The state was settled so long after the fact before.
    Settled { after: i64, noted: bool },
    /// A query ended.
    Observed(Observed<'a>),
    /// Something else happened.
    Happened { t: i64, event: Box<Event> },
    /// Facts were lost here.
    Gap { t: i64, lost: u64 },
    /// The watch ended in order.
    Ended { t: i64 },
    /// A kind of line that this version does not know.
    Unknown { kind: String },
}

/// A query's end, referring to what was defined before.
pub struct Observed<'a> {
    /// When it was taken in.
    pub t: i64,
    /// What was asked.
    pub query: Reference<Query>,
    /// What came.
    pub outcome: OutcomeLine,
    /// How long before `t` the first packet left.
    pub sent: i64,
    /// By how much the round trip was shorter than that.
    pub lag: i64,
    /// The name sent: empty for the query's own, a label below it, or a whole name, which ends in a dot.
    pub asked: Cow<'a, str>,
    /// The TTLs of the records.
    pub ttls: Ttls,
    /// What is seldom other than usual.
    pub rare: Rare,
}

/// Something defined before, or defined here.
pub enum Reference<T> {
    /// Defined before, under this number.
    To(u32),
    /// Defined here, under this number; zero for what is not referred to again.
    Definition(u32, Box<T>),
}

/// What came of a query.
pub enum OutcomeLine {
    /// A message.
    Answered(Reference<ResponseForm>),
    /// No message that could be read.
    Other(OtherOutcome),
}

/// Ends without a readable message.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OtherOutcome {
    /// Nothing came.
    None,
    /// Nobody listens there.
    Unreachable,
    /// A message that could not be read.
    Malformed {
        /// Its response code by number.
        rcode: Option<u16>,
        /// What is wrong with it.
        reason: String,
    },
    /// It could not leave this machine.
    NotSent {
        /// The system's words.
        reason: String,
    },
}

/// Where an observation is not as most are.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rare {
    /// Packets sent, where that is not one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub packets: Option<u32>,
    /// The round trip in seconds and nanoseconds, where it is no whole number of microseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rtt: Option<(u64, u32)>,
    /// There was no round trip although something was heard.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub no_rtt: bool,
    /// When it ended, where that is not when it was taken in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<i64>,
}

/// The TTLs of the records of a response; the last counts for the rest.
pub enum Ttls {
    /// All are the same.
    One(u32),
    /// They differ, or there is none.
    Many(Vec<u32>),
}

impl Ttls {
    /// In order.
    pub fn as_slice(&self) -> &[u32] {
        match self {
            Self::One(ttl) => std::slice::from_ref(ttl),
            Self::Many(ttls) => ttls,
        }
    }
}

impl OtherOutcome {
    /// The response code of what could not be read.
    pub fn rcode(&self) -> Option<Rcode> {
        if let Self::Malformed { rcode, .. } = self { rcode.map(Rcode) } else { None }
    }
}

impl<'a> Line<'a> {
    /// Reads one line.
    ///
    /// # Errors
    /// It is no JSON, or none of the kinds above.
    pub fn read(text: &'a [u8]) -> Result<Self, serde_json::Error> {
        match plain_number(text) {
            Some(after) => Ok(Self::Settled { after, noted: false }),
            None => serde_json::from_slice(text),
        }
    }
}

/// A number of a few digits and nothing else: every other line is one.
fn plain_number(text: &[u8]) -> Option<i64> {
    if !(1..=15).contains(&text.len()) || (text.len() > 1 && text.starts_with(b"0")) {
        return None;
    }
    text.iter().try_fold(0, |number, octet| octet.is_ascii_digit().then(|| number * 10 + i64::from(octet - b'0')))
}

impl<'de> Deserialize<'de> for Line<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(ReadLine)
    }
}

struct ReadLine;

impl<'de> Visitor<'de> for ReadLine {
    type Value = Line<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a line of a journal")
    }

    fn visit_u64<E: de::Error>(self, after: u64) -> Result<Self::Value, E> {
        let after = i64::try_from(after).map_err(E::custom)?;
        Ok(Line::Settled { after, noted: false })
    }

    fn visit_i64<E: de::Error>(self, after: i64) -> Result<Self::Value, E> {
        Ok(Line::Settled { after, noted: false })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut all: A) -> Result<Self::Value, A::Error> {
        let missing = |what: &'static str| move || de::Error::custom(format_args!("the observation lacks {what}"));
        let t = all.next_element()?.ok_or_else(missing("its time"))?;
        let Some(query) = all.next_element()? else { return Ok(Line::Settled { after: t, noted: true }) };
        let outcome = all.next_element()?.ok_or_else(missing("its outcome"))?;
        let sent = all.next_element()?.ok_or_else(missing("when it was sent"))?;
        let lag = all.next_element()?.unwrap_or_default();
        let asked = all.next_element::<Borrowed<'de>>()?.unwrap_or_default().0;
        let ttls = all.next_element()?.unwrap_or(Ttls::Many(Vec::new()));
        let rare = all.next_element()?.unwrap_or_default();
        // What later versions add at the end.
        while all.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Line::Observed(Observed { t, query, outcome, sent, lag, asked, ttls, rare }))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let first: Option<Cow<'de, str>> = map.next_key::<Borrowed<'de>>()?.map(|key| key.0);
        if first.as_deref() != Some("t") {
            return Err(de::Error::custom("the line does not begin with its time"));
        }
        let t = map.next_value()?;
        let kind = map.next_key::<Borrowed<'de>>()?.ok_or_else(|| de::Error::custom("the line has only a time"))?.0;
        let line = match kind.as_ref() {
            "gap" => Line::Gap { t, lost: map.next_value()? },
            "ended" => {
                map.next_value::<IgnoredAny>()?;
                Line::Ended { t }
            }
            kind => {
                let mut known = true;
                let event = EventForm::deserialize(Named { kind, map: &mut map, known: &mut known });
                match event {
                    Ok(event) => Line::Happened { t, event: Box::new(event) },
                    Err(_) if !known => {
                        map.next_value::<IgnoredAny>()?;
                        Line::Unknown { kind: kind.chars().take(64).collect() }
                    }
                    Err(error) => return Err(error),
                }
            }
        };
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(line)
    }
}

/// A variant whose name was read already; tells whether it is one.
struct Named<'a, A> {
    kind: &'a str,
    map: &'a mut A,
    known: &'a mut bool,
}

impl<'de, A: MapAccess<'de>> Deserializer<'de> for Named<'_, A> {
    type Error = A::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, A::Error> {
        visitor.visit_enum(self)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de, 'a, A: MapAccess<'de>> EnumAccess<'de> for Named<'a, A> {
    type Error = A::Error;
    type Variant = Content<'a, A>;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Content<'a, A>), A::Error> {
        let variant = seed.deserialize(de::value::StrDeserializer::<A::Error>::new(self.kind));
        *self.known = variant.is_ok();
        Ok((variant?, Content { map: self.map }))
    }
}

/// What stands behind a variant's name.
struct Content<'a, A> {
    map: &'a mut A,
}

impl<'de, A: MapAccess<'de>> VariantAccess<'de> for Content<'_, A> {
    type Error = A::Error;

    fn unit_variant(self) -> Result<(), A::Error> {
        self.map.next_value::<IgnoredAny>().map(|_| ())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, A::Error> {
        self.map.next_value_seed(seed)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, A::Error> {
        self.map.next_value_seed(Visiting(visitor))
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], visitor: V) -> Result<V::Value, A::Error> {
        self.map.next_value_seed(Visiting(visitor))
    }
}

struct Visiting<V>(V);

impl<'de, V: Visitor<'de>> DeserializeSeed<'de> for Visiting<V> {
    type Value = V::Value;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<V::Value, D::Error> {
        from.deserialize_any(self.0)
    }
}

/// Text, borrowed where it has no escapes.
#[derive(Default, Deserialize)]
struct Borrowed<'a>(#[serde(borrow)] Cow<'a, str>);

#[derive(Deserialize)]
struct OneQuery(#[serde(with = "QueryForm")] Query);

/// Reads a number, or a number with what it stands for.
fn read_reference<'de, A: SeqAccess<'de>, F: Deserialize<'de>, T>(
    mut pair: A,
    make: impl FnOnce(F) -> T,
) -> Result<Reference<T>, A::Error> {
    let number = pair.next_element()?.ok_or_else(|| de::Error::custom("a definition lacks its number"))?;
    let form = pair.next_element()?.ok_or_else(|| de::Error::custom("a definition lacks what it defines"))?;
    while pair.next_element::<IgnoredAny>()?.is_some() {}
    Ok(Reference::Definition(number, Box::new(make(form))))
}

impl<'de> Deserialize<'de> for Reference<Query> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = Reference<Query>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the number of a query")
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Self::Value, E> {
                u32::try_from(number).map(Reference::To).map_err(E::custom)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, pair: A) -> Result<Self::Value, A::Error> {
                read_reference(pair, |OneQuery(query)| query)
            }
        }
        from.deserialize_any(Read)
    }
}

impl<'de> Deserialize<'de> for OutcomeLine {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = OutcomeLine;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("what came of a query")
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Self::Value, E> {
                u32::try_from(number).map(|to| OutcomeLine::Answered(Reference::To(to))).map_err(E::custom)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, pair: A) -> Result<Self::Value, A::Error> {
                read_reference(pair, |form: ResponseForm| form).map(OutcomeLine::Answered)
            }

            fn visit_str<E: de::Error>(self, word: &str) -> Result<Self::Value, E> {
                OtherOutcome::deserialize(de::value::StrDeserializer::new(word)).map(OutcomeLine::Other)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                OtherOutcome::deserialize(de::value::MapAccessDeserializer::new(map)).map(OutcomeLine::Other)
            }
        }
        from.deserialize_any(Read)
    }
}

impl<'de> Deserialize<'de> for Ttls {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = Ttls;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("TTLs")
            }

            fn visit_u64<E: de::Error>(self, ttl: u64) -> Result<Self::Value, E> {
                u32::try_from(ttl).map(Ttls::One).map_err(E::custom)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, all: A) -> Result<Self::Value, A::Error> {
                Vec::deserialize(de::value::SeqAccessDeserializer::new(all)).map(Ttls::Many)
            }
        }
        from.deserialize_any(Read)
    }
}
