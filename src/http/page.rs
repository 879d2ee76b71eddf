//! Opens a page in the operator's browser, when that makes sense on this machine. The one place that does.

use super::error::HttpError;

/// Opens a page in the default browser and returns at once. It may look for programs on disk, so
/// call it where blocking for a moment does no harm.
///
/// The address is checked and written anew, so that nothing but a plain http or https address reaches a command.
///
/// # Errors
/// [`HttpError::BadUrl`]; [`HttpError::OverSsh`] and [`HttpError::NoDisplay`] where a browser would open on the wrong
/// machine or inside the terminal; [`HttpError::NoBrowser`] when none starts.
pub fn open_page(url: &str) -> Result<(), HttpError> {
    let page = page_to_open(url, |variable| std::env::var_os(variable).is_some_and(|v| !v.is_empty()))?;
    webbrowser::open(&page).map_err(|e| HttpError::NoBrowser { reason: crate::dns::shown::text(&e.to_string()) })
}

/// The address to hand to the browser, if one may be opened; `is_set` tells which variables are set and not empty.
fn page_to_open(url: &str, is_set: impl Fn(&str) -> bool) -> Result<String, HttpError> {
    let page = super::url::HttpUrl::parse(url)?;
    if ["SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY"].into_iter().any(&is_set) {
        return Err(HttpError::OverSsh);
    }
    // Without a graphical session a text browser might take over the terminal. Windows, macOS and the Windows
    // Subsystem for Linux do not say it by these variables.
    let graphical = !cfg!(unix) || cfg!(target_os = "macos") || {
        ["DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME"].into_iter().any(&is_set)
    };
    if graphical { Ok(page.to_string()) } else { Err(HttpError::NoDisplay) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_browser_over_ssh_nor_without_a_graphical_session() {
        let page = "https://dns.google/cache";
        let open = |set: &[&str]| page_to_open(page, |variable| set.contains(&variable));
        assert_eq!(open(&["DISPLAY"]).unwrap(), page);
        for ssh in ["SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY"] {
            let error = open(&["DISPLAY", ssh]).unwrap_err();
            assert_eq!(error, HttpError::OverSsh);
            assert!(error.hint().unwrap().contains("by hand"));
        }
        if cfg!(target_os = "linux") {
            assert_eq!(open(&[]), Err(HttpError::NoDisplay));
        }
    }

    #[test]
    fn only_web_addresses_reach_a_command() {
        for bad in ["file:///etc/passwd", "javascript:alert(1)", "--help", "", "http://192.0.2.1/"] {
            assert!(page_to_open(bad, |variable| variable == "DISPLAY").is_err(), "{bad}");
        }
        let odd = page_to_open("https://dns.google/cache?a=`id`\"'$(x) y", |v| v == "DISPLAY").unwrap();
        assert!(!odd.contains(['"', ' ']), "{odd}");
    }
}
