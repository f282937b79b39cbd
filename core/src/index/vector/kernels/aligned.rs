//! Units of one cache line, so that rows never straddle one and vectors load whole.

use super::super::unit::Measure;
use crate::store::Plain;

// SAFETY: sixteen f32 in a row without padding, and any bits are an f32.
unsafe impl Plain for Lane {}
// SAFETY: sixty-four i8 without padding.
unsafe impl Plain for Line {}
// SAFETY: thirty-two u16 without padding.
unsafe impl Plain for Slack {}
// SAFETY: an f64 and two f32 in C's order: 16 bytes, no padding, and any bits are numbers.
unsafe impl Plain for Measure {}

/// Sixteen floats of a vector.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[repr(C, align(64))]
pub struct Lane(pub [f32; 16]);

/// Sixty-four int8 codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C, align(64))]
pub struct Line(pub [i8; 64]);

/// What the codes of sixteen rows leave out, in units of [`Slack::UNIT`], rounded up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C, align(64))]
pub struct Slack {
    /// The norm of what the codes do not say of a row.
    pub residual: [u16; 16],
    /// The norm of that rest's image in the subspace: the rounding of the codes.
    pub rounding: [u16; 16],
}

impl Slack {
    /// What one step stands for: norms from 0 to just under 2.
    pub const UNIT: f64 = 1.0 / 32768.0;
}

impl Line {
    /// No code set.
    pub const ZERO: Line = Line([0; 64]);
}

impl Default for Line {
    fn default() -> Self {
        Self::ZERO
    }
}

/// The floats of consecutive lanes.
pub fn floats(lanes: &[Lane]) -> &[f32] {
    // SAFETY: a `Lane` is exactly 16 f32 in a row (repr(C), 64 bytes, no padding), so `lanes` covers
    // 16 times its length of initialised, well-aligned f32, borrowed for as long.
    unsafe { std::slice::from_raw_parts(lanes.as_ptr().cast(), lanes.len() * 16) }
}

/// The floats of consecutive lanes, to write.
pub fn floats_mut(lanes: &mut [Lane]) -> &mut [f32] {
    // SAFETY: as in `floats`; the borrow is exclusive, and every f32 is a valid content of a lane.
    unsafe { std::slice::from_raw_parts_mut(lanes.as_mut_ptr().cast(), lanes.len() * 16) }
}

/// The codes of consecutive lines, to write.
pub fn bytes_mut(lines: &mut [Line]) -> &mut [i8] {
    // SAFETY: a `Line` is exactly 64 i8 in a row without padding; the borrow is exclusive and lives as
    // long, and every i8 is a valid content of a line.
    unsafe { std::slice::from_raw_parts_mut(lines.as_mut_ptr().cast(), lines.len() * 64) }
}
