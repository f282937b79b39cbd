//! Values that lie in memory of our own, or in memory that something else owns, such as a mapped file.

use std::any::Any;
use std::ops::Deref;
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
