//! What the index holds, keeping it, and checking it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use serde::Serialize;

use super::Engine;
use super::keeping::{self, Keeping};
use crate::generation::Generation;
use crate::model::{AttributeState, Result, Schema};
use crate::store::{WrittenSnapshot, write_file};

/// A part of the index and its size.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SectionSize {
    /// The part's name.
    pub name: String,
    /// Its size in bytes.
    pub bytes: u64,
}

/// What an index holds.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Stats {
    /// The generation.
    pub generation: u64,
    /// Profiles, deleted ones included.
    pub profiles: u64,
    /// Profiles that scope `marketplace` looks at.
    pub in_marketplace: u64,
    /// Profiles that have an embedding.
    pub embedded: u64,
    /// Dimensions of the embeddings.
    pub dimension: Option<usize>,
    /// Name and dimension of the embedder, where the index embeds text itself.
    pub embedder: Option<String>,
    /// Attributes with their kinds, as `name: kind`.
    pub attributes: Vec<String>,
    /// Rows that are tombstones.
    pub tombstones: u64,
    /// Memory by part, in bytes, about.
    pub memory: Vec<SectionSize>,
    /// What is kept in the directory, where the engine owns one.
    pub keeping: Option<KeepingStats>,
    /// What was not as it should be in the directory, and did no harm so far.
    pub warnings: Vec<String>,
}

/// What an engine keeps in its directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct KeepingStats {
    /// When changes are on the disk: `synced`, `buffered` or `none`.
    pub durability: &'static str,
    /// The generation of the newest snapshot.
    pub snapshot_generation: Option<u64>,
    /// Bytes of the journal on the disk; 0 where nothing was written yet.
    pub journal_bytes: u64,
    /// The last generation in the journal.
    pub journal_generation: u64,
    /// The generation up to which everything is known to be on the disk.
    pub synced_generation: u64,
    /// The generation that the journal's profiles are of; commits after it are kept as they came. None while they
    /// still lean on a snapshot.
    pub folded_generation: Option<u64>,
    /// The journal has every commit after this generation.
    pub kept_after_generation: u64,
    /// Whether the journal cannot be written at the moment.
    pub journal_broken: bool,
}

impl Stats {
    /// All of the memory, in bytes, about.
    pub fn memory_bytes(&self) -> u64 {
        self.memory.iter().map(|part| part.bytes).sum()
    }

    /// The wire form.
    pub fn to_json(&self) -> String {
        crate::api::json::to_json(self)
    }
}

/// What a snapshot wrote.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SnapshotReport {
    /// The file.
    pub path: PathBuf,
    /// Its size in bytes.
    pub bytes: u64,
    /// How long it took, in seconds.
    pub seconds: f64,
}

impl SnapshotReport {
    fn new(written: WrittenSnapshot, start: Instant) -> Self {
        let WrittenSnapshot { path, bytes } = written;
        Self { path, bytes, seconds: start.elapsed().as_secs_f64() }
    }
}

/// What a verification read; it found nothing wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct VerifyReport {
    /// Profiles checked.
    pub profiles: u64,
    /// The sections of the newest snapshot, each with a checksum that holds; none in memory.
    pub sections: Vec<SectionSize>,
}

/// A generation as it is kept: where rows are tombstones, made anew without them.
pub(super) fn without_tombstones(generation: &Arc<Generation>) -> Result<Arc<Generation>> {
    if generation.rows == generation.profiles() {
        return Ok(Arc::clone(generation));
    }
    let compacted = generation.soundly(|| generation.compacted())?;
    Ok(Arc::new(compacted.into_generation()))
}

impl Engine {
    /// What the index holds. Cost: a visit to each value of each keyword field.
    pub fn stats(&self) -> Stats {
        let generation = self.generation();
        let schema: &Schema = &generation.schema;
        let embedded = generation.vectors.as_ref().map_or(0, |vectors| vectors.present().count());
        let attributes =
            schema.attributes().iter().filter(|a| a.state != AttributeState::Removed).map(|a| {
                match &a.state {
                    AttributeState::Ready => format!("{}: {}", a.name, a.kind.name()),
                    state => format!("{}: {} ({state})", a.name, a.kind.name()),
                }
            });
        Stats {
            generation: generation.number,
            profiles: generation.profiles().into(),
            in_marketplace: generation.marketplace.count().into(),
            embedded: embedded.into(),
            dimension: schema.dimension,
            embedder: schema.embedder.as_ref().map(ToString::to_string),
            attributes: attributes.collect(),
            tombstones: u64::from(generation.rows - generation.profiles()),
            memory: generation
                .memory()
                .into_iter()
                .map(|(name, bytes)| (name, bytes as u64))
                .chain([("kept answers", self.inner.cache.metrics().bytes)])
                .map(|(name, bytes)| SectionSize { name: name.to_owned(), bytes })
                .collect(),
            keeping: self.inner.keeping.as_ref().map(|keeping| keeping.stats(generation.number)),
            warnings: self.inner.keeping.as_ref().map(Keeping::warnings).unwrap_or_default(),
        }
    }

    /// Keeps the index in a directory as one checksummed snapshot: written beside, synced, renamed. Readers and
    /// writers go on meanwhile. The last two snapshots of an index are kept; another index there is replaced, its
    /// journal too.
    ///
    /// Cost: one write of everything; where rows are tombstones, the index is first made anew without them.
    ///
    /// # Errors
    /// [`Error::DiskFull`](crate::Error::DiskFull), [`Error::Io`](crate::Error::Io),
    /// [`Error::Locked`](crate::Error::Locked). What was there before is untouched then.
    pub fn snapshot(&self, directory: impl AsRef<Path>) -> Result<SnapshotReport> {
        let start = Instant::now();
        let directory = directory.as_ref();
        let written = match &self.inner.keeping {
            Some(keeping) if keeping.owns(directory) => self.inner.keep_snapshot(keeping)?,
            _ => {
                let generation = self.generation();
                let written = keeping::replace(directory, &generation)?;
                self.inner.kept_sources.store(Some(Arc::clone(&generation.sources)));
                written
            }
        };
        Ok(SnapshotReport::new(written, start))
    }

    /// Keeps the index in one file, to carry to other machines: [`Engine::open_snapshot`] reads it there. Written
    /// beside, synced, renamed: who has an older file of that name open reads on in it. Readers and writers go on
    /// meanwhile.
    ///
    /// Cost: as [`Engine::snapshot`].
    ///
    /// # Errors
    /// As [`Engine::snapshot`], but for the lock, which is not needed.
    pub fn snapshot_to(&self, file: impl AsRef<Path>) -> Result<SnapshotReport> {
        let (start, file) = (Instant::now(), file.as_ref());
        let generation = without_tombstones(&self.generation())?;
        let written = write_file(file, generation.number, |out| generation.save(out))?;
        Ok(SnapshotReport::new(written, start))
    }

    /// Reads everything again: the newest snapshot's checksums, where there is one, and the invariants
    /// between the parts in memory.
    ///
    /// # Errors
    /// The first thing that does not hold: [`Error::Damaged`](crate::Error::Damaged) of the snapshot,
    /// [`Error::Internal`](crate::Error::Internal) of what is in memory.
    pub fn verify(&self) -> Result<VerifyReport> {
        let generation = self.generation();
        generation.soundly(|| generation.check())?;
        let sections = match self.snapshot_on_disk()? {
            None => Vec::new(),
            Some(snapshot) => {
                snapshot.verify()?;
                let sizes = snapshot.lengths();
                sizes.map(|(name, bytes)| SectionSize { name: name.to_owned(), bytes }).collect()
            }
        };
        Ok(VerifyReport { profiles: generation.profiles().into(), sections })
    }
}
