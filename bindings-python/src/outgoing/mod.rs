//! What the engine answers, as Python's objects.

pub mod arrow;
pub mod body;
pub mod listing;
pub mod matches;
pub mod object;
pub mod profile;
pub mod report;
pub mod search;
mod sequence;
pub mod similar;
