//! The statuses of a registration, each with what it means for somebody in an outage (RFC 5731, RFC 3915, RFC 8056).

use std::fmt;

use crate::dns::shown;

macro_rules! statuses {
    ($($(#[$doc:meta])* $name:ident $word:literal $meaning:literal;)*) => {
        /// One status of a registration. EPP's and RDAP's names of it are the same thing (RFC 8056 §2).
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Status {
            $($(#[$doc])* $name,)*
            /// One that is not in the specifications, as written; safe to show.
            Other(String),
        }

        impl Status {
            /// Every status of the specifications.
            pub const KNOWN: &'static [Self] = &[$(Self::$name,)*];

            /// RDAP's text for it, or the text as written.
            #[must_use]
            pub fn word(&self) -> &str {
                match self {
                    $(Self::$name => $word,)*
                    Self::Other(text) => text,
                }
            }

            /// What it means for the engineer; none for one that is not in the specifications.
            #[must_use]
            pub const fn meaning(&self) -> Option<&'static str> {
                match self {
                    $(Self::$name => Some($meaning),)*
                    Self::Other(_) => None,
                }
            }
        }
    };
}

statuses! {
    /// EPP `ok`.
    Active "active"
        "Nothing blocks it at the registry. This does not rule out parked name servers.";
    /// EPP `linked`.
    Associated "associated" "Something else refers to it. Without effect on the outage.";
    /// EPP `addPeriod`.
    AddPeriod "add period" "Registered a few days ago: no old unpaid name.";
    /// EPP `autoRenewPeriod`.
    AutoRenewPeriod "auto renew period"
        "The registry renewed it by itself within about 45 days; the registrar may still be unpaid. Alone it proves nothing.";
    /// EPP `renewPeriod`.
    RenewPeriod "renew period" "Somebody renewed it recently. A good sign.";
    /// EPP `transferPeriod`.
    TransferPeriod "transfer period" "Moved to this registrar a few days ago: no old unpaid name.";
    /// EPP `inactive`.
    Inactive "inactive" "No name servers are set, so nothing resolves.";
    /// EPP `clientHold`.
    ClientHold "client hold"
        "The registrar took the name out of the DNS (unpaid, or contact not confirmed). A flush is useless until it is lifted.";
    /// EPP `serverHold`.
    ServerHold "server hold"
        "The registry took the name out of the DNS (legal, abuse, dispute). Only registry or registrar can lift it.";
    /// EPP `redemptionPeriod`.
    RedemptionPeriod "redemption period"
        "Deleted by the registrar and out of the DNS; it can be restored through the same registrar, at extra cost, for about 30 days.";
    /// EPP `pendingRestore`.
    PendingRestore "pending restore" "A restore was asked for; the registry waits for the registrar's report.";
    /// EPP `pendingDelete`.
    PendingDelete "pending delete"
        "Alone: about to be deleted for good, within about 5 days; it can be neither renewed nor restored.";
    /// EPP `pendingCreate`.
    PendingCreate "pending create" "The registration is not complete yet.";
    /// EPP `pendingTransfer`.
    PendingTransfer "pending transfer" "A move to another registrar is under way. Wait, then read again.";
    /// EPP `pendingUpdate`.
    PendingUpdate "pending update" "A change is under way. Wait, then read again.";
    /// EPP `pendingRenew`.
    PendingRenew "pending renew" "A renewal is under way. Wait, then read again.";
    /// EPP `clientTransferProhibited`.
    ClientTransferProhibited "client transfer prohibited" "The usual lock. Without effect on the outage.";
    /// EPP `serverTransferProhibited`.
    ServerTransferProhibited "server transfer prohibited" "A lock of the registry. Without effect on the outage.";
    /// EPP `clientUpdateProhibited`.
    ClientUpdateProhibited "client update prohibited"
        "Name servers cannot be changed until the registrar lifts this lock.";
    /// EPP `serverUpdateProhibited`.
    ServerUpdateProhibited "server update prohibited"
        "Name servers cannot be changed until the registry lifts this lock, which takes the registrar's request.";
    /// EPP `clientRenewProhibited`.
    ClientRenewProhibited "client renew prohibited" "Renewal is blocked by the registrar: call it.";
    /// EPP `serverRenewProhibited`.
    ServerRenewProhibited "server renew prohibited" "Renewal is blocked by the registry: call the registrar.";
    /// EPP `clientDeleteProhibited`.
    ClientDeleteProhibited "client delete prohibited" "Protection against deletion. Normal.";
    /// EPP `serverDeleteProhibited`.
    ServerDeleteProhibited "server delete prohibited" "Protection against deletion by the registry. Normal.";
    /// RDAP only (RFC 9083 §10.2.2).
    Locked "locked" "Changes are not possible until the lock is lifted.";
}

impl Status {
    /// Reads EPP's or RDAP's form, in any case, with spaces, hyphens, underscores or nothing between the words, and with a
    /// link behind it. None for an empty text.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        let bare = text.split(['(', '<']).next().unwrap_or_default();
        let bare = bare.find("http").and_then(|at| bare.get(..at)).unwrap_or(bare).trim();
        let folded = fold(bare);
        if folded.is_empty() {
            return (!text.is_empty()).then(|| Self::Other(shown::text(text)));
        }
        Some(match folded.as_str() {
            "ok" => Self::Active,
            "linked" => Self::Associated,
            // As some registries write them in WHOIS.
            "notdelegated" => Self::Inactive,
            _ => {
                let known = Self::KNOWN.iter().find(|status| fold(status.word()) == folded);
                known.cloned().unwrap_or_else(|| Self::Other(shown::text(text)))
            }
        })
    }
}

/// Letters and digits only, in lower case; bounded, since no status is longer.
fn fold(text: &str) -> String {
    text.chars().take(64).filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_a_status_is_the_same_status() {
        for text in [
            "client hold",
            "clientHold",
            "CLIENT-HOLD",
            "client_hold",
            "clientHold https://icann.org/epp#clientHold",
            "clientHold (https://icann.org/epp#clientHold)",
            "clientHold <a href=x>",
        ] {
            assert_eq!(Status::read(text), Some(Status::ClientHold), "{text}");
        }
        assert_eq!((Status::read("ok"), Status::read("LINKED")), (Some(Status::Active), Some(Status::Associated)));
        for status in Status::KNOWN {
            assert_eq!(Status::read(status.word()).as_ref(), Some(status));
            assert!(status.meaning().is_some_and(|m| m.ends_with('.')), "{status}");
        }
    }

    #[test]
    fn an_unknown_status_is_kept_as_text() {
        assert_eq!(Status::read("DELEGADO\u{1b}[2J"), Some(Status::Other("DELEGADO\\u{1b}[2J".into())));
        assert_eq!(Status::read("東"), Some(Status::Other("東".into())));
        assert_eq!(Status::read("  "), None);
        assert_eq!(Status::Other("x".into()).meaning(), None);
    }
}
