//! Who asks the registries, and by which table of servers: the operator's own, else IANA's newest as fetched before, else
//! the built-in one.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::catalog::RdapTable;
use crate::cli::arg_groups::RegistryArgs;
use crate::cli::complain::Complaint;
use crate::cli::config::{Settings, read_text};
use crate::cli::network::look_up;
use crate::engine::AskRegistry;
use crate::http::{
    HttpClient, HttpError, HttpUrl, Limits, Method, ProxySettings, RDAP_LIMITS, RdapClient, RegistryClient, Request,
    WHOIS_LIMITS, WhoisClient, WhoisServer,
};
use crate::probe::Walker;
use crate::registration::read_bootstrap;
use crate::time::ReadClock;

/// The largest table of RDAP servers that is read.
const LARGEST_TABLE: u64 = 8 << 20;
/// IANA's own table (RFC 9224 §3).
const BOOTSTRAP: &str = "https://data.iana.org/rdap/dns.json";
/// Replaces it.
const BOOTSTRAP_VARIABLE: &str = "UNPARK_RDAP_BOOTSTRAP_URL";
/// A fetched table is fetched again when it is older than this.
const REFRESH_AFTER: Duration = Duration::from_secs(7 * 86_400);
/// Fewer services than this are not IANA's whole table.
const LEAST_DOMAINS: usize = 500;

/// What registries are asked with.
pub struct Registries {
    /// Asks.
    pub client: RegistryClient,
    /// The HTTP client below it, for IANA's table.
    http: HttpClient,
    /// Whether the operator gave a table: then none is fetched.
    own_table: bool,
}

/// Opens what registries are asked with: `table` and `whois` from the command line or the environment outrank the
/// settings; one question takes at most `total`.
///
/// # Errors
/// A table, server or proxy that cannot be used, named with its source.
pub fn registries(
    settings: &Settings,
    args: &RegistryArgs,
    walker: &Arc<Walker>,
    total: Duration,
) -> Result<Registries, Complaint> {
    let file =
        args.rdap_table.as_deref().or(settings.rdap_table.as_deref()).filter(|path| !path.as_os_str().is_empty());
    let (own_table, table) = (file.is_some(), read_table(file)?);
    let server =
        args.whois_server.as_deref().or(settings.whois_server.as_deref()).filter(|text| !text.trim().is_empty());
    let server = server.map(str::parse::<WhoisServer>).transpose().map_err(|e| wrong("the WHOIS server", &e))?;
    let proxy = ProxySettings::from_environment().map_err(|e| wrong("the proxy in the environment", &e))?;
    let look_up = look_up(walker);
    let http =
        HttpClient::new(&look_up, &proxy, within(RDAP_LIMITS, total)).map_err(|e| wrong("the HTTP client", &e))?;
    let whois = WhoisClient::new(&look_up, server, within(WHOIS_LIMITS, total));
    let client = RegistryClient::new(table, RdapClient::new(http.clone(), total), whois);
    Ok(Registries { client, http, own_table })
}

/// The same for a command that has no options of its own for it: from the environment and the settings.
///
/// # Errors
/// As [`registries`].
pub fn registries_of_environment(
    settings: &Settings,
    walker: &Arc<Walker>,
    total: Duration,
) -> Result<Registries, Complaint> {
    let args = RegistryArgs {
        rdap_table: std::env::var_os("UNPARK_RDAP_TABLE").map(PathBuf::from),
        whois_server: std::env::var("UNPARK_WHOIS_SERVER").ok(),
    };
    registries(settings, &args, walker, total)
}

impl Registries {
    /// As the engine asks.
    pub fn ask(&self, clock: Arc<dyn ReadClock>) -> AskRegistry {
        ask_with(self.client.clone(), clock)
    }

    /// Fetches IANA's table where the one fetched before is old or missing. For the next run: this one has its table.
    ///
    /// # Errors
    /// In words, why there is no newer table; the old one stays.
    pub async fn refresh_table(&self) -> Result<bool, String> {
        let Some(path) = cached_table().filter(|_| !self.own_table) else { return Ok(false) };
        let young = |path: &Path| {
            let modified = path.metadata().and_then(|file| file.modified()).ok()?;
            SystemTime::now().duration_since(modified).ok().map(|age| age < REFRESH_AFTER)
        };
        if young(&path) == Some(true) {
            return Ok(false);
        }
        self.fetch_table(&path).await.map(|()| true)
    }

    async fn fetch_table(&self, path: &Path) -> Result<(), String> {
        let given = std::env::var(BOOTSTRAP_VARIABLE).ok().filter(|url| !url.is_empty());
        let url = HttpUrl::parse(given.as_deref().unwrap_or(BOOTSTRAP)).map_err(|e| e.to_string())?;
        let request = Request { method: Method::Get, url: &url, accept: Some("application/json") };
        let reply = self.http.send(request).await.map_err(|e| format!("{url}: {e}"))?;
        if reply.status != 200 {
            return Err(format!("{url}: HTTP {}", reply.status));
        }
        if let Some(cut) = reply.cut {
            return Err(format!("{url}: {cut}"));
        }
        let text = String::from_utf8(reply.body).map_err(|_| format!("{url}: no UTF-8 text"))?;
        let table = read_bootstrap(&text).map_err(|e| format!("{url}: {e}"))?;
        if table.len() < LEAST_DOMAINS {
            return Err(format!("{url}: only {} top-level domains; the whole table has more", table.len()));
        }
        // A reader must never see half a table.
        let written = || -> std::io::Result<()> {
            if let Some(folder) = path.parent() {
                std::fs::create_dir_all(folder)?;
            }
            let half = path.with_extension(format!("{}.new", std::process::id()));
            std::fs::write(&half, &text)?;
            std::fs::rename(&half, path)
        };
        written().map_err(|e| format!("{}: {e}", path.display()))
    }
}

/// A client as the engine asks it.
pub fn ask_with(client: RegistryClient, clock: Arc<dyn ReadClock>) -> AskRegistry {
    Arc::new(move |zone| {
        let (client, clock) = (client.clone(), Arc::clone(&clock));
        Box::pin(async move { client.hear(&zone, clock.as_ref()).await })
    })
}

fn within(limits: Limits, total: Duration) -> Limits {
    Limits { connect: limits.connect.min(total), total, ..limits }
}

fn wrong(what: &str, error: &HttpError) -> Complaint {
    Complaint::usage(format!("{what}: {error}"), error.hint().unwrap_or("see unpark registration --help"))
}

/// Where IANA's table is kept between runs; none where the user has no home.
fn cached_table() -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let folder = set("XDG_CACHE_HOME").or_else(|| set("HOME").map(|home| home.join(".cache")))?;
    Some(folder.join("unpark").join("rdap-dns.json"))
}

/// The operator's table: of the built-in one's form, or IANA's own, to which the built-in servers that IANA lacks are
/// added. Without one IANA's as fetched before, else the built-in one.
fn read_table(file: Option<&Path>) -> Result<RdapTable, Complaint> {
    let Some(path) = file else {
        // What was fetched before is a convenience: when it cannot be read, the built-in one does.
        let fetched = cached_table().and_then(|path| read_text(&path, LARGEST_TABLE).ok());
        let fetched = fetched.and_then(|text| read_bootstrap(&text).ok());
        return Ok(fetched.map_or_else(RdapTable::embedded, |table| table.filled_from(&RdapTable::embedded())));
    };
    let text = read_text(path, LARGEST_TABLE)?;
    let hint = "docs/data.md describes the form; IANA's dns.json is read too";
    if text.trim_start().starts_with('{') {
        let table = read_bootstrap(&text);
        let table = table.map_err(|e| Complaint::usage(format!("{}: {e}", path.display()), hint))?;
        return Ok(table.filled_from(&RdapTable::embedded()));
    }
    RdapTable::parse(&text, &path.display().to_string()).map_err(|e| Complaint::usage(e.to_string(), hint))
}
