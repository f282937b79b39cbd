//! One snapshot: a flat file of named sections, with checksums. `core/FORMAT.md` describes every byte.

mod head;
mod write;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;
use xxhash_rust::xxh3::xxh3_64;

use self::head::{Entry, Header, MAGIC, NoHeader, u64_at};
use super::checked::{Checked, Damage};
use super::map::{Plain, Section};
use super::{ByteReader, FORMAT};
use crate::model::{Error, Lent, Result};

pub(crate) use write::{SectionWriter, SnapshotWriter};

/// A mapped snapshot, whose header, table and lists of checksums hold.
///
/// A section's bytes are given out once they were compared with their checksums ([`Snapshot::section`]), or chunk
/// by chunk as they are used ([`Snapshot::chunks`]).
#[derive(Debug)]
pub(crate) struct Snapshot {
    path: PathBuf,
    /// The format that it was written in.
    pub(crate) format: u32,
    pub(crate) generation: u64,
    file: Section,
    entries: Vec<Entry>,
    /// What is noted where a chunk turns out damaged when it is used.
    pub(crate) damage: Arc<Damage>,
}

impl Snapshot {
    /// Maps a snapshot and checks its header, its table and the lists of its checksums.
    ///
    /// Cost: one read of those; a few microseconds.
    ///
    /// # Errors
    /// [`Error::NotAnIndex`], [`Error::NewerFormat`], [`Error::Damaged`], [`Error::Io`].
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let not_an_index = |reason: &str| {
            Err(Error::NotAnIndex { path: path.to_owned(), reason: reason.to_owned() })
        };
        let found =
            std::fs::metadata(path).map_err(|error| Error::from_io(&error, "read", path))?;
        if found.is_dir() {
            return not_an_index("it is a directory, not one file");
        }
        if found.len() == 0 {
            return not_an_index("it is an empty file");
        }
        let file = Section::map(path)?;
        let damaged = |section: &str, reason: String| Error::Damaged {
            path: path.to_owned(),
            section: section.to_owned(),
            reason,
        };
        if !file.starts_with(MAGIC) {
            return not_an_index("the file does not begin as a snapshot does");
        }
        let head = Header::read(&file).map_err(|wrong| match wrong {
            NoHeader::CutShort => damaged("the header", "it is cut short".to_owned()),
            NoHeader::Wrong(reason) => damaged("the header", reason.to_owned()),
            NoHeader::Newer(found) => {
                Error::NewerFormat { path: path.to_owned(), found, supported: FORMAT }
            }
        })?;
        if head.length != file.len() as u64 {
            let reason = format!("the file has {} bytes, {} were written", file.len(), head.length);
            return Err(damaged("the header", reason));
        }
        let entries = head
            .table(&file)
            .ok_or_else(|| damaged("the table", "its checksum does not hold".to_owned()))?;
        let snapshot = Self {
            path: path.to_owned(),
            format: head.format,
            generation: head.generation,
            file,
            entries,
            damage: Arc::default(),
        };
        for entry in &snapshot.entries {
            let sums = snapshot.bytes_of(entry).and_then(|_| snapshot.sums_of(entry));
            let sums =
                sums.ok_or_else(|| damaged(&entry.name, "it lies outside of the file".into()))?;
            if entry.chunk > 0 && xxh3_64(&sums) != entry.checksum {
                return Err(damaged(&entry.name, "its list of checksums does not hold".to_owned()));
            }
        }
        Ok(snapshot)
    }

    fn bytes_of(&self, entry: &Entry) -> Option<Section> {
        let end = usize::try_from(entry.offset.checked_add(entry.length)?).ok()?;
        self.file.part(entry.offset as usize..end)
    }

    /// The list of a section's checksums, behind it; empty where one covers the whole.
    fn sums_of(&self, entry: &Entry) -> Option<Section> {
        if entry.chunk == 0 {
            return self.file.part(0..0);
        }
        let start = entry.offset.checked_add(entry.length)?.checked_next_multiple_of(8)?;
        let sums = entry.length.div_ceil(entry.chunk).checked_mul(8)?;
        let end = usize::try_from(start.checked_add(sums)?).ok()?;
        self.file.part(start as usize..end)
    }

    fn entry(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.name == name)
    }

    /// The section of that name, every checksum of which holds.
    ///
    /// Cost: one read of it at the speed of the checksum, more than 10 GB/s a thread from the page cache; several
    /// chunks in parallel.
    pub(crate) fn section(&self, name: &str) -> Result<Section> {
        self.find(name)?.ok_or_else(|| self.damaged(name, "the section is missing"))
    }

    /// As [`Snapshot::section`], for a section that may be missing.
    pub(crate) fn find(&self, name: &str) -> Result<Option<Section>> {
        self.entry(name).map(|entry| self.check(entry)).transpose()
    }

    fn check(&self, entry: &Entry) -> Result<Section> {
        let wrong = || self.damaged(&entry.name, "its checksum does not hold");
        let bytes = self.bytes_of(entry).ok_or_else(wrong)?;
        if !self.file.is_whole() {
            return Err(self.damaged(&entry.name, "the file was cut short while it was open"));
        }
        let holds = if entry.chunk == 0 {
            xxh3_64(&bytes) == entry.checksum
        } else {
            let sums = self.sums_of(entry).ok_or_else(wrong)?;
            let size = usize::try_from(entry.chunk).unwrap_or(usize::MAX);
            let chunks = bytes.par_chunks(size).zip(sums.par_chunks(8));
            chunks.all(|(chunk, sum)| xxh3_64(chunk) == u64_at(sum, 0))
        };
        if holds { Ok(bytes) } else { Err(wrong()) }
    }

    /// The values of a section, in place.
    pub(crate) fn values<T: Plain>(&self, name: &str) -> Result<Lent<T>> {
        let section = self.section(name)?;
        section.lend().ok_or_else(|| self.damaged(name, "it is no whole number of values"))
    }

    /// The chunks of a section, none of them read: each is compared with its checksum before its first use. Says how
    /// many bytes all but the last have.
    pub(crate) fn chunks<T: Plain + Default>(&self, name: &str) -> Result<(u64, Vec<Checked<T>>)> {
        let wrong = || self.damaged(name, "its chunks are no whole numbers of values");
        let entry = self.entry(name).ok_or_else(|| self.damaged(name, "the section is missing"))?;
        let (bytes, sums) = self.bytes_of(entry).zip(self.sums_of(entry)).ok_or_else(wrong)?;
        let size = usize::try_from(entry.chunk).ok().filter(|size| *size > 0).ok_or_else(wrong)?;
        let name: Arc<str> = name.into();
        let chunk = |(at, sum): (usize, &[u8])| {
            let part = bytes.part(at * size..bytes.len().min((at + 1) * size))?;
            Checked::new(part, u64_at(sum, 0), Arc::clone(&name), Arc::clone(&self.damage))
        };
        let chunks = sums.chunks_exact(8).enumerate().map(chunk);
        Ok((entry.chunk, chunks.collect::<Option<_>>().ok_or_else(wrong)?))
    }

    /// Compares every section with its checksums. Cost: one read of the file.
    ///
    /// # Errors
    /// [`Error::Damaged`], which names the first section that does not hold.
    pub(crate) fn verify(&self) -> Result<()> {
        self.entries.iter().try_for_each(|entry| self.check(entry).map(drop))
    }

    /// Reads a small section from its beginning to its end.
    pub(crate) fn read<T>(
        &self,
        name: &str,
        read: impl FnOnce(&mut ByteReader<'_>) -> Option<T>,
    ) -> Result<T> {
        let section = self.section(name)?;
        let mut reader = ByteReader::new(&section);
        let value = read(&mut reader).filter(|_| reader.is_done());
        value.ok_or_else(|| self.damaged(name, "it holds other than it says"))
    }

    /// Name and length of each section.
    pub(crate) fn lengths(&self) -> impl Iterator<Item = (&str, u64)> {
        self.entries.iter().map(|entry| (entry.name.as_str(), entry.length))
    }

    /// The error of a section that does not hold what it should.
    pub(crate) fn damaged(&self, section: &str, reason: &str) -> Error {
        Error::Damaged {
            path: self.path.clone(),
            section: section.to_owned(),
            reason: reason.to_owned(),
        }
    }
}
