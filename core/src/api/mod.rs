//! What a caller sends and gets: requests, criteria, filters, answers, and their wire form.

pub(crate) mod alter;
pub(crate) mod answer;
mod availability;
pub(crate) mod cancel;
pub(crate) mod canonical;
mod check;
pub(crate) mod criteria;
pub(crate) mod deadline;
pub(crate) mod event;
pub(crate) mod facet;
pub(crate) mod facet_answer;
pub(crate) mod filter;
mod free_time;
pub(crate) mod geo;
pub(crate) mod group_cap;
pub(crate) mod highlight;
pub(crate) mod json;
pub mod limits;
pub(crate) mod listing;
pub(crate) mod patch;
pub(crate) mod profile;
pub(crate) mod reasons;
pub(crate) mod redacted;
pub(crate) mod relaxation;
pub(crate) mod rules;
pub(crate) mod schema;
pub(crate) mod search;
pub(crate) mod similar;
pub(crate) mod suggest;
mod survey;
pub(crate) mod synonyms;
pub(crate) mod wire;
pub(crate) mod written;

use crate::model::{Error, Result};

/// Refuses an embedding that is not finite, or is all zero.
pub(crate) fn check_embedding(field: &str, vector: &[f32]) -> Result<()> {
    // Whole chunks at once first: the place matters only where there is one.
    let finite = |values: &[f32]| values.iter().fold(true, |all, value| all & value.is_finite());
    let wrong = vector.chunks(64).position(|chunk| !finite(chunk)).map(|chunk| chunk * 64);
    let wrong = wrong.and_then(|from| {
        vector[from..].iter().position(|value| !value.is_finite()).map(|at| from + at)
    });
    let reason = match wrong {
        Some(at) => format!("is {} at position {at}", vector[at]),
        None if vector.iter().all(|value| *value == 0.0) => "is all zero or empty".to_owned(),
        None => return Ok(()),
    };
    Err(Error::InvalidEmbedding { field: field.to_owned(), reason })
}
