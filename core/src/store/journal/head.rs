//! What the journal says of itself.

use crate::store::{ByteReader, ByteWriter};

/// The newest journal format that this version writes, and the newest it reads.
pub(crate) const FORMAT: u32 = 1;

/// The journal's own facts; written whole whenever one changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) format: u32,
    /// The key of the index whose journal it is.
    pub(crate) key: [u8; 32],
    /// The generation that the profiles and states are of; none while they are still being copied from a snapshot.
    pub(crate) folded: Option<u64>,
    /// Every commit after this generation is there.
    pub(crate) kept_after: u64,
}

const UNFOLDED: u64 = u64::MAX;

impl Head {
    /// The head of a new index's journal.
    pub(crate) fn of_new(key: [u8; 32]) -> Self {
        Self { format: FORMAT, key, folded: Some(0), kept_after: 0 }
    }

    /// The head of a journal that begins after a generation which only a snapshot holds.
    pub(crate) fn after_snapshot(key: [u8; 32], generation: u64) -> Self {
        Self { format: FORMAT, key, folded: None, kept_after: generation }
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut out = ByteWriter::default();
        out.u32(self.format);
        out.0.extend_from_slice(&self.key);
        out.u64(self.folded.unwrap_or(UNFOLDED));
        out.u64(self.kept_after);
        out.0
    }

    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let mut reader = ByteReader::new(bytes);
        let format = reader.u32()?;
        let key = reader.take(32)?.try_into().ok()?;
        let folded = Some(reader.u64()?).filter(|folded| *folded != UNFOLDED);
        Some(Self { format, key, folded, kept_after: reader.u64()? })
    }
}
