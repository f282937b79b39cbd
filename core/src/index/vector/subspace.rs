//! The few directions in which most of the data lies.

use std::ops::Range;

use super::codes::CodeQuery;
use super::eigen::eigenvectors;
use super::kernels::{Kernels, Lane, Line, SCAN_DIMS, dot_error};
use super::matrix::Matrix;
use super::query::{NORM_SLACK, UnitQuery};

/// Coordinates that one line of the second pass holds, beside its two slacks.
pub const REST_DIMS: usize = 60;

/// The most directions that a basis has.
pub const MOST_DIMS: usize = SCAN_DIMS + REST_DIMS;

/// The largest sample that a basis is fitted to.
const SAMPLE_ROWS: usize = 4096;

/// The most skew of a basis that is of use: one made here has a hundredth, from the rounding to whole steps.
pub const MOST_SKEW: f64 = 0.1;

/// Rounds of the subspace iteration: each sharpens the directions by the square of the spectrum's ratios.
const ROUNDS: usize = 3;

/// Directions of whole steps: each coordinate is `code * scale`, exactly.
#[derive(Clone, Debug)]
struct Stepped {
    /// Row after row.
    codes: Vec<Line>,
    scales: Vec<f32>,
}

/// An almost orthonormal basis of a subspace, and the steps in which coordinates along it are coded.
///
/// Nothing rests on its quality but speed: what it lacks in orthonormality (`skew`) is in the bounds.
#[derive(Clone, Debug)]
pub struct Basis {
    directions: Matrix,
    /// The same in whole steps, a quarter of the bytes: what a query is projected along.
    stepped: Option<Stepped>,
    /// What one step of a code is worth along each direction.
    pub steps: Vec<f32>,
    /// A bound on the spectral norm of (Gram matrix - identity).
    pub skew: f64,
    /// The mean share of a sampled vector's square norm that lies in the subspace.
    pub capture: f64,
}

impl Basis {
    /// The leading directions of the rows' second moment, strongest first: at most [`MOST_DIMS`].
    ///
    /// A block subspace iteration, then a Rayleigh-Ritz step. Deterministic. Cost: some
    /// eight passes of 100 dot products over the sample, in parallel: a quarter of a second for 4,096
    /// rows of 1,536 dimensions on two cores.
    pub fn fit(rows: &[&[Lane]], dimension: usize) -> Option<Self> {
        let sample = rows.len();
        let data = Matrix::from_lanes(rows.concat(), sample, dimension);
        let turned = data.transposed();
        let width = (MOST_DIMS + 8).min(dimension).min(sample);
        let mut directions = random(width, dimension).orthonormal();
        for _ in 0..ROUNDS {
            let along = data.products(&directions).transposed();
            directions = turned.products(&along).transposed().orthonormal();
        }
        let along = data.products(&directions).transposed();
        let width = directions.rows();
        let moments = along.products(&along);
        let cells = (0..width).flat_map(|i| &moments.row(i)[..width]).map(|&x| f64::from(x));
        let turn = eigenvectors(cells.collect(), width);
        let mut turned = Matrix::zero(width.min(MOST_DIMS), dimension);
        for i in 0..turned.rows() {
            for j in 0..width {
                let share = turn[i * width + j] as f32;
                let row = turned.row_mut(i);
                row.iter_mut().zip(directions.row(j)).for_each(|(x, y)| *x += share * y);
            }
        }
        let directions = turned.orthonormal();
        let basis = (directions.rows() > 0).then(|| Self::measured(&directions, &data));
        basis.filter(|basis| basis.skew < MOST_SKEW)
    }

    /// An even choice of at most [`SAMPLE_ROWS`] of the rows, to fit a basis to.
    pub fn sample(rows: &[u32]) -> impl Iterator<Item = u32> + '_ {
        let sample = rows.len().min(SAMPLE_ROWS);
        (0..sample).map(move |i| rows[i * rows.len() / sample])
    }

    /// The basis of these directions, with what the data says of them.
    fn measured(directions: &Matrix, data: &Matrix) -> Self {
        let directions = Stepped::near(directions);
        let dims = directions.rows();
        let along = data.products(&directions);
        let mut largest = vec![0.0f32; dims];
        let mut capture = 0.0;
        for row in 0..along.rows() {
            for (largest, x) in largest.iter_mut().zip(along.row(row)) {
                *largest = largest.max(x.abs());
                capture += f64::from(x * x);
            }
        }
        // A tenth of headroom: later rows reach a little farther than the sample did.
        let steps = largest.iter().map(|most| (most * 1.1 / 127.0).max(1e-6)).collect();
        let (skew, stepped) = (skew(&directions), Stepped::of(&directions));
        Self { directions, stepped, steps, skew, capture: capture / data.rows().max(1) as f64 }
    }

    /// The basis of stored parts: as many directions as steps.
    pub fn from_parts(lanes: Vec<Lane>, dimension: usize, steps: Vec<f32>, capture: f64) -> Self {
        let directions = Matrix::from_lanes(lanes, steps.len(), dimension);
        let (skew, stepped) = (skew(&directions), Stepped::of(&directions));
        Self { directions, stepped, steps, skew, capture }
    }

    /// The basis of parts that were written together, with a skew that was measured then.
    pub fn kept(
        lanes: Vec<Lane>,
        dimension: usize,
        steps: Vec<f32>,
        capture: f64,
        skew: f64,
    ) -> Self {
        let directions = Matrix::from_lanes(lanes, steps.len(), dimension);
        let stepped = Stepped::of(&directions);
        Self { directions, stepped, steps, skew, capture }
    }

    /// The directions, row after row.
    pub fn lanes(&self) -> &[Lane] {
        self.directions.lanes()
    }

    /// How many directions there are.
    pub fn dims(&self) -> usize {
        self.steps.len()
    }

    /// The coordinates of a vector along the directions, and how far (as a norm) they may be from the
    /// exact ones. Cost: one dot product a direction.
    pub fn project(&self, vector: &[f32]) -> (Vec<f32>, f64) {
        let kernels = Kernels::best();
        let along = (0..self.dims()).map(|i| kernels.dot(vector, self.directions.row(i))).collect();
        let norms = (1.0 + NORM_SLACK) * (1.0 + self.skew);
        (along, (self.dims() as f64).sqrt() * dot_error(vector.len()) * norms)
    }

    /// The coordinates of a query along the directions of a range, and how far (as a norm) they may be from the
    /// exact ones. Cost: one dot product of int8 a direction, where the basis has steps.
    ///
    /// With the query `q = t h + f`, `<b, q> = s t <c, h> + <b, f>`: the first term is exact in integers, and the
    /// norm of all the second is at most that of the basis times `|f|`.
    pub fn project_query(
        &self,
        query: &UnitQuery,
        codes: &CodeQuery,
        range: Range<usize>,
    ) -> (Vec<f32>, f64) {
        let kernels = Kernels::best();
        let norms = (1.0 + NORM_SLACK) * (1.0 + self.skew);
        let Some(stepped) = &self.stepped else {
            let along = range.map(|i| kernels.dot(query.floats(), self.directions.row(i)));
            let dims = self.dims() as f64;
            return (along.collect(), dims.sqrt() * dot_error(query.floats().len()) * norms);
        };
        let lines = codes.digits.hi.len();
        let along = range.map(|i| {
            let (hi, lo) = kernels.digits(&stepped.codes[i * lines..][..lines], &codes.digits);
            let whole = 128 * i64::from(hi) + i64::from(lo);
            (f64::from(stepped.scales[i]) * codes.unit * whole as f64) as f32
        });
        // The last addend: the rounding of each coordinate, at most 1, to f32, and that of f64 before it.
        (along.collect(), codes.missed * norms + (self.dims() as f64).sqrt() * 1e-7)
    }
}

impl Stepped {
    /// Directions whose coordinates are whole steps, near the given ones.
    ///
    /// A scale keeps 16 bits, so that its product with a code of 7 is exact in f32; the largest coordinate has
    /// the code 127, from which [`Stepped::of`] finds the scale again.
    fn near(directions: &Matrix) -> Matrix {
        let mut near = directions.clone();
        for row in 0..near.rows() {
            let largest = largest(near.row(row));
            let scale = f32::from_bits((largest / 127.0).to_bits() & 0xffff_ff00);
            let step =
                |x: f32| if scale > 0.0 { (x / scale).round().clamp(-127.0, 127.0) } else { 0.0 };
            near.row_mut(row).iter_mut().for_each(|x| *x = step(*x) * scale);
        }
        near
    }

    /// The steps of directions that are made of them; none of others.
    fn of(directions: &Matrix) -> Option<Self> {
        let scales: Vec<f32> =
            (0..directions.rows()).map(|row| largest(directions.row(row)) / 127.0).collect();
        let mut codes = Vec::new();
        for (row, &scale) in scales.iter().enumerate() {
            for part in directions.row(row).chunks(64) {
                let mut line = Line::ZERO;
                for (code, &x) in line.0.iter_mut().zip(part) {
                    let whole = (x / scale).round();
                    if whole * scale != x || whole.abs() > 127.0 {
                        return None;
                    }
                    *code = whole as i8;
                }
                codes.push(line);
            }
        }
        Some(Self { codes, scales })
    }
}

fn largest(numbers: &[f32]) -> f32 {
    numbers.iter().fold(0.0, |most, x| most.max(x.abs()))
}

/// A bound on the spectral norm of `E` = (Gram matrix - identity): the fourth root of the Frobenius norm of `E^4`,
/// which the spectral norm of `E^4`, its fourth power, cannot pass. In f64, whose own rounding the last factor and
/// addend cover.
fn skew(directions: &Matrix) -> f64 {
    let n = directions.rows();
    let mut off = vec![0.0; n * n];
    for i in 0..n {
        for j in 0..=i {
            let pairs = directions.row(i).iter().zip(directions.row(j));
            let product: f64 = pairs.map(|(&x, &y)| f64::from(x) * f64::from(y)).sum();
            let entry = product - if i == j { 1.0 } else { 0.0 };
            (off[i * n + j], off[j * n + i]) = (entry, entry);
        }
    }
    let fourth = square(&square(&off, n), n);
    fourth.iter().map(|x| x * x).sum::<f64>().sqrt().sqrt().sqrt() * (1.0 + 1e-6) + 1e-9
}

/// A symmetric matrix of `n` rows times itself.
fn square(a: &[f64], n: usize) -> Vec<f64> {
    let row = |i: usize| &a[i * n..][..n];
    let entry = |i: usize, j: usize| row(i).iter().zip(row(j)).map(|(x, y)| x * y).sum();
    (0..n * n).map(|at| entry(at / n, at % n)).collect()
}

/// A fixed matrix without structure: the start of the iteration.
fn random(rows: usize, columns: usize) -> Matrix {
    let mut out = Matrix::zero(rows, columns);
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    for row in 0..rows {
        for cell in &mut out.row_mut(row)[..columns] {
            // xorshift64*: any sequence without a pattern does.
            state ^= state >> 12;
            state ^= state << 25;
            state ^= state >> 27;
            let bits = state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 40;
            *cell = bits as f32 / (1 << 23) as f32 - 1.0;
        }
    }
    out
}
