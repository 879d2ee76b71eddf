//! How each fact stands in a journal: one explicit form for each domain type, and nothing of the file itself.
//!
//! The forms mirror the domain types (`serde`'s remote derive), so that serde stays out of the pure modules and a field
//! or a variant that is new there does not compile before it has its form here. To add a kind of event: its variant in
//! [`EventForm`], a sample of it in the test below, a line in `docs/journal.md`. To add a field: the field, with
//! `#[serde(default)]` (older journals do not have it).

mod calibration;
mod flush;
mod opening;
mod registration;
mod response;
mod text;

use std::net::SocketAddr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::dns::{Class, Name, RecordType};
use crate::incident::{Event, FlushAct, FlushRecord, FoundServer, ResolverTarget};
use crate::judge::Expectation;
use crate::observation::{Observation, Purpose, Query, Role, TargetId, Transport};
use crate::registration::Hearing;

pub(super) use opening::HeaderForm;
pub(super) use response::{ResponseForm, Template, is_small, ttls};

use flush::{FlushActForm, FlushRecordForm};
use opening::{ExpectationForm, ResolverForm, SurveyForm};
use registration::HearingForm;
use text::list_form;

/// An event that is no observation: those have a shorter form of their own.
#[derive(Serialize, Deserialize)]
#[serde(remote = "Event", rename_all = "kebab-case")]
pub(super) enum EventForm {
    CutFound {
        #[serde(with = "text")]
        parent: Name,
        #[serde(with = "servers")]
        servers: Vec<FoundServer>,
        #[serde(with = "reasons", default, skip_serializing_if = "Vec::is_empty")]
        unresolved: Vec<(Name, String)>,
    },
    WalkFailed {
        reason: String,
        #[serde(default)]
        ours: bool,
    },
    HostResolved {
        #[serde(with = "text")]
        host: Name,
        addresses: Result<Vec<SocketAddr>, String>,
    },
    #[serde(skip)]
    Observed(Arc<Observation>),
    ExpectationAccepted(#[serde(with = "ExpectationForm")] Expectation),
    SurveyChanged(#[serde(with = "SurveyForm")] crate::incident::Survey),
    HostsWatched(#[serde(with = "text::list")] Vec<Name>),
    FlushActed {
        by: String,
        #[serde(with = "FlushActForm")]
        act: FlushAct,
    },
    FlushStepEnded(#[serde(with = "FlushRecordForm")] FlushRecord),
    StraysCame {
        total: u64,
    },
    ClockJumped {
        seconds: i64,
    },
    WallClockSet {
        seconds: i64,
    },
    NoteMade(String),
    RegistrationHeard(#[serde(with = "hearing")] Box<Hearing>),
    ResolverAdded(#[serde(with = "ResolverForm")] ResolverTarget),
    CalibrationsRemembered(#[serde(with = "calibration")] Vec<(SocketAddr, crate::judge::Calibration)>),
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "FoundServer")]
struct FoundServerForm {
    #[serde(with = "text")]
    name: Name,
    address: SocketAddr,
}

list_form!(servers, crate::incident::FoundServer, "super::FoundServerForm");

mod hearing {
    use super::{Hearing, HearingForm};

    #[expect(clippy::borrowed_box, reason = "serde asks for the field's type")]
    pub fn serialize<S: serde::Serializer>(hearing: &Box<Hearing>, to: S) -> Result<S::Ok, S::Error> {
        HearingForm::serialize(hearing, to)
    }

    pub fn deserialize<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Box<Hearing>, D::Error> {
        HearingForm::deserialize(from).map(Box::new)
    }
}

/// Names with a reason each.
mod reasons {
    use super::{Deserialize, Name, Serialize, text};

    #[derive(Serialize, Deserialize)]
    struct Item(#[serde(with = "text")] Name, String);

    #[expect(clippy::ptr_arg, reason = "serde asks for the field's type")]
    pub fn serialize<S: serde::Serializer>(all: &Vec<(Name, String)>, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(all.iter().map(|(name, reason)| Item(name.clone(), reason.clone())))
    }

    pub fn deserialize<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Vec<(Name, String)>, D::Error> {
        Ok(Vec::<Item>::deserialize(from)?.into_iter().map(|Item(name, reason)| (name, reason)).collect())
    }
}

/// A question, as it is defined where it is first used. Flags that are not set are left out.
#[derive(Serialize, Deserialize)]
#[serde(remote = "Query")]
pub(super) struct QueryForm {
    #[serde(flatten, with = "TargetForm")]
    target: TargetId,
    #[serde(with = "text")]
    name: Name,
    #[serde(rename = "type", with = "text")]
    rtype: RecordType,
    #[serde(with = "ClassForm", default = "internet", skip_serializing_if = "is_internet")]
    class: Class,
    #[serde(default, skip_serializing_if = "is_off")]
    rd: bool,
    #[serde(default, skip_serializing_if = "is_off")]
    cd: bool,
    #[serde(rename = "do", default, skip_serializing_if = "is_off")]
    dnssec_ok: bool,
    #[serde(rename = "via", with = "TransportForm", default = "udp", skip_serializing_if = "is_udp")]
    transport: Transport,
    #[serde(rename = "why", with = "PurposeForm")]
    purpose: Purpose,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "TargetId")]
struct TargetForm {
    #[serde(with = "RoleForm")]
    role: Role,
    #[serde(rename = "to")]
    address: SocketAddr,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Role", rename_all = "kebab-case")]
enum RoleForm {
    Walk,
    Parent,
    Authoritative,
    Resolver,
    Nobody,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Class")]
struct ClassForm(u16);

#[derive(Serialize, Deserialize)]
#[serde(remote = "Transport", rename_all = "kebab-case")]
enum TransportForm {
    Udp,
    Tcp,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Purpose", rename_all = "kebab-case")]
enum PurposeForm {
    Walk,
    HostAddress,
    Delegation,
    DelegationSigner,
    Soa,
    ApexNs,
    Keys,
    Echo,
    Nonce,
    NonceUnchecked,
    NonceNoRecursion,
    CachedNs,
    Service,
    Identity,
    UnaskedName,
    SteadyName,
    LongLivedName,
    BogusName,
    Interception,
}

const fn internet() -> Class {
    Class::IN
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_internet(class: &Class) -> bool {
    *class == Class::IN
}

const fn udp() -> Transport {
    Transport::Udp
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_udp(transport: &Transport) -> bool {
    *transport == Transport::Udp
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
const fn is_off(flag: &bool) -> bool {
    !*flag
}
