//! A place of an advisor's capacity that is held for somebody.

use std::fmt;

use super::Instant;

/// The name of a hold: drawn at random, a whole number below 2^48, so that every language keeps it exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HoldId(pub u64);

impl HoldId {
    /// The last in their order.
    pub(crate) const LAST: Self = Self(u64::MAX);
}

impl fmt::Display for HoldId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A place that is held.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Hold {
    /// Its name.
    pub id: HoldId,
    /// The advisor whose place it is.
    pub advisor_id: String,
    /// When it lapses by itself.
    pub until: Instant,
}
