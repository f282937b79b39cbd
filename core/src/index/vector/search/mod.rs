//! The exact search: which path, which counts, and the same answer by all of them.

mod first;
mod leaders;
mod paths;
mod piece;
mod top;

use std::cmp::Ordering;

use super::cost::CostModel;
use super::index::VectorIndex;
use super::query::UnitQuery;
use crate::model::Rows;

/// How a search is worked out. The answer is the same by each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Path {
    /// A dot product for each candidate.
    Brute,
    /// Bounds by int8 codes, then dot products in the order of the bounds.
    Codes,
    /// Bounds by prefixes, then by codes, then dot products.
    Prefix,
    /// As [`Path::Prefix`], the candidates shared among rayon's threads.
    PrefixParallel,
}

/// What is asked: the top `k` of `weight * similarity + base` over the candidates.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    /// The direction to compare with.
    pub query: &'a UnitQuery,
    /// The candidates, ascending, each below the index's length. Those without a vector have
    /// similarity 0.
    pub rows: &'a [u32],
    /// What each candidate scores apart from similarity: finite, one a candidate.
    pub bases: &'a [f64],
    /// The weight of the similarity: finite, at least 0.
    pub weight: f64,
    /// How many to find.
    pub k: usize,
    /// The path to take; `None` lets the cost model choose.
    pub path: Option<Path>,
}

/// One row of the answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Found {
    /// The row.
    pub row: u32,
    /// `weight * similarity + base`, in f64.
    pub score: f64,
    /// The cosine by the f32 kernel, in -1 to 1.
    pub similarity: f64,
}

/// How many rows each stage looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Candidates.
    pub considered: usize,
    /// Bounded by their prefixes.
    pub bounded: usize,
    /// Bounded by their int8 codes.
    pub coded: usize,
    /// Compared by the f32 dot product.
    pub dotted: usize,
}

/// The top rows, best first, and how they were found. On [`Path::PrefixParallel`] the counts depend on
/// which thread was first; the rows never do.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// By score descending, then by the caller's order.
    pub found: Vec<Found>,
    /// What it took.
    pub counts: Counts,
    /// The path that was taken.
    pub path: Path,
}

impl VectorIndex {
    /// The exact top of the candidates. Rows of equal score come in the order of `rank`, which must be
    /// total. Cost: by path, and on [`Path::Prefix`] some 64 bytes a candidate plus a few dozen dot
    /// products where the data has a spectrum that falls.
    ///
    /// # Panics
    /// If `rows` and `bases` differ in length, a row is not below the index's length, or the query has
    /// another dimension.
    pub fn search<R>(&self, ask: &Ask, costs: &CostModel, rank: &R) -> Answer
    where
        R: Fn(u32, u32) -> Ordering + Sync,
    {
        assert_eq!(ask.rows.len(), ask.bases.len(), "one base a candidate");
        assert_eq!(ask.query.dimension(), self.dimension, "one dimension an index");
        debug_assert!(ask.rows.is_sorted_by(|a, b| a < b), "candidates ascend");
        let path = self.path(ask, costs);
        let considered = ask.rows.len();
        if ask.k == 0 || considered == 0 {
            return Answer { found: Vec::new(), counts: Counts::default(), path };
        }
        let (found, counts) = match path {
            Path::Brute => paths::brute(self, ask, rank),
            Path::Codes => paths::codes(self, ask, rank),
            Path::Prefix => paths::prefix(self, ask, rank, 1),
            Path::PrefixParallel => paths::prefix(self, ask, rank, rayon::current_num_threads()),
        };
        Answer { found, counts: Counts { considered, ..counts }, path }
    }

    /// The path for this question: the asked one or the cheapest, as far as the index has what it needs.
    fn path(&self, ask: &Ask, costs: &CostModel) -> Path {
        let path = ask.path.unwrap_or_else(|| costs.path(ask.rows.len(), ask.k));
        match (path, &self.prefixes) {
            (Path::Prefix | Path::PrefixParallel, None) => Path::Codes,
            _ => path,
        }
    }

    /// The `k` rows of `within` nearest to a query by cosine; rows without a vector are left out.
    ///
    /// # Panics
    /// As [`VectorIndex::search`].
    pub fn nearest<R>(
        &self,
        query: &UnitQuery,
        within: &Rows,
        k: usize,
        costs: &CostModel,
        rank: &R,
    ) -> Answer
    where
        R: Fn(u32, u32) -> Ordering + Sync,
    {
        let rows: Vec<u32> = within.iter().filter(|&row| self.present.contains(row)).collect();
        let bases = vec![0.0; rows.len()];
        let ask = Ask { query, rows: &rows, bases: &bases, weight: 1.0, k, path: None };
        self.search(&ask, costs, rank)
    }
}
