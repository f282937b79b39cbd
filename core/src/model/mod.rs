//! What the words mean: profile, schema, row sets, errors. It knows no other module.

pub(crate) mod error;
pub(crate) mod rows;

pub use error::{Actor, Error, Result, nearest_name};
pub use rows::{Bits, Rows};
