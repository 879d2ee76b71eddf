//! Which resolvers are shown: words, and `field:value` terms. Reads what is typed; never fails, but says what has no effect.

use crate::incident::{Incident, ResolverWatch};
use crate::judge::Verdict;
use crate::observation::address_text;
use crate::view::model::places::region_of;
use crate::view::model::rows::{newest_answer, place, uses};

/// Which rows are shown. Every term must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    terms: Vec<Term>,
    complaints: Vec<String>,
}

/// One term: a field, and values of which one must be there; or none, when it is turned round.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Term {
    field: Field,
    unwanted: bool,
    values: Vec<String>,
}

/// What a term looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    /// Any text of the row.
    Anything,
    Verdict,
    Operator,
    Country,
    Region,
    Place,
    Address,
    Uses,
    Site,
    Rule,
}

/// The fields as typed, each with its short form.
const FIELDS: [(&str, &str, Field); 9] = [
    ("verdict", "v", Field::Verdict),
    ("operator", "op", Field::Operator),
    ("country", "cc", Field::Country),
    ("region", "continent", Field::Region),
    ("place", "city", Field::Place),
    ("address", "addr", Field::Address),
    ("uses", "ns", Field::Uses),
    ("site", "nsid", Field::Site),
    ("rule", "why", Field::Rule),
];

impl Filter {
    /// One line that says what may be typed.
    pub const SYNTAX: &'static str = "words, or verdict: operator: country: region: place: address: uses: site: rule: with a value; a,b is either; ! turns round";

    /// Reads a filter as typed: terms separated by spaces, all of which must hold. `google` is found in any text of a row,
    /// `verdict:parked,mixed` in that column alone, `!word` and `!country:de` hide what they find. `verdict:wrong` stands for
    /// every verdict that holds recovery back.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut filter = Self::default();
        for word in text.split_whitespace() {
            let (unwanted, word) = match word.strip_prefix(['!', '-']) {
                Some(rest) if !rest.is_empty() => (true, rest),
                _ => (false, word),
            };
            let (field, values) = match word.split_once(':') {
                Some((name, values)) => {
                    if let Some(field) = field(name) {
                        (field, values)
                    } else {
                        // What is no field may be a piece of an IPv6 address.
                        if !name.is_empty() && !name.chars().all(|c| c.is_ascii_hexdigit()) {
                            filter.complaints.push(format!("no field \"{name}\""));
                        }
                        (Field::Anything, word)
                    }
                }
                None => (Field::Anything, word),
            };
            let values: Vec<String> = if field == Field::Anything {
                vec![values.to_lowercase()]
            } else {
                values.split(',').filter(|v| !v.is_empty()).map(str::to_lowercase).collect()
            };
            if field == Field::Verdict {
                let known = |v: &str| v == "wrong" || Verdict::ALL.iter().any(|verdict| verdict.word().starts_with(v));
                let strange = values.iter().filter(|v| !known(v));
                filter.complaints.extend(strange.map(|v| format!("no verdict \"{v}\"")));
            }
            // A field without a value yet hides nothing while it is being typed.
            if !values.is_empty() {
                filter.terms.push(Term { field, unwanted, values });
            }
        }
        filter
    }

    /// Whether everything passes.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// What of it has no effect as meant; empty when all is understood.
    #[must_use]
    pub fn complaint(&self) -> String {
        self.complaints.join(", ")
    }

    /// Whether a resolver's row passes.
    #[must_use]
    pub fn passes(&self, watch: &ResolverWatch, incident: &Incident) -> bool {
        self.terms.iter().all(|term| term.values.iter().any(|v| holds(term.field, v, watch, incident)) != term.unwanted)
    }
}

fn field(name: &str) -> Option<Field> {
    let name = name.to_lowercase();
    // Fields may be cut short, as in `reg:eu`, as long as two letters are there.
    let typed = |known: &str| known == name || (name.len() > 1 && known.starts_with(&name));
    FIELDS.iter().find(|(long, short, _)| typed(long) || *short == name || typed(short)).map(|(_, _, field)| *field)
}

/// Whether a lower-case value is there, the cheap places first: thousands of rows are looked through at each key.
fn holds(field: Field, value: &str, watch: &ResolverWatch, incident: &Incident) -> bool {
    let target = &watch.target;
    let country = || target.country.as_deref().unwrap_or("");
    let verdict = watch.judgement.verdict;
    match field {
        Field::Verdict => (value == "wrong" && verdict.is_wrong()) || verdict.word().starts_with(value),
        Field::Operator => contains(&target.operator, value) || contains(&target.id, value),
        Field::Country => country().eq_ignore_ascii_case(value),
        Field::Region => region_of(target).is_some_and(|region| {
            region.code() == value || (value.len() > 2 && region.to_string().to_lowercase().starts_with(value))
        }),
        Field::Place => contains(&place(target.country.as_deref(), &target.city), value),
        Field::Address => address_text(target.address).contains(value),
        Field::Uses => contains(&uses(watch, incident), value),
        Field::Site => {
            newest_answer(watch).and_then(|o| o.response()?.nsid()).is_some_and(|site| contains(&site, value))
        }
        Field::Rule => contains(watch.judgement.rule.word(), value),
        Field::Anything => {
            contains(&target.operator, value)
                || contains(verdict.word(), value)
                || contains(&target.city, value)
                || contains(country(), value)
                || contains(&target.id, value)
                || address_text(target.address).contains(value)
                || contains(&uses(watch, incident), value)
        }
    }
}

/// Whether a text holds a lower-case part, whatever its own case.
fn contains(text: &str, part: &str) -> bool {
    if text.is_ascii() && part.is_ascii() {
        let (text, part) = (text.as_bytes(), part.as_bytes());
        part.is_empty() || text.windows(part.len()).any(|window| window.eq_ignore_ascii_case(part))
    } else {
        text.to_lowercase().contains(part)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_known_by_their_names_short_forms_and_beginnings() {
        for name in ["verdict", "v", "verd", "OP", "oper", "continent", "cc", "country", "ns", "nsid"] {
            assert!(field(name).is_some(), "{name}");
        }
        assert_eq!((field("x"), field("fe80"), field("")), (None, None, None));
    }

    #[test]
    fn what_has_no_effect_is_said_and_addresses_are_no_fields() {
        assert_eq!(Filter::parse("colour:red verdict:parkd").complaint(), "no field \"colour\", no verdict \"parkd\"");
        assert_eq!(Filter::parse("2001:4860 fe80::1 verdict:par op:").complaint(), "");
        assert!(Filter::parse("op:").is_empty() && !Filter::parse("-x").is_empty());
    }

    #[test]
    fn case_is_ignored_also_beyond_ascii() {
        assert!(
            contains("Quad9", "quad") && contains("Zürich", "zü") && contains("ÄRZTE", "är") && !contains("a", "ab")
        );
        assert!(contains("anything", ""));
    }
}
