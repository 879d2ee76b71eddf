//! Dates as registries write them. What is ambiguous or unknown stays text: a guessed date would mislead.

use std::fmt;

use crate::dns::shown;
use crate::time::Timestamp;

/// Longest text read as a date, in octets.
const LONGEST: usize = 64;
/// English month names, by their first three letters.
const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// A date of a registration: as written, and as a point in time where the form is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// As it stands in the answer, safe to show.
    pub written: String,
    /// The point in time; none where the form is not known. A date without a zone counts as UTC, one without a time of
    /// day as midnight.
    pub at: Option<Timestamp>,
}

impl fmt::Display for Moment {
    /// The day where it is known (`2027-10-03`), otherwise the text as written, in quotes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.at {
            Some(at) => f.pad(at.to_string().get(..10).unwrap_or(&self.written)),
            None => write!(f, "\"{}\"", self.written),
        }
    }
}

/// Reads a date of a registration; none for an empty text.
#[must_use]
pub fn read_moment(text: &str) -> Option<Moment> {
    let text = text.trim();
    (!text.is_empty()).then(|| Moment { written: shown::text(text), at: read(text) })
}

/// Reads the date of an HTTP field such as `Retry-After`: `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 §5.6.7).
#[must_use]
pub fn read_http_date(text: &str) -> Option<Timestamp> {
    let (day, rest) = text.trim().split_once(", ")?;
    (day.len() == 3 && rest.ends_with(" GMT")).then(|| read(rest)).flatten()
}

fn read(text: &str) -> Option<Timestamp> {
    if text.len() > LONGEST || !text.is_ascii() {
        return None;
    }
    // A remark in parentheses: `2027-10-03 (YYYY-MM-DD)`, `(GMT+0:00)`.
    let text = text.split('(').next().unwrap_or_default().trim();
    if let Ok(moment) = text.parse() {
        return Some(moment);
    }
    let (text, utc) = match ["UTC", "GMT", "Z", "z"].iter().find_map(|zone| text.strip_suffix(zone)) {
        Some(rest) => (rest.trim(), true),
        None => (text, false),
    };
    let words: Vec<&str> = text.split([' ', ',']).filter(|word| !word.is_empty()).collect();
    let is_month = |word: &&str| month_by_name(word).is_some();
    if words.len() > 1 && words.iter().filter(|w| is_month(w)).count() == 1 {
        return by_words(&words, utc);
    }
    let words: Vec<&str> = words.into_iter().flat_map(|word| word.split('T')).collect();
    // `2027. 10. 03.`: the parts belong together.
    let joined;
    let (date, rest) = match words.as_slice() {
        [a, b, c, rest @ ..] if a.ends_with('.') && b.ends_with('.') => {
            joined = format!("{a}{b}{c}");
            (joined.as_str(), rest)
        }
        [date, rest @ ..] => (*date, rest),
        [] => return None,
    };
    let day = numbers(date).or_else(|| by_name(date))?;
    match rest {
        [] => stamp(day, "00:00:00"),
        [time] => stamp(day, time),
        _ => None,
    }
}

/// `3 Oct 2027`, `Oct 3 2027`, `Fri Oct 3 14:22:05 2027`: one month by name, one year of four digits, one day.
fn by_words(words: &[&str], utc: bool) -> Option<Timestamp> {
    let (mut year, mut month, mut day, mut time) = (None, None, None, None);
    for (at, word) in words.iter().enumerate() {
        let number = || word.trim_end_matches('.').parse::<u16>().ok();
        let fresh = match () {
            () if month_by_name(word).is_some() => month.replace(month_by_name(word)?).is_none(),
            () if word.contains(':') => time.replace(*word).is_none(),
            () if word.len() == 4 && number().is_some() => year.replace(number()?).is_none(),
            () if number().is_some() => day.replace(number()?).is_none(),
            // The day of the week may stand in front; a zone other than UTC is not guessed at.
            () => (at == 0 && word.len() >= 3) || (!utc && matches!(*word, "UTC" | "GMT")),
        };
        if !fresh {
            return None;
        }
    }
    stamp((year?, month?, day?), time.unwrap_or("00:00:00"))
}

/// A date of digits whose order is certain: the year in front, or dots (day, month, year).
fn numbers(date: &str) -> Option<(u16, u16, u16)> {
    let number = |part: &str| part.parse::<u16>().ok();
    if date.len() == 8 && date.bytes().all(|b| b.is_ascii_digit()) {
        return Some((number(date.get(..4)?)?, number(date.get(4..6)?)?, number(date.get(6..)?)?));
    }
    let separator = ['-', '/', '.'].into_iter().find(|c| date.contains(*c))?;
    let parts: Vec<&str> = date.trim_end_matches('.').split(separator).collect();
    match parts.as_slice() {
        [y, m, d] if y.len() == 4 => Some((number(y)?, number(m)?, number(d)?)),
        [d, m, y] if y.len() == 4 && separator == '.' => Some((number(y)?, number(m)?, number(d)?)),
        // 03/10/2027 is the third of October here and the tenth of March there.
        _ => None,
    }
}

/// `03-Oct-2027`, `3.Oct.2027`, `2027-Oct-03`.
fn by_name(date: &str) -> Option<(u16, u16, u16)> {
    let parts: Vec<&str> = date.split(['-', '.', '/']).collect();
    let &[first, name, last] = parts.as_slice() else { return None };
    let month = month_by_name(name)?;
    match (first.len(), last.len()) {
        (1 | 2, 4) => Some((last.parse().ok()?, month, first.parse().ok()?)),
        (4, 1 | 2) => Some((first.parse().ok()?, month, last.parse().ok()?)),
        _ => None,
    }
}

fn month_by_name(word: &str) -> Option<u16> {
    let word = word.trim_end_matches('.').to_ascii_lowercase();
    let at = MONTHS.iter().position(|month| word.starts_with(month))?;
    let whole = word.bytes().all(|b| b.is_ascii_alphabetic()) && word.len() <= 9;
    u16::try_from(at + 1).ok().filter(|_| whole)
}

/// The moment of a day and a time of day (`HH:MM[:SS[.fraction]]`, perhaps with an offset); none if either cannot be.
fn stamp((year, month, day): (u16, u16, u16), time: &str) -> Option<Timestamp> {
    if !(1970..=9998).contains(&year) {
        return None;
    }
    let time = if time.len() == 5 { format!("{time}:00") } else { time.to_owned() };
    let has_zone = time.contains(['+', '-']);
    format!("{year:04}-{month:02}-{day:02}T{time}{}", if has_zone { "" } else { "Z" }).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_of_the_registries_are_read() {
        for (text, at) in [
            ("2027-10-03T14:22:05Z", "2027-10-03T14:22:05Z"),
            ("2027-10-03T14:22:05.123+02:00", "2027-10-03T12:22:05Z"),
            ("2027-10-03 14:22:05", "2027-10-03T14:22:05Z"),
            ("2027-10-03 14:22:05 UTC", "2027-10-03T14:22:05Z"),
            ("2027-10-03 14:22:05+03", "2027-10-03T11:22:05Z"),
            ("2027-10-03T14:22:05", "2027-10-03T14:22:05Z"),
            ("2027-10-03", "2027-10-03T00:00:00Z"),
            ("2027/10/03", "2027-10-03T00:00:00Z"),
            ("2027/10/03 01:05:02 (JST)", "2027-10-03T01:05:02Z"),
            ("2027. 10. 03.", "2027-10-03T00:00:00Z"),
            ("20271003", "2027-10-03T00:00:00Z"),
            ("3.10.2027 14:22:05", "2027-10-03T14:22:05Z"),
            ("03.10.2027", "2027-10-03T00:00:00Z"),
            ("03-Oct-2027", "2027-10-03T00:00:00Z"),
            ("03-Oct-2027 14:22:05 UTC", "2027-10-03T14:22:05Z"),
            ("3 October 2027", "2027-10-03T00:00:00Z"),
            ("October 3, 2027", "2027-10-03T00:00:00Z"),
            ("Sun Oct  3 14:22:05 2027", "2027-10-03T14:22:05Z"),
            ("Sun Oct 3 14:22:05 UTC 2027", "2027-10-03T14:22:05Z"),
        ] {
            assert_eq!(read_moment(text).unwrap().at.map(|t| t.to_string()).as_deref(), Some(at), "{text}");
        }
    }

    #[test]
    fn what_is_not_certain_stays_text() {
        for text in [
            "03/10/2027",
            "10-03-27",
            "2027-13-03",
            "2027-02-30",
            "soon",
            "not available",
            "Oct 2027",
            "3 Oct 4 2027",
            "3 Oct 2027 PST",
            "0000-00-00",
            "2027-10-03T25:00:00Z",
            "٢٠٢٧-١٠-٠٣",
        ] {
            let moment = read_moment(text).unwrap();
            assert_eq!((moment.at, moment.written.as_str()), (None, text));
            assert_eq!(moment.to_string(), format!("\"{text}\""));
        }
        assert_eq!(read_moment("  "), None);
        assert_eq!(read_moment("x\u{1b}[2J").unwrap().written, "x\\u{1b}[2J");
    }

    #[test]
    fn http_dates_are_read() {
        let at = read_http_date("Sun, 06 Nov 1994 08:49:37 GMT").unwrap();
        assert_eq!(at.to_string(), "1994-11-06T08:49:37Z");
        assert_eq!((read_http_date("120"), read_http_date("Sunday, 06-Nov-94 08:49:37 GMT")), (None, None));
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text: String, like in "[0-9A-Za-z:.,/() +-]{0,40}") {
            for text in [text, like] {
                let _ = (read_moment(&text).map(|m| m.to_string()), read_http_date(&text));
            }
        }
    }
}
