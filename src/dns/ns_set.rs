//! Sets of name server names, compared exactly: missing and unwanted names both count.

use std::collections::BTreeSet;
use std::collections::btree_set;
use std::fmt;

use super::{Name, RRset, Rdata};

/// The names of an NS RRset, as a set of absolute lower-cased names.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NsSet(BTreeSet<Name>);

/// How one NS set differs from the expected one; both empty when they are equal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NsSetDifference {
    /// Expected, not there.
    pub missing: Vec<Name>,
    /// There, not expected.
    pub unwanted: Vec<Name>,
}

impl NsSet {
    /// The names of an NS RRset.
    #[must_use]
    pub fn from_rrset(set: &RRset) -> Self {
        set.rdata.iter().filter_map(|data| if let Rdata::Ns(name) = data { Some(name.clone()) } else { None }).collect()
    }

    /// Whether there is no name in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many names.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether `name` is one of them.
    #[must_use]
    pub fn contains(&self, name: &Name) -> bool {
        self.0.contains(name)
    }

    /// The names in canonical order.
    pub fn iter(&self) -> btree_set::Iter<'_, Name> {
        self.0.iter()
    }

    /// What this set lacks and has too much, held against `expected`.
    #[must_use]
    pub fn against(&self, expected: &Self) -> NsSetDifference {
        NsSetDifference {
            missing: expected.0.difference(&self.0).cloned().collect(),
            unwanted: self.0.difference(&expected.0).cloned().collect(),
        }
    }

    /// Whether the two sets share a name.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        !self.0.is_disjoint(&other.0)
    }
}

impl FromIterator<Name> for NsSet {
    fn from_iter<I: IntoIterator<Item = Name>>(names: I) -> Self {
        Self(names.into_iter().collect())
    }
}

impl<'a> IntoIterator for &'a NsSet {
    type Item = &'a Name;
    type IntoIter = btree_set::Iter<'a, Name>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for NsSet {
    /// The names without their final dots, separated by commas.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<String> = self.0.iter().map(Name::without_dot).collect();
        f.pad(&names.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(names: &[&str]) -> NsSet {
        names.iter().map(|n| n.parse().unwrap()).collect()
    }

    #[test]
    fn a_subset_is_not_equal_and_says_what_is_missing() {
        let expected = set(&["ns1.good.example.", "ns2.good.example."]);
        let seen = set(&["NS1.good.example.", "ns1.parked.example."]);
        let difference = seen.against(&expected);
        assert_eq!(difference.missing, ["ns2.good.example.".parse().unwrap()]);
        assert_eq!(difference.unwanted, ["ns1.parked.example.".parse().unwrap()]);
        assert_eq!(expected.against(&expected), NsSetDifference::default());
    }
}
