//! Sends the steps of a flush plan that need no person: one at a time, slowly, each once. What a reply means is
//! judged by `flush::judge_reply`; what a cache does with it is not known here.
//!
//! A request is repeated only where nothing of it can have left: no connection came about. Then the operator's other hosts are tried,
//! and after a pause all of them again. One that may have left is never sent a second time unasked.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;

use crate::flush::{FlushEndpoints, FlushOperator, FlushOutcome, FlushReply, FlushStep, PURGE_PATH, judge_reply};

use super::client::{HttpClient, Method, Request};
use super::error::HttpError;
use super::url::HttpUrl;

/// The pause between two requests, which makes about three a second. No limit is published; this is our own.
pub const PAUSE_BETWEEN_REQUESTS: Duration = Duration::from_millis(334);

/// How long is waited before all hosts are tried once more, when no connection came about at any of them.
const BACK_OFF: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(3)];

/// After so many steps in a row that could not be sent, the rest is not tried: the way is shut.
const UNSENT_IN_A_ROW: usize = 2;

/// The hosts that take Cloudflare's purge request, as of 2026-11-22. The last needs no name at all.
const CLOUDFLARE_HOSTS: [&str; 3] = ["https://one.one.one.one", "https://cloudflare-dns.com", "https://1.1.1.1"];

/// The addresses of Cloudflare's purge request, checked: one host, and those to fall back to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlushBase {
    first: HttpUrl,
    others: Vec<HttpUrl>,
}

impl FlushBase {
    /// Reads a base such as `https://one.one.one.one`, or a whole address that ends in `/api/v1/purge`.
    ///
    /// # Errors
    /// As [`HttpUrl::parse`], and [`HttpError::BadUrl`] when it has a query, which the request itself needs.
    pub fn parse(text: &str) -> Result<Self, HttpError> {
        let url = HttpUrl::parse(text)?;
        if url.inner().query().is_some() {
            let reason = "it holds a query (?), which the request adds itself".to_owned();
            return Err(HttpError::BadUrl { url: crate::dns::shown::text(&url.to_string()), reason });
        }
        let path = url.inner().path().trim_end_matches('/');
        let whole = if path.ends_with(PURGE_PATH) { path.to_owned() } else { format!("{path}{PURGE_PATH}") };
        Ok(Self { first: url.with_path(&whole), others: Vec::new() })
    }

    /// The same, with another base to fall back to where no connection comes about.
    #[must_use]
    pub fn or(mut self, other: Self) -> Self {
        self.others.push(other.first);
        self.others.extend(other.others);
        self
    }

    /// The whole address of the request, without the query.
    #[must_use]
    pub fn purge_url(&self) -> String {
        self.first.to_string()
    }

    /// Every host in the order in which they are tried.
    fn hosts(&self) -> impl Iterator<Item = &HttpUrl> {
        std::iter::once(&self.first).chain(&self.others)
    }
}

impl Default for FlushBase {
    /// Cloudflare's own addresses.
    fn default() -> Self {
        let read = |host| Self::parse(host).expect("the built-in addresses are checked by a test");
        let [first, rest @ ..] = CLOUDFLARE_HOSTS;
        rest.into_iter().fold(read(first), |base, host| base.or(read(host)))
    }
}

/// Sends flush requests to Cloudflare. Copies of it share one line: however many runs there are, one request is under way at a time.
#[derive(Debug, Clone)]
pub struct CloudflareSender {
    base: FlushBase,
    endpoints: FlushEndpoints,
    client: HttpClient,
    back_off: Vec<Duration>,
    line: Arc<Mutex<()>>,
}

/// What sending one step came to, with what it means for the steps after it.
struct Attempt {
    outcome: FlushOutcome,
    /// Why no further request may follow.
    stop: Option<String>,
}

impl CloudflareSender {
    /// A sender to the given address. Steps of other operators are answered with the page to open.
    #[must_use]
    pub fn new(base: FlushBase, client: HttpClient) -> Self {
        let endpoints = FlushEndpoints { cloudflare: base.purge_url(), ..FlushEndpoints::default() };
        Self { base, endpoints, client, back_off: BACK_OFF.to_vec(), line: Arc::default() }
    }

    /// The same sender with another page for the steps of Google's that need a person.
    #[must_use]
    pub fn with_google_page(mut self, page: &HttpUrl) -> Self {
        self.endpoints.google_page = page.to_string();
        self
    }

    /// The same sender with another page for the steps of OpenDNS's, which all need a person.
    #[must_use]
    pub fn with_opendns_page(mut self, page: &HttpUrl) -> Self {
        self.endpoints.opendns_page = page.to_string();
        self
    }

    /// The same sender with other pauses before a request that could not leave is tried again; none means: never again.
    #[must_use]
    pub fn with_back_off(mut self, pauses: &[Duration]) -> Self {
        self.back_off = pauses.to_vec();
        self
    }

    /// Where requests and people go: what `--dry-run` prints.
    #[must_use]
    pub const fn endpoints(&self) -> &FlushEndpoints {
        &self.endpoints
    }

    /// Sends one step, once. A step that needs a person is not sent but answered with its link.
    ///
    /// May be dropped at any time; a request that had left by then may still be carried out.
    pub async fn send(&self, step: &FlushStep) -> FlushOutcome {
        let _alone = self.line.lock().await;
        self.attempt(step, &self.back_off).await.outcome
    }

    /// Sends the steps in their order, one at a time with `pause` between requests, and reports each as it ends.
    ///
    /// After 403 or 429, or when two steps in a row could not be sent, the remaining requests are skipped; steps for
    /// people are reported all the same. Returns the outcomes in the order of the steps. May be dropped at any
    /// time: then nothing further is sent, and `on_outcome` has been told of every step that ended.
    pub async fn send_all(
        &self,
        steps: &[FlushStep],
        pause: Duration,
        mut on_outcome: impl FnMut(&FlushStep, &FlushOutcome),
    ) -> Vec<FlushOutcome> {
        let _alone = self.line.lock().await;
        let mut outcomes = Vec::with_capacity(steps.len());
        let (mut stop, mut requests, mut unsent) = (None::<String>, 0_usize, 0_usize);
        for step in steps {
            let outcome = match (step.operator, &stop) {
                (FlushOperator::Cloudflare, Some(reason)) => FlushOutcome::Skipped { reason: reason.clone() },
                (FlushOperator::Cloudflare, None) => {
                    if requests > 0 {
                        tokio::time::sleep(pause).await;
                    }
                    requests += 1;
                    // Where even repeating did not help, the next step is tried once and no more.
                    let back_off: &[Duration] = if unsent == 0 { &self.back_off } else { &[] };
                    let attempt = self.attempt(step, back_off).await;
                    unsent = if matches!(attempt.outcome, FlushOutcome::NotSent { .. }) { unsent + 1 } else { 0 };
                    stop = attempt.stop;
                    if stop.is_none() && unsent >= UNSENT_IN_A_ROW {
                        stop = Some(format!("{unsent} requests in a row could not be sent"));
                    }
                    attempt.outcome
                }
                _ => self.attempt(step, &[]).await.outcome,
            };
            on_outcome(step, &outcome);
            outcomes.push(outcome);
        }
        outcomes
    }

    /// Sends one step and says whether more may follow. Only what could not leave is tried again.
    async fn attempt(&self, step: &FlushStep, back_off: &[Duration]) -> Attempt {
        if let Some(link) = step.link(&self.endpoints) {
            return Attempt { outcome: FlushOutcome::NeedsAPerson { link }, stop: None };
        }
        let mut pauses = back_off.iter();
        loop {
            let mut reasons: Vec<String> = Vec::new();
            for host in self.base.hosts() {
                match self.request(host, step).await {
                    Ok(attempt) => return attempt,
                    Err(reason) if reasons.contains(&reason) => {}
                    Err(reason) => reasons.push(reason),
                }
            }
            match pauses.next() {
                Some(pause) => tokio::time::sleep(*pause).await,
                None => return Attempt { outcome: FlushOutcome::NotSent { reason: reasons.join("; ") }, stop: None },
            }
        }
    }

    /// One request to one host.
    ///
    /// # Errors
    /// Nothing of it left, and why.
    async fn request(&self, host: &HttpUrl, step: &FlushStep) -> Result<Attempt, String> {
        let url = host.with_query(&step.query());
        let request = Request { method: Method::Post, url: &url, accept: None };
        let reply = match self.client.send(request).await {
            Ok(reply) => reply,
            Err(HttpError::NoAnswer { reason }) => {
                let reason = format!("no answer: {reason}");
                return Ok(Attempt { outcome: FlushOutcome::Unclear { reason }, stop: None });
            }
            Err(HttpError::NotSent { reason }) => return Err(reason),
            Err(other) => return Err(other.to_string()),
        };
        let judged = judge_reply(reply.status, reply.retry_after.as_deref(), &reply.body);
        let outcome = match (&judged, reply.cut) {
            // Half a message proves nothing, whatever it seems to say.
            (FlushReply::Queued { .. } | FlushReply::Garbage { .. }, Some(reason)) => FlushOutcome::Unclear { reason },
            _ => judged.outcome(),
        };
        let stop = judged.forbids_more().then(|| format!("an earlier request was answered: {judged}"));
        Ok(Attempt { outcome, stop })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_and_a_whole_address_come_to_the_same() {
        for (text, whole) in [
            ("https://one.one.one.one", "https://one.one.one.one/api/v1/purge"),
            ("https://one.one.one.one/", "https://one.one.one.one/api/v1/purge"),
            ("https://one.one.one.one/api/v1/purge/", "https://one.one.one.one/api/v1/purge"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080/api/v1/purge"),
            ("http://[::1]:8080/mirror", "http://[::1]:8080/mirror/api/v1/purge"),
        ] {
            assert_eq!(FlushBase::parse(text).unwrap().purge_url(), whole);
        }
        assert_eq!(FlushBase::default().purge_url(), FlushEndpoints::default().cloudflare);
    }

    #[test]
    fn every_known_host_is_fallen_back_to_in_order() {
        let hosts: Vec<String> = FlushBase::default().hosts().map(ToString::to_string).collect();
        let known = ["one.one.one.one", "cloudflare-dns.com", "1.1.1.1"];
        assert_eq!(hosts, known.map(|host| format!("https://{host}/api/v1/purge")));
        let given = FlushBase::parse("https://flush.example").unwrap();
        assert_eq!(given.hosts().count(), 1, "an address that somebody gave is the only one");
    }

    #[test]
    fn a_bad_base_is_refused_with_a_hint() {
        for bad in ["", "one.one.one.one", "http://one.one.one.one", "https://x/?domain=y", "https://u:p@x"] {
            let error = FlushBase::parse(bad).unwrap_err();
            assert!(error.hint().is_some(), "{bad}: {error}");
        }
    }
}
