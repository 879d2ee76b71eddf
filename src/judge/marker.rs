//! A record that only the correct zone has, put there by the operator: the strongest witness there is, since whoever gives its
//! text back uses the correct servers, however alike the two sides answer otherwise.

use crate::dns::{Name, Rdata};
use crate::observation::Response;

/// The label in front of a token.
const PREFIX: &str = "_unpark-";
/// The TTL proposed for the record, in seconds: it is asked for below labels that are never asked for again.
const TTL: u32 = 60;
/// Longest token: with its prefix it must fit into a label (RFC 1035 §2.3.4).
const LONGEST_TOKEN: usize = 32;
/// Longest text of one TXT string, in octets (RFC 1035 §3.3).
const LONGEST_TEXT: usize = 255;

/// A wildcard TXT record: every name below `name` has `text`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marker {
    /// Below which name.
    pub name: Name,
    /// What stands there.
    pub text: String,
}

impl Marker {
    /// Reads `TOKEN` (the text of `*._unpark-TOKEN` in the zone) or `NAME=TEXT` (the text of `*.NAME`; a name without a
    /// final dot is relative to the zone).
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(written: &str, zone: &Name) -> Result<Self, String> {
        let Some((name, text)) = written.split_once('=') else { return Self::of_token(written, zone) };
        let is_plain = |c: char| c.is_ascii_graphic() && c != '"' && c != '\\';
        if text.is_empty() || text.len() > LONGEST_TEXT || !text.chars().all(is_plain) {
            return Err(format!("the text must be 1 to {LONGEST_TEXT} ASCII characters, without space, \" and \\"));
        }
        let whole = if name.ends_with('.') { name.to_owned() } else { format!("{name}.{zone}") };
        let name: Name = whole.parse().map_err(|e| format!("{}: {e}", crate::dns::shown::text(name)))?;
        if !name.is_below(zone) {
            return Err(format!("{name} does not lie below {zone}"));
        }
        Ok(Self { name, text: text.to_owned() })
    }

    /// The marker with this token.
    ///
    /// # Errors
    /// The token is none.
    pub fn of_token(token: &str, zone: &Name) -> Result<Self, String> {
        let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if token.is_empty() || token.len() > LONGEST_TOKEN || !token.chars().all(is_plain) {
            return Err(format!("a token is 1 to {LONGEST_TOKEN} of a-z, 0-9 and '-'"));
        }
        let name = zone.child(format!("{PREFIX}{token}").as_bytes()).map_err(|e| e.to_string())?;
        Ok(Self { name, text: token.to_owned() })
    }

    /// A token for a zone, made from `seed`: it need not be secret, only unlike any other.
    #[must_use]
    pub fn token_from(seed: u64) -> String {
        const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
        let mut mixed = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed ^= mixed >> 27;
        let letter =
            |at: u32| LETTERS.get(usize::try_from(mixed >> (5 * at) & 31).unwrap_or(0)).copied().unwrap_or(b'x');
        (0..8).map(|at| char::from(letter(at))).collect()
    }

    /// The record to add, as it stands in the zone's file.
    #[must_use]
    pub fn record(&self, zone: &Name) -> String {
        format!("*.{} {TTL} TXT \"{}\"", self.name.relative_to(zone), self.text)
    }

    /// Whether a response gives the text back for a name below the marker.
    #[must_use]
    pub fn is_in(&self, response: &Response, asked: &Name) -> bool {
        asked.is_below(&self.name)
            && response.answer.iter().any(|record| match &record.rdata {
                Rdata::Txt(strings) => record.owner == *asked && strings.concat() == self.text.as_bytes(),
                _ => false,
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::sample_world::{ZONE, answer, name, txt};

    #[test]
    fn a_token_or_a_name_with_its_text_make_a_marker() {
        let zone = name(ZONE);
        let marker = Marker::read("k3", &zone).unwrap();
        assert_eq!(marker.name.to_string(), "_unpark-k3.example.com.");
        assert_eq!(marker.record(&zone), "*._unpark-k3 60 TXT \"k3\"");
        let own = Marker::read("probe=hello", &zone).unwrap();
        assert_eq!((own.name.to_string(), own.text.as_str()), ("probe.example.com.".to_owned(), "hello"));
        assert_eq!(Marker::read("probe.example.com.=x", &zone).unwrap().name, own.name);
        for bad in ["", "Ab", "a b", "x=", "=x", "other.org.=x", "example.com.=x", "a..b=x", "p=a\"b", &"a".repeat(33)]
        {
            assert!(Marker::read(bad, &zone).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn only_its_text_below_its_name_is_it() {
        let marker = Marker::read("k3", &name(ZONE)).unwrap();
        let asked = name("nonce._unpark-k3.example.com.");
        let says = |text: &str| answer(vec![txt("nonce._unpark-k3.example.com.", text)]);
        assert!(marker.is_in(&says("k3"), &asked));
        assert!(!marker.is_in(&says("k4"), &asked));
        assert!(!marker.is_in(&says("k3"), &name("other._unpark-k3.example.com.")));
        assert!(!marker.is_in(&answer(vec![txt(ZONE, "k3")]), &name(ZONE)));
    }

    #[test]
    fn proposed_tokens_are_tokens_and_differ() {
        let zone = name(ZONE);
        let tokens: std::collections::BTreeSet<String> = (0..1000).map(Marker::token_from).collect();
        assert!(tokens.len() > 990 && tokens.iter().all(|t| Marker::of_token(t, &zone).is_ok()));
    }
}
