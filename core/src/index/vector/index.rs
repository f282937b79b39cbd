//! The vectors of all rows, and everything that is derived from them.

use std::sync::Arc;

use super::cells::{Cells, LaterCells};
use super::codes;
use super::kernels::{Kernels, Lane, Line, floats};
use super::prefix::Prefixes;
use super::query::{UnitQuery, normalise};
use super::subspace::Basis;
use super::table::Table;
use super::unit::Measure;
use crate::model::{Result, Rows};

/// Chunks of vectors and of codes: large enough that few are needed, small enough that copying one for a
/// writer, or comparing one of a snapshot with its checksum, costs some tens of microseconds.
const VECTOR_CHUNK_BYTES: usize = 256 << 10;
const CODE_CHUNK_BYTES: usize = 256 << 10;

/// Below this many vectors a subspace would be fitted to noise, and no search needs one.
const FEWEST_FOR_BASIS: u32 = 512;

/// Vectors by row: unit copies, their int8 codes, and the prefixes along a basis fitted to them.
///
/// A clone costs a few reference counts and sees what was there when it was made: writers copy a chunk
/// that a clone still holds and leave the rest shared. A row takes `4 D` bytes for the vector, `D` for
/// its codes, 212 for prefixes and scalars.
#[derive(Clone, Debug)]
pub struct VectorIndex {
    pub(super) dimension: usize,
    pub(super) present: Arc<Rows>,
    pub(super) lanes: Table<Lane>,
    pub(super) codes: Table<Line>,
    pub(super) measures: Table<Measure>,
    pub(super) prefixes: Option<Prefixes>,
    pub(super) cells: Option<Cells>,
    /// Where the index was opened without them, and has not changed since.
    pub(super) later: Option<LaterCells>,
    pub(super) fitted: Fitted,
}

/// The vector of one row with all that is kept of it: what moves to another row without a rounding.
#[derive(Clone, Debug)]
pub struct CodedVector {
    unit: Vec<Lane>,
    codes: Vec<Line>,
    measure: Measure,
}

/// What is known of the basis' fitness.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Fitted {
    /// Vectors when the basis was fitted.
    pub rows: u32,
    /// Vectors set since.
    pub since: u32,
    /// The sum of the shares of their square norms that the subspace holds.
    pub captured: f64,
}

impl VectorIndex {
    /// An index of no rows, for vectors of `dimension` numbers.
    ///
    /// # Panics
    /// If `dimension` is 0 or above [`VectorIndex::MOST_DIMENSIONS`]; the schema has refused such.
    pub fn new(dimension: usize) -> Self {
        assert!((1..=Self::MOST_DIMENSIONS).contains(&dimension), "the schema's limits hold");
        Self {
            dimension,
            present: Arc::default(),
            lanes: Table::new(dimension.div_ceil(16), VECTOR_CHUNK_BYTES),
            codes: Table::new(dimension.div_ceil(64), CODE_CHUNK_BYTES),
            measures: Table::new(1, 64 << 10),
            prefixes: None,
            cells: None,
            later: None,
            fitted: Fitted::default(),
        }
    }

    /// The most dimensions that a vector may have: integer sums stay exact below it.
    pub const MOST_DIMENSIONS: usize = 1 << 16;

    /// The number of dimensions.
    pub fn dimension(&self) -> usize {
        self.dimension
    }

    /// The number of rows, those without a vector included.
    pub fn len(&self) -> u32 {
        self.present.universe()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The rows that have a vector.
    pub fn present(&self) -> &Rows {
        &self.present
    }

    /// Appends a row, with its vector if it has one, and returns its number.
    ///
    /// # Errors
    /// As [`VectorIndex::set`]; then nothing is appended.
    pub fn push(&mut self, vector: Option<&[f32]>) -> Result<u32> {
        let row = self.len();
        self.set(row, vector)?;
        Ok(row)
    }

    /// Sets or takes away the vector of a row; rows up to it come to be, without vectors.
    /// Cost: three passes over the vector and one dot product for each direction of the basis; a copy of
    /// a chunk where a reader holds it.
    ///
    /// # Errors
    /// [`Error::WrongDimension`](crate::Error::WrongDimension) or
    /// [`Error::InvalidEmbedding`](crate::Error::InvalidEmbedding); then nothing has changed.
    pub fn set(&mut self, row: u32, vector: Option<&[f32]>) -> Result<()> {
        let Some(vector) = vector else {
            self.grow(row + 1);
            self.remove(row);
            return Ok(());
        };
        let mut unit = vec![Lane::default(); self.dimension.div_ceil(16)];
        let norm = normalise(vector, self.dimension, "embedding", &mut unit)?;
        self.grow(row + 1);
        Arc::make_mut(&mut self.present).insert(row);
        let at = row as usize;
        let (scale, error) = codes::encode(floats(&unit), self.codes.row_mut(at));
        self.measures.row_mut(at)[0] = Measure { norm, scale, error };
        if let Some(prefixes) = &mut self.prefixes {
            self.fitted.captured += prefixes.set(at, Some(floats(&unit)));
            self.fitted.since += 1;
        }
        self.lanes.row_mut(at).copy_from_slice(&unit);
        self.later = None;
        if let (Some(cells), Some(prefixes)) = (&mut self.cells, &self.prefixes) {
            cells.set(row, prefixes);
        }
        Ok(())
    }

    /// A copy of the vector of a row, as it lies here.
    pub fn coded(&self, row: u32) -> Option<CodedVector> {
        let at = row as usize;
        self.present.contains(row).then(|| CodedVector {
            unit: self.lanes.row(at).to_vec(),
            codes: self.codes.row(at).to_vec(),
            measure: self.measures.row(at)[0],
        })
    }

    /// As [`VectorIndex::set`] for a vector that lay in an index of this dimension: bit for bit the same.
    pub fn set_coded(&mut self, row: u32, vector: &CodedVector) {
        self.grow(row + 1);
        Arc::make_mut(&mut self.present).insert(row);
        let at = row as usize;
        self.lanes.row_mut(at).copy_from_slice(&vector.unit);
        self.codes.row_mut(at).copy_from_slice(&vector.codes);
        self.measures.row_mut(at)[0] = vector.measure;
        if let Some(prefixes) = &mut self.prefixes {
            self.fitted.captured += prefixes.set(at, Some(floats(&vector.unit)));
            self.fitted.since += 1;
        }
        self.later = None;
        if let (Some(cells), Some(prefixes)) = (&mut self.cells, &self.prefixes) {
            cells.set(row, prefixes);
        }
    }

    /// Takes away the vector of a row, which stays a row; without one, or beyond the last, no change.
    pub fn remove(&mut self, row: u32) {
        if !self.present.contains(row) {
            return;
        }
        Arc::make_mut(&mut self.present).remove(row);
        let at = row as usize;
        self.lanes.row_mut(at).fill(Lane::default());
        self.codes.row_mut(at).fill(Line::ZERO);
        self.measures.row_mut(at).fill(Measure::default());
        if let Some(prefixes) = &mut self.prefixes {
            prefixes.set(at, None);
        }
        self.later = None;
        if let Some(cells) = &mut self.cells {
            cells.remove(row);
        }
    }

    fn grow(&mut self, rows: u32) {
        if rows <= self.len() {
            return;
        }
        Arc::make_mut(&mut self.present).resize(rows);
        self.lanes.grow(rows as usize);
        self.codes.grow(rows as usize);
        self.measures.grow(rows as usize);
        if let Some(prefixes) = &mut self.prefixes {
            prefixes.grow(rows as usize);
        }
    }

    /// The unit vector of a row, padded with zeros to a multiple of 16; `None` without a vector.
    pub fn unit(&self, row: u32) -> Option<&[f32]> {
        self.present.contains(row).then(|| floats(self.lanes.row(row as usize)))
    }

    /// The vector of a row as it was sent: its unit copy times its norm, which may differ from what was
    /// sent in the last bits of each number (two roundings to f32). Who needs the very bytes keeps them.
    pub fn original(&self, row: u32) -> Option<Vec<f32>> {
        let unit = self.unit(row)?;
        let norm = self.measures.row(row as usize)[0].norm;
        let numbers = unit[..self.dimension].iter();
        Some(numbers.map(|&x| (f64::from(x) * norm) as f32).collect())
    }

    /// The unit vector of a row as a query.
    pub fn query_of(&self, row: u32) -> Option<UnitQuery> {
        let present = self.present.contains(row);
        present.then(|| UnitQuery::of_row(self.lanes.row(row as usize), self.dimension))
    }

    /// The cosine of a query and a row, in -1 to 1; 0 without a vector. One dot product.
    pub fn similarity(&self, row: u32, query: &UnitQuery) -> f64 {
        self.unit(row).map_or(0.0, |unit| similarity(Kernels::best(), unit, query))
    }

    /// The cosines of a query and many rows, as [`VectorIndex::similarity`] gives them.
    pub fn similarities(&self, rows: &[u32], query: &UnitQuery) -> Vec<f64> {
        rows.iter().map(|&row| self.similarity(row, query)).collect()
    }

    /// Whether prefixes are there to bound with.
    pub fn has_basis(&self) -> bool {
        self.prefixes.is_some()
    }

    /// Whether [`VectorIndex::rebuild_codes`] is due: there are vectors enough and no basis, or four times
    /// as many as it was fitted to, or those set since lie a tenth less in its subspace.
    pub fn basis_is_stale(&self) -> bool {
        let vectors = self.present.count();
        let Fitted { rows, since, captured } = self.fitted;
        let Some(prefixes) = &self.prefixes else {
            // Where none could be fitted, it is tried again with more.
            return vectors >= FEWEST_FOR_BASIS.max(rows.saturating_mul(4));
        };
        let drifted = captured < 0.9 * prefixes.basis.capture * f64::from(since);
        vectors >= rows.saturating_mul(4) || (since >= (rows / 8).max(FEWEST_FOR_BASIS) && drifted)
    }

    /// Fits a basis to the vectors and codes all rows along it, in parallel. Answers are the same before
    /// and after; speed is not. Cost: a fit ([`Basis::fit`]), then one dot product for each direction and
    /// row.
    pub fn rebuild_codes(&mut self) {
        let rows: Vec<u32> = self.present.iter().collect();
        self.fitted = Fitted { rows: rows.len() as u32, since: 0, captured: 0.0 };
        self.prefixes = None;
        self.cells = None;
        if rows.len() < FEWEST_FOR_BASIS as usize {
            return;
        }
        let chosen: Vec<_> = Basis::sample(&rows).map(|row| self.lanes.row(row as usize)).collect();
        let Some(basis) = Basis::fit(&chosen, self.dimension) else { return };
        let mut prefixes = Prefixes::new(Arc::new(basis));
        let vector = |row: usize| self.present.contains(row as u32).then(|| self.lanes.row(row));
        prefixes.set_all(self.len() as usize, vector);
        self.prefixes = Some(prefixes);
    }

    /// From how many vectors on cells are kept: below, the exact search over all takes half a millisecond and a
    /// search by cells would save nothing.
    pub const FEWEST_FOR_CELLS: u32 = 65_536;

    /// Whether [`VectorIndex::rebuild_cells`] is due: there are at least `fewest` vectors and a basis, and no
    /// cells or stale ones.
    pub fn cells_are_due(&self, fewest: u32) -> bool {
        let vectors = self.present.count();
        self.has_basis() && vectors >= fewest && self.cells.as_ref().is_none_or(Cells::are_stale)
    }

    /// Whether cells are there to search by. Where they are to be made beside the requests, that begins here.
    pub fn has_cells(&self) -> bool {
        let later = || self.later.as_ref().is_some_and(|later| later.of(self).is_some());
        self.cells.is_some() || later()
    }

    /// Groups all vectors into cells for [`VectorIndex::probe`], in parallel; nothing without a basis.
    /// Exact answers are the same before and after. Cost: some 500 dot products of 64 numbers a row.
    pub fn rebuild_cells(&mut self) {
        self.later = None;
        self.cells = self.prefixes.as_ref().map(|prefixes| Cells::build(self, prefixes));
    }

    /// Fits directions and groups cells, whichever is due.
    pub fn tune(&mut self) {
        if self.basis_is_stale() {
            self.rebuild_codes();
        }
        if self.cells_are_due(Self::FEWEST_FOR_CELLS) {
            self.rebuild_cells();
        }
    }

    /// Whether [`VectorIndex::tune`] would do something.
    pub fn is_untuned(&self) -> bool {
        self.basis_is_stale() || self.cells_are_due(Self::FEWEST_FOR_CELLS)
    }

    /// Takes the directions and cells of a tuned copy of this index ([`VectorIndex::tune`]), where the vectors of
    /// `changed` rows have changed since the copy was made. Cost: one dot product a direction for each of them.
    pub fn adopt_directions(&mut self, fitted: VectorIndex, changed: impl Iterator<Item = u32>) {
        self.fitted = fitted.fitted;
        (self.prefixes, self.cells, self.later) = (fitted.prefixes, fitted.cells, None);
        let Some(prefixes) = &mut self.prefixes else { return };
        prefixes.grow(self.present.universe() as usize);
        for row in changed.filter(|row| *row < self.present.universe()) {
            let unit = self.present.contains(row).then(|| floats(self.lanes.row(row as usize)));
            self.fitted.captured += prefixes.set(row as usize, unit);
            self.fitted.since += u32::from(unit.is_some());
            match (&mut self.cells, unit) {
                (Some(cells), Some(_)) => cells.set(row, prefixes),
                (Some(cells), None) => cells.remove(row),
                (None, _) => {}
            }
        }
    }

    /// The vectors of these rows, one after the other, bit for bit as they are here. Cost: a copy of them.
    #[must_use]
    pub fn compacted(&self, rows: &[u32]) -> Self {
        let mut next = Self::new(self.dimension);
        next.prefixes =
            self.prefixes.as_ref().map(|prefixes| Prefixes::new(Arc::clone(&prefixes.basis)));
        next.grow(rows.len() as u32);
        for (to, &from) in rows.iter().enumerate().filter(|(_, from)| self.present.contains(**from))
        {
            let at = from as usize;
            Arc::make_mut(&mut next.present).insert(to as u32);
            next.lanes.row_mut(to).copy_from_slice(self.lanes.row(at));
            next.codes.row_mut(to).copy_from_slice(self.codes.row(at));
            next.measures.row_mut(to)[0] = self.measures.row(at)[0];
            if let (Some(to_prefixes), Some(prefixes)) = (&mut next.prefixes, &self.prefixes) {
                to_prefixes.copy(to, prefixes, at);
            }
        }
        next.fitted = self.fitted;
        if next.cells_are_due(Self::FEWEST_FOR_CELLS) {
            next.rebuild_cells();
        }
        next
    }

    /// The bytes of memory that all parts take.
    pub fn memory_bytes(&self) -> usize {
        self.lanes.memory_bytes()
            + self.codes.memory_bytes()
            + self.measures.memory_bytes()
            + size_of_val(self.present.words())
            + self.prefixes.as_ref().map_or(0, Prefixes::memory_bytes)
            + self.cells.as_ref().map_or(0, Cells::memory_bytes)
    }
}

/// [`similarity`] of four vectors at once.
#[inline]
pub(super) fn similarities(kernels: &Kernels, units: [&[f32]; 4], query: &UnitQuery) -> [f64; 4] {
    kernels.dots(units, query.floats()).map(within_cosines)
}

#[inline]
fn within_cosines(dot: f32) -> f64 {
    f64::from(dot).clamp(-1.0, 1.0)
}

/// The cosine of two unit vectors by the kernel, kept within what a cosine can be.
#[inline]
pub(super) fn similarity(kernels: &Kernels, unit: &[f32], query: &UnitQuery) -> f64 {
    within_cosines(kernels.dot(unit, query.floats()))
}
