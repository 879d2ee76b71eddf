//! Which registration a name belongs to: the public suffix list, compiled in.
//!
//! Only its part that is ICANN's counts. A suffix in its private part (`github.io`, `cloudfront.net`) is itself a registration that
//! can expire, and takes every name below it along.

use psl::Type;

use crate::dns::Name;

/// The registered domain that `name` is or lies below: one label below its public suffix (`brevo.com` of `www.brevo.com`,
/// `example.co.uk` of `ns1.example.co.uk`). None for a public suffix itself, for the root, and for names that no registry knows
/// because of the characters in them. Under a top-level domain that is not in the list the suffix is that top-level domain.
#[must_use]
pub fn registrable(name: &Name) -> Option<Name> {
    let text = name.without_dot();
    if name.is_root() || text.contains('\\') {
        return None;
    }
    let mut rest = text.as_str();
    let suffix_labels = loop {
        let suffix = psl::suffix(rest.as_bytes())?;
        let suffix_text = std::str::from_utf8(suffix.as_bytes()).ok()?;
        match (suffix.typ(), suffix_text.split_once('.')) {
            (Some(Type::Private), Some((_, above))) => rest = &rest[rest.len() - above.len()..],
            _ => break suffix_text.split('.').count(),
        }
    };
    let above = name.label_count().checked_sub(suffix_labels + 1)?;
    (0..above).try_fold(name.clone(), |name, _| name.one_up())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str) -> Option<String> {
        registrable(&name.parse().unwrap()).map(|name| name.without_dot())
    }

    #[test]
    fn a_registration_lies_one_label_below_what_a_registry_runs() {
        for (name, registration) in [
            ("brevo.com", "brevo.com"),
            ("www.eu.brevo.com", "brevo.com"),
            ("ns1.example.co.uk", "example.co.uk"),
            ("a.b.city.kawasaki.jp", "city.kawasaki.jp"),
            ("ns-1.awsdns-01.co.uk", "awsdns-01.co.uk"),
            ("x.unpark-demo.example", "unpark-demo.example"),
            ("shop.xn--bcher-kva.de", "xn--bcher-kva.de"),
        ] {
            assert_eq!(of(name).as_deref(), Some(registration), "{name}");
        }
    }

    #[test]
    fn a_private_suffix_is_a_registration_of_its_own() {
        for (name, registration) in [
            ("d111.cloudfront.net", "cloudfront.net"),
            ("me.github.io", "github.io"),
            ("github.io", "github.io"),
            ("bucket.s3.amazonaws.com", "amazonaws.com"),
        ] {
            assert_eq!(of(name).as_deref(), Some(registration), "{name}");
        }
    }

    #[test]
    fn what_a_registry_runs_itself_is_no_registration() {
        for name in [".", "com", "co.uk", "example"] {
            assert_eq!(of(name), None, "{name}");
        }
        assert_eq!(registrable(&Name::from_labels([b"a.b".as_slice(), b"com"]).unwrap()), None);
    }
}
