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
        let mut bytes = ByteWriter::default();
        for (name, kept) in self.sources.iter() {
            bytes.bytes(name.as_bytes());
            bytes.bytes(kept);
        }
        out.section(SECTION, &bytes.0)
    }
}

/// What a snapshot keeps of its sources.
pub(super) fn load_sources(snapshot: &Snapshot) -> Result<BTreeMap<String, Vec<u8>>> {
    let Some(section) = snapshot.find(SECTION)? else { return Ok(BTreeMap::new()) };
    let mut bytes = ByteReader::new(&section);
    let mut sources = BTreeMap::new();
    while !bytes.is_done() {
        let name = bytes.bytes().and_then(|name| String::from_utf8(name.to_vec()).ok());
        let (Some(name), Some(kept)) = (name, bytes.bytes()) else {
            return Err(snapshot.damaged(SECTION, "it ends too early"));
        };
        sources.insert(name, kept.to_vec());
    }
    Ok(sources)
}
