//! `unpark resolvers check` for people: a line for each resolver address, and a sentence.

use std::time::Duration;

use crate::incident::{CheckedResolver, Reach, ResolverCheck};
use crate::judge::Verdict;
use crate::observation::address_text;
use crate::view::model::{abilities, check_sentence};

use super::Look;
use super::layout::{Page, Paint};

/// The resolvers that answer, then those that do not, and how it ended. Quiet says only the sentence.
#[must_use]
pub fn resolver_check_text(check: &ResolverCheck, look: Look) -> String {
    let mut page = Page::new(look);
    if !look.quiet {
        let mut rows: Vec<(bool, (Paint, Vec<String>))> =
            check.resolvers.iter().map(|r| (!r.udp.is_good(), (paint(r), cells(r, check)))).collect();
        rows.sort_by_key(|(fails, _)| *fails);
        let rows: Vec<_> = rows.into_iter().map(|(_, row)| row).collect();
        page.table(0, &rows, 3);
        if !rows.is_empty() {
            page.gap();
        }
    }
    page.paragraph(Paint::None, &check_sentence(check));
    page.into_text()
}

fn paint(resolver: &CheckedResolver) -> Paint {
    Paint::Verdict(if resolver.udp.is_good() { Verdict::Correct } else { Verdict::Silent })
}

fn cells(resolver: &CheckedResolver, check: &ResolverCheck) -> Vec<String> {
    let target = &resolver.target;
    let address = address_text(target.address);
    let who = if target.operator == address { String::new() } else { target.operator.clone() };
    let place = match (&target.country, target.city.as_str()) {
        (Some(country), "") => country.clone(),
        (Some(country), city) => format!("{country} {city}"),
        (None, city) => city.to_owned(),
    };
    let instance = resolver.calibration.identity.as_ref().map_or_else(String::new, |name| format!("instance {name}"));
    vec![
        address,
        who,
        place,
        format!("udp {}", reach_words(&resolver.udp)),
        format!("tcp {}", reach_words(&resolver.tcp)),
        abilities(&resolver.calibration, check.cap_of(resolver)).join(", "),
        instance,
    ]
}

fn reach_words(reach: &Reach) -> String {
    let milliseconds = |rtt: &Duration| format!("{:.0} ms", rtt.as_secs_f64() * 1000.0);
    match reach {
        Reach::Answers(rtt) => milliseconds(rtt),
        Reach::Fails(rcode) => rcode.to_string(),
        Reach::NotAsked => "–".to_owned(),
        Reach::NotSent => "not sent".to_owned(),
        other => other.word().to_owned(),
    }
}
