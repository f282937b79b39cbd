//! A part of a commit: what does not fit into one value is cut into several.

use crate::store::{ByteReader, ByteWriter};

/// The most bytes of one part.
pub(super) const MOST: usize = 1 << 20;

/// What stands at a commit's key, under its checksum.
pub(super) struct Part<'a> {
    /// How many the commit has.
    pub(super) parts: u32,
    /// The generation up to which everything was known to be on the disk when it was written.
    pub(super) synced: u64,
    pub(super) bytes: &'a [u8],
}

pub(super) fn write(part: &Part<'_>) -> Vec<u8> {
    let mut out = ByteWriter::default();
    out.u32(part.parts);
    out.u64(part.synced);
    out.0.extend_from_slice(part.bytes);
    out.0
}

pub(super) fn read(value: &[u8]) -> Option<Part<'_>> {
    let mut reader = ByteReader::new(value);
    Some(Part { parts: reader.u32()?, synced: reader.u64()?, bytes: reader.rest() })
}
