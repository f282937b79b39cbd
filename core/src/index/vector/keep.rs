//! The index as sections of a snapshot, and back in place: vectors and codes are mapped, not read.

use std::sync::Arc;

use super::VectorIndex;
use super::cells::LaterCells;
use super::index::Fitted;
use super::kernels::Lane;
use super::prefix::Prefixes;
use super::subspace::{Basis, MOST_DIMS, MOST_SKEW};
use crate::model::{Result, Rows};
use crate::store::{ByteReader, Snapshot, SnapshotWriter};

/// What the tables do not hold.
struct Small {
    dimension: usize,
    fitted: Fitted,
    present: Rows,
    steps: Vec<f32>,
    capture: f64,
    skew: f64,
}

impl Small {
    fn read(reader: &mut ByteReader<'_>) -> Option<Self> {
        let (dimension, rows, dims) = (reader.u32()? as usize, reader.u32()?, reader.u32()?);
        let fitted = Fitted { rows: reader.u32()?, since: reader.u32()?, captured: reader.f64()? };
        let (capture, skew) = (reader.f64()?, reader.f64()?);
        let words = reader.words()?;
        let dims = (dims as usize <= MOST_DIMS.min(dimension)).then_some(dims)?;
        let steps: Vec<f32> =
            (0..dims).map(|_| reader.u32().map(f32::from_bits)).collect::<Option<_>>()?;
        let is_right = (1..=VectorIndex::MOST_DIMENSIONS).contains(&dimension)
            && words.len() == (rows as usize).div_ceil(64)
            && steps.iter().all(|step| (1e-7..=1.0).contains(step))
            && (0.0..=2.0).contains(&capture)
            && (0.0..MOST_SKEW).contains(&skew);
        let present = Rows::from_words(words, rows);
        is_right.then_some(Self { dimension, fitted, present, steps, capture, skew })
    }
}

impl VectorIndex {
    /// Writes the index. Cost: one pass over its memory, nothing of which is held twice.
    pub(crate) fn save(&self, out: &mut SnapshotWriter) -> Result<()> {
        let basis = self.prefixes.as_ref().map(|prefixes| &prefixes.basis);
        out.stream("vectors", |out| {
            let dims = basis.map_or(0, |basis| basis.dims());
            let Fitted { rows, since, captured } = self.fitted;
            out.values(&[self.dimension as u32, self.len(), dims as u32, rows, since])?;
            let (capture, skew) = basis.map_or((0.0, 0.0), |basis| (basis.capture, basis.skew));
            out.values(&[captured, capture, skew])?;
            out.number(self.present.words().len() as u64)?;
            out.values(self.present.words())?;
            let steps = basis.iter().flat_map(|basis| &basis.steps);
            steps.map(|step| step.to_bits()).try_for_each(|step| out.number(step))
        })?;
        self.lanes.save("vector-units", out)?;
        self.codes.save("vector-codes", out)?;
        self.measures.save("vector-measures", out)?;
        if let Some(Prefixes { basis, blocks, slacks, heads, rests }) = &self.prefixes {
            out.stream("vector-basis", |out| out.values(basis.lanes()))?;
            blocks.save("prefix-blocks", out)?;
            slacks.save("prefix-slacks", out)?;
            heads.save("prefix-heads", out)?;
            rests.save("prefix-rests", out)?;
        }
        Ok(())
    }

    /// The index of a snapshot. Nothing but the basis and one bit a row is read; everything else is compared with its
    /// checksums chunk by chunk as it is used.
    ///
    /// # Errors
    /// [`Error::Damaged`](crate::Error::Damaged).
    pub(crate) fn open(snapshot: &Snapshot) -> Result<Self> {
        let small = snapshot.read("vectors", Small::read)?;
        let Small { dimension, fitted, present, steps, capture, skew } = small;
        let rows = present.universe() as usize;
        let mut index = Self::new(dimension);
        index.lanes = index.lanes.open(rows, "vector-units", snapshot)?;
        index.codes = index.codes.open(rows, "vector-codes", snapshot)?;
        index.measures = index.measures.open(rows, "vector-measures", snapshot)?;
        (index.present, index.fitted) = (Arc::new(present), fitted);
        if steps.is_empty() {
            return Ok(index);
        }
        let lanes = snapshot.values::<Lane>("vector-basis")?;
        if lanes.len() != steps.len() * dimension.div_ceil(16) {
            return Err(snapshot.damaged("vector-basis", "it holds other than it says"));
        }
        let basis = Basis::kept(lanes.to_vec(), dimension, steps, capture, skew);
        let mut prefixes = Prefixes::new(Arc::new(basis));
        let blocks = rows.div_ceil(16);
        prefixes.blocks = prefixes.blocks.open(blocks, "prefix-blocks", snapshot)?;
        prefixes.slacks = prefixes.slacks.open(blocks, "prefix-slacks", snapshot)?;
        prefixes.heads = prefixes.heads.open(rows, "prefix-heads", snapshot)?;
        prefixes.rests = prefixes.rests.open(rows, "prefix-rests", snapshot)?;
        index.prefixes = Some(prefixes);
        index.later = index.cells_are_due(Self::FEWEST_FOR_CELLS).then(LaterCells::default);
        Ok(index)
    }

    /// Looks at the vector of a row as who reads it would, so that damage is noticed.
    pub fn touch(&self, row: u32) {
        if self.present.contains(row) {
            std::hint::black_box(self.lanes.row(row as usize));
            std::hint::black_box(self.measures.row(row as usize));
        }
    }
}
