//! Rows of the table, as profiles.

mod copy;
mod profile;
mod value;

pub(super) use copy::CopyReader;
pub(super) use profile::{Row, read_row};
