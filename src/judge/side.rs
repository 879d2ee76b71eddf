//! On which side an answer stands: the correct servers', the parked servers', the parent's, or nobody's.
//!
//! SOA first, then exact data, then alias targets and NS sets. Different from good is *not* parked.

use std::time::Duration;

use crate::dns::{Name, NsSet, Rdata, Record, RecordType, Soa, Ttl};
use crate::judge::{References, SideFingerprint};
use crate::observation::Response;

/// Whose answer it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Side {
    /// The correct servers'. `age` is how long it was cached: above a second for a denial synthesised by a
    /// validator (RFC 8198).
    Good {
        /// The SOA's full TTL less the TTL seen.
        age: Duration,
    },
    /// The parked servers', or a known parking service's.
    Parked,
    /// A zone above: the parent says that there is no such domain.
    AboveZone {
        /// The zone that says so.
        zone: Name,
        /// How long its denial is still cached.
        ttl: Ttl,
    },
    /// Neither the correct nor the parked servers'.
    Neither,
    /// Both sides answer like this.
    Undecidable,
    /// Nobody has said, or shown yet, what the correct servers answer.
    NothingToCompare,
}

/// On which side the answer to a nonce stands.
#[must_use]
pub fn side_of_negative(response: &Response, asked: &Name, refs: &References) -> Side {
    let Some(marker) = &refs.marker else { return side_unmarked(response, asked, refs) };
    if marker.is_in(response, asked) {
        // Whoever copied the zone to the parked servers copied the marker.
        return if refs.parked.marked { Side::Undecidable } else { Side::Good { age: Duration::ZERO } };
    }
    match side_unmarked(response, asked, refs) {
        // Both sides answer like this, but for the marker: the correct ones have it, and it is not here.
        Side::Undecidable if lacks_marker(asked, refs) => Side::Parked,
        side => side,
    }
}

/// Whether an answer to this name that has no marker cannot be the correct servers': all is known that is needed for that.
pub(super) fn lacks_marker(asked: &Name, refs: &References) -> bool {
    refs.marker.as_ref().is_some_and(|marker| asked.is_below(&marker.name))
        && refs.good.marked
        && refs.parked.answers
        && !refs.parked.marked
}

/// The same without a marker.
fn side_unmarked(response: &Response, asked: &Name, refs: &References) -> Side {
    // Data first: behind a wildcard alias the SOA is that of the alias target's zone and says nothing.
    if !response.answer.is_empty() {
        return side_of_echo(response, asked, refs);
    }
    if let Some((owner, ttl, soa)) = response.soa() {
        return side_of_soa(owner, ttl, soa, refs);
    }
    match response.referral(&refs.zone) {
        Some((owner, set, _)) if owner == refs.zone => side_of_ns_set(&set, refs),
        _ => Side::NothingToCompare,
    }
}

/// On which side a zone's SOA stands.
pub(super) fn side_of_soa(owner: &Name, ttl: Ttl, soa: &Soa, refs: &References) -> Side {
    let like = |(known, _): &&(Soa, Ttl)| known.mname == soa.mname && known.rname == soa.rname;
    let good: Vec<_> = refs.good.soas.iter().filter(like).collect();
    let parked = refs.parked.soas.iter().any(|known| like(&known));
    let fresh = || {
        let full = good.iter().map(|(s, t)| t.as_secs().min(s.minimum)).max().unwrap_or(0);
        Side::Good { age: Duration::from_secs(u64::from(full.saturating_sub(ttl.as_secs()))) }
    };
    match (good.is_empty(), parked) {
        (false, false) if *owner == refs.zone => return fresh(),
        (true, true) => return Side::Parked,
        (false, true) => {
            // One provider on both sides: only the serial can tell, and only when it differs.
            let has = |soas: &[(Soa, Ttl)]| {
                soas.iter().any(|(known, _)| known.serial == soa.serial && known.mname == soa.mname)
            };
            return match (has(&refs.good.soas), has(&refs.parked.soas)) {
                (true, false) => fresh(),
                (false, true) => Side::Parked,
                _ => Side::Undecidable,
            };
        }
        _ => {}
    }
    // The servers were not heard (yet); names alone can still speak. Parking services answer even from a zone at
    // the root, so this comes before the look at the owner.
    if is_parked_host(&soa.mname, refs) {
        return Side::Parked;
    }
    if *owner != refs.zone && refs.zone.is_below(owner) {
        return Side::AboveZone { zone: owner.clone(), ttl };
    }
    let named_good = *owner == refs.zone && refs.good_ns.as_ref().is_some_and(|set| set.contains(&soa.mname));
    if named_good && !refs.parked.answers {
        return Side::Good { age: Duration::ZERO };
    }
    if refs.good.soas.is_empty() { Side::NothingToCompare } else { Side::Neither }
}

/// On which side a positive answer to a nonce stands: a wildcard's data.
fn side_of_echo(response: &Response, asked: &Name, refs: &References) -> Side {
    // Only what stands at the name itself: behind an alias another zone speaks. A DNAME (RFC 6672) is the zone's word,
    // the alias made from it differs with every label.
    let is_dname = |r: &&Record| r.rdata.rtype() == RecordType(39);
    let by_dname = response.answer.iter().any(|r| is_dname(&r));
    let at_name = || response.answer.iter().filter(|r| if by_dname { is_dname(r) } else { r.owner == *asked });
    let all_of = |known: &[Rdata]| at_name().next().is_some() && at_name().all(|r| known.contains(&r.rdata));
    match (all_of(&refs.good.echo), all_of(&refs.parked.echo)) {
        (true, false) => Side::Good { age: Duration::ZERO },
        (false, true) => Side::Parked,
        (true, true) => Side::Undecidable,
        (false, false) if is_known_parking(response, asked, refs) => Side::Parked,
        (false, false) if !refs.good.answers => Side::NothingToCompare,
        (false, false) => Side::Neither,
    }
}

/// Whether an answer leads to, or holds, what only parking services give. The servers' own word outranks this one.
fn is_known_parking(response: &Response, name: &Name, refs: &References) -> bool {
    response.aliases(name).iter().any(|target| is_parked_alias(target, refs))
        || response.answer.iter().any(|r| address(&r.rdata).is_some_and(|a| is_parked_address(a, refs)))
}

/// On which side an NS set stands.
#[must_use]
pub fn side_of_ns_set(set: &NsSet, refs: &References) -> Side {
    if refs.good_ns.as_ref() == Some(set) {
        return Side::Good { age: Duration::ZERO };
    }
    if refs.parked_ns.contains(set) || refs.parking.match_ns_set(set).is_some() {
        return Side::Parked;
    }
    if refs.good_ns.is_none() { Side::NothingToCompare } else { Side::Neither }
}

/// On which side the data of a watched name stands. What the correct servers say too is good, whoever else says it.
#[must_use]
pub fn side_of_data(response: &Response, name: &Name, rtype: RecordType, refs: &References) -> Side {
    // Aliases lead to other zones' data, which may differ by place: only what stands in this zone is compared. Where
    // the name itself is outside, all is.
    let inside = |owner: &Name| owner.is_at_or_below(&refs.zone) || !name.is_at_or_below(&refs.zone);
    let compared: Vec<_> = response.answer.iter().filter(|r| inside(&r.owner)).collect();
    // An alias within the zone (www to the apex) ends in the data of another name, perhaps cached apart from it.
    let says = |side: &SideFingerprint, record: &Record| {
        let at = |owner: &Name| side.data.get(&(owner.clone(), rtype)).is_some_and(|k| k.contains(&record.rdata));
        at(&record.owner) || (record.owner != *name && at(name))
    };
    if !compared.is_empty() && compared.iter().all(|r| says(&refs.good, r)) {
        return Side::Good { age: Duration::ZERO };
    }
    if compared.iter().any(|r| says(&refs.parked, r) && !says(&refs.good, r)) || is_known_parking(response, name, refs)
    {
        return Side::Parked;
    }
    if refs.good.data.contains_key(&(name.clone(), rtype)) { Side::Neither } else { Side::NothingToCompare }
}

/// Whether a server name belongs to a parked set or, beyond doubt, to a parking service.
pub(super) fn is_parked_host(host: &Name, refs: &References) -> bool {
    let good = refs.good_ns.as_ref().is_some_and(|set| set.contains(host));
    !good
        && (refs.parked_ns.iter().any(|set| set.contains(host))
            || refs.parking.match_ns(host).is_some_and(|f| !f.ambiguous)
            || refs.parking.match_soa_mname(host).is_some_and(|f| !f.ambiguous))
}

fn is_parked_alias(target: &Name, refs: &References) -> bool {
    refs.parking.match_cname(target).is_some_and(|f| !f.ambiguous)
}

fn is_parked_address(address: std::net::IpAddr, refs: &References) -> bool {
    refs.parking.match_address(address).is_some_and(|f| !f.ambiguous)
}

fn address(data: &Rdata) -> Option<std::net::IpAddr> {
    match data {
        Rdata::A(a) => Some((*a).into()),
        Rdata::Aaaa(a) => Some((*a).into()),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
