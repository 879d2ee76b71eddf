//! The simulated registry and registrar over HTTP: RDAP questions about one domain, answered as the model knows it.

use super::Held;
use super::http::{Reply, Request};
use crate::dns::Name;
use crate::drill::rdap::{registrar_answer, registry_answer};

/// Below it the registry answers.
pub(super) const REGISTRY: &str = "/rdap/";
/// Below it the registrar does.
pub(super) const REGISTRAR: &str = "/registrar/";
/// The media type of RDAP (RFC 7480 §4.2).
const MEDIA: &str = "application/rdap+json";

/// Answers a request; none when it is for somebody else. `base` is where this machine's pages begin.
pub(super) fn answer(request: &Request, held: &Held, base: &str) -> Option<Reply> {
    let (path, by_registrar) = match request.path.strip_prefix(REGISTRY) {
        Some(path) => (path, false),
        None => (request.path.strip_prefix(REGISTRAR)?, true),
    };
    let asked = path.strip_prefix("domain/").and_then(|name| Name::from_user(name).ok());
    let found = asked.filter(|_| request.method == "GET").and_then(|name| {
        let mut net = held.lock();
        let now = held.clock.world();
        net.advance(now);
        if by_registrar {
            registrar_answer(&net, &name)
        } else {
            registry_answer(&net, &name, &format!("{base}{REGISTRAR}"), now)
        }
    });
    Some(match found {
        Some(body) => Reply { status: 200, media: MEDIA, body },
        None => Reply { status: 404, media: MEDIA, body: "{\"errorCode\":404,\"title\":\"Not Found\"}\n".to_owned() },
    })
}
