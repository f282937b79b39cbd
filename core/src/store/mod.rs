//! What is kept on disk: checksummed snapshots, and the lock of a directory. The journal's place is here.

mod bytes;
mod checked;
mod directory;
mod map;
mod snapshot;

pub(crate) use bytes::{ByteReader, ByteWriter};
pub(crate) use checked::{Checked, Damage};
pub(crate) use directory::{Directory, WrittenSnapshot, write_file};
pub(crate) use map::{Plain, Section, give_back};
pub(crate) use snapshot::{SectionWriter, Snapshot, SnapshotWriter};

/// The newest snapshot format that this version writes, and the newest it reads.
pub(crate) const FORMAT: u32 = 2;
