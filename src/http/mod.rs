//! The outbound HTTP edge: a client that does not need this machine's resolver or CA files, the sender of flush
//! requests, and the page opened in a browser.
//!
//! The only module that knows the HTTP library. It sends exactly what it is told, each request once, follows no
//! redirect, reads a bounded reply, and judges nothing: `flush` does.

mod bootstrap;
mod client;
mod error;
mod flush;
mod page;
mod proxy;
mod url;

pub use bootstrap::{LookUpHost, PINNED_ON, no_look_up};
pub use client::{HttpClient, Limits, Method, Reply, Request};
pub use error::HttpError;
pub use flush::{CloudflareSender, FlushBase, PAUSE_BETWEEN_REQUESTS};
pub use page::open_page;
pub use proxy::ProxySettings;
pub use url::HttpUrl;
