//! Values that lie in memory of our own, or in memory that something else owns, such as a mapped file.

use std::any::Any;
use std::ops::{Deref, Range};
use std::sync::Arc;

/// Values in memory that their owner keeps: as long as this lives, so does the owner.
///
/// A clone costs a counter. Reading costs what reading a slice does.
pub struct Lent<T: 'static> {
    /// Not for ever, whatever the type says: as long as the owner beside it, which is why it never gets out.
    values: &'static [T],
    owner: Arc<dyn Any + Send + Sync>,
}

impl<T> Lent<T> {
    /// Values that `owner` keeps where they are.
    pub fn new(values: &'static [T], owner: Arc<dyn Any + Send + Sync>) -> Self {
        Self { values, owner }
    }

    /// Some of the values; `None` where they do not reach.
    pub fn part(&self, range: Range<usize>) -> Option<Self> {
        Some(Self { values: self.values.get(range)?, owner: Arc::clone(&self.owner) })
    }
}

impl<T> Deref for Lent<T> {
    type Target = [T];

    #[inline]
    fn deref(&self) -> &[T] {
        self.values
    }
}

impl<T> Clone for Lent<T> {
    fn clone(&self) -> Self {
        Self { values: self.values, owner: Arc::clone(&self.owner) }
    }
}

impl<T> std::fmt::Debug for Lent<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Lent({} values)", self.values.len())
    }
}

/// A list that is ours to write to, or lent and then copied before the first write.
#[derive(Clone, Debug)]
pub enum Flat<T: 'static> {
    /// In memory of our own.
    Owned(Vec<T>),
    /// In somebody else's.
    Lent(Lent<T>),
}

impl<T> Default for Flat<T> {
    fn default() -> Self {
        Flat::Owned(Vec::new())
    }
}

impl<T> Deref for Flat<T> {
    type Target = [T];

    #[inline]
    fn deref(&self) -> &[T] {
        match self {
            Flat::Owned(values) => values,
            Flat::Lent(values) => values,
        }
    }
}

impl<T: Clone> Flat<T> {
    /// The values to write to: what is lent is copied first.
    #[inline]
    pub fn to_mut(&mut self) -> &mut Vec<T> {
        if let Flat::Lent(values) = self {
            *self = Flat::Owned(values.to_vec());
        }
        match self {
            Flat::Owned(values) => values,
            Flat::Lent(_) => unreachable!("it was made our own just now"),
        }
    }
}

impl<T> From<Vec<T>> for Flat<T> {
    fn from(values: Vec<T>) -> Self {
        Flat::Owned(values)
    }
}

impl<T> From<Lent<T>> for Flat<T> {
    fn from(values: Lent<T>) -> Self {
        Flat::Lent(values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_lent_is_copied_before_it_is_written_to() {
        static VALUES: [u32; 4] = [1, 2, 3, 4];
        let lent = Lent::new(&VALUES, Arc::new(()));
        assert!(lent.part(3..5).is_none());
        let readers = Flat::from(lent.part(1..4).expect("within"));
        let mut writers = readers.clone();
        writers.to_mut()[0] = 9;
        writers.to_mut().push(5);
        assert_eq!((&*readers, &*writers), (&[2, 3, 4][..], &[9, 3, 4, 5][..]));
    }
}
