//! Numbers, instants and small code lists by row.

mod codes;
mod number;
mod sketch;

pub(crate) use codes::CodeColumn;
pub(crate) use number::NumberColumn;
