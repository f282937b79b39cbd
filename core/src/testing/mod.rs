//! What tests, benchmarks and the demo share: a generator of advisors and requests, the slow twin of
//! the engine, and the comparison of their answers. Only with the feature `testing`.
//!
//! ```
//! use shortlist::testing::{Generator, Twin, generated_schema};
//! use shortlist::SearchRequest;
//!
//! let advisors = Generator::new(7).advisors(100).collect();
//! let twin = Twin::new(generated_schema(), advisors, None)?;
//! let result = twin.search(&SearchRequest::default())?;
//! assert_eq!(result.ids.len() as u64, result.total);
//! # Ok::<(), shortlist::Error>(())
//! ```

mod check;
mod check_highlights;
mod generate;
mod journal;
pub mod relevance;
mod text;
mod twin;

pub use crate::api::written::{
    criteria_to_json, filter_to_json, profile_to_json, request_to_json, similar_to_json,
};
pub use check::{compare_match, compare_search, compare_similar};
pub use generate::{Embeddings, Generator, Random, generated_schema, whereabouts_schema};
pub use twin::{Twin, TwinMatch, TwinMatches, TwinResult};

/// What benches measure below the engine: no part of the public interface.
#[doc(hidden)]
pub mod internals {

    /// What the journal holds, for those who try to break it.
    pub mod journal {
        pub use crate::testing::journal::{ReadCommit, commit, log};
    }
    pub use crate::index::{column, vector};
    pub use crate::model::Rows;
}
