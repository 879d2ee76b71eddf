//! Scenario files: a drill's world, script and checks in TOML, and the built-in ones.
//!
//! Everything is checked on reading; a bad file says file, line, field and reason. The only place of the drill that
//! knows serde.

mod form;

use std::collections::BTreeMap;
use std::time::Duration;

use serde::de::DeserializeOwned;
use thiserror::Error;
use toml::Spanned;

use form::{
    ActDoForm, ActForm, CheckForm, ConditionForm, DenialForm, DeskForm, DoForm, EventForm, FilterForm, Form, HoldForm,
    HostForm, NoRecursionForm, PartyForm, ResolverForm, SideForm, SpreadForm, StartForm, SurveyForm, UsersForm,
    WorldForm,
};

use super::machine::Machine;
use super::model::{
    Action, CacheOptions, Change, Condition, Denial, Filter, FilterAnswer, FlushScope, Hold, NoRecursion, Question,
    Seller, Spread,
};
use super::stage::{Desk, Host, Parent, Party, Resolver, Stage, Start, Users};
use super::zone_line;
use crate::dns::Name;
use crate::judge::Marker;

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
/// The root, `.com` and resolvers, for scenarios that say `world = "com"` (the public resolvers) or `world = "small"`
/// (one of each kind).
const WORLDS: [(&str, &str); 2] =
    [("com", include_str!("scenarios/world-com.toml")), ("small", include_str!("scenarios/world-small.toml"))];
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
    /// NS sets that the operator knows as parked.
    pub known_parked: Vec<Vec<Name>>,
    /// How resolvers are asked while the parent is wrong, in the word of the command line: `off`, `once` or `always`.
    pub survey: &'static str,
    /// Whether the operator says that the zone answers by place or load.
    pub varying_addresses: bool,
    /// The marker record the operator has put into the correct zone.
    pub marker: Option<Marker>,
    /// The world and its script.
    pub stage: Stage,
    /// When the machine of the tool sleeps, and when its wall clock is set.
    pub machine: Machine,
    /// What the operator of the tool does by itself, by time.
    pub acts: Vec<Act>,
    /// What a tool should say, and when.
    pub checks: Vec<Check>,
}

/// What the operator of the tool does at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    /// When, since the beginning.
    pub at: Duration,
    /// At whose resolvers: the operator as their entries name it.
    pub operator: String,
    /// What.
    pub deed: Deed,
}

/// What the operator of the tool does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// Flushes what is stale there, if the guard passes.
    Flush,
    /// Flushes it whatever the guard says.
    FlushEvenIfParked,
    /// Arms a flush that waits for the source to be right.
    ArmFlush,
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
    /// How many resolvers have a verdict, by its word.
    pub count: BTreeMap<String, usize>,
    /// The verdict on single resolvers, by their ids.
    pub verdict: BTreeMap<String, String>,
    /// The rules behind single rows: by a resolver's id that of its delegation or of its samples together, by id, name and
    /// type (`plain www A`) that of a watched name.
    pub rule: BTreeMap<String, String>,
    /// The same of rules that decided for a moment since the check before: by words such as `plain www A`.
    pub seen: BTreeMap<String, String>,
    /// The same of rules that decided at no moment since the check before.
    pub never: BTreeMap<String, String>,
    /// Texts that must stand in the headline or in what is said about the picture itself.
    pub says: Vec<String>,
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
            let Some((_, text)) = WORLDS.iter().find(|(name, _)| name == world.get_ref()) else {
                return Err(source.at(world, "the ready-made worlds are \"com\" and \"small\""));
            };
            let base: WorldForm = Source { file: "the ready-made world", text }.parse()?;
            form.root.splice(0..0, base.root);
            form.parent_server.splice(0..0, base.parent_server);
            if form.world_resolvers {
                form.resolver.splice(0..0, base.resolver);
            }
        }
        Reader { source, zone: form.zone.0.clone() }.check(form)
    }
}

/// A file's text and name: finds lines and fields for errors.
#[derive(Debug, Clone, Copy)]
struct Source<'a> {
    file: &'a str,
    text: &'a str,
}

impl Source<'_> {
    fn parse<T: DeserializeOwned>(&self) -> Result<T, ScenarioError> {
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

    /// An error about one field of a table.
    fn inside<T>(&self, table: &Spanned<T>, field: &str, reason: String) -> ScenarioError {
        let span = table.span();
        let text = self.text.get(span.clone()).unwrap_or_default();
        let mut at = span.start;
        for line in text.split_inclusive('\n') {
            if line.split_once('=').is_some_and(|(key, _)| key.trim() == field) {
                return self.error(at, Some(field.to_owned()), reason);
            }
            at += line.len();
        }
        self.error(span.start, Some(field.to_owned()), reason)
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
        let hosts = form
            .hosts
            .iter()
            .map(|text| zone_line::relative(text.get_ref(), &self.zone).map_err(|reason| source.at(text, reason)));
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
            registration: form.registration.map(desk),
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
        let mut machine = Machine::default();
        for event in &form.event {
            let what = event.get_ref();
            if let Some(span) = what.r#for {
                let slept = machine.sleep(what.at.0, span.0);
                slept.map_err(|reason| source.inside(event, "at", reason))?;
            }
            if let Some(step) = what.seconds {
                machine.set_clock(what.at.0, step.0);
            }
            for action in self.actions(event, &stage)? {
                stage.script.push((what.at.0, action));
            }
        }
        stage.script.sort_by_key(|(at, _)| *at);
        let mut acts = form.act.iter().map(|act| self.act(act, &stage)).collect::<Result<Vec<_>, _>>()?;
        acts.sort_by_key(|act| act.at);
        let moments = acts.iter().map(|act| act.at).chain(form.check.iter().map(|check| check.at.0));
        if let Some(at) = moments.into_iter().find(|at| machine.sleeps_at(*at)) {
            let at = humantime::format_duration(at);
            let asleep = form.event.iter().find(|event| event.get_ref().r#for.is_some());
            let reason = format!("something is done or checked at {at}, while the machine sleeps");
            return Err(asleep.map_or_else(
                || source.error(0, None, reason.clone()),
                |event| source.inside(event, "for", reason.clone()),
            ));
        }
        let marker = form
            .marker
            .as_ref()
            .map(|text| Marker::read(text.get_ref(), &self.zone).map_err(|reason| source.at(text, reason)));
        let checks = form.check.into_iter().map(|c| {
            let CheckForm { at, phase, must, must_not, count, verdict, rule, seen, never, says } = c;
            Check { at: at.0, phase, must, must_not, count, verdict, rule, seen, never, says }
        });
        Ok(Scenario {
            title: form.title,
            about: form.about,
            lasts: form.lasts.0,
            seed: form.seed,
            expect: form.expect.into_iter().map(|n| n.0).collect(),
            hosts,
            known_parked: form.known_parked.into_iter().map(|set| set.into_iter().map(|n| n.0).collect()).collect(),
            survey: match form.survey {
                SurveyForm::Off => "off",
                SurveyForm::Once => "once",
                SurveyForm::Always => "always",
            },
            varying_addresses: form.varying_addresses,
            marker: marker.transpose()?,
            stage,
            machine,
            acts,
            checks: checks.collect(),
        })
    }

    fn act(&self, spanned: &Spanned<ActForm>, stage: &Stage) -> Result<Act, ScenarioError> {
        let form = spanned.get_ref();
        if !stage.resolvers.iter().any(|r| r.operator == form.operator) {
            let reason = format!("no resolver is run by {}", form.operator);
            return Err(self.source.inside(spanned, "operator", reason));
        }
        let deed = match (form.r#do, form.even_if_parked) {
            (ActDoForm::Flush, false) => Deed::Flush,
            (ActDoForm::Flush, true) => Deed::FlushEvenIfParked,
            (ActDoForm::Arm, false) => Deed::ArmFlush,
            (ActDoForm::Arm, true) => {
                let reason = "what waits for the source overrides nothing".to_owned();
                return Err(self.source.inside(spanned, "even_if_parked", reason));
            }
        };
        Ok(Act { at: form.at.0, operator: form.operator.clone(), deed })
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
            servers: party
                .server
                .iter()
                .map(|s| host(HostForm { name: s.name.clone(), addresses: s.addresses.clone(), ..*s }))
                .collect(),
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
            ignores_flush: form.ignores_flush,
        })
    }

    /// What an event does. Several actions when it concerns several servers.
    fn actions(&self, spanned: &Spanned<EventForm>, stage: &Stage) -> Result<Vec<Action>, ScenarioError> {
        let form = spanned.get_ref();
        let fail = |field: &str, reason: String| self.source.inside(spanned, field, reason);
        if let Some((field, reason)) = form.misfit() {
            return Err(fail(field, reason.to_owned()));
        }
        let side = |field: &str, side: Option<SideForm>| match side {
            Some(SideForm::Correct) => Ok(&stage.correct),
            Some(SideForm::Parked) => Ok(&stage.parked),
            _ => stage.stranger.as_ref().ok_or_else(|| fail(field, "there is no [stranger]".to_owned())),
        };
        let operator = || {
            let name = form.operator.clone().unwrap_or_default();
            let known = stage.resolvers.iter().any(|r| r.operator == name);
            if known { Ok(name) } else { Err(fail("operator", format!("no resolver is run by '{name}'"))) }
        };
        let resolver = |field: &str, id: &Option<String>| {
            let id = id.clone().unwrap_or_default();
            let known = stage.resolvers.iter().any(|r| r.id == id);
            if known { Ok(id) } else { Err(fail(field, format!("there is no resolver '{id}'"))) }
        };
        let registry = |change: Change| {
            let only = form.only.as_ref().map(|n| n.0.clone());
            match &only {
                Some(name) if !stage.parent.servers.iter().any(|s| s.name == *name) => {
                    Err(fail("only", format!("there is no parent server {name}")))
                }
                _ => Ok(vec![Action::Register { zone: stage.zone.clone(), change, only }]),
            }
        };
        let ds = |wanted: bool| match (wanted, stage.correct_ds()) {
            (true, ds) if ds.is_empty() => Err(fail("ds", "the correct side is not signed".to_owned())),
            (true, ds) => Ok(ds),
            (false, _) => Ok(Vec::new()),
        };
        let condition = form.condition.map_or(Condition::Up, ConditionForm::condition);
        Ok(match form.r#do {
            DoForm::Delegate => registry(stage.delegate_to(side("to", form.to)?, ds(form.ds == Some(true))?))?,
            DoForm::Hold => registry(Change::Withdraw)?,
            DoForm::RemoveDs => registry(Change::Sign(Vec::new()))?,
            DoForm::PublishDs => {
                let mut signers = ds(true)?;
                if form.wrong_digest == Some(true) {
                    signers.iter_mut().flat_map(|ds| ds.digest.iter_mut()).for_each(|octet| *octet = !*octet);
                }
                registry(Change::Sign(signers))?
            }
            DoForm::Server => {
                let names = match (form.side, &form.name) {
                    (Some(_), None) => side("side", form.side)?.servers.iter().map(|s| s.name.clone()).collect(),
                    (None, Some(name)) => vec![zone_line::relative(name, &self.zone).map_err(|r| fail("name", r))?],
                    _ => return Err(fail("side", "either 'side' or 'name' says which servers".to_owned())),
                };
                if let Some(unknown) = names.iter().find(|name| !stage.hosts().any(|host| host.name == **name)) {
                    return Err(fail("name", format!("there is no server {unknown}")));
                }
                names.into_iter().map(|name| Action::Server { name, condition }).collect()
            }
            DoForm::Drop => {
                let servers = side("side", form.side)?.servers.iter();
                servers.map(|s| Action::Drop { name: s.name.clone(), zone: stage.zone.clone() }).collect()
            }
            DoForm::Serve => {
                let party = side("side", form.side)?;
                let mut zone = stage.zone_of(party);
                if let Some(serial) = form.serial {
                    zone.soa.serial = crate::dns::Serial(serial);
                }
                if let Some(lacking) = &form.without {
                    zone.records.remove(&zone_line::relative(lacking, &self.zone).map_err(|r| fail("without", r))?);
                }
                let servers: Vec<_> = match &form.name {
                    None => party.servers.iter().collect(),
                    Some(name) => {
                        let name = zone_line::relative(name, &self.zone).map_err(|reason| fail("name", reason))?;
                        stage.hosts().filter(|server| server.name == name).collect()
                    }
                };
                if servers.is_empty() {
                    return Err(fail("name", "there is no such server".to_owned()));
                }
                let servers = servers.into_iter();
                servers.map(|s| Action::Serve { name: s.name.clone(), zone: Box::new(zone.clone()) }).collect()
            }
            DoForm::Flush => {
                let name = form.name.as_deref().unwrap_or("@");
                let name = zone_line::relative(name, &self.zone).map_err(|reason| fail("name", reason))?;
                let scope = match (&form.r#type, form.below == Some(true)) {
                    (Some(rtype), false) => FlushScope::Type(name, rtype.0),
                    (None, false) => FlushScope::Name(name),
                    (None, true) => FlushScope::Tree(name),
                    (Some(_), true) => return Err(fail("below", "does not go together with 'type'".to_owned())),
                };
                vec![Action::Flush { operator: operator()?, scope }]
            }
            DoForm::Resolver => vec![Action::Resolver { id: resolver("id", &form.id)?, condition }],
            DoForm::Filter => {
                let answer = match (form.answer, form.address) {
                    (Some(FilterForm::Nxdomain), None) => FilterAnswer::NxDomain,
                    (Some(FilterForm::Refused), None) => FilterAnswer::Refused,
                    (Some(FilterForm::Address), Some(address)) => FilterAnswer::Address(address),
                    _ => return Err(fail("answer", "\"address\" goes with an address, and only that does".to_owned())),
                };
                let filter = Filter { zone: stage.zone.clone(), answer, code: form.code.unwrap_or(0) };
                vec![Action::Filter { operator: operator()?, filter }]
            }
            DoForm::Unfilter => vec![Action::Unfilter { operator: operator()?, zone: stage.zone.clone() }],
            DoForm::Cut => vec![Action::Cut],
            DoForm::Mend => vec![Action::Mend],
            DoForm::Unplug => vec![Action::Unplug],
            DoForm::Plug => vec![Action::Plug],
            DoForm::Intercept => vec![Action::Intercept(resolver("by", &form.by)?)],
            DoForm::StopIntercepting => vec![Action::StopIntercepting],
            // These concern the tool's machine, not the world.
            DoForm::Suspend | DoForm::ClockStep => Vec::new(),
        })
    }
}

fn desk(form: DeskForm) -> Desk {
    Desk {
        seller: Seller { name: form.registrar, iana_id: form.iana_id, phone: form.phone, email: form.email },
        lapses: form.lapses.map(|span| span.0),
        hold: match form.hold {
            HoldForm::Client => Hold::Client,
            HoldForm::Server => Hold::Server,
            HoldForm::Redemption => Hold::Redemption,
        },
        locked: form.locked,
    }
}

fn host(form: HostForm) -> Host {
    let latency = form.latency.map_or(Duration::from_millis(10), |l| l.0);
    Host { name: form.name.0, addresses: form.addresses, latency, loss: form.loss.0, lag: form.lag.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The default scenario with one text in it replaced.
    fn with(old: &str, new: &str) -> Result<Scenario, ScenarioError> {
        let (_, text) = BUILT_IN[0];
        assert_eq!(text.matches(old).count(), 1, "{old}");
        Scenario::read(&text.replace(old, new), "test.toml")
    }

    fn line_of(new: &str, old: &str) -> usize {
        let text = BUILT_IN[0].1.replace(old, new);
        let at = text.find(new).unwrap();
        text[..at].matches('\n').count() + 1
    }

    #[test]
    fn every_built_in_scenario_is_good() {
        for name in Scenario::names() {
            let scenario = Scenario::built_in(name).unwrap().unwrap();
            assert!(scenario.stage.resolvers.len() >= 20, "{name}");
            assert!((120..=300).contains(&scenario.lasts.as_secs()), "{name}");
        }
        assert!(Scenario::built_in("nothing").is_none());
    }

    #[test]
    fn bad_files_say_file_line_field_and_reason() {
        for (old, new, field, reason) in [
            ("lasts = \"4m\"", "lasts = \"soon\"", "lasts", "expected number"),
            ("zone = \"brevo.com.\"", "zone = \"brevo..com.\"", "zone", "empty label"),
            ("zone = \"com.\"", "zone = \"net.\"", "parent", "does not lie below"),
            ("zone = \"com.\"", "zone = 5", "zone", "invalid type"),
            ("world = \"com\"", "world = \"mars\"", "world", "ready-made"),
            ("seed = 20", "sead = 20", "sead", "unknown field"),
            ("@ 20 TXT v=spf1 mx -all", "@ 20 LOC here", "records", "not for drills"),
            ("api 20 A 198.51.100.12", "api 20 A 198.51.100", "records", "no IPv4 address"),
            ("api 20 A 198.51.100.12", "x.org. 20 A 198.51.100.9", "records", "outside the zone"),
            ("rate = 0.4", "rate = -1.0", "rate", "between 0 and"),
            ("side = \"parked\"", "side = \"stranger\"", "side", "no [stranger]"),
            ("side = \"parked\"", "sido = \"parked\"", "sido", "unknown field"),
            ("do = \"drop\"", "do = \"explode\"", "do", "explode"),
            ("side = \"parked\"", "operator = \"Quad9\"", "side", "missing"),
            ("side = \"parked\"", "side = \"parked\"\nid = \"google\"", "id", "does not go with"),
            ("at = \"150s\"", "at = \"later\"", "at", "number"),
            ("do = \"drop\"\nside = \"parked\"", "do = \"suspend\"", "for", "missing"),
            ("do = \"drop\"\nside = \"parked\"", "do = \"clock-step\"\nseconds = 9999999", "seconds", "31 days"),
            ("hosts = [\"www\", ", "hosts = [\"w..w\", ", "hosts", "empty label"),
        ] {
            let error = with(old, new).unwrap_err();
            assert!(error.reason.contains(reason), "{new}: {error}");
            assert_eq!((error.file.as_str(), error.field.as_str()), ("test.toml", field), "{new}: {error}");
            let line = line_of(new, old);
            assert!(line.abs_diff(error.line) <= 3, "{new} stands at {line}: {error}");
        }
    }

    #[test]
    fn what_is_left_out_is_named() {
        let error = with("title = \"brevo.com: renewed too late, parked by the registrar, restored\"", "").unwrap_err();
        assert_eq!(error.field, "title");
        assert!(error.to_string().starts_with("test.toml:"), "{error}");
    }
}
