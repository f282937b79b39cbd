//! Vectors: unit rows, what bounds them cheaply, and the exact search that those bounds make fast.
//!
//! The search finds the true top of `weight * similarity + base` over the rows that it is given. It looks
//! at each row through ever dearer glasses and stops as soon as a row provably cannot enter the top:
//!
//! 1. `prefix`: 60 leading coordinates of a subspace that holds most of the data, as int8, sixteen rows
//!    at a time; then up to 60 more for those that are left;
//! 2. `codes`: the whole vector as int8, with the norm of what rounding left out;
//! 3. the f32 dot product, which *is* the similarity.
//!
//! Every bound holds against the f32 kernel's own result, rounding included, on any data: bounds cost
//! time where the data defeats them, never an answer.

mod bytes;
mod cells;
mod codes;
mod cost;
mod eigen;
mod index;
mod keep;
pub mod kernels;
mod matrix;
mod prefix;
mod query;
mod search;
mod subspace;
mod table;
#[cfg(test)]
mod tests;
mod unit;
mod wide;

pub use cells::{Found as Probed, Probe, RowBases};
pub use cost::CostModel;
#[cfg(any(test, feature = "testing"))]
pub use cost::spread_bases;
pub use index::{CodedVector, VectorIndex};
pub use query::UnitQuery;
pub use search::{Answer, Ask, Bases, Candidates, Counts, Found, Path};
