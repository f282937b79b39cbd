//! AVX2 and FMA: half the width, and no instruction for int8 that cannot overflow unless it is led.

use std::arch::x86_64::{
    __m256, __m256i, _mm_add_ps, _mm_add_ss, _mm_cvtss_f32, _mm_movehl_ps, _mm_shuffle_ps,
    _mm256_abs_epi8, _mm256_add_epi32, _mm256_add_ps, _mm256_castps256_ps128, _mm256_castsi256_ps,
    _mm256_cmpgt_epi32, _mm256_extractf128_ps, _mm256_fmadd_ps, _mm256_load_si256, _mm256_loadu_ps,
    _mm256_madd_epi16, _mm256_maddubs_epi16, _mm256_movemask_ps, _mm256_set1_epi16,
    _mm256_set1_epi32, _mm256_setzero_ps, _mm256_setzero_si256, _mm256_sign_epi8,
    _mm256_slli_epi32, _mm256_storeu_si256,
};

use super::scalar::{padded, split_by};
use super::{Digits, Line, SCAN_LINES, SIEVE_LINES, Scan, Sieve, Slack};

/// Whether this processor, and the system on it, run these kernels.
pub(super) fn detected() -> bool {
    is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma")
}

/// [`super::scalar::dot`] with eight registers of eight lanes.
///
/// # Safety
/// The processor must have AVX2 and FMA; the slices must have one length.
#[target_feature(enable = "avx2,fma")]
pub(super) unsafe fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut lanes = [_mm256_setzero_ps(); 8];
    let mut step = |a: *const f32, b: *const f32| {
        for (i, lane) in lanes.iter_mut().enumerate() {
            // SAFETY: both pointers are good for 64 floats, of which this reads 8 from 8 * i on.
            let (a, b) = unsafe { (_mm256_loadu_ps(a.add(8 * i)), _mm256_loadu_ps(b.add(8 * i))) };
            *lane = _mm256_fmadd_ps(a, b, *lane);
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
    // Registers two apart are lanes sixteen apart.
    let half = |i: usize| {
        _mm256_add_ps(
            _mm256_add_ps(lanes[i], lanes[i + 2]),
            _mm256_add_ps(lanes[i + 4], lanes[i + 6]),
        )
    };
    fold_eight(_mm256_add_ps(half(0), half(1)))
}

/// [`super::scalar::dots`], one by one: four rows' lanes are more than there are registers.
///
/// # Safety
/// As for [`dot`].
#[target_feature(enable = "avx2,fma")]
pub(super) unsafe fn dots(rows: [&[f32]; 4], b: &[f32]) -> [f32; 4] {
    // SAFETY: the caller's.
    rows.map(|row| unsafe { dot(row, b) })
}

/// The last three halvings of [`super::scalar::fold`]: 4 apart, then 2, 1.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn fold_eight(eight: __m256) -> f32 {
    let four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps::<1>(eight));
    let two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    _mm_cvtss_f32(_mm_add_ss(two, _mm_shuffle_ps::<1>(two, two)))
}

/// The two halves of a line.
#[inline]
#[target_feature(enable = "avx2")]
fn halves(line: &Line) -> [__m256i; 2] {
    let start = std::ptr::from_ref(line).cast::<__m256i>();
    // SAFETY: a `Line` is 64 bytes aligned to 64: two aligned halves of 32.
    unsafe { [_mm256_load_si256(start), _mm256_load_si256(start.add(1))] }
}

/// Adds to each i32 the four products of its bytes. The unsigned factor is at most 128 and the signed one
/// at most 127, so that two products fit i16 and the instruction never saturates.
#[inline]
#[target_feature(enable = "avx2")]
fn add_products(sum: __m256i, codes: __m256i, digits: __m256i) -> __m256i {
    let pairs = _mm256_maddubs_epi16(_mm256_abs_epi8(codes), _mm256_sign_epi8(digits, codes));
    _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)))
}

/// The sum of eight i32.
#[inline]
#[target_feature(enable = "avx2")]
fn total(sums: __m256i) -> i32 {
    let mut out = [0i32; 8];
    // SAFETY: `out` is 32 bytes.
    unsafe { _mm256_storeu_si256(out.as_mut_ptr().cast(), sums) };
    out.iter().sum()
}

/// [`super::scalar::digits`].
///
/// # Safety
/// The processor must have AVX2; the row and both digits must have one length.
#[target_feature(enable = "avx2")]
pub(super) unsafe fn digits(row: &[Line], query: &Digits) -> (i32, i32) {
    let (mut hi, mut lo) = (_mm256_setzero_si256(), _mm256_setzero_si256());
    for ((row, hi_digits), lo_digits) in row.iter().zip(&query.hi).zip(&query.lo) {
        let (row, h, l) = (halves(row), halves(hi_digits), halves(lo_digits));
        for i in 0..2 {
            hi = add_products(hi, row[i], h[i]);
            lo = add_products(lo, row[i], l[i]);
        }
    }
    (total(hi), total(lo))
}

/// [`super::scalar::scan`], eight rows of each line at a time.
///
/// # Safety
/// The processor must have AVX2 and FMA; the slices must belong to one run of blocks.
#[target_feature(enable = "avx2,fma")]
pub(super) unsafe fn scan(
    scan: &Scan,
    codes: &[Line],
    slacks: &[Slack],
    bases: &[f64],
    estimates: &mut [f32],
    bounds: &mut [f32],
) {
    let (mut hi, mut lo) =
        ([_mm256_setzero_si256(); SCAN_LINES], [_mm256_setzero_si256(); SCAN_LINES]);
    for group in 0..SCAN_LINES {
        let (h, l) = scan.group(group);
        hi[group] = _mm256_set1_epi32(i32::from_le_bytes(h.map(|d| d as u8)));
        lo[group] = _mm256_set1_epi32(i32::from_le_bytes(l.map(|d| d as u8)));
    }
    scan.blocks(codes, slacks, bases, estimates, bounds, |block| {
        let (mut h, mut l) = ([_mm256_setzero_si256(); 2], [_mm256_setzero_si256(); 2]);
        for group in 0..SCAN_LINES {
            let rows = halves(&block[group]);
            for i in 0..2 {
                h[i] = add_products(h[i], rows[i], hi[group]);
                l[i] = add_products(l[i], rows[i], lo[group]);
            }
        }
        let mut out = [0i32; 16];
        for i in 0..2 {
            let dots = _mm256_add_epi32(_mm256_slli_epi32::<7>(h[i]), l[i]);
            // SAFETY: `out` is 16 i32: 8 from its start, 8 from its middle.
            unsafe { _mm256_storeu_si256(out.as_mut_ptr().add(8 * i).cast(), dots) };
        }
        out
    });
}

/// [`split_by`] at this width.
///
/// # Safety
/// The processor must have AVX2 and FMA.
#[target_feature(enable = "avx2,fma")]
pub(super) unsafe fn split(
    vector: &[f32],
    unit: f64,
    hi: &mut [Line],
    lo: &mut [Line],
) -> (i32, i32, f64) {
    split_by(vector, unit, hi, lo)
}

/// [`super::scalar::sift`], half a block at a time.
///
/// # Safety
/// The processor must have AVX2; the slices must belong to one run of blocks.
#[target_feature(enable = "avx2")]
pub(super) unsafe fn sift(sieve: &Sieve, codes: &[Line], least: i32, passed: &mut [u16]) {
    let groups = sieve
        .groups
        .map(|four| _mm256_set1_epi32(i32::from_le_bytes(four.map(|digit| digit as u8))));
    let below = _mm256_set1_epi32(least - 1);
    for (block, passed) in codes.as_chunks::<SIEVE_LINES>().0.iter().zip(passed) {
        let mut sums = [_mm256_setzero_si256(); 2];
        for (line, &group) in block.iter().zip(&groups) {
            let rows = halves(line);
            for i in 0..2 {
                sums[i] = add_products(sums[i], rows[i], group);
            }
        }
        let mask = sums.map(|sums| {
            _mm256_movemask_ps(_mm256_castsi256_ps(_mm256_cmpgt_epi32(sums, below))) as u16
        });
        *passed = mask[0] | mask[1] << 8;
    }
}
