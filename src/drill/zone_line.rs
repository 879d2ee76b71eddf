//! Reads one record as scenario files write it: `@ 60 A 192.0.2.1`, `www 60 CNAME x.example.`, `* 30 A 192.0.2.66`.
//!
//! The order of a master file line without the class (RFC 1035 §5.1). Pure.

use super::stage::Line;
use crate::dns::{Name, Rdata};

/// Reads a line; names without a final dot are relative to `zone`, `@` is its apex, `*` its wildcard.
///
/// # Errors
/// Says what is wrong with it.
pub fn read(text: &str, zone: &Name) -> Result<Line, String> {
    let mut words = text.split_whitespace();
    let mut word = |what: &str| words.next().ok_or_else(|| format!("the record '{text}' has no {what}"));
    let owner = match word("owner")? {
        "*" => None,
        owner => Some(relative(owner, zone)?),
    };
    let ttl = word("TTL")?;
    let ttl: u32 = ttl.parse().map_err(|_| format!("'{ttl}' is no TTL in seconds"))?;
    if ttl > 0x7fff_ffff {
        return Err(format!("the TTL {ttl} is larger than 2147483647"));
    }
    let rtype = word("type")?.to_ascii_uppercase();
    let rest: Vec<_> = words.collect();
    let one = || match rest.as_slice() {
        [one] => Ok(*one),
        _ => Err(format!("the record '{text}' needs exactly one value")),
    };
    let rdata = match rtype.as_str() {
        "A" => Rdata::A(one()?.parse().map_err(|_| format!("'{}' is no IPv4 address", rest.join(" ")))?),
        "AAAA" => Rdata::Aaaa(one()?.parse().map_err(|_| format!("'{}' is no IPv6 address", rest.join(" ")))?),
        "CNAME" => Rdata::Cname(relative(one()?, zone)?),
        "MX" => match rest.as_slice() {
            [preference, host] => {
                let preference = preference.parse().map_err(|_| format!("'{preference}' is no MX preference"))?;
                Rdata::Mx(preference, relative(host, zone)?)
            }
            _ => return Err(format!("the record '{text}' needs a preference and a host")),
        },
        "TXT" if rest.is_empty() => return Err(format!("the record '{text}' has no text")),
        "TXT" => {
            let string = rest.join(" ");
            if string.len() > 255 {
                return Err("a TXT string is longer than 255 octets".to_owned());
            }
            Rdata::Txt(vec![string.trim_matches('"').as_bytes().to_vec()])
        }
        other => return Err(format!("records of type {other} are not for drills (A, AAAA, CNAME, MX, TXT are)")),
    };
    Ok(Line { owner, ttl, rdata })
}

/// A name as written in a zone.
///
/// # Errors
/// The name is none, or too long.
pub fn relative(text: &str, zone: &Name) -> Result<Name, String> {
    if text == "@" {
        return Ok(zone.clone());
    }
    let whole = if text.ends_with('.') { text.to_owned() } else { format!("{text}.{zone}") };
    whole.parse().map_err(|error| format!("'{text}': {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_and_bad_ones_say_why() {
        let zone: Name = "example.com.".parse().unwrap();
        let line = read("www 60 CNAME cdn.example.net.", &zone).unwrap();
        assert_eq!(line.owner.unwrap().to_string(), "www.example.com.");
        assert_eq!(line.rdata.to_string(), "cdn.example.net.");
        assert_eq!(read("@ 60 MX 10 mail", &zone).unwrap().rdata.to_string(), "10 mail.example.com.");
        assert_eq!(read("* 60 A 192.0.2.1", &zone).unwrap().owner, None);
        for (bad, why) in [
            ("", "no owner"),
            ("@", "no TTL"),
            ("@ x A 1.2.3.4", "no TTL in seconds"),
            ("@ 60 A 1.2.3", "no IPv4 address"),
            ("@ 60 A 1.2.3.4 5.6.7.8", "exactly one value"),
            ("@ 60 LOC x", "not for drills"),
            ("a..b 60 A 1.2.3.4", "empty label"),
            ("@ 60 TXT", "no text"),
        ] {
            assert!(read(bad, &zone).unwrap_err().contains(why), "{bad}");
        }
    }
}
