//! What can go wrong at the HTTP edge. Every text in an error is safe to show.

use thiserror::Error;

/// Why a request could not be made, or a page not opened.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum HttpError {
    /// The text is no address that may be used.
    #[error("'{url}' is no usable address: {reason}")]
    BadUrl {
        /// The text, without any password in it.
        url: String,
        /// Which rule it breaks.
        reason: String,
    },
    /// Plain HTTP to another machine.
    #[error("plain http:// is allowed only to this machine, not to '{host}'")]
    PlainHttp {
        /// The host.
        host: String,
    },
    /// The text names no WHOIS server.
    #[error("'{server}' names no WHOIS server: {reason}")]
    BadServer {
        /// The text, safe to show.
        server: String,
        /// Which rule it breaks.
        reason: String,
    },
    /// The proxy named in the environment cannot be used.
    #[error("the proxy in {variable} cannot be used: {reason}")]
    BadProxy {
        /// The environment variable.
        variable: &'static str,
        /// Why.
        reason: String,
    },
    /// The client could not be built: a fault of this program or machine.
    #[error("no HTTP client can be made here: {reason}")]
    NoClient {
        /// The library's words.
        reason: String,
    },
    /// The certificates to be trusted besides the built-in ones cannot be read.
    #[error("the certificates cannot be read: {reason}")]
    BadRoots {
        /// Why.
        reason: String,
    },
    /// No connection came about, so nothing of the request was sent.
    #[error("nothing was sent: {reason}")]
    NotSent {
        /// The innermost cause.
        reason: String,
    },
    /// The request may have been sent, but no status came back.
    #[error("no answer: {reason}")]
    NoAnswer {
        /// The innermost cause.
        reason: String,
    },
    /// A browser is not opened from a session over SSH: it would open on the wrong machine, or in the terminal.
    #[error("this is a session over SSH, so no browser is opened")]
    OverSsh,
    /// There is no graphical session to open a browser in.
    #[error("there is no graphical session here, so no browser is opened")]
    NoDisplay,
    /// No browser could be started.
    #[error("no browser could be started: {reason}")]
    NoBrowser {
        /// The library's words.
        reason: String,
    },
}

impl HttpError {
    /// What to do about it, where there is something to be done.
    #[must_use]
    pub const fn hint(&self) -> Option<&'static str> {
        match self {
            Self::BadUrl { .. } => Some("give an address such as https://one.one.one.one or http://127.0.0.1:8080"),
            Self::PlainHttp { .. } => Some("use https://, or http:// with 127.0.0.1, [::1] or localhost"),
            Self::BadServer { .. } => Some("write host:port, such as whois.example:43 or [::1]:4343"),
            Self::BadRoots { .. } => Some("give a file of CA certificates in PEM"),
            Self::BadProxy { .. } => Some("use an http:// or https:// proxy, or unset the variable"),
            Self::OverSsh | Self::NoDisplay | Self::NoBrowser { .. } => {
                Some("open the page by hand, on any machine with a browser")
            }
            Self::NoClient { .. } | Self::NotSent { .. } | Self::NoAnswer { .. } => None,
        }
    }
}
