//! When a flush would do harm. Pure: it counts what was heard at the source and answers with obstacles.
//!
//! A resolver that forgets asks the parent servers at once. While one of them still holds the wrong delegation, or
//! the expected servers do not all answer for the zone, it may store the wrong answer again with a full TTL.

use std::fmt;

use crate::dns::shown;

/// How the servers of one kind stand, counted by address.
///
/// Those that are neither correct, wrong nor silent have not been heard yet and count as silent here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Answers as expected.
    pub correct: usize,
    /// Answers, but not as expected.
    pub wrong: usize,
    /// Does not answer.
    pub silent: usize,
    /// All servers there are of this kind.
    pub total: usize,
}

impl Tally {
    /// Those of whom nothing good is known: wrong ones apart, silent and not yet heard.
    const fn unheard(self) -> usize {
        self.total.saturating_sub(self.correct).saturating_sub(self.wrong)
    }
}

/// What is known of the source: the servers of the parent zone and the expected servers of the zone itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SourceState {
    /// The parent servers; correct means that they hold the expected delegation.
    pub parents: Tally,
    /// The parent servers that hold another delegation, or none, by name.
    pub wrong_parents: Vec<String>,
    /// The parent servers that are silent, by name.
    pub silent_parents: Vec<String>,
    /// The expected servers; correct means that they answer for the zone with authority (AA).
    pub authoritative: Tally,
    /// The expected servers that answer without authority, with an error or with wrong content, by name.
    pub wrong_authoritative: Vec<String>,
    /// The expected servers that are silent, by name.
    pub silent_authoritative: Vec<String>,
    /// Whether anybody said what is correct. Without that, "correct" above means nothing.
    pub expectation_known: bool,
}

/// One reason not to flush now. `Display` is a whole sentence without the full stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Obstacle {
    /// There is no expectation to compare with.
    NobodySaidWhatIsCorrect,
    /// No parent server has answered yet.
    ParentsUnheard,
    /// Some parent servers hold the wrong delegation, or none.
    ParentsWrong {
        /// How many.
        count: usize,
        /// Of how many.
        total: usize,
        /// Which, as far as known.
        names: Vec<String>,
    },
    /// More parent servers are silent than is tolerated.
    ParentsSilent {
        /// How many.
        count: usize,
        /// Of how many.
        total: usize,
        /// Which, as far as known.
        names: Vec<String>,
    },
    /// No expected server has answered yet, or none is known.
    AuthoritativeUnheard,
    /// Some expected servers answer, but not with authority and as expected.
    AuthoritativeWrong {
        /// How many.
        count: usize,
        /// Of how many.
        total: usize,
        /// Which, as far as known.
        names: Vec<String>,
    },
    /// Some expected servers do not answer.
    AuthoritativeSilent {
        /// How many.
        count: usize,
        /// Of how many.
        total: usize,
        /// Which, as far as known.
        names: Vec<String>,
    },
}

/// Parent servers that may be silent: one in four, once two have answered. One wrong server is never tolerated, but
/// a single unreachable address among the many of a large parent zone says more about the path to it than about
/// the delegation.
const TOLERATED_SILENT_ONE_IN: usize = 4;
/// See [`TOLERATED_SILENT_ONE_IN`].
const LEAST_PARENTS_HEARD: usize = 2;

/// Whether the source is in a state in which a flush helps.
///
/// # Errors
/// Every obstacle, the gravest first: unknown expectation, parent servers, then expected servers.
pub fn guard(source: &SourceState) -> Result<(), Vec<Obstacle>> {
    let mut obstacles = Vec::new();
    if !source.expectation_known {
        obstacles.push(Obstacle::NobodySaidWhatIsCorrect);
    }
    let parents = source.parents;
    let total = parents.total;
    if parents.wrong > 0 {
        obstacles.push(Obstacle::ParentsWrong { count: parents.wrong, total, names: source.wrong_parents.clone() });
    }
    if parents.correct == 0 && parents.wrong == 0 {
        obstacles.push(Obstacle::ParentsUnheard);
    } else {
        let count = parents.unheard();
        let heard = parents.correct.saturating_add(parents.wrong);
        let few = heard >= LEAST_PARENTS_HEARD && count.saturating_mul(TOLERATED_SILENT_ONE_IN) <= total;
        if count > 0 && !few {
            obstacles.push(Obstacle::ParentsSilent { count, total, names: source.silent_parents.clone() });
        }
    }
    let servers = source.authoritative;
    let total = servers.total;
    if servers.wrong > 0 {
        let names = source.wrong_authoritative.clone();
        obstacles.push(Obstacle::AuthoritativeWrong { count: servers.wrong, total, names });
    }
    if servers.correct == 0 && servers.wrong == 0 {
        obstacles.push(Obstacle::AuthoritativeUnheard);
    } else if servers.unheard() > 0 {
        let names = source.silent_authoritative.clone();
        obstacles.push(Obstacle::AuthoritativeSilent { count: servers.unheard(), total, names });
    }
    if obstacles.is_empty() { Ok(()) } else { Err(obstacles) }
}

/// What a flush in spite of these obstacles would bring about: a sentence without the full stop.
#[must_use]
pub fn consequence(obstacles: &[Obstacle]) -> &'static str {
    let any = |matches: fn(&Obstacle) -> bool| obstacles.iter().any(matches);
    if any(|o| matches!(o, Obstacle::ParentsWrong { .. })) {
        "a flush now would store the parked answer again with a full TTL"
    } else if any(|o| matches!(o, Obstacle::AuthoritativeWrong { .. } | Obstacle::AuthoritativeSilent { .. })) {
        "a flush now may replace a stale answer by a failure"
    } else {
        "nobody can tell yet whether a flush now would store the parked answer again with a full TTL"
    }
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NobodySaidWhatIsCorrect => f.write_str("nobody has said which name servers are correct"),
            Self::ParentsUnheard => f.write_str("no parent server has answered yet"),
            Self::ParentsWrong { count, total, names } => {
                write!(f, "{count} of {total} parent servers still hold the wrong delegation{}", listed(names))
            }
            Self::ParentsSilent { count, total, names } => {
                write!(f, "{count} of {total} parent servers do not answer{}", listed(names))
            }
            Self::AuthoritativeUnheard => f.write_str("no expected server has answered yet"),
            Self::AuthoritativeWrong { count, total, names } => {
                write!(
                    f,
                    "{count} of {total} expected servers do not answer for the zone as they should{}",
                    listed(names)
                )
            }
            Self::AuthoritativeSilent { count, total, names } => {
                write!(f, "{count} of {total} expected servers do not answer{}", listed(names))
            }
        }
    }
}

/// How many names a sentence lists before it counts the rest.
const LISTED: usize = 4;

/// The names in brackets, the first few and how many more; nothing when there are none.
fn listed(names: &[String]) -> String {
    if names.is_empty() {
        return String::new();
    }
    let some: Vec<String> = names.iter().take(LISTED).map(|name| shown::text(name)).collect();
    match names.len().saturating_sub(LISTED) {
        0 => format!(" ({})", some.join(", ")),
        more => format!(" ({} and {more} more)", some.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(correct: usize, wrong: usize, silent: usize, total: usize) -> Tally {
        Tally { correct, wrong, silent, total }
    }

    /// A source in which all is well.
    fn well() -> SourceState {
        SourceState {
            parents: tally(13, 0, 0, 13),
            authoritative: tally(4, 0, 0, 4),
            expectation_known: true,
            ..SourceState::default()
        }
    }

    #[test]
    fn a_source_that_is_well_has_no_obstacle() {
        assert_eq!(guard(&well()), Ok(()));
        let alone = SourceState { parents: tally(1, 0, 0, 1), authoritative: tally(1, 0, 0, 1), ..well() };
        assert_eq!(guard(&alone), Ok(()), "one server is all there is");
    }

    #[test]
    fn one_parent_server_with_the_wrong_delegation_is_enough_to_refuse() {
        let state = SourceState {
            parents: tally(12, 1, 0, 13),
            wrong_parents: vec!["m.gtld-servers.net.\x1b[2J".to_owned()],
            ..well()
        };
        let obstacles = guard(&state).unwrap_err();
        assert_eq!(
            obstacles.iter().map(ToString::to_string).collect::<Vec<_>>(),
            ["1 of 13 parent servers still hold the wrong delegation (m.gtld-servers.net.\\u{1b}[2J)"]
        );
        assert_eq!(consequence(&obstacles), "a flush now would store the parked answer again with a full TTL");
    }

    #[test]
    fn a_few_silent_parent_servers_are_tolerated_but_no_more() {
        for (correct, total, passes) in
            [(10, 13, true), (9, 13, false), (3, 4, true), (2, 4, false), (1, 2, false), (2, 3, false), (6, 8, true)]
        {
            let state = SourceState { parents: tally(correct, 0, total - correct, total), ..well() };
            assert_eq!(guard(&state).is_ok(), passes, "{correct} of {total}");
            let unheard = SourceState { parents: tally(correct, 0, 0, total), ..well() };
            assert_eq!(guard(&unheard).is_ok(), passes, "not yet heard counts as silent: {correct} of {total}");
        }
    }

    #[test]
    fn every_expected_server_must_answer_with_authority() {
        let names = vec!["ns2.example.".to_owned()];
        let wrong = SourceState { authoritative: tally(3, 1, 0, 4), wrong_authoritative: names.clone(), ..well() };
        let obstacles = guard(&wrong).unwrap_err();
        assert!(obstacles[0].to_string().contains("(ns2.example.)"), "{}", obstacles[0]);
        assert!(consequence(&obstacles).contains("failure"));
        let silent = SourceState { authoritative: tally(3, 0, 1, 4), silent_authoritative: names, ..well() };
        assert!(matches!(guard(&silent).unwrap_err()[..], [Obstacle::AuthoritativeSilent { count: 1, total: 4, .. }]));
    }

    #[test]
    fn nothing_heard_and_nothing_expected_refuse_each_for_itself() {
        let nothing = guard(&SourceState::default()).unwrap_err();
        assert_eq!(
            nothing,
            [Obstacle::NobodySaidWhatIsCorrect, Obstacle::ParentsUnheard, Obstacle::AuthoritativeUnheard]
        );
        assert!(consequence(&nothing).starts_with("nobody can tell"));
        let unsaid = SourceState { expectation_known: false, ..well() };
        assert_eq!(guard(&unsaid), Err(vec![Obstacle::NobodySaidWhatIsCorrect]));
    }

    #[test]
    fn long_lists_are_cut_and_counted() {
        let names: Vec<String> = ('a'..='m').map(|c| format!("{c}.gtld-servers.net.")).collect();
        let obstacle = Obstacle::ParentsWrong { count: 13, total: 13, names };
        assert!(obstacle.to_string().ends_with("d.gtld-servers.net. and 9 more)"), "{obstacle}");
    }

    #[test]
    fn counts_that_contradict_each_other_do_no_harm() {
        let odd = SourceState { parents: tally(usize::MAX, usize::MAX, 1, 0), ..well() };
        assert!(matches!(guard(&odd).unwrap_err()[..], [Obstacle::ParentsWrong { .. }]));
    }
}
