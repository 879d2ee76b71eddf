//! Asks about one zone: two of the parent's servers about the delegation, one about DS, every delegated server about the apex, one
//! of them about keys, mail and hosts. What a zone cut or a host's addresses are is looked up once for all zones.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use futures::future::join_all;

use super::Tools;
use super::pacer::Pacer;
use super::shared::Shared;
use crate::audit::{
    DnsFacts, DnsTask, HostSaid, ParentSaid, ParentWord, ServerSaid, ServerWord, read_apex, read_delegation, read_host,
    read_keys, read_mail, read_signers,
};
use crate::dns::{Ds, Name, NsSet, Rdata, RecordType, shown};
use crate::observation::{Observation, Purpose, Query, Role, TargetId};
use crate::probe::{WalkError, ZoneCut};

/// So many parent servers' words are wanted; more are asked only where these say nothing.
const PARENTS_WANTED: usize = 2;
/// Most parent servers asked.
const MOST_PARENTS: usize = 6;
/// Most name servers of one zone, and addresses of one server in each family.
const MOST_SERVERS: usize = 13;
const MOST_ADDRESSES: usize = 2;
/// So many of the servers are asked for what any of them knows, until one answers.
const MOST_TRIES: usize = 3;

/// Asks about zones, one after the other or many at once.
pub struct ZoneAsker {
    tools: Tools,
    pacer: Arc<Pacer>,
    packets: Arc<AtomicU64>,
    /// By the name one label up: that decides which zone delegates.
    cuts: Shared<Arc<ZoneCut>>,
    hosts: Shared<Vec<SocketAddr>>,
}

/// What one zone cost.
#[derive(Default)]
struct Account(AtomicU32);

impl ZoneAsker {
    pub fn new(tools: Tools, pacer: Arc<Pacer>, packets: Arc<AtomicU64>) -> Self {
        Self { tools, pacer, packets, cuts: Shared::new(), hosts: Shared::new() }
    }

    /// Asks everything about one zone. May be dropped at any time.
    pub async fn ask(&self, task: &DnsTask) -> DnsFacts {
        let account = Account::default();
        let mut facts = DnsFacts::nothing(self.tools.clock.now());
        self.learn(task, &mut facts, &account).await;
        facts.heard = self.tools.clock.now();
        facts.packets = account.0.load(Ordering::Relaxed);
        facts
    }

    async fn learn(&self, task: &DnsTask, facts: &mut DnsFacts, account: &Account) {
        let zone = &task.zone;
        facts.hosts = task.hosts.iter().map(unheard).collect();
        let cut = match self.cut_above(zone, account).await {
            Ok(cut) => cut,
            Err(error) => {
                facts.failure = Some(shown::text(&error.to_string()));
                return;
            }
        };
        facts.parent = Some(cut.parent.clone());
        let told = self.ask_parents(zone, &cut, facts, account).await;
        let Some(set) = facts.delegation().cloned() else { return };
        let signers = self.ask_signers(zone, facts, account).await;
        if let Some(signers) = &signers {
            facts.take_signers(signers);
        }
        let port = facts.parents.first().map_or(53, |parent| parent.address.port());
        self.ask_servers(zone, &set, &cut.parent, port, &told, facts, account).await;
        let good: Vec<SocketAddr> = authoritative(facts).collect();
        if let Some(signers) = signers.filter(|signers| !signers.is_empty()) {
            let keys = self.first(&good, zone, RecordType::DNSKEY, Purpose::Keys, account, |o| read_keys(o, zone));
            if let Some(keys) = keys.await {
                facts.take_keys(zone, &signers, &keys);
            }
        }
        facts.mail = self.first(&good, zone, RecordType::MX, Purpose::Service, account, |o| read_mail(o, zone)).await;
        for host in &task.hosts {
            let said = self.ask_host(&good, host, account).await;
            if let Some(known) = facts.hosts.iter_mut().find(|known| known.name == *host) {
                *known = said;
            }
        }
    }

    async fn cut_above(&self, zone: &Name, account: &Account) -> Result<Arc<ZoneCut>, WalkError> {
        let above = zone.one_up().ok_or(WalkError::RootHasNoParent)?;
        let heard = |observation: Observation| self.charge(&observation, observation.packets, account);
        let walk = async { self.tools.walker.find_zone_cut(zone, &heard).await.map(Arc::new) };
        self.cuts.get(&above, walk).await
    }

    /// Asks some of the parent's servers, a different choice for each zone. Gives back their answers, for the addresses in them.
    async fn ask_parents(
        &self,
        zone: &Name,
        cut: &ZoneCut,
        facts: &mut DnsFacts,
        account: &Account,
    ) -> Vec<Observation> {
        let mut hasher = DefaultHasher::new();
        zone.hash(&mut hasher);
        let from = usize::try_from(hasher.finish() % 1_000).unwrap_or(0);
        // One address of each server first: two addresses of one server are one opinion.
        let mut order: Vec<(usize, SocketAddr)> = Vec::new();
        for server in &cut.servers {
            let again = cut.servers.iter().take_while(|s| *s != server).filter(|s| s.name == server.name).count();
            order.push((again, server.address));
        }
        let names = order.iter().filter(|(again, _)| *again == 0).count().max(1);
        let firsts = order.len().min(names);
        order.sort_by_key(|(again, _)| *again);
        if let Some(first) = order.get_mut(..firsts) {
            first.rotate_left(from % firsts.max(1));
        }
        let mut open = order.into_iter().map(|(_, address)| address).take(MOST_PARENTS);
        let mut told = Vec::new();
        loop {
            let learned = facts.parents.iter().filter(|p| is_word(&p.said)).count();
            let next: Vec<SocketAddr> = open.by_ref().take(PARENTS_WANTED.saturating_sub(learned)).collect();
            if next.is_empty() {
                return told;
            }
            let asked = next
                .iter()
                .map(|address| self.query(Role::Parent, *address, zone, RecordType::NS, Purpose::Delegation, account));
            for heard in join_all(asked).await {
                let said = read_delegation(&heard, zone);
                facts.parents.push(ParentSaid { address: heard.query.target.address, said });
                told.push(heard);
            }
        }
    }

    async fn ask_signers(&self, zone: &Name, facts: &DnsFacts, account: &Account) -> Option<Vec<Ds>> {
        let servers: Vec<SocketAddr> =
            facts.parents.iter().filter(|p| is_word(&p.said)).map(|parent| parent.address).collect();
        for address in servers.into_iter().take(MOST_TRIES) {
            let heard =
                self.query(Role::Parent, address, zone, RecordType::DS, Purpose::DelegationSigner, account).await;
            let signers = read_signers(&heard, zone);
            if signers.is_some() {
                return signers;
            }
        }
        None
    }

    #[expect(clippy::too_many_arguments, reason = "each is another thing, and they meet only here")]
    async fn ask_servers(
        &self,
        zone: &Name,
        set: &NsSet,
        parent: &Name,
        port: u16,
        told: &[Observation],
        facts: &mut DnsFacts,
        account: &Account,
    ) {
        let glue = glue(told, parent, port);
        let servers: Vec<&Name> = set.iter().take(MOST_SERVERS).collect();
        let found = join_all(servers.iter().map(|server| self.addresses(server, &glue, account))).await;
        let mut targets: Vec<(Name, SocketAddr)> = Vec::new();
        for (server, found) in servers.into_iter().zip(found) {
            match found {
                Ok(addresses) if addresses.is_empty() => {
                    if self.tools.walker.asks_every_family() {
                        facts.without_address.push((server.clone(), "it has none".to_owned()));
                    }
                }
                Ok(addresses) => {
                    for ipv4 in [true, false] {
                        let own = addresses.iter().filter(|address| address.is_ipv4() == ipv4);
                        targets.extend(own.take(MOST_ADDRESSES).map(|address| (server.clone(), *address)));
                    }
                }
                // Our side, or too much to look up: nothing is held against the server.
                Err(WalkError::NotSent(_) | WalkError::BudgetExceeded) => {}
                Err(error) => facts.without_address.push((server.clone(), shown::text(&error.to_string()))),
            }
        }
        let asked = targets.iter().map(|(_, address)| {
            self.query(Role::Authoritative, *address, zone, RecordType::NS, Purpose::ApexNs, account)
        });
        let heard = join_all(asked).await;
        for ((name, address), heard) in targets.into_iter().zip(heard) {
            facts.servers.push(ServerSaid { name, address, said: read_apex(&heard, zone) });
        }
    }

    async fn addresses(
        &self,
        server: &Name,
        glue: &BTreeMap<Name, Vec<SocketAddr>>,
        account: &Account,
    ) -> Result<Vec<SocketAddr>, WalkError> {
        let allowed = |addresses: &[SocketAddr]| -> Vec<SocketAddr> {
            addresses.iter().copied().filter(|address| self.tools.families.allow(*address)).collect()
        };
        if let Some(known) = glue.get(server).map(|known| allowed(known)).filter(|known| !known.is_empty()) {
            return Ok(known);
        }
        self.look_up(server, account).await
    }

    async fn look_up(&self, host: &Name, account: &Account) -> Result<Vec<SocketAddr>, WalkError> {
        let heard = |observation: Observation| self.charge(&observation, observation.packets, account);
        let walk = async { self.tools.walker.host_addresses(host, &heard).await };
        self.hosts.get(host, walk).await
    }

    /// Where a host leads, by the zone's own servers; where they delegate it further, by walking to it.
    async fn ask_host(&self, servers: &[SocketAddr], host: &Name, account: &Account) -> HostSaid {
        let mut said = unheard(host);
        for address in servers.iter().take(MOST_TRIES) {
            let heard = self.query(Role::Authoritative, *address, host, RecordType::A, Purpose::Service, account).await;
            let delegated = heard.response().is_some_and(|r| !r.aa && r.referral(host).is_some());
            read_host(&heard, RecordType::A, &mut said);
            if said.answered {
                if said.addresses.is_empty() && said.aliases.is_empty() {
                    let heard =
                        self.query(Role::Authoritative, *address, host, RecordType::AAAA, Purpose::Service, account);
                    read_host(&heard.await, RecordType::AAAA, &mut said);
                }
                return said;
            }
            if delegated {
                if let Ok(found) = self.look_up(host, account).await {
                    said.addresses = found.into_iter().map(|address| address.ip()).collect();
                    said.answered = true;
                }
                return said;
            }
        }
        said
    }

    /// Asks some servers one after the other until `read` makes something of an answer.
    async fn first<T>(
        &self,
        servers: &[SocketAddr],
        name: &Name,
        rtype: RecordType,
        purpose: Purpose,
        account: &Account,
        read: impl Fn(&Observation) -> Option<T>,
    ) -> Option<T> {
        for address in servers.iter().take(MOST_TRIES) {
            let heard = self.query(Role::Authoritative, *address, name, rtype, purpose, account).await;
            if let Some(told) = read(&heard) {
                return Some(told);
            }
        }
        None
    }

    async fn query(
        &self,
        role: Role,
        address: SocketAddr,
        name: &Name,
        rtype: RecordType,
        purpose: Purpose,
        account: &Account,
    ) -> Observation {
        self.pacer.wait(address.ip()).await;
        let query = Query::new(TargetId::new(role, address), name.clone(), rtype, purpose);
        let heard = self.tools.prober.ask(&query).await;
        self.pacer.charge(address.ip(), heard.packets.saturating_sub(1));
        self.count(heard.packets, account);
        heard
    }

    /// Counts what a walk sent without waiting.
    fn charge(&self, observation: &Observation, packets: u32, account: &Account) {
        self.pacer.charge(observation.query.target.address.ip(), packets);
        self.count(packets, account);
    }

    fn count(&self, packets: u32, account: &Account) {
        account.0.fetch_add(packets, Ordering::Relaxed);
        self.packets.fetch_add(u64::from(packets), Ordering::Relaxed);
    }
}

const fn is_word(said: &ParentWord) -> bool {
    matches!(said, ParentWord::Delegates(_) | ParentWord::Denies)
}

fn unheard(host: &Name) -> HostSaid {
    HostSaid { name: host.clone(), aliases: Vec::new(), addresses: Vec::new(), answered: false }
}

fn authoritative(facts: &DnsFacts) -> impl Iterator<Item = SocketAddr> {
    let good = facts.servers.iter().filter(|server| matches!(server.said, ServerWord::Authority(_)));
    good.map(|server| server.address)
}

/// Addresses that the parent's servers gave along, of hosts for which they may speak: in or below the parent zone. A delegation
/// has no ports: where the parent was asked, its children are asked too.
fn glue(told: &[Observation], parent: &Name, port: u16) -> BTreeMap<Name, Vec<SocketAddr>> {
    let mut glue: BTreeMap<Name, Vec<SocketAddr>> = BTreeMap::new();
    let records = told.iter().filter_map(Observation::response).flat_map(|response| &response.additional);
    for record in records.filter(|record| record.owner.is_at_or_below(parent)) {
        let ip = match &record.rdata {
            Rdata::A(ip) => (*ip).into(),
            Rdata::Aaaa(ip) => (*ip).into(),
            _ => continue,
        };
        let known = glue.entry(record.owner.clone()).or_default();
        let address = SocketAddr::new(ip, port);
        if !known.contains(&address) {
            known.push(address);
        }
    }
    glue
}
