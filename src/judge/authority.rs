//! One name server of the zone: does it answer with authority, and on which side?
//!
//! Evidence: its SOA, apex NS and DNSKEY, asked without recursion. Reference: RFC 1034 §4.3.1, RFC 9499 §6.

use crate::dns::{NsSet, Rcode, Rdata, RecordType, Soa, Ttl};
use crate::judge::side::is_parked_host;
use crate::judge::{Heard, References, Rule, Side, Verdict, side_of_ns_set};
use crate::observation::Outcome;

/// Why a name server is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AuthorityRole {
    /// The expectation names it (whether or not the parent does).
    Expected,
    /// Only the parent's delegation names it.
    Delegated,
}

impl AuthorityRole {
    /// As in JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Expected => "expected",
            Self::Delegated => "delegated",
        }
    }
}

/// What a name server said.
#[derive(Debug, Clone, Copy)]
pub struct AuthorityWitnesses<'a> {
    /// Its newest answer about the SOA.
    pub soa: Option<&'a Heard>,
    /// Its newest answer about the apex NS RRset.
    pub ns: Option<&'a Heard>,
    /// Its newest answer about the DNSKEY RRset.
    pub keys: Option<&'a Heard>,
}

/// What it amounts to.
#[derive(Debug, Clone, PartialEq)]
pub struct AuthorityJudgement {
    /// correct, parked, other, broken, silent or unknown.
    pub verdict: Verdict,
    /// Whether its answer about the SOA was authoritative; none when it gave no answer.
    pub aa: Option<bool>,
    /// The response code of its answer about the SOA.
    pub rcode: Option<Rcode>,
    /// The zone's SOA as it gives it, with its TTL.
    pub soa: Option<(Soa, Ttl)>,
    /// The apex NS set as it gives it.
    pub ns: Option<NsSet>,
    /// The data of the zone's DNSKEY records; none when not known, empty when the zone has none.
    pub keys: Option<Vec<Vec<u8>>>,
    /// The observations it rests on.
    pub evidence: Vec<u64>,
}

impl AuthorityJudgement {
    /// Whether it answers for the zone with authority.
    #[must_use]
    pub fn answers(&self) -> bool {
        self.soa.is_some() && self.aa == Some(true) && self.rcode == Some(Rcode::NOERROR)
    }
}

/// Judges one name server. `parked` says that its name belongs to a parked set or to a parking service.
#[must_use]
pub fn judge_authority(
    witnesses: AuthorityWitnesses<'_>,
    role: AuthorityRole,
    parked: bool,
    refs: &References,
) -> (AuthorityJudgement, Rule) {
    let mut judgement = AuthorityJudgement {
        verdict: Verdict::Unknown,
        aa: None,
        rcode: None,
        soa: None,
        ns: witnesses.ns.and_then(|h| apex_ns(h, refs)),
        keys: witnesses.keys.and_then(|h| keys(h, refs)),
        evidence: [witnesses.soa, witnesses.ns, witnesses.keys].iter().flatten().map(|h| h.number).collect(),
    };
    let Some(heard) = witnesses.soa else { return (judgement, Rule::NothingHeard) };
    let response = match &heard.observation.outcome {
        Outcome::Answered(response) => response,
        Outcome::NoResponse | Outcome::Unreachable => {
            judgement.verdict = Verdict::Silent;
            return (judgement, Rule::NoAnswer);
        }
        Outcome::Malformed { rcode, .. } => {
            judgement.rcode = *rcode;
            judgement.verdict = Verdict::Broken;
            return (judgement, Rule::FailsUnexplained);
        }
        Outcome::NotSent { .. } => return (judgement, Rule::NothingHeard),
    };
    judgement.rcode = Some(response.rcode);
    judgement.aa = Some(response.aa);
    judgement.soa = response.answer.iter().find_map(|r| match &r.rdata {
        Rdata::Soa(soa) if r.owner == refs.zone => Some((soa.clone(), r.ttl)),
        _ => None,
    });
    let rule;
    (judgement.verdict, rule) = match (judgement.answers(), role) {
        (false, _) if response.rcode == Rcode::REFUSED => (Verdict::Broken, Rule::Refused),
        (false, _) => (Verdict::Broken, Rule::FailsUnexplained),
        // The host name of an expected server below the parked zone resolves to the parking service's wildcard: what
        // answers there is not the expected server, and must never teach what is correct.
        (true, AuthorityRole::Expected) if answers_as_parked(&judgement, refs) => (Verdict::Parked, Rule::NonceParked),
        (true, AuthorityRole::Expected) => (Verdict::Correct, Rule::NonceGood),
        (true, AuthorityRole::Delegated) if parked => (Verdict::Parked, Rule::NonceParked),
        (true, AuthorityRole::Delegated) => (Verdict::Other, Rule::NeitherSide),
    };
    (judgement, rule)
}

/// Whether a server gives itself away as a parked one: by its own apex NS set, or by the primary server of its SOA.
fn answers_as_parked(judgement: &AuthorityJudgement, refs: &References) -> bool {
    let by_set = judgement.ns.as_ref().is_some_and(|set| side_of_ns_set(set, refs) == Side::Parked);
    // Who expects a parking service's servers gets their SOA.
    let parking_expected = refs.good_ns.iter().flatten().any(|name| refs.parking.match_ns(name).is_some());
    let by_soa = judgement.soa.as_ref().is_some_and(|(soa, _)| is_parked_host(&soa.mname, refs));
    by_set || (by_soa && !parking_expected)
}

fn apex_ns(heard: &Heard, refs: &References) -> Option<NsSet> {
    let response = heard.observation.response().filter(|r| r.aa)?;
    response.answer_set(&refs.zone, RecordType::NS).map(|set| NsSet::from_rrset(&set))
}

/// Octets of a DNSKEY's data before the key itself (RFC 4034 §2.1).
const KEY_HEAD: usize = 4;

/// The zone's keys. An authoritative NODATA means that there are none.
fn keys(heard: &Heard, refs: &References) -> Option<Vec<Vec<u8>>> {
    // A truncated answer is not the whole set: no key in it is not "no key".
    let response = heard.observation.response().filter(|r| r.aa && !r.tc && r.rcode == Rcode::NOERROR)?;
    let found = response.answer.iter().filter(|r| r.owner == refs.zone).filter_map(|r| match &r.rdata {
        Rdata::Other(RecordType::DNSKEY, octets) if octets.len() > KEY_HEAD => Some(octets.clone()),
        _ => None,
    });
    Some(found.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::sample_world::*;
    use crate::observation::{Purpose, Response, Role};

    fn witnesses(told: &Told) -> AuthorityWitnesses<'_> {
        let newest = |purpose| told.witnesses.latest(purpose);
        AuthorityWitnesses { soa: newest(Purpose::Soa), ns: newest(Purpose::ApexNs), keys: newest(Purpose::Keys) }
    }

    fn verdict(told: &Told, role: AuthorityRole, parked: bool) -> (Verdict, Rule) {
        let (judgement, rule) = judge_authority(witnesses(told), role, parked, &references());
        (judgement.verdict, rule)
    }

    fn said(outcome: Outcome) -> Told {
        Told::by(Role::Authoritative).about(ZONE, RecordType::SOA, Purpose::Soa, 0, outcome)
    }

    #[test]
    fn an_expected_server_that_answers_with_authority_is_correct() {
        let told = good_server();
        let (judgement, rule) = judge_authority(witnesses(&told), AuthorityRole::Expected, false, &references());
        assert_eq!((judgement.verdict, rule), (Verdict::Correct, Rule::NonceGood));
        assert!(judgement.answers());
        assert_eq!((judgement.ns, judgement.evidence), (Some(ns_set(&GOOD)), vec![1, 2]));
    }

    #[test]
    fn a_delegated_server_is_parked_by_its_name_and_otherwise_a_strangers() {
        assert_eq!(verdict(&parked_server(), AuthorityRole::Delegated, true), (Verdict::Parked, Rule::NonceParked));
        assert_eq!(verdict(&parked_server(), AuthorityRole::Delegated, false), (Verdict::Other, Rule::NeitherSide));
    }

    #[test]
    fn a_parked_server_behind_an_expected_name_is_not_correct() {
        assert_eq!(verdict(&parked_server(), AuthorityRole::Expected, false).0, Verdict::Parked);
        let by_soa_only = answer(vec![soa(ZONE, "ns1.known-parking.example.", 1, 60)]);
        let told = said(Outcome::Answered(with_authority(by_soa_only)));
        assert_eq!(verdict(&told, AuthorityRole::Expected, false).0, Verdict::Parked);
        // Unless such servers are what the operator expects.
        let refs = References { good_ns: Some(ns_set(&["a.known-parking.example."])), ..unlearned() };
        let judged = judge_authority(witnesses(&told), AuthorityRole::Expected, false, &refs).0;
        assert_eq!(judged.verdict, Verdict::Correct);
    }

    #[test]
    fn answers_without_authority_refusals_and_garbage_are_broken() {
        let astray = answer(vec![soa(ZONE, GOOD[0], 1, 60)]);
        let above = with_authority(no_data(soa(".", GOOD[0], 1, 60)));
        for response in [astray, above, empty(Rcode::SERVFAIL), empty(Rcode::NOERROR)] {
            let told = said(Outcome::Answered(response));
            assert_eq!(verdict(&told, AuthorityRole::Expected, false), (Verdict::Broken, Rule::FailsUnexplained));
        }
        let refused = said(Outcome::Answered(empty(Rcode::REFUSED)));
        assert_eq!(verdict(&refused, AuthorityRole::Expected, false), (Verdict::Broken, Rule::Refused));
        let garbage = said(Outcome::Malformed { rcode: Some(Rcode::NOERROR), reason: "cut".to_owned() });
        assert_eq!(verdict(&garbage, AuthorityRole::Expected, false).0, Verdict::Broken);
    }

    #[test]
    fn silence_is_silent_and_our_own_failure_is_nothing() {
        assert_eq!(verdict(&said(Outcome::NoResponse), AuthorityRole::Expected, false).0, Verdict::Silent);
        let ours = said(not_sent());
        assert_eq!(verdict(&ours, AuthorityRole::Expected, false), (Verdict::Unknown, Rule::NothingHeard));
        let nothing = Told::by(Role::Authoritative);
        assert_eq!(verdict(&nothing, AuthorityRole::Expected, false), (Verdict::Unknown, Rule::NothingHeard));
    }

    #[test]
    fn no_keys_are_known_only_from_a_whole_authoritative_answer() {
        let keys = |response: Response| {
            let told = Told::by(Role::Authoritative).about(
                ZONE,
                RecordType::DNSKEY,
                Purpose::Keys,
                0,
                Outcome::Answered(response),
            );
            judge_authority(witnesses(&told), AuthorityRole::Expected, false, &references()).0.keys
        };
        let key = record(ZONE, 60, Rdata::Other(RecordType::DNSKEY, vec![1, 1, 3, 13, 9]));
        assert_eq!(keys(with_authority(answer(vec![key]))), Some(vec![vec![1, 1, 3, 13, 9]]));
        assert_eq!(keys(with_authority(no_data(soa(ZONE, GOOD[0], 1, 60)))), Some(vec![]));
        assert_eq!(keys(Response { tc: true, ..with_authority(empty(Rcode::NOERROR)) }), None);
        assert_eq!(keys(empty(Rcode::REFUSED)), None);
        let stub = record(ZONE, 60, Rdata::Other(RecordType::DNSKEY, vec![1]));
        assert_eq!(keys(with_authority(answer(vec![stub]))), Some(vec![]), "too short to be a key");
    }
}
