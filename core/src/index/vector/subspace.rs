//! The few directions in which most of the data lies.

use super::eigen::eigenvectors;
use super::kernels::{Kernels, Lane, SCAN_DIMS, dot_error};
use super::matrix::Matrix;
use super::query::NORM_SLACK;

/// Coordinates that one line of the second pass holds, beside its two slacks.
pub const REST_DIMS: usize = 60;

/// The most directions that a basis has.
pub const MOST_DIMS: usize = SCAN_DIMS + REST_DIMS;

/// The largest sample that a basis is fitted to.
const SAMPLE_ROWS: usize = 4096;

/// The most skew of a basis that is of use: one made here has a millionth.
pub const MOST_SKEW: f64 = 0.01;

/// Rounds of the subspace iteration: each sharpens the directions by the square of the spectrum's ratios.
const ROUNDS: usize = 3;

/// An almost orthonormal basis of a subspace, and the steps in which coordinates along it are coded.
///
/// Nothing rests on its quality but speed: what it lacks in orthonormality (`skew`) is in the bounds.
#[derive(Clone, Debug)]
pub struct Basis {
    directions: Matrix,
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
        let basis = (directions.rows() > 0).then(|| Self::measured(directions, &data));
        basis.filter(|basis| basis.skew < MOST_SKEW)
    }

    /// An even choice of at most [`SAMPLE_ROWS`] of the rows, to fit a basis to.
    pub fn sample(rows: &[u32]) -> impl Iterator<Item = u32> + '_ {
        let sample = rows.len().min(SAMPLE_ROWS);
        (0..sample).map(move |i| rows[i * rows.len() / sample])
    }

    /// The basis of these directions, with what the data says of them.
    fn measured(directions: Matrix, data: &Matrix) -> Self {
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
        let skew = skew(&directions);
        Self { directions, steps, skew, capture: capture / data.rows().max(1) as f64 }
    }

    /// The basis of stored parts: as many directions as steps.
    pub fn from_parts(lanes: Vec<Lane>, dimension: usize, steps: Vec<f32>, capture: f64) -> Self {
        let directions = Matrix::from_lanes(lanes, steps.len(), dimension);
        let skew = skew(&directions);
        Self { directions, steps, skew, capture }
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
}

/// The Frobenius norm of (Gram matrix - identity), which its spectral norm cannot pass; in f64, whose own
/// rounding the last factor and addend cover.
fn skew(directions: &Matrix) -> f64 {
    let mut square = 0.0;
    for i in 0..directions.rows() {
        for j in 0..=i {
            let pairs = directions.row(i).iter().zip(directions.row(j));
            let product: f64 = pairs.map(|(&x, &y)| f64::from(x) * f64::from(y)).sum();
            let off = product - if i == j { 1.0 } else { 0.0 };
            square += off * off * if i == j { 1.0 } else { 2.0 };
        }
    }
    square.sqrt() * (1.0 + 1e-9) + 1e-9
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
