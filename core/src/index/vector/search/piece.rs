//! One thread's share of a search: its candidates still in the running, its best, its counts.

use std::cmp::Ordering;

use super::super::codes::CodeQuery;
use super::super::index::{VectorIndex, similarity};
use super::super::kernels::{Kernels, floats, prefetch};
use super::super::prefix::{PrefixQuery, Prefixes};
use super::first::scan;
use super::leaders::{any, leaders};
use super::top::{Floor, Top};
use super::{Ask, Counts, Found};

/// Candidates that go through the first pass together: their estimates and bounds stay in second-level
/// cache until the leaders are chosen.
const BATCH: usize = 1 << 15;

/// A candidate that no bound has ruled out yet.
#[derive(Clone, Copy, Debug)]
struct Pending {
    base: f64,
    row: u32,
    /// The similarity by the first pass.
    scanned: f32,
    /// An upper bound of the score, rounded to f32 from above or to nearest.
    bound: f32,
}

/// What all pieces of one search share.
pub struct Shared<'a> {
    pub index: &'a VectorIndex,
    pub ask: &'a Ask<'a>,
    pub codes: CodeQuery,
    pub floor: Floor,
    pub kernels: &'static Kernels,
}

impl<'a> Shared<'a> {
    pub fn new(index: &'a VectorIndex, ask: &'a Ask<'a>) -> Self {
        let codes = CodeQuery::new(ask.query);
        Self { index, ask, codes, floor: Floor::new(), kernels: Kernels::best() }
    }

    /// The lowest bound that keeps a candidate in the running.
    ///
    /// A score that reaches the floor has a bound that reaches it, and rounding both to f32 keeps their
    /// order: so a bound below this rules out, and a tie never does.
    fn limit(&self) -> f32 {
        self.floor.get() as f32
    }

    /// The bound of a score from that of its similarity, made by the very operations that make the score:
    /// all are monotone.
    fn bound(&self, similarity: f64, base: f64) -> f32 {
        (self.ask.weight * similarity + base) as f32
    }

    fn code_bound(&self, row: u32) -> (f64, f64) {
        let (codes, measures) = (&self.index.codes, &self.index.measures);
        let measure = &measures.row(row as usize)[0];
        self.codes.bound(self.kernels, codes.row(row as usize), measure)
    }
}

/// See the module.
pub struct Piece<'a, R> {
    shared: &'a Shared<'a>,
    top: Top<'a, R>,
    counts: Counts,
    pending: Vec<Pending>,
}

impl<'a, R: Fn(u32, u32) -> Ordering> Piece<'a, R> {
    pub fn new(shared: &'a Shared<'a>, most: usize, rank: &'a R) -> Self {
        let top = Top::new(shared.ask.k, most, rank);
        Self { shared, top, counts: Counts::default(), pending: Vec::new() }
    }

    /// The best of this piece and what it took.
    pub fn into_parts(self) -> (Vec<Found>, Counts) {
        (self.top.into_found(), self.counts)
    }

    fn dot(&mut self, row: u32, base: f64) {
        let Shared { index, ask, kernels, floor, .. } = self.shared;
        let unit = floats(index.lanes.row(row as usize));
        let similarity = similarity(kernels, unit, ask.query);
        self.top.offer(Found { row, score: ask.weight * similarity + base, similarity });
        self.counts.dotted += 1;
        floor.raise(self.top.floor());
    }

    /// Bounds candidates by their prefixes, dots the leaders of each batch, and keeps as pending what the
    /// floor so far does not rule out.
    pub fn bound_by_prefix(
        &mut self,
        prefixes: &Prefixes,
        query: &PrefixQuery,
        rows: &[u32],
        bases: &[f64],
    ) {
        let room = rows.len().min(BATCH);
        let (mut estimates, mut bounds) = (vec![0.0; room], vec![0.0; room]);
        for (rows, bases) in rows.chunks(BATCH).zip(bases.chunks(BATCH)) {
            let (estimates, bounds) = (&mut estimates[..rows.len()], &mut bounds[..rows.len()]);
            scan(prefixes, query, rows, bases, estimates, bounds);
            self.counts.bounded += rows.len();
            self.lead(rows, bases, estimates, bounds, true);
            self.keep(rows, bases, estimates, bounds);
        }
    }

    /// Bounds candidates by their codes, dots the leaders of each batch, and keeps as pending what the
    /// floor so far does not rule out.
    pub fn bound_by_codes(&mut self, rows: &[u32], bases: &[f64]) {
        let room = rows.len().min(BATCH);
        let (mut estimates, mut bounds) = (vec![0.0; room], vec![0.0; room]);
        for (rows, bases) in rows.chunks(BATCH).zip(bases.chunks(BATCH)) {
            let (estimates, bounds) = (&mut estimates[..rows.len()], &mut bounds[..rows.len()]);
            for (i, &row) in rows.iter().enumerate() {
                if let Some(&next) = rows.get(i + 2) {
                    prefetch(self.shared.index.codes.row(next as usize));
                }
                let (estimate, bound) = self.shared.code_bound(row);
                (estimates[i], bounds[i]) = (estimate as f32, self.shared.bound(bound, bases[i]));
            }
            self.counts.coded += rows.len();
            self.lead(rows, bases, estimates, bounds, false);
            self.keep(rows, bases, estimates, bounds);
        }
    }

    /// Dots the `k` best of a batch by estimate (sharpened by codes first, if asked), and takes them out
    /// of the running.
    fn lead(
        &mut self,
        rows: &[u32],
        bases: &[f64],
        estimates: &[f32],
        bounds: &mut [f32],
        sharpen: bool,
    ) {
        let Shared { ask, .. } = self.shared;
        let most = ask.k.saturating_mul(if sharpen { 2 } else { 1 }).min(rows.len());
        let limit = self.shared.limit();
        let mut chosen = leaders(estimates, bases, bounds, ask.weight, limit, most);
        if sharpen && chosen.len() > ask.k {
            self.counts.coded += chosen.len();
            let mut sharp: Vec<(f64, usize)> = Vec::with_capacity(chosen.len());
            for at in chosen {
                let (estimate, bound) = self.shared.code_bound(rows[at]);
                bounds[at] = bounds[at].min(self.shared.bound(bound, bases[at]));
                sharp.push((ask.weight * estimate + bases[at], at));
            }
            sharp.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
            chosen = sharp.into_iter().take(ask.k).map(|(_, at)| at).collect();
        }
        for (i, &at) in chosen.iter().enumerate() {
            if let Some(&next) = chosen.get(i + 1) {
                prefetch(self.shared.index.lanes.row(rows[next] as usize));
            }
            if bounds[at] >= self.shared.limit() {
                self.dot(rows[at], bases[at]);
            }
            bounds[at] = f32::NAN; // done: no comparison with it holds
        }
    }

    fn keep(&mut self, rows: &[u32], bases: &[f64], estimates: &[f32], bounds: &[f32]) {
        let limit = self.shared.limit();
        for (first, sixteen) in bounds.chunks(16).enumerate().map(|(i, sixteen)| (i * 16, sixteen))
        {
            if !any(sixteen, |bound| bound >= limit) {
                continue;
            }
            for (at, &bound) in (first..).zip(sixteen) {
                if bound >= limit {
                    let (row, base, scanned) = (rows[at], bases[at], estimates[at]);
                    self.pending.push(Pending { base, row, scanned, bound });
                }
            }
        }
    }

    /// Bounds what is pending by the second pass of prefixes.
    pub fn refine_by_prefix(&mut self, prefixes: &Prefixes, query: &PrefixQuery) {
        let (shared, limit) = (self.shared, self.shared.limit());
        self.pending.retain_mut(|pending| {
            if pending.bound < limit {
                return false;
            }
            let rest = &prefixes.rests.row(pending.row as usize)[0];
            let (_, bound) = query.bound(shared.kernels, rest, pending.scanned);
            pending.bound = pending.bound.min(shared.bound(bound, pending.base));
            pending.bound >= limit
        });
    }

    /// Bounds what is pending by codes.
    pub fn refine_by_codes(&mut self) {
        let (shared, limit) = (self.shared, self.shared.limit());
        let mut kept = 0;
        for i in 0..self.pending.len() {
            if let Some(next) = self.pending.get(i + 2) {
                prefetch(shared.index.codes.row(next.row as usize));
            }
            let mut pending = self.pending[i];
            let (_, bound) = shared.code_bound(pending.row);
            pending.bound = pending.bound.min(shared.bound(bound, pending.base));
            if pending.bound >= limit {
                self.pending[kept] = pending;
                kept += 1;
            }
        }
        self.counts.coded += self.pending.len();
        self.pending.truncate(kept);
    }

    /// Dots what is pending, highest bound first, until none can enter any more.
    pub fn dot_pending(&mut self) {
        let mut pending = std::mem::take(&mut self.pending);
        pending.sort_unstable_by(|a, b| b.bound.total_cmp(&a.bound));
        for (i, one) in pending.iter().enumerate() {
            if one.bound < self.shared.limit() {
                break;
            }
            if let Some(next) = pending.get(i + 1) {
                prefetch(self.shared.index.lanes.row(next.row as usize));
            }
            self.dot(one.row, one.base);
        }
    }
}
