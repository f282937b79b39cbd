//! How far similarities scatter around what is cheap to know of them.

use super::super::index::{VectorIndex, similarity};
use super::super::kernels::{Kernels, SCAN_DIMS, SIEVE_DIMS, Slack};
use super::super::prefix::Prefixes;
use super::Cells;
use super::point::Point;

/// Rows that the scatter is measured on, and as many pairs.
const SAMPLE: usize = 4_096;

/// Rows' worth of the common scatter that each cell's own is mixed with: a cell of few rows knows little.
const COMMON_ROWS: f32 = 16.0;

/// The scatter of rows around the centre of their cell.
#[derive(Clone, Debug, PartialEq)]
pub struct Spread {
    /// The mean square distance from the centre along each direction of the first pass.
    pub within: [f32; SCAN_DIMS],
    /// The mean square of what lies outside of the first pass' subspace.
    pub outside: f32,
    /// How far, as a root mean square, the similarity of two rows of one cell lies from what their leading
    /// coordinates say, in units of the product of their residual norms: what bounds of Cauchy-Schwarz set at 1.
    pub noise: f32,
}

/// What a query sees of it: variances of similarity.
#[derive(Clone, Copy, Debug)]
pub struct Seen {
    /// Within a cell of common scatter, along all directions of the first pass.
    pub within: f32,
    /// The part of it along the directions that the sieve does not look at.
    pub beyond: f32,
    /// What lies outside of the subspace.
    pub outside: f32,
}

impl Spread {
    /// What a query with these leading coordinates and this residual norm sees.
    pub fn seen(&self, query: &Point, residual: f32) -> Seen {
        let along = query.coordinates().iter().zip(&self.within);
        let squares: [f32; SCAN_DIMS] = {
            let mut squares = [0.0; SCAN_DIMS];
            squares
                .iter_mut()
                .zip(along)
                .for_each(|(square, (x, within))| *square = x * x * within);
            squares
        };
        Seen {
            within: squares.iter().sum(),
            beyond: squares[SIEVE_DIMS..].iter().sum(),
            outside: self.noise * self.noise * self.outside * residual * residual,
        }
    }

    /// Measures the scatter of all cells, and each cell's own as a ratio to it.
    pub fn measure(index: &VectorIndex, prefixes: &Prefixes, cells: &Cells) -> (Self, Vec<f32>) {
        let steps = &prefixes.basis.steps;
        let point = |row: u32| Point::of_row(&prefixes.heads.row(row as usize)[0], steps);
        let mut within = [0.0f64; SCAN_DIMS];
        let (mut rows, mut all) = (0u32, 0.0);
        let mut own = Vec::with_capacity(cells.members.len());
        for (cell, centre) in cells.members.iter().zip(cells.centres.iter()) {
            // A few of each cell are enough for the common scatter, and for its own.
            let few = cell.rows().len().min(64);
            let mut square = 0.0;
            for &row in &cell.rows()[..few] {
                let pairs = point(row);
                let pairs = pairs.coordinates().iter().zip(centre.coordinates());
                for (sum, (a, b)) in within.iter_mut().zip(pairs) {
                    let apart = f64::from(a - b);
                    *sum += apart * apart;
                    square += (a - b) * (a - b);
                }
            }
            rows += few as u32;
            all += square;
            own.push((few as f32, square));
        }
        let rows = rows.max(1);
        let common = (all / rows as f32).max(1e-12);
        let ratio =
            |&(few, square): &(f32, f32)| (square / common + COMMON_ROWS) / (few + COMMON_ROWS);
        let ratios = own.iter().map(ratio).collect();
        let (noise, outside) = outside(index, prefixes, cells);
        let within = within.map(|sum| (sum / f64::from(rows)) as f32);
        (Self { within, outside, noise }, ratios)
    }
}

/// The noise of estimates among neighbours, and the mean square residual.
fn outside(index: &VectorIndex, prefixes: &Prefixes, cells: &Cells) -> (f32, f32) {
    let kernels = Kernels::best();
    let steps = &prefixes.basis.steps;
    let residual = |row: u32| {
        let [.., r0, r1, _, _] = prefixes.heads.row(row as usize)[0].0.map(|code| code as u8);
        f64::from(u16::from_le_bytes([r0, r1])) * Slack::UNIT
    };
    let (mut missed, mut norms, mut squares, mut pairs) = (0.0, 0.0, 0.0, 0u32);
    let step = cells.members.len().div_ceil(SAMPLE / 8).max(1);
    for cell in cells.members.iter().step_by(step) {
        for pair in cell.rows().windows(2).take(8) {
            let (Some(a), Some(query)) = (index.unit(pair[0]), index.query_of(pair[1])) else {
                continue;
            };
            let head = |row: u32| Point::of_row(&prefixes.heads.row(row as usize)[0], steps);
            let query_point = Point::of_query(head(pair[1]).coordinates());
            let estimate = head(pair[0]).with(kernels, &query_point);
            let apart = similarity(kernels, a, &query) - f64::from(estimate);
            let (left, right) = (residual(pair[0]), residual(pair[1]));
            missed += apart * apart;
            norms += left * left * right * right;
            squares += left * left;
            pairs += 1;
        }
    }
    if pairs == 0 || norms <= 0.0 {
        return (1.0, 0.0);
    }
    let noise = (missed / norms).sqrt().clamp(1e-3, 1.0);
    (noise as f32, (squares / f64::from(pairs)) as f32)
}
