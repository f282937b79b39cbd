//! From values to rows: keyword and flag bitmaps, and how a filter becomes one set of rows.

mod bound;
mod calendar;
mod canonical;
mod evaluate;
mod flag;
mod keyword;
mod openings;
mod postings;
mod predicate;

pub(crate) use bound::Bound;
pub(crate) use calendar::CalendarIndex;
pub(crate) use canonical::write_all;
pub(crate) use evaluate::{Selection, holds, select};
pub(crate) use flag::FlagIndex;
pub(crate) use keyword::KeywordIndex;
pub(crate) use openings::Openings;
pub(crate) use predicate::{Leaf, Leaves, Predicate};
