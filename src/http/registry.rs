//! Asks about a registration where it is known: the registry by RDAP, or by WHOIS where there is no RDAP, then the registrar's
//! own RDAP, to which the registry points. One question at a time, each once. Judges nothing.

use crate::catalog::{RdapServer, RdapTable};
use crate::dns::{Name, shown};
use crate::registration::{Answer, Hearing, Outcome, Source, names_to_ask};
use crate::time::ReadClock;

use super::rdap::{RdapClient, RdapReply};
use super::url::HttpUrl;
use super::whois::WhoisClient;

/// Asks registries and registrars.
#[derive(Debug, Clone)]
pub struct RegistryClient {
    table: RdapTable,
    rdap: RdapClient,
    whois: WhoisClient,
}

impl RegistryClient {
    /// A client with its table of RDAP servers.
    #[must_use]
    pub const fn new(table: RdapTable, rdap: RdapClient, whois: WhoisClient) -> Self {
        Self { table, rdap, whois }
    }

    /// Asks about the registration that `zone` belongs to. May be dropped at any time. Registries limit how often they
    /// answer: ask about one domain at most once a minute, and not before the time of an [`Outcome::Limited`].
    pub async fn hear(&self, zone: &Name, clock: &dyn ReadClock) -> Hearing {
        let mut hearing = self.hear_registry(zone, clock).await;
        self.hear_registrar(&mut hearing, clock).await;
        hearing
    }

    /// The first half of [`RegistryClient::hear`]: the registry alone.
    pub async fn hear_registry(&self, zone: &Name, clock: &dyn ReadClock) -> Hearing {
        let mut hearing = Hearing { zone: zone.clone(), answers: Vec::new(), notes: Vec::new() };
        let Some((suffix, server)) = self.table.find(zone) else {
            let top = zone.labels().last().map(shown::octets).unwrap_or_default();
            hearing.notes.push(format!("No RDAP server is known for {top}; it was asked by WHOIS."));
            self.by_whois(&mut hearing, clock).await;
            return hearing;
        };
        let bases = bases(server);
        if bases.is_empty() {
            hearing.notes.push(format!(
                "The registry of {suffix} offers RDAP without https only, which is not used; it was asked by WHOIS."
            ));
            self.by_whois(&mut hearing, clock).await;
        } else {
            self.by_rdap(&mut hearing, suffix, server, &bases, clock).await;
        }
        hearing
    }

    /// The second half: the registrar's own answer, where the registry's names one. Without one nothing is asked.
    pub async fn hear_registrar(&self, hearing: &mut Hearing, clock: &dyn ReadClock) {
        let (url, mut refused) = self.registrar_url(hearing);
        hearing.notes.append(&mut refused);
        if let Some((url, domain)) = url {
            let reply = self.rdap.ask(url, &domain, clock).await;
            hearing.answers.push(answer(Source::RegistrarRdap, &domain, reply, clock));
        }
    }

    /// The server that [`RegistryClient::hear_registry`] would ask about `zone`: the host of the RDAP service, or the WHOIS
    /// service of its top-level domain. What a server limits holds for all domains that lead to it.
    #[must_use]
    pub fn registry_server(&self, zone: &Name) -> String {
        let server = self.table.find(zone).and_then(|(_, server)| bases(server).first().map(HttpUrl::host));
        server.unwrap_or_else(|| {
            let top = zone.labels().last().map(shown::octets).unwrap_or_default();
            format!("WHOIS of {top}")
        })
    }

    /// The server that [`RegistryClient::hear_registrar`] would ask; none where it would ask nobody.
    #[must_use]
    pub fn registrar_server(&self, hearing: &Hearing) -> Option<String> {
        self.registrar_url(hearing).0.map(|(url, _)| url.host())
    }

    /// Where the registrar's answer is, with the domain to hold it against, and which links are not followed.
    fn registrar_url(&self, hearing: &Hearing) -> (Option<(HttpUrl, Name)>, Vec<String>) {
        let mut refused = Vec::new();
        let bases = self.table.find(&hearing.zone).map(|(_, server)| bases(server)).unwrap_or_default();
        let Some((registry, registration)) = hearing.registry() else { return (None, refused) };
        let here = bases.iter().find(|base| registry.server.starts_with(&base.to_string())).or(bases.first());
        let Some(here) = here else { return (None, refused) };
        let mut usable = registration.related.iter().filter_map(|link| match here.join(link) {
            Ok(url) => Some(url),
            Err(error) => {
                refused.push(format!("The registry's link to the registrar is not followed: {error}."));
                None
            }
        });
        let url = usable.find(|url| url.to_string() != registry.server);
        drop(usable);
        (url.map(|url| (url, registry.domain.clone())), refused)
    }

    async fn by_rdap(
        &self,
        hearing: &mut Hearing,
        suffix: &Name,
        server: &RdapServer,
        bases: &[HttpUrl],
        clock: &dyn ReadClock,
    ) {
        if !server.listed {
            hearing.notes.push(format!("The RDAP server of {suffix} is not in IANA's list."));
        }
        let zone = hearing.zone.clone();
        let names = names_to_ask(&zone, suffix);
        if names.is_empty() {
            hearing.notes.push(format!("{suffix} is run by the registry itself and is no registration."));
        }
        for name in names {
            let mut reply = None;
            for base in bases {
                let said = self.rdap.ask_for(base, &name, clock).await;
                let tried = !matches!(said.outcome, Outcome::NotSent { .. });
                reply = Some(said);
                // Another address of the same service is worth a try only when this one could not be reached.
                if tried {
                    break;
                }
            }
            let Some(reply) = reply else { return };
            let more = matches!(reply.outcome, Outcome::NotFound | Outcome::Unreadable { .. });
            hearing.answers.push(answer(Source::RegistryRdap, &name, reply, clock));
            if !more {
                return;
            }
        }
    }

    async fn by_whois(&self, hearing: &mut Hearing, clock: &dyn ReadClock) {
        let zone = hearing.zone.clone();
        let Some(top) = zone.labels().last().and_then(|label| Name::from_labels([label]).ok()) else { return };
        for name in names_to_ask(&zone, &top) {
            let reply = self.whois.ask(&name).await;
            let more = matches!(reply.outcome, Outcome::NotFound);
            hearing.answers.push(Answer {
                source: Source::Whois,
                server: reply.server.to_string(),
                domain: name,
                heard: clock.now(),
                outcome: reply.outcome,
                raw: reply.raw,
            });
            if !more {
                return;
            }
        }
    }
}

/// The base URLs of a service that may be used.
fn bases(server: &RdapServer) -> Vec<HttpUrl> {
    server.urls.iter().filter_map(|url| HttpUrl::parse(url).ok()).collect()
}

fn answer(source: Source, domain: &Name, reply: RdapReply, clock: &dyn ReadClock) -> Answer {
    let server = reply.server();
    Answer { source, server, domain: domain.clone(), heard: clock.now(), outcome: reply.outcome, raw: reply.raw }
}
