//! Numbers, instants and small code lists by row.

mod codes;
mod number;

pub(crate) use codes::CodeColumn;
pub(crate) use number::NumberColumn;
