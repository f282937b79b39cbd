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
mod complete;
mod conjunction;
mod counts;
mod cursor;
mod dense;
mod document;
#[cfg(test)]
mod edits;
mod evaluate;
mod expand;
mod files;
mod index;
mod information;
mod joined;
mod keep;
mod marks;
mod merge;
#[cfg(any(test, feature = "testing"))]
pub mod naive;
mod near;
mod parse;
mod query;
mod sealed;
mod settings;
mod strings;
mod synonyms;
mod tail;
mod terms;
#[cfg(test)]
mod tests;
mod value_words;
mod words;
mod writer;

pub use analyze::folded_words;
pub use compile::Compiled;
pub use complete::CatalogueWord;
pub use document::TextDocument;
pub use index::TextIndex;
pub use marks::Marker;
pub use merge::Merged;
pub use parse::parse;
pub use query::{QueryWord, TextQuery};
pub use settings::{Field, TextOptions, TextSettings};
pub use synonyms::Synonyms;
pub use value_words::{Typed, ValueWords};
