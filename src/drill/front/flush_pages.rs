//! The flush pages of the simulated operators: a request for Cloudflare, a form for Google, one for OpenDNS. An accepted
//! request becomes a flush in the model two seconds later, as with the real ones: accepted is not done.

use std::time::Duration;

use super::http::{Reply, Request};
use super::{Held, form};
use crate::dns::{Name, RecordType};
use crate::drill::model::{Action, FlushScope};

/// Where the purge request goes, as at the real one.
const CLOUDFLARE: &str = "/api/v1/purge";
/// Google's page.
pub(super) const GOOGLE: &str = "/cache";
/// OpenDNS's page.
pub(super) const OPENDNS: &str = "/cachecheck";
/// How long an accepted flush takes.
const FLUSH_TAKES: Duration = Duration::from_secs(2);
/// The operators as scenario files name them.
const OPERATORS: [&str; 3] = ["Cloudflare", "Google Public DNS", "Cisco OpenDNS"];

/// Answers a request, and does what it asks.
pub(super) fn answer(request: &Request, held: &Held) -> Reply {
    let flush = |operator: &str, name: &Name, rtype: RecordType| {
        let action = Action::Flush { operator: operator.to_owned(), scope: FlushScope::Type(name.clone(), rtype) };
        held.act_later(FLUSH_TAKES, action);
    };
    let [cloudflare, google, opendns] = OPERATORS;
    let form = form::read(&request.body);
    match (request.path.as_str(), request.method.as_str()) {
        (CLOUDFLARE, "POST") => match read_purge(&request.query) {
            Ok((name, rtype)) => {
                flush(cloudflare, &name, rtype);
                let queued = "purge request queued. Please wait a few seconds and verify the request was successful";
                said(200, queued)
            }
            Err(reason) => said(400, reason),
        },
        (GOOGLE, "GET") => page(200, "Flush Cache", &google_form("")),
        (GOOGLE, "POST") => match (read_name(form::field(&form, "name")), read_type(form::field(&form, "rr_type"))) {
            (Some(name), Some(rtype)) => {
                flush(google, &name, rtype);
                // Whatever type is flushed at a name that has a delegation, the delegation goes as well.
                if rtype != RecordType::NS {
                    flush(google, &name, RecordType::NS);
                }
                let done = format!("<p>Cache flush successful: {} {rtype}</p>", escape(&name.without_dot()));
                page(200, "Flush Cache", &google_form(&done))
            }
            _ => page(400, "Flush Cache", &google_form("<p>Give a domain name and a type.</p>")),
        },
        (OPENDNS, "GET") => {
            let fields = form::read(&request.query);
            page(200, "CacheCheck", &opendns_form(form::field(&fields, "d").unwrap_or_default(), ""))
        }
        (OPENDNS, "POST") => match read_name(form::field(&form, "d")) {
            Some(name) => {
                flush(opendns, &name, RecordType::A);
                page(200, "CacheCheck", &opendns_form(&name.without_dot(), "<p>The cache is refreshed.</p>"))
            }
            None => page(400, "CacheCheck", &opendns_form("", "<p>Give a domain name.</p>")),
        },
        (CLOUDFLARE | GOOGLE | OPENDNS, _) => page(405, "No such method", ""),
        _ => page(404, "No such page", ""),
    }
}

/// The name and type of a purge request, or the words of the real one's refusal.
fn read_purge(query: &str) -> Result<(Name, RecordType), &'static str> {
    let fields = form::read(query);
    let domain = form::field(&fields, "domain");
    if domain.is_some_and(|domain| domain.contains('*')) {
        return Err("wildcard purge is not supported");
    }
    let name = read_name(domain).ok_or("parameter \"domain\" is required")?;
    // Its page offers neither SOA nor ANY.
    let refused = [RecordType::SOA, RecordType(255)];
    let rtype = read_type(form::field(&fields, "type")).filter(|rtype| !refused.contains(rtype));
    let rtype = rtype.ok_or("unsupported RRType")?;
    if name.label_count() < 2 { Err("domain must be below a top level domain") } else { Ok((name, rtype)) }
}

fn read_name(text: Option<&str>) -> Option<Name> {
    Name::from_user(text?.trim()).ok().filter(|name| !name.is_root())
}

fn read_type(text: Option<&str>) -> Option<RecordType> {
    text?.trim().parse().ok()
}

fn said(status: u16, message: &str) -> Reply {
    let body = format!("{{\"msg\":\"{}\"}}\n", message.replace('"', "\\\""));
    Reply { status, media: "application/json", body }
}

fn page(status: u16, title: &str, inside: &str) -> Reply {
    let body = format!(
        "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>DRILL: {title}</title>\n\
         <body style=\"font-family:sans-serif;max-width:40em;margin:3em auto\">\n\
         <p><strong>DRILL.</strong> This page is simulated, on this machine, by unpark. Nothing real is flushed.</p>\n\
         <h1>{title}</h1>\n{inside}\n</body></html>\n"
    );
    Reply { status, media: "text/html", body }
}

fn google_form(above: &str) -> String {
    format!(
        "{above}<form method=\"post\" action=\"{GOOGLE}\"><label>Domain name <input name=\"name\"></label>\n\
         <label>Type <input name=\"rr_type\" value=\"NS\" size=\"8\"></label>\n<button>Flush cache</button></form>"
    )
}

fn opendns_form(name: &str, above: &str) -> String {
    format!(
        "{above}<form method=\"post\" action=\"{OPENDNS}\"><label>Domain <input name=\"d\" value=\"{}\"></label>\n\
         <button>Refresh the cache</button></form>",
        escape(name)
    )
}

/// Text that is no markup.
fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn purge_requests_are_read_and_refused_as_the_real_one_does() {
        let (name, rtype) = read_purge("domain=brevo.com&type=NS").unwrap();
        assert_eq!((name.without_dot(), rtype), ("brevo.com".to_owned(), RecordType::NS));
        for (query, words) in [
            ("", "is required"),
            ("domain=&type=NS", "is required"),
            ("domain=brevo.com", "unsupported RRType"),
            ("domain=brevo.com&type=SOA", "unsupported RRType"),
            ("domain=com&type=NS", "top level domain"),
            ("domain=*.brevo.com&type=A", "wildcard"),
        ] {
            assert!(read_purge(query).unwrap_err().contains(words), "{query}");
        }
        assert_eq!(said(400, "parameter \"domain\"").body, "{\"msg\":\"parameter \\\"domain\\\"\"}\n");
    }

    #[test]
    fn what_was_typed_is_no_markup() {
        let page = opendns_form("\"><script>alert('x')</script>&", "");
        assert!(!page.contains("<script") && page.contains("&lt;script&gt;"), "{page}");
    }
}
