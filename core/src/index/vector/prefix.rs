//! Leading coordinates as int8: the bounds that most rows never get past.
//!
//! Let the rows of `B` be the basis, `v` a row of the index, `c` its coded coordinates (each a whole number
//! of steps) and `r = v - B'c` what they leave out. For a query `q` and any `a` (here: its own coded
//! coordinates),
//!
//! ```text
//! <q, v> = <a, c> + <Bq - a, c> + <q - B'a, r> + <a, Br>
//!       <= <a, c> + |Bq - a| |c| + |q - B'a| |r| + |a| |Br|
//! ```
//!
//! by Cauchy-Schwarz. It holds for any `B`, orthonormal or not. The first term is exact in integers; `|r|`
//! (the residual) and `|Br|` (the rounding) are kept with each row, rounded up. With `E = BB' - I`,
//! `|E| <= skew`, they follow from the coordinates alone: `|r|^2 = |v|^2 - 2<c, Bv> + |c|^2 + <c, Ec>`,
//! `Br = (Bv - c) - Ec`, and likewise for `q - B'a`.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use rayon::prelude::*;

use super::codes::CodeQuery;
use super::kernels::{
    Digits, Kernels, Lane, Line, SCAN_DIMS, SCAN_LINES, Scan, Slack, dot_error, floats,
};
use super::query::{NORM_SLACK, UnitQuery};
use super::subspace::{Basis, MOST_DIMS, REST_DIMS};
use super::table::Table;

/// What f32 arithmetic may lose in [`Scan`]: of the terms, which sum to less than 6 in absolute value, each
/// passes at most five roundings of 2^-24.
const SCAN_SLACK: f64 = 4e-6;

/// What f64 arithmetic on terms of order 1 may lose here, square roots included.
const TINY: f64 = 1e-12;

/// The coded leading coordinates of all rows.
#[derive(Clone, Debug)]
pub struct Prefixes {
    pub basis: Arc<Basis>,
    /// Sixteen rows a row of this table.
    pub blocks: Table<Line>,
    pub slacks: Table<Slack>,
    /// The same again row by row, for candidates too far apart to share blocks.
    pub heads: Table<Line>,
    pub rests: Table<Line>,
}

/// One row's codes: of each pass a line, with the residual and the rounding in its last four bytes.
struct Coded {
    head: Line,
    rest: Line,
}

/// The square of the norm of `v - B'c`, at most, for a `v` of norm 1 with coordinates `along` (within
/// `error` of exact).
fn residual_square(along: &[f32], coded: &[f64], skew: f64, error: f64) -> f64 {
    let inner: f64 = along.iter().zip(coded).map(|(&a, c)| f64::from(a) * c).sum();
    let square: f64 = coded.iter().map(|c| c * c).sum();
    let norm = 1.0 + 2.5 * NORM_SLACK;
    (norm - 2.0 * inner + (1.0 + skew) * square + 2.0 * square.sqrt() * error + TINY).max(0.0)
}

/// The distance of `along` from `coded`, and the norm of `coded`.
fn distance(along: &[f32], coded: &[f64]) -> (f64, f64) {
    let apart: f64 =
        along.iter().zip(coded).map(|(&a, c)| (f64::from(a) - c) * (f64::from(a) - c)).sum();
    let square: f64 = coded.iter().map(|c| c * c).sum();
    (apart.sqrt() + TINY, square.sqrt() + TINY)
}

/// A row's residual and rounding in units, rounded up; `None` if they are out of range.
fn slacks(along: &[f32], coded: &[f64], skew: f64, error: f64) -> Option<[u16; 2]> {
    let residual = residual_square(along, coded, skew, error).sqrt();
    let (apart, norm) = distance(along, coded);
    let rounding = apart + error + skew * norm;
    let units = |x: f64| (x / Slack::UNIT * (1.0 + TINY)).ceil();
    let fits = units(residual) <= 65535.0 && units(rounding) <= 65535.0;
    fits.then(|| [units(residual) as u16, units(rounding) as u16])
}

/// A line of codes with residual and rounding in its last four bytes.
fn line(code: impl Fn(usize) -> i8, [residual, rounding]: [u16; 2]) -> Line {
    let mut line = Line(std::array::from_fn(code));
    let ([r0, r1], [m0, m1]) = (residual.to_le_bytes(), rounding.to_le_bytes());
    line.0[REST_DIMS..].copy_from_slice(&[r0, r1, m0, m1].map(|byte| byte as i8));
    line
}

/// The residual and the rounding that the last four bytes of a line hold.
#[inline]
fn line_slack(rest: &Line) -> [u16; 2] {
    let [.., r0, r1, m0, m1] = rest.0.map(|code| code as u8);
    [u16::from_le_bytes([r0, r1]), u16::from_le_bytes([m0, m1])]
}

impl Coded {
    /// Codes that say nothing and rule nothing out.
    fn unbounded() -> Self {
        let line = line(|_| 0, [u16::MAX; 2]);
        Self { head: line, rest: line }
    }

    /// The codes of no vector.
    const NONE: Coded = Coded { head: Line::ZERO, rest: Line::ZERO };

    fn new(basis: &Basis, vector: &[f32]) -> Self {
        let (along, error) = basis.project(vector);
        let whole: Vec<f64> = along
            .iter()
            .zip(&basis.steps)
            .map(|(a, step)| f64::from((a / step).round().clamp(-127.0, 127.0)))
            .collect();
        // Coordinates far beyond their steps' reach could leave a rest that has no units; such a row
        // (none but in data unlike the sample) is coded as zero, and its rest is itself, of norm 1.
        Self::of(basis, &along, &whole, error)
            .or_else(|| Self::of(basis, &along, &vec![0.0; whole.len()], error))
            .unwrap_or_else(Coded::unbounded)
    }

    fn of(basis: &Basis, along: &[f32], whole: &[f64], error: f64) -> Option<Self> {
        let coded: Vec<f64> =
            whole.iter().zip(&basis.steps).map(|(w, &step)| w * f64::from(step)).collect();
        let scanned = along.len().min(SCAN_DIMS);
        let head_slack = slacks(&along[..scanned], &coded[..scanned], basis.skew, error)?;
        let rest_slack = slacks(along, &coded, basis.skew, error)?;
        let code = |i: usize| whole.get(i).map_or(0, |&w| w as i8);
        Some(Self { head: line(code, head_slack), rest: line(|i| code(SCAN_DIMS + i), rest_slack) })
    }
}

impl Prefixes {
    /// No rows yet, along this basis. Chunks hold 4,096 rows of the first pass and 1,024 of the second.
    pub fn new(basis: Arc<Basis>) -> Self {
        Self {
            basis,
            blocks: Table::new(SCAN_LINES, 256 * SCAN_LINES * 64),
            slacks: Table::new(1, 256 * 64),
            heads: Table::new(1, 1024 * 64),
            rests: Table::new(1, 1024 * 64),
        }
    }

    /// Grows to at least `rows` rows; new ones have no vector.
    pub fn grow(&mut self, rows: usize) {
        self.blocks.grow(rows.div_ceil(16));
        self.slacks.grow(rows.div_ceil(16));
        self.heads.grow(rows);
        self.rests.grow(rows);
    }

    /// Codes one row's unit vector, or forgets it; returns the share of its square norm that the codes
    /// hold. Cost: one dot product a direction.
    pub fn set(&mut self, row: usize, vector: Option<&[f32]>) -> f64 {
        let coded = vector.map_or(Coded::NONE, |vector| Coded::new(&self.basis, vector));
        self.write(row, &coded);
        let residual = f64::from(line_slack(&coded.rest)[0]) * Slack::UNIT;
        (1.0 - residual * residual).max(0.0)
    }

    /// Codes many rows, in parallel; `vector` gives a row's lanes, if it has a vector.
    pub fn set_all<'a>(
        &mut self,
        rows: usize,
        vector: impl Fn(usize) -> Option<&'a [Lane]> + Sync,
    ) {
        self.grow(rows);
        for first in (0..rows).step_by(1 << 16) {
            let range = first..rows.min(first + (1 << 16));
            let basis = &self.basis;
            let coded: Vec<Option<Coded>> = range
                .clone()
                .into_par_iter()
                .map(|row| vector(row).map(|lanes| Coded::new(basis, floats(lanes))))
                .collect();
            for (row, coded) in range.zip(&coded) {
                if let Some(coded) = coded {
                    self.write(row, coded);
                }
            }
        }
    }

    /// Takes the codes of a row of others along the same basis.
    pub fn copy(&mut self, row: usize, others: &Prefixes, from: usize) {
        let (head, rest) = (others.heads.row(from)[0], others.rests.row(from)[0]);
        self.write(row, &Coded { head, rest });
    }

    fn write(&mut self, row: usize, coded: &Coded) {
        let (block, lane) = (row / 16, row % 16);
        for (line, four) in
            self.blocks.row_mut(block).iter_mut().zip(coded.head.0.as_chunks::<4>().0)
        {
            line.0[lane * 4..lane * 4 + 4].copy_from_slice(four);
        }
        let slack = &mut self.slacks.row_mut(block)[0];
        [slack.residual[lane], slack.rounding[lane]] = line_slack(&coded.head);
        self.heads.row_mut(row)[0] = coded.head;
        self.rests.row_mut(row)[0] = coded.rest;
    }

    /// The bytes of memory that the codes and the basis take.
    pub fn memory_bytes(&self) -> usize {
        let Self { basis, blocks, slacks, heads, rests } = self;
        blocks.memory_bytes()
            + slacks.memory_bytes()
            + heads.memory_bytes()
            + rests.memory_bytes()
            + size_of_val(basis.lanes())
    }
}

/// One query against the prefixes: the first pass at once, the second when somebody asks for it.
#[derive(Clone, Debug)]
pub struct PrefixQuery<'a> {
    /// The first pass.
    pub scan: Scan,
    query: &'a UnitQuery,
    codes: &'a CodeQuery,
    basis: &'a Basis,
    head: Split,
    rest: OnceLock<RestQuery>,
}

/// Coordinates of the query, and what their digits stand for.
#[derive(Clone, Debug)]
struct Split {
    along: Vec<f32>,
    coded: Vec<f64>,
    /// How far the coordinates may be from the exact ones, as a norm.
    error: f64,
}

/// The second pass: all directions, of which the first pass has done its own.
#[derive(Clone, Debug)]
pub struct RestQuery {
    digits: Digits,
    unit: f64,
    factors: Factors,
}

/// What a row's residual and rounding may add to the estimate, and what anything may.
#[derive(Clone, Copy, Debug)]
struct Factors {
    residual: f64,
    rounding: f64,
    slack: f64,
}

impl Factors {
    fn new(along: &[f32], coded: &[f64], basis: &Basis, error: f64, len: usize) -> Self {
        let (apart, norm) = distance(along, coded);
        let apart = apart + error;
        let round_up = 1.0 + TINY;
        Self {
            residual: residual_square(along, coded, basis.skew, error).sqrt()
                * round_up
                * Slack::UNIT,
            // |c| <= |Bv| + |Bv - c|: the second is within the row's rounding.
            rounding: (norm + apart) * round_up * Slack::UNIT,
            slack: apart * (1.0 + basis.skew + NORM_SLACK + error)
                + dot_error(len) * (1.0 + 3.0 * NORM_SLACK)
                + SCAN_SLACK,
        }
    }
}

impl Split {
    /// Projects the query along a range of directions and codes it: with the digits and their unit.
    fn new(
        query: &UnitQuery,
        codes: &CodeQuery,
        basis: &Basis,
        range: Range<usize>,
    ) -> (Self, Digits, f64) {
        let steps = &basis.steps[range.clone()];
        let (along, error) = basis.project_query(query, codes, range);
        // The query side of the codes is in the dual of their steps.
        let weights: Vec<f64> =
            along.iter().zip(steps).map(|(&a, &step)| f64::from(a) * f64::from(step)).collect();
        let unit = weights.iter().fold(0.0f64, |most, w| most.max(w.abs())) / Digits::MAX;
        let mut whole: Vec<i32> = weights
            .iter()
            .map(|w| if unit > 0.0 { (w / unit).round() as i32 } else { 0 })
            .collect();
        let coded =
            whole.iter().zip(steps).map(|(&w, &step)| f64::from(w) * unit / f64::from(step));
        let coded = coded.collect();
        whole.resize(64, 0);
        (Self { along, coded, error }, Digits::new(whole.into_iter()), unit)
    }
}

impl<'a> PrefixQuery<'a> {
    /// Projects and codes the query for the first pass. Cost: one dot product a direction of it.
    pub fn new(query: &'a UnitQuery, codes: &'a CodeQuery, basis: &'a Basis, weight: f64) -> Self {
        let (head, digits, unit) = Split::new(query, codes, basis, 0..basis.dims().min(SCAN_DIMS));
        let len = query.floats().len();
        let factors = Factors::new(&head.along, &head.coded, basis, head.error, len);
        let scan = Scan {
            digits,
            scale: unit as f32,
            residual: (factors.residual as f32).next_up(),
            rounding: (factors.rounding as f32).next_up(),
            slack: (factors.slack as f32).next_up(),
            weight,
        };
        Self { scan, query, codes, basis, head, rest: OnceLock::new() }
    }

    /// The first pass over one row by itself: the same estimate and bound as [`Scan`] gives it in its
    /// block.
    #[inline]
    pub fn head(&self, kernels: &Kernels, head: &Line, base: f64) -> (f32, f32) {
        let (hi, lo) = kernels.digits(std::slice::from_ref(head), &self.scan.digits);
        self.scan.finish_one(128 * hi + lo, line_slack(head), base)
    }

    /// The second pass. Cost: at the first call, one dot product a direction of it.
    pub fn rest(&self) -> &RestQuery {
        self.rest.get_or_init(|| {
            let Self { query, codes, basis, head, .. } = self;
            let (rest, digits, unit) =
                Split::new(query, codes, basis, head.along.len()..basis.dims());
            let along = [head.along.as_slice(), &rest.along].concat();
            let coded = [head.coded.as_slice(), &rest.coded].concat();
            // Errors of both as one norm, at most.
            let error = head.error + rest.error;
            let factors = Factors::new(&along, &coded, basis, error, query.floats().len());
            RestQuery { digits, unit, factors }
        })
    }
}

impl RestQuery {
    /// The second pass over one row, whose first pass estimated `scanned`: an estimate of its similarity
    /// and a bound that it does not pass.
    #[inline]
    pub fn bound(&self, kernels: &Kernels, rest: &Line, scanned: f32) -> (f64, f64) {
        // The slacks in the row's last four bytes meet zeros in the query.
        let (hi, lo) = kernels.digits(std::slice::from_ref(rest), &self.digits);
        let estimate = f64::from(scanned) + self.unit * f64::from(128 * hi + lo);
        let [residual, rounding] = line_slack(rest);
        let residual = f64::from(residual) * self.factors.residual;
        let rounding = f64::from(rounding) * self.factors.rounding;
        (estimate, (estimate + residual + rounding + self.factors.slack).min(1.0))
    }
}

const _: () =
    assert!(MOST_DIMS == SCAN_DIMS + REST_DIMS && SCAN_DIMS + 4 == 64 && REST_DIMS + 4 == 64);
