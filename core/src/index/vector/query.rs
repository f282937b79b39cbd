//! The query side of a comparison.

use super::kernels::{Lane, floats, floats_mut};
use crate::model::{Error, Result};

/// The most that the norm of a stored or asked unit vector differs from 1: each coordinate is rounded to
/// f32 once (2^-24 of itself), so the norm keeps within 6e-8; this is an order of magnitude more.
pub(super) const NORM_SLACK: f64 = 1e-6;

/// A vector of norm 1, laid out as the index's rows are.
#[derive(Clone, Debug)]
pub struct UnitQuery {
    lanes: Vec<Lane>,
    dimension: usize,
}

impl UnitQuery {
    /// The direction of `vector`. Cost: two passes over it.
    ///
    /// # Errors
    /// [`Error::WrongDimension`] if its length is not `dimension`; [`Error::InvalidEmbedding`] if it is
    /// not finite, or all zero. Both name `field`.
    pub fn new(vector: &[f32], dimension: usize, field: &str) -> Result<Self> {
        let mut lanes = vec![Lane::default(); dimension.div_ceil(16)];
        normalise(vector, dimension, field, &mut lanes)?;
        Ok(Self { lanes, dimension })
    }

    /// A row of an index as a query.
    pub(super) fn of_row(lanes: &[Lane], dimension: usize) -> Self {
        Self { lanes: lanes.to_vec(), dimension }
    }

    /// The number of dimensions.
    pub fn dimension(&self) -> usize {
        self.dimension
    }

    /// The unit vector, padded with zeros to whole lanes.
    pub fn floats(&self) -> &[f32] {
        floats(&self.lanes)
    }
}

/// Writes the direction of `vector` to `lanes` and returns its norm. All is made in f64, where no finite f32 vector
/// overflows or vanishes.
pub(super) fn normalise(
    vector: &[f32],
    dimension: usize,
    field: &str,
    lanes: &mut [Lane],
) -> Result<f64> {
    let invalid = |reason: String| Error::InvalidEmbedding { field: field.to_owned(), reason };
    if vector.len() != dimension {
        return Err(Error::WrongDimension {
            field: field.to_owned(),
            found: vector.len(),
            expected: dimension,
        });
    }
    let norm = norm(vector);
    if !norm.is_finite() {
        let at = vector.iter().position(|x| !x.is_finite()).unwrap_or(0);
        return Err(invalid(format!("holds {} at position {at}", vector[at])));
    }
    if norm == 0.0 {
        return Err(invalid("is all zero".to_owned()));
    }
    let out = floats_mut(lanes);
    out[vector.len()..].fill(0.0);
    let scale = 1.0 / norm;
    for (out, &x) in out.iter_mut().zip(vector) {
        *out = (f64::from(x) * scale) as f32;
    }
    Ok(norm)
}

/// The norm, by eight sums that a processor keeps side by side. The squares of finite f32 are far from the ends of
/// f64: it is finite exactly where every number is.
fn norm(vector: &[f32]) -> f64 {
    let (eights, rest) = vector.as_chunks::<8>();
    let mut sums = [0.0f64; 8];
    for eight in eights {
        for (sum, &x) in sums.iter_mut().zip(eight) {
            *sum += f64::from(x) * f64::from(x);
        }
    }
    let rest: f64 = rest.iter().map(|&x| f64::from(x) * f64::from(x)).sum();
    (sums.iter().sum::<f64>() + rest).sqrt()
}
