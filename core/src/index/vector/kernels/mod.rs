//! The only SIMD, and the only `unsafe`, of the crate.
//!
//! Five operations carry the whole vector index: the f32 dot product, the dot product of int8 codes
//! with a two-digit query, the splitting of a query into its digits, the scan that bounds sixteen rows at once,
//! and a prefetch; a sixth counts the rows that two sets share, for facets. Each is written
//! for AVX-512 (with VNNI), AVX2 (with FMA), NEON, and once plainly; the plain one is the twin that the
//! others are tested against. **All give the same bits**: integers are exact, and the f32 dot product
//! has one fixed order of accumulation (see `scalar`), so that ties fall alike on every machine.
//! That is also why it is written by hand: libraries of kernels add in the order that suits each
//! instruction set.

#![allow(unsafe_code)] // intrinsics and reinterpreted aligned units; every use carries its argument
#![allow(clippy::inline_always)] // what must be compiled inside of each instruction set's own function

mod aligned;
#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(target_arch = "aarch64")]
mod neon;
mod overlap;
mod pages;
mod scalar;
mod scan;
mod sieve;
#[cfg(test)]
pub(super) mod tests;

use std::sync::OnceLock;

pub use aligned::{Lane, Line, Slack, bytes_mut, floats, floats_mut};
pub use overlap::overlap;
pub(crate) use pages::Pages;
pub use scan::{SCAN_DIMS, SCAN_LINES, Scan};
pub use sieve::{SIEVE_DIMS, SIEVE_LINES, Sieve};

/// An instruction set that the kernels are written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Isa {
    /// AVX-512 F, BW, DQ, VL and VNNI.
    Avx512,
    /// AVX2 and FMA.
    Avx2,
    /// NEON of aarch64.
    Neon,
    /// Plain Rust: right everywhere, and slow where the processor has no fused multiply-add.
    Scalar,
}

/// A query of whole numbers as two digits: each coordinate is `128 * hi + lo`.
///
/// Fifteen bits make the query's own rounding negligible beside that of the rows' eight, while the rows,
/// whose bytes cost the time, stay at eight.
#[derive(Clone, Debug, Default)]
pub struct Digits {
    /// The high digits, each in `-127..=127`.
    pub hi: Vec<Line>,
    /// The low digits, each in `-64..=64`.
    pub lo: Vec<Line>,
    hi_sum: i32,
    lo_sum: i32,
}

impl Digits {
    /// The largest whole number that two digits hold.
    pub const MAX: f64 = (127 * 128) as f64;

    /// Splits whole numbers of at most [`Digits::MAX`] into digits, padded with zeros to whole lines.
    pub fn new(numbers: impl ExactSizeIterator<Item = i32>) -> Self {
        let lines = numbers.len().div_ceil(64);
        let mut digits =
            Self { hi: vec![Line::ZERO; lines], lo: vec![Line::ZERO; lines], hi_sum: 0, lo_sum: 0 };
        for (i, number) in numbers.enumerate() {
            let hi = (number + 64).div_euclid(128).clamp(-127, 127);
            let lo = number - 128 * hi;
            digits.hi[i / 64].0[i % 64] = hi as i8;
            digits.lo[i / 64].0[i % 64] = lo as i8;
            digits.hi_sum += hi;
            digits.lo_sum += lo;
        }
        digits
    }
}

/// Splits into digits and gives their sums and the square of the norm of what they leave out.
type SplitFn = unsafe fn(&[f32], f64, &mut [Line], &mut [Line]) -> (i32, i32, f64);
type DotFn = unsafe fn(&[f32], &[f32]) -> f32;
type DotsFn = unsafe fn([&[f32]; 4], &[f32]) -> [f32; 4];
type DigitsFn = unsafe fn(&[Line], &Digits) -> (i32, i32);
type ScanFn = unsafe fn(&Scan, &[Line], &[Slack], &[f64], &mut [f32], &mut [f32]);

type SiftFn = unsafe fn(&Sieve, &[Line], i32, &mut [u16]);

/// The kernels of one instruction set, chosen once.
#[derive(Clone, Copy, Debug)]
pub struct Kernels {
    isa: Isa,
    dot: DotFn,
    dots: DotsFn,
    digits: DigitsFn,
    scan: ScanFn,
    split: SplitFn,
    sift: SiftFn,
}

impl Kernels {
    /// The best kernels of this processor: detected at the first call, a load afterwards.
    pub fn best() -> &'static Kernels {
        static BEST: OnceLock<Kernels> = OnceLock::new();
        BEST.get_or_init(|| {
            [Isa::Avx512, Isa::Avx2, Isa::Neon]
                .into_iter()
                .find_map(Kernels::of)
                .unwrap_or_else(Kernels::scalar)
        })
    }

    /// The twin in plain Rust.
    pub fn scalar() -> Kernels {
        Kernels {
            isa: Isa::Scalar,
            dot: scalar::dot,
            dots: scalar::dots,
            digits: scalar::digits,
            scan: scalar::scan,
            split: scalar::split,
            sift: scalar::sift,
        }
    }

    /// The kernels of one instruction set, if this processor has it.
    pub fn of(isa: Isa) -> Option<Kernels> {
        match isa {
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512 if avx512::detected() => Some(Kernels {
                isa,
                dot: avx512::dot,
                dots: avx512::dots,
                digits: avx512::digits,
                scan: avx512::scan,
                split: avx512::split,
                sift: avx512::sift,
            }),
            #[cfg(target_arch = "x86_64")]
            Isa::Avx2 if avx2::detected() => Some(Kernels {
                isa,
                dot: avx2::dot,
                dots: avx2::dots,
                digits: avx2::digits,
                scan: avx2::scan,
                split: avx2::split,
                sift: avx2::sift,
            }),
            #[cfg(target_arch = "aarch64")]
            Isa::Neon if std::arch::is_aarch64_feature_detected!("neon") => Some(Kernels {
                isa,
                dot: neon::dot,
                dots: neon::dots,
                digits: neon::digits,
                scan: neon::scan,
                // Every build for aarch64 has NEON: the plain one is compiled to it.
                split: scalar::split,
                sift: neon::sift,
            }),
            Isa::Scalar => Some(Kernels::scalar()),
            _ => None,
        }
    }

    /// Which instruction set these are written for.
    pub fn isa(&self) -> Isa {
        self.isa
    }

    /// The dot product of two slices of equal length: same bits on every instruction set.
    ///
    /// Its distance from the exact value is at most [`dot_error`] times the product of the two norms.
    ///
    /// # Panics
    /// If the lengths differ.
    #[inline]
    pub fn dot(&self, a: &[f32], b: &[f32]) -> f32 {
        assert_eq!(a.len(), b.len(), "vectors of one index have one length");
        // SAFETY: `of` gave these functions only where the processor has their instructions; the
        // lengths are equal, which is all that they ask of their arguments.
        unsafe { (self.dot)(a, b) }
    }

    /// [`Kernels::dot`] of four rows with one vector, to the bit. Rows that lie apart come sooner than one by one: what
    /// hardware reads ahead of each comes at the same time.
    ///
    /// # Panics
    /// If a length differs.
    #[inline]
    pub fn dots(&self, rows: [&[f32]; 4], b: &[f32]) -> [f32; 4] {
        assert!(
            rows.iter().all(|row| row.len() == b.len()),
            "vectors of one index have one length"
        );
        // SAFETY: as in `dot`.
        unsafe { (self.dots)(rows, b) }
    }

    /// The exact dot products of int8 codes with the high and the low digits of a query.
    ///
    /// # Panics
    /// If the row and the query differ in length.
    #[inline]
    pub fn digits(&self, row: &[Line], query: &Digits) -> (i32, i32) {
        assert!(row.len() == query.hi.len() && row.len() == query.lo.len(), "codes of one length");
        // SAFETY: as in `dot`.
        unsafe { (self.digits)(row, query) }
    }

    /// The digits of `vector / unit`, and the norm of what they leave out of the vector. No coordinate may be
    /// beyond [`Digits::MAX`] units; a unit of 0 gives zeros.
    pub fn split(&self, vector: &[f32], unit: f64) -> (Digits, f64) {
        let lines = vector.len().div_ceil(64);
        let (mut hi, mut lo) = (vec![Line::ZERO; lines], vec![Line::ZERO; lines]);
        // SAFETY: as in `dot`; the lines are as many as the vector fills.
        let (hi_sum, lo_sum, missed) = unsafe { (self.split)(vector, unit, &mut hi, &mut lo) };
        (Digits { hi, lo, hi_sum, lo_sum }, missed.sqrt())
    }

    /// Bounds whole blocks of sixteen rows: see [`Scan`]. Cost: [`SCAN_LINES`] cache lines and one of
    /// slacks a block.
    ///
    /// # Panics
    /// If the slices do not belong to the same number of blocks.
    #[inline]
    pub fn scan(
        &self,
        scan: &Scan,
        codes: &[Line],
        slacks: &[Slack],
        bases: &[f64],
        estimates: &mut [f32],
        bounds: &mut [f32],
    ) {
        let rows = slacks.len() * 16;
        assert!(
            codes.len() == slacks.len() * SCAN_LINES
                && bases.len() == rows
                && estimates.len() == rows
                && bounds.len() == rows,
            "slices of one run of blocks"
        );
        // SAFETY: as in `dot`; the lengths agree.
        unsafe { (self.scan)(scan, codes, slacks, bases, estimates, bounds) }
    }

    /// Which rows of whole blocks have a dot product with the sieve's query of at least `least`: a bit for each of
    /// sixteen, lowest first. Cost: [`SIEVE_LINES`] cache lines a block.
    ///
    /// # Panics
    /// If the slices do not belong to the same number of blocks.
    #[inline]
    pub fn sift(&self, sieve: &Sieve, codes: &[Line], least: i32, passed: &mut [u16]) {
        assert_eq!(codes.len(), passed.len() * SIEVE_LINES, "slices of one run of blocks");
        // SAFETY: as in `dot`; the lengths agree.
        unsafe { (self.sift)(sieve, codes, Sieve::within_reach(least), passed) }
    }
}

/// Asks the processor to bring bytes near, where it takes such hints; changes nothing else.
///
/// Into the second-level cache: its requests to memory are more than the first level's, which a few lines fill. Of
/// rows at random, 20 of 1,536 dimensions, memory gives 17 GB/s this way and 11 by the nearest level.
#[inline]
pub fn prefetch<T>(data: &[T]) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T1, _mm_prefetch};
        let start = data.as_ptr().cast::<i8>();
        for offset in (0..size_of_val(data)).step_by(64) {
            // SAFETY: a prefetch reads nothing and faults nowhere; the address lies inside of `data`.
            unsafe { _mm_prefetch::<_MM_HINT_T1>(start.add(offset)) };
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = data;
}

/// The largest distance of [`Kernels::dot`] from the exact dot product, for vectors of norm 1.
///
/// Each lane rounds once a step, and the tree six times, so a product passes at most
/// `len / 64 + 1 + 6` roundings of relative size 2^-24; by Cauchy-Schwarz the sum of the absolute
/// products is at most the product of the norms. Two more roundings pay for the second-order terms, and
/// the last addend for products that vanish below the smallest f32.
pub fn dot_error(len: usize) -> f64 {
    (len.div_ceil(64) + 9) as f64 * f64::from(f32::EPSILON) / 2.0 + 1e-30
}
