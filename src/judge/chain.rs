//! Whether the parent's DS records name a key that the zone's servers serve: the link of the chain of trust that an outage
//! breaks.
//!
//! Question: can validating resolvers follow the delegation? Evidence: the DS RRset at the parent, the DNSKEY RRset as the
//! expected servers serve it. References: RFC 4034 §5, RFC 4035 §5.2.

use crate::dns::{Ds, Name, key_tag};

/// What DS records and keys amount to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SignerMatch {
    /// A DS names a key that is served.
    Named,
    /// No DS names any: validating resolvers fail.
    Unnamed,
    /// A DS has tag and algorithm of a key, but not its digest, and no other DS names one: validating resolvers fail.
    DigestDiffers,
    /// A DS has tag and algorithm of a key and a digest of a type that is not known here.
    Unknown,
}

impl SignerMatch {
    /// Holds the parent's DS records against the keys served. The best match counts: one link is enough. None without DS.
    #[must_use]
    pub fn of(zone: &Name, signers: &[Ds], keys: &[&[u8]]) -> Option<Self> {
        signers.iter().map(|ds| Self::of_one(zone, ds, keys)).min_by_key(|found| found.rank())
    }

    fn of_one(zone: &Name, ds: &Ds, keys: &[&[u8]]) -> Self {
        let named = keys.iter().map(|key| match ds.names(zone, key) {
            Some(true) => Self::Named,
            None => Self::Unknown,
            Some(false) if key_tag(key) == ds.key_tag && key.get(3) == Some(&ds.algorithm) => Self::DigestDiffers,
            Some(false) => Self::Unnamed,
        });
        named.min_by_key(|found| found.rank()).unwrap_or(Self::Unnamed)
    }

    /// Whether it is known that validating resolvers fail.
    #[must_use]
    pub const fn is_broken(self) -> bool {
        matches!(self, Self::Unnamed | Self::DigestDiffers)
    }

    const fn rank(self) -> u8 {
        match self {
            Self::Named => 0,
            Self::Unknown => 1,
            Self::DigestDiffers => 2,
            Self::Unnamed => 3,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::sample_world::{ZONE, name};

    const KEY: [u8; 8] = [1, 1, 3, 13, 1, 2, 3, 4];
    const OTHER: [u8; 8] = [1, 0, 3, 13, 5, 6, 7, 8];

    fn held(signers: &[Ds]) -> Option<SignerMatch> {
        SignerMatch::of(&name(ZONE), signers, &[&OTHER, &KEY])
    }

    fn right(digest_type: u8) -> Ds {
        Ds::of(&name(ZONE), &KEY, digest_type).unwrap()
    }

    #[test]
    fn a_ds_that_names_a_key_served_is_enough() {
        let nobodys = Ds { key_tag: 7, ..right(2) };
        for digest_type in [1, 2, 4] {
            assert_eq!(held(&[nobodys.clone(), right(digest_type)]), Some(SignerMatch::Named));
        }
        assert_eq!(held(&[nobodys]), Some(SignerMatch::Unnamed));
        assert_eq!(held(&[]), None);
        assert_eq!(SignerMatch::of(&name(ZONE), &[right(2)], &[]), Some(SignerMatch::Unnamed), "no keys at all");
    }

    #[test]
    fn the_same_tag_with_another_digest_is_broken() {
        let wrong = Ds { digest: vec![7; 32], ..right(2) };
        let found = held(std::slice::from_ref(&wrong)).unwrap();
        assert!(found == SignerMatch::DigestDiffers && found.is_broken());
        assert_eq!(held(&[wrong, right(4)]), Some(SignerMatch::Named));
    }

    #[test]
    fn a_digest_of_an_unknown_type_is_unknown_and_never_a_mismatch() {
        let unknown = Ds { digest_type: 5, ..right(2) };
        let wrong = Ds { digest: vec![7; 32], ..right(2) };
        let found = held(&[wrong, unknown.clone()]).unwrap();
        assert!(found == SignerMatch::Unknown && !found.is_broken());
        assert_eq!(held(&[Ds { key_tag: 7, ..unknown }]), Some(SignerMatch::Unnamed), "its tag is nobody's");
    }
}
