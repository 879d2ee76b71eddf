//! One walk under way: sends, gathers, descends, resolves servers without glue, and stays within its budget.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::{BoxFuture, join_all};
use futures::stream::{FuturesUnordered, SelectAll, StreamExt as _};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::Instant;

use super::cut::{AddressTest, Cut, CutTest, Delegation};
use super::{ServerAddress, WalkError, Walker, ZoneCut};
use crate::dns::{Name, RecordType};
use crate::observation::{Observation, Outcome, Purpose, Query, Response, Role, TargetId};

/// After the first usable answer the others get this long to add to it.
const GRACE: Duration = Duration::from_millis(250);
/// Most queries of one walk, and searches for a host's addresses.
pub(super) const BUDGET_FOR_CUT: usize = 1_000;
/// The same for one host's addresses: a delegation may name hundreds of hosts.
pub(super) const BUDGET_FOR_HOST: usize = 200;
/// Most names whose addresses hang on each other.
const DEEPEST: usize = 8;
/// Most aliases followed from one host name.
const MOST_ALIASES: usize = 4;
/// So many servers at once are asked for a host's address; for a zone cut all of them.
const HOST_FAN_OUT: usize = 8;

/// Queries whose answers the walk no longer waits for.
pub(super) type LeftBehind = FuturesUnordered<BoxFuture<'static, (SocketAddr, Observation)>>;

/// One call of the walker.
pub(super) struct Trip<'a> {
    walker: &'a Walker,
    heard: &'a (dyn Fn(Observation) + Send + Sync),
    budget: AtomicUsize,
    left_behind: UnboundedSender<LeftBehind>,
}

/// One question to the servers of one zone.
struct Question<'q> {
    zone: &'q Name,
    name: &'q Name,
    rtype: RecordType,
    purpose: Purpose,
}

/// Runs a walk and, beside it, hears out the slow answers that it left behind, for as long as it takes.
pub(super) async fn accompany<T>(
    walk: impl Future<Output = T>,
    mut left_behind: UnboundedReceiver<LeftBehind>,
    heard: &(dyn Fn(Observation) + Send + Sync),
) -> T {
    let mut walk = pin!(walk);
    let mut slow = SelectAll::new();
    loop {
        tokio::select! {
            biased;
            Some((_, observation)) = slow.next() => heard(observation),
            Some(more) = left_behind.recv() => slow.push(more),
            end = &mut walk => return end,
        }
    }
}

impl<'a> Trip<'a> {
    pub(super) fn new(
        walker: &'a Walker,
        heard: &'a (dyn Fn(Observation) + Send + Sync),
        budget: usize,
    ) -> (Self, UnboundedReceiver<LeftBehind>) {
        let (sender, receiver) = unbounded_channel();
        (Self { walker, heard, budget: AtomicUsize::new(budget), left_behind: sender }, receiver)
    }

    pub(super) async fn find_zone_cut(&self, zone: &Name) -> Result<ZoneCut, WalkError> {
        let Some(last) = zone.one_up() else { return Err(WalkError::RootHasNoParent) };
        let mut on_the_way: Vec<Name> = std::iter::successors(Some(last), Name::one_up).collect();
        on_the_way.reverse();
        let mut cut = self.walker.nearest_cut(zone.one_up());
        for name in &on_the_way {
            // A referral may lead to a cut above the name; then the name is tested again from there.
            while name.is_below(&cut.zone) {
                match self.test_for_cut(&cut, name).await? {
                    Some(next) => cut = next,
                    None => break,
                }
            }
        }
        self.complete(&mut cut).await;
        Ok(zone_cut(cut))
    }

    /// Asks the servers of `cut` whether a zone begins at `name` (or between): the cut below, or none.
    async fn test_for_cut(&self, cut: &Cut, name: &Name) -> Result<Option<Cut>, WalkError> {
        let question = Question { zone: &cut.zone, name, rtype: RecordType::NS, purpose: Purpose::Walk };
        let tests = self.ask_cut(cut, &[], &question, |r| CutTest::read(r, name, &cut.zone)).await?;
        let told = tests.into_iter().filter_map(|(by, test)| match test {
            CutTest::Cut(delegation) => Some((by, delegation)),
            CutTest::NoCut => None,
        });
        Ok(self.descend(cut, told.collect()))
    }

    /// The cut that `told` leads to, remembered.
    fn descend(&self, above: &Cut, told: Vec<(SocketAddr, Delegation)>) -> Option<Cut> {
        let cut = Cut::merge(above, told, self.walker.families)?;
        self.walker.memory().cuts.insert(cut.zone.clone(), cut.clone());
        Some(cut)
    }

    /// Resolves every server of the cut that came without an address.
    async fn complete(&self, cut: &mut Cut) {
        let names = cut.without_address();
        if names.is_empty() {
            return;
        }
        let found = join_all(names.iter().map(|name| self.host_addresses(name.clone(), Vec::new()))).await;
        for (name, found) in names.iter().zip(found) {
            for server in cut.servers.iter_mut().filter(|server| server.name == *name) {
                match &found {
                    Ok(addresses) if !addresses.is_empty() => server.addresses.clone_from(addresses),
                    Ok(_) => server.failure = Some("it has no address that may be asked from here".to_owned()),
                    Err(error) => server.failure = Some(error.to_string()),
                }
            }
        }
        // What failed may work next time: only addresses are remembered.
        let mut known = cut.clone();
        known.servers.iter_mut().for_each(|server| server.failure = None);
        self.walker.memory().cuts.insert(cut.zone.clone(), known);
    }

    /// The addresses of a host. `path` holds the hosts whose addresses hang on this one.
    pub(super) fn host_addresses(
        &self,
        host: Name,
        mut path: Vec<Name>,
    ) -> BoxFuture<'_, Result<Vec<SocketAddr>, WalkError>> {
        async move {
            if path.contains(&host) {
                return Err(WalkError::DependsOnItself(host));
            }
            if path.len() >= DEEPEST {
                return Err(WalkError::TooDeep(host));
            }
            if let Some(known) = self.walker.memory().hosts.get(&host) {
                return Ok(known.clone());
            }
            // Names that hang on each other multiply without a query being sent: looking for one costs too.
            self.spend(1)?;
            path.push(host.clone());
            let mut target = host.clone();
            for _ in 0..=MOST_ALIASES {
                match self.look_up(&target, &path).await? {
                    Ok(addresses) => {
                        self.walker.memory().hosts.insert(host, addresses.clone());
                        return Ok(addresses);
                    }
                    Err(alias) => target = alias,
                }
            }
            Err(WalkError::TooDeep(host))
        }
        .boxed()
    }

    /// Walks to the zone of `host`: its addresses, or the name it is an alias of.
    async fn look_up(&self, host: &Name, path: &[Name]) -> Result<Result<Vec<SocketAddr>, Name>, WalkError> {
        let families = self.walker.families;
        let wanted = [(families.ipv4, RecordType::A), (families.ipv6, RecordType::AAAA)];
        // With neither family there are still loopback addresses.
        let first = wanted.iter().find(|(want, _)| *want).map_or(RecordType::A, |(_, rtype)| *rtype);
        let second = (families.ipv4 && families.ipv6).then_some(RecordType::AAAA);
        let mut cut = self.walker.nearest_cut(Some(host.clone()));
        let mut addresses = loop {
            match self.ask_for_addresses(&cut, host, first, path).await? {
                Knowledge::Addresses(addresses) => break addresses,
                Knowledge::Alias(target) => return Ok(Err(target)),
                Knowledge::Below(next) => cut = next,
            }
        };
        if let Some(rtype) = second
            // The host is found; that the second family cannot be asked for must not lose the first.
            && let Ok(Knowledge::Addresses(more)) = self.ask_for_addresses(&cut, host, rtype, path).await
        {
            addresses.extend(more);
        }
        addresses.retain(|address| families.allow(*address));
        Ok(Ok(addresses))
    }

    async fn ask_for_addresses(
        &self,
        cut: &Cut,
        host: &Name,
        rtype: RecordType,
        path: &[Name],
    ) -> Result<Knowledge, WalkError> {
        let question = Question { zone: &cut.zone, name: host, rtype, purpose: Purpose::HostAddress };
        let read = |response: &Response| AddressTest::read(response, host, rtype, &cut.zone);
        let (mut addresses, mut alias, mut below) = (Vec::new(), None, Vec::new());
        for (by, test) in self.ask_cut(cut, path, &question, read).await? {
            match test {
                AddressTest::Addresses(heard) => {
                    addresses.extend(heard.into_iter().map(|ip| SocketAddr::new(ip, by.port())));
                }
                AddressTest::Alias(target) => alias = alias.or(Some(target)),
                AddressTest::Below(delegation) => below.push((by, delegation)),
            }
        }
        // Data first; a denial by one server must not hide what another knows.
        let mut seen = HashSet::new();
        addresses.retain(|address| seen.insert(*address));
        match alias {
            _ if !addresses.is_empty() => Ok(Knowledge::Addresses(addresses)),
            Some(target) => Ok(Knowledge::Alias(target)),
            None => Ok(self.descend(cut, below).map_or(Knowledge::Addresses(addresses), Knowledge::Below)),
        }
    }

    /// Asks the servers of a cut and gives back what `read` makes of the usable responses, at least one. Servers
    /// without a known address are resolved only when the others gave nothing.
    async fn ask_cut<T>(
        &self,
        cut: &Cut,
        path: &[Name],
        question: &Question<'_>,
        read: impl Fn(&Response) -> Option<T>,
    ) -> Result<Vec<(SocketAddr, T)>, WalkError> {
        let addresses = cut.addresses();
        let at_once = if question.purpose == Purpose::HostAddress { HOST_FAN_OUT } else { addresses.len() };
        let mut tally = Tally::default();
        for some in addresses.chunks(at_once.max(1)) {
            let usable = self.ask_servers(some, question, &read, &mut tally).await?;
            if !usable.is_empty() {
                return Ok(usable);
            }
        }
        let mut failure = None;
        for name in cut.without_address() {
            let found = match self.host_addresses(name, path.to_vec()).await {
                Ok(found) => found,
                Err(WalkError::BudgetExceeded) => return Err(WalkError::BudgetExceeded),
                Err(error) => {
                    failure = Some(error);
                    continue;
                }
            };
            let usable = self.ask_servers(&found, question, &read, &mut tally).await?;
            if !usable.is_empty() {
                return Ok(usable);
            }
        }
        match failure {
            Some(ours @ WalkError::NotSent(_)) if tally.is_empty() => Err(ours),
            failure => {
                let reason = failure.map(|error| match error {
                    // The cause is wanted, not the way to it.
                    WalkError::NoServerAddress { reason, .. } => reason,
                    other => other.to_string(),
                });
                let reason = reason.or_else(|| cut.servers.iter().find_map(|server| server.failure.clone()));
                Err(tally.error(question.zone, reason.unwrap_or_else(|| "none is given".to_owned())))
            }
        }
    }

    /// Asks some servers at once: all usable responses, up to a short grace after the first. The rest is left behind.
    async fn ask_servers<T>(
        &self,
        servers: &[SocketAddr],
        question: &Question<'_>,
        read: &impl Fn(&Response) -> Option<T>,
        tally: &mut Tally,
    ) -> Result<Vec<(SocketAddr, T)>, WalkError> {
        self.spend(servers.len())?;
        let mut under_way: LeftBehind = servers.iter().map(|server| self.ask(*server, question)).collect();
        let mut usable = Vec::new();
        let mut until = None;
        loop {
            let next = match until {
                None => under_way.next().await,
                Some(until) => tokio::time::timeout_at(until, under_way.next()).await.unwrap_or(None),
            };
            let Some((server, observation)) = next else { break };
            tally.count(&observation.outcome);
            if let Some(told) = observation.response().and_then(read) {
                usable.push((server, told));
                until.get_or_insert_with(|| Instant::now() + GRACE);
            }
            (self.heard)(observation);
        }
        if !under_way.is_empty() {
            // Fails only when the walk is over, and then nobody wants them.
            let _ = self.left_behind.send(under_way);
        }
        Ok(usable)
    }

    fn spend(&self, steps: usize) -> Result<(), WalkError> {
        let left = |left: usize| left.checked_sub(steps);
        self.budget.fetch_update(Ordering::Relaxed, Ordering::Relaxed, left).map_err(|_| WalkError::BudgetExceeded)?;
        Ok(())
    }

    fn ask(&self, server: SocketAddr, question: &Question<'_>) -> BoxFuture<'static, (SocketAddr, Observation)> {
        let prober = Arc::clone(&self.walker.prober);
        let target = TargetId::new(Role::Walk, server);
        let query = Query::new(target, question.name.clone(), question.rtype, question.purpose);
        async move { (server, prober.ask(&query).await) }.boxed()
    }
}

/// What the servers of a cut know of a host's addresses.
enum Knowledge {
    Addresses(Vec<SocketAddr>),
    Alias(Name),
    Below(Cut),
}

/// How the servers of a cut failed.
#[derive(Default)]
struct Tally {
    heard: usize,
    silent: usize,
    not_sent: Option<String>,
}

impl Tally {
    fn count(&mut self, outcome: &Outcome) {
        match outcome {
            Outcome::Answered(_) | Outcome::Malformed { .. } => self.heard += 1,
            Outcome::NoResponse | Outcome::Unreachable => self.silent += 1,
            Outcome::NotSent { reason } => self.not_sent = Some(reason.clone()),
        }
    }

    fn is_empty(&self) -> bool {
        self.heard + self.silent == 0
    }

    fn error(self, zone: &Name, no_address: String) -> WalkError {
        let zone = zone.clone();
        match self.not_sent {
            _ if self.heard > 0 => WalkError::NoUsableAnswer { zone },
            _ if self.silent > 0 => WalkError::NobodyAnswered { zone },
            Some(reason) => WalkError::NotSent(reason),
            None => WalkError::NoServerAddress { zone, reason: no_address },
        }
    }
}

fn zone_cut(cut: Cut) -> ZoneCut {
    let mut found = ZoneCut { parent: cut.zone, servers: Vec::new(), unresolved: Vec::new() };
    for server in cut.servers {
        if server.addresses.is_empty() {
            let reason = server.failure.unwrap_or_else(|| "it has no address".to_owned());
            found.unresolved.push((server.name, reason));
        } else {
            let name = server.name;
            let addresses = server.addresses.into_iter();
            found.servers.extend(addresses.map(|address| ServerAddress { name: name.clone(), address }));
        }
    }
    found
}
