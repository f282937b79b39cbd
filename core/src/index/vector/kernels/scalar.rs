//! The kernels in plain Rust: the meaning that every other version must reproduce to the bit.

use super::{Digits, Line, SIEVE_LINES, Scan, Sieve, Slack};

/// Virtual lanes of the f32 dot product: four registers of AVX-512, eight of AVX2, sixteen of NEON.
const LANES: usize = 64;

/// The dot product, in the order that all versions keep: element `i` is added to lane `i % 64` by a fused
/// multiply-add; the last step is padded with zeros; then lanes 16 apart are added as
/// `(a + b) + (c + d)`, and the sixteen sums by [`fold`].
///
/// It is declared unsafe only to share a type with the versions that need an instruction set.
pub(super) unsafe fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut lanes = [0.0f32; LANES];
    let mut step = |a: &[f32; LANES], b: &[f32; LANES]| {
        for i in 0..LANES {
            lanes[i] = a[i].mul_add(b[i], lanes[i]);
        }
    };
    let (a, a_rest) = a.as_chunks::<LANES>();
    let (b, b_rest) = b.as_chunks::<LANES>();
    for (a, b) in a.iter().zip(b) {
        step(a, b);
    }
    if !a_rest.is_empty() {
        step(&padded(a_rest), &padded(b_rest));
    }
    let sums =
        std::array::from_fn(|i| (lanes[i] + lanes[i + 16]) + (lanes[i + 32] + lanes[i + 48]));
    fold(&sums)
}

/// Four of them.
pub(super) unsafe fn dots(rows: [&[f32]; 4], b: &[f32]) -> [f32; 4] {
    // SAFETY: `dot` asks nothing of its arguments.
    rows.map(|row| unsafe { dot(row, b) })
}

/// The end of a vector, with zeros up to a whole step.
#[inline(always)]
pub(super) fn padded(rest: &[f32]) -> [f32; LANES] {
    let mut step = [0.0; LANES];
    step[..rest.len()].copy_from_slice(rest);
    step
}

/// Sixteen sums into one, halving: 8 apart, then 4, 2, 1.
#[inline(always)]
pub(super) fn fold(sums: &[f32; 16]) -> f32 {
    let eight: [f32; 8] = std::array::from_fn(|i| sums[i] + sums[i + 8]);
    let four: [f32; 4] = std::array::from_fn(|i| eight[i] + eight[i + 4]);
    (four[0] + four[2]) + (four[1] + four[3])
}

/// The exact dot products of codes with both digits.
pub(super) unsafe fn digits(row: &[Line], query: &Digits) -> (i32, i32) {
    let dot = |digit: &[Line]| {
        let products = row.iter().zip(digit).flat_map(|(r, d)| r.0.iter().zip(&d.0));
        products.map(|(&r, &d)| i32::from(r) * i32::from(d)).sum()
    };
    (dot(&query.hi), dot(&query.lo))
}

/// The first pass over blocks of sixteen rows.
pub(super) unsafe fn scan(
    scan: &Scan,
    codes: &[Line],
    slacks: &[Slack],
    bases: &[f64],
    estimates: &mut [f32],
    bounds: &mut [f32],
) {
    scan.blocks(codes, slacks, bases, estimates, bounds, |block| {
        let mut dots = [0i32; 16];
        for (group, line) in block.iter().enumerate() {
            let (hi, lo) = scan.group(group);
            for (row, dot) in dots.iter_mut().enumerate() {
                for i in 0..4 {
                    let query = 128 * i32::from(hi[i]) + i32::from(lo[i]);
                    *dot += query * i32::from(line.0[row * 4 + i]);
                }
            }
        }
        dots
    });
}

/// Adding and taking away this rounds an f64 far below it to a whole number; the sum's low bits are that number.
const ROUND: f64 = 6_755_399_441_055_744.0; // 1.5 * 2^52

/// Splits `vector / unit`, rounded, into digits of 7 and 8 bits.
///
/// Plain loops: compiled once more inside of each instruction set's function, they are as wide as it is. All
/// operations are those of IEEE 754 one by one, so that the results are the same.
#[inline(always)]
pub(super) fn split_by(
    vector: &[f32],
    unit: f64,
    hi: &mut [Line],
    lo: &mut [Line],
) -> (i32, i32, f64) {
    let inverse = if unit > 0.0 { 1.0 / unit } else { 0.0 };
    let (mut hi_sum, mut lo_sum, mut squares) = (0, 0, [0.0f64; 16]);
    let mut step = |vector: &[f32; 16], hi: &mut [i8; 16], lo: &mut [i8; 16]| {
        for i in 0..16 {
            let x = f64::from(vector[i]);
            let rounded = x * inverse + ROUND;
            let left = x - unit * (rounded - ROUND);
            squares[i] += left * left;
            let number = rounded.to_bits() as i32;
            let high = (number + 64) >> 7;
            let low = number - (high << 7);
            (hi[i], lo[i]) = (high as i8, low as i8);
            hi_sum += high;
            lo_sum += low;
        }
    };
    let lines = hi.iter_mut().zip(lo);
    for (vector, (hi, lo)) in vector.chunks(64).zip(lines) {
        let parts = hi.0.as_chunks_mut::<16>().0.iter_mut().zip(lo.0.as_chunks_mut::<16>().0);
        for (vector, (hi, lo)) in vector.chunks(16).zip(parts) {
            let mut lane = [0.0; 16];
            lane[..vector.len()].copy_from_slice(vector);
            step(&lane, hi, lo);
        }
    }
    (hi_sum, lo_sum, squares.iter().sum())
}

/// [`split_by`] as any processor runs it.
pub(super) unsafe fn split(
    vector: &[f32],
    unit: f64,
    hi: &mut [Line],
    lo: &mut [Line],
) -> (i32, i32, f64) {
    split_by(vector, unit, hi, lo)
}

/// Which rows' dot products reach `least`, block after block.
pub(super) unsafe fn sift(sieve: &Sieve, codes: &[Line], least: i32, passed: &mut [u16]) {
    for (block, passed) in codes.as_chunks::<SIEVE_LINES>().0.iter().zip(passed) {
        let dot = |row: usize| -> i32 {
            let four = |(line, group): (&Line, &[i8; 4])| -> i32 {
                let products = line.0[row * 4..row * 4 + 4].iter().zip(group);
                products.map(|(&code, &digit)| i32::from(code) * i32::from(digit)).sum()
            };
            block.iter().zip(&sieve.groups).map(four).sum()
        };
        *passed = (0..16).fold(0, |mask, row| mask | u16::from(dot(row) >= least) << row);
    }
}
