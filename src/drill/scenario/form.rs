//! The form of a scenario file as serde reads it. What the fields mean together is checked in [`super`].

use std::collections::BTreeMap;
use std::fmt::Display;
use std::net::{IpAddr, Ipv4Addr};
use std::str::FromStr;
use std::time::Duration;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _};
use toml::Spanned;

use crate::dns::{Name, RecordType};
use crate::drill::model::{Condition, Kind};

/// Anything that is written as a string and read by `FromStr`.
#[derive(Debug, Clone)]
pub(super) struct Text<T>(pub(super) T);

impl<'de, T: FromStr<Err: Display>> Deserialize<'de> for Text<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map(Self).map_err(D::Error::custom)
    }
}

/// A span of time as people write it: `90s`, `2m 30s`.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Span(pub(super) Duration);

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let span = humantime::parse_duration(&text).map_err(D::Error::custom)?;
        if span > Duration::from_secs(31 * 86_400) {
            return Err(D::Error::custom("longer than 31 days"));
        }
        Ok(Self(span))
    }
}

/// By how many seconds a clock is set.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Step(pub(super) i64);

impl<'de> Deserialize<'de> for Step {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let seconds = i64::deserialize(deserializer)?;
        let most = 31 * 86_400;
        if (-most..=most).contains(&seconds) { Ok(Self(seconds)) } else { Err(D::Error::custom("more than 31 days")) }
    }
}

/// A share from 0 to 1.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Share(pub(super) f64);

impl<'de> Deserialize<'de> for Share {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let share = f64::deserialize(deserializer)?;
        if (0.0..=1.0).contains(&share) { Ok(Self(share)) } else { Err(D::Error::custom("not between 0 and 1")) }
    }
}

/// A rate a second.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Rate(pub(super) f64);

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let rate = f64::deserialize(deserializer)?;
        if (0.0..=10_000.0).contains(&rate) { Ok(Self(rate)) } else { Err(D::Error::custom("not between 0 and 10000")) }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Form {
    pub(super) title: String,
    #[serde(default)]
    pub(super) about: String,
    pub(super) zone: Text<Name>,
    pub(super) lasts: Span,
    #[serde(default)]
    pub(super) seed: u64,
    pub(super) world: Option<Spanned<String>>,
    /// Whether the ready-made world's resolvers are there too.
    #[serde(default = "yes")]
    pub(super) world_resolvers: bool,
    #[serde(default)]
    pub(super) survey: SurveyForm,
    #[serde(default)]
    pub(super) varying_addresses: bool,
    pub(super) marker: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) known_parked: Vec<Vec<Text<Name>>>,
    #[serde(default)]
    pub(super) start: StartForm,
    #[serde(default)]
    pub(super) warm: Span,
    #[serde(default)]
    pub(super) expect: Vec<Text<Name>>,
    #[serde(default)]
    pub(super) hosts: Vec<Spanned<String>>,
    pub(super) parent: Spanned<ParentForm>,
    pub(super) correct: Spanned<PartyForm>,
    pub(super) parked: Spanned<PartyForm>,
    pub(super) stranger: Option<Spanned<PartyForm>>,
    pub(super) registration: Option<DeskForm>,
    #[serde(default)]
    pub(super) users: UsersForm,
    #[serde(default)]
    pub(super) root: Vec<HostForm>,
    #[serde(default)]
    pub(super) parent_server: Vec<HostForm>,
    #[serde(default)]
    pub(super) resolver: Vec<Spanned<ResolverForm>>,
    #[serde(default)]
    pub(super) event: Vec<Spanned<EventForm>>,
    #[serde(default)]
    pub(super) act: Vec<Spanned<ActForm>>,
    #[serde(default)]
    pub(super) check: Vec<CheckForm>,
}

/// What the operator of the tool does.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ActForm {
    pub(super) at: Span,
    pub(super) r#do: ActDoForm,
    /// The operator of resolvers, as in their entries.
    pub(super) operator: String,
    /// Whether the guard is overridden.
    #[serde(default)]
    pub(super) even_if_parked: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum ActDoForm {
    /// Asks for a flush.
    Flush,
    /// Arms one.
    Arm,
}

const fn yes() -> bool {
    true
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum SurveyForm {
    Off,
    #[default]
    Once,
    Always,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WorldForm {
    pub(super) root: Vec<HostForm>,
    pub(super) parent_server: Vec<HostForm>,
    pub(super) resolver: Vec<Spanned<ResolverForm>>,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum StartForm {
    #[default]
    Correct,
    Parked,
    Held,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HostForm {
    pub(super) name: Text<Name>,
    pub(super) addresses: Vec<IpAddr>,
    pub(super) latency: Option<Span>,
    #[serde(default)]
    pub(super) loss: Share,
    #[serde(default)]
    pub(super) lag: Span,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ParentForm {
    pub(super) zone: Text<Name>,
    pub(super) ns_ttl: u32,
    pub(super) negative_ttl: u32,
    pub(super) denial: Option<DenialForm>,
    /// Lags by server name, over those of the servers themselves.
    #[serde(default)]
    pub(super) lag: BTreeMap<String, Span>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum DenialForm {
    Nsec,
    Nsec3,
    Nsec3OptOut,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PartyForm {
    pub(super) server: Vec<HostForm>,
    pub(super) ns_ttl: u32,
    pub(super) negative_ttl: u32,
    #[serde(default)]
    pub(super) signed: bool,
    #[serde(default)]
    pub(super) minimal_answers: bool,
    #[serde(default)]
    pub(super) answers_everything: bool,
    #[serde(default)]
    pub(super) records: Vec<Spanned<String>>,
}

/// The registration and who sells it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DeskForm {
    pub(super) registrar: String,
    pub(super) iana_id: String,
    pub(super) phone: String,
    pub(super) email: String,
    /// When what was paid ends, since the beginning.
    pub(super) lapses: Option<Span>,
    #[serde(default)]
    pub(super) hold: HoldForm,
    #[serde(default)]
    pub(super) locked: bool,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum HoldForm {
    #[default]
    Client,
    Server,
    Redemption,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct UsersForm {
    #[serde(default)]
    pub(super) questions: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) rate: Rate,
    #[serde(default)]
    pub(super) mistyped: Rate,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ResolverForm {
    pub(super) id: String,
    pub(super) operator: Option<String>,
    #[serde(default)]
    pub(super) country: String,
    pub(super) addresses: Vec<IpAddr>,
    pub(super) kind: KindForm,
    pub(super) caches: Option<u16>,
    #[serde(default)]
    pub(super) spread: SpreadForm,
    #[serde(default)]
    pub(super) validating: bool,
    #[serde(default)]
    pub(super) prefetch: bool,
    pub(super) extended_errors: Option<bool>,
    pub(super) no_recursion: Option<NoRecursionForm>,
    pub(super) cap: Option<u32>,
    pub(super) latency: Option<Span>,
    #[serde(default)]
    pub(super) jitter: Span,
    #[serde(default)]
    pub(super) loss: Share,
    pub(super) rate_limit: Option<Rate>,
    pub(super) nsid: Option<String>,
    pub(super) identity: Option<String>,
    /// Its operator takes flushes, and its caches stay as they are.
    #[serde(default)]
    pub(super) ignores_flush: bool,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum SpreadForm {
    #[default]
    Flow,
    Name,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct KindForm(pub(super) Kind);

impl<'de> Deserialize<'de> for KindForm {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let known = || Kind::ALL.map(Kind::word).join(", ");
        let kind = Kind::ALL.into_iter().find(|kind| kind.word() == text);
        kind.map(Self).ok_or_else(|| D::Error::custom(format!("no such kind of resolver; there are {}", known())))
    }
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum NoRecursionForm {
    Refuse,
    RefusePlainly,
    Referral,
    RootReferral,
    CachedOnly,
    Recurse,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum ConditionForm {
    Up,
    Silent,
    Closed,
    Refusing,
    Failing,
}

impl ConditionForm {
    /// The condition it names.
    pub(super) const fn condition(self) -> Condition {
        match self {
            Self::Up => Condition::Up,
            Self::Silent => Condition::Silent,
            Self::Closed => Condition::PortClosed,
            Self::Refusing => Condition::Refusing,
            Self::Failing => Condition::Failing,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum SideForm {
    Correct,
    Parked,
    Stranger,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum FilterForm {
    Nxdomain,
    Refused,
    Address,
}

/// One event. Which fields go with which `do` is checked by [`EventForm::misfit`].
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EventForm {
    pub(super) at: Span,
    pub(super) r#do: DoForm,
    pub(super) to: Option<SideForm>,
    /// Publishes the DS of the correct side's key along.
    pub(super) ds: Option<bool>,
    pub(super) only: Option<Text<Name>>,
    pub(super) side: Option<SideForm>,
    pub(super) name: Option<String>,
    pub(super) condition: Option<ConditionForm>,
    pub(super) operator: Option<String>,
    pub(super) r#type: Option<Text<RecordType>>,
    pub(super) below: Option<bool>,
    pub(super) id: Option<String>,
    pub(super) answer: Option<FilterForm>,
    pub(super) address: Option<Ipv4Addr>,
    pub(super) code: Option<u16>,
    pub(super) by: Option<String>,
    pub(super) serial: Option<u32>,
    /// The version served lacks this name.
    pub(super) without: Option<String>,
    /// The DS published has the key's tag and another digest.
    pub(super) wrong_digest: Option<bool>,
    /// For how long.
    pub(super) r#for: Option<Span>,
    /// By how many seconds; negative is back.
    pub(super) seconds: Option<Step>,
}

/// What happens in an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum DoForm {
    /// The registry delegates to a side.
    Delegate,
    /// The registry takes the name out.
    Hold,
    /// The registry drops the DS.
    RemoveDs,
    /// The registry publishes the DS of the correct side's key.
    PublishDs,
    /// Servers of a side, or those of one name, go into a condition.
    Server,
    /// A side's servers no longer hold the zone.
    Drop,
    /// A side's servers hold it again. Or the server of that name, whosever it is, holds the side's version.
    Serve,
    /// A flush reaches an operator's caches.
    Flush,
    /// A resolver goes into a condition.
    Resolver,
    /// An operator filters the zone.
    Filter,
    /// It stops.
    Unfilter,
    /// Our network is cut.
    Cut,
    /// It is whole again.
    Mend,
    /// Nothing can leave our machine.
    Unplug,
    /// It can again.
    Plug,
    /// Our packets are answered by one resolver, whoever they were for.
    Intercept,
    /// That ends.
    StopIntercepting,
    /// Our machine sleeps for some time.
    Suspend,
    /// Its wall clock is set.
    ClockStep,
}

impl EventForm {
    /// A field that must be there and is not, or is there and does not belong; with the reason.
    pub(super) fn misfit(&self) -> Option<(&'static str, &'static str)> {
        let (needed, allowed): (&[&str], &[&str]) = match self.r#do {
            DoForm::Delegate => (&["to"], &["ds", "only"]),
            DoForm::Hold => (&[], &["only"]),
            DoForm::Server => (&["condition"], &["side", "name"]),
            DoForm::Drop => (&["side"], &[]),
            DoForm::Serve => (&["side"], &["name", "serial", "without"]),
            DoForm::Flush => (&["operator", "name"], &["type", "below"]),
            DoForm::Resolver => (&["id", "condition"], &[]),
            DoForm::Filter => (&["operator", "answer"], &["address", "code"]),
            DoForm::Unfilter => (&["operator"], &[]),
            DoForm::Intercept => (&["by"], &[]),
            DoForm::PublishDs => (&[], &["wrong_digest"]),
            DoForm::Suspend => (&["for"], &[]),
            DoForm::ClockStep => (&["seconds"], &[]),
            DoForm::RemoveDs
            | DoForm::Cut
            | DoForm::Mend
            | DoForm::Unplug
            | DoForm::Plug
            | DoForm::StopIntercepting => (&[], &[]),
        };
        let given = [
            ("to", self.to.is_some()),
            ("ds", self.ds.is_some()),
            ("only", self.only.is_some()),
            ("side", self.side.is_some()),
            ("name", self.name.is_some()),
            ("condition", self.condition.is_some()),
            ("operator", self.operator.is_some()),
            ("type", self.r#type.is_some()),
            ("below", self.below.is_some()),
            ("id", self.id.is_some()),
            ("answer", self.answer.is_some()),
            ("address", self.address.is_some()),
            ("code", self.code.is_some()),
            ("by", self.by.is_some()),
            ("serial", self.serial.is_some()),
            ("without", self.without.is_some()),
            ("wrong_digest", self.wrong_digest.is_some()),
            ("for", self.r#for.is_some()),
            ("seconds", self.seconds.is_some()),
        ];
        given.into_iter().find_map(|(field, is_given)| match (is_given, needed.contains(&field)) {
            (false, true) => Some((field, "missing: what is done needs it")),
            (true, false) if !allowed.contains(&field) => Some((field, "does not go with what is done")),
            _ => None,
        })
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CheckForm {
    pub(super) at: Span,
    pub(super) phase: Option<String>,
    #[serde(default)]
    pub(super) must: Vec<String>,
    #[serde(default)]
    pub(super) must_not: Vec<String>,
    #[serde(default)]
    pub(super) count: BTreeMap<String, usize>,
    #[serde(default)]
    pub(super) verdict: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) rule: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) seen: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) never: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) says: Vec<String>,
}
