//! How a cache finds out what it does not know: from the nearest delegation it holds down to an answer, learning
//! delegations on the way (RFC 1034 §5.3.3). The differences between resolvers are in [`super::behaviour`].

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use super::authority::{Upstream, World};
use super::behaviour::{Failure, Kind, Rank};
use super::cache::Cache;
use super::packet::Question;
use super::store::{ANY_TYPE, Entry, Gap, Lease, Security, What};
use super::zone::{AuthoritativeAnswer, Denial};
use crate::dns::{Name, Rcode, Rdata, Record, RecordType, Ttl};

/// How many servers are asked for one client query before giving up.
const MOST_QUERIES: u32 = 60;
/// How deep a search for name servers' addresses may nest.
const DEEPEST: u8 = 6;
/// How many servers of one zone are tried.
const MOST_TRIES: usize = 6;
/// What one server's silence costs before the next is tried.
const ONE_WAIT: Duration = Duration::from_millis(400);
/// For how many seconds a silent server is asked last.
const AVOIDED_FOR: i64 = 60;
/// For how many seconds Unbound hears silence before it asks the parent again (5 to 7 measured).
const MUTE_FOR: i64 = 5;

/// One client query's way through the world.
pub struct Walk<'a> {
    pub world: &'a World,
    /// The present second.
    pub now: i64,
    /// Checking disabled.
    pub cd: bool,
    /// Whether delegations past their time may be used.
    pub stale: bool,
    pub depth: u8,
    pub budget: u32,
    /// How long the client has waited.
    pub waited: Duration,
}

/// What is known of one name and type.
#[derive(Debug, Clone)]
pub enum Step {
    /// These data, for so many more seconds.
    Records(Arc<Vec<Rdata>>, u32, Security),
    /// Look there instead.
    Alias(Name, u32, Security),
    /// NXDOMAIN or NODATA, with the SOA (its TTL counted down).
    Negative(Rcode, Option<Record>, Security),
    /// SERVFAIL.
    Failed(Failure),
    /// The client hears nothing.
    Hang,
}

enum Asked {
    Answer(Box<AuthoritativeAnswer>),
    Failed { silent: bool },
}

impl<'a> Walk<'a> {
    /// A walk for a client query in the second `now`.
    pub const fn new(world: &'a World, now: i64, cd: bool, stale: bool) -> Self {
        Self { world, now, cd, stale, depth: 0, budget: MOST_QUERIES, waited: Duration::ZERO }
    }
}

impl Cache {
    /// Asks the authoritative servers about a name and keeps what they say.
    pub(super) fn fetch(&mut self, walk: &mut Walk<'_>, name: &Name, rtype: RecordType) -> Step {
        let from = if rtype == RecordType::DS { name.one_up() } else { None }.unwrap_or_else(|| name.clone());
        let mut asked_parent_again = false;
        for _ in 0..24 {
            let (zone, lease) = self
                .store
                .lease_above(&from, walk.now, walk.stale)
                .unwrap_or_else(|| (Name::root(), Arc::new(hints(walk.world))));
            match self.ask_zone(walk, &zone, &lease, name, rtype) {
                Asked::Answer(answer) => {
                    self.store.mute.remove(&zone);
                    let Some(cut) = referral_below(&answer, &zone, &from) else {
                        if !answer.aa {
                            return Step::Failed(Failure::NoServer);
                        }
                        let step = self.take(walk, &zone, name, rtype, &answer);
                        self.refresh_from_child(walk, &zone);
                        return step;
                    };
                    self.learn_referral(walk, &cut, &answer);
                }
                Asked::Failed { silent } => {
                    if !self.options.kind.asks_parent_again() || zone.is_root() || asked_parent_again {
                        let over = !self.store.is_alive(lease.ends, walk.now) && !zone.is_root();
                        return Step::Failed(if over { Failure::NoServerStale } else { Failure::NoServer });
                    }
                    if silent {
                        let since = *self.store.mute.entry(zone.clone()).or_insert(walk.now);
                        if walk.now.saturating_sub(since) < MUTE_FOR {
                            return Step::Hang;
                        }
                    }
                    asked_parent_again = true;
                    self.store.leases.remove(&zone);
                }
            }
        }
        Step::Failed(Failure::NoServer)
    }

    /// Asks the servers of a zone one after the other until one is of use.
    fn ask_zone(&mut self, walk: &mut Walk<'_>, zone: &Name, lease: &Lease, name: &Name, rtype: RecordType) -> Asked {
        let question = Question::new(name.clone(), rtype);
        let mut silent = false;
        let mut tries = 0;
        let start = self.random.below(lease.ns.len());
        let hosts = || lease.ns.iter().cycle().skip(start).take(lease.ns.len());
        // Servers that were silent lately come in the second pass.
        for second_pass in [false, true] {
            for host in hosts() {
                for address in self.addresses_of(walk, host, lease) {
                    let avoided = self.store.avoided.get(&address).is_some_and(|ends| walk.now < *ends);
                    if avoided != second_pass {
                        continue;
                    }
                    if tries == MOST_TRIES || walk.budget == 0 {
                        return Asked::Failed { silent };
                    }
                    tries += 1;
                    walk.budget -= 1;
                    match self.ask_server(walk, address, &question) {
                        Upstream::Answer(answer) if answer.aa || referral_below(&answer, zone, name).is_some() => {
                            self.store.avoided.remove(&address);
                            return Asked::Answer(answer);
                        }
                        Upstream::Answer(_) | Upstream::Error(_) => {}
                        Upstream::Closed if self.options.kind.notices_closed_ports() => {}
                        Upstream::Closed | Upstream::Silence => {
                            silent = true;
                            self.store.avoided.insert(address, walk.now.saturating_add(AVOIDED_FOR));
                            walk.waited = (walk.waited + ONE_WAIT).min(self.options.kind.patience());
                        }
                    }
                }
            }
        }
        if silent {
            walk.waited = self.options.kind.patience();
        }
        Asked::Failed { silent }
    }

    fn ask_server(&mut self, walk: &mut Walk<'_>, address: IpAddr, question: &Question) -> Upstream {
        self.fetches += 1;
        let Some(server) = walk.world.server_at(address) else { return Upstream::Silence };
        if self.random.happens(server.loss) {
            return Upstream::Silence;
        }
        walk.waited += server.latency;
        server.ask(question)
    }

    /// The addresses to ask for a name server, best first.
    fn addresses_of(&mut self, walk: &mut Walk<'_>, host: &Name, lease: &Lease) -> Vec<IpAddr> {
        let glue = || lease.glue.iter().filter(|(owner, _)| owner == host).map(|(_, address)| *address);
        let has_glue = glue().next().is_some();
        let trusts_glue = self.options.kind.trusts_glue();
        let mut found: Vec<IpAddr> = Vec::new();
        if trusts_glue {
            found.extend(glue());
        }
        if let Some((_, entry)) = self.store.entry(host, RecordType::A, walk.now)
            && self.store.is_alive(entry.leaves, walk.now)
            && let What::Records(data) = &entry.what
        {
            found.extend(data.iter().filter_map(address));
        }
        if found.is_empty() && has_glue {
            found.extend(glue());
        }
        if found.is_empty() && walk.depth < DEEPEST {
            walk.depth += 1;
            let cd = std::mem::replace(&mut walk.cd, true);
            if let Step::Records(data, ..) = self.step(walk, host, RecordType::A) {
                found.extend(data.iter().filter_map(address));
            }
            walk.cd = cd;
            walk.depth -= 1;
        }
        found.dedup();
        found
    }

    /// Keeps the delegation a referral brought.
    fn learn_referral(&mut self, walk: &mut Walk<'_>, cut: &Name, answer: &AuthoritativeAnswer) {
        let kind = self.options.kind;
        let (ns, ttl) = ns_of(&answer.authority, cut);
        let ttl = ttl.min(kind.delegation_cap(self.options.cap)).max(kind.delegation_floor());
        let glue = answer.additional.iter().filter_map(|r| Some((r.owner.clone(), address(&r.rdata)?))).collect();
        self.lend(walk.now, cut, Lease { ns, glue, rank: Rank::Referral, ttl, ends: 0, signed_by: None });
        if kind.fetches_child_ns() && walk.depth < DEEPEST {
            walk.depth += 1;
            let _ = self.fetch_own_ns(walk, cut);
            walk.depth -= 1;
        }
    }

    /// Asks the child for its own NS set, which changes the lease as the kind has it.
    fn fetch_own_ns(&mut self, walk: &mut Walk<'_>, zone: &Name) -> Option<()> {
        let lease = Arc::clone(self.store.live_lease(zone, walk.now)?);
        if let Asked::Answer(answer) = self.ask_zone(walk, zone, &lease, zone, RecordType::NS)
            && answer.aa
        {
            self.learn_ns_answer(walk.now, zone, &answer);
        }
        Some(())
    }

    /// PowerDNS `refresh-on-ttl-perc`: a lease from the parent in its last tenth is refreshed, from the child.
    fn refresh_from_child(&mut self, walk: &mut Walk<'_>, zone: &Name) {
        if !self.options.prefetch || self.options.kind != Kind::ChildTaking || zone.label_count() < 2 {
            return;
        }
        let due = self
            .store
            .live_lease(zone, walk.now)
            .is_some_and(|lease| lease.rank == Rank::Referral && in_last_tenth(lease.ttl, lease.ends, walk.now));
        if due {
            let _ = self.fetch_own_ns(walk, zone);
        }
    }

    /// Starts a lease now.
    fn lend(&mut self, now: i64, zone: &Name, mut lease: Lease) {
        lease.ends = now.saturating_add(i64::from(lease.ttl));
        self.store.leases.insert(zone.clone(), Arc::new(lease));
    }

    /// What the NS set in the answer section of an NS query does to the delegation. Gives the TTL to show.
    fn learn_ns_answer(&mut self, now: i64, zone: &Name, answer: &AuthoritativeAnswer) -> u32 {
        let (ns, said) = ns_of(&answer.answer, zone);
        let said = said.min(self.options.cap);
        let Some(old) = self.store.live_lease(zone, now).cloned() else { return said };
        let kind = self.options.kind;
        let left = u32::try_from(old.ends.saturating_sub(now)).unwrap_or(0);
        let (ttl, shown) = match kind {
            Kind::ParentCentric => return said,
            Kind::UnboundNew => (said.min(left), said),
            Kind::MinParentChild | Kind::StaleFirst => (said.min(left), said.min(left)),
            Kind::Renewing if old.rank == Rank::Answer && !is_expiring(&old, now) => return said,
            Kind::ChildTaking if old.rank >= Rank::Authority => return said,
            _ => (said, said),
        };
        let rank = if kind == Kind::ChildTaking { Rank::Authority } else { Rank::Answer };
        let glue = old.glue.clone();
        self.lend(now, zone, Lease { ns, glue, rank, ttl, ends: 0, signed_by: answer.signed_by });
        shown
    }

    /// What an NS set beside a positive answer does to the delegation.
    fn learn_authority_ns(&mut self, now: i64, zone: &Name, answer: &AuthoritativeAnswer) {
        let (ns, said) = ns_of(&answer.authority, zone);
        let Some(old) = self.store.live_lease(zone, now).cloned() else { return };
        let replaces = match self.options.kind {
            Kind::UnboundOld | Kind::ChildTaking => old.rank < Rank::Authority,
            Kind::Renewing => is_expiring(&old, now),
            _ => false,
        };
        if replaces && !ns.is_empty() {
            // Knot ranks a referral and the set beside an answer alike.
            let rank = if self.options.kind == Kind::Renewing { Rank::Referral } else { Rank::Authority };
            let (glue, ttl) = (old.glue.clone(), said.min(self.options.cap));
            self.lend(now, zone, Lease { ns, glue, rank, ttl, ends: 0, signed_by: answer.signed_by });
        }
    }

    /// Takes an authoritative answer into the cache.
    fn take(
        &mut self,
        walk: &mut Walk<'_>,
        zone: &Name,
        name: &Name,
        rtype: RecordType,
        answer: &AuthoritativeAnswer,
    ) -> Step {
        // A server may hold parent and child and answer from the child without a referral.
        let signer = if answer.zone.is_at_or_below(zone) { &answer.zone } else { zone };
        let security = self.judge(walk, signer, answer.signed_by);
        if security == Security::Bogus {
            return Step::Failed(self.bogus(walk.now, signer));
        }
        let mut entry = Entry {
            what: What::NoData(Record { owner: name.clone(), ttl: Ttl::from_wire(0), rdata: Rdata::Txt(Vec::new()) }),
            ttl: 0,
            ends: walk.now,
            leaves: walk.now,
            zone: signer.clone(),
            signed_by: answer.signed_by,
            security,
        };
        let first = answer.answer.iter().find(|r| r.owner == *name).map(|r| r.rdata.rtype());
        let Some(kind_of_first) = first.filter(|t| *t == rtype || *t == RecordType::CNAME) else {
            return self.take_denial(walk, zone, name, rtype, answer, entry);
        };
        let set = || answer.answer.iter().filter(|r| r.owner == *name && r.rdata.rtype() == kind_of_first);
        let said = set().map(|r| r.ttl.as_secs()).min().unwrap_or(0).min(self.options.cap);
        let data = Arc::new(set().map(|r| r.rdata.clone()).collect::<Vec<_>>());
        let is_own_ns = rtype == RecordType::NS && kind_of_first == RecordType::NS && zone == name;
        if is_own_ns && !self.options.kind.keeps_delegations_apart() {
            let shown = self.learn_ns_answer(walk.now, zone, answer);
            return Step::Records(data, shown, security);
        }
        self.learn_authority_ns(walk.now, zone, answer);
        let shortest = if self.options.kind.drops_whole_messages() {
            answer.authority.iter().map(|r| r.ttl.as_secs()).min().map_or(said, |ns| said.min(ns))
        } else {
            said
        };
        entry.what = What::Records(Arc::clone(&data));
        self.keep(walk.now, (name.clone(), kind_of_first), entry, said, shortest);
        match (kind_of_first, data.first()) {
            (RecordType::CNAME, Some(Rdata::Cname(target))) if rtype != RecordType::CNAME => {
                Step::Alias(target.clone(), said, security)
            }
            _ => Step::Records(data, said, security),
        }
    }

    fn take_denial(
        &mut self,
        walk: &Walk<'_>,
        zone: &Name,
        name: &Name,
        rtype: RecordType,
        answer: &AuthoritativeAnswer,
        mut entry: Entry,
    ) -> Step {
        let soa = answer.authority.iter().find(|r| matches!(r.rdata, Rdata::Soa(_))).cloned();
        let Some(mut soa) = soa else { return Step::Negative(answer.rcode, None, entry.security) };
        let ttl = soa.ttl.as_secs().min(self.options.kind.negative_cap()).min(self.options.cap);
        soa.ttl = Ttl::from_wire(ttl);
        let is_nx = answer.rcode == Rcode::NXDOMAIN;
        entry.what = if is_nx { What::NxDomain(soa.clone()) } else { What::NoData(soa.clone()) };
        let security = entry.security;
        self.keep(walk.now, (name.clone(), if is_nx { ANY_TYPE } else { rtype }), entry, ttl, ttl);
        if let Some((denial, before, after)) = &answer.gap
            && security == Security::Secure
            && (*denial == Denial::Nsec || *denial == Denial::Nsec3 && self.options.kind.synthesises_from_nsec3())
        {
            let ends = walk.now.saturating_add(i64::from(ttl));
            let gaps = self.store.gaps.entry(zone.clone()).or_default();
            gaps.retain(|gap| gap.before != *before && walk.now <= gap.ends);
            gaps.push(Gap { before: before.clone(), after: after.clone(), soa: soa.clone(), ends });
        }
        Step::Negative(answer.rcode, Some(soa), security)
    }

    fn keep(&mut self, now: i64, key: (Name, RecordType), mut entry: Entry, ttl: u32, shortest: u32) {
        if ttl == 0 || shortest == 0 {
            return;
        }
        entry.ttl = ttl;
        entry.ends = now.saturating_add(i64::from(ttl));
        entry.leaves = now.saturating_add(i64::from(shortest));
        self.store.entries.insert(key, entry);
        self.store.tidy(now);
    }
}

/// The hints as a delegation of the root that never ends.
fn hints(world: &World) -> Lease {
    let mut ns: Vec<Name> = world.roots().iter().map(|(name, _)| name.clone()).collect();
    ns.dedup();
    Lease { ns, glue: world.roots().to_vec(), rank: Rank::Referral, ttl: 86_400, ends: i64::MAX, signed_by: None }
}

/// The zone cut a referral leads to, when it leads down from `zone` towards `name`.
fn referral_below(answer: &AuthoritativeAnswer, zone: &Name, name: &Name) -> Option<Name> {
    if answer.aa || answer.rcode != Rcode::NOERROR || !answer.answer.is_empty() {
        return None;
    }
    let cut = answer.authority.iter().find(|r| matches!(r.rdata, Rdata::Ns(_))).map(|r| &r.owner)?;
    (cut.is_below(zone) && name.is_at_or_below(cut)).then(|| cut.clone())
}

/// The NS set of `owner` in a section and its TTL in seconds.
fn ns_of(section: &[Record], owner: &Name) -> (Vec<Name>, u32) {
    let mut ttl = u32::MAX;
    let mut names = Vec::new();
    for record in section {
        if let Rdata::Ns(name) = &record.rdata
            && record.owner == *owner
        {
            names.push(name.clone());
            ttl = ttl.min(record.ttl.as_secs());
        }
    }
    (names, ttl)
}

/// Knot's renewal window: the last 1 % of the TTL and 5 s.
fn is_expiring(lease: &Lease, now: i64) -> bool {
    lease.ends.saturating_sub(now) <= i64::from(lease.ttl / 100) + 5
}

/// Whether a thing is in the last tenth of its time.
pub fn in_last_tenth(ttl: u32, ends: i64, now: i64) -> bool {
    ends.saturating_sub(now).saturating_mul(10) <= i64::from(ttl)
}

fn address(rdata: &Rdata) -> Option<IpAddr> {
    match rdata {
        Rdata::A(v4) => Some(IpAddr::V4(*v4)),
        Rdata::Aaaa(v6) => Some(IpAddr::V6(*v6)),
        _ => None,
    }
}
