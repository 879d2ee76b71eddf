//! What speaks for flushing an entry at an operator: what its own resolvers showed. Pure.
//!
//! Nothing that was seen clean is flushed. What was not asked for is flushed only where the same caches use, or lately used, wrong
//! servers: all that they hold of the zone then came from there. The plan says which of the two it is, for every step.

use std::fmt;

use crate::catalog::FlushOperator;
use crate::dns::{Name, Rdata, RecordType};
use crate::incident::{FlushStep, Incident, ResolverWatch};
use crate::judge::{DelegationState, Rule, ServiceState, Verdict};

/// Why a step is in a plan. `Display` is a clause without the full stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// Seen stale in the operator's own replies.
    Seen {
        /// At how many of its addresses.
        at: usize,
        /// Of how many that are asked here.
        of: usize,
    },
    /// Not seen: its caches use wrong servers, so what they hold of it came from there.
    UsesWrongServers,
    /// Not seen: its caches used wrong servers until lately and still hold other data of theirs.
    UsedWrongServers,
    /// Not seen: the zone is or was signed, and a cached DS, or the proof that there is none, outlives the delegation.
    Signed,
    /// The whole list was asked for, whatever was seen.
    AskedFor,
}

impl Basis {
    /// As in JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Seen { .. } => "seen-stale",
            Self::UsesWrongServers => "uses-wrong-servers",
            Self::UsedWrongServers => "used-wrong-servers",
            Self::Signed => "signed",
            Self::AskedFor => "asked-for",
        }
    }
}

impl fmt::Display for Basis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Seen { at, of: 1 } if *at == 1 => f.write_str("seen stale"),
            Self::Seen { at, of } => write!(f, "seen stale at {at} of {of} addresses"),
            Self::UsesWrongServers => f.write_str("not seen; included because its caches use the wrong servers"),
            Self::UsedWrongServers => {
                f.write_str("not seen; included because its caches used the wrong servers until lately")
            }
            Self::Signed => f.write_str("not seen; included because the zone is or was signed"),
            Self::AskedFor => f.write_str("asked for with the whole list"),
        }
    }
}

/// Why nothing is flushed at an operator none of whose resolvers is asked.
const NOBODY_ASKED: &str = "none of its resolvers is asked here, so nothing was seen stale";
const CLEAN: &str = "seen clean at all of its addresses";
const NOT_STALE: &str = "nothing stale was seen there";
const UNHEARD: &str = "nothing usable was heard from its resolvers";
const NO_ALIAS: &str = "no alias was seen there";

/// What an operator's resolvers showed.
pub(super) struct Shown<'a> {
    incident: &'a Incident,
    rows: Vec<&'a ResolverWatch>,
    /// How many of them use servers that are not the correct ones.
    wrong: usize,
    /// How many of them still hold stale data.
    stale: usize,
}

impl<'a> Shown<'a> {
    pub(super) fn by(incident: &'a Incident, operator: FlushOperator) -> Self {
        let rows: Vec<&ResolverWatch> =
            incident.resolvers().iter().filter(|r| r.target.flush == Some(operator)).collect();
        let wrong = rows.iter().filter(|r| uses_wrong_servers(r)).count();
        let stale = rows.iter().filter(|r| r.judgement.service.iter().any(|s| is_stale(s.state))).count();
        Self { incident, rows, wrong, stale }
    }

    /// Why nothing at all is to be flushed there; none when something may be.
    pub(super) fn nothing(&self) -> Option<&'static str> {
        self.rows.is_empty().then_some(NOBODY_ASKED)
    }

    /// What speaks for a step.
    ///
    /// # Errors
    /// Why it is left out.
    pub(super) fn speaks_for(&self, step: &FlushStep) -> Result<Basis, &'static str> {
        let (name, rtype) = (&step.name, step.rtype);
        match rtype {
            RecordType::NS => self.seen(self.wrong),
            RecordType::DS | RecordType::DNSKEY => {
                let failing = self.count(|r| r.judgement.state == DelegationState::ValidationFailing);
                if failing == 0 && self.wrong > 0 { Ok(Basis::Signed) } else { self.seen(failing) }
            }
            RecordType::CNAME if !self.has_alias(name) => Err(NO_ALIAS),
            _ => {
                let told = |r: &ResolverWatch, wanted: fn(ServiceState) -> bool| {
                    let mut services = r.judgement.service.iter();
                    services.any(|s| s.name == *name && s.rtype == rtype && wanted(s.state))
                };
                let stale = self.count(|r| told(r, is_stale));
                let watched = self.incident.watched().contains(&(name.clone(), rtype));
                match (stale, self.wrong, self.stale) {
                    (1.., ..) => self.seen(stale),
                    (0, 1.., _) => Ok(Basis::UsesWrongServers),
                    (0, 0, 1..) if !watched => Ok(Basis::UsedWrongServers),
                    _ if watched && self.count(|r| told(r, |s| s == ServiceState::Ok)) == self.rows.len() => Err(CLEAN),
                    _ => Err(NOT_STALE),
                }
            }
        }
    }

    fn seen(&self, at: usize) -> Result<Basis, &'static str> {
        let (of, usable) = (self.rows.len(), self.count(|r| r.judgement.state.is_usable()));
        match (at, usable) {
            (1.., _) => Ok(Basis::Seen { at, of }),
            (0, 0) => Err(UNHEARD),
            (0, _) if self.count(|r| r.judgement.state.is_good()) == of => Err(CLEAN),
            (0, _) => Err(NOT_STALE),
        }
    }

    fn count(&self, wanted: impl Fn(&ResolverWatch) -> bool) -> usize {
        self.rows.iter().filter(|r| wanted(r)).count()
    }

    /// Whether the correct servers, or a reply of this operator, hold an alias at the name.
    fn has_alias(&self, name: &Name) -> bool {
        let good = &self.incident.references().good.data;
        let is_alias = |values: &[Rdata]| values.iter().any(|v| matches!(v, Rdata::Cname(_)));
        good.iter().any(|((owner, _), values)| owner == name && is_alias(values))
            || self.rows.iter().any(|r| r.judgement.service.iter().any(|s| s.name == *name && is_alias(&s.values)))
    }
}

fn uses_wrong_servers(row: &ResolverWatch) -> bool {
    use DelegationState::{Held, NsAddressBroken, Other, Parked, ParkedSilent, Stuck};
    let judgement = &row.judgement;
    match judgement.state {
        Parked | Held | ParkedSilent | NsAddressBroken | Stuck => true,
        // What a filter withholds is not in a cache.
        Other => judgement.rule != Rule::FilteredByPolicy,
        _ => judgement.verdict == Verdict::Mixed,
    }
}

const fn is_stale(state: ServiceState) -> bool {
    matches!(state, ServiceState::Stale | ServiceState::Negative)
}
