//! How each event changes the incident. Only facts are kept here; [`Incident::settle`] judges them.

use std::net::SocketAddr;
use std::sync::Arc;

use crate::dns::Name;
use crate::incident::acts::{Deed, kept_note};
use crate::incident::state::{AuthorityServer, HostResolution, ParentServer, ResolverWatch};
use crate::incident::{Event, FoundServer, Incident, ResolverTarget, Shared};
use crate::judge::{
    AuthorityWitnesses, Heard, ParentWitnesses, ResolverJudgement, Rule, Witnesses, judge_authority, judge_parent,
};
use crate::observation::{Observation, Outcome, Role};
use crate::time::{ClockJump, Timestamp};

impl Incident {
    /// Takes in one fact that came at `at`.
    pub fn apply(&mut self, at: Timestamp, event: &Event) {
        self.touched = true;
        match event {
            Event::CutFound { parent, servers, unresolved } => {
                self.parent_zone = Some(parent.clone());
                self.unresolved_parents.clone_from(unresolved);
                self.walk_failure = None;
                self.take_parents(servers, at);
            }
            // Nothing is found while nobody answers; what was found before stands.
            Event::WalkFailed { .. } if self.deaf_since().is_some() && !self.parents.is_empty() => {}
            Event::WalkFailed { reason, ours } => self.walk_failure = Some((reason.clone(), *ours)),
            Event::HostResolved { host, addresses } => {
                self.host_addresses.insert(host.clone(), HostResolution { addresses: addresses.clone(), at });
            }
            Event::Observed(observation) => return self.observe(observation),
            Event::ExpectationAccepted(expectation) => {
                let before = self.expectation.replace(expectation.clone());
                self.note_act(at, Deed::AcceptedExpectation { before, after: expectation.clone() });
            }
            Event::SurveyChanged(survey) => {
                let before = std::mem::replace(&mut self.survey, *survey);
                self.note_act(at, Deed::ChangedSurvey { before, after: *survey });
            }
            Event::HostsWatched(hosts) => {
                let known = self.hosts.len();
                for host in hosts {
                    if host != self.zone() && !self.hosts.contains(host) {
                        self.hosts.push(host.clone());
                    }
                }
                let new = self.hosts.get(known..).unwrap_or_default().to_vec();
                self.note_act(at, Deed::WatchedHosts(new));
                for resolver in &mut self.resolvers {
                    resolver.stale = true;
                }
            }
            Event::NoteMade(text) => return self.note_act(at, Deed::MadeNote(kept_note(text))),
            Event::FlushActed { by, act } => {
                self.take_flush_act(at, by, act);
                return;
            }
            Event::FlushStepEnded(record) => {
                self.take_flush_record(at, record);
                return;
            }
            Event::RegistrationHeard(hearing) => return self.take_registration(at, hearing),
            Event::ResolverAdded(target) => {
                if !self.resolver_at.contains_key(&target.address) {
                    self.add_resolver(target.clone(), at);
                    self.note_act(at, Deed::AddedResolver(target.clone()));
                }
            }
            Event::StraysCame { total } => {
                self.strays = *total;
                return;
            }
            Event::CalibrationsRemembered(remembered) => {
                for (address, calibration) in remembered {
                    let at = self.resolver_at.get(address);
                    if let Some(resolver) = at.and_then(|at| self.resolvers.get_mut(*at)) {
                        resolver.calibration = Shared::new(calibration.clone());
                        resolver.stale = true;
                        resolver.changes += 1;
                    }
                    self.longest_ttl = self.longest_ttl.max(calibration.largest_long.unwrap_or(0));
                }
            }
            Event::ClockJumped { seconds } => self.note_jump(at, ClockJump::Slept(*seconds)),
            Event::WallClockSet { seconds } => {
                // Nothing was counted by it.
                self.note_jump(at, ClockJump::WallSet(*seconds));
                return;
            }
        }
        self.source_changed = true;
    }

    /// Takes in the end of a query: the same as [`Incident::apply`] does with [`Event::Observed`].
    pub fn observe(&mut self, heard: &Arc<Observation>) {
        let observation = &**heard;
        self.touched = true;
        self.observed += 1;
        self.packets += u64::from(observation.packets);
        let target = observation.query.target;
        if target.role == Role::Nobody {
            // Silence is what is hoped for there; it says nothing about this machine's network.
            return self.take_interception(observation);
        }
        if observation.was_heard() {
            self.heard += 1;
        }
        if let Outcome::NotSent { reason } = &observation.outcome {
            self.not_sent += 1;
            self.last_not_sent = Some(reason.clone());
        }
        let family = &mut self.families[usize::from(target.address.is_ipv6())];
        family.asked += 1;
        let not_sent = matches!(observation.outcome, Outcome::NotSent { .. });
        family.not_sent += u64::from(not_sent);
        family.not_sent_in_a_row = if not_sent { family.not_sent_in_a_row + 1 } else { 0 };
        if observation.was_heard() && target.role != Role::Resolver {
            self.heard_afar = self.heard_afar.max(Some(observation.at));
        }
        let heard_afar = observation.was_heard() && target.role != Role::Resolver;
        // That a family is of use at all changes what silence by it means.
        self.source_changed |= heard_afar && family.heard_afar == 0;
        family.heard_afar += u64::from(heard_afar);
        if !self.listen(observation) {
            return;
        }
        let heard = Heard { number: self.observed, observation: Arc::clone(heard) };
        match target.role {
            Role::Walk => self.walk.add(heard),
            Role::Parent => {
                let Some(parent) = self.parents.get_mut(&target.address) else { return };
                let news = is_news(&parent.witnesses, observation);
                parent.witnesses.add(heard);
                self.note_source(news, observation.at);
            }
            Role::Authoritative => {
                let Some(authority) = self.authorities.get_mut(&target.address) else { return };
                let news = is_news(&authority.witnesses, observation);
                authority.witnesses.add(heard);
                self.note_source(news, observation.at);
            }
            Role::Resolver => {
                let Some(at) = self.resolver_at.get(&target.address) else { return };
                let Some(resolver) = self.resolvers.get_mut(*at) else { return };
                if observation.was_heard() {
                    resolver.last_heard = Some(observation.at);
                }
                if !self.interception.stands() {
                    resolver.calibration.learn(observation);
                    self.longest_ttl = self.longest_ttl.max(resolver.calibration.largest_long.unwrap_or(0));
                }
                resolver.witnesses.add(heard);
                resolver.stale = true;
                resolver.changes += 1;
            }
            // Dealt with above.
            Role::Nobody => {}
        }
    }

    fn note_source(&mut self, news: bool, at: Timestamp) {
        if news {
            (self.source_changed, self.source_moved) = (true, self.source_moved.max(at));
        }
        self.source_repeated = true;
    }

    fn take_parents(&mut self, servers: &[FoundServer], now: Timestamp) {
        self.parents.retain(|address, _| servers.iter().any(|s| s.address == *address));
        for server in servers {
            if self.parents.contains_key(&server.address) {
                continue;
            }
            let nothing = ParentWitnesses { delegation: None, signer: None };
            let judgement = judge_parent(nothing, &self.references);
            let parent = ParentServer {
                name: server.name.clone(),
                witnesses: Witnesses::default(),
                judgement,
                first: None,
                since: now,
                history: Vec::new(),
            };
            self.parents.insert(server.address, parent);
        }
    }

    pub(super) fn add_resolver(&mut self, target: ResolverTarget, now: Timestamp) {
        if self.resolver_at.contains_key(&target.address) {
            return;
        }
        self.resolver_at.insert(target.address, self.resolvers.len());
        let judgement = ResolverJudgement::unjudged(Rule::NothingHeard);
        self.resolvers.push(ResolverWatch {
            target: Shared::new(target),
            witnesses: Witnesses::default(),
            judgement: Shared::new(judgement),
            calibration: Shared::default(),
            kept: None,
            last_heard: None,
            since: now,
            history: Shared::default(),
            turns: Shared::default(),
            wrong_seen: None,
            stale: true,
            rejudge_at: None,
            changes: 0,
        });
    }

    /// Brings the list of name servers to ask in line with the names and addresses known. A name that cannot be looked up any
    /// more has not moved: its servers stand where they were.
    pub(super) fn sync_authorities(&mut self) {
        let before: Vec<(SocketAddr, Vec<Name>)> =
            self.authorities.iter_mut().map(|(at, authority)| (*at, std::mem::take(&mut authority.names))).collect();
        for (name, role) in self.server_names() {
            let addresses = match self.trusted_resolution(&name).map(|h| &h.addresses) {
                Some(Ok(addresses)) => addresses.clone(),
                _ => before.iter().filter(|(_, names)| names.contains(&name)).map(|(at, _)| *at).collect(),
            };
            let parked_host = self.is_parked_host(&name);
            for address in addresses {
                let nothing = AuthorityWitnesses { soa: None, ns: None, keys: None };
                let entry = self.authorities.entry(address).or_insert_with(|| AuthorityServer {
                    names: Vec::new(),
                    role,
                    parked_host,
                    witnesses: Witnesses::default(),
                    judgement: judge_authority(nothing, role, parked_host, &self.references).0,
                    history: Vec::new(),
                });
                if entry.names.is_empty() {
                    // Expected names come first, so that the graver role decides for a shared address.
                    (entry.role, entry.parked_host) = (role, parked_host);
                }
                entry.names.push(name.clone());
            }
        }
        self.authorities.retain(|_, authority| !authority.names.is_empty());
    }

    pub(super) fn is_parked_host(&self, host: &Name) -> bool {
        let refs = &self.references;
        refs.good_ns.as_ref().is_none_or(|good| !good.contains(host))
            && (refs.parked_ns.iter().any(|set| set.contains(host))
                || refs.parking.match_ns(host).is_some_and(|f| !f.ambiguous))
    }
}

/// Whether a source server says something other than the last time it was asked the same.
fn is_news(witnesses: &Witnesses, observation: &Observation) -> bool {
    let query = &observation.query;
    let Some(before) = witnesses.about(query.purpose, &query.name, query.rtype).next_back() else { return true };
    match (&before.observation.outcome, &observation.outcome) {
        (Outcome::Answered(old), Outcome::Answered(new)) => {
            (old.rcode, old.aa, old.tc) != (new.rcode, new.aa, new.tc)
                || old.answer != new.answer
                || old.authority != new.authority
        }
        _ => true,
    }
}
