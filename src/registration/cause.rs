//! What a registration can do to a domain, as codes with evidence. Severity, wording, advice and reference stand in one table.

use std::fmt;

use crate::finding::{finding_codes, worded};

pub use crate::finding::Severity;

/// One finding: what, and what it rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What.
    pub cause: Cause,
    /// What was seen, safe to show; fills `{detail}` of the sentence.
    pub detail: String,
    /// The facts it rests on, each with who said it; safe to show.
    pub evidence: Vec<String>,
}

finding_codes! {
    /// The codes of findings about a registration, strongest evidence first. Stable: scripts rely on them.
    pub enum Cause;

    /// The registry has no such registration.
    NotRegistered "NOT_REGISTERED" Critical
        "The registry knows no registration of {detail}."
        "If it was yours, it is gone: look up who can still restore it, and check the spelling first."
        "RFC 7480 §5.3";
    /// EPP `pendingDelete` alone.
    PendingDelete "PENDING_DELETE" Critical
        "The registration is about to be deleted for good{detail}; it can be neither renewed nor restored."
        "Escalate now: prepare another domain, and ask the registrar for a backorder on the day of deletion."
        "RFC 5731 §2.3; RFC 3915 §3; ICANN Expired Registration Recovery Policy";
    /// EPP `pendingRestore`.
    PendingRestore "PENDING_RESTORE" Critical
        "The registration was deleted and its restoration has been asked for{detail}; the name is still out of the DNS."
        "Ask the registrar to send its restore report to the registry; without it the name falls back. Keep watching."
        "RFC 3915 §3";
    /// EPP `redemptionPeriod`.
    Redemption "REDEMPTION" Critical
        "The registrar has deleted the registration and the name is out of the DNS; it can still be restored{detail}."
        "Ask the same registrar to restore it, today: it costs extra, and after that period nobody can."
        "RFC 3915 §3; ICANN Expired Registration Recovery Policy";
    /// EPP `serverHold`.
    ServerHold "SERVER_HOLD" Critical
        "The registry has taken the name out of the DNS (server hold){detail}."
        "Ask the registrar for the reason (legal, abuse, dispute); only registry and registrar can lift it. Do not flush before."
        "RFC 5731 §2.3; RFC 8056 §2";
    /// EPP `clientHold`.
    ClientHold "CLIENT_HOLD" Critical
        "The registrar has taken the name out of the DNS (client hold){detail}."
        "Ask the registrar whether it is unpaid or its contact not confirmed, and do that. Do not flush before it is lifted."
        "RFC 5731 §2.3; RFC 8056 §2";
    /// Name servers of a contact verification hold.
    VerificationHold "VERIFICATION_HOLD" Critical
        "The registrar holds the domain because its contact is not confirmed: the registry delegates to {detail}."
        "Confirm the contact by the registrar's e-mail (look in spam, and at the address on record); paying does not help."
        "ICANN RDDS Accuracy Program Specification";
    /// Name servers of a suspension or sinkhole.
    Suspended "SUSPENDED" Critical
        "The domain is suspended or taken over: the registry delegates to {detail}."
        "Ask the registrar who ordered it and why; a payment does not lift it."
        "ICANN Registrar Accreditation Agreement §3.18";
    /// Name servers of a parking service, or marked as parked.
    Parked "REGISTRY_PARKED" Critical
        "The registry delegates to parked name servers: {detail}."
        "Renew the domain at its registrar and have the name servers put back. Do not flush caches before they are."
        "RFC 9083 §5.3; ICANN Expired Registration Recovery Policy";
    /// Other name servers than expected.
    NotExpected "REGISTRY_NS_NOT_EXPECTED" Critical
        "The registry delegates to name servers that are not the expected ones: {detail}."
        "Ask the registrar who changed them and when. If the domain is unpaid, renew it; otherwise treat it as a hijack."
        "RFC 9083 §5.3";
    /// No name servers at all.
    NoNameServers "NO_NAME_SERVERS" Critical
        "The registry has no name servers for the domain{detail}."
        "Set them at the registrar."
        "RFC 5731 §2.3 (inactive)";
    /// The registrar's date has passed while the registry's lies ahead.
    RegistrarExpired "REGISTRAR_EXPIRED" Critical
        "The registrar says that the registration expired on {detail}."
        "Renew it at the registrar. The registry's later date does not mean that it is paid."
        "ICANN Expired Registration Recovery Policy; RFC 9083 §10.2.3";
    /// The registry's own date has passed.
    Expired "EXPIRED" Critical
        "The registration expired on {detail}."
        "Renew it at the registrar."
        "RFC 9083 §10.2.3";
    /// A DS record in front of wrong name servers.
    DsLeft "DS_LEFT" Warning
        "The registry still holds a DS record in front of name servers that do not sign the zone with it: {detail}."
        "Leave it if the old servers come back; otherwise have it removed. Validating resolvers answer SERVFAIL meanwhile."
        "RFC 4035 §5.2";
    /// A lock in the way of the repair.
    UpdateLock "UPDATE_LOCK" Warning
        "The name servers have to be put back, but a lock forbids changes: {detail}."
        "Ask the registrar to lift the lock, or to make the change itself; a registry lock takes a call and a code word."
        "RFC 5731 §2.3";
    /// A block on the renewal.
    RenewBlocked "RENEW_BLOCKED" Warning
        "The renewal is blocked: {detail}."
        "Call the registrar: paying alone does not renew it."
        "RFC 5731 §2.3";
    /// Changed just after the anniversary of the expiry date.
    ChangedAfterAnniversary "CHANGED_AFTER_ANNIVERSARY" Notice
        "The registration was changed {detail} after the anniversary of its expiry date, as registrars do to unpaid domains."
        "Ask the registrar whether it is paid: the expiry date at the registry may have moved a year ahead by itself."
        "registry auto-renewal (Verisign registrar FAQ)";
    /// The expiry date is near.
    ExpiresSoon "EXPIRES_SOON" Notice
        "The registration expires on {detail}."
        "See that it will be renewed: check the card and the contact at the registrar."
        "ICANN Expired Registration Recovery Policy";
    /// Something is under way.
    OperationPending "OPERATION_PENDING" Notice
        "An operation of the registrar is under way: {detail}."
        "Wait, then ask again."
        "RFC 5731 §2.3";
}

impl Finding {
    /// How much it matters.
    #[must_use]
    pub const fn severity(&self) -> Severity {
        self.cause.severity()
    }

    /// Whether it explains an outage or will bring one: a notice alone does not.
    #[must_use]
    pub fn is_trouble(&self) -> bool {
        self.severity() < Severity::Notice
    }

    /// The finding in one sentence, safe to show.
    #[must_use]
    pub fn sentence(&self) -> String {
        worded(self.cause.sentence(), 1, &self.detail)
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.cause.word(), self.sentence())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_named_once_and_has_words() {
        for cause in Cause::ALL {
            assert_eq!(Cause::ALL.iter().filter(|c| c.word() == cause.word()).count(), 1, "{}", cause.word());
            assert!(cause.word().chars().all(|c| c.is_ascii_uppercase() || c == '_'));
            assert!(cause.sentence().contains("{detail}") && cause.sentence().ends_with('.'));
            assert!(cause.advice().ends_with('.') && !cause.reference().is_empty());
        }
        let severities: Vec<Severity> = Cause::ALL.iter().map(|c| c.severity()).collect();
        assert!(severities.is_sorted(), "the table stands by strength");
    }
}
