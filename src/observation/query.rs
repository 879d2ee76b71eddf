//! What is asked of a target, and why.

use crate::dns::{Class, Name, RecordType};
use crate::observation::TargetId;

/// One question to one target.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Query {
    /// Whom.
    pub target: TargetId,
    /// About which name. For nonces the zone's apex: each packet gets its own fresh label below it.
    pub name: Name,
    /// Which type.
    pub rtype: RecordType,
    /// Which class: IN, but CH for identities.
    pub class: Class,
    /// Recursion desired (RFC 1035 §4.1.1).
    pub rd: bool,
    /// Checking disabled (RFC 4035 §3.2.2).
    pub cd: bool,
    /// DNSSEC records wanted (RFC 3225).
    pub dnssec_ok: bool,
    /// By which transport first.
    pub transport: Transport,
    /// Why.
    pub purpose: Purpose,
}

/// By which transport a query travels. UDP falls back to TCP on truncation and on silence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Transport {
    /// RFC 1035 §4.2.1 with EDNS (RFC 6891).
    Udp,
    /// RFC 7766.
    Tcp,
}

impl Transport {
    /// As in JSON and on screen.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Udp => "udp",
            Self::Tcp => "tcp",
        }
    }
}

/// Why a query is asked. With the target it decides which rule reads the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Purpose {
    /// To find the next zone cut.
    Walk,
    /// To find a server's addresses.
    HostAddress,
    /// The delegation NS RRset at a parent server.
    Delegation,
    /// The DS RRset at a parent server.
    DelegationSigner,
    /// The SOA at an authoritative server.
    Soa,
    /// The apex NS RRset at an authoritative server.
    ApexNs,
    /// The DNSKEY RRset at an authoritative server.
    Keys,
    /// A label that does not exist, at an authoritative server: teaches what a nonce answer looks like.
    Echo,
    /// A fresh label through a resolver, RD=1: which servers does it use now?
    Nonce,
    /// The same with CD=1, after SERVFAIL: DNSSEC or the servers?
    NonceUnchecked,
    /// The same with RD=0: the delegation in use, at no cost to the cache.
    NonceNoRecursion,
    /// Apex NS at a resolver, RD=0 (RD=1 only after a good nonce). Shown, never decisive.
    CachedNs,
    /// Address (or other service) records of a watched name, at a resolver or an authoritative server.
    Service,
    /// CH TXT `id.server` (RFC 4892), or the operator's own question: which instance answers?
    Identity,
    /// A fresh label below a neutral zone, RD=0: does the resolver recurse although it was not asked to?
    UnaskedName,
    /// A neutral record that every cache holds, RD=1 and then RD=0: does it answer from its cache when asked so?
    SteadyName,
    /// A neutral record with a long TTL that few ask for: the longest TTL the resolver keeps.
    LongLivedName,
    /// A neutral record that fails validation on purpose, then with CD=1: does it validate, and may that be disabled?
    BogusName,
    /// Anything, at an address where no server stands: who answers, answers for everybody.
    Interception,
}

impl Purpose {
    /// Whether the name gets a fresh label for every packet.
    #[must_use]
    pub const fn is_nonce(self) -> bool {
        matches!(self, Self::Nonce | Self::NonceUnchecked | Self::NonceNoRecursion | Self::Echo | Self::UnaskedName)
    }

    /// As in the journal and in evidence.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Walk => "walk",
            Self::HostAddress => "host-address",
            Self::Delegation => "delegation",
            Self::DelegationSigner => "delegation-signer",
            Self::Soa => "soa",
            Self::ApexNs => "apex-ns",
            Self::Keys => "keys",
            Self::Echo => "echo",
            Self::Nonce => "nonce",
            Self::NonceUnchecked => "nonce-unchecked",
            Self::NonceNoRecursion => "nonce-no-recursion",
            Self::CachedNs => "cached-ns",
            Self::Service => "service",
            Self::Identity => "identity",
            Self::UnaskedName => "unasked-name",
            Self::SteadyName => "steady-name",
            Self::LongLivedName => "long-lived-name",
            Self::BogusName => "bogus-name",
            Self::Interception => "interception",
        }
    }
}

impl Query {
    /// A query in class IN over UDP with RD, CD and DO clear.
    #[must_use]
    pub fn new(target: TargetId, name: Name, rtype: RecordType, purpose: Purpose) -> Self {
        Self {
            target,
            name,
            rtype,
            class: Class::IN,
            rd: false,
            cd: false,
            dnssec_ok: false,
            transport: Transport::Udp,
            purpose,
        }
    }

    /// The same, with recursion desired.
    #[must_use]
    pub fn recursive(mut self) -> Self {
        self.rd = true;
        self
    }
}
