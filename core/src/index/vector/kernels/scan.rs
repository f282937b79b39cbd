//! The first pass: an estimate of the similarity and an upper bound of the score, sixteen rows at a time.

use super::{Digits, Line, Slack};

/// How many leading dimensions of the subspace the first pass looks at: with its two slacks, a row's codes
/// fill one line.
pub const SCAN_DIMS: usize = 60;

/// Cache lines of codes that one block of sixteen rows takes: a line holds four dimensions of each.
pub const SCAN_LINES: usize = SCAN_DIMS / 4;

/// One query against the blocks. A row of dot product `d` and slacks `n`, `m` has
/// `similarity <= d * scale + n * residual + m * rounding + slack`, and its score is at most
/// `weight * min(similarity, 1) + base`.
#[derive(Clone, Debug)]
pub struct Scan {
    /// The query's leading coordinates: one line, of which [`SCAN_DIMS`] are in use.
    pub digits: Digits,
    /// What one unit of the codes' dot product is worth.
    pub scale: f32,
    /// What one step of a row's residual may add.
    pub residual: f32,
    /// What one step of a row's rounding may add.
    pub rounding: f32,
    /// What arithmetic may add.
    pub slack: f32,
    /// The weight of the similarity in the score.
    pub weight: f64,
}

impl Scan {
    /// The four high and the four low digits that meet line `group` of each block.
    #[inline(always)]
    pub(super) fn group(&self, group: usize) -> ([i8; 4], [i8; 4]) {
        let four = |line: &Line| std::array::from_fn(|i| line.0[group * 4 + i]);
        (four(&self.digits.hi[0]), four(&self.digits.lo[0]))
    }

    /// From dot products to estimates and bounds. Compiled anew inside of each instruction set's scan,
    /// whose vector width it then gets; the operations are the same and so are the results.
    ///
    /// The bound needs no slack for what happens to it here after `min`: the score itself is made by the
    /// same multiplication, addition and (where it meets the bound) rounding to f32, and all are monotone.
    #[inline(always)]
    pub(super) fn finish(
        &self,
        dots: &[i32; 16],
        slack: &Slack,
        bases: &[f64; 16],
        estimates: &mut [f32; 16],
        bounds: &mut [f32; 16],
    ) {
        for i in 0..16 {
            let slack = [slack.residual[i], slack.rounding[i]];
            (estimates[i], bounds[i]) = self.finish_one(dots[i], slack, bases[i]);
        }
    }

    /// [`Scan::finish`] of one row, from its dot product, residual and rounding.
    #[inline(always)]
    pub fn finish_one(&self, dot: i32, [residual, rounding]: [u16; 2], base: f64) -> (f32, f32) {
        let estimate = dot as f32 * self.scale;
        let residual = f32::from(residual) * self.residual;
        let rounding = f32::from(rounding) * self.rounding;
        let bound = ((estimate + residual) + rounding) + self.slack;
        let bound = if bound > 1.0 { 1.0 } else { bound };
        (estimate, (self.weight * f64::from(bound) + base) as f32)
    }

    /// Runs `dots` over each block and finishes it.
    #[inline(always)]
    pub(super) fn blocks(
        &self,
        codes: &[Line],
        slacks: &[Slack],
        bases: &[f64],
        estimates: &mut [f32],
        bounds: &mut [f32],
        mut dots: impl FnMut(&[Line; SCAN_LINES]) -> [i32; 16],
    ) {
        let (codes, _) = codes.as_chunks::<SCAN_LINES>();
        let (bases, _) = bases.as_chunks::<16>();
        let (estimates, _) = estimates.as_chunks_mut::<16>();
        let (bounds, _) = bounds.as_chunks_mut::<16>();
        let rows = bases.iter().zip(estimates).zip(bounds);
        for ((block, slack), ((bases, estimates), bounds)) in codes.iter().zip(slacks).zip(rows) {
            self.finish(&dots(block), slack, bases, estimates, bounds);
        }
    }
}
