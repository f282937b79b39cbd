//! Making cells.

use std::sync::Arc;

use rayon::prelude::*;

use super::super::index::VectorIndex;
use super::super::kernels::{Kernels, SCAN_DIMS};
use super::super::prefix::Prefixes;
use super::means::means;
use super::point::Point;
use super::spread::Spread;
use super::{Cells, MOST_ROWS, NOWHERE, ROWS_PER_CELL, Region};
use crate::model::persistent::Chunked;

/// Points for each centre of a region that its place is learnt from, and for each of a cell.
const REGION_SAMPLE: usize = 256;
const CELL_SAMPLE: usize = 48;

/// How many of the nearest regions a row looks for its cell in.
const REGIONS_TRIED: usize = 4;

impl Cells {
    /// Groups all rows that have a vector. Deterministic, whatever the number of threads.
    /// Cost: some 500 short dot products a row, in parallel.
    pub fn build(index: &VectorIndex, prefixes: &Prefixes) -> Self {
        let rows: Vec<u32> = index.present().iter().collect();
        let wanted = rows.len().div_ceil(ROWS_PER_CELL);
        let mut cells = Self::regions(&rows, prefixes, wanted);
        let homes = cells.homes(&rows, prefixes);
        cells.home.extend_to(index.len() as usize, &NOWHERE);
        for (&row, &at) in rows.iter().zip(&homes) {
            cells.enter(row, at, prefixes);
        }
        cells.fitted = rows.len() as u32;
        let (spread, ratios) = Spread::measure(index, prefixes, &cells);
        cells.spread = Arc::new(spread);
        cells.ratios = Arc::new(ratios);
        cells
    }

    /// Centres of regions and of cells within them, without rows.
    fn regions(rows: &[u32], prefixes: &Prefixes, wanted: usize) -> Self {
        let kernels = Kernels::best();
        let count = (wanted as f64).sqrt().ceil() as usize;
        let centres = means(&points(rows, prefixes, count * REGION_SAMPLE), count);
        let nearest: Vec<u32> = rows
            .par_iter()
            .map(|&row| point(row, prefixes).nearest(kernels, &centres) as u32)
            .collect();
        let mut members = vec![Vec::new(); centres.len()];
        for (&row, &region) in rows.iter().zip(&nearest) {
            members[region as usize].push(row);
        }
        let split = |members: &Vec<u32>| {
            let count = members.len().div_ceil(ROWS_PER_CELL);
            means(&points(members, prefixes, count * CELL_SAMPLE), count)
        };
        let split: Vec<Vec<Point>> = members.par_iter().map(split).collect();
        let mut cells = Self::none();
        let (regions, all) = (Arc::make_mut(&mut cells.regions), Arc::make_mut(&mut cells.centres));
        for (centre, within) in centres.into_iter().zip(split) {
            let first = all.len() as u32;
            regions.push(Region { centre, cells: (first..first + within.len() as u32).collect() });
            all.extend(within);
        }
        cells.members = Arc::new(vec![Arc::default(); cells.centres.len()]);
        cells
    }

    /// The cell for each row.
    pub(super) fn homes(&self, rows: &[u32], prefixes: &Prefixes) -> Vec<u32> {
        rows.par_iter().map(|&row| self.cell_for(&point(row, prefixes))).collect()
    }

    /// The cell whose centre is nearest to a row's point, among those of the nearest regions.
    fn cell_for(&self, point: &Point) -> u32 {
        let kernels = Kernels::best();
        let mut tried = [(f32::NEG_INFINITY, 0); REGIONS_TRIED];
        for (at, region) in self.regions.iter().enumerate().filter(|(_, one)| !one.cells.is_empty())
        {
            let near = point.with(kernels, &region.centre);
            let place = tried.partition_point(|&(other, _)| other >= near);
            if place < REGIONS_TRIED {
                tried[place..].rotate_right(1);
                tried[place] = (near, at);
            }
        }
        let mut best = (f32::NEG_INFINITY, 0);
        for (_, at) in tried.into_iter().filter(|(near, _)| near.is_finite()) {
            for &cell in &self.regions[at].cells {
                let near = point.with(kernels, &self.centres[cell as usize]);
                if near > best.0 {
                    best = (near, cell);
                }
            }
        }
        best.1
    }

    /// Puts a row into a cell. A full one first hands its rows to a new cell of the same centre.
    pub(super) fn enter(&mut self, row: u32, at: u32, prefixes: &Prefixes) {
        if self.members[at as usize].rows().len() >= MOST_ROWS {
            self.split(at as usize);
        }
        let cell = Arc::make_mut(&mut Arc::make_mut(&mut self.members)[at as usize]);
        cell.push(row, &prefixes.heads.row(row as usize)[0]);
        self.set_home(row, at);
    }

    fn split(&mut self, full: usize) {
        let new = self.members.len() as u32;
        let cells = Arc::make_mut(&mut self.members);
        let moved = std::mem::take(&mut cells[full]);
        cells.push(Arc::clone(&moved));
        moved.rows().iter().for_each(|&row| self.set_home(row, new));
        let centre = self.centres[full];
        Arc::make_mut(&mut self.centres).push(centre);
        if let Some(&ratio) = self.ratios.get(full) {
            Arc::make_mut(&mut self.ratios).push(ratio);
        }
    }

    /// No region, no cell.
    pub(super) fn none() -> Self {
        let spread = Spread { within: [0.0; SCAN_DIMS], outside: 0.0, noise: 1.0 };
        Self {
            regions: Arc::default(),
            members: Arc::default(),
            centres: Arc::default(),
            ratios: Arc::default(),
            spread: Arc::new(spread),
            home: Chunked::default(),
            waiting: Arc::default(),
            fitted: 0,
            since: 0,
            gone: 0,
        }
    }
}

fn point(row: u32, prefixes: &Prefixes) -> Point {
    Point::of_row(&prefixes.heads.row(row as usize)[0], &prefixes.basis.steps)
}

/// The points of an even choice of at most `most` rows.
fn points(rows: &[u32], prefixes: &Prefixes, most: usize) -> Vec<Point> {
    let count = rows.len().min(most);
    (0..count).map(|i| point(rows[i * rows.len() / count], prefixes)).collect()
}
