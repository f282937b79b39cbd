//! The text index: words, phrases and ranking over the profiles' texts.
//!
//! [`TextIndex`] holds blocks of postings and exact statistics; [`parse()`] reads a query,
//! [`TextIndex::compile`] binds it to an index, and [`Compiled`] answers within a set of rows.
//! This is the only place that names tantivy, and of it only dictionaries, postings, positions and
//! stemmers are used. The ranking is ours, in f64, and does not depend on how the index was built.

mod analyze;
mod block;
mod bm25;
mod bytes;
mod compile;
mod conjunction;
mod counts;
mod cursor;
mod dense;
mod document;
mod edits;
mod evaluate;
mod expand;
mod index;
mod joined;
mod merge;
#[cfg(any(test, feature = "testing"))]
pub mod naive;
mod parse;
mod query;
mod sealed;
mod settings;
mod strings;
mod tail;
mod terms;
#[cfg(test)]
mod tests;
mod writer;

pub use compile::Compiled;
pub use document::TextDocument;
pub use index::TextIndex;
pub use parse::parse;
#[cfg(any(test, feature = "testing"))]
pub use query::TextQuery;
pub use settings::{TextOptions, TextSettings};
