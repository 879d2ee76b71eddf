//! Addresses that may be used: https to anywhere, plain http to this machine only, never with a password inside.

use std::fmt;

use reqwest::Url;

use crate::dns::shown;

use super::error::HttpError;

/// Longest address accepted, in octets.
const LONGEST: usize = 2048;

/// A checked address: `https://` to any host, or `http://` to a loopback address or `localhost`.
///
/// It holds no user name, password or fragment. `Display` gives it in full, in ASCII.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpUrl(Url);

impl HttpUrl {
    /// Reads and checks an address.
    ///
    /// # Errors
    /// [`HttpError::BadUrl`] and [`HttpError::PlainHttp`].
    pub fn parse(text: &str) -> Result<Self, HttpError> {
        let text = text.trim();
        let refuse = |reason: &str| HttpError::BadUrl { url: shown_url(text), reason: reason.to_owned() };
        if text.len() > LONGEST {
            return Err(refuse("it is longer than 2048 octets"));
        }
        let url = Url::parse(text).map_err(|error| refuse(&error.to_string()))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(refuse("it begins neither with https:// nor with http://"));
        }
        let Some(host) = url.host_str().filter(|host| !host.is_empty()) else {
            return Err(refuse("it names no host"));
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refuse("it holds a user name or password"));
        }
        if url.fragment().is_some() {
            return Err(refuse("it holds a fragment (#)"));
        }
        if url.port() == Some(0) {
            return Err(refuse("port 0 is no port"));
        }
        if url.scheme() == "http" && !is_loopback_host(host) {
            return Err(HttpError::PlainHttp { host: shown::text(host) });
        }
        Ok(Self(url))
    }

    /// Whether it leads to this machine by its text alone.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.0.host_str().is_some_and(is_loopback_host)
    }

    /// The host, with the port where it is not the scheme's usual one.
    pub(super) fn host(&self) -> String {
        let host = self.0.host_str().unwrap_or_default();
        self.0.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }

    /// The same address with another query, already percent-encoded.
    #[must_use]
    pub fn with_query(&self, query: &str) -> Self {
        let mut url = self.0.clone();
        url.set_query(Some(query));
        Self(url)
    }

    /// The same address with another path.
    pub(super) fn with_path(&self, path: &str) -> Self {
        let mut url = self.0.clone();
        url.set_path(path);
        Self(url)
    }

    /// The address that a reference on this page leads to (RFC 3986 §5), checked as any other. From another machine nothing
    /// leads back to this one.
    ///
    /// # Errors
    /// As [`HttpUrl::parse`].
    pub(super) fn join(&self, reference: &str) -> Result<Self, HttpError> {
        let refuse = |reason: String| HttpError::BadUrl { url: shown_url(reference), reason };
        let joined = self.0.join(reference.trim()).map_err(|error| refuse(error.to_string()))?;
        let joined = Self::parse(joined.as_str())?;
        if joined.is_loopback() && !self.is_loopback() {
            return Err(refuse("it leads from another machine to this one".to_owned()));
        }
        Ok(joined)
    }

    /// The library's form.
    pub(super) const fn inner(&self) -> &Url {
        &self.0
    }
}

impl fmt::Display for HttpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0.as_str())
    }
}

impl fmt::Debug for HttpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str())
    }
}

/// Whether a host of an address is `localhost` or a loopback address. The library has already brought odd spellings
/// (`127.1`, `0x7f000001`, capitals) into their usual form.
fn is_loopback_host(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare.parse::<std::net::IpAddr>().map_or(host == "localhost", |ip| ip.is_loopback())
}

/// The text of an address as it may be shown in an error: without what stands before an `@`.
pub(super) fn shown_url(text: &str) -> String {
    match (text.split_once("://"), text.rfind('@')) {
        (Some((scheme, _)), Some(at)) if at > scheme.len() => {
            shown::text(&format!("{scheme}://…{}", text.get(at..).unwrap_or_default()))
        }
        (None, Some(at)) => shown::text(&format!("…{}", text.get(at..).unwrap_or_default())),
        _ => shown::text(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_goes_anywhere_and_http_only_to_this_machine() {
        for good in [
            "https://one.one.one.one/api",
            "http://127.0.0.1:8080",
            "http://127.9.9.9/",
            "http://[::1]:80/x?y",
            "http://LOCALHOST:1",
            "http://127.1/",
        ] {
            assert!(HttpUrl::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "http://one.one.one.one/",
            "http://192.0.2.1/",
            "http://localhost.example/",
            "http://127.0.0.1.example/",
            "http://[::ffff:192.0.2.1]/",
            "http://0.0.0.0/",
        ] {
            let error = HttpUrl::parse(bad).unwrap_err();
            assert!(matches!(error, HttpError::PlainHttp { .. }), "{bad}: {error}");
            assert!(error.hint().is_some());
        }
    }

    #[test]
    fn other_addresses_are_refused_with_a_reason_and_without_their_password() {
        for bad in [
            "",
            "one.one.one.one",
            "ftp://one.one.one.one/",
            "file:///etc/passwd",
            "https://",
            "https://user:secret@one.one.one.one/",
            "https://one.one.one.one:0/",
            "https://one.one.one.one/#x",
            "user:secret@host",
            "https://a\u{1b}[2J@\u{1b}b/",
        ] {
            let error = HttpUrl::parse(bad).unwrap_err();
            let text = error.to_string();
            assert!(matches!(error, HttpError::BadUrl { .. }), "{bad}: {text}");
            assert!(!text.contains("secret") && text.chars().all(shown::is_plain), "{text}");
        }
        assert!(HttpUrl::parse(&format!("https://h/{}", "x".repeat(LONGEST))).is_err());
    }

    #[test]
    fn references_are_joined_and_checked() {
        let page = HttpUrl::parse("https://rdap.example/v1/domain/x.example").unwrap();
        assert_eq!(page.join("../domain/y").unwrap().to_string(), "https://rdap.example/v1/domain/y");
        assert_eq!(page.join("https://other.example/").unwrap().to_string(), "https://other.example/");
        for bad in
            ["http://other.example/", "https://127.0.0.1/", "http://localhost/", "file:///etc/passwd", "https://u@x/"]
        {
            assert!(page.join(bad).is_err(), "{bad}");
        }
        let here = HttpUrl::parse("http://127.0.0.1:1/a").unwrap();
        assert_eq!(here.join("http://127.0.0.1:2/b").unwrap().to_string(), "http://127.0.0.1:2/b");
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_or_refused(text: String) {
            if let Err(error) = HttpUrl::parse(&text) {
                proptest::prop_assert!(error.to_string().chars().all(shown::is_plain));
            }
        }
    }
}
