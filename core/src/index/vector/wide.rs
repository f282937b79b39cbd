//! What the exact search and the search by cells take over large shares of an index that has cells.

use std::time::Instant;

use super::cells::{Probe, RowBases};
use super::cost::{CostModel, line};
use super::index::VectorIndex;
use super::query::UnitQuery;
use super::search::{Ask, Bases, Candidates, Path};
use crate::model::{Result, Rows};

/// One in so many of all vectors is a candidate of each trial.
const SHARES: [usize; 4] = [64, 16, 4, 1];

/// What no base of a trial passes: the shares of business and rating.
pub const MOST_TRIAL_BASE: f64 = 0.4;

/// How many are asked for in a trial.
const K: usize = 20;

/// The numbers that a [`Wide`] is kept as.
pub const WIDE_PARTS: usize = 3 * SHARES.len() + 1;

/// Microseconds by the number of candidates, and what one look at a row in its cell takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wide {
    candidates: [usize; SHARES.len()],
    exact: [f64; SHARES.len()],
    cells: [f64; SHARES.len()],
    look: f64,
}

/// The bases of a trial, as a search by cells asks for them.
struct TrialBases<'a>(&'a Bases<'a>);

impl RowBases for TrialBases<'_> {
    fn add(&self, rows: &[u32], bases: &mut [f64]) -> Result<()> {
        (self.0)(rows, bases);
        Ok(())
    }

    fn most(&self) -> f64 {
        MOST_TRIAL_BASE
    }
}

impl Wide {
    /// Tries both on shares of this index; `None` without cells. Cost: some ten exact searches over all rows.
    pub fn measure(index: &VectorIndex, bases: &Bases) -> Option<Self> {
        if !index.has_cells() {
            return None;
        }
        let rows: Vec<u32> = index.present().iter().collect();
        let mut wide = Self {
            candidates: [0; SHARES.len()],
            exact: [0.0; SHARES.len()],
            cells: [0.0; SHARES.len()],
            look: 0.0,
        };
        let mut most = 0;
        for (at, share) in SHARES.into_iter().enumerate() {
            let chosen =
                rows.iter().copied().filter(|&row| mixed(row).is_multiple_of(share as u64));
            let within = Rows::from_rows(index.len(), chosen);
            let queries: Vec<UnitQuery> =
                (0..3).filter_map(|i| index.query_of(rows[rows.len() * (2 * i + 1) / 6])).collect();
            wide.candidates[at] = within.count() as usize;
            wide.exact[at] = median_us(&queries, |query| exact(index, &within, bases, query));
            let mut looks = 0;
            wide.cells[at] = median_us(&queries, |query| {
                looks += probe(index, &within, (wide.candidates[at], bases), query);
            });
            if looks > most {
                // A search's fixed costs are in it: a budget of looks is the tighter for it.
                (most, wide.look) = (looks, wide.cells[at] * queries.len() as f64 / looks as f64);
            }
        }
        Some(wide)
    }

    /// All of it, to keep.
    pub fn parts(&self) -> [f64; WIDE_PARTS] {
        let mut parts = [self.look; WIDE_PARTS];
        let all = self.candidates.iter().map(|&n| n as f64).chain(self.exact).chain(self.cells);
        parts.iter_mut().zip(all).for_each(|(part, x)| *part = x);
        parts
    }

    /// What was kept; `None` where it cannot be that.
    pub fn from_parts(parts: [f64; WIDE_PARTS]) -> Option<Self> {
        const N: usize = SHARES.len();
        let (counts, rest) = parts.split_at(N);
        let sound = counts.iter().all(|n| (0.0..=f64::from(u32::MAX)).contains(n))
            && rest.iter().all(|us| (0.0..=1e12).contains(us));
        sound.then(|| Self {
            candidates: std::array::from_fn(|at| parts[at] as usize),
            exact: std::array::from_fn(|at| parts[N + at]),
            cells: std::array::from_fn(|at| parts[2 * N + at]),
            look: parts[3 * N],
        })
    }

    /// What the exact search takes over that many, if it was tried on so few.
    pub fn exact_us(&self, candidates: usize) -> Option<f64> {
        (candidates >= self.candidates[0]).then(|| line(&self.candidates, &self.exact, candidates))
    }

    /// What the search by cells takes for the top `k` of that many, if it was tried on so few. The rank of the last
    /// among all decides where it may stop: twice the `k` of twice the candidates costs the same.
    pub fn cells_us(&self, candidates: usize, k: usize) -> Option<f64> {
        let alike = candidates as f64 * K as f64 / K.max(k) as f64;
        let tried = alike >= self.candidates[0] as f64;
        tried.then(|| line(&self.candidates, &self.cells, alike as usize))
    }

    /// How many looks at rows in their cells a time affords.
    pub fn looks(&self, us: f64) -> usize {
        (us / self.look.max(1e-6)) as usize
    }
}

/// A number that has nothing to do with a row's neighbours.
fn mixed(row: u32) -> u64 {
    (u64::from(row) ^ 0x5851_f42d).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32
}

fn median_us(queries: &[UnitQuery], mut trial: impl FnMut(&UnitQuery)) -> f64 {
    let timed = |query: &UnitQuery| {
        let start = Instant::now();
        trial(query);
        start.elapsed().as_secs_f64() * 1e6
    };
    let mut times: Vec<f64> = queries.iter().map(timed).collect();
    times.sort_unstable_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or(0.0)
}

fn exact(index: &VectorIndex, within: &Rows, bases: &Bases, query: &UnitQuery) {
    let ask = Ask {
        query,
        rows: Candidates::Set(within),
        bases,
        weight: 0.6,
        k: K,
        path: Some(Path::Prefix),
        check: &|| Ok(()),
    };
    std::hint::black_box(index.search(&ask, &CostModel::default(), &|a, b| a.cmp(&b)).is_ok());
}

/// How many rows it looked at.
fn probe(
    index: &VectorIndex,
    within: &Rows,
    (candidates, bases): (usize, &Bases),
    query: &UnitQuery,
) -> usize {
    let probe = Probe {
        query,
        within,
        candidates,
        bases: &TrialBases(bases),
        weight: 0.6,
        k: K,
        most_looks: usize::MAX,
    };
    let found = index.probe(&probe, &|a, b| a.cmp(&b));
    found.ok().flatten().map_or(0, |found| found.counts.bounded)
}
