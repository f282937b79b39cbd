//! Shortlist: the in-process search and matching engine of an expert marketplace.

mod index;
mod model;

pub use model::{Actor, Error, Result};

/// The vector index, for benches and fuzzing: no part of the public interface.
#[cfg(feature = "testing")]
#[doc(hidden)]
pub mod internals {
    /// Exact search over vectors.
    pub mod vector {
        pub use crate::index::vector::kernels::{Isa, Kernels};
        pub use crate::index::vector::{
            Answer, Ask, CostModel, Counts, Found, Path, UnitQuery, VectorIndex,
        };
    }
}
