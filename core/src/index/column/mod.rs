//! Numbers, instants and small code lists by row.

mod codes;
mod number;
mod sketch;
mod sorted;

pub(crate) use codes::CodeColumn;
pub use number::NumberColumn;
pub(crate) use sorted::{Position, SortedRows};
