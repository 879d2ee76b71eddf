//! What a resolver can do, in words: for the detail of a row, and for `unpark resolvers check`.

use std::time::Duration;

use crate::incident::ResolverCheck;
use crate::judge::{Calibration, NoRecursion};
use crate::time::{Timestamp, in_words};

/// What RD=0 does, in a few words.
#[must_use]
pub const fn no_recursion_words(no_recursion: NoRecursion) -> &'static str {
    match no_recursion {
        NoRecursion::Supported => "answers RD=0 from its cache",
        NoRecursion::Refused => "refuses RD=0",
        NoRecursion::Recurses => "recurses on RD=0 as well",
        NoRecursion::Unusable => "answers RD=0 with nothing",
        NoRecursion::Unknown => "RD=0 unknown",
    }
}

/// What is known of it, a few words for each thing; empty when nothing is.
#[must_use]
pub fn abilities(calibration: &Calibration, cap: Option<u32>) -> Vec<String> {
    let mut words = Vec::new();
    let mut say = |text: String| words.push(text);
    if calibration.no_recursion() != NoRecursion::Unknown {
        say(no_recursion_words(calibration.no_recursion()).to_owned());
    }
    match calibration.validates {
        Some(true) => say("validates".to_owned()),
        Some(false) => say("does not validate".to_owned()),
        None => {}
    }
    match calibration.checking_disabled {
        Some(true) => say("honours CD".to_owned()),
        Some(false) => say("ignores CD".to_owned()),
        None => {}
    }
    match calibration.extended_errors {
        Some(true) => say("gives EDE".to_owned()),
        Some(false) => say("gives no EDE".to_owned()),
        None => {}
    }
    if let Some(cap) = cap {
        say(format!("keeps nothing longer than {}", in_words(Duration::from_secs(u64::from(cap)))));
    } else if let Some(largest) = calibration.largest {
        say(format!("keeps at least {}", in_words(Duration::from_secs(u64::from(largest)))));
    }
    words
}

/// The same in one line for the detail of a row, with its age.
#[must_use]
pub fn calibrated_words(calibration: &Calibration, cap: Option<u32>, now: Timestamp) -> String {
    let Some(learned) = calibration.learned else { return "not known yet".to_owned() };
    let words = abilities(calibration, cap).join(", ");
    let words = if words.is_empty() { "nothing".to_owned() } else { words };
    format!("{words} (learned {} ago)", in_words(now.since(learned)))
}

/// How the check ended, in one or two sentences.
#[must_use]
pub fn check_sentence(check: &ResolverCheck) -> String {
    let (answering, total) = (check.answering(), check.resolvers.len());
    let resolvers = if total == 1 { "resolver address" } else { "resolver addresses" };
    let verb = if answering == 1 { "answers" } else { "answer" };
    let mut text = format!("{answering} of {total} {resolvers} {verb} from here.");
    if check.nothing_left() {
        "Nothing could be sent from this machine: nothing is known of any resolver.".clone_into(&mut text);
    } else if !check.intercepted.is_empty() {
        let at: Vec<String> = check.intercepted.iter().map(|a| crate::observation::address_text(*a)).collect();
        let verb = if at.len() == 1 { "answers" } else { "answer" };
        text = format!(
            "Somebody between this machine and the resolvers answers in their place: {} {verb}, where no server stands. None of this is known to be a resolver's own word.",
            at.join(" and ")
        );
    } else if check.nobodies > 0 {
        text.push_str(" Nobody answers in their place.");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_known_is_said() {
        assert_eq!(abilities(&Calibration::default(), None), Vec::<String>::new());
        let calibration = Calibration {
            unasked: NoRecursion::Refused,
            unasked_told: true,
            validates: Some(true),
            checking_disabled: Some(true),
            extended_errors: Some(false),
            largest: Some(86_400),
            learned: Some(Timestamp::from_secs(0)),
            ..Calibration::default()
        };
        assert_eq!(
            calibrated_words(&calibration, Some(86_400), Timestamp::from_secs(7200)),
            "refuses RD=0, validates, honours CD, gives no EDE, keeps nothing longer than 24 h (learned 2 h ago)"
        );
        assert_eq!(calibrated_words(&Calibration::default(), None, Timestamp::from_secs(1)), "not known yet");
    }
}
