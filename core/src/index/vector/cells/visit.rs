//! What a look at cells leaves in the running, and what becomes of it.

use std::cmp::Ordering;

use super::super::codes::CodeQuery;
use super::super::index::{VectorIndex, similarity};
use super::super::kernels::{Kernels, SIEVE_LINES, floats, prefetch};
use super::super::prefix::{PrefixQuery, Prefixes};
use super::super::search::top::Top;
use super::super::search::{Counts, Found};
use super::cell::Cell;
use super::glance::{Glance, Promise};
use super::probe::{Probe, RowBases};
use super::{MOST_ROWS, point::Point};
use crate::model::{Bits, Result};

/// How many rows ahead memory is asked for heads, and for whole codes.
const HEADS_AHEAD: usize = 32;
const CODES_AHEAD: usize = 8;

/// The state of a search by cells.
pub struct Visit<'a, R, B> {
    index: &'a VectorIndex,
    prefixes: &'a Prefixes,
    probe: &'a Probe<'a, B>,
    glance: &'a Glance,
    /// The first pass with likely margins in place of certain ones.
    query: &'a PrefixQuery<'a>,
    codes: &'a CodeQuery,
    kernels: &'static Kernels,
    top: Top<'a, R>,
    /// Candidates that a sieve let pass in this round.
    passed: Vec<u32>,
    masks: [u16; MOST_ROWS / 16],
    pub counts: Counts,
}

impl<'a, R: Fn(u32, u32) -> Ordering, B: RowBases> Visit<'a, R, B> {
    pub fn new(
        index: &'a VectorIndex,
        prefixes: &'a Prefixes,
        probe: &'a Probe<'a, B>,
        (glance, query, codes): (&'a Glance, &'a PrefixQuery<'a>, &'a CodeQuery),
        rank: &'a R,
    ) -> Self {
        Self {
            index,
            prefixes,
            probe,
            glance,
            query,
            codes,
            kernels: Kernels::best(),
            top: Top::new(probe.k, probe.candidates, rank),
            passed: Vec::new(),
            masks: [0; MOST_ROWS / 16],
            counts: Counts::default(),
        }
    }

    /// The score of the last of the top so far; minus infinity while it is not full.
    pub fn floor(&self) -> f64 {
        self.top.floor()
    }

    pub fn into_found(self) -> Vec<Found> {
        self.top.into_found()
    }

    /// What a weighted similarity must come to, with the best base that there can be.
    fn least(&self) -> f64 {
        self.floor() - self.probe.bases.most()
    }

    /// Looks at all rows of a cell.
    pub fn see(&mut self, cell: &Cell, centre: &Point, promise: &Promise) {
        let least = (self.least() / self.probe.weight) as f32;
        let least = self.glance.least_dot(least, centre, promise);
        let masks = &mut self.masks[..cell.codes().len() / SIEVE_LINES];
        self.kernels.sift(&self.glance.sieve, cell.codes(), least, masks);
        self.counts.bounded += cell.rows().len();
        for (rows, &mask) in cell.rows().chunks(16).zip(&*masks) {
            let passed = Bits(u64::from(mask)).filter_map(|lane| rows.get(lane as usize));
            self.passed.extend(passed.filter(|&&row| self.probe.within.contains(row)));
        }
    }

    /// Takes in rows as they are.
    pub fn see_rows(&mut self, rows: &[u32]) {
        self.passed.extend(rows.iter().filter(|&&row| self.probe.within.contains(row)));
        self.counts.bounded += rows.len();
    }

    fn ask_for_codes(&self, row: u32) {
        prefetch(self.index.codes.row(row as usize));
        prefetch(self.index.measures.row(row as usize));
    }

    /// Scores what the round let pass and has a chance, the likeliest first.
    pub fn finish_round(&mut self) -> Result<()> {
        let open = self.open()?;
        let weight = self.probe.weight;
        open.iter().take(CODES_AHEAD).for_each(|(_, row, _)| self.ask_for_codes(*row));
        for (i, &(bound, row, base)) in open.iter().enumerate() {
            if bound < self.floor() {
                break;
            }
            if let Some(next) = open.get(i + CODES_AHEAD) {
                self.ask_for_codes(next.1);
            }
            let (codes, measures) = (&self.index.codes, &self.index.measures);
            let measure = &measures.row(row as usize)[0];
            let sharp = self.codes.look(self.kernels, codes.row(row as usize), measure).high;
            self.counts.coded += 1;
            if weight * sharp + base < self.floor() {
                continue;
            }
            let unit = floats(self.index.lanes.row(row as usize));
            let similarity = similarity(self.kernels, unit, self.probe.query);
            self.counts.dotted += 1;
            self.top.offer(Found { row, score: weight * similarity + base, similarity });
        }
        Ok(())
    }

    /// Who of those that passed can reach the floor with all leading coordinates and the own base: how high, who,
    /// and the base; the highest first.
    fn open(&mut self) -> Result<Vec<(f64, u32, f64)>> {
        let least = self.least() as f32;
        // Columns are read in the order of rows.
        self.passed.sort_unstable();
        let (mut rows, mut reaches) = (Vec::new(), Vec::new());
        for (i, &row) in self.passed.iter().enumerate() {
            if let Some(&later) = self.passed.get(i + HEADS_AHEAD) {
                prefetch(self.prefixes.heads.row(later as usize));
            }
            let head = &self.prefixes.heads.row(row as usize)[0];
            let (_, reach) = self.query.head(self.kernels, head, 0.0);
            if reach >= least {
                rows.push(row);
                reaches.push(reach);
            }
        }
        self.passed.clear();
        let mut bases = vec![0.0; rows.len()];
        self.probe.bases.add(&rows, &mut bases)?;
        let floor = self.floor();
        let all = rows.iter().zip(&reaches).zip(&bases);
        let mut open: Vec<_> = all
            .map(|((&row, &reach), &base)| (f64::from(reach) + base, row, base))
            .filter(|(bound, ..)| *bound >= floor)
            .collect();
        open.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        Ok(open)
    }
}
