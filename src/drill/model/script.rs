//! What happens to the simulated internet: the registry's changes, servers going down, flushes, cuts.
//!
//! An action is applied by [`super::Internet::act`], at once or when its time in the script comes.

use super::authority::Condition;
use super::cache::FlushScope;
use super::service::Filter;
use super::zone::{Delegation, Zone};
use crate::dns::{Ds, Name};

/// What a registry does to one name.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// It delegates the name so: parking, restoring, hijacking.
    Delegate(Delegation),
    /// It takes the name out of the zone: a hold.
    Withdraw,
    /// It changes the delegation signers only; an empty list removes them.
    Sign(Vec<Ds>),
}

/// Something that happens.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// The registry changes a name; each parent server takes it up after its own lag.
    Register {
        /// Which name.
        zone: Name,
        /// What changes.
        change: Change,
        /// Only at this parent server, and there at once.
        only: Option<Name>,
    },
    /// An authoritative server goes into a condition.
    Server {
        /// Its host name.
        name: Name,
        /// How it is from now on.
        condition: Condition,
    },
    /// An authoritative server takes up a zone.
    Serve {
        /// Its host name.
        name: Name,
        /// The zone.
        zone: Box<Zone>,
    },
    /// An authoritative server drops a zone: it answers REFUSED for it from now on.
    Drop {
        /// Its host name.
        name: Name,
        /// The zone's apex.
        zone: Name,
    },
    /// The flush request of an operator's customer reaches its caches.
    Flush {
        /// Whose caches.
        operator: String,
        /// What is flushed.
        scope: FlushScope,
    },
    /// A resolver goes into a condition.
    Resolver {
        /// Its id.
        id: String,
        /// How it is from now on.
        condition: Condition,
    },
    /// An operator starts to filter names.
    Filter {
        /// Whose resolvers.
        operator: String,
        /// What is filtered.
        filter: Filter,
    },
    /// An operator stops filtering a zone.
    Unfilter {
        /// Whose resolvers.
        operator: String,
        /// Which zone.
        zone: Name,
    },
    /// Our own network is cut: nothing leaves or arrives.
    Cut,
    /// It is whole again.
    Mend,
    /// Nothing can leave our machine: it says so itself.
    Unplug,
    /// It can again.
    Plug,
    /// Our packets to any address are answered by this resolver (an id), whoever they were for.
    Intercept(String),
    /// That ends.
    StopIntercepting,
}

impl Action {
    /// The action in words, for debriefs.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Register { zone, change, only } => {
                let what = match change {
                    Change::Delegate(d) => {
                        let ns: Vec<_> = d.ns.iter().map(Name::without_dot).collect();
                        format!("delegated to {}", ns.join(", "))
                    }
                    Change::Withdraw => "taken out of the parent zone".to_owned(),
                    Change::Sign(ds) if ds.is_empty() => "DS removed".to_owned(),
                    Change::Sign(_) => "DS published".to_owned(),
                };
                let place = only.as_ref().map_or(String::new(), |name| format!(" at {}", name.without_dot()));
                format!("{}: {what}{place}", zone.without_dot())
            }
            Self::Server { name, condition } => format!("{} is {}", name.without_dot(), condition.word()),
            Self::Serve { name, zone } => format!("{} serves {}", name.without_dot(), zone.apex.without_dot()),
            Self::Drop { name, zone } => format!("{} drops {}", name.without_dot(), zone.without_dot()),
            Self::Flush { operator, scope } => match scope {
                FlushScope::Type(name, rtype) => format!("{operator} flushes {} {rtype}", name.without_dot()),
                FlushScope::Name(name) => format!("{operator} flushes {}", name.without_dot()),
                FlushScope::Tree(name) => format!("{operator} flushes {} and all below", name.without_dot()),
            },
            Self::Resolver { id, condition } => format!("{id} is {}", condition.word()),
            Self::Filter { operator, filter } => format!("{operator} filters {}", filter.zone.without_dot()),
            Self::Unfilter { operator, zone } => format!("{operator} no longer filters {}", zone.without_dot()),
            Self::Cut => "our network is cut".to_owned(),
            Self::Mend => "our network is back".to_owned(),
            Self::Unplug => "nothing leaves our machine".to_owned(),
            Self::Plug => "our machine is connected again".to_owned(),
            Self::Intercept(id) => format!("our packets are answered by {id}"),
            Self::StopIntercepting => "our packets are no longer intercepted".to_owned(),
        }
    }
}
