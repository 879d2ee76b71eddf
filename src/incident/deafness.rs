//! Whether our own network is cut: packets leave, and from one moment on nobody at all answers.
//!
//! Servers of the parent zone and resolvers of different operators share nothing but the way to them. When they fall silent
//! together that is the way's doing, and nobody's silence since then is held against anybody: what was lost is forgotten,
//! what was heard before stands and ages. May not say anything about the domain.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use crate::incident::{Incident, ParentServer, ResolverWatch};
use crate::judge::{Heard, Witnesses};
use crate::observation::{Observation, Role};
use crate::time::Timestamp;

/// Who was asked since somebody was last heard, and did not answer although they had before.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Deafness {
    /// When somebody beyond this network was last heard.
    heard: Option<Timestamp>,
    lost: BTreeSet<Party>,
    /// Queries that ended in vain since.
    in_vain: u64,
    since: Option<Timestamp>,
    /// From when to when it last was so.
    before: Option<(Timestamp, Timestamp)>,
}

/// Those who fall silent for a reason of their own fall silent together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Party {
    Parent(SocketAddr),
    Operator(String),
}

/// So many parties make it certain enough.
const PARTIES: usize = 4;
/// Of these, servers of the parent zone, where there are so many.
const PARENTS: usize = 2;
/// So long after somebody was last heard it is enough that every server of the parent zone is lost: nobody else may be
/// asked often.
const LONG_SILENCE: Duration = Duration::from_secs(15);

/// What an observation means for the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    None,
    Began,
    Ended,
}

impl Incident {
    /// Since when nobody at all has answered although packets leave; none while somebody does, and when nobody ever did.
    #[must_use]
    pub const fn deaf_since(&self) -> Option<Timestamp> {
        self.deafness.since
    }

    /// How many queries ended in vain since somebody was last heard.
    pub(super) const fn asked_in_vain(&self) -> u64 {
        self.deafness.in_vain
    }

    /// Whether our own network is gone: nothing leaves this machine, or nobody answers any more.
    #[must_use]
    pub fn is_cut_off(&self) -> bool {
        self.nothing_leaves() || self.deafness.since.is_some()
    }

    /// Takes in how a query ended. Says whether that is a fact about whom it was sent to: a loss while our network is
    /// cut is none.
    pub(super) fn listen(&mut self, observation: &Observation) -> bool {
        match self.hear(observation) {
            Change::None => {}
            Change::Ended => self.source_changed = true,
            Change::Began => self.forget_losses(),
        }
        let sent = observation.sent;
        let cut = |(from, until): (Timestamp, Timestamp)| from < sent && sent <= until;
        let now = self.deafness.since.map(|since| (since, observation.at));
        observation.was_heard() || !now.into_iter().chain(self.deafness.before).any(cut)
    }

    fn hear(&mut self, observation: &Observation) -> Change {
        let target = observation.query.target;
        if observation.was_heard() {
            let near = target.role == Role::Resolver && self.resolver(target.address).is_none_or(is_near);
            if near {
                return Change::None;
            }
            self.deafness.lost.clear();
            (self.deafness.heard, self.deafness.in_vain) = (self.deafness.heard.max(Some(observation.at)), 0);
            let Some(since) = self.deafness.since.take() else { return Change::None };
            self.deafness.before = Some((since, observation.at));
            return Change::Ended;
        }
        let lost = observation.was_lost();
        let Some(heard) = self.deafness.heard.filter(|heard| lost && observation.sent > *heard) else {
            return Change::None;
        };
        self.deafness.in_vain += 1;
        if self.deafness.since.is_some() || self.deafness.lost.len() > PARTIES {
            return Change::None;
        }
        // Who was silent before says nothing now.
        let answered =
            |witnesses: &Witnesses| witnesses.newest_of(|_| true, |_| true).is_some_and(|h| h.observation.was_heard());
        let party = match target.role {
            Role::Parent => {
                let parent = self.parents.get(&target.address).filter(|p| answered(&p.witnesses));
                parent.map(|_| Party::Parent(target.address))
            }
            Role::Resolver => {
                let watch = self.resolver(target.address).filter(|w| !is_near(w) && answered(&w.witnesses));
                watch.map(|w| Party::Operator(w.target.operator.clone()))
            }
            _ => None,
        };
        self.deafness.lost.extend(party);
        if !self.is_silence(observation.at.since(heard)) {
            return Change::None;
        }
        self.deafness.since = Some(heard);
        Change::Began
    }

    /// Whether those who are lost are enough for nobody's own silence, so long after somebody was last heard.
    fn is_silence(&self, after: Duration) -> bool {
        let lost = &self.deafness.lost;
        let parents = lost.iter().filter(|party| matches!(party, Party::Parent(_))).count();
        let ever_heard = |parent: &&ParentServer| parent.witnesses.iter().any(|h| h.observation.was_heard());
        let known = self.parents.values().filter(ever_heard).count();
        if parents < PARENTS.min(known.max(1)) {
            return false;
        }
        lost.len() >= PARTIES || (parents >= PARENTS && parents == known && after >= LONG_SILENCE)
    }

    /// Forgets what was lost since our network was cut, as if it had not been asked.
    fn forget_losses(&mut self) {
        let Some(since) = self.deafness.since else { return };
        let keep = |heard: &Heard| heard.observation.was_heard() || heard.observation.sent <= since;
        for parent in self.parents.values_mut() {
            parent.witnesses.retain(keep);
        }
        for authority in self.authorities.values_mut() {
            authority.witnesses.retain(keep);
        }
        for resolver in &mut self.resolvers {
            resolver.witnesses.retain(keep);
            resolver.stale = true;
            resolver.changes += 1;
        }
        if !self.parents.is_empty() {
            self.walk_failure = None;
        }
        self.source_changed = true;
    }
}

/// Whether a resolver may stand in the same room: then it answers however our network is cut off from the world.
fn is_near(watch: &ResolverWatch) -> bool {
    let near = match watch.target.address.ip() {
        IpAddr::V4(address) => address.is_loopback() || address.is_private() || address.is_link_local(),
        IpAddr::V6(address) => address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local(),
    };
    near || watch.target.system
}
