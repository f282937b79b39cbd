//! Rows of fixed width in chunks that readers share: the storage of everything here.

use std::sync::Arc;

use super::kernels::Pages;
use super::unit::Unit;
use crate::model::Result;
use crate::store::{Checked, Snapshot, SnapshotWriter};

/// Where a chunk's units lie.
#[derive(Debug)]
enum Backing<T: Unit> {
    /// What is small, or has no place in large pages.
    Heap(Vec<T>),
    Large(Pages<T>),
    /// In a snapshot, compared with their checksum before their first use.
    Mapped(Arc<Checked<T>>),
}

impl<T: Unit> Clone for Backing<T> {
    fn clone(&self) -> Self {
        match self {
            Backing::Heap(units) => Backing::Heap(units.clone()),
            Backing::Large(units) => match units.copied() {
                Some(units) => Backing::Large(units),
                None => Backing::Heap(units.to_vec()),
            },
            Backing::Mapped(units) => Backing::Mapped(Arc::clone(units)),
        }
    }
}

impl<T: Unit> Backing<T> {
    /// No unit, and room for so many: in large pages where it is worth them.
    fn with_room(room: usize) -> Self {
        Pages::with_room(room)
            .map_or_else(|| Backing::Heap(Vec::with_capacity(room)), Backing::Large)
    }

    #[inline]
    fn units(&self) -> &[T] {
        match self {
            Backing::Heap(units) => units,
            Backing::Large(units) => units,
            Backing::Mapped(units) => units.values(),
        }
    }

    /// The units to write to; those of a snapshot are copied first.
    fn to_mut(&mut self, room: usize) -> &mut [T] {
        if let Backing::Mapped(mapped) = self {
            let units = mapped.values();
            let mut own = Self::with_room(room);
            own.resize(units.len(), room);
            own.to_mut(room).copy_from_slice(units);
            *self = own;
        }
        match self {
            Backing::Heap(units) => units,
            Backing::Large(units) => units,
            Backing::Mapped(_) => unreachable!("it was made our own just now"),
        }
    }

    /// Grows to so many units; new ones are zero.
    fn resize(&mut self, len: usize, room: usize) {
        self.to_mut(room);
        match self {
            Backing::Heap(units) => units.resize(len, T::default()),
            Backing::Large(units) => units.resize(len, T::default()),
            Backing::Mapped(_) => unreachable!("it was made our own just now"),
        }
    }
}

/// A growing table of rows of `stride` units.
///
/// A clone costs one reference count and shares every chunk; a writer copies a chunk only when a reader
/// still holds it, and never moves what a reader sees.
#[derive(Clone, Debug)]
pub struct Table<T: Unit> {
    chunks: Arc<Vec<Arc<Backing<T>>>>,
    stride: usize,
    shift: u32,
    rows: usize,
}

impl<T: Unit> Table<T> {
    /// An empty table whose chunks hold the largest power of two of rows that fits `chunk_bytes`, and at
    /// least sixteen.
    pub fn new(stride: usize, chunk_bytes: usize) -> Self {
        let fitting = (chunk_bytes / (stride * size_of::<T>()).max(1)).max(16);
        Self { chunks: Arc::default(), stride, shift: fitting.ilog2(), rows: 0 }
    }

    /// How many rows a whole chunk holds.
    pub fn chunk_rows(&self) -> usize {
        1 << self.shift
    }

    /// How many units a whole chunk holds.
    fn chunk_units(&self) -> usize {
        self.stride << self.shift
    }

    /// One row.
    #[inline]
    pub fn row(&self, row: usize) -> &[T] {
        let start = (row & (self.chunk_rows() - 1)) * self.stride;
        &self.chunks[row >> self.shift].units()[start..start + self.stride]
    }

    /// The rows from `row` on that lie in one piece, at most `most` of them.
    #[inline]
    pub fn run(&self, row: usize, most: usize) -> &[T] {
        let start = row & (self.chunk_rows() - 1);
        let units = self.chunks[row >> self.shift].units();
        let end = ((start + most) * self.stride).min(units.len());
        &units[start * self.stride..end]
    }

    /// One row to write; its chunk is copied if a reader shares it.
    pub fn row_mut(&mut self, row: usize) -> &mut [T] {
        let start = (row & (self.chunk_rows() - 1)) * self.stride;
        let room = self.chunk_units();
        let chunk = Arc::make_mut(&mut Arc::make_mut(&mut self.chunks)[row >> self.shift]);
        &mut chunk.to_mut(room)[start..start + self.stride]
    }

    /// Grows to at least `rows` rows; new ones are zero.
    pub fn grow(&mut self, rows: usize) {
        let room = self.chunk_units();
        let chunks = Arc::make_mut(&mut self.chunks);
        while self.rows < rows {
            let within = self.rows & ((1 << self.shift) - 1);
            if within == 0 {
                // The first chunk grows as it fills, so that a small index stays small.
                let is_first = chunks.is_empty();
                let chunk =
                    if is_first { Backing::Heap(Vec::new()) } else { Backing::with_room(room) };
                chunks.push(Arc::new(chunk));
            }
            let more = (rows - self.rows).min((1 << self.shift) - within);
            let last = chunks.last_mut().expect("a chunk was just made or is part full");
            Arc::make_mut(last).resize((within + more) * self.stride, room);
            self.rows += more;
        }
    }

    /// Appends all units' bytes.
    #[cfg(test)]
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(self.rows * self.stride * T::BYTES);
        for chunk in self.chunks.iter() {
            chunk.units().iter().for_each(|unit| unit.write(out));
        }
    }

    /// Fills an empty table with the rows whose bytes these are: whole rows, as the caller has checked.
    pub fn read(mut self, bytes: &[u8]) -> Self {
        let row_bytes = self.stride * T::BYTES;
        let chunks = bytes.chunks((row_bytes << self.shift).max(1));
        let read = |chunk: &[u8]| {
            Arc::new(Backing::Heap(chunk.chunks_exact(T::BYTES).map(T::read).collect()))
        };
        self.chunks = Arc::new(chunks.map(read).collect());
        self.rows = bytes.len().checked_div(row_bytes).unwrap_or(0);
        self
    }

    /// Writes the units as a section of a snapshot, one checksum a chunk.
    pub(crate) fn save(&self, name: &str, out: &mut SnapshotWriter) -> Result<()> {
        let chunk = self.chunk_units() * size_of::<T>();
        out.chunked(name, chunk as u64, |out| {
            self.chunks.iter().try_for_each(|chunk| out.values(chunk.units()))
        })
    }

    /// Fills an empty table with the rows of a section, in place: none of them is read. Chunks are those that the
    /// section was written in.
    pub(crate) fn open(mut self, rows: usize, name: &str, snapshot: &Snapshot) -> Result<Self> {
        let row_bytes = self.stride * size_of::<T>();
        let (chunk, chunks) = snapshot.chunks::<T>(name)?;
        let chunk_rows = usize::try_from(chunk).unwrap_or(0) / row_bytes;
        let units: usize = chunks.iter().map(Checked::len).sum();
        let is_right = chunk_rows.is_power_of_two()
            && (chunk_rows * row_bytes) as u64 == chunk
            && Some(units) == rows.checked_mul(self.stride);
        if !is_right {
            return Err(snapshot.damaged(name, "it holds other rows than the index"));
        }
        let mapped = |chunk| Arc::new(Backing::Mapped(Arc::new(chunk)));
        self.chunks = Arc::new(chunks.into_iter().map(mapped).collect());
        (self.shift, self.rows) = (chunk_rows.ilog2(), rows);
        Ok(self)
    }

    /// The bytes of memory that the units take.
    pub fn memory_bytes(&self) -> usize {
        self.rows * self.stride * size_of::<T>()
    }
}
