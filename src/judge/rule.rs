//! The names of the decision rules, one for each row of the tables.

/// One row of a decision table. Every verdict names the rule that gave it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// Nonce answered by the correct servers, live.
    NonceGood,
    /// Nonce answered with the marker that only the correct zone has.
    MarkerSeen,
    /// Nonce answered without the marker, though otherwise as both sides answer.
    MarkerAbsent,
    /// Nonce answered from a validator's cache of denials made by the correct servers (RFC 8198).
    NonceGoodAged,
    /// Nonce answered by the correct servers while the parent is still wrong: not lost yet.
    NonceGoodBeforeRestoration,
    /// Nonce answered by parked servers; the delegation's remaining TTL was shown by RD=0.
    NonceParkedUntilKnown,
    /// Nonce answered by parked servers; its end is only bounded.
    NonceParked,
    /// Nonce answered by parked servers after every bound.
    NonceParkedPastBounds,
    /// No recursion was asked for yet: the delegation shown by RD=0.
    ReferralOnly,
    /// Nonce answered by the parent: no such domain.
    NonceFromParent,
    /// Nonce fails, but with checking disabled the correct servers answer.
    FailsValidation,
    /// Nonce fails, and with checking disabled parked servers answer; the parent holds a DS.
    ParkedHiddenByDnssec,
    /// Nonce fails either way while the parked servers, asked directly, refuse or are silent.
    FailsParkedSilent,
    /// Nonce fails either way while the cache, asked without recursion, shows that it holds the parked delegation.
    FailsHoldingParked,
    /// Nonce fails either way; a name server's own address is cached as the parking address.
    FailsNsAddress,
    /// Nonce fails either way for no reason we can see.
    FailsUnexplained,
    /// Nonce fails; the comparison with checking disabled is not there yet.
    FailsUncompared,
    /// The resolver refuses to answer us.
    Refused,
    /// The resolver says it withholds the answer by policy (RFC 8914 codes 4, 15–18).
    FilteredByPolicy,
    /// An answer that neither side gives.
    NeitherSide,
    /// Good and parked sides answer alike: nothing here can tell them apart.
    Undecidable,
    /// What correct answers look like is not known yet.
    NothingToCompare,
    /// Answers carry neither data nor an SOA: they do not say whose they are.
    BareAnswer,
    /// No answer by UDP and TCP.
    NoAnswer,
    /// The cache said that it serves what has run out (RFC 8767), or its TTL gives that away: believed when said twice.
    StaleUnbelieved,
    /// A watched name has the data that the correct servers give.
    DataGood,
    /// A watched name has data that neither side was heard giving, in a zone that answers by place or load.
    DataVaries,
    /// A watched name has the parked servers' data.
    DataParked,
    /// A watched name is denied although the correct servers have data.
    DataDenied,
    /// A watched name is denied once in the name of the correct zone, whose servers have data: one of them may lag, or the
    /// denial is older than the data. Believed when said twice.
    DataDeniedByGood,
    /// Asking about a watched name fails.
    DataFails,
    /// A watched name has data that neither side gives.
    DataNeither,
    /// Not what the correct servers say; the parent has just delegated to parked servers, and what those say was not heard
    /// yet.
    ParkedUnheard,
    /// Nothing was asked, or the asking failed on our side.
    NothingHeard,
    /// Somebody in between answers in place of the resolver.
    Intercepted,
}

impl Rule {
    /// All rules.
    pub const ALL: [Self; 35] = [
        Self::NonceGood,
        Self::MarkerSeen,
        Self::MarkerAbsent,
        Self::NonceGoodAged,
        Self::NonceGoodBeforeRestoration,
        Self::NonceParkedUntilKnown,
        Self::NonceParked,
        Self::NonceParkedPastBounds,
        Self::ReferralOnly,
        Self::NonceFromParent,
        Self::FailsValidation,
        Self::ParkedHiddenByDnssec,
        Self::FailsParkedSilent,
        Self::FailsHoldingParked,
        Self::FailsNsAddress,
        Self::FailsUnexplained,
        Self::FailsUncompared,
        Self::Refused,
        Self::FilteredByPolicy,
        Self::NeitherSide,
        Self::Undecidable,
        Self::NothingToCompare,
        Self::BareAnswer,
        Self::NoAnswer,
        Self::StaleUnbelieved,
        Self::DataGood,
        Self::DataVaries,
        Self::DataParked,
        Self::DataDenied,
        Self::DataDeniedByGood,
        Self::DataFails,
        Self::DataNeither,
        Self::ParkedUnheard,
        Self::NothingHeard,
        Self::Intercepted,
    ];

    /// A stable name for JSON and the detail pane.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::NonceGood => "nonce-good",
            Self::MarkerSeen => "marker-seen",
            Self::MarkerAbsent => "marker-absent",
            Self::NonceGoodAged => "nonce-good-aged",
            Self::NonceGoodBeforeRestoration => "nonce-good-before-restoration",
            Self::NonceParkedUntilKnown => "nonce-parked-until-known",
            Self::NonceParked => "nonce-parked",
            Self::NonceParkedPastBounds => "nonce-parked-past-bounds",
            Self::ReferralOnly => "referral-only",
            Self::NonceFromParent => "nonce-from-parent",
            Self::FailsValidation => "fails-validation",
            Self::ParkedHiddenByDnssec => "parked-hidden-by-dnssec",
            Self::FailsParkedSilent => "fails-parked-silent",
            Self::FailsHoldingParked => "fails-holding-parked",
            Self::FailsNsAddress => "fails-ns-address",
            Self::FailsUnexplained => "fails-unexplained",
            Self::FailsUncompared => "fails-uncompared",
            Self::Refused => "refused",
            Self::FilteredByPolicy => "filtered-by-policy",
            Self::NeitherSide => "neither-side",
            Self::Undecidable => "undecidable",
            Self::NothingToCompare => "nothing-to-compare",
            Self::BareAnswer => "bare-answer",
            Self::NoAnswer => "no-answer",
            Self::StaleUnbelieved => "stale-unbelieved",
            Self::DataGood => "data-good",
            Self::DataVaries => "data-varies",
            Self::DataParked => "data-parked",
            Self::DataDenied => "data-denied",
            Self::DataDeniedByGood => "data-denied-by-good",
            Self::DataFails => "data-fails",
            Self::DataNeither => "data-neither",
            Self::ParkedUnheard => "parked-unheard",
            Self::NothingHeard => "nothing-heard",
            Self::Intercepted => "intercepted",
        }
    }

    /// What the rule concludes, in plain words for the detail pane.
    #[must_use]
    pub const fn says(self) -> &'static str {
        match self {
            Self::NonceGood => "a name never asked before was answered by the correct servers: it uses them now",
            Self::MarkerSeen => "gave back the marker that only the correct zone has: it uses the correct servers now",
            Self::MarkerAbsent => "answered as both sides do, but without the marker that the correct servers have",
            Self::NonceGoodAged => "answered from cached denials of the correct servers (RFC 8198)",
            Self::NonceGoodBeforeRestoration => "still uses the correct servers: it has not lost them yet",
            Self::NonceParkedUntilKnown => "uses the parked servers; it showed how long it will",
            Self::NonceParked => "uses the parked servers; their end is only bounded by TTLs at the source",
            Self::NonceParkedPastBounds => "still uses the parked servers although every bound has passed",
            Self::ReferralOnly => "showed the delegation it holds without recursing; nothing else was asked",
            Self::NonceFromParent => "still has the parent's answer that there is no such domain",
            Self::FailsValidation => "fails validation: with checking disabled the correct servers answer",
            Self::ParkedHiddenByDnssec => "uses the parked servers, which DNSSEC validation hides from its users",
            Self::FailsParkedSilent => "fails because the parked servers it still uses no longer answer",
            Self::FailsHoldingParked => "fails, and showed that it holds the parked delegation, and for how long",
            Self::FailsNsAddress => "fails because it cached the parking address for a name server of the zone",
            Self::FailsUnexplained => "fails, with and without validation, for a reason not seen from here",
            Self::FailsUncompared => "fails; whether DNSSEC is the reason is being asked",
            Self::Refused => "refuses to answer us: policy or rate, nothing about the domain",
            Self::FilteredByPolicy => "says itself that it withholds or changes the answer by policy",
            Self::NeitherSide => "gives an answer that neither the correct nor the parked servers give",
            Self::Undecidable => "the correct and the parked servers answer alike; nothing here tells them apart",
            Self::NothingToCompare => "answered, but it is not known yet what the correct answer looks like",
            Self::BareAnswer => "answers without naming the zone it answers from; its servers cannot be told from that",
            Self::NoAnswer => "no answer by UDP and TCP",
            Self::StaleUnbelieved => "served something past its time once; asked again before that is believed",
            Self::DataGood => "what the correct servers say",
            Self::DataVaries => "neither side's data, in a zone that answers by place or load",
            Self::DataParked => "what the parked servers say",
            Self::DataDenied => "denied although the correct servers have data",
            Self::DataDeniedByGood => "denied once by the correct zone, whose servers have data; asked again",
            Self::DataFails => "asking about it fails",
            Self::DataNeither => "data that neither the correct nor the parked servers give",
            Self::ParkedUnheard => "not what the correct servers say; what the parked ones say was not heard yet",
            Self::NothingHeard => "not asked yet, or the asking failed on our side",
            Self::Intercepted => "somebody in between answers for every address: whose words these are is not known",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_is_named_once_and_says_something() {
        let words: std::collections::BTreeSet<_> = Rule::ALL.iter().map(|rule| rule.word()).collect();
        assert_eq!(words.len(), Rule::ALL.len());
        for rule in Rule::ALL {
            assert!(rule.word().chars().all(|c| c.is_ascii_lowercase() || c == '-') && !rule.says().is_empty());
        }
    }
}
