//! What was heard about the zones of a list, small enough to be kept for ten thousand of them.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use crate::dns::{Ds, Name, NsSet, key_tag};
use crate::judge::SignerMatch;
use crate::registration::Hearing;
use crate::time::Timestamp;

/// Everything heard: by zone, and by registration.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Facts {
    /// What the DNS says, by zone.
    pub dns: BTreeMap<Name, DnsFacts>,
    /// What registries and registrars say, by registered domain. The raw answers are not kept.
    pub registrations: BTreeMap<Name, Hearing>,
}

/// What the DNS says about one zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DnsFacts {
    /// When the last answer had come.
    pub heard: Timestamp,
    /// How many packets were sent for it, those of the walk included that were sent on its account.
    pub packets: u32,
    /// The zone that delegates it; none where the walk did not get there.
    pub parent: Option<Name>,
    /// What some servers of the parent zone say.
    pub parents: Vec<ParentSaid>,
    /// Key tag and algorithm of each DS record at the parent; none when not known.
    pub signers: Option<Vec<(u16, u8)>>,
    /// What each delegated name server says, at each of its addresses that was asked.
    pub servers: Vec<ServerSaid>,
    /// Delegated name servers without a usable address, with the reason.
    pub without_address: Vec<(Name, String)>,
    /// Key tag and algorithm of each of the zone's keys; none when not known or not asked for.
    pub keys: Option<Vec<(u16, u8)>>,
    /// What the DS records amount to, held against the keys by tag, algorithm and digest; none where either is not
    /// known, and in the state of a run by an earlier version.
    pub chain: Option<SignerMatch>,
    /// The hosts that take its mail; none when not known.
    pub mail: Option<Vec<Name>>,
    /// The apex and the hosts asked for.
    pub hosts: Vec<HostSaid>,
    /// Why the walk to the parent's servers failed, safe to show.
    pub failure: Option<String>,
}

/// One parent server's word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParentSaid {
    /// Its address.
    pub address: SocketAddr,
    /// What it said.
    pub said: ParentWord,
}

/// What a parent server says about a delegation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParentWord {
    /// It delegates to these.
    Delegates(NsSet),
    /// It says with authority that there is no such delegation.
    Denies,
    /// It answered, and the answer says nothing; why, safe to show.
    Fails(String),
    /// It did not answer.
    Silent,
    /// It could not be asked: our side.
    NotSent(String),
}

/// One name server's word, at one address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerSaid {
    /// Its name.
    pub name: Name,
    /// Its address.
    pub address: SocketAddr,
    /// What it said.
    pub said: ServerWord,
}

/// What a name server says about the zone's own NS RRset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServerWord {
    /// It answers with authority: the NS set, which may be empty.
    Authority(NsSet),
    /// It answers, but not for the zone; how, safe to show.
    NoAuthority(String),
    /// It did not answer.
    Silent,
    /// It could not be asked: our side.
    NotSent(String),
}

/// Where a host leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostSaid {
    /// The host.
    pub name: Name,
    /// The targets of its aliases, in order.
    pub aliases: Vec<Name>,
    /// Its addresses; none known where an alias leads out of the zone and was not followed.
    pub addresses: Vec<IpAddr>,
    /// Whether anybody answered with authority.
    pub answered: bool,
}

impl DnsFacts {
    /// Facts of a zone that was not heard yet.
    #[must_use]
    pub const fn nothing(heard: Timestamp) -> Self {
        Self {
            heard,
            packets: 0,
            parent: None,
            parents: Vec::new(),
            signers: None,
            servers: Vec::new(),
            without_address: Vec::new(),
            keys: None,
            chain: None,
            mail: None,
            hosts: Vec::new(),
            failure: None,
        }
    }

    /// Takes in the DS records of the parent's.
    pub fn take_signers(&mut self, signers: &[Ds]) {
        let mut known: Vec<(u16, u8)> = signers.iter().map(|ds| (ds.key_tag, ds.algorithm)).collect();
        known.sort_unstable();
        self.signers = Some(known);
    }

    /// Takes in the data of the zone's keys, and what the parent's DS records amount to against them.
    pub fn take_keys(&mut self, zone: &Name, signers: &[Ds], keys: &[Vec<u8>]) {
        let keys: Vec<&[u8]> = keys.iter().map(Vec::as_slice).collect();
        self.chain = SignerMatch::of(zone, signers, &keys);
        self.keys = Some(keys.iter().filter_map(|key| Some((key_tag(key), *key.get(3)?))).collect());
    }

    /// The delegation, where all parent servers that said one said the same.
    #[must_use]
    pub fn delegation(&self) -> Option<&NsSet> {
        let mut sets = self.parents.iter().filter_map(|parent| match &parent.said {
            ParentWord::Delegates(set) => Some(set),
            _ => None,
        });
        let first = sets.next()?;
        sets.all(|set| set == first).then_some(first)
    }

    /// Whether a parent server gave its word about the delegation: what makes the facts worth keeping.
    #[must_use]
    pub fn is_learned(&self) -> bool {
        self.parents.iter().any(|p| matches!(p.said, ParentWord::Delegates(_) | ParentWord::Denies))
    }

    /// What is known of a host.
    #[must_use]
    pub fn host(&self, name: &Name) -> Option<&HostSaid> {
        self.hosts.iter().find(|host| host.name == *name)
    }
}
