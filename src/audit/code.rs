//! What an audit can find, as codes with evidence. Severity, wording, advice and reference stand in one table; what a registration
//! says of itself comes from the table of `registration`.

use crate::finding::{Severity, finding_codes, worded};
use crate::registration::{Cause, Finding};

finding_codes! {
    /// The codes of an audit. Stable: scripts rely on them.
    pub enum Code;

    /// The parent denies the delegation.
    DelegationDenied "DELEGATION_DENIED" Critical
        "The parent zone's servers answer that there is no such delegation{detail}."
        "The registration is on hold or gone: ask the registrar what lifts it."
        "RFC 2308 §2.1; RFC 8056 (client hold, server hold)";
    /// The parent delegates to a parking service.
    DelegationParked "DELEGATION_PARKED" Critical
        "The parent delegates to parked name servers: {detail}."
        "Renew the domain at its registrar and have the name servers put back."
        "RFC 1034 §4.2.1; ICANN Expired Registration Recovery Policy";
    /// The parent delegates to strangers.
    DelegationNotExpected "DELEGATION_NOT_EXPECTED" Critical
        "The parent delegates to name servers that are not the expected ones: {detail}."
        "Ask the registrar who changed them and when; correct the list if the change was yours, else treat it as a hijack."
        "RFC 1034 §4.2.1";
    /// No delegated server answers.
    NoServerAnswers "NO_SERVER_ANSWERS" Critical
        "None of the delegated name servers answers for the zone: {detail}."
        "Fix the zone on these servers, or take them out of the delegation."
        "RFC 1034 §4.3.1";
    /// DS without a matching key.
    DsWithoutKey "DS_WITHOUT_KEY" Critical
        "The parent's DS records match no key of the zone: {detail}."
        "Remove the DS at the registrar, or put the signed zone back; validating resolvers answer SERVFAIL meanwhile."
        "RFC 4035 §5.2; RFC 6840";
    /// An expected server is missing from the delegation.
    DelegationIncomplete "DELEGATION_INCOMPLETE" Warning
        "Expected name servers are missing from the delegation: {detail}."
        "Add them at the registrar, or correct the list."
        "RFC 1034 §4.2.1";
    /// Parent servers disagree.
    ParentServersDisagree "PARENT_SERVERS_DISAGREE" Warning
        "The parent zone's servers disagree about the delegation: {detail}."
        "A change is on its way to all of them, which usually takes minutes. Audit again."
        "RFC 1034 §4.2.2";
    /// Parent and child NS sets differ.
    ParentChildDiffer "PARENT_CHILD_DIFFER" Warning
        "The zone's own NS records differ from the delegation at the parent: {detail}."
        "Make them equal: resolvers use either set."
        "RFC 1034 §4.2.2; RFC 9199";
    /// Some delegated servers do not answer.
    ServerNotAnswering "SERVER_NOT_ANSWERING" Warning
        "{count} of the delegated name servers' addresses {do|does} not answer for the zone: {detail}."
        "Fix the zone there, or take the server out of the delegation."
        "RFC 1034 §4.3.1; RFC 9499 §6";
    /// A delegated server has no address.
    ServerWithoutAddress "SERVER_WITHOUT_ADDRESS" Warning
        "{count} delegated name {servers have|server has} no address: {detail}."
        "Check the names for typing mistakes: whoever can register their domain can answer for the zone."
        "RFC 1034 §4.2.1";
    /// Expiry is near.
    ExpiryNear "EXPIRY_NEAR" Warning
        "The registration expires on {detail}."
        "See that it will be renewed: check the card and the contact at the registrar."
        "ICANN Expired Registration Recovery Policy";
    /// Something it hangs on is in trouble.
    DependsOnTroubled "DEPENDS_ON_TROUBLED" Warning
        "It depends on a domain that is in trouble itself: {detail}."
        "Save that domain first: what hangs on it goes down with it."
        "RFC 1034 §4.2.1; RFC 2182 §3";
    /// One name server only.
    OneServer "ONE_SERVER" Warning
        "The delegation has one name server only: {detail}."
        "Add a second one elsewhere."
        "RFC 1034 §4.1; RFC 2182";
    /// One block of addresses only.
    OneAddressBlock "ONE_ADDRESS_BLOCK" Warning
        "All addresses of its name servers that were asked are in one block: {detail}."
        "Add a server in another network, unless the block is announced from many places (anycast)."
        "RFC 2182 §3.1";
    /// The status page shares something with the product.
    StatusPageShares "STATUS_PAGE_SHARES" Warning
        "The status page goes down with the product: they share {detail}."
        "Put the status page under another domain, registrar, DNS provider and host."
        "RFC 2182 §3.1 (by analogy)";
    /// The failover domain would not work.
    FailoverNotReady "FAILOVER_NOT_READY" Warning
        "The failover domain is not ready: {detail}."
        "Repair it now: in an outage there is no time for that."
        "RFC 2182 §3 (by analogy)";
    /// All name servers under one registration.
    OneDomain "ONE_NS_DOMAIN" Notice
        "All name servers lie in one domain: {detail}."
        "If that domain expires or fails, so does this zone: spread the name servers over two domains, or watch it too."
        "RFC 2182 §3.1";
    /// All name servers of one provider, under several registrations.
    OneProvider "ONE_NS_PROVIDER" Notice
        "All name servers seem to be one provider's: {detail}."
        "Consider a second provider."
        "RFC 2182 §3.1";
    /// No lock against transfer.
    NoTransferLock "NO_TRANSFER_LOCK" Notice
        "No lock protects the registration against transfer; its statuses: {detail}."
        "Switch the transfer lock on at the registrar."
        "RFC 5731 §2.3";
    /// The failover domain shares something.
    FailoverShares "FAILOVER_SHARES" Notice
        "The failover domain shares with the zone: {detail}."
        "An outage of what they share takes both."
        "RFC 2182 §3.1 (by analogy)";
    /// No expiry date is published.
    ExpiryUnknown "EXPIRY_UNKNOWN" Info
        "The registry publishes no expiry date{detail}."
        "Note the date from the registrar's account: it cannot be watched from outside."
        "RFC 9083 §4.5";
}

/// What a finding is about: a condition of `--fail-on` may name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Topic {
    /// When the registration ends.
    Expiry,
    /// Whether the registration stands, apart from its end.
    Registration,
    /// Whom the parent delegates to.
    Delegation,
    /// Whether parent and child say the same.
    Agreement,
    /// Whether the name servers answer.
    Authority,
    /// Whether DS and keys go together.
    Dnssec,
    /// What fails with one domain, provider or network.
    SinglePoint,
    /// Locks that are missing, or in the way.
    Lock,
    /// What hangs on other domains.
    Dependency,
    /// The status page.
    Status,
    /// The failover domain.
    Failover,
}

impl Topic {
    /// Every topic.
    pub const ALL: [Self; 11] = [
        Self::Expiry,
        Self::Registration,
        Self::Delegation,
        Self::Agreement,
        Self::Authority,
        Self::Dnssec,
        Self::SinglePoint,
        Self::Lock,
        Self::Dependency,
        Self::Status,
        Self::Failover,
    ];

    /// As in conditions and in JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Expiry => "expiry",
            Self::Registration => "registration",
            Self::Delegation => "delegation",
            Self::Agreement => "agreement",
            Self::Authority => "authority",
            Self::Dnssec => "dnssec",
            Self::SinglePoint => "single-point",
            Self::Lock => "lock",
            Self::Dependency => "dependency",
            Self::Status => "status",
            Self::Failover => "failover",
        }
    }
}

impl Code {
    /// What it is about.
    #[must_use]
    pub const fn topic(self) -> Topic {
        match self {
            Self::ExpiryNear | Self::ExpiryUnknown => Topic::Expiry,
            Self::DelegationDenied
            | Self::DelegationParked
            | Self::DelegationNotExpected
            | Self::DelegationIncomplete
            | Self::ParentServersDisagree => Topic::Delegation,
            Self::ParentChildDiffer => Topic::Agreement,
            Self::NoServerAnswers | Self::ServerNotAnswering | Self::ServerWithoutAddress => Topic::Authority,
            Self::DsWithoutKey => Topic::Dnssec,
            Self::OneServer | Self::OneAddressBlock | Self::OneDomain | Self::OneProvider => Topic::SinglePoint,
            Self::NoTransferLock => Topic::Lock,
            Self::DependsOnTroubled => Topic::Dependency,
            Self::StatusPageShares => Topic::Status,
            Self::FailoverNotReady | Self::FailoverShares => Topic::Failover,
        }
    }
}

/// What a finding of a registration is about.
const fn topic_of(cause: Cause) -> Topic {
    match cause {
        Cause::RegistrarExpired
        | Cause::Expired
        | Cause::ExpiresSoon
        | Cause::RenewBlocked
        | Cause::ChangedAfterAnniversary => Topic::Expiry,
        Cause::Parked | Cause::NotExpected | Cause::NoNameServers => Topic::Delegation,
        Cause::DsLeft => Topic::Dnssec,
        Cause::UpdateLock => Topic::Lock,
        Cause::NotRegistered
        | Cause::PendingDelete
        | Cause::PendingRestore
        | Cause::Redemption
        | Cause::ServerHold
        | Cause::ClientHold
        | Cause::VerificationHold
        | Cause::Suspended
        | Cause::OperationPending => Topic::Registration,
    }
}

/// One finding, from whichever table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issue {
    /// The code as text.
    pub code: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// What it is about.
    pub topic: Topic,
    /// In one sentence; safe to show.
    pub sentence: String,
    /// What to do about it.
    pub advice: &'static str,
    /// Where the rule comes from.
    pub reference: &'static str,
    /// What it rests on, each with who said it; safe to show.
    pub evidence: Vec<String>,
}

impl Issue {
    /// A finding of the audit's own table; `count` settles the number in its sentence.
    #[must_use]
    pub fn new(code: Code, count: usize, detail: &str, evidence: Vec<String>) -> Self {
        Self {
            code: code.word(),
            severity: code.severity(),
            topic: code.topic(),
            sentence: worded(code.sentence(), count, detail),
            advice: code.advice(),
            reference: code.reference(),
            evidence,
        }
    }

    /// A finding about a registration.
    #[must_use]
    pub fn of_registration(finding: &Finding) -> Self {
        Self {
            code: finding.cause.word(),
            severity: finding.severity(),
            topic: topic_of(finding.cause),
            sentence: finding.sentence(),
            advice: finding.cause.advice(),
            reference: finding.cause.reference(),
            evidence: finding.evidence.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_named_once_and_has_words() {
        let words: Vec<&str> = Code::ALL.iter().map(|c| c.word()).chain(Cause::ALL.iter().map(|c| c.word())).collect();
        for code in Code::ALL {
            assert_eq!(words.iter().filter(|word| **word == code.word()).count(), 1, "{}", code.word());
            assert!(code.word().chars().all(|c| c.is_ascii_uppercase() || c == '_'));
            assert!(code.sentence().contains("{detail}") && code.sentence().ends_with('.'));
            assert!(code.advice().ends_with('.') && !code.reference().is_empty());
        }
        let severities: Vec<Severity> = Code::ALL.iter().map(|c| c.severity()).collect();
        assert!(severities.is_sorted(), "the table stands by severity");
    }

    #[test]
    fn every_topic_has_a_word_of_its_own() {
        for topic in Topic::ALL {
            assert_eq!(Topic::ALL.iter().filter(|t| t.word() == topic.word()).count(), 1);
            let severities: Vec<&str> = Severity::ALL.iter().map(|s| s.word()).collect();
            assert!(!severities.contains(&topic.word()));
        }
    }
}
