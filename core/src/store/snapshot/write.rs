//! Writing a snapshot: section after section, nothing held but a buffer; the table and the header last.

use std::fs::File;
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::{Xxh3, xxh3_64};

use super::super::FORMAT;
use super::super::map::{Plain, bytes_of};
use super::head::{ALIGN, Entry, HEADER, Header, MAX_SECTIONS, NAME};
use crate::model::{Error, Result};

/// How many bytes one checksum covers where the section does not say.
const CHUNK: u64 = 1 << 20;

/// A snapshot that is being written, beside its place. [`SnapshotWriter::finish`] makes it whole.
#[derive(Debug)]
pub(crate) struct SnapshotWriter {
    path: PathBuf,
    out: BufWriter<File>,
    at: u64,
    generation: u64,
    entries: Vec<Entry>,
}

impl SnapshotWriter {
    /// Begins a snapshot in a new file.
    ///
    /// # Errors
    /// What the system says, as in everything here.
    pub(crate) fn create(path: &Path, generation: u64) -> Result<Self> {
        let failed = |error: &io::Error| Error::from_io(error, "write", path);
        let mut file = File::create(path).map_err(|error| failed(&error))?;
        // Zeros where the header will be: until it is there, this is no snapshot.
        file.write_all(&[0; HEADER]).map_err(|error| failed(&error))?;
        let out = BufWriter::with_capacity(1 << 20, file);
        let (path, at) = (path.to_owned(), HEADER as u64);
        Ok(Self { path, out, at, generation, entries: Vec::new() })
    }

    /// A section of these bytes.
    pub(crate) fn section(&mut self, name: &str, bytes: &[u8]) -> Result<()> {
        self.stream(name, |out| out.put(bytes))
    }

    /// A section that is written piece by piece.
    pub(crate) fn stream(
        &mut self,
        name: &str,
        write: impl FnOnce(&mut SectionWriter<'_>) -> io::Result<()>,
    ) -> Result<()> {
        self.chunked(name, CHUNK, write)
    }

    /// A section with one checksum for so many bytes: chunk by chunk it can be checked and used.
    pub(crate) fn chunked(
        &mut self,
        name: &str,
        chunk: u64,
        write: impl FnOnce(&mut SectionWriter<'_>) -> io::Result<()>,
    ) -> Result<()> {
        if name.len() > NAME || chunk == 0 || self.entries.len() as u32 >= MAX_SECTIONS {
            return Err(Error::Internal { what: format!("section `{name}` cannot be written") });
        }
        self.write_section(name, chunk, write)
            .map_err(|error| Error::from_io(&error, "write", &self.path))
    }

    fn write_section(
        &mut self,
        name: &str,
        chunk: u64,
        write: impl FnOnce(&mut SectionWriter<'_>) -> io::Result<()>,
    ) -> io::Result<()> {
        let padding = self.at.next_multiple_of(ALIGN as u64) - self.at;
        self.out.write_all(&[0; ALIGN][..padding as usize])?;
        let offset = self.at + padding;
        let mut section = SectionWriter {
            out: &mut self.out,
            length: 0,
            chunk,
            left: chunk,
            hash: Xxh3::new(),
            sums: Vec::new(),
        };
        write(&mut section)?;
        let (length, sums) = section.end();
        let gap = length.next_multiple_of(8) - length;
        self.out.write_all(&[0; 8][..gap as usize])?;
        let list: Vec<u8> = sums.iter().flat_map(|sum| sum.to_le_bytes()).collect();
        self.out.write_all(&list)?;
        self.at = offset + length + gap + list.len() as u64;
        let checksum = xxh3_64(&list);
        self.entries.push(Entry { name: name.to_owned(), offset, length, chunk, checksum });
        Ok(())
    }

    /// Writes the table and the header, and syncs the file. Gives its length.
    pub(crate) fn finish(mut self) -> Result<u64> {
        let write = |this: &mut Self| -> io::Result<u64> {
            let mut table = Vec::new();
            this.entries.iter().for_each(|entry| entry.write(&mut table));
            this.out.write_all(&table)?;
            let length = this.at + table.len() as u64;
            let header = Header {
                format: FORMAT,
                sections: this.entries.len() as u32,
                length,
                generation: this.generation,
                table_at: this.at,
                table_checksum: xxh3_64(&table),
            };
            this.out.seek(SeekFrom::Start(0))?;
            this.out.write_all(&header.to_bytes())?;
            this.out.flush()?;
            this.out.get_ref().sync_all()?;
            Ok(length)
        };
        write(&mut self).map_err(|error| Error::from_io(&error, "write", &self.path))
    }
}

/// One section that is being written.
pub(crate) struct SectionWriter<'a> {
    out: &'a mut BufWriter<File>,
    length: u64,
    chunk: u64,
    /// How many bytes the present chunk still takes.
    left: u64,
    hash: Xxh3,
    sums: Vec<u64>,
}

impl SectionWriter<'_> {
    /// Writes bytes.
    pub(crate) fn put(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        self.out.write_all(bytes)?;
        self.length += bytes.len() as u64;
        while !bytes.is_empty() {
            let here = bytes.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
            self.hash.update(&bytes[..here]);
            self.left -= here as u64;
            bytes = &bytes[here..];
            if self.left == 0 {
                self.end_chunk();
            }
        }
        Ok(())
    }

    /// Writes values as they lie in memory.
    pub(crate) fn values<T: Plain>(&mut self, values: &[T]) -> io::Result<()> {
        self.put(bytes_of(values))
    }

    /// Writes one number.
    pub(crate) fn number<T: Plain>(&mut self, value: T) -> io::Result<()> {
        self.put(bytes_of(&[value]))
    }

    /// Writes zeros up to the next multiple of 8, where numbers can be read in place.
    pub(crate) fn align(&mut self) -> io::Result<()> {
        let gap = self.length.next_multiple_of(8) - self.length;
        self.put(&[0; 8][..gap as usize])
    }

    fn end_chunk(&mut self) {
        self.sums.push(self.hash.digest());
        self.hash.reset();
        self.left = self.chunk;
    }

    fn end(mut self) -> (u64, Vec<u64>) {
        if self.left < self.chunk {
            self.end_chunk();
        }
        (self.length, self.sums)
    }
}
