//! The debrief: for everything that truly changed, when it was true and when the tool showed it. Plain text.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::time::Duration;

use super::shown::{Shown, Verdicts};
use crate::dns::shown as safe;
use crate::drill::model::{Happening, Side};
use crate::drill::record::{Course, Record};
use crate::drill::stage::Stage;
use crate::incident::{Phase, PhaseChange};
use crate::judge::Verdict;
use crate::time::Timestamp;

/// What a debrief is made of.
pub struct Debrief<'a> {
    /// The scenario's name and title, safe to show.
    pub title: &'a str,
    /// When it began.
    pub begin: Timestamp,
    /// The seed of its chances.
    pub seed: u64,
    /// How fast it went.
    pub speed: f64,
    /// What happened, oldest first.
    pub history: &'a [Happening],
    /// Who there is.
    pub stage: &'a Stage,
    /// What was true when.
    pub truth: &'a Record,
    /// What was shown when.
    pub shown: &'a Shown,
    /// The phases the tool showed.
    pub phases: &'a [PhaseChange],
}

/// One true change at one target, and when the tool showed it.
struct Change {
    at: Timestamp,
    side: Side,
    /// Whose, for people.
    who: String,
    lag: Lag,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lag {
    /// Shown so long after it was true.
    Shown(Duration),
    /// Over again before it was shown.
    Passed,
    /// True to the end, and not shown.
    NotShown,
}

impl Debrief<'_> {
    /// The whole of it.
    pub fn text(&self) -> String {
        let mut text = format!("\nDRILL debrief: {}\n", self.title);
        let _ = writeln!(text, "seed {}, speed x{}; times are minutes:seconds of the drill\n", self.seed, self.speed);
        self.happened(&mut text);
        self.phases(&mut text);
        self.milestones(&mut text);
        self.parents(&mut text);
        self.resolvers(&mut text);
        text
    }

    fn time(&self, at: Timestamp) -> String {
        let seconds = at.since(self.begin).as_secs();
        format!("{:>2}:{:02}", seconds / 60, seconds % 60)
    }

    fn happened(&self, text: &mut String) {
        text.push_str("What truly happened\n");
        let told: Vec<_> = self.history.iter().filter(|h| !h.what.contains(" has taken up the change of ")).collect();
        if told.is_empty() {
            text.push_str("         nothing\n");
        }
        // The flushes of one operator come in dozens, one for each name and type.
        let flusher = |h: &Happening| h.what.split_once(" flushes ").map(|(operator, _)| operator.to_owned());
        for together in told.chunk_by(|a, b| flusher(a).is_some() && flusher(a) == flusher(b)) {
            let Some(first) = together.first() else { continue };
            let more = match together.len() {
                1 => String::new(),
                count => format!(", and {} more", count - 1),
            };
            let _ = writeln!(text, "  {}  {}{more}", self.time(first.at), safe::text(&first.what));
        }
    }

    fn phases(&self, text: &mut String) {
        text.push_str("\nWhat the tool said\n");
        for change in self.phases {
            let _ = writeln!(text, "  {}  {}", self.time(change.at), change.phase.word());
        }
    }

    /// The incident as a whole: wrong at the parent, right at the parent, right in every cache.
    fn milestones(&self, text: &mut String) {
        let (parents, resolvers) = (&self.truth.parents, &self.truth.resolvers);
        let wrong = parents.values().flatten().filter(|(_, side)| *side != Side::Correct).map(|(at, _)| *at).min();
        let all_right = |courses: &mut dyn Iterator<Item = &Course>| {
            courses.map(|c| c.last().filter(|(_, side)| *side == Side::Correct).map(|(at, _)| *at)).max_by(|a, b| {
                // One that is not right yet outweighs every moment.
                (a.is_none(), a).cmp(&(b.is_none(), b))
            })?
        };
        let parent_right = all_right(&mut parents.values());
        let caches_right = all_right(&mut resolvers.values());
        let turned = |course: &Course| course.iter().any(|(_, side)| *side != Side::Correct);
        let at_parent = [Phase::ParkedAtParent, Phase::HeldAtParent, Phase::SplitAtParent];
        let past_parent = [Phase::Converging, Phase::BrokenAtAuthority, Phase::Recovered, Phase::Healthy];
        let over = [Phase::Recovered, Phase::Healthy];
        let mut rows: Vec<(&str, Option<Timestamp>, &[Phase])> = Vec::new();
        if wrong.is_some() {
            rows.push(("a parent server was wrong", wrong, &at_parent));
            rows.push(("every parent server was right", parent_right, &past_parent));
        }
        if resolvers.values().any(turned) {
            rows.push(("no cache used wrong servers", caches_right, &over));
        }
        if rows.is_empty() {
            return;
        }
        text.push_str("\nThe incident                     true   shown  after\n");
        for (what, at, phases) in rows {
            let Some(at) = at else {
                let _ = writeln!(text, "  {what:<30} never");
                continue;
            };
            let standing = self.phases.iter().rev().find(|c| c.at <= at).filter(|c| phases.contains(&c.phase));
            let later = self.phases.iter().find(|c| c.at >= at && phases.contains(&c.phase));
            let true_at = self.time(at);
            let _ = match (standing, later) {
                (Some(_), _) => writeln!(text, "  {what:<30} {true_at}  before, or at once"),
                (None, Some(c)) => {
                    writeln!(text, "  {what:<30} {true_at}   {}  {}", self.time(c.at), seconds(c.at.since(at)))
                }
                (None, None) => writeln!(text, "  {what:<30} {true_at}   never"),
            };
        }
    }

    fn parents(&self, text: &mut String) {
        let mut changes = Vec::new();
        for (address, (name, verdicts)) in &self.shown.parents {
            if let Some(course) = self.truth.parents.get(name) {
                changes.extend(follow(course, verdicts, &format!("{} {}", name.without_dot(), address.ip())));
            }
        }
        let total = self.shown.parents.len();
        self.table(text, "Parent servers", &changes, &format!("{total} addresses"));
    }

    fn resolvers(&self, text: &mut String) {
        let mut changes = Vec::new();
        let mut total = 0;
        for resolver in &self.stage.resolvers {
            let Some(course) = self.truth.resolvers.get(&resolver.id) else { continue };
            for address in &resolver.addresses {
                let Some(verdicts) = self.shown.resolvers.get(&SocketAddr::new(*address, 53)) else { continue };
                total += 1;
                changes.extend(follow(course, verdicts, &format!("{} {address}", safe::text(&resolver.operator))));
            }
        }
        self.table(
            text,
            "Resolvers",
            &changes,
            &format!("{total} addresses; one is right when all its caches use the correct servers"),
        );
        if changes.iter().any(|c| c.side != Side::Correct && c.lag == Lag::Passed) {
            text.push_str(
                "  Not seen while it lasted: while the parent is wrong each resolver is asked to recurse only once (u \
                 changes that), because asking again would make it store the parked delegation.\n",
            );
        }
    }

    /// Turned wrong and turned right: how many changes, when, and how late they were shown.
    fn table(&self, text: &mut String, title: &str, changes: &[Change], about: &str) {
        let _ = writeln!(text, "\n{title} ({about})");
        if changes.is_empty() {
            text.push_str("  nothing changed\n");
        }
        for (word, is_right) in [("turned wrong", false), ("turned right", true)] {
            let these: Vec<&Change> = changes.iter().filter(|c| (c.side == Side::Correct) == is_right).collect();
            let (Some(first), Some(last)) = (these.iter().map(|c| c.at).min(), these.iter().map(|c| c.at).max()) else {
                continue;
            };
            let mut lags: Vec<(Duration, &str)> = these
                .iter()
                .filter_map(|c| if let Lag::Shown(lag) = c.lag { Some((lag, c.who.as_str())) } else { None })
                .collect();
            lags.sort_unstable();
            let _ = writeln!(
                text,
                "  {word} {} times, from {} to {}; shown {}",
                these.len(),
                self.time(first).trim_start(),
                self.time(last).trim_start(),
                lags.len()
            );
            if let (Some((middle, _)), Some((worst, who))) = (lags.get(lags.len() / 2), lags.last()) {
                let _ = writeln!(
                    text,
                    "    after {} in the median, {} at worst ({who})",
                    seconds(*middle),
                    seconds(*worst)
                );
            }
            let passed = these.iter().filter(|c| c.lag == Lag::Passed).count();
            if passed > 0 {
                let _ = writeln!(text, "    {passed} over before shown");
            }
            let missing: Vec<&str> =
                these.iter().filter(|c| c.lag == Lag::NotShown).map(|c| c.who.as_str()).take(5).collect();
            let count = these.iter().filter(|c| c.lag == Lag::NotShown).count();
            if count > 0 {
                let more = if count > missing.len() { ", …" } else { "" };
                let _ = writeln!(text, "    {count} not shown by the end: {}{more}", missing.join(", "));
            }
        }
    }
}

/// Each true change of one target against what was shown of it. That it was right at the beginning is no change.
fn follow(course: &Course, verdicts: &Verdicts, who: &str) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut was_right = true;
    for (number, (at, side)) in course.iter().enumerate() {
        let is_right = *side == Side::Correct;
        if is_right == was_right {
            continue;
        }
        was_right = is_right;
        let turned = |(_, later): &&(Timestamp, Side)| (*later == Side::Correct) != is_right;
        let until = course.iter().skip(number + 1).find(turned).map(|(at, _)| *at);
        let says_so = |verdict: Verdict| if is_right { verdict == Verdict::Correct } else { verdict.is_wrong() };
        let standing = verdicts.iter().rev().find(|(when, _)| when <= at).is_some_and(|(_, v)| says_so(*v));
        let later = verdicts.iter().find(|(when, v)| when > at && says_so(*v)).map(|(when, _)| *when);
        let lag = match later {
            _ if standing => Lag::Shown(Duration::ZERO),
            Some(when) if until.is_none_or(|until| when < until) => Lag::Shown(when.since(*at)),
            _ if until.is_some() => Lag::Passed,
            _ => Lag::NotShown,
        };
        changes.push(Change { at: *at, side: *side, who: who.to_owned(), lag });
    }
    changes
}

/// `4 s`, `1.2 s`: whole seconds from ten on.
fn seconds(span: Duration) -> String {
    let exact = span.as_secs_f64();
    if exact >= 9.95 { format!("{exact:.0} s") } else { format!("{exact:.1} s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_secs(1_795_350_000 + second)
    }

    #[test]
    fn a_change_is_followed_until_it_is_shown_or_over() {
        let course =
            vec![(at(0), Side::Correct), (at(10), Side::Parked), (at(20), Side::Held), (at(60), Side::Correct)];
        let lags = |verdicts: &[(i64, Verdict)]| {
            let verdicts: Verdicts = verdicts.iter().map(|(second, v)| (at(*second), *v)).collect();
            follow(&course, &verdicts, "x").iter().map(|c| (c.at, c.lag)).collect::<Vec<_>>()
        };
        let shown = |seconds| Lag::Shown(Duration::from_secs(seconds));
        let seen = lags(&[(1, Verdict::Correct), (15, Verdict::Parked), (63, Verdict::Correct)]);
        assert_eq!(seen, [(at(10), shown(5)), (at(60), shown(3))]);
        // A wrong of another kind is the same wrong state; what stood before its time counts as shown at once.
        let seen = lags(&[(1, Verdict::Parked), (58, Verdict::Correct)]);
        assert_eq!(seen, [(at(10), shown(0)), (at(60), shown(0))]);
        assert_eq!(lags(&[(1, Verdict::Correct)]), [(at(10), Lag::Passed), (at(60), shown(0))]);
        assert_eq!(lags(&[(1, Verdict::Unknown)]), [(at(10), Lag::Passed), (at(60), Lag::NotShown)]);
        assert!(follow(&vec![(at(0), Side::Correct)], &vec![], "x").is_empty(), "right from the beginning");
    }

    #[test]
    fn the_milestones_say_when_each_was_true_and_when_shown() {
        let scenario = crate::drill::scenario::Scenario::built_in("brevo").unwrap().unwrap();
        let course = vec![(at(0), Side::Correct), (at(15), Side::Parked), (at(75), Side::Correct)];
        let mut truth = Record::default();
        truth.parents.insert("a.gtld-servers.net.".parse().unwrap(), course.clone());
        truth.resolvers.insert("google".to_owned(), vec![course[0], course[1], (at(130), Side::Correct)]);
        let phase = |second, phase| PhaseChange { at: at(second), phase };
        let phases = [
            phase(1, Phase::Healthy),
            phase(18, Phase::ParkedAtParent),
            phase(79, Phase::Converging),
            phase(150, Phase::Recovered),
        ];
        let flush =
            |second, what: &str| Happening { at: at(second), what: format!("Cloudflare flushes brevo.com {what}") };
        let parked = Happening { at: at(15), what: "brevo.com: delegated\x1b[2J".to_owned() };
        let history = [parked, flush(90, "NS"), flush(91, "A"), flush(92, "MX")];
        let debrief = Debrief {
            title: "brevo",
            begin: at(0),
            seed: 1,
            speed: 1.0,
            history: &history,
            stage: &scenario.stage,
            truth: &truth,
            shown: &Shown::default(),
            phases: &phases,
        };
        let text = debrief.text();
        assert!(text.contains(" 0:15    0:18  3.0 s") && text.contains(" 1:15    1:19  4.0 s"), "{text}");
        assert!(text.contains(" 2:10    2:30  20 s") && !text.contains('\x1b'), "{text}");
        assert!(text.contains(" 1:30  Cloudflare flushes brevo.com NS, and 2 more\n"), "{text}");
        let mut unhealed = truth.clone();
        unhealed.resolvers.insert("quad9".to_owned(), vec![(at(0), Side::Parked)]);
        let text = Debrief { truth: &unhealed, phases: &phases[..1], ..debrief }.text();
        assert!(text.contains("no cache used wrong servers    never"), "{text}");
        assert!(text.contains(" 0:15   never"), "{text}");
    }
}
