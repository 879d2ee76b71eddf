//! A client that works on a broken machine: pinned addresses, roots of trust compiled in, nothing followed, nothing
//! repeated, replies of bounded size. It sends requests and returns what came; it judges nothing.

use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use crate::dns::shown;

use super::bootstrap::{Bootstrap, LookUpHost};
use super::error::HttpError;
use super::proxy::ProxySettings;
use super::url::HttpUrl;

/// How long and how much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Until a connection stands: address, TCP and TLS.
    pub connect: Duration,
    /// From the beginning until the last octet of the reply.
    pub total: Duration,
    /// Most octets of a reply's body that are kept; reading stops there.
    pub body: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connect: Duration::from_secs(3), total: Duration::from_secs(8), body: 64 * 1024 }
    }
}

/// A client for requests to the outside. Cloning it is cheap and shares its connections.
#[derive(Clone)]
pub struct HttpClient {
    /// For other machines: through the proxy, if there is one.
    outside: reqwest::Client,
    /// For this machine: never through a proxy.
    loopback: reqwest::Client,
    limits: Limits,
    proxy_note: Option<String>,
}

/// Roots of trust besides those compiled in.
#[derive(Debug, Clone, Default)]
pub struct ExtraRoots(Vec<CertificateDer<'static>>);

impl ExtraRoots {
    /// None.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Reads certificates in PEM (RFC 7468), one after the other.
    ///
    /// # Errors
    /// [`HttpError::BadRoots`] when there is none, or one cannot be read.
    pub fn read(pem: &[u8]) -> Result<Self, HttpError> {
        let wrong = |reason: String| HttpError::BadRoots { reason: shown::text(&reason) };
        let roots: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
        let roots = roots.map_err(|e| wrong(e.to_string()))?;
        if roots.is_empty() { Err(wrong("it holds no certificate".to_owned())) } else { Ok(Self(roots)) }
    }
}

/// How to ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Fetches.
    Get,
    /// Posts an empty body.
    Post,
}

/// One request. The body is always empty.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// How.
    pub method: Method,
    /// Where, the query included.
    pub url: &'a HttpUrl,
    /// Which media types are wanted, as the `Accept` field has them; none sends `*/*`.
    pub accept: Option<&'a str>,
}

/// What came back: a status at least.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The `Retry-After` field as it stands.
    pub retry_after: Option<String>,
    /// The `Location` field as it stands; never followed here.
    pub location: Option<String>,
    /// The body, as far as it was read.
    pub body: Vec<u8>,
    /// Why the body is not whole, in words safe to show; none when it is.
    pub cut: Option<String>,
}

impl HttpClient {
    /// A client that finds hosts by their pinned addresses or by `look_up`, and goes through `proxy`.
    ///
    /// # Errors
    /// [`HttpError::BadProxy`] or [`HttpError::NoClient`].
    pub fn new(look_up: &LookUpHost, proxy: &ProxySettings, limits: Limits) -> Result<Self, HttpError> {
        Self::trusting(look_up, proxy, limits, &ExtraRoots::none())
    }

    /// The same, trusting further roots besides the compiled-in ones: those of a proxy that opens TLS, say.
    ///
    /// # Errors
    /// As [`HttpClient::new`].
    pub fn trusting(
        look_up: &LookUpHost,
        proxy: &ProxySettings,
        limits: Limits,
        roots: &ExtraRoots,
    ) -> Result<Self, HttpError> {
        let tls = tls_settings(roots)?;
        let build = |proxy: Option<reqwest::Proxy>| {
            let builder = reqwest::Client::builder()
                .user_agent(concat!("unpark/", env!("CARGO_PKG_VERSION")))
                .tls_backend_preconfigured(tls.clone())
                .dns_resolver(Arc::new(Bootstrap(Arc::clone(look_up))))
                .redirect(reqwest::redirect::Policy::none())
                .retry(reqwest::retry::never())
                .referer(false)
                .connect_timeout(limits.connect)
                .timeout(limits.total)
                // First drops what the library would read from the environment by itself, then adds ours.
                .no_proxy();
            let builder = match proxy {
                Some(proxy) => builder.proxy(proxy),
                None => builder,
            };
            builder.build().map_err(|e| HttpError::NoClient { reason: cause(&e) })
        };
        let (outside, loopback) = (build(proxy.proxy()?)?, build(None)?);
        Ok(Self { outside, loopback, limits, proxy_note: proxy.note() })
    }

    /// A sentence on the proxy in use; none when there is none.
    #[must_use]
    pub fn proxy_note(&self) -> Option<&str> {
        self.proxy_note.as_deref()
    }

    /// Sends a request once and reads the reply. May be dropped at any time; the connection is then closed.
    ///
    /// # Errors
    /// [`HttpError::NotSent`] when no connection came about, at any of the host's addresses;
    /// [`HttpError::NoAnswer`] when the request may have left, but no status came back.
    pub async fn send(&self, request: Request<'_>) -> Result<Reply, HttpError> {
        let client = if request.url.is_loopback() { &self.loopback } else { &self.outside };
        let url = request.url.inner().clone();
        let builder = match request.method {
            Method::Get => client.get(url),
            // The library leaves the field out of an empty POST, which some servers answer with 411.
            Method::Post => client.post(url).header(reqwest::header::CONTENT_LENGTH, "0"),
        };
        let builder = match request.accept {
            Some(accept) => builder.header(reqwest::header::ACCEPT, accept),
            None => builder,
        };
        self.hear(builder).await
    }

    /// Posts a JSON text once and reads the reply.
    ///
    /// # Errors
    /// As [`HttpClient::send`].
    pub async fn post_json(&self, url: &HttpUrl, json: &str) -> Result<Reply, HttpError> {
        let client = if url.is_loopback() { &self.loopback } else { &self.outside };
        let builder = client.post(url.inner().clone());
        self.hear(builder.header(reqwest::header::CONTENT_TYPE, "application/json").body(json.to_owned())).await
    }

    async fn hear(&self, builder: reqwest::RequestBuilder) -> Result<Reply, HttpError> {
        let mut response = builder.send().await.map_err(|e| self.failure(&e))?;
        let field = |name| {
            let value = response.headers().get(name)?;
            Some(shown::octets(value.as_bytes()))
        };
        let mut reply = Reply {
            status: response.status().as_u16(),
            retry_after: field(reqwest::header::RETRY_AFTER),
            location: field(reqwest::header::LOCATION),
            body: Vec::new(),
            cut: None,
        };
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) => {
                    let room = self.limits.body.saturating_sub(reply.body.len());
                    reply.body.extend(chunk.iter().take(room));
                    if chunk.len() > room {
                        reply.cut = Some(format!("the reply is longer than {} octets", self.limits.body));
                        return Ok(reply);
                    }
                }
                Ok(None) => return Ok(reply),
                Err(error) if error.is_timeout() => {
                    reply.cut = Some(format!("the reply did not end within {}", seconds(self.limits.total)));
                    return Ok(reply);
                }
                Err(error) => {
                    reply.cut = Some(format!("the reply broke off: {}", cause(&error)));
                    return Ok(reply);
                }
            }
        }
    }

    /// What an error before the status means: had the request left?
    fn failure(&self, error: &reqwest::Error) -> HttpError {
        match (error.is_connect() || error.is_builder(), error.is_timeout()) {
            (true, true) => {
                HttpError::NotSent { reason: format!("no connection within {}", seconds(self.limits.connect)) }
            }
            (true, false) => HttpError::NotSent { reason: cause(error) },
            (false, true) => HttpError::NoAnswer { reason: format!("none within {}", seconds(self.limits.total)) },
            (false, false) => HttpError::NoAnswer { reason: cause(error) },
        }
    }
}

impl std::fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HttpClient")
            .field("limits", &self.limits)
            .field("proxy", &self.proxy_note)
            .finish_non_exhaustive()
    }
}

/// TLS with the roots of trust compiled in and the crypto provider named, so that neither CA files nor a default set
/// for the whole process is needed.
fn tls_settings(extra: &ExtraRoots) -> Result<rustls::ClientConfig, HttpError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut roots = rustls::RootCertStore::empty();
    roots.add_parsable_certificates(webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().cloned());
    roots.add_parsable_certificates(extra.0.iter().cloned());
    let builder = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| HttpError::NoClient { reason: shown::text(&e.to_string()) })?;
    let mut tls = builder.with_root_certificates(roots).with_no_client_auth();
    tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(tls)
}

/// The innermost cause of an error, in words safe to show: the outer ones only say that a request failed.
fn cause(error: &reqwest::Error) -> String {
    let mut innermost: &dyn std::error::Error = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    shown::text(&innermost.to_string())
}

/// A span in seconds, for a sentence.
fn seconds(span: Duration) -> String {
    format!("{} s", span.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::no_look_up;

    #[test]
    fn a_client_is_built_without_ca_files_and_without_a_default_provider() {
        // Building reads neither files nor environment: the roots and the provider are given.
        let tls = tls_settings(&ExtraRoots::none()).unwrap();
        assert_eq!(tls.alpn_protocols.len(), 2);
        let client = HttpClient::new(&no_look_up(), &ProxySettings::none(), Limits::default()).unwrap();
        assert_eq!(client.proxy_note(), None);
    }

    #[test]
    fn the_proxy_in_use_is_reported() {
        let proxy = ProxySettings::read(|v| (v == "HTTPS_PROXY").then(|| "http://127.0.0.1:3128".to_owned())).unwrap();
        let client = HttpClient::new(&no_look_up(), &proxy, Limits::default()).unwrap();
        assert_eq!(client.proxy_note(), Some("https goes through the proxy http://127.0.0.1:3128 (HTTPS_PROXY)"));
    }
}
