//! What happens to an incident: facts from outside and acts of the operator. Never verdicts.

use std::net::SocketAddr;
use std::sync::Arc;

use crate::catalog::FlushOperator;
use crate::dns::{Name, NsSet};
use crate::incident::{FlushAct, FlushRecord};
use crate::judge::{Calibration, Expectation, Marker};
use crate::observation::Observation;
use crate::registration::Hearing;

/// What an incident starts from.
#[derive(Debug, Clone, PartialEq)]
pub struct Opening {
    /// The zone under watch.
    pub zone: Name,
    /// What is correct, when somebody has said so.
    pub expectation: Option<Expectation>,
    /// NS sets the operator marked as parked.
    pub parked: Vec<NsSet>,
    /// Watched names besides the apex.
    pub hosts: Vec<Name>,
    /// How often resolvers are asked to recurse while the parent is wrong.
    pub survey: Survey,
    /// Good samples a resolver needs to be called correct (1 to 3).
    pub samples_needed: usize,
    /// Good samples each resolver needs before the incident counts as recovered.
    pub confidence: usize,
    /// The operator says that the zone answers by place or load.
    pub addresses_vary: bool,
    /// A record that only the correct zone has.
    pub marker: Option<Marker>,
    /// Whom to ask.
    pub resolvers: Vec<ResolverTarget>,
}

impl Opening {
    /// A zone, and all else as it is where nobody has said anything: three good samples make *correct*, 14 *recovered*. Nobody is asked
    /// but the source.
    #[must_use]
    pub const fn of(zone: Name) -> Self {
        Self {
            zone,
            expectation: None,
            parked: Vec::new(),
            hosts: Vec::new(),
            survey: Survey::Once,
            samples_needed: 3,
            confidence: 14,
            addresses_vary: false,
            marker: None,
            resolvers: Vec::new(),
        }
    }
}

/// How often resolvers are asked with RD=1 while the parent still delegates wrongly. Each such question makes a cold
/// cache store the parked delegation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Survey {
    /// Never.
    Off,
    /// Once, so that the spread is known.
    #[default]
    Once,
    /// Again and again.
    Always,
}

impl Survey {
    /// As on the command line.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Once => "once",
            Self::Always => "always",
        }
    }
}

/// A resolver address to ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResolverTarget {
    /// Its entry in the catalog, with a number where the entry has several addresses.
    pub id: String,
    /// Who runs it.
    pub operator: String,
    /// Where it stands, `anycast` when nowhere in particular; empty when not known.
    pub city: String,
    /// Two-letter country code, when known.
    pub country: Option<String>,
    /// Where to ask.
    pub address: SocketAddr,
    /// Whether this machine itself is configured to use it.
    pub system: bool,
    /// Whose flush empties its caches; none where there is no such thing.
    pub flush: Option<FlushOperator>,
}

/// A server found by walking: one name, one address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundServer {
    /// Its host name.
    pub name: Name,
    /// Where to ask.
    pub address: SocketAddr,
}

/// One fact.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The walk found the servers of the parent zone.
    CutFound {
        /// The zone that holds the delegation.
        parent: Name,
        /// All addresses of all its servers.
        servers: Vec<FoundServer>,
        /// Servers without an address, each with the reason.
        unresolved: Vec<(Name, String)>,
    },
    /// The walk from the root failed.
    WalkFailed {
        /// Why.
        reason: String,
        /// Whether the reason lies with us: nothing could be sent.
        ours: bool,
    },
    /// A name server's addresses were looked for.
    HostResolved {
        /// Which host.
        host: Name,
        /// Its addresses in the families that may be asked from here (there may be none in these), or why it has no
        /// address at all. A failure of our own is no such reason: it would count against the domain.
        addresses: Result<Vec<SocketAddr>, String>,
    },
    /// A query ended. The incident and the journal share what was observed.
    Observed(Arc<Observation>),
    /// The operator said what is correct.
    ExpectationAccepted(Expectation),
    /// The operator changed the survey.
    SurveyChanged(Survey),
    /// The operator asked for further hosts to be watched.
    HostsWatched(Vec<Name>),
    /// The operator of this tool decided something about a flush.
    FlushActed {
        /// Who: the user's name, or `unpark` where that is not known. Safe to show.
        by: String,
        /// What.
        act: FlushAct,
    },
    /// A step of a flush ended.
    FlushStepEnded(FlushRecord),
    /// The operator made a note: a remark for those who read the incident later. At most
    /// [`LONGEST_NOTE`](crate::incident::LONGEST_NOTE) characters of it are kept.
    NoteMade(String),
    /// Registry and registrar were asked about the registration.
    RegistrationHeard(Box<Hearing>),
    /// The operator asked for a further resolver.
    ResolverAdded(ResolverTarget),
    /// Packets came that answered nothing that was asked: stray or forged.
    StraysCame {
        /// How many so far.
        total: u64,
    },
    /// What earlier runs learned about resolvers, off the zone under watch.
    CalibrationsRemembered(Vec<(SocketAddr, Calibration)>),
    /// The machine slept (or, where the system does not tell that apart, its wall clock was set forward): TTLs counted so
    /// far are void.
    ClockJumped {
        /// By how many seconds the clock of the run moved on.
        seconds: i64,
    },
    /// The wall clock was set. The clock of the run goes on as before, and so do TTLs.
    WallClockSet {
        /// By how many seconds (negative: back).
        seconds: i64,
    },
}
