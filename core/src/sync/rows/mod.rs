//! Rows of the table, as profiles.

mod copy;
mod profile;
mod value;

pub(super) use copy::Rows;
pub(super) use profile::{Row, read_row};
