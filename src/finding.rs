//! What a table of findings is made of: the severity, and the macro that turns rows of code, severity, sentence, advice and
//! reference into a type. Holds no finding itself: each subject has its own table.

#![deny(clippy::disallowed_methods)]

/// How much a finding matters for the domain's users.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Users cannot reach the right service.
    Critical,
    /// Some users cannot, or soon will not, or it stands in the way of the repair.
    Warning,
    /// Worth knowing while deciding; no cause by itself.
    Notice,
    /// Context.
    Info,
}

impl Severity {
    /// Every severity, the worst first.
    pub const ALL: [Self; 4] = [Self::Critical, Self::Warning, Self::Notice, Self::Info];

    /// As in JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::Warning => "warning",
            Self::Notice => "notice",
            Self::Info => "info",
        }
    }
}

/// Makes an enumeration of findings out of a table, one row each: documentation, name, code as text, severity, sentence with
/// places to fill (see [`worded`]), advice, reference.
macro_rules! finding_codes {
    ($(#[$table_doc:meta])* pub enum $table:ident;
     $($(#[$doc:meta])* $name:ident $code:literal $severity:ident $sentence:literal $advice:literal $reference:literal;)*) => {
        $(#[$table_doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $table { $($(#[$doc])* $name,)* }

        impl $table {
            /// Every code there is.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The code as text.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// How much it matters.
            #[must_use]
            pub const fn severity(self) -> $crate::finding::Severity {
                match self { $(Self::$name => $crate::finding::Severity::$severity,)* }
            }

            /// What to do about it.
            #[must_use]
            pub const fn advice(self) -> &'static str {
                match self { $(Self::$name => $advice,)* }
            }

            /// Where the rule comes from.
            #[must_use]
            pub const fn reference(self) -> &'static str {
                match self { $(Self::$name => $reference,)* }
            }

            const fn sentence(self) -> &'static str {
                match self { $(Self::$name => $sentence,)* }
            }
        }
    };
}
pub(crate) use finding_codes;

/// The sentence of a table with its places filled: `{many|one}` agrees with `count`, `{count}` is the number, `{detail}` is
/// what was seen, safe to show.
#[must_use]
pub fn worded(sentence: &str, count: usize, detail: &str) -> String {
    let sentence = number_agreed(sentence, count == 1).replace("{count}", &count.to_string());
    // Last, so that nothing in what was seen is taken for a place to fill.
    sentence.replace("{detail}", detail)
}

/// The sentence with each `{many|one}` settled.
fn number_agreed(sentence: &str, one: bool) -> String {
    let mut out = String::with_capacity(sentence.len());
    let mut rest = sentence;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((inside, behind)) = after.split_once('}') else { break };
        out.push_str(before);
        match inside.split_once('|') {
            Some((many, single)) => out.push_str(if one { single } else { many }),
            None => out.extend(["{", inside, "}"]),
        }
        rest = behind;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_agree_in_number_and_keep_what_was_seen_as_it_is() {
        let sentence = "{count} {servers do|server does} not answer: {detail}.";
        assert_eq!(worded(sentence, 2, "{count} {a|b}"), "2 servers do not answer: {count} {a|b}.");
        assert_eq!(worded(sentence, 1, "x"), "1 server does not answer: x.");
        assert_eq!(worded("open { brace {detail}", 1, "x"), "open { brace x");
    }

    #[test]
    fn the_worst_goes_first() {
        assert!(Severity::ALL.is_sorted());
    }
}
