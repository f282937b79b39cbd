//! What sources of changes keep of how far they were followed, as a section of a snapshot.

use std::collections::BTreeMap;

use super::Generation;
use crate::model::Result;
use crate::store::{ByteReader, ByteWriter, Snapshot, SnapshotWriter};

const SECTION: &str = "sources";

impl Generation {
    /// Writes the section, where there is something to write.
    pub(super) fn save_sources(&self, out: &mut SnapshotWriter) -> Result<()> {
        if self.sources.is_empty() {
            return Ok(());
        }
        out.section(SECTION, &sources_to_bytes(&self.sources))
    }
}

/// Each source's name and what it keeps.
pub(crate) fn sources_to_bytes(sources: &BTreeMap<String, Vec<u8>>) -> Vec<u8> {
    let mut bytes = ByteWriter::default();
    for (name, kept) in sources {
        bytes.bytes(name.as_bytes());
        bytes.bytes(kept);
    }
    bytes.0
}

/// The sources again; `None` where the bytes are not theirs.
pub(crate) fn sources_from_bytes(bytes: &[u8]) -> Option<BTreeMap<String, Vec<u8>>> {
    let (mut bytes, mut sources) = (ByteReader::new(bytes), BTreeMap::new());
    while !bytes.is_done() {
        let name = String::from_utf8(bytes.bytes()?.to_vec()).ok()?;
        sources.insert(name, bytes.bytes()?.to_vec());
    }
    Some(sources)
}

/// What a snapshot keeps of its sources.
pub(super) fn load_sources(snapshot: &Snapshot) -> Result<BTreeMap<String, Vec<u8>>> {
    let Some(section) = snapshot.find(SECTION)? else { return Ok(BTreeMap::new()) };
    sources_from_bytes(&section).ok_or_else(|| snapshot.damaged(SECTION, "it ends too early"))
}
