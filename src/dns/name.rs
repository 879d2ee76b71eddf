//! Absolute domain names, kept in wire form and lower case (RFC 1034 §3.1, RFC 4343).

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use thiserror::Error;

/// Longest label in octets (RFC 1035 §2.3.4).
const MAX_LABEL: usize = 63;
/// Longest name in octets, length bytes and root included (RFC 1035 §2.3.4).
const MAX_NAME: usize = 255;

/// An absolute domain name, lower-cased, at most 255 octets on the wire.
///
/// Equality and hashing are those of the protocol: ASCII case does not matter (RFC 4343). Ordering is the
/// canonical one of RFC 4034 §6.1 (by labels from the right), so sorted names stand by zone.
/// `Display` gives the presentation form with the final dot; every octet that is not a printable
/// ASCII character is escaped as `\DDD`, so it is safe to show.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Name {
    /// Length-prefixed labels without the closing zero; empty for the root.
    labels: Arc<[u8]>,
}

/// Why a text is no domain name.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NameError {
    /// Nothing was given.
    #[error("the name is empty")]
    Empty,
    /// Two dots in a row, or a dot at the front.
    #[error("the name has an empty label")]
    EmptyLabel,
    /// A label over 63 octets.
    #[error("a label is longer than 63 octets")]
    LabelTooLong,
    /// Over 255 octets in all.
    #[error("the name is longer than 255 octets")]
    NameTooLong,
    /// A control character, a space, or another character that no host or zone name has.
    #[error("the name holds the character {0}, which no domain name has")]
    BadCharacter(String),
    /// A backslash escape that is not `\DDD` (0–255) nor a backslash before one character.
    #[error("the name ends inside, or has, a broken backslash escape")]
    BadEscape,
    /// Not convertible to A-labels (UTS 46).
    #[error("the name is no valid internationalised domain name")]
    BadIdna,
}

impl Name {
    /// The root of the tree.
    #[must_use]
    pub fn root() -> Self {
        Self { labels: Arc::from([].as_slice()) }
    }

    /// Reads a name as a person types it: with or without the final dot, U-labels or A-labels.
    ///
    /// Other scripts become A-labels (UTS 46, non-transitional). Underscores are allowed, since service
    /// labels have them; spaces, control characters and characters that hint at a pasted URL are refused.
    ///
    /// # Errors
    /// Says which rule of the name's form is broken.
    pub fn from_user(text: &str) -> Result<Self, NameError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(NameError::Empty);
        }
        if text == "." {
            return Ok(Self::root());
        }
        if let Some(bad) = text.chars().find(|c| {
            c.is_control() || c.is_whitespace() || (c.is_ascii() && !c.is_ascii_alphanumeric() && !"-_.".contains(*c))
        }) {
            return Err(NameError::BadCharacter(super::shown::character(bad)));
        }
        let ascii = if text.is_ascii() {
            text.to_owned()
        } else {
            idna::domain_to_ascii(text).map_err(|_| NameError::BadIdna)?
        };
        // An A-label that decodes to nothing, or to another name, is a trap or a typing mistake.
        if ascii.split('.').any(|l| l.len() >= 4 && l.as_bytes()[..4].eq_ignore_ascii_case(b"xn--"))
            && idna::domain_to_unicode(&ascii).1.is_err()
        {
            return Err(NameError::BadIdna);
        }
        let dotless = ascii.strip_suffix('.').unwrap_or(&ascii);
        Self::from_labels(dotless.split('.').map(str::as_bytes))
    }

    /// Builds a name from its labels, leftmost first; any octets are allowed in a label (RFC 2181 §11).
    ///
    /// # Errors
    /// A label that is empty or too long, or a name that is too long.
    pub fn from_labels<'a>(labels: impl IntoIterator<Item = &'a [u8]>) -> Result<Self, NameError> {
        let mut wire = Vec::with_capacity(64);
        for label in labels {
            if label.is_empty() {
                return Err(NameError::EmptyLabel);
            }
            let length = u8::try_from(label.len()).ok().filter(|l| usize::from(*l) <= MAX_LABEL);
            wire.push(length.ok_or(NameError::LabelTooLong)?);
            wire.extend(label.iter().map(u8::to_ascii_lowercase));
        }
        if wire.len() + 1 > MAX_NAME {
            return Err(NameError::NameTooLong);
        }
        Ok(Self { labels: wire.into() })
    }

    /// The labels, leftmost first, without the root's empty one.
    pub fn labels(&self) -> impl Iterator<Item = &[u8]> + Clone {
        let mut rest: &[u8] = &self.labels;
        std::iter::from_fn(move || {
            let (&length, tail) = rest.split_first()?;
            let (label, next) = tail.split_at(usize::from(length));
            rest = next;
            Some(label)
        })
    }

    /// How many labels the name has; the root has none.
    #[must_use]
    pub fn label_count(&self) -> usize {
        self.labels().count()
    }

    /// Whether this is the root.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.labels.is_empty()
    }

    /// The name without its leftmost label; none for the root. This is *not* the parent zone: only the
    /// zone cuts tell that.
    #[must_use]
    pub fn one_up(&self) -> Option<Self> {
        let first = usize::from(*self.labels.first()?);
        Some(Self { labels: self.labels[first + 1..].into() })
    }

    /// The name with one more label in front.
    ///
    /// # Errors
    /// As [`Name::from_labels`].
    pub fn child(&self, label: &[u8]) -> Result<Self, NameError> {
        Self::from_labels(std::iter::once(label).chain(self.labels()))
    }

    /// This name written relative to `zone`, as a person would type it in that zone: `www`, `@` for the apex.
    /// Absolute when it lies outside the zone.
    #[must_use]
    pub fn relative_to(&self, zone: &Self) -> String {
        if self == zone {
            return "@".to_owned();
        }
        let whole = self.to_string();
        if !self.is_below(zone) || zone.is_root() {
            return whole;
        }
        whole.strip_suffix(&format!(".{zone}")).map_or(whole.clone(), str::to_owned)
    }

    /// Whether this name is `other` or lies below it.
    #[must_use]
    pub fn is_at_or_below(&self, other: &Self) -> bool {
        let extra = match self.labels.len().checked_sub(other.labels.len()) {
            Some(extra) if self.labels[extra..] == other.labels[..] => extra,
            _ => return false,
        };
        // The suffix must begin at a label boundary, not inside a label that merely ends alike.
        let mut at = 0;
        while at < extra {
            at += usize::from(self.labels[at]) + 1;
        }
        at == extra
    }

    /// Whether this name lies strictly below `other`.
    #[must_use]
    pub fn is_below(&self, other: &Self) -> bool {
        self != other && self.is_at_or_below(other)
    }

    /// The name without the final dot (the root stays a dot): for headlines and for interfaces that want it so.
    #[must_use]
    pub fn without_dot(&self) -> String {
        let text = self.to_string();
        if self.is_root() { text } else { text[..text.len() - 1].to_owned() }
    }

    /// The name in U-labels without the final dot, when that differs from the A-labels and is safe to show.
    #[must_use]
    pub fn unicode(&self) -> Option<String> {
        let ascii = self.without_dot();
        let (text, outcome) = idna::domain_to_unicode(&ascii);
        let plain = text.chars().all(|c| super::shown::is_plain(c) && c != ' ');
        (outcome.is_ok() && plain && text != ascii).then_some(text)
    }
}

impl FromStr for Name {
    type Err = NameError;

    /// Reads the presentation form, absolute whether or not the final dot is there (RFC 1035 §5.1 escapes).
    fn from_str(text: &str) -> Result<Self, NameError> {
        if text == "." {
            return Ok(Self::root());
        }
        if text.is_empty() {
            return Err(NameError::Empty);
        }
        let mut labels: Vec<Vec<u8>> = vec![Vec::new()];
        let mut bytes = text.bytes();
        while let Some(byte) = bytes.next() {
            let last = labels.last_mut().ok_or(NameError::EmptyLabel)?;
            match byte {
                b'.' => labels.push(Vec::new()),
                b'\\' => {
                    let first = bytes.next().ok_or(NameError::BadEscape)?;
                    if first.is_ascii_digit() {
                        let (second, third) = (bytes.next(), bytes.next());
                        let digits = [Some(first), second, third];
                        let mut value: u16 = 0;
                        for digit in digits {
                            let digit = digit.filter(u8::is_ascii_digit).ok_or(NameError::BadEscape)?;
                            value = value * 10 + u16::from(digit - b'0');
                        }
                        last.push(u8::try_from(value).map_err(|_| NameError::BadEscape)?);
                    } else {
                        last.push(first);
                    }
                }
                _ => last.push(byte),
            }
        }
        if labels.last().is_some_and(Vec::is_empty) {
            labels.pop();
        }
        Self::from_labels(labels.iter().map(Vec::as_slice))
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use std::fmt::Write as _;
        if self.is_root() {
            return f.pad(".");
        }
        let mut text = String::with_capacity(self.labels.len() + 1);
        for label in self.labels() {
            for &byte in label {
                match byte {
                    b'.' | b'\\' | b'"' | b';' | b'(' | b')' | b'@' | b'$' => {
                        text.push('\\');
                        text.push(char::from(byte));
                    }
                    0x21..=0x7e => text.push(char::from(byte)),
                    _ => write!(text, "\\{byte:03}")?,
                }
            }
            text.push('.');
        }
        f.pad(&text)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl Ord for Name {
    fn cmp(&self, other: &Self) -> Ordering {
        if self == other {
            return Ordering::Equal;
        }
        let (mine, theirs) = (Starts::of(self), Starts::of(other));
        mine.backwards(self).cmp(theirs.backwards(other))
    }
}

/// Most labels that fit into a name: of one octet each, with a length byte.
const MOST_LABELS: usize = MAX_NAME / 2;

/// Where the labels of a name begin: names are compared from the right, and often enough that no room is taken for it.
struct Starts {
    at: [u8; MOST_LABELS],
    count: usize,
}

impl Starts {
    fn of(name: &Name) -> Self {
        let mut starts = Self { at: [0; MOST_LABELS], count: 0 };
        let mut at = 0_u8;
        for (place, label) in starts.at.iter_mut().zip(name.labels()) {
            *place = at;
            starts.count += 1;
            // A whole name has at most 255 octets.
            at = at.saturating_add(u8::try_from(label.len()).unwrap_or(u8::MAX)).saturating_add(1);
        }
        starts
    }

    /// The labels from the right.
    fn backwards<'a>(&'a self, name: &'a Name) -> impl Iterator<Item = &'a [u8]> {
        let starts = self.at.get(..self.count).unwrap_or_default();
        starts.iter().rev().filter_map(|start| {
            let (length, rest) = name.labels.get(usize::from(*start)..)?.split_first()?;
            rest.get(..usize::from(*length))
        })
    }
}

impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Name {
        text.parse().unwrap()
    }

    #[test]
    fn user_input_is_lower_cased_and_absolute() {
        assert_eq!(Name::from_user("Brevo.COM").unwrap().to_string(), "brevo.com.");
        assert_eq!(Name::from_user("brevo.com.").unwrap(), Name::from_user(" brevo.com ").unwrap());
        assert_eq!(Name::from_user(".").unwrap(), Name::root());
    }

    #[test]
    fn both_forms_of_an_internationalised_name_are_one_name() {
        let ulabel = Name::from_user("bücher.example").unwrap();
        assert_eq!(ulabel, Name::from_user("xn--bcher-kva.example").unwrap());
        assert_eq!(ulabel.unicode().as_deref(), Some("bücher.example"));
        assert_eq!(name("plain.example.").unicode(), None);
    }

    #[test]
    fn bad_user_input_is_refused_with_its_reason() {
        let long_label = format!("{}.com", "a".repeat(64));
        let long_name = format!("{}com", "abcdefgh.".repeat(40));
        for (text, why) in [
            ("", NameError::Empty),
            ("   ", NameError::Empty),
            ("a..b", NameError::EmptyLabel),
            (".com", NameError::EmptyLabel),
            (long_label.as_str(), NameError::LabelTooLong),
            (long_name.as_str(), NameError::NameTooLong),
            ("https://x.com", NameError::BadCharacter("':'".into())),
            ("a\u{1b}[31m.com", NameError::BadCharacter("U+001B".into())),
            ("xn--a.com", NameError::BadIdna),
        ] {
            assert_eq!(Name::from_user(text), Err(why), "{text:?}");
        }
    }

    #[test]
    fn presentation_escapes_survive_a_round_trip() {
        for text in ["a\\.b.example.", "\\000\\255.example.", "\\027[31m.example.", "."] {
            assert_eq!(name(text).to_string(), text);
        }
        assert_eq!("a\\25.b".parse::<Name>(), Err(NameError::BadEscape));
        assert_eq!("a\\999.b".parse::<Name>(), Err(NameError::BadEscape));
    }

    #[test]
    fn below_means_at_a_label_boundary() {
        let zone = name("example.com.");
        assert!(name("www.example.com.").is_below(&zone));
        assert!(zone.is_at_or_below(&zone) && !zone.is_below(&zone));
        assert!(!name("badexample.com.").is_at_or_below(&zone));
        assert!(zone.is_below(&Name::root()));
        assert!(!name("com.").is_at_or_below(&zone));
        // A label whose content imitates a length byte must not fool the comparison.
        let trick = Name::from_labels([b"x\x07example\x03com".as_slice()]).unwrap();
        assert!(!trick.is_at_or_below(&zone));
    }

    #[test]
    fn relative_names_read_as_typed() {
        let zone = name("example.com.");
        assert_eq!(zone.relative_to(&zone), "@");
        assert_eq!(name("www.example.com.").relative_to(&zone), "www");
        assert_eq!(name("www.example.org.").relative_to(&zone), "www.example.org.");
    }

    #[test]
    fn order_is_canonical() {
        let mut names = [name("z.example."), name("example."), name("a.b.example."), name("b.example.")];
        names.sort();
        assert_eq!(names.map(|n| n.to_string()), ["example.", "b.example.", "a.b.example.", "z.example."]);
    }

    #[test]
    fn names_of_the_most_labels_have_an_order() {
        let long = |first: &str| name(&format!("{first}.{}", "a.".repeat(MOST_LABELS - 1)));
        assert_eq!(long("a").label_count(), MOST_LABELS);
        assert_eq!(long("a").cmp(&long("b")), Ordering::Less);
        assert_eq!(long("b").cmp(&long("b")), Ordering::Equal);
        assert_eq!(long("b").cmp(&long("b").one_up().unwrap()), Ordering::Greater);
        assert_eq!(Name::root().cmp(&long("a")), Ordering::Less);
    }
}
