//! Shortlist: the in-process search and matching engine of an expert marketplace.

mod index;
mod model;

pub use model::{Actor, Error, Result};
