//! What is kept on disk: checksummed snapshots, and the lock of a directory. The journal's place is here.

mod bytes;
mod directory;
mod map;
mod snapshot;

pub(crate) use bytes::{ByteReader, ByteWriter};
pub(crate) use directory::Directory;
pub(crate) use map::Section;
pub(crate) use snapshot::{SectionBytes, Snapshot};

/// The newest snapshot format that this version writes, and the newest it reads.
pub(crate) const FORMAT: u32 = 1;
