//! What a search and a match are both checked for.

use super::filter::Filter;
use super::json::{self, out_of_range, too_large};
use super::limits;
use crate::model::Result;

/// Checks the parts that searches and matches have in common.
pub(super) fn check_common(
    limit: u32,
    text: Option<&str>,
    filter: Option<&Filter>,
    embedding: Option<&[f32]>,
) -> Result<()> {
    check_limit(limit)?;
    if let Some(text) = text {
        check_text("text", text)?;
    }
    if let Some(filter) = filter {
        filter.check_limits()?;
    }
    embedding.map_or(Ok(()), |embedding| super::check_embedding("embedding", embedding))
}

fn check_limit(limit: u32) -> Result<()> {
    if (1..=limits::LIMIT).contains(&limit) {
        Ok(())
    } else {
        Err(json::out_of_range("limit", limit, "1 to 1000"))
    }
}

fn check_text(field: &str, text: &str) -> Result<()> {
    if text.len() > limits::TEXT_BYTES {
        return Err(too_large(field, text.len(), limits::TEXT_BYTES, "bytes"));
    }
    Ok(())
}

pub(super) fn check_values(field: &str, values: usize) -> Result<()> {
    if values > limits::FILTER_VALUES {
        return Err(too_large(field, values, limits::FILTER_VALUES, "values"));
    }
    Ok(())
}

/// Refuses a least rating that is none.
pub(super) fn check_rating(field: &str, least: Option<f64>) -> Result<()> {
    match least {
        Some(least) if !(0.0..=5.0).contains(&least) => Err(out_of_range(field, least, "0 to 5")),
        _ => Ok(()),
    }
}

pub(super) fn check_finite(field: &str, value: Option<f64>) -> Result<()> {
    match value {
        Some(value) if !value.is_finite() => Err(out_of_range(field, value, "a finite number")),
        _ => Ok(()),
    }
}
