//! What to ask next, and when to wake. Pure: `(&Incident, now) → Turn`, with a ledger of what was asked before.
//!
//! First, do no harm: while the parent is wrong a question with RD=1 makes a cold cache store the parked delegation, so
//! resolvers are asked to recurse only as the survey allows. Then by evidence, not by the clock: a cache whose expiry is
//! known is asked when that has passed, never in the window before it in which some resolvers would renew the entry.
#![deny(clippy::disallowed_methods)]

mod calibration;
mod ledger;
mod pace;
mod plan;
mod proof;
mod registration;
mod resolver;
mod source;

use std::time::Duration;

use crate::catalog::Neutral;
use crate::dns::Name;
use crate::incident::{Budget, Incident};
use crate::observation::{Purpose, Query, Role};
use crate::time::Timestamp;

pub use calibration::identity_questions;
use ledger::Ledger;
pub use pace::{Pace, Rates};
use plan::{Candidate, Plans};
pub use registration::REGISTRY_GAP;
use registration::RegistryErrand;
use source::Every;

/// How long the asking goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// One honest round: each question once, `samples` nonces for each resolver; then it is finished.
    Round {
        /// Nonces for each resolver once the parent is right, 1 to 300.
        samples: usize,
        /// Whether resolvers are asked at all (the trace asks only the source).
        resolvers: bool,
    },
    /// As long as the operator watches.
    Watch,
}

/// What to do now.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Turn {
    /// Questions to send now.
    pub queries: Vec<Query>,
    /// Whether to look for the parent's servers, from the root down.
    pub find_parent: bool,
    /// Name servers whose addresses to look for.
    pub hosts: Vec<Name>,
    /// Whether to ask the registry about the registration.
    pub ask_registry: bool,
    /// When to take the next turn, if nothing is heard before.
    pub wake: Option<Timestamp>,
    /// A round only: everything was asked, and every answer is in or given up on.
    pub finished: bool,
}

/// Decides what to ask next.
#[derive(Debug)]
pub struct Schedule {
    mode: Mode,
    pace: Pace,
    ledger: Ledger,
    walk: Errand,
    hosts: std::collections::BTreeMap<Name, Errand>,
    errands: ErrandsLooked,
    plans: Plans,
    registry: Option<RegistryErrand>,
    state: u64,
    neutral: Neutral,
}

/// Something that is looked for, not asked of one server.
#[derive(Debug, Clone, Copy, Default)]
struct Errand {
    running: bool,
    begun: Option<Timestamp>,
}

/// When errands were last looked for.
#[derive(Debug, Clone, Copy)]
struct ErrandsLooked {
    /// Whether one ended since.
    stale: bool,
    /// How often the source had been judged.
    judged: u64,
    /// When the next is due.
    next: Option<Timestamp>,
}

impl Default for ErrandsLooked {
    fn default() -> Self {
        Self { stale: true, judged: 0, next: None }
    }
}

/// How soon a failed walk, or a failed search for addresses, is tried again.
const ERRAND_RETRY: Duration = Duration::from_secs(20);
/// The longest a first round lasts: the longest wait for an answer, and a walk before it.
const FIRST_ROUND: Duration = Duration::from_secs(5);
/// How soon the end of the first round is looked for again.
const FIRST_ROUND_PATIENCE: Duration = Duration::from_millis(100);
/// How long addresses found are trusted before they are looked for again.
const ERRAND_REFRESH: Duration = Duration::from_secs(600);
/// The same once nothing at the source has changed for long.
const ERRAND_REFRESH_AT_LAST: Duration = Duration::from_secs(3_600);

impl Schedule {
    /// A schedule that has asked nothing yet. `seed` drives its jitter.
    #[must_use]
    pub fn new(mode: Mode, rates: Rates, seed: u64) -> Self {
        Self {
            mode,
            pace: Pace::new(rates),
            ledger: Ledger::default(),
            walk: Errand::default(),
            hosts: std::collections::BTreeMap::new(),
            errands: ErrandsLooked::default(),
            plans: Plans::default(),
            registry: None,
            state: seed,
            neutral: Neutral::default(),
        }
    }

    /// The same, asking the registry too, at most once in `gap` ([`REGISTRY_GAP`] in earnest).
    #[must_use]
    pub fn with_registry(mut self, gap: Duration) -> Self {
        self.registry = Some(RegistryErrand { errand: Errand::default(), gap });
        self
    }

    /// Decides what to do at `now`. What it returns counts as asked.
    pub fn turn(&mut self, incident: &Incident, now: Timestamp) -> Turn {
        let mut turn = Turn::default();
        let mut wake = Wake::default();
        self.plan_errands(incident, now, &mut turn, &mut wake);
        let mode = self.mode;
        turn.ask_registry = self.registry.as_mut().is_some_and(|r| r.is_due(mode, incident, now, &mut wake));
        self.make_plans(incident, now);
        let mut nobody = Vec::new();
        if !matches!(self.mode, Mode::Round { resolvers: false, .. }) {
            self.plan_interception(incident, now, &mut nobody, &mut wake);
        }
        let mut due: Vec<&Candidate> = Vec::new();
        for candidate in &nobody {
            if candidate.due <= now {
                due.push(candidate);
            } else {
                wake.at(candidate.due);
            }
        }
        for plan in self.plans.source.iter().chain(&self.plans.resolvers) {
            match plan.next {
                Some(next) if next <= now => {}
                Some(next) => {
                    wake.at(next);
                    continue;
                }
                None => continue,
            }
            for candidate in &plan.candidates {
                if candidate.due <= now {
                    due.push(candidate);
                } else {
                    wake.at(candidate.due);
                }
            }
        }
        // Sources before resolvers, what may have changed before further samples of what is clean, then whoever has waited
        // longest; the sort keeps the catalog's order among equals.
        due.sort_by_key(|c| (c.query.target.role == Role::Resolver, c.confirms, c.due));
        for candidate in due {
            // In the watch's first round everything is asked once; further samples wait for the usual pace.
            if self.mode == Mode::Watch && self.pace.is_first_round() && candidate.again {
                wake.at(now + FIRST_ROUND_PATIENCE);
                continue;
            }
            let operator = incident.resolver(candidate.query.target.address).map(|r| r.target.operator.as_str());
            match self.pace.admit(&candidate.query, operator, now) {
                Ok(()) => {
                    self.ledger.asked(&candidate.query, now);
                    turn.queries.push(candidate.query.clone());
                }
                Err(at) => wake.at(at),
            }
        }
        for query in &turn.queries {
            self.plans.note(query.target);
        }
        self.end_first_round(incident, now, &turn);
        turn.finished = matches!(self.mode, Mode::Round { .. })
            && turn.queries.is_empty()
            && !turn.find_parent
            && turn.hosts.is_empty()
            && !turn.ask_registry
            && !self.registry.is_some_and(|registry| registry.errand.running)
            && !self.walk.running
            && !self.hosts.values().any(|errand| errand.running)
            && self.ledger.in_flight() == 0
            && wake.earliest.is_none();
        turn.wake = wake.earliest;
        turn
    }

    /// What the limits on questions leave at `now`.
    pub fn budget(&mut self, now: Timestamp) -> Budget {
        self.pace.budget(now)
    }

    /// A query ended, however.
    pub fn ended(&mut self, query: &Query) {
        self.ledger.ended(query);
        self.plans.note(query.target);
    }

    /// The search for the parent's servers ended.
    pub fn walk_ended(&mut self) {
        self.walk.running = false;
        self.errands.stale = true;
    }

    /// The search for a host's addresses ended.
    pub fn host_ended(&mut self, host: &Name) {
        if let Some(errand) = self.hosts.get_mut(host) {
            errand.running = false;
        }
        self.errands.stale = true;
    }

    /// The asking of the registry ended.
    pub fn registry_ended(&mut self) {
        if let Some(registry) = &mut self.registry {
            registry.errand.running = false;
        }
    }

    /// Nothing that is under way will ever end: it was given up.
    pub fn abandon(&mut self) {
        self.ledger.abandon();
        self.walk.running = false;
        for errand in self.hosts.values_mut() {
            errand.running = false;
        }
        self.registry_ended();
    }

    /// The machine slept or the network came back: everything known by the clock is asked anew, at the usual pace. What
    /// may be asked once only, because it costs the cache, is not asked again.
    pub fn start_over(&mut self, now: Timestamp) {
        self.ledger.forget(now);
        self.plans = Plans::default();
        self.errands.stale = true;
        self.walk = Errand { running: self.walk.running, begun: None };
        for errand in self.hosts.values_mut() {
            errand.begun = None;
        }
    }

    /// The watch's first round is over when everything was asked once and is in, or has had its time.
    fn end_first_round(&mut self, incident: &Incident, now: Timestamp, turn: &Turn) {
        let all_in = turn.queries.is_empty() && self.ledger.in_flight() == 0 && self.ledger.any() && !self.walk.running;
        let had_its_time = now.since(incident.started()) > FIRST_ROUND;
        if self.mode == Mode::Watch && self.pace.is_first_round() && (all_in || had_its_time) {
            self.pace.end_first_round(now);
        }
    }

    /// Looks for what is to be found when something changed, or when the time for it has come.
    fn plan_errands(&mut self, incident: &Incident, now: Timestamp, turn: &mut Turn, wake: &mut Wake) {
        let judged = incident.times_source_judged();
        let looked = &self.errands;
        if looked.stale || looked.judged != judged || looked.next.is_some_and(|next| next <= now) {
            let mut next = Wake::default();
            self.look_for_errands(incident, now, turn, &mut next);
            self.errands = ErrandsLooked { stale: false, judged, next: next.earliest };
        }
        if let Some(next) = self.errands.next {
            wake.at(next);
        }
    }

    fn look_for_errands(&mut self, incident: &Incident, now: Timestamp, turn: &mut Turn, wake: &mut Wake) {
        let round = matches!(self.mode, Mode::Round { .. });
        let refresh = Every { usual: ERRAND_REFRESH, at_last: ERRAND_REFRESH_AT_LAST };
        let quiet = |begun: Option<Timestamp>| begun.map_or(Duration::ZERO, |at| at.since(incident.source_moved()));
        let wait = match incident.parent_zone() {
            None => ERRAND_RETRY,
            Some(_) if incident.walk_failure().is_some() => ERRAND_REFRESH,
            Some(_) => refresh.after(quiet(self.walk.begun)),
        };
        if self.walk.is_due(now, wait, round, wake) {
            turn.find_parent = true;
        }
        let all_parents_heard = incident.parents().values().all(|p| !p.witnesses.is_empty());
        for (name, _) in incident.server_names() {
            let inside = name.is_at_or_below(incident.zone());
            if inside && (incident.parents().is_empty() || !all_parents_heard) {
                // Its address hangs on the delegation: first see whether that is right.
                continue;
            }
            let found = incident.host_addresses().get(&name).is_some_and(|h| h.addresses.is_ok());
            let errand = self.hosts.entry(name.clone()).or_default();
            let wait = if found { refresh.after(quiet(errand.begun)) } else { ERRAND_RETRY };
            let restored = incident.right_since().is_some_and(|since| errand.begun.is_some_and(|begun| begun < since));
            if inside && !found && restored && !errand.running {
                errand.begun = None;
            }
            if errand.is_due(now, wait, round, wake) {
                turn.hosts.push(name);
            }
        }
    }

    /// Up to a tenth more or less, so that many rows do not fall into step.
    fn jitter(&self, query: &Query, span: Duration) -> Duration {
        let mut mixed = self.state ^ u64::from(query.target.address.port());
        if let std::net::IpAddr::V4(address) = query.target.address.ip() {
            mixed ^= u64::from(u32::from(address)) << 16;
        }
        // SplitMix64's finaliser: a good mix of few bits.
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        let share = (mixed % 2001) as f64 / 10_000.0 - 0.1;
        span.mul_f64(1.0 + share)
    }
}

impl Errand {
    fn is_due(&mut self, now: Timestamp, wait: Duration, once: bool, wake: &mut Wake) -> bool {
        if self.running {
            return false;
        }
        match self.begun {
            Some(_) if once => return false,
            Some(begun) if begun + wait > now => {
                wake.at(begun + wait);
                return false;
            }
            _ => {}
        }
        (self.running, self.begun) = (true, Some(now));
        true
    }
}

/// The earliest of several moments.
#[derive(Default)]
struct Wake {
    earliest: Option<Timestamp>,
}

impl Wake {
    fn at(&mut self, moment: Timestamp) {
        self.earliest = Some(self.earliest.map_or(moment, |known| known.min(moment)));
    }
}

/// Whether a question makes its resolver ask the zone's servers anew.
const fn is_recursive_nonce(query: &Query) -> bool {
    query.rd && matches!(query.purpose, Purpose::Nonce | Purpose::NonceUnchecked)
}
