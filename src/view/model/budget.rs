//! How much may still be asked, in words: of everybody, of one resolver, and to learn what resolvers can do.

use crate::incident::{Allowance, Budget, Incident, ResolverWatch};
use crate::time::Timestamp;
use crate::view::model::Fact;

/// What the limits on questions leave: `14 of 20 questions a second, 3 of 5 nonces; 212 asked in the last minute`.
fn budget_words(budget: &Budget) -> String {
    let round = if budget.first_round { " (first round)" } else { "" };
    format!(
        "{:.0} of {:.0} questions a second{round}, {:.0} of {:.0} nonces; {} asked in the last minute",
        budget.left.min(budget.per_second),
        budget.per_second,
        budget.nonces_left.min(budget.nonces_per_second),
        budget.nonces_per_second,
        budget.last_minute
    )
}

/// Everything about the limits, each with its label: what is left of each, and what rests on it.
#[must_use]
pub fn budget_facts(incident: &Incident, now: Timestamp) -> Vec<Fact> {
    let mut facts: Vec<Fact> = Vec::new();
    match incident.budget() {
        None => facts.push(("left now", "not known: nothing is asked here".to_owned())),
        Some(budget) => {
            facts.push(("left now", budget_words(budget)));
            facts.push((
                "nonces",
                "names nobody asked for before: each costs the zone's own servers a query".to_owned(),
            ));
            let (address, operator) = (budget.address, budget.operator);
            let each = format!(
                "{} a second for an address, {} at once; {} for an operator, {} at once",
                number(address.per_second),
                number(address.at_once),
                number(operator.per_second),
                number(operator.at_once),
            );
            let lately = match (budget.first_round, budget.addresses.len()) {
                (true, _) => "not in the first round, in which each is asked once".to_owned(),
                (false, 0) => "none was asked in the last seconds".to_owned(),
                (false, n) => format!("{n} addresses of {} operators have less left just now", budget.operators.len()),
            };
            facts.push(("each", format!("{each}; {lately}")));
        }
    }
    facts.push(("calibration", calibration_words(incident, now)));
    facts
}

/// What of the limits concerns one resolver: `4 of 5 questions at once to this address, 9 of 10 to Google in all`.
#[must_use]
pub fn row_budget_words(budget: &Budget, watch: &ResolverWatch) -> String {
    if budget.first_round {
        return "no limit of its own in the first round, in which it is asked once".to_owned();
    }
    let words = |of: Allowance| {
        format!("{:.0} of {} (and {} more a second)", of.left.floor(), number(of.at_once), number(of.per_second))
    };
    let (address, operator) = (budget.of_address(watch.target.address), budget.of_operator(&watch.target.operator));
    let name = crate::dns::shown::text(&watch.target.operator);
    format!("{} questions could go to this address now, {} to all of {name}", words(address), words(operator))
}

/// How far it is known what resolvers can do, which is asked off the zone, at leisure and within the same limits.
fn calibration_words(incident: &Incident, now: Timestamp) -> String {
    let answering = incident.resolvers().iter().filter(|watch| watch.last_heard.is_some());
    let known = answering.clone().filter(|watch| watch.calibration.is_fresh(now)).count();
    let all = answering.count();
    format!(
        "what resolvers can do is known of {known} of the {all} that answered; the rest is asked off the zone, one question in 10 s each, within the same limits and after everything else"
    )
}

/// A rate without digits that say nothing: `1`, `0.5`.
fn number(rate: f64) -> String {
    format!("{rate:.1}").trim_end_matches(".0").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_never_more_than_may_be_asked() {
        let budget =
            Budget { per_second: 20.0, left: 50.0, nonces_per_second: 5.0, nonces_left: 3.4, ..Budget::default() };
        let text = "20 of 20 questions a second, 3 of 5 nonces; 0 asked in the last minute";
        assert_eq!(budget_words(&budget), text);
        assert_eq!((number(1.0), number(0.5), number(10.0)), ("1".to_owned(), "0.5".to_owned(), "10".to_owned()));
    }
}
