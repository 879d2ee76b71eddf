//! A public resolver as its clients see it: some addresses, and behind them one or many caches that know nothing of
//! each other, with latency, loss, limits and filters in front.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use super::authority::{Condition, World};
use super::cache::{Cache, blank};
use super::packet::{Packet, Reaction};
use super::random::{Random, SteadyHasher, mix};
use super::zone::records;
use crate::dns::{Class, Name, Rcode, Rdata, RecordType};
use crate::observation::{Edns, ExtendedError, Response};
use crate::time::Timestamp;

/// How a load balancer chooses the cache for a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Spread {
    /// By the client's flow: a new source port may reach another cache.
    #[default]
    Flow,
    /// By the name asked: one name always reaches the same cache.
    Name,
}

/// What a filter says instead of the truth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FilterAnswer {
    /// No such domain.
    NxDomain,
    /// The address of a block page, for A; nothing for other types.
    Address(Ipv4Addr),
    /// REFUSED.
    Refused,
}

/// A name that a resolver does not answer truly, by policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// This zone and all below.
    pub zone: Name,
    /// What is said.
    pub answer: FilterAnswer,
    /// The extended error that says so (15–18); zero for none.
    pub code: u16,
}

/// A public resolver.
#[derive(Debug, Clone)]
pub struct Service {
    /// Its name in scenario files.
    pub id: String,
    /// Who runs it. Flushes go by operator.
    pub operator: String,
    /// Its addresses; all lead to the same caches.
    pub addresses: Vec<IpAddr>,
    /// Its caches, at least one.
    pub caches: Vec<Cache>,
    /// How a packet finds its cache.
    pub spread: Spread,
    /// Round-trip time to it.
    pub latency: Duration,
    /// At most so much more, by chance.
    pub jitter: Duration,
    /// Share of packets lost, 0 to 1.
    pub loss: f64,
    /// How it is.
    pub condition: Condition,
    /// Queries a second it takes from us before it answers REFUSED.
    pub rate_limit: Option<f64>,
    /// Its NSID, where `{}` stands for the cache's number.
    pub nsid: Option<String>,
    /// What it answers to CH TXT `id.server`, in the same form.
    pub identity: Option<String>,
    /// Whether its caches stay as they are when its operator takes a flush.
    pub ignores_flush: bool,
    /// Names it filters.
    pub filters: Vec<Filter>,
    random: Random,
    seed: u64,
    /// Tokens left under the rate limit, and when they were counted.
    tokens: (f64, Timestamp),
}

impl Service {
    /// A resolver with these caches: 20 ms away, no loss, no limit, no identity.
    #[must_use]
    pub fn new(id: &str, addresses: Vec<IpAddr>, caches: Vec<Cache>, seed: u64) -> Self {
        Self {
            id: id.to_owned(),
            operator: id.to_owned(),
            addresses,
            caches,
            spread: Spread::Flow,
            latency: Duration::from_millis(20),
            jitter: Duration::ZERO,
            loss: 0.0,
            condition: Condition::Up,
            rate_limit: None,
            nsid: None,
            identity: None,
            ignores_flush: false,
            filters: Vec::new(),
            random: Random::from_seed(seed),
            seed,
            tokens: (0.0, Timestamp::default()),
        }
    }

    /// Which cache a packet reaches.
    #[must_use]
    pub fn cache_for(&self, packet: &Packet) -> usize {
        use std::hash::{Hash, Hasher};
        let mut hasher = SteadyHasher::default();
        match self.spread {
            Spread::Flow => (packet.from, packet.to, packet.transport).hash(&mut hasher),
            Spread::Name => packet.question.name.hash(&mut hasher),
        }
        let hash = mix(hasher.finish() ^ self.seed);
        let count = u64::try_from(self.caches.len()).unwrap_or(u64::MAX).max(1);
        usize::try_from(hash % count).unwrap_or(0)
    }

    /// Takes a packet.
    pub fn receive(&mut self, world: &World, now: Timestamp, packet: &Packet) -> Reaction {
        let after = self.latency + self.random.span(self.jitter);
        match self.condition {
            Condition::Silent => return Reaction::Silence,
            Condition::PortClosed => return Reaction::Refusal { after },
            Condition::Refusing | Condition::Failing | Condition::Up => {}
        }
        if self.random.happens(self.loss) {
            return Reaction::Silence;
        }
        let cache = self.cache_for(packet);
        let (waited, mut response) = if self.condition == Condition::Refusing || !self.has_token(now) {
            (Duration::ZERO, blank(Rcode::REFUSED))
        } else if self.condition == Condition::Failing {
            (Duration::ZERO, blank(Rcode::SERVFAIL))
        } else if packet.question.class == Class::CH {
            (Duration::ZERO, self.identify(cache, packet))
        } else if packet.question.class != Class::IN {
            (Duration::ZERO, blank(Rcode::NOTIMP))
        } else if let Some(filter) = self.filters.iter().find(|f| packet.question.name.is_at_or_below(&f.zone)) {
            (Duration::ZERO, filtered(filter, packet))
        } else {
            let Some(cache) = self.caches.get_mut(cache) else { return Reaction::Silence };
            match cache.respond(world, now, &packet.question, packet.rd, packet.cd, packet.dnssec_ok) {
                Some(said) => said,
                None => return Reaction::Silence,
            }
        };
        if packet.nsid_wanted
            && let Some(pattern) = &self.nsid
        {
            let nsid = pattern.replace("{}", &cache.to_string()).into_bytes();
            response.edns.get_or_insert_default().nsid = Some(nsid);
        }
        finish(&mut response, packet);
        Reaction::Answer { after: after + waited, response }
    }

    /// The instance's own name for a cache, for people.
    #[must_use]
    pub fn instance(&self, cache: usize) -> String {
        let pattern = self.nsid.as_deref().or(self.identity.as_deref()).unwrap_or("cache {}");
        pattern.replace("{}", &cache.to_string())
    }

    fn identify(&self, cache: usize, packet: &Packet) -> Response {
        let asked = packet.question.name.to_string();
        let known = ["id.server.", "hostname.bind."].contains(&asked.as_str());
        match self.identity.as_ref().filter(|_| known && packet.question.rtype == RecordType::TXT) {
            Some(pattern) => {
                let text = pattern.replace("{}", &cache.to_string()).into_bytes();
                let mut response = blank(Rcode::NOERROR);
                response.answer = records(&packet.question.name, 0, &[Rdata::Txt(vec![text])]);
                response
            }
            None => blank(Rcode::REFUSED),
        }
    }

    /// Takes a token; false when the client asks too fast.
    fn has_token(&mut self, now: Timestamp) -> bool {
        let Some(rate) = self.rate_limit else { return true };
        let (tokens, at) = self.tokens;
        let burst = rate.max(5.0);
        let filled = if at == Timestamp::default() { burst } else { tokens + now.since(at).as_secs_f64() * rate };
        let filled = filled.min(burst);
        let takes = filled >= 1.0;
        self.tokens = (if takes { filled - 1.0 } else { filled }, now);
        takes
    }
}

fn filtered(filter: &Filter, packet: &Packet) -> Response {
    let mut response = match filter.answer {
        FilterAnswer::NxDomain => blank(Rcode::NXDOMAIN),
        FilterAnswer::Refused => blank(Rcode::REFUSED),
        FilterAnswer::Address(address) => {
            let mut response = blank(Rcode::NOERROR);
            if packet.question.rtype == RecordType::A {
                response.answer = records(&packet.question.name, 60, &[Rdata::A(address)]);
            }
            response
        }
    };
    if filter.code != 0 {
        let errors = vec![ExtendedError { code: filter.code, text: String::new() }];
        response.edns = Some(Edns { nsid: None, errors });
    }
    response
}

/// Sets what depends on the transport: size, and truncation over UDP beyond 1232 octets.
pub(super) fn finish(response: &mut Response, packet: &Packet) {
    const LARGEST: usize = 1232;
    let octets = |name: &Name| name.labels().map(|l| l.len() + 1).sum::<usize>() + 1;
    let sections = || [&response.answer, &response.authority, &response.additional];
    // Names after the first are compressed to a pointer on the wire; two octets each is close enough.
    let records: usize = sections().iter().flat_map(|s| s.iter()).map(|r| 12 + size_of(&r.rdata)).sum();
    response.size = 12 + octets(&packet.question.name) + 4 + 11 + records;
    response.transport = packet.transport;
    if packet.transport == crate::observation::Transport::Udp && response.size > LARGEST {
        response.tc = true;
        response.answer.clear();
        response.authority.clear();
        response.additional.clear();
        response.size = 12 + octets(&packet.question.name) + 4 + 11;
    }
}

/// About how many octets a record's data take.
fn size_of(rdata: &Rdata) -> usize {
    let octets = |name: &Name| name.labels().map(|l| l.len() + 1).sum::<usize>() + 1;
    match rdata {
        Rdata::A(_) => 4,
        Rdata::Aaaa(_) => 16,
        Rdata::Ns(name) | Rdata::Cname(name) => octets(name),
        Rdata::Soa(soa) => octets(&soa.mname) + octets(&soa.rname) + 20,
        Rdata::Mx(_, host) => 2 + octets(host),
        Rdata::Txt(strings) => strings.iter().map(|s| s.len() + 1).sum(),
        Rdata::Ds(ds) => 4 + ds.digest.len(),
        Rdata::Other(_, octets) => octets.len(),
    }
}
