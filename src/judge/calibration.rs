//! What a resolver can do, learned off the customer's domain: whether RD=0 keeps it from recursing, the longest TTL it
//! keeps, whether it validates, and which instance of it answers.
//!
//! Question: which witnesses may be asked of this resolver, and what are they worth? Evidence: answers about neutral names,
//! and every TTL it ever showed. Nothing here speaks of the zone under watch. What is not known stays unknown.

use std::time::Duration;

use crate::dns::{Class, Rcode, Rdata, RecordType, shown};
use crate::observation::{AnswerKind, Observation, Purpose};
use crate::time::Timestamp;

/// What becomes of a question with RD=0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum NoRecursion {
    /// Answered from the cache, or with the delegation held: at no cost to the cache.
    Supported,
    /// Refused.
    Refused,
    /// The resolver recurses all the same: such a question costs the cache as much as one with RD=1.
    Recurses,
    /// Empty answers even about what the cache holds.
    Unusable,
    /// Not known.
    #[default]
    Unknown,
}

impl NoRecursion {
    /// As in JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Supported => "supported",
            Self::Refused => "refused",
            Self::Recurses => "recurses",
            Self::Unusable => "unusable",
            Self::Unknown => "unknown",
        }
    }

    /// The same from its word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Supported, Self::Refused, Self::Recurses, Self::Unusable, Self::Unknown]
            .into_iter()
            .find(|known| known.word() == word)
    }
}

/// What is known of a resolver address.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calibration {
    /// What RD=0 came to about a label that nobody ever asked for: refused, recursed, or supported when the delegation
    /// held was shown; unknown when the resolver did nothing of these, or was not asked.
    pub unasked: NoRecursion,
    /// Whether that question was answered in a way that tells something.
    pub unasked_told: bool,
    /// Whether RD=0 about a name it holds was answered with its data.
    pub held_answered: Option<bool>,
    /// Whether CD=1 keeps it from validating.
    pub checking_disabled: Option<bool>,
    /// Whether it gives extended errors.
    pub extended_errors: Option<bool>,
    /// Whether it validates DNSSEC.
    pub validates: Option<bool>,
    /// The largest TTL it ever showed for the long-lived record, in seconds.
    pub largest_long: Option<u32>,
    /// The largest TTL it ever showed for anything, in seconds.
    pub largest: Option<u32>,
    /// The largest TTL it ever showed for a denial, in seconds.
    pub largest_negative: Option<u32>,
    /// What it calls the instance that answered, safe to show.
    pub identity: Option<String>,
    /// When a question that calibrates was last answered.
    pub learned: Option<Timestamp>,
}

/// For so long what was learned holds.
pub const CALIBRATION_HOLDS: Duration = Duration::from_secs(7 * 86_400);
/// Whole-second clocks on both sides: so far below a cap a fresh entry may be shown.
const FRESH: u32 = 2;
/// Caps that are no multiple of half an hour.
const SHORT_CAPS: [u32; 4] = [60, 300, 600, 900];
/// Longest name of an instance kept, in characters.
const LONGEST_IDENTITY: usize = 128;

impl Calibration {
    /// What becomes of a question with RD=0.
    #[must_use]
    pub const fn no_recursion(&self) -> NoRecursion {
        match (self.unasked, self.held_answered) {
            (NoRecursion::Refused | NoRecursion::Recurses | NoRecursion::Supported, _) => self.unasked,
            _ if !self.unasked_told => NoRecursion::Unknown,
            (_, Some(true)) => NoRecursion::Supported,
            (_, Some(false)) => NoRecursion::Unusable,
            (_, None) => NoRecursion::Unknown,
        }
    }

    /// Whether a question with RD=0 is known to leave the cache as it is, answered or not.
    #[must_use]
    pub const fn is_harmless_without_recursion(&self) -> bool {
        self.unasked_told && !matches!(self.unasked, NoRecursion::Recurses)
    }

    /// Whether asking with RD=0 may tell anything at all.
    #[must_use]
    pub const fn answers_without_recursion(&self) -> bool {
        !matches!(self.no_recursion(), NoRecursion::Refused | NoRecursion::Unusable)
    }

    /// The longest it keeps anything, in seconds, where a TTL gave that away: one that is a round number, seen for a record
    /// whose own TTL is larger (`full`, the largest that anybody showed for it), and nothing larger ever.
    ///
    /// An estimate: a cap that no fresh answer showed stays unknown.
    #[must_use]
    pub fn ttl_cap(&self, full: u32) -> Option<u32> {
        let largest = self.largest_long?;
        let cap = round_above(largest).filter(|cap| *cap < full.saturating_sub(FRESH))?;
        self.largest.is_none_or(|largest| largest <= cap).then_some(cap)
    }

    /// The longest it keeps a denial, in seconds, by the same rule, for a denial whose own TTL is `full`.
    #[must_use]
    pub fn negative_cap(&self, full: u32) -> Option<u32> {
        round_above(self.largest_negative?).filter(|cap| *cap < full)
    }

    /// Whether it is known and not too old at `now`.
    #[must_use]
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        self.learned.is_some_and(|at| now.since(at) < CALIBRATION_HOLDS)
    }

    /// Takes in what came of any question to this resolver.
    pub fn learn(&mut self, observation: &Observation) {
        let Some(response) = observation.response() else { return };
        let query = &observation.query;
        if !response.extended_errors().is_empty() {
            self.extended_errors = Some(true);
        }
        let kind = response.kind(&observation.asked, query.rtype);
        if query.class == Class::IN {
            let ttl = response.answer.iter().map(|r| r.ttl.as_secs()).max();
            self.largest = self.largest.max(ttl);
            if let (AnswerKind::NoData | AnswerKind::NxDomain, Some((_, ttl, _))) = (kind, response.soa()) {
                self.largest_negative = self.largest_negative.max(Some(ttl.as_secs()));
            }
        }
        match query.purpose {
            Purpose::UnaskedName => {
                (self.unasked, self.unasked_told) = match (response.rcode, kind) {
                    (Rcode::REFUSED | Rcode::NOTIMP, _) => (NoRecursion::Refused, true),
                    // Only somebody who asked can know that the label does not exist.
                    (_, AnswerKind::NxDomain | AnswerKind::NoData | AnswerKind::Answer) => {
                        (NoRecursion::Recurses, true)
                    }
                    // A delegation below the root is what RD=0 is asked for.
                    (_, AnswerKind::Referral) if shows_delegation(observation) => (NoRecursion::Supported, true),
                    (_, AnswerKind::Referral | AnswerKind::Empty) => (NoRecursion::Unknown, true),
                    _ => return,
                };
            }
            Purpose::SteadyName if !query.rd => match kind {
                AnswerKind::Answer => self.held_answered = Some(true),
                // One of several caches that answered before is enough to know that it can.
                _ => self.held_answered = self.held_answered.or(Some(false)),
            },
            Purpose::LongLivedName if kind == AnswerKind::Answer => {
                let ttl = response.answer.iter().map(|r| r.ttl.as_secs()).max();
                self.largest_long = self.largest_long.max(ttl);
            }
            Purpose::BogusName => match (query.cd, response.rcode, kind) {
                (false, Rcode::SERVFAIL, _) => {
                    self.validates = Some(true);
                    self.extended_errors = self.extended_errors.or(Some(false));
                }
                (false, _, AnswerKind::Answer) => self.validates = Some(false),
                (true, Rcode::SERVFAIL, _) => self.checking_disabled = Some(false),
                (true, _, AnswerKind::Answer) => self.checking_disabled = Some(true),
                _ => return,
            },
            Purpose::Identity => match identity_in(observation) {
                Some(identity) => self.identity = Some(identity),
                None => return,
            },
            Purpose::SteadyName | Purpose::LongLivedName => {}
            _ => return,
        }
        self.learned = Some(observation.at);
    }
}

/// What an answer calls its instance: the first text that is not empty, or the line that names a server.
#[must_use]
pub fn identity_in(observation: &Observation) -> Option<String> {
    if observation.query.purpose != Purpose::Identity || observation.query.rtype != RecordType::TXT {
        return None;
    }
    let texts = observation.response()?.answer.iter().filter_map(|record| match &record.rdata {
        Rdata::Txt(strings) => Some(strings.concat()),
        _ => None,
    });
    let texts: Vec<String> = texts.map(|octets| shown::octets(&octets)).filter(|text| !text.is_empty()).collect();
    // `debug.opendns.com` gives several lines, one of which reads "server r3.yyz".
    let named = texts.iter().find_map(|text| text.strip_prefix("server "));
    let text = named.or_else(|| texts.first().map(String::as_str))?;
    Some(text.chars().take(LONGEST_IDENTITY).collect())
}

/// Whether an answer shows a delegation other than the root's.
fn shows_delegation(observation: &Observation) -> bool {
    let referral = observation.response().and_then(|r| r.referral(&observation.asked));
    referral.is_some_and(|(owner, ..)| !owner.is_root())
}

/// The cap that a TTL gives away: the round number it is, or lies just below.
fn round_above(ttl: u32) -> Option<u32> {
    let half_hours = ttl.saturating_add(FRESH) / 1800 * 1800;
    let round = SHORT_CAPS.into_iter().chain([half_hours]).filter(|cap| *cap > 0);
    round.into_iter().find(|cap| ttl <= *cap && cap - ttl <= FRESH)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::sample_world::*;
    use crate::observation::{Outcome, Response, Role};

    fn heard(purpose: Purpose, about: &str, rtype: RecordType, rd: bool, response: Response) -> Observation {
        let outcome = Outcome::Answered(response);
        let mut observation = observe(target(Role::Resolver, 1), about, rtype, purpose, outcome, 5);
        observation.query.rd = rd;
        observation
    }

    fn unasked(response: Response) -> Observation {
        heard(Purpose::UnaskedName, "com.", RecordType::TXT, false, response)
    }

    fn steady(rd: bool, response: Response) -> Observation {
        heard(Purpose::SteadyName, ".", RecordType::NS, rd, response)
    }

    fn learned(observations: &[Observation]) -> Calibration {
        let mut calibration = Calibration::default();
        for observation in observations {
            calibration.learn(observation);
        }
        calibration
    }

    fn root_ns(ttl: u32) -> Response {
        answer(ns(".", ttl, &["a.root-servers.net."]))
    }

    #[test]
    fn without_recursion_is_told_by_a_label_nobody_asked_for_and_then_by_one_that_is_held() {
        let refused = learned(&[unasked(empty(Rcode::REFUSED)), steady(false, empty(Rcode::REFUSED))]);
        assert_eq!((refused.no_recursion(), refused.answers_without_recursion()), (NoRecursion::Refused, false));
        assert_eq!(learned(&[unasked(empty(Rcode::NOTIMP))]).no_recursion(), NoRecursion::Refused);
        let recurses = learned(&[unasked(parent_denial()), steady(false, root_ns(9))]);
        assert_eq!(recurses.no_recursion(), NoRecursion::Recurses);
        assert!(!recurses.is_harmless_without_recursion());
        let referral = Response { authority: ns("com.", 100, &["a.gtld-servers.net."]), ..empty(Rcode::NOERROR) };
        assert_eq!(learned(&[unasked(referral)]).no_recursion(), NoRecursion::Supported);
        let root = Response { authority: ns(".", 100, &["a.root-servers.net."]), ..empty(Rcode::NOERROR) };
        let candidate = learned(&[unasked(root.clone())]);
        assert_eq!(candidate.no_recursion(), NoRecursion::Unknown);
        assert!(candidate.is_harmless_without_recursion() && candidate.answers_without_recursion());
        let supported = [unasked(root), steady(true, root_ns(100)), steady(false, root_ns(98))];
        assert_eq!(learned(&supported).no_recursion(), NoRecursion::Supported);
        let empty_ones =
            [unasked(empty(Rcode::NOERROR)), steady(true, root_ns(9)), steady(false, empty(Rcode::NOERROR))];
        assert_eq!(learned(&empty_ones).no_recursion(), NoRecursion::Unusable);
    }

    #[test]
    fn nothing_is_concluded_from_failures_and_silence() {
        let mut lost = unasked(empty(Rcode::NOERROR));
        lost.outcome = Outcome::NoResponse;
        assert_eq!(learned(&[lost, unasked(empty(Rcode::SERVFAIL))]), Calibration::default());
        let other = heard(Purpose::Nonce, ZONE, RecordType::TXT, true, empty(Rcode::REFUSED));
        assert_eq!(learned(&[other]).no_recursion(), NoRecursion::Unknown);
        assert!(!Calibration::default().is_harmless_without_recursion());
    }

    #[test]
    fn a_bogus_name_tells_whether_it_validates_and_whether_that_can_be_disabled() {
        let bogus = |cd: bool, response: Response| {
            let mut observation = heard(Purpose::BogusName, "bogus.test.", RecordType::A, true, response);
            observation.query.cd = cd;
            observation
        };
        let data = || answer(vec![a("bogus.test.", 60, GOOD_ADDRESS)]);
        let validating = learned(&[bogus(false, with_error(empty(Rcode::SERVFAIL), 9)), bogus(true, data())]);
        let told = (validating.validates, validating.extended_errors, validating.checking_disabled);
        assert_eq!(told, (Some(true), Some(true), Some(true)));
        let plain = learned(&[bogus(false, empty(Rcode::SERVFAIL)), bogus(true, empty(Rcode::SERVFAIL))]);
        assert_eq!((plain.extended_errors, plain.checking_disabled), (Some(false), Some(false)));
        assert_eq!(learned(&[bogus(false, data())]).validates, Some(false));
        assert_eq!(learned(&[bogus(false, parent_denial())]).validates, None, "the test name is gone");
    }

    #[test]
    fn a_cap_is_believed_only_when_a_fresh_answer_gave_it_away() {
        let long = |ttl: u32| {
            heard(Purpose::LongLivedName, "long.test.", RecordType::A, true, {
                answer(vec![a("long.test.", ttl, GOOD_ADDRESS)])
            })
        };
        let cap = |ttls: &[u32]| learned(&ttls.iter().map(|t| long(*t)).collect::<Vec<_>>()).ttl_cap(172_800);
        assert_eq!(cap(&[86_399]), Some(86_400));
        assert_eq!(cap(&[86_000, 21_600]), None, "larger than six hours, and no round number");
        assert_eq!(cap(&[21_600]), Some(21_600));
        assert_eq!(cap(&[17_345]), None);
        assert_eq!(cap(&[172_800]), None, "the record's own");
        assert_eq!(cap(&[900]), Some(900));
        let mut capped = learned(&[long(3600)]);
        capped.learn(&steady(true, root_ns(500_000)));
        assert_eq!(capped.ttl_cap(172_800), None, "it kept another one longer");
    }

    #[test]
    fn the_cap_of_denials_is_learned_from_any_denial() {
        let mut resolver = Calibration::default();
        resolver.learn(&heard(Purpose::Nonce, ZONE, RecordType::TXT, true, good_denial(3599)));
        assert_eq!(resolver.negative_cap(86_400), Some(3600));
        assert_eq!(resolver.negative_cap(3600), None, "the zone's own");
        resolver.learn(&heard(Purpose::Nonce, ZONE, RecordType::TXT, true, good_denial(80_000)));
        assert_eq!(resolver.negative_cap(86_400), None);
        assert_eq!(resolver.learned, None, "the customer's zone calibrates nothing else");
    }

    #[test]
    fn identities_come_from_text_and_are_safe_to_show() {
        let say = |texts: &[&str]| {
            let records = texts.iter().map(|t| txt("id.server.", t)).collect();
            learned(&[heard(Purpose::Identity, "id.server.", RecordType::TXT, false, answer(records))]).identity
        };
        assert_eq!(say(&["", "txl01"]).as_deref(), Some("txl01"));
        assert_eq!(say(&["flags 20 0", "server r3.yyz"]).as_deref(), Some("r3.yyz"));
        assert_eq!(say(&[]), None);
        assert!(say(&["\u{1b}[2Jx"]).unwrap().chars().all(|c| !c.is_control()));
        assert_eq!(say(&[&"x".repeat(200)]).unwrap().len(), LONGEST_IDENTITY);
    }

    #[test]
    fn what_was_learned_holds_for_a_week() {
        let calibration = learned(&[unasked(empty(Rcode::REFUSED))]);
        assert!(calibration.is_fresh(at(5 + 6 * 86_400)));
        assert!(!calibration.is_fresh(at(6 + 7 * 86_400)));
        for word in ["supported", "refused", "recurses", "unusable", "unknown"] {
            assert_eq!(NoRecursion::from_word(word).unwrap().word(), word);
        }
    }
}
