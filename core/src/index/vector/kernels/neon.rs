//! NEON of aarch64, which every such processor has.

use std::arch::aarch64::{
    int8x16_t, int32x4_t, vaddq_f32, vaddq_s32, vaddvq_s32, vdupq_n_f32, vdupq_n_s32, vfmaq_f32,
    vget_low_s8, vld1q_f32, vld1q_s8, vmull_high_s8, vmull_s8, vpadalq_s16, vpaddq_s16,
    vreinterpretq_s8_s32, vshlq_n_s32, vst1q_f32, vst1q_s32,
};

use super::scalar::{fold, padded};
use super::{Digits, Line, SCAN_LINES, SIEVE_LINES, Scan, Sieve, Slack};

/// [`super::scalar::dot`] with sixteen registers of four lanes.
///
/// # Safety
/// The processor must have NEON; the slices must have one length.
#[target_feature(enable = "neon")]
pub(super) unsafe fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut lanes = [vdupq_n_f32(0.0); 16];
    let mut step = |a: *const f32, b: *const f32| {
        for (i, lane) in lanes.iter_mut().enumerate() {
            // SAFETY: both pointers are good for 64 floats, of which this reads 4 from 4 * i on.
            let (a, b) = unsafe { (vld1q_f32(a.add(4 * i)), vld1q_f32(b.add(4 * i))) };
            *lane = vfmaq_f32(*lane, a, b);
        }
    };
    let (a, a_rest) = a.as_chunks::<64>();
    let (b, b_rest) = b.as_chunks::<64>();
    for (a, b) in a.iter().zip(b) {
        step(a.as_ptr(), b.as_ptr());
    }
    if !a_rest.is_empty() {
        step(padded(a_rest).as_ptr(), padded(b_rest).as_ptr());
    }
    let mut out = [0.0; 16];
    for i in 0..4 {
        // Registers four apart are lanes sixteen apart.
        let sums =
            vaddq_f32(vaddq_f32(lanes[i], lanes[i + 4]), vaddq_f32(lanes[i + 8], lanes[i + 12]));
        // SAFETY: `out` is 16 floats, four for each `i`.
        unsafe { vst1q_f32(out.as_mut_ptr().add(4 * i), sums) };
    }
    fold(&out)
}

/// [`super::scalar::dots`], one by one: four rows' lanes are more than there are registers.
///
/// # Safety
/// As for [`dot`].
#[target_feature(enable = "neon")]
pub(super) unsafe fn dots(rows: [&[f32]; 4], b: &[f32]) -> [f32; 4] {
    // SAFETY: the caller's.
    rows.map(|row| unsafe { dot(row, b) })
}

/// The four quarters of a line.
#[inline]
#[target_feature(enable = "neon")]
fn quarters(line: &Line) -> [int8x16_t; 4] {
    let start = line.0.as_ptr();
    // SAFETY: a `Line` is 64 bytes: four quarters of 16.
    unsafe {
        [vld1q_s8(start), vld1q_s8(start.add(16)), vld1q_s8(start.add(32)), vld1q_s8(start.add(48))]
    }
}

/// Adds to each i32 the four products of its bytes. A code is at least -128 and a digit at most 127 from
/// zero, so that two products fit i16.
#[inline]
#[target_feature(enable = "neon")]
fn add_products(sum: int32x4_t, codes: int8x16_t, digits: int8x16_t) -> int32x4_t {
    let low = vmull_s8(vget_low_s8(codes), vget_low_s8(digits));
    let high = vmull_high_s8(codes, digits);
    vpadalq_s16(sum, vpaddq_s16(low, high))
}

/// [`super::scalar::digits`].
///
/// # Safety
/// The processor must have NEON; the row and both digits must have one length.
#[target_feature(enable = "neon")]
pub(super) unsafe fn digits(row: &[Line], query: &Digits) -> (i32, i32) {
    let (mut hi, mut lo) = (vdupq_n_s32(0), vdupq_n_s32(0));
    for ((row, hi_digits), lo_digits) in row.iter().zip(&query.hi).zip(&query.lo) {
        let (row, h, l) = (quarters(row), quarters(hi_digits), quarters(lo_digits));
        for i in 0..4 {
            hi = add_products(hi, row[i], h[i]);
            lo = add_products(lo, row[i], l[i]);
        }
    }
    (vaddvq_s32(hi), vaddvq_s32(lo))
}

/// [`super::scalar::scan`], four rows of each line at a time.
///
/// # Safety
/// The processor must have NEON; the slices must belong to one run of blocks.
#[target_feature(enable = "neon")]
pub(super) unsafe fn scan(
    scan: &Scan,
    codes: &[Line],
    slacks: &[Slack],
    bases: &[f64],
    estimates: &mut [f32],
    bounds: &mut [f32],
) {
    let zero = vreinterpretq_s8_s32(vdupq_n_s32(0));
    let (mut hi, mut lo) = ([zero; SCAN_LINES], [zero; SCAN_LINES]);
    for group in 0..SCAN_LINES {
        let (h, l) = scan.group(group);
        let four = |digits: [i8; 4]| {
            vreinterpretq_s8_s32(vdupq_n_s32(i32::from_le_bytes(digits.map(|d| d as u8))))
        };
        (hi[group], lo[group]) = (four(h), four(l));
    }
    scan.blocks(codes, slacks, bases, estimates, bounds, |block| {
        let (mut h, mut l) = ([vdupq_n_s32(0); 4], [vdupq_n_s32(0); 4]);
        for group in 0..SCAN_LINES {
            let rows = quarters(&block[group]);
            for i in 0..4 {
                h[i] = add_products(h[i], rows[i], hi[group]);
                l[i] = add_products(l[i], rows[i], lo[group]);
            }
        }
        let mut out = [0i32; 16];
        for i in 0..4 {
            let dots = vaddq_s32(vshlq_n_s32::<7>(h[i]), l[i]);
            // SAFETY: `out` is 16 i32, four for each `i`.
            unsafe { vst1q_s32(out.as_mut_ptr().add(4 * i), dots) };
        }
        out
    });
}

/// [`super::scalar::sift`], four rows of each line at a time.
///
/// # Safety
/// The processor must have NEON; the slices must belong to one run of blocks.
#[target_feature(enable = "neon")]
pub(super) unsafe fn sift(sieve: &Sieve, codes: &[Line], least: i32, passed: &mut [u16]) {
    let groups = sieve.groups.map(|four| {
        vreinterpretq_s8_s32(vdupq_n_s32(i32::from_le_bytes(four.map(|digit| digit as u8))))
    });
    for (block, passed) in codes.as_chunks::<SIEVE_LINES>().0.iter().zip(passed) {
        let mut sums = [vdupq_n_s32(0); 4];
        for (line, &group) in block.iter().zip(&groups) {
            let rows = quarters(line);
            for i in 0..4 {
                sums[i] = add_products(sums[i], rows[i], group);
            }
        }
        let mut out = [0i32; 16];
        for i in 0..4 {
            // SAFETY: `out` is 16 i32, four for each `i`.
            unsafe { vst1q_s32(out.as_mut_ptr().add(4 * i), sums[i]) };
        }
        *passed = (0..16).fold(0, |mask, row| mask | u16::from(out[row] >= least) << row);
    }
}
