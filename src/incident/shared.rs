//! A part of the state that copies share until one of them changes it: an incident is copied each time it is published.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

/// Shared by the copies of an incident until one of them changes it. Reads as what it holds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Shared<T>(Arc<T>);

impl<T> Shared<T> {
    /// Held by nobody else yet.
    pub(super) fn new(value: T) -> Self {
        Self(Arc::new(value))
    }
}

impl<T> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: Clone> DerefMut for Shared<T> {
    fn deref_mut(&mut self) -> &mut T {
        Arc::make_mut(&mut self.0)
    }
}

#[expect(clippy::into_iter_without_iter, reason = "what is held has it, through `Deref`")]
impl<'a, T> IntoIterator for &'a Shared<T>
where
    &'a T: IntoIterator,
{
    type Item = <&'a T as IntoIterator>::Item;
    type IntoIter = <&'a T as IntoIterator>::IntoIter;

    fn into_iter(self) -> Self::IntoIter {
        (**self).into_iter()
    }
}

#[expect(clippy::into_iter_without_iter, reason = "what is held has it, through `Deref`")]
impl<'a, T: Clone> IntoIterator for &'a mut Shared<T>
where
    &'a mut T: IntoIterator,
{
    type Item = <&'a mut T as IntoIterator>::Item;
    type IntoIter = <&'a mut T as IntoIterator>::IntoIter;

    fn into_iter(self) -> Self::IntoIter {
        (**self).into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_seen_by_nobody_who_shared_it_before() {
        let mut ours = Shared::new(vec![1, 2]);
        let theirs = ours.clone();
        assert!(std::ptr::eq(&raw const *ours, &raw const *theirs));
        ours.push(3);
        assert_eq!((ours.len(), theirs.len()), (3, 2));
    }
}
