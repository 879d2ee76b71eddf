//! What registry and registrar said.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::opening::{exact, one_set};
use super::response::ds_list;
use super::text;
use super::text::{list_form, option_form};
use crate::dns::{Ds, Name, NsSet};
use crate::registration::{Answer, Contact, Dates, Hearing, Moment, Outcome, Registrar, Registration, Source, Status};
use crate::time::Timestamp;

#[derive(Serialize, Deserialize)]
#[serde(remote = "Hearing")]
pub(super) struct HearingForm {
    #[serde(with = "text")]
    zone: Name,
    #[serde(with = "answers")]
    answers: Vec<Answer>,
    #[serde(default)]
    notes: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Answer")]
struct AnswerForm {
    #[serde(with = "SourceForm")]
    source: Source,
    server: String,
    #[serde(with = "text")]
    domain: Name,
    #[serde(with = "exact")]
    heard: Timestamp,
    #[serde(with = "OutcomeForm")]
    outcome: Outcome,
    #[serde(default)]
    raw: String,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Source", rename_all = "kebab-case")]
enum SourceForm {
    RegistryRdap,
    RegistrarRdap,
    Whois,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Outcome", rename_all = "kebab-case")]
enum OutcomeForm {
    Found(#[serde(with = "boxed")] Box<Registration>),
    NotFound,
    Limited {
        #[serde(with = "one_moment_in_time", default)]
        until: Option<Timestamp>,
    },
    Unreadable {
        reason: String,
    },
    NoAnswer {
        reason: String,
    },
    NotSent {
        reason: String,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Registration")]
struct RegistrationForm {
    #[serde(with = "super::flush::one_name", default)]
    domain: Option<Name>,
    #[serde(default)]
    handle: Option<String>,
    #[serde(with = "RegistrarForm")]
    registrar: Registrar,
    #[serde(with = "statuses", default)]
    statuses: Vec<Status>,
    #[serde(with = "DatesForm")]
    dates: Dates,
    #[serde(with = "one_set", default)]
    name_servers: Option<NsSet>,
    #[serde(default)]
    signed: Option<bool>,
    #[serde(with = "ds_list", default)]
    ds: Vec<Ds>,
    #[serde(default)]
    related: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Registrar")]
struct RegistrarForm {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    iana_id: Option<String>,
    #[serde(with = "ContactForm")]
    abuse: Contact,
    #[serde(default)]
    url: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Contact")]
struct ContactForm {
    #[serde(default)]
    email: Option<String>,
    #[serde(default)]
    phone: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Dates")]
struct DatesForm {
    #[serde(with = "one_moment", default)]
    registered: Option<Moment>,
    #[serde(with = "one_moment", default)]
    expires: Option<Moment>,
    #[serde(with = "one_moment", default)]
    registrar_expires: Option<Moment>,
    #[serde(with = "one_moment", default)]
    changed: Option<Moment>,
    #[serde(with = "one_moment", default)]
    transferred: Option<Moment>,
    #[serde(with = "one_moment", default)]
    database: Option<Moment>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Moment")]
struct MomentForm {
    written: String,
    #[serde(with = "one_moment_in_time", default)]
    at: Option<Timestamp>,
}

list_form!(answers, crate::registration::Answer, "super::AnswerForm");
list_form!(statuses, crate::registration::Status, "super::status");
option_form!(one_moment, crate::registration::Moment, "super::MomentForm");
option_form!(one_moment_in_time, crate::time::Timestamp, "super::exact");

/// A status by its word; one that is not in the specifications as it was written.
mod status {
    use super::{Deserialize, Deserializer, Serialize, Serializer, Status};

    #[derive(Serialize, Deserialize)]
    #[serde(untagged)]
    enum Form {
        Known(String),
        Other { other: String },
    }

    pub fn serialize<S: Serializer>(status: &Status, to: S) -> Result<S::Ok, S::Error> {
        match status {
            Status::Other(text) => Form::Other { other: text.clone() }.serialize(to),
            known => Form::Known(known.word().to_owned()).serialize(to),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Status, D::Error> {
        Ok(match Form::deserialize(from)? {
            // A status that later versions know is to this one as if it were in no specification.
            Form::Known(word) => {
                let known = Status::KNOWN.iter().find(|status| status.word() == word);
                known.cloned().unwrap_or(Status::Other(word))
            }
            Form::Other { other } => Status::Other(other),
        })
    }
}

mod boxed {
    use super::{Deserializer, Registration, RegistrationForm, Serializer};

    #[expect(clippy::borrowed_box, reason = "serde asks for the field's type")]
    pub fn serialize<S: Serializer>(registration: &Box<Registration>, to: S) -> Result<S::Ok, S::Error> {
        RegistrationForm::serialize(registration, to)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Box<Registration>, D::Error> {
        RegistrationForm::deserialize(from).map(Box::new)
    }
}
