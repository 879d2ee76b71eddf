//! The outbound HTTP edge: a client that does not need this machine's resolver or CA files, the sender of flush
//! requests, the page opened in a browser, and the questions to registries (RDAP, and WHOIS where there is none).
//!
//! The only module that knows the HTTP library. It sends exactly what it is told, each request once, reads a bounded
//! reply, and judges nothing: `flush` and `registration` do. Only RDAP follows redirects, few and checked.

mod bootstrap;
mod client;
mod error;
mod flush;
mod page;
mod proxy;
mod rdap;
mod registry;
mod url;
mod webhook;
mod whois;

pub use bootstrap::{LookUpHost, PINNED_ON, no_look_up};
pub use client::{ExtraRoots, HttpClient, Limits, Method, Reply, Request};
pub use error::HttpError;
pub use flush::{CloudflareSender, FlushBase, PAUSE_BETWEEN_REQUESTS};
pub use page::open_page;
pub use proxy::ProxySettings;
pub use rdap::{RDAP_LIMITS, RdapClient};
pub use registry::RegistryClient;
pub use url::HttpUrl;
pub use webhook::Webhook;
pub use whois::{WHOIS_LIMITS, WHOIS_PORT, WhoisClient, WhoisServer};
