//! A profile in TOML: what holds for all zones under `[audit]`, then `[[zone]]` entries, or a bare list in `zones`.

use serde::Deserialize;
use toml::{Spanned, Table};

use super::{Reading, Written};

/// The file as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Profile {
    #[serde(default)]
    audit: Defaults,
    /// Zones of which nothing is said but their names.
    #[serde(default)]
    zones: Vec<Spanned<String>>,
    #[serde(default)]
    zone: Vec<Spanned<Table>>,
}

/// What holds for every zone that does not say otherwise.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Defaults {
    expect: Vec<String>,
    hosts: Option<Vec<String>>,
    status: String,
    failover: String,
}

/// One `[[zone]]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenZone {
    name: String,
    expect: Option<Vec<String>>,
    hosts: Option<Vec<String>>,
    product: Option<String>,
    status: Option<String>,
    failover: Option<String>,
}

pub(super) fn read(text: &str, reading: &mut Reading) {
    let profile: Profile = match toml::from_str(text) {
        Ok(profile) => profile,
        Err(error) => {
            let line = error.span().map_or(1, |span| line_of(text, span.start));
            reading.fault(line, error.message());
            return;
        }
    };
    let defaults = &profile.audit;
    let mut entries: Vec<(usize, Result<Written, String>)> = Vec::new();
    for zone in &profile.zones {
        let line = line_of(text, zone.span().start);
        entries.push((line, Ok(defaults.fill(zone.get_ref().clone(), None))));
    }
    for zone in profile.zone {
        let line = line_of(text, zone.span().start);
        let read = WrittenZone::deserialize(zone.into_inner());
        let written = read.map_err(|e| e.message().to_owned());
        entries.push((line, written.map(|zone| defaults.fill(zone.name.clone(), Some(zone)))));
    }
    for (line, written) in entries {
        match written {
            Ok(written) => reading.add(line, &written),
            Err(reason) => reading.fault(line, reason),
        }
    }
}

impl Defaults {
    /// An entry with the gaps filled. Saying `""` or `[]` for a zone takes the default away there.
    fn fill(&self, name: String, own: Option<WrittenZone>) -> Written {
        let (expect, hosts, product, status, failover) = match own {
            Some(own) => (own.expect, own.hosts, own.product, own.status, own.failover),
            None => (None, None, None, None, None),
        };
        // Of a failover domain that is the default for all, the domain itself is left out.
        let failover =
            failover.unwrap_or_else(|| if same(&self.failover, &name) { String::new() } else { self.failover.clone() });
        Written {
            zone: name,
            expect: expect.unwrap_or_else(|| self.expect.clone()),
            hosts: hosts.or_else(|| self.hosts.clone()),
            product: product.unwrap_or_default(),
            status: status.unwrap_or_else(|| self.status.clone()),
            failover,
        }
    }
}

fn same(one: &str, other: &str) -> bool {
    let bare = |text: &str| text.trim().trim_end_matches('.').to_lowercase();
    bare(one) == bare(other)
}

/// The line of an octet, from 1.
fn line_of(text: &str, offset: usize) -> usize {
    text.as_bytes().iter().take(offset).filter(|octet| **octet == b'\n').count() + 1
}
