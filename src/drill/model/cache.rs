//! One cache of a recursive resolver and how it answers a client: from what it holds where it may, else by recursion.
//!
//! Pure: the world and the time are arguments.

use std::sync::Arc;
use std::time::Duration;

use super::authority::World;
use super::behaviour::{Failure, Kind, NoRecursion};
use super::packet::Question;
use super::random::Random;
use super::recursion::{Step, Walk, in_last_tenth};
use super::store::{ANY_TYPE, MAX_STALE, Security, Store, What};
use super::zone::records;
use crate::dns::{Name, Rcode, Rdata, Record, RecordType, Ttl};
use crate::observation::{Edns, ExtendedError, Response};
use crate::time::Timestamp;

/// The TTL of stale answers (RFC 8767 §4), in seconds.
const STALE_TTL: u32 = 30;
/// How long PowerDNS repeats an empty answer to RD=0, in seconds.
const EMPTY_FOR: i64 = 60;
/// How many aliases are followed.
const LONGEST_CHAIN: usize = 8;

/// How a cache is set up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CacheOptions {
    /// Which software it behaves like.
    pub kind: Kind,
    /// Whether it validates.
    pub validating: bool,
    /// Whether it refreshes entries in their last tenth.
    pub prefetch: bool,
    /// Whether it gives extended errors (RFC 8914).
    pub extended_errors: bool,
    /// What it does with RD=0.
    pub no_recursion: NoRecursion,
    /// The largest TTL it keeps, in seconds.
    pub cap: u32,
}

impl CacheOptions {
    /// The defaults of a kind: not validating, no prefetch, extended errors on.
    #[must_use]
    pub const fn new(kind: Kind) -> Self {
        Self {
            kind,
            validating: false,
            prefetch: false,
            extended_errors: true,
            no_recursion: kind.no_recursion(),
            cap: kind.cap(),
        }
    }
}

/// What an operator may flush.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FlushScope {
    /// One type at one name: what public flush pages do.
    Type(Name, RecordType),
    /// Everything at one name.
    Name(Name),
    /// Everything at and below a name.
    Tree(Name),
}

/// One cache.
#[derive(Debug, Clone)]
pub struct Cache {
    pub(super) options: CacheOptions,
    pub(super) store: Store,
    pub(super) random: Random,
    pub(super) fetches: u64,
}

/// What goes back to a client, before the front adds its own.
struct Reply {
    step: Step,
    /// Aliases on the way.
    chain: Vec<Record>,
    /// The owner of the data or of the denial.
    owner: Name,
    stale: bool,
}

impl Cache {
    /// An empty cache; `seed` decides which servers it asks first.
    #[must_use]
    pub fn new(options: CacheOptions, seed: u64) -> Self {
        Self { options, store: Store::new(options.kind), random: Random::from_seed(seed), fetches: 0 }
    }

    /// How many queries it has sent to authoritative servers.
    #[must_use]
    pub const fn fetches(&self) -> u64 {
        self.fetches
    }

    /// How it is set up.
    #[must_use]
    pub const fn options(&self) -> &CacheOptions {
        &self.options
    }

    /// Answers a client: how long it takes and what it says; none when the client hears nothing.
    pub fn respond(
        &mut self,
        world: &World,
        now: Timestamp,
        question: &Question,
        rd: bool,
        cd: bool,
        dnssec_ok: bool,
    ) -> Option<(Duration, Response)> {
        let second = seconds(now);
        let mut walk = Walk::new(world, second, cd, self.options.kind.uses_stale_delegations());
        if !rd && self.options.no_recursion != NoRecursion::Recurse {
            return Some((Duration::ZERO, self.without_recursion(&mut walk, question)));
        }
        let (name, rtype) = (&question.name, question.rtype);
        if let Some((failure, ends)) = self.store.failures.get(&(name.clone(), rtype))
            && second < *ends
            && !(cd && matches!(failure, Failure::Bogus { .. }))
        {
            return Some((Duration::ZERO, self.fail(*failure)));
        }
        let reply = self.resolve(&mut walk, name, rtype);
        let response = match reply.step {
            Step::Hang => return None,
            Step::Failed(failure) => {
                let ttl = self.options.kind.failure_ttl();
                if ttl > 0 {
                    let key = (name.clone(), rtype);
                    self.store.failures.insert(key, (failure, second.saturating_add(ttl)));
                    self.store.tidy(second);
                }
                self.fail(failure)
            }
            _ => self.word(reply, dnssec_ok),
        };
        Some((walk.waited, response))
    }

    /// Throws out what a flush names.
    pub fn flush(&mut self, scope: &FlushScope) {
        let hits = |name: &Name, rtype: RecordType| match scope {
            FlushScope::Type(target, wanted) => {
                name == target && (rtype == *wanted || rtype == ANY_TYPE || rtype == RecordType::CNAME)
            }
            FlushScope::Name(target) => name == target,
            FlushScope::Tree(target) => name.is_at_or_below(target),
        };
        let store = &mut self.store;
        store.entries.retain(|(name, rtype), _| !hits(name, *rtype));
        store.failures.retain(|(name, rtype), _| !hits(name, *rtype));
        store.empties.retain(|(name, rtype), _| !hits(name, *rtype));
        store.leases.retain(|name, _| !hits(name, RecordType::NS));
        store.bad_keys.retain(|name, _| !hits(name, RecordType::DS));
        if let FlushScope::Tree(target) = scope {
            store.gaps.retain(|zone, _| !zone.is_at_or_below(target));
        }
    }

    /// From which moment on a user's question for this name would make the cache ask upstream: its entry's end (or the
    /// start of its prefetch window). `now` when it holds nothing.
    #[must_use]
    pub fn asks_again_at(&self, now: Timestamp, name: &Name, rtype: RecordType) -> Timestamp {
        let second = seconds(now);
        let failure = self.store.failures.get(&(name.clone(), rtype)).map(|(_, ends)| *ends);
        let entry = self.store.entry(name, rtype, second).map(|(_, entry)| {
            let whole = self.store.dead_from(entry.leaves);
            if self.options.prefetch { whole.min(entry.ends - i64::from(entry.ttl / 10)) } else { whole }
        });
        let at = entry.into_iter().chain(failure).max().unwrap_or(second);
        Timestamp::from_secs(at).max(now)
    }

    /// One name and type: from the cache when it holds it, else fetched.
    pub(super) fn step(&mut self, walk: &mut Walk<'_>, name: &Name, rtype: RecordType) -> Step {
        match self.cached(walk, name, rtype) {
            Some(step) => step,
            None => self.fetch(walk, name, rtype),
        }
    }

    /// Follows aliases to the end.
    fn resolve(&mut self, walk: &mut Walk<'_>, name: &Name, rtype: RecordType) -> Reply {
        let mut reply = Reply { step: Step::Hang, chain: Vec::new(), owner: name.clone(), stale: false };
        let mut worst = Security::Secure;
        for _ in 0..LONGEST_CHAIN {
            let at = reply.owner.clone();
            reply.step = match self.cached(walk, &at, rtype) {
                Some(step) => {
                    self.prefetch(walk, &at, rtype);
                    step
                }
                None => match self.stale(walk, &at, rtype) {
                    Some(step) => {
                        reply.stale = true;
                        step
                    }
                    None => self.fetch(walk, &at, rtype),
                },
            };
            let security = match &reply.step {
                Step::Records(_, _, s) | Step::Alias(_, _, s) | Step::Negative(_, _, s) => *s,
                Step::Failed(_) | Step::Hang => return reply,
            };
            if security != Security::Secure {
                worst = security;
            }
            let Step::Alias(target, ttl, _) = &reply.step else { break };
            reply.chain.extend(records(&at, *ttl, &[Rdata::Cname(target.clone())]));
            reply.owner = target.clone();
        }
        match &mut reply.step {
            Step::Records(_, _, s) | Step::Negative(_, _, s) => *s = worst,
            // A chain too long, or a loop.
            _ => reply.step = Step::Failed(Failure::NoServer),
        }
        reply
    }

    /// What the cache may say without asking anybody.
    fn cached(&mut self, walk: &mut Walk<'_>, name: &Name, rtype: RecordType) -> Option<Step> {
        let now = walk.now;
        let found = self.store.entry(name, rtype, now).filter(|(_, e)| self.store.is_alive(e.leaves, now));
        if let Some((key, entry)) = found {
            let (what, zone, signed_by) = (entry.what.clone(), entry.zone.clone(), entry.signed_by);
            let left = left(entry.ends, now);
            let mut security = entry.security;
            if security == Security::Unchecked {
                security = self.judge(walk, &zone, signed_by);
                if security == Security::Bogus {
                    return Some(Step::Failed(self.bogus(now, &zone)));
                }
                if let Some(entry) = self.store.entries.get_mut(&key) {
                    entry.security = security;
                }
            }
            return Some(match (what, key.1) {
                (What::Records(data), RecordType::CNAME) if rtype != RecordType::CNAME => match data.first() {
                    Some(Rdata::Cname(target)) => Step::Alias(target.clone(), left, security),
                    _ => return None,
                },
                (What::Records(data), _) => Step::Records(data, left, security),
                (What::NoData(soa), _) => Step::Negative(Rcode::NOERROR, Some(counted(soa, left)), security),
                (What::NxDomain(soa), _) => Step::Negative(Rcode::NXDOMAIN, Some(counted(soa, left)), security),
            });
        }
        if rtype == RecordType::NS
            && !self.options.kind.keeps_delegations_apart()
            && let Some(lease) = self.store.live_lease(name, now)
            && lease.rank >= self.options.kind.answers_ns_from()
        {
            let (ttl, signed_by) = (left(lease.ends, now), lease.signed_by);
            let data = Arc::new(lease.ns.iter().cloned().map(Rdata::Ns).collect());
            let security = self.judge(walk, name, signed_by);
            if security == Security::Bogus {
                return Some(Step::Failed(self.bogus(now, name)));
            }
            return Some(Step::Records(data, ttl, security));
        }
        // A denial proven for the zone in use covers names never asked (RFC 8198).
        if self.options.validating && rtype != RecordType::DS {
            let zone = self.store.lease_above(name, now, false).map_or_else(Name::root, |(zone, _)| zone);
            if let Some(gap) = self.store.gap(&zone, name, now) {
                let soa = counted(gap.soa.clone(), left(gap.ends, now));
                return Some(Step::Negative(Rcode::NXDOMAIN, Some(soa), Security::Secure));
            }
        }
        None
    }

    /// The stale-first way: an entry past its time is the answer, and the question is asked anew behind it.
    fn stale(&mut self, walk: &mut Walk<'_>, name: &Name, rtype: RecordType) -> Option<Step> {
        if !self.options.kind.uses_stale_delegations() {
            return None;
        }
        let entry = self.store.entry(name, rtype, walk.now).filter(|(_, e)| walk.now < e.leaves + MAX_STALE);
        let step = match entry.map(|(key, e)| (key.1, e.what.clone())) {
            Some((_, What::NoData(soa))) => {
                Step::Negative(Rcode::NOERROR, Some(counted(soa, STALE_TTL)), Security::Unchecked)
            }
            Some((_, What::NxDomain(soa))) => {
                Step::Negative(Rcode::NXDOMAIN, Some(counted(soa, STALE_TTL)), Security::Unchecked)
            }
            Some((kind, What::Records(data))) => match (kind, data.first()) {
                (RecordType::CNAME, Some(Rdata::Cname(target))) if rtype != RecordType::CNAME => {
                    Step::Alias(target.clone(), STALE_TTL, Security::Unchecked)
                }
                _ => Step::Records(data, STALE_TTL, Security::Unchecked),
            },
            // An NS answer lives in the delegation.
            None if rtype == RecordType::NS => {
                let lease = self.store.leases.get(name)?;
                let usable = lease.rank >= self.options.kind.answers_ns_from() && walk.now < lease.ends + MAX_STALE;
                let data = usable.then(|| lease.ns.iter().cloned().map(Rdata::Ns).collect())?;
                Step::Records(Arc::new(data), STALE_TTL, Security::Unchecked)
            }
            None => return None,
        };
        let mut behind = Walk::new(walk.world, walk.now, walk.cd, false);
        let _ = self.fetch(&mut behind, name, rtype);
        Some(step)
    }

    /// Refreshes an entry in its last tenth; the client has its answer already.
    fn prefetch(&mut self, walk: &Walk<'_>, name: &Name, rtype: RecordType) {
        if !self.options.prefetch || self.options.kind == Kind::ChildTaking {
            return;
        }
        let mut behind = Walk::new(walk.world, walk.now, walk.cd, false);
        let due = |ttl, ends| in_last_tenth(ttl, ends, walk.now);
        if let Some((_, entry)) = self.store.entry(name, rtype, walk.now) {
            if due(entry.ttl, entry.ends) {
                let _ = self.fetch(&mut behind, name, rtype);
            }
        } else if rtype == RecordType::NS
            && let Some(lease) = self.store.live_lease(name, walk.now).cloned()
            && due(lease.ttl, lease.ends)
        {
            // Unbound asks the parent for it.
            self.store.leases.remove(name);
            if matches!(self.fetch(&mut behind, name, rtype), Step::Failed(_) | Step::Hang) {
                self.store.leases.insert(name.clone(), lease);
            }
        }
    }

    /// The answer to a query that does not want recursion.
    fn without_recursion(&mut self, walk: &mut Walk<'_>, question: &Question) -> Response {
        let (name, rtype) = (&question.name, question.rtype);
        let policy = self.options.no_recursion;
        match policy {
            NoRecursion::Refuse => return self.error(Rcode::REFUSED, Some((20, ""))),
            NoRecursion::RefusePlainly => return self.error(Rcode::REFUSED, None),
            _ => {}
        }
        let key = (name.clone(), rtype);
        if policy == NoRecursion::CachedOnly && self.store.empties.get(&key).is_some_and(|ends| walk.now < *ends) {
            return blank(Rcode::NOERROR);
        }
        // Looking must not fetch: no validation either, since that would ask for the DS.
        let cd = std::mem::replace(&mut walk.cd, true);
        let step = self.cached(walk, name, rtype);
        walk.cd = cd;
        let in_use = self.store.lease_above(name, walk.now, walk.stale);
        if let Some(step @ (Step::Records(..) | Step::Negative(..))) = step {
            let reply = Reply { step, chain: Vec::new(), owner: name.clone(), stale: false };
            let mut response = self.word(reply, false);
            if let (Kind::MinParentChild | Kind::StaleFirst, Some((zone, lease))) = (self.options.kind, &in_use)
                && !response.answer.is_empty()
                && rtype != RecordType::NS
            {
                let ns: Vec<_> = lease.ns.iter().cloned().map(Rdata::Ns).collect();
                response.authority = records(zone, left(lease.ends, walk.now), &ns);
            }
            return response;
        }
        let mut response = blank(Rcode::NOERROR);
        match policy {
            NoRecursion::Referral => {
                let (zone, ns, ttl) = in_use.map_or_else(
                    || (Name::root(), root_ns(walk.world), 86_400),
                    |(zone, lease)| (zone, lease.ns.clone(), left(lease.ends, walk.now)),
                );
                response.authority = records(&zone, ttl, &ns.into_iter().map(Rdata::Ns).collect::<Vec<_>>());
            }
            NoRecursion::RootReferral => {
                let ns: Vec<_> = root_ns(walk.world).into_iter().map(Rdata::Ns).collect();
                response.authority = records(&Name::root(), 86_400, &ns);
            }
            _ => {
                self.store.empties.insert(key, walk.now.saturating_add(EMPTY_FOR));
                self.store.tidy(walk.now);
            }
        }
        response
    }

    /// A reply as a message.
    fn word(&self, reply: Reply, dnssec_ok: bool) -> Response {
        let mut response = blank(Rcode::NOERROR);
        response.answer = reply.chain;
        let security = match reply.step {
            Step::Records(data, ttl, security) => {
                response.answer.extend(records(&reply.owner, ttl, &data));
                security
            }
            Step::Negative(rcode, soa, security) => {
                response.rcode = rcode;
                response.authority.extend(soa);
                security
            }
            _ => return self.error(Rcode::SERVFAIL, None),
        };
        response.ad = dnssec_ok && security == Security::Secure;
        if reply.stale && self.options.extended_errors {
            let code = if response.rcode == Rcode::NXDOMAIN { 19 } else { 3 };
            response.edns = Some(Edns { nsid: None, errors: vec![ExtendedError { code, text: String::new() }] });
        }
        response
    }

    fn fail(&self, failure: Failure) -> Response {
        self.error(Rcode::SERVFAIL, self.options.kind.extended_error(failure))
    }

    fn error(&self, rcode: Rcode, extended: Option<(u16, &str)>) -> Response {
        let mut response = blank(rcode);
        if let Some((code, text)) = extended.filter(|_| self.options.extended_errors) {
            response.edns = Some(Edns { nsid: None, errors: vec![ExtendedError { code, text: text.to_owned() }] });
        }
        response
    }
}

/// Seconds since the epoch, rounded down: the clock resolvers keep TTLs by.
pub(super) const fn seconds(now: Timestamp) -> i64 {
    now.as_micros().div_euclid(1_000_000)
}

/// What is left of a TTL, never below zero.
fn left(ends: i64, now: i64) -> u32 {
    u32::try_from(ends.saturating_sub(now).max(0)).unwrap_or(u32::MAX)
}

fn counted(mut soa: Record, ttl: u32) -> Record {
    soa.ttl = Ttl::from_wire(ttl);
    soa
}

fn root_ns(world: &World) -> Vec<Name> {
    let mut names: Vec<_> = world.roots().iter().map(|(name, _)| name.clone()).collect();
    names.dedup();
    names
}

/// A resolver's message with nothing in it.
pub(super) fn blank(rcode: Rcode) -> Response {
    Response { ra: true, edns: Some(Edns::default()), ..Response::empty(rcode) }
}
