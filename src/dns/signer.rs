//! Which key a DS record names: key tags and digests (RFC 4034 §5 and appendix B, RFC 4509, RFC 6605 §2).
//!
//! Nothing here verifies a signature: that a DS names a key says that the chain of trust can be whole, not that it is.

use ring::digest::{Algorithm, Context, SHA1_FOR_LEGACY_USE_ONLY, SHA256, SHA384};

use super::{Ds, Name};

/// Octets of a DNSKEY's data before the key itself: flags, protocol, algorithm (RFC 4034 §2.1).
const HEAD: usize = 4;
/// The flag that makes a key a zone key, in the first octet of the flags (RFC 4034 §2.1.1).
const ZONE_KEY: u8 = 1;
/// The only protocol there is (RFC 4034 §2.1.2).
const DNSSEC: u8 = 3;

/// The tag of a DNSKEY's data (RFC 4034 appendix B).
#[must_use]
pub fn key_tag(key: &[u8]) -> u16 {
    let sum = key.iter().enumerate().fold(0_u32, |sum, (at, &octet)| {
        sum.wrapping_add(if at % 2 == 0 { u32::from(octet) << 8 } else { u32::from(octet) })
    });
    let folded = sum.wrapping_add(sum >> 16) & 0xffff;
    u16::try_from(folded).unwrap_or(0)
}

impl Ds {
    /// The DS that names a zone's key, given as a DNSKEY's data. None for a digest type that is not known here (IANA's 1,
    /// 2 and 4 are: SHA-1, SHA-256, SHA-384), and for data too short to be a key.
    #[must_use]
    pub fn of(owner: &Name, key: &[u8], digest_type: u8) -> Option<Self> {
        let algorithm = *key.get(HEAD - 1)?;
        let digest = digest(owner, key, digest_type)?;
        Some(Self { key_tag: key_tag(key), algorithm, digest_type, digest })
    }

    /// Whether this DS names a zone's key, given as a DNSKEY's data: its tag, its algorithm, its digest, and that it is a
    /// zone key at all (RFC 4034 §5.2). None where all that can be compared agrees, but the digest type is not known here.
    #[must_use]
    pub fn names(&self, owner: &Name, key: &[u8]) -> Option<bool> {
        let [flags, _, protocol, algorithm, ..] = key else { return Some(false) };
        let is_zone_key = flags & ZONE_KEY != 0 && *protocol == DNSSEC;
        if !is_zone_key || *algorithm != self.algorithm || key_tag(key) != self.key_tag {
            return Some(false);
        }
        digest(owner, key, self.digest_type).map(|digest| digest == self.digest)
    }
}

/// The digest over the owner's name in canonical wire form and the key's data (RFC 4034 §5.1.4).
fn digest(owner: &Name, key: &[u8], digest_type: u8) -> Option<Vec<u8>> {
    let algorithm: &'static Algorithm = match digest_type {
        1 => &SHA1_FOR_LEGACY_USE_ONLY,
        2 => &SHA256,
        4 => &SHA384,
        _ => return None,
    };
    let mut context = Context::new(algorithm);
    for label in owner.labels() {
        // Labels have at most 63 octets; a name is kept in lower case, which is the canonical form (RFC 4034 §6.2).
        context.update(&[u8::try_from(label.len()).ok()?]);
        context.update(label);
    }
    context.update(&[0]);
    context.update(key);
    Some(context.finish().as_ref().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn octets(hex: &str) -> Vec<u8> {
        let hex: String = hex.split_whitespace().collect();
        (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
    }

    /// The key of RFC 4034 §5.4, whose tag the RFC gives as 60485.
    fn published() -> Vec<u8> {
        octets(
            "0100030501039e8a247418e318903b215a848acfd5f37f026bd4062db26c774c690968d5d56df8bfda91e6f36d9a2798 \
             88f41333357c5e6029990d10fdf5663062a512763326980a615ddbf17a05ddfcce7e5fb3abcca05a31b0957452d4521e \
             83870789063115bf97f6c308ccf57cdc9ce7fe10f6ed1bd0cc0660038c50dcdb0feb963c2f17",
        )
    }

    fn owner() -> Name {
        "dskey.example.com.".parse().unwrap()
    }

    #[test]
    fn the_key_tag_is_that_of_rfc_4034() {
        assert_eq!(key_tag(&published()), 60485);
    }

    #[test]
    fn the_digests_are_the_published_ones() {
        let by = |digest_type| Ds::of(&owner(), &published(), digest_type).unwrap().digest;
        // RFC 4034 §5.4 and RFC 4509 §2.3.
        assert_eq!(by(1), octets("2BB183AF5F22588179A53B0A98631FAD1A292118"));
        assert_eq!(by(2), octets("D4B7D520E7BB5F0F67674A0CCEB1E3E0614B93C4F9E99B8383F6A1E4469DA50A"));
        assert_eq!(by(4).len(), 48);
    }

    #[test]
    fn a_digest_of_another_key_name_or_type_does_not_match() {
        let key = published();
        for digest_type in [1, 2, 4] {
            let ds = Ds::of(&owner(), &key, digest_type).unwrap();
            assert_eq!(ds.names(&owner(), &key), Some(true));
            assert_eq!(ds.names(&"example.com.".parse().unwrap(), &key), Some(false), "another owner");
            let wrong = Ds { digest: vec![0; ds.digest.len()], ..ds.clone() };
            assert_eq!(wrong.names(&owner(), &key), Some(false), "same tag, other digest");
            let cut = Ds { digest: ds.digest[..8].to_vec(), ..ds };
            assert_eq!(cut.names(&owner(), &key), Some(false));
        }
    }

    #[test]
    fn an_unknown_digest_type_is_no_mismatch_unless_the_rest_already_is() {
        let key = published();
        let unknown = Ds { digest_type: 200, ..Ds::of(&owner(), &key, 2).unwrap() };
        assert_eq!(unknown.names(&owner(), &key), None);
        assert_eq!(Ds { key_tag: 1, ..unknown.clone() }.names(&owner(), &key), Some(false));
        assert_eq!(Ds { algorithm: 13, ..unknown }.names(&owner(), &key), Some(false));
        assert_eq!(Ds::of(&owner(), &key, 3), None);
    }

    #[test]
    fn what_is_no_zone_key_is_named_by_no_ds() {
        let mut key = published();
        key[0] = 0;
        let ds = Ds::of(&owner(), &key, 2).unwrap();
        assert_eq!(ds.names(&owner(), &key), Some(false), "no zone key flag");
        assert_eq!(ds.names(&owner(), &[1, 1, 3]), Some(false), "too short");
        assert_eq!(Ds::of(&owner(), &[], 2), None);
    }
}
