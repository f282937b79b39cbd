//! The index from the bytes of a snapshot of format 1: little-endian, in the order of [`Layout`], without gaps.

use std::sync::Arc;

use super::index::{Fitted, VectorIndex};
use super::kernels::{Lane, Line, SCAN_LINES, Slack};
use super::prefix::Prefixes;
use super::subspace::{Basis, MOST_DIMS, MOST_SKEW};
use super::unit::{Measure, Unit};
use crate::model::{Error, Result, Rows};

/// The first bytes: a name and the version of what follows.
const MAGIC: [u8; 8] = *b"SLVEC\0\0\x01";

/// Magic, dimension, rows, directions, the three numbers of [`Fitted`], the basis' capture.
const HEADER_BYTES: usize = 8 + 4 + 4 + 4 + 4 + 4 + 8 + 8;

/// The sizes of all sections, by which alone the bytes are read: they must add up to what is there before
/// anything is allocated.
struct Layout {
    present: usize,
    measures: usize,
    lanes: usize,
    codes: usize,
    steps: usize,
    directions: usize,
    blocks: usize,
    slacks: usize,
    heads: usize,
    rests: usize,
}

impl Layout {
    /// The layout of so many rows, dimensions and directions; `None` where it leaves `usize`.
    fn of(rows: usize, dimension: usize, directions: usize) -> Option<Self> {
        let lanes = dimension.div_ceil(16);
        let coded = if directions > 0 { rows } else { 0 };
        let blocks = coded.div_ceil(16);
        let bytes =
            |count: usize, each: usize, unit: usize| count.checked_mul(each)?.checked_mul(unit);
        Some(Self {
            present: bytes(rows.div_ceil(64), 1, 8)?,
            measures: bytes(rows, 1, Measure::BYTES)?,
            lanes: bytes(rows, lanes, Lane::BYTES)?,
            codes: bytes(rows, dimension.div_ceil(64), Line::BYTES)?,
            steps: bytes(directions, 1, 4)?,
            directions: bytes(directions, lanes, Lane::BYTES)?,
            blocks: bytes(blocks, SCAN_LINES, Line::BYTES)?,
            slacks: bytes(blocks, 1, Slack::BYTES)?,
            heads: bytes(coded, 1, Line::BYTES)?,
            rests: bytes(coded, 1, Line::BYTES)?,
        })
    }

    fn total(&self) -> Option<usize> {
        let Self {
            present,
            measures,
            lanes,
            codes,
            steps,
            directions,
            blocks,
            slacks,
            heads,
            rests,
        } = *self;
        [present, measures, lanes, codes, steps, directions, blocks, slacks, heads, rests]
            .into_iter()
            .try_fold(HEADER_BYTES, usize::checked_add)
    }
}

/// Bytes that are taken from the front; how many there are has been checked before.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(count);
        self.0 = rest;
        taken
    }

    fn array<const N: usize>(&mut self) -> [u8; N] {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N));
        array
    }

    fn u32(&mut self) -> u32 {
        u32::from_le_bytes(self.array())
    }

    fn f64(&mut self) -> f64 {
        f64::from_le_bytes(self.array())
    }

    fn units<T: Unit>(&mut self, bytes: usize) -> Vec<T> {
        self.take(bytes).chunks_exact(T::BYTES).map(T::read).collect()
    }
}

fn malformed(reason: &str) -> Error {
    Error::Malformed { what: "the vector section".to_owned(), reason: reason.to_owned() }
}

impl VectorIndex {
    /// All of the index as bytes, as format 1 had them.
    #[cfg(test)]
    pub fn to_bytes(&self) -> Vec<u8> {
        let dims = self.prefixes.as_ref().map_or(0, |prefixes| prefixes.basis.dims());
        let layout = Layout::of(self.len() as usize, self.dimension, dims);
        let mut out = Vec::with_capacity(layout.and_then(|l| l.total()).unwrap_or(0));
        out.extend_from_slice(&MAGIC);
        let numbers =
            [self.dimension as u32, self.len(), dims as u32, self.fitted.rows, self.fitted.since];
        out.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
        let capture = self.prefixes.as_ref().map_or(0.0, |prefixes| prefixes.basis.capture);
        out.extend_from_slice(&self.fitted.captured.to_le_bytes());
        out.extend_from_slice(&capture.to_le_bytes());
        self.present.words().iter().for_each(|word| out.extend_from_slice(&word.to_le_bytes()));
        self.measures.write(&mut out);
        self.lanes.write(&mut out);
        self.codes.write(&mut out);
        if let Some(Prefixes { basis, blocks, slacks, heads, rests }) = &self.prefixes {
            basis.steps.iter().for_each(|step| out.extend_from_slice(&step.to_le_bytes()));
            basis.lanes().iter().for_each(|lane| lane.write(&mut out));
            blocks.write(&mut out);
            slacks.write(&mut out);
            heads.write(&mut out);
            rests.write(&mut out);
        }
        out
    }

    /// The index whose bytes these are. Whether they are what was written is for a checksum to say, which
    /// the caller has compared; this refuses what cannot be an index at all, and never panics or takes
    /// more memory than the bytes themselves.
    ///
    /// # Errors
    /// [`Error::Malformed`] with what does not hold.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        if bytes.len() < HEADER_BYTES || bytes[..8] != MAGIC {
            return Err(malformed("it does not begin as one"));
        }
        let mut reader = Reader(&bytes[8..]);
        let (dimension, rows, dims) = (reader.u32() as usize, reader.u32(), reader.u32() as usize);
        let fitted = Fitted { rows: reader.u32(), since: reader.u32(), captured: reader.f64() };
        let capture = reader.f64();
        if !(1..=Self::MOST_DIMENSIONS).contains(&dimension) || dims > MOST_DIMS.min(dimension) {
            return Err(malformed("its dimensions are out of range"));
        }
        let layout = Layout::of(rows as usize, dimension, dims)
            .filter(|layout| layout.total() == Some(bytes.len()))
            .ok_or_else(|| malformed("its length is not what its header says"))?;
        let words = reader.take(layout.present).as_chunks::<8>().0;
        let present =
            Rows::from_words(words.iter().map(|word| u64::from_le_bytes(*word)).collect(), rows);
        let mut index = Self::new(dimension);
        index.present = Arc::new(present);
        index.measures = index.measures.read(reader.take(layout.measures));
        index.lanes = index.lanes.read(reader.take(layout.lanes));
        index.codes = index.codes.read(reader.take(layout.codes));
        index.fitted = fitted;
        if dims > 0 {
            index.prefixes = Some(prefixes(&mut reader, &layout, dimension, capture)?);
        }
        Ok(index)
    }
}

fn prefixes(
    reader: &mut Reader,
    layout: &Layout,
    dimension: usize,
    capture: f64,
) -> Result<Prefixes> {
    let (steps, _) = reader.take(layout.steps).as_chunks::<4>();
    let steps: Vec<f32> = steps.iter().map(|step| f32::from_le_bytes(*step)).collect();
    if !steps.iter().all(|step| (1e-7..=1.0).contains(step)) || !(0.0..=2.0).contains(&capture) {
        return Err(malformed("its steps are out of range"));
    }
    let basis = Basis::from_parts(reader.units(layout.directions), dimension, steps, capture);
    // Not `>=`: a skew that is no number is refused too.
    if !matches!(basis.skew.partial_cmp(&MOST_SKEW), Some(std::cmp::Ordering::Less)) {
        return Err(malformed("its basis is not orthonormal"));
    }
    let mut prefixes = Prefixes::new(Arc::new(basis));
    prefixes.blocks = prefixes.blocks.read(reader.take(layout.blocks));
    prefixes.slacks = prefixes.slacks.read(reader.take(layout.slacks));
    prefixes.heads = prefixes.heads.read(reader.take(layout.heads));
    prefixes.rests = prefixes.rests.read(reader.take(layout.rests));
    Ok(prefixes)
}
