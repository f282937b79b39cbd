//! AVX-512 with VNNI: 64 bytes a load, one instruction for 64 products of int8.

use std::arch::x86_64::{
    __m512, __m512i, _mm256_add_ps, _mm512_add_epi32, _mm512_add_ps, _mm512_castps512_ps256,
    _mm512_cmpge_epi32_mask, _mm512_dpbusd_epi32, _mm512_extractf32x8_ps, _mm512_fmadd_ps,
    _mm512_load_si512, _mm512_loadu_ps, _mm512_reduce_add_epi32, _mm512_set1_epi8,
    _mm512_set1_epi32, _mm512_setzero_ps, _mm512_setzero_si512, _mm512_slli_epi32,
    _mm512_storeu_si512, _mm512_sub_epi32, _mm512_xor_si512,
};

use super::avx2::fold_eight;
use super::scalar::{padded, split_by};
use super::{Digits, Line, SCAN_LINES, SIEVE_LINES, Scan, Sieve, Slack};

/// Whether this processor, and the system on it, run these kernels.
pub(super) fn detected() -> bool {
    is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512dq")
        && is_x86_feature_detected!("avx512vl")
        && is_x86_feature_detected!("avx512vnni")
}

/// [`super::scalar::dot`] with four registers of sixteen lanes.
///
/// # Safety
/// The processor must have AVX-512 F and DQ; the slices must have one length.
#[target_feature(enable = "avx512f,avx512dq")]
pub(super) unsafe fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut lanes = [_mm512_setzero_ps(); 4];
    let mut step = |a: *const f32, b: *const f32| {
        for (i, lane) in lanes.iter_mut().enumerate() {
            // SAFETY: both pointers are good for 64 floats, of which this reads 16 from 16 * i on.
            let (a, b) =
                unsafe { (_mm512_loadu_ps(a.add(16 * i)), _mm512_loadu_ps(b.add(16 * i))) };
            *lane = _mm512_fmadd_ps(a, b, *lane);
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
    folded(&lanes)
}

/// [`super::scalar::dots`]: four registers for each of four rows, and each load of the other vector serves them all.
///
/// # Safety
/// As for [`dot`].
#[target_feature(enable = "avx512f,avx512dq")]
pub(super) unsafe fn dots(rows: [&[f32]; 4], b: &[f32]) -> [f32; 4] {
    let mut lanes = [[_mm512_setzero_ps(); 4]; 4];
    let mut step = |rows: [*const f32; 4], b: *const f32| {
        for i in 0..4 {
            // SAFETY: all pointers are good for 64 floats, of which this reads 16 from 16 * i on.
            let b = unsafe { _mm512_loadu_ps(b.add(16 * i)) };
            for (row, lanes) in rows.iter().zip(&mut lanes) {
                // SAFETY: as above.
                lanes[i] =
                    _mm512_fmadd_ps(unsafe { _mm512_loadu_ps(row.add(16 * i)) }, b, lanes[i]);
            }
        }
    };
    let (whole, rest) = b.as_chunks::<64>();
    for (at, b) in whole.iter().enumerate() {
        // SAFETY: each row is as long as the other vector.
        step(rows.map(|row| unsafe { row.as_ptr().add(64 * at) }), b.as_ptr());
    }
    if !rest.is_empty() {
        let ends = rows.map(|row| padded(&row[64 * whole.len()..]));
        step(ends.each_ref().map(|end| end.as_ptr()), padded(rest).as_ptr());
    }
    lanes.each_ref().map(|lanes| folded(lanes))
}

/// The order of [`super::scalar::fold`], in registers: by way of memory the end of a row would hold up the next.
#[inline]
#[target_feature(enable = "avx512f,avx512dq")]
fn folded(lanes: &[__m512; 4]) -> f32 {
    let sums = _mm512_add_ps(_mm512_add_ps(lanes[0], lanes[1]), _mm512_add_ps(lanes[2], lanes[3]));
    fold_eight(_mm256_add_ps(_mm512_castps512_ps256(sums), _mm512_extractf32x8_ps::<1>(sums)))
}

/// The instruction multiplies unsigned by signed bytes: flipping the top bit of a code adds 128 to it,
/// and 128 times the digits' sum is taken off at the end.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn unsigned(line: &Line) -> __m512i {
    // SAFETY: a `Line` is 64 bytes, aligned to 64.
    let codes = unsafe { _mm512_load_si512(std::ptr::from_ref(line).cast()) };
    _mm512_xor_si512(codes, _mm512_set1_epi8(i8::MIN))
}

/// [`super::scalar::digits`].
///
/// # Safety
/// The processor must have AVX-512 F, BW and VNNI; the row and both digits must have one length.
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
pub(super) unsafe fn digits(row: &[Line], query: &Digits) -> (i32, i32) {
    let (mut hi, mut lo) = (_mm512_setzero_si512(), _mm512_setzero_si512());
    for ((row, hi_digits), lo_digits) in row.iter().zip(&query.hi).zip(&query.lo) {
        let row = unsigned(row);
        // SAFETY: a `Line` is 64 bytes, aligned to 64.
        let (h, l) = unsafe {
            (
                _mm512_load_si512(std::ptr::from_ref(hi_digits).cast()),
                _mm512_load_si512(std::ptr::from_ref(lo_digits).cast()),
            )
        };
        hi = _mm512_dpbusd_epi32(hi, row, h);
        lo = _mm512_dpbusd_epi32(lo, row, l);
    }
    // Wrapping: the sums with 128 added may leave i32, their difference does not.
    (
        _mm512_reduce_add_epi32(hi).wrapping_sub(query.hi_sum.wrapping_mul(128)),
        _mm512_reduce_add_epi32(lo).wrapping_sub(query.lo_sum.wrapping_mul(128)),
    )
}

/// [`super::scalar::scan`]: each line holds four dimensions of sixteen rows, so one instruction adds four
/// products to each of sixteen rows' own lanes and nothing is summed across.
///
/// # Safety
/// The processor must have AVX-512 F, BW, DQ, VL and VNNI; the slices must belong to one run of blocks.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")]
pub(super) unsafe fn scan(
    scan: &Scan,
    codes: &[Line],
    slacks: &[Slack],
    bases: &[f64],
    estimates: &mut [f32],
    bounds: &mut [f32],
) {
    let (mut hi, mut lo) =
        ([_mm512_setzero_si512(); SCAN_LINES], [_mm512_setzero_si512(); SCAN_LINES]);
    let mut sum = 0;
    for group in 0..SCAN_LINES {
        let (h, l) = scan.group(group);
        hi[group] = _mm512_set1_epi32(i32::from_le_bytes(h.map(|d| d as u8)));
        lo[group] = _mm512_set1_epi32(i32::from_le_bytes(l.map(|d| d as u8)));
        sum += h.iter().zip(&l).map(|(&h, &l)| 128 * i32::from(h) + i32::from(l)).sum::<i32>();
    }
    let added = _mm512_set1_epi32(128 * sum);
    scan.blocks(codes, slacks, bases, estimates, bounds, |block| {
        let (mut h, mut l) = (_mm512_setzero_si512(), _mm512_setzero_si512());
        for group in 0..SCAN_LINES {
            let rows = unsigned(&block[group]);
            h = _mm512_dpbusd_epi32(h, rows, hi[group]);
            l = _mm512_dpbusd_epi32(l, rows, lo[group]);
        }
        let dots = _mm512_sub_epi32(_mm512_add_epi32(_mm512_slli_epi32::<7>(h), l), added);
        let mut out = [0; 16];
        // SAFETY: `out` is 16 i32.
        unsafe { _mm512_storeu_si512(out.as_mut_ptr().cast(), dots) };
        out
    });
}

/// [`split_by`] at this width.
///
/// # Safety
/// The processor must have AVX-512 F, BW, DQ and VL.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
pub(super) unsafe fn split(
    vector: &[f32],
    unit: f64,
    hi: &mut [Line],
    lo: &mut [Line],
) -> (i32, i32, f64) {
    split_by(vector, unit, hi, lo)
}

/// [`super::scalar::sift`], a block at a time.
///
/// # Safety
/// The processor must have AVX-512 F, BW and VNNI; the slices must belong to one run of blocks.
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
pub(super) unsafe fn sift(sieve: &Sieve, codes: &[Line], least: i32, passed: &mut [u16]) {
    let groups = sieve
        .groups
        .map(|four| _mm512_set1_epi32(i32::from_le_bytes(four.map(|digit| digit as u8))));
    // What flipping the codes' top bits adds to every sum.
    let least = _mm512_set1_epi32(least + 128 * sieve.sum);
    for (block, passed) in codes.as_chunks::<SIEVE_LINES>().0.iter().zip(passed) {
        let mut sums = [_mm512_setzero_si512(); 2];
        for (i, (line, &group)) in block.iter().zip(&groups).enumerate() {
            sums[i % 2] = _mm512_dpbusd_epi32(sums[i % 2], unsigned(line), group);
        }
        *passed = _mm512_cmpge_epi32_mask(_mm512_add_epi32(sums[0], sums[1]), least);
    }
}
