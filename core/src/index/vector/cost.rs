//! Which path is cheapest on this machine, for this data.

use std::time::Instant;

use super::index::VectorIndex;
use super::search::{Ask, Path};

/// From how many candidates on each path is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(
    clippy::struct_field_names,
    reason = "each is the number of candidates from which its path is taken"
)]
pub struct CostModel {
    /// Codes instead of brute force.
    pub codes_from: usize,
    /// Prefixes instead of codes.
    pub prefix_from: usize,
    /// Prefixes on several threads instead of one.
    pub parallel_from: usize,
}

impl Default for CostModel {
    /// As measured on two cores with AVX-512 at 1,536 dimensions.
    fn default() -> Self {
        Self { codes_from: 200, prefix_from: 600, parallel_from: 300_000 }
    }
}

/// Candidates of the smallest trial; each next one has twice as many.
const FIRST_TRIAL: usize = 64;

/// Candidates of the largest trial.
const LAST_TRIAL: usize = 16_384;

/// What the fork and the join of a parallel search must be repaid with.
const REPAYING_US: f64 = 1_000.0;

impl CostModel {
    /// The path for this many candidates. A path that stops early is of no use where nearly all
    /// candidates are asked for.
    pub fn path(&self, candidates: usize, k: usize) -> Path {
        if candidates < self.codes_from || candidates / 2 < k {
            Path::Brute
        } else if candidates < self.prefix_from {
            Path::Codes
        } else if candidates < self.parallel_from || rayon::current_num_threads() < 2 {
            Path::Prefix
        } else {
            Path::PrefixParallel
        }
    }

    /// Tries each path on ever more rows of this index and takes note of where the next begins to win.
    /// Only speed depends on the outcome. Cost: a few milliseconds; nothing with fewer than 1,024 vectors.
    pub fn measure(index: &VectorIndex) -> Self {
        let mut model = Self::default();
        let rows: Vec<u32> = index.present().iter().collect();
        if rows.len() < 16 * FIRST_TRIAL {
            return model;
        }
        let sizes = || {
            let doubled = |&n: &usize| Some(n * 2);
            std::iter::successors(Some(FIRST_TRIAL), doubled)
                .take_while(|&n| n <= LAST_TRIAL.min(rows.len()))
        };
        let first_win = |slow: Path, fast: Path, from: usize| {
            sizes()
                .filter(|&n| n >= from)
                .find(|&n| trial_us(index, &rows, n, fast) < 0.95 * trial_us(index, &rows, n, slow))
        };
        model.codes_from = first_win(Path::Brute, Path::Codes, 0).unwrap_or(LAST_TRIAL);
        if index.has_basis() {
            model.prefix_from =
                first_win(Path::Codes, Path::Prefix, model.codes_from).unwrap_or(2 * LAST_TRIAL);
            let n = LAST_TRIAL.min(rows.len());
            let each_us = trial_us(index, &rows, n, Path::Prefix) / n as f64;
            let repaid = (REPAYING_US / each_us.max(1e-6)) as usize;
            // A disturbed trial must not fork what is done before the fork is.
            model.parallel_from = repaid.max(4 * LAST_TRIAL);
        }
        model
    }
}

/// The least time of three searches over `n` even rows, in microseconds. Each is for another row of the index,
/// and over other rows where there are enough: a request finds its candidates cold.
fn trial_us(index: &VectorIndex, rows: &[u32], n: usize, path: Path) -> f64 {
    let step = rows.len() / n;
    let trial = |i: usize| {
        let Some(query) = index.query_of(rows[rows.len() / 4 * i + rows.len() / 8]) else {
            return f64::MAX;
        };
        let first = (i + 3 * path as usize) * step / 12;
        let chosen: Vec<u32> = (0..n).map(|at| rows[at * step + first]).collect();
        // Bases as spread as business and rating parts are.
        let spread = |row: &u32| f64::from(row.wrapping_mul(0x9e37_79b1) >> 22) / 2560.0;
        let bases: Vec<f64> = chosen.iter().map(spread).collect();
        let ask = Ask {
            query: &query,
            rows: &chosen,
            bases: &bases,
            weight: 0.6,
            k: 20,
            path: Some(path),
        };
        let start = Instant::now();
        let answer = index.search(&ask, &CostModel::default(), &|a, b| a.cmp(&b));
        std::hint::black_box(answer);
        start.elapsed().as_secs_f64() * 1e6
    };
    (0..3).map(trial).fold(f64::MAX, f64::min)
}
