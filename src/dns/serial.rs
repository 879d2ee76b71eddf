//! SOA serial numbers, which have only a partial order (RFC 1982).

use std::cmp::Ordering;
use std::fmt;

/// A zone's serial number. There is no `Ord`: a naive maximum does not compile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Serial(pub u32);

impl PartialOrd for Serial {
    /// RFC 1982 §3.2; `None` where two serials lie exactly half the space apart.
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        match other.0.wrapping_sub(self.0) {
            0 => Some(Ordering::Equal),
            0x8000_0000 => None,
            ahead if ahead < 0x8000_0000 => Some(Ordering::Less),
            _ => Some(Ordering::Greater),
        }
    }
}

impl fmt::Display for Serial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serials_wrap_around() {
        assert!(Serial(u32::MAX) < Serial(0));
        assert!(Serial(2) > Serial(1));
        assert_eq!(Serial(0).partial_cmp(&Serial(0x8000_0000)), None);
    }
}
