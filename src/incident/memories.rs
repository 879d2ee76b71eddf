//! What is remembered of judging the resolvers, so that they are judged again at little cost.

use crate::judge::Memory;

/// What is remembered of judging each resolver, in their order. It says nothing that does not follow from the rest: a copy of an
/// incident begins without, and is the same.
#[derive(Debug, Default)]
pub(super) struct Memories(Vec<Memory>);

impl Clone for Memories {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl PartialEq for Memories {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Memories {
    /// That of the resolver at this place.
    pub(super) fn of(&mut self, place: usize) -> &mut Memory {
        if self.0.len() <= place {
            self.0.resize_with(place + 1, Memory::default);
        }
        &mut self.0[place]
    }

    /// Forgets all: the references changed.
    pub(super) fn forget(&mut self) {
        self.0.clear();
    }
}
