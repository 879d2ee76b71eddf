//! Scenario files: a drill's world, script and checks in TOML, and the built-in ones.
//!
//! Everything is checked on reading; a bad file says file, line, field and reason. The only place of the drill that
//! knows serde.

use std::fmt::Display;
use std::net::{IpAddr, Ipv4Addr};
use std::str::FromStr;
use std::time::Duration;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _};
use thiserror::Error;
use toml::Spanned;

use super::model::{
    Action, CacheOptions, Change, Condition, Denial, Filter, FilterAnswer, FlushScope, Kind, NoRecursion, Question,
    Spread,
};
use super::stage::{Host, Parent, Party, Resolver, Stage, Start, Users};
use super::zone_line;
use crate::dns::{Name, RecordType};

/// The built-in scenarios: name and text. The first is the default.
const BUILT_IN: [(&str, &str); 7] = [
    ("brevo", include_str!("scenarios/brevo.toml")),
    ("marketo", include_str!("scenarios/marketo.toml")),
    ("hold", include_str!("scenarios/hold.toml")),
    ("dnssec", include_str!("scenarios/dnssec.toml")),
    ("split-parent", include_str!("scenarios/split-parent.toml")),
    ("hijack", include_str!("scenarios/hijack.toml")),
    ("healthy", include_str!("scenarios/healthy.toml")),
];
/// The root, `.com` and the public resolvers, for scenarios that say `world = "com"`.
const WORLD_COM: &str = include_str!("scenarios/world-com.toml");
/// Largest file read, in octets.
const LARGEST_FILE: usize = 1 << 20;

/// A scenario, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// One line.
    pub title: String,
    /// What one can learn from it.
    pub about: String,
    /// How long it lasts.
    pub lasts: Duration,
    /// The seed of its chances.
    pub seed: u64,
    /// The correct NS set as the operator knows it; empty when nobody has said.
    pub expect: Vec<Name>,
    /// Names to watch besides the apex.
    pub hosts: Vec<Name>,
    /// The world and its script.
    pub stage: Stage,
    /// What a tool should say, and when.
    pub checks: Vec<Check>,
}

/// What a tool should say at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// When, since the beginning.
    pub at: Duration,
    /// The phase, if that matters.
    pub phase: Option<String>,
    /// Finding codes that must be there.
    pub must: Vec<String>,
    /// Finding codes that must not.
    pub must_not: Vec<String>,
}

/// What is wrong with a scenario file.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{file}:{line}: {field}: {reason}")]
pub struct ScenarioError {
    /// Which file.
    pub file: String,
    /// Which line, from 1.
    pub line: usize,
    /// Which field.
    pub field: String,
    /// Why it will not do.
    pub reason: String,
}

impl Scenario {
    /// The built-in scenarios' names, the default first.
    #[must_use]
    pub fn names() -> [&'static str; BUILT_IN.len()] {
        BUILT_IN.map(|(name, _)| name)
    }

    /// A built-in scenario; none when there is no such name.
    #[must_use]
    pub fn built_in(name: &str) -> Option<Result<Self, ScenarioError>> {
        let (name, text) = BUILT_IN.iter().find(|(known, _)| *known == name)?;
        Some(Self::read(text, &format!("{name}.toml")))
    }

    /// Reads a scenario; `file` is its name for error messages.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn read(text: &str, file: &str) -> Result<Self, ScenarioError> {
        let whole = |reason: String| ScenarioError { file: file.to_owned(), line: 1, field: "file".to_owned(), reason };
        if text.len() > LARGEST_FILE {
            return Err(whole(format!("it is larger than {LARGEST_FILE} octets")));
        }
        let source = Source { file, text };
        let mut form: Form = source.parse()?;
        if let Some(world) = &form.world {
            if world.get_ref() != "com" {
                return Err(source.at(world, "the only ready-made world is \"com\""));
            }
            let base: WorldForm = Source { file: "world-com.toml", text: WORLD_COM }.parse()?;
            form.root.splice(0..0, base.root);
            form.parent_server.splice(0..0, base.parent_server);
            form.resolver.splice(0..0, base.resolver);
        }
        Reader { source, zone: form.zone.0.clone() }.check(form)
    }
}

// ---------------------------------------------------------------------------------------------- the file's form

/// Anything that is written as a string and read by `FromStr`.
#[derive(Debug, Clone)]
struct Text<T>(T);

impl<'de, T: FromStr<Err: Display>> Deserialize<'de> for Text<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map(Self).map_err(D::Error::custom)
    }
}

/// A span of time as people write it: `90s`, `2m 30s`.
#[derive(Debug, Clone, Copy, Default)]
struct Span(Duration);

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

/// A share from 0 to 1.
#[derive(Debug, Clone, Copy, Default)]
struct Share(f64);

impl<'de> Deserialize<'de> for Share {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let share = f64::deserialize(deserializer)?;
        if (0.0..=1.0).contains(&share) { Ok(Self(share)) } else { Err(D::Error::custom("not between 0 and 1")) }
    }
}

/// A rate a second.
#[derive(Debug, Clone, Copy, Default)]
struct Rate(f64);

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let rate = f64::deserialize(deserializer)?;
        if (0.0..=10_000.0).contains(&rate) { Ok(Self(rate)) } else { Err(D::Error::custom("not between 0 and 10000")) }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    title: String,
    #[serde(default)]
    about: String,
    zone: Text<Name>,
    lasts: Span,
    #[serde(default)]
    seed: u64,
    world: Option<Spanned<String>>,
    #[serde(default)]
    start: StartForm,
    #[serde(default)]
    warm: Span,
    #[serde(default)]
    expect: Vec<Text<Name>>,
    #[serde(default)]
    hosts: Vec<Spanned<String>>,
    parent: Spanned<ParentForm>,
    correct: Spanned<PartyForm>,
    parked: Spanned<PartyForm>,
    stranger: Option<Spanned<PartyForm>>,
    #[serde(default)]
    users: UsersForm,
    #[serde(default)]
    root: Vec<HostForm>,
    #[serde(default)]
    parent_server: Vec<HostForm>,
    #[serde(default)]
    resolver: Vec<Spanned<ResolverForm>>,
    #[serde(default)]
    event: Vec<Spanned<EventForm>>,
    #[serde(default)]
    check: Vec<CheckForm>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WorldForm {
    root: Vec<HostForm>,
    parent_server: Vec<HostForm>,
    resolver: Vec<Spanned<ResolverForm>>,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum StartForm {
    #[default]
    Correct,
    Parked,
    Held,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct HostForm {
    name: Text<Name>,
    addresses: Vec<IpAddr>,
    latency: Option<Span>,
    #[serde(default)]
    loss: Share,
    #[serde(default)]
    lag: Span,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ParentForm {
    zone: Text<Name>,
    ns_ttl: u32,
    negative_ttl: u32,
    denial: Option<DenialForm>,
    /// Lags by server name, over those of the servers themselves.
    #[serde(default)]
    lag: std::collections::BTreeMap<String, Span>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum DenialForm {
    Nsec,
    Nsec3,
    Nsec3OptOut,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PartyForm {
    server: Vec<HostForm>,
    ns_ttl: u32,
    negative_ttl: u32,
    #[serde(default)]
    signed: bool,
    #[serde(default)]
    minimal_answers: bool,
    #[serde(default)]
    answers_everything: bool,
    #[serde(default)]
    records: Vec<Spanned<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct UsersForm {
    #[serde(default)]
    questions: Vec<Spanned<String>>,
    #[serde(default)]
    rate: Rate,
    #[serde(default)]
    mistyped: Rate,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct ResolverForm {
    id: String,
    operator: Option<String>,
    #[serde(default)]
    country: String,
    addresses: Vec<IpAddr>,
    kind: KindForm,
    caches: Option<u16>,
    #[serde(default)]
    spread: SpreadForm,
    #[serde(default)]
    validating: bool,
    #[serde(default)]
    prefetch: bool,
    extended_errors: Option<bool>,
    no_recursion: Option<NoRecursionForm>,
    cap: Option<u32>,
    latency: Option<Span>,
    #[serde(default)]
    jitter: Span,
    #[serde(default)]
    loss: Share,
    rate_limit: Option<Rate>,
    nsid: Option<String>,
    identity: Option<String>,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum SpreadForm {
    #[default]
    Flow,
    Name,
}

#[derive(Debug, Clone, Copy)]
struct KindForm(Kind);

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
enum NoRecursionForm {
    Refuse,
    RefusePlainly,
    Referral,
    RootReferral,
    CachedOnly,
    Recurse,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum ConditionForm {
    Up,
    Silent,
    Closed,
    Refusing,
    Failing,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum SideForm {
    Correct,
    Parked,
    Stranger,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum FilterForm {
    Nxdomain,
    Refused,
    Address,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct EventForm {
    at: Span,
    #[serde(flatten)]
    what: WhatForm,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case", deny_unknown_fields)]
enum WhatForm {
    /// The registry delegates to a side; `ds` publishes the correct key's DS along.
    Delegate {
        to: SideForm,
        #[serde(default)]
        ds: bool,
        only: Option<Text<Name>>,
    },
    Hold {
        only: Option<Text<Name>>,
    },
    RemoveDs,
    PublishDs,
    /// Servers of a side, or one by name, go into a condition.
    Server {
        side: Option<SideForm>,
        name: Option<Text<Name>>,
        condition: ConditionForm,
    },
    /// A side's servers no longer hold the zone.
    Drop {
        side: SideForm,
    },
    Serve {
        side: SideForm,
    },
    Flush {
        operator: String,
        name: String,
        r#type: Option<Text<RecordType>>,
        #[serde(default)]
        below: bool,
    },
    Resolver {
        id: String,
        condition: ConditionForm,
    },
    Filter {
        operator: String,
        answer: FilterForm,
        address: Option<Ipv4Addr>,
        #[serde(default)]
        code: u16,
    },
    Unfilter {
        operator: String,
    },
    Cut,
    Mend,
    Intercept {
        by: String,
    },
    StopIntercepting,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CheckForm {
    at: Span,
    phase: Option<String>,
    #[serde(default)]
    must: Vec<String>,
    #[serde(default)]
    must_not: Vec<String>,
}

// ---------------------------------------------------------------------------------------------- from form to scenario

/// A file's text and name: finds lines and fields for errors.
#[derive(Debug, Clone, Copy)]
struct Source<'a> {
    file: &'a str,
    text: &'a str,
}

impl Source<'_> {
    fn parse<T: serde::de::DeserializeOwned>(&self) -> Result<T, ScenarioError> {
        toml::from_str(self.text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            // "missing field `x`" names the field itself; else it is the key on the line.
            let reason = error.message().to_owned();
            let named = reason.split('`').nth(1).filter(|_| reason.contains("missing field")).map(str::to_owned);
            self.error(at, named, reason)
        })
    }

    fn at<T>(&self, what: &Spanned<T>, reason: impl Into<String>) -> ScenarioError {
        self.error(what.span().start, None, reason.into())
    }

    fn error(&self, at: usize, field: Option<String>, reason: String) -> ScenarioError {
        let before = self.text.get(..at).unwrap_or(self.text);
        let line = before.bytes().filter(|b| *b == b'\n').count() + 1;
        let field = field.unwrap_or_else(|| self.field_of(line));
        ScenarioError { file: self.file.to_owned(), line, field, reason }
    }

    /// The key of a line: its own, or that of the array or table it continues.
    fn field_of(&self, line: usize) -> String {
        let above: Vec<_> = self.text.lines().take(line).collect();
        let named = above.iter().rev().find_map(|text| {
            let text = text.trim();
            if text.starts_with('[') && text.ends_with(']') && !text.contains('"') {
                return Some(text.trim_matches(['[', ']']).trim().to_owned());
            }
            let (key, _) = text.split_once('=')?;
            let key = key.trim();
            let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '"');
            (!key.is_empty() && key.chars().all(plain)).then(|| key.trim_matches('"').to_owned())
        });
        named.unwrap_or_else(|| "file".to_owned())
    }
}

struct Reader<'a> {
    source: Source<'a>,
    zone: Name,
}

impl Reader<'_> {
    fn check(&self, form: Form) -> Result<Scenario, ScenarioError> {
        let source = self.source;
        let parent = form.parent.get_ref();
        if !self.zone.is_below(&parent.zone.0) || parent.zone.0.is_root() {
            return Err(source.at(&form.parent, format!("the zone {} does not lie below {}", self.zone, parent.zone.0)));
        }
        let mut servers: Vec<Host> = form.parent_server.into_iter().map(host).collect();
        for (name, lag) in &parent.lag {
            let mut of_name = servers.iter_mut().filter(|s| s.name.to_string() == *name).peekable();
            if of_name.peek().is_none() {
                return Err(source.at(&form.parent, format!("lag: there is no parent server {name}")));
            }
            of_name.for_each(|server| server.lag = lag.0);
        }
        if servers.is_empty() || form.root.is_empty() {
            return Err(source.at(&form.parent, "there are no [[root]] or no [[parent_server]] servers, and no world"));
        }
        let signing = parent.denial.map(|denial| match denial {
            DenialForm::Nsec => Denial::Nsec,
            DenialForm::Nsec3 => Denial::Nsec3,
            DenialForm::Nsec3OptOut => Denial::Nsec3OptOut,
        });
        let (zone, ns_ttl, negative_ttl) = (parent.zone.0.clone(), parent.ns_ttl, parent.negative_ttl);
        let hosts = form.hosts.iter().map(|text| {
            zone_line::relative(text.get_ref(), &self.zone).map_err(|reason| source.at(text, reason))
        });
        let hosts = hosts.collect::<Result<Vec<_>, _>>()?;
        let mut stage = Stage {
            zone: self.zone.clone(),
            roots: form.root.into_iter().map(host).collect(),
            parent: Parent { zone, servers, ns_ttl, negative_ttl, signing },
            correct: self.party(&form.correct, 9)?,
            parked: self.party(&form.parked, 10)?,
            stranger: form.stranger.as_ref().map(|party| self.party(party, 11)).transpose()?,
            resolvers: Vec::new(),
            users: self.users(&form.users)?,
            start: match form.start {
                StartForm::Correct => Start::Correct,
                StartForm::Parked => Start::Parked,
                StartForm::Held => Start::Held,
            },
            warm: form.warm.0,
            script: Vec::new(),
        };
        for resolver in &form.resolver {
            stage.resolvers.push(self.resolver(resolver, &stage.resolvers)?);
        }
        for event in &form.event {
            let what = event.get_ref();
            for action in self.actions(event, &stage)? {
                stage.script.push((what.at.0, action));
            }
        }
        stage.script.sort_by_key(|(at, _)| *at);
        let checks = form.check.into_iter().map(|c| {
            let CheckForm { at, phase, must, must_not } = c;
            Check { at: at.0, phase, must, must_not }
        });
        Ok(Scenario {
            title: form.title,
            about: form.about,
            lasts: form.lasts.0,
            seed: form.seed,
            expect: form.expect.into_iter().map(|n| n.0).collect(),
            hosts,
            stage,
            checks: checks.collect(),
        })
    }

    fn party(&self, form: &Spanned<PartyForm>, key: u8) -> Result<Party, ScenarioError> {
        let party = form.get_ref();
        if party.server.is_empty() || party.server.iter().any(|s| s.addresses.is_empty()) {
            return Err(self.source.at(form, "a side needs servers, each with an address"));
        }
        let lines = party.records.iter().map(|text| {
            let line = zone_line::read(text.get_ref(), &self.zone).map_err(|reason| self.source.at(text, reason))?;
            match &line.owner {
                Some(owner) if !owner.is_at_or_below(&self.zone) => {
                    Err(self.source.at(text, format!("{owner} lies outside the zone")))
                }
                _ => Ok(line),
            }
        });
        Ok(Party {
            records: lines.collect::<Result<_, _>>()?,
            servers: party.server.iter().map(|s| host(HostForm { name: s.name.clone(), addresses: s.addresses.clone(), ..*s })).collect(),
            ns_ttl: party.ns_ttl,
            negative_ttl: party.negative_ttl,
            key: party.signed.then_some(key),
            ns_in_answers: !party.minimal_answers,
            everything: party.answers_everything,
        })
    }

    fn users(&self, form: &UsersForm) -> Result<Users, ScenarioError> {
        let questions = form.questions.iter().map(|text| {
            let read = || {
                let (owner, rtype) = text.get_ref().split_once(' ').ok_or("not of the form 'www A'")?;
                let owner = zone_line::relative(owner.trim(), &self.zone)?;
                Ok::<_, String>(Question::new(owner, rtype.trim().parse()?))
            };
            read().map_err(|reason| self.source.at(text, reason))
        });
        Ok(Users { questions: questions.collect::<Result<_, _>>()?, rate: form.rate.0, mistyped: form.mistyped.0 })
    }

    fn resolver(&self, spanned: &Spanned<ResolverForm>, known: &[Resolver]) -> Result<Resolver, ScenarioError> {
        let form = spanned.get_ref();
        let caches = form.caches.unwrap_or(1);
        if known.iter().any(|r| r.id == form.id) {
            return Err(self.source.at(spanned, format!("there are two resolvers with the id {}", form.id)));
        }
        if form.addresses.is_empty() || !(1..=1024).contains(&caches) {
            return Err(self.source.at(spanned, "a resolver needs an address, and 1 to 1024 caches"));
        }
        let kind = form.kind.0;
        let options = CacheOptions {
            validating: form.validating,
            prefetch: form.prefetch,
            extended_errors: form.extended_errors.unwrap_or(true),
            no_recursion: match form.no_recursion {
                None => kind.no_recursion(),
                Some(NoRecursionForm::Refuse) => NoRecursion::Refuse,
                Some(NoRecursionForm::RefusePlainly) => NoRecursion::RefusePlainly,
                Some(NoRecursionForm::Referral) => NoRecursion::Referral,
                Some(NoRecursionForm::RootReferral) => NoRecursion::RootReferral,
                Some(NoRecursionForm::CachedOnly) => NoRecursion::CachedOnly,
                Some(NoRecursionForm::Recurse) => NoRecursion::Recurse,
            },
            cap: form.cap.unwrap_or(kind.cap()),
            ..CacheOptions::new(kind)
        };
        Ok(Resolver {
            id: form.id.clone(),
            operator: form.operator.clone().unwrap_or_else(|| form.id.clone()),
            country: form.country.clone(),
            addresses: form.addresses.clone(),
            options,
            caches,
            spread: match form.spread {
                SpreadForm::Flow => Spread::Flow,
                SpreadForm::Name => Spread::Name,
            },
            latency: form.latency.map_or(Duration::from_millis(20), |l| l.0),
            jitter: form.jitter.0,
            loss: form.loss.0,
            rate_limit: form.rate_limit.map(|r| r.0),
            nsid: form.nsid.clone(),
            identity: form.identity.clone(),
        })
    }

    /// What an event does. Several actions when it concerns several servers.
    fn actions(&self, spanned: &Spanned<EventForm>, stage: &Stage) -> Result<Vec<Action>, ScenarioError> {
        let fail = |reason: String| self.source.at(spanned, reason);
        let party = |side: SideForm| match side {
            SideForm::Correct => Ok(&stage.correct),
            SideForm::Parked => Ok(&stage.parked),
            SideForm::Stranger => stage.stranger.as_ref().ok_or_else(|| fail("there is no [stranger]".to_owned())),
        };
        let operator = |name: &String| {
            let known = stage.resolvers.iter().any(|r| r.operator == *name);
            if known { Ok(name.clone()) } else { Err(fail(format!("no resolver has the operator '{name}'"))) }
        };
        let resolver = |id: &String| {
            let known = stage.resolvers.iter().any(|r| r.id == *id);
            if known { Ok(id.clone()) } else { Err(fail(format!("there is no resolver '{id}'"))) }
        };
        let registry = |change: Change, only: Option<&Text<Name>>| {
            let only = only.map(|n| n.0.clone());
            if let Some(name) = &only
                && !stage.parent.servers.iter().any(|s| s.name == *name)
            {
                return Err(fail(format!("there is no parent server {name}")));
            }
            Ok(vec![Action::Register { zone: stage.zone.clone(), change, only }])
        };
        let signed = |ds: bool| {
            if ds && stage.correct.key.is_none() {
                return Err(fail("there is no DS to publish: the correct side is not signed".to_owned()));
            }
            Ok(if ds { stage.correct_ds() } else { Vec::new() })
        };
        Ok(match &spanned.get_ref().what {
            WhatForm::Delegate { to, ds, only } => {
                registry(stage.delegate_to(party(*to)?, signed(*ds)?), only.as_ref())?
            }
            WhatForm::Hold { only } => registry(Change::Withdraw, only.as_ref())?,
            WhatForm::RemoveDs => registry(Change::Sign(Vec::new()), None)?,
            WhatForm::PublishDs => registry(Change::Sign(signed(true)?), None)?,
            WhatForm::Server { side, name, condition } => {
                let condition = word(*condition);
                let names = match (side, name) {
                    (Some(side), None) => party(*side)?.servers.iter().map(|s| s.name.clone()).collect(),
                    (None, Some(name)) => vec![name.0.clone()],
                    _ => return Err(fail("either 'side' or 'name' says which servers".to_owned())),
                };
                let all = || stage.roots.iter().chain(&stage.parent.servers).chain(
                    [Some(&stage.correct), Some(&stage.parked), stage.stranger.as_ref()].into_iter().flatten().flat_map(|p| &p.servers),
                );
                if let Some(unknown) = names.iter().find(|n| !all().any(|s| s.name == **n)) {
                    return Err(fail(format!("there is no server {unknown}")));
                }
                names.into_iter().map(|name| Action::Server { name, condition }).collect()
            }
            WhatForm::Drop { side } => {
                let servers = party(*side)?.servers.iter();
                servers.map(|s| Action::Drop { name: s.name.clone(), zone: stage.zone.clone() }).collect()
            }
            WhatForm::Serve { side } => {
                let party = party(*side)?;
                let zone = stage.zone_of(party);
                let servers = party.servers.iter();
                servers.map(|s| Action::Serve { name: s.name.clone(), zone: Box::new(zone.clone()) }).collect()
            }
            WhatForm::Flush { operator: whose, name, r#type, below } => {
                let name = zone_line::relative(name, &self.zone).map_err(fail)?;
                let scope = match (r#type, below) {
                    (Some(rtype), false) => FlushScope::Type(name, rtype.0),
                    (None, false) => FlushScope::Name(name),
                    (None, true) => FlushScope::Tree(name),
                    (Some(_), true) => return Err(fail("'type' and 'below' do not go together".to_owned())),
                };
                vec![Action::Flush { operator: operator(whose)?, scope }]
            }
            WhatForm::Resolver { id, condition } => {
                vec![Action::Resolver { id: resolver(id)?, condition: word(*condition) }]
            }
            WhatForm::Filter { operator: whose, answer, address, code } => {
                let answer = match (answer, address) {
                    (FilterForm::Nxdomain, None) => FilterAnswer::NxDomain,
                    (FilterForm::Refused, None) => FilterAnswer::Refused,
                    (FilterForm::Address, Some(address)) => FilterAnswer::Address(*address),
                    _ => return Err(fail("'address' goes with answer = \"address\", and only there".to_owned())),
                };
                let filter = Filter { zone: stage.zone.clone(), answer, code: *code };
                vec![Action::Filter { operator: operator(whose)?, filter }]
            }
            WhatForm::Unfilter { operator: whose } => {
                vec![Action::Unfilter { operator: operator(whose)?, zone: stage.zone.clone() }]
            }
            WhatForm::Cut => vec![Action::Cut],
            WhatForm::Mend => vec![Action::Mend],
            WhatForm::Intercept { by } => vec![Action::Intercept(resolver(by)?)],
            WhatForm::StopIntercepting => vec![Action::StopIntercepting],
        })
    }
}

fn host(form: HostForm) -> Host {
    let latency = form.latency.map_or(Duration::from_millis(10), |l| l.0);
    Host { name: form.name.0, addresses: form.addresses, latency, loss: form.loss.0, lag: form.lag.0 }
}

const fn word(condition: ConditionForm) -> Condition {
    match condition {
        ConditionForm::Up => Condition::Up,
        ConditionForm::Silent => Condition::Silent,
        ConditionForm::Closed => Condition::PortClosed,
        ConditionForm::Refusing => Condition::Refusing,
        ConditionForm::Failing => Condition::Failing,
    }
}
