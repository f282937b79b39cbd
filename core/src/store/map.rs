//! A file mapped into memory, and parts of it.
#![allow(unsafe_code)] // the one place beside the kernels: mapping a file cannot be done without

use std::fs::File;
use std::ops::{Deref, Range};
use std::path::Path;
use std::sync::Arc;

use memmap2::Mmap;

use crate::model::{Error, Result};

/// Some bytes of a mapped file, which they keep mapped.
#[derive(Clone)]
pub(crate) struct Section {
    map: Arc<Mmap>,
    range: Range<usize>,
}

impl Section {
    /// Maps a whole file.
    pub(crate) fn map(path: &Path) -> Result<Self> {
        let file = File::open(path).map_err(|error| Error::from_io(&error, "open", path))?;
        // SAFETY: snapshots are written beside, synced and renamed, and never changed in place by
        // this crate; a process that truncates one under us is outside of what any mapping survives.
        let map =
            unsafe { Mmap::map(&file) }.map_err(|error| Error::from_io(&error, "map", path))?;
        let range = 0..map.len();
        Ok(Self { map: Arc::new(map), range })
    }

    /// A part of these bytes; `None` where they do not reach.
    pub(crate) fn part(&self, range: Range<usize>) -> Option<Self> {
        if range.start > range.end || range.end > self.range.len() {
            return None;
        }
        let start = self.range.start + range.start;
        Some(Self { map: Arc::clone(&self.map), range: start..start + range.len() })
    }
}

impl Deref for Section {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.map[self.range.clone()]
    }
}

impl std::fmt::Debug for Section {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Section({} bytes)", self.range.len())
    }
}
