//! The state of an incident, and the ways to look at it.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};

use crate::catalog::ParkingCatalog;
use crate::dns::{Name, NsSet, RecordType};
use crate::incident::deafness::Deafness;
use crate::incident::forecast::{Foretold, Turn};
use crate::incident::memories::Memories;
use crate::incident::{
    Act, ArmedFlush, Budget, CountsAt, FindingSpan, FlushAct, FlushRecord, FlushStanding, Interception, NetworkChange,
    Opening, Outage, Phase, PhaseChange, RegistrationWatch, ResolverTarget, Shared, SourceTally, Survey, VerdictChange,
};
use crate::judge::{
    AuthorityJudgement, AuthorityRole, Calibration, Expectation, Finding, ParentJudgement, References,
    ResolverJudgement, SourceView, Verdict, Witnesses,
};
use crate::time::{ClockJump, Timestamp};

/// One zone under watch.
#[derive(Debug, Clone, PartialEq)]
pub struct Incident {
    pub(super) opening: Shared<Opening>,
    pub(super) started: Timestamp,
    pub(super) expectation: Option<Expectation>,
    pub(super) survey: Survey,
    pub(super) hosts: Vec<Name>,
    pub(super) parent_zone: Option<Name>,
    pub(super) unresolved_parents: Vec<(Name, String)>,
    pub(super) walk_failure: Option<(String, bool)>,
    pub(super) walk: Witnesses,
    pub(super) host_addresses: Shared<BTreeMap<Name, HostResolution>>,
    pub(super) parents: Shared<BTreeMap<SocketAddr, ParentServer>>,
    pub(super) authorities: Shared<BTreeMap<SocketAddr, AuthorityServer>>,
    /// Every name server host the parent was seen to delegate to: caches use them long after the parent does not.
    pub(super) delegated: Shared<BTreeSet<Name>>,
    pub(super) resolvers: Shared<Vec<ResolverWatch>>,
    pub(super) resolver_at: Shared<BTreeMap<SocketAddr, usize>>,
    pub(super) memories: Memories,
    pub(super) references: Shared<References>,
    pub(super) source: SourceView,
    pub(super) right_since: Option<Timestamp>,
    pub(super) wrong_since: Option<Timestamp>,
    pub(super) wrong_until: Option<Timestamp>,
    pub(super) wrong_seen: bool,
    /// Whether the parent was ever seen to hold a DS.
    pub(super) signer_seen: bool,
    /// The newest outage at the parent.
    pub(super) outage: Option<Outage>,
    /// What was foretold so far. Shared until something is added: an incident is copied each time it is published.
    pub(super) foretold: Arc<Vec<Foretold>>,
    pub(super) phases: Vec<PhaseChange>,
    /// Worked out when somebody asks: few of the states in between are ever looked at.
    pub(super) findings: OnceLock<Vec<Finding>>,
    pub(super) source_findings: Shared<Vec<Finding>>,
    /// The phase that the source alone decides; none when it is for the resolvers to say.
    pub(super) source_phase: Option<Phase>,
    pub(super) counts_over_time: Shared<Vec<CountsAt>>,
    pub(super) flushes: Shared<Vec<(Timestamp, FlushRecord)>>,
    pub(super) acts: Shared<Vec<Act>>,
    pub(super) network_changes: Vec<NetworkChange>,
    pub(super) finding_spans: Shared<Vec<FindingSpan>>,
    pub(super) flush_acts: Shared<Vec<(Timestamp, String, FlushAct)>>,
    pub(super) armed: Option<ArmedFlush>,
    pub(super) standings: Shared<Vec<FlushStanding>>,
    /// How often the standing of a flush changed.
    pub(super) flush_changes: u64,
    pub(super) heard: u64,
    pub(super) observed: u64,
    pub(super) not_sent: u64,
    /// How the machine fares with IPv4 and with IPv6, in this order.
    pub(super) families: [FamilyCount; 2],
    pub(super) last_not_sent: Option<String>,
    /// When a server beyond this network was last heard.
    pub(super) heard_afar: Option<Timestamp>,
    pub(super) packets: u64,
    pub(super) strays: u64,
    pub(super) clock_jumps: Vec<(Timestamp, ClockJump)>,
    pub(super) deafness: Deafness,
    /// Since when a resolver contradicts a parent that was not asked since.
    pub(super) doubted: Option<Timestamp>,
    pub(super) registration: Option<RegistrationWatch>,
    /// Whether something was heard of the registration since it was last judged.
    pub(super) registration_changed: bool,
    pub(super) interception: Interception,
    pub(super) budget: Option<Budget>,
    /// The largest TTL that any resolver showed for the long-lived neutral record, in seconds.
    pub(super) longest_ttl: u32,
    pub(super) source_changed: bool,
    /// Whether a source server said again what it had said: worth a fresh look only now and then.
    pub(super) source_repeated: bool,
    /// When the source was last judged.
    pub(super) source_settled: Timestamp,
    /// How often the source was judged.
    pub(super) source_judged: u64,
    /// When a source server last said something other than before.
    pub(super) source_moved: Timestamp,
    /// Whether anything at all was taken in since it was last settled.
    pub(super) touched: bool,
    /// Whether anything that is remembered changed when it was last settled.
    pub(super) noted: bool,
}

/// How queries to addresses of one family ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct FamilyCount {
    /// All of them.
    pub asked: u64,
    /// Those that could not be sent.
    pub not_sent: u64,
    /// The newest of them in a row that could not be sent.
    pub not_sent_in_a_row: u64,
    /// Those that servers beyond this network answered. Resolvers do not count: one may stand in the same room.
    pub heard_afar: u64,
}

/// What came of looking for a name server's addresses.
#[derive(Debug, Clone, PartialEq)]
pub struct HostResolution {
    /// Its addresses, or why there are none.
    pub addresses: Result<Vec<SocketAddr>, String>,
    /// When that was known.
    pub at: Timestamp,
}

/// One server of the parent zone.
#[derive(Debug, Clone, PartialEq)]
pub struct ParentServer {
    /// Its host name.
    pub name: Name,
    /// What it said.
    pub witnesses: Witnesses,
    /// What that amounts to.
    pub judgement: ParentJudgement,
    /// The delegation it held when it was first heard.
    pub first: Option<NsSet>,
    /// Since when its verdict is what it is.
    pub since: Timestamp,
    /// Its verdicts so far, oldest first; of very many the oldest but the first are forgotten.
    pub history: Vec<VerdictChange>,
}

/// One address of the zone's name servers.
#[derive(Debug, Clone, PartialEq)]
pub struct AuthorityServer {
    /// The host names with this address.
    pub names: Vec<Name>,
    /// Why it is asked.
    pub role: AuthorityRole,
    /// Whether its names belong to a parked set or a parking service.
    pub parked_host: bool,
    /// What it said.
    pub witnesses: Witnesses,
    /// What that amounts to.
    pub judgement: AuthorityJudgement,
    /// Its verdicts so far, oldest first; of very many the oldest but the first are forgotten.
    pub history: Vec<VerdictChange>,
}

/// One resolver address.
#[derive(Debug, Clone)]
pub struct ResolverWatch {
    /// Who it is.
    pub target: Shared<ResolverTarget>,
    /// What it said.
    pub witnesses: Witnesses,
    /// What that amounts to.
    pub judgement: Shared<ResolverJudgement>,
    /// What it can do, learned off the zone under watch, in this run or an earlier one.
    pub calibration: Shared<Calibration>,
    /// Whether it was seen to use the correct servers during the outage, and never to use others.
    pub(super) kept: Option<bool>,
    /// When anything was last heard from it.
    pub last_heard: Option<Timestamp>,
    /// Since when its verdict is what it is.
    pub since: Timestamp,
    /// Its verdicts so far, oldest first; of very many the oldest but the first are forgotten.
    pub history: Shared<Vec<VerdictChange>>,
    /// When it turned from wrong to correct, oldest first; of very many the oldest are forgotten.
    pub turns: Shared<Vec<Turn>>,
    /// When it was last seen wrong, if it has not been correct since.
    pub(super) wrong_seen: Option<Timestamp>,
    /// Whether something came since it was last judged.
    pub(super) stale: bool,
    /// When a moment that its verdict rests on will have passed.
    pub(super) rejudge_at: Option<Timestamp>,
    /// How often something came, or was judged.
    pub(super) changes: u64,
}

impl PartialEq for ResolverWatch {
    /// Whether the same was heard and follows from it, however often that was worked out.
    fn eq(&self, other: &Self) -> bool {
        let Self { target, witnesses, judgement, last_heard, since, history, stale, rejudge_at, .. } = self;
        let Self { calibration, turns, wrong_seen, changes: _, .. } = self;
        (target, judgement, *last_heard, *since) == (&other.target, &other.judgement, other.last_heard, other.since)
            && (history, *stale, *rejudge_at) == (&other.history, other.stale, other.rejudge_at)
            && (calibration, turns, *wrong_seen) == (&other.calibration, &other.turns, other.wrong_seen)
            && *witnesses == other.witnesses
    }
}

impl ResolverWatch {
    /// A number that differs whenever anything was heard, or judged anew, since it was last looked at.
    #[must_use]
    pub const fn changes(&self) -> u64 {
        self.changes
    }

    /// Whether it never lost the correct servers, as far as was seen: it was heard using them during the outage and never
    /// using others. It has not recovered; it had nothing to recover from.
    #[must_use]
    pub fn never_parked(&self) -> bool {
        matches!(self.kept, Some(true)) && matches!(self.judgement.verdict, Verdict::Correct)
    }
}

/// So many queries of a family in a row that could not be sent mean that it is of no use any more.
const NOTHING_LEAVES: u64 = 5;
/// The types of data watched at the apex and at every host.
const WATCHED_TYPES: [RecordType; 2] = [RecordType::A, RecordType::AAAA];

impl Incident {
    /// Starts an incident.
    #[must_use]
    pub fn open(opening: Opening, parking: Arc<ParkingCatalog>, now: Timestamp) -> Self {
        let references = References {
            zone: opening.zone.clone(),
            good_ns: opening.expectation.as_ref().map(|e| e.ns.clone()),
            parked_ns: opening.parked.clone(),
            good: crate::judge::SideFingerprint::default(),
            parked: crate::judge::SideFingerprint::default(),
            parking,
            parked_unheard: false,
            addresses_vary: opening.addresses_vary,
            marker: opening.marker.clone(),
        };
        let mut incident = Self {
            started: now,
            expectation: opening.expectation.clone(),
            survey: opening.survey,
            hosts: opening.hosts.clone(),
            parent_zone: None,
            unresolved_parents: Vec::new(),
            walk_failure: None,
            walk: Witnesses::default(),
            host_addresses: Shared::default(),
            parents: Shared::default(),
            authorities: Shared::default(),
            delegated: Shared::default(),
            resolvers: Shared::default(),
            resolver_at: Shared::default(),
            memories: Memories::default(),
            references: Shared::new(references),
            source: SourceView::default(),
            right_since: None,
            wrong_since: None,
            wrong_until: None,
            // A parked set that the operator names means that there was an outage before we looked.
            wrong_seen: !opening.parked.is_empty(),
            signer_seen: false,
            outage: None,
            foretold: Arc::default(),
            phases: vec![PhaseChange { at: now, phase: Phase::Starting }],
            findings: OnceLock::new(),
            source_findings: Shared::default(),
            source_phase: Some(Phase::Starting),
            counts_over_time: Shared::default(),
            flushes: Shared::default(),
            acts: Shared::default(),
            network_changes: Vec::new(),
            finding_spans: Shared::default(),
            flush_acts: Shared::default(),
            armed: None,
            standings: Shared::default(),
            flush_changes: 0,
            heard: 0,
            observed: 0,
            not_sent: 0,
            families: [FamilyCount::default(); 2],
            last_not_sent: None,
            heard_afar: None,
            packets: 0,
            strays: 0,
            clock_jumps: Vec::new(),
            deafness: Deafness::default(),
            doubted: None,
            registration: None,
            registration_changed: false,
            interception: Interception::default(),
            budget: None,
            longest_ttl: 0,
            source_changed: true,
            source_repeated: false,
            source_settled: now,
            source_judged: 0,
            source_moved: now,
            touched: true,
            noted: false,
            opening: Shared::new(opening),
        };
        for target in incident.opening.resolvers.clone() {
            incident.add_resolver(target, now);
        }
        incident.settle(now);
        incident
    }

    /// The zone under watch.
    #[must_use]
    pub fn zone(&self) -> &Name {
        &self.opening.zone
    }

    /// When it was opened.
    #[must_use]
    pub const fn started(&self) -> Timestamp {
        self.started
    }

    /// What is correct, when somebody has said so.
    #[must_use]
    pub const fn expectation(&self) -> Option<&Expectation> {
        self.expectation.as_ref()
    }

    /// What answers are held against.
    #[must_use]
    pub fn references(&self) -> &References {
        &self.references
    }

    /// What is known of the source.
    #[must_use]
    pub const fn source(&self) -> &SourceView {
        &self.source
    }

    /// When a server of the source last said something other than before.
    #[must_use]
    pub const fn source_moved(&self) -> Timestamp {
        self.source_moved
    }

    /// How often the source was judged: a server is added, or dropped, only then.
    #[must_use]
    pub const fn times_source_judged(&self) -> u64 {
        self.source_judged
    }

    /// Since when every parent server heard has been right; from the start when it never was otherwise.
    #[must_use]
    pub const fn right_since(&self) -> Option<Timestamp> {
        self.right_since
    }

    /// How resolvers are asked while the parent is wrong.
    #[must_use]
    pub const fn survey(&self) -> Survey {
        self.survey
    }

    /// Good samples a resolver needs to be called correct.
    #[must_use]
    pub fn samples_needed(&self) -> usize {
        self.opening.samples_needed
    }

    /// Good samples each resolver needs before the incident counts as recovered.
    #[must_use]
    pub fn confidence(&self) -> usize {
        self.opening.confidence
    }

    /// Below which name labels are made up: the marker's, else the zone's apex.
    #[must_use]
    pub fn nonce_base(&self) -> &Name {
        self.references.marker.as_ref().map_or(self.zone(), |marker| &marker.name)
    }

    /// Watched names besides the apex.
    #[must_use]
    pub fn hosts(&self) -> &[Name] {
        &self.hosts
    }

    /// The watched names and types: the apex first, then each host.
    #[must_use]
    pub fn watched(&self) -> Vec<(Name, RecordType)> {
        std::iter::once(self.zone())
            .chain(&self.hosts)
            .flat_map(|name| WATCHED_TYPES.map(|rtype| (name.clone(), rtype)))
            .collect()
    }

    /// The zone that holds the delegation, once found.
    #[must_use]
    pub const fn parent_zone(&self) -> Option<&Name> {
        self.parent_zone.as_ref()
    }

    /// Why the walk from the root failed, when it did and has not succeeded since.
    #[must_use]
    pub fn walk_failure(&self) -> Option<&str> {
        self.walk_failure.as_ref().map(|(reason, _)| reason.as_str())
    }

    /// What was heard on the way from the root.
    #[must_use]
    pub const fn walk(&self) -> &Witnesses {
        &self.walk
    }

    /// The parent's servers by address.
    #[must_use]
    pub fn parents(&self) -> &BTreeMap<SocketAddr, ParentServer> {
        &self.parents
    }

    /// The zone's name servers by address.
    #[must_use]
    pub fn authorities(&self) -> &BTreeMap<SocketAddr, AuthorityServer> {
        &self.authorities
    }

    /// What came of looking for name servers' addresses.
    #[must_use]
    pub fn host_addresses(&self) -> &BTreeMap<Name, HostResolution> {
        &self.host_addresses
    }

    /// The resolvers in the order given.
    #[must_use]
    pub fn resolvers(&self) -> &[ResolverWatch] {
        &self.resolvers
    }

    /// The resolver at an address.
    #[must_use]
    pub fn resolver(&self, address: SocketAddr) -> Option<&ResolverWatch> {
        self.resolvers.get(*self.resolver_at.get(&address)?)
    }

    /// Where the incident stands.
    #[must_use]
    pub fn phase(&self) -> Phase {
        self.phases.last().map_or(Phase::Starting, |change| change.phase)
    }

    /// Every phase it went through, oldest first; of very many the oldest but the first are forgotten.
    #[must_use]
    pub fn phases(&self) -> &[PhaseChange] {
        &self.phases
    }

    /// Facts worth saying, the gravest first.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        self.findings.get_or_init(|| self.find())
    }

    /// Flush steps and how they ended.
    #[must_use]
    pub fn flushes(&self) -> &[(Timestamp, FlushRecord)] {
        &self.flushes
    }

    /// How many queries ended, however.
    #[must_use]
    pub const fn observed(&self) -> u64 {
        self.observed
    }

    /// How many packets were sent.
    #[must_use]
    pub const fn packets(&self) -> u64 {
        self.packets
    }

    /// Whether anything was heard from anybody.
    #[must_use]
    pub const fn anything_heard(&self) -> bool {
        self.heard > 0
    }

    /// When a server of the walk, of the parent or of the zone was last heard. Resolvers do not count: one may stand in
    /// the same room.
    #[must_use]
    pub const fn heard_afar(&self) -> Option<Timestamp> {
        self.heard_afar
    }

    /// How many queries could not be sent, and the newest reason.
    #[must_use]
    pub fn not_sent(&self) -> (u64, Option<&str>) {
        (self.not_sent, self.last_not_sent.as_deref())
    }

    /// Whether nothing at all leaves this machine any more: what stands on the screen is what was heard before.
    #[must_use]
    pub fn nothing_leaves(&self) -> bool {
        let mut used = self.families.iter().filter(|f| f.asked > 0).peekable();
        used.peek().is_some() && used.all(|f| f.not_sent_in_a_row >= NOTHING_LEAVES)
    }

    /// Whether this machine reaches outside servers by the address's family at all. Where it does not, silence there
    /// is our own.
    #[must_use]
    pub const fn reaches_family_of(&self, address: SocketAddr) -> bool {
        let [ipv4, ipv6] = &self.families;
        if address.is_ipv4() { ipv4.heard_afar > 0 } else { ipv6.heard_afar > 0 }
    }

    /// Whether anything that is remembered changed when it was last settled: the source was judged anew, or a verdict or
    /// the phase became another. Where nothing did, settling at that moment may be left out, so long as it is settled
    /// before it is looked at.
    #[must_use]
    pub const fn noted(&self) -> bool {
        self.noted
    }

    /// How many packets came that answered nothing that was asked.
    #[must_use]
    pub const fn strays(&self) -> u64 {
        self.strays
    }

    /// When this machine slept or had its wall clock set, by the clock before it, oldest first.
    #[must_use]
    pub fn clock_jumps(&self) -> &[(Timestamp, ClockJump)] {
        &self.clock_jumps
    }

    /// The moment this machine last fell asleep, by the clock before it: TTLs counted up to then are void.
    pub(super) fn fell_asleep(&self) -> Option<Timestamp> {
        let slept = self.clock_jumps.iter().rev().find(|(_, jump)| matches!(jump, ClockJump::Slept(_)));
        slept.map(|(at, _)| *at)
    }

    /// The name servers that should be asked: expected ones first, then those the parent delegates to.
    #[must_use]
    pub fn server_names(&self) -> Vec<(Name, AuthorityRole)> {
        let expected: Vec<&Name> = self.references.good_ns.iter().flatten().collect();
        let mut names: Vec<(Name, AuthorityRole)> =
            expected.iter().map(|name| ((*name).clone(), AuthorityRole::Expected)).collect();
        let now = self.parents.values().filter_map(|p| p.judgement.ns.as_ref()).flatten();
        let mut others: Vec<&Name> =
            self.delegated.iter().chain(now).chain(self.opening.parked.iter().flatten()).collect();
        others.sort();
        others.dedup();
        names.extend(
            others.into_iter().filter(|n| !expected.contains(n)).map(|n| (n.clone(), AuthorityRole::Delegated)),
        );
        names
    }

    /// What came of looking for a name server's addresses. That none was found within the zone while the parent was
    /// wrong says nothing: the way there led through the wrong delegation.
    pub(super) fn trusted_resolution(&self, host: &Name) -> Option<&HostResolution> {
        let misled = |resolution: &&HostResolution| {
            resolution.addresses.as_ref().map_or(true, Vec::is_empty)
                && host.is_at_or_below(self.zone())
                && (self.parent_is_wrong() || self.wrong_until.is_some_and(|until| resolution.at <= until))
        };
        self.host_addresses.get(host).filter(|resolution| !misled(resolution))
    }

    /// Whether any parent server heard delegates wrongly, denies the name, or disagrees with another.
    pub(super) fn parent_is_wrong(&self) -> bool {
        let wrong = |v| matches!(v, Verdict::Parked | Verdict::Other | Verdict::Held);
        self.parents.values().any(|p| wrong(p.judgement.verdict)) || self.parents_disagree()
    }

    /// Parent servers by verdict.
    #[must_use]
    pub fn parent_tally(&self) -> SourceTally {
        SourceTally::count(self.parents.values().map(|p| p.judgement.verdict))
    }

    /// Expected name servers' addresses by verdict.
    #[must_use]
    pub fn expected_tally(&self) -> SourceTally {
        let expected = self.authorities.values().filter(|a| a.role == AuthorityRole::Expected);
        SourceTally::count(expected.map(|a| a.judgement.verdict))
    }

    /// How many resolvers have each verdict.
    #[must_use]
    pub fn count(&self, verdict: Verdict) -> usize {
        self.resolvers.iter().filter(|r| r.judgement.verdict == verdict).count()
    }

    /// Servers of the parent found without an address, with the reasons.
    #[must_use]
    pub fn unresolved_parents(&self) -> &[(Name, String)] {
        &self.unresolved_parents
    }
}
