//! From values to rows: keyword and flag bitmaps, and how a filter becomes one set of rows.

mod evaluate;
mod flag;
mod keyword;
mod postings;

pub(crate) use evaluate::{Leaf, Leaves, Predicate, narrow_all};
pub(crate) use flag::FlagIndex;
pub(crate) use keyword::KeywordIndex;
