//! The exact search: which path, which counts, and the same answer by all of them.

mod dots;
mod first;
pub(super) mod leaders;
mod paths;
mod piece;
mod shares;
pub(super) mod top;

use std::cmp::Ordering;

use super::cost::CostModel;
use super::index::VectorIndex;
use super::query::UnitQuery;
use crate::model::{Result, Rows};

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

/// The candidates of a search: each row below the index's length, each once.
#[derive(Clone, Copy, Debug)]
pub enum Candidates<'a> {
    /// Ascending rows.
    List(&'a [u32]),
    /// The members of a set: nothing is listed, whatever their number.
    Set(&'a Rows),
}

impl Candidates<'_> {
    /// How many there are. A set is counted: one pass over its words.
    pub fn count(&self) -> usize {
        match self {
            Candidates::List(rows) => rows.len(),
            Candidates::Set(rows) => rows.count() as usize,
        }
    }
}

/// Writes what rows score apart from similarity, finite numbers: given ascending rows and as many sums, each
/// zero. Called a few thousand rows at a time, by several threads at once on [`Path::PrefixParallel`]; of a set
/// whose members lie close, rows between them are asked about too.
pub type Bases<'a> = dyn Fn(&[u32], &mut [f64]) + Sync + 'a;

/// What is asked: the top `k` of `weight * similarity + base` over the candidates.
#[derive(Clone, Copy)]
pub struct Ask<'a> {
    /// The direction to compare with.
    pub query: &'a UnitQuery,
    /// Those to choose from. Rows without a vector have similarity 0.
    pub rows: Candidates<'a>,
    /// What each scores apart from similarity.
    pub bases: &'a Bases<'a>,
    /// The weight of the similarity: finite, at least 0.
    pub weight: f64,
    /// How many to find.
    pub k: usize,
    /// The path to take; `None` lets the cost model choose.
    pub path: Option<Path>,
    /// Asked every few thousand rows: an error ends the search and is its outcome.
    pub check: &'a (dyn Fn() -> Result<()> + Sync),
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
    /// # Errors
    /// What [`Ask::check`] says.
    ///
    /// # Panics
    /// If a row is not below the index's length, or the query has another dimension.
    pub fn search<R>(&self, ask: &Ask, costs: &CostModel, rank: &R) -> Result<Answer>
    where
        R: Fn(u32, u32) -> Ordering + Sync,
    {
        assert_eq!(ask.query.dimension(), self.dimension, "one dimension an index");
        let considered = ask.rows.count();
        let path = self.path(ask, considered, costs);
        if ask.k == 0 || considered == 0 {
            return Ok(Answer { found: Vec::new(), counts: Counts::default(), path });
        }
        let shares = |count: usize| shares::shares(&ask.rows, considered, count);
        let (found, counts) = match path {
            Path::Brute => paths::brute(self, ask, rank, &shares(1)),
            Path::Codes => paths::codes(self, ask, rank, &shares(1)),
            Path::Prefix => paths::prefix(self, ask, rank, &shares(1)),
            Path::PrefixParallel => {
                // Several a thread: one that is slow or late leaves its others to the rest.
                paths::prefix(self, ask, rank, &shares(4 * rayon::current_num_threads()))
            }
        }?;
        Ok(Answer { found, counts: Counts { considered, ..counts }, path })
    }

    /// The path for this question: the asked one or the cheapest, as far as the index has what it needs.
    fn path(&self, ask: &Ask, considered: usize, costs: &CostModel) -> Path {
        let path = ask.path.unwrap_or_else(|| costs.path(considered, ask.k));
        match (path, &self.prefixes) {
            (Path::Prefix | Path::PrefixParallel, None) => Path::Codes,
            _ => path,
        }
    }

    /// The `k` rows of `within` nearest to a query by cosine; rows without a vector are left out.
    ///
    /// # Errors
    /// What `check` says, which is asked every few thousand rows.
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
        check: &(dyn Fn() -> Result<()> + Sync),
    ) -> Result<Answer>
    where
        R: Fn(u32, u32) -> Ordering + Sync,
    {
        let mut rows = within.clone();
        rows.intersect(&self.present);
        let ask = Ask {
            query,
            rows: Candidates::Set(&rows),
            bases: &|_, _| {},
            weight: 1.0,
            k,
            path: None,
            check,
        };
        self.search(&ask, costs, rank)
    }
}
