//! Things that stand as text: names, types, codes, octets. And lists of forms.

use std::fmt::Display;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::dns::shown;

pub fn serialize<T: Display, S: Serializer>(value: &T, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(value)
}

pub fn deserialize<'de, T: FromStr<Err: Display>, D: Deserializer<'de>>(from: D) -> Result<T, D::Error> {
    struct Reading<T>(std::marker::PhantomData<T>);
    impl<T: FromStr<Err: Display>> de::Visitor<'_> for Reading<T> {
        type Value = T;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("text")
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
            text.parse().map_err(E::custom)
        }
    }
    from.deserialize_str(Reading(std::marker::PhantomData))
}

/// Any collection of names.
pub(super) mod list {
    use super::{Deserialize, Deserializer, Serialize, Serializer};
    use crate::dns::{Name, NsSet};

    #[derive(Serialize, Deserialize)]
    struct Item(#[serde(with = "super")] Name);

    /// A collection of names.
    pub trait HoldNames {
        /// They, in its order.
        fn names(&self) -> impl Iterator<Item = &Name>;
    }

    impl HoldNames for Vec<Name> {
        fn names(&self) -> impl Iterator<Item = &Name> {
            self.iter()
        }
    }

    impl HoldNames for NsSet {
        fn names(&self) -> impl Iterator<Item = &Name> {
            self.iter()
        }
    }

    pub fn serialize<C: HoldNames, S: Serializer>(all: &C, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(all.names().map(ToString::to_string))
    }

    pub fn deserialize<'de, C: FromIterator<Name>, D: Deserializer<'de>>(from: D) -> Result<C, D::Error> {
        Ok(Vec::<Item>::deserialize(from)?.into_iter().map(|Item(name)| name).collect())
    }
}

/// Octets: as text where they are UTF-8, otherwise in hexadecimal.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Octets {
    Text(String),
    Hex { hex: String },
}

impl From<&[u8]> for Octets {
    fn from(octets: &[u8]) -> Self {
        match std::str::from_utf8(octets) {
            Ok(text) => Self::Text(text.to_owned()),
            Err(_) => Self::Hex { hex: shown::hex(octets) },
        }
    }
}

impl TryFrom<Octets> for Vec<u8> {
    type Error = &'static str;

    fn try_from(form: Octets) -> Result<Self, &'static str> {
        match form {
            Octets::Text(text) => Ok(text.into_bytes()),
            Octets::Hex { hex } => from_hex(&hex),
        }
    }
}

fn from_hex(text: &str) -> Result<Vec<u8>, &'static str> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let digit = |octet: u8| char::from(octet).to_digit(16).and_then(|d| u8::try_from(d).ok());
    let octet = |[high, low]: &[u8; 2]| Some(digit(*high)? << 4 | digit(*low)?);
    let octets: Option<Vec<u8>> = pairs.iter().map(octet).collect();
    octets.filter(|_| rest.is_empty()).ok_or("not hexadecimal")
}

/// Octets, for `#[serde(with)]`.
pub(super) mod octets {
    use super::{Deserialize, Deserializer, Octets, Serialize, Serializer, de};

    pub fn serialize<S: Serializer>(octets: &[u8], to: S) -> Result<S::Ok, S::Error> {
        Octets::from(octets).serialize(to)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        Octets::deserialize(from)?.try_into().map_err(de::Error::custom)
    }
}

/// Makes a module for `#[serde(with)]` that writes and reads a list of things by the form of one.
macro_rules! list_form {
    ($module:ident, $type:ty, $form:literal) => {
        pub(super) mod $module {
            #[derive(serde::Serialize, serde::Deserialize)]
            struct Item(#[serde(with = $form)] $type);

            #[expect(clippy::ptr_arg, reason = "serde asks for the field's type")]
            pub fn serialize<S: serde::Serializer>(all: &Vec<$type>, to: S) -> Result<S::Ok, S::Error> {
                to.collect_seq(all.iter().map(|item| Item(item.clone())))
            }

            pub fn deserialize<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Vec<$type>, D::Error> {
                let items = <Vec<Item> as serde::Deserialize>::deserialize(from)?;
                Ok(items.into_iter().map(|Item(item)| item).collect())
            }
        }
    };
}
pub(super) use list_form;

/// Makes a module for `#[serde(with)]` that writes and reads a thing that may be missing by its form.
macro_rules! option_form {
    ($module:ident, $type:ty, $form:literal) => {
        pub(super) mod $module {
            #[derive(serde::Serialize, serde::Deserialize)]
            struct Item(#[serde(with = $form)] $type);

            #[expect(clippy::ref_option, reason = "serde asks for the field's type")]
            pub fn serialize<S: serde::Serializer>(one: &Option<$type>, to: S) -> Result<S::Ok, S::Error> {
                serde::Serialize::serialize(&one.clone().map(Item), to)
            }

            pub fn deserialize<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<$type>, D::Error> {
                let item = <Option<Item> as serde::Deserialize>::deserialize(from)?;
                Ok(item.map(|Item(one)| one))
            }
        }
    };
}
pub(super) use option_form;
