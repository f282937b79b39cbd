//! Shortlist: the in-process search and matching engine of an expert marketplace.

mod index;
mod model;

pub use model::{Actor, Error, Result};

/// The vector index, for benches and fuzzing: no part of the public interface.
#[cfg(feature = "testing")]
#[doc(hidden)]
pub mod internals {
    pub use crate::index::vector;
}
