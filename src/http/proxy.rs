//! The proxy that the environment asks for, read here so that what is used and what is reported are the same.
//!
//! Only requests over https to other machines go through it; those to this machine never do. The proxy then
//! resolves the host, so the pinned addresses are not used.

use reqwest::{NoProxy, Proxy, Url};

use super::error::HttpError;
use super::url::shown_url;

/// Longest value of a proxy variable that is read, in octets.
const LONGEST: usize = 2048;

/// Which proxy to use, and for which hosts not.
#[derive(Clone, Default)]
pub struct ProxySettings {
    /// The variable and the address of the proxy.
    address: Option<(&'static str, Url)>,
    /// Hosts, domains and networks that are reached without it.
    except: Option<String>,
}

impl ProxySettings {
    /// No proxy at all.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// From this process's environment: `HTTPS_PROXY`, else `ALL_PROXY`, and `NO_PROXY`, each also in lower case.
    ///
    /// # Errors
    /// [`HttpError::BadProxy`] when a proxy is named that cannot be used; going round it silently would be wrong.
    pub fn from_environment() -> Result<Self, HttpError> {
        Self::read(|variable| std::env::var(variable).ok())
    }

    /// From variables that `value` looks up; empty ones count as unset.
    ///
    /// # Errors
    /// As [`ProxySettings::from_environment`].
    pub fn read(value: impl Fn(&str) -> Option<String>) -> Result<Self, HttpError> {
        let set = |variable: &str| value(variable).map(|v| v.trim().to_owned()).filter(|v| !v.is_empty());
        let named = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]
            .into_iter()
            .find_map(|variable| set(variable).map(|text| (variable, text)));
        let address = match named {
            Some((variable, text)) => Some((variable, proxy_url(variable, &text)?)),
            None => None,
        };
        Ok(Self { address, except: set("NO_PROXY").or_else(|| set("no_proxy")) })
    }

    /// The library's form; none when there is no proxy.
    pub(super) fn proxy(&self) -> Result<Option<Proxy>, HttpError> {
        let Some((variable, url)) = &self.address else { return Ok(None) };
        let proxy = Proxy::https(url.clone())
            .map_err(|e| HttpError::BadProxy { variable, reason: e.without_url().to_string() })?;
        Ok(Some(proxy.no_proxy(self.except.as_deref().and_then(NoProxy::from_string))))
    }

    /// A sentence on what is used, without user name and password; none when there is no proxy.
    #[must_use]
    pub fn note(&self) -> Option<String> {
        let (variable, url) = self.address.as_ref()?;
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        let host = url.host_str().unwrap_or_default();
        let mut note = format!("https goes through the proxy {}://{host}{port} ({variable})", url.scheme());
        if let Some(except) = &self.except {
            note.push_str(&format!(", except to {} (NO_PROXY)", crate::dns::shown::text(except)));
        }
        Some(note)
    }
}

impl std::fmt::Debug for ProxySettings {
    /// Without user name and password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.note().unwrap_or_else(|| "no proxy".to_owned()))
    }
}

/// The address of a proxy; one without a scheme means http, as everywhere.
fn proxy_url(variable: &'static str, text: &str) -> Result<Url, HttpError> {
    let refuse = |reason: String| HttpError::BadProxy { variable, reason };
    if text.len() > LONGEST {
        return Err(refuse("it is longer than 2048 octets".to_owned()));
    }
    let whole = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
    let url = Url::parse(&whole).map_err(|e| refuse(format!("'{}': {e}", shown_url(text))))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(refuse(format!("'{}' is no http proxy", shown_url(text))));
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err(refuse(format!("'{}' names no host", shown_url(text))));
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(set: &'static [(&'static str, &'static str)]) -> Result<ProxySettings, HttpError> {
        ProxySettings::read(|wanted| set.iter().find(|(name, _)| *name == wanted).map(|(_, v)| (*v).to_owned()))
    }

    #[test]
    fn the_proxy_is_reported_without_its_password() {
        let settings = read(&[("https_proxy", "http://me:secret@proxy.example:3128/"), ("NO_PROXY", "a.example")]);
        let settings = settings.unwrap();
        assert_eq!(
            settings.note().unwrap(),
            "https goes through the proxy http://proxy.example:3128 (https_proxy), except to a.example (NO_PROXY)"
        );
        assert!(!format!("{settings:?}").contains("secret"));
        assert!(settings.proxy().unwrap().is_some());
    }

    #[test]
    fn order_defaults_and_empty_values() {
        assert_eq!(read(&[]).unwrap().note(), None);
        assert_eq!(read(&[("HTTP_PROXY", "http://p.example")]).unwrap().note(), None, "plain http is never proxied");
        let both = read(&[("HTTPS_PROXY", ""), ("ALL_PROXY", "proxy.example:8080")]).unwrap();
        assert_eq!(both.note().unwrap(), "https goes through the proxy http://proxy.example:8080 (ALL_PROXY)");
    }

    #[test]
    fn a_proxy_that_cannot_be_used_is_refused_not_ignored() {
        for value in ["socks5://proxy.example", "http://", "http://me:secret@[::/", "ftp://me:secret@x"] {
            let error = read(match value {
                "socks5://proxy.example" => &[("ALL_PROXY", "socks5://proxy.example")],
                "http://" => &[("ALL_PROXY", "http://")],
                "http://me:secret@[::/" => &[("ALL_PROXY", "http://me:secret@[::/")],
                _ => &[("ALL_PROXY", "ftp://me:secret@x")],
            })
            .unwrap_err();
            assert!(matches!(error, HttpError::BadProxy { variable: "ALL_PROXY", .. }), "{value}");
            assert!(!error.to_string().contains("secret"), "{error}");
        }
    }
}
