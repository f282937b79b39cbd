//! Whole vectors as int8, and the bound that they give.

use super::kernels::{Digits, Kernels, Line, bytes_mut, dot_error};
use super::query::{NORM_SLACK, UnitQuery};
use super::unit::Measure;

/// Codes a unit vector: `vector[i]` is near `scale * code[i]`. Writes the codes; returns the scale and the
/// norm of the difference, rounded up.
pub fn encode(vector: &[f32], codes: &mut [Line]) -> (f32, f32) {
    let largest = vector.iter().fold(0.0f32, |most, x| most.max(x.abs()));
    let codes = bytes_mut(codes);
    codes.fill(0);
    // A scale too small to divide by leaves the codes at zero and the vector to the error.
    let scale = largest / 127.0;
    let step = if scale.is_normal() { 1.0 / scale } else { 0.0 };
    let mut square = 0.0f64;
    for (code, &x) in codes.iter_mut().zip(vector) {
        let whole = (x * step).round().clamp(-127.0, 127.0);
        *code = whole as i8;
        let left = f64::from(x) - f64::from(scale) * f64::from(whole);
        square += left * left;
    }
    // The sum of n squares errs by less than n * 2^-52 of itself; 1e-9 covers that and the square root.
    (scale, ((square.sqrt() * (1.0 + 1e-9)) as f32).next_up())
}

/// A query against int8 codes. With a row `v = s c + e` and the query `q = t h + f` (`h` whole numbers
/// of two digits), `<q, v> = s t <h, c> + <f, s c> + <q, e>`: the first term is exact in integers, the
/// others are bounded by Cauchy-Schwarz, `|<f, s c>| <= |f| (|v| + |e|)` and `|<q, e>| <= |q| |e|`.
#[derive(Clone, Debug)]
pub struct CodeQuery {
    /// `h`.
    pub digits: Digits,
    /// `t`.
    pub unit: f64,
    /// The norm of `f`, rounded up.
    pub missed: f64,
    /// What a row's error may add or take, per unit of it.
    error: f64,
    /// What may be added to or taken from any row.
    slack: f64,
}

/// What codes say of a row's similarity by the f32 kernel: it lies between.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Coded {
    /// At least this.
    pub low: f64,
    /// At most this.
    pub high: f64,
}

impl CodeQuery {
    /// Codes the query. Cost: two passes over it.
    pub fn new(query: &UnitQuery) -> Self {
        let vector = query.floats();
        let largest = vector.iter().fold(0.0f32, |most, x| most.max(x.abs()));
        let unit = f64::from(largest) / Digits::MAX;
        let (digits, missed) = Kernels::best().split(vector, unit);
        let missed = missed * (1.0 + 1e-9);
        Self {
            digits,
            unit,
            missed,
            error: 1.0 + NORM_SLACK + missed,
            // The last two: how far the f32 kernel may lie from the exact product, and the handful of
            // f64 roundings here, each below 1e-15.
            slack: missed * (1.0 + NORM_SLACK)
                + dot_error(vector.len()) * (1.0 + 3.0 * NORM_SLACK)
                + 1e-12,
        }
    }

    /// The bounds of the similarity of the row with these codes. Where there is no vector the codes are
    /// zero and so is the error: the similarity, 0, lies between.
    #[inline]
    pub fn look(&self, kernels: &Kernels, codes: &[Line], measure: &Measure) -> Coded {
        let (hi, lo) = kernels.digits(codes, &self.digits);
        let whole = 128 * i64::from(hi) + i64::from(lo);
        let estimate = f64::from(measure.scale) * self.unit * whole as f64;
        let off = self.error * f64::from(measure.error) + self.slack;
        Coded { low: (estimate - off).max(-1.0), high: (estimate + off).min(1.0) }
    }
}
