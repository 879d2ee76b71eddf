//! Facts worth saying, as codes with evidence. Severity, wording, advice and reference stand in one table.

use std::fmt;

use crate::finding::{finding_codes, worded};

pub use crate::finding::Severity;

/// One finding: what, where, on what evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What.
    pub code: Code,
    /// At which servers: addresses, or names where there is no address.
    pub targets: Vec<String>,
    /// What was seen there, safe to show; fills `{detail}` of the sentence.
    pub detail: String,
    /// The observations it rests on.
    pub evidence: Vec<u64>,
}

finding_codes! {
    /// The codes of findings, `SUBJECT_FACT`. Stable: scripts rely on them.
    pub enum Code;

    /// Parent servers {delegate|delegates} to parked servers.
    ParentDelegationParked "PARENT_DELEGATION_PARKED" Critical
        "{count} of the parent's servers {delegate|delegates} to parked name servers: {detail}."
        "Renew the domain at its registrar and have the name servers put back. Do not flush caches yet."
        "RFC 1034 §4.2.1; ICANN Expired Registration Recovery Policy";
    /// Parent servers delegate to strangers.
    ParentDelegationOther "PARENT_DELEGATION_OTHER" Critical
        "{count} of the parent's servers {delegate|delegates} to name servers that are neither expected nor known as parked: {detail}."
        "Ask the registrar who changed the delegation; treat it as a hijack until that is known."
        "RFC 1034 §4.2.1";
    /// Parent servers deny the name.
    ParentNameDenied "PARENT_NAME_DENIED" Critical
        "{count} of the parent's servers {answer|answers} that there is no such domain{detail}."
        "The registration is on hold or gone: ask the registrar what lifts it. Flushing is useless until it is lifted."
        "RFC 2308 §2.1; RFC 8056 (client hold, server hold)";
    /// Parent servers disagree.
    ParentServersDisagree "PARENT_SERVERS_DISAGREE" Critical
        "The parent's servers disagree: {detail}."
        "A registry update is on its way to all servers; this usually takes minutes. Do not flush before all agree."
        "RFC 1034 §4.2.2";
    /// A parent server fails.
    ParentServerError "PARENT_SERVER_ERROR" Warning
        "{count} of the parent's servers gave no usable answer: {detail}."
        "Nothing to do for the domain's owner; the registry runs these servers."
        "RFC 1035 §4.1.1";
    /// A parent server is silent.
    ParentServerNoResponse "PARENT_SERVER_NO_RESPONSE" Notice
        "{count} of the parent's servers did not answer from here."
        "Check whether this machine reaches them; what they hold is not known."
        "RFC 9199";
    /// DS without a matching key.
    ParentDsWithoutKey "PARENT_DS_WITHOUT_KEY" Critical
        "The parent holds a DS record that matches no key of the expected servers: {detail}."
        "Remove the DS at the registrar, or put the signed zone back; validating resolvers answer SERVFAIL meanwhile."
        "RFC 4035 §5.2; RFC 6840";
    /// DS in front of a parked, unsigned delegation.
    ParentDsOverParked "PARENT_DS_OVER_PARKED" Warning
        "The parent still holds a DS record while the zone is parked: {detail}."
        "Validating resolvers answer SERVFAIL instead of the parked page; that ends with the parked delegation."
        "RFC 4035 §5.2";
    /// An expected server refuses or fails.
    AuthorityNotAnswering "AUTHORITY_NOT_ANSWERING" Critical
        "{count} of the expected name servers' addresses {do|does} not answer for the zone: {detail}."
        "Fix the zone on these servers; resolvers that pick them fail."
        "RFC 1034 §4.3.1; RFC 9499 §6";
    /// An expected server is silent.
    AuthorityNoResponse "AUTHORITY_NO_RESPONSE" Critical
        "{count} of the expected name servers' addresses did not answer: {detail}."
        "Check that the server runs and that UDP and TCP port 53 reach it."
        "RFC 7766 §5";
    /// A server that the parent stands in for does not answer, nobody having said what is correct.
    DelegatedNotAnswering "DELEGATED_NOT_ANSWERING" Critical
        "{count} of the delegated name servers' addresses {do|does} not answer for the zone: {detail}."
        "Fix the zone on these servers, or take them out of the delegation."
        "RFC 1034 §4.3.1";
    /// Expected servers give another NS set than expected.
    AuthorityNsDiffers "AUTHORITY_NS_DIFFERS" Warning
        "The zone's own NS records differ from the expectation: {detail}."
        "Correct the NS records in the zone: some resolvers follow them rather than the parent's."
        "RFC 1034 §4.2.2; RFC 9199";
    /// Expected servers give different serials.
    AuthoritySerialsDiffer "AUTHORITY_SERIALS_DIFFER" Notice
        "The expected servers hold different versions of the zone: {detail}."
        "Check the zone transfer if this lasts."
        "RFC 1982; RFC 1996";
    /// A name server has no address.
    ServerWithoutAddress "SERVER_WITHOUT_ADDRESS" Critical
        "No address was found for name servers: {detail}."
        "Check the names for typing mistakes, and the address records of these hosts."
        "RFC 1034 §4.2.1";
    /// Parked servers still answer although the delegation is right.
    ParkedStillAnswers "PARKED_STILL_ANSWERS" Notice
        "The parked name servers still answer for the zone: {detail}."
        "Resolvers that cached the parked delegation stay with it until it runs out."
        "RFC 1034 §4.2.2";
    /// Resolvers use parked servers.
    ResolverParked "RESOLVER_PARKED" Warning
        "{count} {resolvers|resolver} still {use|uses} the parked name servers."
        "Flush where the operator offers it, once the source is right; the rest ends with the TTLs."
        "RFC 2181 §5.4.1";
    /// Resolvers disagree with themselves.
    ResolverMixed "RESOLVER_MIXED" Warning
        "{count} resolver {addresses hide|address hides} caches that disagree."
        "Count them as parked until no sample is; their users see either answer."
        "RFC 4786";
    /// Resolvers keep the denial.
    ResolverHeld "RESOLVER_HELD" Warning
        "{count} {resolvers|resolver} still {answer|answers} from the parent that there is no such domain."
        "Wait for the negative TTL, or flush."
        "RFC 2308 §5";
    /// Resolvers fail.
    ResolverBroken "RESOLVER_BROKEN" Warning
        "{count} {resolvers|resolver} {fail|fails} to resolve the zone: {detail}."
        "Open one of them to see the reason they give."
        "RFC 8914";
    /// Resolvers fail validation.
    ResolverValidationFailing "RESOLVER_VALIDATION_FAILING" Warning
        "{count} {resolvers|resolver} {reach|reaches} the correct servers but {fail|fails} DNSSEC validation."
        "Compare the DS at the parent with the zone's keys; a bad key is cached for a minute or more after it is fixed."
        "RFC 4035 §4.7; RFC 9520";
    /// Resolvers still hand out old addresses or denials.
    ResolverDraining "RESOLVER_DRAINING" Warning
        "{count} {resolvers|resolver} {use|uses} the correct name servers but still {hold|holds} old addresses or denials."
        "Flush the host names there, or wait for their TTLs."
        "RFC 1035 §3.2.1; RFC 2308 §5";
    /// Resolvers give a third answer.
    ResolverOther "RESOLVER_OTHER" Warning
        "{count} {resolvers|resolver} {give|gives} an answer that neither the correct nor the parked servers give."
        "Look at what they answer. If the zone answers by place or load, say so with --varying-addresses."
        "RFC 4786; RFC 7871";
    /// Resolvers filter.
    ResolverFiltered "RESOLVER_FILTERED" Notice
        "{count} {resolvers say that they withhold|resolver says that it withholds} the answer by policy: {detail}."
        "Ask the operator to review its block; freshly re-registered or parked names are often listed."
        "RFC 8914 §4.16–4.19";
    /// Resolvers past every bound.
    ResolverStuck "RESOLVER_STUCK" Warning
        "{count} {resolvers|resolver} still {use|uses} the parked servers after every TTL has run out."
        "Ask the operator to flush: the entry renews itself or is served stale."
        "RFC 8767";
    /// Caches that lost the correct servers again.
    ResolverTurnedBack "RESOLVER_TURNED_BACK" Notice
        "{count} {resolvers|resolver} went from the correct name servers to wrong ones, in one and the same cache: {detail}."
        "Look at the parent first. If that is right, the entry renewed itself, or several caches answer under one name."
        "RFC 5001; RFC 4786";
    /// Resolvers unheard.
    ResolverNoResponse "RESOLVER_NO_RESPONSE" Info
        "{count} {resolvers|resolver} did not answer, counted neither as correct nor as parked."
        "Nothing to do unless your users use them."
        "RFC 7766 §5";
    /// Resolvers that refuse us.
    ResolverRefuses "RESOLVER_REFUSES" Info
        "{count} {resolvers refuse|resolver refuses} to answer us; this says nothing about the domain."
        "Nothing to do: they serve their own customers or limit the rate."
        "RFC 1035 §4.1.1";
    /// Caches stored the parked answer after a flush.
    FlushRepoisoned "FLUSH_REPOISONED" Critical
        "{count} {resolvers|resolver} stored the parked answer again after a flush: {detail}."
        "The source was not right everywhere when the cache asked again. Make every parent server and name server right, then flush once more."
        "RFC 2181 §5.4.1; RFC 1034 §4.2.2";
    /// Caches that went on as before although the operator took the request.
    FlushWithoutEffect "FLUSH_WITHOUT_EFFECT" Warning
        "{count} {resolvers|resolver} still {serve|serves} the parked answer a minute after a flush was accepted: {detail}."
        "Flush the name again, the NS records first; if that does not help either, ask the operator, or wait for the TTL."
        "RFC 2181 §5.4.1";
    /// Both sides look alike.
    SidesAlike "SIDES_ALIKE" Warning
        "The correct and the parked name servers answer alike, so resolvers cannot be told apart{detail}."
        "Add a marker record to the correct zone (`unpark marker` prints one) and give it with --marker."
        "RFC 1035 §3.3.13";
    /// The marker is not there.
    MarkerNotServed "MARKER_NOT_SERVED" Warning
        "{count} of the expected name servers' addresses {do|does} not serve the marker: {detail}."
        "Add the record to the correct zone, or leave --marker out; without it this witness proves nothing."
        "RFC 4592";
    /// Nobody has said what is correct.
    ExpectationMissing "EXPECTATION_MISSING" Notice
        "Nobody has said which name servers are correct; the parent's delegation stands in."
        "Give them with --expect ns1.example,ns2.example."
        "RFC 1034 §4.2.2";
    /// Our own packets do not leave.
    NetworkUnreachable "NETWORK_UNREACHABLE" Critical
        "Queries could not leave this machine: {detail}."
        "Check this machine's network and firewall for UDP and TCP port 53; nothing is said about the domain."
        "local";
    /// Nothing answers at all.
    NothingAnswers "NOTHING_ANSWERS" Critical
        "Nothing that was asked answered: {detail}."
        "Check whether this network blocks DNS to outside servers (UDP and TCP port 53), for instance with dig @198.41.0.4 . NS."
        "local";
    /// Somebody in between answers for every address.
    NetworkIntercepted "NETWORK_INTERCEPTED" Critical
        "Somebody between this machine and the servers answers in their place: {detail}."
        "Ask from another network, or through a VPN; what resolvers seem to say from here is the word of whoever is in between."
        "RFC 5737; RFC 3849";
    /// The walk from the root failed.
    ParentNotFound "PARENT_NOT_FOUND" Critical
        "The parent zone's servers could not be found from the root: {detail}."
        "Check the root hints and this machine's network."
        "RFC 1034 §5.3.3";
}

impl Finding {
    /// How much it matters.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.code.severity()
    }

    /// The finding in one sentence, safe to show.
    #[must_use]
    pub fn sentence(&self) -> String {
        worded(self.code.sentence(), self.targets.len(), &self.detail)
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.word(), self.sentence())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_named_once_and_has_words() {
        for code in Code::ALL {
            assert_eq!(Code::ALL.iter().filter(|c| c.word() == code.word()).count(), 1, "{}", code.word());
            assert!(code.word().chars().all(|c| c.is_ascii_uppercase() || c == '_'));
            assert!(!code.sentence().is_empty() && !code.advice().is_empty() && !code.reference().is_empty());
        }
    }

    #[test]
    fn the_sentence_takes_count_and_detail() {
        let finding = Finding {
            code: Code::ParentDelegationParked,
            targets: vec!["192.0.2.1".into(), "192.0.2.2".into()],
            detail: "ns1.parked.example".into(),
            evidence: vec![1],
        };
        assert_eq!(
            finding.sentence(),
            "2 of the parent's servers delegate to parked name servers: ns1.parked.example."
        );
    }
}
