//! The whole: world, resolvers, users and script, driven by time and packets.
//!
//! Event-driven: users' questions are drawn only where they change a cache. Between two such moments a busy cache
//! answers from what it holds, so nothing is lost by leaping over them (arrivals have no memory).

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::net::IpAddr;
use std::time::Duration;

use super::authority::{Condition, Upstream, World};
use super::cache::blank;
use super::packet::{Packet, Question, Reaction};
use super::random::{Map, Random, mix};
use super::registration::Registration;
use super::script::{Action, Change};
use super::service::{Service, finish};
use super::truth::Sides;
use super::zone::AuthoritativeAnswer;
use crate::dns::Name;
use crate::observation::Response;
use crate::time::Timestamp;

/// The port all servers answer at.
const PORT: u16 = 53;
/// How many happenings are remembered.
const LONGEST_HISTORY: usize = 10_000;

/// Users' questions at every cache of one resolver.
#[derive(Debug, Clone, PartialEq)]
pub struct Traffic {
    /// The resolver's id.
    pub resolver: String,
    /// What they ask. With `fresh_labels`, the name below which each question has a label of its own.
    pub question: Question,
    /// Whether every question has a new label: mistyped names, bots. These always go upstream.
    pub fresh_labels: bool,
    /// Questions a second at each cache.
    pub rate: f64,
    /// The users of each cache begin at a moment of their own within this span, the same for all that is asked there:
    /// so the leases of different caches do not end together.
    pub spread: Duration,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Happening {
    /// When.
    pub at: Timestamp,
    /// What, in words.
    pub what: String,
}

/// The simulated internet.
#[derive(Debug, Clone)]
pub struct Internet {
    pub(super) world: World,
    pub(super) services: Vec<Service>,
    pub(super) sides: Sides,
    registration: Option<Registration>,
    by_address: Map<IpAddr, usize>,
    traffic: Vec<(usize, Traffic)>,
    /// Counts flushes of each service: users' plans of an older generation are void.
    generations: Vec<u32>,
    /// Chance of each service's users, apart from each other so that one service can be played on alone.
    arrivals: Vec<Random>,
    queue: BinaryHeap<Reverse<Planned>>,
    planned: u64,
    random: Random,
    now: Timestamp,
    cut: bool,
    unplugged: bool,
    intercepted_by: Option<usize>,
    history: Vec<Happening>,
}

/// Something that will happen. Ordered by time, then by the order of planning.
#[derive(Debug, Clone)]
struct Planned {
    at: Timestamp,
    number: u64,
    what: Plan,
}

#[derive(Debug, Clone)]
enum Plan {
    Act(Box<Action>),
    TakeUp { server: usize, parent: Name, zone: Name, change: Box<Change> },
    User { traffic: usize, cache: usize, generation: u32 },
}

impl Internet {
    /// An internet without resolvers, users or script, at `now`.
    #[must_use]
    pub fn new(world: World, sides: Sides, seed: u64, now: Timestamp) -> Self {
        Self {
            world,
            services: Vec::new(),
            sides,
            registration: None,
            by_address: Map::default(),
            traffic: Vec::new(),
            generations: Vec::new(),
            arrivals: Vec::new(),
            queue: BinaryHeap::new(),
            planned: 0,
            random: Random::from_seed(seed),
            now,
            cut: false,
            unplugged: false,
            intercepted_by: None,
            history: Vec::new(),
        }
    }

    /// Adds a resolver.
    pub fn add_service(&mut self, service: Service) {
        for address in &service.addresses {
            self.by_address.insert(*address, self.services.len());
        }
        self.services.push(service);
        self.generations.push(0);
        self.arrivals.push(Random::from_seed(self.random.bits()));
    }

    /// Adds users at a resolver, from now on; ignored when there is no such resolver.
    pub fn add_traffic(&mut self, traffic: Traffic) {
        let Some(service) = self.services.iter().position(|s| s.id == traffic.resolver) else { return };
        let number = self.traffic.len();
        let spread = traffic.spread;
        self.traffic.push((service, traffic));
        self.plan_users(number, spread);
    }

    /// The registration of the incident's zone from now on.
    pub fn set_registration(&mut self, registration: Registration) {
        self.registration = Some(registration);
    }

    /// The registration of the incident's zone, where there is one to look at.
    #[must_use]
    pub const fn registration(&self) -> Option<&Registration> {
        self.registration.as_ref()
    }

    /// Plans an action.
    pub fn plan(&mut self, at: Timestamp, action: Action) {
        self.push(at, Plan::Act(Box::new(action)));
    }

    /// The authoritative servers.
    #[must_use]
    pub const fn world(&self) -> &World {
        &self.world
    }

    /// The resolvers.
    #[must_use]
    pub fn services(&self) -> &[Service] {
        &self.services
    }

    /// The resolver at an address.
    #[must_use]
    pub fn service_at(&self, address: IpAddr) -> Option<&Service> {
        self.by_address.get(&address).and_then(|index| self.services.get(*index))
    }

    /// What counts as correct and parked.
    #[must_use]
    pub const fn sides(&self) -> &Sides {
        &self.sides
    }

    /// The moment up to which everything has happened.
    #[must_use]
    pub const fn reached(&self) -> Timestamp {
        self.now
    }

    /// Whether our own machine is unplugged: what it sends does not leave, and it knows.
    #[must_use]
    pub const fn is_unplugged(&self) -> bool {
        self.unplugged
    }

    /// Whether our own network is cut.
    #[must_use]
    pub const fn is_cut(&self) -> bool {
        self.cut
    }

    /// What has happened so far, oldest first: actions and each parent server's taking up of changes.
    #[must_use]
    pub fn history(&self) -> &[Happening] {
        &self.history
    }

    /// When the next planned thing happens.
    #[must_use]
    pub fn next_event(&self) -> Option<Timestamp> {
        self.queue.peek().map(|Reverse(planned)| planned.at)
    }

    /// Lets everything happen that is due up to `to`. Time never goes back: an earlier `to` does nothing.
    pub fn advance(&mut self, to: Timestamp) {
        while self.next_event().is_some_and(|at| at <= to) {
            let Some(Reverse(planned)) = self.queue.pop() else { break };
            self.now = self.now.max(planned.at);
            match planned.what {
                Plan::Act(action) => self.act(self.now, *action),
                Plan::TakeUp { server, parent, zone, change } => self.take_up(server, &parent, &zone, &change),
                Plan::User { traffic, cache, generation } => self.use_cache(traffic, cache, generation),
            }
        }
        self.now = self.now.max(to);
    }

    /// Takes a packet at `now`, after all that was due before.
    pub fn receive(&mut self, now: Timestamp, packet: &Packet) -> Reaction {
        self.advance(now);
        if self.unplugged {
            return Reaction::NotSent;
        }
        if self.cut {
            return Reaction::Silence;
        }
        let address = packet.to.ip();
        let service = self.intercepted_by.or_else(|| self.by_address.get(&address).copied());
        if packet.to.port() != PORT {
            let known = service.is_some() || self.world.server_at(address).is_some();
            let after = Duration::from_millis(20);
            return if known { Reaction::Refusal { after } } else { Reaction::Silence };
        }
        match service.and_then(|index| self.services.get_mut(index)) {
            Some(service) => service.receive(&self.world, self.now, packet),
            None => self.ask_authority(address, packet),
        }
    }

    /// Makes something happen at `now` (not before what has already happened).
    pub fn act(&mut self, now: Timestamp, action: Action) {
        if now > self.now {
            self.advance(now);
        }
        self.remember(action.words());
        match action {
            Action::Register { zone, change, only } => {
                if let Some(registration) =
                    self.registration.as_mut().filter(|_| zone == self.sides.zone && only.is_none())
                {
                    registration.take(self.now, &change, &self.sides);
                }
                self.register(&zone, &change, only.as_ref());
            }
            Action::Server { name, condition } => self.world.named_mut(&name).for_each(|s| s.condition = condition),
            Action::Serve { name, zone } => self.world.named_mut(&name).for_each(|s| {
                s.zones.insert(zone.apex.clone(), (*zone).clone());
            }),
            Action::Drop { name, zone } => self.world.named_mut(&name).for_each(|s| {
                s.zones.remove(&zone);
            }),
            Action::Flush { operator, scope } => {
                for index in 0..self.services.len() {
                    let theirs = |s: &&mut Service| s.operator == operator && !s.ignores_flush;
                    if let Some(service) = self.services.get_mut(index).filter(theirs) {
                        service.caches.iter_mut().for_each(|cache| cache.flush(&scope));
                        self.replan_users(index);
                    }
                }
            }
            Action::Resolver { id, condition } => {
                self.services.iter_mut().filter(|s| s.id == id).for_each(|s| s.condition = condition);
            }
            Action::Filter { operator, filter } => {
                let theirs = self.services.iter_mut().filter(|s| s.operator == operator);
                theirs.for_each(|s| s.filters.push(filter.clone()));
            }
            Action::Unfilter { operator, zone } => {
                let theirs = self.services.iter_mut().filter(|s| s.operator == operator);
                theirs.for_each(|s| s.filters.retain(|f| f.zone != zone));
            }
            Action::Cut => self.cut = true,
            Action::Mend => self.cut = false,
            Action::Unplug => self.unplugged = true,
            Action::Plug => self.unplugged = false,
            Action::Intercept(id) => self.intercepted_by = self.services.iter().position(|s| s.id == id),
            Action::StopIntercepting => self.intercepted_by = None,
        }
    }

    /// The same internet with the caches of one resolver only: enough to see its future. None for another address.
    pub(super) fn only(&self, address: IpAddr) -> Option<Self> {
        let index = *self.by_address.get(&address)?;
        let mut queue = self.queue.clone();
        let traffic = &self.traffic;
        queue.retain(|Reverse(planned)| match planned.what {
            Plan::User { traffic: number, .. } => traffic.get(number).is_some_and(|(service, _)| *service == index),
            _ => true,
        });
        let services = self.services.iter().enumerate().map(|(at, service)| {
            if at == index {
                service.clone()
            } else {
                Service::new(&service.id, service.addresses.clone(), Vec::new(), 0)
            }
        });
        Some(Self {
            services: services.collect(),
            queue,
            world: self.world.clone(),
            sides: self.sides.clone(),
            registration: self.registration.clone(),
            by_address: self.by_address.clone(),
            traffic: self.traffic.clone(),
            generations: self.generations.clone(),
            arrivals: self.arrivals.clone(),
            random: self.random.clone(),
            history: Vec::new(),
            ..*self
        })
    }

    fn ask_authority(&mut self, address: IpAddr, packet: &Packet) -> Reaction {
        let Some(server) = self.world.server_at(address) else { return Reaction::Silence };
        let after = server.latency;
        if self.random.happens(server.loss) {
            return Reaction::Silence;
        }
        let mut response = match server.ask(&packet.question) {
            Upstream::Answer(answer) => message(*answer),
            Upstream::Error(rcode) => Response { ra: false, ..blank(rcode) },
            Upstream::Silence => return Reaction::Silence,
            Upstream::Closed => return Reaction::Refusal { after },
        };
        finish(&mut response, packet);
        Reaction::Answer { after, response }
    }

    fn register(&mut self, zone: &Name, change: &Change, only: Option<&Name>) {
        let (parent, servers) = self.world.parents_of(zone);
        for index in servers {
            let Some(server) = self.world.servers().get(index) else { continue };
            let at = match only {
                Some(name) if *name != server.name => continue,
                Some(_) => self.now,
                None => self.now + server.lag,
            };
            let what = Plan::TakeUp {
                server: index,
                parent: parent.clone(),
                zone: zone.clone(),
                change: Box::new(change.clone()),
            };
            self.push(at, what);
        }
    }

    fn take_up(&mut self, server: usize, parent: &Name, zone: &Name, change: &Change) {
        let Some(server) = self.world.server_mut(server) else { return };
        let name = server.name.clone();
        let Some(held) = server.zones.get_mut(parent) else { return };
        held.soa.serial.0 = held.soa.serial.0.wrapping_add(1);
        match change {
            Change::Delegate(delegation) => {
                held.delegations.insert(zone.clone(), delegation.clone());
            }
            Change::Withdraw => {
                held.delegations.remove(zone);
            }
            Change::Sign(ds) => {
                if let Some(delegation) = held.delegations.get_mut(zone) {
                    delegation.ds.clone_from(ds);
                }
            }
        }
        self.remember(format!("{} has taken up the change of {}", name.without_dot(), zone.without_dot()));
    }

    /// A user asks at a cache; then the next question that matters is planned.
    fn use_cache(&mut self, number: usize, cache_number: usize, generation: u32) {
        let Some((index, traffic)) = self.traffic.get(number) else { return };
        if self.generations.get(*index) != Some(&generation) {
            return;
        }
        let (index, rate, mut question) = (*index, traffic.rate, traffic.question.clone());
        let (Some(service), Some(random)) = (self.services.get_mut(index), self.arrivals.get_mut(index)) else {
            return;
        };
        let is_up = service.condition == Condition::Up;
        let Some(cache) = service.caches.get_mut(cache_number) else { return };
        let mut next = self.now;
        if traffic.fresh_labels {
            let label = format!("u{:016x}", random.bits());
            if let Ok(name) = question.name.child(label.as_bytes()) {
                question.name = name;
            }
        }
        if is_up {
            let _ = cache.respond(&self.world, self.now, &question, true, false, false);
            if !traffic.fresh_labels {
                next = cache.asks_again_at(self.now, &question.name, question.rtype);
            }
        }
        next = next + random.arrival(rate);
        self.push(next, Plan::User { traffic: number, cache: cache_number, generation });
    }

    /// Plans the first question of some traffic at each cache.
    fn plan_users(&mut self, number: usize, spread: Duration) {
        let Some((service, traffic)) = self.traffic.get(number) else { return };
        let (index, rate) = (*service, traffic.rate);
        let caches = self.services.get(index).map_or(0, |s| s.caches.len());
        let generation = self.generations.get(index).copied().unwrap_or(0);
        for cache in 0..caches {
            let Some(random) = self.arrivals.get_mut(index) else { return };
            let own = Random::from_seed(mix(index as u64) ^ cache as u64).span(spread);
            let at = self.now + own + random.arrival(rate);
            self.push(at, Plan::User { traffic: number, cache, generation });
        }
    }

    /// After a flush the users' next questions matter at once.
    fn replan_users(&mut self, index: usize) {
        if let Some(generation) = self.generations.get_mut(index) {
            *generation = generation.wrapping_add(1);
        }
        for number in 0..self.traffic.len() {
            if self.traffic.get(number).is_some_and(|(service, _)| *service == index) {
                self.plan_users(number, Duration::ZERO);
            }
        }
    }

    fn push(&mut self, at: Timestamp, what: Plan) {
        self.planned += 1;
        self.queue.push(Reverse(Planned { at, number: self.planned, what }));
    }

    fn remember(&mut self, what: String) {
        if self.history.len() < LONGEST_HISTORY {
            self.history.push(Happening { at: self.now, what });
        }
    }
}

/// An authoritative answer as a message.
fn message(answer: AuthoritativeAnswer) -> Response {
    Response {
        aa: answer.aa,
        ra: false,
        answer: answer.answer,
        authority: answer.authority,
        additional: answer.additional,
        ..blank(answer.rcode)
    }
}

impl PartialEq for Planned {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Planned {}

impl PartialOrd for Planned {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Planned {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.at, self.number).cmp(&(other.at, other.number))
    }
}
