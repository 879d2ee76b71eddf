//! Asks RDAP servers (RFC 7480): one GET, few checked redirects, a bounded answer, everything kept as evidence. It reports
//! what came; it neither waits nor repeats. What an answer means is `registration`'s.

use std::time::Duration;

use crate::dns::{Name, shown};
use crate::registration::{Outcome, RdapError, read_http_date, read_rdap};
use crate::time::{ReadClock, Timestamp};

use super::client::{HttpClient, Limits, Method, Reply, Request};
use super::error::HttpError;
use super::url::HttpUrl;

/// How long one question may take with its redirects, and how much is read of an answer.
pub const RDAP_LIMITS: Limits =
    Limits { connect: Duration::from_secs(3), total: Duration::from_secs(10), body: 1024 * 1024 };
/// Most redirects followed (RFC 7480 §5.2 asks for a bound).
const MOST_REDIRECTS: usize = 3;
/// Longest wait that a server is believed to ask for.
const LONGEST_WAIT: Duration = Duration::from_secs(7 * 86_400);
/// What is asked for; some servers know only the second.
const ACCEPT: &str = "application/rdap+json, application/json;q=0.9";

/// Asks RDAP servers.
#[derive(Debug, Clone)]
pub struct RdapClient {
    client: HttpClient,
    /// For one question, redirects included.
    total: Duration,
}

/// What came of one question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RdapReply {
    /// The address that gave the answer, or the last one tried.
    pub url: HttpUrl,
    pub outcome: Outcome,
    /// The body, decoded; empty when there is none.
    pub raw: String,
}

impl RdapClient {
    /// A client that sends through `client`, whose limits should be [`RDAP_LIMITS`] or tighter; one question takes no longer
    /// than `total`, redirects included.
    #[must_use]
    pub const fn new(client: HttpClient, total: Duration) -> Self {
        Self { client, total }
    }

    /// Asks for a domain below a base URL.
    pub(super) async fn ask_for(&self, base: &HttpUrl, domain: &Name, clock: &dyn ReadClock) -> RdapReply {
        match base.join(&format!("domain/{}", domain.without_dot())) {
            Ok(url) => self.ask(url, domain, clock).await,
            Err(error) => {
                let outcome = Outcome::NotSent { reason: error.to_string() };
                RdapReply { url: base.clone(), outcome, raw: String::new() }
            }
        }
    }

    /// Asks one address about a domain and follows its redirects.
    pub(super) async fn ask(&self, url: HttpUrl, domain: &Name, clock: &dyn ReadClock) -> RdapReply {
        // Outside the limited part, so that the address last asked is known when time runs out.
        let mut at = url;
        let asked = tokio::time::timeout(self.total, self.follow(&mut at, domain, clock)).await;
        let (outcome, raw) = asked.unwrap_or_else(|_| {
            let reason = format!("none within {} s", self.total.as_secs_f64());
            (Outcome::NoAnswer { reason }, String::new())
        });
        RdapReply { url: at, outcome, raw }
    }

    async fn follow(&self, at: &mut HttpUrl, domain: &Name, clock: &dyn ReadClock) -> (Outcome, String) {
        let mut seen = vec![at.clone()];
        loop {
            let request = Request { method: Method::Get, url: at, accept: Some(ACCEPT) };
            let reply = match self.client.send(request).await {
                Ok(reply) => reply,
                Err(HttpError::NoAnswer { reason }) => return (Outcome::NoAnswer { reason }, String::new()),
                Err(HttpError::NotSent { reason }) => return (Outcome::NotSent { reason }, String::new()),
                Err(other) => return (Outcome::NotSent { reason: other.to_string() }, String::new()),
            };
            let raw = String::from_utf8_lossy(&reply.body).into_owned();
            let unreadable = |reason: String| Outcome::Unreadable { reason };
            if !matches!(reply.status, 301 | 302 | 303 | 307 | 308) {
                return (outcome(&reply, &raw, domain, clock.now()), raw);
            }
            let Some(location) = reply.location else {
                return (unreadable(format!("HTTP {} without a place to go", reply.status)), raw);
            };
            let next = match at.join(&location) {
                Ok(next) => next,
                Err(error) => return (unreadable(format!("its redirect may not be followed: {error}")), raw),
            };
            if seen.contains(&next) {
                return (unreadable("its redirects lead in a circle".to_owned()), raw);
            }
            if seen.len() > MOST_REDIRECTS {
                return (unreadable(format!("more than {MOST_REDIRECTS} redirects")), raw);
            }
            seen.push(next.clone());
            *at = next;
        }
    }
}

/// What a reply that is no redirect comes to.
fn outcome(reply: &Reply, raw: &str, domain: &Name, now: Timestamp) -> Outcome {
    let unreadable = |reason: String| Outcome::Unreadable { reason };
    match (reply.status, &reply.cut) {
        (429, _) => Outcome::Limited { until: reply.retry_after.as_deref().and_then(|field| until(field, now)) },
        (200, Some(cut)) => unreadable(cut.clone()),
        (200, None) => match read_rdap(raw) {
            Ok(read) => match &read.domain {
                // A server may describe another domain; that says nothing about this one.
                Some(other) if other != domain => unreadable(format!("it describes {}", other.without_dot())),
                _ => Outcome::Found(Box::new(read)),
            },
            Err(error) => unreadable(error.to_string()),
        },
        // A page of somebody else's (a portal, a wrong path) is not the registry's word that there is no such registration.
        (404, _) if raw.trim().is_empty() || matches!(read_rdap(raw), Err(RdapError::Said { .. })) => Outcome::NotFound,
        (404, _) => unreadable("HTTP 404 with a page that is no RDAP answer".to_owned()),
        (status, _) => match read_rdap(raw) {
            Err(RdapError::Said { said }) => unreadable(format!("HTTP {status}: {said}")),
            _ => unreadable(format!("HTTP {status}")),
        },
    }
}

/// `Retry-After` in either form (RFC 9110 §10.2.3): seconds, or a date.
fn until(field: &str, now: Timestamp) -> Option<Timestamp> {
    let asked = match field.trim().parse::<u32>() {
        Ok(seconds) => now + Duration::from_secs(u64::from(seconds)),
        Err(_) => read_http_date(field)?,
    };
    (asked >= now && asked.since(now) <= LONGEST_WAIT).then_some(asked)
}

impl RdapReply {
    /// The address, safe to show.
    pub fn server(&self) -> String {
        shown::text(&self.url.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_believed_within_reason() {
        let now: Timestamp = "2026-10-08T12:00:00Z".parse().unwrap();
        let said = |field| until(field, now).map(|at| at.to_string());
        assert_eq!(said("120").as_deref(), Some("2026-10-08T12:02:00Z"));
        assert_eq!(said(" Thu, 08 Oct 2026 12:00:30 GMT").as_deref(), Some("2026-10-08T12:00:30Z"));
        for none in ["", "-5", "soon", "99999999999", "4000000000", "Thu, 08 Oct 2020 12:00:30 GMT"] {
            assert_eq!(said(none), None, "{none}");
        }
    }

    #[test]
    fn a_status_means_no_more_than_it_says() {
        let of = |status, body: &str, cut: Option<&str>| {
            let reply =
                Reply { status, retry_after: None, location: None, body: Vec::new(), cut: cut.map(str::to_owned) };
            outcome(&reply, body, &"x.example".parse().unwrap(), Timestamp::from_secs(0)).word()
        };
        let whole = r#"{"ldhName":"X.EXAMPLE"}"#;
        assert_eq!(of(200, whole, None), "found");
        assert_eq!(of(200, whole, Some("cut")), "unreadable");
        assert_eq!(of(200, r#"{"ldhName":"y.example"}"#, None), "unreadable");
        assert_eq!(of(404, "", None), "not-found");
        assert_eq!(of(404, r#"{"errorCode":404}"#, None), "not-found");
        assert_eq!(of(404, "<html>no such page</html>", None), "unreadable");
        assert_eq!(of(429, "", None), "limited");
        assert_eq!(of(503, whole, None), "unreadable");
    }
}
