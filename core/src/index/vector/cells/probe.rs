//! The search by cells.

use std::cmp::Ordering;

use super::super::codes::CodeQuery;
use super::super::index::VectorIndex;
use super::super::kernels::Slack;
use super::super::prefix::PrefixQuery;
use super::super::query::UnitQuery;
use super::super::search::{Counts, Found as Row};
use super::glance::{Glance, Promise};
use super::stop::{Forecast, SAMPLE};
use super::visit::Visit;
use super::{Cells, sample};
use crate::model::{Result, Rows};

/// How many deviations of the first pass' noise a row may be better than it looks.
const LIKELY: f32 = 4.0;

/// By how many deviations the cells are thought to pass their means, where they are put in order.
const PROMISED: f32 = 3.0;

/// Cells of the first round, and by how much more of those visited each round adds.
const FIRST_ROUND: usize = 4;

/// What rows score apart from similarity, on demand.
pub trait RowBases {
    /// Adds the base of each of ascending rows to the number beside it.
    ///
    /// # Errors
    /// As the caller's own: a search that meets one ends with it.
    fn add(&self, rows: &[u32], bases: &mut [f64]) -> Result<()>;

    /// What no base passes.
    fn most(&self) -> f64;
}

/// What is asked: the top `k` of `weight * similarity + base` over the rows of a set.
#[derive(Debug)]
pub struct Probe<'a, B> {
    /// The direction to compare with.
    pub query: &'a UnitQuery,
    /// The candidates, each below the index's length.
    pub within: &'a Rows,
    /// How many candidates there are.
    pub candidates: usize,
    /// What they score apart from similarity.
    pub bases: &'a B,
    /// The weight of the similarity: finite, above 0.
    pub weight: f64,
    /// How many to find.
    pub k: usize,
    /// The search gives up after so many looks at rows in their cells: with what the exact search costs in looks,
    /// what was lost until then is no more than what comes.
    pub most_looks: usize,
}

/// The likely top, best first, and how it was found.
#[derive(Clone, Debug)]
pub struct Found {
    /// By score descending, then by the caller's order. Scores are exact; a row may be missing.
    pub rows: Vec<Row>,
    /// What it took.
    pub counts: Counts,
    /// Cells visited.
    pub visited: usize,
    /// Cells there are.
    pub cells: usize,
}

impl VectorIndex {
    /// The likely top of the candidates, by cells; `None` where they have no advantage over the exact search.
    ///
    /// # Errors
    /// Those of the bases.
    pub fn probe<R, B>(&self, probe: &Probe<B>, rank: &R) -> Result<Option<Found>>
    where
        R: Fn(u32, u32) -> Ordering,
        B: RowBases,
    {
        let later = || self.later.as_ref().and_then(|later| later.of(self));
        let cells = self.cells.as_ref().or_else(later);
        let (Some(cells), Some(prefixes)) = (cells, &self.prefixes) else { return Ok(None) };
        let codes = CodeQuery::new(probe.query);
        let mut query = PrefixQuery::new(probe.query, &codes, &prefixes.basis, probe.weight);
        let residual = query.scan.residual / Slack::UNIT as f32;
        let likely = (LIKELY * cells.spread.noise).min(1.0);
        query.scan.residual *= likely;
        query.scan.rounding *= likely;
        let (along, _) = prefixes.basis.project(probe.query.floats());
        let glance = Glance::new(&along, &prefixes.basis.steps);
        let promises = glance.promises(cells, residual);
        let forecast = cells.forecast(probe)?;
        let mut order = Order::new(&promises);
        let mut visited = vec![false; cells.count()];
        let mut visit = Visit::new(self, prefixes, probe, (&glance, &query, &codes), rank);
        visit.see_rows(&cells.waiting);
        let (mut round, mut done) = (FIRST_ROUND, 0);
        loop {
            let chosen = order.next(round);
            for &(_, at) in chosen {
                let at = at as usize;
                visited[at] = true;
                visit.see(&cells.members[at], &cells.centres[at], &promises[at]);
            }
            done += chosen.len();
            visit.finish_round()?;
            let enough =
                |floor| forecast.is_enough(floor, probe.weight, probe.k, &promises, &visited);
            if done == cells.count() || enough(visit.floor()) {
                break;
            }
            if visit.counts.bounded > probe.most_looks {
                return Ok(None);
            }
            round = (done / 2).max(FIRST_ROUND);
        }
        // Rows without a vector are in no cell: with a similarity of 0, the best base may be enough.
        let placed = self.present.intersection_count(probe.within) as usize;
        if placed < probe.candidates && visit.floor() <= probe.bases.most() {
            return Ok(None);
        }
        let counts = Counts { considered: probe.candidates, ..visit.counts };
        let rows = visit.into_found();
        Ok(Some(Found { rows, counts, visited: done, cells: cells.count() }))
    }
}

impl Cells {
    /// Draws the sample that says when to stop.
    fn forecast<B: RowBases>(&self, probe: &Probe<B>) -> Result<Forecast> {
        let rows = sample::even(probe.within, probe.candidates, SAMPLE);
        let mut bases = vec![0.0; rows.len()];
        probe.bases.add(&rows, &mut bases)?;
        let worth = probe.candidates as f64 / rows.len().max(1) as f64;
        let home = |row: u32| self.home.get(row as usize).copied().unwrap_or(super::NOWHERE);
        let placed = rows.iter().zip(bases).map(|(&row, base)| (home(row), base));
        Ok(Forecast::new(placed.filter(|&(at, _)| at < super::WAITING).collect(), worth))
    }
}

/// Cells, the most promising first; put in order only as far as they are asked for.
struct Order {
    cells: Vec<(f32, u32)>,
    given: usize,
    sorted: usize,
}

impl Order {
    fn new(promises: &[Promise]) -> Self {
        let best = |promise: &Promise| promise.mean + PROMISED * promise.deviation;
        let cells = (0u32..).zip(promises).map(|(at, promise)| (best(promise), at)).collect();
        Self { cells, given: 0, sorted: 0 }
    }

    /// The next so many.
    fn next(&mut self, count: usize) -> &[(f32, u32)] {
        let end = self.cells.len().min(self.given + count);
        if end > self.sorted {
            let more = (2 * end).max(256).min(self.cells.len());
            let order = |a: &(f32, u32), b: &(f32, u32)| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1));
            let rest = &mut self.cells[self.sorted..];
            let taken = more - self.sorted;
            if taken < rest.len() {
                rest.select_nth_unstable_by(taken, order);
            }
            rest[..taken].sort_unstable_by(order);
            self.sorted = more;
        }
        let first = std::mem::replace(&mut self.given, end);
        &self.cells[first..end]
    }
}
