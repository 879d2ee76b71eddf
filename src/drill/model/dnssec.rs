//! Validation without cryptography: an answer fits when its zone's key is one that the DS at the parent names.
//!
//! What is modelled is what an outage does to validators: a DS left behind, a DS put back before the delegation has
//! turned, keys remembered as bad, denials reused for other names (RFC 4035 §4.3, RFC 8198).

use super::behaviour::Failure;
use super::cache::Cache;
use super::recursion::{Step, Walk};
use super::store::Security;
use super::zone::dnskey;
use crate::dns::{Name, Rdata, RecordType, key_tag};

/// How many zone cuts a chain of trust may have.
const LONGEST_CHAIN: u8 = 12;

/// What a zone's parent says about its keys.
enum Trust {
    /// No DS: the zone is unsigned as far as anybody can know.
    Unsigned,
    /// Keys with these tags.
    Keys(Vec<u16>),
    /// It could not be found out.
    Unknown,
}

impl Cache {
    /// What a thing signed by `signed_by` in `zone` is worth. Unchecked when nobody asked for validation.
    pub(super) fn judge(&mut self, walk: &mut Walk<'_>, zone: &Name, signed_by: Option<u16>) -> Security {
        if !self.options.validating || walk.cd {
            return Security::Unchecked;
        }
        if self.has_bad_key(walk.now, zone) {
            return Security::Bogus;
        }
        match self.trust(walk, zone) {
            Trust::Unsigned => Security::Insecure,
            Trust::Keys(tags) if signed_by.is_some_and(|tag| tags.contains(&tag)) => Security::Secure,
            Trust::Keys(_) | Trust::Unknown => Security::Bogus,
        }
    }

    /// Remembers that a zone's key failed, where the kind does, and says how.
    pub(super) fn bogus(&mut self, now: i64, zone: &Name) -> Failure {
        let remembered = self.has_bad_key(now, zone);
        let ttl = self.options.kind.bad_key_ttl();
        if !remembered && ttl > 0 {
            self.store.bad_keys.insert(zone.clone(), now.saturating_add(ttl));
        }
        Failure::Bogus { remembered }
    }

    fn has_bad_key(&self, now: i64, zone: &Name) -> bool {
        self.store.bad_keys.get(zone).is_some_and(|ends| self.store.is_alive(*ends, now))
    }

    fn trust(&mut self, walk: &mut Walk<'_>, zone: &Name) -> Trust {
        if zone.is_root() {
            // The trust anchor: what the root servers are signed with.
            let roots = walk.world.roots().first().and_then(|(_, address)| walk.world.server_at(*address));
            let signing = roots.and_then(|s| s.zones.get(zone)).and_then(|z| z.signing);
            return signing.map_or(Trust::Unsigned, |s| Trust::Keys(vec![key_tag(&dnskey(s.key))]));
        }
        if walk.depth >= LONGEST_CHAIN {
            return Trust::Unknown;
        }
        walk.depth += 1;
        let step = self.step(walk, zone, RecordType::DS);
        walk.depth -= 1;
        match step {
            Step::Records(data, _, Security::Secure) => {
                let signers = data.iter().filter_map(|d| if let Rdata::Ds(ds) = d { Some(ds) } else { None });
                Trust::Keys(signers.filter(|ds| walk.world.has_key(zone, ds)).map(|ds| ds.key_tag).collect())
            }
            Step::Failed(_) | Step::Hang | Step::Records(_, _, Security::Bogus) => Trust::Unknown,
            _ => Trust::Unsigned,
        }
    }
}
