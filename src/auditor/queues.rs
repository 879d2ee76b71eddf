//! A queue for each registry and registrar: paced by what it bears, put off when it says that it is asked too much, and given up,
//! in words, when it goes on saying so or does not answer at all.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use tokio::task::JoinSet;
use tokio::time::Instant;

use super::limits::RegistryLimits;
use super::{Bounds, Tools};
use crate::dns::{Name, shown};
use crate::http::RegistryClient;
use crate::registration::{Answer, Hearing, Outcome, Source};
use crate::time::{ReadClock, in_words};

/// Most questions under way at once, to all of them.
const MOST_AT_ONCE: usize = 64;
/// How often one domain is asked for, when no answer comes.
const MOST_TRIES: u32 = 2;

/// What is to be asked of one server.
struct Job {
    domain: Name,
    /// What the registry said; none while that is what is wanted.
    hearing: Option<Hearing>,
    tries: u32,
}

/// One server's jobs.
struct Queue {
    waiting: VecDeque<Job>,
    under_way: usize,
    next: Instant,
    refusals: u32,
    failures: u32,
    given_up: Option<String>,
}

/// What came of one question.
struct Ended {
    server: String,
    job: Job,
    hearing: Hearing,
}

/// What was heard about a domain.
pub struct Heard {
    pub domain: Name,
    pub hearing: Hearing,
    /// Whether this is all that will be heard of it in this run.
    pub last: bool,
    /// Whether nothing is left to be asked: the registrar, where there is one, gave its word too.
    pub whole: bool,
}

/// All of them.
pub struct Queues {
    client: Arc<RegistryClient>,
    clock: Arc<dyn ReadClock>,
    limits: RegistryLimits,
    registrars: bool,
    servers: BTreeMap<String, Queue>,
    tasks: JoinSet<Ended>,
    done: VecDeque<Heard>,
    /// Domains that are not done.
    open: usize,
    asked: u64,
}

impl Queues {
    pub fn new(tools: &Tools, bounds: &Bounds) -> Self {
        Self {
            client: Arc::new(tools.registry.clone()),
            clock: Arc::clone(&tools.clock),
            limits: bounds.registries.clone(),
            registrars: bounds.registrars,
            servers: BTreeMap::new(),
            tasks: JoinSet::new(),
            done: VecDeque::new(),
            open: 0,
            asked: 0,
        }
    }

    /// One more domain.
    pub fn add(&mut self, domain: Name) {
        let server = self.client.registry_server(&domain);
        self.open += 1;
        self.push(server, Job { domain, hearing: None, tries: 0 });
    }

    /// One more domain, of which the registry was heard in an earlier run. Whether anybody is left to be asked.
    pub fn add_half(&mut self, domain: &Name, hearing: &Hearing) -> bool {
        let Some(registrar) = self.client.registrar_server(hearing).filter(|_| self.registrars) else { return false };
        self.open += 1;
        self.push(at_registrar(&registrar), Job { domain: domain.clone(), hearing: Some(hearing.clone()), tries: 0 });
        true
    }

    /// How many domains are not done.
    pub const fn len(&self) -> usize {
        self.open
    }

    pub const fn is_empty(&self) -> bool {
        self.open == 0
    }

    /// How many questions were sent.
    pub const fn asked(&self) -> u64 {
        self.asked
    }

    /// What is heard next, or given up; none when all domains are done. May be dropped and called again.
    pub async fn next(&mut self) -> Option<Heard> {
        loop {
            if let Some(heard) = self.done.pop_front() {
                self.open -= usize::from(heard.last);
                return Some(heard);
            }
            if self.open == 0 {
                return None;
            }
            let wake = self.launch();
            let sleep = async {
                match wake {
                    Some(at) => tokio::time::sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                Some(ended) = self.tasks.join_next() => {
                    // A question that panicked cannot tell which domain it was about: that one counts as not asked.
                    if let Ok(ended) = ended { self.take(ended) } else { self.lose_one() }
                }
                () = sleep => {}
            }
        }
    }

    /// After a question that ended without a word: nobody may wait for it.
    fn lose_one(&mut self) {
        self.open = self.open.saturating_sub(1);
        if self.tasks.is_empty() {
            self.servers.values_mut().for_each(|queue| queue.under_way = 0);
        }
    }

    fn push(&mut self, server: String, job: Job) {
        let queue = self.servers.entry(server).or_insert_with(|| Queue {
            waiting: VecDeque::new(),
            under_way: 0,
            next: Instant::now(),
            refusals: 0,
            failures: 0,
            given_up: None,
        });
        queue.waiting.push_back(job);
    }

    /// Asks what may be asked now; when the next may be.
    fn launch(&mut self) -> Option<Instant> {
        let now = Instant::now();
        let mut wake: Option<Instant> = None;
        let mut ready = Vec::new();
        let mut room = MOST_AT_ONCE.saturating_sub(self.tasks.len());
        for (server, queue) in &mut self.servers {
            if let Some(why) = &queue.given_up {
                let why = why.clone();
                for job in queue.waiting.drain(..) {
                    let hearing = given_up(&job, server, &why, self.clock.as_ref());
                    self.done.push_back(Heard { domain: job.domain, hearing, last: true, whole: false });
                }
                continue;
            }
            let limit = self.limits.of(server);
            while room > 0 && queue.under_way < limit.at_once.max(1) && queue.next <= now {
                let Some(job) = queue.waiting.pop_front() else { break };
                queue.under_way += 1;
                queue.next = queue.next.max(now) + limit.pause;
                room -= 1;
                ready.push((server.clone(), job));
            }
            if !queue.waiting.is_empty() && queue.under_way < limit.at_once.max(1) {
                wake = Some(wake.map_or(queue.next, |at| at.min(queue.next)));
            }
        }
        for (server, job) in ready {
            self.asked += 1;
            let (client, clock) = (Arc::clone(&self.client), Arc::clone(&self.clock));
            self.tasks.spawn(async move {
                let hearing = match job.hearing.clone() {
                    None => client.hear_registry(&job.domain, clock.as_ref()).await,
                    Some(mut hearing) => {
                        client.hear_registrar(&mut hearing, clock.as_ref()).await;
                        hearing
                    }
                };
                Ended { server, job, hearing: without_raw(hearing) }
            });
        }
        if self.done.is_empty() { wake.filter(|_| room > 0) } else { Some(now) }
    }

    fn take(&mut self, ended: Ended) {
        let Ended { server, mut job, hearing } = ended;
        let now = self.clock.now();
        let (limits, most_failures) = (self.limits.clone(), self.limits.most_failures);
        let Some(queue) = self.servers.get_mut(&server) else { return };
        queue.under_way = queue.under_way.saturating_sub(1);
        let (source, last) = match hearing.answers.last() {
            Some(answer) => (answer.source, &answer.outcome),
            None => return self.done.push_back(Heard { domain: job.domain, hearing, last: true, whole: false }),
        };
        let by_registrar = source == Source::RegistrarRdap;
        match last {
            Outcome::Limited { until } => {
                queue.refusals += 1;
                let wait =
                    until.map_or_else(|| limits.wait(queue.refusals), |until| until.until(now).max(limits.first_wait));
                if queue.refusals >= limits.most_refusals {
                    queue.given_up = Some(format!("it refused {} times in a row (too many questions)", queue.refusals));
                } else if wait > limits.longest_wait {
                    queue.given_up = Some(format!("it asks to wait for {} (too many questions)", in_words(wait)));
                } else {
                    queue.next = queue.next.max(Instant::now() + wait);
                }
                // Back to the front: it was this one's turn. What the refused answer said is not kept.
                queue.waiting.push_front(job);
                return;
            }
            Outcome::NoAnswer { .. } | Outcome::NotSent { .. } => {
                queue.failures += 1;
                if queue.failures >= most_failures {
                    let why = last.phrase();
                    queue.given_up = Some(format!("it {why}, as the {} before", queue.failures - 1));
                }
                job.tries += 1;
                if job.tries < MOST_TRIES && queue.given_up.is_none() {
                    queue.waiting.push_back(job);
                    return;
                }
            }
            Outcome::Found(_) | Outcome::NotFound | Outcome::Unreadable { .. } => {
                (queue.refusals, queue.failures) = (0, 0);
            }
        }
        let answered = !matches!(last, Outcome::NoAnswer { .. } | Outcome::NotSent { .. });
        let registrar = self.client.registrar_server(&hearing).filter(|_| !by_registrar);
        let whole = answered && registrar.is_none();
        match registrar.filter(|_| self.registrars) {
            Some(registrar) => {
                let (domain, told) = (job.domain.clone(), hearing.clone());
                self.done.push_back(Heard { domain, hearing: told, last: false, whole });
                let server = at_registrar(&registrar);
                self.push(server, Job { domain: job.domain, hearing: Some(hearing), tries: 0 });
            }
            None => self.done.push_back(Heard { domain: job.domain, hearing, last: true, whole }),
        }
    }
}

/// A registrar may run a registry on the same host: what it bears as the one says nothing of the other.
fn at_registrar(host: &str) -> String {
    format!("registrar {}", shown::text(host))
}

/// What is known of a domain whose server was given up.
fn given_up(job: &Job, server: &str, why: &str, clock: &dyn ReadClock) -> Hearing {
    let (source, mut hearing) = if let Some(hearing) = &job.hearing {
        (Source::RegistrarRdap, hearing.clone())
    } else {
        let source = if server.starts_with("WHOIS ") { Source::Whois } else { Source::RegistryRdap };
        (source, Hearing { zone: job.domain.clone(), answers: Vec::new(), notes: Vec::new() })
    };
    hearing.answers.push(Answer {
        source,
        server: server.strip_prefix("registrar ").unwrap_or(server).to_owned(),
        domain: job.domain.clone(),
        heard: clock.now(),
        outcome: Outcome::NotSent { reason: format!("not asked any more in this run: {why}") },
        raw: String::new(),
    });
    hearing
}

/// Ten thousand raw answers are too much to keep.
fn without_raw(mut hearing: Hearing) -> Hearing {
    for answer in &mut hearing.answers {
        answer.raw = String::new();
    }
    hearing
}
