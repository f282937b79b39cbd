//! Numbers, instants and small code lists by row.

mod cap;
mod codes;
mod number;
mod point;
mod sketch;
mod sorted;

pub(crate) use cap::{Cap, Longitudes, Ring};
pub(crate) use codes::CodeColumn;
pub use number::NumberColumn;
pub(crate) use number::NumberTest;
pub(crate) use point::{PointColumn, Stand, unit};
pub(crate) use sorted::{Position, SortedRows};
