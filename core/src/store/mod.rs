//! What is kept on disk: the journal, checksummed snapshots, and the lock of a directory.

mod bytes;
mod checked;
mod closed;
mod directory;
mod journal;
mod map;
mod snapshot;

pub(crate) use bytes::{ByteReader, ByteWriter};
pub(crate) use checked::{Checked, Damage};
pub(crate) use directory::{Directory, WrittenSnapshot, write_file};
#[cfg(test)]
pub(crate) use journal::memory;
#[cfg(feature = "testing")]
pub(crate) use journal::whole_log;
pub(crate) use journal::{Facts, Folding, Head, Journal, LsmTables, Tables};
pub(crate) use map::{Plain, Section, give_back};
pub(crate) use snapshot::{SectionWriter, Snapshot, SnapshotWriter};

/// The newest snapshot format that this version writes, and the newest it reads.
pub(crate) const FORMAT: u32 = 2;
