//! Reads an RDAP answer about a domain (RFC 9083 §5.3). Every field may be missing, misspelt in case, or of another type than
//! it should be; what cannot be read is left out, never guessed. Counts are bounded, text is made safe to show.

use serde_json::Value;
use thiserror::Error;

use crate::dns::{Ds, Name, NsSet, shown};

use super::date::{Moment, read_moment};
use super::fields::{Contact, Dates, Registrar, Registration};
use super::status::Status;

/// Most items read of any list.
pub(super) const MOST_ITEMS: usize = 64;
/// Most links to the registrar's answer that are kept.
const MOST_LINKS: usize = 4;
/// Longest digest of a DS record, in hexadecimal digits.
const LONGEST_DIGEST: usize = 128;

/// Why a text is no description of a domain.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RdapError {
    /// No JSON, or cut off.
    #[error("it is no JSON: {reason}")]
    NotJson {
        /// The reader's words.
        reason: String,
    },
    /// JSON, but of something else.
    #[error("it does not describe a domain")]
    NotADomain,
    /// An error as RFC 9083 §6 has it.
    #[error("the server says: {said}")]
    Said {
        /// Code, title and description as far as there are any; safe to show.
        said: String,
    },
}

/// Reads the body of an RDAP answer.
///
/// # Errors
/// No JSON, an error message instead of an object, or an object that is no domain.
pub fn read_rdap(body: &str) -> Result<Registration, RdapError> {
    let body = body.trim_start_matches('\u{feff}');
    let value: Value =
        serde_json::from_str(body).map_err(|e| RdapError::NotJson { reason: shown::text(&e.to_string()) })?;
    if let Some(code) = get(&value, "errorCode") {
        let title = get(&value, "title").and_then(text).unwrap_or_default();
        let said = format!("{} {title}", text(code).unwrap_or_default());
        return Err(RdapError::Said { said: said.trim().to_owned() });
    }
    let class = get(&value, "objectClassName").and_then(Value::as_str);
    let like = ["ldhName", "nameservers", "events", "status", "secureDNS"].iter().any(|k| get(&value, k).is_some());
    if class.map_or(!like, |class| !class.trim().eq_ignore_ascii_case("domain")) {
        return Err(RdapError::NotADomain);
    }
    let mut registration = Registration {
        domain: name_of(&value),
        handle: get(&value, "handle").and_then(text),
        registrar: registrar(&value),
        dates: dates(&value),
        name_servers: get(&value, "nameservers")
            .filter(|list| list.is_array())
            .map(|list| items(Some(list)).filter_map(name_of).collect::<NsSet>()),
        related: related(&value),
        ..Registration::default()
    };
    for status in items(get(&value, "status")).filter_map(Value::as_str).filter_map(Status::read) {
        registration.note_status(status);
    }
    if let Some(secure) = get(&value, "secureDNS") {
        registration.ds = items(get(secure, "dsData")).filter_map(ds).collect();
        let said = get(secure, "delegationSigned").and_then(boolean);
        registration.signed = said.or((!registration.ds.is_empty()).then_some(true));
    }
    Ok(registration)
}

/// A member, its key in any case.
fn get<'a>(value: &'a Value, key: &str) -> Option<&'a Value> {
    let object = value.as_object()?;
    let odd = || object.iter().find(|(k, _)| k.eq_ignore_ascii_case(key)).map(|(_, v)| v);
    object.get(key).or_else(odd).filter(|v| !v.is_null())
}

/// The items of a list, or the value itself where a list should be; at most [`MOST_ITEMS`].
fn items(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    let list = match value {
        Some(Value::Array(list)) => list.as_slice(),
        Some(single) => std::slice::from_ref(single),
        None => &[],
    };
    list.iter().take(MOST_ITEMS)
}

/// A text, a number, or a list of texts (jCard has those), safe to show; none when it is empty.
fn text(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => shown::text(text.trim()),
        Value::Number(number) => number.to_string(),
        Value::Array(list) => {
            let parts: Vec<&str> = list.iter().take(8).filter_map(Value::as_str).map(str::trim).collect();
            shown::text(&parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", "))
        }
        _ => String::new(),
    };
    (!text.is_empty()).then_some(text)
}

fn boolean(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(known) => Some(*known),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// The name of an object: A-labels, else U-labels.
fn name_of(object: &Value) -> Option<Name> {
    let read = |key| get(object, key).and_then(Value::as_str).and_then(|text| Name::from_user(text).ok());
    read("ldhName").or_else(|| read("unicodeName")).filter(|name| !name.is_root())
}

/// Letters and digits in lower case.
fn fold(text: &str) -> String {
    text.chars().take(64).filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

fn has_role(entity: &Value, role: &str) -> bool {
    items(get(entity, "roles")).filter_map(Value::as_str).any(|r| r.trim().eq_ignore_ascii_case(role))
}

fn registrar(domain: &Value) -> Registrar {
    let entities = || items(get(domain, "entities"));
    let Some(entity) = entities().find(|e| has_role(e, "registrar")) else { return Registrar::default() };
    let ids = items(get(entity, "publicIds"));
    let id = ids
        .filter(|id| get(id, "type").and_then(Value::as_str).is_some_and(|t| fold(t) == "ianaregistrarid"))
        .find_map(|id| get(id, "identifier").and_then(text));
    let nested = items(get(entity, "entities")).find(|e| has_role(e, "abuse"));
    let abuse = nested.or_else(|| entities().find(|e| has_role(e, "abuse")));
    let about = items(get(entity, "links"))
        .filter(|link| get(link, "rel").and_then(Value::as_str).is_some_and(|rel| rel.eq_ignore_ascii_case("about")))
        .find_map(|link| get(link, "href").and_then(text));
    Registrar {
        name: card(entity, "fn").or_else(|| card(entity, "org")),
        iana_id: id,
        abuse: abuse.map_or_else(Contact::default, contact),
        url: card(entity, "url").or(about).filter(|url| url.starts_with("http")),
    }
}

fn contact(entity: &Value) -> Contact {
    let bare = |value: String, scheme: &str| value.strip_prefix(scheme).map_or(value.clone(), str::to_owned);
    Contact {
        email: card(entity, "email").map(|email| bare(email, "mailto:")),
        phone: card(entity, "tel").map(|phone| bare(phone, "tel:")),
    }
}

/// The first value of a property of an entity's jCard that is not empty (RFC 7095 §3.3).
fn card(entity: &Value, property: &str) -> Option<String> {
    let card = get(entity, "vcardArray").and_then(|card| card.get(1));
    items(card).find_map(|item| {
        let name = item.get(0).and_then(Value::as_str)?;
        name.eq_ignore_ascii_case(property).then(|| item.get(3).and_then(text)).flatten()
    })
}

fn dates(domain: &Value) -> Dates {
    let mut dates = Dates::default();
    for event in items(get(domain, "events")) {
        let action = get(event, "eventAction").and_then(Value::as_str).map(fold).unwrap_or_default();
        let date = get(event, "eventDate").and_then(Value::as_str).and_then(read_moment);
        let slot = match action.as_str() {
            "registration" => &mut dates.registered,
            "expiration" => &mut dates.expires,
            "registrarexpiration" => &mut dates.registrar_expires,
            "lastchanged" => &mut dates.changed,
            "transfer" => &mut dates.transferred,
            "lastupdateofrdapdatabase" => &mut dates.database,
            _ => continue,
        };
        let later = |old: &Option<Moment>| match (old, &date) {
            (_, None) => false,
            (None, Some(_)) => true,
            (Some(old), Some(new)) => new.at > old.at,
        };
        // Of several transfers or changes the last counts; of several expiries none is truer, so the first stays.
        let repeats = matches!(action.as_str(), "lastchanged" | "transfer" | "lastupdateofrdapdatabase");
        if slot.is_none() || (repeats && later(slot)) {
            *slot = date;
        }
    }
    dates
}

fn ds(item: &Value) -> Option<Ds> {
    let number = |key| {
        let value = get(item, key)?;
        value.as_u64().or_else(|| value.as_str().and_then(|text| text.trim().parse().ok()))
    };
    Some(Ds {
        key_tag: number("keyTag")?.try_into().ok()?,
        algorithm: number("algorithm")?.try_into().ok()?,
        digest_type: number("digestType")?.try_into().ok()?,
        digest: read_hex(get(item, "digest")?.as_str()?)?,
    })
}

/// Hexadecimal digits, spaces between them allowed; none when it is anything else.
pub(super) fn read_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text
        .chars()
        .take(2 * LONGEST_DIGEST)
        .filter(|c| !c.is_whitespace())
        .map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect::<Option<_>>()?;
    let fits = !digits.is_empty() && digits.len() <= LONGEST_DIGEST && digits.len().is_multiple_of(2);
    fits.then(|| digits.chunks(2).map(|pair| pair.iter().fold(0, |octet, digit| (octet << 4) | digit)).collect())
}

fn related(domain: &Value) -> Vec<String> {
    let word =
        |link: &Value, key| get(link, key).and_then(Value::as_str).unwrap_or_default().trim().to_ascii_lowercase();
    let mut found: Vec<String> = Vec::new();
    for link in items(get(domain, "links")) {
        let kind = word(link, "type");
        if word(link, "rel") != "related" || !(kind.is_empty() || kind.contains("rdap") || kind.contains("json")) {
            continue;
        }
        let href = get(link, "href").and_then(Value::as_str).unwrap_or_default().trim();
        if !href.is_empty() && href.len() <= 2048 && found.len() < MOST_LINKS && !found.iter().any(|f| f == href) {
            found.push(href.to_owned());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registration::fixtures::fixture;

    #[test]
    fn an_answer_is_read_whole() {
        let read = fixture("healthy");
        assert_eq!(read.domain.unwrap().to_string(), "unpark-demo.example.");
        assert_eq!(read.registrar.name.as_deref(), Some("Example Registrar, Inc."));
        assert_eq!(read.registrar.iana_id.as_deref(), Some("9995"));
        assert_eq!(read.registrar.abuse.email.as_deref(), Some("abuse@registrar.example"));
        assert_eq!(read.registrar.abuse.phone.as_deref(), Some("+1.5555550100"));
        assert_eq!(read.registrar.url.as_deref(), Some("https://www.registrar.example/"));
        assert_eq!(read.statuses, [Status::ClientTransferProhibited]);
        assert_eq!(read.dates.expires.unwrap().to_string(), "2028-10-03");
        assert_eq!(read.dates.changed.unwrap().at.unwrap().to_string(), "2026-06-30T09:15:44Z");
        assert_eq!(read.dates.registrar_expires, None);
        assert_eq!(read.name_servers.unwrap().to_string(), "ns1.dns-host.example, ns2.dns-host.example");
        assert_eq!((read.signed, read.ds[0].key_tag, read.ds[0].digest.len()), (Some(true), 31_415, 32));
        assert_eq!(read.related, ["https://rdap.registrar.example/rdap/domain/unpark-demo.example"]);
    }

    #[test]
    fn case_does_not_matter_and_types_may_be_odd() {
        assert_eq!(
            fixture("expired-parked-status-active").name_servers.unwrap().to_string(),
            "ns1.expired-parking.example, ns2.expired-parking.example"
        );
        let odd = r#"{"OBJECTCLASSNAME":"Domain","LDHNAME":"X.Example.","status":"CLIENT_HOLD",
            "entities":{"roles":"Registrar","vcardArray":["vcard",[["FN",{},"text",["A","","B"]],7,[],["tel",{},"uri","tel:+1"]]],
            "publicIds":{"type":"iana registrar id","identifier":146}},
            "events":[7,{"eventAction":"Last Changed","eventDate":"2026-01-01T00:00:00Z"},{"eventAction":"last changed",
            "eventDate":"2026-02-01T00:00:00Z"},{"eventAction":"expiration","eventDate":"whenever"}],
            "nameservers":[{"ldhName":"a b"},{"unicodeName":"ns.bücher.example"},null],
            "secureDNS":{"delegationSigned":"true","dsData":{"keyTag":"1","algorithm":13,"digestType":2,"digest":"AB CD"}}}"#;
        let read = read_rdap(odd).unwrap();
        assert_eq!(read.domain.unwrap().to_string(), "x.example.");
        assert_eq!(read.statuses, [Status::ClientHold]);
        assert_eq!((read.registrar.name.as_deref(), read.registrar.iana_id.as_deref()), (Some("A, B"), Some("146")));
        assert_eq!(read.dates.changed.unwrap().to_string(), "2026-02-01");
        assert_eq!(read.dates.expires.unwrap().to_string(), "\"whenever\"");
        assert_eq!(read.name_servers.unwrap().to_string(), "ns.xn--bcher-kva.example");
        assert_eq!((read.signed, read.ds[0].to_string().as_str()), (Some(true), "1 13 2 abcd"));
    }

    #[test]
    fn what_is_missing_is_not_known() {
        let read = read_rdap(r#"{"objectClassName":"domain"}"#).unwrap();
        assert_eq!(read, Registration::default());
    }

    #[test]
    fn other_answers_are_refused_with_a_reason() {
        for (body, said) in [
            ("", "no JSON"),
            ("<html>", "no JSON"),
            (r#"{"objectClassName":"domain""#, "no JSON"),
            ("[]", "does not describe a domain"),
            ("{}", "does not describe a domain"),
            (r#"{"objectClassName":"ip network","status":["active"]}"#, "does not describe a domain"),
            (r#"{"errorCode":404,"title":"Not\u001b[2J Found"}"#, "the server says: 404 Not\\u{1b}[2J Found"),
        ] {
            let error = read_rdap(body).unwrap_err().to_string();
            assert!(error.contains(said) && error.chars().all(shown::is_plain), "{body}: {error}");
        }
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(matches!(read_rdap(&deep), Err(RdapError::NotJson { .. })));
    }

    #[test]
    fn lists_without_end_and_hostile_text_are_bounded() {
        let many: Vec<String> = (0..5_000).map(|n| format!("\"status {n}\"")).collect();
        let body = format!(
            r#"{{"ldhName":"x.example","handle":"\u001b]0;x\u0007{}","status":[{}]}}"#,
            "y".repeat(5_000),
            many.join(",")
        );
        let read = read_rdap(&body).unwrap();
        assert_eq!(read.statuses.len(), MOST_ITEMS);
        let handle = read.handle.unwrap();
        assert!(handle.chars().all(shown::is_plain) && handle.chars().count() < 700, "{handle}");
    }

    fn json() -> impl proptest::strategy::Strategy<Value = Value> {
        use proptest::prelude::*;
        let words = [
            "objectClassName",
            "domain",
            "ldhName",
            "status",
            "events",
            "eventAction",
            "eventDate",
            "expiration",
            "entities",
            "roles",
            "registrar",
            "vcardArray",
            "fn",
            "secureDNS",
            "dsData",
            "digest",
            "links",
            "rel",
            "related",
            "href",
            "publicIds",
            "2027-10-03",
            "nameservers",
            "errorCode",
        ];
        let word = prop::sample::select(words.to_vec()).prop_map(str::to_owned);
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            word.clone().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 64, 6, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::vec((word.clone(), inner), 0..6).prop_map(|pairs| pairs.into_iter().collect()),
            ]
        })
    }

    proptest::proptest! {
        #[test]
        fn any_text_and_any_json_is_read_or_refused(body: String, value in json()) {
            let _ = read_rdap(&body);
            let _ = read_rdap(&value.to_string());
        }
    }
}
