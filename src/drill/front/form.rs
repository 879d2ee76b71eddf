//! Reads `application/x-www-form-urlencoded`, as queries and forms have it. Pure; any octets are safe.

/// The fields of a query or a form in their order; fields that are not UTF-8 once decoded are left out.
pub(super) fn read(text: &str) -> Vec<(String, String)> {
    let fields = text.split('&').filter(|field| !field.is_empty()).filter_map(|field| {
        let (key, value) = field.split_once('=').unwrap_or((field, ""));
        Some((decode(key)?, decode(value)?))
    });
    fields.collect()
}

/// The first field of a name.
pub(super) fn field<'a>(fields: &'a [(String, String)], name: &str) -> Option<&'a str> {
    fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

fn decode(text: &str) -> Option<String> {
    let mut octets = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        octets.push(match (first, after) {
            (b'+', _) => b' ',
            (b'%', [high, low, ..]) => {
                let digits = [*high, *low];
                let digits = std::str::from_utf8(&digits).ok()?;
                rest = after.get(2..)?;
                u8::from_str_radix(digits, 16).ok()?
            }
            (b'%', _) => return None,
            (other, _) => *other,
        });
    }
    String::from_utf8(octets).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn fields_are_decoded() {
        let fields = read("domain=b%C3%BCcher.example&type=NS&&x=a+b&flag");
        assert_eq!(field(&fields, "domain"), Some("bücher.example"));
        assert_eq!(field(&fields, "type"), Some("NS"));
        assert_eq!(field(&fields, "x"), Some("a b"));
        assert_eq!((field(&fields, "flag"), field(&fields, "none")), (Some(""), None));
        assert!(read("a=%ff&b=%4&c=%zz").is_empty());
    }

    proptest! {
        #[test]
        fn nothing_upsets_it(text: String) {
            read(&text);
        }
    }
}
