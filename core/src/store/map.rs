//! Memory and the system: a file mapped into it, parts of that, and what is free given back.
#![allow(unsafe_code)] // the one place beside the kernels: mapping a file cannot be done without

#[cfg(target_endian = "big")]
compile_error!("snapshots are read in place, and their numbers are little-endian");

use std::fs::File;
use std::ops::{Deref, Range};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use memmap2::Mmap;

use crate::model::{Error, Lent, Result};

/// A kind of value that is nothing but its bytes.
///
/// # Safety
/// Whatever bytes of its size must be a value of it, and a value must have no padding.
pub(crate) unsafe trait Plain: Copy + Send + Sync + 'static {}

// SAFETY: every pattern of bits is a number, and numbers have no padding.
unsafe impl Plain for u8 {}
// SAFETY: as above.
unsafe impl Plain for u16 {}
// SAFETY: as above.
unsafe impl Plain for u32 {}
// SAFETY: as above.
unsafe impl Plain for u64 {}
// SAFETY: as above.
unsafe impl Plain for i32 {}
// SAFETY: as above.
unsafe impl Plain for f64 {}

/// The bytes of values, as they lie in memory.
pub(crate) fn bytes_of<T: Plain>(values: &[T]) -> &[u8] {
    // SAFETY: a plain value has no padding, so each byte is initialised; the borrow lives as long.
    unsafe { std::slice::from_raw_parts(values.as_ptr().cast(), size_of_val(values)) }
}

/// A mapped file, which stays open so that its length can be asked for.
#[derive(Debug)]
struct Mapping {
    bytes: Mmap,
    file: File,
    path: PathBuf,
}

/// Some bytes of a mapped file, which they keep mapped.
#[derive(Clone)]
pub(crate) struct Section {
    map: Arc<Mapping>,
    range: Range<usize>,
}

impl Section {
    /// Maps a whole file.
    pub(crate) fn map(path: &Path) -> Result<Self> {
        let file = File::open(path).map_err(|error| Error::from_io(&error, "open", path))?;
        // SAFETY: snapshots are written beside, synced and renamed, and never changed in place by
        // this crate; a process that truncates one under us is outside of what any mapping survives.
        let bytes =
            unsafe { Mmap::map(&file) }.map_err(|error| Error::from_io(&error, "map", path))?;
        let range = 0..bytes.len();
        Ok(Self { map: Arc::new(Mapping { bytes, file, path: path.to_owned() }), range })
    }

    /// A part of these bytes; `None` where they do not reach.
    pub(crate) fn part(&self, range: Range<usize>) -> Option<Self> {
        if range.start > range.end || range.end > self.range.len() {
            return None;
        }
        let start = self.range.start + range.start;
        Some(Self { map: Arc::clone(&self.map), range: start..start + range.len() })
    }

    /// The bytes as values of one kind, in place; `None` where they are no whole number of them or lie across.
    pub(crate) fn lend<T: Plain>(&self) -> Option<Lent<T>> {
        let size = size_of::<T>();
        let start = self.as_ptr().cast::<T>();
        if size == 0 || !self.len().is_multiple_of(size) || !start.is_aligned() {
            return None;
        }
        // SAFETY: the bytes are mapped, aligned and so many, and any bytes are plain values. They stay mapped as long
        // as the owner given beside them, and a `Lent` never lets its values outlive its owner. Nothing writes to
        // them: the mapping is read-only, and the file is never changed in place.
        let values = unsafe { std::slice::from_raw_parts(start, self.len() / size) };
        // Of this section alone, so that loading several at once does not count on one counter.
        Some(Lent::new(values, Arc::new(self.clone())))
    }

    /// The file.
    pub(crate) fn path(&self) -> &Path {
        &self.map.path
    }

    /// Whether the file still reaches as far as it was mapped. To read a mapping beyond its file's end is the end of
    /// the process; what is asked before the first read is an error instead.
    pub(crate) fn is_whole(&self) -> bool {
        let length = self.map.file.metadata().map(|file| file.len());
        length.is_ok_and(|length| length >= self.map.bytes.len() as u64)
    }
}

impl Deref for Section {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.map.bytes[self.range.clone()]
    }
}

// SAFETY: a section's bytes are those of a mapping, which stays where it is however the section is moved.
unsafe impl stable_deref_trait::StableDeref for Section {}

impl std::fmt::Debug for Section {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Section({} bytes)", self.range.len())
    }
}

/// Gives the memory that is free within the process back to the system, where its allocator keeps it otherwise.
///
/// Cost: a pass over the allocator's free memory, during which its other users wait for their part of it.
pub(crate) fn give_back() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        unsafe extern "C" {
            fn malloc_trim(pad: usize) -> std::ffi::c_int;
        }
        // SAFETY: glibc's own, of that signature, safe to call from any thread at any time; it touches only
        // memory that is free.
        unsafe { malloc_trim(0) };
    }
}
