//! The search against brute force, on data that suits it and on data that defeats every bound.

mod bounds;
mod bytes;
mod cells;
mod data;
mod exact;
mod storage;
