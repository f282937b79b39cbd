//! Cells: rows that lie near each other, listed together. They are the approximate path.
//!
//! The exact search bounds every candidate; at a million rows that alone reads 64 MB. A search by cells visits
//! neighbourhoods in the order of how near they can come to the query and stops when what is left is not
//! likely to hold any row of the top: see `probe` and `stop`. It gives up, for the exact search to take over,
//! where the data or the filter leave it no advantage.
//!
//! Rows are grouped by their leading coordinates, regions first and cells within them, so that finding the
//! cell of a row costs a few hundred short dot products. A row is in exactly one of these: one cell; the
//! `waiting` list, which every search looks through, so that a row is found from the moment it is written;
//! or neither, if it has no vector. A row that goes leaves its cell at once: there are no tombstones.

mod build;
mod bytes;
mod cell;
mod glance;
mod later;
mod means;
mod point;
mod probe;
mod sample;
mod spread;
mod stop;
mod tail;
mod upkeep;
mod visit;

use std::sync::Arc;

use cell::Cell;
use point::Point;
use spread::Spread;

pub use later::LaterCells;
pub use probe::{Found, Probe, RowBases};

use crate::model::persistent::Chunked;

/// Rows that a cell is made for.
const ROWS_PER_CELL: usize = 256;

/// The most rows of a cell; one that outgrows it is split in two of the same centre, so that a writer never
/// copies much to change one row.
const MOST_ROWS: usize = 2_048;

/// How many rows may wait for a cell. Every search looks at each of them.
const MOST_WAITING: usize = 2_048;

/// In [`Cells::home`]: the row is in no cell.
const NOWHERE: u32 = u32::MAX;

/// In [`Cells::home`]: the row waits for a cell.
const WAITING: u32 = u32::MAX - 1;

/// All cells. A clone costs a few reference counts; a writer copies the cells that it changes.
#[derive(Clone, Debug)]
pub struct Cells {
    /// The centre of each region, and the cells that it holds.
    regions: Arc<Vec<Region>>,
    members: Arc<Vec<Arc<Cell>>>,
    /// The centre of each cell.
    centres: Arc<Vec<Point>>,
    /// How much each cell scatters, as a ratio to the common scatter.
    ratios: Arc<Vec<f32>>,
    spread: Arc<Spread>,
    /// The cell of each row, [`WAITING`] or [`NOWHERE`].
    home: Chunked<u32>,
    waiting: Arc<Vec<u32>>,
    /// Rows when the cells were made; rows set, and rows gone out of their cells, since.
    fitted: u32,
    since: u32,
    gone: u32,
}

/// Cells whose centres lie near each other.
#[derive(Clone, Debug, Default)]
struct Region {
    centre: Point,
    cells: Vec<u32>,
}

impl Cells {
    /// How many there are.
    pub fn count(&self) -> usize {
        self.members.len()
    }

    /// Whether cells made anew would suit better: as many rows were set as there were, or a fifth is gone. Rows
    /// that go leave no trace in a cell, but its centre was learnt from them.
    pub fn are_stale(&self) -> bool {
        self.since > self.fitted || self.gone > self.fitted / 5
    }

    /// The bytes of memory that they take.
    pub fn memory_bytes(&self) -> usize {
        let cells: usize = self.members.iter().map(|cell| cell.memory_bytes()).sum();
        cells + size_of_val(&**self.centres) + self.home.len() * 4 + self.waiting.len() * 4
    }
}
