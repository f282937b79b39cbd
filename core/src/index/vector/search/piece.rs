//! One thread's share of a search: its candidates still in the running, its best, its counts.

use std::cmp::Ordering;

use super::super::codes::{CodeQuery, Coded};
use super::super::index::{VectorIndex, similarity};
use super::super::kernels::{Kernels, floats, prefetch};
use super::super::prefix::{PrefixQuery, Prefixes};
use super::dots;
use super::first::{ask_for_heads, scan_list, scan_run};
use super::leaders::{any, leaders};
use super::shares::{BATCH, Batch, Share};
use super::top::{Floor, Lows, Top};
use super::{Ask, Counts, Found};
use crate::model::Result;

/// Rows of codes that are asked of memory ahead of the one that is looked at.
const CODES_AHEAD: usize = 8;

/// Vectors that are asked of memory ahead of the one whose dot product is made.
const DOTS_AHEAD: usize = 2;

/// Lines of the second pass that are asked of memory ahead of the one that is looked at.
const RESTS_AHEAD: usize = 32;

/// From how many pending rows on the query's further directions repay.
const REST_REPAYS: usize = 96;

/// Rows that are looked at between two looks at the clock, where each costs a read of memory.
const CHECKED: usize = 1024;

/// Of so few candidates the most promising by estimate nearly always are the best: codes would spare no dot product
/// of theirs.
const FEW: usize = 1024;

/// From one candidate in so many rows on, blocks are read whole.
const SPARSE: usize = 4;

/// A batch after the first pass.
struct Scanned<'a> {
    batch: Batch<'a>,
    bases: &'a [f64],
    estimates: &'a [f32],
    bounds: &'a mut [f32],
}

/// A candidate that no bound has ruled out yet.
#[derive(Clone, Copy, Debug)]
struct Pending {
    base: f64,
    row: u32,
    /// The similarity by the first pass; NaN once codes have bounded it.
    scanned: f32,
    /// An upper bound of the score, rounded to f32 from above or to nearest.
    bound: f32,
}

impl Pending {
    fn is_coded(&self) -> bool {
        self.scanned.is_nan()
    }
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

    /// The score of that similarity, or a bound of it from a bound of the similarity: the very operations
    /// that make scores, and all are monotone.
    fn score(&self, similarity: f64, base: f64) -> f64 {
        self.ask.weight * similarity + base
    }

    /// Asks memory for what [`Shared::coded`] reads.
    fn ask_for_codes(&self, row: u32) {
        prefetch(self.index.codes.row(row as usize));
        prefetch(self.index.measures.row(row as usize));
    }

    /// Asks memory for what [`Piece::dot`] reads.
    fn ask_for_vector(&self, row: u32) {
        prefetch(self.index.lanes.row(row as usize));
    }

    fn coded(&self, row: u32) -> Coded {
        let measure = &self.index.measures.row(row as usize)[0];
        self.codes.look(self.kernels, self.index.codes.row(row as usize), measure)
    }
}

/// See the module.
pub struct Piece<'a, R> {
    shared: &'a Shared<'a>,
    top: Top<'a, R>,
    lows: Lows,
    counts: Counts,
    pending: Vec<Pending>,
}

impl<'a, R: Fn(u32, u32) -> Ordering> Piece<'a, R> {
    pub fn new(shared: &'a Shared<'a>, most: usize, rank: &'a R) -> Self {
        let k = shared.ask.k;
        let (top, lows) = (Top::new(k, most, rank), Lows::new(k, most));
        Self { shared, top, lows, counts: Counts::default(), pending: Vec::new() }
    }

    /// The best of this piece and what it took.
    pub fn into_parts(self) -> (Vec<Found>, Counts) {
        (self.top.into_found(), self.counts)
    }

    /// Compares by the f32 dot product.
    fn dot(&mut self, row: u32, base: f64) -> f64 {
        let Shared { index, ask, kernels, .. } = self.shared;
        let unit = floats(index.lanes.row(row as usize));
        self.dotted(row, base, similarity(kernels, unit, ask.query))
    }

    /// Takes in what the dot product says.
    fn dotted(&mut self, row: u32, base: f64, similarity: f64) -> f64 {
        let score = self.shared.score(similarity, base);
        self.top.offer(Found { row, score, similarity });
        self.counts.dotted += 1;
        self.shared.floor.raise(self.top.floor());
        score
    }

    /// Looks at codes: the upper bound of the score. The lower one may raise the floor.
    fn code(&mut self, row: u32, base: f64) -> f32 {
        let Coded { low, high } = self.shared.coded(row);
        self.counts.coded += 1;
        self.raise(self.shared.score(low, base));
        self.shared.score(high, base) as f32
    }

    /// Takes note of what another candidate scores at least: once of each.
    fn raise(&mut self, low: f64) {
        if self.lows.offer(low) {
            self.shared.floor.raise(self.lows.floor());
        }
    }

    /// Bounds candidates by their prefixes, a batch at a time, and keeps as pending what the floor so far does not
    /// rule out.
    pub fn bound_by_prefix(
        &mut self,
        prefixes: &Prefixes,
        query: &PrefixQuery,
        share: &Share,
    ) -> Result<()> {
        let (mut sums, mut estimates, mut bounds) = (Vec::new(), Vec::new(), Vec::new());
        share.batches(SPARSE, |batch| {
            let ask = self.shared.ask;
            (ask.check)()?;
            let rows = batch.rows;
            let room = if batch.is_run() { rows.len().next_multiple_of(16) } else { rows.len() };
            sums.clear();
            sums.resize(room, 0.0);
            if !batch.is_run() {
                ask_for_heads(prefixes, rows);
            }
            (ask.bases)(rows, &mut sums[..rows.len()]);
            estimates.resize(room, 0.0);
            bounds.resize(room, 0.0);
            if batch.is_run() {
                let first = rows[0] as usize;
                scan_run(prefixes, query, first, &sums, &mut estimates, &mut bounds);
            } else {
                scan_list(prefixes, query, rows, &sums, &mut estimates, &mut bounds);
            }
            self.counts.bounded += rows.len();
            let scanned = Scanned {
                batch,
                bases: &sums[..rows.len()],
                estimates: &estimates[..rows.len()],
                bounds: &mut bounds[..rows.len()],
            };
            self.lead(scanned);
            Ok(())
        })
    }

    /// Looks at those of a batch that promise most by estimate: what they score at least is a floor that spares the
    /// rest, which is then kept as pending or ruled out.
    fn lead(&mut self, scanned: Scanned) {
        let Shared { ask, .. } = self.shared;
        let Scanned { batch, bases, estimates, bounds } = scanned;
        let rows = batch.rows;
        let few = rows.len() <= FEW;
        let most = ask.k.saturating_add(if few { 0 } else { ask.k / 2 }).min(rows.len());
        let limit = self.shared.limit();
        let chosen = leaders(estimates, bases, ask.weight, limit, most, |at| batch.has(at));
        if few {
            self.dot_leaders(&chosen, rows, bases);
        } else {
            self.code_leaders(&chosen, rows, bases, bounds);
        }
        // They are looked at already: no comparison holds with what is not a number.
        chosen.iter().for_each(|&at| bounds[at] = f32::NAN);
        let limit = self.shared.limit();
        for (first, sixteen) in bounds.chunks(16).enumerate().map(|(i, sixteen)| (i * 16, sixteen))
        {
            if !any(sixteen, |bound| bound >= limit) {
                continue;
            }
            for (at, &bound) in (first..).zip(sixteen) {
                if bound >= limit && batch.has(at) {
                    let (row, base, scanned) = (rows[at], bases[at], estimates[at]);
                    self.pending.push(Pending { base, row, scanned, bound });
                }
            }
        }
    }

    fn dot_leaders(&mut self, chosen: &[usize], rows: &[u32], bases: &[f64]) {
        let Shared { index, ask, .. } = self.shared;
        dots::each(
            index,
            ask.query,
            chosen.len(),
            |i| rows[chosen[i]],
            |i, similarity| {
                let score = self.dotted(rows[chosen[i]], bases[chosen[i]], similarity);
                // What it scores is what it scores at least: beside those that are only coded it counts too.
                self.raise(score);
            },
        );
    }

    fn code_leaders(&mut self, chosen: &[usize], rows: &[u32], bases: &[f64], bounds: &[f32]) {
        chosen.iter().take(CODES_AHEAD).for_each(|&at| self.shared.ask_for_codes(rows[at]));
        for (i, &at) in chosen.iter().enumerate() {
            if let Some(&next) = chosen.get(i + CODES_AHEAD) {
                self.shared.ask_for_codes(rows[next]);
            }
            let bound = bounds[at].min(self.code(rows[at], bases[at]));
            self.pending.push(Pending { base: bases[at], row: rows[at], scanned: f32::NAN, bound });
        }
    }

    /// Bounds candidates by their codes, and keeps as pending what the floor so far does not rule out.
    pub fn bound_by_codes(&mut self, share: &Share) -> Result<()> {
        let Shared { ask, .. } = self.shared;
        let mut bases = Vec::with_capacity(share.count().min(BATCH));
        share.lists(|rows| {
            bases.clear();
            bases.resize(rows.len(), 0.0);
            (ask.bases)(rows, &mut bases);
            for (i, (&row, &base)) in rows.iter().zip(&bases).enumerate() {
                if i % CHECKED == 0 {
                    (ask.check)()?;
                }
                if let Some(&next) = rows.get(i + CODES_AHEAD) {
                    self.shared.ask_for_codes(next);
                }
                let bound = self.code(row, base);
                if bound >= self.shared.limit() {
                    self.pending.push(Pending { base, row, scanned: f32::NAN, bound });
                }
            }
            Ok(())
        })
    }

    /// Bounds what is pending by the second pass of prefixes, where that repays.
    pub fn refine_by_prefix(&mut self, prefixes: &Prefixes, query: &PrefixQuery) {
        let (shared, limit) = (self.shared, self.shared.limit());
        self.pending.retain(|pending| pending.bound >= limit);
        let open = self.pending.iter().filter(|pending| !pending.is_coded()).count();
        if open < REST_REPAYS {
            return;
        }
        let ask = |one: &Pending| prefetch(prefixes.rests.row(one.row as usize));
        self.pending.iter().take(RESTS_AHEAD).for_each(ask);
        let query = query.rest();
        let mut kept = 0;
        for i in 0..self.pending.len() {
            if let Some(later) = self.pending.get(i + RESTS_AHEAD) {
                ask(later);
            }
            let mut one = self.pending[i];
            if !one.is_coded() {
                let rest = &prefixes.rests.row(one.row as usize)[0];
                let (_, bound) = query.bound(shared.kernels, rest, one.scanned);
                one.bound = one.bound.min(shared.score(bound, one.base) as f32);
            }
            if one.bound >= limit {
                self.pending[kept] = one;
                kept += 1;
            }
        }
        self.pending.truncate(kept);
    }

    /// Bounds what is pending by codes.
    pub fn refine_by_codes(&mut self) -> Result<()> {
        let shared = self.shared;
        let mut pending = std::mem::take(&mut self.pending);
        let open = pending.iter().take(CODES_AHEAD).filter(|one| !one.is_coded());
        open.for_each(|one| shared.ask_for_codes(one.row));
        let mut kept = 0;
        for i in 0..pending.len() {
            if i % CHECKED == 0 {
                (shared.ask.check)()?;
            }
            if let Some(next) = pending.get(i + CODES_AHEAD).filter(|next| !next.is_coded()) {
                shared.ask_for_codes(next.row);
            }
            let mut one = pending[i];
            if !one.is_coded() && one.bound >= shared.limit() {
                one.bound = one.bound.min(self.code(one.row, one.base));
                one.scanned = f32::NAN;
            }
            if one.bound >= shared.limit() {
                pending[kept] = one;
                kept += 1;
            }
        }
        pending.truncate(kept);
        self.pending = pending;
        Ok(())
    }

    /// Dots what is pending, highest bound first, until none can enter any more.
    pub fn dot_pending(&mut self) -> Result<()> {
        let shared = self.shared;
        let limit = shared.limit();
        let mut pending = std::mem::take(&mut self.pending);
        pending.retain(|pending| pending.bound >= limit);
        pending.sort_unstable_by(|a, b| b.bound.total_cmp(&a.bound));
        pending.iter().take(DOTS_AHEAD).for_each(|one| shared.ask_for_vector(one.row));
        for (i, one) in pending.iter().enumerate() {
            if one.bound < shared.limit() {
                break;
            }
            if i % CHECKED == 0 {
                (shared.ask.check)()?;
            }
            if let Some(next) = pending.get(i + DOTS_AHEAD) {
                shared.ask_for_vector(next.row);
            }
            self.dot(one.row, one.base);
        }
        Ok(())
    }
}
