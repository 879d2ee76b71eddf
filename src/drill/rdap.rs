//! What the simulated registry and registrar answer to an RDAP question about the zone (RFC 9083), as text.

use serde_json::{Value, json};

use super::model::{Hold, Internet, Registration};
use crate::dns::Name;
use crate::time::Timestamp;

/// The registry's answer about `domain`; none when it has no such registration. `registrar` is where it says that the
/// registrar's own answer is.
#[must_use]
pub fn registry_answer(net: &Internet, domain: &Name, registrar: &str, now: Timestamp) -> Option<String> {
    let registration = net.registration().filter(|_| *domain == net.sides().zone)?;
    let upper = domain.without_dot().to_ascii_uppercase();
    let mut answer = object(registration, &upper);
    answer["links"] = json!([{
        "rel": "related", "type": "application/rdap+json",
        "href": format!("{registrar}domain/{upper}"),
    }]);
    answer["events"] = json!([
        event("registration", registration.registered),
        event("expiration", registration.expires(now)),
        event("last changed", registration.changed),
        event("last update of RDAP database", now),
    ]);
    Some(answer.to_string())
}

/// The registrar's own answer, with the date until which it was paid.
#[must_use]
pub fn registrar_answer(net: &Internet, domain: &Name) -> Option<String> {
    let registration = net.registration().filter(|_| *domain == net.sides().zone)?;
    let mut answer = object(registration, &domain.without_dot());
    answer["events"] = json!([
        event("registration", registration.registered),
        event("expiration", registration.paid_until),
        event("registrar expiration", registration.paid_until),
        event("last changed", registration.changed),
    ]);
    Some(answer.to_string())
}

fn event(action: &str, at: Timestamp) -> Value {
    json!({ "eventAction": action, "eventDate": at.to_string() })
}

/// What both answers have.
fn object(registration: &Registration, name: &str) -> Value {
    let seller = &registration.seller;
    let mut statuses: Vec<&str> = match (registration.held, registration.hold) {
        (false, _) => Vec::new(),
        (true, Hold::Client) => vec!["client hold"],
        (true, Hold::Server) => vec!["server hold"],
        (true, Hold::Redemption) => vec!["redemption period", "pending delete"],
    };
    if registration.locked {
        statuses.push("client update prohibited");
    }
    statuses.push("client transfer prohibited");
    if !registration.held && !registration.locked {
        statuses.push("active");
    }
    let servers: Vec<Value> = registration
        .ns
        .iter()
        .map(|host| json!({ "objectClassName": "nameserver", "ldhName": host.without_dot().to_ascii_uppercase() }))
        .collect();
    let ds: Vec<Value> = registration
        .ds
        .iter()
        .map(|ds| {
            let digest: String = ds.digest.iter().map(|octet| format!("{octet:02X}")).collect();
            json!({
                "keyTag": ds.key_tag, "algorithm": ds.algorithm, "digestType": ds.digest_type, "digest": digest,
            })
        })
        .collect();
    json!({
        "objectClassName": "domain",
        "handle": "DRILL-1",
        "ldhName": name,
        "status": statuses,
        "nameservers": servers,
        "secureDNS": { "delegationSigned": !ds.is_empty(), "dsData": ds },
        "entities": [{
            "objectClassName": "entity",
            "roles": ["registrar"],
            "publicIds": [{ "type": "IANA Registrar ID", "identifier": seller.iana_id }],
            "vcardArray": ["vcard", [["version", {}, "text", "4.0"], ["fn", {}, "text", seller.name]]],
            "entities": [{
                "objectClassName": "entity",
                "roles": ["abuse"],
                "vcardArray": ["vcard", [
                    ["version", {}, "text", "4.0"],
                    ["fn", {}, "text", "Abuse desk"],
                    ["tel", { "type": "voice" }, "uri", format!("tel:{}", seller.phone)],
                    ["email", {}, "text", seller.email],
                ]],
            }],
        }],
        "notices": [{ "title": "Drill", "description": ["Simulated by unpark; no such registration is looked up."] }],
    })
}
